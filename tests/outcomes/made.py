"""Small made-up results with known answers; nothing is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from large_scenarios import large_scenario
from phaseline.outcomes.results import DailyCounts, Event, History, Outcomes, PlanRun
from phaseline.scenario.records import columns, series
from phaseline.scenario.schema import Scenario

PER_WORLD = 4
DAYS = 200
BINS = 50

CAMPAIGN: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "Two towns, one squadron",
    "as_of": "2020-03-01",
    "horizon": "200 days",
    "assets": {
        "jets": {"label": "Strike aircraft", "unit": "sorties", "capacity": "40/day"},
        "drones": {"label": "Drones", "unit": "sorties", "capacity": "20/day"},
    },
    "forces": {
        "army": {"label": "Army", "side": "own", "strength": 20000},
        "militia": {"label": "Militia", "side": "adversary", "strength": 3000},
    },
    "operations": {
        "north": {
            "label": "Northtown",
            "intended": "2020-03-01",
            "phases": {
                "ring": {"kind": "task", "duration": "10 days"},
                "town": {
                    "kind": "contested", "own": "army", "adversary": "militia", "depth": "8 km", "tempo": "0.2 km/day",
                },
            },
        },
        "south": {
            "label": "Southtown",
            "phases": {
                "town": {
                    "kind": "contested", "own": "army", "adversary": "militia", "depth": "5 km", "tempo": "0.2 km/day",
                },
            },
        },
    },
    "shocks": {"bombs": {"phases": ["north.town"], "rate": "1/day", "stock": 100}},
    "people": {"flee": "60 %"},
    "plans": {"both": {"title": "Both at once"}, "wait": {"title": "North first", "means": "South waits for north."}},
}  # fmt: skip

PROJECT: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "A bridge",
    "as_of": "2021-01-04",
    "horizon": "60 days",
    "assets": {"crane": {"label": "Crane", "sharing": "whole", "units": 1}},
    "operations": {
        "bridge": {
            "label": "Bridge",
            "phases": {
                "piers": {"kind": "task", "duration": "10 days", "demand": {"crane": 1}},
                "deck": {"kind": "task", "duration": "12 days", "demand": {"crane": 1}},
            },
        }
    },
    "plans": {"only": {"title": "As drawn"}},
    "vocabulary": {"operation": "project", "history": "run"},
}

DUEL: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "Red against blue",
    "as_of": "2021-01-04",
    "horizon": "30 days",
    "forces": {
        "blue": {"label": "Blue", "side": "own", "strength": 100},
        "red": {"label": "Red", "side": "adversary", "strength": 90},
    },
    "operations": {
        "duel": {
            "label": "Duel",
            "phases": {"fight": {"kind": "contested", "own": "blue", "adversary": "red"}},
        }
    },
    "plans": {"fight": {"title": "Fight"}},
}


def scenario_of(data: Mapping[str, Any]) -> Scenario:
    """The scenario of one of the dictionaries above."""
    return Scenario.model_validate(dict(data))


def table_of(scenario: Scenario, values: Mapping[str, Any], replications: int) -> np.ndarray:
    """A table with the given columns by name; the others are as if nothing had happened."""
    made = np.zeros((replications, len(columns(scenario))))
    names = []
    for index, column in enumerate(columns(scenario)):
        names.append(column.name)
        if column.unit == "day" or column.quantity == "delay":
            made[:, index] = np.nan
        if column.quantity == "first_binding":
            made[:, index] = -1
        if column.name in values:
            made[:, index] = values[column.name]
    assert set(values) <= set(names)
    return made


def recorded(scenario: Scenario, replications: int, days: int = DAYS) -> DailyCounts:
    """Daily series that rise evenly from 0 to 1 in every history, and differ between histories by their share of the way."""
    num_series = len(series(scenario))
    share = (np.arange(replications) + 0.5) / replications
    daily = np.minimum(1.0, np.arange(days) / days)[:, None] * share
    bins = np.minimum((daily * BINS).astype(int), BINS - 1)
    histogram = np.zeros((days, num_series, BINS), dtype=np.int64)
    for day in range(days):
        histogram[day] = np.bincount(bins[day], minlength=BINS)
    sums = np.repeat(daily.sum(axis=1)[:, None], num_series, axis=1)
    return DailyCounts(histogram, sums, np.tile([0.0, 1.0], (num_series, 1)), replications)


def outcomes_of(
    data: Mapping[str, Any],
    values: Mapping[str, Mapping[str, Any]],
    replications: int,
    *,
    per_world: int = PER_WORLD,
    days: int = DAYS,
    info: Mapping[str, Any] | None = None,
) -> Outcomes:
    """Results with the given columns, by plan and name."""
    scenario = scenario_of(data)
    runs = {}
    for plan, named in values.items():
        table = table_of(scenario, named, replications)
        daily = partial(recorded, scenario, replications, days)
        sample = History(
            replication=0,
            series=np.tile(np.arange(days)[:, None] / days, (1, len(series(scenario)))),
            events=(
                Event(0, "opens", "north.ring", 0.0, "north.ring: opens"),
                Event(4, "overstretched", "jets", 1.25, "jets: overstretched; strain 1.25"),
                Event(4, "attacks", "north.town", 2.0, "north.town 2 attacks come through"),
            ),
            outcomes=table[0],
        )
        title = scenario.plans[plan].title or plan
        runs[plan] = PlanRun(
            plan, title, f"hash-{plan}", table, series_count=replications, daily=daily, samples=(sample,)
        )
    return Outcomes(scenario, "hash-scenario", 7, per_world, runs, dict(info or {}))


def campaign_values(worlds: int = 256, shift: float = 0.0) -> dict[str, Any]:
    """Columns of the campaign: the north always ends, the south fails in a tenth; two thirds of the variance is ignorance."""
    rng = np.random.default_rng(20200301)
    count = worlds * PER_WORLD
    ignorance = np.repeat(rng.standard_normal(worlds), PER_WORLD)
    north = np.round(
        80 + shift + 12 * (np.sqrt(2 / 3) * ignorance + np.sqrt(1 / 3) * rng.standard_normal(count))
    )
    south = np.round(120 + shift + 30 * rng.standard_normal(count))
    failed = np.repeat(rng.random(worlds) < 0.1, PER_WORLD)
    late = ~failed & (south > DAYS)
    done = ~failed & ~late
    south = np.where(done, south, np.nan)
    jets, drones = rng.random(count) < 0.75, rng.random(count) < 0.3
    jets_day = np.where(jets, 20 + rng.poisson(10, count), np.nan)
    drones_day = np.where(drones, 25 + rng.poisson(10, count), np.nan)
    both = np.stack([jets_day, drones_day])
    first = np.where(jets | drones, np.argmin(np.nan_to_num(both, nan=1e9), axis=0), -1)
    return {
        "start.north": 0, "end.north": north, "status.north": 1, "delay.north": 3,
        "displaced.north": rng.normal(300e3, 20e3, count), "displaced.south": rng.normal(100e3, 10e3, count),
        "start.south": 30, "end.south": south, "status.south": np.where(done, 1, np.where(failed, 2, 0)),
        "start.north.ring": 0, "end.north.ring": 10, "status.north.ring": 2, "progress.north.ring": 1,
        "start.north.town": 10, "end.north.town": north, "status.north.town": 2, "progress.north.town": 1,
        "start.south.town": 30, "end.south.town": south,
        "status.south.town": np.where(done, 2, np.where(failed, 3, 1)), "progress.south.town": 1,
        "losses.army": rng.poisson(4200, count), "killed.army": rng.poisson(1000, count),
        "losses.militia": rng.poisson(2000, count), "strength.militia": 500, "strength.army": 15800,
        "binds.jets": jets_day, "overstretched.jets": np.where(jets, rng.poisson(25, count), 0),
        "peak_strain.jets": np.where(rng.random(count) < 0.05, np.inf, rng.uniform(0.9, 2.0, count)),
        "binds.drones": drones_day, "overstretched.drones": np.where(drones, 9, 0), "peak_strain.drones": 1.1,
        "unmet.jets": rng.gamma(4, 50, count), "flown.jets": 4000,
        "end": np.fmax(north, south) + 0 * south, "first_binding": first,
        "person_days": rng.normal(20e6, 1e6, count), "harm": rng.poisson(2500, count),
        "attacks_through": rng.poisson(40, count),
    }  # fmt: skip


def campaign() -> Outcomes:
    """Two plans, 1,024 replications in 256 worlds."""
    values = {"both": campaign_values(), "wait": campaign_values(shift=15.0)}
    return outcomes_of(
        CAMPAIGN, values, 1024, info={"versions": {"phaseline": "0"}, "warnings": ["a made-up warning"]}
    )


def project() -> Outcomes:
    """One plan without chance: the crane binds never, all ends on day 22."""
    named = {
        "start.bridge": 0, "end.bridge": 22, "status.bridge": 1, "end": 22,
        "start.bridge.piers": 0, "end.bridge.piers": 10, "status.bridge.piers": 2,
        "start.bridge.deck": 10, "end.bridge.deck": 22, "status.bridge.deck": 2, "peak_strain.crane": 1.0,
    }  # fmt: skip
    return outcomes_of(PROJECT, {"only": named}, 64, days=60)


def duel() -> Outcomes:
    """Blue wins in 70 % of 1,000 histories, each independent."""
    won = np.random.default_rng(5).permutation(np.arange(1000) < 700)
    end = np.where(won, 6.0, np.nan)
    named = {
        "start.duel": 0, "end.duel": end, "status.duel": np.where(won, 1, 2), "end": end,
        "start.duel.fight": 0, "end.duel.fight": end, "status.duel.fight": np.where(won, 2, 3),
        "strength.blue": np.where(won, 40, 0), "strength.red": np.where(won, 0, 30),
        "losses.blue": np.where(won, 60, 100), "losses.red": np.where(won, 90, 60),
    }  # fmt: skip
    return outcomes_of(DUEL, {"fight": named}, 1000, days=30)


def large(operations: int = 12, *, label: str = "") -> Outcomes:
    """Three plans of many operations that end one after the other; all own forces lose, all assets are overstretched.

    Under the second plan the third operation ends 40 days later; the fifth fails in half of the histories. A ``label`` is
    added to every label and title.
    """
    data = large_scenario(operations, 2, 10, DAYS)
    if label:
        for group in ("operations", "assets", "forces"):
            for entity in data[group].values():
                entity["label"] += label
        for plan in data["plans"].values():
            plan["title"] += label
        for operation in data["operations"].values():
            for phase in operation["phases"].values():
                phase["label"] += label
    failing = np.arange(64) % 2 == 0
    named: dict[str, Any] = {"end": 190, "first_binding": np.arange(64) % 10}
    for number, name in enumerate(data["operations"], 1):
        named |= {f"start.{name}": number, f"end.{name}": 60 + 5 * number, f"status.{name}": 1}
        for phase in data["operations"][name]["phases"]:
            named |= {f"start.{name}.{phase}": number, f"end.{name}.{phase}": 60 + 5 * number}
    named |= {"end.op05": np.where(failing, np.nan, 85), "status.op05": np.where(failing, 2, 1)}
    for number, name in enumerate(data["assets"], 1):
        named |= {f"binds.{name}": 10, f"overstretched.{name}": 10 + number, f"unmet.{name}": 5}
    named |= {f"losses.{name}": 100 + k for k, name in enumerate(data["forces"])}
    values = {plan: dict(named) for plan in data["plans"]}
    values["halves"]["end.op03"] = 75 + 40
    return outcomes_of(data, values, 64)
