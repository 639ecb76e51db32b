"""Operations that are suspended: when they come to a stop (step 9), and how they go on or are given up (step 1)."""

from math import floor

from phaseline.engine.events import GIVEN_UP, RESUMES, STOPPED, SUSPENDED_EVENT, note
from phaseline.engine.jit import kernel
from phaseline.engine.laws import power
from phaseline.engine.streams import SUSPENSION, normal, reset, uniform
from phaseline.engine.tables import CONTESTED, FAILED, OPEN, SHORTAGE
from phaseline.scenario.distributions import Z90


@kernel
def give_up(T, S, o, day, event, log):
    """The open contested phases of an operation fail for good; the event says whether the plan gave up."""
    operation = T.operation[o]
    for p in range(operation.first_phase, operation.first_phase + operation.num_phases):
        if S.phase[p].status == OPEN and T.phase[p].kind == CONTESTED:
            S.phase[p].status = FAILED
            S.phase[p].decided = day
            note(log, day, event, p, 0.0)


@kernel
def resume(T, S, day, log):
    """Step 1: suspensions that end today; the adversary has dug in meanwhile."""
    for o in range(T.operation.size):
        operation = T.operation[o]
        state = S.operation[o]
        if state.suspended == 0 or day < state.resumes:
            continue
        state.suspended = 0
        if state.abandoned == 1:
            give_up(T, S, o, day, GIVEN_UP, log)
            continue
        note(log, day, RESUMES, o, float(day - state.suspended_on))
        for p in range(operation.first_phase, operation.first_phase + operation.num_phases):
            phase = T.phase[p]
            if S.phase[p].status == OPEN:
                S.phase[p].dig = 1.0 + min(phase.dig_most - 1.0, phase.dig_rate * day)


@kernel
def suspend(T, P, S, day, log):
    """Step 9, last: an operation of which a contested phase went today and is still open may come to a stop."""
    for o in range(T.operation.size):
        operation = T.operation[o]
        state = S.operation[o]
        state.suspended_days += state.suspended
        if operation.has_suspension == 0 or state.suspended == 1:
            continue
        support, fought = 1.0, False
        for p in range(operation.first_phase, operation.first_phase + operation.num_phases):
            if T.phase[p].kind == CONTESTED and S.phase[p].went == 1 and S.phase[p].status == OPEN:
                fought = True
                support = min(support, S.phase[p].support)
        if not fought:
            continue
        reset(S.cursor, SUSPENSION, operation.key, day)
        short = operation.short_onset * (1.0 - support)
        drawn = uniform(S.cursor)
        if drawn >= operation.onset + short:
            continue
        reason = SHORTAGE if drawn < short else 0
        state.suspensions += 1
        state.suspensions_short += reason
        note(log, day, SUSPENDED_EVENT, o, float(reason))
        if uniform(S.cursor) < operation.final:
            give_up(T, S, o, day + 1, STOPPED, log)
            continue
        lasts = floor(operation.lasts * power(operation.lasts_spread, normal(S.cursor) / Z90) + 0.5)
        patience = P.operation_plan[o].patience
        state.suspended, state.suspended_on = 1, day + 1
        state.abandoned = 1 if lasts > patience else 0
        state.resumes = day + 1 + int(max(1.0, min(lasts, patience, float(T.world[0].num_days))))
