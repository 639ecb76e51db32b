"""A checked scenario as plain data and back, without loss, so that a result can be read without its scenario file.

Numbers keep their distribution, in base units; the author's own units and comments are not kept.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

_NUMBER, _DISTRIBUTION = "$quantity", "$distribution"


def to_plain(scenario: Scenario) -> dict[str, Any]:
    """The scenario as data for JSON: what was written in its file, with numbers in base units."""
    plain: dict[str, Any] = _encode(scenario)
    return plain


def from_plain(data: Mapping[str, Any]) -> Scenario:
    """The scenario from what `to_plain` made of it.

    Raises
    ------
    ValueError
        If the data are something else.
    """
    from phaseline.scenario.schema import Scenario

    try:
        return Scenario.model_validate(_decode(data))
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a stored scenario: {error}") from error


def _encode(value: Any) -> Any:
    from phaseline.scenario.quantity import Quantity
    from phaseline.scenario.schema import Model

    if isinstance(value, Quantity):
        fields = _set_fields(value)
        return {
            _NUMBER: fields | {"dist": {_DISTRIBUTION: type(value.dist).__name__, **_set_fields(value.dist)}}
        }
    if isinstance(value, Model):
        return {
            name: _encode(getattr(value, name))
            for name in type(value).model_fields
            if name in value.model_fields_set
        }
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _set_fields(instance: Any) -> dict[str, Any]:
    """Fields of a dataclass that differ from their default, as plain data."""
    return {
        field.name: _encode(getattr(instance, field.name))
        for field in dataclasses.fields(instance)
        if field.name != "dist" and field.compare and getattr(instance, field.name) != field.default
    }


def _decode(value: Any) -> Any:
    if isinstance(value, Mapping):
        if _NUMBER in value:
            return _decode_number(value[_NUMBER])
        return {key: _decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item) for item in value]
    return value


def _decode_number(fields: Mapping[str, Any]) -> Any:
    from phaseline.scenario import distributions, fitted
    from phaseline.scenario.quantity import Quantity

    shape = dict(fields["dist"])
    name = shape.pop(_DISTRIBUTION)
    kinds: dict[str, Any] = {
        key: kind
        for key, kind in (vars(distributions) | vars(fitted)).items()
        if dataclasses.is_dataclass(kind)
    }
    if name not in kinds:
        raise ValueError(f"unknown distribution {name!r}")
    others = {key: _tupled(item) for key, item in fields.items() if key != "dist"}
    return Quantity(dist=kinds[name](**{key: _tupled(item) for key, item in shape.items()}), **others)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
