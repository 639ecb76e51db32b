"""The loop around a run: samples, precision, stops, and what is said about them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
import xarray as xr

import phaseline
from phaseline import InterruptedRun, Outcomes, RunStore, Scenario
from phaseline.execution import runner
from phaseline.execution.settings import RunSettings

WILDFIRES = Path(__file__).parents[2] / "examples" / "wildfires.yaml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A case with several plans and all kinds of chance."""
    return phaseline.load(WILDFIRES)


@pytest.fixture
def run(scenario: Scenario, tmp_path: Path) -> Callable[..., Outcomes]:
    """Run its first two plans."""
    plans = dict(list(scenario.plans.items())[:2])

    def call(settings: RunSettings, **more: object) -> Outcomes:
        return runner.run(scenario, plans, settings, store=RunStore(tmp_path), **more)  # type: ignore[arg-type]

    return call


def test_what_is_told_about_the_run(run: Callable[..., Outcomes]) -> None:
    came: list[tuple[int, int]] = []
    outcomes = run(RunSettings(501, threads=2), progress=lambda *now: came.append(now), warnings=["first"])
    assert outcomes.replications == 504
    assert came[-1] == (1008, 1008)
    assert outcomes.info["warnings"][0] == "first"
    assert "504" in outcomes.info["warnings"][1]
    assert (outcomes.info["simulated"], outcomes.info["reused"]) == (1008, 0)
    again = run(RunSettings(504))
    assert (again.info["simulated"], again.info["reused"]) == (0, 1008)
    assert again.info["warnings"] == []
    longer = run(RunSettings(1200))
    assert (longer.info["simulated"], longer.info["reused"]) == (2 * (1200 - 504), 1008)


def test_samples_are_rows_of_the_table(run: Callable[..., Outcomes]) -> None:
    for result in run(RunSettings(400)).runs.values():
        assert [sample.replication for sample in result.samples][:3] == [0, 1, 2]
        assert len(result.samples) <= 4
        for sample in result.samples:
            assert sample.outcomes.tobytes() == result.table[sample.replication].tobytes()
            assert sample.events


def test_series_sums_agree_with_their_histograms(run: Callable[..., Outcomes]) -> None:
    for result in run(RunSettings(400)).runs.values():
        assert result.daily is not None
        daily = result.daily()
        histogram, sums, scales = daily.histogram, daily.sums, daily.scales
        assert daily.count == result.series_count == 400
        assert (histogram.sum(axis=2) == daily.count).all()
        low, width = scales[:, 0], scales[:, 1] - scales[:, 0]
        middles = (np.arange(histogram.shape[2]) + 0.5) / histogram.shape[2]
        from_bins = histogram @ middles / result.series_count
        from_sums = (sums / result.series_count - low) / width
        assert np.abs(from_bins - from_sums).max() <= 0.5 / histogram.shape[2] + 1e-6


def held(found: object, seen: set[int] | None = None) -> int:
    """Numbers in the largest array that can be reached from something."""
    seen = set() if seen is None else seen
    if id(found) in seen:
        return 0
    seen.add(id(found))
    if isinstance(found, np.ndarray):
        return found.size
    inner: list[object] = [*found] if isinstance(found, tuple | list | set) else []
    if isinstance(found, dict):
        inner = [*found.values()]
    if hasattr(found, "__dict__"):
        inner += vars(found).values()
    return max((held(one, seen) for one in inner), default=0)


@pytest.mark.parametrize("series", [False, True])
def test_outcomes_hold_no_histogram(run: Callable[..., Outcomes], series: bool) -> None:
    outcomes = run(RunSettings(400), series=series)
    result = outcomes.runs[outcomes.plans[0]]
    assert result.daily is not None
    assert result.daily().histogram.size > 10 * result.table.size
    assert held(outcomes) < result.daily().histogram.size / 10
    assert held(outcomes) >= result.table.size


