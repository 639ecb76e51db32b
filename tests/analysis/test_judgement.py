"""From one run to all documents, on a scenario whose answers are known: drivers, flips, stress, traces, and their text."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phaseline
from analysis.toys import strained
from phaseline.analysis.drivers import drivers, strongest
from phaseline.analysis.flips import CONFIRM, PIECE, Trials
from phaseline.analysis.traces import CAUSES
from phaseline.execution.runner import EngineCall
from phaseline.execution.tally import Pace
from phaseline.outcomes.claims import happens
from phaseline.reporting.judgement import render_judgement
from phaseline.scenario.schema import Plan

REPLICATIONS = 2_000


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> phaseline.Judgement:
    store = tmp_path_factory.mktemp("store")
    return phaseline.compare(
        strained(), replications=REPLICATIONS, one_at_a_time=True, store=store, threads=1
    )


def _claim(found: phaseline.Judgement, name: str) -> dict[str, Any]:
    return next(claim for claim in found.claims["claims"] if claim["id"] == name)


def test_every_document_is_there_and_says_of_which_run(found: phaseline.Judgement) -> None:
    assert set(found.documents) == {
        "comparison.json",
        "claims.json",
        "drivers.json",
        "ledger.json",
        "traces.json",
    }
    for name, document in found.documents.items():
        assert document["format"] == f"phaseline-{name.removesuffix('.json')}/1"
        assert document["scenario_fingerprint"] == found.outcomes.scenario_fingerprint
        json.dumps(document, allow_nan=False)


def test_a_claim_flips_where_algebra_says(found: phaseline.Judgement) -> None:
    """Strain is 10 / capacity, above 1 in a quarter of the worlds; with capacity fixed it is certain below 10 a day."""
    claim = _claim(found, "short")
    assert claim["probability"]["value"] == pytest.approx(0.25, abs=0.04) and claim["verdict"] == "fails"
    flips = {flip["number"]: flip for flip in claim["flips"]}
    number = flips["lift"]
    assert number["holds"] == "at most" and number["confirmed"]
    low, high = (float(number["threshold"][end].split("/")[0]) for end in ("low", "high"))
    assert low <= 10 <= high and high - low < 1
    assert (
        number["inside"]["probability"]["value"] == 1.0 and number["outside"]["probability"]["value"] == 0.0
    )
    # half of the worlds are short where the factor is 10 / 12, the middle of the range over what is needed
    factor = flips["capacity.lift"]
    low, high = (float(factor["threshold"][end].removesuffix(" %")) for end in ("low", "high"))
    assert low - 2 <= 100 * 10 / 12 <= high + 2 and factor["confirmed"]
    assert "days" not in flips and "idle" not in flips


def test_small_runs_are_the_same_histories(found: phaseline.Judgement) -> None:
    scenario = strained()
    claim = scenario.claims["short"]
    trials = Trials(found.outcomes, scenario.plans, threading.Event())
    small = trials.run(scenario, claim, PIECE + 8)
    assert small.replications == PIECE + 8
    assert (happens(small, claim) == happens(found.outcomes, claim)[: PIECE + 8]).all()


def _never_loads() -> Plan:
    """A plan under which nothing ever wants the lift."""
    return Plan.model_validate({"title": "Never", "gates": {"move.load": {"date": "2020-04-29"}}})


def test_flips_are_of_the_plan_that_was_judged(tmp_path: Path) -> None:
    """The claim is about the plan 'together'; what is judged under that name is the plan that was handed in."""
    own = {"together": _never_loads(), "in_turn": strained().plans["in_turn"]}
    judged = phaseline.compare(strained(), own, replications=800, store=tmp_path, threads=1)
    claim = _claim(judged, "short")
    assert claim["probability"]["value"] == 0.0
    assert claim["flips"] == [], "with the scenario's own plan the capacity of the lift decides"


def test_no_thread_is_used_beyond_those_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate = EngineCall.__call__
    used: set[str] = set()

    def watched(call: EngineCall, first: int, count: int, series: bool) -> Any:
        used.add(threading.current_thread().name)
        return simulate(call, first, count, series)

    monkeypatch.setattr(EngineCall, "__call__", watched)
    phaseline.compare(strained(), replications=800, store=tmp_path, threads=1)
    assert used == {"MainThread"}


@pytest.mark.parametrize("after", [1, 40, 250, 280, 315])
def test_a_stop_is_heeded_in_every_part(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set while the n-th piece is simulated, a stop lets no more than those under way be finished: run, flips, or later."""
    simulate = EngineCall.__call__
    cancel = threading.Event()
    calls = [0, 0]

    def counted(call: EngineCall, first: int, count: int, series: bool) -> Any:
        calls[int(cancel.is_set())] += 1
        if calls[0] == after:
            cancel.set()
        assert count <= CONFIRM
        return simulate(call, first, count, series)

    monkeypatch.setattr(EngineCall, "__call__", counted)
    # As many pieces on every machine: 357 in all.
    monkeypatch.setattr(Pace, "size", lambda *_: 50)
    with pytest.raises(phaseline.InterruptedRun):
        phaseline.compare(strained(), replications=800, store=tmp_path, threads=2, cancel=cancel)
    assert calls[0] == after and calls[1] <= 4


def test_a_stop_between_runs_is_heeded(found: phaseline.Judgement) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(phaseline.InterruptedRun):
        drivers(found.outcomes, cancel=cancel)


