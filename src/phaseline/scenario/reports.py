"""Dated reports about a scenario under way: read, checked, and put in order; nothing is dropped without a word."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from phaseline.errors import Problem
from phaseline.scenario.calendar import last_date, start_date
from phaseline.scenario.nearness import near
from phaseline.scenario.records import phase_ids
from phaseline.scenario.rows import Form, Row, read_rows, refusal, told_once
from phaseline.scenario.schema import Scenario
from phaseline.scenario.units import Dimension

FORM = Form(
    required=(
        "date",
        "operation",
        "quantity",
        "value_low",
        "value_high",
        "unit",
        "source",
        "speaker",
        "published",
    ),
    optional=("error", "note"),
    numbers=("value_low", "value_high", "error"),
    example="2016-12-14,mosul,progress,20,25,%,daily briefing,ministry,2016-12-15",
)
SHARES = ("progress",)
EVENTS = ("started", "finished", "not_started", "not_finished")
COUNTS = ("displaced", "currently_displaced", "killed", "losses")
RATES = ("sorties",)
QUANTITIES = (*SHARES, *EVENTS, *COUNTS, *RATES)
"""What a history can be held against; everything else is listed as not used."""
_DIMENSIONS: dict[str, Dimension] = {
    **dict.fromkeys(SHARES, "share"), **dict.fromkeys(COUNTS, "persons"), **dict.fromkeys(RATES, "rate"),
    **dict.fromkeys(EVENTS, "duration"),
}  # fmt: skip
"""What a quantity is measured in, and its error; of an event the error alone is."""
_CUMULATIVE = ("displaced", "killed", "losses")


@dataclass(frozen=True)
class Report:
    """One figure somebody reported.

    Attributes
    ----------
    line
        In its file.
    date, published
        The day it is about, and the day it could be known.
    about
        Operation, phase (``operation.phase``), force or asset.
    quantity
        One of `QUANTITIES`.
    low, high
        In base units: shares, persons, sorties a day; 1 for an event.
    error
        Standard error the reporter or the analyst gives, in the same unit (days for events); None for the default.
    speaker, source
        Who said it, and where.
    """

    line: int
    date: dt.date
    published: dt.date
    about: str
    quantity: str
    low: float
    high: float
    error: float | None
    speaker: str
    source: str

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low + self.high)

    def __str__(self) -> str:
        """For example ``2016-12-14 mosul progress 25 % (Reuters)``."""
        return f"{self.date} {self.about} {self.quantity.replace('_', ' ')}{_shown(self)} ({self.speaker})"


def read_reports(
    path: str | os.PathLike[str], scenario: Scenario, published_by: dt.date | None = None
) -> tuple[tuple[Report, ...], list[Problem]]:
    """Reports in the order in which they became known, and what had to be said about them.

    Parameters
    ----------
    path
        CSV of the form `FORM`.
    scenario
        What they are about.
    published_by
        Leave out what was published later; what is left out does not even have to be right, so that no later row can
        change what comes of the earlier ones.

    Returns
    -------
    reports, warnings
        A report that cannot be used is named in a warning.

    Raises
    ------
    InputError
        With every fault of every row.
    """
    table = read_rows(path, FORM, lambda row: published_by is None or _known_by(row, published_by))
    problems = list(table.problems)
    warnings: list[Problem] = list(table.warnings)
    found: list[tuple[Row, Report]] = []
    for row in table.rows:
        report = _report(row, scenario, problems, warnings)
        if report is not None:
            found.append((row, report))
    if problems:
        raise refusal(problems, warnings)
    warnings += _order(found)
    found.sort(key=lambda pair: (pair[1].published, pair[1].date, pair[1].line))
    found = list(told_once(found, _counts, "quantity", warnings))
    warnings += _contradictions(found)
    warnings += _falling(found)
    return tuple(report for _, report in found), warnings


def _known_by(row: Row, published_by: dt.date) -> bool:
    published = row.date("published", [])
    return published is None or published <= published_by


def _displaced_before(operation: str, scenario: Scenario) -> str:
    """What to do about people who were displaced before the start; nothing where the scenario has them."""
    people = scenario.people
    if people is not None and operation in people.displaced:
        return ""
    return f"say so in the scenario: 'people: {{displaced: {{{operation}: [low, high]}}}}'"


def _report(row: Row, scenario: Scenario, problems: list[Problem], warnings: list[Problem]) -> Report | None:
    """The row as a report; None if it is refused, or cannot be used."""
    known = len(problems)
    date, published = row.date("date", problems), row.date("published", problems)
    if date is not None:
        start, last = start_date(scenario), last_date(scenario)
        if not start <= date <= last:
            side = "before" if date < start else "after"
            rule = f"lies {side} the scenario, which runs from {start} to {last}, so the report is not used"
            remedy = ""
            if date < start and row.word("quantity") in ("displaced", "currently_displaced"):
                remedy = _displaced_before(row["operation"], scenario)
            warnings.append(row.problem("date", rule, remedy, warning=True))
            return None
        if published is not None and published < date:
            remedy = "a report is about its own day or an earlier one; what is to come is a forecast"
            problems.append(row.problem("published", "is earlier than the day it is about", remedy))
    for column in ("source", "speaker"):
        if not row[column]:
            problems.append(row.problem(column, "is missing", "name it: its errors are learned by speaker"))
    quantity = row.word("quantity")
    if quantity not in QUANTITIES:
        rule = "is no quantity that a history can be held against, so the report is not used"
        warnings.append(row.problem("quantity", rule, f"known are: {', '.join(QUANTITIES)}", warning=True))
        return None
    known_here = _about(scenario, quantity)
    if row["operation"] not in known_here:
        problems.append(row.problem("operation", f"has no {quantity}", near(row["operation"], known_here)))
    if not row["value_low"] and not row["value_high"] and quantity not in EVENTS:
        rule = "gives no figure, so the report is not used"
        warnings.append(row.problem("value_low", rule, "write the figure, or a range", warning=True))
        return None
    dimension = _DIMENSIONS[quantity]
    limits: tuple[float, float] | None = (1.0, 1.0)
    unit = "days"
    if quantity not in EVENTS:
        unit = row["unit"]
        limits = row.limits(("value_low", "value_high"), dimension, problems, unit_column="unit")
    error = None
    if row["error"]:
        error = row.amount("error", dimension, problems, unit, whole=False)
        if error == 0.0:
            problems.append(row.problem("error", "is not a number above 0", "leave it empty for the default"))
    if len(problems) > known or limits is None or date is None or published is None:
        return None
    return Report(
        row.line, date, published, row["operation"], quantity, *limits, error, row["speaker"], row["source"]
    )


def _about(scenario: Scenario, quantity: str) -> list[str]:
    operations = list(scenario.operations)
    if quantity in RATES:
        return list(scenario.assets)
    if quantity in ("displaced", "currently_displaced"):
        return operations
    if quantity in ("killed", "losses"):
        return [*operations, *scenario.forces]
    return [*operations, *phase_ids(scenario)]


def _order(found: Sequence[tuple[Row, Report]]) -> Iterator[Problem]:
    dates = [report.published for _, report in found]
    if dates != sorted(dates):
        row = next(
            row for (row, report), last in zip(found[1:], dates, strict=False) if report.published < last
        )
        rule = "stands after one published later; the reports were put in order"
        yield row.problem("published", rule, warning=True)


def _counts(report: Report) -> Hashable:
    return report.date, report.about, report.quantity, report.low, report.high, report.speaker


def _contradictions(found: Sequence[tuple[Row, Report]]) -> Iterator[Problem]:
    for i, (row, report) in enumerate(found):
        for _, earlier in found[:i]:
            same = (earlier.date, earlier.about, earlier.quantity) == (
                report.date,
                report.about,
                report.quantity,
            )
            if same and (earlier.high < report.low or report.high < earlier.low):
                rule = f"contradicts line {earlier.line}; both are used, each with its error"
                yield row.problem("value_low", rule, warning=True)


def _falling(found: Sequence[tuple[Row, Report]]) -> Iterator[Problem]:
    highest: dict[tuple[str, str, str], Report] = {}
    for row, report in found:
        if report.quantity not in _CUMULATIVE:
            continue
        key = (report.about, report.quantity, report.speaker)
        if key in highest and report.high < highest[key].low:
            rule = f"is less than the same speaker counted before (line {highest[key].line})"
            yield row.problem("value_high", rule, warning=True)
        else:
            highest[key] = report


def _shown(report: Report) -> str:
    if report.quantity in EVENTS:
        return ""
    percent = report.quantity in SHARES
    ends = [f"{100 * v:.3g} %" if percent else f"{v:,.0f}" for v in (report.low, report.high)]
    return f" {ends[0]}" if ends[0] == ends[1] else f" {ends[0]} to {ends[1]}"
