"""One history, day by day in the order of the model card, and many of them in a row."""

import numpy as np

from phaseline.engine.allocation import allocate_assets, set_capacity, set_demand
from phaseline.engine.calendars import rest
from phaseline.engine.contest import conclude, launch_shocks, work_and_contest
from phaseline.engine.gates import arrive, open_and_hold, order_relief
from phaseline.engine.jit import kernel, routine
from phaseline.engine.profiles import area, height
from phaseline.engine.streams import start
from phaseline.engine.suspension import suspend
from phaseline.engine.tables import CONTESTED
from phaseline.engine.theatre import (
    adversary_moves,
    attack_abroad,
    common_causes,
    count_people,
    keep_books,
    set_progress,
    write_outcomes,
    write_series,
)

BINS = 128
"""Bins of the daily histograms."""
FIXED_POINT = 2.0**20
"""Sums of series are kept in this fraction of their range, as integers, so that their order does not matter."""
TASK_MICRO_DAYS = 1e6


@routine
def reset_state(T, P, S):
    """The state at day 0, and what is derived once per history from its numbers."""
    for a in range(S.window.shape[0]):
        for i in range(S.window.shape[1]):
            S.window[a, i] = 0.0
    for f in range(S.returning.shape[0]):
        for i in range(S.returning.shape[1]):
            S.returning[f, i] = 0.0
    world = S.world[0]
    world.bad, world.settled_on = 0, -1
    world.attacks_through, world.attacks_directed, world.attacks_inspired = 0, 0, 0
    world.friction_z, world.friction, world.person_days, world.harm = 0.0, 1.0, 0.0, 0.0
    world.person_days_held = 0.0
    world.elsewhere_cost, world.relief_cost, world.sanctuary = 0.0, 0.0, 1.0
    world.territory, world.revenue = T.world[0].territory, T.world[0].revenue
    for o in range(T.operation.size):
        state = S.operation[o]
        state.status, state.end, state.decided, state.start, state.settled, state.home_day = (
            0,
            -1,
            -1,
            -1,
            0,
            -1,
        )
        state.suspended, state.suspended_on, state.resumes, state.abandoned = 0, -1, -1, 0
        state.suspensions, state.suspensions_short, state.suspended_days = 0, 0, 0
        state.progress, state.momentum_z, state.momentum = 0.0, 0.0, 1.0
        state.displaced, state.displaced_total = T.operation[o].displaced, T.operation[o].displaced
    for f in range(T.force.size):
        state = S.force[f]
        state.broken, state.users = 0, 0
        state.strength = T.force[f].strength
        state.received = T.force[f].strength
        state.joined, state.coming = T.force[f].strength, 0.0
        state.losses, state.killed, state.captured, state.carry = 0.0, 0.0, 0.0, 0.0
        state.returned, state.replaced, state.left = 0.0, 0.0, 0.0
    for k in range(T.shock.size):
        S.shock[k].stock, S.shock[k].carry = T.shock[k].stock, 0.0
    for m in range(T.move.size):
        S.move[m].carry = 0.0
    for r in range(T.replacement.size):
        S.replacement[r].carry = 0.0
    for n in range(P.node.size):
        S.node[n].days, S.node[n].truth = 0, 0
    for r in range(P.relief.size):
        S.relief[r].since, S.relief[r].active, S.relief[r].done = -1, 0, 0
    for i in range(T.demand.size):
        need = S.demand[i]
        need.wanted, need.served, need.raw, need.coverage, need.earmark, need.usable = (
            0.0,
            0.0,
            1.0,
            1.0,
            0.0,
            0.0,
        )
    for a in range(T.asset.size):
        state = S.asset[a]
        state.run, state.over_days, state.binds, state.surge_allowed = 0, 0, -1, 1
        state.closed, state.resting, state.booked, state.spell_since = 0, 0, 0, -1
        state.bucket, state.strain, state.peak, state.flown = 0.0, 0.0, 0.0, 0.0
        state.unmet, state.unmet_elsewhere, state.lent, state.idle = 0.0, 0.0, 0.0, 0.0
    for p in range(T.phase.size):
        reset_phase(T, S, p)
    for o in range(T.operation.size):
        weigh_phases(T, S, o)
    set_progress(T, S)


@kernel
def reset_phase(T, S, p):
    """State of one phase before it opens."""
    phase = T.phase[p]
    state = S.phase[p]
    state.status, state.opened, state.start, state.half = 0, -1, -1, -1
    state.end, state.decided, state.attempts = -1, -1, 0
    state.refit_until, state.ground, state.furthest, state.work = -1, 0, 0, 0
    state.pause_until, state.halt_until, state.held, state.goes, state.went = 0, 0, 0, 0, 0
    state.holds_units, state.blocked, state.demanding, state.rests = 0, 0, 0, 0
    state.dig, state.attempt_gone, state.attempt_losses = 1.0, 0.0, 0.0
    state.pause_gone, state.pause_losses, state.support, state.progress = 0.0, 0.0, 1.0, 0.0
    state.losses_today, state.weight = 0.0, 0.0
    state.people = height(T.point, phase.first_people, phase.num_people, 1.0)
    state.total = int(np.floor(phase.duration * TASK_MICRO_DAYS + 0.5))
    if phase.kind == CONTESTED:
        own = T.force[phase.own].strength
        share = height(T.point, phase.first_commit, phase.num_commit, 0.0)
        state.reference_own = min(phase.engaged * own, phase.frontage)
        state.reference_adversary = share * T.force[phase.adversary].strength
        if not np.isnan(phase.reference_own):
            state.reference_own = phase.reference_own
            state.reference_adversary = phase.reference_adversary
        state.top_speed = 10.0 * phase.tempo if np.isnan(phase.top_speed) else phase.top_speed
        state.resistance_mean = area(T.point, phase.first_resistance, phase.num_resistance, 1.0)


