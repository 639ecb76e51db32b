"""What a plan is judged by: a statistic of a main outcome, to be made small or to be kept below a limit.

Statistics are the expectation, a quantile or the conditional value at risk (mean of the worst share: Rockafellar and
Uryasev 2000, J. Risk 2:21), taken over all histories or, chance averaged out first, over the worlds; or the regret: what a
plan costs in a world, chance averaged out, against the best of all plans tried there, of which the largest over the worlds
(minimax regret: Savage 1951, J. Am. Stat. Assoc. 46:55) or a quantile is taken.

Intervals of means and chances are those of `outcomes.statistics`. All others, and differences between plans on common
random numbers, are had by sectioning: the statistic of each of 16 groups of worlds scatters as the whole does, and the
interval is Student's around the statistic of all (Asmussen and Glynn 2007, Stochastic Simulation, III.5a; Nakayama 2014,
ACM Trans. Model. Comput. Simul. 24:19).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.outcomes.known import ROUNDING
from phaseline.outcomes.limits import WrittenLimit, date_of, is_end, read_limits
from phaseline.outcomes.measures import Measure, all_measures
from phaseline.outcomes.statistics import (
    Interval,
    exactly,
    student_quantile,
    world_means,
)
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.nearness import near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from phaseline.scenario.schema import Scenario

SECTIONS = 16
"""Groups of worlds for the intervals of statistics other than means."""
LEVEL = 0.95

Statistic = Literal["mean", "quantile", "cvar", "regret"]
_WRITTEN = re.compile(
    r"(?P<key>[a-z][a-z0-9_.]*)(?::(?P<worlds>world-)?(?P<kind>mean|p(?P<p>\d{1,2})|cvar(?P<c>\d{1,2})|regret(?P<r>\d{1,2})?))?"
)


@dataclass(frozen=True)
class Criterion:
    """A statistic of a main outcome; smaller is better, since outcomes that should be large are turned round.

    Attributes
    ----------
    measure
        Which outcome.
    statistic
        ``mean``, ``quantile``, ``cvar`` or ``regret``.
    level
        Of the quantile, or from which on ``cvar`` averages; of ``regret`` the quantile over worlds, 1 the largest. 0 to 1.
    over_worlds
        Whether the histories of each world are averaged first, so that only ignorance is left.
    """

    measure: Measure
    statistic: Statistic = "mean"
    level: float = 0.5
    over_worlds: bool = False

    @property
    def key(self) -> str:
        """As it is written, for example ``end:p80``."""
        if self.statistic == "mean":
            return self.measure.key
        if self.statistic == "regret":
            return f"{self.measure.key}:regret{'' if self.level >= 1 else f'{100 * self.level:.0f}'}"
        kind = "p" if self.statistic == "quantile" else "cvar"
        return f"{self.measure.key}:{'world-' if self.over_worlds else ''}{kind}{100 * self.level:.0f}"

    @property
    def label(self) -> str:
        """In words, with the unit left out."""
        if self.statistic == "mean":
            return f"{'chance' if self.measure.kind == 'chance' else 'mean'} of {self._what}"
        over = " over worlds" if self.over_worlds else ""
        if self.statistic == "regret":
            which = "largest" if self.level >= 1 else f"{100 * self.level:.0f} % point of the"
            return f"{which} regret over worlds in {self._what}"
        if self.statistic == "quantile":
            return f"{100 * self.level:.0f} % point{over} of {self._what}"
        return f"mean of the worst {100 * (1 - self.level):.0f} %{over} of {self._what}"

    @property
    def _what(self) -> str:
        label = self.measure.label
        return label if ":" in label else label[0].lower() + label[1:]

    def of(
        self, values: NDArray[np.float64], per_world: int, reference: NDArray[np.float64] | None = None
    ) -> float:
        """The statistic.

        Parameters
        ----------
        values
            Of the outcome, shape [replication], in index order.
        per_world
            Replications of one world.
        reference
            For ``regret``: mean of the best plan in each world, as of `best_of_worlds`, for as many worlds or more.
        """
        if self.statistic == "regret":
            if reference is None:
                raise ValueError("regret needs what it is measured against")
            lost = self.by_world(values, per_world)
            lost = lost - reference[: len(lost)]
            return float(np.quantile(lost, self.level, method="inverted_cdf"))
        if self.over_worlds:
            values = world_means(values, per_world)
        if self.measure.better == "high":
            values = -values
        if self.statistic == "mean":
            return float(values.mean())
        if self.statistic == "quantile":
            return float(np.quantile(values, self.level, method="inverted_cdf"))
        return worst_mean(values, self.level)

    def by_world(self, values: NDArray[np.float64], per_world: int) -> NDArray[np.float64]:
        """Means of the outcome in each world, smaller is better."""
        means = world_means(values, per_world)
        return means if self.measure.better == "low" else -means

    def interval(
        self, values: NDArray[np.float64], per_world: int, reference: NDArray[np.float64] | None = None
    ) -> Interval:
        """The statistic with its 95 % interval; parameters as of `of`."""
        if self.statistic == "mean" and self.measure.better == "low":
            return self.measure.estimate(values, per_world)
        return self._sectioned([(1.0, values)], per_world, reference)

    def difference(
        self,
        values: NDArray[np.float64],
        other: NDArray[np.float64],
        per_world: int,
        reference: NDArray[np.float64] | None = None,
    ) -> Interval:
        """How much larger (worse) it is than for another plan over the same histories, with the paired 95 % interval."""
        if self.statistic == "mean":
            sign = 1.0 if self.measure.better == "low" else -1.0
            return self.measure.difference(sign * values, sign * other, per_world)
        return self._sectioned([(1.0, values), (-1.0, other)], per_world, reference)

    def _sectioned(
        self,
        terms: list[tuple[float, NDArray[np.float64]]],
        per_world: int,
        reference: NDArray[np.float64] | None,
    ) -> Interval:
        whole = sum(weight * self.of(values, per_world, reference) for weight, values in terms)
        if self.measure.certain:
            return exactly(0.0 if abs(whole) <= ROUNDING * (1.0 + abs(terms[-1][1][0])) else whole)
        worlds = len(terms[0][1]) // per_world
        groups = min(SECTIONS, worlds // 2)
        if groups < 2:
            return Interval(whole, math.nan, math.nan)
        edges = np.linspace(0, worlds, groups + 1).astype(int) * per_world
        parts = np.array(
            [
                sum(
                    weight
                    * self.of(
                        values[a:b], per_world, None if reference is None else reference[a // per_world :]
                    )
                    for weight, values in terms
                )
                for a, b in pairwise(edges)
            ]
        )
        scatter = math.sqrt(float(((parts - whole) ** 2).sum()) / (groups - 1) / groups)
        half = student_quantile(LEVEL, groups - 1) * scatter
        return Interval(whole, whole - half, whole + half)


@dataclass(frozen=True)
class Limit:
    """A criterion that is to stay at or below a number; for an end with the day that it falls on."""

    criterion: Criterion
    at_most: float
    date: dt.date | None = None

    @property
    def label(self) -> str:
        """In words."""
        if self.criterion.measure.kind == "chance":
            return f"{self.criterion.label} at most {100 * self.at_most:g} %"
        unit = self.criterion.measure.unit
        day = "" if self.date is None else f" ({self.date.isoformat()})"
        return f"{self.criterion.label} at most {self.at_most:g}{f' {unit}' if unit else ''}{day}"


def worst_mean(values: NDArray[np.float64], level: float) -> float:
    """Conditional value at risk: the mean of the worst (largest) share 1 - level, parts of a history counted in part."""
    ordered = np.sort(values)[::-1]
    count = (1.0 - level) * len(ordered)
    whole = int(count)
    total = ordered[:whole].sum()
    if whole < len(ordered):
        total += (count - whole) * ordered[whole]
    return float(total / count)


def best_of_worlds(means: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The least mean in each world over all plans tried there.

    Parameters
    ----------
    means
        Of each plan, as of `Criterion.by_world`; plans may have been tried in different numbers of worlds.
    """
    found = np.full(max(map(len, means)), np.inf)
    for one in means:
        found[: len(one)] = np.minimum(found[: len(one)], one)
    return found


