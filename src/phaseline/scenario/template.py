"""What helps to write a scenario: a small commented one to begin with, and the JSON Schema of the file."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from phaseline.scenario.schema import Scenario

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "urn:phaseline:schema:scenario:1"
"""Names the schema; nothing is fetched from it."""


def new_scenario_text() -> str:
    """Text of the scenario that ``phaseline new`` writes."""
    return files("phaseline.scenario").joinpath("template.yaml").read_text(encoding="utf-8")


def json_schema() -> dict[str, Any]:
    """JSON Schema of the scenario file, with the meaning of every field."""
    schema = Scenario.model_json_schema()
    return {
        **schema,
        "$schema": SCHEMA_DIALECT,
        "$id": SCHEMA_ID,
        "title": "Phaseline scenario, format phaseline/1",
    }
