"""Nonlinear least squares of the errors of two sides, and joint intervals of what follows where errors go together.

The point makes the likelihood of independent normal errors largest: each side is weighted by its own spread until that no
longer changes. Its covariance does not take the errors for independent: each side's may be an autoregression of first order,
and intervals are averaged over its correlation, every value weighted by the restricted likelihood of the residuals (Harville
1977, J. Am. Stat. Assoc. 72:320; averaging as in Zellner and Tiao 1964, J. Am. Stat. Assoc. 59:763). Parameters are taken
together (delta method: Seber and Wild, Nonlinear Regression, 2003, 5.1 and 6.2), so that what is not known of one widens the
interval of every other that leans on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Sides = tuple[Array, Array]

LEVEL = 0.95
ROUNDS = 20
"""Reweightings at most; three or four are usual."""
MOST_CONDITION = 1e7
"""Condition number of the scaled Jacobian beyond which the data do not tell the parameters apart."""
LEAST_CORRELATION, MOST_CORRELATION = -0.5, 0.99
"""Correlations of neighbouring days' errors that are thought of, all alike beforehand (assumed)."""
STEPS = 16
"""Values of each side's correlation over which intervals are averaged."""
STRONGEST = 0.7
"""Correlation of a side's errors beyond which a month of days cannot say how far to trust a fit."""

LEAST_VARIANCE = 1e-6
"""Of errors, by the mean square of those that least squares left: where a law fits nearly to the last person."""

_NOTHING = 1e-12


@dataclass(frozen=True)
class Regression:
    """What was found.

    Attributes
    ----------
    point
        Parameters, shape (k,).
    covariances
        Of the point, one for each pair of correlations, shape (m, k, k); None where the data do not tell the parameters apart.
    weights
        Of those pairs, shape (m,), summing to 1.
    degrees
        Degrees of freedom of the intervals.
    correlations
        Mean correlation of neighbouring days' errors, by side; 0 where the data do not tell the parameters apart.
    """

    point: Array
    covariances: Array | None = None
    weights: Array | None = None
    degrees: int = 1
    correlations: tuple[float, float] = (0.0, 0.0)

    def interval(self, quantity: Callable[[Array], float]) -> tuple[float, float] | None:
        """The 95 % interval of a smooth function of the parameters; None where there is none."""
        if self.covariances is None:
            return None
        middle = quantity(self.point)
        slope = np.array([self._slope(quantity, j) for j in range(len(self.point))])
        spreads = np.sqrt(np.maximum(0.0, np.einsum("i,mij,j->m", slope, self.covariances, slope)))
        half = self._half(spreads)
        return (middle - half, middle + half) if math.isfinite(half) else None

    def _half(self, spreads: Array) -> float:
        """Half the width that holds the middle 95 % of a mixture of Student's t with these spreads."""
        if not np.isfinite(spreads).all():
            return math.nan
        spreads = np.maximum(spreads, 1e-300)
        tail = 0.5 + 0.5 * LEVEL
        narrow, wide = (
            float(stats.t.ppf(tail, self.degrees) * end) for end in (spreads.min(), spreads.max())
        )
        if wide <= narrow * (1.0 + 1e-9):
            return wide

        def missing(half: float) -> float:
            return float(self.weights @ stats.t.cdf(half / spreads, self.degrees)) - tail

        return float(optimize.brentq(missing, narrow * (1.0 - 1e-9), wide * (1.0 + 1e-9)))

    def _slope(self, quantity: Callable[[Array], float], j: int) -> float:
        step = 1e-5 * max(1.0, abs(float(self.point[j])))
        more, less = self.point.copy(), self.point.copy()
        more[j] += step
        less[j] -= step
        return (quantity(more) - quantity(less)) / (2.0 * step)


