from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from outcomes import made
from phaseline.outcomes.statistics import (
    Interval,
    amount_interval,
    headline_precision,
    mean_interval,
    paired_difference,
    probability_interval,
    quantile_interval,
    quantile_intervals,
    student_quantile,
    variance_split,
    world_of,
)
from phaseline.scenario.records import columns

NORMAL = stats.norm


def drawn(rng: np.random.Generator, worlds: int, per_world: int, ignorance: float) -> np.ndarray:
    """Standard normal values of which the given share of the variance is common to a world."""
    common = math.sqrt(ignorance) * rng.standard_normal((worlds, 1))
    return (common + math.sqrt(1 - ignorance) * rng.standard_normal((worlds, per_world))).ravel()


def band(level: float, trials: int, alpha: float = 1e-6) -> tuple[float, float]:
    """Shares of hits that an interval of exactly this coverage may show."""
    low, high = stats.binom.ppf([alpha / 2, 1 - alpha / 2], trials, level)
    return low / trials, high / trials


class TestMean:
    def test_by_hand(self) -> None:
        found = mean_interval([1.0, 3.0, 5.0, 7.0, 3.0, 5.0], 2)
        means = np.array([2.0, 6.0, 4.0])
        half = stats.t.ppf(0.975, 2) * means.std(ddof=1) / math.sqrt(3)
        assert found == pytest.approx((4.0, 4.0 - half, 4.0 + half))

    def test_one_replication_a_world_is_the_students_interval(self) -> None:
        values = np.random.default_rng(1).normal(5, 2, 40)
        expected = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
        assert mean_interval(values, 1)[1:] == pytest.approx(expected)

    def test_missing_values_are_left_out(self) -> None:
        full = mean_interval([1.0, 3.0, 5.0, 7.0, 3.0, 5.0], 2)
        assert mean_interval([1.0, 3.0, 5.0, 7.0, 3.0, 5.0, math.nan, math.nan], 2) == pytest.approx(full)

    def test_worlds_of_different_size(self) -> None:
        assert mean_interval([2.0, 2.0, 8.0, math.nan], 2).value == pytest.approx(4.0)

    def test_nothing_there(self) -> None:
        assert all(math.isnan(x) for x in mean_interval([math.nan] * 4, 2))
        assert all(math.isnan(x) for x in mean_interval([], 2))

    def test_one_world_sets_no_bound(self) -> None:
        assert mean_interval([1.0, 2.0], 2) == (1.5, -math.inf, math.inf)

    def test_certain(self) -> None:
        assert mean_interval([3.0] * 8, 4) == (3.0, 3.0, 3.0)

    def test_infinite(self) -> None:
        assert mean_interval([1.0, math.inf, 2.0, 3.0], 2) == (math.inf, -math.inf, math.inf)


