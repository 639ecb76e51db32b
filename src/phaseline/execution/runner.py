"""Run a scenario's plans: settings, store, engine and executor in, labelled outcomes out."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InterruptedRun
from phaseline.execution.daily import DailySource, series_count
from phaseline.execution.executor import Executor, LocalThreads
from phaseline.execution.settings import RunSettings
from phaseline.execution.store import Question, RunStore, StoredRun
from phaseline.execution.tally import Chunk, Tally
from phaseline.execution.worlds import drawn as worlds_drawn
from phaseline.outcomes.results import Event, History, Outcomes, PlanRun, WorldNumbers
from phaseline.outcomes.statistics import headline_precision
from phaseline.outcomes.unopened import unopened_gates
from phaseline.scenario.certainty import certain_columns
from phaseline.scenario.readable import counted
from phaseline.scenario.records import columns
from phaseline.scenario.schema import Plan, Scenario

if TYPE_CHECKING:
    from phaseline.engine import CompiledModel, CompiledPlan

FIRST_HISTORIES = 3
"""Whole histories kept of each plan, besides the one whose end is the median."""

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told how many replications there are, over all plans, and how many there will be."""


@dataclass(frozen=True)
class EngineCall:
    """The engine bound to all but the piece; can be sent to other processes."""

    model: CompiledModel
    plan: CompiledPlan
    seed: int
    per_world: int

    def __call__(self, first: int, count: int, series: bool) -> Chunk:
        """Simulate a piece."""
        from phaseline import engine

        return engine.simulate(
            self.model,
            self.plan,
            seed=self.seed,
            first=first,
            count=count,
            per_world=self.per_world,
            series=series,
        )


@dataclass
class _Counter:
    """Adds up what comes in, for the caller's progress."""

    progress: Progress | None
    done: int = 0
    total: int = 0

    def advance(self, count: int) -> None:
        self.done += count
        if self.progress is not None:
            self.progress(self.done, self.total)


@dataclass
class _Job:
    """One plan of the run."""

    plan_id: str
    plan: Plan
    call: EngineCall
    stored: StoredRun
    tally: Tally
    certain: frozenset[str]


@dataclass
class _Result:
    size: int = 0
    precision: float | None = None
    warnings: list[str] = field(default_factory=list)


def run(
    scenario: Scenario,
    plans: Mapping[str, Plan],
    settings: RunSettings,
    *,
    store: RunStore,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    warnings: Sequence[str] = (),
    whole_histories: bool = True,
    series: bool = False,
) -> Outcomes:
    """Simulate plans over the same worlds with the same luck, reusing what the store holds.

    Parameters
    ----------
    scenario
        A checked scenario.
    plans
        Plans by id, in the order of the result.
    settings
        How many, how precise, which seed.
    store
        Where finished replications are looked up and kept.
    executor
        Who does the work; default threads of this process.
    progress
        See `Progress`; called from this thread.
    cancel
        Stops the run when set, from any thread.
    warnings
        What is to stand in the result's information before the run's own warnings.
    whole_histories
        Whether to keep some histories with their events, which costs a few milliseconds a plan.
    series
        Whether daily series will be asked for: recording them makes a run several times slower. Without it they are
        simulated when they are asked for.

    Raises
    ------
    InterruptedRun
        If it was stopped, by `cancel` or Ctrl-C; complete parts are in the store.
    """
    began = time.perf_counter()
    executor = LocalThreads(settings.num_threads) if executor is None else executor
    for note in settings.notes:
        logger.warning(note)
    jobs: list[_Job] = []
    try:
        model = _compile(scenario)
        jobs += (
            _job(model, plan_id, plan, settings, store, executor, series) for plan_id, plan in plans.items()
        )
        prepared = time.perf_counter()
        with stoppable(cancel) as stop:
            result = _simulate(jobs, settings, stop, _Counter(progress))
        simulated = time.perf_counter()
        runs = {job.plan_id: _plan_run(job, executor, model, whole_histories) for job in jobs}
    except KeyboardInterrupt:
        raise InterruptedRun(_stopped(jobs)) from None
    ended = time.perf_counter()
    seconds = {"prepare": prepared - began, "simulate": simulated - prepared, "explain": ended - simulated}
    info: dict[str, Any] = {
        "threads": executor.parallelism,
        "reused": sum(job.tally.reused for job in jobs),
        "simulated": sum(job.tally.simulated for job in jobs),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "warnings": [
            *warnings,
            *settings.notes,
            *result.warnings,
            *(text for job in jobs for text in job.stored.problems),
            *(text for job in jobs for text in _unopened(job, scenario)),
        ],
    }
    if settings.precision is not None:
        info["precision"] = {"wanted": settings.precision, "reached": result.precision}
    drawn = partial(
        _numbers, model, [job.call.plan for job in jobs], settings.seed, result.size // settings.per_world
    )
    return Outcomes(scenario, model.fingerprint, settings.seed, settings.per_world, runs, info, drawn=drawn)


