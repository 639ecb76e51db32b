"""What each relief action buys for an asset, and what it costs the rest.

Every action is taken alone, of the same amount, and paired with the plan as it is.

The amount is a share of the asset's expected sustainable capacity, so that actions can be told apart by their kind. Lending,
one more nation and a lifted cap bring something in; pre-positioning, reallocation, a reserve and a rule for surge move
what there is, and what one gains another pays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.execution.worlds import mean_capacity
from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.known import ROUNDING
from phaseline.outcomes.measures import change_of, marked, measures_of, never_ends, unended
from phaseline.outcomes.wording import figure, with_unit
from phaseline.scenario.quantity import resolve
from phaseline.scenario.references import check_plan
from phaseline.scenario.schema import Contribution, Plan, Relief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.measures import Measure
    from phaseline.outcomes.results import Outcomes
    from phaseline.outcomes.statistics import Interval
    from phaseline.scenario.schema import Scenario

FORMAT = "phaseline-relief/1"
BASE = "base"
AMOUNT = 0.1
"""Share of the expected capacity that each action is about."""
SURGE_FROM = 1.0
"""Strain from which on the rule for surge allows it."""

RunPlans = Callable[["Scenario", dict[str, Plan]], "Outcomes"]


@dataclass(frozen=True)
class Action:
    """One way to help.

    Attributes
    ----------
    key
        For files.
    label
        In words, with the amount.
    scenario, plan
        With the action taken; the scenario differs where something is brought in that no plan can order.
    refused
        Why it cannot be taken; empty if it can.
    """

    key: str
    label: str
    scenario: Scenario
    plan: Plan
    refused: str = ""


def actions(scenario: Scenario, plan: Plan, asset: str, share: float = AMOUNT) -> list[Action]:
    """Every action that the asset admits.

    Parameters
    ----------
    scenario
        A checked scenario.
    plan
        The plan as it is.
    asset
        Id of a divisible asset.
    share
        Of the expected sustainable capacity, above 0.
    """
    return [
        Action(one.key, one.label, one.scenario, one.plan, _refusal(one))
        for one in _all(scenario, plan, asset, share)
    ]


def price(
    run_plans: RunPlans,
    scenario: Scenario,
    plan: Plan,
    asset: str,
    taken: list[Action],
    share: float = AMOUNT,
) -> dict[str, Any]:
    """What each action changes in every main outcome, ready for JSON.

    Parameters
    ----------
    run_plans
        Simulates plans of a scenario, always over the same histories.
    scenario, plan, asset, share
        As in `actions`.
    taken
        What `actions` found.
    """
    plans = {BASE: plan} | {
        one.key: one.plan for one in taken if not one.refused and one.scenario is scenario
    }
    outcomes = run_plans(scenario, plans)
    chosen = measures_of(outcomes, BASE)
    base = {one.key: one.values(outcomes, BASE) for one in chosen}
    rows: list[dict[str, Any]] = []
    for action in taken:
        if action.refused:
            rows.append({"key": action.key, "label": action.label, "refused": action.refused, "changes": {}})
            continue
        run = (
            outcomes if action.scenario is scenario else run_plans(action.scenario, {action.key: action.plan})
        )
        values = {one.key: _rounded(one.values(run, action.key), base[one.key]) for one in chosen}
        rows.append(
            {
                "key": action.key,
                "label": action.label,
                "refused": None,
                "unended": unended(never_ends(run, action.key), never_ends(outcomes, BASE)),
                "changes": {
                    one.key: plain_interval(
                        _change(
                            replace(one, certain=one.certain and marked(one, run, action.key).certain),
                            outcomes,
                            run,
                            action.key,
                            values[one.key],
                            base[one.key],
                        )
                    )
                    for one in chosen
                },
            }
        )
    label = scenario.assets[asset].label or asset
    return {
        **head(outcomes, FORMAT),
        "plan": {"title": plan.title},
        "asset": {"id": asset, "label": label, "unit": scenario.assets[asset].unit},
        "amount": plain_number(share * mean_capacity(scenario, asset)),
        "share": share,
        "outcomes": {
            one.key: {"label": one.label, "unit": one.unit, "better": one.better, "kind": one.kind,
                      "base": plain_interval(one.estimate(base[one.key], outcomes.per_world))}
            for one in chosen
        },
        "actions": rows,
    }  # fmt: skip


def _change(
    one: Measure,
    outcomes: Outcomes,
    run: Outcomes,
    plan: str,
    values: NDArray[np.float64],
    base: NDArray[np.float64],
) -> Interval:
    """What an action changes; of one that changes the scenario itself nothing more is known than its histories tell."""
    if run is outcomes:
        return change_of(outcomes, one, plan, BASE, values, base)[0]
    return one.difference(values, base, run.per_world)


def binding_asset(outcomes: Outcomes, plan: str) -> str:
    """The divisible asset that is overstretched in most histories; where none ever is, the one with the highest mean strain."""
    scenario = outcomes.scenario
    divisible = [name for name, asset in scenario.assets.items() if asset.sharing == "divisible"]
    return max(
        divisible,
        key=lambda name: (
            float((~np.isnan(outcomes.column(plan, f"binds.{name}"))).mean()),
            float(np.minimum(outcomes.column(plan, f"peak_strain.{name}"), 1e6).mean()),
        ),
    )


def _rounded(values: NDArray[np.float64], base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values history by history; what sums of decimals differ from the base by in their last digits is no difference."""
    return np.where(np.abs(values - base) <= ROUNDING * (1.0 + np.abs(base)), base, values)


