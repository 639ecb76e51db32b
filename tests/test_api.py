"""The verbs in Python."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phaseline
from phaseline import InputError, Scenario, StoreError

EXAMPLES = Path(__file__).parents[1] / "examples"
WILDFIRES = EXAMPLES / "wildfires.yaml"
CASE = "mosul-raqqa-2016"
PLAN = "format: phaseline-plan/1\nname: {name}\ntitle: Mine\ntiers: [[ridge], [canyon]]\n"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Several plans."""
    return phaseline.load(WILDFIRES)


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    """A plan outside the scenario."""
    file = tmp_path / "mine.yaml"
    file.write_text(PLAN.format(name="mine"), encoding="utf-8")
    return file


def test_a_case_is_found_by_its_id_and_a_file_by_its_path() -> None:
    assert phaseline.cases()[CASE] == phaseline.load(CASE).title
    assert phaseline.load(WILDFIRES) == phaseline.load(str(WILDFIRES))


@pytest.mark.parametrize(
    ("wanted", "remedy"),
    [
        ("mosul-raqa-2016", CASE),
        ("", "scenario file"),
        ("nothing like it", CASE),
        ("not/there", "path"),
        ("not_there.yaml", ""),
        (EXAMPLES, ""),
    ],
)
def test_what_is_not_there_is_refused_with_a_hint(wanted: Any, remedy: str) -> None:
    with pytest.raises(InputError) as refused:
        phaseline.load(wanted)
    (problem,) = refused.value.problems
    assert problem.rule
    assert remedy in problem.remedy
    assert phaseline.check(wanted) == [problem]


