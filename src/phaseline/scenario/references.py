"""References, order and agreement: whether everything refers to something, and can be.

Each rule yields a `Finding` with the document path; `check.py` adds file and line.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel

from phaseline.errors import RuleError
from phaseline.scenario.calendar import start_date
from phaseline.scenario.distributions import marginal
from phaseline.scenario.mechanisms import MECHANISMS
from phaseline.scenario.nearness import near
from phaseline.scenario.quantity import Quantity, check_persons, resolve, share_fault
from phaseline.scenario.readable import counted
from phaseline.scenario.records import awaited, phase_ids, phases_meant
from phaseline.scenario.schema import (
    ELSEWHERE,
    Asset,
    Condition,
    Operation,
    Phase,
    Plan,
    Relief,
    Scenario,
    Sourced,
)
from phaseline.scenario.units import compatible
from phaseline.scenario.working_days import open_days

if TYPE_CHECKING:
    from numpy.typing import NDArray

Path = tuple[str | int, ...]
MOST_DAYS = 3653
"""Ten calendar years, whatever leap years are among them."""
MOST_RETURN_DAYS = 200
MOST_CLASSES = 10
MOST_CONTRIBUTIONS = 60


@dataclass(frozen=True)
class Finding:
    """Something wrong or implausible at a place in the document."""

    path: Path
    rule: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    value: str | None = None


def blocks_and_quantities(value: Any, path: Path = ()) -> Iterator[tuple[Path, Sourced | Quantity]]:
    """Everything in a model that may name its source, with its path; a block comes before what is in it."""
    if isinstance(value, Quantity):
        yield path, value
    elif isinstance(value, BaseModel):
        if isinstance(value, Sourced):
            yield path, value
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                yield from blocks_and_quantities(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from blocks_and_quantities(item, (*path, key))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from blocks_and_quantities(item, (*path, i))


def quantities(value: Any, path: Path = ()) -> Iterator[tuple[Path, Quantity]]:
    """Every quantity in a model, with its path in the document."""
    for where, item in blocks_and_quantities(value, path):
        if isinstance(item, Quantity):
            yield where, item


def check_references(scenario: Scenario) -> Iterator[Finding]:
    """All errors of reference, order and agreement in a scenario and its plans."""
    yield from _check_numbers(scenario)
    yield from _check_sources(scenario)
    yield from _check_correlations(scenario)
    yield from _check_time(scenario)
    yield from _check_calendars(scenario)
    yield from _check_assets(scenario)
    yield from _check_operations(scenario)
    yield from _check_adversary(scenario)
    for key in scenario.off:
        yield from _known(key, MECHANISMS, ("off", key), "mechanism")
    for name, plan in scenario.plans.items():
        yield from check_plan(scenario, plan, ("plans", name))


def _known(name: str, known: Iterable[str], path: Path, what: str) -> Iterator[Finding]:
    known = list(known)
    if name not in known:
        yield Finding(path, f"unknown {what} '{name}'", near(name, known), value=name)


def _known_phase(scenario: Scenario, ref: str, path: Path, more: Iterable[str] = ()) -> Iterator[Finding]:
    yield from _known(ref, [*phase_ids(scenario), *scenario.operations, *more], path, "operation or phase")


def _check_numbers(scenario: Scenario) -> Iterator[Finding]:
    for name, number in scenario.numbers.items():
        if number.ref is not None:
            yield Finding(
                ("numbers", name),
                "a named number cannot refer to another",
                "write its value or distribution here",
            )
    yield from check_uses(scenario, scenario)


def check_uses(scenario: Scenario, part: BaseModel) -> Iterator[Finding]:
    """Errors of what refers to the scenario's numbers, in the scenario itself or in a document about it."""
    for path, quantity in quantities(part):
        if quantity.ref is None or (part is scenario and path[0] == "numbers"):
            continue
        if quantity.ref not in scenario.numbers:
            remedy = near(quantity.ref, scenario.numbers)
            yield Finding(path, f"unknown number '${quantity.ref}'", remedy, value=f"${quantity.ref}")
        elif scenario.numbers[quantity.ref].ref is not None:
            continue  # said of that number
        elif not compatible(scenario.numbers[quantity.ref].dimension, quantity.dimension):
            declared = scenario.numbers[quantity.ref].dimension
            yield Finding(
                path,
                f"'${quantity.ref}' is a {declared}, but a {quantity.dimension} is needed here",
                "give the number the right unit, or use another number",
                value=f"${quantity.ref}",
            )
        else:
            yield from _check_range(scenario, path, quantity)
            if quantity.dimension == "persons":
                try:
                    check_persons(scenario.numbers[quantity.ref])
                except RuleError as error:
                    yield Finding(
                        path, f"'${quantity.ref}' {error.rule}", error.remedy, value=f"${quantity.ref}"
                    )


def is_known(scenario: Scenario, quantity: Quantity) -> bool:
    """Whether it is a number, or refers to one of the right kind; where not, `check_uses` says so, and nothing else can be."""
    if quantity.ref is None:
        return True
    named = scenario.numbers.get(quantity.ref)
    return named is not None and named.ref is None and compatible(named.dimension, quantity.dimension)


