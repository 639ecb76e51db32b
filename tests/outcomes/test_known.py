"""Where nothing is drawn one history is the answer, however few there are; and what a draw can reach keeps its interval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import phaseline
from phaseline.outcomes.claims import judge
from phaseline.outcomes.comparison import compare
from phaseline.outcomes.files import read, write
from phaseline.outcomes.known import chance_of, known
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.statistics import Interval
from phaseline.reporting.judgement import render_judgement
from phaseline.reporting.starts import render_starts
from phaseline.reporting.terminal import render

YARDS: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "two yards",
    "as_of": "2020-01-01",
    "horizon": "60 days",
    "assets": {"crews": {"label": "Crews", "unit": "crews", "capacity": "10/day"}},
    "operations": {
        "east": {
            "label": "East",
            "phases": {
                "dig": {"kind": "task", "duration": "6 days", "demand": {"crews": "12/day"}, "dependence": {"crews": 1}},
            },
        },
        "west": {
            "label": "West",
            "phases": {"dig": {"kind": "task", "duration": ["5 days", "30 days"], "stop_hazard": "0.001 %/day"}},
        },
    },
    "claims": {
        "east": {"statement": "The east is done in ten days.", "speaker": "a foreman", "plan": "both",
                 "event": {"finished": "east", "by": "2020-01-10"}, "at_least": "90 %"},
        "west": {"statement": "The west is done in twelve days.", "speaker": "a foreman", "plan": "both",
                 "event": {"finished": "west", "by": "2020-01-12"}, "at_least": "90 %"},
    },
    "plans": {
        "both": {"title": "Both at once"},
        "later": {"title": "East later", "gates": {"east": {"date": "2020-01-06"}}},
    },
}  # fmt: skip


def _run(tmp_path: Path, replications: int, scenario: Any = "examples/project.yaml") -> Outcomes:
    return phaseline.run(scenario, replications=replications, store=tmp_path / "store", threads=1)


def _yards() -> phaseline.Scenario:
    return phaseline.Scenario.model_validate(YARDS)


def _exact(interval: dict[str, Any], value: float) -> bool:
    return interval["value"] == interval["low"] == interval["high"] == value


@pytest.mark.parametrize("replications", [4, 400])
def test_a_project_without_a_draw_is_known_exactly(tmp_path: Path, replications: int) -> None:
    outcomes = _run(tmp_path, replications)
    assert outcomes.is_certain
    summary = outcomes.summary()
    first = summary["plans"]["as_written"]
    assert _exact(first["all"]["done"], 1.0) and _exact(first["all"]["failed"], 0.0)
    assert _exact(first["binding"]["assets"]["crew"]["first"], 1.0)
    assert _exact(first["all"]["end_mean"], 34.0)
    differences = [entry["outcomes"]["end"]["difference"] for entry in summary["differences"]]
    assert _exact(differences[0], 1.0) and _exact(differences[1], -5.0)
    pairs = compare(outcomes)["pairs"]
    assert _exact(pairs[1]["outcomes"]["end"]["difference"], -5.0)
    assert _exact(pairs[1]["outcomes"]["end"]["better"], 1.0) and _exact(
        pairs[1]["outcomes"]["failed"]["equal"], 1.0
    )


@pytest.mark.parametrize("replications", [4, 400])
def test_its_text_has_no_percentage_no_interval_and_no_doubt(tmp_path: Path, replications: int) -> None:
    outcomes = _run(tmp_path, replications)
    titles = {plan: run.title for plan, run in outcomes.runs.items()}
    documents = {"comparison.json": compare(outcomes), "claims.json": judge(outcomes)}
    text = (render(outcomes) or "") + (render_judgement(documents, titles) or "") + repr(outcomes)
    assert "%" not in text and "±" not in text and "cannot be told" not in text and "typically" not in text
    flat = " ".join(text.split())
    assert "Nothing is drawn: all histories of a plan are the same, and one tells everything." in flat
    assert "“The fence claims a crew before anybody else” ends 5 days earlier" in flat
    assert "“Who has the longest chain still to go claims first” ends 1 day later" in flat
    page = " ".join((render(outcomes, detail=True) or "").split())
    assert "Hospital: done on 29 Jan 2026." in page and "Overstretched first: crew, from 1 Jan 2026." in page


def test_precision_is_reached_at_once_where_nothing_is_drawn(tmp_path: Path) -> None:
    outcomes = phaseline.run(
        "examples/project.yaml", precision=0.001, replications=4096, store=tmp_path / "store", threads=1
    )
    assert outcomes.replications == 1024 and outcomes.info["precision"]["reached"] == 0.0


def test_what_no_draw_can_reach_is_exact_beside_what_one_can(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, 8, _yards())
    assert not outcomes.is_certain
    operations = outcomes.summary()["plans"]["both"]["operations"]
    assert _exact(operations["east"]["done"], 1.0)
    assert operations["west"]["done"]["low"] < 1.0  # eight histories without a failure are no proof
    (entry,) = compare(outcomes)["pairs"]
    rows = {row["key"]: row["plans"] for row in compare(outcomes)["outcomes"]}
    assert _exact(entry["outcomes"]["end.east"]["difference"], 5.0)
    assert _exact(rows["overstretched"]["both"], 1.0)
    assert rows["failed"]["both"]["high"] > 0.0
    text = " ".join((render(outcomes) or "").split())
    assert "Nothing is drawn" not in text


def test_claims_about_what_is_certain_have_no_interval(tmp_path: Path) -> None:
    east, west = judge(_run(tmp_path, 8, _yards()))["claims"]
    assert _exact(east["probability"], 1.0) and east["verdict"] == "no world can fail it"
    assert _exact(east["share_of_worlds_holding"], 1.0)
    assert west["probability"]["low"] < west["probability"]["high"] and west["verdict"] != "holds"
    shown = render_judgement({"claims.json": {"claims": [east, west]}}, {"both": "Both at once"}) or ""
    assert "East done by 2020-01-10 (Both at once): this plan makes it so: no world can fail it." in " ".join(
        shown.split()
    )


def test_certainty_is_stored_with_the_result(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, 8, _yards())
    write(outcomes, tmp_path / "out")
    again = read(tmp_path / "out")
    assert {plan: run.certain for plan, run in again.runs.items()} == {
        plan: run.certain for plan, run in outcomes.runs.items()
    }
    assert again.summary() == outcomes.summary()


def test_what_is_read_decides_what_is_known(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, 8, _yards())
    values, certain = known(outcomes, lambda run: run.column("both", "end.east"))
    assert certain and set(values) == {8.0}
    assert not known(outcomes, lambda run: run.column("both", "end.east") + run.column("both", "end.west"))[1]
    assert chance_of(outcomes, lambda run: run.column("both", "end.east") <= 8) == Interval(1.0, 1.0, 1.0)
    assert chance_of(outcomes, lambda run: run.column("both", "end.west") <= 60).low < 1.0


def test_the_curve_of_a_certain_start_needs_one_world_and_no_interval(tmp_path: Path) -> None:
    certain = {
        **YARDS,
        "operations": {
            **YARDS["operations"],
            "west": {"phases": {"dig": {"kind": "task", "duration": "9 days"}}},
        },
    }
    scenario = phaseline.Scenario.model_validate({**certain, "claims": {}})
    found = phaseline.when(
        scenario, "east", at="2020-01-01,2020-01-10", replications=4, store=tmp_path / "store", threads=1
    )
    points = found.document["points"]
    assert [_exact(point["objective"], end) for point, end in zip(points, (9.0, 17.0), strict=True)] == [
        True,
        True,
    ]
    assert [_exact(point["regret"], lost) for point, lost in zip(points, (0.0, 8.0), strict=True)] == [
        True,
        True,
    ]
    text = render_starts(found.document) or ""
    assert "%" not in text and "±" not in text and "unknown" not in text


def test_relief_in_a_certain_world_is_exact(tmp_path: Path) -> None:
    certain = {**YARDS, "operations": {"east": YARDS["operations"]["east"]}, "claims": {}}
    document = phaseline.relief(
        phaseline.Scenario.model_validate(certain),
        "both",
        replications=4,
        store=tmp_path / "store",
        threads=1,
    )
    changes = {action["key"]: action["changes"] for action in document["actions"] if not action["refused"]}
    assert all(
        change["low"] == change["value"] == change["high"]
        for action in changes.values()
        for change in action.values()
    )
    assert changes["lend"]["end"]["value"] < 0
