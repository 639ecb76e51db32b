"""Folders of benchmark instances, tables of best known ends, and rows of results."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.errors import InputError, Problem
from phaseline.interchange.networks import SUFFIXES, read_network

if TYPE_CHECKING:
    from phaseline.scenario.network import Network


def instances(directory: str | os.PathLike[str], only: str | None = None) -> list[Network]:
    """All instances of a folder, in the order of their names.

    Parameters
    ----------
    directory
        Folder of files with one of `networks.SUFFIXES`.
    only
        Pattern of file names, for example ``j120*``.

    Raises
    ------
    InputError
        If there is none, or files are malformed; every one is told with its line.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise InputError(Problem(str(directory), rule="is no folder", remedy="name a folder of instances"))
    files = sorted(path for path in folder.glob(only or "*") if path.suffix.lower() in SUFFIXES)
    if not files:
        rule = f"holds no {', '.join(SUFFIXES)} file{f' like {only}' if only else ''}"
        raise InputError(Problem(str(directory), rule=rule))
    found: list[Network] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found.append(read_network(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


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
            writer.writerows(rows)
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise InputError(Problem(str(path), rule=f"cannot be written: {error.strerror or error}")) from error
