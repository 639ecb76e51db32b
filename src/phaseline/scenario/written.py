"""A number as a file holds it, in base units: what `quantity.read_quantity` reads back without loss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

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
from phaseline.scenario.quantity import Quantity
from phaseline.scenario.units import BASE_UNIT, Dimension

_TEXTS = ("label", "source", "speaker", "assumed", "lean", "adverse", "note")


def written_quantity(quantity: Quantity) -> Any:
    """The number as plain data: a reference, a scalar, or a mapping.

    Raises
    ------
    ValueError
        For joint draws and the like, which no file states.
    """
    if quantity.ref is not None:
        return f"${quantity.ref}"
    beside = {key: getattr(quantity, key) for key in _TEXTS if getattr(quantity, key) is not None}
    if quantity.kind == "chance":
        beside["kind"] = "chance"
    if quantity.bounds is not None:
        beside["range"] = [_scalar(end, quantity.dimension) for end in quantity.bounds]
    if isinstance(quantity.dist, Fixed) and not beside:
        return _scalar(quantity.dist.value, quantity.dimension)
    return {**_stated(quantity.dist, quantity.dimension), **beside}


def _scalar(value: float, dimension: Dimension) -> Any:
    if dimension == "date":
        return dt.date.fromordinal(int(value))
    figure = int(value) if value == int(value) else value
    unit = BASE_UNIT[dimension]
    return f"{figure}{unit if unit.startswith('/') else f' {unit}'}" if unit else figure


def _stated(dist: Distribution, dimension: Dimension) -> dict[str, Any]:
    """The keys that state a distribution."""

    def scalars(**values: float | None) -> dict[str, Any]:
        return {key: _scalar(value, dimension) for key, value in values.items() if value is not None}

    match dist:
        case Fixed(value):
            return scalars(value=value)
        case Uniform(low, high):
            return scalars(low=low, high=high)
        case LogUniform(low, high):
            return {**scalars(low=low, high=high), "scale": "log"}
        case Triangular(low, mode, high):
            return scalars(low=low, mode=mode, high=high)
        case Pert(low, mode, high, shape):
            return {**scalars(low=low, mode=mode, high=high), "family": "pert", "shape": shape}
        case MedianSpread(median, spread):
            return {**scalars(median=median), "spread": spread}
        case Exponential(average):
            return {**scalars(mean=average), "family": "exponential"}
        case Samples(values):
            return {"samples": [_scalar(value, dimension) for value in values]}
        case Percentiles(p10, p50, p90, lower, upper):
            return scalars(p10=p10, p50=p50, p90=p90, min=lower, max=upper)
        case Pair(shares, points, lower, upper) | Triplet(shares, points, lower, upper):
            keys = (f"p{100 * share:.12g}" for share in shares)
            return scalars(**dict(zip(keys, points, strict=True)), min=lower, max=upper)
        case (
            Normal(average, sd, lower, upper)
            | Lognormal(average, sd, lower, upper)
            | Beta(average, sd, lower, upper)
        ):
            deviation = {"sd": _scalar(sd, "duration" if dimension == "date" else dimension)}
            limits = scalars(min=lower, max=upper)
            return {**scalars(mean=average), **deviation, **limits, "family": _FAMILY[type(dist)]}
    raise ValueError(f"no file states a {type(dist).__name__}")


_FAMILY: Mapping[type, str] = {Normal: "normal", Lognormal: "lognormal", Beta: "beta"}
