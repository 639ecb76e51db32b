"""Folders of benchmark instances, tables of best known ends, and rows of results."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from phaseline.errors import InputError, Problem
from phaseline.interchange.networks import SUFFIXES, read_network, why_not_read
from phaseline.scenario.rows import Form, read_rows, refusal

if TYPE_CHECKING:
    from phaseline.scenario.network import Network
    from phaseline.scenario.rows import Row

BEST = Form(
    required=("file", "best_known"),
    numbers=("best_known",),
    example="j301_1.sm,43",
    others=True,
)
_RANGE = re.compile(r"(\d{1,15})\s*(?:\.\.+|-|\u2013|to)\s*(\d{1,15})")


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
        A warning names each file of a kind that is known and not read, or that is no instance in spite of its suffix.

    Raises
    ------
    InputError
        If there is none to read, or instances are malformed; every fault with its line.
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
    if networks and not problems:
        left_out = [replace(one, remedy="the others are") for one in left_out]
    if not networks and not problems:
        rule = f"holds no {', '.join(SUFFIXES)} instance{f' like {only}' if only else ''}"
        problems.append(Problem(str(directory), rule=rule, remedy="name a folder that holds some"))
    if problems:
        raise InputError([*problems, *left_out])
    return networks, left_out


def read_best(path: str | os.PathLike[str]) -> tuple[dict[str, BestKnown], list[Problem]]:
    """Best known ends by instance, and what had to be said about the table.

    Parameters
    ----------
    path
        CSV of the form `BEST`. An end that is not proved is a range, ``104..105``: no schedule ends before the first, one
        that ends with the second is known.

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
        name = Path(row["file"]).stem
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
    return found, warnings


def _best(row: Row, problems: list[Problem]) -> BestKnown | None:
    cell = row["best_known"]
    ends = [int(end) for end in match.groups()] if (match := _RANGE.fullmatch(cell)) else []
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


def write_rows(path: str | os.PathLike[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as CSV, whole or not at all.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
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
