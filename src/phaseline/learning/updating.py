"""From dated reports to an updated forecast: the prior ensemble of a scenario becomes a posterior.

A history is a function of scores (what is unknown) and luck. Reports say how likely a history is (`observations`), and a
sequential Monte Carlo sampler (`sampler`) finds histories that agree with them, in the order in which they became known. From
the last report on every history gets new futures, so that the forecast is about what is still open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.execution.particles import MOST_LUCK, Particles
from phaseline.execution.worlds import world_values
from phaseline.learning.decisions import as_decided
from phaseline.learning.observations import NOT_YET, Observations, error_model
from phaseline.learning.sampler import Sample, State, resampled, sample
from phaseline.outcomes.documents import plain_number
from phaseline.scenario.calendar import horizon_days, start_date
from phaseline.scenario.readable import counted
from phaseline.scenario.records import OPERATION_STATUS, phase_ids
from phaseline.scenario.reports import COUNTS

if TYPE_CHECKING:
    import datetime as dt
    from threading import Event

    from numpy.typing import NDArray

    from phaseline.execution.particles import Watch
    from phaseline.scenario.reports import Report
    from phaseline.scenario.schema import Plan, Scenario

PARTICLES = 1024
FUTURES = 2
"""Futures of each history after the last report."""
TRACKED = 256
"""Histories by which the forecast after each report is told."""
IMPOSSIBLE = 0.002
"""A report to which the model, before it, gave a smaller two-sided probability is called out."""
LEAST_DISTINCT = 0.2
LEAST_ACCEPTANCE = 0.03
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_FAILED = float(OPERATION_STATUS.index("failed"))

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Forecast:
    """Histories to the horizon by column, each as likely: shape (n,), times in days from the start.

    Attributes
    ----------
    columns
        Outcomes by name of the column.
    """

    columns: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Posterior:
    """What is known after the reports.

    Attributes
    ----------
    particles
        The scenario and plan as a function.
    sample
        Equally weighted scores and luck.
    observations
        The reports as a likelihood.
    known_until
        Last day that the reports are about, after the start; -1 without reports.
    """

    particles: Particles
    sample: Sample
    observations: Observations
    known_until: int


def posterior(
    scenario: Scenario,
    plan_id: str,
    plan: Plan,
    reports: Sequence[Report],
    *,
    seed: int,
    threads: int,
    num_particles: int = PARTICLES,
    cancel: Event | None = None,
    told: Callable[[int, Particles, State, NDArray[np.float64], Observations], None] | None = None,
    after: Posterior | None = None,
) -> Posterior:
    """Histories that agree with reports.

    Parameters
    ----------
    scenario
        A checked scenario with its mechanisms applied.
    plan_id, plan
        The plan that was followed.
    reports
        In the order in which they became known.
    seed
        The same seed gives the same histories, whatever the number of threads.
    threads
        Threads to simulate with.
    num_particles
        Number of histories, at least 50.
    cancel
        Stops the work when set.
    told
        Called before each report is taken in.
    after
        Go on from the posterior given the first of the reports.

    Raises
    ------
    InterruptedRun
        If cancelled.
    """
    decided = as_decided(plan, reports)
    particles = Particles(scenario, plan_id, decided, seed=seed, threads=threads, cancel=cancel)
    observations = Observations(scenario, reports)

    def log_likelihood(
        scores: NDArray[np.float64], luck: NDArray[np.int64], upto: int
    ) -> NDArray[np.float64]:
        return observations.log_likelihood(particles.watch(scores, luck, observations.days_of(upto)), upto)

    def watcher(stage: int, state: State, log_weights: NDArray[np.float64]) -> None:
        if told is not None:
            told(stage, particles, state, log_weights, observations)

    found = sample(
        log_likelihood,
        len(particles.scores),
        len(reports),
        particles=num_particles,
        seed=seed,
        lucky=True,
        watcher=watcher,
        begin=None if after is None else _carried(after.sample.state, after.particles, particles),
        done=0 if after is None else len(after.observations.stages),
    )
    start = start_date(scenario)
    known = max(((report.date - start).days for report in reports), default=-1)
    return Posterior(particles, found, observations, known)


def forecast(found: Posterior, *, futures: int = FUTURES, days: Sequence[int] = ()) -> tuple[Forecast, Watch]:
    """Futures of the histories found.

    Parameters
    ----------
    found
        Histories that agree with the reports.
    futures
        New futures for each history, from the day after the last report.
    days
        Days of which the series are wanted as well.

    Returns
    -------
    forecast, watch
        Outcomes at the horizon, and series and outcomes on the days wanted; the last day watched is the horizon's.
    """
    return _futures(
        found.particles, found.sample.state, found.known_until, futures, days, found.particles.seed
    )


def _futures(
    particles: Particles, state: State, known_until: int, futures: int, days: Sequence[int], seed: int
) -> tuple[Forecast, Watch]:
    last = particles.num_days - 1
    watched = np.array(sorted({*(d for d in days if 0 <= d < last), last}), dtype=np.int64)
    scores, luck = np.repeat(state.scores, futures, axis=0), np.repeat(state.luck, futures)
    rng = np.random.Generator(np.random.Philox([seed, 1]))
    watch = particles.watch(
        scores, luck, watched, branch=known_until + 1, branch_luck=rng.integers(0, MOST_LUCK, luck.size)
    )
    return Forecast({name: values[:, -1] for name, values in watch.outcomes.items()}), watch


def update(
    scenario: Scenario,
    plans: Mapping[str, Plan],
    followed: str,
    reports: Sequence[Report],
    *,
    seed: int,
    threads: int,
    num_particles: int = PARTICLES,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> tuple[Posterior, dict[str, Any]]:
    """Take reports in, and tell what they change.

    Parameters
    ----------
    scenario, reports, seed, threads, num_particles, cancel
        As in `posterior`.
    plans
        Plans to be compared before and after.
    followed
        Id of the plan that was followed so far, one of `plans`.
    progress
        Told the reports taken in, and all.

    Returns
    -------
    posterior, document
        The document is ``update.json``.
    """
    trail: list[dict[str, Any]] = []
    warnings: list[str] = []
    start = start_date(scenario)

    def told(
        stage: int,
        particles: Particles,
        state: State,
        log_weights: NDArray[np.float64],
        observations: Observations,
    ) -> None:
        report = observations.stages[stage].report
        rng = np.random.Generator(np.random.Philox([seed, 2, stage]))
        index = resampled(log_weights, rng)
        index = index[:: max(1, len(index) // TRACKED)]
        picked = state.take(index)
        days = np.unique(np.append(observations.days, particles.num_days - 1))
        watch = particles.watch(picked.scores, picked.luck, days)
        at = np.searchsorted(days, observations.days)
        seen = type(watch)(
            {name: values[:, at] for name, values in watch.series.items()},
            {name: values[:, at] for name, values in watch.outcomes.items()},
        )
        below = float(observations.below(stage, seen).mean())
        chance = 1.0 - below if report.quantity in NOT_YET else 2.0 * min(below, 1.0 - below)
        if chance < IMPOSSIBLE:
            warnings.append(
                f"line {report.line}: the model finds this report all but impossible, with a chance of {chance:.2g} before it: "
                f"{report}"
            )
        said = scenario.people is not None and report.about in scenario.people.displaced
        before_start = _counts_from_before(report, observations.expected(seen)[:, stage], start, said)
        first = not any(_series(entry["report"]) == _series(report) for entry in trail)
        if before_start is not None and first:
            warnings.append(before_start)
        ends = Forecast({name: values[:, -1] for name, values in watch.outcomes.items()})
        trail.append({"report": report, "pit": below, "chance": chance, "before": _ends(scenario, ends)})
        if progress is not None:
            progress(stage, len(observations.stages))

    found = posterior(
        scenario, followed, plans[followed], reports, seed=seed, threads=threads, num_particles=num_particles,
        cancel=cancel, told=told,
    )  # fmt: skip
    if progress is not None:
        progress(len(reports), max(1, len(reports)))
    prior = _prior(found, num_particles, seed)
    after, _ = forecast(found)
    before = _as_meant(scenario, followed, plans[followed], found, prior, threads, cancel)
    warnings += _degeneracy(found)
    document: dict[str, Any] = {
        "format": "phaseline-update/1",
        "title": scenario.title,
        "start": start.isoformat(),
        "horizon": horizon_days(scenario),
        "followed": followed,
        "seed": seed,
        "particles": num_particles,
        "futures": FUTURES,
        "reports": _trail(trail, found, _ends(scenario, after)),
        "forecasts": _forecasts(scenario, before, after),
        "numbers": _numbers(scenario, found, prior),
        "biases": _biases(found),
        "plans": _compared(scenario, plans, followed, found, prior, before, after, threads, cancel),
        "evidence": plain_number(found.sample.evidence),
        "distinct": plain_number(found.sample.distinct),
        "warnings": warnings,
    }
    document["recommended"] = _recommended(document["plans"])
    return found, document


def _series(report: Report) -> tuple[str, str, str]:
    """Reports that belong together: one speaker's of one quantity."""
    return report.speaker, report.quantity, report.about


