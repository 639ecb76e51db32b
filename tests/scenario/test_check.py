"""Every kind of wrong scenario is refused with its place, rule and remedy; the implausible is warned of."""

# ruff: noqa: E501 -- tables read better with a row a line
from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from phaseline.errors import InputError
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.check import load_plan, load_scenario

BASE: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "Two towns",
    "as_of": "2020-01-10",
    "horizon": "200 days",
    "sources": {
        "press": {"title": "A newspaper", "known_on": "2020-01-02"},
        "later": {"title": "A later book", "known_on": "2021-01-01", "for_scoring": True},
    },
    "numbers": {
        "garrison": {"low": 300, "high": 500, "unit": "persons", "source": "press"},
        "readiness": {"low": "60 %", "high": "90 %", "source": "press"},
    },
    "assets": {
        "jets": {"unit": "sorties", "surge_days": "4 days", "cap": 50, "elsewhere": {"demand": "3/day"}},
        "crane": {"sharing": "whole", "units": 2},
    },
    "contributions": [
        {"nation": "A", "asset": "jets", "count": 20, "mission_capable": "$readiness", "not_for": ["south"]},
        {"nation": "B", "asset": "jets", "count": 10, "arrives": "2020-02-01", "departs": "2020-03-01"},
    ],
    "forces": {
        "us": {"side": "own", "strength": 2000},
        "them": {"side": "adversary", "strength": "$garrison"},
    },
    "operations": {
        "north": {
            "phases": {
                "build": {"kind": "task", "duration": "10 days", "demand": {"crane": 1}},
                "town": {
                    "kind": "contested", "own": "us", "adversary": "them", "depth": "8 km", "tempo": "0.5 km/day",
                    "own_loss": "0.5 %/day", "adversary_loss": "1 %/day",
                    "demand": {"jets": "10/day"}, "dependence": {"jets": 0.5},
                },
            }
        },
        "south": {"phases": {"relief": {"kind": "task", "duration": "30 days", "demand": {"jets": "5/day"}, "dependence": {"jets": 0.3}, "stop_hazard": "0 %/day"}}},
    },
    "claims": {
        "stretch": {"statement": "It stretches.", "speaker": "an official", "source": "press", "plan": "both",
                    "event": {"strain": "jets", "above": 1, "for": "7 days"}, "at_least": 0.5}
    },
    "plans": {"both": {"gates": {"south": {"progress": "north", "at_least": 0.5}}, "tiers": [["north"], ["south", "elsewhere"]]}},
}  # fmt: skip


def write(document: Any, folder: Path, name: str = "scenario.yaml") -> Path:
    """Write a document as YAML."""
    path = folder / name
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(document, file)
    return path


def edit(path: str, value: Any) -> dict[str, Any]:
    """The base document with one place changed; ``DELETE`` removes it."""
    document = copy.deepcopy(BASE)
    here: Any = document
    parts: list[Any] = [int(p) if p.isdigit() else p for p in path.split("/")]
    for part in parts[:-1]:
        here = here[part]
    if value == "DELETE":
        del here[parts[-1]]
    else:
        here[parts[-1]] = value
    return document


def problems(document: Any, folder: Path) -> list[str]:
    """Errors of a document, as text."""
    with pytest.raises(InputError) as caught:
        load_scenario(write(document, folder))
    for problem in caught.value.problems:
        assert problem.file.endswith("scenario.yaml")
        assert problem.rule
        assert problem.remedy
        assert problem.line is not None
    return [str(p) for p in caught.value.problems if p.severity == "error"]


def test_the_base_document_passes_without_warning(tmp_path: Path) -> None:
    scenario, warnings = load_scenario(write(BASE, tmp_path))
    assert scenario.title == "Two towns"
    assert warnings == []


