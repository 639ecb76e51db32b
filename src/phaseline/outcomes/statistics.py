"""Statistics of replications, with intervals that respect worlds.

Replications of one world share its ignorance, so they are not independent: every interval here treats worlds as
clusters of ``per_world`` consecutive rows. Intervals tell how well the *simulation* has pinned a number down; they say
nothing about whether the model is right.

Missing values (NaN) mean "it never happened". Where a time is asked for, they count as later than every time
(``missing="beyond"``), so a quantile may lie beyond the horizon (infinite); where an average is asked for, it is the
average of those that happened (``missing="drop"``).

Sources: Cochran (1977), Sampling Techniques, ch. 9 (ratio means of clusters); Wilson (1927), JASA 22:209; Korn and
Graubard (1998), Survey Methodology 24:193 (effective sample size for proportions); Woodruff (1952), JASA 47:635
(quantiles); Donner (1986), Int. Stat. Rev. 54:67 (analysis-of-variance estimator of the intraclass correlation);
Arvesen and Schmitz (1970), Biometrics 26:677 (jackknife of the log variance ratio, safe without normality).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from phaseline.scenario.records import Column

LEVEL = 0.95
"""Coverage of every interval, unless said otherwise."""

RARE = 0.1
"""Operations that finish less often than this have no mean end among the headline quantities."""

Missing = Literal["beyond", "drop"]


class Interval(NamedTuple):
    """An estimate and the interval for what infinitely many replications would give.

    Attributes
    ----------
    value
        The estimate; NaN where nothing was observed, infinite where it lies beyond what was observed.
    low, high
        Ends of the interval; infinite where the sample sets no bound.
    """

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the distance between the ends; NaN if nothing was observed."""
        if math.isinf(self.low) or math.isinf(self.high):
            return math.inf
        return (self.high - self.low) / 2


def exactly(value: float) -> Interval:
    """What is the same in every history: no sample is needed to know it."""
    return Interval(value, value, value)


def world_of(num_replications: int, per_world: int) -> NDArray[np.int64]:
    """World of each replication, shape [replication]: row r lies in world ``r // per_world``."""
    return np.arange(num_replications, dtype=np.int64) // per_world


def world_means(values: ArrayLike, per_world: int) -> NDArray[np.float64]:
    """Mean of each world, shape [world]: chance is averaged out as far as the replications of a world allow.

    Parameters
    ----------
    values
        Shape [replication], in index order, none missing.
    per_world
        Replications of one world; the last may be incomplete.
    """
    array = _checked(values, per_world)
    return _totals(array, per_world) / _totals(np.ones(array.shape), per_world)


def student_quantile(level: float, degrees: int) -> float:
    """Half-width of a central Student interval, in standard errors; infinite without a degree of freedom."""
    if degrees < 1:
        return math.inf
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))


def mean_interval(values: ArrayLike, per_world: int, *, level: float = LEVEL) -> Interval:
    """Mean of the values that are there, with a cluster-robust Student interval.

    The mean is the ratio of two cluster totals, because missing values leave worlds of different sizes; its variance is
    linearised (Cochran 1977, ch. 9), with one degree of freedom less than there are worlds with values.

    Parameters
    ----------
    values
        Shape [replication], in index order; NaN is left out.
    per_world
        Replications of one world.
    level
        Coverage of the interval.

    Returns
    -------
    Interval
        All NaN without values; unbounded with values in one world only.
    """
    array = _checked(values, per_world)
    present = ~np.isnan(array)
    count = int(present.sum())
    if count == 0:
        return Interval(math.nan, math.nan, math.nan)
    if not np.isfinite(array[present]).all():
        return Interval(float(np.mean(array[present])), -math.inf, math.inf)
    totals, sizes = _totals(np.where(present, array, 0.0), per_world), _totals(present, per_world)
    mean = float(totals.sum() / count)
    worlds = int((sizes > 0).sum())
    if worlds < 2:
        return Interval(mean, -math.inf, math.inf)
    residuals = totals - mean * sizes
    error = math.sqrt(worlds / (worlds - 1) * float(residuals @ residuals)) / count
    half = student_quantile(level, worlds - 1) * error
    return Interval(mean, mean - half, mean + half)


