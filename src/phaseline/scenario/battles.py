"""Earlier battles, as ranges: read and checked; what cannot be used is named."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from phaseline.errors import Problem
from phaseline.scenario.readable import counted
from phaseline.scenario.rows import Form, Row, lines_of, read_rows, refusal
from phaseline.scenario.units import Dimension

RESULTS = ("taken", "stopped", "partial", "unfinished")
RANGES: dict[str, Dimension] = {
    "population": "persons", "sealed": "share", "attackers": "persons", "defenders": "persons",
    "attacker_killed": "persons", "attacker_wounded": "persons", "defender_killed": "persons",
    "civilian_deaths": "persons", "halted": "duration",
}  # fmt: skip
"""What a battle has ranges of, and what they measure."""
_ENDS = {name: (f"{name}_low", f"{name}_high") for name in RANGES}
_NUMBERS = tuple(column for columns in _ENDS.values() for column in columns)
FORM = Form(
    required=("battle", "start", "end", "days", "result", "known_on"),
    optional=("country", "class", "part_of", *_NUMBERS, "basis", "note", "source", "source_url"),
    numbers=("days", *_NUMBERS),
    example="Aachen,1944-10-02,1944-10-21,19,taken,1944-10-21",
)
UNCHECKED = "recall"
"""Basis of a row that nobody has looked up; it sets nothing."""


@dataclass(frozen=True)
class Battle:
    """One battle: its name and its dates tell it from others.

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
    start, end
        First and last day; the last one so far if ``unfinished``. None where battles are made up.
    """

    line: int
    name: str
    kind: str
    days: float
    result: str
    known_on: dt.date
    part_of: str
    ranges: Mapping[str, tuple[float, float]]
    start: dt.date | None = None
    end: dt.date | None = None

    def overlaps(self, other: Battle) -> bool:
        """Whether some day belongs to both."""
        if self.start is None or self.end is None or other.start is None or other.end is None:
            return True
        return self.start <= other.end and other.start <= self.end


def read_battles(
    path: str | os.PathLike[str], known_by: dt.date | None = None
) -> tuple[tuple[Battle, ...], list[Problem]]:
    """Battles that may set something, in the order of the file.

    Rows of one name whose dates overlap are one battle, known better from another day on: the latest one known counts. Rows of
    one name at other times are battles of their own. Of a battle and a part of it that has a row of its own, the part counts:
    it is what a battle for a city is compared with.

    Parameters
    ----------
    path
        CSV of the form `FORM`.
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
    table = read_rows(path, FORM, lambda row: known_by is None or _known_by(row, known_by))
    problems = list(table.problems)
    warnings: list[Problem] = list(table.warnings)
    found: list[tuple[Row, Battle]] = []
    for row in table.rows:
        battle = _battle(row, problems, warnings)
        if battle is not None:
            found.append((row, battle))
    kept = _latest(found, problems, warnings)
    if problems:
        raise refusal(problems, warnings)
    if table.left_out and known_by is not None:
        rule = f"what became known after {known_by} is not used: {lines_of(table.left_out)}"
        warnings.append(Problem(table.file, table.left_out[0].line, rule=rule, severity="warning"))
    return tuple(_without_wholes(kept, warnings)), warnings


def _known_by(row: Row, known_by: dt.date) -> bool:
    known = row.date("known_on", [])
    return known is None or known <= known_by


def _latest(
    found: Sequence[tuple[Row, Battle]], problems: list[Problem], warnings: list[Problem]
) -> list[tuple[Row, Battle]]:
    """Of rows about one battle, the one known last."""
    kept: dict[int, tuple[Row, Battle]] = {}
    by_name: dict[str, list[int]] = {}
    for row, battle in found:
        places = by_name.setdefault(battle.name, [])
        place = next((place for place in places if kept[place][1].overlaps(battle)), None)
        if place is None:
            places.append(row.line)
            kept[row.line] = row, battle
            continue
        old, earlier = kept[place]
        if earlier.known_on == battle.known_on:
            remedy = "keep one of the rows; battles of one name that are not the same have dates that do not overlap"
            problems.append(row.problem("battle", f"stands twice (line {old.line})", remedy))
            continue
        newer, older = (row, old) if battle.known_on > earlier.known_on else (old, row)
        rule = f"is not used: line {newer.line} is about the same battle and was known later"
        warnings.append(older.problem("battle", rule, warning=True))
        if newer is row:
            kept[place] = row, battle
    return list(kept.values())


def _without_wholes(found: Sequence[tuple[Row, Battle]], warnings: list[Problem]) -> Iterator[Battle]:
    """Battles without those of which a part has a row of its own."""
    parts: dict[str, list[Battle]] = {}
    for _, battle in found:
        if battle.part_of:
            parts.setdefault(battle.part_of, []).append(battle)
    for row, battle in found:
        if any(battle.overlaps(part) for part in parts.get(battle.name, [])):
            rule = "is not used: a part of it has a row of its own, and a battle is counted once"
            warnings.append(row.problem("battle", rule, warning=True))
        else:
            yield battle


def _battle(row: Row, problems: list[Problem], warnings: list[Problem]) -> Battle | None:
    if row.word("basis") == UNCHECKED:
        rule = "is not used: nobody has looked it up"
        warnings.append(row.problem("battle", rule, "give a source and another basis", warning=True))
        return None
    known = len(problems)
    if not row["battle"]:
        problems.append(row.problem("battle", "is missing", "name the battle"))
    result = row.word("result")
    if result not in RESULTS:
        problems.append(row.problem("result", f"must be one of {', '.join(RESULTS)}"))
    start, end, known_on = (row.date(column, problems) for column in ("start", "end", "known_on"))
    days = None
    if not row["days"] or (days := row.amount("days", "duration", problems, "days")) == 0.0:
        rule = "a battle without a duration says nothing"
        problems.append(row.problem("days", rule, "write the days it lasted, so far if unfinished"))
    elif start is not None and end is not None:
        # the first and the last day may both count
        if end < start:
            problems.append(row.problem("end", "is before the start"))
        elif days is not None and abs((end - start).days - days) > 1:
            problems.append(
                row.problem(
                    "days", f"does not fit: from start to end it is {counted((end - start).days, 'day')}"
                )
            )
    ranges = {}
    for name, dimension in RANGES.items():
        unit = "days" if dimension == "duration" else ""
        if (limits := row.limits(_ENDS[name], dimension, problems, unit)) is not None:
            ranges[name] = limits
    if len(problems) > known or days is None or known_on is None:
        return None
    return Battle(
        row.line, row["battle"], row["class"], days, result, known_on, row["part_of"], ranges, start, end
    )
