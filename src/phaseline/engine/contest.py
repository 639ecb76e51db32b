"""Steps 7 to 9 of the day: work, advance and losses; shocks; breaks, endings and pauses."""

from math import ceil, floor

from phaseline.engine.allocation import count_users, engaged_adversary
from phaseline.engine.events import (
    ATTACKS,
    ATTEMPT_FAILS,
    BROKEN,
    DONE_EVENT,
    ESCAPES,
    FAILS,
    HALF_WAY,
    HALTED,
    JOINED,
    NO_COVER,
    PAUSES,
    STOPPED,
    SURRENDERS,
    note,
)
from phaseline.engine.gates import join
from phaseline.engine.jit import kernel
from phaseline.engine.laws import chain_day, deterministic_day, power
from phaseline.engine.profiles import area, height, reach
from phaseline.engine.streams import (
    ATTRITION,
    ENDING,
    MEDICAL,
    SHOCK,
    STOP,
    binomial,
    negative_binomial,
    poisson,
    reset,
    uniform,
)
from phaseline.engine.tables import CONTESTED, DONE, FAILED, MOST_RETURN_DAYS, OPEN, REFITTING, TASK

FULL = 10**9
"""Whole depth, in billionths: the unit in which ground is counted."""
WORK = 10**6
"""A day of work, in micro-days."""
LEAST_SUPPORT = 0.01
"""Floor of support where losses go with a negative power of it."""


@kernel
def take_losses(T, S, f, lost, day, stream, key, occurrence):
    """Take losses out of a force: some killed, some of the wounded back later. Returns what was really lost."""
    force = T.force[f]
    state = S.force[f]
    lost = min(lost, state.strength)
    if lost <= 0.0:
        return 0.0
    if T.world[0].chain == 1:
        reset(S.cursor, stream, key, occurrence)
        killed = float(binomial(S.cursor, int(lost), force.killed))
        back = float(binomial(S.cursor, int(lost - killed), force.returns))
    else:
        killed = lost * force.killed
        back = (lost - killed) * force.returns
    state.strength -= lost
    state.losses += lost
    state.killed += killed
    if back > 0.0:
        delay = min(max(1, int(force.return_after)), MOST_RETURN_DAYS)
        S.returning[f, (day + delay) % (MOST_RETURN_DAYS + 1)] += back
    return lost


@kernel
def work_on_task(T, S, p):
    """A day of work on a task, in whole micro-days."""
    state = S.phase[p]
    state.work += int(floor(WORK * power(state.support, T.phase[p].support_exponent) + 0.5))
    state.progress = min(1.0, state.work / state.total)


@kernel
def advance(T, S, p, x, y, raised, day):
    """Move the front of phase p by one day; ground is kept in whole billionths of the depth."""
    phase = T.phase[p]
    state = S.phase[p]
    world = T.world[0]
    z = state.ground / FULL
    if y <= 0.0:
        z += state.top_speed / phase.depth
    else:
        ratio = raised * x / max(y, 1.0)
        speed = phase.tempo / state.dig * power(state.support, phase.support_exponent)
        speed *= power(ratio / phase.reference_ratio, phase.ratio_exponent)
        speed *= S.world[0].friction * S.operation[phase.operation].momentum
        if S.world[0].bad == 1:
            speed *= world.weather_tempo
        resistance = height(T.point, phase.first_resistance, phase.num_resistance, z)
        mean = state.resistance_mean
        speed = min(speed, state.top_speed * resistance / mean)
        done = area(T.point, phase.first_resistance, phase.num_resistance, z)
        z = reach(T.point, phase.first_resistance, phase.num_resistance, done + speed / phase.depth * mean)
    state.ground = max(state.ground, min(FULL, int(floor(z * FULL + 0.5))))


@kernel
def displace(T, S, p):
    """Step 11, where it belongs to a phase: people on new ground flee or come to harm."""
    phase = T.phase[p]
    state = S.phase[p]
    if T.world[0].has_people == 0 or state.people <= 0.0:
        return
    if state.ground > state.furthest:
        now = height(T.point, phase.first_people, phase.num_people, state.ground / FULL)
        before = height(T.point, phase.first_people, phase.num_people, state.furthest / FULL)
        state.furthest = state.ground
        fled = T.world[0].flee * (now - before)
        S.operation[phase.operation].displaced += fled
        S.operation[phase.operation].displaced_total += fled
        S.world[0].harm += T.world[0].harm * (now - before)
    for i in range(phase.first_demand, phase.first_demand + phase.num_demands):
        need = S.demand[i]
        if need.raw > 0.0:
            S.world[0].harm += T.demand[i].harm_per_unit * need.served * need.coverage / need.raw


