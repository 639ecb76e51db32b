"""Small scenarios run through the engine, with their results by column name; for the tests of the model's limits.

Every scenario passes the checks that a file has to pass. Statistical tests fix their seeds, so each of them always gives the
same answer; `ALPHA` is the chance that one of them would fail, with another seed, for a correct engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import settings
from scipy import stats

from phaseline.engine import compile_plan, compile_scenario, explain, simulate
from phaseline.engine import tables as tb
from phaseline.engine.day import one_day, reset_state
from phaseline.engine.run import slot_values
from phaseline.engine.streams import seed_word, start
from phaseline.scenario.records import columns, series
from phaseline.scenario.references import check_references
from phaseline.scenario.schema import Scenario

ALPHA = 1e-6
Z_ALPHA = float(stats.norm.isf(ALPHA / 2))
"""Half width, in standard errors, of a two-sided band that a normal variate leaves with chance `ALPHA`."""
OPEN, DONE, FAILED = 1, 2, 3
"""Status of a phase; an operation's is 1 and 2."""


def examples(count: int) -> settings:
    """Hypothesis without randomness of its own, without a data base and without a clock."""
    return settings(max_examples=count, derandomize=True, database=None, deadline=None)


def document(operations: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """A scenario; `operations` maps ids to phases. Day 0 is 2020-01-01, the plan is called ``base``."""
    return {
        "format": "phaseline/1",
        "title": "limit",
        "as_of": "2020-01-01",
        "horizon": "200 days",
        "operations": {name: {"phases": phases} for name, phases in operations.items()},
        "plans": {"base": {}},
    } | parts


def read(doc: Mapping[str, Any]) -> Scenario:
    """The scenario, checked as a file would be."""
    scenario = Scenario.model_validate(doc)
    errors = [finding for finding in check_references(scenario) if finding.severity == "error"]
    assert not errors, errors
    return scenario


def run(
    doc: Mapping[str, Any],
    plan: str = "base",
    *,
    count: int = 1,
    seed: int = 1,
    first: int = 0,
    per_world: int = 2,
) -> dict[str, np.ndarray]:
    """Outcomes by column name, each of shape (count,)."""
    scenario = read(doc)
    model = compile_scenario(scenario)
    compiled = compile_plan(model, plan, scenario.plans[plan])
    chunk = simulate(model, compiled, seed=seed, first=first, count=count, per_world=per_world, series=False)
    return {c.name: chunk.outcomes[:, i] for i, c in enumerate(columns(scenario))}


def value(doc: Mapping[str, Any], column: str, plan: str = "base", *, seed: int = 1) -> float:
    """One outcome of one history."""
    return float(run(doc, plan, seed=seed)[column][0])


def daily(
    doc: Mapping[str, Any], plan: str = "base", *, seed: int = 1, replication: int = 0, per_world: int = 2
) -> dict[str, np.ndarray]:
    """Daily series of one history by name, each of shape (days,)."""
    scenario = read(doc)
    model = compile_scenario(scenario)
    compiled = compile_plan(model, plan, scenario.plans[plan])
    rows = explain(model, compiled, seed=seed, replication=replication, per_world=per_world)[1]
    return {s.name: rows[:, i] for i, s in enumerate(series(scenario))}


class History:
    """One history, day by day, with its tables (T, P) and state (S) open to view and to change."""

    def __init__(
        self,
        doc: Mapping[str, Any],
        plan: str = "base",
        *,
        seed: int = 1,
        replication: int = 0,
        per_world: int = 2,
    ) -> None:
        self.scenario = read(doc)
        model = compile_scenario(self.scenario)
        compiled = compile_plan(model, plan, self.scenario.plans[plan])
        address = {"seed": seed, "first": replication, "count": 1, "per_world": per_world}
        tables = []
        for dtypes, part in ((tb.SCENARIO_TABLES, model.tables), (tb.PLAN_TABLES, compiled.tables)):
            words = part.words.copy()
            words[part.slots] = slot_values(model, part, **address)[0]
            tables.append(tb.views(dtypes, part.sizes, words))
        self.T = tb.Tables(**tables[0])
        self.P = tb.PlanTables(**tables[1])
        self.S = tb.new_state({**model.tables.sizes, **compiled.tables.sizes}, model.window_days)
        self.days = model.num_days
        self.today = 0
        self.log = np.zeros((0, 4))
        start(self.S.cursor, seed_word(seed), replication)
        reset_state(self.T, self.P, self.S)

    def day(self) -> None:
        """Run the next day."""
        one_day(self.T, self.P, self.S, self.today, self.log)
        self.today += 1
