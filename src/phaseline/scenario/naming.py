"""How a number of a scenario is called, wherever one is named: options, ensembles, files beside a scenario, results.

A number under ``numbers`` is called by its name there, any other by its place in the file: ``fleet``,
``contributions.1.count``, ``operations.mosul.phases.east.depth``. The engine calls its draws so, and so does everything that is
printed. Problems of a file write places as people do, ``contributions[1].count`` or ``numbers.fleet``; that is understood too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phaseline.scenario.quantity import Quantity
from phaseline.scenario.references import quantities

if TYPE_CHECKING:
    from phaseline.scenario.schema import Scenario

_POSITION = re.compile(r"\[(\d+)\]")
_QUOTED = re.compile(r"(?:(?<=\.)|^)'([^']*)'")


def number_name(place: str | Sequence[str | int]) -> str:
    """How a number is called.

    Parameters
    ----------
    place
        Its path in the document, or a name in either spelling.

    Returns
    -------
    str
        The spelling that the engine uses: a name, or keys and positions joined by dots.
    """
    if isinstance(place, str):
        text = _QUOTED.sub(r"\1", _POSITION.sub(r".\1", place.strip()))
    else:
        text = ".".join(str(part) for part in place)
    return text.removeprefix("numbers.")


def written_numbers(scenario: Scenario) -> dict[str, Quantity]:
    """Every number that the file itself writes, by name; what refers to a named number is that number."""
    return dict(_written(scenario))


def _written(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    for path, quantity in quantities(scenario):
        if quantity.ref is None:
            yield number_name(path), quantity
