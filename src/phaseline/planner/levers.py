"""Decisions of a space as dimensions of a search, and points of the search as plans."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phaseline.planner.dimensions import Dimension, Point
from phaseline.planner.gates import Axis, label_of, with_start
from phaseline.scenario.claims import single
from phaseline.scenario.readable import value_text
from phaseline.scenario.schema import Relief
from phaseline.scenario.space import Decision, bounds, kind_of
from phaseline.scenario.units import Dimension as Quality

if TYPE_CHECKING:
    from phaseline.scenario.schema import Plan, Scenario

NEVER, ALLOWED = "never", "while its condition holds"
_RATE: Quality = "rate"


@dataclass(frozen=True)
class Lever:
    """One decision of the user's space.

    Attributes
    ----------
    dimension
        What may be chosen, in base units; dates are ordinals.
    decision
        As in the file.
    scenario
        For labels and units.
    """

    dimension: Dimension
    decision: Decision
    scenario: Scenario

    @property
    def kind(self) -> str:
        """Of `scenario.space.KINDS`."""
        return kind_of(self.decision)

    def told(self, value: Any) -> str:
        """A value in words."""
        kind, decision = self.kind, self.decision
        if kind == "gate":
            axis = self._axis
            return axis.told(_date(value) if axis.kind == "date" else value)
        if kind == "tiers":
            return " then ".join("+".join(tier) for tier in decision.tiers[value]) if decision.tiers else ""
        if kind == "surge":
            return str(value)
        asset = getattr(decision, kind)
        if kind == "cap":
            return value_text(value, "count", digits=4)
        unit = self.scenario.assets[asset].unit
        return f"{value_text(value, _RATE, digits=3)}{f' ({unit})' if unit not in ('', 'units') else ''}"

    def apply(self, plan: Plan, value: Any) -> Plan:
        """The plan with the decision taken."""
        kind, decision = self.kind, self.decision
        if kind == "gate":
            axis = self._axis
            return with_start(plan, str(decision.gate), axis, _date(value) if axis.kind == "date" else value)
        if kind == "tiers":
            return plan.model_copy(update={"tiers": [list(tier) for tier in (decision.tiers or [])[value]]})
        if kind == "cap":
            return plan.model_copy(
                update={"caps": {**plan.caps, str(decision.cap): _quantity("caps", value)}}
            )
        if kind == "surge":
            if value == NEVER:
                return plan.model_copy(update={"relief": [*plan.relief, _never(str(decision.surge))]})
            surge = Relief.model_validate({"action": "surge", "asset": decision.surge, "when": decision.when})
            return plan.model_copy(update={"relief": [*plan.relief, surge]})
        if value <= 0:
            return plan
        return plan.model_copy(update={"relief": [*plan.relief, self._relief(kind, value)]})

    @property
    def _axis(self) -> Axis:
        of = self.decision.progress
        return Axis("date", "", "date") if of is None else Axis("progress", of, label_of(self.scenario, of))

    def _relief(self, kind: str, value: float) -> Relief:
        decision = self.decision
        fields: dict[str, Any] = {
            "action": kind, "asset": getattr(decision, kind), "amount": f"{value!r}/day", "to": decision.to,
            "delay": decision.delay, "lasts": decision.lasts, "cost": decision.cost,
        }  # fmt: skip
        if kind == "reserve":
            fields["release"] = decision.when
        else:
            fields["when"] = decision.when
        if kind == "lend" and decision.count_per_unit is not None:
            per_unit = single(self.scenario, decision.count_per_unit)
            fields["count"] = value * (1.0 if per_unit is None else per_unit)
        return Relief.model_validate({name: field for name, field in fields.items() if field is not None})


def levers(scenario: Scenario, decisions: Mapping[str, Decision]) -> list[Lever]:
    """One lever per decision of a checked space, in its order."""
    return [
        Lever(_dimension(scenario, name, decision), decision, scenario)
        for name, decision in decisions.items()
    ]


def plan_of(base: Plan, chosen: Sequence[Lever], point: Point) -> Plan:
    """The base plan with all decisions taken; its title tells them."""
    plan = base
    for lever, value in zip(chosen, point, strict=True):
        plan = lever.apply(plan, value)
    told = "; ".join(
        f"{lever.dimension.name}: {lever.told(value)}" for lever, value in zip(chosen, point, strict=True)
    )
    return plan.model_copy(update={"title": told, "means": None})


def identity(point: Point) -> str:
    """A short id of a point, the same wherever it is met."""
    return f"p{hashlib.sha256(repr(point).encode()).hexdigest()[:16]}"


def _dimension(scenario: Scenario, name: str, decision: Decision) -> Dimension:
    kind = kind_of(decision)
    if kind == "tiers":
        return Dimension(name, choices=tuple(range(len(decision.tiers or ()))))
    if kind == "surge":
        return Dimension(name, choices=(NEVER, ALLOWED))
    if decision.values is not None:
        found = (single(scenario, value) for value in decision.values)
        return Dimension(name, choices=tuple(value for value in found if value is not None))
    least, most, step = bounds(scenario, decision)
    return Dimension(name, least, most, step)


def _date(ordinal: float) -> dt.date:
    return dt.date.fromordinal(round(ordinal))


def _quantity(field: str, value: float) -> Any:
    """A count as a plan holds it."""
    from phaseline.scenario.schema import Plan

    return Plan.model_validate({field: {"x": value}}).caps["x"]


def _never(asset: str) -> Relief:
    """Surge while something holds that never does."""
    return Relief.model_validate({"action": "surge", "asset": asset, "when": {"strain": asset, "above": 1e9}})
