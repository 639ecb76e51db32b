"""The published JSON Schemas of the documents that verbs print with ``--json`` and write beside a run."""

from __future__ import annotations

from typing import Any

from phaseline.outcomes.schema import described, or_null, record, summary_schema

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {"type": "string"}
_WORDS: dict[str, Any] = {"type": "array", "items": _TEXT}
_YES_NO: dict[str, Any] = {"type": "boolean"}
_NUMBER: dict[str, Any] = {"type": "number"}
_MAYBE: dict[str, Any] = {"type": ["number", "null"]}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_DATE: dict[str, Any] = {"type": "string", "format": "date"}
_FREE: dict[str, Any] = {"type": "object"}
_FREE_OR_NONE: dict[str, Any] = {"type": ["object", "null"]}
_INTERVAL = record({"value": _MAYBE, "low": _MAYBE, "high": _MAYBE}, "Estimate and 95 % interval.")
_TENTHS = record({"p10": _MAYBE, "p50": _MAYBE, "p90": _MAYBE}, "Percentiles; null is beyond the horizon.")

_HEAD: dict[str, Any] = {
    "title": described(_TEXT, "of the scenario"),
    "scenario_fingerprint": _TEXT,
    "seed": _COUNT,
    "replications": described(_COUNT, "histories of each plan"),
    "per_world": _COUNT,
    "worlds": _COUNT,
    "level": described(_SHARE, "coverage of every interval"),
}


