"""Folders of benchmark instances, tables of best known ends, and rows of results."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from phaseline.errors import InputError, Problem
from phaseline.interchange.networks import NOT_READ, SUFFIXES, read_network, why_not_read
from phaseline.scenario.rows import Form, lines_of, read_rows, refusal

if TYPE_CHECKING:
    from phaseline.scenario.network import Network
    from phaseline.scenario.rows import Row

BEST = Form(
    required=("file", "best_known"),
    numbers=("best_known",),
    example="j301_1.sm,43",
    others=True,
)
_RANGE = re.compile(r"(\d{1,15})\s*(?:\.\.|-|\u2013|to)\s*(\d{1,15})")


_DOTS = re.compile(r"\d+\s*\.{3,}\s*\d+")
_MOST_NAMED = 5
_ROWS_BEGIN = "instance,activities,critical_path,"
"""How rows of either kind begin."""


class BestKnown(NamedTuple):
    """What is known of the end of an instance, in its unit of time.

    Attributes
    ----------
    bound
        No schedule ends before it; the end itself where that is proved.
    end
        Of the best known schedule.
    """

    bound: int
    end: int


def instances(
    directory: str | os.PathLike[str], only: str | None = None
) -> tuple[list[Network], list[Problem]]:
    """All instances of a folder, in the order of their names, and the files that were left out.

    Parameters
    ----------
    directory
        Folder of files with one of `networks.SUFFIXES`.
    only
        Pattern of file names, for example ``j120*``.

    Returns
    -------
    networks, warnings
        A warning names each file of a kind that is known and not read, that is no instance in spite of its suffix, or that
        is malformed; with the reason.

    Raises
    ------
    InputError
        If there is none to read; every fault with its line.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise InputError(Problem(str(directory), rule="is no folder", remedy="name a folder of instances"))
    networks: list[Network] = []
    problems: list[Problem] = []
    left_out: list[Problem] = []
    for path in sorted(path for path in folder.glob(only or "*") if path.is_file()):
        reason = why_not_read(path)
        if reason is not None:
            left_out.append(Problem(str(path), rule=f"is not read: {reason}", severity="warning"))
        elif path.suffix.lower() in SUFFIXES:
            try:
                networks.append(read_network(path))
            except InputError as error:
                problems += error.problems
    if networks:
        told = [replace(one, rule=f"is not read: {one.rule}", severity="warning") for one in problems]
        return networks, [replace(one, remedy="the others are") for one in (*left_out, *told)]
    if not problems:
        rule = f"holds no {', '.join(SUFFIXES)} instance{f' like {only}' if only else ''}"
        problems.append(Problem(str(directory), rule=rule, remedy="name a folder that holds some"))
    raise InputError([*problems, *left_out])


def names_in(directory: str | os.PathLike[str]) -> list[str]:
    """Names of all instances of a folder, read or not, without their suffixes; none where there is no folder."""
    folder = Path(directory)
    found = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(_name(file) for file in found if _name(file) != file)


def _name(file: str) -> str:
    """A name without the suffix of an instance; other parts after a dot belong to the name."""
    path = Path(file)
    return path.stem if path.suffix.lower() in (*SUFFIXES, *NOT_READ) else path.name


def read_best(
    path: str | os.PathLike[str], among: Iterable[str] | None = None
) -> tuple[dict[str, BestKnown], list[Problem]]:
    """Best known ends by the instance's name in small letters, and what had to be said about the table.

    Parameters
    ----------
    path
        CSV of the form `BEST`. An end that is not proved is a range, ``104..105``: no schedule ends before the first, one
        that ends with the second is known. Names match whatever their capitals.
    among
        Names of the instances there are: a row of another is told. Default: none is.

    Raises
    ------
    InputError
        If it cannot be read; with every wrong line.
    """
    table = read_rows(path, BEST)
    found: dict[str, BestKnown] = {}
    lines: dict[str, int] = {}
    problems = list(table.problems)
    warnings = list(table.warnings)
    for row in table.rows:
        name = _name(row["file"]).lower()
        if not name:
            problems.append(row.problem("file", "is missing", "name the instance"))
        best = _best(row, problems)
        if best is None:
            continue
        if name not in found:
            found[name], lines[name] = best, row.line
        elif found[name] == best:
            rule = f"says the same as line {lines[name]}"
            warnings.append(row.problem("file", rule, warning=True))
        else:
            problems.append(row.problem("file", f"stands in line {lines[name]} with another end", "keep one"))
    if problems:
        raise refusal(problems, warnings)
    if among is not None:
        there = {name.lower() for name in among}
        strange = [row for row in table.rows if _name(row["file"]).lower() not in there]
        if strange:
            names = ", ".join(row["file"] for row in strange[:_MOST_NAMED])
            more = f" and {len(strange) - _MOST_NAMED} more" if len(strange) > _MOST_NAMED else ""
            rule = f"no instance of the folder is called {names}{more}, so {lines_of(strange)} of the table say nothing"
            if len(strange) == 1:
                rule = f"no instance of the folder is called {names}, so line {strange[0].line} of the table says nothing"
            remedy = "check the names, which are those of the files"
            warnings.append(
                Problem(table.file, strange[0].line, rule=rule, remedy=remedy, severity="warning")
            )
    return found, warnings


def _best(row: Row, problems: list[Problem]) -> BestKnown | None:
    cell = row["best_known"]
    ends = [int(end) for end in match.groups()] if (match := _RANGE.fullmatch(cell)) else []
    if not ends and _DOTS.fullmatch(cell):
        rule = "has too many dots for a range"
        problems.append(row.problem("best_known", rule, "write e.g. 104..105"))
        return None
    if not ends:
        value = row.amount("best_known", "count", problems)
        if value is None:
            return None
        ends = [round(value)]
    if ends[0] <= 0 or ends[0] > ends[-1]:
        rule = "the best known end is a whole number above 0, or a range of two"
        problems.append(row.problem("best_known", rule, "write e.g. 105 or 104..105"))
        return None
    return BestKnown(ends[0], ends[-1])


def check_rows_target(path: str | os.PathLike[str]) -> None:
    """Refuse a file for rows that holds something else, before time is spent on searching.

    Raises
    ------
    InputError
        If it is a folder, or a file that does not begin like rows of this verb.
    """
    target, remedy = Path(path), "name a file that does not exist yet"
    if target.is_dir():
        raise InputError(Problem(str(path), rule="is a folder, and the rows are a file", remedy=remedy))
    if not target.exists():
        return
    try:
        with target.open(encoding="utf-8", errors="replace") as file:
            begin = file.read(len(_ROWS_BEGIN))
    except OSError as error:
        rule = f"cannot be read: {error.strerror or error}"
        raise InputError(Problem(str(path), rule=rule, remedy=remedy)) from None
    if begin != _ROWS_BEGIN:
        rule = "holds something else than rows of this verb, and is not replaced"
        raise InputError(Problem(str(path), rule=rule, remedy=remedy))


def write_rows(path: str | os.PathLike[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as CSV, whole or not at all.

    Raises
    ------
    InputError
        As of `check_rows_target`, or if the file cannot be written.
    """
    check_rows_target(path)
    target = Path(path)
    fresh = target.with_name(f".{target.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise InputError(Problem(str(path), rule=f"cannot be written: {error.strerror or error}")) from error


def _cell(value: Any) -> Any:
    """A list as its parts with blanks between; a part that is not there as a dash."""
    if isinstance(value, list):
        return " ".join("-" if part is None else str(part) for part in value)
    return value
