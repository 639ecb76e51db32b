"""The planner beside its peers, on one machine in one run: search by simulation, base schedules, dispatch policies."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import phaseline
from benchmarks.rows import Bound, Row, row

ROOT = Path(__file__).parents[1]
SPACE = ROOT / "src" / "phaseline" / "cases" / "mosul-raqqa-2016" / "space.yaml"
FOLDER = "PHASELINE_PSPLIB"
"""Names the folder of PSPLIB files, with ``psplib_best_known.csv`` beside it."""
SEEDS = (1, 2, 3)
SECONDS = 10.0
INSTANCES = int(os.environ.get("PHASELINE_PSPLIB_INSTANCES", "8"))
"""Of each deterministic set; three seeds with 10 s for each of both take a minute an instance."""
MACRO = 50
BUDGET = 40_000

CURVE = Bound("value", "<=", 10, bar=False)
PLAN = Bound("value", "<=", 120, bar=False)
NEAR = Bound("value", ">=", 90, bar=True)
AHEAD = Bound("ratio", ">=", 1, bar=True)
J60 = Bound("ratio", "<=", 0, bar=True)
"""Our gap less plain CP-SAT's, in points."""
J120 = Bound("ratio", "<=", -0.5, bar=True)
POLICY = Bound("ratio", "<", 0, bar=True)
"""Upper end of the paired 95 % interval of policy less best rule, in points."""


def founding() -> list[Row]:
    """The start-time curve and a whole search of the founding case, with an empty store."""
    with tempfile.TemporaryDirectory() as store:
        began = time.perf_counter()
        phaseline.when("mosul-raqqa-2016", "raqqa.assault", against="mosul.progress", store=Path(store) / "a")
        curve = time.perf_counter() - began
        began = time.perf_counter()
        found = phaseline.optimise("mosul-raqqa-2016", SPACE, store=Path(store) / "b")
        whole = time.perf_counter() - began
    told = f"{found.document['spent']:,} histories, scored again on fresh ones"
    return [
        row("when, founding case", curve, "s", "11 points of 1,000 paired histories", None, CURVE),
        row("optimise, founding case", whole, "s", told, None, PLAN),
    ]


def known_optima() -> list[Row]:
    """Share of macro-replications within 1 % of the known optimum, ours and two peers at the same budget of histories."""
    sys.path.insert(0, str(ROOT / "tests"))
    try:
        from planner.problems import Chain, Newsvendor, aim  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    from phaseline.planner.search import Search

    rows = []
    for name, problem in (("newsvendor", Newsvendor), ("activity network", Chain)):
        share: dict[str, list[float]] = {"ours": [], "random": [], "optuna": []}
        for seed in range(MACRO):
            judge = problem(seed)
            least = judge.true_cost(judge.best if isinstance(judge.best, tuple) else (judge.best,))
            ours = Search(judge.dimensions, judge, aim(), BUDGET, seed=seed).run().best.point
            found = {"ours": ours, "random": _random(judge, seed), "optuna": _optuna(judge, seed)}
            for who, point in found.items():
                share[who].append(100.0 * (judge.true_cost(point) <= 1.01 * least))
        means = {who: float(np.mean(hits)) for who, hits in share.items()}
        peer = max(means["random"], means["optuna"])
        told = f"random search {means['random']:.0f} %, Optuna {means['optuna']:.0f} %, {MACRO} x {BUDGET:,} histories"
        rows.append(row(f"{name}, within 1 %", means["ours"], "%", told, None, NEAR))
        rows.append(
            row(
                f"{name}, against the better peer",
                means["ours"],
                "%",
                told,
                means["ours"] / max(peer, 1e-9),
                AHEAD,
            )
        )
    return rows


def _random(judge: Any, seed: int, each: int = 400) -> Any:
    """Points at random, each judged over as many common histories; the best mean."""
    rng = np.random.default_rng(seed)
    points = [
        tuple(one.at(share) for one, share in zip(judge.dimensions, shares, strict=True))
        for shares in rng.random((BUDGET // each, len(judge.dimensions)))
    ]
    costs = [values["cost"].mean() for values in judge(points, each)]
    return points[int(np.argmin(costs))]


def _optuna(judge: Any, seed: int, each: int = 400) -> Any:
    """Optuna's default sampler with as many histories for each trial."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))

        def cost(trial: Any) -> float:
            point = tuple(trial.suggest_float(one.name, one.low, one.high) for one in judge.dimensions)
            return float(judge([point], each, trial.number + 1)[0]["cost"].mean())

        study.optimize(cost, n_trials=BUDGET // each)
    return tuple(study.best_params[one.name] for one in judge.dimensions)


def _networks(pattern: str, most: int | None) -> tuple[list[Any], dict[str, int]]:
    folder = os.environ.get(FOLDER)
    if folder is None:
        raise RuntimeError(f"{FOLDER} names no folder of PSPLIB files")
    from phaseline.interchange.benchmarks import instances

    found, _ = instances(folder, pattern)
    step = 1 if most is None else max(1, len(found) // most)
    table = Path(folder).parent / "psplib_best_known.csv"
    with table.open(encoding="utf-8") as file:
        best = {Path(one["file"]).stem: int(one["best_known"]) for one in csv.DictReader(file)}
    return found[::step][:most], best


def base_schedules(pattern: str, bound: Bound) -> list[Row]:
    """Mean gap to the best known, beside plain CP-SAT with the same time and workers, three seeds."""
    from phaseline.planner.projects.benchmark import deterministic

    networks, best = _networks(f"{pattern}*", INSTANCES)
    ours, plain, infeasible = [], [], 0
    for seed in SEEDS:
        rows = deterministic(networks, best, seconds=SECONDS, seed=seed, peer=True)
        ours += [one["gap"] for one in rows]
        plain += [one["plain_gap"] for one in rows]
        infeasible += sum(not one["feasible"] for one in rows)
    told = f"plain CP-SAT {np.mean(plain):.2f} %, {len(networks)} instances x {len(SEEDS)} seeds, {infeasible} infeasible"
    return [
        row(
            f"{pattern}, gap in {SECONDS:g} s",
            float(np.mean(ours)),
            "%",
            told,
            float(np.mean(ours) - np.mean(plain)),
            bound,
        )
    ]


def policies() -> list[Row]:
    """Policies beside the best single rule on j120 under each distribution, budget 25,000 schedules."""
    from phaseline.planner.projects.benchmark import against_best_rule, best_rule, stochastic
    from phaseline.planner.projects.uncertain import DISTRIBUTIONS

    networks, _ = _networks("j120*", None)
    rows = []
    for distribution in DISTRIBUTIONS:
        found = stochastic(networks, distribution, budget=25_000, seed=1)
        difference, rule = against_best_rule(found), best_rule(found)
        span = f"{difference.value:.2f} ({difference.low:.2f} to {difference.high:.2f})"
        told = f"{rule} {np.mean([one[rule] for one in found]):.2f} %, difference {span}"
        rows.append(
            row(
                f"j120 {distribution}, policy",
                float(np.mean([one["policy"] for one in found])),
                "%",
                told,
                difference.high,
                POLICY,
            )
        )
    return rows


ALL: dict[str, tuple[Bound, Callable[[], list[Row]]]] = {
    "planning": (CURVE, founding),
    "search": (NEAR, known_optima),
    "psplib-j60": (J60, lambda: base_schedules("j60", J60)),
    "psplib-j120": (J120, lambda: base_schedules("j120", J120)),
    "psplib-policies": (POLICY, policies),
}
"""By the name that chooses it on the command line."""
