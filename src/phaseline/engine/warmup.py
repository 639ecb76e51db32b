"""Compile the kernels ahead of the first run."""

from __future__ import annotations

import time

import numpy as np

from phaseline.engine.cache import cache_directory
from phaseline.engine.compile import compile_plan, compile_scenario
from phaseline.engine.run import explain, watch
from phaseline.scenario.schema import Scenario

SMALLEST = {
    "format": "phaseline/1",
    "title": "the smallest scenario",
    "as_of": "2000-01-01",
    "horizon": "2 days",
    "operations": {"one": {"phases": {"task": {"kind": "task", "duration": "1 day"}}}},
    "plans": {"only": {}},
}


def warm_up() -> float:
    """Compile every kernel by running the smallest scenario once, and leave a marker. Returns the seconds it took."""
    began = time.perf_counter()
    scenario = Scenario.model_validate(SMALLEST)
    model = compile_scenario(scenario)
    plan = compile_plan(model, "only", scenario.plans["only"])
    explain(model, plan, seed=1, replication=0, per_world=2)
    none, first = np.zeros((1, 0)), np.zeros(1, dtype=np.int64)
    watch(model, plan, none, none, seed=1, luck=first, days=first)
    (cache_directory() / "warm").touch()
    return time.perf_counter() - began
