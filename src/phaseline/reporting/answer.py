"""The answer in three sentences: when, what gives first, how far to trust it. Composed from numbers, never written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.wording import Words, is_certain, is_known, listed, percent, percent_value, time_text

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

PlanSummary = Mapping[str, Any]

ORDERS = 1.5
"""Ratio of the 90 % to the 10 % end from which dates are called orders of magnitude. Chosen by taste."""
NEARLY_ALL = 0.99
"""Share that ends from which the spread among those that end is that of all."""
NOTABLE = 0.1
"""Chance of overstretch from which a further asset is named. Chosen by taste."""


def answer(summary: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """At most three sentences about all plans together.

    Parameters
    ----------
    summary
        What `Outcomes.summary` returns.
    scenario
        For its words.
    """
    words = Words(scenario.vocabulary)
    plans = list(summary["plans"].values())
    found = [_when(plans, words), _what_gives(plans, words), _how_sure(summary, plans, words)]
    return [sentence[:1].upper() + sentence[1:] for sentence in found if sentence]


def _when(plans: Sequence[PlanSummary], words: Words) -> str:
    operations = plans[0]["operations"]
    single = len(operations) == 1
    what = next(iter(operations.values()))["label"] if single else f"all {words('operation', 2)}"
    groups = _groups(plans)
    dates = [
        f"by {_date(group[0])} {_under(group)}" if len(plans) > 1 else f"by {_date(group[0])}"
        for group in groups
    ]
    certain = all(is_known(plan["all"]) for plan in plans)
    text = (
        f"{what}: done {listed(dates)}"
        if certain
        else f"half of the {words('history', 2)} have {what} done {listed(dates)}"
    )
    failed = sorted((plan["all"]["failed"] for plan in plans), key=lambda share: float(share["value"]))
    low, high = failed[0], failed[-1]
    if high["value"]:
        of_which = "" if single else f" of one of the {words('operation', 2)}"
        if all(is_certain(share) for share in failed):
            failing = [plan for plan in plans if plan["all"]["failed"]["value"]]
            return f"{text}; failure{of_which}{f' {_under(failing)}' if len(plans) > 1 else ''}."
        same = percent_value(low) == percent_value(high)
        chance = (
            percent(high) if same else f"{percent(low)} to {percent(high)}, depending on the {words('plan')}"
        )
        text += f"; the chance of failure{of_which} is {chance}"
    return f"{text}."


def _what_gives(plans: Sequence[PlanSummary], words: Words) -> str:
    bound = [plan for plan in plans if plan["binding"]]
    if not bound:
        return ""
    chances: dict[str, float] = {}
    labels: dict[str, str] = {}
    for plan in bound:
        for name, asset in plan["binding"]["assets"].items():
            labels[name] = asset["label"]
            chances[name] = max(chances.get(name, 0.0), asset["binds"]["value"])
    first = max(chances, key=lambda name: chances[name])
    if not chances[first]:
        certain = all(is_certain(plan["binding"]["none"]) for plan in bound)
        never = f"no {words('asset')} is overstretched"
        return f"{never}." if certain else f"{never} in any {words('history')}."
    others = [labels[name] for name, chance in chances.items() if name != first and chance >= NOTABLE]
    also = f"; then {listed(others)}" if others else ""
    binds = [plan["binding"]["assets"][first]["binds"] for plan in bound]
    if all(is_certain(share) for share in binds):
        under = [plan for plan, share in zip(bound, binds, strict=True) if share["value"]]
        where = "" if len(under) == len(plans) else f" {_under(under)}"
        return f"what gives first: {labels[first]}, overstretched{where}{also}."
    parts = [
        f"{percent(share)} {_under([plan])}"
        if len(plans) > 1
        else f"{percent(share)} of the {words('history', 2)}"
        for plan, share in zip(bound, binds, strict=True)
    ]
    return f"what gives first: {labels[first]}, overstretched in {listed(parts)}{also}."


def _how_sure(summary: Mapping[str, Any], plans: Sequence[PlanSummary], words: Words) -> str:
    plan = _groups(plans)[0][0]
    end, share = plan["all"]["end"], plan["all"]["ignorance"]["end"]
    early, late = (time_text(end[name], "a day beyond the horizon") for name in ("p10", "p90"))
    even = f" even {_under([plan])}" if len(plans) > 1 else ""
    text = f"eight {words('history', 2)} in ten end between {early} and {late}{even}"
    if early == late:
        text = f"hardly anything varies: nearly all {words('history', 2)} end by {late}{even}"
    if is_known(plan["all"]):
        text = f"nothing that moves the end is drawn{even.replace('even ', '')}"
    if all(is_known(other["all"]) for other in plans):
        text = "nothing that moves the end is drawn"
    low, high = end["p10"]["value"], end["p90"]["value"]
    if low and (high is None or high / low >= ORDERS):
        text = f"read dates as orders of magnitude: {text}"
    if share["value"] is not None and share["low"] is not None and share["low"] > 0.5:
        whose = "" if plan["all"]["done"]["value"] > NEARLY_ALL else " among those that end"
        text += f", and {percent_value(share)} of the spread{whose} is what nobody here knows, not luck"
    if summary["use_class"] != "predict":
        text += f"; the numbers rank {words('plan', 2)}, they do not forecast"
    return f"{text}."


def _groups(plans: Sequence[PlanSummary]) -> list[list[PlanSummary]]:
    """Plans whose median end reads the same together, the earliest first."""
    groups: list[list[PlanSummary]] = []
    for plan in sorted(plans, key=_median):
        if groups and _date(groups[-1][0]) == _date(plan):
            groups[-1].append(plan)
        else:
            groups.append([plan])
    return groups


def _median(plan: PlanSummary) -> float:
    value = plan["all"]["end"]["p50"]["value"]
    return float("inf") if value is None else float(value)


def _date(plan: PlanSummary) -> str:
    return time_text(plan["all"]["end"]["p50"], "a day beyond the horizon")


def _under(plans: Sequence[PlanSummary]) -> str:
    titles = [f"“{plan['title']}”" for plan in plans]
    return f"under {listed(titles)}"
