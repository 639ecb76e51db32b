"""Updating with reports: against closed forms, by what must not matter, and by what must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import phaseline
from learning.campaigns import SMALL, START, report, small
from phaseline.execution.particles import Particles
from phaseline.learning.decisions import as_decided
from phaseline.learning.observations import DEFAULTS, Observations
from phaseline.learning.sampler import State
from phaseline.learning.updating import _counts_from_before, forecast, posterior, spread, update
from phaseline.scenario.schema import Scenario

SETTINGS = {"seed": 1, "threads": 2}


def numbers(found, name: str) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Posterior draws of a number."""
    return found.particles.values(found.sample.state.scores, (name,))[:, 0]


def test_without_reports_the_posterior_is_the_prior() -> None:
    scenario = small()
    found = posterior(scenario, "together", scenario.plans["together"], [], num_particles=800, **SETTINGS)
    pace = numbers(found, "pace")
    assert np.median(pace) == pytest.approx(40.0, rel=0.1)
    assert found.known_until == -1
    ahead, _ = forecast(found, futures=1)
    assert len(ahead.columns["end.coast"]) == 800


def test_progress_tells_the_pace_and_the_forecast() -> None:
    scenario = small()
    slow, fast = (
        posterior(
            scenario, "together", scenario.plans["together"],
            [report(10, value, speaker="a"), report(15, 1.5 * value, speaker="b")], num_particles=600, **SETTINGS,
        )
        for value in (0.15, 0.45)
    )  # fmt: skip
    assert np.median(numbers(slow, "pace")) > 1.5 * np.median(numbers(fast, "pace"))
    ends = [np.nanmedian(forecast(one)[0].columns["end.coast"]) for one in (slow, fast)]
    assert ends[0] > ends[1] + 15


def test_a_second_report_of_one_speaker_counts_for_less_than_of_another() -> None:
    """A speaker's bias is shared by his reports: saying it twice does not make it twice as sure."""
    scenario = small()
    found = [
        posterior(
            scenario, "together", scenario.plans["together"],
            [report(14, 0.3, speaker="a", line=k) if same else report(14, 0.3, speaker=f"s{k}", line=k) for k in range(6)],
            num_particles=800, **SETTINGS,
        )
        for same in (True, False)
    ]  # fmt: skip
    spreads = []
    for one in found:
        watch = one.particles.watch(one.sample.state.scores, one.sample.state.luck, np.array([14]))
        spreads.append(watch.series["progress.coast.supply"][:, 0].std())
    assert spreads[0] > 1.5 * spreads[1]


def test_the_likelihood_is_the_joint_normal_of_a_speaker() -> None:
    """Report by report with the bias integrated out is the same as all at once with a common variance."""
    from scipy import stats

    scenario = small()
    reports = [report(10, 0.3), report(20, 0.5), report(30, 0.8)]
    observations = Observations(scenario, reports)
    particles = Particles(scenario, "together", scenario.plans["together"], seed=1, threads=1)
    scores = np.random.default_rng(1).standard_normal((20, len(particles.scores)))
    watch = particles.watch(scores, np.arange(20), observations.days)
    found = observations.log_likelihood(watch).sum(axis=1)
    model = DEFAULTS["progress"]
    covariance = model.error**2 * np.eye(3) + model.bias**2
    residuals = np.array([0.3, 0.5, 0.8]) - observations.expected(watch)
    assert found == pytest.approx(stats.multivariate_normal.logpdf(residuals, np.zeros(3), covariance))


def test_the_bias_learned_is_the_conjugate_posterior() -> None:
    scenario = small()
    observations = Observations(scenario, [report(10, 0.9), report(20, 0.95)])
    particles = Particles(scenario, "together", scenario.plans["together"], seed=1, threads=1)
    scores = np.zeros((1, len(particles.scores)))
    watch = particles.watch(scores, np.zeros(1, dtype=np.int64), observations.days)
    (mean, deviation) = observations.biases(watch)["press", "progress"]
    model = DEFAULTS["progress"]
    residuals = np.array([0.9, 0.95]) - observations.expected(watch)[0]
    precision = 1 / model.bias**2 + 2 / model.error**2
    assert mean[0] == pytest.approx(residuals.sum() / model.error**2 / precision)
    assert deviation == pytest.approx(precision**-0.5)


