"""A small scenario whose answers are known by algebra: one asset, demand against capacity, and a task that waits for it."""

from __future__ import annotations

from typing import Any

from phaseline.scenario.references import check_references
from phaseline.scenario.schema import Scenario


def strained(**parts: Any) -> Scenario:
    """Strain of the lift is 10 a day over a capacity anywhere between 8 and 16: above 1 with chance a quarter.

    The task takes 20 days at full support; short of lift it takes longer. `days` only moves when the second task may begin.
    """
    document: dict[str, Any] = {
        "format": "phaseline/1",
        "title": "A lift and two tasks",
        "as_of": "2020-01-01",
        "horizon": "120 days",
        "sources": {"press": {"title": "Press", "known_on": "2019-12-01"}},
        "numbers": {
            "lift": {"label": "capacity of the lift", "low": "8/day", "high": "16/day", "source": "press", "adverse": "low"},
            "days": {"label": "days of the road", "low": "10 days", "high": "30 days", "source": "press", "adverse": "high"},
            "idle": {"label": "a number that does nothing", "low": 0, "high": 1, "assumed": "none", "adverse": "high"},
        },
        "assets": {"lift": {"label": "lift", "capacity": "$lift", "elsewhere": {"demand": "0/day", "cost": "$idle"}}},
        "operations": {
            "move": {"label": "Move", "phases": {
                "load": {"kind": "task", "duration": "20 days", "demand": {"lift": "10/day"}, "dependence": {"lift": 1.0}},
            }},
            "road": {"label": "Road", "phases": {"build": {"kind": "task", "duration": "$days"}}},
        },
        "claims": {
            "short": {"statement": "The lift is short.", "speaker": "x", "plan": "together",
                      "event": {"strain": "lift"}, "at_least": 0.5},
            "wait": {"statement": "Waiting takes longer.", "speaker": "x",
                     "event": {"difference": "end.move", "between": ["in_turn", "together"], "above": 1}, "at_least": 0.5},
        },
        "plans": {
            "together": {"title": "Together"},
            "in_turn": {"title": "In turn", "gates": {"move.load": {"after": "road"}}},
        },
    }  # fmt: skip
    scenario = Scenario.model_validate(document | parts)
    assert not [finding for finding in check_references(scenario) if finding.severity == "error"]
    return scenario
