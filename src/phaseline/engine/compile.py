"""Scenario to tables, once; plan to tables, many times: numbered steps, each using the ones before."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from phaseline.engine import tables as tb
from phaseline.engine.draws import Draw, Group, correlation_group
from phaseline.engine.laws import exponents
from phaseline.engine.streams import entity_keys
from phaseline.errors import RuleError
from phaseline.scenario.calendar import horizon_days, start_date
from phaseline.scenario.distributions import StandardNormal
from phaseline.scenario.quantity import Quantity, resolve, single_value
from phaseline.scenario.records import awaited, intended_phase, phase_ids, phases_meant, series
from phaseline.scenario.schema import ELSEWHERE, Condition, Contribution, Momentum, Phase, Plan, Scenario
from phaseline.scenario.working_days import calendars_used, open_days

PLAIN, WHOLE_DAYS, DATE, PERSONS = range(4)
"""What is done to a drawn value before it goes into its slot."""


@dataclass(frozen=True)
class Entry:
    """A quantity on its way into a table: with its path, which names it if it has no name of its own."""

    quantity: Quantity
    path: str
    transform: int = PLAIN


@dataclass
class Writer:
    """Collects rows; numbers that are uncertain become slots."""

    scenario: Scenario
    dtypes: Mapping[str, np.dtype]
    rows: dict[str, list[dict[str, float | Entry]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = {name: [] for name in self.dtypes}

    def add(self, table: str, **fields: float | Entry) -> int:
        """Append a row and return its index."""
        self.rows[table].append(fields)
        return len(self.rows[table]) - 1

    def count(self, table: str) -> int:
        """Rows so far."""
        return len(self.rows[table])

    def finish(self) -> Compiled:
        """Lay the rows out in one buffer, and list slots and draws."""
        sizes = {name: len(rows) for name, rows in self.rows.items()}
        words, views = tb.allocate(self.dtypes, sizes)
        slots, slot_draws, transforms = [], [], []
        draws: dict[str, Draw] = {}
        for table, rows in self.rows.items():
            for i, row in enumerate(rows):
                for name, value in row.items():
                    if not isinstance(value, Entry):
                        views[table][name][i] = value
                        continue
                    quantity = resolve(value.quantity, self.scenario.numbers)
                    nominal = np.array([quantity.dist.mean()])
                    views[table][name][i] = self.convert(nominal, value.transform)[0]
                    if quantity.kind != "fixed":
                        key = value.quantity.ref or value.path
                        draws.setdefault(key, Draw(key, quantity.kind, quantity.dist))
                        slots.append(tb.slot(self.dtypes, sizes, table, i, name))
                        slot_draws.append(list(draws).index(key))
                        transforms.append(value.transform)
        return Compiled(
            sizes,
            words,
            np.array(slots, dtype=np.int64),
            tuple(slot_draws),
            tuple(transforms),
            tuple(draws.values()),
        )

    def convert(self, values: np.ndarray, transform: int) -> np.ndarray:
        """Apply a slot's transform: whole days, day number of a date, whole persons in a chain."""
        return convert(values, transform, start_of(self.scenario), self.scenario.attrition.kind == "chain")


@dataclass(frozen=True)
class Compiled:
    """Tables of one kind, with the slots into which draws go."""

    sizes: dict[str, int]
    words: np.ndarray
    slots: np.ndarray
    slot_draws: tuple[int, ...]
    transforms: tuple[int, ...]
    draws: tuple[Draw, ...]

    def digest(self, *more: str) -> str:
        """Hash of all that determines what this computes."""
        found = hashlib.sha256(self.words.tobytes())
        for part in (self.sizes, self.slots.tolist(), self.slot_draws, self.transforms, self.draws, *more):
            found.update(repr(part).encode())
        return found.hexdigest()


@dataclass(frozen=True)
class CompiledModel:
    """A scenario, ready for the kernels."""

    scenario: Scenario
    tables: Compiled
    groups: tuple[Group, ...]
    kinds: dict[str, str]
    num_days: int
    window_days: int
    scales: np.ndarray
    fingerprint: str


@dataclass(frozen=True)
class CompiledPlan:
    """A plan, ready for the kernels."""

    plan_id: str
    tables: Compiled
    fingerprint: str
    relief_names: tuple[str, ...]


def start_of(scenario: Scenario) -> int:
    """Ordinal of day 0."""
    return start_date(scenario).toordinal()


