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

    from phaseline.outcomes.results import Outcomes, PlanRun
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

    runs = list(outcomes.runs.values())
    means = np.stack([_series_means(run) for run in runs])
    quantiles = np.stack([series_quantiles(run, QUANTILES) for run in runs])
    variables: dict[str, Any] = {}
    for name, kind, members in _groups(series(outcomes.scenario)):
        units = {"units": members[0][1].unit}
        dims, values = _stack(means, ("plan", "day"), kind, members)
        variables[f"{name}_mean"] = (dims, values, units)
        dims, values = _stack(quantiles, ("plan", "day", "quantile"), kind, members)
        variables[f"{name}_quantile"] = (dims, values, units)
    num_days = means.shape[1]
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


def _series_means(run: PlanRun) -> NDArray[np.float64]:
    if run.sums is None or run.series_count == 0:
        raise LookupError("the run recorded no daily series")
    return run.sums / run.series_count


def series_quantiles(run: PlanRun, shares: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles of the daily series, interpolated within histogram bins.

    Where all histories lie in one bin the mean, which is exact, takes the place of the interpolation: series that are
    the same in every history come out exactly.

    Parameters
    ----------
    run
        With a histogram, shape [day, series, bin].
    shares
        Between 0 and 1.

    Returns
    -------
    ndarray
        Shape [day, series, share].
    """
    mean = _series_means(run)
    if run.histogram is None:
        raise LookupError("the run recorded no daily series")
    num_days, num_series, num_bins = run.histogram.shape
    low, high = run.scales[:, 0], run.scales[:, 1]
    width = (high - low) / num_bins
    result = np.empty((num_days, num_series, len(shares)))
    # Day by day, because the cumulated histogram of all days at once would double the memory of the run.
    for day in range(num_days):
        counts = run.histogram[day].astype(np.float64)
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
