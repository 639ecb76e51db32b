"""Suspensions against what they must come to: how often, how long, for good, for want of support, and for whose patience."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from engine.histories import ALPHA, document, run

DAYS = 60
COUNT = 3000
FRONT = {
    "kind": "contested", "own": "x", "adversary": "y", "depth": "1000 km", "tempo": "1 km/day", "ratio_exponent": 0,
    "after": [],
}  # fmt: skip
FORCES = {"x": {"side": "own", "strength": 9}, "y": {"side": "adversary", "strength": 9}}


def _suspended(suspension: dict[str, Any], phases: int = 1, **parts: Any) -> dict[str, np.ndarray]:
    fronts = {f"p{i}": FRONT | parts.pop(f"front{i}", {}) for i in range(phases)}
    doc = document({"o": fronts}, forces=FORCES, horizon=f"{DAYS} days", **parts)
    doc["operations"]["o"]["suspension"] = suspension
    return run(doc, count=COUNT, seed=17)


@pytest.mark.parametrize("phases", [1, 3])
def test_it_comes_once_a_day_for_the_operation_however_many_phases_fight(phases: int) -> None:
    found = _suspended({"onset": "2 %/day", "lasts": "1000 days"}, phases)
    ever = int((found["suspensions.o"] > 0).sum())
    assert stats.binomtest(ever, COUNT, 1 - 0.98**DAYS).pvalue > ALPHA
    assert (found["suspensions.o"] <= 1).all()  # it lasts to the horizon


def test_lengths_are_lognormal_about_their_median() -> None:
    found = _suspended({"onset": "100 %/day", "lasts": "30 days", "spread": 1.5})
    # it stops at the end of day 0, and once only where that lasts for the 59 days that are left or more
    once = int((found["suspensions.o"] == 1).sum())
    longer = stats.norm.sf(np.log((DAYS - 1.5) / 30) / (np.log(1.5) / stats.norm.ppf(0.9)))
    assert stats.binomtest(once, COUNT, longer).pvalue > ALPHA
    even = _suspended({"onset": "100 %/day", "lasts": "30 days"})
    assert (even["suspensions.o"] == 2).all() and (even["suspended.o"] == DAYS - 2).all()


def test_a_share_is_for_good_and_fails_at_once() -> None:
    found = _suspended({"onset": "100 %/day", "lasts": "5 days", "final": "30 %"})
    failed = found["status.o.p0"] == 3
    at_once = int((found["decided.o.p0"] == 1).sum())
    assert stats.binomtest(at_once, COUNT, 0.3).pvalue > ALPHA
    assert (found["progress.o.p0"][~failed] > found["progress.o.p0"][found["decided.o.p0"] == 1].max()).all()


def test_want_of_support_stops_it_and_is_told_apart() -> None:
    short = {"onset": "1 %/day", "short": "4 %/day", "lasts": "1000 days"}
    needy = {"demand": {"jets": "10/day"}, "dependence": {"jets": 1.0}}
    found = _suspended(short, front0=needy, assets={"jets": {"capacity": "5/day"}})
    ever = int((found["suspensions.o"] > 0).sum())
    assert stats.binomtest(ever, COUNT, 1 - (1 - 0.01 - 0.04 * 0.5) ** DAYS).pvalue > ALPHA
    told = int((found["suspensions_short.o"] > 0).sum())
    assert stats.binomtest(told, ever, 0.02 / 0.03).pvalue > ALPHA
    enough = _suspended(short, front0=needy, assets={"jets": {"capacity": "10/day"}})
    assert (enough["suspensions_short.o"] == 0).all()


def test_patience_gives_up_when_it_is_over_and_not_before() -> None:
    doc = {"plans": {"base": {"patience": {"o": "7 days"}}}}
    found = _suspended({"onset": "100 %/day", "lasts": "8 days"}, **doc)
    assert (found["decided.o.p0"] == 8).all() and (found["suspended.o"] == 7).all()
    found = _suspended({"onset": "100 %/day", "lasts": "7 days"}, **doc)
    assert np.isnan(found["decided.o.p0"]).all() and (found["suspensions.o"] > 1).all()


def test_a_gate_opens_for_a_suspension_that_has_lasted() -> None:
    fronts = {"o": {"p0": FRONT}, "other": {"task": {"kind": "task", "duration": "3 days"}}}
    doc = document(
        fronts, forces=FORCES, horizon=f"{DAYS} days",
        plans={"base": {"gates": {"other.task": {"suspended": "o", "for": "5 days"}}}},
    )  # fmt: skip
    doc["operations"]["o"]["suspension"] = {"onset": "100 %/day", "lasts": "9 days"}
    # it stops at the end of day 0: its books are read from day 1 on, and day 5 is the fifth on end
    assert (run(doc, count=20, seed=1)["start.other.task"] == 5).all()
