"""How a run is asked for: the options every simulating verb shares, checked together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from phaseline.errors import InputError, Problem
from phaseline.scenario.readable import counted

DEFAULT_REPLICATIONS = 10_000
MOST_REPLICATIONS = 10_000_000
DEFAULT_PRECISION_REPLICATIONS = 1_000_000
"""Where a run with a wanted precision gives up, unless told otherwise."""
DEFAULT_PER_WORLD = 4
MOST_SEED = 2**63 - 1
FIRST_CHECK = 1024
"""Replications at which the precision is looked at first; then at twice as many, and so on."""


@dataclass(frozen=True)
class RunSettings:
    """Options of a run; all broken rules are reported at once.

    Parameters
    ----------
    replications
        Histories per plan, 1 to 10,000,000; with `precision` the most. Default 10,000, with `precision` 1,000,000.
    precision
        Wanted relative 95 % half-width of the headline quantities, in (0, 1).
    seed
        0 to 2^63 - 1. The same seed gives the same histories, bit for bit.
    per_world
        Replications per world (draw of what nobody knows), at least 2.
    threads
        At least 1; default the environment's ``PHASELINE_THREADS``, else the processors this process may use.

    Raises
    ------
    InputError
        With one problem per broken rule.
    """

    replications: int | None = None
    precision: float | None = None
    seed: int = 1
    per_world: int = DEFAULT_PER_WORLD
    threads: int | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InputError(problems)

    @property
    def most(self) -> int:
        """Replications per plan, a whole number of worlds."""
        default = DEFAULT_REPLICATIONS if self.precision is None else DEFAULT_PRECISION_REPLICATIONS
        return self._whole_worlds(default if self.replications is None else self.replications)

    @property
    def sizes(self) -> list[int]:
        """Numbers of replications at which the run may end."""
        sizes = []
        size = FIRST_CHECK
        while self.precision is not None and size < self.most:
            sizes.append(min(self._whole_worlds(size), self.most))
            size *= 2
        return sorted({*sizes, self.most})

    @property
    def notes(self) -> list[str]:
        """What was changed of the wish, in words."""
        if self.replications is None or self.replications == self.most:
            return []
        return [
            f"{counted(self.replications, 'replication')} rounded up to {self.most:,}, "
            f"a multiple of the {self.per_world} replications per world"
        ]

    @property
    def num_threads(self) -> int:
        """Threads to use."""
        if self.threads is not None:
            return self.threads
        return int(os.environ.get("PHASELINE_THREADS") or _processors())

    def _whole_worlds(self, replications: int) -> int:
        return -(-replications // self.per_world) * self.per_world

    def _problems(self) -> Iterator[Problem]:
        whole = (
            ("replications", self.replications, 1, MOST_REPLICATIONS),
            ("seed", self.seed, 0, MOST_SEED),
            ("per_world", self.per_world, 2, MOST_REPLICATIONS),
            ("threads", self.threads, 1, 4096),
        )
        for name, value, least, most in whole:
            if value is not None:
                yield from check_whole(name, value, least, most)
        if self.precision is not None and not _is_share(self.precision):
            yield Problem(
                "options",
                path="precision",
                value=str(self.precision),
                rule="the precision is a share between 0 and 1",
                remedy="write for example 0.02 for 2 % of the headline numbers",
            )
        if self.threads is None:
            yield from _check_environment()


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


def check_whole(name: str, value: object, least: int, most: int) -> Iterator[Problem]:
    """The problem with a number that should be whole and within bounds, if there is one."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        rule = f"it is a whole number from {least:,} to {most:,}"
        yield Problem(
            "options", path=name, value=str(value), rule=rule, remedy="write a number in this range"
        )


def _check_environment() -> Iterator[Problem]:
    text = os.environ.get("PHASELINE_THREADS") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= 4096:
        rule = "the number of threads is a whole number of at least 1"
        yield Problem(
            "environment", path="PHASELINE_THREADS", value=text, rule=rule, remedy="correct or unset it"
        )


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
