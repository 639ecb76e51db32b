"""Simulation-based calibration of updating: in CI on few campaigns; ``PHASELINE_CAMPAIGNS=1000`` for the verdict."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from learning.campaigns import report, small
from phaseline.learning import calibration
from phaseline.learning.calibration import DRAWS, calibrate

CAMPAIGNS = int(os.environ.get("PHASELINE_CAMPAIGNS", "200"))
SHAPES = [
    report(8, 0.5, speaker="a"), report(16, 0.5, speaker="a"), report(16, 0.5, speaker="b"), report(24, 0.5, speaker="b"),
    report(20, 5.0, "airlift", "sorties", "c"),
]  # fmt: skip


@pytest.fixture(scope="module")
def found() -> calibration.Calibration:
    scenario = small()
    return calibrate(
        scenario,
        "together",
        scenario.plans["together"],
        SHAPES,
        CAMPAIGNS,
        seed=11,
        threads=2,
        num_particles=200,
    )


def test_ranks_are_uniform(found: calibration.Calibration) -> None:
    assert found.ranks.shape == (CAMPAIGNS, 4)
    assert found.ranks.min() >= 0
    assert found.ranks.max() <= DRAWS
    assert found.inside, dict(zip(found.names, found.distances, strict=True))


def test_parameters_are_recovered(found: calibration.Calibration) -> None:
    named = dict(zip(found.names, zip(found.recovery, found.shrinkage, strict=True), strict=True))
    recovery, shrinkage = named["number/pace"]
    assert recovery > 0.7
    assert shrinkage < 0.6
    # nothing was reported that hangs on it
    assert named["number/operations.coast.phases.hand_over.duration"][1] > 0.9


def test_a_machinery_that_is_too_sure_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: with posteriors a third as wide as they should be, ranks pile up at the ends."""
    scenario = small()
    true_posterior = calibration.posterior

    def too_sure(*args: Any, **more: Any) -> Any:
        found = true_posterior(*args, **more)
        state = found.sample.state
        narrow = state.scores.mean(axis=0) + 0.3 * (state.scores - state.scores.mean(axis=0))
        return replace(found, sample=replace(found.sample, state=replace(state, scores=narrow)))

    monkeypatch.setattr(calibration, "posterior", too_sure)
    found = calibrate(
        scenario, "together", scenario.plans["together"], SHAPES, 100, seed=5, threads=2, num_particles=150
    )
    assert not found.inside


def test_events_are_refused() -> None:
    scenario = small()
    with pytest.raises(ValueError, match="not events"):
        calibrate(
            scenario, "together", scenario.plans["together"], [report(5, 1.0, "coast.supply", "started")], 2, seed=1,
            threads=1,
        )  # fmt: skip


def test_distance_of_ranks() -> None:
    assert calibration._distance(np.arange(DRAWS + 1)) == pytest.approx(0.0, abs=1e-12)
    assert calibration._distance(np.zeros(10, dtype=np.int64)) == pytest.approx(1 - 1 / (DRAWS + 1))
