"""What nobody knows, world by world, and scenarios in which some of it is fixed.

Numbers are called as `scenario.naming` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from phaseline.scenario.changes import changed
from phaseline.scenario.distributions import Distribution, Fixed
from phaseline.scenario.naming import number_name, written_numbers
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.references import quantities
from phaseline.scenario.units import BASE_UNIT, Dimension

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phaseline.engine import CompiledModel, CompiledPlan
    from phaseline.engine.draws import Draw
    from phaseline.scenario.schema import Scenario

_UNIT_WORDS = {"share": "share", "number": "", "date": "date", "count": "count"}
"""Units of dimensions that have none in a file; a date is its day number, as of `datetime.date.toordinal`."""


class Worlds(NamedTuple):
    """Every number that is ignorance, in every world.

    Attributes
    ----------
    names
        Name or path of each number, in the order in which the engine meets them.
    labels, units
        In words; values are in base units.
    dimensions
        What each number measures.
    values
        Shape [world, number].
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    units: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    values: NDArray[np.float64]


def world_values(scenario: Scenario, seed: int, worlds: int) -> Worlds:
    """Values of every ignorance number of a scenario and its plans in worlds 0, ..., worlds - 1.

    The world of a replication is its index over the replications per world, whatever that is, so these are the values
    behind any run with this seed.

    Parameters
    ----------
    scenario
        A checked scenario.
    seed
        Of the run.
    worlds
        How many.

    Returns
    -------
    Worlds
        With no number where nothing is unknown.
    """
    from phaseline.engine import compile_plan, compile_scenario

    model = compile_scenario(scenario)
    return drawn(
        model, [compile_plan(model, name, plan) for name, plan in scenario.plans.items()], seed, worlds
    )


def drawn(model: CompiledModel, plans: Sequence[CompiledPlan], seed: int, worlds: int) -> Worlds:
    """As `world_values`, of a compiled scenario and those of its plans that are run."""
    from phaseline.engine.draws import draw_values

    scenario = model.scenario
    draws = ignorance(model, plans)
    values = draw_values(draws, model.groups, model.kinds, seed=seed, first=0, count=worlds, per_world=1)
    written = written_numbers(scenario)
    names = tuple(draw.name for draw in draws)
    labels = tuple(_label(scenario, name, written.get(name)) for name in names)
    units = tuple(_unit(scenario, name, written.get(name)) for name in names)
    dimensions = tuple(_dimension(written.get(name)) for name in names)
    return Worlds(names, labels, units, dimensions, values)


def ignorance(model: CompiledModel, plans: Sequence[CompiledPlan]) -> list[Draw]:
    """Draws of a compiled scenario and plans that are made once per world, each once."""
    compiled = (model.tables, *(plan.tables for plan in plans))
    found = {draw.name: draw for tables in compiled for draw in tables.draws if draw.kind == "ignorance"}
    return list(found.values())


def with_numbers(scenario: Scenario, fixed: Mapping[str, float]) -> Scenario:
    """The scenario with some numbers fixed, whatever they were; all others keep their draws.

    Numbers correlated with a fixed one keep theirs too: this asks what happens if the number *is made* so, not what it
    would tell about the others if it were learnt.

    Parameters
    ----------
    scenario
        A checked scenario; it is not changed.
    fixed
        Values in base units, by name or path.

    Raises
    ------
    InputError
        If there is no such number; all that are missing are named at once.
    """
    return changed(scenario, {name: _fix(value) for name, value in fixed.items()})


def _fix(value: float) -> Callable[[Quantity], Quantity]:
    return lambda quantity: replace(quantity, dist=Fixed(float(value)), kind="fixed", ref=None, bounds=None)


