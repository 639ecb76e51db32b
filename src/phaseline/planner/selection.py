"""Ranking and selection on common random numbers: who is judged further, who is best, how surely.

Candidates are judged over growing prefixes of the same histories. Between rounds, histories go where they decide something:
a candidate that is surely worse, or surely breaks a limit, needs no more. In the limit a candidate's share is the inverse
square of its clearest difference over the noise of that difference, and the leader is judged as far as any other, since
paired differences reach no further than the shorter of both (optimal computing budget allocation: Chen, Lin, Yuecesan
and Chick 2000, Discrete Event Dyn. Syst. 10:251; with common random numbers Fu, Hu, Chen and Xiong 2007, INFORMS J.
Comput. 19:101; with constraints Lee, Pujowidianto, Li, Chen and Yap 2012, IEEE Trans. Autom. Control 57:2940).

The stated probability of good selection is Bonferroni's bound: one less the sum, over all rivals, of the normal probability
that the rival is better by more than what makes no difference. It holds for the candidates compared, not for the space.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from phaseline.outcomes.statistics import Interval
from phaseline.planner.criteria import Criterion, Limit, best_of_worlds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.planner.dimensions import Point

Values = Mapping[str, "NDArray[np.float64]"]
"""Outcomes of a candidate by key, shape [replication], in index order."""

Reference: TypeAlias = "NDArray[np.float64] | None"
"""Mean of the best plan tried in each world, by which regret is measured; None where the objective is not regret."""

Scale: TypeAlias = "NDArray[np.float64] | float"

_NORMAL_95 = 1.959963984540054
LEAST_SHARE = 0.1
"""A rival's square of difference over noise counts for at least this share of the leader's spread: nobody gets all."""


class Judge(Protocol):
    """Simulates candidates: the first so many of the same histories for all."""

    per_world: int

    def __call__(self, points: Sequence[Point], count: int, luck: int = 0) -> list[Values]:
        """Outcomes of each point over histories 0, ..., count - 1; other luck is other histories of other worlds."""
        ...


@dataclass
class Candidate:
    """A point, and what is known of it."""

    point: Point
    values: Values = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Histories so far."""
        return len(next(iter(self.values.values()))) if self.values else 0


@dataclass(frozen=True)
class Aim:
    """What is to be small, and what is to be kept.

    Attributes
    ----------
    objective
        Smaller is better.
    limits
        Each to be kept.
    indifference
        Difference in the objective that makes none.
    """

    objective: Criterion
    limits: Sequence[Limit]
    indifference: Callable[[float], float]

    def reference(self, tried: Iterable[Values], per_world: int) -> Reference:
        """What regret is measured against, where the objective is regret: the best of those tried in each world."""
        if self.objective.statistic != "regret":
            return None
        key = self.objective.measure.key
        return best_of_worlds([self.objective.by_world(values[key], per_world) for values in tried])

    def score(self, values: Values, per_world: int, reference: Reference = None) -> float:
        """The objective."""
        return self.objective.of(values[self.objective.measure.key], per_world, reference)

    def levels(self, values: Values, per_world: int) -> NDArray[np.float64]:
        """What each limit is about: the values of their criteria, in order."""
        return np.array(
            [one.criterion.of(values[one.criterion.measure.key], per_world) for one in self.limits],
            dtype=float,
        )

    def violation(self, values: Values, per_world: int, scale: Scale = 1.0) -> float:
        """By how much limits are broken, each in units of the limit (of the whole where it is 0); 0 where all are kept."""
        bounds = np.array([limit.at_most for limit in self.limits])
        over = np.maximum(scale * self.levels(values, per_world) - bounds, 0.0)
        return float((over / np.where(bounds > 0, bounds, 1.0)).sum())

    def rank(
        self, values: Values, per_world: int, reference: Reference = None, scale: Scale = 1.0
    ) -> tuple[float, float]:
        """Orders candidates: those that keep all limits by the objective, all others by how much they break them (Deb 2000).

        Parameters
        ----------
        values, per_world, reference
            As in `score`.
        scale
            By which the level of each limit is multiplied: what these histories are known to be off by.
        """
        broken = self.violation(values, per_world, scale)
        return (broken, 0.0) if broken > 0 else (0.0, self.score(values, per_world, reference))


@dataclass(frozen=True)
class Selection:
    """Who is best of those compared.

    Attributes
    ----------
    best
        Position of the leader.
    feasible
        Whether each candidate keeps all limits, as far as estimates go.
    differences
        Of the objective, each less the leader's, over the histories that both have.
    as_good
        Positions of those whose whole interval lies within what makes no difference, the leader among them.
    probability
        That the leader is within what makes no difference of the best of those compared; at least this.
    keeps
        Probability that the leader keeps all limits.
    """

    best: int
    feasible: list[bool]
    differences: list[Interval]
    as_good: list[int]
    probability: float
    keeps: float


def no_scale(count: int) -> Scale:
    """Histories as they are."""
    del count
    return 1.0