def _counts_from_before(
    report: Report, expected: NDArray[np.float64], start: dt.date, said: bool
) -> str | None:
    """A warning where no history has even half of a cumulative count: it may have begun before day 0.

    `said`: whether the scenario gives those displaced before.
    """
    if report.quantity not in COUNTS or report.low <= 2.0 * float(expected.max()):
        return None
    remedy = "subtract what came before"
    if report.quantity in ("displaced", "currently_displaced"):
        remedy = (
            f"'people.displaced.{report.about}' may say too few of those displaced before"
            if said
            else f"give those displaced before in the scenario: 'people: {{displaced: {{{report.about}: [low, high]}}}}'"
        )
    return (
        f"line {report.line}: no history has even half as many by then: {report}. If the count began before {start}, "
        f"{remedy}; as it is, the difference is learned as an error of {report.speaker}"
    )


def _prior(found: Posterior, count: int, seed: int) -> State:
    """Histories before any report: the draws with which the sampler began."""
    rng = np.random.Generator(np.random.Philox(seed))
    scores = rng.standard_normal((count, len(found.particles.scores)))
    return State(scores, rng.integers(0, MOST_LUCK, count), np.zeros((count, 0)))


def _as_meant(
    scenario: Scenario,
    plan_id: str,
    plan: Plan,
    found: Posterior,
    prior: State,
    threads: int,
    cancel: Event | None,
) -> Forecast:
    """What a plan promised before any report."""
    meant = Particles(scenario, plan_id, plan, seed=found.particles.seed, threads=threads, cancel=cancel)
    return _futures(meant, _carried(prior, found.particles, meant), -1, FUTURES, (), meant.seed)[0]