def _numbers(model: CompiledModel, plans: Sequence[CompiledPlan], seed: int, worlds: int) -> WorldNumbers:
    found = worlds_drawn(model, plans, seed, worlds)
    # A number may be called as the column that counts the worlds; its path is as good a name.
    names = tuple("numbers.world" if name == "world" else name for name in found.names)
    return WorldNumbers(names, found.labels, found.units, found.values)


def explain(scenario: Scenario, plan_id: str, plan: Plan, settings: RunSettings, replication: int) -> History:
    """One whole history with its events.

    Parameters
    ----------
    scenario, plan_id, plan
        What to run.
    settings
        Seed and replications per world count.
    replication
        Index of the history.
    """
    from phaseline import engine

    model = _compile(scenario)
    return _history(_call(model, engine.compile_plan(model, plan_id, plan), settings), replication)


def _compile(scenario: Scenario) -> CompiledModel:
    from phaseline import engine

    model = engine.compile_scenario(scenario)
    if not engine.is_warm():
        # In the main thread, where Ctrl-C can reach it.
        logger.warning("compiling the engine, about a minute, once")
        engine.warm_up()
    return model


def _call(model: CompiledModel, plan: CompiledPlan, settings: RunSettings) -> EngineCall:
    return EngineCall(model, plan, settings.seed, settings.per_world)


def _job(
    model: CompiledModel, plan_id: str, plan: Plan, settings: RunSettings, store: RunStore, executor: Executor,
    series: bool,
) -> _Job:  # fmt: skip
    from phaseline import engine

    compiled = engine.compile_plan(model, plan_id, plan)
    question = Question(
        engine.ENGINE_FINGERPRINT, model.fingerprint, compiled.fingerprint, settings.seed, settings.per_world
    )
    description = {
        "scenario": model.scenario.title,
        "plan": plan_id,
        "seed": settings.seed,
        "per_world": settings.per_world,
        "engine": engine.ENGINE_FINGERPRINT,
    }
    stored = store.open(question, description)
    call = _call(model, compiled, settings)
    tally = Tally(call, stored, executor, len(columns(model.scenario)), series=series)
    return _Job(plan_id, plan, call, stored, tally, certain_columns(model.scenario, plan))


def _simulate(jobs: list[_Job], settings: RunSettings, cancel: threading.Event, counter: _Counter) -> _Result:
    """Bring all plans to the same number of replications, the first at which all are precise enough."""
    result = _Result()
    for size in settings.sizes:
        result.size = size
        counter.total = size * len(jobs)
        for job in jobs:
            if not job.tally.extend(size, cancel, counter.advance):
                raise InterruptedRun(_stopped(jobs, counter.total))
        if settings.precision is not None:
            result.precision = max(_precision(job, settings) for job in jobs)
            if result.precision <= settings.precision:
                return result
    if settings.precision is not None:
        result.warnings.append(
            f"the precision wanted, {100 * settings.precision:.2f} %, was not reached with "
            f"{counted(result.size, 'replication')}: the widest headline interval has a half-width of "
            f"{100 * (result.precision or 0.0):.2f} %"
        )
        logger.warning(result.warnings[-1])
    return result


