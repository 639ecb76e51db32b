"""Claims that can be tested: whether each says one thing, of things that there are, with limits that mean something."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from phaseline.scenario.distributions import Fixed
from phaseline.scenario.measured import further_keys, measure_keys
from phaseline.scenario.nearness import near
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.records import phase_ids
from phaseline.scenario.references import Finding, Path, check_share, is_known
from phaseline.scenario.schema import Claim, ClaimEvent, Scenario, Vague

HEADS = (
    "strain", "strained_most", "finished", "failed", "open", "start", "measure", "difference", "all", "any",
)  # fmt: skip
LIMITS = ("by", "before", "after", "within", "above", "below")
"""Fields of an event that a vague word can take the place of."""
_GOES_WITH: dict[str, tuple[str, ...]] = {
    "strain": ("above", "for_"),
    "strained_most": (),
    "finished": ("by", "within"),
    "failed": (),
    "open": ("while_", "for_"),
    "start": ("before", "after", "within"),
    "measure": ("above", "below"),
    "difference": ("between", "each", "above", "below"),
    "all": (),
    "any": (),
}
_NAMES = {"while_": "while", "for_": "for", "not_": "never"}
_DAYS = ("end", "overstretched_days", "delay")
_PERSONS = ("losses", "adversary_losses", "displaced", "harm")
_CHANCES = ("failed", "overstretched")
_DATED = ("by", "before", "after")


def head_of(event: ClaimEvent) -> str:
    """What kind of event it is; the event is a checked one."""
    return next(head for head in HEADS if getattr(event, head) is not None)


def limit_of(event: ClaimEvent) -> str | None:
    """Name of the event's only limit; None where there is none, or more than one."""
    given = [name for name in LIMITS if getattr(event, name) is not None]
    return given[0] if len(given) == 1 else None


def check_claims(scenario: Scenario) -> Iterator[Finding]:
    """All errors of the claims of a scenario."""
    for name, claim in scenario.claims.items():
        path: Path = ("claims", name)
        if claim.plan is not None and claim.plan not in scenario.plans:
            remedy = near(claim.plan, scenario.plans)
            yield Finding((*path, "plan"), f"unknown plan '{claim.plan}'", remedy, value=claim.plan)
        event_findings = list(_check_event(scenario, claim.event, (*path, "event")))
        yield from event_findings
        if isinstance(claim.vague, Vague) and not event_findings:
            yield from _check_vague(scenario, claim, claim.vague, path)
        at_least = single(scenario, claim.at_least)
        if is_known(scenario, claim.at_least) and (at_least is None or at_least <= 0.0):
            yield Finding((*path, "at_least"), "must be a single value above 0", "write e.g. 0.8")
        if claim.said is not None and claim.said > scenario.as_of:
            yield Finding(
                (*path, "said"), f"said after {scenario.as_of} (as_of)", "a claim belongs to its day"
            )


def single(scenario: Scenario, quantity: Quantity) -> float | None:
    """The only value of a number, in base units; None where it has several, or is not known."""
    if not is_known(scenario, quantity):
        return None
    dist = resolve(quantity, scenario.numbers).dist
    return dist.value if isinstance(dist, Fixed) else None


