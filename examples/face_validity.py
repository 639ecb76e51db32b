"""Does the founding case look like the battles before it? Each row: what they showed, what the run shows, whether they meet.

    python examples/face_validity.py

The battles are those of ``battles.csv`` that were known on 26 October 2016; nothing later is used. A row holds if the middle of
the run (its median) lies within what was seen. The rows were written before the run; none was left out.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from reference_class import read

import phaseline
from phaseline.scenario.calendar import horizon_days

CASE = "mosul-raqqa-2016"
PLAN = "simultaneous"
WEEKS = 30.4375 / 7
"""In a month."""
DAYS = 150
"""Sorties are looked at over the first five months, while both operations usually go on."""
WEAPONS_PER_SORTIE = 2000 / (60 * 30.4375)
"""AFCENT, May 2016: 2,000 weapons a month from 60 strike sorties a day."""


def days_between(outcomes: phaseline.Outcomes, phase: str) -> np.ndarray:
    """Days of a phase that was done, else NaN."""
    return outcomes.column(PLAN, f"end.{phase}") - outcomes.column(PLAN, f"start.{phase}")


def seen() -> dict[str, tuple[float, float, str]]:
    """What earlier battles and months showed: lowest and highest."""
    battles = read()
    known = battles[(battles.basis != "recall") & (battles["class"] != "IS attacked")]
    cities = known[(known["class"] == "IS-urban") & (known.result == "taken")]
    daily = 100 * known.own_lost / known.days
    killed = 100 * known.garrison_killed[known.result == "taken"]
    fled = 1e6, 0.3 * 1.0e6
    return {
        "own losses, % of the attackers a day": (daily.min(), daily.max(), "battles"),
        "advance in a city, km a day": (cities.tempo.min(), cities.tempo.max(), "battles"),
        "days to take one city": (cities.days.min(), cities.days.max(), "battles"),
        "garrison killed when it was over, %": (killed.min(), killed.max(), "battles"),
        "strike sorties flown a day, whole theatre": (45.6, 2 * 60.0, "AIN 2015, AFCENT 2016; record week twice the average"),
        "weapons a month, whole theatre": (1982.0, 980 / 7 * 30.4375, "AFCENT: March 2016, record week of November 2015"),
        "reconnaissance sorties flown a day": (14.1, 35.0, "AIN 2015; prior's upper end"),
        "suicide and car bombs that come through a week and front": (
            13 / WEEKS,
            63 / WEEKS,
            "Iraqi monthly counts 2014-16; no roadside bombs",
        ),
        "people displaced by both operations": (fled[1], fled[0] + 0.3e6, "UN planning; coalition's lower count of people"),
        "share of its days gone when half a city is taken, %": (
            20.0,
            60.0,
            "Ramadi: 70 % after 35 % of its days; Manbij: 90 % after 97 %",
        ),
        "days stood still of a city phase, %": (0.0, 37.0, "Tikrit 17 of 46 days; others none told"),
    }  # fmt: skip


def halves_and_stops(histories: int) -> tuple[np.ndarray, np.ndarray]:
    """From whole histories: share of East Mosul's days before half of its ground, and share of its days without advance."""
    halves, stops = [], []
    for k in range(histories):
        history = phaseline.explain(CASE, PLAN, k)
        of_east = [event for event in history.events if event.entity == "mosul.east"]
        days = {event.code: event.day for event in of_east}
        if "done" not in days or "half way" not in days:
            continue
        start = next(event.day for event in of_east if event.code == "opens")
        length = max(1, days["done"] - start)
        halves.append(100 * (days["half way"] - start) / length)
        still = sum(event.code == "waits for cover" for event in of_east)
        still += sum(event.value for event in of_east if event.code in ("halted", "pauses"))
        stops.append(100 * min(1.0, still / length))
    return np.array(halves), np.array(stops)


def shown(outcomes: phaseline.Outcomes, histories: int) -> dict[str, np.ndarray]:
    """The same quantities in the run, one value per history."""
    scenario = outcomes.scenario
    end = np.fmin(outcomes.column(PLAN, "end"), horizon_days(scenario))
    fought = np.fmin(outcomes.column(PLAN, "end.mosul"), end) - outcomes.column(PLAN, "suspended.mosul")
    strength = outcomes.column(PLAN, "strength.isf") + outcomes.column(PLAN, "losses.isf")
    taken = ~np.isnan(outcomes.column(PLAN, "end.mosul"))
    killed, garrison = (
        sum(outcomes.column(PLAN, f"{name}.{force}") for name in names for force in ("is_east", "is_west"))
        for names in (["killed"], ["losses", "captured"])
    )
    first = outcomes.series().sel(plan=PLAN).isel(day=slice(0, DAYS)).asset_flown_mean
    halves, stops = halves_and_stops(histories)
    alone = scenario.model_copy(update={"shocks": {"suicide_vehicles": scenario.shocks["suicide_vehicles"]}})
    bombs = phaseline.run(alone, PLAN, outcomes.replications).column(PLAN, "attacks_through")
    displaced = sum(outcomes.column(PLAN, f"displaced.{name}") for name in scenario.operations)
    return {
        "own losses, % of the attackers a day": 100 * outcomes.column(PLAN, "losses.isf") / strength / fought,
        "advance in a city, km a day": 7.9 / days_between(outcomes, "mosul.east"),
        "days to take one city": days_between(outcomes, "raqqa.assault"),
        "garrison killed when it was over, %": (100 * killed / garrison)[taken],
        "strike sorties flown a day, whole theatre": np.asarray(first.sel(asset="strike")),
        "weapons a month, whole theatre": WEAPONS_PER_SORTIE * 30.4375 * np.asarray(first.sel(asset="strike")),
        "reconnaissance sorties flown a day": np.asarray(first.sel(asset="recon")),
        "suicide and car bombs that come through a week and front": 7 * bombs / fought / 2,
        "people displaced by both operations": displaced,
        "share of its days gone when half a city is taken, %": halves,
        "days stood still of a city phase, %": stops,
    }  # fmt: skip


def checks(replications: int = 2000, histories: int = 200) -> pd.DataFrame:
    """One row per quantity: what was seen, the run's 10, 50 and 90 %, and whether the middle lies within."""
    outcomes = phaseline.run(CASE, plan=PLAN, replications=replications)
    found = shown(outcomes, histories)
    rows = []
    for name, (low, high, source) in seen().items():
        p10, p50, p90 = np.nanquantile(found[name], [0.1, 0.5, 0.9])
        rows.append((name, low, high, p10, p50, p90, bool(low <= p50 <= high), source))
    columns = ["quantity", "seen from", "to", "run 10 %", "median", "90 %", "within", "source"]
    return pd.DataFrame(rows, columns=columns).set_index("quantity")


if __name__ == "__main__":
    table = checks()
    text = table.drop(columns="source").map(lambda v: v if isinstance(v, bool) else f"{v:,.3g}")
    print(text.to_string())
    sys.exit(0 if table.within.all() else 1)