def check_share(scenario: Scenario, quantity: Quantity, path: Path) -> Iterator[Finding]:
    """An error for a number that is to be a share but reaches beyond 0 to 1, whatever its field measures."""
    if quantity.ref is not None and quantity.ref not in scenario.numbers:
        return  # said by the check of references
    fault = share_fault(resolve(quantity, scenario.numbers), quantity.ref or "")
    if fault is not None:
        yield Finding(path, fault.rule, fault.remedy, value=f"${quantity.ref}" if quantity.ref else None)


def _check_range(scenario: Scenario, path: Path, quantity: Quantity) -> Iterator[Finding]:
    low, high = resolve(quantity, scenario.numbers).dist.support()
    if quantity.dimension == "share":
        yield from check_share(scenario, quantity, path)
    elif quantity.dimension != "date" and low < 0.0:
        rule = f"must not be negative, but '${quantity.ref}' {'is' if low == high else 'reaches'} {low:g}"
        remedy = "correct the number" if low == high else "narrow the number's range"
        yield Finding(path, rule, remedy, value=f"${quantity.ref}")


def _check_sources(scenario: Scenario) -> Iterator[Finding]:
    for name, source in scenario.sources.items():
        if source.known_on > scenario.as_of and not source.for_scoring:
            yield Finding(
                ("sources", name, "known_on"),
                f"the source was not known on {scenario.as_of} (as_of)",
                "use what was known then, or mark it 'for_scoring: true' and let no number use it",
                value=str(source.known_on),
            )
        if source.published is not None and source.published > source.known_on:
            yield Finding(
                ("sources", name, "known_on"),
                f"known before it was published ({source.published})",
                "known_on is the day from which anybody could have used it",
            )

    def used() -> Iterator[tuple[Path, str]]:
        for path, item in blocks_and_quantities(scenario):
            if item.source is not None:
                yield (*path, "source"), item.source

    for path, name in used():
        if name not in scenario.sources:
            yield Finding(path, f"unknown source '{name}'", near(name, scenario.sources), value=name)
        elif scenario.sources[name].for_scoring:
            yield Finding(
                path, f"the source '{name}' is kept for scoring", "no number may rest on it; use an earlier source",
                value=name,
            )  # fmt: skip
    for name, claim in scenario.claims.items():
        if claim.source is not None:
            yield from _known(claim.source, scenario.sources, ("claims", name, "source"), "source")


def _check_correlations(scenario: Scenario) -> Iterator[Finding]:
    grouped: set[str] = set()
    for i, group in enumerate(scenario.correlations):
        path: Path = ("correlations", i)
        for j, name in enumerate(group.numbers):
            yield from _known(name, scenario.numbers, (*path, "numbers", j), "number")
            number = scenario.numbers.get(name)
            if number is not None and number.kind == "fixed":
                yield Finding(
                    (*path, "numbers", j), f"'{name}' is a single value", "correlate uncertain numbers only"
                )
            if name in grouped:
                yield Finding((*path, "numbers", j), f"'{name}' is in two groups", "merge the groups")
            grouped.add(name)
        kinds = {scenario.numbers[n].kind for n in group.numbers if n in scenario.numbers} - {"fixed"}
        if len(kinds) > 1:
            yield Finding(
                (*path, "numbers"), "ignorance and chance in one group", "correlate numbers of one kind"
            )
        n = len(group.numbers)
        if isinstance(group.rank, list):
            if len(group.rank) != n or any(len(row) != n for row in group.rank):
                yield Finding(
                    (*path, "rank"), f"must be one number or {n} rows of {n}", "one row for each number"
                )
                continue
            matrix = np.array(group.rank, dtype=float)
        else:
            matrix = np.full((n, n), float(group.rank))
        if not np.allclose(matrix, matrix.T) or np.abs(matrix).max() > 1.0:
            yield Finding((*path, "rank"), "must be symmetric, within -1 and 1", "correct the matrix")
            continue
        matrix = 2.0 * np.sin(np.pi * matrix / 6.0)
        np.fill_diagonal(matrix, 1.0)
        if np.linalg.eigvalsh(matrix)[0] <= 1e-10:
            yield Finding(
                (*path, "rank"), "no such correlations can exist together", "bring them closer to 0"
            )


def _fixed(scenario: Scenario, quantity: Quantity) -> float | None:
    """The single value of a quantity, or None if it is uncertain or not known."""
    if not is_known(scenario, quantity):
        return None
    found = resolve(quantity, scenario.numbers)
    return found.dist.mean() if found.kind == "fixed" else None


def _is_positive(scenario: Scenario, quantity: Quantity) -> bool:
    """Whether every draw is above 0; a lognormal is, though its support begins there."""
    return float(marginal(resolve(quantity, scenario.numbers).dist).quantile(np.array(1e-12))) > 0.0


def _check_time(scenario: Scenario) -> Iterator[Finding]:
    single: list[tuple[Path, Quantity]] = [
        (("horizon",), scenario.horizon),
        (("overstretch", "lasts"), scenario.overstretch.lasts),
        (("overstretch", "window"), scenario.overstretch.window),
        *([(("momentum", "block"), scenario.momentum.block)] if scenario.momentum is not None else []),
    ]
    for path, quantity in single:
        days = _fixed(scenario, quantity)
        if days is None:
            if is_known(scenario, quantity):
                yield Finding(path, "must be a single value", "write one duration, e.g. '365 days'")
        elif days < 1.0 or days > MOST_DAYS:
            yield Finding(path, f"must be between 1 and {MOST_DAYS} days", "choose a shorter or longer one")
    yield from check_dates(scenario, scenario)
    yield from _missed(scenario)


