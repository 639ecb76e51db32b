"""Tables that people write: one reader for all, every row with its line, every fault at once."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from phaseline.errors import InputError, Problem, RuleError
from phaseline.scenario.cells import SIGN_NAMES, DateOrder, Decimal, read_amount, read_date, written
from phaseline.scenario.decimals import decimal_sign
from phaseline.scenario.dialect import SEPARATORS, Dialect, Record, read_records
from phaseline.scenario.nearness import near
from phaseline.scenario.readable import counted
from phaseline.scenario.units import Dimension

_EVERYTHING_SHORT = 60
_Told = TypeVar("_Told")


@dataclass(frozen=True)
class Form:
    """What a kind of table looks like.

    Attributes
    ----------
    required, optional
        Columns that must, and that may stand in it.
    numbers
        Those of them that hold numbers: they show the file's decimal sign.
    example
        A row below a header of the required columns and `shown`: the smallest right table.
    shown
        Columns of the example besides those required.
    others
        Whether further columns may stand in it, unread.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    example: str = ""
    shown: tuple[str, ...] = ()
    others: bool = False

    @property
    def header(self) -> str:
        """Header of the example."""
        return ",".join((*self.required, *self.shown))

    def knows(self, cell: str) -> bool:
        """Whether a cell of a header names one of the columns."""
        return folded(cell) in (*self.required, *self.optional)


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes
    ----------
    file, line
        Where it stands; lines count from 1.
    cells
        Text by column, without blanks around it; empty where there is none.
    decimal, dates
        How its numbers and dates are written.
    told
        Columns of cells that were refused already, with the reason: nothing more is said of them.
    """

    file: str
    line: int
    cells: dict[str, str]
    decimal: Decimal = "."
    dates: DateOrder = "year-month-day"
    told: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, rule: str, remedy: str = "", *, warning: bool = False) -> Problem:
        """Something wrong with a cell of this row."""
        value = self[column]
        value = value if len(value) <= _EVERYTHING_SHORT else value[: _EVERYTHING_SHORT - 3] + "..."
        found = Problem(self.file, self.line, path=column, value=value, rule=rule, remedy=remedy)
        return replace(found, severity="warning") if warning else found

    def word(self, column: str) -> str:
        """A cell that holds one of a few words, whatever its case."""
        return folded(self[column])

    def date(self, column: str, problems: list[Problem]) -> dt.date | None:
        """A cell that holds a date; None, and a problem, if it cannot be read."""
        try:
            return read_date(self[column], self.dates)
        except RuleError as error:
            problems.append(self.problem(column, error.rule, error.remedy))
            return None

    def amount(
        self,
        column: str,
        dimension: Dimension,
        problems: list[Problem],
        unit: str = "",
        *,
        whole: bool = True,
    ) -> float | None:
        """A cell that holds an amount, in base units; None, and a problem unless it was told, if it cannot be read.

        Parameters
        ----------
        column
            Of the cell.
        dimension
            What it measures.
        problems
            Takes the problem.
        unit
            Unit that applies where the cell has none.
        whole
            Whether a count with a fraction is refused.
        """
        if column in self.told:
            return None
        number = written(self[column])
        text = None if number is None else number.plain(self.decimal)
        try:
            # what begins with no number is refused with the reason that the scenario file would give
            return read_amount(self[column] if text is None else text, dimension, unit, whole=whole)
        except RuleError as error:
            rule, remedy = error.rule, error.remedy
        if number is not None and number.ambiguous and rule == "is not a whole number":
            other: Decimal = "," if self.decimal == "." else "."
            rule = f"is not a whole number, unless the {SIGN_NAMES[self.decimal]} is a thousands sign"
            remedy = f"write {number.plain(other)} if that is meant, or a whole number instead of {text}"
        problems.append(self.problem(column, rule, remedy))
        return None

    def limits(
        self,
        columns: tuple[str, str],
        dimension: Dimension,
        problems: list[Problem],
        unit: str = "",
        unit_column: str = "",
    ) -> tuple[float, float] | None:
        """Low and high end of a range, in base units; where one cell is empty, both are the other.

        Parameters
        ----------
        columns
            Of the low and the high end.
        dimension
            What they measure.
        problems
            Takes the problems.
        unit
            Unit that applies where a cell has none.
        unit_column
            Column that holds that unit instead.

        Returns
        -------
        tuple or None
            None if both cells are empty, or one cannot be read.
        """
        if unit_column and self[unit_column]:
            unit = self[unit_column]
            try:
                # refused once, and at the unit, where both ends would be
                read_amount("0", dimension, unit)
            except RuleError as error:
                problems.append(self.problem(unit_column, error.rule, error.remedy))
                return None
        given = [column for column in columns if self[column]]
        ends = [self.amount(column, dimension, problems, unit) for column in given]
        if not ends or ends[0] is None or ends[-1] is None:
            return None
        if ends[0] > ends[-1]:
            problems.append(self.problem(columns[0], f"is above {columns[1]}", "write the lower end first"))
            return None
        return ends[0], ends[-1]


@dataclass(frozen=True)
class Table:
    """Rows of a file.

    Attributes
    ----------
    file
        Its name as it was given.
    line
        Of the header.
    header
        Columns, in order.
    rows
        Below it, blank ones left out.
    left_out
        Rows that were not wanted.
    warnings
        How the file was read, where that is not as usual.
    problems
        What is wrong with the rest of the table, which its reader must refuse, together with what is wrong with these rows.
    whole
        Whether no row is missing because it could not be taken apart.
    """

    file: str
    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[Row, ...]
    warnings: list[Problem]
    problems: list[Problem]
    whole: bool


def folded(cell: str) -> str:
    """A name in small letters, with _ for blanks and hyphens."""
    return re.sub(r"[\s_-]+", "_", cell.strip()).casefold()


def lines_of(rows: Iterable[Row]) -> str:
    """Lines of rows, in order: ``line 7``, ``lines 3 to 5, 9``."""
    runs: list[tuple[int, int]] = []
    for line in sorted(row.line for row in rows):
        if runs and runs[-1][1] == line - 1:
            runs[-1] = runs[-1][0], line
        else:
            runs.append((line, line))
    text = ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in runs)
    return f"line {text}" if text.isdigit() else f"lines {text}"


def told_once(
    found: Sequence[tuple[Row, _Told]],
    what: Callable[[_Told], Hashable],
    column: str,
    warnings: list[Problem],
) -> Iterator[tuple[Row, _Told]]:
    """What rows say, each thing once: a row that says again what an earlier one said is named and left out.

    Parameters
    ----------
    found
        Rows, and what was read of each.
    what
        All of it that counts: two of the same are one.
    column
        To name in the warning.
    warnings
        Takes the warnings.
    """
    seen: dict[Hashable, int] = {}
    for row, told in found:
        key = what(told)
        if key in seen:
            rule = f"says the same as line {seen[key]}, and is counted once"
            warnings.append(row.problem(column, rule, warning=True))
        else:
            seen[key] = row.line
            yield row, told


def read_rows(
    path: str | os.PathLike[str], form: Form, used: Callable[[Row], bool] = lambda _: True
) -> Table:
    """Header and rows of a CSV file.

    Parameters
    ----------
    path
        The file: UTF-8, or UTF-16 with its mark; cells separated by commas, semicolons or tabs.
    form
        What it must look like.
    used
        Which rows are wanted: of the others nothing is read, save the decimal sign where those wanted do not show it.

    Returns
    -------
    Table
        With the faults of rows that its reader must tell, beside those that it finds in cells, and refuse.

    Raises
    ------
    InputError
        If it cannot be read as such a table.
    """
    name = os.fspath(path)
    dialect, records, problems = read_records(path, form.knows)
    if not records:
        raise refusal(
            [*problems, Problem(name, rule="holds no table", remedy=_smallest(form))], dialect.warnings
        )
    top, *below = records
    header = [folded(cell) for cell in top.cells]
    if not any(column in form.required for column in header):
        raise refusal([*problems, _no_table(name, top, dialect, form)], dialect.warnings)
    return _table(name, dialect, Record(top.line, header), below, problems, form, used)


def read_numbers(path: str | os.PathLike[str], example: str) -> Table:
    """A table that holds nothing but numbers, under a header of any names.

    Parameters
    ----------
    path
        The file.
    example
        The smallest right table, for the message where it has no header.

    Returns
    -------
    Table
        As of `read_rows`.

    Raises
    ------
    InputError
        If it cannot be read as such a table.
    """
    name = os.fspath(path)
    dialect, records, problems = read_records(path, lambda cell: "[" in cell)
    if not records:
        raise InputError([*problems, Problem(name, rule="holds no table", remedy=f"write e.g. {example}")])
    top, *below = records
    if all(written(cell) for cell in top.cells):
        rule = f"has no header: its first row looks like data ({_listed(top.cells)})"
        problems.append(Problem(name, top.line, rule=rule, remedy=f"write e.g. {example}"))
        raise InputError(problems)
    columns = tuple(dict.fromkeys(cell for cell in top.cells if cell))
    form = Form(columns, numbers=columns, example=example)
    return _table(name, dialect, top, below, problems, form, lambda _: True)


def _table(
    name: str, dialect: Dialect, top: Record, below: Sequence[Record], problems: list[Problem], form: Form,
    used: Callable[[Row], bool],
) -> Table:  # fmt: skip
    width = max(i + 1 for i, cell in enumerate(top.cells) if cell)
    header = top.cells[:width]
    foreign = list(_header_problems(name, top.line, header, form))
    problems += foreign
    rows = []
    for record in below:
        cells = record.cells
        while len(cells) > width and not cells[-1]:
            cells = cells[:-1]
        if len(cells) != width:
            problems.append(_length(name, record.line, cells, width, dialect))
            continue
        rows.append(Row(name, record.line, dict(zip(header, cells, strict=True)), dates=dialect.dates))
    for i, column in enumerate(header):
        # a problem of each row would say the same
        if not column and (row := next((r for r in below if len(r.cells) > i and r.cells[i]), None)):
            rule, remedy = "stands in a column without a name", "name the column, or empty it"
            problems.append(Problem(name, row.line, value=row.cells[i][:40], rule=rule, remedy=remedy))
    rows, unused = [row for row in rows if used(row)], [row for row in rows if not used(row)]
    wrong: list[Problem] = []
    decimal = decimal_sign(rows, unused, form.numbers, dialect, wrong)
    if foreign or not dialect.sound:
        # cells would be read in a way that is not meant, or be missing where they only stand under another name
        raise refusal([*problems, *wrong], dialect.warnings)
    if not below and not problems:
        rule = "holds no row below its header"
        raise InputError(Problem(name, top.line, rule=rule, remedy=_smallest(form)))
    if form.others and (unread := [column for column in header if column and not form.knows(column)]):
        dialect.notes.append(f"not read: {', '.join(unread)}")
    warnings = list(dialect.warnings)
    if dialect.notes:
        rule = f"was read so: {'; '.join(dialect.notes)}"
        warnings.append(Problem(name, top.line, rule=rule, severity="warning"))
    columns = tuple(column for column in header if column)
    told = {row.line: frozenset(one.path for one in wrong if one.line == row.line) for row in rows}
    wanted = tuple(replace(row, decimal=decimal, told=told[row.line]) for row in rows)
    return Table(
        name, top.line, columns, wanted, tuple(unused), warnings, [*problems, *wrong], whole=not problems
    )


def refusal(problems: Iterable[Problem], warnings: Iterable[Problem] = ()) -> InputError:
    """The error that refuses a table: every fault in the order of its lines, then what is to be said besides."""
    return InputError([*sorted(problems, key=lambda one: one.line or 0), *warnings])


def _length(name: str, line: int, cells: Sequence[str], width: int, dialect: Dialect) -> Problem:
    rule = f"has {counted(len(cells), 'cell')} where the header has {width}"
    sign = SEPARATORS[dialect.separator]
    remedy = f"put text and numbers that hold {sign} in quotes"
    others = [
        other for other in SEPARATORS if other != dialect.separator and len(cells) == 1 and other in cells[0]
    ]
    if others:
        remedy = f"separate cells by {sign} throughout, not by {SEPARATORS[others[0]]}"
    elif len(cells) < width:
        remedy = f"write every cell, empty ones too; cells are separated by {sign}"
    return Problem(name, line, rule=rule, remedy=remedy)


def _no_table(name: str, top: Record, dialect: Dialect, form: Form) -> Problem:
    """None of the columns that the table must have is there: what was seen, and the right form once."""
    if any(_like_data(cell) for cell in top.cells):
        rule = f"has no header: its first row looks like data ({_listed(top.cells)})"
    else:
        missing = f"column{'s' if len(form.required) > 1 else ''} {', '.join(form.required)}"
        by = f"separated by {SEPARATORS[dialect.separator]}" if len(top.cells) > 1 else "of one column"
        rule = f"is a table {by} ({_listed(top.cells)}) without the {missing}"
    return Problem(name, top.line, rule=rule, remedy=_smallest(form))


def _like_data(cell: str) -> bool:
    if written(cell) is not None:
        return True
    try:
        read_date(cell)
    except RuleError:
        return False
    return True


def _smallest(form: Form) -> str:
    return f"the smallest right table has the line {form.header} and below it rows like {form.example}"


def _listed(cells: Sequence[str]) -> str:
    text = ", ".join(cells)
    return text if len(text) <= _EVERYTHING_SHORT else text[: _EVERYTHING_SHORT - 3] + "..."


def _header_problems(name: str, line: int, header: Sequence[str], form: Form) -> Iterator[Problem]:
    known = (*form.required, *form.optional)
    for column in dict.fromkeys(column for column in header if column):
        if header.count(column) > 1:
            yield Problem(name, line, value=column, rule="the column stands twice", remedy="keep one")
        if column not in known and not form.others:
            yield Problem(
                name, line, value=column, rule="there is no such column", remedy=near(column, known)
            )
    missing = [column for column in form.required if column not in header]
    if missing:
        rule = f"lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        yield Problem(name, line, rule=rule, remedy=_smallest(form))
