"""A gate that no history opens is named, where a run is shown and stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phaseline
from learning.campaigns import SMALL
from phaseline.outcomes.unopened import unopened_gates
from phaseline.reporting.terminal import render
from phaseline.scenario.readable import condition_text
from phaseline.scenario.records import columns
from phaseline.scenario.schema import Condition, Plan, Scenario

WAITING, DONE, FAILED = 0.0, 2.0, 3.0


def _scenario(**gates: Any) -> Scenario:
    plans = {
        "late": {"title": "Late", "gates": {ref.replace("__", "."): gate for ref, gate in gates.items()}}
    }
    return Scenario.model_validate({**SMALL, "plans": plans})


def _said(scenario: Scenario, **status: list[float]) -> list[str]:
    """What is said of a table in which phases end so in each history; the others are done."""
    names = [column.name for column in columns(scenario)]
    table = np.full((len(next(iter(status.values()))), len(names)), DONE)
    for phase, codes in status.items():
        table[:, names.index(f"status.{phase.replace('__', '.')}")] = codes
    return unopened_gates(scenario, scenario.plans["late"], "Late", table)


GATE = {"progress": "coast", "at_least": "99 %"}


def test_a_gate_that_never_opens_is_named_with_what_it_asks_for() -> None:
    assert _said(_scenario(valley__supply=GATE), valley__supply=[WAITING, WAITING]) == [
        "No history opened valley.supply under 'Late': its gate asks for progress of coast >= 99 %."
    ]


def test_a_gate_that_opens_once_is_not() -> None:
    assert _said(_scenario(valley=GATE), valley__supply=[WAITING, 1.0]) == []


def test_a_gate_of_an_operation_is_that_of_its_first_phase() -> None:
    (text,) = _said(_scenario(valley=GATE), valley__supply=[WAITING])
    assert text.startswith("No history opened valley.supply")


def test_a_phase_that_never_came_so_far_is_not_the_fault_of_its_gate() -> None:
    scenario = _scenario(coast__hand_over={"date": "2026-12-01"})
    assert _said(scenario, coast__supply=[FAILED, 1.0], coast__hand_over=[WAITING, WAITING]) == []
    (text,) = _said(scenario, coast__supply=[FAILED, DONE], coast__hand_over=[WAITING, WAITING])
    assert "although what it waits for was done in 50 % of them: its gate asks for date >= 2026-12-01" in text


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"date": "2026-02-01"}, "date >= 2026-02-01"),
        ({"after": "coast"}, "the end of coast"),
        ({"after": "coast", "delay": "10 days"}, "the end of coast 10 days before"),
        ({"progress": "coast", "above": "$share"}, "progress of coast > 55 (27–83) %"),
        ({"strain": "airlift", "below": 1.5, "for": "3 days"}, "strain of airlift < 1.5 for 3 days on end"),
        (
            {
                "any": [
                    {"after": "coast"},
                    {"all": [{"date": "2026-02-01"}, {"progress": "coast", "at_least": 0.5}]},
                ]
            },
            "the end of coast or (date >= 2026-02-01 and progress of coast >= 50 %)",
        ),
    ],
)
def test_conditions_in_words(condition: dict[str, Any], text: str) -> None:
    assert condition_text(Condition.model_validate(condition), _scenario()) == text


def test_a_run_says_it_on_screen_in_its_files_and_in_its_report(tmp_path: Path) -> None:
    """Of a plan that the scenario does not hold, as a plan file brings it."""
    scenario = Scenario.model_validate(SMALL)
    plan = Plan.model_validate({"title": "Never", "gates": {"valley": {"date": "2026-12-01"}}})
    folder = tmp_path / "out"
    outcomes = phaseline.run(scenario, {"never": plan}, 8, store=tmp_path / "store", out=folder)
    text = "No history opened valley.supply under 'Never': its gate asks for date >= 2026-12-01."
    assert text in " ".join((render(outcomes) or "").split())
    assert json.loads((folder / "summary.json").read_text())["warnings"] == [text]
    assert "No history opened valley.supply" in phaseline.report(folder).read_text()
