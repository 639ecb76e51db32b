"""Public scheduling benchmarks: one row per instance, every schedule checked, and what the set says together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.statistics import Interval, mean_interval
from phaseline.planner.projects.checker import faults
from phaseline.planner.projects.exact import Planned, plan
from phaseline.planner.projects.lists import RULES, parallel_schedule, priority_list
from phaseline.planner.projects.uncertain import best_policy, draws, ends

if TYPE_CHECKING:
    from phaseline.scenario.network import Network

REPLICATIONS = 1_000
"""Draws by which policies are scored."""

Row = dict[str, Any]
Told = Callable[[Row], None]


def deterministic(
    networks: Iterable[Network],
    best: Mapping[str, tuple[int, int]],
    *,
    seconds: float,
    seed: int,
    peer: bool = False,
    repeatable: bool = False,
    told: Told | None = None,
) -> list[Row]:
    """Schedule each instance, and compare with the best known.

    Parameters
    ----------
    networks
        Instances.
    best
        By the instance's name in small letters, what no schedule ends before and the best known end; may lack some.
    seconds
        Wall-clock time for each; with `repeatable` CP-SAT's deterministic time.
    seed
        Of the searches.
    peer
        Whether to run plain CP-SAT beside, with as many workers and as long.
    repeatable
        Whether the run is to repeat to the bit, at the price of one worker.
    told
        Called with each row as it is done.

    Returns
    -------
    list of dict
        ``instance, activities, critical_path, best_known, best_bound, rule, lists, plain, end, bound, optimal, gap, plain_gap,
        tardiness, feasible, seconds``; gaps in per cent above the best known, None where there is none; tardiness by project,
        None where no project has a due date. The schedule is the shortest found, not the least tardy one.
    """
    rows = []
    for network in networks:
        options: dict[str, Any] = {"deterministic": seconds} if repeatable else {"seconds": seconds}
        rule = parallel_schedule(network, priority_list(network, "LFT"))
        plain = _plain(network, options, seed) if peer else None
        found = plan(network, seed=seed, **options)
        known_bound, known = best.get(network.name.lower(), (None, None))
        row = {
            "instance": network.name,
            "activities": network.num_activities,
            "critical_path": network.critical_path,
            "best_known": known,
            "best_bound": known_bound,
            "rule": rule.end,
            "lists": found.by_lists,
            "plain": None if plain is None else plain.schedule.end,
            "end": found.schedule.end,
            "bound": found.bound,
            "optimal": found.optimal,
            "gap": _gap(found.schedule.end, known),
            "plain_gap": None if plain is None else _gap(plain.schedule.end, known),
            "tardiness": list(network.tardiness(found.schedule.starts)) if network.due_dates else None,
            "feasible": not faults(network, [int(start) for start in found.schedule.starts]),
            "seconds": round(found.seconds, 2),
        }
        rows.append(row)
        if told is not None:
            told(row)
    return rows


def stochastic(
    networks: Iterable[Network],
    distribution: str,
    *,
    budget: int,
    seed: int,
    replications: int = REPLICATIONS,
    told: Told | None = None,
) -> list[Row]:
    """Find a policy for each instance, and score it beside the usual rules on the same fresh draws.

    Parameters
    ----------
    networks, told
        As in `deterministic`.
    distribution
        Of `uncertain.DISTRIBUTIONS`.
    budget
        Schedules for each search.
    seed
        Of searches and draws.
    replications
        Draws for scoring.

    Returns
    -------
    list of dict
        ``instance, activities, critical_path``; ``policy`` and one entry per rule: mean per cent of the end above the critical
        path; ``started_from``, ``schedules``.
    """
    rows = []
    for network in networks:
        sample = draws(network, distribution, replications, seed)
        found = best_policy(network, distribution, budget, seed)
        row = {
            "instance": network.name,
            "activities": network.num_activities,
            "critical_path": network.critical_path,
            "policy": _above(network, ends(network, found.order, sample)),
            **{rule: _above(network, ends(network, priority_list(network, rule), sample)) for rule in RULES},
            "started_from": found.rule,
            "schedules": found.made,
        }
        rows.append(row)
        if told is not None:
            told(row)
    return rows


def best_rule(rows: list[Row]) -> str:
    """The rule with the least mean over the set."""
    return min(RULES, key=lambda rule: float(np.mean([row[rule] for row in rows])))


def against_best_rule(rows: list[Row]) -> Interval:
    """Mean difference of policy and best rule over the set, per cent of the critical path, with its paired 95 % interval."""
    rule = best_rule(rows)
    return mean_interval([row["policy"] - row[rule] for row in rows], 1)


def mean_gap(rows: list[Row], key: str = "gap") -> Interval:
    """Mean gap to the best known over the instances that have one; NaN where none has."""
    gaps = [row[key] for row in rows if row[key] is not None]
    return mean_interval(gaps, 1) if gaps else Interval(math.nan, math.nan, math.nan)


def _plain(network: Network, options: Mapping[str, Any], seed: int) -> Planned | None:
    try:
        return plan(network, seed=seed, warm=False, **options)
    except ValueError:
        return None  # nothing found in the time


def _gap(end: int, known: int | None) -> float | None:
    return None if not known else 100.0 * (end / known - 1.0)


def _above(network: Network, found: Any) -> float:
    return float(100.0 * (found.mean() / network.critical_path - 1.0))
