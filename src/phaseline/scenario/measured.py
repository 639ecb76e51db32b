"""Keys of the main outcomes that a scenario has, for claims and limits written in files; `outcomes.measures` reads them."""

from __future__ import annotations

from phaseline.scenario.schema import Scenario


def measure_keys(scenario: Scenario) -> list[str]:
    """Keys of the main outcomes, in their fixed order; those that the scenario cannot have are left out."""
    sides = {force.side for force in scenario.forces.values()}
    abroad = scenario.attacks_abroad
    elsewhere = any(asset.elsewhere is not None for asset in scenario.assets.values())
    groups = (
        (True, ["end", *(f"end.{name}" for name in scenario.operations), "failed"]),
        ("own" in sides, ["losses"]),
        ("adversary" in sides, ["adversary_losses"]),
        (scenario.people is not None, ["person_days", "person_days_held", "displaced", "harm"]),
        (bool(scenario.assets), ["overstretched"]),
        (
            True,
            [
                f"{quantity}.{asset}"
                for asset in scenario.assets
                for quantity in ("overstretched_days", "peak_strain", "unmet")
            ],
        ),
        (bool(scenario.shocks), ["attacks_through"]),
        (abroad.directed is not None, ["attacks_directed"]),
        (abroad.inspired is not None, ["attacks_inspired"]),
        (elsewhere, ["elsewhere_cost"]),
        (any(plan.relief for plan in scenario.plans.values()), ["relief_cost"]),
    )
    return [key for there, keys in groups if there for key in keys]


def further_keys(scenario: Scenario) -> list[str]:
    """Keys of what claims may speak of beside the main outcomes: each operation's own failure and delay."""
    intended = [name for name, operation in scenario.operations.items() if operation.intended is not None]
    return [*(f"failed.{name}" for name in scenario.operations), *(f"delay.{name}" for name in intended)]


def columns_read(scenario: Scenario, key: str) -> list[str]:
    """Names of the columns of `records.columns` from which `outcomes.measures` reads an outcome."""
    quantity, _, entity = key.partition(".")
    sides = {"losses": "own", "adversary_losses": "adversary"}
    if quantity in sides:
        return [f"losses.{name}" for name, force in scenario.forces.items() if force.side == sides[quantity]]
    if quantity == "overstretched_days":
        return [f"overstretched.{entity}"]
    if quantity == "failed":
        return [f"status.{name}" for name in ([entity] if entity else scenario.operations)]
    if quantity == "displaced":
        return [f"displaced.{name}" for name in scenario.operations]
    if quantity == "overstretched":
        return [f"binds.{name}" for name in scenario.assets]
    return [key]
