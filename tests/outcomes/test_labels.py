from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from outcomes import made
from phaseline.outcomes.labels import QUANTILES, codes_of, kind_of, series_quantiles
from phaseline.outcomes.results import DailyCounts, Outcomes
from phaseline.scenario.records import columns, series


def test_kinds() -> None:
    scenario = made.scenario_of(made.CAMPAIGN)
    kinds = {record.name: kind_of(record) for record in (*columns(scenario), *series(scenario))}
    expected = {
        "end.north": "operation", "end.north.town": "phase", "end": "", "losses.army": "force", "binds.jets": "asset",
        "progress.north": "operation", "progress.north.town": "phase", "strength.militia": "force",
        "coverage.jets": "asset", "flown.jets": "asset", "displaced.south": "operation", "territory": "",
    }  # fmt: skip
    assert {name: kinds[name] for name in expected} == expected


def test_an_id_may_name_an_operation_and_an_asset() -> None:
    data = {**made.PROJECT, "assets": {"bridge": {"sharing": "whole", "units": 1}}}
    data["operations"] = {"bridge": {"phases": {"deck": {"kind": "task", "duration": "2 days"}}}}
    outcomes = made.outcomes_of(data, {"only": {"end.bridge": 2, "binds.bridge": 1}}, 8, days=60)
    dataset = outcomes.dataset()
    assert (dataset.operation_end.sel(operation="bridge") == 2).all()
    assert (dataset.asset_binds.sel(asset="bridge") == 1).all()


def test_codes() -> None:
    scenario = made.scenario_of(made.CAMPAIGN)
    words = {column.name: codes_of(column, scenario) for column in columns(scenario)}
    assert words["status.north"] == ("unfinished", "done", "failed")
    assert words["status.north.town"] == ("waiting", "open", "done", "failed", "refitting")
    assert words["first_binding"] == ("jets", "drones")
    assert words["end"] is None


def test_dataset(campaign: Outcomes) -> None:
    dataset = campaign.dataset()
    assert dict(dataset.sizes) == {
        "plan": 2,
        "replication": 1024,
        "operation": 2,
        "phase": 3,
        "force": 2,
        "asset": 2,
    }
    end = dataset.operation_end.sel(plan="both", operation="south")
    np.testing.assert_array_equal(end, campaign.column("both", "end.south"))
    assert end.attrs["units"] == "day" and "last phase" in end.attrs["long_name"]
    assert dataset.operation_status.attrs["flag_meanings"] == "unfinished done failed"
    assert dataset.world.values[5] == 1
    np.testing.assert_array_equal(dataset.end.sel(plan="wait"), campaign.column("wait", "end"))


def test_series(campaign: Outcomes) -> None:
    daily = campaign.series()
    assert dict(daily.sizes) == {
        "plan": 2, "day": 200, "quantile": 7, "operation": 2, "phase": 3, "force": 2, "asset": 2,
    }  # fmt: skip
    assert str(daily.date.values[31])[:10] == "2020-04-01"
    strain = daily.asset_strain_quantile.sel(plan="both", day=100, asset="jets")
    # Histories are spread evenly from 0 to day / 200, and a bin is 1/50 wide.
    np.testing.assert_allclose(strain, np.array(QUANTILES) * 0.5, atol=1 / made.BINS)
    assert float(daily.territory_mean.sel(plan="both", day=100)) == pytest.approx(0.25)
    assert daily.asset_strain_mean.attrs["units"] == "ratio"


def counted(histogram: np.ndarray, sums: np.ndarray, low: float, high: float) -> DailyCounts:
    return DailyCounts(histogram, sums, np.array([[low, high]]), int(histogram[0, 0].sum()))


def test_quantiles_are_interpolated_inside_bins() -> None:
    daily = counted(np.array([[[10, 0, 30, 0]]]), np.array([[0.0]]), 100.0, 140.0)
    found = series_quantiles(daily, (0.125, 0.25, 0.5, 1.0))
    np.testing.assert_allclose(found[0, 0], [105.0, 110.0, 120 + 10 / 3, 130.0])


def test_one_bin_gives_the_exact_value() -> None:
    daily = counted(np.array([[[0, 0, 0, 8]]]), np.array([[8.0]]), 0.0, 1.0)
    np.testing.assert_allclose(series_quantiles(daily, QUANTILES), 1.0)


def test_quantiles_against_numpy() -> None:
    values = np.random.default_rng(1).beta(2, 5, 20_000)
    counts, _ = np.histogram(values, 200, (0, 1))
    daily = counted(counts[None, None], np.array([[values.sum()]]), 0.0, 1.0)
    np.testing.assert_allclose(
        series_quantiles(daily, QUANTILES)[0, 0], np.quantile(values, QUANTILES), atol=1 / 200
    )


def test_no_series(project: Outcomes) -> None:
    bare = {plan: replace(run, daily=None) for plan, run in project.runs.items()}
    with pytest.raises(LookupError, match="no daily series"):
        replace(project, runs=bare).series()


def test_series_are_counted_once_one_plan_at_a_time_and_held_by_nobody(campaign: Outcomes) -> None:
    alive: list[weakref.ref[DailyCounts]] = []

    def counted_once(daily: Callable[[], DailyCounts]) -> Callable[[], DailyCounts]:
        def count() -> DailyCounts:
            assert [one for one in alive if one() is not None] == []
            found = daily()
            alive.append(weakref.ref(found))
            return found

        return count

    runs = {plan: replace(run, daily=counted_once(run.daily)) for plan, run in campaign.runs.items()}  # type: ignore[arg-type]
    watched = replace(campaign, runs=runs)
    first = watched.series()
    assert len(alive) == len(runs) == 2
    assert [one() for one in alive] == [None, None]
    first["asset_strain_mean"] = first["asset_strain_mean"] * 0
    xr.testing.assert_identical(watched.series(), campaign.series())
    assert len(alive) == 2
