"""Stored comparison, claims, drivers, ledger and traces, as text for the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from phaseline.outcomes.wording import day_month, figure
from phaseline.reporting import chosen, claimed, plots
from phaseline.reporting.cells import chance_text, interval_text, signed_text
from phaseline.reporting.figures import figure as picture
from phaseline.scenario.provenance import counts_text

Document = Mapping[str, Any]
VERDICTS = {"holds": "✓", "fails": "✗", "cannot tell": "?"} | dict.fromkeys(
    (*claimed.SETTLED, "no world differs"), "="
)


def comparison(document: Document, titles: Mapping[str, str]) -> dict[str, Any]:
    """Paired differences and joint confidence."""
    outcomes = {outcome["key"]: outcome for outcome in document["outcomes"]}
    pairs = []
    for pair in document["pairs"]:
        first, rows = chosen.compared(pair), []
        for key, found in pair["outcomes"].items():
            outcome = outcomes[key]
            share = outcome["kind"] == "chance"
            told: Callable[..., str] = chance_text if share else interval_text
            rows.append(
                {
                    "first": key in first,
                    "label": outcome["label"],
                    "unit": "" if share else outcome["unit"],
                    "plan": told(outcome["plans"].get(pair["plan"])),
                    "against": told(outcome["plans"].get(pair["against"])),
                    "difference": _difference(found["difference"], share),
                    "better": chance_text(found.get("better")),
                    "saved": _times(found.get("variance_ratio")),
                }
            )
        verdict = "dominates" if pair.get("dominates") else "near tie" if pair.get("near_tie") else ""
        pairs.append(
            {"plan": _title(pair["plan"], titles), "against": _title(pair["against"], titles), "rows": rows}
            | {"verdict": verdict, "never": chosen.never_text(document, pair)}
        )
    return {"pairs": pairs, "joint": _joint(document.get("joint"), titles)}


def _difference(difference: Document, share: bool) -> str:
    """With its sign; chances that are the same in every history need no points."""
    if share and difference.get("low") == difference.get("high") == 0:
        return "none"
    return signed_text(difference, percent_points=share)


def _joint(joint: Document | None, titles: Mapping[str, str]) -> dict[str, Any] | None:
    if not joint or not joint.get("conditions"):
        return None
    return {
        "conditions": [condition["label"] for condition in joint["conditions"]],
        "rows": [
            {
                "title": _title(plan, titles),
                "all": chance_text(chance),
                "each": [chance_text(one) for one in joint.get("each", {}).get(plan, [])],
            }
            for plan, chance in joint["plans"].items()
        ],
    }


def claims(document: Document, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each claim with its verdict and what would turn it."""
    found = []
    for claim in document["claims"]:
        vague, worlds = claim.get("vague"), claim.get("over_worlds") or {}
        tell = claimed.difference_text if claim.get("increases") else chance_text
        found.append(
            {
                "statement": claim["statement"],
                "speaker": claim["speaker"],
                "said": _date(claim.get("said")),
                "source": _source(claim.get("source")),
                "plan": _title(claim["plan"], titles) if claim.get("plan") else "",
                "event": claim.get("event") or "",
                "needed": "" if claim.get("at_least") is None else f"{100 * claim['at_least']:g} %",
                "found": _found(claim, titles),
                "verdict": claim["verdict"],
                "mark": VERDICTS.get(claim["verdict"], "?"),
                "probability": chance_text(claim["probability"]),
                "worlds": _worlds(worlds),
                "holding": chance_text(claim.get("share_of_worlds_holding")),
                "vague": _vague(vague, tell),
                "flips": [_flip(flip, tell) for flip in claim.get("flips") or []],
                "box": _box(claim.get("box")),
            }
        )
    return found


def _found(claim: Document, titles: Mapping[str, str]) -> str:
    """What came out, where it is no probability of an event under one plan; else empty."""
    if claim["verdict"] in claimed.SETTLED:
        text = claimed.settled_text(claim)
    elif claim.get("increases"):
        text = claimed.increase_text(claim, titles)
    elif claim.get("mostly"):
        text = claimed.mostly_text(claim)
    else:
        return ""
    return f"{text[0].upper()}{text[1:]}"


