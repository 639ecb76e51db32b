"""Problems of simulation optimisation whose best points are known: a newsvendor, a chain of activities, a quadratic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from phaseline.outcomes.measures import Measure
from phaseline.planner.criteria import Criterion, Limit
from phaseline.planner.dimensions import Dimension, Point
from phaseline.planner.selection import Aim, Values

PER_WORLD = 4


def measure(key: str) -> Measure:
    """An outcome that no scenario has."""
    return Measure(key, key, "", "low", "mean", lambda outcomes, plan: np.empty(0))


COST, RISK = measure("cost"), measure("risk")


def aim(*limits: Limit, objective: Criterion | None = None, band: float = 0.001) -> Aim:
    """Cost is to be small."""
    return Aim(Criterion(COST) if objective is None else objective, limits, lambda value: band * abs(value))


class Newsvendor:
    """Demand lognormal, 2 a unit left over, 8 a unit short: the best order is the 80 % point of demand."""

    per_world = PER_WORLD
    dimensions = (Dimension("order", 0.0, 300.0),)
    demand = stats.lognorm(0.6, scale=np.exp(4))
    best = float(demand.ppf(0.8))

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, points: Sequence[Point], count: int, luck: int = 0) -> list[Values]:
        demand = np.exp(np.random.default_rng((self.seed, luck + 1)).normal(4, 0.6, count))
        return [{"cost": 2 * np.maximum(x - demand, 0) + 8 * np.maximum(demand - x, 0)} for (x,) in points]

    def true_cost(self, point: Point) -> float:
        """Expected cost: integrals of the lognormal distribution."""
        (x,) = point
        below = stats.norm.cdf((np.log(x) - 4 - 0.36) / 0.6) * np.exp(4 + 0.18)  # E[D; D < x]
        share, mean = self.demand.cdf(x), self.demand.mean()
        return float(2 * (x * share - below) + 8 * (mean - below - x * (1 - share)))


class Chain:
    """A stochastic activity network in series: means a / x, price c x; the best effort is sqrt(a / c) for each."""

    per_world = PER_WORLD
    work = np.array([4.0, 9.0, 1.0, 16.0, 6.0])
    price = np.array([1.0, 1.0, 4.0, 2.0, 0.5])
    dimensions = tuple(Dimension(f"effort{i}", 0.2, 6.0) for i in range(5))
    best = tuple(np.sqrt(work / price))

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, points: Sequence[Point], count: int, luck: int = 0) -> list[Values]:
        draws = np.random.default_rng((self.seed, luck + 1)).standard_exponential((count, 5))
        found: list[Values] = []
        for point in points:
            effort = np.array(point)
            found.append({"cost": draws @ (self.work / effort) + float(self.price @ effort)})
        return found

    def true_cost(self, point: Point) -> float:
        """Expected duration and price."""
        effort = np.array(point)
        return float((self.work / effort).sum() + self.price @ effort)


class Hills:
    """Whole steps, a list and a limit: the best is x = 3, kind b, y = 0.5 while the risk x + 4 y stays at most 5."""

    per_world = PER_WORLD
    dimensions = (
        Dimension("x", 0, 20, step=1),
        Dimension("kind", choices=("a", "b", "c")),
        Dimension("y", 0.0, 1.0),
    )
    limit = Limit(Criterion(RISK), 5.0)

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, points: Sequence[Point], count: int, luck: int = 0) -> list[Values]:
        rng = np.random.default_rng((self.seed, luck + 1))
        world = np.repeat(rng.standard_normal(-(-count // PER_WORLD)), PER_WORLD)[:count]
        noise, more = rng.standard_normal((2, count))
        found: list[Values] = []
        for x, kind, y in points:
            cost = 50 + {"a": 4.0, "b": 0.0, "c": 9.0}[kind] + (x - 8) ** 2 + 40 * (y - 0.5) ** 2
            found.append(
                {
                    "cost": cost + 4 * world + noise,
                    "risk": (x + 4 * y) * np.exp(0.5 * world - 0.125) + 0.2 * more,
                }
            )
        return found


def spread(problem: Any, points: int) -> list[Point]:
    """Points at random."""
    rng = np.random.default_rng(0)
    return [
        tuple(one.at(share) for one, share in zip(problem.dimensions, row, strict=True))
        for row in rng.random((points, len(problem.dimensions)))
    ]
