"""Numbers as people write them: no more digits than the interval supports, and the case's own words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from phaseline.scenario.readable import counted, plural, singular, with_unit

__all__ = [
    "MONTHS",
    "Numbers",
    "Words",
    "alike",
    "always",
    "counted",
    "date_text",
    "day_month",
    "figure",
    "half_width",
    "is_certain",
    "is_known",
    "is_nothing",
    "listed",
    "luck_alone",
    "of",
    "percent",
    "percent_range",
    "percent_value",
    "plural",
    "plus_minus",
    "rounded",
    "singular",
    "tenths",
    "tenths_parts",
    "time_text",
    "with_unit",
    "yes_no",
]  # fmt: skip

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNKNOWN_DIGITS = 2
"""Significant digits of a number whose interval is not known."""
#: Half-widths, in days, up to which a date is given to the day, and to the third of a month.
_TO_THE_DAY, _TO_THE_THIRD = 2.5, 10.0

_SCALES = ((1e9, " billion"), (1e6, " million"))

Numbers = Mapping[str, Any]
"""An interval of the summary: ``value``, ``low``, ``high``, each a number or None."""


def rounded(value: float, low: float | None, high: float | None) -> float:
    """Round a number to the place of the first digit of its interval's half-width (the second if the first is 1).

    Parameters
    ----------
    value
        The estimate.
    low, high
        Its interval; None or infinite where it is not known, and two significant digits are kept.

    Returns
    -------
    float
        For example 1234.5 in 1180 to 1290 gives 1230.
    """
    place = _place(value, low, high)
    if place is None or not math.isfinite(value):
        return value
    return round(value, -place) + 0.0  # no negative zero


def figure(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A rounded number in words: thousands separated, only the decimals that the interval supports."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "∞" if value > 0 else "–∞"
    place = _place(value, low, high)
    decimals = max(0, -place) if place is not None else 2
    if float(value).is_integer():
        decimals = 0
    text = f"{rounded(value, low, high):,.{decimals}f}"
    return text.replace("-", "−") if text.strip("-0.,") else text.lstrip("-")


def of(numbers: Numbers) -> str:
    """The value of an interval, rounded."""
    return figure(numbers["value"], numbers["low"], numbers["high"])


def plus_minus(numbers: Numbers) -> str:
    """Value and half-width, for example ``45 ± 3``; the value alone where the interval is not known or has no width."""
    value, low, high = (numbers[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None or high <= low:
        return of(numbers)
    place = _place(value, low, high) or 0
    return f"{of(numbers)} ± {round((high - low) / 2, -place):,.{max(0, -place)}f}"


def tenths(spread: Mapping[str, Any], missing: str = "–") -> str:
    """Median and 10-90 % range, rounded alike, for example ``4,200 (2,900–7,100)``.

    Three significant digits at most: readers compare the ends, and more would hide the shape.

    Parameters
    ----------
    spread
        ``p10``, ``p50`` and ``p90`` of the summary.
    missing
        Stands for a quantile that is beyond what was observed.
    """
    middle, span, scale = tenths_parts(spread, missing)
    return f"{middle} {span}{scale}" if span else f"{middle}{scale}"


def tenths_parts(spread: Mapping[str, Any], missing: str = "–") -> tuple[str, str, str]:
    """As `tenths`: the median, the range in brackets (empty if it has no width), and `` million`` or the like."""
    entries = [spread[name] for name in ("p10", "p50", "p90")]
    values = [entry["value"] for entry in entries]
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    places = [_place(**_numbers(entry)) for entry in entries if entry["value"] is not None]
    places += [math.floor(math.log10(largest)) - 2] if largest > 0 else []
    place = max((place for place in places if place is not None), default=0)
    scale, name = next(((scale, name) for scale, name in _SCALES if largest >= scale), (1.0, ""))
    decimals = max(0, round(math.log10(scale)) - place)
    if scale == 1.0 and all(value is None or float(value).is_integer() for value in values):
        decimals = 0
    low, middle, high = (
        missing
        if value is None
        else f"{(round(value, -place) + 0.0) / scale:,.{decimals}f}".replace("-", "−")
        for value in values
    )
    joint = " to " if low.startswith("−") else "–"
    return middle, "" if low == middle == high else f"({low}{joint}{high})", name


def _numbers(entry: Numbers) -> dict[str, Any]:
    return {key: entry[key] for key in ("value", "low", "high")}


def percent(share: Numbers) -> str:
    """A chance with its interval, for example ``63 % (60–67)``."""
    value, low, high = (None if share[key] is None else 100 * share[key] for key in ("value", "low", "high"))
    if value is None:
        return "–"
    text = f"{_percent_value(value, low, high)} %"
    if low is None or high is None or high - low < 1e-9:
        return text
    decimals = _percent_decimals(low, high)
    return f"{text} ({_short(low, decimals)}–{_short(high, decimals)})"


def is_certain(share: Numbers) -> bool:
    """Whether a chance is known to be 0 or 1: an interval without width, which no sample of what is drawn has."""
    return share["value"] in (0.0, 1.0) and share["low"] == share["high"] == share["value"]


def is_known(subject: Numbers) -> bool:
    """Whether no draw can reach the end and the fate of an operation, or of all, of the summary."""
    return bool(subject.get("certain", is_certain(subject["done"])))


def is_nothing(share: Numbers) -> bool:
    """Whether a share is known to be 0: no sample shows that."""
    return bool(share["value"] == share["low"] == share["high"] == 0.0)


def luck_alone(what: str, unknowns: int | None) -> str:
    """That all the spread of an outcome is chance.

    Parameters
    ----------
    what
        The outcome.
    unknowns
        Numbers of the scenario that nobody knows; none of them bears on it.
    """
    if unknowns == 0:
        return f"no number of this scenario is unknown: the whole spread in {what} is chance"
    return f"no unknown number bears on {what}: its whole spread is chance"


def always(share: Numbers) -> bool:
    """Whether something is certain to happen."""
    return is_certain(share) and share["value"] == 1.0


def yes_no(share: Numbers) -> str:
    """A chance for a table: ``yes`` or ``no`` where it is certain, else as by `percent`."""
    return ("yes" if share["value"] else "no") if is_certain(share) else percent(share)


def alike(one: Numbers, other: Numbers, band: float = 0.1) -> bool:
    """Whether two chances are the same for a reader: both intervals together are no wider than a band.

    Parameters
    ----------
    one, other
        Of the summary.
    band
        As a share.
    """
    ends = [share[key] for share in (one, other) for key in ("low", "high")]
    return None not in ends and max(ends) - min(ends) <= band


def listed(names: Sequence[str]) -> str:
    """``one``, ``one and two``, ``one, two and three``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def percent_value(share: Numbers) -> str:
    """A chance alone, for example ``63 %``."""
    value, low, high = (None if share[key] is None else 100 * share[key] for key in ("value", "low", "high"))
    return "–" if value is None else f"{_percent_value(value, low, high)} %"


