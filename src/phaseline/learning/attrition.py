"""Laws of attrition fitted to a battle, day by day.

Losses of a day are ``x: a f(x, y)`` and ``y: b g(x, y)``, with f and g by law (see ``docs/model.md``)::

    square       f = y            g = x
    linear       f = x y          g = x y
    mixed        f = x y          g = x
    logarithmic  f = x            g = y
    bracken      f = x^q y^p      g = y^q x^p
    helmbold     f = (x/y)^(1-W) y   g = (y/x)^(1-W) x

With the tactical factor d, losses of a day are multiplied by d for the side that defended and by 1/d for the one that attacked
(Bracken 1995, "Lanchester models of the Ardennes campaign", Naval Research Logistics 42, 559-577).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize, special, stats

from phaseline.errors import RuleError
from phaseline.learning import regression
from phaseline.learning.sampler import sample
from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.daily import BattleDays

Terms = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
LAWS: Mapping[str, tuple[str, ...]] = {
    "square": (), "linear": (), "mixed": (), "logarithmic": (), "bracken": ("p", "q"), "helmbold": ("W",),
}  # fmt: skip
"""Laws, and the exponents that are free in each."""
METHODS = ("origin", "totals", "loglinear", "trajectory", "bayes")
ERRORS = ("losses", "strengths")
"""What is taken to err: daily losses, or the strengths that were counted."""
ERRORS_OF: Mapping[str, tuple[str, ...]] = {
    "origin": ("losses",), "trajectory": ("strengths", "losses"), "bayes": ("losses",),
    "totals": (), "loglinear": (),
}  # fmt: skip
"""Errors that a method can be told to reckon with, the usual ones first."""
START = {"p": 1.0, "q": 0.5, "W": 0.5}
PRIORS = {"p": (0.5, 0.75), "q": (0.5, 0.75), "W": (0.5, 0.5)}
"""Normal priors of exponents, mean and standard deviation; assumed, from logarithmic to beyond the square law."""
PARTICLES = 2000
MOVES = 10.0
"""Of particles at each step: with two moves seeds do not agree, with ten as well as with thirty (a month, eight scores)."""
SCALES = 6
"""Parameters of every posterior: mean losses, spreads and correlations of errors, of both sides."""
LEAST_FOUGHT = 3
"""Days on which both sides have strength."""
MOST_LOG_D = 10.0
"""Of the attacker-defender factor, whose logarithm is a few tenths in the literature."""
MOST_LOG_STRENGTH = 30.0
"""Of a first strength that is fitted: ten million million."""
WIDEST = 1e9
"""Upper over lower end of a rate's interval beyond which the days do not tell the rate (assumed: no reader can use it)."""
WORST = 1e12
"""Error of a point at which a law gives no number."""
SUBSTEPS = 4
"""Runge-Kutta steps a day in fits: at 30 % losses a day the error is below a hundred-thousandth."""


