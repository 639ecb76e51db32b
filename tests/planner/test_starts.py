"""The curve on a case whose answers are known, and its parts on made-up values: regret, conflicts, what it hangs on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phaseline
from analysis.toys import strained
from phaseline.errors import InputError
from phaseline.execution.worlds import Worlds
from phaseline.outcomes.measures import all_measures
from phaseline.planner.criteria import Criterion
from phaseline.planner.starts import hangs_on, regret
from phaseline.reporting.plots.starts import starts_frame
from phaseline.reporting.starts import render_starts

PER_WORLD = 4


def _fixed(lift: str = "20/day", days: str = "20 days", **more: Any) -> phaseline.Scenario:
    """The toy with nothing unknown: 20 days of load, 20 days of road."""
    numbers = {
        "lift": {"label": "lift", "value": lift, "source": "press", "adverse": "low"},
        "days": {"label": "days", "value": days, "source": "press", "adverse": "high"},
        "idle": {"label": "idle", "low": 0, "high": 1, "assumed": "none", "adverse": "high"},
    }
    return strained(numbers=numbers, **more)


def _when(scenario: phaseline.Scenario, folder: Path, **options: Any) -> phaseline.StartCurve:
    options = {"start": "move.load", "against": "road.progress", "replications": 64, "threads": 1} | options
    return phaseline.when(scenario, store=folder / "store", **options)


def test_the_end_moves_with_the_start(tmp_path: Path) -> None:
    """The road takes 20 days; a gate at the share g opens on day 20 g, and the load takes 20 days from then."""
    found = _when(_fixed(), tmp_path, at="0,0.25,0.5,1").document
    ends = [point["outcomes"]["end.move"]["value"] for point in found["points"]]
    assert ends == [20, 25, 30, 40]
    assert found["recommended"] == {
        "best": "at_000",
        "as_good": ["at_000"],
        "earliest": "at_000",
        "latest": "at_000",
    }
    assert found["earlier"] is None
    assert [entry["changes"]["end"]["value"] for entry in found["waiting"]] == [5, 10, 20]
    assert [point["verdict"] for point in found["points"]] == ["best", "worse", "worse", "worse"]


def test_by_date(tmp_path: Path) -> None:
    found = _when(_fixed(), tmp_path, against=None, at="2020-01-01,2020-01-11").document
    assert [point["outcomes"]["end.move"]["value"] for point in found["points"]] == [20, 30]
    assert found["points"][1]["at"] == ["2020-01-11"]


def test_a_limit_stops_it_going_earlier(tmp_path: Path) -> None:
    """Both at once want 18 of 15 a day; once the road is done there is enough, so the limit on overstretch makes it wait."""
    build = {"kind": "task", "duration": "$days", "demand": {"lift": "8/day"}, "dependence": {"lift": 0.0}}
    load = {"kind": "task", "duration": "20 days", "demand": {"lift": "10/day"}, "dependence": {"lift": 0.0}}
    scenario = _fixed(
        "15/day",
        operations={"move": {"label": "Move", "phases": {"load": load}},
                    "road": {"label": "Road", "phases": {"build": build}}},
    )  # fmt: skip
    found = _when(scenario, tmp_path, at="0,0.25,0.9,1", limit="overstretched<=10%").document
    assert [point["feasible"] for point in found["points"]] == [False, False, True, True]
    assert found["recommended"]["best"] == "at_090"  # two days of overlap are shorter than a week
    assert found["earlier"]["point"] == "at_025" and found["earlier"]["breaks"] == ["overstretched"]
    assert found["earlier"]["changes"]["end"]["value"] == -13
    text = render_starts(found) or ""
    for phrase in (
        "Best is move.load: Road at 90 %",
        "would break: chance of any overstretch at most 10 %",
        "limit",
        "end of all −13 days",
    ):
        assert phrase in " ".join(text.split()), phrase


def test_limits_that_fight_are_named_with_their_gaps(tmp_path: Path) -> None:
    with pytest.raises(phaseline.InfeasibleError) as refused:
        _when(_fixed(), tmp_path, at="0,1", limit="end<=15,end.move<=25")
    text = str(refused.value)
    assert (
        "mean of end of all at most 15 days (2020-01-15): never; nearest is 20 days, 5 days too much" in text
    )
    assert "end of Move at most 25 days (2020-01-25): kept best with 20 days" in text
    assert "mean of end of all at most 15 days (2020-01-15) is missed there by 5 days" in text
    assert refused.value.exit_code == 3


def test_regret_is_what_the_best_of_each_world_saves() -> None:
    """Two points, 10 and 14 in even worlds, 14 and 10 in odd ones: each costs 2 on average against knowing the world."""
    worlds = np.arange(200)
    one = np.repeat(np.where(worlds % 2 == 0, 10.0, 14.0), PER_WORLD)
    other = np.repeat(np.where(worlds % 2 == 0, 14.0, 10.0), PER_WORLD)
    found = regret(np.stack([one, other]), PER_WORLD)
    assert [interval.value for interval in found] == [2.0, 2.0]
    assert found[0].low < 2 < found[0].high


def test_luck_is_not_taken_for_foresight() -> None:
    """Points that differ by luck alone have no regret; choosing and judging on the same histories would show some."""
    luck = np.random.default_rng(5).standard_normal((6, 4000))
    for interval in regret(luck, PER_WORLD):
        assert interval.low < 0 < interval.high
    naive = luck.reshape(6, -1, PER_WORLD).mean(axis=2)
    assert (naive - naive.min(axis=0)).mean() > 0.4


def _worlds(values: np.ndarray, names: tuple[str, ...]) -> Worlds:
    return Worlds(names, names, ("",) * len(names), ("number",) * len(names), values)


def test_the_number_on_which_the_answer_hangs_is_found() -> None:
    """Point a is best where the number is in its lowest third, b elsewhere; twenty other numbers do nothing."""
    rng = np.random.default_rng(11)
    count = 300
    numbers = rng.random((count, 21))
    low = numbers[:, 0] < np.sort(numbers[:, 0])[count // 3]
    by_world = np.stack([np.where(low, 90.0, 120.0), np.full(count, 100.0)]) + rng.normal(0, 5, (2, count))
    values = {plan: {"end": np.repeat(by_world[i], PER_WORLD)} for i, plan in enumerate(("a", "b"))}
    names = ("turns", *(f"idle{i}" for i in range(20)))
    objective = Criterion(all_measures(strained())["end"])
    arguments = (_worlds(numbers, names), PER_WORLD, count * PER_WORLD)
    found = hangs_on(values, ["a", "b"], objective, ["a", "b"], *arguments, None)
    assert [entry["number"] for entry in found] == ["turns"]
    assert found[0]["saved"]["value"] == pytest.approx(10 / 3, abs=0.8)
    assert [third["best"] for third in found[0]["thirds"]] == ["a", "b", "b"]
    # where only b may be chosen, knowing saves nothing; asked for, the number is shown all the same
    assert hangs_on(values, ["a", "b"], objective, ["b"], *arguments, None) == []
    asked = hangs_on(values, ["a", "b"], objective, ["a", "b"], *arguments, "idle3")
    assert [entry["number"] for entry in asked] == ["turns", "idle3"]


def test_results_are_written_and_drawn(tmp_path: Path) -> None:
    found = _when(strained(), tmp_path, at="0,0.5,1", over="lift", out=tmp_path / "out", replications=200)
    stored = json.loads((tmp_path / "out" / "when.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(found.document, allow_nan=False))
    assert (tmp_path / "out" / "when.svg").read_text(encoding="utf-8").startswith("<svg")
    frame = starts_frame(found.document)
    ends = frame[frame["outcome"] == "End of Move, days"]["value"].to_list()
    assert ends == sorted(ends)
    text = render_starts(found.document) or ""
    assert "capacity of the lift" in text and "lowest third" in text
    # the same folder again, and the same answer
    again = _when(
        strained(), tmp_path, at="0,0.5,1", over="lift", out=tmp_path / "out", replications=200, threads=2
    )
    assert again.document == found.document


def test_two_starts_are_tried_together(tmp_path: Path) -> None:
    scenario = strained(
        operations={
            "move": {"label": "Move", "phases": {
                "load": {"label": "Load", "kind": "task", "duration": "10 days", "demand": {"lift": "10/day"}},
                "carry": {"label": "Carry", "kind": "task", "duration": "5 days"},
            }},
            "road": {"label": "Road", "phases": {"build": {"kind": "task", "duration": "$days"}}},
        }
    )  # fmt: skip
    found = _when(scenario, tmp_path, start="move.load,move.carry", at="0,1")
    assert [point["id"] for point in found.document["points"]] == ["at_000_000", "at_000_100", "at_100_100"]
    text = render_starts(found.document) or ""
    assert "In this order: Load, Carry; % and done: of Road" in text and "at once / done" in text
    assert found.plot().to_dict()["layer"]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(phaseline.InputError) as refused:
        _when(strained(), tmp_path, start="moev", objective="ends", limit="x<=3", over="nix")
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"objective": "end:regret"}, "measured by regret anyhow"),
        ({"replications": 4}, "at least two worlds"),
    ],
)
def test_what_no_curve_can_show_is_refused(tmp_path: Path, options: dict[str, Any], rule: str) -> None:
    case = phaseline.new(tmp_path / "case.yaml")
    with pytest.raises(InputError, match=rule):
        phaseline.when(case, "valley.supply", against="coast", store=tmp_path / "s", **options)
    found = phaseline.when(case, "valley.supply", against="coast", store=tmp_path / "s", replications=8)
    assert found.document["worlds"] == 2
