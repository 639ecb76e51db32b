"""Comparison, claims, drivers, stress and traces in a terminal: a few short tables each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import (
    always,
    counted,
    figure,
    is_certain,
    percent,
    plus_minus,
    with_unit,
    yes_no,
)
from phaseline.reporting import chosen, claimed, ranked
from phaseline.reporting.claimed import difference_text
from phaseline.reporting.page import Page
from phaseline.scenario.provenance import counts_text

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]

MOST = 5
"""Numbers told per outcome."""


def render_judgement(
    documents: Mapping[str, Document], titles: Mapping[str, str], console: Console | None = None
) -> str | None:
    """All documents that there are, one after the other.

    Parameters
    ----------
    documents
        By file name.
    titles, console
        As in `render_drivers`.
    """
    parts = {
        "comparison.json": render_comparison,
        "claims.json": render_claims,
        "drivers.json": render_drivers,
        "ledger.json": render_stress,
        "traces.json": render_traces,
    }
    told = [render(documents[name], titles, console) for name, render in parts.items() if name in documents]
    return None if console is not None else "\n".join(text or "" for text in told)


def render_comparison(
    document: Document, titles: Mapping[str, str], console: Console | None = None
) -> str | None:
    """Pairs of plans over the same luck, and what holds in one and the same history.

    Parameters
    ----------
    document
        ``comparison.json``.
    titles, console
        As in `render_drivers`.
    """
    page = Page(console)
    page.title(document["title"])
    page.paragraph(
        f"{counted(document['replications'], 'paired history')} per plan in {counted(document['worlds'], 'world')} · seed "
        f"{document['seed']} · differences history by history; better: share of worlds, chance averaged out", "dim",
    )  # fmt: skip
    page.line()
    outcomes = {outcome["key"]: outcome for outcome in document["outcomes"]}
    for pair in document["pairs"][: ranked.MOST]:
        first, second = titles[pair["plan"]], titles[pair["against"]]
        table = page.new_table(f"{first} against {second}", ("difference", "better", "pairing saves"))
        for key in chosen.compared(pair):
            page.add_row(table, *_compared(outcomes[key], pair, key))
        page.table(table)
        if caveat := chosen.never_text(document, pair):
            page.paragraph(caveat, "dim", indent=" ")
        verdict = (
            "dominates" if pair.get("dominates") else "is nearly tied with" if pair.get("near_tie") else None
        )
        if verdict:
            page.paragraph(f"“{first}” {verdict} “{second}”.", indent=" ")
        page.line()
    if (left := len(document["pairs"]) - ranked.MOST) > 0:
        page.paragraph(f"… and {left} more pairs; all in comparison.json of --out", "dim", indent=" ")
        page.line()
    joint = document["joint"]
    if joint["conditions"]:
        page.paragraph(
            f"In one and the same history: {'; '.join(one['label'] for one in joint['conditions'])}", "bold"
        )
        for plan, share in joint["plans"].items():
            page.paragraph(f"{titles[plan]}: {yes_no(share)}", indent=" ")
    page.line()
    return page.text()


def _compared(outcome: Document, pair: Document, key: str) -> tuple[str, list[Text]]:
    """A row: what, difference, who is better how often, and how many times fewer histories pairing needs."""
    unit = f", {outcome['unit']}" if outcome["unit"] else ""
    found = pair["outcomes"][key]
    chances = [outcome["plans"][pair[name]] for name in ("plan", "against")]
    if outcome["kind"] == "chance" and all(map(is_certain, chances)):
        told = f"{yes_no(chances[0])} against {yes_no(chances[1])}"
    elif outcome["kind"] == "chance":
        scaled = {key: None if value is None else 100 * value for key, value in found["difference"].items()}
        told = counted(plus_minus(scaled), "point")
    else:
        told = plus_minus(found["difference"])
    if found["difference"]["low"] == found["difference"]["high"] and not found.get("exact", True):
        told += " in this run"  # the same in all its histories, which is no proof
    saved = found.get("variance_ratio")
    better = "same" if always(found["equal"]) else yes_no(found["better"])
    cells = [told, better, "–" if not saved else f"{saved:.3g} x"]
    return f"{outcome['label']}{unit}", [Text(cell) for cell in cells]


def render_claims(
    document: Document, titles: Mapping[str, str], console: Console | None = None
) -> str | None:
    """What was said, whether it holds, and what would turn the verdict.

    Parameters
    ----------
    document
        ``claims.json``.
    titles, console
        As in `render_drivers`.
    """
    page = Page(console)
    if not document["claims"]:
        return page.text()
    page.title("Claims")
    for claim in document["claims"]:
        page.paragraph(
            f"{claim['verdict'].upper()}: {claim['statement']} ({claim['speaker']})", "bold", indent=" "
        )
        if claim.get("untested"):
            page.paragraph(f"Not tested: {claim['untested']}.", indent="   ")
            continue
        page.paragraph(_found_text(claim, titles), indent="   ")
        vague = claim["vague"]
        if vague and vague["points"]:
            likely = difference_text if claim["increases"] else _likely
            points = "; ".join(f"{point['at']} {likely(point['probability'])}" for point in vague["points"])
            page.paragraph(
                f"“{vague['word']}”, {vague['reads_as'] or 'over its range'}: {points}.", indent="   "
            )
        tell = difference_text if claim["increases"] else percent
        for flip in claim["flips"]:
            sure = "confirmed" if flip["confirmed"] else "not confirmed, the two runs overlap"
            page.paragraph(
                f"It would hold with {flip['label']} {flip['holds']} about {flip['threshold']['low']} to "
                f"{flip['threshold']['high']} (now {flip['base']}): {tell(flip['inside']['probability'])} at "
                f"{flip['inside']['at']}, {tell(flip['outside']['probability'])} at {flip['outside']['at']}; {sure}.",
                indent="   ",
            )
        if claim["box"]:
            box = claim["box"]
            sure = "confirmed with fresh numbers" if box["confirmed"] else "not confirmed"
            chances = f"{percent(box['inside'])}, elsewhere {percent(box['outside'])}"
            page.paragraph(f"The other way round where {box['text']}: {chances}; {sure}.", indent="   ")
    page.line()
    return page.text()


def _found_text(claim: Document, titles: Mapping[str, str]) -> str:
    """What was tested and what came out; where the plan settles it, that it does."""
    if claim["verdict"] in claimed.SETTLED:
        plans = " and ".join(titles.get(plan, plan) for plan in claim["plans"])
        return f"{claim['event']} ({plans}): {claimed.settled_text(claim)}"
    if claim["increases"]:
        return f"{claim['event']}: {claimed.increase_text(claim, titles)}"
    if claim["mostly"]:
        return f"{claim['event']}: {claimed.mostly_text(claim)}"
    plans = ", ".join(titles.get(plan, plan) for plan in claim["plans"])
    text = (
        f"{claim['event']} ({plans}): {_likely(claim['probability'])}, needed {100 * claim['at_least']:g} %."
    )
    worlds = claim["over_worlds"]
    if worlds["p10"] != worlds["p90"]:
        text += f" In {percent(claim['share_of_worlds_holding'])} of the worlds it is as probable as that."
    return text


def _likely(probability: Document) -> str:
    """A probability; in words where no draw can reach the event."""
    if not is_certain(probability):
        return percent(probability)
    return "certain" if probability["value"] else "impossible"


def render_drivers(
    document: Document, titles: Mapping[str, str], console: Console | None = None
) -> str | None:
    """Which unknowns matter most for the main outcomes, and which are worth learning first.

    Parameters
    ----------
    document
        ``drivers.json``.
    titles
        Of the plans, by id.
    console
        Where to print; None to get the text, without colour.
    """
    page = Page(console)
    page.title("What drives the answer")
    if not document["numbers"]:
        page.paragraph(
            "No number of this scenario is unknown: chance alone drives it, and nothing can be learned beforehand."
        )
        page.line()
        return page.text()
    page.paragraph(
        "Delta: how far the outcome's distribution moves if the number is learned, 0 to 1 (Borgonovo). Right: mean outcome "
        "in the tenth of worlds where the number is lowest, and highest. Correlated numbers share their weight.", "dim",
    )  # fmt: skip
    plan = next(iter(titles))
    page.paragraph(f"Under {titles[plan]}; the other plans are in drivers.json.", "dim")
    table = page.new_table("", ("delta", "at its lowest", "at its highest"))
    for entry in chosen.studied(document, plan):
        chance = entry["key"] in chosen.CHANCES
        unit = "" if chance or not entry["unit"] else f", {entry['unit']}"
        share = percent(entry["chance_share"])
        page.add_row(table, f"{entry['label']}{unit} (chance {share})", [Text("")] * 3, "bold")
        for number in entry["numbers"][:MOST]:
            told = percent if chance else plus_minus
            label = document["numbers"][number["number"]]["label"]
            cells = [plus_minus(number["delta"]), told(number["at_low"]), told(number["at_high"])]
            page.add_row(table, f"  {label}", [Text(cell) for cell in cells])
    page.table(table)
    page.line()
    _worth(page, document, titles)
    return page.text()


def _worth(page: Page, document: Document, titles: Mapping[str, str]) -> None:
    if not document["value_of_information"]:
        return
    page.title("Worth learning before deciding")
    for entry in document["value_of_information"]:
        text = chosen.worth_text(entry, document, titles)
        page.paragraph(f"{entry['label']}: {text[0].lower()}{text[1:]}", indent=" ")
    page.line()


def render_stress(
    document: Document, titles: Mapping[str, str], console: Console | None = None
) -> str | None:
    """The answer with the assumptions turned, beside the base run.

    Parameters
    ----------
    document
        ``ledger.json``.
    titles, console
        As in `render_drivers`.
    """
    page = Page(console)
    stress = document["stress"]
    numbers = document["numbers"]
    page.title("If the assumptions turn")
    page.paragraph(
        f"{counts_text(numbers)}; those that say which end hurts are put at their 10 or 90 % point, "
        f"on the same {counted(stress['histories'], 'history')}.", "dim",
    )  # fmt: skip
    whole = ("base", "all adverse", "all favourable")
    for plan, title in titles.items():
        rows = {row["what"]: row for row in stress["rows"] if row["plan"] == plan}
        if not rows:
            continue
        table = page.new_table(title, [what for what in whole if what in rows])
        for key in stress["outcomes"]:
            outcome = stress["measures"][key]
            told = yes_no if outcome["kind"] == "chance" else plus_minus
            unit = f", {outcome['unit']}" if outcome["unit"] else ""
            cells = [told(rows[what]["values"][key]) for what in whole if what in rows]
            page.add_row(table, f"{outcome['label']}{unit}", [Text(cell) for cell in cells])
        page.table(table)
        page.line()
    _one_at_a_time(page, document, titles)
    return page.text()


def _one_at_a_time(page: Page, document: Document, titles: Mapping[str, str]) -> None:
    plan = next(iter(titles))
    rows = [row for row in document["stress"]["rows"] if row["plan"] == plan and len(row["turned"]) == 1]
    if not rows:
        return
    labels = {number["name"]: number["label"] for number in document["numbers"]}
    key = document["stress"]["outcomes"][0]
    label = document["stress"]["measures"][key]["label"]
    rows.sort(key=lambda row: -abs(row["changes"][key]["value"]))
    page.title(f"One at a time, adverse: change of {label} under {titles[plan]}")
    table = page.new_table("", ("change",))
    for row in rows[:10]:
        name = row["turned"][0]
        page.add_row(table, labels.get(name) or name, [Text(plus_minus(row["changes"][key]))])
    page.table(table)
    page.line()


def render_traces(
    document: Document, titles: Mapping[str, str], console: Console | None = None
) -> str | None:
    """Why the bad tenth went bad: prices of causes, boxes of conditions, one history.

    Parameters
    ----------
    document
        ``traces.json``.
    titles, console
        As in `render_drivers`.
    """
    page = Page(console)
    page.title("Why the bad tenth went bad")
    page.paragraph(
        "Each cause is taken away on the same histories, in two opposite orders; the mean of the two is its price, and "
        "prices add up. Days and own losses in the bad tenth by the last end (all that never end count):", "dim",
    )  # fmt: skip
    table = page.new_table("", list(titles.values()), wrap=True)
    for cause in document["causes"]:
        cells = []
        for plan in titles:
            row = next(
                (r for r in document["aggregate"] if r["plan"] == plan and r["cause"] == cause["key"]), None
            )
            cells.append("–" if row is None else f"{plus_minus(row['delay'])} d, {_losses(row)}")
        page.add_row(table, cause["label"], [Text(cell) for cell in cells])
    page.table(table)
    page.line()
    for box in document["boxes"]:
        title = titles.get(box["plan"], box["plan"])
        page.paragraph(
            f"{title}: where {box['text']}, {percent(box['density'])} of the histories are bad, against "
            f"{100 * box['base_rate']:.0f} % of all; {percent(box['coverage'])} of the bad ones lie there.", indent=" ",
        )  # fmt: skip
    page.line()
    for history in document["histories"][:1]:
        costs = [link for link in history["chain"] if link["days_lost"] is not None]
        if costs:
            told = (
                f"{link['text']} {counted(figure(link['days_lost']), 'day')}, {with_unit(figure(link['losses']), 'losses')}"
                for link in costs
            )
            page.paragraph(f"{history['title']}, in the middle of the bad: {'; '.join(told)}.", indent=" ")
    return page.text()


def _losses(row: Document) -> str:
    return "–" if row["losses"] is None else plus_minus(row["losses"])
