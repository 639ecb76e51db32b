"""Scores of forecasts that are samples, against what was observed.

All scores are losses: smaller is better. A forecast is a sample of equally likely values; a value that never comes (a battle
that does not end within the horizon) is infinite. Such a forecast has an atom at "later than the horizon", and scores
are taken on values cut at a limit (threshold-censored, Gneiting and Ranjan 2011), the observation likewise.

An observation may be a range, where it is known no better: the score is then its mean over a uniform distribution on the range.
The finest that a date says is a day, which is a cell of time and no moment. What only asks on which side of the observation a
value lies (`pit`, `bias`, `covered`) takes a day as one: a value in it is neither early nor late. So a forecast that is right
to the day is never called early, late or a miss.

Sources: T. Gneiting, A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102 (2007) 359-378;
J. Bracher et al., "Evaluating epidemic forecasts in an interval format", PLOS Comput. Biol. 17 (2021) e1008618;
C. Czado, T. Gneiting, L. Held, "Predictive model assessment for count data", Biometrics 65 (2009) 1254-1261 (where only a cell
is known, the probability integral transform lies anywhere between those of its two ends).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CENTRAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Central intervals of the weighted interval score, as in Bracher et al."""
_NODES = 33
"""Points over which a score is averaged where an observation is a range."""


