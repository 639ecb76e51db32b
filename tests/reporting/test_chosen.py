"""Changes told in one line: what is sure, in its unit, and ends that are often not reached by how often."""

from __future__ import annotations

from typing import Any

import pytest

from phaseline.outcomes.measures import MOST_UNENDED
from phaseline.reporting.chosen import changes_text, never_note

LABELS: dict[str, dict[str, str]] = {
    "end": {"label": "End of all", "unit": "days", "kind": "mean"},
    "failed": {"label": "Any failure", "unit": "", "kind": "chance"},
    "losses": {"label": "Own killed and wounded", "unit": "persons", "kind": "mean"},
    "overstretched_days.jets": {"label": "Tankers: days overstretched", "unit": "days", "kind": "mean"},
}


def _interval(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def _text(changes: dict[str, Any], plan: float = 0.0, against: float = 0.0) -> str:
    return changes_text(LABELS, changes, {"end": {"plan": plan, "against": against}})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"end": _interval(600, 570, 630)}, "end of all +600 ± 30 days"),
        ({"end": _interval(1, 1, 1)}, "end of all +1 day"),
        ({"failed": _interval(-0.24, -0.33, -0.15)}, "any failure −24 ± 9 points"),
        ({"failed": _interval(-1, -1, -1)}, "any failure no longer"),
        ({"failed": _interval(1, 1, 1)}, "any failure now"),
        ({"overstretched_days.jets": _interval(-5, -6, -4)}, "Tankers: days overstretched −5 ± 1.0 days"),
        ({"losses": _interval(3, -1, 7)}, "nothing that the run can show"),
        ({"losses": _interval(0, 0, 0)}, "nothing, in any history"),
    ],
)
def test_a_change_in_its_unit(change: dict[str, Any], text: str) -> None:
    assert _text(change) == text


def test_a_few_ends_that_are_not_reached_are_a_caveat() -> None:
    text = _text({"end": _interval(60, 50, 70)}, plan=MOST_UNENDED)
    assert text == "end of all +60 ± 10 days (never ending counts as the horizon)"


def test_many_ends_that_are_not_reached_are_told_instead_of_a_mean() -> None:
    change = {"end": _interval(600, 570, 630), "losses": _interval(5, 4, 6)}
    assert _text(change, plan=0.97, against=0.05) == (
        "end of all not within the horizon in 97 % of the histories instead of 5 %; own killed and wounded +5 ± 1.0 persons"
    )
    assert _text({"end": _interval(2, 1, 3)}, plan=0.97, against=0.97) == "nothing that the run can show"


def test_a_table_of_mean_ends_carries_the_caveat_where_some_are_not_reached() -> None:
    assert never_note({}, {"end": {"plan": 0.0, "against": 0.0}}) == ""
    assert (
        never_note({"end": {"plan": 0.0, "against": 0.01}})
        == "What never ends counts as ending at the horizon."
    )