def amount_interval(values: ArrayLike, per_world: int) -> Interval:
    """The mean of amounts that cannot be negative, as `mean_interval` with its low end not below zero.

    Parameters and result are those of `mean_interval`; an unbounded end stays so, and so does all where a value is negative.
    """
    found = mean_interval(values, per_world)
    negative = bool((np.asarray(values, dtype=np.float64) < 0.0).any())
    return found._replace(low=0.0) if -math.inf < found.low < 0.0 and not negative else found


def probability_interval(happened: ArrayLike, per_world: int, *, level: float = LEVEL) -> Interval:
    """Share of replications in which something happened, with Wilson's interval at the effective sample size.

    The effective size is n / (1 + (m - 1) icc), m the mean size of a world and icc the intraclass correlation of the
    indicator. Few events cannot tell how strongly they cluster, so the estimate of icc is drawn towards 1, the worst
    case, with the weight of z^2 events, the same pseudo-observations that Wilson's interval adds to the share: at a
    share of 0 or 1 the interval is that of as many independent draws as there are worlds.

    Parameters
    ----------
    happened
        Shape [replication], truth values in index order.
    per_world, level
        As in `mean_interval`.

    Returns
    -------
    Interval
        Within 0 and 1; the whole range with fewer than two worlds.
    """
    array = _checked(happened, per_world)
    count = array.size
    if count == 0:
        return Interval(math.nan, math.nan, math.nan)
    share = float(array.mean())
    worlds = -(-count // per_world)
    if worlds < 2:
        return Interval(share, 0.0, 1.0)
    size = _effective_size(array, per_world, level)
    z = student_quantile(level, worlds - 1)
    centre = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    # At 0 and 1 the end is exact; rounding must not push it past the estimate.
    return Interval(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def paired_difference(
    first: ArrayLike, second: ArrayLike, per_world: int, *, level: float = LEVEL
) -> Interval:
    """How much more often one thing happens than another in the same replications: a difference of two shares.

    Only replications in which the two differ count. The shares of those in which the first alone happens, and the second
    alone, have the intervals of `probability_interval`; the limits of their difference are recovered from these (MOVER;
    Zou and Donner 2008, Statist. Med. 27:1693), with the correlation of the two shares over the worlds. So the interval has
    width even where none of few replications differ, and the mean of differences would have none.

    Parameters
    ----------
    first, second
        Shape [replication], truth values in index order, of the same worlds with the same luck.
    per_world, level
        As in `mean_interval`.

    Returns
    -------
    Interval
        Of the first share less the second, within -1 and 1.
    """
    one, other = (_checked(values, per_world) > 0.5 for values in (first, second))
    alone, against = one & ~other, other & ~one
    more, less = (probability_interval(part, per_world, level=level) for part in (alone, against))
    value = more.value - less.value
    joint = _correlation(world_means(alone, per_world), world_means(against, per_world))

    def reach(by: float, on: float) -> float:
        return math.sqrt(max(0.0, by * by - 2.0 * joint * by * on + on * on))

    low = value - reach(more.value - more.low, less.high - less.value)
    high = value + reach(more.high - more.value, less.value - less.low)
    return Interval(value, max(-1.0, low), min(1.0, high))


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """0 where one of the two does not vary."""
    spread = float(first.std() * second.std())
    return float(((first - first.mean()) * (second - second.mean())).mean()) / spread if spread > 0 else 0.0


def quantile_interval(
    values: ArrayLike, share: float, per_world: int, *, missing: Missing = "beyond", level: float = LEVEL
) -> Interval:
    """Quantile with Woodruff's interval: the interval of the distribution function at the quantile, turned round.

    The quantile is the smallest value with at least ``share`` of the replications at or below it, so it is always a
    value that occurred. The ends are order statistics, taken outward.

    Parameters
    ----------
    values
        Shape [replication], in index order. NaN counts as +infinity, or is left out, by ``missing``.
    share
        Between 0 and 1, for example 0.9.
    per_world, level
        As in `mean_interval`.

    Returns
    -------
    Interval
        ``value`` is +infinity where the quantile lies among those that never happened; an end is infinite where the
        sample is too small to bound it. Without width where all values are the same, as for a mean; all NaN without
        values.
    """
    return quantile_intervals(values, (share,), per_world, missing=missing, level=level)[0]


def quantile_intervals(
    values: ArrayLike,
    shares: Sequence[float],
    per_world: int,
    *,
    missing: Missing = "beyond",
    level: float = LEVEL,
) -> list[Interval]:
    """Several quantiles of the same values, as by `quantile_interval`, with one sort."""
    array = _checked(values, per_world)
    present = ~np.isnan(array)
    if missing == "beyond":
        array, present = np.where(present, array, np.inf), np.ones(array.shape, dtype=bool)
    count = int(present.sum())
    if count == 0:
        return [Interval(math.nan, math.nan, math.nan)] * len(shares)
    ordered = np.sort(array[present])
    worlds = int((_totals(present, per_world) > 0).sum())
    return [_quantile(array, present, ordered, share, worlds, per_world, level) for share in shares]


def _quantile(
    array: NDArray[np.float64],
    present: NDArray[np.bool_],
    ordered: NDArray[np.float64],
    share: float,
    worlds: int,
    per_world: int,
    level: float,
) -> Interval:
    count = ordered.size
    value = float(ordered[_rank(share, count) - 1])
    if ordered[0] == ordered[-1]:
        return Interval(value, value, value)
    if worlds < 2:
        return Interval(value, -math.inf, math.inf)
    size = _effective_size(array <= value, per_world, level, present)
    spread = student_quantile(level, worlds - 1) * math.sqrt(share * (1 - share) / size)
    first, last = math.floor(count * (share - spread)), math.ceil(count * (share + spread)) + 1
    low = float(ordered[first - 1]) if first >= 1 else -math.inf
    high = float(ordered[last - 1]) if last <= count else math.inf
    return Interval(value, min(low, value), max(high, value))


def variance_split(values: ArrayLike, per_world: int, *, level: float = LEVEL) -> Interval:
    """Share of the variance that comes from ignorance (between worlds); the rest is chance (within worlds).

    One-way random-effects analysis of variance: F = between / within mean square, share = (F - 1) / (F + m - 1), not
    below 0 (Donner 1986). The interval is the jackknife over worlds of log F with Student's quantile (Arvesen and
    Schmitz 1970): unlike the F interval it needs no normality, and ends of operations are far from normal.

    Parameters
    ----------
    values
        Shape [replication], in index order; NaN is left out.
    per_world, level
        As in `mean_interval`.

    Returns
    -------
    Interval
        NaN where nothing varies or worlds hold one value each; 0 to 1 where the interval is not identified.
    """
    array = _checked(values, per_world)
    present = np.isfinite(array)
    sizes = _totals(present, per_world)
    kept = sizes > 0
    sizes = sizes[kept]
    worlds, count = sizes.size, float(sizes.sum())
    if worlds < 2 or count <= worlds:
        return Interval(math.nan, math.nan, math.nan)
    centred = np.where(present, array, 0.0)
    centred = np.where(present, centred - centred.sum() / count, 0.0)
    totals = _totals(centred, per_world)[kept]
    squares = _totals(centred * centred, per_world)[kept]
    within_parts = np.maximum(squares - totals * totals / sizes, 0.0)
    within_parts[within_parts <= 1e-12 * squares] = 0.0
    parts = _parts(sizes, totals, within_parts)
    sums = parts.sum(axis=1)
    between, within, width = (float(x) for x in _mean_squares(sums))
    if between + within <= 0:
        return Interval(math.nan, math.nan, math.nan)
    if within <= 0:
        return Interval(1.0, 1.0, 1.0)
    value = _share_between(between / within, width)
    if worlds < 3 or between <= 0:
        return Interval(value, 0.0, 1.0)
    without = sums[:, None] - parts
    if without[0].min() < 2 or (without[1] <= without[0]).any():
        return Interval(value, 0.0, 1.0)
    between_without, within_without, _ = _mean_squares(without)
    if between_without.min() <= 0 or within_without.min() <= 1e-9 * within:
        return Interval(value, 0.0, 1.0)
    pseudo = worlds * math.log(between / within) - (worlds - 1) * np.log(between_without / within_without)
    centre = float(pseudo.mean())
    half = student_quantile(level, worlds - 1) * float(pseudo.std(ddof=1)) / math.sqrt(worlds)
    low, high = (_share_between(math.exp(min(centre + sign * half, 700.0)), width) for sign in (-1, 1))
    return Interval(value, min(low, value), max(high, value))


def headline_precision(table: NDArray[np.float64], columns: Sequence[Column], per_world: int) -> float:
    """Largest 95 % half-width among the headline quantities: what the stopping rule compares with ``--precision``.

    Relative for means: the end of each operation and of all, among histories that finish, where at least `RARE` do.
    Absolute for chances: that each operation is done, that it has failed, that each asset binds.

    Parameters
    ----------
    table
        Shape [replication, column], in index order.
    columns
        As `records.columns` lists them.
    per_world
        Replications of one world.

    Returns
    -------
    float
        Infinite with fewer than two worlds; 0 without a headline quantity.
    """
    widths = []
    for index, column in enumerate(columns):
        values = table[:, index]
        if "." in column.entity:
            continue
        if column.quantity == "end":
            if np.mean(~np.isnan(values)) >= RARE:
                mean = mean_interval(values, per_world)
                widths.append(mean.half_width / max(abs(mean.value), 1.0))
        elif column.quantity == "status":
            widths += [probability_interval(values == code, per_world).half_width for code in (1, 2)]
        elif column.quantity == "binds":
            widths.append(probability_interval(~np.isnan(values), per_world).half_width)
    if widths and len(table) <= per_world:
        return math.inf
    return max(widths, default=0.0)


def _checked(values: ArrayLike, per_world: int) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"values must have one dimension, not {array.ndim}")
    if per_world < 1:
        raise ValueError(f"per_world must be at least 1, not {per_world}")
    return array


def _totals(values: NDArray, per_world: int) -> NDArray[np.float64]:
    """Sum of each world, shape [world]; the last world may be incomplete."""
    return np.add.reduceat(values.astype(np.float64), np.arange(0, values.size, per_world))


def _rank(share: float, count: int) -> int:
    # 0.1 * 30 is a little above 3 in binary; the slack keeps the rank at 3.
    return min(max(math.ceil(share * count - 1e-9), 1), count)


def _effective_size(
    indicator: NDArray, per_world: int, level: float, present: NDArray[np.bool_] | None = None
) -> float:
    """Number of independent draws that would tell the share of an indicator as well as this clustered sample."""
    if present is None:
        present = np.ones(indicator.shape, dtype=bool)
    sizes = _totals(present, per_world)
    events = _totals(np.where(present, indicator, 0), per_world)
    kept = sizes > 0
    sizes, events = sizes[kept], events[kept]
    count, worlds = float(sizes.sum()), sizes.size
    positives = float(events.sum())
    mean_size = float(sizes @ sizes) / count
    if worlds < 2 or count <= worlds:
        return count
    share = positives / count
    correlation = 1.0
    if 0.0 < share < 1.0:
        deviations = events - share * sizes
        within_parts = events - events * events / sizes
        between, within, width = _mean_squares(_parts(sizes, deviations, within_parts).sum(axis=1))
        total = float(between + (width - 1) * within)
        correlation = max(0.0, float(between - within) / total) if total > 0 else 1.0
    rarer = min(positives, count - positives)
    prior = student_quantile(level, worlds - 1) ** 2
    correlation = (correlation * rarer + prior) / (rarer + prior)
    return count / (1.0 + (mean_size - 1.0) * correlation)


def _parts(
    sizes: NDArray[np.float64], totals: NDArray[np.float64], within: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each world adds to the sums of an analysis of variance, shape [sum, world]; totals are of centred values."""
    return np.stack([np.ones_like(sizes), sizes, sizes * sizes, totals, totals * totals / sizes, within])


def _mean_squares(sums: NDArray[np.float64]) -> tuple[NDArray, NDArray, NDArray]:
    """Mean squares between and within worlds and the effective size of a world, from the sums of `_parts`."""
    worlds, count, squared_sizes, total, squared_totals, within = sums
    between = (squared_totals - total * total / count) / (worlds - 1)
    width = (count - squared_sizes / count) / (worlds - 1)
    return between, within / (count - worlds), width


def _share_between(ratio: float, width: float) -> float:
    """Share of the variance between worlds at a ratio of mean squares."""
    return min(1.0, max(0.0, (ratio - 1.0) / (ratio + width - 1.0)))