@dataclass(frozen=True)
class Estimate:
    """A parameter with its 95 % interval; without one where the method gives none."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Fit:
    """A law fitted by a method.

    Attributes
    ----------
    law, method
        What was fitted, and how.
    estimates
        ``a`` and ``b`` in the unit that makes losses a day of strengths, exponents, ``d``.
    days
        Days used.
    errors
        What was taken to err, of `ERRORS`; empty where the method has a model of its own.
    left_out
        Days that could not be used, with the reason; None is never left out in silence.
    notes
        Why there are no intervals, where there are none.
    residual_squares
        Sum of squared differences of what was fitted: daily losses (origin, totals, bayes), their logarithms (loglinear), or
        strengths (where these err), for x and y; of bayes those of the mean of the posterior's losses.
    r_squared
        1 minus residual over total squares about the mean, of both sides together.
    """

    law: str
    method: str
    estimates: tuple[Estimate, ...]
    days: int
    left_out: tuple[str, ...]
    residual_squares: tuple[float, float]
    r_squared: float
    errors: str = ""
    notes: tuple[str, ...] = ()

    def value(self, name: str) -> float:
        """Value of an estimate."""
        return next(one.value for one in self.estimates if one.name == name)


def terms(law: str, x: NDArray[np.float64], y: NDArray[np.float64], exponents: Mapping[str, Any]) -> Terms:
    """F and g of a law for strengths of any shape; a side without strength gives and takes no losses."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if law == "square":
            f, g = y, x
        elif law == "linear":
            f = g = x * y
        elif law == "mixed":
            f, g = x * y, x
        elif law == "logarithmic":
            f, g = x, y
        elif law == "bracken":
            p, q = exponents["p"], exponents["q"]
            f, g = x**q * y**p, y**q * x**p
        else:
            power = 1.0 - exponents["W"]
            f, g = (x / y) ** power * y, (y / x) ** power * x
    # exponents may be arrays, one row for each draw
    alive = (x > 0.0) & (y > 0.0)
    return np.where(alive, f, 0.0), np.where(alive, g, 0.0)


def _tactics(days: BattleDays, d: float) -> Terms:
    """Factors on x's and y's losses: d for who defends, 1/d for who attacks."""
    return np.power(d, -days.attacker), np.power(d, days.attacker)


def refusal(law: str, method: str, *, exponents: str = "common", tactical: bool = False) -> str | None:
    """Why a method cannot fit a law, whatever the days; None where it can."""
    if method == "loglinear":
        return (
            None
            if law == "bracken"
            else "log-linear regression fits free exponents: it goes with the law bracken"
        )
    if exponents == "separate":
        return "separate exponents are for the method loglinear alone"
    if method == "totals" and (LAWS[law] or tactical):
        return "the method totals has no free exponents and no tactical factor"
    return None


def fit(
    days: BattleDays, law: str, method: str = "origin", *, errors: str | None = None, exponents: str = "common",
    tactical: bool = False, seed: int = 1,
) -> Fit:  # fmt: skip
    """Fit one law.

    Parameters
    ----------
    days
        The battle.
    law
        One of `LAWS`.
    method
        ``origin``: least squares of daily losses through the origin. ``totals``: losses over summed terms, as Engel 1954.
        ``loglinear``: least squares of the logarithms of daily losses, for the law with two free exponents. ``trajectory``:
        least squares along the solution: of strengths from the first day on, or of daily losses from each day's strengths.
        ``bayes``: posterior of ``origin`` with normal errors.
    errors
        What errs, see `ERRORS_OF`; default the first of the method. ``losses``: each day's losses, and the battle goes on from
        what is left. ``strengths``: the counts of strengths, about a course that the law alone decides. Errors of neighbouring
        days may go together: the fit finds how far, for each side, and where the correlation is above about 0.7 there are no
        intervals.
    exponents
        For loglinear: ``common`` to both sides, or ``separate``.
    tactical
        Whether the attacker-defender factor d is fitted.
    seed
        For bayes.

    Raises
    ------
    RuleError
        If the method does not go with the law, the errors or the data; with the reason.
    """
    reason = refusal(law, method, exponents=exponents, tactical=tactical)
    if reason is not None:
        raise RuleError(reason)
    if errors is not None and errors not in ERRORS_OF[method]:
        known = " or ".join(ERRORS_OF[method])
        rule = f"the method {method} does not reckon with errors of the kind {errors}"
        raise RuleError(rule, f"it reckons with {known}" if known else "leave --errors out")
    if tactical and not days.attacker.any():
        raise RuleError("the tactical factor needs the column 'attacker'", "say who attacked on each day")
    _check_losses(days)
    fought = int(((days.x > 0.0) & (days.y > 0.0)).sum())
    if fought < LEAST_FOUGHT:
        rule = (
            f"both sides have strength on {counted(fought, 'day')}, and a law needs at least {LEAST_FOUGHT}"
        )
        raise RuleError(rule, "add days of fighting")
    if method == "loglinear":
        return _loglinear(days, law, exponents == "separate", tactical)
    if method == "totals":
        return _totals(days, law)
    free = (*LAWS[law], *(("d",) if tactical else ()))
    if len(days.day) <= 2 + len(free):
        raise RuleError(
            f"{counted(len(days.day), 'day')}: too few for {2 + len(free)} parameters", "add days"
        )
    if method == "bayes":
        return _bayes(days, law, free, seed)
    kind = errors or ERRORS_OF[method][0]
    return _regressed(days, law, method, free, kind)