WRONG = [
    ("titel", "x", "titel", "did you mean 'title'"),
    ("operations/north/phases/town/depht", "8 km", "depht", "did you mean 'depth'"),
    ("title", "DELETE", "title", "'title' is missing"),
    ("format", "phaseline/9", "format", "must be one of phaseline/1"),
    ("as_of", "2020-02-31", "as_of", ""),
    ("horizon", "200", "horizon", "unit"),
    ("people", {"flee": "50 %", "displaced": {"north": 0.5}}, "people.displaced.north", "if a share is meant (50 %)"),
    ("people", {"flee": "50 %", "displaced": {"north": {"value": 0.25}}}, "people.displaced.north", "less than one person"),
    ("forces/us/strength", 1000.5, "forces.us.strength", "Write 1000 or 1001"),
    ("forces/us/strength", "1.0005 k troops", "forces.us.strength", "no whole number of persons"),
    ("numbers/few", {"p5": "40 %", "p95": "120 %"}, "numbers.few", "share is at most 100 %"),
    ("numbers/few", {"p5": "40 %", "p95": "100 %"}, "numbers.few", "give low and high"),
    ("numbers/few", {"p0": "40 %", "p95": "90 %"}, "numbers.few.p0", "is an end and no percentile"),
    ("numbers/few", {"p100": "40 %", "p95": "90 %"}, "numbers.few.p100", "is an end and no percentile"),
    ("numbers/few", {"P5": "40 %", "P95": "90 %"}, "numbers.few.P5", "did you mean 'p5'"),
    ("numbers/few", {"LOW": "40 %", "high": "90 %"}, "numbers.few.LOW", "did you mean 'low'"),
    ("numbers/few", {"median": "40 %", "p50": "40 %"}, "numbers.few.median", "are the same"),
    ("numbers/few", {"median": "forty", "p95": "90 %"}, "numbers.few.median", ""),
    ("operations/north/place", ["nan", 40], "north.place[0]", "number"),
    ("operations/north/place", [True, 40], "north.place[0]", "number"),
    ("horizon", "5000 days", "horizon", "between 1 and 3653"),
    ("horizon", "3654 days", "horizon", "between 1 and 3653"),
    ("calendars", {"office": {"works": ["mon", "funday"]}}, "calendars.office.works[1]", "must be one of mon, tue"),
    ("calendars", {"office": {"works": ["mon", "thr"]}}, "calendars.office.works[1]", "did you mean 'thu'"),
    ("calendars", {"office": {"works": []}}, "calendars.office.works", "at least 1"),
    ("calendars", {"office": {"works": ["mon-wed", "tue"]}}, "calendars.office.works", "names 'tue' twice"),
    ("calendars", {"office": {"closed": ["2020-02-31"]}}, "calendars.office.closed[0]", "date"),
    ("calendars", {"office": {"closed": ["2020-02-03", ["2020-02-09", "2020-02-05"]]}}, "calendars.office.closed[1]",
     "write the first day first: [2020-02-05, 2020-02-09]"),
    ("calendars", {"office": {"closed": [["2019-01-01", "2040-01-01"]]}}, "calendars.office", "never open"),
    ("calendars", {"office": {"weeks": "mon-fri"}}, "calendars.office.weeks", "did you mean 'works'"),
    ("operations/north/phases/build/calendar", "ofice", "build.calendar", "unknown calendar 'ofice'"),
    ("operations/north/phases/town/calendar", "office", "town.calendar", "only tasks have a calendar"),
    ("assets/jets/calendar", "office", "assets.jets.calendar", "unknown calendar"),
    ("contributions/0/calendar", "office", "contributions[0].calendar", "unknown calendar"),
    ("people", {"flee": 0.5, "displaced": {"nort": 500}}, "people.displaced.nort", "did you mean 'north'"),
    ("people", {"flee": 0.5, "displaced": {"north": [-5, 500]}}, "people.displaced.north", "must not be negative"),
    ("horizon", ["100 days", "200 days"], "horizon", "single value"),
    ("numbers/garrison/low", 900, "numbers.garrison", "low must be below high"),
    ("numbers/garrison/low", -5, "numbers.garrison", "must not be negative"),
    ("numbers/garrison", {"low": 1, "middle": 2, "high": 3}, "numbers.garrison", "unknown key 'middle'"),
    ("numbers/garrison", {"low": 1}, "numbers.garrison", "in no known way"),
    ("numbers/garrison", {"p10": 3, "p50": 2, "p90": 4}, "numbers.garrison", "percentiles must rise"),
    ("numbers/garrison", {"median": 3, "spread": 0.5}, "numbers.garrison", "spread must be above 1"),
    ("numbers/garrison", {"samples": [3]}, "numbers.garrison", "at least two samples"),
    ("numbers/garrison", "$readiness", "numbers.garrison", "cannot refer to another"),
    ("numbers/garrison/source", "pres", "numbers.garrison.source", "did you mean 'press'"),
    ("numbers/garrison/source", "later", "numbers.garrison.source", "kept for scoring"),
    ("numbers/garrison/kind", "luck", "numbers.garrison", "must be one of chance, ignorance"),
    ("sources/press/known_on", "2020-06-01", "sources.press.known_on", "was not known on 2020-01-10"),
    ("forces/them/strength", "$garison", "forces.them.strength", "did you mean 'garrison'"),
    ("forces/them/strength", "$readiness", "forces.them.strength", ""),
    ("forces/them/side", "own", "operations.north.phases.town.adversary", "on the other side"),
    ("forces/us/breaks_at", 1.5, "forces.us.breaks_at", "at most 1"),
    ("forces/us/strength", -10, "forces.us.strength", "must not be negative"),
    ("forces/us/strength", "NaN", "forces.us.strength", "finite"),
    ("operations/north/phases/town/tempo", "0 km/day", "town.tempo", "must be above 0"),
    ("operations/north/phases/town/tempo", "DELETE", "operations.north.phases.town", "no tempo"),
    ("operations/north/phases/town/own", "DELETE", "operations.north.phases.town", "needs 'own'"),
    ("operations/north/phases/town/own", "uss", "town.own", "did you mean 'us'"),
    ("operations/north/phases/town/demand/jest", "1/day", "town.demand.jest", "did you mean 'jets'"),
    ("operations/north/phases/town/demand/jets", 4, "town.demand.jets", "by the day"),
    ("operations/north/phases/build/demand/crane", "4/day", "build.demand.crane", "in units"),
    ("operations/north/phases/build/demand/crane", 3, "build.demand.crane", "can never start"),
    ("operations/north/phases/build/duration", "DELETE", "phases.build", "needs a duration"),
    ("operations/north/phases/build/law", "square", "build.law", "only contested phases"),
    ("operations/north/phases/town/law", "sqare", "town.law", "did you mean 'square'"),
    ("operations/north/phases/town/law", "bracken", "town.law_parameters", "parameters: p, q"),
    ("operations/north/phases/town/resistance", [[0, 1], [0.5, 0]], "town.resistance", "must be above 0"),
    ("operations/north/phases/town/commit", [[0, 0.2], [1, 60]], "town.commit[1][1]", "write '60 %'"),
    ("operations/north/place", [143, 3634], "north.place", "latitude lies outside -90 to 90 degrees"),
    ("operations/north/place", [3634, 43], "north.place", "longitude lies outside -180 to 180 degrees"),
    ("operations/north/place", [36.3, 143.1], "north.place", "did you mean [143.1, 36.3]"),
    ("operations/north/place", [36.3, "east"], "north.place[1]", "number"),
    ("claims/stretch/at_least", 60, "claims.stretch.at_least", "write '60 %'"),
    ("operations/north/phases/town/resistance", [[0.5, 1], [0.2, 1]], "town.resistance", "must rise from 0 to 1"),
    ("operations/north/phases/town/people", [[0, 10], [1, 5]], "town.people", "must not fall"),
    ("operations/north/phases/build/after", ["town"], "build.after", "wait for each other"),
    ("operations/north/phases/build/after", ["twon"], "build.after", "did you mean 'town'"),
    ("contributions/0/asset", "jest", "contributions[0].asset", "did you mean 'jets'"),
    ("contributions/0/not_for", ["sooth"], "contributions[0].not_for", "did you mean 'south'"),
    ("contributions/1/departs", "2020-01-01", "contributions[1].departs", "before it arrives"),
    ("contributions/0/count", 60, "assets.jets.cap", "above its cap of 50"),
    ("assets/crane/units", "DELETE", "assets.crane", "has no capacity"),
    ("assets/jets/capacity", "5/day", "assets.jets", "both a capacity and contributions"),
    ("assets/jets/elastic", 0.5, "assets.jets.elastic", "at least 1"),
    ("plans/both/gates/sooth", {"date": "2020-02-01"}, "plans.both.gates.sooth", "did you mean 'south'"),
    ("plans/both/gates/south", {"progress": "north"}, "plans.both.gates.south", "exactly one of at_least"),
    ("plans/both/gates/south", {"date": "2020-02-01", "losses": "us"}, "plans.both.gates.south", "exactly one of"),
    ("plans/both/gates/south", {"after": "south"}, "plans.both.gates.south", "wait for itself"),
    ("plans/both/gates/south", {"date": "2031-02-01"}, "plans.both.gates.south.date", "after the horizon"),
    ("plans/both/tiers", [["north"], ["north"]], "plans.both.tiers", "two places"),
    ("plans/both/relief", [{"action": "lend", "asset": "jets"}], "plans.both.relief[0]", "needs an amount"),
    ("plans/both/relief", [{"action": "lent", "asset": "jets"}], "plans.both.relief[0].action", "did you mean 'lend'"),
    ("plans/both/relief", [{"action": "lend", "asset": "jets", "amount": "9/day", "count": 30}], "relief[0]", "above its cap"),
    ("plans/both/relief", [{"action": "reallocate", "asset": "jets", "amount": "9/day"}], "relief[0]", "needs 'to'"),
    ("claims/stretch/event", {"strain": "jest"}, "claims.stretch.event.strain", "did you mean 'jets'"),
    ("claims/stretch/event", {}, "claims.stretch.event", "exactly one of"),
    ("claims/stretch/plan", "bth", "claims.stretch.plan", "did you mean 'both'"),
    ("claims/stretch/at_least", 1.2, "claims.stretch.at_least", "at most 1"),
    ("off", {"wether": "why"}, "off.wether", "did you mean 'weather'"),
    ("off", {"weather": ""}, "off.weather", "at least 1 character"),
    ("off", ["weather"], "off", "mapping of keys"),
    ("operations", {}, "operations", ""),
    ("plans", {}, "plans", ""),
    ("operations/north/phases", {}, "operations.north.phases", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "place", "words"), WRONG, ids=[f"{w[0]}={w[1]}"[:60] for w in WRONG]
)
def test_wrong_input_is_refused_with_place_and_remedy(
    path: str, value: Any, place: str, words: str, tmp_path: Path
) -> None:
    found = problems(edit(path, value), tmp_path)
    assert any(place in text and words.lower() in text.lower() for text in found), "\n".join(found)


