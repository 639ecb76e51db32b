"""Numbers as a file holds them are read back without loss, alone and in a plan file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from learning.campaigns import SMALL
from phaseline.outcomes.plan_file import plan_text
from phaseline.scenario.check import load_plan
from phaseline.scenario.distributions import Joint
from phaseline.scenario.quantity import Quantity, read_quantity
from phaseline.scenario.schema import Plan, Scenario
from phaseline.scenario.units import Dimension
from phaseline.scenario.written import written_quantity
from scenario.test_quantity import READ


@pytest.mark.parametrize(("raw", "dimension"), [(raw, dimension) for raw, dimension, _ in READ], ids=str)
def test_every_form_is_read_back(raw: Any, dimension: Dimension) -> None:
    quantity = read_quantity(raw, dimension)
    assert read_quantity(written_quantity(quantity), dimension) == quantity


def test_what_is_known_about_a_number_is_written_too() -> None:
    raw = {
        "value": "14 days", "range": ["7 days", "21 days"], "source": "ap", "speaker": "an official", "assumed": "as before",
        "lean": "high", "adverse": "low", "note": "n", "label": "wait",
    }  # fmt: skip
    quantity = read_quantity(raw, "duration")
    assert read_quantity(written_quantity(quantity), "duration") == quantity
    luck = read_quantity({"low": 1, "high": 2, "kind": "chance"}, "number")
    assert read_quantity(written_quantity(luck), "number") == luck
    assert written_quantity(read_quantity("$fleet", "count")) == "$fleet"


def test_joint_draws_have_no_form_in_a_file() -> None:
    with pytest.raises(ValueError, match="no file states a Joint"):
        written_quantity(Quantity("number", Joint("posterior", (1.0, 2.0)), "ignorance"))


def test_a_plan_with_ranges_can_be_written_and_read(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(SMALL)
    plan = Plan.model_validate(
        {
            "title": "Ranges",
            "gates": {
                "valley.supply": {
                    "all": [
                        {"date": {"mean": "2026-02-01", "sd": "5 days", "kind": "chance"}},
                        {"progress": "coast", "at_least": {"p5": "50 %", "p95": "80 %", "max": "90 %"}},
                    ]
                }
            },
            "reserves": {"airlift": {"low": "1/day", "mode": "2/day", "high": "4/day", "family": "pert"}},
        }
    )
    path = tmp_path / "plan.yaml"
    path.write_text(plan_text(plan, "ranges"), encoding="utf-8")
    name, found = load_plan(path, scenario)
    assert (name, found.model_dump(exclude={"format", "name"})) == ("ranges", plan.model_dump())
