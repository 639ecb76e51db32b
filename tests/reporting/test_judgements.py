"""Stored documents become words, also where something is missing."""

from __future__ import annotations

import pytest

from phaseline.outcomes.results import Outcomes
from phaseline.reporting import chosen, judgements
from phaseline.reporting.judgement import render_stress
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


def test_drivers_of_the_main_outcomes_of_the_first_plan_are_told(campaign: Outcomes) -> None:
    document = documents.drivers(campaign)
    (end,) = document["outcomes"]
    others = [("end", campaign.plans[-1]), ("failed", end["plan"]), ("harm", end["plan"])]
    document["outcomes"] += [end | {"key": key, "plan": plan} for key, plan in others]
    for days, key in enumerate(("overstretched_days.a", "overstretched_days.b", "overstretched_days.c")):
        numbers = [one | {"at_high": documents.interval(10.0 * days, 1)} for one in end["numbers"]]
        document["outcomes"].append(end | {"key": key, "numbers": numbers})
    keys = [entry["key"] for entry in chosen.studied(document, end["plan"])]
    assert keys == ["end", "failed", "overstretched_days.c", "overstretched_days.b"]
    found = judgements.drivers(document, TITLES)
    assert (len(found["studies"]), found["left"]) == (4, 3)
    assert found["worth"][0]["rows"][0]["label"] == "advance a day"


def test_worth_that_noise_could_explain_is_not_told(campaign: Outcomes) -> None:
    document = documents.drivers(campaign)
    (entry,) = document["value_of_information"]
    assert "would save 9 ± 2 days and change the plan in 30 %" in chosen.worth_text(entry, document, TITLES)
    assert "knowing alone: advance a day 4 ± 1.5 days" in chosen.worth_text(entry, document, TITLES)
    entry["perfect"], entry["numbers"][0]["value"] = documents.interval(-1, 0.5), documents.interval(1, 2)
    assert chosen.worth_text(entry, document, TITLES).endswith("would save nothing that this run can show.")
    assert judgements.drivers(document, TITLES)["worth"][0]["rows"] == []


def test_vague_words_and_boxes_tell_their_chances(campaign: Outcomes) -> None:
    document = documents.claims(campaign)
    claim = document["claims"][0]
    claim["vague"] = {"word": "soon", "reads_as": "a week or two", "points": [
        {"at": "2020-03-08", "probability": documents.interval(0.4, 0.03)},
    ]}  # fmt: skip
    claim["box"] = {"text": "it rains", "inside": documents.interval(0.8, 0.04),
                    "outside": documents.interval(0.1, 0.02), "confirmed": False}  # fmt: skip
    found = judgements.claims(document, TITLES)[0]
    assert found["vague"] == "“soon”, a week or two – 2020-03-08: 40 % (37–43)"
    assert found["box"] == "it rains (80 % (76–84) there, 10 % (8–12) elsewhere; not confirmed)"


def test_a_trace_without_dates_tells_days(campaign: Outcomes) -> None:
    document = documents.traces(campaign)
    document["histories"][0]["chain"][0]["date"] = None
    document["histories"][0]["title"] = None
    document["boxes"][0]["base_rate"] = None
    found = judgements.traces(document, TITLES)
    assert found["histories"][0]["title"] == "History 7"
    assert found["histories"][0]["chain"][0]["date"] == "day 30"
    assert found["boxes"][0]["base"] == "–"


def test_the_ledger_counts_what_numbers_rest_on(campaign: Outcomes) -> None:
    """As `check --numbers` and `run` do, on the page and in a terminal."""
    document = documents.ledger(campaign)
    document["numbers"] = [*document["numbers"], document["numbers"][0] | {"source": None, "assumed": None}]
    text = f"{len(document['numbers'])} numbers: 1 from sources, {len(document['numbers']) - 2} assumed, 1 with neither"
    assert judgements.ledger(document, TITLES, {})["counts"] == text
    document["stress"] = {"histories": 800, "outcomes": [], "measures": {}, "rows": []}
    assert text in " ".join((render_stress(document, TITLES) or "").split())


def test_comparisons_and_what_the_plan_settles_are_told_in_words(campaign: Outcomes) -> None:
    document = documents.claims(campaign)
    (claim, *_) = document["claims"]
    bare = claim | {"vague": None, "flips": [], "increases": None, "mostly": None}
    rises = {"from": "wait", "to": "both", "by": 0.1, "chance_from": interval(0.06, 0.01), "chance_to": interval(0.2, 0.01),
             "difference": interval(0.14, 0.01)}  # fmt: skip
    most = {"plan": "both", "against": "wait", "sign": "more", "worlds": 40, "share": interval(0.2, 0.02),
            "mean": interval(9.0, 1.5), "unit": "days"}  # fmt: skip
    stretch = {
        "word": "stretch",
        "reads_as": None,
        "points": [{"at": "5 points", "probability": interval(0.14, 0.01)}],
    }
    document["claims"] = [
        bare | {"increases": rises, "at_least": None, "probability": {}, "vague": stretch},
        bare | {"mostly": most},
        bare | {"verdict": "no world can fail it", "by_construction": "it was announced", "plans": ["both"]},
        bare | {"verdict": "no world differs", "mostly": most | {"worlds": 0}, "probability": {}},
    ]
    rising, mostly, settled, alike = judgements.claims(document, TITLES)
    assert rising["found"].startswith(
        "20 % (19–21) under Both at once, 6 % (5–7) under North first; difference +14.0 points"
    )
    assert "needed 10 points" in rising["found"] and rising["needed"] == ""
    assert rising["vague"] == "“stretch” – 5 points: +14.0 points (+13 to +15.0)"
    assert mostly["found"].startswith(
        "90 % (88–92) of the 40 worlds that differ (20 % (18–22) of all), needed 50 %; mean"
    )
    assert mostly["found"].endswith("difference 9 ± 1.5 days.")
    assert (
        settled["found"] == "This plan makes it so: no world can fail it. It was announced."
        and settled["mark"] == "="
    )
    assert alike["found"] == "No world of this run differs." and alike["mark"] == "="
