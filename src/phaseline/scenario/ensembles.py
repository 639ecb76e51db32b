"""Joint draws of numbers that nobody knows, in a CSV file beside the scenario.

The header names the numbers, each with its unit in brackets: ``city_tempo [km/day]``; a number is called as
``phaseline check --numbers`` lists it. Each further line is one draw, as likely as any other. A world takes
one draw, with all its numbers; correlations that the scenario names do not bind them. Lines that begin with ``#`` are for
people.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.scenario.cells import joined
from phaseline.scenario.changes import changed
from phaseline.scenario.distributions import Joint
from phaseline.scenario.naming import number_name, written_numbers
from phaseline.scenario.nearness import nearest_place
from phaseline.scenario.quantity import Quantity
from phaseline.scenario.readable import counted
from phaseline.scenario.rows import Row, Table, read_numbers, refusal
from phaseline.scenario.units import BASE_UNIT, Dimension, UnitError, kind_of, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Scenario

LEAST_DRAWS = 2
_EXAMPLE = "the line 'city_tempo [km/day],ready [%]' and below it a row for each draw: '0.4,60'"
_HEADER = re.compile(r"(?P<name>.*[^\s\]])\s*\[(?P<unit>[^\[\]]*)\]")
_WORDS: Mapping[str, str] = {"share": "share", "number": "1", "date": "day number", "count": "count"}


def unit_of(dimension: Dimension) -> str:
    """How the unit of a dimension stands in an ensemble's header: its base unit."""
    return BASE_UNIT[dimension] or _WORDS[dimension]


