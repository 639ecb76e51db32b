"""A small campaign for tests of learning: two operations share an airlift; its unknowns can be told from reports."""

from __future__ import annotations

import datetime as dt

from phaseline.scenario.reports import Report
from phaseline.scenario.schema import Scenario

START = dt.date(2026, 1, 1)

SMALL = {
    "format": "phaseline/1",
    "title": "A small campaign",
    "as_of": "2026-01-01",
    "horizon": "200 days",
    "numbers": {
        "pace": {"low": "20 days", "high": "80 days", "scale": "log", "assumed": "wide"},
        "fleet": {"low": 5, "high": 15, "assumed": "wide"},
        "share": {"low": "20 %", "high": "90 %", "assumed": "wide"},
    },
    "assets": {"airlift": {"unit": "sorties"}},
    "contributions": [
        {"nation": "own", "asset": "airlift", "count": "$fleet", "mission_capable": 1.0, "sustained": "1/day"}
    ],
    "operations": {
        "coast": {
            "phases": {
                "supply": {
                    "kind": "task",
                    "duration": "$pace",
                    "demand": {"airlift": "10/day"},
                    "dependence": {"airlift": "$share"},
                },
                "hand_over": {
                    "kind": "task",
                    "duration": {"low": "5 days", "high": "15 days", "kind": "chance", "assumed": "wide"},
                },
            }
        },
        "valley": {
            "phases": {"supply": {"kind": "task", "duration": "30 days", "demand": {"airlift": "8/day"}}}
        },
    },
    "plans": {
        "together": {"title": "Both at once"},
        "in_turn": {"title": "One after the other", "gates": {"valley.supply": {"after": "coast"}}},
    },
}


def small() -> Scenario:
    """The campaign, checked."""
    return Scenario.model_validate(SMALL)


def report(
    day: int,
    value: float,
    about: str = "coast.supply",
    quantity: str = "progress",
    speaker: str = "press",
    line: int = 0,
) -> Report:
    """A report about a day after the start, published on it."""
    date = START + dt.timedelta(days=day)
    return Report(line or day, date, date, about, quantity, value, value, None, speaker, "made up")
