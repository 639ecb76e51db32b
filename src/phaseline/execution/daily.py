"""Daily series of a plan, counted when they are asked for: read from the store block by block, or simulated into it.

A plan's histogram over days, series and bins is by far the largest thing in a run, so it is never kept: it is made for
whoever asks, and gone when they have drawn their quantiles from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phaseline.execution.blocks import BLOCK, SERIES_BLOCKS, Block
from phaseline.execution.executor import Executor
from phaseline.execution.store import StoredRun
from phaseline.execution.tally import Simulate, Tally
from phaseline.outcomes.results import DailyCounts

if TYPE_CHECKING:
    from threading import Event


def series_count(replications: int) -> int:
    """Replications behind the daily series of a run of so many."""
    return min(replications, SERIES_BLOCKS * BLOCK)


@dataclass(frozen=True, eq=False)
class DailySource:
    """Counts the daily series of one plan, anew on each call.

    Attributes
    ----------
    simulate, stored, executor, num_columns
        As of `Tally`.
    replications
        Of the run.
    scales
        Low and high end of each series' range, shape (series, 2).
    fixed_point
        What the engine's whole-number sums count in one range.
    guard
        Runs a piece of work that can be stopped.
    """

    simulate: Simulate
    stored: StoredRun
    executor: Executor
    num_columns: int
    replications: int
    scales: np.ndarray
    fixed_point: float
    guard: Callable[[Callable[[Event], bool]], None]

    def __call__(self) -> DailyCounts:
        """Counts over the first `series_count` replications.

        Raises
        ------
        InterruptedRun
            If stopped while what is not in the store is simulated.
        """
        total = _Total()
        tally = Tally(
            self.simulate, self.stored, self.executor, self.num_columns, series=True, collect=total.add
        )
        count = series_count(self.replications)
        self.guard(lambda cancel: tally.extend(count, cancel, lambda _: None))
        assert total.histogram is not None
        assert total.sums is not None
        low, width = self.scales[:, 0], self.scales[:, 1] - self.scales[:, 0]
        sums = low * count + total.sums / self.fixed_point * width
        return DailyCounts(total.histogram, sums, self.scales, count)


class _Total:
    """The sum of blocks. Counts reach `SERIES_BLOCKS` times `BLOCK` at most, which 16 bits hold."""

    def __init__(self) -> None:
        self.histogram: np.ndarray | None = None
        self.sums: np.ndarray | None = None

    def add(self, block: Block) -> None:
        if self.histogram is None or self.sums is None:
            assert block.histogram is not None
            assert block.sums is not None
            self.histogram, self.sums = block.histogram.astype(np.uint16), block.sums.astype(np.int64)
            return
        self.histogram += block.histogram
        self.sums += block.sums
