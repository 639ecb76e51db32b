"""What stands on the page, section by section, as plain text and figures; the templates only lay it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.wording import (
    Words,
    counted,
    day_month,
    is_certain,
    is_known,
    percent,
    plus_minus,
    tenths,
    time_text,
    yes_no,
)
from phaseline.reporting import plots, ranked
from phaseline.reporting.figures import Figure, figure
from phaseline.reporting.plots.style import AnyChart, plan_titles
from phaseline.reporting.sentences import USE_CLASSES, sentences
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.quantity import single_value

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes

Cell = dict[str, str]


def header(outcomes: Outcomes, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Title and what the reader must know about all numbers."""
    words = Words(outcomes.scenario.vocabulary)
    use_class = summary["use_class"]
    return {
        "title": outcomes.scenario.title,
        "description": outcomes.scenario.description or "",
        "as_of": day_month(outcomes.scenario.as_of),
        "histories": f"{words.counted(outcomes.replications, 'history')} per {words('plan')} "
        f"in {words.counted(outcomes.worlds, 'world')}"
        + "; nothing is drawn, so all are the same"
        * outcomes.is_certain,
        "certain": outcomes.is_certain,
        "use_class": use_class,
        "use_class_told": USE_CLASSES[use_class].partition(": ")[2],
        "words": {name: words.capital(name, 2) for name in ("plan", "asset", "operation", "phase", "force")},
        "plan": words.capital("plan"),
        "asset": words("asset"),
        "adversary": words("adversary"),
    }


