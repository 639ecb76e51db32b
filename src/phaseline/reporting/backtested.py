"""A backtest: in a terminal, and as one page that says where it loses before it says where it wins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]
BASELINES = {
    "persistence": "persistence",
    "linear": "linear extrapolation",
    "as_long_again": "as long again",
    "earlier_battles": "earlier battles (lognormal)",
}
MOST_LOSSES = 8


def render_backtest(document: Document, console: Console | None = None) -> str | None:
    """The scores of a backtest.

    Parameters
    ----------
    document
        ``backtest.json``.
    console
        Where to print; None to get the text, without colour.
    """
    page = Page(console)
    page.title(f"{document['title']}: forecasts scored against what followed")
    why = f", because {document['why']}" if document["why"] else ""
    page.paragraph(f"Plan taken as followed: {document['plan']}{why} · seed {document['seed']}", "dim")
    for warning in document["warnings"]:
        page.paragraph(warning, "yellow")
    for variant in document["variants"]:
        page.line()
        page.title(variant["label"].capitalize())
        for sentence in sentences(variant["summary"]):
            page.paragraph(sentence, indent=" ")
        page.line()
        _tables(page, variant)
    return page.text()


def render_lodged(document: Document, console: Console | None = None) -> str | None:
    """The scores of a lodged forecast.

    Parameters
    ----------
    document
        What ``phaseline backtest --lodged FILE --json`` prints.
    console
        As in `render_backtest`.
    """
    page = Page(console)
    page.title(
        f"{document['title']}: forecast lodged on {document['lodged_on']}, issued for {document['issued']}"
    )
    page.paragraph(f"SHA-256 {document['sha256']}", "dim")
    table = page.new_table("what came", ["date", "median", "observed", "CRPS", "within 80 %"])
    for row in document["items"]:
        label = f"{row['about']} {row['quantity']}"
        if not row["scored"]:
            page.add_row(table, label, [Text(row["date"]), *(Text("–") for _ in range(4))])
            continue
        cells = [
            row["date"], _plain(row["median"]), f"{_plain(row['observed']['low'])} to {_plain(row['observed']['high'])}",
            f"{row['crps']:.2f}", "yes" if row["covered"]["80%"] else "no",
        ]  # fmt: skip
        page.add_row(table, label, [Text(cell) for cell in cells])
    page.table(table)
    return page.text()


def _plain(value: float | None) -> str:
    if value is None:
        return "never"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"


def sentences(summary: Document) -> list[str]:
    """What the scores say, losses first."""
    told = []
    if not summary["forecasts"]:
        return ["Nothing came after the days of issue, so nothing is scored."]
    lost = [BASELINES[name] for name, row in summary["against"].items() if row["difference"]["value"] >= 0.0]
    if lost:
        told.append(f"It loses to {', '.join(lost)} on average.")
    else:
        told.append("On average it beats every naive baseline.")
    ends = summary["skill_ends"]
    told.append(
        f"Skill ends at a horizon of {ends}: there a baseline is at least as good." if ends
        else "At no horizon is a baseline better on average."
    )  # fmt: skip
    voices = summary.get("voices")
    if voices:
        verdict = "smaller" if voices["our_median_error"] < voices["their_median_error"] else "larger"
        told.append(
            f"Beside {voices['number']} forecasts of milestones by officials and experts on the same days, its median absolute "
            f"error is {verdict}: {_days(voices['our_median_error'])} against {_days(voices['their_median_error'])}; it was "
            f"nearer in {voices['ours_nearer']}."
        )
    held = summary["coverage"]
    told.append(
        "Central intervals of 50, 80 and 95 % held "
        + ", ".join(f"{100 * held[level]['value']:.0f}" for level in ("50%", "80%", "95%"))
        + f" % of {summary['forecasts']} outcomes; these hang together, so no test of it is fair."
    )
    lean = summary["optimism"]
    side = "optimistic: too early, too fast, too few dead and displaced" if lean > 0 else "pessimistic"
    told.append(f"On average forecasts were too {side} (bias {lean:+.2f}, from -1 to +1).")
    for row in summary["first_day"]:
        ends = [_days(row[level]) for level in ("p10", "p50", "p90")]
        told.append(
            f"On the first day of issue, {row['about']} {row['quantity']}: {ends[1]} from the start, 80 % of histories "
            f"{ends[0]} to {ends[2]}."
        )
    return told


def _days(value: float | None) -> str:
    return "beyond the horizon" if value is None else f"{value:.0f} days"


def _tables(page: Page, variant: Document) -> None:
    summary = variant["summary"]
    table = page.new_table("mean CRPS against", ["forecasts", "ours", "theirs", "difference (95 %)"])
    for name, row in summary["against"].items():
        gap = row["difference"]
        cells = [
            str(row["number"]), f"{row['ours']:.2f}", f"{row['theirs']:.2f}",
            f"{gap['value']:+.2f} ({gap['low']:+.2f} to {gap['high']:+.2f})",
        ]  # fmt: skip
        page.add_row(table, BASELINES[name], [Text(cell) for cell in cells])
    page.table(table)
    page.line()
    for heading, key in (("by horizon", "by_horizon"), ("by quantity", "by_quantity")):
        table = page.new_table(
            heading, ["forecasts", "CRPS", "bias", "50 %", "80 %", "95 %", "best baseline"]
        )
        for row in summary[key]:
            best = row["best_baseline"]
            cells = [
                str(row["forecasts"]), f"{row['crps']:.2f}", f"{row['bias']:+.2f}",
                *(f"{100 * row['coverage'][level]['value']:.0f} %" for level in ("50%", "80%", "95%")),
                "–" if best is None else f"{best['theirs']:.2f} {BASELINES[best['name']].split(' (')[0]}",
            ]  # fmt: skip
            page.add_row(table, row["group"], [Text(cell) for cell in cells])
        page.table(table)
        page.line()
    if summary["losses"]:
        page.title("Where it lost most")
        for row in summary["losses"][:MOST_LOSSES]:
            page.paragraph(loss(row), indent=" ")


def loss(row: Document) -> str:
    """One forecast that a baseline beat, in words."""
    return (
        f"{row['about']} {row['quantity']} ({row['date']}), issued {row['issued']}: {row['ours']:.2f} against "
        f"{row['theirs']:.2f} by {BASELINES[row['baseline']]}."
    )


def page(document: Document) -> str:
    """The backtest as one HTML file that needs nothing else."""
    import jinja2
    import vl_convert
    from markupsafe import Markup

    from phaseline.reporting.plots import learning

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    variants = []
    for k, variant in enumerate(document["variants"]):
        charts = []
        if variant["summary"]["forecasts"]:
            for draw in (learning.milestones, learning.skill, learning.calibration):
                charts.append(Markup(vl_convert.vegalite_to_svg(draw(document, k).to_dict())))
        variants.append(
            {
                "label": variant["label"].capitalize(),
                "sentences": sentences(variant["summary"]),
                "charts": charts,
                "summary": variant["summary"],
                "losses": [loss(row) for row in variant["summary"]["losses"][:20]],
                "issues": variant["issues"],
            }
        )
    style = _template("report.css")
    text = environment.from_string(_template("backtest.html.jinja")).render(
        document=document, variants=variants, baselines=BASELINES, style=Markup(style)
    )
    return text + "\n"


@cache
def _template(name: str) -> str:
    return files("phaseline.reporting").joinpath("templates", name).read_text(encoding="utf-8")
