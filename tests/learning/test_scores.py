"""Scores against closed forms and by hand."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from phaseline.learning import scores
from phaseline.learning.scores import Observed

LEVELS = (np.arange(4000) + 0.5) / 4000


def exact(value: float) -> Observed:
    return Observed(value, value)


@pytest.mark.parametrize("y", [-1.0, 0.0, 0.7, 3.0])
def test_crps_of_a_normal(y: float) -> None:
    z = stats.norm
    closed = y * (2 * z.cdf(y) - 1) + 2 * z.pdf(y) - 1 / math.sqrt(math.pi)
    assert scores.crps(z.ppf(LEVELS), exact(y)) == pytest.approx(closed, abs=2e-3)


def test_crps_by_hand_and_by_its_integral() -> None:
    sample = np.array([1.0, 2.0, 4.0])
    assert scores.crps([3.0], exact(5.0)) == 2.0
    grid = np.linspace(0, 6, 60001)
    below = (sample[:, None] <= grid).mean(axis=0)
    integral = integrate.trapezoid((below - (grid >= 2.5)) ** 2, grid)
    assert scores.crps(sample, exact(2.5)) == pytest.approx(integral, abs=1e-3)


def test_crps_of_what_never_comes_is_cut_at_the_limit() -> None:
    assert scores.crps([math.inf, math.inf], exact(10.0), limit=30.0) == 20.0
    assert scores.crps([math.inf], exact(40.0), limit=30.0) == 0.0
    with pytest.raises(ValueError, match="limit"):
        scores.crps([1.0, math.inf], exact(2.0))
    with pytest.raises(ValueError, match="needs values"):
        scores.crps([], exact(2.0))


def test_a_range_is_the_mean_over_it() -> None:
    sample = np.array([0.0, 1.0])
    many = [scores.crps(sample, exact(y)) for y in np.linspace(2, 3, 2001)]
    assert scores.crps(sample, Observed(2.0, 3.0)) == pytest.approx(np.mean(many), abs=1e-6)
    assert Observed(2.0, 3.0).middle == 2.5


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=20),
    st.floats(-100, 100),
    st.floats(-50, 50),
    st.floats(0.1, 10),
)
def test_crps_moves_and_scales_with_its_values(
    sample: list[float], y: float, shift: float, scale: float
) -> None:
    plain = scores.crps(sample, exact(y))
    moved = scores.crps([scale * v + shift for v in sample], exact(scale * y + shift))
    assert moved == pytest.approx(scale * plain, rel=1e-6, abs=1e-9)
    assert plain >= -1e-9


def test_the_true_forecast_scores_best_on_average() -> None:
    truth = stats.norm.ppf(LEVELS[::10])
    y = np.random.default_rng(1).standard_normal(600)
    for score in (scores.crps, scores.weighted_interval_score, scores.log_score):
        own = np.mean([score(truth, exact(v)) for v in y])
        for wrong in (truth + 0.7, 2.5 * truth, 0.4 * truth):
            assert own < np.mean([score(wrong, exact(v)) for v in y])


def test_interval_scores() -> None:
    assert scores.interval_score(1.0, 3.0, 2.0, 0.8) == 2.0
    assert scores.interval_score(1.0, 3.0, 4.0, 0.8) == pytest.approx(2.0 + 10.0)
    assert scores.interval_score(1.0, 3.0, 0.5, 0.8) == pytest.approx(2.0 + 5.0)
    # a point forecast: the weighted interval score is the absolute error
    weights = 0.5 + sum(0.5 * (1 - level) * 2 / (1 - level) for level in scores.CENTRAL)
    assert scores.weighted_interval_score([2.0], exact(5.0)) == pytest.approx(
        3.0 * weights / (len(scores.CENTRAL) + 0.5)
    )


def test_pit_bias_and_coverage() -> None:
    sample = np.arange(10.0)
    assert scores.pit(sample, exact(4.5)) == 0.5
    assert scores.pit(sample, exact(4.0)) == pytest.approx(0.45)
    assert scores.bias(sample, exact(100.0)) == 1.0
    assert scores.covered(sample, exact(4.5), 0.5)
    assert not scores.covered(sample, exact(9.5), 0.8)


def test_what_straddles_the_limit_is_cut_there_by_every_score() -> None:
    """A battle that ended between day 90 and 120 of 100, forecast not to end: that is later than the horizon, and held."""
    observed, never = scores.Observed(90.0, 120.0), np.full(10, np.inf)
    assert scores.crps(never, observed, 100.0) == pytest.approx(10 / 30 * 5, rel=0.02)
    assert scores.covered(never, observed, 0.8, 100.0)
    assert scores.pit(never, observed, 100.0) == pytest.approx(0.5 * 20 / 30, abs=0.02)
    assert scores.bias(never, observed, 100.0) == pytest.approx(2 * 0.5 * 20 / 30 - 1, abs=0.04)
    days = observed._replace(without="low")
    assert scores.covered(never, days, 0.8, 100.0)
    assert scores.pit(never, days, 100.0) == pytest.approx(0.5 * 20 / 30)
    early = scores.Observed(40.0, 60.0)
    half = np.array([50.0] * 5 + [np.inf] * 5)
    for level in (0.5, 0.8):
        assert scores.covered(half, early, level, 100.0) == scores.covered(half, early, level)
    assert scores.pit(half, early, 100.0) == scores.pit(half, early)


@pytest.mark.parametrize(
    ("without", "day_before", "right", "day_after"),
    [("low", 15.0, 16.0, 17.0), ("high", 14.0, 15.0, 16.0)],
    ids=["finished", "started"],
)
def test_a_forecast_right_to_the_day_is_a_hit_and_one_a_day_off_is_none(
    without: Literal["low", "high"], day_before: float, right: float, day_after: float
) -> None:
    """What finishes on day 15 does so by its end, what starts on it from its beginning: histories keep the midnight."""
    observed = Observed(15.0, 16.0, without)
    for level in (0.5, 0.8, 0.95):
        held = [
            scores.covered([value] * 9, observed, level, 60.0) for value in (day_before, right, day_after)
        ]
        assert held == [False, True, False]
    assert [scores.bias([value] * 9, observed, 60.0) for value in (day_before, right, day_after)] == [
        1,
        0,
        -1,
    ]
    assert scores.covered([15.4] * 9, observed, 0.5)
    assert scores.bias([day_before, right, 15.5, day_after, day_after], observed, 60.0) == pytest.approx(-0.2)


def test_only_a_day_is_a_cell_and_a_wide_range_is_no_easier_to_meet() -> None:
    """Of a range of figures, and of days, it is the middle that an interval must contain, and the mean that the PIT takes."""
    assert not scores.covered([58.0, 60.0, 70.0], Observed(40.0, 60.0), 0.95)
    assert scores.pit([60.0] * 4, Observed(40.0, 60.0)) == 0.0
    days = Observed(10.0, 21.0, "low")
    assert [scores.covered([value] * 4, days, 0.8) for value in (15.0, 16.0, 17.0)] == [False, True, False]
    assert scores.pit([21.0] * 4, days) == pytest.approx(0.5 / 11)
    even = Observed(10.0, 12.0, "low")
    assert [scores.covered([value] * 4, even, 0.8) for value in (10.5, 11.0, 11.5, 12.0)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_last_day_of_the_horizon_is_not_later_than_it() -> None:
    observed, last, never = Observed(59.0, 60.0, "low"), np.full(5, 60.0), np.full(5, math.inf)
    assert scores.covered(last, observed, 0.8, 60.0)
    assert not scores.covered(never, observed, 0.8, 60.0)
    assert scores.covered(never, Observed(math.inf, math.inf, "low"), 0.8, 60.0)
    assert not scores.covered(last, Observed(math.inf, math.inf, "low"), 0.8, 60.0)


def test_a_calibrated_forecast_leans_to_no_side_however_coarsely_it_is_observed() -> None:
    """Truths drawn from the forecast and known to a day: the mean PIT is one half, and coverage no less than the level."""
    truth = 40.0 + 6.0 * stats.norm.ppf(LEVELS)
    ends = np.floor(40.0 + 6.0 * np.random.default_rng(2).standard_normal(2000))
    days = [Observed(end, end + 1.0, "low") for end in ends]
    assert np.mean([scores.pit(truth, day) for day in days]) == pytest.approx(0.5, abs=0.02)
    assert 0.8 <= np.mean([scores.covered(truth, day, 0.8) for day in days]) <= 0.86


def test_log_score() -> None:
    sample = stats.norm.ppf(LEVELS)
    assert scores.log_score(sample, exact(0.3)) == pytest.approx(-stats.norm.logpdf(0.3), abs=0.02)
    half = np.array([1.0, 2.0, math.inf, math.inf])
    assert scores.log_score(half, exact(99.0), limit=10.0) == pytest.approx(math.log(2))
    assert scores.log_score([1.0, 1.0], exact(99.0), limit=10.0) == pytest.approx(math.log(4))
    assert math.isfinite(scores.log_score([math.inf] * 4, exact(3.0), limit=10.0))
    assert scores.log_score([2.0] * 10, exact(2.0)) < 0 < scores.log_score([2.0] * 10, exact(5.0))


def test_coverage_is_tested_exactly() -> None:
    found = scores.coverage([True] * 8 + [False] * 2, 0.8)
    assert (found.share, found.number, found.p_value) == (0.8, 10, 1.0)
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 8, 3))
    assert scores.coverage([False] * 10, 0.8).p_value < 1e-6
    with pytest.raises(ValueError, match="at least one"):
        scores.coverage([], 0.8)


def test_mean_difference() -> None:
    rng = np.random.default_rng(3)
    first = rng.normal(1.0, 1.0, 200)
    found = scores.mean_difference(first, np.zeros(200), seed=1)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * first.std() / 200**0.5, rel=0.15)
    assert found == scores.mean_difference(first, np.zeros(200), seed=1)
    assert scores.mean_difference([2.0, 3.0], [1.0, 2.0], seed=1)[:3] == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="two pairs"):
        scores.mean_difference([1.0], [2.0], seed=1)


def test_a_difference_of_groups_is_as_sure_as_there_are_groups() -> None:
    """Twenty figures of each of eight curves, all figures of a curve alike: no surer than one figure of each."""
    rng = np.random.default_rng(4)
    curves = rng.normal(0.5, 1.0, 8)
    few = scores.mean_difference(curves, np.zeros(8), 1)
    many = scores.mean_difference(
        np.repeat(curves, 20), np.zeros(160), 1, np.repeat(np.arange(8), 20).tolist()
    )
    assert many[:3] == pytest.approx(few[:3])
    assert many.number == 160
    blind = scores.mean_difference(np.repeat(curves, 20), np.zeros(160), 1)
    assert blind.high - blind.low < 0.5 * (many.high - many.low)
    assert np.isnan(scores.mean_difference([1.0, 2.0], [0.0, 0.0], 1, ["a", "a"])[1:3]).all()


def test_an_interval_of_groups_holds_what_it_says() -> None:
    """Of campaigns with twelve curves of five figures each the 95 % interval holds the truth in nine of ten or more."""
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(12), 5).tolist()
    held, blind = [], []
    for k in range(200):
        values = np.repeat(rng.normal(0.0, 1.0, 12), 5) + rng.normal(0.0, 0.5, 60)
        with_groups, without = (
            scores.mean_difference(values, np.zeros(60), k, kind) for kind in (groups, None)
        )
        held.append(with_groups.low <= 0.0 <= with_groups.high)
        blind.append(without.low <= 0.0 <= without.high)
    assert np.mean(held) >= 0.88
    assert np.mean(blind) < 0.75


def test_the_envelope_holds_uniform_ranks() -> None:
    rng = np.random.default_rng(5)
    bound = scores.uniform_envelope(100, 31, tests=3)
    outside = 0
    for _ in range(300):
        worst = 0.0
        for _ in range(3):
            ranks = rng.integers(0, 32, 100)
            shares = np.array([(ranks <= r).mean() for r in range(32)])
            worst = max(worst, float(np.abs(shares - np.arange(1, 33) / 32).max()))
        outside += worst > bound
    assert outside / 300 < 0.05 + 3 * (0.05 * 0.95 / 300) ** 0.5
    with pytest.raises(ValueError, match="ranks"):
        scores.uniform_envelope(10, 0)
