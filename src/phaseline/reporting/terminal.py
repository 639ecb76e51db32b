"""The answer in a terminal, as an officer would read it: when, how surely, what gives first, at what price, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import (
    Words,
    counted,
    day_month,
    figure,
    half_width,
    is_certain,
    is_known,
    percent_range,
    percent_value,
    plus_minus,
    rounded,
    tenths,
    tenths_parts,
    time_text,
    yes_no,
)
from phaseline.reporting import ranked
from phaseline.reporting.listings import by_reason, render_cases, render_history, render_problems
from phaseline.reporting.meaning import meaning
from phaseline.reporting.page import Page
from phaseline.reporting.sentences import USE_CLASSES, sentences
from phaseline.reporting.side_by_side import render_side_by_side
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.quantity import single_value
from phaseline.scenario.schema import Vague

if TYPE_CHECKING:
    from rich.console import Console

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Scenario

__all__ = ["render", "render_cases", "render_history", "render_problems", "rounded"]


def render(
    outcomes: Outcomes, console: Console | None = None, *, detail: bool | None = None, quiet: bool = False
) -> str | None:
    """Show the answer of a run.

    Parameters
    ----------
    outcomes
        What to show.
    console
        Where to print; None to get the text, without colour.
    detail
        Whether each plan gets a page of its own, with every operation, asset and force. By default it does if it is the
        only one, and tells what matters most of more than `ranked.MOST` of a kind.
    quiet
        Leave warnings out.

    Returns
    -------
    str or None
        The text where no console was given.
    """
    page = Page(console, quiet=quiet)
    summary = outcomes.summary(shared=True)
    words = Words(outcomes.scenario.vocabulary)
    _header(page, summary, words, outcomes.is_certain)
    plans = summary["plans"].values()
    most = None if detail else ranked.MOST
    if len(plans) > 1:
        render_side_by_side(page, summary, outcomes.scenario, words, most)
        for sentence in meaning(summary, words):
            page.paragraph(sentence)
        page.line()
    if detail or (detail is None and len(plans) == 1):
        for plan in plans:
            _plan(page, plan, summary, outcomes.scenario, words, most)
    _claims(page, outcomes.scenario)
    return page.text()


def _header(page: Page, summary: Mapping[str, Any], words: Words, certain: bool) -> None:
    page.title(summary["title"])
    as_of = day_month(dt.date.fromisoformat(summary["as_of"]))
    page.paragraph(
        f"As of {as_of} · {words.counted(summary['replications'], 'history')} per {words('plan')} in "
        f"{words.counted(summary['worlds'], 'world')} · seed {summary['seed']}"
    )
    page.paragraph(f"Use class {USE_CLASSES.get(summary['use_class'], summary['use_class'])}.", "dim")
    page.paragraph(
        f"Nothing is drawn: all {words('history', 2)} of a {words('plan')} are the same, and one tells everything." if certain
        else "In brackets and after ±: 95 % interval of the simulation, not of the model.", "dim",
    )  # fmt: skip
    if summary["off"]:
        page.paragraph(f"Mechanisms switched off: {'; '.join(by_reason(summary['off']))}.", "dim")
    page.warnings(summary["warnings"])


def _plan(
    page: Page,
    plan: Mapping[str, Any],
    summary: Mapping[str, Any],
    scenario: Scenario,
    words: Words,
    most: int | None,
) -> None:
    page.line()
    page.title(f"{words.capital('plan')}: {plan['title']}")
    if plan["means"]:
        page.paragraph(" ".join(plan["means"].split()))
    page.line()
    told, notes = _told(plan, scenario, words, most)
    _duel_table(page, told, words)
    _operation_table(page, told, summary, words)
    _dates(page, told, words)
    _asset_table(page, told, scenario, words)
    _force_table(page, told, words)
    for note in notes:
        page.paragraph(note, "dim", indent=" ")
    if notes:
        page.line()
    _people(page, plan, words)
    for sentence in sentences(plan, summary, scenario, told["operations"]):
        page.paragraph(sentence)


def _told(
    plan: Mapping[str, Any], scenario: Scenario, words: Words, most: int | None
) -> tuple[dict[str, Any], list[str]]:
    """The plan with the operations, assets and forces that get rows, and what is said of the rest."""
    binding = plan["binding"]
    stretched = [
        name for name, asset in (binding or {"assets": {}})["assets"].items() if asset["binds"]["value"]
    ]
    losing = [name for name, force in plan["forces"].items() if _suffers(force)]
    operations = ranked.operations([plan], horizon_days(scenario), most)
    assets = ranked.assets([plan], stretched, most)
    forces = ranked.forces([plan], losing, most)
    told = dict(plan) | {
        "operations": {name: plan["operations"][name] for name in operations.keys},
        "forces": {name: plan["forces"][name] for name in forces.keys},
    }
    if binding is not None:
        told["binding"] = {**binding, "assets": {name: binding["assets"][name] for name in assets.keys}}
    notes = (
        operations.note(words, "operation"),
        assets.note(words, "asset", "overstretched "),
        forces.note(words, "force"),
    )
    return told, [note for note in notes if note]


def _operation_table(page: Page, plan: Mapping[str, Any], summary: Mapping[str, Any], words: Words) -> None:
    rows = [
        (operation["label"], operation) for operation in plan["operations"].values() if not operation["duel"]
    ]
    if not rows:
        return
    if len(plan["operations"]) > 1:
        rows.append((f"all {words('operation', 2)}", plan["all"]))
    failing = any(row["failed"]["value"] for _, row in rows)
    horizon = day_month(dt.date.fromisoformat(summary["horizon"]))
    certain = all(is_known(row) for _, row in rows)
    times = ["Starts", "Ends"] if certain else ["Starts\nmedian", "Ends\n10 %", "\nmedian", "\n90 %"]
    shown = ("p50",) if certain else ("p10", "p50", "p90")
    heads = [*times, f"Done by\n{horizon}", *(["Failed"] * failing)]
    table = page.new_table(words.capital("operation"), heads)
    for label, row in rows:
        cells = [_time_cell(row["start"]["p50"]) if "start" in row else Text("")]
        cells += [_time_cell(row["end"][name]) for name in shown]
        cells.append(_chance_cell(row["done"]))
        if failing:
            cells.append(_chance_cell(row["failed"]))
        page.add_row(table, label, cells)
    page.table(table)
    page.line()


def _time_cell(time: Mapping[str, Any]) -> Text:
    """The date, and the day with its interval below."""
    if time["value"] is None:
        return Text("beyond\nthe horizon")
    cell = Text(time_text(time, ""))
    width = half_width(time)
    day = figure(time["value"], time["low"], time["high"]) if width is not None else figure(time["value"])
    spread = f" ± {max(rounded(width, time['low'], time['high']), 1):.0f}" if width else ""
    cell.append(f"\nday {day}{spread}", style="dim")
    return cell


def _chance_cell(share: Mapping[str, Any]) -> Text:
    """The chance, and its interval below."""
    if is_certain(share):
        return Text(yes_no(share))
    cell = Text(percent_value(share))
    if interval := percent_range(share):
        cell.append(f"\n({interval})", style="dim")
    return cell


def _chance_text(share: Mapping[str, Any]) -> str:
    return yes_no(share) if is_certain(share) else percent_value(share)


def _spread_cell(spread: Mapping[str, Any], *, unit: str = "", missing: str = "–") -> Text:
    """The median, and the 10-90 % range below."""
    middle, span, scale = tenths_parts(spread, missing)
    cell = Text(f"{middle}{scale}{' ' * bool(unit)}{unit}")
    if span:
        cell.append(f"\n{span}{scale}", style="dim")
    return cell


def _duel_table(page: Page, plan: Mapping[str, Any], words: Words) -> None:
    rows = [operation for operation in plan["operations"].values() if operation["duel"]]
    if not rows:
        return
    table = page.new_table(
        words.capital("operation"),
        ("Won", "Lost", "Undecided", "Days until won\n(mean)", "until decided\n(mean)"),
    )
    for row in rows:
        cells = [Text(yes_no(row[key])) for key in ("done", "failed", "unfinished")]
        cells += [Text(plus_minus(row[key])) for key in ("end_mean", "decided_mean")]
        page.add_row(table, row["label"], cells)
    page.table(table)
    page.line()


def _dates(page: Page, plan: Mapping[str, Any], words: Words) -> None:
    """Chances by a few round dates, and delays."""
    subjects = [
        (operation["label"], operation) for operation in plan["operations"].values() if not operation["duel"]
    ]
    if len(plan["operations"]) > 1 and subjects:
        subjects.append((f"All {words('operation', 2)}", plan["all"]))
    lines = []
    for label, subject in subjects:
        if len(subject["by"]) > 1 and not is_known(subject):
            dates = [day_month(dt.date.fromisoformat(row["date"])) for row in subject["by"]]
            chances = [_chance_text(row["chance"]) for row in subject["by"]]
            pairs = (f"{date} {chance}" for date, chance in zip(dates, chances, strict=True))
            lines.append(f"{label} done by: {' · '.join(pairs)}")
    for label, subject in subjects:
        delay = subject.get("delay")
        if delay is not None and (delay["p10"]["value"] or delay["p90"]["value"]):
            lines.append(f"{label}, days from its intended date to its start: {tenths(delay)}")
    for line in lines:
        page.paragraph(line, indent=" ")
    if lines:
        page.line()


def _asset_table(page: Page, plan: Mapping[str, Any], scenario: Scenario, words: Words) -> None:
    binding = plan["binding"]
    if binding is None:
        return
    rows = list(binding["assets"].values())
    if not rows:
        return
    rows.sort(key=lambda asset: -asset["first"]["value"])
    heads = ("Over-\nstretched", "First\nof all", "From\nmedian", "Days over-\nstretched")
    ranges = ("Peak strain\n(10–90 %)", "Unmet\n(10–90 %)")
    table = page.new_table(words.capital("asset"), (*heads, *ranges))
    for row in rows:
        peak = _spread_cell(row["peak_strain"], missing="∞")
        if row["no_capacity"]["value"]:
            chance = "" if is_certain(row["no_capacity"]) else f": {percent_value(row['no_capacity'])}"
            peak.append(f"\nno capacity{chance}", style="dim")
        cells = [
            _chance_cell(row["binds"]),
            _chance_cell(row["first"]),
            _time_cell(row["day"]["p50"]),
            Text(plus_minus(row["overstretched_days"])),
            peak,
            _spread_cell(row["unmet"], unit=row["unit"]),
        ]
        page.add_row(table, row["label"], cells)
    page.table(table)
    above, lasts = (
        single_value(quantity, scenario)
        for quantity in (scenario.overstretch.above, scenario.overstretch.lasts)
    )
    page.paragraph(
        f"Overstretched: strain above {above:g} for {counted(lasts, 'day')} on end or more.",
        "dim",
        indent=" ",
    )
    page.line()


def _force_table(page: Page, plan: Mapping[str, Any], words: Words) -> None:
    quantities = ("losses", "killed", "captured", "strength")
    rows = list(plan["forces"].values())
    if not rows:
        return
    shown = [quantity for quantity in quantities if any(force[quantity]["p90"]["value"] for force in rows)]
    heads = {"losses": "Losses", "killed": "Killed", "captured": "Captured", "strength": "Left at the end"}
    table = page.new_table(words.capital("force"), [f"{heads[quantity]}\n(10–90 %)" for quantity in shown])
    for force in rows:
        cells = [_spread_cell(force[quantity]) for quantity in shown]
        page.add_row(table, force["label"], cells)
    page.table(table)
    page.line()


def _suffers(force: Mapping[str, Any]) -> bool:
    """Whether it loses anybody in more than a tenth of the histories."""
    return any(force[quantity]["p90"]["value"] for quantity in ("losses", "captured"))


def _people(page: Page, plan: Mapping[str, Any], words: Words) -> None:
    lines = []
    people = plan["people"]
    if people is not None and people["displaced"]["p90"]["value"]:
        text = f"Displaced: {tenths(people['displaced'])} people, {tenths(people['person_days'])} person-days"
        if people["harm"]["p90"]["value"]:
            text += f"; civilians harmed: {tenths(people['harm'])}"
        lines.append(text)
    attacks = plan["attacks"] or {}
    if "through" in attacks:
        lines.append(f"{words.capital('attack', 2)} that come through: {tenths(attacks['through'])}")
    abroad = [f"{kind} {tenths(attacks[kind])}" for kind in ("directed", "inspired") if kind in attacks]
    if abroad:
        lines.append(f"{words.capital('attack', 2)} abroad (explore-grade): {', '.join(abroad)}")
    names = {"elsewhere": "Uncovered demand elsewhere", "relief": "Relief"}
    units = {"elsewhere": words("elsewhere_cost"), "relief": words("relief_cost")}
    for key, cost in plan["costs"].items():
        unit = "" if units[key].endswith("_cost") else f" {units[key]}"
        lines.append(f"{names[key]}, cost: {tenths(cost)}{unit}")
    if lines:
        page.paragraph("Medians, with the 10–90 % range:", "dim", indent=" ")
        for line in lines:
            page.paragraph(line, indent=" ")
        page.line()


def _claims(page: Page, scenario: Scenario) -> None:
    """What was claimed, by whom; the verdicts are not part of a run."""
    if not scenario.claims:
        return
    page.title("Claims on record, paraphrased; `phaseline compare` tests them")
    for claim in scenario.claims.values():
        said = f", {day_month(claim.said)}" if claim.said is not None else ""
        word = claim.vague
        if isinstance(word, Vague):
            word = f"{word.word}, read as {word.reads_as}" if word.reads_as else word.word
        vague = f" Vague: {word}." if word else ""
        page.paragraph(f"{claim.statement} ({claim.speaker}{said}){vague}", indent=" ")
    page.line()
