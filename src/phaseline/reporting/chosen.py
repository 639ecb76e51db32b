"""What of the stored judgement is told first, alike in the terminal and on the page; all of it stays in the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phaseline.outcomes.wording import percent, plus_minus

Document = Mapping[str, Any]

COMPARED = ("end", "failed", "losses", "person_days", "overstretched", "attacks_directed")
"""Outcomes that pairs of plans are told apart by, besides days overstretched."""
STUDIED = ("end", "failed", "losses")
"""Outcomes whose drivers are told, besides the assets overstretched for longest."""
CURVED = frozenset({"end", "failed", "overstretched", "overstretched_days", "unmet", "losses", "person_days"})
"""Outcomes, or quantities of several, that the start-time curve draws."""
CHANCES = frozenset({"failed", "overstretched"})
"""Main outcomes that are shares of histories."""


def compared(pair: Document) -> list[str]:
    """Outcomes of a pair of plans that are told first: main ones, and assets overstretched a day longer or shorter."""
    stretched = [
        key
        for key, found in pair["outcomes"].items()
        if key.startswith("overstretched_days.") and abs(found["difference"]["value"] or 0.0) >= 1.0
    ]
    return [*(key for key in COMPARED if key in pair["outcomes"]), *stretched]


def studied(document: Document, plan: str) -> list[Document]:
    """Entries of ``drivers.json`` that are told first, of one plan: main ones, and the two assets that can be shortest."""
    entries = {entry["key"]: entry for entry in document["outcomes"] if entry["plan"] == plan}
    stretched = [
        entry for key, entry in entries.items() if key.startswith("overstretched_days.") and entry["numbers"]
    ]
    stretched.sort(key=lambda entry: -max(number["at_high"]["value"] for number in entry["numbers"]))
    return [entries[key] for key in STUDIED if key in entries and entries[key]["numbers"]] + stretched[:2]


def worth_text(entry: Document, document: Document, titles: Mapping[str, str]) -> str:
    """What it is worth to learn something before deciding by one outcome; what noise could explain is not told."""
    best, unit = titles.get(entry["best_now"], entry["best_now"]), entry["unit"]
    text = f"Best now is {best}."
    if (entry["perfect"]["low"] or 0.0) > 0:
        text += f" Knowing everything would save {plus_minus(entry['perfect'])} {unit}"
        text += f" and change the plan in {percent(entry['perfect_changes_plan'])} of the worlds."
    else:
        text += " Even knowing everything would save nothing that this run can show."
    sure = [number for number in entry["numbers"] if (number["value"]["low"] or 0.0) > 0]
    if sure:
        told = (
            f"{document['numbers'][number['number']]['label']} {plus_minus(number['value'])} {unit}"
            for number in sure[:3]
        )
        text += f" Of it, knowing alone: {'; '.join(told)}."
    return text
