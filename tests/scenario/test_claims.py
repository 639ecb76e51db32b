"""Claims that cannot be tested are refused: each with its place and a remedy."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.toys import strained
from phaseline.scenario.claims import check_claims, head_of, limit_of, single
from phaseline.scenario.schema import Claim, ClaimEvent, Scenario

CLAIM = {"statement": "It is said.", "speaker": "x", "plan": "together", "at_least": 0.5}
GOOD: list[dict[str, Any]] = [
    {"strain": "lift"},
    {"strain": "lift", "above": 1, "for": "7 days"},
    {"finished": "move", "by": "2020-02-01"},
    {"finished": "move.load", "within": "30 days"},
    {"failed": "road"},
    {"open": "move", "while": "road", "for": "3 days"},
    {"start": "road", "before": "2020-02-01"},
    {"measure": "end.move", "below": "30 days"},
    {"difference": "end", "between": ["together", "in_turn"], "below": 0},
    {"all": [{"finished": "move"}, {"finished": "road", "never": True}]},
    {"any": [{"failed": "move"}, {"failed": "road"}]},
]
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"strain": "lfit"}, "event.strain", "did you mean 'lift'"),
    ({"strained_most": ["lfit"]}, "event.strained_most.0", "did you mean 'lift'"),
    ({"strained_most": ["lift"]}, "event.strained_most", "names every asset"),
    ({"strain": "lift", "above": 2}, "event.above", "write 1 here"),
    ({"strain": "lift", "for": "3 days"}, "event.for", "write 7 days here"),
    ({"strain": "lift", "by": "2020-02-01"}, "event.by", "means nothing with 'strain'"),
    ({"finished": "mvoe"}, "event.finished", "did you mean 'move'"),
    ({"finished": "move", "by": "2020-02-01", "within": "3 days"}, "event", "more than one limit"),
    ({"start": "raod", "before": "2020-02-01"}, "event.start", "did you mean 'road'"),
    ({"open": "move"}, "event", "needs 'while'"),
    ({"open": "move", "while": "raod"}, "event.while", "did you mean 'road'"),
    ({"measure": "end.mvoe", "above": 1}, "event.measure", "did you mean 'end.move'"),
    ({"measure": "end.move"}, "event", "needs 'above' or 'below'"),
    ({"measure": "end.move", "above": 1, "below": 3}, "event", "needs 'above' or 'below'"),
    ({"measure": "end.move", "above": "3 km"}, "event.above", "is a length"),
    ({"difference": "end", "above": 1}, "event", "needs 'between'"),
    ({"difference": "end", "between": ["together", "together"], "above": 1}, "event.between", "one plan twice"),
    ({"difference": "end", "between": ["together", "inturn"], "above": 1}, "event.between.1", "'in_turn'"),
    ({"measure": "end.move", "above": {"low": "1 day", "high": "2 days"}}, "event.above", "under 'vague'"),
    ({"measure": "failed.move", "above": 50}, "event.above", "write '50 %'"),
    ({"measure": "overstretched", "below": 10}, "event.below", "write '10 %'"),
    ({"all": []}, "event.all", "is empty"),
    ({"any": [{"failed": "raod"}]}, "event.any.0.failed", "did you mean 'road'"),
    ({}, "event", "exactly one of"),
    ({"failed": "road", "finished": "road"}, "event", "exactly one of"),
]  # fmt: skip


def _scenario(**more: Any) -> Scenario:
    """The toy with one more claim, unchecked."""
    return strained().model_copy(update={"claims": {"said": Claim.model_validate(CLAIM | more)}})


def _findings(**more: Any) -> list[tuple[str, str]]:
    return [
        (".".join(str(part) for part in found.path), f"{found.rule}; {found.remedy}")
        for found in check_claims(_scenario(**more))
    ]


@pytest.mark.parametrize("event", GOOD, ids=str)
def test_what_says_one_thing_passes(event: dict[str, Any]) -> None:
    assert _findings(event=event) == []


@pytest.mark.parametrize(("event", "place", "said"), BAD, ids=[str(case[0]) for case in BAD])
def test_what_cannot_be_tested_is_told(event: dict[str, Any], place: str, said: str) -> None:
    found = _findings(event=event)
    assert any(where == f"claims.said.{place}" and said.lower() in text.lower() for where, text in found), (
        found
    )


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ({"plan": "togther"}, "plan", "did you mean 'together'"),
        ({"at_least": 0}, "at_least", "above 0"),
        ({"at_least": {"low": 0.2, "high": 0.4}}, "at_least", "single value"),
        ({"said": "2020-03-01"}, "said", "said after"),
        ({"vague": {"word": "soon", "low": "1 week", "high": "7 weeks"}}, "vague", "no limit"),
    ],
)
def test_the_rest_of_a_claim(more: dict[str, Any], place: str, said: str) -> None:
    found = _findings(event={"failed": "road"}, **more)
    assert [where for where, text in found if said in text.lower()] == [f"claims.said.{place}"], found


@pytest.mark.parametrize(
    ("event", "low", "high", "said"),
    [
        ({"start": "road", "before": "2020-02-01"}, "7 weeks", "1 week", "below 'high'"),
        ({"start": "road", "before": "2020-02-01"}, "1 km", "3 km", "is a date"),
        ({"start": "road", "before": "2020-02-01"}, "1 week", "2020-02-01", "different kinds"),
        ({"start": "road", "within": "1 week"}, "1 km", "3 km", "is a duration"),
        ({"measure": "end.move", "above": 20}, "1 km", "3 km", "is a length"),
        ({"strain": "lift", "above": 1}, 1, 2, "no limit"),
    ],
)
def test_ranges_of_vague_words(event: dict[str, Any], low: Any, high: Any, said: str) -> None:
    found = _findings(event=event, vague={"word": "soon", "low": low, "high": high})
    assert any(said in text for _, text in found), found


def test_ranges_that_fit_pass() -> None:
    weeks = {"word": "soon", "low": "1 week", "high": "7 weeks"}
    assert _findings(event={"start": "road", "before": "2020-02-01"}, vague=weeks) == []
    assert _findings(event={"start": "road", "within": "2 weeks"}, vague=weeks) == []
    days = {"word": "long", "low": "10 days", "high": "20 days"}
    assert _findings(event={"measure": "end.move", "above": 15}, vague=days) == []


def test_kind_and_limit_of_an_event() -> None:
    event = ClaimEvent.model_validate({"start": "road", "before": "2020-02-01"})
    assert head_of(event) == "start" and limit_of(event) == "before"
    assert limit_of(ClaimEvent.model_validate({"failed": "road"})) is None


def test_the_single_value_of_a_number() -> None:
    scenario = strained()
    event = ClaimEvent.model_validate({"measure": "end", "above": "$days", "below": "$nosuch"})
    assert event.above is not None and event.below is not None
    assert single(scenario, event.above) is None and single(scenario, event.below) is None
