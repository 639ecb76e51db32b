"""A scheduling benchmark in a terminal: a row per instance, and the set in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import counted, plus_minus
from phaseline.reporting.page import Page

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]


def render_benchmark(document: Row, console: Console | None = None, *, quiet: bool = False) -> str | None:
    """Rows and summary.

    Parameters
    ----------
    document
        What ``phaseline benchmark --json`` prints.
    console
        Where to print; None to get the text, without colour.
    quiet
        Leave warnings out.
    """
    page = Page(console, quiet=quiet)
    page.warnings(document["warnings"])
    rows: Sequence[Row] = document["rows"]
    if document["distribution"] is None:
        page.title(
            f"{counted(len(rows), 'instance')}, {document['seconds']:g} s each, seed {document['seed']}"
        )
        due = any(row["tardiness"] for row in rows)
        heads = ["jobs", "best known", "LFT rule", "lists", "ended with", "gap, %", "proved"]
        table = page.new_table("instance", [*heads, "late projects"] if due else heads)
        for row in rows:
            cells = [row["activities"], _best_known(row), row["rule"], row["lists"], row["end"],
                     _or_dash(row["gap"], ".2f"), "yes" if row["optimal"] else ""]  # fmt: skip
            if due:
                cells.append(_late(row["tardiness"]))
            mark = "" if row["feasible"] else " INFEASIBLE"
            page.add_row(table, row["instance"] + mark, [Text(str(cell)) for cell in cells])
        page.table(table)
        if due:
            page.paragraph(
                "Late projects: how many end after their due date, and by how much together; the schedules are the "
                "shortest found, not the least tardy. Each project's tardiness stands in --json and --out.",
                "dim",
            )
        _deterministic(page, document)
    else:
        page.title(
            f"{counted(len(rows), 'instance')}, durations {document['distribution']}, "
            f"{counted(document['budget'], 'schedule')} each, seed {document['seed']}"
        )
        page.paragraph(
            f"Mean end above the critical path in per cent, over {counted(document['replications'], 'draw')} that no search "
            "has seen.",
            "dim",
        )
        rule = document["summary"]["best_rule"]
        table = page.new_table("instance", ("jobs", "policy", f"{rule} (best rule)", "difference"))
        for row in rows:
            cells = [
                row["activities"],
                f"{row['policy']:.2f}",
                f"{row[rule]:.2f}",
                f"{row['policy'] - row[rule]:+.2f}",
            ]
            page.add_row(table, row["instance"], [Text(str(cell)) for cell in cells])
        page.table(table)
        summary = document["summary"]
        page.paragraph(
            f"Policy {summary['policy']:.2f} %, {rule} {summary['rule']:.2f} %: paired difference "
            f"{counted(plus_minus(summary['difference']), 'point')}."
        )
    return page.text()


def _best_known(row: Row) -> str:
    """For example ``104..105`` where the best known end is not proved."""
    if row["best_known"] is None or row["best_bound"] == row["best_known"]:
        return _or_dash(row["best_known"])
    return f"{row['best_bound']}..{row['best_known']}"


def _deterministic(page: Page, document: Row) -> None:
    summary = document["summary"]
    if summary["gap"]["value"] is not None:
        page.paragraph(f"Mean gap to the best known: {plus_minus(summary['gap'])} %.")
    if summary["plain_gap"]["value"] is not None:
        page.paragraph(
            f"Plain CP-SAT beside it, as long and with as many workers: {plus_minus(summary['plain_gap'])} %."
        )
    page.paragraph(
        f"Proved optimal: {summary['optimal']} of {len(document['rows'])}; infeasible: {summary['infeasible']}. "
        + (
            "The same seed gives the same rows."
            if document["repeatable"]
            else "Timed by the clock: rows need not repeat."
        )
    )


def _late(tardiness: Sequence[int | None] | None) -> str:
    due = [days for days in tardiness or () if days is not None]
    if not due:
        return "–"
    late = [days for days in due if days > 0]
    return f"{len(late)} of {len(due)}" + (f", {sum(late)}" if late else "")


def _or_dash(value: Any, how: str = "") -> str:
    return "–" if value is None else format(value, how)


def render_schedule(document: Row, console: Console | None = None) -> str | None:
    """A base schedule: when each task starts and ends.

    Parameters
    ----------
    document
        ``optimise.json`` of a scenario in which nothing is uncertain.
    console
        Where to print; None to get the text, without colour.
    """
    page = Page(console)
    page.title(f"{document['title']}: base schedule")
    proof = (
        "no schedule is shorter" if document["optimal"] else f"none can be shorter than {document['bound']}"
    )
    page.paragraph(
        f"{counted(document['end'], 'day')}, to {document['end_date']}; {proof}. Without scarcity: "
        f"{counted(document['critical_path'], 'day')}. "
        "Checked task by task.", "dim",
    )  # fmt: skip
    page.line()
    table = page.new_table("task", ["starts", "ends", "day"])
    for row in document["tasks"]:
        cells = [row["start_date"], row["end_date"], f"{row['start']} to {row['end']}"]
        page.add_row(table, row["label"], [Text(cell) for cell in cells])
    page.table(table)
    return page.text()
