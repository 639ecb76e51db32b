"""What all documents beside a result have in common: their head, and numbers as they stand in JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.statistics import LEVEL, Interval

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes

_DIGITS = 10
"""Significant digits kept, fewer than a double holds: sums may differ in the last place between machines."""


def head(outcomes: Outcomes, kind: str) -> dict[str, Any]:
    """First entries of a document, which tell of which result it is.

    Parameters
    ----------
    outcomes
        What it is about.
    kind
        Its format, for example ``phaseline-comparison/1``.
    """
    return {
        "format": kind,
        "title": outcomes.scenario.title,
        "scenario_fingerprint": outcomes.scenario_fingerprint,
        "seed": outcomes.seed,
        "replications": outcomes.replications,
        "per_world": outcomes.per_world,
        "worlds": outcomes.worlds,
        "level": LEVEL,
    }


def plain_number(value: float) -> float | None:
    """A number for JSON: None where it is not finite."""
    if not math.isfinite(value):
        return None
    if value == 0:
        return 0.0
    return round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))


def plain_interval(interval: Interval) -> dict[str, Any]:
    """An interval for JSON: ``value``, ``low``, ``high``."""
    return {
        "value": plain_number(interval.value),
        "low": plain_number(interval.low),
        "high": plain_number(interval.high),
    }
