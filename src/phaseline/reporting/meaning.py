"""Three sentences on what rival plans mean and what they do not. All of it follows from the numbers of the summary."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from phaseline.outcomes.measures import MOST_UNENDED
from phaseline.outcomes.wording import (
    Words,
    always,
    counted,
    day_month,
    figure,
    is_certain,
    is_known,
    is_nothing,
    listed,
    luck_alone,
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
        told = _Told.of(entry["outcomes"], plans[entry["plan"]], plans[entry["against"]], summary, words)
        parts.append(f"{_quoted(plans[entry['plan']]['title'])} {told.text}")
    if not parts:
        return ""
    first = plans[summary["differences"][0]["against"]]["title"]
    paired = f", {words('history')} by {words('history')}" if not _all_certain(summary) else ""
    return f"against {_quoted(first)}{paired}, {'; '.join(parts)}."


@dataclass(frozen=True)
class _Told:
    """How a plan differs from the first; in what it does not clearly, and not at all."""

    phrases: list[str]
    unclear: list[str]
    same: list[str]
    """By the model, in every history."""
    alike: list[str]
    """In the histories of this run, which are no proof."""
    everywhere: str
    here: str

    @property
    def text(self) -> str:
        """The differences, and in brackets what is the same and what cannot be told."""
        unclear = [f"no clear difference: {', '.join(_first(self.unclear))}"] * bool(self.unclear)
        aside = [f"the same{self.everywhere}: {', '.join(_first(self.same))}"] * bool(self.same)
        aside += [f"the same{self.here}: {', '.join(_first(self.alike))}"] * bool(self.alike)
        if self.phrases:
            aside = unclear + aside
        phrases = self.phrases or ["cannot be told from it"]
        if not self.phrases and not unclear:
            phrases, aside = [f"comes to the same{self.here if self.alike else self.everywhere}"], []
        return listed(phrases) + (f" ({'; '.join(aside)})" if aside else "")

    @classmethod
    def of(
        cls, measures: Mapping[str, Numbers], one: Numbers, first: Numbers, summary: Numbers, words: Words
    ) -> _Told:
        """The main outcomes; and where the last end does not tell the plans apart, or nothing does, all others."""
        everywhere = (
            "" if is_known(one["all"]) and is_known(first["all"]) else f" in every {words('history')}"
        )
        here = f" in all {words.counted(summary.get('replications', 0), 'history')} of this run"
        main = {key: measure for key, measure in measures.items() if measure.get("main", True)}
        further = {key: measure for key, measure in measures.items() if key not in main}
        sorted_out = _Sorted.of(main, one, first, summary, words, (everywhere, here))
        if "end" in main and not sorted_out.moves_end:
            others = _Sorted.of(further, one, first, summary, words, (everywhere, here))
            found = [*sorted_out.phrases, *_drawn_together(others.phrases)]
            left = len(found) - ranked.MOST
            found = found if left <= 0 else [*found[: ranked.MOST], f"differs in {left} more"]
            if found:
                return cls(found, sorted_out.unclear, sorted_out.same, sorted_out.alike, everywhere, here)
            return cls(
                [],
                sorted_out.unclear or others.unclear,
                sorted_out.same,
                sorted_out.alike or others.alike,
                everywhere,
                here,
            )
        return cls(
            sorted_out.phrases, sorted_out.unclear, sorted_out.same, sorted_out.alike, everywhere, here
        )


@dataclass(frozen=True)
class _Sorted:
    """Some outcomes by what a run can say of their differences; labels but for the phrases."""

    phrases: list[str]
    unclear: list[str]
    same: list[str]
    alike: list[str]
    moves_end: bool

    @classmethod
    def of(
        cls,
        measures: Mapping[str, Numbers],
        one: Numbers,
        first: Numbers,
        summary: Numbers,
        words: Words,
        surely: tuple[str, str],
    ) -> _Sorted:
        """Days overstretched are drawn together; `surely` says in which histories what has no interval is so."""
        found: dict[str, str] = {}
        unclear: list[str] = []
        same: list[str] = []
        alike: list[str] = []
        for key, measure in measures.items():
            difference, exact = measure["difference"], measure.get("exact", False)
            if difference["low"] == difference["high"] == 0:
                (same if exact else alike).append(measure["label"])
                continue
            phrase = _phrase(measure)
            if phrase is not None and key.partition(".")[0] == "end":
                phrase = _end_phrase(phrase, key.partition(".")[2], one, first, summary, words)
            if phrase is None:
                unclear.append(measure["label"])
            elif difference["low"] == difference["high"]:
                found[key] = f"{phrase}{surely[0] if exact else surely[1]}"
            else:
                found[key] = phrase
        return cls(_in_order(found, measures), unclear, same, alike, "end" in found)


def _in_order(found: Mapping[str, str], measures: Mapping[str, Numbers]) -> list[str]:
    """The last end, then days overstretched drawn together, then all else."""
    stretched = {
        key: phrase.partition(" overstretch ")[::2]
        for key, phrase in found.items()
        if key.startswith("overstretched.")
    }
    chosen = ranked.choose(stretched, lambda key: abs(measures[key]["difference"]["value"]))
    by_verb: dict[str, list[str]] = {}
    for key, (verb, of) in stretched.items():
        if key in chosen.keys:
            by_verb.setdefault(verb, []).append(of)
    overstretch = [f"{verb} overstretch {listed(of)}" for verb, of in by_verb.items()]
    if chosen.left:
        overstretch.append(f"changes that of {chosen.left} more")
    end = [phrase for key, phrase in found.items() if key == "end"]
    return (
        end + overstretch + [phrase for key, phrase in found.items() if key != "end" and key not in stretched]
    )


def _drawn_together(phrases: list[str]) -> list[str]:
    """Start and end of the same operation in one phrase where both differ by the same."""
    found: list[str] = []
    for phrase in phrases:
        verb, _, rest = phrase.partition(" ")
        if found and verb == "ends" and found[-1] == f"starts {rest}":
            found[-1] = f"starts and ends {rest}"
        else:
            found.append(phrase)
    return found


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


def _end_phrase(
    phrase: str, operation: str, one: Numbers, first: Numbers, summary: Numbers, words: Words
) -> str | None:
    """The difference of mean ends with its caveat; medians or chances where many never end (`MOST_UNENDED`).

    Of an operation, or of all under the empty name.
    """
    plans = [plan["operations"][operation] if operation else plan["all"] for plan in (one, first)]
    of, what = (f" of {plans[0]['label']}", f" {plans[0]['label']}") if operation else ("", "")
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
            f"has {medians[0]} as {'the' if operation else 'its'} median end{of} instead of {medians[1]} "
            f"({chances[0]} and {chances[1]} of the {words('history', 2)} end by {horizon})"
        )
    if all(is_certain(plan["done"]) for plan in plans):
        return f"{'ends' if always(plans[0]['done']) else 'does not end'}{what} by {horizon}"
    if chances[0] == chances[1] or _touch(*(plan["done"] for plan in plans)):
        return None
    return f"ends{what} by {horizon} in {chances[0]} of the {words('history', 2)} instead of {chances[1]}"


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
    parts += _variance(plans.values(), words, summary.get("unknowns"))
    return f"{'; '.join(parts)}." if parts else ""


def _variance(plans: Iterable[Numbers], words: Words, unknowns: int | None) -> list[str]:
    """How much of the variance of the last end is ignorance, as far as the intervals tell."""
    plans = list(plans)
    shares = [plan["all"]["ignorance"]["end"] for plan in plans]
    shares = [share for share in shares if share["value"] is not None]
    if not shares:
        return []
    if all(is_nothing(share) for share in shares):
        return [luck_alone("the last end", unknowns)]
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
    return all(is_known(plan["all"]) for plan in summary["plans"].values())


def _quoted(title: str) -> str:
    return f"“{title}”"
