"""The number as people write it: a value or a distribution, with unit, kind, source and lean.

A field of the schema is typed by what it measures (`Length`, `Rate`, ...). In a file it may be

- a scalar: ``20``, ``8 km``, ``20/day``, ``30 %``, ``2016-11-15``;
- a named number: ``$garrison``;
- a list: ``[low, high]`` or ``[low, mode, high]``;
- a mapping with one of: ``value``; ``low``, ``high`` and perhaps ``mode``; two or three percentiles (``p5``, ``p95``);
  ``median``, ``spread``; ``mean``, ``sd``; ``samples``; ``mean`` with ``family: exponential``; beside it what is known about
  the number.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from phaseline.errors import RuleError
from phaseline.scenario.distributions import (
    Distribution,
    Exponential,
    Fixed,
    LogUniform,
    MedianSpread,
    Percentiles,
    Samples,
    Triangular,
    Uniform,
)
from phaseline.scenario.fitted import Beta, Lognormal, Normal, Pair, Pert, Triplet
from phaseline.scenario.units import Dimension, compatible, parse, parse_free, share_remedy

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

Kind = Literal["fixed", "chance", "ignorance"]
Lean = Literal["high", "low", "unknown"]
End = Literal["low", "high"]

Shape = tuple[str, ...]
PERCENTILES: Shape = ("two or three percentiles such as p5, p50, p95",)
"""Stands for shapes of which the keys are not listed."""
SHAPES: tuple[Shape, ...] = (
    ("value",),
    ("low", "mode", "high"),
    ("low", "high"),
    PERCENTILES,
    ("median", "spread"),
    ("mean", "sd"),
    ("samples",),
    ("mean",),
)
SHAPE_KEYS = tuple(dict.fromkeys(key for shape in SHAPES if shape != PERCENTILES for key in shape))
SHAPE_OPTIONS: Mapping[str, tuple[Shape, ...]] = {
    "scale": (("low", "high"),),
    "min": (PERCENTILES, ("mean", "sd")),
    "max": (PERCENTILES, ("mean", "sd")),
    "family": (("mean",), ("mean", "sd"), ("low", "mode", "high")),
    "shape": (("low", "mode", "high"),),
}
"""Keys that say something of some shapes only; elsewhere they would be read and not heeded."""
FAMILIES: Mapping[Shape, tuple[str, ...]] = {
    ("mean",): ("exponential",),
    ("mean", "sd"): ("normal", "lognormal", "beta"),
    ("low", "mode", "high"): ("triangular", "pert"),
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
OTHER_KEYS = (
    "label", "unit", "kind", "scale", "family", "shape", "min", "max", "source", "speaker", "assumed", "lean", "adverse",
    "range", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A number of the scenario, in base units.

    Attributes
    ----------
    dimension : Dimension
    dist : Distribution
        `Fixed` for a single value; meaningless if `ref` is set.
    kind : {'fixed', 'chance', 'ignorance'}
        Chance is drawn once per replication, ignorance once per world.
    ref : str, optional
        Name of the number in ``numbers`` that stands here.
    label : str, optional
        What it is called in tables.
    source, speaker, assumed, note : str, optional
        Where it comes from; ``assumed`` holds the reasoning where there is no source.
    lean : {'high', 'low', 'unknown'}, optional
        Which way the source errs.
    adverse : {'low', 'high'}, optional
        Which end hurts.
    bounds : tuple of float, optional
        Plausible range of a single value.
    """

    dimension: Dimension
    dist: Distribution
    kind: Kind = "fixed"
    ref: str | None = None
    source: str | None = None
    speaker: str | None = None
    assumed: str | None = None
    lean: Lean | None = None
    adverse: End | None = None
    note: str | None = None
    bounds: tuple[float, float] | None = None
    label: str | None = None


def fixed(value: float, dimension: Dimension) -> Quantity:
    """A single value in base units, for defaults."""
    return Quantity(dimension, Fixed(float(value)))


def resolve(quantity: Quantity, numbers: Mapping[str, Quantity]) -> Quantity:
    """The quantity, or the named number it refers to (in the quantity's own dimension).

    Raises
    ------
    KeyError
        If there is no such number.
    """
    if quantity.ref is None:
        return quantity
    return replace(numbers[quantity.ref], dimension=quantity.dimension, ref=None)


