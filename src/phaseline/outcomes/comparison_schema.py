"""The published JSON Schemas of what ``compare`` writes: each of its documents, and all of them together."""

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

_PLAN = described(TEXT, "id of the plan")
_VERDICT: Schema = {
    "enum": [
        "holds",
        "fails",
        "cannot tell",
        "no world can fail it",
        "no world can meet it",
        "no world differs",
    ],
    "description": "whether the whole interval reaches what is claimed, the whole of it stays below, or neither; or that the "
    "plan settles it, whatever is drawn; or that the plans compared differ in no world",
}


def comparison() -> Layout:
    """Of ``comparison.json``."""
    outcome = {
        "key": TEXT,
        "label": TEXT,
        "unit": UNIT,
        "better": BETTER,
        "kind": KIND,
        "indifference": number(
            "difference between plans up to which they count as the same, in the outcome's unit; of a chance a share"
        ),
        "plans": by_key(
            ref("estimate"), "mean in the outcome's unit, or chance as a share, 0 to 1, by plan id"
        ),
        "unended": by_key(
            share("of histories that do not end before the horizon, and count as ending there"),
            "of an end, by plan id; empty for other outcomes",
        ),
    }
    difference = {
        "difference": described(ref("estimate"), "mean of the paired differences, in the outcome's unit"),
        "exact": described(
            YES_NO,
            "whether the model shows that the difference is the same in every history, whatever the sample",
        ),
        "median_difference": described(
            ref("estimate"), "median of the paired differences, in the outcome's unit"
        ),
        "better": described(
            ref("chance"), "share of worlds whose histories are better under the plan, on average"
        ),
        "equal": described(ref("chance"), "share of worlds whose histories are the same on average"),
        "noise": or_null(
            share(
                "part of the variance of the worlds' means that is chance: near 1, better says little; null where "
                "nothing varies"
            )
        ),
        "variance_ratio": or_null(
            number(
                "how many times as many histories unpaired runs would need for the same precision; null where the "
                "difference does not vary, or one world cannot tell"
            )
        ),
    }
    pair = {
        "plan": described(_PLAN, "id of the plan; differences are its values less the other's"),
        "against": described(_PLAN, "id of the other plan"),
        "outcomes": by_key(ref("difference"), "by key of the outcome"),
        "dominates": described(YES_NO, "surely better in one outcome, and in none possibly worse"),
        "dominated": described(YES_NO, "the other plan dominates"),
        "near_tie": described(YES_NO, "in no outcome possibly worse or better by more than indifference"),
    }
    condition = {
        "outcome": described(TEXT, "key of the outcome"),
        "at_most": number(
            "in the outcome's unit; of an end days from the beginning of day 0; of a chance 0 for never"
        ),
        "label": TEXT,
    }
    joint = {
        "conditions": list_of(object_of(condition), "what is to hold in one and the same history"),
        "plans": by_key(ref("chance"), "chance that all conditions hold, by plan id"),
        "each": by_key(
            list_of(ref("chance"), "chance of each condition, in their order"), "by plan id, taken alone"
        ),
    }
    plan = {"title": TEXT, "means": or_null(described(TEXT, "what the plan means, where its file says so"))}
    body = object_of(
        {
            **head("phaseline-comparison/1"),
            "plans": by_key(object_of(plan), "by id"),
            "outcomes": list_of(object_of(outcome), "main outcomes of the scenario"),
            "pairs": list_of(object_of(pair), "every two plans; empty with one plan"),
            "joint": object_of(joint, "Joint confidence."),
        },
        "What tells rival plans apart, over the same worlds with the same luck.",
    )
    return Layout(
        "Phaseline comparison",
        body,
        intervals("estimate", "chance") | {"difference": object_of(difference)},
    )


