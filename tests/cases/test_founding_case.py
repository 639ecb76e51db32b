"""The founding case: nothing in it was learned later, every number has a source or its reasoning, and it looks like its kin."""

from __future__ import annotations

import datetime as dt
import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import phaseline
from phaseline.cases import case_path
from phaseline.scenario.distributions import MedianSpread, Percentiles
from phaseline.scenario.provenance import Provenance, provenance
from phaseline.scenario.quantity import resolve
from phaseline.scenario.schema import Scenario
from phaseline.scenario.settled import settled_at_all

CASE = "mosul-raqqa-2016"
AS_OF = dt.date(2016, 10, 26)
EXAMPLES = Path(__file__).parents[2] / "examples"
TEXT = case_path(CASE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return phaseline.load(CASE)


@pytest.fixture(scope="module")
def entries(scenario: Scenario) -> list[Provenance]:
    return provenance(scenario)


def _example(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(EXAMPLES)
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_it_passes_the_strict_check() -> None:
    assert phaseline.check(CASE) == []


def test_it_stays_readable() -> None:
    assert len(TEXT.splitlines()) < 1500


def test_every_number_can_be_followed(entries: list[Provenance]) -> None:
    assert len(entries) > 150
    assert [entry.path for entry in entries if entry.basis == "neither"] == []


def test_every_assumed_number_has_a_range(entries: list[Provenance]) -> None:
    def fixed(entry: Provenance) -> bool:
        quantity = entry.quantity
        return (
            quantity.kind == "fixed"
            and quantity.bounds is None
            and quantity.dist.support()[0] not in (0.0, 1.0)
        )

    assert [entry.path for entry in entries if entry.source is None and fixed(entry)] == []


def test_no_source_is_later_than_the_case(scenario: Scenario, entries: list[Provenance]) -> None:
    assert scenario.as_of == AS_OF
    for entry in entries:
        if entry.source is not None:
            source = scenario.sources[entry.source]
            assert source.known_on <= AS_OF and not source.for_scoring, entry.path
    for claim in scenario.claims.values():
        assert claim.said is not None and claim.said <= AS_OF


def test_claims_that_the_plan_settles_say_why_they_are_kept(scenario: Scenario) -> None:
    found = {
        name
        for name, claim in scenario.claims.items()
        if settled_at_all(scenario, scenario.plans, claim) is not None
    }
    assert found == {"no_delay", "near_future"}
    assert found == {name for name, claim in scenario.claims.items() if claim.by_construction is not None}


def test_the_intended_start_is_the_gate_of_the_plans_that_do_not_wait(
    scenario: Scenario, tmp_path: Path
) -> None:
    outcomes = phaseline.run(scenario, replications=16, store=tmp_path, threads=1)
    for plan in ("simultaneous", "overlap"):
        assert (outcomes.column(plan, "delay.raqqa") == 0).all()
        assert len(set(outcomes.column(plan, "start.raqqa"))) > 1
    late = outcomes.column("sequential", "delay.raqqa")
    assert (late[late == late] > 0).all()


@pytest.mark.parametrize("known_on", ["2016-10-27", "2017-07-10"])
def test_a_later_source_is_refused(known_on: str, tmp_path: Path) -> None:
    late = tmp_path / "late.yaml"
    assert TEXT.count("known_on: 2016-09-27") == 1
    late.write_text(TEXT.replace("known_on: 2016-09-27", f"known_on: {known_on}"), encoding="utf-8")
    with pytest.raises(phaseline.InputError, match="was not known on 2016-10-26"):
        phaseline.load(late)


def test_battles_and_reports_are_of_their_time() -> None:
    folder = case_path(CASE).parent
    battles = pd.read_csv(folder / "battles.csv", parse_dates=["start", "end", "known_on"])
    assert len(battles) > 20 and battles.battle.is_unique
    limit = pd.Timestamp(AS_OF)
    assert (battles.known_on <= limit).all() and (battles.end <= limit).all()
    assert (battles.end <= battles.known_on).all()
    assert {"taken", "stopped", "partial", "unfinished"} == set(battles.result)
    assert battles.part_of.dropna().isin(battles.battle).all()
    reports = pd.read_csv(folder / "reports.csv", parse_dates=["date", "published"])
    assert (reports.date <= reports.published).all() and (reports.published <= limit).all()
    assert reports[["source", "speaker", "operation", "quantity"]].notna().all(axis=None)


def test_what_is_taken_from_earlier_battles_is_what_the_script_finds(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = _example("reference_class", monkeypatch)
    found = {key.partition(":")[0]: values for key, values in script.estimate(script.read()).items()}
    numbers = scenario.numbers

    def median_spread(name: str) -> tuple[float, float]:
        dist = numbers[name].dist
        assert isinstance(dist, MedianSpread)
        return dist.median, dist.spread

    tempo, spread, count = found["city tempo, km/day"]
    curves = _example("tempo_curves", monkeypatch)
    learned = curves.learned()
    assert median_spread("city_tempo")[0] == pytest.approx(tempo / learned.middle, rel=0.03)
    assert count == 7
    # what differs between battles, and the error of a mean of seven: less than all that differs between their tempi
    mean = math.log(spread) / math.sqrt(count)
    between = math.exp(math.hypot(math.log(learned.between[1]), mean))
    assert between < median_spread("city_tempo")[1] < spread
    suspensions = _example("suspensions", monkeypatch)
    for name, quantiles in (
        ("mood_spread", learned.spread),
        ("suspended", suspensions.onset_of(*suspensions.read())),
    ):
        dist = numbers[name].dist
        assert isinstance(dist, Percentiles)
        assert (dist.p10, dist.p50, dist.p90) == pytest.approx(quantiles, rel=0.03)
    own = found["the same, moved to a battle of Mosul's size and length"][0]
    assert median_spread("own_loss")[0] == pytest.approx(0.75 * own / 100, abs=0.00005)
    assert median_spread("own_loss")[1] == pytest.approx(
        found["own losses, %/day of those engaged"][1], abs=0.05
    )
    theirs = found["the garrison's, moved likewise"][0]
    assert median_spread("is_loss")[0] == pytest.approx(theirs / 100, abs=0.0005)
    assert median_spread("is_loss")[1] == pytest.approx(
        found["garrison's losses, %/day of those engaged"][1], abs=0.05
    )
    east = scenario.operations["mosul"].phases["east"]
    ratio = found["attackers to defenders"][0]
    assert resolve(east.reference_ratio, numbers).dist.mean() == pytest.approx(ratio, abs=0.05)
    ranks = [
        *found["rank correlation of tempo with the garrison's losses"],
        *found["rank correlation of tempo with own losses"],
    ]
    matrix = scenario.correlations[0].rank
    assert isinstance(matrix, list)
    assert ranks == pytest.approx(matrix[0][1:], abs=0.05)
    low, middle, high = found["garrison killed, % of it"]
    breaks = numbers["is_breaks"].dist
    assert isinstance(breaks, Percentiles)
    assert breaks.p50 == pytest.approx(middle / 100 / 0.7, abs=0.02)
    assert breaks.p10 > low / 100 / 0.85 and breaks.p90 < high / 100 / 0.55
    stopped, of, share_low, share_high = found["attacks that stopped or half succeeded"]
    assert (stopped, of) == (4, 22)
    assert (
        share_low < 100 * numbers["suspended"].dist.mean() * 46 < share_high
    )  # over a battle of middling length


def test_it_looks_like_the_battles_before_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path))
    table = _example("face_validity", monkeypatch).checks(replications=800, histories=60)
    assert len(table) >= 11
    assert table.within.all(), table.to_string()


def test_both_at_once_strains_reconnaissance_more_and_waiting_costs_time(tmp_path: Path) -> None:
    outcomes = phaseline.run(CASE, replications=2000, store=tmp_path)
    both, turn = (outcomes.column(plan, "overstretched.recon") for plan in ("simultaneous", "sequential"))
    assert both.mean() > turn.mean()
    early, late = (outcomes.column(plan, "end.raqqa") for plan in ("simultaneous", "sequential"))
    done = ~pd.isna(early) & ~pd.isna(late)
    assert (late - early)[done].mean() > 30  # what waiting costs
    assert (
        outcomes.column("sequential", "attacks_directed").mean()
        > outcomes.column("simultaneous", "attacks_directed").mean()
    )
