"""Plans along an axis: which condition of a gate is put in place of which, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analysis.toys import strained
from phaseline.errors import InputError
from phaseline.planner.gates import Axis, axis_of, grid, values_of, with_start
from phaseline.scenario.schema import Condition, Plan

ROAD = Axis("progress", "road", "Road")
DATES = Axis("date", "", "date")


def _gate(plan: Plan, start: str = "move.load") -> dict[str, Any]:
    return plan.gates[start].model_dump(exclude_defaults=True, by_alias=True)


def _plan(gate: dict[str, Any] | None) -> Plan:
    return Plan() if gate is None else Plan(gates={"move.load": Condition.model_validate(gate)})


@pytest.mark.parametrize("gate", [None, {"progress": "road", "at_least": 0.9}, {"after": "road"}])
def test_a_condition_on_the_same_thing_is_replaced(gate: dict[str, Any] | None) -> None:
    gates = with_start(_plan(gate), "move.load", ROAD, 0.3).gates
    assert gates["move.load"].progress == "road" and gates["move.load"].all is None


def test_other_conditions_are_kept() -> None:
    weather = {"date": "2020-01-10"}
    found = with_start(_plan(weather), "move.load", ROAD, 0.3).gates["move.load"]
    assert found.all is not None and [part.progress for part in found.all] == ["road", None]
    both = {"all": [{"progress": "road", "at_least": 0.5}, weather]}
    found = with_start(_plan(both), "move.load", ROAD, 1.0).gates["move.load"]
    assert found.all is not None and [part.after for part in found.all] == ["road", None]
    found = with_start(_plan(both), "move.load", DATES, dt.date(2020, 2, 1)).gates["move.load"]
    assert found.all is not None and found.all[0].date == DATES.atom(dt.date(2020, 2, 1)).date
    assert found.all[1].progress == "road"
    either = {"any": [{"progress": "road", "at_least": 0.5}, weather]}
    found = with_start(_plan(either), "move.load", ROAD, 0.3).gates["move.load"]
    assert found.all is not None and found.all[1].any is not None


def test_the_plan_given_is_not_changed() -> None:
    plan = _plan({"after": "road"})
    with_start(plan, "move.load", ROAD, 0.3)
    assert plan.gates["move.load"].after == "road"


def test_a_grid_keeps_the_order_of_phases() -> None:
    scenario = strained(
        operations={
            "move": {"phases": {
                "load": {"kind": "task", "duration": "5 days"}, "carry": {"kind": "task", "duration": "$idle2"},
            }},
            "road": {"label": "Road", "phases": {"build": {"kind": "task", "duration": "$days"}}},
        },
        numbers={
            "lift": {"low": "8/day", "high": "16/day", "source": "press", "adverse": "low"},
            "days": {"low": "10 days", "high": "30 days", "source": "press", "adverse": "high"},
            "idle": {"low": 0, "high": 1, "assumed": "none", "adverse": "high"},
            "idle2": {"low": "1 day", "high": "2 days", "assumed": "none", "adverse": "high"},
        },
    )  # fmt: skip
    plans, points = grid(scenario, Plan(), ["move.load", "move.carry"], ROAD, [0.0, 0.5, 1.0])
    assert len(plans) == 6 and all(first <= second for first, second in points.values())
    title = plans["at_000_050"].title
    assert title == "move.load: at once; move.carry: Road at 50 %"
    reversed_order, _ = grid(scenario, Plan(), ["move.carry", "move.load"], ROAD, [0.0, 0.5, 1.0])
    assert len(reversed_order) == 6


def test_default_points() -> None:
    scenario = strained()
    assert values_of(scenario, ROAD, None, 1) == [i / 10 for i in range(11)]
    assert len(values_of(scenario, ROAD, None, 2)) == 6
    dates = values_of(scenario, DATES, None, 1)
    assert dates[0] == dt.date(2020, 1, 1) and dates == sorted(set(dates))
    assert dates[-1] <= dt.date(2020, 1, 1) + dt.timedelta(days=90)  # three quarters of the horizon


def test_points_as_written() -> None:
    assert values_of(strained(), ROAD, "75 %,0.2, 0.2", 1) == [0.2, 0.75]
    assert values_of(strained(), DATES, "2020-02-01", 1) == [dt.date(2020, 2, 1)]


@pytest.mark.parametrize(
    ("axis", "text", "said"),
    [
        (ROAD, "1.2,x", "cannot be read as a number"),
        (ROAD, "70", "For per cent write '70 %'"),
        (ROAD, "-0.1", "between 0 and 100 %"),
        (ROAD, "170 %", "is beyond 100 %"),
        (DATES, "soon", "is not a date"),
        (DATES, "2031-01-01", "outside the run"),
        (ROAD, " , ", "names no point"),
    ],
)
def test_points_that_are_none(axis: Axis, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        values_of(strained(), axis, text, 1)


@pytest.mark.parametrize(
    ("starts", "against", "said"),
    [
        (["moev"], "road", "move"),
        (["move.load"], "raod.progress", "road"),
        (["move.load"], "move.progress", "wait for itself"),
        (["move"], "move.load", "wait for itself"),
        (["move", "move"], "road", "named twice"),
    ],
)
def test_starts_that_cannot_be(starts: list[str], against: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        axis_of(strained(), starts, against)


def test_too_many_points_are_refused() -> None:
    values = [i / 100 for i in range(101)]
    with pytest.raises(InputError, match=r"make 10,201 plans\. At most 400"):
        grid(strained(), Plan(), ["move", "road"], Axis("progress", "move", "Move"), values)


def test_what_the_scenario_forbids_is_told_once() -> None:
    """The road waiting for the load that waits for the road is no error of one gate; a gate on itself is."""
    with pytest.raises(InputError) as caught:
        grid(strained(), Plan(), ["road"], Axis("progress", "road", "Road"), [0.2, 0.4])
    assert len(caught.value.problems) == 1 and "wait for itself" in str(caught.value)