def claims() -> Layout:
    """Of ``claims.json``."""
    source = {"id": TEXT, "title": TEXT, "url": or_null(TEXT)}
    found = "of the event; of increases the difference of its chances"
    point = {
        "at": described(TEXT, "limit tried, in words, with its unit"),
        "probability": described(ref("bounded"), found),
        "verdict": _VERDICT,
    }
    word: Schema = {"word": described(TEXT, "the vague word that was used")}
    end = described(TEXT, "end of the range, in words, with its unit")
    read = word | {
        "reads_as": or_null(described(TEXT, "what the word is taken to mean")),
        "low": end,
        "high": end,
        "points": {
            **list_of(object_of(point), "the claim tested at even steps of the range"),
            "minItems": 1,
        },
    }
    unread = word | {"reads_as": NULL, "low": NULL, "high": NULL, "points": {"type": "array", "maxItems": 0}}
    at = {
        "at": described(TEXT, "setting of the number, in words, with its unit"),
        "probability": described(ref("bounded"), f"{found}; of mostly its share"),
    }
    flip = {
        "number": described(TEXT, "name or path of the number, or capacity. and the id of an asset"),
        "label": TEXT,
        "unit": described({"const": ""}, "the settings below are in words, with their units"),
        "base": described(TEXT, "where it stands, in words, with its unit"),
        "holds": described(
            {"enum": ["at most", "at least"]}, "side of the threshold on which the claim holds"
        ),
        "threshold": object_of(
            {"low": TEXT, "high": TEXT}, "Bracket of the threshold, in words, with units."
        ),
        "inside": described(ref("setting"), "where the claim holds"),
        "outside": described(ref("setting"), "where it does not"),
        "confirmed": described(YES_NO, "whether larger runs on both sides tell clearly"),
    }
    box = {
        "text": described(TEXT, "the ranges in words, with units"),
        "numbers": described(TEXTS, "names or paths of the numbers"),
        "worlds": share("share of worlds that lie in it"),
        "inside": described(ref("chance"), "probability of the event within"),
        "outside": described(ref("chance"), "probability of the event elsewhere"),
        "confirmed": described(YES_NO, "whether a run with another seed says the opposite within"),
    }
    increases = {
        "from": described(_PLAN, "id of the plan under which it is to be less probable"),
        "to": described(_PLAN, "id of the plan under which it is to be more probable"),
        "by": share("least difference that is claimed"),
        "chance_from": ref("chance"),
        "chance_to": ref("chance"),
        "difference": described(ref("bounded"), "of the two chances, history by history, -1 to 1"),
    }
    mostly = {
        "plan": described(_PLAN, "id of the plan whose outcome is to be more, or less"),
        "against": described(_PLAN, "id of the other plan"),
        "sign": {"enum": ["more", "less"], "description": "of the plan, as claimed"},
        "worlds": whole("worlds whose mean outcomes differ"),
        "share": described(ref("chance"), "share of all worlds that these are"),
        "mean": described(ref("estimate"), "mean of the paired differences over all worlds, in the outcome's unit"),
        "unit": UNIT,
    }  # fmt: skip
    tenth = share("probability of the event in a world")
    claim = {
        "id": TEXT,
        "statement": TEXT,
        "speaker": TEXT,
        "source": or_null(object_of(source)),
        "said": or_null(described(DATE, "day on which it was said")),
        "published": or_null(described(DATE, "day on which it was published")),
        "plan": or_null(described(_PLAN, "id of the plan it is about; null where it is about two")),
        "plans": described(TEXTS, "ids of the plans it is about"),
        "event": described(TEXT, "what is claimed, in words"),
        "at_least": or_null(
            share("probability, or share of the worlds that differ, from which the claim holds; null of increases")
        ),
        "by_construction": or_null(described(TEXT, "why the claim is kept although its plan settles it")),
        "vague": {"anyOf": [object_of(read), object_of(unread), NULL], "description": "null without such a word"},
        "increases": or_null(object_of(increases, "Of a claim that one plan makes an event more probable.")),
        "mostly": or_null(object_of(mostly, "Of a claim about the worlds in which two plans differ.")),
        "flips": list_of(object_of(flip), "thresholds of single numbers at which the verdict flips"),
        "box": or_null(object_of(box, "Ranges of several numbers within which the verdict is the opposite.")),
        "probability": described(
            or_nothing("chance"),
            "of the event, over all histories; of mostly its share among the worlds that differ; nothing of increases, where "
            "no world differs, and where it is untested",
        ),
        "over_worlds": or_null(
            object_of({"p10": tenth, "p50": tenth, "p90": tenth}, "Tenths over what nobody knows; null if untested, and where "
                      "plans are compared by increases or mostly.")
        ),
        "share_of_worlds_holding": described(
            or_nothing("chance"), "share of worlds in which the claim holds; nothing of mostly, and where it is untested"
        ),
        "verdict": _VERDICT,
        "untested": or_null(described(TEXT, "why it could not be tested")),
    }  # fmt: skip
    body = object_of(
        {**head("phaseline-claims/1"), "claims": list_of(object_of(claim), "in the scenario's order")},
        "Verdicts on what was said, and what would turn them.",
    )
    return Layout(
        "Phaseline claims",
        body,
        intervals("bounded", "chance", "estimate", "nothing")
        | {"setting": object_of(at, "A run at one setting.")},
    )  # fmt: skip


