"""What is said to be certain never varies, whatever is drawn; and what is certain is found so."""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import pytest

from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.scenario.certainty import certain_columns, is_certain
from phaseline.scenario.check import load_scenario
from phaseline.scenario.records import columns
from phaseline.scenario.references import check_references
from phaseline.scenario.schema import Scenario
from random_scenarios import random_scenario

HISTORIES, PER_WORLD = 16, 2

TWO_YARDS: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "two yards that share nothing",
    "as_of": "2020-01-01",
    "horizon": "60 days",
    "assets": {
        "east_crew": {"sharing": "whole", "units": 1},
        "west_crew": {"sharing": "whole", "units": 1},
        "lorries": {"unit": "loads", "capacity": "10/day"},
    },
    "operations": {
        "east": {
            "phases": {
                "dig": {"kind": "task", "duration": "5 days", "demand": {"east_crew": 1}},
                "build": {"kind": "task", "duration": "8 days", "demand": {"east_crew": 1}},
            }
        },
        "west": {
            "phases": {
                "dig": {
                    "kind": "task", "duration": {"low": "3 days", "high": "9 days", "kind": "chance"},
                    "demand": {"west_crew": 1},
                },
                "build": {"kind": "task", "duration": "8 days", "demand": {"west_crew": 1}},
            }
        },
    },
    "plans": {"plan": {"gates": {"west": {"date": "2020-01-04"}}}},
}  # fmt: skip


def _scenario(document: dict[str, Any]) -> Scenario:
    scenario = Scenario.model_validate(document)
    assert [finding for finding in check_references(scenario) if finding.severity == "error"] == []
    return scenario


def _varying(scenario: Scenario) -> set[str]:
    """Columns that are not the same in all of a few histories."""
    model = compile_scenario(scenario)
    plan = compile_plan(model, "plan", scenario.plans["plan"])
    table = simulate(
        model, plan, seed=5, first=0, count=HISTORIES, per_world=PER_WORLD, series=False
    ).outcomes
    same = [np.array_equal(column, np.full(HISTORIES, column[0]), equal_nan=True) for column in table.T]
    return {column.name for column, alike in zip(columns(scenario), same, strict=True) if not alike}


def _certain(scenario: Scenario) -> frozenset[str]:
    return certain_columns(scenario, scenario.plans["plan"])


def _with_one_draw(seed: int) -> dict[str, Any]:
    """A scenario of which one number, or one mechanism, is drawn; its operations share less than they might."""
    r = random.Random(f"one draw/{seed}")
    document = random_scenario(seed, certain=True)
    for operation in document["operations"].values():
        if r.random() < 0.5:
            for phase in operation["phases"].values():
                for part in ("demand", "dependence", "minimum_coverage", "advisers"):
                    phase.pop(part, None)
    plan = document["plans"]["plan"]
    if r.random() < 0.5:
        document["plans"]["plan"] = plan = {"gates": plan.get("gates", {})}
    operation = r.choice(list(document["operations"].values()))
    phase = r.choice(list(operation["phases"].values()))
    asset, force = (document[kind][r.choice(list(document[kind]))] for kind in ("assets", "forces"))
    drawn_date = {"low": "2020-01-02", "high": "2020-01-20"}
    draws = {
        "task": lambda: phase.update(duration=["2 days", "9 days"]) if phase["kind"] == "task" else None,
        "phase": lambda: phase.update(support_exponent=[0.2, 1.5]),
        "hazard": lambda: phase.update(stop_hazard="4 %/day"),
        "force": lambda: force.update(strength=[100, 500]),
        "asset": lambda: asset.update({"units": [2, 5]} if "units" in asset else {"transfer": ["0 days", "6 days"]}),
        "nation": lambda: r.choice(document["contributions"]).update(mission_capable=[0.3, 0.9]),
        "weather": lambda: document.update(weather={"bad_share": 0.4, "tempo": r.choice([0.5, 1.0])}),
        "friction": lambda: document.update(friction={"spread": 1.6}),
        "suspension": lambda: operation.update(suspension={"onset": "1 %/day", "lasts": "5 days"}),
        "momentum": lambda: document.update(momentum={"spread": 1.6}),
        "chain": lambda: document.update(attrition={"kind": "chain"}),
        "abroad": lambda: document.update(attacks_abroad={"inspired": {"rate": "9/month"}}),
        "overstretch": lambda: document["overstretch"].update(above=[0.5, 1.5]),
        "revenue": lambda: document["adversary"].update(revenue=["USD 1 M/month", "USD 9 M/month"]),
        "gate": lambda: plan.setdefault("gates", {}).update({next(iter(document["operations"])): {"date": drawn_date}}),
    }  # fmt: skip
    draws[r.choice(list(draws))]()
    return document


