"""Search on problems whose best points are known: value of the found point, not what the search says of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from phaseline.errors import InterruptedRun
from phaseline.planner.criteria import Criterion
from phaseline.planner.dimensions import Dimension, all_points, num_points, point_at
from phaseline.planner.search import Search
from planner.problems import COST, Chain, Hills, Newsvendor, aim


@pytest.mark.parametrize(("problem", "budget"), [(Newsvendor, 20_000), (Chain, 40_000)])
def test_within_one_percent_of_the_best_in_nine_of_ten(problem: type, budget: int) -> None:
    """Twenty macro-replications; at a share of nine in ten, 14 or fewer would be met once in a hundred (exact binomial)."""
    hits = 0
    for seed in range(20):
        judge = problem(seed)
        found = Search(judge.dimensions, judge, aim(), budget, seed=seed).run()
        least = judge.true_cost(judge.best if isinstance(judge.best, tuple) else (judge.best,))
        hits += judge.true_cost(found.best.point) <= 1.01 * least
        assert found.spent <= 1.02 * budget
    assert stats.binomtest(hits, 20, 0.9, alternative="less").pvalue > 0.01


def test_a_limit_steps_and_choices() -> None:
    """Of all that keep x + 4 y at most 5 the best is x = 4, y = 0.25, which costs 68.5; x = 3, y = 0.5 is the next hill, 75.

    Kind b is never missed. The limit is known to a few per cent only, so that one may stand a little beyond it, and the next
    hill is taken for the best now and then.
    """
    costs = []
    for seed in range(6):
        found = Search(Hills.dimensions, Hills(seed), aim(Hills.limit), 60_000, seed=seed).run()
        x, kind, y = found.best.point
        assert kind == "b" and x + 4 * y <= 5.25
        costs.append(50 + (x - 8) ** 2 + 40 * (y - 0.5) ** 2)
    assert np.median(costs) <= 1.03 * 68.5 and max(costs) <= 1.11 * 68.5


def test_a_small_space_is_judged_whole() -> None:
    dimensions = (Dimension("order", 50, 130, step=10),)
    found = Search(dimensions, Newsvendor(1), aim(), 30_000).run()
    assert len(found.pool) == 9 == len(found.leaders)
    assert found.best.point == (90.0,)
    counts = {one.point[0]: one.count for one in found.leaders}
    assert counts[90.0] == max(counts.values())
    assert counts[50.0] < counts[80.0]  # what is surely worse needs no more histories
    assert found.selection is not None and found.selection.probability > 0.5


def test_the_search_repeats_to_the_bit() -> None:
    one, other = (Search(Chain.dimensions, Chain(3), aim(), 10_000, seed=5).run() for _ in range(2))
    assert one.best.point == other.best.point and list(one.pool) == list(other.pool)
    assert Search(Chain.dimensions, Chain(3), aim(), 10_000, seed=6).run().best.point != one.best.point


def test_stopped_the_best_so_far_is_kept() -> None:
    class Stopped(Newsvendor):
        calls = 0

        def __call__(self, points, count, luck=0):  # type: ignore[no-untyped-def]
            self.calls += 1
            if self.calls > 5:
                raise InterruptedRun("stopped")
            return super().__call__(points, count, luck)

    found = Search(Newsvendor.dimensions, Stopped(1), aim(), 20_000).run()
    assert found.interrupted and found.selection is not None
    assert 60 < found.best.point[0] < 130

    class Never(Newsvendor):
        def __call__(self, points, count, luck=0):  # type: ignore[no-untyped-def]
            raise InterruptedRun("stopped")

    nothing = Search(Newsvendor.dimensions, Never(1), aim(), 20_000).run()
    assert nothing.interrupted and not nothing.pool


def test_minimax_regret_hedges() -> None:
    """Costs 0 and 10 in even worlds, 10 and 0 in odd ones, 6 for the hedge: its largest regret is 6, theirs are 10."""

    class Hedge:
        per_world = 4

        def __call__(self, points, count, luck=0):  # type: ignore[no-untyped-def]
            even = np.arange(count) // 4 % 2 == 0
            table = {
                "first": np.where(even, 0.0, 10.0),
                "second": np.where(even, 10.0, 0.0),
                "hedge": np.full(count, 6.0),
            }
            return [{"cost": table[point[0]]} for point in points]

    dimensions = (Dimension("plan", choices=("first", "second", "hedge")),)
    least_regret = aim(objective=Criterion(COST, "regret", 1.0, over_worlds=True))
    assert Search(dimensions, Hedge(), least_regret, 2_000).run().best.point == ("hedge",)
    assert Search(dimensions, Hedge(), aim(), 2_000).run().best.point != ("hedge",)


@given(st.floats(0, 1), st.integers(1, 30), st.floats(0.01, 5))
def test_values_of_a_dimension(share: float, steps: int, step: float) -> None:
    one = Dimension("n", 2.0, 2.0 + steps * step, step=step)
    assert one.size == steps + 1
    assert any(abs(one.at(share) - (2.0 + i * step)) < 1e-9 for i in range(steps + 1))
    assert len(one.values()) == steps + 1 and one.values()[0] == 2.0


def test_points_of_a_space() -> None:
    finite = (Dimension("n", 0, 2, step=1), Dimension("c", choices=("a", "b")))
    assert num_points(finite) == 6
    assert all_points(finite) == [(n, c) for n in (0, 1, 2) for c in "ab"]
    assert point_at(finite, (-3, 9)) == (0, "b")
    assert num_points((*finite, Dimension("x"))) == float("inf")
    assert Dimension("fixed", 3, 3).size == 1 and Dimension("fixed", 3, 3, step=1).at(0.7) == 3