def single_value(quantity: Quantity, scenario: Scenario) -> float:
    """Value, in its base unit, of a quantity that the checks allow to be a single value only."""
    return float(resolve(quantity, scenario.numbers).dist.mean())


def read_quantity(raw: Any, dimension: Dimension | None) -> Quantity:
    """Build a quantity from what stands in a file.

    Parameters
    ----------
    raw : scalar, list or mapping
    dimension : Dimension or None
        What is needed here; None takes what the units say (named numbers).

    Raises
    ------
    RuleError
        With rule and remedy.
    """
    if isinstance(raw, Quantity):
        if dimension is not None and raw.ref is None and not compatible(raw.dimension, dimension):
            raise RuleError(f"is a {raw.dimension}, not a {dimension}", "give a quantity of that dimension")
        return raw
    if isinstance(raw, str) and raw.strip().startswith("$"):
        name = raw.strip()[1:]
        return Quantity(dimension or "number", Fixed(0.0), ref=name)
    if isinstance(raw, list | tuple):
        keys = {2: ("low", "high"), 3: ("low", "mode", "high")}.get(len(raw))
        if keys is None:
            raise RuleError("a list means [low, high] or [low, mode, high]", "give two or three numbers")
        try:
            return _read_mapping(dict(zip(keys, raw, strict=True)), dimension)
        except RuleError as error:
            # the list has positions where the mapping has keys
            at = tuple(keys.index(part) if part in keys else part for part in error.at)
            raise RuleError(error.rule, error.remedy, at) from None
    if isinstance(raw, Mapping):
        return _read_mapping(dict(raw), dimension)
    if raw is None:
        raise RuleError("is empty", "write a number, with its unit where it has one")
    value, found = _parse(raw, None, dimension)
    return Quantity(found, Fixed(value))


def _parse(raw: Any, unit: str | None, dimension: Dimension | None) -> tuple[float, Dimension]:
    if unit is not None and isinstance(raw, int | float) and not isinstance(raw, bool):
        joined = f"{raw!r}{unit}" if unit.startswith(("/", "%")) else f"{raw!r} {unit}"
        raw = joined
    if dimension is None:
        return parse_free(raw)
    return parse(raw, dimension), dimension


def _read_mapping(raw: dict[str, Any], dimension: Dimension | None) -> Quantity:
    shape = _check_keys(raw)
    dimensions: list[Dimension] = []

    def number(item: Any, *at: str | int) -> float:
        try:
            value, seen = _parse(item, raw.get("unit"), dimension)
        except RuleError as error:
            raise error.below(*at) from None
        dimensions.append(seen)
        return value

    if "samples" in raw:
        if not isinstance(raw["samples"], list):
            raise RuleError("samples must be a list", "write e.g. [37 days, 63 days, 73 days]", ("samples",))
        dist: Distribution = Samples(tuple(number(x, "samples", i) for i, x in enumerate(raw["samples"])))
    else:
        values = {key: number(raw[key], key) for key in shape if key not in ("spread", "sd")}
        if "sd" in shape:
            dated = dimensions[0] == "date"
            values["sd"] = _days(raw["sd"], raw.get("unit")) if dated else number(raw["sd"], "sd")
        for key in ("min", "max"):
            if key in raw:
                plain_zero = raw[key] == 0 and not isinstance(raw[key], bool) and dimensions[0] != "date"
                values[key] = 0.0 if plain_zero else number(raw[key], key)
        dist = _distribution(raw, values, dimensions[0])
    limits = None
    if "range" in raw:
        if not isinstance(raw["range"], list) or len(raw["range"]) != 2 or not isinstance(dist, Fixed):
            raise RuleError(
                "'range' must be [low, high] beside a 'value'",
                "give the plausible range of the value",
                ("range",),
            )
        limits = (number(raw["range"][0], "range", 0), number(raw["range"][1], "range", 1))
        if not limits[0] <= dist.value <= limits[1]:
            raise RuleError(
                "the value lies outside its own range", "write 'range: [low, high]' around it", ("range",)
            )
    if dimensions and any(d != dimensions[0] for d in dimensions):
        raise RuleError("mixes units of different kinds", "give every part the same kind of unit")
    found: Dimension = dimensions[0] if dimension is None and dimensions else dimension or "number"
    if found == "date" and isinstance(dist, LogUniform | MedianSpread | Exponential):
        raise RuleError("a date has no ratio to another", "give low and high, or percentiles")
    kind: Kind = "fixed" if isinstance(dist, Fixed) else raw.get("kind", "ignorance")
    texts = {
        key: raw.get(key) for key in ("label", "source", "speaker", "assumed", "note", "lean", "adverse")
    }
    return Quantity(found, dist, kind, bounds=limits, **texts)


