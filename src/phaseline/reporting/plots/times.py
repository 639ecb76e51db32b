"""When things begin and end: chance of being done by a date, and the Gantt chart with uncertain ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.known import chance_of
from phaseline.outcomes.wording import Words, day_month, yes_no
from phaseline.reporting import ranked
from phaseline.reporting.plots.frames import BAND_NAMES, done_frame, moment, tenths_of
from phaseline.reporting.plots.shown import headed, shown
from phaseline.reporting.plots.style import (
    HOVER,
    INK,
    MUTED,
    WIDTH,
    AnyChart,
    chosen_plans,
    colours,
    dashes,
    date_axis,
    finish,
    labels_of,
    legend,
    percent_axis,
    plan_titles,
    title,
)
from phaseline.scenario.calendar import horizon_days, last_date

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

BARS_BETWEEN_DATES = 18
"""Bars after which the dates are written again."""
ROOM_FOR_YEARS = 16
"""Pixels between dates and the bars below them; the year goes there."""


def done_by(outcomes: Outcomes, operation: str | None = None, *, hover: bool = True) -> AnyChart:
    """Chance that an operation, or every one, is done by each date, one curve per plan with its 95 % interval.

    Parameters
    ----------
    outcomes
        Any.
    operation
        Id; default all operations together.
    hover
        Whether to add what shows the numbers under the pointer.

    Raises
    ------
    KeyError
        If there is no such operation.
    """
    import altair as alt

    scenario = outcomes.scenario
    words = Words(scenario.vocabulary)
    table = done_frame(outcomes, f"end.{operation}" if operation else "end")
    what = labels_of(scenario.operations)[operation] if operation else f"all {words('operation', 2)}"
    names = list(plan_titles(outcomes).values())
    key = legend(names, symbolType="stroke", symbolOpacity=1)
    x = alt.X("date:T", axis=date_axis(horizon_days(scenario)))
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(table)
    layers = [
        base.mark_area(opacity=0.16).encode(
            x=x,
            y=alt.Y("low:Q", title=None, scale=scale),
            y2="high:Q",
            fill=alt.Fill("title:N", scale=colours(names), legend=key),
        ),
        base.mark_line(strokeWidth=2.2).encode(
            x=x,
            y=alt.Y("chance:Q", axis=percent_axis(), scale=scale),
            color=alt.Color("title:N", scale=colours(names), legend=key),
            strokeDash=alt.StrokeDash("title:N", scale=dashes(names), legend=key),
        ),
    ]
    if hover:
        under = alt.selection_point(name="under", on="pointerover", clear="pointerout", empty=False)
        # Columns are numbered: a title may hold anything, and the name of a field may not.
        numbers = {name: f"told{number}" for number, name in enumerate(names)}
        wide = table.pivot(index="date", columns="title", values="told").rename(columns=numbers).reset_index()
        told = [alt.Tooltip("date:T", title="done by", format="%-d %b %Y")]
        told += [alt.Tooltip(f"{column}:N", title=name) for name, column in numbers.items()]
        layers.append(
            alt.Chart(wide)
            .mark_rule(color=MUTED, strokeWidth=7)
            .encode(x=x, tooltip=told, opacity=alt.when(under).then(alt.value(0.3)).otherwise(alt.value(0)))
            .properties(name=HOVER)
            .add_params(under)
        )
    heading = title(
        f"Chance that {what} {'is' if operation else 'are'} done by a date",
        "band: 95 % interval of the simulation, not of the model",
    )
    return finish(alt.layer(*layers).properties(title=heading, height=260))


def gantt(
    outcomes: Outcomes, plan: str | None = None, *, hover: bool = True, most: int | None = ranked.MOST
) -> AnyChart:
    """Operations and phases as bars with uncertain ends.

    The dark bar runs from the median start to the median end, the light ones from the day by which one history in ten has
    started to the one by which nine in ten have ended. What never happens counts as later than the horizon, where bars
    end without a cap.

    Parameters
    ----------
    outcomes
        Any.
    plan
        One plan; default all, side by side.
    hover
        Whether to add what shows the numbers under the pointer.
    most
        Operations drawn, those that matter most; None for all.

    Raises
    ------
    KeyError
        If there is no such plan.
    """
    import altair as alt

    plans = chosen_plans(outcomes, plan)
    labels, rest = shown(outcomes, "operation", labels_of(outcomes.scenario.operations), most)
    table = gantt_frame(outcomes, plans, labels)
    titles = plan_titles(outcomes)
    names = list(dict.fromkeys(table["operation"]))
    dated = _dated(table[table["plan"] == plans[0]])
    words = Words(outcomes.scenario.vocabulary)
    rows = [
        alt.vconcat(
            *(
                _bars(
                    outcomes,
                    table[(table["plan"] == one) & (table["operation"] == name)],
                    hover=hover,
                    dates=name in dated,
                    above=name == names[0] and len(dated) > 1,
                )
                for name in names
            ),
            spacing=8,
        )
        for one in plans
    ]
    below = "dark: median start to median end; light: from the earliest tenth of starts to the latest tenth of ends"
    heading = headed(f"When each {words('phase')} starts and ends", [below], rest)
    if plan is None:
        named = [
            one.properties(title=alt.TitleParams(titles[name], fontSize=13, limit=WIDTH))
            for one, name in zip(rows, plans, strict=True)
        ]
        return finish(alt.hconcat(*named).properties(**heading))
    return finish(rows[0].properties(**heading))


def _dated(table: pd.DataFrame) -> set[str]:
    """Operations of one plan that have the dates below them: the last, and so many others that they are near every bar."""
    counts = table["operation"].value_counts(sort=False)
    dated, bars = set(), 0
    for name, count in counts.items():
        bars += count
        if bars >= BARS_BETWEEN_DATES:
            dated.add(str(name))
            bars = 0
    return {*dated, str(counts.index[-1])}


def _bars(outcomes: Outcomes, table: pd.DataFrame, *, hover: bool, dates: bool, above: bool) -> AnyChart:
    """The bars of one operation under one plan, with dates above or else below them where wanted."""
    import altair as alt

    axis = date_axis(horizon_days(outcomes.scenario))
    axis.grid = True
    if above:
        axis.orient = "top"
        axis.labelPadding = ROOM_FOR_YEARS
    elif not dates:
        axis.labels = axis.ticks = axis.domain = False
    words = Words(outcomes.scenario.vocabulary)
    labels = alt.Axis(domain=False, ticks=False, labelColor=INK, labelPadding=8, labelLimit=130)
    y = alt.Y("row:N", title=None, sort=None, axis=labels)
    colour = alt.Color("title:N", scale=colours(list(plan_titles(outcomes).values())), legend=None)
    tooltips = [
        alt.Tooltip("title:N", title=words("plan")),
        alt.Tooltip("operation:N", title=words("operation")),
        alt.Tooltip("row:N", title=words("phase")),
        alt.Tooltip("starts:N", title="starts (10, 50, 90 %)"),
        alt.Tooltip("ends:N", title="ends (10, 50, 90 %)"),
        alt.Tooltip("done:N", title=f"done by {day_month(last_date(outcomes.scenario))}"),
        alt.Tooltip("failed:N", title="failed"),
    ]
    tips: dict[str, Any] = {"tooltip": tooltips} if hover else {}
    base = alt.Chart(table).encode(y=y, color=colour, **tips)
    cap = alt.when("datum.ends_at_all").then(alt.value(1)).otherwise(alt.value(0))
    layers = [
        # Not seen: it stretches the axis from day 0 to the horizon.
        alt.Chart(table).mark_rule(opacity=0).encode(y=y, x=alt.X("first:T", axis=axis), x2="last:T"),
        base.mark_bar(height=10, opacity=0.22, cornerRadius=2).encode(
            x=alt.X("start_p10:T", axis=axis), x2="end_p90:T"
        ),
        base.mark_bar(height=10, opacity=0.3).encode(x=alt.X("start_p50:T", axis=axis), x2="end_p90:T"),
        base.mark_bar(height=10).encode(x=alt.X("start_p50:T", axis=axis), x2="end_p50:T"),
        base.mark_tick(thickness=2, height=16, orient="vertical").encode(
            x=alt.X("end_p50:T", axis=axis), opacity=cap
        ),
    ]
    name = alt.TitleParams(str(table["operation"].iloc[0]), fontSize=12, offset=4, limit=WIDTH)
    return alt.layer(*layers, data=table).properties(height=alt.Step(24), title=name)


def gantt_frame(
    outcomes: Outcomes, plans: Sequence[str], operations: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Starts and ends of operations, by id with their labels (default all), and of their phases: one row for each.

    Dates are cut at the horizon.
    """
    import pandas as pd

    titles = plan_titles(outcomes)
    operations = labels_of(outcomes.scenario.operations) if operations is None else operations
    rows = []
    for plan in plans:
        for name in operations:
            operation = outcomes.scenario.operations[name]
            parts = {name: "whole"} if len(operation.phases) > 1 else {}
            labels = labels_of(operation.phases)
            parts |= {f"{name}.{phase}": label for phase, label in labels.items()}
            for entity, label in parts.items():
                rows.append(
                    {"plan": plan, "title": titles[plan], "operation": operations[name], "entity": entity}
                    | {"row": label}
                    | _span(outcomes, plan, entity)
                )
    return pd.DataFrame(rows)