def _flip(flip: Document, tell: Callable[..., str] = chance_text) -> dict[str, str]:
    inside, outside = (_within(flip.get(side), tell) for side in ("inside", "outside"))
    return {
        "label": flip.get("label") or flip["number"],
        "base": flip["base"],
        "threshold": f"{flip['holds']} {flip['threshold']['low']} to {flip['threshold']['high']}",
        "inside": f"{inside} at {flip['inside']['at']}",
        "outside": f"{outside} at {flip['outside']['at']}",
        "confirmed": "confirmed by a re-run" if flip.get("confirmed") else "not confirmed",
    }


def _within(side: Any, tell: Callable[..., str]) -> str:
    """The probability of a re-run, wherever the document keeps it."""
    if isinstance(side, Mapping):
        inner = side.get("probability", side)
        return tell(inner) if isinstance(inner, Mapping) else f"{100 * inner:.0f} %"
    return "–"


def _vague(vague: Document | None, tell: Callable[..., str]) -> str:
    if not vague:
        return ""
    word, reads_as = vague.get("word", ""), vague.get("reads_as")
    points = "; ".join(f"{point['at']}: {tell(point['probability'])}" for point in vague.get("points") or ())
    return f"“{word}”{f', {reads_as}' if reads_as else ''}{f' – {points}' if points else ''}"


def _box(box: Document | None) -> str:
    """Conditions under which the verdict would be the other one, with the chances there and elsewhere."""
    if not box:
        return ""
    sure = "confirmed with fresh numbers" if box.get("confirmed") else "not confirmed"
    return f"{box['text']} ({chance_text(box.get('inside'))} there, {chance_text(box.get('outside'))} elsewhere; {sure})"


def _worlds(worlds: Document) -> str:
    shares = [worlds.get(name) for name in ("p10", "p50", "p90")]
    if any(share is None for share in shares):
        return ""
    low, middle, high = (f"{100 * float(share or 0):.0f} %" for share in shares)
    return f"{middle} in the middle world, {low} and {high} in the tenths of worlds on either side"


def drivers(document: Document, titles: Mapping[str, str]) -> dict[str, Any]:
    """Pictures of what drives each outcome, the share of chance, and what knowing more is worth."""
    studies = []
    told = chosen.studied(document, next(iter(titles)))
    for number, outcome in enumerate(told):
        key, plan = outcome["key"], outcome["plan"]
        name = f"{outcome['label']}, under {_title(plan, titles)}"
        studies.append(
            {
                "title": name,
                "chance": chance_text(outcome.get("chance_share")),
                "figures": [
                    picture(
                        f"drivers-{number}",
                        partial(plots.drivers, document, key, plan),
                        f"Bars: weight of each unknown in {name}; the numbers are in the table below.",
                        heading="Weight of each unknown",
                    ),
                    picture(
                        f"tornado-{number}",
                        partial(plots.tornado, document, key, plan),
                        f"Tornado: mean of {name} where each unknown is low or high; the numbers are in the table below.",
                        heading="How far each moves the mean",
                    ),
                ],
                "rows": [
                    {
                        "label": _label(document, entry["number"]),
                        "delta": interval_text(entry.get("delta")),
                        "first": interval_text(entry.get("first_order")),
                        "low": interval_text(entry.get("at_low")),
                        "high": interval_text(entry.get("at_high")),
                    }
                    for entry in sorted(
                        outcome["numbers"], key=lambda entry: -(entry["delta"]["value"] or 0.0)
                    )
                ],
            }
        )
    worth = [
        {
            "key": entry.get("label") or _study_label(document, entry["key"]),
            "unit": entry.get("unit") or "",
            "text": chosen.worth_text(entry, document, titles),
            "rows": [
                {
                    "label": _label(document, one["number"]),
                    "value": interval_text(one.get("value")),
                    "changes": chance_text(one.get("changes_plan")),
                }
                for one in entry["numbers"]
                if (one["value"]["low"] or 0.0) > 0
            ],
        }
        for entry in document.get("value_of_information") or []
    ]
    return {"studies": studies, "left": len(document["outcomes"]) - len(told), "worth": worth}