def test_calendars_are_known_by_near_names_and_must_have_a_day_in_common(tmp_path: Path) -> None:
    document = copy.deepcopy(BASE)
    document["calendars"] = {"office": {"works": "mon-fri"}, "ends": {"works": ["Saturday", "sun"]}}
    build = document["operations"]["north"]["phases"]["build"]
    build["calendar"] = "ofice"
    assert any("did you mean 'office'" in text.lower() for text in problems(document, tmp_path))
    build["calendar"] = "office"
    load_scenario(write(document, tmp_path))
    document["assets"]["crane"]["calendar"] = "ends"
    (found,) = problems(document, tmp_path)
    assert "operations.north.phases.build" in found and "never open on one day" in found
    document["calendars"]["ends"]["open"] = ["2020-01-15"]  # a Wednesday
    load_scenario(write(document, tmp_path))
    document["assets"]["crane"] = {"sharing": "whole"}
    document["contributions"].append({"nation": "C", "asset": "crane", "count": 1, "calendar": "ends"})
    (found,) = problems(document, tmp_path)
    assert "contributions[2].calendar" in found and "Give the asset the calendar" in found


@pytest.mark.parametrize(("first", "leap_years"), [("2019-03-01", 3), ("2020-03-01", 2), ("2096-03-01", 1)])
def test_ten_calendar_years_are_a_horizon(first: str, leap_years: int, tmp_path: Path) -> None:
    start = dt.date.fromisoformat(first)
    days = (start.replace(year=start.year + 10) - start).days
    assert days == 3650 + leap_years
    for horizon in ("10 years", f"{days} days"):
        scenario, _ = load_scenario(write(edit("horizon", horizon), tmp_path))
        assert horizon_days(scenario) in (days, 3653)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    document = edit("forces/them/strength", "$garison")
    document["plans"]["both"]["tiers"] = [["nort"]]
    document["claims"]["stretch"]["plan"] = "bth"
    found = problems(document, tmp_path)
    assert len(found) >= 3
    for near in ("garrison", "north", "both"):
        assert any(f"'{near}'" in text for text in found)


