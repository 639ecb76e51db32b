"""The sampler against posteriors that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from phaseline.learning.sampler import effective_share, normalised, resampled, sample


def gaussian(data: list[float], sd: float):  # type: ignore[no-untyped-def]
    """Log likelihood of a normal mean with a standard normal prior, one stage an observation; further scores do nothing."""

    def log_likelihood(scores: np.ndarray, luck: np.ndarray, upto: int) -> np.ndarray:
        return np.stack([stats.norm.logpdf(y, scores[:, 0], sd) for y in data], axis=1)[:, :upto]

    return log_likelihood


@pytest.mark.parametrize("others", [0, 40])
def test_the_posterior_of_a_normal_mean(others: int) -> None:
    data = [2.0, 2.5, 3.0, 2.2]
    found = sample(gaussian(data, 0.5), 1 + others, len(data), particles=2000, seed=3)
    precision = 1.0 + len(data) / 0.25
    mean, sd = sum(data) / 0.25 / precision, precision**-0.5
    scores = found.state.scores
    assert scores[:, 0].mean() == pytest.approx(mean, abs=5 * sd / 2000**0.5 * 1.5)
    assert scores[:, 0].std() == pytest.approx(sd, rel=0.12)
    # scores that the data say nothing about keep their prior
    for k in range(1, 1 + others):
        assert abs(scores[:, k].mean()) < 0.2
        assert scores[:, k].std() == pytest.approx(1.0, abs=0.12)
    assert found.distinct > 0.8


def test_the_evidence_of_a_normal_mean() -> None:
    data = [1.0, 1.4, 0.3]
    found = sample(gaussian(data, 0.7), 1, 3, particles=4000, seed=1)
    exact = stats.multivariate_normal.logpdf(data, np.zeros(3), 0.49 * np.eye(3) + 1.0)
    assert found.evidence == pytest.approx(exact, abs=0.1)
    assert sum(one.evidence for one in found.reports) == found.evidence


def test_luck_is_part_of_the_state() -> None:
    # the likelihood hangs on luck alone: half of all luck explains the data
    def log_likelihood(scores: np.ndarray, luck: np.ndarray, upto: int) -> np.ndarray:
        return np.where(luck % 2 == 0, 0.0, -np.inf)[:, None][:, :upto]

    found = sample(log_likelihood, 1, 1, particles=500, seed=2, lucky=True)
    assert (found.state.luck % 2 == 0).all()
    assert len(np.unique(found.state.luck)) > 300
    assert found.evidence == pytest.approx(np.log(0.5), abs=0.15)


def test_two_modes_are_both_kept() -> None:
    def log_likelihood(scores: np.ndarray, luck: np.ndarray, upto: int) -> np.ndarray:
        return stats.norm.logpdf(np.abs(scores[:, 0]), 1.5, 0.1)[:, None][:, :upto]

    found = sample(log_likelihood, 1, 1, particles=1000, seed=5)
    assert 0.4 < (found.state.scores[:, 0] > 0.0).mean() < 0.6


def test_the_same_seed_gives_the_same_bits() -> None:
    first = sample(gaussian([1.0], 0.3), 3, 1, particles=200, seed=7)
    second = sample(gaussian([1.0], 0.3), 3, 1, particles=200, seed=7)
    other = sample(gaussian([1.0], 0.3), 3, 1, particles=200, seed=8)
    assert (first.state.scores == second.state.scores).all()
    assert (first.state.scores != other.state.scores).any()


def test_no_data_leave_the_prior() -> None:
    found = sample(lambda scores, luck, upto: np.zeros((len(scores), 0)), 2, 0, particles=500, seed=1)
    assert found.reports == ()
    assert stats.kstest(found.state.scores[:, 0], "norm").pvalue > 0.001


def test_data_that_nothing_explains_are_refused() -> None:
    with pytest.raises(ValueError, match="no particle can explain stage 0"):
        sample(lambda scores, luck, upto: np.full((len(scores), upto), -np.inf), 1, 1, particles=100, seed=1)


def test_too_few_particles_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        sample(gaussian([1.0], 1.0), 1, 1, particles=10, seed=1)


def test_weights() -> None:
    log_weights = np.log([1.0, 1.0, 2.0])
    assert normalised(log_weights) == pytest.approx([0.25, 0.25, 0.5])
    assert effective_share(log_weights) == pytest.approx(16 / 6 / 3)
    assert effective_share(np.zeros(7)) == pytest.approx(1.0)


def test_resampling_is_in_proportion() -> None:
    weights = np.array([0.1, 0.0, 0.6, 0.3])
    with np.errstate(divide="ignore"):
        index = resampled(np.log(np.repeat(weights, 100)), np.random.default_rng(1))
    counts = np.bincount(index // 100, minlength=4) / 400
    assert counts == pytest.approx(weights, abs=0.005)
