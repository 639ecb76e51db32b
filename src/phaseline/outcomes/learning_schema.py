"""The published JSON Schemas of what ``update``, ``fit``, ``backtest`` and ``lodge`` write."""

from __future__ import annotations

from phaseline.outcomes.schema_parts import (
    DATE,
    TEXT,
    TEXTS,
    YES_NO,
    Layout,
    Schema,
    by_key,
    described,
    intervals,
    list_of,
    number,
    object_of,
    or_null,
    ref,
    share,
    whole,
)

_PARTS = {
    "p2.5": 2.5,
    "p5": 5,
    "p10": 10,
    "p25": 25,
    "p50": 50,
    "p75": 75,
    "p90": 90,
    "p95": 95,
    "p97.5": 97.5,
}
_HELD = ("50%", "80%", "95%")
_DAYS = "days from the start, or persons"


def update() -> Layout:
    """Of ``update --json`` and ``update.json``."""
    worth = object_of(
        {
            "end": described(
                ref("bounded"),
                "mean days to the end of all operations; what never ends counts as the horizon",
            ),
            "failed": share("of histories in which an operation fails"),
            "losses": number("mean own losses, persons"),
            "chance_first": share("of histories in which no other plan ends earlier; ties count for each"),
        }
    )
    ends = by_key(ref("spread"), "days to the end, by operation")
    report = {
        "line": whole("of the file"),
        "date": DATE,
        "text": described(TEXT, "the report in words"),
        "about": described(TEXT, "id of the operation, phase, force or asset"),
        "quantity": TEXT,
        "speaker": TEXT,
        "pit": share("probability, before it, of a lower report"),
        "chance": share(
            "probability, before it, of a report as far off; two-sided, but of what had not come yet that it had not"
        ),
        "evidence": number("log of its mean likelihood before it"),
        "effective": share("least effective share of histories while it was taken in"),
        "acceptance": or_null(share("of moves accepted; null where no history had to move")),
        "ends_before": ends,
        "ends_after": ends,
    }
    told = {
        "key": TEXT,
        "label": TEXT,
        "unit": {"enum": ["date", "persons", "days"], "description": "a date is told as days from the start"},
    }
    moved = {
        "name": described(TEXT, "name or path of the number"),
        "label": TEXT,
        "unit": described(TEXT, "in words; empty where there is none"),
        "before": described(ref("tenths"), "in base units of its dimension"),
        "after": described(ref("tenths"), "in base units of its dimension"),
        "moved": number("shift of the mean, in standard deviations of the prior"),
        "narrowed": or_null(number("share of the prior's spread, 10th to 90th percentile, that is gone")),
    }
    bias = {
        "speaker": TEXT,
        "quantity": TEXT,
        "unit": {"enum": ["share", "relative"], "description": "points of a share, or a part of a count"},
        **{
            key: number(f"{what}, in this unit; above 0 tells too much")
            for key, what in (
                ("value", "median"),
                ("low", "95 % interval from"),
                ("high", "95 % interval to"),
            )
        },
        "reports": whole("by this speaker of this quantity", 1),
    }
    plan = {"plan": described(TEXT, "id"), "title": TEXT, "before": worth, "after": worth}
    properties = {
        "format": {"const": "phaseline-update/1"},
        "title": described(TEXT, "of the scenario"),
        "start": described(DATE, "date of day 0"),
        "horizon": whole("days", 1),
        "followed": described(TEXT, "id of the plan that was followed"),
        "seed": whole("of all random numbers"),
        "particles": whole("histories that agree with the reports", 50),
        "futures": whole("futures of each history", 1),
        "reports": list_of(object_of(report), "in the order in which they became known"),
        "forecasts": list_of(
            object_of({**told, "before": ref("spread"), "after": ref("spread")}), "what was foretold"
        ),
        "numbers": list_of(object_of(moved), "what was unknown, what moved most first"),
        "biases": list_of(object_of(bias), "of speakers, learned"),
        "plans": list_of(object_of(plan), "on the same histories"),
        "evidence": number("log marginal likelihood of all reports"),
        "distinct": share("of histories that differ from all others"),
        "warnings": TEXTS,
        "recommended": object_of(
            {
                "by": described(TEXT, "what is to be small"),
                "before": described(TEXT, "id of the plan"),
                "after": described(TEXT, "id of the plan"),
                "as_good_before": described(
                    TEXTS, "ids of plans that cannot be told apart from it, and its own"
                ),
                "as_good_after": described(
                    TEXTS, "ids of plans that cannot be told apart from it, and its own"
                ),
                "changed": described(YES_NO, "whether the plan best before is no longer as good as any"),
            }
        ),
    }
    body = object_of(properties, "The forecast before and after dated reports.")
    tenths = object_of({f"p{n}": number(f"{n}th percentile") for n in (10, 50, 90)})
    return Layout("Phaseline update", body, {**_spread(), "tenths": tenths, **intervals("bounded")})


