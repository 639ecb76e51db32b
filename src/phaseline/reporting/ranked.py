"""What of many operations, assets and forces is told first; the rest is counted, and where it is to be seen is said.

Several questions rank the same things, for example which operation ends latest and which fails most. They take turns in
choosing, so that each has its say; what is chosen is told in the order of the scenario. Where no more than `MOST` are
there, all are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phaseline.outcomes.wording import Words

MOST = 8
"""Operations, assets, forces or pairs of plans that are told at most, each."""

Plan = Mapping[str, Any]
Score = Callable[[str], float]
"""How much something matters by one question; only what is above 0 does."""


@dataclass(frozen=True)
class Chosen:
    """Some of many.

    Attributes
    ----------
    keys
        What is told.
    left
        How many are not.
    """

    keys: tuple[str, ...]
    left: int

    def note(self, words: Words, word: str, which: str = "") -> str:
        """How many are left out and where they are; empty if none is."""
        if not self.left:
            return ""
        return f"{self.rest(words, word, which)}; all with --verbose, or in summary.json of --out"

    def rest(self, words: Words, word: str, which: str = "") -> str:
        """How many are left out; empty if none is."""
        return f"… and {self.left:,} more {which}{words(word, self.left)}" if self.left else ""


def choose(keys: Iterable[str], *scores: Score, most: int | None = MOST) -> Chosen:
    """The most important of many by several questions that take turns.

    Parameters
    ----------
    keys
        All, in the order in which they are told.
    scores
        A question each, the first one first; ties go to the earlier key.
    most
        How many; None for all.
    """
    every = list(keys)
    if most is None or len(every) <= most:
        return Chosen(tuple(every), 0)
    ranked = [
        sorted((key for key in every if score(key) > 0), key=lambda key, score=score: -score(key))  # type: ignore[misc]
        for score in scores
    ]
    taken: dict[str, None] = {}
    while len(taken) < most and any(ranked):
        for ranking in ranked:
            while ranking and ranking[0] in taken:
                ranking.pop(0)
            if ranking and len(taken) < most:
                taken[ranking.pop(0)] = None
    for key in every:
        if len(taken) < most:
            taken.setdefault(key)
    return Chosen(tuple(key for key in every if key in taken), len(every) - most)


def operations(
    plans: Sequence[Plan], horizon: float, most: int | None = MOST, keys: Iterable[str] | None = None
) -> Chosen:
    """Operations whose ends differ most between plans, that end latest, and that fail or stay unfinished most.

    Parameters
    ----------
    plans
        Entries of a summary.
    horizon
        In days; what ends in less than half of the histories counts as ending then.
    most
        As in `choose`.
    keys
        Default all.
    """

    def ends(key: str) -> list[float]:
        found = (plan["operations"][key]["end"]["p50"]["value"] for plan in plans)
        return [horizon if end is None else end for end in found]

    def undone(key: str) -> list[float]:
        return [1.0 - plan["operations"][key]["done"]["value"] for plan in plans]

    return choose(
        plans[0]["operations"] if keys is None else keys,
        lambda key: _spread(ends(key)),
        lambda key: max(ends(key)),
        lambda key: max(undone(key)),
        lambda key: _spread(undone(key)),
        most=most,
    )


def assets(plans: Sequence[Plan], keys: Iterable[str], most: int | None = MOST) -> Chosen:
    """Assets most often overstretched first, overstretched for longest, and whose days differ most between plans."""

    def of(key: str, name: str) -> list[float]:
        return [plan["binding"]["assets"][key][name]["value"] or 0.0 for plan in plans]

    return choose(
        keys,
        lambda key: max(of(key, "first")),
        lambda key: max(of(key, "overstretched_days")),
        lambda key: _spread(of(key, "overstretched_days")),
        lambda key: max(of(key, "binds")),
        most=most,
    )


def forces(plans: Sequence[Plan], keys: Iterable[str], most: int | None = MOST) -> Chosen:
    """Forces that lose most, own ones first, and whose losses differ most between plans."""

    def losses(key: str, side: str = "") -> list[float]:
        return [
            plan["forces"][key]["losses"]["p50"]["value"] or 0.0
            for plan in plans
            if plan["forces"][key]["side"].startswith(side)
        ]

    return choose(
        keys,
        lambda key: max(losses(key, "own"), default=0.0),
        lambda key: _spread(losses(key)),
        lambda key: max(losses(key)),
        most=most,
    )


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)
