"""The ablation in a terminal: per plan, what turning each mechanism changes in each main outcome."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from phaseline.outcomes.ablation import differs
from phaseline.outcomes.statistics import Interval
from phaseline.outcomes.wording import counted, plus_minus
from phaseline.reporting.page import WIDTH, Page

if TYPE_CHECKING:
    from rich.console import Console

    from phaseline.outcomes.ablation import Ablation, MainOutcome, Switch

NOTHING = "·"
HEAD_WIDTH = 14
AS_IS = "as it is"


def render_ablation(ablation: Ablation, console: Console | None = None) -> str | None:
    """Show what each mechanism contributes.

    Parameters
    ----------
    ablation
        What to show.
    console
        Where to print; None to get the text, without colour.

    Returns
    -------
    str or None
        The text where no console was given.
    """
    page = Page(console)
    _header(page, ablation)
    for plan, title in ablation.plans.items():
        page.line()
        page.title(f"Plan: {title}")
        _plan(page, ablation, plan)
    page.line()
    _verdict(page, ablation)
    return page.text()


def _header(page: Page, ablation: Ablation) -> None:
    page.title(f"What each mechanism contributes: {ablation.scenario.title}")
    page.paragraph(
        f"{counted(ablation.replications, 'history')} per plan and row in {counted(ablation.worlds, 'world')}, the same luck "
        f"in every row "
        f"· seed {ablation.seed}"
    )
    page.paragraph(
        f"First row: means as it is. Below: change of the mean when one mechanism is turned off (−) or on (+), with its "
        f"95 % interval, history by history. What never ends counts as ending at the horizon. {NOTHING}: the interval "
        f"includes 0; rows without any change are left out. One interval in twenty misses, so single small changes "
        f"may be luck; bold ones hold for the table as a whole.",
        "dim",
    )


def _plan(page: Page, ablation: Ablation, plan: str) -> None:
    columns = [
        _column(ablation, plan, outcome) for outcome in ablation.outcomes if _matters(ablation, plan, outcome.name)
    ]  # fmt: skip
    room = min(WIDTH, page.width) - 3 - max(
        [len(AS_IS), *(len(_row_label(switch)) for switch in ablation.switches)]
    )  # fmt: skip
    for block in _blocks([_width(column) for column in columns], room):
        table = page.new_table("", [columns[i][0].plain for i in block])
        page.add_row(table, AS_IS, [columns[i][1] for i in block])
        for number, switch in enumerate(ablation.switches, start=2):
            cells = [columns[i][number] for i in block]
            if any(cell.plain != NOTHING for cell in cells):
                page.add_row(table, _row_label(switch), cells)
        page.line()
        page.table(table)


def _matters(ablation: Ablation, plan: str, name: str) -> bool:
    """Whether an outcome is other than 0 in a plan, or made so by some mechanism."""
    return ablation.base[plan][name].value != 0.0 or any(
        differs(switch.effects[plan][name]) for switch in ablation.switches
    )


def _row_label(switch: Switch) -> str:
    return f"{'−' if switch.turned == 'off' else '+'} {switch.key}"


def _column(ablation: Ablation, plan: str, outcome: MainOutcome) -> list[Text]:
    """Head, mean as it is, and a change for each mechanism."""
    base = ablation.base[plan][outcome.name]
    factor, unit = _scale(outcome, max(abs(table[outcome.name].value) for table in ablation.base.values()))
    head = "\n".join([*textwrap.wrap(outcome.label, HEAD_WIDTH, break_long_words=False), unit])
    cells = [Text(head), Text(_figure(base, factor))]
    for switch in ablation.switches:
        effect = switch.effects[plan][outcome.name]
        if not differs(effect):
            cells.append(Text(NOTHING, style="dim"))
            continue
        sign = "+" if effect.value > 0 else ""
        cells.append(Text(f"{sign}{_figure(effect, factor)}", style="bold" if ablation.sure(effect) else ""))
    return cells


def _figure(interval: Interval, factor: float) -> str:
    value, low, high = (end * factor for end in interval)
    return plus_minus({"value": value, "low": low, "high": high})


def _scale(outcome: MainOutcome, size: float) -> tuple[float, str]:
    """Factor to the unit shown, and its name; chances in per cent, large numbers in thousands or millions."""
    if outcome.unit == "share":
        return 100.0, "%"
    if size >= 1e6:
        return 1e-6, f"million {outcome.unit}" if len(outcome.unit) < 7 else f"million\n{outcome.unit}"
    return 1.0, outcome.unit


def _width(column: Sequence[Text]) -> int:
    return 2 + max(len(line) for cell in column for line in cell.plain.split("\n"))


def _blocks(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Columns side by side as far as they fit."""
    block: list[int] = []
    left = room
    for i, width in enumerate(widths):
        if block and width > left:
            yield block
            block, left = [], room
        block.append(i)
        left -= width
    if block:
        yield block


def _verdict(page: Page, ablation: Ablation) -> None:
    identical = ablation.identical
    unsure = [key for key in ablation.changes_nothing if key not in identical]
    page.paragraph(
        f"Changes nothing here, as far as {counted(ablation.replications, 'history')} can show: {', '.join(unsure) or 'none'}. "
        f"(Not one interval excludes 0 at a joint 95 % level over all {ablation.comparisons:,} of them, by Bonferroni.)"
    )
    if identical:
        page.paragraph(f"Leaves every history identical: {', '.join(identical)}.")
