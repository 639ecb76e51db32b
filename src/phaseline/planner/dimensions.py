"""What may be chosen: numbers on a range, whole steps of one, or one of a list; and points of the space they span."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[Any, ...]
"""One value per dimension."""


@dataclass(frozen=True)
class Dimension:
    """One decision.

    Attributes
    ----------
    name
        As the user calls it.
    low, high
        Ends of the range; unused where there are `choices`.
    step
        Distance between values that may be chosen; 0 for any number.
    choices
        What may be chosen, where it is no range.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    choices: tuple[Any, ...] = ()

    @property
    def size(self) -> float:
        """How many values there are; infinite where any number may be chosen."""
        if self.choices:
            return len(self.choices)
        if self.high == self.low:
            return 1
        return math.inf if self.step <= 0 else math.floor((self.high - self.low) / self.step + 1e-9) + 1

    def at(self, share: float) -> Any:
        """The value at a share of the way through the dimension, 0 to 1; beyond is the end."""
        share = min(max(share, 0.0), 1.0)
        if self.choices:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if math.isinf(self.size):
            return self.low + share * (self.high - self.low)
        return self.low + min(int(share * self.size), int(self.size) - 1) * self.step

    def values(self) -> list[Any]:
        """All values of a finite dimension, in order."""
        return [self.at((i + 0.5) / self.size) for i in range(int(self.size))]


def num_points(dimensions: Sequence[Dimension]) -> float:
    """Points of the whole space; infinite where any number may be chosen."""
    return math.prod(one.size for one in dimensions)


def all_points(dimensions: Sequence[Dimension]) -> list[Point]:
    """Every point of a finite space, the last dimension fastest."""
    found: list[Point] = [()]
    for one in dimensions:
        found = [(*point, value) for point in found for value in one.values()]
    return found


def point_at(dimensions: Sequence[Dimension], shares: Sequence[float]) -> Point:
    """The point at a share of the way through each dimension."""
    return tuple(one.at(share) for one, share in zip(dimensions, shares, strict=True))
