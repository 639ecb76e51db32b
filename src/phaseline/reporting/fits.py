"""Laws of attrition fitted to a battle, in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]


def render_fit(document: Document, console: Console | None = None, *, quiet: bool = False) -> str | None:
    """Estimates of each law, and how well each foretells days that were left out.

    Parameters
    ----------
    document
        What ``phaseline fit --law ... --json`` prints.
    console
        Where to print; None to get the text, without colour.
    quiet
        Leave warnings out.
    """
    page = Page(console, quiet=quiet)
    page.title(f"{document['file']}: {counted(document['days'], 'day')}, by {document['method']}")
    page.warnings(document["warnings"])
    page.line()
    for fit in document["fits"]:
        told = "; ".join(
            f"{one['name']} = {one['value']:.4g}"
            + (f" ({one['low']:.4g} to {one['high']:.4g})" if one["low"] is not None else "")
            for one in fit["estimates"]
        )
        share = (
            "not to be had, as losses do not vary" if fit["r_squared"] is None else f"{fit['r_squared']:.3f}"
        )
        page.paragraph(
            f"{fit['law']}: {told}. R² {share}; squared residuals {fit['residual_squares'][0]:.4g} of x, "
            f"{fit['residual_squares'][1]:.4g} of y."
        )
        for text in fit["left_out"]:
            page.paragraph(f"left out: {text}.", "yellow", " ")
        for text in fit["notes"]:
            page.paragraph(f"{text[0].upper()}{text[1:]}.", "dim", " ")
    for row in document["not_fitted"]:
        page.paragraph(f"{row['law']}: not fitted, because {row['reason']}.", "yellow")
    page.paragraph(_errors(document), "dim")
    if document["compared"]:
        page.line()
        page.title("Which law foretells a day that was left out (daily losses, by the method origin)")
        table = page.new_table("law", ["log density", "behind the best", ""])
        for row in document["compared"]:
            cells = [
                f"{row['elpd']:.1f} ± {row['error']:.1f}", f"{row['behind']:.1f} ± {row['behind_error']:.1f}",
                "told apart" if row["apart"] else "",
            ]  # fmt: skip
            page.add_row(table, row["law"], [Text(cell) for cell in cells])
        page.table(table)
        if not any(row["apart"] for row in document["compared"]):
            page.paragraph("The days do not tell these laws apart.")
    return page.text()


_ERRORS = {
    "losses": "if each day's losses err",
    "strengths": "if the counts of strengths err",
    "": "if each day's losses err by a factor",
}
"""By what errs; the method loglinear alone has intervals and leaves it open, since it takes logarithms."""


def _errors(document: Document) -> str:
    """What the intervals printed take for granted, and the unit of rates."""
    printed = [fit for fit in document["fits"] if any(one["low"] is not None for one in fit["estimates"])]
    rates = "Rates a and b are per day, in units that turn strengths into losses."
    if not printed:
        return rates
    kinds = "; ".join(dict.fromkeys(_ERRORS[fit["errors"]] for fit in printed))
    return (
        f"In brackets: 95 % intervals, {kinds}. Errors of neighbouring days may go together (up to a correlation of about "
        f"0.7), those of the two sides do not. {rates}"
    )
