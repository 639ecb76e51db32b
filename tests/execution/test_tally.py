"""A tally: the same bits however the work is cut, stored, stopped and continued."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from phaseline.execution import tally as tally_module
from phaseline.execution.blocks import BLOCK, SERIES_BLOCKS, Block
from phaseline.execution.executor import LocalThreads
from phaseline.execution.store import Question, RunStore, StoredRun
from phaseline.execution.tally import Pace, Tally

COLUMNS, DAYS, SERIES, BINS = 3, 4, 2, 8


def simulate(first: int, count: int, series: bool) -> Any:
    """A stand-in for the engine: each row is a function of its index alone."""
    index = np.arange(first, first + count, dtype=np.uint64)
    mixed = (index * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)
    outcomes = np.stack(
        [mixed * 2.0**-53, np.sqrt(index + 1.0), np.where(index % 3 == 0, np.nan, 1.0)], axis=1
    )
    if not series:
        return SimpleNamespace(outcomes=outcomes, histogram=None, sums=None)
    histogram = np.zeros((DAYS, SERIES, BINS), dtype=np.uint32)
    sums = np.zeros((DAYS, SERIES), dtype=np.int64)
    for day in range(DAYS):
        for q in range(SERIES):
            values = (mixed >> np.uint64(day * 5 + q)) % np.uint64(1 << 20)
            np.add.at(histogram[day, q], (values * np.uint64(BINS) >> np.uint64(20)).astype(int), 1)
            sums[day, q] = int(values.sum())
    return SimpleNamespace(outcomes=outcomes, histogram=histogram, sums=sums)


class Engine:
    """Counts what is asked of it, and stops the run when a number of replications is reached."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.series = False
        self._lock = threading.Lock()

    def __call__(self, first: int, count: int, series: bool) -> Any:
        with self._lock:
            self.done += range(first, first + count)
            self.series |= series
        return simulate(first, count, series)


def stored(folder: Path) -> StoredRun:
    """The run of one question."""
    return RunStore(folder).open(Question("e", "m", "p", 1, 4), {})


def ignore(_: int) -> None:
    """No progress wanted."""


def tallied(
    folder: Path,
    *sizes: int,
    threads: int = 1,
    engine: Callable[..., Any] = simulate,
    series: bool = True,
) -> Tally:
    """A tally brought to each of the sizes in turn."""
    tally = Tally(engine, stored(folder), LocalThreads(threads), COLUMNS, series=series)
    for size in sizes:
        assert tally.extend(size, threading.Event(), ignore)
    return tally


def bits(tally: Tally) -> tuple[bytes, ...]:
    """Everything in it, the series as its store has them; what it has not is simulated."""
    blocks: list[Block] = []
    again = Tally(simulate, tally._stored, LocalThreads(1), COLUMNS, series=True, collect=blocks.append)
    assert again.extend(min(len(tally.table), SERIES_BLOCKS * BLOCK), threading.Event(), ignore)
    histogram = sum(block.histogram.astype(np.int64) for block in blocks if block.histogram is not None)
    sums = sum(block.sums for block in blocks if block.sums is not None)
    return tally.table.tobytes(), histogram.tobytes(), sums.tobytes()  # type: ignore[union-attr]


def expected(size: int) -> tuple[bytes, ...]:
    """The same, from one call of the engine."""
    with_series = simulate(0, min(size, SERIES_BLOCKS * BLOCK), True)
    histogram, sums = with_series.histogram.astype(np.int64), with_series.sums
    return simulate(0, size, False).outcomes.tobytes(), histogram.tobytes(), sums.tobytes()


SIZES = (1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 3000, SERIES_BLOCKS * BLOCK + 500)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("size", SIZES)
def test_threads_change_no_bit(tmp_path: Path, threads: int, size: int) -> None:
    tally = tallied(tmp_path, size, threads=threads)
    assert bits(tally) == expected(size)
    assert (tally.complete, tally.simulated, tally.reused) == (size, size, 0)


@pytest.mark.parametrize("piece", [1, 10, 333, BLOCK])
def test_pieces_change_no_bit(tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "size", lambda *_: piece)
    assert bits(tallied(tmp_path, 2500, threads=3)) == expected(2500)


@pytest.mark.parametrize(
    "sizes", [(100, 101, 1000), (1024, 2048, 4096), (1026, 2049, 4098), (5, 9000), (3000, 3000)]
)
@pytest.mark.parametrize("threads", [1, 2])
def test_growing_changes_no_bit_and_runs_nothing_twice(
    tmp_path: Path, sizes: tuple[int, ...], threads: int
) -> None:
    engine = Engine()
    tally = tallied(tmp_path, *sizes, threads=threads, engine=engine)
    assert bits(tally) == expected(sizes[-1])
    assert sorted(engine.done) == list(range(sizes[-1]))
    assert tally.complete == sizes[-1]


def test_progress_adds_up(tmp_path: Path) -> None:
    tallied(tmp_path, 1500)
    came: list[int] = []
    tally = Tally(simulate, stored(tmp_path), LocalThreads(2), COLUMNS, series=True)
    for size in (1500, 1700, 4000):
        assert tally.extend(size, threading.Event(), came.append)
        assert sum(came) == size


@pytest.mark.parametrize("size", [40, 1024, 2500, SERIES_BLOCKS * BLOCK + 500])
def test_a_repeated_question_is_read(tmp_path: Path, size: int) -> None:
    tallied(tmp_path, size)
    engine = Engine()
    tally = tallied(tmp_path, size, threads=2, engine=engine)
    assert engine.done == []
    assert (tally.reused, tally.simulated) == (size, 0)
    assert bits(tally) == expected(size)


