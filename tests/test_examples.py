"""The examples load without a warning, run, and the numbers that they state hold."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom

import phaseline

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))


def _facts() -> ModuleType:
    spec = importlib.util.spec_from_file_location("facts", EXAMPLES / "facts.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FACTS = _facts()


def _run(name: str, replications: int, tmp_path: Path) -> phaseline.Outcomes:
    return phaseline.run(EXAMPLES / name, replications=replications, store=tmp_path, threads=1)


def _head(name: str) -> str:
    """The comment at the top of an example, as one line."""
    lines = (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
    return " ".join(
        line.lstrip("# ")
        for line in lines[: next(i for i, line in enumerate(lines) if not line.startswith("#"))]
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_passes_the_check_without_warning_and_runs(file: Path, tmp_path: Path) -> None:
    assert phaseline.check(file) == []
    assert phaseline.run(file, replications=8, store=tmp_path, threads=1).replications == 8
    assert f"phaseline run examples/{file.name}" in _head(file.name)


def test_duel_is_won_as_often_as_browns_recursion_says(tmp_path: Path) -> None:
    exact = FACTS.brown(10, 10, 6 / 5)
    assert f"P = {exact:.6f}" in _head("duel.yaml")
    status = _run("duel.yaml", 20_000, tmp_path).column("fight_on", "status.duel")
    assert set(np.unique(status)) == {1.0, 2.0}  # nobody is left fighting at the horizon
    low, high = binom.ppf([0.0005, 0.9995], len(status), exact)
    assert low <= (status == 1).sum() <= high


def test_duel_ends_as_the_square_laws_martingale_says(tmp_path: Path) -> None:
    # E[r X (X + 1) - Y (Y + 1)] at the end equals what it was at the start
    outcomes = _run("duel.yaml", 20_000, tmp_path)
    x, y = (10 - outcomes.column("fight_on", f"losses.{force}") for force in ("blue", "red"))
    value = 1.2 * x * (x + 1) - y * (y + 1)
    assert abs(value.mean() - (1.2 * 110 - 110)) < 3.3 * value.std() / np.sqrt(len(value))


def test_duel_with_arrivals_scatters_around_the_differential_equations(tmp_path: Path) -> None:
    days, left = FACTS.lanchester_with_arrivals(0, 21_500, 0.0544, 0.0106, FACTS.LANDED, steps=500)
    head = _head("duel_arrivals.yaml")
    assert f"the end of day {days}" in head and f"have {left:,.0f} men left" in head
    outcomes = _run("duel_arrivals.yaml", 400, tmp_path)
    end, lost = outcomes.column("land", "end"), outcomes.column("land", "losses.landed")
    assert np.median(end) == days
    assert abs(73_000 - lost.mean() - left) < 3.3 * lost.std() / np.sqrt(len(lost))


def test_project_takes_as_long_as_stated_and_as_scheduled_by_hand(tmp_path: Path) -> None:
    outcomes = _run("project.yaml", 4, tmp_path)
    orders = {
        "as_written": tuple(FACTS.TASKS),
        "longest_first": FACTS.LONGEST_FIRST,
        "fence_first": FACTS.FENCE_FIRST,
    }
    assert set(outcomes.plans) == set(orders)
    spans = {plan: FACTS.makespan(order) for plan, order in orders.items()}
    for plan, span in spans.items():
        assert set(outcomes.column(plan, "end")) == {float(span)}
    stated = [int(number) for number in re.findall(r"(\d+) days", _head("project.yaml"))]
    assert stated == [FACTS.critical_path(), *spans.values()]


@pytest.mark.slow
def test_no_order_of_claiming_beats_the_projects_best_plan() -> None:
    assert FACTS.best_makespan() == FACTS.makespan(FACTS.FENCE_FIRST)


def test_wildfires_tries_each_relief_action() -> None:
    plans = phaseline.load(EXAMPLES / "wildfires.yaml").plans.values()
    actions = {relief.action for plan in plans for relief in plan.relief}
    assert actions == {"lend", "pre_position", "reserve", "surge", "reallocate"}


@pytest.mark.parametrize("script", ["python_api.py"])
def test_script_runs(script: str, tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / script)],
        env={**os.environ, "PHASELINE_STORE": str(tmp_path), "PHASELINE_THREADS": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "problems in the new file: []" in found.stdout


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code cells, one after the other, with fewer particles and histories."""
    monkeypatch.chdir(EXAMPLES.parent)
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path))
    notebook = json.loads((EXAMPLES / "learning.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 5
    for cell in cells:
        exec(re.sub(r"particles=\d+", "particles=60", cell).replace(", 256)", ", 16)"), names)
    assert names["found"].scenario is not None  # type: ignore[attr-defined]
