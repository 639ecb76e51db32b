from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pytest

from outcomes import made
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.schema import summary_schema
from phaseline.outcomes.statistics import probability_interval


@pytest.fixture(scope="module")
def summary(campaign: Outcomes) -> dict[str, Any]:
    return campaign.summary()


@pytest.fixture(scope="module")
def both(summary: dict[str, Any]) -> dict[str, Any]:
    return summary["plans"]["both"]


def objects(node: Any) -> list[dict[str, Any]]:
    """Every schema of an object in a schema."""
    if isinstance(node, list):
        return [found for item in node for found in objects(item)]
    if not isinstance(node, dict):
        return []
    inner = [found for item in node.values() for found in objects(item)]
    return [node, *inner] if "properties" in node else inner


@pytest.mark.parametrize("name", ["campaign", "project", "duel"])
def test_matches_its_schema(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name).summary()
    text = json.dumps(found, allow_nan=False)
    jsonschema.validate(json.loads(text), summary_schema(), cls=jsonschema.Draft202012Validator)


def test_schema_is_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(summary_schema())
    assert all(schema["additionalProperties"] is False for schema in objects(summary_schema()))


def test_head(summary: dict[str, Any]) -> None:
    assert summary["as_of"] == summary["start"] == "2020-03-01"
    assert summary["horizon"] == "2020-09-16"  # 200 days, the first of which is 1 March
    assert (summary["replications"], summary["worlds"], summary["per_world"]) == (1024, 256, 4)
    assert summary["warnings"] == ["a made-up warning"]


def test_end_is_the_day_before_its_time(project: Outcomes) -> None:
    """Ten days of work from Monday 4 January are done on the 13th."""
    phase = project.summary()["plans"]["only"]["operations"]["bridge"]["phases"]["piers"]
    assert phase["end"]["p50"]["value"] == 10
    assert phase["end"]["p50"]["date"] == "2021-01-13"
    assert phase["start"]["p50"]["date"] == "2021-01-04"


def test_operations(both: dict[str, Any], campaign: Outcomes) -> None:
    north, south = both["operations"]["north"], both["operations"]["south"]
    assert north["done"]["value"] == 1 and north["failed"]["value"] == 0 and north["failed"]["high"] > 0
    assert south["end"]["p90"] == {
        "value": None, "low": None if south["end"]["p90"]["low"] is None else south["end"]["p90"]["low"],
        "high": None, "date": None, "date_low": south["end"]["p90"]["date_low"], "date_high": None,
    }  # fmt: skip
    parts = [south[name]["value"] for name in ("done", "failed", "unfinished")]
    assert sum(parts) == pytest.approx(1)
    expected = probability_interval(campaign.column("both", "status.south") == 2, 4)
    assert [south["failed"][key] for key in ("value", "low", "high")] == pytest.approx(list(expected))
    assert north["delay"]["p50"]["value"] == 3 and south["delay"] is None
    assert north["ignorance"]["end"]["value"] == pytest.approx(2 / 3, abs=0.06)
    assert south["ignorance"]["end"]["value"] < 0.1


def test_chances_by_dates(summary: dict[str, Any], campaign: Outcomes) -> None:
    dates = [[row["date"] for row in plan["operations"]["south"]["by"]] for plan in summary["plans"].values()]
    assert dates[0] == dates[1] and 2 <= len(dates[0]) <= 5
    for plan in summary["plans"]:
        for row in summary["plans"][plan]["operations"]["south"]["by"]:
            assert (
                row["end"]
                == np.datetime64(row["date"]).astype(int) - np.datetime64("2020-03-01").astype(int) + 1
            )
            share = np.mean(campaign.column(plan, "end.south") <= row["end"])
            assert row["chance"]["value"] == pytest.approx(share)


def test_all(both: dict[str, Any]) -> None:
    assert both["all"]["failed"]["value"] == both["operations"]["south"]["failed"]["value"]
    assert both["all"]["done"]["value"] == both["operations"]["south"]["done"]["value"]


def test_binding(both: dict[str, Any], campaign: Outcomes) -> None:
    jets = both["binding"]["assets"]["jets"]
    first = campaign.column("both", "first_binding")
    assert jets["first"]["value"] == pytest.approx(np.mean(first == 0))
    assert both["binding"]["none"]["value"] == pytest.approx(np.mean(first == -1))
    assert jets["binds"]["value"] == pytest.approx(0.75, abs=0.05)
    assert jets["no_capacity"]["value"] == pytest.approx(0.05, abs=0.02)
    assert jets["day"]["p50"]["value"] == pytest.approx(30, abs=1)
    assert jets["peak_strain"]["p90"]["value"] < 2


def test_infinite_strain_is_null() -> None:
    named = {"peak_strain.crane": np.inf, "binds.crane": 0, "first_binding": 0}
    found = made.outcomes_of(made.PROJECT, {"only": named}, 64, days=60).summary()
    crane = found["plans"]["only"]["binding"]["assets"]["crane"]
    assert crane["peak_strain"]["p50"]["value"] is None
    assert crane["no_capacity"]["value"] == 1


def test_sections_without_content_are_null(project: Outcomes, both: dict[str, Any]) -> None:
    only = project.summary()["plans"]["only"]
    assert only["forces"] == {} and only["people"] is None and only["attacks"] is None and only["costs"] == {}
    assert set(both["attacks"]) == {"through"} and both["people"] is not None


def test_duel(duel: Outcomes) -> None:
    found = duel.summary()["plans"]["fight"]
    assert found["operations"]["duel"]["duel"] is True
    assert found["operations"]["duel"]["done"]["value"] == pytest.approx(0.7)
    assert found["binding"] is None


def test_plans_from_a_file_of_their_own(project: Outcomes) -> None:
    scenario = made.scenario_of(made.PROJECT)
    run = project.runs["only"]
    other = Outcomes(scenario, "", 1, 4, {"elsewhere": run}, {})
    assert other.summary()["plans"]["elsewhere"]["means"] is None
