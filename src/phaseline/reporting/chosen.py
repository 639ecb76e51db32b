"""What of the stored judgement is told first, alike in the terminal and on the page; all of it stays in the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phaseline.outcomes.measures import MOST_UNENDED
from phaseline.outcomes.wording import percent, plus_minus, with_unit
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


def never_text(document: Document, pair: Document) -> str:
    """What of two plans compared never ends, and so counts as ending at the horizon; empty where all does."""
    told = []
    for name in ("plan", "against"):
        outcomes = [one for one in document["outcomes"] if one["key"] == "end"]
        share = outcomes[0].get("unended", {}).get(pair[name], 0.0) if outcomes else 0.0
        if share > 0:
            told.append(f"{100 * share:.3g} % of the histories of “{document['plans'][pair[name]]['title']}”")
    return f"Never ending counts as the horizon: {' and '.join(told)}." if told else ""


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
        text += f" Knowing everything would save {with_unit(plus_minus(entry['perfect']), unit)}"
        text += f" and change the plan in {percent(entry['perfect_changes_plan'])} of the worlds."
    else:
        text += " Even knowing everything would save nothing that this run can show."
    sure = [number for number in entry["numbers"] if (number["value"]["low"] or 0.0) > 0]
    if sure:
        told = (
            f"{document['numbers'][number['number']]['label']} {with_unit(plus_minus(number['value']), unit)}"
            for number in sure[:3]
        )
        text += f" Of it, knowing alone: {'; '.join(told)}."
    return text


def never_note(*unended: Mapping[str, Document]) -> str:
    """What a table of mean ends must say where some are not reached; empty where all are."""
    shares = [share for one in unended for pair in one.values() for share in pair.values()]
    return "What never ends counts as ending at the horizon." if any(shares) else ""


def changes_text(
    labels: Mapping[str, Document], changes: Mapping[str, Document], unended: Mapping[str, Document]
) -> str:
    """Paired changes of the main outcomes of which the run is sure, in one line.

    Parameters
    ----------
    labels
        ``label``, ``unit`` and ``kind`` of each outcome.
    changes
        Interval of each.
    unended
        Of each end, the shares of histories in which it is not reached; where many are, these are told (`MOST_UNENDED`).
    """
    shown = {
        key: change
        for key, change in changes.items()
        if key in CHANGED or key.startswith("overstretched_days.")
    }
    told = _changes(labels, shown, unended)
    if not told:
        told = _changes(labels, {key: change for key, change in changes.items() if key not in shown}, unended)
        if (left := len(told) - ranked.MOST) > 0:
            told = [*told[: ranked.MOST], f"{left} more"]
    if not told and all(change["low"] == change["high"] == 0 for change in changes.values()):
        return "nothing, in any history"
    return "; ".join(told) or "nothing that the run can show"


def _changes(
    labels: Mapping[str, Document],
    changes: Mapping[str, Document],
    unended: Mapping[str, Mapping[str, float]],
) -> list[str]:
    """What surely changes, of some outcomes."""
    told = []
    for key, change in changes.items():
        if change["low"] is None or change["low"] <= 0 <= change["high"]:
            continue
        label = labels[key]["label"]
        label = label if ":" in label else label[0].lower() + label[1:]
        never = unended.get(key, {"plan": 0.0, "against": 0.0})
        if max(never.values()) > MOST_UNENDED:
            before, after = (f"{100 * never[name]:.0f} %" for name in ("against", "plan"))
            if before != after:
                told.append(f"{label} not within the horizon in {after} of the histories instead of {before}")
            continue
        if labels[key]["kind"] == "chance" and change["low"] == change["high"] and abs(change["value"]) == 1:
            told.append(f"{label} {'now' if change['value'] > 0 else 'no longer'}")
            continue
        caveat = " (never ending counts as the horizon)" if max(never.values()) > 0 else ""
        told.append(f"{label} {_change(key, labels[key], change)}{caveat}")
    return told


def _change(key: str, outcome: Document, change: Document) -> str:
    """A change with its sign and unit."""
    scale, thing = (100.0, "points") if outcome["kind"] == "chance" else (1.0, outcome["unit"])
    if key == "person_days":
        scale, thing = 1 / MILLION, "million person-days"
    scaled = {end: scale * change[end] for end in ("value", "low", "high")}
    amount = f"{'+' if scaled['value'] > 0 else ''}{plus_minus(scaled)}"
    return with_unit(amount, thing) if thing else amount
