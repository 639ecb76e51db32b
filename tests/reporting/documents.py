"""Small made-up analyses in the formats that other verbs write, about any result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from phaseline.outcomes.results import Outcomes


def interval(value: float, half: float = 0.1) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def head(outcomes: Outcomes, name: str) -> dict[str, Any]:
    return {
        "format": f"phaseline-{name}/1",
        "scenario_fingerprint": outcomes.scenario_fingerprint,
        "seed": outcomes.seed,
        "replications": outcomes.replications,
        "per_world": outcomes.per_world,
        "worlds": outcomes.worlds,
        "level": 0.95,
    }


def comparison(outcomes: Outcomes) -> dict[str, Any]:
    first, second = outcomes.plans[:2]
    outcome = {"key": "end", "label": "last end", "unit": "days", "better": "low", "kind": "mean"}
    failed = {"key": "failed", "label": "any operation fails", "unit": "", "better": "low", "kind": "chance"}
    pair = {
        "difference": interval(-60.0, 8), "median_difference": interval(-55.0, 9), "better": interval(0.93, 0.02),
        "equal": interval(0.01, 0.005), "variance_ratio": 3.4,
    }  # fmt: skip
    return head(outcomes, "comparison") | {
        "plans": {p: {"title": outcomes.runs[p].title, "means": None} for p in outcomes.plans},
        "outcomes": [
            outcome | {"plans": {p: interval(230.0, 9) for p in outcomes.plans}},
            failed | {"plans": {p: interval(0.05, 0.01) for p in outcomes.plans}},
        ],
        "pairs": [
            {
                "plan": first, "against": second, "dominates": False, "near_tie": False,
                "outcomes": {"end": pair, "failed": pair | {"difference": interval(-0.03, 0.01)}},
            }
        ],
        "joint": {
            "conditions": [
                {"outcome": "end", "at_most": 300, "label": "done by 12 Aug 2017"},
                {"outcome": "losses", "at_most": 10000, "label": "own losses below 10,000"},
            ],
            "plans": {p: interval(0.4, 0.03) for p in outcomes.plans},
            "each": {p: [interval(0.7, 0.03), interval(0.6, 0.03)] for p in outcomes.plans},
        },
    }  # fmt: skip


def claims(outcomes: Outcomes) -> dict[str, Any]:
    claim = {
        "id": "stretch", "statement": "Doing both at once would stretch the coalition.",
        "speaker": "senior military official (anonymous)",
        "source": {"id": "ap", "title": "AP dispatch", "url": "https://example.org/ap", "known_on": "2016-10-26"},
        "said": "2016-10-25", "published": "2016-10-25", "plan": outcomes.plans[0],
        "event": "strike aircraft strained above 1 for 7 days", "at_least": 0.5,
        "vague": {
            "word": "stretch", "reads_as": "a fifth more or less", "low": "1.0", "high": "1.3",
            "points": [{"at": "1.0", "probability": interval(0.93, 0.02), "verdict": "holds"}],
        },
        "probability": interval(0.9, 0.02), "over_worlds": {"p10": 0.5, "p50": 1.0, "p90": 1.0},
        "share_of_worlds_holding": interval(0.88, 0.03), "verdict": "holds",
        "flips": [
            {
                "number": "strike_rate", "label": "sorties per aircraft and day", "unit": "", "base": "0.55/day",
                "holds": "at most", "threshold": {"low": "0.69/day", "high": "0.73/day"},
                "inside": {"at": "0.69/day", "probability": interval(0.55, 0.02)},
                "outside": {"at": "0.73/day", "probability": interval(0.45, 0.02)}, "confirmed": True,
            }
        ],
        "box": None,
    }  # fmt: skip
    other = claim | {
        "id": "none",
        "statement": "None needed.",
        "verdict": "cannot tell",
        "flips": [],
        "vague": None,
    }
    return head(outcomes, "claims") | {
        "claims": [claim, other, other | {"id": "no", "verdict": "fails", "source": None}]
    }


def drivers(outcomes: Outcomes) -> dict[str, Any]:
    names = {
        "breaks": "share at which the defender breaks",
        "tempo": "advance a day",
        "rate": "sorties a day",
    }
    numbers = {n: {"label": t, "unit": "", "p10": 1.0, "p50": 2.0, "p90": 3.0} for n, t in names.items()}
    entries = [
        {
            "number": n, "delta": interval(0.4 - 0.1 * k, 0.05), "first_order": interval(0.5 - 0.2 * k, 0.05),
            "at_low": interval(200.0 - 20 * k, 6), "at_high": interval(260.0 + 10 * k, 8),
        }
        for k, n in enumerate(names)
    ]  # fmt: skip
    outcome = {"key": "end", "label": "last end", "unit": "days", "plan": outcomes.plans[0]}
    value = {"number": "tempo", "value": interval(4.0, 1.5), "changes_plan": interval(0.2, 0.05)}
    return head(outcomes, "drivers") | {
        "numbers": numbers,
        "outcomes": [outcome | {"chance_share": interval(0.05, 0.01), "numbers": entries}],
        "value_of_information": [
            {
                "key": "end",
                "label": "last end",
                "unit": "days",
                "best_now": outcomes.plans[0],
                "perfect": interval(9.0, 2),
                "perfect_changes_plan": interval(0.3, 0.05),
                "numbers": [value],
            }
        ],
    }


def ledger(outcomes: Outcomes) -> dict[str, Any]:
    row = {
        "name": "tempo", "path": "numbers.tempo", "label": "advance a day in the city", "text": "0.14 km/day, spread 2",
        "low": 0.07, "high": 0.28, "unit": "km/day", "kind": "ignorance",
        "source": {"id": "battles", "title": "City battles", "url": None, "known_on": "2016-10-26"},
        "speaker": "compiled", "assumed": None, "lean": "high", "adverse": "low", "weight": 0.4,
    }  # fmt: skip
    assumed = row | {
        "name": "cover",
        "path": "numbers.cover",
        "label": "least cover",
        "source": None,
        "assumed": "a guess",
        "weight": None,
    }
    stress = [
        {
            "what": what,
            "plan": outcomes.plans[0],
            "values": {"end": interval(value, 8), "failed": interval(0.05, 0.01)},
        }
        for what, value in (("base", 230.0), ("all adverse", 410.0), ("all favourable", 120.0))
    ]
    return head(outcomes, "ledger") | {
        "numbers": [row, assumed],
        "stress": {"outcomes": ["end", "failed"], "rows": stress},
    }


def traces(outcomes: Outcomes) -> dict[str, Any]:
    chain = [
        {
            "day": 30,
            "date": "2016-11-16",
            "text": "strike aircraft are overstretched",
            "days_lost": 0,
            "losses": 0,
        },
        {
            "day": 44,
            "date": "2016-11-30",
            "text": "the assault waits for cover",
            "days_lost": 12,
            "losses": 340,
        },
    ]
    plan = outcomes.plans[0]
    return head(outcomes, "traces") | {
        "histories": [{"plan": plan, "replication": 7, "title": "A typical bad one", "chain": chain}],
        "aggregate": [
            {
                "plan": plan, "cause": "strike", "label": "too few strike sorties", "delay": interval(40.0, 5),
                "losses": interval(900.0, 90), "share_of_bad_tenth": interval(0.6, 0.05),
            }
        ],
        "boxes": [
            {
                "outcome": "end", "plan": plan, "text": "slow advance and a stubborn defender",
                "coverage": interval(0.7, 0.05), "density": interval(0.5, 0.05), "base_rate": 0.1,
                "conditions": [{"number": "tempo", "label": "advance a day", "low": None, "high": 0.1, "unit": "km/day"}],
            }
        ],
    }  # fmt: skip


MAKERS = {"comparison": comparison, "claims": claims, "drivers": drivers, "ledger": ledger, "traces": traces}


def write_all(outcomes: Outcomes, folder: Path) -> None:
    for name, make in MAKERS.items():
        (folder / f"{name}.json").write_text(json.dumps(make(outcomes)), encoding="utf-8")