IMPLAUSIBLE = [
    ("operations/north/phases/town/own_loss", "0 %/day", "own_loss", "cannot be hurt"),
    (
        "operations/north/phases/town/adversary_loss",
        "60 %/day",
        "adversary_loss",
        "outside the published band",
    ),
    ("operations/north/phases/town/tempo", "90 km/day", "tempo", "outside the published band"),
    ("contributions/0/sustained", "9/day", "sustained", "outside the published band"),
    ("numbers/readiness", {"low": "60 %", "high": "90 %"}, "numbers.readiness", "without source"),
    ("numbers/spare", 4, "numbers.spare", "used nowhere"),
    ("forces/extra", {"side": "own", "strength": 5}, "forces.extra", "takes part in nothing"),
    ("operations/north/phases/town/dependence", {}, "town.demand.jets", "nothing depends"),
    ("off", {"friction": "hindsight"}, "off.friction", "makes no use of it"),
    ("off", {"calendars": "hindsight"}, "off.calendars", "makes no use of it"),
    ("calendars", {"office": {"works": "mon-fri"}}, "calendars.office", "used nowhere"),
    (
        "calendars",
        {"office": {"closed": ["2020-03-01", "2021-03-01", "2021-03-02"]}},
        "calendars.office.closed[1]",
        "after the horizon and changes nothing, and so do 1 more",
    ),
    (
        "calendars",
        {"office": {"open": [["2020-07-28", "2020-07-29"]]}},
        "calendars.office.open[0]",
        "after the horizon",
    ),
    (
        "calendars",
        {"office": {"closed": ["2020-03-01"], "open": ["2020-03-01"]}},
        "calendars.office.open[0]",
        "2020-03-01 is closed as well",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2019-12-01", "strength": 100}],
        "arrivals[0].on",
        "before the start and is never there",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2020-01-05", "over": "5 days", "strength": 100}],
        "arrivals[0].on",
        "lies before the start",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2020-01-05", "over": "6 days", "strength": 100}],
        "arrivals[0].on",
        "part of it comes before the start",
    ),
    (
        "forces/us/arrivals",
        [{"on": ["2020-01-01", "2020-01-20"], "strength": 100}],
        "arrivals[0].on",
        "may come before the start",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2021-01-01", "strength": 100}],
        "arrivals[0].on",
        "lies after the horizon",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2020-07-28", "strength": 100}],
        "arrivals[0].on",
        "lies after the horizon",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2020-07-01", "over": "28 days", "strength": 100}],
        "arrivals[0].on",
        "part of it comes after the horizon",
    ),
    (
        "forces/us/arrivals",
        [{"on": "2020-07-01", "over": ["20 days", "40 days"], "strength": 100}],
        "arrivals[0].on",
        "may come after the horizon",
    ),
    (
        "contributions/1",
        {"nation": "B", "asset": "jets", "count": 1, "departs": "2020-01-10"},
        "contributions[1].departs",
        "it is never there",
    ),
]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("forces/us/arrivals", [{"on": "2020-01-10", "over": "200 days", "strength": 100}]),
        ("forces/us/arrivals", [{"on": "2020-07-27", "strength": 100}]),
        (
            "calendars",
            {"office": {"closed": [["2019-12-24", "2020-02-06"], "2020-07-27"], "open": ["2020-02-03"]}},
        ),
    ],
    ids=str,
)
def test_what_comes_in_time_is_not_warned_of(path: str, value: Any, tmp_path: Path) -> None:
    _, warnings = load_scenario(write(edit(path, value), tmp_path))
    assert not [w for w in warnings if "used nowhere" not in w.rule]


