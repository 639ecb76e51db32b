"""Distributions the way people give them, each by its quantile function.

Drawing is by inversion, ``quantile(u)`` with u uniform in (0, 1), so that a draw rises with its luck and rival plans
share it. All values are in base units.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import exp, inf, log
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from phaseline.errors import RuleError

Z90 = 1.2815515655446004
"""90th percentile of the standard normal."""
WIDEST_SPREAD = 1000.0
"""Beyond it the tail of a lognormal swamps every mean, and overflows at last."""
LOG9 = log(9.0)
"""ln(0.9 / 0.1), the logit of the 90th percentile."""


class Distribution(Protocol):
    """What every distribution can do."""

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Values below which shares u of the probability lie; u in (0, 1), any shape."""

    def mean(self) -> float:
        """Expected value."""

    def support(self) -> tuple[float, float]:
        """Least and greatest value, infinite where there is none."""


@dataclass(frozen=True)
class Fixed:
    """One value."""

    value: float

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """The value, whatever u."""
        return np.full(np.shape(u), self.value)

    def mean(self) -> float:
        """The value."""
        return self.value

    def support(self) -> tuple[float, float]:
        """The value, twice."""
        return self.value, self.value


@dataclass(frozen=True)
class Uniform:
    """Low to high, each value as likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        ascending(self.low, self.high)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Straight line from low to high."""
        return self.low + np.asarray(u) * (self.high - self.low)

    def mean(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low + self.high)

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return self.low, self.high


@dataclass(frozen=True)
class LogUniform:
    """Low to high, each factor as likely; low above 0."""

    low: float
    high: float

    def __post_init__(self) -> None:
        ascending(self.low, self.high)
        if self.low <= 0.0:
            raise RuleError(
                "a range on the log scale must lie above 0", "raise 'low', or leave out 'scale: log'"
            )

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Geometric interpolation."""
        return self.low * (self.high / self.low) ** np.asarray(u)

    def mean(self) -> float:
        """(high - low) / ln(high / low)."""
        return (self.high - self.low) / log(self.high / self.low)

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return self.low, self.high


@dataclass(frozen=True)
class Triangular:
    """Low, most likely, high."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        ascending(self.low, self.high)
        if not self.low <= self.mode <= self.high:
            raise RuleError("the mode must lie between low and high", "order them low, mode, high")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Inverse of the two parabolas of the distribution function."""
        u = np.asarray(u)
        width = self.high - self.low
        left = self.low + np.sqrt(u * width * (self.mode - self.low))
        right = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        return np.where(u < (self.mode - self.low) / width, left, right)

    def mean(self) -> float:
        """(low + mode + high) / 3."""
        return (self.low + self.mode + self.high) / 3.0

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return self.low, self.high


def to_line(value: float, lower: float | None, upper: float | None) -> float:
    """A value on the whole line: itself, the log of its distance to the one limit, or its logit between two."""
    if lower is None and upper is None:
        return value
    if upper is None:
        return log(value - lower)  # type: ignore[operator]
    if lower is None:
        return -log(upper - value)
    return log((value - lower) / (upper - value))


def from_line(line: np.ndarray, lower: float | None, upper: float | None) -> np.ndarray:
    """Back from `to_line`; distances end at exp(700), short of overflow."""
    if lower is None and upper is None:
        return np.asarray(line)
    if upper is None:
        return np.asarray(lower + np.exp(np.minimum(line, 700.0)))
    if lower is None:
        return np.asarray(upper - np.exp(np.minimum(-line, 700.0)))
    return np.asarray(lower + (upper - lower) / (1.0 + np.exp(np.minimum(-line, 700.0))))


class Metalog:
    """Keelin's metalog of three terms on the line that `to_line` leads to.

    Source: T. W. Keelin, "The metalog distributions", Decision Analysis 13 (2016) 243-277, sections 3 and 4.
    """

    lower: float | None
    upper: float | None

    def _coefficients(self) -> tuple[float, float, float]:
        """Of 1, of the logit of u, and of (u - 1/2) times the logit."""
        raise NotImplementedError

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """The metalog, transformed back."""
        u = np.asarray(u)
        return self._value(u, np.log(u / (1.0 - u)))

    def _value(self, u: np.ndarray, logit: np.ndarray) -> np.ndarray:
        """Quantile at u, whose logit is given apart because u near 1 has lost its digits."""
        middle, a2, a3 = self._coefficients()
        return from_line(middle + a2 * logit + a3 * (u - 0.5) * logit, self.lower, self.upper)

    def mean(self) -> float:
        """Unbounded: a1 + a3 / 2. Else the integral over the logit, infinite where the tail is too heavy."""
        middle, a2, a3 = self._coefficients()
        if self.lower is None and self.upper is None:
            return middle + 0.5 * a3
        # towards an open end the distance grows as (u / (1 - u)) to this power, which has a mean below 1 only
        power = 0.0
        if self.upper is None:
            power = a2 + 0.5 * a3
        elif self.lower is None:
            power = a2 - 0.5 * a3
        if power >= 1.0:
            return inf if self.upper is None else -inf
        reach = min(40.0 / (1.0 - power), 700.0)
        logit = np.arange(-reach, reach, 0.02)
        u = 1.0 / (1.0 + np.exp(-logit))
        weight = u / (1.0 + np.exp(logit))
        return float((weight * self._value(u, logit)).sum() / weight.sum())

    def support(self) -> tuple[float, float]:
        """The limits given."""
        return (-inf if self.lower is None else self.lower, inf if self.upper is None else self.upper)


@dataclass(frozen=True)
class Percentiles(Metalog):
    """10th, 50th and 90th percentile: Keelin's symmetric-percentile-triplet metalog.

    Unbounded; with `lower` the log of the distance to it, with both limits the logit, is such a metalog.
    Source: as of `Metalog`, section 3.4 (coefficients) and 4 (transforms).
    """

    p10: float
    p50: float
    p90: float
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if not self.p10 < self.p50 < self.p90:
            raise RuleError("percentiles must rise", "order them p10 < p50 < p90")
        within((self.p10, self.p90), self.lower, self.upper, "percentiles")
        middle = self._share()
        edge = 0.5 * (1.0 - 1.66711 * 0.4)
        if not edge < middle < 1.0 - edge:
            raise RuleError(
                "no smooth distribution has percentiles so lopsided",
                "give a 'min' (or 'max') on the short side, or bring p50 nearer the middle",
            )

    def _share(self) -> float:
        low, middle, high = (to_line(v, self.lower, self.upper) for v in (self.p10, self.p50, self.p90))
        return (middle - low) / (high - low)

    def _coefficients(self) -> tuple[float, float, float]:
        low, middle, high = (to_line(v, self.lower, self.upper) for v in (self.p10, self.p50, self.p90))
        a2 = 0.5 * (high - low) / LOG9
        a3 = (1.0 - 2.0 * self._share()) * (high - low) / (0.8 * LOG9)
        return middle, a2, a3


@dataclass(frozen=True)
class MedianSpread:
    """Lognormal: 80 % of the probability lies between median / spread and median x spread."""

    median: float
    spread: float

    def __post_init__(self) -> None:
        if self.median <= 0.0:
            raise RuleError("the median must be above 0", "use low-high for values around 0")
        if not 1.0 < self.spread <= WIDEST_SPREAD:
            raise RuleError(
                f"the spread must be above 1 and at most {WIDEST_SPREAD:g}",
                "2 means: probably within a factor of 2",
            )

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """``median x spread^(z / z90)``, z the standard normal quantile."""
        return np.asarray(self.median * np.exp(log(self.spread) / Z90 * ndtri(np.asarray(u))))

    def mean(self) -> float:
        """``median exp(sigma^2 / 2)``."""
        return self.median * exp(0.5 * (log(self.spread) / Z90) ** 2)

    def support(self) -> tuple[float, float]:
        """Above 0, without limit."""
        return 0.0, inf


@dataclass(frozen=True)
class StandardNormal:
    """A score: mean 0, standard deviation 1."""

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Inverse of the normal distribution function."""
        return np.asarray(ndtri(u))

    def mean(self) -> float:
        """Zero."""
        return 0.0

    def support(self) -> tuple[float, float]:
        """Everything."""
        return -inf, inf


