"""Military symbols by APP-6 / MIL-STD-2525: which one stands for a force of the scenario, and its drawing.

A scenario says whose side a force is on and how strong it is, not what it is made of, so every force is drawn as land
infantry of its side; the mark of size is that of a formation of about this strength, and only indicative.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phaseline.scenario.schema import Force, Scenario

#: Least strength of a formation and its code (positions 9 and 10 of an SIDC by MIL-STD-2525D). The strengths are the middle
#: of what manuals give for each kind of formation, rounded; armies differ.
ECHELONS = (
    (50_000, "23"), (25_000, "22"), (9_000, "21"), (2_500, "18"), (1_200, "17"), (350, "16"), (80, "15"), (25, "14"),
    (10, "13"), (0, "12"),
)  # fmt: skip
ECHELON_NAMES = {
    "23": "army", "22": "corps", "21": "division", "18": "brigade", "17": "regiment", "16": "battalion",
    "15": "company", "14": "platoon", "13": "section", "12": "squad",
}  # fmt: skip
FRIEND, HOSTILE = "3", "6"
LAND_UNIT, INFANTRY = "10", "121100"

_NUMBERS = r"(-?[\d.]+)"
_SIZE = re.compile(
    rf'width="{_NUMBERS}" height="{_NUMBERS}" viewBox="{_NUMBERS} {_NUMBERS} {_NUMBERS} {_NUMBERS}"'
)


@dataclass(frozen=True)
class Symbol:
    """A drawing, and where its middle lies.

    Attributes
    ----------
    sidc
        Symbol identification code, 20 digits.
    content
        SVG elements, in the coordinates of ``box``.
    box
        Left, top, width and height in those coordinates.
    text
        What it stands for.
    """

    sidc: str
    content: str
    box: tuple[float, float, float, float]
    text: str


def sidc_of(force: Force, strength: float) -> str:
    """Code of a force: land infantry of its side, of about this strength in persons."""
    side = FRIEND if force.side == "own" else HOSTILE
    return f"100{side}{LAND_UNIT}00{echelon(strength)}{INFANTRY}0000"


def echelon(strength: float) -> str:
    """Code of the formation of about this strength."""
    return next(code for least, code in ECHELONS if strength >= least)


def symbol_of(name: str, scenario: Scenario) -> Symbol:
    """Symbol of a force at its first strength.

    Raises
    ------
    KeyError
        If the scenario has no such force.
    """
    from phaseline.scenario.quantity import resolve

    force = scenario.forces[name]
    strength = float(resolve(force.strength, scenario.numbers).dist.mean())
    sidc = sidc_of(force, strength)
    side = "own" if force.side == "own" else "hostile"
    return draw(
        sidc, f"{force.label or name}: {side}, about the size of a {ECHELON_NAMES[echelon(strength)]}"
    )


def draw(sidc: str, text: str = "") -> Symbol:
    """Draw a code.

    Raises
    ------
    ValueError
        If the library knows no such symbol.
    """
    import milsymbol

    symbol = milsymbol.Symbol(sidc, size=100)
    if not symbol.is_valid():
        raise ValueError(f"{sidc} is no symbol of APP-6 or MIL-STD-2525")
    drawing = symbol.as_svg()
    found = _SIZE.search(drawing)
    if found is None:
        raise ValueError(f"the drawing of {sidc} has no size")
    left, top, width, height = (float(number) for number in found.groups()[2:])
    content = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
    return Symbol(sidc, content, (left, top, width, height), text)