def test_the_number_that_matters_leads(found: phaseline.Judgement) -> None:
    assert found.drivers is not None
    entries = {(entry["key"], entry["plan"]): entry for entry in found.drivers["outcomes"]}
    move = entries["end.move", "together"]
    assert move["numbers"][0]["number"] == "lift" and move["numbers"][0]["first_order"]["value"] > 0.9
    assert move["chance_share"]["value"] == pytest.approx(0.0, abs=1e-9)
    road = entries["end.road", "together"]
    assert road["numbers"][0]["number"] == "days" and road["numbers"][0]["delta"]["value"] > 0.7
    assert road["numbers"][0]["at_low"]["value"] == pytest.approx(11.5, abs=0.4)
    weights = strongest(found.drivers)
    assert weights.get("idle", 0.0) < 0.1 < weights["lift"]
    (worth,) = [entry for entry in found.drivers["value_of_information"] if entry["key"] == "end"]
    assert worth["best_now"] == "together" and worth["perfect"]["value"] == 0.0  # waiting is never better


def test_stress_puts_numbers_at_the_ends_that_hurt(found: phaseline.Judgement) -> None:
    assert found.ledger is not None
    rows = {(row["what"], row["plan"]): row for row in found.ledger["stress"]["rows"]}
    # at its 10 % point the lift gives 8.8 a day: 20 / 0.88 = 22.7 days, done on day 23; the road at its 90 % point 28
    assert rows["all adverse", "together"]["values"]["end"]["value"] == 28
    assert rows["all adverse", "in_turn"]["values"]["end"]["value"] == 28 + 23
    assert rows["all favourable", "in_turn"]["values"]["end"]["value"] == 12 + 20
    alone = rows["lift adverse", "together"]
    assert alone["turned"] == ["lift"]
    assert alone["changes"]["overstretched"]["value"] == pytest.approx(0.75, abs=0.05)
    assert rows["idle adverse", "together"]["changes"]["end"]["value"] == 0
    numbers = {number["path"]: number for number in found.ledger["numbers"]}
    assert numbers["numbers.lift"]["source"]["id"] == "press" and numbers["numbers.lift"]["weight"] > 0.1
    assert numbers["numbers.idle"]["assumed"] == "none"


def test_prices_of_causes_add_up_to_what_shortage_costs(found: phaseline.Judgement) -> None:
    assert found.traces is not None
    assert [cause["key"] for cause in found.traces["causes"]] == ["shortage"]
    (row,) = [row for row in found.traces["aggregate"] if row["plan"] == "together"]
    run = found.outcomes.column("together", "end")[:500]
    road = found.outcomes.column("together", "end.road")[:500]
    assert row["delay_of_all"]["value"] == pytest.approx(float((run - np.maximum(road, 20)).mean()), abs=1e-9)
    assert row["losses"] is None
    assert CAUSES[0].gone(strained()) != strained()


def test_the_bad_tenth_lies_where_the_road_is_long(found: phaseline.Judgement) -> None:
    assert found.traces is not None
    boxes = [box for box in found.traces["boxes"] if box["plan"] == "together"]
    assert boxes and "days of the road above" in boxes[0]["text"]
    assert boxes[0]["density"]["low"] > 0.5
    history = found.traces["histories"][0]
    assert history["chain"][0]["text"].endswith("opens")


def test_all_of_it_in_words(found: phaseline.Judgement) -> None:
    titles = {name: run.title for name, run in found.outcomes.runs.items()}
    text = render_judgement(found.documents, titles) or ""
    for phrase in (
        "In turn against Together", "FAILS: The lift is short. (x)", "lift overstretched (Together): 2",
        "It would hold with",
        "HOLDS: Waiting takes longer.", "What drives the answer", "capacity of the lift", "Worth learning before deciding",
        "If the assumptions turn", "One at a time, adverse", "Why the bad tenth went bad", "shortage of assets",
        "In one and the same history",
    ):  # fmt: skip
        assert phrase in text, phrase
    assert max(map(len, text.splitlines())) <= 100


def test_quick_and_small_runs_leave_out_what_they_cannot_tell(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    quick = phaseline.compare(strained(), replications=1_000, quick=True, store=tmp_path / "s", threads=1)
    assert set(quick.documents) == {"comparison.json", "claims.json", "drivers.json"}
    small = phaseline.compare(strained(), replications=40, store=tmp_path / "s", threads=1)
    assert set(small.documents) == {"comparison.json", "claims.json"}
    assert "too few to tell what drives" in caplog.text


def test_the_report_shows_what_compare_has_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    phaseline.compare(strained(), replications=1_000, out=out, store=tmp_path / "s", threads=1)
    page = phaseline.report(out).read_text(encoding="utf-8")
    for phrase in ("The lift is short.", "capacity of the lift", "shortage of assets", "all adverse"):
        assert phrase in page, phrase
    assert "Run &#39;phaseline compare&#39;" not in page
    # another seed's documents are refused
    other = json.loads((out / "claims.json").read_text(encoding="utf-8")) | {"seed": 99}
    (out / "claims.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(phaseline.InputError, match=r"claims\.json"):
        phaseline.report(out)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"joint": "ends<=3"}, "ends"),
        ({"joint": "end<=soon"}, "end<=soon"),
        ({"plan": "nosuch"}, "there is no such plan"),
    ],
)
def test_bad_requests_are_refused(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(phaseline.InputError, match=said):
        phaseline.compare(strained(), replications=16, store=tmp_path, **options)
