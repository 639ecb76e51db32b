"""A scenario and plan as a function of what is unknown: scores and luck in, histories out.

Every uncertain number, and every ensemble, is one standard normal *score*; the numbers follow from it through their
distributions. The rest of chance is a history's *luck*, a whole number. Both together determine a history to the last bit, so
a search through pasts that agree with reports can change either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from phaseline.errors import InterruptedRun
from phaseline.execution.executor import LocalThreads
from phaseline.scenario.records import columns, series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from phaseline.engine.draws import Draw
    from phaseline.scenario.schema import Plan, Scenario

MOST_LUCK = 2**32
"""Luck is drawn from 0 to below this."""
_PIECE = 128
_LEAST, _MOST = 2.0**-53, 1.0 - 2.0**-53


@dataclass(frozen=True)
class Watch:
    """Histories, watched on some days.

    Attributes
    ----------
    series
        By name of the series, shape (count, days).
    outcomes
        By name of the column, as they stood on each day, shape (count, days).
    """

    series: Mapping[str, NDArray[np.float64]]
    outcomes: Mapping[str, NDArray[np.float64]]


class Particles:
    """Histories of one plan by scores and luck.

    Parameters
    ----------
    scenario
        A checked scenario with its mechanisms applied.
    plan_id, plan
        The plan that is followed.
    seed
        Of the run; with a history's luck it determines its chance.
    threads
        Threads to simulate with; they change nothing but the time.
    cancel
        Stops a simulation under way when set.

    Attributes
    ----------
    scores
        Names of the scores: ``number/NAME`` or ``ensemble/NAME``.
    numbers
        Names of all numbers that are ignorance.
    num_days
        Days of the horizon.
    """

    def __init__(
        self,
        scenario: Scenario,
        plan_id: str,
        plan: Plan,
        *,
        seed: int,
        threads: int,
        cancel: Event | None = None,
    ) -> None:
        from phaseline import engine
        from phaseline.engine.draws import lucks

        self.scenario = scenario
        self.model = engine.compile_scenario(scenario)
        self.plan = engine.compile_plan(self.model, plan_id, plan)
        self.seed = seed
        self.num_days = self.model.num_days
        draws: dict[str, Draw] = {
            draw.name: draw for draw in (*self.model.tables.draws, *self.plan.tables.draws)
        }
        self._draws = tuple(draws.values())
        self.scores = tuple(lucks(self._draws, self.model.groups, self.model.kinds))
        self._position = {name: i for i, name in enumerate(self.scores)}
        self.numbers = tuple(draw.name for draw in self._draws if draw.kind == "ignorance")
        self._executor = LocalThreads(threads)
        self._cancel = Event() if cancel is None else cancel
        self._series = [one.name for one in series(scenario)]
        self._columns = [one.name for one in columns(scenario)]
        if not engine.is_warm():
            engine.warm_up()

    def values(
        self, scores: NDArray[np.float64], names: tuple[str, ...] | None = None
    ) -> NDArray[np.float64]:
        """Numbers in base units, shape (count, names); default all that are ignorance."""
        wanted = set(self.numbers if names is None else names)
        return self._values(tuple(draw for draw in self._draws if draw.name in wanted), scores)

    def scores_of(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores from uniforms in (0, 1)."""
        return np.asarray(ndtri(uniforms))

    def watch(
        self,
        scores: NDArray[np.float64],
        luck: NDArray[np.int64],
        days: NDArray[np.int64],
        *,
        branch: int = -1,
        branch_luck: NDArray[np.int64] | None = None,
    ) -> Watch:
        """Simulate to the last day asked for.

        Parameters
        ----------
        scores
            Shape (count, scores).
        luck
            Shape (count,), each in [0, `MOST_LUCK`).
        days
            Days after the start, ascending, each once, below the horizon.
        branch, branch_luck
            From this day on each history goes on with this other luck.

        Raises
        ------
        InterruptedRun
            If cancelled.
        """
        from phaseline import engine

        count = len(scores)
        kept = np.empty((count, days.size, len(self._series)))
        outcomes = np.empty((count, days.size, len(self._columns)))

        def simulate(piece: slice) -> None:
            watched = engine.watch(
                self.model,
                self.plan,
                self._values(self.model.tables.draws, scores[piece]),
                self._values(self.plan.tables.draws, scores[piece]),
                seed=self.seed,
                luck=luck[piece],
                days=days,
                branch=branch,
                branch_luck=None if branch_luck is None else branch_luck[piece],
            )
            kept[piece], outcomes[piece] = watched.series, watched.outcomes

        done = sum(
            piece.stop - piece.start
            for piece, _ in self._executor.map(simulate, _pieces(count), self._cancel)
        )
        if done < count:
            raise InterruptedRun("stopped; nothing is kept of an update that is not done")
        return Watch(
            {name: kept[:, :, i] for i, name in enumerate(self._series)},
            {name: outcomes[:, :, i] for i, name in enumerate(self._columns)},
        )

    def _values(self, draws: tuple[Draw, ...], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        from phaseline.engine.draws import values_of

        uniforms = np.clip(ndtr(scores), _LEAST, _MOST)

        def uniform(luck: str, _kind: str) -> NDArray[np.float64]:
            found: NDArray[np.float64] = uniforms[:, self._position[luck]]
            return found

        return values_of(draws, self.model.groups, self.model.kinds, uniform, len(scores))


def _pieces(count: int) -> Iterator[slice]:
    for first in range(0, count, _PIECE):
        yield slice(first, min(count, first + _PIECE))