@pytest.mark.parametrize(("path", "value", "place", "words"), IMPLAUSIBLE, ids=[w[0] for w in IMPLAUSIBLE])
def test_the_implausible_is_warned_of(path: str, value: Any, place: str, words: str, tmp_path: Path) -> None:
    _, warnings = load_scenario(write(edit(path, value), tmp_path))
    assert any(
        place in str(w) and words.lower() in str(w).lower() and w.severity == "warning" for w in warnings
    ), warnings


SHARES = [
    ("gates", {"south": {"progress": "north", "at_least": 70}}, "gates.south.at_least", "write '70 %'"),
    ("gates", {"south": {"all": [{"progress": "north", "above": 7.5}, {"date": "2020-02-01"}]}}, "all[0].above", "write '7.5 %'"),
    ("gates", {"south": {"progress": "north", "at_least": "$garrison"}}, "gates.south.at_least", "reaches 300 to 500"),
    ("gates", {"south": {"progress": "north", "at_least": [0.5, 80]}}, "gates.south.at_least", "write '80 %'"),
    ("gates", {"south": {"progress": "north", "at_least": 7000}}, "gates.south.at_least", "from '0 %' to '100 %'"),
    ("gates", {"south": {"progress": "north", "at_least": "170 %"}}, "gates.south.at_least", "is beyond 100 %"),
    ("gates", {"south": {"progress": "north", "at_least": {"median": 70, "spread": 1.1}}}, "gates.south.at_least", "write '70 %'"),
    ("gates", {"south": {"progress": "north", "at_least": -0.5}}, "gates.south.at_least", "Write a number of at least 0"),
    ("holds", {"north.town": {"losses": "us", "above": 20}}, "holds.'north.town'.above", "write '20 %'"),
    ("stops", {"north.town": {"losses": "us", "at_least": 30}}, "stops.'north.town'.at_least", "write '30 %'"),
    ("stops", {"north.town": {"any": [{"losses": "them", "below": 5}]}}, "any[0].below", "write '5 %'"),
    (
        "relief", [{"action": "lend", "asset": "jets", "amount": "2/day", "count": 1, "when": {"progress": "north", "above": 40}}],
        "relief[0].when.above", "write '40 %'",
    ),
    (
        "relief", [{"action": "reserve", "asset": "jets", "amount": "2/day", "release": {"progress": "north", "above": 40}}],
        "relief[0].release.above", "write '40 %'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ({"median": 70, "spread": 1.1}, ["has no upper end", "For 70 per cent write '70 %' in the number, and give low and high"]),
        ({"median": "70 %", "spread": 1.1}, ["has no upper end", "Give low and high, or p10, p50, p90 with 'max: 100 %'"]),
        ("170 %", ["is 170 %", "at most 100 %"]),
        (["50 %", "170 %"], ["reaches 50 to 170 %", "at most 100 %"]),
        (70, ["is 70.", "write '70 %' in the number"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_named_number_that_is_no_share_says_why(number: Any, words: list[str], tmp_path: Path) -> None:
    (found,) = problems(edit("numbers/readiness", number), tmp_path)
    for part in words:
        assert part in found


@pytest.mark.parametrize(("key", "value", "place", "words"), SHARES, ids=[f"{s[0]} {s[2]}" for s in SHARES])
def test_a_share_without_its_per_cent_sign_is_refused(
    key: str, value: Any, place: str, words: str, tmp_path: Path
) -> None:
    """In a plan of the scenario and in a plan file alike."""
    found = problems(edit(f"plans/both/{key}", value), tmp_path)
    assert any(place in text and words in text for text in found), found
    scenario, _ = load_scenario(write(BASE, tmp_path))
    alone = {"format": "phaseline-plan/1", "name": "alone", key: value}
    with pytest.raises(InputError) as caught:
        load_plan(write(alone, tmp_path, "alone.yaml"), scenario)
    assert any(place in str(p) and words in str(p) for p in caught.value.problems)


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ({"progress": "north", "at_least": "$nope"}, "unknown number '$nope'"),
        ({"date": "$readiness"}, "a date is needed here"),
        ({"date": "2030-01-01"}, "can never come"),
    ],
)
def test_numbers_and_dates_of_a_plan_file_are_checked(gate: Any, words: str, tmp_path: Path) -> None:
    scenario, _ = load_scenario(write(BASE, tmp_path))
    alone = {"format": "phaseline-plan/1", "name": "alone", "gates": {"south": gate}}
    with pytest.raises(InputError) as caught:
        load_plan(write(alone, tmp_path, "alone.yaml"), scenario)
    assert words in str(caught.value)
    assert "alone.yaml:" in str(caught.value)


def test_a_strain_is_no_share(tmp_path: Path) -> None:
    gates = {"south": {"strain": "jets", "above": 1.5}}
    load_scenario(write(edit("plans/both/gates", gates), tmp_path))


@pytest.mark.parametrize(
    ("north", "south", "warned"),
    [
        ([50.4, 30.5], [36.2, 50.0], True),
        ([30.5, 50.4], [36.2, 50.0], False),
        ([-0.2, 5.6], [36.2, 50.0], False),
    ],
)
def test_swapped_coordinates_are_warned_of_where_other_places_tell(
    north: list[float], south: list[float], warned: bool, tmp_path: Path
) -> None:
    document = edit("operations/north/place", north)
    document["operations"]["south"]["place"] = south
    _, warnings = load_scenario(write(document, tmp_path))
    assert any("did you mean [30.5, 50.4]" in str(w) for w in warnings) == warned


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"numbers/h": ["100 days", "120 days"], "horizon": "$h"}, "must be a single value"),
        ({"horizon": "$nope"}, "unknown number '$nope'"),
        ({"horizon": "$readiness"}, "is a share, but a duration is needed here"),
        ({"numbers/g": "100 days", "numbers/h": "$g", "horizon": "$h"}, "cannot refer to another"),
        ({"horizon": "0 days"}, "must be between 1 and"),
        ({"overstretch": {"lasts": "$nope"}}, "unknown number '$nope'"),
        ({"claims/stretch/at_least": "$nope"}, "unknown number '$nope'"),
        ({"claims/stretch/event": {"finished": "north", "within": "$nope"}}, "unknown number '$nope'"),
        ({"contributions/1/arrives": "$readiness"}, "is a share, but a date is needed here"),
    ],
)
def test_what_rests_on_what_is_unknown_is_not_checked(
    change: dict[str, Any], told: str, tmp_path: Path
) -> None:
    """One fault, one message: dates and calendars could not be held against a horizon that nobody knows."""
    document = copy.deepcopy(BASE)
    document["calendars"] = {"spring": {"closed": [["2020-01-01", "2020-03-31"]]}}
    document["assets"]["crane"]["calendar"] = "spring"
    document["plans"]["both"]["gates"]["north"] = {"date": "2020-05-01"}
    for path, value in change.items():
        *above, last = path.split("/")
        place: Any = document
        for key in above:
            place = place[int(key) if key.isdigit() else key]
        place[int(last) if last.isdigit() else last] = value
    with pytest.raises(InputError) as caught:
        load_scenario(write(document, tmp_path))
    (only,) = [one for one in caught.value.problems if one.severity == "error"]
    assert told in str(only)


