"""Limits without an adversary: critical path, parallel schedule generation, Graham's anomalies; and monotone support."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.histories import DONE, Z_ALPHA, document, examples, read, run, value
from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.engine.run import slot_values
from phaseline.scenario.records import columns

# --- critical path ---


@st.composite
def projects(draw: st.DrawFn) -> tuple[list[float], list[list[int]], list[int], int]:
    """Durations, predecessors (lower numbers), the order in which the file lists the tasks, and operations."""
    n = draw(st.integers(1, 12))
    whole = st.integers(0, 9).map(float)
    parts = st.floats(0.05, 9.0).map(lambda d: round(d, 3))
    durations = draw(st.lists(st.one_of(whole, parts), min_size=n, max_size=n))
    before = [draw(st.lists(st.integers(0, i - 1), unique=True, max_size=4)) if i else [] for i in range(n)]
    return durations, before, draw(st.permutations(range(n))), draw(st.integers(1, 3))


def project(
    durations: Sequence[float],
    before: Sequence[Sequence[int]],
    order: Sequence[int],
    operations: int,
    needs: Sequence[Mapping[str, int]] | None = None,
) -> dict[str, Any]:
    """Tasks t0, t1, ... dealt out to operations o0, o1, ... in the order given."""
    home = [f"o{i % operations}.t{i}" for i in range(len(durations))]
    phases: dict[str, dict[str, Any]] = {f"o{k}": {} for k in range(min(operations, len(durations)))}
    for i in order:
        operation, task = home[i].split(".")
        phases[operation][task] = {
            "kind": "task",
            "duration": f"{durations[i]} days",
            "after": [home[j] for j in before[i]],
            "demand": {} if needs is None else dict(needs[i]),
        }
    return document(phases, horizon=f"{sum(math.ceil(d) for d in durations) + 5} days")


def task_columns(answer: Mapping[str, np.ndarray], quantity: str, tasks: int, operations: int) -> np.ndarray:
    return np.array([answer[f"{quantity}.o{i % operations}.t{i}"] for i in range(tasks)])


@given(projects())
@examples(200)
def test_without_adversary_and_scarcity_the_critical_path(instance) -> None:
    durations, before, order, operations = instance
    answer = run(project(durations, before, order, operations))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(durations)))
    graph.add_edges_from((j, i) for i, found in enumerate(before) for j in found)
    ends: dict[int, int] = {}
    for i in nx.topological_sort(graph):
        # a task takes whole days
        ends[i] = max((ends[j] for j in graph.predecessors(i)), default=0) + math.ceil(durations[i])
    starts = [max((ends[j] for j in before[i]), default=0) for i in range(len(durations))]
    assert task_columns(answer, "start", len(starts), operations)[:, 0].tolist() == starts
    assert task_columns(answer, "end", len(starts), operations)[:, 0].tolist() == [
        ends[i] for i in range(len(starts))
    ]
    assert answer["end"][0] == max(ends.values())


def test_plenty_of_an_asset_is_like_none_asked_for() -> None:
    scarce = {
        "kind": "task",
        "duration": "7 days",
        "demand": {"lorries": "10/day"},
        "dependence": {"lorries": 1},
    }
    doc = document({"o": {"a": scarce, "b": scarce}}, assets={"lorries": {"capacity": "10/day"}})
    assert value(doc, "end") == 14
    doc["assets"]["lorries"]["capacity"] = "9/day"
    assert value(doc, "end") > 14


# --- parallel schedule generation ---


def parallel_schedule(
    durations: Sequence[int],
    before: Sequence[Sequence[int]],
    needs: Sequence[Mapping[str, int]],
    units: Mapping[str, int],
    priority: Sequence[int],
) -> list[int]:
    """Starts by the parallel schedule-generation scheme (Kelley 1963), event by event."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    now = 0
    while len(starts) < len(durations):
        for of_no_length in (
            True,
            False,
        ):  # the former need nothing, and may release each other and the latter
            again = True
            while again:
                again = False
                for i in priority:
                    waits = i not in starts and (durations[i] == 0) == of_no_length
                    if not waits or any(ends.get(j, math.inf) > now for j in before[i]):
                        continue
                    busy = {a: sum(needs[j].get(a, 0) for j, end in ends.items() if end > now) for a in units}
                    if all(busy[a] + needs[i].get(a, 0) <= units[a] for a in units):
                        starts[i], ends[i] = now, now + durations[i]
                        again = of_no_length
        now = min((end for end in ends.values() if end > now), default=now)
    return [starts[i] for i in range(len(durations))]


