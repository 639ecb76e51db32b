"""Recorded numbers as labelled arrays: which entity a column belongs to, and quantiles of daily series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.scenario.calendar import start_date
from phaseline.scenario.records import (
    FORCE_COLUMNS,
    OPERATION_COLUMNS,
    OPERATION_STATUS,
    PHASE_STATUS,
    Column,
    Series,
    columns,
    phase_ids,
    series,
)

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from phaseline.outcomes.results import DailyCounts, Outcomes, PlanRun
    from phaseline.scenario.schema import Scenario

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Of every daily series."""

_OPERATION = {quantity for quantity, _, _ in OPERATION_COLUMNS} | {"progress"}
_FORCE = {quantity for quantity, _, _ in FORCE_COLUMNS}


def kind_of(record: Column | Series) -> str:
    """What a record belongs to: ``operation``, ``phase``, ``force``, ``asset``, or nothing (the theatre)."""
    if not record.entity:
        return ""
    if "." in record.entity:
        return "phase"
    if record.quantity in _OPERATION:
        return "operation"
    return "force" if record.quantity in _FORCE else "asset"


def codes_of(column: Column, scenario: Scenario) -> tuple[str, ...] | None:
    """Words for the codes 0, 1, ... of a code column, else None."""
    if column.unit != "code":
        return None
    if column.quantity == "first_binding":
        return tuple(scenario.assets)
    return PHASE_STATUS if kind_of(column) == "phase" else OPERATION_STATUS


def outcomes_dataset(outcomes: Outcomes) -> xr.Dataset:
    """Histories as one array per quantity, over plan, replication and the entity it belongs to."""
    import xarray as xr

    scenario = outcomes.scenario
    stacked = np.stack([run.table for run in outcomes.runs.values()])
    variables: dict[str, Any] = {}
    for name, kind, members in _groups(columns(scenario)):
        first = members[0][1]
        attributes: dict[str, Any] = {"units": first.unit, "long_name": first.meaning}
        if (words := codes_of(first, scenario)) is not None:
            attributes |= {"flag_values": list(range(len(words))), "flag_meanings": " ".join(words)}
        dims, values = _stack(stacked, ("plan", "replication"), kind, members)
        variables[name] = (dims, values, attributes)
    coordinates = _coordinates(outcomes) | {
        "replication": np.arange(outcomes.replications),
        "world": ("replication", outcomes.world_of, {"long_name": "draw of what nobody knows"}),
    }
    return xr.Dataset(variables, coords=coordinates, attrs=_attributes(outcomes))


def series_dataset(outcomes: Outcomes) -> xr.Dataset:
    """Daily mean and quantiles of every series, over plan, day and the entity it belongs to."""
    import xarray as xr

    groups = _groups(series(outcomes.scenario))
    filled: dict[str, NDArray[np.float64]] = {}
    for number, run in enumerate(outcomes.runs.values()):
        means, quantiles = _means_and_quantiles(run)
        for name, _, members in groups:
            positions = [position for position, _ in members]
            for key, values in (
                (f"{name}_mean", means[:, positions]),
                (f"{name}_quantile", np.moveaxis(quantiles[:, positions], 1, -1)),
            ):
                if key not in filled:
                    filled[key] = np.empty((len(outcomes.runs), *values.shape))
                filled[key][number] = values
    num_days = len(means)
    variables: dict[str, Any] = {}
    for name, kind, members in groups:
        for suffix, dims in (("mean", ("plan", "day")), ("quantile", ("plan", "day", "quantile"))):
            values = filled[f"{name}_{suffix}"]
            entry = ((*dims, kind), values) if kind else (dims, values[..., 0])
            variables[f"{name}_{suffix}"] = (*entry, {"units": members[0][1].unit})
    coordinates = series_coordinates(outcomes, num_days) | {"quantile": list(QUANTILES)}
    return xr.Dataset(variables, coords=coordinates, attrs=_attributes(outcomes))


