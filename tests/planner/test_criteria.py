"""Statistics of an outcome against closed forms, their intervals against nominal coverage, and how they are written."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.toys import strained
from phaseline.errors import InputError
from phaseline.outcomes.measures import all_measures
from phaseline.planner.criteria import Criterion, parse_criterion, parse_limits, worst_mean

END = all_measures(strained())["end"]
PER_WORLD = 4


def test_statistics_of_a_normal_outcome() -> None:
    """Of N(100, 10): 80 % point 108.416; mean of the worst tenth 100 + 10 phi(1.2816) / 0.1 = 117.550."""
    values = 100 + 10 * stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    np.random.default_rng(1).shuffle(values)
    assert Criterion(END).of(values, PER_WORLD) == pytest.approx(100)
    assert Criterion(END, "quantile", 0.8).of(values, PER_WORLD) == pytest.approx(108.416, abs=0.01)
    assert Criterion(END, "cvar", 0.9).of(values, PER_WORLD) == pytest.approx(117.550, abs=0.01)


def test_over_worlds_chance_is_averaged_out_first() -> None:
    worlds = np.repeat(np.arange(100.0), PER_WORLD)
    luck = np.tile([30.0, -30.0, 5.0, -5.0], 100)
    assert Criterion(END, "quantile", 0.8, over_worlds=True).of(worlds + luck, PER_WORLD) == 79
    assert Criterion(END, "cvar", 0.9, over_worlds=True).of(worlds + luck, PER_WORLD) == pytest.approx(94.5)
    assert Criterion(END, "quantile", 0.8).of(worlds + luck, PER_WORLD) != 79


def test_what_should_be_large_is_turned_round() -> None:
    large = next(one for one in all_measures(strained()).values() if one.better == "low")
    turned = Criterion(type(large)(large.key, large.label, large.unit, "high", large.kind, large.read))
    values = np.arange(40.0)
    assert turned.of(values, PER_WORLD) == -19.5
    assert turned.interval(values, PER_WORLD).value == -19.5
    assert turned.difference(values + 2, values, PER_WORLD).value == -2


@pytest.mark.parametrize(
    "criterion", [Criterion(END, "quantile", 0.8), Criterion(END, "cvar", 0.8)], ids=lambda one: one.key
)
def test_sectioned_intervals_have_nominal_coverage(criterion: Criterion) -> None:
    """Of the statistic and of paired differences; two thirds of the variance is common to a world."""
    rng = np.random.default_rng(7)
    runs, worlds = 400, 512
    z = stats.norm.ppf(0.8)
    truth = z if criterion.statistic == "quantile" else stats.norm.pdf(z) / 0.2
    hits = hits_paired = 0
    for _ in range(runs):
        common = np.repeat(rng.standard_normal(worlds), PER_WORLD)
        values = math.sqrt(2 / 3) * common + math.sqrt(1 / 3) * rng.standard_normal(worlds * PER_WORLD)
        found = criterion.interval(values, PER_WORLD)
        hits += found.low <= truth <= found.high
        other = 1.5 * values + 0.1 * rng.standard_normal(len(values))
        wide = math.sqrt(1.5**2 + 0.1**2)
        paired = criterion.difference(other, values, PER_WORLD)
        hits_paired += paired.low <= (wide - 1) * truth <= paired.high
    assert stats.binomtest(hits, runs, 0.95).pvalue > 1e-4
    assert stats.binomtest(hits_paired, runs, 0.95).pvalue > 1e-4


def test_one_world_has_no_interval() -> None:
    found = Criterion(END, "quantile", 0.5).interval(np.arange(4.0), PER_WORLD)
    assert found.value == 1 and math.isnan(found.low)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60),
    st.floats(0.01, 0.99),
)
def test_the_worst_mean_lies_between_the_quantile_and_the_worst(values: list[float], level: float) -> None:
    array = np.array(values)
    found = worst_mean(array, level)
    quantile = np.quantile(array, level, method="inverted_cdf")
    slack = 1e-6 * (1 + np.abs(array).max())
    assert min(quantile, array.mean()) - slack <= found <= array.max() + slack
    assert found >= array.mean() - slack


def test_criteria_as_written() -> None:
    scenario = strained()
    for text in ("end", "end:p80", "end:cvar90", "end:world-p50", "overstretched"):
        assert parse_criterion(scenario, text).key == text
    assert parse_criterion(scenario, "end:mean").key == "end"
    assert parse_criterion(scenario, "end:p80").label == "80 % point of end of all"
    assert (
        parse_criterion(scenario, "end:world-cvar90").label
        == "mean of the worst 10 % over worlds of end of all"
    )
    assert parse_criterion(scenario, "overstretched").label == "chance of any overstretch"


@pytest.mark.parametrize("text", ["end:p0", "end:p100", "end p80", "end:median", "", "End", "end:"])
def test_criteria_that_say_nothing(text: str) -> None:
    with pytest.raises(InputError):
        parse_criterion(strained(), text)


def test_limits_as_written() -> None:
    first, second = parse_limits(strained(), "overstretched<=10%, end:p80 <= 100")
    assert (first.criterion.key, first.at_most) == ("overstretched", 0.1)
    assert (second.criterion.key, second.at_most) == ("end:p80", 100)
    assert first.label == "chance of any overstretch at most 10 %"
    assert second.label == "80 % point of end of all at most 100 days (2020-04-09)"
    assert parse_limits(strained(), None) == []


def test_all_wrong_limits_are_told_at_once() -> None:
    text = "ends<=3,end=5,end<=soon,end<=-1,overstretched<=30,end:p80<=5,end:p80<=6,end<=nan"
    with pytest.raises(InputError) as caught:
        parse_limits(strained(), text)
    assert [problem.rule for problem in caught.value.problems] == [
        "there is no such outcome", "is not a limit", "cannot be read as a number at 's'", "the limit must be 0 or more",
        "a chance is at most 100 %", "has two limits", "the limit must be 0 or more",
    ]  # fmt: skip


def test_a_limit_that_no_plan_can_break_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_limits(strained(), "end:median<=5,end<=120,end:p80<=2020-04-29")
    rules = [problem.rule for problem in caught.value.problems]
    assert rules[0] == "is not an outcome and a statistic of it"
    assert rules[1:] == ["every plan keeps it, since what never ends counts as the horizon, 120 days"] * 2
