"""The section with the map: a still of the most typical history half way through, and what the slider needs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from phaseline.outcomes.wording import day_month
from phaseline.reporting.map import PROGRESS_COLOURS, places_of, source_note, theatre_map
from phaseline.reporting.plots.style import labels_of, plan_titles
from phaseline.reporting.replay import replays
from phaseline.scenario.calendar import start_date

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes

SHARES = ("not begun", "up to a quarter", "up to half", "up to three quarters", "more than that, or done")
SHOWN_EVENTS = 8
_STILL = 0.5
"""Mean share done of the operations on the map at which the still is taken."""


def theatre(outcomes: Outcomes) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What the template shows, None where no operation has a place; and what ``report.js`` replays."""
    places = places_of(outcomes.scenario)
    if not places:
        return None, {}
    replay = replays(outcomes)
    found: dict[str, Any] = {
        "legend": list(zip(PROGRESS_COLOURS, SHARES, strict=True)),
        "note": f"Symbols: APP-6 / MIL-STD-2525, land units of either side, marks of size only indicative. {_credit()}",
        "without": ", ".join(
            label for name, label in labels_of(outcomes.scenario.operations).items() if name not in places
        ),
        "replay": bool(replay),
        "events": [],
        "frames": 1,
        "frame": 0,
        "date": "",
        "static_note": "",
    }
    if not replay:
        drawing = theatre_map(outcomes)
        found["svg"] = Markup(drawing.svg) if drawing else ""
        return found, {}
    plan = next(iter(replay["plans"]))
    history = replay["plans"][plan]["histories"][replay["plans"][plan]["medoid"]]
    replay = _trimmed(replay) | {"plan": plan, "colours": list(PROGRESS_COLOURS)}
    frame = _still(history, list(places))
    day = replay["days"][frame]
    done = {
        name: values[frame] / 100
        for kind in ("operations", "phases")
        for name, values in history[kind].items()
    }
    drawing = theatre_map(outcomes, done)
    start = start_date(outcomes.scenario)
    when = day_month(start + dt.timedelta(days=day))
    past = [(then, text) for then, text in history["events"] if then <= day][-SHOWN_EVENTS:]
    return found | {
        "svg": Markup(drawing.svg) if drawing else "",
        "frames": len(replay["days"]),
        "frame": frame,
        "date": f"{when}, day {day}",
        "static_note": f"Here: history {history['replication']:,} of “{plan_titles(outcomes)[plan]}”, the most typical of "
        f"those stored, on {when} (day {day}).",
        "events": [
            {"date": day_month(start + dt.timedelta(days=then)), "text": text}
            for then, text in reversed(past)
        ],
    }, replay


def _credit() -> str:
    return "Land, borders and waters: Natural Earth. Towns: GeoNames, CC BY 4.0."


def map_source() -> str:
    """Where the map comes from, in full."""
    return source_note()


def _still(history: dict[str, Any], names: list[str]) -> int:
    """First frame at which half the work of the operations on the map is done; the last where it never is."""
    shares = [
        sum(values) / (100 * len(names))
        for values in zip(*(history["operations"][n] for n in names), strict=True)
    ]
    return next((frame for frame, share in enumerate(shares) if share >= _STILL), len(shares) - 1)


def _trimmed(replay: dict[str, Any]) -> dict[str, Any]:
    """Without the days after which nothing moves in any history."""
    rows = [
        values
        for plan in replay["plans"].values()
        for history in plan["histories"]
        for kind in ("operations", "phases")
        for values in history[kind].values()
    ]
    last = max(
        (next((k for k in range(len(row) - 1, 0, -1) if row[k] != row[k - 1]), 0) for row in rows), default=0
    )
    return replay | {"days": replay["days"][: last + 3]}
