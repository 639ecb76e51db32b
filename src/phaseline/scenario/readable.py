"""Numbers as a reader writes them: base units turned back into per cent, dates, rates of a handy size; counts of things."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from phaseline.scenario.distributions import Fixed, Samples, marginal
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.units import BASE_UNIT, DAYS_PER_MONTH, DAYS_PER_YEAR, Dimension

if TYPE_CHECKING:
    from phaseline.scenario.schema import Condition, Scenario

RARE_RATE = 0.1
"""Rates of fewer events a day than this are told by the year."""
_PLURALS = {"aircraft": "aircraft", "personnel": "personnel", "means": "means"}
_ONES = ("1", "+1", "−1")
_ENDING_IN_IE = ("sorties", "calories")
TENTHS = np.array([0.1, 0.5, 0.9])


def counted(count: float | str, thing: str) -> str:
    """A count and what is counted, for example ``1 world``, ``2,000 histories``, ``0 reports``.

    Parameters
    ----------
    count
        A number, or one already in words: ``17.3 ± 1.9``.
    thing
        In the singular.
    """
    text = count if isinstance(count, str) else f"{count:,}".removesuffix(".0")
    return f"{text} {thing if text in _ONES else plural(thing)}"


def with_unit(text: str, unit: str) -> str:
    """A number in words and its unit, for example ``5.5 sorties``, ``1 sortie``, ``8 km``.

    Parameters
    ----------
    text
        The number.
    unit
        As it is written of several; empty where there is none.
    """
    return f"{text} {singular(unit) if text in _ONES else unit}".rstrip()


def plural(thing: str) -> str:
    """The plural of an English noun, or of the last of several words."""
    first, space, word = thing.rpartition(" ")
    if word in _PLURALS:
        word = _PLURALS[word]
    elif word.endswith(("ss", "x", "ch", "sh")):
        word = f"{word}es"
    elif word.endswith("y") and word[-2:-1] not in "aeiou":
        word = f"{word[:-1]}ies"
    elif not word.endswith("s"):
        word = f"{word}s"
    return f"{first}{space}{word}"


def singular(thing: str) -> str:
    """The singular of an English noun as units are written, ``sorties``, ``days``; one that has no plural stays."""
    if thing in _PLURALS.values() or not thing.endswith("s") or thing.endswith("ss"):
        return thing
    if thing.endswith("ies") and thing not in _ENDING_IN_IE:
        return f"{thing[:-3]}y"
    return thing.removesuffix("s")


def value_text(value: float, dimension: Dimension, unit: str | None = None, digits: int = 6) -> str:
    """One value with its unit.

    Parameters
    ----------
    value
        In the base unit of the dimension.
    dimension
        What it measures.
    unit
        What is counted, for rates and counts, e.g. ``sorties``.
    digits
        Significant digits.
    """
    if dimension == "date":
        return dt.date.fromordinal(int(value)).isoformat() if math.isfinite(value) else "never"
    factor, word = _scale(value, dimension, unit)
    figure = _figure(value * factor, digits)
    return f"{figure}{word.removesuffix('s') if figure == '1' and dimension in ('duration', 'persons') else word}"


def quantity_text(quantity: Quantity, unit: str | None = None) -> str:
    """A number of a scenario in a few words: the value, or the middle and the range of eight draws in ten.

    Parameters
    ----------
    quantity
        Resolved, that is, no reference to a named number.
    unit
        As in `value_text`.
    """
    dist, dimension = quantity.dist, quantity.dimension
    if isinstance(dist, Fixed):
        text = value_text(dist.value, dimension, unit)
        if quantity.bounds is not None:
            ends = [value_text(end, dimension, unit) for end in quantity.bounds]
            text += f" (plausible {ends[0]} to {ends[1]})"
        return text
    low, middle, high = (float(v) for v in marginal(dist).quantile(TENTHS))
    if isinstance(dist, Samples):
        return f"{value_text(middle, dimension, unit)} (of {len(dist.values)} observed)"
    if dimension == "date":
        return f"{value_text(low, dimension)} to {value_text(high, dimension)}"
    factor, word = _scale(middle, dimension, unit)
    return f"{_figure(middle * factor)} ({_figure(low * factor)}–{_figure(high * factor)}){word}"


def condition_text(condition: Condition, scenario: Scenario) -> str:
    """What a gate asks for, with the names that the file uses: ``progress of mosul >= 70 % and date >= 2017-01-01``."""
    parts = condition.all if condition.all is not None else condition.any
    if parts is not None:
        texts = [condition_text(part, scenario) for part in parts]
        texts = [
            f"({text})" if part.all or part.any else text for part, text in zip(parts, texts, strict=True)
        ]
        return (" and " if condition.all is not None else " or ").join(texts)

    def text(quantity: Quantity, dimension: Dimension) -> str:
        return quantity_text(replace(resolve(quantity, scenario.numbers), dimension=dimension))

    if condition.date is not None:
        asked = f"date >= {text(condition.date, 'date')}"
    elif condition.after is not None:
        delay = text(condition.delay, "duration")
        asked = f"the end of {condition.after}" + ("" if delay == "0 days" else f" {delay} before")
    elif condition.suspended is not None:
        asked = f"{condition.suspended} suspended"
    else:
        head = next(name for name in ("progress", "losses", "strain") if getattr(condition, name) is not None)
        sign, limit = next(
            (sign, getattr(condition, name))
            for name, sign in (("at_least", ">="), ("above", ">"), ("below", "<"))
            if getattr(condition, name) is not None
        )
        asked = f"{head} of {getattr(condition, head)} {sign} {text(limit, 'number' if head == 'strain' else 'share')}"
    lasts = text(condition.for_, "duration")
    return asked if lasts == "1 day" else f"{asked} for {lasts} on end"


def _scale(value: float, dimension: Dimension, unit: str | None) -> tuple[float, str]:
    """Factor from the base unit to a handy one, and how that is written after the figure."""
    if dimension == "share":
        return 100.0, " %"
    if dimension == "share_rate":
        return 100.0, " %/day"
    if dimension == "money_rate":
        return DAYS_PER_MONTH / 1e6, " M USD/month"
    if dimension == "rate":
        thing = f" {unit}" if unit else ""
        return (DAYS_PER_YEAR, f"{thing}/year") if 0 < value < RARE_RATE else (1.0, f"{thing}/day")
    if dimension == "per_person_rate":
        return 100.0, f"{f' {unit}' if unit else ''}/day per 100 persons"
    if dimension == "count":
        return 1.0, f" {unit}" if unit else ""
    word = BASE_UNIT[dimension]
    return 1.0, f" {word}" if word else ""


def _figure(value: float, digits: int = 3) -> str:
    """Significant digits, thousands apart."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        places = digits - 1 - math.floor(math.log10(abs(value)))
        return f"{round(value, min(places, 0)):,.0f}"
    return f"{value:.{digits}g}"
