"""The event log of one history: numeric rows written by the kernels, words added here."""

from __future__ import annotations

import numpy as np

from phaseline.engine.jit import routine
from phaseline.engine.tables import SHORTAGE

# Words that follow a label and a colon: labels may be plural, so no verb agrees with them.
CODES = (
    ("opens", "phase", "opens"),
    ("done", "phase", "done"),
    (
        "attempt fails",
        "phase",
        "attempt fails; the own force has lost {percent:.0f} % of those who took part",
    ),
    ("fails", "phase", "failed for good"),
    ("given up", "phase", "given up, as the plan says"),
    ("stopped", "phase", "stopped for reasons outside the model"),
    ("reopens", "phase", "next attack (attempt {value:.0f})"),
    ("pauses", "phase", "pause to refit, {value:.0f} day{s}"),
    ("halted", "phase", "advance halted by attacks, {value:.0f} day{s}"),
    ("attacks", "phase", "{value:.0f} attack{s} through"),
    ("waits for cover", "phase", "at rest: coverage below its minimum ({percent:.0f} %)"),
    ("broken", "force", "broken after losing {value:,.0f}"),
    ("escapes", "force", "{value:,.0f} escaped"),
    ("surrenders", "force", "{value:,.0f} surrendered"),
    ("joined by", "force", "joined by {value:,.0f}"),
    ("overstretched", "asset", "overstretched; strain {value:.2f}"),
    ("relieved", "asset", "no longer overstretched"),
    ("relief", "relief", "in force"),
    ("half way", "phase", "half the ground taken"),
    ("suspended", "operation", "suspended{why}"),
    ("resumes", "operation", "resumed after {value:.0f} day{s}"),
)
(
    OPENS,
    DONE_EVENT,
    ATTEMPT_FAILS,
    FAILS,
    GIVEN_UP,
    STOPPED,
    REOPENS,
    PAUSES,
    HALTED,
    ATTACKS,
    NO_COVER,
    BROKEN,
    ESCAPES,
    SURRENDERS,
    JOINED,
    OVERSTRETCHED,
    RELIEVED,
    RELIEF,
    HALF_WAY,
    SUSPENDED_EVENT,
    RESUMES,
) = range(len(CODES))


@routine
def note(log, day, code, entity, value):
    """Append an event; row 0 holds the count. A log of no rows records nothing, a full one drops the rest."""
    if log.shape[0] == 0:
        return
    n = int(log[0, 0]) + 1
    if n < log.shape[0]:
        log[0, 0] = n
        log[n, 0] = day
        log[n, 1] = code
        log[n, 2] = entity
        log[n, 3] = value


def read(log: np.ndarray, names: dict[str, list[str]]) -> list[tuple[int, str, str, float, str]]:
    """Events as (day, code, entity id, value, sentence), in the order in which they happened.

    Parameters
    ----------
    names : dict
        Ids by kind of entity: ``operation``, ``phase``, ``force``, ``asset``, ``relief``.
    """
    found = []
    for row in log[1 : int(log[0, 0]) + 1]:
        code, kind, words = CODES[int(row[1])]
        entity = names[kind][int(row[2])]
        value = float(row[3])
        plural = "" if 0.5 <= value < 1.5 else "s"
        why = " for want of support" if value == SHORTAGE else ""
        told = words.format(value=value, percent=100.0 * value, s=plural, why=why)
        found.append((int(row[0]), code, entity, value, f"{entity}: {told}"))
    return found
