"""Claims that a plan settles by itself: no world can fail them, or none can meet them.

A start that dates alone decide is known without a run: it lies between the earliest and the latest of them. What follows
from such starts for an event, its complement, joint events and differences of chances is settled for every draw. Where
more than dates decides nothing is said, so that what is called settled is so; see also `certainty` for outcomes that no
draw reaches, whose value only a run tells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from phaseline.scenario.calendar import horizon_days, start_date
from phaseline.scenario.certainty import certain_columns, is_certain
from phaseline.scenario.claimed import Limit, head_of, limit_of, own_limit, plans_of, readings, window
from phaseline.scenario.measured import columns_read
from phaseline.scenario.mechanisms import applied
from phaseline.scenario.quantity import resolve, single_value
from phaseline.scenario.records import awaited, intended_phase, phase_ids, phases_meant
from phaseline.scenario.schema import Claim, ClaimEvent, Condition, Plan, Scenario


@dataclass(frozen=True)
class _Begin:
    """Earliest and latest day of a start that surely comes, and the named number whose day it is, if it is one's."""

    low: float
    high: float
    number: str | None = None


def settled(
    scenario: Scenario, plans: Mapping[str, Plan], claim: Claim, limit: Limit | None = None
) -> bool | None:
    """Whether the plans of a claim make its event happen in every world, or in none; None where they do not settle it.

    Of a difference of chances: whether it is as large as is claimed, whatever is drawn.

    Parameters
    ----------
    scenario
        Checked.
    plans
        By id; those that the claim is about.
    claim
        Checked.
    limit
        In place of the event's own.
    """
    scenario = applied(scenario)
    if claim.event.increases is not None:
        first, second = (
            _truth(scenario, plans[plan], claim, claim.event.increases, None) for plan in plans_of(scenario, claim)
        )  # fmt: skip
        if first is None or second is None:
            return None
        least = limit if isinstance(limit, float) else _least(scenario, claim.event)
        return second > first and least <= 1.0
    if claim.event.mostly is not None:
        return None
    return _truth(scenario, plans[plans_of(scenario, claim)[0]], claim, claim.event, limit)


def _least(scenario: Scenario, event: ClaimEvent) -> float:
    if event.by is None:
        return 0.0
    found = own_limit(scenario, event)
    assert isinstance(found, float)
    return found


def settled_at_all(scenario: Scenario, plans: Mapping[str, Plan], claim: Claim) -> bool | None:
    """As `settled`, over all readings of a vague word; None where they differ."""
    limits: list[Limit | None] = [None, *readings(scenario, claim)]
    found = {settled(scenario, plans, claim, limit) for limit in limits}
    return found.pop() if len(found) == 1 else None


def never_varies(scenario: Scenario, plans: Mapping[str, Plan], claim: Claim) -> bool:
    """Whether no draw reaches what a claim is read from, though something is drawn; which way it goes a run tells."""
    names = plans_of(scenario, claim)
    if all(is_certain(scenario, plans[plan]) for plan in names):
        return False  # nothing is drawn: the claim is about the arithmetic, and that is what a run shows
    read = _columns(scenario, claim.event)
    return all(read <= certain_columns(scenario, plans[plan]) for plan in names)


def _truth(
    scenario: Scenario, plan: Plan, claim: Claim, event: ClaimEvent, limit: Limit | None
) -> bool | None:
    kind = head_of(event)
    found: bool | None = None
    if kind in ("all", "any"):
        parts = [_truth(scenario, plan, claim, part, None) for part in (event.all or event.any or [])]
        decisive = kind == "any"  # one part that happens makes any, one that does not breaks all
        found = decisive if decisive in parts else None if None in parts else not decisive
    elif kind == "start":
        begin = _beginning(scenario, plan, str(event.start))
        found = None if begin is None else _within(begin, *window(scenario, claim, event, limit))
    elif kind == "measure" and str(event.measure).startswith("delay."):
        found = _late(scenario, plan, event, limit)
    return found if found is None or not event.not_ else not found


def _within(begin: _Begin, first: float, last: float) -> bool | None:
    if first <= begin.low and begin.high <= last:
        return True
    return False if begin.high < first or begin.low > last else None


