"""Schedules: feasible by an independent checker, never better than what is proved, the same as the engine's own."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phaseline
from phaseline.planner.projects.checker import faults
from phaseline.planner.projects.exact import plan
from phaseline.planner.projects.lists import (
    RULES,
    lower_bound,
    parallel_schedule,
    priority_list,
    search,
    serial_schedule,
)
from phaseline.scenario.network import Network, to_scenario
from random_networks import random_network


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 3))
def test_every_schedule_is_feasible(seed: int, activities: int, projects: int) -> None:
    network = random_network(seed, activities, resources=3, projects=projects)
    found = [parallel_schedule(network, priority_list(network, rule)) for rule in RULES]
    found += [serial_schedule(network, network.order), search(network, schedules_made=300, seed=seed)]
    for schedule in found:
        assert faults(network, [int(start) for start in schedule.starts]) == []
        assert schedule.end == int((schedule.starts + network.durations).max())
        assert schedule.end >= lower_bound(network) >= network.critical_path
    assert found[-1].end <= max(one.end for one in found)


def _shortest(network: Network) -> int:
    """By trying every start of every activity: for tiny projects."""
    real = [i for i in range(network.num_activities) if network.durations[i] > 0]
    last = int(network.durations.sum())
    for end in range(lower_bound(network), last + 1):
        choices = [range(end - int(network.durations[i]) + 1) for i in real]
        for picked in product(*choices):
            starts = dict(zip(real, picked, strict=True))
            full = [
                starts.get(i, end if not network.successors[i] else 0) for i in range(network.num_activities)
            ]
            if not faults(network, full):
                return end
    raise AssertionError("no schedule at all")


@pytest.mark.parametrize("seed", range(6))
def test_the_proved_end_is_the_shortest_there_is(seed: int) -> None:
    network = random_network(seed, activities=4)
    found = plan(network, deterministic=5.0)
    assert found.optimal and found.bound == found.schedule.end == _shortest(network)
    assert faults(network, [int(start) for start in found.schedule.starts]) == []


@pytest.mark.parametrize("seed", range(4))
def test_cp_sat_is_never_worse_than_the_lists_it_started_from(seed: int) -> None:
    network = random_network(100 + seed, activities=25, resources=4)
    lists = search(network, schedules_made=600, seed=1)
    found = plan(network, deterministic=1.0)
    assert lower_bound(network) <= found.bound <= found.schedule.end <= min(found.by_lists, lists.end)
    again = plan(network, deterministic=1.0)
    assert (again.schedule.starts == found.schedule.starts).all()
    plain = plan(network, deterministic=1.0, warm=False)
    assert faults(network, [int(start) for start in plain.schedule.starts]) == [] and plain.by_lists == 0


def test_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network(7, activities=20)
    found = plan(network, seconds=1.0)
    assert faults(network, [int(start) for start in found.schedule.starts]) == []
    with pytest.raises(ValueError, match="give seconds or schedules_made"):
        search(network)


def test_the_checker_finds_every_fault() -> None:
    network = random_network(3, activities=6, projects=2)
    starts = [int(start) for start in serial_schedule(network, network.order).starts]
    assert faults(network, starts) == []
    assert "starts for" in faults(network, starts[:-1])[0]
    early = list(starts)
    late = int(np.argmax(network.releases))
    first = int(np.flatnonzero((network.projects == late) & (network.durations > 0))[0])
    early[first] = int(network.releases[late]) - 1
    assert any("before its release" in fault for fault in faults(network, early))
    i = next(i for i, after in enumerate(network.successors) if after and network.durations[i] > 0)
    ahead = list(starts)
    ahead[i] += 50
    assert any("before activity" in fault for fault in faults(network, ahead))
    crowded = [int(network.releases[p]) for p in network.projects]
    assert any("is asked for" in fault for fault in faults(network, crowded))


@pytest.mark.parametrize("seed", range(8))
def test_the_engine_runs_a_network_as_the_parallel_schedule(seed: int, tmp_path: Path) -> None:
    """A network is a scenario without an adversary: the engine ends when the parallel schedule of the file's order does."""
    network = random_network(seed, activities=10, projects=1 + seed % 2)
    order = np.arange(network.num_activities, dtype=np.int64)
    scenario = to_scenario(network)
    outcomes = phaseline.run(scenario, replications=4, store=tmp_path, threads=1)
    by_engine = outcomes.column("only", "end")
    assert (by_engine == parallel_schedule(network, order).end).all()


def test_a_milestone_that_needs_units_is_no_task() -> None:
    network = random_network(1, activities=3)
    demands = network.demands.copy()
    demands[0, 0] = 1
    broken = Network(
        "x",
        network.durations,
        network.successors,
        demands,
        network.capacities,
        network.projects,
        network.releases,
    )
    with pytest.raises(ValueError, match="no duration"):
        to_scenario(broken)
