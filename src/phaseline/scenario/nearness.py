"""The known name that somebody may have meant: one way for names of all kinds, so that remedies read alike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SURE = 0.85
"""Likeness, 0 to 1, from which a place elsewhere in the file may have been meant."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The known name most like one that is not known; None if none is.

    Parameters
    ----------
    name
        As written.
    known
        Names to choose from.
    cutoff
        Least likeness (Ratcliff and Obershelp, as in `difflib`), 0 to 1.
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return close[0] if close else None


def several(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names most like one that is not known, the most like first; none where none is."""
    return difflib.get_close_matches(name, list(known), n=most)


def near(name: str, known: Iterable[str]) -> str:
    """Remedy for a name that is not known: the near one, or all."""
    known = list(known)
    close = nearest(name, known)
    if close is not None:
        return f"did you mean '{close}'?"
    return f"known are: {', '.join(known)}" if known else "none is defined"


def nearest_place(name: str, known: Iterable[str]) -> str | None:
    """The known number most like one that is not known, where numbers are called by their place in the file.

    Of places in the same part of the file (the same operation, contribution or asset) the one that shares most of the way
    there; a place in another part only where it is all but the same.

    Parameters
    ----------
    name
        For example ``operations.coast.phases.supply.duration``, or a name without points.
    known
        Numbers to choose from.
    """
    known = list(known)
    parts = name.split(".")
    if len(parts) == 1:
        return nearest(name, known)

    def shared(other: str) -> int:
        ways = zip(parts, other.split("."), strict=False)
        return next((i for i, (a, b) in enumerate(ways) if a != b), min(len(parts), other.count(".") + 1))

    beside = [other for other in known if shared(other) >= 2]
    if not beside:
        return nearest(name, known, SURE)
    most = max(map(shared, beside))
    return nearest(name, [other for other in beside if shared(other) == most], 0.0)
