"""The answer follows from the numbers."""

from __future__ import annotations

import copy
from typing import Any

from phaseline.outcomes.results import Outcomes
from phaseline.reporting.answer import answer


def told(outcomes: Outcomes, **changes: Any) -> str:
    return " ".join(answer(outcomes.summary() | changes, outcomes.scenario))


def test_three_sentences_about_all_plans(campaign: Outcomes) -> None:
    sentences = answer(campaign.summary(), campaign.scenario)
    assert len(sentences) == 3
    when, gives, sure = sentences
    assert when.startswith("Half of the histories have all operations done by ")
    assert "under “Both at once”" in when
    assert "under “North first”" in when
    assert "the chance of failure of one of the operations is" in when
    assert gives.startswith("What gives first: Strike aircraft, overstretched in 7")
    assert "; then Drones." in gives
    assert "eight histories in ten end between" in sure
    assert "they do not forecast" in sure


def test_plans_that_end_alike_stand_together(campaign: Outcomes) -> None:
    summary = copy.deepcopy(campaign.summary())
    summary["plans"]["wait"]["all"] = summary["plans"]["both"]["all"]
    (when, *_) = answer(summary, campaign.scenario)
    assert "under “Both at once” and “North first”" in when
    assert " by " in when
    assert when.count("early Jul 2020") + when.count("Jul 2020") >= 1


def test_a_single_plan_without_chance(project: Outcomes) -> None:
    when, gives, sure = answer(project.summary(), project.scenario)
    assert when == "Half of the runs have Bridge done by 25 Jan 2021."
    assert gives == "No asset is overstretched in any run."
    assert sure.startswith("Hardly anything varies: nearly all runs end by 25 Jan 2021")


def test_without_assets_nothing_gives(duel: Outcomes) -> None:
    assert len(answer(duel.summary(), duel.scenario)) == 2


def test_ignorance_and_forecasts(campaign: Outcomes) -> None:
    assert "do not forecast" not in told(campaign, use_class="predict")
    summary = copy.deepcopy(campaign.summary())
    for plan in summary["plans"].values():
        plan["all"]["ignorance"]["end"] = {"value": 0.9, "low": 0.8, "high": 0.95}
        plan["all"]["end"]["p90"] |= {"value": None, "date": None}
    sure = answer(summary, campaign.scenario)[-1]
    assert sure.startswith("Read dates as orders of magnitude")
    assert "90 % of the spread among those that end is what nobody here knows" in sure
    assert "a day beyond the horizon" in sure


def test_failure_is_told_once_where_it_is_the_same(campaign: Outcomes) -> None:
    summary = copy.deepcopy(campaign.summary())
    for plan in summary["plans"].values():
        plan["all"]["failed"] = {"value": 0.1, "low": 0.05, "high": 0.15}
    assert (
        "the chance of failure of one of the operations is 10 % (5–15)."
        in answer(summary, campaign.scenario)[0]
    )
    for plan in summary["plans"].values():
        plan["all"]["failed"] = {"value": 0.0, "low": 0.0, "high": 0.01}
    assert "failure" not in answer(summary, campaign.scenario)[0]
