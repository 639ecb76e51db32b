"""Projects as networks: activities with durations, precedence and renewable resources, and nothing that is uncertain.

A network is a scenario without an adversary: `to_scenario` writes it as one, each activity a task that holds whole units.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Scenario


@dataclass(frozen=True)
class Network:
    """One instance of the (multi-project) resource-constrained project scheduling problem.

    Attributes
    ----------
    name
        Of the instance.
    durations
        Of each activity, whole days, shape [activity].
    successors
        Of each activity, positions.
    demands
        Units of each resource while it runs, shape [activity, resource].
    capacities
        Units that there are, shape [resource].
    projects
        Position of the project of each activity, shape [activity].
    releases
        First day of each project, shape [project].
    """

    name: str
    durations: NDArray[np.int64]
    successors: tuple[tuple[int, ...], ...]
    demands: NDArray[np.int64]
    capacities: NDArray[np.int64]
    projects: NDArray[np.int64]
    releases: NDArray[np.int64]

    @property
    def num_activities(self) -> int:
        """Activities, dummies included."""
        return len(self.durations)

    @cached_property
    def predecessors(self) -> tuple[tuple[int, ...], ...]:
        """Of each activity, positions."""
        found: list[list[int]] = [[] for _ in self.successors]
        for i, after in enumerate(self.successors):
            for j in after:
                found[j].append(i)
        return tuple(tuple(one) for one in found)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Positions in an order in which predecessors come first.

        Raises
        ------
        ValueError
            If activities wait for one another in a circle.
        """
        waiting = [len(before) for before in self.predecessors]
        ready = [i for i, count in enumerate(waiting) if count == 0]
        found: list[int] = []
        while ready:
            i = ready.pop(0)
            found.append(i)
            for j in self.successors[i]:
                waiting[j] -= 1
                if waiting[j] == 0:
                    ready.append(j)
        if len(found) < self.num_activities:
            raise ValueError("activities wait for one another in a circle")
        return np.array(found, dtype=np.int64)

    @property
    def release_of(self) -> NDArray[np.int64]:
        """First day on which each activity may start, shape [activity]."""
        return self.releases[self.projects]

    def heads(self, durations: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Earliest starts without resources, shape [activity]; other durations than the network's may be given."""
        lasts = self.durations if durations is None else durations
        start = self.release_of.astype(float)
        for i in self.order:
            for j in self.successors[i]:
                start[j] = max(start[j], start[i] + lasts[i])
        return start

    def tails(self) -> NDArray[np.float64]:
        """Time from the start of each activity to the end of all without resources, its own duration included."""
        found = self.durations.astype(float)
        for i in self.order[::-1]:
            for j in self.successors[i]:
                found[i] = max(found[i], self.durations[i] + found[j])
        return found

    @cached_property
    def critical_path(self) -> int:
        """End of all without resources, days."""
        return int((self.heads() + self.durations).max())


def to_scenario(network: Network, as_of: dt.date = dt.date(2000, 1, 1)) -> Scenario:
    """The network as a scenario: one operation per project, one task per activity, whole assets; dummies stand for milestones.

    Parameters
    ----------
    network
        Its activities of no duration must need nothing.
    as_of
        Day 0.

    Raises
    ------
    ValueError
        If an activity without duration needs units, which no task can hold for no time.
    """
    from phaseline.scenario.schema import Scenario

    if (network.demands[network.durations == 0] > 0).any():
        raise ValueError("an activity of no duration needs units")
    assets = {
        f"r{k}": {"sharing": "whole", "units": int(units)} for k, units in enumerate(network.capacities)
    }
    real = [i for i in range(network.num_activities) if network.durations[i] > 0]
    names = {i: (f"p{network.projects[i]}", f"a{i}") for i in real}
    operations: dict[str, Any] = {}
    for i in real:
        project, phase = names[i]
        task: dict[str, Any] = {"kind": "task", "duration": f"{int(network.durations[i])} days"}
        if demand := {f"r{k}": int(units) for k, units in enumerate(network.demands[i]) if units > 0}:
            task["demand"] = demand
        task["after"] = [".".join(names[j]) for j in _real_predecessors(network, i)]
        operations.setdefault(project, {"phases": {}})["phases"][phase] = task
    gates = {
        ".".join(names[i]): {"date": as_of + dt.timedelta(days=int(network.release_of[i]))}
        for i in real
        if network.release_of[i] > 0
    }
    horizon = int(network.release_of.max() + network.durations.sum()) + 2
    return Scenario.model_validate(
        {
            "format": "phaseline/1", "title": network.name, "as_of": as_of, "horizon": f"{horizon} days",
            "assets": assets, "operations": operations, "plans": {"only": {"gates": gates} if gates else {}},
        }
    )  # fmt: skip


def _real_predecessors(network: Network, i: int) -> list[int]:
    """Predecessors, where a dummy stands for its own."""
    found: dict[int, None] = {}
    waiting = list(network.predecessors[i])
    while waiting:
        j = waiting.pop()
        if network.durations[j] > 0:
            found[j] = None
        else:
            waiting += network.predecessors[j]
    return sorted(found)