def convert(values: np.ndarray, transform: int, start: int, chain: bool) -> np.ndarray:
    """Values as they stand in the tables."""
    if transform == WHOLE_DAYS or (transform == PERSONS and chain):
        return np.floor(values + 0.5)
    if transform == DATE:
        return np.floor(values - start)
    return values


def compile_scenario(scenario: Scenario) -> CompiledModel:
    """Translate a checked scenario into tables.

    Raises
    ------
    RuleError
        If two entity ids share a key (rename one).
    """
    writer = Writer(scenario, tb.SCENARIO_TABLES)
    ids = phase_ids(scenario)
    assets, forces = list(scenario.assets), list(scenario.forces)
    site_names = [
        f"shock/{name}/{ids[p]}"
        for name, shock in scenario.shocks.items()
        for ref in shock.phases
        for p in phases_meant(scenario, ref)
    ]
    commons = ["weather", "friction", "directed", "inspired"]
    suspensions = [f"suspension/{name}" for name in scenario.operations]
    keyed = [*commons, *ids, *site_names, *suspensions]
    try:
        keys = dict(zip(keyed, entity_keys(keyed).tolist(), strict=True))
    except ValueError as collision:
        raise RuleError(str(collision), "rename one of the two") from None

    _write_world(writer, keys)  # 1
    _write_forces(writer)  # 2
    _write_calendars(writer)
    _write_assets(writer)  # 3
    for name, operation in scenario.operations.items():  # 4
        first = writer.count("phase")
        for phase_id, phase in operation.phases.items():
            _write_phase(writer, name, phase_id, phase, keys, assets, forces)
        _write_operation(writer, name, first, keys[f"suspension/{name}"])
    for a in range(len(assets)):  # 5
        _index_demands(writer, a)
    _write_shocks(writer, keys, assets)  # 6
    _write_adversary(writer, forces)  # 7

    compiled = writer.finish()
    groups = tuple(correlation_group(c.numbers, c.rank) for c in scenario.correlations)
    world = tb.views(tb.SCENARIO_TABLES, compiled.sizes, compiled.words)["world"]
    return CompiledModel(
        scenario=scenario,
        tables=compiled,
        groups=groups,
        kinds={name: number.kind for name, number in scenario.numbers.items()},
        num_days=int(world.num_days[0]),
        window_days=int(world.over_window[0]),
        scales=_scales(scenario),
        fingerprint=compiled.digest(
            repr(groups), repr(ids), repr(assets), repr(forces), repr(list(scenario.operations))
        ),
    )


def _write_world(writer: Writer, keys: dict[str, int]) -> None:
    scenario = writer.scenario
    weather, friction, momentum, people = (
        scenario.weather, scenario.friction, scenario.momentum, scenario.people,
    )  # fmt: skip
    directed, inspired = scenario.attacks_abroad.directed, scenario.attacks_abroad.inspired
    lively = (
        people is not None
        or directed is not None
        or inspired is not None
        or any(a.elsewhere for a in scenario.assets.values())
        or bool(scenario.adversary.replacements)
        or bool(calendars_used(scenario))
        or any(
            f.arrivals or not _is_zero(f.returns) or not _is_zero(f.replacements)
            for f in scenario.forces.values()
        )
    )
    stretch = scenario.overstretch
    fields: dict[str, float | Entry] = {
        "chain": scenario.attrition.kind == "chain",
        "steps": scenario.attrition.steps,
        "exact_up_to": scenario.attrition.exact_up_to,
        "has_weather": weather is not None,
        "has_friction": friction is not None,
        "has_momentum": momentum is not None,
        "has_people": people is not None,
        "has_whole": any(a.sharing == "whole" for a in scenario.assets.values()),
        "has_elsewhere": any(a.elsewhere for a in scenario.assets.values()),
        "has_calendar": bool(calendars_used(scenario)),
        "live": lively,
        "start_ordinal": start_of(scenario),
        "num_days": Entry(scenario.horizon, "horizon", WHOLE_DAYS),
        "weather_key": keys["weather"],
        "friction_key": keys["friction"],
        "directed_key": keys["directed"],
        "inspired_key": keys["inspired"],
        "over_above": Entry(stretch.above, "overstretch.above"),
        "over_lasts": Entry(stretch.lasts, "overstretch.lasts", WHOLE_DAYS),
        "over_window": Entry(stretch.window, "overstretch.window", WHOLE_DAYS),
        "territory": Entry(scenario.adversary.territory, "adversary.territory"),
        "revenue": Entry(scenario.adversary.revenue, "adversary.revenue"),
        "weather_tempo": 1.0,
        "inspired_persists": 1.0,
    }
    if weather is not None:
        fields |= {
            "bad_share": Entry(weather.bad_share, "weather.bad_share"),
            "weather_persistence": Entry(weather.persistence, "weather.persistence"),
            "weather_tempo": Entry(weather.tempo, "weather.tempo"),
        }
    if friction is not None:
        fields |= {
            "friction_spread": Entry(friction.spread, "friction.spread"),
            "friction_persistence": Entry(friction.persistence, "friction.persistence"),
        }
    if momentum is not None:
        fields |= {
            "num_blocks": _write_blocks(writer, momentum),
            "momentum_spread": Entry(momentum.spread, "momentum.spread"),
            "momentum_persistence": Entry(momentum.persistence, "momentum.persistence"),
            "momentum_block": Entry(momentum.block, "momentum.block", WHOLE_DAYS),
        }
    if people is not None:
        fields |= {"flee": Entry(people.flee, "people.flee"), "harm": Entry(people.harm, "people.harm")}
    if directed is not None:
        fields["directed_rate"] = Entry(directed.rate, "attacks_abroad.directed.rate")
    if inspired is not None:
        fields["inspired_rate"] = Entry(inspired.rate, "attacks_abroad.inspired.rate")
        fields["inspired_persists"] = Entry(inspired.persists, "attacks_abroad.inspired.persists")
    writer.add("world", **fields)


