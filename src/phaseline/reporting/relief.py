"""Prices of relief actions in a terminal: what each buys, and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted, figure, is_certain, plus_minus, with_unit, yes_no
from phaseline.reporting.chosen import changes_text, never_note
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]


def render_relief(document: Document, console: Console | None = None) -> str | None:
    """What each action changes, all on the same histories.

    Parameters
    ----------
    document
        What ``phaseline relief --json`` prints.
    console
        Where to print; None to get the text, without colour.
    """
    page = Page(console)
    asset, outcomes = document["asset"], document["outcomes"]
    page.title(f"{document['title']}: relief for {asset['label']}")
    base = outcomes.get(f"overstretched_days.{asset['id']}", {}).get("base")
    now = f" Now overstretched on {counted(plus_minus(base), 'day')}." if base else ""
    amount = f"{with_unit(figure(document['amount']), asset['unit'])} a day"
    page.paragraph(
        f"{document['plan']['title']} · {counted(document['replications'], 'paired history')} · each action alone, of {amount} "
        f"({100 * document['share']:g} % of the expected capacity).{now}", "dim",
    )  # fmt: skip
    page.line()
    columns = [
        (f"overstretched_days.{asset['id']}", "days short"), ("end", "last end, days"), ("losses", "own losses"),
        ("elsewhere_cost", "cost elsewhere"),
    ]  # fmt: skip
    shown = [(key, name) for key, name in columns if key in outcomes]
    table = page.new_table("action", [name for _, name in shown])
    for action in document["actions"]:
        cells = [_told(action["changes"].get(key)) for key, _ in shown]
        page.add_row(table, action["label"], [Text(cell) for cell in cells])
    page.table(table)
    if note := never_note(*(action.get("unended", {}) for action in document["actions"])):
        page.paragraph(note, "dim", " ")
    page.line()
    for action in document["actions"]:
        if action["refused"]:
            page.paragraph(f"{action['label']}: not possible, {action['refused']}.", indent=" ")
        else:
            page.paragraph(
                f"{action['label']}: {changes_text(outcomes, action['changes'], action.get('unended', {}))}.",
                indent=" ",
            )
    failed = outcomes.get("failed", {}).get("base")
    if failed:
        what = "any operation fails, without relief"
        what = what.capitalize() if is_certain(failed) else f"Chance that {what}"
        page.paragraph(f"{what}: {yes_no(failed)}.", "dim", " ")
    return page.text()


def _told(change: Document | None) -> str:
    if change is None or change["value"] is None:
        return "–"
    sign = "+" if change["value"] > 0 else ""
    return f"{sign}{plus_minus(change)}"
