"""The made-up campaign with places on the map, and one whose every string is full of markup."""

from __future__ import annotations

import copy
from typing import Any

from outcomes import made
from phaseline.outcomes.results import Outcomes

EVIL = "</script><script>window.broken=1</script><img src=x onerror=window.broken=2>&\"'{{7*7}}]]>"


def placed_data() -> dict[str, Any]:
    data = copy.deepcopy(made.CAMPAIGN)
    data["description"] = "A squadron, two towns and a hundred car bombs."
    data["operations"]["north"]["place"] = [43.13, 36.34]
    data["operations"]["south"]["place"] = [39.01, 35.95]
    return data


def placed() -> Outcomes:
    values = {"both": made.campaign_values(), "wait": made.campaign_values(shift=15.0)}
    info = {"versions": {"phaseline": "0"}, "warnings": ["a made-up warning"], "simulated": 2048, "reused": 0}
    return made.outcomes_of(placed_data(), values, 1024, info=info | {"seconds": {"simulate": 1.5}})


def evil_data() -> dict[str, Any]:
    data = placed_data()
    data["title"] = data["description"] = EVIL
    for kind in ("assets", "forces", "operations"):
        for name, entity in data[kind].items():
            entity["label"] = f"{name} {EVIL}"
    data["assets"]["jets"]["unit"] = EVIL
    for operation in data["operations"].values():
        for name, phase in operation["phases"].items():
            phase["label"] = f"{name} {EVIL}"
    for name, plan in data["plans"].items():
        plan["title"], plan["means"] = f"{name} {EVIL}", EVIL
    data["vocabulary"] = {"plan": f"plan{EVIL}", "asset": f"asset{EVIL}", "history": f"history{EVIL}"}
    return data


def evil() -> Outcomes:
    values = {"both": made.campaign_values(), "wait": made.campaign_values(shift=15.0)}
    return made.outcomes_of(evil_data(), values, 1024, info={"versions": {EVIL: EVIL}, "warnings": [EVIL]})


def spoil(value: Any) -> Any:
    """The same document with markup in every string that is not a key or an id."""
    if isinstance(value, dict):
        fixed = {"format", "scenario_fingerprint", "plan", "against", "key", "number", "path", "id", "outcome", "kind",
                 "verdict", "best_now", "better"}  # fmt: skip
        return {
            key: item if key in fixed and isinstance(item, str) else spoil(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [spoil(item) if not isinstance(item, str) else item for item in value]
    return f"{value} {EVIL}" if isinstance(value, str) else value