@dataclass(frozen=True)
class Scaled:
    """A distribution times a factor: the draw keeps its luck."""

    base: Distribution
    factor: float

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Factor times the quantile of the base."""
        return self.factor * self.base.quantile(u)

    def mean(self) -> float:
        """Factor times the mean of the base."""
        return self.factor * self.base.mean()

    def support(self) -> tuple[float, float]:
        """Factor times the support of the base; the factor is positive."""
        low, high = self.base.support()
        return self.factor * low, self.factor * high


def with_capacity(scenario: Scenario, asset: str, factor: float) -> Scenario:
    """The scenario with the capacity of a divisible asset times a factor, every contribution alike.

    Parameters
    ----------
    scenario
        A checked scenario; it is not changed.
    asset
        Id of an asset that `scalable` accepts.
    factor
        Above 0.

    Raises
    ------
    ValueError
        If the factor is not positive, or `scalable` refuses the asset.
    """
    if not factor > 0.0:
        raise ValueError(f"the factor must be above 0, not {factor}")
    places = _capacity_places(scenario, asset)
    if places is None:
        raise ValueError(f"the capacity of {asset!r} cannot be scaled on its own")

    def scaled(quantity: Quantity) -> Quantity:
        if isinstance(quantity.dist, Fixed):
            return replace(quantity, dist=Fixed(quantity.dist.value * factor), bounds=None)
        return replace(quantity, dist=Scaled(quantity.dist, factor))

    return changed(scenario, dict.fromkeys(places, scaled))


def scalable(scenario: Scenario, asset: str) -> bool:
    """Whether the capacity of an asset can be scaled without touching another number: divisible, and not shared."""
    return _capacity_places(scenario, asset) is not None


def mean_capacity(scenario: Scenario, asset: str) -> float:
    """Expected sustainable capacity a day in the asset's unit, arrivals and departures apart."""
    pools = [one for one in scenario.contributions if one.asset == asset]
    named = scenario.numbers
    if pools:
        parts = (
            resolve(one.count, named).dist.mean()
            * resolve(one.mission_capable, named).dist.mean()
            * resolve(one.sustained, named).dist.mean()
            for one in pools
        )
        return float(sum(parts))
    given = scenario.assets[asset].capacity
    return 0.0 if given is None else float(resolve(given, named).dist.mean())


def _capacity_places(scenario: Scenario, asset: str) -> list[str] | None:
    """Names or paths whose scaling scales the capacity and nothing else; None where there are none such."""
    if scenario.assets[asset].sharing != "divisible":
        return None
    counts: list[tuple[str, Quantity]] = [
        (number_name(("contributions", i, "count")), one.count)
        for i, one in enumerate(scenario.contributions)
        if one.asset == asset
    ]
    if not counts:
        capacity = scenario.assets[asset].capacity
        if capacity is None:
            return None
        counts = [(number_name(("assets", asset, "capacity")), capacity)]
    own = {path for path, _ in counts}
    places = dict.fromkeys(quantity.ref or path for path, quantity in counts)
    for path, quantity in quantities(scenario):
        if quantity.ref in places and number_name(path) not in own:
            return None  # somebody else reads the number too
    return list(places)


def _label(scenario: Scenario, name: str, quantity: Quantity | None) -> str:
    if quantity is not None and quantity.label:
        return quantity.label
    parts = name.split(".")
    where, rest = "", parts
    if parts[0] == "operations" and len(parts) > 4 and parts[2] == "phases":
        phase = scenario.operations[parts[1]].phases[parts[3]]
        where, rest = phase.label or f"{parts[1]}.{parts[3]}", parts[4:]
    elif parts[0] in ("operations", "assets", "forces") and len(parts) > 2:
        entity = getattr(scenario, parts[0])[parts[1]]
        where, rest = entity.label or parts[1], parts[2:]
    elif parts[0] == "contributions":
        pool = scenario.contributions[int(parts[1])]
        where, rest = f"{pool.nation}, {scenario.assets[pool.asset].label or pool.asset}", parts[2:]
    elif parts[0] == "plans" and parts[1] in scenario.plans:
        where, rest = scenario.plans[parts[1]].title or parts[1], parts[2:]
    words = " ".join(
        scenario.assets[part].label or part if part in scenario.assets else part for part in rest
    )
    words = words.replace("_", " ")
    return f"{where}: {words}" if where else words


def _dimension(quantity: Quantity | None) -> Dimension:
    return "number" if quantity is None else quantity.dimension


def _unit(scenario: Scenario, name: str, quantity: Quantity | None) -> str:
    if quantity is None:
        return ""
    unit = BASE_UNIT[quantity.dimension] or _UNIT_WORDS[quantity.dimension]
    if not unit.startswith("/"):
        return unit
    parts = name.split(".")
    asset = next((scenario.assets[part] for part in parts if part in scenario.assets), None)
    if parts[0] == "contributions":
        asset = scenario.assets[scenario.contributions[int(parts[1])].asset]
    return f"{asset.unit}{unit}" if asset is not None else unit
