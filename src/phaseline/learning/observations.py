"""How likely a report is, given a history: its error, and the bias of whoever made it.

A reported value y differs from the history's value x by the speaker's bias b and an error e::

    g(y) = g(x) + b + e,   b ~ N(0, bias^2) once per speaker and quantity,   e ~ N(0, error^2) per report

where g is the identity for shares, the logarithm of a count plus a floor for counts and rates, and days for events. The bias is
not assumed but learned: it is integrated out report by report (conjugate normal updating), so that a speaker who has
said too much four times is believed accordingly the fifth time. A reported range adds its variance as of a uniform.

Defaults are assumed, with the range over which they are reasonable; a report's own ``error`` goes before them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr, ndtr

from phaseline.scenario.calendar import horizon_days, start_date
from phaseline.scenario.reports import EVENTS, RATES, Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.execution.particles import Watch
    from phaseline.scenario.schema import Scenario

WEEK = 7
"""Days over which a rate is averaged, up to the day of the report."""
LATER = 30
"""Days after an event's reported date to which histories are followed, to see how late theirs comes."""


@dataclass(frozen=True)
class ErrorModel:
    """Defaults of a kind of quantity.

    Attributes
    ----------
    error, bias
        Standard deviations of a report's error and of a speaker's bias, on the scale of g.
    floor
        Added to counts before the logarithm is taken; None where g is the identity.
    reasonable
        Range of both, in words.
    """

    error: float
    bias: float
    floor: float | None
    reasonable: str


DEFAULTS: Mapping[str, ErrorModel] = {
    "progress": ErrorModel(0.07, 0.10, None, "assumed: errors of 5 to 10 points, biases of 5 to 20 points"),
    "displaced": ErrorModel(0.15, 0.20, 1000.0, "assumed: errors of 10 to 30 %, biases of 10 to 40 %"),
    "currently_displaced": ErrorModel(0.15, 0.20, 1000.0, "assumed: as for displaced"),
    "killed": ErrorModel(0.15, 0.30, 20.0, "assumed: errors of 10 to 30 %, biases of 15 to 60 %"),
    "losses": ErrorModel(0.15, 0.30, 50.0, "assumed: as for killed"),
    "sorties": ErrorModel(0.10, 0.10, 1.0, "assumed: errors and biases of 5 to 20 %"),
    "event": ErrorModel(
        7.0, 0.0, None, "assumed: a phase of the model begins and ends 3 to 14 days off; no bias"
    ),
}


NOT_YET = ("not_started", "not_finished")
"""Reports that an event had not come by a day: only its coming earlier speaks against them."""


def error_model(quantity: str) -> ErrorModel:
    """The defaults for a quantity."""
    return DEFAULTS["event" if quantity in EVENTS else quantity]


@dataclass(frozen=True)
class Stage:
    """A report as one stage of data.

    Attributes
    ----------
    report
        What was reported.
    days
        Days to be watched for it, after the start.
    error
        Standard deviation on the scale of g, with the variance of the range.
    """

    report: Report
    days: tuple[int, ...]
    error: float


