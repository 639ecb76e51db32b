"""The base schedule of a scenario: the engine runs it to the same end, and what it cannot hold is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import phaseline
from phaseline.cli import main
from phaseline.errors import InputError
from phaseline.scenario.mechanisms import without
from phaseline.scenario.network import from_scenario, to_scenario
from phaseline.scenario.schema import Scenario
from random_networks import random_network

PROJECT = Path(__file__).parents[3] / "examples" / "project.yaml"


def test_the_engine_runs_the_schedule_to_the_same_end(tmp_path: Path) -> None:
    found = phaseline.optimise(PROJECT)
    assert found.document["end"] == 29
    assert found.document["optimal"]
    outcomes = phaseline.run(PROJECT, {"best": found.plan}, 4, store=tmp_path)
    assert (outcomes.column("best", "end") == 29).all()
    starts = {row["phase"]: row["start"] for row in found.document["tasks"]}
    for phase, day in starts.items():
        assert (outcomes.column("best", f"start.{phase}") == day).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_network_is_read_back_from_its_scenario(seed: int, tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(seed), 12)
    scenario = to_scenario(network)
    again, phases = from_scenario(scenario, scenario.plans["only"])
    real = network.durations > 0
    assert len(phases) == real.sum()
    assert sorted(again.durations) == sorted(network.durations[real])
    assert again.critical_path == network.critical_path
    found = phaseline.optimise(scenario)
    outcomes = phaseline.run(scenario, {"best": found.plan}, 4, store=tmp_path)
    assert (outcomes.column("best", "end") == found.document["end"]).all()


def test_it_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        main(["optimise", str(PROJECT), "--out", str(tmp_path / "best"), "--quiet"])
    assert not leave.value.code
    text = capsys.readouterr().out
    assert "29 days" in text
    assert "no schedule is shorter" in text
    scenario = phaseline.load(PROJECT)
    outcomes = phaseline.run(scenario, str(tmp_path / "best" / "best_plan.yaml"), 4, store=tmp_path / "s")
    assert (outcomes.column("best", "end") == 29).all()


def test_calendars_are_refused_in_plain_words() -> None:
    scenario = Scenario.model_validate(
        {
            "format": "phaseline/1", "title": "Working days", "as_of": "2026-12-01", "horizon": "60 days",
            "calendars": {"office": {"works": "mon-fri"}},
            "assets": {"crane": {"sharing": "whole", "units": 1, "calendar": "office"}},
            "operations": {"yard": {"phases": {
                "dig": {"kind": "task", "duration": "5 days", "calendar": "office", "demand": {"crane": 1}},
                "fill": {"kind": "task", "duration": "5 days"},
            }}},
            "plans": {"only": {}},
        }
    )  # fmt: skip
    with pytest.raises(phaseline.InputError) as refused:
        from_scenario(scenario, scenario.plans["only"])
    assert [problem.path for problem in refused.value.problems] == [
        "operations.yard.phases.dig.calendar", "assets.crane.calendar",
    ]  # fmt: skip
    assert all("--off calendars" in problem.remedy for problem in refused.value.problems)
    network, _ = from_scenario(without(scenario, ["calendars"]), scenario.plans["only"])
    assert network.critical_path == 10


def test_what_is_uncertain_is_refused_at_once() -> None:
    with pytest.raises(InputError) as error:
        phaseline.optimise("mosul-raqqa-2016")
    told = str(error.value)
    assert "is contested" in told
    assert "chance has no place" in told
    assert "give --space" in told.lower().replace("give --space", "give --space")


def test_gates_are_kept(tmp_path: Path) -> None:
    text = PROJECT.read_text().replace(
        "  as_written:\n", "  as_written:\n    gates: {hospital.fence: {date: 2026-01-11}}\n", 1
    )
    path = tmp_path / "project.yaml"
    path.write_text(text)
    starts = {row["phase"]: row["start"] for row in phaseline.optimise(path).document["tasks"]}
    assert starts["hospital.fence"] >= 10
    path.write_text(text.replace("{date: 2026-01-11}", "{after: hospital.water}"))
    rows = {row["phase"]: row for row in phaseline.optimise(path).document["tasks"]}
    assert rows["hospital.fence"]["start"] >= rows["hospital.water"]["end"]
    for waits in ("{after: hospital.water, delay: 5 days}", "{after: hospital.water, for: 3 days}"):
        path.write_text(text.replace("{date: 2026-01-11}", waits))
        with pytest.raises(InputError, match="waits longer than a base schedule can foresee"):
            phaseline.optimise(path)
    path.write_text(text.replace("{date: 2026-01-11}", "{progress: hospital.water, at_least: 0.5}"))
    with pytest.raises(InputError, match="cannot foresee"):
        phaseline.optimise(path)
    path.write_text(text.replace("duration: 6 days", "duration: [5 days, 7 days]"))
    with pytest.raises(InputError, match="is uncertain"):
        phaseline.optimise(path)
