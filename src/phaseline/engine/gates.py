"""Steps 0 and 1 of the day: arrivals, conditions, which phases open, hold and close, which relief is in force."""

from math import floor

from phaseline.engine.events import DONE_EVENT as DONE_NOTE
from phaseline.engine.events import GIVEN_UP, OPENS, RELIEF, REOPENS, note
from phaseline.engine.jit import kernel
from phaseline.engine.suspension import resume
from phaseline.engine.tables import (
    ABOVE,
    AFTER_OPERATION,
    AFTER_PHASE,
    ALL,
    ANY,
    AT_LEAST,
    CONTESTED,
    DATE,
    DONE,
    FAILED,
    FINISHED,
    LOSSES,
    LOST,
    MOST_RETURN_DAYS,
    OPEN,
    PROGRESS_OPERATION,
    PROGRESS_PHASE,
    REFITTING,
    SURGE,
    SUSPENDED,
    TASK,
    WAITING,
)


@kernel
def whole_part(T, carry):
    """Whole persons in a carry (chain), or all of it."""
    return floor(carry + 1e-9) if T.world[0].chain == 1 else carry


@kernel
def join(force, men):
    """Men join a force: it grows, and so does what shares lost are taken of."""
    force.strength += men
    force.joined += men


@kernel
def part_of_arrival(T, arrival, days):
    """What comes on the day `days` after an arrival's date, where it comes over several; whole persons in a chain."""
    each = arrival.strength / arrival.over
    if T.world[0].chain == 0:
        return each
    return floor(each * (days + 1) + 1e-9) - floor(each * days + 1e-9)


@kernel
def arrive(T, S, day):
    """Step 0: arrivals dated today or under way, returning wounded, replacements of own and adversary forces."""
    slot = day % (MOST_RETURN_DAYS + 1)
    for f in range(T.force.size):
        force = T.force[f]
        state = S.force[f]
        state.returned += S.returning[f, slot]
        join(state, S.returning[f, slot])
        S.returning[f, slot] = 0.0
        state.coming = 0.0
        for i in range(force.first_arrival, force.first_arrival + force.num_arrivals):
            arrival = T.arrival[i]
            since = day - int(arrival.on)
            if arrival.over < 1.0:
                men = arrival.strength if since == 0 else 0.0
            elif 0 <= since < arrival.over:
                men = part_of_arrival(T, arrival, since)
                state.coming += men
            else:
                men = 0.0
            join(state, men)
            state.received += men
        if force.replacements > 0.0:
            state.carry += force.replacements
            joining = min(whole_part(T, state.carry), max(0.0, state.received - state.strength))
            state.carry -= whole_part(T, state.carry)
            join(state, joining)
            state.replaced += joining


@kernel
def compares(value, node):
    """Whether a book value satisfies an atom."""
    if node.compare == AT_LEAST:
        return value >= node.value
    if node.compare == ABOVE:
        return value > node.value
    return value < node.value


@kernel
def atom_holds(T, S, node, day):
    """Whether an atom holds in yesterday's books."""
    if node.kind == DATE:
        return day >= node.value
    if node.kind == AFTER_PHASE:
        state = S.phase[node.ref]
        return state.status == DONE and day >= state.end + node.delay
    if node.kind == AFTER_OPERATION:
        done = S.operation[node.ref]
        return done.status == FINISHED and day >= done.end + node.delay
    if node.kind == PROGRESS_PHASE:
        return compares(S.phase[node.ref].progress, node)
    if node.kind == PROGRESS_OPERATION:
        return compares(S.operation[node.ref].progress, node)
    if node.kind == SUSPENDED:
        return S.operation[node.ref].suspended == 1
    if node.kind == LOSSES:
        force = S.force[node.ref]
        return compares(force.losses / max(force.joined, 1.0), node)
    return compares(S.asset[node.ref].strain, node)


@kernel
def read_conditions(T, P, S, day):
    """Truth of every node: children stand before their parents and report to them."""
    for n in range(P.node.size):
        S.node[n].truth = 1 if P.node[n].kind == ALL else 0
    for n in range(P.node.size):
        node = P.node[n]
        state = S.node[n]
        if node.kind != ALL and node.kind != ANY:
            if atom_holds(T, S, node, day):
                state.days += 1
            else:
                state.days = 0
            state.truth = 1 if state.days >= node.lasts else 0
        if node.parent >= 0:
            if P.node[node.parent].kind == ALL:
                S.node[node.parent].truth &= state.truth
            else:
                S.node[node.parent].truth |= state.truth


@kernel
def begin_attempt(T, S, p, day):
    """Open phase p: bases of attempt and pause losses are what the own force has now, and what joins it from now on."""
    phase = T.phase[p]
    state = S.phase[p]
    state.status = OPEN
    state.attempts += 1
    state.pause_until = 0
    state.halt_until = 0
    if phase.own >= 0:
        state.attempt_gone = S.force[phase.own].joined - S.force[phase.own].strength
        state.pause_gone = state.attempt_gone
        state.attempt_losses = 0.0
        state.pause_losses = 0.0


