"""When phases and operations start and end, as far as it can be told without running: bounds, and sums of what is drawn.

A task that needs nobody and that nothing holds up ends its duration after its start, and starts with the latest of what it
waits for. Its end is then the largest of a few sums, each of a constant and the durations of some tasks (a max-plus
polynomial: Baccelli, Cohen, Olsder and Quadrat 1992, Synchronization and Linearity, ch. 3). From the ranges of the durations
follow the earliest and the latest time, and of two plans whose sums are the same but for one constant every history tells the
same difference. Of all else only the earliest time is known, and perhaps that it cannot fail.

Times are whole days since the beginning of day 0, as the engine counts them; never is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from phaseline.scenario.calendar import horizon_days, start_date
from phaseline.scenario.mechanisms import applied
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.records import awaited, phase_ids, phases_meant
from phaseline.scenario.schema import Condition, Phase, Plan, Scenario

NEVER = math.inf
MOST_TERMS = 32
"""Sums kept for one time; of more nothing is known but the bounds."""
MICRO_DAYS = 1e6
"""Parts of a day in which the engine counts work (`engine.day.TASK_MICRO_DAYS`)."""

Sum = tuple[float, frozenset[str]]
"""Constant, and the phases whose durations are added, in whole days."""


@dataclass(frozen=True)
class Span:
    """What is known of a time.

    Attributes
    ----------
    low, high
        Earliest and latest, in days since the beginning of day 0; infinite where it may never come, or never does.
    terms
        Sums of which it is the largest wherever it comes; None where they are not known.
    """

    low: float
    high: float
    terms: frozenset[Sum] | None = None


UNKNOWN = Span(0.0, NEVER)


def gates_of(scenario: Scenario, plan: Plan) -> dict[str, Condition]:
    """The gate of each phase that has one: that of an operation is its first phase's."""
    ids = phase_ids(scenario)
    return {ids[phases_meant(scenario, ref)[0]]: gate for ref, gate in plan.gates.items()}