def _degeneracy(found: Posterior) -> list[str]:
    told = []
    if found.sample.reports and found.sample.distinct < LEAST_DISTINCT:
        told.append(
            f"only {100 * found.sample.distinct:.0f} % of the histories are distinct: the posterior is poorly resolved, take "
            "more particles or distrust its tails"
        )
    for stage, one in zip(found.observations.stages, found.sample.reports, strict=True):
        if one.acceptance is not None and one.acceptance < LEAST_ACCEPTANCE:
            told.append(
                f"line {stage.report.line}: after this report only {100 * one.acceptance:.1f} % of the moves were accepted; "
                "the posterior may be poorly explored"
            )
    if 0 < len(found.observations.stages) < 3:
        told.append(
            f"only {counted(len(found.observations.stages), 'report')}: what is learnt of speakers is mostly the prior"
        )
    return told


def spread(values: NDArray[np.float64]) -> dict[str, Any]:
    """Quantiles of a time or an amount; missing counts as beyond every other, and a quantile there is None.

    Returns
    -------
    dict
        ``p5`` to ``p95``; ``share``, of histories in which it happened, with ``share_low`` and ``share_high`` (95 %,
        Wilson).
    """
    clean = np.where(np.isnan(values), np.inf, values)
    ordered = np.sort(clean)
    found: dict[str, Any] = {
        f"p{100 * level:g}": plain_number(_finite(ordered[int(level * (len(ordered) - 1))]))
        for level in LEVELS
    }
    share, n = float(np.isfinite(clean).mean()), len(values)
    centre = (share + 1.92 / n) / (1.0 + 3.84 / n)
    half = 1.96 * np.sqrt(share * (1.0 - share) / n + 0.96 / n**2) / (1.0 + 3.84 / n)
    return found | {
        "share": plain_number(share),
        "share_low": plain_number(max(0.0, centre - half)),
        "share_high": plain_number(min(1.0, centre + half)),
    }


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def _ends(scenario: Scenario, ahead: Forecast) -> dict[str, Any]:
    return {name: spread(ahead.columns[f"end.{name}"]) for name in scenario.operations}


