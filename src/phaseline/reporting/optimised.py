"""What a search over plans found, in a terminal: the best plan, how surely, what it is worth on fresh histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted, figure, plus_minus, with_unit, yes_no
from phaseline.reporting.chosen import changes_text, never_note
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
        f"{counted(document['selection']['tried'], 'plan')} tried of {'endlessly many' if size is None else f'{size:,}'} · "
        f"{counted(document['spent'], 'history')} · seed {document['seed']} · decisions change '{document['plan']}'", "dim",
    )  # fmt: skip
    for one in document["objectives"]:
        page.paragraph(f"Minimise: {one['label']}", "dim")
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
    return yes_no(value) if kind == "chance" else with_unit(plus_minus(value), unit)


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
    band = with_unit(figure(chosen["indifference"]), first["unit"])
    if first["kind"] == "chance":
        band = with_unit(figure(100 * chosen["indifference"]), "points")
    certain = all(value["low"] == value["high"] for value in best["objectives"].values())
    sure = f"none of the plans compared to the end ({chosen['compared']}) is better by more than {band}"
    sure = f"N{sure[1:]}" if certain else f"{_confidence(chosen['probability'])}, {sure}"
    if document["limits"]:
        keeps = "it keeps the limits"
        sure += f"; {keeps}" if certain else f"; {_confidence(chosen['keeps_limits']).lower()}, {keeps}"
    page.paragraph(f"{sure}.", indent=" ")
    ties = document["as_good"]
    if ties:
        page.paragraph(f"As good, within {band}: {counted(len(ties), 'other plan')}:", indent=" ")
        for one in ties[:MOST_TIES]:
            page.paragraph(_decisions(one), indent="   ")
        if len(ties) > MOST_TIES:
            page.paragraph(f"and {len(ties) - MOST_TIES} more, in optimise.json", indent="   ")
    page.line()


def _confidence(share: float) -> str:
    """How sure something is at least; what only rounds to certainty is told as almost."""
    return "With over 99.9 % confidence" if share > 0.999 else f"With {100 * share:.3g} % confidence or more"


def _fresh(page: Page, document: Document) -> None:
    fresh = document["fresh"]
    if fresh is None:
        return
    labels = {one["key"]: one for one in document["objectives"]}
    page.title(
        f"Scored again on {counted(fresh['histories'], 'fresh history')}, next to '{document['plan']}'"
    )
    table = page.new_table("", ("best", document["plan"]))
    limits = {one["key"]: one["label"] for one in document["limits"]}
    for key, value in {**fresh["best"]["objectives"], **fresh["best"]["limits"]}.items():
        other = {**fresh["base"]["objectives"], **fresh["base"]["limits"]}[key]
        label = labels[key]["label"] if key in labels else limits[key]
        page.add_row(table, label, [Text(_told(document, key, one)) for one in (value, other)])
    page.table(table)
    if note := never_note(fresh.get("unended", {})):
        page.paragraph(note, "dim", " ")
    for key, worse in fresh["optimism"].items():
        if worse:
            scale, unit = (100.0, "points") if labels[key]["kind"] == "chance" else (1.0, labels[key]["unit"])
            amount = with_unit(figure(abs(scale * worse)), unit)
            page.paragraph(
                f"On fresh histories it scores {amount} {'higher' if worse > 0 else 'lower'} than in the search "
                "(selection bias and noise).", indent=" ",
            )  # fmt: skip
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
