from __future__ import annotations

import datetime as dt
import math

import pytest

from phaseline.outcomes.wording import (
    Words,
    date_text,
    figure,
    percent,
    percent_range,
    percent_value,
    plus_minus,
    rounded,
    tenths,
    time_text,
)


def of(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    "value, low, high, expected",
    [
        (1234.5, 1180, 1290, 1230),
        (1234.5, 1220, 1250, 1234),  # a half-width of 15 supports the units
        (1234.5, 900, 1700, 1200),
        (0.4567, 0.41, 0.50, 0.46),
        (87.4, 84, 91, 87),
        (-3.26, -3.5, -3.0, -3.3),
        (0.3, -4, 4, 0),
        (12345, None, None, 12000),
        (12345, -math.inf, math.inf, 12000),
        (22.25, 22.25, 22.25, 22.25),
        (math.inf, math.inf, math.inf, math.inf),
    ],
)
def test_rounded(value: float, low: float | None, high: float | None, expected: float) -> None:
    assert rounded(value, low, high) == pytest.approx(expected)


def test_rounding_moves_less_than_the_interval() -> None:
    for k in range(2000):
        half = 10 ** (k / 400 - 2)
        value = 1000 * math.sin(k)
        assert abs(rounded(value, value - half, value + half) - value) <= half / 2 + 1e-9


@pytest.mark.parametrize(
    "given, expected",
    [
        ((123456.7, 120000, 127000), "123,000"),
        ((0.4567, 0.41, 0.50), "0.46"),
        ((-12.3, -14, -10), "−12"),
        ((-0.2, -4, 4), "0"),
        ((40.0, 39.8, 40.2), "40"),
        ((35.25, 35.25, 35.25), "35.25"),
        ((None,), "–"),
        ((math.inf,), "∞"),
    ],
)
def test_figure(given: tuple[float, ...], expected: str) -> None:
    assert figure(*given) == expected


def test_plus_minus() -> None:
    assert plus_minus(of(128.3, 119.1, 137.5)) == "128 ± 9"
    assert plus_minus(of(18.31, 17.5, 19.1)) == "18.3 ± 0.8"
    assert plus_minus(of(380, 310, 440)) == "380 ± 60"
    assert plus_minus(of(22.0, 22.0, 22.0)) == "22"
    assert plus_minus(of(None)) == "–"


@pytest.mark.parametrize(
    "share, expected",
    [
        ((0.634, 0.60, 0.67), "63 % (60–67)"),
        ((0.634, 0.632, 0.637), "63.4 % (63.2–63.7)"),
        ((0.0, 0.0, 0.004), "0 % (0–0.4)"),
        ((1.0, 0.996, 1.0), "100 % (99.6–100)"),
        ((0.001, 0.0002, 0.006), "0.1 % (0.02–0.6)"),
        ((0.998, 0.97, 0.9999), ">99 % (97–100)"),
        ((0.002, 0.0001, 0.03), "<1 % (0.01–3)"),
        ((0.5, 0.5, 0.5), "50 %"),
        ((0.5, None, None), "50 %"),
        ((None, None, None), "–"),
    ],
)
def test_percent(share: tuple[float | None, ...], expected: str) -> None:
    assert percent(of(*share)) == expected
    assert expected.startswith(percent_value(of(*share)))
    assert percent_range(of(*share)) in expected


def spread(*entries: tuple[float | None, ...]) -> dict[str, dict[str, float | None]]:
    return dict(zip(("p10", "p50", "p90"), (of(*entry) for entry in entries), strict=True))


def test_tenths() -> None:
    assert tenths(spread((2912, 2800, 3000), (4198, 4000, 4400), (7131, 6600, 7700))) == "4,200 (2,900–7,100)"
    assert tenths(spread((32, 31, 32), (40, 39.5, 40.5), (49, 48, 50))) == "40 (32–49)"
    assert tenths(spread((0.9, 0.88, 0.93), (1.2, 1.1, 1.3), (1.91, 1.7, 2.1))) == "1.2 (0.9–1.9)"
    assert tenths(spread((18.6e6, 18e6, 19e6), (20.01e6, 2e7, 2.1e7), (21.2e6, 21e6, 22e6))).endswith(
        " million"
    )
    assert tenths(spread((-39, -41, -37), (-23, -25, -21), (-4, -5, -3))) == "−23 (−39 to −4)"
    assert tenths(spread((5, 5, 5), (5, 5, 5), (5, 5, 5))) == "5"
    assert tenths(spread((1.0, 1, 1), (2.0, 2, 2), (None, None, None)), "∞") == "2 (1–∞)"


@pytest.mark.parametrize(
    "half_width, expected",
    [
        (0.0, "17 Mar 2017"),
        (2.5, "17 Mar 2017"),
        (6.0, "mid-Mar 2017"),
        (30.0, "Mar 2017"),
        (None, "mid-Mar 2017"),
    ],
)
def test_dates_are_no_finer_than_their_interval(half_width: float | None, expected: str) -> None:
    assert date_text(dt.date(2017, 3, 17), half_width) == expected


def test_thirds_of_a_month() -> None:
    days = {1: "early", 10: "early", 11: "mid", 20: "mid", 21: "late", 31: "late"}
    assert {day: date_text(dt.date(2017, 3, day), 5.0).split("Mar")[0].rstrip(" -") for day in days} == days


def test_beyond_the_horizon() -> None:
    assert time_text(of(None, 300, None) | {"date": None}, "never") == "never"


def test_words() -> None:
    words = Words({"operation": "incident", "assets": "aircraft", "company": "company"})
    assert (words("operation"), words("operation", 2), words.capital("operation")) == (
        "incident",
        "incidents",
        "Incident",
    )
    assert (words("asset"), words("asset", 2)) == ("asset", "aircraft")
    assert words("company", 3) == "companies"
    assert [Words({})(word, 2) for word in ("history", "day", "process", "means", "branch")] == [
        "histories", "days", "processes", "means", "branches",
    ]  # fmt: skip