def with_ensembles(
    scenario: Scenario, folder: Path, line_of: Callable[[str], int] = lambda _: 1, file: str = "scenario"
) -> tuple[Scenario, list[Problem]]:
    """The scenario with its ensembles read and put in place of what it says of their numbers; and warnings.

    Parameters
    ----------
    scenario
        As its file says.
    folder
        Where the scenario lies: ensembles lie beside it or below.
    line_of
        Line of an ensemble in the scenario's file, for problems.
    file
        Name of that file.

    Raises
    ------
    InputError
        With every problem of every ensemble.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    changes: dict[str, Joint] = {}
    for name, ensemble in scenario.ensembles.items():
        path = Path(ensemble.file)
        refuse = partial(_refuse, problems, file, line_of(name), f"ensembles.{name}", ensemble.file)
        if path.is_absolute() or ".." in path.parts:
            refuse("must lie beside the scenario or below", "write its name alone")
            continue
        try:
            draws, notes = read_ensemble(folder / path, scenario)
        except InputError as error:
            problems += error.problems
            continue
        warnings += notes
        for number, values in draws.items():
            if number in changes:
                refuse(f"{number!r} stands in two ensembles", "leave it out of one of them")
            changes[number] = Joint(name, tuple(values.tolist()))
    if problems:
        raise InputError(problems)
    return with_draws(scenario, changes), warnings


def with_draws(scenario: Scenario, draws: Mapping[str, Joint]) -> Scenario:
    """The scenario with joint draws in place of what it says of some numbers, by name or path."""

    def to(joint: Joint) -> Callable[[Quantity], Quantity]:
        return lambda quantity: replace(quantity, dist=joint, kind="ignorance", ref=None, bounds=None)

    return changed(scenario, {name: to(joint) for name, joint in draws.items()}) if draws else scenario


def read_ensemble(path: Path, scenario: Scenario) -> tuple[dict[str, NDArray[np.float64]], list[Problem]]:
    """Draws by number, in base units, and how the file was read where that is not as usual.

    Raises
    ------
    InputError
        With every problem, each with its line.
    """
    table = read_numbers(path, _EXAMPLE)
    if table.whole and len(table.rows) < LEAST_DRAWS:
        rule = f"holds {counted(len(table.rows), 'draw')}, and an ensemble needs at least {LEAST_DRAWS}"
        raise InputError(Problem(table.file, table.line, rule=rule, remedy="write one row for each draw"))
    columns, problems = _header(table, scenario)
    problems += table.problems
    values = np.full((len(table.rows), len(columns)), np.nan)
    for j, (cell, _, dimension, unit) in enumerate(columns):
        for i, row in enumerate(table.rows):
            value = _draw(row, cell, dimension, unit, problems)
            if value is not None:
                values[i, j] = value
    if problems:
        raise refusal(problems, table.warnings)
    return {name: values[:, j] for j, (_, name, _, _) in enumerate(columns)}, table.warnings


def _draw(row: Row, cell: str, dimension: Dimension, unit: str, problems: list[Problem]) -> float | None:
    if dimension == "date" and not row[cell].isdigit():
        date = row.date(cell, problems)
        return None if date is None else float(date.toordinal())
    # the number of a day has no unit
    return row.amount(cell, "number" if dimension == "date" else dimension, problems, unit, whole=False)


def ensemble_text(
    names: Sequence[str],
    dimensions: Sequence[Dimension],
    values: NDArray[np.float64],
    told: Sequence[str] = (),
) -> str:
    """An ensemble as CSV, to be read by people and by `read_ensemble` without loss.

    Parameters
    ----------
    names, dimensions
        Of the numbers.
    values
        In base units, shape (draws, numbers).
    told
        Lines for people, put before the table.
    """
    stream = io.StringIO()
    stream.write("# decimal: point\n")
    for line in told:
        stream.write(f"# {line}\n")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [f"{name} [{unit_of(dimension)}]" for name, dimension in zip(names, dimensions, strict=True)]
    )
    writer.writerows([[f"{value:.9g}" for value in row] for row in values])
    return stream.getvalue()


def _header(table: Table, scenario: Scenario) -> tuple[list[tuple[str, str, Dimension, str]], list[Problem]]:
    """Of each column: how it stands in the header, name of its number, dimension and unit."""
    known = written_numbers(scenario)
    columns: list[tuple[str, str, Dimension, str]] = []
    problems: list[Problem] = []
    for cell in table.header:
        given, unit = _name_and_unit(cell)
        name = number_name(given.strip())

        refuse = partial(_refuse, problems, table.file, table.line, "", cell)
        if any(name == other for _, other, _, _ in columns):
            refuse("the number stands twice", "keep one of the columns")
        elif name not in known:
            refuse("the scenario has no such number", _near(name, known))
        elif known[name].kind == "chance":
            refuse("is chance, and an ensemble says what nobody knows", "leave the column out")
        else:
            dimension = known[name].dimension
            try:
                columns.append((cell, name, dimension, _unit(unit, dimension)))
            except UnitError as error:
                refuse(error.rule, f"write '{name} [{unit_of(dimension)}]'")
    return columns, problems


def _unit(written: str | None, dimension: Dimension) -> str:
    """The unit for reading cells: empty where it is the word for having none."""
    unit = "" if written is None else written.strip()
    if not unit:
        raise UnitError("has no unit in brackets")
    if unit == unit_of(dimension):
        return BASE_UNIT[dimension]
    if unit == _WORDS["number"]:
        raise UnitError(
            f"the unit '{unit}' says that it is a plain number, and here stands {kind_of(dimension)}"
        )
    try:
        parse(joined("1", unit), dimension)
    except UnitError as error:
        raise UnitError(f"the unit '{unit}' does not fit: {error.rule}") from None
    return unit


def _name_and_unit(cell: str) -> tuple[str, str | None]:
    """The parts of ``name [unit]``; the name may have brackets of its own, as in ``contributions[1].count [count]``."""
    found = _HEADER.fullmatch(cell)
    return (found["name"], found["unit"]) if found else (cell, None)


def _refuse(
    problems: list[Problem], file: str, line: int, path: str, value: str, rule: str, remedy: str
) -> None:
    problems.append(Problem(file, line, path=path, value=value, rule=rule, remedy=remedy))


def _near(name: str, known: Iterable[str]) -> str:
    close = nearest_place(name, known)
    return f"did you mean '{close}'?" if close else "'phaseline check CASE --numbers' lists them"
