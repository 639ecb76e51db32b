"""Pictures of stored drivers."""

from __future__ import annotations

import copy

import pytest

from phaseline.outcomes.results import Outcomes
from phaseline.reporting import plots
from reporting import documents


def test_drivers_are_drawn_weightiest_first_with_their_intervals(campaign: Outcomes) -> None:
    document = documents.drivers(campaign)
    data = plots.drivers(document, "end").data
    assert list(data["label"]) == ["share at which the defender breaks", "advance a day", "sorties a day"]
    assert data["delta"].tolist() == pytest.approx([0.4, 0.3, 0.2])
    assert data["delta_low"].tolist() == pytest.approx([0.35, 0.25, 0.15])
    assert plots.drivers(document, "end", "both", hover=False).to_dict()


def test_a_tornado_is_drawn_by_swing(campaign: Outcomes) -> None:
    data = plots.tornado(documents.drivers(campaign), "end").data
    assert list(data["number"]) == ["rate", "tempo", "breaks"]
    assert data["swing"].tolist() == pytest.approx([120.0, 90.0, 60.0])
    assert data["at_low_told"].iloc[0].startswith("160 (")


def test_missing_ends_and_equal_labels_do_no_harm(campaign: Outcomes) -> None:
    document = copy.deepcopy(documents.drivers(campaign))
    document["outcomes"][0]["numbers"][0]["at_low"] = None
    document["numbers"]["tempo"]["label"] = document["numbers"]["rate"]["label"]
    labels = plots.drivers(document, "end").data["label"]
    assert labels.is_unique
    assert len(plots.tornado(document, "end").data) == 2
    document["outcomes"][0]["numbers"] = []
    assert plots.drivers(document, "end").to_dict()


def test_an_outcome_not_studied_is_told(campaign: Outcomes) -> None:
    with pytest.raises(KeyError, match="there is end under both"):
        plots.drivers(documents.drivers(campaign), "losses", "both")