def _horizon(scenario: Scenario) -> float | None:
    """Days that histories last; None where that is told to be wrong already, and nothing is said of what rests on it."""
    days = _fixed(scenario, scenario.horizon)
    return days if days is not None and 1.0 <= days <= MOST_DAYS else None


def check_dates(scenario: Scenario, part: BaseModel) -> Iterator[Finding]:
    """Dates that can never come, in the scenario itself or in a plan for it; of a plan that is an error."""
    start = start_date(scenario).toordinal()
    days = _horizon(scenario)
    end = math.inf if days is None else start + days
    for path, quantity in quantities(part):
        if quantity.dimension != "date" or not is_known(scenario, quantity):
            continue
        low, high = resolve(quantity, scenario.numbers).dist.support()
        if path[-1] in ("arrives", "departs") or path[0] == "claims":
            continue
        if low > end:
            yield Finding(
                path, "lies after the horizon and can never come", "correct the date, or lengthen the horizon",
                severity="error" if isinstance(part, Plan) or path[0] == "plans" else "warning",
            )  # fmt: skip
        elif high < start - MOST_DAYS:
            yield Finding(path, "lies more than ten years before the start", "correct the date")


def _missed(scenario: Scenario) -> Iterator[Finding]:
    """Strength and assets that histories do not see, or not all of: dated before day 0, or coming after the last day."""
    start, days = start_date(scenario).toordinal(), _horizon(scenario)
    end = math.inf if days is None else start + math.floor(days + 0.5)
    for name, force in scenario.forces.items():
        for i, arrival in enumerate(force.arrivals):
            path: Path = ("forces", name, "arrivals", i, "on")
            if not (is_known(scenario, arrival.on) and is_known(scenario, arrival.over)):
                continue
            # a tail of one in twenty is the least that is worth a warning
            first, over = (
                resolve(quantity, scenario.numbers).dist.quantile(np.array([0.05, 0.95]))
                for quantity in (arrival.on, arrival.over)
            )
            first = np.floor(first)
            come = np.maximum(1.0, np.floor(over + 0.5))
            before = "count it into 'strength', or correct the date"
            if (first + come <= start).all():
                yield Finding(path, "lies before the start and is never there", before, "warning")
            elif first[0] < start:
                whole = "part of it comes" if first[1] < start else "it, or part of it, may come"
                yield Finding(path, f"{whole} before the start and is never there", before, "warning")
            after = "correct the date or 'over', or lengthen the horizon"
            # what check_dates has said is not said again
            if days is None or resolve(arrival.on, scenario.numbers).dist.support()[0] > start + days:
                continue
            if first[0] >= end:
                yield Finding(path, "lies after the horizon and can never come", after, "warning")
            elif (first + come)[1] > end:
                whole = "part of it comes" if (first + come)[0] > end else "it, or part of it, may come"
                yield Finding(path, f"{whole} after the horizon and is never there", after, "warning")
    for i, pool in enumerate(scenario.contributions):
        if pool.departs is None or not is_known(scenario, pool.departs):
            continue
        if resolve(pool.departs, scenario.numbers).dist.support()[1] <= start:
            yield Finding(
                ("contributions", i, "departs"), "lies before the start: it is never there",
                "correct the date, or remove the contribution", "warning",
            )  # fmt: skip


def _check_calendars(scenario: Scenario) -> Iterator[Finding]:
    first_day, days = start_date(scenario), _horizon(scenario)
    for name, calendar in scenario.calendars.items():
        path: Path = ("calendars", name)
        for i, day in enumerate(calendar.works):
            if day in calendar.works[:i]:
                yield Finding(
                    (*path, "works"), f"names '{day}' twice", "name each day once, or a range: mon-fri"
                )
        for field in ("closed", "open"):
            for i, (first, last) in enumerate(getattr(calendar, field)):
                if last < first:
                    yield Finding(
                        (*path, field, i),
                        "ends before it begins",
                        f"write the first day first: [{last}, {first}]",
                    )
            late = [
                i
                for i, (first, _) in enumerate(getattr(calendar, field))
                if days is not None and (first - first_day).days >= days
            ]
            if late:
                more = f", and so do {len(late) - 1} more" if len(late) > 1 else ""
                yield Finding(
                    (*path, field, late[0]), f"lies after the horizon and changes nothing{more}",
                    "correct the year, or remove it", "warning",
                )  # fmt: skip
        for i, (first, last) in enumerate(calendar.open):
            # a day of a longer closed period is opened on purpose; a closed day that is open as a whole is not closed at all
            for begin, end in calendar.closed:
                if first <= begin and end <= last:
                    yield Finding(
                        (*path, "open", i), f"{_period(begin, end)} is closed as well, and 'open' counts",
                        "write it under one of them", "warning",
                    )  # fmt: skip
        if _horizon(scenario) is not None and not _open(scenario, name).any():
            yield Finding(
                path, "is never open within the horizon", "let it work on some day, or make 'closed' shorter"
            )
    keepers: list[tuple[Path, str | None]] = [
        *((("assets", name, "calendar"), asset.calendar) for name, asset in scenario.assets.items()),
        *((("contributions", i, "calendar"), c.calendar) for i, c in enumerate(scenario.contributions)),
        *(
            (("operations", o, "phases", p, "calendar"), phase.calendar)
            for o, operation in scenario.operations.items()
            for p, phase in operation.phases.items()
        ),
    ]
    for path, kept in keepers:
        if kept is not None:
            yield from _known(kept, scenario.calendars, path, "calendar")
    yield from _check_common_days(scenario)


