"""Plans that differ in when something starts: each a base plan with one condition of a gate put in place of another."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from phaseline.errors import InputError, Problem, RuleError
from phaseline.outcomes.wording import day_month
from phaseline.scenario.calendar import horizon_days, last_date, start_date
from phaseline.scenario.nearness import near
from phaseline.scenario.readable import counted
from phaseline.scenario.records import phase_ids
from phaseline.scenario.references import check_plan
from phaseline.scenario.schema import Condition
from phaseline.scenario.units import BEYOND_PERCENT, in_percent, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phaseline.scenario.schema import Plan, Scenario

MOST_POINTS = 400
"""Plans of one curve."""


class Axis(NamedTuple):
    """What a start waits for.

    Attributes
    ----------
    kind
        ``progress`` of something, or a ``date``.
    of
        Operation or phase whose progress it is; empty for dates.
    label
        In words.
    """

    kind: Literal["progress", "date"]
    of: str
    label: str

    def told(self, value: Any) -> str:
        """A value of the axis in words."""
        if self.kind == "date":
            return day_month(value)
        if value <= 0:
            return "at once"
        return f"{self.label} done" if value >= 1 else f"{self.label} at {100 * value:.0f} %"

    def atom(self, value: Any) -> Condition:
        """The condition; whole progress means that it is done."""
        if self.kind == "date":
            return Condition.model_validate({"date": value})
        if value >= 1:
            return Condition.model_validate({"after": self.of})
        return Condition.model_validate({"progress": self.of, "at_least": value})

    def is_alike(self, atom: Condition) -> bool:
        """Whether a condition speaks of the same, so that ours takes its place."""
        if self.kind == "date":
            return atom.date is not None
        return self.of in (atom.progress, atom.after)


def axis_of(scenario: Scenario, starts: Sequence[str], against: str | None) -> Axis:
    """What the starts are to wait for; problems of the options are told at once.

    Parameters
    ----------
    scenario
        A checked scenario.
    starts
        Operations or phases.
    against
        ``mosul.progress`` or ``mosul``; None for dates.

    Raises
    ------
    InputError
        If there is no such place, or something would wait for itself.
    """
    places = [*phase_ids(scenario), *scenario.operations]
    problems = [
        Problem("options", path="start", value=name, rule="there is no such operation or phase", remedy=near(name, places))
        for name in starts
        if name not in places
    ]  # fmt: skip
    if len(set(starts)) < len(starts):
        problems.append(Problem("options", path="start", value=",".join(starts), rule="is named twice"))
    of = (against or "").removesuffix(".progress")
    if against is not None and of not in places:
        rule = "there is no such operation or phase"
        problems.append(Problem("options", path="against", value=against, rule=rule, remedy=near(of, places)))
    elif against is not None:
        for name in starts:
            if of == name or of.startswith(f"{name}.") or name.startswith(f"{of}."):
                rule, remedy = f"'{name}' would wait for itself", "let it wait for another operation"
                problems.append(Problem("options", path="against", value=against, rule=rule, remedy=remedy))
    if problems:
        raise InputError(problems)
    if against is None:
        return Axis("date", "", "date")
    return Axis("progress", of, label_of(scenario, of))


def label_of(scenario: Scenario, place: str) -> str:
    """Label of an operation or a phase."""
    operation, _, phase = place.partition(".")
    part: Any = scenario.operations[operation]
    if phase:
        part = part.phases[phase]
    return part.label or place


def values_of(scenario: Scenario, axis: Axis, text: str | None, num_starts: int) -> list[Any]:
    """Points of the axis: those asked for, or an even grid.

    Raises
    ------
    InputError
        With every value that cannot be read or lies outside.
    """
    if text is not None:
        return _read(scenario, axis, text)
    if axis.kind == "progress":
        steps = 10 if num_starts == 1 else 5
        return [i / steps for i in range(steps + 1)]
    first, days = start_date(scenario), horizon_days(scenario)
    num = 13 if num_starts == 1 else 6
    last = min(0.75 * days, 30.0 * (num - 1) * (1 if num_starts == 1 else 2))
    return [first + dt.timedelta(days=round(i * last / (num - 1))) for i in range(num)]


def _read(scenario: Scenario, axis: Axis, text: str) -> list[Any]:
    found: list[Any] = []
    problems = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            value: Any = dt.date.fromisoformat(part) if axis.kind == "date" else _share(part)
        except RuleError as error:
            problems.append(Problem("options", path="at", value=part, rule=error.rule, remedy=error.remedy))
            continue
        except ValueError:
            rule, remedy = "is not a date", "write it as 2017-01-31"
            problems.append(Problem("options", path="at", value=part, rule=rule, remedy=remedy))
            continue
        if axis.kind == "date":
            last = last_date(scenario)
            if not start_date(scenario) <= value <= last:
                rule = f"lies outside the run, {start_date(scenario)} to {last}"
                problems.append(Problem("options", path="at", value=part, rule=rule))
                continue
        found.append(value)
    if not found and not problems:
        problems.append(Problem("options", path="at", value=text, rule="names no point"))
    if problems:
        raise InputError(problems)
    return sorted(set(found))


def _share(text: str) -> float:
    value = parse(text, "share")
    if value > 1.0 and in_percent(text):
        raise RuleError(*BEYOND_PERCENT)
    if 1.0 < value <= 100.0:
        raise RuleError("a share is at most 1", f"for per cent write '{value:g} %'")
    if not 0.0 <= value <= 1.0:
        raise RuleError("a share lies between 0 and 100 %", "write e.g. 0.7 or '70 %'")
    return value


def with_start(plan: Plan, start: str, axis: Axis, value: Any) -> Plan:
    """The plan with the start waiting for the value; other conditions of its gate stay as they are."""
    atom = axis.atom(value)
    old = plan.gates.get(start)
    gate = atom if old is None else _replaced(old, axis, atom)
    return plan.model_copy(update={"gates": {**plan.gates, start: gate}})


def _replaced(old: Condition, axis: Axis, atom: Condition) -> Condition:
    if old.all is not None:
        kept = [part for part in old.all if not axis.is_alike(part)]
        return atom if not kept else Condition.model_validate({"all": [atom, *kept]})
    if axis.is_alike(old):
        return atom
    return Condition.model_validate({"all": [atom, old]})


def check_plans(scenario: Scenario, plans: dict[str, Plan]) -> None:
    """Refuse plans that contradict the scenario, for example a gate on itself.

    Raises
    ------
    InputError
        With each problem once.
    """
    told: dict[str, Problem] = {}
    for plan in plans.values():
        for finding in check_plan(scenario, plan, ()):
            if finding.severity == "error":
                where = ".".join(str(part) for part in finding.path)
                told.setdefault(
                    f"{where} {finding.rule}",
                    Problem("the plan", path=where, value=finding.value or "", rule=finding.rule, remedy=finding.remedy),
                )  # fmt: skip
    if told:
        raise InputError(told.values())


def grid(
    scenario: Scenario, base: Plan, starts: Sequence[str], axis: Axis, values: Sequence[Any]
) -> tuple[dict[str, Plan], dict[str, tuple[Any, ...]]]:
    """Every combination of points: plans by id, and the values of each; phases of one operation keep their order.

    Raises
    ------
    InputError
        If there are too many, or a plan is refused.
    """
    combinations: list[tuple[Any, ...]] = [()]
    for _ in starts:
        combinations = [(*one, value) for one in combinations for value in values]
    order = phase_ids(scenario)
    ordered = [
        one
        for one in combinations
        if all(
            one[i] <= one[j]
            for i in range(len(starts))
            for j in range(len(starts))
            if _precedes(order, starts[i], starts[j])
        )
    ]
    if len(ordered) > MOST_POINTS:
        rule, remedy = (
            f"the points make {counted(len(ordered), 'plan')}",
            f"at most {MOST_POINTS}; name fewer points or starts",
        )
        raise InputError(Problem("options", path="at", rule=rule, remedy=remedy))
    plans, points = {}, {}
    for one in ordered:
        plan, name = base, []
        for start, value in zip(starts, one, strict=True):
            plan = with_start(plan, start, axis, value)
            name.append(value.isoformat() if axis.kind == "date" else f"{round(100 * value):03d}")
        told = "; ".join(
            f"{label_of(scenario, start)}: {axis.told(value)}"
            for start, value in zip(starts, one, strict=True)
        )
        identity = "_".join(("at", *name))
        plans[identity] = plan.model_copy(update={"title": told, "means": None})
        points[identity] = one
    check_plans(scenario, plans)
    return plans, points


def _precedes(order: Sequence[str], first: str, second: str) -> bool:
    """Whether the first is an earlier phase of the same operation."""
    if first not in order or second not in order or first == second:
        return False
    return first.partition(".")[0] == second.partition(".")[0] and order.index(first) < order.index(second)