def _check_losses(days: BattleDays) -> None:
    for side, losses in (("x", days.x_losses), ("y", days.y_losses)):
        if not losses.any():
            raise RuleError(
                f"{side} loses nobody on any day, so there is no rate to be fitted", "add days with losses"
            )


def _split(free: Sequence[str], values: NDArray[np.float64]) -> tuple[dict[str, float], float]:
    """Exponents and d from a vector of free parameters (d by its logarithm)."""
    named = {name: float(value) for name, value in zip(free, values, strict=True)}
    # beyond that the days do not tell d, and its power would be no number
    d = math.exp(_bounded_log_d(named.pop("d", 0.0)))
    return START | named, d


def _bounded_log_d(value: float) -> float:
    return min(max(value, -MOST_LOG_D), MOST_LOG_D)


def _weighted(days: BattleDays, law: str, free: Sequence[str], values: NDArray[np.float64]) -> Terms:
    exponents, d = _split(free, values)
    f, g = terms(law, days.x, days.y, exponents)
    on_x, on_y = _tactics(days, d)
    return f * on_x, g * on_y


def _begin(free: Sequence[str]) -> NDArray[np.float64]:
    return np.array([0.0 if name == "d" else START[name] for name in free])


def _origin_rates(days: BattleDays, f: NDArray[np.float64], g: NDArray[np.float64]) -> tuple[float, float]:
    # a side without a term on any day left tells no rate
    square_f, square_g = float(f @ f), float(g @ g)
    return (
        float(days.x_losses @ f) / square_f if square_f > 0.0 else 0.0,
        float(days.y_losses @ g) / square_g if square_g > 0.0 else 0.0,
    )


def _profiled(days: BattleDays, law: str, free: Sequence[str]) -> NDArray[np.float64]:
    """Free parameters that make the profile likelihood largest: log residual variances of both sides."""
    if not free:
        return np.zeros(0)
    scale = tuple(max(float(losses @ losses), 1e-12) for losses in (days.x_losses, days.y_losses))

    def lost(values: NDArray[np.float64]) -> float:
        f, g = _weighted(days, law, free, values)
        if not (np.isfinite(f).all() and np.isfinite(g).all() and f.any() and g.any()):
            return math.inf  # exponents so large that no term is left, or none is finite
        f, g = f / f.max(), g / g.max()
        a, b = _origin_rates(days, f, g)
        total = 0.0
        for losses, term, rate, whole in ((days.x_losses, f, a, scale[0]), (days.y_losses, g, b, scale[1])):
            total += math.log(max(float(((losses - rate * term) ** 2).sum()) / whole, 1e-24))
        return total

    found = optimize.minimize(
        lost, _begin(free), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 4000}
    )
    return np.asarray(found.x)


def _suspicion(correlations: tuple[float, float]) -> tuple[str, ...]:
    """What speaks against a law, or against intervals: errors that stay on one side for days on end."""
    strongest = max(correlations)
    if strongest <= regression.STRONGEST:
        return ()
    return (
        f"no intervals: errors of neighbouring days go together (correlation about {strongest:.2f}), because the law is not "
        "the right one or one day leads to the next; intervals would be too narrow",
    )


