"""Plans side by side: for each outcome a dot, the interval of the simulation, and the range of eight histories in ten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.known import chance_of, known
from phaseline.outcomes.statistics import amount_interval, exactly, quantile_intervals
from phaseline.outcomes.wording import Words, day_month, figure, yes_no
from phaseline.reporting import ranked
from phaseline.reporting.plots.frames import BAND, BAND_NAMES
from phaseline.reporting.plots.shown import shown
from phaseline.reporting.plots.style import AnyChart, colours, finish, labels_of, legend, plan_titles, title
from phaseline.scenario.calendar import horizon_days, last_date, start_date

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

Values = Callable[["Outcomes", str], "NDArray[Any]"]
CHANCE, SPREAD, MEAN = "chance", "spread", "mean"


@dataclass(frozen=True)
class Outcome:
    """One thing by which plans are compared.

    Attributes
    ----------
    label
        In words, with the unit.
    values
        Of a run and a plan: one number per history, NaN for never; or truth values.
    shown
        ``chance``: the share of histories, with its interval. ``spread``: median, its interval, and the 10 to 90 % range.
        ``mean``: mean and its interval.
    """

    label: str
    values: Values
    shown: str = SPREAD


def plans(outcomes: Outcomes, *, hover: bool = True) -> AnyChart:
    """Each outcome that differs from nothing, for every plan: dot, 95 % interval (thick), 10 to 90 % of histories (thin).

    Parameters
    ----------
    outcomes
        Any.
    hover
        Whether to add what shows the numbers under the pointer.
    """
    import altair as alt

    table = plans_frame(outcomes)
    names = list(plan_titles(outcomes).values())
    order = list(dict.fromkeys(table["outcome"]))
    tips: dict[str, Any] = {"tooltip": ["title:N", "outcome:N", "told:N"]} if hover else {}
    y = alt.Y("title:N", title=None, sort=names, axis=alt.Axis(domain=False, ticks=False, labels=False))
    base = alt.Chart(table).encode(
        y=y,
        color=alt.Color("title:N", scale=colours(names), legend=legend(names, symbolOpacity=1)),
        **tips,
    )
    axis = alt.Axis(title=None, tickCount=5, grid=True)
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(zero=False, padding=8))
    layers = [
        base.mark_rule(strokeWidth=1.6, opacity=0.7).encode(x=alt.X("p10:Q", axis=axis), x2="p90:Q"),
        base.mark_rule(strokeWidth=6, opacity=0.45).encode(x=alt.X("low:Q", axis=axis), x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1, shape="circle").encode(x=x),
    ]
    chart = alt.layer(*layers, data=table).properties(height=alt.Step(18))
    faceted = chart.facet(alt.Facet("outcome:N", title=None, sort=order), columns=2).resolve_scale(
        x="independent"
    )
    below = "dot: median, mean or chance; thick: its 95 % interval; thin: eight histories in ten"
    return finish(faceted.properties(title=title("Plans side by side", below)))


def plans_frame(outcomes: Outcomes) -> pd.DataFrame:
    """The numbers of `plans`: one row for each outcome and plan; ends beyond the horizon are drawn at it.

    Where no spread of histories is shown, ``p10`` and ``p90`` are the ends of the interval.
    """
    import pandas as pd

    horizon = float(horizon_days(outcomes.scenario))
    rows = []
    for outcome in shown_outcomes(outcomes):
        for plan, name in plan_titles(outcomes).items():
            values, certain = known(outcomes, partial(_of_plan, outcome, plan))
            row: dict[str, Any] = {
                "outcome": outcome.label,
                "plan": plan,
                "title": name,
                "shown": outcome.shown,
            }
            if outcome.shown == CHANCE:
                found = chance_of(outcomes, partial(_of_plan, outcome, plan), together=True)
                row |= {key: 100 * getattr(found, key) for key in found._fields}
                row["told"] = yes_no(found._asdict())
            elif outcome.shown == MEAN:
                found = exactly(float(values[0])) if certain else amount_interval(values, outcomes.per_world)
                row |= found._asdict()
                ends = f" ({figure(found.low)}–{figure(found.high)})" if found.low < found.high else ""
                row["told"] = f"{figure(*found)}{ends}"
            else:
                tenths = quantile_intervals(values, BAND, outcomes.per_world)
                row |= tenths[1]._asdict() | dict(zip(BAND_NAMES, (one.value for one in tenths), strict=True))
                row["told"] = " · ".join(_told(one.value) for one in tenths) + " (10, 50, 90 %)"
            rows.append({"p10": row["low"], "p90": row["high"]} | row)
    frame = pd.DataFrame(rows)
    return frame.replace({np.inf: horizon, -np.inf: 0.0})


def _of_plan(outcome: Outcome, plan: str, outcomes: Outcomes) -> NDArray[Any]:
    return outcome.values(outcomes, plan)


def shown_outcomes(outcomes: Outcomes) -> list[Outcome]:
    """Outcomes worth comparing: those that are not zero in every history of every plan."""
    scenario = outcomes.scenario
    words = Words(scenario.vocabulary)
    several = len(scenario.operations) > 1
    every = f"all {words('operation', 2)}" if several else next(iter(labels_of(scenario.operations).values()))
    start = day_month(start_date(scenario))

    def column(name: str) -> Values:
        return lambda run, plan: run.column(plan, name)

    def total(quantity: str, names: list[str]) -> Values:
        return lambda run, plan: np.sum([run.column(plan, f"{quantity}.{name}") for name in names], axis=0)

    own = [name for name, force in scenario.forces.items() if force.side == "own"]
    found = [
        Outcome(f"{every}: done, days from {start}", column("end")),
        Outcome(
            f"{every}: done by {day_month(last_date(outcomes.scenario))}, %",
            lambda run, plan: ~np.isnan(run.column(plan, "end")),
            CHANCE,
        ),
        Outcome(
            f"at least one {words('operation')} fails, %",
            lambda run, plan: np.any(
                [run.column(plan, f"status.{o}") == 2 for o in scenario.operations], axis=0
            ),
            CHANCE,
        ),
    ]
    if own:
        found.append(Outcome("losses of own forces, killed and wounded", total("losses", own)))
    stretched = {
        asset: label
        for asset, label in labels_of(scenario.assets).items()
        if any(outcomes.column(plan, f"overstretched.{asset}").any() for plan in outcomes.plans)
    }
    for asset, label in shown(outcomes, "asset", stretched, ranked.MOST)[0].items():
        found.append(Outcome(f"{label}: days overstretched, mean", column(f"overstretched.{asset}"), MEAN))
    found += [
        Outcome("displaced, million person-days", lambda run, plan: run.column(plan, "person_days") / 1e6),
        Outcome("civilians harmed", column("harm")),
    ]
    return [
        outcome
        for outcome in found
        if any(np.any(outcome.values(outcomes, plan) != 0) for plan in outcomes.plans)
    ]


def _told(value: float) -> str:
    return figure(float(f"{value:.3g}")) if np.isfinite(value) else "beyond the horizon"