def _all(scenario: Scenario, plan: Plan, asset: str, share: float) -> Iterator[Action]:
    amount = share * mean_capacity(scenario, asset)
    label = scenario.assets[asset].label or asset
    told = f"{with_unit(figure(amount), scenario.assets[asset].unit)} a day"
    count, cap = _units(scenario, asset, amount), plan.caps.get(asset, scenario.assets[asset].cap)
    lend = _relief("lend", asset, amount, count=None if cap is None else count)
    yield Action("lend", f"lend {told} from day 0", scenario, _with(plan, lend))
    if cap is not None:
        lifted = resolve(cap, scenario.numbers).dist.mean() + count
        higher = _with(plan, lend).model_copy(update={"caps": {**plan.caps, asset: _count(lifted)}})
        yield Action("cap", f"lift the cap to {figure(lifted)} and fill it ({told})", scenario, higher)
    nation = _one_more(scenario, asset, amount)
    if nation is not None:
        more, size = nation
        yield Action(
            "nation",
            f"one more nation, with {figure(size)} {label} (the middle of those there are)",
            more,
            plan,
        )
    for name in _users(scenario, asset):
        where = scenario.operations[name].label or name
        yield Action(
            f"pre_position.{name}", f"pre-position {told} for {where}", scenario,
            _with(plan, _relief("pre_position", asset, amount, to=name)),
        )  # fmt: skip
        yield Action(
            f"reallocate.{name}", f"serve {where} first, up to {told}", scenario,
            _with(plan, _relief("reallocate", asset, amount, to=name)),
        )  # fmt: skip
    yield Action(
        "reserve", f"hold {told} in reserve", scenario, _with(plan, _relief("reserve", asset, amount))
    )
    if _can_surge(scenario, asset) and not any(
        one.action == "surge" and one.asset == asset for one in plan.relief
    ):
        rule = Relief.model_validate(
            {"action": "surge", "asset": asset, "when": {"strain": asset, "above": SURGE_FROM}}
        )
        yield Action("surge", f"surge only while strain is above {SURGE_FROM:g}", scenario, _with(plan, rule))


def _relief(action: str, asset: str, amount: float, **more: Any) -> Relief:
    fields = {"action": action, "asset": asset, "amount": f"{amount!r}/day", **more}
    return Relief.model_validate({name: value for name, value in fields.items() if value is not None})


def _with(plan: Plan, relief: Relief) -> Plan:
    return plan.model_copy(update={"relief": [*plan.relief, relief]})


def _count(value: float) -> Any:
    return Plan.model_validate({"caps": {"x": value}}).caps["x"]


def _units(scenario: Scenario, asset: str, amount: float) -> float:
    """Units that give so much a day, by what those that are there give on average."""
    pools = [one for one in scenario.contributions if one.asset == asset]
    units = sum(resolve(one.count, scenario.numbers).dist.mean() for one in pools)
    return amount * units / mean_capacity(scenario, asset) if units else amount


def _one_more(scenario: Scenario, asset: str, amount: float) -> tuple[Scenario, float] | None:
    """The scenario with one more contribution like the middle one of those without dates; caveats are not copied."""
    pools = [
        one
        for one in scenario.contributions
        if one.asset == asset and one.arrives is None and one.departs is None
    ]
    if not pools:
        return None

    def size(one: Contribution) -> float:
        return float(resolve(one.count, scenario.numbers).dist.mean())

    middle = sorted(pools, key=size)[len(pools) // 2]
    more = middle.model_copy(update={"nation": "one more nation", "not_for": []})
    return scenario.model_copy(update={"contributions": [*scenario.contributions, more]}), size(middle)


def _users(scenario: Scenario, asset: str) -> list[str]:
    """Operations that want the asset."""
    return [
        name
        for name, operation in scenario.operations.items()
        if any(asset in phase.demand for phase in operation.phases.values())
    ]


def _can_surge(scenario: Scenario, asset: str) -> bool:
    return bool(resolve(scenario.assets[asset].surge_days, scenario.numbers).dist.mean() > 0)


def _refusal(action: Action) -> str:
    findings = [one for one in check_plan(action.scenario, action.plan, ()) if one.severity == "error"]
    return findings[0].rule if findings else ""
