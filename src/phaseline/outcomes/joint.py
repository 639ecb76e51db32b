"""Joint confidence: the chance that several conditions hold in one and the same history.

Each condition alone may be likely while all together are not; what is promised is usually all together.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.outcomes.calendar import horizon_days, last_date, start_date
from phaseline.outcomes.documents import plain_interval
from phaseline.outcomes.measures import Measure, measures
from phaseline.outcomes.statistics import probability_interval
from phaseline.outcomes.wording import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Scenario

DEFAULT_KEYS = ("end", "losses", "person_days", "overstretched", "failed")
"""Conditions that are looked at unless others are asked for."""
EXAMPLE = "end<=2017-06-30,losses<=10000"
_CONDITION = re.compile(r"\s*(?P<key>[a-z][a-z0-9_.]*)\s*<=\s*(?P<limit>\S+)\s*")


@dataclass(frozen=True)
class Limit:
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


def is_end(key: str) -> bool:
    """Whether a main outcome is the end of something."""
    return key == "end" or key.startswith("end.")


def default_limits(outcomes: Outcomes) -> list[Limit]:
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
            found.append(_limit(outcomes.scenario, one, 0.0))
            continue
        middle = float(np.median([one.values(outcomes, plan) for plan in outcomes.plans]))
        if is_end(key):
            found.append(_limit(outcomes.scenario, one, _month_end(outcomes, middle)))
        elif middle > 0:
            place = math.floor(math.log10(middle)) - 1
            found.append(_limit(outcomes.scenario, one, float(round(middle, -place))))
    return found


def parse_limits(scenario: Scenario, text: str) -> list[Limit]:
    """Conditions as given on the command line, for example ``end<=2017-06-30,losses<=10000``.

    Parameters
    ----------
    scenario
        The scenario whose main outcomes are meant.
    text
        Conditions ``outcome<=number`` separated by commas; for an end a date, or days from day 0.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    by_key = {one.key: one for one in measures(scenario)}
    found: list[Limit] = []
    problems: list[Problem] = []
    for part in text.split(","):
        matched = _CONDITION.fullmatch(part)
        if matched is None:
            problems.append(_problem(part, "is not a condition", f"write e.g. {EXAMPLE}"))
            continue
        key, limit = matched["key"], matched["limit"]
        if key not in by_key:
            from phaseline.scenario.references import near

            problems.append(_problem(key, "there is no such outcome", near(key, by_key)))
            continue
        value = _value(scenario, by_key[key], limit)
        if isinstance(value, Problem):
            problems.append(value)
        elif any(one.measure.key == key for one in found):
            problems.append(_problem(key, "has two limits", "give one"))
        else:
            found.append(_limit(scenario, by_key[key], value))
    if problems:
        raise InputError(problems)
    return found


def joint_confidence(outcomes: Outcomes, limits: list[Limit]) -> dict[str, Any]:
    """Chance of every condition and of all together, per plan, as it stands in ``comparison.json``."""
    plans, each = {}, {}
    for plan in outcomes.plans:
        holding = [limit.holds(outcomes, plan) for limit in limits]
        together = np.logical_and.reduce(holding) if holding else np.ones(outcomes.replications, dtype=bool)
        plans[plan] = plain_interval(probability_interval(together, outcomes.per_world))
        each[plan] = [plain_interval(probability_interval(one, outcomes.per_world)) for one in holding]
    conditions = [
        {"outcome": limit.measure.key, "at_most": limit.at_most, "label": limit.label} for limit in limits
    ]
    return {"conditions": conditions, "plans": plans, "each": each}


def _limit(scenario: Scenario, one: Measure, value: float) -> Limit:
    if is_end(one.key):
        date = start_date(scenario) + dt.timedelta(days=math.ceil(value) - 1)
        what = one.label.removeprefix("End of ")
        label = f"{'all' if one.key == 'end' else what} done by {date.isoformat()}"
    elif one.kind == "chance":
        label = f"no {one.label.removeprefix('Any ').lower()}" if value < 1 else f"{one.label} or not"
    else:
        label = f"{one.label} at most {figure(value, value, value)}"
    return Limit(one, value, label)


def _month_end(outcomes: Outcomes, end: float) -> float:
    """Days to the end of the month in which an end lies, the horizon at most."""
    start = start_date(outcomes.scenario)
    date = start + dt.timedelta(days=max(math.ceil(end) - 1, 0))
    first_of_next = dt.date(date.year + date.month // 12, date.month % 12 + 1, 1)
    last = min(first_of_next - dt.timedelta(days=1), last_date(outcomes))
    return float((last - start).days + 1)


def _value(scenario: Scenario, one: Measure, text: str) -> float | Problem:
    written = f"{one.key}<={text}"
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        pass
    else:
        if not is_end(one.key):
            return _problem(written, "a date is no limit for this outcome", "give a number")
        days = (date - start_date(scenario)).days + 1
        if not 1 <= days <= horizon_days(scenario):
            end = start_date(scenario) + dt.timedelta(days=horizon_days(scenario) - 1)
            return _problem(
                written, "the date lies outside the run", f"choose one of {start_date(scenario)} to {end}"
            )
        return float(days)
    try:
        value = float(text)
    except ValueError:
        return _problem(written, "the limit cannot be read", f"write e.g. {EXAMPLE}")
    if not math.isfinite(value) or value < 0:
        return _problem(written, "the limit must be 0 or more", "give a number")
    if is_end(one.key) and value > horizon_days(scenario):
        return _problem(
            written, "the limit lies beyond the horizon", f"at most {horizon_days(scenario)} days"
        )
    return value


def _problem(value: str, rule: str, remedy: str) -> Problem:
    return Problem("options", path="joint", value=value.strip(), rule=rule, remedy=remedy)
