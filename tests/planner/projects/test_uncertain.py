"""Uncertain durations: moments of the distributions, dispatch by draws, and policies that beat the rule they came from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import phaseline
from phaseline.planner.projects.benchmark import against_best_rule, best_rule, stochastic
from phaseline.planner.projects.lists import RULES, parallel_schedule, priority_list
from phaseline.planner.projects.uncertain import DISTRIBUTIONS, best_policy, draws, ends
from phaseline.reporting.projects import render_benchmark
from random_networks import as_rcp, as_sm, random_network

VARIANCE = {
    "U1": lambda d: d / 3,
    "U2": lambda d: d**2 / 3,
    "Exp": lambda d: d**2,
    "B1": lambda d: d / 3,
    "B2": lambda d: d**2 / 3,
}
SUPPORT = {"U1": lambda d: (d - d**0.5, d + d**0.5), "U2": lambda d: (0, 2 * d), "Exp": lambda d: (0, np.inf),
           "B1": lambda d: (d / 2, 2 * d), "B2": lambda d: (d / 2, 2 * d)}  # fmt: skip


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_moments_and_support(distribution: str) -> None:
    network = random_network(1, activities=6)
    count = 40_000
    found = draws(network, distribution, count, seed=3)
    for i, d in enumerate(network.durations.astype(float)):
        low, high = SUPPORT[distribution](d)
        assert found[:, i].min() >= low - 1e-9 and found[:, i].max() <= high + 1e-9
        deviation = VARIANCE[distribution](d) ** 0.5
        assert found[:, i].mean() == pytest.approx(d, abs=6 * deviation / count**0.5 + 1e-12)
        assert found[:, i].std() == pytest.approx(deviation, rel=0.05)
    assert (found[:7] == draws(network, distribution, 7, seed=3)).all()
    if distribution != "U1":
        assert (found != draws(network, distribution, count, seed=3, stream=0))[
            :, network.durations > 0
        ].any()


def test_beta_durations_have_the_stated_law() -> None:
    network = random_network(2, activities=3)
    i = int(np.argmax(network.durations))
    d = float(network.durations[i])
    found = draws(network, "B1", 5_000, seed=1)[:, i]
    law = stats.beta(d / 2 - 1 / 3, d - 2 / 3, loc=d / 2, scale=1.5 * d)
    assert stats.kstest(found, law.cdf).pvalue > 1e-4


def test_dispatch_with_the_mean_durations_is_the_parallel_schedule() -> None:
    for seed in range(10):
        network = random_network(seed, activities=15, projects=1 + seed % 3)
        for rule in RULES:
            order = priority_list(network, rule)
            alone = ends(network, order, network.durations.astype(float)[None, :])
            assert alone[0] == parallel_schedule(network, order).end


def test_policies_beat_the_best_rule_on_draws_they_have_not_seen() -> None:
    """Twenty projects; the paired interval of the mean difference lies below zero, as the bar of `make bench` asks of j120."""
    networks = [random_network(seed, activities=40, resources=3) for seed in range(20)]
    rows = stochastic(networks, "U2", budget=10_000, seed=5, replications=400)
    found = against_best_rule(rows)
    assert found.value < 0 and found.high < 0, (best_rule(rows), found)
    assert all(row["schedules"] <= 10_000 for row in rows)


def test_a_policy_repeats_and_keeps_its_budget() -> None:
    network = random_network(4, activities=20)
    one, other = (best_policy(network, "Exp", 2_000, seed=9) for _ in range(2))
    assert (one.order == other.order).all() and one.made == other.made <= 2_000
    assert sorted(one.order) == list(range(network.num_activities))
    with pytest.raises(ValueError, match="at least 1,000"):
        best_policy(network, "Exp", 100)
    with pytest.raises(ValueError, match="one of U1"):
        draws(network, "U3", 4, 1)


def _folder(folder: Path) -> Path:
    (folder / "set").mkdir()
    for seed in range(3):
        (folder / "set" / f"a{seed}.sm").write_text(as_sm(random_network(seed, 8)), encoding="utf-8")
    (folder / "set" / "b.rcp").write_text(as_rcp(random_network(9, 8)), encoding="utf-8")
    (folder / "best.csv").write_text("file,best_known\na0.sm,10\na1.sm,20\n", encoding="utf-8")
    return folder / "set"


def test_the_benchmark_of_a_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    options = {"best": tmp_path / "best.csv", "seconds": 1.0, "repeatable": True, "peer": True}
    found = phaseline.benchmark("psplib", folder, out=tmp_path / "rows.csv", **options)
    assert [row["instance"] for row in found["rows"]] == ["a0", "a1", "a2", "b"]
    assert found["summary"]["infeasible"] == 0 and found["summary"]["optimal"] == 4
    assert all(row["end"] == row["plain"] <= row["rule"] for row in found["rows"])
    assert found["rows"][0]["gap"] == pytest.approx(100 * (found["rows"][0]["end"] / 10 - 1))
    assert found["rows"][2]["gap"] is None
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8").count("\n") == 5
    text = render_benchmark(found) or ""
    assert "Mean gap to the best known" in text and "Proved optimal: 4 of 4" in text
    json.dumps(found, allow_nan=False)
    uncertain = phaseline.benchmark(
        "psplib", folder, distribution="B2", budget=1_000, replications=50, only="a*"
    )
    assert len(uncertain["rows"]) == 3 and "paired difference" in (render_benchmark(uncertain) or "")


def test_bad_requests(tmp_path: Path) -> None:
    with pytest.raises(phaseline.InputError) as refused:
        phaseline.benchmark(
            "psplob", tmp_path / "none", distribution="U3", seconds=0, budget=1, best=tmp_path / "x.csv"
        )
    assert len(refused.value.problems) == 6
