"""The map: what lies where, and how far it has got."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from outcomes import made
from phaseline.outcomes.results import Outcomes
from phaseline.reporting import map as theatre
from reporting import placed
from reporting.placed import placed_data

SPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return placed.placed()


def test_places_are_on_the_map_in_their_relative_position(outcomes: Outcomes) -> None:
    places = theatre.places_of(outcomes.scenario)
    view = theatre.view_of(list(places.values()))
    mosul, raqqa = view.point(*places["north"]), view.point(*places["south"])
    assert view.holds(*places["north"])
    assert raqqa[0] < mosul[0]
    assert mosul[1] < raqqa[1]
    across, up = view.scale
    # True to scale at the middle: a degree of longitude is shorter by the cosine of the latitude.
    assert across / up == pytest.approx(0.808, abs=0.002)


def test_one_place_still_gets_a_view() -> None:
    view = theatre.view_of([(43.0, 36.0)])
    assert view.north - view.south == pytest.approx(theatre.LEAST_DEGREES)


def test_the_map_shows_land_waters_borders_towns_and_symbols(outcomes: Outcomes) -> None:
    drawing = theatre.theatre_map(outcomes, {"north": 0.6, "north.ring": 1.0, "south": 0.0})
    assert drawing is not None
    root = ET.fromstring(drawing.svg)
    classes = {node.get("class") for node in root.iter()}
    assert {"land", "sea", "river", "border", "town", "country", "operation", "symbol", "scale"} <= classes
    texts = {node.text for node in root.iter(f"{SPACE}text")}
    assert {
        "SYRIA",
        "IRAQ",
        "Erbil",
        "Deir ez-Zor",
        "Northtown",
        "Southtown",
        "60 %",
        "0 %",
        "100 km",
    } <= texts
    assert "Northtown 60 % done" in drawing.text
    assert drawing._repr_svg_() == drawing.svg
    assert "http" not in drawing.svg.replace("http://www.w3.org/2000/svg", "")


def test_progress_fills_ring_and_bars(outcomes: Outcomes) -> None:
    drawing = theatre.theatre_map(outcomes, {"north": 0.6, "north.ring": 1.0, "north.town": 0.5})
    assert drawing is not None
    root = ET.fromstring(drawing.svg)
    bars = {node.get("data-bar"): float(node.get("width", 0)) for node in root.iter() if node.get("data-bar")}
    full = {float(node.get("data-full", 0)) for node in root.iter() if node.get("data-full")}.pop()
    assert bars == {"north.ring": full, "north.town": full / 2, "south.town": 0.0}
    arcs = {
        node.get("data-arc"): node.get("stroke-dasharray") for node in root.iter() if node.get("data-arc")
    }
    assert arcs == {"north": "60 100", "south": "0 100"}
    spots = {node.get("data-spot"): node.get("fill") for node in root.iter() if node.get("data-spot")}
    assert spots == {"north": theatre.PROGRESS_COLOURS[3], "south": theatre.PROGRESS_COLOURS[0]}


@pytest.mark.parametrize(
    ("done", "number"), [(0, 0), (0.01, 1), (0.25, 2), (0.5, 3), (0.75, 4), (1, 4), (1.2, 4)]
)
def test_colours_follow_quarters(done: float, number: int) -> None:
    assert theatre.colour_of(done) == theatre.PROGRESS_COLOURS[number]


def test_without_a_place_there_is_no_map(campaign: Outcomes) -> None:
    assert theatre.theatre_map(campaign) is None


def test_without_a_state_the_mean_at_the_horizon_is_shown(outcomes: Outcomes) -> None:
    done = theatre.final_progress(outcomes)
    assert done["north"] == pytest.approx(
        float(outcomes.series()["operation_progress_mean"].isel(plan=0, day=-1)[0])
    )
    drawing = theatre.theatre_map(outcomes)
    assert drawing is not None
    assert f"{100 * done['north']:.0f} %" in drawing.text


def test_elsewhere_the_coarse_world_is_drawn_and_neighbours_make_room() -> None:
    data = placed_data()
    data["operations"]["north"]["place"] = data["operations"]["south"]["place"] = [-120.0, 39.0]
    made_up = made.outcomes_of(data, {"both": made.campaign_values()}, 1024)
    drawing = theatre.theatre_map(made_up, {})
    assert drawing is not None
    assert "UNITED STATES" in drawing.svg or 'class="land"' in drawing.svg
    spots = re.findall(r'class="operation" transform="translate\(([\d.]+),([\d.]+)\)"', drawing.svg)
    assert len(set(spots)) == 2


def test_strings_of_the_case_are_escaped() -> None:
    drawing = theatre.theatre_map(placed.evil(), {})
    assert drawing is not None
    assert "<script" not in drawing.svg
    assert "<img" not in drawing.svg
    ET.fromstring(drawing.svg)


def test_areas_are_cut_at_the_edge() -> None:
    ring = [(-1000.0, -1000.0), (2000.0, -1000.0), (2000.0, 2000.0), (-1000.0, 2000.0)]
    cut = theatre._cut(ring)
    assert {x for x, _ in cut} == {-5.0, theatre.WIDTH + 5.0}
    assert theatre._cut([(-50.0, 0.0), (-40.0, 10.0), (-50.0, 10.0)]) == []
    line = [(-50.0, 5.0), (-20.0, 5.0), (20.0, 5.0), (40.0, 5.0), (2000.0, 5.0), (2100.0, 5.0)]
    assert theatre._runs(line) == [line[1:5]]
