"""Run histories: draws into tables, tables through the kernel, results out. Safe to call from several threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from phaseline.engine import events
from phaseline.engine import tables as tb
from phaseline.engine.compile import Compiled, CompiledModel, CompiledPlan, convert, start_of
from phaseline.engine.day import BINS, many_histories, watched_histories
from phaseline.engine.draws import draw_values
from phaseline.engine.streams import seed_word
from phaseline.scenario.records import columns, phase_ids, series

BLOCK = 1024
"""Histories in a unit of storage."""
LOG_ROWS = 20_000


@dataclass(frozen=True)
class Chunk:
    """Results of consecutive histories.

    Attributes
    ----------
    outcomes : ndarray, shape (count, columns)
    histogram : ndarray of uint32, shape (days, series, BINS), or None
        Counts of daily values over each series' range (`CompiledModel.scales`).
    sums : ndarray of int64, shape (days, series), or None
        Sums of the share of that range, in units of 2^-20: integers, so that chunks add up in any order.
    """

    outcomes: np.ndarray
    histogram: np.ndarray | None
    sums: np.ndarray | None


def slot_values(
    model: CompiledModel, compiled: Compiled, *, seed: int, first: int, count: int, per_world: int
) -> np.ndarray:
    """What goes into each slot for each replication, shape (count, slots)."""
    drawn = draw_values(
        compiled.draws, model.groups, model.kinds, seed=seed, first=first, count=count, per_world=per_world
    )
    return _in_slots(model, compiled, drawn)


def _in_slots(model: CompiledModel, compiled: Compiled, drawn: np.ndarray) -> np.ndarray:
    chain = model.scenario.attrition.kind == "chain"
    values = np.empty((len(drawn), len(compiled.slots)))
    for k, (j, transform) in enumerate(zip(compiled.slot_draws, compiled.transforms, strict=True)):
        values[:, k] = convert(drawn[:, j], transform, start_of(model.scenario), chain)
    return values


def _run(
    model: CompiledModel, plan: CompiledPlan, seed: int, first: int, count: int, per_world: int, series_days: int,
    histogram: bool, log: np.ndarray,
) -> tuple[Chunk, np.ndarray]:  # fmt: skip
    address = {"seed": seed, "first": first, "count": count, "per_world": per_world}
    values = slot_values(model, model.tables, **address)
    plan_values = slot_values(model, plan.tables, **address)
    words, plan_words = model.tables.words.copy(), plan.tables.words.copy()
    tables = tb.Tables(**tb.views(tb.SCENARIO_TABLES, model.tables.sizes, words))
    plan_tables = tb.PlanTables(**tb.views(tb.PLAN_TABLES, plan.tables.sizes, plan_words))
    state = tb.new_state({**model.tables.sizes, **plan.tables.sizes}, model.window_days)
    num_series = len(series(model.scenario))
    daily = np.zeros((series_days, num_series))
    days = series_days if histogram else 0
    counts = np.zeros((days, num_series, BINS), dtype=np.uint32)
    sums = np.zeros((days, num_series), dtype=np.int64)
    outcomes = np.zeros((count, len(columns(model.scenario))))
    low, high = np.ascontiguousarray(model.scales.T)
    many_histories(
        tables, plan_tables, state, words, plan_words, model.tables.slots, values, plan.tables.slots, plan_values,
        seed_word(seed), first, daily, low, 1.0 / (high - low), outcomes, counts, sums, log,
    )  # fmt: skip
    return Chunk(outcomes, counts if histogram else None, sums if histogram else None), daily


def simulate(
    model: CompiledModel,
    plan: CompiledPlan,
    *,
    seed: int,
    first: int,
    count: int,
    per_world: int,
    series: bool = True,
) -> Chunk:
    """Histories first, ..., first + count - 1. Releases the interpreter lock while it runs."""
    days = model.num_days if series else 0
    return _run(model, plan, seed, first, count, per_world, days, series, np.zeros((0, 4)))[0]


@dataclass(frozen=True)
class Watched:
    """Histories watched on some days.

    Attributes
    ----------
    series : ndarray, shape (count, days, series)
    outcomes : ndarray, shape (count, days, columns)
        As they stood at each day's end.
    """

    series: np.ndarray
    outcomes: np.ndarray


def watch(
    model: CompiledModel,
    plan: CompiledPlan,
    values: np.ndarray,
    plan_values: np.ndarray,
    *,
    seed: int,
    luck: np.ndarray,
    days: np.ndarray,
    branch: int = -1,
    branch_luck: np.ndarray | None = None,
) -> Watched:
    """Histories with numbers and luck given, up to a day. Releases the interpreter lock while it runs.

    Parameters
    ----------
    values, plan_values
        Of the draws of `model.tables` and `plan.tables`, shape (count, draws).
    luck
        Which replication's luck each history has, shape (count,), in [0, 2^32).
    days
        Days that are kept, ascending, each once, from 0 to below the horizon. The last one is the last simulated.
    branch, branch_luck
        From this day on each history has the luck of another replication; -1 for never.
    """
    words, plan_words = model.tables.words.copy(), plan.tables.words.copy()
    tables = tb.Tables(**tb.views(tb.SCENARIO_TABLES, model.tables.sizes, words))
    plan_tables = tb.PlanTables(**tb.views(tb.PLAN_TABLES, plan.tables.sizes, plan_words))
    state = tb.new_state({**model.tables.sizes, **plan.tables.sizes}, model.window_days)
    series_kept = np.zeros((luck.size, days.size, len(series(model.scenario))))
    outcomes = np.zeros((luck.size, days.size, len(columns(model.scenario))))
    until = int(days[-1]) + 1 if days.size else 0
    luck = luck.astype(np.int64)
    watched_histories(
        tables, plan_tables, state, words, plan_words, model.tables.slots, _in_slots(model, model.tables, values),
        plan.tables.slots, _in_slots(model, plan.tables, plan_values), seed_word(seed), luck, branch,
        luck if branch_luck is None else branch_luck.astype(np.int64), until, days.astype(np.int64), series_kept,
        outcomes, np.zeros((0, 4)),
    )  # fmt: skip
    return Watched(series_kept, outcomes)


def explain(
    model: CompiledModel, plan: CompiledPlan, *, seed: int, replication: int, per_world: int
) -> tuple[list[tuple[int, str, str, float, str]], np.ndarray, np.ndarray]:
    """One history with its event log, from the same kernel: (events, series by day, outcomes)."""
    log = np.zeros((LOG_ROWS, 4))
    chunk, daily = _run(model, plan, seed, replication, 1, per_world, model.num_days, False, log)
    scenario = model.scenario
    names = {
        "operation": list(scenario.operations),
        "phase": phase_ids(scenario),
        "force": list(scenario.forces),
        "asset": list(scenario.assets),
        "relief": list(plan.relief_names),
    }
    return events.read(log, names), daily, chunk.outcomes[0]
