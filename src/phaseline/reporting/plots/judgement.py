"""Pictures of stored analyses: which unknown drives an outcome, and how far it moves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phaseline.reporting.plots.style import INK, MUTED, PALETTE, AnyChart, finish, title

MOST = 12
"""Unknowns drawn, the weightiest first."""


def drivers(
    document: Mapping[str, Any], key: str, plan: str | None = None, *, hover: bool = True
) -> AnyChart:
    """Weight of each unknown in one outcome: Borgonovo's delta, with its interval, weightiest first.

    Parameters
    ----------
    document
        What ``drivers.json`` holds.
    key
        Outcome, for example ``end``.
    plan
        Id of the plan; default the first for which the outcome was studied.
    hover
        Whether to add what shows the numbers under the pointer.

    Raises
    ------
    KeyError
        If the outcome or the plan was not studied.
    """
    import altair as alt

    outcome = studied(document, key, plan)
    table = _frame(document, outcome)
    shown = [
        alt.Tooltip("label:N", title="unknown"),
        alt.Tooltip("delta:Q", title="delta", format=".3f"),
        alt.Tooltip("delta_low:Q", title="from", format=".3f"),
        alt.Tooltip("delta_high:Q", title="to", format=".3f"),
        alt.Tooltip("first:Q", title="first-order share of variance", format=".3f"),
    ]
    tips: dict[str, Any] = {"tooltip": shown} if hover else {}
    y = alt.Y("label:N", sort=list(table["label"]), title=None, axis=alt.Axis(ticks=False, labelColor=INK))
    base = alt.Chart(table).encode(y=y, **tips)
    x = alt.X("delta:Q", title="weight (delta)", scale=alt.Scale(zero=True))
    layers = [
        base.mark_bar(height=10, color=PALETTE[0], opacity=0.75).encode(x=x),
        base.mark_rule(color=INK, strokeWidth=1.6).encode(
            x=alt.X("delta_low:Q", title="weight (delta)"), x2="delta_high:Q"
        ),
    ]
    heading = title(
        f"What drives: {outcome['label']}", "bar: Borgonovo's delta, 0 to 1; line: its 95 % interval"
    )
    return finish(alt.layer(*layers, data=table).properties(height=alt.Step(20), title=heading))


def tornado(
    document: Mapping[str, Any], key: str, plan: str | None = None, *, hover: bool = True
) -> AnyChart:
    """How far each unknown moves the mean of an outcome: from its lowest tenth to its highest; as `drivers`."""
    import altair as alt

    outcome = studied(document, key, plan)
    table = _frame(document, outcome).dropna(subset=["at_low", "at_high"])
    table = table.assign(swing=(table["at_high"] - table["at_low"]).abs()).sort_values(
        "swing", ascending=False
    )
    shown = [alt.Tooltip("label:N", title="unknown")]
    shown += [
        alt.Tooltip(f"{end}_told:N", title=f"mean where it is in its {what} tenth")
        for end, what in (("at_low", "lowest"), ("at_high", "highest"))
    ]
    tips: dict[str, Any] = {"tooltip": shown} if hover else {}
    y = alt.Y("label:N", sort=list(table["label"]), title=None, axis=alt.Axis(ticks=False, labelColor=INK))
    unit = f"{outcome['label']}, mean ({outcome['unit']})"
    base = alt.Chart(table).encode(y=y, **tips)
    scale = alt.Scale(zero=False, padding=12)
    axis = alt.Axis(grid=True)
    layers = [
        base.mark_rule(color=MUTED, strokeWidth=5, opacity=0.4).encode(
            x=alt.X("at_low:Q", title=unit, scale=scale, axis=axis), x2="at_high:Q"
        )
    ]
    for end, colour, shape in (("at_low", PALETTE[4], "circle"), ("at_high", PALETTE[0], "diamond")):
        layers += [
            base.mark_rule(color=INK, strokeWidth=1.2).encode(
                x=alt.X(f"{end}_from:Q", title=unit), x2=f"{end}_to:Q"
            ),
            base.mark_point(filled=True, size=75, opacity=1, color=colour, shape=shape).encode(
                x=alt.X(f"{end}:Q", title=unit)
            ),
        ]
    below = "circle: the unknown in its lowest tenth; diamond: in its highest; line: 95 % interval"
    heading = title(f"How far each unknown moves: {outcome['label']}", below)
    return finish(alt.layer(*layers, data=table).properties(height=alt.Step(22), title=heading))


def studied(document: Mapping[str, Any], key: str, plan: str | None = None) -> Mapping[str, Any]:
    """The entry of an outcome.

    Raises
    ------
    KeyError
        If there is none; the message lists those that there are.
    """
    for outcome in document["outcomes"]:
        if outcome["key"] == key and plan in (None, outcome["plan"]):
            found: Mapping[str, Any] = outcome
            return found
    known = ", ".join(f"{outcome['key']} under {outcome['plan']}" for outcome in document["outcomes"])
    raise KeyError(f"no outcome {key!r}{f' under {plan!r}' if plan else ''} was studied; there is {known}")


def _frame(document: Mapping[str, Any], outcome: Mapping[str, Any]) -> Any:
    import pandas as pd

    from phaseline.reporting.cells import interval_text

    rows = []
    for entry in outcome["numbers"]:
        low, high = entry.get("at_low") or {}, entry.get("at_high") or {}
        name = entry["number"]
        label = document["numbers"].get(name, {}).get("label") or name
        rows.append(
            {
                "number": name,
                "label": label,
                "delta": entry["delta"]["value"],
                "delta_low": entry["delta"]["low"],
                "delta_high": entry["delta"]["high"],
                "first": (entry.get("first_order") or {}).get("value"),
                "at_low": low.get("value"),
                "at_low_from": low.get("low"),
                "at_low_to": low.get("high"),
                "at_low_told": interval_text(low),
                "at_high": high.get("value"),
                "at_high_from": high.get("low"),
                "at_high_to": high.get("high"),
                "at_high_told": interval_text(high),
            }
        )
    rows.sort(key=lambda row: -(row["delta"] or 0.0))
    kinds = {"number": str, "label": str, "at_low_told": str, "at_high_told": str}
    frame = pd.DataFrame(rows[:MOST], columns=list(rows[0]) if rows else list(kinds))
    doubled = frame["label"].duplicated(keep=False)
    frame["label"] = frame["label"].where(~doubled, frame["label"] + " (" + frame["number"] + ")")
    return frame.astype({name: kinds.get(name, float) for name in frame.columns})
