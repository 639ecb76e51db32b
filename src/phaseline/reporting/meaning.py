"""Three sentences on what rival plans mean and what they do not. All of it follows from the numbers of the summary."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

from phaseline.outcomes.measures import MOST_UNENDED
from phaseline.outcomes.wording import (
    Words,
    always,
    counted,
    day_month,
    figure,
    is_certain,
    listed,
    percent,
    plus_minus,
    time_text,
)
from phaseline.reporting import ranked
from phaseline.reporting.sentences import TOO_WIDE

NEARLY_ALL = 0.99
"""Share that ends from which the variance among those that end is that of all."""
WIDE = 1.5
"""Ratio of the 90 % to the 10 % duration from which a reader is told the factor."""

Numbers = Mapping[str, Any]


def meaning(summary: Numbers, words: Words) -> list[str]:
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


def _trade(summary: Numbers, words: Words) -> str:
    """Each further plan against the first, history by history."""
    plans = summary["plans"]
    parts = []
    for entry in summary["differences"]:
        one, first = plans[entry["plan"]], plans[entry["against"]]
        phrases, unclear, same = _phrases(entry["outcomes"], one, first, summary, words)
        other = _quoted(one["title"])
        aside = [f"no clear difference: {', '.join(_first(unclear))}"] * bool(unclear)
        everywhere = "" if is_certain(one["all"]["done"]) else f" in every {words('history')}"
        aside += [f"the same{everywhere}: {', '.join(_first(same))}"] * bool(same)
        if not phrases:
            phrases = ["cannot be told from it"] if unclear else [_same(one, words)]
            aside = aside[1:] if unclear else []
        told = f" ({'; '.join(aside)})" if aside else ""
        parts.append(f"{other} {listed(phrases)}{told}")
    if not parts:
        return ""
    first = plans[summary["differences"][0]["against"]]["title"]
    paired = f", {words('history')} by {words('history')}" if not _all_certain(summary) else ""
    return f"against {_quoted(first)}{paired}, {'; '.join(parts)}."


def _phrases(
    measures: Mapping[str, Numbers], one: Numbers, first: Numbers, summary: Numbers, words: Words
) -> tuple[list[str], list[str], list[str]]:
    """How a plan differs from the first, days overstretched drawn together; in what it does not clearly, and not at all."""
    found: list[str] = []
    unclear, same = [], []
    stretched: dict[str, tuple[str, str]] = {}
    for key, measure in measures.items():
        difference = measure["difference"]
        if difference["low"] == difference["high"] == 0:
            same.append(measure["label"])
            continue
        phrase = _phrase(measure)
        if phrase is not None and key == "end":
            phrase = _end_phrase(phrase, one, first, summary, words)
        if phrase is None:
            unclear.append(measure["label"])
        elif key.startswith("overstretched."):
            verb, _, of = phrase.partition(" overstretch ")
            stretched[key] = (verb, of)
        else:
            found.append(phrase)
    chosen = ranked.choose(stretched, lambda key: abs(measures[key]["difference"]["value"]))
    by_verb: dict[str, list[str]] = {}
    for key, (verb, of) in stretched.items():
        if key in chosen.keys:
            by_verb.setdefault(verb, []).append(of)
    overstretch = [f"{verb} overstretch {listed(of)}" for verb, of in by_verb.items()]
    if chosen.left:
        overstretch.append(f"changes that of {chosen.left} more")
    place = 1 if measures and found and "end" in measures and "the last end" not in (*unclear, *same) else 0
    return found[:place] + overstretch + found[place:], unclear, same


def _first(labels: list[str]) -> list[str]:
    """The first few of many, and how many more there are."""
    left = len(labels) - ranked.MOST
    return labels if left <= 0 else [*labels[: ranked.MOST], f"{left} more"]


def _phrase(measure: Numbers) -> str | None:
    """Which way a plan differs, and by how much; None where the interval does not tell."""
    difference = measure["difference"]
    low, high = difference["low"], difference["high"]
    if low is None or high is None or low <= 0 <= high:
        return None
    ends = sorted((abs(low), abs(high)))
    amount = plus_minus({"value": abs(difference["value"]), "low": ends[0], "high": ends[1]})
    if measure["unit"]:
        amount = counted(amount, measure["unit"])
    return str(measure["more" if difference["value"] > 0 else "less"]).format(amount)


def _end_phrase(phrase: str, one: Numbers, first: Numbers, summary: Numbers, words: Words) -> str | None:
    """The difference of mean ends with its caveat; medians or chances where many never end (`MOST_UNENDED`)."""
    plans = (one["all"], first["all"])
    unended = max(1 - plan["done"]["value"] for plan in plans)
    if unended <= 0:
        return phrase
    if unended <= MOST_UNENDED:
        return f"{phrase} (never ending counts as the horizon)"
    horizon = day_month(dt.date.fromisoformat(summary["horizon"]))
    chances = [percent(plan["done"]) for plan in plans]
    medians = [time_text(plan["end"]["p50"], "") for plan in plans]
    if all(medians) and medians[0] != medians[1]:
        return (
            f"has {medians[0]} as its median end instead of {medians[1]} "
            f"({chances[0]} and {chances[1]} of the {words('history', 2)} end by {horizon})"
        )
    if all(is_certain(plan["done"]) for plan in plans):
        return f"{'ends' if always(plans[0]['done']) else 'does not end'} by {horizon}"
    if chances[0] == chances[1] or _touch(*(plan["done"] for plan in plans)):
        return None
    return f"ends by {horizon} in {chances[0]} of the {words('history', 2)} instead of {chances[1]}"


def _touch(one: Numbers, other: Numbers) -> bool:
    """Whether two intervals overlap."""
    return bool(one["low"] <= other["high"] and other["low"] <= one["high"])


def _cause(summary: Numbers, words: Words) -> str:
    """What is overstretched first, and whether the spread is ignorance or chance."""
    plans = summary["plans"]
    parts = []
    if all(plan["binding"] is not None for plan in plans.values()):
        told: dict[str, list[str]] = {}
        certain = True
        for plan in plans.values():
            best = max(plan["binding"]["assets"].values(), key=lambda asset: asset["first"]["value"])
            if best["first"]["value"]:
                certain = certain and always(best["first"])
                chance = "" if always(best["first"]) else f"{percent(best['first'])} "
                told.setdefault(best["label"], []).append(f"{chance}under {_quoted(plan['title'])}")
        often = "overstretched first" if certain else "most often overstretched first"
        everywhere = certain and len(told) == 1 and len(next(iter(told.values()))) == len(plans)
        named = [label if everywhere else f"{label} ({', '.join(where)})" for label, where in told.items()]
        parts = [f"{often}: {', '.join(named)}"] if named else [f"no {words('asset')} is ever overstretched"]
    parts += _variance(plans.values(), words)
    return f"{'; '.join(parts)}." if parts else ""


def _variance(plans: Iterable[Numbers], words: Words) -> list[str]:
    """How much of the variance of the last end is ignorance, as far as the intervals tell."""
    plans = list(plans)
    shares = [plan["all"]["ignorance"]["end"] for plan in plans]
    shares = [share for share in shares if share["value"] is not None]
    if not shares:
        return []
    ending = all(plan["all"]["done"]["value"] > NEARLY_ALL for plan in plans)
    whose = "" if ending else f" among the {words('history', 2)} that end"
    what = f"of the variance of the last end{whose}"
    known = [share for share in shares if share["low"] is not None and share["high"] is not None]
    if len(known) < len(shares) or any(share["high"] - share["low"] > TOO_WIDE for share in known):
        return [f"how much {what} is ignorance and how much chance, this run cannot tell"]
    values = [share["value"] for share in shares]
    low, high = (math.floor(100 * share) for share in (min(values), max(values)))
    span = "more than 99 %" if low >= 99 else f"{low} %" if low == high else f"{low} to {high} %"
    text = f"{span} {what} is ignorance"
    if all(share["low"] > 0.5 for share in known):
        text += ", which learning could narrow"
    elif all(share["high"] < 0.5 for share in known):
        text += ", the rest chance, which nothing narrows"
    return [text]


def _limits(summary: Numbers, words: Words) -> str:
    """What it does not mean."""
    use_class = summary["use_class"]
    parts = [
        "use class predict" if use_class == "predict" else f"this is not a forecast: use class {use_class}"
    ]
    widest: tuple[float, str] | None = None
    for plan in summary["plans"].values():
        for operation in plan["operations"].values():
            text = _factor(operation, words)
            if text is not None and (widest is None or text[0] > widest[0]):
                widest = text
    if widest is not None:
        parts.append(widest[1])
    numbers = summary["numbers"]
    total = counted(sum(numbers.values()), "number")
    weak = {
        f"assumed: {numbers['assumed']} of its {total}": numbers["assumed"],
        f"with neither source nor reasoning: {numbers['neither']} of its {total}": numbers["neither"],
    }
    parts += [text for text, count in weak.items() if count]
    if any((plan["attacks"] or {}).keys() & {"directed", "inspired"} for plan in summary["plans"].values()):
        parts.append(f"{words('attack', 2)} abroad (*) are for exploring only")
    return f"{'; '.join(parts)}."


def _factor(operation: Numbers, words: Words) -> tuple[float, str] | None:
    low, high = operation["duration"]["p10"], operation["duration"]["p90"]
    if operation["duel"] or not low["value"]:
        return None
    label, histories = operation["label"], words("history", 2)
    if high["value"] is None:
        soonest = time_text(operation["end"]["p10"], "the horizon")
        return math.inf, (
            f"end of {label}: {soonest} or later in nine of ten {histories}, and beyond the horizon in more than one of ten"
        )
    factor = high["value"] / low["value"]
    if factor < WIDE:
        return None
    span = f"{figure(low['value'])} to {counted(figure(high['value']), 'day')}"
    return factor, f"duration of {label}: {span} in eight of ten {histories}"


def _all_certain(summary: Numbers) -> bool:
    """Whether every plan's end is certain, so that there is nothing to pair."""
    return all(is_certain(plan["all"]["done"]) for plan in summary["plans"].values())


def _same(plan: Numbers, words: Words) -> str:
    certain = is_certain(plan["all"]["done"])
    return "comes to the same" if certain else f"comes to the same in every {words('history')}"


def _quoted(title: str) -> str:
    return f"“{title}”"
