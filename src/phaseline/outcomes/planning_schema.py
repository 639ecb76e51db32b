"""The published JSON Schemas of what ``when``, ``optimise`` (with a space or without), ``relief`` and ``benchmark`` write."""

from __future__ import annotations

from phaseline.outcomes.schema_parts import (
    BETTER,
    DATE,
    KIND,
    NULL,
    TEXT,
    TEXTS,
    UNIT,
    YES_NO,
    Layout,
    Schema,
    by_key,
    described,
    head,
    intervals,
    list_of,
    number,
    object_of,
    or_nothing,
    or_null,
    ref,
    share,
    whole,
)

_CRITERION = described(TEXT, "outcome and statistic as they are written, for example end:p80")
_AT_MOST = number("in the unit of the outcome; of a chance a share, 0 to 1")
_UNENDED = by_key(
    object_of({"plan": share("of the plan"), "against": share("of what it is compared with")}),
    "share of histories that do not end before the horizon, and count as ending there, by key of an end",
)
_DECISIONS = ("gate", "tiers", "reserve", "lend", "pre_position", "reallocate", "surge", "cap")
_DISTRIBUTIONS = ("U1", "U2", "Exp", "B1", "B2")
_RULES = ("LFT", "LST", "MTS", "GRPW", "MSLK", "SPT", "GRD", "FIFO")


def when() -> Layout:
    """Of ``when --json`` and ``when.json``."""
    point_id = described(TEXT, "id of the point")
    changes = by_key(ref("estimate"), "mean of the paired differences in the outcome's unit, by key")
    limit = {
        "key": _CRITERION,
        "at_most": _AT_MOST,
        "value": described(ref("estimate"), "of the criterion, in the same unit"),
        "verdict": described(
            {"enum": ["kept", "broken", "unsure"]}, "whether the whole interval keeps the limit, or breaks it"
        ),
    }
    point = {
        "id": point_id,
        "at": list_of(
            {"anyOf": [share("progress waited for"), described(DATE, "date waited for")]},
            "what each start waits for, in their order",
        ),
        "label": TEXT,
        "waits_for": described(TEXTS, "the same in words"),
        "objective": described(ref("estimate"), "in the unit of the objective"),
        "against_best": described(ref("estimate"), "objective less that of the best point, paired, same unit"),
        "verdict": {"enum": ["best", "as good", "cannot be told apart", "worse"]},
        "feasible": described(YES_NO, "whether all limits are kept, as far as estimates go"),
        "limits": list_of(object_of(limit), "in the order of the limits asked for"),
        "regret": described(
            ref("estimate"),
            "mean cost against the best point of each world, in the unit of the objective's outcome; "
            "below 0 by noise alone",
        ),
        "started": list_of(ref("chance"), "chance that each start begins at all, in their order"),
        "outcomes": by_key(ref("estimate"), "mean in the outcome's unit, or chance, by key of the outcome"),
    }  # fmt: skip
    earlier = {"point": point_id, "than": point_id, "breaks": described(TEXTS, "limits"), "changes": changes,
               "unended": _UNENDED}  # fmt: skip
    third = {
        "label": {"enum": ["lowest third", "middle third", "highest third"]},
        "low": number("least value of the number among these worlds, in base units of its dimension"),
        "high": number("largest value of the number among these worlds, in base units of its dimension"),
        "best": point_id,
        "points": by_key(
            ref("estimate"), "mean of the objective's outcome in these worlds, in its unit, smaller is better"
        ),
    }
    hanging = {
        "number": described(TEXT, "name or path of the number"),
        "label": TEXT,
        "unit": described(TEXT, "in words; empty where there is none"),
        "dimension": described(TEXT, "what the number measures, for example duration"),
        "saved": described(ref("estimate"), "what choosing by third saves, in the unit of the outcome"),
        "thirds": {**list_of(object_of(third), "of the worlds, by the number"), "minItems": 3, "maxItems": 3},
    }
    properties = {
        **head("phaseline-when/1"),
        "starts": list_of(object_of({"id": TEXT, "label": TEXT}), "what is started"),
        "axis": object_of(
            {
                "kind": {"enum": ["progress", "date"]},
                "of": described(TEXT, "whose progress; empty for dates"),
                "label": TEXT,
            },
            "What the starts wait for.",
        ),
        "objective": object_of(
            {
                **_criterion(),
                "indifference": number("difference that makes none, in the unit of the objective"),
            },
            "What is to be small.",
        ),
        "limits": list_of(
            object_of({"key": _CRITERION, "label": TEXT, "at_most": _AT_MOST}), "what is to be kept"
        ),
        "outcomes": list_of(
            object_of({"key": TEXT, "label": TEXT, "unit": UNIT, "better": BETTER, "kind": KIND}),
            "outcomes told of each point",
        ),
        "points": list_of(object_of(point), "earliest first"),
        "recommended": object_of(
            {
                "best": point_id,
                "as_good": described(TEXTS, "ids of the points as good as the best, and its own"),
                "earliest": point_id,
                "latest": point_id,
            },
            "Where to start.",
        ),
        "earlier": or_null(
            object_of(
                earlier,
                "The last point before all that are good, and what it changes; null where none is before them.",
            )
        ),
        "waiting": list_of(
            object_of({"from": point_id, "to": point_id, "changes": changes, "unended": _UNENDED}),
            "what each later point changes against the best",
        ),
        "hangs_on": list_of(object_of(hanging), "numbers in whose thirds another point is best"),
    }
    body = object_of(properties, "Every outcome against when something starts, and where to start.")
    return Layout("Phaseline when", body, intervals("estimate", "chance"))