class Observed(NamedTuple):
    """What was observed, between two ends; the same twice where it is exact.

    Attributes
    ----------
    low, high
        The ends; of dates, days from the start to the beginning of the first and the end of the last day that it may be.
    without
        Of dates, the end that is no part of a day: the midnight between two days ends the earlier or begins the later.
        Empty for amounts.
    """

    low: float
    high: float
    without: Literal["", "low", "high"] = ""

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low + self.high)

    def points(self) -> NDArray[np.float64]:
        """Midpoints of equal parts of the range."""
        if self.high <= self.low:
            return np.array([self.low])
        steps = (np.arange(_NODES) + 0.5) / _NODES
        return np.asarray(self.low + steps * (self.high - self.low))

    def cells(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper ends of what it may have been, each as likely: the days of a range of dates, else its `points`."""
        if not self.without or math.isinf(self.low):
            return self.points(), self.points()
        first = self.low + np.arange(max(1, round(self.high - self.low)), dtype=float)
        return first, first + 1.0

    def middle_cell(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Ends of the middle: a day long for dates, else a point."""
        half = 0.5 if self.without else 0.0
        return np.array([self.middle - half]), np.array([self.middle + half])


def crps(sample: ArrayLike, observed: Observed, limit: float = math.inf) -> float:
    """Continuous ranked probability score of the empirical distribution, in the unit of the values.

    E|X - y| - E|X - X'| / 2, computed from the sorted sample (Gneiting and Raftery 2007, eq. 21).

    Parameters
    ----------
    sample
        Shape (n,); with infinite values only under a finite `limit`.
    observed
        May lie beyond the limit.
    limit
        Everything beyond counts as the limit.

    Raises
    ------
    ValueError
        If there is nothing in the sample, or something infinite is left.
    """
    ordered = np.sort(np.minimum(np.asarray(sample, dtype=float), limit))
    if not ordered.size or not np.isfinite(ordered).all():
        raise ValueError("a forecast needs values, and a limit if some of them are infinite")
    n = ordered.size
    spread = float(((2.0 * np.arange(1, n + 1) - n - 1.0) * ordered).sum()) / (n * n)
    points = np.minimum(observed.points(), limit)
    return float(np.abs(ordered[:, None] - points).mean() - spread)


def quantile(sample: ArrayLike, level: float) -> float:
    """Smallest value with at least this share of the sample at or below it; may be infinite."""
    ordered = np.sort(np.asarray(sample, dtype=float))
    return float(ordered[max(0, math.ceil(level * ordered.size) - 1)])


def interval_score(low: float, high: float, observed: float, level: float) -> float:
    """Width of a central interval, and 2 / (1 - level) for each unit by which it is missed."""
    penalty = 2.0 / (1.0 - level)
    return (high - low) + penalty * max(0.0, low - observed) + penalty * max(0.0, observed - high)


def weighted_interval_score(
    sample: ArrayLike, observed: Observed, limit: float = math.inf, levels: Sequence[float] = CENTRAL
) -> float:
    """Interval scores with weight (1 - level) / 2, and the median's absolute error with 1/2, over their number plus 1/2."""
    cut = np.minimum(np.asarray(sample, dtype=float), limit)
    points = np.minimum(observed.points(), limit)
    middle = quantile(cut, 0.5)
    total = 0.5 * float(np.abs(points - middle).mean())
    for level in levels:
        low, high = quantile(cut, 0.5 - 0.5 * level), quantile(cut, 0.5 + 0.5 * level)
        missed = [interval_score(low, high, float(point), level) for point in points]
        total += 0.5 * (1.0 - level) * float(np.mean(missed))
    return total / (len(levels) + 0.5)


def _sides(
    sample: ArrayLike, cells: tuple[NDArray[np.float64], NDArray[np.float64]], without: str, limit: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values (rows) lie below and which above each cell (columns): the one place where this is decided.

    Whatever is beyond the limit is one cell of its own, "later".
    """
    values = np.asarray(sample, dtype=float)[:, None]
    # what ends with the last day has come within the limit, and an amount at the limit counts as beyond
    values = np.where(values > limit if without else values >= limit, math.inf, values)
    low, high = (np.where(cells[0] >= limit, math.inf, end) for end in cells)
    later = low == math.inf
    below = np.where(later | (without != "low"), values < low, values <= low)
    above = np.where(later | (without != "high"), values > high, values >= high)
    return below, above


def pit(sample: ArrayLike, observed: Observed, limit: float = math.inf) -> float:
    """Probability given to less than what was observed, with half of the ties: uniform if forecasts are calibrated.

    Everything beyond the limit is tied there, as in `crps`, and all of a day that was observed: the middle of the values
    between which a randomised PIT would be drawn (Czado, Gneiting and Held 2009, section 2.1).
    """
    below, above = _sides(sample, observed.cells(), observed.without, limit)
    return float(0.5 + 0.5 * (below.mean() - above.mean()))


def covered(sample: ArrayLike, observed: Observed, level: float, limit: float = math.inf) -> bool:
    """Whether the central interval contains the middle of what was observed, of dates some of the middle day.

    An interval that ends beyond the limit says "perhaps later": it contains whatever came later.
    """
    values = np.asarray(sample, dtype=float)
    ends = [quantile(values, 0.5 - 0.5 * level), quantile(values, 0.5 + 0.5 * level)]
    below, above = _sides(ends, observed.middle_cell(), observed.without, limit)
    return not above[0, 0] and not below[1, 0]


def log_score(sample: ArrayLike, observed: Observed, limit: float = math.inf) -> float:
    """Minus the log density of what was observed, by a Gaussian kernel estimate (Silverman's rule), in log(unit).

    Values beyond the limit are an atom: if the observation is there too, the score is minus the log of its share, which has
    no unit. A share of nothing counts as half of one sample, so that the score is finite.
    """
    values = np.asarray(sample, dtype=float)
    inside = values[values < limit]
    least = 0.5 / values.size
    if observed.middle >= limit:
        return -math.log(max(1.0 - inside.size / values.size, least))
    if inside.size < 2:
        return -math.log(least)
    deviation = float(inside.std(ddof=1))
    quartiles = np.quantile(inside, [0.25, 0.75])
    between = float(quartiles[1] - quartiles[0]) / 1.349
    width = 0.9 * (min(deviation, between) if between > 0.0 else deviation) * inside.size**-0.2
    # a sample without spread says it is sure to a thousandth of its size
    width = max(width, 1e-3 * max(1.0, abs(float(inside.mean()))))
    points = observed.points()
    density = stats.norm.pdf(points, inside[:, None], width).mean()
    return -math.log(max(inside.size / values.size * float(density), least * 1e-3))


def bias(sample: ArrayLike, observed: Observed, limit: float = math.inf) -> float:
    """Share of the forecast below what was observed minus the share above: -1 too high, +1 too low (Funk et al. 2019)."""
    return 2.0 * pit(sample, observed, limit) - 1.0


class Coverage(NamedTuple):
    """How often intervals held what came.

    Attributes
    ----------
    share, low, high
        Share of intervals, with its 95 % Clopper-Pearson interval.
    number
        Of intervals.
    p_value
        Exact two-sided binomial test of the level; not valid where forecasts are of the same event.
    """

    share: float
    low: float
    high: float
    number: int
    p_value: float


def coverage(held: Sequence[bool], level: float) -> Coverage:
    """Observed coverage of central intervals.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not held:
        raise ValueError("coverage needs at least one interval")
    test = stats.binomtest(sum(held), len(held), level)
    ends = test.proportion_ci(0.95, method="exact")
    return Coverage(sum(held) / len(held), float(ends.low), float(ends.high), len(held), float(test.pvalue))


class Difference(NamedTuple):
    """Mean of paired differences with its 95 % bootstrap interval, whose ends are NaN where one group bounds nothing."""

    value: float
    low: float
    high: float
    number: int


def mean_difference(
    first: Sequence[float], second: Sequence[float], seed: int, groups: Sequence[Hashable] | None = None
) -> Difference:
    """Mean of first minus second, paired, with a percentile bootstrap interval (9,999 resamples).

    Parameters
    ----------
    first, second
        Of the same length.
    seed
        Of the resamples.
    groups
        Of each pair; pairs of a group hang together, so that whole groups are resampled. Default: each pair is its own.

    Raises
    ------
    ValueError
        If they are not of the same length, or fewer than two.
    """
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    if differences.size < 2:
        raise ValueError("a difference needs at least two pairs")
    value = float(differences.mean())
    keys = list(range(differences.size)) if groups is None else list(groups)
    position = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    if len(position) < 2:
        return Difference(value, math.nan, math.nan, differences.size)
    if np.ptp(differences) == 0.0:
        value = float(differences[0])
        return Difference(value, value, value, differences.size)
    index = np.array([position[key] for key in keys])
    sums, counts = np.bincount(index, weights=differences), np.bincount(index)
    found = stats.bootstrap(
        (sums, counts), _ratio, paired=True, vectorized=True, method="percentile",
        rng=np.random.Generator(np.random.Philox(seed)),
    ).confidence_interval  # fmt: skip
    return Difference(value, float(found.low), float(found.high), differences.size)


def _ratio(sums: NDArray[np.float64], counts: NDArray[np.int64], axis: int = -1) -> NDArray[np.float64]:
    return np.asarray(sums.sum(axis=axis) / counts.sum(axis=axis))


def uniform_envelope(count: int, ranks: int, level: float = 0.95, tests: int = 1) -> float:
    """Largest distance from the diagonal that the ECDF of uniform ranks keeps, at all points at once.

    The Kolmogorov-Smirnov distance of `count` ranks in 0, ..., `ranks`, at a level corrected for several tests (Bonferroni).
    Sailynoja, Burkner and Vehtari (2022) give sharper envelopes; this one is exact for continuous values and conservative for
    ranks.

    Parameters
    ----------
    count
        Number of ranks observed.
    ranks
        Largest possible rank.
    level
        Of all tests together.
    tests
        Number of parameters tested.
    """
    if ranks < 1:
        raise ValueError("ranks are at least 0 and 1")
    return float(stats.kstwo.ppf(1.0 - (1.0 - level) / tests, count))
