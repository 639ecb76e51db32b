"""Rival plans on common random numbers: coverage of the paired interval, what pairing saves, dominance, ties, shares."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import phaseline.outcomes.comparison as comparison
from outcomes import made
from phaseline.errors import InputError
from phaseline.outcomes.comparison import chance_left, compare
from phaseline.outcomes.results import Outcomes

PER_WORLD = 4


def _two(ends: dict[str, Any], **columns: dict[str, Any]) -> Outcomes:
    """The campaign with the ends of the north (and further columns) set, plan by plan."""
    base = made.campaign_values()
    count = len(base["end.north"])
    values = {}
    for plan in ("both", "wait"):
        end = np.broadcast_to(np.asarray(ends[plan], dtype=float), count)
        values[plan] = {**base, "end.north": end, "end": end, **columns.get(plan, {})}
    return made.outcomes_of(made.CAMPAIGN, values, count)


def _pair(outcomes: Outcomes) -> dict[str, Any]:
    (pair,) = compare(outcomes)["pairs"]
    assert (pair["plan"], pair["against"]) == ("wait", "both")
    return pair  # type: ignore[no-any-return]


def test_differences_are_those_of_the_histories() -> None:
    outcomes = made.campaign()
    told = _pair(outcomes)["outcomes"]["losses"]
    paired = outcomes.column("wait", "losses.army") - outcomes.column("both", "losses.army")
    assert told["difference"]["value"] == pytest.approx(paired.mean())
    assert told["median_difference"]["value"] == pytest.approx(np.median(paired))


def test_paired_intervals_have_nominal_coverage() -> None:
    """1,000 runs of 60 worlds; worlds share an effect, histories add luck of both plans. Exact binomial at one in a million."""
    rng = np.random.default_rng(42)
    runs, worlds, truth, hits = 1000, 60, 3.0, 0
    for _ in range(runs):
        common = np.repeat(20 * rng.standard_normal(worlds), PER_WORLD) + 10 * rng.standard_normal(
            worlds * PER_WORLD
        )
        effect = np.repeat(4 * rng.standard_normal(worlds), PER_WORLD)
        base = 100 + common + 3 * rng.standard_normal(len(common))
        other = base + truth + effect + 2 * rng.standard_normal(len(common))
        interval = comparison.mean_interval(other - base, PER_WORLD)
        hits += interval.low <= truth <= interval.high
    assert stats.binomtest(hits, runs, 0.95).pvalue > 1e-6
    # the test can fail: intervals that take histories for independent cover far too rarely
    assert stats.binomtest(round(0.88 * runs), runs, 0.95).pvalue < 1e-6


def test_what_pairing_saves_is_the_ratio_of_variances() -> None:
    """Independent runs: 2 s2; paired: 2 s2 (1 - r). With r = 0.9 pairing saves tenfold."""
    rng = np.random.default_rng(1)
    count = 1024
    shared, one, two = rng.standard_normal((3, count))
    r = 0.9
    both = 100 + 10 * (math.sqrt(r) * shared + math.sqrt(1 - r) * one)
    wait = 100 + 10 * (math.sqrt(r) * shared + math.sqrt(1 - r) * two)
    ratio = _pair(_two({"both": both, "wait": wait}))["outcomes"]["end.north"]["variance_ratio"]
    assert ratio == pytest.approx(1 / (1 - r), rel=0.2)
    constant = _pair(_two({"both": 80.0, "wait": 90.0}))["outcomes"]["end.north"]
    assert constant["variance_ratio"] is None and constant["difference"]["value"] == 10


def test_share_of_worlds_averages_chance_out_and_sets_ties_apart() -> None:
    worlds = np.repeat(np.arange(256), PER_WORLD)
    luck = np.tile([30.0, -30.0, 10.0, -10.0], 256)  # sums to nothing in every world
    gain = np.select([worlds < 64, worlds < 128], [-5.0, 0.0], 5.0) + np.where(
        (worlds >= 64) & (worlds < 128), 0.0, luck
    )
    told = _pair(_two({"both": 100.0, "wait": 100.0 + gain}))["outcomes"]["end.north"]
    assert told["better"]["value"] == 64 / 256
    assert told["equal"]["value"] == 64 / 256
    assert told["better"]["low"] < 0.25 < told["better"]["high"]


def test_how_much_of_the_world_means_is_chance() -> None:
    rng = np.random.default_rng(7)
    ignorance = np.repeat(rng.standard_normal(4000), PER_WORLD)
    chance = rng.standard_normal(len(ignorance))
    assert chance_left(chance, PER_WORLD) == pytest.approx(1.0, abs=0.05)
    assert chance_left(ignorance, PER_WORLD) == pytest.approx(0.0, abs=1e-9)
    # equal variances: means vary by 1 + 1/4, a fifth of it chance
    assert chance_left(ignorance + chance, PER_WORLD) == pytest.approx(0.2, abs=0.02)
    assert math.isnan(chance_left(np.ones(64), PER_WORLD))


def test_dominance_needs_one_sure_gain_and_no_possible_loss() -> None:
    better = _pair(_two({"both": 100.0, "wait": 80.0}))
    assert better["dominates"] and not better["dominated"] and not better["near_tie"]
    worse = _pair(_two({"both": 80.0, "wait": 100.0}))
    assert worse["dominated"] and not worse["dominates"]
    mixed = _pair(
        _two({"both": 100.0, "wait": 80.0}, wait={"losses.army": 9000.0}, both={"losses.army": 4000.0})
    )
    assert not mixed["dominates"] and not mixed["dominated"] and not mixed["near_tie"]


def test_differences_too_small_to_matter_are_near_ties() -> None:
    assert _pair(_two({"both": 100.0, "wait": 100.0}))["near_tie"]
    assert _pair(_two({"both": 100.0, "wait": 102.0}))["near_tie"]  # 2 %
    assert not _pair(_two({"both": 100.0, "wait": 108.0}))["near_tie"]
    # no evidence is no tie: the interval reaches beyond the band
    swings = np.repeat(np.where(np.arange(256) % 2 == 0, 90.0, -90.0), PER_WORLD)
    noisy = _pair(_two({"both": 100.0, "wait": 100.0 + swings}))
    assert not noisy["near_tie"] and not noisy["dominates"] and not noisy["dominated"]


def test_one_plan_has_no_pairs() -> None:
    document = compare(made.project())
    assert document["pairs"] == [] and document["outcomes"]


class TestJoint:
    def test_all_conditions_in_one_and_the_same_history(self) -> None:
        half = np.arange(1024) % 2 == 0
        outcomes = _two(
            {"both": np.where(half, 50.0, 150.0), "wait": np.where(half, 50.0, 150.0)},
            both={"losses.army": np.where(half, 9000.0, 10.0)},
            wait={"losses.army": np.where(half, 10.0, 9000.0)},
        )
        told = compare(outcomes, "end.north<=2020-04-30,losses<=100")["joint"]
        for plan, together in (("both", 0.0), ("wait", 0.5)):
            assert [each["value"] for each in told["each"][plan]] == [0.5, 0.5]
            assert told["plans"][plan]["value"] == together
        assert next(one["label"] for one in told["conditions"]) == "Northtown done by 2020-04-30"

    def test_the_last_day_counts(self) -> None:
        outcomes = _two({"both": 30.0, "wait": 31.0})  # day 0 is 1 March: time 30 is the end of 30 March
        told = compare(outcomes, "end.north<=2020-03-30")["joint"]["plans"]
        assert told["both"]["value"] == 1.0 and told["wait"]["value"] == 0.0
        days = compare(outcomes, "end.north<=30")["joint"]["plans"]
        assert days["both"]["value"] == 1.0 and days["wait"]["value"] == 0.0

    def test_what_never_ends_is_not_finished_by_the_horizon(self) -> None:
        outcomes = _two({"both": np.nan, "wait": 100.0})
        told = compare(outcomes, "end.north<=200")["joint"]["plans"]
        assert told["both"]["value"] == 0.0 and told["wait"]["value"] == 1.0

    def test_default_conditions_are_all_five(self) -> None:
        told = compare(made.campaign())["joint"]
        assert [one["outcome"] for one in told["conditions"]] == [
            "end",
            "losses",
            "person_days",
            "overstretched",
            "failed",
        ]
        for plan, value in told["plans"].items():
            assert value["value"] <= min(each["value"] for each in told["each"][plan])

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("end.nroth<=50", "end.north"),
            ("end.north=50", "is not a limit"),
            ("losses<=soon", "cannot be read as a number"),
            ("losses<=2020-05-01", "a date is no limit"),
            ("losses<=-1", "0 or more"),
            ("losses<=nan", "0 or more"),
            ("end.north<=2031-01-01", "outside the run"),
            ("end.north<=2019-01-01", "outside the run"),
            ("end.north<=900", "beyond the horizon"),
            ("losses<=5,losses<=6", "two limits"),
        ],
    )
    def test_wrong_conditions_are_told(self, text: str, said: str) -> None:
        with pytest.raises(InputError, match=said):
            compare(made.campaign(), text)

    def test_all_wrong_conditions_are_told_at_once(self) -> None:
        with pytest.raises(InputError) as caught:
            compare(made.campaign(), "ends<=5,losses<=x,end.north=3")
        assert len(caught.value.problems) == 3