def optimise() -> Layout:
    """Of ``optimise --json`` and ``optimise.json``."""
    by_criterion = "by criterion, in the unit of its outcome; a regret has no value of its own"
    scores = by_key(ref("estimate"), f"objectives {by_criterion}")
    limits = by_key(ref("estimate"), "values of what is to be kept, by criterion, in the unit of its outcome")
    candidate = {
        "decisions": by_key(described(TEXT, "in words, with its unit"), "what is decided, by name"),
        "histories": whole("by which it was judged", 1),
        "objectives": scores,
        "limits": limits,
    }
    against = {
        "against_best": described(
            ref("estimate"), "first objective less that of the best, paired, in its unit"
        )
    }
    on_front = {"against_best": described(ref("nothing"), "a front has no best")}
    scored = object_of({"objectives": scores, "limits": limits})
    fresh = {
        "histories": whole("of each plan, none of which the search has seen", 1),
        "best": scored,
        "base": described(scored, "the plan that the decisions change"),
        "against_base": by_key(ref("estimate"), f"paired differences of objectives, {by_criterion}"),
        "optimism": by_key(
            number("fresh estimate less that of the search, in the unit of the outcome"),
            "what being chosen by luck had added, by criterion",
        ),
        "changes": by_key(
            ref("estimate"),
            "best less base, paired, in the outcome's unit, by key; above 0 is worse, whichever direction is better",
        ),
        "unended": _UNENDED,
        "labels": by_key(object_of({"label": TEXT, "unit": UNIT, "kind": KIND}), "outcomes by key"),
    }
    run = head("phaseline-optimise/1")
    properties = {
        **{
            key: run[key] for key in ("format", "title", "scenario_fingerprint", "seed", "per_world", "level")
        },
        "plan": described(TEXT, "id of the plan that the decisions change"),
        "space": object_of(
            {
                "points": or_null(whole("plans of the space; null where any number may be chosen", 1)),
                "decisions": by_key({"enum": list(_DECISIONS)}, "kind of each decision, by name"),
            }
        ),
        "budget": whole("histories for the search", 1),
        "spent": whole("histories that it took"),
        "interrupted": described(YES_NO, "whether it was stopped before its end"),
        "objectives": list_of(object_of(_criterion()), "what is to be small"),
        "limits": list_of(
            object_of({"key": _CRITERION, "label": TEXT, "text": TEXT, "at_most": _AT_MOST}),
            "what is to be kept; text is the whole limit in words",
        ),
        "best": object_of(candidate | against, "By the first objective."),
        "as_good": list_of(object_of(candidate | against), "others that are as good"),
        "selection": object_of(
            {
                "tried": whole("plans tried", 1),
                "compared": whole("plans compared to the end", 1),
                "indifference": number("difference that makes none, in the unit of the first objective"),
                "probability": share(
                    "that none of those compared is better by more than indifference, at least"
                ),
                "keeps_limits": share("probability that the best keeps all limits, at least"),
            },
            "How surely it is the best.",
        ),
        "front": list_of(object_of(candidate | on_front), "Pareto front; empty with one objective"),
        "fresh": or_null(
            object_of(fresh, "Best and base over fresh histories; null where the search was stopped.")
        ),
    }
    body = object_of(
        properties, "The best plan found, how surely it is the best, and what it is worth on fresh histories."
    )
    return Layout("Phaseline optimise", body, intervals("estimate", "nothing"))