def test_series_asked_for_later_are_the_same_and_then_kept(
    run: Callable[..., Outcomes], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RunSettings(1500)
    later = run(settings)
    assert later.info["simulated"] == 3000
    series = later.series()
    recorded = run(settings, series=True)
    assert (recorded.info["simulated"], recorded.info["reused"]) == (0, 3000)
    fresh = run(replace(settings, seed=2), series=True)
    assert fresh.info["simulated"] == 3000

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("simulated what was stored")

    monkeypatch.setattr(runner.EngineCall, "__call__", refuse)
    xr.testing.assert_identical(recorded.series(), series)
    fresh.series()


def test_series_with_a_store_that_cannot_be_written(
    run: Callable[..., Outcomes], scenario: Scenario, tmp_path: Path
) -> None:
    (tmp_path / "runs").write_text("in the way", encoding="utf-8")
    blocked = run(RunSettings(1100), series=True)
    free = phaseline.run(scenario, blocked.plans, 1100, store=tmp_path / "free")
    xr.testing.assert_identical(blocked.series(), free.series())


def test_series_are_simulated_until_told_to_stop(
    run: Callable[..., Outcomes], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = run(RunSettings(1500))
    call = runner.EngineCall.__call__

    def interrupted(*args: object, **more: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return call(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(runner.EngineCall, "__call__", interrupted)
        with pytest.raises(InterruptedRun, match="daily series"):
            outcomes.series()
    assert outcomes.series().sizes["day"] > 0


@pytest.mark.parametrize(
    ("ends", "picked"),
    [
        ([5.0], [0]),
        ([5.0, 7.0], [0, 1]),
        ([9.0, 9.0, 9.0, 1.0, 5.0, 3.0, 2.0], [0, 1, 2, 4]),
        ([9.0, 9.0, 9.0, 9.0, 1.0], [0, 1, 2]),
        ([1.0, 2.0, 3.0, np.nan, np.nan, np.nan, np.nan], [0, 1, 2, 3]),
    ],
)
def test_the_median_history_is_told_too(ends: list[float], picked: list[int]) -> None:
    assert runner._picked(np.array(ends)) == picked


def test_all_plans_stop_at_the_size_at_which_the_last_is_precise(
    run: Callable[..., Outcomes], scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def precision(table: np.ndarray, *_: object) -> float:
        asked.append(len(table))
        return [0.5, 0.01, 0.01, 0.3, 0.02, 0.05][len(asked) - 1]

    monkeypatch.setattr(runner, "headline_precision", precision)
    outcomes = run(RunSettings(precision=0.05))
    assert asked == [1024, 1024, 2048, 2048, 4096, 4096]
    assert outcomes.replications == 4096
    assert outcomes.info["precision"] == {"wanted": 0.05, "reached": 0.05}
    assert outcomes.info["warnings"] == []


def test_a_precision_out_of_reach_is_said(
    run: Callable[..., Outcomes], caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = run(RunSettings(1500, precision=1e-6))
    assert outcomes.replications == 1500
    assert "not reached" in outcomes.info["warnings"][0]
    assert "not reached" in caplog.text
    assert outcomes.info["precision"]["reached"] > 1e-6


def test_the_first_interrupt_stops_in_good_order(run: Callable[..., Outcomes]) -> None:
    def interrupt(done: int, _: int) -> None:
        if done > 3000:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(InterruptedRun, match=r"of 200,000 replications are complete and kept") as stopped:
        run(RunSettings(100_000, threads=1), progress=interrupt)
    assert stopped.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run(RunSettings(2048)).info["reused"] >= 2048


def test_the_second_interrupt_stops_at_once_and_spoils_nothing(run: Callable[..., Outcomes]) -> None:
    fresh = run(RunSettings(3000, seed=5))

    def interrupt(done: int, _: int) -> None:
        if done > 2100:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(InterruptedRun):
        run(RunSettings(100_000, seed=6, threads=2), progress=interrupt)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run(RunSettings(3000, seed=6)).replications == fresh.replications


def test_a_handler_of_the_application_is_left_alone(run: Callable[..., Outcomes]) -> None:
    heard: list[int] = []

    def handler(number: int, _: FrameType | None) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGINT, handler)
    try:
        outcomes = run(RunSettings(2000), progress=lambda *_: signal.raise_signal(signal.SIGINT))
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard
    assert outcomes.replications == 2000


def test_a_stop_before_anything_is_complete(run: Callable[..., Outcomes]) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(InterruptedRun, match="before any replication"):
        run(RunSettings(1000), cancel=cancel)


def test_any_thread_may_run(run: Callable[..., Outcomes]) -> None:
    found: list[Outcomes] = []
    thread = threading.Thread(target=lambda: found.append(run(RunSettings(600, threads=2))))
    thread.start()
    thread.join()
    assert found[0].replications == 600


def test_an_executor_of_ones_own(run: Callable[..., Outcomes], scenario: Scenario, tmp_path: Path) -> None:
    class Backwards:
        """Gives results in the worst order."""

        parallelism = 2

        def map(self, work: Callable, pieces: object, cancel: threading.Event) -> object:
            return reversed([(piece, work(piece)) for piece in pieces])  # type: ignore[attr-defined]

    other = run(RunSettings(1500), executor=Backwards())
    usual = phaseline.run(scenario, other.plans, 1500, store=tmp_path / "usual")
    for plan in other.plans:
        assert other.runs[plan].table.tobytes() == usual.runs[plan].table.tobytes()
    xr.testing.assert_identical(other.series(), usual.series())


def test_two_processes_share_a_store(tmp_path: Path, scenario: Scenario) -> None:
    plan = next(iter(scenario.plans))
    command = [
        sys.executable,
        "-m",
        "phaseline",
        "run",
        str(WILDFIRES),
        "--plan",
        plan,
        "-n",
        "6000",
        "--json",
    ]
    environment = os.environ | {"PHASELINE_STORE": str(tmp_path / "shared")}
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    answers = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert answers[0] == answers[1] == answers[2]
    assert not list(tmp_path.rglob("*.tmp"))
    shared = phaseline.run(scenario, plan, 6000, store=tmp_path / "shared")
    alone = phaseline.run(scenario, plan, 6000, store=tmp_path / "alone")
    assert shared.info["simulated"] == 0
    assert shared.runs[plan].table.tobytes() == alone.runs[plan].table.tobytes()
    xr.testing.assert_identical(shared.series(), alone.series())


def test_the_engine_is_compiled_once_and_says_so(
    run: Callable[..., Outcomes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    compiled: list[bool] = []
    monkeypatch.setattr("phaseline.engine.is_warm", lambda: bool(compiled))
    monkeypatch.setattr("phaseline.engine.warm_up", lambda: compiled.append(True))
    run(RunSettings(8))
    run(RunSettings(12))
    assert compiled == [True]
    assert caplog.text.count("compiling the engine") == 1


UNKNOWN_DURATION = {
    "format": "phaseline/1",
    "title": "one task",
    "as_of": "2026-01-01",
    "horizon": "60 days",
    "numbers": {
        "world": {"low": "10 days", "high": "40 days", "label": "days of digging"},
        "luck": {"low": "1 days", "high": "9 days", "kind": "chance"},
    },
    "operations": {
        "dig": {
            "phases": {
                "first": {"kind": "task", "duration": "$world"},
                "second": {"kind": "task", "duration": {"low": "1 days", "high": "5 days"}},
                "third": {"kind": "task", "duration": "$luck"},
            }
        }
    },
    "plans": {"only": {}},
}


def test_numbers_of_the_worlds_are_those_of_the_histories(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(UNKNOWN_DURATION)
    outcomes = phaseline.run(scenario, replications=40, seed=5, store=tmp_path)
    numbers = outcomes.numbers()
    second = "operations.dig.phases.second.duration"
    assert list(numbers.columns) == ["world", "numbers.world", second]
    assert list(numbers["world"]) == list(range(10))
    assert numbers.attrs["units"] == {"numbers.world": "days", second: "days"}
    assert numbers.attrs["labels"]["numbers.world"] == "days of digging"
    of_history = numbers.iloc[outcomes.world_of]
    begun, ended = (outcomes.column("only", f"{name}.dig.first") for name in ("start", "end"))
    assert list(ended - begun) == list(np.ceil(of_history["numbers.world"]))  # work ends with a day
    begun, ended = (outcomes.column("only", f"{name}.dig.second") for name in ("start", "end"))
    assert list(ended - begun) == list(np.ceil(of_history[second]))
    assert numbers["numbers.world"].nunique() == 10
