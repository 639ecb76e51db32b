"""Limits on outcomes as people write them: one grammar for ``compare --joint``, ``when --limit`` and a space's ``subject_to``.

``OUTCOME<=AMOUNT`` or ``OUTCOME:STATISTIC<=AMOUNT``, separated by commas. The amount is a number in the outcome's own unit, a
number with a unit of its kind (``10 k persons``, ``9 months``), a share in per cent for a chance, or a date for an end.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phaseline.errors import InputError, Problem, RuleError
from phaseline.outcomes.measures import Measure, all_measures
from phaseline.scenario.calendar import horizon_days, last_date, start_date
from phaseline.scenario.nearness import near
from phaseline.scenario.units import BEYOND_PERCENT, Dimension, in_percent, parse

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

_LIMIT = re.compile(
    r"(?P<key>[a-z][a-z0-9_.]*)(?::(?P<statistic>[a-z0-9-]+))?\s*<=\s*(?P<amount>[^<>=]+)", re.IGNORECASE
)
_DIMENSION: dict[str, Dimension] = {"days": "duration", "persons": "persons"}
"""Outcomes whose unit says what a written unit must measure; all others take a plain number."""


@dataclass(frozen=True)
class WrittenLimit:
    """An outcome, perhaps a statistic of it, and the most that it may be.

    Attributes
    ----------
    measure
        Which outcome.
    statistic
        As written behind the colon, for example ``p80``; None where there is none.
    at_most
        In the outcome's unit, 0 or more: a share for a chance, days from the beginning of day 0 for an end.
    """

    measure: Measure
    statistic: str | None
    at_most: float

    @property
    def written(self) -> str:
        """Outcome and statistic, for example ``end:p80``."""
        return self.measure.key if self.statistic is None else f"{self.measure.key}:{self.statistic}"


def is_end(key: str) -> bool:
    """Whether an outcome is the end of something."""
    return key == "end" or key.startswith("end.")


def examples(scenario: Scenario) -> str:
    """Limits that the scenario takes, with a date in the middle of its days."""
    middle = date_of(scenario, max(1, horizon_days(scenario) // 2))
    return f"end<={middle}, losses<=10000 or overstretched<=10%"


def date_of(scenario: Scenario, end: float) -> dt.date:
    """The day on which something is done that ends so many days after the beginning of day 0."""
    return start_date(scenario) + dt.timedelta(days=math.ceil(end) - 1)


def read_limits(scenario: Scenario, text: str, option: str) -> list[WrittenLimit]:
    """Limits as they are written, in their order.

    Parameters
    ----------
    scenario
        The scenario whose outcomes are meant.
    text
        For example ``end<=2017-06-30,losses<=10000,overstretched<=10%``.
    option
        Name of the option or field that holds the text.

    Raises
    ------
    InputError
        With all that is wrong: what is no limit, an unknown outcome, an amount that is not of the outcome's kind, an outcome
        (and statistic) with two limits.
    """
    known = all_measures(scenario)
    limits: list[WrittenLimit] = []
    problems: list[Problem] = []
    for part in text.split(","):
        try:
            limit = _read(scenario, known, part.strip())
            if any(other.written == limit.written for other in limits):
                raise RuleError("has two limits", "give one")
        except RuleError as error:
            problems.append(
                Problem("options", path=option, value=part.strip(), rule=error.rule, remedy=error.remedy)
            )
        else:
            limits.append(limit)
    if problems:
        raise InputError(problems)
    return limits


def _read(scenario: Scenario, known: dict[str, Measure], text: str) -> WrittenLimit:
    matched = _LIMIT.fullmatch(text)
    if matched is None:
        if re.fullmatch(r"[\d.]+%?", text):
            rule = "is a number without an outcome: a comma ends a limit"
            raise RuleError(rule, f"write thousands without a comma, and limits as in {examples(scenario)}")
        raise RuleError("is not a limit", f"write e.g. {examples(scenario)}")
    key = matched["key"].lower()
    if key not in known:
        raise RuleError("there is no such outcome", near(key, known))
    measure = known[key]
    amount = _amount(scenario, measure, matched["amount"].strip())
    if not math.isfinite(amount) or amount < 0:
        raise RuleError("the limit must be 0 or more", "give a number of at least 0")
    if measure.kind == "chance" and amount > 1 and in_percent(matched["amount"]):
        raise RuleError(BEYOND_PERCENT[0], "a chance is at most 100 %")
    if measure.kind == "chance" and amount > 1:
        meant = f"{amount:g}%" if amount <= 100 else "10%"
        raise RuleError("a chance is at most 100 %", f"write {key}<={meant}")
    if measure.kind == "chance" and amount == 1:
        raise RuleError("every plan keeps it, since a chance is at most 100 %", f"write e.g. {key}<=10%")
    statistic = matched["statistic"]
    return WrittenLimit(measure, None if statistic is None else statistic.lower(), amount)


def _amount(scenario: Scenario, measure: Measure, text: str) -> float:
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return _days_to(scenario, measure, date)
    if text.endswith("%"):
        if measure.kind != "chance" and measure.unit != "ratio":
            unit = f"a number of {measure.unit}" if measure.unit else "a number"
            raise RuleError(f"no share: {measure.label}", f"give {unit}")
        return parse(text, "share")
    try:
        amount = float(text)
    except ValueError:
        amount = parse(text, _DIMENSION.get(measure.unit, "share" if measure.kind == "chance" else "number"))
    if is_end(measure.key) and amount > horizon_days(scenario):
        most = horizon_days(scenario)
        raise RuleError("the limit lies beyond the horizon", f"at most {most} days, or a date")
    return amount


def _days_to(scenario: Scenario, measure: Measure, date: dt.date) -> float:
    """Days from the beginning of day 0 to the end of a date."""
    if not is_end(measure.key):
        unit = f"a number of {measure.unit}" if measure.unit else "a share such as 10%"
        raise RuleError("a date is no limit for this outcome", f"give {unit}")
    days = (date - start_date(scenario)).days + 1
    if not 1 <= days <= horizon_days(scenario):
        raise RuleError(
            "the date lies outside the run", f"choose one of {start_date(scenario)} to {last_date(scenario)}"
        )
    return float(days)
