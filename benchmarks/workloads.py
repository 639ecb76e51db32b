"""What is run: a trivial scenario, a scenario of middle size, the founding case."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from phaseline.scenario import template
from phaseline.scenario.schema import Scenario

FOUNDING = "mosul-raqqa-2016"
FOUNDING_PLAN = "overlap"
EXAMPLES = Path(__file__).parents[1] / "examples"

TRIVIAL: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "one task of twenty days",
    "as_of": "2026-01-01",
    "horizon": "20 days",
    "operations": {"one": {"phases": {"task": {"kind": "task", "duration": "20 days"}}}},
    "plans": {"only": {}},
}
"""Nothing is drawn and nothing is shared: what a history costs here is the framework."""


def _operation(own: str, adversary: str) -> dict[str, Any]:
    """A task and two contested phases over one asset, with uncertain tempo and losses."""
    contested = {
        "kind": "contested",
        "own": own,
        "adversary": adversary,
        "depth": "12 km",
        "tempo": {"median": "0.5 km/day", "spread": 1.6},
        "commit": [[0, 0.3], [1, 0.7]],
        "resistance": [[0, 1], [1, 2.5]],
        "own_loss": "0.4 %/day",
        "adversary_loss": {"low": "0.5 %/day", "high": "2 %/day", "scale": "log"},
        "reference": {"own": "4000 persons", "adversary": "600 persons"},
        "demand": {"air": {"base": "12/day", "per_contact": "1/day per 100 fighters"}},
        "dependence": {"air": 0.6},
    }
    return {
        "phases": {
            "prepare": {"kind": "task", "duration": {"low": "10 days", "high": "30 days", "kind": "chance"}},
            "approach": contested,
            "town": {**contested, "minimum_coverage": {"air": "20 %"}},
        }
    }


MIDDLE: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "two operations, one asset, a year",
    "as_of": "2026-01-01",
    "horizon": "365 days",
    "assets": {"air": {"capacity": "22/day", "surge_days": "4 days", "surge_factor": 1.7, "weather": "70 %"}},
    "weather": {"bad_share": "20 %", "persistence": "40 %", "tempo": "80 %"},
    "friction": {"spread": 1.4, "persistence": "30 %"},
    "forces": {
        "north": {"side": "own", "strength": "6000 persons", "returns": "50 %", "replacements": "10/day"},
        "south": {"side": "own", "strength": "6000 persons", "returns": "50 %", "replacements": "10/day"},
        "garrison_north": {"side": "adversary", "strength": "900 persons", "breaks_at": "60 %"},
        "garrison_south": {"side": "adversary", "strength": "900 persons", "breaks_at": "60 %"},
    },
    "operations": {
        "north": _operation("north", "garrison_north"),
        "south": _operation("south", "garrison_south"),
    },
    "plans": {"together": {"tiers": [["north"], ["south"]], "failures": {"north": {"then": "retry"}}}},
}


def _large() -> dict[str, Any]:
    """Thirty operations; the tests have it too."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    try:
        from large_scenarios import large_scenario  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    return dict(large_scenario())


@cache
def scenario(which: str) -> Scenario:
    """A workload by name: ``trivial``, ``template`` (small), ``middle``, ``founding``, ``large``, or one of the examples."""
    import phaseline
    from phaseline.scenario.mechanisms import applied

    if which in ("trivial", "middle"):
        return Scenario.model_validate(TRIVIAL if which == "trivial" else MIDDLE)
    if which == "large":
        return Scenario.model_validate(_large())
    if which == "template":
        return phaseline.load(Path(template.__file__).with_suffix(".yaml"))
    return applied(phaseline.load(FOUNDING if which == "founding" else EXAMPLES / f"{which}.yaml"))


def plan(which: str) -> str:
    """The plan that is run."""
    return FOUNDING_PLAN if which == "founding" else next(iter(scenario(which).plans))
