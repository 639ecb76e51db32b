"""Folders of benchmark instances, tables of best known ends, and rows of results."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.errors import InputError, Problem
from phaseline.interchange.networks import SUFFIXES, read_network, why_not_read

if TYPE_CHECKING:
    from phaseline.scenario.network import Network


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
            rule, remedy = f"is not read: {reason}", "the others are"
            left_out.append(Problem(str(path), rule=rule, remedy=remedy, severity="warning"))
        elif path.suffix.lower() in SUFFIXES:
            try:
                networks.append(read_network(path))
            except InputError as error:
                problems += error.problems
    if not networks and not problems:
        rule = f"holds no {', '.join(SUFFIXES)} instance{f' like {only}' if only else ''}"
        problems.append(Problem(str(directory), rule=rule, remedy="name a folder that holds some"))
    if problems:
        raise InputError([*problems, *left_out])
    return networks, left_out


def read_best(path: str | os.PathLike[str]) -> dict[str, int]:
    """Best known ends by instance, from a CSV file with the columns ``file`` and ``best_known``.

    Raises
    ------
    InputError
        If it cannot be read; every wrong line is told.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(path), rule=f"cannot be read: {error}")) from error
    rows = csv.DictReader(text.splitlines())
    if not {"file", "best_known"} <= set(rows.fieldnames or ()):
        rule = "lacks the columns 'file' and 'best_known'"
        raise InputError(Problem(str(path), 1, value=",".join(rows.fieldnames or ()), rule=rule))
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for row in rows:
        value = row["best_known"] or ""
        if value.isdigit() and int(value) > 0:
            found[Path(row["file"] or "").stem] = int(value)
        else:
            rule = "the best known end is a whole number above 0"
            problems.append(Problem(str(path), rows.line_num, path="best_known", value=value, rule=rule))
    if problems:
        raise InputError(problems)
    return found


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
