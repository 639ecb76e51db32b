"""Stored documents become words, also where something is missing."""

from __future__ import annotations

import pytest

from phaseline.outcomes.results import Outcomes
from phaseline.reporting import judgements
from reporting import documents
from reporting.documents import interval

TITLES = {"both": "Both at once", "wait": "North first"}


def test_a_claim_with_everything_missing(campaign: Outcomes) -> None:
    document = documents.claims(campaign)
    document["claims"] = [
        {"statement": "It works.", "speaker": "someone", "said": "soon", "probability": interval(0.2), "at_least": 0.5,
         "verdict": "fails", "plan": "secret"},
    ]  # fmt: skip
    (claim,) = judgements.claims(document, TITLES)
    assert (claim["said"], claim["worlds"], claim["vague"], claim["plan"]) == ("soon", "", "", "secret")
    assert claim["source"] == {"title": "", "url": ""}
    assert claim["mark"] == "✗"


@pytest.mark.parametrize(
    ("side", "told"),
    [
        (interval(0.55, 0.02), "55 % (53–57)"),
        (0.4, "40 %"),
    ],
)
def test_a_flip_tells_both_re_runs(side: object, told: str) -> None:
    ends = {"low": "0.4/day", "high": "0.5/day"}
    inside = {"at": "0.4/day", "probability": side}
    flip = judgements._flip(
        {"number": "rate", "base": "0.5/day", "holds": "at most", "threshold": ends, "inside": inside, "outside": inside,
         "confirmed": False}
    )  # fmt: skip
    assert flip["inside"] == f"{told} at 0.4/day"
    assert (flip["label"], flip["threshold"], flip["confirmed"]) == (
        "rate",
        "at most 0.4/day to 0.5/day",
        "not confirmed",
    )


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (None, 0.1, "advance at most 0.10 km/day"),
        (2, None, "advance at least 2 km/day"),
        (1, 2, "advance between 1 and 2 km/day"),
        (None, None, "advance"),
    ],
)
def test_conditions_in_words(low: float | None, high: float | None, told: str) -> None:
    condition = {"number": "tempo", "label": "advance", "low": low, "high": high, "unit": "km/day"}
    assert judgements._condition(condition) == told


def test_dominance_and_near_ties_are_named_and_joint_may_be_missing(campaign: Outcomes) -> None:
    document = documents.comparison(campaign)
    document["pairs"][0]["dominates"] = True
    document["joint"] = None
    found = judgements.comparison(document, TITLES)
    assert found["pairs"][0]["verdict"] == "dominates"
    assert found["joint"] is None
    document["pairs"][0] |= {"dominates": False, "near_tie": True}
    document["pairs"][0]["outcomes"]["end"]["variance_ratio"] = None
    pair = judgements.comparison(document, TITLES)["pairs"][0]
    assert (pair["verdict"], pair["rows"][0]["saved"]) == ("near tie", "–")


def test_the_ledger_is_ordered_by_weight_and_tells_chances_as_such(campaign: Outcomes) -> None:
    document = documents.ledger(campaign)
    document["numbers"].reverse()
    found = judgements.ledger(document, TITLES, {"end": "last end"})
    assert [row["weight"] for row in found["rows"]] == ["0.40", "–"]
    assert found["stress"]["head"] == ["last end", "failed"]
    assert found["stress"]["rows"][0]["cells"] == ["230 (222–238)", "5 % (4–6)"]
    document["stress"] = None
    assert judgements.ledger(document, TITLES, {})["stress"] == {"head": [], "rows": []}


def test_drivers_beyond_the_first_few_are_counted(campaign: Outcomes) -> None:
    document = documents.drivers(campaign)
    document["outcomes"] *= judgements.MOST_STUDIED + 2
    found = judgements.drivers(document, TITLES)
    assert (len(found["studies"]), found["left"]) == (judgements.MOST_STUDIED, 2)
    assert found["worth"][0]["rows"][0]["label"] == "advance a day"


def test_a_trace_without_dates_tells_days(campaign: Outcomes) -> None:
    document = documents.traces(campaign)
    document["histories"][0]["chain"][0]["date"] = None
    document["histories"][0]["title"] = None
    document["boxes"][0]["base_rate"] = None
    found = judgements.traces(document, TITLES)
    assert found["histories"][0]["title"] == "History 7"
    assert found["histories"][0]["chain"][0]["date"] == "day 30"
    assert found["boxes"][0]["base"] == "–"
