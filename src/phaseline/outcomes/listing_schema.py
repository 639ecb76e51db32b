"""The published JSON Schemas of what is listed, not estimated: cases, the problems of a file, one history told."""

from __future__ import annotations

from phaseline.outcomes.comparison_schema import provenance
from phaseline.outcomes.schema_parts import (
    TEXT,
    TEXTS,
    Layout,
    Schema,
    by_key,
    described,
    list_of,
    number,
    object_of,
    whole,
)


def cases() -> Layout:
    """Of ``cases --json``."""
    return Layout("Phaseline cases", by_key(described(TEXT, "title of the case"), "bundled cases by id"), {})


def check() -> Layout:
    """Of ``check --json``."""
    place: Schema = {"type": ["integer", "null"], "minimum": 1}
    problem = {
        "file": TEXT,
        "line": described(place, "from 1; null where the input has no lines"),
        "column": described(place, "from 1; null where the input has no lines"),
        "path": described(TEXT, "where it stands in the document"),
        "value": described(TEXT, "the offending value, shortened; empty where there is none"),
        "rule": described(TEXT, "the rule that is broken"),
        "remedy": described(TEXT, "what to do about it; empty where that is clear"),
        "severity": described({"enum": ["error", "warning"]}, "errors refuse the input"),
    }
    entry = {
        **provenance(),
        "value": described(TEXT, "the number in words, with its unit"),
        "used_in": described(TEXTS, "paths that refer to a named number"),
    }
    properties = {
        "file": described(TEXT, "case or file as it was given"),
        "problems": list_of(object_of(problem), "empty for a clean file"),
        "numbers": list_of(object_of(entry), "with --numbers: every number, empty for a refused file"),
    }
    return Layout(
        "Phaseline check",
        object_of(properties, "Everything wrong or implausible in a scenario.", optional=("numbers",)),
        {},
    )


def explain() -> Layout:
    """Of ``run --explain K --json``."""
    event = {
        "day": whole("day 0 is the scenario's start"),
        "code": described(TEXT, "kind of event, for example opens"),
        "entity": described(TEXT, "id of the phase, force, asset or relief action"),
        "value": number("its size, in a unit that depends on the kind"),
        "text": described(TEXT, "the event in words"),
    }
    properties = {
        "plan": described(TEXT, "id or file of the plan"),
        "replication": whole("index of the history"),
        "events": list_of(object_of(event), "in order"),
    }
    return Layout("Phaseline explain", object_of(properties, "One history, event by event."), {})