def engine_schedule(
    durations: Sequence[int],
    before: Sequence[Sequence[int]],
    needs: Sequence[Mapping[str, int]],
    units: Mapping[str, int],
    named: Sequence[int],
    order: Sequence[int] | None = None,
    operations: int = 1,
) -> list[float]:
    """Starts by the engine, with the plan's priority list `named`."""
    doc = project(durations, before, order or range(len(durations)), operations, needs)
    doc["assets"] = {a: {"sharing": "whole", "units": n} for a, n in units.items()}
    doc["plans"]["base"] = {"priority": [f"o{i % operations}.t{i}" for i in named]}
    answer = run(doc)
    assert not np.isnan(answer["end"][0])
    ends = task_columns(answer, "end", len(durations), operations)[:, 0]
    starts = task_columns(answer, "start", len(durations), operations)[:, 0]
    assert (ends - starts).tolist() == list(durations)
    return starts.tolist()


def file_order(order: Sequence[int], operations: int) -> list[int]:
    """Tasks as the file lists them: operation after operation."""
    return [i for k in range(operations) for i in order if i % operations == k]


@st.composite
def shared_projects(draw: st.DrawFn):
    n = draw(st.integers(1, 12))
    units = {f"r{k}": draw(st.integers(1, 6)) for k in range(draw(st.integers(1, 4)))}
    durations = draw(st.lists(st.integers(0, 7), min_size=n, max_size=n))
    before = [draw(st.lists(st.integers(0, i - 1), unique=True, max_size=3)) if i else [] for i in range(n)]
    needs = [
        {a: used for a in units if (used := draw(st.integers(0, units[a]))) > 0} if durations[i] > 0 else {}
        for i in range(n)
    ]
    order = draw(st.permutations(range(n)))
    named = draw(st.permutations(range(n)))[: draw(st.integers(0, n))]
    return durations, before, needs, units, named, order, draw(st.integers(1, 3))


@given(shared_projects())
@examples(250)
def test_whole_assets_and_a_priority_list_the_parallel_schedule(instance) -> None:
    durations, before, needs, units, named, order, operations = instance
    # those without a place in the list follow in the order of the file
    rest = [i for i in file_order(order, operations) if i not in named]
    expected = parallel_schedule(durations, before, needs, units, [*named, *rest])
    assert engine_schedule(durations, before, needs, units, named, order, operations) == expected