def ledger(document: Document, titles: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    """Every assumption, weightiest first, and what happens if they turn."""
    rows = [
        {
            "label": row.get("label") or row["name"],
            "name": row["name"],
            "text": row.get("text") or "",
            "kind": row.get("kind") or "",
            "source": _source(row.get("source")),
            "assumed": row.get("assumed") or "",
            "speaker": row.get("speaker") or "",
            "lean": row.get("lean") or "",
            "adverse": row.get("adverse") or "",
            "weight": "–" if row.get("weight") is None else f"{row['weight']:.2f}",
        }
        for row in sorted(document["numbers"], key=lambda row: -(row.get("weight") or 0.0))
    ]
    stress = document.get("stress") or {"outcomes": [], "rows": []}
    return {
        "counts": counts_text(document["numbers"]),
        "rows": rows,
        "stress": {
            "head": [labels.get(key, key) for key in stress["outcomes"]],
            "rows": [
                {
                    "what": row["what"],
                    "plan": _title(row["plan"], titles),
                    "cells": [
                        (chance_text if key in chosen.CHANCES else interval_text)(row["values"].get(key))
                        for key in stress["outcomes"]
                    ],
                }
                for row in stress["rows"]
            ],
        },
    }


def traces(document: Document, titles: Mapping[str, str]) -> dict[str, Any]:
    """Why the bad tenth went bad: in aggregate, as conditions, and told from single histories."""
    return {
        "aggregate": [
            {
                "plan": _title(row["plan"], titles),
                "label": row.get("label") or row["cause"],
                "share": chance_text(row.get("share_of_bad_tenth")),
                "delay": interval_text(row.get("delay")),
                "losses": interval_text(row.get("losses")),
            }
            for row in document.get("aggregate") or []
        ],
        "boxes": [
            {
                "plan": _title(box["plan"], titles),
                "text": box["text"],
                "coverage": chance_text(box.get("coverage")),
                "density": chance_text(box.get("density")),
                "base": "–" if box.get("base_rate") is None else f"{100 * box['base_rate']:.0f} %",
            }
            for box in document.get("boxes") or []
        ],
        "histories": [
            {
                "plan": _title(history["plan"], titles),
                "title": history.get("title") or f"History {history['replication']}",
                "chain": [
                    {
                        "date": _date(link.get("date")) or f"day {link.get('day')}",
                        "text": link["text"],
                        "lost": figure(link.get("days_lost")),
                        "losses": figure(link.get("losses")),
                    }
                    for link in history["chain"]
                ],
            }
            for history in document.get("histories") or []
        ],
    }


def _source(source: Document | None) -> dict[str, str]:
    """Title and, where it is an address of the web, a link."""
    if not source:
        return {"title": "", "url": ""}
    url = str(source.get("url") or "")
    return {
        "title": str(source.get("title") or source.get("id") or ""),
        "url": url if url.startswith(("https://", "http://")) else "",
    }


def _date(text: str | None) -> str:
    if not text:
        return ""
    try:
        return day_month(dt.date.fromisoformat(str(text)[:10]))
    except ValueError:
        return str(text)


def _title(plan: str, titles: Mapping[str, str]) -> str:
    return titles.get(plan, plan)


def _label(document: Document, number: str) -> str:
    return str(document.get("numbers", {}).get(number, {}).get("label") or number)


def _study_label(document: Document, key: str) -> str:
    return str(next((one["label"] for one in document["outcomes"] if one["key"] == key), key))


def _times(ratio: Any) -> str:
    return f"{figure(float(ratio))} times" if isinstance(ratio, int | float) and ratio > 0 else "–"
