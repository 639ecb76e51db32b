"""Limits of chance: independence, certainty, worlds, common random numbers, weather, friction, the same bits in any chunks."""

from __future__ import annotations

import copy
import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy import stats

from engine.histories import ALPHA, DONE, Z_ALPHA, daily, document, read, run
from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.scenario.records import columns
from random_scenarios import random_scenario


def battle(name: str, **more: Any) -> dict[str, Any]:
    """A contested phase of forces of its own, decided by chance."""
    return {
        "kind": "contested", "own": f"own_{name}", "adversary": f"foe_{name}", "depth": "9 km", "tempo": "0.5 km/day",
        "ratio_exponent": 0.4, "own_loss": "1 %/day", "adversary_loss": "6 %/day", "law": "square",
    } | more  # fmt: skip


def two_battles(**parts: Any) -> dict[str, Any]:
    forces = {f"own_{n}": {"side": "own", "strength": 60, "breaks_at": 0.7} for n in "ab"}
    forces |= {f"foe_{n}": {"side": "adversary", "strength": 30} for n in "ab"}
    return document({n: {"p": battle(n)} for n in "ab"}, forces=forces, **({"horizon": "60 days"} | parts))


def bits(rows: np.ndarray) -> bytes:
    return np.ascontiguousarray(rows).tobytes()


# --- independence ---

HISTORIES = 20_000


def ends_of(doc: dict[str, Any], seed: int) -> tuple[np.ndarray, np.ndarray]:
    answer = run(doc, count=HISTORIES, seed=seed)
    return np.nan_to_num(answer["end.a"], nan=1e9), np.nan_to_num(answer["end.b"], nan=1e9)


def dependence(a: np.ndarray, b: np.ndarray) -> float:
    """P value of independence: chi-square over the table of both ends' sixths."""
    cuts = [np.unique(np.quantile(end, np.arange(1, 6) / 6)) for end in (a, b)]
    table = np.zeros((len(cuts[0]) + 1, len(cuts[1]) + 1))
    np.add.at(table, (np.searchsorted(cuts[0], a), np.searchsorted(cuts[1], b)), 1)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    assert min(table.shape) >= 3
    return float(stats.chi2_contingency(table).pvalue)


def test_two_strands_that_share_nothing_are_independent() -> None:
    """P(both done by t) is the product: chi-square over the whole table and Fisher's exact test at seven days, each failing
    with chance `ALPHA`.
    """
    a, b = ends_of(two_battles(), seed=21)
    assert len(np.unique(a)) > 10
    assert dependence(a, b) > ALPHA
    tested = 0
    for day in np.unique(np.quantile(a, [0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9])):
        done_a, done_b = a <= day, b <= day
        table = [[(x & y).sum() for y in (done_b, ~done_b)] for x in (done_a, ~done_a)]
        assert stats.fisher_exact(table).pvalue > ALPHA
        tested += 0.02 < done_a.mean() < 0.98
    assert tested >= 4


@pytest.mark.parametrize("cause", ["friction", "weather", "ignorance"])
def test_and_common_causes_make_them_dependent(cause) -> None:
    """The same test finds the dependence where there is one."""
    doc = two_battles()
    if cause == "friction":
        doc["friction"] = {"spread": 1.6, "persistence": 0.8}
    elif cause == "weather":
        doc["weather"] = {"bad_share": 0.4, "persistence": 0.8, "tempo": 0.3}
    else:
        doc["numbers"] = {"tempo": {"low": "0.3 km/day", "high": "0.8 km/day"}}
        for name in "ab":
            doc["operations"][name]["phases"]["p"]["tempo"] = "$tempo"
    assert dependence(*ends_of(doc, seed=22)) < ALPHA


# --- certainty and worlds ---


def test_without_uncertainty_all_histories_are_equal() -> None:
    for seed in range(12):
        scenario = read(random_scenario(seed, certain=True))
        model = compile_scenario(scenario)
        plan = compile_plan(model, "plan", scenario.plans["plan"])
        rows = [
            bits(row)
            for s in (1, 2)
            for row in simulate(model, plan, seed=s, first=0, count=6, per_world=3, series=False).outcomes
        ]
        assert len(set(rows)) == 1


