"""The map of the theatre: land, borders, rivers, lakes, towns, and the operations with their symbols and progress.

Drawn as SVG in an equirectangular projection true to scale at the middle of the map (Snyder 1987, Map Projections: A Working
Manual, ch. 12), good to a few percent over a theatre. Nothing is loaded from anywhere: the map is in the package.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from phaseline.reporting.plots.style import labels_of
from phaseline.reporting.symbols import Symbol, symbol_of

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Operation, Scenario

WIDTH, HEIGHT = 960.0, 560.0
LEAST_DEGREES = 3.5
"""Least height of the map."""
MARGIN = 0.5
"""Share of the extent of the places added on each side."""
KM_PER_DEGREE = 111.19
PROGRESS_COLOURS = ("#F2F2F2", "#FDE2A5", "#F6B34B", "#C97B1E", "#7A4A12")
"""Done: none, up to a quarter, a half, three quarters, all; light to dark, so that it is read without colour."""
_RADIUS = 13.0
_SYMBOL_HEIGHT = 34.0
_BAR, _GAP = 46.0, 3.0
_MOST_TOWNS = 24
_BEYOND = 5.0
"""Pixels beyond the edge up to which lines are drawn, so that no cut shows."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """What part of the world is shown."""

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels per degree of longitude and of latitude."""
        return WIDTH / (self.east - self.west), HEIGHT / (self.north - self.south)

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Pixels from the upper left corner."""
        across, up = self.scale
        return (longitude - self.west) * across, (self.north - latitude) * up

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a place lies on the map."""
        return self.west < longitude < self.east and self.south < latitude < self.north


def places_of(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the operations that have a place."""
    return {
        name: operation.place
        for name, operation in scenario.operations.items()
        if operation.place is not None
    }


def view_of(places: Sequence[tuple[float, float]]) -> View:
    """A view that shows all places with some country around them, without stretching it."""
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    middle = ((west + east) / 2, (south + north) / 2)
    narrow = max(math.cos(math.radians(middle[1])), 0.2)
    high = max(
        (north - south) * (1 + 2 * MARGIN),
        LEAST_DEGREES,
        (east - west) * (1 + 2 * MARGIN) * narrow * HEIGHT / WIDTH,
    )
    wide = high * WIDTH / HEIGHT / narrow
    return View(middle[0] - wide / 2, middle[1] - high / 2, middle[0] + wide / 2, middle[1] + high / 2)


def theatre_map(outcomes: Outcomes, progress: Mapping[str, float] | None = None) -> Drawing | None:
    """The map of the operations that have a place.

    Parameters
    ----------
    outcomes
        Any.
    progress
        Share done of operations and phases, by ``operation`` and ``operation.phase``; default the mean at the horizon under
        the first plan, or nothing where no daily series were recorded.

    Returns
    -------
    Drawing or None
        None where no operation has a place.
    """
    scenario = outcomes.scenario
    places = places_of(scenario)
    if not places:
        return None
    view = view_of(list(places.values()))
    done = final_progress(outcomes) if progress is None else progress
    layer = _layer(view)
    taken = [(x - 78, y - 62, x + 78, y + 34) for x, y in (view.point(*place) for place in places.values())]
    parts = [
        f'<rect class="sea" width="{WIDTH:g}" height="{HEIGHT:g}"/>',
        _areas(view, layer["land"], "land"),
        _areas(view, layer["lakes"], "sea"),
        _lines(view, layer["rivers"], "river"),
        _lines(view, layer["borders"], "border"),
        _countries(view, layer, taken),
        _towns(view, taken),
        _scale_bar(view),
    ]
    drawn: list[Point] = []
    for name, place in places.items():
        x, y = view.point(*place)
        while any(abs(x - left) < 60 and abs(y - top) < 60 for left, top in drawn):
            y += 70.0
        drawn.append((x, y))
        parts.append(_operation(scenario, name, (x, y), done))
    names = labels_of(scenario.operations)
    told = ", ".join(f"{names[name]} {100 * done.get(name, 0.0):.0f} % done" for name in places)
    return Drawing(Markup("").join(Markup(part) for part in parts), f"Map of the theatre: {told}")


def final_progress(outcomes: Outcomes) -> dict[str, float]:
    """Mean share done at the horizon under the first plan."""
    try:
        series = outcomes.series().isel(plan=0, day=-1)
    except LookupError:
        return {}
    return {
        str(name): float(value)
        for kind in ("operation", "phase")
        for name, value in zip(series[kind].values, series[f"{kind}_progress_mean"].values, strict=True)
    }


@dataclass(frozen=True)
class Drawing:
    """A map, ready to be shown in a notebook, put into a page, or saved."""

    content: Markup
    text: str

    @property
    def svg(self) -> str:
        """The whole drawing, with its colours; a page may set others by its own style."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="theatre" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
            f'aria-label="{escape(self.text)}"><style>{STYLE}</style>{self.content}</svg>'
        )

    def _repr_svg_(self) -> str:
        return self.svg


