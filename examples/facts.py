"""What the example files state, worked out without Phaseline: ``python examples/facts.py``.

Brown's recursion for the duel, a fine integration for the duel with arrivals, and scheduling by hand for the project.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations

# --- duel.yaml -------------------------------------------------------------------------------------------------------


def brown(x: int, y: int, r: float) -> float:
    """Chance that x wins against y to the last man, square law, r the ratio of effectiveness (R. H. Brown, 1963)."""

    @cache
    def win(x: int, y: int) -> float:
        if y == 0:
            return 1.0
        if x == 0:
            return 0.0
        a = r * x / (r * x + y)
        return a * win(x, y - 1) + (1.0 - a) * win(x - 1, y)

    return win(x, y)


# --- duel_arrivals.yaml ----------------------------------------------------------------------------------------------

LANDED = {0: 54_000, 2: 6_000, 5: 13_000}
"""Men by the day in the course of which they landed."""


def lanchester_with_arrivals(
    x: float, y: float, a: float, b: float, arrivals: dict[int, float], steps: int = 20_000
) -> tuple[int, float]:
    """Days until y is gone, counted to the end of the day, and what x has left; x' = p - a y, y' = -b x, midpoint steps.

    `arrivals` are men by the day in the course of which they come, evenly: p of that day.
    """
    day = 0
    while True:
        come = arrivals.get(day, 0.0)
        h = 1.0 / steps
        for _ in range(steps):
            mid_x, mid_y = x + 0.5 * h * (come - a * y), y - 0.5 * h * b * x
            x, y = x + h * (come - a * mid_y), y - h * b * mid_x
            if y <= 0.0:
                return day + 1, x
        day += 1


# --- project.yaml ----------------------------------------------------------------------------------------------------

UNITS = {"crew": 3, "crane": 1}
TASKS = {  # days, tasks before, units held
    "fence": (6, (), {"crew": 1}),
    "track": (5, (), {"crew": 2}),
    "stores": (9, (), {"crew": 1, "crane": 1}),
    "ground": (4, (), {"crew": 2}),
    "water": (7, ("ground",), {"crew": 1}),
    "frames": (8, ("ground",), {"crew": 2, "crane": 1}),
    "power": (5, ("frames",), {"crew": 1}),
    "wards": (10, ("frames", "water"), {"crew": 2}),
    "opening": (2, ("wards", "power", "stores", "track", "fence"), {"crew": 1}),
}
LONGEST_FIRST = ("ground", "frames", "water", "wards", "stores", "fence", "track", "power", "opening")
FENCE_FIRST = ("fence", "ground", "frames", "track", "stores", "water", "wards", "power", "opening")


def critical_path() -> int:
    """Days of the longest chain of tasks."""
    end: dict[str, int] = {}
    for task, (days, before, _) in TASKS.items():
        end[task] = days + max((end[b] for b in before), default=0)
    return max(end.values())


def makespan(order: tuple[str, ...]) -> int:
    """Days by the parallel scheme: when a task ends, each in the order given that is ready and finds its units free begins."""
    end: dict[str, int] = {}
    day = 0
    while len(end) < len(TASKS):
        for task in order:
            days, before, needs = TASKS[task]
            held = {r: sum(TASKS[t][2].get(r, 0) for t, e in end.items() if e > day) for r in UNITS}
            ready = task not in end and all(end.get(b, day + 1) <= day for b in before)
            if ready and all(held[r] + n <= UNITS[r] for r, n in needs.items()):
                end[task] = day + days
        day = min((e for e in end.values() if e > day), default=day)
    return max(end.values())


def best_makespan() -> int:
    """Shortest over all orders of claiming."""
    orders = permutations([t for t in TASKS if t != "opening"])  # it comes last in any case
    return min(makespan((*order, "opening")) for order in orders)


def main() -> None:
    """Print every number that the examples state."""
    print(f"duel: chance that ten beat ten, r = 6/5: {brown(10, 10, 6 / 5):.6f}")
    days, left = lanchester_with_arrivals(0, 21_500, 0.0544, 0.0106, LANDED)
    print(f"duel with arrivals: over at the end of day {days}, {left:,.0f} left of 73,000")
    print(f"project: critical path {critical_path()} days; in the order of the file {makespan(tuple(TASKS))}; "
          f"longest chain first {makespan(LONGEST_FIRST)}; fence first {makespan(FENCE_FIRST)}; "
          f"best of all orders {best_makespan()}")  # fmt: skip


if __name__ == "__main__":
    main()
