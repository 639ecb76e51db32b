"""Limits of shared assets: sustained and surge output, fair shares against a linear programme, strain, relief."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from engine.histories import History, daily, document, examples, run

FOR_EVER = {"kind": "task", "duration": "3000 days"}


def calls_for(amount: float, **more: Any) -> dict[str, Any]:
    """A task that never ends and calls for so much a day; its pace hangs on what it gets in full, unless said otherwise."""
    return {**FOR_EVER, "demand": {"lorries": f"{amount!r}/day"}, "dependence": {"lorries": 1}, **more}


def shares(
    asset: Mapping[str, Any], *amounts: float, plan: Mapping[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    """Operations a, b, ... with one task ``p`` each, calling for these amounts of one asset."""
    operations = {name: {"p": calls_for(amount)} for name, amount in zip("abcdefgh", amounts, strict=False)}
    return document(
        operations, assets={"lorries": asset}, plans={"base": plan or {}}, **{"horizon": "40 days", **parts}
    )


def on_day(day: int) -> dict[str, str]:
    return {"date": f"2020-01-{day + 1:02d}"}


# --- sustained and surge output ---


def surging(capacity: float, factor: float, days: float) -> dict[str, Any]:
    return {"capacity": f"{capacity!r}/day", "surge_factor": factor, "surge_days": f"{days!r} days"}


def test_permanent_over_demand_flies_the_sustained_rate() -> None:
    """d days at sigma K, then K for ever, to the bit: in the long run the sustained rate."""
    flown = daily(shares(surging(20, 1.75, 4), 90, horizon="400 days"))["flown.lorries"]
    assert (flown[:4] == 35).all()
    assert (flown[4:] == 20).all()


@given(
    st.floats(1, 100),
    st.floats(1, 2.5),
    st.floats(0, 9),
    st.floats(0.1, 3),
    st.floats(0.1, 3),
    st.integers(0, 60),
)
@examples(150)
def test_surge_is_lent_from_the_future(capacity, factor, days, early, late, change) -> None:
    """Whatever is called for: no day above sigma K, no run of n days above n K + d (sigma - 1) K, and a call that never falls
    below K draws exactly that much in the end.
    """
    doc = shares(surging(capacity, factor, days), early * capacity, late * capacity, horizon="160 days")
    doc["plans"]["base"] = {"gates": {"b": {"date": f"2020-{1 + change // 30:02d}-{1 + change % 28:02d}"}}}
    series = daily(doc)
    flown = series["flown.lorries"]
    most = days * (factor - 1) * capacity
    slack = 1e-9 * capacity * len(flown)
    assert flown.max() <= factor * capacity + slack
    total = np.concatenate([[0], np.cumsum(flown)])
    above = total - capacity * np.arange(len(total))
    assert (above - np.minimum.accumulate(above)).max() <= most + slack
    if early >= 1.2 and factor >= 1.2 and most <= 0.2 * capacity * 100:  # drained within 100 days
        assert above[-1] == pytest.approx(most, abs=slack)
        assert np.allclose(flown[100:], capacity, rtol=1e-9)


def test_a_part_of_a_surge_day_is_flown_in_part() -> None:
    flown = daily(shares(surging(10, 2, 2.5), 100))["flown.lorries"]
    assert flown[:5].tolist() == [20, 20, 15, 10, 10]


def test_rest_refills_the_surge() -> None:
    """Day 0-3 surge; 4-7 nothing is called for, which gives back 4 K; so the surge lasts four days again from day 8."""
    doc = document(
        {
            "a": {"p": {**calls_for(99), "duration": "4 days"}},
            "b": {"p": {**calls_for(99), "duration": "9 days"}},
        },
        assets={"lorries": surging(10, 2, 4)},
        plans={"base": {"gates": {"b": on_day(8)}}},
        horizon="20 days",
    )
    for phase in ("a", "b"):
        doc["operations"][phase]["phases"]["p"]["dependence"] = {}
    flown = daily(doc)["flown.lorries"]
    assert flown.tolist() == [20] * 4 + [0] * 4 + [20] * 4 + [10] * 5 + [0] * 3


def test_surge_by_contribution() -> None:
    """P adds up count x mission-capable x surge; without one of its own a contribution surges to sigma x sustained."""
    contributions = [
        {"nation": "one", "asset": "lorries", "count": 10, "mission_capable": 0.5, "sustained": "2/day", "surge": "5/day"},
        {"nation": "two", "asset": "lorries", "count": 4, "sustained": "1.5/day"},
        {"nation": "three", "asset": "lorries", "count": 8, "sustained": "1/day", "departs": "2020-01-02"},
    ]  # fmt: skip
    asset = {"surge_days": "1 day", "surge_factor": 1.5}
    flown = daily(shares(asset, 500, contributions=contributions))["flown.lorries"]
    # day 0: 25 + 9 + 12 against K = 10 + 6 + 8; day 1 without the third: Fmax = 18 and F = 22, so K = 16
    assert flown[:3].tolist() == [46, 16, 16]


def test_surge_only_while_the_plan_has_it() -> None:
    plan = {"relief": [{"action": "surge", "asset": "lorries", "when": on_day(3)}]}
    flown = daily(shares(surging(10, 2, 2), 100, plan=plan))["flown.lorries"]
    assert flown[:8].tolist() == [10, 10, 10, 20, 20, 10, 10, 10]


def test_bad_weather_takes_its_share() -> None:
    doc = shares(surging(10, 2, 2) | {"weather": 0.25}, 100, weather={"bad_share": 1.0})
    series = daily(doc)
    # what the weather keeps down is not surged: the bucket stays empty and every day could surge
    assert (series["flown.lorries"] == 5).all()
    assert np.allclose(series["strain.lorries"], 100 / 2.5)


# --- fair shares ---


def flows(pools: np.ndarray, may: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Pairs (pool, consumer) that are allowed, and the matrix that adds them up by pool."""
    pairs = [(n, c) for n in range(may.shape[0]) for c in range(may.shape[1]) if may[n, c]]
    by_pool = np.array([[float(pair[0] == n) for pair in pairs] for n in range(len(pools))])
    return pairs, by_pool