class Observations:
    """Reports as a likelihood of histories.

    Parameters
    ----------
    scenario
        What they are about.
    reports
        In the order in which they became known.

    Attributes
    ----------
    stages
        One for each report.
    days
        All days to be watched, ascending.
    """

    def __init__(self, scenario: Scenario, reports: Sequence[Report]) -> None:
        self.scenario = scenario
        start, horizon = start_date(scenario), horizon_days(scenario)
        self.stages = tuple(_stage(report, start, horizon) for report in reports)
        self.days = np.array(sorted({day for stage in self.stages for day in stage.days}), dtype=np.int64)
        self._forces = {name: _own_forces(scenario, name) for name in scenario.operations}
        self._groups = self._grouped()

    def _grouped(self) -> list[tuple[int, ...]]:
        """For each stage, the earlier stages that share its bias: same speaker, same quantity."""
        keys = [(stage.report.speaker, stage.report.quantity) for stage in self.stages]
        return [
            tuple(j for j in range(i) if keys[j] == keys[i] and self.stages[i].report.quantity not in EVENTS)
            for i in range(len(keys))
        ]

    def expected(self, watch: Watch, upto: int | None = None) -> NDArray[np.float64]:
        """What each history has for each report, in the report's unit (days for events); shape (n, reports)."""
        return np.stack([self._value(watch, stage) for stage in self.stages[:upto]], axis=1)

    def days_of(self, upto: int) -> NDArray[np.int64]:
        """Days to be watched for the first so many reports: the beginning of `days`."""
        last = max((max(stage.days) for stage in self.stages[:upto]), default=-1)
        return self.days[: int(np.searchsorted(self.days, last, side="right"))]

    def log_likelihood(self, watch: Watch, upto: int | None = None) -> NDArray[np.float64]:
        """Log density of each report given the history and the earlier reports of its speaker; shape (n, reports).

        Parameters
        ----------
        watch
            On `days`, or on those of the first reports.
        upto
            Only this many of the first reports.
        """
        count = len(self.stages) if upto is None else upto
        expected = self.expected(watch, count)
        found = np.empty_like(expected)
        for i in range(count):
            found[:, i] = self._log_density(i, expected)
        return found

    def below(self, stage: int, watch: Watch) -> NDArray[np.float64]:
        """Probability of a report lower than the one made, for each history; shape (n,).

        Of an event that had not come yet it is the probability that it had come.
        """
        expected = self.expected(watch)
        if self.stages[stage].report.quantity in NOT_YET:
            return np.asarray(
                ndtr((_day(self.stages[stage]) - expected[:, stage]) / self.stages[stage].error)
            )
        residual, centre, spread = self._residual(stage, expected)
        return np.asarray(ndtr((residual - centre) / spread))

    def biases(self, watch: Watch) -> dict[tuple[str, str], tuple[NDArray[np.float64], float]]:
        """What each speaker's bias is for each history after all reports: mean (n,) and standard deviation."""
        expected = self.expected(watch)
        found = {}
        for i, stage in enumerate(self.stages):
            model = error_model(stage.report.quantity)
            if model.bias > 0.0:
                together = (*self._groups[i], i)
                found[stage.report.speaker, stage.report.quantity] = self._bias(together, expected, model)
        return found

    def _log_density(self, i: int, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        stage = self.stages[i]
        late = expected[:, i] - _day(stage)
        if stage.report.quantity in NOT_YET:
            return np.asarray(log_ndtr(late / stage.error))  # it came later than the report says
        residual, centre, spread = self._residual(i, expected)
        score = (residual - centre) / spread
        return np.asarray(-0.5 * score * score - np.log(spread) - 0.5 * np.log(2.0 * np.pi))

    def _residual(
        self, i: int, expected: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | float, float]:
        """Reported minus the history's value on the scale of g, and its predictive mean and standard deviation."""
        stage = self.stages[i]
        if stage.report.quantity in EVENTS:
            return _day(stage) - expected[:, i], 0.0, stage.error
        model = error_model(stage.report.quantity)
        residual = _scaled(stage.report.middle, model) - _scaled(expected[:, i], model)
        centre, deviation = self._bias(self._groups[i], expected, model)
        return np.asarray(residual), centre, float(np.hypot(stage.error, deviation))

    def _bias(
        self, together: tuple[int, ...], expected: NDArray[np.float64], model: ErrorModel
    ) -> tuple[NDArray[np.float64], float]:
        """Normal posterior of a bias after some reports: mean for each history, and standard deviation."""
        precision = 1.0 / model.bias**2
        total = np.zeros(len(expected))
        for j in together:
            stage = self.stages[j]
            weight = 1.0 / stage.error**2
            total += weight * (_scaled(stage.report.middle, model) - _scaled(expected[:, j], model))
            precision += weight
        return total / precision, float(precision**-0.5)

    def _value(self, watch: Watch, stage: Stage) -> NDArray[np.float64]:
        report = stage.report
        at = [int(np.searchsorted(self.days, day)) for day in stage.days]
        last = at[-1]
        if report.quantity == "progress":
            return np.asarray(watch.series[f"progress.{report.about}"][:, last])
        if report.quantity == "displaced":
            return np.asarray(watch.outcomes[f"displaced.{report.about}"][:, last])
        if report.quantity == "currently_displaced":
            return np.asarray(watch.series[f"displaced.{report.about}"][:, last])
        if report.quantity in ("killed", "losses"):
            forces = self._forces.get(report.about, (report.about,))
            total = sum(watch.outcomes[f"{report.quantity}.{force}"][:, last] for force in forces)
            return np.asarray(total)
        if report.quantity in RATES:
            flown = watch.series[f"flown.{report.about}"]
            return np.asarray(flown[:, at].mean(axis=1))
        column = "start" if report.quantity.endswith("started") else "end"
        value = watch.outcomes[f"{column}.{report.about}"][:, last]
        # what has not come by the last day watched comes some time after it
        beyond = float(self.days[last]) + 1.0
        return np.asarray(np.where(np.isnan(value), beyond, np.minimum(value, beyond)))


def _day(stage: Stage) -> float:
    """Day of an event's report: an end on day d is a time of at most d + 1."""
    return float(stage.days[0]) + 0.5


def _stage(report: Report, start: dt.date, horizon: int) -> Stage:
    day = (report.date - start).days
    model = error_model(report.quantity)
    days: tuple[int, ...]
    if report.quantity in EVENTS:
        days = (day, min(horizon - 1, day + LATER))
    elif report.quantity in RATES:
        days = tuple(range(max(0, day - WEEK + 1), day + 1))
    else:
        days = (day,)
    error = model.error
    if report.error is not None:
        error = report.error if model.floor is None else report.error / (report.middle + model.floor)
    spread = 0.0
    if report.quantity not in EVENTS:
        spread = abs(_scaled(report.high, model) - _scaled(report.low, model)) / np.sqrt(12.0)
    return Stage(report, tuple(dict.fromkeys(days)), float(np.hypot(error, spread)))


def _scaled(value: NDArray[np.float64] | float, model: ErrorModel) -> NDArray[np.float64] | float:
    return value if model.floor is None else np.log(value + model.floor)


def _own_forces(scenario: Scenario, operation: str) -> tuple[str, ...]:
    """Own forces that fight in an operation."""
    phases = scenario.operations[operation].phases.values()
    return tuple(dict.fromkeys(phase.own for phase in phases if phase.own is not None))