def drivers() -> Layout:
    """Of ``drivers.json``."""
    tenth = number("in the number's unit; of a date its day number, 1 for 1 January of year 1")
    unknown = {
        "label": TEXT,
        "unit": described(TEXT, "in words; empty where there is none"),
        **dict.fromkeys(("p10", "p50", "p90"), tenth),
    }
    name = described(TEXT, "name or path of the number")
    driver = {
        "number": name,
        "delta": described(ref("chance"), "Borgonovo's delta, 0 to 1"),
        "first_order": described(ref("chance"), "share of the variance between worlds that it explains"),
        "at_low": described(
            ref("bounded"), "mean outcome where the number is in its lowest tenth, in the outcome's unit"
        ),
        "at_high": described(
            ref("bounded"), "mean outcome where the number is in its highest tenth, in the outcome's unit"
        ),
    }
    about = {"key": TEXT, "label": TEXT, "unit": UNIT}
    outcome = about | {
        "plan": _PLAN,
        "chance_share": described(
            or_nothing("chance"), "share of the variance that is chance; nothing where the outcome does not vary"
        ),
        "numbers": list_of(object_of(driver), "those that matter most, strongest first"),
    }  # fmt: skip
    worth = {
        "number": name,
        "value": described(ref("bounded"), "what knowing it first would save, in the outcome's unit"),
        "changes_plan": described(ref("chance"), "share of worlds in which another plan would be chosen"),
    }
    value = about | {
        "best_now": described(_PLAN, "id of the plan with the least mean"),
        "perfect": described(
            ref("bounded"), "what knowing everything first would save, in the outcome's unit"
        ),
        "perfect_changes_plan": described(
            ref("chance"), "share of worlds in which another plan would be chosen"
        ),
        "numbers": list_of(object_of(worth), "those most worth knowing, best first"),
    }
    body = object_of(
        {
            **head("phaseline-drivers/1"),
            "numbers": by_key(object_of(unknown), "what nobody knows, by name or path, with its tenths"),
            "correlated": described(TEXTS, "names of the numbers whose draws move together"),
            "outcomes": list_of(object_of(outcome), "every outcome that varies, under every plan"),
            "value_of_information": list_of(object_of(value), "by outcome; empty with one plan"),
        },
        "What drives the outcomes, and what is worth learning first.",
    )
    return Layout("Phaseline drivers", body, intervals("bounded", "chance", "nothing"))


def ledger() -> Layout:
    """Of ``ledger.json``."""
    end = "in base units of the dimension under unit: days, km, persons, shares, day numbers"
    entry = {
        **provenance(),
        "text": described(TEXT, "the number in words, with its unit"),
        "low": number(f"10 % point of its distribution, or low end of what is plausible, {end}"),
        "high": number(f"90 % point of its distribution, or high end of what is plausible, {end}"),
        "unit": described(TEXT, "its dimension, for example duration or share_rate"),
        "speaker": or_null(described(TEXT, "who said so")),
        "weight": share("largest delta over all outcomes and plans, 0 to 1"),
    }
    row = {
        "what": described(TEXT, "what was turned, in words"),
        "turned": described(TEXTS, "names or paths of the numbers put at the end that hurts, or helps"),
        "plan": _PLAN,
        "values": by_key(ref("estimate"), "mean in the outcome's unit, or chance, by key of the outcome"),
        "changes": by_key(
            ref("estimate"), "less the base run, history by history, in the outcome's unit, by key"
        ),
    }
    stress = {
        "histories": whole("histories per plan of each run", 1),
        "outcomes": described(TEXTS, "keys of the outcomes told"),
        "measures": by_key(object_of({"label": TEXT, "unit": UNIT, "kind": KIND}), "the outcomes, by key"),
        "rows": list_of(object_of(row), "base first"),
    }
    body = object_of(
        {
            **head("phaseline-ledger/1"),
            "numbers": list_of(object_of(entry), "every number of the scenario"),
            "stress": object_of(stress, "The answer with assumptions turned."),
        },
        "Every assumption with who says so, and what becomes of the answer if they turn.",
    )
    return Layout("Phaseline ledger", body, intervals("estimate"))


