"""What reports changed, in a terminal: the forecast before and after, what moved it, whom to believe, which plan now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.summary import date_of
from phaseline.outcomes.wording import counted, day_month, figure, plus_minus
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Document = Mapping[str, Any]
MOST_NUMBERS = 6


def render_update(document: Document, console: Console | None = None, *, quiet: bool = False) -> str | None:
    """Everything that `update` found.

    Parameters
    ----------
    document
        ``update.json``.
    console
        Where to print; None to get the text, without colour.
    quiet
        Leave warnings out.
    """
    page = Page(console, quiet=quiet)
    reports = len(document["reports"])
    after = counted(reports, "report") if reports else "no report that can be used"
    page.title(f"{document['title']}: after {after}")
    histories = "histories that agree with the reports" if reports else "histories"
    page.paragraph(
        f"{document['particles']:,} {histories}, {counted(document['futures'], 'future')} each · plan followed: "
        f"{document['followed']} · seed {document['seed']}", "dim",
    )  # fmt: skip
    if not reports:
        page.paragraph("No report could be used, so the forecast stands as it was.")
    page.warnings(document["warnings"])
    page.line()
    _forecasts(page, document)
    if reports:
        _reports(page, document)
        _speakers(page, document)
        _numbers(page, document)
    _plans(page, document)
    return page.text()


def _forecasts(page: Page, document: Document) -> None:
    rows = [row for row in document["forecasts"] if _is_told(row)]
    if not rows:
        page.paragraph("All that is forecast is the same in every history.")
        page.line()
        return
    page.title("Forecast: median (80 % of histories; later: not within the horizon)")
    table = page.new_table("", ["before", "after"], wrap=True)
    for row in rows:
        cells = [_spread(row[when], row["unit"], document, row["key"]) for when in ("before", "after")]
        page.add_row(table, row["label"], [Text(cell) for cell in cells])
    page.table(table)
    page.line()


def _is_told(row: Document) -> bool:
    """Whether a row says something: it is open still, and not the same in all histories."""
    if row["key"].startswith("overstretched"):
        return False
    return any(row[when]["p5"] != row[when]["p95"] for when in ("before", "after"))


def _spread(spread: Document, unit: str, document: Document, key: str) -> str:
    if unit != "date":
        return f"{figure(spread['p50'], spread['p10'], spread['p90'])} ({_short(spread['p10'])} to {_short(spread['p90'])})"
    last_day = not key.startswith("start")
    ends = [_date(spread[level], document, last_day) for level in ("p10", "p50", "p90")]
    return f"{ends[1]} ({ends[0]} to {ends[2]})"


def _short(value: float | None) -> str:
    return figure(value)


def _date(time: float | None, document: Document, last_day: bool) -> str:
    if time is None:
        return "later"
    return day_month(date_of(dt.date.fromisoformat(document["start"]), time, last_day))


def _reports(page: Page, document: Document) -> None:
    page.title("What moved it")
    heads = ["chance before", "effective share", "median of the last end, days"]
    table = page.new_table("report", heads, wrap=True)
    for row in document["reports"]:
        before, after = (_last(row[when]) for when in ("ends_before", "ends_after"))
        cells = [_percent(row["chance"]), _percent(row["effective"]), f"{before} → {after}"]
        page.add_row(table, row["text"], [Text(cell) for cell in cells])
    page.table(table)
    page.line()


def _last(ends: Document) -> str:
    """Median end of the operation that ends last."""
    values = [end["p50"] for end in ends.values()]
    return "beyond" if None in values else figure(max(values))


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %" if value >= 0.01 else f"{100 * value:.2g} %"


def _speakers(page: Page, document: Document) -> None:
    if not document["biases"]:
        return
    page.title("Whom to believe: bias learned, median (95 %)")
    table = page.new_table("speaker", ["of", "reports", "bias"])
    for row in document["biases"]:
        unit = "percentage points" if row["unit"] == "share" else "%"
        told = f"{100 * row['value']:+.0f} ({100 * row['low']:+.0f} to {100 * row['high']:+.0f}) {unit}"
        page.add_row(
            table, row["speaker"], [Text(cell) for cell in (row["quantity"], str(row["reports"]), told)]
        )
    page.table(table)
    page.line()


def _numbers(page: Page, document: Document) -> None:
    if not document["numbers"]:
        return
    page.title("What was learned of the unknown: median (80 %)")
    table = page.new_table("number", ["before", "after", "spread gone"])
    for row in document["numbers"][:MOST_NUMBERS]:
        told = [
            f"{_plain(row[when]['p50'])} ({_plain(row[when]['p10'])} to {_plain(row[when]['p90'])})"
            for when in ("before", "after")
        ]
        gone = "–" if row["narrowed"] is None else _percent(max(row["narrowed"], 0.0))
        page.add_row(
            table, f"{row['label']}, {row['unit']}".rstrip(", "), [Text(cell) for cell in (*told, gone)]
        )
    page.table(table)
    page.line()


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _plans(page: Page, document: Document) -> None:
    page.title("Which plan now")
    table = page.new_table("plan", ["all done, days: before", "after", "fails: before", "after"])
    for row in document["plans"]:
        cells = [
            plus_minus(row["before"]["end"]), plus_minus(row["after"]["end"]), _percent(row["before"]["failed"]),
            _percent(row["after"]["failed"]),
        ]  # fmt: skip
        page.add_row(table, row["title"], [Text(cell) for cell in cells])
    page.table(table)
    told, titles = document["recommended"], {row["plan"]: row["title"] for row in document["plans"]}
    if told["changed"] and told["before"] != told["after"]:
        text = f"The plan that ends first has changed: {titles[told['before']]} before, {titles[told['after']]} now."
    else:
        text = f"The plan that ends first is still {titles[told['before']]}"
        text += "." if told["after"] == told["before"] else f", with {titles[told['after']]} as good."
    page.paragraph(text)
    page.paragraph(
        "What never ends counts as the horizon; starts already ordered are the same in every plan.", "dim"
    )
