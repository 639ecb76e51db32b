"""In which histories a claimed event happens. Dates are inclusive: what comes on the day named counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phaseline.outcomes.measures import measure
from phaseline.outcomes.statistics import world_means
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.claimed import Limit, head_of, limit_of, own_limit, plans_of, window
from phaseline.scenario.quantity import single_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Claim, ClaimEvent

    Happened = NDArray[np.bool_]

_OPERATION_FAILED, _PHASE_FAILED = 2, 3


def happens(outcomes: Outcomes, claim: Claim, limit: Limit | None = None) -> Happened:
    """In which histories the claimed event happens, shape [history].

    Parameters
    ----------
    outcomes
        Of the plans that the claim is about.
    claim
        A checked claim, not of ``increases`` or ``mostly``, which are no events of a history.
    limit
        In place of the event's own: day numbers for dates, else in base units.
    """
    plan = plans_of(outcomes.scenario, claim)[0]
    return happens_under(outcomes, claim, claim.event, plan, limit)


def happens_under(
    outcomes: Outcomes, claim: Claim, event: ClaimEvent, plan: str, limit: Limit | None = None
) -> Happened:
    """In which histories of a plan an event happens, as `happens`.

    Parameters
    ----------
    outcomes, claim, limit
        As of `happens`.
    event
        The claim's, or a part of it.
    plan
        Under which; a ``difference`` names its own.
    """
    kind = head_of(event)
    if kind in ("all", "any"):
        parts = [happens_under(outcomes, claim, part, plan) for part in (event.all or event.any or [])]
        happened = np.logical_and.reduce(parts) if kind == "all" else np.logical_or.reduce(parts)
    elif kind == "strained_most":
        peaks = {asset: outcomes.column(plan, f"peak_strain.{asset}") for asset in outcomes.scenario.assets}
        named = np.min([peaks[asset] for asset in event.strained_most or ()], axis=0)
        others = [peak for asset, peak in peaks.items() if asset not in (event.strained_most or ())]
        happened = named > np.max(others, axis=0)
    elif kind in ("measure", "difference"):
        happened = _amount(outcomes, event, plan, limit)
    elif kind == "finished":
        happened = _finished(outcomes, claim, event, plan, limit)
    else:
        span = window(outcomes.scenario, claim, event, limit)
        read = {"strain": _strained, "failed": _failed, "open": _overlap, "start": _started}[kind]
        happened = read(outcomes, event, plan, *span)
    result: Happened = ~happened if event.not_ else happened
    return result


def _on(days: NDArray[np.float64], first: float, last: float) -> Happened:
    """Whether something comes on a day from the first to the last, both included; what never comes is missing."""
    return (np.floor(days) >= first) & (np.floor(days) <= last)


def _ended(times: NDArray[np.float64], first: float, last: float) -> Happened:
    """As `_on`, of a moment at which something is over: the end of day 79 is the time 80."""
    return _on(np.ceil(times) - 1.0, first, last)


def _started(outcomes: Outcomes, event: ClaimEvent, plan: str, first: float, last: float) -> Happened:
    return _on(outcomes.column(plan, f"start.{event.start}"), first, last)


def _strained(outcomes: Outcomes, event: ClaimEvent, plan: str, first: float, last: float) -> Happened:
    """The first spell of overstretch begins in time."""
    return _on(outcomes.column(plan, f"binds.{event.strain}"), first, last)


def _failed(outcomes: Outcomes, event: ClaimEvent, plan: str, first: float, last: float) -> Happened:
    code = _PHASE_FAILED if "." in str(event.failed) else _OPERATION_FAILED
    failed: Happened = outcomes.column(plan, f"status.{event.failed}") == code
    if limit_of(event) is None:
        return failed
    return failed & _ended(outcomes.column(plan, f"decided.{event.failed}"), first, last)


def _overlap(outcomes: Outcomes, event: ClaimEvent, plan: str, first: float, last: float) -> Happened:
    """Both open at once for long enough, in time; what never ends stays open to the horizon."""
    horizon = float(horizon_days(outcomes.scenario))
    starts, ends = [], []
    for name in (event.open, event.while_):
        starts.append(outcomes.column(plan, f"start.{name}"))
        ends.append(np.nan_to_num(outcomes.column(plan, f"end.{name}"), nan=horizon))
    both = np.maximum(*starts)
    least = single_value(event.for_, outcomes.scenario) if "for_" in event.model_fields_set else 1.0
    long_enough: Happened = np.nan_to_num(np.minimum(*ends) - both, nan=-1.0) >= least
    return long_enough & _ended(both + least, first, last)


def _finished(
    outcomes: Outcomes, claim: Claim, event: ClaimEvent, plan: str, limit: Limit | None
) -> Happened:
    """Done in time, or within a time of its own start; what never ends is neither."""
    end = outcomes.column(plan, f"end.{event.finished}")
    if event.within is None:
        return _ended(end, *window(outcomes.scenario, claim, event, limit))
    given = own_limit(outcomes.scenario, event) if limit is None else limit
    in_time: Happened = end - outcomes.column(plan, f"start.{event.finished}") <= given
    return in_time


def _amount(outcomes: Outcomes, event: ClaimEvent, plan: str, limit: Limit | None) -> Happened:
    scenario = outcomes.scenario
    one = measure(scenario, str(event.measure or event.difference))
    if event.difference is not None and event.between is not None:
        first, second = (str(name) for name in event.between)
        values = one.values(outcomes, first) - one.values(outcomes, second)
        if event.each == "world":
            values = np.repeat(world_means(values, outcomes.per_world), outcomes.per_world)[: values.size]
    else:
        values = one.values(outcomes, plan)
    given = own_limit(scenario, event) if limit is None else limit
    reached: Happened = values > given if event.above is not None else values < given
    return reached
