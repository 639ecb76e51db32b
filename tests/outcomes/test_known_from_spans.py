"""What cannot vary is told without an interval, in scenarios of which other things are drawn; and no more than that."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import phaseline
from phaseline.outcomes.claims import judge
from phaseline.outcomes.comparison import compare
from phaseline.outcomes.files import read, write
from phaseline.outcomes.results import Outcomes
from phaseline.reporting.judgement import render_judgement
from phaseline.reporting.starts import render_starts
from phaseline.reporting.terminal import render

TASK = {"kind": "task"}
PARTLY: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "partly certain",
    "as_of": "2026-09-01",
    "horizon": "60 days",
    "operations": {
        "sure": {"label": "Sure things", "phases": {"a": {**TASK, "duration": "10 days"}}},
        "doubt": {"label": "Doubt", "phases": {"b": {**TASK, "duration": ["20 days", "40 days"]}}},
    },
    "claims": {
        "late": {"statement": "Not before the 20th.", "speaker": "me", "plan": "one", "at_least": "50 %",
                 "event": {"any": [{"finished": "doubt", "by": "2026-09-18"}, {"finished": "sure", "by": "2026-09-09"}]}},
        "open": {"statement": "Late or never.", "speaker": "me", "plan": "one", "at_least": "50 %",
                 "event": {"finished": "doubt", "by": "2026-09-30", "never": True}},
        "five": {"statement": "It costs five days.", "speaker": "me", "at_least": "50 %",
                 "event": {"difference": "end.sure", "between": ["two", "one"], "above": 4, "each": "history"}},
    },
    "plans": {
        "one": {"title": "One"},
        "two": {"title": "Two", "gates": {"sure.a": {"date": "2026-09-06"}}},
        "three": {"title": "Three", "gates": {"doubt.b": {"after": "sure"}}},
    },
}  # fmt: skip
LUCK: dict[str, Any] = {
    **PARTLY,
    "title": "only chance",
    "operations": {
        "a": {"phases": {"x": {**TASK, "duration": {"low": "5 days", "high": "20 days", "kind": "chance"}}}},
        "b": {"phases": {"y": {**TASK, "duration": "7 days"}}},
    },
    "claims": {},
    "plans": {"one": {"title": "One"}, "two": {"title": "Two", "gates": {"b.y": {"date": "2026-09-06"}}}},
}


def _run(tmp_path: Path, document: dict[str, Any], replications: int) -> Outcomes:
    scenario = phaseline.Scenario.model_validate(document)
    return phaseline.run(scenario, replications=replications, store=tmp_path / "store", threads=1)


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _exact(interval: dict[str, Any], value: float) -> bool:
    return interval["value"] == interval["low"] == interval["high"] == value


@pytest.mark.parametrize("replications", [4, 8, 80])
def test_a_difference_that_the_model_knows_is_told_whatever_the_run(
    tmp_path: Path, replications: int
) -> None:
    outcomes = _run(tmp_path, PARTLY, replications)
    text = _flat(render(outcomes))
    assert (
        "“Two” starts and ends Sure things 5 days later in every history (the same in every history: the last end)"
        in text
    )
    assert "“Three” ends 10 days later in every history." in text
    assert "comes to the same" not in text and "cannot be told" not in text
    three = compare(outcomes)["pairs"][1]
    assert (three["plan"], three["against"]) == ("three", "one")
    end = three["outcomes"]["end"]
    assert end["exact"] and _exact(end["difference"], 10.0) and _exact(end["better"], 0.0)


def test_what_is_merely_alike_in_few_histories_is_not_called_exact(tmp_path: Path) -> None:
    document = copy.deepcopy(PARTLY)
    document["operations"]["doubt"]["phases"]["b"]["stop_hazard"] = (
        "0.001 %/day"  # which may stop it under either plan
    )
    outcomes = _run(tmp_path, document, 8)
    two, three = outcomes.summary()["differences"]
    assert (
        two["outcomes"]["end.sure"]["exact"] and two["outcomes"]["end.doubt"]["exact"]
    )  # nothing in which they differ reaches it
    assert not two["outcomes"]["end"]["exact"] and not three["outcomes"]["end"]["exact"]
    text = _flat(render(outcomes))
    assert "the same in all 8 histories of this run: the last end" in text
    assert "“Three” ends 10 days later in all 8 histories of this run" in text
    pairs = {"comparison.json": compare(outcomes)}
    titles = {plan: run.title for plan, run in outcomes.runs.items()}
    assert "10 in this run" in _flat(render_judgement(pairs, titles))


def test_a_date_before_anything_can_end_needs_no_interval(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, LUCK, 40)
    plan = outcomes.summary()["plans"]["two"]
    by = {row["date"]: row["chance"] for row in plan["all"]["by"]}
    early = [chance for date, chance in by.items() if date < "2026-09-12"]
    assert early and all(_exact(chance, 0.0) for chance in early)
    assert (
        _exact(plan["all"]["failed"], 0.0) and _exact(plan["all"]["done"], 1.0) and not plan["all"]["certain"]
    )
    assert plan["operations"]["b"]["certain"] and not plan["operations"]["a"]["certain"]
    text = _flat(render(outcomes))
    assert "(0–" not in text and "all operations: done, median" in text and "b: done " in text
    detail = _flat(render(outcomes, detail=True))
    assert "All operations done by: 10 Sep 2026 no" in detail


def test_where_no_number_is_unknown_there_is_no_ignorance(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, LUCK, 40)
    summary = outcomes.summary()
    assert summary["unknowns"] == 0
    assert _exact(summary["plans"]["one"]["all"]["ignorance"]["end"], 0.0)
    text = _flat(render(outcomes))
    assert "ignorance in the last end none none" in text
    assert "No number of this scenario is unknown: the whole spread in the last end is chance." in text
    alone = _flat(render(_run(tmp_path, {**LUCK, "plans": {"one": {}}}, 40)))
    assert (
        "No number of this scenario is unknown: the whole spread in the end of all operations is chance."
        in alone
    )
    duel = phaseline.run("examples/duel.yaml", replications=40, store=tmp_path / "store", threads=1)
    assert "the whole spread in who wins is chance." in _flat(render(duel))


def test_an_unknown_number_that_bears_on_something_else_is_named_as_such(tmp_path: Path) -> None:
    document = copy.deepcopy(LUCK)
    document["operations"]["b"]["phases"]["y"]["duration"] = ["1 day", "4 days"]
    document["plans"] = {"one": {}}
    outcomes = _run(tmp_path, document, 40)
    operations = outcomes.summary()["plans"]["one"]["operations"]
    assert (
        _exact(operations["a"]["ignorance"]["end"], 0.0)
        and operations["b"]["ignorance"]["end"]["value"] == 1.0
    )
    document["operations"]["b"]["phases"]["y"]["duration"] = ["1 day", "40 days"]
    share = _run(tmp_path, document, 40).summary()["plans"]["one"]["all"]["ignorance"]["end"]
    assert share["low"] < share["high"]


def test_a_comparison_says_no_where_nothing_can_fail(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, LUCK, 40)
    titles = {plan: run.title for plan, run in outcomes.runs.items()}
    document = compare(outcomes, "failed<=10%,end.b<=12,end<=2026-09-30")
    text = _flat(render_judgement({"comparison.json": document}, titles))
    assert "Any failure no against no same" in text
    assert "One: yes Two: yes" in text
    assert all(_exact(chance, 1.0) for plan in document["joint"]["each"].values() for chance in plan)
    never = compare(outcomes, "end.b<=5,end<=2026-09-10")
    assert all(_exact(chance, 0.0) for chance in never["joint"]["plans"].values())
    half = compare(outcomes, "failed<=10%,end<=2026-09-15")["joint"]["plans"]["one"]
    assert half["low"] < half["value"] < half["high"]


def test_a_curve_says_no_where_nothing_can_fail(tmp_path: Path) -> None:
    found = phaseline.when(
        phaseline.Scenario.model_validate(LUCK), "b", at="2026-09-02,2026-09-16", replications=40,
        store=tmp_path / "store", threads=1,
    )  # fmt: skip
    text = render_starts(found.document) or ""
    assert "0 %" not in text and text.count(" no ") >= 2
    last = found.document["points"][-1]
    assert _exact(last["objective"], 22.0)  # the other task is over by then, whatever it takes


def test_a_curve_of_exact_shifts_changes_exactly(tmp_path: Path) -> None:
    found = phaseline.when(
        phaseline.Scenario.model_validate(PARTLY), "doubt", at="2026-09-01,2026-09-11", objective="end:p80",
        replications=16, store=tmp_path / "store", threads=1,
    )  # fmt: skip
    assert _exact(found.document["points"][1]["against_best"], 10.0)
    assert _exact(found.document["waiting"][0]["changes"]["end"], 10.0)


def test_waiting_that_moves_only_what_comes_earlier_is_not_nothing(tmp_path: Path) -> None:
    found = phaseline.when(
        phaseline.Scenario.model_validate(PARTLY), "sure", at="2026-09-01,2026-09-06", replications=16,
        store=tmp_path / "store", threads=1,
    )  # fmt: skip
    text = _flat(render_starts(found.document))
    assert "6 Sep 2026: end of Sure things +5 days." in text and "nothing, in any history" not in text


def test_claims_that_the_model_decides_have_no_interval(tmp_path: Path) -> None:
    late, open_, five = judge(_run(tmp_path, PARTLY, 8))["claims"]
    assert _exact(late["probability"], 0.0) and late["verdict"] == "no world can meet it"
    assert _exact(five["probability"], 1.0) and five["verdict"] == "no world can fail it"
    assert open_["probability"]["low"] < open_["probability"]["high"]


def test_a_claim_between_two_dates_is_not_read_at_the_ends_alone(tmp_path: Path) -> None:
    document = copy.deepcopy(PARTLY)
    document["claims"] = {
        "between": {"statement": "In the last days of September.", "speaker": "me", "plan": "one", "at_least": "5 %",
                    "event": {"all": [{"finished": "doubt", "by": "2026-10-02"},
                                      {"finished": "doubt", "by": "2026-09-24", "never": True}]}},
    }  # fmt: skip
    (claim,) = judge(_run(tmp_path, document, 80))["claims"]
    assert 0.0 < claim["probability"]["value"] < 1.0


def test_what_the_model_knows_is_known_of_a_stored_result(tmp_path: Path) -> None:
    outcomes = _run(tmp_path, PARTLY, 8)
    write(outcomes, tmp_path / "out", documents={"comparison.json": compare(outcomes)})
    again = read(tmp_path / "out")
    assert again.summary() == outcomes.summary()
    assert compare(again) == compare(outcomes)
    assert render(again) == render(outcomes)


def test_failure_that_differs_is_told_in_points(tmp_path: Path) -> None:
    document = copy.deepcopy(PARTLY)
    document["plans"]["two"] = {"title": "Two", "stops": {"sure.a": {"date": "2026-09-03"}}}
    two = _run(tmp_path, document, 80).summary()["differences"][0]["outcomes"]
    assert two["failed"]["difference"]["value"] == 100.0
    assert two["end"]["difference"]["value"] > 0.0