def _told(estimates: Sequence[Estimate]) -> tuple[tuple[Estimate, ...], tuple[str, ...]]:
    """Estimates without the intervals of rates of which the days say nothing, and a note for these."""
    found, vague = [], []
    for one in estimates:
        positive = one.name in ("a", "b", "d") and one.low is not None and one.high is not None
        if positive and not one.high <= WIDEST * one.low:  # type: ignore[operator]
            vague.append(one.name)
            one = replace(one, low=None, high=None)
        found.append(one)
    if not vague:
        return tuple(found), ()
    names = " and ".join([", ".join(vague[:-1]), vague[-1]] if len(vague) > 1 else vague)
    note = (
        f"no interval of {names}: the days do not tell {'it' if len(vague) == 1 else 'them'} (the ends would differ by a "
        "factor of more than a thousand million)"
    )
    return tuple(found), (note,)


def _regressed(days: BattleDays, law: str, method: str, free: Sequence[str], errors: str) -> Fit:
    """Least squares with all parameters at once: ln a, ln b, exponents, ln d, and first strengths where these err."""
    course = _Course(days, law, tuple(free), method, errors)
    begin = _profiled(days, law, free)
    found = regression.regress(course.errors, course.begin(begin))
    point = found.point
    notes: tuple[str, ...] = ()
    if found.covariances is None:
        notes = ("no intervals: the days do not tell the parameters apart",)
    else:
        notes = _suspicion(found.correlations)
    estimates = []
    for name in ("a", "b", *free):
        value = course.of(name, point)
        if not math.isfinite(value):
            raise RuleError(
                f"no {name} fits these strengths and losses", "check the strengths, or try another law"
            )
        ends = None if notes else found.interval(lambda at, name=name: course.of(name, at))  # type: ignore[misc]
        shown = (value, *(ends or (None, None)))
        if name in ("a", "b", "d"):
            with np.errstate(over="ignore"):
                shown = tuple(None if one is None else float(np.exp(one)) for one in shown)
        estimates.append(Estimate(name, *shown))
    told, vague = _told(estimates)
    residuals = course.errors(point)
    compared = (days.x, days.y) if errors == "strengths" else (days.x_losses, days.y_losses)
    return Fit(
        law, method, told, len(days.day), (), _squares(*residuals), _explained(compared, residuals), errors, notes + vague
    )  # fmt: skip


