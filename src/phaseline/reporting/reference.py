"""A reference class in a terminal: what earlier battles say of a case, and how each was foretold from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]
LEAST_CONTRACTION = 0.25
"""A parameter whose variance shrank by less is said to be set by its prior."""


def render_reference(
    document: Document, console: Console | None = None, *, quiet: bool = False
) -> str | None:
    """Everything that the fit of a reference class found.

    Parameters
    ----------
    document
        ``reference.json``.
    console
        Where to print; None to get the text, without colour.
    quiet
        Leave warnings out.
    """
    page = Page(console, quiet=quiet)
    page.title(f"{document['title']}: what earlier battles say ({len(document['battles'])})")
    page.paragraph(f"Known by {document['known_by']} · seed {document['seed']}", "dim")
    page.warnings(document["warnings"])
    page.line()
    days = document["days"]
    page.paragraph(
        f"The battle asked about would last {counted(format(days['p50'], '.0f'), 'day')} if it were not stopped "
        f"(80 %: {days['p10']:.0f} to {days['p90']:.0f})."
    )
    page.line()
    table = page.new_table("number: median (80 %)", ["in the case", "learned"])
    for row in document["numbers"]:
        cells = [
            f"{row[w]['p50']:.3g} ({row[w]['p10']:.3g} to {row[w]['p90']:.3g})" for w in ("case", "learned")
        ]
        page.add_row(table, row["label"], [Text(cell) for cell in cells])
    page.table(table)
    page.line()
    weak = [row["parameter"] for row in document["parameters"] if row["contraction"] < LEAST_CONTRACTION]
    if weak:
        page.paragraph(f"Set by their priors more than by the battles: {', '.join(weak)}.")
        page.line()
    if "left_out" in document:
        _left_out(page, document)
    return page.text()


def _left_out(page: Page, document: Document) -> None:
    page.title("Each battle foretold from the others")
    foretold = document["foretold"]
    if foretold["number"] < foretold["of"]:
        page.paragraph(
            f"{foretold['number']} of {foretold['of']} battles that were taken, chosen evenly over the table "
            "(--foretell N for more or fewer, 0 for none)."
        )
    names = Counter(row["battle"] for row in document["battles"])
    table = page.new_table("battle", ["days", "median (80 %)", "shorter", "log score", "lognormal"])
    for row in document["left_out"]:
        cells = [
            f"{row['days']:.0f}", f"{row['p50']:.0f} ({row['p10']:.0f} to {row['p90']:.0f})", f"{100 * row['pit']:.0f} %",
            f"{row['log_score']:.2f}", f"{row['plain']:.2f}",
        ]  # fmt: skip
        label = row["battle"]
        if names[label] > 1:
            label += f" ({row['start']} to {row['end']})"
        page.add_row(table, label, [Text(cell) for cell in cells])
    page.table(table)
    held, gain = document["coverage"], document["gain"]
    page.paragraph(
        f"80 % intervals held {100 * held['share']:.0f} % of {held['number']} (95 %: {100 * held['low']:.0f} to "
        f"{100 * held['high']:.0f} %; binomial test of 80 %: p = {held['p_value']:.2f}). Mean log score above the plain "
        f"lognormal's by {gain['value']:.2f} (bootstrap 95 %: {gain['low']:.2f} to {gain['high']:.2f})."
    )
