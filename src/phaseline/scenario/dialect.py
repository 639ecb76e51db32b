"""How the file of a table is written: encoding, separator, decimal sign, order of dates; found once for the file, or named.

A file names its dialect in comment lines above the header: ``# separator: semicolon``, ``# decimal: comma``,
``# dates: day/month/year``. Lines that begin with ``#`` say nothing else to the reader.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from phaseline.errors import InputError, Problem
from phaseline.scenario.cells import DateOrder, Decimal
from phaseline.scenario.loading import MOST_BYTES
from phaseline.scenario.nearness import nearest

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_SEPARATOR_NAMES = {"comma": ",", "semicolon": ";", "tab": "\t"}
_DECIMAL_NAMES: dict[str, Decimal] = {"point": ".", "comma": ","}
_NAMED = re.compile(r"#\s*(separator|decimal|dates)\s*[:=]\s*(.*)", re.IGNORECASE)
_LIKE_NAMED = re.compile(r"#\s*(\w+)\s*[:=]\s*(\S+)\s*", re.IGNORECASE)
_CHOICES: dict[str, tuple[str, ...]] = {
    "separator": tuple(_SEPARATOR_NAMES), "decimal": tuple(_DECIMAL_NAMES), "dates": get_args(DateOrder)
}  # fmt: skip
_EXCEL = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_SAVE = "save the whole file as UTF-8 (in Excel: 'CSV UTF-8')"
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
"""Longer marks first: that of UTF-32 begins like that of UTF-16."""


@dataclass
class Dialect:
    """How a table is written.

    Attributes
    ----------
    separator
        Between cells.
    decimal
        Decimal sign; None until the file has named it or its numbers have shown it.
    dates
        Order of dates whose year stands last.
    notes
        What differs from UTF-8 with commas and points, and was not named by the file: to be said to the user.
    sound
        Whether all that the file names is known. If not, nothing can be said of its cells.
    warnings
        Comments that look like the names above, and say nothing.
    """

    separator: str = ","
    decimal: Decimal | None = None
    dates: DateOrder = "year-month-day"
    notes: list[str] = field(default_factory=list)
    sound: bool = True
    warnings: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Record:
    """Cells of one row, as they stand; and the first of its lines, from 1."""

    line: int
    cells: list[str]


def read_records(
    path: str | os.PathLike[str], known: Callable[[str], bool]
) -> tuple[Dialect, list[Record], list[Problem]]:
    """Rows of a file, the header first; blank rows and comments are left out.

    Parameters
    ----------
    path
        The file.
    known
        Whether a cell of the header names a column of this kind of table: tells which separator is meant.

    Returns
    -------
    dialect, records, problems
        Records may have different lengths.

    Raises
    ------
    InputError
        If the file is no text, or empty.
    """
    name = os.fspath(path)
    dialect = Dialect()
    text = _text(Path(path), name, dialect)
    # as every editor counts lines; str.splitlines would break at rarer signs as well
    lines = list(io.StringIO(text, newline=""))
    first, problems = _named(lines, name, dialect)
    if first < len(lines) and not dialect.separator:
        dialect.separator = _separator(lines[first], known)
        if dialect.separator != ",":
            dialect.notes.append(f"cells are separated by {SEPARATORS[dialect.separator]}")
    records = list(_records(lines, first, dialect.separator or ",", name, problems))
    return dialect, records, problems


def _named(lines: Sequence[str], name: str, dialect: Dialect) -> tuple[int, list[Problem]]:
    """Take over what the lines above the header name; the position of the header."""
    problems: list[Problem] = []
    dialect.separator = ""
    for i, line in enumerate(lines):
        # a spreadsheet that saves the file again fills the line up with separators
        plain = line.strip().rstrip(",;\t ")
        if not plain:
            continue
        if i == 0 and (excel := _EXCEL.fullmatch(line.strip("\r\n"))) and excel[1] in SEPARATORS:
            dialect.separator = excel[1]
            continue
        if not line.startswith("#"):
            return i, problems
        match = _NAMED.fullmatch(plain)
        if match is None:
            dialect.warnings += _misspelt(plain, name, i + 1)
            continue
        key, value = match[1].lower(), match[2].strip().lower()
        if key == "separator" and value in _SEPARATOR_NAMES:
            dialect.separator = _SEPARATOR_NAMES[value]
        elif key == "decimal" and value in _DECIMAL_NAMES:
            dialect.decimal = _DECIMAL_NAMES[value]
        elif key == "dates" and value in _CHOICES["dates"]:
            dialect.dates = next(order for order in get_args(DateOrder) if order == value)
        else:
            dialect.sound = False
            rule = f"names no {key} that is known"
            remedy = f"write {' or '.join(_CHOICES[key])}"
            problems.append(Problem(name, i + 1, path=key, value=value, rule=rule, remedy=remedy))
    return len(lines), problems


def _misspelt(comment: str, name: str, line: int) -> Iterator[Problem]:
    """A comment that names what is like a part of the dialect, and gives it a value like those that it may have."""
    match = _LIKE_NAMED.fullmatch(comment)
    key = match and nearest(match[1].lower(), _CHOICES, 0.7)
    # a comment for people, such as '# date: 2026-11-15', has no such value
    value = match and key and nearest(match[2].lower(), _CHOICES[key], 0.7)
    if value:
        rule = "is a comment, and says nothing of how the file is written"
        remedy = f"did you mean '# {key}: {value}'?"
        yield Problem(name, line, value=comment, rule=rule, remedy=remedy, severity="warning")


def _separator(header: str, known: Callable[[str], bool]) -> str:
    def score(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([header], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            return 0, 0
        return sum(known(cell) for cell in cells), len(cells)

    return max(SEPARATORS, key=score)


def _records(
    lines: Sequence[str], first: int, separator: str, name: str, problems: list[Problem]
) -> Iterator[Record]:
    at = first
    width = 0

    def feed() -> Iterator[str]:
        nonlocal at
        while at < len(lines):
            at += 1
            yield lines[at - 1]

    reader = csv.reader(feed(), delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        while at < len(lines) and lines[at].startswith("#"):
            at += 1
        start = at
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problems.append(_broken(name, start + 1, at, str(error)))
            continue
        if cells is None:
            return
        # columns with a name: a spreadsheet may have added empty ones at the end
        width = width or max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=0)
        inside = lines[start + 1 : at]
        if width > 1 and any(len(_alone(line, separator)) >= width for line in inside):
            rule = f"has a quoted cell that runs on to line {at}, over what looks like rows of its own"
            problems.append(
                Problem(name, start + 1, rule=rule, remedy="close the quote, or double it inside a cell")
            )
        elif any(cell.strip() for cell in cells):
            yield Record(start + 1, [cell.strip() for cell in cells])


def _alone(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _broken(name: str, line: int, last: int, error: str) -> Problem:
    if "unexpected end" in error:
        rule, remedy = f"has a quote that is never closed, up to line {last}", "close it"
    elif "expected after" in error:
        rule, remedy = "goes on after the quote that ends a cell", "double a quote inside a quoted cell"
    else:
        rule, remedy = f"cannot be read as CSV: {error}", "put the cell in quotes, or shorten it"
    return Problem(name, line, rule=rule, remedy=remedy)


def _text(path: Path, name: str, dialect: Dialect) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        rule = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise InputError(Problem(name, rule=rule, remedy="check the path")) from None
    if len(content) > MOST_BYTES:
        raise InputError(
            Problem(name, rule=f"is larger than {MOST_BYTES // 1_000_000} MB", remedy="split it")
        )
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        rule = "is a spreadsheet or another packed file, not text"
        raise InputError(Problem(name, rule=rule, remedy="save the sheet as CSV (in Excel: 'CSV UTF-8')"))
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        rule = "holds zero bytes: it is binary, or UTF-16 without the mark at its beginning"
        raise InputError(Problem(name, rule=rule, remedy=_SAVE))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(_undecoded(name, content, encoding, error.start)) from None
    if not text.strip():
        raise InputError(Problem(name, rule="is empty", remedy="write a header and a row for each entry"))
    if encoding in ("utf-16", "utf-32"):
        dialect.notes.append(f"the file is {encoding.upper()}")
    return text


def _undecoded(name: str, content: bytes, encoding: str, at: int) -> Problem:
    if encoding in ("utf-16", "utf-32"):
        rule = (
            f"has the mark of {encoding.upper()} at its beginning, and is not {encoding.upper()} throughout"
        )
        return Problem(name, rule=rule, remedy=_SAVE)
    line = content[:at].count(b"\n") + 1
    begin = max(content.rfind(sign, 0, at) for sign in (b"\n", b",", b";", b"\t")) + 1
    word = re.split(r"[\n\r,;\t]", content[begin : begin + 60].decode("cp1252", "replace"))[0]
    rule = f"is not UTF-8 text here; in Windows-1252 it would say '{word.strip()}'"
    return Problem(name, line, rule=rule, remedy=_SAVE)
