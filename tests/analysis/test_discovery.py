"""Scenario discovery finds a planted box, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from phaseline.analysis.discovery import BAD, LEAST_SHARE, Bound, Box, bad_histories, discover, sentence
from phaseline.outcomes.statistics import Interval

PER_WORLD = 4


def _planted(worlds: int, inside: float, outside: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Histories are bad with chance `inside` where the first number is above 0.7 and the third at most 0.4."""
    rng = np.random.default_rng(seed)
    numbers = rng.random((worlds, 6))
    box = (numbers[:, 0] > 0.7) & (numbers[:, 2] <= 0.4)
    chance = np.repeat(np.where(box, inside, outside), PER_WORLD)
    return numbers, rng.random(chance.size) < chance


def test_a_planted_box_is_found() -> None:
    numbers, bad = _planted(4_000, 0.8, 0.02)
    box = discover(numbers, bad, PER_WORLD)[0]
    limits = {bound.number: (bound.low, bound.high) for bound in box.bounds}
    assert limits[0][0] == pytest.approx(0.7, abs=0.02) and np.isinf(limits[0][1])
    assert limits[2][1] == pytest.approx(0.4, abs=0.02) and np.isinf(limits[2][0])
    assert box.density.low < 0.8 < box.density.high + 0.02
    inside = 0.12 * 0.8
    assert box.coverage.value == pytest.approx(inside / (inside + 0.88 * 0.02), abs=0.05)
    assert box.coverage.low < box.coverage.value < box.coverage.high
    assert box.worlds == pytest.approx(0.12, abs=0.02)


def test_density_is_judged_on_worlds_that_the_tree_has_not_seen() -> None:
    rng = np.random.default_rng(3)
    numbers = rng.random((600, 40))
    bad = np.repeat(rng.random(600) < 0.1, PER_WORLD)  # forty numbers, none of which matters
    for box in discover(numbers, bad, PER_WORLD):
        assert box.density.value < 0.5


@pytest.mark.parametrize("bad", [np.zeros(800, dtype=bool), np.ones(800, dtype=bool)])
def test_nothing_or_everything_bad_gathers_nowhere(bad: np.ndarray) -> None:
    assert discover(np.random.default_rng(4).random((200, 3)), bad, PER_WORLD) == []


def test_boxes_are_not_too_small() -> None:
    numbers, bad = _planted(3_000, 0.9, 0.05, seed=5)
    for box in discover(numbers, bad, PER_WORLD):
        assert box.worlds > LEAST_SHARE / 2 and len(box.bounds) <= 3


def test_the_bad_tenth() -> None:
    values = np.arange(1_000.0)
    assert bad_histories(values, "low").sum() == 100 and bad_histories(values, "low")[-100:].all()
    assert bad_histories(values, "high")[:100].all() and bad_histories(values, "high").sum() == 100
    horizon = np.minimum(values, 700.0)
    assert bad_histories(horizon, "low").sum() == 300  # all that share the worst value
    assert BAD == 0.1


def test_a_box_in_words() -> None:
    nothing = Interval(0.0, 0.0, 0.0)
    bounds = (Bound(0, 3.0, np.inf), Bound(1, -np.inf, 0.4), Bound(2, 1.0, 2.0))
    text = [("3 km", ""), ("", "40 %"), ("1 day", "2 days")]
    assert sentence(Box(bounds, nothing, nothing, 0.1), ["depth", "cover", "delay"], text) == (
        "depth above 3 km and cover at most 40 % and delay between 1 day and 2 days"
    )