STYLE = (
    ".theatre{font-family:Helvetica,Arial,sans-serif;background:var(--map-sea,#dbe7f0)}"
    ".theatre .sea{fill:var(--map-sea,#dbe7f0)}.theatre .land{fill:var(--map-land,#f6f3ec);fill-rule:evenodd}"
    ".theatre .river{fill:none;stroke:var(--map-river,#9dbdd6);stroke-width:1.4;stroke-linejoin:round}"
    ".theatre .border{fill:none;stroke:var(--map-border,#a39b8b);stroke-width:1.2;stroke-dasharray:7 3 2 3}"
    ".theatre .town{fill:var(--map-town,#6b6b66)}.theatre text{fill:var(--map-text,#4d4d48);font-size:11.5px;"
    "paint-order:stroke;stroke:var(--map-land,#f6f3ec);stroke-width:3px;stroke-linejoin:round}"
    ".theatre .country{font-size:12.5px;letter-spacing:.22em;fill:var(--map-country,#857d6d)}"
    ".theatre .name{font-size:15px;font-weight:700;fill:var(--map-ink,#1c2430)}"
    ".theatre .share{font-size:13px;fill:var(--map-ink,#1c2430)}"
    ".theatre .ring{fill:none;stroke:var(--map-ink,#1c2430);stroke-width:1.5}"
    ".theatre .symbol>g[fill=none]{stroke:var(--map-ink,#1c2430)}"
    ".theatre .arc{stroke:var(--map-arc,#7a4a12);stroke-width:5}"
    ".theatre .bar{fill:#f2f2f2;stroke:#1c2430;stroke-width:.8}.theatre .bar-done{fill:#7a4a12}"
    ".theatre .scale{stroke:var(--map-text,#4d4d48);stroke-width:1.5;fill:none}"
)


