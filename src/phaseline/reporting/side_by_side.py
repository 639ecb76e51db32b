"""Rival plans side by side: what happens when, what is overstretched, at what price, and how sure that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import (
    MONTHS,
    Words,
    always,
    counted,
    day_month,
    half_width,
    is_certain,
    is_known,
    is_nothing,
    percent,
    plus_minus,
    rounded,
    tenths,
    time_text,
    yes_no,
)
from phaseline.reporting import ranked
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.quantity import single_value

if TYPE_CHECKING:
    from phaseline.reporting.page import Page
    from phaseline.scenario.schema import Scenario

MOST_PLANS = 4
"""Columns of one table; more plans get a further table."""
MOST_DATES = 2
"""Chosen dates per operation, of those in the summary."""
TO_THE_MONTH = 45.0
"""Days between two dates from which a range of dates is told to the month."""
WORTH_A_ROW = 1.0
"""Mean days overstretched from which they get a row."""

Plan = Mapping[str, Any]
Row = tuple[str, Sequence[str]]
Group = tuple[str, list[Row]]


def render_side_by_side(
    page: Page,
    summary: Mapping[str, Any],
    scenario: Scenario,
    words: Words,
    most: int | None = ranked.MOST,
) -> None:
    """One table per `MOST_PLANS` plans, with the same rows in each; of operations, assets and forces `most`, None for all."""
    plans = list(summary["plans"].values())
    told = _Told.of(plans, horizon_days(scenario), most)
    for first in range(0, len(plans), MOST_PLANS):
        shown = plans[first : first + MOST_PLANS]
        page.line()
        table = page.new_table("", [plan["title"] for plan in shown], wrap=True)
        for heading, rows in _groups(shown, told, scenario, words):
            if rows:
                page.add_row(table, heading, [Text("")] * len(shown), "bold")
            for label, cells in rows:
                page.add_row(table, f"  {label}", [Text(cell) for cell in cells])
        page.table(table)
    for note in (
        told.operations.note(words, "operation"),
        told.assets.note(words, "asset", "overstretched "),
        told.forces.note(words, "force"),
    ):
        if note:
            page.paragraph(note, "dim", indent=" ")
    page.line()


@dataclass(frozen=True)
class _Told:
    """What gets rows, in every table alike."""

    operations: ranked.Chosen
    assets: ranked.Chosen
    forces: ranked.Chosen

    @classmethod
    def of(cls, plans: Sequence[Plan], horizon: float, most: int | None) -> _Told:
        bindings = [plan["binding"] for plan in plans]
        stretched = [
            name
            for name in (bindings[0] or {"assets": {}})["assets"]
            if any(binding["assets"][name]["binds"]["value"] for binding in bindings)
        ]
        losing = [
            name
            for name in plans[0]["forces"]
            if any(plan["forces"][name]["losses"]["p90"]["value"] for plan in plans)
        ]
        return cls(
            ranked.operations(plans, horizon, most),
            ranked.assets(plans, stretched, most),
            ranked.forces(plans, losing, most),
        )


def _groups(plans: Sequence[Plan], told: _Told, scenario: Scenario, words: Words) -> list[Group]:
    above, lasts = (
        single_value(q, scenario) for q in (scenario.overstretch.above, scenario.overstretch.lasts)
    )
    return [
        ("When", _when(plans, told.operations, words)),
        (
            f"Overstretched: strain above {above:g}, {counted(lasts, 'day')} on end",
            _stretched(plans, told.assets, words),
        ),
        ("At what price (median, 10–90 %)", _price(plans, told.forces, words)),
        ("How sure", _sure(plans, words)),
    ]


def _when(plans: Sequence[Plan], told: ranked.Chosen, words: Words) -> list[Row]:
    rows: list[Row] = []
    for name in told.keys:
        operation = plans[0]["operations"][name]
        of_plan = [plan["operations"][name] for plan in plans]
        if operation["duel"]:
            rows.append((f"{operation['label']} won", [yes_no(one["done"]) for one in of_plan]))
            rows.append((f"{operation['label']} lost", [yes_no(one["failed"]) for one in of_plan]))
        else:
            rows += _ends(operation["label"], of_plan, brief=told.left > 0)
            rows += _course(of_plan) if told.left == 0 else []
    if len(plans[0]["operations"]) > 1:
        rows += _ends(f"all {words('operation', 2)}", [plan["all"] for plan in plans])
    return rows


def _ends(label: str, subjects: Sequence[Plan], *, brief: bool = False) -> list[Row]:
    """Rows of one operation: its end, failure, and unless `brief` chances by chosen dates and delay."""
    rows: list[Row] = []
    if any("start" in one and one["start"]["p50"]["value"] for one in subjects):
        rows.append((f"{label}: starts", [_date(one["start"]["p50"]) for one in subjects]))
    median = "" if all(is_known(one) for one in subjects) else ", median"
    rows.append((f"{label}: done{median}", [_date(one["end"]["p50"]) for one in subjects]))
    if any(one["end"]["p10"]["value"] != one["end"]["p90"]["value"] for one in subjects):
        rows.append(("  eight in ten within", [_within(one["end"]) for one in subjects]))
    dates = [] if brief or all(is_known(one) for one in subjects) else _dates(subjects)
    for date in dates:
        chances = [next(row["chance"] for row in one["by"] if row["date"] == date) for one in subjects]
        rows.append(
            (f"  by {day_month(dt.date.fromisoformat(date))}", [yes_no(chance) for chance in chances])
        )
    if not brief and any((one.get("delay") or {}).get("p90", {}).get("value") for one in subjects):
        late = [tenths(one["delay"]) if one["delay"] is not None else "–" for one in subjects]
        rows.append(("  days after intended start", late))
    if any(one["failed"]["value"] for one in subjects):
        rows.append(("  failed", [yes_no(one["failed"]) for one in subjects]))
    return rows


def _course(of_plan: Sequence[Plan]) -> list[Row]:
    """Rows of how an operation went on: suspensions, and the pace of the halves of each phase that stiffens."""
    rows: list[Row] = []
    if any((one["suspended"] or {}).get("ever", {}).get("value") for one in of_plan):
        rows.append(("  suspended at least once", [yes_no(one["suspended"]["ever"]) for one in of_plan]))
        rows.append(("    for days", [tenths(one["suspended"]["days"]) for one in of_plan]))
    for name, phase in of_plan[0]["phases"].items():
        if phase["pace"] is None:
            continue
        paces = [one["phases"][name]["pace"] for one in of_plan]
        rows.append((f"  {phase['label']}: outer half, days", [tenths(pace["outer"]) for pace in paces]))
        rows.append(("    inner half, days", [tenths(pace["inner"]) for pace in paces]))
        rows.append(("    inner half slower", [yes_no(pace["slower"]) for pace in paces]))
    return rows


def _dates(subjects: Sequence[Plan]) -> list[str]:
    """The dates, of those that the summary has, at which the plans' chances differ from 0 and 1 the most."""
    found = [row["date"] for row in subjects[0]["by"]]
    if len(found) <= MOST_DATES:
        return found
    spread = {
        date: sum(
            chance * (1 - chance) for one in subjects for row in one["by"] if row["date"] == date
            for chance in (row["chance"]["value"],)
        )
        for date in found
    }  # fmt: skip
    best = sorted(found, key=lambda date: -spread[date])[:MOST_DATES]
    return sorted(best)


