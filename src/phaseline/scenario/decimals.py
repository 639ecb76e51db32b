"""The decimal sign of a table: one for the file, never one for a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from phaseline.errors import Problem
from phaseline.scenario.cells import SIGN_NAMES, Decimal, Written, written

if TYPE_CHECKING:
    from phaseline.scenario.dialect import Dialect
    from phaseline.scenario.rows import Row

    _Cell = tuple[Row, str, Written]
    """A row, a column of it, and the number that stands there."""


def decimal_sign(
    rows: Sequence[Row],
    unused: Sequence[Row],
    columns: Sequence[str],
    dialect: Dialect,
    problems: list[Problem],
) -> Decimal:
    """The decimal sign of a table: named, or shown by all numbers that can be read with one sign only.

    Parameters
    ----------
    rows
        Those in use.
    unused
        Others of the file, which are asked only where numbers in use can be read in two ways and nothing in use shows how.
    columns
        That hold numbers.
    dialect
        What the file names; takes what has to be said of its numbers.
    problems
        Takes numbers that do not agree with the rest, and those that could be two.
    """
    numbers = list(_numbers(rows, columns))
    unclear = [found for found in numbers if found[2].ambiguous]
    shown = _shown(numbers)
    named = dialect.decimal is not None
    if not named and unclear and not any(shown.values()):
        later = _shown(_numbers(unused, columns))
        shown = later if bool(later["."]) != bool(later[","]) else shown
    decimal: Decimal = dialect.decimal or ("," if len(shown[","]) > len(shown["."]) else ".")
    other: Decimal = "," if decimal == "." else "."
    for row, column, number in shown[other]:
        if named:
            rule = f"cannot be read with a {SIGN_NAMES[decimal]} as decimal sign, which the file names"
        else:
            first, seen, _ = shown[decimal][0]
            where = f"{first[seen]} in line {first.line}"
            rule = f"has a {SIGN_NAMES[other]} as decimal sign, where others have a {SIGN_NAMES[decimal]} ({where})"
        plain = str(number.plain(other)).replace(".", decimal)
        problems.append(row.problem(column, rule, f"write {plain}, or change the others"))
    if not named and not any(shown.values()):
        for row, column, number in unclear:
            rule = f"could be {number.plain('.')} or {number.plain(',')}, and no other number shows which"
            ways = "begin the file with the line '# decimal: point' or '# decimal: comma'"
            remedy = f"write a whole number without the sign, or {ways}"
            problems.append(row.problem(column, rule, remedy))
    elif not named:
        dialect.notes += _said(shown[decimal], unclear, decimal)
    return decimal


def _numbers(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[_Cell]:
    for row in rows:
        for column in columns:
            number = written(row[column])
            if number is not None and number.decimals:
                yield row, column, number


def _shown(numbers: Iterable[_Cell]) -> dict[Decimal, list[_Cell]]:
    """Numbers that can be read with one decimal sign only, by that sign."""
    shown: dict[Decimal, list[_Cell]] = {".": [], ",": []}
    for found in numbers:
        if len(found[2].decimals) == 1:
            shown[found[2].decimals[0]].append(found)
    return shown


def _said(shown: Sequence[_Cell], unclear: Sequence[_Cell], decimal: Decimal) -> Iterator[str]:
    # what one number decides for another is said of that other, even where the sign is the usual one
    turned = next((found for found in unclear if decimal in found[2].body), None)
    if shown and (decimal == "," or turned is not None):
        row, column, _ = shown[0]
        told = f"a {SIGN_NAMES[decimal]} is the decimal sign, as in line {row.line}: {row[column]}"
        if turned is not None:
            row, column, number = turned
            told += f", so that {row[column]} in line {row.line} is {float(number.bare(decimal)):g}"
        yield told
    sign = "." if decimal == "," else ","
    grouped = next((found for found in (*shown, *unclear) if sign in found[2].body), None)
    if grouped is not None:
        row, column, number = grouped
        yield f"a {SIGN_NAMES[sign]} separates thousands, as in line {row.line}: {row[column]} is {number.plain(decimal)}"
