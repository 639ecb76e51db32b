"""Claims that can be tested: whether each says one thing, of things that there are, with limits that mean something."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from phaseline.scenario.claimed import DATED, HEADS, LIMITS, dimension_of, head_of, limit_of, plans_of
from phaseline.scenario.distributions import Fixed
from phaseline.scenario.measured import further_keys, measure_keys
from phaseline.scenario.nearness import near
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.records import phase_ids
from phaseline.scenario.references import Finding, Path, check_share, is_known
from phaseline.scenario.schema import Claim, ClaimEvent, Scenario, Vague
from phaseline.scenario.settled import never_varies, settled_at_all

__all__ = ["check_claims", "head_of", "limit_of", "settled_claims", "single"]

_GOES_WITH: dict[str, tuple[str, ...]] = {
    "strain": ("above", "for_"),
    "open": ("while_", "for_"),
    "difference": ("between", "each"),
    "increases": ("from_", "to"),
    "mostly": ("between", "sign"),
}
"""Fields that belong to a kind of event beside its limits."""
_NAMES = {"while_": "while", "for_": "for", "not_": "never", "from_": "from"}
_DAYS = ("end", "overstretched_days", "delay")
_PERSONS = ("losses", "adversary_losses", "displaced", "harm")
_CHANCES = ("failed", "overstretched")
_COMPARING = ("difference", "increases", "mostly")


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
        yield from _check_need(scenario, claim, path)
        if claim.said is not None and claim.said > scenario.as_of:
            yield Finding(
                (*path, "said"), f"said after {scenario.as_of} (as_of)", "a claim belongs to its day"
            )


def settled_claims(scenario: Scenario) -> Iterator[Finding]:
    """Warnings of claims that the plans themselves settle, whatever is drawn; of a scenario without errors."""
    for name, claim in scenario.claims.items():
        path: Path = ("claims", name)
        if claim.plan is None and not scenario.plans:
            continue
        plans = " and ".join(f"'{plan}'" for plan in plans_of(scenario, claim))
        truth = settled_at_all(scenario, scenario.plans, claim)
        if truth is None and not never_varies(scenario, scenario.plans, claim):
            if claim.by_construction is not None:
                yield Finding(
                    (*path, "by_construction"),
                    f"{plans} does not settle the claim",
                    "leave it out",
                    "warning",
                )
        elif claim.by_construction is None:
            rule = {
                True: f"{plans} makes it so: no world can fail it",
                False: f"{plans} rules it out: no world can meet it",
                None: f"no draw reaches what it is read from under {plans}: all worlds say the same",
            }[truth]
            yield Finding(
                (*path, "event"), rule,
                "claim something that the plan does not decide, or say under 'by_construction' why the claim is kept",
                "warning", value=claim.statement,
            )  # fmt: skip


def _check_need(scenario: Scenario, claim: Claim, path: Path) -> Iterator[Finding]:
    """How probable it must be; a difference of chances says by how much instead."""
    if claim.event.increases is not None:
        if claim.at_least is not None:
            yield Finding(
                (*path, "at_least"), "means nothing with 'increases'", "leave it out; 'by' says by how much"
            )
        return
    if claim.at_least is None:
        yield Finding(path, "'at_least' is missing", "say from which probability on it is true, e.g. 0.8")
        return
    at_least = single(scenario, claim.at_least)
    if is_known(scenario, claim.at_least) and (at_least is None or at_least <= 0.0):
        yield Finding((*path, "at_least"), "must be a single value above 0", "write e.g. 0.8")


def single(scenario: Scenario, quantity: Quantity) -> float | None:
    """The only value of a number, in base units; None where it has several, or is not known."""
    if not is_known(scenario, quantity):
        return None
    dist = resolve(quantity, scenario.numbers).dist
    return dist.value if isinstance(dist, Fixed) else None


def _check_event(scenario: Scenario, event: ClaimEvent, path: Path, part: bool = False) -> Iterator[Finding]:
    """Errors of an event, or of one that is part of another."""
    heads = [head for head in HEADS if getattr(event, head) is not None]
    if len(heads) != 1:
        yield Finding(path, f"needs exactly one of {', '.join(HEADS)}", "split the claim")
        return
    head = heads[0]
    allowed = {head, "not_", *LIMITS[head], *_GOES_WITH.get(head, ())}
    for name in sorted(event.model_fields_set - allowed):
        if getattr(event, name) is not None:
            written = _NAMES.get(name, name)
            yield Finding((*path, written), f"'{written}' means nothing with '{head}'", "leave it out")
    if part and head in ("increases", "mostly"):
        yield Finding((*path, head), f"'{head}' stands alone", "make it a claim of its own")
        return
    yield from _check_names(scenario, event, path)
    for i, each in enumerate((event.all if head == "all" else event.any) or ()):
        yield from _check_event(scenario, each, (*path, head, i), part=True)
    if head in ("all", "any") and not (event.all or event.any):
        yield Finding((*path, head), "is empty", "list the events")
    if head == "strain":
        yield from _check_strain(scenario, event, path)
    elif head == "open" and event.while_ is None:
        yield Finding(path, "'open' needs 'while'", "name the other operation or phase")
    elif head in ("measure", "difference"):
        yield from _check_amount(scenario, event, path)
    elif head in ("increases", "mostly"):
        yield from (_check_increase if head == "increases" else _check_mostly)(scenario, event, path)
    yield from _check_limits(scenario, event, head, path)


def _check_limits(scenario: Scenario, event: ClaimEvent, head: str, path: Path) -> Iterator[Finding]:
    """One limit at most, a single value, and a date where dates belong."""
    given = [name for name in LIMITS[head] if getattr(event, name) is not None]
    if len(given) > 1 and head not in ("measure", "difference"):
        yield Finding(path, "has more than one limit", "give one, or write two events under 'all'")
    for name in given:
        found = getattr(event, name)
        if name == "between" and isinstance(found[0], str):
            yield Finding((*path, name), "must be two dates", "write e.g. [2016-12-25, 2017-04-25]")
            return
        ends = (
            [((*path, name, i), end) for i, end in enumerate(found)]
            if name == "between"
            else [((*path, name), found)]
        )
        for at, quantity in ends:
            if not is_known(scenario, quantity):
                continue
            if single(scenario, quantity) is None:
                yield Finding(at, "must be a single value", "write a range under 'vague'")
            elif name in DATED and head != "increases" and dimension_of(scenario, quantity) != "date":
                yield Finding(at, f"'{name}' is a date", "write e.g. 2016-11-15")
        if name == "between" and not _in_order(scenario, *found):
            yield Finding((*path, name), "ends before it begins", "write the earlier date first")


def _in_order(scenario: Scenario, low: Quantity, high: Quantity) -> bool:
    ends = single(scenario, low), single(scenario, high)
    return ends[0] is None or ends[1] is None or ends[0] <= ends[1]


def _check_increase(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    assert event.increases is not None
    inner = event.increases
    if event.not_:
        yield Finding(
            (*path, "never"),
            "'never' means nothing with 'increases'",
            "leave it out, or swap 'from' and 'to'",
        )
    for name, plan in (("from", event.from_), ("to", event.to)):
        if plan is None:
            yield Finding(path, f"'increases' needs '{name}'", "name two plans: from: a, to: b")
    if event.from_ is not None and event.from_ == event.to:
        yield Finding((*path, "to"), "names the same plan as 'from'", "name two plans")
    heads = [head for head in HEADS if getattr(inner, head) is not None]
    if heads and heads[0] in _COMPARING:
        yield Finding(
            (*path, "increases", heads[0]), f"'{heads[0]}' has no chance under one plan", "name an event of one plan"
        )  # fmt: skip
    else:
        yield from _check_event(scenario, inner, (*path, "increases"), part=True)
    if event.by is not None and is_known(scenario, event.by):
        if dimension_of(scenario, event.by) not in ("share", "number"):
            yield Finding((*path, "by"), "'by' is a difference of chances", "write e.g. 10 points")
        else:
            yield from check_share(scenario, event.by, (*path, "by"))


def _check_mostly(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    if event.not_:
        yield Finding((*path, "never"), "'never' means nothing with 'mostly'", "state the other sign")
    if event.sign is None:
        yield Finding(path, "'mostly' needs 'sign'", "write 'sign: more' or 'sign: less', of the first plan")
    yield from _check_pair(event, "mostly", path)


def _check_pair(event: ClaimEvent, head: str, path: Path) -> Iterator[Finding]:
    """Two plans to compare."""
    if event.between is None:
        yield Finding(path, f"'{head}' needs 'between'", "name two plans: between: [a, b]")
    elif not isinstance(event.between[0], str):
        yield Finding((*path, "between"), f"'{head}' is between two plans", "name them: between: [a, b]")
    elif event.between[0] == event.between[1]:
        yield Finding((*path, "between"), "names one plan twice", "name two plans")


def _check_names(scenario: Scenario, event: ClaimEvent, path: Path) -> Iterator[Finding]:
    places = [*phase_ids(scenario), *scenario.operations]
    keys = [*measure_keys(scenario), *further_keys(scenario)]
    most, pair = event.strained_most or [], event.between or ()
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
        ("mostly", event.mostly, keys, "outcome"),
        ("from", event.from_, scenario.plans, "plan"),
        ("to", event.to, scenario.plans, "plan"),
        *((("between", i), name, scenario.plans, "plan") for i, name in enumerate(pair) if isinstance(name, str)),
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
        yield from _check_pair(event, "difference", path)
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
    if limit is None:
        yield Finding(
            (*path, "vague"), "the event has no limit whose place the range could take",
            "write the range in words, or give the event one limit",
        )  # fmt: skip
        return
    if not (is_known(scenario, vague.low) and is_known(scenario, vague.high)):
        return
    supports = [resolve(end, scenario.numbers).dist.support() for end in (vague.low, vague.high)]
    single_ends = all(low == high for low, high in supports)
    if limit == "between":
        if not supports[0][1] < supports[1][0]:
            yield Finding((*path, "vague"), "all of 'low' must lie below all of 'high'", "order them")
            return
        if not all(abs(end) < float("inf") for support in supports for end in support):
            yield Finding((*path, "vague"), "an end of the range has no limits", "give it low and high")
            return
    elif not single_ends or not supports[0][0] < supports[1][0]:
        yield Finding((*path, "vague"), "'low' must be a single value below 'high'", "order them")
        return
    yield from _check_kind(scenario, claim, vague, limit, path)


def _check_kind(scenario: Scenario, claim: Claim, vague: Vague, limit: str, path: Path) -> Iterator[Finding]:
    """Whether the range measures what the limit does."""
    at: Path = (*path, "vague", "low")
    dimensions = {dimension_of(scenario, end) for end in (vague.low, vague.high)}
    if claim.event.increases is not None:
        for name, end in (("low", vague.low), ("high", vague.high)):
            if dimension_of(scenario, end) not in ("share", "number"):
                yield Finding(
                    (*path, "vague", name), "'by' is a difference of chances", "write e.g. 5 points"
                )
            else:
                yield from check_share(scenario, end, (*path, "vague", name))
    elif len(dimensions) > 1:
        yield Finding((*path, "vague"), "'low' and 'high' are of different kinds", "give both the same unit")
    elif limit in DATED:
        if not dimensions <= {"date", "duration"}:
            yield Finding(at, f"'{limit}' is a date", "give dates, or days from the day it was said")
    elif limit == "within":
        if dimensions != {"duration"}:
            yield Finding(at, "'within' is a duration", "write e.g. 1 week")
    else:
        key = str(claim.event.measure or claim.event.difference)
        for name in ("low", "high"):
            yield from _check_unit(scenario, key, getattr(vague, name), (*path, "vague", name))
