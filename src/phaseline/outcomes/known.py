"""What a run knows for certain: outcomes that no draw can reach, or no draw can turn, need no interval.

Three things are known from the model: columns that are the same in every history, the ends between which others lie, and by
how much a column differs between two plans where that is the same in every history.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from phaseline.outcomes.statistics import Interval, exactly, probability_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

T = TypeVar("T")

ROUNDING = 1e-9
"""Relative difference of two sums of decimals up to which they count as the same."""


class _Watched:
    """Outcomes that remember which columns were asked for."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self.asked: set[tuple[str, str]] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outcomes, name)

    def column(self, plan: str, name: str) -> NDArray[Any]:
        self.asked.add((plan, name))
        return self._outcomes.column(plan, name)


def known(outcomes: Outcomes, read: Callable[[Outcomes], T]) -> tuple[T, bool]:
    """What is read from a run, and whether it is the same in every history, as all columns are that it was read from.

    Parameters
    ----------
    outcomes
        A run.
    read
        Makes something of the columns of what it is given.
    """
    watched = _Watched(outcomes)
    result = read(cast("Outcomes", watched))
    return result, all(outcomes.knows(plan, name) for plan, name in watched.asked)


def asked_by(outcomes: Outcomes, read: Callable[[Outcomes], T]) -> tuple[T, set[tuple[str, str]]]:
    """What is read from a run, and the columns, as plan and name, that it was read from; parameters as of `known`."""
    watched = _Watched(outcomes)
    return read(cast("Outcomes", watched)), watched.asked


def decided(
    outcomes: Outcomes, happens: Callable[[Outcomes], NDArray[np.bool_]], *, together: bool = False
) -> bool | None:
    """Whether an event happens in every history or in none, as the model shows; None where it may be either.

    It is read at both ends of what each column may be, so it must depend on a single column that varies, and not go to and
    fro with it: a time by a date, a status. With `together` it may read several, if it goes one way with all of them.

    Parameters
    ----------
    outcomes
        A run.
    happens
        Whether it happens in each history, shape [history].
    together
        Whether it may read several columns that vary.
    """
    watched = _Watched(outcomes)
    seen = happens(cast("Outcomes", watched))
    varying = [(plan, name) for plan, name in watched.asked if not outcomes.knows(plan, name)]
    if not varying:
        return bool(seen[0])
    if len(varying) > 1 and not together:
        return None
    bounds = {column: outcomes.bounds(*column) for column in varying}
    if None in bounds.values():
        return None
    told: set[bool] = set()
    for end in (0, 1):
        values = {column: known[end] for column, known in bounds.items() if known is not None}
        told |= set(np.unique(happens(cast("Outcomes", _Bounded(outcomes, values)))).tolist())
    return told.pop() if len(told) == 1 else None


class _Bounded(_Watched):
    """Outcomes with some columns at an end of what they may be; a time that never comes is missing."""

    def __init__(self, outcomes: Outcomes, values: dict[tuple[str, str], float]) -> None:
        super().__init__(outcomes)
        self._values = values

    def column(self, plan: str, name: str) -> NDArray[Any]:
        if (plan, name) not in self._values:
            return self._outcomes.column(plan, name)
        value = self._values[plan, name]
        return np.full(self._outcomes.replications, value if np.isfinite(value) else np.nan)


def chance_of(
    outcomes: Outcomes, happens: Callable[[Outcomes], NDArray[np.bool_]], *, together: bool = False
) -> Interval:
    """The chance of an event: 0 or 1 exactly where the model decides it, else with the interval of the simulation.

    Parameters
    ----------
    outcomes, happens, together
        As of `decided`.
    """
    found = decided(outcomes, happens, together=together)
    return (
        exactly(float(found))
        if found is not None
        else probability_interval(happens(outcomes), outcomes.per_world)
    )


def known_change(
    outcomes: Outcomes, read: Callable[[Outcomes, str], NDArray[Any]], plan: str, against: str
) -> float | None:
    """How much more an amount is under one plan than under another, where that is the same in every history, else None.

    Parameters
    ----------
    outcomes
        A run.
    read
        The amount in each history under a plan, shape [history].
    plan, against
        Ids of plans.
    """
    watched = _Watched(outcomes)
    mine, theirs = (read(cast("Outcomes", watched), name) for name in (plan, against))
    return change_in(
        outcomes, {name for _, name in watched.asked}, plan, against, float(mine[0]), float(theirs[0])
    )


def change_in(
    outcomes: Outcomes, names: Collection[str], plan: str, against: str, mine: float, theirs: float
) -> float | None:
    """As `known_change`, of an amount read from known columns.

    Parameters
    ----------
    outcomes, plan, against
        As of `known_change`.
    names
        Columns that the amount is read from: one as it is wherever it is not missing, or several in whatever way.
    mine, theirs
        The amount in the first history under each plan.
    """
    changes = [outcomes.change(plan, against, name) for name in names]
    if all(change == 0.0 for change in changes):
        return 0.0
    if outcomes.knows(plan, *names) and outcomes.knows(against, *names):
        change = mine - theirs
        # what sums of decimals differ by in their last digits is no difference
        return 0.0 if abs(change) <= ROUNDING * (1.0 + abs(theirs)) else change
    return changes[0] if len(changes) == 1 else None
