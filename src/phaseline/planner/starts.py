"""The start-time curve: what each outcome becomes as an operation waits longer, where to start, what stops it going earlier.

All points share worlds and luck. *Regret* is what a point costs against the best point of each world, found on one half of
the world's histories and judged on the other, so that luck is not taken for foresight; it is a cautious estimate, since
half a world's histories do not find its best point surely.

*As good as the best*: the whole paired interval of the difference in the objective stays within what makes no difference
(`indifference`). *Cannot be told apart*: the interval reaches beyond that, but holds zero.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InfeasibleError
from phaseline.outcomes.comparison import INDIFFERENT_CHANCE, INDIFFERENT_LEAST, INDIFFERENT_SHARE
from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.known import chance_of, known_change
from phaseline.outcomes.measures import Measure, change_of, measures_of, never_ends, unended
from phaseline.outcomes.statistics import Interval, exactly, mean_interval, world_means
from phaseline.outcomes.wording import figure
from phaseline.planner.criteria import Criterion, Limit
from phaseline.planner.gates import label_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from phaseline.execution.worlds import Worlds
    from phaseline.outcomes.results import Outcomes
    from phaseline.planner.gates import Axis

FORMAT = "phaseline-when/1"
THIRDS = ("lowest third", "middle third", "highest third")
_WHOLE = 0.05
"""What 95 % intervals leave out; shared among all numbers tried."""

Values = dict[str, dict[str, "NDArray[np.float64]"]]
Never = dict[str, dict[str, "NDArray[np.bool_]"]]


def curve(
    outcomes: Outcomes,
    starts: Sequence[str],
    axis: Axis,
    points: Mapping[str, tuple[Any, ...]],
    objective: Criterion,
    limits: Sequence[Limit],
    worlds: Worlds | None = None,
    over: str | None = None,
) -> dict[str, Any]:
    """The whole curve and what follows from it, ready for JSON.

    Parameters
    ----------
    outcomes
        Of one plan per point, as of `gates.grid`.
    starts, axis, points
        What starts, against what, and the values of each point.
    objective
        What is to be small.
    limits
        What a point must keep to be recommended.
    worlds
        Numbers of each world, to find on which of them the answer hangs; None to leave that out.
    over
        Name of a number over whose range the curve is to be shown in any case.

    Raises
    ------
    InfeasibleError
        If no point keeps the limits: which fight, and by how much.
    """
    per_world = outcomes.per_world
    chosen = measures_of(outcomes, *points, further=True)
    marks = {one.key: one for one in chosen}
    objective = replace(objective, measure=marks[objective.measure.key])
    values: Values = {plan: {one.key: one.values(outcomes, plan) for one in chosen} for plan in points}
    key = objective.measure.key
    # what is certain under one point need not be under another
    own = {plan: {one.key: one for one in measures_of(outcomes, plan, further=True)} for plan in points}
    scores = {
        plan: replace(objective, measure=own[plan][key]).interval(values[plan][key], per_world)
        for plan in points
    }
    kept = {
        plan: [_kept(_of_plan(limit, own[plan]), values[plan], per_world) for limit in limits]
        for plan in points
    }
    feasible = [
        plan for plan in points if all(told["value"]["value"] <= told["at_most"] for told in kept[plan])
    ]
    if not feasible:
        raise InfeasibleError(conflict(outcomes, limits, kept))
    best = min(feasible, key=lambda plan: scores[plan].value)
    band = indifference(objective, scores[best].value)
    against_best = {
        plan: _difference(outcomes, objective, plan, best, values[plan][key], values[best][key])
        for plan in points
    }
    ties = {plan: _tie(against_best[plan], band) for plan in points}
    regrets = regret(
        np.stack([_low_better(objective.measure, values[plan][key]) for plan in points]), per_world
    )
    if objective.measure.certain:
        regrets = [exactly(one.value) for one in regrets]
    never = {plan: never_ends(outcomes, plan) for plan in points}
    as_good = [plan for plan in feasible if ties[plan] == "as good"]
    document = {
        **head(outcomes, FORMAT),
        "starts": [{"id": start, "label": label_of(outcomes.scenario, start)} for start in starts],
        "axis": {"kind": axis.kind, "of": axis.of, "label": axis.label},
        "objective": {"key": objective.key, "label": objective.label, "unit": objective.measure.unit,
                      "kind": objective.measure.kind, "indifference": plain_number(band)},
        "limits": [{"key": limit.criterion.key, "label": limit.label, "at_most": limit.at_most} for limit in limits],
        "outcomes": [
            {"key": one.key, "label": one.label, "unit": one.unit, "better": one.better, "kind": one.kind} for one in chosen
        ],
        "points": [
            {
                "id": plan,
                "at": [value.isoformat() if axis.kind == "date" else value for value in points[plan]],
                "label": outcomes.runs[plan].title,
                "waits_for": [axis.told(value) for value in points[plan]],
                "objective": plain_interval(scores[plan]),
                "against_best": plain_interval(against_best[plan]),
                "verdict": "best" if plan == best else ties[plan],
                "feasible": plan in feasible,
                "limits": kept[plan],
                "regret": plain_interval(regrets[i]),
                "started": [_started(outcomes, plan, start) for start in starts],
                "outcomes": {
                    one.key: plain_interval(one.estimate(values[plan][one.key], per_world)) for one in own[plan].values()
                },
            }
            for i, plan in enumerate(points)
        ],
        "recommended": _recommended(points, best, as_good),
        "earlier": _earlier(outcomes, chosen, values, never, points, as_good or [best], kept),
        "waiting": _waiting(outcomes, chosen, values, never, points, best),
    }  # fmt: skip
    if worlds is not None and worlds.names:
        document["hangs_on"] = hangs_on(
            values, list(points), objective, feasible, worlds, per_world, outcomes.replications, over
        )
    return document


def indifference(objective: Criterion, value: float) -> float:
    """Difference in the objective that makes none, as in comparisons of plans."""
    if objective.measure.kind == "chance":
        return INDIFFERENT_CHANCE
    return max(INDIFFERENT_SHARE * abs(value), INDIFFERENT_LEAST.get(objective.measure.unit, 0.0))


def regret(values: NDArray[np.float64], per_world: int) -> list[Interval]:
    """Expected cost of each point against the best of each world.

    Parameters
    ----------
    values
        Of the objective's outcome, smaller is better, shape [point, replication].
    per_world
        Replications of one world, at least 2.

    Returns
    -------
    list of Interval
        Per point; not below 0 but for noise.
    """
    num = values.shape[1] // per_world * per_world
    by_world = values[:, :num].reshape(len(values), -1, per_world)
    half = per_world // 2
    first, second = by_world[..., :half].mean(axis=2), by_world[..., half:].mean(axis=2)
    worlds = np.arange(first.shape[1])
    lost = 0.5 * (
        (second - second[first.argmin(axis=0), worlds]) + (first - first[second.argmin(axis=0), worlds])
    )
    return [mean_interval(one, 1) for one in lost]


def conflict(outcomes: Outcomes, limits: Sequence[Limit], kept: Mapping[str, list[dict[str, Any]]]) -> str:
    """Why no point keeps all limits: those that none keeps, and otherwise those that fight."""
    lines = ["No point keeps all limits."]
    for i, limit in enumerate(limits):
        nearest = min(kept, key=lambda plan: kept[plan][i]["value"]["value"])
        found = kept[nearest][i]
        told = amount(limit, found["value"]["value"])
        where = outcomes.runs[nearest].title
        if found["value"]["value"] > limit.at_most:
            by = amount(limit, found["value"]["value"] - limit.at_most, gap=True)
            lines.append(f"  {limit.label}: never; nearest is {told}, {by} too much ({where}).")
            continue
        broken = [
            f"{other.label} is missed there by {amount(other, entry['value']['value'] - other.at_most, gap=True)}"
            for other, entry in zip(limits, kept[nearest], strict=True)
            if entry["value"]["value"] > other.at_most
        ]
        lines.append(f"  {limit.label}: kept best with {told} ({where}), but {'; '.join(broken)}.")
    return "\n".join(lines)


def hangs_on(
    values: Values,
    plans: list[str],
    objective: Criterion,
    feasible: list[str],
    worlds: Worlds,
    per_world: int,
    replications: int,
    over: str | None,
) -> list[dict[str, Any]]:
    """Numbers in whose thirds of worlds another point is best, surely enough; and the curve in each third.

    The point for each third is chosen on one half of its worlds and judged on the other; a number counts if what choosing by
    third saves is above zero with all numbers' intervals together at 95 % (Bonferroni).
    """
    means = np.stack(
        [
            world_means(_low_better(objective.measure, values[plan][objective.measure.key]), per_world)
            for plan in plans
        ]
    )
    allowed = np.array([plan in feasible for plan in plans])
    num_worlds = replications // per_world
    level = 1.0 - _WHOLE / max(len(worlds.names), 1)
    found = []
    for j, name in enumerate(worlds.names):
        ranks = np.argsort(np.argsort(worlds.values[:num_worlds, j], kind="stable"), kind="stable")
        third = (3 * ranks) // num_worlds
        saved = mean_interval(_saved(means, allowed, third), 1, level=level)
        if name == over or saved.low > 0:
            found.append((saved.value, j, third, saved))
    found.sort(key=lambda entry: -entry[0])
    told = found[:3] + [entry for entry in found[3:] if worlds.names[entry[1]] == over]
    return [_by_thirds(plans, means, allowed, worlds, j, third, saved) for _, j, third, saved in told]


def _saved(
    means: NDArray[np.float64], allowed: NDArray[np.bool_], third: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What choosing by third saves in each world, against one choice for all; both choices from the other half of worlds."""
    masked = np.where(allowed[:, None], means, np.inf)
    worlds = np.arange(means.shape[1])
    saved = np.zeros(len(worlds))
    for half in (0, 1):
        judge, learn = worlds % 2 == half, worlds % 2 != half
        fixed = int(masked[:, learn].mean(axis=1).argmin())
        for k in range(3):
            here = learn & (third == k)
            if here.any():
                own = int(masked[:, here].mean(axis=1).argmin())
                at = judge & (third == k)
                saved[at] = means[fixed, at] - means[own, at]
    return saved


