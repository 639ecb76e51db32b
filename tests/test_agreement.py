"""The engine and its independent twin give the same answers: exactly where nothing is left to chance, else in distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from agreement import disagreement, twin_answer
from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.scenario.records import columns
from phaseline.scenario.references import check_references
from phaseline.scenario.schema import Scenario
from random_scenarios import random_scenario, with_moods
from twin import simulate as twin_simulate

CERTAIN = 80
UNCERTAIN = 6
TWIN_HISTORIES = 60
ENGINE_HISTORIES = 2000
SIGNIFICANCE = 1e-7
"""Per comparison; about a thousand comparisons make one in ten thousand overall. Seeds are fixed."""


@pytest.mark.parametrize("batch", range(4))
def test_exact_agreement_where_nothing_is_left_to_chance(batch: int) -> None:
    size = CERTAIN // 4
    for seed in range(1000 + batch * size, 1000 + (batch + 1) * size):
        scenario = Scenario.model_validate(with_moods(random_scenario(seed, certain=True), seed))
        assert [f for f in check_references(scenario) if f.severity == "error"] == []
        assert disagreement(seed, twin_answer(scenario), scenario) is None


@pytest.mark.parametrize("seed", range(2000, 2000 + UNCERTAIN))
def test_agreement_in_distribution(seed: int) -> None:
    scenario = Scenario.model_validate(random_scenario(seed, certain=False))
    model = compile_scenario(scenario)
    plan = compile_plan(model, "plan", scenario.plans["plan"])
    names = [c.name for c in columns(scenario)]
    # one history per world on both sides, so that all are independent
    ours = simulate(
        model, plan, seed=3, first=0, count=2 * ENGINE_HISTORIES, per_world=2, series=False
    ).outcomes[::2]
    twin = [twin_simulate(scenario, scenario.plans["plan"], 4, 2 * k, 2) for k in range(TWIN_HISTORIES)]
    theirs = np.array([[row[name] for name in names] for row in twin])
    differing = []
    for i, name in enumerate(names):
        a, b = ours[:, i], theirs[:, i]
        missing = [[np.isnan(a).sum(), (~np.isnan(a)).sum()], [np.isnan(b).sum(), (~np.isnan(b)).sum()]]
        chances = [stats.fisher_exact(missing).pvalue]
        a, b = a[~np.isnan(a)], b[~np.isnan(b)]
        if len(a) > 20 and len(b) > 20:
            finite = math.isfinite(a.max()) and math.isfinite(b.max())
            # the fair shares of the twin are exact to 1e-9: equal reals must count as ties
            scale = max(1.0, float(np.abs(a[np.isfinite(a)]).max())) if finite else 1.0
            chances.append(stats.ks_2samp(np.round(a / scale, 6), np.round(b / scale, 6)).pvalue)
        if min(chances) < SIGNIFICANCE:
            differing.append(f"{name}: p = {min(chances):.1e}, means {a.mean():.6g} and {b.mean():.6g}")
    assert differing == []
