"""Every published JSON Schema of a document, by the name that ``phaseline schema --of`` takes."""

from __future__ import annotations

from collections.abc import Callable

from phaseline.outcomes import comparison_schema, learning_schema, listing_schema, planning_schema
from phaseline.outcomes.schema import summary_schema
from phaseline.outcomes.schema_parts import Layout, Schema, published

_LAYOUTS: dict[str, Callable[[], Layout]] = {
    "compare": comparison_schema.compare,
    "comparison": comparison_schema.comparison,
    "claims": comparison_schema.claims,
    "drivers": comparison_schema.drivers,
    "ledger": comparison_schema.ledger,
    "traces": comparison_schema.traces,
    "when": planning_schema.when,
    "optimise": planning_schema.optimise,
    "schedule": planning_schema.schedule,
    "relief": planning_schema.relief,
    "benchmark": planning_schema.benchmark,
    "update": learning_schema.update,
    "reference": learning_schema.reference,
    "fit": learning_schema.fit,
    "backtest": learning_schema.backtest,
    "forecast": learning_schema.forecast,
    "lodged": learning_schema.lodged,
    "cases": listing_schema.cases,
    "check": listing_schema.check,
    "explain": listing_schema.explain,
}
NAMES = ("summary", *_LAYOUTS)
"""In the order in which they are told."""


def document_schema(name: str) -> Schema:
    """The JSON Schema (draft 2020-12) of a document.

    Parameters
    ----------
    name
        Of `NAMES`.

    Raises
    ------
    KeyError
        If there is no such document.
    """
    return summary_schema() if name == "summary" else published(_LAYOUTS[name]())
