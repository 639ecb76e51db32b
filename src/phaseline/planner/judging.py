"""Points of a space judged by simulation.

Plans are run over common histories, through the run store, so that a search that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from phaseline.execution.runner import run
from phaseline.outcomes.measures import never_ends
from phaseline.planner.gates import check_plans
from phaseline.planner.levers import Lever, identity, plan_of
from phaseline.planner.selection import Values
from phaseline.scenario.certainty import is_certain, varies

if TYPE_CHECKING:
    from threading import Event

    import numpy as np
    from numpy.typing import NDArray

    from phaseline.execution.settings import RunSettings
    from phaseline.execution.store import RunStore
    from phaseline.outcomes.measures import Measure
    from phaseline.planner.dimensions import Point
    from phaseline.scenario.schema import Plan, Scenario

FRESH = -1
"""Luck by which the winner is scored again: no search has seen it."""
_LUCK_STEP = 7_368_787
_MOST_SEED = 2**63 - 1


class PlanJudge:
    """Judge of the points of a scenario's decision space; see `selection.Judge`.

    Parameters
    ----------
    scenario
        A checked scenario.
    base
        The plan that the levers change.
    levers
        One per dimension.
    measures
        Outcomes to keep.
    settings
        Seed, replications per world, threads; how many histories is said with each call.
    store
        Where finished histories are looked up and kept.
    cancel
        Stops the run under way when set.
    """

    def __init__(
        self,
        scenario: Scenario,
        base: Plan,
        levers: Sequence[Lever],
        measures: Sequence[Measure],
        settings: RunSettings,
        store: RunStore,
        cancel: Event | None = None,
    ) -> None:
        self.scenario = scenario
        self.base = base
        self.levers = levers
        self.measures = measures
        self.settings = settings
        self.store = store
        self.cancel = cancel
        self.per_world = settings.per_world
        self.never: dict[str, dict[str, NDArray[np.bool_]]] = {}
        """Histories in which each end is not reached, of each plan as it was judged last."""

    @property
    def is_certain(self) -> bool:
        """Whether nothing is drawn under any plan of the space, so that one history tells everything."""
        decisions = [lever.decision for lever in self.levers]
        return is_certain(self.scenario, self.base) and not varies(self.scenario, decisions)

    def __call__(self, points: Sequence[Point], count: int, luck: int = 0) -> list[Values]:
        """Outcomes of each point over histories 0, ..., count - 1."""
        plans = {identity(point): plan_of(self.base, self.levers, point) for point in points}
        found = self.of_plans(plans, count, luck)
        return [found[identity(point)] for point in points]

    def of_plans(self, plans: dict[str, Plan], count: int, luck: int = 0) -> dict[str, Values]:
        """The same for plans as such, by their ids."""
        check_plans(self.scenario, plans)
        seed = (self.settings.seed + luck * _LUCK_STEP) % _MOST_SEED
        settings = replace(self.settings, replications=count, seed=seed)
        outcomes = run(
            self.scenario, plans, settings, store=self.store, cancel=self.cancel, whole_histories=False
        )
        for plan in plans:
            self.never[plan] = never_ends(outcomes, plan)
        return {plan: {one.key: one.values(outcomes, plan) for one in self.measures} for plan in plans}
