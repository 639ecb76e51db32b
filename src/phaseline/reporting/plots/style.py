"""How every picture looks: colours that the colour-blind can tell apart, calm axes, and writing to a file.

Colours: Okabe and Ito (2008), "Color Universal Design". Text, grid and data colours are a fixed small set, so that the
report can turn them into those of a dark page.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.errors import InputError, Problem

if TYPE_CHECKING:
    import altair as alt

    from phaseline.outcomes.results import Outcomes

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6E6E6E")
"""Okabe and Ito's colours, the dark ones first; their black is kept for text, a grey takes its place."""
DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (10, 4), (4, 2), (1, 3))
"""Tell lines apart without colour."""
INK, MUTED, GRID = "#1C2430", "#566070", "#E2E6EB"
ALARM = "#A3123A"
"""Of the line that must not be crossed; read as dark by every kind of colour vision."""
FONT = "Helvetica, Arial, sans-serif"
WIDTH, HEIGHT = 420, 130
"""Of one panel, in pixels."""

HOVER = "hover"
"""Name of the layer that only shows under the pointer; without one, Altair makes a hash of the data."""
MOST_PANELS = 5
"""Panels one above the other that share one axis of dates at their foot; of more, each has its own."""
TITLE_LETTERS = 80
"""Letters of a title from which it goes on in a further line."""
LEGEND_LETTERS = 90
"""Letters of a legend from which its entries stand one below the other."""

SHORT = 120
"""Days below which an axis shows days instead of months."""

MILLIONS = 3e5
"""Count from which an axis is written in millions."""

AnyChart = Any
"""An Altair chart of any kind: single, layered, faceted or concatenated."""


def plan_titles(outcomes: Outcomes) -> dict[str, str]:
    """Title of each plan; where two are the same, the id is added."""
    titles = {plan: run.title or plan for plan, run in outcomes.runs.items()}
    several = {title for title in titles.values() if list(titles.values()).count(title) > 1}
    return {plan: f"{title} ({plan})" if title in several else title for plan, title in titles.items()}


def labels_of(entities: Mapping[str, Any]) -> dict[str, str]:
    """Label of each entity of the scenario; where two are the same, the id is added."""
    labels = {name: entity.label or name for name, entity in entities.items()}
    several = {label for label in labels.values() if list(labels.values()).count(label) > 1}
    return {name: f"{label} ({name})" if label in several else label for name, label in labels.items()}


def colours(names: Sequence[str]) -> alt.Scale:
    """One colour for each name, in their order; after seven they repeat, and the dash tells them apart."""
    import altair as alt

    return alt.Scale(domain=list(names), range=[PALETTE[k % len(PALETTE)] for k in range(len(names))])


def dashes(names: Sequence[str]) -> alt.Scale:
    """One dash for each name."""
    import altair as alt

    return alt.Scale(domain=list(names), range=[list(DASHES[k % len(DASHES)]) for k in range(len(names))])


