"""A few round dates for tables of chances."""

from __future__ import annotations

import datetime as dt

MOST_DATES = 5
_DAY_STEPS = (1, 2, 5, 7, 14)
_MONTH_STEPS = (1, 2, 3, 6, 12)


def round_dates(low: dt.date, high: dt.date, most: int = MOST_DATES) -> list[dt.date]:
    """A few round dates from ``low`` to ``high``: ends of months, quarters or years, or days at even steps.

    Parameters
    ----------
    low, high
        The range, ends included.
    most
        Most dates wanted.

    Returns
    -------
    list
        In order; at least one, unless the range is empty.
    """
    if high < low:
        return []
    for step in _DAY_STEPS:
        if (high - low).days < step * most and (high - low).days < 45:
            # Counted back from the late end, so that the date by which nearly all is done is among them.
            days = range((high - low).days // step, -1, -1)
            return [high - dt.timedelta(days=step * k) for k in days]
    for step in _MONTH_STEPS:
        dates = [date for date in _month_ends(low, high) if date.month % step == 0]
        if 1 <= len(dates) <= most:
            return dates
    years = [date for date in _month_ends(low, high) if date.month == 12]
    return years[:: -(-len(years) // most)]


def _month_ends(low: dt.date, high: dt.date) -> list[dt.date]:
    dates: list[dt.date] = []
    year, month = low.year, low.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = dt.date(year, month, 1) - dt.timedelta(days=1)
        if end > high:
            return dates
        dates.append(end)