def _by_thirds(
    plans: list[str],
    means: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    worlds: Worlds,
    j: int,
    third: NDArray[np.int64],
    saved: Interval,
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "number": worlds.names[j],
        "label": worlds.labels[j],
        "unit": worlds.units[j],
        "dimension": worlds.dimensions[j],
        "saved": plain_interval(saved),
        "thirds": [],
    }
    for k, label in enumerate(THIRDS):
        here = third == k
        numbers = worlds.values[: len(third), j][here]
        average = np.where(allowed, means[:, here].mean(axis=1), np.inf)
        entry["thirds"].append(
            {
                "label": label,
                "low": plain_number(float(numbers.min())),
                "high": plain_number(float(numbers.max())),
                "best": plans[int(average.argmin())],
                "points": {
                    plan: plain_interval(mean_interval(means[i, here], 1)) for i, plan in enumerate(plans)
                },
            }
        )
    return entry


def _low_better(measure: Measure, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values if measure.better == "low" else -values


def _of_plan(limit: Limit, marks: Mapping[str, Measure]) -> Limit:
    """A limit whose outcome is marked as certain or not."""
    return replace(limit, criterion=replace(limit.criterion, measure=marks[limit.criterion.measure.key]))


def _kept(limit: Limit, values: Mapping[str, NDArray[np.float64]], per_world: int) -> dict[str, Any]:
    found = limit.criterion.interval(values[limit.criterion.measure.key], per_world)
    surely = "kept" if found.high <= limit.at_most else "broken" if found.low > limit.at_most else "unsure"
    return {
        "key": limit.criterion.key,
        "at_most": limit.at_most,
        "value": plain_interval(found),
        "verdict": surely,
    }


def _tie(difference: Interval, band: float) -> str:
    if difference.high <= band:
        return "as good"
    return "worse" if difference.low > 0 else "cannot be told apart"


def _started(outcomes: Outcomes, plan: str, start: str) -> dict[str, Any]:
    return plain_interval(chance_of(outcomes, lambda run: ~np.isnan(run.column(plan, f"start.{start}"))))


def _recommended(points: Mapping[str, tuple[Any, ...]], best: str, as_good: list[str]) -> dict[str, Any]:
    order = [plan for plan in points if plan in as_good or plan == best]
    return {"best": best, "as_good": order, "earliest": order[0], "latest": order[-1]}


def _earlier(
    outcomes: Outcomes,
    chosen: list[Measure],
    values: Values,
    never: Never,
    points: Mapping[str, tuple[Any, ...]],
    good: list[str],
    kept: Mapping[str, list[dict[str, Any]]],
) -> dict[str, Any] | None:
    """The next earlier point before all that are good: which limits it breaks, and what it makes worse."""
    order = list(points)
    first = next(plan for plan in order if plan in good)
    before = [plan for plan in order[: order.index(first)] if _not_later(points[plan], points[first])]
    if not before:
        return None
    other = before[-1]
    return {
        "point": other,
        "than": first,
        "breaks": [told["key"] for told in kept[other] if told["value"]["value"] > told["at_most"]],
        "changes": _changes(outcomes, chosen, values, other, first),
        "unended": unended(never[other], never[first]),
    }


def _not_later(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def _waiting(
    outcomes: Outcomes,
    chosen: list[Measure],
    values: Values,
    never: Never,
    points: Mapping[str, tuple[Any, ...]],
    best: str,
) -> list[dict[str, Any]]:
    """What each later point changes against the best one."""
    later = [plan for plan in points if plan != best and _not_later(points[best], points[plan])]
    return [
        {"from": best, "to": plan, "changes": _changes(outcomes, chosen, values, plan, best),
         "unended": unended(never[plan], never[best])}
        for plan in later
    ]  # fmt: skip


def _changes(
    outcomes: Outcomes, chosen: list[Measure], values: Values, plan: str, against: str
) -> dict[str, Any]:
    mine, theirs = values[plan], values[against]
    return {
        one.key: plain_interval(change_of(outcomes, one, plan, against, mine[one.key], theirs[one.key])[0])
        for one in chosen
    }


def _difference(
    outcomes: Outcomes,
    objective: Criterion,
    plan: str,
    against: str,
    values: NDArray[np.float64],
    other: NDArray[np.float64],
) -> Interval:
    """How much more a plan costs in the objective; what is the same in every history moves every statistic by as much."""
    change = known_change(outcomes, objective.measure.values, plan, against)
    if change is None or objective.statistic == "regret":
        return objective.difference(values, other, outcomes.per_world)
    return exactly(change if objective.measure.better == "low" else -change)


def amount(limit: Limit, value: float, *, gap: bool = False) -> str:
    """A value of a limit's criterion in words; a gap between chances is told in points."""
    if limit.criterion.measure.kind == "chance":
        return f"{figure(100 * value)} {'points' if gap else '%'}"
    unit = limit.criterion.measure.unit
    return f"{figure(value)}{f' {unit}' if unit else ''}"