def title(text: str, below: str | Sequence[str] = "") -> alt.TitleParams:
    """A title that says what is shown, and below it how to read it."""
    import altair as alt

    lines = [below] if isinstance(below, str) else below
    told = [line for text in lines for line in textwrap.wrap(text, 3 * TITLE_LETTERS // 2)]
    rest: dict[str, Any] = {"subtitle": told[0] if len(told) == 1 else told} if told else {}
    heads = textwrap.wrap(text, TITLE_LETTERS)
    return alt.TitleParams(text if len(heads) == 1 else heads, **rest)


def legend(names: Sequence[str], **options: Any) -> alt.Legend:
    """Legend of plans above a chart; one below the other where their titles are long."""
    import altair as alt

    long = len(names) > 1 and sum(map(len, names)) > LEGEND_LETTERS
    return alt.Legend(title=None, columns=1 if long else alt.Undefined, **options)


def date_axis(days: int) -> alt.Axis:
    """Axis of dates: months with the year below where it begins; days where the whole time is short."""
    import altair as alt

    months = "[timeFormat(datum.value, '%b'), timeFormat(datum.value, '%m') == '01' || datum.index == 0 ? "
    months += "timeFormat(datum.value, '%Y') : '']"
    short = days < SHORT
    return alt.Axis(
        title=None,
        tickCount=6,
        labelFlush=True,
        format="%-d %b" if short else alt.Undefined,
        labelExpr=alt.Undefined if short else months,
    )


def percent_axis(ticks: Sequence[float] = (0, 0.25, 0.5, 0.75, 1)) -> alt.Axis:
    """Axis of shares, written as the text does."""
    import altair as alt

    return alt.Axis(title=None, values=list(ticks), labelExpr="round(100 * datum.value) + ' %'")


def count_axis(top: float) -> alt.Axis:
    """Axis of a count, in millions where it is large."""
    import altair as alt

    large = "format(datum.value / 1e6, '~g') + (datum.value ? ' M' : '')"
    return alt.Axis(
        title=None, format=",.0f", tickCount=4, labelExpr=large if top >= MILLIONS else alt.Undefined
    )


def finish(chart: AnyChart) -> AnyChart:
    """The same chart in the common style; all at once, because each setting copies the chart."""
    import altair as alt

    return chart.configure(
        background="white",
        font=FONT,
        padding=8,
        view=alt.ViewConfig(stroke=None, continuousWidth=WIDTH, continuousHeight=HEIGHT),
        title=alt.TitleConfig(
            anchor="start", frame="group", fontSize=14, fontWeight=600, color=INK, subtitleColor=MUTED,
            subtitleFontSize=11.5, subtitlePadding=4, offset=10, limit=2 * WIDTH,
        ),
        axis=alt.AxisConfig(
            labelColor=MUTED, titleColor=MUTED, gridColor=GRID, domainColor=MUTED, tickColor=MUTED, labelFontSize=11,
            titleFontSize=11, titleFontWeight="normal", labelLimit=240,
            titleLimit=WIDTH,
        ),
        axisY=alt.AxisConfig(domain=False, ticks=False),
        axisX=alt.AxisConfig(grid=False),
        legend=alt.LegendConfig(
            labelColor=INK, titleColor=MUTED, labelFontSize=12, titleFontSize=11, orient="top", labelLimit=360,
            symbolSize=160, symbolStrokeWidth=2.5,
        ),
        header=alt.HeaderConfig(
            labelColor=INK, titleColor=MUTED, labelFontSize=12, labelFontWeight=600, labelAnchor="start",
            labelOrient="top", labelPadding=6, titleFontSize=11, labelLimit=WIDTH,
        ),
    )  # fmt: skip


def save(chart: AnyChart, path: str | os.PathLike[str]) -> Path:
    """Write a chart as a picture; no browser is needed.

    Parameters
    ----------
    chart
        What a function of this package returned, or any Altair chart.
    path
        Ending in ``.svg`` or ``.png`` (at twice the size).

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the name ends otherwise, or the file cannot be written.
    """
    import vl_convert

    file = Path(path)
    kind = file.suffix.lower()
    if kind not in (".svg", ".png"):
        rule = f"a picture is written as .svg or .png, not as {file.suffix or 'a file without an ending'}"
        raise InputError(Problem(os.fspath(path), rule=rule, remedy="write a name that ends in .svg or .png"))
    spec = chart.to_dict()
    try:
        if kind == ".svg":
            file.write_text(vl_convert.vegalite_to_svg(spec) + "\n", encoding="utf-8", newline="\n")
        else:
            file.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    except OSError as error:
        rule = f"cannot be written: {error.strerror or error}"
        raise InputError(Problem(os.fspath(path), rule=rule, remedy="choose another place")) from error
    return file


def chosen_plans(outcomes: Outcomes, plan: str | None) -> tuple[str, ...]:
    """The plan asked for, or all.

    Raises
    ------
    KeyError
        If there is no such plan; the message lists near names.
    """
    if plan is None:
        return outcomes.plans
    outcomes.column(plan, "end")  # raises with near names
    return (plan,)
