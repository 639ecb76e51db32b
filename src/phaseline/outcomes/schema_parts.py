"""What the published JSON Schemas are made of: small schemas, intervals, and the frame of a whole one.

A schema never imports the code that writes its document: the planner's documents lie above this package. That both agree is
what the tests of the schemas show, on real documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string"}
DATE: Schema = {"type": "string", "format": "date"}
YES_NO: Schema = {"type": "boolean"}
NULL: Schema = {"type": "null"}
TEXTS: Schema = {"type": "array", "items": TEXT}
BETTER: Schema = {"enum": ["low", "high"], "description": "which direction is better for the own side"}
KIND: Schema = {
    "enum": ["mean", "chance"],
    "description": "whether the mean over histories is told, or the share of histories in which it happens",
}
UNIT: Schema = {"type": "string", "description": "in words, for example days; empty for a chance"}


class Layout(NamedTuple):
    """The schema of a document before it is published.

    Attributes
    ----------
    title
        What the document is called.
    body
        Its schema; references lead to ``#/$defs``.
    parts
        What the references lead to, by name; one name means the same in every layout, so that layouts can be joined.
    """

    title: str
    body: Schema
    parts: Mapping[str, Schema]


def published(layout: Layout) -> Schema:
    """A whole JSON Schema (draft 2020-12)."""
    schema = {"$schema": DIALECT, "title": layout.title, **layout.body}
    return schema | {"$defs": dict(layout.parts)} if layout.parts else schema


def ref(name: str) -> Schema:
    """What stands under ``$defs``."""
    return {"$ref": f"#/$defs/{name}"}


def described(schema: Schema, description: str) -> Schema:
    """The schema with what it means."""
    return {**schema, "description": description}


def or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, NULL]}


def by_id(name: str) -> Schema:
    """An object of any ids, each with what stands under ``$defs``."""
    return {"type": "object", "additionalProperties": ref(name), "description": f"{name}s by id"}


def by_key(schema: Schema, description: str) -> Schema:
    """An object of any keys, each with the same schema."""
    return {"type": "object", "additionalProperties": schema, "description": description}


def list_of(schema: Schema, description: str) -> Schema:
    """A list, perhaps empty."""
    return {"type": "array", "items": schema, "description": description}


def number(description: str) -> Schema:
    """A number; the description gives its unit."""
    return {"type": "number", "description": description}


def whole(description: str, least: int = 0) -> Schema:
    """A whole number, not below the least."""
    return {"type": "integer", "minimum": least, "description": description}


def share(description: str) -> Schema:
    """A number from 0 to 1."""
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description}


def object_of(properties: Schema, description: str = "", optional: tuple[str, ...] = ()) -> Schema:
    """An object of just these properties, all of them required but the optional ones."""
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return described(schema, description) if description else schema


def head(kind: str) -> Schema:
    """First properties of a document that tells of a run, as `documents.head` writes them.

    Parameters
    ----------
    kind
        Its format, for example ``phaseline-comparison/1``.
    """
    return {
        "format": {"const": kind},
        "title": described(TEXT, "of the scenario"),
        "scenario_fingerprint": described(TEXT, "hash of the scenario as it was run"),
        "seed": whole("of all random numbers"),
        "replications": whole("histories per plan", 1),
        "per_world": whole("histories per world", 2),
        "worlds": whole("draws of what nobody knows", 1),
        "level": share("coverage of every interval"),
    }


def intervals(*names: str) -> dict[str, Schema]:
    """Kinds of intervals for ``$defs``.

    Parameters
    ----------
    names
        ``estimate``: ends may be null; ``bounded``: they may not; ``chance``: from 0 to 1; ``nothing``: all null.
    """
    low, high = "low end, not above the value", "high end, not below the value"
    unbounded = "; null where the sample sets no bound"
    value = number("the estimate, in the unit of what it is about")
    known: dict[str, Schema] = {
        "estimate": object_of(
            {
                "value": value,
                "low": {"type": ["number", "null"], "description": low + unbounded},
                "high": {"type": ["number", "null"], "description": high + unbounded},
            },
            "An estimate with its interval in the same unit, low <= value <= high. A chance is a share of histories, 0 to 1, "
            "and a difference of chances lies between -1 and 1.",
        ),
        "bounded": object_of(
            {"value": value, "low": number(low), "high": number(high)},
            "An estimate with its interval in the same unit, low <= value <= high.",
        ),
        "chance": object_of(
            {"value": share("the estimate"), "low": share(low), "high": share(high)},
            "A share, 0 to 1, with its interval, low <= value <= high.",
        ),
        "nothing": object_of(
            {"value": NULL, "low": NULL, "high": NULL}, "An interval of which there is nothing to estimate."
        ),
    }
    return {name: known[name] for name in names}


def or_nothing(name: str) -> Schema:
    """An interval, or one that is null throughout."""
    return {"anyOf": [ref(name), ref("nothing")]}