def solve(objective: np.ndarray, less: np.ndarray, bound: np.ndarray) -> np.ndarray:
    found = linprog(objective, A_ub=less, b_ub=bound, bounds=(0, None), method="highs")
    assert found.status == 0, found.message
    return found.x


def fairest(pools: np.ndarray, may: np.ndarray, wanted: np.ndarray, tier: list[int]) -> np.ndarray:
    """Coverages, tier after tier lexicographically max-min fair, by one linear programme after the other."""
    pairs, by_pool = flows(pools, may)
    by_consumer = np.array([[float(pair[1] == c) for pair in pairs] for c in range(len(wanted))])
    by_consumer = by_consumer.reshape(len(wanted), len(pairs))
    coverage = np.zeros(len(wanted))
    if not pairs:
        return coverage
    settled: set[int] = set()

    def at_least(goal: Mapping[int, float], rising: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Constraints in (flows, level): each consumer gets its goal, those rising the level besides, within the pools."""
        rows = [[*by_pool[n], 0.0] for n in range(len(pools))]
        bounds = list(pools)
        for c in goal:
            rows.append([*(-by_consumer[c]), wanted[c] if c in rising else 0.0])
            bounds.append(-goal[c] * wanted[c] + 1e-12)
            rows.append([*by_consumer[c], 0.0])
            bounds.append(wanted[c])
        return np.array(rows), np.array(bounds)

    level_alone = np.array([0.0] * len(pairs) + [-1.0])
    for now in sorted(set(tier)):
        active = {c for c in range(len(wanted)) if tier[c] == now}
        level = 0.0
        while active:
            goal = {c: coverage[c] for c in settled} | dict.fromkeys(active, level)
            level += solve(level_alone, *at_least(goal, active))[-1]
            goal |= dict.fromkeys(active, level - 1e-10)
            blocked = {c for c in active if solve(level_alone, *at_least(goal, {c}))[-1] <= 1e-8}
            assert blocked
            coverage[list(blocked)] = level
            settled |= blocked
            active -= blocked
    return coverage


@st.composite
def fair_cases(draw: st.DrawFn) -> dict[str, Any]:
    consumers = draw(st.integers(1, 5))
    names = list("abcdefgh"[:consumers])
    everyone = [*names, "elsewhere"]
    amount = st.floats(0.5, 20).map(lambda a: round(a, 2))
    contributions = [
        {
            "nation": f"nation {i}",
            "asset": "lorries",
            "count": 1,
            "sustained": f"{draw(amount)}/day",
            "not_for": draw(st.lists(st.sampled_from(everyone), unique=True, max_size=consumers)),
        }
        for i in range(draw(st.integers(1, 4)))
    ]
    asset: dict[str, Any] = {}
    if draw(st.booleans()):
        asset["elsewhere"] = {"demand": f"{draw(amount)}/day"}
    shuffled = draw(st.permutations(everyone))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=2)))
    tiers = [list(shuffled[i:j]) for i, j in itertools.pairwise([0, *cuts])]
    plan: dict[str, Any] = {"tiers": [t for t in tiers if t]}
    if draw(st.integers(0, 3)) == 0:
        plan["reserves"] = {"lorries": f"{draw(amount)}/day"}
    relief = []
    if draw(st.integers(0, 2)) == 0:
        relief.append({"action": "lend", "asset": "lorries", "amount": f"{draw(amount)}/day"})
    if draw(st.integers(0, 2)) == 0:
        relief.append(
            {
                "action": "reallocate",
                "asset": "lorries",
                "amount": f"{draw(amount)}/day",
                "to": draw(st.sampled_from(names)),
            }
        )
    plan["relief"] = relief
    demands = draw(st.lists(amount, min_size=consumers, max_size=consumers))
    return shares(asset, *demands, plan=plan, contributions=contributions, horizon="9 days")


def reference_case(doc: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int], list[str]]:
    """Pools, caveats, amounts and tiers of the consumers; one that is put first appears twice."""
    plan = doc["plans"]["base"]

    def number(text: str) -> float:
        return float(text.removesuffix("/day"))

    lent = sum(number(r["amount"]) for r in plan.get("relief", []) if r["action"] == "lend")
    first = {r["to"]: number(r["amount"]) for r in plan.get("relief", []) if r["action"] == "reallocate"}
    tier_of = {name: i for i, names in enumerate(plan["tiers"]) for name in names}
    rows: list[tuple[str, float, int]] = []
    for name, operation in doc["operations"].items():
        amount = number(operation["phases"]["p"]["demand"]["lorries"])
        early = min(first.get(name, 0.0), amount)
        rows += [(name, early, -1), (name, amount - early, tier_of.get(name, 99))]
    asset = doc["assets"]["lorries"]
    if "elsewhere" in asset:
        rows.append(("elsewhere", number(asset["elsewhere"]["demand"]), tier_of.get("elsewhere", 99)))
    rows = [row for row in rows if row[1] > 0]
    given_by = [number(c["sustained"]) * c["count"] for c in doc["contributions"]]
    pools = np.array([*given_by, lent])
    pools *= max(0.0, pools.sum() - number(plan.get("reserves", {}).get("lorries", "0/day"))) / pools.sum()
    may = np.array(
        [[row[0] not in c["not_for"] for row in rows] for c in doc["contributions"]] + [[True] * len(rows)]
    )
    return pools, may, np.array([row[1] for row in rows]), [row[2] for row in rows], [row[0] for row in rows]


def served(doc: Mapping[str, Any], *, as_if_caveats: bool = False) -> dict[str, float]:
    """What the engine gives each consumer on day 0."""
    history = History(doc)
    if as_if_caveats:
        history.T.asset.caveats[0] = 1
    history.day()
    got = dict(zip(doc["operations"], history.S.demand.served.tolist(), strict=True))
    return got | {"elsewhere": float(history.S.asset.elsewhere_served[0])}


@given(fair_cases())
@examples(200)
def test_shares_are_the_fairest_that_caveats_allow(doc) -> None:
    """To 1e-7 of what a sequence of linear programmes gives; and nobody could get more unless another got less."""
    pools, may, wanted, tier, names = reference_case(doc)
    coverage = fairest(pools, may, wanted, tier)
    expected = dict.fromkeys([*doc["operations"], "elsewhere"], 0.0)
    for name, amount, share in zip(names, wanted, coverage, strict=True):
        expected[name] += amount * share
    got = served(doc)
    total = {name: sum(a for n, a in zip(names, wanted, strict=True) if n == name) for name in expected}
    for name, amount in expected.items():
        assert abs(got[name] - amount) <= 1e-7 * max(total[name], 1.0), (name, got, expected)
    # the largest sum of what all get, when nobody may get less than he has
    pairs, by_pool = flows(pools, may)
    if pairs:
        everyone = list(total)
        by_name = np.array([[float(names[c] == name) for _, c in pairs] for name in everyone])
        less = np.vstack([by_pool, -by_name, by_name])
        bound = np.concatenate(
            [pools, [1e-9 - got[n] for n in everyone], [total[n] + 1e-9 for n in everyone]]
        )
        best = -linprog(-np.ones(len(pairs)), A_ub=less, b_ub=bound, method="highs").fun
        assert best <= sum(got.values()) + 1e-6


@given(fair_cases())
@examples(150)
def test_the_short_way_without_caveats_gives_the_same(doc) -> None:
    for contribution in doc["contributions"]:
        contribution["not_for"] = []
    short, long = served(doc), served(doc, as_if_caveats=True)
    for name, amount in short.items():
        assert amount == pytest.approx(long[name], rel=1e-12, abs=1e-12)


def test_three_consumers_by_hand() -> None:
    """One may use only the small pool, the two others both: the first is stuck at 4 / 10, the others share the 12 by call."""
    contributions = [
        {"nation": "small", "asset": "lorries", "count": 1, "sustained": "4/day"},
        {"nation": "large", "asset": "lorries", "count": 1, "sustained": "12/day", "not_for": ["a"]},
    ]
    got = served(shares({}, 10, 5, 15, contributions=contributions))
    assert got == pytest.approx({"a": 4, "b": 3, "c": 9, "elsewhere": 0})
    # in a tier of their own the others may take all they want, and leave nothing
    doc = shares({}, 10, 5, 15, contributions=contributions, plan={"tiers": [["b", "c"]]})
    assert served(doc) == pytest.approx({"a": 0, "b": 4, "c": 12, "elsewhere": 0})
    # a call that no pool is open to gets nothing, and takes nothing
    contributions[0]["not_for"] = ["a"]
    got = served(shares({}, 10, 5, 15, contributions=contributions))
    assert got == pytest.approx({"a": 0, "b": 4, "c": 12, "elsewhere": 0})


# --- strain ---


def test_strain_by_hand() -> None:
    """Essential: 6 a day elsewhere, from day 2 also half of 12; over three days; of a capacity of 10."""
    doc = shares({"capacity": "10/day", "elsewhere": {"demand": "8/day", "essential": 0.75, "cost": 2}}, 12)
    doc["operations"]["a"]["phases"]["p"]["demand"]["lorries"] = {"base": "12/day", "essential": 0.5}
    doc["plans"]["base"] = {"gates": {"a": on_day(2)}}
    doc["overstretch"] = {"above": 1, "lasts": "2 days", "window": "3 days"}
    doc["horizon"] = "9 days"
    series = daily(doc)
    assert series["strain.lorries"] == pytest.approx([0.6, 0.6, 0.8, 1, *[1.2] * 5])
    answer = run(doc)
    assert answer["binds.lorries"][0] == 4
    assert answer["overstretched.lorries"][0] == 5
    assert answer["peak_strain.lorries"][0] == pytest.approx(1.2)
    assert answer["first_binding"][0] == 0
    # from day 2 all get half of what they call for; 2 of the 6 essential ones elsewhere are uncovered, at 2 each
    assert answer["flown.lorries"][0] == pytest.approx(2 * 8 + 7 * 10)
    assert answer["unmet.lorries"][0] == pytest.approx(7 * 6)
    assert answer["unmet_elsewhere.lorries"][0] == pytest.approx(7 * 4)
    assert answer["elsewhere_cost"][0] == pytest.approx(7 * 2 * 2)
    assert series["coverage.lorries"][2:] == pytest.approx([0.5] * 7)


def test_strain_against_what_the_weather_leaves_on_average() -> None:
    """Kbar = K (1 - b (1 - weather)), whatever the weather of the day."""
    doc = shares({"capacity": "10/day", "weather": 0.5}, 9, weather={"bad_share": 0.4})
    assert daily(doc)["strain.lorries"] == pytest.approx([9 / 8] * 40)


def test_a_spell_too_short_does_not_bind() -> None:
    doc = shares({"capacity": "10/day"}, 12, overstretch={"above": 1, "lasts": "5 days", "window": "1 day"})
    for duration, binds, days in ((4, math.nan, 0), (5, 0, 5)):
        phase = doc["operations"]["a"]["phases"]["p"]
        phase |= {"duration": f"{duration} days", "dependence": {}}
        answer = run(doc)
        assert answer["overstretched.lorries"][0] == days
        assert np.array_equal(answer["binds.lorries"], [binds], equal_nan=True)


def test_demand_without_capacity_is_infinite_strain() -> None:
    contribution = {"nation": "one", "asset": "lorries", "count": 5, "departs": "2020-01-05"}
    doc = shares({}, 4, contributions=[contribution], overstretch={"lasts": "3 days", "window": "2 days"})
    strain = daily(doc)["strain.lorries"]
    assert strain[:4] == pytest.approx([0.8] * 4)
    assert np.isinf(strain[4:]).all()
    answer = run(doc)
    assert answer["binds.lorries"][0] == 4
    assert np.isinf(answer["peak_strain.lorries"][0])
    assert answer["overstretched.lorries"][0] == 36
    assert answer["flown.lorries"][0] == 16


def test_strain_of_whole_assets_is_units_wanted() -> None:
    task = {"kind": "task", "duration": "4 days", "demand": {"cranes": 2}}
    doc = document(
        {"a": {"p": task}, "b": {"p": task}, "c": {"p": task}},
        assets={"cranes": {"sharing": "whole", "units": 3}},
        overstretch={"window": "1 day", "lasts": "1 day"},
        horizon="15 days",
    )
    assert daily(doc)["strain.cranes"] == pytest.approx([2] * 4 + [4 / 3] * 4 + [2 / 3] * 4 + [0] * 3)
    assert run(doc)["overstretched.cranes"][0] == 8


# --- what a plan can do about it ---


def test_transfer_and_pre_positioning() -> None:
    """Three days without, unless pre-positioned; what is pre-positioned stands idle until the phase opens."""
    doc = shares({"capacity": "10/day", "transfer": "3 days"}, 10, 10, horizon="9 days")
    doc["plans"]["base"] = {"gates": {"b": on_day(4)}, "tiers": [["b"]]}
    flown = daily(doc)["flown.lorries"]
    assert flown.tolist() == [0, 0, 0, 10, 10, 10, 10, 10, 10]
    assert daily(doc)["support.b.p"].tolist() == [1, 1, 1, 1, 0, 0, 0, 1, 1]
    doc["plans"]["base"]["relief"] = [
        {"action": "pre_position", "asset": "lorries", "amount": "4/day", "to": "b", "cost": 1}
    ]
    series = daily(doc)
    assert series["flown.lorries"].tolist() == [0, 0, 0, 6, 10, 10, 10, 10, 10]
    assert series["support.b.p"] == pytest.approx([1, 1, 1, 1, 0.4, 0.4, 0.4, 1, 1])
    assert series["support.a.p"] == pytest.approx([0, 0, 0, 0.6, 0.6, 0.6, 0.6, 0, 0])
    assert run(doc)["relief_cost"][0] == pytest.approx(9 * 4)


def test_lends_are_open_to_all_and_do_not_surge() -> None:
    contribution = {"nation": "one", "asset": "lorries", "count": 10, "not_for": ["b"]}
    lend = {"action": "lend", "asset": "lorries", "amount": "6/day", "when": on_day(2), "delay": "1 day", "lasts": "3 days",
            "cost": 5}  # fmt: skip
    doc = shares(
        {"surge_days": "99 days", "surge_factor": 2}, 40, 40, contributions=[contribution], horizon="9 days"
    )
    doc["plans"]["base"] = {"relief": [lend]}
    series = daily(doc)
    assert series["flown.lorries"] == pytest.approx([20, 20, 20, 26, 26, 26, 20, 20, 20])
    # the second may draw on the lends alone; each pool gives k A / K, here 6 x 26 / 16
    assert series["support.b.p"] == pytest.approx([0, 0, 0, *[6 * 26 / 16 / 40] * 3, 0, 0, 0])
    assert run(doc)["relief_cost"][0] == pytest.approx(3 * 6 * 5)


def test_a_reserve_is_idle_until_it_is_freed() -> None:
    plan = {
        "reserves": {"lorries": "1/day"},
        "relief": [{"action": "reserve", "asset": "lorries", "amount": "3/day", "release": on_day(4)}],
    }
    assert daily(shares({"capacity": "10/day"}, 50, plan=plan, horizon="7 days"))["flown.lorries"].tolist() == [
        6, 6, 6, 6, 9, 9, 9,
    ]  # fmt: skip
    plan["reserves"]["lorries"] = "99/day"
    assert (daily(shares({"capacity": "10/day"}, 50, plan=plan))["flown.lorries"] == 0).all()


def test_reallocation_comes_before_all_tiers() -> None:
    """Of 10: the first 6 to b, whatever the tiers say; then a. Of an operation, its phases in file order."""
    plan = {
        "tiers": [["a"]],
        "relief": [{"action": "reallocate", "asset": "lorries", "amount": "6/day", "to": "b"}],
    }
    got = served(shares({"capacity": "10/day"}, 8, 8, plan=plan))
    assert got == pytest.approx({"a": 4, "b": 6, "elsewhere": 0})
    doc = shares({"capacity": "10/day"}, 8, 4, plan=plan)
    doc["operations"]["b"]["phases"]["q"] = {**calls_for(8), "after": []}
    history = History(doc)
    history.day()
    assert history.S.demand.served.tolist() == pytest.approx([4, 4, 2])


def test_below_its_minimum_coverage_a_phase_does_not_go_but_is_served() -> None:
    task = {"duration": "6 days", "dependence": {}, "minimum_coverage": {"lorries": 0.5}}
    doc = document(
        {"a": {"p": calls_for(10, **task)}}, assets={"lorries": {"capacity": "4/day"}}, horizon="30 days"
    )
    doc["plans"]["base"] = {
        "relief": [{"action": "lend", "asset": "lorries", "amount": "1/day", "when": on_day(7)}]
    }
    answer = run(doc)
    assert answer["end.a.p"][0] == 13
    assert answer["flown.lorries"][0] == pytest.approx(7 * 4 + 6 * 5)


@pytest.mark.parametrize(
    ("elastic", "exponent", "end"), [(1.0, 1.0, 25), (1.5, 1.0, 17), (3.0, 1.0, 10), (1.0, 2.0, 63)]
)
def test_effects_per_unit_may_rise_when_short(elastic, exponent, end) -> None:
    """Coverage 4 / 10; effective min(1, elastic x 0.4); ten days of work at its power, in whole days."""
    task = calls_for(10, duration="10 days", support_exponent=exponent)
    doc = document({"a": {"p": task}}, assets={"lorries": {"capacity": "4/day", "elastic": elastic}})
    assert run(doc)["end.a.p"][0] == end
    assert run(doc)["flown.lorries"][0] == pytest.approx(4 * end)


def test_support_is_a_product() -> None:
    doc = shares({"capacity": "5/day"}, 10)
    doc["assets"]["guns"] = {"capacity": "2/day"}
    phase = doc["operations"]["a"]["phases"]["p"]
    phase["demand"] = {"lorries": "10/day", "guns": "10/day"}
    phase["dependence"] = {"lorries": 0.6, "guns": 0.5}
    assert daily(doc)["support.a.p"] == pytest.approx([(1 - 0.6 * 0.5) * (1 - 0.5 * 0.8)] * 40)
