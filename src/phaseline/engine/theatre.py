"""What belongs to the whole theatre: weather and friction (step 2), the adversary (10), people (11), the books (12)."""

from math import exp, floor, inf, log, sqrt

import numpy as np

from phaseline.engine.contest import FULL
from phaseline.engine.events import JOINED, OVERSTRETCHED, RELIEVED, note
from phaseline.engine.gates import join, settle, whole_part
from phaseline.engine.jit import kernel
from phaseline.engine.profiles import height
from phaseline.engine.streams import ABROAD, FRICTION, WEATHER, normal, poisson, reset, uniform
from phaseline.engine.tables import CONTESTED, DONE, OPEN
from phaseline.scenario.distributions import Z90


@kernel
def common_causes(T, S, day):
    """Step 2: weather keyed by the calendar date, friction by the day; both shared by all. Momentum by operation and block."""
    world = T.world[0]
    state = S.world[0]
    if world.has_weather == 1:
        reset(S.cursor, WEATHER, world.weather_key, world.start_ordinal + day)
        limit = world.bad_share
        if day > 0:
            if state.bad == 1:
                limit += world.weather_persistence * (1.0 - world.bad_share)
            else:
                limit *= 1.0 - world.weather_persistence
        state.bad = 1 if uniform(S.cursor) < limit else 0
    if world.has_friction == 1 and state.settled_on < 0:
        reset(S.cursor, FRICTION, world.friction_key, world.start_ordinal + day)
        spread = log(world.friction_spread) / Z90
        stay = world.friction_persistence if day > 0 else 0.0
        state.friction_z = stay * state.friction_z + sqrt(1.0 - stay * stay) * normal(S.cursor)
        state.friction = exp(spread * state.friction_z - 0.5 * spread * spread)
    if world.has_momentum == 1 and day % int(world.momentum_block) == 0:
        change_mood(T, S, day // int(world.momentum_block))


@kernel
def change_mood(T, S, block):
    """A block of days begins: each operation's tempo has another mood. Its luck is a score of its own, as a number's is."""
    world = T.world[0]
    spread = log(world.momentum_spread) / Z90
    stay = world.momentum_persistence if block > 0 else 0.0
    for o in range(T.operation.size):
        state = S.operation[o]
        score = T.block[o * world.num_blocks + block].score
        state.momentum_z = stay * state.momentum_z + sqrt(1.0 - stay * stay) * score
        state.momentum = exp(spread * state.momentum_z - 0.5 * spread * spread)


@kernel
def look_at_sites(T, S):
    """Which forces are attacked by an open contested phase, and how tightly each is sealed off."""
    for f in range(T.force.size):
        S.force[f].attacked = 0
        S.force[f].seal = 0.0
    for p in range(T.phase.size):
        phase = T.phase[p]
        status = S.phase[p].status
        if status == OPEN and phase.kind == CONTESTED and S.force[phase.adversary].broken == 0:
            S.force[phase.adversary].attacked = 1
        if phase.sealed >= 0 and status in (OPEN, DONE):
            S.force[phase.sealed].seal = max(S.force[phase.sealed].seal, phase.seals)


@kernel
def adversary_moves(T, S, day, log):
    """Step 10: reserves move to the attacked site unless sealed or pinned; recruits are bought with revenue."""
    look_at_sites(T, S)
    for m in range(T.move.size):
        move = T.move[m]
        state = S.move[m]
        sender = S.force[move.sender]
        to = S.force[move.to]
        if sender.broken == 1 or to.attacked == 0:
            continue
        flow = move.rate * (1.0 - to.seal) * (1.0 - sender.seal)
        if sender.attacked == 1:
            flow *= 1.0 - move.pinned
        state.carry += flow
        moving = whole_part(T, state.carry)
        state.carry -= moving
        moving = min(moving, max(0.0, sender.strength - move.keep * T.force[move.sender].strength))
        if T.world[0].chain == 1:
            moving = floor(moving)
        if moving <= 0.0:
            continue
        sender.strength -= moving
        sender.left += moving
        join(to, moving)
        to.received += moving
        note(log, day, JOINED, move.to, moving)
    for r in range(T.replacement.size):
        replacement = T.replacement[r]
        force = S.force[replacement.force]
        if force.broken == 1:
            continue
        rate = replacement.rate * (1.0 - force.seal)
        if replacement.funded > 0.0 and T.world[0].revenue > 0.0:
            rate *= (S.world[0].revenue / T.world[0].revenue) ** replacement.funded
        state = S.replacement[r]
        state.carry += rate
        joining = whole_part(T, state.carry)
        state.carry -= joining
        join(force, joining)
        force.received += joining


@kernel
def count_people(T, S, day):
    """Step 11: the displaced go home after their operation's end, the rest count a day more; so do those not yet reached."""
    for o in range(T.operation.size):
        state = S.operation[o]
        if state.home_day >= 0 and day + 1 >= state.home_day:
            state.displaced = 0.0
        S.world[0].person_days += state.displaced
    if T.world[0].has_people == 0:
        return
    for p in range(T.phase.size):
        state = S.phase[p]
        if state.people > 0.0:
            phase = T.phase[p]
            reached = height(T.point, phase.first_people, phase.num_people, state.furthest / FULL)
            S.world[0].person_days_held += state.people - reached


@kernel
def set_progress(T, S):
    """Progress of operations, and what the adversary has lost with it."""
    world = T.world[0]
    state = S.world[0]
    territory, revenue, sanctuary = world.territory, world.revenue, 1.0
    for o in range(T.operation.size):
        operation = T.operation[o]
        total, done = 0.0, 0.0
        for p in range(operation.first_phase, operation.first_phase + operation.num_phases):
            phase = S.phase[p]
            total += phase.weight
            done += phase.weight * phase.progress
            territory -= T.phase[p].territory * phase.progress
            revenue -= T.phase[p].revenue * phase.progress
        S.operation[o].progress = done / total
        sanctuary -= operation.sanctuary * S.operation[o].progress
    state.territory = max(0.0, territory)
    state.revenue = max(0.0, revenue)
    state.sanctuary = max(0.0, sanctuary)


@kernel
def attack_abroad(T, S, day):
    """Attacks abroad: directed ones need the sanctuary, inspired ones outlive it."""
    world = T.world[0]
    state = S.world[0]
    if world.directed_rate > 0.0:
        reset(S.cursor, ABROAD, world.directed_key, day)
        state.attacks_directed += poisson(S.cursor, world.directed_rate * state.sanctuary)
    if world.inspired_rate > 0.0:
        reset(S.cursor, ABROAD, world.inspired_key, day)
        share = world.inspired_persists + (1.0 - world.inspired_persists) * state.sanctuary
        state.attacks_inspired += poisson(S.cursor, world.inspired_rate * share)


@kernel
def book_assets(T, S, day, log):
    """Surge buckets, strain, spells of overstretch, unmet demand."""
    world = T.world[0]
    window = int(world.over_window)
    lasts = int(world.over_lasts)
    for a in range(T.asset.size):
        asset = T.asset[a]
        state = S.asset[a]
        if asset.whole == 0:
            state.bucket = max(0.0, state.bucket + state.flown_today - state.capacity)
        state.flown += state.flown_today
        state.unmet += max(0.0, state.wanted_today - state.served_today)
        state.unmet_elsewhere += max(0.0, state.elsewhere_wanted - state.elsewhere_served)
        short = max(0.0, state.elsewhere_wanted * asset.elsewhere_essential - state.elsewhere_served)
        S.world[0].elsewhere_cost += asset.elsewhere_cost * short
        asked = state.wanted_today > 0.0 or state.elsewhere_wanted > 0.0
        if state.closed == 1 or (state.resting == 1 and not asked):
            continue  # the day does not count
        S.window[a, state.booked % window] = state.essential
        state.booked += 1
        seen = min(window, state.booked)
        mean = 0.0
        for i in range(seen):
            mean += S.window[a, i]
        mean /= seen
        if mean <= 0.0:
            state.strain = 0.0
        elif state.capacity_average <= 0.0:
            state.strain = inf
        else:
            state.strain = mean / state.capacity_average
        state.peak = max(state.peak, state.strain)
        if state.strain > world.over_above:
            state.run += 1
            if state.run == 1:
                state.spell_since = day
            if state.run == lasts:
                state.over_days += lasts
                if state.binds < 0:
                    state.binds = state.spell_since
                note(log, day, OVERSTRETCHED, a, state.strain)
            elif state.run > lasts:
                state.over_days += 1
        else:
            if state.run >= lasts:
                note(log, day, RELIEVED, a, state.strain)
            state.run = 0


@kernel
def keep_books(T, S, day, log):
    """Step 12."""
    set_progress(T, S)
    attack_abroad(T, S, day)
    book_assets(T, S, day, log)
    settle(T, S, day, log)


@kernel
def write_series(T, S, row):
    """Daily series in the order of `scenario.records.series`."""
    i = 0
    for o in range(T.operation.size):
        row[i] = S.operation[o].progress
        row[i + 1] = S.operation[o].displaced
        i += 2
    for p in range(T.phase.size):
        row[i] = S.phase[p].progress
        row[i + 1] = S.phase[p].support if S.phase[p].status == OPEN else 1.0
        i += 2
    for f in range(T.force.size):
        row[i] = S.force[f].strength
        row[i + 1] = S.force[f].losses
        i += 2
    for a in range(T.asset.size):
        state = S.asset[a]
        row[i] = state.strain
        row[i + 1] = state.served_today / state.wanted_today if state.wanted_today > 0.0 else 1.0
        row[i + 2] = state.flown_today
        i += 3
    row[i] = S.world[0].territory
    row[i + 1] = S.world[0].revenue
    row[i + 2] = S.world[0].attacks_directed + S.world[0].attacks_inspired


@kernel
def day_or_missing(day):
    """A day as a float, NaN if it never came."""
    return float(day) if day >= 0 else np.nan


@kernel
def write_outcomes(T, S, row):
    """One history's outcomes in the order of `scenario.records.columns`."""
    i = 0
    last, all_done = 0, True
    for o in range(T.operation.size):
        operation = T.operation[o]
        state = S.operation[o]
        start = -1
        for p in range(operation.first_phase, operation.first_phase + operation.num_phases):
            began = S.phase[p].start
            if began >= 0 and (start < 0 or began < start):
                start = began
        intended = S.phase[operation.intended_phase].start
        row[i] = day_or_missing(start)
        row[i + 1] = day_or_missing(state.end)
        row[i + 2] = day_or_missing(state.decided)
        row[i + 3] = state.status
        row[i + 4] = (
            intended - operation.intended if operation.has_intended == 1 and intended >= 0 else np.nan
        )
        row[i + 5] = state.displaced_total
        row[i + 6] = state.suspensions
        row[i + 7] = state.suspensions_short
        row[i + 8] = state.suspended_days
        i += 9
        all_done = all_done and state.end >= 0
        last = max(last, state.end)
    for p in range(T.phase.size):
        state = S.phase[p]
        row[i] = day_or_missing(state.start)
        row[i + 1] = day_or_missing(state.half)
        row[i + 2] = day_or_missing(state.end)
        row[i + 3] = day_or_missing(state.decided)
        row[i + 4] = state.status
        row[i + 5] = state.attempts
        row[i + 6] = state.progress
        i += 7
    for f in range(T.force.size):
        state = S.force[f]
        row[i] = state.losses
        row[i + 1] = state.killed
        row[i + 2] = state.captured
        row[i + 3] = state.strength
        i += 4
    first, when = -1, -1
    for a in range(T.asset.size):
        state = S.asset[a]
        row[i] = day_or_missing(state.binds)
        row[i + 1] = state.over_days
        row[i + 2] = state.peak
        row[i + 3] = state.flown
        row[i + 4] = state.unmet
        row[i + 5] = state.unmet_elsewhere
        i += 6
        if state.binds >= 0 and (first < 0 or state.binds < when):
            first, when = a, state.binds
    world = S.world[0]
    row[i] = float(last) if all_done else np.nan
    row[i + 1] = first
    row[i + 2] = world.person_days
    row[i + 3] = world.person_days_held
    row[i + 4] = world.harm
    row[i + 5] = world.attacks_through
    row[i + 6] = world.attacks_directed
    row[i + 7] = world.attacks_inspired
    row[i + 8] = world.elsewhere_cost
    row[i + 9] = world.relief_cost
