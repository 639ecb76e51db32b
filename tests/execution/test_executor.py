"""Executors: every piece once, in the threads asked for, and an end when told."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from phaseline.execution.executor import LocalThreads

THREADS = (1, 2, 5)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_every_piece_is_done_once_and_comes_with_its_result(threads: int, count: int) -> None:
    executor = LocalThreads(threads)
    assert executor.parallelism == threads
    found = list(executor.map(lambda piece: piece * piece, range(count), threading.Event()))
    assert sorted(found) == [(piece, piece * piece) for piece in range(count)]


def test_results_come_when_they_are_ready() -> None:
    pieces = [0.5, 0.0, 0.0, 0.0]
    found = [piece for piece, _ in LocalThreads(2).map(time.sleep, pieces, threading.Event())]
    assert found[-1] == 0.5


def test_slow_consumers_lose_nothing() -> None:
    found = []
    for piece, _ in LocalThreads(3).map(str, range(30), threading.Event()):
        time.sleep(0.005)
        found.append(piece)
    assert sorted(found) == list(range(30))


def test_pieces_are_asked_for_late_so_that_they_can_be_cut_to_measure() -> None:
    asked = 0

    def pieces() -> Iterator[int]:
        nonlocal asked
        while asked < 100:
            asked += 1
            yield asked

    seen = LocalThreads(2).map(str, pieces(), threading.Event())
    for done in range(20):
        next(seen)
        assert asked <= done + 8
    list(seen)


@pytest.mark.parametrize("threads", [1, 2])
def test_one_piece_or_one_thread_needs_no_other_thread(threads: int) -> None:
    pieces = range(5) if threads == 1 else range(1)
    ((_, name), *_) = LocalThreads(threads).map(
        lambda _: threading.current_thread().name, pieces, threading.Event()
    )
    assert name == threading.current_thread().name


@pytest.mark.parametrize("threads", THREADS)
def test_a_stop_finishes_what_has_begun_and_begins_nothing_more(threads: int) -> None:
    cancel = threading.Event()
    begun = set()

    def work(piece: int) -> int:
        begun.add(piece)
        time.sleep(0.01)
        return piece

    yielded = set()
    for piece, _ in LocalThreads(threads).map(work, itertools.count(), cancel):
        yielded.add(piece)
        if len(yielded) == 10:
            cancel.set()
    assert yielded == begun
    assert len(yielded) <= 10 + 2 * threads


@pytest.mark.parametrize("threads", THREADS)
def test_a_fault_in_a_piece_comes_out(threads: int) -> None:
    def work(piece: int) -> None:
        if piece == 7:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(LocalThreads(threads).map(work, range(1000), threading.Event()))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("phaseline_")]
