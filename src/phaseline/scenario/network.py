"""Projects as networks: activities with durations, precedence and renewable resources, and nothing that is uncertain.

A network is a scenario without an adversary: `to_scenario` writes it as one, each activity a task that holds whole units.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.scenario.calendar import start_date
from phaseline.scenario.distributions import Fixed
from phaseline.scenario.quantity import resolve
from phaseline.scenario.records import awaited, phase_ids, phases_meant

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from phaseline.scenario.quantity import Quantity
    from phaseline.scenario.schema import Plan, Scenario


NOT_EVERY_DAY = (
    "cannot be kept: in a base schedule every day is a working day",
    "give --space, and plans are judged by simulation; or schedule without working days: --off calendars",
)
"""Rule and remedy where a base schedule meets a calendar."""


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
    due_dates
        Time by which each project should have ended, by project, None where none is given; empty where no project has one.
    """

    name: str
    durations: NDArray[np.int64]
    successors: tuple[tuple[int, ...], ...]
    demands: NDArray[np.int64]
    capacities: NDArray[np.int64]
    projects: NDArray[np.int64]
    releases: NDArray[np.int64]
    due_dates: tuple[int | None, ...] = ()

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

    def tardiness(self, starts: NDArray[np.int64]) -> tuple[int | None, ...]:
        """By how much each project ends after its due date, 0 if it does not; None where it has none.

        Parameters
        ----------
        starts
            Of all activities, shape [activity].
        """
        ends = starts + self.durations
        return tuple(
            None if due is None else max(0, int(ends[self.projects == project].max()) - due)
            for project, due in enumerate(self.due_dates)
        )

    @cached_property
    def critical_path(self) -> int:
        """End of all without resources, days."""
        return int((self.heads() + self.durations).max())


def to_scenario(network: Network, as_of: dt.date = dt.date(2000, 1, 1)) -> Scenario:
    """The network as a scenario: one operation per project, one task per activity, whole assets; dummies stand for milestones.

    A due date is kept as the intended start of a milestone that closes the project, whose delay is the project's lateness.

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
    for number, due in enumerate(network.due_dates):
        project = f"p{number}"
        if due is not None and project in operations:
            phases = operations[project]["phases"]
            phases["done"] = {"kind": "task", "duration": "0 days", "after": list(phases)}
            operations[project] |= {
                "intended": as_of + dt.timedelta(days=due), "intended_phase": "done",
            }  # fmt: skip
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


def from_scenario(scenario: Scenario, plan: Plan) -> tuple[Network, tuple[str, ...]]:
    """A scenario of tasks on whole assets as a network, and the phase of each activity.

    Of the plan, gates on dates and on phases done are kept; what else it holds is decided by the schedule.

    Raises
    ------
    InputError
        With everything in the scenario that a base schedule cannot hold: adversaries, uncertain durations, assets by the day.
    """
    problems: list[Problem] = []

    def refuse(
        path: str, rule: str, remedy: str = "give --space, and plans are judged by simulation"
    ) -> None:
        problems.append(Problem("the scenario", path=path, rule=rule, remedy=remedy))

    ids = phase_ids(scenario)
    for name in ("weather", "friction", "shocks"):
        if getattr(scenario, name):
            refuse(name, "chance has no place in a base schedule")
    durations, demands = (
        np.zeros(len(ids), dtype=np.int64),
        np.zeros((len(ids), len(scenario.assets)), dtype=np.int64),
    )
    assets = list(scenario.assets)
    successors: list[list[int]] = [[] for _ in ids]
    for i, phase_id in enumerate(ids):
        operation, name = phase_id.split(".")
        phase = scenario.operations[operation].phases[name]
        at = f"operations.{operation}.phases.{name}"
        if phase.kind != "task":
            refuse(at, "is contested, and a base schedule knows no adversary")
            continue
        if phase.calendar is not None:
            refuse(f"{at}.calendar", *NOT_EVERY_DAY)
        durations[i] = _whole(scenario, phase.duration, f"{at}.duration", refuse)
        for asset, demand in phase.demand.items():
            if scenario.assets[asset].sharing != "whole" or demand.units is None:
                refuse(
                    f"{at}.demand.{asset}", "is of an asset by the day, and a base schedule holds whole units"
                )
            else:
                demands[i, assets.index(asset)] = _whole(
                    scenario, demand.units, f"{at}.demand.{asset}", refuse
                )
        for ref in awaited(scenario, operation, name):
            for j in phases_meant(scenario, ref, operation):
                successors[j].append(i)
    capacities = np.zeros(len(assets), dtype=np.int64)
    for k, (name, held) in enumerate(scenario.assets.items()):
        if held.calendar is not None and demands[:, k].any():
            refuse(f"assets.{name}.calendar", *NOT_EVERY_DAY)
        if held.units is not None and held.sharing == "whole":
            capacities[k] = _whole(scenario, held.units, f"assets.{name}.units", refuse)
        elif demands[:, k].any():
            refuse(f"assets.{name}", "has no fixed number of units")
    releases = np.zeros(len(ids), dtype=np.int64)
    start = start_date(scenario)
    for target, gate in plan.gates.items():
        reached = phases_meant(scenario, target)
        if not (_fixed_at(gate.delay, 0.0) and _fixed_at(gate.for_, 1.0)):
            refuse(f"plans.gates.{target}", "waits longer than a base schedule can foresee")
        elif gate.date is not None and gate.date.ref is None and isinstance(gate.date.dist, Fixed):
            releases[reached] = max(0, int(gate.date.dist.value) - start.toordinal())
        elif gate.after is not None:
            for j in phases_meant(scenario, gate.after):
                successors[j] += reached
        else:
            refuse(f"plans.gates.{target}", "is a gate that a base schedule cannot foresee")
    if problems:
        raise InputError(problems)
    network = Network(
        scenario.title, durations, tuple(tuple(one) for one in successors), demands, capacities,
        np.arange(len(ids)), releases,
    )  # fmt: skip
    return network, tuple(ids)


def _fixed_at(quantity: Quantity, value: float) -> bool:
    """Whether a quantity is written as this number, or left at it."""
    return quantity.ref is None and isinstance(quantity.dist, Fixed) and quantity.dist.value == value


def _whole(
    scenario: Scenario, quantity: Quantity | None, path: str, refuse: Callable[[str, str], None]
) -> int:
    """A fixed whole number; 0 where it is refused."""
    if quantity is None:
        return 0
    value = resolve(quantity, scenario.numbers).dist
    if not isinstance(value, Fixed):
        refuse(path, "is uncertain, and a base schedule is for what is certain")
        return 0
    return int(np.ceil(value.value - 1e-9))
