"""Verdicts: every kind of event against made-up histories, and the logic of holding, failing and not telling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from outcomes import made
from phaseline.outcomes.claims import FAILS, HOLDS, OPEN, event_text, happens, judge, over_worlds, verdict
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.statistics import Interval
from phaseline.scenario.schema import Claim, Scenario


def _claim(event: dict[str, Any], **more: Any) -> Claim:
    return Claim.model_validate(
        {"statement": "It is said.", "speaker": "x", "event": event, "at_least": 0.5, "plan": "both"} | more
    )


def _share(outcomes: Outcomes, event: dict[str, Any], **more: Any) -> float:
    return float(happens(outcomes, _claim(event, **more)).mean())


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return made.campaign()


def test_each_event_is_read_from_its_columns(outcomes: Outcomes) -> None:
    def column(name: str, plan: str = "both") -> np.ndarray:
        return outcomes.column(plan, name)

    binds, end, start = column("binds.jets"), column("end.north"), column("start.south")
    assert _share(outcomes, {"strain": "jets"}) == (~np.isnan(binds)).mean()
    assert _share(outcomes, {"strain": "jets", "never": True}) == np.isnan(binds).mean()
    more = column("peak_strain.jets") > column("peak_strain.drones")
    assert _share(outcomes, {"strained_most": ["jets"]}) == more.mean()
    # day 0 is 1 March 2020; an end at time 80 means that day 79, 19 May, was the last
    assert _share(outcomes, {"finished": "north", "by": "2020-05-19"}) == (end <= 80).mean()
    assert (
        _share(outcomes, {"finished": "north", "within": "80 days"})
        == (end - column("start.north") <= 80).mean()
    )
    assert _share(outcomes, {"finished": "south"}) == (~np.isnan(column("end.south"))).mean()
    assert _share(outcomes, {"failed": "south"}) == (column("status.south") == 2).mean()
    # day 30 is 31 March: whichever word is used, the date named counts
    for word in ("by", "before", "after"):
        assert _share(outcomes, {"start": "south", word: "2020-03-31"}) == 1.0
    assert _share(outcomes, {"start": "south", "by": "2020-03-30"}) == (start < 30).mean() == 0.0
    assert _share(outcomes, {"start": "south", "after": "2020-04-01"}) == (start > 30).mean() == 0.0
    assert _share(outcomes, {"start": "south", "between": ["2020-03-31", "2020-03-31"]}) == 1.0
    assert _share(outcomes, {"start": "south", "between": ["2020-04-01", "2020-04-30"]}) == 0.0
    between = {"finished": "north", "between": ["2020-05-10", "2020-05-19"]}
    assert _share(outcomes, between) == ((end >= 71) & (end <= 80)).mean()
    assert 0.0 < _share(outcomes, between) < 1.0
    assert _share(outcomes, {"strain": "jets", "by": "2020-03-31"}) == (binds <= 30).mean()
    within = {"strain": "jets", "within": "20 days"}
    assert _share(outcomes, within, said="2020-03-11") == (binds <= 30).mean()
    assert (
        _share(outcomes, {"start": "south", "within": "20 days"}, said="2020-03-05")
        == (start + 0 - 4 <= 20).mean()
    )
    overlap = np.minimum(end, np.nan_to_num(column("end.south"), nan=200)) - np.maximum(
        column("start.north"), start
    )
    assert _share(outcomes, {"open": "south", "while": "north"}) == (overlap >= 1).mean()
    losses = column("losses.army")
    assert _share(outcomes, {"measure": "losses", "above": 4200}) == (losses > 4200).mean()
    assert _share(outcomes, {"measure": "losses", "below": 4200}) == (losses < 4200).mean()


def test_differences_are_taken_in_worlds_or_histories(outcomes: Outcomes) -> None:
    difference = np.nan_to_num(outcomes.column("both", "end"), nan=200) - np.nan_to_num(
        outcomes.column("wait", "end"), nan=200
    )
    event = {"difference": "end", "between": ["both", "wait"], "below": 0}
    by_world = difference.reshape(-1, outcomes.per_world).mean(axis=1)
    assert _share(outcomes, event) == (by_world < 0).mean()
    assert _share(outcomes, event | {"each": "history"}) == (difference < 0).mean()


def test_events_are_joined(outcomes: Outcomes) -> None:
    one, two = {"strain": "jets"}, {"measure": "losses", "above": 4200}
    first, second = (happens(outcomes, _claim(event)) for event in (one, two))
    assert _share(outcomes, {"all": [one, two]}) == (first & second).mean()
    assert _share(outcomes, {"any": [one, two]}) == (first | second).mean()


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.6, 0.7, HOLDS), (0.5, 0.7, HOLDS), (0.3, 0.49, FAILS), (0.3, 0.5, OPEN), (0.4, 0.6, OPEN)],
)
def test_the_verdict_needs_the_whole_interval(low: float, high: float, told: str) -> None:
    assert verdict(Interval((low + high) / 2, low, high), 0.5) == told


def test_spread_over_worlds_is_without_the_noise_of_few_histories() -> None:
    rng = np.random.default_rng(1)
    same = rng.binomial(4, 0.6, 4_000) / 4
    told = over_worlds(same, 4)
    assert told["p10"] == pytest.approx(0.6, abs=0.06) and told["p90"] == pytest.approx(0.6, abs=0.06)
    shares = rng.beta(2, 3, 20_000)
    told = over_worlds(rng.binomial(4, shares) / 4, 4)
    exact = np.quantile(shares, (0.1, 0.5, 0.9))
    assert [told[name] for name in ("p10", "p50", "p90")] == pytest.approx(exact, abs=0.02)
    wholly = over_worlds(np.repeat([0.0, 1.0], (70, 30)), 4)
    assert wholly == {"p10": 0.0, "p50": 0.0, "p90": 1.0}
    assert over_worlds(np.zeros(50), 4) == {"p10": 0.0, "p50": 0.0, "p90": 0.0}


def _with_claims(outcomes: Outcomes, **claims: Claim) -> Outcomes:
    import dataclasses

    scenario: Scenario = outcomes.scenario.model_copy(update={"claims": claims})
    return dataclasses.replace(outcomes, scenario=scenario)


def test_a_document_of_verdicts(outcomes: Outcomes) -> None:
    vague = {"word": "soon", "reads_as": "ten to thirteen weeks", "low": "10 weeks", "high": "13 weeks"}
    judged = _with_claims(
        outcomes,
        holds=_claim({"strain": "jets"}, at_least=0.3),
        soon=_claim({"finished": "north", "by": "2020-05-19"}, said="2020-03-01", vague=vague),
        gone=_claim({"strain": "jets"}, plan="neither"),
    )
    document = judge(judged)
    holds, soon, gone = document["claims"]
    assert document["format"] == "phaseline-claims/1" and document["replications"] == outcomes.replications
    assert holds["verdict"] == HOLDS and holds["event"] == "Strike aircraft overstretched"
    assert holds["probability"]["low"] <= holds["probability"]["value"] <= holds["probability"]["high"]
    assert (
        len(soon["vague"]["points"]) == 5
        and soon["vague"]["low"] == "2020-05-10"
        and soon["vague"]["high"] == "2020-05-31"
    )
    chances = [point["probability"]["value"] for point in soon["vague"]["points"]]
    assert chances == sorted(chances) and soon["verdict"] == OPEN
    assert gone["untested"] == "the run has no plan neither" and gone["probability"]["value"] is None


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"strain": "jets", "never": True}, "not: Strike aircraft overstretched"),
        ({"finished": "north", "by": "2020-05-19"}, "Northtown done by 2020-05-19"),
        ({"start": "south.town", "within": "20 days"}, "south.town begun within 20 days"),
        ({"start": "south", "before": "2020-05-19"}, "Southtown begun on or before 2020-05-19"),
        ({"finished": "north", "between": ["2020-05-19", "2020-06-01"]}, "Northtown done between 2020-05-19 and 2020-06-01"),
        ({"strain": "jets", "within": "20 days", "never": True}, "not: Strike aircraft overstretched within 20 days"),
        (
            {"mostly": "losses", "between": ["both", "wait"], "sign": "more"},
            "Own killed and wounded: mostly more under Both at once than under North first",
        ),
        (
            {"increases": {"strain": "jets"}, "from": "wait", "to": "both", "by": "10 points"},
            "Strike aircraft overstretched: at least 10 points more probable under Both at once than under North first",
        ),
        ({"open": "south", "while": "north"}, "Southtown and Northtown open at once"),
        ({"failed": "south"}, "failure of Southtown"),
        (
            {"difference": "end", "between": ["both", "wait"], "above": 3},
            "End of all, Both at once less North first above 3 in a world's mean",
        ),
    ],
)  # fmt: skip
def test_events_in_words(outcomes: Outcomes, event: dict[str, Any], text: str) -> None:
    assert event_text(outcomes.scenario, _claim(event).event) == text
