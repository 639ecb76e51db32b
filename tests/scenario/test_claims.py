"""Claims that cannot be tested are refused: each with its place and a remedy."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from analysis.toys import strained
from phaseline.errors import InputError
from phaseline.scenario.check import load_scenario
from phaseline.scenario.claimed import readings
from phaseline.scenario.claims import check_claims, head_of, limit_of, single
from phaseline.scenario.schema import Claim, ClaimEvent, Scenario
from phaseline.scenario.template import new_scenario_text

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
    {"finished": "move", "between": ["2020-01-15", "2020-02-01"]},
    {"start": "road", "between": ["2020-01-15", "2020-01-15"]},
    {"start": "road", "by": "2020-02-01"},
    {"strain": "lift", "within": "30 days"},
    {"failed": "road", "by": "2020-02-01"},
    {"mostly": "end", "between": ["together", "in_turn"], "sign": "less"},
    {"any": [{"failed": "move"}, {"failed": "road"}]},
]
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"strain": "lfit"}, "event.strain", "did you mean 'lift'"),
    ({"strained_most": ["lfit"]}, "event.strained_most.0", "did you mean 'lift'"),
    ({"strained_most": ["lift"]}, "event.strained_most", "names every asset"),
    ({"strain": "lift", "above": 2}, "event.above", "write 1 here"),
    ({"strain": "lift", "for": "3 days"}, "event.for", "write 7 days here"),
    ({"strain": "lift", "before": "2020-02-01"}, "event.before", "means nothing with 'strain'"),
    ({"strain": "lift", "by": "20 %"}, "event.by", "'by' is a date"),
    ({"finished": "move", "between": ["together", "in_turn"]}, "event.between", "must be two dates"),
    ({"finished": "move", "between": ["2020-02-01", "2020-01-15"]}, "event.between", "earlier date first"),
    ({"start": "road", "between": ["2020-01-15", {"low": "2020-02-01", "high": "2020-03-01"}]}, "event.between.1",
     "under 'vague'"),
    ({"start": "road", "by": "2020-02-01", "between": ["2020-01-15", "2020-02-01"]}, "event", "more than one limit"),
    ({"failed": "road", "between": ["2020-01-15", "2020-02-01"]}, "event.between", "means nothing with 'failed'"),
    ({"difference": "end", "between": ["2020-01-15", "2020-02-01"], "above": 1}, "event.between", "two plans"),
    ({"mostly": "end", "between": ["together", "in_turn"]}, "event", "needs 'sign'"),
    ({"mostly": "end", "sign": "more"}, "event", "needs 'between'"),
    ({"mostly": "edn", "between": ["together", "in_turn"], "sign": "more"}, "event.mostly", "'end'"),
    ({"mostly": "end", "between": ["together", "in_turn"], "sign": "more", "never": True}, "event.never", "other sign"),
    ({"mostly": "end", "between": ["together", "in_turn"], "sign": "more", "above": 3}, "event.above", "means nothing"),
    ({"all": [{"mostly": "end", "between": ["together", "in_turn"], "sign": "more"}]}, "event.all.0.mostly", "stands alone"),
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


RISES: dict[str, Any] = {"increases": {"strain": "lift"}, "from": "in_turn", "to": "together"}


@pytest.mark.parametrize(
    "by", [{}, {"by": "10 points"}, {"by": "10 %"}, {"by": 0.1}, {"by": "1 percentage point"}]
)
def test_an_increase_says_by_how_much_and_needs_no_probability(by: dict[str, Any]) -> None:
    assert _findings(event=RISES | by, at_least=None) == []


@pytest.mark.parametrize(
    ("event", "at_least", "place", "said"),
    [
        ({}, 0.5, ".at_least", "means nothing with 'increases'"),
        ({"by": "3 days"}, None, ".event.by", "write e.g. 10 points"),
        ({"by": 10}, None, ".event.by", "write '10 %'"),
        ({"by": "2020-02-01"}, None, ".event.by", "difference of chances"),
        ({"from": None}, None, ".event", "needs 'from'"),
        ({"to": "in_turn"}, None, ".event.to", "same plan"),
        ({"to": "togehter"}, None, ".event.to", "did you mean 'together'"),
        ({"never": True}, None, ".event.never", "swap 'from' and 'to'"),
        ({"increases": {"strain": "lfit"}}, None, ".event.increases.strain", "did you mean 'lift'"),
        ({"increases": {}}, None, ".event.increases", "exactly one of"),
        ({"increases": RISES}, None, ".event.increases.increases", "no chance under one plan"),
    ],
)
def test_increases_that_cannot_be_tested(
    event: dict[str, Any], at_least: float | None, place: str, said: str
) -> None:
    found = _findings(event=RISES | event, at_least=at_least)
    assert any(where == f"claims.said{place}" and said in text for where, text in found), found


def test_other_claims_need_a_probability() -> None:
    ((where, text),) = _findings(event={"failed": "road"}, at_least=None)
    assert where == "claims.said" and "'at_least' is missing" in text


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
        ({"strain": "lift", "within": "1 week"}, 1, 2, "is a duration"),
        (
            {"start": "road", "between": ["2020-01-15", "2020-02-01"]},
            "4 weeks",
            ["3 weeks", "6 weeks"],
            "below all of 'high'",
        ),
        ({"start": "road", "between": ["2020-01-15", "2020-02-01"]}, "1 km", "3 km", "is a date"),
        ({"start": "road", "before": "2020-02-01"}, ["1 week", "2 weeks"], "7 weeks", "single value"),
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
    assert _findings(event={"strain": "lift", "within": "2 weeks"}, vague=weeks) == []
    dates = {"start": "road", "between": ["2020-01-15", "2020-02-01"]}
    assert _findings(event=dates, vague=weeks) == []
    both = {"word": "weeks", "low": ["1 week", "2 weeks"], "high": ["5 weeks", "7 weeks"]}
    assert _findings(event=dates, vague=both) == []
    points = {"word": "stretch", "low": "5 points", "high": "20 points"}
    assert _findings(event=RISES | {"by": "10 points"}, at_least=None, vague=points) == []
    lengths = {"word": "stretch", "low": "5 km", "high": "20 km"}
    found = _findings(event=RISES | {"by": "10 points"}, at_least=None, vague=lengths)
    assert [where for where, _ in found] == ["claims.said.vague.low", "claims.said.vague.high"]


def test_readings_of_two_vague_ends_go_from_the_narrowest_to_the_widest() -> None:
    both = {"word": "weeks", "low": ["7 days", "14 days"], "high": ["35 days", "49 days"]}
    event = {"start": "road", "between": ["2020-01-15", "2020-02-01"]}
    scenario = _scenario(event=event, vague=both, said="2020-01-01")
    day = scenario.as_of.toordinal()
    found = readings(scenario, scenario.claims["said"])
    assert found[0] == (day + 14, day + 35) and found[-1] == (day + 7, day + 49)
    assert all(wide[0] <= near[0] and near[1] <= wide[1] for near, wide in pairwise(found))
    whole = both | {"low": "7 days", "high": "49 days"}
    assert readings(scenario, Claim.model_validate(CLAIM | {"event": event, "vague": whole})) == [
        (day + 7, day + 49)
    ]


def test_wrong_dates_of_a_range_are_told_with_their_line(tmp_path: Path) -> None:
    text = new_scenario_text().replace(
        "event: {strain: airlift, above: 1, for: 7 days, never: true}",
        "event: {start: coast, between: [2026-09-01, soonish]}",
    )
    file = tmp_path / "case.yaml"
    file.write_text(text, encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "soonish" in row)
    with pytest.raises(InputError) as error:
        load_scenario(file)
    (problem,) = error.value.problems
    assert (problem.line, problem.path) == (line, "claims.enough.event.between[1]")
    assert "not a date" in problem.rule and problem.value == "soonish" and problem.remedy


def test_kind_and_limit_of_an_event() -> None:
    event = ClaimEvent.model_validate({"start": "road", "before": "2020-02-01"})
    assert head_of(event) == "start" and limit_of(event) == "before"
    assert limit_of(ClaimEvent.model_validate({"failed": "road"})) is None


def test_the_single_value_of_a_number() -> None:
    scenario = strained()
    event = ClaimEvent.model_validate({"measure": "end", "above": "$days", "below": "$nosuch"})
    assert event.above is not None and event.below is not None
    assert single(scenario, event.above) is None and single(scenario, event.below) is None
