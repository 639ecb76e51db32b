"""Answers of the engine on random scenarios, as JSON: ``python tests/uncompiled.py FILE``.

Run compiled and uncompiled, the two files must be equal to the last bit; the uncompiled run is also where
coverage sees the kernels.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from phaseline.engine import compile_plan, compile_scenario, explain, simulate
from phaseline.scenario.schema import Scenario
from random_networks import random_network
from random_scenarios import random_scenario

SCENARIOS = 24
HISTORIES = 2


def answers() -> list[Any]:
    """Outcomes, histograms, sums, series and events; floats as hexadecimal, so that nothing is rounded."""
    found: list[Any] = []
    for seed in range(SCENARIOS):
        scenario = Scenario.model_validate(random_scenario(1000 + seed, certain=False))
        model = compile_scenario(scenario)
        plan = compile_plan(model, "plan", scenario.plans["plan"])
        chunk = simulate(model, plan, seed=seed, first=3, count=HISTORIES, per_world=2, series=seed % 6 == 0)
        events, series, outcomes = explain(model, plan, seed=seed, replication=3, per_world=2)
        found.append([[float(v).hex() for v in row] for row in chunk.outcomes])
        found.append([float(v).hex() for v in outcomes])
        found.append([float(v).hex() for v in series[-1]])
        found.append([[day, code, entity, float(value).hex()] for day, code, entity, value, _ in events])
        if chunk.histogram is not None and chunk.sums is not None:
            found.append([int(v) for v in chunk.histogram[-1].ravel()])
            found.append([int(v) for v in chunk.sums.ravel()])
    return found


def projects() -> list[Any]:
    """Schedules of small projects: by a genetic search, by a list, and by a policy that is improved."""
    from phaseline.planner.projects.lists import parallel_schedule, priority_list, search
    from phaseline.planner.projects.uncertain import best_policy, draws, ends

    found: list[Any] = []
    for seed in range(2):
        network = random_network(seed, activities=6)
        by_search = search(network, schedules_made=240, seed=seed)
        found.append([int(start) for start in by_search.starts])
        found.append(
            [int(start) for start in parallel_schedule(network, priority_list(network, "LFT")).starts]
        )
        policy = best_policy(network, "U2", 1_000, seed)
        found.append([int(i) for i in policy.order])
        found.append([float(end).hex() for end in ends(network, policy.order, draws(network, "U2", 5, seed))])
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps([answers(), projects()]), encoding="utf-8")
