"""Verdicts of every kind of event where it is true, false and undecidable; of vague words, and of what a plan settles."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes import made
from phaseline.outcomes.claims import ALIKE, ALWAYS, FAILS, HOLDS, NEVER, OPEN, judge
from phaseline.outcomes.measures import all_measures
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.statistics import paired_difference
from phaseline.reporting.judgement import render_claims
from phaseline.scenario.claimed import HEADS
from phaseline.scenario.measured import columns_read
from phaseline.scenario.schema import Claim, Plan

COUNT, PER_WORLD = 800, made.PER_WORLD
WORLDS = COUNT // PER_WORLD
SURE, HALF, SELDOM = 0.9, 0.5, 0.1
"""Shares of histories that reach one half surely, perhaps, and surely not."""
GATED = {
    "both": {"title": "Both at once", "gates": {"south": {"progress": "north", "at_least": 0.1}}},
    "wait": {"title": "North first", "gates": {"south": {"after": "north"}}},
}
CASE = made.CAMPAIGN | {"plans": GATED}


def _often(share: float) -> np.ndarray:
    """True in that share of the histories, spread evenly over the worlds."""
    return np.random.default_rng(3).permutation(np.arange(COUNT) < share * COUNT)


def _outcomes(
    values: dict[str, Any], wait: dict[str, Any] | None = None, case: dict[str, Any] = CASE
) -> Outcomes:
    plain = {"peak_strain.jets": 1.5, "peak_strain.drones": 1.0, "status.north": 1}
    return made.outcomes_of(case, {"both": plain | values, "wait": plain | (wait or {})}, COUNT)


def _judged(outcomes: Outcomes, event: dict[str, Any], **more: Any) -> dict[str, Any]:
    raw = {"statement": "It is said.", "speaker": "x", "event": event, "at_least": 0.5, "plan": "both"} | more
    claim = Claim.model_validate({key: part for key, part in raw.items() if part is not None})
    scenario = outcomes.scenario.model_copy(update={"claims": {"said": claim}})
    return dict(judge(dataclasses.replace(outcomes, scenario=scenario))["claims"][0])


def _at_the_edges(inside: np.ndarray, first: int, last: int) -> np.ndarray:
    """The first or the last of some days where it is to be inside, else the day before or the day after."""
    early = np.arange(COUNT) % 2 == 0
    return np.where(inside, np.where(early, first, last), np.where(early, first - 1, last + 1))


def _when(happens: np.ndarray, day: float) -> np.ndarray:
    return np.where(happens, day, np.nan)


ONE_PLAN: dict[str, tuple[dict[str, Any], Any]] = {
    "strain": ({"strain": "jets", "within": "20 days"}, lambda x: {"binds.jets": np.where(x, 20, 21)}),
    "strained_most": ({"strained_most": ["jets"]}, lambda x: {"peak_strain.jets": np.where(x, 2.0, 0.5)}),
    "finished": ({"finished": "north", "between": ["2020-03-11", "2020-03-20"]},
                 lambda x: {"end.north": _at_the_edges(x, 11, 20)}),
    "failed": ({"failed": "south", "by": "2020-03-20"},
               lambda x: {"status.south": 2, "decided.south": np.where(x, 20, 21)}),
    "open": ({"open": "south", "while": "north", "for": "3 days"},
             lambda x: {"start.north": 0, "end.north": 30, "start.south": np.where(x, 27, 28), "end.south": 60}),
    "start": ({"start": "south", "between": ["2020-03-11", "2020-03-20"]},
              lambda x: {"start.south": _at_the_edges(x, 10, 19)}),
    "measure": ({"measure": "losses", "above": 100}, lambda x: {"losses.army": np.where(x, 101, 100)}),
    "difference": ({"difference": "losses", "between": ["both", "wait"], "above": 100, "each": "history"},
                   lambda x: {"losses.army": np.where(x, 101, 100)}),
    "all": ({"all": [{"finished": "north"}, {"strain": "jets", "never": True}]}, lambda x: {"end.north": _when(x, 9)}),
    "any": ({"any": [{"finished": "north"}, {"strain": "jets"}]}, lambda x: {"end.north": _when(x, 9)}),
}  # fmt: skip


@pytest.mark.parametrize(("share", "told"), [(SURE, HOLDS), (HALF, OPEN), (SELDOM, FAILS)])
@pytest.mark.parametrize("head", ONE_PLAN)
def test_every_event_is_true_false_and_undecidable(head: str, share: float, told: str) -> None:
    event, columns = ONE_PLAN[head]
    found = _judged(_outcomes(columns(_often(share))), event)
    assert found["verdict"] == told
    assert found["probability"]["value"] == pytest.approx(share)


def test_no_kind_of_event_is_left_out() -> None:
    assert {*ONE_PLAN, "increases", "mostly"} == set(HEADS)


@pytest.mark.parametrize(("share", "told"), [(0.4, HOLDS), (0.3, OPEN), (0.15, FAILS)])
def test_an_increase_is_true_false_and_undecidable(share: float, told: str) -> None:
    """Under one plan in a tenth of the histories, under the other in the same and in some more."""
    base = _often(SELDOM)
    outcomes = _outcomes({"binds.jets": _when(_often(SELDOM + share), 5)}, {"binds.jets": _when(base, 5)})
    event = {"increases": {"strain": "jets"}, "from": "wait", "to": "both", "by": "30 points"}
    found = _judged(outcomes, event, at_least=None)
    told_of = found["increases"]
    assert found["verdict"] == told and found["at_least"] is None and found["probability"]["value"] is None
    assert told_of["difference"]["value"] == pytest.approx(share, abs=0.002) and told_of["by"] == 0.3
    assert (
        told_of["chance_from"]["value"] == SELDOM
        and told_of["difference"]["low"] < share < told_of["difference"]["high"]
    )
    text = " ".join((render_claims({"claims": [found]}, {}) or "").split())
    assert f"difference +{100 * share:.0f}" in text and "needed 30 points" in text
    # the other way round it is surely no increase
    back = event | {"from": "both", "to": "wait", "by": None}
    assert _judged(outcomes, back, at_least=None)["verdict"] == FAILS


def test_luck_that_both_plans_share_does_not_widen_an_increase() -> None:
    base, more = _often(0.5), _often(0.55)
    assert (base <= more).all()
    together = paired_difference(more, base, PER_WORLD)
    apart = paired_difference(more, np.random.default_rng(9).permutation(base), PER_WORLD)
    assert together.half_width < apart.half_width / 2
    assert paired_difference(base, base, PER_WORLD).low < 0 < paired_difference(base, base, PER_WORLD).high


@pytest.mark.parametrize(
    ("more", "less", "told"), [(60, 20, HOLDS), (20, 60, FAILS), (42, 38, OPEN), (9, 1, HOLDS), (2, 0, OPEN)]
)
def test_mostly_counts_the_worlds_that_differ(more: int, less: int, told: str) -> None:
    """Ties, here most worlds, do not count against it."""
    change = np.zeros(WORLDS)
    change[:more], change[more : more + less] = 3.0, -1.0
    outcomes = _outcomes({"losses.army": 100 + np.repeat(change, PER_WORLD)}, {"losses.army": 100})
    event = {"mostly": "losses", "between": ["both", "wait"], "sign": "more"}
    found = _judged(outcomes, event)
    assert found["verdict"] == told and found["probability"]["value"] == pytest.approx(more / (more + less))
    assert found["mostly"]["worlds"] == more + less
    assert found["mostly"]["share"]["value"] == pytest.approx((more + less) / WORLDS)
    assert found["mostly"]["mean"]["value"] == pytest.approx((3 * more - less) / WORLDS)
    opposite = _judged(outcomes, event | {"sign": "less"})
    assert opposite["probability"]["value"] == pytest.approx(less / (more + less))


def test_where_no_world_differs_there_is_no_verdict() -> None:
    outcomes = _outcomes({"losses.army": 100 + 1e-12}, {"losses.army": 100})
    found = _judged(outcomes, {"mostly": "losses", "between": ["both", "wait"], "sign": "more"})
    assert (
        found["verdict"] == ALIKE and found["probability"]["value"] is None and found["mostly"]["worlds"] == 0
    )
    text = " ".join((render_claims({"claims": [found]}, {}) or "").split())
    assert text.startswith("Claims NO WORLD DIFFERS: It is said.") and "no world of this run differs" in text


def test_a_vague_horizon_is_judged_over_its_range() -> None:
    outcomes = _outcomes({"binds.jets": _when(_often(0.8), 30)})
    event = {"strain": "jets", "within": "20 days", "never": True}
    now = {"word": "right now", "low": "10 days", "high": "25 days"}
    sure = _judged(outcomes, event, vague=now)
    assert sure["verdict"] == HOLDS and [point["at"] for point in sure["vague"]["points"]][:2] == [
        "10 days",
        "13.8 days",
    ]
    assert _judged(outcomes, event, vague=now | {"high": "40 days"})["verdict"] == OPEN
    assert (
        _judged(outcomes, event | {"within": "50 days"}, vague=now | {"low": "35 days", "high": "60 days"})[
            "verdict"
        ]
        == FAILS
    )


def test_a_vague_threshold_is_judged_over_its_range() -> None:
    event = {"increases": {"strain": "jets"}, "from": "wait", "to": "both", "by": "20 points"}
    outcomes = _outcomes({"binds.jets": _when(_often(0.4), 5)}, {"binds.jets": _when(_often(0.1), 5)})
    stretch = {"word": "stretch", "low": "5 points", "high": "20 points"}
    found = _judged(outcomes, event, at_least=None, vague=stretch)
    assert (
        found["verdict"] == HOLDS
        and found["vague"]["low"] == "5 points"
        and found["vague"]["high"] == "20 points"
    )
    assert _judged(outcomes, event, at_least=None, vague=stretch | {"high": "50 points"})["verdict"] == OPEN
    assert "5 points +30 points" in " ".join((render_claims({"claims": [found]}, {}) or "").split())


def test_two_vague_dates_are_judged_from_the_narrowest_to_the_widest() -> None:
    outcomes = _outcomes({"end.north": np.where(_often(0.3), 32, 62)})
    event = {"finished": "north", "between": ["2020-03-31", "2020-05-20"]}
    months = {"word": "months", "low": ["20 days", "40 days"], "high": ["50 days", "70 days"]}
    found = _judged(outcomes, event, said="2020-03-01", vague=months)
    chances = [point["probability"]["value"] for point in found["vague"]["points"]]
    assert (
        chances[0] == 0.0 and chances[-1] == 1.0 and chances == sorted(chances) and found["verdict"] == OPEN
    )
    assert found["vague"]["low"] == "2020-04-10 to 2020-04-20"
    whole = _judged(outcomes, event, said="2020-03-01", vague=months | {"low": "20 days", "high": "70 days"})
    assert whole["verdict"] == HOLDS and len(whole["vague"]["points"]) == 1


def _gated(low: str, high: str, **more: Any) -> Outcomes:
    """The south starts on a date that is drawn, whatever the made-up columns say."""
    numbers = {"go": {"low": low, "high": high, "assumed": "a test"}}
    plans = {"both": {"gates": {"south": {"date": "$go"}}}, "wait": {"gates": {"south": {"after": "north"}}}}
    south = {**made.CAMPAIGN["operations"]["south"], "intended": "$go"}
    operations = made.CAMPAIGN["operations"] | {"south": south}
    case = made.CAMPAIGN | {"numbers": numbers, "plans": plans, "operations": operations} | more
    return _outcomes({"start.south": 40, "delay.south": 0}, case=case)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"start": "south", "between": ["2020-04-01", "2020-04-20"]}, ALWAYS),
        ({"start": "south", "by": "2020-04-20"}, ALWAYS),
        ({"start": "south", "by": "2020-03-31"}, NEVER),
        ({"start": "south", "by": "2020-04-19"}, HOLDS),
        ({"start": "south", "after": "2020-04-01", "never": True}, NEVER),
        ({"measure": "delay.south", "below": 1}, ALWAYS),
        ({"all": [{"start": "south"}, {"measure": "delay.south", "above": 0}]}, NEVER),
        ({"any": [{"failed": "north"}, {"start": "south"}]}, ALWAYS),
    ],
)
def test_what_the_plan_settles_gets_no_verdict(event: dict[str, Any], told: str) -> None:
    found = _judged(_gated("2020-04-01", "2020-04-20"), event, by_construction="the plan says so")
    assert found["verdict"] == told
    text = " ".join((render_claims({"claims": [found]}, {"both": "Both"}) or "").split())
    assert ("(Both): this plan" in text and "The plan says so." in text) == (told in (ALWAYS, NEVER))


def test_an_increase_is_settled_where_both_plans_settle_the_event() -> None:
    event = {"increases": {"start": "south", "by": "2020-05-01"}, "from": "wait", "to": "both"}
    outcomes = _gated("2020-04-01", "2020-04-20")
    assert _judged(outcomes, event, at_least=None)["verdict"] == HOLDS
    plans = dict(outcomes.scenario.plans)
    plans["wait"] = Plan.model_validate({"gates": {"south": {"date": "2020-06-01"}}})
    settled = dataclasses.replace(outcomes, scenario=outcomes.scenario.model_copy(update={"plans": plans}))
    assert _judged(settled, event, at_least=None)["verdict"] == ALWAYS
    assert _judged(settled, event | {"from": "both", "to": "wait"}, at_least=None)["verdict"] == NEVER


def test_readings_settled_in_different_ways_leave_it_open() -> None:
    soon = {"word": "soon", "low": "1 week", "high": "12 weeks"}
    found = _judged(_gated("2020-04-01", "2020-04-20"), {"start": "south", "by": "2020-05-10"}, vague=soon)
    told = [point["verdict"] for point in found["vague"]["points"]]
    assert told[0] == NEVER and told[-1] == ALWAYS and found["verdict"] == OPEN


def test_outcomes_are_read_from_the_columns_that_are_said_to_be(outcome_reader: Any) -> None:
    scenario = made.scenario_of(CASE)
    for key, one in all_measures(scenario).items():
        assert outcome_reader(one) == set(columns_read(scenario, key)), key


@pytest.fixture
def outcome_reader() -> Any:
    class _Asked:
        def __init__(self) -> None:
            self.names: set[str] = set()

        def column(self, plan: str, name: str) -> np.ndarray:
            self.names.add(name)
            return np.zeros(4)

    def read(one: Any) -> set[str]:
        asked = _Asked()
        one.values(asked, "both")
        return asked.names

    return read


COMPARED: list[dict[str, Any]] = [event for event, _ in ONE_PLAN.values()] + [
    {"increases": {"strain": "jets"}, "from": "wait", "to": "both", "by": "10 points"},
    {"mostly": "losses", "between": ["both", "wait"], "sign": "more"},
]


@settings(max_examples=40, deadline=None)
@given(
    event=st.sampled_from(COMPARED),
    names=st.lists(
        st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=2, max_size=2, unique=True
    ),
    share=st.sampled_from([0.05, 0.45, 0.55, 0.95]),
)
def test_a_verdict_does_not_hang_on_what_plans_are_called(
    event: dict[str, Any], names: list[str], share: float
) -> None:
    happens = _often(share)
    values = {key: part for _, columns in ONE_PLAN.values() for key, part in columns(happens).items()}
    columns = {"both": values, "wait": {"losses.army": 100, "binds.jets": _when(_often(0.5), 9)}}
    new = dict(zip(columns, names, strict=True))

    def renamed(part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: item if key in ("increases", "mostly", "difference") else renamed(item)
                for key, item in part.items()
            }
        if isinstance(part, list):
            return [renamed(item) for item in part]
        return new.get(part, part) if isinstance(part, str) else part

    before = _judged(
        _outcomes(columns["both"], columns["wait"]), event, at_least=None if "increases" in event else 0.5
    )
    case = CASE | {"plans": {new[plan]: GATED[plan] for plan in columns}}
    outcomes = made.outcomes_of(
        case,
        {
            new[plan]: {"peak_strain.jets": 1.5, "peak_strain.drones": 1.0, "status.north": 1} | part
            for plan, part in columns.items()
        },
        COUNT,
    )
    after = _judged(outcomes, renamed(event), at_least=before["at_least"], plan=new["both"])
    ids = ("plan", "plans", "increases", "mostly")
    assert {key: part for key, part in after.items() if key not in ids} == {
        key: part for key, part in before.items() if key not in ids
    }
    for kind in ("increases", "mostly"):
        if before[kind] is not None:
            assert renamed(before[kind]) == after[kind]