@dataclass(frozen=True)
class _Course:
    """The course of a battle by a law, as a function of parameters: ln a and ln b at middling strengths, exponents, ln d.

    Rates are measured at the mean of their terms, so that they do not pull against the exponents; where strengths err, the
    logarithms of the first ones follow.
    """

    days: BattleDays
    law: str
    free: tuple[str, ...]
    method: str
    kind: str

    def begin(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where a regression starts, from the free parameters."""
        first = (
            [math.log(max(side[0], 1.0)) for side in (self.days.x, self.days.y)]
            if self.kind == "strengths"
            else []
        )
        return np.array([0.0, 0.0, *values, *first])

    def of(self, name: str, point: NDArray[np.float64]) -> float:
        """A parameter at a point; a, b and d by their logarithms."""
        if name in ("a", "b"):
            return self._log_rates(point, self._terms(point))[("a", "b").index(name)]
        value = float(self._values(point)[self.free.index(name)])
        return _bounded_log_d(value) if name == "d" else value

    def errors(self, point: NDArray[np.float64]) -> Terms:
        """What is left of losses, or of strengths."""
        f, g = self._terms(point)
        # exponents that the days do not tell may run away on the way: such a point is as bad as can be, not a fault
        with np.errstate(over="ignore", invalid="ignore"):
            a, b = (float(np.exp(rate)) for rate in self._log_rates(point, (f, g)))
            if not (math.isfinite(a) and math.isfinite(b)):
                return np.full(len(self.days.day), WORST), np.full(len(self.days.day), WORST)
            exponents, d = _split(self.free, self._values(point))
            found = self.days.x_losses, self.days.y_losses
            if self.kind == "strengths":
                first = tuple(math.exp(min(value, MOST_LOG_STRENGTH)) for value in point[-2:])
                found = self.days.x, self.days.y
                left = trajectory(self.days, self.law, a, b, exponents, d, SUBSTEPS, first)
            elif self.method == "trajectory":
                left = within_days(self.days, self.law, a, b, exponents, d)
            else:
                left = a * f, b * g
            x, y = (
                np.clip(np.nan_to_num(side - part, nan=WORST), -WORST, WORST)
                for side, part in zip(found, left, strict=True)
            )
        return x, y

    def _terms(self, point: NDArray[np.float64]) -> Terms:
        with np.errstate(all="ignore"):
            return _weighted(self.days, self.law, self.free, self._values(point))

    def _log_rates(self, point: NDArray[np.float64], weighted: Terms) -> tuple[float, float]:
        """Logarithms of a and b; NaN where the terms are no numbers, or nothing."""
        rates = []
        for offset, term, losses in zip(
            point[:2], weighted, (self.days.x_losses, self.days.y_losses), strict=True
        ):
            whole = float(term.sum())
            there = 0.0 < whole < math.inf
            rates.append(float(offset) + math.log(losses.sum()) - math.log(whole) if there else math.nan)
        return rates[0], rates[1]

    def _values(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        return point[2 : 2 + len(self.free)]


def _totals(days: BattleDays, law: str) -> Fit:
    f, g = terms(law, days.x, days.y, START)
    if not (f.any() and g.any()):
        raise RuleError("one side has no strength on any day", "correct the strengths")
    a, b = float(days.x_losses.sum() / f.sum()), float(days.y_losses.sum() / g.sum())
    residuals = days.x_losses - a * f, days.y_losses - b * g
    estimates = (Estimate("a", a, None, None), Estimate("b", b, None, None))
    notes = ("no intervals: the method sets sums against sums and says nothing of errors",)
    return Fit(
        law, "totals", estimates, len(days.day), (), _squares(*residuals), _r_squared(days, *residuals), "", notes
    )  # fmt: skip


def _loglinear(days: BattleDays, law: str, separate: bool, tactical: bool) -> Fit:
    """Ordinary least squares of log losses: ``ln xloss = ln a + q ln x + p ln y (-/+ ln d)``, and the like for y."""
    if law != "bracken":
        raise RuleError("log-linear regression fits free exponents: it goes with the law bracken")
    alive = (days.x > 0.0) & (days.y > 0.0)
    used_x, used_y = (alive & (losses > 0.0) for losses in (days.x_losses, days.y_losses))
    left_out = [
        f"day {day:g} of {side}: {'no losses, and they have' if fought else 'no strength, and it has'} no logarithm"
        for side, used in (("x", used_x), ("y", used_y))
        for day, fought in zip(days.day[~used], alive[~used], strict=True)
    ]
    lx, ly = (np.log(np.where(alive, strength, 1.0)) for strength in (days.x, days.y))
    zero, one = np.zeros(len(lx)), np.ones(len(lx))
    names = ["ln a", "ln b"]
    rows_x, rows_y = [one, zero], [zero, one]
    if separate:
        names += ["p_x", "q_x", "p_y", "q_y"]
        rows_x += [ly, lx, zero, zero]
        rows_y += [zero, zero, lx, ly]
    else:
        names += ["p", "q"]
        rows_x += [ly, lx]
        rows_y += [lx, ly]
    if tactical:
        names.append("ln d")
        rows_x.append(-days.attacker)
        rows_y.append(days.attacker)
    design = np.concatenate([np.stack(rows_x, axis=1)[used_x], np.stack(rows_y, axis=1)[used_y]])
    target = np.concatenate([np.log(days.x_losses[used_x]), np.log(days.y_losses[used_y])])
    degrees = len(target) - len(names)
    if degrees < 1 or np.linalg.matrix_rank(design) < len(names):
        raise RuleError(f"the days do not tell {len(names)} parameters apart")
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ target
    residual = target - design @ found
    split = int(used_x.sum())
    spread = max(math.sqrt(float(residual @ residual) / len(residual)), 1e-12)
    known = regression.around(
        found, (residual[:split], residual[split:]), (-design[:split], -design[split:]), (spread, spread),
        (np.flatnonzero(used_x).astype(float), np.flatnonzero(used_y).astype(float)),
    )  # fmt: skip
    notes = _suspicion(known.correlations)
    estimates = []
    for j, name in enumerate(names):
        ends = None if notes else known.interval(lambda at, j=j: float(at[j]))  # type: ignore[misc]
        shown = (float(found[j]), *(ends or (None, None)))
        if name.startswith("ln "):
            with np.errstate(over="ignore"):
                shown = tuple(None if end is None else float(np.exp(end)) for end in shown)
        estimates.append(Estimate(name.removeprefix("ln "), *shown))
    told, vague = _told(estimates)
    total = float(((target - target.mean()) ** 2).sum())
    squares = _squares(residual[:split], residual[split:])
    return Fit(
        law, "loglinear", told, int((used_x | used_y).sum()), tuple(left_out), squares,
        1.0 - sum(squares) / total if total > 0.0 else math.nan, "", notes + vague,
    )  # fmt: skip


def trajectory(
    days: BattleDays,
    law: str,
    a: float,
    b: float,
    exponents: Mapping[str, float],
    d: float = 1.0,
    substeps: int = 20,
    first: Sequence[float] | None = None,
) -> Terms:
    """Strengths with which each day would be fought, from the first day's strengths and the arrivals on.

    Runge-Kutta's fourth-order steps within the day; arrivals come between days. ``first`` stands in place of the first day's
    strengths.
    """
    on_x, on_y = _tactics(days, d)
    xs, ys = np.empty(len(days.day)), np.empty(len(days.day))
    x, y = (float(days.x[0]), float(days.y[0])) if first is None else first
    for i in range(len(days.day)):
        if i > 0:
            x, y = x + float(days.x_arrivals[i]), y + float(days.y_arrivals[i])
        xs[i], ys[i] = x, y
        x, y = _after_a_day(x, y, law, a * on_x[i], b * on_y[i], exponents, substeps)
    return xs, ys


def within_days(
    days: BattleDays, law: str, a: float, b: float, exponents: Mapping[str, float], d: float = 1.0
) -> Terms:
    """Losses of each day along the solution that begins with that day's strengths."""
    on_x, on_y = _tactics(days, d)
    x, y = _after_a_day(days.x, days.y, law, a * on_x, b * on_y, exponents, SUBSTEPS)
    return days.x - x, days.y - y


def _after_a_day(
    x: Any, y: Any, law: str, a: Any, b: Any, exponents: Mapping[str, float], substeps: int
) -> Any:
    """Strengths a day later, numbers or arrays, by Runge-Kutta's fourth-order steps; a side falls to 0 at most."""
    step = 1.0 / substeps

    def slope(u: Any, v: Any) -> Any:
        f, g = terms(law, np.maximum(u, 0.0), np.maximum(v, 0.0), exponents)
        return -a * f, -b * g

    for _ in range(substeps):
        k1 = slope(x, y)
        k2 = slope(x + 0.5 * step * k1[0], y + 0.5 * step * k1[1])
        k3 = slope(x + 0.5 * step * k2[0], y + 0.5 * step * k2[1])
        k4 = slope(x + step * k3[0], y + step * k3[1])
        x = np.maximum(0.0, x + step * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0]) / 6.0)
        y = np.maximum(0.0, y + step * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1]) / 6.0)
    return x, y


