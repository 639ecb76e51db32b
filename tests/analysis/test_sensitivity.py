"""Sensitivity indices against closed forms: Ishigami's function, a linear model, correlated Gaussian inputs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.histories import examples
from phaseline.analysis.sensitivity import LEAST_WORLDS, LEFT_OVER, classes, sensitivities

A, B = 7.0, 0.1


def _ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def _gaussian_delta(share: float) -> float:
    """Delta of a Gaussian input that explains this share of the variance of a Gaussian output, by quadrature."""
    y, x = np.linspace(-8, 8, 2001), np.linspace(-5, 5, 201)
    given = stats.norm.pdf(y, math.sqrt(share) * x[:, None], math.sqrt(1 - share))
    inner = 0.5 * np.trapezoid(np.abs(stats.norm.pdf(y) - given), y, axis=1)
    return float(np.trapezoid(inner * stats.norm.pdf(x), x))


def test_first_order_indices_of_ishigami() -> None:
    """Ishigami and Homma (1990): V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2."""
    total = A**2 / 8 + B * math.pi**4 / 5 + B**2 * math.pi**8 / 18 + 0.5
    exact = [0.5 * (1 + B * math.pi**4 / 5) ** 2 / total, A**2 / 8 / total, 0.0, 0.0]
    x = np.random.default_rng(1).uniform(-math.pi, math.pi, (20_000, 4))
    found = [one.first_order.value for one in sensitivities(x, _ishigami(x))]
    assert found == pytest.approx(exact, abs=0.02)


def test_delta_sees_what_first_order_cannot() -> None:
    x = np.random.default_rng(2).uniform(-math.pi, math.pi, (4_000, 4))
    third, noise = sensitivities(x, _ishigami(x))[2:]
    assert third.first_order.value < 0.01 < 0.1 < third.delta.low
    assert noise.delta.low == 0.0 and noise.delta.value < 0.03


@pytest.mark.parametrize(("worlds", "most_low"), [(2_500, 0.17), (20_000, 0.12)])
def test_delta_of_a_linear_model(worlds: int, most_low: float) -> None:
    weights = np.array([1.0, 0.6, 0.3])
    x = np.random.default_rng(3).normal(size=(worlds, 3))
    shares = weights**2 / (weights**2).sum()
    exact = np.array([_gaussian_delta(share) for share in shares])
    found = sensitivities(x, x @ weights)
    deltas = np.array([one.delta.value for one in found])
    assert (deltas > (1 - most_low) * exact - 0.01).all() and (deltas < 1.05 * exact + 0.01).all()
    assert [one.first_order.value for one in found] == pytest.approx(shares, abs=0.03)


def test_correlated_inputs_share_their_influence() -> None:
    """Y = X1 alone, X2 correlated with it by r: its first-order index is r^2, its delta that of r^2."""
    r, rng = 0.7, np.random.default_rng(4)
    first = rng.normal(size=10_000)
    second = r * first + math.sqrt(1 - r * r) * rng.normal(size=first.size)
    one, two = sensitivities(np.column_stack([first, second]), first + 0.05 * rng.normal(size=first.size))
    assert two.first_order.value == pytest.approx(r * r, abs=0.03)
    assert two.delta.value == pytest.approx(_gaussian_delta(r * r), rel=0.12)
    assert one.first_order.value > 0.97


def test_intervals_cover_the_first_order_index() -> None:
    """Nominal 95 %, of an estimator with a small bias of its own: within exact binomial bounds around 90 to 99 %."""
    weights = np.array([1.0, 0.6])
    shares, runs, hits = weights**2 / (weights**2).sum(), 120, np.zeros(2)
    for seed in range(runs):
        x = np.random.default_rng(seed).normal(size=(2_000, 2))
        found = sensitivities(x, x @ weights)
        hits += [
            one.first_order.low <= share <= one.first_order.high
            for one, share in zip(found, shares, strict=True)
        ]
    low, _ = stats.binom.interval(0.9999, runs, 0.90)
    assert (hits >= low).all(), hits / runs


def test_the_tornado_is_the_mean_in_each_tenth() -> None:
    x = np.arange(1_000, dtype=float)[:, None]
    (found,) = sensitivities(x, x[:, 0] * 2)
    assert found.at_low.value == pytest.approx(99.0) and found.at_high.value == pytest.approx(1898.0)
    assert found.at_low.low < 99.0 < found.at_low.high
    assert found.delta.value > 0.75 and found.first_order.value > 0.98


def test_an_outcome_that_never_varies_is_driven_by_nothing() -> None:
    x = np.random.default_rng(5).normal(size=(400, 2))
    for found in sensitivities(x, np.full(400, 3.0)):
        assert found.delta.value == found.first_order.value == 0.0 and found.at_low.value == 3.0


def test_noise_alone_is_told_as_noise() -> None:
    rng = np.random.default_rng(6)
    found = sensitivities(rng.normal(size=(2_500, 60)), rng.normal(size=2_500))
    assert np.mean([one.delta.value for one in found]) < 0.02
    assert np.mean([one.delta.low > 0 for one in found]) < 0.1


def test_what_is_left_over_of_noise() -> None:
    z = np.linspace(1, 12, 400_001)
    assert pytest.approx(2 * np.trapezoid(np.sqrt(z * z - 1) * stats.norm.pdf(z), z), abs=1e-5) == LEFT_OVER


def test_too_few_worlds_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        sensitivities(np.zeros((LEAST_WORLDS - 1, 1)), np.zeros(LEAST_WORLDS - 1))
    assert classes(LEAST_WORLDS)[0] >= 4


@examples(20)
@given(st.integers(0, 2**31), st.integers(2, 5))
def test_the_order_of_numbers_does_not_matter_and_indices_stay_in_range(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(300, count))
    y = x[:, 0] + rng.exponential(size=300).round(1)
    order = rng.permutation(count)
    found, again = sensitivities(x, y), sensitivities(x[:, order], y)
    assert [found[j] for j in order] == again
    for one in found:
        for interval in (one.delta, one.first_order):
            assert 0 <= interval.low <= interval.value <= interval.high <= 1
    # delta does not change with a monotone change of the outcome's scale
    assert [one.delta for one in sensitivities(x, np.exp(y))] == [one.delta for one in found]