class Spans:
    """What is known of the columns of a scenario under a plan.

    Parameters
    ----------
    scenario
        A checked scenario; what its ``off`` names is taken out first.
    plan
        One that fits it.
    """

    def __init__(self, scenario: Scenario, plan: Plan) -> None:
        self._scenario = scenario = applied(scenario)
        self._ids = phase_ids(scenario)
        self._phases: dict[str, Phase] = {
            f"{o}.{p}": phase for o, operation in scenario.operations.items() for p, phase in operation.phases.items()
        }  # fmt: skip
        self._gates = gates_of(scenario, plan)
        self._held = {self._ids[i] for ref in plan.holds for i in phases_meant(scenario, ref)}
        self._stopped = {self._ids[i] for ref in plan.stops for i in phases_meant(scenario, ref)}
        low, high = self._support(scenario.horizon)
        self._days = float(horizon_days(scenario)) if low == high else math.nan
        self._known: dict[str, tuple[Span, Span]] = {}
        self._asked: set[str] = set()
        self._may_fail = self._failing()
        self._times = self._columns() if low == high else {}

    def time(self, column: str) -> Span:
        """What is known of a column ``start``, ``end`` or one of those of an entity."""
        return self._times.get(column, UNKNOWN)

    def bounds(self, column: str) -> tuple[float, float] | None:
        """Least and greatest value of a start, an end or a status in any history; None where nothing is known.

        A missing time counts as infinite. Codes of a status are those of `records.OPERATION_STATUS` and `records.PHASE_STATUS`.
        """
        quantity, _, entity = column.partition(".")
        if not self._times:
            return None
        if quantity == "status":
            return self._status(entity)
        span = self._times.get(column)
        return None if span is None or (span.low <= 0.0 and span.high == NEVER) else (span.low, span.high)

    def _status(self, entity: str) -> tuple[float, float] | None:
        whole = entity not in self._phases
        if self._may_fail & (self._members(entity) if whole else {entity}):
            return None
        end, begin = self._times[f"end.{entity}"], self._times[f"start.{entity}"]
        done = 1.0 if whole else 2.0
        least = done if end.high < NEVER else 0.0 if whole or begin.high == NEVER else 1.0
        most = done if end.low < NEVER else 0.0 if whole or begin.low == NEVER else 1.0
        return least, most

    def _members(self, operation: str) -> set[str]:
        return {self._ids[i] for i in phases_meant(self._scenario, operation)}

    def _support(self, quantity: Quantity) -> tuple[float, float]:
        return resolve(quantity, self._scenario.numbers).dist.support()

    def _failing(self) -> set[str]:
        """Phases that may fail for good: that fight, may be stopped or given up, or wait for one that may fail."""
        failing = {
            name
            for name, phase in self._phases.items()
            if phase.kind != "task" or name in self._stopped or self._support(phase.stop_hazard) != (0.0, 0.0)
        }
        grown = True
        while grown:
            waiting = {
                name for name in self._phases if name not in failing and failing & set(self._awaited(name))
            }
            grown = bool(waiting)
            failing |= waiting
        return failing

    def _awaited(self, name: str) -> list[str]:
        operation, phase = name.split(".")
        refs = awaited(self._scenario, operation, phase)
        return [self._ids[i] for ref in refs for i in phases_meant(self._scenario, ref, operation)]

    def _columns(self) -> dict[str, Span]:
        found: dict[str, Span] = {}
        for name in self._ids:
            found[f"start.{name}"], found[f"end.{name}"] = self._phase(name)
        for operation in self._scenario.operations:
            members = [self._ids[i] for i in phases_meant(self._scenario, operation)]
            found[f"start.{operation}"] = _first(found[f"start.{name}"] for name in members)
            found[f"end.{operation}"] = _last(found[f"end.{name}"] for name in members)
        found["end"] = _last(found[f"end.{operation}"] for operation in self._scenario.operations)
        return found

    def _phase(self, name: str) -> tuple[Span, Span]:
        """Start and end, as the run books them: within the horizon, or never."""
        if name not in self._known:
            if name in self._asked:  # what waits for itself never comes, or is not a plan; nothing is claimed
                return UNKNOWN, UNKNOWN
            self._asked.add(name)
            self._known[name] = self._worked_out(name)
        return self._known[name]

    def _worked_out(self, name: str) -> tuple[Span, Span]:
        phase = self._phases[name]
        waits = [self._phase(other)[1] for other in self._awaited(name)]
        gate = self._gates.get(name)
        opened = _last(
            [
                Span(0.0, 0.0, frozenset({(0.0, frozenset[str]())})),
                *waits,
                *([self._opening(gate)] if gate else []),
            ]
        )
        opened = self._within(opened, self._days - 1.0)
        if self._is_plain(name, phase):
            return opened, self._within(self._after(name, phase, opened), self._days)
        start = Span(opened.low, NEVER)
        if self._is_open_at_once(phase):
            start = opened
        least = 1.0 if phase.kind != "task" else self._least_days(phase)
        return start, self._within(Span(opened.low + least, NEVER), self._days)

    def _within(self, span: Span, latest: float) -> Span:
        """What comes too late never comes."""
        low = span.low if span.low <= latest else NEVER
        return Span(low, span.high if span.high <= latest else NEVER, span.terms)

    def _is_open_at_once(self, phase: Phase) -> bool:
        """Whether a phase starts on the day on which it opens: it waits for no units and no working day."""
        return phase.calendar is None and not self._wants_units(phase)

    def _wants_units(self, phase: Phase) -> bool:
        return any(self._scenario.assets[asset].sharing == "whole" for asset in phase.demand)

    def _is_plain(self, name: str, phase: Phase) -> bool:
        """Whether a phase is a task on which work goes on at full speed from its opening to its end."""
        return (
            phase.kind == "task"
            and name not in self._held
            and name not in self._may_fail
            and self._is_open_at_once(phase)
            and not phase.dependence
            and not phase.minimum_coverage
        )

    def _days_of(self, phase: Phase) -> tuple[float, float]:
        """Least and most days of work of a task at full speed, whole days as the engine counts them."""
        if phase.duration is None:
            return 0.0, 0.0
        low, high = (_whole(end) for end in self._support(phase.duration))
        return max(low, 0.0), high

    def _least_days(self, phase: Phase) -> float:
        low, _ = self._days_of(phase)
        exponent, _ = self._support(phase.support_exponent)
        return low if exponent >= 0.0 else min(low, 1.0)

    def _after(self, name: str, phase: Phase, start: Span) -> Span:
        low, high = self._days_of(phase)
        terms = start.terms
        if terms is not None:
            added = (low, frozenset[str]()) if low == high else (0.0, frozenset({name}))
            terms = frozenset((constant + added[0], drawn | added[1]) for constant, drawn in terms)
            terms = self._pruned(terms)
        return Span(start.low + low, start.high + high, terms)

    def _pruned(self, terms: frozenset[Sum]) -> frozenset[Sum] | None:
        """The sums without those that another one reaches in every history."""
        kept: list[Sum] = []
        for term in sorted(terms, key=lambda one: (-one[0], sorted(one[1]))):
            if not any(self._reaches(other, term) for other in kept):
                kept = [other for other in kept if not self._reaches(term, other)]
                kept.append(term)
        return frozenset(kept) if len(kept) <= MOST_TERMS else None

    def _reaches(self, one: Sum, other: Sum) -> bool:
        """Whether a sum is at least as large as another whatever is drawn."""
        least = sum(self._days_of(self._phases[name])[0] for name in one[1] - other[1])
        most = sum(self._days_of(self._phases[name])[1] for name in other[1] - one[1])
        return one[0] + least >= other[0] + most

    def _opening(self, gate: Condition) -> Span:
        """When a condition first holds, which from then on it does."""
        if gate.all is not None:
            return _last(self._opening(part) for part in gate.all)
        if gate.any is not None:
            return _first(self._opening(part) for part in gate.any)
        if self._support(gate.for_) != (1.0, 1.0):
            return UNKNOWN
        if gate.date is not None:
            low, high = (
                max(0.0, math.floor(end - start_date(self._scenario).toordinal()))
                for end in self._support(gate.date)
            )
            return Span(low, high, frozenset({(low, frozenset[str]())}) if low == high else None)
        if gate.after is None:
            return UNKNOWN
        ends = [self._phase(self._ids[i])[1] for i in phases_meant(self._scenario, gate.after)]
        low, high = (math.floor(end + 0.5) for end in self._support(gate.delay))
        last = _last(ends)
        # what takes no time is done on the day on which the books of the day before are read
        at_once = low < 1 and any(
            self._phases[self._ids[i]].kind == "task" and self._days_of(self._phases[self._ids[i]])[0] < 1.0
            for i in phases_meant(self._scenario, gate.after)
        )
        if low != high or at_once or last.terms is None:
            return Span(last.low + low, last.high + max(high, 1.0))
        return Span(last.low + low, last.high + low, frozenset((c + low, drawn) for c, drawn in last.terms))

    def shift(self, other: Spans, column: str) -> float | None:
        """How much later a time is than under another plan, in every history; None where that is not known.

        Parameters
        ----------
        other
            Of the same scenario under the other plan.
        column
            As of `time`.
        """
        mine, theirs = self.time(column), other.time(column)
        if mine.terms is None or theirs.terms is None or NEVER in (mine.high, theirs.high):
            return None
        one, another = (self._pruned(span.terms) for span in (mine, theirs) if span.terms is not None)
        if not one or not another:
            return None
        constants = {drawn: constant for constant, drawn in one}
        others = {drawn: constant for constant, drawn in another}
        if constants.keys() != others.keys():
            return None
        shifts = {constants[drawn] - others[drawn] for drawn in constants}
        return shifts.pop() if len(shifts) == 1 else None


def _whole(days: float) -> float:
    """Days of work as the engine counts them: whole micro-days, and of a day begun the whole."""
    if not math.isfinite(days):
        return days
    return float(math.ceil(math.floor(days * MICRO_DAYS + 0.5) / MICRO_DAYS))


def _last(spans: Iterable[Span]) -> Span:
    """The latest of several times."""
    spans = list(spans)
    terms: frozenset[Sum] | None = frozenset()
    for span in spans:
        terms = None if terms is None or span.terms is None else terms | span.terms
    return Span(max(span.low for span in spans), max(span.high for span in spans), terms)


def _first(spans: Iterable[Span]) -> Span:
    """The earliest of several times."""
    spans = list(spans)
    surely = [one for one in spans if all(one.high <= other.low for other in spans if other is not one)]
    terms = surely[0].terms if surely else None
    return Span(min(span.low for span in spans), min(span.high for span in spans), terms)
