"""Verdicts on what was said: how probable each claimed event is, over all histories and over what nobody knows.

A claim holds if its probability reaches ``at_least`` with the whole of its interval, fails if the whole of it stays
below, and cannot be told otherwise. The interval is the simulation's; where no draw can reach the event there is none.
How the probability spreads over ignorance is told beside it: from the share of each world's histories in which the event
happens, less the binomial noise of so few (moments of a beta-binomial; Kleinman 1973, JASA 68:46). A vague word is given
the range declared for it, and the verdict holds or fails only if it does over the whole range.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.known import decided, known_change
from phaseline.outcomes.measures import measure
from phaseline.outcomes.statistics import Interval, exactly, probability_interval
from phaseline.scenario.calendar import horizon_days, start_date
from phaseline.scenario.claims import head_of, limit_of
from phaseline.scenario.quantity import single_value
from phaseline.scenario.readable import value_text
from phaseline.scenario.schema import Vague

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Claim, ClaimEvent, Scenario

    Happened = NDArray[np.bool_]

FORMAT = "phaseline-claims/1"
POINTS = 5
"""Points of a declared range at which a claim is tested."""
HOLDS, FAILS, OPEN = "holds", "fails", "cannot tell"
_OPERATION_FAILED, _PHASE_FAILED = 2, 3


def judge(outcomes: Outcomes) -> dict[str, Any]:
    """Every claim of the scenario with its verdict, ready for JSON.

    A claim about a plan, or a difference between plans, that the run does not have is left untested and says so.

    Parameters
    ----------
    outcomes
        A run of the scenario that holds the claims.
    """
    claims = [_judged(outcomes, name, claim) for name, claim in outcomes.scenario.claims.items()]
    return head(outcomes, FORMAT) | {"claims": claims}


def plans_of(scenario: Scenario, claim: Claim) -> list[str]:
    """Plans that a claim is about: those of its difference, its own, or the first of the scenario."""
    found = _between(claim.event)
    return found or [claim.plan or next(iter(scenario.plans))]


def _between(event: ClaimEvent) -> list[str]:
    if event.between is not None:
        return list(event.between)
    parts = [plan for part in (event.all or event.any or []) for plan in _between(part)]
    return list(dict.fromkeys(parts))


def _judged(outcomes: Outcomes, name: str, claim: Claim) -> dict[str, Any]:
    scenario = outcomes.scenario
    source = scenario.sources.get(claim.source or "")
    plans = plans_of(scenario, claim)
    told: dict[str, Any] = {
        "id": name,
        "statement": claim.statement,
        "speaker": claim.speaker,
        "source": None if source is None else {"id": claim.source, "title": source.title, "url": source.url},
        "said": claim.said.isoformat() if claim.said else None,
        "published": claim.published.isoformat() if claim.published else None,
        "plan": plans[0] if len(plans) == 1 else None,
        "plans": plans,
        "event": event_text(scenario, claim.event),
        "at_least": single_value(claim.at_least, scenario),
        "vague": None,
        "flips": [],
        "box": None,
    }
    if missing := [plan for plan in plans if plan not in outcomes.plans]:
        nothing = plain_interval(Interval(math.nan, math.nan, math.nan))
        return told | {"probability": nothing, "over_worlds": None, "share_of_worlds_holding": nothing,
                       "verdict": OPEN, "untested": f"the run has no plan {', '.join(missing)}"}  # fmt: skip
    need = told["at_least"]
    happened, settled = happens(outcomes, claim), _settled(outcomes, claim)
    certain = settled is not None
    found = _chance(outcomes, claim)
    verdicts = {verdict(found, need)}
    if isinstance(claim.vague, Vague):
        told["vague"] = _over_range(outcomes, claim, claim.vague)
        verdicts |= {point["verdict"] for point in told["vague"]["points"]}
    elif claim.vague is not None:
        told["vague"] = {"word": claim.vague, "reads_as": None, "low": None, "high": None, "points": []}
    by_world = happened.reshape(outcomes.worlds, outcomes.per_world).mean(axis=1)
    holding = exactly(float(found.value >= need)) if certain else probability_interval(by_world >= need, 1)
    return told | {
        "probability": plain_interval(found),
        "over_worlds": over_worlds(by_world, outcomes.per_world),
        "share_of_worlds_holding": plain_interval(holding),
        "verdict": verdicts.pop() if len(verdicts) == 1 else OPEN,
        "untested": None,
    }


def _chance(outcomes: Outcomes, claim: Claim, limit: float | None = None) -> Interval:
    """The probability of the claimed event: 0 or 1 exactly where the model decides it."""
    settled = _settled(outcomes, claim, limit)
    if settled is not None:
        return exactly(float(settled))
    return probability_interval(happens(outcomes, claim, limit), outcomes.per_world)


def _settled(outcomes: Outcomes, claim: Claim, limit: float | None = None) -> bool | None:
    """Whether the claimed event happens in every history, or in none, as the model shows; None where it may do either."""
    plan = plans_of(outcomes.scenario, claim)[0]
    return _event_settled(outcomes, claim, claim.event, plan, limit)


def _event_settled(
    outcomes: Outcomes, claim: Claim, event: ClaimEvent, plan: str, limit: float | None
) -> bool | None:
    parts = [_event_settled(outcomes, claim, part, plan, None) for part in (event.all or event.any or [])]
    if parts:
        ruling = event.any is not None  # what settles the whole, whatever the others do
        found = ruling if ruling in parts else None if None in parts else not ruling
    elif event.between is not None:
        found = _difference_settled(outcomes, event, limit)
    else:
        plain = event.model_copy(update={"not_": False})
        found = decided(outcomes, lambda run: _happens(run, claim, plain, plan, limit))
    return not found if event.not_ and found is not None else found


def _difference_settled(outcomes: Outcomes, event: ClaimEvent, limit: float | None) -> bool | None:
    assert event.between is not None
    change = known_change(outcomes, measure(outcomes.scenario, str(event.difference)).values, *event.between)
    return None if change is None else bool(_beyond(outcomes, event, np.array([change]), limit)[0])


def verdict(probability: Interval, at_least: float) -> str:
    """Whether a probability reaches what is claimed, as far as its interval can tell."""
    if probability.low >= at_least:
        return HOLDS
    return FAILS if probability.high < at_least else OPEN


def over_worlds(by_world: NDArray[np.float64], per_world: int) -> dict[str, float | None]:
    """Tenths of the event's probability over what nobody knows, the binomial noise within worlds taken off.

    Parameters
    ----------
    by_world
        Share of each world's histories in which it happens, shape [world].
    per_world
        Histories of a world, at least 2.
    """
    from scipy import stats

    mean = float(by_world.mean())
    noise = float((by_world * (1 - by_world)).mean()) / max(per_world - 1, 1)
    spread = max(0.0, float(by_world.var()) - noise)
    names = ("p10", "p50", "p90")
    if spread <= 0 or mean in (0.0, 1.0):
        return dict.fromkeys(names, plain_number(mean))
    if spread >= 0.999 * mean * (1 - mean):  # each world decides it wholly
        return {name: float(1 - share <= mean) for name, share in zip(names, (0.1, 0.5, 0.9), strict=True)}
    size = mean * (1 - mean) / spread - 1
    tenths = stats.beta.ppf((0.1, 0.5, 0.9), mean * size, (1 - mean) * size)
    return {name: plain_number(float(value)) for name, value in zip(names, tenths, strict=True)}


def happens(outcomes: Outcomes, claim: Claim, limit: float | None = None) -> Happened:
    """In which histories the claimed event happens, shape [history].

    Parameters
    ----------
    outcomes
        Of the plans that the claim is about.
    claim
        A checked claim.
    limit
        In place of the event's own: a day of the calendar for dates, else in base units.
    """
    plan = plans_of(outcomes.scenario, claim)[0]
    return _happens(outcomes, claim, claim.event, plan, limit)


def _happens(outcomes: Outcomes, claim: Claim, event: ClaimEvent, plan: str, limit: float | None) -> Happened:
    scenario = outcomes.scenario
    kind = head_of(event)
    if kind in ("all", "any"):
        parts = [_happens(outcomes, claim, part, plan, None) for part in (event.all or event.any or [])]
        happened = np.logical_and.reduce(parts) if kind == "all" else np.logical_or.reduce(parts)
    elif kind == "strain":
        happened = ~np.isnan(outcomes.column(plan, f"binds.{event.strain}"))
    elif kind == "strained_most":
        peaks = {asset: outcomes.column(plan, f"peak_strain.{asset}") for asset in scenario.assets}
        named = np.min([peaks[asset] for asset in event.strained_most or ()], axis=0)
        others = [peak for asset, peak in peaks.items() if asset not in (event.strained_most or ())]
        happened = named > np.max(others, axis=0)
    elif kind == "failed":
        code = _PHASE_FAILED if "." in str(event.failed) else _OPERATION_FAILED
        happened = outcomes.column(plan, f"status.{event.failed}") == code
    elif kind == "open":
        happened = _overlap(outcomes, plan, event)
    elif kind in ("finished", "start"):
        happened = _timed(outcomes, claim, event, plan, limit)
    else:
        happened = _amount(outcomes, event, plan, limit)
    result: Happened = ~happened if event.not_ else happened
    return result


def _overlap(outcomes: Outcomes, plan: str, event: ClaimEvent) -> Happened:
    """Both open at once; what never ends stays open to the horizon."""
    horizon = float(horizon_days(outcomes.scenario))
    starts, ends = [], []
    for name in (event.open, event.while_):
        starts.append(outcomes.column(plan, f"start.{name}"))
        ends.append(np.nan_to_num(outcomes.column(plan, f"end.{name}"), nan=horizon))
    days = np.minimum(*ends) - np.maximum(*starts)
    least = single_value(event.for_, outcomes.scenario) if "for_" in event.model_fields_set else 1.0
    result: Happened = np.nan_to_num(days, nan=-1.0) >= least
    return result


def _timed(outcomes: Outcomes, claim: Claim, event: ClaimEvent, plan: str, limit: float | None) -> Happened:
    """Done or begun by, before, after a date, or within a time; what never comes is neither."""
    scenario = outcomes.scenario
    zero = start_date(scenario).toordinal()
    name = limit_of(event)
    given = math.nan if limit is None else limit  # NaN is heeded by nothing that has no limit
    if limit is None and name is not None:
        given = single_value(getattr(event, name), scenario)
    if event.finished is not None:
        end = outcomes.column(plan, f"end.{event.finished}")
        if name is None:
            return ~np.isnan(end)
        if name == "within":
            return end - outcomes.column(plan, f"start.{event.finished}") <= given
        return end <= given - zero + 1  # the last day counts
    start = outcomes.column(plan, f"start.{event.start}")
    if name is None:
        return ~np.isnan(start)
    if name == "within":
        said = (claim.said or scenario.as_of).toordinal()
        return start + zero - said <= given
    return start < given - zero if name == "before" else start > given - zero


def _amount(outcomes: Outcomes, event: ClaimEvent, plan: str, limit: float | None) -> Happened:
    scenario = outcomes.scenario
    one = measure(scenario, str(event.measure or event.difference))
    if event.between is not None:
        values = one.values(outcomes, event.between[0]) - one.values(outcomes, event.between[1])
        if event.each == "world":
            means = values.reshape(outcomes.worlds, outcomes.per_world).mean(axis=1)
            values = np.repeat(means, outcomes.per_world)
    else:
        values = one.values(outcomes, plan)
    return _beyond(outcomes, event, values, limit)


def _beyond(
    outcomes: Outcomes, event: ClaimEvent, values: NDArray[np.float64], limit: float | None
) -> Happened:
    """Whether amounts lie above or below what the event says."""
    scenario = outcomes.scenario
    if event.above is not None:
        return values > (single_value(event.above, scenario) if limit is None else limit)
    assert event.below is not None
    return values < (single_value(event.below, scenario) if limit is None else limit)


def _over_range(outcomes: Outcomes, claim: Claim, vague: Vague) -> dict[str, Any]:
    scenario = outcomes.scenario
    name = str(limit_of(claim.event))
    dated = name in ("by", "before", "after")
    ends = [single_value(end, scenario) for end in (vague.low, vague.high)]
    if dated and vague.low.dimension == "duration":
        said = (claim.said or scenario.as_of).toordinal()
        ends = [said + end for end in ends]
    dimension = "date" if dated else vague.low.dimension
    need = single_value(claim.at_least, scenario)
    points = []
    for at in np.linspace(ends[0], ends[1], POINTS):
        found = _chance(outcomes, claim, float(at))
        points.append(
            {
                "at": value_text(float(at), dimension, digits=3),
                "probability": plain_interval(found),
                "verdict": verdict(found, need),
            }
        )
    return {
        "word": vague.word,
        "reads_as": vague.reads_as,
        "low": points[0]["at"],
        "high": points[-1]["at"],
        "points": points,
    }


def event_text(scenario: Scenario, event: ClaimEvent) -> str:
    """The event in words."""
    kind = head_of(event)
    if kind in ("all", "any"):
        joint = " and " if kind == "all" else " or "
        text = joint.join(event_text(scenario, part) for part in (event.all or event.any or []))
    elif kind == "strain":
        text = f"{_asset(scenario, str(event.strain))} overstretched"
    elif kind == "strained_most":
        text = f"{' and '.join(_asset(scenario, name) for name in event.strained_most or ())} strained more than all others"
    elif kind == "open":
        text = f"{_place(scenario, str(event.open))} and {_place(scenario, str(event.while_))} open at once"
    elif kind == "failed":
        text = f"failure of {_place(scenario, str(event.failed))}"
    elif kind in ("finished", "start"):
        done = "done" if kind == "finished" else "begun"
        text = f"{_place(scenario, str(event.finished or event.start))} {done}{_limit_text(scenario, event)}"
    else:
        key = str(event.measure or event.difference)
        label = measure(scenario, key).label
        text = f"{label}{_limit_text(scenario, event)}"
        if event.between is not None:
            titles = [scenario.plans[plan].title or plan for plan in event.between]
            text = f"{label}, {titles[0]} less {titles[1]}{_limit_text(scenario, event)}"
            text += " in a world's mean" if event.each == "world" else " in a history"
    return f"not: {text}" if event.not_ else text


def _limit_text(scenario: Scenario, event: ClaimEvent) -> str:
    name = limit_of(event)
    if name is None:
        return ""
    quantity = getattr(event, name)
    return f" {name} {value_text(single_value(quantity, scenario), quantity.dimension, digits=4)}"


def _asset(scenario: Scenario, name: str) -> str:
    return scenario.assets[name].label or name


def _place(scenario: Scenario, ref: str) -> str:
    operation, _, phase = ref.partition(".")
    found = scenario.operations[operation]
    return (found.phases[phase].label or ref) if phase else (found.label or operation)
