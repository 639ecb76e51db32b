"""Engine against twin on scenarios that leave nothing to chance: ``python tests/agreement.py FIRST LAST [TWIN.json]``.

Prints the first disagreement and exits 1, or exits 0. With a third argument the twin's answers are read from
there (or written there,
if it does not exist yet). The test of planted faults runs this in a process of its own for each fault.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.engine.draws import draw_values
from phaseline.scenario.records import columns
from phaseline.scenario.schema import Scenario
from random_scenarios import random_scenario, with_moods

TOLERANCE = 1e-6
"""Relative; both sides compute in float64, in different orders."""


def given_scores(scenario: Scenario) -> dict[str, float]:
    """The scores that are chance in the engine's first history, by name, for the twin to take."""
    model = compile_scenario(scenario)
    draws = model.tables.draws
    values = draw_values(draws, (), model.kinds, seed=1, first=0, count=1, per_world=2)[0]
    return {draw.name: float(value) for draw, value in zip(draws, values, strict=True)}


def twin_answer(scenario: Scenario) -> dict[str, float]:
    """One history of the twin, by column name, with the engine's scores."""
    import twin

    twin.GIVEN = given_scores(scenario)
    try:
        return dict(twin.simulate(scenario, scenario.plans["plan"], 1, 0))
    finally:
        twin.GIVEN = {}


def engine_answer(scenario: Scenario) -> dict[str, float]:
    """One history of the engine, by column name."""
    model = compile_scenario(scenario)
    plan = compile_plan(model, "plan", scenario.plans["plan"])
    chunk = simulate(model, plan, seed=1, first=0, count=1, per_world=2, series=False)
    return {c.name: float(v) for c, v in zip(columns(scenario), chunk.outcomes[0], strict=True)}


def same(a: float, b: float) -> bool:
    """Equal to rounding; missing equals missing."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))


def disagreement(seed: int, theirs: dict[str, float], scenario: Scenario) -> str | None:
    """What differs, or None."""
    ours = engine_answer(scenario)
    wrong = [
        f"{k}: engine {ours[k]:.10g}, twin {theirs[k]:.10g}" for k in ours if not same(ours[k], theirs[k])
    ]
    return f"scenario {seed}: " + "; ".join(wrong) if wrong else None


def main(first: int, last: int, store: str | None = None) -> int:
    """Compare scenarios first, ..., last - 1."""
    known = json.loads(Path(store).read_text(encoding="utf-8")) if store and Path(store).exists() else None
    answers = {}
    for seed in range(first, last):
        scenario = Scenario.model_validate(with_moods(random_scenario(seed, certain=True), seed))
        answer = known[str(seed)] if known is not None else twin_answer(scenario)
        answers[seed] = answer
        found = disagreement(seed, answer, scenario)
        if found is not None:
            print(found)
            return 1
    if store and known is None:
        Path(store).write_text(json.dumps(answers), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))
