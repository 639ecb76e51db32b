"""What was found of a claim in a few words, for terminal and page alike: comparisons of plans, and what a plan settles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phaseline.outcomes.wording import counted, is_certain, percent, plus_minus, with_unit
from phaseline.reporting.cells import signed_text

Document = Mapping[str, Any]

SETTLED = {"no world can fail it": "makes it so", "no world can meet it": "rules it out"}
"""Verdicts that a plan gives by itself, with what it does."""


def settled_text(claim: Document) -> str:
    """That the plan settles a claim, and why it is kept all the same."""
    plans = "this plan" if len(claim["plans"]) == 1 else "these plans"
    does = SETTLED[claim["verdict"]]
    does = does if len(claim["plans"]) == 1 else does.replace("makes", "make").replace("rules", "rule")
    why = claim.get("by_construction")
    return f"{plans} {does}: {claim['verdict']}." + (f" {why[0].upper()}{why[1:]}." if why else "")


def increase_text(claim: Document, titles: Mapping[str, str]) -> str:
    """Both chances and their difference."""
    found = claim["increases"]
    chances = (
        f"{percent(found[f'chance_{end}'])} under {titles.get(found[end], found[end])}" for end in ("to", "from")
    )  # fmt: skip
    need = f", needed {_points(found['by'])}" if found["by"] else ""
    holding = claim["share_of_worlds_holding"]
    worlds = "" if is_certain(holding) else f" It is so large in {percent(holding)} of the worlds."
    return f"{', '.join(chances)}; difference {difference_text(found['difference'])}{need}.{worlds}"


def mostly_text(claim: Document) -> str:
    """The share among the worlds that differ, how many these are, and the mean difference."""
    found = claim["mostly"]
    if not found["worlds"]:
        return "no world of this run differs."
    mean = (
        with_unit(plus_minus(found["mean"]), found["unit"])
        if found["unit"]
        else difference_text(found["mean"])
    )
    return (
        f"{percent(claim['probability'])} of the {counted(found['worlds'], 'world')} that differ ({percent(found['share'])} of "
        f"all), needed {100 * claim['at_least']:g} %; mean difference {mean}."
    )


def difference_text(numbers: Document) -> str:
    """A difference of chances, in points."""
    return signed_text(numbers, percent_points=True)


def _points(share: float) -> str:
    return counted(f"{100 * share:.3g}", "point")
