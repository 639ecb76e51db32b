"""Search over a space of decisions with a budget of histories.

A space of few points is judged whole. A larger one is sampled evenly (Sobol), then searched by CMA-ES (Hansen and
Ostermeier 2001, Evol. Comput. 9:159; the `cma` package). Within a generation all points are judged over the same few
histories, so that ranks compare decisions and not luck; every generation has fresh histories, so that the search does not
settle on what is best for the luck of one sample. Few histories cannot tell whether a limit is kept, so limits have prices:
points are ranked by the objective plus price times level, in which luck averages out over the generations, and prices rise
while the average level lies above its limit and fall while it lies below (Lagrangian CMA-ES: Arnold and Porter 2015, GECCO,
403). The path of the centre, the average of that path, and then the neighbours of the best are judged over common histories,
with levels corrected by those of the point judged for longest (a ratio estimate: Cochran 1977, Sampling Techniques, ch. 6);
what remains of the budget goes to `selection`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InterruptedRun
from phaseline.planner.dimensions import Dimension, Point, all_points, num_points, point_at
from phaseline.planner.selection import (
    Aim,
    Candidate,
    Judge,
    Reference,
    Scale,
    Selection,
    Values,
    allocate,
    no_scale,
    select,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST = 32
"""Histories with which each point is judged first."""
MOST_LISTED = 256
"""Points of a space that is judged whole."""
SEARCH_SHARE = 0.5
"""Part of the budget that is spent when CMA-ES ends."""
POLISH_UNTIL = 0.7
"""Part of the budget that may be spent when the neighbours of the best have been tried; the rest tells the leaders apart."""
POLISH = 16
"""Neighbours are judged over so many times the first histories."""
NUDGE = 0.03
"""Step to a neighbour in a dimension without steps, as a share of its range."""
ANCHOR, ANCHOR_SHARE = 16, 0.05
"""The point whose levels correct others' is judged over so many times the first histories, or this share of the budget."""
LEADERS = 16
"""Points among which the best is selected."""
ROUNDS = 12
"""Rounds of selection."""
SMOOTH, PRICE_STEP, MOST_PRICE = 0.1, 0.2, 50.0
"""Weight of a generation in the smoothed level of a limit; how fast prices follow it; the highest price."""
MOST_OFF = 3.0
"""Factor by which levels are corrected at most."""
ROUNDS_UNTIL = 0.9
"""Part of the budget that is spent when the rounds end; the rest is for a late leader."""
LAST_LOOKS = 3
"""Times that a late leader may be judged as long as the longest."""
FIRST_SPREAD = 0.25
"""Spread of the search at its start, as a share of each range."""
MOST_DEEPER = 8.0
"""A late generation is judged over at most so many times the histories of the first: as it narrows, differences shrink."""

Progress = Callable[[int, int], None]


