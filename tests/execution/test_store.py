"""The store: whole files only, damage passed over, parts extended, never in the way of a run."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from phaseline import StoreError
from phaseline.execution.blocks import BLOCK, Block
from phaseline.execution.store import Question, RunStore, StoredRun

QUESTION = Question("engine", "model", "plan", seed=1, per_world=4)


def block(count: int, *, series: bool = True) -> Block:
    """Rows that tell their number."""
    outcomes = np.arange(count * 2, dtype=np.float64).reshape(count, 2)
    if not series:
        return Block(outcomes)
    return Block(outcomes, np.full((2, 1, 4), count, dtype=np.uint16), np.full((2, 1), count))


@pytest.fixture
def run(tmp_path: Path) -> StoredRun:
    """An empty run."""
    return RunStore(tmp_path).open(QUESTION, {"plan": "p"})


def names(run: StoredRun) -> set[str]:
    """Files in its folder."""
    return {path.name for path in run.folder.iterdir()}


@pytest.mark.parametrize(
    "change", [{"engine": "x"}, {"model": "x"}, {"plan": "x"}, {"seed": 2}, {"per_world": 2}]
)
def test_everything_that_fixes_the_bits_is_in_the_key(change: dict[str, object]) -> None:
    assert replace(QUESTION, **change).key != QUESTION.key  # type: ignore[arg-type]
    assert replace(QUESTION).key == QUESTION.key


def test_what_is_written_is_read(run: StoredRun) -> None:
    assert run.read(0, BLOCK) is None
    run.write(0, block(BLOCK))
    found = run.read(0, BLOCK)
    assert found is not None
    assert found.count == BLOCK
    assert names(run) == {"run.json", "block-000000.bin"}
    assert not run.problems


def test_the_largest_part_that_fits_is_read(run: StoredRun) -> None:
    for count in (100, 300, 700):
        run.write(2, block(count))
    counts = {count: found.count for count in (99, 100, 500, BLOCK) if (found := run.read(2, count))}
    assert counts == {100: 100, 500: 300, BLOCK: 700}


@pytest.mark.parametrize("series", [False, True])
def test_rows_of_a_whole_block_serve_fewer_but_its_series_do_not(run: StoredRun, series: bool) -> None:
    run.write(0, block(BLOCK, series=series))
    assert run.read(0, 100, series=True) is None
    found = run.read(0, 100)
    assert found is not None
    assert found.histogram is None
    assert np.array_equal(found.outcomes, block(100).outcomes)


def test_blocks_without_series_are_passed_over_where_they_are_asked_for(run: StoredRun) -> None:
    run.write(0, block(300))
    run.write(0, block(400, series=False))
    counts = {series: found.count for series in (False, True) if (found := run.read(0, 500, series=series))}
    assert counts == {False: 400, True: 300}
    run.write(0, block(400))
    found = run.read(0, 500, series=True)
    assert found is not None
    assert found.count == 400
    assert found.histogram is not None


@pytest.mark.parametrize("damage", ["cut", "empty", "changed", "foreign"])
def test_a_damaged_block_is_passed_over_with_a_word(
    run: StoredRun, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    run.write(0, block(400))
    run.write(0, block(900))
    path = run.folder / "block-000000.0900.bin"
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(
        {
            "cut": data[:middle],
            "empty": b"",
            "changed": data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :],
            "foreign": b"dear diary" * 100,
        }[damage]
    )
    found = run.read(0, 1000)
    assert found is not None
    assert found.count == 400
    assert path.name in caplog.text
    assert path.name in run.problems[0]
    run.write(0, block(900))
    assert path.read_bytes() == data


def test_a_store_that_cannot_be_written_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "runs").write_text("in the way", encoding="utf-8")
    run = RunStore(tmp_path).open(QUESTION, {})
    for index in range(3):
        run.write(index, block(10))
    assert len(run.problems) == 1
    assert "not kept" in caplog.text
    assert run.read(0, 10) is None


def test_a_failed_write_leaves_nothing_behind(run: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run.write(0, block(10))
    before = names(run)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    run.write(1, block(10))
    assert names(run) == before
    assert "No space left" in run.problems[0]


def test_only_old_leftovers_are_removed(run: StoredRun, tmp_path: Path) -> None:
    run.write(0, block(10))
    old, young = run.folder / "block-000001.bin.1-a.tmp", run.folder / "block-000002.bin.2-b.tmp"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - 86_400
    os.utime(old, (long_ago, long_ago))
    RunStore(tmp_path).open(QUESTION, {})
    assert not old.exists()
    assert young.exists()


def test_the_listing(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "none yet")
    assert store.runs() == []
    run = store.open(QUESTION, {"plan": "p", "seed": 1})
    run.write(0, block(BLOCK))
    run.write(1, block(BLOCK))
    run.write(2, block(50))
    run.write(2, block(60))
    (info,) = store.runs()
    assert (info.key, info.replications) == (QUESTION.key, 2 * BLOCK + 60)
    assert info.size == sum(path.stat().st_size for path in run.folder.glob("*.bin"))
    assert info.description["plan"] == "p"
    assert info.description["created"]


def test_where_the_store_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path / "here"))
    assert RunStore().folder == tmp_path / "here"
    monkeypatch.delenv("PHASELINE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert "phaseline" in str(RunStore().folder)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StoreError, match="not a folder"):
        RunStore(file)
