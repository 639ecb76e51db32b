"""Numbers of stored documents as text for a table: none is taken for granted, since the files are from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from phaseline.outcomes.wording import counted, figure, yes_no

Interval = Mapping[str, Any]

MILLIONS_FROM = 2e6
"""Numbers as large as this are told in millions."""


def interval_text(numbers: Interval | None, missing: str = "–") -> str:
    """Value and interval, for example ``45 (42–48)``.

    Parameters
    ----------
    numbers
        ``value``, ``low``, ``high``; None, empty, or without a value where there is none.
    missing
        Stands for one that is not there.
    """
    value, low, high = _parts(numbers)
    if value is None:
        return missing
    value, low, high, million = _in_millions(value, low, high)
    if low is None or high is None or not high > low:
        return figure(value, low, high) + million
    ends = [figure(end, low, high) for end in (low, high)]
    return f"{figure(value, low, high)}{million} ({(' to ' if ends[0].startswith('−') else '–').join(ends)})"


def chance_text(numbers: Interval | None, missing: str = "–") -> str:
    """A chance and its interval, for example ``63 % (60–67)``; yes or no where it is certain."""
    value, low, high = _parts(numbers)
    return missing if value is None else yes_no({"value": value, "low": low, "high": high})


def signed_text(numbers: Interval | None, *, percent_points: bool = False, missing: str = "–") -> str:
    """A difference with its sign and interval, for example ``−60 (−68 to −52)``; shares in percentage points."""
    value, low, high = _parts(numbers)
    if value is None:
        return missing
    scale = 100.0 if percent_points else 1.0
    value, low, high = (None if part is None else part * scale for part in (value, low, high))
    if value is not None:
        value, low, high, million = _in_millions(value, low, high)
    unit = " points" if percent_points else million
    text = _signed(value, low, high)
    if low is None or high is None or not high > low:
        return counted(text, "point") if percent_points else text + unit
    return f"{text}{unit} ({_signed(low, low, high)} to {_signed(high, low, high)})"


def _in_millions(
    value: float, low: float | None, high: float | None
) -> tuple[float, float | None, float | None, str]:
    """Large numbers as millions, so that a table can hold them; the word to follow the value."""
    if max(abs(part) for part in (value, low, high) if part is not None) < MILLIONS_FROM:
        return value, low, high, ""
    low, high = (None if part is None else part / 1e6 for part in (low, high))
    return value / 1e6, low, high, " million"


def _signed(value: float | None, low: float | None, high: float | None) -> str:
    text = figure(value, low, high)
    return f"+{text}" if value is not None and value > 0 and text != "0" else text


def _parts(numbers: Interval | None) -> tuple[float | None, float | None, float | None]:
    """Value and ends, None for what is missing or not finite."""
    found = [(numbers or {}).get(key) for key in ("value", "low", "high")]
    value, low, high = (
        float(part) if isinstance(part, int | float) and math.isfinite(part) else None for part in found
    )
    return value, low, high
