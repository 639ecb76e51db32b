"""Counts and units in the number that they need."""

from __future__ import annotations

import pytest

from phaseline.scenario.readable import counted, plural, singular, with_unit


@pytest.mark.parametrize(
    ("count", "thing", "text"),
    [
        (1, "world", "1 world"),
        (0, "report", "0 reports"),
        (2000, "history", "2,000 histories"),
        (1, "paired history", "1 paired history"),
        (7.0, "day", "7 days"),
        ("1", "day", "1 day"),
        ("−1", "day", "−1 day"),
        ("+1", "point", "+1 point"),
        ("1 ± 0.3", "day", "1 ± 0.3 days"),
        (1.5, "day", "1.5 days"),
    ],
)
def test_a_count_and_its_noun(count: float | str, thing: str, text: str) -> None:
    assert counted(count, thing) == text


@pytest.mark.parametrize(
    ("one", "several"),
    [("history", "histories"), ("day", "days"), ("loss", "losses"), ("branch", "branches"), ("box", "boxes"),
     ("own loss", "own losses"), ("aircraft", "aircraft"), ("strike aircraft", "strike aircraft")],
)  # fmt: skip
def test_plurals(one: str, several: str) -> None:
    assert plural(one) == several


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [("1", "sorties", "1 sortie"), ("5.5", "sorties", "5.5 sorties"), ("1", "batteries", "1 battery"), ("8", "km", "8 km"),
     ("1", "aircraft", "1 aircraft"), ("1", "", "1"), ("−1", "days", "−1 day"), ("1", "M USD", "1 M USD")],
)  # fmt: skip
def test_a_number_and_its_unit(text: str, unit: str, said: str) -> None:
    assert with_unit(text, unit) == said


def test_what_has_no_plural_has_no_singular() -> None:
    assert [singular(word) for word in ("mass", "means", "km", "crews")] == ["mass", "means", "km", "crew"]