def plan_cards(outcomes: Outcomes, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each plan: what it means, and its answer in sentences."""
    titles = plan_titles(outcomes)
    return [
        {
            "id": plan,
            "title": titles[plan],
            "means": entry["means"] or "",
            "sentences": sentences(
                entry,
                summary,
                outcomes.scenario,
                ranked.operations([entry], horizon_days(outcomes.scenario)).keys,
            ),
        }
        for plan, entry in summary["plans"].items()
    ]


def overview(outcomes: Outcomes, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Plans as rows, the main outcomes as columns."""
    words = Words(outcomes.scenario.vocabulary)
    horizon = day_month(dt.date.fromisoformat(summary["horizon"]))
    plans = list(summary["plans"].values())
    titles = plan_titles(outcomes)
    chance = "" if all(is_known(plan["all"]) for plan in plans) else "chance"
    columns: list[tuple[str, str, Callable[[Mapping[str, Any]], Cell]]] = [
        ("All done", "median; 10–90 %" if chance else "", _ends),
        (f"Done by {horizon}", chance, lambda plan: _cell(yes_no(plan["all"]["done"]))),
        ("Any fails", chance, lambda plan: _cell(yes_no(plan["all"]["failed"]))),
    ]
    if plans[0]["binding"]:
        columns += [
            (f"{words.capital('asset')} first overstretched", "most often; chance", _first),
            ("Its days overstretched", "mean", _days),
        ]
    own = [
        name
        for name, force in outcomes.scenario.forces.items()
        if force.side == "own" and any(plan["forces"][name]["losses"]["p90"]["value"] for plan in plans)
    ]
    for name in ranked.forces(plans, own).keys:
        label = plans[0]["forces"][name]["label"]
        columns.append((f"Losses, {label}", "median (10–90 %)", _losses(name)))
    if plans[0]["people"] and any(plan["people"]["displaced"]["p90"]["value"] for plan in plans):
        columns.append(("Displaced", "person-days, median (10–90 %)", _displaced))
    rows = [
        {"title": titles[plan], "number": number, "cells": [make(entry) for _, _, make in columns]}
        for number, (plan, entry) in enumerate(summary["plans"].items())
    ]
    return {"head": [{"name": name, "below": below} for name, below, _ in columns], "rows": rows}


def _cell(text: str, below: str = "") -> Cell:
    """A number and its interval; a bracket at the end goes below."""
    if not below and text.endswith(")") and " (" in text:
        text, _, below = text.partition(" (")
        below = below[:-1]
    return {"text": text, "below": below}


def _ends(plan: Mapping[str, Any]) -> Cell:
    end = plan["all"]["end"]
    early, middle, late = (time_text(end[name], "beyond the horizon") for name in ("p10", "p50", "p90"))
    return {"text": middle, "below": "" if is_known(plan["all"]) else f"{early} to {late}"}


def _most_often(plan: Mapping[str, Any]) -> Mapping[str, Any] | None:
    assets = list((plan["binding"] or {"assets": {}})["assets"].values())
    best = max(assets, key=lambda asset: float(asset["first"]["value"]), default=None)
    return best if best and best["first"]["value"] else None


def _first(plan: Mapping[str, Any]) -> Cell:
    asset = _most_often(plan)
    if asset is None:
        return {"text": "none", "below": ""}
    return {"text": asset["label"], "below": "" if is_certain(asset["first"]) else percent(asset["first"])}


def _days(plan: Mapping[str, Any]) -> Cell:
    asset = _most_often(plan)
    return {"text": plus_minus(asset["overstretched_days"]) if asset else "0", "below": ""}


def _losses(name: str) -> Callable[[Mapping[str, Any]], Cell]:
    return lambda plan: _cell(tenths(plan["forces"][name]["losses"]))


def _displaced(plan: Mapping[str, Any]) -> Cell:
    text = tenths(plan["people"]["person_days"])
    value, _, rest = text.partition(" (")
    span, _, scale = rest.partition(")")
    return {"text": value + scale, "below": span}


def overall_figures(outcomes: Outcomes) -> dict[str, Figure]:
    """Pictures of all plans together."""
    words = Words(outcomes.scenario.vocabulary)
    names = ", ".join(plan_titles(outcomes).values())
    return {
        "done": figure(
            "done",
            lambda: plots.done_by(outcomes).properties(height=240),
            f"Curves of the chance that all {words('operation', 2)} are done by each date, for {names}; "
            "the numbers are in the table above and in the text of each plan.",
            f"Chance that all {words('operation', 2)} are done by a date",
            "" if outcomes.is_certain else "Band: 95 % interval of the simulation, not of the model.",
        ),
        "plans": figure(
            "plans",
            lambda: plots.plans(outcomes),
            f"Dots with intervals comparing {names} on each outcome; the numbers are in the table above.",
            "Each outcome",
            ""
            if outcomes.is_certain
            else "Dot: median, mean or chance. Thick: its 95 % interval. Thin: eight histories in ten.",
        ),
    }


def per_plan_figures(outcomes: Outcomes) -> dict[str, list[Figure]]:
    """Pictures of each plan, by what they show; none where nothing was recorded."""
    words = Words(outcomes.scenario.vocabulary)
    kinds: dict[str, tuple[Callable[..., AnyChart], str]] = {
        "gantt": (plots.gantt, f"Bars from start to end of each {words('phase')}, with uncertain ends"),
        "strain": (
            plots.strain,
            f"Strain of each {words('asset')} over time with the band of eight histories in ten",
        ),
        "coverage": (plots.coverage, f"Share of the demand on each {words('asset')} that is met, over time"),
        "progress": (plots.progress, f"Share of each {words('operation')} done, over time"),
        "losses": (plots.losses, "Losses of own forces so far, over time"),
        "adversary": (
            lambda *args, **more: plots.losses(*args, side="adversary", **more),
            f"Losses of the {words('adversary')} so far, over time",
        ),
        "displaced": (plots.displaced, f"People displaced by each {words('operation')}, over time"),
    }
    found: dict[str, list[Figure]] = {}
    for kind, (draw, text) in kinds.items():
        made: list[Figure] = []
        for number, (plan, name) in enumerate(plan_titles(outcomes).items()):
            try:
                made.append(
                    figure(
                        f"{kind}-{number}",
                        _bound(draw, outcomes, plan),
                        f"{text}, under {name}.",
                        heading=name,
                    )
                )
            except LookupError:
                break
        found[kind] = made
    return found


def _bound(draw: Callable[..., AnyChart], outcomes: Outcomes, plan: str) -> Callable[[], AnyChart]:
    return lambda: draw(outcomes, plan)


def binding_table(outcomes: Outcomes, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each plan and asset: chance of overstretch, day it first binds, days, peak strain, unmet demand.

    Of many assets those that matter most, as `ranked.assets` says.
    """
    titles = plan_titles(outcomes)
    plans = list(summary["plans"].values())
    if any(plan["binding"] is None for plan in plans):
        return []
    ever = [
        name
        for name in plans[0]["binding"]["assets"]
        if any(_strained(plan["binding"]["assets"][name]) for plan in plans)
    ]
    told = ranked.assets(plans, ever).keys
    rows = []
    for plan, entry in summary["plans"].items():
        for asset in (entry["binding"]["assets"][name] for name in told):
            if not _strained(asset):
                continue
            rows.append(
                {
                    "plan": titles[plan],
                    "asset": asset["label"],
                    "binds": yes_no(asset["binds"]),
                    "day": time_text(asset["day"]["p50"], "–"),
                    "early": time_text(asset["day"]["p10"], "–"),
                    "late": time_text(asset["day"]["p90"], "–"),
                    "days": plus_minus(asset["overstretched_days"]),
                    "peak": tenths(asset["peak_strain"], "∞"),
                    "unmet": f"{tenths(asset['unmet'])} {asset['unit']}",
                }
            )
    return rows


def _strained(asset: Mapping[str, Any]) -> bool:
    return bool(asset["binds"]["value"] or asset["unmet"]["p90"]["value"])


def overstretch_rule(outcomes: Outcomes) -> str:
    """When an asset counts as overstretched."""
    rule = outcomes.scenario.overstretch
    above, lasts, window = (
        single_value(quantity, outcomes.scenario) for quantity in (rule.above, rule.lasts, rule.window)
    )
    return (
        f"Strain is the mean essential demand over {counted(window, 'day')} divided by sustainable capacity in average "
        "weather. "
        f"Overstretched means strain above {above:g} for {counted(lasts, 'day')} on end or more."
    )


def use_classes(summary: Mapping[str, Any], scenario: Any) -> list[dict[str, str]]:
    """What each output may be used for."""
    words = Words(scenario.vocabulary)
    main = summary["use_class"]
    found = [
        (f"Dates of {words('operation', 2)} and {words('phase', 2)}, chance by a date, failure", main),
        (f"Strain, coverage and overstretch of {words('asset', 2)}", main),
        ("Losses of both sides", main),
        ("People displaced and harmed", main),
        ("Territory and revenue of the adversary", "explore"),
        ("Attacks abroad", "explore"),
    ]
    return [
        {"output": output, "class": use, "means": USE_CLASSES[use].partition(": ")[2]}
        for output, use in found
        if not (output.startswith(("Territory", "Attacks")) and not scenario.forces)
    ]


def run_record(outcomes: Outcomes, documents: Sequence[str]) -> list[tuple[str, str]]:
    """What anyone needs to make the same numbers again."""
    info = outcomes.info
    versions = ", ".join(f"{name} {version}" for name, version in info.get("versions", {}).items())
    seconds = info.get("seconds", {})
    rows = [
        ("Scenario fingerprint", outcomes.scenario_fingerprint),
        *((f"Plan fingerprint, {run.title or plan}", run.fingerprint) for plan, run in outcomes.runs.items()),
        ("Seed", f"{outcomes.seed}"),
        (
            "Histories per plan",
            f"{outcomes.replications:,} (worlds: {outcomes.worlds:,}, with {outcomes.per_world} each)",
        ),
        (
            "Simulated, reused",
            f"{info.get('simulated', '–'):,}, {info.get('reused', '–'):,}" if "simulated" in info else "",
        ),
        ("Seconds", ", ".join(f"{name} {value:g}" for name, value in seconds.items())),
        ("Versions", versions),
        ("Analyses in the folder", ", ".join(f"{name}.json" for name in documents) or "none"),
        ("Warnings", "; ".join(str(warning) for warning in info.get("warnings", [])) or "none"),
    ]
    return [(name, value) for name, value in rows if value]
