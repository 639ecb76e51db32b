"""Distributions fitted to what people state: mean and standard deviation, PERT, any two or three percentiles.

What is stated comes out exactly. Which family carries it follows from the limits, by one rule: the statement holds for the
value itself where there is no limit, for the logarithm of the distance to the limit where there is one, and between two
limits (decision 0019).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, hypot, inf, log, log1p, sqrt

import numpy as np
from scipy.special import betaincinv, log_ndtr, ndtri, ndtri_exp

from phaseline.errors import RuleError
from phaseline.scenario.distributions import (
    WIDEST_SPREAD,
    Z90,
    Metalog,
    ascending,
    from_line,
    to_line,
    within,
)

SMALLEST_SHARE = 1e-300
"""Of the way between two limits: below it a quantile is at the lower one."""
FARTHEST = 10.0
"""Standard deviations beyond which nothing is ever drawn."""
LARGEST_LOGARITHM = 700.0
"""Of a number that a computer holds."""
WIDEST_SIGMA = log(WIDEST_SPREAD) / Z90
"""Standard deviation of a logarithm beyond which the tail swamps every mean."""
NARROWEST = 1e-9
"""Standard deviation over width below which a beta has lost its digits."""
STEEPEST = 1.66711
"""Largest ratio of skewness to scale at which a metalog of three terms is a distribution (Keelin 2016, section 3.4)."""


@dataclass(frozen=True)
class Normal:
    """Normal of a given mean and standard deviation; with limits, the normal cut off there that has them after the cut."""

    average: float
    sd: float
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        _spread_out(self.sd)
        if self.lower is not None or self.upper is not None:
            within((self.average,), self.lower, self.upper, "the mean")
            _parent(self.average, self.sd, self.lower, self.upper)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """``mean + sd z``, z the standard normal quantile; cut, that of the share of the parent below each value."""
        u = np.asarray(u)
        if self.lower is None and self.upper is None:
            return np.asarray(self.average + self.sd * ndtri(u))
        centre, scale = _parent(self.average, self.sd, self.lower, self.upper)
        low, high = _standardised(centre, scale, self.lower, self.upper)
        return np.asarray(np.clip(centre + scale * _cut_quantile(u, low, high), *self.support()))

    def mean(self) -> float:
        """The mean given."""
        return self.average

    def support(self) -> tuple[float, float]:
        """The limits given."""
        return (-inf if self.lower is None else self.lower, inf if self.upper is None else self.upper)


@dataclass(frozen=True)
class Lognormal:
    """Distance from one limit, lognormal, of a given mean and standard deviation.

    With m the distance of the mean and s the standard deviation, the logarithm has variance ``ln(1 + s^2 / m^2)`` and mean
    ``ln(m) - variance / 2``. Source: J. Aitchison, J. A. C. Brown, The Lognormal Distribution (1957), section 2.3.
    """

    average: float
    sd: float
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if (self.lower is None) == (self.upper is None):
            raise RuleError("a lognormal has one limit", "give 'min' or 'max', one of them")
        _spread_out(self.sd)
        within((self.average,), self.lower, self.upper, "the mean")
        if self._of_logarithm()[1] > WIDEST_SIGMA:
            raise RuleError(
                "a standard deviation so far above the mean leaves nothing but a tail",
                "check both, or give percentiles",
            )
        centre, sigma = self._of_logarithm()
        if centre + FARTHEST * sigma > LARGEST_LOGARITHM:
            raise RuleError(
                "is too large for a number here", "check the mean, the standard deviation and the unit"
            )

    def _of_logarithm(self) -> tuple[float, float]:
        """Mean and standard deviation of the logarithm of the distance."""
        distance = self.average - self.lower if self.lower is not None else self.upper - self.average  # type: ignore[operator]
        ratio = self.sd / distance
        variance = log1p(ratio * ratio) if ratio < 1e150 else 2.0 * log(ratio)
        return log(distance) - 0.5 * variance, sqrt(variance)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """``limit +- exp(mean + sd z)`` of the logarithm, z the standard normal quantile, falling where the limit is above."""
        centre, sigma = self._of_logarithm()
        z = ndtri(np.asarray(u))
        if self.lower is not None:
            return np.asarray(self.lower + np.exp(centre + sigma * z))
        return np.asarray(self.upper - np.exp(centre - sigma * z))

    def mean(self) -> float:
        """The mean given."""
        return self.average

    def support(self) -> tuple[float, float]:
        """From or to the limit."""
        return (-inf if self.lower is None else self.lower, inf if self.upper is None else self.upper)


@dataclass(frozen=True)
class Beta:
    """Beta between two limits, of a given mean and standard deviation, by the method of moments.

    Source: N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 25.
    """

    average: float
    sd: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        ascending(self.lower, self.upper)
        _spread_out(self.sd)
        within((self.average,), self.lower, self.upper, "the mean")
        most = sqrt((self.average - self.lower) * (self.upper - self.average))
        if self.sd >= most:
            raise RuleError(
                f"no distribution within its limits has that mean and so large a standard deviation: below {most:.3g}",
                "give a smaller 'sd', or wider 'min' and 'max'",
            )
        if self.sd < NARROWEST * (self.upper - self.lower):
            raise RuleError("the standard deviation is next to nothing", "write the single value alone")

    def _exponents(self) -> tuple[float, float]:
        width = self.upper - self.lower
        middle, sd = (self.average - self.lower) / width, self.sd / width
        total = middle * (1.0 - middle) / (sd * sd) - 1.0
        return middle * total, (1.0 - middle) * total

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Inverse of the regularised incomplete beta function, stretched to the limits."""
        a, b = self._exponents()
        share = betaincinv(a, b, np.asarray(u))
        # next to nothing SciPy gives the smallest number or 0, by turns
        share = np.where(share < SMALLEST_SHARE, 0.0, share)
        return np.asarray(self.lower + (self.upper - self.lower) * share)

    def mean(self) -> float:
        """The mean given."""
        return self.average

    def support(self) -> tuple[float, float]:
        """The limits given."""
        return self.lower, self.upper