def _check_keys(raw: Mapping[str, Any]) -> Shape:
    """The keys that state the number; anything wrong with these and those beside them is raised."""
    stated = {key: share for key in raw if (share := percentile(key)) is not None}
    unknown = [key for key in raw if key not in SHAPE_KEYS and key not in OTHER_KEYS and key not in stated]
    if unknown:
        known = (*SHAPE_KEYS, *OTHER_KEYS, "p5", "p10", "p25", "p50", "p75", "p90", "p95")
        close = difflib.get_close_matches(str(unknown[0]), known, n=1)
        remedy = f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(known)}"
        raise RuleError(f"unknown key '{unknown[0]}' in a number", remedy, (str(unknown[0]),))
    given = tuple(key for key in SHAPE_KEYS if key in raw) + tuple(sorted(stated, key=stated.__getitem__))
    kind = next((s for s in SHAPES if set(s) == set(given)), None)
    if stated and len(stated) == len(given):
        kind = PERCENTILES
        if len(stated) not in (2, 3):
            remedy = (
                "leave some out" if len(stated) > 3 else "add another percentile, or write the value alone"
            )
            raise RuleError("a number is stated by two or three percentiles", remedy)
    if kind is None:
        forms = "; ".join(", ".join(s) for s in SHAPES)
        raise RuleError("the number is given in no known way", f"give exactly one of: {forms}")
    for key, needed in SHAPE_OPTIONS.items():
        if key in raw and kind not in needed:
            remedy = f"it goes with {' or with '.join(', '.join(s) for s in needed)} alone"
            raise RuleError(f"'{key}' means nothing here", remedy, (key,))
    if "kind" in raw and kind == ("value",):
        raise RuleError(
            "a single value is neither chance nor ignorance", "give a range, or leave 'kind' out", ("kind",)
        )
    for key, choices in (
        ("kind", ("chance", "ignorance")),
        ("lean", get_args(Lean)),
        ("adverse", get_args(End)),
        ("family", FAMILIES.get(kind, ())),
    ):
        if key in raw and raw[key] not in choices:
            raise RuleError(f"'{key}' must be one of {', '.join(choices)}", "choose one of these", (key,))
    for key in ("label", "source", "speaker", "assumed", "note", "unit"):
        if key in raw and not isinstance(raw[key], str):
            raise RuleError(f"'{key}' must be text", "put it in quotes", (key,))
    return given


def percentile(key: object) -> float | None:
    """The share below a percentile written as ``p5`` or ``p97.5``; None for any other key."""
    match = _PERCENTILE.fullmatch(key) if isinstance(key, str) else None
    share = float(match[1]) / 100.0 if match else 0.0
    return share or None


def _days(raw: Any, unit: str | None) -> float:
    """The standard deviation of a date."""
    try:
        return _parse(raw, unit, "duration")[0]
    except RuleError as error:
        raise error.below("sd") from None


def _distribution(raw: dict[str, Any], values: dict[str, float], dimension: Dimension) -> Distribution:
    if "value" in values:
        return Fixed(values["value"])
    if "mode" in values:
        return _triple(raw, values)
    if "low" in values:
        if raw.get("scale", "linear") not in ("linear", "log"):
            raise RuleError("'scale' must be linear or log", "leave it out for linear", ("scale",))
        return (LogUniform if raw.get("scale") == "log" else Uniform)(values["low"], values["high"])
    if "median" in values:
        spread = raw["spread"]
        if not isinstance(spread, int | float) or isinstance(spread, bool) or not abs(spread) < 1e300:
            raise RuleError("the spread is a factor", "write e.g. 'spread: 2'", ("spread",))
        return MedianSpread(values["median"], float(spread))
    if "sd" in values:
        return _moments(raw, values, dimension)
    if "mean" in values:
        if raw.get("family") != "exponential":
            raise RuleError(
                "a mean alone says nothing about the spread",
                "add 'sd', the standard deviation, or 'family: exponential', or give a range",
            )
        return Exponential(values["mean"])
    return _percentiles(values, dimension)


