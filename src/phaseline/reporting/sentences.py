"""Plain sentences composed from the numbers of a summary. No conclusion is written down anywhere but in the numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.wording import (
    Words,
    alike,
    always,
    counted,
    day_month,
    figure,
    is_certain,
    is_known,
    is_nothing,
    listed,
    luck_alone,
    of,
    percent,
    percent_value,
    time_text,
)

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

WIDE = 3.0
"""Ratio of the 90 % to the 10 % duration from which the reader is warned. Chosen by taste: months become quarters."""
TOO_WIDE = 0.6
"""Width of the interval of a share of the variance from which it says nothing."""
EVEN = (0.4, 0.6)
"""Ends between which a whole interval must lie for a share to be called about half."""

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
        *_ignorance(plan, words, summary.get("unknowns")),
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
        sides = f"{own} in {percent(won)} of the {words('history', 2)}, {other} in {percent(lost)}"
        if is_certain(won) and is_certain(lost):
            found.append(
                f"winner: {own if always(won) else other if always(lost) else 'none by the horizon'}."
            )
        elif _apart(won, lost):
            more, less = (own, other) if won["value"] > lost["value"] else (other, own)
            found.append(f"more wins for {more} than for {less}: {sides}.")
        elif alike(won, lost):
            found.append(f"about as many wins for {own} as for {other}: {sides}.")
        else:
            found.append(f"this run cannot tell who wins more often: {sides}.")
    return found


def _ending(plan: Mapping[str, Any], horizon: dt.date, words: Words) -> list[str]:
    moving = {name: operation for name, operation in plan["operations"].items() if not operation["duel"]}
    if not moving:
        return []
    single = len(plan["operations"]) == 1
    subject = next(iter(moving.values())) if single else plan["all"]
    what = subject["label"] if single else f"all {words('operation', 2)}"
    end, histories = subject["end"], words("history", 2)
    if is_known(subject):
        text = (
            f"{what}: done {_on(end['p50'])}"
            if subject["done"]["value"]
            else f"{what}: not done by {day_month(horizon)}"
        )
    elif end["p50"]["value"] is None:
        text = f"{what}: done by {day_month(horizon)} in only {percent(subject['done'])} of the {histories}"
    elif end["p10"]["value"] == end["p90"]["value"]:
        same = "" if subject["done"]["value"] == 1 else f" in {percent(subject['done'])} of the {histories}"
        text = f"{what}: done {_on(end['p50'])}{same}, with hardly any spread"
    elif end["p90"]["value"] is None:
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
        which = "failure" if single else f"failure of at least one {words('operation')}"
        text += f"; {which}" if is_certain(failed) else f"; {which} in {percent(failed)}"
    return [f"{text}."]


def _binding(plan: Mapping[str, Any], words: Words) -> list[str]:
    binding = plan["binding"]
    if binding is None:
        return []
    ranked = sorted(binding["assets"].values(), key=lambda asset: -asset["first"]["value"])
    best, histories = ranked[0], words("history", 2)
    never = f"no {words('asset')} is overstretched"
    if best["first"]["value"] == 0:
        return [f"{never}." if is_certain(binding["none"]) else f"{never} in any of the {histories}."]
    from_when = time_text(best["day"]["p50"], "the horizon") if best["day"]["p50"]["date"] else ""
    if always(best["first"]):
        return [f"overstretched first: {best['label']}, from {from_when}."]
    when = f", typically from {from_when}" if from_when else ""
    rivals = [
        asset
        for asset in ranked[1:]
        if asset["first"]["value"] > 0 and not _apart(best["first"], asset["first"])
    ]
    if rivals:
        near = [best, *rivals]
        chances = listed([f"{asset['label']} in {percent(asset['first'])}" for asset in near])
        even = all(alike(best["first"], asset["first"]) for asset in rivals)
        text = (
            "overstretched first about equally often"
            if even
            else "overstretched first, as far as this run can tell"
        )
        text += f": {chances} of the {histories}"
    else:
        text = f"overstretched first: {best['label']}, in {percent(best['first'])} of the {histories}{when}"
    none = binding["none"]
    if none["value"] >= 0.005:
        text += f"; none in {percent(none)}"
    return [f"{text}."]


def _ignorance(plan: Mapping[str, Any], words: Words, unknowns: int | None) -> list[str]:
    single = len(plan["operations"]) == 1
    subject = next(iter(plan["operations"].values())) if single else plan["all"]
    share = subject["ignorance"]["end"]
    of_what = f"the end of {subject['label']}" if single else f"the end of all {words('operation', 2)}"
    if single and subject["duel"]:
        share, of_what = subject["ignorance"]["done"], "who wins"
    if share["value"] is None:
        return []
    if is_nothing(share):
        return [f"{luck_alone(of_what, unknowns)}."]
    low, high = share["low"], share["high"]
    if low is None or high is None or high - low > TOO_WIDE:
        return [
            f"how much of the spread in {of_what} is ignorance and how much chance, this run cannot tell."
        ]
    if low > 0.5:
        return [
            f"most of the spread in {of_what} is ignorance, {percent(share)} of the variance: knowing more "
            "beforehand would narrow it."
        ]
    if high < 0.5:
        return [
            f"most of the spread in {of_what} is chance; ignorance makes up {percent(share)} of the variance, "
            "which is the most that knowing more beforehand could take away."
        ]
    if EVEN[0] <= low and high <= EVEN[1]:
        half = f"about half of the spread in {of_what} is ignorance, {percent(share)} of the variance"
        return [f"{half}; the rest is chance."]
    return [
        f"ignorance makes up {percent(share)} of the variance in {of_what}; whether that is most of it, this run "
        "cannot tell."
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
                f"duration of {operation['label']}: {of(low)} to {counted(of(high), 'day')} in eight of ten "
                f"{words('history', 2)}, a factor of {figure(factor)}: read such dates as orders of magnitude."
            )
            widest = (factor, text)
    return [] if widest is None else [widest[1]]


def _on(time: Mapping[str, Any]) -> str:
    """A date as the day on which something is done; a month or a third of one as the time by which it is."""
    text = _by(time)
    return f"on {text}" if text[:1].isdigit() else f"by {text}"


def _by(time: Mapping[str, Any]) -> str:
    return time_text(time, "the horizon")


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
