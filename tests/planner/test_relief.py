"""Prices of relief where algebra tells them, who is refused, and what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import phaseline
from analysis.toys import strained
from phaseline.planner.relief import actions
from phaseline.reporting.relief import render_relief


def _relief(folder: Path, scenario: Any = None, **options: Any) -> dict[str, Any]:
    scenario = strained() if scenario is None else scenario
    return phaseline.relief(scenario, store=folder / "store", threads=1, **({"replications": 1000} | options))


def _changes(found: dict[str, Any], key: str) -> dict[str, Any]:
    (action,) = [action for action in found["actions"] if action["key"] == key]
    return action["changes"]  # type: ignore[no-any-return]


def test_lending_does_what_algebra_says(tmp_path: Path) -> None:
    """Capacity is uniform on 8 to 16 and 10 are needed: short in a quarter of the worlds; 1.2 more, in a tenth."""
    found = _relief(tmp_path)
    assert found["asset"]["id"] == "lift" and found["amount"] == pytest.approx(1.2)
    lend = _changes(found, "lend")["overstretched"]
    assert lend["low"] <= (10 - 1.2 - 8) / 8 - 0.25 <= lend["high"]
    # a reserve of the same amount is lent to nobody: short below 11.2
    hold = _changes(found, "reserve")["overstretched"]
    assert hold["value"] >= 0
    # there is one task that wants the lift, and nobody to be served before
    assert _changes(found, "reallocate.move")["end.move"]["value"] == 0
    assert {action["key"] for action in found["actions"]} == {
        "lend",
        "pre_position.move",
        "reallocate.move",
        "reserve",
    }
    text = " ".join((render_relief(found) or "").split())
    assert "lend 1.2 units a day from day 0: end of all −" in text
    assert "serve Move first, up to 1.2 units a day: nothing, in any history" in text


def test_half_as_much_again_is_worth_more(tmp_path: Path) -> None:
    small, large = (
        _changes(_relief(tmp_path, share=share), "lend")["end.move"]["value"] for share in (0.1, 0.2)
    )
    assert large < small < 0


def _pooled(cap: int | None) -> phaseline.Scenario:
    lift: dict[str, Any] = {
        "label": "lift",
        "elsewhere": {"demand": "0/day", "cost": "$idle"},
        "surge_days": "5 days",
        "surge_factor": 1.5,
    }
    return strained(
        assets={"lift": lift if cap is None else {**lift, "cap": cap}},
        contributions=[
            {"nation": "A", "asset": "lift", "count": 3, "sustained": "1/day"},
            {"nation": "B", "asset": "lift", "count": 6, "sustained": "1/day", "not_for": ["road"]},
        ],
        numbers={
            "days": {"label": "days", "low": "10 days", "high": "30 days", "source": "press", "adverse": "high"},
            "idle": {"label": "idle", "low": 0, "high": 1, "assumed": "none", "adverse": "high"},
        },
    )  # fmt: skip


def test_nations_caps_and_surge(tmp_path: Path) -> None:
    scenario = _pooled(9)
    found = {action.key: action for action in actions(scenario, scenario.plans["together"], "lift", 0.5)}
    assert "above its cap of 9" in found["lend"].refused  # 4.5 units more than the cap admits
    assert not found["cap"].refused and found["cap"].plan.caps["lift"].dist.mean() == 13.5
    assert "lift the cap to 14" in found["cap"].label
    assert [one.nation for one in found["nation"].scenario.contributions][-1] == "one more nation"
    assert found["nation"].refused  # its six would not fit under the cap either
    free = {
        action.key: action for action in actions(_pooled(None), _pooled(None).plans["together"], "lift", 0.5)
    }
    assert not free["nation"].refused and free["nation"].scenario.contributions[-1].not_for == []
    assert "cap" not in free and "surge" in free
    priced = _relief(tmp_path, _pooled(None), replications=64)
    changes = {
        action["key"]: action["changes"]["overstretched_days.lift"]["value"] for action in priced["actions"]
    }
    assert changes["nation"] < changes["lend"] < 0 == changes["pre_position.move"]
    assert changes["surge"] > 0  # surge that waits for strain comes too late
    assert "not possible, the plan would have up to" in " ".join(
        (render_relief(_relief(tmp_path, _pooled(9), replications=64)) or "").split()
    )


def test_bad_requests(tmp_path: Path) -> None:
    with pytest.raises(phaseline.InputError) as refused:
        _relief(tmp_path, asset="lfit", share=2.0)
    assert len(refused.value.problems) == 2 and "lift" in str(refused.value)
    whole = strained(
        assets={"lift": {"label": "lift", "sharing": "whole", "units": 2}},
        operations={"move": {"phases": {"load": {"kind": "task", "duration": "5 days", "demand": {"lift": 1}}}},
                    "road": {"phases": {"build": {"kind": "task", "duration": "$days"}}}},
        claims={},
    )  # fmt: skip
    with pytest.raises(phaseline.InputError, match="has none"):
        _relief(tmp_path, whole)
