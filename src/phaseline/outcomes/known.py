"""What a run knows for certain: outcomes read from columns that no draw can reach need no interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from phaseline.outcomes.statistics import Interval, exactly, probability_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

T = TypeVar("T")


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


def chance_of(outcomes: Outcomes, happens: Callable[[Outcomes], NDArray[Any]]) -> Interval:
    """The chance of an event: 0 or 1 exactly where no draw can reach it, else with the interval of the simulation.

    Parameters
    ----------
    outcomes
        A run.
    happens
        Whether it happens in each history, shape [history].
    """
    happened, certain = known(outcomes, happens)
    return exactly(float(happened[0])) if certain else probability_interval(happened, outcomes.per_world)
