"""The replications of one plan, put together block by block: read where stored, simulated where not.

Nothing here depends on how the work was cut: rows go to their place in the table, and series are whole numbers whose sums
do not depend on the order of adding. Series are held no longer than their block: they go to the store, or to who asked.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Protocol

import numpy as np

from phaseline.execution.blocks import BLOCK, SERIES_BLOCKS, Block
from phaseline.execution.executor import Executor
from phaseline.execution.store import StoredRun

PIECE_SECONDS = 0.2
"""A piece is cut to take about this long, so that a run stops soon after it is told to."""
SERIES_PIECE_SECONDS = 1.0
"""The same with daily series, whose histogram is made and added anew for each piece: a third of a second for a large one."""
_LEAST = 0.1
"""Of that time, for the pieces towards the end."""
_FIRST_PIECE = 8


class Chunk(Protocol):
    """What the engine returns for a piece; arrays as in `Block`, which the receiver may change."""

    @property
    def outcomes(self) -> np.ndarray:
        """One row per replication."""
        ...

    @property
    def histogram(self) -> np.ndarray | None:
        """Counts per day, series and bin."""
        ...

    @property
    def sums(self) -> np.ndarray | None:
        """Whole-number sums per day and series."""
        ...


Simulate = Callable[[int, int, bool], Chunk]
"""Simulates a piece: first replication, number of them, whether to record daily series."""


@dataclass(frozen=True)
class Piece:
    """Replications ``first`` to ``first + count - 1``, all of one block."""

    first: int
    count: int

    @property
    def index(self) -> int:
        """Number of the block."""
        return self.first // BLOCK


class Pace:
    """How large a piece to cut, by the speed measured so far."""

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = PIECE_SECONDS if seconds is None else seconds
        self._rate = 0.0

    def measure(self, count: int, seconds: float) -> None:
        """Take note that `count` replications took so long."""
        self._rate = count / max(seconds, 1e-6)

    def size(self, left: int, parallelism: int) -> int:
        """Replications for the next piece when `left` are still to do."""
        if not self._rate:
            return _FIRST_PIECE
        seconds = self._seconds
        if parallelism > 1:  # smaller towards the end, so that all threads end together
            seconds = min(seconds, max(_LEAST * seconds, left / self._rate / (2 * parallelism)))
        return max(1, int(seconds * self._rate))


@dataclass
class _Assembly:
    """A block on its way: pieces arrive in any order and join in theirs."""

    rows: np.ndarray
    count: int = 0
    stored: int = 0
    histogram: np.ndarray | None = None
    sums: np.ndarray | None = None
    waiting: dict[int, Chunk] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.count == len(self.rows)

    def start(self, block: Block) -> None:
        self.rows[: block.count] = block.outcomes
        self.histogram, self.sums = block.histogram, block.sums
        self.count = self.stored = block.count

    def add(self, at: int, chunk: Chunk) -> None:
        self.waiting[at] = chunk
        while (ready := self.waiting.pop(self.count, None)) is not None:
            self._join(ready)

    def _join(self, chunk: Chunk) -> None:
        if chunk.sums is not None and not np.issubdtype(chunk.sums.dtype, np.integer):
            raise TypeError("series sums must be whole numbers, or they would depend on how the work was cut")
        self.histogram = _added(self.histogram, chunk.histogram, np.uint16)
        self.sums = _added(self.sums, chunk.sums, np.int64)
        end = self.count + len(chunk.outcomes)
        self.rows[self.count : end] = chunk.outcomes
        self.count = end

    def block(self) -> Block:
        return Block(self.rows[: self.count], self.histogram, self.sums)


def _added(total: np.ndarray | None, more: np.ndarray | None, dtype: type[np.generic]) -> np.ndarray | None:
    """The total, changed in place, or the first summand in the given type."""
    if more is None:
        return total
    if total is None:
        return more.astype(dtype)
    total += more
    return total


def _timed(simulate: Simulate, piece: Piece, series: bool) -> tuple[Chunk, float]:
    began = time.perf_counter()
    chunk = simulate(piece.first, piece.count, series and piece.index < SERIES_BLOCKS)
    if chunk.histogram is not None:  # what waits to be added weighs half as much
        chunk = Block(chunk.outcomes, chunk.histogram.astype(np.uint16), chunk.sums)
    return chunk, time.perf_counter() - began


class Tally:
    """The replications of one plan, as many as asked for so far.

    Parameters
    ----------
    simulate
        The engine, bound to model, plan, seed and replications per world.
    stored
        What is known already, and where to keep what is not.
    executor
        Who does the work.
    num_columns
        Numbers per history.
    series
        Whether the first `SERIES_BLOCKS` blocks are to be in the store with their daily series.
    collect
        Handed each whole block, in any order, and the incomplete last one, when it is there; with series if `series`.
        None where only the table is wanted. A tally that collects is extended once.

    Attributes
    ----------
    table
        float64, shape (replications, columns).
    complete
        Replications in it; fewer than its rows only after a stop.
    reused, simulated
        Where they came from.
    """

    def __init__(
        self,
        simulate: Simulate,
        stored: StoredRun,
        executor: Executor,
        num_columns: int,
        *,
        series: bool = False,
        collect: Callable[[Block], None] | None = None,
    ) -> None:
        self._simulate = simulate
        self._stored = stored
        self._executor = executor
        self._series = series
        self._collect = collect
        self._pace = Pace(SERIES_PIECE_SECONDS if series else PIECE_SECONDS)
        self._whole = 0
        self._tail = 0
        self.table = np.empty((0, num_columns))
        self.reused = 0
        self.simulated = 0
        self.complete = 0

    def extend(self, size: int, cancel: Event, advance: Callable[[int], None]) -> bool:
        """Bring the number of replications up to `size`.

        Parameters
        ----------
        size
            At least the present number.
        cancel
            Stops the work when set.
        advance
            Told how many replications have come in since the last call.

        Returns
        -------
        bool
            Whether all are there. If not, complete parts are in the store and the tally is spent.
        """
        self._grow(size)
        assemblies: dict[int, _Assembly] = {}
        for index, block in self._read_blocks(size, advance):
            if cancel.is_set():
                return False
            assembly = _Assembly(self._rows(index))
            if block is not None:
                assembly.start(block)
            if assembly.complete:
                self._take(index, assembly)
            else:
                assemblies[index] = assembly
        return not assemblies or self._work(assemblies, cancel, advance)

    def _work(self, assemblies: dict[int, _Assembly], cancel: Event, advance: Callable[[int], None]) -> bool:
        parallelism = self._executor.parallelism
        writes: deque[Future[None]] = deque()
        with ThreadPoolExecutor(parallelism, thread_name_prefix="phaseline-store") as writers:
            pieces = self._pieces(assemblies)
            for piece, (chunk, seconds) in self._executor.map(
                partial(_timed, self._simulate, series=self._series), pieces, cancel
            ):
                assembly = assemblies[piece.index]
                assembly.add(piece.first % BLOCK, chunk)
                self._pace.measure(piece.count, seconds)
                self.simulated += piece.count
                advance(piece.count)
                if assembly.complete:
                    writes.append(writers.submit(self._stored.write, piece.index, assembly.block()))
                    self._take(piece.index, assemblies.pop(piece.index))
                # With series each block that waits to be written holds them all.
                while len(writes) > (1 if self._series else 2 * parallelism):
                    writes.popleft().result()
            # Only after a stop in good order: what joined, joined whole.
            for index, assembly in assemblies.items():
                self.complete += assembly.count
                if assembly.count > assembly.stored:
                    writes.append(writers.submit(self._stored.write, index, assembly.block()))
            for write in writes:
                write.result()
        return not assemblies

    def _pieces(self, assemblies: dict[int, _Assembly]) -> Iterator[Piece]:
        todo = [(index, assembly.count, len(assembly.rows)) for index, assembly in sorted(assemblies.items())]
        left = sum(end - begin for _, begin, end in todo)
        for index, at, end in todo:
            while at < end:
                count = min(end - at, self._pace.size(left, self._executor.parallelism))
                yield Piece(index * BLOCK + at, count)
                at += count
                left -= count

    def _read_blocks(self, size: int, advance: Callable[[int], None]) -> Iterator[tuple[int, Block | None]]:
        """Blocks not yet whole in memory, with what is known of them."""
        indices = range(self._whole, -(-size // BLOCK))
        tail, self._tail = self._tail, 0
        if tail:
            self.complete -= tail
            yield indices[0], self._begun(indices[0], tail)
            indices = indices[1:]
        batch = 1 if self._series else 4 * self._executor.parallelism
        with ThreadPoolExecutor(self._executor.parallelism, thread_name_prefix="phaseline-store") as readers:
            for start in range(0, len(indices), batch):
                part: Sequence[int] = indices[start : start + batch]
                for index, block in zip(part, readers.map(self._read, part), strict=True):
                    if block is not None:
                        self.reused += block.count
                        advance(block.count)
                    yield index, block

    def _read(self, index: int) -> Block | None:
        return self._stored.read(index, len(self._rows(index)), series=self._with_series(index))

    def _begun(self, index: int, count: int) -> Block | None:
        """The block of which `count` rows are in the table; its series, where they are wanted, are in the store."""
        if self._with_series(index):
            return self._stored.read(index, count, series=True)
        return Block(self._rows(index)[:count])

    def _with_series(self, index: int) -> bool:
        return self._series and index < SERIES_BLOCKS

    def _take(self, index: int, assembly: _Assembly) -> None:
        """A block has all its rows."""
        self.complete += assembly.count
        if assembly.count < BLOCK:
            self._tail = assembly.count
        else:
            self._whole += 1
        if self._collect is not None:
            self._collect(assembly.block())

    def _grow(self, size: int) -> None:
        grown = np.empty((size, self.table.shape[1]))
        grown[: len(self.table)] = self.table
        self.table = grown

    def _rows(self, index: int) -> np.ndarray:
        return self.table[index * BLOCK : (index + 1) * BLOCK]