@kernel
def engaged_own(T, S, p, present):
    """Own fighters of phase p that are engaged when so many of the force are there; a whole number in a chain."""
    present = max(0.0, present)
    phase = T.phase[p]
    engaged = min(phase.engaged * present / max(1, S.force[phase.own].users), phase.frontage)
    if T.world[0].chain == 1:
        engaged = min(ceil(engaged), present)
    return engaged


@kernel
def fight(T, S, p, day, log):
    """One day of a contested phase: advance, then losses of both sides."""
    phase = T.phase[p]
    state = S.phase[p]
    world = T.world[0]
    own = S.force[phase.own]
    enemy = S.force[phase.adversary]
    x = engaged_own(T, S, p, own.strength - own.coming)
    y = engaged_adversary(T, S, p, enemy.users, enemy.strength - enemy.coming)
    coming_x, coming_y = 0.0, 0.0
    if own.coming > 0.0:
        coming_x = engaged_own(T, S, p, own.strength) - x
    if enemy.coming > 0.0:
        coming_y = engaged_adversary(T, S, p, enemy.users, enemy.strength) - y
    raised = 1.0
    if phase.adviser_demand >= 0:
        raised += phase.raises * S.demand[phase.adviser_demand].coverage
    if phase.has_depth == 1 and day >= state.halt_until:
        before = state.ground
        advance(T, S, p, x, y, raised, day)
        if before < FULL // 2 <= state.ground:
            if state.half < 0:
                state.half = day + 1
            note(log, day, HALF_WAY, p, 0.0)
        state.progress = state.ground / FULL
    displace(T, S, p)
    state.losses_today = 0.0
    if x + coming_x > 0.0 and y + coming_y > 0.0:
        support = max(state.support, LEAST_SUPPORT)
        rate_x = phase.own_loss * state.reference_own * power(support, -phase.own_loss_support)
        rate_y = raised * phase.adversary_loss * state.reference_adversary
        rate_y *= power(support, phase.adversary_loss_support)
        if world.chain == 1:
            reset(S.cursor, ATTRITION, phase.key, day - state.opened)
            left_x, left_y = chain_day(
                S.cursor, x, y, coming_x, coming_y, state.reference_own, state.reference_adversary,
                phase.q1, phase.p1, phase.q2, phase.p2, rate_x, rate_y, world.exact_up_to,
            )  # fmt: skip
        else:
            left_x, left_y = deterministic_day(
                x, y, coming_x, coming_y, state.reference_own, state.reference_adversary,
                phase.q1, phase.p1, phase.q2, phase.p2, rate_x, rate_y, world.steps,
            )  # fmt: skip
        lost = take_losses(
            T, S, phase.own, x + coming_x - left_x, day, MEDICAL, phase.key, 2 * (day - state.opened)
        )
        take_losses(
            T,
            S,
            phase.adversary,
            y + coming_y - left_y,
            day,
            MEDICAL,
            phase.key,
            2 * (day - state.opened) + 1,
        )
        state.losses_today = lost


@kernel
def work_and_contest(T, S, day, log):
    """Step 7 for all phases, in file order."""
    count_users(T, S, True)
    for p in range(T.phase.size):
        state = S.phase[p]
        state.losses_today = 0.0
        if state.status != OPEN:
            state.went = 0
            continue
        state.went = state.goes
        if state.goes == 0:
            if state.held == 0 and state.rests == 0 and T.phase[p].has_whole == 0:
                lowest = 1.0
                first = T.phase[p].first_demand
                for i in range(first, first + T.phase[p].num_demands):
                    if S.demand[i].coverage < T.demand[i].minimum:
                        lowest = min(lowest, S.demand[i].coverage)
                note(log, day, NO_COVER, p, lowest)
        elif T.phase[p].kind == TASK:
            work_on_task(T, S, p)
        else:
            fight(T, S, p, day, log)


@kernel
def launch_shocks(T, S, day, log):
    """Step 8: attacks launched from stock, stopped by cover, causing losses and halts."""
    for k in range(T.shock.size):
        shock = T.shock[k]
        stock = S.shock[k]
        for s in range(shock.first_site, shock.first_site + shock.num_sites):
            site = T.site[s]
            phase = T.phase[site.phase]
            state = S.phase[site.phase]
            if state.went == 0 or phase.kind != CONTESTED:
                continue
            adversary = S.force[phase.adversary]
            if adversary.broken == 1 or adversary.strength <= 0.0 or stock.stock < 1.0:
                continue
            reset(S.cursor, SHOCK, site.key, day - state.opened)
            launched = min(
                float(negative_binomial(S.cursor, shock.rate, shock.dispersion)), floor(stock.stock)
            )
            if launched <= 0.0:
                continue
            stock.stock -= launched
            stopped = 0.0
            if site.demand >= 0:
                chance = shock.at_full_cover * S.demand[site.demand].coverage
                stopped = float(binomial(S.cursor, int(launched), chance))
            through = launched - stopped
            if through <= 0.0:
                continue
            S.world[0].attacks_through += int(through)
            note(log, day, ATTACKS, site.phase, through)
            hurt = float(poisson(S.cursor, shock.casualties * through))
            halted = uniform(S.cursor) < 1.0 - (1.0 - shock.halt) ** through
            state.losses_today += take_losses(
                T, S, phase.own, hurt, day, MEDICAL, site.key, 2 * (day - state.opened)
            )
            if halted:
                state.halt_until = max(state.halt_until, day + 1 + int(shock.halts_for))
                note(log, day, HALTED, site.phase, shock.halts_for)
        stock.carry += shock.produced
        made = floor(stock.carry + 1e-9)
        stock.carry -= made
        stock.stock += made


