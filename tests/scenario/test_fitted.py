"""Distributions fitted to moments, modes and percentiles: against SciPy, by integration, and by what was stated."""

from __future__ import annotations

from math import exp, inf, isfinite, log, sqrt

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from phaseline.errors import RuleError
from phaseline.scenario.distributions import Distribution, Percentiles
from phaseline.scenario.fitted import Beta, Lognormal, Normal, Pair, Pert, Triplet

U = np.linspace(0.001, 0.999, 999)
Z = stats.norm.ppf
SIGMA = sqrt(log(1.0 + (4.0 / 10.0) ** 2))


def _beta(mean: float, sd: float) -> tuple[float, float]:
    total = mean * (1 - mean) / sd**2 - 1
    return mean * total, (1 - mean) * total


ORACLES = [
    (Normal(10, 3), stats.norm(10, 3)),
    (Lognormal(10, 4, lower=0), stats.lognorm(SIGMA, scale=10 * exp(-0.5 * SIGMA**2))),
    (Lognormal(12, 4, lower=2), stats.lognorm(SIGMA, loc=2, scale=10 * exp(-0.5 * SIGMA**2))),
    (Beta(0.6, 0.1, 0, 1), stats.beta(*_beta(0.6, 0.1))),
    (Beta(16, 1, 10, 20), stats.beta(*_beta(0.6, 0.1), loc=10, scale=10)),
    (Pert(2, 3, 10), stats.beta(1 + 4 / 8, 1 + 4 * 7 / 8, loc=2, scale=8)),
    (Pert(2, 3, 10, shape=1.5), stats.beta(1 + 1.5 / 8, 1 + 1.5 * 7 / 8, loc=2, scale=8)),
    (Pert(2, 2, 10), stats.beta(1, 5, loc=2, scale=8)),
    (Pair((0.05, 0.95), (5, 15)), stats.norm(10, 5 / Z(0.95))),
    (Pair((0.1, 0.5), (5, 15)), stats.norm(15, -10 / Z(0.1))),
    (Pair((0.05, 0.95), (10, 40), lower=0), stats.lognorm(log(2) / Z(0.95), scale=20)),
    (Triplet((0.25, 0.5, 0.75), (1, 3, 5)), stats.logistic(3, 2 / log(3))),
    (Triplet((0.05, 0.5, 0.95), (1, 2, 4), lower=0), stats.fisk(log(19) / log(2), scale=2)),
]


@pytest.mark.parametrize(("ours", "oracle"), ORACLES, ids=[str(ours) for ours, _ in ORACLES])
def test_quantile_is_the_inverse_of_scipys_distribution_function(ours: Distribution, oracle: object) -> None:
    np.testing.assert_allclose(oracle.cdf(ours.quantile(U)), U, atol=1e-11)  # type: ignore[attr-defined]
    assert ours.mean() == pytest.approx(oracle.mean(), rel=1e-9)  # type: ignore[attr-defined]


STATED_MOMENTS = [
    Normal(10, 3), Normal(5, 3, lower=0), Normal(5, 3, upper=9), Normal(2, 1, lower=0), Normal(0.7, 0.2, 0, 1),
    Normal(1.2, 1.1, lower=0), Lognormal(10, 4, lower=0), Lognormal(10, 30, lower=0), Lognormal(-3, 4, upper=2),
    Beta(0.6, 0.1, 0, 1), Beta(0.5, 0.4, 0, 1), Beta(3, 1, 2, 9),
]  # fmt: skip


@pytest.mark.parametrize("ours", STATED_MOMENTS, ids=str)
def test_the_mean_and_the_standard_deviation_stated_come_out(ours: Normal | Lognormal | Beta) -> None:
    def moment(power: int) -> float:
        # over z, in which even heavy tails are smooth
        def integrand(z: float) -> float:
            value = float(ours.quantile(stats.norm.cdf(np.array(z))))
            return (value - ours.average) ** power * stats.norm.pdf(z)

        return float(integrate.quad(integrand, -8, 8, limit=500)[0])

    assert moment(1) == pytest.approx(0.0, abs=1e-5 * ours.sd)
    assert sqrt(moment(2)) == pytest.approx(ours.sd, rel=1e-3)
    assert ours.mean() == ours.average
    low, high = ours.support()
    values = ours.quantile(np.array([1e-12, 0.5, 1 - 1e-12]))
    assert (values >= low).all() and (values <= high).all()


def test_a_lognormal_below_its_limit_is_mirrored() -> None:
    below, above = Lognormal(-10, 4, upper=0), Lognormal(10, 4, lower=0)
    np.testing.assert_allclose(below.quantile(U), -above.quantile(1 - U), rtol=1e-12)
    assert (below.mean(), below.support()) == (-10, (-inf, 0))


def test_a_pair_between_two_limits_is_normal_in_its_logit() -> None:
    ours = Pair((0.05, 0.95), (0.2, 0.9), 0, 1)
    logit = np.log(ours.quantile(U) / (1 - ours.quantile(U)))
    low, high = log(0.2 / 0.8), log(0.9 / 0.1)
    oracle = stats.norm(0.5 * (low + high), 0.5 * (high - low) / Z(0.95))
    np.testing.assert_allclose(oracle.cdf(logit), U, atol=1e-12)
    integral, _ = integrate.quad(lambda u: float(ours.quantile(np.array(u))), 0, 1)
    assert ours.mean() == pytest.approx(integral, rel=1e-8)


