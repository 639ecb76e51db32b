"""Working days: how a calendar is written, and on which days of the scenario it is open."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Calendar, Scenario

DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[DayName, ...] = get_args(DayName)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_weekday(raw: Any) -> Any:
    """A day of the week by its first three letters, from any longer form: ``Tues``, ``Friday``."""
    word = raw.strip().lower() if isinstance(raw, str) else ""
    return next((name[:3] for name in _NAMES if len(word) >= 3 and name.startswith(word)), raw)


def read_weekdays(raw: Any) -> Any:
    """A list of days of the week, from one in which ``mon-fri`` may stand for five."""
    found: list[Any] = []
    for item in raw if isinstance(raw, list) else [raw]:
        ends = [read_weekday(end) for end in item.split("-")] if isinstance(item, str) else []
        if len(ends) == 2 and all(end in WEEKDAYS for end in ends):
            first, last = (WEEKDAYS.index(end) for end in ends)
            found += [WEEKDAYS[(first + i) % 7] for i in range((last - first) % 7 + 1)]
        else:
            found.append(read_weekday(item))
    return found


def read_period(raw: Any) -> Any:
    """First and last day of a period, from one day or from both."""
    return (raw, raw) if isinstance(raw, str | dt.date) else raw


def open_days(calendar: Calendar, first: dt.date, days: int) -> NDArray[np.bool_]:
    """Whether a calendar is open on each of so many days from the first on, shape (days,)."""
    found = np.isin((first.weekday() + np.arange(days)) % 7, [WEEKDAYS.index(day) for day in calendar.works])
    for is_open, periods in ((False, calendar.closed), (True, calendar.open)):
        for begin, end in periods:
            found[max(0, (begin - first).days) : max(0, (end - first).days + 1)] = is_open
    return found


def calendars_used(scenario: Scenario) -> tuple[str, ...]:
    """Names of the calendars that a task, an asset or a contribution keeps, in the order of the file."""
    phases = [phase for operation in scenario.operations.values() for phase in operation.phases.values()]
    kept = {
        keeper.calendar
        for keepers in (phases, scenario.assets.values(), scenario.contributions)
        for keeper in keepers
    }
    return tuple(name for name in scenario.calendars if name in kept)
