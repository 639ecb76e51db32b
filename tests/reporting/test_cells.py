"""Numbers of stored documents as text."""

from __future__ import annotations

import math

import pytest

from phaseline.reporting.cells import chance_text, interval_text, signed_text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (45.2, 42.0, 48.0, "45 (42–48)"),
        (1234.0, 1180.0, 1290.0, "1,230 (1,180–1,290)"),
        (-60.0, -68.0, -52.0, "−60 (−68 to −52)"),
        (7.0, None, None, "7"),
        (7.0, 7.0, 7.0, "7"),
        (None, 1.0, 2.0, "–"),
        (math.inf, 1.0, 2.0, "–"),
        ("high", 1.0, 2.0, "–"),
    ],
)
def test_value_and_interval(value: float | None, low: float | None, high: float | None, text: str) -> None:
    assert interval_text({"value": value, "low": low, "high": high}) == text


def test_nothing_is_a_dash() -> None:
    assert interval_text(None) == interval_text({}) == chance_text(None) == signed_text(None) == "–"


def test_chances_and_differences() -> None:
    assert chance_text({"value": 0.63, "low": 0.6, "high": 0.67}) == "63 % (60–67)"
    assert signed_text({"value": 12.0, "low": 9.0, "high": 15.0}) == "+12 (+9 to +15)"
    assert (
        signed_text({"value": -0.03, "low": -0.05, "high": -0.01}, percent_points=True)
        == "−3 points (−5 to −1)"
    )
    assert signed_text({"value": 0.0, "low": None, "high": None}) == "0"


def test_large_numbers_are_told_in_millions() -> None:
    assert interval_text({"value": 171e6, "low": 169e6, "high": 174e6}) == "171 million (169–174)"
    assert signed_text({"value": -6.5e6, "low": -7.1e6, "high": -5.9e6}) == "−6.5 million (−7.1 to −5.9)"
    assert interval_text({"value": 700e3, "low": 690e3, "high": 710e3}) == "700,000 (690,000–710,000)"
