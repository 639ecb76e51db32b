"""Daily quantities as fans: the median and the band that holds eight histories in ten."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.statistics import probability_interval
from phaseline.outcomes.wording import Words, percent
from phaseline.reporting import ranked
from phaseline.reporting.plots.frames import band_frame, moment, tenths_of
from phaseline.reporting.plots.shown import headed, shown
from phaseline.reporting.plots.style import (
    ALARM,
    HOVER,
    INK,
    MOST_PANELS,
    MUTED,
    AnyChart,
    chosen_plans,
    colours,
    count_axis,
    date_axis,
    finish,
    labels_of,
    percent_axis,
    plan_titles,
)
from phaseline.scenario.quantity import single_value

if TYPE_CHECKING:
    import pandas as pd

    from phaseline.outcomes.results import Outcomes

POINTS = 150
"""About how many days are drawn of a series, however long it is."""
MOST_ROWS = 4_800
"""Altair refuses more than 5,000 rows unless told otherwise."""
HOW_TO_READ = "line: median; band: eight histories in ten"


def strain(
    outcomes: Outcomes, plan: str | None = None, *, hover: bool = True, most: int | None = ranked.MOST
) -> AnyChart:
    """Strain of each asset over time, the line at the limit, and the day from which it is first overstretched.

    Parameters
    ----------
    outcomes
        With daily series and at least one asset that is ever strained.
    plan
        One plan; default all, side by side.
    hover
        Whether to add what shows the numbers under the pointer.
    most
        Panels, of those that matter most; None for all.

    Raises
    ------
    KeyError
        If there is no such plan.
    LookupError
        If the run recorded no daily series, or no asset is ever strained.
    """
    import altair as alt

    labels = used(outcomes, "asset_strain", labels_of(outcomes.scenario.assets))
    if not labels:
        raise LookupError("no asset is ever strained, so there is nothing to draw")
    labels, rest = shown(outcomes, "asset", labels, most)
    plans = chosen_plans(outcomes, plan)
    table = band_frame(
        outcomes, "asset_strain", labels, every=step_of(outcomes, len(labels) * len(outcomes.plans))
    )
    top = float(table["p90"].max()) * 1.08
    table = table[table["plan"].isin(plans)].merge(
        binding_frame(outcomes, labels, plans), how="left", on=["plan", "entity", "day"]
    )
    table["told"] = table["told"].fillna("")  # missing text would be no JSON
    limit = single_value(outcomes.scenario.overstretch.above, outcomes.scenario)
    lasts = single_value(outcomes.scenario.overstretch.lasts, outcomes.scenario)
    base = alt.Chart(table).transform_filter("isValid(datum.binds)")
    marks = [
        base.mark_rect(color=INK, opacity=0.08).encode(x="binds_early:T", x2="binds_late:T"),
        base.mark_rule(color=INK, strokeWidth=1.2).encode(x="binds:T"),
        base.mark_text(align="left", dx=5, baseline="top", color=INK, fontSize=10.5).encode(
            x="binds:T", y=alt.value(1), text="told:N"
        ),
        alt.Chart(table)
        .transform_filter("datum.day == 0")
        .mark_rule(color=ALARM, strokeDash=[5, 3])
        .encode(y=alt.datum(limit)),
    ]
    y = alt.Y("p50:Q", title=None, scale=alt.Scale(domain=[0, max(top, 1.3 * limit)], nice=False))
    layers = [*marks, *_fan(table, y, ".2f", "strain", list(plan_titles(outcomes).values()), hover)]
    words = Words(outcomes.scenario.vocabulary)
    below = [
        f"{HOW_TO_READ}; dashed: {limit:g}, the limit",
        f"upright: the day from which it is first above the limit for {lasts:g} days or more",
    ]
    heading = headed(f"Strain of each {words('asset')}", below, rest)
    return finish(_panels(table, layers, heading, by_plan=plan is None))


def binding_frame(outcomes: Outcomes, labels: Mapping[str, str], plans: Sequence[str]) -> pd.DataFrame:
    """When each asset is first overstretched, where it is: 10, 50 and 90 % of those histories, and how many they are.

    One row per plan and asset, on day 0, so that it can be joined to a daily table.
    """
    import pandas as pd

    rows = []
    for plan in plans:
        for asset in labels:
            days = outcomes.column(plan, f"binds.{asset}")
            if np.isnan(days).all():
                continue
            early, middle, late = tenths_of(days, outcomes.per_world, drop=True)
            if outcomes.knows(plan, f"binds.{asset}"):
                often = ""
            else:
                often = f" in {percent(probability_interval(~np.isnan(days), outcomes.per_world)._asdict())}"
            told = f"from {moment(outcomes, middle):%-d %b %Y}{often}"
            times = {
                name: moment(outcomes, time)
                for name, time in (("binds_early", early), ("binds", middle), ("binds_late", late))
            }
            rows.append({"plan": plan, "entity": asset, "day": 0, **times, "told": told})
    names = ["plan", "entity", "day", "binds_early", "binds", "binds_late", "told"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"day": np.int64} | dict.fromkeys(names[3:6], "datetime64[ns]"))


def coverage(
    outcomes: Outcomes, plan: str | None = None, *, hover: bool = True, most: int | None = ranked.MOST
) -> AnyChart:
    """Share of the demand on each asset that is met, over time; parameters and errors as for `strain`."""
    labels = used(outcomes, "asset_strain", labels_of(outcomes.scenario.assets))
    words = Words(outcomes.scenario.vocabulary)
    heading = f"Share of the demand on each {words('asset')} that is met"
    return _fans(outcomes, "asset_coverage", labels, plan, (heading, "share met", "%"), (hover, most))


def progress(
    outcomes: Outcomes, plan: str | None = None, *, hover: bool = True, most: int | None = ranked.MOST
) -> AnyChart:
    """Share of the work of each operation that is done, over time; parameters and errors as for `strain`."""
    words = Words(outcomes.scenario.vocabulary)
    heading = f"Progress of each {words('operation')}"
    labels = labels_of(outcomes.scenario.operations)
    return _fans(outcomes, "operation_progress", labels, plan, (heading, "share done", "%"), (hover, most))


def losses(
    outcomes: Outcomes,
    plan: str | None = None,
    *,
    side: str = "own",
    hover: bool = True,
    most: int | None = ranked.MOST,
) -> AnyChart:
    """Losses of each force so far (killed and wounded taken out), over time; parameters and errors as for `strain`.

    ``side`` is ``own`` or ``adversary``.
    """
    forces = {name: force for name, force in outcomes.scenario.forces.items() if force.side == side}
    labels = used(outcomes, "force_losses", labels_of(forces))
    whose = "own forces" if side == "own" else Words(outcomes.scenario.vocabulary)("adversary")
    heading = f"Losses so far, {whose}: killed and wounded taken out"
    return _fans(outcomes, "force_losses", labels, plan, (heading, "persons", ",.0f"), (hover, most))


def displaced(
    outcomes: Outcomes, plan: str | None = None, *, hover: bool = True, most: int | None = ranked.MOST
) -> AnyChart:
    """People displaced by each operation, over time; parameters and errors as for `strain`."""
    labels = used(outcomes, "operation_displaced", labels_of(outcomes.scenario.operations))
    words = ("People displaced", "persons", ",.0f")
    return _fans(outcomes, "operation_displaced", labels, plan, words, (hover, most))


def used(outcomes: Outcomes, name: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Entities of which a daily series is ever above zero under any plan."""
    means = outcomes.series().get(f"{name}_mean")
    if means is None or not labels:
        return {}
    kind = name.split("_", 1)[0]
    return {entity: label for entity, label in labels.items() if float(means.sel({kind: entity}).max()) > 0}