def benchmark_instance(
    seed: int, jobs: int
) -> tuple[list[int], list[list[int]], list[dict[str, int]], dict[str, int]]:
    """Like PSPLIB's: dummy first and last job, four renewable resources, about 1.8 successors a job (Kolisch 1996)."""
    r = random.Random(f"project/{seed}/{jobs}")
    durations = [0, *(r.randint(1, 10) for _ in range(jobs)), 0]
    before: list[list[int]] = [[]]
    for i in range(1, jobs + 1):
        earlier = range(max(1, i - 9), i)
        before.append(sorted(r.sample(earlier, min(len(earlier), r.choice([1, 2, 2, 3])))) or [0])
    followed = {j for found in before for j in found}
    before.append([i for i in range(1, jobs + 1) if i not in followed])
    needs: list[dict[str, int]] = [{}]
    for _ in range(jobs):
        needs.append(
            {f"r{k}": r.randint(1, 10) for k in range(4) if r.random() < r.choice([0.25, 0.5, 0.75, 1.0])}
        )
    needs.append({})
    units = {
        f"r{k}": max([n.get(f"r{k}", 0) for n in needs])
        + r.randint(0, sum(n.get(f"r{k}", 0) for n in needs) // 6)
        for k in range(4)
    }
    return durations, before, needs, {a: max(1, n) for a, n in units.items()}


@pytest.mark.parametrize(("jobs", "instances"), [(30, 12), (60, 4), (120, 2)])
def test_benchmark_like_instances_with_common_priority_rules(jobs: int, instances: int) -> None:
    for seed in range(instances):
        durations, before, needs, units = benchmark_instance(seed, jobs)
        graph = nx.DiGraph((j, i) for i, found in enumerate(before) for j in found)
        tail = dict.fromkeys(graph, 0)
        for i in reversed(list(nx.topological_sort(graph))):
            tail[i] = max((tail[k] for k in graph.successors(i)), default=0) + durations[i]
        jobs_in_file = list(range(jobs + 2))
        by_tail = sorted(jobs_in_file, key=lambda i, tail=tail: (-tail[i], i))
        by_successors = sorted(jobs_in_file, key=lambda i, g=graph: (-len(nx.descendants(g, i)), i))
        shuffled = random.Random(seed).sample(jobs_in_file, len(jobs_in_file))
        for priority in (by_tail, by_successors, shuffled):
            starts = parallel_schedule(durations, before, needs, units, priority)
            assert engine_schedule(durations, before, needs, units, priority) == starts
            assert starts[-1] >= tail[0]  # never below the critical path


def test_the_schedule_of_every_draw_of_uncertain_durations() -> None:
    """Stochastic project scheduling by a resource-based policy: each history is the schedule of its own durations."""
    durations, before, needs, units = benchmark_instance(5, 30)
    doc = project(durations, before, range(32), 1, needs)
    for i in range(1, 31):
        doc["operations"]["o0"]["phases"][f"t{i}"]["duration"] = {
            "low": "0.2 days", "high": f"{2 * durations[i]} days", "kind": "chance",
        }  # fmt: skip
    doc["assets"] = {a: {"sharing": "whole", "units": n} for a, n in units.items()}
    doc["horizon"] = "700 days"
    scenario = read(doc)
    model = compile_scenario(scenario)
    plan = compile_plan(model, "base", scenario.plans["base"])
    address = {"seed": 4, "first": 0, "count": 40, "per_world": 4}
    drawn = slot_values(model, model.tables, **address)
    names = [draw.name for draw in model.tables.draws]
    outcomes = simulate(model, plan, series=False, **address).outcomes
    index = {c.name: k for k, c in enumerate(columns(scenario))}
    makespans = set()
    for r in range(40):
        lengths = [0] * 32
        for i in range(1, 31):
            k = model.tables.slot_draws.index(names.index(f"operations.o0.phases.t{i}.duration"))
            lengths[i] = math.ceil(drawn[r, k])
        expected = parallel_schedule(lengths, before, needs, units, range(32))
        assert [outcomes[r, index[f"start.o0.t{i}"]] for i in range(32)] == expected
        makespans.add(expected[-1])
    assert len(makespans) > 5


# --- Graham's anomalies ---

LENGTHS = [3, 2, 2, 2, 4, 4, 4, 4, 9]
AFTER = [[], [], [], [], [3], [3], [3], [3], [0]]


@pytest.mark.parametrize(
    ("machines", "lengths", "after", "priority", "makespan"),
    [
        (3, LENGTHS, AFTER, range(9), 12),
        (4, LENGTHS, AFTER, range(9), 15),  # a machine more
        (3, [d - 1 for d in LENGTHS], AFTER, range(9), 13),  # every task shorter
        (3, LENGTHS, [*AFTER[:4], [], [], [3], [3], [0]], range(9), 16),  # fewer constraints
        (3, LENGTHS, AFTER, [0, 1, 3, 4, 5, 2, 8, 6, 7], 14),  # another list
    ],
)
def test_grahams_anomalies(machines, lengths, after, priority, makespan) -> None:
    """Graham (1969), Bounds on multiprocessing timing anomalies, figures 2 to 6."""
    needs = [{"machines": 1}] * 9
    starts = engine_schedule(lengths, after, needs, {"machines": machines}, priority)
    assert max(s + d for s, d in zip(starts, lengths, strict=True)) == makespan


# --- more of a divisible asset never makes one phase later ---

WORLD = {
    "weather": {"bad_share": 0.3, "persistence": 0.4, "tempo": 0.6},
    "friction": {"spread": 1.5, "persistence": 0.5},
    "horizon": "400 days",
}
FORCES = {"ours": {"side": "own", "strength": 600}, "theirs": {"side": "adversary", "strength": 150}}


def front(**more: Any) -> dict[str, Any]:
    return {
        "kind": "contested",
        "own": "ours",
        "adversary": "theirs",
        "depth": "12 km",
        "tempo": "0.6 km/day",
        "own_loss": "0.3 %/day",
        "adversary_loss": "1 %/day",
        "demand": {"aircraft": {"base": "10/day", "per_contact": "0.1/day per fighter"}},
        "dependence": {"aircraft": 0.8},
    } | more


def ends_by_capacity(
    phase: dict[str, Any], capacities: Sequence[float], seed: int, **parts: Any
) -> list[np.ndarray]:
    """End of the phase under each capacity with the same random numbers, infinite if there was none."""
    ends = []
    for capacity in capacities:
        asset = {"capacity": f"{capacity}/day", "surge_days": "4 days", "surge_factor": 1.6, "weather": 0.5}
        answer = run(
            document({"o": {"p": phase}}, assets={"aircraft": asset}, **WORLD, **parts), seed=seed, count=4
        )
        assert ((answer["status.o.p"] == DONE) == ~np.isnan(answer["end.o.p"])).all()
        ends.append(np.where(np.isnan(answer["end.o.p"]), np.inf, answer["end.o.p"]))
    return ends


def never_later(ends: Sequence[np.ndarray]) -> bool:
    return all((more <= less).all() for less, more in itertools.pairwise(ends))


CAPACITIES = st.lists(st.floats(0.5, 40), min_size=2, max_size=4).map(sorted)


@given(CAPACITIES, st.integers(0, 2**30), st.floats(0.2, 1.5))
@examples(60)
def test_more_never_delays_a_task(capacities, seed, exponent) -> None:
    phase = {
        "kind": "task", "duration": "20 days", "demand": {"aircraft": "12/day"}, "dependence": {"aircraft": 0.9},
        "support_exponent": exponent,
    }  # fmt: skip
    ends = ends_by_capacity(phase, capacities, seed)
    assert never_later(ends)


@given(
    CAPACITIES,
    st.integers(0, 2**30),
    st.sampled_from(["square", "linear", "mixed", "ambush", "logarithmic"]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 0.4),
    st.floats(0.2, 1.0),
)
@examples(120)
def test_more_never_delays_a_battle_by_equations(capacities, seed, law, kappa, lam, gamma, breaks) -> None:
    phase = front(law=law, own_loss_support=kappa, adversary_loss_support=lam, ratio_exponent=gamma)
    forces = {**FORCES, "ours": {**FORCES["ours"], "breaks_at": breaks}}
    ends = ends_by_capacity(phase, capacities, seed, forces=forces, attrition={"kind": "deterministic"})
    assert never_later(ends)


@given(
    CAPACITIES,
    st.integers(0, 2**30),
    st.sampled_from(["square", "linear", "mixed", "ambush", "logarithmic"]),
    st.floats(0, 0.4),
    st.floats(0.1, 1.0),
)
@examples(120)
def test_more_never_delays_a_battle_of_single_losses(capacities, seed, law, gamma, breaks) -> None:
    """A chain whose loss rates do not hang on support: then its losses are the same ones under every capacity."""
    phase = front(law=law, ratio_exponent=gamma)
    forces = {**FORCES, "ours": {**FORCES["ours"], "breaks_at": breaks}}
    ends = ends_by_capacity(phase, capacities, seed, forces=forces)
    assert never_later(ends)


@pytest.mark.parametrize("law", ["square", "linear", "logarithmic"])
def test_where_loss_rates_hang_on_support_more_makes_later_less_likely(law) -> None:
    """Then more support draws other losses, and a single history may end later; but not the distribution of the end.

    For each of 400 days, the share done by then under the greater capacity is at least that under the lesser one, less
    a band of `Z_ALPHA` standard errors.
    """
    phase = front(
        law=law,
        own_loss_support=0.8,
        adversary_loss_support=0.6,
        own_loss="1 %/day",
        adversary_loss="4 %/day",
    )
    forces = {
        "ours": {"side": "own", "strength": 60, "breaks_at": 0.6},
        "theirs": {"side": "adversary", "strength": 40},
    }
    count = 4000
    shares = []
    for capacity in (3, 7, 15):
        asset = {"capacity": f"{capacity}/day", "weather": 0.5}
        answer = run(
            document({"o": {"p": phase}}, assets={"aircraft": asset}, forces=forces, **WORLD), count=count
        )
        ends = np.nan_to_num(answer["end.o.p"], nan=np.inf)
        shares.append((ends[None, :] <= np.arange(400)[:, None]).mean(axis=1))
    for less, more in itertools.pairwise(shares):
        band = Z_ALPHA * np.sqrt((less * (1 - less) + more * (1 - more)) / count)
        assert (more >= less - band).all()
        assert (more > less + band).any()
