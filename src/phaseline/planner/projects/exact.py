"""The base schedule by constraint programming: CP-SAT, started from the best list.

OR-Tools' CP-SAT holds intervals and cumulative resources (Laborie et al. 2018; Perron, Didier and Gay 2023, CP). Alone it
finds good schedules late where activities are many; a genetic search over lists finds them soon, and CP-SAT proves and
improves them. Runs by the clock do not repeat; with `deterministic` time and one worker they do, to the bit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.planner.projects.lists import Schedule, lower_bound, search

if TYPE_CHECKING:
    from phaseline.scenario.network import Network

WORKERS = 8
"""Of CP-SAT by the clock; its workers are different strategies, and eight help even on two cores."""
LIST_SHARE = 0.4
"""Part of the time for the search over lists."""
LIST_SCHEDULES = 15_000
"""Schedules of the search over lists where the run is to repeat."""


@dataclass(frozen=True)
class Planned:
    """A base schedule.

    Attributes
    ----------
    schedule
        The best found.
    bound
        No schedule ends before this.
    optimal
        Whether it is proved that none is shorter.
    by_lists
        End of the best schedule by lists, from which CP-SAT started; 0 where there was none.
    seconds
        Wall-clock time spent.
    """

    schedule: Schedule
    bound: int
    optimal: bool
    by_lists: int
    seconds: float


def plan(
    network: Network,
    *,
    seconds: float | None = 10.0,
    deterministic: float | None = None,
    seed: int = 1,
    workers: int | None = None,
    warm: bool = True,
) -> Planned:
    """A schedule as short as can be found in the time.

    Parameters
    ----------
    network
        Any.
    seconds
        Wall-clock time in all; ignored where `deterministic` is given.
    deterministic
        CP-SAT's own measure of work, about seconds of one core; the run repeats to the bit.
    seed
        Of both searches.
    workers
        Of CP-SAT; default `WORKERS`, and one where the run is to repeat.
    warm
        Whether to start from lists; without, it is plain CP-SAT.

    Raises
    ------
    ValueError
        If CP-SAT finds nothing, which it does only where it was not started from lists.
    """
    began = time.perf_counter()
    first: Schedule | None = None
    if warm:
        if deterministic is not None:
            first = search(network, schedules_made=LIST_SCHEDULES, seed=seed)
        else:
            first = search(network, seconds=LIST_SHARE * (seconds or 0.0), seed=seed)
        if first.end == lower_bound(network):
            return Planned(first, first.end, True, first.end, time.perf_counter() - began)
    left = None if deterministic is not None else max(0.1, (seconds or 0.0) - (time.perf_counter() - began))
    starts, bound, optimal = _solve(network, first, left, deterministic, seed, workers)
    if starts is None:
        if first is None:
            raise ValueError("CP-SAT found no schedule in the time")
        found = first
    else:
        found = Schedule(starts, int((starts + network.durations).max()), first.made if first else 0)
        if first is not None and first.end <= found.end:
            found = first
    return Planned(
        found, bound, optimal or bound >= found.end, first.end if first else 0, time.perf_counter() - began
    )


def _solve(
    network: Network,
    first: Schedule | None,
    seconds: float | None,
    deterministic: float | None,
    seed: int,
    workers: int | None,
) -> tuple[Any, int, bool]:
    """Starts (None if nothing was found), the bound, and whether it is proved."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    most = first.end if first is not None else int(network.durations.sum() + network.release_of.max())
    heads, tails = network.heads(), network.tails()
    starts = [
        model.new_int_var(int(heads[i]), max(int(heads[i]), most - int(tails[i])), f"s{i}")
        for i in range(network.num_activities)
    ]
    end = model.new_int_var(lower_bound(network), most, "end")
    intervals = [
        model.new_fixed_size_interval_var(start, int(lasts), f"i{i}")
        for i, (start, lasts) in enumerate(zip(starts, network.durations, strict=True))
    ]
    for i, after in enumerate(network.successors):
        for j in after:
            model.add(starts[j] >= starts[i] + int(network.durations[i]))
        if not after:
            model.add(end >= starts[i] + int(network.durations[i]))
    for k, units in enumerate(network.capacities):
        users = [
            i for i in range(network.num_activities) if network.demands[i, k] > 0 and network.durations[i] > 0
        ]
        if users:
            model.add_cumulative(
                [intervals[i] for i in users], [int(network.demands[i, k]) for i in users], int(units)
            )
    if first is not None:
        for variable, start in zip(starts, first.starts, strict=True):
            model.add_hint(variable, int(start))
        model.add_hint(end, first.end)
    model.minimize(end)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed
    if deterministic is not None:
        solver.parameters.num_workers = 1 if workers is None else workers
        solver.parameters.interleave_search = solver.parameters.num_workers > 1
        solver.parameters.max_deterministic_time = deterministic
    else:
        solver.parameters.num_workers = WORKERS if workers is None else workers
        solver.parameters.max_time_in_seconds = seconds or 1.0
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, lower_bound(network), False
    found = np.array([solver.value(variable) for variable in starts], dtype=np.int64)
    return found, int(np.ceil(solver.best_objective_bound - 1e-6)), status == cp_model.OPTIMAL
