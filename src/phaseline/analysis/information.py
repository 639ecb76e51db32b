"""What is worth learning before deciding: expected value of perfect information, whole and number by number.

The decision is which plan to carry out; its loss is an outcome of which less is better, in that outcome's own unit.
Today's best plan is the one with the least mean. If a number were known first, another plan might be better in some
worlds; the mean saving is the number's value of information (EVPPI). Knowing everything that is ignorance saves the
most (EVPI); chance stays.

Both are estimated by carrying out the policy, not by taking minima of noisy estimates, which would promise too much:
the plan is chosen on one part of the data and its saving counted on another. So a value is what an analyst could really
get with so many worlds, a little below the truth and, by luck, sometimes below 0.

- EVPI: in each world, choose by half of its histories, count on the other half, both ways round.
- EVPPI: regress the difference of each plan from today's best on the number (cubic spline, Strong, Oakley and Brennan
  2014, Med. Decis. Making 34:311), in five folds; in each fold choose by the fit to the other four.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phaseline.outcomes.statistics import Interval, mean_interval, probability_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
KNOTS = 5
"""Knots of the spline, at quantiles: enough for one bend or two."""
SMOOTHING = 1e-3
"""Ridge penalty, for numbers with few distinct values."""


class Value(NamedTuple):
    """What knowing is worth.

    Attributes
    ----------
    saving
        Mean loss saved, in the outcome's unit, with its interval over worlds.
    changes_plan
        Share of worlds in which the plan chosen is not today's best.
    """

    saving: Interval
    changes_plan: Interval


def best_now(losses: NDArray[np.float64]) -> int:
    """Index of the plan with the least mean loss; the first of equals.

    Parameters
    ----------
    losses
        Shape [plan, world, history].
    """
    return int(np.argmin(losses.mean(axis=(1, 2))))


def perfect_information(losses: NDArray[np.float64]) -> Value:
    """Value of knowing everything that is ignorance.

    Parameters
    ----------
    losses
        Shape [plan, world, history], at least two histories a world, with common random numbers.

    Raises
    ------
    ValueError
        With fewer than two histories a world.
    """
    if losses.shape[2] < 2:
        raise ValueError("two histories a world are needed: one half to choose by, one to count")
    best, half = best_now(losses), losses.shape[2] // 2
    parts = losses[:, :, :half], losses[:, :, half:]
    worlds = np.arange(losses.shape[1])
    savings, changes = [], []
    for choose, others in (parts, parts[::-1]):
        chosen, count = _least(choose, best), others.mean(axis=2)
        savings.append(count[best] - count[chosen, worlds])
        changes.append(chosen != best)
    saving = mean_interval(np.mean(savings, axis=0), 1)
    # each world votes twice, so the two votes are one cluster
    return Value(saving, probability_interval(np.column_stack(changes).ravel(), 2))


def partial_information(numbers: NDArray[np.float64], losses: NDArray[np.float64]) -> list[Value]:
    """Value of knowing each number alone.

    Parameters
    ----------
    numbers
        Shape [world, number].
    losses
        Shape [plan, world, history].
    """
    means, best = losses.mean(axis=2), best_now(losses)
    return [_partial(numbers[:, j], means, best) for j in range(numbers.shape[1])]


def _partial(x: NDArray[np.float64], means: NDArray[np.float64], best: int) -> Value:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    worlds = x.size
    others = [plan for plan in range(means.shape[0]) if plan != best]
    if np.ptp(x) == 0 or not others:
        return Value(Interval(0.0, 0.0, 0.0), Interval(0.0, 0.0, 0.0))
    differences = (means[others] - means[best]).T
    fold = np.arange(worlds) % FOLDS
    chosen = np.full(worlds, best)
    column = x[:, None]
    for held in range(FOLDS):
        learn, test = fold != held, fold == held
        model = make_pipeline(
            StandardScaler(),
            SplineTransformer(KNOTS, knots="quantile", extrapolation="linear"),
            Ridge(SMOOTHING),
        )
        model.fit(column[learn], differences[learn])
        told = np.asarray(model.predict(column[test])).reshape(-1, len(others))
        least = told.argmin(axis=1)
        better = told[np.arange(least.size), least] < 0
        chosen[test] = np.where(better, np.array(others)[least], best)
    saving = means[best] - means[chosen, np.arange(worlds)]
    return Value(mean_interval(saving, 1), probability_interval(chosen != best, 1))


def _least(losses: NDArray[np.float64], best: int) -> NDArray[np.int64]:
    """Plan to choose in each world, seeing these histories of it; today's best where no other promises to be better.

    A world's mean difference from today's best is drawn towards the mean over worlds by the share of its variance that
    is chance (empirical Bayes), lest luck be taken for knowledge.
    """
    differences = losses - losses[best]
    means = differences.mean(axis=2)
    expected = np.zeros_like(means)
    for plan in range(losses.shape[0]):
        spread = float(means[plan].var())
        chance = (
            float(differences[plan].var(axis=1, ddof=1).mean()) / losses.shape[2]
            if losses.shape[2] > 1
            else 0.0
        )
        kept = max(0.0, 1.0 - chance / spread) if spread > 0 else 0.0
        expected[plan] = means[plan].mean() + kept * (means[plan] - means[plan].mean())
    least = expected.argmin(axis=0)
    return np.where(expected[least, np.arange(means.shape[1])] < 0, least, best)
