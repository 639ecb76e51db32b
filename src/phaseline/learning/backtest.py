"""Forecasts issued day by day, each from what was published by then, scored against what followed.

Reports are taken in strictly in the order of their publication, and the posterior of one day of issue is continued to the next,
so no later row can change a bit of an earlier forecast.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.learning import baselines, scores
from phaseline.learning.updating import Posterior, forecast, posterior
from phaseline.outcomes.documents import plain_number
from phaseline.outcomes.summary import date_of
from phaseline.scenario.calendar import start_date
from phaseline.scenario.followed import MILESTONES, Came, Voice

if TYPE_CHECKING:
    from threading import Event

    from numpy.typing import NDArray

    from phaseline.scenario.reports import Report
    from phaseline.scenario.schema import Plan, Scenario

PARTICLES = 512
LEVELS = (0.5, 0.8, 0.95)
BUCKETS = ((1, 30), (31, 60), (61, 90), (91, 180), (181, 100_000))
"""Days ahead, by which scores are told apart."""
SCALES: Mapping[str, float] = {
    "started": 30.0,
    "finished": 30.0,
    "progress": 0.1,
    "displaced": 100_000.0,
    "killed": 250.0,
}
"""What counts as one unit of error, so that scores of different things can be averaged: a month, ten points, a hundred
thousand people, 250 dead. Chosen before anything was scored."""
LEAST_OUTCOMES = 6
"""Independent outcomes below which no verdict is given: of five, even if all went one way, a two-sided sign test makes 6 %."""
BEYOND = scores.Observed(np.inf, np.inf, "low")
"""What is observed of a milestone that came later than the horizon, and forecast by every history that does not get there."""
BEYOND_REASON = "it is known for a day beyond the horizon, of which histories say nothing"
"""Of an amount: a milestone beyond the horizon is scored."""
ReadReports = Callable[[dt.date], Sequence["Report"]]
Progress = Callable[[int, int], None]


def backtest(
    scenario: Scenario,
    plan_id: str,
    plan: Plan,
    reports_by: ReadReports,
    truth: Sequence[Came],
    voices: Sequence[Voice],
    durations: Sequence[float],
    dates: Sequence[dt.date],
    *,
    seed: int,
    threads: int,
    num_particles: int = PARTICLES,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> list[dict[str, Any]]:
    """Issue forecasts and score them.

    Parameters
    ----------
    scenario, plan_id, plan
        The case as it was known on its day, and the plan taken as followed.
    reports_by
        Reports published by a day.
    truth
        What came.
    voices
        What others foretold on the same days.
    durations
        Days of earlier battles, for a baseline.
    dates
        Days of issue, ascending.
    seed, threads, num_particles, cancel
        As in `updating.posterior`.
    progress
        Told the days of issue done, and all.

    Returns
    -------
    list of dict
        One for each day of issue: ``issued``, ``reports``, ``effective``, ``items`` (each scored) and ``voices``.
    """
    issues: list[dict[str, Any]] = []
    last: Posterior | None = None
    for number, issued in enumerate(dates):
        if progress is not None:
            progress(number, len(dates))
        reports = reports_by(issued)
        last = posterior(
            scenario, plan_id, plan, reports, seed=seed, threads=threads, num_particles=num_particles, cancel=cancel,
            after=last,
        )  # fmt: skip
        issues.append(_issue(scenario, last, issued, reports, truth, voices, durations))
    if progress is not None:
        progress(len(dates), len(dates))
    return issues


def _issue(
    scenario: Scenario, found: Posterior, issued: dt.date, reports: Sequence[Report], truth: Sequence[Came],
    voices: Sequence[Voice], durations: Sequence[float],
) -> dict[str, Any]:  # fmt: skip
    start = start_date(scenario)
    horizon = float(found.particles.num_days)
    ahead = [one for one in truth if one.date > issued and has_value(one, start, horizon)]
    days = sorted({(one.date - start).days for one in ahead if one.quantity not in MILESTONES})
    outcomes, watch = forecast(found, days=days)
    watched = sorted({*days, found.particles.num_days - 1})
    samples: dict[str, NDArray[np.float64]] = {}
    items = []
    for one in ahead:
        at = watched.index((one.date - start).days) if one.quantity not in MILESTONES else -1
        if one.quantity in MILESTONES:
            column = outcomes.columns[f"{'start' if one.quantity == 'started' else 'end'}.{one.about}"]
            sample = samples[one.key] = np.where(np.isnan(column), np.inf, column)
        elif one.quantity == "progress":
            sample = watch.series[f"progress.{one.about}"][:, at]
        else:
            sample = watch.outcomes[f"{one.quantity}.{one.about}"][:, at]
        observed = observed_of(one, start, horizon)
        naive = baselines.forecasts(scenario, reports, issued, durations, one)
        items.append(_scored(one, issued, sample, observed, horizon, naive))
    return {
        "issued": issued.isoformat(),
        "reports": len(reports),
        "effective": plain_number(min((r.least_ess for r in found.sample.reports), default=1.0)),
        "distinct": plain_number(found.sample.distinct),
        "items": items,
        "voices": [
            _beside(voice, samples[voice.key], truth, start, horizon)
            for voice in voices
            if voice.date == issued and voice.key in samples
        ],
    }


def observed_of(one: Came, start: dt.date, horizon: float) -> scores.Observed:
    """What came, as scores take it: an amount, or days from the start to the ends of the first and the last day that it may be.

    What starts at the midnight between two days starts on the later one, what finishes then has finished on the earlier: so
    `date_of` writes forecasts, and so they are set against what came.

    Parameters
    ----------
    one
        What came.
    start
        Date of day 0.
    horizon
        Days that histories last; a milestone that came later is `BEYOND`.
    """
    if one.quantity not in MILESTONES:
        return scores.Observed(one.low, one.high)
    low, high = float((one.date - start).days), float((one.date_high - start).days + 1)
    return (
        BEYOND
        if low >= horizon
        else scores.Observed(low, high, "low" if one.quantity == "finished" else "high")
    )


def has_value(one: Came, start: dt.date, horizon: float) -> bool:
    """Whether histories say something of it: of an amount only up to the horizon."""
    return one.quantity in MILESTONES or (one.date - start).days < horizon


def not_scored(
    truth: Sequence[Came], dates: Sequence[dt.date], start: dt.date, horizon: int
) -> list[dict[str, Any]]:
    """What came and is not scored, each with the reason.

    Parameters
    ----------
    truth
        What came.
    dates
        Days of issue, ascending, at least one.
    start
        Date of day 0.
    horizon
        Days that histories last.
    """
    rows = []
    for one in truth:
        if not has_value(one, start, float(horizon)):
            reason = BEYOND_REASON
        elif one.date <= dates[0]:
            reason = "it came no later than the first day of issue"
        else:
            continue
        rows.append(
            {
                "about": one.about,
                "quantity": one.quantity,
                "date": one.date.isoformat(),
                "reason": reason,
            }
        )
    return rows


def not_compared(voices: Sequence[Voice], truth: Sequence[Came], first: dt.date) -> list[dict[str, Any]]:
    """Forecasts by others that are set beside nothing, whatever the days of issue, each with the reason.

    Parameters
    ----------
    voices
        What others foretold.
    truth
        What came.
    first
        The first day of issue.
    """
    came = {one.key: one.date for one in reversed(truth)}
    rows = []
    for voice in voices:
        if voice.key not in came:
            reason = "nothing says when it came"
        elif voice.date < first:
            reason = "they were made before the first day of issue"
        elif came[voice.key] <= voice.date:
            reason = "it had come by then"
        else:
            continue
        rows.append(
            {
                "forecaster": voice.forecaster,
                "about": voice.about,
                "quantity": voice.quantity,
                "date": voice.date.isoformat(),
                "reason": reason,
            }
        )
    return rows


def _scored(
    one: Came, issued: dt.date, sample: NDArray[np.float64], observed: scores.Observed, horizon: float,
    naive: Mapping[str, NDArray[np.float64]],
) -> dict[str, Any]:  # fmt: skip
    limit = horizon if one.quantity in MILESTONES else np.inf
    scale = SCALES[one.quantity]
    return {
        "about": one.about,
        "quantity": one.quantity,
        "date": one.date.isoformat(),
        "ahead": (one.date - issued).days,
        "observed": {"low": plain_number(observed.low), "high": plain_number(observed.high)},
        "quantiles": {
            f"p{100 * level:g}": plain_number(_or_nan(scores.quantile(sample, level)))
            for level in (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
        },
        "crps": plain_number(scores.crps(sample, observed, limit) / scale),
        "wis": plain_number(scores.weighted_interval_score(sample, observed, limit) / scale),
        "log_score": plain_number(scores.log_score(sample, observed, limit) - float(np.log(scale))),
        "pit": plain_number(scores.pit(sample, observed, limit)),
        "bias": plain_number(scores.bias(sample, observed, limit)),
        "optimism": plain_number(
            (-1.0 if one.quantity == "progress" else 1.0) * scores.bias(sample, observed, limit)
        ),
        "covered": {f"{level:.0%}": scores.covered(sample, observed, level, limit) for level in LEVELS},
        "baselines": {
            name: plain_number(scores.crps(values, observed, limit) / scale) for name, values in naive.items()
        },
    }


def _or_nan(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def _beside(
    voice: Voice, sample: NDArray[np.float64], truth: Sequence[Came], start: dt.date, horizon: float
) -> dict[str, Any]:
    """Somebody's forecast and the model's median on the same day, and by how many days each was off.

    Both name a day, as what came does. Of what came later than the horizon, both errors are of dates cut there: histories
    foretell no more of it.
    """
    came = next(one for one in truth if one.key == voice.key)
    middle = came.date + (came.date_high - came.date) / 2
    last = start + dt.timedelta(days=horizon)
    median = scores.quantile(sample, 0.5)
    day = date_of(start, median, came.quantity == "finished") if np.isfinite(median) else None
    observed, theirs, ours = middle, voice.middle, day
    if observed_of(came, start, horizon) == BEYOND:
        observed, theirs, ours = last, min(theirs, last), min(day or last, last)
    return {
        "forecaster": voice.forecaster,
        "about": voice.about,
        "quantity": voice.quantity,
        "statement": voice.statement,
        "theirs": voice.middle.isoformat(),
        "ours": None if day is None else day.isoformat(),
        "came": middle.isoformat(),
        "their_error": (theirs - observed).days,
        "our_error": None if ours is None else float((ours - observed).days),
    }


def summary(issues: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """Scores over all days of issue: means, coverage, against each baseline, by horizon and quantity, and the losses.

    Intervals of differences resample whole outcomes. Outcomes of one campaign hang together as well, so that intervals are
    narrower than they should be: said, not mended.
    """
    items = [item | {"issued": issue["issued"]} for issue in issues for item in issue["items"]]
    voices = [voice for issue in issues for voice in issue["voices"]]
    found: dict[str, Any] = {
        "forecasts": len(items),
        "outcomes": _outcomes(items),
        "crps": _mean(items, "crps"),
        "wis": _mean(items, "wis"),
        "log_score": _mean(items, "log_score"),
        "optimism": _mean(items, "optimism"),
        "first_day": _first_day(issues),
        "coverage": {f"{level:.0%}": _coverage(items, level) for level in LEVELS},
        "by_quantity": _grouped(items, lambda item: str(item["quantity"])),
        "by_horizon": _grouped(items, _bucket),
        "against": {name: _against(items, name, seed) for name in baselines.NAMES},
        "pit": [plain_number(item["pit"]) for item in items],
        "losses": _losses(items),
        "skill_ends": _skill_ends(items),
        "horizons_judged": len(_judged(items)),
    }
    found["against"] = {name: value for name, value in found["against"].items() if value is not None}
    if voices:
        ours = [abs(v["our_error"]) if v["our_error"] is not None else float("inf") for v in voices]
        theirs = [abs(v["their_error"]) for v in voices]
        found["voices"] = {
            "number": len(voices),
            "outcomes": _outcomes(voices),
            "our_median_error": plain_number(float(np.median(ours))),
            "their_median_error": plain_number(float(np.median(theirs))),
            "ours_nearer": sum(a < b for a, b in zip(ours, theirs, strict=True)),
        }
    return found


def _first_day(issues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How wide the intervals were on the first day of issue, for milestones: days from the start."""
    items = issues[0]["items"] if issues else []
    return [
        {
            "about": item["about"],
            "quantity": item["quantity"],
            **{k: item["quantiles"][k] for k in ("p10", "p50", "p90")},
        }
        for item in items
        if item["quantity"] in MILESTONES
    ]


