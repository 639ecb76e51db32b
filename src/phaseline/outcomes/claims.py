"""Verdicts on what was said: how probable each claimed event is, over all histories and over what nobody knows.

A claim holds if its probability reaches ``at_least`` with the whole of its interval, fails if the whole of it stays
below, and cannot be told otherwise. The interval is the simulation's. How the probability spreads over ignorance is told
beside it: from the share of each world's histories in which the event happens, less the binomial noise of so few (moments
of a beta-binomial; Kleinman 1973, JASA 68:46). A vague word is given the range declared for it, and the verdict holds or
fails only if it does over the whole range.

**Increases** compares the chances of one event under two plans, history by history on the same luck. **Mostly** counts the
worlds in which two plans differ: those in which the outcome's mean has the stated sign; ties count neither way.

**Settled.** Where the plan makes the event happen in every world, or in none, there is no verdict: no draw could have
shown the contrary. `scenario.settled` finds this for starts that dates decide, and `known` for outcomes that no draw
reaches, unless nothing is drawn at all: then the claim is about the arithmetic, and the verdict says how it comes out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.claim_words import event_text
from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.happening import happens, happens_under
from phaseline.outcomes.known import ROUNDING, decided, known, known_change
from phaseline.outcomes.measures import measure
from phaseline.outcomes.statistics import (
    Interval,
    exactly,
    mean_interval,
    paired_difference,
    probability_interval,
    world_means,
)
from phaseline.scenario.claimed import Limit, limit_text, own_limit, plans_of, readings
from phaseline.scenario.quantity import single_value
from phaseline.scenario.schema import Vague
from phaseline.scenario.settled import settled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Claim, ClaimEvent, Plan, Scenario

FORMAT = "phaseline-claims/1"
HOLDS, FAILS, OPEN = "holds", "fails", "cannot tell"
ALWAYS, NEVER, ALIKE = "no world can fail it", "no world can meet it", "no world differs"
VERDICTS = (HOLDS, FAILS, OPEN, ALWAYS, NEVER, ALIKE)
_NOTHING = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Tested:
    """What the histories of a run say of a claim, at one reading of it.

    Attributes
    ----------
    found
        Probability of the event; of ``increases`` the difference of the two chances; of ``mostly`` the share with the stated
        sign among the worlds that differ. NaN where there is nothing to tell.
    by_world
        Shape [world]: the event's share in each world; of ``increases`` the difference of the shares; of ``mostly`` 1 for
        the stated sign, -1 for the other and 0 where the plans do not differ.
    certain
        Whether no draw reaches what it was read from.
    beside
        What is told with it, ready for JSON, under the name of its kind.
    """

    found: Interval
    by_world: NDArray[np.float64]
    certain: bool
    beside: dict[str, Any]


def judge(outcomes: Outcomes, plans: Mapping[str, Plan] | None = None) -> dict[str, Any]:
    """Every claim of the scenario with its verdict, ready for JSON.

    A claim about a plan, or a difference between plans, that the run does not have is left untested and says so.

    Parameters
    ----------
    outcomes
        A run of the scenario that holds the claims.
    plans
        The plans that were run, by id; left out: those of the scenario.
    """
    used = outcomes.scenario.plans if plans is None else plans
    claims = [_judged(outcomes, used, name, claim) for name, claim in outcomes.scenario.claims.items()]
    return head(outcomes, FORMAT) | {"claims": claims}


def _judged(outcomes: Outcomes, used: Mapping[str, Plan], name: str, claim: Claim) -> dict[str, Any]:
    scenario = outcomes.scenario
    source = scenario.sources.get(claim.source or "")
    plans = plans_of(scenario, claim)
    need = claim.at_least
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
        "at_least": None if need is None else single_value(need, scenario),
        "by_construction": claim.by_construction,
        "vague": None,
        "increases": None,
        "mostly": None,
        "flips": [],
        "box": None,
    }
    if missing := [plan for plan in plans if plan not in outcomes.plans]:
        nothing = plain_interval(_NOTHING)
        return told | {"probability": nothing, "over_worlds": None, "share_of_worlds_holding": nothing,
                       "verdict": OPEN, "untested": f"the run has no plan {', '.join(missing)}"}  # fmt: skip
    own = tested(outcomes, claim)
    verdicts = {_verdict(outcomes, used, claim, own)}
    if isinstance(claim.vague, Vague):
        told["vague"] = _over_range(outcomes, used, claim, claim.vague)
        verdicts |= {point["verdict"] for point in told["vague"]["points"]}
    elif claim.vague is not None:
        told["vague"] = {"word": claim.vague, "reads_as": None, "low": None, "high": None, "points": []}
    chance = claim.event.increases is None and claim.event.mostly is None
    return told | {
        "probability": plain_interval(_NOTHING if claim.event.increases is not None else own.found),
        "over_worlds": over_worlds(own.by_world, outcomes.per_world) if chance else None,
        "share_of_worlds_holding": plain_interval(_holding(outcomes, claim, own)),
        "verdict": _joint(verdicts),
        "untested": None,
    } | own.beside  # fmt: skip


def tested(outcomes: Outcomes, claim: Claim, limit: Limit | None = None) -> Tested:
    """What the histories of a run say of a claim.

    Parameters
    ----------
    outcomes
        Of the plans that the claim is about.
    claim
        A checked claim.
    limit
        In place of the event's own: day numbers for dates, else in base units.
    """
    if claim.event.increases is not None:
        return _increase(outcomes, claim, limit)
    if claim.event.mostly is not None:
        return _mostly(outcomes, claim)
    happened = happens(outcomes, claim, limit)
    truth = _decided(outcomes, claim, claim.event, plans_of(outcomes.scenario, claim)[0], limit)
    found = probability_interval(happened, outcomes.per_world) if truth is None else exactly(float(truth))
    return Tested(found, world_means(happened, outcomes.per_world), truth is not None, {})


def _decided(
    outcomes: Outcomes, claim: Claim, event: ClaimEvent, plan: str, limit: Limit | None
) -> bool | None:
    """Whether an event happens in every history, or in none, as the model shows; None where it may do either."""
    parts = [_decided(outcomes, claim, part, plan, None) for part in (event.all or event.any or [])]
    plain = event.model_copy(update={"not_": False})

    def happened(run: Outcomes) -> NDArray[np.bool_]:
        return happens_under(run, claim, plain, plan, limit)

    if parts:
        ruling = event.any is not None  # what settles the whole, whatever the others do
        found = ruling if ruling in parts else None if None in parts else not ruling
    elif event.difference is not None and event.between is not None:
        plans = [str(name) for name in event.between]
        change = known_change(
            outcomes, measure(outcomes.scenario, event.difference).values, plans[0], plans[1]
        )
        found = None if change is None else bool(happened(outcomes)[0])
    elif event.between is not None:
        # true between two dates and false on both sides of them: its ends do not tell
        seen, certain = known(outcomes, happened)
        found = bool(seen[0]) if certain else None
    else:
        found = decided(outcomes, happened)
    return not found if event.not_ and found is not None else found


def needed(scenario: Scenario, claim: Claim, limit: Limit | None = None) -> float:
    """What `Tested.found` must reach: ``at_least``, or the difference of chances that is claimed."""
    if claim.event.increases is None:
        assert claim.at_least is not None
        return single_value(claim.at_least, scenario)
    if limit is None and claim.event.by is None:
        return 0.0
    least = own_limit(scenario, claim.event) if limit is None else limit
    assert isinstance(least, float)
    return least


def _increase(outcomes: Outcomes, claim: Claim, limit: Limit | None) -> Tested:
    event, inner = claim.event, claim.event.increases
    assert inner is not None
    names = (str(event.from_), str(event.to))
    (base, other), certain = known(
        outcomes, lambda run: [happens_under(run, claim, inner, plan) for plan in names]
    )
    per_world = outcomes.per_world
    if certain:
        chances = [exactly(float(happened[0])) for happened in (base, other)]
        found = exactly(chances[1].value - chances[0].value)
    else:
        chances = [probability_interval(happened, per_world) for happened in (base, other)]
        found = paired_difference(other, base, per_world)
    beside = {
        "from": names[0],
        "to": names[1],
        "by": plain_number(needed(outcomes.scenario, claim, limit)),
        "chance_from": plain_interval(chances[0]),
        "chance_to": plain_interval(chances[1]),
        "difference": plain_interval(found),
    }
    by_world = world_means(other, per_world) - world_means(base, per_world)
    return Tested(found, by_world, certain, {"increases": beside})


def _mostly(outcomes: Outcomes, claim: Claim) -> Tested:
    event = claim.event
    one = measure(outcomes.scenario, str(event.mostly))
    names = [str(plan) for plan in event.between or ()]
    (first, second), certain = known(outcomes, lambda run: [one.values(run, plan) for plan in names])
    per_world = outcomes.per_world
    means, against = world_means(first - second, per_world), world_means(np.abs(second), per_world)
    # what sums of decimals differ by in their last digits is no difference
    signs = np.sign(np.where(np.abs(means) <= ROUNDING * (1.0 + against), 0.0, means))
    signs = signs if event.sign == "more" else -signs
    stated = signs[signs != 0] > 0
    found = _NOTHING
    if stated.size > 0:
        found = exactly(float(stated[0])) if certain else probability_interval(stated, 1)
    share = exactly(float(bool(stated.size))) if certain else probability_interval(signs != 0, 1)
    beside = {
        "plan": names[0],
        "against": names[1],
        "sign": event.sign,
        "worlds": int(stated.size),
        "share": plain_interval(share),
        "mean": plain_interval(
            exactly(float(means[0])) if certain else mean_interval(first - second, per_world)
        ),
        "unit": one.unit,
    }
    return Tested(found, signs, certain, {"mostly": beside})


def _verdict(
    outcomes: Outcomes, plans: Mapping[str, Plan], claim: Claim, found: Tested, limit: Limit | None = None
) -> str:
    """In words: settled by the plan, or told by the run."""
    if math.isnan(found.found.value):
        return ALIKE
    need = needed(outcomes.scenario, claim, limit)
    if not outcomes.is_certain:
        truth = settled(outcomes.scenario, plans, claim, limit)
        if truth is None and found.certain:
            truth = verdict(found.found, need) == HOLDS
        if truth is not None:
            return ALWAYS if truth else NEVER
    return verdict(found.found, need)


def verdict(found: Interval, need: float) -> str:
    """Whether what was found reaches what is claimed, as far as its interval can tell; nothing reaches 0 by being 0."""
    if math.isnan(found.value):
        return ALIKE
    if found.low >= need and found.low > 0.0:
        return HOLDS
    return FAILS if found.high < need or found.high <= 0.0 else OPEN


def _joint(verdicts: set[str]) -> str:
    """Of all readings of a vague word: what is settled under some of them holds under the others, or fails, as well."""
    if len(verdicts) == 1:
        return next(iter(verdicts))
    return HOLDS if verdicts == {HOLDS, ALWAYS} else FAILS if verdicts == {FAILS, NEVER} else OPEN


def is_told(verdict: str) -> bool:
    """Whether a verdict rests on what was drawn, so that other draws could turn it."""
    return verdict in (HOLDS, FAILS, OPEN)


def _holding(outcomes: Outcomes, claim: Claim, own: Tested) -> Interval:
    """Share of worlds in which the claim holds by itself; of ``mostly`` that is what is claimed already."""
    if claim.event.mostly is not None:
        return _NOTHING
    need = needed(outcomes.scenario, claim)
    if own.certain:
        return exactly(float(own.found.value >= need and own.found.value > 0.0))
    return probability_interval((own.by_world >= need) & (own.by_world > 0.0), 1)


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


def _over_range(outcomes: Outcomes, plans: Mapping[str, Plan], claim: Claim, vague: Vague) -> dict[str, Any]:
    scenario = outcomes.scenario
    limits = readings(scenario, claim)
    points = []
    for limit in limits:
        found = tested(outcomes, claim, limit)
        points.append(
            {
                "at": limit_text(scenario, claim.event, limit),
                "probability": plain_interval(found.found),
                "verdict": _verdict(outcomes, plans, claim, found, limit),
            }
        )
    return {
        "word": vague.word,
        "reads_as": vague.reads_as,
        "low": points[0]["at"],
        "high": points[-1]["at"],
        "points": points,
    }
