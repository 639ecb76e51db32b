"""A large scenario made by rule: many operations of several phases that share a few assets. Nothing is drawn to make it.

Used by tests of what is told of large scenarios, and by ``python -m benchmarks large``.
"""

from __future__ import annotations

from typing import Any

_MADE_UP = {"assumed": "made up"}


def large_scenario(
    operations: int = 30, phases: int = 5, assets: int = 10, horizon: int = 730
) -> dict[str, Any]:
    """A scenario document that passes the checks: every second operation fights, three plans, all operations differ.

    Parameters
    ----------
    operations, phases, assets
        How many; phases per operation.
    horizon
        Days.
    """
    names = [f"op{i:02d}" for i in range(1, operations + 1)]
    pools = [f"asset{i:02d}" for i in range(1, assets + 1)]
    fighting = names[::2]
    half = len(names) // 2
    return {
        "format": "phaseline/1",
        "title": f"{operations} operations of {phases} phases over {assets} assets",
        "as_of": "2026-01-01",
        "horizon": f"{horizon} days",
        "assets": {
            name: {
                "label": f"Pool {i}",
                "unit": "sorties",
                "capacity": {"low": f"{30 + 4 * i}/day", "high": f"{60 + 8 * i}/day", **_MADE_UP},
            }
            for i, name in enumerate(pools, 1)
        },
        "forces": {
            f"{side}_{name}": {
                "label": f"{'Brigade' if side == 'own' else 'Garrison'} {number}",
                "side": side,
                "strength": f"{(4000 if side == 'own' else 500) + 50 * number} persons",
            }
            for number, name in enumerate(fighting, 1)
            for side in ("own", "adversary")
        },
        "operations": {
            name: {
                "label": f"Operation {number}",
                "intended": "2026-02-01",
                "phases": {
                    f"phase{k}": _phase(name, number, k, phases, pools, name in fighting)
                    for k in range(1, phases + 1)
                },
            }
            for number, name in enumerate(names, 1)
        },
        "plans": {
            "together": {"title": "All at once"},
            "halves": {
                "title": "First half before the second",
                "tiers": [names[:half], names[half:]],
            },
            "backwards": {"title": "Last first", "tiers": [names[half:], names[:half]]},
        },
    }  # fmt: skip


def _phase(
    operation: str, number: int, k: int, phases: int, pools: list[str], fights: bool
) -> dict[str, Any]:
    first, second = pools[(number + k) % len(pools)], pools[(3 * number + 2 * k) % len(pools)]
    demand = {
        first: f"{6 + (number * k) % 9}/day",
        **({second: f"{3 + (number + k) % 5}/day"} if second != first else {}),
    }
    common = {
        "label": f"Phase {k} of operation {number}",
        "demand": demand,
        "dependence": dict.fromkeys(demand, 0.5),
    }
    if fights and k == phases:
        return {
            **common,
            "kind": "contested",
            "own": f"own_{operation}",
            "adversary": f"adversary_{operation}",
            "depth": f"{6 + number % 7} km",
            "tempo": {"median": "0.4 km/day", "spread": 1.6, **_MADE_UP},
            "own_loss": "0.3 %/day",
            "adversary_loss": {"low": "0.8 %/day", "high": "2 %/day", "scale": "log", **_MADE_UP},
            "reference": {"own": "4000 persons", "adversary": "600 persons"},
        }
    days = 12 + (7 * number + 5 * k) % 25
    return {
        **common,
        "kind": "task",
        "duration": {"low": f"{days} days", "high": f"{2 * days} days", "kind": "chance", **_MADE_UP},
    }