def test_a_pair_below_its_limit_is_mirrored() -> None:
    below, above = Pair((0.05, 0.9), (-40, -10), upper=0), Pair((0.1, 0.95), (10, 40), lower=0)
    np.testing.assert_allclose(below.quantile(U), -above.quantile(1 - U), rtol=1e-12)
    assert below.mean() == pytest.approx(-above.mean())
    assert below.support() == (-inf, 0)


def test_three_percentiles_are_the_metalog_that_the_10th_50th_and_90th_already_were() -> None:
    for limits in ((None, None), (0.0, None), (0.0, 9.0), (None, 9.0)):
        old, new = Percentiles(1, 2, 4, *limits), Triplet((0.1, 0.5, 0.9), (1, 2, 4), *limits)
        np.testing.assert_allclose(new.quantile(U), old.quantile(U), rtol=1e-12)
        assert new.mean() == pytest.approx(old.mean(), rel=1e-12)
        assert new.support() == old.support()


LIMITS = st.sampled_from([(None, None), (-1.0, None), (None, 1001.0), (-1.0, 1001.0)])
SHARES = st.lists(st.integers(1, 99), min_size=2, max_size=3, unique=True).map(
    lambda s: sorted(x / 100 for x in s)
)


@settings(deadline=None)
@given(SHARES, st.lists(st.integers(0, 1000), min_size=3, max_size=3, unique=True), LIMITS)
def test_stated_percentiles_come_out_and_quantiles_rise(
    shares: list[float], points: list[int], limits: tuple[float | None, float | None]
) -> None:
    values = [float(value) for value in sorted(points)[: len(shares)]]
    try:
        kind = Pair if len(shares) == 2 else Triplet
        ours: Pair | Triplet = kind(tuple(shares), tuple(values), *limits)  # type: ignore[arg-type]
    except RuleError as refused:
        assert "lopsided" in refused.rule or "tail" in refused.rule
        assume(False)
    np.testing.assert_allclose(ours.quantile(np.array(shares)), values, rtol=1e-9, atol=1e-9)
    fine = ours.quantile(np.linspace(1e-6, 1 - 1e-6, 2001))
    assert (np.diff(fine) >= 0).all()
    assert not isfinite(ours.mean()) or min(fine) <= ours.mean()


@settings(deadline=None)
@given(
    st.floats(0.01, 0.99),
    st.floats(1e-4, 0.999),
    st.floats(0.1, 50),
    st.sampled_from(["beta", "lognormal", "normal", "pert"]),
)
@example(0.01, 0.9375, 1.0, "beta")
def test_quantiles_of_moments_and_modes_rise_within_their_limits(
    middle: float, narrow: float, shape: float, kind: str
) -> None:
    sd = narrow * sqrt(middle * (1 - middle))
    ours: Distribution = {
        "beta": lambda: Beta(middle, sd, 0, 1),
        "lognormal": lambda: Lognormal(middle, sd, lower=0),
        "normal": lambda: Normal(middle, sd),
        "pert": lambda: Pert(0, middle, 1, shape),
    }[kind]()
    values = ours.quantile(np.linspace(1e-6, 1 - 1e-6, 1001))
    assert (np.diff(values) >= 0).all()
    low, high = ours.support()
    assert low <= values[0] and values[-1] <= high


REFUSED = {
    "no spread": (lambda: Normal(3, 0), "standard deviation must be above 0"),
    "a normal that the cut cannot give": (lambda: Normal(5, 6, lower=0), "no normal cut off"),
    "a mean beyond its limit": (lambda: Normal(-5, 6, lower=0), "must lie within min and max"),
    "a lognormal without limit": (lambda: Lognormal(5, 6), "has one limit"),
    "a lognormal with two": (lambda: Lognormal(5, 6, 0, 9), "has one limit"),
    "nothing but a tail": (lambda: Lognormal(1, 1e9, lower=0), "nothing but a tail"),
    "beyond all floats": (lambda: Lognormal(1e-300, 1e300, lower=0), "nothing but a tail"),
    "a beta too wide": (lambda: Beta(0.5, 0.6, 0, 1), "so large a standard deviation: below 0.5"),
    "a beta beyond its limits": (lambda: Beta(1.5, 0.1, 0, 1), "must lie within min and max"),
    "limits that do not rise": (lambda: Beta(0.5, 0.1, 1, 0), "low must be below high"),
    "a mode outside": (lambda: Pert(0, 3, 2), "mode must lie between"),
    "no shape": (lambda: Pert(0, 1, 2, 0), "shape of a PERT must be above 0"),
    "percentiles that fall": (lambda: Pair((0.1, 0.9), (3, 2)), "percentiles must rise"),
    "percentiles at their limit": (lambda: Pair((0.1, 0.9), (0, 2), lower=0), "must lie within min and max"),
    "percentiles too far apart": (lambda: Pair((0.1, 0.9), (1, 1e9), lower=0), "nothing but a tail"),
    "three that fall": (lambda: Triplet((0.1, 0.5, 0.7), (1, 3, 2)), "percentiles must rise"),
    "three that are lopsided": (lambda: Triplet((0.05, 0.5, 0.95), (1, 1.001, 9)), "so lopsided"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_exist_is_refused_in_plain_words(name: str) -> None:
    make, rule = REFUSED[name]
    with pytest.raises(RuleError, match=rule) as refused:
        make()
    assert refused.value.remedy


def test_a_pert_with_ends_as_large_as_numbers_get() -> None:
    found = Pert(-4.5e307, -1.2e291, 0.0)
    low, middle, high = found.quantile(np.array([0.1, 0.5, 0.9]))
    assert -4.5e307 < low < middle < high < 0.0
    assert found.mean() == pytest.approx(-7.5e306)
