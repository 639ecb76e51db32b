"""Stored histories as the slider replays them."""

from __future__ import annotations

import dataclasses

import numpy as np

from phaseline.outcomes.results import Event, History, Outcomes
from phaseline.reporting.replay import MOST_EVENTS, medoid, replays
from phaseline.reporting.theatre import theatre
from phaseline.scenario.records import series
from reporting import placed


def with_samples(outcomes: Outcomes, replications: list[int], events: tuple[Event, ...] = ()) -> Outcomes:
    records = series(outcomes.scenario)
    daily = np.linspace(0, 1, 200)[:, None] * np.ones(len(records))
    runs = {
        plan: dataclasses.replace(
            run, samples=tuple(History(r, daily, events, run.table[r]) for r in replications)
        )
        for plan, run in outcomes.runs.items()
    }
    return dataclasses.replace(outcomes, runs=runs)


def test_the_medoid_is_the_stored_history_nearest_to_all_in_rank(campaign: Outcomes) -> None:
    end = campaign.column("both", "end.north")
    losses = campaign.column("both", "losses.army")
    rank = np.argsort(np.argsort(end)) + np.argsort(np.argsort(losses))
    order = np.argsort(rank)
    some = with_samples(campaign, [int(order[0]), int(order[len(order) // 2]), int(order[-1])])
    assert medoid(some, "both") == 1
    table = campaign.runs["both"].table
    wanted = [
        k
        for k, c in enumerate(campaign.columns)
        if c.quantity in ("end", "status", "losses", "displaced", "overstretched", "person_days")
    ]
    values = np.nan_to_num(table[:, wanted], nan=np.inf)
    picked = [3, 500, 77, 901]
    ranks = np.stack([(v[:, None] > v).sum(1) + ((v[:, None] == v).sum(1) - 1) / 2 for v in values.T])
    distances = [np.abs(ranks - ranks[:, [r]]).sum() for r in picked]
    assert medoid(with_samples(campaign, picked), "both") == int(np.argmin(distances))


def test_without_stored_histories_there_is_nothing_to_replay(campaign: Outcomes) -> None:
    none = with_samples(campaign, [])
    assert medoid(none, "both") is None
    assert replays(none) == {}


def test_a_replay_holds_the_history(campaign: Outcomes) -> None:
    found = replays(campaign)
    assert found["start"] == "2020-03-01"
    assert found["days"][0] == 0
    assert found["days"][-1] == 199
    assert len(found["days"]) == 160
    history = found["plans"]["both"]["histories"][0]
    sample = campaign.runs["both"].samples[0]
    names = [record.name for record in series(campaign.scenario)]
    for name, percents in history["operations"].items():
        values = sample.series[found["days"], names.index(f"progress.{name}")]
        assert percents == np.round(100 * values).astype(int).tolist()
    assert set(history["phases"]) == {"north.ring", "north.town", "south.town"}
    assert set(history["forces"]) == {"army", "militia"}
    assert history["events"][0] == [0, "Northtown, ring: opens"]
    assert not any("attack" in text for _, text in history["events"])


def test_long_logs_are_cut(campaign: Outcomes) -> None:
    events = tuple(
        Event(day, "opens", "north.ring", 0.0, "north.ring: opens") for day in range(MOST_EVENTS + 50)
    )
    assert (
        len(replays(with_samples(campaign, [0], events))["plans"]["both"]["histories"][0]["events"])
        == MOST_EVENTS
    )


def test_the_still_is_half_way_through_the_most_typical_history() -> None:
    shown, replay = theatre(placed.placed())
    assert shown is not None
    assert replay["days"][shown["frame"]] == 99
    assert shown["date"] == "8 Jun 2020, day 99"
    assert "history 0 of “Both at once”" in shown["static_note"]
    assert [event["text"] for event in shown["events"]] == [
        "Strike aircraft: overstretched; strain 1.25",
        "Northtown, ring: opens",
    ]


def test_without_histories_the_map_stands_still(campaign: Outcomes) -> None:
    shown, replay = theatre(with_samples(placed.placed(), []))
    assert shown is not None
    assert not shown["replay"]
    assert replay == {}
    assert theatre(campaign) == (None, {})