def test_dates_after_a_known_horizon_are_refused_as_before(tmp_path: Path) -> None:
    document = edit("plans/both/gates/north", {"date": "2021-05-01"})
    with pytest.raises(InputError, match="lies after the horizon"):
        load_scenario(write(document, tmp_path))


WAITS = "a task does not worsen while it waits"


def _two_fires(**more: Any) -> dict[str, Any]:
    """Two fires and one fleet, without a word on what waiting does."""
    document = copy.deepcopy(BASE)
    fight = {"kind": "task", "duration": "10 days", "demand": {"jets": "9/day"}, "dependence": {"jets": 1}}
    document["operations"] = {
        name: {"phases": {"fight": copy.deepcopy(fight | more)}} for name in ("north", "south")
    }
    document["forces"] = {}
    document["numbers"].pop("garrison")
    document["assets"].pop("crane")
    return document


def test_a_task_that_may_wait_is_warned_of_once(tmp_path: Path) -> None:
    _, warnings = load_scenario(write(_two_fires(), tmp_path))
    (text,) = [str(w) for w in warnings if WAITS in str(w)]
    assert "north.fight and south.fight may wait" in text
    assert "operations.north.phases.fight" in text


@pytest.mark.parametrize(
    "change",
    [
        {"stop_hazard": "0 %/day"},
        {"stop_hazard": "1 %/day"},
        {"demand": {}, "dependence": {}},
        {"dependence": {}},
    ],
    ids=[
        "it is said that waiting does no harm",
        "it may fail",
        "it needs nothing",
        "it does not depend on it",
    ],
)
def test_it_is_not_where_waiting_was_thought_of_or_cannot_be(change: dict[str, Any], tmp_path: Path) -> None:
    _, warnings = load_scenario(write(_two_fires(**change), tmp_path))
    assert not [w for w in warnings if WAITS in str(w)]


