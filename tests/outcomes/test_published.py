"""Every published schema: a schema of its dialect, strict, with a unit for each number; unknown names are refused."""

from __future__ import annotations

import jsonschema
import pytest

import phaseline
from outcomes.strictness import numbers_without_unit, schemas_in
from phaseline.outcomes.published import NAMES, document_schema

NEW = [name for name in NAMES if name != "summary"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_strict_and_of_the_dialect(name: str) -> None:
    schema = document_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"].startswith("Phaseline ")
    assert all(
        inner["additionalProperties"] is False for _, inner in schemas_in(schema) if "properties" in inner
    )
    assert schema == phaseline.schema(name)


@pytest.mark.parametrize("name", NEW)
def test_every_number_says_what_it_counts_and_nothing_is_left_open(name: str) -> None:
    schema = document_schema(name)
    assert numbers_without_unit(schema) == []
    for pointer, inner in schemas_in(schema):
        assert {"type", "enum", "const", "anyOf", "$ref"} & set(inner), pointer
        if inner.get("type") == "array":
            assert "items" in inner or inner["maxItems"] == 0, pointer
        if inner.get("type") == "object":
            assert "additionalProperties" in inner or inner["maxProperties"] == 0, pointer


@pytest.mark.parametrize("name", NEW)
def test_references_lead_somewhere_and_nothing_is_left_over(name: str) -> None:
    schema = document_schema(name)
    used = {inner["$ref"].removeprefix("#/$defs/") for _, inner in schemas_in(schema) if "$ref" in inner}
    assert used == set(schema.get("$defs", {}))


def test_names_are_distinct_from_the_scenario_and_titles_tell_them_apart() -> None:
    assert "scenario" not in NAMES
    assert len({document_schema(name)["title"] for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(
    ("asked", "near"), [("comparision", "comparison"), ("optimize", "optimise"), ("senario", "scenario")]
)
def test_an_unknown_name_is_refused_with_the_near_one(asked: str, near: str) -> None:
    with pytest.raises(phaseline.InputError) as refused:
        phaseline.schema(asked)
    (problem,) = refused.value.problems
    assert (problem.value, problem.remedy) == (asked, f"write {near}")
