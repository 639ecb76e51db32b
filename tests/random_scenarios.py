"""Random small scenarios with all mechanisms, for the engine and its twin to agree on.

`random_scenario(seed, certain=True)` leaves nothing to chance or ignorance: then both must agree to rounding, also
`with_moods`, if they are given the same moods.
Otherwise they agree in distribution.
"""

from __future__ import annotations

import random
from typing import Any


def random_scenario(seed: int, *, certain: bool) -> dict[str, Any]:
    """A scenario document that passes the checks, with one plan called ``plan``."""
    r = random.Random(f"scenario/{seed}/{certain}")
    assets = [f"asset{i}" for i in range(r.randint(1, 3))]
    operations = [f"op{i}" for i in range(r.randint(1, 3))]
    document: dict[str, Any] = {
        "format": "phaseline/1",
        "title": f"random scenario {seed}",
        "as_of": "2020-01-01",
        "horizon": f"{r.randint(40, 70)} days",
        "attrition": {"kind": "deterministic" if certain else r.choice(["chain", "chain", "deterministic"])},
        "overstretch": {"lasts": f"{r.randint(2, 5)} days", "window": f"{r.randint(3, 9)} days"},
        "assets": {name: _asset(r) for name in assets},
        "contributions": [],
        "forces": {},
        "operations": {},
        "adversary": {"territory": "1000 km2", "revenue": "USD 3 M/month"},
        "plans": {},
    }
    for name in assets:
        document["contributions"] += _contributions(r, name, operations)
    if r.random() < 0.5:
        document["assets"]["crane"] = {"sharing": "whole", "units": r.randint(2, 4)}
    for name in operations:
        document["forces"][f"own_{name}"] = _force(r, "own", certain)
        document["forces"][f"enemy_{name}"] = _force(r, "adversary", certain)
    document["forces"]["reserve"] = {"side": "adversary", "strength": r.randint(50, 400)}
    for name in operations:
        document["operations"][name] = _operation(r, name, assets, "crane" in document["assets"], certain)
    contested = [
        f"{o}.{p}"
        for o, op in document["operations"].items()
        for p, ph in op["phases"].items()
        if ph["kind"] == "contested"
    ]
    _adversary(r, document, operations)
    if r.random() < 0.6:
        document["people"] = {
            "flee": 0.5,
            "home_after": "9 days",
            "harm": "1 %",
            "harm_per_unit": {assets[0]: 0.02},
        }
    if certain and r.random() < 0.5:
        # always bad: weather without chance
        document["weather"] = {"bad_share": 1.0, "tempo": 0.8}
        document["assets"][assets[0]]["weather"] = 0.7
    if not certain:
        _chance(r, document, operations, contested, assets)
    document["plans"]["plan"] = _plan(r, document, operations, assets, contested)
    _working_days(random.Random(f"calendars/{seed}/{certain}"), document)
    r = random.Random(f"suspension/{seed}/{certain}")
    for name, operation in document["operations"].items():
        if r.random() < 0.25:
            operation["suspension"] = (
                {"onset": "100 %/day", "lasts": f"{r.choice([1, 3, 6])} days"}
                if certain
                else {"onset": "1 %/day", "short": "4 %/day", "lasts": "6 days", "spread": 2, "final": 0.2}
            )
            if r.random() < 0.4:
                document["plans"]["plan"]["patience"] = {name: "4 days"}
    if "people" in document:
        r = random.Random(f"displaced/{seed}/{certain}")
        stock = 800 if certain else [500, 1500]
        document["people"]["displaced"] = {name: stock for name in operations if r.random() < 0.4}
    return document if certain else with_moods(document, seed)