@dataclass
class Search:
    """A search, and all that it has found.

    Attributes
    ----------
    dimensions
        What may be chosen.
    judge
        Simulates candidates.
    aim
        By what they are judged.
    budget
        Histories in all.
    seed
        Of the choice of points; the histories have their own.
    progress
        Told the histories spent, and the budget.
    pool
        Every point judged so far.
    spent
        Histories so far.
    selection, leaders
        Who is best of whom, when it is over.
    centres
        Where CMA-ES has led; luck has less part in them than in the best of many neighbours.
    interrupted
        Whether it was stopped; the best so far is kept.
    """

    dimensions: Sequence[Dimension]
    judge: Judge
    aim: Aim
    budget: int
    seed: int = 1
    first: int = FIRST
    start: Point | None = None
    progress: Progress | None = None
    pool: dict[Point, Candidate] = field(default_factory=dict)
    spent: int = 0
    selection: Selection | None = None
    leaders: list[Candidate] = field(default_factory=list)
    centres: list[Point] = field(default_factory=list)
    interrupted: bool = False

    def run(self) -> Search:
        """Search until the budget is spent, or someone stops it."""
        try:
            self._find()
            self._choose()
        except InterruptedRun:
            self.interrupted = True
        if self.interrupted and self.pool:
            self.leaders = self._best_of(self.pool.values(), LEADERS)
            self._select()
        return self

    @property
    def best(self) -> Candidate:
        """The leader."""
        assert self.selection is not None
        return self.leaders[self.selection.best]

    def _find(self) -> None:
        listed = num_points(self.dimensions)
        if listed <= MOST_LISTED and listed * self.first <= self.budget:
            self._judge(all_points(self.dimensions), self.first)
            return
        self._evenly()
        self._narrowing(SEARCH_SHARE * self.budget)
        self._polish(POLISH_UNTIL * self.budget)

    def _evenly(self) -> None:
        """A Sobol sample, and the point to start from."""
        from scipy.stats import qmc

        num = min(8 * len(self.dimensions), 64, max(4, int(0.2 * self.budget / self.first)))
        shares = qmc.Sobol(len(self.dimensions), rng=np.random.default_rng(self.seed)).random_base2(
            max(2, math.ceil(math.log2(num)))
        )[:num]
        points = [point_at(self.dimensions, row) for row in shares]
        if self.start is not None:
            points.insert(0, self.start)
        self._judge(points, self.first)

    def _narrowing(self, until: float) -> None:
        """CMA-ES from the best of the even sample; its last centres and their average are judged over the common histories."""
        leader = self._best_of(self.pool.values(), 1)[0]
        if self.aim.limits:
            self._judge([leader.point], max(ANCHOR * self.first, int(ANCHOR_SHARE * self.budget)))
        strategy = self._strategy(self._shares(leader.point))
        prices = self._prices(leader)
        centres: list[list[float]] = []
        luck, sigma = 0, strategy.sigma
        while True:
            luck += 1
            count = int(self.first * min(MOST_DEEPER, max(1.0, sigma / strategy.sigma)))
            if self.spent + strategy.popsize * count > until or strategy.stop():
                break
            asked = strategy.ask()
            points = [point_at(self.dimensions, row) for row in asked]
            found = self._simulate(list(dict.fromkeys(points)), count, luck)
            strategy.tell(
                asked, prices.costs(self.aim, [found[point] for point in points], self.judge.per_world)
            )
            centres.append([float(share) for share in strategy.mean[: len(self.dimensions)]])
        if centres:
            late = centres[len(centres) // 2 :]
            average = np.mean(late, axis=0)
            last = [
                *late[-1 : -len(late) : -max(1, len(late) // (LEADERS // 2))],
                average,
                np.mean(late[-3:], axis=0),
            ]
            self.centres = [point_at(self.dimensions, row) for row in last]
            self._judge(self.centres, self.first)

    def _prices(self, leader: Candidate) -> Prices:
        """Prices to begin with: nothing for a limit that the best of the even sample keeps."""
        per_world = self.judge.per_world
        scores = [self.aim.score(one.values, per_world, self._reference()) for one in self.pool.values()]
        spread = (
            float(np.subtract(*np.quantile(scores, [0.75, 0.25]))) or abs(float(np.median(scores))) or 1.0
        )
        bounds = np.array([limit.at_most for limit in self.aim.limits], dtype=float)
        levels = self.aim.levels(leader.values, per_world)
        units = np.where(bounds > 0, bounds, np.maximum(levels, 1e-9))
        return Prices(spread, bounds, units, (levels > bounds).astype(float), levels)

    def _polish(self, until: float) -> None:
        """Step from the best to its best neighbour, as long as one is better."""
        count = POLISH * self.first
        seen: set[Point] = set()
        while True:
            leaders = self._best_of(self.pool.values(), 4)
            if self.spent + sum(max(0, count - one.count) for one in leaders) > until:
                return
            self._judge([one.point for one in leaders], count)
            best = self._best_of([one for one in self.pool.values() if one.count >= count], 1)[0]
            around = [point for point in self._around(best.point) if point not in seen]
            if best.point in seen or not around or self.spent + count * len(around) > until:
                return
            seen.add(best.point)
            self._judge(around, count)

    def _around(self, point: Point) -> list[Point]:
        """One step each way in each dimension; of a list of choices, every other."""
        found = []
        for i, (one, value) in enumerate(zip(self.dimensions, point, strict=True)):
            if one.choices:
                others: list[Any] = [choice for choice in one.choices if choice != value]
            else:
                step = one.step if one.step > 0 else NUDGE * (one.high - one.low)
                others = [
                    other
                    for other in (value - step, value + step)
                    if one.low <= other <= one.high and step > 0
                ]
            found += [(*point[:i], other, *point[i + 1 :]) for other in others]
        return found

    def _strategy(self, mean: list[float]) -> _Strategy:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it asks for matplotlib, and has opinions on one dimension
            import cma

            options = {
                "seed": self.seed % (2**31 - 1) + 1,
                "bounds": [0.0, 1.0],
                "verbose": -9,
                "popsize": 6 + int(3 * math.log(len(mean) + 1)),
            }
            padded = mean if len(mean) > 1 else [*mean, 0.5]  # the package wants two dimensions at least
            return _Strategy(cma.CMAEvolutionStrategy(padded, FIRST_SPREAD, options), len(mean))

    def _shares(self, point: Point) -> list[float]:
        found = []
        for one, value in zip(self.dimensions, point, strict=True):
            if one.choices:
                found.append((one.choices.index(value) + 0.5) / len(one.choices))
            elif one.high == one.low:
                found.append(0.5)
            elif math.isinf(one.size):
                found.append((value - one.low) / (one.high - one.low))
            else:
                found.append((round((value - one.low) / one.step) + 0.5) / one.size)
        return [min(max(share, 0.001), 0.999) for share in found]

    def _choose(self) -> None:
        """Spend what is left on telling the leaders apart."""
        per_world = self.judge.per_world
        leaders = self._best_of(self.pool.values(), max(LEADERS, len(self.pool) if self._is_listed else 0))
        centres = [self.pool[point] for point in self.centres]
        self.leaders = list({one.point: one for one in (*leaders, *centres)}.values())
        most = max(self.first, self.budget // 2)
        for round_ in range(ROUNDS):
            chosen = self._select()
            left = int(ROUNDS_UNTIL * self.budget) - self.spent
            if left < per_world * len(self.leaders) / 4:
                break
            extra = left // (ROUNDS - round_)
            wanted = allocate(self.leaders, self.aim, per_world, chosen, extra, most, self._reference())
            if all(count <= one.count for count, one in zip(wanted, self.leaders, strict=True)):
                break
            by_count: dict[int, list[Point]] = {}
            for count, one in zip(wanted, self.leaders, strict=True):
                if count > one.count:
                    by_count.setdefault(count, []).append(one.point)
            for count, points in by_count.items():
                self._judge(points, count)
        for _ in range(LAST_LOOKS):  # who leads is to have been judged over as many histories as any
            best, longest = self.leaders[self._select().best], max(one.count for one in self.leaders)
            if best.count >= longest or self.spent + longest - best.count > self.budget:
                break
            self._judge([best.point], longest)
        if self.leaders[self._select().best].count < longest:
            self.leaders = [one for one in self.leaders if one.count == longest]
            self._select()
        self._not_given_up()

    def _not_given_up(self) -> None:
        """Where the leader breaks a limit after all, those that kept all by their own few histories get a long look."""
        per_world = self.judge.per_world
        if self.aim.violation(self.best.values, per_world) == 0:
            return
        hopeful = [one for one in self.pool.values() if self.aim.violation(one.values, per_world) == 0]
        longest = max(one.count for one in self.leaders)
        reference = self._reference()
        hopeful.sort(key=lambda one: self.aim.rank(one.values, per_world, reference))
        self._judge([one.point for one in hopeful[:LAST_LOOKS]], longest)
        kept = [one for one in hopeful[:LAST_LOOKS] if one not in self.leaders]
        self.leaders += kept
        self.selection = select(self.leaders, self.aim, per_world, reference)

    def _select(self) -> Selection:
        self.selection = select(
            self.leaders, self.aim, self.judge.per_world, self._reference(), self._levels_off()
        )
        return self.selection

    @property
    def _is_listed(self) -> bool:
        return num_points(self.dimensions) <= MOST_LISTED

    def _simulate(self, points: list[Point], count: int, luck: int) -> dict[Point, Values]:
        """Outcomes over histories of their own, not kept in the pool."""
        count = self._whole_worlds(count)
        found = self.judge(points, count, luck)
        self.spent += count * len(points)
        self._tell()
        return dict(zip(points, found, strict=True))

    def _whole_worlds(self, count: int) -> int:
        return -(-count // self.judge.per_world) * self.judge.per_world

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(min(self.spent, self.budget), self.budget)

    def _judge(self, points: Iterable[Point], count: int) -> None:
        """Judge points over the first so many of the common histories."""
        count = self._whole_worlds(count)
        wanted = [
            point
            for point in dict.fromkeys(points)
            if point not in self.pool or self.pool[point].count < count
        ]
        if not wanted:
            return
        found = self.judge(wanted, count)
        for point, values in zip(wanted, found, strict=True):
            one = self.pool.setdefault(point, Candidate(point))
            self.spent += count - one.count
            one.values = values
        self._tell()

    def _reference(self) -> Reference:
        return self.aim.reference((one.values for one in self.pool.values()), self.judge.per_world)

    def _levels_off(self) -> Callable[[int], Scale]:
        """What the first so many histories are off by in each limit, as told by the point judged over the most."""
        if not self.aim.limits:
            return no_scale
        per_world = self.judge.per_world
        anchor = max(self.pool.values(), key=lambda one: one.count)
        whole = self.aim.levels(anchor.values, per_world)

        @cache
        def off(count: int) -> Scale:
            part = {key: values[:count] for key, values in anchor.values.items()}
            return _ratio(whole, self.aim.levels(part, per_world))

        return off

    def _best_of(self, candidates: Iterable[Candidate], count: int) -> list[Candidate]:
        """The best so many; of equals the one judged for longer."""
        reference, scale = self._reference(), self._levels_off()

        def rank(one: Candidate) -> tuple[tuple[float, float], int]:
            return self.aim.rank(one.values, self.judge.per_world, reference, scale(one.count)), -one.count

        return sorted(candidates, key=rank)[:count]


def _ratio(whole: NDArray[np.float64], part: NDArray[np.float64]) -> Scale:
    """Level over many histories per level over few; 1 where nothing happened in the few, and never out of hand."""
    known = (part > 0) & (whole > 0)
    ratio = np.divide(whole, part, out=np.ones_like(whole), where=known)
    return np.clip(ratio, 1 / MOST_OFF, MOST_OFF)


@dataclass
class Prices:
    """Prices of limits, in spreads of the objective per unit of the limit.

    Attributes
    ----------
    spread
        Of the objective over the even sample.
    bounds, units
        Of the limits.
    prices, levels
        As they are now; levels are smoothed over generations.
    """

    spread: float
    bounds: NDArray[np.float64]
    units: NDArray[np.float64]
    prices: NDArray[np.float64]
    levels: NDArray[np.float64]

    def costs(self, aim: Aim, found: Sequence[Values], per_world: int) -> list[float]:
        """Cost of each point of a generation; then the prices move."""
        reference = aim.reference(found, per_world)
        levels = np.array([aim.levels(values, per_world) for values in found])
        costs = [
            aim.score(values, per_world, reference) / self.spread + float(self.prices @ (level / self.units))
            for values, level in zip(found, levels, strict=True)
        ]
        self.levels = (1 - SMOOTH) * self.levels + SMOOTH * levels.mean(axis=0)
        over = (self.levels - self.bounds) / self.units
        self.prices = np.clip(self.prices + PRICE_STEP * over, 0.0, MOST_PRICE)
        return costs


class _Strategy:
    """The package's strategy, of which as many coordinates count as the space has."""

    def __init__(self, strategy: Any, dimensions: int) -> None:
        self._strategy = strategy
        self._dimensions = dimensions
        self._asked: list[Any] = []
        self.popsize = int(strategy.popsize)

    @property
    def sigma(self) -> float:
        """Spread of what is asked."""
        return float(self._strategy.sigma)

    @property
    def mean(self) -> Any:
        """Centre of what is asked, within bounds."""
        return self._strategy.boundary_handler.repair(self._strategy.mean)

    def ask(self) -> list[Any]:
        """Points of a generation."""
        self._asked = self._strategy.ask()
        return [row[: self._dimensions] for row in self._asked]

    def tell(self, asked: list[Any], ranks: list[float]) -> None:
        """Ranks of what was asked last."""
        if len(asked) != len(self._asked):
            raise ValueError("ranks are of another generation")
        self._strategy.tell(self._asked, ranks)

    def stop(self) -> bool:
        """Whether it has converged."""
        return bool(self._strategy.stop())
