"""What helps to write a scenario and the small files beside it: a commented one to begin with, and their JSON Schemas."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from phaseline.scenario.case_files import BacktestFile, ReferenceFile
from phaseline.scenario.schema import Model, Scenario
from phaseline.scenario.space import Space

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "urn:phaseline:schema:scenario:1"
"""Names the schema; nothing is fetched from it."""
FILES: dict[str, type[Model]] = {
    "scenario": Scenario,
    "space.yaml": Space,
    "reference.yaml": ReferenceFile,
    "backtest.yaml": BacktestFile,
}
"""Files that people write, by the name that ``phaseline schema --of`` takes: the scenario's, and usual names of the others."""


def new_scenario_text() -> str:
    """Text of the scenario that ``phaseline new`` writes."""
    return files("phaseline.scenario").joinpath("template.yaml").read_text(encoding="utf-8")


def json_schema(of: str = "scenario") -> dict[str, Any]:
    """JSON Schema of the scenario file or another of `FILES`, with the meaning of every field."""
    schema = FILES[of].model_json_schema()
    if of == "scenario":
        return {
            **schema,
            "$schema": SCHEMA_DIALECT,
            "$id": SCHEMA_ID,
            "title": "Phaseline scenario, format phaseline/1",
        }
    kind = schema["properties"]["format"]["const"]
    name = kind.replace("phaseline-", "").replace("/", ":")
    return {
        **schema,
        "$schema": SCHEMA_DIALECT,
        "$id": SCHEMA_ID.replace("scenario:1", name),
        "title": f"Phaseline {of}, format {kind}",
    }
