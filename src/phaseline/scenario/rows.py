"""Tables that people write, as CSV: every row with its line, every fault at once."""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from phaseline.errors import InputError, Problem
from phaseline.scenario.loading import MOST_BYTES


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes
    ----------
    file, line
        Where it stands; lines count from 1.
    cells
        Text by column, without blanks around it; empty where there is none.
    """

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, rule: str, remedy: str = "", *, warning: bool = False) -> Problem:
        """Something wrong with a cell of this row."""
        found = Problem(self.file, self.line, path=column, value=self[column], rule=rule, remedy=remedy)
        return replace(found, severity="warning") if warning else found


def read_rows(
    path: str | os.PathLike[str], required: Sequence[str], optional: Sequence[str] = ()
) -> tuple[list[str], list[Row]]:
    """Header and rows of a CSV file in UTF-8.

    Parameters
    ----------
    path
        The file.
    required, optional
        Columns that must, and that may stand in it.

    Raises
    ------
    InputError
        If it cannot be read as such a table; every fault is told.
    """
    name = os.fspath(path)
    text = _text(Path(path), name)
    lines = csv.reader(text.splitlines())
    try:
        header = [cell.strip() for cell in next(lines, [])]
    except csv.Error as error:
        raise InputError(Problem(name, 1, rule=f"cannot be read as CSV: {error}")) from None
    problems = list(_header_problems(name, header, required, optional))
    rows = []
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                rule = f"has {len(cells)} cells where the header has {len(header)}"
                remedy = "put text that holds commas in quotes"
                problems.append(Problem(name, lines.line_num, rule=rule, remedy=remedy))
                continue
            rows.append(Row(name, lines.line_num, dict(zip(header, map(str.strip, cells), strict=True))))
    except csv.Error as error:
        problems.append(Problem(name, lines.line_num, rule=f"cannot be read as CSV: {error}"))
    if problems:
        raise InputError(problems)
    if not rows:
        raise InputError(Problem(name, 1, rule="holds no row below its header", remedy="write one for each"))
    return header, rows


def finite(cell: str) -> float | None:
    """A finite number, or None."""
    try:
        value = float(cell.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def day(cell: str) -> dt.date | None:
    """A date written as 2016-11-15, or None."""
    try:
        return dt.date.fromisoformat(cell) if len(cell) == 10 else None
    except ValueError:
        return None


def _text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        rule = f"cannot be read: {error.strerror or error}"
        raise InputError(Problem(name, rule=rule, remedy="check the path")) from None
    if len(content) > MOST_BYTES:
        raise InputError(Problem(name, rule=f"is larger than {MOST_BYTES // 1_000_000} MB"))
    if not content.strip():
        raise InputError(Problem(name, rule="is empty", remedy="write a header and a row for each entry"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        remedy = "save the whole file as UTF-8"
        raise InputError(Problem(name, line, rule="is not UTF-8 text here", remedy=remedy)) from None


def _header_problems(
    name: str, header: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> Iterator[Problem]:
    known = (*required, *optional)
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield Problem(name, 1, value=column, rule="the column stands twice", remedy="keep one")
        if column not in known:
            close = difflib.get_close_matches(column, known, n=1)
            remedy = f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(known)}"
            yield Problem(name, 1, value=column, rule="there is no such column", remedy=remedy)
    missing = [column for column in required if column not in header]
    if missing:
        rule = f"lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        yield Problem(name, 1, rule=rule, remedy="add them, separated by commas")
