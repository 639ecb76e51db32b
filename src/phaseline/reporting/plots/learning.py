"""Pictures of a backtest: forecasts beside what came, calibration, and skill by horizon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phaseline.reporting.plots.style import ALARM, INK, MUTED, PALETTE, AnyChart, finish, title

if TYPE_CHECKING:
    import pandas as pd

Document = Mapping[str, Any]
BINS = 10
SHORT_DAYS = 150
"""Where dates differ by no more, an axis of months alone would repeat itself."""


def milestones(document: Document, variant: int = 0) -> AnyChart:
    """Each milestone as it was forecast on each day of issue: median, 50 and 80 % intervals, and what came.

    Parameters
    ----------
    document
        ``backtest.json``.
    variant
        Which of its runs.

    Raises
    ------
    LookupError
        If no milestone was forecast.
    """
    import altair as alt

    table = milestone_frame(document, variant)
    if table.empty:
        raise LookupError("no milestone was forecast, so there is nothing to draw")
    aside = alt.Scale(padding=14)
    x = alt.X("issued:T", title="issued", axis=alt.Axis(format="%b %Y", tickCount=5), scale=aside)
    panels = []
    for name in dict.fromkeys(table["milestone"]):
        rows = table[table["milestone"] == name]
        part = alt.Chart(rows)
        first, last = rows[["p10", "came"]].min().min(), rows[["p90", "came"]].max().max()
        dates = "%b %Y" if (last - first).days > SHORT_DAYS else "%-d %b %Y"
        y = alt.Y("p50:T", title=None, axis=alt.Axis(format=dates, tickCount=5), scale=aside)
        layers = [
            part.mark_rule(color=PALETTE[0], opacity=0.35, strokeWidth=5).encode(x=x, y="p10:T", y2="p90:T"),
            part.mark_rule(color=PALETTE[0], strokeWidth=5).encode(x=x, y="p25:T", y2="p75:T"),
            part.mark_point(color=INK, filled=True, size=40, opacity=1).encode(x=x, y=y),
            alt.Chart(rows.head(1)).mark_rule(color=ALARM, strokeDash=[5, 3]).encode(y="came:T"),
        ]
        head = alt.TitleParams(name, fontSize=11, anchor="start", color=INK)
        panels.append(alt.layer(*layers).properties(width=300, height=170, title=head))
    below = "dot: median; bars: 50 and 80 % of histories, cut at the horizon; dashed: what came"
    return finish(alt.concat(*panels, columns=2).properties(title=title("Milestones, as forecast", below)))


def calibration(document: Document, variant: int = 0) -> AnyChart:
    """How often what came lay in each tenth of the forecasts: level if they are calibrated.

    Raises
    ------
    LookupError
        If nothing was scored.
    """
    import altair as alt
    import pandas as pd

    values = document["variants"][variant]["summary"]["pit"]
    if not values:
        raise LookupError("nothing was scored, so there is nothing to draw")
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, int(value * BINS))] += 1
    table = pd.DataFrame(
        {
            "tenth": [k / BINS for k in range(BINS)],
            "end": [(k + 1) / BINS for k in range(BINS)],
            "count": counts,
        }
    )
    bars = (
        alt.Chart(table)
        .mark_rect(color=PALETTE[0], stroke="white")
        .encode(
            x=alt.X("tenth:Q", title="share of the forecast below what came", axis=alt.Axis(format="%")),
            x2="end:Q",
            y=alt.Y("count:Q", title="forecasts"),
            y2=alt.datum(0),
        )
    )
    level = alt.Chart(pd.DataFrame({"level": [len(values) / BINS]})).mark_rule(color=ALARM, strokeDash=[5, 3])
    chart = alt.layer(bars, level.encode(y="level:Q")).properties(width=300, height=170)
    return finish(
        chart.properties(title=title("Calibration (PIT)", "dashed: what calibrated forecasts would show"))
    )


def skill(document: Document, variant: int = 0) -> AnyChart:
    """Mean score by horizon beside the best baseline's on the same forecasts.

    Raises
    ------
    LookupError
        If no baseline made two of the forecasts at any horizon.
    """
    import altair as alt
    import pandas as pd

    rows = []
    for row in document["variants"][variant]["summary"]["by_horizon"]:
        best = row["best_baseline"]
        if best is None:
            continue
        rows.append({"horizon": row["group"], "who": "Phaseline", "crps": best["ours"]})
        rows.append({"horizon": row["group"], "who": "best baseline", "crps": best["theirs"]})
    if not rows:
        raise LookupError("no baseline was scored, so there is nothing to draw")
    table = pd.DataFrame(rows)
    bars = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            y=alt.Y("horizon:N", sort=None, title=None),
            yOffset=alt.YOffset("who:N", sort=None),
            x=alt.X("crps:Q", title="mean CRPS, in units of error (smaller is better)"),
            color=alt.Color("who:N", sort=None, title=None, scale=alt.Scale(range=[PALETTE[0], MUTED])),
        )
    )
    chart = bars.properties(width=300, height=alt.Step(16))
    return finish(chart.properties(title=title("Skill by horizon", "days between issue and what came")))


def milestone_frame(document: Document, variant: int = 0) -> pd.DataFrame:
    """Rows of `milestones`: milestone, issued, p10, p25, p50, p75, p90, came; dates, cut at the horizon."""
    import pandas as pd

    start = dt.date.fromisoformat(document["start"])
    rows = []
    for issue in document["variants"][variant]["issues"]:
        for item in issue["items"]:
            if item["quantity"] not in ("started", "finished"):
                continue
            row: dict[str, Any] = {
                "milestone": f"{item['about']} {item['quantity']}",
                "issued": pd.Timestamp(issue["issued"]),
                "came": pd.Timestamp(item["date"]),
            }
            for level in ("p10", "p25", "p50", "p75", "p90"):
                value = item["quantiles"][level]
                days = document["horizon"] if value is None else int(value)
                row[level] = pd.Timestamp(start + dt.timedelta(days=days))
            rows.append(row)
    return pd.DataFrame(rows)