def _check_event(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    heads = [head for head in HEADS if getattr(event, head) is not None]
    if len(heads) != 1:
        yield Finding(path, f"needs exactly one of {', '.join(HEADS)}", "split the claim")
        return
    head = heads[0]
    for name in sorted(event.model_fields_set - {head, "not_"} - set(_GOES_WITH[head])):
        if getattr(event, name) is not None:
            written = _NAMES.get(name, name)
            yield Finding((*path, written), f"'{written}' means nothing with '{head}'", "leave it out")
    yield from _check_names(scenario, event, path)
    for i, part in enumerate((event.all if head == "all" else event.any) or ()):
        yield from _check_event(scenario, part, (*path, head, i))
    if head in ("all", "any") and not (event.all or event.any):
        yield Finding((*path, head), "is empty", "list the events")
    if head == "strain":
        yield from _check_strain(scenario, event, path)
    elif head == "open" and event.while_ is None:
        yield Finding(path, "'open' needs 'while'", "name the other operation or phase")
    elif head in ("finished", "start") and sum(getattr(event, name) is not None for name in LIMITS) > 1:
        yield Finding(path, "has more than one limit", "give one, or write two events under 'all'")
    elif head in ("measure", "difference"):
        yield from _check_amount(scenario, event, path)
    for name in LIMITS:
        quantity = getattr(event, name)
        if quantity is not None and is_known(scenario, quantity) and single(scenario, quantity) is None:
            yield Finding((*path, name), "must be a single value", "write a range under 'vague'")


def _check_names(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    places = [*phase_ids(scenario), *scenario.operations]
    keys = [*measure_keys(scenario), *further_keys(scenario)]
    most = event.strained_most or []
    named: list[tuple[str | tuple[str, int], str | None, Collection[str], str]] = [
        ("strain", event.strain, scenario.assets, "asset"),
        *((("strained_most", i), name, scenario.assets, "asset") for i, name in enumerate(most)),
        *(
            (key, getattr(event, field), places, "operation or phase")
            for key, field in (
                ("finished", "finished"), ("failed", "failed"), ("open", "open"), ("while", "while_"), ("start", "start"),
            )
        ),
        ("measure", event.measure, keys, "outcome"),
        ("difference", event.difference, keys, "outcome"),
        *((("between", i), name, scenario.plans, "plan") for i, name in enumerate(event.between or ())),
    ]  # fmt: skip
    for at, name, known, what in named:
        if name is not None and name not in known:
            where: Path = (*path, *at) if isinstance(at, tuple) else (*path, at)
            yield Finding(where, f"unknown {what} '{name}'", near(name, known), value=name)
    if len(set(most)) < len(most):
        yield Finding((*path, "strained_most"), "names an asset twice", "name each once")
    elif most and set(most) >= set(scenario.assets):
        yield Finding((*path, "strained_most"), "names every asset", "leave out those strained less")


def _check_strain(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    """Histories are booked with one definition of overstretch; another cannot be read from them."""
    stretch = scenario.overstretch
    asked = {"above": event.above, "for": event.for_ if "for_" in event.model_fields_set else None}
    booked = {"above": stretch.above, "for": stretch.lasts}
    for name, quantity in asked.items():
        if quantity is None:
            continue
        have, want = single(scenario, quantity), single(scenario, booked[name])
        if have is not None and want is not None and have != want:
            yield Finding(
                (*path, name),
                f"histories are booked with overstretch '{'above' if name == 'above' else 'lasts'}: {want:g}', not {have:g}",
                f"write {want:g}{' days' if name == 'for' else ''} here, or change 'overstretch'",
            )


def _check_amount(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    if (event.above is None) == (event.below is None):
        yield Finding(path, "needs 'above' or 'below', one of them", "write e.g. 'above: 0'")
    if event.difference is not None:
        if event.between is None:
            yield Finding(path, "'difference' needs 'between'", "name two plans: between: [a, b]")
        elif event.between[0] == event.between[1]:
            yield Finding((*path, "between"), "names one plan twice", "name two plans")
    for name in ("above", "below"):
        quantity = getattr(event, name)
        if quantity is not None:
            yield from _check_unit(scenario, str(event.measure or event.difference), quantity, (*path, name))


def _check_unit(scenario: Scenario, key: str, quantity: Quantity, path: Path) -> Iterator[Finding]:
    if quantity.ref is not None and quantity.ref not in scenario.numbers:
        return  # told by the check of references
    found = scenario.numbers[quantity.ref].dimension if quantity.ref else quantity.dimension
    quantity_of = key.partition(".")[0]
    wanted = {"number"}
    if quantity_of in _DAYS:
        wanted |= {"duration"}
    elif quantity_of in _PERSONS:
        wanted |= {"persons", "count"}
    elif quantity_of in (*_CHANCES, "peak_strain"):
        wanted |= {"share"}
    else:
        wanted |= {"count"}
    if found not in wanted:
        yield Finding(
            path, f"is a {found}, which '{key}' is not measured in", f"give a {' or '.join(sorted(wanted))}"
        )
    elif quantity_of in _CHANCES:
        yield from check_share(scenario, quantity, path)


def _check_vague(scenario: Scenario, claim: Claim, vague: Vague, path: Path) -> Iterator[Finding]:
    limit = limit_of(claim.event)
    head = head_of(claim.event)
    if limit is None or head == "strain":
        yield Finding(
            (*path, "vague"), "the event has no limit whose place the range could take",
            "write the range in words, or give the event one limit",
        )  # fmt: skip
        return
    if not (is_known(scenario, vague.low) and is_known(scenario, vague.high)):
        return
    ends = [single(scenario, end) for end in (vague.low, vague.high)]
    if None in ends or not ends[0] < ends[1]:  # type: ignore[operator]
        yield Finding((*path, "vague"), "'low' must be a single value below 'high'", "order them")
        return
    dimensions = {end.dimension for end in (vague.low, vague.high)}
    if len(dimensions) > 1:
        yield Finding((*path, "vague"), "'low' and 'high' are of different kinds", "give both the same unit")
    elif limit in _DATED:
        if not dimensions <= {"date", "duration"}:
            yield Finding(
                (*path, "vague", "low"),
                f"'{limit}' is a date",
                "give dates, or days from the day it was said",
            )
    elif limit == "within":
        if dimensions != {"duration"}:
            yield Finding((*path, "vague", "low"), "'within' is a duration", "write e.g. 1 week")
    else:
        key = str(claim.event.measure or claim.event.difference)
        for name in ("low", "high"):
            yield from _check_unit(scenario, key, getattr(vague, name), (*path, "vague", name))
