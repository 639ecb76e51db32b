"""Numbers with units as people write them, and the base units used inside.

A small fixed table, because a general unit library costs a second to import. Inside the package a number is a bare
float in the base unit of its dimension:

========================  ==========================================  ======================
dimension                 base unit                                   written
========================  ==========================================  ======================
number                    1                                           ``0.7``
share                     1                                           ``0.6`` or ``60 %``
count                     1                                           ``24`` or ``24 aircraft``
persons                   1                                           ``4500`` or ``4500 fighters``
length                    km                                          ``8 km``
area                      km2                                         ``120 km2``
duration                  day                                         ``3 weeks``
date                      proleptic Gregorian ordinal (day 1 = 0001-01-01)  ``2016-11-15``
money                     USD                                         ``USD 36 M``
rate                      1/day                                       ``20/day``, ``140 sorties/week``
speed                     km/day                                      ``1 km/day``
share_rate                1/day (a share, not per cent)               ``0.5 %/day``
money_rate                USD/day                                     ``USD 36 M/month``
per_person_rate           1/day per person                            ``2/day per 100 fighters``
========================  ==========================================  ======================

A month is 30.4375 days and a year 365.25 days (the Julian year and its twelfth).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Final, Literal, NamedTuple, get_args

from phaseline.errors import RuleError
from phaseline.scenario.nearness import nearest

Dimension = Literal[
    "number",
    "share",
    "count",
    "persons",
    "length",
    "area",
    "duration",
    "date",
    "money",
    "rate",
    "speed",
    "share_rate",
    "money_rate",
    "per_person_rate",
]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)

#: The unit, in this module's own notation, that leaves a number in base units as it is.
BASE_UNIT: Final[dict[Dimension, str]] = {
    "number": "",
    "share": "",
    "count": "",
    "persons": "persons",
    "length": "km",
    "area": "km2",
    "duration": "days",
    "date": "",
    "money": "USD",
    "rate": "/day",
    "speed": "km/day",
    "share_rate": "share/day",
    "money_rate": "USD/day",
    "per_person_rate": "/day per person",
}

_SUGGESTED_UNIT: Final[dict[Dimension, str]] = {**BASE_UNIT, "share_rate": "%/day", "persons": "persons"}

_EXAMPLE: Final[dict[Dimension, str]] = {
    "number": "0.7",
    "share": "60 %",
    "count": "24",
    "persons": "4500 fighters",
    "length": "8 km",
    "area": "120 km2",
    "duration": "3 weeks",
    "date": "2016-11-15",
    "money": "USD 36 M",
    "rate": "20/day",
    "speed": "1 km/day",
    "share_rate": "0.5 %/day",
    "money_rate": "USD 36 M/month",
    "per_person_rate": "0.02/day per fighter",
}

_KIND: Final[dict[Dimension, str]] = {
    "number": "a plain number",
    "share": "a share",
    "count": "a count",
    "persons": "a number of persons",
    "length": "a length",
    "area": "an area",
    "duration": "a duration",
    "date": "a date",
    "money": "money",
    "rate": "a rate",
    "speed": "a speed",
    "share_rate": "a share a day",
    "money_rate": "money a day",
    "per_person_rate": "a rate per person",
}

_UNITLESS: Final = frozenset({"number", "share", "count", "persons"})

#: What may be written (first) where something is wanted (second), beside the same dimension.
_COMPATIBLE: Final = frozenset(
    {
        ("number", "share"),
        ("number", "count"),
        ("number", "persons"),
        ("share", "number"),
        ("persons", "count"),
        ("count", "persons"),
    }
)

DAYS_PER_MONTH: Final = 30.4375
DAYS_PER_YEAR: Final = 365.25

_LENGTHS = {"km": 1.0, "kilometre": 1.0, "kilometer": 1.0, "m": 1e-3, "metre": 1e-3, "meter": 1e-3}
_LENGTHS |= {"mi": 1.609344, "mile": 1.609344}
_AREAS = {
    "km2": 1.0,
    "km²": 1.0,
    "sqkm": 1.0,
    "ha": 0.01,
    "hectare": 0.01,
    "mi2": 1.609344**2,
    "acre": 0.0040468564224,
}
_TIMES = {"day": 1.0, "d": 1.0, "week": 7.0, "wk": 7.0, "month": DAYS_PER_MONTH, "mo": DAYS_PER_MONTH}
_TIMES |= {
    "year": DAYS_PER_YEAR,
    "yr": DAYS_PER_YEAR,
    "hour": 1 / 24,
    "h": 1 / 24,
    "hr": 1 / 24,
    "minute": 1 / 1440,
}
_SHARES = {"%": 0.01, "percent": 0.01, "share": 1.0}
_SCALES = {
    "k": 1e3,
    "K": 1e3,
    "thousand": 1e3,
    "M": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "billion": 1e9,
}

_PERSONS = (
    "person people fighter soldier troop civilian refugee militant adviser advisor recruit trainee combatant insurgent "
    "officer policeman policemen resident inhabitant displaced casualty killed wounded dead prisoner defector "
    "firefighter evacuee worker patient survivor victim volunteer pilot man men woman women child children"
).split()
_COUNTABLES = (
    "sortie aircraft jet fighter-jet bomber drone helicopter tanker gunship orbit cap attack strike weapon bomb "
    "munition missile mine shell round vehicle tank truck car convoy ship boat flight mission patrol raid team crew "
    "squad platoon company battalion brigade division unit post checkpoint site target building house household "
    "district village town city nation country base depot hospital bed clinic camp tent shelter meal ration kit item "
    "drop load truckload pallet container tonne ton litre gallon barrel engine dozer hotshot fire shock "
    "halt event report incident explosion vbied ied plot cell contact engagement battle task job order slot time "
    "sensor satellite generator pump well bridge road route runway airfield gun battery launcher rocket mortar"
).split()
_UNINFLECTED = {
    "aircraft",
    "people",
    "displaced",
    "killed",
    "wounded",
    "dead",
    "men",
    "women",
    "children",
    "policemen",
}


def _forms(word: str) -> tuple[str, ...]:
    """Return singular and plural of a noun."""
    if word in _UNINFLECTED:
        return (word,)
    if word.endswith("y") and word[-2] not in "aeiou":
        return word, f"{word[:-1]}ies"
    if word.endswith(("s", "sh", "ch", "x")):
        return word, f"{word}es"
    return word, f"{word}s"


class _Atom(NamedTuple):
    kind: str
    factor: float


def _atoms() -> dict[str, _Atom]:
    table: dict[str, _Atom] = {}
    abbreviations = {
        "km",
        "m",
        "mi",
        "km2",
        "km²",
        "sqkm",
        "ha",
        "mi2",
        "d",
        "wk",
        "mo",
        "yr",
        "h",
        "hr",
        "%",
        "percent",
    }
    for kind, units in (("length", _LENGTHS), ("area", _AREAS), ("time", _TIMES), ("share", _SHARES)):
        for word, factor in units.items():
            for form in (word,) if word in abbreviations else _forms(word):
                table[form] = _Atom(kind, factor)
    for word in _COUNTABLES:
        table |= dict.fromkeys(_forms(word), _Atom("count", 1.0))
    for word in _PERSONS:
        table |= dict.fromkeys(_forms(word), _Atom("persons", 1.0))
    table["usd"] = _Atom("money", 1.0)
    return table


_ATOMS: Final = _atoms()

# What a numerator over its denominators measures. "thing" stands for a countable or nobody in particular.
_SIGNATURES: Final[dict[tuple[str, tuple[str, ...]], Dimension]] = {
    ("", ()): "number",
    ("share", ()): "share",
    ("count", ()): "count",
    ("persons", ()): "persons",
    ("length", ()): "length",
    ("area", ()): "area",
    ("time", ()): "duration",
    ("money", ()): "money",
    ("length", ("time",)): "speed",
    ("share", ("time",)): "share_rate",
    ("money", ("time",)): "money_rate",
    **{(kind, ("time",)): "rate" for kind in ("", "count", "persons")},
    **{(kind, ("thing",)): "number" for kind in ("", "count", "persons")},
    **{(kind, ("thing", "time")): "per_person_rate" for kind in ("", "count", "persons")},
}

_NUMBER = r"[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})(?![\w.])|(?P<word>[^\W\d_][\w²-]*|%)|(?P<slash>/))", re.UNICODE
)
_TOKEN_GLUED = re.compile(rf"\s*(?P<number>{_NUMBER})(?=[^\W\d_]|%)", re.UNICODE)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LIKE_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_LIKE_RANGE = re.compile(r"[\d%]\s*(?:-|–|—|\.\.+|\bto\b)\s*\d")
_NOT_FINITE = re.compile(r"[-+]?\.?(nan|inf|infinity)\b", re.IGNORECASE)
_LONGEST = 200

Scalar = int | float | str | dt.date


class UnitError(RuleError):
    """A written number cannot be read, or its unit is not of the dimension wanted."""


def compatible(declared: Dimension, wanted: Dimension) -> bool:
    """Tell whether a number declared in one dimension may stand where another is wanted.

    Parameters
    ----------
    declared
        Dimension of the number as written.
    wanted
        Dimension that the place asks for.

    Returns
    -------
    bool
        True for equal dimensions, a plain number for a share, count or persons, a share for a number, and between
        count and persons.
    """
    return declared == wanted or (declared, wanted) in _COMPATIBLE


def parse(value: Scalar, dimension: Dimension) -> float:
    """Read a written number.

    Parameters
    ----------
    value
        For example ``20``, ``'8 km'``, ``'60 %'`` or a date.
    dimension
        What the number must measure.

    Returns
    -------
    float
        The number in the base unit of the dimension; finite.

    Raises
    ------
    UnitError
        If it cannot be read, has no unit where one is needed, or has a unit of another dimension.
    """
    if dimension == "date" and isinstance(value, str) and not _ISO_DATE.fullmatch(value.strip()):
        raise UnitError("is not a date written year-month-day", f"write '{_EXAMPLE['date']}'")
    number, found = parse_free(value)
    if compatible(found, dimension):
        return number
    raise _mismatch(value, found, dimension)


def parse_free(value: Scalar) -> tuple[float, Dimension]:
    """Read a written number of whichever dimension its unit says.

    Parameters
    ----------
    value
        For example ``20``, ``'8 km'``, ``'20 sorties/day'`` or a date.

    Returns
    -------
    tuple of float and str
        The number in base units, and its dimension; a plain number is of dimension ``number``.

    Raises
    ------
    UnitError
        If it cannot be read.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str, dt.date)):
        raise UnitError(
            f"is not a number but {_kind_of(value)}", "write a number, with its unit where it has one"
        )
    if isinstance(value, dt.datetime):
        raise UnitError("has a time of day", f"write the date alone, as in '{_EXAMPLE['date']}'")
    if isinstance(value, dt.date):
        return float(value.toordinal()), "date"
    if isinstance(value, str):
        return _parse_text(value.strip())
    return _finite(value), "number"


