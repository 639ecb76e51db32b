"""What of the stored judgement is told first, alike in the terminal and on the page; all of it stays in the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phaseline.outcomes.wording import percent, plus_minus
from phaseline.reporting import ranked

Document = Mapping[str, Any]

COMPARED = ("end", "failed", "losses", "person_days", "overstretched", "attacks_directed")
"""Outcomes that pairs of plans are told apart by, besides days overstretched."""
STUDIED = ("end", "failed", "losses")
"""Outcomes whose drivers are told, besides the assets overstretched for longest."""
CURVED = frozenset({"end", "failed", "overstretched", "overstretched_days", "unmet", "losses", "person_days"})
"""Outcomes, or quantities of several, that the start-time curve draws."""
CHANGED = ("end", "failed", "losses", "person_days", "overstretched", "attacks_directed", "elsewhere_cost")
"""Outcomes whose change is told where the run is sure of it, besides days overstretched."""
MILLION = 1e6
CHANCES = frozenset({"failed", "overstretched"})
"""Main outcomes that are shares of histories."""


def compared(pair: Document) -> list[str]:
    """Outcomes of a pair of plans that are told first: main ones, and the assets that differ most, by a day or more."""
    stretched = [
        key
        for key, found in pair["outcomes"].items()
        if key.startswith("overstretched_days.") and abs(found["difference"]["value"] or 0.0) >= 1.0
    ]
    told = ranked.choose(stretched, lambda key: abs(pair["outcomes"][key]["difference"]["value"]))
    return [*(key for key in COMPARED if key in pair["outcomes"]), *told.keys]


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


def changes_text(labels: Mapping[str, Document], changes: Mapping[str, Document]) -> str:
    """Paired changes of the main outcomes of which the run is sure, in one line.

    Parameters
    ----------
    labels
        ``label``, ``unit`` and ``kind`` of each outcome.
    changes
        Interval of each.
    """
    told = []
    for key, found in changes.items():
        if key not in CHANGED and not key.startswith("overstretched_days."):
            continue
        if found["low"] is None or found["low"] <= 0 <= found["high"]:
            continue
        one = labels[key]
        scale, unit = (100.0, " points") if one["kind"] == "chance" else (1.0, f" {one['unit']}".rstrip())
        if key == "person_days":
            scale, unit = 1 / MILLION, " million person-days"
        scaled = {end: scale * found[end] for end in ("value", "low", "high")}
        sign = "+" if scaled["value"] > 0 else ""
        label = one["label"] if ":" in one["label"] else one["label"][0].lower() + one["label"][1:]
        told.append(f"{label} {sign}{plus_minus(scaled)}{unit}")
    return "; ".join(told) or "nothing that the run can show"
