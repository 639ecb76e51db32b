"""Stored whole histories, thinned out for a time slider, and which of them is the most typical one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.reporting.listings import ROUTINE, event_lines
from phaseline.scenario.calendar import start_date
from phaseline.scenario.records import columns, series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import History, Outcomes

FRAMES = 160
"""About how many days are kept of a history, however long it is."""
MOST_EVENTS = 250
"""Lines of a history's log that are kept, the first ones."""
_WEIGHED = ("end", "status", "losses", "displaced", "overstretched", "person_days")
"""Quantities by which histories are likened."""


def medoid(outcomes: Outcomes, plan: str) -> int | None:
    """Which of a plan's stored whole histories is the most like all its histories; None without any.

    The one with the least mean distance to all of them; the distance of two histories is the sum over operations, forces
    and assets of the differences in rank of when they ended, what they lost, displaced and overstretched (Kaufman and
    Rousseeuw 1990, Finding Groups in Data, ch. 2, with ranks in place of units).

    Returns
    -------
    int
        Position among the stored histories.
    """
    run = outcomes.runs[plan]
    if not run.samples:
        return None
    wanted = [k for k, column in enumerate(columns(outcomes.scenario)) if column.quantity in _WEIGHED]
    table = np.nan_to_num(run.table[:, wanted], nan=np.inf, posinf=np.inf)
    distances = np.zeros(len(run.samples))
    for values in table.T:
        ranks = _ranks(values)
        ordered = np.sort(ranks)
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        for position, history in enumerate(run.samples):
            rank = ranks[history.replication]
            below = int(np.searchsorted(ordered, rank))
            distances[position] += (
                rank * below - sums[below] + (sums[-1] - sums[below]) - rank * (len(ordered) - below)
            )
    return int(np.argmin(distances))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mid-ranks between 0 and 1; equal values share theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle = ends - (counts + 1) / 2
    return np.asarray(middle[inverse] / max(len(values) - 1, 1))


def replays(outcomes: Outcomes) -> dict[str, Any]:
    """All stored histories by plan, ready for JSON.

    Returns
    -------
    dict
        ``start`` (date of day 0), ``days`` (the days kept, values at their end), and per plan ``title``, ``medoid`` and
        ``histories``, each with ``replication``, ``operations`` and ``phases`` (percent done, by id), ``forces``
        (strength), ``strain`` (by asset) and ``events`` (day and words, without what comes nearly every day). Empty
        without stored histories.
    """
    runs = {plan: run for plan, run in outcomes.runs.items() if run.samples}
    if not runs:
        return {}
    num_days = max(len(history.series) for run in runs.values() for history in run.samples)
    days = np.unique(np.linspace(0, num_days - 1, min(FRAMES, num_days)).round().astype(int))
    return {
        "start": start_date(outcomes.scenario).isoformat(),
        "days": days.tolist(),
        "plans": {
            plan: {
                "title": run.title or plan,
                "medoid": medoid(outcomes, plan),
                "histories": [_replay(outcomes, history, days) for history in run.samples],
            }
            for plan, run in runs.items()
        },
    }


def _replay(outcomes: Outcomes, history: History, days: NDArray[np.int64]) -> dict[str, Any]:
    kept = history.series[np.minimum(days, len(history.series) - 1)]
    found: dict[str, Any] = {"operations": {}, "phases": {}, "forces": {}, "strain": {}}
    for position, record in enumerate(series(outcomes.scenario)):
        values = kept[:, position]
        if record.quantity == "progress":
            kind = "phases" if "." in record.entity else "operations"
            found[kind][record.entity] = np.round(100 * np.nan_to_num(values)).astype(int).tolist()
        elif record.quantity == "strength":
            found["forces"][record.entity] = np.round(np.nan_to_num(values)).astype(int).tolist()
        elif record.quantity == "strain":
            found["strain"][record.entity] = [
                float(f"{value:.2f}") for value in np.nan_to_num(values, posinf=99.0)
            ]
    told = [event for event in history.events if event.code not in ROUTINE]
    lines = event_lines(told, outcomes.scenario)[:MOST_EVENTS]
    return {"replication": history.replication, **found, "events": [list(line) for line in lines]}