def test_ignorance_is_drawn_once_per_world_and_chance_every_time() -> None:
    tasks = {
        "unknown": {"kind": "task", "duration": ["10 days", "900 days"], "after": []},
        "again": {"kind": "task", "duration": "$named", "after": []},
        "named": {"kind": "task", "duration": "$named", "after": []},
        "lucky": {
            "kind": "task",
            "duration": {"low": "10 days", "high": "900 days", "kind": "chance"},
            "after": [],
        },
    }
    doc = document({"o": tasks}, numbers={"named": ["10 days", "900 days"]}, horizon="1000 days")
    count, per_world = 200, 5
    answer = run(doc, count=count, per_world=per_world, seed=23)
    worlds = {name: answer[f"end.o.{name}"].reshape(-1, per_world) for name in tasks}
    for name in ("unknown", "named"):
        assert (worlds[name] == worlds[name][:, :1]).all()
        assert len(np.unique(worlds[name])) > 30
    assert (worlds["again"] == worlds["named"]).all()
    assert (worlds["unknown"] != worlds["named"]).any()
    assert all(len(np.unique(row)) > 1 for row in worlds["lucky"])
    # another number of replications per world: the same chance, replication by replication, and the same worlds in order
    other = run(doc, count=count, per_world=2, seed=23)
    assert (other["end.o.lucky"] == answer["end.o.lucky"]).all()
    assert (other["end.o.unknown"][::2][: count // per_world] == worlds["unknown"][:, 0]).all()
    assert (run(doc, count=count, per_world=per_world, seed=24)["end.o.lucky"] != answer["end.o.lucky"]).any()


@pytest.mark.parametrize("rank", [-0.6, 0.0, 0.8])
def test_correlated_numbers_have_the_rank_correlation_asked_for(rank) -> None:
    """Spearman's, in 20,000 worlds, within `Z_ALPHA` standard errors of at most 1 / sqrt(n)."""
    numbers = {name: {"low": "10 days", "high": "3000 days", "kind": "chance"} for name in ("one", "two")}
    tasks = {name: {"kind": "task", "duration": f"${name}", "after": []} for name in numbers}
    doc = document({"o": tasks}, numbers=numbers, horizon="3005 days")
    doc["correlations"] = [{"numbers": ["one", "two"], "rank": rank}]
    answer = run(doc, count=HISTORIES, seed=25)
    found = stats.spearmanr(answer["end.o.one"], answer["end.o.two"]).statistic
    assert abs(found - rank) < Z_ALPHA / math.sqrt(HISTORIES)


# --- common random numbers: what has nothing to do with an operation leaves it alone ---


def rich() -> dict[str, Any]:
    doc = two_battles(
        weather={"bad_share": 0.3, "persistence": 0.4, "tempo": 0.6},
        friction={"spread": 1.5, "persistence": 0.4},
        assets={"lorries": {"capacity": "6/day", "weather": 0.5, "surge_days": "3 days", "surge_factor": 1.5}},
        numbers={"losses": {"low": "0.5 %/day", "high": "2 %/day"}},
        shocks={
            "raids": {
                "phases": ["a", "b"], "rate": "1/day", "dispersion": 2, "stock": 1000, "casualties": 1, "halt": 0.2,
                "interdiction": {"asset": "lorries", "at_full_cover": 0.5},
            },
        },
    )  # fmt: skip
    for name in "ab":
        doc["operations"][name]["phases"]["p"] |= {
            "own_loss": "$losses", "stop_hazard": "0.2 %/day", "demand": {"lorries": "4/day"}, "dependence": {"lorries": 0.5},
            "ending": {"surrender": 0.2, "escape": 0.5},
        }  # fmt: skip
        doc["forces"][f"own_{name}"] |= {"returns": 0.5, "return_after": "5 days", "replacements": "0.3/day"}
    return doc


def with_operation(doc: dict[str, Any]) -> None:
    """In front of the others, with forces and an asset of its own."""
    doc["operations"] = {"new": {"phases": {"p": battle("new")}}} | doc["operations"]
    doc["forces"] = {
        "own_new": {"side": "own", "strength": [50, 90]},
        "foe_new": {"side": "adversary", "strength": 30},
    } | doc["forces"]
    doc["assets"] = {"tugs": {"capacity": "3/day"}} | doc["assets"]
    doc["operations"]["new"]["phases"]["p"] |= {"demand": {"tugs": "4/day"}, "dependence": {"tugs": 0.5}}


def with_number(doc: dict[str, Any]) -> None:
    doc["numbers"] = {"unused": {"low": 1, "high": 2, "kind": "chance"}} | doc["numbers"]


def with_shock(doc: dict[str, Any]) -> None:
    with_operation(doc)
    doc["shocks"] = {"mines": {"phases": ["new"], "rate": "1/day", "stock": 50, "casualties": 2}} | doc[
        "shocks"
    ]


def with_attacks_abroad(doc: dict[str, Any]) -> None:
    doc["attacks_abroad"] = {"inspired": {"rate": "5/month"}}


def with_longer_horizon(doc: dict[str, Any]) -> None:
    doc["horizon"] = "90 days"


@pytest.mark.parametrize(
    "change", [with_operation, with_number, with_shock, with_attacks_abroad, with_longer_horizon]
)
def test_what_is_added_leaves_the_outcomes_of_the_others(change) -> None:
    """To the bit, in every history; only the totals of the theatre may change."""
    doc = rich()
    before = run(doc, count=300, seed=26)
    changed = copy.deepcopy(doc)
    change(changed)
    after = run(changed, count=300, seed=26)
    settled = ~np.isnan(before["end"]) if change is with_longer_horizon else np.ones(300, dtype=bool)
    assert settled.sum() > 60
    compared = 0
    for name in before:
        entity = name.split(".")[1:]
        if not entity or (change is with_longer_horizon and name.startswith(("strength", "flown"))):
            continue  # the theatre's totals; and what goes on after everything is settled
        assert bits(before[name][settled]) == bits(after[name][settled]), name
        compared += len(np.unique(before[name])) > 1
    assert compared > 20


def test_rival_plans_share_their_luck() -> None:
    """A plan that differs for one operation leaves the other as it was; and one that differs in nothing gives the same bits."""
    doc = two_battles(friction={"spread": 1.5})
    doc["plans"] |= {"same": {"title": "again"}, "late": {"gates": {"b": {"date": "2020-01-11"}}}}
    base, same, late = (run(doc, plan, count=400, seed=27) for plan in ("base", "same", "late"))
    for name in base:
        assert bits(base[name]) == bits(same[name])
        if name.endswith((".a", ".a.p", "_a")):
            assert bits(base[name]) == bits(late[name])
    assert (base["end.b"] != late["end.b"]).any()


def test_losses_follow_the_age_of_a_battle_not_the_date() -> None:
    """The draws of a phase are counted from its opening: begun ten days later it goes the same way, ten days later."""
    doc = two_battles()
    doc["plans"]["late"] = {"gates": {"b": {"date": "2020-01-11"}}}
    base, late = (run(doc, plan, count=400, seed=28) for plan in ("base", "late"))
    both = ~np.isnan(base["end.b"]) & ~np.isnan(late["end.b"])
    assert both.sum() > 200
    assert (late["end.b"][both] == base["end.b"][both] + 10).all()
    assert (late["losses.own_b"][both] == base["losses.own_b"][both]).all()


# --- gates read yesterday's books ---


@pytest.mark.parametrize(
    ("gate", "opens"),
    [
        ({"date": "2020-01-08"}, 7),
        ({"after": "a"}, 10),
        ({"after": "a", "delay": "3 days"}, 13),
        ({"after": "a.p", "delay": "1 day", "for": "2 days"}, 12),
        ({"progress": "a", "at_least": 0.5}, 5),  # half is in the books at the end of day 4
        ({"progress": "a", "above": 0.5}, 6),
        ({"progress": "a.p", "at_least": 0.5, "for": "3 days"}, 7),
        ({"progress": "a", "below": 0.05}, 0),
        ({"progress": "a", "below": 0.05, "for": "2 days"}, None),
        ({"losses": "x", "at_least": 0.3}, 3),  # a tenth a day in equal parts
        ({"losses": "y", "above": 0.3}, 7),  # a twentieth a day
        ({"strain": "lorries", "above": 1.0}, 3),  # over two days: 0.5, 1.0 and then 1.5 at the end of day 2
        ({"strain": "lorries", "below": 1.0}, 0),
        ({"strain": "lorries", "above": 1.0, "for": "4 days"}, 6),
        ({"all": [{"date": "2020-01-05"}, {"progress": "a", "below": 0.45}]}, 4),
        ({"all": [{"date": "2020-01-07"}, {"progress": "a", "below": 0.45}]}, None),
        ({"any": [{"date": "2020-01-13"}, {"progress": "a", "above": 0.75}]}, 8),
        ({"any": [{"all": [{"date": "2020-01-03"}, {"losses": "x", "below": 0.25}]}, {"after": "a"}]}, 2),
    ],
)
def test_gates_read_yesterdays_books(gate, opens) -> None:
    operations = {
        "a": {"p": {"kind": "task", "duration": "10 days"}},
        "b": {"p": {"kind": "task", "duration": "1 day"}},
        "c": {
            "p": {"kind": "task", "duration": "1 day", "demand": {"lorries": "5/day"}},
            "q": {"kind": "task", "duration": "60 days", "demand": {"lorries": "15/day"}},
        },
        "d": {
            "p": {
                "kind": "contested", "own": "x", "adversary": "y", "own_loss": "10 %/day", "adversary_loss": "5 %/day",
                "reference": {"own": 1000, "adversary": 500}, "commit": [[0, 0.2]], "frontage": 10, "law": "square",
            },
        },
    }  # fmt: skip
    # rates that do not change with the strengths: Bracken's law with exponents 0
    operations["d"]["p"] |= {"law": "bracken", "law_parameters": {"p": 0, "q": 0}}
    del operations["d"]["p"]["commit"], operations["d"]["p"]["frontage"]
    doc = document(
        operations,
        forces={"x": {"side": "own", "strength": 1000}, "y": {"side": "adversary", "strength": 500}},
        assets={"lorries": {"capacity": "10/day"}},
        attrition={"kind": "deterministic"},
        overstretch={"window": "2 days"},
        plans={"base": {"gates": {"b": gate}}},
    )
    # the shares lost are sums of tenths: not quite the thresholds, so those are met a hair early
    if "losses" in gate:
        key = "at_least" if "at_least" in gate else "above"
        doc["plans"]["base"]["gates"]["b"] = {**gate, key: gate[key] + (-1e-9 if key == "at_least" else 1e-9)}
    start = run(doc)["start.b"][0]
    assert (opens is None and math.isnan(start)) or start == opens


def test_holds_and_stops_read_yesterdays_books_too() -> None:
    doc = document(
        {
            "a": {"p": {"kind": "task", "duration": "10 days"}},
            "b": {"p": {"kind": "task", "duration": "6 days"}},
        },
        plans={
            "held": {"holds": {"a": {"progress": "b", "below": 1}}},
            "stopped": {"stops": {"a": {"progress": "b", "at_least": 0.5}}},
        },
    )
    # held while b is below 1 in the books: days 0 to 5
    assert run(doc, "held")["end.a"][0] == 16
    answer = run(doc, "stopped")
    assert np.isnan(answer["end.a"][0])
    assert answer["progress.a.p"][0] == pytest.approx(0.3)  # given up on the morning of day 3


# --- weather and friction ---


def series_of(doc: dict[str, Any], name: str, count: int, seed: int) -> np.ndarray:
    """A daily series of many histories, shape (count, days)."""
    return np.array([daily(doc, seed=seed, replication=r)[name] for r in range(count)])


BAD, STAYS = 0.3, 0.6


def under_weather(**parts: Any) -> dict[str, Any]:
    """Every bad day shows in what is flown: 5 instead of 10."""
    weather = {"bad_share": BAD, "persistence": STAYS}
    task = {"kind": "task", "duration": "999 days", "demand": {"lorries": "90/day"}}
    assets = {"lorries": {"capacity": "10/day", "weather": 0.5}}
    return document(
        {"o": {"p": task}}, assets=assets, **({"horizon": "200 days", "weather": weather} | parts)
    )


def test_weather_is_stationary_and_persists_as_told() -> None:
    """Exact binomial tests, each failing with chance `ALPHA`: the share of bad days on single days, over histories; and the
    chance of a bad day after a bad and after a good one.
    """
    bad = series_of(under_weather(), "flown.lorries", 400, seed=29) == 5
    for day in (0, 1, 5, 60, 199):
        assert stats.binomtest(int(bad[:, day].sum()), len(bad), BAD).pvalue > ALPHA
    for yesterday, chance in ((True, BAD + STAYS * (1 - BAD)), (False, BAD * (1 - STAYS))):
        following = bad[:, 1:][bad[:, :-1] == yesterday]
        assert stats.binomtest(int(following.sum()), len(following), chance).pvalue > ALPHA
    # so the autocorrelation at lag one is the persistence; for 80,000 days the band is some 0.03
    lag = np.corrcoef(bad[:, 1:].ravel(), bad[:, :-1].ravel())[0, 1]
    assert abs(lag - STAYS) < 2 * Z_ALPHA / math.sqrt(bad.size)


def test_weather_belongs_to_the_calendar() -> None:
    """A scenario that starts nine days later meets the same weather on the same dates (without persistence)."""
    weather = {"bad_share": BAD}
    early = series_of(under_weather(weather=weather), "flown.lorries", 3, seed=30)
    late = series_of(under_weather(weather=weather, start="2020-01-10"), "flown.lorries", 3, seed=30)
    assert (early[:, 9:] == late[:, :-9]).all()
    assert len({bits(row) for row in early}) == 3


def test_friction_has_mean_one_and_the_spread_and_persistence_told() -> None:
    """Read off the daily advance of a phase that nothing else disturbs; bands of `Z_ALPHA` standard errors."""
    spread, persistence, count = 1.6, 0.5, 1500
    phase = {
        "kind": "contested", "own": "x", "adversary": "y", "depth": "1000 km", "tempo": "1 km/day", "ratio_exponent": 0,
        "top_speed": "900 km/day",
    }  # fmt: skip
    forces = {"x": {"side": "own", "strength": 9}, "y": {"side": "adversary", "strength": 9}}
    friction = {"spread": spread, "persistence": persistence}
    doc = document({"o": {"p": phase}}, forces=forces, friction=friction, horizon="60 days")
    progress = series_of(doc, "progress.o.p", count, seed=31)
    factor = np.diff(progress, axis=1, prepend=0) * 1000
    log = np.log(factor)
    sd = math.log(spread) / stats.norm.ppf(0.9)
    for day in (0, 1, 30, 59):
        assert abs(factor[:, day].mean() - 1) < Z_ALPHA * math.sqrt(math.expm1(sd**2) / count)
        assert abs(math.log(log[:, day].std() / sd)) < Z_ALPHA / math.sqrt(2 * count)
        inside = np.abs(log[:, day] + sd**2 / 2) < math.log(spread)
        assert stats.binomtest(int(inside.sum()), count, 0.8).pvalue > ALPHA
    for lag in (1, 2, 5):
        found = np.corrcoef(log[:, 10], log[:, 10 + lag])[0, 1]
        assert abs(math.atanh(found) - math.atanh(persistence**lag)) < Z_ALPHA / math.sqrt(count - 3)


def test_momentum_has_mean_one_and_is_an_operations_own() -> None:
    """Read off the advance of two operations that nothing else disturbs: constant in a block, and persisting."""
    spread, persistence, count, block = 2.0, 0.7, 1500, 5
    phase = {
        "kind": "contested", "own": "x", "adversary": "y", "depth": "1000 km", "tempo": "1 km/day", "ratio_exponent": 0,
        "top_speed": "900 km/day",
    }  # fmt: skip
    forces = {"x": {"side": "own", "strength": 9}, "y": {"side": "adversary", "strength": 9}}
    momentum = {"spread": spread, "persistence": persistence, "block": f"{block} days"}
    doc = document(
        {"o": {"p": phase}, "other": {"p": phase}}, forces=forces, momentum=momentum, horizon="33 days"
    )
    factor = np.diff(series_of(doc, "progress.o.p", count, seed=33), axis=1, prepend=0) * 1000
    other = np.diff(series_of(doc, "progress.other.p", count, seed=33), axis=1, prepend=0) * 1000
    log = np.log(factor)
    sd = math.log(spread) / stats.norm.ppf(0.9)
    for day in (0, 7, 32):
        first = day // block * block
        assert log[:, day] == pytest.approx(log[:, first], abs=1e-4)
        assert abs(factor[:, day].mean() - 1) < Z_ALPHA * math.sqrt(math.expm1(sd**2) / count)
        assert abs(math.log(log[:, day].std() / sd)) < Z_ALPHA / math.sqrt(2 * count)
        assert abs(np.corrcoef(log[:, day], np.log(other[:, day]))[0, 1]) < Z_ALPHA / math.sqrt(count)
    for lag in (1, 3):
        found = np.corrcoef(log[:, 5], log[:, 5 + lag * block])[0, 1]
        assert abs(math.atanh(found) - math.atanh(persistence**lag)) < Z_ALPHA / math.sqrt(count - 3)


# --- the same bits, however the histories are run ---


@pytest.mark.parametrize("seed", range(6))
def test_chunks_do_not_matter(seed) -> None:
    scenario = read(random_scenario(500 + seed, certain=False))
    model = compile_scenario(scenario)
    plan = compile_plan(model, "plan", scenario.plans["plan"])

    def part(first: int, count: int):
        return simulate(model, plan, seed=seed, first=first, count=count, per_world=3)

    whole = part(0, 40)
    assert whole.histogram is not None and whole.sums is not None
    for cuts in ([0, 7, 8, 29, 40], [0, 39, 40], list(range(41))):
        parts = [part(a, b - a) for a, b in itertools.pairwise(cuts)]
        assert bits(np.vstack([p.outcomes for p in parts])) == bits(whole.outcomes)
        assert (sum(p.histogram for p in parts if p.histogram is not None) == whole.histogram).all()
        assert (sum(p.sums for p in parts if p.sums is not None) == whole.sums).all()
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(part, range(0, 40, 4), [4] * 10))
    assert bits(np.vstack([p.outcomes for p in threads])) == bits(whole.outcomes)
    alone = simulate(model, plan, seed=seed, first=0, count=40, per_world=3, series=False)
    assert bits(alone.outcomes) == bits(whole.outcomes)


def test_the_explained_history_is_the_simulated_one() -> None:
    doc = rich()
    answer = run(doc, count=5, seed=32)
    scenario = read(doc)
    assert {c.name for c in columns(scenario)} == set(answer)
    for r in range(5):
        rows = daily(doc, seed=32, replication=r)
        for name in ("a", "b"):
            assert rows[f"losses.own_{name}"][-1] == answer[f"losses.own_{name}"][r]
            assert rows[f"progress.{name}.p"][-1] == answer[f"progress.{name}.p"][r]
            assert (answer[f"status.{name}.p"][r] == DONE) == (rows[f"progress.{name}.p"][-1] == 1)
