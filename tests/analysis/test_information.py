"""Value of information against the closed form of two actions with a Gaussian difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.histories import examples
from phaseline.analysis.information import best_now, partial_information, perfect_information


def _unit_normal_loss(k: float) -> float:
    """E[max(Z - k, 0)] (Raiffa and Schlaifer 1961)."""
    return float(stats.norm.pdf(k) - k * stats.norm.sf(k))


def _two_actions(
    worlds: int, mean: float, spreads: tuple[float, ...], chance: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The second plan loses `mean` + sum of Gaussian numbers more than the first; histories add chance."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(worlds, len(spreads))) * np.array(spreads)
    base = rng.normal(size=(worlds, 1)) * 3
    difference = mean + numbers.sum(axis=1)
    losses = np.stack([np.repeat(base, 4, axis=1), np.repeat(base + difference[:, None], 4, axis=1)])
    return numbers, losses + chance * rng.normal(size=losses.shape)


@pytest.mark.parametrize("chance", [0.0, 0.4])
def test_two_actions_with_a_gaussian_difference(chance: float) -> None:
    mean, spreads = 1.0, (2.0, 1.0, 0.0)
    numbers, losses = _two_actions(40_000, mean, spreads, chance, 1)
    whole = math.hypot(*spreads)
    exact = whole * _unit_normal_loss(mean / whole)
    found = perfect_information(losses)
    assert best_now(losses) == 0
    tolerance = 0.03 if chance == 0 else 0.09  # choosing by two noisy histories costs a little
    assert found.saving.value == pytest.approx(exact, rel=tolerance)
    assert found.saving.value <= exact * 1.03
    for value, spread in zip(partial_information(numbers, losses), spreads, strict=True):
        alone = spread * _unit_normal_loss(mean / spread) if spread else 0.0
        assert value.saving.value == pytest.approx(alone, rel=0.04, abs=0.01)
        assert value.changes_plan.value == pytest.approx(
            stats.norm.sf(mean / spread) if spread else 0.0, abs=0.015
        )


def test_intervals_cover_the_value_of_a_number() -> None:
    exact, hits, runs = 2.0 * _unit_normal_loss(0.5), 0, 100
    for seed in range(runs):
        numbers, losses = _two_actions(600, 1.0, (2.0,), 0.5, seed)
        saving = partial_information(numbers, losses)[0].saving
        hits += saving.low <= exact <= saving.high
    assert hits >= stats.binom.ppf(1e-4, runs, 0.93)


def test_a_number_that_does_not_vary_and_a_single_plan_are_worth_nothing() -> None:
    _, losses = _two_actions(300, 1.0, (2.0,), 0.0, 2)
    assert partial_information(np.ones((300, 1)), losses)[0].saving == (0.0, 0.0, 0.0)
    assert partial_information(np.arange(300.0)[:, None], losses[:1])[0].saving.value == 0.0


def test_one_history_a_world_is_refused() -> None:
    with pytest.raises(ValueError, match="two histories"):
        perfect_information(np.zeros((2, 10, 1)))


@examples(10)
@given(st.integers(0, 2**31))
def test_a_number_is_worth_no_more_than_everything(seed: int) -> None:
    numbers, losses = _two_actions(500, 0.5, (1.5, 0.7), 0.1, seed)
    whole = perfect_information(losses).saving
    for value in partial_information(numbers, losses):
        assert value.saving.low <= whole.high
        assert value.saving.high >= 0
        assert 0 <= value.changes_plan.value <= 1
