"""Plain sentences composed from the numbers of a summary. No conclusion is written down anywhere but in the numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.wording import (
    Words,
    day_month,
    figure,
    of,
    percent,
    percent_value,
    time_text,
)

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

WIDE = 3.0
"""Ratio of the 90 % to the 10 % duration from which the reader is warned. Chosen by taste: months become quarters."""

#: What an answer of each use class may be used for.
USE_CLASSES = {
    "explore": "explore: it shows what could matter; it neither ranks plans nor forecasts",
    "compare": "compare: it ranks plans under the same assumptions; it is not a forecast",
    "predict": "predict: it is a forecast, backed by a backtest",
}


def sentences(
    plan: Mapping[str, Any],
    summary: Mapping[str, Any],
    scenario: Scenario,
    operations: Collection[str] | None = None,
) -> list[str]:
    """The answer for one plan in a few sentences.

    Parameters
    ----------
    plan
        One entry of the summary's ``plans``.
    summary
        The whole summary.
    scenario
        For its words.
    operations
        Those of which each duel gets a sentence; default all.
    """
    words = Words(scenario.vocabulary)
    horizon = dt.date.fromisoformat(summary["horizon"])
    found = [
        *_duels(plan, scenario, words, plan["operations"] if operations is None else operations),
        *_ending(plan, horizon, words),
        *_binding(plan, words),
        *_ignorance(plan, words),
        *_width(plan, words),
    ]
    return [sentence[:1].upper() + sentence[1:] for sentence in found]


def _duels(
    plan: Mapping[str, Any], scenario: Scenario, words: Words, operations: Collection[str]
) -> list[str]:
    found = []
    for name, operation in plan["operations"].items():
        if name not in operations or not operation["duel"]:
            continue
        phases = list(scenario.operations[name].phases.values())
        own = _force_label(plan, phases[-1].own) or operation["label"]
        other = _force_label(plan, phases[-1].adversary) or f"the {words('adversary')}"
        won, lost = operation["done"], operation["failed"]
        if _apart(won, lost):
            first, second = f"{own} wins more often than {other}", f"{other} wins more often than {own}"
            verdict = first if won["value"] > lost["value"] else second
            found.append(f"{verdict}: {percent(won)} against {percent(lost)} of the {words('history', 2)}.")
        else:
            found.append(
                f"{own} and {other} win about equally often: {percent(won)} and {percent(lost)} of the "
                f"{words('history', 2)}."
            )
    return found


def _ending(plan: Mapping[str, Any], horizon: dt.date, words: Words) -> list[str]:
    moving = {name: operation for name, operation in plan["operations"].items() if not operation["duel"]}
    if not moving:
        return []
    if len(plan["operations"]) == 1:
        (subject,) = moving.values()
        what = subject["label"]
    else:
        subject, what = plan["all"], f"all {words('operation', 2)}"
    end, histories = subject["end"], words("history", 2)
    late = end["p90"]["value"] is None
    if end["p50"]["value"] is None:
        chance = percent(subject["done"])
        text = f"{what} {_is(what, words)} done by {day_month(horizon)} in only {chance} of the {histories}"
    elif end["p10"]["value"] == end["p90"]["value"]:
        same = "" if subject["done"]["value"] == 1 else f" in {percent(subject['done'])} of the {histories}"
        text = f"{what} {_is(what, words)} done on {_by(end['p50'])}{same}, with hardly any spread"
    elif late:
        text = (
            f"half of the {histories} have {what} done by {_by(end['p50'])}, one in ten by {_by(end['p10'])}, "
            f"and {percent_value(_rest(subject['done']))} do not by {day_month(horizon)}"
        )
    else:
        text = (
            f"half of the {histories} have {what} done by {_by(end['p50'])}, and eight in ten end between "
            f"{_by(end['p10'])} and {_by(end['p90'])}"
        )
    failed = subject["failed"]
    if failed["value"]:
        which = what if len(plan["operations"]) == 1 else f"at least one {words('operation')}"
        text += f"; {which} fails in {percent(failed)}"
    return [f"{text}."]


def _binding(plan: Mapping[str, Any], words: Words) -> list[str]:
    binding = plan["binding"]
    if binding is None:
        return []
    ranked = sorted(binding["assets"].values(), key=lambda asset: -asset["first"]["value"])
    best, histories = ranked[0], words("history", 2)
    if best["first"]["value"] == 0:
        return [f"no {words('asset')} is overstretched in any of the {histories}."]
    ties = [asset for asset in ranked[1:] if not _apart(best["first"], asset["first"])]
    when = (
        f", typically from {time_text(best['day']['p50'], 'the horizon')}"
        if best["day"]["p50"]["date"]
        else ""
    )
    if ties and ties[0]["first"]["value"] > 0:
        names = _listed([best["label"], *(asset["label"] for asset in ties if asset["first"]["value"] > 0)])
        chance = percent(best["first"])
        text = (
            f"{names} are about equally likely to be overstretched first: "
            f"the former in {chance} of the {histories}{when}"
        )
    else:
        chance = f"{percent(best['first'])} of the {histories}"
        text = f"{best['label']} is the {words('asset')} overstretched first in {chance}{when}"
    none = binding["none"]
    if none["value"] >= 0.005:
        text += f"; none is overstretched in {percent(none)}"
    return [f"{text}."]


def _ignorance(plan: Mapping[str, Any], words: Words) -> list[str]:
    single = len(plan["operations"]) == 1
    subject = next(iter(plan["operations"].values())) if single else plan["all"]
    share = subject["ignorance"]["end"]
    of_what = f"the end of {subject['label']}" if single else f"the end of all {words('operation', 2)}"
    duel = single and subject["duel"]
    if duel:
        share, of_what = subject["ignorance"]["done"], "who wins"
    if share["value"] is None:
        return []
    if share["low"] is not None and share["high"] is not None:
        if share["high"] - share["low"] > 0.6:
            return [
                f"how much of the spread in {of_what} is ignorance and how much chance, this run cannot tell."
            ]
        if share["low"] > 0.5:
            return [
                f"most of the spread in {of_what} is ignorance, {percent(share)} of the variance: knowing more "
                "beforehand would narrow it."
            ]
        if share["high"] < 0.5:
            return [
                f"most of the spread in {of_what} is chance; ignorance makes up {percent(share)} of the variance, "
                "which is the most that knowing more beforehand could take away."
            ]
    return [
        f"about half of the spread in {of_what} is ignorance, {percent(share)} of the variance; the rest is chance."
    ]


def _width(plan: Mapping[str, Any], words: Words) -> list[str]:
    widest: tuple[float, str] | None = None
    for operation in plan["operations"].values():
        low, high = operation["duration"]["p10"], operation["duration"]["p90"]
        if operation["duel"] or not low["value"]:
            continue
        if high["value"] is None:
            continue
        factor = high["value"] / low["value"]
        if factor >= WIDE and (widest is None or factor > widest[0]):
            text = (
                f"{operation['label']} takes {of(low)} to {of(high)} days in eight of ten {words('history', 2)}, "
                f"a factor of {figure(factor)}: read its dates as orders of magnitude."
            )
            widest = (factor, text)
    return [] if widest is None else [widest[1]]


def _by(time: Mapping[str, Any]) -> str:
    return time_text(time, "the horizon")


def _is(what: str, words: Words) -> str:
    return "are" if what == f"all {words('operation', 2)}" else "is"


def _rest(share: Mapping[str, Any]) -> dict[str, Any]:
    """The chance that it does not happen."""
    return {
        key: None if share[other] is None else 1 - share[other]
        for key, other in (("value", "value"), ("low", "high"), ("high", "low"))
    }


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two intervals do not overlap."""
    return bool(one["low"] > other["high"] or other["low"] > one["high"])


def _force_label(plan: Mapping[str, Any], name: str | None) -> str | None:
    return plan["forces"][name]["label"] if name in plan["forces"] else None


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