def step_of(outcomes: Outcomes, panels: int) -> int:
    """Days from one drawn point to the next, so that a chart of so many panels stays within what Altair takes."""
    points = max(min(POINTS, MOST_ROWS // panels), 2)
    return max(1, math.ceil(outcomes.series().sizes["day"] / points))


def _fans(
    outcomes: Outcomes,
    name: str,
    labels: Mapping[str, str],
    plan: str | None,
    words: tuple[str, str, str],
    options: tuple[bool, int | None],
) -> AnyChart:
    """Panels of one quantity.

    ``words`` are the heading, the axis title and the number format; ``options`` are ``hover`` and ``most``.
    """
    import altair as alt

    heading, unit, form = words
    hover, most = options
    if not labels:
        raise LookupError(f"nothing is recorded of {heading[:1].lower()}{heading[1:]}")
    labels, rest = shown(outcomes, name.split("_", 1)[0], labels, most)
    table = band_frame(outcomes, name, labels, every=step_of(outcomes, len(labels) * len(outcomes.plans)))
    top = float(table["p90"].max()) or 1.0
    table = table[table["plan"].isin(chosen_plans(outcomes, plan))]
    share = form == "%"
    axis = percent_axis((0, 0.5, 1)) if share else count_axis(top)
    y = alt.Y("p50:Q", axis=axis, scale=alt.Scale(domain=[0, 1] if share else [0, top], nice=not share))
    below = HOW_TO_READ if share else f"{unit}; {HOW_TO_READ}"
    layers = _fan(table, y, ".0%" if share else form, unit, list(plan_titles(outcomes).values()), hover)
    return finish(_panels(table, layers, headed(heading, [below], rest), by_plan=plan is None))


def _fan(
    table: pd.DataFrame, y: Any, form: str, unit: str, names: Sequence[str], hover: bool
) -> list[AnyChart]:
    """Band, median and hover; ``names`` are the titles of all plans, so that each keeps its colour."""
    import altair as alt

    base = alt.Chart(table)
    x = alt.X("date:T", axis=date_axis(int(table["day"].max()) + 1))
    colour = alt.Color("title:N", scale=colours(names), legend=None)
    layers = [
        base.mark_area(opacity=0.22).encode(x=x, y=alt.Y("p10:Q", title=None), y2="p90:Q", color=colour),
        base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour),
    ]
    if hover:
        under = alt.selection_point(name="under", on="pointerover", clear="pointerout", empty=False)
        told = [
            alt.Tooltip("title:N", title="plan"),
            alt.Tooltip("label:N", title="of"),
            alt.Tooltip("date:T", format="%-d %b %Y"),
            alt.Tooltip("p50:Q", title=f"{unit}, median", format=form),
            alt.Tooltip("p10:Q", title="one in ten below", format=form),
            alt.Tooltip("p90:Q", title="one in ten above", format=form),
            alt.Tooltip("mean:Q", title="mean", format=form),
        ]
        layers.append(
            base.mark_rule(color=MUTED, strokeWidth=5)
            .encode(x=x, tooltip=told, opacity=alt.when(under).then(alt.value(0.35)).otherwise(alt.value(0)))
            .properties(name=HOVER)
            .add_params(under)
        )
    return layers


def _panels(
    table: pd.DataFrame, layers: Sequence[AnyChart], heading: Mapping[str, Any], *, by_plan: bool
) -> AnyChart:
    """One panel per entity, and a column per plan."""
    import altair as alt

    order = list(dict.fromkeys(table["label"]))
    chart = alt.layer(*layers, data=table)
    row = alt.Row("label:N", title=None, sort=order)
    if by_plan:
        column = alt.Column("title:N", title=None, sort=list(dict.fromkeys(table["title"])))
        faceted = chart.facet(row=row, column=column)
    else:
        faceted = chart.facet(row=row)
    if len(order) > MOST_PANELS:
        faceted = faceted.resolve_axis(x="independent")
    return faceted.properties(**heading)
