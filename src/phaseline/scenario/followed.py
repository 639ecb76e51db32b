"""What followed a case, and what was foretold of it at the time: for scoring only."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass

from phaseline.errors import InputError, Problem
from phaseline.scenario.records import phase_ids
from phaseline.scenario.references import near
from phaseline.scenario.rows import Row, day, finite, read_rows
from phaseline.scenario.schema import Scenario

MILESTONES = ("started", "finished")
AMOUNTS = ("progress", "displaced", "killed")
_TRUTH = ("about", "quantity", "date", "date_high", "value_low", "value_high", "unit", "source")
_VOICES = ("date", "forecaster", "about", "quantity", "date_low", "date_high", "statement", "source")


@dataclass(frozen=True)
class Came:
    """One thing that came.

    Attributes
    ----------
    about, quantity
        Operation, phase or force; one of `MILESTONES` or `AMOUNTS`.
    date, date_high
        The day, or for a milestone the first and the last day that it may be dated to.
    low, high
        Range of an amount; 0 for a milestone.
    """

    about: str
    quantity: str
    date: dt.date
    date_high: dt.date
    low: float
    high: float

    @property
    def key(self) -> str:
        """For example ``finished.mosul``."""
        return f"{self.quantity}.{self.about}"


@dataclass(frozen=True)
class Voice:
    """A forecast of a milestone by somebody else.

    Attributes
    ----------
    date
        When it was made.
    low, high
        First and last day that it names, or that its words were read as.
    """

    date: dt.date
    forecaster: str
    about: str
    quantity: str
    low: dt.date
    high: dt.date
    statement: str

    @property
    def middle(self) -> dt.date:
        """Middle of what it names."""
        return self.low + (self.high - self.low) / 2

    @property
    def key(self) -> str:
        """For example ``finished.mosul``."""
        return f"{self.quantity}.{self.about}"


def read_truth(path: str | os.PathLike[str], scenario: Scenario) -> tuple[Came, ...]:
    """What came, in the order of the file.

    Raises
    ------
    InputError
        With every fault of every row.
    """
    _, rows = read_rows(path, _TRUTH, ("note", "url", "known_on"))
    problems: list[Problem] = []
    found = []
    for row in rows:
        known = len(problems)
        milestone = row["quantity"] in MILESTONES
        _check_about(row, scenario, problems)
        first, last = _days(row, "date", "date_high", problems)
        low = high = 0.0
        if not milestone:
            values = [finite(row["value_low"]), finite(row["value_high"] or row["value_low"])]
            if None in values or values[0] > values[1]:  # type: ignore[operator]
                problems.append(row.problem("value_low", "is no range of two numbers", "write low and high"))
            else:
                low, high = values  # type: ignore[assignment]
        if len(problems) == known and first is not None and last is not None:
            found.append(Came(row["about"], row["quantity"], first, last, low, high))
    if problems:
        raise InputError(problems)
    return tuple(found)


def read_voices(path: str | os.PathLike[str], scenario: Scenario) -> tuple[Voice, ...]:
    """What others foretold, in the order of the file.

    Raises
    ------
    InputError
        With every fault of every row.
    """
    _, rows = read_rows(path, _VOICES, ("verdict", "source_url", "note"))
    problems: list[Problem] = []
    found = []
    for row in rows:
        known = len(problems)
        _check_about(row, scenario, problems)
        said = day(row["date"])
        if said is None:
            problems.append(row.problem("date", "is not a date", "write it as 2016-11-15"))
        low, high = _days(row, "date_low", "date_high", problems)
        if len(problems) == known and said is not None and low is not None and high is not None:
            found.append(
                Voice(said, row["forecaster"], row["about"], row["quantity"], low, high, row["statement"])
            )
    if problems:
        raise InputError(problems)
    return tuple(found)


def _check_about(row: Row, scenario: Scenario, problems: list[Problem]) -> None:
    quantities = (*MILESTONES, *AMOUNTS)
    if row["quantity"] not in quantities:
        problems.append(row.problem("quantity", "is not scored", f"known are: {', '.join(quantities)}"))
        return
    known = [*scenario.operations, *phase_ids(scenario)]
    if row["quantity"] == "displaced":
        known = list(scenario.operations)
    elif row["quantity"] == "killed":
        known = list(scenario.forces)
    if row["about"] not in known:
        problems.append(row.problem("about", "the scenario has no such part", near(row["about"], known)))


def _days(row: Row, first: str, last: str, problems: list[Problem]) -> tuple[dt.date | None, dt.date | None]:
    low, high = day(row[first]), day(row[last] or row[first])
    for column, value in ((first, low), (last, high)):
        if value is None:
            problems.append(row.problem(column, "is not a date", "write it as 2016-11-15"))
    if low is not None and high is not None and high < low:
        problems.append(row.problem(last, f"is before {first}", "write the earlier day first"))
    return low, high
