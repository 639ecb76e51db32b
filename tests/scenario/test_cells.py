"""What a cell says: numbers with either decimal sign, amounts with units, dates; both readings of what is unclear."""

from __future__ import annotations

import datetime as dt

import pytest

from phaseline.errors import RuleError
from phaseline.scenario.cells import Decimal, read_amount, read_date, written
from phaseline.scenario.units import Dimension

POINT: Decimal = "."
COMMA: Decimal = ","


def refused(call: object, *arguments: object) -> str:
    """Rule and remedy with which a call refuses."""
    with pytest.raises(RuleError) as error:
        call(*arguments)  # type: ignore[operator]
    return str(error.value)


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("52242", "52242", "52242"),
        ("52.242", "52.242", "52242"),
        ("52,242", "52242", "52.242"),
        ("2,5", None, "2.5"),
        ("2.5", "2.5", None),
        ("0.125", "0.125", None),
        ("1.234.567", None, "1234567"),
        ("1,234.5", "1234.5", None),
        ("1.234,5 %", None, "1234.5 %"),
        ("1.23.456", None, None),
        ("1,2345,678", None, None),
        ("52 242 persons", "52242 persons", "52242 persons"),
        ("52\u00a0242", "52242", "52242"),
        ("52'242", "52242", "52242"),
        ("52_242", "52242", "52242"),
        ("-0,5", None, "-0.5"),
        ("\u22120,5", None, "-0.5"),
        ("1,5e3", None, "1.5e3"),
        (".5", "0.5", None),
        ("5.", "5", "5"),
    ],
)
def test_a_number_has_one_value_for_each_decimal_sign(
    cell: str, point: str | None, comma: str | None
) -> None:
    number = written(cell)
    assert number is not None
    assert (number.plain(POINT), number.plain(COMMA)) == (point, comma)
    assert number.ambiguous == (point is not None and comma is not None and point != comma)


@pytest.mark.parametrize("cell", ["", "x", "nan", "about 5", "%", "1.2.", "1,"])
def test_no_number_begins_these(cell: str) -> None:
    number = written(cell)
    assert number is None or not number.decimals


@pytest.mark.parametrize(
    ("text", "dimension", "unit", "value"),
    [
        ("60", "share", "%", 0.6),
        ("60 %", "share", "share", 0.6),
        ("0.6", "share", "", 0.6),
        ("52.242 k", "persons", "persons", 52242.0),
        ("20", "rate", "/day", 20.0),
        ("140", "rate", "sorties/week", 20.0),
        ("9 weeks", "duration", "days", 63.0),
        ("9", "duration", "days", 9.0),
    ],
)
def test_units_are_those_of_the_scenario(text: str, dimension: Dimension, unit: str, value: float) -> None:
    assert read_amount(text, dimension, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "dimension", "unit", "told"),
    [
        ("70", "share", "", "write '70 %'"),
        ("70", "share", "share", "give it the unit %, not share"),
        ("120", "share", "%", "beyond 100 %"),
        ("-1", "share", "", "below 0"),
        ("60-70", "share", "%", "two cells"),
        ("1", "share", "persons", "a number of persons, not a share"),
        ("20", "rate", "", "has no unit"),
        ("52.5", "persons", "", "not a whole number"),
        ("1e999", "persons", "", "not a finite number"),
    ],
)
def test_an_amount_is_refused_with_its_rule(text: str, dimension: Dimension, unit: str, told: str) -> None:
    assert told in refused(read_amount, text, dimension, unit)


@pytest.mark.parametrize(
    "cell",
    ["2016-11-15", "2016-11-15T00:00:00", "2016-11-15 00:00", "2016-11-15T14:30", "2016/11/15"],
)  # fmt: skip
def test_what_can_only_be_one_day_is_read(cell: str) -> None:
    assert read_date(cell) == dt.date(2016, 11, 15)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (
            "03/04/2012",
            ("two ways", "2012-04-03 or 2012-03-04", "# dates: day/month/year", "# dates: month/day/year"),
        ),
        ("3.4.2012", ("two ways", "2012-04-03 or 2012-03-04")),
        ("28/03/2012", ("not written year-month-day", "write 2012-03-28", "'# dates: day/month/year'")),
        ("28/03/12", ("whole year",)),
        ("31/31/2012", ("not a date of the calendar",)),
        ("2016-09-31", ("not a date of the calendar",)),
        ("42689", ("2016-11-15 if it counts from 1900", "2020-11-16 if from 1904")),
        ("42689.0", ("2016-11-15",)),
        ("2016-11-14T21:00:00Z", ("time zone", "2016-11-14")),
        ("2016-11-15T00:00:00Z", ("time zone", "2016-11-15")),
        ("2016-11-15T00:00:00+02:00", ("time zone", "2016-11-15")),
        ("soon", ("is not a date", "2016-11-15")),
        ("20161115", ("is not a date",)),
        ("", ("is not a date",)),
    ],
)
def test_what_could_be_another_day_is_refused_with_every_reading(cell: str, told: tuple[str, ...]) -> None:
    message = refused(read_date, cell)
    assert all(part in message for part in told), message


def test_a_named_order_is_kept_to() -> None:
    assert read_date("03/04/2012", "day/month/year") == dt.date(2012, 4, 3)
    assert read_date("03/04/2012", "month/day/year") == dt.date(2012, 3, 4)
    assert read_date("2012-04-03", "month/day/year") == dt.date(2012, 4, 3)
    assert "month/day/year" in refused(read_date, "28/03/2012", "month/day/year")
