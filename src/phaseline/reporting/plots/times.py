"""When things begin and end: chance of being done by a date, and the Gantt chart with uncertain ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phaseline.outcomes.calendar import horizon_days
from phaseline.outcomes.wording import Words
from phaseline.reporting.plots.frames import done_frame
from phaseline.reporting.plots.style import (
    MUTED,
    AnyChart,
    colours,
    dashes,
    date_axis,
    finish,
    labels_of,
    percent_axis,
    plan_titles,
    title,
)

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes


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
    legend = alt.Legend(title=None, symbolType="stroke")
    x = alt.X("date:T", axis=date_axis(horizon_days(scenario)))
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(table)
    layers = [
        base.mark_area(opacity=0.16, interpolate="step-after").encode(
            x=x,
            y=alt.Y("low:Q", title=None, scale=scale),
            y2="high:Q",
            fill=alt.Fill("title:N", scale=colours(names), legend=legend),
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(
            x=x,
            y=alt.Y("chance:Q", axis=percent_axis(), scale=scale),
            color=alt.Color("title:N", scale=colours(names), legend=legend),
            strokeDash=alt.StrokeDash("title:N", scale=dashes(names), legend=legend),
        ),
    ]
    if hover:
        under = alt.selection_point(name="under", on="pointerover", clear="pointerout", empty=False)
        # Columns are numbered: a title may hold anything, and the name of a field may not.
        numbers = {name: f"told{number}" for number, name in enumerate(names)}
        wide = table.pivot(index="date", columns="title", values="told").rename(columns=numbers).reset_index()
        shown = [alt.Tooltip("date:T", title="done by", format="%-d %b %Y")]
        shown += [alt.Tooltip(f"{column}:N", title=name) for name, column in numbers.items()]
        layers.append(
            alt.Chart(wide)
            .mark_rule(color=MUTED, strokeWidth=7)
            .encode(x=x, tooltip=shown, opacity=alt.when(under).then(alt.value(0.3)).otherwise(alt.value(0)))
            .add_params(under)
        )
    heading = title(
        f"Chance that {what} {'is' if operation else 'are'} done by a date",
        "band: 95 % interval of the simulation, not of the model",
    )
    return finish(alt.layer(*layers).properties(title=heading, height=260))