def _precision(job: _Job, settings: RunSettings) -> float:
    """How wide the widest interval is; what is certain has none."""
    recorded = columns(job.call.model.scenario)
    varying = [i for i, column in enumerate(recorded) if column.name not in job.certain]
    return headline_precision(job.tally.table[:, varying], [recorded[i] for i in varying], settings.per_world)


def _stopped(jobs: list[_Job], total: int | None = None) -> str:
    complete = sum(job.tally.complete for job in jobs)
    if not complete:
        return "stopped before any replication was complete"
    of = "" if total is None else f" of {total:,}"
    if any(job.stored.problems for job in jobs):
        return f"stopped with {complete:,}{of} replications complete"
    return f"stopped; {complete:,}{of} replications are complete and kept, and the same command goes on from there"


def _plan_run(job: _Job, executor: Executor, model: CompiledModel, whole_histories: bool) -> PlanRun:
    from phaseline.engine import FIXED_POINT

    tally = job.tally
    replications, num_columns = tally.table.shape
    picked = _picked(tally.table[:, _position_of_end(model.scenario)]) if whole_histories else []
    return PlanRun(
        plan=job.plan_id,
        title=job.plan.title or job.plan_id,
        fingerprint=job.call.plan.fingerprint,
        table=tally.table,
        series_count=series_count(replications),
        daily=DailySource(
            job.call, job.stored, executor, num_columns, replications, model.scales, FIXED_POINT, _to_the_end
        ),
        samples=tuple(_history(job.call, replication) for replication in picked),
        certain=job.certain,
        content=job.plan,
    )


def _unopened(job: _Job, scenario: Scenario) -> list[str]:
    return unopened_gates(scenario, job.plan, job.plan.title or job.plan_id, job.tally.table)


def _position_of_end(scenario: Scenario) -> int:
    return [column.name for column in columns(scenario)].index("end")


def _picked(ends: np.ndarray) -> list[int]:
    """The first few histories, and the first of those that end at the median; never ending is the latest end."""
    ends = np.where(np.isnan(ends), np.inf, ends)
    median = np.partition(ends, (len(ends) - 1) // 2)[(len(ends) - 1) // 2]
    first = range(min(FIRST_HISTORIES, len(ends)))
    return sorted({*first, int(np.flatnonzero(ends == median)[0])})


def _history(call: EngineCall, replication: int) -> History:
    from phaseline import engine

    events, series, outcomes = engine.explain(
        call.model, call.plan, seed=call.seed, replication=replication, per_world=call.per_world
    )
    return History(replication, series, tuple(Event(*event) for event in events), outcomes)


def stop_if(cancel: threading.Event | None) -> None:
    """Leave work that only reads finished histories.

    Raises
    ------
    InterruptedRun
        If `cancel` is set.
    """
    if cancel is not None and cancel.is_set():
        raise InterruptedRun("stopped; the histories simulated so far are kept")


def _to_the_end(work: Callable[[threading.Event], bool]) -> None:
    """Do something that can be stopped, or say that it was."""
    cancel = threading.Event()
    try:
        with stoppable(cancel):
            done = work(cancel)
    except KeyboardInterrupt:
        done = False
    if not done:
        raise InterruptedRun("stopped while daily series were simulated; what is complete is kept")


@contextmanager
def stoppable(cancel: threading.Event | None = None) -> Iterator[threading.Event]:
    """Let the first Ctrl-C stop the work in good order; a second one stops it at once.

    Parameters
    ----------
    cancel
        What the first Ctrl-C sets; a new one by default.

    Yields
    ------
    Event
        The same, for all that is to stop. Within another such block the outer one stays in charge.
    """
    cancel = threading.Event() if cancel is None else cancel
    plain = threading.current_thread() is threading.main_thread()
    if not plain or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield cancel
        return

    def stop(_signal: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
