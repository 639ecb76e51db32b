"""Charts as parts of a page: a static picture, and what is needed to draw it live where scripts run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from phaseline.reporting.plots.style import AnyChart

_DIGITS = 4
"""Significant digits of numbers that are drawn; a picture shows no more."""
_IDS = re.compile(r'\b(id="|url\(#)(?=\w)')


@dataclass(frozen=True)
class Figure:
    """A picture on the page.

    Attributes
    ----------
    name
        Unique on the page.
    drawn
        The static picture, which may still be on its way; see `svg`.
    live
        Vega-Lite specification with hover, its data packed by `packed`; see ``report.js``.
    text
        What the picture shows, for who cannot see it.
    heading, note
        Above it, in place of the chart's own title.
    """

    name: str
    drawn: Future[str]
    live: dict[str, Any]
    text: str
    heading: str = ""
    note: str = ""

    @property
    def svg(self) -> Markup:
        """The static picture as part of a page."""
        return _inline(self.drawn.result(), self.name)


@cache
def _draughtsman() -> ThreadPoolExecutor:
    """Draws while the next chart is put together, which takes as long; the library works on one at a time anyway."""
    return ThreadPoolExecutor(1, thread_name_prefix="phaseline-draw")


def figure(name: str, make: Callable[[], AnyChart], text: str, heading: str = "", note: str = "") -> Figure:
    """Draw a chart twice: without hover as SVG, and with it as a specification.

    Parameters
    ----------
    name
        Unique on the page.
    make
        Returns the chart, with hover.
    text, heading, note
        See `Figure`.
    """
    import vl_convert

    live = make().to_dict(
        validate=False
    )  # the charts are checked where they are tested; here it would take a second
    if rest := live.pop("usermeta", {}).get("rest", ""):
        note = f"{note} {rest}; their numbers are in summary.json and series.nc.".strip()
    live["background"] = None
    live["config"] = live.get("config", {}) | {"background": None, "padding": 2, "aria": False}
    if heading:
        live.pop("title", None)
    still = _still(live)
    del live["$schema"]  # an address; nobody is to look there
    live["datasets"] = {key: packed(rows) for key, rows in live.get("datasets", {}).items()}
    drawn = _draughtsman().submit(vl_convert.vegalite_to_svg, still)
    return Figure(name, drawn, live, text, heading, note)


def _still(live: dict[str, Any]) -> dict[str, Any]:
    """The same without what only shows under the pointer: views that carry parameters, which Altair gives a name."""
    named = {view for parameter in live.get("params", []) for view in parameter.get("views", [])}

    def bare(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: bare(value) for key, value in part.items() if key not in ("params", "datasets")}
        if isinstance(part, list):
            return [bare(one) for one in part if not (isinstance(one, dict) and one.get("name") in named)]
        return part

    still: dict[str, Any] = bare(live)
    return still | {"datasets": live.get("datasets", {})}


def packed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows as columns: a constant once, repeated values once each, numbers with four digits. ``report.js`` unpacks them."""
    columns = {}
    for key in rows[0] if rows else ():
        values = [_short(row[key]) for row in rows]
        distinct = list(dict.fromkeys(values))
        if len(distinct) == 1:
            columns[key] = {"all": distinct[0]}
        elif 2 * len(distinct) <= len(values) and isinstance(distinct[0], str):
            position = {value: k for k, value in enumerate(distinct)}
            columns[key] = {"of": distinct, "at": [position[value] for value in values]}
        else:
            columns[key] = {"each": values}
    return {"rows": len(rows), "columns": columns}


def _short(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, float) or value == 0:
        return value
    if not math.isfinite(value):
        return None
    rounded = round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    return int(rounded) if rounded.is_integer() else rounded


def _inline(svg: str, name: str) -> Markup:
    """An SVG document as part of a page: ids get the figure's name, so that pictures do not clip each other."""
    inner = svg[svg.index("<svg") :]
    inner = _IDS.sub(lambda found: f"{found[1]}{name}-", inner)
    inner = re.sub(r'\s(?:aria-\w+|role)="[^"]*"', "", inner)
    return Markup(inner.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))
