"""Which outcomes are the same in every history, as the model itself shows: no draw can reach them.

A sample cannot show it: a hundred histories without a failure are no proof that none can fail. So this follows what draws
(numbers with a range, single losses, weather, friction, shocks, hazards, attacks abroad) along everything by which one part of
a scenario acts on another. Where that is not known to be idle it is taken to act, so an outcome listed here never varies,
while one that is not listed may still turn out never to do so.

Two more questions are answered by the same walk: what no *unknown* number (drawn once per world) can reach, and what is the
same under two plans in every history, because nothing in which they differ can reach it.

Parts are the *start* of each phase, its *course* (all that follows from the start), assets and forces. Cause comes before
effect: what is drawn within a phase, or within one that waits for it, cannot move its own start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from phaseline.scenario.mechanisms import applied
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.records import awaited, columns, phase_ids
from phaseline.scenario.references import quantities
from phaseline.scenario.schema import Condition, Model, Phase, Plan, Scenario, Suspension

Part = tuple[str, str]
"""Kind (``start``, ``course``, ``asset``, ``force``, ``theatre``) and id."""

_REVENUE: Part = ("theatre", "revenue")
_STRAIN: Part = ("theatre", "strain")
"""How strain is measured, of all assets alike."""
_ALL: Part = ("theatre", "all")
"""What acts on everything: a horizon with a range, or numbers in a place that this module does not know."""

_PLACED = frozenset(
    {
        "numbers", "assets", "contributions", "forces", "weather", "friction", "momentum", "operations", "adversary", "shocks",
        "people", "attacks_abroad", "overstretch", "claims", "plans",
    }
)  # fmt: skip
"""Fields of a scenario whose numbers are followed; a number with a range in any other acts on everything."""


_NOT_RUN = frozenset({"numbers", "claims", "plans"})
"""Fields of a scenario whose numbers count only where a run reads them."""
_DECIDED = frozenset(
    {
        "title", "means", "gates", "holds", "stops", "tiers", "priority", "reserves", "relief", "failures", "caps", "format",
        "name",
    }
)  # fmt: skip
"""Fields of a plan that are followed; plans that differ in any other have nothing in common."""


def certain_columns(scenario: Scenario, plan: Plan) -> frozenset[str]:
    """Names of the columns of `records.columns` that no draw can reach under a plan.

    Parameters
    ----------
    scenario
        A checked scenario; what its ``off`` names is taken out first.
    plan
        One that fits it.
    """
    return _not_moved(scenario, plan, luck=True)


def lucky_columns(scenario: Scenario, plan: Plan) -> frozenset[str]:
    """Names of the columns that no unknown number can reach under a plan: what varies in them is chance, all of it.

    Parameters
    ----------
    scenario, plan
        As of `certain_columns`, whose columns are among these.
    """
    return _not_moved(scenario, plan, luck=False)


def _not_moved(scenario: Scenario, plan: Plan, *, luck: bool) -> frozenset[str]:
    scenario = applied(scenario)
    influence = _Influence(scenario, plan, luck=luck)
    moved = influence.moved()
    if _ALL in moved:
        return frozenset()
    return frozenset(
        column.name
        for column in columns(scenario)
        if not influence.drawn(column.quantity, column.entity)
        and moved.isdisjoint(influence.behind(column.quantity, column.entity))
    )


def same_columns(scenario: Scenario, one: Plan, other: Plan) -> frozenset[str]:
    """Names of the columns that are the same under two plans in every history, with the same worlds and luck.

    Parameters
    ----------
    scenario
        A checked scenario; what its ``off`` names is taken out first.
    one, other
        Plans that fit it. What is drawn within a plan is drawn anew under another, however alike both are written.
    """
    scenario = applied(scenario)
    first, second = _Influence(scenario, one), _Influence(scenario, other)
    if any(
        getattr(one, field, None) != getattr(other, field, None)
        for field in {*type(one).model_fields, *type(other).model_fields} - _DECIDED
    ):
        return frozenset()
    moved = first.reached_from(first.apart(other) | second.apart(one), second)
    return frozenset(
        column.name
        for column in columns(scenario)
        if moved.isdisjoint(
            first.behind(column.quantity, column.entity) | second.behind(column.quantity, column.entity)
        )
    )


def unknown_numbers(scenario: Scenario, *plans: Plan) -> int:
    """How many numbers of a scenario and some plans nobody knows, so that they are drawn once per world.

    A named number counts once, wherever it stands.
    """
    scenario = applied(scenario)
    models = [getattr(scenario, name) for name in type(scenario).model_fields if name not in _NOT_RUN]
    found = {
        quantity.ref or f"{place}/{path}"
        for place, model in enumerate([*models, *plans])
        for path, quantity in quantities(model)
        if _unknown(scenario, quantity)
    }
    return len(found)


def is_certain(scenario: Scenario, plan: Plan) -> bool:
    """Whether nothing at all is drawn: one history of the plan tells everything."""
    return len(certain_columns(scenario, plan)) == len(columns(scenario))


def varies(scenario: Scenario, model: Any) -> bool:
    """Whether a part of a scenario, a plan or a decision holds a number that is not the same in every history."""
    return any(not _fixed(scenario, quantity) for _, quantity in quantities(model))


def _fixed(scenario: Scenario, quantity: Quantity) -> bool:
    low, high = resolve(quantity, scenario.numbers).dist.support()
    return low == high


def _unknown(scenario: Scenario, quantity: Quantity) -> bool:
    """Whether a number is drawn once per world; a group of correlated numbers is of one kind, as `references` checks."""
    return not _fixed(scenario, quantity) and resolve(quantity, scenario.numbers).kind != "chance"


class _Influence:
    """What draws in a scenario under a plan, and which part acts on which.

    Without `luck` only numbers count that nobody knows, drawn once per world.
    """

    def __init__(self, scenario: Scenario, plan: Plan, *, luck: bool = True) -> None:
        self._scenario = scenario
        self._plan = plan
        self._luck = luck
        self._only_links = False
        self._ids = phase_ids(scenario)
        self._phases: dict[str, Phase] = {
            f"{o}.{p}": phase for o, operation in scenario.operations.items() for p, phase in operation.phases.items()
        }  # fmt: skip
        self._meant: dict[str, list[str]] = {name: [name] for name in self._ids}
        for name in self._ids:
            self._meant.setdefault(name.split(".")[0], []).append(name)
        self._all_courses: set[Part] = {("course", name) for name in self._ids}
        self._all_assets: set[Part] = {("asset", name) for name in scenario.assets}
        self._followers: dict[str, list[str]] = {name: [] for name in self._ids}
        for name in self._ids:
            for other in self._awaited(name):
                self._followers[other].append(name)
        self._watched: set[str] = set()
        self._acts: dict[Part, set[Part]] = {}
        self._sources: set[Part] = set()

    def moved(self) -> set[Part]:
        """Every part that some draw can reach."""
        self._look()
        moved = self._reached(self._sources)
        early = {
            name for name in self._ids
            if ("start", name) in moved and ("start", name) not in self._reached(self._sources - self._later_than(name))
        }  # fmt: skip
        return moved - {("start", name) for name in early}

    def reached_from(self, parts: set[Part], other: _Influence) -> set[Part]:
        """Every part that some parts act on under this plan or another one."""
        for influence in (self, other):
            influence._only_links = (
                True  # what draws is of no interest here, and takes most of the time to find
            )
            influence._look()
        for part, acted in other._acts.items():
            self._act([part], acted)
        return self._reached(parts)

    def apart(self, other: Plan) -> set[Part]:
        """Parts on which a decision of this plan acts that the other plan has not taken alike."""
        plan, found = self._plan, set[Part]()

        def differ(one: Any, another: Any) -> bool:
            return bool(one != another) or self._varies(one)

        if differ(plan.gates, other.gates):
            order_kept = list(plan.gates) == list(other.gates)
            for target, gate in plan.gates.items():
                if not order_kept or differ(gate, other.gates.get(target)):
                    found |= {("start", name) for _, name in self._courses([target])}
        for mine, theirs in (
            (plan.holds, other.holds),
            (plan.stops, other.stops),
            (plan.failures, other.failures),
        ):
            if differ(mine, theirs) or list(mine) != list(theirs):
                found |= set(self._courses(mine))
        for held, kept in ((plan.reserves, other.reserves), (plan.caps, other.caps)):
            found |= {("asset", name) for name, amount in held.items() if differ(amount, kept.get(name))}
        if differ(plan.relief, other.relief):
            found |= {("asset", relief.asset) for relief in plan.relief}
        if plan.tiers != other.tiers or plan.priority != other.priority:
            found |= self._all_assets
        return found

    def _look(self) -> None:
        self._look_at_theatre()
        for name, phase in self._phases.items():
            self._look_at_phase(name, phase)
        self._look_at_adversary()
        self._look_at_plan()

    def _reached(self, sources: set[Part]) -> set[Part]:
        reached: set[Part] = set()
        waiting = list(sources)
        while waiting:
            part = waiting.pop()
            if part not in reached:
                reached.add(part)
                waiting += self._acts.get(part, ())
        return reached

    def _later_than(self, name: str) -> set[Part]:
        """Courses whose draws come to bear only once a phase has started: its own, and those of phases that wait for it."""
        followers = self._reached_phases(name)
        if not self._draws_as_it_runs(name):
            followers.discard(name)
        # the progress of an operation counts its phases by numbers of those that wait, too
        return {("course", other) for other in followers if other.split(".")[0] not in self._watched}

    def _reached_phases(self, name: str) -> set[str]:
        found, waiting = set(), [name]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._followers[one]
        return found

    def _draws_as_it_runs(self, name: str) -> bool:
        """Whether a phase's own draws do nothing before it starts; while it waits for whole units it is open already."""
        phase = self._phases[name]
        if not any(self._scenario.assets[asset].sharing == "whole" for asset in phase.demand):
            return True
        waits = phase.model_copy(update={"duration": None})
        return phase.kind == "task" and not self._varies(waits)

    def drawn(self, quantity: str, entity: str) -> bool:
        """Whether an outcome is drawn itself, or made with a drawn number that acts on nothing else."""
        scenario = self._scenario
        abroad = scenario.attacks_abroad
        if quantity == "attacks_directed":
            return abroad.directed is not None and self._happens(abroad.directed, abroad.directed.rate)
        if quantity == "attacks_inspired":
            return abroad.inspired is not None and self._happens(abroad.inspired, abroad.inspired.rate)
        if quantity in ("displaced", "person_days", "person_days_held", "harm"):
            return self._varies(scenario.people)
        if quantity == "delay":
            return self._varies(scenario.operations[entity].intended)
        if quantity in ("binds", "overstretched", "peak_strain", "first_binding"):
            return self._varies(scenario.overstretch)
        return False

    def behind(self, quantity: str, entity: str) -> set[Part]:
        """The parts that an outcome is read from."""
        courses, assets = self._all_courses, self._all_assets
        if quantity in ("first_binding", "elsewhere_cost"):
            return assets
        if quantity == "end" and not entity:
            return courses
        if quantity == "relief_cost":
            return assets | courses if self._plan.relief else set()
        if not entity:
            return courses | assets
        if quantity in ("start", "delay"):
            return {("start", name) for name in self._beginning(quantity, entity)}
        if entity in self._phases:
            return {("course", entity)}
        if entity in self._scenario.operations:
            return {("course", name) for name in self._meant[entity]}
        return {("asset" if entity in self._scenario.assets else "force", entity)}

    def _beginning(self, quantity: str, entity: str) -> list[str]:
        """Phases by whose start that of a phase or operation is known.

        An operation starts with one that waits for no other of its own: all others start later than one of these.
        """
        if entity in self._phases:
            return [entity]
        members = self._meant[entity]
        if quantity == "delay":
            return members
        return [name for name in members if not any(other in members for other in self._awaited(name))]

    def _awaited(self, name: str) -> list[str]:
        operation, phase = name.split(".")
        refs = awaited(self._scenario, operation, phase)
        return [
            one
            for ref in refs
            for one in self._meant[ref if f"{operation}.{ref}" not in self._phases else f"{operation}.{ref}"]
        ]

    # ---- what draws, and what acts

    def _varies(self, model: Any) -> bool:
        if self._only_links:
            return False
        if self._luck:
            return varies(self._scenario, model)
        return any(_unknown(self._scenario, quantity) for _, quantity in quantities(model))

    def _fixed(self, quantity: Quantity) -> bool:
        return not self._varies(quantity)

    def _happens(self, model: Model, rate: Quantity) -> bool:
        """Whether what comes at a rate is drawn: by luck, unless it never comes, and with whatever of it is drawn."""
        return not self._is(rate, 0.0) and (self._luck or self._varies(model))

    def _is(self, quantity: Quantity, value: float) -> bool:
        return resolve(quantity, self._scenario.numbers).dist.support() == (value, value)

    def _act(self, by: Iterable[Part], on: Iterable[Part]) -> None:
        on = list(on)
        for part in by:
            self._acts.setdefault(part, set()).update(on)

    def _look_at_theatre(self) -> None:
        scenario = self._scenario
        for field in type(scenario).model_fields:
            if field not in _PLACED and self._varies(getattr(scenario, field)):
                self._sources.add(_ALL)
        self._sources |= {("asset", name) for name, asset in scenario.assets.items() if self._varies(asset)}
        self._sources |= {("asset", one.asset) for one in scenario.contributions if self._varies(one)}
        self._sources |= {("force", name) for name, force in scenario.forces.items() if self._varies(force)}
        moving = {("course", name) for name, phase in self._phases.items() if phase.depth is not None}
        if self._varies(scenario.overstretch):
            self._sources.add(_STRAIN)
        weather = scenario.weather
        for variation in (scenario.friction, scenario.momentum):
            if variation is None or self._is(variation.spread, 1.0):
                continue
            if self._luck or self._varies(variation):
                self._sources |= moving
        if weather is not None:
            steady = self._is(weather.bad_share, 0.0) or self._is(weather.bad_share, 1.0)
            chance = not steady and (self._luck or self._varies(weather))
            if not self._fixed(weather.tempo) or (chance and not self._is(weather.tempo, 1.0)):
                self._sources |= moving
            if chance:
                self._sources |= {
                    ("asset", name) for name, asset in scenario.assets.items() if not self._is(asset.weather, 1.0)
                }  # fmt: skip

    def _look_at_phase(self, name: str, phase: Phase) -> None:
        start, course = ("start", name), ("course", name)
        contested = phase.kind == "contested"
        suspension = self._scenario.operations[name.split(".")[0]].suspension
        lucky = self._luck or (suspension is not None and self._varies(suspension))
        if contested and lucky and suspension is not None and self._stops(suspension):
            self._sources.add(course)
        chances = contested and self._scenario.attrition.kind == "chain"
        if self._varies(phase) or (self._luck and (chances or not self._is(phase.stop_hazard, 0.0))):
            self._sources.add(course)
        assets = {*phase.demand, *phase.dependence, *phase.minimum_coverage}
        if phase.advisers is not None:
            assets.add(phase.advisers.asset)
        held = [("asset", asset) for asset in assets if self._scenario.assets[asset].sharing == "whole"]
        forces = [phase.own, phase.adversary, phase.seals_off, phase.ending.to if phase.ending else None]
        linked = [("asset", asset) for asset in assets] + [("force", f) for f in forces if f is not None]
        self._act([start], [course])
        self._act([("course", other) for other in self._awaited(name)], [start])
        self._act(held, [start])
        self._act([course], [*linked, _REVENUE])
        self._act(linked, [course])

    def _stops(self, suspension: Suspension) -> bool:
        """Whether chance or ignorance has a hand in suspensions."""
        never = self._is(suspension.onset, 0.0) and self._is(suspension.short, 0.0)
        always = self._is(suspension.onset, 1.0) and (
            self._is(suspension.final, 1.0)
            or (self._is(suspension.final, 0.0) and self._is(suspension.spread, 1.0))
        )
        return not never and (not always or self._varies(suspension))

    def _look_at_adversary(self) -> None:
        scenario = self._scenario
        for move in scenario.adversary.moves:
            ends: list[Part] = [("force", move.from_), ("force", move.to)]
            self._act(ends, ends)
            self._sources |= set(ends) if self._varies(move) else set()
        for replacement in scenario.adversary.replacements:
            force: Part = ("force", replacement.force)
            self._act([_REVENUE], [force])
            self._sources |= {force} if self._varies(replacement) else set()
        if not (self._fixed(scenario.adversary.revenue) and self._fixed(scenario.adversary.territory)):
            self._sources.add(_REVENUE)
        for shock in scenario.shocks.values():
            if not self._is(shock.rate, 0.0):
                courses = set(self._courses(shock.phases))
                self._act(courses, courses)  # they share its stock
                self._sources |= courses if self._luck or self._varies(shock) else set()

    def _look_at_plan(self) -> None:
        plan = self._plan
        for target, gate in plan.gates.items():
            self._await(gate, [("start", name) for _, name in self._courses([target])])
        for target, condition in chain(plan.holds.items(), plan.stops.items()):
            self._await(condition, self._courses([target]))
        for target, failure in plan.failures.items():
            self._sources |= set(self._courses([target])) if self._varies(failure) else set()
        for name, patience in plan.patience.items():
            self._sources |= set() if self._fixed(patience) else set(self._courses([name]))
        for held in (plan.reserves, plan.caps):
            self._sources |= {("asset", name) for name, amount in held.items() if not self._fixed(amount)}
        for relief in plan.relief:
            asset: Part = ("asset", relief.asset)
            self._sources |= {asset} if self._varies(relief) else set()
            for moment in (relief.when, relief.release):
                self._await(moment, [asset])
            # relief ends when all operations are over
            self._act([("course", name) for name in self._ids], [asset])

    def _await(self, condition: Condition | None, parts: Iterable[Part]) -> None:
        """Let what a condition reads act on what waits for it."""
        if condition is None:
            return
        parts = list(parts)
        self._sources |= set(parts) if self._varies(condition) else set()
        self._act(self._read(condition), parts)

    def _read(self, condition: Condition) -> Iterator[Part]:
        for ref in (condition.after, condition.progress):
            yield from self._courses([ref]) if ref is not None else ()
        if condition.progress in self._scenario.operations:
            self._watched.add(condition.progress)
        if condition.suspended is not None:
            yield from self._courses([condition.suspended])
        if condition.losses is not None:
            yield "force", condition.losses
        if condition.strain is not None:
            yield "asset", condition.strain
            yield _STRAIN
        for part in (*(condition.all or ()), *(condition.any or ())):
            yield from self._read(part)

    def _courses(self, refs: Iterable[str]) -> list[Part]:
        return [("course", name) for ref in refs for name in self._meant[ref]]