def schedule() -> Layout:
    """Of ``optimise --json`` without a space: the base schedule."""
    task = {
        "phase": described(TEXT, "id"),
        "label": TEXT,
        "start": whole("day on which it starts"),
        "end": whole("day after its last"),
        "start_date": DATE,
        "end_date": described(DATE, "its last day"),
    }
    properties = {
        "format": {"const": "phaseline-schedule/1"},
        "title": described(TEXT, "of the scenario"),
        "plan": described(TEXT, "id of the plan whose gates are kept"),
        "seed": whole("of the search"),
        "interrupted": described(YES_NO, "whether it was stopped before its end"),
        "end": whole("days that it lasts"),
        "end_date": described(DATE, "last day"),
        "bound": whole("days; no schedule is shorter"),
        "optimal": described(YES_NO, "proved that none is shorter"),
        "critical_path": whole("days without scarcity"),
        "tasks": list_of(object_of(task), "by start"),
    }
    body = object_of(properties, "The base schedule of a scenario in which nothing is uncertain.")
    return Layout("Phaseline schedule", body, {})


def relief() -> Layout:
    """Of ``relief --json``."""
    action = {"key": TEXT, "label": described(TEXT, "the action in words, with its amount")}
    changes = by_key(ref("estimate"), "mean of the paired differences, in the outcome's unit, by key")
    outcome = {
        "label": TEXT,
        "unit": UNIT,
        "better": BETTER,
        "kind": KIND,
        "base": described(ref("estimate"), "mean in this unit, or chance, under the plan as it is"),
    }
    told = {"refused": NULL, "changes": {**changes, "minProperties": 1}, "unended": _UNENDED}
    taken = object_of(action | told, "Taken alone.")
    refused = object_of(
        action | {"refused": described(TEXT, "why"), "changes": {"type": "object", "maxProperties": 0}},
        "Not possible.",
    )
    properties = {
        **head("phaseline-relief/1"),
        "plan": object_of({"title": or_null(TEXT)}, "The plan that is relieved; its title where it has one."),
        "asset": object_of(
            {"id": TEXT, "label": TEXT, "unit": described(TEXT, "of the asset, for example sorties")}
        ),
        "amount": number("of each action, in units of the asset a day"),
        "share": share("the amount as a share of the asset's expected sustainable capacity"),
        "outcomes": by_key(object_of(outcome), "main outcomes by key"),
        "actions": list_of({"anyOf": [taken, refused]}, "each of the same amount"),
    }
    return Layout(
        "Phaseline relief",
        object_of(properties, "What each relief action buys for an asset, and what it costs the rest."),
        intervals("estimate"),
    )