@pytest.mark.parametrize("batch", range(4))
def test_what_is_certain_never_varies_whatever_is_drawn(batch: int) -> None:
    partly = 0
    for seed in range(batch * 40, (batch + 1) * 40):
        scenario = _scenario(_with_one_draw(seed))
        certain, varying = _certain(scenario), _varying(scenario)
        assert not certain & varying, seed
        partly += bool(certain) and bool(varying)
    assert partly >= 10  # else the test above would say little


def test_what_is_certain_never_varies_with_everything_drawn() -> None:
    for seed in range(2000, 2030):
        scenario = _scenario(random_scenario(seed, certain=False))
        assert not _certain(scenario) & _varying(scenario), seed


def test_a_scenario_without_a_draw_is_certain_throughout() -> None:
    for seed in range(1000, 1040):
        scenario = _scenario(random_scenario(seed, certain=True))
        assert is_certain(scenario, scenario.plans["plan"]), seed


def test_the_example_project_is_certain_and_the_wildfires_are_not() -> None:
    project, _ = load_scenario("examples/project.yaml")
    fires, _ = load_scenario("examples/wildfires.yaml")
    assert all(is_certain(project, plan) for plan in project.plans.values())
    assert not any(is_certain(fires, plan) for plan in fires.plans.values())


def test_only_what_a_draw_can_reach_may_vary() -> None:
    certain = _certain(_scenario(TWO_YARDS))
    assert {"end.east", "status.east", "binds.east_crew", "flown.lorries", "harm"} - certain == {"harm"}
    assert {"start.west", "start.west.dig"} <= certain  # a date opens it, and nobody else wants its crew
    assert certain.isdisjoint({"end.west", "start.west.build", "end", "first_binding", "binds.west_crew"})


def test_a_gate_a_shared_asset_and_a_drawn_gate_let_the_draw_through() -> None:
    gated = copy.deepcopy(TWO_YARDS)
    gated["plans"]["plan"] = {"gates": {"east": {"after": "west"}}}
    assert not {"start.east", "end.east", "binds.east_crew"} & _certain(_scenario(gated))
    shared = copy.deepcopy(TWO_YARDS)
    shared["operations"]["east"]["phases"]["build"]["demand"] = {"west_crew": 1}
    certain = _certain(_scenario(shared))
    assert "end.east" not in certain
    # what is drawn in the west comes after its start, and nothing is drawn in the east
    assert {"start.east", "start.west"} <= certain
    shared["operations"]["east"]["phases"]["dig"]["duration"] = ["1 day", "9 days"]
    certain = _certain(_scenario(shared))
    assert "start.east" in certain
    assert "start.west" not in certain  # now the east may hold its crew on that day
    drawn = copy.deepcopy(TWO_YARDS)
    drawn["plans"]["plan"]["gates"]["east"] = {"date": {"low": "2020-01-02", "high": "2020-01-09"}}
    assert "start.east" not in _certain(_scenario(drawn))


def test_progress_of_an_operation_counts_phases_that_have_not_begun() -> None:
    document = copy.deepcopy(TWO_YARDS)
    document["operations"]["west"]["phases"]["dig"]["duration"] = "6 days"
    last = document["operations"]["west"]["phases"]["build"]
    last |= {"duration": ["4 days", "30 days"], "after": ["dig", "east.build"]}
    assert "start.east.build" in _certain(_scenario(document))
    document["plans"]["plan"]["holds"] = {"east.dig": {"progress": "west", "at_least": 0.3}}
    assert "start.east.build" not in _certain(_scenario(document))


def test_a_mechanism_that_is_switched_off_draws_nothing() -> None:
    document = copy.deepcopy(TWO_YARDS)
    document["operations"]["west"]["phases"]["dig"]["duration"] = "4 days"
    document["attacks_abroad"] = {"inspired": {"rate": "1/month"}}
    assert not is_certain(_scenario(document), _scenario(document).plans["plan"])
    document["off"] = {"inspired_attacks": "too few to count"}
    assert is_certain(_scenario(document), _scenario(document).plans["plan"])


def test_a_range_of_no_width_is_a_single_value() -> None:
    document = copy.deepcopy(TWO_YARDS)
    document["numbers"] = {"lasts": {"samples": [4, 4], "unit": "days", "assumed": "twice the same"}}
    document["operations"]["west"]["phases"]["dig"]["duration"] = "$lasts"
    assert is_certain(_scenario(document), _scenario(document).plans["plan"])
    document["numbers"]["lasts"]["samples"] = [4, 5]
    assert not is_certain(_scenario(document), _scenario(document).plans["plan"])