def _stretched(plans: Sequence[Plan], told: ranked.Chosen, words: Words) -> list[Row]:
    if any(plan["binding"] is None for plan in plans):
        return []
    found = plans[0]["binding"]["assets"]
    if not told.keys:
        return [(f"no {words('asset')}", [yes_no(plan["binding"]["none"]) for plan in plans])]
    best = [
        max(plan["binding"]["assets"].values(), key=lambda asset: asset["first"]["value"]) for plan in plans
    ]
    firsts = [one["label"] if one["first"]["value"] else "–" for one in best]
    if all(is_certain(one["first"]) for one in best):
        rows: list[Row] = [("first of all", firsts)]
    else:
        chances = ["always" if always(one["first"]) else percent(one["first"]) for one in best]
        rows = [("most often first of all", firsts), ("  with chance", chances)]
    for name in told.keys:
        of_plan = [plan["binding"]["assets"][name] for plan in plans]
        rows.append((found[name]["label"], [yes_no(one["binds"]) for one in of_plan]))
        if any(one["overstretched_days"]["value"] >= WORTH_A_ROW for one in of_plan):
            median = "" if all(is_certain(one["binds"]) for one in of_plan) else " (median)"
            rows.append((f"  days, from{median}", [_days_from(one) for one in of_plan]))
    if not all(is_certain(plan["binding"]["none"]) for plan in plans):
        rows.append(("none", [percent(plan["binding"]["none"]) for plan in plans]))
    return rows