@kernel
def seal_of(T, S, f):
    """How tightly a force is sealed off: the tightest of the open and done phases that seal it."""
    seal = 0.0
    for p in range(T.phase.size):
        if T.phase[p].sealed == f and (S.phase[p].status == OPEN or S.phase[p].status == DONE):
            seal = max(seal, T.phase[p].seals)
    return seal


@kernel
def end_site(T, S, p, day, log):
    """The survivors of a taken site surrender, escape, or are killed or taken."""
    phase = T.phase[p]
    force = S.force[phase.adversary]
    left = force.strength
    through = phase.escape * (1.0 - seal_of(T, S, phase.adversary))
    if T.world[0].chain == 1:
        reset(S.cursor, ENDING, phase.key, day - S.phase[p].opened)
        surrender = float(binomial(S.cursor, int(left), phase.surrender))
        escape = float(binomial(S.cursor, int(left - surrender), through))
    else:
        surrender = left * phase.surrender
        escape = (left - surrender) * through
    force.captured += left - escape
    force.left += escape
    force.strength = 0.0
    force.broken = 1
    if surrender > 0.0:
        note(log, day, SURRENDERS, phase.adversary, surrender)
    if escape > 0.0:
        note(log, day, ESCAPES, phase.adversary, escape)
        if phase.ending_to >= 0:
            join(S.force[phase.ending_to], escape)
            S.force[phase.ending_to].received += escape
            note(log, day, JOINED, phase.ending_to, escape)


@kernel
def fail_attempt(T, P, S, p, day, log):
    """The own force breaks: ground is lost, and the plan says whether it tries again."""
    phase = T.phase[p]
    plan = P.phase_plan[p]
    state = S.phase[p]
    base = S.force[phase.own].joined - state.attempt_gone
    note(log, day, ATTEMPT_FAILS, p, state.attempt_losses / max(base, 1.0))
    state.ground = int(floor(state.ground * (1.0 - phase.ground_lost) + 0.5))
    state.progress = state.ground / FULL
    if plan.retry == 1 and state.attempts < plan.tries:
        state.status = REFITTING
        state.refit_until = day + 1 + int(plan.refit)
    else:
        state.status = FAILED
        state.decided = day + 1
        note(log, day, FAILS, p, 0.0)


@kernel
def conclude(T, P, S, day, log):
    """Step 9: breaks, failures, endings, pauses, for each phase that went, in file order."""
    for p in range(T.phase.size):
        phase = T.phase[p]
        state = S.phase[p]
        if state.went == 0:
            continue
        finished = False
        if phase.kind == TASK:
            finished = state.work >= state.total
        else:
            state.attempt_losses += state.losses_today
            state.pause_losses += state.losses_today
            own = S.force[phase.own]
            enemy = S.force[phase.adversary]
            if enemy.broken == 0 and (
                enemy.strength <= 0.0 or enemy.losses >= T.force[phase.adversary].breaks_at * enemy.joined
            ):
                enemy.broken = 1
                note(log, day, BROKEN, phase.adversary, enemy.losses)
            if enemy.broken == 0 and (
                own.strength <= 0.0
                or state.attempt_losses >= T.force[phase.own].breaks_at * (own.joined - state.attempt_gone)
            ):
                fail_attempt(T, P, S, p, day, log)
                continue
            finished = state.ground >= FULL if phase.has_depth == 1 else enemy.broken == 1
        if finished:
            state.status = DONE
            state.end = day + 1
            state.decided = day + 1
            state.progress = 1.0
            note(log, day, DONE_EVENT, p, 0.0)
            if phase.has_ending == 1:
                end_site(T, S, p, day, log)
            continue
        if phase.has_pause == 1 and state.pause_losses >= phase.pause_losses * (
            S.force[phase.own].joined - state.pause_gone
        ):
            state.pause_until = day + 1 + int(phase.pause_lasts)
            note(log, day, PAUSES, p, phase.pause_lasts)
        if phase.stop_hazard > 0.0:
            reset(S.cursor, STOP, phase.key, day - state.opened)
            if uniform(S.cursor) < phase.stop_hazard:
                state.status = FAILED
                state.decided = day + 1
                note(log, day, STOPPED, p, 0.0)
