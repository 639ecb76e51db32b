"""The answer in a terminal, as an officer would read it: when, how surely, what gives first, at what price, and why."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from phaseline.outcomes.calendar import single_value, start_date
from phaseline.outcomes.wording import (
    MONTHS,
    Words,
    day_month,
    figure,
    half_width,
    percent,
    percent_range,
    percent_value,
    plus_minus,
    rounded,
    tenths,
    time_text,
)
from phaseline.reporting.sentences import USE_CLASSES, sentences

if TYPE_CHECKING:
    from phaseline.errors import Problem
    from phaseline.outcomes.results import History, Outcomes
    from phaseline.scenario.schema import Scenario

__all__ = ["render", "render_cases", "render_history", "render_problems", "rounded"]

WIDTH = 100
"""Columns, unless the console has fewer."""
_ASCII = str.maketrans(
    {"–": "-", "−": "-", "·": "|", "±": "+", "∞": "*", "…": ".", "\N{NO-BREAK SPACE}": " "}
)
_MONTH = "|".join(MONTHS)
#: Spaces at which no line may end: before %, around ±, within a date.
_GLUED = re.compile(rf" (?=[%±])|(?<=±) |(?<=[\dye]) (?=(?:{_MONTH})\b)|(?<={_MONTH}) (?=\d{{4}})|(?<=\d{{4}}) (?=[<>]?[\d.]+ %)")


def render(outcomes: Outcomes, console: Console | None = None) -> str | None:
    """Show the answer of a run.

    Parameters
    ----------
    outcomes
        What to show.
    console
        Where to print; None to get the text, without colour.

    Returns
    -------
    str or None
        The text where no console was given.
    """
    page = _Page(console)
    summary = outcomes.summary()
    words = Words(outcomes.scenario.vocabulary)
    _header(page, summary, words)
    _overview(page, summary, words)
    for plan in summary["plans"].values():
        _plan(page, plan, summary, outcomes.scenario, words)
    return page.text()


def render_history(
    history: History, scenario: Scenario, *, plan: str | None = None, console: Console | None = None
) -> str | None:
    """Show the event log of one history; like `render` otherwise."""
    page = _Page(console)
    title = None if plan is None else (getattr(scenario.plans.get(plan), "title", None) or plan)
    page.title(f"History {history.replication:,}" + (f" of plan {title}" if title else ""))
    start = start_date(scenario)
    if not history.events:
        page.paragraph("Nothing happened.")
    table = _table()
    table.add_column("day", justify="right", no_wrap=True)
    table.add_column("date", justify="right", no_wrap=True)
    table.add_column("event")
    labels = _labels(scenario)
    day = None
    for event in history.events:
        date = day_month(start + dt.timedelta(days=event.day))
        same = event.day == day
        day = event.day
        what = Text(page.plain(_labelled(event.text, event.entity, labels)))
        table.add_row("" if same else str(event.day), "" if same else date, what)
    if history.events:
        page.table(table)
    return page.text()


def render_cases(
    cases: Mapping[str, str] | Iterable[Mapping[str, Any]], console: Console | None = None
) -> str | None:
    """Show the bundled cases.

    Parameters
    ----------
    cases
        Titles by id, or mappings with ``id`` and ``title`` and, where known, ``as_of`` and ``description``.
    console
        As in `render`.
    """
    page = _Page(console)
    if isinstance(cases, Mapping):
        cases = [{"id": name, "title": title} for name, title in cases.items()]
    rows = list(cases)
    dated = any(case.get("as_of") for case in rows)
    table = _table()
    for head in ("case", "as of") if dated else ("case",):
        table.add_column(head, no_wrap=True)
    table.add_column("what it is about")
    for case in rows:
        as_of, about = case.get("as_of"), case.get("description")
        if isinstance(as_of, str):
            as_of = dt.date.fromisoformat(as_of)
        text = case.get("title") or ""
        if about:
            text += f"\n{' '.join(str(about).split())}"
        cells = [day_month(as_of) if as_of else ""] if dated else []
        table.add_row(Text(str(case["id"]), "bold"), *cells, Text(page.plain(text)))
    if rows:
        page.table(table)
    else:
        page.paragraph("There are no cases.")
    return page.text()


def render_problems(problems: Sequence[Problem], console: Console | None = None) -> str | None:
    """Show what is wrong with an input: errors first, then warnings, then their number."""
    page = _Page(console)
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity == "warning"]
    for problem in errors:
        page.line(str(problem), "red")
    for problem in warnings:
        page.line(str(problem), "yellow")
    counts = [(len(errors), "error"), (len(warnings), "warning")]
    page.line(
        ", ".join(f"{count} {Words({})(word, count)}" for count, word in counts if count) or "No problems."
    )
    return page.text()


class _Page:
    """A console with the few shapes that are used here."""

    def __init__(self, console: Console | None) -> None:
        self._buffer = io.StringIO() if console is None else None
        self._console = console or Console(
            file=self._buffer, width=WIDTH, no_color=True, force_terminal=False
        )
        self._given_width = self._console.width
        if not self._console.is_terminal and "COLUMNS" not in os.environ:
            self._console.width = WIDTH  # into a file or a pipe; rich would assume 80
        self.width = min(WIDTH, self._console.width)
        self._ascii = self._buffer is None and "utf" not in (self._console.encoding or "").lower()

    def plain(self, text: str) -> str:
        return text.translate(_ASCII) if self._ascii else text

    def line(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(self.plain(text), style=style), soft_wrap=True)

    def title(self, text: str) -> None:
        self.line(text, "bold")

    def paragraph(self, text: str, style: str = "", indent: str = "") -> None:
        """Wrapped here, because number and unit must stay on one line."""
        glued = _GLUED.sub("\N{NO-BREAK SPACE}", text)
        filled = textwrap.fill(glued, self.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        self.line(filled.replace("\N{NO-BREAK SPACE}", " "), style)

    def table(self, table: Table) -> None:
        self._console.print(table, width=None, highlight=False, crop=False, no_wrap=False)

    def text(self) -> str | None:
        self._console.width = self._given_width
        if self._buffer is None:
            return None
        return "\n".join(line.rstrip() for line in self._buffer.getvalue().split("\n"))


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True, padding=(0, 1), header_style="bold")


def _header(page: _Page, summary: Mapping[str, Any], words: Words) -> None:
    page.title(summary["title"])
    as_of = day_month(dt.date.fromisoformat(summary["as_of"]))
    page.paragraph(
        f"As of {as_of} · {summary['replications']:,} {words('history', 2)} per {words('plan')} in "
        f"{summary['worlds']:,} {words('world', summary['worlds'])} · seed {summary['seed']}"
    )
    page.paragraph(f"Use class {USE_CLASSES.get(summary['use_class'], summary['use_class'])}.", "dim")
    page.paragraph("In brackets and after ±: 95 % interval of the simulation, not of the model.", "dim")
    for warning in summary["warnings"]:
        page.paragraph(f"Warning: {warning}", "yellow")


def _overview(page: _Page, summary: Mapping[str, Any], words: Words) -> None:
    """Rival plans side by side."""
    plans = summary["plans"].values()
    if len(plans) < 2:
        return
    table = _table()
    table.add_column(Text(words.capital("plan")), min_width=8)
    for head in ("All done\nmedian", "Done by\nthe horizon", "Failed"):
        table.add_column(head, justify="right", no_wrap=True)
    stretched = any(plan["binding"] is not None for plan in plans)
    if stretched:
        table.add_column("Overstretched first,\nmost often", min_width=8)
        table.add_column("Days over-\nstretched", justify="right", no_wrap=True)
    for plan in plans:
        whole = plan["all"]
        cells = [_time_cell(whole["end"]["p50"]), _chance_cell(whole["done"]), _chance_cell(whole["failed"])]
        if stretched:
            best = max(plan["binding"]["assets"].values(), key=lambda asset: asset["first"]["value"])
            share = best["first"]
            cells.append(Text(f"{best['label']}\n{percent(share)}" if share["value"] else "none"))
            cells.append(Text(plus_minus(best["overstretched_days"]) if share["value"] else "0"))
        _add_row(page, table, plan["title"], cells)
    page.line()
    page.table(table)


def _plan(
    page: _Page, plan: Mapping[str, Any], summary: Mapping[str, Any], scenario: Scenario, words: Words
) -> None:
    page.line()
    page.title(f"{words.capital('plan')}: {plan['title']}")
    if plan["means"]:
        page.paragraph(" ".join(plan["means"].split()))
    page.line()
    _duel_table(page, plan, words)
    _operation_table(page, plan, summary, words)
    _dates(page, plan, words)
    _asset_table(page, plan, scenario, words)
    _force_table(page, plan, words)
    _people(page, plan, words)
    for sentence in sentences(plan, summary, scenario):
        page.paragraph(sentence)


def _operation_table(page: _Page, plan: Mapping[str, Any], summary: Mapping[str, Any], words: Words) -> None:
    rows = [
        (operation["label"], operation) for operation in plan["operations"].values() if not operation["duel"]
    ]
    if not rows:
        return
    if len(plan["operations"]) > 1:
        rows.append((f"all {words('operation', 2)}", plan["all"]))
    failing = any(row["failed"]["value"] for _, row in rows)
    horizon = day_month(dt.date.fromisoformat(summary["horizon"]))
    table = _table()
    table.add_column(Text(words.capital("operation")), min_width=8)
    for head in ("Starts\nmedian", "Ends\n10 %", "\nmedian", "\n90 %"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column(f"Done by\n{horizon}", justify="right", no_wrap=True)
    if failing:
        table.add_column("Failed", justify="right", no_wrap=True)
    for label, row in rows:
        cells = [_time_cell(row["start"]["p50"]) if "start" in row else Text("")]
        cells += [_time_cell(row["end"][name]) for name in ("p10", "p50", "p90")]
        cells.append(_chance_cell(row["done"]))
        if failing:
            cells.append(_chance_cell(row["failed"]))
        _add_row(page, table, label, cells)
    page.table(table)
    page.line()


def _time_cell(time: Mapping[str, Any]) -> Text:
    """The date, and the day with its interval below."""
    if time["value"] is None:
        return Text("beyond\nthe horizon")
    cell = Text(time_text(time, ""))
    width = half_width(time)
    day = figure(time["value"], time["low"], time["high"]) if width is not None else figure(time["value"])
    spread = f"±{max(width, 1):.0f}" if width else ""
    cell.append(f"\nday {day}{' ' * bool(spread)}{spread}", style="dim")
    return cell


def _chance_cell(share: Mapping[str, Any]) -> Text:
    """The chance, and its interval below."""
    cell = Text(percent_value(share))
    if interval := percent_range(share):
        cell.append(f"\n({interval})", style="dim")
    return cell


def _add_row(page: _Page, table: Table, label: str, cells: Iterable[Text]) -> None:
    # Text, because rich would read brackets in a string as markup.
    row = [Text(label), *cells]
    for cell in row:
        cell.plain = page.plain(cell.plain)
    table.add_row(*row)


def _duel_table(page: _Page, plan: Mapping[str, Any], words: Words) -> None:
    rows = [operation for operation in plan["operations"].values() if operation["duel"]]
    if not rows:
        return
    table = _table()
    table.add_column(Text(words.capital("operation")), min_width=8)
    for head in ("Won", "Lost", "Undecided", "Days until won\n(mean)"):
        table.add_column(page.plain(head), justify="right", no_wrap=True)
    for row in rows:
        cells = [Text(percent(row[key])) for key in ("done", "failed", "unfinished")]
        cells.append(Text(plus_minus(row["end_mean"])))
        _add_row(page, table, row["label"], cells)
    page.table(table)
    page.line()


def _dates(page: _Page, plan: Mapping[str, Any], words: Words) -> None:
    """Chances by a few round dates, and delays."""
    subjects = [
        (operation["label"], operation) for operation in plan["operations"].values() if not operation["duel"]
    ]
    if len(plan["operations"]) > 1 and subjects:
        subjects.append((f"All {words('operation', 2)}", plan["all"]))
    lines = []
    for label, subject in subjects:
        if len(subject["by"]) > 1:
            dates = [day_month(dt.date.fromisoformat(row["date"])) for row in subject["by"]]
            chances = [percent_value(row["chance"]) for row in subject["by"]]
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


def _asset_table(page: _Page, plan: Mapping[str, Any], scenario: Scenario, words: Words) -> None:
    binding = plan["binding"]
    if binding is None:
        return
    rows = [asset for asset in binding["assets"].values() if asset["binds"]["value"]]
    if not rows:
        return
    rows.sort(key=lambda asset: -asset["first"]["value"])
    table = _table()
    table.add_column(Text(words.capital("asset")), min_width=8)
    heads = ("Over-\nstretched", "First\nof all", "From\nmedian", "Days over-\nstretched")
    for head in (*heads, "Peak strain\nmedian (10–90 %)", "Unmet\nmedian (10–90 %)"):
        table.add_column(page.plain(head), justify="right", no_wrap=True)
    for row in rows:
        peak = tenths(row["peak_strain"], "∞")
        if row["no_capacity"]["value"]:
            peak += f"\nnone there: {percent_value(row['no_capacity'])}"
        cells = [
            _chance_cell(row["binds"]),
            _chance_cell(row["first"]),
            _time_cell(row["day"]["p50"]),
            Text(plus_minus(row["overstretched_days"])),
            Text(peak),
            Text(f"{tenths(row['unmet'])}\n{row['unit']}"),
        ]
        _add_row(page, table, row["label"], cells)
    page.table(table)
    above, lasts = (
        single_value(quantity, scenario)
        for quantity in (scenario.overstretch.above, scenario.overstretch.lasts)
    )
    page.paragraph(
        f"Overstretched: strain above {above:g} for {lasts:g} days on end or more.", "dim", indent=" "
    )
    page.line()


def _force_table(page: _Page, plan: Mapping[str, Any], words: Words) -> None:
    quantities = ("losses", "killed", "captured", "strength")
    rows = [
        force
        for force in plan["forces"].values()
        if any(force[quantity]["p90"]["value"] for quantity in ("losses", "captured"))
    ]
    if not rows:
        return
    shown = [quantity for quantity in quantities if any(force[quantity]["p90"]["value"] for force in rows)]
    heads = {"losses": "Losses", "killed": "Killed", "captured": "Captured", "strength": "Left at the end"}
    table = _table()
    table.add_column(Text(f"{words.capital('force')}\n"), min_width=8)
    for quantity in shown:
        table.add_column(page.plain(f"{heads[quantity]}\nmedian (10–90 %)"), justify="right", no_wrap=True)
    for force in rows:
        cells = [Text(tenths(force[quantity])) for quantity in shown]
        _add_row(page, table, force["label"], cells)
    page.table(table)
    page.line()


def _people(page: _Page, plan: Mapping[str, Any], words: Words) -> None:
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


def _labels(scenario: Scenario) -> dict[str, str]:
    """How each entity of the event log is called."""
    labels = {}
    for name, operation in scenario.operations.items():
        for key, phase in operation.phases.items():
            labels[f"{name}.{key}"] = f"{operation.label or name}, {phase.label or key}:"
    for group in (scenario.forces, scenario.assets):
        labels |= {name: entity.label for name, entity in group.items() if entity.label}
    return labels


def _labelled(text: str, entity: str, labels: Mapping[str, str]) -> str:
    if entity in labels and text.startswith(f"{entity} "):
        return labels[entity] + text[len(entity) :]
    return text
