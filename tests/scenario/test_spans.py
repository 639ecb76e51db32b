"""Bounds hold in every history, sums give the difference of every history, and what is said to be the same is so."""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import pytest

from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.scenario.certainty import certain_columns, lucky_columns, same_columns, unknown_numbers
from phaseline.scenario.records import columns
from phaseline.scenario.references import check_references
from phaseline.scenario.schema import Scenario
from phaseline.scenario.spans import Spans
from random_scenarios import random_scenario

HISTORIES, PER_WORLD = 16, 2


def _scenario(document: dict[str, Any]) -> Scenario:
    scenario = Scenario.model_validate(document)
    assert [finding for finding in check_references(scenario) if finding.severity == "error"] == []
    return scenario


def _tables(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Each column of each plan, over the same histories."""
    model = compile_scenario(scenario)
    names = [column.name for column in columns(scenario)]
    found = {}
    for name, plan in scenario.plans.items():
        compiled = compile_plan(model, name, plan)
        table = simulate(
            model, compiled, seed=3, first=0, count=HISTORIES, per_world=PER_WORLD, series=False
        ).outcomes
        found[name] = dict(zip(names, table.T, strict=True))
    return found


def _tasks(seed: int) -> dict[str, Any]:
    """A network of tasks, some of which want scarce lorries, under two plans that differ in some gates."""
    r = random.Random(f"tasks/{seed}")

    def duration() -> Any:
        days = r.randint(0, 9)
        spread = {
            "low": f"{days} days",
            "high": f"{days + r.randint(1, 12)} days",
            "kind": r.choice(["chance", "ignorance"]),
        }
        return r.choice([f"{days + r.choice([0, 0.5])} days", spread, spread])

    def gate(others: list[str]) -> dict[str, Any]:
        after = (
            {"after": r.choice(others), "delay": f"{r.choice([0, 0, 3])} days"}
            if others
            else {"date": "2020-01-05"}
        )
        date = {"date": f"2020-01-{r.randint(1, 20):02}"}
        return r.choice([date, date, after, after, {"all": [date, after]}, {"any": [date, after]}])

    operations: dict[str, Any] = {}
    for o in range(r.randint(2, 4)):
        phases: dict[str, Any] = {}
        for p in range(r.randint(1, 4)):
            phase: dict[str, Any] = {"kind": "task", "duration": duration()}
            before = [f"o{i}.{name}" for i in range(o) for name in operations[f"o{i}"]["phases"]]
            if before and r.random() < 0.4:
                phase["after"] = r.sample(before, 1) + list(phases)[-1:]
            if r.random() < 0.15:
                phase |= {"demand": {"lorries": "9/day"}, "dependence": {"lorries": 0.8}}
            if r.random() < 0.08:
                phase["stop_hazard"] = "2 %/day"
            phases[f"p{p}"] = phase
        operations[f"o{o}"] = {"phases": phases}

    def gates() -> dict[str, Any]:
        return {
            name: gate([f"o{i}" for i in range(o)]) for o, name in enumerate(operations) if r.random() < 0.5
        }  # fmt: skip

    return {
        "format": "phaseline/1", "title": "tasks", "as_of": "2020-01-01", "horizon": f"{r.choice([25, 90])} days",
        "assets": {"lorries": {"unit": "loads", "capacity": "10/day"}}, "operations": operations,
        "plans": {"one": {"gates": (first := gates())}, "two": {"gates": {**first, **gates()}}},
    }  # fmt: skip


def _in_bounds(scenario: Scenario, tables: dict[str, dict[str, Any]]) -> int:
    """How many bounds say more than nothing; all of them hold."""
    found = 0
    for name, plan in scenario.plans.items():
        spans = Spans(scenario, plan)
        for column, values in tables[name].items():
            bounds = spans.bounds(column)
            if bounds is None:
                continue
            times = np.where(np.isnan(values), np.inf, values)
            assert (bounds[0] <= times).all() and (times <= bounds[1]).all(), (name, column, bounds, values)
            found += bounds[0] == bounds[1] or np.isfinite(bounds[1])
    return found


@pytest.mark.parametrize("batch", range(3))
def test_bounds_changes_and_sameness_hold_in_networks_of_tasks(batch: int) -> None:
    known = moved = same = bounded = 0
    for seed in range(batch * 40, (batch + 1) * 40):
        scenario = _scenario(_tasks(seed))
        tables = _tables(scenario)
        bounded += _in_bounds(scenario, tables)
        one, two = (Spans(scenario, scenario.plans[plan]) for plan in ("one", "two"))
        alike = same_columns(scenario, scenario.plans["one"], scenario.plans["two"])
        for column, values in tables["two"].items():
            before = tables["one"][column]
            change = two.shift(one, column)
            if change is not None:
                assert (values - before == change).all(), (seed, column)
                known, moved = known + 1, moved + (change != 0 and np.ptp(values) > 0)
            if column in alike:
                assert np.array_equal(values, before, equal_nan=True), (seed, column)
                same += np.ptp(np.nan_to_num(values)) > 0
    assert bounded > 500 and known > 200 and moved > 20 and same > 50  # else the test would say little


def test_bounds_hold_in_fights(batch: int = 60) -> None:
    found = 0
    for seed in range(batch):
        scenario = _scenario(random_scenario(seed, certain=seed % 2 == 0))
        found += _in_bounds(scenario, _tables(scenario))
    assert found > 20


def _another(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """The scenario with a second plan that takes one decision otherwise."""
    r = random.Random(f"another/{seed}")
    document = copy.deepcopy(document)
    plan = copy.deepcopy(document["plans"]["plan"])
    operations = list(document["operations"])
    name = r.choice(operations)
    phases = [
        f"{name}.{phase}"
        for phase, told in document["operations"][name]["phases"].items()
        if told["kind"] == "contested"
    ]
    asset = next(iter(plan.get("reserves", {})), next(iter(document["assets"])))
    again = {"then": "retry", "refit": "9 days", "tries": 2}
    changes = {
        "gate": lambda: plan.setdefault("gates", {}).update({name: {"date": "2020-01-11"}}),
        "tiers": lambda: plan.update(tiers=[[name]]),
        "priority": lambda: plan.update(priority=[name]),
        "reserve": lambda: plan.update(reserves={asset: "1/day"}),
        "relief": lambda: plan.update(relief=[]),
        "failure": lambda: plan.update(failures=dict.fromkeys(phases[:1], again)),
        "stop": lambda: plan.update(stops={phase: {"date": "2020-01-21"} for phase in phases[:1]}),
    }  # fmt: skip
    changes[r.choice(list(changes))]()
    for operation in document["operations"].values():
        if r.random() < 0.6:
            for phase in operation["phases"].values():
                for part in ("demand", "dependence", "minimum_coverage", "advisers"):
                    phase.pop(part, None)
    document.pop("shocks", None)
    if r.random() < 0.6:
        document["adversary"].pop("moves", None)
    document["plans"]["again"] = plan
    return document


def test_what_no_other_decision_reaches_is_the_same_under_both_plans() -> None:
    same = differing = 0
    for seed in range(120):
        document = _another(random_scenario(seed, certain=False), seed)
        try:
            scenario = _scenario(document)
        except AssertionError:
            continue  # a reserve or a stop that does not fit
        tables = _tables(scenario)
        alike = same_columns(scenario, scenario.plans["plan"], scenario.plans["again"])
        for column, values in tables["again"].items():
            equal = np.array_equal(values, tables["plan"][column], equal_nan=True)
            assert equal or column not in alike, (seed, column)
            same += column in alike and np.ptp(np.nan_to_num(values, posinf=1e9)) > 0
            differing += not equal
    assert same > 100 and differing > 100


def test_plans_alike_but_for_their_names_are_the_same_unless_they_draw() -> None:
    document = _tasks(1)
    document["plans"] = {"one": {"title": "One"}, "two": {"title": "Two"}}
    scenario = _scenario(document)
    names = {column.name for column in columns(scenario)}
    assert same_columns(scenario, scenario.plans["one"], scenario.plans["two"]) == names
    drawn = {"gates": {"o1": {"date": {"low": "2020-01-02", "high": "2020-01-09"}}}}
    document["plans"] = {"one": drawn, "two": copy.deepcopy(drawn)}
    scenario = _scenario(document)
    assert "start.o1" not in same_columns(scenario, scenario.plans["one"], scenario.plans["two"])


def test_what_no_unknown_number_reaches_varies_within_worlds_alone() -> None:
    document = _tasks(2)
    document["operations"] = {
        "lucky": {
            "phases": {
                "dig": {"kind": "task", "duration": {"low": "3 days", "high": "9 days", "kind": "chance"}}
            }
        },
        "unknown": {"phases": {"dig": {"kind": "task", "duration": ["3 days", "9 days"]}}},
        "both": {
            "phases": {"dig": {"kind": "task", "duration": "4 days", "after": ["lucky.dig", "unknown.dig"]}}
        },
        "sure": {"phases": {"dig": {"kind": "task", "duration": "4 days", "stop_hazard": "1 %/day"}}},
    }
    document["plans"] = {"one": {}}
    scenario = _scenario(document)
    plan = scenario.plans["one"]
    lucky = lucky_columns(scenario, plan)
    assert {"end.lucky", "end.sure", "start.sure", "status.sure"} <= lucky
    assert lucky.isdisjoint({"end.unknown", "start.both", "end.both", "end"})
    assert certain_columns(scenario, plan) <= lucky
    assert unknown_numbers(scenario, plan) == 1


def test_of_a_world_without_luck_only_what_an_unknown_number_reaches_varies() -> None:
    varied = 0
    for seed in range(60):
        document = random_scenario(seed, certain=True)
        r = random.Random(f"unknown/{seed}")
        phases = [
            phase for operation in document["operations"].values() for phase in operation["phases"].values()
        ]
        phase, force = r.choice(phases), r.choice(list(document["forces"].values()))
        if r.random() < 0.5:
            force.update(strength=[100, 500])
        elif phase["kind"] == "task":
            phase.update(duration=["2 days", "9 days"])
        else:
            phase.update(support_exponent=[0.2, 1.5])
        scenario = _scenario(document)
        plan = scenario.plans["plan"]
        lucky = lucky_columns(scenario, plan)
        assert lucky == certain_columns(scenario, plan), seed
        varying = {
            name
            for name, values in _tables(scenario)["plan"].items()
            if len(set(values[~np.isnan(values)])) > 1
        }
        assert not varying & lucky, seed
        varied += bool(varying)
    assert varied > 20


def test_an_unknown_number_counts_once_however_often_it_stands() -> None:
    document = _tasks(2)
    document["numbers"] = {"days": ["3 days", "9 days"], "spare": ["1 day", "2 days"]}
    dig = {"phases": {"dig": {"kind": "task", "duration": "$days"}}}
    document["operations"] = {"east": dig, "west": copy.deepcopy(dig)}
    document["plans"] = {"one": {"gates": {"west": {"date": {"low": "2020-01-02", "high": "2020-01-09"}}}}}
    scenario = _scenario(document)
    assert unknown_numbers(scenario, scenario.plans["one"]) == 2


def test_without_an_unknown_number_all_that_varies_is_chance() -> None:
    tried = 0
    for seed in range(150):
        document = random_scenario(seed, certain=False)
        scenario = _scenario(document)
        if unknown_numbers(scenario, scenario.plans["plan"]) == 0:
            assert lucky_columns(scenario, scenario.plans["plan"]) == {one.name for one in columns(scenario)}
            tried += 1
    assert tried > 5
