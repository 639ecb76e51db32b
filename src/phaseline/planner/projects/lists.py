"""Schedules by lists: the usual priority rules, and a genetic search over lists with double justification."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phaseline.engine.projects import schedules
from phaseline.planner.projects.tables import tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.network import Network

MEMBERS = 60
"""Lists of a population."""
ROUNDS = 200
"""Children between looks at the clock."""
RULES = ("LFT", "LST", "MTS", "GRPW", "MSLK", "SPT", "GRD", "FIFO")
"""Latest finish, latest start, most total successors, greatest rank positional weight, least slack, shortest, greatest
resource demand, order of the file (Kolisch 1996, J. Oper. Manag. 14:179)."""


@dataclass(frozen=True)
class Schedule:
    """Starts of all activities.

    Attributes
    ----------
    starts
        Day on which each activity starts, shape [activity].
    end
        End of all.
    made
        Schedules that were made to find it.
    """

    starts: NDArray[np.int64]
    end: int
    made: int


def priority_list(network: Network, rule: str) -> NDArray[np.int64]:
    """All activities, most urgent first by a rule; of equals the one that comes first in the file.

    Parameters
    ----------
    network
        Any.
    rule
        Of `RULES`.
    """
    head, tail = network.heads(), network.tails()
    last = float((head + network.durations).max())
    after = _total_successors(network)
    key = {
        "LFT": last - tail + network.durations,
        "LST": last - tail,
        "MTS": -after.sum(axis=1).astype(float),
        "GRPW": -(network.durations + _of_successors(network)).astype(float),
        "MSLK": last - tail - head,
        "SPT": network.durations.astype(float),
        "GRD": -(network.durations[:, None] * network.demands).sum(axis=1).astype(float),
        "FIFO": np.arange(network.num_activities, dtype=float),
    }[rule]  # fmt: skip
    return np.argsort(key, kind="stable").astype(np.int64)


def serial_schedule(network: Network, order: NDArray[np.int64]) -> Schedule:
    """The serial schedule of a list in which predecessors come first."""
    flat = tables(network)
    starts = np.empty(network.num_activities, dtype=np.int64)
    end = schedules.serial(
        order, network.durations, flat.before_at, flat.before, flat.demands, flat.capacities, flat.releases,
        _usage(network), starts,
    )  # fmt: skip
    return Schedule(starts, int(end), 1)


def parallel_schedule(network: Network, order: NDArray[np.int64]) -> Schedule:
    """The parallel schedule of a priority list: whenever something ends, what may start starts, in the order of the list."""
    flat = tables(network)
    starts = np.empty(network.num_activities)
    end = schedules.dispatch(
        order, network.durations.astype(float), flat.before_at, flat.after_at, flat.after, flat.demands,
        flat.capacities, flat.releases, starts,
    )  # fmt: skip
    return Schedule(starts.astype(np.int64), int(end), 1)


def search(
    network: Network, *, seconds: float | None = None, schedules_made: int | None = None, seed: int = 1
) -> Schedule:
    """The best schedule of a genetic search over lists.

    Parameters
    ----------
    network
        Any.
    seconds
        Wall-clock time; such a search does not repeat.
    schedules_made
        Schedules to make, three for each list (it is justified twice); such a search repeats to the bit. One of both is
        needed, and the first that is reached ends the search.
    seed
        Of the search.

    Raises
    ------
    ValueError
        If neither limit is given.
    """
    if seconds is None and schedules_made is None:
        raise ValueError("give seconds or schedules_made")
    began = time.perf_counter()
    flat = tables(network)
    n = network.num_activities
    members, ends = np.zeros((MEMBERS, n), dtype=np.int64), np.zeros(MEMBERS, dtype=np.int64)
    state = schedules.seeded(seed)
    best = np.zeros(n, dtype=np.int64)
    latest = network.tails()
    latest = float((network.heads() + network.durations).max()) - latest + network.durations
    usage, made, end = _usage(network), 0, 0
    lower = lower_bound(network)
    while end != lower:
        rounds = ROUNDS
        if schedules_made is not None:
            rounds = min(rounds, (schedules_made - made) // 3)
        if rounds <= 0 or (seconds is not None and time.perf_counter() - began >= seconds):
            break
        before = end
        found = np.zeros(n, dtype=np.int64)
        now = schedules.evolve(
            members, ends, rounds, state, latest, network.durations, flat.before_at, flat.before, flat.after_at,
            flat.after, flat.demands, flat.capacities, flat.releases, usage, found,
        )  # fmt: skip
        made += 3 * rounds
        if before == 0 or now < before:
            best, end = found, int(now)
    return Schedule(best, end, made)


def lower_bound(network: Network) -> int:
    """The larger of the critical path and of each resource's work over its units."""
    work = (network.durations[:, None] * network.demands).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.where(network.capacities > 0, -(-work // np.maximum(network.capacities, 1)), 0)
    first = int(network.releases.min())
    return max(network.critical_path, first + int(days.max(initial=0)))


def _usage(network: Network) -> NDArray[np.int64]:
    days = int(network.durations.sum()) + int(network.release_of.max()) + int(network.durations.max()) + 2
    return np.zeros((days, max(len(network.capacities), 1)), dtype=np.int64)


def _of_successors(network: Network) -> NDArray[np.int64]:
    """Durations of the immediate successors together."""
    return np.array([network.durations[list(one)].sum() for one in network.successors], dtype=np.int64)


def _total_successors(network: Network) -> NDArray[np.bool_]:
    """Whether an activity comes after another, by however many steps, shape [activity, activity]."""
    found = np.zeros((network.num_activities, network.num_activities), dtype=bool)
    for i in network.order[::-1]:
        for j in network.successors[i]:
            found[i, j] = True
            found[i] |= found[j]
    return found
