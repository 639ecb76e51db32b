"""Written numbers: what is read, to which base unit, and what is refused with which advice."""

from __future__ import annotations

import datetime as dt
import math

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseline.errors import RuleError
from phaseline.scenario.units import (
    BASE_UNIT,
    DIMENSIONS,
    Dimension,
    UnitError,
    compatible,
    parse,
    parse_free,
    suggestion,
)

READ = {
    "20": (20, "number"),
    "1_000": (1000, "number"),
    "1e3": (1000, "number"),
    ".5": (0.5, "number"),
    "2 weapons per sortie": (2, "number"),
    "60 %": (0.6, "share"),
    "60%": (0.6, "share"),
    "24 aircraft": (24, "count"),
    "3 batteries": (3, "count"),
    "4500 fighters": (4500, "persons"),
    "1.2 M people": (1.2e6, "persons"),
    "8 km": (8, "length"),
    "8km": (8, "length"),
    "-3 km": (-3, "length"),
    "120 km²": (120, "area"),
    "3 Weeks": (21, "duration"),
    "1 month": (30.4375, "duration"),
    "1 year": (365.25, "duration"),
    "2016-11-15": (dt.date(2016, 11, 15).toordinal(), "date"),
    "USD 36 M": (36e6, "money"),
    "36 M USD": (36e6, "money"),
    "USD 2 bn": (2e9, "money"),
    "20/day": (20, "rate"),
    "20 per day": (20, "rate"),
    "140 sorties / week": (20, "rate"),
    "1 km/day": (1, "speed"),
    "5 km/h": (120, "speed"),
    "0.5 %/day": (0.005, "share_rate"),
    "USD 36 M/month": (36e6 / 30.4375, "money_rate"),
    "0.02/day per fighter": (0.02, "per_person_rate"),
    "2/day per 100 fighters": (0.02, "per_person_rate"),
}

REFUSED = {
    "": ("is empty", "write a number"),
    "1,000 km": ("has a comma", "1_000 km"),
    "nan": ("not a finite", "finite"),
    "-inf km": ("not a finite", "finite"),
    ".nan": ("not a finite", "finite"),
    "1e999": ("not a finite", "finite"),
    "7-10 km": ("is a range", "[7 km, 10 km]"),
    "7 to 10 km": ("is a range", "list"),
    "10–20 km": ("is a range", "list"),
    "15/11/2016": ("not a date", "2016-11-15"),
    "2016-02-30": ("no day of the calendar", "2016-11-15"),
    "$5": ("dollar", "USD"),
    "5 dollars": ("unknown unit 'dollars'", "USD"),
    "5 sortees/day": ("unknown unit 'sortees'", "'sorties'"),
    "5 furlongs": ("unknown unit 'furlongs'", "table"),
    "5 km miles": ("two units", "'/'"),
    "36 m USD": ("two units", "'/'"),
    "5 M km": ("takes no 'k'", "out"),
    "5 km/": ("no unit after", "20/day"),
    "5//day": ("no unit after", "20/day"),
    "5/0 days": ("no unit after", "20/day"),
    "20/day/week": ("mixes units", "table"),
    "3 4": ("one number", "list"),
    "km 5": ("one number", "list"),
    "km": ("cannot be read", "8 km"),
    "#!": ("cannot be read", "8 km"),
    "1" * 300: ("too long", "number"),
}


@pytest.mark.parametrize("text", READ)
def test_read(text: str) -> None:
    value, dimension = READ[text]
    number, found = parse_free(text)
    assert found == dimension
    assert number == pytest.approx(value, rel=1e-15)
    assert parse(f" {text} ", found) == number


@pytest.mark.parametrize("text", REFUSED)
def test_refused_with_advice(text: str) -> None:
    rule, remedy = REFUSED[text]
    with pytest.raises(UnitError) as caught:
        parse_free(text)
    assert rule in caught.value.rule
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "value", [True, None, [1], {"a": 1}, b"1", float("nan"), 10**400, dt.datetime(2016, 1, 1)]
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_free(value)  # type: ignore[arg-type]


UNITLESS = {"number", "share", "count", "persons"}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_only_what_has_no_unit_may_be_plain(dimension: Dimension) -> None:
    if dimension in UNITLESS:
        assert parse(0.5, dimension) == 0.5
        return
    with pytest.raises(UnitError) as caught:
        parse(8, dimension)
    advice = caught.value.remedy.removeprefix("write ").strip("'")
    parse(advice, dimension)  # the advice holds
    if dimension != "date":
        assert advice == suggestion(8, dimension)


@pytest.mark.parametrize("wanted", DIMENSIONS)
@pytest.mark.parametrize("declared", DIMENSIONS)
def test_dimensions_are_kept_apart(declared: Dimension, wanted: Dimension) -> None:
    text = "2016-11-15" if declared == "date" else f"0.5 {BASE_UNIT[declared]}"
    text = "0.5 share" if declared == "share" else "0.5 sorties" if declared == "count" else text
    value, found = parse_free(text)
    assert found == declared
    if compatible(declared, wanted):
        assert parse(text, wanted) == value
    else:
        with pytest.raises(UnitError):
            parse(text, wanted)


def test_which_dimensions_stand_for_each_other() -> None:
    pairs = {(a, b) for a in DIMENSIONS for b in DIMENSIONS if a != b and compatible(a, b)}
    assert pairs == {
        ("number", "share"), ("number", "count"), ("number", "persons"), ("share", "number"),
        ("persons", "count"), ("count", "persons"),
    }  # fmt: skip


def test_dates_are_days() -> None:
    assert parse(dt.date(2016, 11, 15), "date") - parse("2016-10-16", "date") == 30
    with pytest.raises(UnitError, match="not a date"):
        parse("soon", "date")


ORACLE = {
    "length": ["km", "m", "mile"],
    "area": ["km**2", "hectare", "acre"],
    "duration": ["day", "hour", "week", "year", "minute"],
    "speed": ["km/day", "km/hour", "mile/day", "m/hour"],
}
OURS = {"km**2": "km2"}
TO = {"length": "km", "area": "km**2", "duration": "day", "speed": "km/day"}


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry:
    return pint.UnitRegistry()


@pytest.mark.parametrize(("dimension", "unit"), [(d, u) for d, units in ORACLE.items() for u in units])
def test_conversions_agree_with_pint(dimension: Dimension, unit: str, registry: pint.UnitRegistry) -> None:
    expected = registry.Quantity(3.7, unit).to(TO[dimension]).magnitude
    # Pint's acre is the US survey acre, 4e-6 larger than the international one
    assert parse(f"3.7 {OURS.get(unit, unit)}", dimension) == pytest.approx(
        expected, rel=5e-6 if unit == "acre" else 1e-12
    )


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value, dimension = parse_free(text)
    except RuleError as error:
        assert error.rule
        assert error.remedy
    else:
        assert math.isfinite(value)
        assert dimension in DIMENSIONS


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["km", "/day", "USD", "persons", "share/day"]),
)
def test_base_units_leave_a_number_as_it_is(value: float, unit: str) -> None:
    assert parse_free(f"{value!r} {unit}")[0] == value