def reference() -> Layout:
    """Of ``fit --case --json`` and ``reference.json``."""
    tenths = object_of(
        {f"p{n}": number(f"{n}th percentile, in base units of its dimension") for n in (10, 50, 90)}
    )
    dates = {
        "start": described(DATE, "its first day"),
        "end": described(DATE, "its last day, or so far"),
    }
    battle = {"battle": TEXT, **dates, "class": TEXT, "days": number("it lasted, or so far"), "result": TEXT}
    learned = {
        "name": described(TEXT, "of the number in the scenario"),
        "what": described(TEXT, "what of a battle it is"),
        "label": TEXT,
        "case": described(tenths, "as the case has it"),
        "learned": described(tenths, "as earlier battles have it"),
    }
    parameter = {
        "parameter": TEXT,
        "contraction": number("1 less the variance of its posterior over that of its prior"),
        "shift": number("of the mean, in standard deviations of the prior"),
        "prior": described(TEXT, "why this prior"),
    }
    left = {
        "battle": TEXT,
        **dates,
        "days": number("it lasted"),
        **{f"p{n}": number(f"{n}th percentile of the days foretold from all others") for n in (10, 50, 90)},
        "pit": share("probability given to a shorter battle"),
        "log_score": number("minus log density of the days, per day"),
        "plain": number("the same of a lognormal without covariates"),
    }
    properties = {
        "format": {"const": "phaseline-reference-fit/1"},
        "title": described(TEXT, "of the scenario"),
        "known_by": described(DATE, "what was published later is not used"),
        "seed": whole("of all random numbers"),
        "battles": list_of(object_of(battle), "that were used"),
        "days": described(ref("spread"), "of the battle to be foretold, days"),
        "numbers": list_of(object_of(learned), "that the case takes over"),
        "parameters": list_of(object_of(parameter), "of the hierarchical model"),
        "distinct": share("of draws that differ from all others"),
        "warnings": TEXTS,
        "foretold": object_of(
            {
                "number": whole("battles foretold, each from all others", 2),
                "of": whole("battles that were taken, of which these are chosen evenly over the table", 5),
            }
        ),
        "left_out": list_of(object_of(left), "each of these battles foretold from all others"),
        "coverage": object_of(
            {
                "share": share("of the 80 % intervals that held the days"),
                "low": share("95 % interval from"),
                "high": share("95 % interval to"),
                "number": whole("battles", 1),
                "p_value": share("of an exact binomial test of 80 %"),
            }
        ),
        "gain": object_of(
            {
                "value": number("mean of plain less log_score"),
                "low": number("95 % bootstrap interval from"),
                "high": number("95 % bootstrap interval to"),
                "number": whole("battles", 2),
            }
        ),
    }
    body = object_of(
        properties,
        "What earlier battles say of a case's numbers.",
        optional=("foretold", "left_out", "coverage", "gain"),
    )
    return Layout("Phaseline reference class", body, _spread("th percentile, days"))


