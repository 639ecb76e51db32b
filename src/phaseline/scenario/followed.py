"""What followed a case, and what was foretold of it at the time: for scoring only."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from phaseline.errors import Problem
from phaseline.scenario.nearness import near
from phaseline.scenario.records import phase_ids
from phaseline.scenario.rows import Form, Row, read_rows, refusal, told_once
from phaseline.scenario.schema import Scenario
from phaseline.scenario.units import Dimension

MILESTONES = ("started", "finished")
AMOUNTS = ("progress", "displaced", "killed")
TRUTH = Form(
    required=("about", "quantity", "date", "date_high", "value_low", "value_high", "unit", "source"),
    optional=("note", "url", "known_on"),
    numbers=("value_low", "value_high"),
    example="mosul,progress,2016-12-14,,20,25,%,daily briefing",
)
VOICES = Form(
    required=("date", "forecaster", "about", "quantity", "date_low", "date_high", "statement", "source"),
    optional=("verdict", "source_url", "note"),
    example="2016-10-26,a minister,mosul,finished,2016-12-25,2017-04-25,two to six months,press",
)
_DIMENSIONS: dict[str, Dimension] = {"progress": "share", "displaced": "persons", "killed": "persons"}


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


def read_truth(path: str | os.PathLike[str], scenario: Scenario) -> tuple[tuple[Came, ...], list[Problem]]:
    """What came, in the order of the file, and what had to be said about it: rows said twice, how the file was read.

    Raises
    ------
    InputError
        With every fault of every row. Two rows that say other things of what can come in one way only are one.
    """
    table = read_rows(path, TRUTH)
    problems = list(table.problems)
    found: list[tuple[Row, Came]] = []
    for row in table.rows:
        known = len(problems)
        quantity = row.word("quantity")
        _check_about(row, scenario, problems)
        first, last = _days(row, "date", "date_high", problems)
        limits: tuple[float, float] | None = (0.0, 0.0)
        if quantity in AMOUNTS:
            limits = row.limits(
                ("value_low", "value_high"), _DIMENSIONS[quantity], problems, unit_column="unit"
            )
            if not row["value_low"] and not row["value_high"]:
                problems.append(row.problem("value_low", "is missing", "write the figure, or a range"))
        if len(problems) == known and first is not None and last is not None and limits is not None:
            found.append((row, Came(row["about"], quantity, first, last, *limits)))
    warnings = list(table.warnings)
    found = list(told_once(found, lambda one: one, "quantity", warnings))
    problems += _two_truths(found)
    if problems:
        raise refusal(problems, warnings)
    return tuple(one for _, one in found), warnings


def _two_truths(found: Sequence[tuple[Row, Came]]) -> Iterator[Problem]:
    """Rows of which only one can be scored, since a milestone comes once, and a day has one figure."""
    first: dict[Hashable, int] = {}
    for row, one in found:
        milestone = one.quantity in MILESTONES
        line = first.setdefault((one.key, None if milestone else one.date), row.line)
        if line != row.line:
            column, ends = (
                ("date", "date to date_high") if milestone else ("value_low", "value_low to value_high")
            )
            rule = f"says something else of '{one.about} {one.quantity}' than line {line}, and only one can have come"
            yield row.problem(
                column, rule, f"keep one of the two, or write one row, {ends}, that covers both"
            )


def read_voices(path: str | os.PathLike[str], scenario: Scenario) -> tuple[tuple[Voice, ...], list[Problem]]:
    """What others foretold, in the order of the file, and what had to be said about it: rows said twice, contradictions.

    Raises
    ------
    InputError
        With every fault of every row.
    """
    table = read_rows(path, VOICES)
    problems = list(table.problems)
    found: list[tuple[Row, Voice]] = []
    for row in table.rows:
        known = len(problems)
        _check_about(row, scenario, problems)
        said = row.date("date", problems)
        low, high = _days(row, "date_low", "date_high", problems)
        if len(problems) == known and said is not None and low is not None and high is not None:
            voice = Voice(
                said, row["forecaster"], row["about"], row.word("quantity"), low, high, row["statement"]
            )
            found.append((row, voice))
    warnings = list(table.warnings)
    found = list(told_once(found, lambda one: (_of_one_mouth(one), one.low, one.high), "quantity", warnings))
    if problems:
        raise refusal(problems, warnings)
    return tuple(one for _, one in found), [*warnings, *_contradictions(found)]


def _of_one_mouth(voice: Voice) -> Hashable:
    return voice.date, voice.forecaster, voice.key


def _contradictions(found: Sequence[tuple[Row, Voice]]) -> Iterator[Problem]:
    for i, (row, voice) in enumerate(found):
        for before, earlier in found[:i]:
            same = _of_one_mouth(earlier) == _of_one_mouth(voice)
            if same and (earlier.high < voice.low or voice.high < earlier.low):
                rule = f"contradicts line {before.line} by the same forecaster; both are used"
                yield row.problem("date_low", rule, warning=True)


def _check_about(row: Row, scenario: Scenario, problems: list[Problem]) -> None:
    quantities = (*MILESTONES, *AMOUNTS)
    quantity = row.word("quantity")
    if quantity not in quantities:
        problems.append(row.problem("quantity", "is not scored", f"known are: {', '.join(quantities)}"))
        return
    known = [*scenario.operations, *phase_ids(scenario)]
    if quantity == "displaced":
        known = list(scenario.operations)
    elif quantity == "killed":
        known = list(scenario.forces)
    if row["about"] not in known:
        problems.append(row.problem("about", "the scenario has no such part", near(row["about"], known)))


def _days(row: Row, first: str, last: str, problems: list[Problem]) -> tuple[dt.date | None, dt.date | None]:
    low = row.date(first, problems)
    high = row.date(last, problems) if row[last] else low
    if low is not None and high is not None and high < low:
        problems.append(row.problem(last, f"is before {first}", "write the earlier day first"))
    return low, high
