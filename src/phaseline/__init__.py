"""Phaseline plans and stress-tests concurrent operations that draw on the same scarce assets.

>>> import phaseline
>>> outcomes = phaseline.run("mosul-raqqa-2016", replications=1000)  # doctest: +SKIP
>>> outcomes.frame()  # doctest: +SKIP

Importing the package loads nothing heavy: each public name brings its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phaseline.api import (
        BestPlan,
        Judgement,
        StartCurve,
        ablate,
        benchmark,
        cases,
        check,
        compare,
        explain,
        load,
        new,
        numbers,
        optimise,
        relief,
        report,
        run,
        schema,
        when,
    )
    from phaseline.api_learning import Updated, backtest, fit, lodge, reference, update
    from phaseline.errors import (
        InfeasibleError,
        InputError,
        InterruptedRun,
        PhaselineError,
        Problem,
        StoreError,
    )
    from phaseline.execution.store import RunStore
    from phaseline.outcomes.ablation import Ablation
    from phaseline.outcomes.results import History, Outcomes
    from phaseline.reporting import plots
    from phaseline.scenario.schema import Plan, Scenario

    __version__: str

_HOMES = {
    "phaseline.api": (
        "BestPlan",
        "Judgement",
        "StartCurve",
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
    ),
    "phaseline.api_learning": ("Updated", "backtest", "fit", "lodge", "reference", "update"),
    "phaseline.errors": (
        "InfeasibleError",
        "InputError",
        "InterruptedRun",
        "PhaselineError",
        "Problem",
        "StoreError",
    ),
    "phaseline.execution.store": ("RunStore",),
    "phaseline.outcomes.ablation": ("Ablation",),
    "phaseline.outcomes.results": ("History", "Outcomes"),
    "phaseline.reporting": ("plots",),
    "phaseline.scenario.schema": ("Plan", "Scenario"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

# The verb `cases` has the name of the folder of bundled cases: import that first, so that it cannot take the name later.
import phaseline.cases  # noqa: E402, F401

del cases

__all__ = [
    "Ablation",
    "BestPlan",
    "History",
    "InfeasibleError",
    "InputError",
    "InterruptedRun",
    "Judgement",
    "Outcomes",
    "PhaselineError",
    "Plan",
    "Problem",
    "RunStore",
    "Scenario",
    "StartCurve",
    "StoreError",
    "Updated",
    "__version__",
    "ablate",
    "backtest",
    "benchmark",
    "cases",
    "check",
    "compare",
    "explain",
    "fit",
    "load",
    "lodge",
    "new",
    "numbers",
    "optimise",
    "plots",
    "reference",
    "relief",
    "report",
    "run",
    "schema",
    "update",
    "when",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("phaseline")
    elif name in _HOME:
        value = _member(_HOME[name], name)
    else:
        raise AttributeError(f"module 'phaseline' has no attribute {name!r}")
    globals()[name] = value
    return value


def _member(module: str, name: str) -> Any:
    """A name of a module, or a module of a package."""
    home = import_module(module)
    return getattr(home, name) if hasattr(home, name) else import_module(f"{module}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
