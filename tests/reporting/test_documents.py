"""Documents of other verbs are checked before they are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phaseline.errors import InputError
from phaseline.outcomes.results import Outcomes
from phaseline.reporting.documents import FORMATS, read_documents
from reporting import documents


def test_what_is_there_is_read_and_what_is_not_is_missing(campaign: Outcomes, tmp_path: Path) -> None:
    assert read_documents(tmp_path, campaign) == {}
    documents.write_all(campaign, tmp_path)
    assert set(read_documents(tmp_path, campaign)) == set(FORMATS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "phaseline-claims/2"}, "has the format 'phaseline-claims/2', and this version reads"),
        ({"scenario_fingerprint": "other"}, "belongs to another scenario"),
        ({"seed": 8}, "its seed is 8, the run's is 7"),
        ({"per_world": 9}, "its per world is 9"),
    ],
)
def test_a_document_of_something_else_is_refused(
    change: dict[str, Any], told: str, campaign: Outcomes, tmp_path: Path
) -> None:
    (tmp_path / "claims.json").write_text(json.dumps(documents.claims(campaign) | change))
    with pytest.raises(InputError, match=told):
        read_documents(tmp_path, campaign)


def test_all_problems_are_told_at_once(campaign: Outcomes, tmp_path: Path) -> None:
    documents.write_all(campaign, tmp_path)
    (tmp_path / "claims.json").write_text(json.dumps(documents.claims(campaign))[:100])
    (tmp_path / "ledger.json").write_text("[1, 2]")
    (tmp_path / "drivers.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as refused:
        read_documents(tmp_path, campaign)
    assert len(refused.value.problems) == 3
    assert "cannot be read" in str(refused.value)
    assert "has the format None" in str(refused.value)
