"""What a cell of a table says: a number with its unit, or a date. What can be read in two ways is refused with both."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, NamedTuple

from phaseline.errors import RuleError
from phaseline.scenario.units import BEYOND_PERCENT, Dimension, UnitError, in_percent, parse

Decimal = Literal[".", ","]
DateOrder = Literal["year-month-day", "day/month/year", "month/day/year"]

SIGN_NAMES: dict[str, str] = {".": "point", ",": "comma"}

_BODY = r"\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+(?!\d)(?:[.,]\d+)?|\d(?:[\d.,_]*\d)?|[.,]\d+"
_WRITTEN = re.compile(rf"(?P<head>[-+]?)(?P<body>{_BODY})(?P<tail>\.?(?:[^\d.,].*)?)", re.DOTALL)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?P<sign>[.,_ \u00a0\u202f'\u2019])\d{3})(?:(?P=sign)\d{3})*")
_UNDERSCORED = re.compile(r"\d+(?:_\d+)*")

_YEAR_FIRST = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?P<zone>Z|[-+]\d{2}:?\d{2})?)?"
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{2}|\d{4})(?:[T ]+0{1,2}:00(?::00(?:\.0+)?)?)?")
_DAY_NUMBER = re.compile(r"([1-9]\d{4})(?:[.,]0*)?")
_EPOCHS = {1900: dt.date(1899, 12, 30), 1904: dt.date(1904, 1, 1)}
"""Day 0 of the two systems of spreadsheets; of the first, for days from March 1900 on."""

_WRITE_DATE = "write it as 2016-11-15"


class Written(NamedTuple):
    """A number as it stands in a cell: sign, digits with their signs, and what follows (exponent, unit)."""

    head: str
    body: str
    tail: str

    def plain(self, decimal: Decimal) -> str | None:
        """The cell with a point as decimal sign and no thousands signs; None if it cannot be read with this decimal sign."""
        body = _plain(self.body, decimal)
        return None if body is None else f"{self.head}{body}{self.tail.removeprefix('.')}"

    def bare(self, decimal: Decimal) -> str:
        """Sign and digits alone, with a point; the number is such as can be read with this decimal sign."""
        return f"{self.head}{_plain(self.body, decimal)}"

    @property
    def decimals(self) -> tuple[Decimal, ...]:
        """The decimal signs with which it can be read."""
        signs: tuple[Decimal, ...] = (".", ",")
        return tuple(sign for sign in signs if _plain(self.body, sign) is not None)

    @property
    def ambiguous(self) -> bool:
        """Whether the two decimal signs give two numbers."""
        return len(self.decimals) == 2 and _plain(self.body, ".") != _plain(self.body, ",")


def written(cell: str) -> Written | None:
    """The number that begins a cell, or None if none does."""
    match = _WRITTEN.fullmatch(cell.replace("\u2212", "-").strip())
    if match is None or (match["tail"].startswith(".") and not match["body"].isdigit()):
        return None
    return Written(match["head"], match["body"], match["tail"])


def _plain(body: str, decimal: Decimal) -> str | None:
    whole, sign, fraction = body.partition(decimal)
    if sign and not fraction.isdigit():
        return None
    if whole and not _UNDERSCORED.fullmatch(whole):
        groups = _GROUPED.fullmatch(whole)
        if groups is None or groups["sign"] == decimal:
            return None
    digits = re.sub(r"\D", "", whole) or "0"
    return f"{digits}.{fraction}" if sign else digits


def read_amount(text: str, dimension: Dimension, unit: str = "", *, whole: bool = True) -> float:
    """An amount in base units, by the units of the scenario file.

    Parameters
    ----------
    text
        A number with a decimal point, perhaps with its own unit.
    dimension
        What it must measure.
    unit
        Unit that applies where the number has none of its own.
    whole
        Whether persons and counts are refused where they have fractions.

    Raises
    ------
    RuleError
        If it cannot be read, is negative, is a share above 1, or has a fraction where it counts something.
    """
    try:
        value = parse(joined(text, unit), dimension)
    except UnitError as error:
        try:
            value = parse(text, dimension)  # it has a unit of its own
        except UnitError:
            raise _refused(error) from None
        if re.fullmatch(r"[-+\d.eE]+", text):
            raise _refused(error) from None
    if value < 0.0:
        raise RuleError("is below 0", "write a number of at least 0")
    if dimension == "share" and value > 1.0 + 1e-9:
        raise _beyond(text, unit)
    if whole and dimension in ("persons", "count") and abs(value - round(value)) > 1e-6:
        raise RuleError("is not a whole number", "write it without a fraction")
    return value


def joined(text: str, unit: str) -> str:
    """A number and its unit as one text."""
    return f"{text}{unit}" if unit.startswith(("/", "%")) else f"{text} {unit}".strip()


def _refused(error: UnitError) -> RuleError:
    if error.rule == "is a range written as text":
        return RuleError(error.rule, "a cell holds one number; write the two ends in two cells")
    return RuleError(error.rule, error.remedy)


def _beyond(text: str, unit: str) -> RuleError:
    if in_percent(text) or in_percent(unit):
        return RuleError(*BEYOND_PERCENT)
    rule = "is a share above 1"
    return RuleError(
        rule, f"give it the unit %, not {unit}" if unit else f"write '{text} %' for {text} per cent"
    )


def read_date(cell: str, order: DateOrder = "year-month-day") -> dt.date:
    """A date.

    Parameters
    ----------
    cell
        ``2016-11-15``, perhaps with a time of day; other orders only if `order` says so.
    order
        How dates with the year at the end are written in this table.

    Raises
    ------
    RuleError
        If it is none, or could be another as well; the remedy has every reading.
    """
    if match := _YEAR_FIRST.fullmatch(cell):
        found = _date(int(match[1]), int(match[3]), int(match[4]))
        if found is None:
            raise RuleError("is not a date of the calendar", "write a day that exists, as in 2016-11-15")
        if match["zone"]:
            rule = "is a moment in a time zone, which is another day elsewhere"
            raise RuleError(rule, f"write the day alone: {found} in the zone that is written")
        return found
    if match := _YEAR_LAST.fullmatch(cell):
        return _year_last(match, order)
    if match := _DAY_NUMBER.fullmatch(cell):
        by = {year: first + dt.timedelta(days=int(match[1])) for year, first in _EPOCHS.items()}
        rule = f"is a spreadsheet's day number: {by[1900]} if it counts from 1900, {by[1904]} if from 1904"
        raise RuleError(
            rule, "give the column the format year-month-day in the spreadsheet, and save it again"
        )
    raise RuleError("is not a date", _WRITE_DATE)


def _year_last(match: re.Match[str], order: DateOrder) -> dt.date:
    first, second = int(match[1]), int(match[3])
    year = int(match[4])
    if len(match[4]) == 2:
        raise RuleError("is not a date with its whole year", _WRITE_DATE)
    by: dict[DateOrder, dt.date | None] = {
        "day/month/year": _date(year, second, first),
        "month/day/year": _date(year, first, second),
    }
    if order != "year-month-day":
        chosen = by[order]
        if chosen is None:
            raise RuleError(f"is not a date written {order}, as the file says of its dates", _WRITE_DATE)
        return chosen
    readings = {key: date for key, date in by.items() if date is not None}
    if not readings:
        raise RuleError("is not a date of the calendar", _WRITE_DATE)
    ways = " or ".join(f"'# dates: {key}'" for key in readings)
    dates = " or ".join(dict.fromkeys(str(date) for date in readings.values()))
    rule = (
        "could be a date in two ways" if len(set(readings.values())) == 2 else "is not written year-month-day"
    )
    raise RuleError(rule, f"write {dates}, or begin the file with the line {ways}")


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
