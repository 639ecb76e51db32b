"""Earlier battles, as ranges: read and checked; what cannot be used is named."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass

from phaseline.errors import InputError, Problem
from phaseline.scenario.readable import counted
from phaseline.scenario.rows import Row, day, finite, read_rows

RESULTS = ("taken", "stopped", "partial", "unfinished")
RANGES = (
    "population", "sealed", "attackers", "defenders", "attacker_killed", "attacker_wounded", "defender_killed",
    "civilian_deaths", "halted",
)  # fmt: skip
REQUIRED = ("battle", "start", "end", "days", "result", "known_on")
OPTIONAL = (
    "country", "class", "part_of", *(f"{name}_{end}" for name in RANGES for end in ("low", "high")), "basis", "note",
    "source", "source_url",
)  # fmt: skip
UNCHECKED = "recall"
"""Basis of a row that nobody has looked up; it sets nothing."""


@dataclass(frozen=True)
class Battle:
    """One battle.

    Attributes
    ----------
    line
        In its file.
    name, kind
        ``kind`` is the column ``class``.
    days
        How long it lasted; how long so far if ``unfinished``.
    result
        One of `RESULTS`.
    known_on
        Day from which the row could be known.
    part_of
        Name of the longer battle that it is a part of; empty for none.
    ranges
        Low and high of each of `RANGES` that is given. ``sealed`` is a share, the rest are persons or days.
    """

    line: int
    name: str
    kind: str
    days: float
    result: str
    known_on: dt.date
    part_of: str
    ranges: Mapping[str, tuple[float, float]]


def read_battles(
    path: str | os.PathLike[str], known_by: dt.date | None = None
) -> tuple[tuple[Battle, ...], list[Problem]]:
    """Battles that may set something, in the order of the file.

    A battle may have several rows, each known from another day on; the latest one known counts. Of a battle and a part of it
    that has a row of its own, the part counts: it is what a battle for a city is compared with.

    Parameters
    ----------
    path
        CSV with the columns `REQUIRED`, and perhaps `OPTIONAL`.
    known_by
        Leave out what was known later; its content is not even looked at.

    Returns
    -------
    battles, warnings
        Every row that is not used is named in a warning.

    Raises
    ------
    InputError
        With every fault of every row.
    """
    _, rows = read_rows(path, REQUIRED, OPTIONAL)
    if known_by is not None:
        rows = [row for row in rows if (known := day(row["known_on"])) is None or known <= known_by]
    problems: list[Problem] = []
    warnings: list[Problem] = []
    found: dict[str, tuple[Row, Battle]] = {}
    for row in rows:
        battle = _battle(row, problems, warnings)
        if battle is None:
            continue
        earlier = found.get(battle.name)
        if earlier is None or battle.known_on > earlier[1].known_on:
            found[battle.name] = row, battle
        elif battle.known_on == earlier[1].known_on:
            problems.append(
                row.problem("battle", f"stands twice (line {earlier[1].line})", "keep one of the rows")
            )
    if problems:
        raise InputError([*problems, *warnings])
    parts = {battle.part_of for _, battle in found.values()}
    for row, battle in found.values():
        if battle.name in parts:
            rule = "is not used: a part of it has a row of its own, and a battle is counted once"
            warnings.append(row.problem("battle", rule, warning=True))
    kept = tuple(battle for _, battle in found.values() if battle.name not in parts)
    return kept, warnings


def _battle(row: Row, problems: list[Problem], warnings: list[Problem]) -> Battle | None:
    if row["basis"] == UNCHECKED:
        rule = "is not used: nobody has looked it up"
        warnings.append(row.problem("battle", rule, "give a source and another basis", warning=True))
        return None
    known = len(problems)
    if not row["battle"]:
        problems.append(row.problem("battle", "is missing", "name the battle"))
    if row["result"] not in RESULTS:
        problems.append(row.problem("result", f"must be one of {', '.join(RESULTS)}"))
    start, end, known_on = (day(row[column]) for column in ("start", "end", "known_on"))
    for column, value in (("start", start), ("end", end), ("known_on", known_on)):
        if value is None:
            problems.append(row.problem(column, "is not a date", "write it as 2016-11-15"))
    days = finite(row["days"])
    if days is None or days <= 0.0:
        problems.append(
            row.problem(
                "days",
                "a battle without a duration says nothing",
                "write the days it lasted, so far if unfinished",
            )
        )
    elif start is not None and end is not None:
        # the first and the last day may both count
        if end < start:
            problems.append(row.problem("end", "is before the start"))
        elif abs((end - start).days - days) > 1:
            problems.append(
                row.problem(
                    "days", f"does not fit: from start to end it is {counted((end - start).days, 'day')}"
                )
            )
    ranges = {name: found for name in RANGES if (found := _range(row, name, problems)) is not None}
    if len(problems) > known or days is None or known_on is None:
        return None
    return Battle(
        row.line, row["battle"], row["class"], days, row["result"], known_on, row["part_of"], ranges
    )


def _range(row: Row, name: str, problems: list[Problem]) -> tuple[float, float] | None:
    cells = [row[f"{name}_{end}"] for end in ("low", "high")]
    if not any(cells):
        return None
    values = []
    for end, cell in zip(("low", "high"), cells, strict=True):
        value = finite(cell or cells[0] or cells[1])
        if value is None or value < 0.0:
            problems.append(row.problem(f"{name}_{end}", "is not a number of at least 0"))
        elif name == "sealed" and value > 1.0:
            problems.append(row.problem(f"{name}_{end}", "is a share, at most 1", "0 is open, 1 closed off"))
        else:
            values.append(value)
    if len(values) < 2:
        return None
    if values[0] > values[1]:
        problems.append(row.problem(f"{name}_low", f"is above {name}_high", "write the lower end first"))
        return None
    return values[0], values[1]
