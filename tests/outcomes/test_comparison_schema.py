"""What `compare` really writes keeps the published schemas, and they refuse what is nearly right."""

from __future__ import annotations

from typing import Any

import pytest

import phaseline
from analysis.toys import strained
from outcomes import made
from outcomes.strictness import assert_keeps, assert_ordered, assert_strict, keeps, plain

LATER = frozenset(f"#/properties/{name}" for name in ("drivers", "ledger", "traces"))

_SHORT: dict[str, Any] = {
    "statement": "The lift is short.",
    "speaker": "x",
    "plan": "together",
    "event": {"strain": "lift"},
}
_ROAD: dict[str, Any] = {
    "statement": "Soon.",
    "speaker": "x",
    "plan": "together",
    "event": {"finished": "road", "by": "2020-01-20"},
}
CLAIMS: dict[str, Any] = {
    "short": {**_SHORT, "at_least": 0.5},
    "soon": {**_ROAD, "at_least": 0.5, "source": "press", "said": "2020-01-01", "published": "2020-01-02",
             "vague": {"word": "soon", "low": "15 days", "high": "25 days"}},
    "unread": {**_ROAD, "at_least": 0.5, "vague": "soon"},
    "wait": {"statement": "Waiting takes longer.", "speaker": "x", "at_least": 0.5,
             "event": {"difference": "end.move", "between": ["in_turn", "together"], "above": 1}},
    "longer": {"statement": "Waiting mostly takes longer.", "speaker": "x", "at_least": 0.5,
               "event": {"mostly": "end.move", "between": ["in_turn", "together"], "sign": "more"}},
    "rises": {"statement": "Waiting makes it late.", "speaker": "x",
              "event": {"increases": {"finished": "move", "by": "2020-01-25", "never": True}, "from": "together",
                        "to": "in_turn", "by": "20 points"},
              "vague": {"word": "late", "low": "5 points", "high": "30 points"}},
    "alike": {"statement": "The road is longer.", "speaker": "x", "at_least": 0.5,
              "event": {"mostly": "end.road", "between": ["in_turn", "together"], "sign": "more"}},
    "settled": {"statement": "The road begins at once.", "speaker": "x", "plan": "together", "at_least": 0.5,
                "event": {"start": "road", "by": "2020-01-01"}, "by_construction": "nothing holds it up"},
    "both": {"statement": "Done in time.", "speaker": "x", "plan": "in_turn", "at_least": 0.5,
             "event": {"finished": "move", "by": "2020-02-09"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What `compare --json` prints: in full, with losses, without a bound, and of rivals that a number decides between."""
    store = tmp_path_factory.mktemp("store")
    road = {
        "label": "days of the road",
        "low": "1 days",
        "high": "2 days",
        "source": "press",
        "adverse": "high",
    }
    lift = {"label": "lift", "low": "8/day", "high": "16/day", "source": "press", "adverse": "low"}
    idle = {"label": "idle", "low": 0, "high": 1, "assumed": "none", "adverse": "high"}
    rivals = {
        "in_turn": {"gates": {"move.load": {"after": "road"}}},
        "dated": {"gates": {"move.load": {"date": "2020-01-20"}}},
    }
    found = [
        phaseline.compare(strained(claims=CLAIMS), replications=1_600, store=store, threads=1),
        phaseline.compare(made.scenario_of(made.CAMPAIGN), replications=800, store=store, threads=1),
        phaseline.compare(strained(claims=CLAIMS), "together", 4, store=store, threads=1),
        phaseline.compare(strained(claims={}, plans=rivals), replications=800, quick=True, store=store, threads=1),
        phaseline.compare(
            strained(claims={}, numbers={"lift": lift, "days": road, "idle": idle}), "together", 800, store=store, threads=1
        ),
    ]  # fmt: skip
    return [
        plain({name.removesuffix(".json"): part for name, part in one.documents.items()}) for one in found
    ]


def test_it_is_strict_throughout(documents: list[dict[str, Any]]) -> None:
    assert_strict(phaseline.schema("compare"), documents, optional=LATER)
    assert_ordered(documents)


@pytest.mark.parametrize("name", ["comparison", "claims", "drivers", "ledger", "traces"])
def test_each_file_has_the_same_schema_alone(documents: list[dict[str, Any]], name: str) -> None:
    alone, whole = phaseline.schema(name), phaseline.schema("compare")
    inside = whole["properties"][name]
    assert {key: alone[key] for key in inside} == inside
    assert all(whole["$defs"][key] == part for key, part in alone["$defs"].items())
    for document in documents:
        if name in document:
            assert_keeps(alone, document[name])
            assert not keeps(alone, document[name] | {"format": "phaseline-other/1"})


def test_ledger_and_traces_come_together_and_with_drivers(documents: list[dict[str, Any]]) -> None:
    whole, few, quick = documents[0], documents[2], documents[3]
    assert set(few) == {"comparison", "claims"} and set(quick) == {*few, "drivers"}
    for name in ("drivers", "ledger", "traces"):
        assert not keeps(
            phaseline.schema("compare"), {key: part for key, part in whole.items() if key != name}
        )


def test_chances_are_shares_and_verdicts_are_known(documents: list[dict[str, Any]]) -> None:
    schema, document = phaseline.schema("claims"), documents[0]["claims"]
    claim = document["claims"][0]
    for wrong in (
        {"verdict": "perhaps"},
        {"at_least": 1.5},
        {"probability": claim["probability"] | {"high": 1.01}},
        {"probability": claim["probability"] | {"low": None}},
        {"said": "yesterday"},
        {"at_least": None, "increases": {"from": "together"}},
    ):
        assert not keeps(schema, document | {"claims": [claim | wrong]}), wrong
