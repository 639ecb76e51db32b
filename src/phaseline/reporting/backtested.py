"""A backtest: in a terminal, and as one page that says where it loses before it says where it wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted
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
LEAST_OUTCOMES = 6
"""As in `learning.backtest`, which reports see only through documents."""


def render_backtest(document: Document, console: Console | None = None, *, quiet: bool = False) -> str | None:
    """The scores of a backtest.

    Parameters
    ----------
    document
        ``backtest.json``.
    console
        Where to print; None to get the text, without colour.
    quiet
        Leave warnings out.
    """
    page = Page(console, quiet=quiet)
    page.title(f"{document['title']}: forecasts scored against what followed")
    why = f", because {document['why']}" if document["why"] else ""
    page.paragraph(f"Plan taken as followed: {document['plan']}{why} · seed {document['seed']}", "dim")
    page.warnings(document["warnings"])
    for sentence in (*left_out(document["not_scored"]), *not_compared(document["not_compared"])):
        page.paragraph(sentence, indent=" ")
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
    scored = [row for row in document["items"] if row["scored"]]
    for row in scored:
        cells = [
            row["date"], _plain(row["median"]), _came(row["observed"]),
            f"{row['crps']:.2f}", "yes" if row["covered"]["80%"] else "no",
        ]  # fmt: skip
        page.add_row(table, f"{row['about']} {row['quantity']}", [Text(cell) for cell in cells])
    if scored:
        page.table(table)
        page.line()
    for sentence in left_out([row for row in document["items"] if not row["scored"]]):
        page.paragraph(sentence)
    return page.text()


def _came(observed: Document) -> str:
    if observed["low"] is None:
        return "later than the horizon"
    return f"{_plain(observed['low'])} to {_plain(observed['high'])}"


def left_out(rows: Sequence[Document]) -> list[str]:
    """What came and is not scored, by reason."""
    reasons = dict.fromkeys(row["reason"] for row in rows)
    return [
        "Not scored, because "
        + reason
        + ": "
        + ", ".join(
            f"{row['about']} {row['quantity']} ({row['date']})" for row in rows if row["reason"] == reason
        )
        + "."
        for reason in reasons
    ]


def not_compared(rows: Sequence[Document]) -> list[str]:
    """Forecasts by others that are set beside nothing, by reason."""
    named: dict[str, list[str]] = {}
    for row in rows:
        what = f"{row['about']} {row['quantity']} by {row['forecaster']} on {row['date']}"
        named.setdefault(row["reason"], []).append(what)
    return [
        f"Forecasts not compared, because {reason}: {', '.join(listed)}." for reason, listed in named.items()
    ]


def _plain(value: float | None) -> str:
    if value is None:
        return "later"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"


def sentences(summary: Document) -> list[str]:
    """What the scores say, losses first."""
    told = []
    if not summary["forecasts"]:
        return ["Nothing came after the days of issue, so nothing is scored."]
    told.append(
        f"Forecasts scored: {summary['forecasts']}. Independent outcomes among them: {summary['outcomes']} (one for each "
        "kind of thing and place, since figures of one curve hang together)."
    )
    told += _verdicts(summary)
    voices = summary.get("voices")
    if voices:
        told.append(
            f"Forecasts of milestones by officials and experts on the same days: {voices['number']}, independent outcomes: "
            f"{voices['outcomes']}. Their median absolute error is {_days(voices['their_median_error'])}, ours "
            f"{_days(voices['our_median_error'])}; ours was nearer in {voices['ours_nearer']}."
        )
    held = summary["coverage"]
    told.append(
        "Central intervals of 50, 80 and 95 % held "
        + ", ".join(f"{100 * held[level]['value']:.0f}" for level in ("50%", "80%", "95%"))
        + " % of what they foretold; these forecasts hang together, so no test of it is fair."
    )
    lean = summary["optimism"]
    if summary["outcomes"] >= LEAST_OUTCOMES:
        side = "optimistic: too early, too fast, too few dead and displaced" if lean > 0 else "pessimistic"
        told.append(f"On average forecasts were too {side} (bias {lean:+.2f}, from -1 to +1).")
    else:
        told.append(f"Bias {lean:+.2f} (from -1, too pessimistic, to +1, too optimistic).")
    for row in summary["first_day"]:
        ends = [_days(row[level]) for level in ("p10", "p50", "p90")]
        told.append(
            f"On the first day of issue, {row['about']} {row['quantity']}: {ends[1]} from the start, 80 % of histories "
            f"{ends[0]} to {ends[2]}."
        )
    return told


def _verdicts(summary: Document) -> list[str]:
    """Against the naive baselines: what it loses to, cannot be told apart from, and beats; and where there is no saying."""
    judged = {
        BASELINES[name]: row["difference"]
        for name, row in summary["against"].items()
        if row["outcomes"] >= LEAST_OUTCOMES
    }
    few = {
        BASELINES[name]: row["outcomes"]
        for name, row in summary["against"].items()
        if row["outcomes"] < LEAST_OUTCOMES
    }
    said = []
    for verdict, names in (
        ("it loses to", [name for name, gap in judged.items() if gap["low"] > 0.0]),
        (
            "it cannot be told apart from",
            [name for name, gap in judged.items() if gap["low"] <= 0.0 <= gap["high"]],
        ),
        ("it beats", [name for name, gap in judged.items() if gap["high"] < 0.0]),
    ):
        if names:
            said.append(f"{verdict} {' and '.join(names)}")
    sentences = [f"On average {', '.join(said)}."] if said else []
    if few:
        listed = ", ".join(f"{name} ({count})" for name, count in few.items())
        sentences.append(
            f"No verdict against {listed}: in brackets the independent outcomes that both foretold, and of fewer than "
            f"{LEAST_OUTCOMES} even a clean sweep could be luck."
        )
    elif not judged:
        sentences.append(
            "No naive baseline foretold two of these outcomes, so there is nothing to set it against."
        )
    ends, horizons = summary["skill_ends"], summary["horizons_judged"]
    if ends:
        sentences.append(f"Skill ends at a horizon of {ends}: there a baseline is at least as good.")
    elif horizons:
        which = "At the one horizon" if horizons == 1 else f"At none of the {horizons} horizons"
        better = "no baseline is" if horizons == 1 else "is a baseline"
        sentences.append(
            f"{which} with at least {LEAST_OUTCOMES} independent outcomes {better} better on average."
        )
    return sentences


def _gap(gap: Document) -> str:
    """A difference with its interval, where there are outcomes enough to bound one."""
    ends = "–" if gap["low"] is None else f"{gap['low']:+.2f} to {gap['high']:+.2f}"
    return f"{gap['value']:+.2f} ({ends})"


def _days(value: float | None) -> str:
    return "beyond the horizon" if value is None else counted(f"{value:.0f}", "day")


def _tables(page: Page, variant: Document) -> None:
    summary = variant["summary"]
    table = page.new_table(
        "mean CRPS against", ["forecasts", "outcomes", "ours", "theirs", "difference (95 %)"]
    )
    for name, row in summary["against"].items():
        gap = row["difference"]
        cells = [
            str(row["number"]), str(row["outcomes"]), f"{row['ours']:.2f}", f"{row['theirs']:.2f}",
            _gap(gap),
        ]  # fmt: skip
        page.add_row(table, BASELINES[name], [Text(cell) for cell in cells])
    if summary["against"]:
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
        if summary[key]:
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
        for draw in (learning.milestones, learning.skill, learning.calibration):
            with suppress(LookupError):  # where there is nothing to draw
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
        document=document,
        variants=variants,
        baselines=BASELINES,
        gap=_gap,
        left_out=[
            *document["warnings"],
            *left_out(document["not_scored"]),
            *not_compared(document["not_compared"]),
        ],
        style=Markup(style),
    )
    return text + "\n"


@cache
def _template(name: str) -> str:
    return files("phaseline.reporting").joinpath("templates", name).read_text(encoding="utf-8")
