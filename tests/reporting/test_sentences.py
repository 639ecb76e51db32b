"""Every sentence follows from the numbers: other numbers, other sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from outcomes import made
from phaseline.outcomes.results import Outcomes
from phaseline.reporting.sentences import sentences


def told(outcomes: Outcomes, plan: str | None = None) -> str:
    summary = outcomes.summary()
    return " ".join(sentences(summary["plans"][plan or outcomes.plans[0]], summary, outcomes.scenario))


def campaign(count: int = 1024, **changes: Any) -> Outcomes:
    named = made.campaign_values() | {name.replace("__", "."): value for name, value in changes.items()}
    return made.outcomes_of(made.CAMPAIGN, {"both": named}, count)


def duel(won: float, count: int = 1000) -> Outcomes:
    wins = np.random.default_rng(5).permutation(np.arange(count) < won * count)
    named = {"status.duel": np.where(wins, 1, 2), "end.duel": np.where(wins, 5.0, np.nan)}
    return made.outcomes_of(made.DUEL, {"fight": named}, count, days=30)


def test_when(campaign: Outcomes) -> None:
    text = told(campaign)
    assert (
        "Half of the histories have all operations done by early Jul 2020, one in ten by late May 2020"
        in text
    )
    assert "10 % do not by 16 Sep 2020; failure of at least one operation in 10 % (7–14)." in text


def test_when_all_end() -> None:
    ends = np.tile(np.arange(100.0, 164.0), 16)
    changed = {"end__south": ends, "status__south": 1, "end": ends}
    text = told(campaign(**changed))
    assert "done by early Jul 2020, and eight in ten end between 14 Jun 2020 and 4 Aug 2020." in text
    assert "failure" not in text


def test_hardly_any_spread() -> None:
    text = told(campaign(end=150.0))
    assert (
        "All operations: done on 28 Jul 2020 in 90 % (85–93) of the histories, with hardly any spread" in text
    )


def test_which_asset(campaign: Outcomes) -> None:
    assert "Overstretched first: Strike aircraft, in 70 % (67–73) of the histories" in told(campaign)
    assert "; none in 19 % (17–22)." in told(campaign)


def test_which_asset_the_other_way_round() -> None:
    text = told(campaign(first_binding=np.where(np.arange(1024) % 5 == 0, 0, 1)))
    assert "Overstretched first: Drones, in 80 %" in text and "none in" not in text


def test_assets_that_cannot_be_told_apart() -> None:
    text = told(campaign(first_binding=np.random.default_rng(3).integers(0, 2, 1024)))
    assert (
        "Overstretched first about equally often: Strike aircraft in 51 % (48–54) and Drones in 49 % (46–52)"
        in text
    )


def test_no_asset_binds(project: Outcomes) -> None:
    assert "No asset is overstretched in any of the runs." in told(project)


def test_ignorance_and_chance() -> None:
    def with_share(share: float) -> str:
        rng = np.random.default_rng(9)
        common = np.repeat(rng.standard_normal(256), 4)
        ends = 120 + 10 * (np.sqrt(share) * common + np.sqrt(1 - share) * rng.standard_normal(1024))
        return told(campaign(end__south=ends, status__south=1, end=ends))

    assert "Most of the spread in the end of all operations is ignorance" in with_share(0.9)
    assert "Most of the spread in the end of all operations is chance; ignorance makes up" in with_share(0.1)
    assert "About half of the spread in the end of all operations is ignorance" in with_share(0.5)


def test_too_few_to_split() -> None:
    values = {
        name: value if np.isscalar(value) else value[:12] for name, value in made.campaign_values().items()
    }
    text = told(made.outcomes_of(made.CAMPAIGN, {"both": values}, 12))
    assert "this run cannot tell" in text


def test_wide_dates_are_said_to_be_wide(campaign: Outcomes) -> None:
    assert "orders of magnitude" not in told(campaign)
    ends = np.exp(np.random.default_rng(4).normal(np.log(70), 0.7, 1024)).round()
    text = told(made.outcomes_of(made.CAMPAIGN, {"both": made.campaign_values() | {"end.north": ends}}, 1024))
    assert (
        "Duration of Northtown: 29 to 174 days" in text and "read such dates as orders of magnitude" in text
    )


def test_duels() -> None:
    assert "More wins for Blue than for Red: Blue in 80 %" in told(duel(0.8))
    assert "More wins for Red than for Blue: Blue in 20 %" in told(duel(0.2))
    assert "About as many wins for Blue as for Red: Blue in 50 %" in told(duel(0.5))
    assert "who wins is chance" in told(duel(0.5))


def test_capital_letters_and_full_stops(campaign: Outcomes, project: Outcomes, duel: Outcomes) -> None:
    for outcomes in (campaign, project, duel):
        summary = outcomes.summary()
        for plan in summary["plans"].values():
            for sentence in sentences(plan, summary, outcomes.scenario):
                assert sentence[0].isupper() and sentence.endswith(".") and "  " not in sentence
