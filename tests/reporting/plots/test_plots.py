"""Pictures show the numbers of the outcomes, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outcomes import made
from phaseline.errors import InputError
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.statistics import probability_interval, quantile_intervals
from phaseline.reporting import plots, ranked
from phaseline.reporting.plots.fans import binding_frame, step_of
from phaseline.reporting.plots.frames import band_frame, done_frame
from phaseline.reporting.plots.side_by_side import plans_frame
from phaseline.reporting.plots.style import PALETTE
from phaseline.reporting.plots.times import BARS_BETWEEN_DATES, gantt_frame

FANS: dict[str, Callable[..., Any]] = {
    "strain": plots.strain, "coverage": plots.coverage, "progress": plots.progress, "losses": plots.losses,
    "displaced": plots.displaced,
}  # fmt: skip
EVERY: dict[str, Callable[..., Any]] = FANS | {"gantt": plots.gantt}


def walk(spec: Any) -> Iterator[dict[str, Any]]:
    if isinstance(spec, dict):
        yield spec
        for key, value in spec.items():
            if key != "datasets":
                yield from walk(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from walk(value)


@pytest.mark.parametrize("kind", FANS)
def test_a_fan_holds_the_quantiles_of_the_series(kind: str, campaign: Outcomes) -> None:
    names = {
        "strain": ("asset", "asset_strain"), "coverage": ("asset", "asset_coverage"),
        "progress": ("operation", "operation_progress"), "losses": ("force", "force_losses"),
        "displaced": ("operation", "operation_displaced"),
    }  # fmt: skip
    entity, name = names[kind]
    series = campaign.series()
    data = FANS[kind](campaign, "wait").data
    assert set(data["plan"]) == {"wait"}
    for row in data.iloc[:: len(data) // 17].itertuples():
        where = {"plan": "wait", entity: row.entity, "day": row.day}
        drawn = [row.p10, row.p50, row.p90]
        stored = series[f"{name}_quantile"].sel(where).sel(quantile=[0.1, 0.5, 0.9]).values
        np.testing.assert_allclose(drawn, stored)
        assert row.mean == pytest.approx(float(series[f"{name}_mean"].sel(where)))
        assert pd.Timestamp(series["date"].sel(day=row.day).values) == row.date


def test_series_are_thinned_but_keep_their_ends(campaign: Outcomes) -> None:
    data = band_frame(campaign, "asset_strain", {"jets": "Jets"}, plans=["both"], every=7)
    assert list(data["day"][:3]) == [0, 7, 14]
    assert data["day"].iloc[-1] == 199
    whole = band_frame(campaign, "territory", {"": "theatre"}, plans=["both"])
    assert len(whole) == 200


@pytest.mark.parametrize("kind", EVERY)
def test_every_picture_can_show_all_plans_or_one_with_hover_or_without(kind: str, campaign: Outcomes) -> None:
    every = EVERY[kind](campaign).to_dict()
    one = EVERY[kind](campaign, "both", hover=False).to_dict()
    assert {row["plan"] for rows in every["datasets"].values() for row in rows if "plan" in row} == {
        "both",
        "wait",
    }
    assert any("tooltip" in part for part in walk(every))
    assert not any("tooltip" in part for part in walk(one))
    assert every["title"]["text"]
    with pytest.raises(KeyError, match="no plan 'nobody'"):
        EVERY[kind](campaign, "nobody")


def test_strain_shows_the_limit_and_the_day_it_first_binds(campaign: Outcomes) -> None:
    days = campaign.column("both", "binds.jets")
    early, middle, late = (q.value for q in quantile_intervals(days, (0.1, 0.5, 0.9), 4, missing="drop"))
    frame = binding_frame(campaign, {"jets": "Jets"}, ["both"])
    start = pd.Timestamp("2020-03-01")
    (row,) = frame.itertuples()
    assert [(t - start).days for t in (row.binds_early, row.binds, row.binds_late)] == [early, middle, late]
    assert "in 7" in row.told
    spec = plots.strain(campaign, "both").to_dict()
    limits = [
        part["y"]["datum"] for part in walk(spec) if isinstance(part.get("y"), dict) and "datum" in part["y"]
    ]
    assert limits == [1.0]


def test_an_asset_that_never_binds_has_no_mark(project: Outcomes) -> None:
    assert binding_frame(project, {"crane": "Crane"}, ["only"]).empty
    assert plots.strain(project).to_dict()


def test_chances_by_date_are_those_of_the_column(campaign: Outcomes) -> None:
    frame = done_frame(campaign, "end.north")
    for plan in campaign.plans:
        end = campaign.column(plan, "end.north")
        for row in frame[frame["plan"] == plan].iloc[::20].itertuples():
            expected = probability_interval(end <= row.day + 1, 4)
            assert (row.chance, row.low, row.high) == pytest.approx(expected)
    chances = frame[frame["plan"] == "both"]["chance"]
    assert chances.is_monotonic_increasing
    assert chances.iloc[-1] == 1.0
    spec = plots.done_by(campaign, "north").to_dict()
    assert spec["title"]["text"] == "Chance that Northtown is done by a date"
    assert "all operations are" in plots.done_by(campaign, hover=False).to_dict()["title"]["text"]
    with pytest.raises(KeyError):
        plots.done_by(campaign, "west")


def test_what_never_ends_has_no_chance_and_no_cap(campaign: Outcomes) -> None:
    table = campaign.runs["both"].table.copy()
    names = [column.name for column in campaign.columns]
    table[:, names.index("end")] = np.nan
    table[:, names.index("end.south.town")] = np.nan
    run = campaign.runs["both"]
    never = Outcomes(
        campaign.scenario,
        "hash",
        1,
        4,
        {"both": type(run)(**{**vars(run), "table": table})},
        {},
        campaign.series(),
    )
    assert (done_frame(never, "end")["chance"] == 0).all()
    row = gantt_frame(never, ["both"]).set_index("entity").loc["south.town"]
    assert row["ends"] == "beyond the horizon · beyond the horizon · beyond the horizon"
    assert row["end_p50"] == row["last"] == pd.Timestamp("2020-09-17")
    assert not row["ends_at_all"]


def test_a_gantt_chart_holds_the_tenths_of_starts_and_ends(campaign: Outcomes) -> None:
    frame = gantt_frame(campaign, ["wait"]).set_index("entity")
    end = quantile_intervals(campaign.column("wait", "end.north"), (0.1, 0.5, 0.9), 4)
    row = frame.loc["north"]
    assert [row["end_p10_day"], row["end_p50_day"], row["end_p90_day"]] == [one.value for one in end]
    assert row["start_p50"] == pd.Timestamp("2020-03-01")
    assert row["done"].startswith(">99") or row["done"].startswith("100")
    assert frame.loc["south.town", "operation"] == "Southtown"
    assert "south" not in frame.index  # of a single phase: the whole is the phase


def test_plans_side_by_side_hold_median_interval_and_tenths(campaign: Outcomes) -> None:
    frame = plans_frame(campaign).set_index(["outcome", "plan"])
    days = "all operations: done, days from 1 Mar 2020"
    expected = quantile_intervals(campaign.column("both", "end"), (0.1, 0.5, 0.9), 4)
    row = frame.loc[(days, "both")]
    assert (row["value"], row["low"], row["high"]) == pytest.approx(expected[1])
    assert row["p10"] == expected[0].value
    failed = frame.loc[("at least one operation fails, %", "both")]
    share = np.mean(campaign.column("both", "status.south") == 2)
    assert failed["value"] == pytest.approx(100 * share)
    mean = frame.loc[("Strike aircraft: days overstretched, mean", "both")]
    assert mean["value"] == pytest.approx(campaign.column("both", "overstretched.jets").mean())
    assert np.isfinite(frame[["value", "low", "high", "p10", "p90"]].to_numpy()).all()
    assert plots.plans(campaign).to_dict()


def test_outcomes_that_are_always_nothing_are_left_out(project: Outcomes, duel: Outcomes) -> None:
    assert list(plans_frame(project)["outcome"]) == [
        "Bridge: done, days from 4 Jan 2021",
        "Bridge: done by 4 Mar 2021, %",
    ]
    assert "losses of own forces, killed and wounded" in set(plans_frame(duel)["outcome"])


def test_what_was_not_recorded_cannot_be_drawn(duel: Outcomes) -> None:
    with pytest.raises(LookupError, match="no asset"):
        plots.strain(duel)
    with pytest.raises(LookupError, match="demand"):
        plots.coverage(duel)
    assert plots.losses(duel, side="adversary").to_dict()


def test_colours_are_different_and_titles_unique(campaign: Outcomes) -> None:
    assert len(set(PALETTE)) == len(PALETTE) == 7
    spec = plots.done_by(campaign).to_dict()
    scales = [part["scale"] for part in walk(spec) if part.get("field") == "title" and "scale" in part]
    assert {tuple(scale["domain"]) for scale in scales} == {("Both at once", "North first")}


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_a_picture_is_saved_without_a_browser(ending: str, campaign: Outcomes, tmp_path: Path) -> None:
    file = plots.save(plots.done_by(campaign), tmp_path / f"done{ending}")
    start = file.read_bytes()[:8]
    assert start.startswith(b"<svg" if ending == ".svg" else b"\x89PNG")


def test_a_picture_needs_a_known_ending_and_a_place(campaign: Outcomes, tmp_path: Path) -> None:
    chart = plots.done_by(campaign, hover=False)
    with pytest.raises(InputError, match=r"\.gif"):
        plots.save(chart, "done.gif")
    with pytest.raises(InputError, match="cannot be written"):
        plots.save(chart, tmp_path / "nowhere" / "done.svg")


@pytest.mark.parametrize("kind", EVERY)
def test_a_plan_keeps_its_colour_in_every_picture(kind: str, campaign: Outcomes, tmp_path: Path) -> None:
    svg = plots.save(EVERY[kind](campaign, "wait", hover=False), tmp_path / "one.svg").read_text()
    assert PALETTE[1] in svg
    assert PALETTE[0] not in svg
    assert "#4c78a8" not in svg  # what Vega takes where nothing is said


def test_many_panels_get_fewer_points(campaign: Outcomes) -> None:
    assert step_of(campaign, 4) == 2
    assert step_of(campaign, 96) == 4  # 200 days in 50 points
    assert step_of(campaign, 100_000) == 100


def drawn(chart: Any) -> set[str]:
    """Operations, assets or forces in the data of a chart."""
    rows = [row for rows in chart.to_dict()["datasets"].values() for row in rows]
    return {row["entity"].split(".")[0] for row in rows if "entity" in row}


@pytest.mark.parametrize(("kind", "total"), [("gantt", 12), ("progress", 12), ("losses", 6), ("strain", 10)])
def test_of_many_those_that_matter_most_are_drawn_and_the_rest_is_counted(
    kind: str, total: int, large: Outcomes
) -> None:
    some, every = EVERY[kind](large, "halves"), EVERY[kind](large, "halves", most=None)
    assert len(drawn(some)) == min(total, ranked.MOST)
    assert len(drawn(every)) == total
    below = " ".join(np.atleast_1d(some.to_dict()["title"]["subtitle"]))
    assert ("… and" in below) == (total > ranked.MOST)
    assert "… and" not in " ".join(np.atleast_1d(every.to_dict()["title"]["subtitle"]))
    assert drawn(EVERY[kind](large, "together")) == drawn(some)


def heights_of_dates(spec: dict[str, Any]) -> list[bool]:
    """Whether each operation of a Gantt chart has dates of its own."""
    return [
        any(layer["encoding"]["x"]["axis"].get("labels", True) for layer in one["layer"])
        for one in spec["vconcat"]
    ]


def test_dates_are_near_every_bar(large: Outcomes, campaign: Outcomes) -> None:
    spec = plots.gantt(large, "halves", most=None).to_dict()
    dated = heights_of_dates(spec)
    assert dated[0] and dated[-1]
    gaps = np.diff(np.flatnonzero(dated))
    assert gaps.max() * 3 <= BARS_BETWEEN_DATES  # three bars an operation
    assert spec["vconcat"][0]["layer"][0]["encoding"]["x"]["axis"]["orient"] == "top"
    assert heights_of_dates(plots.gantt(campaign, "both").to_dict()) == [False, True]


@pytest.mark.parametrize("kind", ["progress", "strain", "losses"])
def test_each_of_many_panels_has_its_dates(kind: str, large: Outcomes, campaign: Outcomes) -> None:
    assert FANS[kind](large).to_dict()["resolve"] == {"axis": {"x": "independent"}}
    assert "resolve" not in FANS[kind](campaign).to_dict()


WIDEST = {"gantt": 660, "strain": 520, "progress": 520, "losses": 520, "plans": 920, "done_by": 520}
"""Pixels: the panels, the labels beside them and the room around."""


@pytest.mark.parametrize("kind", WIDEST)
def test_long_labels_are_cut_in_the_picture_and_whole_in_the_tip(kind: str, tmp_path: Path) -> None:
    label = " " + "spelled out at length " * 13
    outcomes = made.large(5, label=label)
    plan = () if kind in ("plans", "done_by") else ("halves",)
    chart = getattr(plots, kind)(outcomes, *plan)
    svg = plots.save(chart, tmp_path / "one.svg").read_text()
    width = float(re.findall(r'width="([\d.]+)"', svg)[0])
    assert 420 < width < WIDEST[kind]
    assert "…" in svg
    tips = {
        tip["field"] for part in walk(chart.to_dict()) for tip in part.get("encoding", {}).get("tooltip", [])
    }
    whole = {
        field for rows in chart.to_dict()["datasets"].values() for row in rows
        for field, value in row.items() if isinstance(value, str) and label.strip() in value
    }  # fmt: skip
    titles = {
        tip.get("title")
        for part in walk(chart.to_dict())
        for tip in part.get("encoding", {}).get("tooltip", [])
    }
    assert whole & tips or any(label.strip() in str(one) for one in titles)


def test_a_long_title_goes_on_in_a_further_line(tmp_path: Path) -> None:
    outcomes = made.large(5, label=" " + "spelled out at length " * 13)
    chart = plots.done_by(outcomes, "op02")
    lines = chart.to_dict()["title"]["text"]
    assert len(lines) > 3
    assert "Operation 2 spelled out at length" in " ".join(lines)
    svg = plots.save(chart, tmp_path / "one.svg").read_text()
    assert float(re.findall(r'width="([\d.]+)"', svg)[0]) < 700