def _rows(
    properties: dict[str, Any], description: str = "", optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {"type": "array", "items": record(properties, description, optional)}


def _some(*required: str) -> dict[str, Any]:
    """Rows of which the keys named are always there, and others may be."""
    return {"type": "array", "items": {"type": "object", "required": list(required)}}


def _of_run(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return record({"format": {"const": f"phaseline-{kind}/1"}, **_HEAD, **properties})


def _spread() -> dict[str, Any]:
    levels = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")
    shares = dict.fromkeys(("share", "share_low", "share_high"), _SHARE)
    return record(
        {**dict.fromkeys(levels, _MAYBE), **shares},
        "Percentiles over histories, null beyond the horizon; and the share in which it comes, with its 95 % interval.",
    )


def _compare() -> dict[str, dict[str, Any]]:
    joint = or_null(record({"conditions": _some("outcome", "label"), "plans": _FREE, "each": _FREE}))
    return {
        "comparison": _of_run(
            "comparison",
            {
                "plans": _FREE,
                "outcomes": _some("key", "label", "unit", "better", "kind", "indifference", "plans"),
                "pairs": _some("plan", "against", "outcomes", "dominates", "dominated", "near_tie"),
                "joint": joint,
            },
        ),
        "claims": _of_run(
            "claims",
            {"claims": _some("id", "statement", "speaker", "probability", "verdict", "flips", "box")},
        ),
        "drivers": _of_run(
            "drivers",
            {
                "numbers": _FREE,
                "correlated": {"type": "array"},
                "outcomes": _some("key", "plan", "chance_share", "numbers"),
                "value_of_information": _some("key", "best_now", "perfect", "numbers"),
            },
        ),
        "ledger": _of_run(
            "ledger", {"numbers": _some("path", "kind", "text", "weight"), "stress": _FREE_OR_NONE}
        ),
        "traces": _of_run(
            "traces",
            {
                "bad": described(_SHARE, "share of histories that counts as bad"),
                "causes": _rows({"key": _TEXT, "label": _TEXT}),
                "histories": _some("plan", "replication", "chain"),
                "aggregate": _some("plan", "cause", "delay", "share_of_bad_tenth"),
                "boxes": {"type": "array"},
            },
        ),
    }


def _planner() -> dict[str, dict[str, Any]]:
    task = {
        "phase": _TEXT, "label": _TEXT, "start": described(_COUNT, "day"), "end": described(_COUNT, "day after the last"),
        "start_date": _DATE, "end_date": _DATE,
    }  # fmt: skip
    candidate = ("decisions", "histories", "objectives", "limits", "against_best")
    return {
        "optimise": record(
            {
                "format": {"const": "phaseline-optimise/1"}, "title": _TEXT, "scenario_fingerprint": _TEXT, "seed": _COUNT,
                "per_world": _COUNT, "level": _SHARE, "plan": described(_TEXT, "that the decisions change"), "space": _FREE,
                "budget": _COUNT, "spent": described(_COUNT, "histories"), "interrupted": _YES_NO,
                "objectives": _some("key", "label", "unit", "kind"), "limits": _some("key", "label", "at_most"),
                "best": {"type": "object", "required": list(candidate)}, "as_good": _some(*candidate),
                "selection": _FREE, "front": {"type": "array"},
                "fresh": described(_FREE_OR_NONE, "the best scored again on histories that no search has seen"),
            },
            "The best plan of a space of decisions.",
        ),
        "benchmark": record(
            {
                "format": {"const": "phaseline-benchmark/1"}, "suite": _TEXT, "seed": _COUNT, "seconds": _NUMBER,
                "distribution": _MAYBE_TEXT, "budget": _COUNT, "replications": _COUNT, "repeatable": _YES_NO,
                "summary": _FREE, "rows": _some("instance", "activities", "critical_path"),
            }
        ),
        "schedule": record(
            {
                "format": {"const": "phaseline-schedule/1"}, "title": _TEXT, "plan": _TEXT, "seed": _COUNT,
                "interrupted": _YES_NO, "end": described(_COUNT, "days"), "end_date": _DATE,
                "bound": described(_COUNT, "no schedule is shorter"), "optimal": _YES_NO,
                "critical_path": described(_COUNT, "days without scarcity"), "tasks": _rows(task),
            },
            "Base schedule of a scenario in which nothing is uncertain.",
        ),
        "relief": _of_run(
            "relief",
            {
                "plan": record({"title": _TEXT}), "asset": record({"id": _TEXT, "label": _TEXT, "unit": _TEXT}),
                "amount": described(_NUMBER, "of each action, units a day"), "share": _SHARE, "outcomes": _FREE,
                "actions": _some("label", "refused", "changes"),
            },
        ),
        "when": _of_run(
            "when",
            {
                "starts": _rows({"id": _TEXT, "label": _TEXT}),
                "axis": record({"kind": {"enum": ["date", "progress"]}, "of": _MAYBE_TEXT, "label": _TEXT}),
                "objective": _FREE, "limits": {"type": "array"}, "outcomes": _some("key", "label", "unit", "better", "kind"),
                "points": _some("id", "at", "label", "objective", "verdict", "feasible", "regret", "outcomes"),
                "recommended": record({"best": _TEXT, "as_good": _WORDS, "earliest": _TEXT, "latest": _TEXT}),
                "earlier": _FREE_OR_NONE, "waiting": _some("from", "to", "changes"),
                "hangs_on": {"type": "array"},
            },
        ),
    }  # fmt: skip


def _learning() -> dict[str, dict[str, Any]]:
    worth = record({"end": _INTERVAL, "failed": _SHARE, "losses": _NUMBER, "chance_first": _SHARE})
    percentiles = record({"p10": _NUMBER, "p50": _NUMBER, "p90": _NUMBER})
    report = {
        "line": _COUNT, "date": _DATE, "text": _TEXT, "about": _TEXT, "quantity": _TEXT, "speaker": _TEXT,
        "pit": described(_SHARE, "probability of a lower report before it"),
        "chance": described(_SHARE, "two-sided probability of one as far off before it"), "evidence": _NUMBER,
        "effective": described(_SHARE, "least effective share of particles"), "acceptance": _MAYBE,
        "ends_before": _FREE, "ends_after": _FREE,
    }  # fmt: skip
    update = {
        "format": {"const": "phaseline-update/1"}, "title": _TEXT, "start": _DATE, "horizon": described(_COUNT, "days"),
        "followed": _TEXT, "seed": _COUNT, "particles": _COUNT, "futures": _COUNT, "reports": _rows(report),
        "forecasts": _rows({"key": _TEXT, "label": _TEXT, "unit": _TEXT, "before": _spread(), "after": _spread()}),
        "numbers": _rows(
            {
                "name": _TEXT, "label": _TEXT, "unit": _TEXT, "before": _TENTHS, "after": _TENTHS,
                "moved": described(_MAYBE, "of the mean, in standard deviations of the prior"),
                "narrowed": described(_MAYBE, "share of the prior's spread that is gone"),
            }
        ),
        "biases": _rows(
            {
                "speaker": _TEXT, "quantity": _TEXT, "unit": {"enum": ["share", "relative"]}, "value": _NUMBER, "low": _NUMBER,
                "high": _NUMBER, "reports": _COUNT,
            }
        ),
        "plans": _rows({"plan": _TEXT, "title": _TEXT, "before": worth, "after": worth}),
        "evidence": described(_NUMBER, "log marginal likelihood of all reports"), "distinct": _SHARE, "warnings": _WORDS,
        "recommended": record(
            {
                "by": _TEXT, "before": _TEXT, "after": _TEXT, "as_good_before": _WORDS, "as_good_after": _WORDS,
                "changed": _YES_NO,
            }
        ),
    }  # fmt: skip
    reference = {
        "format": {"const": "phaseline-reference-fit/1"}, "title": _TEXT, "known_by": _DATE, "seed": _COUNT,
        "battles": _rows({"battle": _TEXT, "class": _TEXT, "days": _NUMBER, "result": _TEXT}), "days": _spread(),
        "numbers": _rows({"name": _TEXT, "what": _TEXT, "label": _TEXT, "case": percentiles, "learned": percentiles}),
        "parameters": _rows({"parameter": _TEXT, "contraction": _NUMBER, "shift": _NUMBER, "prior": _TEXT}),
        "distinct": _SHARE, "warnings": _WORDS,
        "left_out": _rows(
            {
                "battle": _TEXT, "days": _NUMBER, "p10": _NUMBER, "p50": _NUMBER, "p90": _NUMBER, "pit": _SHARE,
                "log_score": _NUMBER, "plain": _NUMBER,
            }
        ),
        "coverage": record({"share": _SHARE, "low": _SHARE, "high": _SHARE, "number": _COUNT, "p_value": _SHARE}),
        "gain": record({"value": _NUMBER, "low": _NUMBER, "high": _NUMBER, "number": _COUNT}),
    }  # fmt: skip
    item = (
        "about",
        "quantity",
        "date",
        "ahead",
        "observed",
        "quantiles",
        "crps",
        "wis",
        "log_score",
        "pit",
        "baselines",
    )
    issue = {
        "issued": _DATE, "reports": _COUNT, "effective": _SHARE, "distinct": _SHARE, "items": _some(*item),
        "voices": _some("forecaster", "theirs", "ours", "their_error", "our_error"),
    }  # fmt: skip
    backtest = {
        "format": {"const": "phaseline-backtest-result/1"}, "title": _TEXT, "start": _DATE, "horizon": _COUNT, "plan": _TEXT,
        "why": _MAYBE_TEXT, "seed": _COUNT, "particles": _COUNT, "scales": _FREE,
        "variants": _rows({"label": _TEXT, "issues": _rows(issue), "summary": _FREE}), "warnings": _WORDS,
    }  # fmt: skip
    fit = _rows(
        {
            "law": _TEXT, "method": _TEXT,
            "estimates": _rows({"name": _TEXT, "value": _NUMBER, "low": _MAYBE, "high": _MAYBE}), "days": _COUNT,
            "left_out": _WORDS, "residual_squares": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
            "r_squared": _NUMBER,
        }
    )  # fmt: skip
    compared = {
        "law": _TEXT, "elpd": _NUMBER, "error": _NUMBER, "behind": _NUMBER, "behind_error": _NUMBER, "apart": _YES_NO
    }  # fmt: skip
    lodged = {
        "format": {"const": "phaseline-lodged-score/1"}, "title": _TEXT, "lodged_on": _DATE, "issued": _DATE, "sha256": _TEXT,
        "items": _some("about", "quantity", "date", "scored"),
    }  # fmt: skip
    forecast = {
        "format": {"const": "phaseline-forecast/1"}, "title": _TEXT, "lodged_on": _DATE, "issued": _DATE, "start": _DATE,
        "horizon": _COUNT, "plan": _TEXT, "reports": _COUNT, "seed": _COUNT, "version": _TEXT, "scenario": _TEXT,
        "levels": {"type": "array", "items": _SHARE}, "days": {"type": "array", "items": _COUNT}, "milestones": _FREE,
        "amounts": _FREE, "sha256": described(_TEXT, "of the document without it, as JSON with sorted keys and no blanks"),
    }  # fmt: skip
    return {
        "update": record(update), "reference": record(reference, optional=("left_out", "coverage", "gain")),
        "backtest": record(backtest), "lodged": record(lodged), "forecast": record(forecast),
        "fit": record(
            {
                "format": {"const": "phaseline-fit/1"}, "file": _TEXT, "method": _TEXT, "days": _COUNT, "fits": fit,
                "compared": _rows(compared),
            }
        ),
    }  # fmt: skip


def document_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas (draft 2020-12) by name: of ``summary.json``, what `compare` adds to it, and what other verbs print."""
    found = {**_compare(), **_planner(), **_learning()}
    titled = {
        name: {"$schema": _DIALECT, "title": f"Phaseline {name}", **schema} for name, schema in found.items()
    }
    return {"summary": summary_schema(), **titled}
