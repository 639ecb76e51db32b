"""Joint draws of numbers that nobody knows, in a CSV file beside the scenario.

The first line names the numbers, each with its unit in brackets: ``city_tempo [km/day]``; a number is called as
``phaseline check --numbers`` lists it. Each further line is one draw, as likely as any other. A world takes
one draw, with all its numbers; correlations that the scenario names do not bind them. Lines that begin with ``#`` are for
people.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.scenario.changes import changed
from phaseline.scenario.distributions import Joint
from phaseline.scenario.loading import MOST_BYTES
from phaseline.scenario.naming import number_name, written_numbers
from phaseline.scenario.quantity import Quantity
from phaseline.scenario.readable import counted
from phaseline.scenario.units import BASE_UNIT, Dimension

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Scenario

LEAST_DRAWS = 2
_HEADER = re.compile(r"(?P<name>.*[^\s\]])\s*\[(?P<unit>[^\[\]]*)\]")
_WORDS: Mapping[str, str] = {"share": "share", "number": "1", "date": "day number", "count": "count"}


def unit_of(dimension: Dimension) -> str:
    """How the unit of a dimension stands in an ensemble's header: its base unit."""
    return BASE_UNIT[dimension] or _WORDS[dimension]


def with_ensembles(
    scenario: Scenario, folder: Path, line_of: Callable[[str], int] = lambda _: 1, file: str = "scenario"
) -> Scenario:
    """The scenario with its ensembles read and put in place of what it says of their numbers.

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
    changes: dict[str, Joint] = {}
    for name, ensemble in scenario.ensembles.items():
        path = Path(ensemble.file)
        refuse = partial(_refuse, problems, file, line_of(name), f"ensembles.{name}", ensemble.file)
        if path.is_absolute() or ".." in path.parts:
            refuse("must lie beside the scenario or below", "write its name alone")
            continue
        try:
            draws = read_ensemble(folder / path, scenario)
        except InputError as error:
            problems += error.problems
            continue
        for number, values in draws.items():
            if number in changes:
                refuse(f"{number!r} stands in two ensembles", "leave it out of one of them")
            changes[number] = Joint(name, tuple(values.tolist()))
    if problems:
        raise InputError(problems)
    return with_draws(scenario, changes)


def with_draws(scenario: Scenario, draws: Mapping[str, Joint]) -> Scenario:
    """The scenario with joint draws in place of what it says of some numbers, by name or path."""

    def to(joint: Joint) -> Callable[[Quantity], Quantity]:
        return lambda quantity: replace(quantity, dist=joint, kind="ignorance", ref=None, bounds=None)

    return changed(scenario, {name: to(joint) for name, joint in draws.items()}) if draws else scenario


def read_ensemble(path: Path, scenario: Scenario) -> dict[str, NDArray[np.float64]]:
    """Draws by number, in base units.

    Raises
    ------
    InputError
        With every problem, each with its line.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise InputError(
            Problem(str(path), rule=f"cannot be read: {reason}", remedy="check the path")
        ) from None
    if len(content) > MOST_BYTES:
        rule = f"is larger than {MOST_BYTES // 1_000_000} MB"
        raise InputError(Problem(str(path), rule=rule, remedy="keep fewer draws"))
    numbered = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    rows = list(csv.reader([line for _, line in numbered]))
    lines = [i for i, _ in numbered]
    if len(rows) < 1 + LEAST_DRAWS:
        rule = f"holds {counted(max(0, len(rows) - 1), 'draw')}, and an ensemble needs at least {LEAST_DRAWS}"
        raise InputError(Problem(str(path), 1, rule=rule, remedy="write one row for each draw"))
    names, problems = _header(rows[0], scenario, str(path), lines[0])
    shares = {name for name, number in written_numbers(scenario).items() if number.dimension == "share"}
    values = np.empty((len(rows) - 1, len(rows[0])))
    for i, row in enumerate(rows[1:]):
        if len(row) != len(rows[0]):
            rule = f"has {len(row)} values where the header has {len(rows[0])}"
            problems.append(Problem(str(path), lines[i + 1], rule=rule, remedy="write one for each number"))
            continue
        for j, cell in enumerate(row):
            value = _finite(cell)
            share = j < len(names) and names[j] in shares
            if value is None or value < 0.0 or (share and value > 1.0):
                rule, remedy = "a draw is a finite number of at least 0", "leave the whole row out"
                if share and value is not None and value > 1.0:
                    rule, remedy = "a share lies between 0 and 1", f"write {value / 100:g} for {value:g} %"
                problems.append(
                    Problem(str(path), lines[i + 1], path=rows[0][j], value=cell, rule=rule, remedy=remedy)
                )
            else:
                values[i, j] = value
    if problems:
        raise InputError(problems)
    return {name: values[:, j] for j, name in enumerate(names)}


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
    for line in told:
        stream.write(f"# {line}\n")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [f"{name} [{unit_of(dimension)}]" for name, dimension in zip(names, dimensions, strict=True)]
    )
    writer.writerows([[f"{value:.9g}" for value in row] for row in values])
    return stream.getvalue()


def _header(row: Sequence[str], scenario: Scenario, file: str, line: int) -> tuple[list[str], list[Problem]]:
    known = written_numbers(scenario)
    names: list[str] = []
    problems: list[Problem] = []
    for cell in row:
        given, unit = _name_and_unit(cell.strip())
        name = number_name(given)

        refuse = partial(_refuse, problems, file, line, "", cell.strip())
        if name in names:
            refuse("the number stands twice", "keep one of the columns")
        elif name not in known:
            refuse("the scenario has no such number", _near(name, known))
        elif known[name].kind == "chance":
            refuse("is chance, and an ensemble says what nobody knows", "leave the column out")
        elif unit != unit_of(known[name].dimension):
            refuse("the unit is missing or another", f"write '{name} [{unit_of(known[name].dimension)}]'")
        names.append(name)
    return names, problems


def _name_and_unit(cell: str) -> tuple[str, str | None]:
    """The parts of ``name [unit]``; the name may have brackets of its own, as in ``contributions[1].count [count]``."""
    found = _HEADER.fullmatch(cell)
    return (found["name"], found["unit"]) if found else (cell, None)


def _refuse(
    problems: list[Problem], file: str, line: int, path: str, value: str, rule: str, remedy: str
) -> None:
    problems.append(Problem(file, line, path=path, value=value, rule=rule, remedy=remedy))


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else "'phaseline check CASE --numbers' lists them"


def _finite(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