def _bayes(days: BattleDays, law: str, free: Sequence[str], seed: int) -> Fit:
    """Posterior of daily losses with normal errors: medians and central 95 % intervals.

    Priors, assumed and weak: the mean daily loss of each side is lognormal about the observed with a factor of e^2; what
    is new in its error each day is lognormal about the losses' standard deviation with a factor of e^2, and the correlation of
    neighbouring days' errors uniform over what regression thinks of; exponents as `PRIORS`; ln d normal with 0.5.
    """
    means = math.log(days.x_losses.mean()), math.log(days.y_losses.mean())
    spreads = math.log(days.x_losses.std() + 1e-9), math.log(days.y_losses.std() + 1e-9)

    def parameters(scores: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        found: dict[str, Any] = {
            "loss_x": np.exp(means[0] + 2.0 * scores[:, 0]), "loss_y": np.exp(means[1] + 2.0 * scores[:, 1]),
            "sd_x": np.exp(spreads[0] + 2.0 * scores[:, 2]), "sd_y": np.exp(spreads[1] + 2.0 * scores[:, 3]),
            "rho_x": _correlation(scores[:, 4]), "rho_y": _correlation(scores[:, 5]),
        }  # fmt: skip
        for k, name in enumerate(free):
            mean, sd = PRIORS.get(name, (0.0, 0.5))
            found[name] = mean + sd * scores[:, SCALES + k]
        exponents: dict[str, Any] = {name: found[name][:, None] for name in free if name != "d"}
        f, g = terms(law, days.x, days.y, exponents)
        factor = np.exp(found["d"])[:, None] if "d" in free else 1.0
        f = np.broadcast_to(f * factor**-days.attacker, (len(scores), len(days.day)))
        g = np.broadcast_to(g * factor**days.attacker, f.shape)
        found["a"], found["b"] = found["loss_x"] / f.mean(axis=1), found["loss_y"] / g.mean(axis=1)
        found["f"], found["g"] = f, g
        return found

    def log_likelihood(scores: NDArray[np.float64], _: NDArray[np.int64], __: int) -> NDArray[np.float64]:
        p = parameters(scores)
        total = np.zeros(len(scores))
        for losses, rate, term, side in ((days.x_losses, "a", "f", "x"), (days.y_losses, "b", "g", "y")):
            residual = (losses - p[rate][:, None] * p[term]) / p[f"sd_{side}"][:, None]
            rho = p[f"rho_{side}"][:, None]
            kept = 1.0 - rho[:, 0] ** 2
            squares = kept * residual[:, 0] ** 2 + np.square(residual[:, 1:] - rho * residual[:, :-1]).sum(
                axis=1
            )
            total += 0.5 * (np.log(kept) - squares) - len(losses) * np.log(p[f"sd_{side}"])
        return np.asarray(np.maximum(np.nan_to_num(total, nan=-1e12), -1e12)[:, None])

    found = sample(log_likelihood, SCALES + len(free), 1, particles=PARTICLES, seed=seed, moves=MOVES)
    p = parameters(found.state.scores)
    notes = _suspicion((float(p["rho_x"].mean()), float(p["rho_y"].mean())))
    estimates = []
    for name in ("a", "b", *free):
        draws = np.exp(p[name]) if name == "d" else p[name]
        low, middle, high = (float(part) for part in np.quantile(draws, [0.025, 0.5, 0.975]))
        estimates.append(Estimate(name, middle, *((None, None) if notes else (low, high))))
    told, vague = _told(estimates)
    # the parameters go together: losses are averaged over joint draws, not reckoned from separate medians
    residuals = (
        days.x_losses - (p["a"][:, None] * p["f"]).mean(axis=0),
        days.y_losses - (p["b"][:, None] * p["g"]).mean(axis=0),
    )
    return Fit(
        law, "bayes", told, len(days.day), (), _squares(*residuals), _r_squared(days, *residuals), "losses", notes + vague,
    )  # fmt: skip


def _correlation(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations of errors from normal scores, uniform over what regression thinks of."""
    least, most = regression.LEAST_CORRELATION, regression.MOST_CORRELATION
    return np.asarray(least + (most - least) * special.ndtr(scores))


def _squares(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    return float(x @ x), float(y @ y)


def _r_squared(days: BattleDays, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return _explained((days.x_losses, days.y_losses), (x, y))


def _explained(compared: Terms, residuals: Terms) -> float:
    total = sum(float(((side - side.mean()) ** 2).sum()) for side in compared)
    return 1.0 - sum(_squares(*residuals)) / total if total > 0.0 else math.nan


def predicted(days: BattleDays, found: Fit) -> Terms:
    """Losses that a fitted law gives for each day's strengths; of bayes at the medians of the parameters."""
    values = {one.name: one.value for one in found.estimates}
    exponents_x = {name: values.get(f"{name}_x", values.get(name, START[name])) for name in START}
    exponents_y = {name: values.get(f"{name}_y", values.get(name, START[name])) for name in START}
    on_x, on_y = _tactics(days, values.get("d", 1.0))
    f = terms(found.law, days.x, days.y, exponents_x)[0]
    g = terms(found.law, days.x, days.y, exponents_y)[1]
    return values["a"] * f * on_x, values["b"] * g * on_y


@dataclass(frozen=True)
class Predicted:
    """How well a law foretells days that were left out: expected log predictive density, and each day's part."""

    law: str
    elpd: float
    error: float
    each: NDArray[np.float64]


def leave_one_out(days: BattleDays, law: str, *, tactical: bool = False) -> Predicted:
    """Exact leave-one-out: each day foretold by the law fitted to all others, by regression through the origin.

    The predictive density of a side's losses is Student's t about rate times term, with the residual variance of the other days
    and one degree of freedom less than they are, per side and free parameter (exponents are plugged in).
    """
    free = (*LAWS[law], *(("d",) if tactical else ()))
    count = len(days.day)
    each = np.empty(count)
    for i in range(count):
        keep = np.arange(count) != i
        rest = _where(days, keep)
        values = _profiled(rest, law, free)
        f, g = _weighted(rest, law, free, values)
        a, b = _origin_rates(rest, f, g)
        f_all, g_all = _weighted(days, law, free, values)
        degrees = max(1, count - 2 - len(free))
        total = 0.0
        for losses, other, rate, term, term_i in (
            (days.x_losses[i], rest.x_losses, a, f, f_all[i]), (days.y_losses[i], rest.y_losses, b, g, g_all[i]),
        ):  # fmt: skip
            residual = other - rate * term
            variance = max(float(residual @ residual) / degrees, 1e-12)
            scale = math.sqrt(variance * (1.0 + float(term_i) ** 2 / float(term @ term)))
            total += float(stats.t.logpdf((losses - rate * term_i) / scale, degrees)) - math.log(scale)
        each[i] = total
    return Predicted(law, float(each.sum()), float(math.sqrt(count) * each.std(ddof=1)), each)


def _where(days: BattleDays, keep: NDArray[np.bool_]) -> BattleDays:
    return type(days)(**{name: getattr(days, name)[keep] for name in days.__dataclass_fields__})


def compared(found: Sequence[Predicted]) -> list[dict[str, float | str | bool]]:
    """Laws by how well they foretell, the best first; ``apart`` where the best is better by more than two standard errors."""
    best = max(found, key=lambda one: one.elpd)
    rows: list[dict[str, float | str | bool]] = []
    for one in sorted(found, key=lambda one: -one.elpd):
        gap = best.each - one.each
        error = float(math.sqrt(len(gap)) * gap.std(ddof=1))
        rows.append(
            {
                "law": one.law, "elpd": one.elpd, "error": one.error, "behind": float(gap.sum()), "behind_error": error,
                "apart": bool(gap.sum() > 2.0 * error and one is not best),
            }
        )  # fmt: skip
    return rows