def series_coordinates(outcomes: Outcomes, num_days: int) -> dict[str, Any]:
    """Coordinates of daily series: ids, days and their dates."""
    return _coordinates(outcomes) | {
        "day": ("day", np.arange(num_days), {"long_name": "day; values are those at its end"}),
        "date": ("day", dates_from(start_date(outcomes.scenario), num_days)),
    }


def dates_from(start: dt.date, num_days: int) -> NDArray[np.datetime64]:
    """Dates of days 0, 1, ..., shape [day]."""
    first = np.datetime64(start, "D")
    return np.arange(first, first + num_days).astype("datetime64[ns]")


def _means_and_quantiles(run: PlanRun) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shapes [day, series] and [day, series, quantile]; the counts behind them are gone afterwards."""
    if run.daily is None:
        raise LookupError("the run recorded no daily series")
    counts = run.daily()
    return counts.sums / counts.count, series_quantiles(counts, QUANTILES)


def series_quantiles(daily: DailyCounts, shares: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles of the daily series, interpolated within histogram bins.

    Where all histories lie in one bin the mean, which is exact, takes the place of the interpolation: series that are
    the same in every history come out exactly.

    Parameters
    ----------
    daily
        Of one plan.
    shares
        Between 0 and 1.

    Returns
    -------
    ndarray
        Shape [day, series, share].
    """
    mean = daily.sums / daily.count
    num_days, num_series, num_bins = daily.histogram.shape
    low, high = daily.scales[:, 0], daily.scales[:, 1]
    width = (high - low) / num_bins
    result = np.empty((num_days, num_series, len(shares)))
    # Day by day, because the cumulated histogram of all days at once would double the memory of the run.
    for day in range(num_days):
        counts = daily.histogram[day].astype(np.float64)
        cumulated = np.cumsum(counts, axis=1)
        single = counts.max(axis=1) == cumulated[:, -1]
        for k, share in enumerate(shares):
            target = share * cumulated[:, -1:]
            bin_index = np.minimum((cumulated < target).sum(axis=1), num_bins - 1)[:, None]
            inside = np.take_along_axis(counts, bin_index, axis=1)[:, 0]
            before = np.take_along_axis(cumulated, bin_index, axis=1)[:, 0] - inside
            fraction = np.divide(target[:, 0] - before, inside, out=np.zeros(num_series), where=inside > 0)
            result[day, :, k] = np.where(single, mean[day], low + (bin_index[:, 0] + fraction) * width)
    return result


def _groups(records: Sequence[Any]) -> list[tuple[str, str, list[tuple[int, Any]]]]:
    """Records of one quantity and kind together: name, kind, and (position, record) in order."""
    groups: dict[tuple[str, str], list[tuple[int, Any]]] = {}
    for position, record in enumerate(records):
        groups.setdefault((kind_of(record), record.quantity), []).append((position, record))
    return [
        (f"{kind}_{quantity}" if kind else quantity, kind, members)
        for (kind, quantity), members in groups.items()
    ]


def _stack(
    array: NDArray[np.float64], dims: tuple[str, ...], kind: str, members: list[tuple[int, Any]]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Members' columns of an array [plan, row, record, ...] with the entity as last dimension."""
    chosen = np.moveaxis(array[:, :, [position for position, _ in members]], 2, -1)
    return ((*dims, kind), chosen) if kind else (dims, chosen[..., 0])


def _coordinates(outcomes: Outcomes) -> dict[str, Any]:
    scenario = outcomes.scenario
    ids = {
        "plan": list(outcomes.plans),
        "operation": list(scenario.operations),
        "phase": phase_ids(scenario),
        "force": list(scenario.forces),
        "asset": list(scenario.assets),
    }
    return {name: values for name, values in ids.items() if values}


def _attributes(outcomes: Outcomes) -> dict[str, Any]:
    return {
        "title": outcomes.scenario.title,
        "start": start_date(outcomes.scenario).isoformat(),
        "scenario_fingerprint": outcomes.scenario_fingerprint,
        "seed": outcomes.seed,
        "per_world": outcomes.per_world,
    }