@kernel
def visit_phases(T, P, S, day, log):
    """One visit of the phases in file order; True if a milestone was passed, so that the visit must start again."""
    for p in range(T.phase.size):
        phase = T.phase[p]
        plan = P.phase_plan[p]
        state = S.phase[p]
        if state.status == WAITING:
            ready = plan.gate < 0 or S.node[plan.gate].truth == 1
            for k in range(phase.first_after, phase.first_after + phase.num_afters):
                if S.phase[T.after[k].phase].status != DONE:
                    ready = False
            if ready:
                state.opened = day
                state.dig = 1.0 + min(phase.dig_most - 1.0, phase.dig_rate * day)
                begin_attempt(T, S, p, day)
                if phase.has_whole == 0 and phase.calendar < 0:
                    state.start = day
                note(log, day, OPENS, p, 0.0)
                if phase.kind == TASK and state.total == 0:
                    state.status = DONE
                    state.end = day
                    state.decided = day
                    state.progress = 1.0
                    if state.start < 0:
                        state.start = day
                    note(log, day, DONE_NOTE, p, 0.0)
                    return True
        elif state.status == REFITTING and day >= state.refit_until:
            begin_attempt(T, S, p, day)
            note(log, day, REOPENS, p, state.attempts)
    return False


@kernel
def open_and_hold(T, P, S, day, log):
    """Step 1: resume, open, reopen, give up, hold."""
    read_conditions(T, P, S, day)
    resume(T, S, day, log)
    while visit_phases(T, P, S, day, log):
        pass
    for p in range(T.phase.size):
        plan = P.phase_plan[p]
        state = S.phase[p]
        state.held = 0
        if state.status != OPEN:
            continue
        if plan.stop >= 0 and S.node[plan.stop].truth == 1:
            state.status = FAILED
            state.decided = day
            note(log, day, GIVEN_UP, p, 0.0)
            continue
        if day == state.pause_until and T.phase[p].own >= 0:
            own = S.force[T.phase[p].own]
            state.pause_gone = own.joined - own.strength
            state.pause_losses = 0.0
        if day < state.pause_until or (plan.hold >= 0 and S.node[plan.hold].truth == 1):
            state.held = 1
        if T.phase[p].kind == CONTESTED and S.operation[T.phase[p].operation].suspended == 1:
            state.held = 1


@kernel
def settle(T, S, day, log):
    """Which operations are over. A phase that waits for a failed one fails with it, without ever having started."""
    changed = True
    while changed:
        changed = False
        for p in range(T.phase.size):
            phase = T.phase[p]
            if S.phase[p].status != WAITING or S.phase[p].blocked == 1:
                continue
            for k in range(phase.first_after, phase.first_after + phase.num_afters):
                before = S.phase[T.after[k].phase]
                if before.status == FAILED or before.blocked == 1:
                    S.phase[p].blocked = 1
                    changed = True
    everything = 1
    for o in range(T.operation.size):
        state = S.operation[o]
        if state.settled == 0:
            over, done, end = 1, 1, -1
            for p in range(
                T.operation[o].first_phase, T.operation[o].first_phase + T.operation[o].num_phases
            ):
                phase = S.phase[p]
                if phase.status != DONE:
                    done = 0
                    if phase.status != FAILED and phase.blocked == 0:
                        over = 0
                end = max(end, phase.end)
            if over == 1:
                state.settled = 1
                if done == 1:
                    state.status = FINISHED
                    state.end = end
                    state.decided = end
                    if T.operation[o].has_home == 1:
                        state.home_day = end + int(T.operation[o].home_after)
        if state.settled == 0:
            everything = 0
            for p in range(
                T.operation[o].first_phase, T.operation[o].first_phase + T.operation[o].num_phases
            ):
                if S.phase[p].status == FAILED:
                    state.status = LOST
        elif state.status != FINISHED:
            state.status = LOST
        if state.status == LOST and state.decided < 0:
            state.decided = day + 1
            for p in range(
                T.operation[o].first_phase, T.operation[o].first_phase + T.operation[o].num_phases
            ):
                if S.phase[p].status == FAILED:
                    state.decided = min(state.decided, S.phase[p].decided)
    if everything == 1 and S.world[0].settled_on < 0:
        S.world[0].settled_on = day


@kernel
def order_relief(T, P, S, day, log):
    """Which relief actions are in force today; they end once everything is settled."""
    for a in range(T.asset.size):
        S.asset[a].surge_allowed = 0 if P.asset_plan[a].surge_controlled == 1 else 1
    for r in range(P.relief.size):
        relief = P.relief[r]
        state = S.relief[r]
        holds = relief.when < 0 or S.node[relief.when].truth == 1
        if relief.action == SURGE:
            if holds:
                S.asset[relief.asset].surge_allowed = 1
            continue
        if state.since < 0 and holds:
            state.since = day
        was = state.active
        state.active = 0
        if state.since >= 0 and state.done == 0 and S.world[0].settled_on < 0:
            if relief.release >= 0 and S.node[relief.release].truth == 1:
                state.done = 1
            elif day >= state.since + relief.delay and (
                relief.has_lasts == 0 or day < state.since + relief.delay + relief.lasts
            ):
                state.active = 1
                S.world[0].relief_cost += relief.cost * relief.amount
                if was == 0:
                    note(log, day, RELIEF, r, relief.amount)
