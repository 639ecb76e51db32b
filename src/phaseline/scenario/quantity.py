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
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Annotated, Any, get_args

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from phaseline.errors import RuleError
from phaseline.scenario.distributions import (
    Distribution,
    Exponential,
    Fixed,
    LogUniform,
    MedianSpread,
    Samples,
)
from phaseline.scenario.stated import (
    FAMILIES,
    PERCENTILE,
    SHAPE_KEYS,
    End,
    Kind,
    Lean,
    check_keys,
    stated_distribution,
    with_median_as_percentile,
)
from phaseline.scenario.units import (
    BEYOND_PERCENT,
    Dimension,
    compatible,
    in_percent,
    parse,
    parse_free,
    share_remedy,
)

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario


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
    in_percent : bool
        Whether it was written so: for messages alone, no part of the number, and not stored.
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
    in_percent: bool = field(default=False, compare=False, repr=False)


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


def share_fault(quantity: Quantity, name: str = "") -> RuleError | None:
    """What is wrong with a number that is to be a share, in one way wherever it stands; None if it lies between 0 and 1.

    Parameters
    ----------
    quantity
        What stands there, or the named number that it refers to.
    name
        Of that number.
    """
    low, high = quantity.dist.support()
    if low >= 0.0 and high <= 1.0:
        return None
    single, percent = isinstance(quantity.dist, Fixed), quantity.in_percent
    there = " in the number" if name else ""
    if high == inf:
        middle = float(quantity.dist.quantile(np.array(0.5)))
        forgotten = not percent and 1.0 < middle <= 100.0
        remedy = f"{share_remedy(middle)}{there}, and " if forgotten else ""
        remedy += (
            f"give low and high, or p10, p50, p90 with 'max: {'100 %' if percent or forgotten else '1'}'"
        )
        reach, rule = "has no upper end", "must be at most 1"
    elif high > 1.0 and percent:
        reach = f"is {100.0 * high:g} %" if single else f"reaches {100.0 * low:g} to {100.0 * high:g} %"
        rule, remedy = BEYOND_PERCENT
    elif high > 1.0:
        reach = f"is {high:g}" if single else f"reaches {low:g} to {high:g}"
        rule, remedy = "must be at most 1", share_remedy(high)
        remedy += there if high <= 100.0 else ""
    else:
        reach = f"is {low:g}" if single else f"reaches {low:g} to {high:g}"
        rule, remedy = "must not be negative", _raised(quantity, "give 'min: 0'")
        remedy += there
    return RuleError(f"a share lies between 0 and 1, but '${name}' {reach}" if name else rule, remedy)


def check_persons(quantity: Quantity) -> None:
    """Refuse a single value that is no whole number of persons; a range may have any ends.

    Raises
    ------
    RuleError
        With rule and remedy.
    """
    if quantity.ref is not None or not isinstance(quantity.dist, Fixed):
        return
    value = quantity.dist.value
    if value < 0.0 or abs(value - round(value)) <= 1e-9 * max(1.0, value):
        return
    if value < 1.0:
        remedy = f"write how many persons; if a share is meant ({100.0 * value:g} %), write how many that are"
        raise RuleError("is less than one person", remedy)
    raise RuleError("is no whole number of persons", f"write {math.floor(value)} or {math.ceil(value)}")


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
        stated = with_median_as_percentile(dict(raw))
        try:
            return _read_mapping(stated, dimension)
        except RuleError as error:
            if "p50" in raw or not error.at or error.at[0] != "p50":
                raise
            raise RuleError(error.rule, error.remedy, ("median", *error.at[1:])) from None
    if raw is None:
        raise RuleError("is empty", "write a number, with its unit where it has one")
    value, found = _parse(raw, None, dimension)
    return Quantity(found, Fixed(value), in_percent=in_percent(str(raw)))


def _parse(raw: Any, unit: str | None, dimension: Dimension | None) -> tuple[float, Dimension]:
    if unit is not None and isinstance(raw, int | float) and not isinstance(raw, bool):
        joined = f"{raw!r}{unit}" if unit.startswith(("/", "%")) else f"{raw!r} {unit}"
        raw = joined
    if dimension is None:
        return parse_free(raw)
    return parse(raw, dimension), dimension


def _read_mapping(raw: dict[str, Any], dimension: Dimension | None) -> Quantity:
    shape = check_keys(raw)
    dimensions: list[Dimension] = []
    percent = in_percent(str([raw.get("unit"), *(raw[key] for key in shape)]))

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
        dist = stated_distribution(raw, values, dimensions[0], percent)
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
    return Quantity(found, dist, kind, bounds=limits, in_percent=percent, **texts)


def _days(raw: Any, unit: str | None) -> float:
    """The standard deviation of a date."""
    try:
        return _parse(raw, unit, "duration")[0]
    except RuleError as error:
        raise error.below("sd") from None


def _raised(quantity: Quantity, without_end: str) -> str:
    """Remedy for a number that reaches too low."""
    if isinstance(quantity.dist, Fixed):
        return "write a number of at least 0"
    return without_end if quantity.dist.support()[0] == -inf else "raise its lower end"


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
            if self.dimension == "persons" and not isinstance(raw, Quantity):
                check_persons(quantity)
        except RuleError as error:
            context = {"rule": error.rule, "remedy": error.remedy, "at": list(error.at)}
            raise PydanticCustomError("quantity", "{rule}", context) from None
        return quantity

    def _check(self, quantity: Quantity) -> None:
        low, high = quantity.dist.support()
        if self.dimension is None and quantity.dimension != "date" and low < 0.0:
            raise RuleError("must not be negative", _raised(quantity, "give 'min: 0'"))
        if self.dimension is not None and self.low is not None and low < self.low:
            raise RuleError(
                "must not be negative" if self.low == 0.0 else f"must be at least {self.low:g}",
                _raised(quantity, "give a 'min'"),
            )
        if self.dimension == "share" and self.high == 1.0 and (fault := share_fault(quantity)) is not None:
            raise fault
        if self.high is not None and high > self.high:
            if high == inf:
                remedy = f"give low and high, or p10, p50, p90 with 'max: {self.high:g}'"
            else:
                remedy = f"write {self.high:g} or less" if low == high else "lower its upper end"
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
                    "patternProperties": {f"^{PERCENTILE.pattern}$": scalar},
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


@dataclass(frozen=True)
class _Limit(_Measure):
    """Pydantic annotation of what a claim is held against: of any kind, percentage points as a share.

    `named` is what a named number must measure there, since a reference says nothing of it.
    """

    named: Dimension = "number"

    def read(self, raw: Any) -> Any:
        """Validate a raw value; ``10 points`` is the share 0.1."""
        if isinstance(raw, str) and (found := _POINTS.fullmatch(raw.strip())):
            raw = f"{found[1]} %"
        quantity = self._validated(raw)
        return quantity if quantity.ref is None else replace(quantity, dimension=self.named)


_POINTS = re.compile(r"([-+.\d]+)\s*(?:percentage\s+)?points?")


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
ClaimLimit = Annotated[Quantity, _Limit(None, named="date")]
"""A date, or a share that may be written in points: ``10 points``."""
ClaimEnd = Annotated[Quantity, _Limit(None)]
"""An end of a declared range, of any kind; a share may be written in points."""
SingleShare = Annotated[float, _Single("share", 0.0, 1.0)]
SinglePersons = Annotated[float, _Single("persons")]
SingleDuration = Annotated[float, _Single("duration")]