def quantities(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Columns that are forecast: label and unit (``date``, ``persons``, ``days``)."""
    found = {}
    for name, operation in scenario.operations.items():
        label = operation.label or name
        found[f"end.{name}"] = (f"{label}: end", "date")
        found[f"displaced.{name}"] = (f"{label}: displaced", "persons")
    for phase in phase_ids(scenario):
        operation_id, phase_id = phase.split(".")
        label = scenario.operations[operation_id].phases[phase_id].label or phase
        found[f"start.{phase}"] = (f"{label}: start", "date")
        found[f"end.{phase}"] = (f"{label}: end", "date")
    for name, force in scenario.forces.items():
        if force.side == "own":
            found[f"losses.{name}"] = (f"{force.label or name}: losses", "persons")
    for name, asset in scenario.assets.items():
        found[f"overstretched.{name}"] = (f"{asset.label or name}: overstretched", "days")
    found["end"] = ("all operations: end", "date")
    return found


def _forecasts(scenario: Scenario, before: Forecast, after: Forecast) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "label": label,
            "unit": unit,
            "before": spread(before.columns[key]),
            "after": spread(after.columns[key]),
        }
        for key, (label, unit) in quantities(scenario).items()
    ]


def _trail(
    trail: Sequence[Mapping[str, Any]], found: Posterior, last: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each report with what it moved: the ends forecast before it and after it."""
    after = [*(entry["before"] for entry in trail), last][1:]
    return [
        {
            "line": entry["report"].line,
            "date": entry["report"].date.isoformat(),
            "text": str(entry["report"]),
            "about": entry["report"].about,
            "quantity": entry["report"].quantity,
            "speaker": entry["report"].speaker,
            "pit": plain_number(entry["pit"]),
            "chance": plain_number(entry["chance"]),
            "evidence": plain_number(told.evidence),
            "effective": plain_number(told.least_ess),
            "acceptance": None if told.acceptance is None else plain_number(told.acceptance),
            "ends_before": entry["before"],
            "ends_after": then,
        }
        for entry, then, told in zip(trail, after, found.sample.reports, strict=True)
    ]


def _numbers(scenario: Scenario, found: Posterior, prior: State) -> list[dict[str, Any]]:
    """What was unknown, before and after, those that moved most first.

    ``moved`` is the shift of the mean in standard deviations of the prior; ``narrowed`` the share of the prior's
    spread (10th to 90th percentile) that is gone.
    """
    particles = found.particles
    before, after = particles.values(prior.scores), particles.values(found.sample.state.scores)
    worlds = world_values(scenario, particles.seed, 2)
    position = {name: i for i, name in enumerate(worlds.names)}
    rows = []
    for j, name in enumerate(particles.numbers):
        old, new = before[:, j], after[:, j]
        deviation = float(old.std())
        if deviation == 0.0 or name not in position:
            continue
        i = position[name]
        low, middle, high = np.quantile(old, [0.1, 0.5, 0.9])
        new_low, new_middle, new_high = np.quantile(new, [0.1, 0.5, 0.9])
        rows.append(
            {
                "name": name,
                "label": worlds.labels[i],
                "unit": worlds.units[i],
                "before": {"p10": plain_number(low), "p50": plain_number(middle), "p90": plain_number(high)},
                "after": {
                    "p10": plain_number(new_low),
                    "p50": plain_number(new_middle),
                    "p90": plain_number(new_high),
                },
                "moved": plain_number((float(new.mean()) - float(old.mean())) / deviation),
                "narrowed": plain_number(1.0 - (new_high - new_low) / (high - low)) if high > low else None,
            }
        )
    return sorted(rows, key=lambda row: -abs(row["moved"] or 0.0))


def _biases(found: Posterior) -> list[dict[str, Any]]:
    """Bias of each speaker: a mixture over histories, in points for shares, in per cent for counts."""
    if not found.observations.stages:
        return []
    state = found.sample.state
    watch = found.particles.watch(state.scores, state.luck, found.observations.days)
    rng = np.random.Generator(np.random.Philox([found.particles.seed, 3]))
    rows = []
    for (speaker, quantity), (mean, deviation) in found.observations.biases(watch).items():
        draws = mean + deviation * rng.standard_normal(len(mean))
        relative = error_model(quantity).floor is not None
        if relative:
            draws = np.expm1(draws)
        low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
        rows.append(
            {
                "speaker": speaker,
                "quantity": quantity,
                "unit": "relative" if relative else "share",
                "value": plain_number(middle),
                "low": plain_number(low),
                "high": plain_number(high),
                "reports": sum(
                    (one.report.speaker, one.report.quantity) == (speaker, quantity)
                    for one in found.observations.stages
                ),
            }
        )
    return rows


def _compared(
    scenario: Scenario, plans: Mapping[str, Plan], followed: str, found: Posterior, prior: State, before: Forecast,
    after: Forecast, threads: int, cancel: Event | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Rival plans on the same worlds and luck, before and after the reports."""
    horizon = float(horizon_days(scenario))
    ends: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    rows: list[dict[str, Any]] = []
    for plan_id, plan in plans.items():
        old, new = before, after
        if plan_id != followed:
            old = _as_meant(scenario, plan_id, plan, found, prior, threads, cancel)
            decided = as_decided(plan, [stage.report for stage in found.observations.stages])
            other = Particles(
                scenario, plan_id, decided, seed=found.particles.seed, threads=threads, cancel=cancel
            )
            state = _carried(found.sample.state, found.particles, other)
            new, _ = _futures(other, state, found.known_until, FUTURES, (), other.seed)
        ends[plan_id] = tuple(
            np.where(np.isnan(one.columns["end"]), horizon, one.columns["end"]) for one in (old, new)
        )  # type: ignore[assignment]
        rows.append(
            {
                "plan": plan_id,
                "title": plan.title or plan_id,
                "before": _worth(scenario, old, horizon),
                "after": _worth(scenario, new, horizon),
            }
        )
    for row in rows:
        for when, k in (("before", 0), ("after", 1)):
            mine = ends[row["plan"]][k]
            best = np.min([one[k] for one in ends.values()], axis=0)
            row[when]["chance_first"] = plain_number(float((mine <= best).mean()))
    return rows


def _carried(state: State, of: Particles, to: Particles) -> State:
    """Scores for another plan: those of its own are new, in a fixed order."""
    rng = np.random.Generator(np.random.Philox([of.seed, 4]))
    position = {name: i for i, name in enumerate(of.scores)}
    scores = np.empty((len(state.scores), len(to.scores)))
    for j, name in enumerate(to.scores):
        fresh = rng.standard_normal(len(scores))
        scores[:, j] = state.scores[:, position[name]] if name in position else fresh
    return State(scores, state.luck, state.stages)


def _worth(scenario: Scenario, ahead: Forecast, horizon: float) -> dict[str, Any]:
    ends = np.where(np.isnan(ahead.columns["end"]), horizon, ahead.columns["end"])
    failed = np.any([ahead.columns[f"status.{name}"] == _FAILED for name in scenario.operations], axis=0)
    losses = sum(ahead.columns[f"losses.{n}"] for n, force in scenario.forces.items() if force.side == "own")
    n = len(ends) / FUTURES  # futures of one history share its world
    by_history = ends.reshape(-1, FUTURES).mean(axis=1)
    half = 1.96 * float(by_history.std()) / n**0.5
    mean = float(ends.mean())
    return {
        "end": {
            "value": plain_number(mean),
            "low": plain_number(mean - half),
            "high": plain_number(mean + half),
        },
        "failed": plain_number(float(failed.mean())),
        "losses": plain_number(float(np.mean(losses))),
    }


def _recommended(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The plan that ends first in expectation (what never ends counts as the horizon), before and after."""

    def first(when: str) -> Mapping[str, Any]:
        return min(rows, key=lambda row: float(row[when]["end"]["value"]))

    def near(when: str) -> list[str]:
        limit = first(when)[when]["end"]["high"]
        return [row["plan"] for row in rows if row[when]["end"]["low"] <= limit]

    before, after = first("before"), first("after")
    return {
        "by": "end",
        "before": before["plan"],
        "after": after["plan"],
        "as_good_before": near("before"),
        "as_good_after": near("after"),
        "changed": before["plan"] not in near("after"),
    }
