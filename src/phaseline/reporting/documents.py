"""What other verbs stored beside a run: comparison, claims, drivers, ledger, traces. Read, checked, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.errors import InputError, Problem

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes

FORMATS = {
    "comparison": "phaseline-comparison/1",
    "claims": "phaseline-claims/1",
    "drivers": "phaseline-drivers/1",
    "ledger": "phaseline-ledger/1",
    "traces": "phaseline-traces/1",
}
"""Format of ``NAME.json``, by name."""
MADE_BY = dict.fromkeys(FORMATS, "phaseline compare")
"""The verb that writes each of them."""


def read_documents(folder: Path, outcomes: Outcomes) -> dict[str, dict[str, Any]]:
    """Those of the documents that are there.

    Parameters
    ----------
    folder
        A result's folder.
    outcomes
        The run in it, to which they must belong.

    Raises
    ------
    InputError
        With every document that is cut off, foreign, of another version, or about another run.
    """
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for name, wanted in FORMATS.items():
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        remedy = f"run '{MADE_BY[name]}' again with this folder, or move the file elsewhere"
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problems.append(Problem(str(path), rule=f"cannot be read ({error})", remedy=remedy))
            continue
        if rule := _misfit(document, wanted, outcomes):
            problems.append(Problem(str(path), rule=rule, remedy=remedy))
        else:
            found[name] = document
    if problems:
        raise InputError(problems)
    return found


def _misfit(document: Any, wanted: str, outcomes: Outcomes) -> str:
    """Why a document is not this run's; empty if it is."""
    stated = document.get("format") if isinstance(document, dict) else None
    if stated != wanted:
        return f"has the format {stated!r}, and this version reads '{wanted}'"
    fingerprint = document.get("scenario_fingerprint")
    if fingerprint != outcomes.scenario_fingerprint:
        return f"belongs to another scenario ({str(fingerprint)[:12]}, the run is of {outcomes.scenario_fingerprint[:12]})"
    for key, here in (("seed", outcomes.seed), ("per_world", outcomes.per_world)):
        if document.get(key) != here:
            return f"belongs to another run: its {key.replace('_', ' ')} is {document.get(key)}, the run's is {here}"
    return ""
