"""The reference class: what earlier battles say about tempo, losses, when garrisons break, stops and pauses.

One hierarchical model of all battles, in logarithms. For battle i of class k, with size, garrison and sealing as covariates::

    ln days          = a1 + d_k + b11 ln(people) + b12 ln(garrison) + b13 sealed        + e1
    ln own loss      = a2       + b21 ln(attackers) + b22 ln(attackers/garrison) + b23 ln(days) + e2
    ln garrison loss = a3       + b31 ln(garrison)  + b32 ln(attackers/garrison) + b33 ln(days) + e3
    logit share lost = a4                                                               + e4

e2 and e3 are correlated, since a bloody battle is bloody for both; that a fast battle is bloody for a day is in b23 and b33.
Losses are per day of those engaged, as the case takes them. Battles that stopped are a competing risk with a constant hazard;
those still going on are censored; class effects d_k are drawn towards each other, the more the less they differ.

Ranges stay ranges: what is known of a figure between low and high is taken as log-uniform, and its variance is added to that of
the equation in which it stands (for a covariate times its coefficient squared: Berkson's error model, exact here since the
range is what is known of the true value). A covariate nobody gives has the mean and variance of the other battles'.

Priors are weakly informative; each names its source or says that it is assumed. Nothing here knows what followed the case.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, log_ndtr, logit

from phaseline.learning.sampler import Sample, sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.battles import Battle

ENGAGED = 0.5
"""Share of each side taken as engaged at once; assumed, the same in the case."""
KILLED_OF_LOSSES = (0.55, 0.85)
"""Of a garrison's losses, the share killed; assumed."""
OWN_KILLED_OF_LOSSES = (0.15, 0.55)
"""Of an attacker's losses, the share killed, where the wounded are not given: lowest and highest of the battles that do."""
MOST_LOST = 0.95
"""A garrison of which more is said to have been lost than there was counts as this share lost."""
PEOPLE_PER_KM2 = 10_000
"""Assumed; it cancels where the depth of a case's city comes from its people in the same way."""
CENTRES = {
    "population": 150_000.0,
    "defenders": 2_500.0,
    "attackers": 11_000.0,
    "sealed": 0.5,
    "ratio": 5.0,
    "days": 40.0,
}
"""Round middles about which covariates are taken, so that the intercepts mean something."""


@dataclass(frozen=True)
class Prior:
    """Normal prior of one parameter on its own scale."""

    mean: float
    sd: float
    why: str


PRIORS: Mapping[str, Prior] = {
    "days": Prior(math.log(30.0), 1.0, "assumed: a week to four months at the centre"),
    "class_spread": Prior(math.log(0.3), 0.7, "assumed: classes differ by a factor of 1.1 to 2"),
    "days_people": Prior(0.5, 0.3, "depth grows with the square root of area at equal density"),
    "days_garrison": Prior(0.25, 0.25, "assumed: from hardly to with the square root"),
    "days_sealed": Prior(0.0, 0.7, "assumed: a way out shortens a battle, a way in lengthens it"),
    "days_sd": Prior(math.log(0.8), 0.4, "assumed: battles differ by a factor of 2 for reasons not recorded"),
    "stop": Prior(math.log(0.002), 1.0, "assumed: one in five of operations of a hundred days"),
    "own": Prior(math.log(0.008), 1.0, "assumed: a third of CDB90's median of 1.7 % a day, since cities take longer"),
    "own_size": Prior(-0.158, 0.115, "CDB90 regression 1937-82, twice its standard error"),
    "own_ratio": Prior(-0.179, 0.155, "CDB90 regression 1937-82, twice its standard error"),
    "own_days": Prior(-0.5, 0.4, "CDB90 regressions: -0.26 in 1937-82, -0.87 over all years"),
    "own_sd": Prior(math.log(0.9), 0.3, "CDB90 regression 1937-82: residual 0.92"),
    "garrison": Prior(math.log(0.04), 1.0, "assumed: half of a garrison in 10 to 100 days"),
    "garrison_size": Prior(-0.177, 0.148, "CDB90 regression 1937-82, twice its standard error"),
    "garrison_ratio": Prior(0.326, 0.224, "CDB90 regression 1937-82, twice its standard error"),
    "garrison_days": Prior(-0.4, 0.4, "CDB90 regressions: -0.05 in 1937-82, -0.72 over all years"),
    "garrison_sd": Prior(math.log(1.1), 0.3, "CDB90 regression 1937-82: residual 1.18"),
    "together_losses": Prior(0.0, 0.5, "assumed: weak, correlation tanh of it"),
    "lost": Prior(0.3, 0.8, "assumed: a garrison breaks at a third to three quarters lost"),
    "lost_sd": Prior(math.log(0.9), 0.3, "assumed: garrisons differ from a quarter to nine tenths"),
    "halt": Prior(math.log(12.0), 0.5, "assumed: a week to three weeks"),
    "halt_sd": Prior(math.log(0.4), 0.3, "assumed"),
}  # fmt: skip
DURATION = ("days", "class_spread", "days_people", "days_garrison", "days_sealed", "days_sd", "stop")
"""Parameters of the first equation and of stopping."""


