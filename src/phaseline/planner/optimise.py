"""The best plan of a decision space, how surely it is the best, and what it is worth on histories that it was not chosen by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phaseline.errors import InfeasibleError, InterruptedRun
from phaseline.outcomes.documents import plain_interval, plain_number
from phaseline.outcomes.measures import unended
from phaseline.outcomes.statistics import LEVEL
from phaseline.planner.criteria import Criterion, Limit
from phaseline.planner.dimensions import Point, num_points
from phaseline.planner.judging import FRESH, PlanJudge
from phaseline.planner.levers import plan_of
from phaseline.planner.search import Search
from phaseline.planner.selection import Aim, Candidate, Selection, Values, select
from phaseline.planner.starts import indifference
from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    from phaseline.scenario.schema import Plan

FORMAT = "phaseline-optimise/1"
BASE, BEST = "base", "best"


@dataclass(frozen=True)
class Budget:
    """Histories for each part of the work.

    Attributes
    ----------
    search
        For finding and selecting.
    first
        With which each plan is judged first.
    fresh
        By which the winner is scored again.
    """

    search: int
    first: int
    fresh: int


@dataclass(frozen=True)
class Found:
    """What a search ended with.

    Attributes
    ----------
    document
        Ready for JSON.
    plan
        The best plan.
    interrupted
        Whether it was stopped before its end; the best so far is kept.
    """

    document: dict[str, Any]
    plan: Plan
    interrupted: bool


def optimise(
    judge: PlanJudge,
    base_id: str,
    objectives: Sequence[Criterion],
    limits: Sequence[Limit],
    budget: Budget,
    progress: Callable[[int, int], None] | None = None,
) -> Found:
    """Search, select, score again; of several objectives each in turn, and the front of all that was judged.

    Parameters
    ----------
    judge
        Simulates plans.
    base_id
        Name of the plan that the decisions change.
    objectives, limits
        What is to be small, and what is to be kept.
    budget
        Histories to spend.
    progress
        Told the histories spent, and all that may be.

    Raises
    ------
    InfeasibleError
        If no plan keeps the limits; says which of them fight, and by how much.
    InterruptedRun
        If stopped before any plan was judged.
    """
    if judge.is_certain:
        objectives = [_known(one) for one in objectives]
        limits = [replace(one, criterion=_known(one.criterion)) for one in limits]
        judge.measures = [replace(one, certain=True) for one in judge.measures]
    seed = judge.settings.seed
    share = budget.search // len(objectives)
    pool: dict[Point, Candidate] = {}
    searches: list[Search] = []
    for i, objective in enumerate(objectives):
        aim = Aim(objective, limits, _band(objective))
        search = Search(
            [lever.dimension for lever in judge.levers], judge, aim, share, seed + i, budget.first, pool=dict(pool),
            progress=_from(progress, i * share, budget.search + 2 * budget.fresh),
        ).run()  # fmt: skip
        if not search.pool:
            raise InterruptedRun("stopped before any plan was judged; run the same command again to go on")
        searches.append(search)
        pool |= search.pool
        if search.interrupted:
            break
    first = searches[0]
    if not first.selection or first.aim.violation(first.best.values, judge.per_world) > 0:
        raise InfeasibleError(_conflict(list(pool.values()), limits, judge))
    interrupted = any(search.interrupted for search in searches)
    leaders, chosen = _together(searches, pool, judge.per_world)
    best = leaders[chosen.best]
    plan = plan_of(judge.base, judge.levers, best.point)
    document = {
        **_head(judge, base_id, budget, sum(search.spent for search in searches), interrupted),
        "objectives": [_told_criterion(one) for one in objectives],
        "limits": [{"key": one.criterion.key, "label": one.criterion.label, "text": one.label,
                    "at_most": one.at_most} for one in limits],
        "best": _candidate(judge, best, objectives, limits, chosen.differences[chosen.best]),
        "as_good": [
            _candidate(judge, leaders[i], objectives, limits, chosen.differences[i])
            for i in chosen.as_good
            if i != chosen.best
        ],
        "selection": {
            "tried": len(pool),
            "compared": len(leaders),
            "indifference": plain_number(_band_at(first, best, pool, judge.per_world)),
            "probability": plain_number(chosen.probability),
            "keeps_limits": plain_number(chosen.keeps),
        },
        "front": _front(judge, pool, objectives, limits) if len(objectives) > 1 else [],
        "fresh": None,
    }  # fmt: skip
    if not interrupted:
        try:
            document["fresh"] = _fresh(judge, plan, best, objectives, limits, budget, progress)
        except InterruptedRun:
            interrupted = document["interrupted"] = True
    return Found(document, plan, interrupted)


def _known(one: Criterion) -> Criterion:
    return replace(one, measure=replace(one.measure, certain=True))


def _band_at(search: Search, best: Candidate, pool: dict[Point, Candidate], per_world: int) -> float:
    """What makes no difference in the first objective, at the best plan."""
    reference = search.aim.reference((one.values for one in pool.values()), per_world)
    return search.aim.indifference(search.aim.score(best.values, per_world, reference))


def _band(objective: Criterion) -> Callable[[float], float]:
    return lambda value: indifference(objective, value)


def _from(
    progress: Callable[[int, int], None] | None, done: int, total: int
) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda spent, _: progress(done + spent, total)


def _together(
    searches: list[Search], pool: dict[Point, Candidate], per_world: int
) -> tuple[list[Candidate], Selection]:
    """Leaders of the first objective; further searches may have found more for it."""
    first = searches[0]
    assert first.selection is not None
    if len(searches) == 1:
        return first.leaders, first.selection
    leaders = {one.point: pool[one.point] for one in first.leaders}
    reference = first.aim.reference((one.values for one in pool.values()), per_world)
    others = sorted(pool.values(), key=lambda one: first.aim.rank(one.values, per_world, reference))
    leaders |= {one.point: one for one in others[: len(leaders)]}
    found = list(leaders.values())
    return found, select(found, first.aim, per_world, reference)


def _head(judge: PlanJudge, base_id: str, budget: Budget, spent: int, interrupted: bool) -> dict[str, Any]:
    from phaseline.engine import compile_scenario

    size = num_points([lever.dimension for lever in judge.levers])
    return {
        "format": FORMAT,
        "title": judge.scenario.title,
        "scenario_fingerprint": compile_scenario(judge.scenario).fingerprint,
        "seed": judge.settings.seed,
        "per_world": judge.per_world,
        "level": LEVEL,
        "plan": base_id,
        "space": {
            "points": None if size == float("inf") else int(size),
            "decisions": {lever.dimension.name: lever.kind for lever in judge.levers},
        },
        "budget": budget.search,
        "spent": spent,
        "interrupted": interrupted,
    }


def _told_criterion(one: Criterion) -> dict[str, Any]:
    return {"key": one.key, "label": one.label, "unit": one.measure.unit, "kind": one.measure.kind}


def _candidate(
    judge: PlanJudge,
    one: Candidate,
    objectives: Sequence[Criterion],
    limits: Sequence[Limit],
    difference: Any,
) -> dict[str, Any]:
    return {
        "decisions": {
            lever.dimension.name: lever.told(value)
            for lever, value in zip(judge.levers, one.point, strict=True)
        },
        "histories": one.count,
        "objectives": _scores(judge, one.values, objectives),
        "limits": _kept(judge, one.values, limits),
        "against_best": plain_interval(difference),
    }


def _scores(judge: PlanJudge, values: Values, objectives: Sequence[Criterion]) -> dict[str, Any]:
    """Regret depends on what else was tried and has no value of its own."""
    return {
        one.key: plain_interval(one.interval(values[one.measure.key], judge.per_world))
        for one in objectives
        if one.statistic != "regret"
    }


def _kept(judge: PlanJudge, values: Values, limits: Sequence[Limit]) -> dict[str, Any]:
    return {
        one.criterion.key: plain_interval(
            one.criterion.interval(values[one.criterion.measure.key], judge.per_world)
        )
        for one in limits
    }


def _front(
    judge: PlanJudge, pool: dict[Point, Candidate], objectives: Sequence[Criterion], limits: Sequence[Limit]
) -> list[dict[str, Any]]:
    """Plans that keep the limits and that none of those tried betters in every objective, by estimates over what both have."""
    aim = Aim(objectives[0], limits, _band(objectives[0]))
    per_world = judge.per_world
    kept = [one for one in pool.values() if aim.violation(one.values, per_world) == 0]
    scores = {}
    for objective in objectives:
        alone = Aim(objective, limits, _band(objective))
        reference = alone.reference((one.values for one in pool.values()), per_world)
        scores[objective.key] = {one.point: alone.score(one.values, per_world, reference) for one in kept}
    found = []
    for one in kept:
        mine = [scores[objective.key][one.point] for objective in objectives]
        if not any(
            all(b <= a for a, b in zip(mine, theirs, strict=True)) and theirs != mine
            for theirs in ([scores[objective.key][other.point] for objective in objectives] for other in kept)
        ):
            found.append((mine, one))
    found.sort(key=lambda entry: entry[0])
    return [_candidate(judge, one, objectives, limits, _nothing()) for _, one in found]


def _nothing() -> Any:
    from phaseline.outcomes.statistics import Interval

    return Interval(float("nan"), float("nan"), float("nan"))


def _fresh(
    judge: PlanJudge,
    plan: Plan,
    best: Candidate,
    objectives: Sequence[Criterion],
    limits: Sequence[Limit],
    budget: Budget,
    progress: Callable[[int, int], None] | None,
) -> dict[str, Any]:
    """The best and the base plan over histories that the search has not seen; what choosing by luck had added."""
    found = judge.of_plans({BEST: plan, BASE: judge.base}, budget.fresh, FRESH)
    if progress is not None:
        progress(budget.search + 2 * budget.fresh, budget.search + 2 * budget.fresh)
    curse, gain = {}, {}
    for one in objectives:
        key = one.measure.key
        if one.statistic == "regret":
            continue
        gain[one.key] = plain_interval(one.difference(found[BEST][key], found[BASE][key], judge.per_world))
        seen = one.interval(best.values[key], judge.per_world)
        again = one.interval(found[BEST][key], judge.per_world)
        curse[one.key] = plain_number(again.value - seen.value)
    everything = {
        one.key: plain_interval(Criterion(one).difference(found[BEST][one.key], found[BASE][one.key], judge.per_world))
        for one in judge.measures
    }  # fmt: skip
    return {
        "histories": budget.fresh,
        "best": {"objectives": _scores(judge, found[BEST], objectives), "limits": _kept(judge, found[BEST], limits)},
        "base": {"objectives": _scores(judge, found[BASE], objectives), "limits": _kept(judge, found[BASE], limits)},
        "against_base": gain,
        "optimism": curse,
        "changes": everything,
        "unended": unended(judge.never[BEST], judge.never[BASE]),
        "labels": {one.key: {"label": one.label, "unit": one.unit, "kind": one.kind} for one in judge.measures},
    }  # fmt: skip


def _conflict(pool: list[Candidate], limits: Sequence[Limit], judge: PlanJudge) -> str:
    """Which limits no plan keeps, and which fight: at the plan that keeps one best, by how much the others are missed."""
    from phaseline.planner.starts import amount

    lines = [f"Of {counted(len(pool), 'plan')} tried, none keeps all limits."]
    found = {
        one.point: [limit.criterion.of(one.values[limit.criterion.measure.key], judge.per_world) for limit in limits]
        for one in pool
    }  # fmt: skip
    for i, limit in enumerate(limits):
        point = min(found, key=lambda at: found[at][i])
        value, where = found[point][i], plan_of(judge.base, judge.levers, point).title
        if value > limit.at_most:
            gap = amount(limit, value - limit.at_most, gap=True)
            lines.append(
                f"  {limit.label}: never; nearest is {amount(limit, value)}, {gap} too much ({where})."
            )
            continue
        broken = [
            f"{other.label} is missed there by {amount(other, theirs - other.at_most, gap=True)}"
            for other, theirs in zip(limits, found[point], strict=True)
            if theirs > other.at_most
        ]
        lines.append(
            f"  {limit.label}: kept best with {amount(limit, value)} ({where}), but {'; '.join(broken)}."
        )
    return "\n".join(lines)