def _period(first: dt.date, last: dt.date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _check_common_days(scenario: Scenario) -> Iterator[Finding]:
    """Each task has a day on which it and all the whole assets that it holds are open."""
    if _horizon(scenario) is None:
        return
    for name in phase_ids(scenario):
        phase = _phase(scenario, name)
        held = [scenario.assets[asset] for asset in phase.demand if asset in scenario.assets]
        kept = {asset.calendar for asset in held if asset.sharing == "whole"} | {phase.calendar}
        days = [_open(scenario, calendar) for calendar in scenario.calendars if calendar in kept]
        if days and all(one.any() for one in days) and not np.logical_and.reduce(days).any():
            operation, phase_id = name.split(".")
            yield Finding(
                ("operations", operation, "phases", phase_id),
                "can never work: its calendar and those of the whole assets that it demands are never open on one day",
                "let them work on the same days",
            )


def _open(scenario: Scenario, calendar: str) -> NDArray[np.bool_]:
    """Days within the horizon on which a calendar is open."""
    days = int((_horizon(scenario) or 1.0) + 0.5)
    return open_days(scenario.calendars[calendar], start_date(scenario), days)


def _check_assets(scenario: Scenario) -> Iterator[Finding]:
    for i, item in enumerate(scenario.contributions):
        path: Path = ("contributions", i)
        yield from _known(item.asset, scenario.assets, (*path, "asset"), "asset")
        for j, ref in enumerate(item.not_for):
            yield from _known_phase(scenario, ref, (*path, "not_for", j), [ELSEWHERE])
        if item.arrives is not None and item.departs is not None:
            arrives, departs = _fixed(scenario, item.arrives), _fixed(scenario, item.departs)
            if arrives is not None and departs is not None and departs <= arrives:
                yield Finding((*path, "departs"), "departs before it arrives", "correct one of the dates")
    for name, asset in scenario.assets.items():
        path = ("assets", name)
        own = [c for c in scenario.contributions if c.asset == name]
        direct = asset.units if asset.sharing == "whole" else asset.capacity
        wrong = asset.capacity if asset.sharing == "whole" else asset.units
        if wrong is not None:
            field, right = ("capacity", "units") if asset.sharing == "whole" else ("units", "capacity")
            yield Finding(
                (*path, field), f"a {asset.sharing} asset has '{right}'", f"write '{right}' instead"
            )
        elif not own and direct is None:
            right = "units: 2" if asset.sharing == "whole" else "capacity: 20/day"
            yield Finding(path, "has no capacity", f"write '{right}', or contributions of this asset")
        elif own and direct is not None:
            yield Finding(path, "has both a capacity and contributions", "keep one of the two")
        if len(own) > MOST_CONTRIBUTIONS:
            yield Finding(
                path, f"more than {MOST_CONTRIBUTIONS} contributions", "merge nations with the same caveats"
            )
        if asset.sharing == "whole":
            yield from _check_whole(scenario, name, asset)
        else:
            yield from _check_divisible(scenario, name, asset)


def _check_whole(scenario: Scenario, name: str, asset: Asset) -> Iterator[Finding]:
    for field in ("surge_days", "surge_factor", "weather", "elastic", "transfer", "elsewhere"):
        if field in asset.model_fields_set:
            yield Finding(("assets", name, field), "only divisible assets have this", "leave it out")
    for i, item in enumerate(scenario.contributions):
        if item.asset == name:
            for field in ("not_for", "surge", "sustained", "calendar"):
                if field in item.model_fields_set:
                    remedy = "give the asset the calendar" if field == "calendar" else "leave it out"
                    yield Finding(("contributions", i, field), "only divisible assets have this", remedy)


def _check_divisible(scenario: Scenario, name: str, asset: Asset) -> Iterator[Finding]:
    elastic = _fixed(scenario, asset.elastic)
    if elastic is not None and elastic < 1.0:
        yield Finding(("assets", name, "elastic"), "must be at least 1", "1 means no rise")
    factor = None if asset.surge_factor is None else _fixed(scenario, asset.surge_factor)
    if factor is not None and factor < 1.0:
        yield Finding(("assets", name, "surge_factor"), "must be at least 1", "1 means no surge")
    for i, item in enumerate(scenario.contributions):
        if item.asset == name and item.surge is not None:
            sustained, surge = _fixed(scenario, item.sustained), _fixed(scenario, item.surge)
            if sustained is not None and surge is not None and surge < sustained:
                yield Finding(
                    ("contributions", i, "surge"), "below the sustained rate", "surge is the higher one"
                )


def _check_operations(scenario: Scenario) -> Iterator[Finding]:
    graph: dict[str, list[str]] = {}
    for op_id, operation in scenario.operations.items():
        at: Path = ("operations", op_id)
        if op_id == ELSEWHERE:
            yield Finding(at, f"'{ELSEWHERE}' is reserved for the rest of the theatre", "choose another name")
        if operation.place is not None:
            yield from _check_place(operation.place, (*at, "place"))
        if operation.intended_phase is not None:
            yield from _known(operation.intended_phase, operation.phases, (*at, "intended_phase"), "phase")
        for phase_id, phase in operation.phases.items():
            name = f"{op_id}.{phase_id}"
            path: Path = (*at, "phases", phase_id)
            yield from _check_phase(scenario, phase, path)
            graph[name] = []
            for i, ref in enumerate(awaited(scenario, op_id, phase_id)):
                known = [*operation.phases, *phase_ids(scenario), *scenario.operations]
                yield from _known(ref, known, (*path, "after", i), "phase")
                graph[name] += [phase_ids(scenario)[p] for p in phases_meant(scenario, ref, op_id)]
        yield from _check_weights(scenario, operation, at)
        if operation.suspension is not None:
            yield from _check_suspension(scenario, operation, (*at, "suspension"))
    yield from _find_cycle(graph)


def _check_suspension(scenario: Scenario, operation: Operation, path: Path) -> Iterator[Finding]:
    suspension = operation.suspension
    assert suspension is not None
    if all(phase.kind == "task" for phase in operation.phases.values()):
        yield Finding(
            path, "does nothing: no phase of the operation is contested", "leave it out", severity="warning"
        )
    low, _ = resolve(suspension.lasts, scenario.numbers).dist.support()
    if low <= 0.0:
        yield Finding((*path, "lasts"), "must be above 0", "raise its lower end")
    if low >= (_fixed(scenario, scenario.horizon) or MOST_DAYS):
        yield Finding(
            (*path, "lasts"), "is longer than the horizon: a suspension never ends within it",
            "shorten it, or say with 'final' how often it is for good", severity="warning",
        )  # fmt: skip
    if resolve(suspension.spread, scenario.numbers).dist.support()[0] < 1.0:
        yield Finding((*path, "spread"), "must be at least 1", "write 1 where all last equally long")


def _check_place(place: tuple[float, float], path: Path) -> Iterator[Finding]:
    longitude, latitude = place
    if abs(longitude) <= 180.0 and abs(latitude) <= 90.0:
        return
    remedy = "write [longitude, latitude] in degrees, east and north positive, as in [43.13, 36.34]"
    if abs(latitude) <= 180.0 and abs(longitude) <= 90.0:
        remedy = f"longitude comes first: did you mean [{latitude:g}, {longitude:g}]?"
    what = "latitude" if abs(longitude) <= 180.0 else "longitude"  # what is no number is within no limits
    limit = 180 if what == "longitude" else 90
    yield Finding(path, f"the {what} lies outside -{limit} to {limit} degrees", remedy)


def _check_weights(scenario: Scenario, operation: Operation, at: Path) -> Iterator[Finding]:
    """Weights are given for all phases of an operation or for none, and do not add up to nothing."""
    weights = {key: phase.weight for key, phase in operation.phases.items()}
    if all(weight is None for weight in weights.values()):
        return
    for key, weight in weights.items():
        if weight is None:
            yield Finding((*at, "phases", key), "has no 'weight', but another phase of the operation has one",
                          "give every phase of an operation a weight, or none")  # fmt: skip
    given = [weight for weight in weights.values() if weight is not None]
    if all(is_known(scenario, w) and resolve(w, scenario.numbers).dist.support()[0] <= 0.0 for w in given):
        yield Finding((*at, "phases"), "the weights of the phases may all be 0", "give at least one above 0")


def _find_cycle(graph: dict[str, list[str]]) -> Iterator[Finding]:
    """One finding per cycle of `after`, found by removing what can be done."""
    left = {name: set(before) for name, before in graph.items()}
    while True:
        ready = [name for name, before in left.items() if not before & left.keys()]
        if not ready:
            break
        for name in ready:
            del left[name]
    if left:
        # walk backwards inside what is left until a name repeats: that is a cycle
        trail = [min(left)]
        while trail.count(trail[-1]) < 2:
            trail.append(min(left[trail[-1]] & left.keys()))
        cycle = trail[trail.index(trail[-1]) :][::-1]
        operation, phase = cycle[0].split(".")
        yield Finding(
            ("operations", operation, "phases", phase, "after"),
            f"phases wait for each other: {' -> '.join(cycle)}",
            "remove one of these from 'after'",
        )


CONTESTED_ONLY = (
    "own", "adversary", "depth", "tempo", "top_speed", "reference_ratio", "ratio_exponent", "resistance", "frontage",
    "engaged", "commit", "law", "law_parameters", "own_loss", "adversary_loss", "reference", "own_loss_support",
    "adversary_loss_support", "advisers", "dig_in", "pause", "ending", "ground_lost", "people",
)  # fmt: skip


def _check_phase(scenario: Scenario, phase: Phase, path: Path) -> Iterator[Finding]:
    for field in ("demand", "dependence", "minimum_coverage"):
        for asset in getattr(phase, field):
            yield from _known(asset, scenario.assets, (*path, field, asset), "asset")
            if field != "demand" and asset in scenario.assets and asset not in phase.demand:
                yield Finding(
                    (*path, field, asset),
                    f"the phase demands no '{asset}'",
                    "give it a demand, or leave this out",
                )
    for name, demand in phase.demand.items():
        asset = scenario.assets.get(name)
        if asset is None:
            continue
        if asset.sharing == "whole" and demand.units is None:
            yield Finding((*path, "demand", name), "a whole asset is demanded in units", "write e.g. '2'")
        if asset.sharing == "divisible" and demand.units is not None:
            yield Finding(
                (*path, "demand", name), "a divisible asset is demanded by the day", "write e.g. '20/day'"
            )
        if asset.sharing == "whole" and asset.units is not None and demand.units is not None:
            units, most = _fixed(scenario, demand.units), _fixed(scenario, asset.units)
            if units is not None and most is not None and units > most:
                yield Finding(
                    (*path, "demand", name),
                    f"needs {counted(f'{units:g}', 'unit')}, of {most:g} that there are: it can never start",
                    "demand fewer, or add units",
                )  # fmt: skip
    if phase.seals_off is not None:
        yield from _known(phase.seals_off, scenario.forces, (*path, "seals_off"), "force")
    if phase.kind == "task":
        if phase.duration is None:
            yield Finding(path, "a task needs a duration", "write e.g. 'duration: 10 days'")
        for field in CONTESTED_ONLY:
            if field in phase.model_fields_set:
                yield Finding(
                    (*path, field), "only contested phases have this", "leave it out, or 'kind: contested'"
                )
    else:
        yield from _check_contested(scenario, phase, path)


def _check_contested(scenario: Scenario, phase: Phase, path: Path) -> Iterator[Finding]:
    for field, side in (("own", "own"), ("adversary", "adversary")):
        force = getattr(phase, field)
        if force is None:
            yield Finding(path, f"a contested phase needs '{field}'", f"name a force with 'side: {side}'")
        else:
            yield from _known(force, scenario.forces, (*path, field), "force")
            if force in scenario.forces and scenario.forces[force].side != side:
                yield Finding(
                    (*path, field), f"'{force}' is on the other side", f"name a force with 'side: {side}'"
                )
    if phase.duration is not None:
        yield Finding(
            (*path, "duration"), "only tasks have a duration", "contested phases have depth and tempo"
        )
    if phase.calendar is not None:
        yield Finding(
            (*path, "calendar"), "only tasks have a calendar: a battle does not stop for the weekend",
            "give it to the assets that are not there on all days, or let a plan hold the phase ('holds')",
        )  # fmt: skip
    if phase.depth is not None and phase.tempo is None:
        yield Finding(path, "has a depth but no tempo", "write e.g. 'tempo: 1 km/day'")
    for field in ("tempo", "depth"):
        given = getattr(phase, field)
        if given is not None and is_known(scenario, given) and not _is_positive(scenario, given):
            yield Finding(
                (*path, field), "must be above 0", "a phase without movement leaves out depth and tempo"
            )
    if (
        phase.depth is None
        and _fixed(scenario, phase.own_loss) == 0.0
        and _fixed(scenario, phase.adversary_loss) == 0.0
    ):
        yield Finding(
            path, "a duel without losses never ends", "give 'own_loss' or 'adversary_loss', or a depth"
        )
    for field, positive in (("resistance", True), ("commit", False), ("people", False)):
        yield from _check_profile(scenario, getattr(phase, field), (*path, field), positive)
    heights = [_fixed(scenario, y) for _, y in phase.people]
    if any(a is not None and b is not None and b < a for a, b in pairwise(heights)):
        yield Finding(
            (*path, "people"), "cumulative numbers must not fall", "give people living up to each depth"
        )
    wanted = {"bracken": {"p", "q"}, "helmbold": {"w"}}.get(phase.law, set())
    if set(phase.law_parameters) != wanted:
        needs = ", ".join(sorted(wanted)) or "none"
        yield Finding(
            (*path, "law_parameters"), f"law '{phase.law}' has parameters: {needs}", "give exactly these"
        )
    if phase.ending is not None and phase.ending.to is not None:
        yield from _known(phase.ending.to, scenario.forces, (*path, "ending", "to"), "force")
        if phase.ending.to == phase.adversary:
            yield Finding(
                (*path, "ending", "to"), "survivors cannot join the force they are", "name another force"
            )
    if phase.advisers is not None:
        yield from _known(
            phase.advisers.asset, phase.demand, (*path, "advisers", "asset"), "asset in 'demand'"
        )


def _check_profile(
    scenario: Scenario, points: Sequence[tuple[float, Quantity]], path: Path, positive: bool
) -> Iterator[Finding]:
    xs = [x for x, _ in points]
    if any(b <= a for a, b in pairwise(xs)):
        yield Finding(
            path, "depths must rise from 0 to 1", "order the points by share of the depth, each once"
        )
    for i, (_, y) in enumerate(points):
        if positive and is_known(scenario, y) and not _is_positive(scenario, y):
            yield Finding((*path, i), "resistance must be above 0", "use a small number for weak resistance")


def _check_adversary(scenario: Scenario) -> Iterator[Finding]:
    for i, move in enumerate(scenario.adversary.moves):
        path: Path = ("adversary", "moves", i)
        for field, force in (("from", move.from_), ("to", move.to)):
            hostile = [f for f, item in scenario.forces.items() if item.side == "adversary"]
            yield from _known(force, hostile, (*path, field), "adversary force")
        if move.from_ == move.to:
            yield Finding(path, "moves to where it is", "name another force")
    for i, item in enumerate(scenario.adversary.replacements):
        hostile = [f for f, force in scenario.forces.items() if force.side == "adversary"]
        yield from _known(item.force, hostile, ("adversary", "replacements", i, "force"), "adversary force")
    contested = [p for o in scenario.operations.values() for p in o.phases.values() if p.kind == "contested"]
    for name, shock in scenario.shocks.items():
        path = ("shocks", name)
        for i, ref in enumerate(shock.phases):
            yield from _known_phase(scenario, ref, (*path, "phases", i))
        if not contested:
            yield Finding((*path, "phases"), "there is no contested phase to attack", "leave the shock out")
        if shock.interdiction is not None:
            yield from _known(
                shock.interdiction.asset, scenario.assets, (*path, "interdiction", "asset"), "asset"
            )
    if scenario.people is not None:
        for asset in scenario.people.harm_per_unit:
            yield from _known(asset, scenario.assets, ("people", "harm_per_unit", asset), "asset")
        for name in scenario.people.displaced:
            yield from _known(name, scenario.operations, ("people", "displaced", name), "operation")
    directed = scenario.attacks_abroad.directed
    if directed is not None:
        at: Path = ("attacks_abroad", "directed", "sanctuary")
        for name in directed.sanctuary:
            yield from _known(name, scenario.operations, (*at, name), "operation")
        shares = [_fixed(scenario, s) for s in directed.sanctuary.values()]
        if sum(s for s in shares if s is not None) > 1.0 + 1e-9:
            yield Finding(at, "shares of the sanctuary add up to more than 1", "make them smaller")
    for name, own in scenario.forces.items():
        days = _fixed(scenario, own.return_after)
        if days is not None and not 1.0 <= days <= MOST_RETURN_DAYS:
            at = ("forces", name, "return_after")
            yield Finding(at, f"must be between 1 and {MOST_RETURN_DAYS} days", "correct the delay")


def check_plan(scenario: Scenario, plan: Plan, at: Path) -> Iterator[Finding]:
    """Errors of one plan against its scenario; `at` is the plan's path in the document."""
    for field in ("gates", "holds", "stops"):
        for ref, condition in getattr(plan, field).items():
            yield from _known_phase(scenario, ref, (*at, field, ref))
            yield from check_condition(scenario, condition, (*at, field, ref))
            if field == "gates":
                yield from _check_gate(ref, condition, (*at, field, ref))
    named: list[str] = []
    for i, tier in enumerate(plan.tiers):
        for j, ref in enumerate(tier):
            yield from _known_phase(scenario, ref, (*at, "tiers", i, j), [ELSEWHERE])
            if ref in named:
                yield Finding((*at, "tiers", i, j), f"'{ref}' stands in two places", "name it once")
            named.append(ref)
    for i, ref in enumerate(plan.priority):
        yield from _known_phase(scenario, ref, (*at, "priority", i))
        if ref in plan.priority[:i]:
            yield Finding((*at, "priority", i), f"'{ref}' is named twice", "name it once")
    for asset in plan.reserves:
        yield from _known(asset, scenario.assets, (*at, "reserves", asset), "asset")
    for ref in plan.failures:
        yield from _known_phase(scenario, ref, (*at, "failures", ref))
    for name in plan.patience:
        yield from _known(name, _suspended(scenario), (*at, "patience", name), "suspension of operation")
    for i, relief in enumerate(plan.relief):
        yield from _check_relief(scenario, relief, (*at, "relief", i))
    yield from _check_caps(scenario, plan, at)
    yield from _check_classes(scenario, plan, at)


def _suspended(scenario: Scenario) -> list[str]:
    """Operations that can be suspended."""
    return [name for name, operation in scenario.operations.items() if operation.suspension is not None]


def _check_gate(ref: str, condition: Condition, path: Path) -> Iterator[Finding]:
    for atom in _atoms(condition):
        for other in (atom.progress, atom.after):
            if other is not None and (other == ref or (ref.startswith(f"{other}.") and "." not in other)):
                yield Finding(path, f"'{ref}' would wait for itself", "let it wait for something else")


def _atoms(condition: Condition) -> Iterator[Condition]:
    for part in [*(condition.all or []), *(condition.any or [])]:
        yield from _atoms(part)
    if condition.all is None and condition.any is None:
        yield condition


HEADS = ("date", "after", "progress", "losses", "strain", "suspended", "all", "any")


def check_condition(scenario: Scenario, condition: Condition, path: Path) -> Iterator[Finding]:
    """Errors of one condition, of whatever it opens, holds, stops or starts."""
    heads = [head for head in HEADS if getattr(condition, head) is not None]
    if len(heads) != 1:
        yield Finding(
            path, f"needs exactly one of {', '.join(HEADS)}", "use 'all' or 'any' to combine conditions"
        )
        return
    head = heads[0]
    if head in ("all", "any"):
        parts = getattr(condition, head)
        if not parts:
            yield Finding((*path, head), "is empty", "list at least one condition")
        for i, part in enumerate(parts):
            yield from check_condition(scenario, part, (*path, head, i))
    if head in ("after", "progress"):
        yield from _known_phase(scenario, getattr(condition, head), (*path, head))
    if head == "losses":
        yield from _known(str(condition.losses), scenario.forces, (*path, head), "force")
    if head == "suspended":
        yield from _known(
            str(condition.suspended), _suspended(scenario), (*path, head), "suspension of operation"
        )
    if head == "strain":
        yield from _known(str(condition.strain), scenario.assets, (*path, head), "asset")
    comparisons = [c for c in ("at_least", "above", "below") if getattr(condition, c) is not None]
    if head in ("progress", "losses"):
        for name in comparisons:
            yield from check_share(scenario, getattr(condition, name), (*path, name))
    needed = 1 if head in ("progress", "losses", "strain") else 0
    if len(comparisons) != needed:
        rule = (
            "needs exactly one of at_least, above, below"
            if needed
            else f"'{head}' is not compared with anything"
        )
        yield Finding(path, rule, "e.g. {progress: mosul, at_least: 0.7}")
    if head != "after" and "delay" in condition.model_fields_set:
        yield Finding((*path, "delay"), "belongs to 'after'", "leave it out")


def _check_relief(scenario: Scenario, relief: Relief, path: Path) -> Iterator[Finding]:
    yield from _known(relief.asset, scenario.assets, (*path, "asset"), "asset")
    if relief.asset in scenario.assets and scenario.assets[relief.asset].sharing == "whole":
        yield Finding(
            (*path, "asset"), "relief is for divisible assets", "change the units of the asset instead"
        )
    if relief.action != "surge" and relief.amount is None:
        yield Finding(path, f"'{relief.action}' needs an amount", "write e.g. 'amount: 5/day'")
    if relief.action in ("reallocate", "pre_position"):
        if relief.to is None:
            yield Finding(path, f"'{relief.action}' needs 'to'", "name the operation or phase served")
        else:
            yield from _known_phase(scenario, relief.to, (*path, "to"))
    elif relief.to is not None:
        yield Finding((*path, "to"), f"'{relief.action}' serves nobody in particular", "leave it out")
    for field in ("when", "release"):
        condition = getattr(relief, field)
        if condition is not None:
            yield from check_condition(scenario, condition, (*path, field))
    if relief.release is not None and relief.action != "reserve":
        yield Finding((*path, "release"), "only a reserve is released", "use 'lasts'")


def _check_caps(scenario: Scenario, plan: Plan, at: Path) -> Iterator[Finding]:
    for name in plan.caps:
        yield from _known(name, scenario.assets, (*at, "caps", name), "asset")
    for name, asset in scenario.assets.items():
        cap = plan.caps.get(name, asset.cap)
        if cap is None:
            continue
        lends = [(i, r) for i, r in enumerate(plan.relief) if r.asset == name and r.action == "lend"]
        for i, relief in lends:
            if relief.count is None:
                yield Finding(
                    (*at, "relief", i), f"'{name}' has a cap, so the lend needs a count", "write 'count: 50'"
                )
        counts = [c.count for c in scenario.contributions if c.asset == name]
        counts += [r.count for _, r in lends if r.count is not None]
        most = sum(resolve(c, scenario.numbers).dist.support()[1] for c in counts if is_known(scenario, c))
        limit = _fixed(scenario, cap)
        if limit is not None and most > limit + 1e-9:
            path = (*at, "relief", lends[-1][0]) if lends else ("assets", name, "cap")
            yield Finding(
                path, f"the plan would have up to {most:g} of '{name}', above its cap of {limit:g}",
                f"bring in fewer, or lift the cap in this plan: 'caps: {{{name}: {most:g}}}'",
            )  # fmt: skip


def _check_classes(scenario: Scenario, plan: Plan, at: Path) -> Iterator[Finding]:
    """The allocation enumerates sets of (tier, caveat) classes; their number is limited."""
    tier = {ref: i for i, refs in enumerate(plan.tiers) for ref in refs}
    for name, asset in scenario.assets.items():
        pools = [c for c in scenario.contributions if c.asset == name]
        classes = set()
        consumers = [p for p in phase_ids(scenario) if name in _phase(scenario, p).demand]
        for consumer in [*consumers, *([ELSEWHERE] if asset.elsewhere is not None else [])]:
            barred = tuple(consumer in c.not_for or consumer.split(".")[0] in c.not_for for c in pools)
            rank = tier.get(consumer, tier.get(consumer.split(".")[0], len(plan.tiers)))
            classes.add((rank, barred))
            if any(r.action == "reallocate" and r.asset == name for r in plan.relief):
                classes.add((-1, barred))
        if len(classes) > MOST_CLASSES:
            yield Finding(
                (*at, "tiers"),
                f"'{name}' has {len(classes)} classes of consumers by tier and caveat, above {MOST_CLASSES}",
                "put more consumers into one tier, or give contributions the same caveats",
            )  # fmt: skip


def _phase(scenario: Scenario, name: str) -> Phase:
    operation, phase = name.split(".")
    return scenario.operations[operation].phases[phase]
