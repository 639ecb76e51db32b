from __future__ import annotations

import json

import pytest

from outcomes import made
from phaseline.outcomes.stored_scenario import from_plain, to_plain

RICH = {
    **made.CAMPAIGN,
    "start": "2020-03-02",
    "numbers": {
        "garrison": {"low": 3000, "mode": 4500, "high": 6000, "unit": "fighters", "assumed": "a guess", "lean": "high"},
        "pace": {"p10": "0.5 km/day", "p50": "1 km/day", "p90": "3 km/day", "min": 0, "kind": "chance"},
        "days": {"samples": ["37 days", "63 days"]},
        "spread": {"median": 10, "spread": 2},
        "wait": {"mean": "5 days", "family": "exponential"},
        "cut": {"mean": 5, "sd": 3, "family": "normal", "min": 0},
        "long": {"mean": "5 days", "sd": "9 days"},
        "part": {"mean": "60 %", "sd": "10 %"},
        "work": {"low": 1, "mode": 2, "high": 9, "family": "pert", "shape": 3},
        "two": {"p5": 1, "p95": 9},
        "three": {"p5": 1, "p50": 3, "p75": 5, "min": 0, "max": 20},
    },
    "correlations": [{"numbers": ["garrison", "pace"], "rank": 0.4}],
    "calendars": {"office": {"works": "mon-fri", "closed": ["2020-04-10", ["2020-04-12", "2020-04-13"]], "source": "x"}},
    "people": {"flee": 0.5, "displaced": {"north": [500, 900]}},
    "forces": {
        "army": {"side": "own", "strength": [18000, 22000], "arrivals": [{"on": "2020-04-01", "strength": 500}]},
        "militia": {"side": "adversary", "strength": "$garrison", "breaks_at": "60 %"},
    },
    "adversary": {"moves": [{"from": "militia", "to": "militia", "rate": "1/day"}]},
    "claims": {
        "stretch": {
            "statement": "It would stretch.", "speaker": "an official", "at_least": 0.5,
            "event": {"strain": "jets", "above": 1, "for": "7 days", "never": True},
        }
    },
    "plans": {
        "both": {
            "gates": {"south.town": {"any": [{"progress": "north", "at_least": 0.7}, {"date": "2020-06-01"}]}},
            "tiers": [["north"], ["south.town"]],
            "relief": [{"action": "lend", "asset": "jets", "amount": "5/day"}],
        }
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "data", [made.CAMPAIGN, made.PROJECT, made.DUEL, RICH], ids=["campaign", "project", "duel", "rich"]
)
def test_round_trip(data: dict) -> None:
    scenario = made.scenario_of(data)
    plain = json.loads(json.dumps(to_plain(scenario), allow_nan=False))
    found = from_plain(plain)
    assert found == scenario
    assert to_plain(found) == plain


@pytest.mark.parametrize(
    "change",
    [
        {"horizon": {"$quantity": {}}},
        {"horizon": {"$quantity": {"dimension": "duration", "dist": {"$distribution": "open", "file": "x"}}}},
        {"horizon": {"$quantity": {"dimension": "duration", "dist": {"$distribution": "Fixed", "worth": 1}}}},
        {"operations": {}},
    ],
)
def test_something_else(change: dict) -> None:
    plain = to_plain(made.scenario_of(made.DUEL)) | change
    with pytest.raises(ValueError):
        from_plain(plain)