def with_moods(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """The scenario, in three of ten cases with momentum."""
    r = random.Random(f"momentum/{seed}")
    if r.random() < 0.3:
        document["momentum"] = {"spread": 1.8, "persistence": 0.6, "block": f"{r.choice([1, 3, 7])} days"}
    return document


def _working_days(r: random.Random, document: dict[str, Any]) -> None:
    """Calendars for some tasks, assets and contributions; with luck of their own, so that the rest stays as it was."""
    if r.random() < 0.4:
        return
    document["calendars"] = {
        "week": {"works": r.choice(["mon-fri", "sun-thu", "mon-sat"]), "open": ["2020-01-11"]},
        "shift": {
            "closed": [
                [r.choice(["2020-01-01", "2020-01-05"]), f"2020-01-{r.randint(5, 12):02d}"],
                "2020-01-20",
                "2020-02-10",
            ]
        },
    }
    tasks = [p for o in document["operations"].values() for p in o["phases"].values() if p["kind"] == "task"]
    for item, share in (
        *((task, 0.8) for task in tasks),
        *((asset, 1.0 if "sharing" in asset else 0.4) for asset in document["assets"].values()),
        *((contribution, 0.3) for contribution in document["contributions"]),
    ):
        if r.random() < share:
            item["calendar"] = r.choice(["week", "shift"])


def _asset(r: random.Random) -> dict[str, Any]:
    asset: dict[str, Any] = {"unit": "units"}
    if r.random() < 0.6:
        asset |= {"surge_days": f"{r.randint(2, 5)} days", "surge_factor": round(r.uniform(1.2, 2.0), 2)}
    if r.random() < 0.3:
        asset["elastic"] = 1.3
    if r.random() < 0.3:
        asset["transfer"] = f"{r.randint(1, 4)} days"
    if r.random() < 0.6:
        asset["elsewhere"] = {"demand": f"{r.randint(1, 8)}/day", "essential": 0.7, "cost": 2}
    return asset


def _contributions(r: random.Random, asset: str, operations: list[str]) -> list[dict[str, Any]]:
    found = []
    for i in range(r.randint(1, 3)):
        item: dict[str, Any] = {
            "nation": f"nation {i}",
            "asset": asset,
            "count": r.randint(4, 15),
            "mission_capable": round(r.uniform(0.5, 1.0), 2),
            "sustained": f"{round(r.uniform(0.4, 1.2), 2)}/day",
        }
        if r.random() < 0.3:
            item["surge"] = f"{round(r.uniform(1.3, 2.0), 2)}/day"
        if r.random() < 0.3:
            item["arrives"] = f"2020-01-{r.randint(3, 20):02d}"
        if r.random() < 0.3:
            item["departs"] = f"2020-02-{r.randint(1, 20):02d}"
        if r.random() < 0.4:
            item["not_for"] = [r.choice([*operations, "elsewhere"])]
        found.append(item)
    return found


def _force(r: random.Random, side: str, certain: bool) -> dict[str, Any]:
    force: dict[str, Any] = {
        "side": side,
        "strength": r.randint(300, 1500) if side == "own" else r.randint(80, 500),
    }
    if side == "own":
        force |= {
            "killed": 0.3,
            "returns": 0.5,
            "return_after": f"{r.randint(3, 12)} days",
            "breaks_at": r.choice([0.12, 0.35]),
        }
        if r.random() < 0.4:
            force["replacements"] = f"{round(r.uniform(0.5, 4), 1)}/day"
        if r.random() < 0.3:
            force["arrivals"] = [{"on": f"2020-01-{r.randint(2, 25):02d}", "strength": r.randint(20, 200)}]
    else:
        force |= {"killed": 0.6, "breaks_at": round(r.uniform(0.4, 1.0), 2)}
    _joining(random.Random(f"{side} {force['strength']}"), side, force)
    if not certain and r.random() < 0.5:
        force["strength"] = [force["strength"] * 0.8, force["strength"] * 1.2]
    return force


def _joining(r: random.Random, side: str, force: dict[str, Any]) -> None:
    """Arrivals over some days, and an adversary that is refilled; drawn apart, so that the rest stays as it was."""
    for arrival in force.get("arrivals", []):
        if r.random() < 0.6:
            arrival["over"] = f"{r.randint(1, 9)} days"
    if side == "adversary":
        if r.random() < 0.4:
            force |= {"returns": 0.6, "return_after": f"{r.randint(2, 9)} days"}
        if r.random() < 0.4:
            force["replacements"] = f"{round(r.uniform(0.5, 3), 1)}/day"
        if r.random() < 0.3:
            force["arrivals"] = [
                {"on": "2020-01-03", "strength": r.randint(20, 90), "over": f"{r.randint(0, 6)} days"}
            ]


def _operation(r: random.Random, name: str, assets: list[str], crane: bool, certain: bool) -> dict[str, Any]:
    phases: dict[str, Any] = {}
    for i in range(r.randint(1, 3)):
        if r.random() < 0.35:
            phase: dict[str, Any] = {"kind": "task", "duration": f"{r.choice([0, 1, 3.5, 6, 10])} days"}
            if not certain and r.random() < 0.5:
                phase["duration"] = {"low": "2 days", "high": "12 days", "kind": "chance"}
            if crane and r.random() < 0.6:
                phase["demand"] = {"crane": r.randint(1, 2)}
        else:
            phase = _contested(r, name, certain)
            if r.random() < 0.15:
                del phase["depth"], phase["tempo"]
        for asset in assets:
            if r.random() < 0.7:
                phase.setdefault("demand", {})[asset] = {"base": f"{r.randint(2, 12)}/day", "essential": 0.8}
                if phase["kind"] == "contested":
                    phase["demand"][asset]["per_contact"] = f"{r.randint(1, 6)}/day per 100 fighters"
                phase.setdefault("dependence", {})[asset] = round(r.uniform(0.1, 0.6), 2)
                if r.random() < 0.2:
                    phase.setdefault("minimum_coverage", {})[asset] = round(r.uniform(0.1, 0.5), 2)
        wanted = list(phase.get("demand", {}))
        if phase["kind"] == "contested" and wanted and wanted[0] != "crane" and r.random() < 0.4:
            phase["advisers"] = {"asset": wanted[0], "raises": 0.2}
        if i > 0 and r.random() < 0.3:
            phase["after"] = []
        phases[f"p{i}"] = phase
    if r.random() < 0.2:
        for phase in phases.values():
            phase["weight"] = r.randint(1, 4)
    operation: dict[str, Any] = {"phases": phases}
    if r.random() < 0.4:
        operation["intended"] = "2020-01-05"
    return operation


def _contested(r: random.Random, name: str, certain: bool) -> dict[str, Any]:
    law = r.choice(["square", "linear", "mixed", "ambush", "logarithmic", "bracken", "helmbold"])
    phase: dict[str, Any] = {
        "kind": "contested",
        "own": f"own_{name}",
        "adversary": f"enemy_{name}",
        "depth": f"{r.randint(3, 15)} km",
        "tempo": f"{round(r.uniform(0.3, 1.5), 2)} km/day",
        "reference_ratio": r.randint(2, 5),
        "ratio_exponent": round(r.uniform(0, 0.4), 2),
        "support_exponent": round(r.uniform(0.2, 1.5), 2),
        "resistance": [[0, 1], [0.5, 1.3], [1, r.choice([1, 2, 3])]],
        "frontage": r.randint(200, 1000),
        "engaged": round(r.uniform(0.5, 1.0), 2),
        "commit": [[0, 0.3], [1, 1.0]],
        "law": law,
        "own_loss": f"{round(r.uniform(0.2, 2.5), 2)} %/day",
        "adversary_loss": f"{round(r.uniform(0.5, 4), 2)} %/day",
        "reference": {"own": 500, "adversary": 150},
        "own_loss_support": 0.5,
        "adversary_loss_support": 0.3,
        "seals": round(r.uniform(0, 1), 2),
        "people": [[0, 0], [0.4, 1000], [1, 5000]],
        "territory": "200 km2",
        "revenue": "USD 0.5 M/month",
        "ground_lost": 0.2,
    }
    if law == "bracken":
        phase["law_parameters"] = {"p": 0.8, "q": 0.6}
    if law == "helmbold":
        phase["law_parameters"] = {"w": 0.4}
    if r.random() < 0.3:
        phase["top_speed"] = "2 km/day"
    if r.random() < 0.4:
        phase["dig_in"] = {"rate": "1 %/day", "most": 1.3}
    if r.random() < 0.3:
        phase["pause"] = {"after_losses": 0.08, "lasts": f"{r.randint(1, 5)} days"}
    if r.random() < 0.6:
        phase["ending"] = {"surrender": 0.3, "escape": 0.4} | ({"to": "reserve"} if r.random() < 0.5 else {})
    if not certain and r.random() < 0.3:
        phase["stop_hazard"] = "1 %/day"
    return phase


def _adversary(r: random.Random, document: dict[str, Any], operations: list[str]) -> None:
    if r.random() < 0.6:
        document["adversary"]["moves"] = [
            {
                "from": "reserve",
                "to": f"enemy_{name}",
                "rate": f"{round(r.uniform(0.5, 6), 1)}/day",
                "keep": 0.1,
                "pinned": 0.5,
            }
            for name in operations
        ]
        if len(operations) > 1:
            # from one front to the other, which pins it
            document["adversary"]["moves"].append(
                {
                    "from": f"enemy_{operations[0]}",
                    "to": f"enemy_{operations[1]}",
                    "rate": "2/day",
                    "pinned": 0.7,
                }
            )
    if r.random() < 0.5:
        document["adversary"]["replacements"] = [
            {"force": f"enemy_{operations[0]}", "rate": f"{round(r.uniform(0.3, 3), 1)}/day", "funded": 0.5}
        ]


def _chance(
    r: random.Random, document: dict[str, Any], operations: list[str], contested: list[str], assets: list[str]
) -> None:
    if r.random() < 0.6:
        document["weather"] = {"bad_share": 0.3, "persistence": 0.4, "tempo": 0.6}
        document["assets"][assets[0]]["weather"] = 0.5
    if r.random() < 0.6:
        document["friction"] = {"spread": 1.5, "persistence": 0.4}
    if contested and r.random() < 0.7:
        document["shocks"] = {
            "raids": {
                "phases": contested[:2], "rate": "1.5/day", "stock": 40, "produced": "0.3/day", "casualties": 4,
                "halt": 0.2, "halts_for": "2 days",
            }
            | ({"dispersion": 2} if r.random() < 0.5 else {})
        }  # fmt: skip
        if assets[0] in _demand_of(document, contested[0]):
            document["shocks"]["raids"]["interdiction"] = {"asset": assets[0], "at_full_cover": 0.6}
    if r.random() < 0.5:
        document["attacks_abroad"] = {
            "directed": {"rate": "3/month", "sanctuary": {operations[0]: 0.7}},
            "inspired": {"rate": "4/month", "persists": 0.5},
        }


def _demand_of(document: dict[str, Any], phase: str) -> dict[str, Any]:
    operation, name = phase.split(".")
    return document["operations"][operation]["phases"][name].get("demand", {})


def _plan(
    r: random.Random, document: dict[str, Any], operations: list[str], assets: list[str], contested: list[str]
) -> dict[str, Any]:
    plan: dict[str, Any] = {
        "tiers": r.choice([[], [[operations[0]]], [[o] for o in operations], [operations, ["elsewhere"]]])
    }
    if len(operations) > 1:
        plan["gates"] = {
            operations[1]: r.choice(
                [
                    {"date": "2020-01-08"},
                    {"after": operations[0], "delay": "2 days"},
                    {"progress": operations[0], "at_least": 0.5},
                    {
                        "any": [
                            {"losses": f"enemy_{operations[0]}", "above": 0.2, "for": "3 days"},
                            {"date": "2020-01-20"},
                        ]
                    },
                    {"all": [{"strain": assets[0], "below": 1.1, "for": "2 days"}, {"date": "2020-01-04"}]},
                ]
            )
        }
    if contested and r.random() < 0.3:
        plan["holds"] = {contested[-1]: {"strain": assets[0], "above": 1.4}}
    if contested and r.random() < 0.2:
        plan["stops"] = {contested[0]: {"losses": f"own_{contested[0].split('.')[0]}", "above": 0.3}}
    if contested and r.random() < 0.6:
        plan["failures"] = {contested[0]: {"then": "retry", "refit": "5 days", "tries": 3}}
    if r.random() < 0.3:
        plan["reserves"] = {assets[0]: "2/day"}
    relief = [
        {"action": "lend", "asset": assets[0], "amount": "4/day", "when": {"strain": assets[0], "above": 1}, "delay": "2 days",
         "lasts": "6 days", "cost": 3},
        {"action": "reserve", "asset": assets[-1], "amount": "1.5/day", "release": {"date": "2020-01-15"}},
        {"action": "surge", "asset": assets[0], "when": {"date": "2020-01-06"}},
        {"action": "reallocate", "asset": assets[0], "amount": "3/day", "to": operations[-1], "when": {"date": "2020-01-05"}},
    ]  # fmt: skip
    if contested:
        relief.append({"action": "pre_position", "asset": assets[-1], "amount": "3/day", "to": contested[0]})
    plan["relief"] = [action for action in relief if r.random() < 0.3]
    return plan