def _days_from(asset: Plan) -> str:
    days = plus_minus(asset["overstretched_days"])
    return f"{days}, {_date(asset['day']['p50'], False)}" if asset["binds"]["value"] else "–"


def _price(plans: Sequence[Plan], told: ranked.Chosen, words: Words) -> list[Row]:
    rows: list[Row] = []
    for name in told.keys:
        label = plans[0]["forces"][name]["label"]
        rows.append((f"losses: {label}", [tenths(plan["forces"][name]["losses"]) for plan in plans]))
    people = {
        "displaced": "people displaced", "person_days": "their person-days",
        "person_days_held": "person-days of those not yet reached", "harm": "civilians harmed",
    }  # fmt: skip
    if all(plan["people"] is not None for plan in plans):
        rows += _spreads(plans, people, lambda plan, key: plan["people"][key])
    attacks = {
        "through": f"{words('attack', 2)} that come through",
        "directed": f"{words('attack', 2)} abroad, directed*",
        "inspired": f"{words('attack', 2)} abroad, inspired*",
    }
    attacks = {
        key: label for key, label in attacks.items() if all(key in (plan["attacks"] or {}) for plan in plans)
    }
    rows += _spreads(plans, attacks, lambda plan, key: plan["attacks"][key])
    unit = words("elsewhere_cost")
    known = "" if unit.endswith("_cost") else f", {unit}"
    costs = {"elsewhere": f"uncovered elsewhere{known}", "relief": "relief"}
    costs = {key: label for key, label in costs.items() if any(key in plan["costs"] for plan in plans)}
    nothing = {key: {"value": 0.0, "low": 0.0, "high": 0.0} for key in ("p10", "p50", "p90")}
    return rows + _spreads(plans, costs, lambda plan, key: plan["costs"].get(key, nothing))


def _spreads(plans: Sequence[Plan], labels: Mapping[str, str], of: Callable[[Plan, str], Plan]) -> list[Row]:
    rows: list[Row] = []
    for key, label in labels.items():
        if any(of(plan, key)["p90"]["value"] for plan in plans):
            cells = [tenths(of(plan, key)) for plan in plans]
            if all(cell.endswith(" million") for cell in cells):
                label, cells = f"{label}, million", [cell.removesuffix(" million") for cell in cells]
            rows.append((label, cells))
    return rows


def _sure(plans: Sequence[Plan], words: Words) -> list[Row]:
    """How much of the spread is ignorance; the rest is chance."""
    rows: list[Row] = []
    shares = [plan["all"]["ignorance"]["end"] for plan in plans]
    if any(share["value"] is not None for share in shares):
        rows.append(("ignorance in the last end", [_ignorance(share) for share in shares]))
    for name, force in plans[0]["forces"].items():
        shares = [plan["forces"][name]["ignorance"] for plan in plans]
        if force["side"] == "own" and any(share["value"] is not None for share in shares):
            rows.append((f"ignorance in losses, {force['label']}", [_ignorance(share) for share in shares]))
            break
    return rows


def _ignorance(share: Plan) -> str:
    return "none" if is_nothing(share) else percent(share)


def _date(time: Plan, spread: bool = True) -> str:
    """A date with the half-width of its interval in days."""
    if time["value"] is None:
        return "beyond the horizon" if spread else "–"
    width = half_width(time)
    if not spread or not width:
        return time_text(time, "")
    return f"{time_text(time, '')} ± {max(rounded(width, time['low'], time['high']), 1):.0f} d"


def _within(end: Plan) -> str:
    """Two dates; to the month where they lie far apart, since more would pretend to more."""
    low, high = end["p10"], end["p90"]
    if low["value"] is None:
        return "beyond the horizon"
    if low["value"] is not None and (high["value"] is None or high["value"] - low["value"] > TO_THE_MONTH):
        return " – ".join("beyond" if time["value"] is None else _month(time) for time in (low, high))
    return " – ".join(time_text(time, "beyond") for time in (low, high))


def _month(time: Plan) -> str:
    date = dt.date.fromisoformat(time["date"])
    return f"{MONTHS[date.month - 1]} {date.year}"
