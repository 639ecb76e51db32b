"""Joint confidence: the chance that several conditions hold in one and the same history.

Each condition alone may be likely while all together are not; what is promised is usually all together.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.outcomes.documents import plain_interval
from phaseline.outcomes.known import chance_of, decided
from phaseline.outcomes.limits import date_of, is_end, read_limits
from phaseline.outcomes.measures import Measure, measures
from phaseline.outcomes.statistics import exactly
from phaseline.outcomes.wording import figure
from phaseline.scenario.calendar import last_date, start_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Scenario

DEFAULT_KEYS = ("end", "losses", "person_days", "overstretched", "failed")
"""Conditions that are looked at unless others are asked for."""


@dataclass(frozen=True)
class Condition:
    """A main outcome and the most that it may be.

    Attributes
    ----------
    measure
        Which outcome.
    at_most
        In its unit; for an end days from the beginning of day 0, so a date is the end of that day.
    label
        The condition in words.
    """

    measure: Measure
    at_most: float
    label: str

    def holds(self, outcomes: Outcomes, plan: str) -> NDArray[np.bool_]:
        """Whether it holds in each history; what never ends is not finished by any date."""
        if is_end(self.measure.key):
            return outcomes.column(plan, self.measure.key) <= self.at_most
        return self.measure.values(outcomes, plan) <= self.at_most


def default_conditions(outcomes: Outcomes) -> list[Condition]:
    """No failure, no overstretch, and end, losses and person-days at most at their median over all plans together.

    The medians are rounded to two digits, the end to the last day of its month; they are a yardstick between the plans
    compared, not a standard.
    """
    found = []
    by_key = {one.key: one for one in measures(outcomes.scenario)}
    for key in DEFAULT_KEYS:
        if (one := by_key.get(key)) is None:
            continue
        if one.kind == "chance":
            found.append(_condition(outcomes.scenario, one, 0.0))
            continue
        middle = float(np.median([one.values(outcomes, plan) for plan in outcomes.plans]))
        if is_end(key):
            found.append(_condition(outcomes.scenario, one, _month_end(outcomes, middle)))
        elif middle > 0:
            place = math.floor(math.log10(middle)) - 1
            found.append(_condition(outcomes.scenario, one, float(round(middle, -place))))
    return found


def parse_conditions(scenario: Scenario, text: str) -> list[Condition]:
    """Conditions as they are written, see `limits`: ``end<=2017-06-30,losses<=10000``.

    Parameters
    ----------
    scenario
        The scenario whose outcomes are meant.
    text
        Limits separated by commas. Each is to hold in a single history, so a statistic means nothing here, and any
        limit below 100 % on a chance says that the thing does not happen.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for written in read_limits(scenario, text, "joint"):
        if written.statistic is not None:
            rule = "is a statistic of many histories, and the conditions are to hold in each single one"
            remedy = f"leave out ':{written.statistic}', or use it as a limit of phaseline when"
            problems.append(Problem("options", path="joint", value=written.written, rule=rule, remedy=remedy))
        else:
            conditions.append(_condition(scenario, written.measure, written.at_most))
    if problems:
        raise InputError(problems)
    return conditions


def joint_confidence(outcomes: Outcomes, conditions: list[Condition]) -> dict[str, Any]:
    """Chance of every condition and of all together, per plan, as it stands in ``comparison.json``."""
    plans, each = {}, {}
    for plan in outcomes.plans:
        told = [
            decided(outcomes, partial(_holds, condition, plan), together=True) for condition in conditions
        ]
        # what holds in every history leaves the others; what holds in none leaves nothing
        open_ = (
            []
            if False in told
            else [one for one, known in zip(conditions, told, strict=True) if known is None]
        )
        together = chance_of(outcomes, _all_hold(open_, plan)) if False not in told else exactly(0.0)
        plans[plan] = plain_interval(together)
        each[plan] = [
            plain_interval(chance_of(outcomes, partial(_holds, condition, plan), together=True))
            for condition in conditions
        ]
    listed = [
        {"outcome": condition.measure.key, "at_most": condition.at_most, "label": condition.label}
        for condition in conditions
    ]
    return {"conditions": listed, "plans": plans, "each": each}


def _holds(condition: Condition, plan: str, outcomes: Outcomes) -> NDArray[np.bool_]:
    return condition.holds(outcomes, plan)


def _all_hold(conditions: list[Condition], plan: str) -> Callable[[Outcomes], NDArray[np.bool_]]:
    def hold(outcomes: Outcomes) -> NDArray[np.bool_]:
        holding = [condition.holds(outcomes, plan) for condition in conditions]
        return np.logical_and.reduce(holding) if holding else np.ones(outcomes.replications, dtype=bool)

    return hold


def _condition(scenario: Scenario, one: Measure, value: float) -> Condition:
    if is_end(one.key):
        what = one.label.removeprefix("End of ")
        label = f"{'all' if one.key == 'end' else what} done by {date_of(scenario, value).isoformat()}"
    elif one.kind == "chance":
        event = one.label.removeprefix("Any ")
        label = f"no {event[0].lower()}{event[1:]}" if value < 1 else f"{one.label} or not"
    else:
        label = f"{one.label} at most {figure(value, value, value)}"
    return Condition(one, value, label)


def _month_end(outcomes: Outcomes, end: float) -> float:
    """Days to the end of the month in which an end lies, the horizon at most."""
    start = start_date(outcomes.scenario)
    date = start + dt.timedelta(days=max(math.ceil(end) - 1, 0))
    first_of_next = dt.date(date.year + date.month // 12, date.month % 12 + 1, 1)
    last = min(first_of_next - dt.timedelta(days=1), last_date(outcomes.scenario))
    return float((last - start).days + 1)
