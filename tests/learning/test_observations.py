"""Reports as observations: what they ask of a history does not depend on how the file writes its horizon."""

from __future__ import annotations

from learning.campaigns import SMALL, report, small
from phaseline.learning.observations import Observations
from phaseline.scenario.schema import Scenario

REPORTS = [
    report(10, 0.2),
    report(12, 1.0, "valley.supply", "started"),
    report(40, 1.0, "coast", "not_finished"),
]


def test_a_named_horizon_is_the_horizon() -> None:
    numbers = {**SMALL["numbers"], "span": "200 days"}  # type: ignore[dict-item]
    named = Scenario.model_validate({**SMALL, "numbers": numbers, "horizon": "$span"})
    assert Observations(named, REPORTS).stages == Observations(small(), REPORTS).stages
