"""Selection: the stated probability is kept, histories go where they decide, limits count."""

from __future__ import annotations

import numpy as np
from scipy import stats

from phaseline.planner.criteria import Criterion, Limit
from phaseline.planner.selection import Candidate, allocate, select
from planner.problems import PER_WORLD, RISK, aim


def _candidates(
    means: list[float], count: int, rng: np.random.Generator, spread: float = 10.0
) -> list[Candidate]:
    common = rng.normal(0, 5, count)
    return [
        Candidate((float(i),), {"cost": mean + common + rng.normal(0, spread, count), "risk": rng.exponential(1, count)})
        for i, mean in enumerate(means)
    ]  # fmt: skip


def test_the_stated_probability_is_kept() -> None:
    """Where at least 90 % is stated, the leader is within the band of the best in at least 90 % of runs (exact binomial)."""
    rng = np.random.default_rng(3)
    means = [100.0, 100.8, 101.5, 103.0, 104.0]
    stated = good = 0
    for _ in range(600):
        chosen = select(_candidates(means, 800, rng), aim(band=0.005), PER_WORLD)
        if chosen.probability >= 0.9:
            stated += 1
            good += means[chosen.best] <= 100.0 + 0.005 * 101
    assert stated > 100
    assert stats.binomtest(good, stated, 0.9, alternative="less").pvalue > 0.001


def test_what_cannot_be_told_apart_is_told() -> None:
    rng = np.random.default_rng(4)
    chosen = select(_candidates([100.0, 100.0, 130.0], 4000, rng), aim(band=0.02), PER_WORLD)
    assert set(chosen.as_good) == {0, 1} and chosen.probability > 0.99
    few = select(_candidates([100.0, 100.0, 130.0], 40, rng), aim(band=0.0001), PER_WORLD)
    assert few.as_good == [few.best] and few.probability < 0.9


def test_histories_go_to_the_rivals() -> None:
    rng = np.random.default_rng(5)
    candidates = _candidates([100.0, 101.0, 140.0, 180.0], 200, rng)
    chosen = select(candidates, aim(), PER_WORLD)
    counts = allocate(candidates, aim(), PER_WORLD, chosen, 4000, 10_000)
    assert counts[3] == 200 and counts[2] <= 400
    assert counts[0] == max(counts) and counts[1] > 1000
    assert all(count % PER_WORLD == 0 and count >= 200 for count in counts)
    assert 3000 <= sum(counts) - 800 <= 8000
    assert max(allocate(candidates, aim(), PER_WORLD, chosen, 10**6, 600)) == 600


def test_who_breaks_a_limit_is_not_chosen() -> None:
    rng = np.random.default_rng(6)
    candidates = _candidates([90.0, 100.0, 95.0], 1000, rng)
    for one, risk in zip(candidates, (3.0, 0.5, 0.98), strict=True):
        one.values = {**one.values, "risk": risk * rng.exponential(1, 1000)}
    limited = aim(Limit(Criterion(RISK), 1.0))
    chosen = select(candidates, limited, PER_WORLD)
    assert not chosen.feasible[0] and chosen.feasible[1]
    assert chosen.best in (1, 2)
    if chosen.best == 2:
        assert chosen.keeps < 0.95  # a hair below the limit is not surely below it
    alone = select(candidates[1:2], limited, PER_WORLD)
    assert alone.keeps > 0.999 and alone.probability == 1.0
    # where all break it, the one that breaks it least leads
    assert select([candidates[0], candidates[0]], limited, PER_WORLD).feasible == [False, False]


def test_a_single_candidate_gets_everything() -> None:
    candidates = _candidates([100.0], 40, np.random.default_rng(1))
    chosen = select(candidates, aim(), PER_WORLD)
    assert allocate(candidates, aim(), PER_WORLD, chosen, 400, 1000) == [440]