def test_it_is_not_where_nobody_else_wants_the_asset(tmp_path: Path) -> None:
    document = _two_fires()
    document["operations"]["south"]["phases"]["fight"] |= {"demand": {}, "dependence": {}}
    _, warnings = load_scenario(write(document, tmp_path))
    assert not [w for w in warnings if WAITS in str(w)]


def _one_fire(**more: Any) -> dict[str, Any]:
    """One fire, and ten sorties a day that are its own."""
    document = _two_fires()
    del document["operations"]["south"]
    document["assets"]["jets"] = {"unit": "sorties", "capacity": "10/day"}
    document.pop("contributions", None)
    document["plans"] = {"go": {"title": "Go"}}
    document.pop("claims")
    return document | more


def _fleet(*arrivals: str, **more: Any) -> dict[str, Any]:
    bring = [
        {
            "nation": "own",
            "asset": "jets",
            "count": 9,
            "sustained": "1/day",
            **more,
            **({"arrives": day} if day else {}),
        }
        for day in arrivals
    ]
    return _one_fire(assets={"jets": {"unit": "sorties"}}, contributions=bring)


def _one_crew(units: int) -> dict[str, Any]:
    document = _two_fires(demand={"crew": 1}, dependence={})
    document["assets"] = {"crew": {"sharing": "whole", "units": units}}
    document.pop("contributions", None)
    document["plans"] = {"go": {"title": "Go"}}
    document.pop("claims")
    return document


def _after_survey(document: dict[str, Any]) -> dict[str, Any]:
    """The fire begins twenty days in."""
    phases = document["operations"]["north"]["phases"]
    document["operations"]["north"]["phases"] = {"approach": {"kind": "task", "duration": "20 days"}} | phases
    return document


def _plans(**plan: Any) -> dict[str, Any]:
    return _one_fire(plans={"go": {"title": "Go"}, "late": {"title": "Late", **plan}})


