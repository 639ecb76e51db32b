"""What each mechanism contributes: results with and without it, history by history on the same worlds and the same luck.

Switching a mechanism off tells what the answer owes to it in this model, not what it is worth in the world.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from phaseline.outcomes.statistics import LEVEL, Interval, mean_interval, student_quantile
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Scenario

_FAILED = 2
"""Status of an operation."""


@dataclass(frozen=True)
class MainOutcome:
    """A number per history by which rival plans are judged.

    Attributes
    ----------
    name
        ``quantity`` or ``quantity.entity``.
    label
        In words.
    unit
        ``days``, ``share`` (a chance), ``persons``, ``person-days`` or ``attacks``.
    """

    name: str
    label: str
    unit: str


def main_outcomes(scenario: Scenario) -> tuple[MainOutcome, ...]:
    """Main outcomes of a scenario: when it ends, whether it fails, what it strains, what it costs."""
    found = [MainOutcome("end", "all done", "days")]
    if len(scenario.operations) > 1:
        found += [
            MainOutcome(f"end.{name}", f"{operation.label or name} done", "days")
            for name, operation in scenario.operations.items()
        ]
    found.append(MainOutcome("failed", "any failed", "share"))
    if scenario.assets:
        found.append(MainOutcome("overstretched", "any asset overstretched", "share"))
        found += [
            MainOutcome(f"overstretched.{name}", f"{asset.label or name}, overstretched", "days")
            for name, asset in scenario.assets.items()
        ]
    return (
        *found,
        MainOutcome("own_losses", "own losses", "persons"),
        MainOutcome("person_days", "displaced", "person-days"),
        MainOutcome("harm", "civilians harmed", "persons"),
        MainOutcome("attacks_directed", "directed attacks abroad", "attacks"),
        MainOutcome("attacks_inspired", "inspired attacks abroad", "attacks"),
    )


def main_values(outcomes: Outcomes, plan: str, name: str) -> NDArray[np.float64]:
    """A main outcome of every history of a plan; what never ends counts as ending at the horizon.

    Parameters
    ----------
    outcomes
        Of a run.
    plan
        Id of the plan.
    name
        Of `main_outcomes`.

    Returns
    -------
    ndarray
        Shape [replication], without missing values.
    """
    scenario = outcomes.scenario
    quantity = name.partition(".")[0]
    if quantity == "end":
        ends = outcomes.column(plan, name)
        return np.where(np.isnan(ends), horizon_days(scenario), ends)
    if quantity == "failed":
        return _any([outcomes.column(plan, f"status.{key}") == _FAILED for key in scenario.operations])
    if name == "overstretched":
        return _any([outcomes.column(plan, f"overstretched.{key}") > 0 for key in scenario.assets])
    if quantity == "own_losses":
        losses = np.zeros(outcomes.replications)
        for key, force in scenario.forces.items():
            if force.side == "own":
                losses += outcomes.column(plan, f"losses.{key}")
        return losses
    return outcomes.column(plan, name)


def _any(happened: Sequence[NDArray[np.bool_]]) -> NDArray[np.float64]:
    once = np.zeros(len(happened[0]))
    for each in happened:
        once[each] = 1.0
    return once


@dataclass(frozen=True)
class Switch:
    """One mechanism turned, everything else the same.

    Attributes
    ----------
    key, title
        Of the mechanism.
    turned
        ``off``, or ``on`` where the scenario has it off.
    identical
        Whether every recorded number of every history stayed the same.
    effects
        Mean change of each main outcome (turned, less as it is) by plan and name, with its 95 % interval.
    """

    key: str
    title: str
    turned: Literal["off", "on"]
    identical: bool
    effects: Mapping[str, Mapping[str, Interval]]


@dataclass(frozen=True, eq=False, repr=False)
class Ablation:
    """What each mechanism contributes to each main outcome of each plan.

    Attributes
    ----------
    scenario
        As it is run, without what it switches off.
    seed, replications, per_world
        Seed, histories per plan, and histories per world.
    plans
        Titles by id.
    outcomes
        Main outcomes that are ever other than 0.
    base
        Mean of each main outcome as it is, by plan and name, with its 95 % interval.
    switches
        In the order of the day.
    """

    scenario: Scenario
    seed: int
    replications: int
    per_world: int
    plans: Mapping[str, str]
    outcomes: tuple[MainOutcome, ...]
    base: Mapping[str, Mapping[str, Interval]]
    switches: tuple[Switch, ...]

    @property
    def worlds(self) -> int:
        """Draws of what nobody knows."""
        return -(-self.replications // self.per_world)

    @property
    def comparisons(self) -> int:
        """Intervals in the whole table."""
        return len(self.switches) * len(self.plans) * len(self.outcomes)

    @cached_property
    def _widening(self) -> float:
        """Half-width of an interval that holds jointly with all others (Bonferroni), over that of one alone."""
        joint = student_quantile(1 - (1 - LEVEL) / max(self.comparisons, 1), self.worlds - 1)
        return joint / student_quantile(LEVEL, self.worlds - 1) if math.isfinite(joint) else math.inf

    def joint(self, effect: Interval) -> Interval:
        """The interval that holds together with all others of the table at 95 % (Bonferroni)."""
        half = effect.half_width * self._widening if effect.half_width else 0.0
        return Interval(effect.value, effect.value - half, effect.value + half)

    def sure(self, effect: Interval) -> bool:
        """Whether 0 lies outside the joint interval."""
        return differs(self.joint(effect))

    @property
    def identical(self) -> tuple[str, ...]:
        """Mechanisms whose turning leaves every history as it is."""
        return tuple(switch.key for switch in self.switches if switch.identical)

    @property
    def changes_nothing(self) -> tuple[str, ...]:
        """Mechanisms, identical ones included, without a sure change of any outcome in any plan."""
        return tuple(
            switch.key
            for switch in self.switches
            if not any(
                self.sure(effect) for effects in switch.effects.values() for effect in effects.values()
            )
        )

    def frame(self) -> pd.DataFrame:
        """One row per mechanism, plan and outcome; ``low`` and ``high`` at 95 %, ``joint_...`` for the table as a whole."""
        import pandas as pd

        rows = []
        for switch in self.switches:
            for plan, effects in switch.effects.items():
                for outcome in self.outcomes:
                    effect = effects[outcome.name]
                    joint = self.joint(effect)
                    rows.append(
                        {
                            "mechanism": switch.key, "turned": switch.turned, "plan": plan, "outcome": outcome.name,
                            "unit": outcome.unit, "as_is": self.base[plan][outcome.name].value,
                            "difference": effect.value, "low": effect.low, "high": effect.high,
                            "joint_low": joint.low, "joint_high": joint.high, "sure": self.sure(effect),
                            "identical": switch.identical,
                        }
                    )  # fmt: skip
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        size = (
            f"{counted(len(self.switches), 'mechanism')}, {counted(len(self.plans), 'plan')}, "
            f"{counted(self.replications, 'history')} each"
        )
        nothing = ", ".join(self.changes_nothing) or "none"
        return f"<Ablation: {self.scenario.title}\n  {size}, seed {self.seed}\n  no sure change: {nothing}>"


def differs(effect: Interval) -> bool:
    """Whether 0 lies outside an interval."""
    return effect.low > 0.0 or effect.high < 0.0


Values = dict[str, dict[str, "NDArray[np.float64]"]]
"""Main outcomes of every history, by plan and name."""


class Comparison:
    """Compares turned runs with the run as it is, one after the other, so that only one of them is kept.

    Parameters
    ----------
    base
        Every plan, as it is.
    outcomes
        Which main outcomes.
    """

    def __init__(self, base: Outcomes, outcomes: Sequence[MainOutcome]) -> None:
        self._base = base
        self._outcomes = tuple(outcomes)
        self._values = self._values_of(base)
        self._switches: list[Switch] = []

    def _values_of(self, outcomes: Outcomes) -> Values:
        return {
            plan: {outcome.name: main_values(outcomes, plan, outcome.name) for outcome in self._outcomes}
            for plan in outcomes.plans
        }

    def add(self, key: str, title: str, turned: Literal["off", "on"], run: Outcomes) -> None:
        """Take in a run with one mechanism turned: the same plans, seed and number of histories."""
        identical = all(
            np.array_equal(run.runs[plan].table, self._base.runs[plan].table, equal_nan=True)
            for plan in self._base.plans
        )
        effects = {
            plan: {
                name: mean_interval(values - self._values[plan][name], self._base.per_world)
                for name, values in found.items()
            }
            for plan, found in self._values_of(run).items()
        }
        self._switches.append(Switch(key, title, turned, identical, effects))

    def result(self) -> Ablation:
        """Everything taken in so far, without outcomes that are 0 throughout."""
        base = {
            plan: {name: mean_interval(values, self._base.per_world) for name, values in found.items()}
            for plan, found in self._values.items()
        }
        tables = [base, *(switch.effects for switch in self._switches)]
        kept = tuple(
            outcome
            for outcome in self._outcomes
            if any(found[outcome.name] != (0.0, 0.0, 0.0) for table in tables for found in table.values())
        )
        return Ablation(
            scenario=self._base.scenario,
            seed=self._base.seed,
            replications=self._base.replications,
            per_world=self._base.per_world,
            plans={plan: run.title for plan, run in self._base.runs.items()},
            outcomes=kept,
            base=_only(base, kept),
            switches=tuple(
                Switch(s.key, s.title, s.turned, s.identical, _only(s.effects, kept)) for s in self._switches
            ),
        )


def _only(
    table: Mapping[str, Mapping[str, Interval]], kept: Sequence[MainOutcome]
) -> dict[str, dict[str, Interval]]:
    return {plan: {outcome.name: found[outcome.name] for outcome in kept} for plan, found in table.items()}
