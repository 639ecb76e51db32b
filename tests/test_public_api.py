"""The public surface: a short list, loaded when used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import phaseline

NAMES = {
    "Ablation",
    "BestPlan", "History", "InfeasibleError", "InputError", "InterruptedRun", "Judgement", "Outcomes", "PhaselineError",
    "Plan", "Problem", "RunStore", "Scenario", "StartCurve",
    "StoreError", "__version__", "ablate",
    "benchmark", "cases", "check", "compare",
    "explain", "load", "new", "numbers",
    "optimise",
    "relief", "plots", "report", "run", "schema",
    "when",
    "Updated", "backtest", "fit", "lodge", "reference", "update",
}  # fmt: skip
VERBS = {
    "ablate",
    "benchmark",
    "cases",
    "check",
    "compare",
    "explain",
    "load",
    "new",
    "numbers",
    "optimise",
    "relief",
    "report",
    "run",
    "schema",
    "when",
    "backtest",
    "fit",
    "lodge",
    "reference",
    "update",
}


def test_the_list_is_what_was_agreed() -> None:
    assert set(phaseline.__all__) == NAMES
    assert set(dir(phaseline)) >= NAMES


def test_every_name_is_there_and_documented() -> None:
    for name in NAMES - {"__version__"}:
        assert inspect.getdoc(getattr(phaseline, name)), name


def test_verbs_are_functions_with_documented_parameters() -> None:
    for name in VERBS:
        function = getattr(phaseline, name)
        assert inspect.isfunction(function)
        text = inspect.getdoc(function) or ""
        documented = {
            word.strip() for line in text.splitlines() if line[:1] != " " for word in line.split(",")
        }
        assert set(inspect.signature(function).parameters) <= documented, name


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, phaseline; phaseline.InputError; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    heavy = {
        "numpy",
        "numba",
        "pandas",
        "pydantic",
        "altair",
        "jinja2",
        "pyarrow",
        "vl_convert",
        "rich",
        "ruamel.yaml",
        "scipy",
        "typer",
        "xarray",
    }
    assert not heavy & loaded


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(phaseline, "simulate")
