"""Days and dates of a run."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.quantity import Quantity
    from phaseline.scenario.schema import Scenario

MOST_DATES = 5
_DAY_STEPS = (1, 2, 5, 7, 14)
_MONTH_STEPS = (1, 2, 3, 6, 12)


def start_date(scenario: Scenario) -> dt.date:
    """Date of day 0."""
    return scenario.start or scenario.as_of


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


def last_date(outcomes: Outcomes) -> dt.date:
    """Last day that histories may reach."""
    return start_date(outcomes.scenario) + dt.timedelta(days=horizon_days(outcomes.scenario) - 1)


def horizon_days(scenario: Scenario) -> int:
    """Most days a history may last, rounded half up as the engine does."""
    return math.floor(single_value(scenario.horizon, scenario) + 0.5)


def single_value(quantity: Quantity, scenario: Scenario) -> float:
    """Value, in its base unit, of a quantity that the checks allow to be a single value only."""
    from phaseline.scenario.quantity import resolve

    return float(resolve(quantity, scenario.numbers).dist.mean())