WAITING: dict[str, tuple[dict[str, Any], str]] = {
    "a whole asset that another operation needs": (_one_crew(1), "for an asset,"),
    "its only asset arrives later": (_fleet("2020-02-01"), "for an asset that arrives later"),
    "all of them arrive later": (_fleet("2020-02-01", "2020-03-01"), "for an asset that arrives later"),
    "they arrive when the work before is done": (_after_survey(_fleet("2020-02-15")), "for an asset that arrives"),
    "a date gate": (_plans(gates={"north.fight": {"date": "2020-02-01"}}), "'late' opens it later or holds it"),
    "a gate of the operation": (_plans(gates={"north": {"date": "2020-02-01"}}), "'late' opens it later"),
    "a hold": (_plans(holds={"north": {"strain": "jets", "above": 1}}), "'late' opens it later or holds it"),
    "a reserve": (_plans(reserves={"jets": "7/day"}), "that the plan 'late' holds back"),
    "a relief that reserves": (
        _plans(relief=[{"action": "reserve", "asset": "jets", "amount": "7/day"}]), "that the plan 'late' holds back"
    ),
}  # fmt: skip
NOT_WAITING = {
    "nothing keeps it": _one_fire(),
    "units for all": _one_crew(2),
    "some are there": _fleet("", "2020-02-01"),
    "they are there before the work is": _after_survey(_fleet("2020-01-15")),
    "a gate that is open by then": _plans(gates={"north.fight": {"date": "2020-01-01"}}),
    "a reserve of what is not needed": _plans(reserves={"jets": "1/day"}),
    "a gate of what needs no asset": _plans(gates={"north": {"date": "2020-02-01"}})
    | {"operations": {"north": {"phases": {"fight": {"kind": "task", "duration": "10 days"}}}}},
}


@pytest.mark.parametrize(("document", "why"), WAITING.values(), ids=list(WAITING))
def test_whatever_keeps_a_task_waiting_is_warned_of(
    document: dict[str, Any], why: str, tmp_path: Path
) -> None:
    _, warnings = load_scenario(write(document, tmp_path))
    (text,) = [str(w) for w in warnings if WAITS in str(w)]
    assert why in text
    assert ("served last" in text) == (why == "for an asset,")


@pytest.mark.parametrize("document", NOT_WAITING.values(), ids=list(NOT_WAITING))
def test_what_cannot_wait_is_not(document: dict[str, Any], tmp_path: Path) -> None:
    _, warnings = load_scenario(write(document, tmp_path))
    assert not [w for w in warnings if WAITS in str(w)]


def test_a_plan_in_its_own_file_is_checked_against_the_scenario(tmp_path: Path) -> None:
    scenario, _ = load_scenario(write(BASE, tmp_path))
    good = {"format": "phaseline-plan/1", "name": "late", "gates": {"south": {"after": "north"}}}
    name, plan = load_plan(write(good, tmp_path, "late.yaml"), scenario)
    assert name == "late"
    assert plan.gates["south"].after == "north"
    with pytest.raises(InputError, match="id you mean 'south'"):
        load_plan(write(good | {"gates": {"sout": {"after": "north"}}}, tmp_path, "late.yaml"), scenario)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_files_are_refused_or_run_but_never_crash(data: st.DataObject, tmp_path: Path) -> None:
    text = write(BASE, tmp_path).read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        kind = data.draw(st.sampled_from(["delete", "insert", "copy"]))
        if kind == "delete":
            text = text[:at] + text[at + data.draw(st.integers(1, 30)) :]
        elif kind == "insert":
            text = text[:at] + data.draw(st.sampled_from(["\t", "{", "]", "&a ", "*a", "!!python/object:os.system ", "-", ": ", "'", "\n", "9", "\0", "é"])) + text[at:]  # fmt: skip
        else:
            text = text[:at] + text[max(0, at - 40) : at] + text[at:]
        if not text:
            break
    path = tmp_path / "mutated.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_scenario(path)
    except InputError as error:
        assert error.problems
        assert all(p.rule for p in error.problems)


@pytest.mark.parametrize("number", [0.5, {"value": 0.5}, {"value": 12.5}])
def test_a_named_number_is_no_part_of_a_person_either(number: Any, tmp_path: Path) -> None:
    document = edit("forces/us/strength", "$few")
    document["numbers"]["few"] = number
    found = problems(document, tmp_path)
    assert len(found) == 1 and "forces.us.strength" in found[0] and "person" in found[0]