def benchmark() -> Layout:
    """Of ``benchmark --json``: one shape where durations are certain, and one where they are drawn."""
    row = {
        "instance": described(TEXT, "name of the file without its ending"),
        "activities": whole("of the project"),
        "critical_path": whole("length of the longest chain, in the instance's unit of time"),
    }
    end = "in the instance's unit of time"
    gap: Schema = {"type": ["number", "null"]}
    certain = row | {
        "best_known": or_null(whole(f"best known end, {end}; null where none is given", 1)),
        "best_bound": or_null(
            whole(f"known that no schedule ends before this, {end}; null where no best known end is given", 1)
        ),
        "rule": whole(f"end by latest finish first, {end}"),
        "lists": whole(f"end of the best schedule by lists, {end}"),
        "plain": or_null(whole(f"end by plain CP-SAT, {end}; null where it was not run or found none")),
        "end": whole(f"end of the best schedule, {end}"),
        "bound": whole(f"no schedule ends before this, {end}"),
        "optimal": described(YES_NO, "proved that none is shorter"),
        "gap": described(gap, "end above the best known, per cent; null where none is given"),
        "plain_gap": described(gap, "plain end above the best known, per cent; null where either is not there"),
        "tardiness": or_null(
            list_of(
                or_null(whole(f"end of the project after its due date, {end}; null where it has none")),
                "by project; null where no project has a due date",
            )
        ),
        "feasible": described(YES_NO, "whether the schedule passes the checker"),
        "seconds": number("wall-clock time, seconds"),
    }  # fmt: skip
    above = "mean end over the draws above the critical path, per cent"
    drawn = row | {
        "policy": number(f"of the policy found: {above}"),
        **{rule: number(f"by the rule {rule}: {above}") for rule in _RULES},
        "started_from": described({"enum": [*_RULES, "base"]}, "rule from which the search started"),
        "schedules": whole("schedules made by the search"),
    }
    options = {
        "format": {"const": "phaseline-benchmark/1"},
        "suite": {"const": "psplib"},
        "seed": whole("of searches and draws"),
        "seconds": number(
            "wall-clock time for each instance, seconds; CP-SAT's own measure where repeatable"
        ),
        "budget": whole("schedules for each policy", 1),
        "replications": whole("draws by which policies are scored", 1),
        "repeatable": described(YES_NO, "whether the same seed gives the same rows"),
        "warnings": described(
            list_of(TEXT, "about the files"), "what was left out, and how tables were read"
        ),
    }
    of_set = "mean over the instances that have a best known end, per cent; nothing where none has"
    certain_summary = {
        "gap": described(or_nothing("estimate"), of_set),
        "plain_gap": described(or_nothing("estimate"), f"of plain CP-SAT: {of_set}"),
        "optimal": whole("instances whose schedule is proved optimal"),
        "infeasible": whole("instances whose schedule fails the checker"),
    }
    drawn_summary = {
        "best_rule": described({"enum": list(_RULES)}, "rule with the least mean"),
        "policy": number(f"mean over the instances: {above}"),
        "rule": number(f"of the best rule, mean over the instances: {above}"),
        "difference": described(ref("estimate"), "policy less best rule, paired, points of per cent"),
    }
    body: Schema = {
        "description": "Public project instances, scheduled.",
        "anyOf": [
            object_of(
                options
                | {
                    "distribution": NULL,
                    "summary": object_of(certain_summary),
                    "rows": list_of(object_of(certain), "by instance"),
                },
                "Certain durations.",
            ),
            object_of(
                options
                | {
                    "distribution": {"enum": list(_DISTRIBUTIONS)},
                    "summary": object_of(drawn_summary),
                    "rows": list_of(object_of(drawn), "by instance"),
                },
                "Durations drawn from a distribution.",
            ),
        ],
    }
    return Layout("Phaseline benchmark", body, intervals("estimate", "nothing"))


def _criterion() -> Schema:
    return {"key": _CRITERION, "label": TEXT, "unit": described(UNIT, "of the outcome"), "kind": KIND}