def regress(errors: Callable[[Array], Sides], begin: Array) -> Regression:
    """Find the parameters.

    Parameters
    ----------
    errors
        Errors of both sides, by day, as a function of the parameters.
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
    days = len(left[0])
    # as the solver had them: weighted by the spreads of its last round
    slopes = found.jac[:days] * last[0], found.jac[days:] * last[1]
    each = np.arange(days, dtype=float)
    return around(point, left, slopes, (float(spread[0]), float(spread[1])), (each, each))


def around(
    point: Array, left: Sides, slopes: Sides, spreads: tuple[float, float], positions: Sides
) -> Regression:
    """What is known about a point that least squares found.

    Parameters
    ----------
    point
        Parameters, shape (k,).
    left
        Errors at the point, by side.
    slopes
        Derivatives of the errors by the parameters, by side, shape (days of the side, k).
    spreads
        By which least squares weighted each side.
    positions
        Days of the errors; what is n days apart is correlated by the n-th power.
    """
    weighed = [slope / spread for slope, spread in zip(slopes, spreads, strict=True)]
    if not _told_apart((weighed[0], weighed[1])):
        return Regression(point)
    size = len(point)
    # columns of about 1, so that inverses are those of well scaled matrices
    scale = np.sqrt(sum((part * part).sum(axis=0) for part in weighed))
    parts = [part / scale for part in weighed]
    number = sum(len(side) for side in left)
    sides = [
        _Side.of(side / spread, part, position, max(1.0, len(side) * (1.0 - size / number)))
        for side, spread, part, position in zip(left, spreads, parts, positions, strict=True)
    ]
    of_x, of_y = (index.ravel() for index in np.indices((STEPS, STEPS)))
    log_weights, variances = _restricted(sides, (of_x, of_y))
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    inverse = np.linalg.inv(sum(part.T @ part for part in parts))
    from_x, from_y = (
        variance[:, None, None] * side.spread[index]
        for side, index, variance in zip(sides, (of_x, of_y), variances, strict=True)
    )
    covariances = inverse @ (from_x + from_y) @ inverse / np.outer(scale, scale)
    # a side that a law fits to a millionth of a person says nothing of errors
    correlations = [
        float(weights @ _correlations()[index]) if float(side @ side) > _NOTHING else 0.0
        for index, side in zip((of_x, of_y), left, strict=True)
    ]
    degrees = max(1, math.floor(sum(side.degrees for side in sides) / 2.0))
    return Regression(point, covariances, weights, degrees, (correlations[0], correlations[1]))


@dataclass(frozen=True)
class _Side:
    """A side's errors e and slopes J, with the correlation matrix V of each value of its correlation, along the first axis.

    ``spread`` is J'VJ, ``curve`` J'V^-1 J, ``pull`` J'V^-1 e, ``squares`` e'V^-1 e, ``volume`` log |V|.
    """

    spread: Array
    curve: Array
    pull: Array
    squares: Array
    volume: Array
    number: int
    degrees: float

    @classmethod
    def of(cls, errors: Array, slopes: Array, positions: Array, degrees: float) -> _Side:
        apart = np.abs(np.subtract.outer(positions, positions))
        together = _correlations()[:, None, None] ** apart
        inverse = np.linalg.inv(together)
        return cls(
            slopes.T @ together @ slopes, slopes.T @ inverse @ slopes, inverse @ errors @ slopes,
            errors @ inverse @ errors, np.linalg.slogdet(together)[1], len(errors), degrees,
        )  # fmt: skip


def _restricted(sides: Sequence[_Side], index: Sequence[NDArray[np.int64]]) -> tuple[Array, list[Array]]:
    """Restricted log likelihood of every pair of correlations, and each side's variance there.

    The point moves a little with the correlations (generalized least squares in the linear model about it); variances and the
    point are set in turn.
    """
    variances = [np.ones(len(index[0])) for _ in sides]
    for _ in range(ROUNDS):
        x, y = (
            (side.curve[i] / v[:, None, None], side.pull[i] / v[:, None])
            for side, i, v in zip(sides, index, variances, strict=True)
        )
        curve, pull = x[0] + y[0], x[1] + y[1]
        move = -np.einsum("mij,mj->mi", np.linalg.pinv(curve, hermitian=True), pull)
        last, variances = variances, []
        for side, i in zip(sides, index, strict=True):
            squares = (
                side.squares[i]
                + 2.0 * np.einsum("mi,mi->m", move, side.pull[i])
                + np.einsum("mi,mij,mj->m", move, side.curve[i], move)
            )
            variances.append(np.maximum(squares / side.degrees, LEAST_VARIANCE))
        if all(np.allclose(new, old, rtol=1e-4) for new, old in zip(variances, last, strict=True)):
            break
    log_likelihood = -0.5 * np.linalg.slogdet(curve)[1]
    for side, i, variance in zip(sides, index, variances, strict=True):
        log_likelihood -= 0.5 * side.number * np.log(variance) + 0.5 * side.volume[i]
    return log_likelihood, variances


def _correlations() -> Array:
    """Middles of equal steps; none is 0, of which a power of 0 days would be 1 and every other 0."""
    share = (np.arange(STEPS) + 0.5) / STEPS
    return LEAST_CORRELATION + (MOST_CORRELATION - LEAST_CORRELATION) * share


def _spreads(errors: Sides) -> Array:
    """Root mean square of each side's errors; never quite 0, where a law fits perfectly."""
    return np.array([max(math.sqrt(float(side @ side) / len(side)), 1e-12) for side in errors])


def _told_apart(slopes: Sides) -> bool:
    """Whether the data tell the parameters apart."""
    with np.errstate(over="ignore"):
        sizes = [np.sqrt((side * side).sum(axis=0)) for side in slopes]
    joint = np.concatenate(slopes)
    number, size = joint.shape
    if not np.isfinite(sizes).all() or number <= size:
        return False
    # a column that small, of either side's, is the rounding error of a difference
    seen = np.max([side / max(side.max(), 1e-300) for side in sizes], axis=0)
    if seen.min() <= 1e-6:
        return False
    return bool(np.linalg.cond(joint / np.hypot(*sizes)) <= MOST_CONDITION)
