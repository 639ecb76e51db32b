"""From a space file to the best plan, on a case whose answers are known; bad files, infeasible limits, interruption."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import phaseline
from analysis.toys import strained
from phaseline.planner.levers import levers, plan_of
from phaseline.reporting.optimised import render_optimised
from phaseline.scenario.check import load_plan
from phaseline.scenario.space import load_space

SPACE = """\
format: phaseline-space/1
decisions:
  start: {gate: move.load, progress: road, least: 0, most: 1, step: 0.25}
  more: {lend: lift, least: 0/day, most: 8/day, step: 4/day, cost: 1}
minimise: [end]
histories: 4000
fresh: 400
"""


def _file(folder: Path, text: str = SPACE) -> Path:
    path = folder / "space.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _optimise(folder: Path, text: str = SPACE, **options: Any) -> phaseline.BestPlan:
    return phaseline.optimise(strained(), _file(folder, text), store=folder / "store", threads=1, **options)


def test_the_best_plan_is_found_scored_again_and_can_be_run(tmp_path: Path) -> None:
    """Starting at once with all the help there is ends first: 8 a day more than any capacity below 10 needs."""
    found = _optimise(tmp_path, out=tmp_path / "out")
    best = found.document["best"]
    assert best["decisions"]["start"] == "at once"
    assert best["decisions"]["more"] in (
        "4/day",
        "8/day",
    )  # 8 to 16 a day and 4 more: always 12 where 10 are needed
    assert found.document["space"]["points"] == 15 == found.document["selection"]["tried"]
    fresh = found.document["fresh"]
    assert fresh["against_base"]["end"]["value"] <= 0
    assert abs(fresh["optimism"]["end"]) < 2
    stored = json.loads((tmp_path / "out" / "optimise.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(found.document, allow_nan=False))
    # the plan file holds the plan found, and runs to the same histories
    name, plan = load_plan(tmp_path / "out" / "best_plan.yaml", strained())
    assert name == "best" and plan.gates == found.plan.gates and len(plan.relief) == 1
    runs = [
        phaseline.run(strained(), {"best": one}, 200, store=tmp_path / "store", threads=1)
        for one in (plan, found.plan)
    ]
    assert (runs[0].frame().fillna(-1) == runs[1].frame().fillna(-1)).all(axis=None)
    text = render_optimised(found.document) or ""
    for phrase in (
        "start: at once",
        "none of the plans compared to the end",
        "fresh histories",
        "15 plans tried of 15",
    ):
        assert phrase in " ".join(text.split()), phrase
    # once more into the same folder: the same answer, with any number of threads
    again = phaseline.optimise(
        strained(), _file(tmp_path), store=tmp_path / "other", threads=2, out=tmp_path / "out"
    )
    assert again.document == found.document


def test_limits_that_fight_are_named(tmp_path: Path) -> None:
    text = SPACE + "subject_to: [end.move<=15, overstretched<=50%]\n"
    with pytest.raises(phaseline.InfeasibleError) as refused:
        _optimise(tmp_path, text)
    assert (
        "mean of end of Move at most 15 days (2020-01-15): never; nearest is 20 days, 5 days too much"
        in str(refused.value)
    )
    assert "chance of any overstretch at most 50 %: kept best with" in str(refused.value)


def test_several_objectives_have_a_front(tmp_path: Path) -> None:
    """Help costs; the front trades days against cost, and without help nothing is paid."""
    scenario = strained(vocabulary={"relief_cost": "euros"})
    text = SPACE.replace("minimise: [end]", "minimise: [end.move, overstretched]")
    found = phaseline.optimise(scenario, _file(tmp_path, text), store=tmp_path / "store", threads=1)
    front = found.document["front"]
    assert front and all(set(one["objectives"]) == {"end.move", "overstretched"} for one in front)
    scores = [
        tuple(one["objectives"][key]["value"] for key in ("end.move", "overstretched")) for one in front
    ]
    for mine in scores:
        assert not any(other != mine and other[0] <= mine[0] and other[1] <= mine[1] for other in scores)
    assert "Pareto front" in (render_optimised(found.document) or "")


@pytest.mark.parametrize("objective", ["end:p80", "end:cvar90", "end:world-p90", "end:regret"])
def test_robust_criteria(tmp_path: Path, objective: str) -> None:
    found = _optimise(tmp_path, SPACE.replace("[end]", f"['{objective}']"))
    assert found.document["objectives"][0]["key"] == objective
    assert found.document["best"]["decisions"]["start"] == "at once"
    assert render_optimised(found.document)


def test_stopped_the_best_so_far_is_told_and_the_search_goes_on(tmp_path: Path) -> None:
    cancel = Event()

    def after_a_while(spent: int, total: int) -> None:
        if spent > 600:
            cancel.set()

    stopped = _optimise(tmp_path, cancel=cancel, progress=after_a_while, out=tmp_path / "out")
    assert stopped.interrupted and stopped.document["fresh"] is None
    assert (tmp_path / "out" / "best_plan.yaml").exists()
    assert "Stopped before its end" in (render_optimised(stopped.document) or "")
    whole = _optimise(tmp_path)
    assert not whole.interrupted
    (tmp_path / "elsewhere").mkdir()
    assert whole.document == _optimise(tmp_path / "elsewhere").document


BAD = [
    ("decisions:\n  start: {gate: mvoe.load, progress: road}", "decisions.start.gate", "did you mean 'move.load'"),
    ("decisions:\n  start: {gate: road, progress: road}", "decisions.start.progress", "wait for itself"),
    ("decisions:\n  start: {gate: move.load, progress: road, least: 0.9, most: 0.1}", "decisions.start.most", "order them"),
    ("decisions:\n  start: {gate: move.load, progress: road, least: 30, most: 80}", "decisions.start.most", "write '80 %'"),
    ("decisions:\n  start: {gate: move.load, progress: road, values: [0.3, 60]}", "decisions.start.values[1]", "write '60 %'"),
    ("decisions:\n  more: {surge: lift, when: {progress: road, at_least: 70}}", "decisions.more.when.at_least", "write '70 %'"),
    ("decisions:\n  m: {surge: lift, when: {progress: raod, at_least: 0.7}}", "decisions.m.when.progress", "you mean 'road'"),
    ("decisions:\n  start: {gate: move.load}", "decisions.start", "needs 'least' and 'most'"),
    ("decisions:\n  start: {gate: move.load, least: 2020-03-01, most: 2020-02-01}", "decisions.start.most", "order them"),
    ("decisions:\n  start: {gate: move.load, least: 1 day, most: 2 days}", "decisions.start.least", "is a duration"),
    ("decisions:\n  more: {lend: lfit, least: 0/day, most: 8/day}", "decisions.more.lend", "did you mean 'lift'"),
    ("decisions:\n  more: {lend: lift, least: 0/day, most: 8/day, step: 20/day}", "decisions.more.step", "no step"),
    ("decisions:\n  more: {lend: lift, least: 0/day, most: $lift}", "decisions.more.most", "single value"),
    ("decisions:\n  m: {surge: lift, when: {progress: road, at_least: $nope}}", "decisions.m.when.at_least", "number '$nope'"),
    ("decisions:\n  more: {pre_position: lift, least: 0/day, most: 8/day}", "decisions.more", "needs 'to'"),
    ("decisions:\n  more: {surge: lift}", "decisions.more", "needs 'when'"),
    ("decisions:\n  order: {tiers: [[[move]]]}", "decisions.order.tiers", "offers no choice"),
    ("decisions:\n  two: {lend: lift, reserve: lift}", "decisions.two", "exactly one of"),
    ("decisions:\n  two: {values: [1, 2], lend: lift, least: 0/day}", "decisions.two.values", "beside a range"),
    ("decisions: {}", "decisions", "nothing to decide"),
    ("plan: togther\ndecisions:\n  start: {gate: move.load, progress: road}", "plan", "did you mean 'together'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "place", "said"), BAD, ids=[entry[0].splitlines()[-1].strip() for entry in BAD]
)
def test_bad_spaces_are_told_with_their_lines(tmp_path: Path, part: str, place: str, said: str) -> None:
    path = _file(tmp_path, f"format: phaseline-space/1\n{part}\nminimise: [end]\n")
    with pytest.raises(phaseline.InputError) as refused:
        load_space(path, strained())
    found = [problem for problem in refused.value.problems if problem.path == place]
    assert found and found[0].line and said.lower() in f"{found[0].rule} {found[0].remedy}".lower(), (
        refused.value.problems
    )


def test_bad_criteria_are_told_with_their_lines(tmp_path: Path) -> None:
    text = SPACE.replace("minimise: [end]", "minimise:\n  - ends\n  - end:p0") + "subject_to: [x<=3]\n"
    with pytest.raises(phaseline.InputError) as refused:
        _optimise(tmp_path, text)
    places = [(problem.path, problem.line) for problem in refused.value.problems]
    assert places == [("minimise[0]", 6), ("minimise[1]", 7), ("subject_to[0]", 10)]


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(phaseline.InputError, match=r"mine\.txt"):
        _optimise(tmp_path, out=tmp_path / "out")
    with pytest.raises(phaseline.InputError, match="histories"):
        _optimise(tmp_path, histories=3)


def test_every_kind_of_decision_makes_its_plan(tmp_path: Path) -> None:
    text = """\
