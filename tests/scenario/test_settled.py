"""What is said to be settled by a plan is so in every history that the engine makes, and `check` warns of it."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phaseline
from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.outcomes.happening import happens
from phaseline.outcomes.results import Outcomes, PlanRun
from phaseline.scenario.check import load_scenario
from phaseline.scenario.records import columns
from phaseline.scenario.schema import Claim, Scenario
from phaseline.scenario.settled import never_varies, settled
from random_scenarios import random_scenario
from scenario.test_check import write

COUNT, PER_WORLD = 24, 2

CASE: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "A date that is drawn",
    "as_of": "2020-01-01",
    "horizon": "120 days",
    "sources": {"press": {"title": "Press", "known_on": "2019-12-01"}},
    "numbers": {"go": {"label": "the day", "low": "2020-01-10", "high": "2020-02-20", "source": "press"}},
    "operations": {
        "road": {"intended": "$go", "phases": {
            "clear": {"kind": "task", "duration": ["5 days", "30 days"], "assumed": "a guess", "stop_hazard": "0 %/day"},
            "pave": {"kind": "task", "duration": "5 days"},
        }},
        "camp": {"phases": {"build": {"kind": "task", "duration": "9 days"}}},
    },
    "plans": {"plan": {"gates": {"road": {"date": "$go"}}}, "wait": {"gates": {"road": {"after": "camp"}}}},
}  # fmt: skip


def _histories(scenario: Scenario) -> Outcomes:
    model = compile_scenario(scenario)
    runs = {}
    for name, plan in scenario.plans.items():
        chunk = simulate(
            model, compile_plan(model, name, plan), seed=4, first=0, count=COUNT, per_world=PER_WORLD, series=False
        )  # fmt: skip
        runs[name] = PlanRun(name, name, "", chunk.outcomes)
    return Outcomes(scenario, "", 4, PER_WORLD, runs)


def _claim(event: dict[str, Any], **more: Any) -> Claim:
    raw = {"statement": "It is said.", "speaker": "x", "plan": "plan", "event": event, "at_least": 0.5}
    return Claim.model_validate(raw | more)


def test_one_number_stands_for_the_intended_start_and_the_gate() -> None:
    """It is drawn once for both: the start moves from world to world, and never from what was intended."""
    outcomes = _histories(Scenario.model_validate(CASE))
    assert len(np.unique(outcomes.column("plan", "start.road"))) > 5
    assert np.array_equal(outcomes.column("plan", "delay.road"), np.zeros(COUNT))
    late = outcomes.column("wait", "delay.road")
    assert len(np.unique(late)) > 5
    assert np.array_equal(late, outcomes.column("wait", "start.road") - outcomes.column("plan", "start.road"))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"start": "road", "between": ["2020-01-10", "2020-02-20"]}, True),
        ({"start": "road", "by": "2020-02-19"}, None),
        ({"start": "road", "by": "2020-01-09"}, False),
        ({"start": "road.clear", "within": "50 days"}, True),
        ({"start": "road.pave", "after": "2020-01-10"}, None),
        ({"start": "camp", "by": "2020-01-01"}, True),
        ({"measure": "delay.road", "below": 1}, True),
        ({"measure": "delay.road", "above": 0}, False),
        ({"failed": "road"}, None),
    ],
)
def test_what_dates_decide(event: dict[str, Any], told: bool | None) -> None:
    scenario = Scenario.model_validate(CASE)
    assert settled(scenario, scenario.plans, _claim(event)) is told


@pytest.mark.parametrize(
    ("gates", "first", "last"),
    [
        ({"road": {"all": [{"date": "2020-01-15"}, {"date": "$go"}]}}, "2020-01-15", "2020-02-20"),
        ({"road": {"any": [{"date": "2020-01-15"}, {"date": "$go"}]}}, "2020-01-10", "2020-01-15"),
        ({"road": {"date": "2020-01-05"}, "road.clear": {"date": "2020-01-20"}}, "2020-01-20", "2020-01-20"),
        ({"road.clear": {"date": "2020-01-20"}, "road": {"date": "2020-01-05"}}, "2020-01-05", "2020-01-05"),
        ({"road": {"date": "2019-06-01"}}, "2020-01-01", "2020-01-01"),
    ],
)
def test_gates_of_several_dates(gates: dict[str, Any], first: str, last: str) -> None:
    scenario = Scenario.model_validate(CASE | {"plans": {"plan": {"gates": gates}}})
    claim = _claim({"start": "road", "between": [first, last]})
    assert settled(scenario, scenario.plans, claim) is True and happens(_histories(scenario), claim).all()


@pytest.mark.parametrize(
    "gates",
    [
        {"road": {"date": "2020-01-20", "for": "3 days"}},
        {"road": {"all": [{"date": "2020-01-20"}, {"after": "camp"}]}},
        {"road": {"date": "2020-06-01"}},
    ],
)
def test_what_more_than_dates_decides_is_not_settled(gates: dict[str, Any]) -> None:
    scenario = Scenario.model_validate(CASE | {"plans": {"plan": {"gates": gates}}})
    assert settled(scenario, scenario.plans, _claim({"start": "road"})) is None


def _random(seed: int) -> tuple[Scenario, list[Claim]]:
    """A random scenario with all mechanisms, starts behind drawn dates, and claims of which the plan may settle some."""
    r = random.Random(f"settled/{seed}")
    document = random_scenario(seed, certain=False)
    go = {"low": "2020-01-04", "high": "2020-01-12", "assumed": "x"}
    document["numbers"] = {**document.get("numbers", {}), "go": go}
    gates = document["plans"]["plan"].setdefault("gates", {})
    for name, operation in document["operations"].items():
        operation["intended"] = r.choice(["$go", "2020-01-06"])
        if r.random() < 0.8:
            target = r.choice([name, f"{name}.{next(iter(operation['phases']))}"])
            gates.pop(target, None)
            gates[target] = r.choice(
                [{"date": "$go"}, {"any": [{"date": "$go"}, {"date": "2020-01-08"}]}, {"date": "2020-01-06"}]
            )
    scenario = Scenario.model_validate(document)
    events = [
        event
        for name in scenario.operations
        for event in (
            {"start": name},
            *(
                {"start": name, word: f"2020-01-{day:02}"}
                for word in ("by", "after")
                for day in (1, 4, 6, 8, 12)
            ),
            *(
                {"measure": f"delay.{name}", word: limit}
                for word in ("above", "below")
                for limit in (0, 1, 5)
            ),
        )
    ]
    return scenario, [
        _claim(event) for event in [*events, *({"all": [event, events[0]]} for event in events)]
    ]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_settled_is_so_in_every_history(seed: int) -> None:
    scenario, claims = _random(seed)
    outcomes = _histories(scenario)
    for claim in claims:
        truth = settled(scenario, scenario.plans, claim)
        if truth is not None:
            assert (happens(outcomes, claim) == truth).all(), claim.event


def test_many_random_claims_are_settled_and_many_are_not() -> None:
    """Else the test above would show nothing."""
    found = [
        settled(scenario, scenario.plans, claim)
        for scenario, claims in map(_random, range(40))
        for claim in claims
    ]
    assert all(found.count(truth) > 100 for truth in (True, False, None))


def _warnings(tmp_path: Path, claim: dict[str, Any]) -> list[phaseline.Problem]:
    raw = {"statement": "It is said.", "speaker": "x", "plan": "plan", "at_least": 0.5} | claim
    document = copy.deepcopy(CASE) | {"claims": {"said": raw}}
    document["plans"]["together"] = {}
    return load_scenario(write(document, tmp_path))[1]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"start": "road", "by": "2020-02-20"}, "'plan' makes it so: no world can fail it"),
        ({"start": "road", "by": "2020-01-09"}, "'plan' rules it out: no world can meet it"),
        ({"finished": "camp", "by": "2020-01-09"}, "no draw reaches what it is read from under 'plan'"),
    ],
)
def test_check_warns_of_a_claim_that_its_plan_settles(
    event: dict[str, Any], said: str, tmp_path: Path
) -> None:
    (problem,) = _warnings(tmp_path, {"event": event})
    assert problem.severity == "warning" and said in problem.rule and "by_construction" in problem.remedy
    assert problem.path == "claims.said.event" and problem.line and problem.value
    assert _warnings(tmp_path, {"event": event, "by_construction": "it is what was announced"}) == []


def test_check_warns_of_a_reason_that_there_is_no_need_for(tmp_path: Path) -> None:
    event = {"finished": "road", "by": "2020-03-01"}
    (problem,) = _warnings(tmp_path, {"event": event, "by_construction": "it is what was announced"})
    assert "does not settle" in problem.rule and problem.path == "claims.said.by_construction"
    assert _warnings(tmp_path, {"event": event}) == []


def test_where_nothing_is_drawn_a_claim_is_about_the_arithmetic() -> None:
    document = copy.deepcopy(CASE)
    document["operations"]["road"]["phases"]["clear"]["duration"] = "20 days"
    document["numbers"]["go"] = "2020-01-20"
    scenario = Scenario.model_validate(document)
    claim = _claim({"finished": "road", "by": "2020-03-01"})
    assert not never_varies(scenario, scenario.plans, claim)
    outcomes = _histories(scenario)
    assert (outcomes.table("plan")[[column.name for column in columns(scenario)]].nunique() <= 1).all()