def provenance() -> Schema:
    """Properties that tell of a number where it comes from, as in `scenario.provenance.listing`."""
    source = {"id": TEXT, "title": TEXT, "known_on": DATE, "url": or_null(TEXT)}
    return {
        "name": described(TEXT, "how it is called where a number is asked for: options, ensembles"),
        "path": described(TEXT, "where it stands in the scenario file"),
        "label": or_null(TEXT),
        "kind": described(
            {"enum": ["fixed", "chance", "ignorance"]},
            "drawn never, once per history, or once per world",
        ),
        "source": or_null(object_of(source)),
        "assumed": or_null(described(TEXT, "the reasoning, where there is no source")),
        "lean": or_null(described({"enum": ["high", "low", "unknown"]}, "which way the source errs")),
        "adverse": or_null(described({"enum": ["low", "high"]}, "which end hurts")),
        "note": or_null(TEXT),
    }


def traces() -> Layout:
    """Of ``traces.json``."""
    event = {
        "day": whole("of the scenario; day 0 is its start"),
        "date": DATE,
        "text": described(TEXT, "what happened"),
        "days_lost": NULL,
        "losses": NULL,
    }
    cost = {
        "day": NULL,
        "date": NULL,
        "text": described(TEXT, "the cause"),
        "days_lost": number("days that the cause cost this history"),
        "losses": number("own killed and wounded that it cost, persons"),
    }
    history = {
        "plan": _PLAN,
        "replication": whole("index of the history in the run"),
        "title": TEXT,
        "chain": list_of(
            {"anyOf": [object_of(event, "A turning point."), object_of(cost, "What a cause cost.")]},
            "turning points in order, then causes, dearest first",
        ),
    }
    price = {
        "plan": _PLAN,
        "cause": described(TEXT, "key of the cause"),
        "label": TEXT,
        "delay": described(ref("estimate"), "days that it costs a history of the bad tenth"),
        "losses": or_null(
            described(ref("estimate"), "persons that it costs there; null without own forces")
        ),
        "delay_of_all": described(ref("estimate"), "days that it costs a history"),
        "losses_of_all": or_null(
            described(ref("estimate"), "persons that it costs a history; null without own forces")
        ),
        "share_of_bad_tenth": described(
            ref("chance"), "share of the bad tenth that it costs a day or more"
        ),
    }  # fmt: skip
    end: Schema = {"type": ["number", "null"]}
    condition = {
        "number": described(TEXT, "name or path of the number"),
        "label": TEXT,
        "low": described(end, "above this, in the unit told; of a date its day number; null where open"),
        "high": described(end, "at most this, in the unit told; of a date its day number; null where open"),
        "unit": described(TEXT, "in words; empty where there is none"),
    }
    box = {
        "outcome": {"const": "end"},
        "plan": _PLAN,
        "text": described(TEXT, "the conditions in words, with units"),
        "coverage": described(ref("chance"), "share of all bad histories that lie in it"),
        "density": described(ref("chance"), "share of its histories that are bad"),
        "base_rate": share("share of all histories that are bad"),
        "worlds": share("share of worlds that lie in it"),
        "conditions": list_of(object_of(condition), "all of them hold"),
    }
    body = object_of(
        {
            **head("phaseline-traces/1"),
            "bad": share("share of histories, those that end last, that count as bad"),
            "causes": list_of(object_of({"key": TEXT, "label": TEXT}), "causes that play a part"),
            "histories": list_of(object_of(history), "of each plan one of the bad tenth"),
            "aggregate": list_of(object_of(price), "price of each cause under each plan"),
            "boxes": list_of(object_of(box), "conditions in which the bad tenth gathers"),
        },
        "Why histories go bad: what each cause costs, and where bad histories gather.",
    )
    return Layout("Phaseline traces", body, intervals("estimate", "chance"))


def compare() -> Layout:
    """Of ``compare --json``: the documents under their names; the last three only where the run could support them."""
    parts: dict[str, Schema] = {}
    names = {}
    for layout in (comparison(), claims(), drivers(), ledger(), traces()):
        name = layout.title.removeprefix("Phaseline ")
        parts |= layout.parts
        names[name] = {"title": layout.title, **layout.body}
    body = object_of(
        names,
        "What compare found. Drivers need 200 worlds or more; ledger and traces are left out with --quick as well.",
        optional=("drivers", "ledger", "traces"),
    )
    # all that needs many worlds comes together, and the stress runs are weighed by the drivers
    body["dependentRequired"] = {"ledger": ["drivers", "traces"], "traces": ["drivers", "ledger"]}
    return Layout("Phaseline compare", body, parts)