def test_threads_change_no_bit() -> None:
    scenario = small()
    reports = [report(10, 0.3), report(20, 0.5)]
    one, two = (
        posterior(
            scenario,
            "together",
            scenario.plans["together"],
            reports,
            seed=3,
            threads=threads,
            num_particles=300,
        )
        for threads in (1, 2)
    )
    assert (one.sample.state.scores == two.sample.state.scores).all()
    assert (one.sample.state.luck == two.sample.state.luck).all()


def test_a_posterior_can_be_continued() -> None:
    """Taken in at once or one after the other: the same posterior, up to chance."""
    scenario = small()
    plan = scenario.plans["together"]
    reports = [report(10, 0.2), report(20, 0.45, speaker="b")]
    first = posterior(scenario, "together", plan, reports[:1], num_particles=1500, **SETTINGS)
    second = posterior(scenario, "together", plan, reports, num_particles=1500, after=first, **SETTINGS)
    at_once = posterior(scenario, "together", plan, reports, num_particles=1500, **SETTINGS)
    assert len(second.sample.reports) == 1
    for name in ("pace", "fleet", "share"):
        a, b = numbers(second, name), numbers(at_once, name)
        assert a.mean() == pytest.approx(b.mean(), abs=4 * b.std() * (2 / 1000) ** 0.5)


def test_the_past_stays_and_the_future_is_new() -> None:
    scenario = phaseline.load("mosul-raqqa-2016")
    particles = Particles(scenario, "overlap", scenario.plans["overlap"], seed=1, threads=1)
    scores = np.random.default_rng(2).standard_normal((50, len(particles.scores)))
    luck, other = np.arange(50), np.arange(50) + 1000
    days = np.array([10, 19, 30, 150])
    plain = particles.watch(scores, luck, days)
    branched = particles.watch(scores, luck, days, branch=20, branch_luck=other)
    for name in plain.series:
        assert (plain.series[name][:, :2] == branched.series[name][:, :2]).all()
    # on day 30 a history whose operations are all suspended may still look the same; on day 150 none does
    differ = [
        (plain.series[name][:, 2:] != branched.series[name][:, 2:]).any(axis=1) for name in plain.series
    ]
    assert np.any(differ, axis=0).all()


class TestDecisions:
    def test_a_reported_start_is_a_gate(self) -> None:
        scenario = small()
        plan = as_decided(scenario.plans["together"], [report(12, 1.0, "valley.supply", "started")])
        assert plan.gates["valley.supply"].date is not None
        found = posterior(
            scenario, "together", scenario.plans["together"], [report(12, 1.0, "valley.supply", "started")],
            num_particles=100, **SETTINGS,
        )  # fmt: skip
        assert (forecast(found)[0].columns["start.valley.supply"] == 12.0).all()

    def test_what_has_not_started_waits_for_the_next_day(self) -> None:
        scenario = small()
        found = posterior(
            scenario, "together", scenario.plans["together"], [report(25, 1.0, "valley.supply", "not_started")],
            num_particles=100, **SETTINGS,
        )  # fmt: skip
        assert (forecast(found)[0].columns["start.valley.supply"] == 26.0).all()

    def test_other_gates_are_kept(self) -> None:
        scenario = small()
        plan = as_decided(scenario.plans["in_turn"], [report(5, 1.0, "valley.supply", "not_started")])
        gate = plan.gates["valley.supply"]
        assert gate.all is not None
        assert gate.all[0] == scenario.plans["in_turn"].gates["valley.supply"]

    def test_without_such_reports_the_plan_is_the_same(self) -> None:
        plan = small().plans["together"]
        assert as_decided(plan, [report(5, 0.5), report(5, 1.0, "coast", "finished")]) is plan


