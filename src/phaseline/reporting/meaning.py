"""Three sentences on what rival plans mean and what they do not. All of it follows from the numbers of the summary."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from phaseline.outcomes.wording import Words, figure, percent, plus_minus, time_text
from phaseline.reporting import ranked

NEARLY_ALL = 0.99
"""Share that ends from which the variance among those that end is that of all."""
WIDE = 1.5
"""Ratio of the 90 % to the 10 % duration from which a reader is told the factor."""


def meaning(summary: Mapping[str, Any], words: Words) -> list[str]:
    """What the comparison says, what binds and why it spreads, and what must not be read into it.

    Parameters
    ----------
    summary
        With at least two plans and their ``differences``.
    words
        The case's vocabulary.
    """
    found = [_trade(summary, words), _cause(summary, words), _limits(summary, words)]
    return [sentence[:1].upper() + sentence[1:] for sentence in found if sentence]


def _trade(summary: Mapping[str, Any], words: Words) -> str:
    """Each further plan against the first, history by history."""
    plans = summary["plans"]
    parts = []
    for entry in summary["differences"]:
        measures = entry["outcomes"]
        clear = {key: measure for key, measure in measures.items() if _clear(measure)}
        unclear = [measure["label"] for key, measure in measures.items() if key not in clear]
        other = _quoted(plans[entry["plan"]]["title"])
        if not clear:
            parts.append(f"{other} cannot be told from it")
            continue
        even = f" (no clear difference: {', '.join(_first(unclear))})" if unclear else ""
        parts.append(f"{other} {_listed(_phrases(clear))}{even}")
    if not parts:
        return ""
    first = plans[summary["differences"][0]["against"]]["title"]
    return f"against {_quoted(first)}, {words('history')} by {words('history')}, {'; '.join(parts)}."


def _phrases(clear: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What differs, days overstretched drawn together."""
    found = []
    stretched: dict[str, list[str]] = {"longer": [], "less": []}
    told = ranked.choose(clear, lambda key: abs(clear[key]["difference"]["value"]))
    for key, measure in clear.items():
        if key.startswith("overstretched.") and key not in told.keys:
            continue
        more = measure["difference"]["value"] > 0
        if key.startswith("overstretched."):
            stretched["longer" if more else "less"].append(f"{measure['label']} {_amount(measure)} days")
        else:
            found.append(str(measure["more" if more else "less"]).format(_amount(measure)))
    phrases = [f"overstretches {_listed(assets)} {how}" for how, assets in stretched.items() if assets]
    if told.left:
        phrases.append(f"differs in {told.left} more")
    return found[:1] + phrases + found[1:]


def _first(labels: list[str]) -> list[str]:
    """The first few of many, and how many more there are."""
    left = len(labels) - ranked.MOST
    return labels if left <= 0 else [*labels[: ranked.MOST], f"{left} more"]


def _clear(measure: Mapping[str, Any]) -> bool:
    difference = measure["difference"]
    if difference["low"] is None or difference["high"] is None:
        return False
    return bool(difference["low"] > 0 or difference["high"] < 0)


def _amount(measure: Mapping[str, Any]) -> str:
    """Size of a difference, without its sign."""
    low, high = sorted(abs(measure["difference"][key]) for key in ("low", "high"))
    return plus_minus({"value": abs(measure["difference"]["value"]), "low": low, "high": high})


def _cause(summary: Mapping[str, Any], words: Words) -> str:
    """What is overstretched first, and whether the spread is ignorance or chance."""
    plans = summary["plans"]
    parts = []
    if all(plan["binding"] is not None for plan in plans.values()):
        told: dict[str, list[str]] = {}
        for plan in plans.values():
            best = max(plan["binding"]["assets"].values(), key=lambda asset: asset["first"]["value"])
            if best["first"]["value"]:
                told.setdefault(best["label"], []).append(
                    f"{percent(best['first'])} under {_quoted(plan['title'])}"
                )
        parts = [
            f"{label} is most often overstretched first ({', '.join(chances)})"
            for label, chances in told.items()
        ]
        if not parts:
            parts = [f"no {words('asset')} is ever overstretched"]
    shares = [plan["all"]["ignorance"]["end"] for plan in plans.values()]
    known = [share["value"] for share in shares if share["value"] is not None]
    if known:
        low, high = (math.floor(100 * share) for share in (min(known), max(known)))
        span = "more than 99 %" if low >= 99 else f"{low} %" if low == high else f"{low} to {high} %"
        mostly = "which learning could narrow" if low >= 50 else "the rest chance, which nothing narrows"
        ending = all(plan["all"]["done"]["value"] > NEARLY_ALL for plan in plans.values())
        whose = "" if ending else f" among the {words('history', 2)} that end"
        parts.append(f"{span} of the variance of the last end{whose} is ignorance, {mostly}")
    return f"{'; '.join(parts)}." if parts else ""


def _limits(summary: Mapping[str, Any], words: Words) -> str:
    """What it does not mean."""
    parts = [f"it does not say what will happen: use class {summary['use_class']}"]
    widest: tuple[float, str] | None = None
    for plan in summary["plans"].values():
        for operation in plan["operations"].values():
            text = _factor(operation, plan["title"], words)
            if text is not None and (widest is None or text[0] > widest[0]):
                widest = text
    if widest is not None:
        parts.append(widest[1])
    numbers = summary["numbers"]
    if numbers["assumed"]:
        parts.append(
            f"{numbers['assumed']} of its {numbers['assumed'] + numbers['sourced']} numbers are assumed"
        )
    if any((plan["attacks"] or {}).keys() & {"directed", "inspired"} for plan in summary["plans"].values()):
        parts.append(f"{words('attack', 2)} abroad (*) are for exploring only")
    return f"{'; '.join(parts)}."


def _factor(operation: Mapping[str, Any], title: str, words: Words) -> tuple[float, str] | None:
    low, high = operation["duration"]["p10"], operation["duration"]["p90"]
    if operation["duel"] or not low["value"]:
        return None
    label = operation["label"]
    if high["value"] is None:
        soonest = time_text(operation["end"]["p10"], "the horizon")
        span = f"between {soonest} and beyond the horizon"
        return math.inf, f"{label} ends {span} in eight of ten {words('history', 2)}"
    factor = high["value"] / low["value"]
    if factor < WIDE:
        return None
    return (
        factor,
        f"{label} takes {figure(low['value'])} to {figure(high['value'])} days in eight of ten {words('history', 2)}",
    )


def _quoted(title: str) -> str:
    return f"“{title}”"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
