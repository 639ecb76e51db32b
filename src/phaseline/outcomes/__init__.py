"""Labelled results and their statistics. Runs nothing.

The names below load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phaseline.outcomes.files import read, write
    from phaseline.outcomes.results import Event, History, Outcomes, PlanRun
    from phaseline.outcomes.schema import summary_schema
    from phaseline.outcomes.statistics import (
        Interval,
        headline_precision,
        mean_interval,
        probability_interval,
        quantile_interval,
        variance_split,
    )

_HOME = {
    "Event": "results",
    "History": "results",
    "Interval": "statistics",
    "Outcomes": "results",
    "PlanRun": "results",
    "headline_precision": "statistics",
    "mean_interval": "statistics",
    "probability_interval": "statistics",
    "quantile_interval": "statistics",
    "read": "files",
    "summary_schema": "schema",
    "variance_split": "statistics",
    "write": "files",
}

__all__ = [
    "Event",
    "History",
    "Interval",
    "Outcomes",
    "PlanRun",
    "headline_precision",
    "mean_interval",
    "probability_interval",
    "quantile_interval",
    "read",
    "summary_schema",
    "variance_split",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
