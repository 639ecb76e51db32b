"""Published schemas: real documents keep them, and a document with a key too few or too many does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import phaseline
from phaseline.errors import InputError
from phaseline.outcomes.document_schemas import document_schemas
from random_networks import as_sm, random_network

PROJECT = Path(__file__).parents[2] / "examples" / "project.yaml"
REPORTS = """date,operation,quantity,value_low,value_high,unit,source,speaker,published
2026-09-20,coast,progress,0.05,0.1,share,made up,press,2026-09-20
2026-09-25,coast,progress,0.1,0.2,share,made up,press,2026-09-25
"""
SPACE = """format: phaseline-space/1
plan: in_turn
decisions:
  gate: {gate: valley.supply, progress: coast, least: 0, most: 1, step: 0.5}
minimise: [end]
histories: 1000
fresh: 100
"""
TRUTH = (
    "about,quantity,date,date_high,value_low,value_high,unit,source\ncoast,finished,2026-11-20,,,,event,s\n"
)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("documents")
    case = phaseline.new(folder / "case.yaml")
    (folder / "followed").mkdir()
    (folder / "followed" / "reports.csv").write_text(REPORTS)
    (folder / "followed" / "truth.csv").write_text(TRUTH)
    (folder / "days.csv").write_text(
        "day,x,y\n" + "".join(f"{i},{900 - 12 * i},{800 - 15 * i}\n" for i in range(12))
    )
    (folder / "space.yaml").write_text(SPACE)
    (folder / "psplib").mkdir()
    (folder / "psplib" / "one.sm").write_text(as_sm(random_network(1, 8)))
    store = folder / "store"
    judged = phaseline.compare(case, replications=1024, store=store, joint="end<=2026-12-01")
    found: dict[str, Any] = {
        **{name: getattr(judged, name) for name in ("comparison", "claims", "drivers", "ledger", "traces")},
        "summary": judged.outcomes.summary(),
        "when": phaseline.when(case, "valley.supply", against="coast", replications=64, store=store).document,
        "relief": phaseline.relief(case, replications=64, store=store),
        "optimise": phaseline.optimise(case, folder / "space.yaml", store=store).document,
        "benchmark": phaseline.benchmark("psplib", folder / "psplib", seconds=0.2),
        "schedule": phaseline.optimise(PROJECT).document,
        "update": phaseline.update(case, folder / "followed" / "reports.csv", particles=60).document,
        "backtest": phaseline.backtest(case, particles=60),
        "forecast": phaseline.lodge(case, folder / "f.json", particles=60),
        "lodged": phaseline.backtest(case, lodged=folder / "f.json"),
        "fit": phaseline.fit(folder / "days.csv", "square,linear"),
        "reference": phaseline.reference("mosul-raqqa-2016", leave_one_out=False),
    }
    return {name: json.loads(json.dumps(document, default=str)) for name, document in found.items()}


@pytest.mark.parametrize("name", document_schemas())
def test_real_documents_keep_their_schema(documents: dict[str, Any], name: str) -> None:
    schema = phaseline.schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(documents[name], schema)


def _strict(
    schema: Any, document: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], list[str]]]:
    """Places in the document whose keys the schema names all, with those that are required."""
    if not isinstance(schema, dict):
        return
    if isinstance(document, dict) and schema.get("additionalProperties") is False:
        yield path, list(schema["required"])
        for key, below in schema["properties"].items():
            if key in document:
                yield from _strict(below, document[key], (*path, key))
    if isinstance(document, list) and document and "items" in schema:
        yield from _strict(schema["items"], document[0], (*path, 0))


@pytest.mark.parametrize("name", [name for name in document_schemas() if name != "summary"])
def test_a_key_too_few_or_too_many_is_refused(documents: dict[str, Any], name: str) -> None:
    schema = phaseline.schema(name)
    places = list(_strict(schema, documents[name]))
    assert places
    for path, required in places:
        for key in [*required, None]:
            changed = copy.deepcopy(documents[name])
            part = changed
            for step in path:
                part = part[step]
            if key is None:
                part["something else"] = 1
            else:
                del part[key]
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(changed, schema)


def test_an_unknown_schema_is_told() -> None:
    with pytest.raises(InputError, match="Write comparison"):
        phaseline.schema("comparisons")
