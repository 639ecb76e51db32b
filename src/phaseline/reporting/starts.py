"""The start-time curve in a terminal: the table, the range to start in, what stops it going earlier, what waiting costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted, figure, is_certain, percent, plus_minus, with_unit, yes_no
from phaseline.reporting.chosen import MILLION, changes_text, never_note
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]

COLUMNS = ("end", "failed", "overstretched", "losses", "person_days")
"""Outcomes in the table, besides the objective and regret; the rest is in when.json."""
_HEADS = {"end": "all done, days", "failed": "fails", "overstretched": "overstretch", "losses": "own losses",
          "person_days": "person-days, m"}  # fmt: skip


def render_starts(document: Document, console: Console | None = None) -> str | None:
    """Everything that `when` found, in a page or two.

    Parameters
    ----------
    document
        ``when.json``.
    console
        Where to print; None to get the text, without colour.
    """
    page = Page(console)
    names = " and ".join(start["label"] for start in document["starts"])
    page.title(f"{document['title']}: when should {names} start?")
    page.paragraph(
        f"{counted(document['replications'], 'paired history')} per point in {counted(document['worlds'], 'world')} · seed "
        f"{document['seed']} · minimise: {document['objective']['label']}", "dim",
    )  # fmt: skip
    for limit in document["limits"]:
        page.paragraph(f"Limit: {limit['label']}", "dim")
    page.line()
    _table(page, document)
    _recommended(page, document)
    _earlier(page, document)
    _waiting(page, document)
    _hangs_on(page, document)
    return page.text()


def _table(page: Page, document: Document) -> None:
    outcomes = {one["key"]: one for one in document["outcomes"]}
    shown = [key for key in COLUMNS if key in outcomes and key != document["objective"]["key"]]
    objective = document["objective"]
    head = objective["key"] if objective["key"] not in _HEADS else _HEADS[objective["key"]]
    axis = document["axis"]
    if axis["kind"] == "progress" and len(document["starts"]) > 1:
        page.paragraph(
            f"In this order: {', '.join(s['label'] for s in document['starts'])}; % and done: of {axis['label']}"
        )
    table = page.new_table("waits for", [head, *(_HEADS[key] for key in shown), "regret", ""])
    table.columns[0].min_width = max(len(_short(point, document)) for point in document["points"])
    for point in document["points"]:
        cells = [_told(point["objective"], objective["kind"])]
        for key in shown:
            entry = point["outcomes"][key]
            if key == "person_days":
                entry = {end: None if value is None else value / MILLION for end, value in entry.items()}
            cells.append(_told(entry, outcomes[key]["kind"]))
        cells.append(_told(point["regret"], objective["kind"]))
        verdict = point["verdict"] if point["verdict"] in ("best", "as good") else ""
        cells.append(verdict if point["feasible"] else "limit")
        style = "bold" if point["verdict"] == "best" else ""
        page.add_row(table, _short(point, document), [Text(cell) for cell in cells], style)
    page.table(table)
    compared = [*document["waiting"], *([document["earlier"]] if document["earlier"] else [])]
    if note := never_note(*(entry.get("unended", {}) for entry in compared)):
        page.paragraph(note, "dim", " ")
    page.line()


def _short(point: Document, document: Document) -> str:
    """What each start waits for; of several, without the name of what all wait for."""
    told = point["waits_for"]
    if len(told) > 1:
        told = [text.removeprefix(document["axis"]["label"]).removeprefix(" at").strip() for text in told]
    return " / ".join(told)


def _told(entry: Document, kind: str) -> str:
    if kind == "chance":
        return yes_no(entry) if is_certain(entry) else f"{figure(100 * entry['value'], *_hundred(entry))} %"
    return plus_minus(entry)


def _hundred(entry: Document) -> tuple[float | None, float | None]:
    low, high = (None if entry[end] is None else 100 * entry[end] for end in ("low", "high"))
    return low, high


def _labels(document: Document) -> dict[str, Document]:
    return {one["key"]: one for one in document["outcomes"]}


def _points(document: Document) -> dict[str, Document]:
    return {point["id"]: point for point in document["points"]}


def _recommended(page: Page, document: Document) -> None:
    points, told = _points(document), document["recommended"]
    best = points[told["best"]]
    band = _band(document["objective"])
    page.title("Where to start")
    page.paragraph(f"Best is {best['label']}.", indent=" ")
    others = [_short(points[plan], document) for plan in told["as_good"] if plan != told["best"]]
    if others:
        page.paragraph(f"As good, within {band}: {_listed(others)}.", indent=" ")
    else:
        surely = "" if _certain(best["objective"]) else "surely "
        page.paragraph(f"No other point is {surely}as good within {band}.", indent=" ")
    unsure = [
        _short(point, document) for point in document["points"] if point["verdict"] == "cannot be told apart"
    ]
    if unsure:
        page.paragraph(
            f"More histories are needed to tell apart: {_listed(unsure)} (--replications).", indent=" "
        )
    doubtful = [
        f"{limit['label']} ({percent(found['value']) if found['value']['high'] <= 1 else plus_minus(found['value'])})"
        for limit, found in zip(document["limits"], best["limits"], strict=True)
        if found["verdict"] == "unsure"
    ]
    if doubtful:
        page.paragraph(
            f"The run cannot tell surely whether the best point keeps: {'; '.join(doubtful)}.", indent=" "
        )
    page.line()


def _listed(labels: list[str], most: int = 8) -> str:
    more = f", and {len(labels) - most} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more


def _earlier(page: Page, document: Document) -> None:
    points, told = _points(document), document["earlier"]
    page.title("What stops it going earlier")
    if told is None:
        page.paragraph("Nothing: the range reaches to the earliest point tried.", indent=" ")
        page.line()
        return
    label = points[told["point"]]["label"]
    limits = {limit["key"]: limit["label"] for limit in document["limits"]}
    if told["breaks"]:
        broken = "; ".join(limits[key] for key in told["breaks"])
        page.paragraph(f"{label} would break: {broken}.", indent=" ")
    else:
        page.paragraph(f"{label} breaks no limit; the objective is worse.", indent=" ")
    page.paragraph(
        f"Against {points[told['than']]['label']} it would change: "
        f"{changes_text(_labels(document), told['changes'], told.get('unended', {}))}.",
        indent=" ",
    )
    page.line()


def _waiting(page: Page, document: Document) -> None:
    if not document["waiting"]:
        return
    points = _points(document)
    page.title("What waiting longer costs, against the best point")
    last = document["waiting"][-1:]
    for entry in [document["waiting"][0], *([] if document["waiting"][:1] == last else last)]:
        page.paragraph(
            f"{points[entry['to']]['label']}: "
            f"{changes_text(_labels(document), entry['changes'], entry.get('unended', {}))}.",
            indent=" ",
        )
    page.line()


def _hangs_on(page: Page, document: Document) -> None:
    found = document.get("hangs_on")
    if found is None or (not found and all(_certain(point["objective"]) for point in document["points"])):
        return
    page.title("Does the answer depend on one unknown?")
    if not found:
        page.paragraph("No single unknown would change the recommended start.", indent=" ")
        page.line()
        return
    points = _points(document)
    for entry in found:
        page.paragraph(
            f"{entry['label']}: choosing by its third of worlds would save "
            f"{with_unit(plus_minus(entry['saved']), document['objective']['unit'])}.", indent=" ",
        )  # fmt: skip
        table = page.new_table("", [third["label"] for third in entry["thirds"]])
        spans = [_span(third, entry) for third in entry["thirds"]]
        page.add_row(table, "number", [Text(span) for span in spans])
        for point in document["points"]:
            cells = []
            for third in entry["thirds"]:
                best = " *" if third["best"] == point["id"] else ""
                cells.append(Text(_told(third["points"][point["id"]], "mean") + best))
            page.add_row(table, _short(point, document), cells)
        page.table(table)
        page.paragraph(
            f"* best in its third: {', '.join(_short(points[third['best']], document) for third in entry['thirds'])}",
            "dim",
            " ",
        )
    page.line()


def _certain(objective: Document) -> bool:
    """Whether nothing drawn can reach the objective; a sample of what is drawn has a width."""
    return bool(objective["low"] == objective["value"] == objective["high"])


def _band(objective: Document) -> str:
    """What makes no difference in the objective, with its unit."""
    if objective["kind"] == "chance":
        return counted(figure(100 * objective["indifference"]), "point")
    return with_unit(figure(objective["indifference"]), objective["unit"]).strip()


def _span(third: Document, entry: Document) -> str:
    scale, unit = (
        (100.0, " %")
        if entry["dimension"] == "share"
        else (1.0, f" {entry['unit']}" if entry["unit"] else "")
    )
    if entry["unit"].startswith("share/"):
        scale, unit = 100.0, " %" + entry["unit"].removeprefix("share")
    return f"{figure(scale * third['low'])} to {figure(scale * third['high'])}{unit}"
