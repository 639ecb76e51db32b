"""The published JSON Schema of ``summary.json``."""

from __future__ import annotations

from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {"type": "string"}
_DATE: dict[str, Any] = {"type": "string", "format": "date"}
_YES_NO: dict[str, Any] = {"type": "boolean"}


def summary_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `Outcomes.summary` returns and ``summary.json`` holds."""
    count = {"type": "integer", "minimum": 1}
    properties = {
        "format": {"const": "phaseline-summary/1"},
        "title": _TEXT,
        "use_class": {"enum": ["explore", "compare", "predict"]},
        "as_of": _DATE,
        "start": described(_DATE, "date of day 0"),
        "horizon": described(_DATE, "last day that a history may reach"),
        "scenario_fingerprint": _TEXT,
        "seed": {"type": "integer", "minimum": 0},
        "replications": described(count, "histories per plan"),
        "per_world": described(count, "histories per world"),
        "worlds": described(count, "draws of what nobody knows"),
        "level": {"type": "number", "description": "coverage of every interval"},
        "off": {
            "type": "object",
            "additionalProperties": _TEXT,
            "description": "mechanisms that were switched off, each with the reason",
        },
        "warnings": {"type": "array", "items": _TEXT},
        "numbers": record(
            {key: {"type": "integer", "minimum": 0} for key in ("sourced", "assumed")},
            "Numbers of the scenario that rest on a source, and that are assumed.",
        ),
        "plans": _by_id("plan"),
        "differences": {"type": "array", "items": _difference()},
    }
    schema = record(
        properties, "A run's answer: per plan, each number with the interval that the simulation supports."
    )
    return {"$schema": _DIALECT, "title": "Phaseline summary", **schema, "$defs": _definitions()}


def _difference() -> dict[str, Any]:
    measure = {"label": _TEXT, "more": _TEXT, "less": _TEXT, "difference": {"$ref": "#/$defs/interval"}}
    told = record(measure, "Mean of the paired differences; in phrases {} stands for the amount.")
    return record(
        {"plan": _TEXT, "against": _TEXT, "outcomes": {"type": "object", "additionalProperties": told}},
        "A further plan less the first, history by history with the same luck; an end never reached counts as the horizon.",
    )


def _definitions() -> dict[str, Any]:
    return {**_numbers(), **_parts()}


def _numbers() -> dict[str, Any]:
    number = {"type": ["number", "null"]}
    date = {"type": ["string", "null"], "format": "date"}
    interval = {"value": number, "low": number, "high": number}
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    tenths = ("p10", "p50", "p90")
    return {
        "interval": record(
            interval,
            "An estimate and its 95 % interval. A null value is beyond what was observed (a time past the horizon, an "
            "infinite strain) or has nothing to be estimated from; a null end is not bounded by the sample.",
        ),
        "chance": record(dict.fromkeys(interval, share), "Share of histories, with its 95 % interval."),
        "split": record(
            dict.fromkeys(interval, share),
            "Share of the variance that comes from ignorance, with its 95 % interval; the rest is chance. Null where "
            "nothing varies.",
        ),
        "time": record(
            {**interval, "date": date, "date_low": date, "date_high": date},
            "Days since the beginning of day 0, with dates. An end at time t means that day t - 1 was the last, "
            "and its date is that day's.",
        ),
        "times": record(
            {name: _ref("time") for name in tenths},
            "Tenths of a time. Histories in which it never comes count as later than all, so a tenth may be null.",
        ),
        "tenths": record({name: _ref("interval") for name in tenths}, "Tenths over histories."),
        "spread": record(
            {name: _ref("interval") for name in ("mean", *tenths)},
            "Mean and tenths over histories that have a value.",
        ),
        "by": {
            "type": "array",
            "description": "Chance of being done by round dates, the same for every plan.",
            "items": record({"date": _DATE, "end": {"type": "integer"}, "chance": _ref("chance")}),
        },
    }


def _parts() -> dict[str, Any]:
    fate = {name: _ref("chance") for name in ("done", "failed", "unfinished")}
    splits = record({"end": _ref("split"), "done": _ref("split")})
    ending = {
        "end": _ref("times"),
        "end_mean": described(_ref("interval"), "mean end among histories that finish"),
        "by": _ref("by"),
        "ignorance": splits,
    }
    duel = described(
        _YES_NO, "decided by one side's breaking, without ground: done means won, failed means lost"
    )
    operation = {
        "label": _TEXT,
        "duel": duel,
        **fate,
        "start": _ref("times"),
        "duration": described(_ref("tenths"), "days from start to end"),
        "delay": or_null(
            described(_ref("tenths"), "days from the intended date to the start of the phase meant")
        ),
        **ending,
        "phases": _by_id("phase"),
    }
    phase = {"label": _TEXT, "duel": duel, **fate, "start": _ref("times"), "end": _ref("times")}
    people = {
        **{name: _ref("spread") for name in ("displaced", "person_days", "harm")},
        "ignorance": _ref("split"),
    }
    attacks = {name: _ref("spread") for name in ("through", "directed", "inspired")}
    costs = {name: _ref("spread") for name in ("elsewhere", "relief")}
    plan = {
        "title": _TEXT,
        "means": {"type": ["string", "null"]},
        "fingerprint": _TEXT,
        "operations": _by_id("operation"),
        "all": record({**fate, **ending}, "All operations: done if each is, failed if any has."),
        "binding": or_null(
            record(
                {"none": _ref("chance"), "assets": _by_id("asset")}, "Which asset is overstretched, and when."
            )
        ),
        "forces": _by_id("force"),
        "people": or_null(record(people)),
        "attacks": or_null(record(attacks, "Abroad: explore-grade.", optional=tuple(attacks))),
        "costs": record(costs, optional=tuple(costs)),
    }
    return {
        "plan": record(plan),
        "operation": record(operation),
        "phase": record(phase),
        "asset": _asset(),
        "force": _force(),
    }


def _asset() -> dict[str, Any]:
    return record(
        {
            "label": _TEXT,
            "unit": _TEXT,
            "binds": described(_ref("chance"), "chance that it is overstretched at all"),
            "first": described(_ref("chance"), "chance that it is overstretched before every other"),
            "day": described(_ref("times"), "first day of overstretch, among histories that have one"),
            "overstretched_days": described(_ref("interval"), "mean over all histories"),
            "peak_strain": described(_ref("tenths"), "a null tenth is infinite: demand without capacity"),
            "no_capacity": described(_ref("chance"), "chance that demand meets no capacity on some day"),
            "flown": described(_ref("interval"), "mean use"),
            "unmet": described(_ref("spread"), "demand of phases that was not met"),
            "unmet_elsewhere": described(
                _ref("interval"), "mean demand of the rest of the theatre that was not met"
            ),
            "ignorance": described(_ref("split"), "of the days overstretched"),
        }
    )


def _force() -> dict[str, Any]:
    spreads = {name: _ref("spread") for name in ("losses", "killed", "captured", "strength")}
    split = described(_ref("split"), "of the losses")
    return record({"label": _TEXT, "side": {"enum": ["own", "adversary"]}, **spreads, "ignorance": split})


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def described(schema: dict[str, Any], description: str) -> dict[str, Any]:
    """The schema with a description."""
    return {**schema, "description": description}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def _by_id(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _ref(name), "description": f"{name}s by id"}


def record(
    properties: dict[str, Any], description: str = "", optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with these properties and no others, all required but the optional ones."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return described(schema, description) if description else schema