def _span(outcomes: Outcomes, plan: str, entity: str) -> dict[str, Any]:
    """When one phase or operation starts and ends, as dates and in words."""
    horizon = float(horizon_days(outcomes.scenario))
    found: dict[str, Any] = {"first": moment(outcomes, 0), "last": moment(outcomes, horizon)}
    for quantity in ("start", "end"):
        times = tenths_of(outcomes.column(plan, f"{quantity}.{entity}"), outcomes.per_world, drop=False)
        told = []
        for name, time in zip(BAND_NAMES, times, strict=True):
            found[f"{quantity}_{name}"] = moment(outcomes, min(time, horizon))
            found[f"{quantity}_{name}_day"] = time
            date = moment(outcomes, time, last_day=quantity == "end")
            told.append(day_month(date) if date else "beyond the horizon")
        found[f"{quantity}s"] = " · ".join(told)
    done, failed = (2, 3) if "." in entity else (1, 2)
    for name, code in (("done", done), ("failed", failed)):
        chance = chance_of(outcomes, partial(_has_status, plan=plan, entity=entity, code=code))
        found[name] = yes_no(chance._asdict())
    found["ends_at_all"] = bool(np.isfinite(found["end_p50_day"]))
    return found


def _has_status(outcomes: Outcomes, plan: str, entity: str, code: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = outcomes.column(plan, f"status.{entity}") == code
    return found