@dataclass(frozen=True)
class Target:
    """The battle to be foretold: ranges of its covariates.

    Attributes
    ----------
    kind
        Class of battle; a class that no battle has gets a new effect.
    population, defenders, attackers
        Persons, low and high.
    sealed
        Share, low and high.
    """

    kind: str
    population: tuple[float, float]
    defenders: tuple[float, float]
    attackers: tuple[float, float]
    sealed: tuple[float, float]


@dataclass(frozen=True)
class Table:
    """Battles as numbers: means and variances of what is known, in logarithms (sealing as a share)."""

    names: tuple[str, ...]
    classes: tuple[str, ...]
    kind: NDArray[np.int64]
    days: NDArray[np.float64]
    ended: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    covariates: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    own: tuple[NDArray[np.float64], NDArray[np.float64]]
    garrison: tuple[NDArray[np.float64], NDArray[np.float64]]
    lost: tuple[NDArray[np.float64], NDArray[np.float64]]
    halt: NDArray[np.float64]

    def without(self, index: int) -> Table:
        """All battles but one; classes and centres stay."""
        return self.part(np.arange(len(self.names)) != index)

    def part(self, keep: slice | NDArray[np.bool_]) -> Table:
        """Some of the battles; classes and centres stay."""

        def both(
            pair: tuple[NDArray[np.float64], NDArray[np.float64]],
        ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            return pair[0][keep], pair[1][keep]

        return Table(
            tuple(self.names[i] for i in np.arange(len(self.names))[keep]), self.classes, self.kind[keep], self.days[keep],
            self.ended[keep], self.stopped[keep], {k: both(v) for k, v in self.covariates.items()}, both(self.own),
            both(self.garrison), both(self.lost), self.halt[keep],
        )  # fmt: skip


def table(battles: Sequence[Battle]) -> Table:
    """Battles as the model takes them.

    Raises
    ------
    ValueError
        If fewer than five battles have an end.
    """
    if sum(one.result == "taken" for one in battles) < 5:
        rule = "a reference class needs at least five battles whose result is 'taken': only they tell how long a battle lasts"
        raise ValueError(rule)
    classes = tuple(dict.fromkeys(one.kind for one in battles))
    covariates = {
        name: _filled(np.array([_log_range(one.ranges.get(name)) for one in battles]), CENTRES[name])
        for name in ("population", "defenders", "attackers")
    }
    sealed = np.array([_flat_range(one.ranges.get("sealed")) for one in battles])
    covariates["sealed"] = _filled(sealed, 1.0, CENTRES["sealed"])
    losses = [_losses(one) for one in battles]
    ended = np.array([one.result == "taken" for one in battles])
    return Table(
        names=tuple(one.name for one in battles),
        classes=classes,
        kind=np.array([classes.index(one.kind) for one in battles]),
        days=np.array([one.days for one in battles]),
        ended=ended,
        stopped=np.array([one.result in ("stopped", "partial") for one in battles]),
        covariates=covariates,
        own=_pair([one["own"] for one in losses], ended),
        garrison=_pair([one["garrison"] for one in losses], ended),
        lost=_pair([one["lost"] for one in losses], ended),
        halt=np.array([_log_range(one.ranges.get("halted"))[0] for one in battles]),
    )


def _log_range(limits: tuple[float, float] | None) -> tuple[float, float]:
    """Mean and variance of a log-uniform's logarithm; NaN where nothing is given."""
    if limits is None or limits[0] <= 0.0:
        return math.nan, math.nan
    low, high = math.log(limits[0]), math.log(limits[1])
    return 0.5 * (low + high), (high - low) ** 2 / 12.0


def _flat_range(limits: tuple[float, float] | None) -> tuple[float, float]:
    return (
        (math.nan, math.nan) if limits is None else (0.5 * sum(limits), (limits[1] - limits[0]) ** 2 / 12.0)
    )


def _filled(
    pairs: NDArray[np.float64], scale: float, centre: float = math.nan
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariate about its centre; what is missing has the mean and the variance of the rest."""
    middle = math.log(scale) if math.isnan(centre) else centre
    values, variances = pairs[:, 0] - middle, pairs[:, 1].copy()
    known = ~np.isnan(values)
    if known.any():
        values = np.where(known, values, values[known].mean())
        variances = np.where(known, variances, values[known].var() + variances[known].mean())
    else:
        values, variances = np.zeros(len(values)), np.ones(len(values))
    return values, variances


def _losses(battle: Battle) -> dict[str, tuple[float, float]]:
    """Logarithms of daily loss rates of those engaged, and the logit of the garrison's share lost: mean and variance.

    The garrison present falls as exp(-rate x engaged x days); the attackers' losses are spread over the share of it present.
    """
    rng = np.random.Generator(np.random.Philox(battle.line))
    size = 2000

    def draw(name: str) -> NDArray[np.float64] | None:
        limits = battle.ranges.get(name)
        if limits is None or limits[0] <= 0.0:
            return None
        low, high = math.log(limits[0]), math.log(limits[1])
        return np.asarray(
            np.exp(rng.uniform(low, high, size)) if high > low else np.full(size, math.exp(low))
        )

    none = (math.nan, math.nan)
    found = {"own": none, "garrison": none, "lost": none}
    defenders, attackers = draw("defenders"), draw("attackers")
    present: NDArray[np.float64] | float = 1.0
    dead = draw("defender_killed")
    if dead is not None and defenders is not None:
        share = np.minimum(dead / defenders, 1.0) / rng.uniform(*KILLED_OF_LOSSES, size)
        share = np.minimum(share, MOST_LOST)
        decay = -np.log1p(-share)
        present = share / decay
        found["garrison"] = _moments(np.log(decay / battle.days / ENGAGED))
        found["lost"] = _moments(logit(share))
    killed, wounded = draw("attacker_killed"), draw("attacker_wounded")
    if killed is not None and attackers is not None:
        losses = (
            killed + wounded if wounded is not None else killed / rng.uniform(*OWN_KILLED_OF_LOSSES, size)
        )
        share = np.minimum(losses / attackers, MOST_LOST)
        found["own"] = _moments(np.log(share / battle.days / ENGAGED / present))
    return found


def _moments(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.mean()), float(values.var())


def _pair(
    rows: Sequence[tuple[float, float]], ended: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and variances; only battles that ended say what a whole battle costs."""
    pairs = np.array(rows)
    return np.where(ended, pairs[:, 0], np.nan), np.where(ended, pairs[:, 1], np.nan)


class ReferenceClass:
    """Posterior of the model.

    Parameters
    ----------
    battles
        As `table` makes them.
    seed
        The same seed gives the same posterior.
    whole
        Whether losses are fitted as well; durations alone are enough to foretell a duration.
    num_particles
        Draws from the posterior.
    """

    def __init__(self, battles: Table, *, seed: int, whole: bool = True, num_particles: int = 2000) -> None:
        self.battles = battles
        self.seed = seed
        self.names = tuple(PRIORS) if whole else DURATION
        self.whole = whole
        self._classes = len(battles.classes)
        self.sample: Sample = sample(
            self._log_likelihood,
            len(self.names) + self._classes,
            len(battles.names),
            particles=num_particles,
            seed=seed,
            alone=lambda scores, i: self._log_densities(scores, slice(i, i + 1))[:, 0],
        )
        self.parameters = self._parameters(self.sample.state.scores)

    def _parameters(self, scores: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Parameters on their own scale; ``class`` has shape (n, classes)."""
        found = {
            name: PRIORS[name].mean + PRIORS[name].sd * scores[:, i] for i, name in enumerate(self.names)
        }
        for name in self.names:
            if name.endswith(("_sd", "_spread")) or name == "stop":
                found[name] = np.exp(found[name])
        found["class"] = found["class_spread"][:, None] * scores[:, len(self.names) :]
        return found

    def _log_likelihood(
        self, scores: NDArray[np.float64], _: NDArray[np.int64], upto: int
    ) -> NDArray[np.float64]:
        """Log density of each of the first so many battles, shape (n, battles)."""
        return self._log_densities(scores, slice(0, upto))

    def _log_densities(self, scores: NDArray[np.float64], which: slice) -> NDArray[np.float64]:
        """Log density of some of the battles, shape (n, battles); each battle's hangs on no other."""
        p, table_ = self._parameters(scores), self.battles.part(which)
        mean, variance = _duration(table_, p)
        sd = np.sqrt(variance)
        log_days = np.log(table_.days)
        score = (log_days - mean) / sd
        hazard = p["stop"][:, None]
        survived = -hazard * table_.days
        density = -0.5 * score * score - np.log(sd) - 0.5 * math.log(2.0 * math.pi) - log_days
        going = ~table_.ended
        # the tail is wanted only of battles that went on, and takes longest
        density[:, going] = log_ndtr(-score[:, going]) + np.where(table_.stopped[going], np.log(hazard), 0.0)
        total = survived + density
        if self.whole:
            total = total + _losses_given_days(table_, p)
            total = total + _plain(table_.lost, p["lost"], p["lost_sd"])
            halts = (table_.halt, np.zeros_like(table_.halt))
            total = total + _plain(halts, p["halt"], p["halt_sd"])
        return np.asarray(total)

    def days_of(
        self, target: Target, rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Days that a new battle would last if it were not stopped, one for each draw, and its residual."""
        p, count = self.parameters, len(self.parameters["days"])
        kind = (
            p["class"][:, self.battles.classes.index(target.kind)]
            if target.kind in self.battles.classes
            else p["class_spread"] * rng.standard_normal(count)
        )
        mean = p["days"] + kind
        for name, key in (
            ("days_people", "population"),
            ("days_garrison", "defenders"),
            ("days_sealed", "sealed"),
        ):
            mean = mean + p[name] * _drawn(getattr(target, key), key, rng, count)
        residual = rng.standard_normal(count)
        return np.asarray(np.exp(mean + p["days_sd"] * residual)), residual

    def log_density(self, other: Table, index: int) -> float:
        """Log predictive density of a battle of another table: of its days and how it ended."""
        single = Table(
            other.names[index : index + 1], self.battles.classes, other.kind[index : index + 1],
            other.days[index : index + 1], other.ended[index : index + 1], other.stopped[index : index + 1],
            {k: (v[0][index : index + 1], v[1][index : index + 1]) for k, v in other.covariates.items()},
            *(((np.full(1, np.nan), np.full(1, np.nan)),) * 3), np.full(1, np.nan),
        )  # fmt: skip
        view = object.__new__(ReferenceClass)
        view.battles, view.whole, view.names = single, False, self.names
        logs = view._log_densities(self.sample.state.scores, slice(0, 1))[:, 0]
        top = logs.max()
        return float(top + np.log(np.exp(logs - top).mean()))

    def foretold(self, other: Table, index: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Days of a battle of another table, drawn from the predictive distribution: days if it is not stopped."""
        mean, variance = _duration(other.part(slice(index, index + 1)), self.parameters)
        return np.asarray(np.exp(mean[:, 0] + np.sqrt(variance[:, 0]) * rng.standard_normal(len(mean))))

    def numbers(self, target: Target, days: float) -> dict[str, NDArray[np.float64]]:
        """Numbers of a scenario for a new battle, one for each draw of the posterior, in base units.

        Parameters
        ----------
        target
            The battle.
        days
            For how long its loss rates are wanted: they fall with the length of a battle.

        Returns
        -------
        dict
            ``tempo`` (km/day), ``own_loss`` and ``garrison_loss`` (share a day of those engaged), ``breaks_at`` (share lost),
            ``stopped`` (a day), ``pause`` (days).
        """
        rng = np.random.Generator(np.random.Philox([self.seed, 5]))
        p, count = self.parameters, len(self.parameters["days"])
        lasting, _ = self.days_of(target, rng)
        together = np.tanh(p["together_losses"])
        e2, n3 = rng.standard_normal(count), rng.standard_normal(count)
        e3 = together * e2 + np.sqrt(1.0 - together * together) * n3
        people = np.exp(_drawn(target.population, "population", rng, count)) * CENTRES["population"]
        attackers = _drawn(target.attackers, "attackers", rng, count)
        defenders = _drawn(target.defenders, "defenders", rng, count)
        ratio = _ratio(attackers, defenders)
        # about the length asked for, longer where this battle's draw is longer than its median
        length = np.log(lasting * (days / float(np.median(lasting))) / CENTRES["days"])

        def rate(side: str, size: NDArray[np.float64], residual: NDArray[np.float64]) -> NDArray[np.float64]:
            logs = (
                p[side] + p[f"{side}_size"] * size + p[f"{side}_ratio"] * ratio + p[f"{side}_days"] * length
            )
            return np.asarray(np.exp(logs + p[f"{side}_sd"] * residual))

        return {
            "tempo": np.sqrt(people / PEOPLE_PER_KM2) / lasting,
            "own_loss": rate("own", attackers, e2),
            "garrison_loss": rate("garrison", defenders, e3),
            "breaks_at": np.asarray(expit(p["lost"] + p["lost_sd"] * rng.standard_normal(count))),
            "stopped": p["stop"],
            "pause": np.asarray(np.exp(p["halt"] + p["halt_sd"] * rng.standard_normal(count))),
        }

    def identifiability(self) -> list[dict[str, float | str]]:
        """How much the battles say of each parameter: spread of the posterior over that of the prior, and the shift."""
        rows: list[dict[str, float | str]] = []
        for i, name in enumerate(self.names):
            scores = self.sample.state.scores[:, i]
            rows.append(
                {
                    "parameter": name,
                    "contraction": float(1.0 - scores.var()),
                    "shift": float(scores.mean()),
                    "prior": PRIORS[name].why,
                }
            )
        return rows


def _duration(
    battles: Table, p: Mapping[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of ln days for each draw and battle."""
    mean = p["days"][:, None] + p["class"][:, battles.kind]
    variance = np.square(p["days_sd"])[:, None] + np.zeros_like(mean)
    for name, key in (
        ("days_people", "population"),
        ("days_garrison", "defenders"),
        ("days_sealed", "sealed"),
    ):
        value, error = battles.covariates[key]
        mean = mean + p[name][:, None] * value
        variance = variance + np.square(p[name])[:, None] * error
    return mean, variance


def _losses_given_days(battles: Table, p: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Log density of both loss rates given the duration; what is not given adds nothing."""
    own, garrison = battles.own, battles.garrison
    e2 = own[0] - _rate(battles, p, "own", "attackers")
    e3 = garrison[0] - _rate(battles, p, "garrison", "defenders")
    together = (np.tanh(p["together_losses"]) * p["own_sd"] * p["garrison_sd"])[:, None]
    v2 = np.square(p["own_sd"])[:, None] + np.where(np.isnan(own[1]), 0.0, own[1])
    v3 = np.square(p["garrison_sd"])[:, None] + np.where(np.isnan(garrison[1]), 0.0, garrison[1])
    has2, has3 = ~np.isnan(own[0]), ~np.isnan(garrison[0])
    first = np.where(has2, _normal(np.nan_to_num(e2), v2), 0.0)
    # the garrison's rate given the attackers' where that is known
    gain = np.where(has2, together / v2, 0.0)
    second = _normal(np.nan_to_num(e3) - gain * np.nan_to_num(e2), v3 - gain * np.where(has2, together, 0.0))
    return np.asarray(first + np.where(has3, second, 0.0))


def _rate(battles: Table, p: Mapping[str, NDArray[np.float64]], side: str, size: str) -> NDArray[np.float64]:
    c = battles.covariates
    ratio = _ratio(c["attackers"][0], c["defenders"][0])
    days = np.log(battles.days / CENTRES["days"])
    return np.asarray(
        p[side][:, None]
        + p[f"{side}_size"][:, None] * c[size][0]
        + p[f"{side}_ratio"][:, None] * ratio
        + p[f"{side}_days"][:, None] * days
    )


def _normal(residual: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-0.5 * residual * residual / variance - 0.5 * np.log(2.0 * math.pi * variance))


def _plain(
    data: tuple[NDArray[np.float64], NDArray[np.float64]], mean: NDArray[np.float64], sd: NDArray[np.float64]
) -> NDArray[np.float64]:
    known = ~np.isnan(data[0])
    variance = np.square(sd)[:, None] + np.nan_to_num(data[1])
    return np.asarray(np.where(known, _normal(np.nan_to_num(data[0]) - mean[:, None], variance), 0.0))


def _ratio(attackers: NDArray[np.float64], defenders: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log force ratio about its centre, from logs about theirs."""
    return attackers - defenders + math.log(CENTRES["attackers"] / CENTRES["defenders"] / CENTRES["ratio"])


def _drawn(
    limits: tuple[float, float], key: str, rng: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """A covariate of the target about its centre."""
    u = rng.random(count)
    if key == "sealed":
        return np.asarray(limits[0] + u * (limits[1] - limits[0]) - CENTRES[key])
    low, high = math.log(limits[0]), math.log(limits[1])
    return np.asarray(low + u * (high - low) - math.log(CENTRES[key]))


@dataclass(frozen=True)
class LeftOut:
    """How a battle was foretold from all others.

    Attributes
    ----------
    index
        Of the battle in its table.
    name, days
        The battle.
    quantiles
        Of the predictive distribution of its days, by level.
    pit
        Probability given to a shorter battle.
    log_score, plain_log_score
        Log predictive density of the days (1/day), by this model and by a lognormal without covariates.
    """

    index: int
    name: str
    days: float
    quantiles: Mapping[float, float]
    pit: float
    log_score: float
    plain_log_score: float


def leave_one_out(
    battles: Table,
    *,
    seed: int,
    most: int | None = None,
    num_particles: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> list[LeftOut]:
    """Each battle that ended, foretold from all others; `progress` is told how many are done, and how many there are.

    Of more battles than `most` those are foretold that lie in the middle of as many equal parts of the table, each from all
    others: a refit takes seconds where there are hundreds, and which are chosen hangs on nothing but their order.

    The log score is of the duration given that the battle was not stopped, so that it can be set beside a lognormal fitted
    to the durations of the others (Student's t predictive in logarithms, Gelman et al., Bayesian Data Analysis, 3.2).
    """
    found = []
    ended = [int(i) for i in np.flatnonzero(battles.ended)]
    if most is not None and most < len(ended):
        ended = [ended[(2 * part + 1) * len(ended) // (2 * most)] for part in range(most)]
    for done, i in enumerate(ended):
        if progress is not None:
            progress(done, len(ended))
        fitted = ReferenceClass(battles.without(i), seed=seed, whole=False, num_particles=num_particles)
        mean, variance = _duration(battles.part(slice(i, i + 1)), fitted.parameters)
        log_days = math.log(battles.days[i])
        density = _normal(log_days - mean[:, 0], variance[:, 0]) - log_days
        top = density.max()
        draws = fitted.foretold(battles, i, np.random.Generator(np.random.Philox([seed, 6, i])))
        others = np.log(battles.days[(np.arange(len(battles.days)) != i) & battles.ended])
        found.append(
            LeftOut(
                i,
                battles.names[i],
                float(battles.days[i]),
                {
                    level: float(np.quantile(draws, level))
                    for level in (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
                },
                float((draws < battles.days[i]).mean()),
                float(top + np.log(np.exp(density - top).mean())),
                _plain_log_score(others, log_days),
            )
        )
    return found


def _plain_log_score(others: NDArray[np.float64], log_days: float) -> float:
    from scipy import stats

    n = len(others)
    scale = float(others.std(ddof=1)) * math.sqrt(1.0 + 1.0 / n)
    return float(stats.t.logpdf((log_days - others.mean()) / scale, n - 1) - math.log(scale) - log_days)