@cache
def _data() -> dict[str, Any]:
    text = files("phaseline.reporting").joinpath("data", "map.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def source_note() -> str:
    """Where the map comes from."""
    return str(_data()["note"])


def _layer(view: View) -> dict[str, Any]:
    """The first layer that covers the view, the finest first; the coarse world else."""
    layers: list[dict[str, Any]] = _data()["layers"]
    for layer in layers:
        west, south, east, north = layer["box"]
        if west <= view.west and view.east <= east and south <= view.south and view.north <= north:
            return layer
    return layers[-1]


def _pixels(view: View, flat: Sequence[int]) -> list[Point]:
    x = y = 0
    points = []
    for dx, dy in zip(flat[::2], flat[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append(view.point(x / 100, y / 100))
    return points


def _areas(view: View, rings: Sequence[Sequence[int]], kind: str) -> str:
    shown = (_cut(_pixels(view, ring)) for ring in rings)
    data = "".join(f"M{_text(points)}Z" for points in shown if points)
    return f'<path class="{kind}" d="{data}"/>' if data else ""


def _cut(ring: list[Point]) -> list[Point]:
    """The part of an area on the map and a little beyond (Sutherland and Hodgman 1974, CACM 17:32)."""
    for axis, edge, sign in (
        (0, -_BEYOND, 1),
        (0, WIDTH + _BEYOND, -1),
        (1, -_BEYOND, 1),
        (1, HEIGHT + _BEYOND, -1),
    ):
        kept: list[Point] = []
        for k, end in enumerate(ring):
            start = ring[k - 1]
            inside, before = sign * (end[axis] - edge) >= 0, sign * (start[axis] - edge) >= 0
            if inside != before:
                share = (edge - start[axis]) / (end[axis] - start[axis])
                kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
            if inside:
                kept.append(end)
        ring = kept
    return ring


def _lines(view: View, lines: Sequence[Sequence[int]], kind: str) -> str:
    data = "".join(f"M{_text(points)}" for line in lines for points in _runs(_pixels(view, line)))
    return f'<path class="{kind}" d="{data}"/>' if data else ""


def _runs(line: list[Point]) -> list[list[Point]]:
    """The parts of a line on the map, each with the points just beyond its ends."""
    seen = [-_BEYOND < x < WIDTH + _BEYOND and -_BEYOND < y < HEIGHT + _BEYOND for x, y in line]
    near = [any(seen[max(k - 1, 0) : k + 2]) for k in range(len(line))]
    runs = [
        [point for _, point in group]
        for shown, group in groupby(zip(near, line, strict=True), lambda p: p[0])
        if shown
    ]
    return [run for run in runs if len(run) > 1]


def _text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _countries(view: View, layer: Mapping[str, Any], taken: list[Box]) -> str:
    """Names of the countries on the map, each as far from borders and from what is drawn as it can be."""
    step, names = layer["countries"]["step"], layer["countries"]["names"]
    west, _, _, north = layer["box"]
    cells: dict[int, list[Point]] = {}
    for row, runs in enumerate(layer["countries"]["rows"]):
        column = 0
        for code, count in runs:
            for k in range(column, column + count):
                place = (west + step * (k + 0.5), north - step * (row + 0.5))
                if view.holds(*place):
                    cells.setdefault(code, []).append(view.point(*place))
            column += count
    parts = []
    for code, own in cells.items():
        if code < 0:
            continue
        others = [point for other, points in cells.items() if other != code for point in points]
        name = str(names[code]).upper()
        half = 5.4 * len(name)
        found = None
        for x, y in own:
            box = (x - half, y - 12, x + half, y + 8)
            if box[0] < 8 or box[2] > WIDTH - 8 or box[1] < 8 or box[3] > HEIGHT - 8:
                continue
            if any(_overlap(box, other) for other in taken):
                continue
            room = min((max(abs(x - u) - half, 0) + abs(y - v) for u, v in others), default=WIDTH)
            room = min(room, box[0], WIDTH - box[2], y, HEIGHT - y)
            if room > 20 and (found is None or room > found[0]):
                found = (room, x, y, box)
        if found is not None:
            taken.append(found[3])
            parts.append(
                f'<text class="country" x="{found[1]:.1f}" y="{found[2]:.1f}" text-anchor="middle">{escape(name)}</text>'
            )
    return "".join(parts)


def _towns(view: View, taken: list[Box]) -> str:
    """The largest towns that have room."""
    parts: list[str] = []
    for name, longitude, latitude, _, capital in _data()["towns"]:
        if not view.holds(longitude / 100, latitude / 100):
            continue
        x, y = view.point(longitude / 100, latitude / 100)
        wide = 6.2 * len(name) + 12
        left = x + wide > WIDTH - 6
        box = (x - (wide if left else 8), y - 14, x + (8 if left else wide), y + 10)
        inside = box[0] > 4 and box[1] > 4 and box[3] < HEIGHT - 4
        if not inside or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        mark = (
            f'<rect class="town" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'
            if capital
            else f'<circle class="town" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>'
        )
        anchor, shift = ("end", -7) if left else ("start", 7)
        parts.append(
            f'{mark}<text x="{x + shift:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{escape(name)}</text>'
        )
        if len(parts) == _MOST_TOWNS:
            break
    return "".join(parts)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale_bar(view: View) -> str:
    """A bar of a round length, lower left."""
    narrow = math.cos(math.radians((view.south + view.north) / 2))
    per_km = view.scale[0] / (KM_PER_DEGREE * narrow)
    length = max(
        km for km in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if km * per_km < WIDTH / 5 or km == 1
    )
    end, y = 16 + length * per_km, HEIGHT - 16
    return (
        f'<path class="scale" d="M16,{y - 6:g}V{y:g}H{end:.1f}V{y - 6:g}"/>'
        f'<text x="16" y="{y - 11:g}">{length:,} km</text>'
    )


def colour_of(done: float) -> str:
    """Colour of a share done; the report's script does the same."""
    return PROGRESS_COLOURS[0 if done <= 0 else min(1 + int(done * 4), 4) if done < 1 else 4]


def _operation(scenario: Scenario, name: str, at: tuple[float, float], done: Mapping[str, float]) -> Markup:
    """One operation: a ring that fills as it progresses, symbols of both sides, its name, and a bar for each phase."""
    x, y = at
    operation = scenario.operations[name]
    share = min(max(done.get(name, 0.0), 0.0), 1.0)
    parts = [
        f'<circle class="spot" cx="0" cy="0" r="{_RADIUS:g}" fill="{colour_of(share)}" data-spot="{escape(name)}"/>',
        f'<circle class="ring" cx="0" cy="0" r="{_RADIUS:g}"/>',
        f'<circle class="arc" cx="0" cy="0" r="{_RADIUS + 4:g}" transform="rotate(-90)" fill="none" pathLength="100" '
        f'stroke-dasharray="{100 * share:.0f} 100" data-arc="{escape(name)}"/>',
    ]
    own, adversary = _sides(operation)
    if own:
        parts.append(_placed(symbol_of(own, scenario), -_RADIUS - 10, "end"))
    if adversary:
        parts.append(_placed(symbol_of(adversary, scenario), _RADIUS + 10, "start"))
    parts.append(
        f'<text class="name" y="{-_RADIUS - 26:g}" text-anchor="middle">{escape(operation.label or name)}</text>'
    )
    parts.append(
        f'<text class="share" y="{-_RADIUS - 10:g}" text-anchor="middle" data-share="{escape(name)}">{100 * share:.0f} %</text>'
    )
    wide = len(operation.phases) * (_BAR + _GAP) - _GAP
    for number, (key, phase) in enumerate(operation.phases.items()):
        left = -wide / 2 + number * (_BAR + _GAP)
        part = min(max(done.get(f"{name}.{key}", 0.0), 0.0), 1.0)
        parts.append(
            f'<g transform="translate({left:.1f},{_RADIUS + 12:g})"><title>{escape(phase.label or key)}</title>'
            f'<rect class="bar" width="{_BAR:g}" height="7"/>'
            f'<rect class="bar-done" width="{_BAR * part:.1f}" height="7" data-bar="{escape(name)}.{escape(key)}" '
            f'data-full="{_BAR:g}"/></g>'
        )
    return Markup(f'<g class="operation" transform="translate({x:.1f},{y:.1f})">{"".join(parts)}</g>')


def _sides(operation: Operation) -> tuple[str | None, str | None]:
    """Forces of the last phase that has them: that is where the operation is decided."""
    fought = [phase for phase in operation.phases.values() if phase.kind == "contested"]
    return (fought[-1].own, fought[-1].adversary) if fought else (None, None)


def _placed(symbol: Symbol, x: float, side: str) -> str:
    """A symbol beside the spot, standing on its line."""
    left, _, width, _ = symbol.box
    size = _SYMBOL_HEIGHT / 108  # the height of the library's frame of land units, without marks of size
    shift = x - (width * size if side == "end" else 0)
    middle = 100 * size
    return (
        f'<g class="symbol" transform="translate({shift:.1f},{-middle:.1f}) scale({size:.3f}) translate({-left:g},0)">'
        f"<title>{escape(symbol.text)}</title>{symbol.content}</g>"
    )