class TestEvents:
    def test_an_end_is_held_against_histories(self) -> None:
        scenario = small()
        found = posterior(
            scenario, "together", scenario.plans["together"], [report(40, 1.0, "coast.supply", "finished")],
            num_particles=600, **SETTINGS,
        )  # fmt: skip
        ends = forecast(found)[0].columns["end.coast.supply"]
        assert np.nanmedian(ends) == pytest.approx(40.5, abs=6)

    def test_what_has_not_ended_ends_later(self) -> None:
        scenario = small()
        found = posterior(
            scenario, "together", scenario.plans["together"], [report(70, 1.0, "coast.supply", "not_finished")],
            num_particles=600, **SETTINGS,
        )  # fmt: skip
        ends = np.nan_to_num(forecast(found)[0].columns["end.coast.supply"], nan=200.0)
        assert (ends > 65).mean() > 0.9


class TestDocument:
    def update(self, *reports, **more):  # type: ignore[no-untyped-def]
        scenario = small()
        return update(
            scenario, scenario.plans, "together", list(reports), num_particles=300, **SETTINGS, **more
        )[1]

    def test_it_tells_before_and_after(self) -> None:
        told = []
        document = self.update(
            report(10, 0.1), report(20, 0.2), progress=lambda done, of: told.append((done, of))
        )
        ends = {row["key"]: row for row in document["forecasts"]}
        assert ends["end.coast"]["after"]["p50"] > ends["end.coast"]["before"]["p50"]
        assert [row["line"] for row in document["reports"]] == [10, 20]
        moved = {row["name"]: row for row in document["numbers"]}
        assert moved["pace"]["moved"] > 0.5
        assert document["numbers"][0]["name"] == "pace"
        assert 0.0 < moved["pace"]["narrowed"] < 1.0
        assert told[-1] == (2, 2)

    def test_an_impossible_report_is_called_out(self) -> None:
        document = self.update(report(3, 0.99), report(4, 0.5, speaker="b"), report(5, 0.5, speaker="c"))
        assert any("all but impossible" in text and "line 3" in text for text in document["warnings"])

    @pytest.mark.parametrize(
        "stock", [None, {"low": "20 k people", "high": "90 k people", "assumed": "wide"}]
    )
    def test_people_displaced_before_the_start_are_a_stock_not_an_error_of_the_speaker(self, stock) -> None:
        """Three counts of 52,000 and a few hundred more a day; nobody in the model flees."""
        people = {"flee": 0} | ({} if stock is None else {"displaced": {"coast": "$fled"}})
        numbers = SMALL["numbers"] | ({} if stock is None else {"fled": stock})
        scenario = Scenario.model_validate(SMALL | {"people": people, "numbers": numbers})
        reports = [report(day, 52_000 + 300 * day, "coast", "displaced", "agency") for day in (1, 5, 9)]
        document = update(scenario, scenario.plans, "together", reports, num_particles=600, **SETTINGS)[1]
        (bias,) = document["biases"]
        hints = [text for text in document["warnings"] if "people: {displaced: {coast: [low, high]}}" in text]
        if stock is None:
            assert bias["value"] > 1.0
            assert len(hints) == 1 and "line 1: no history has even half as many" in hints[0]
            return
        assert not hints
        assert bias["low"] < 0.0 < bias["high"] and abs(bias["value"]) < 0.1
        moved = {row["name"]: row for row in document["numbers"]}
        assert moved["fled"]["after"]["p10"] < 53_000 < moved["fled"]["after"]["p90"]
        assert moved["fled"]["narrowed"] > 0.2

    def test_what_was_lost_before_the_start_is_named_too(self) -> None:
        """Dead of before day 0 have no stock in a scenario: the remedy is another."""
        dead = report(3, 900, "own", "killed", "agency")
        told = _counts_from_before(dead, np.array([0.0, 300.0]), START, False)
        assert told is not None and "subtract what came before" in told
        assert _counts_from_before(dead, np.array([0.0, 500.0]), START, False) is None
        fled = report(3, 900, "coast", "displaced", "agency")
        for said, remedy in ((False, "people: {displaced: {coast: [low, high]}}"), (True, "may say too few")):
            assert remedy in (_counts_from_before(fled, np.array([0.0, 300.0]), START, said) or "")
        assert _counts_from_before(report(3, 0.9), np.array([0.1]), START, False) is None

    def test_few_reports_are_called_out(self) -> None:
        assert any("only 1 report:" in text for text in self.update(report(10, 0.3))["warnings"])

    def test_plans_are_compared_on_the_same_histories(self) -> None:
        document = self.update(report(10, 0.3))
        rows = {row["plan"]: row for row in document["plans"]}
        assert set(rows) == {"together", "in_turn"}
        assert rows["together"]["after"]["end"]["value"] < rows["in_turn"]["after"]["end"]["value"]
        assert document["recommended"]["after"] == "together"
        assert not document["recommended"]["changed"]

    def test_the_recommendation_can_change(self) -> None:
        from phaseline.learning.updating import _recommended

        def row(plan: str, before: float, after: float) -> dict:
            worth = {
                when: {"end": {"value": v, "low": v - 1, "high": v + 1}}
                for when, v in (("before", before), ("after", after))
            }
            return {"plan": plan, **worth}

        told = _recommended([row("a", 10, 30), row("b", 20, 20), row("c", 40, 20.5)])
        assert told == {
            "by": "end", "before": "a", "after": "b", "as_good_before": ["a"], "as_good_after": ["b", "c"], "changed": True,
        }  # fmt: skip

    def test_poor_particles_are_called_out(self) -> None:
        from phaseline.learning.updating import _degeneracy

        scenario = small()
        found = posterior(
            scenario, "together", scenario.plans["together"], [report(d, 0.3) for d in (10, 11, 12)], num_particles=100,
            **SETTINGS,
        )  # fmt: skip
        poor = replace(found, sample=replace(found.sample, distinct=0.05))
        assert any("distinct" in text for text in _degeneracy(poor))
        stuck = replace(found.sample.reports[-1], acceptance=0.001)
        poor = replace(found, sample=replace(found.sample, reports=(*found.sample.reports[:-1], stuck)))
        assert any("accepted" in text for text in _degeneracy(poor))