@dataclass(frozen=True)
class Exponential:
    """Exponential of a given mean."""

    average: float

    def __post_init__(self) -> None:
        if self.average <= 0.0:
            raise RuleError("the mean must be above 0", "give a positive mean")

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """``-mean ln(1 - u)``."""
        return np.asarray(-self.average * np.log1p(-np.asarray(u)))

    def mean(self) -> float:
        """The mean given."""
        return self.average

    def support(self) -> tuple[float, float]:
        """From 0, without limit."""
        return 0.0, inf


@dataclass(frozen=True)
class Samples:
    """The values given, each as likely."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2:
            raise RuleError("needs at least two samples", "list the observations, or write a single value")
        object.__setattr__(self, "values", tuple(sorted(self.values)))

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """The floor(u n)-th of the sorted values."""
        n = len(self.values)
        return np.array(self.values)[np.minimum(n - 1, (np.asarray(u) * n).astype(np.int64))]

    def mean(self) -> float:
        """Their mean."""
        return sum(self.values) / len(self.values)

    def support(self) -> tuple[float, float]:
        """Least and greatest."""
        return self.values[0], self.values[-1]


@dataclass(frozen=True, repr=False)
class Joint:
    """One number of an ensemble of joint draws, each draw as likely.

    All numbers of an ensemble get the same luck, so that a world takes all of them from the same draw. The values are in the
    order of the ensemble, not sorted: luck means nothing here.
    """

    ensemble: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2:
            raise RuleError("an ensemble needs at least two draws", "write one row for each draw")

    def __repr__(self) -> str:
        """The ensemble and a hash of the values: what fingerprints of runs are made from."""
        digest = hashlib.sha256(np.array(self.values).tobytes()).hexdigest()
        return f"Joint({self.ensemble!r}, {len(self.values)} values, {digest})"

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """The floor(u n)-th draw."""
        n = len(self.values)
        return np.array(self.values)[np.minimum(n - 1, (np.asarray(u) * n).astype(np.int64))]

    def mean(self) -> float:
        """Mean of the draws."""
        return sum(self.values) / len(self.values)

    def support(self) -> tuple[float, float]:
        """Least and greatest."""
        return min(self.values), max(self.values)


def marginal(dist: Distribution) -> Distribution:
    """The distribution of a number alone: of an ensemble's draws, which are in no order, as `Samples` of the same values."""
    return Samples(dist.values) if isinstance(dist, Joint) else dist


def ascending(low: float, high: float) -> None:
    """Refuse a range that does not rise."""
    if not low < high:
        raise RuleError("low must be below high", "order them low, high; for a single value write it alone")


def within(values: tuple[float, ...], lower: float | None, upper: float | None, what: str) -> None:
    """Refuse values at or beyond their limits."""
    if (lower is not None and min(values) <= lower) or (upper is not None and max(values) >= upper):
        raise RuleError(f"{what} must lie within min and max", "widen min and max, or leave them out")
