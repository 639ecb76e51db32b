"""Attrition between two engaged sides over one day, deterministic or as a Markov chain of single losses.

All laws are one family: ``x' = -rate_x (x/X)^q1 (y/Y)^p1`` and ``y' = -rate_y (y/Y)^q2 (x/X)^p2`` with reference
strengths X and Y; `EXPONENTS` gives the exponents of each named law. Sources: Lanchester 1916 (square,
linear), Deitchman
1962 (mixed), Peterson 1967 (logarithmic), Bracken 1995, Helmbold 1965; for the chain Brown 1963, Gillespie 1977 (exact
events), Gillespie 2001 (leaps).
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

from phaseline.engine.jit import kernel, routine
from phaseline.engine.streams import exponential, poisson, uniform

EXPONENTS = {
    "square": (0.0, 1.0, 0.0, 1.0),
    "linear": (1.0, 1.0, 1.0, 1.0),
    "mixed": (1.0, 1.0, 0.0, 1.0),
    "ambush": (0.0, 1.0, 1.0, 1.0),
    "logarithmic": (1.0, 0.0, 1.0, 0.0),
}
"""(q1, p1, q2, p2); Bracken is (q, p, q, p) and Helmbold (1-w, w, 1-w, w)."""

SMALL_SIDE = 20
"""A chain with a side this small is always drawn event by event."""
LEAP_SHARE = 0.02
"""Where the chain is leaped, no side is expected to lose more than this share of itself in one leap (assumed; the leap
condition of Cao, Gillespie and Petzold 2006 with epsilon 0.03 or less)."""


def exponents(law: str, parameters: Mapping[Any, float]) -> tuple[float, float, float, float]:
    """Exponents (q1, p1, q2, p2) of a law."""
    if law == "bracken":
        q, p = parameters["q"], parameters["p"]
        return q, p, q, p
    if law == "helmbold":
        w = parameters["w"]
        return 1.0 - w, w, 1.0 - w, w
    return EXPONENTS[law]


@kernel
def power(base, exponent):
    """``base ** exponent`` for base >= 0, with the common exponents exact and cheap; 0 ** 0 is 1."""
    if exponent == 0.0 or base == 1.0:
        return 1.0
    if exponent == 1.0:
        return base
    if base <= 0.0:
        return 0.0
    return base**exponent


@kernel
def slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y):
    """Losses per day of both sides, none once a side is empty; own and enemy are the reference strengths."""
    if x <= 0.0 or y <= 0.0:
        return 0.0, 0.0
    u, v = x / own, y / enemy
    return rate_x * power(u, q1) * power(v, p1), rate_y * power(v, q2) * power(u, p2)


@routine
def deterministic_day(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y, steps):
    """Strengths after one day by classical Runge-Kutta; a side that falls to 0 ends the day's fighting."""
    h = 1.0 / steps
    for _ in range(steps):
        ax, ay = slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        bx, by = slopes(x - 0.5 * h * ax, y - 0.5 * h * ay, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        cx, cy = slopes(x - 0.5 * h * bx, y - 0.5 * h * by, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        dx, dy = slopes(x - h * cx, y - h * cy, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        x -= h * (ax + 2.0 * bx + 2.0 * cx + dx) / 6.0
        y -= h * (ay + 2.0 * by + 2.0 * cy + dy) / 6.0
        if x <= 0.0 or y <= 0.0:
            return max(x, 0.0), max(y, 0.0)
    return x, y


@kernel
def leaps_needed(x, y, lx, ly):
    """Leaps in a day whose expected losses at first are lx and ly."""
    return max(1, int(ceil(max(lx / x, ly / y) / LEAP_SHARE)))


@routine
def chain_day(cursor, x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y, exact_up_to):
    """Strengths after one day of the Markov chain; x and y are whole numbers held as float64."""
    lx, ly = slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
    if lx + ly <= exact_up_to or min(x, y) <= SMALL_SIDE:
        left = 1.0
        while lx + ly > 0.0:
            left -= exponential(cursor) / (lx + ly)
            if left < 0.0:
                break
            if uniform(cursor) * (lx + ly) < lx:
                x -= 1.0
            else:
                y -= 1.0
            lx, ly = slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        return x, y
    leaps = leaps_needed(x, y, lx, ly)
    for _ in range(leaps):
        lost_x = float(poisson(cursor, lx / leaps))
        lost_y = float(poisson(cursor, ly / leaps))
        x = max(0.0, x - lost_x)
        y = max(0.0, y - lost_y)
        lx, ly = slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
    return x, y
