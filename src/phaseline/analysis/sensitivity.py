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
from phaseline.scenario.readable import counted

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


class Inputs:
    """Numbers of a run, sorted into classes once, for as many outcomes as are asked about.

    Parameters
    ----------
    values
        Shape [world, number]: what each number was in each world.

    Raises
    ------
    ValueError
        With fewer than `LEAST_WORLDS` worlds.
    """

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.worlds = values.shape[0]
        if self.worlds < LEAST_WORLDS:
            raise ValueError(
                f"{counted(self.worlds, 'world')}: too few for sensitivities; {LEAST_WORLDS} are needed"
            )
        num_x, self.num_y = classes(self.worlds)
        group = np.arange(self.worlds) % GROUPS
        self._numbers = [_Number(values[:, j], num_x, group) for j in range(values.shape[1])]

    def sensitivities(self, outcome: NDArray[np.float64]) -> list[Sensitivity]:
        """What each number does to an outcome.

        Parameters
        ----------
        outcome
            Shape [world]: mean outcome of the world's histories, finite.

        Returns
        -------
        list of Sensitivity
            In the order of the numbers. All zero where the outcome does not vary.
        """
        y_class = _classes_of(outcome, self.num_y)
        # centred, so that the sums of squares do not lose digits
        centred = outcome - outcome.mean()
        squared = centred * centred
        return [number.sensitivity(outcome, y_class, centred, squared) for number in self._numbers]


class _Number:
    """One number's classes: coarse ones for delta, fine ones for the correlation ratio, and its tails."""

    def __init__(self, x: NDArray[np.float64], num_x: int, group: NDArray[np.int64]) -> None:
        coarse = _classes_of(x, num_x)
        self.num_coarse = int(coarse.max()) + 1
        self.coarse = group * self.num_coarse + coarse
        # the correlation ratio is corrected for the number of its classes, so it can afford many, which blur less
        fine = _classes_of(x, round(math.sqrt(x.size)))
        self.num_fine = int(fine.max()) + 1
        self.fine = group * self.num_fine + fine
        self.sizes = self._by_group(None)
        low, high = np.quantile(x, (TENTH, 1 - TENTH), method="inverted_cdf")
        self.low, self.high = x <= low, x >= high

    def _by_group(self, weights: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """Sums in fine classes: first over all worlds, then without each group in turn."""
        found = np.bincount(self.fine, weights, minlength=GROUPS * self.num_fine)
        return _with_and_without(found.reshape(GROUPS, self.num_fine).astype(float))

    def sensitivity(
        self,
        outcome: NDArray[np.float64],
        y_class: NDArray[np.int64],
        centred: NDArray[np.float64],
        squared: NDArray[np.float64],
    ) -> Sensitivity:
        num_y = int(y_class.max()) + 1
        cells = np.bincount(self.coarse * num_y + y_class, minlength=GROUPS * self.num_coarse * num_y)
        deltas = _delta(_with_and_without(cells.reshape(GROUPS, self.num_coarse, num_y).astype(float)))
        firsts = _first_order(self.sizes, self._by_group(centred), self._by_group(squared).sum(axis=1))
        return Sensitivity(
            _jackknifed(deltas), _jackknifed(firsts), _mean(outcome[self.low]), _mean(outcome[self.high])
        )


def sensitivities(values: NDArray[np.float64], outcome: NDArray[np.float64]) -> list[Sensitivity]:
    """As `Inputs.sensitivities`, for one outcome."""
    return Inputs(values).sensitivities(outcome)


def _with_and_without(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """From parts by group, shape [group, ...]: the whole, then the whole without each group, shape [1 + group, ...]."""
    whole = parts.sum(axis=0)
    return np.concatenate([whole[None], whole - parts])


def _classes_of(values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Class of each value, of about equal sizes; equal values stay together."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1], method="inverted_cdf"))
    return np.searchsorted(edges, values, side="left")


def _delta(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Delta from tables of counts, shape [table, number class, outcome class], noise taken off.

    A cell's share differs from the outcome's by d, of which noise of variance s^2 is part, so sqrt(d^2 - s^2) stands
    for it (0 where noise is the larger). What is left under independence, `LEFT_OVER` x s a cell, is taken off the
    sum in the same way.
    """
    sizes, count = counts.sum(axis=2), counts.sum(axis=(1, 2))
    shares = counts.sum(axis=1) / count[:, None]
    safe = np.maximum(sizes, 1.0)
    distance = np.abs(counts / safe[:, :, None] - shares[:, None, :])
    spare = np.maximum(1.0 / safe - 1.0 / count[:, None], 0.0)
    variance = (shares * (1.0 - shares))[:, None, :] * spare[:, :, None]
    weights = 0.5 * sizes / count[:, None]  # 0 for an empty class
    found = (weights * np.sqrt(np.maximum(distance**2 - variance, 0.0)).sum(axis=2)).sum(axis=1)
    floor = LEFT_OVER * (weights * np.sqrt(variance).sum(axis=2)).sum(axis=1)
    deltas: NDArray[np.float64] = np.sqrt(np.maximum(found * found - floor * floor, 0.0))
    return deltas


def _first_order(
    sizes: NDArray[np.float64], sums: NDArray[np.float64], squares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Correlation ratio, corrected for the number of classes; shapes [table, class] twice, and [table]."""
    count = sizes.sum(axis=1)
    about_mean = sums.sum(axis=1) ** 2 / count
    total = squares - about_mean
    between = (sums**2 / np.maximum(sizes, 1.0)).sum(axis=1) - about_mean
    within = np.maximum(total - between, 0.0) / (count - (sizes > 0).sum(axis=1))
    varies = total > 1e-12 * np.maximum(squares, 1e-300)
    return np.where(varies, 1.0 - within / np.where(varies, total / (count - 1), 1.0), 0.0)


def _jackknifed(found: NDArray[np.float64]) -> Interval:
    """The first value, with an interval from the others, each without one group; all within 0 and 1."""
    value, without = float(found[0]), found[1:]
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