def _late(scenario: Scenario, plan: Plan, event: ClaimEvent, limit: Limit | None) -> bool | None:
    """Of a delay: days from the intended date to a start that dates decide."""
    operation = str(event.measure).partition(".")[2]
    intended = scenario.operations[operation].intended
    begin = _beginning(scenario, plan, f"{operation}.{intended_phase(scenario, operation)}")
    if begin is None or intended is None:
        return None
    zero = start_date(scenario).toordinal()
    low, high = (_day(end, zero) for end in resolve(intended, scenario.numbers).dist.support())
    # one and the same draw on both sides, unless the start had to wait for day 0
    same = begin.number is not None and begin.number == intended.ref and low >= 0
    least, most = (0.0, 0.0) if same else (begin.low - high, begin.high - low)
    given = single_value(event.above or event.below, scenario) if limit is None else limit  # type: ignore[arg-type]
    assert isinstance(given, float)
    if event.above is not None:
        return True if least > given else False if most <= given else None
    return True if most < given else False if least >= given else None


def _beginning(scenario: Scenario, plan: Plan, ref: str) -> _Begin | None:
    """When a phase or operation starts, where dates alone decide it and it starts in any case; else None.

    An operation starts with a phase that waits for no other of its own.
    """
    ids = phase_ids(scenario)
    members = phases_meant(scenario, ref)
    names = [ids[i] for i in members]
    first = [name for name in names if not any(i in members for i in _awaited(scenario, name))]
    found = _joined([_gated(scenario, plan, name) for name in first], min)
    return found if found is not None and found.high < horizon_days(scenario) else None


def _joined(begins: Sequence[_Begin | None], pick: Callable[[Iterable[float]], float]) -> _Begin | None:
    """The first or the last of several, where all are known."""
    sure = [begin for begin in begins if begin is not None]
    if len(sure) < len(begins) or not sure:
        return None
    if len(sure) == 1:
        return sure[0]
    return _Begin(pick(begin.low for begin in sure), pick(begin.high for begin in sure))


def _awaited(scenario: Scenario, name: str) -> list[int]:
    operation, phase = name.split(".")
    return [i for ref in awaited(scenario, operation, phase) for i in phases_meant(scenario, ref, operation)]


def _gated(scenario: Scenario, plan: Plan, name: str) -> _Begin | None:
    """Start of a phase that waits for nothing but dates: not for another phase, a calendar, or whole units."""
    operation, key = name.split(".")
    phase = scenario.operations[operation].phases[key]
    whole = any(scenario.assets[asset].sharing == "whole" for asset in phase.demand)
    if _awaited(scenario, name) or phase.calendar is not None or whole:
        return None
    position = phase_ids(scenario).index(name)
    # a gate of an operation is that of its first phase; of two for one phase the last counts, as the engine has it
    gates = [gate for ref, gate in plan.gates.items() if phases_meant(scenario, ref)[:1] == [position]]
    return _dates(scenario, gates[-1]) if gates else _Begin(0.0, 0.0)


def _dates(scenario: Scenario, condition: Condition) -> _Begin | None:
    """First day on which a condition of nothing but dates holds."""
    parts = condition.all if condition.all is not None else condition.any
    if parts is not None:
        pick = max if condition.all is not None else min
        return _joined([_dates(scenario, part) for part in parts], pick)
    if condition.date is None or resolve(condition.for_, scenario.numbers).dist.support()[1] > 1.0:
        return None
    zero = start_date(scenario).toordinal()
    low, high = (_day(end, zero) for end in resolve(condition.date, scenario.numbers).dist.support())
    return _Begin(max(low, 0.0), max(high, 0.0), condition.date.ref)


def _day(date: float, zero: int) -> float:
    """Day of the scenario on which a date falls, as the engine has it."""
    return math.floor(date - zero) if math.isfinite(date) else date


def _columns(scenario: Scenario, event: ClaimEvent) -> set[str]:
    """Names of the columns from which the outcome of an event is read."""
    kind = head_of(event)
    if kind in ("all", "any"):
        return set().union(*(_columns(scenario, part) for part in (event.all or event.any or [])))
    if event.increases is not None:
        return _columns(scenario, event.increases)
    if kind in ("measure", "difference", "mostly"):
        return set(columns_read(scenario, str(event.measure or event.difference or event.mostly)))
    names = {
        "strain": [f"binds.{event.strain}"],
        "strained_most": [f"peak_strain.{asset}" for asset in scenario.assets],
        "finished": [f"{what}.{event.finished}" for what in ("end", "start")[: 2 if event.within else 1]],
        "failed": [f"{what}.{event.failed}" for what in ("status", "decided")[: 2 if limit_of(event) else 1]],
        "open": [f"{what}.{ref}" for ref in (event.open, event.while_) for what in ("start", "end")],
        "start": [f"start.{event.start}"],
    }  # fmt: skip
    return set(names[kind])