def test_a_later_run_adds_only_the_rest(tmp_path: Path) -> None:
    tallied(tmp_path, 1500)
    engine = Engine()
    assert bits(tallied(tmp_path, 2500, engine=engine)) == expected(2500)
    assert sorted(engine.done) == list(range(1500, 2500))


@pytest.mark.parametrize("size", [40, 1024, 2500, SERIES_BLOCKS * BLOCK + 500])
def test_series_are_simulated_once_they_are_asked_for(tmp_path: Path, size: int) -> None:
    without = Engine()
    bare = tallied(tmp_path, size, threads=2, engine=without, series=False)
    assert not without.series
    engine = Engine()
    tally = tallied(tmp_path, size, threads=2, engine=engine)
    assert sorted(engine.done) == list(range(min(size, SERIES_BLOCKS * BLOCK)))
    assert engine.series
    assert bits(tally) == expected(size)
    assert tally.table.tobytes() == bare.table.tobytes()
    assert tallied(tmp_path, size, engine=(again := Engine())).reused == size
    assert tallied(tmp_path, size, engine=again, series=False).reused == size
    assert again.done == []


def test_a_tally_holds_its_table_and_nothing_of_the_series(tmp_path: Path) -> None:
    tally = tallied(tmp_path, 100, 2500)
    arrays = [value for value in vars(tally).values() if isinstance(value, np.ndarray | Block)]
    assert [array is tally.table for array in arrays] == [True]


def test_rows_of_a_whole_block_serve_a_smaller_question_without_series(tmp_path: Path) -> None:
    tallied(tmp_path, 4096)
    tally = tallied(tmp_path, 2500, engine=(engine := Engine()), series=False)
    assert engine.done == []
    assert tally.table.tobytes() == expected(2500)[0]


def test_a_smaller_question_costs_less_than_a_block(tmp_path: Path) -> None:
    tallied(tmp_path, 4096)
    engine = Engine()
    assert bits(tallied(tmp_path, 2500, engine=engine)) == expected(2500)
    assert sorted(engine.done) == list(range(2048, 2500))
    assert bits(tallied(tmp_path, 2500, engine=(again := Engine()))) == expected(2500)
    assert again.done == []


@pytest.mark.parametrize("threads", [1, 3])
def test_what_was_complete_at_a_stop_is_not_run_again(
    tmp_path: Path, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "size", lambda *_: 100)
    cancel = threading.Event()
    came: list[int] = []

    def advance(count: int) -> None:
        came.append(count)
        if sum(came) >= 1500:
            cancel.set()

    tally = Tally(simulate, stored(tmp_path), LocalThreads(threads), COLUMNS, series=True)
    assert not tally.extend(100_000, cancel, advance)
    # a hole in the last blocks may cost some pieces that were begun out of order
    assert sum(came) - 100 * 2 * threads <= tally.complete <= sum(came)
    engine = Engine()
    assert bits(tallied(tmp_path, 3000, engine=engine)) == expected(3000)
    assert len(engine.done) == 3000 - tally.complete


def test_a_stop_is_heard_while_reading(tmp_path: Path) -> None:
    tallied(tmp_path, 6000)
    cancel = threading.Event()
    tally = Tally(simulate, stored(tmp_path), LocalThreads(1), COLUMNS)
    assert not tally.extend(6000, cancel, lambda _: cancel.set())
    assert tally.complete < 6000


def test_a_fault_of_the_engine_stores_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "size", lambda *_: 100)

    def faulty(first: int, count: int, series: bool) -> Any:
        if first >= 1500:
            raise ZeroDivisionError
        return simulate(first, count, series)

    with pytest.raises(ZeroDivisionError):
        tallied(tmp_path, 4000, threads=2, engine=faulty)
    assert bits(tallied(tmp_path, 4000)) == expected(4000)


def test_damage_is_mended(tmp_path: Path) -> None:
    tallied(tmp_path, 3000)
    for number, path in enumerate(sorted(tmp_path.rglob("block-*"))):
        data = bytearray(path.read_bytes())
        data[number * 7 + 50] ^= 0x10
        path.write_bytes(data)
    engine = Engine()
    tally = tallied(tmp_path, 3000, engine=engine)
    assert bits(tally) == expected(3000)
    assert sorted(engine.done) == list(range(3000))
    assert bits(tallied(tmp_path, 3000, engine=(again := Engine()))) == expected(3000)
    assert again.done == []


def test_without_a_store_the_answer_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    assert bits(tallied(tmp_path, 1500, 2600)) == expected(2600)


def test_sums_that_would_depend_on_the_cut_are_refused(tmp_path: Path) -> None:
    def loose(first: int, count: int, series: bool) -> Any:
        chunk = simulate(first, count, series)
        chunk.sums = chunk.sums * 1.0
        return chunk

    with pytest.raises(TypeError, match="whole numbers"):
        tallied(tmp_path, 10, engine=loose)


def test_pieces_are_cut_to_the_measured_speed() -> None:
    pace = Pace()
    assert pace.size(10_000, 2) < 100
    pace.measure(100, 1.0)
    assert pace.size(1_000_000, 2) == int(100 * tally_module.PIECE_SECONDS)
    pace.measure(1, 3.0)
    assert pace.size(1_000_000, 2) == 1
    pace.measure(1_000_000, 1.0)
    assert pace.size(10**9, 1) == 200_000
    assert pace.size(100_000, 4) == 20_000  # a long way to the end: the least
    assert pace.size(400_000, 4) == 50_000  # towards the end: an eighth of the rest
