"""What the planner really writes keeps the published schemas, and they refuse what is nearly right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import phaseline
from analysis.toys import strained
from outcomes.strictness import assert_ordered, assert_strict, keeps, plain
from phaseline.planner.projects.lists import RULES
from phaseline.planner.projects.uncertain import DISTRIBUTIONS
from phaseline.scenario.space import KINDS
from random_networks import as_rcmp, as_sm, random_network

SPACE = """\
format: phaseline-space/1
decisions:
  start: {gate: move.load, progress: road, least: 0, most: 1, step: 0.25}
  more: {lend: lift, least: 0/day, most: 8/day, step: 4/day}
minimise: [end]
subject_to: [failed<=50%]
histories: 2000
fresh: 100
"""


def test_when(tmp_path: Path) -> None:
    """By progress with a limit that stops it going earlier, and by date with two worlds, too few to bound a percentile."""
    build = {"kind": "task", "duration": "$days", "demand": {"lift": "8/day"}, "dependence": {"lift": 0.0}}
    load = {"kind": "task", "duration": "20 days", "demand": {"lift": "10/day"}, "dependence": {"lift": 0.0}}
    crowded = strained(
        operations={"move": {"label": "Move", "phases": {"load": load}},
                    "road": {"label": "Road", "phases": {"build": build}}},
    )  # fmt: skip
    options: dict[str, Any] = {"store": tmp_path / "store", "threads": 1}
    documents = [
        plain(found.document)
        for found in (
            phaseline.when(crowded, "move.load", against="road.progress", at="0,1", limit="overstretched<=50%",
                           over="days", replications=64, **options),
            phaseline.when(strained(), "move.load", at="2020-01-01,2020-01-11", objective="end:p80", replications=8, **options),
        )
    ]  # fmt: skip
    assert documents[0]["earlier"] and documents[0]["hangs_on"] and documents[1]["waiting"]
    schema = phaseline.schema("when")
    assert_strict(schema, documents)
    assert_ordered(documents)
    point = documents[0]["points"][0]
    for wrong in ({"at": [1.5]}, {"at": ["2020-13-01"]}, {"verdict": "good"}):
        assert not keeps(schema, documents[0] | {"points": [point | wrong]}), wrong


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """One objective, two objectives, too few worlds for a bound in a space without end, one stopped."""
    folder = tmp_path_factory.mktemp("searches")
    texts = [
        SPACE,
        SPACE.replace("[end]", "[end.move, overstretched]"),
        SPACE.replace(", step: 0.25", "").replace("[end]", "['end:p80']") + "first: 100\n",
    ]
    found = []
    for text, per_world in zip(texts, (4, 4, 100), strict=True):
        path = folder / "space.yaml"
        path.write_text(text, encoding="utf-8")
        options: dict[str, Any] = {"per_world": per_world, "store": folder / "store", "threads": 1}
        found.append(plain(phaseline.optimise(strained(), path, **options).document))
    cancel = Event()

    def after_a_while(spent: int, total: int) -> None:
        if spent > 600:
            cancel.set()

    path.write_text(SPACE, encoding="utf-8")
    stopped = phaseline.optimise(
        strained(), path, cancel=cancel, progress=after_a_while, store=folder / "other", threads=1
    )
    return [*found, plain(stopped.document)]


def test_optimise(searches: list[Any]) -> None:
    assert searches[0]["as_good"] and searches[1]["front"] and searches[3]["interrupted"]
    schema = phaseline.schema("optimise")
    assert_strict(schema, searches)
    assert_ordered(searches)
    for wrong in ({"decisions": {"start": "whim"}}, {"points": 0}, {"points": 1.5}):
        assert not keeps(schema, searches[0] | {"space": searches[0]["space"] | wrong}), wrong


def test_relief(tmp_path: Path) -> None:
    """With an action that is refused; and of a plan without a title, by one world."""
    lift = {"label": "lift", "cap": 9, "elsewhere": {"demand": "0/day", "cost": "$idle"}}
    capped = strained(
        assets={"lift": lift},
        contributions=[{"nation": "A", "asset": "lift", "count": 9, "sustained": "1/day"}],
        numbers={
            "days": {"label": "days", "low": "10 days", "high": "30 days", "source": "press", "adverse": "high"},
            "idle": {"label": "idle", "low": 0, "high": 1, "assumed": "none", "adverse": "high"},
        },
    )  # fmt: skip
    untitled = strained(claims={}, plans={"only": {}})
    options: dict[str, Any] = {"store": tmp_path / "store", "threads": 1}
    documents = [
        plain(phaseline.relief(capped, replications=64, share=0.5, **options)),
        plain(phaseline.relief(untitled, replications=8, per_world=8, **options)),
    ]
    assert any(action["refused"] for action in documents[0]["actions"])
    schema = phaseline.schema("relief")
    assert_strict(schema, documents)
    assert_ordered(documents)
    taken = next(action for action in documents[0]["actions"] if not action["refused"])
    assert not keeps(schema, documents[0] | {"actions": [taken | {"refused": "why not"}]})


def test_benchmark(tmp_path: Path) -> None:
    """Certain with and without a peer and a best known end, one instance that bounds no mean, and uncertain."""
    for seed in range(2):
        (tmp_path / f"a{seed}.sm").write_text(as_sm(random_network(seed, 8)), encoding="utf-8")
    due = replace(random_network(2, 8, projects=2), due_dates=(5, None))
    (tmp_path / "multi.rcmp").write_text(as_rcmp(due), encoding="utf-8")
    (tmp_path / "modes.mm").write_text("", encoding="utf-8")
    best = tmp_path / "best.csv"
    best.write_text("file,best_known\na0.sm,10\na1.sm,20\n", encoding="utf-8")
    quick: dict[str, Any] = {"seconds": 0.5, "repeatable": True}
    drawn: dict[str, Any] = {"distribution": "B2", "budget": 1_000, "replications": 20}
    documents = [
        plain(phaseline.benchmark("psplib", tmp_path, best=best, peer=True, **quick)),
        plain(phaseline.benchmark("psplib", tmp_path, only="a0*", best=best, **quick)),
        plain(phaseline.benchmark("psplib", tmp_path, only="a0*", **quick)),
        plain(phaseline.benchmark("psplib", tmp_path, only="[am]*", **drawn)),
    ]
    schema = phaseline.schema("benchmark")
    assert_strict(schema, documents)
    assert_ordered(documents)
    assert not keeps(schema, documents[0] | {"distribution": "B2"})
    assert not keeps(schema, documents[3] | {"distribution": None})


def test_lists_of_names_are_those_of_the_code() -> None:
    """The schemas import nothing from above, so they repeat these."""
    decisions = phaseline.schema("optimise")["properties"]["space"]["properties"]["decisions"]
    assert decisions["additionalProperties"]["enum"] == list(KINDS)
    drawn = phaseline.schema("benchmark")["anyOf"][1]["properties"]
    assert drawn["distribution"]["enum"] == list(DISTRIBUTIONS)
    assert drawn["summary"]["properties"]["best_rule"]["enum"] == list(RULES)


def test_schedule() -> None:
    project = Path(__file__).parents[2] / "examples" / "project.yaml"
    document = plain(phaseline.optimise(project).document)
    assert document["tasks"]
    assert_strict(phaseline.schema("schedule"), [document])