@dataclass(frozen=True)
class Pert:
    """Low, most likely, high as in PERT: a beta with exponents ``1 + shape (mode - low) / (high - low)`` and mirrored.

    Sources: D. G. Malcolm, J. H. Roseboom, C. E. Clark, W. Fazar, "Application of a technique for research and development
    program evaluation", Operations Research 7 (1959) 646-669 (shape 4, the mean); D. Vose, Risk Analysis (3rd ed., 2008),
    for other shapes, the "modified PERT".
    """

    low: float
    mode: float
    high: float
    shape: float = 4.0

    def __post_init__(self) -> None:
        ascending(self.low, self.high)
        if not self.low <= self.mode <= self.high:
            raise RuleError("the mode must lie between low and high", "order them low, mode, high")
        if not 0.0 < self.shape <= 1e6:
            raise RuleError("the shape of a PERT must be above 0", "leave it out for 4; more is narrower")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Inverse of the regularised incomplete beta function, stretched from low to high."""
        width = self.high - self.low
        # divided first: the ends may be as large as numbers get
        a = 1.0 + self.shape * ((self.mode - self.low) / width)
        b = 1.0 + self.shape * ((self.high - self.mode) / width)
        return np.asarray(self.low + width * betaincinv(a, b, np.asarray(u)))

    def mean(self) -> float:
        """``(low + shape mode + high) / (shape + 2)``."""
        whole = self.shape + 2.0
        return self.low / whole + self.mode * (self.shape / whole) + self.high / whole

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return self.low, self.high


@dataclass(frozen=True)
class Pair:
    """Two percentiles of a normal: of the value, of the log distance to its limit, or of the logit between two.

    The line through two points of a normal probability plot; lognormal and logit-normal are Johnson's systems S_L and S_B
    (N. L. Johnson, "Systems of frequency curves generated by methods of translation", Biometrika 36 (1949) 149-176).
    """

    shares: tuple[float, float]
    values: tuple[float, float]
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        _rising(self.values)
        within(self.values, self.lower, self.upper, "percentiles")
        if (self.lower is None) != (self.upper is None) and self._line()[1] > WIDEST_SIGMA:
            raise RuleError(
                "percentiles so far apart leave nothing but a tail", "check them, or give 'min' and 'max'"
            )

    def _line(self) -> tuple[float, float]:
        """Mean and standard deviation on the line that `to_line` leads to."""
        low, high = (to_line(value, self.lower, self.upper) for value in self.values)
        z = ndtri(np.array(self.shares))
        sd = (high - low) / float(z[1] - z[0])
        return low - sd * float(z[0]), sd

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """``mean + sd z`` on the line, back from it; z the standard normal quantile."""
        centre, sd = self._line()
        return from_line(centre + sd * ndtri(np.asarray(u)), self.lower, self.upper)

    def mean(self) -> float:
        """Closed for a normal and a lognormal; between two limits the integral over z."""
        centre, sd = self._line()
        if self.lower is None and self.upper is None:
            return centre
        if self.upper is None:
            return self.lower + exp(min(centre + 0.5 * sd * sd, 700.0))  # type: ignore[operator]
        if self.lower is None:
            return self.upper - exp(min(0.5 * sd * sd - centre, 700.0))
        z = np.arange(-9.0, 9.0, 0.005)
        weight = np.exp(-0.5 * z * z)
        return float((weight * from_line(centre + sd * z, self.lower, self.upper)).sum() / weight.sum())

    def support(self) -> tuple[float, float]:
        """The limits given."""
        return (-inf if self.lower is None else self.lower, inf if self.upper is None else self.upper)


@dataclass(frozen=True)
class Triplet(Metalog):
    """Any three percentiles: the metalog of three terms through them.

    The 10th, 50th and 90th are `Percentiles`. Source: as there, section 3.2: the coefficients solve three linear equations.
    """

    shares: tuple[float, float, float]
    values: tuple[float, float, float]
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        _rising(self.values)
        within(self.values, self.lower, self.upper, "percentiles")
        _, scale, skew = self._coefficients()
        if not abs(skew) < STEEPEST * scale:
            raise RuleError(
                "no smooth distribution has percentiles so lopsided",
                "give a 'min' (or 'max') on the short side, or bring the middle one nearer the middle",
            )

    def _coefficients(self) -> tuple[float, float, float]:
        y = np.array(self.shares)
        logit = np.log(y / (1.0 - y))
        line = [to_line(value, self.lower, self.upper) for value in self.values]
        terms = np.stack([np.ones(3), logit, (y - 0.5) * logit], axis=1)
        first, scale, skew = np.linalg.solve(terms, np.array(line))
        return float(first), float(scale), float(skew)


def _spread_out(sd: float) -> None:
    if not 0.0 < sd < inf:
        raise RuleError("the standard deviation must be above 0", "for a single value write it alone")


def _rising(values: tuple[float, ...]) -> None:
    if any(not low < high for low, high in pairwise(values)):
        raise RuleError("percentiles must rise", "order them, the lowest percentile the lowest value")


def _standardised(
    centre: float, scale: float, lower: float | None, upper: float | None
) -> tuple[float, float]:
    return (
        -inf if lower is None else (lower - centre) / scale,
        inf if upper is None else (upper - centre) / scale,
    )


def _cut_quantile(u: np.ndarray, low: float, high: float) -> np.ndarray:
    """Quantile of a standard normal cut off at low and high, in logarithms so that far tails keep their digits."""
    if low > 0.0:  # the upper tail, mirrored
        return -_cut_quantile(1.0 - u, -high, -low)
    below, above = float(log_ndtr(low)), float(log_ndtr(high))
    with np.errstate(divide="ignore"):
        share = np.logaddexp(below + np.log1p(-u), above + np.log(u))
    return np.asarray(ndtri_exp(share))


@lru_cache(maxsize=256)
def _parent(average: float, sd: float, lower: float | None, upper: float | None) -> tuple[float, float]:
    """Mean and standard deviation of the normal that, cut off at the limits, has the ones given.

    Raises
    ------
    RuleError
        If there is none.
    """
    from scipy.optimize import root
    from scipy.stats import truncnorm

    def off(point: np.ndarray) -> list[float]:
        centre, scale = average + sd * float(point[0]), sd * exp(min(float(point[1]), 50.0))
        mean, variance = truncnorm.stats(
            *_standardised(centre, scale, lower, upper), loc=centre, scale=scale, moments="mv"
        )
        return [(float(mean) - average) / sd, 0.5 * log(max(float(variance), 1e-300)) - log(sd)]

    with np.errstate(all="ignore"):
        found = root(off, [0.0, 0.0], tol=1e-12)
        missed = hypot(*off(found.x))
    if not missed < 1e-8:
        raise RuleError(
            "no normal cut off at its limits has that mean and standard deviation",
            "leave 'family' out, or give a smaller 'sd'",
        )
    return average + sd * float(found.x[0]), sd * exp(float(found.x[1]))
