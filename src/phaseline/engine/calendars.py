"""Working days: which calendars are open, and which phases rest (end of step 1)."""

from phaseline.engine.jit import kernel
from phaseline.engine.tables import OPEN


@kernel
def is_open(T, calendar, day):
    """Whether a calendar, given by its first row, is open; none always is."""
    return calendar < 0 or T.calendar_day[calendar + day].open == 1


@kernel
def rest(T, S, day):
    """Which open phases rest: their own calendar is closed, or that of a whole asset which they demand."""
    if T.world[0].has_calendar == 0:
        return
    for p in range(T.phase.size):
        phase = T.phase[p]
        rests = 0
        if S.phase[p].status == OPEN:
            if not is_open(T, phase.calendar, day):
                rests = 1
            for i in range(phase.first_demand, phase.first_demand + phase.num_demands):
                asset = T.asset[T.demand[i].asset]
                if asset.whole == 1 and not is_open(T, asset.calendar, day):
                    rests = 1
        S.phase[p].rests = rests
