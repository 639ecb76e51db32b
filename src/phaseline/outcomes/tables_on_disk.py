"""The data files of a result: histories and the numbers of the worlds as Parquet, daily series as netCDF-4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.labels import codes_of, series_coordinates
from phaseline.scenario.readable import counted
from phaseline.scenario.records import columns, series

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from numpy.typing import NDArray

    from phaseline.outcomes.results import History, Outcomes, WorldNumbers
    from phaseline.scenario.records import Column
    from phaseline.scenario.schema import Scenario

ROW_GROUP = 65_536
_HISTORIES = "histories"
_COMPRESSION = {"zlib": True, "complevel": 4}


def write_replications(outcomes: Outcomes, path: Path) -> None:
    """One row per plan and replication; the same bytes for the same histories and library versions.

    Missing numbers are null, codes are words, everything else is a double. Row groups begin anew with each plan.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    scenario = outcomes.scenario
    recorded = columns(scenario)
    schema = _arrow_schema(scenario)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for plan, run in outcomes.runs.items():
            for first in range(0, outcomes.replications, ROW_GROUP):
                rows = run.table[first : first + ROW_GROUP]
                index = np.arange(first, first + len(rows))
                arrays = [
                    pa.DictionaryArray.from_arrays(np.zeros(len(rows), dtype=np.int32), [plan]).cast(
                        pa.string()
                    ),
                    pa.array(index, pa.int64()),
                    pa.array(index // outcomes.per_world, pa.int64()),
                    *(_arrow_column(rows[:, k], column, scenario) for k, column in enumerate(recorded)),
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=ROW_GROUP)


def read_replications(
    path: Path, scenario: Scenario, replications: int, plans: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Tables by plan, shape [replication, column].

    Raises
    ------
    ValueError
        If the file does not hold these plans, replications and columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        stored = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    recorded = columns(scenario)
    if stored.column_names != _arrow_schema(scenario).names:
        raise ValueError(f"{path.name} has other columns than the scenario")
    if stored.num_rows != replications * len(plans):
        raise ValueError(
            f"{path.name} has {counted(stored.num_rows, 'row')}, not {replications * len(plans)}"
        )
    tables = {}
    for number, plan in enumerate(plans):
        part = stored.slice(number * replications, replications)
        if part.column("plan").unique().to_pylist() != [plan]:
            raise ValueError(f"{path.name} does not hold the plan {plan}")
        table = np.empty((replications, len(recorded)))
        for k, column in enumerate(recorded):
            table[:, k] = _numbers(part.column(column.name), column, scenario)
        tables[plan] = table
    return tables


def write_numbers(numbers: WorldNumbers, path: Path) -> None:
    """One row per world, a column per number; the same bytes for the same inputs and library versions."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field("world", pa.int64(), nullable=False)]
    for name, label, unit in zip(numbers.names, numbers.labels, numbers.units, strict=True):
        fields.append(pa.field(name, pa.float64(), metadata={"unit": unit, "meaning": label}))
    arrays = [pa.array(np.arange(len(numbers.values)), pa.int64())]
    arrays += [pa.array(np.ascontiguousarray(column), pa.float64()) for column in numbers.values.T]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def read_numbers(path: Path, worlds: int) -> WorldNumbers:
    """What `write_numbers` wrote.

    Raises
    ------
    ValueError
        If the file does not hold so many worlds.
    """
    import pyarrow.parquet as pq

    from phaseline.outcomes.results import WorldNumbers

    stored = pq.read_table(path)
    if stored.num_rows != worlds:
        raise ValueError(f"{path.name} has {stored.num_rows} rows, not {worlds}")
    numbers = list(stored.schema)[1:]
    values = np.empty((worlds, len(numbers)))
    for k in range(len(numbers)):
        values[:, k] = stored.column(k + 1).to_numpy()
    told = [{key.decode(): text.decode() for key, text in field.metadata.items()} for field in numbers]
    return WorldNumbers(
        tuple(field.name for field in numbers),
        tuple(one["meaning"] for one in told),
        tuple(one["unit"] for one in told),
        values,
    )


def write_series(outcomes: Outcomes, path: Path) -> None:
    """Mean and quantiles per plan and day in the root group, whole histories with their events in another."""
    import xarray as xr

    try:
        daily = outcomes.series()
    except LookupError:
        daily = xr.Dataset()
    daily.attrs.setdefault("title", outcomes.scenario.title)
    daily.to_netcdf(path, engine="h5netcdf", encoding=_encoding(daily))
    histories = _histories_dataset(outcomes)
    if histories is not None:
        histories.to_netcdf(
            path, engine="h5netcdf", mode="a", group=_HISTORIES, encoding=_encoding(histories)
        )


def read_series(
    path: Path, scenario: Scenario, tables: Mapping[str, NDArray[np.float64]]
) -> tuple[xr.Dataset | None, dict[str, tuple[History, ...]]]:
    """Daily series (None if none were recorded) and whole histories by plan.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    import h5py
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf") as stored:
            daily = stored.load()
        with h5py.File(path, "r") as file:
            present = _HISTORIES in file
        if present:
            with xr.open_dataset(path, engine="h5netcdf", group=_HISTORIES) as stored:
                histories = stored.load()
    except OSError as error:
        raise ValueError(f"{path.name}: {error}") from error
    samples = _read_histories(histories, scenario, tables) if present else {}
    return (daily if daily.data_vars else None), samples


def _arrow_schema(scenario: Scenario) -> pa.Schema:
    import pyarrow as pa

    fields = [
        pa.field("plan", pa.string(), nullable=False),
        pa.field("replication", pa.int64(), nullable=False),
        pa.field("world", pa.int64(), nullable=False, metadata={"meaning": "draw of what nobody knows"}),
    ]
    for column in columns(scenario):
        kind = pa.string() if column.unit == "code" else pa.float64()
        metadata = {"unit": column.unit, "meaning": _meaning(column)}
        fields.append(pa.field(column.name, kind, metadata=metadata))
    return pa.schema(fields)


def _meaning(column: Column) -> str:
    if column.quantity == "first_binding":
        return "asset that binds first; missing if none"
    return "how it stands at the end" if column.unit == "code" else column.meaning


def _arrow_column(values: NDArray[np.float64], column: Column, scenario: Scenario) -> pa.Array:
    import pyarrow as pa

    words = codes_of(column, scenario)
    if words is None:
        return pa.array(np.ascontiguousarray(values), pa.float64(), from_pandas=True)
    indices = values.astype(np.int32)
    if len(words) == 0:
        return pa.nulls(len(values), pa.string())
    missing = indices < 0
    return pa.DictionaryArray.from_arrays(
        pa.array(np.where(missing, 0, indices), mask=missing), list(words)
    ).cast(pa.string())


def _numbers(stored: pa.ChunkedArray, column: Column, scenario: Scenario) -> NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    words = codes_of(column, scenario)
    if words is None:
        return np.asarray(stored.to_numpy(), dtype=np.float64)
    if not words:
        return np.full(len(stored), -1.0)
    indices = pc.index_in(stored, value_set=pa.array(words, pa.string()))
    return np.asarray(pc.fill_null(indices, -1).to_numpy(), dtype=np.float64)


def _encoding(dataset: xr.Dataset) -> dict[str, Any]:
    return {
        str(name): dict(_COMPRESSION)
        for name, variable in dataset.data_vars.items()
        if variable.dtype.kind == "f" and variable.size
    }


def _histories_dataset(outcomes: Outcomes) -> xr.Dataset | None:
    """Samples of all plans: series by plan, history, day and record, and the events one below the other."""
    import xarray as xr

    samples = {plan: run.samples for plan, run in outcomes.runs.items()}
    most = max(len(found) for found in samples.values())
    if most == 0:
        return None
    num_days = max(len(history.series) for found in samples.values() for history in found)
    records = series(outcomes.scenario)
    daily = np.full((len(samples), most, num_days, len(records)), np.nan)
    replications = np.full((len(samples), most), -1, dtype=np.int64)
    rows: list[tuple[Any, ...]] = []
    for p, (plan, found) in enumerate(samples.items()):
        for k, history in enumerate(found):
            replications[p, k] = history.replication
            daily[p, k, : len(history.series)] = history.series
            rows += [
                (plan, history.replication, event.day, event.code, event.entity, event.value, event.text)
                for event in history.events
            ]
    data: dict[str, Any] = {
        "replication": (
            ("plan", "history"),
            replications,
            {"long_name": "index of the history; -1 for none"},
        ),
        "series": (
            ("plan", "history", "day", "record"),
            daily,
            {"long_name": "values at the end of each day"},
        ),
    }
    if rows:
        for (name, dtype), cells in zip(_EVENT_FIELDS, zip(*rows, strict=True), strict=True):
            data[f"event_{name}"] = ("event", np.array(cells, dtype=dtype))
    coordinates = series_coordinates(outcomes, num_days) | {"record": [record.name for record in records]}
    units = {"units": ", ".join(f"{record.name}: {record.unit}" for record in records)}
    dataset = xr.Dataset(data, coords={name: coordinates[name] for name in ("plan", "day", "date", "record")})
    dataset["series"].attrs |= units
    return dataset


_EVENT_FIELDS = (
    ("plan", object),
    ("replication", np.int64),
    ("day", np.int64),
    ("code", object),
    ("entity", object),
    ("value", np.float64),
    ("text", object),
)


def _read_histories(
    stored: xr.Dataset, scenario: Scenario, tables: Mapping[str, NDArray[np.float64]]
) -> dict[str, tuple[History, ...]]:
    from phaseline.outcomes.results import Event, History

    events: dict[tuple[str, int], list[Event]] = {}
    if "event_plan" in stored:
        fields = [stored[f"event_{name}"].values for name, _ in _EVENT_FIELDS]
        for plan, replication, day, code, entity, value, text in zip(*fields, strict=True):
            event = Event(int(day), str(code), str(entity), float(value), str(text))
            events.setdefault((str(plan), int(replication)), []).append(event)
    if [str(name) for name in stored["record"].values] != [record.name for record in series(scenario)]:
        raise ValueError("the whole histories have other series than the scenario")
    found: dict[str, tuple[History, ...]] = {}
    for p, plan in enumerate(str(name) for name in stored["plan"].values):
        numbers = [int(number) for number in stored["replication"].values[p] if number >= 0]
        found[plan] = tuple(
            History(
                number,
                stored["series"].values[p, k],
                tuple(events.get((plan, number), ())),
                tables[plan][number],
            )
            for k, number in enumerate(numbers)
        )
    return found
