"""Every sentence that a run prints: counts in their number, no verb that must agree with a label, true to its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from outcomes import made
from phaseline.outcomes.comparison import compare
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.wording import Words
from phaseline.reporting.answer import answer
from phaseline.reporting.judgement import render_comparison
from phaseline.reporting.meaning import meaning
from phaseline.reporting.sentences import sentences
from phaseline.reporting.terminal import render

PLURAL = {
    **made.CAMPAIGN,
    "title": "Tankers and lorries",
    "assets": {
        "jets": {"label": "Tankers", "unit": "loads", "capacity": "40/day"},
        "drones": {"label": "Lorries", "unit": "loads", "capacity": "20/day"},
    },
    "forces": {
        "army": {"label": "Rangers", "side": "own", "strength": 20000},
        "militia": {"label": "Raiders", "side": "adversary", "strength": 3000},
    },
    "operations": {
        name: {**operation, "label": label}
        for (name, operation), label in zip(
            made.CAMPAIGN["operations"].items(), ("Harbours", "Valleys"), strict=True
        )
    },
}
DUEL = {
    **made.DUEL,
    "forces": {
        "blue": {"label": "Blues", "side": "own", "strength": 100},
        "red": {"label": "Reds", "side": "adversary", "strength": 90},
    },
    "operations": {"duel": {**made.DUEL["operations"]["duel"], "label": "Skirmishes"}},
    "plans": {"fight": {"title": "Fight"}, "again": {"title": "Fight again"}},
}
PROJECT = {
    **made.PROJECT,
    "assets": {"crane": {"label": "Cranes", "sharing": "whole", "units": 1}},
    "operations": {"bridge": {**made.PROJECT["operations"]["bridge"], "label": "Bridges"}},
    "plans": {"only": {"title": "As drawn"}, "other": {"title": "Otherwise"}},
}
LABELS = (
    "Tankers",
    "Lorries",
    "Rangers",
    "Raiders",
    "Harbours",
    "Valleys",
    "Blues",
    "Reds",
    "Skirmishes",
    "Bridges",
    "Cranes",
)
VERBS = "is|are|has|have|was|were|ends|takes|wins|fails|fail|follows|follow|binds|starts|does|do|needs"
COUNTED = (
    "world|history|run|replication|plan|day|number|point|report|person|loss|attack|operation|asset|unit|load"
)


def _first(values: Mapping[str, Any], count: int) -> dict[str, Any]:
    return {name: value if np.isscalar(value) else value[:count] for name, value in values.items()}


def _campaign(count: int, per_world: int, data: Mapping[str, Any] = PLURAL) -> Outcomes:
    both = _first(made.campaign_values(), count)
    wait = _first(made.campaign_values(shift=15.0), count) | {
        "overstretched.jets": 1.0,
        "overstretched.drones": 0.0,
    }
    return made.outcomes_of(data, {"both": both, "wait": wait}, count, per_world=per_world)


def _duel(won: int, count: int, per_world: int) -> Outcomes:
    wins = np.arange(count) < won
    named = {
        "status.duel": np.where(wins, 1, 2),
        "end.duel": np.where(wins, 1.0, np.nan),
        "end": np.where(wins, 1.0, np.nan),
    }
    return made.outcomes_of(DUEL, {"fight": named, "again": named}, count, per_world=per_world, days=30)


def _project(count: int, per_world: int) -> Outcomes:
    done = {"status.bridge": 1, "start.bridge": 0, "end.bridge": 22, "end": 22, "binds.crane": 1, "first_binding": 0,
            "overstretched.crane": 1}  # fmt: skip
    late = done | {"end.bridge": 23, "end": 23, "overstretched.crane": 2}
    return made.outcomes_of(PROJECT, {"only": done, "other": late}, count, per_world=per_world, days=60)


RUNS = {
    "one history": lambda: _campaign(1, 1),
    "one world": lambda: _campaign(4, 4),
    "two worlds": lambda: _campaign(8, 4),
    "many worlds": lambda: _campaign(1024, 4),
    "a duel of one history": lambda: _duel(1, 1, 1),
    "a duel in two worlds": lambda: _duel(4, 8, 4),
    "a duel decided": lambda: _duel(800, 1000, 4),
    "a project of one history": lambda: _project(1, 1),
    "a project in one world": lambda: _project(4, 4),
}


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def printed(outcomes: Outcomes) -> str:
    """Everything that a run, its comparison, and the head of the page say."""
    summary, scenario = outcomes.summary(), outcomes.scenario
    titles = {plan: entry["title"] for plan, entry in summary["plans"].items()}
    parts = [
        render(outcomes),
        render(outcomes, detail=True),
        render_comparison(compare(outcomes), titles),
        repr(outcomes),
    ]
    parts += answer(summary, scenario)
    return _flat(" ".join(part or "" for part in parts))


@pytest.mark.parametrize("name", RUNS)
def test_counts_follow_their_number_and_no_verb_agrees_with_a_label(name: str) -> None:
    text = printed(RUNS[name]())
    singular = re.findall(rf"(?<![\d.,–-])1 (?:{COUNTED.replace('|', '|')})(?:s|es)?\b", text)
    wrong = [found for found in singular if not re.fullmatch(rf"1 (?:{COUNTED})", found)]
    assert wrong == [] and "1 histories" not in text and "1 paired histories" not in text
    verbs = re.findall(rf"\b(?:{'|'.join(LABELS)}) (?:{VERBS})\b", text, re.IGNORECASE)
    assert verbs == []


def test_the_head_counts_one_world_and_one_history() -> None:
    text = _flat(render(_campaign(1, 1)))
    assert "1 history per plan in 1 world · seed 7" in text
    assert "1 replication in 1 world, seed 7" in repr(_campaign(1, 1))


@pytest.mark.parametrize(
    ("won", "count", "said"),
    [
        (
            4,
            8,
            "This run cannot tell who wins more often: Blues in 50 % (",
        ),
        (800, 1000, "More wins for Blues than for Reds: Blues in 80 % ("),
    ],
)
def test_a_duel_says_what_its_numbers_say(won: int, count: int, said: str) -> None:
    outcomes = _duel(won, count, 4)
    summary = outcomes.summary()
    assert sentences(summary["plans"]["fight"], summary, outcomes.scenario)[0].startswith(said)


@pytest.mark.parametrize(
    ("won", "lost", "said"),
    [
        (
            (0.0, 0.0, 1.0),
            (1.0, 0.0, 1.0),
            "This run cannot tell who wins more often: Blues in 0 % (0–100) of the histories",
        ),
        ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "Winner: Reds."),
        ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), "Winner: Blues."),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), "Winner: none by the horizon."),
        (
            (0.49, 0.47, 0.51),
            (0.51, 0.49, 0.53),
            "About as many wins for Blues as for Reds: Blues in 49 % (47–51)",
        ),
        ((0.4, 0.3, 0.6), (0.6, 0.4, 0.7), "This run cannot tell who wins more often"),
    ],
)
def test_equally_often_is_said_of_equal_numbers_alone(
    won: tuple[float, ...], lost: tuple[float, ...], said: str
) -> None:
    outcomes = _duel(4, 8, 4)
    summary = outcomes.summary()
    operation = summary["plans"]["fight"]["operations"]["duel"]
    for key, numbers in (("done", won), ("failed", lost)):
        operation[key] = dict(zip(("value", "low", "high"), numbers, strict=True))
    assert sentences(summary["plans"]["fight"], summary, outcomes.scenario)[0].startswith(said)


def test_assets_that_a_run_cannot_rank_are_not_called_equal() -> None:
    outcomes = _campaign(4, 4)
    summary = outcomes.summary()
    assets = summary["plans"]["both"]["binding"]["assets"]
    for name, share in (("jets", 0.75), ("drones", 0.25)):
        assets[name]["first"] = {"value": share, "low": 0.0, "high": 1.0}
    text = " ".join(sentences(summary["plans"]["both"], summary, outcomes.scenario))
    assert (
        "Overstretched first, as far as this run can tell: Tankers in 75 % (0–100) and Lorries in 25 % (0–100)"
        in text
    )
    assert "equally" not in text


def test_two_worlds_do_not_say_what_the_variance_is() -> None:
    outcomes = _campaign(8, 4)
    summary = outcomes.summary()
    for plan in summary["plans"].values():
        plan["all"]["ignorance"]["end"] = {"value": 0.0, "low": 0.0, "high": 1.0}
    cause = meaning(summary, Words({}))[1]
    assert "how much of the variance of the last end" in cause and "this run cannot tell" in cause
    assert "nothing narrows" not in cause and "0 %" not in cause.partition("variance")[2]


@pytest.mark.parametrize(
    ("low", "value", "high", "said"),
    [
        (0.55, 0.7, 0.8, "70 % of the variance of the last end is ignorance, which learning could narrow."),
        (
            0.1,
            0.2,
            0.3,
            "20 % of the variance of the last end is ignorance, the rest chance, which nothing narrows.",
        ),
        (0.3, 0.55, 0.8, "55 % of the variance of the last end is ignorance."),
        (
            0.0,
            0.0,
            0.9,
            "how much of the variance of the last end is ignorance and how much chance, this run cannot tell.",
        ),
        (
            None,
            0.2,
            None,
            "how much of the variance of the last end is ignorance and how much chance, this run cannot tell.",
        ),
    ],
)
def test_what_narrows_the_spread_is_said_where_the_interval_supports_it(
    low: float | None, value: float, high: float | None, said: str
) -> None:
    summary = _campaign(8, 4).summary()
    for plan in summary["plans"].values():
        plan["all"]["ignorance"]["end"] = {"value": value, "low": low, "high": high}
        plan["all"]["done"] = {"value": 1.0, "low": 0.9, "high": 1.0}
    assert meaning(summary, Words({}))[1].endswith(said)


def _ends(both: Any, wait: Any) -> Outcomes:
    values = {}
    for plan, end in (("both", both), ("wait", wait)):
        done = ~np.isnan(end)
        values[plan] = {
            "status.north": np.where(done, 1, 0),
            "status.south": 1,
            "end.north": end,
            "end.south": 10,
            "end": end,
        }
    return made.outcomes_of(PLURAL, values, len(both))


def _told(outcomes: Outcomes) -> str:
    return meaning(outcomes.summary(), Words({}))[0]


def _share(ending: float, day: float, count: int = 400) -> np.ndarray:
    """Ends around a day in some share of histories; the rest never end."""
    rng = np.random.default_rng(int(day))
    return np.where(
        rng.permutation(count) < round(ending * count), np.round(rng.normal(day, 3, count)), np.nan
    )


def test_a_mean_end_is_told_where_all_end() -> None:
    text = _told(_ends(_share(1.0, 60), _share(1.0, 90)))
    assert re.search(r"“North first” ends (29|30)\.\d+ ± 0\.\d+ days later", text) and "horizon" not in text


def test_a_few_that_never_end_are_a_caveat() -> None:
    text = _told(_ends(_share(1.0, 60), _share(0.95, 90)))
    assert "days later (never ending counts as the horizon)" in text


def test_where_many_never_end_the_medians_are_told() -> None:
    text = _told(_ends(_share(1.0, 60), _share(0.8, 90)))
    assert "later" not in text
    assert re.search(
        r"has \d+ May 2020 as its median end instead of \d+ (Apr|May) 2020 \(80 % \(7\d–8\d\) and 100 %", text
    )


def test_where_most_never_end_the_chances_are_told() -> None:
    text = _told(_ends(_share(1.0, 60), _share(0.03, 90)))
    assert "later" not in text
    assert re.search(
        r"ends by 16 Sep 2020 in 3 % \(\d\.?\d*–\d\.?\d*\) of the histories instead of 100 %", text
    )


def test_the_comparison_carries_the_caveat_of_its_numbers() -> None:
    outcomes = _ends(_share(1.0, 60), _share(0.03, 90))
    titles = {plan: run.title for plan, run in outcomes.runs.items()}
    text = _flat(render_comparison(compare(outcomes), titles))
    assert "Never ending counts as the horizon: 97 % of the histories of “North first”." in text
    assert "Never ending" not in _flat(
        render_comparison(compare(_ends(_share(1.0, 60), _share(1.0, 90))), titles)
    )