def fit() -> Layout:
    """Of ``fit --law --json``."""
    estimate = {
        "name": TEXT,
        "value": number("in the unit that makes losses a day of strengths"),
        "low": or_null(number("95 % interval from; null where the method has none")),
        "high": or_null(number("95 % interval to; null where the method has none")),
    }
    squares: Schema = {
        **list_of(number("sum of squared residuals"), "of x and of y"),
        "minItems": 2,
        "maxItems": 2,
    }
    one = {
        "law": TEXT,
        "method": TEXT,
        "estimates": list_of(object_of(estimate), "coefficients and exponents"),
        "days": whole("used", 1),
        "left_out": described(TEXTS, "days that could not be used, with the reason"),
        "errors": described(
            TEXT, "what was taken to err: losses or strengths; empty where the method has its own model"
        ),
        "notes": described(TEXTS, "why there are no intervals, where there are none"),
        "residual_squares": squares,
        "r_squared": or_null(
            number("1 less residual over total squares, of both sides together; null where these do not vary")
        ),
    }
    compared = {
        "law": TEXT,
        "elpd": number("expected log predictive density, leaving out a day at a time"),
        "error": number("its standard error"),
        "behind": number("less than the best by"),
        "behind_error": number("standard error of that"),
        "apart": described(YES_NO, "behind by more than two standard errors"),
    }
    properties = {
        "format": {"const": "phaseline-fit/1"},
        "file": described(TEXT, "its name without folders"),
        "method": TEXT,
        "days": whole("of the file", 1),
        "warnings": TEXTS,
        "fits": list_of(object_of(one), "by law and method"),
        "not_fitted": list_of(
            object_of({"law": TEXT, "reason": TEXT}), "laws that the method or the days do not allow"
        ),
        "compared": list_of(
            object_of(compared), "laws, the best first, always by the method origin; empty with one law"
        ),
    }
    return Layout("Phaseline fit", object_of(properties, "Laws of attrition from the days of a battle."), {})


