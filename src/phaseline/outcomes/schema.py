"""The published JSON Schema of ``summary.json``."""

from __future__ import annotations

from typing import Any

from phaseline.outcomes.schema_parts import (
    DATE,
    DIALECT,
    TEXT,
    YES_NO,
    by_id,
    described,
    object_of,
    or_null,
    ref,
)


def summary_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `Outcomes.summary` returns and ``summary.json`` holds."""
    count = {"type": "integer", "minimum": 1}
    properties = {
        "format": {"const": "phaseline-summary/1"},
        "title": TEXT,
        "use_class": {"enum": ["explore", "compare", "predict"]},
        "as_of": DATE,
        "start": described(DATE, "date of day 0"),
        "horizon": described(DATE, "last day that a history may reach"),
        "scenario_fingerprint": TEXT,
        "seed": {"type": "integer", "minimum": 0},
        "replications": described(count, "histories per plan"),
        "per_world": described(count, "histories per world"),
        "worlds": described(count, "draws of what nobody knows"),
        "level": {"type": "number", "description": "coverage of every interval"},
        "off": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "mechanisms that were switched off, each with the reason",
        },
        "warnings": {"type": "array", "items": TEXT},
        "numbers": object_of(
            {key: {"type": "integer", "minimum": 0} for key in ("sourced", "assumed", "neither")},
            "Numbers of the scenario that rest on a source, that are assumed, and that have neither source nor reasoning.",
        ),
        "unknowns": {
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "numbers of the scenario and its plans that nobody knows, drawn once per world; null where the "
            "plans are not known",
        },
        "plans": by_id("plan"),
        "differences": {"type": "array", "items": _difference()},
    }
    schema = object_of(
        properties, "A run's answer: per plan, each number with the interval that the simulation supports."
    )
    return {"$schema": DIALECT, "title": "Phaseline summary", **schema, "$defs": _definitions()}


def _difference() -> dict[str, Any]:
    measure = {
        "label": TEXT,
        "unit": {"type": "string", "description": "in the singular; empty where there is none"},
        "more": TEXT,
        "less": TEXT,
        "main": described(
            YES_NO, "whether it is told in any case, not only where the last end tells nothing"
        ),
        "difference": {"$ref": "#/$defs/interval"},
        "exact": described(
            YES_NO,
            "whether the model shows that the difference is the same in every history, whatever the sample",
        ),
    }
    told = object_of(
        measure, "Mean of the paired differences; in phrases {} stands for the amount with its unit."
    )
    return object_of(
        {"plan": TEXT, "against": TEXT, "outcomes": {"type": "object", "additionalProperties": told}},
        "A further plan less the first, history by history with the same luck; an end never reached counts as the horizon, "
        "a start never reached is left out, and failure is in per cent.",
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
        "interval": object_of(
            interval,
            "An estimate and its 95 % interval. A null value is beyond what was observed (a time past the horizon, an "
            "infinite strain) or has nothing to be estimated from; a null end is not bounded by the sample.",
        ),
        "chance": object_of(dict.fromkeys(interval, share), "Share of histories, with its 95 % interval."),
        "split": object_of(
            dict.fromkeys(interval, share),
            "Share of the variance that comes from ignorance, with its 95 % interval; the rest is chance. Null where "
            "nothing varies; 0 without width where no unknown number bears on it.",
        ),
        "time": object_of(
            {**interval, "date": date, "date_low": date, "date_high": date},
            "Days since the beginning of day 0, with dates. An end at time t means that day t - 1 was the last, "
            "and its date is that day's.",
        ),
        "times": object_of(
            {name: ref("time") for name in tenths},
            "Tenths of a time. Histories in which it never comes count as later than all, so a tenth may be null.",
        ),
        "tenths": object_of({name: ref("interval") for name in tenths}, "Tenths over histories."),
        "spread": object_of(
            {name: ref("interval") for name in ("mean", *tenths)},
            "Mean and tenths over histories that have a value.",
        ),
        "by": {
            "type": "array",
            "description": "Chance of being done by round dates, the same for every plan.",
            "items": object_of({"date": DATE, "end": {"type": "integer"}, "chance": ref("chance")}),
        },
    }


def _parts() -> dict[str, Any]:
    fate = {name: ref("chance") for name in ("done", "failed", "unfinished")}
    splits = object_of({"end": ref("split"), "done": ref("split")})
    ending = {
        "end": ref("times"),
        "end_mean": described(ref("interval"), "mean end among histories that finish"),
        "by": ref("by"),
        "ignorance": splits,
    }
    duel = described(
        YES_NO, "decided by one side's breaking, without ground: done means won, failed means lost"
    )
    certain = described(YES_NO, "whether no draw can reach its end and its fate: the same in every history")
    operation = {
        "label": TEXT,
        "duel": duel,
        "certain": certain,
        **fate,
        "start": ref("times"),
        "decided_mean": described(
            ref("interval"),
            "mean day on which it was done or had failed for good, among histories that decide it",
        ),
        "duration": described(ref("tenths"), "days from start to end"),
        "delay": or_null(
            described(ref("tenths"), "days from the intended date to the start of the phase meant")
        ),
        **ending,
        "suspended": or_null(
            object_of(
                {
                    "ever": ref("chance"),
                    "short": described(
                        ref("chance"), "chance that it is suspended for want of support at all"
                    ),
                    "days": described(ref("tenths"), "days of suspension, in histories that have any"),
                },
                "How often it comes to a stop. Null where the scenario says nothing of suspensions.",
            )
        ),
        "phases": by_id("phase"),
    }
    pace = object_of(
        {
            "outer": ref("tenths"),
            "inner": ref("tenths"),
            "slower": described(ref("chance"), "chance that the inner half takes longer than the outer one"),
        },
        "Days for the first and the second half of the depth, in histories that take it. Null where resistance is the same "
        "all along.",
    )
    phase = {
        "label": TEXT, "duel": duel, **fate, "start": ref("times"), "end": ref("times"), "pace": or_null(pace),
    }  # fmt: skip
    people = {
        **{name: ref("spread") for name in ("displaced", "person_days", "person_days_held", "harm")},
        "ignorance": ref("split"),
    }
    attacks = {name: ref("spread") for name in ("through", "directed", "inspired")}
    costs = {name: ref("spread") for name in ("elsewhere", "relief")}
    plan = {
        "title": TEXT,
        "means": {"type": ["string", "null"]},
        "fingerprint": TEXT,
        "operations": by_id("operation"),
        "all": object_of(
            {"certain": certain, **fate, **ending}, "All operations: done if each is, failed if any has."
        ),
        "binding": or_null(
            object_of(
                {"none": ref("chance"), "assets": by_id("asset")}, "Which asset is overstretched, and when."
            )
        ),
        "forces": by_id("force"),
        "people": or_null(object_of(people)),
        "attacks": or_null(object_of(attacks, "Abroad: explore-grade.", optional=tuple(attacks))),
        "costs": object_of(costs, optional=tuple(costs)),
    }
    return {
        "plan": object_of(plan),
        "operation": object_of(operation),
        "phase": object_of(phase),
        "asset": _asset(),
        "force": _force(),
    }


def _asset() -> dict[str, Any]:
    return object_of(
        {
            "label": TEXT,
            "unit": TEXT,
            "binds": described(ref("chance"), "chance that it is overstretched at all"),
            "first": described(ref("chance"), "chance that it is overstretched before every other"),
            "day": described(ref("times"), "first day of overstretch, among histories that have one"),
            "overstretched_days": described(ref("interval"), "mean over all histories"),
            "peak_strain": described(ref("tenths"), "a null tenth is infinite: demand without capacity"),
            "no_capacity": described(ref("chance"), "chance that demand meets no capacity on some day"),
            "flown": described(ref("interval"), "mean use"),
            "unmet": described(ref("spread"), "demand of phases that was not met"),
            "unmet_elsewhere": described(
                ref("interval"), "mean demand of the rest of the theatre that was not met"
            ),
            "ignorance": described(ref("split"), "of the days overstretched"),
        }
    )


def _force() -> dict[str, Any]:
    spreads = {name: ref("spread") for name in ("losses", "killed", "captured", "strength")}
    split = described(ref("split"), "of the losses")
    return object_of({"label": TEXT, "side": {"enum": ["own", "adversary"]}, **spreads, "ignorance": split})
