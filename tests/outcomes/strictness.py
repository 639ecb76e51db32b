"""Walks over a published schema together with documents: what each of its places refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jsonschema

Keys = tuple[str | int, ...]


class Place(NamedTuple):
    """A part of a document, and the part of the schema that it keeps; `pointer` names the latter."""

    pointer: str
    schema: dict[str, Any]
    keys: Keys
    value: Any


def plain(document: Any) -> Any:
    """The document as a reader of its JSON has it."""
    return json.loads(json.dumps(document, allow_nan=False, default=str))


def keeps(schema: dict[str, Any], document: Any) -> bool:
    validator = jsonschema.Draft202012Validator
    return bool(validator(schema, format_checker=validator.FORMAT_CHECKER).is_valid(document))


def assert_keeps(schema: dict[str, Any], document: Any) -> None:
    validator = jsonschema.Draft202012Validator
    jsonschema.validate(document, schema, cls=validator, format_checker=validator.FORMAT_CHECKER)


def places(root: dict[str, Any], document: Any) -> Iterator[Place]:
    """Every part of a document that keeps the schema, by the branch that it keeps."""
    yield from _places(root, root, "#", (), document)


def _places(
    root: dict[str, Any], schema: dict[str, Any], pointer: str, keys: Keys, value: Any
) -> Iterator[Place]:
    if "$ref" in schema:
        target = schema["$ref"]
        yield from _places(root, root["$defs"][target.removeprefix("#/$defs/")], target, keys, value)
        return
    if "anyOf" in schema:
        if value is None and {"type": "null"} in schema["anyOf"]:
            yield Place(pointer, schema, keys, value)
            return
        kept = [
            i for i, branch in enumerate(schema["anyOf"]) if keeps(branch | {"$defs": root.get("$defs", {})}, value)
        ]  # fmt: skip
        branch = schema["anyOf"][kept[0]]
        yield from _places(root, branch, f"{pointer}/anyOf/{kept[0]}", keys, value)
        return
    yield Place(pointer, schema, keys, value)
    if isinstance(value, dict):
        for key, below in value.items():
            inner = schema.get("properties", {}).get(key)
            where = f"{pointer}/properties/{key}"
            if inner is None:
                inner, where = schema["additionalProperties"], f"{pointer}/additionalProperties"
            yield from _places(root, inner, where, (*keys, key), below)
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from _places(root, schema["items"], f"{pointer}/items", (*keys, i), below)


def schemas_in(node: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, with its pointer."""
    yield pointer, node
    for word in ("properties", "$defs"):
        for key, below in node.get(word, {}).items():
            yield from schemas_in(below, f"{pointer}/{word}/{key}")
    for word in ("items", "additionalProperties"):
        if isinstance(node.get(word), dict):
            yield from schemas_in(node[word], f"{pointer}/{word}")
    for i, below in enumerate(node.get("anyOf", ())):
        yield from schemas_in(below, f"{pointer}/anyOf/{i}")


def changed(document: Any, keys: Keys, value: Any = None, *, drop: str = "") -> Any:
    """A copy with one part replaced, or with one of its keys gone."""
    top = {"top": copy.deepcopy(document)}
    part: Any = top
    path = ("top", *keys)
    for key in path[:-1]:
        part = part[key]
    if drop:
        del part[path[-1]][drop]
    else:
        part[path[-1]] = value
    return top["top"]


def assert_strict(
    schema: dict[str, Any],
    documents: Sequence[Any],
    *,
    optional: frozenset[str] = frozenset(),
    seldom: frozenset[str] = frozenset(),
) -> None:
    """Real documents keep the schema; one with a key too few or too many, or a part of another kind, does not.

    Parameters
    ----------
    schema
        A published one.
    documents
        Together they must reach every object of the schema, and have null wherever it allows null.
    optional
        Pointers of the properties that may be left out.
    seldom
        Pointers of what may be null, but is not in these documents.
    """
    jsonschema.Draft202012Validator.check_schema(schema)
    first: dict[tuple[str, bool], tuple[Any, Place]] = {}
    for document in documents:
        assert_keeps(schema, document)
        for place in places(schema, document):
            first.setdefault((place.pointer, place.value is None), (document, place))
    for document, place in first.values():
        inner = place.schema.get("properties")
        if inner is not None:
            required = {key for key in inner if f"{place.pointer}/properties/{key}" not in optional}
            assert set(place.schema["required"]) == required, place.pointer
            for key in required:
                assert not keeps(schema, changed(document, place.keys, drop=key)), (place.pointer, key)
            more = changed(document, place.keys, {**place.value, "something else": 1})
            assert not keeps(schema, more), place.pointer
        assert not keeps(schema, changed(document, place.keys, _of_another_kind(place.value))), place.pointer
    inside = dict(schemas_in(schema))
    objects = {pointer for pointer, found in inside.items() if "properties" in found}
    assert objects <= {pointer for pointer, _ in first}, "no document has these parts"
    nullable = {pointer for pointer, found in inside.items() if _may_be_null(found)}
    never = nullable - {pointer for pointer, null in first if null}
    assert never == seldom, (
        f"no document has null at {sorted(never - seldom)}, one has at {sorted(seldom - never)}"
    )
    for pointer in {pointer for pointer, null in first if not null} - nullable:
        document, place = first[pointer, False]
        assert not keeps(schema, changed(document, place.keys, None)) or _beside_null(inside, pointer), (
            pointer
        )


def assert_ordered(documents: Sequence[Any]) -> None:
    """Of every interval, low <= value <= high; JSON Schema cannot say so."""
    count = 0
    for document in documents:
        for node in _objects(document):
            if set(node) == {"value", "low", "high"} and node["value"] is not None:
                count += 1
                assert node["low"] is None or node["low"] <= node["value"]
                assert node["high"] is None or node["value"] <= node["high"]
    assert count


def numbers_without_unit(schema: dict[str, Any]) -> list[str]:
    """Pointers of numbers that do not say what they count."""
    found = []
    for pointer, inner in schemas_in(schema):
        kinds = inner.get("type", ())
        kinds = {kinds} if isinstance(kinds, str) else set(kinds)
        if kinds & {"number", "integer"} and not inner.get("description"):
            found.append(pointer)
    return found


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(below)


def _of_another_kind(value: Any) -> Any:
    return {"another": "kind"} if isinstance(value, list) else ["another kind"]


def _may_be_null(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type")
    return {"type": "null"} in schema.get("anyOf", ()) or (isinstance(kinds, list) and "null" in kinds)


def _beside_null(inside: dict[str, dict[str, Any]], pointer: str) -> bool:
    """Whether it is a branch of what may be null."""
    parent, _, last = pointer.rpartition("/anyOf/")
    return bool(parent) and last.isdigit() and _may_be_null(inside[parent])