def percent_range(share: Numbers) -> str:
    """The interval of a chance alone, for example ``60–67``; empty where it is not known or has no width."""
    text = percent(share)
    return text[text.index("(") + 1 : -1] if text.endswith(")") else ""


def _percent_decimals(low: float, high: float) -> int:
    half = (high - low) / 2
    return 0 if half >= 0.95 or half <= 0 else min(3, -math.floor(math.log10(half) + 1e-9))


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    if float(text) in (0.0, 100.0):
        # An end that only rounds to certainty must not read as certain.
        if value > 0 and float(text) == 0.0:
            return f"{value:.1g}" if value >= 1e-3 else "0"
        return text.split(".")[0]
    return text


def _percent_value(value: float, low: float | None, high: float | None) -> str:
    decimals = 0 if low is None or high is None else _percent_decimals(low, high)
    text = f"{value:.{decimals}f}"
    if float(text) >= 100.0 > value:
        return f">{100 - 10.0**-decimals:.{decimals}f}"
    if float(text) <= 0.0 < value:
        return f"<{10.0**-decimals:.{decimals}f}"
    return text.split(".")[0] if value in (0.0, 100.0) else text


def day_month(date: dt.date) -> str:
    """A date to the day, for example ``3 Jan 2017``."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def date_text(date: dt.date, half_width: float | None) -> str:
    """A date no finer than its interval: to the day, the third of the month, or the month.

    Parameters
    ----------
    date
        The estimate.
    half_width
        Of its interval, in days; None where it is not known, and the date is given to the third of a month.
    """
    width = _TO_THE_THIRD if half_width is None else half_width
    if width <= _TO_THE_DAY:
        return day_month(date)
    month = f"{MONTHS[date.month - 1]} {date.year}"
    if width <= _TO_THE_THIRD:
        third = ("early", "mid", "late")[min((date.day - 1) // 10, 2)]
        return f"{third}-{month}" if third == "mid" else f"{third} {month}"
    return month


def time_text(time: Numbers, beyond: str) -> str:
    """The date of a time of the summary, no finer than its interval; ``beyond`` where it lies past the horizon."""
    if time["value"] is None:
        return beyond
    return date_text(dt.date.fromisoformat(time["date"]), half_width(time))


def half_width(numbers: Numbers) -> float | None:
    """Half-width of an interval of the summary, None where an end is not known."""
    if numbers["low"] is None or numbers["high"] is None:
        return None
    return float(numbers["high"] - numbers["low"]) / 2


class Words:
    """The words of a case: what its vocabulary calls an operation, an asset, and so on.

    Parameters
    ----------
    vocabulary
        From the scenario: a word, or its plural, and what to say instead.
    """

    def __init__(self, vocabulary: Mapping[str, str]) -> None:
        self._vocabulary = dict(vocabulary)

    def __call__(self, word: str, count: float = 1) -> str:
        """The case's word, in the plural unless ``count`` is 1."""
        singular = self._vocabulary.get(word, word)
        if count == 1:
            return singular
        return self._vocabulary.get(plural(word)) or plural(singular)

    def counted(self, count: int, word: str) -> str:
        """A count and the case's word, for example ``1 run``, ``2,000 runs``."""
        return f"{count:,} {self(word, count)}"

    def capital(self, word: str, count: float = 1) -> str:
        """The same with a capital, for the head of a column."""
        text = self(word, count)
        return text[:1].upper() + text[1:]


def _place(value: float, low: float | None, high: float | None) -> int | None:
    """Power of ten to round to; None to leave the number as it is."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        if value == 0 or not math.isfinite(value):
            return None
        return math.floor(math.log10(abs(value))) - (UNKNOWN_DIGITS - 1)
    half = (high - low) / 2
    if half <= 0:
        return None
    # A half-width that begins with 1 keeps a digit more: rounded to one it could change by half.
    return math.floor(math.log10(half / 2) + 1e-9)
