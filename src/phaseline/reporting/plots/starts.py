"""The start-time curve as a picture: one panel per outcome, against the date or the progress that the start waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.wording import figure
from phaseline.reporting.chosen import CURVED
from phaseline.reporting.plots.style import INK, PALETTE, AnyChart, finish, title

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 260, 130


def starts(document: Mapping[str, Any], *, hover: bool = True) -> AnyChart:
    """Each main outcome against what the start waits for, with its interval; of two starts, the objective as a table of both.

    Parameters
    ----------
    document
        What ``when.json`` holds.
    hover
        Whether to add what shows the numbers under the pointer.
    """
    return _lines(document, hover) if len(document["starts"]) == 1 else _grid(document, hover)


def _lines(document: Mapping[str, Any], hover: bool) -> AnyChart:
    import altair as alt

    table = starts_frame(document)
    date = document["axis"]["kind"] == "date"
    kind = "at:T" if date else "at:Q"
    axis = alt.Axis(format="%b %Y" if date else "%", title=None, tickCount=5)
    shown = [alt.Tooltip("label:N", title="start"), alt.Tooltip("told:N", title="value")]
    tips: dict[str, Any] = {"tooltip": shown} if hover else {}
    panels = []
    for name in dict.fromkeys(table["outcome"]):
        part = table[table["outcome"] == name]
        x = alt.X(kind, axis=axis, scale=alt.Scale(nice=False, padding=10))
        y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4))
        base = alt.Chart(part)
        best = base.transform_filter("datum.verdict == 'best'")
        layers = [
            base.mark_area(opacity=0.2, color=PALETTE[0]).encode(
                x=x, y=alt.Y("low:Q", title=None, scale=alt.Scale(zero=False)), y2="high:Q"
            ),
            base.mark_line(color=PALETTE[0], strokeWidth=2).encode(x=x, y=y),
            base.mark_point(filled=True, size=45, opacity=1, color=PALETTE[0]).encode(x=x, y=y, **tips),
            best.mark_point(shape="diamond", filled=True, size=120, opacity=1, color=PALETTE[1]).encode(
                x=x, y=y, **tips
            ),
        ]
        panels.append(
            alt.layer(*layers).properties(
                width=WIDTH,
                height=HEIGHT,
                title=alt.TitleParams(name, fontSize=11, anchor="start", color=INK),
            )
        )
    start, axis_label = document["starts"][0]["label"], document["axis"]["label"]
    against = "date" if date else f"progress of {axis_label}"
    heading = title(
        f"When to start: {start}",
        f"across: {against} from which it may start; band: 95 % interval; diamond: best by {document['objective']['label']}",
    )
    return finish(alt.concat(*panels, columns=2).properties(title=heading))


def _grid(document: Mapping[str, Any], hover: bool) -> AnyChart:
    import altair as alt
    import pandas as pd

    date = document["axis"]["kind"] == "date"
    rows = [
        {
            "first": _axis_text(point["at"][0], date),
            "second": _axis_text(point["at"][1], date),
            "value": point["objective"]["value"],
            "told": figure(point["objective"]["value"]),
            "label": point["label"],
            "verdict": point["verdict"],
        }
        for point in document["points"]
    ]
    table = pd.DataFrame(rows)
    order = list(dict.fromkeys(table["first"]))
    tips: dict[str, Any] = {"tooltip": ["label:N", "told:N"]} if hover else {}
    first, second = (start["label"] for start in document["starts"][:2])
    base = alt.Chart(table).encode(
        x=alt.X("second:N", sort=None, title=f"{second} waits for"),
        y=alt.Y("first:N", sort=order, title=f"{first} waits for"),
        **tips,
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "value:Q", title=document["objective"]["unit"], scale=alt.Scale(range=["#f4f8fb", "#8fbfdf"])
        )
    )
    text = base.mark_text(fontSize=11, color=INK).encode(text="told:N")
    best = base.transform_filter("datum.verdict == 'best'").mark_point(
        shape="diamond", filled=True, size=70, opacity=1, color=PALETTE[1], xOffset=24
    )
    heading = title("When to start", f"{document['objective']['label']}; diamond: best")
    chart = alt.layer(cells, text, best).properties(width=420, height=alt.Step(34))
    return finish(chart.properties(title=heading))


def _axis_text(value: Any, date: bool) -> str:
    return str(value) if date else f"{100 * value:.0f} %"


def starts_frame(document: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the panels: outcome, at, value, low, high, told, verdict.

    Outcomes that are the same at every point are left out, unless all are, as with a single point.
    """
    import pandas as pd

    curved = {
        one["key"]: one
        for one in document["outcomes"]
        if one["key"].partition(".")[0] in CURVED or one["key"] in CURVED
    }
    varying = {
        key: one
        for key, one in curved.items()
        if len({point["outcomes"][key]["value"] for point in document["points"]}) > 1
    }
    rows = []
    for key, one in (varying or curved).items():
        scale = 100.0 if one["kind"] == "chance" else 1.0
        unit = "%" if one["kind"] == "chance" else one["unit"]
        found = [point["outcomes"][key] for point in document["points"]]
        for point, entry in zip(document["points"], found, strict=True):
            low, high = (
                scale * (entry[end] if entry[end] is not None else entry["value"]) for end in ("low", "high")
            )
            value = scale * entry["value"]
            rows.append(
                {
                    "outcome": f"{one['label']}, {unit}",
                    "at": pd.Timestamp(point["at"][0])
                    if document["axis"]["kind"] == "date"
                    else point["at"][0],
                    "label": point["label"],
                    "value": value,
                    "low": low,
                    "high": high,
                    "told": f"{figure(value, low, high)} ({figure(low, low, high)} to {figure(high, low, high)})",
                    "verdict": point["verdict"],
                }
            )
    return pd.DataFrame(rows)