def _triple(raw: dict[str, Any], values: dict[str, float]) -> Distribution:
    """Low, mode, high."""
    if raw.get("family") == "pert":
        shape = parse(raw["shape"], "number") if "shape" in raw else 4.0
        return Pert(values["low"], values["mode"], values["high"], shape)
    if "shape" in raw:
        raise RuleError("'shape' means nothing here", "it goes with 'family: pert' alone", ("shape",))
    return Triangular(values["low"], values["mode"], values["high"])


def _natural(
    values: dict[str, float], dimension: Dimension, stated: tuple[float, ...]
) -> tuple[float | None, float | None]:
    """Limits as given, else those that such a number has anyway: 0 for amounts, 0 and 1 for shares, none for dates."""
    lower, upper = values.get("min"), values.get("max")
    if dimension == "date":
        return lower, upper
    if lower is None:
        lower = 0.0
        if min(stated) <= 0.0:
            raise RuleError("must be above 0", "check the sign, or give low and high")
    if upper is None and dimension == "share":
        upper = 1.0
        if max(stated) >= 1.0:
            raise RuleError("must lie below 100 %", share_remedy(max(stated)))
    return lower, upper


def _moments(raw: dict[str, Any], values: dict[str, float], dimension: Dimension) -> Distribution:
    """Mean and standard deviation, of the family named or of the one that fits the limits."""
    mean, sd, family = values["mean"], values["sd"], raw.get("family")
    if family == "normal":
        return Normal(mean, sd, values.get("min"), values.get("max"))
    lower, upper = _natural(values, dimension, (mean,))
    if family == "lognormal" and lower is not None and "max" not in values:
        upper = None
    if family == "beta" and (lower is None or upper is None):
        raise RuleError("a beta lies between two limits", "give 'min' and 'max'", ("family",))
    if lower is None and upper is None and family is None:
        return Normal(mean, sd)
    if family != "lognormal" and lower is not None and upper is not None:
        return Beta(mean, sd, lower, upper)
    return Lognormal(mean, sd, lower, upper)


def _percentiles(values: dict[str, float], dimension: Dimension) -> Distribution:
    """Two or three percentiles."""
    shares = {key: share for key in values if (share := percentile(key)) is not None}
    keys = sorted(shares, key=shares.__getitem__)
    if keys == ["p10", "p50", "p90"]:
        return Percentiles(values["p10"], values["p50"], values["p90"], values.get("min"), values.get("max"))
    first, *others = (shares[key] for key in keys)
    stated = tuple(values[key] for key in keys)
    if len(keys) == 2:
        return Pair((first, others[0]), (stated[0], stated[1]), *_natural(values, dimension, stated))
    return Triplet(
        (first, others[0], others[1]), (stated[0], stated[1], stated[2]), values.get("min"), values.get("max")
    )


