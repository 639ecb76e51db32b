"""Rival plans over the same worlds with the same luck: paired differences, and which plan is better how often.

Because plans share their random numbers, differences are taken history by history; what is common to both cancels. Worlds
are the clusters of every interval (`statistics`). ``variance_ratio`` measures what pairing saves: how many times as many
histories independent runs would need for the same precision.

**Better over ignorance.** In each world the histories are averaged and the sign of the mean difference counted, ties
apart. With few histories in a world chance is not wholly averaged out, and draws the share towards a half; ``noise`` tells
how much of the variance of these means is still chance (0: none, the share is exact; near 1: the share says little).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.joint import Condition, default_conditions, joint_confidence, parse_conditions
from phaseline.outcomes.measures import Measure, change_of, measures, measures_of, never_ends
from phaseline.outcomes.statistics import (
    Interval,
    exactly,
    mean_interval,
    probability_interval,
    quantile_interval,
    variance_split,
    world_means,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

FORMAT = "phaseline-comparison/1"
INDIFFERENT_SHARE = 0.05
"""Means closer than this share of the larger count as the same."""
INDIFFERENT_CHANCE = 0.02
"""Chances closer than this count as the same."""
INDIFFERENT_LEAST = {"days": 1.0, "persons": 1.0, "ratio": 0.02}
"""Means closer than this count as the same, by unit."""


def compare(outcomes: Outcomes, joint: str | None = None) -> dict[str, Any]:
    """What tells rival plans apart, ready for JSON; the layout is `comparison_schema`.

    Parameters
    ----------
    outcomes
        A run; with one plan there are no pairs.
    joint
        Conditions of joint confidence, see `joint.parse_conditions`; default `joint.default_conditions`.

    Raises
    ------
    InputError
        If a condition is refused.
    """
    conditions = default_conditions(outcomes) if joint is None else parse_conditions(outcomes.scenario, joint)
    return compare_with(outcomes, conditions)


def compare_with(outcomes: Outcomes, conditions: list[Condition]) -> dict[str, Any]:
    """As `compare`, with the conditions of joint confidence at hand."""
    chosen = measures(outcomes.scenario)
    certain = {plan: {one.key: one for one in measures_of(outcomes, plan)} for plan in outcomes.plans}
    values = {plan: {one.key: one.values(outcomes, plan) for one in chosen} for plan in outcomes.plans}
    means = {
        plan: {key: one.estimate(values[plan][key], outcomes.per_world) for key, one in certain[plan].items()}
        for plan in outcomes.plans
    }
    never = {plan: never_ends(outcomes, plan) for plan in outcomes.plans}
    rows = [
        {
            "key": one.key,
            "label": one.label,
            "unit": one.unit,
            "better": one.better,
            "kind": one.kind,
            "indifference": plain_number(
                _indifference(one, [means[plan][one.key] for plan in outcomes.plans])
            ),
            "plans": {plan: plain_interval(means[plan][one.key]) for plan in outcomes.plans},
            "unended": {
                plan: float(never[plan][one.key].mean()) for plan in outcomes.plans if one.key in never[plan]
            },
        }
        for one in chosen
    ]
    pairs = [
        _pair(outcomes, later, earlier, values, means) for earlier, later in combinations(outcomes.plans, 2)
    ]
    plans = {}
    for plan, run in outcomes.runs.items():
        known = outcomes.scenario.plans.get(plan)
        plans[plan] = {"title": run.title or plan, "means": known.means if known is not None else None}
    return {
        **head(outcomes, FORMAT),
        "plans": plans,
        "outcomes": rows,
        "pairs": pairs,
        "joint": joint_confidence(outcomes, conditions),
    }


Values = dict[str, dict[str, "NDArray[np.float64]"]]
Means = dict[str, dict[str, Interval]]


def _indifference(one: Measure, means: list[Interval]) -> float:
    """Difference up to which two plans count as the same in an outcome."""
    if one.kind == "chance":
        return INDIFFERENT_CHANCE
    largest = max(abs(mean.value) for mean in means)
    return max(INDIFFERENT_SHARE * largest, INDIFFERENT_LEAST.get(one.unit, 0.0))


def _pair(outcomes: Outcomes, plan: str, against: str, values: Values, means: Means) -> dict[str, Any]:
    told, per_world = {}, outcomes.per_world
    worse, better = [], []
    for one in measures_of(outcomes, plan, against):
        difference = values[plan][one.key] - values[against][one.key]
        interval, exact = change_of(
            outcomes, one, plan, against, values[plan][one.key], values[against][one.key]
        )
        median = interval if exact else quantile_interval(difference, 0.5, per_world)
        told[one.key] = {
            "difference": plain_interval(interval),
            "exact": exact,
            "median_difference": plain_interval(median),
            **_over_worlds(one, difference, per_world, exact=exact),
            "variance_ratio": _ratio(
                mean_interval(values[plan][one.key], per_world),
                mean_interval(values[against][one.key], per_world),
                interval,
            ),
        }
        band = _indifference(one, [means[plan][one.key], means[against][one.key]])
        low, high = (interval.low, interval.high) if one.better == "low" else (-interval.high, -interval.low)
        # low and high of what the plan costs more than the other, whichever direction is better
        worse.append((low > band, high > band))
        better.append((high < -band, low < -band))
    return {
        "plan": plan,
        "against": against,
        "outcomes": told,
        "dominates": _dominates(better, worse),
        "dominated": _dominates(worse, better),
        "near_tie": not any(possible for _, possible in (*worse, *better)),
    }


def _dominates(better: list[tuple[bool, bool]], worse: list[tuple[bool, bool]]) -> bool:
    """Surely better in one outcome, and in none possibly worse, by more than one is indifferent to.

    Each entry holds whether the whole interval, and whether a part of it, lies beyond the band of indifference.
    """
    return any(surely for surely, _ in better) and not any(possibly for _, possibly in worse)


def _over_worlds(
    one: Measure, difference: NDArray[np.float64], per_world: int, *, exact: bool
) -> dict[str, Any]:
    """Share of worlds in which the plan is better, and in which both are the same."""
    means = world_means(difference, per_world)
    better = means < 0 if one.better == "low" else means > 0
    shares = [
        exactly(float(share[0])) if exact else probability_interval(share, 1)
        for share in (better, means == 0)
    ]
    return {
        "better": plain_interval(shares[0]),
        "equal": plain_interval(shares[1]),
        "noise": plain_number(chance_left(difference, per_world)),
    }


def chance_left(values: NDArray[np.float64], per_world: int) -> float:
    """Share of the variance of world means that is chance, not ignorance.

    With a share s of the variance between worlds and m replications in each, the means vary by s + (1 - s) / m, of which
    (1 - s) / m is chance.

    Parameters
    ----------
    values
        Shape [replication], in index order.
    per_world
        Replications of one world (m).

    Returns
    -------
    float
        Between 0 and 1; NaN where nothing varies.
    """
    share = variance_split(values, per_world).value
    if np.isnan(share):
        return float("nan")
    left = (1.0 - share) / per_world
    return left / (share + left)


def _ratio(one: Interval, other: Interval, paired: Interval) -> float | None:
    """Variance of the difference of independent runs over that of paired ones; None where it has no variance."""
    if not paired.half_width > 0:
        return None
    return plain_number((one.half_width**2 + other.half_width**2) / paired.half_width**2)
