"""The mechanisms of the model that can be switched off, one by one: what each is, whether a scenario uses it, what is left.

Switching off never removes an operation, phase, force or asset, so plans, conditions and claims stay valid. Every draw
keeps its name, so a history with and without a mechanism shares its world and its luck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from phaseline.scenario.quantity import Quantity, fixed, resolve
from phaseline.scenario.schema import Asset, Contribution, Force, Model, Operation, Phase, Scenario, Shock
from phaseline.scenario.units import Dimension
from phaseline.scenario.working_days import WEEKDAYS

Off = Callable[[Scenario], Scenario]
"""What switching off does; the same object where there is nothing to switch off."""
Updates = dict[str, Any]
"""Fields of a part of the scenario to be replaced; empty where nothing is."""
M = TypeVar("M", bound=Model)
Change = Callable[[Scenario, M], Updates]

PLENTY = 1e9
"""Units a day that stand for as much as anybody calls for."""
SWITCHED_OFF = "the mechanism is switched off"
"""Stands as the reasoning of the numbers that switching off puts in."""


@dataclass(frozen=True)
class Mechanism:
    """A part of the model that can be switched off.

    Attributes
    ----------
    key
        Its name in a scenario file and on the command line.
    title
        A few words for tables.
    description
        What it does, one sentence; after "Off:" what takes its place where that is not simply nothing.
    off
        The scenario without it; the same object if the scenario does not use it.
    """

    key: str
    title: str
    description: str
    off: Off

    def used(self, scenario: Scenario) -> bool:
        """Whether the data of the scenario set the mechanism going."""
        return self.off(scenario) is not scenario


def _number(value: float, dimension: Dimension) -> Quantity:
    return replace(fixed(value, dimension), assumed=SWITCHED_OFF)


def _is(scenario: Scenario, quantity: Quantity, value: float) -> bool:
    """Whether a number has this one value in every world."""
    return resolve(quantity, scenario.numbers).dist.support() == (value, value)


def _copy(model: M, updates: Updates) -> M:
    return model.model_copy(update=updates) if updates else model


def _always(_: Any) -> bool:
    return True


def _fights(phase: Phase) -> bool:
    return phase.kind == "contested"


def _moves(phase: Phase) -> bool:
    """Whether there is ground to take: a duel has none, and what governs the advance does nothing in it."""
    return phase.kind == "contested" and phase.depth is not None


def _to(value: float, *fields: str, where: Callable[[Any], bool] = _always) -> Change[Any]:
    """Numbers that take another value."""

    def change(scenario: Scenario, item: Any) -> Updates:
        if not where(item):
            return {}
        found = {field: getattr(item, field) for field in fields}
        return {
            field: _number(value, number.dimension)
            for field, number in found.items()
            if not _is(scenario, number, value)
        }

    return change


def _without(*fields: str, where: Callable[[Any], bool] = _always) -> Change[Any]:
    """Optional parts, lists and mappings that go."""

    def change(_: Scenario, item: Any) -> Updates:
        found = {field: getattr(item, field) for field in fields} if where(item) else {}
        return {
            field: type(part)() if isinstance(part, list | dict) else None
            for field, part in found.items()
            if part is not None and part != [] and part != {}
        }

    return change


def _in_parts(field: str, change: Change[Any]) -> Off:
    """Apply a change to each part of a mapping or list of the scenario."""

    def off(scenario: Scenario) -> Scenario:
        parts = getattr(scenario, field)
        items = list(parts.values()) if isinstance(parts, Mapping) else parts
        changed = [_copy(item, change(scenario, item)) for item in items]
        if all(new is old for new, old in zip(changed, items, strict=True)):
            return scenario
        whole = dict(zip(parts, changed, strict=True)) if isinstance(parts, Mapping) else changed
        return scenario.model_copy(update={field: whole})

    return off


def _in_assets(change: Change[Asset]) -> Off:
    return _in_parts("assets", change)


def _in_contributions(change: Change[Contribution]) -> Off:
    return _in_parts("contributions", change)


def _in_forces(change: Change[Force]) -> Off:
    return _in_parts("forces", change)


def _in_shocks(change: Change[Shock]) -> Off:
    return _in_parts("shocks", change)


def _in_operations(change: Change[Operation]) -> Off:
    return _in_parts("operations", change)


def _in_phases(change: Change[Phase]) -> Off:
    def in_operation(scenario: Scenario, operation: Any) -> Updates:
        phases = {name: _copy(phase, change(scenario, phase)) for name, phase in operation.phases.items()}
        same = all(phases[name] is phase for name, phase in operation.phases.items())
        return {} if same else {"phases": phases}

    return _in_parts("operations", in_operation)


def _in_scenario(change: Change[Scenario]) -> Off:
    return lambda scenario: _copy(scenario, change(scenario, scenario))


def _inside(field: str, change: Change[Any]) -> Change[Any]:
    """A change of the part in a field, as a change of what holds it."""

    def outer(scenario: Scenario, item: Any) -> Updates:
        part = getattr(item, field)
        updates = {} if part is None else change(scenario, part)
        return {field: _copy(part, updates)} if updates else {}

    return outer


def _in_each(field: str, change: Change[Any]) -> Change[Any]:
    """A change of each part in a list or mapping, as a change of what holds it."""

    def outer(scenario: Scenario, item: Any) -> Updates:
        parts = getattr(item, field)
        if isinstance(parts, Mapping):
            new: Any = {key: _copy(part, change(scenario, part)) for key, part in parts.items()}
            return {field: new} if any(new[key] is not parts[key] for key in parts) else {}
        new = [_copy(part, change(scenario, part)) for part in parts]
        return {field: new} if any(a is not b for a, b in zip(new, parts, strict=True)) else {}

    return outer


def _with(*changes: Change[Any]) -> Change[Any]:
    """Several changes of the same part; they touch different fields."""
    return lambda scenario, item: {k: v for change in changes for k, v in change(scenario, item).items()}


def _in_turn(*steps: Off) -> Off:
    """Several steps, one after the other."""

    def off(scenario: Scenario) -> Scenario:
        for step in steps:
            scenario = step(scenario)
        return scenario

    return off


# ---- mechanisms whose effect hangs on more than one field


def _weather(scenario: Scenario, _: Any) -> Updates:
    weather = scenario.weather
    return {} if weather is None or _is(scenario, weather.bad_share, 0.0) else {"weather": None}


def _calendar(scenario: Scenario, keeper: Any) -> Updates:
    calendar = scenario.calendars.get(keeper.calendar)
    idle = calendar is None or (len(calendar.works) == len(WEEKDAYS) and not calendar.closed)
    return {} if idle else {"calendar": None}


def _plenty(scenario: Scenario) -> Scenario:
    """Divisible assets of which there is more than anybody could call for, on every day and for everybody."""
    scarce = {
        name: asset
        for name, asset in scenario.assets.items()
        if asset.sharing == "divisible" and not (asset.capacity and _is(scenario, asset.capacity, PLENTY))
    }
    updates: Updates = {
        "capacity": _number(PLENTY, "rate"), "weather": _number(1.0, "share"), "transfer": _number(0.0, "duration"),
        "calendar": None, "cap": None,
    }  # fmt: skip
    wanted = {
        name for op in scenario.operations.values() for phase in op.phases.values() for name in phase.demand
    }
    if not wanted & set(scarce):
        return scenario
    plenty = {name: asset.model_copy(update=updates) for name, asset in scarce.items()}
    return scenario.model_copy(
        update={
            "assets": scenario.assets | plenty,
            "contributions": [one for one in scenario.contributions if one.asset not in scarce],
        }
    )


def _friction(scenario: Scenario, _: Any) -> Updates:
    friction = scenario.friction
    return {} if friction is None or _is(scenario, friction.spread, 1.0) else {"friction": None}


def _momentum(scenario: Scenario, _: Any) -> Updates:
    momentum = scenario.momentum
    return {} if momentum is None or _is(scenario, momentum.spread, 1.0) else {"momentum": None}


def _single_losses(scenario: Scenario, _: Any) -> Updates:
    fights = any(_fights(phase) for op in scenario.operations.values() for phase in op.phases.values())
    if scenario.attrition.kind != "chain" or not fights:
        return {}
    return {"attrition": scenario.attrition.model_copy(update={"kind": "deterministic"})}


def _supported(scenario: Scenario, phase: Phase) -> bool:
    return any(not _is(scenario, weight, 0.0) for weight in phase.dependence.values())


def _tempo_support(scenario: Scenario, phase: Phase) -> Updates:
    if not _supported(scenario, phase) or (_fights(phase) and not _moves(phase)):
        return {}
    return _to(0.0, "support_exponent")(scenario, phase)


def _loss_support(scenario: Scenario, phase: Phase) -> Updates:
    if not _supported(scenario, phase):
        return {}
    return _to(0.0, "own_loss_support", "adversary_loss_support", where=_fights)(scenario, phase)


def _is_flat(scenario: Scenario, heights: Sequence[Quantity]) -> bool:
    """Whether a profile has one height in each world: one number, or equal single values."""
    if len({height.ref for height in heights}) == 1 and heights[0].ref is not None:
        return True
    values = [resolve(height, scenario.numbers).dist.support() for height in heights]
    return len(heights) == 1 or (len(set(values)) == 1 and values[0][0] == values[0][1])


def _stiffening(scenario: Scenario, phase: Phase) -> Updates:
    if not _moves(phase) or _is_flat(scenario, [height for _, height in phase.resistance]):
        return {}
    return {"resistance": [(0.0, _number(1.0, "number"))]}


def _depth_defence(scenario: Scenario, phase: Phase) -> Updates:
    """The mean commitment over depth, so that only the shape goes. Of uncertain heights their means are taken."""
    heights = [height for _, height in phase.commit]
    if not _moves(phase) or _is_flat(scenario, heights):
        return {}
    x = np.array([x for x, _ in phase.commit])
    y = np.array([resolve(height, scenario.numbers).dist.mean() for height in heights])
    mean = np.trapezoid([y[0], *y, y[-1]], [0.0, *x, 1.0])
    return {"commit": [(0.0, _number(float(mean), "number"))]}


def _dig_in(scenario: Scenario, phase: Phase) -> Updates:
    dig_in = phase.dig_in
    idle = dig_in is None or _is(scenario, dig_in.rate, 0.0) or _is(scenario, dig_in.most, 1.0)
    return {} if idle or not _moves(phase) else {"dig_in": None}


def _advisers(scenario: Scenario, phase: Phase) -> Updates:
    if phase.advisers is None or not _fights(phase) or _is(scenario, phase.advisers.raises, 0.0):
        return {}
    return {"advisers": None}


def _harm_per_unit(scenario: Scenario, people: Any) -> Updates:
    idle = all(_is(scenario, harm, 0.0) for harm in people.harm_per_unit.values())
    return {} if idle else {"harm_per_unit": {}}


def _sanctuary(scenario: Scenario, directed: Any) -> Updates:
    idle = all(_is(scenario, share, 0.0) for share in directed.sanctuary.values())
    return {} if idle else {"sanctuary": {}}


def _abroad(kind: str, change: Change[Any]) -> Off:
    return _in_scenario(_inside("attacks_abroad", _inside(kind, change)))


def _adversary(change: Change[Any]) -> Off:
    return _in_scenario(_inside("adversary", change))


def _side(side: str) -> Callable[[Force], bool]:
    return lambda force: force.side == side


_LIST = (
    Mechanism(
        "weather", "weather",
        "Bad days, shared by all, cut capacity and tempo.",
        _in_scenario(_weather),
    ),
    Mechanism(
        "friction", "friction",
        "Tempo varies from day to day for all alike.",
        _in_scenario(_friction),
    ),
    Mechanism(
        "momentum", "momentum",
        "The tempo of each operation has good and bad spells that last for weeks. Off: it has none.",
        _in_scenario(_momentum),
    ),
    Mechanism(
        "correlations", "correlated ignorance",
        "Named numbers move together. Off: each is drawn for itself.",
        _in_scenario(_without("correlations")),
    ),
    Mechanism(
        "calendars", "working days",
        "No work on days off: tasks rest, assets supply nothing. Off: every day is a working day.",
        _in_turn(_in_phases(_calendar), _in_assets(_calendar), _in_contributions(_calendar)),
    ),
    Mechanism(
        "rotation", "arrival and departure of contributions",
        "Contributions come and go on their dates. Off: they are there all the time.",
        _in_contributions(_without("arrives", "departs")),
    ),
    Mechanism(
        "surge", "surge",
        "For a few days more can be flown than can be kept up.",
        _in_assets(_to(0.0, "surge_days")),
    ),
    Mechanism(
        "elastic", "more effect per unit",
        "Effects per unit rise where units are short, for example weapons per sortie.",
        _in_assets(_to(1.0, "elastic")),
    ),
    Mechanism(
        "transfer", "transfer time",
        "A newly opened phase waits before it can draw on an asset.",
        _in_assets(_to(0.0, "transfer")),
    ),
    Mechanism(
        "caveats", "caveats",
        "Nations bar what they bring from some operations (`not_for`).",
        _in_contributions(_without("not_for")),
    ),
    Mechanism(
        "elsewhere", "rest of the theatre",
        "The rest of the theatre wants a share of each asset.",
        _in_assets(_without("elsewhere")),
    ),
    Mechanism(
        "scarcity", "scarcity",
        "Assets are scarce. Off: whatever is called for of a divisible asset is there.",
        _plenty,
    ),
    Mechanism(
        "contact_demand", "demand by contact",
        "Engaged enemies call for more of an asset. Off: demand is the base alone.",
        _in_phases(_in_each("demand", _to(0.0, "per_contact"))),
    ),
    Mechanism(
        "minimum_coverage", "minimum coverage",
        "A phase does not go on days with too little coverage.",
        _in_phases(_without("minimum_coverage")),
    ),
    Mechanism(
        "tempo_support", "support of tempo",
        "Want of support slows advance and work.",
        _in_phases(_tempo_support),
    ),
    Mechanism(
        "loss_support", "support of losses",
        "Want of support raises own losses and lowers the adversary's.",
        _in_phases(_loss_support),
    ),
    Mechanism(
        "force_ratio", "force ratio",
        "Tempo goes with the ratio of the forces.",
        _in_phases(_to(0.0, "ratio_exponent", where=_moves)),
    ),
    Mechanism(
        "frontage", "frontage",
        "Only so many own fighters can be engaged at once.",
        _in_phases(_without("frontage", where=_fights)),
    ),
    Mechanism(
        "stiffening", "stiffening resistance",
        "Resistance grows with depth. Off: it is even; the mean over depth stays.",
        _in_phases(_stiffening),
    ),
    Mechanism(
        "depth_defence", "defence by depth",
        "The adversary engages more of its men with depth. Off: the mean share over depth (of uncertain shares, their means).",
        _in_phases(_depth_defence),
    ),
    Mechanism(
        "advisers", "advisers",
        "Advisers raise the fighting value of the force they are with.",
        _in_phases(_advisers),
    ),
    Mechanism(
        "dig_in", "digging in",
        "An adversary given time prepares its ground.",
        _in_phases(_dig_in),
    ),
    Mechanism(
        "single_losses", "chance in losses",
        "Men fall one by one, by chance. Off: losses follow the differential equations.",
        _in_scenario(_single_losses),
    ),
    Mechanism(
        "own_breaks", "own forces break",
        "An attack fails at a share of losses. Off: only when nobody is left.",
        _in_forces(_to(1.0, "breaks_at", where=_side("own"))),
    ),
    Mechanism(
        "adversary_breaks", "adversary breaks",
        "A defender breaks at a share of losses. Off: it fights to the last man.",
        _in_forces(_to(1.0, "breaks_at", where=_side("adversary"))),
    ),
    Mechanism(
        "ground_lost", "ground lost",
        "A failed attack gives ground back.",
        _in_phases(_to(0.0, "ground_lost", where=_moves)),
    ),
    Mechanism(
        "pauses", "refit pauses",
        "Losses since the last refit stop the advance for a while.",
        _in_phases(_without("pause", where=_fights)),
    ),
    Mechanism(
        "stop_hazard", "stopped from outside",
        "A running phase may be stopped for good for reasons outside the model.",
        _in_phases(_to(0.0, "stop_hazard")),
    ),
    Mechanism(
        "suspension", "suspensions",
        "An operation may come to a stop, stand still and go on later, or be given up. Off: it never stops.",
        _in_operations(_without("suspension")),
    ),
    Mechanism(
        "endings", "escape and surrender",
        "Survivors of a taken site escape or surrender. Off: all are killed or taken.",
        _in_phases(_inside("ending", _to(0.0, "escape", "surrender"))),
    ),
    Mechanism(
        "own_replacements", "own replacements",
        "Own forces are refilled, and reinforcements arrive on their dates.",
        _in_forces(_with(_to(0.0, "replacements", where=_side("own")), _without("arrivals", where=_side("own")))),
    ),
    Mechanism(
        "wounded", "returning wounded",
        "Some of the wounded of both sides come back.",
        _in_forces(_to(0.0, "returns")),
    ),
    Mechanism(
        "moves", "reserves that move",
        "Adversary reserves move to the site under attack.",
        _adversary(_without("moves")),
    ),
    Mechanism(
        "pinning", "pinning",
        "Who is attacked himself sends fewer men elsewhere.",
        _adversary(_in_each("moves", _to(0.0, "pinned"))),
    ),
    Mechanism(
        "sealing", "sealing",
        "A phase closes a site off: fewer get in or out.",
        _in_phases(_to(0.0, "seals")),
    ),
    Mechanism(
        "recruits", "recruits",
        "The adversary recruits, is refilled, and gets reinforcements on their dates.",
        _in_turn(
            _adversary(_without("replacements")),
            _in_forces(_with(
                _to(0.0, "replacements", where=_side("adversary")), _without("arrivals", where=_side("adversary"))
            )),
        ),
    ),
    Mechanism(
        "funding", "recruits bought with revenue",
        "The adversary recruits less as it loses revenue.",
        _adversary(_in_each("replacements", _to(0.0, "funded"))),
    ),
    Mechanism(
        "shocks", "shocks",
        "Attacks launched from a stock, of every kind.",
        _in_scenario(_without("shocks")),
    ),
    Mechanism(
        "bursts", "bursts of shocks",
        "Attacks come in bursts. Off: one by one (Poisson), as many on average.",
        _in_shocks(_without("dispersion")),
    ),
    Mechanism(
        "interdiction", "interdiction",
        "Cover stops some of the attacks.",
        _in_shocks(_inside("interdiction", _to(0.0, "at_full_cover"))),
    ),
    Mechanism(
        "halts", "halts",
        "Attacks that come through may stop the advance.",
        _in_shocks(_to(0.0, "halt")),
    ),
    Mechanism(
        "harm_per_unit", "harm by asset use",
        "The use of an asset among people harms some of them.",
        _in_scenario(_inside("people", _harm_per_unit)),
    ),
    Mechanism(
        "home_return", "return of the displaced",
        "The displaced go home some time after the fighting.",
        _in_scenario(_inside("people", _without("home_after"))),
    ),
    Mechanism(
        "directed_attacks", "directed attacks abroad",
        "Attacks abroad that need a sanctuary.",
        _abroad("directed", _to(0.0, "rate")),
    ),
    Mechanism(
        "inspired_attacks", "inspired attacks abroad",
        "Attacks abroad that need no sanctuary.",
        _abroad("inspired", _to(0.0, "rate")),
    ),
    Mechanism(
        "sanctuary", "loss of the sanctuary",
        "Progress takes the sanctuary away, and with it attacks abroad.",
        _abroad("directed", _sanctuary),
    ),
)  # fmt: skip

MECHANISMS: Mapping[str, Mechanism] = MappingProxyType({mechanism.key: mechanism for mechanism in _LIST})
"""Every mechanism by its key, in the order of the day."""


def in_use(scenario: Scenario) -> tuple[str, ...]:
    """Keys of the mechanisms that the data of the scenario set going, whether or not its ``off`` names them."""
    return tuple(key for key, mechanism in MECHANISMS.items() if mechanism.used(scenario))


def without(scenario: Scenario, keys: Iterable[str]) -> Scenario:
    """The scenario with the data of some mechanisms taken out; what its ``off`` says is left as it is.

    Parameters
    ----------
    scenario
        A checked scenario.
    keys
        Of `MECHANISMS`; one that the scenario does not use changes nothing.

    Raises
    ------
    KeyError
        If there is no such mechanism.
    """
    for key in keys:
        scenario = MECHANISMS[key].off(scenario)
    return scenario


def applied(scenario: Scenario) -> Scenario:
    """The scenario as it is run: without the data of what its ``off`` names. Applying it twice changes nothing more."""
    return without(scenario, scenario.off)
