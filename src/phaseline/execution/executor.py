"""Executors: how pieces of a run are mapped onto processors.

An executor is handed pieces one at a time, so that later ones can be cut to measure, and gives results back in the order in
which they are ready. Results carry their piece: the order never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Protocol, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_POLL_SECONDS = 0.1


class Executor(Protocol):
    """Anything that can do pieces of work side by side.

    Attributes
    ----------
    parallelism
        How many pieces it does at once.
    """

    @property
    def parallelism(self) -> int:
        """How many pieces run at once."""
        ...

    def map(
        self, work: Callable[[Piece], Result], pieces: Iterable[Piece], cancel: Event
    ) -> Iterator[tuple[Piece, Result]]:
        """Do the pieces; yield each with its result when it is ready.

        Once `cancel` is set no further piece is begun; those begun are finished and yielded.
        """
        ...


class LocalThreads:
    """Threads of this process; the work must release the interpreter's lock to gain from it.

    Parameters
    ----------
    threads
        How many; with 1, or a single piece, the work is done in the calling thread.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads

    @property
    def parallelism(self) -> int:
        """Number of threads."""
        return self._threads

    def map(
        self, work: Callable[[Piece], Result], pieces: Iterable[Piece], cancel: Event
    ) -> Iterator[tuple[Piece, Result]]:
        """See `Executor.map`."""
        source = iter(pieces)
        if self._threads > 1:
            return _side_by_side(work, source, cancel, self._threads)
        return ((piece, work(piece)) for piece in _until(cancel, source))


def _until(cancel: Event, source: Iterator[Piece]) -> Iterator[Piece]:
    while not cancel.is_set():
        try:
            piece = next(source)
        except StopIteration:
            return
        yield piece


def _side_by_side(
    work: Callable[[Piece], Result], source: Iterator[Piece], cancel: Event, threads: int
) -> Iterator[tuple[Piece, Result]]:
    source = _until(cancel, source)
    first = list(_take(source, 2))
    if len(first) < 2:  # threads would cost more than they give
        yield from ((piece, work(piece)) for piece in first)
        return
    running: dict[Future[Result], Piece] = {}
    pool = ThreadPoolExecutor(threads, thread_name_prefix="phaseline")
    try:
        for piece in first:
            running[pool.submit(work, piece)] = piece
        while True:
            # As many wait as run, so that no thread is idle while results are put away.
            for piece in _take(source, 2 * threads - len(running)):
                running[pool.submit(work, piece)] = piece
            if not running:
                return
            if cancel.is_set():
                running = {future: piece for future, piece in running.items() if not future.cancel()}
            # The timeout lets an interrupt through on systems where a wait without one is deaf.
            done, _ = wait(running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _take(source: Iterator[Piece], count: int) -> Iterator[Piece]:
    for _ in range(count):
        try:
            piece = next(source)
        except StopIteration:
            return
        yield piece
