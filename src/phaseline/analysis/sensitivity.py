"""Which unknown drives an outcome: given-data global sensitivity, from the worlds of a run and nothing else.

Inputs are the values of every number that is ignorance, world by world; the output is an outcome's mean in each world. Two
measures are taken, neither of which asks for a design of its own or for independent inputs.

- Borgonovo's delta: half the mean distance between the distribution of the outcome and its distribution given the
  number, 0 to 1, independent of moments and of monotone changes of scale. With correlated inputs it says how much
  learning the number would tell, through whatever it is correlated with.
- The first-order index: the share of the variance of the outcome that the number explains, Var(E[Y | X]) / Var(Y).
  With correlated inputs these shares overlap and may add up to more than 1.

Both are estimated on classes of equal size. Delta's estimate is positive by noise alone; what noise adds is known and
is taken off. Classes blur what is sharp: with 2,500 worlds delta is about a tenth to a sixth low
(`tests/analysis/test_sensitivity.py` holds it to that against closed forms), alike for all numbers, so ranks are safe
and sizes are cautious.

Sources: Borgonovo (2007), Reliab. Eng. Syst. Saf. 92:771; Plischke, Borgonovo and Smith (2013), Eur. J. Oper. Res.
226:536 (given data, classes); Kelley (1935), PNAS 21:554 (correction of the correlation ratio); Wolter (2007),
Introduction to Variance Estimation, ch. 4 (delete-a-group jackknife).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phaseline.outcomes.statistics import LEVEL, Interval, student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS = 25
"""Groups of worlds left out in turn for the intervals."""
LEAST_WORLDS = 200
"""Fewer worlds say nothing about tens of numbers."""
TENTH = 0.1
LEFT_OVER = 0.34262
"""E[sqrt(max(Z^2 - 1, 0))], Z standard normal, by quadrature."""


class Sensitivity(NamedTuple):
    """What one number does to one outcome.

    Attributes
    ----------
    delta
        Borgonovo's delta, less the noise floor; 0 to 1.
    first_order
        Share of the outcome's variance between worlds; 0 to 1.
    at_low, at_high
        Mean outcome in the tenth of worlds where the number is lowest and highest, in the outcome's unit.
    """

    delta: Interval
    first_order: Interval
    at_low: Interval
    at_high: Interval


def classes(worlds: int) -> tuple[int, int]:
    """Number of classes of the number and of the outcome for so many worlds.

    About n^(1/3) of each: fewer blur what is strong, more drown it in noise (Plischke et al. 2013, section 4).
    """
    return max(4, round(0.9 * worlds ** (1 / 3))), max(6, round(1.1 * worlds ** (1 / 3)))


def sensitivities(values: NDArray[np.float64], outcome: NDArray[np.float64]) -> list[Sensitivity]:
    """What each number does to an outcome.

    Parameters
    ----------
    values
        Shape [world, number]: what each number was in each world.
    outcome
        Shape [world]: mean outcome of the world's histories, finite.

    Returns
    -------
    list of Sensitivity
        In the order of the numbers. All zero where the outcome does not vary.

    Raises
    ------
    ValueError
        With fewer than `LEAST_WORLDS` worlds.
    """
    worlds = outcome.size
    if worlds < LEAST_WORLDS:
        raise ValueError(f"{worlds} worlds are too few for sensitivities; {LEAST_WORLDS} are needed")
    num_x, num_y = classes(worlds)
    y_class = _classes_of(outcome, num_y)
    group = np.arange(worlds) % GROUPS
    return [_sensitivity(values[:, j], outcome, y_class, group, num_x) for j in range(values.shape[1])]


def _classes_of(values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Class of each value, of about equal sizes; equal values stay together."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1], method="inverted_cdf"))
    return np.searchsorted(edges, values, side="left")


def _sensitivity(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    y_class: NDArray[np.int64],
    group: NDArray[np.int64],
    num_x: int,
) -> Sensitivity:
    x_class = _classes_of(x, num_x)
    shape = (GROUPS, int(x_class.max()) + 1, int(y_class.max()) + 1)
    cell = (group * shape[1] + x_class) * shape[2] + y_class
    counts = np.bincount(cell, minlength=math.prod(shape)).reshape(shape).astype(float)
    # the correlation ratio is corrected for the number of its classes, so it can afford many, which blur less
    fine = _classes_of(x, round(math.sqrt(x.size)))
    num_fine = int(fine.max()) + 1
    strip = group * num_fine + fine
    # centred, so that the sums of squares do not lose digits
    centred = y - y.mean()
    sums, squares = (
        np.bincount(strip, weights, minlength=GROUPS * num_fine).reshape(GROUPS, num_fine)
        for weights in (centred, centred * centred)
    )
    sizes = np.bincount(strip, minlength=GROUPS * num_fine).reshape(GROUPS, num_fine).astype(float)
    table, size, total, square = (part.sum(axis=0) for part in (counts, sizes, sums, squares))
    delta, first = _delta(table), _first_order(size, total, float(square.sum()))
    deltas, firsts = np.empty(GROUPS), np.empty(GROUPS)
    for g in range(GROUPS):
        deltas[g] = _delta(table - counts[g])
        firsts[g] = _first_order(size - sizes[g], total - sums[g], float((square - squares[g]).sum()))
    low, high = np.quantile(x, (TENTH, 1 - TENTH), method="inverted_cdf")
    return Sensitivity(
        _jackknifed(delta, deltas),
        _jackknifed(first, firsts),
        _mean(y[x <= low]),
        _mean(y[x >= high]),
    )


def _delta(counts: NDArray[np.float64]) -> float:
    """Delta from a table of counts [number class, outcome class], noise taken off.

    A cell's share differs from the outcome's by d, of which noise of variance s^2 is part, so sqrt(d^2 - s^2) stands
    for it (0 where noise is the larger). What is left under independence, `LEFT_OVER` x s a cell, is taken off the
    sum in the same way.
    """
    kept = counts.sum(axis=1) > 0
    counts = counts[kept]
    sizes, count = counts.sum(axis=1), float(counts.sum())
    shares = counts.sum(axis=0) / count
    distance = np.abs(counts / sizes[:, None] - shares)
    noise = np.sqrt(shares * (1.0 - shares) * np.maximum(1.0 / sizes[:, None] - 1.0 / count, 0.0))
    weights = 0.5 * sizes / count
    found = float(weights @ np.sqrt(np.maximum(distance**2 - noise**2, 0.0)).sum(axis=1))
    floor = LEFT_OVER * float(weights @ noise.sum(axis=1))
    return math.sqrt(max(found * found - floor * floor, 0.0))


def _first_order(sizes: NDArray[np.float64], sums: NDArray[np.float64], squares: float) -> float:
    """Correlation ratio, corrected for the number of classes."""
    count, kept = float(sizes.sum()), sizes > 0
    mean = float(sums.sum()) / count
    total = squares - count * mean * mean
    if total <= 1e-12 * max(squares, 1e-300):
        return 0.0
    between = float((sums[kept] ** 2 / sizes[kept]).sum()) - count * mean * mean
    within = max(total - between, 0.0)
    return 1.0 - (within / (count - int(kept.sum()))) / (total / (count - 1))


def _jackknifed(value: float, without: NDArray[np.float64]) -> Interval:
    """Interval by leaving out each group in turn, within 0 and 1; the estimate too."""
    error = math.sqrt((GROUPS - 1) / GROUPS * float(((without - without.mean()) ** 2).sum()))
    half = student_quantile(LEVEL, GROUPS - 1) * error
    low, middle, high = (min(1.0, max(0.0, v)) for v in (value - half, value, value + half))
    return Interval(middle, low, high)


def _mean(values: NDArray[np.float64]) -> Interval:
    """Mean of independent worlds with Student's interval."""
    mean = float(values.mean())
    if values.size < 2:
        return Interval(mean, -math.inf, math.inf)
    half = student_quantile(LEVEL, values.size - 1) * float(values.std(ddof=1)) / math.sqrt(values.size)
    return Interval(mean, mean - half, mean + half)