@dataclass(frozen=True)
class _Measure:
    """Pydantic annotation: what a field measures, and within which limits."""

    dimension: Dimension | None
    low: float | None = 0.0
    high: float | None = None

    def read(self, raw: Any) -> Any:
        """Validate a raw value."""
        return self._validated(raw)

    def _validated(self, raw: Any) -> Quantity:
        try:
            quantity = read_quantity(raw, self.dimension)
            if quantity.ref is None:
                self._check(quantity)
        except RuleError as error:
            context = {"rule": error.rule, "remedy": error.remedy, "at": list(error.at)}
            raise PydanticCustomError("quantity", "{rule}", context) from None
        return quantity

    def _check(self, quantity: Quantity) -> None:
        low, high = quantity.dist.support()
        if self.dimension is None and quantity.dimension != "date" and low < 0.0:
            raise RuleError("must not be negative", "give 'min: 0'" if low == -inf else "raise its lower end")
        if self.dimension is not None and self.low is not None and low < self.low:
            raise RuleError(
                "must not be negative" if self.low == 0.0 else f"must be at least {self.low:g}",
                "give a 'min'" if low == -inf else "raise its lower end",
            )
        if self.high is not None and high > self.high:
            if high == inf:
                remedy = f"give low and high, or p10, p50, p90 with 'max: {self.high:g}'"
            elif self.dimension == "share":
                remedy = share_remedy(high)
            else:
                remedy = "lower its upper end"
            raise RuleError(f"must be at most {self.high:g}", remedy)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(_plain)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        scalar = {"type": ["number", "string"]}
        properties: dict[str, Any] = dict.fromkeys((*SHAPE_KEYS, "min", "max", "shape"), scalar)
        properties |= {
            key: {"type": "string"} for key in ("label", "unit", "source", "speaker", "assumed", "note")
        }
        properties |= {
            "samples": {"type": "array", "items": scalar},
            "range": {"type": "array", "items": scalar, "minItems": 2, "maxItems": 2},
            "kind": {"enum": ["chance", "ignorance"]},
            "scale": {"enum": ["linear", "log"]},
            "family": {"enum": sorted({name for names in FAMILIES.values() for name in names})},
            "lean": {"enum": list(get_args(Lean))},
            "adverse": {"enum": list(get_args(End))},
        }
        return {
            "description": f"a {(self.dimension or 'number of any kind').replace('_', ' ')}: "
            "value, $name, [low, high], [low, mode, high], or a mapping",
            "anyOf": [
                scalar,
                {"type": "array", "items": scalar, "minItems": 2, "maxItems": 3},
                {
                    "type": "object",
                    "properties": properties,
                    "patternProperties": {f"^{_PERCENTILE.pattern}$": scalar},
                    "additionalProperties": False,
                },
            ],
        }


@dataclass(frozen=True)
class _Single(_Measure):
    """Pydantic annotation of a bare number in base units: a single value, written with its unit or without."""

    def read(self, raw: Any) -> Any:
        """Validate a raw value; a number without unit is in base units."""
        bare = isinstance(raw, int | float) and not isinstance(raw, bool) and isfinite(raw)
        quantity = self._validated(fixed(raw, self.dimension or "number") if bare else raw)
        if quantity.ref is None and isinstance(quantity.dist, Fixed):
            return quantity.dist.value
        rule, remedy = "must be a single value written here", "write the number itself"
        raise PydanticCustomError("quantity", "{rule}", {"rule": rule, "remedy": remedy, "at": []})

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"description": f"a single {self.dimension}", "type": ["number", "string"]}


def _plain(quantity: Quantity) -> Any:
    """A quantity in base units, for JSON."""
    if quantity.ref is not None:
        return f"${quantity.ref}"
    if isinstance(quantity.dist, Fixed):
        if quantity.dimension == "date":
            return dt.date.fromordinal(int(quantity.dist.value)).isoformat()
        return quantity.dist.value
    return {"distribution": repr(quantity.dist), "kind": quantity.kind, "dimension": quantity.dimension}


Number = Annotated[Quantity, _Measure("number")]
Share = Annotated[Quantity, _Measure("share", 0.0, 1.0)]
Count = Annotated[Quantity, _Measure("count")]
Persons = Annotated[Quantity, _Measure("persons")]
Length = Annotated[Quantity, _Measure("length")]
Area = Annotated[Quantity, _Measure("area")]
Duration = Annotated[Quantity, _Measure("duration")]
Day = Annotated[Quantity, _Measure("date", None)]
Money = Annotated[Quantity, _Measure("money")]
Rate = Annotated[Quantity, _Measure("rate")]
Speed = Annotated[Quantity, _Measure("speed")]
ShareRate = Annotated[Quantity, _Measure("share_rate")]
MoneyRate = Annotated[Quantity, _Measure("money_rate")]
PerPersonRate = Annotated[Quantity, _Measure("per_person_rate")]
NamedNumber = Annotated[Quantity, _Measure(None)]
SingleShare = Annotated[float, _Single("share", 0.0, 1.0)]
SinglePersons = Annotated[float, _Single("persons")]
SingleDuration = Annotated[float, _Single("duration")]
