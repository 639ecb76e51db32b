"""Ablations whose answer is known beforehand."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import phaseline
from phaseline import InputError, InterruptedRun, RunStore, Scenario
from phaseline.analysis.ablation import ablate
from phaseline.execution.settings import RunSettings

TASK: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "twenty days of work",
    "as_of": "2020-01-01",
    "horizon": "100 days",
    # always bad, so that nothing is left to chance: five a day are left of ten, and the work takes twice as long
    "weather": {"bad_share": 1},
    "friction": {"spread": 2},
    "assets": {"crews": {"capacity": "10/day", "weather": "50 %", "surge_days": "4 days", "surge_factor": 2}},
    "operations": {"dig": {"phases": {"trench": {
        "kind": "task", "duration": "20 days", "demand": {"crews": "10/day"}, "dependence": {"crews": 1},
    }}}},
    "plans": {"now": {}, "later": {"gates": {"dig": {"date": "2020-01-11"}}}},
    "off": {"surge": "a test"},
}  # fmt: skip


def test_effects_without_chance_are_exact(tmp_path: Path) -> None:
    found = phaseline.ablate(Scenario.model_validate(TASK), replications=8, store=tmp_path)
    assert [(s.key, s.turned) for s in found.switches] == [
        ("weather", "off"), ("friction", "off"), ("surge", "on"), ("scarcity", "off"), ("tempo_support", "off")
    ]  # fmt: skip
    assert [outcome.name for outcome in found.outcomes] == ["end", "overstretched", "overstretched.crews"]
    assert found.base["now"]["end"] == (40, 40, 40)
    assert found.base["later"]["end"] == (50, 50, 50)
    by_key = {switch.key: switch for switch in found.switches}
    for plan in ("now", "later"):
        # In good weather, with twice the crews on call for as long as no more than ten work, with plenty, or if crews
        # did not matter:
        for key in ("weather", "surge", "scarcity", "tempo_support"):
            assert by_key[key].effects[plan]["end"] == (-20, -20, -20)
        # Ten wanted of five is a strain of 2; in good weather it is 1, which is not above 1.
        assert by_key["weather"].effects[plan]["overstretched"].value == -1
        assert by_key["surge"].effects[plan]["overstretched"].value == 0
    assert found.identical == found.changes_nothing == ("friction",)
    assert found.scenario.off == {"surge": "a test"}


def test_an_effect_by_chance_lies_in_its_interval(tmp_path: Path) -> None:
    document = TASK | {"weather": None, "friction": None, "assets": {}, "off": {}, "plans": {"now": {}}}
    document["operations"] = {"dig": {"phases": {"trench": {
        "kind": "task", "duration": "20 days", "stop_hazard": "3 %/day",
    }}}}  # fmt: skip
    found = phaseline.ablate(
        Scenario.model_validate(document), replications=4000, store=tmp_path, outcomes=["failed", "end"]
    )
    (switch,) = found.switches
    assert switch.key == "stop_hazard"
    effect = switch.effects["now"]["failed"]
    chance = 1 - 0.97**19  # the day on which the work is done is no day of danger
    assert effect.low < -chance < effect.high
    assert effect.half_width < 0.02
    end = switch.effects["now"]["end"]
    assert end.low < -chance * (100 - 20) < end.high
    assert [outcome.name for outcome in found.outcomes] == ["failed", "end"]


def test_mechanisms_and_outcomes_are_chosen_by_name(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(TASK)
    found = phaseline.ablate(
        scenario, "later", 8, mechanisms="surge,weather", outcomes=["end"], store=tmp_path
    )
    assert [switch.key for switch in found.switches] == ["weather", "surge"]
    assert list(found.plans) == ["later"]
    assert [outcome.name for outcome in found.outcomes] == ["end"]
    with pytest.raises(InputError) as refused:
        phaseline.ablate(scenario, mechanisms=["wether", "pauses"], store=tmp_path)
    told = [str(problem) for problem in refused.value.problems]
    assert "'weather'" in told[0]
    assert "no data" in told[1]
    with pytest.raises(InputError, match="id you mean 'end'"):
        phaseline.ablate(scenario, outcomes=["edn"], store=tmp_path)


def test_what_is_off_in_the_file_is_turned_on_alone(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(TASK | {"off": {"weather": "a test", "surge": "a test"}})
    found = phaseline.ablate(scenario, "now", 8, store=tmp_path)
    # both off: in good weather nothing but the support of tempo is left to turn, and surge has nothing to add
    assert [(s.key, s.turned) for s in found.switches] == [
        ("weather", "on"), ("friction", "off"), ("surge", "on"), ("scarcity", "off"), ("tempo_support", "off")
    ]  # fmt: skip
    assert found.base["now"]["end"].value == 20
    assert found.switches[0].effects["now"]["end"].value == 20


def test_progress_counts_all_runs_and_the_store_keeps_them(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(TASK)
    told: list[tuple[int, int]] = []
    first = ablate(
        scenario, scenario.plans, RunSettings(8), store=RunStore(tmp_path), progress=lambda *now: told.append(now)
    )  # fmt: skip
    total = 8 * 2 * 6
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    again = ablate(scenario, scenario.plans, RunSettings(8, precision=0.5), store=RunStore(tmp_path / "new"))
    assert again.replications == 8
    assert again.frame().equals(first.frame())


def test_it_can_be_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedRun):
        phaseline.ablate(Scenario.model_validate(TASK), replications=8, store=tmp_path, cancel=stop)


def test_what_another_switch_hides_is_not_turned(tmp_path: Path) -> None:
    town = {
        "kind": "contested", "own": "us", "adversary": "them", "depth": "5 km", "tempo": "1 km/day",
        "own_loss": "1 %/day", "adversary_loss": "1 %/day",
    }  # fmt: skip
    scenario = Scenario.model_validate(TASK | {
        "operations": {"north": {"phases": {"town": town}}}, "plans": {"now": {}},
        "forces": {"us": {"side": "own", "strength": 90}, "them": {"side": "adversary", "strength": 30}},
        "shocks": {"raids": {"phases": ["north"], "rate": "1/day", "stock": 9, "halt": "30 %"}},
        "off": {"shocks": "a test"},
    })  # fmt: skip
    turned = {s.key: s.turned for s in phaseline.ablate(scenario, replications=8, store=tmp_path).switches}
    assert turned["shocks"] == "on"
    assert "halts" not in turned
    with pytest.raises(InputError, match="set it going"):
        phaseline.ablate(scenario, mechanisms="halts", store=tmp_path)