def test_warnings_are_returned_by_check_and_logged_by_load(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "spare.yaml"
    text = WILDFIRES.read_text(encoding="utf-8").replace("numbers:\n", "numbers:\n  spare: 3\n", 1)
    file.write_text(text, encoding="utf-8")
    (warning,) = phaseline.check(file)
    assert warning.severity == "warning"
    with caplog.at_level(logging.WARNING, logger="phaseline"):
        phaseline.load(file)
    assert "spare" in caplog.text
    outcomes = phaseline.run(file, replications=8, store=tmp_path)
    assert str(warning) in outcomes.info["warnings"]


def test_new_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "new.yaml"
    assert phaseline.new(file) == file
    assert phaseline.check(file) == []
    with pytest.raises(StoreError, match="exists"):
        phaseline.new(file)
    with pytest.raises(StoreError, match="cannot be written"):
        phaseline.new(tmp_path / "no such folder" / "new.yaml")

    def fail() -> str:
        raise RuntimeError

    monkeypatch.setattr("phaseline.scenario.template.new_scenario_text", fail)
    with pytest.raises(RuntimeError):
        phaseline.new(tmp_path / "half.yaml")
    assert not (tmp_path / "half.yaml").exists()


def names(scenario: Scenario, plan: Any, store: Path) -> Sequence[str]:
    """Plans that were run."""
    return phaseline.run(scenario, plan, 8, store=store).plans


def test_plans_are_chosen_in_the_order_asked_for(scenario: Scenario, tmp_path: Path, plan_file: Path) -> None:
    every = list(scenario.plans)
    first, second = every[:2]
    assert names(scenario, None, tmp_path) == tuple(every)
    assert names(scenario, f"{second}, {first}", tmp_path) == (second, first)
    assert names(scenario, [second], tmp_path) == (second,)
    assert names(scenario, [first, first], tmp_path) == (first,)
    assert names(scenario, f"{first},{plan_file}", tmp_path) == (first, "mine")
    assert names(scenario, {"own": scenario.plans[first]}, tmp_path) == ("own",)


def test_a_plan_of_a_file_has_its_title(scenario: Scenario, tmp_path: Path, plan_file: Path) -> None:
    outcomes = phaseline.run(scenario, str(plan_file), 8, store=tmp_path, out=tmp_path / "out")
    assert outcomes.runs["mine"].title == "Mine"
    assert (tmp_path / "out" / "run.json").is_file()
    assert phaseline.explain(scenario, str(plan_file)).replication == 0


def test_every_unknown_plan_is_told(scenario: Scenario, tmp_path: Path, plan_file: Path) -> None:
    near = next(iter(scenario.plans))
    with pytest.raises(InputError) as refused:
        names(scenario, f"{near}x,zzz,{plan_file},no.yaml", tmp_path)
    values = [problem.value for problem in refused.value.problems]
    assert values[:2] == [f"{near}x", "zzz"]
    assert len(values) == 3
    assert near in refused.value.problems[0].remedy
    for nothing in ("", " , ", []):
        with pytest.raises(InputError, match="no plan is named"):
            names(scenario, nothing, tmp_path)


def test_two_plans_of_one_name_are_refused(scenario: Scenario, tmp_path: Path) -> None:
    taken = next(iter(scenario.plans))
    file = tmp_path / "other.yaml"
    file.write_text(PLAN.format(name=taken), encoding="utf-8")
    with pytest.raises(InputError, match="Rename"):
        names(scenario, f"{taken},{file}", tmp_path)
    assert names(scenario, str(file), tmp_path) == (taken,)


def test_options_are_checked_before_anything_is_read() -> None:
    with pytest.raises(InputError) as refused:
        phaseline.run("nothing", replications=0, seed=-1)
    assert {problem.path for problem in refused.value.problems} == {"replications", "seed"}
    with pytest.raises(InputError, match="replication"):
        phaseline.explain("nothing", replication=-1)


def test_a_place_for_results_is_checked_before_the_run(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the run began")

    monkeypatch.setattr("phaseline.execution.runner.run", refuse)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(InputError):
        phaseline.run(scenario, out=tmp_path / "mine")


def test_explain_tells_the_history_that_run_counts(scenario: Scenario, tmp_path: Path) -> None:
    plan = list(scenario.plans)[1]
    table = phaseline.run(scenario, plan, 40, seed=3, per_world=2, store=tmp_path).runs[plan].table
    history = phaseline.explain(scenario, plan, 37, seed=3, per_world=2)
    assert history.outcomes.tobytes() == table[37].tobytes()
    assert phaseline.explain(scenario).replication == 0


def test_what_is_switched_off_is_off_wherever_the_run_looks(scenario: Scenario, tmp_path: Path) -> None:
    plan = next(iter(scenario.plans))
    as_is = phaseline.run(scenario, plan, 40, store=tmp_path)
    without = phaseline.run(scenario, plan, 40, off="weather, surge", store=tmp_path)
    assert without.scenario.weather is None
    assert list(without.scenario.off) == list(without.summary()["off"]) == ["weather", "surge"]
    assert as_is.summary()["off"] == {}
    assert without.info["reused"] == 0
    assert without.scenario_fingerprint != as_is.scenario_fingerprint
    assert phaseline.run(scenario, plan, 40, store=tmp_path).info["reused"] == 40
    history = phaseline.explain(scenario, plan, 7, off=["surge", "weather"])
    assert history.outcomes.tobytes() == without.runs[plan].table[7].tobytes()
    assert history.outcomes.tobytes() != as_is.runs[plan].table[7].tobytes()


def test_what_a_file_has_off_is_off_until_switched_on(tmp_path: Path) -> None:
    file = tmp_path / "calm.yaml"
    text = WILDFIRES.read_text(encoding="utf-8")
    file.write_text(f"{text}\noff: {{weather: a dry summer}}\n", encoding="utf-8")
    plan = next(iter(phaseline.load(file).plans))
    assert phaseline.load(file).weather is not None
    off = phaseline.run(file, plan, 40, store=tmp_path)
    assert off.scenario.weather is None
    on = phaseline.run(file, plan, 40, on=["weather"], store=tmp_path)
    assert on.info["reused"] == 0
    with_weather = phaseline.run(WILDFIRES, plan, 40, store=tmp_path)
    assert on.runs[plan].table.tobytes() == with_weather.runs[plan].table.tobytes()
    again = phaseline.run(off.scenario, plan, 40, store=tmp_path)
    assert again.runs[plan].table.tobytes() == off.runs[plan].table.tobytes()
    with pytest.raises(InputError, match="nothing to switch on"):
        phaseline.run(off.scenario, plan, 40, on="weather", store=tmp_path)


def test_a_plan_given_as_a_mapping_is_read_like_a_plan_file(scenario: Scenario, tmp_path: Path) -> None:
    options: dict[str, Any] = {"replications": 32, "store": tmp_path, "threads": 1}
    tiers = [["ridge"], ["canyon"]]
    told = phaseline.run(scenario, {"mine": {"tiers": tiers}}, **options)
    file = tmp_path / "mine.yaml"
    file.write_text(PLAN.format(name="mine"), encoding="utf-8")
    read = phaseline.run(scenario, str(file), **options)
    assert told.plans == read.plans == ("mine",)
    assert np.array_equal(told.column("mine", "end"), read.column("mine", "end"), equal_nan=True)
    assert phaseline.compare(scenario, {"mine": {"tiers": tiers}, "other": {}}, quick=True, **options)
    with pytest.raises(InputError) as refused:
        phaseline.run(
            scenario,
            {
                "a": {"gates": 3},
                "b": {"gates": {"nowhere": {"date": "2020-01-01"}}},
                "c": "ridge",
                "d": {"teirs": []},
            },
        )
    assert [problem.file for problem in refused.value.problems] == ["plan a", "plan b", "plan c", "plan d"]
    with pytest.raises(InputError, match="no plan is named"):
        phaseline.run(scenario, {})
