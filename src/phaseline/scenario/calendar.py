"""Day 0, the horizon and the last day of a scenario: nobody else reads ``start``, ``as_of`` or ``horizon`` for them."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from phaseline.scenario.quantity import single_value

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario


def start_date(scenario: Scenario) -> dt.date:
    """Date of day 0."""
    return scenario.start or scenario.as_of


def horizon_days(scenario: Scenario) -> int:
    """Most days a history may last, rounded half up as the engine does."""
    return math.floor(single_value(scenario.horizon, scenario) + 0.5)


def last_date(scenario: Scenario) -> dt.date:
    """Last day that histories may reach."""
    return start_date(scenario) + dt.timedelta(days=horizon_days(scenario) - 1)
