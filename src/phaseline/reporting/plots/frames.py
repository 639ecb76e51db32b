"""The numbers behind the pictures, as tables: one row for each mark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phaseline.outcomes.known import chance_of
from phaseline.outcomes.statistics import quantile_intervals
from phaseline.outcomes.wording import yes_no
from phaseline.reporting.plots.style import plan_titles
from phaseline.scenario.calendar import horizon_days, start_date

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

BAND = (0.1, 0.5, 0.9)
BAND_NAMES = ("p10", "p50", "p90")


def band_frame(
    outcomes: Outcomes,
    name: str,
    labels: Mapping[str, str],
    *,
    plans: Iterable[str] | None = None,
    every: int = 1,
) -> pd.DataFrame:
    """Daily 10 %, 50 % and 90 % quantiles and mean of a series, one row per plan, entity and day.

    Parameters
    ----------
    outcomes
        With daily series.
    name
        Kind and quantity, for example ``asset_strain``; or a quantity of the whole theatre.
    labels
        Entities wanted, by id, with their labels; ``{"": "..."}`` for the whole theatre.
    plans
        Default all.
    every
        Days from one row to the next; the last day is always among them.

    Raises
    ------
    LookupError
        If the run recorded no series.
    """
    import pandas as pd

    series = outcomes.series()
    kind = name.split("_", 1)[0]
    titles = plan_titles(outcomes)
    days = series.sizes["day"]
    rows = np.unique(np.r_[np.arange(0, days, max(every, 1)), days - 1])
    parts = []
    for plan in titles if plans is None else plans:
        for entity, label in labels.items():
            where = {"plan": plan} | ({kind: entity} if entity else {})
            quantiles = series[f"{name}_quantile"].sel(where).sel(quantile=list(BAND)).isel(day=rows)
            found = dict(zip(BAND_NAMES, quantiles.transpose("quantile", "day").to_numpy(), strict=True))
            mean = series[f"{name}_mean"].sel(where).isel(day=rows).to_numpy()
            parts.append(
                pd.DataFrame(
                    {"plan": plan, "title": titles[plan], "entity": entity, "label": label, "day": rows}
                    | {"date": dates(outcomes, rows), "mean": mean}
                    | found
                )
            )
    return pd.concat(parts, ignore_index=True)


def dates(outcomes: Outcomes, days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Dates of days counted from day 0."""
    first = np.datetime64(start_date(outcomes.scenario), "D")
    return (first + np.asarray(days, dtype="timedelta64[D]")).astype("datetime64[ns]")


def moment(outcomes: Outcomes, time: float, *, last_day: bool = False) -> dt.datetime | None:
    """Date on which a time lies, or of the last day before it; None if it never comes."""
    from phaseline.outcomes.summary import date_of

    if not np.isfinite(time):
        return None
    date = date_of(start_date(outcomes.scenario), time, last_day)
    return dt.datetime(date.year, date.month, date.day)


def done_frame(outcomes: Outcomes, column: str, *, points: int = 120) -> pd.DataFrame:
    """Chance that a time has come by the end of a day, with its 95 % interval, one row per plan and day.

    Parameters
    ----------
    outcomes
        Any.
    column
        A column of times, for example ``end`` or ``end.mosul``; missing counts as never.
    points
        About how many days.
    """
    import pandas as pd

    titles = plan_titles(outcomes)
    ends = {plan: outcomes.column(plan, column) for plan in titles}
    horizon = horizon_days(outcomes.scenario)
    known = np.concatenate(list(ends.values()))
    known = known[~np.isnan(known)]
    first = max(int(known.min()) - 2, 0) if known.size else 0
    days = np.unique(np.linspace(first, horizon - 1, points).round().astype(int))
    parts = []
    for plan in ends:
        chances = np.array([chance_of(outcomes, partial(_over_by, plan, column, day + 1)) for day in days])
        chance, low, high = chances.T
        parts.append(
            pd.DataFrame(
                {"plan": plan, "title": titles[plan], "day": days, "date": dates(outcomes, days)}
                | {"chance": chance, "low": low, "high": high}
                | {"told": [yes_no(_plain(*row)) for row in chances]}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _over_by(plan: str, column: str, time: float, outcomes: Outcomes) -> NDArray[np.bool_]:
    return outcomes.column(plan, column) <= time


def _plain(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def tenths_of(values: NDArray[np.float64], per_world: int, *, drop: bool) -> tuple[float, float, float]:
    """10 %, 50 % and 90 % quantile; missing values are left out, or count as later than every time."""
    found = quantile_intervals(values, BAND, per_world, missing="drop" if drop else "beyond")
    low, middle, high = (interval.value for interval in found)
    return low, middle, high
