"""Why the bad tenth went bad: boxes of conditions in which it gathers, in plain words (scenario discovery).

A shallow decision tree splits the worlds by what nobody knew; a leaf in which bad histories gather is a box. It is
judged on worlds that the tree has not seen: *density* is the share of its histories that are bad, *coverage* the share
of all bad histories that lie in it (Bryant and Lempert 2010, Technol. Forecast. Soc. Change 77:34, who use PRIM; a tree
gives boxes that do not overlap).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from phaseline.outcomes.statistics import Interval, mean_interval, probability_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEPTH = 3
"""Conditions of a box at most: more cannot be told in a sentence."""
LEAST_SHARE = 0.03
"""Of the worlds that a box must hold."""
LEAST_GAIN = 0.005
"""Of Gini impurity, 0.5 at the root, that a condition must bring."""
LIFT = 1.5
"""Density over the base rate from which a leaf is worth telling."""
BAD = 0.1
"""Share of the histories that count as bad."""


class Bound(NamedTuple):
    """One condition: a number lies above ``low`` and at most at ``high`` (infinite where open), in base units."""

    number: int
    low: float
    high: float


class Box(NamedTuple):
    """Conditions under which bad histories gather.

    Attributes
    ----------
    bounds
        All of them hold in the box.
    density
        Share of the box's histories that are bad, on worlds that the tree has not seen.
    coverage
        Share of the bad histories that lie in the box, on the same worlds.
    worlds
        Share of those worlds that lie in it.
    """

    bounds: tuple[Bound, ...]
    density: Interval
    coverage: Interval
    worlds: float


def bad_histories(outcome: NDArray[np.float64], better: str, share: float = BAD) -> NDArray[np.bool_]:
    """Which histories lie in the bad end of an outcome.

    Parameters
    ----------
    outcome
        Shape [history].
    better
        ``low`` or ``high``.
    share
        Of the histories. Where many share the worst value, for example the horizon, all of those count, and no others if they
        are more than the share.
    """
    badness = outcome if better == "low" else -outcome
    limit = np.quantile(badness, 1 - share, method="inverted_cdf")
    bad = badness > limit
    return bad if bad.any() else badness >= badness.max()


def discover(numbers: NDArray[np.float64], bad: NDArray[np.bool_], per_world: int) -> list[Box]:
    """Boxes of conditions in which bad histories gather.

    Parameters
    ----------
    numbers
        Shape [world, number].
    bad
        Shape [history], histories of one world side by side.
    per_world
        Histories of one world.

    Returns
    -------
    list of Box
        Densest first; empty where nothing gathers, or where no history or all of them are bad.
    """
    from sklearn.tree import DecisionTreeClassifier

    share = bad.reshape(-1, per_world).mean(axis=1)
    worlds = share.size
    held = np.arange(worlds) % 2 == 1
    if not bad.any() or bad.all() or worlds < 50:
        return []
    # each world stands twice, as often bad and good as its histories were
    learn = np.flatnonzero(~held)
    inputs = np.concatenate([numbers[learn], numbers[learn]])
    labels = np.repeat([1, 0], learn.size)
    weights = np.concatenate([share[learn], 1 - share[learn]])
    tree = DecisionTreeClassifier(
        max_depth=DEPTH,
        min_weight_fraction_leaf=LEAST_SHARE,
        min_impurity_decrease=LEAST_GAIN,
        class_weight="balanced",
        random_state=0,
    )
    tree.fit(inputs, labels, sample_weight=weights)
    base = float(share[held].mean())
    path = tree.decision_path(numbers).toarray().astype(bool)  # which worlds pass each node

    def box(node: int, bounds: list[Bound]) -> Box | None:
        inside = held & path[:, node]
        if inside.sum() < 2 or not bounds:
            return None
        density = probability_interval(bad.reshape(-1, per_world)[inside].ravel(), per_world)
        if density.low <= LIFT * base:
            return None
        coverage = _coverage(share[held], path[held, node])
        return Box(tuple(bounds), density, coverage, float(inside.sum() / held.sum()))

    return sorted(_boxes(tree.tree_, box), key=lambda found: -found.density.value)


def _boxes(tree: Any, box: Callable[[int, list[Bound]], Box | None]) -> list[Box]:
    """Leaves that are worth telling; where both sides of a condition are, the condition is left out."""
    limits: dict[int, dict[int, tuple[float, float]]] = {0: {}}
    order = [0]
    for node in order:  # parents before children
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            continue
        number, at = int(tree.feature[node]), float(tree.threshold[node])
        low, high = limits[node].get(number, (-np.inf, np.inf))
        limits[left] = limits[node] | {number: (low, min(high, at))}
        limits[right] = limits[node] | {number: (max(low, at), high)}
        order += [left, right]
    told: dict[int, list[Box]] = {}
    whole: set[int] = set()
    for node in reversed(order):
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        here = box(node, [Bound(number, *limit) for number, limit in limits[node].items()])
        if left == right or (left in whole and right in whole and here is not None):
            told[node] = [here] if here is not None else []
            if here is not None:
                whole.add(node)
        else:
            told[node] = told[left] + told[right]
    return told[0]


def _coverage(share: NDArray[np.float64], inside: NDArray[np.bool_]) -> Interval:
    """Bad histories inside over all bad histories: a ratio of sums over worlds (Cochran 1977, ch. 6)."""
    total = float(share.sum())
    value = float(share[inside].sum()) / total
    residual = share * (inside - value)
    half = mean_interval(residual, 1).half_width * share.size / total
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def sentence(box: Box, labels: Sequence[str], text: Sequence[tuple[str, str]]) -> str:
    """A box in plain words.

    Parameters
    ----------
    box
        The box.
    labels
        Of every number.
    text
        For each bound, its low and high end in words.
    """
    parts = []
    for bound, (low, high) in zip(box.bounds, text, strict=True):
        label = labels[bound.number]
        if np.isinf(bound.low):
            parts.append(f"{label} at most {high}")
        elif np.isinf(bound.high):
            parts.append(f"{label} above {low}")
        else:
            parts.append(f"{label} between {low} and {high}")
    return " and ".join(parts)