def parse_criterion(scenario: Scenario, text: str, option: str = "objective") -> Criterion:
    """A criterion as it is written: ``end``, ``end:p80``, ``losses:cvar90``, ``end:world-p80``.

    Raises
    ------
    InputError
        If it cannot be read, or there is no such outcome.
    """
    known = all_measures(scenario)
    matched = _WRITTEN.fullmatch(text.strip())
    if matched is None:
        raise InputError(
            Problem("options", path=option, value=text, rule="is not an outcome and a statistic of it",
                    remedy="write e.g. end, end:p80 or losses:cvar90")
        )  # fmt: skip
    if matched["key"] not in known:
        rule = "there is no such outcome"
        raise InputError(
            Problem(
                "options", path=option, value=matched["key"], rule=rule, remedy=near(matched["key"], known)
            )
        )
    measure, worlds = known[matched["key"]], matched["worlds"] is not None
    if matched["p"] is not None:
        return Criterion(measure, "quantile", _level(option, matched["p"]), worlds)
    if matched["kind"] is not None and matched["kind"].startswith("regret"):
        level = 1.0 if matched["r"] is None else _level(option, matched["r"])
        return Criterion(measure, "regret", level, over_worlds=True)
    if matched["c"] is not None:
        return Criterion(measure, "cvar", _level(option, matched["c"]), worlds)
    return Criterion(measure)


def parse_limits(scenario: Scenario, text: str | None, option: str = "limit") -> list[Limit]:
    """Limits as they are written, see `outcomes.limits`: ``overstretched<=10%,end:p80<=2017-06-30``.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    limits: list[Limit] = []
    problems: list[Problem] = []
    for written in read_limits(scenario, text, option) if text is not None else ():
        try:
            limits.append(_limit(scenario, written, option))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return limits


def _limit(scenario: Scenario, written: WrittenLimit, option: str) -> Limit:
    criterion = parse_criterion(scenario, written.written, option)
    if not is_end(written.measure.key):
        return Limit(criterion, written.at_most)
    if written.at_most >= horizon_days(scenario):
        rule = (
            f"every plan keeps it, since what never ends counts as the horizon, {horizon_days(scenario)} days"
        )
        remedy = "set it earlier, or limit the chance of failure"
        raise InputError(Problem("options", path=option, value=written.written, rule=rule, remedy=remedy))
    return Limit(criterion, written.at_most, date_of(scenario, written.at_most))


def _level(option: str, digits: str) -> float:
    level = int(digits) / 100
    if level <= 0:
        raise InputError(Problem("options", path=option, value=digits, rule="the level must be 1 to 99"))
    return level