def test_spread_counts_what_never_comes_as_last() -> None:
    told = spread(np.array([10.0, 20.0, np.nan, 30.0]))
    assert (told["p50"], told["p90"], told["share"]) == (20.0, 30.0, 0.75)
    assert told["share_low"] < 0.75 < told["share_high"]
    assert spread(np.full(4, np.nan))["p50"] is None


def test_scores_of_uniforms() -> None:
    scenario = small()
    particles = Particles(scenario, "together", scenario.plans["together"], seed=1, threads=1)
    assert particles.scores_of(np.array([0.5])) == pytest.approx(0.0)
    # the chance of a duration is a score too, but no number that is ignorance
    assert len(particles.scores) == 4
    assert set(particles.numbers) == {"pace", "fleet", "share"}
    assert isinstance(State(np.zeros((1, 1)), np.zeros(1), np.zeros((1, 0))).take(np.array([0])), State)


@pytest.mark.parametrize(("day", "likely"), [(3, True), (180, False)])
def test_that_something_has_not_come_yet_surprises_only_whoever_has_it_earlier(
    day: int, likely: bool
) -> None:
    scenario = small()
    reports = [report(day, 1.0, "coast", "not_finished")]
    _, told = update(scenario, scenario.plans, "together", reports, num_particles=400, **SETTINGS)
    (entry,) = told["reports"]
    assert (entry["chance"] > 0.9) == likely
    assert any("all but impossible" in text for text in told["warnings"]) == (not likely)