format: phaseline-space/1
decisions:
  date: {gate: move.load, least: 2020-01-05, most: 2020-02-05}
  order: {tiers: [[[move], [road]], [[road, move]]]}
  hold: {reserve: lift, values: [0/day, 2/day]}
  ready: {pre_position: lift, to: move.load, least: 0/day, most: 3/day}
  first: {reallocate: lift, to: move, least: 0/day, most: 3/day}
  rush: {surge: lift, when: {progress: road, at_least: 0.5}}
  more: {lend: lift, least: 0/day, most: 3/day, delay: 5 days, lasts: 10 days, count_per_unit: 2}
minimise: [end]
"""
    scenario = strained()
    space, _ = load_space(_file(tmp_path, text), scenario)
    chosen = levers(scenario, space.decisions)
    day = float(dt.date(2020, 1, 10).toordinal())
    plan = plan_of(scenario.plans["together"], chosen, (day, 1, 2.0, 1.5, 0.0, "never", 3.0))
    assert plan.title == (
        "date: 10 Jan 2020; order: road+move; hold: 2/day; ready: 1.5/day; first: 0/day; rush: never; more: 3/day"
    )
    assert plan.tiers == [["road", "move"]]
    actions = {relief.action: relief for relief in plan.relief}
    assert set(actions) == {"reserve", "pre_position", "surge", "lend"}
    assert actions["lend"].count is not None and actions["lend"].count.dist.mean() == 6
    kinds = [lever.dimension for lever in chosen]
    assert kinds[0].size == 32 and kinds[1].choices == (0, 1) and kinds[2].choices == (0.0, 2.0)
    allowed = plan_of(
        scenario.plans["together"], chosen, (day, 0, 0.0, 0.0, 0.0, "while its condition holds", 0.0)
    )
    assert [relief.action for relief in allowed.relief] == ["surge"]
