"""Compile the kernels ahead of the first run: ``python -m phaseline.engine.warm``."""

from __future__ import annotations

import time

from phaseline.engine import compile_plan, compile_scenario, explain, is_warm
from phaseline.engine.cache import cache_directory
from phaseline.scenario.schema import Scenario

SMALLEST = {
    "format": "phaseline/1",
    "title": "the smallest scenario",
    "as_of": "2000-01-01",
    "horizon": "2 days",
    "operations": {"one": {"phases": {"task": {"kind": "task", "duration": "1 day"}}}},
    "plans": {"only": {}},
}


def warm() -> float:
    """Compile every kernel by running the smallest scenario once, and leave a marker. Returns the seconds it took."""
    began = time.perf_counter()
    scenario = Scenario.model_validate(SMALLEST)
    model = compile_scenario(scenario)
    explain(model, compile_plan(model, "only", scenario.plans["only"]), seed=1, replication=0, per_world=2)
    (cache_directory() / "warm").touch()
    return time.perf_counter() - began


def main() -> None:
    """Say what is done, and do it."""
    if is_warm():
        print("engine: already compiled")
        return
    print("engine: compiling the kernels for this machine (about 40 seconds, once)", flush=True)
    print(f"engine: compiled in {warm():.0f} seconds")


if __name__ == "__main__":
    main()