class TestProbability:
    @pytest.mark.parametrize("happened", [True, False])
    def test_certain_is_as_many_draws_as_worlds(self, happened: bool) -> None:
        found = probability_interval(np.full(400, happened), 4)
        z = student_quantile(0.95, 99)
        width = z * z / (100 + z * z)
        assert found == pytest.approx((1, 1 - width, 1) if happened else (0, 0, width))

    def test_mirror(self) -> None:
        happened = np.random.default_rng(2).random(400) < 0.2
        yes, no = probability_interval(happened, 4), probability_interval(~happened, 4)
        assert (1 - no.value, 1 - no.high, 1 - no.low) == pytest.approx(tuple(yes))

    def test_many_independent_draws_are_wilsons_interval(self) -> None:
        happened = np.random.default_rng(3).random(200_000) < 0.3
        found = probability_interval(happened, 4)
        expected = stats.binomtest(int(happened.sum()), happened.size).proportion_ci(method="wilson")
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=2e-4)

    def test_worlds_that_decide_all_count_once(self) -> None:
        worlds = np.random.default_rng(4).random(1000) < 0.3
        spread = probability_interval(np.repeat(worlds, 8), 8)
        single = probability_interval(worlds, 1)
        assert tuple(spread) == pytest.approx(tuple(single), abs=1e-3)

    def test_one_event_more_moves_the_interval_up(self) -> None:
        """No jump between none seen and one seen."""
        found = [
            probability_interval(np.arange(1000) % 4 + 1000 * (np.arange(1000) // 4 >= k) == 0, 4)
            for k in range(30)
        ]
        for fewer, more in pairwise(found):
            assert fewer.value < more.value and fewer.low <= more.low
            assert more.high > 0.95 * fewer.high

    def test_too_few_worlds(self) -> None:
        assert probability_interval([True, False], 2) == (0.5, 0.0, 1.0)
        assert math.isnan(probability_interval([], 2).value)


class TestQuantile:
    def test_a_value_that_occurred(self) -> None:
        values = np.arange(1.0, 101.0)
        assert [quantile_interval(values, share, 1).value for share in (0.1, 0.5, 0.9)] == [10.0, 50.0, 90.0]

    def test_interval_are_order_statistics_taken_outward(self) -> None:
        values = np.random.default_rng(6).permutation(np.arange(1.0, 10_001.0))
        found = quantile_interval(values, 0.5, 1)
        half = 1.96 * math.sqrt(0.25 * 10_000)
        assert found.low == pytest.approx(5000 - half, abs=3)
        assert found.high == pytest.approx(5000 + half, abs=3)

    def test_missing_is_beyond_all(self) -> None:
        values = np.where(np.arange(1000) % 10 < 8, np.arange(1000.0), np.nan)
        low, middle, high = quantile_intervals(values, (0.1, 0.5, 0.9), 1)
        assert np.isfinite(low).all() and np.isfinite(middle).all()
        assert high.value == math.inf and high.high == math.inf
        assert quantile_interval(values, 0.78, 1).high == math.inf

    def test_missing_left_out(self) -> None:
        values = [1.0, math.nan, 2.0, math.nan, 3.0, math.nan]
        assert quantile_interval(values, 0.5, 2, missing="drop").value == 2.0
        assert math.isnan(quantile_interval([math.nan] * 4, 0.5, 2, missing="drop").value)

    def test_too_few_to_bound(self) -> None:
        assert quantile_interval([1.0, 2.0, 3.0, 4.0], 0.5, 1) == (2.0, -math.inf, math.inf)

    def test_one_value(self) -> None:
        assert quantile_interval([7.0] * 4, 0.9, 4) == (7.0, 7.0, 7.0)


class TestVarianceSplit:
    def test_by_hand(self) -> None:
        values = [1.0, 3.0, 5.0, 7.0, 3.0, 5.0]  # mean squares 8 between, 2 within; two each
        assert variance_split(values, 2).value == pytest.approx((8 - 2) / (8 + 2))

    def test_worlds_of_different_size(self) -> None:
        values, groups = [1.0, 3.0, 2.0, 9.0, 8.0, math.nan], [[1.0, 3.0, 2.0], [9.0, 8.0]]
        ratio = stats.f_oneway(*groups).statistic
        size = (5 - (9 + 4) / 5) / 1
        assert variance_split(values, 3).value == pytest.approx((ratio - 1) / (ratio + size - 1))

    def test_all_chance_and_all_ignorance(self) -> None:
        assert variance_split([1.0, 2.0] * 30, 2).value == 0.0
        assert variance_split(np.repeat([1.0, 2.0, 3.0], 4), 4) == (1.0, 1.0, 1.0)

    def test_nothing_to_split(self) -> None:
        assert math.isnan(variance_split([2.0] * 8, 4).value)
        assert math.isnan(variance_split([1.0, 2.0, 3.0], 1).value)
        assert math.isnan(variance_split([math.nan] * 8, 4).value)

    def test_large_offset_costs_no_digits(self) -> None:
        values = drawn(np.random.default_rng(7), 200, 4, 0.5)
        assert tuple(variance_split(values + 1e9, 4)) == pytest.approx(
            tuple(variance_split(values, 4)), rel=1e-4
        )

    def test_one_world_varies(self) -> None:
        """Leaving it out leaves nothing, so the interval is not identified."""
        values = np.repeat(np.arange(5.0), 2)
        values[0] += 0.5
        found = variance_split(values, 2)
        assert 0.9 < found.value <= 1 and (found.low, found.high) == (0.0, 1.0)


class TestCoverage:
    """How often the interval holds the truth; the bands are those of an exact 95 % interval."""

    TRIALS = 1000

    @pytest.mark.parametrize("per_world, ignorance", [(2, 0.0), (4, 0.4), (16, 0.9)])
    def test_nominal(self, per_world: int, ignorance: float) -> None:
        rng = np.random.default_rng([per_world, 10])
        chances, tenths = (0.03, 0.3), (0.1, 0.5)
        hits: dict[object, int] = {}

        def count(name: object, found: Interval, truth: float) -> None:
            hits[name] = hits.get(name, 0) + (found.low <= truth <= found.high)

        for _ in range(self.TRIALS):
            values = drawn(rng, 150, per_world, ignorance)
            count("mean", mean_interval(values, per_world), 0.0)
            count("split", variance_split(values, per_world), ignorance)
            for chance in chances:
                happened = values < NORMAL.ppf(chance)
                count(("chance", chance), probability_interval(happened, per_world), chance)
            for share, found in zip(tenths, quantile_intervals(values, tenths, per_world), strict=True):
                count(("quantile", share), found, NORMAL.ppf(share))
        low, high = band(0.95, self.TRIALS)
        shares = {name: hit / self.TRIALS for name, hit in hits.items()}
        assert low <= shares["mean"] <= high, shares
        assert all(share >= low for share in shares.values()), shares
        # The split cannot fall below 0, so at 0 its interval errs on one side only; rare events are taken to cluster.
        assert all(share <= 0.995 for share in shares.values()), shares

    @pytest.mark.parametrize(
        "per_world, ignorance, chances", [(4, 0.4, (0.3, 0.2)), (2, 0.0, (0.02, 0.01)), (4, 0.9, (0.5, 0.5))]
    )
    def test_paired_difference(self, per_world: int, ignorance: float, chances: tuple[float, float]) -> None:
        """Two events of correlated histories, as under two plans on the same luck."""
        rng = np.random.default_rng([per_world, 23])
        hits = 0
        for _ in range(self.TRIALS):
            common, own = drawn(rng, 150, per_world, ignorance), drawn(rng, 150, per_world, ignorance)
            other = 0.9 * common + math.sqrt(1 - 0.9**2) * own
            found = paired_difference(
                common < NORMAL.ppf(chances[0]), other < NORMAL.ppf(chances[1]), per_world
            )
            hits += found.low <= chances[0] - chances[1] <= found.high
        assert hits / self.TRIALS >= band(0.95, self.TRIALS)[0]

    def test_skewed_and_lumpy_split(self) -> None:
        """Whole days, lognormal: where an F interval, which needs normality, misses the truth too often."""
        rng = np.random.default_rng(12)
        worlds, per_world = 150, 4
        common, own = 0.35, 0.35
        between = math.exp(common**2) - 1
        total = math.exp(common**2 + own**2) - 1
        jackknife = 0
        for _ in range(self.TRIALS):
            logs = common * rng.standard_normal((worlds, 1)) + own * rng.standard_normal((worlds, per_world))
            found = variance_split(np.round(1000 * np.exp(logs)).ravel(), per_world)
            jackknife += found.low <= between / total <= found.high
        assert jackknife / self.TRIALS >= 0.92

    def test_missing_ends(self) -> None:
        """The chance by a day, and the quantiles before the horizon, need nothing that was not seen."""
        rng = np.random.default_rng(13)
        hits = np.zeros(2)
        for _ in range(self.TRIALS):
            ends = 100 * np.exp(0.4 * drawn(rng, 150, 4, 0.5))
            ends[ends > 150] = np.nan
            chance = probability_interval(ends <= 120, 4)
            tenth = quantile_interval(ends, 0.8, 4)
            truth = NORMAL.cdf(math.log(1.2) / 0.4)
            hits += (
                chance.low <= truth <= chance.high,
                tenth.low <= 100 * math.exp(0.4 * NORMAL.ppf(0.8)) <= tenth.high,
            )
        assert (hits / self.TRIALS >= band(0.95, self.TRIALS)[0]).all()


class TestHeadlinePrecision:
    def test_widest_of_the_headlines(self) -> None:
        scenario = made.scenario_of(made.PROJECT)
        ends = 20 + np.random.default_rng(8).integers(0, 5, 400)
        table = made.table_of(scenario, {"end.bridge": ends, "end": ends, "status.bridge": 1}, 400)
        mean, never = mean_interval(ends, 4), probability_interval(np.zeros(400), 4)
        expected = max(mean.half_width / mean.value, never.half_width)
        assert headline_precision(table, columns(scenario), 4) == pytest.approx(expected)

    def test_more_replications_are_more_precise(self, campaign) -> None:
        table = campaign.runs["both"].table
        precise = headline_precision(table, campaign.columns, 4)
        assert precise < headline_precision(table[:256], campaign.columns, 4) < 0.5

    def test_rare_finish_does_not_count(self) -> None:
        scenario = made.scenario_of(made.PROJECT)
        ends = np.where(np.arange(4000) < 8, 10.0 * np.arange(4000) + 10, np.nan)
        table = made.table_of(scenario, {"end.bridge": ends, "end": ends}, 4000)
        assert headline_precision(table, columns(scenario), 4) < 0.01

    def test_one_world_is_never_enough(self) -> None:
        scenario = made.scenario_of(made.PROJECT)
        assert headline_precision(made.table_of(scenario, {}, 4), columns(scenario), 4) == math.inf


def test_worlds() -> None:
    assert world_of(10, 4).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_half_width() -> None:
    assert Interval(1.0, 0.0, 4.0).half_width == 2.0
    assert Interval(1.0, -math.inf, 4.0).half_width == math.inf


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one dimension"):
        mean_interval(np.zeros((2, 2)), 2)
    with pytest.raises(ValueError, match="per_world"):
        mean_interval([1.0], 0)


def test_an_amount_is_not_below_zero() -> None:
    values = np.zeros(40)
    values[7] = 3.0
    plain, amount = mean_interval(values, 2), amount_interval(values, 2)
    assert plain.low < 0.0 == amount.low
    assert amount[0::2] == plain[0::2]
    far = values + 5.0
    assert amount_interval(far, 2) == mean_interval(far, 2)
    assert amount_interval(values[:2], 2).low == -math.inf
    assert amount_interval(-values, 2) == mean_interval(-values, 2)
    assert math.isnan(amount_interval(np.full(4, np.nan), 2).low)
