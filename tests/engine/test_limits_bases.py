"""Of whom a share lost is taken, whoever joins in whatever way; and when a phase that is lost was decided."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.histories import DONE, FAILED, OPEN, History, daily, document, run
from phaseline.engine.events import ATTEMPT_FAILS, BROKEN
from phaseline.scenario.mechanisms import without
from phaseline.scenario.schema import Scenario
from random_scenarios import random_scenario

WAYS: dict[str, dict[str, Any]] = {
    "at once": {"arrivals": [{"on": "2020-01-02", "strength": 10_000}]},
    "over days": {"arrivals": [{"on": "2020-01-02", "strength": 10_000, "over": "20 days"}]},
    "refilled": {"replacements": "60/day"},
    "wounded back": {"killed": "0 %", "returns": "100 %", "return_after": "1 day"},
}
"""How men join a force of a hundred."""


def attack(
    kind: str, own: dict[str, Any], enemy: dict[str, Any] | None = None, **phase: Any
) -> dict[str, Any]:
    """A hundred attack ten thousand, of whom they can kill nobody to speak of; each side loses some forty a day."""
    fight = {
        "kind": "contested", "own": "x", "adversary": "y", "law": "square",
        "own_loss": "40 %/day", "adversary_loss": "0.004 %/day", "reference": {"own": 100, "adversary": 10_000},
    }  # fmt: skip
    forces = {
        "x": {"side": "own", "strength": 100, **own},
        "y": {"side": "adversary", "strength": 10_000, **(enemy or {})},
    }
    parts = {"forces": forces, "attrition": {"kind": kind}, "horizon": "60 days"}
    return document({"o": {"fight": fight | phase}}, **parts)


@pytest.mark.parametrize("kind", ["chain", "deterministic"])
@pytest.mark.parametrize("way", ["at once", "over days"])
def test_an_attack_goes_on_with_those_who_arrived(way: str, kind: str) -> None:
    """A hundred begin and ten thousand come: when 110 are lost, that is one in ninety, not all."""
    history = History(attack(kind, WAYS[way] | {"breaks_at": "95 %"}))
    while history.S.force[0].losses < 110:
        history.day()
        assert history.S.phase.status[0] == OPEN
    assert history.S.force[0].strength > 100


@pytest.mark.parametrize("kind", ["chain", "deterministic"])
@pytest.mark.parametrize("way", WAYS)
def test_without_breaking_an_attack_fails_only_when_nobody_is_left(way: str, kind: str) -> None:
    doc = attack(
        kind,
        WAYS[way] | {"breaks_at": "10 %"},
        {"returns": "100 %", "killed": "0 %", "return_after": "1 day"},
    )
    scenario = without(Scenario.model_validate(doc), ["own_breaks"])
    doc["forces"]["x"]["breaks_at"] = float(scenario.forces["x"].breaks_at.dist.mean())
    history = History(doc)
    while history.today < history.days:
        history.day()
        if history.S.phase.status[0] == FAILED:
            assert history.S.force[0].strength == 0
            break
    assert history.S.force[0].losses >= 100


@pytest.mark.parametrize("kind", ["chain", "deterministic"])
def test_nobody_breaks_at_a_hundred_percent_while_anybody_is_left(kind: str) -> None:
    """In random campaigns with arrivals, refilling, wounded who return, moves, escapes and recruits, on both sides."""
    events = 0
    for seed in range(60):
        doc = random_scenario(seed, certain=False)
        doc["attrition"] = {"kind": kind}
        for force in doc["forces"].values():
            force.pop("breaks_at", None)
        for operation in doc["operations"].values():
            for phase in operation["phases"].values():
                if phase["kind"] == "contested":
                    phase |= {"own_loss": "30 %/day", "adversary_loss": "30 %/day"}
        history = History(doc, "plan", seed=seed, replication=seed)
        history.log = np.zeros((5_000, 4))
        before = 0
        while history.today < history.days:
            history.day()
            force = history.S.force
            assert (force.losses <= force.joined * (1 + 1e-12)).all()
            for _, code, entity, _ in history.log[before + 1 : int(history.log[0, 0]) + 1]:
                if code == BROKEN:
                    assert force.losses[int(entity)] > 0
                    events += 1
                elif code == ATTEMPT_FAILS:
                    assert force.strength[history.T.phase.own[int(entity)]] <= 1e-9
                    events += 1
            before = int(history.log[0, 0])
    assert events > 20


@pytest.mark.parametrize("way", ["refilled", "wounded back"])
def test_a_defender_who_fights_to_the_last_man_does(way: str) -> None:
    """It lost as many as ever were there at once, but not all: others took their places."""
    doc = attack("deterministic", {"strength": 10_000}, WAYS[way] | {"strength": 100})
    phase = doc["operations"]["o"]["phases"]["fight"]
    phase |= {"own_loss": "0.1 %/day", "adversary_loss": "30 %/day", "law": "linear"}
    phase["reference"] = {"own": 10_000, "adversary": 100}
    history = History(doc)
    while history.today < history.days:
        history.day()
        if history.S.force[1].losses > 150:
            break
    assert history.S.force[1].losses > 150
    assert history.S.force[1].strength > 0
    assert history.S.force[1].broken == 0
    assert history.S.phase.status[0] != DONE


def test_a_gate_reads_losses_of_all_who_joined() -> None:
    """A hundred, refilled as they fall: the share lost stays below one, and a stop at 100 % never comes."""
    doc = attack("deterministic", WAYS["wounded back"])
    doc["plans"]["base"] = {"stops": {"o.fight": {"losses": "x", "at_least": "99 %"}}}
    history = History(doc)
    while history.today < 20:
        history.day()
    assert history.S.force[0].losses > 100
    assert history.S.phase.status[0] == OPEN


@pytest.mark.parametrize(("arrivals", "pauses"), [([], True), (WAYS["at once"]["arrivals"], False)])
def test_a_pause_waits_for_a_share_of_all_who_fight(arrivals: list[dict[str, Any]], pauses: bool) -> None:
    """Forty of a hundred a day call for a pause after two days; of ten thousand, not within five."""
    doc = attack("deterministic", {"arrivals": arrivals}, pause={"after_losses": "50 %", "lasts": "3 days"})
    doc["horizon"] = "5 days"
    losses = np.diff(daily(doc)["losses.x"])
    assert (losses == 0).any() == pauses


@pytest.mark.parametrize("kind", ["chain", "deterministic"])
def test_a_lost_duel_has_the_day_on_which_it_was_decided(kind: str) -> None:
    doc = attack(kind, {})
    rows = daily(doc)["strength.x"]
    answer = run(doc)
    assert answer["status.o.fight"][0] == FAILED
    assert np.isnan(answer["end.o.fight"][0])
    last = float(np.flatnonzero(rows <= 0)[0] + 1)
    assert answer["decided.o.fight"][0] == answer["decided.o"][0] == last


def test_a_day_of_decision_for_every_way_to_end() -> None:
    """Done at its end; given up on the morning of the day; failed with what it waited for; missing while undecided."""
    task = {"kind": "task", "duration": "4 days", "after": []}
    given_up = {"kind": "task", "duration": "40 days", "after": []}
    doc = document({
        "done": {"a": task}, "stopped": {"b": given_up}, "waiting": {"c": task | {"after": ["stopped.b"]}},
        "open": {"d": given_up | {"duration": "400 days"}},
    }, horizon="100 days")  # fmt: skip
    doc["plans"]["base"] = {"stops": {"stopped.b": {"date": "2020-01-08"}}}
    answer = run(doc)
    assert answer["decided.done"][0] == answer["decided.done.a"][0] == answer["end.done"][0] == 4
    assert answer["decided.stopped.b"][0] == answer["decided.stopped"][0] == 7
    assert answer["decided.waiting"][0] == 8
    assert np.isnan([answer[f"decided.{name}"][0] for name in ("waiting.c", "open", "open.d")]).all()