def _mean(items: Sequence[Mapping[str, Any]], key: str) -> float | None:
    return plain_number(float(np.mean([item[key] for item in items]))) if items else None


def _coverage(items: Sequence[Mapping[str, Any]], level: float) -> dict[str, Any] | None:
    if not items:
        return None
    told = scores.coverage([item["covered"][f"{level:.0%}"] for item in items], level)
    return {
        "value": plain_number(told.share), "low": plain_number(told.low), "high": plain_number(told.high),
        "number": told.number,
    }  # fmt: skip


def _outcomes(items: Sequence[Mapping[str, Any]]) -> int:
    """Independent outcomes: one for each thing and place, since figures of one curve hang together."""
    return len({_outcome(item) for item in items})


def _outcome(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["about"], item["quantity"]


def _bucket(item: Mapping[str, Any]) -> str:
    low, high = next((low, high) for low, high in BUCKETS if item["ahead"] <= high)
    return f"{low} to {high} days" if high < 10_000 else f"over {low - 1} days"


def _grouped(
    items: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], str]
) -> list[dict[str, Any]]:
    rows = []
    for name in dict.fromkeys(sorted((key(item) for item in items), key=_order)):
        group = [item for item in items if key(item) == name]
        rows.append(
            {
                "group": name,
                "forecasts": len(group),
                "crps": _mean(group, "crps"),
                "bias": _mean(group, "bias"),
                "coverage": {f"{level:.0%}": _coverage(group, level) for level in LEVELS},
                "best_baseline": _best(group),
            }
        )
    return rows