def backtest() -> Layout:
    """Of ``backtest --json`` and ``backtest.json``."""
    missing = "; null is beyond the horizon"
    quantiles = {key: ref(_maybe_name(key)) for key in ("p2.5", "p10", "p25", "p50", "p75", "p90", "p97.5")}
    item = {
        "about": described(TEXT, "id of the operation, phase or force"),
        "quantity": TEXT,
        "date": described(DATE, "on which it came, or for which it is known"),
        "ahead": whole("days from the issue", 1),
        "observed": ref("observed"),
        "quantiles": object_of(quantiles),
        "crps": number("in units of error of the quantity (see scales)"),
        "wis": number("in units of error of the quantity"),
        "log_score": number("minus log density, per unit of error"),
        "pit": share("probability given to less than what came, and half of what was given to it or its day"),
        "bias": number("from -1, all too high, to 1, all too low"),
        "optimism": number("from -1 to 1; above 0 the operation went worse than foretold"),
        "covered": object_of(
            dict.fromkeys(_HELD, YES_NO), "whether the central interval held it, of dates some of the day"
        ),
        "baselines": by_key(number("CRPS in units of error"), "of naive forecasts, by name"),
    }
    beside = {
        "forecaster": TEXT,
        "about": TEXT,
        "quantity": TEXT,
        "statement": TEXT,
        "theirs": described(DATE, "middle of what was said"),
        "ours": or_null(described(DATE, f"day of the median{missing}")),
        "came": DATE,
        "their_error": whole("days, theirs less what came; cut at the horizon where it came later", -100_000),
        "our_error": or_null(
            number("days, that of the median less what came, cut likewise; null is beyond the horizon")
        ),
    }
    issue = {
        "issued": DATE,
        "reports": whole("known by then"),
        "effective": share("least effective share of histories"),
        "distinct": share("of histories that differ from all others"),
        "items": list_of(object_of(item), "forecasts scored"),
        "voices": list_of(object_of(beside), "forecasts by others on this day"),
    }
    held = object_of(
        {
            "value": share("of intervals that held what came"),
            "low": share("95 % interval from"),
            "high": share("95 % interval to"),
            "number": whole("intervals", 1),
        }
    )
    coverage = object_of(dict.fromkeys(_HELD, held), "of central intervals")
    best = {
        "name": described(TEXT, "of the baseline"),
        "ours": number("mean CRPS of ours on the same forecasts, units of error"),
        "theirs": number("mean CRPS, units of error"),
        "number": whole("forecasts that both made", 2),
        "outcomes": whole("independent ones among them: kinds of thing and places", 1),
    }
    group = {
        "group": TEXT,
        "forecasts": whole("in the group", 1),
        "crps": number("mean, units of error"),
        "bias": number("mean, from -1 to 1"),
        "coverage": coverage,
        "best_baseline": or_null(object_of(best)),
    }
    against = {
        "number": whole("forecasts that both made", 2),
        "outcomes": whole("independent ones among what both foretold: kinds of thing and places", 1),
        "ours": number("mean CRPS, units of error"),
        "theirs": number("mean CRPS, units of error"),
        "difference": described(
            ref("estimate"),
            "ours less theirs, paired; bootstrap of whole outcomes, of which one bounds nothing",
        ),
    }
    lost = {
        "issued": DATE,
        "about": TEXT,
        "quantity": TEXT,
        "date": DATE,
        "baseline": TEXT,
        "ours": number("CRPS, units of error"),
        "theirs": number("CRPS, units of error"),
    }
    voices = {
        "number": whole("forecasts by others", 1),
        "outcomes": whole("independent ones that they were about", 1),
        "our_median_error": or_null(number("days, absolute; null is beyond the horizon")),
        "their_median_error": number("days, absolute"),
        "ours_nearer": whole("times that ours was nearer"),
    }
    first = {"about": TEXT, "quantity": TEXT, **{key: ref(_maybe_name(key)) for key in ("p10", "p50", "p90")}}
    summary = {
        "forecasts": whole("scored"),
        "outcomes": whole("independent ones among what was foretold: kinds of thing and places"),
        "crps": or_null(number("mean, units of error; null without forecasts")),
        "wis": or_null(number("mean, units of error")),
        "log_score": or_null(number("mean, per unit of error")),
        "optimism": or_null(number("mean, from -1 to 1")),
        "first_day": list_of(
            object_of(first), "milestones as foretold on the first day of issue, days from the start"
        ),
        "coverage": object_of(
            dict.fromkeys(_HELD, or_null(held)), "of central intervals; null without forecasts"
        ),
        "by_quantity": list_of(object_of(group), "by quantity"),
        "by_horizon": list_of(object_of(group), "by days ahead"),
        "against": by_key(object_of(against), "each baseline, by name"),
        "pit": list_of(
            share("probability given to less than what came, and half of what was given to it or its day"),
            "of all forecasts",
        ),
        "losses": list_of(object_of(lost), "forecasts that a baseline beat, the worst first"),
        "skill_ends": or_null(described(TEXT, "the first horizon judged at which a baseline is as good")),
        "horizons_judged": whole("horizons at which a baseline shares enough independent outcomes"),
        "voices": object_of(voices),
    }
    variant = {
        "label": TEXT,
        "issues": list_of(object_of(issue), "days of issue"),
        "summary": object_of(summary, optional=("voices",)),
    }
    properties = {
        "format": {"const": "phaseline-backtest-result/1"},
        "title": described(TEXT, "of the scenario"),
        "start": described(DATE, "date of day 0"),
        "horizon": whole("days", 1),
        "plan": described(TEXT, "id of the plan taken as followed"),
        "why": or_null(described(TEXT, "why this plan")),
        "seed": whole("of all random numbers"),
        "particles": whole("histories", 50),
        "scales": by_key(number("days, share or persons"), "unit of error of each quantity"),
        "not_scored": list_of(object_of(_not_scored()), "what came and is not scored"),
        "not_compared": list_of(
            object_of({"forecaster": TEXT, **_not_scored()}),
            "forecasts by others that are set beside nothing",
        ),
        "variants": list_of(object_of(variant), "without and with mechanisms that later events suggested"),
        "warnings": TEXTS,
    }
    parts = {
        "observed": _observed(),
        **intervals("estimate"),
        **{_maybe_name(key): _maybe(key) for key in ("p2.5", "p10", "p25", "p50", "p75", "p90", "p97.5")},
    }
    return Layout(
        "Phaseline backtest", object_of(properties, "Forecasts scored against what followed."), parts
    )


