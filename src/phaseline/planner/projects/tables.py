"""A network as the arrays that schedule generation reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.network import Network


class Tables(NamedTuple):
    """Flat arrays of a network, in the order in which kernels take them.

    Attributes
    ----------
    before_at, before
        Predecessors of activity i are before[before_at[i]:before_at[i + 1]].
    after_at, after
        Successors likewise.
    demands, capacities, releases
        Shapes [activity, resource], [resource], [activity].
    """

    before_at: NDArray[np.int64]
    before: NDArray[np.int64]
    after_at: NDArray[np.int64]
    after: NDArray[np.int64]
    demands: NDArray[np.int64]
    capacities: NDArray[np.int64]
    releases: NDArray[np.int64]


def tables(network: Network) -> Tables:
    """The arrays of a network."""
    return Tables(
        *_rows(network.predecessors),
        *_rows(network.successors),
        np.ascontiguousarray(network.demands),
        network.capacities.copy(),
        network.release_of.copy(),
    )


def _rows(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    at = np.zeros(len(lists) + 1, dtype=np.int64)
    at[1:] = np.cumsum([len(one) for one in lists])
    return at, np.array([i for one in lists for i in one], dtype=np.int64)
