"""Which keys state a number, and the distribution that they state.

`quantity` reads units and what is known beside the number; here stands what the keys of a mapping may be, and what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from phaseline.errors import RuleError
from phaseline.scenario.distributions import (
    Distribution,
    Exponential,
    Fixed,
    LogUniform,
    MedianSpread,
    Percentiles,
    Triangular,
    Uniform,
)
from phaseline.scenario.fitted import Beta, Lognormal, Normal, Pair, Pert, Triplet
from phaseline.scenario.nearness import near
from phaseline.scenario.units import BEYOND_PERCENT, Dimension, parse, share_remedy

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
PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
_END = re.compile(r"[pP](?:0+|0*100)(?:\.0*)?")
OTHER_KEYS = (
    "label", "unit", "kind", "scale", "family", "shape", "min", "max", "source", "speaker", "assumed", "lean", "adverse",
    "range", "note",
)  # fmt: skip


def check_keys(raw: Mapping[str, Any]) -> Shape:
    """The keys that state the number.

    Raises
    ------
    RuleError
        If these, or those beside them, are not such as can stand together.
    """
    stated = {key: share for key in raw if (share := percentile(key)) is not None}
    unknown = [key for key in raw if key not in SHAPE_KEYS and key not in OTHER_KEYS and key not in stated]
    if unknown:
        if _END.fullmatch(str(unknown[0])):
            rule = f"'{unknown[0]}' is an end and no percentile"
            remedy = "write 'min' or 'max' beside percentiles, or give low and high"
            raise RuleError(rule, remedy, (str(unknown[0]),))
        known = (*SHAPE_KEYS, *OTHER_KEYS, "p5", "p10", "p25", "p50", "p75", "p90", "p95")
        small = str(unknown[0]).lower()
        exact = percentile(small) is not None or small in known
        remedy = f"did you mean '{small}'?" if exact else near(str(unknown[0]), known)
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


def with_median_as_percentile(raw: dict[str, Any]) -> dict[str, Any]:
    """The same mapping with ``p50`` in place of a ``median`` that stands beside other percentiles.

    Raises
    ------
    RuleError
        If both are given.
    """
    if "median" not in raw or not any(percentile(key) for key in raw):
        return raw
    if any(percentile(key) == 0.5 for key in raw):
        raise RuleError("'median' and 'p50' are the same", "leave one of them out", ("median",))
    return {("p50" if key == "median" else key): value for key, value in raw.items()}


def percentile(key: object) -> float | None:
    """The share below a percentile written as ``p5`` or ``p97.5``; None for any other key."""
    match = PERCENTILE.fullmatch(key) if isinstance(key, str) else None
    share = float(match[1]) / 100.0 if match else 0.0
    return share or None


def stated_distribution(
    raw: dict[str, Any], values: dict[str, float], dimension: Dimension, percent: bool = False
) -> Distribution:
    """The distribution of what the keys of a checked mapping state.

    Parameters
    ----------
    raw
        The mapping, of which `check_keys` found nothing wrong.
    values
        Its numbers in base units, by key.
    dimension
        What they measure.
    percent
        Whether they are written in per cent.

    Raises
    ------
    RuleError
        If there is no such distribution.
    """
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
        return _moments(raw, values, dimension, percent)
    if "mean" in values:
        if raw.get("family") != "exponential":
            raise RuleError(
                "a mean alone says nothing about the spread",
                "add 'sd', the standard deviation, or 'family: exponential', or give a range",
            )
        return Exponential(values["mean"])
    return _percentiles(values, dimension, percent)


def _triple(raw: dict[str, Any], values: dict[str, float]) -> Distribution:
    """Low, mode, high."""
    if raw.get("family") == "pert":
        return Pert(
            values["low"], values["mode"], values["high"], _plain_number(raw.get("shape", 4), "shape")
        )
    if "shape" in raw:
        raise RuleError("'shape' means nothing here", "it goes with 'family: pert' alone", ("shape",))
    return Triangular(values["low"], values["mode"], values["high"])


def _plain_number(raw: Any, key: str) -> float:
    try:
        return parse(raw, "number")
    except RuleError as error:
        raise error.below(key) from None


def _natural(
    values: dict[str, float], dimension: Dimension, stated: tuple[float, ...], percent: bool
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
        if max(stated) > 1.0 and percent:
            raise RuleError(*BEYOND_PERCENT)
        if max(stated) >= 1.0:
            remedy = (
                "give low and high for a share that may reach it" if percent else share_remedy(max(stated))
            )
            raise RuleError("must lie below 100 %", remedy)
    return lower, upper


def _moments(
    raw: dict[str, Any], values: dict[str, float], dimension: Dimension, percent: bool
) -> Distribution:
    """Mean and standard deviation, of the family named or of the one that fits the limits."""
    mean, sd, family = values["mean"], values["sd"], raw.get("family")
    if family == "normal":
        return Normal(mean, sd, values.get("min"), values.get("max"))
    lower, upper = _natural(values, dimension, (mean,), percent)
    if family == "lognormal" and lower is not None and "max" not in values:
        upper = None
    if family == "beta" and (lower is None or upper is None):
        raise RuleError("a beta lies between two limits", "give 'min' and 'max'", ("family",))
    if lower is None and upper is None and family is None:
        return Normal(mean, sd)
    if family != "lognormal" and lower is not None and upper is not None:
        return Beta(mean, sd, lower, upper)
    return Lognormal(mean, sd, lower, upper)


def _percentiles(values: dict[str, float], dimension: Dimension, percent: bool) -> Distribution:
    """Two or three percentiles."""
    shares = {key: share for key in values if (share := percentile(key)) is not None}
    keys = sorted(shares, key=shares.__getitem__)
    if keys == ["p10", "p50", "p90"]:
        return Percentiles(values["p10"], values["p50"], values["p90"], values.get("min"), values.get("max"))
    first, *others = (shares[key] for key in keys)
    stated = tuple(values[key] for key in keys)
    if len(keys) == 2:
        return Pair((first, others[0]), (stated[0], stated[1]), *_natural(values, dimension, stated, percent))
    return Triplet(
        (first, others[0], others[1]), (stated[0], stated[1], stated[2]), values.get("min"), values.get("max")
    )
