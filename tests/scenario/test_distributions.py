"""Quantile functions against SciPy, the percentiles they promise, and their means by integration."""

from __future__ import annotations

from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats

from phaseline.errors import RuleError
from phaseline.scenario.distributions import (
    Distribution,
    Exponential,
    Fixed,
    LogUniform,
    MedianSpread,
    Percentiles,
    Samples,
    Triangular,
    Uniform,
)

U = np.linspace(0.001, 0.999, 999)
SIGMA = log(2.0) / stats.norm.ppf(0.9)

ORACLES = [
    (Uniform(-2, 5), stats.uniform(-2, 7)),
    (LogUniform(0.5, 40), stats.loguniform(0.5, 40)),
    (Triangular(1, 2, 6), stats.triang(0.2, 1, 5)),
    (Triangular(1, 1, 6), stats.triang(0.0, 1, 5)),
    (Triangular(1, 6, 6), stats.triang(1.0, 1, 5)),
    (MedianSpread(30, 2), stats.lognorm(SIGMA, scale=30)),
    (Exponential(4), stats.expon(scale=4)),
    (Percentiles(1, 3, 5), stats.logistic(3, 2 / log(9))),
    (Percentiles(1, 2, 4, lower=0), stats.fisk(log(9) / log(2), scale=2)),
]
METALOGS = [
    Percentiles(1, 2, 4),
    Percentiles(-4, -1, 0.5),
    Percentiles(3000, 4000, 5500, 2000),
    Percentiles(1, 2, 3, upper=10),
    Percentiles(2, 4, 5, 1, 7),
    Percentiles(0.2, 0.5, 0.6, 0, 1),
    Percentiles(1, 5, 30, 0),
]


@pytest.mark.parametrize(("ours", "oracle"), ORACLES, ids=[str(ours) for ours, _ in ORACLES])
def test_quantile_is_the_inverse_of_scipys_distribution_function(ours: Distribution, oracle: object) -> None:
    np.testing.assert_allclose(oracle.cdf(ours.quantile(U)), U, atol=1e-12)  # type: ignore[attr-defined]
    assert ours.mean() == pytest.approx(oracle.mean(), rel=1e-9)  # type: ignore[attr-defined]


@pytest.mark.parametrize("metalog", METALOGS, ids=str)
def test_percentiles_are_hit_and_the_mean_is_the_integral(metalog: Percentiles) -> None:
    given_ = [metalog.p10, metalog.p50, metalog.p90]
    np.testing.assert_allclose(metalog.quantile(np.array([0.1, 0.5, 0.9])), given_, rtol=1e-13)
    integral, _ = integrate.quad(lambda u: float(metalog.quantile(np.array(u))), 0, 1, limit=500)
    assert metalog.mean() == pytest.approx(integral, rel=1e-6)


def test_a_tail_too_heavy_for_a_mean_says_so() -> None:
    assert Percentiles(1, 20, 400, lower=0).mean() == inf
    assert Percentiles(-400, -20, -1, upper=0).mean() == -inf


def test_median_and_spread_hold_eight_tenths() -> None:
    low, middle, high = MedianSpread(30, 3).quantile(np.array([0.1, 0.5, 0.9]))
    assert (low, middle, high) == pytest.approx((10, 30, 90))


def test_samples_are_sorted_and_each_as_likely() -> None:
    samples = Samples((7.0, 1.0, 1.0, 3.0))
    assert samples.values == (1.0, 1.0, 3.0, 7.0)
    assert samples.quantile(np.array([0.01, 0.49, 0.5, 0.74, 0.75, 1.0 - 2**-53])).tolist() == [
        1,
        1,
        3,
        3,
        7,
        7,
    ]
    assert samples.mean() == 3.0


def test_a_fixed_value_has_the_shape_of_its_luck() -> None:
    assert Fixed(2.5).quantile(np.full((2, 3), 0.5)).tolist() == [[2.5] * 3] * 2
    assert (Fixed(2.5).mean(), Fixed(2.5).support()) == (2.5, (2.5, 2.5))


REFUSED = {
    "reversed": lambda: Uniform(3, 1),
    "no width": lambda: Uniform(3, 3),
    "log of nothing": lambda: LogUniform(0, 3),
    "mode outside": lambda: Triangular(1, 5, 3),
    "mode beyond": lambda: Triangular(1, 4, 3),
    "percentiles out of order": lambda: Percentiles(1, 5, 3),
    "equal percentiles": lambda: Percentiles(1, 1, 3),
    "beyond the least": lambda: Percentiles(1, 2, 3, lower=1),
    "beyond the greatest": lambda: Percentiles(1, 2, 3, upper=3),
    "lopsided": lambda: Percentiles(0.1, 0.11, 5),
    "lopsided to the right": lambda: Percentiles(1, 4.9, 5),
    "median at zero": lambda: MedianSpread(0, 2),
    "no spread": lambda: MedianSpread(5, 1),
    "all spread": lambda: MedianSpread(5, 1e6),
    "no mean": lambda: Exponential(0),
    "one sample": lambda: Samples((1.0,)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_impossible_distributions_are_refused(name: str) -> None:
    with pytest.raises(RuleError) as caught:
        REFUSED[name]()
    assert caught.value.remedy


def test_the_edge_of_what_is_feasible_is_keelins() -> None:
    # r = (p50 - p10) / (p90 - p10) between 0.16658 and 0.83342 for these percentiles
    assert np.all(np.diff(Percentiles(0, 0.16659, 1).quantile(U)) > 0)
    assert np.all(np.diff(Percentiles(0, 0.83341, 1).quantile(U)) > 0)
    for middle in (0.16657, 0.83343):
        with pytest.raises(RuleError, match="lopsided"):
            Percentiles(0, middle, 1)


FLOATS = st.floats(1e-3, 1e6)
WIDE = st.lists(FLOATS, min_size=3, max_size=3, unique=True).map(sorted)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    """Any distribution that its own checks let through."""
    low, middle, high = draw(WIDE)
    edges = {"lower": st.one_of(st.none(), st.just(0.0)), "upper": st.one_of(st.none(), st.just(2 * high))}
    limits = {name: draw(edge) for name, edge in edges.items()}
    makers = [
        lambda: Fixed(middle),
        lambda: Uniform(low, high),
        lambda: LogUniform(low, high),
        lambda: Triangular(low, middle, high),
        lambda: Percentiles(low, middle, high, **limits),
        lambda: MedianSpread(middle, 1.0 + 100 * draw(st.floats(0.001, 1))),
        lambda: Exponential(middle),
        lambda: Samples((high, low, middle)),
    ]
    try:
        return draw(st.sampled_from(makers))()
    except RuleError:
        assume(False)
        raise


@given(distributions(), st.lists(st.floats(2**-53, 1 - 2**-53), min_size=2, max_size=20))
def test_draws_rise_with_luck_and_stay_in_the_support(distribution: Distribution, luck: list[float]) -> None:
    u = np.sort(np.array(luck))
    values = distribution.quantile(u)
    assert values.shape == u.shape
    assert np.isfinite(values).all()
    scale = np.abs(values).max() * 1e-12
    assert np.all(np.diff(values) >= -scale)
    low, high = distribution.support()
    assert values.min() >= low - scale
    assert values.max() <= high + scale


def test_a_lognormal_spread_is_that_of_its_sigma() -> None:
    assert MedianSpread(1, exp(stats.norm.ppf(0.9))).mean() == pytest.approx(exp(0.5))
