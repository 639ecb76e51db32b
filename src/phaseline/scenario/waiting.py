"""Tasks that may have to wait, for which nobody said what waiting does: nothing makes a task worse meanwhile.

A task waits for what it needs: an asset that others use, that arrives later or that a plan holds back; and because a plan
opens it later or holds it. Slow work, because an asset falls short, is not waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from phaseline.scenario.calendar import start_date
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.records import awaited, phase_ids, phases_meant
from phaseline.scenario.references import Finding
from phaseline.scenario.schema import Condition, Phase, Plan, Scenario

SHARED = "for an asset"


def harmless_waits(scenario: Scenario) -> Iterator[Finding]:
    """One warning for all tasks that may have to wait, since nothing makes a task worse while it waits.

    Whoever writes a ``stop_hazard`` somewhere, be it 0, has been told: waiting that does no harm is often what is meant, and
    a warning that cannot be answered would be ignored.

    Parameters
    ----------
    scenario
        One whose references are sound.
    """
    phases = {
        f"{name}.{key}": phase for name, op in scenario.operations.items() for key, phase in op.phases.items()
    }
    if any("stop_hazard" in phase.model_fields_set for phase in phases.values()):
        return
    begins = _begins(scenario, phases)
    why = {
        name: reason
        for name, phase in phases.items()
        if phase.kind == "task" and (reason := _waits(scenario, phases, name, begins[name]))
    }
    if not why:
        return
    first = next(iter(why))
    alike = [name for name, reason in why.items() if reason == why[first]]
    names = " and ".join(alike[:2]) + (f" and {len(alike) - 2} more" if len(alike) > 2 else "")
    operation, phase_id = first.split(".")
    late = "served last" if why[first] == SHARED else "kept waiting"
    yield Finding(
        ("operations", operation, "phases", phase_id),
        f"{names} may wait {why[first]}, and a task does not worsen while it waits: {late}, it is done as surely, only later",
        "write 'stop_hazard', the chance a day that such work fails for good, on days on which it goes on, be it without "
        "support; 0 %/day says that waiting does no harm",
        "warning",
        "",
    )


def _waits(scenario: Scenario, phases: Mapping[str, Phase], name: str, begins: float) -> str:
    """What a task may wait for, in words; empty where it needs nothing that could be withheld."""
    phase = phases[name]
    needed = [
        asset
        for asset in phase.demand
        if scenario.assets[asset].sharing == "whole"
        or asset in phase.dependence
        or asset in phase.minimum_coverage
    ]
    if any(_others_use(scenario, phases, name, asset) for asset in needed):
        return SHARED
    if any(_arrives_later(scenario, name, asset, begins) for asset in needed):
        return "for an asset that arrives later"
    for plan_id, plan in scenario.plans.items() if needed else ():
        if _opens_later(scenario, plan, name, begins):
            return f"because the plan '{plan_id}' opens it later or holds it"
        if any(_holds_back(scenario, plan, phase, asset) for asset in needed):
            return f"for an asset that the plan '{plan_id}' holds back"
    return ""


def _others_use(scenario: Scenario, phases: Mapping[str, Phase], name: str, asset: str) -> bool:
    """Whether another operation wants it as well; of a whole asset, whether there are too few units for all."""
    own = name.split(".")[0]
    others = [
        other for other, phase in phases.items() if asset in phase.demand and other.split(".")[0] != own
    ]
    if not others or scenario.assets[asset].sharing == "divisible":
        return bool(others)
    wanted = [phases[other].demand[asset].units for other in (name, *others)]
    return sum(_most(scenario, units) for units in wanted if units is not None) > _least_there(
        scenario, asset
    )


def _arrives_later(scenario: Scenario, name: str, asset: str, begins: float) -> bool:
    """Whether none of it that may serve the task is there for certain when the task could begin."""
    serving = [
        one
        for one in scenario.contributions
        if one.asset == asset and name not in one.not_for and name.split(".")[0] not in one.not_for
    ]
    day = start_date(scenario).toordinal() + begins
    return bool(serving) and all(
        one.arrives is not None and _most(scenario, one.arrives) > day for one in serving
    )


def _opens_later(scenario: Scenario, plan: Plan, name: str, begins: float) -> bool:
    """Whether a gate may keep the task from beginning when it could, or a hold from going on."""
    position = phase_ids(scenario).index(name)
    day = start_date(scenario).toordinal() + begins
    gated = [gate for ref, gate in plan.gates.items() if position in phases_meant(scenario, ref)]
    held = any(position in phases_meant(scenario, ref) for ref in plan.holds)
    return held or any(_may_delay(scenario, gate, day) for gate in gated)


def _may_delay(scenario: Scenario, gate: Condition, day: float) -> bool:
    if gate.any is not None:
        return all(_may_delay(scenario, part, day) for part in gate.any)
    if gate.all is not None:
        return any(_may_delay(scenario, part, day) for part in gate.all)
    return gate.date is None or _most(scenario, gate.date) > day


def _holds_back(scenario: Scenario, plan: Plan, phase: Phase, asset: str) -> bool:
    """Whether a plan may keep in reserve what the task needs."""
    kept = [plan.reserves[asset]] if asset in plan.reserves else []
    kept += [
        relief.amount
        for relief in plan.relief
        if relief.action == "reserve" and relief.asset == asset and relief.amount is not None
    ]
    reserve = sum(_most(scenario, amount) for amount in kept)
    demand = phase.demand[asset]
    return reserve > 0.0 and (
        _most(scenario, demand.per_contact) > 0.0
        or _most(scenario, demand.base) > _least_there(scenario, asset) - reserve
    )


def _least_there(scenario: Scenario, asset: str) -> float:
    """Least of an asset that there is once all have arrived: units, or a day."""
    whole = scenario.assets[asset].sharing == "whole"
    direct = scenario.assets[asset].units if whole else scenario.assets[asset].capacity
    if direct is not None:
        return _least(scenario, direct)
    return sum(
        _least(scenario, one.count)
        * (1.0 if whole else _least(scenario, one.mission_capable) * _least(scenario, one.sustained))
        for one in scenario.contributions
        if one.asset == asset
    )


def _begins(scenario: Scenario, phases: Mapping[str, Phase]) -> dict[str, float]:
    """Days after the start before which each phase cannot begin, whatever luck does to those that it awaits."""
    ids = phase_ids(scenario)
    found: dict[str, float] = {}
    left = list(phases)
    while left:
        for name in list(left):
            operation, phase_id = name.split(".")
            before = [
                ids[i]
                for ref in awaited(scenario, operation, phase_id)
                for i in phases_meant(scenario, ref, operation)
            ]
            if any(other in left for other in before):
                continue
            found[name] = max(
                (found[other] + _shortest(scenario, phases[other]) for other in before), default=0.0
            )
            left.remove(name)
    return found


def _shortest(scenario: Scenario, phase: Phase) -> float:
    return 0.0 if phase.duration is None else _least(scenario, phase.duration)


def _least(scenario: Scenario, quantity: Quantity) -> float:
    return resolve(quantity, scenario.numbers).dist.support()[0]


def _most(scenario: Scenario, quantity: Quantity) -> float:
    return resolve(quantity, scenario.numbers).dist.support()[1]
