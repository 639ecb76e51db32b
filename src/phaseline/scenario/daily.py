"""Daily strengths and losses of two sides: read, checked, and completed from each other.

A row is one day of battle. ``x`` and ``y`` are the strengths with which the day was fought, that day's arrivals included;
``x_losses`` and ``y_losses`` what was lost on it. Either can be left out: strengths follow from the first day's, arrivals and
losses, and losses from strengths and arrivals (then the last day only ends the one before).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.scenario.readable import counted
from phaseline.scenario.rows import Form, Row, read_rows, refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBERS = ("x", "y", "x_losses", "y_losses", "x_arrivals", "y_arrivals")
FORM = Form(
    required=("day",),
    optional=(*NUMBERS, "attacker"),
    numbers=("day", *NUMBERS),
    example="1,24000,15000",
    shown=("x", "y"),
)
LEAST_DAYS = 4


@dataclass(frozen=True)
class BattleDays:
    """A battle, day by day; arrays of shape (days,).

    Attributes
    ----------
    day
        Numbers of the days, ascending.
    x, y
        Strengths with which each day was fought.
    x_losses, y_losses
        Lost on each day.
    x_arrivals, y_arrivals
        Come on each day; those of the first day are part of its strength.
    attacker
        1 where x attacked, -1 where y did, 0 where nobody says.
    """

    day: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_losses: NDArray[np.float64]
    y_losses: NDArray[np.float64]
    x_arrivals: NDArray[np.float64]
    y_arrivals: NDArray[np.float64]
    attacker: NDArray[np.float64]


def read_days(path: str | os.PathLike[str]) -> tuple[BattleDays, list[Problem]]:
    """Read a battle; the warnings say how the file was read, where that is not as usual.

    Parameters
    ----------
    path
        CSV with ``day`` and, for each side, strengths or losses or both; perhaps arrivals, and ``attacker`` (x or y).

    Raises
    ------
    InputError
        With every fault of every row.
    """
    table = read_rows(path, FORM)
    header, rows, name = table.header, table.rows, table.file
    problems = list(table.problems)
    values = {column: _column(rows, column, problems) for column in FORM.numbers}
    attacker = np.array([_attacker(row, problems) for row in rows])
    for (first, second), row in zip(pairwise(values["day"]), rows[1:], strict=True):
        # a row that is missing, or a day that cannot be read, is told already
        if table.whole and second != first + 1.0 and np.isfinite(first + second):
            problems.append(
                row.problem("day", "does not follow the day before", "number the days one by one")
            )
    for side in ("x", "y"):
        if side not in header and f"{side}_losses" not in header:
            rule = f"says neither strengths nor losses of {side}"
            problems.append(
                Problem(name, table.line, rule=rule, remedy=f"add the column {side} or {side}_losses")
            )
    if problems:
        raise refusal(problems, table.warnings)
    count = len(rows)
    whole: dict[str, NDArray[np.float64]] = {}
    for side in ("x", "y"):
        arrivals = np.nan_to_num(values[f"{side}_arrivals"])
        strength, losses = _completed(values[side], values[f"{side}_losses"], arrivals, side, rows, problems)
        whole |= {side: strength, f"{side}_losses": losses, f"{side}_arrivals": arrivals}
    if problems:
        raise refusal(problems)
    # where losses follow from strengths, the last day has none
    fought = int(min(np.isfinite(whole["x_losses"]).sum(), np.isfinite(whole["y_losses"]).sum()))
    if fought < LEAST_DAYS:
        rule = f"has {counted(fought, 'day')} of losses, and a law needs at least {LEAST_DAYS}"
        raise InputError(Problem(name, rows[-1].line, rule=rule, remedy="add days"))
    cut = {key: series[:fought] for key, series in whole.items()}
    return BattleDays(values["day"][:count][:fought], attacker=attacker[:fought], **cut), table.warnings


def _column(rows: Sequence[Row], column: str, problems: list[Problem]) -> NDArray[np.float64]:
    found = np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        if not row[column]:
            if column == "day":
                problems.append(row.problem(column, "is missing", "number the days"))
            continue
        # strengths may be in thousands, and so have fractions
        value = row.amount(column, "count", problems, whole=False)
        if value is not None:
            found[i] = value
    return found


def _attacker(row: Row, problems: list[Problem]) -> float:
    attacker = row.word("attacker")
    if attacker not in ("", "x", "y"):
        problems.append(row.problem("attacker", "must be x, y or empty"))
    return {"x": 1.0, "y": -1.0}.get(attacker, 0.0)


def _completed(
    strength: NDArray[np.float64], losses: NDArray[np.float64], arrivals: NDArray[np.float64], side: str, rows: Sequence[Row],
    problems: list[Problem],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Strength and losses, each from the other where it is not given."""
    strength, losses = strength.copy(), losses.copy()
    if np.isnan(strength[0]):
        problems.append(
            rows[0].problem(side, "the first day needs a strength", "write with how many it was fought")
        )
        return strength, losses
    for i in range(len(rows) - 1):
        if np.isnan(losses[i]) and not np.isnan(strength[i + 1]):
            losses[i] = strength[i] + arrivals[i + 1] - strength[i + 1]
            if losses[i] < 0.0:
                rule = f"{side} grows by more than arrived: the day before would have losses of {losses[i]:g}"
                problems.append(rows[i + 1].problem(side, rule, f"add {side}_arrivals"))
        if np.isnan(strength[i + 1]) and not np.isnan(losses[i]):
            strength[i + 1] = strength[i] - losses[i] + arrivals[i + 1]
        if np.isnan(strength[i + 1]):
            problems.append(rows[i + 1].problem(side, "has neither a strength nor losses to reckon it from"))
            return strength, losses
    for i, row in enumerate(rows):
        if not np.isnan(losses[i]) and losses[i] > strength[i]:
            problems.append(row.problem(f"{side}_losses", f"is more than the {strength[i]:g} there were"))
    return strength, losses