def kind_of(dimension: Dimension) -> str:
    """What measures a dimension, with its article: ``a share``, ``money``."""
    return _KIND[dimension]


def suggestion(value: object, dimension: Dimension) -> str:
    """Return how a plain number would be written with the base unit of a dimension."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and dimension != "date":
        text = f"{value} {_SUGGESTED_UNIT[dimension]}".strip()
        return text.replace(" /", "/")
    return _EXAMPLE[dimension]


BEYOND_PERCENT: Final = ("is beyond 100 %", "a share is at most 100 %")
"""Rule and remedy for a share that was written in per cent, and is too high so."""


def in_percent(text: str) -> bool:
    """Whether a number is written in per cent, so that nobody left the sign out."""
    return "%" in text or "percent" in text.lower()


def share_remedy(high: float) -> str:
    """What to write in place of a share that reaches above 1: most often the per cent sign was left out."""
    if high <= 100.0:
        return f"for {high:g} per cent write '{high:g} %'"
    return "give a share from 0 to 1, or per cent from '0 %' to '100 %'"


def _finite(value: float | str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UnitError("is not a finite number", "write a finite number, or leave an open limit out")
    return number


def _kind_of(value: object) -> str:
    if value is None:
        return "empty"
    names = {bool: "a yes or no", list: "a list", tuple: "a list", dict: "a mapping", str: "a text"}
    return names.get(type(value), type(value).__name__)


def _mismatch(value: Scalar, found: Dimension, wanted: Dimension) -> UnitError:
    if found == "number" and wanted not in _UNITLESS:
        try:
            plain: object = float(value) if isinstance(value, str) else value
        except ValueError:
            plain = None
        if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e15:
            plain = int(plain)
        rule = (
            "is a plain number, not a date" if wanted == "date" else f"has no unit, {_KIND[wanted]} needs one"
        )
        return UnitError(rule, f"write '{suggestion(plain, wanted)}'")
    return UnitError(f"is {_KIND[found]}, not {_KIND[wanted]}", f"write it as in '{_EXAMPLE[wanted]}'")


def _parse_text(text: str) -> tuple[float, Dimension]:
    if not text:
        raise UnitError("is empty", "write a number, with its unit where it has one")
    if len(text) > _LONGEST:
        raise UnitError("is too long for a number", "write a number, with its unit where it has one")
    if _ISO_DATE.fullmatch(text):
        try:
            return float(dt.date.fromisoformat(text).toordinal()), "date"
        except ValueError:
            raise UnitError("is no day of the calendar", f"write a date as in '{_EXAMPLE['date']}'") from None
    return _measure(text, _tokens(text))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position) or _TOKEN_GLUED.match(text, position)
        if match is None:
            raise _unreadable(text, text[position:].strip()[:1])
        kind = next(name for name, part in match.groupdict().items() if part is not None)
        word = match[kind]
        if word.lower() == "per":
            kind = "slash"
        tokens.append((kind, word))
        position = match.end()
    return tokens


def _unreadable(text: str, character: str) -> UnitError:
    if _NOT_FINITE.match(text):
        return UnitError("is not a finite number", "write a finite number, or leave an open limit out")
    if _LIKE_DATE.fullmatch(text):
        return UnitError("is not a date written year-month-day", f"write '{_EXAMPLE['date']}'")
    if _LIKE_RANGE.search(text):
        return UnitError("is a range written as text", "write a range as a list, as in [7 km, 10 km]")
    if re.search(r"\d,\d", text):
        return UnitError(
            "has a comma, which may be a decimal or a thousands sign",
            f"write '{text.replace(',', '_')}' for thousands or '{text.replace(',', '.')}' for a decimal",
        )
    if "$" in text:
        return UnitError(
            "has a dollar sign, which marks a named number", "write 'USD 5 M' for money, '$name' for a name"
        )
    return UnitError(
        f"cannot be read as a number at {character!r}", "write a number and a unit, as in '8 km' or '20/day'"
    )


def _measure(text: str, tokens: list[tuple[str, str]]) -> tuple[float, Dimension]:
    """Evaluate ``[USD] number [scale] [unit] {(/ | per) [number] unit}``."""
    groups: list[list[tuple[str, str]]] = [[]]
    for token in tokens:
        if token[0] == "slash":
            groups.append([])
        else:
            groups[-1].append(token)
    numbers = [word for kind, word in groups[0] if kind == "number"]
    if len(numbers) != 1 or (groups[0][0][0] != "number" and groups[0][0][1].lower() != "usd"):
        if not numbers or _LIKE_RANGE.search(text):
            raise _unreadable(text, text[:1])
        raise UnitError(
            "does not begin with its one number", "write one number and a unit, or a list for a range"
        )
    value = _finite(numbers[0].replace("_", ""))
    kind, factor = _factor([word for token, word in groups[0] if token == "word"], allow_scale=True)
    value *= factor
    below: list[str] = []
    for group in groups[1:]:
        divisor = 1.0
        if group and group[0][0] == "number":
            divisor = _finite(group[0][1].replace("_", ""))
            group = group[1:]
        if not group or any(token == "number" for token, _ in group) or divisor <= 0:
            if _LIKE_DATE.fullmatch(text):
                raise _unreadable(text, "/")
            raise UnitError(
                "has no unit after the '/'", "write it as in '20/day' or '2/day per 100 fighters'"
            )
        unit, factor = _factor([word for _, word in group], allow_scale=False)
        below.append("thing" if unit in ("count", "persons") else unit)
        value /= divisor * factor
    dimension = _SIGNATURES.get((kind, tuple(sorted(below))))
    if dimension is None:
        raise UnitError(
            "mixes units in a way that is not known here", "see the table of units in the documentation"
        )
    return _finite(value), dimension


def _factor(words: list[str], *, allow_scale: bool) -> tuple[str, float]:
    kind, factor, scaled = "", 1.0, False
    for word in words:
        if word in _SCALES and allow_scale and not scaled:
            factor *= _SCALES[word]
            scaled = True
            continue
        atom = _ATOMS.get(word.lower()) if word != "M" else None
        if atom is None:
            raise _unknown_unit(word)
        if kind:
            raise UnitError(
                f"has two units, {words[0]!r} and {word!r}", "write one unit, or join them by '/'"
            )
        kind = atom.kind
        factor *= atom.factor
    if scaled and kind not in ("", "money", "count", "persons"):
        raise UnitError("has a unit that takes no 'k', 'M' or 'bn'", "write the number out")
    return kind, factor


def _unknown_unit(word: str) -> UnitError:
    if _NOT_FINITE.fullmatch(word):
        return UnitError("is not a finite number", "write a finite number, or leave an open limit out")
    if word.lower() in ("eur", "gbp", "iqd", "dollar", "dollars"):
        return UnitError(f"has the unknown unit {word!r}", "write money in USD, as in 'USD 36 M'")
    near = nearest(word.lower(), [*_ATOMS, *_SCALES], 0.6)
    remedy = (
        f"did you mean {near.replace('usd', 'USD')!r}"
        if near
        else "use a unit of the table in the documentation"
    )
    return UnitError(f"has the unknown unit {word!r}", remedy)
