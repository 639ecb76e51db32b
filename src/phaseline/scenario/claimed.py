"""What a claim says: its kind, the plans that it is about, its limit, and the readings of a vague word."""

from __future__ import annotations

import math

import numpy as np

from phaseline.scenario.calendar import start_date
from phaseline.scenario.quantity import Quantity, resolve, single_value
from phaseline.scenario.readable import value_text
from phaseline.scenario.schema import Claim, ClaimEvent, Scenario, Vague

HEADS = (
    "strain", "strained_most", "finished", "failed", "open", "start", "measure", "difference", "increases", "mostly", "all",
    "any",
)  # fmt: skip
LIMITS: dict[str, tuple[str, ...]] = {
    "strain": ("by", "within"),
    "strained_most": (),
    "finished": ("by", "between", "within"),
    "failed": ("by", "within"),
    "open": ("by", "within"),
    "start": ("by", "before", "after", "between", "within"),
    "measure": ("above", "below"),
    "difference": ("above", "below"),
    "increases": ("by",),
    "mostly": (),
    "all": (),
    "any": (),
}
"""Fields of each kind of event that say how early, how late or how much; a vague word can take the place of the only one."""
DATED = ("by", "before", "after", "between")
"""Limits that are dates, except under ``increases``."""
POINTS = 5
"""Points of a declared range at which a claim is tested."""

Limit = float | tuple[float, float]
"""A limit in base units, a date as its day number; the two dates of a ``between``."""


def head_of(event: ClaimEvent) -> str:
    """What kind of event it is; the event is a checked one."""
    return next(head for head in HEADS if getattr(event, head) is not None)


def limit_of(event: ClaimEvent) -> str | None:
    """Name of the event's only limit; None where there is none, or more than one."""
    given = [name for name in LIMITS[head_of(event)] if getattr(event, name) is not None]
    return given[0] if len(given) == 1 else None


def is_dated(event: ClaimEvent) -> bool:
    """Whether the event's only limit is a date, or two."""
    return limit_of(event) in DATED and event.increases is None


def plans_of(scenario: Scenario, claim: Claim) -> list[str]:
    """Plans that a claim is about: those that it compares, its own, or the first of the scenario."""
    return _compared(claim.event) or [claim.plan or next(iter(scenario.plans))]


def _compared(event: ClaimEvent) -> list[str]:
    if event.increases is not None:
        return [str(event.from_), str(event.to)]
    if event.difference is not None or event.mostly is not None:
        return [str(plan) for plan in event.between or ()]
    parts = [plan for part in (event.all or event.any or []) for plan in _compared(part)]
    return list(dict.fromkeys(parts))


def said_on(scenario: Scenario, claim: Claim) -> int:
    """Day number from which durations of a claim count: that on which it was said, or ``as_of``."""
    return (claim.said or scenario.as_of).toordinal()


def window(
    scenario: Scenario, claim: Claim, event: ClaimEvent, limit: Limit | None = None
) -> tuple[float, float]:
    """First and last day on which a dated event counts, as days of the scenario, both included; infinite where none is set.

    Parameters
    ----------
    scenario, claim
        Checked; durations count from the day on which the claim was said.
    event
        The claim's, or a part of it; ``within`` is read as a time from that day.
    limit
        In place of the event's own.
    """
    name = limit_of(event)
    if name is None:
        return -math.inf, math.inf
    given = own_limit(scenario, event) if limit is None else limit
    zero = start_date(scenario).toordinal()
    if isinstance(given, tuple):
        return given[0] - zero, given[1] - zero
    if name == "within":
        return -math.inf, math.floor(said_on(scenario, claim) + given) - zero
    return (given - zero, math.inf) if name == "after" else (-math.inf, given - zero)


def own_limit(scenario: Scenario, event: ClaimEvent) -> Limit:
    """The event's only limit as it is written."""
    found = getattr(event, str(limit_of(event)))
    if isinstance(found, tuple):
        first, last = (single_value(end, scenario) for end in found)
        return first, last
    return single_value(found, scenario)


def readings(scenario: Scenario, claim: Claim) -> list[Limit]:
    """Limits at even steps of the range that is declared for a vague word; none where no range is.

    Two dates go from the narrowest reading to the widest, so that the chances on the way lie between those of the two.
    """
    vague = claim.vague
    if not isinstance(vague, Vague):
        return []
    ends = [_reach(scenario, claim, end) for end in (vague.low, vague.high)]
    if limit_of(claim.event) == "between":
        (first, late_first), (early_last, last) = ends
        steps = zip(
            _steps(claim.event, late_first, first), _steps(claim.event, early_last, last), strict=True
        )
        return list(dict.fromkeys(steps))
    return list(_steps(claim.event, ends[0][0], ends[1][1]))


def _reach(scenario: Scenario, claim: Claim, end: Quantity) -> tuple[float, float]:
    """Lowest and highest value of one end; a time from the day of the claim becomes a date where the limit is one."""
    low, high = resolve(end, scenario.numbers).dist.support()
    offset = (
        said_on(scenario, claim) if is_dated(claim.event) and dimension_of(scenario, end) != "date" else 0
    )
    return low + offset, high + offset


def dimension_of(scenario: Scenario, quantity: Quantity) -> str:
    """What a number of a claim measures; a named number says so itself."""
    return (scenario.numbers[quantity.ref] if quantity.ref else quantity).dimension


def _steps(event: ClaimEvent, first: float, last: float) -> list[float]:
    steps = [float(step) for step in np.linspace(first, last, POINTS)]
    return [float(math.floor(step)) for step in steps] if is_dated(event) else steps


def limit_text(scenario: Scenario, event: ClaimEvent, limit: Limit) -> str:
    """A limit in words, with its unit: ``2016-12-25``, ``2016-12-25 to 2017-04-25``, ``10 points``, ``7 days``."""
    if isinstance(limit, tuple):
        return " to ".join(value_text(end, "date") for end in limit)
    if event.increases is not None:
        return points_text(limit)
    if is_dated(event):
        return value_text(limit, "date")
    found = getattr(event, str(limit_of(event)))
    return value_text(limit, resolve(found, scenario.numbers).dimension, digits=3)


def points_text(share: float) -> str:
    """A difference of chances in percentage points."""
    text = f"{100 * share:.3g}"
    return f"{text} point{'' if text == '1' else 's'}"
