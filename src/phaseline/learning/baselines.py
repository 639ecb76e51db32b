"""Naive forecasts, to be beaten: each a sample from what was reported by the day of issue.

- *persistence*: an amount stays where it was last reported;
- *linear*: it goes on as it has on average since the beginning, and a battle ends when the line reaches the end;
- *as long again*: what has lasted a time t goes on for longer than r with chance t / (t + r) (Gott 1993), for milestones;
- *earlier battles*: a lognormal fitted to their durations, given that this one has not ended yet.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from phaseline.scenario.calendar import start_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.followed import Came
    from phaseline.scenario.reports import Report
    from phaseline.scenario.schema import Scenario

NAMES = ("persistence", "linear", "as_long_again", "earlier_battles")
SIZE = 1000
"""Values of a sample, at evenly spaced levels: no chance is needed."""
LEAST_BATTLES = 3
_LEVELS = (np.arange(SIZE) + 0.5) / SIZE


def forecasts(
    scenario: Scenario, reports: Sequence[Report], issued: dt.date, durations: Sequence[float], target: Came
) -> dict[str, NDArray[np.float64]]:
    """Every naive forecast that can be made of something to come.

    Parameters
    ----------
    scenario
        For its phases and its start.
    reports
        Published by the day of issue.
    issued
        The day of issue.
    durations
        Days that earlier battles took.
    target
        What is to come: its about, quantity and, for an amount, its date.

    Returns
    -------
    dict
        By name: values of an amount in its unit, or times of a milestone in days from the scenario's start.
    """
    start = start_date(scenario)
    if target.quantity in ("started", "finished"):
        return _milestone(scenario, reports, issued, durations, target, start)
    value, on = _last(reports, target.about, target.quantity)
    began = _began(reports, target.about) or start
    ahead, elapsed = (target.date - on).days if on else 0, (on - began).days if on else 0
    line = value * (1.0 + ahead / elapsed) if elapsed > 0 else value
    if target.quantity == "progress":
        line = min(1.0, line)
    return {"persistence": np.array([value]), "linear": np.array([line])}


def _milestone(
    scenario: Scenario, reports: Sequence[Report], issued: dt.date, durations: Sequence[float], target: Came, start: dt.date
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    began = _began(reports, target.about) or (start if target.about in scenario.operations else None)
    if target.quantity == "started":
        began = start
    elapsed = max(1, (issued - began).days + 1) if began is not None else 0
    offset = float((issued - start).days)
    found = {}
    if elapsed:
        found["as_long_again"] = offset + elapsed * _LEVELS / (1.0 - _LEVELS)
    if target.quantity == "started":
        return found
    if len(durations) >= LEAST_BATTLES:
        found["earlier_battles"] = offset + remaining(durations, float(elapsed))
    share, on = _share_done(scenario, reports, target.about)
    if share > 0.0 and on is not None and began is not None:
        found["linear"] = np.array([max(offset, (began - start).days + (on - began).days / share)])
    return found


def remaining(durations: Sequence[float], elapsed: float) -> NDArray[np.float64]:
    """Days still to go for a battle that has lasted some time: lognormal, Student's t predictive, cut at what has passed.

    Parameters
    ----------
    durations
        Days of earlier battles, at least three.
    elapsed
        Days so far; 0 for a battle yet to begin.

    Raises
    ------
    ValueError
        If there are too few.
    """
    logs = np.log(np.asarray(durations, dtype=float))
    if logs.size < LEAST_BATTLES:
        raise ValueError("a lognormal of earlier battles needs at least three")
    n = logs.size
    scale = float(logs.std(ddof=1)) * math.sqrt(1.0 + 1.0 / n)
    law = stats.t(n - 1, loc=float(logs.mean()), scale=scale)
    passed = float(law.cdf(math.log(elapsed))) if elapsed > 0.0 else 0.0
    with np.errstate(over="ignore"):
        days = np.exp(law.ppf(passed + (1.0 - passed) * _LEVELS))
    return np.asarray(np.maximum(days - elapsed, 0.0))


def _last(reports: Sequence[Report], about: str, quantity: str) -> tuple[float, dt.date | None]:
    """Mean of the figures for the last day that has any, and that day; 0 before the first."""
    if quantity == "progress":
        done = [r.date for r in reports if r.about == about and r.quantity == "finished"]
        if done:
            return 1.0, done[0]
    told = [r for r in reports if r.about == about and r.quantity == quantity]
    if not told:
        return 0.0, None
    on = max(r.date for r in told)
    return float(np.mean([r.middle for r in told if r.date == on])), on


def _began(reports: Sequence[Report], about: str) -> dt.date | None:
    days = [
        r.date
        for r in reports
        if r.quantity == "started" and (r.about == about or r.about.startswith(f"{about}."))
    ]
    return min(days, default=None)


def _share_done(scenario: Scenario, reports: Sequence[Report], about: str) -> tuple[float, dt.date | None]:
    """Share done of a phase, or of an operation: the mean of those of its phases that were ever reported on."""
    if about not in scenario.operations:
        return _last(reports, about, "progress")
    # the phases that decide are those over people's homes, if there are any: they are what is reported as progress
    all_phases = scenario.operations[about].phases
    decisive = [name for name, phase in all_phases.items() if "people" in phase.model_fields_set]
    phases = [f"{about}.{name}" for name in decisive or all_phases]
    told = [_last(reports, name, "progress") for name in phases]
    days = [on for _, on in told if on is not None]
    return float(np.mean([share for share, _ in told])) if told else 0.0, max(days, default=None)
