"""Runs: the same bits however they are cut, kept and continued; killed runs resume; repeated questions are read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import phaseline
from phaseline import InterruptedRun, RunStore
from phaseline.execution import runner

EXAMPLES = Path(__file__).parents[1] / "examples"
WILDFIRES = EXAMPLES / "wildfires.yaml"


@pytest.fixture(scope="module")
def plan() -> str:
    """The first plan of the example."""
    return next(iter(phaseline.load(WILDFIRES).plans))


def table(store: Path, plan: str, replications: int, **options: object) -> np.ndarray:
    """Outcome table of a run."""
    return phaseline.run(WILDFIRES, plan, replications, store=store, **options).runs[plan].table  # type: ignore[arg-type]


def test_threads_pieces_and_continuation_change_no_bit(
    tmp_path: Path, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = phaseline.run(WILDFIRES, plan, 3000, store=tmp_path / "a", threads=1)
    other = phaseline.run(WILDFIRES, plan, 3000, store=tmp_path / "b", threads=2)
    monkeypatch.setattr("phaseline.execution.tally.PIECE_SECONDS", 0.002)
    pieces = phaseline.run(WILDFIRES, plan, 3000, store=tmp_path / "c", threads=2)
    table(tmp_path / "d", plan, 500)
    longer = phaseline.run(WILDFIRES, plan, 3000, store=tmp_path / "d", threads=2)
    for run in (other, pieces, longer):
        assert run.runs[plan].table.tobytes() == whole.runs[plan].table.tobytes()
        xr.testing.assert_identical(run.series(), whole.series())


def test_a_repeated_question_is_read_not_run(
    tmp_path: Path, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = table(tmp_path, plan, 2048)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("simulated what was stored")

    monkeypatch.setattr(runner.EngineCall, "__call__", refuse)
    again = table(tmp_path, plan, 2048)
    assert again.tobytes() == first.tobytes()


def test_a_smaller_question_has_the_same_histories(tmp_path: Path, plan: str) -> None:
    first = table(tmp_path, plan, 2048)
    assert table(tmp_path, plan, 1000).tobytes() == first[:1000].tobytes()


def test_another_seed_plan_or_world_size_is_another_question(tmp_path: Path, plan: str) -> None:
    first = table(tmp_path, plan, 200)
    assert not np.array_equal(first, table(tmp_path, plan, 200, seed=2), equal_nan=True)
    assert not np.array_equal(first, table(tmp_path, plan, 200, per_world=2), equal_nan=True)


def blocks(store: Path) -> list[Path]:
    """Block files of a store."""
    return sorted(p for p in store.rglob("*") if p.is_file() and p.stat().st_size > 5000)


def test_damaged_blocks_are_noticed_and_computed_again(tmp_path: Path, plan: str) -> None:
    first = table(tmp_path, plan, 3000)
    victims = blocks(tmp_path)
    assert len(victims) >= 3
    victims[0].write_bytes(victims[0].read_bytes()[:-100])
    content = bytearray(victims[1].read_bytes())
    content[len(content) // 2] ^= 0xFF
    victims[1].write_bytes(content)
    victims[2].write_bytes(b"")
    assert table(tmp_path, plan, 3000).tobytes() == first.tobytes()


def test_a_cancelled_run_keeps_what_is_complete(tmp_path: Path, plan: str) -> None:
    cancel = threading.Event()

    def stop(done: int, _: int) -> None:
        if done >= 2048:
            cancel.set()

    with pytest.raises(InterruptedRun):
        phaseline.run(WILDFIRES, plan, 400_000, store=tmp_path, threads=2, progress=stop, cancel=cancel)
    kept = blocks(tmp_path)
    assert kept
    resumed = phaseline.run(WILDFIRES, plan, 4096, store=tmp_path)
    fresh = phaseline.run(WILDFIRES, plan, 4096, store=tmp_path / "fresh")
    assert resumed.runs[plan].table.tobytes() == fresh.runs[plan].table.tobytes()


def command(*more: str) -> list[str]:
    """A long run in a process of its own."""
    return [sys.executable, "-m", "phaseline", "run", str(WILDFIRES), "-n", "1000000", "--plan", *more]


def wait_for_blocks(store: Path, process: subprocess.Popen[bytes]) -> None:
    """Until three blocks are stored."""
    for _ in range(600):
        if store.exists() and len(blocks(store)) >= 3:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError("nothing was stored")


@pytest.mark.parametrize("blow", ["SIGKILL", "SIGINT"])
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")
def test_a_killed_run_resumes_and_an_interrupted_one_says_so(tmp_path: Path, plan: str, blow: str) -> None:
    store = tmp_path / "store"
    environment = os.environ | {"PHASELINE_STORE": str(store)}
    process = subprocess.Popen(command(plan), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for_blocks(store, process)
    process.send_signal(getattr(signal, blow))
    out, err = process.communicate(timeout=60)
    if blow == "SIGINT":
        assert process.returncode == 130, err
        assert b"Traceback" not in err
        assert out == b""
    resumed = phaseline.run(WILDFIRES, plan, 4096, store=store)
    fresh = phaseline.run(WILDFIRES, plan, 4096, store=tmp_path / "fresh")
    assert resumed.runs[plan].table.tobytes() == fresh.runs[plan].table.tobytes()


def test_precision_stops_at_a_fixed_size_when_it_is_reached(tmp_path: Path) -> None:
    coarse = phaseline.run(WILDFIRES, precision=0.2, store=tmp_path)
    fine = phaseline.run(WILDFIRES, precision=0.03, store=tmp_path)
    assert coarse.replications < fine.replications
    for outcomes in (coarse, fine):
        assert (outcomes.replications // 1024).bit_count() == 1
        assert outcomes.replications % 1024 == 0


def test_the_store_lists_its_runs(tmp_path: Path, plan: str) -> None:
    table(tmp_path, plan, 100)
    found = list(RunStore(tmp_path).runs())
    assert len(found) == 1
