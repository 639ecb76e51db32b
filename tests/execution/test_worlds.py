"""Worlds outside the engine: their numbers, and scenarios in which some are fixed or a capacity is scaled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import phaseline
from analysis.toys import strained
from phaseline.execution.worlds import mean_capacity, scalable, with_capacity, with_numbers, world_values
from phaseline.scenario.schema import Scenario

ROAD = "operations.road.phases.build.duration"


def _run(scenario: Scenario, tmp_path: Path, plan: str = "together") -> phaseline.Outcomes:
    return phaseline.run(scenario, plan, 256, per_world=4, seed=3, store=tmp_path, threads=1)


def test_values_are_those_behind_the_run(tmp_path: Path) -> None:
    """The road takes the days drawn, so every history tells its world's number."""
    scenario = strained()
    worlds = world_values(scenario, 3, 64)
    assert set(worlds.names) == {"lift", "idle", "days"}
    assert worlds.values.shape == (64, 3)
    days = worlds.values[:, worlds.names.index("days")]
    assert worlds.labels[worlds.names.index("days")] == "days of the road"
    assert worlds.units[worlds.names.index("days")] == "days"
    end = _run(scenario, tmp_path).column("together", "end.road")
    np.testing.assert_array_equal(end, np.repeat(np.ceil(days), 4))
    # worlds are the same however many are asked for
    np.testing.assert_array_equal(world_values(scenario, 3, 8).values, worlds.values[:8])


def test_a_number_without_a_name_is_called_by_its_path() -> None:
    unnamed = {"low": "10 days", "high": "30 days", "assumed": "none"}
    load = {"kind": "task", "duration": "20 days", "demand": {"lift": "10/day"}, "dependence": {"lift": 1.0}}
    worlds = world_values(
        strained(
            operations={
                "move": {"label": "Move", "phases": {"load": load}},
                "road": {"label": "Road", "phases": {"build": {"kind": "task", "duration": unnamed}}},
            }
        ),
        1,
        4,
    )
    assert ROAD in worlds.names
    assert worlds.labels[worlds.names.index(ROAD)] == "road.build: duration"
    assert worlds.dimensions[worlds.names.index(ROAD)] == "duration"


def test_fixing_a_number_leaves_all_others_their_luck(tmp_path: Path) -> None:
    scenario = strained()
    fixed = with_numbers(scenario, {"lift": 12.0})
    assert world_values(scenario, 3, 16).names != world_values(fixed, 3, 16).names
    assert "lift" not in world_values(fixed, 3, 16).names
    base, other = _run(scenario, tmp_path), _run(fixed, tmp_path)
    np.testing.assert_array_equal(base.column("together", "end.road"), other.column("together", "end.road"))
    assert np.isnan(other.column("together", "binds.lift")).all()  # 10 of 12
    assert scenario == strained()  # the scenario given is not changed


def test_a_value_fixed_where_it_is_used(tmp_path: Path) -> None:
    fixed = with_numbers(strained(), {ROAD: 15.0})
    assert (_run(fixed, tmp_path).column("together", "end.road") == 15).all()


def test_unknown_numbers_are_told_at_once() -> None:
    with pytest.raises(phaseline.InputError) as caught:
        with_numbers(strained(), {"lfit": 1.0, "operations.road.phases.biuld.duration": 2.0})
    texts = [str(problem) for problem in caught.value.problems]
    assert len(texts) == 2 and "lift" in texts[0] and ROAD in texts[1]


def test_scaling_a_capacity_keeps_its_luck() -> None:
    scenario = strained()
    assert scalable(scenario, "lift")
    assert mean_capacity(scenario, "lift") == pytest.approx(12.0)
    scaled = with_capacity(scenario, "lift", 0.5)
    before, after = world_values(scenario, 3, 32), world_values(scaled, 3, 32)
    which = before.names.index("lift")
    np.testing.assert_allclose(after.values[:, which], 0.5 * before.values[:, which], rtol=1e-12)
    assert mean_capacity(scaled, "lift") == pytest.approx(6.0)
    others = [i for i in range(len(before.names)) if i != which]
    np.testing.assert_array_equal(after.values[:, others], before.values[:, others])


def test_a_capacity_that_cannot_be_scaled_alone() -> None:
    """The road reads the lift's number too: scaling it would make the road longer."""
    shared = strained(
        numbers={
            "lift": {"label": "n", "low": "8/day", "high": "16/day", "source": "press", "adverse": "low"},
            "days": {"label": "days", "low": "10 days", "high": "30 days", "source": "press", "adverse": "high"},
            "idle": {"label": "idle", "low": 0, "high": 1, "assumed": "none", "adverse": "high"},
        },
        assets={
            "lift": {"label": "lift", "capacity": "$lift", "elsewhere": {"demand": "$lift", "cost": "$idle"}}
        },
    )  # fmt: skip
    assert not scalable(shared, "lift")
    with pytest.raises(ValueError, match="cannot be scaled on its own"):
        with_capacity(shared, "lift", 2.0)
    with pytest.raises(ValueError, match="above 0"):
        with_capacity(strained(), "lift", 0.0)
    whole = strained(
        assets={"lift": {"label": "lift", "sharing": "whole", "units": 10}},
        operations={"move": {"phases": {"load": {"kind": "task", "duration": "5 days", "demand": {"lift": 1}}}},
                    "road": {"phases": {"build": {"kind": "task", "duration": "$days"}}}},
    )  # fmt: skip
    assert not scalable(whole, "lift")


def test_contributions_are_scaled_alike() -> None:
    pooled = strained(
        assets={"lift": {"label": "lift"}},
        contributions=[
            {"nation": "A", "asset": "lift", "count": 10, "sustained": "1/day"},
            {"nation": "B", "asset": "lift", "count": {"low": 2, "high": 6, "assumed": "none"}, "sustained": "0.5/day"},
        ],
    )  # fmt: skip
    assert mean_capacity(pooled, "lift") == pytest.approx(10 + 4 * 0.5)
    assert mean_capacity(with_capacity(pooled, "lift", 1.5), "lift") == pytest.approx(1.5 * 12)
    (label,) = [
        label
        for name, label in zip(*world_values(pooled, 1, 2)[:2], strict=True)
        if name == "contributions.1.count"
    ]
    assert label == "B, lift: count"
