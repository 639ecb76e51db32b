"""Attrition between two engaged sides over one day, deterministic or as a Markov chain of single losses.

All laws are one family: ``x' = -rate_x (x/X)^q1 (y/Y)^p1`` and ``y' = -rate_y (y/Y)^q2 (x/X)^p2`` with reference
strengths X and Y; `EXPONENTS` gives the exponents of each named law. Sources: Lanchester 1916 (square,
linear), Deitchman
1962 (mixed), Peterson 1967 (logarithmic), Bracken 1995, Helmbold 1965; for the chain Brown 1963, Gillespie 1977 (exact
events), Anderson and Mattingly 2011 (leaps by the weak trapezoidal rule).
"""

from collections.abc import Mapping
from math import ceil, floor
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
LEAP_SHARE = 0.01
"""Where the chain is leaped, no side is expected to lose or gain more than this share of itself in one leap: the leap's error
then lies below the noise of 100,000 histories from the smallest forces that leap to some 50,000 men (decision 0017)."""


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
    """Losses per day of both sides, none where a side is below 0; own and enemy are the reference strengths."""
    if x < 0.0 or y < 0.0:
        return 0.0, 0.0
    u, v = x / own, y / enemy
    return rate_x * power(u, q1) * power(v, p1), rate_y * power(v, q2) * power(u, p2)


@routine
def deterministic_day(x, y, coming_x, coming_y, own, enemy, q1, p1, q2, p2, rate_x, rate_y, steps):
    """Strengths after one day by classical Runge-Kutta, with whoever comes in the course of it, evenly.

    A side that falls to 0 ends the day's fighting; whoever was still on his way then is not lost.
    """
    h = 1.0 / steps
    for k in range(steps):
        ax, ay = slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        ux, uy = x + 0.5 * h * (coming_x - ax), y + 0.5 * h * (coming_y - ay)
        bx, by = slopes(ux, uy, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        vx, vy = x + 0.5 * h * (coming_x - bx), y + 0.5 * h * (coming_y - by)
        cx, cy = slopes(vx, vy, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        wx, wy = x + h * (coming_x - cx), y + h * (coming_y - cy)
        dx, dy = slopes(wx, wy, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        x += h * (coming_x - (ax + 2.0 * bx + 2.0 * cx + dx) / 6.0)
        y += h * (coming_y - (ay + 2.0 * by + 2.0 * cy + dy) / 6.0)
        if x <= 0.0 or y <= 0.0:
            rest = 1.0 - (k + 1) * h
            return max(x, 0.0) + coming_x * rest, max(y, 0.0) + coming_y * rest
    return x, y


@kernel
def chances(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y):
    """Rates of losing one of either side, none while a side is empty."""
    if x <= 0.0 or y <= 0.0:
        return 0.0, 0.0
    return slopes(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)


@kernel
def come_by(coming, time):
    """How many of those who come evenly over the day, the j-th of them at (j - 1/2) / coming, are there at a time."""
    return min(coming, floor(coming * time + 0.5))


@kernel
def next_comes(coming, came):
    """When the next of those who come over the day is there; after the day if they all are."""
    return (came + 0.5) / coming if came < coming else 2.0


@routine
def chain_day(cursor, x, y, coming_x, coming_y, own, enemy, q1, p1, q2, p2, rate_x, rate_y, exact_up_to):
    """Strengths after one day of the Markov chain, with whoever comes in the course of it; whole numbers held as float64.

    Event by event where little is left to happen or a side is small, else by leaps of the weak trapezoidal rule: half a
    leap with the rates at its beginning, the other half with twice those then reached less those at the beginning.
    """
    came_x, came_y, time = 0.0, 0.0, 0.0
    while time < 1.0:
        lx, ly = chances(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        rest = 1.0 - time
        if min(x, y) <= SMALL_SIDE or (lx + ly) * rest <= exact_up_to:
            next_x, next_y = next_comes(coming_x, came_x), next_comes(coming_y, came_y)
            first = min(next_x, next_y)
            then = time + exponential(cursor) / (lx + ly) if lx + ly > 0.0 else 2.0
            if min(first, then) >= 1.0:
                break
            if then < first:
                time = then
                if uniform(cursor) * (lx + ly) < lx:
                    x -= 1.0
                else:
                    y -= 1.0
            elif next_x <= next_y:
                time = max(time, next_x)
                x, came_x = x + 1.0, came_x + 1.0
            else:
                time = max(time, next_y)
                y, came_y = y + 1.0, came_y + 1.0
            continue
        share = max(max(lx, coming_x) / x, max(ly, coming_y) / y)
        leaps = max(1.0, ceil(rest * share / LEAP_SHARE))
        half = 0.5 * rest / leaps
        here_x = max(came_x, come_by(coming_x, time + half))
        here_y = max(came_y, come_by(coming_y, time + half))
        x = max(0.0, x + here_x - came_x - poisson(cursor, lx * half))
        y = max(0.0, y + here_y - came_y - poisson(cursor, ly * half))
        mx, my = chances(x, y, own, enemy, q1, p1, q2, p2, rate_x, rate_y)
        time = 1.0 if leaps == 1.0 else time + 2.0 * half
        came_x, came_y = max(here_x, come_by(coming_x, time)), max(here_y, come_by(coming_y, time))
        x = max(0.0, x + came_x - here_x - poisson(cursor, max(0.0, 2.0 * mx - lx) * half))
        y = max(0.0, y + came_y - here_y - poisson(cursor, max(0.0, 2.0 * my - ly) * half))
    return x + coming_x - came_x, y + coming_y - came_y
