"""Nonlinear least squares of the errors of two sides, each with a spread of its own, and joint intervals of what follows.

The point makes the likelihood of normal errors largest: each side is weighted by its own spread until that no longer changes.
Intervals come from the joint covariance of all parameters (delta method: Seber and Wild, Nonlinear Regression, 2003, 5.1), so
that what is not known of one parameter widens the interval of every other that leans on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sides = tuple[NDArray[np.float64], NDArray[np.float64]]

LEVEL = 0.95
ROUNDS = 20
"""Reweightings at most; three or four are usual."""
MOST_CONDITION = 1e7
"""Condition number of the scaled Jacobian beyond which the data do not tell the parameters apart."""
SUSPECT = 0.01
"""Chance, if errors were independent, of a correlation of neighbouring days as large as one that is objected to."""

_NOTHING = 1e-12


@dataclass(frozen=True)
class Regression:
    """What was found.

    Attributes
    ----------
    point
        Parameters, shape (k,).
    covariance
        Of the point, shape (k, k); None where the data do not tell the parameters apart.
    degrees
        Degrees of freedom of the intervals.
    correlation, chance
        Correlation of neighbouring days' errors, mean of both sides, and how likely one so large is if they are independent.
    """

    point: NDArray[np.float64]
    covariance: NDArray[np.float64] | None
    degrees: int
    correlation: float
    chance: float

    def interval(self, quantity: Callable[[NDArray[np.float64]], float]) -> tuple[float, float] | None:
        """The 95 % interval of a smooth function of the parameters; None where there is none."""
        if self.covariance is None:
            return None
        middle = quantity(self.point)
        slope = np.array([self._slope(quantity, j) for j in range(len(self.point))])
        error = math.sqrt(max(0.0, float(slope @ self.covariance @ slope)))
        half = float(stats.t.ppf(0.5 + 0.5 * LEVEL, self.degrees)) * error
        return (middle - half, middle + half) if math.isfinite(half) else None

    def _slope(self, quantity: Callable[[NDArray[np.float64]], float], j: int) -> float:
        step = 1e-5 * max(1.0, abs(float(self.point[j])))
        more, less = self.point.copy(), self.point.copy()
        more[j] += step
        less[j] -= step
        return (quantity(more) - quantity(less)) / (2.0 * step)


def regress(errors: Callable[[NDArray[np.float64]], Sides], begin: NDArray[np.float64]) -> Regression:
    """Find the parameters.

    Parameters
    ----------
    errors
        Errors of both sides, by day, as a function of the parameters; independent if the law is right.
    begin
        Where to start, shape (k,).
    """
    point = np.asarray(begin, dtype=float)
    spread = _spreads(errors(point))
    for _ in range(ROUNDS):
        found = optimize.least_squares(
            lambda values: np.concatenate([side / s for side, s in zip(errors(values), spread, strict=True)]),  # noqa: B023 - used at once
            point, x_scale="jac", xtol=1e-10, ftol=1e-10,
        )  # fmt: skip
        point, last = found.x, spread
        spread = _spreads(errors(point))
        if np.allclose(spread, last, rtol=1e-5):
            break
    left = errors(point)
    days, size = len(left[0]), len(point)
    correlation, chance = correlation_of(left)
    return Regression(
        point, _covariance(found.jac, 2 * days), max(1, days - math.ceil(size / 2)), correlation, chance
    )


def _spreads(errors: Sides) -> NDArray[np.float64]:
    """Root mean square of each side's errors; never quite 0, where a law fits perfectly."""
    return np.array([max(math.sqrt(float(side @ side) / len(side)), 1e-12) for side in errors])


def _covariance(jacobian: NDArray[np.float64], number: int) -> NDArray[np.float64] | None:
    scale = np.sqrt((jacobian * jacobian).sum(axis=0))
    # a column that small is the rounding error of a difference
    if not np.isfinite(jacobian).all() or scale.min() <= 1e-6 * scale.max() or number <= jacobian.shape[1]:
        return None
    scaled = jacobian / scale
    if np.linalg.cond(scaled) > MOST_CONDITION:
        return None
    inverse = np.linalg.inv(scaled.T @ scaled) / np.outer(scale, scale)
    return np.asarray(inverse * number / (number - jacobian.shape[1]))


def correlation_of(errors: Sides) -> tuple[float, float]:
    """Correlation of neighbouring days' errors, mean over sides, and its one-sided chance if they were independent.

    Each side's has a variance of 1/n then (Box, Jenkins and Reinsel, Time Series Analysis, 2.1.6). A side that a law fits to a
    millionth of a person says nothing of errors.
    """
    found = []
    for side in errors:
        centred = side - side.mean()
        whole = float(centred @ centred)
        if whole > _NOTHING:
            found.append(float(centred[1:] @ centred[:-1]) / whole)
    if not found:
        return 0.0, 1.0
    mean = sum(found) / len(found)
    return mean, float(stats.norm.sf(mean * math.sqrt(len(found) * len(errors[0]))))
