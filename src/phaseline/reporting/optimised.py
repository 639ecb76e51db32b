"""What a search over plans found, in a terminal: the best plan, how surely, what it is worth on fresh histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import figure, percent, plus_minus
from phaseline.reporting.chosen import changes_text
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]
MOST_TIES = 6


def render_optimised(document: Document, console: Console | None = None) -> str | None:
    """Everything that `optimise` found, in a page.

    Parameters
    ----------
    document
        ``optimise.json``.
    console
        Where to print; None to get the text, without colour.
    """
    page = Page(console)
    page.title(f"{document['title']}: the best plan of the space")
    size = document["space"]["points"]
    page.paragraph(
        f"{document['selection']['tried']} plans tried of {'endlessly many' if size is None else f'{size:,}'} · "
        f"{document['spent']:,} histories · seed {document['seed']} · decisions change '{document['plan']}'", "dim",
    )  # fmt: skip
    for one in document["objectives"]:
        page.paragraph(f"To be small: {one['label']}", "dim")
    for one in document["limits"]:
        page.paragraph(f"Limit: {one['text']}", "dim")
    if document["interrupted"]:
        page.paragraph(
            "Stopped before its end: this is the best so far; the same command goes on from here.", "bold"
        )
    page.line()
    _best(page, document)
    _fresh(page, document)
    _front(page, document)
    return page.text()


def _told(document: Document, key: str, value: Document) -> str:
    kinds = {one["key"]: (one["kind"], one["unit"]) for one in document["objectives"]}
    kind, unit = kinds.get(key, ("chance" if _is_share(value) else "mean", ""))
    return percent(value) if kind == "chance" else f"{plus_minus(value)}{f' {unit}' if unit else ''}"


def _is_share(value: Document) -> bool:
    return all(value[end] is None or 0 <= value[end] <= 1 for end in ("value", "low", "high"))


def _decisions(candidate: Document) -> str:
    return "; ".join(f"{name}: {told}" for name, told in candidate["decisions"].items())


def _best(page: Page, document: Document) -> None:
    best, chosen = document["best"], document["selection"]
    page.title("Best")
    page.paragraph(_decisions(best), indent=" ")
    labels = {one["key"]: one["label"] for one in (*document["objectives"], *document["limits"])}
    for key, value in {**best["objectives"], **best["limits"]}.items():
        page.paragraph(f"{labels[key]}: {_told(document, key, value)}", indent=" ")
    first = document["objectives"][0]
    band = f"{figure(chosen['indifference'])} {first['unit']}".strip()
    if first["kind"] == "chance":
        band = f"{100 * chosen['indifference']:g} points"
    sure = (
        f"Of the {chosen['compared']} plans compared to the end, none is better by more than {band} with probability at "
        f"least {_probability(chosen['probability'])}"
    )
    if document["limits"]:
        sure += f"; it keeps the limits with probability at least {_probability(chosen['keeps_limits'])}"
    page.paragraph(f"{sure}.", indent=" ")
    ties = document["as_good"]
    if ties:
        page.paragraph(f"These {len(ties)} plans are as good, within {band}:", indent=" ")
        for one in ties[:MOST_TIES]:
            page.paragraph(_decisions(one), indent="   ")
        if len(ties) > MOST_TIES:
            page.paragraph(f"and {len(ties) - MOST_TIES} more, in optimise.json", indent="   ")
    page.line()


def _probability(share: float) -> str:
    return f"{100 * share:.3g} %"


def _fresh(page: Page, document: Document) -> None:
    fresh = document["fresh"]
    if fresh is None:
        return
    labels = {one["key"]: one for one in document["objectives"]}
    page.title(f"Scored again on {fresh['histories']:,} fresh histories, beside '{document['plan']}'")
    table = page.new_table("", ("best", document["plan"]))
    limits = {one["key"]: one["label"] for one in document["limits"]}
    for key, value in {**fresh["best"]["objectives"], **fresh["best"]["limits"]}.items():
        other = {**fresh["base"]["objectives"], **fresh["base"]["limits"]}[key]
        label = labels[key]["label"] if key in labels else limits[key]
        page.add_row(table, label, [Text(_told(document, key, one)) for one in (value, other)])
    page.table(table)
    for key, worse in fresh["optimism"].items():
        if worse is not None:
            scale, unit = (100.0, "points") if labels[key]["kind"] == "chance" else (1.0, labels[key]["unit"])
            page.paragraph(
                f"Fresh less searched: {'+' if worse > 0 else ''}{figure(scale * worse)} {unit}, the winner's curse and noise.",
                indent=" ",
            )
    page.paragraph(
        f"Against '{document['plan']}': {changes_text(fresh['labels'], fresh['changes'], fresh.get('unended', {}))}.",
        indent=" ",
    )
    page.line()


def _front(page: Page, document: Document) -> None:
    if not document["front"]:
        return
    page.title("Pareto front: none of those tried betters these in every objective")
    keys = list(document["front"][0]["objectives"])
    table = page.new_table("plan", keys, wrap=True)
    for one in document["front"]:
        page.add_row(
            table, _decisions(one), [Text(_told(document, key, one["objectives"][key])) for key in keys]
        )
    page.table(table)
    page.line()
