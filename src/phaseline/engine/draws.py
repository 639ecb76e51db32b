"""Uncertain numbers: one draw per world (ignorance) or per replication (chance), correlated where the file says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from phaseline.engine.streams import CHANCE, IGNORANCE, entity_key, uniforms
from phaseline.scenario.distributions import Distribution, Joint


@dataclass(frozen=True)
class Draw:
    """One uncertain number: its name (or path in the file), kind and distribution, in base units."""

    name: str
    kind: str
    distribution: Distribution

    @property
    def luck(self) -> str:
        """What its luck is keyed by: its own name, or the ensemble whose numbers are drawn together."""
        if isinstance(self.distribution, Joint):
            return f"ensemble/{self.distribution.ensemble}"
        return f"number/{self.name}"


@dataclass(frozen=True)
class Group:
    """Numbers that move together: names, and the lower Cholesky factor of their normal scores' correlation."""

    names: tuple[str, ...]
    factor: tuple[tuple[float, ...], ...]


def correlation_group(names: Sequence[str], rank: float | Sequence[Sequence[float]]) -> Group:
    """Group from Spearman's rank correlation, by Pearson's relation r = 2 sin(pi rank / 6).

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite.
    """
    n = len(names)
    ranks = np.full((n, n), float(rank)) if isinstance(rank, int | float) else np.array(rank, dtype=float)
    matrix = 2.0 * np.sin(np.pi * ranks / 6.0)
    np.fill_diagonal(matrix, 1.0)
    factor = np.linalg.cholesky(matrix)
    return Group(tuple(names), tuple(tuple(float(v) for v in row) for row in factor))


def _own_uniforms(luck: str, kind: str, seed: int, first: int, count: int, per_world: int) -> np.ndarray:
    key = np.array([entity_key(luck)], dtype=np.int64)
    if kind == "chance":
        return uniforms(seed, first, count, CHANCE, key)[:, 0]
    world = first // per_world
    worlds = (first + count - 1) // per_world - world + 1
    drawn = uniforms(seed, world, worlds, IGNORANCE, key)[:, 0]
    return drawn[np.arange(first, first + count) // per_world - world]


def draw_values(
    draws: Sequence[Draw], groups: Sequence[Group], kinds: dict[str, str], *, seed: int, first: int, count: int,
    per_world: int,
) -> np.ndarray:  # fmt: skip
    """Values of every draw for replications first, ..., first + count - 1.

    Parameters
    ----------
    kinds : dict
        Kind of every named number, for the members of groups that are not drawn here themselves.

    Returns
    -------
    ndarray, shape (count, len(draws))
    """

    def uniform(luck: str, kind: str) -> np.ndarray:
        return _own_uniforms(luck, kind, seed, first, count, per_world)

    return values_of(draws, groups, kinds, uniform, count)


def lucks(draws: Sequence[Draw], groups: Sequence[Group], kinds: Mapping[str, str]) -> dict[str, str]:
    """All luck behind some draws, correlated partners included, and its kind, in a fixed order."""
    found: dict[str, str] = {}
    for draw in draws:
        group = _group_of(draw, groups)
        if group is None:
            found[draw.luck] = draw.kind
        else:
            found |= {f"number/{name}": kinds[name] for name in group.names}
    return found


def _group_of(draw: Draw, groups: Sequence[Group]) -> Group | None:
    """The group a draw moves with; a number of an ensemble moves with the ensemble alone."""
    if isinstance(draw.distribution, Joint):
        return None
    return next((group for group in groups if draw.name in group.names), None)


def values_of(
    draws: Sequence[Draw],
    groups: Sequence[Group],
    kinds: Mapping[str, str],
    uniform: Callable[[str, str], np.ndarray],
    count: int,
) -> np.ndarray:
    """Values of every draw from the luck given, shape (count, len(draws)).

    Parameters
    ----------
    uniform
        Gives `count` uniforms in (0, 1) for a luck and its kind, as `lucks` lists them.
    """
    values = np.empty((count, len(draws)))
    for j, draw in enumerate(draws):
        group = _group_of(draw, groups)
        if group is None:
            u = uniform(draw.luck, draw.kind)
        else:
            row = group.factor[group.names.index(draw.name)]
            # summed one member after the other, so that no linear-algebra library decides about the last bit
            score = np.zeros(count)
            for name, weight in zip(group.names, row, strict=True):
                if weight != 0.0:
                    score += weight * ndtri(uniform(f"number/{name}", kinds[name]))
            u = np.clip(ndtr(score), 2.0**-53, 1.0 - 2.0**-53)
        values[:, j] = draw.distribution.quantile(u)
    return values