def _write_blocks(writer: Writer, momentum: Momentum) -> int:
    """A standard normal score for each operation and block of days, drawn like any number of chance; returns the blocks of one.

    So a search through pasts that agree with reports can move one block of one operation and leave the rest.
    """
    scenario = writer.scenario
    length = math.floor(single_value(momentum.block, scenario) + 0.5)
    blocks = -(-horizon_days(scenario) // length)
    score = Quantity("number", StandardNormal(), "chance")
    for operation in scenario.operations:
        for block in range(blocks):
            writer.add("block", score=Entry(score, momentum_score(operation, block)))
    return blocks


def momentum_score(operation: str, block: int) -> str:
    """Name of the draw that is an operation's score in a block."""
    return f"momentum/{operation}/{block}"


def _is_zero(quantity: Quantity) -> bool:
    return quantity.ref is None and quantity.kind == "fixed" and quantity.dist.mean() == 0.0


def _write_forces(writer: Writer) -> None:
    for name, force in writer.scenario.forces.items():
        at = f"forces.{name}"
        first = writer.count("arrival")
        for i, arrival in enumerate(force.arrivals):
            writer.add(
                "arrival",
                on=Entry(arrival.on, f"{at}.arrivals.{i}.on", DATE),
                over=Entry(arrival.over, f"{at}.arrivals.{i}.over", WHOLE_DAYS),
                strength=Entry(arrival.strength, f"{at}.arrivals.{i}.strength", PERSONS),
            )
        writer.add(
            "force",
            adversary=force.side == "adversary",
            first_arrival=first,
            num_arrivals=len(force.arrivals),
            strength=Entry(force.strength, f"{at}.strength", PERSONS),
            killed=Entry(force.killed, f"{at}.killed"),
            returns=Entry(force.returns, f"{at}.returns"),
            return_after=Entry(force.return_after, f"{at}.return_after", WHOLE_DAYS),
            replacements=Entry(force.replacements, f"{at}.replacements"),
            breaks_at=Entry(force.breaks_at, f"{at}.breaks_at"),
        )


def _write_calendars(writer: Writer) -> None:
    """A row for each day of each calendar in use, from day 0 to the horizon."""
    scenario = writer.scenario
    for name in calendars_used(scenario):
        for is_open in open_days(scenario.calendars[name], start_date(scenario), horizon_days(scenario)):
            writer.add("calendar_day", open=bool(is_open))


def _calendar(writer: Writer, name: str | None) -> int:
    """First row of a calendar among the days of all; -1 for none."""
    used = calendars_used(writer.scenario)
    return -1 if name is None else used.index(name) * (writer.count("calendar_day") // len(used))


def _pools(scenario: Scenario, asset_id: str) -> list[tuple[str, Contribution]]:
    """Contributions of an asset as (path, contribution)."""
    return [(f"contributions.{i}", c) for i, c in enumerate(scenario.contributions) if c.asset == asset_id]


def _mask(scenario: Scenario, asset_id: str, consumer: str) -> int:
    """Bits of the pools that a consumer may draw on."""
    pools = _pools(scenario, asset_id)
    operation = consumer.split(".")[0]
    mask = 1 << tb.LEND_POOL_BIT
    for bit, (_, pool) in enumerate(pools):
        if consumer not in pool.not_for and operation not in pool.not_for:
            mask |= 1 << bit
    return mask if pools else mask | 1


def _write_assets(writer: Writer) -> None:
    scenario = writer.scenario
    for name, asset in scenario.assets.items():
        at = f"assets.{name}"
        first = writer.count("pool")
        always = {"arrives": -np.inf, "departs": np.inf}
        pools = _pools(scenario, name)
        for path, pool in pools:
            writer.add(
                "pool",
                calendar=_calendar(writer, pool.calendar),
                count=Entry(pool.count, f"{path}.count"),
                mission_capable=Entry(pool.mission_capable, f"{path}.mission_capable"),
                sustained=Entry(pool.sustained, f"{path}.sustained"),
                surge=np.nan if pool.surge is None else Entry(pool.surge, f"{path}.surge"),
                arrives=-np.inf if pool.arrives is None else Entry(pool.arrives, f"{path}.arrives", DATE),
                departs=np.inf if pool.departs is None else Entry(pool.departs, f"{path}.departs", DATE),
            )
        direct = asset.units if asset.sharing == "whole" else asset.capacity
        if not pools and direct is not None:
            writer.add(
                "pool",
                calendar=-1,
                count=1.0,
                mission_capable=1.0,
                sustained=Entry(direct, f"{at}.capacity"),
                surge=np.nan,
                **always,
            )
        fields: dict[str, float | Entry] = {"elsewhere_mask": _mask(scenario, name, ELSEWHERE)}
        if asset.elsewhere is not None:
            fields |= {
                "has_elsewhere": 1,
                "elsewhere_demand": Entry(asset.elsewhere.demand, f"{at}.elsewhere.demand"),
                "elsewhere_essential": Entry(asset.elsewhere.essential, f"{at}.elsewhere.essential"),
                "elsewhere_cost": Entry(asset.elsewhere.cost, f"{at}.elsewhere.cost"),
            }
        writer.add(
            "asset",
            calendar=_calendar(writer, asset.calendar),
            whole=asset.sharing == "whole",
            first_pool=first,
            num_pools=writer.count("pool") - first,
            surge_days=Entry(asset.surge_days, f"{at}.surge_days"),
            surge_factor=1.0
            if asset.surge_factor is None
            else Entry(asset.surge_factor, f"{at}.surge_factor"),
            weather=Entry(asset.weather, f"{at}.weather"),
            elastic=Entry(asset.elastic, f"{at}.elastic"),
            transfer=Entry(asset.transfer, f"{at}.transfer", WHOLE_DAYS),
            **fields,
        )


def _write_points(writer: Writer, points: Iterable[tuple[float, Quantity]], path: str) -> tuple[int, int]:
    first = writer.count("point")
    for i, (x, y) in enumerate(points):
        writer.add("point", x=float(x), y=Entry(y, f"{path}.{i}.1"))
    return first, writer.count("point") - first


def _write_phase(
    writer: Writer,
    operation: str,
    phase_id: str,
    phase: Phase,
    keys: dict[str, int],
    assets: list[str],
    forces: list[str],
) -> None:
    scenario = writer.scenario
    name = f"{operation}.{phase_id}"
    at = f"operations.{operation}.phases.{phase_id}"
    here = writer.count("phase")

    def index(force: str | None) -> int:
        return -1 if force is None else forces.index(force)

    first_after = writer.count("after")
    for ref in awaited(scenario, operation, phase_id):
        for other in phases_meant(scenario, ref, operation):
            writer.add("after", phase=other)

    first_demand = writer.count("demand")
    wanted = [a for a in assets if a in phase.demand or a in phase.dependence or a in phase.minimum_coverage]
    adviser_demand = -1
    for asset_id in wanted:
        fields: dict[str, float | Entry] = {}
        demand = phase.demand.get(asset_id)
        if demand is not None:
            fields = {
                "standing": Entry(demand.base, f"{at}.demand.{asset_id}.base"),
                "per_contact": Entry(demand.per_contact, f"{at}.demand.{asset_id}.per_contact"),
                "units": 0.0
                if demand.units is None
                else Entry(demand.units, f"{at}.demand.{asset_id}.units"),
                "essential": Entry(demand.essential, f"{at}.demand.{asset_id}.essential"),
            }
        if asset_id in phase.dependence:
            fields["weight"] = Entry(phase.dependence[asset_id], f"{at}.dependence.{asset_id}")
        if asset_id in phase.minimum_coverage:
            fields["minimum"] = Entry(phase.minimum_coverage[asset_id], f"{at}.minimum_coverage.{asset_id}")
        if scenario.people is not None and asset_id in scenario.people.harm_per_unit:
            fields["harm_per_unit"] = Entry(
                scenario.people.harm_per_unit[asset_id], f"people.harm_per_unit.{asset_id}"
            )
        row = writer.add(
            "demand", phase=here, asset=assets.index(asset_id), mask=_mask(scenario, asset_id, name), **fields
        )
        if phase.advisers is not None and phase.advisers.asset == asset_id:
            adviser_demand = row

    resistance = _write_points(writer, phase.resistance, f"{at}.resistance")
    commit = _write_points(writer, phase.commit, f"{at}.commit")
    people = _write_points(writer, phase.people, f"{at}.people")
    q1, p1, q2, p2 = exponents(phase.law, dict(phase.law_parameters))
    sealed = phase.seals_off if phase.seals_off is not None else phase.adversary
    fields = {
        "raises": 0.0 if phase.advisers is None else Entry(phase.advisers.raises, f"{at}.advisers.raises"),
        "dig_rate": 0.0 if phase.dig_in is None else Entry(phase.dig_in.rate, f"{at}.dig_in.rate"),
        "dig_most": 1.0 if phase.dig_in is None else Entry(phase.dig_in.most, f"{at}.dig_in.most"),
        "reference_own": np.nan,
        "reference_adversary": np.nan,
    }
    if phase.pause is not None:
        fields |= {
            "pause_losses": Entry(phase.pause.after_losses, f"{at}.pause.after_losses"),
            "pause_lasts": Entry(phase.pause.lasts, f"{at}.pause.lasts", WHOLE_DAYS),
        }
    if phase.ending is not None:
        fields |= {
            "surrender": Entry(phase.ending.surrender, f"{at}.ending.surrender"),
            "escape": Entry(phase.ending.escape, f"{at}.ending.escape"),
        }
    if phase.reference is not None:
        fields |= {
            "reference_own": Entry(phase.reference.own, f"{at}.reference.own"),
            "reference_adversary": Entry(phase.reference.adversary, f"{at}.reference.adversary"),
        }
    optional = {"duration": 0.0, "depth": 1.0, "tempo": 0.0, "top_speed": np.nan, "frontage": np.inf}
    optional["weight"] = np.nan
    for key, default in optional.items():
        given = getattr(phase, key)
        fields[key] = default if given is None else Entry(given, f"{at}.{key}")
    for key in (
        "reference_ratio", "ratio_exponent", "support_exponent", "engaged", "own_loss", "adversary_loss",
        "own_loss_support", "adversary_loss_support", "ground_lost", "stop_hazard", "territory", "revenue", "seals",
    ):  # fmt: skip
        fields[key] = Entry(getattr(phase, key), f"{at}.{key}")
    writer.add(
        "phase",
        key=keys[name],
        kind=tb.TASK if phase.kind == "task" else tb.CONTESTED,
        operation=list(scenario.operations).index(operation),
        own=index(phase.own),
        adversary=index(phase.adversary),
        sealed=index(sealed),
        ending_to=index(phase.ending.to if phase.ending is not None else None),
        adviser_demand=adviser_demand,
        first_demand=first_demand,
        num_demands=len(wanted),
        first_after=first_after,
        num_afters=writer.count("after") - first_after,
        first_resistance=resistance[0],
        num_resistance=resistance[1],
        first_commit=commit[0],
        num_commit=commit[1],
        first_people=people[0],
        num_people=people[1],
        has_depth=phase.depth is not None,
        has_pause=phase.pause is not None,
        has_ending=phase.ending is not None,
        calendar=_calendar(writer, phase.calendar),
        has_whole=any(scenario.assets[a].sharing == "whole" for a in phase.demand),
        q1=q1,
        p1=p1,
        q2=q2,
        p2=p2,
        **fields,
    )


def _write_operation(writer: Writer, name: str, first: int, key: int) -> None:
    scenario = writer.scenario
    operation = scenario.operations[name]
    directed = scenario.attacks_abroad.directed
    home = scenario.people.home_after if scenario.people is not None else None
    displaced = scenario.people.displaced.get(name) if scenario.people is not None else None
    sanctuary = directed.sanctuary.get(name) if directed is not None else None
    suspension = operation.suspension
    at = f"operations.{name}.suspension"
    stops: dict[str, float | Entry] = {"lasts": 1.0, "lasts_spread": 1.0}
    if suspension is not None:
        stops = {
            "onset": Entry(suspension.onset, f"{at}.onset"),
            "short_onset": Entry(suspension.short, f"{at}.short"),
            "lasts": Entry(suspension.lasts, f"{at}.lasts"),
            "lasts_spread": Entry(suspension.spread, f"{at}.spread"),
            "final": Entry(suspension.final, f"{at}.final"),
        }
    writer.add(
        "operation",
        key=key,
        has_suspension=suspension is not None,
        first_phase=first,
        num_phases=len(operation.phases),
        intended_phase=first + list(operation.phases).index(intended_phase(scenario, name)),
        has_intended=operation.intended is not None,
        has_home=home is not None,
        intended=0.0
        if operation.intended is None
        else Entry(operation.intended, f"operations.{name}.intended", DATE),
        sanctuary=0.0 if sanctuary is None else Entry(sanctuary, f"attacks_abroad.directed.sanctuary.{name}"),
        home_after=0.0 if home is None else Entry(home, "people.home_after", WHOLE_DAYS),
        displaced=0.0 if displaced is None else Entry(displaced, f"people.displaced.{name}"),
        **stops,
    )


def _index_demands(writer: Writer, a: int) -> None:
    first = writer.count("asset_demand")
    asset = writer.rows["asset"][a]
    pools = asset["num_pools"]
    assert isinstance(pools, int)
    full = 1 << tb.LEND_POOL_BIT | (1 << pools) - 1
    masks = [asset["elsewhere_mask"]] if asset.get("has_elsewhere") else []
    for i, demand in enumerate(writer.rows["demand"]):
        if demand["asset"] == a:
            writer.add("asset_demand", demand=i)
            masks.append(demand["mask"])
    asset |= {
        "first_demand": first,
        "num_demands": writer.count("asset_demand") - first,
        # even a single consumer may be barred from a pool
        "caveats": any(mask != full for mask in masks),
    }


def _write_shocks(writer: Writer, keys: dict[str, int], assets: list[str]) -> None:
    scenario = writer.scenario
    for name, shock in scenario.shocks.items():
        at = f"shocks.{name}"
        first = writer.count("site")
        cover = shock.interdiction
        for ref in shock.phases:
            for p in phases_meant(scenario, ref):
                rows = [
                    i
                    for i, demand in enumerate(writer.rows["demand"])
                    if cover is not None
                    and demand["phase"] == p
                    and demand["asset"] == assets.index(cover.asset)
                ]
                key = keys[f"shock/{name}/{phase_ids(scenario)[p]}"]
                writer.add("site", phase=p, key=key, demand=rows[0] if rows else -1)
        writer.add(
            "shock",
            first_site=first,
            num_sites=writer.count("site") - first,
            rate=Entry(shock.rate, f"{at}.rate"),
            dispersion=np.inf if shock.dispersion is None else Entry(shock.dispersion, f"{at}.dispersion"),
            stock=Entry(shock.stock, f"{at}.stock"),
            produced=Entry(shock.produced, f"{at}.produced"),
            at_full_cover=0.0
            if cover is None
            else Entry(cover.at_full_cover, f"{at}.interdiction.at_full_cover"),
            casualties=Entry(shock.casualties, f"{at}.casualties"),
            halt=Entry(shock.halt, f"{at}.halt"),
            halts_for=Entry(shock.halts_for, f"{at}.halts_for", WHOLE_DAYS),
        )


def _write_adversary(writer: Writer, forces: list[str]) -> None:
    adversary = writer.scenario.adversary
    for i, move in enumerate(adversary.moves):
        at = f"adversary.moves.{i}"
        writer.add(
            "move",
            sender=forces.index(move.from_),
            to=forces.index(move.to),
            rate=Entry(move.rate, f"{at}.rate"),
            keep=Entry(move.keep, f"{at}.keep"),
            pinned=Entry(move.pinned, f"{at}.pinned"),
        )
    for i, replacement in enumerate(adversary.replacements):
        at = f"adversary.replacements.{i}"
        writer.add(
            "replacement",
            force=forces.index(replacement.force),
            rate=Entry(replacement.rate, f"{at}.rate"),
            funded=Entry(replacement.funded, f"{at}.funded"),
        )


def _scales(scenario: Scenario) -> np.ndarray:
    """Range of the daily histograms of each series, shape (series, 2), wide enough for nearly all histories."""

    def most(quantity: Quantity | None) -> float:
        if quantity is None:
            return 0.0
        return float(resolve(quantity, scenario.numbers).dist.quantile(np.array([0.999]))[0])

    flee = most(scenario.people.flee) if scenario.people is not None else 0.0
    first = scenario.people.displaced if scenario.people is not None else {}
    people = {
        name: flee * sum(most(phase.people[-1][1]) for phase in operation.phases.values())
        + most(first.get(name))
        for name, operation in scenario.operations.items()
    }
    strength = {
        name: most(force.strength) + sum(most(arrival.strength) for arrival in force.arrivals)
        for name, force in scenario.forces.items()
    }
    hostile = sum(strength[name] for name, force in scenario.forces.items() if force.side == "adversary")
    joined = {move.to for move in scenario.adversary.moves} | {
        r.force for r in scenario.adversary.replacements
    }
    for operation in scenario.operations.values():
        joined |= {
            p.ending.to for p in operation.phases.values() if p.ending is not None and p.ending.to is not None
        }
    flown = {}
    for name, asset in scenario.assets.items():
        pools = [pool for _, pool in _pools(scenario, name)]
        able = [
            most(p.count) * most(p.mission_capable) * max(most(p.sustained), most(p.surge)) for p in pools
        ]
        direct = most(asset.units) + most(asset.capacity)
        flown[name] = 1.5 * max(1.0, most(asset.surge_factor)) * (sum(able) if pools else direct)
    abroad = scenario.attacks_abroad
    rates = [most(kind.rate) for kind in (abroad.directed, abroad.inspired) if kind is not None]
    expected = sum(rates) * most(scenario.horizon)
    upper = {
        "progress": lambda _: 1.0,
        "support": lambda _: 1.0,
        "coverage": lambda _: 1.0,
        "strain": lambda _: 4.0,
        "displaced": lambda entity: people[entity],
        "strength": lambda entity: hostile if entity in joined else strength[entity],
        "losses": lambda entity: hostile if entity in joined else strength[entity],
        "flown": lambda entity: flown[entity],
        "territory": lambda _: most(scenario.adversary.territory),
        "revenue": lambda _: most(scenario.adversary.revenue),
        "attacks_abroad": lambda _: expected + 5.0 * expected**0.5,
    }
    high = [upper[s.quantity](s.entity) for s in series(scenario)]
    return np.array([[0.0, value if value > 0.0 else 1.0] for value in high])


def compile_plan(model: CompiledModel, plan_id: str, plan: Plan) -> CompiledPlan:
    """Translate a plan for a compiled scenario."""
    scenario = model.scenario
    writer = Writer(scenario, tb.PLAN_TABLES)
    ids = phase_ids(scenario)
    at = f"plans.{plan_id}"

    def conditions(named: Mapping[str, Condition], key: str, first_only: bool) -> dict[int, int]:
        found = {}
        for ref, condition in named.items():
            node = _write_condition(writer, condition, f"{at}.{key}.{ref}")
            phases = phases_meant(scenario, ref)
            for p in phases[:1] if first_only else phases:
                found[p] = node
        return found

    gates = conditions(plan.gates, "gates", True)
    holds = conditions(plan.holds, "holds", False)
    stops = conditions(plan.stops, "stops", False)
    tier = {ref: i for i, refs in enumerate(plan.tiers) for ref in refs}
    last = len(plan.tiers)
    order = [p for ref in plan.priority for p in phases_meant(scenario, ref)]
    order += [p for p in range(len(ids)) if p not in order]
    for p, name in enumerate(ids):
        failure = plan.failures.get(name) or plan.failures.get(name.split(".")[0])
        writer.add(
            "phase_plan",
            gate=gates.get(p, -1),
            hold=holds.get(p, -1),
            stop=stops.get(p, -1),
            tier=tier.get(name, tier.get(name.split(".")[0], last)),
            order=order[p],
            retry=failure is not None and failure.then == "retry",
            tries=failure.tries if failure is not None else 1,
            refit=0.0 if failure is None else Entry(failure.refit, f"{at}.failures.{name}.refit", WHOLE_DAYS),
        )
    for name in scenario.operations:
        patience = plan.patience.get(name)
        writer.add(
            "operation_plan",
            patience=np.inf if patience is None else Entry(patience, f"{at}.patience.{name}", WHOLE_DAYS),
        )
    for name in scenario.assets:
        reserve = plan.reserves.get(name)
        writer.add(
            "asset_plan",
            elsewhere_tier=tier.get(ELSEWHERE, last),
            surge_controlled=any(r.action == "surge" and r.asset == name for r in plan.relief),
            reserve=0.0 if reserve is None else Entry(reserve, f"{at}.reserves.{name}"),
        )
    for i, relief in enumerate(plan.relief):
        here = f"{at}.relief.{i}"
        phases = phases_meant(scenario, relief.to) if relief.to is not None else []
        one = relief.to is not None and "." in relief.to
        writer.add(
            "relief",
            action=tb.ACTIONS[relief.action],
            asset=list(scenario.assets).index(relief.asset),
            to_operation=-1 if relief.to is None or one else list(scenario.operations).index(relief.to),
            to_phase=phases[0] if one else -1,
            when=-1 if relief.when is None else _write_condition(writer, relief.when, f"{here}.when"),
            release=-1
            if relief.release is None
            else _write_condition(writer, relief.release, f"{here}.release"),
            has_lasts=relief.lasts is not None,
            amount=0.0 if relief.amount is None else Entry(relief.amount, f"{here}.amount"),
            delay=Entry(relief.delay, f"{here}.delay", WHOLE_DAYS),
            lasts=0.0 if relief.lasts is None else Entry(relief.lasts, f"{here}.lasts", WHOLE_DAYS),
            cost=Entry(relief.cost, f"{here}.cost"),
        )
    compiled = writer.finish()
    names = tuple(f"{r.action} {r.asset}" for r in plan.relief)
    return CompiledPlan(plan_id, compiled, compiled.digest(), names)


def _write_condition(writer: Writer, condition: Condition, path: str) -> int:
    """Write a condition with its children before it; returns its node."""
    scenario = writer.scenario
    parts = condition.all if condition.all is not None else condition.any
    if parts is not None:
        children = [_write_condition(writer, part, f"{path}.{i}") for i, part in enumerate(parts)]
        node = writer.add("node", kind=tb.ALL if condition.all is not None else tb.ANY, ref=-1, parent=-1)
        for child in children:
            writer.rows["node"][child]["parent"] = node
        return node
    fields: dict[str, float | Entry] = {
        "parent": -1,
        "ref": -1,
        "lasts": Entry(condition.for_, f"{path}.for", WHOLE_DAYS),
    }
    if condition.date is not None:
        fields |= {"kind": tb.DATE, "value": Entry(condition.date, f"{path}.date", DATE)}
    elif condition.after is not None:
        fields |= _refer(scenario, condition.after, tb.AFTER_PHASE, tb.AFTER_OPERATION)
        fields["delay"] = Entry(condition.delay, f"{path}.delay", WHOLE_DAYS)
    elif condition.progress is not None:
        fields |= _refer(scenario, condition.progress, tb.PROGRESS_PHASE, tb.PROGRESS_OPERATION)
    elif condition.suspended is not None:
        fields |= {"kind": tb.SUSPENDED, "ref": list(scenario.operations).index(condition.suspended)}
    elif condition.losses is not None:
        fields |= {"kind": tb.LOSSES, "ref": list(scenario.forces).index(condition.losses)}
    else:
        fields |= {"kind": tb.STRAIN, "ref": list(scenario.assets).index(str(condition.strain))}
    for name, code in (("at_least", tb.AT_LEAST), ("above", tb.ABOVE), ("below", tb.BELOW)):
        if getattr(condition, name) is not None:
            fields |= {"compare": code, "value": Entry(getattr(condition, name), f"{path}.{name}")}
    return writer.add("node", **fields)


def _refer(scenario: Scenario, ref: str, to_phase: int, to_operation: int) -> dict[str, float | Entry]:
    if "." in ref:
        return {"kind": to_phase, "ref": phase_ids(scenario).index(ref)}
    return {"kind": to_operation, "ref": list(scenario.operations).index(ref)}