def select(
    candidates: Sequence[Candidate],
    aim: Aim,
    per_world: int,
    reference: Reference = None,
    scale: Callable[[int], Scale] = no_scale,
) -> Selection:
    """The best of candidates that have all been judged at least once.

    Parameters
    ----------
    candidates
        At least one.
    aim
        By what they are judged.
    per_world
        Replications of one world.
    reference
        As of `Aim.reference`, over all that were tried.
    scale
        What the first so many histories are off by in each limit, as a factor.
    """
    ranks = [aim.rank(one.values, per_world, reference, scale(one.count)) for one in candidates]
    best = min(range(len(candidates)), key=lambda i: (ranks[i], -candidates[i].count))
    differences = [
        _difference(one, candidates[best], aim.objective, per_world, reference) for one in candidates
    ]
    band = aim.indifference(aim.score(candidates[best].values, per_world, reference))
    feasible = [rank[0] == 0.0 for rank in ranks]
    as_good = [
        i for i in range(len(candidates)) if i == best or (feasible[i] and differences[i].high <= band)
    ]
    wrong = sum(
        _tail((differences[i].value + band) / _noise(differences[i]))
        * (1.0 - _probably_broken(candidates[i], aim, per_world))
        for i in range(len(candidates))
        if i != best
    )
    keeps = 1.0 - _probably_broken(candidates[best], aim, per_world)
    return Selection(best, feasible, differences, as_good, max(0.0, 1.0 - wrong), keeps)


def allocate(
    candidates: Sequence[Candidate],
    aim: Aim,
    per_world: int,
    chosen: Selection,
    extra: int,
    most: int,
    reference: Reference = None,
) -> list[int]:
    """How many histories each candidate should have after a round that adds about `extra`.

    Parameters
    ----------
    candidates, aim, per_world, reference
        As in `select`.
    chosen
        What `select` says of them.
    extra
        Histories to add over all candidates.
    most
        Histories that a candidate may have.

    Returns
    -------
    list of int
        Not below what each has, whole worlds, at most `most`.
    """
    band = aim.indifference(aim.score(candidates[chosen.best].values, per_world, reference))
    counts = np.array([one.count for one in candidates], dtype=float)
    need = np.zeros(len(candidates))
    for i, one in enumerate(candidates):
        if i != chosen.best:
            need[i] = 1.0 / max(_clarity(one, chosen.differences[i], aim, per_world, band), 1e-12)
    others = np.arange(len(candidates)) != chosen.best
    if not others.any():
        need[:] = 1.0
    else:
        need[others] = np.minimum(need[others], need[others].min() / LEAST_SHARE**2 * 25)
        need[chosen.best] = need[others].max()
    # Raise the water until it holds `extra` more: what a candidate has beyond its share is not taken away.
    target, low, high = counts, 0.0, float((counts.sum() + extra) / max(need.max(), 1e-300))
    for _ in range(60):
        middle = 0.5 * (low + high)
        target = np.minimum(np.maximum(counts, middle * need), most)
        low, high = (low, middle) if (target - counts).sum() > extra else (middle, high)
    target[chosen.best] = max(target[chosen.best], target[others].max() if others.any() else 0.0)
    return [int(min(-(-round(n) // per_world) * per_world, most)) for n in target]


def _clarity(one: Candidate, difference: Interval, aim: Aim, per_world: int, band: float) -> float:
    """Square of the clearest reason to reject a candidate over its noise, per history."""
    found = [(difference.value / _noise(difference)) ** 2 if difference.value > 0 else 0.0]
    for limit in aim.limits:
        value = limit.criterion.interval(one.values[limit.criterion.measure.key], per_world)
        gap = value.value - limit.at_most
        if gap > 0:
            found.append((gap / _noise(value)) ** 2)
    # a candidate that is as good as the leader can never be rejected: what makes no difference stands in for its gap
    found.append((0.5 * band / _noise(difference)) ** 2)
    return max(found) / max(one.count, 1)


def _difference(
    one: Candidate, other: Candidate, objective: Criterion, per_world: int, reference: Reference
) -> Interval:
    if one is other:
        return Interval(0.0, 0.0, 0.0)
    shared = min(one.count, other.count)
    key = objective.measure.key
    return objective.difference(one.values[key][:shared], other.values[key][:shared], per_world, reference)


def _probably_broken(one: Candidate, aim: Aim, per_world: int) -> float:
    """Probability that some limit is broken, at most (Bonferroni)."""
    total = 0.0
    for limit in aim.limits:
        found = limit.criterion.interval(one.values[limit.criterion.measure.key], per_world)
        total += _tail((limit.at_most - found.value) / _noise(found))
    return min(1.0, total)


def _noise(interval: Interval) -> float:
    """Standard error behind an interval; tiny where nothing varies, and wide where nothing is known."""
    half = interval.half_width
    if math.isnan(half):
        return max(abs(interval.value), 1.0)
    return max(half / _NORMAL_95, 1e-12 * max(abs(interval.value), 1.0))


def _tail(z: float) -> float:
    """Probability that a standard normal exceeds z."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))
