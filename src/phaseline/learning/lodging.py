"""Forecasts that are lodged: written down with a date and a hash, to be scored when the time has come.

Every quantity is kept as 99 quantiles on every tenth day and the last (milestones once), so that the forecast can be scored
whatever day it is later known for. The hash is of the content without itself; a forecast that was changed since is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.learning import scores
from phaseline.learning.backtest import BEYOND_REASON, SCALES, has_value, observed_of
from phaseline.learning.updating import Posterior, forecast
from phaseline.outcomes.documents import plain_number
from phaseline.scenario.calendar import start_date
from phaseline.scenario.followed import MILESTONES, Came
from phaseline.scenario.records import phase_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Scenario

FORMAT = "phaseline-forecast/1"
LEVELS = tuple(round(0.01 * k, 2) for k in range(1, 100))
STEP = 10
"""Days between the days for which amounts are kept."""


def lodged(
    scenario: Scenario, found: Posterior, issued: dt.date, *, plan: str, version: str, told_on: dt.date
) -> dict[str, Any]:
    """The forecast as a document that carries its own hash.

    Parameters
    ----------
    scenario
        What is forecast.
    found
        Histories that agree with what was reported by `issued`.
    issued
        Day up to which reports were heeded.
    plan
        Id of the plan taken as followed.
    version
        Of the program.
    told_on
        The day on which it is written.
    """
    start = start_date(scenario)
    first, last = max((issued - start).days + 1, 0), found.particles.num_days - 1
    days = [*range(first, last, STEP), last] if first <= last else []
    outcomes, watch = forecast(found, days=days)
    milestones = {}
    for name in (*scenario.operations, *phase_ids(scenario)):
        for column, quantity in (("start", "started"), ("end", "finished")):
            values = outcomes.columns[f"{column}.{name}"]
            milestones[f"{quantity}.{name}"] = _quantiles(np.where(np.isnan(values), np.inf, values))
    amounts: dict[str, list[list[float | None]]] = {}
    kept = range(len(days))
    for name in (*scenario.operations, *phase_ids(scenario)):
        amounts[f"progress.{name}"] = [_quantiles(watch.series[f"progress.{name}"][:, k]) for k in kept]
    for name in scenario.operations:
        amounts[f"displaced.{name}"] = [_quantiles(watch.outcomes[f"displaced.{name}"][:, k]) for k in kept]
    for name in scenario.forces:
        amounts[f"killed.{name}"] = [_quantiles(watch.outcomes[f"killed.{name}"][:, k]) for k in kept]
    document: dict[str, Any] = {
        "format": FORMAT,
        "title": scenario.title,
        "lodged_on": told_on.isoformat(),
        "issued": issued.isoformat(),
        "start": start.isoformat(),
        "horizon": found.particles.num_days,
        "plan": plan,
        "reports": len(found.observations.stages),
        "seed": found.particles.seed,
        "version": version,
        "scenario": found.particles.model.fingerprint,
        "levels": list(LEVELS),
        "days": days,
        "milestones": milestones,
        "amounts": amounts,
    }
    return document | {"sha256": digest(document)}


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document without its hash, as JSON with sorted keys and no blanks."""
    content = {key: value for key, value in document.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def checked(document: Any, file: str) -> dict[str, Any]:
    """The document, if it is a forecast that nobody changed since it was lodged.

    Raises
    ------
    InputError
        If it is not.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(
            Problem(file, rule=f"is no forecast of {FORMAT}", remedy="name a file of 'phaseline lodge'")
        )
    if document.get("sha256") != digest(document):
        rule = "was changed since it was lodged: its content has another hash"
        raise InputError(Problem(file, path="sha256", rule=rule, remedy="get the file as it was lodged"))
    return document


def score(document: Mapping[str, Any], truth: Sequence[Came]) -> list[dict[str, Any]]:
    """Scores of a lodged forecast for everything that came after its day of issue and that it speaks of.

    Samples are the kept quantiles; amounts are interpolated between the kept days. A milestone that came later than the horizon
    counts as that, as in `backtest`. What cannot be scored is returned with ``scored`` false and the reason.
    """
    start, issued = dt.date.fromisoformat(document["start"]), dt.date.fromisoformat(document["issued"])
    rows = []
    for one in truth:
        horizon = float(document["horizon"])
        row: dict[str, Any] = {"about": one.about, "quantity": one.quantity, "date": one.date.isoformat()}
        sample = _sample(document, one, (one.date - start).days)
        if sample is None or one.date <= issued:
            rows.append(row | {"scored": False, "reason": _why_not(document, one, start, issued)})
            continue
        observed = observed_of(one, start, horizon)
        limit = horizon if one.quantity in MILESTONES else np.inf
        rows.append(
            row
            | {
                "scored": True,
                "ahead": (one.date - issued).days,
                "median": plain_number(_finite(scores.quantile(sample, 0.5))),
                "observed": {"low": plain_number(observed.low), "high": plain_number(observed.high)},
                "crps": plain_number(scores.crps(sample, observed, limit) / SCALES[one.quantity]),
                "pit": plain_number(scores.pit(sample, observed, limit)),
                "covered": {
                    f"{level:.0%}": scores.covered(sample, observed, level, limit)
                    for level in (0.5, 0.8, 0.95)
                },
            }
        )
    return rows


def _why_not(document: Mapping[str, Any], one: Came, start: dt.date, issued: dt.date) -> str:
    """Why something is not scored."""
    if one.date <= issued:
        return "it came no later than the day of issue"
    if one.key not in document["milestones" if one.quantity in MILESTONES else "amounts"]:
        return "the forecast does not speak of it"
    if not has_value(one, start, float(document["horizon"])):
        return BEYOND_REASON
    return "the forecast holds no figure for that day"


def _sample(document: Mapping[str, Any], one: Came, day: int) -> NDArray[np.float64] | None:
    if one.quantity in MILESTONES:
        kept = document["milestones"].get(one.key)
        return None if kept is None else _numbers(kept)
    table, days = document["amounts"].get(one.key), document["days"]
    if table is None or not days or not days[0] <= day <= days[-1]:
        return None
    after = int(np.searchsorted(days, day))
    if days[after] == day:
        return _numbers(table[after])
    share = (day - days[after - 1]) / (days[after] - days[after - 1])
    return np.asarray((1.0 - share) * _numbers(table[after - 1]) + share * _numbers(table[after]))


def _numbers(kept: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.inf if value is None else value for value in kept], dtype=float)


def _quantiles(values: NDArray[np.float64]) -> list[float | None]:
    return [plain_number(_finite(scores.quantile(values, level))) for level in LEVELS]


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else float("nan")