def forecast() -> Layout:
    """Of the file that ``lodge`` writes."""
    day: Schema = {
        "type": ["number", "null"],
        "description": "days from the start; null is beyond the horizon",
    }
    amounts = list_of(number("share of ground, or persons"), "at the levels")
    properties = {
        "format": {"const": "phaseline-forecast/1"},
        "title": described(TEXT, "of the scenario"),
        "lodged_on": described(DATE, "day on which it was written"),
        "issued": described(DATE, "day up to which reports were heeded"),
        "start": described(DATE, "date of day 0"),
        "horizon": whole("days", 1),
        "plan": described(TEXT, "id of the plan taken as followed"),
        "reports": whole("taken in"),
        "seed": whole("of all random numbers"),
        "version": described(TEXT, "of Phaseline"),
        "scenario": described(TEXT, "hash of the scenario as it was run"),
        "levels": list_of(share("level"), "of the quantiles kept"),
        "days": list_of(whole("after the start"), "on which amounts are kept"),
        "milestones": by_key(list_of(day, "at the levels"), "quantiles by quantity and id"),
        "amounts": by_key(list_of(amounts, "of each day kept"), "quantiles by quantity and id"),
        "sha256": described(TEXT, "of the document without it, as JSON with sorted keys and no blanks"),
    }
    return Layout("Phaseline forecast", object_of(properties, "A forecast lodged to be scored later."), {})


def lodged() -> Layout:
    """Of ``backtest --lodged --json``."""
    what = {"about": TEXT, "quantity": TEXT, "date": DATE}
    scored = {
        **what,
        "scored": {"const": True},
        "ahead": whole("days from the issue", 1),
        "median": _maybe("p50"),
        "observed": ref("observed"),
        "crps": number("in units of error of the quantity"),
        "pit": share("probability given to less than what came, and half of what was given to it or its day"),
        "covered": object_of(
            dict.fromkeys(_HELD, YES_NO), "whether the central interval held it, of dates some of the day"
        ),
    }
    rows: Schema = {
        "anyOf": [
            object_of(scored),
            object_of({**_not_scored(), "scored": {"const": False}}, "It does not speak of this."),
        ]
    }
    properties = {
        "format": {"const": "phaseline-lodged-score/1"},
        "title": described(TEXT, "of the scenario"),
        "lodged_on": DATE,
        "issued": DATE,
        "sha256": TEXT,
        "items": list_of(rows, "everything that came after the issue"),
    }
    body = object_of(properties, "A lodged forecast scored.")
    return Layout("Phaseline lodged forecast, scored", body, {"observed": _observed()})


def _not_scored() -> dict[str, Schema]:
    return {"about": TEXT, "quantity": TEXT, "date": DATE, "reason": described(TEXT, "why it is not scored")}


def _observed() -> Schema:
    unit = f"{_DAYS}, a share or persons; null is later than the horizon"
    return object_of({key: or_null(number(unit)) for key in ("low", "high")}, "What came, between two ends.")


def _maybe(key: str) -> Schema:
    what = f"{_PARTS[key]:g}th percentile, {_DAYS}, or a share; null is beyond the horizon"
    return {"type": ["number", "null"], "description": what}


def _maybe_name(key: str) -> str:
    return f"percentile_{_PARTS[key]:g}"


def _spread(finite: str = "") -> dict[str, Schema]:
    """Percentiles and the share of histories in which it comes at all, for ``$defs``; none is null if a text is given."""
    levels = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")
    return {
        "spread": object_of(
            {
                **{key: number(f"{_PARTS[key]:g}{finite}") if finite else _maybe(key) for key in levels},
                "share": share("of histories in which it comes within the horizon"),
                "share_low": share("95 % interval from"),
                "share_high": share("95 % interval to"),
            }
        )
    }
