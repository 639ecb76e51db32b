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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize, stats

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
START = {"p": 1.0, "q": 0.5, "W": 0.5}
PRIORS = {"p": (0.5, 0.75), "q": (0.5, 0.75), "W": (0.5, 0.5)}
"""Normal priors of exponents, mean and standard deviation; assumed, from logarithmic to beyond the square law."""
PARTICLES = 2000


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
    left_out
        Days that could not be used, with the reason; None is never left out in silence.
    residual_squares
        Sum of squared differences of what was fitted: daily losses (origin, totals, bayes), their logarithms (loglinear), or
        strengths (trajectory), for x and y.
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

    def value(self, name: str) -> float:
        """Value of an estimate."""
        return next(one.value for one in self.estimates if one.name == name)


def terms(law: str, x: NDArray[np.float64], y: NDArray[np.float64], exponents: Mapping[str, float]) -> Terms:
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
    alive = (x > 0.0) & (y > 0.0)
    return np.where(alive, f, 0.0), np.where(alive, g, 0.0)


def _tactics(days: BattleDays, d: float) -> Terms:
    """Factors on x's and y's losses: d for who defends, 1/d for who attacks."""
    return np.power(d, -days.attacker), np.power(d, days.attacker)


def fit(
    days: BattleDays, law: str, method: str = "origin", *, exponents: str = "common", tactical: bool = False, seed: int = 1
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
        ``loglinear``: least squares of the logarithms of daily losses, for the laws with free exponents. ``trajectory``: least
        squares of strengths along the solution from the first day. ``bayes``: posterior of ``origin`` with normal errors.
    exponents
        For loglinear: ``common`` to both sides, or ``separate``.
    tactical
        Whether the attacker-defender factor d is fitted.
    seed
        For bayes.

    Raises
    ------
    ValueError
        If the method does not go with the law or the data; with the reason.
    """
    if tactical and not days.attacker.any():
        raise ValueError("the tactical factor needs the column 'attacker'")
    if method == "loglinear":
        return _loglinear(days, law, exponents == "separate", tactical)
    if exponents == "separate":
        raise ValueError("separate exponents are for the method loglinear alone")
    free = (*LAWS[law], *(("d",) if tactical else ()))
    if method == "totals" and free:
        raise ValueError("the method totals has no free exponents and no tactical factor")
    if len(days.day) <= 2 + len(free):
        raise ValueError(f"{counted(len(days.day), 'day')}: too few for {2 + len(free)} parameters")
    methods: Mapping[str, Callable[..., Fit]] = {
        "origin": _origin, "totals": _totals, "trajectory": _trajectory, "bayes": _bayes,
    }  # fmt: skip
    return methods[method](days, law, free, seed)


def _split(free: Sequence[str], values: NDArray[np.float64]) -> tuple[dict[str, float], float]:
    """Exponents and d from a vector of free parameters (d by its logarithm)."""
    named = {name: float(value) for name, value in zip(free, values, strict=True)}
    d = math.exp(named.pop("d", 0.0))
    return START | named, d


def _weighted(days: BattleDays, law: str, free: Sequence[str], values: NDArray[np.float64]) -> Terms:
    exponents, d = _split(free, values)
    f, g = terms(law, days.x, days.y, exponents)
    on_x, on_y = _tactics(days, d)
    return f * on_x, g * on_y


def _begin(free: Sequence[str]) -> NDArray[np.float64]:
    return np.array([0.0 if name == "d" else START[name] for name in free])


def _origin_rates(days: BattleDays, f: NDArray[np.float64], g: NDArray[np.float64]) -> tuple[float, float]:
    return float(days.x_losses @ f / (f @ f)), float(days.y_losses @ g / (g @ g))


def _profiled(days: BattleDays, law: str, free: Sequence[str]) -> NDArray[np.float64]:
    """Free parameters that make the profile likelihood largest: log residual variances of both sides."""
    if not free:
        return np.zeros(0)
    scale = float(days.x_losses @ days.x_losses), float(days.y_losses @ days.y_losses)

    def lost(values: NDArray[np.float64]) -> float:
        f, g = _weighted(days, law, free, values)
        f, g = f / max(f.max(), 1e-300), g / max(g.max(), 1e-300)
        a, b = _origin_rates(days, f, g)
        total = 0.0
        for losses, term, rate, whole in ((days.x_losses, f, a, scale[0]), (days.y_losses, g, b, scale[1])):
            total += math.log(max(float(((losses - rate * term) ** 2).sum()) / whole, 1e-24))
        return total

    found = optimize.minimize(
        lost, _begin(free), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 4000}
    )
    return np.asarray(found.x)


def _origin(days: BattleDays, law: str, free: Sequence[str], _: int) -> Fit:
    values = _profiled(days, law, free)
    f, g = _weighted(days, law, free, values)
    a, b = _origin_rates(days, f, g)
    residuals = days.x_losses - a * f, days.y_losses - b * g
    degrees = len(days.day) - 1 - len(free)
    quantile = float(stats.t.ppf(0.975, degrees))
    estimates = []
    for name, rate, term, residual in (("a", a, f, residuals[0]), ("b", b, g, residuals[1])):
        error = math.sqrt(float(residual @ residual) / degrees / float(term @ term))
        estimates.append(Estimate(name, rate, rate - quantile * error, rate + quantile * error))
    estimates += _profile_estimates(days, law, free, values)
    return Fit(
        law, "origin", tuple(estimates), len(days.day), (), _squares(*residuals), _r_squared(days, *residuals)
    )


def _profile_estimates(
    days: BattleDays, law: str, free: Sequence[str], values: NDArray[np.float64]
) -> list[Estimate]:
    """Exponents, with intervals from the curvature of the profile likelihood by finite differences (Wald)."""
    if not free:
        return []
    n = len(days.day)

    def deviance(point: NDArray[np.float64]) -> float:
        f, g = _weighted(days, law, free, point)
        a, b = _origin_rates(days, f, g)
        return n * sum(
            math.log(max(float(((losses - rate * term) ** 2).sum()), 1e-300))
            for losses, term, rate in ((days.x_losses, f, a), (days.y_losses, g, b))
        )

    step, size = 1e-3, len(free)
    curvature = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            ei, ej = np.eye(size)[i] * step, np.eye(size)[j] * step
            curvature[i, j] = (
                deviance(values + ei + ej)
                - deviance(values + ei - ej)
                - deviance(values - ei + ej)
                + deviance(values - ei - ej)
            ) / (4.0 * step * step)
    try:
        errors = np.sqrt(np.maximum(np.diag(np.linalg.inv(0.5 * curvature)), 0.0))
    except np.linalg.LinAlgError:
        errors = np.full(size, np.nan)
    return [
        _free_estimate(name, value, error) for name, value, error in zip(free, values, errors, strict=True)
    ]


def _free_estimate(name: str, value: float, error: float) -> Estimate:
    if not np.isfinite(error) or error == 0.0:
        shown = math.exp(value) if name == "d" else float(value)
        return Estimate(name, shown, None, None)
    ends = [float(value), float(value - 1.96 * error), float(value + 1.96 * error)]
    if name == "d":
        ends = [math.exp(end) for end in ends]
    return Estimate(name, *ends)


def _totals(days: BattleDays, law: str, _free: Sequence[str], _: int) -> Fit:
    f, g = terms(law, days.x, days.y, START)
    a, b = float(days.x_losses.sum() / f.sum()), float(days.y_losses.sum() / g.sum())
    residuals = days.x_losses - a * f, days.y_losses - b * g
    estimates = (Estimate("a", a, None, None), Estimate("b", b, None, None))
    return Fit(
        law, "totals", estimates, len(days.day), (), _squares(*residuals), _r_squared(days, *residuals)
    )


def _loglinear(days: BattleDays, law: str, separate: bool, tactical: bool) -> Fit:
    """Ordinary least squares of log losses: ``ln xloss = ln a + q ln x + p ln y (-/+ ln d)``, and the like for y."""
    if law != "bracken":
        raise ValueError("log-linear regression fits free exponents: it goes with the law bracken")
    used_x, used_y = (losses > 0.0 for losses in (days.x_losses, days.y_losses))
    left_out = [
        f"day {day:g} of {side}: no losses, and they have no logarithm"
        for side, used in (("x", used_x), ("y", used_y))
        for day in days.day[~used]
    ]
    lx, ly = np.log(days.x), np.log(days.y)
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
        raise ValueError(f"the days do not tell {len(names)} parameters apart")
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ target
    residual = target - design @ found
    errors = np.sqrt(np.diag(inverse) * float(residual @ residual) / degrees)
    quantile = float(stats.t.ppf(0.975, degrees))
    estimates = []
    for name, value, error in zip(names, found, errors, strict=True):
        ends = [float(value), float(value - quantile * error), float(value + quantile * error)]
        if name.startswith("ln "):
            ends = [math.exp(end) for end in ends]
        estimates.append(Estimate(name.removeprefix("ln "), *ends))
    total = float(((target - target.mean()) ** 2).sum())
    split = int(used_x.sum())
    squares = _squares(residual[:split], residual[split:])
    return Fit(
        law, "loglinear", tuple(estimates), int((used_x | used_y).sum()), tuple(left_out), squares,
        1.0 - sum(squares) / total if total > 0.0 else math.nan,
    )  # fmt: skip


def trajectory(
    days: BattleDays,
    law: str,
    a: float,
    b: float,
    exponents: Mapping[str, float],
    d: float = 1.0,
    substeps: int = 20,
) -> Terms:
    """Strengths with which each day would be fought, from the first day's strengths and the arrivals on.

    Runge-Kutta's fourth-order steps within the day; arrivals come between days.
    """
    on_x, on_y = _tactics(days, d)
    xs, ys = np.empty(len(days.day)), np.empty(len(days.day))
    x, y = float(days.x[0]), float(days.y[0])
    step = 1.0 / substeps

    def slope(u: float, v: float, day: int) -> tuple[float, float]:
        f, g = terms(law, np.array(max(u, 0.0)), np.array(max(v, 0.0)), exponents)
        return -a * float(on_x[day]) * float(f), -b * float(on_y[day]) * float(g)

    for i in range(len(days.day)):
        if i > 0:
            x, y = x + float(days.x_arrivals[i]), y + float(days.y_arrivals[i])
        xs[i], ys[i] = x, y
        for _ in range(substeps):
            k1 = slope(x, y, i)
            k2 = slope(x + 0.5 * step * k1[0], y + 0.5 * step * k1[1], i)
            k3 = slope(x + 0.5 * step * k2[0], y + 0.5 * step * k2[1], i)
            k4 = slope(x + step * k3[0], y + step * k3[1], i)
            x = max(0.0, x + step * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0]) / 6.0)
            y = max(0.0, y + step * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1]) / 6.0)
    return xs, ys


def _trajectory(days: BattleDays, law: str, free: Sequence[str], _: int) -> Fit:
    begin = _origin(days, law, free, 0)
    scale_x, scale_y = float(days.x.max()), float(days.y.max())
    # rates by their logarithm at the first days' terms, so that exponents and rates do not pull against each other
    values = np.array(
        [(math.log(one.value) if one.name == "d" else one.value) for one in begin.estimates[2:]]
    )

    def rates(point: NDArray[np.float64]) -> tuple[float, float, dict[str, float], float]:
        exponents, d = _split(free, point[2:])
        f, g = terms(law, days.x, days.y, exponents)
        return (
            math.exp(point[0]) * float(days.x_losses.sum() / f.sum()),
            math.exp(point[1]) * float(days.y_losses.sum() / g.sum()),
            exponents,
            d,
        )

    def residuals(point: NDArray[np.float64]) -> NDArray[np.float64]:
        a, b, exponents, d = rates(point)
        xs, ys = trajectory(days, law, a, b, exponents, d)
        return np.concatenate([(days.x - xs) / scale_x, (days.y - ys) / scale_y])

    found = optimize.least_squares(
        residuals, np.concatenate([[0.0, 0.0], values]), x_scale="jac", xtol=1e-12, ftol=1e-12
    )
    a, b, exponents, d = rates(found.x)
    xs, ys = trajectory(days, law, a, b, exponents, d)
    degrees = 2 * len(days.day) - 2 - len(found.x)  # the first day's strengths are given
    variance = float(found.fun @ found.fun) / max(degrees, 1)
    covariance = np.linalg.pinv(found.jac.T @ found.jac) * variance
    quantile = float(stats.t.ppf(0.975, max(degrees, 1)))
    errors = quantile * np.sqrt(np.diag(covariance))
    estimates = [
        Estimate(name, rate, rate * math.exp(-error), rate * math.exp(error))
        for name, rate, error in (("a", a, errors[0]), ("b", b, errors[1]))
    ]
    for name, value, error in zip(free, found.x[2:], errors[2:], strict=True):
        estimates.append(_free_estimate(name, float(value), float(error) / 1.96))
    rest = days.x - xs, days.y - ys
    total = float(((days.x - days.x.mean()) ** 2).sum() + ((days.y - days.y.mean()) ** 2).sum())
    squares = _squares(*rest)
    return Fit(law, "trajectory", tuple(estimates), len(days.day), (), squares, 1.0 - sum(squares) / total)


def _bayes(days: BattleDays, law: str, free: Sequence[str], seed: int) -> Fit:
    """Posterior of daily losses with normal errors: medians and central 95 % intervals.

    Priors, assumed and weak: the mean daily loss of each side is lognormal about the observed with a factor of e^2; its error
    is lognormal about the losses' standard deviation with a factor of e; exponents as `PRIORS`; ln d normal with 0.5.
    """
    means = math.log(days.x_losses.mean()), math.log(days.y_losses.mean())
    spreads = math.log(days.x_losses.std() + 1e-9), math.log(days.y_losses.std() + 1e-9)

    def parameters(scores: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        found: dict[str, Any] = {
            "loss_x": np.exp(means[0] + 2.0 * scores[:, 0]), "loss_y": np.exp(means[1] + 2.0 * scores[:, 1]),
            "sd_x": np.exp(spreads[0] + scores[:, 2]), "sd_y": np.exp(spreads[1] + scores[:, 3]),
        }  # fmt: skip
        for k, name in enumerate(free):
            mean, sd = PRIORS.get(name, (0.0, 0.5))
            found[name] = mean + sd * scores[:, 4 + k]
        f = np.empty((len(scores), len(days.day)))
        g = np.empty_like(f)
        for i in range(len(scores)):
            f[i], g[i] = _weighted(days, law, free, np.array([found[name][i] for name in free]))
        found["a"], found["b"] = found["loss_x"] / f.mean(axis=1), found["loss_y"] / g.mean(axis=1)
        found["f"], found["g"] = f, g
        return found

    def log_likelihood(scores: NDArray[np.float64], _: NDArray[np.int64], __: int) -> NDArray[np.float64]:
        p = parameters(scores)
        total = np.zeros(len(scores))
        for losses, rate, term, sd in ((days.x_losses, "a", "f", "sd_x"), (days.y_losses, "b", "g", "sd_y")):
            residual = (losses - p[rate][:, None] * p[term]) / p[sd][:, None]
            total += -0.5 * (residual * residual).sum(axis=1) - len(losses) * np.log(p[sd])
        return np.asarray(np.maximum(np.nan_to_num(total, nan=-1e12), -1e12)[:, None])

    found = sample(log_likelihood, 4 + len(free), 1, particles=PARTICLES, seed=seed)
    p = parameters(found.state.scores)
    estimates = []
    for name in ("a", "b", *free):
        draws = np.exp(p[name]) if name == "d" else p[name]
        low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
        estimates.append(Estimate(name, float(middle), float(low), float(high)))
    values = np.array([np.median(p[name]) for name in free])
    f, g = _weighted(days, law, free, values)
    residuals = days.x_losses - estimates[0].value * f, days.y_losses - estimates[1].value * g
    return Fit(
        law, "bayes", tuple(estimates), len(days.day), (), _squares(*residuals), _r_squared(days, *residuals)
    )


def _squares(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    return float(x @ x), float(y @ y)


def _r_squared(days: BattleDays, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    total = float(
        ((days.x_losses - days.x_losses.mean()) ** 2).sum()
        + ((days.y_losses - days.y_losses.mean()) ** 2).sum()
    )
    return 1.0 - sum(_squares(x, y)) / total if total > 0.0 else math.nan


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
