"""The table of rival plans, and the sentences below it."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.statistics import mean_interval
from phaseline.outcomes.wording import Words
from phaseline.reporting.meaning import meaning
from phaseline.reporting.terminal import render


def _interval(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": value if low is None else low, "high": value if high is None else high}


def _operation(low: float, high: float | None, **more: Any) -> dict[str, Any]:
    duration = {"p10": _interval(low), "p90": _interval(high)}
    end = {"p10": _interval(low) | {"date": "2020-01-05"}}
    return {"label": "Town", "duel": False, "duration": duration, "end": end} | more


def _plan(title: str, first: float = 0.6, ignorance: float | None = 0.9, **operation: Any) -> dict[str, Any]:
    jets = {"label": "jets", "first": _interval(first)}
    return {
        "title": title,
        "operations": {"town": _operation(**({"low": 10, "high": 40} | operation))},
        "all": {"ignorance": {"end": _interval(ignorance)}, "done": _interval(1.0, 0.99)},
        "binding": {"assets": {"jets": jets, "drones": {"label": "drones", "first": _interval(0.1)}}},
        "attacks": None,
    }


def _measure(label: str, low: float, value: float, high: float, stretched: bool = False) -> dict[str, Any]:
    return {
        "label": label,
        "unit": "" if label == "own losses" else "day",
        "more": f"lengthens overstretch of {label} by {{}}" if stretched else f"{label} more {{}}",
        "less": f"shortens overstretch of {label} by {{}}" if stretched else f"{label} less {{}}",
        "difference": _interval(value, low, high),
    }


def _summary(*plans: dict[str, Any], outcomes: dict[str, Any], assumed: int = 3) -> dict[str, Any]:
    by_id = {f"p{i}": plan for i, plan in enumerate(plans)}
    differences = [{"plan": key, "against": "p0", "outcomes": outcomes} for key in list(by_id)[1:]]
    return {
        "plans": by_id,
        "differences": differences,
        "use_class": "compare",
        "numbers": {"sourced": 7, "assumed": assumed, "neither": 0},
    }


def test_differences_are_paired_and_clustered_by_world(campaign: Outcomes) -> None:
    (entry,) = campaign.summary()["differences"]
    assert (entry["plan"], entry["against"]) == ("wait", "both")
    ends = {plan: np.nan_to_num(campaign.column(plan, "end"), nan=200.0) for plan in campaign.plans}
    expected = mean_interval(ends["wait"] - ends["both"], campaign.per_world)
    found = entry["outcomes"]["end"]["difference"]
    assert [found["value"], found["low"], found["high"]] == pytest.approx(list(expected))
    assert {"losses", "overstretched.jets"} <= set(entry["outcomes"])


def test_the_rows_are_those_of_the_summary(campaign: Outcomes) -> None:
    text = render(campaign) or ""
    for row in ("Northtown: done, median", "Southtown: done, median", "all operations: done, median", "eight in ten within",
                "Overstretched: strain above 1, 7 days on end", "most often first of all", "losses: Army",
                "people displaced", "ignorance in the last end"):  # fmt: skip
        assert row in text, row
    plan = campaign.summary()["plans"]["both"]
    failed = f"{100 * plan['all']['failed']['value']:.0f} %"
    assert re.search(rf"failed +{failed}", text)
    assert max(map(len, text.splitlines())) <= 100


def test_more_than_four_plans_take_two_tables(campaign: Outcomes) -> None:
    run = campaign.runs["both"]
    runs = {f"p{i}": dataclasses.replace(run, plan=f"p{i}", title=f"Plan number {i}") for i in range(5)}
    plans = dict.fromkeys(runs, campaign.scenario.plans["both"])
    scenario = campaign.scenario.model_copy(update={"plans": plans})
    text = render(dataclasses.replace(campaign, runs=runs, scenario=scenario)) or ""
    assert text.count("all operations: done, median") == 2
    assert "comes to the same in every history" in " ".join(text.split())  # five times the same plan


def test_a_single_plan_gets_its_page(project: Outcomes) -> None:
    text = render(project) or ""
    assert "Plan: As drawn" in text and "done, median" not in text


def test_duels_side_by_side(duel: Outcomes) -> None:
    (name,) = duel.runs
    runs = dict(duel.runs) | {"again": dataclasses.replace(duel.runs[name], plan="again", title="Again")}
    plans = dict(duel.scenario.plans) | {"again": duel.scenario.plans[name]}
    both = dataclasses.replace(duel, runs=runs, scenario=duel.scenario.model_copy(update={"plans": plans}))
    assert re.search(r"Duel won +70 % \(67–73\) +70 % \(67–73\)", render(both) or "")


def test_a_trade_is_told_with_its_sign_and_what_is_unclear() -> None:
    outcomes = {
        "end": _measure("ends", 4.0, 6.0, 8.0),
        "overstretched.jets": _measure("jets", -9.0, -7.0, -5.0, True),
        "overstretched.drones": _measure("drones", -5.0, -3.0, -1.0, True),
        "losses": _measure("own losses", -5.0, 1.0, 7.0),
    }
    trade = meaning(_summary(_plan("Both"), _plan("Wait"), outcomes=outcomes), Words({}))[0]
    assert trade == (
        "Against “Both”, history by history, “Wait” ends more 6 ± 2 days and shortens overstretch of jets by "
        "7 ± 2 days and of drones by 3 ± 2 days (no clear difference: own losses)."
    )


def test_plans_that_cannot_be_told_apart() -> None:
    outcomes = {"end": _measure("ends", -1.0, 0.5, 2.0)}
    trade = meaning(_summary(_plan("Both"), _plan("Wait"), outcomes=outcomes), Words({}))[0]
    assert trade == "Against “Both”, history by history, “Wait” cannot be told from it."


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.9, 0.95), "90 to 95 % of the variance of the last end is ignorance, which learning could narrow"),
        (
            (0.996, 0.999),
            "more than 99 % of the variance of the last end is ignorance, which learning could narrow",
        ),
        (
            (0.2, 0.2),
            "20 % of the variance of the last end is ignorance, the rest chance, which nothing narrows",
        ),
    ],
)
def test_ignorance_and_chance_are_told_apart(shares: tuple[float, float], said: str) -> None:
    plans = [_plan(f"P{i}", ignorance=share) for i, share in enumerate(shares)]
    cause = meaning(_summary(*plans, outcomes={}), Words({}))[1]
    assert said in cause and cause.startswith("Most often overstretched first: jets (60 % under “P0”")


def test_whose_variance_it_is_where_many_never_end() -> None:
    plans = [_plan("A"), _plan("B")]
    plans[1]["all"]["done"] = _interval(0.7)
    cause = meaning(_summary(*plans, outcomes={}), Words({}))[1]
    assert "of the last end among the histories that end is ignorance" in cause


def test_what_is_never_overstretched_is_said() -> None:
    plans = [_plan("A", first=0.0), _plan("B", first=0.0)]
    for plan in plans:
        plan["binding"]["assets"]["drones"]["first"] = _interval(0.0)
    assert "no asset is ever overstretched" in meaning(_summary(*plans, outcomes={}), Words({}))[1].lower()


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"low": 10, "high": 40}, "duration of Town: 10 to 40 days in eight of ten histories"),
        (
            {"low": 10, "high": None},
            "end of Town: 4 Jan 2020 or later in nine of ten histories, and beyond the horizon in more than one",
        ),
        ({"low": 10, "high": 11}, None),
    ],
)
def test_the_limits_name_the_widest_operation(operation: dict[str, Any], said: str | None) -> None:
    limits = meaning(_summary(_plan("A", **operation), _plan("B", low=10, high=11), outcomes={}), Words({}))[
        -1
    ]
    assert limits.startswith("This is not a forecast: use class compare")
    assert "assumed: 3 of its 10 numbers" in limits
    assert "Town" not in limits if said is None else said in limits.replace("5 Jan", "4 Jan")


def test_the_limits_tell_what_is_assumed_from_what_rests_on_nothing() -> None:
    summary = _summary(_plan("A"), _plan("B"), outcomes={}) | {
        "numbers": {"sourced": 7, "assumed": 3, "neither": 2}
    }
    limits = meaning(summary, Words({}))[-1]
    assert "assumed: 3 of its 12 numbers; with neither source nor reasoning: 2 of its 12 numbers" in limits