@kernel
def weigh_phases(T, S, o):
    """Weights of the phases in an operation's progress: as given, else by depth, else by duration, else equal."""
    first, last = T.operation[o].first_phase, T.operation[o].first_phase + T.operation[o].num_phases
    if not np.isnan(T.phase[first].weight):
        for p in range(first, last):
            S.phase[p].weight = T.phase[p].weight
        return
    total = 0.0
    for p in range(first, last):
        if T.phase[p].kind == CONTESTED:
            S.phase[p].weight = T.phase[p].depth if T.phase[p].has_depth == 1 else 1.0
            total += S.phase[p].weight
    if total == 0.0:
        for p in range(first, last):
            S.phase[p].weight = T.phase[p].duration
            total += T.phase[p].duration
    if total == 0.0:
        for p in range(first, last):
            S.phase[p].weight = 1.0


@kernel
def one_day(T, P, S, day, log):
    """The day, in the order of the model card."""
    arrive(T, S, day)
    settled = S.world[0].settled_on
    in_use = T.world[0].has_elsewhere == 1 or T.world[0].has_calendar == 1
    if settled >= 0 and not in_use and day > settled + int(T.world[0].over_window):
        # nobody wants an asset any more and strain has run out: only men, people and attacks abroad still count
        adversary_moves(T, S, day, log)
        count_people(T, S, day)
        attack_abroad(T, S, day)
        return
    open_and_hold(T, P, S, day, log)
    rest(T, S, day)
    order_relief(T, P, S, day, log)
    common_causes(T, S, day)
    set_capacity(T, P, S, day)
    set_demand(T, P, S, day)
    allocate_assets(T, P, S, day)
    if settled < 0:
        work_and_contest(T, S, day, log)
        launch_shocks(T, S, day, log)
        conclude(T, P, S, day, log)
        suspend(T, P, S, day, log)
    adversary_moves(T, S, day, log)
    count_people(T, S, day)
    keep_books(T, S, day, log)


@routine
def one_history(T, P, S, seed, replication, series, outcomes, log):
    """Run one history into `outcomes` (and `series`, one row a day, unless it has no rows)."""
    start(S.cursor, seed, replication)
    reset_state(T, P, S)
    num_days = T.world[0].num_days
    record = series.shape[0] > 0
    window = int(T.world[0].over_window)
    for day in range(num_days):
        one_day(T, P, S, day, log)
        if record:
            write_series(T, S, series[day])
        settled = S.world[0].settled_on
        if settled >= 0 and T.world[0].live == 0 and day > settled + window:
            # nothing can change any more: the last day's series stand to the horizon
            if record:
                for later in range(day + 1, num_days):
                    for q in range(series.shape[1]):
                        series[later, q] = series[day, q]
            break
    write_outcomes(T, S, outcomes)


@routine
def add_to_histogram(series, low, width, histogram, sums):
    """Count one history's series into bins, and add it to the fixed-point sums; outside values go to the end bins.

    `width` is one over the width of each series' range, which begins at `low`.
    """
    for day in range(series.shape[0]):
        for q in range(series.shape[1]):
            share = min(1.0, max(0.0, (series[day, q] - low[q]) * width[q]))
            histogram[day, q, min(BINS - 1, int(share * BINS))] += 1
            sums[day, q] += int(share * FIXED_POINT + 0.5)


@routine
def many_histories(
    T, P, S, words, plan_words, slots, values, plan_slots, plan_values, seed, first, series, low, width, outcomes,
    histogram, sums, log,
):  # fmt: skip
    """Histories `first`, `first + 1`, ...: write each one's draws into the tables, run it, count it."""
    for i in range(outcomes.shape[0]):
        for k in range(slots.size):
            words[slots[k]] = values[i, k]
        for k in range(plan_slots.size):
            plan_words[plan_slots[k]] = plan_values[i, k]
        one_history(T, P, S, seed, first + i, series, outcomes[i], log)
        if histogram.shape[0] > 0:
            add_to_histogram(series, low, width, histogram, sums)


@routine
def watched_histories(
    T, P, S, words, plan_words, slots, values, plan_slots, plan_values, seed, luck, branch, branch_luck, until, days,
    watched, outcomes, log,
):  # fmt: skip
    """Histories with luck of their own each, up to a day: series and outcomes as they stand on the days named.

    From day `branch` on, each history goes on with the luck of another: one past, many futures.
    """
    for i in range(luck.size):
        for k in range(slots.size):
            words[slots[k]] = values[i, k]
        for k in range(plan_slots.size):
            plan_words[plan_slots[k]] = plan_values[i, k]
        start(S.cursor, seed, luck[i])
        reset_state(T, P, S)
        seen = 0
        for day in range(min(until, T.world[0].num_days)):
            if day == branch:
                start(S.cursor, seed, branch_luck[i])
            one_day(T, P, S, day, log)
            if seen < days.size and days[seen] == day:
                write_series(T, S, watched[i, seen])
                write_outcomes(T, S, outcomes[i, seen])
                seen += 1
