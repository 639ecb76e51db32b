"""Who says so: a number's own source, its block's, or nobody; and how numbers read."""

from __future__ import annotations

from typing import Any

import pytest

from phaseline.scenario.provenance import basis_of, counts, listing, provenance
from phaseline.scenario.quantity import read_quantity
from phaseline.scenario.readable import quantity_text, value_text
from phaseline.scenario.schema import Scenario
from phaseline.scenario.units import Dimension


def _scenario(**parts: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "format": "phaseline/1",
            "title": "provenance",
            "as_of": "2020-01-10",
            "horizon": "100 days",
            "sources": {"press": {"title": "Press", "known_on": "2020-01-01"}},
            "numbers": {
                "fleet": {"label": "trucks", "low": 4, "high": 8, "source": "press", "adverse": "low"}
            },
            "assets": {
                "lift": {
                    "unit": "loads",
                    "assumed": "said the dispatcher",
                    "capacity": "$fleet",
                    "weather": "70 %",
                    "elsewhere": {"demand": "3/day", "essential": {"value": "50 %", "source": "press"}},
                }
            },
            "operations": {
                "coast": {
                    "phases": {"move": {"kind": "task", "duration": "9 days", "demand": {"lift": "4/day"}}}
                }
            },
            "plans": {"go": {"gates": {"coast.move": {"date": "2020-01-12"}}}},
        }
        | parts
    )


def test_a_number_takes_its_own_source_then_the_nearest_blocks() -> None:
    found = {entry.path: entry for entry in provenance(_scenario())}
    fleet = found[("numbers", "fleet")]
    assert (fleet.source, fleet.inherited, fleet.used_in) == (
        "press",
        False,
        (("assets", "lift", "capacity"),),
    )
    assert ("assets", "lift", "capacity") not in found  # a reference is the named number
    weather = found[("assets", "lift", "weather")]
    assert (weather.source, weather.assumed, weather.inherited) == (None, "said the dispatcher", True)
    assert found[("assets", "lift", "elsewhere", "demand")].assumed == "said the dispatcher"
    essential = found[("assets", "lift", "elsewhere", "essential")]
    assert (essential.source, essential.inherited) == ("press", False)
    assert found[("operations", "coast", "phases", "move", "duration")].basis == "neither"


def test_a_nearer_block_comes_before_a_farther_one() -> None:
    operations = {
        "coast": {
            "assumed": "far",
            "phases": {"move": {"kind": "task", "source": "press", "duration": "9 days"}},
        }
    }
    (entry,) = [
        e for e in provenance(_scenario(operations=operations, assets={})) if e.path[0] == "operations"
    ]
    assert (entry.source, entry.assumed) == ("press", None)


def test_decisions_and_definitions_are_not_listed() -> None:
    assert {entry.path[0] for entry in provenance(_scenario())} == {"numbers", "assets", "operations"}


def test_the_listing_tells_value_source_and_use() -> None:
    rows = {row["path"]: row for row in listing(_scenario())}
    fleet = rows["numbers.fleet"]
    assert fleet["value"] == "6 (4.4–7.6)"
    assert fleet["source"] == {"id": "press", "title": "Press", "known_on": "2020-01-01", "url": None}
    assert fleet["used_in"] == ["assets.lift.capacity"]
    assert (fleet["label"], fleet["adverse"], fleet["kind"]) == ("trucks", "low", "ignorance")
    assert rows["assets.lift.elsewhere.demand"]["value"] == "3 loads/day"
    assert rows["operations.coast.phases.move.demand.lift.base"]["value"] == "4 loads/day"
    assert rows["assets.lift.weather"]["assumed"] == "said the dispatcher"


@pytest.mark.parametrize(
    ("raw", "dimension", "text"),
    [
        ("70 %", "share", "70 %"),
        ("0.5 %/day", "share_rate", "0.5 %/day"),
        ("USD 36 M/month", "money_rate", "36 M USD/month"),
        ("20/day", "rate", "20 x/day"),
        ("2/year", "rate", "2 x/year"),
        ("0/day", "rate", "0 x/day"),
        ("1/day per 100 fighters", "per_person_rate", "1 x/day per 100 persons"),
        ("1 day", "duration", "1 day"),
        ("12 days", "duration", "12 days"),
        ("13750", "count", "13,750 x"),
        ("2016-11-15", "date", "2016-11-15"),
        (["2016-11-05", "2016-11-25"], "date", "2016-11-07 to 2016-11-23"),
        (
            {"value": "4 days", "range": ["4 days", "5 days"]},
            "duration",
            "4 days (plausible 4 days to 5 days)",
        ),
        ({"median": "1 km/day", "spread": 3}, "speed", "1 (0.333–3) km/day"),
        ({"samples": ["3 km", "4 km", "9 km"]}, "length", "4 km (of 3 observed)"),
        (["1200 people", "3456 people"], "persons", "2,330 (1,430–3,230) persons"),
    ],
)
def test_numbers_read_as_people_write_them(raw: Any, dimension: Dimension, text: str) -> None:
    assert quantity_text(read_quantity(raw, dimension), "x") == text


def test_what_never_comes_is_said_so() -> None:
    assert value_text(float("inf"), "date") == "never"
    assert value_text(float("inf"), "number") == "inf"


def test_every_number_rests_on_one_of_three_and_they_add_up() -> None:
    assert [basis_of("press", "why"), basis_of(None, "why"), basis_of(None, ""), basis_of(None, None)] == [
        "sourced", "assumed", "neither", "neither",
    ]  # fmt: skip
    entries = provenance(_scenario())
    told = counts(entry.basis for entry in entries)
    assert told == {"sourced": 2, "assumed": 2, "neither": 2}
    assert sum(told.values()) == len(entries) == len(listing(_scenario()))
    assert counts([]) == {"sourced": 0, "assumed": 0, "neither": 0}