def _order(name: str) -> tuple[int, str]:
    digits = "".join(c for c in name.split(" ")[0] if c.isdigit())
    return (int(digits) if digits else 10**6 if name.startswith("over") else 0, name)


def _best(group: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The baseline with the smallest mean score on the forecasts that it makes, and ours on the same."""
    best: dict[str, Any] | None = None
    for name in baselines.NAMES:
        both = [item for item in group if name in item["baselines"]]
        if len(both) < max(2, len(group) // 2):
            continue
        ours = float(np.mean([item["crps"] for item in both]))
        theirs = float(np.mean([item["baselines"][name] for item in both]))
        if best is None or theirs < best["theirs"]:
            best = {
                "name": name,
                "ours": plain_number(ours),
                "theirs": plain_number(theirs),
                "number": len(both),
                "outcomes": _outcomes(both),
            }
    return best


def _against(items: Sequence[Mapping[str, Any]], name: str, seed: int) -> dict[str, Any] | None:
    both = [item for item in items if name in item["baselines"]]
    if len(both) < 2:
        return None
    ours, theirs = [item["crps"] for item in both], [item["baselines"][name] for item in both]
    found = scores.mean_difference(ours, theirs, seed, [_outcome(item) for item in both])
    return {
        "number": found.number,
        "outcomes": _outcomes(both),
        "ours": plain_number(float(np.mean(ours))),
        "theirs": plain_number(float(np.mean(theirs))),
        "difference": {
            "value": plain_number(found.value), "low": plain_number(found.low), "high": plain_number(found.high)
        },
    }  # fmt: skip


def _losses(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Forecasts that a baseline beat, the worst first."""
    rows = []
    for item in items:
        for name, theirs in item["baselines"].items():
            if theirs < item["crps"]:
                rows.append(
                    {
                        "issued": item["issued"], "about": item["about"], "quantity": item["quantity"], "date": item["date"],
                        "baseline": name, "ours": item["crps"], "theirs": theirs,
                    }
                )  # fmt: skip
    return sorted(rows, key=lambda row: float(row["theirs"]) - float(row["ours"]))


def _skill_ends(items: Sequence[Mapping[str, Any]]) -> str | None:
    """The first horizon, of those with enough outcomes, at which some baseline is at least as good; None if there is none."""
    for row in _judged(items):
        if row["best_baseline"]["theirs"] <= row["best_baseline"]["ours"]:
            return str(row["group"])
    return None


def _judged(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Horizons at which a baseline shares enough independent outcomes for a verdict."""
    return [
        row
        for row in _grouped(items, _bucket)
        if row["best_baseline"] is not None and row["best_baseline"]["outcomes"] >= LEAST_OUTCOMES
    ]
