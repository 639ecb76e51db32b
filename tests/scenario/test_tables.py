"""Tables that people write: reports, battles, ensembles, days, what followed. Every fault at once, nothing dropped silently."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import phaseline
from phaseline.cases import case_path
from phaseline.errors import InputError
from phaseline.execution.worlds import with_numbers, world_values
from phaseline.interchange.benchmarks import read_best
from phaseline.scenario.battles import read_battles
from phaseline.scenario.case_files import load_backtest, load_reference
from phaseline.scenario.check import load_scenario
from phaseline.scenario.daily import read_days
from phaseline.scenario.ensembles import ensemble_text, read_ensemble
from phaseline.scenario.followed import read_truth, read_voices
from phaseline.scenario.reports import read_reports
from phaseline.scenario.schema import Scenario

HEAD = "date,operation,quantity,value_low,value_high,unit,source,speaker,published"
GOOD = "2026-09-20,coast,progress,0.2,0.3,share,made up,press,2026-09-20"


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    """The template of `phaseline new`."""
    return phaseline.load(phaseline.new(tmp_path / "new.yaml"))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines into a file."""

    def write(*lines: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def refused(call: Callable[..., Any], *arguments: Any) -> str:
    """What a call tells when it refuses."""
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


class TestReports:
    def test_they_are_read_in_the_order_of_publication(self, scenario: Scenario, written: Any) -> None:
        path = written(HEAD, GOOD, "2026-09-10,valley,started,,,event,made up,press,2026-09-11")
        reports, warnings = read_reports(path, scenario)
        assert [one.about for one in reports] == ["valley", "coast"]
        assert any("put in order" in str(one) for one in warnings)
        assert reports[1].middle == 0.25
        assert str(reports[1]) == "2026-09-20 coast progress 20 % to 30 % (press)"
        assert str(reports[0]) == "2026-09-10 valley started (press)"

    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ("2026-09-20,coast,progress,1.2,,share,s,p,2026-09-20", "Give it the unit %, not share"),
            ("2026-09-20,coast,progress,120,,%,s,p,2026-09-20", "beyond 100 %"),
            ("2026-09-20,cost,progress,0.2,,share,s,p,2026-09-20", "Did you mean 'coast'"),
            ("2026-09-20,coast,progress,nan,,share,s,p,2026-09-20", "not a finite number"),
            ("2026-09-20,coast,progress,-1,,share,s,p,2026-09-20", "below 0"),
            ("2026-09-20,coast,progress,0.5,0.2,share,s,p,2026-09-20", "above value_high"),
            ("2026-09-31,coast,progress,0.2,,share,s,p,2026-10-01", "not a date"),
            ("2026-09-20,coast,progress,0.2,,share,s,p,2026-09-19", "earlier than the day"),
            ("2026-09-20,coast,progress,0.2,,acres,s,p,2026-09-20", "unit: acres -- is an area, not a share"),
            ("2026-09-20,coast,progress,0.2,,share,,p,2026-09-20", "is missing"),
            ("2026-09-20,airlift,progress,0.2,,share,s,p,2026-09-20", "has no progress"),
        ],
    )
    def test_a_wrong_row_is_told_with_its_line(
        self, scenario: Scenario, written: Any, row: str, rule: str
    ) -> None:
        told = refused(read_reports, written(HEAD, GOOD, row), scenario)
        assert rule in told
        assert "table.csv:3" in told

    def test_every_fault_is_told_at_once(self, scenario: Scenario, written: Any) -> None:
        bad = ["2026-09-20,cost,progress,2,,share,s,p,x", "x,coast,progress,nan,,share,s,,2026-09-20"]
        told = refused(read_reports, written(HEAD, *bad), scenario)
        assert told.count("table.csv:2") == 3
        assert told.count("table.csv:3") == 3

    def test_a_wrong_error_is_told(self, scenario: Scenario, written: Any) -> None:
        assert "above 0" in refused(read_reports, written(HEAD + ",error", GOOD + ",0"), scenario)
        reports, _ = read_reports(written(HEAD + ",error", GOOD + ",0.01"), scenario)
        assert reports[0].error == 0.01

    def test_what_is_not_used_is_named(self, scenario: Scenario, written: Any) -> None:
        rows = [
            GOOD, GOOD.replace("progress", "morale"), GOOD.replace("0.2,0.3", ","), GOOD,
            GOOD.replace("0.2,0.3", "0.6,0.7").replace("press", "radio"),
        ]  # fmt: skip
        reports, warnings = read_reports(written(HEAD, *rows), scenario)
        told = [str(one) for one in warnings]
        assert len(reports) == 2
        for line, rule in (
            (3, "not used"),
            (4, "gives no figure"),
            (5, "counted once"),
            (6, "contradicts line 2"),
        ):
            assert any(f":{line}:" in text and rule in text for text in told), rule

    def test_counts_that_fall_are_named(self, scenario: Scenario, written: Any) -> None:
        first = "2026-09-20,coast,displaced,500,500,persons,s,p,2026-09-20"
        second = "2026-09-25,coast,displaced,300,300,persons,s,p,2026-09-25"
        _, warnings = read_reports(written(HEAD, first, second), scenario)
        assert any("less than the same speaker" in str(one) for one in warnings)

    def test_what_lies_outside_the_scenario_is_named_and_the_rest_used(
        self, scenario: Scenario, written: Any
    ) -> None:
        rows = [
            "2026-08-20,nowhere,displaced,x,,persons,s,p,2026-09-01",
            GOOD,
            "2027-09-20,coast,progress,0.2,,share,s,p,2027-09-20",
        ]
        reports, warnings = read_reports(written(HEAD, *rows), scenario)
        assert [one.line for one in reports] == [3]
        told = [str(one) for one in warnings]
        assert "table.csv:2" in told[0] and "before the scenario, which runs from 2026-09-01" in told[0]
        assert "people: {displaced: {nowhere: [low, high]}}" in told[0]
        assert "table.csv:4" in told[1] and "after the scenario" in told[1]

    def test_a_named_horizon_is_heeded(self, scenario: Scenario, written: Any, tmp_path: Path) -> None:
        text = phaseline.new(tmp_path / "named.yaml").read_text(encoding="utf-8")
        (tmp_path / "named.yaml").write_text(
            re.sub(r"horizon: [^#\n]+", "horizon: $far ", text).replace(
                "\nnumbers:", "\nnumbers:\n  far: {value: 30 days, assumed: test}"
            ),
            encoding="utf-8",
        )
        named = phaseline.load(tmp_path / "named.yaml")
        late = GOOD.replace("2026-09-20", "2026-10-01")
        reports, (warning,) = read_reports(written(HEAD, GOOD, late), named)
        assert [one.line for one in reports] == [2]
        assert "to 2026-09-30" in str(warning)

    @pytest.mark.parametrize(
        ("cells", "low", "high"),
        [
            ("progress,20,30,%", 0.2, 0.3),
            ("progress,20 %,30 %,share", 0.2, 0.3),
            ("progress,0.2,0.3,", 0.2, 0.3),
            ("Progress,20,30,percent", 0.2, 0.3),
            ("displaced,12,,k persons", 12_000.0, 12_000.0),
            ("displaced,,12000,people", 12_000.0, 12_000.0),
        ],
    )
    def test_units_are_those_of_the_scenario(
        self, scenario: Scenario, written: Any, cells: str, low: float, high: float
    ) -> None:
        (report,), _ = read_reports(written(HEAD, f"2026-09-20,coast,{cells},s,p,2026-09-20"), scenario)
        assert (report.low, report.high) == pytest.approx((low, high))

    def test_a_rate_may_be_a_week_s(self, scenario: Scenario, written: Any) -> None:
        asset = next(iter(scenario.assets))
        row = f"2026-09-20,{asset},sorties,70,140,sorties/week,s,p,2026-09-20"
        (report,), _ = read_reports(written(HEAD, row), scenario)
        assert (report.low, report.high) == pytest.approx((10.0, 20.0))

    def test_an_error_is_in_the_unit_of_its_row(self, scenario: Scenario, written: Any) -> None:
        rows = [
            "2026-09-20,coast,progress,20,30,%,s,p,2026-09-20,5",
            "2026-09-20,coast,started,,,event,s,p,2026-09-20,1 week",
            "2026-09-21,coast,finished,,,event,s,p,2026-09-21,3",
        ]
        reports, _ = read_reports(written(f"{HEAD},error", *rows), scenario)
        assert [one.error for one in reports] == pytest.approx([0.05, 7.0, 3.0])

    def test_a_thousands_point_is_not_read_as_a_decimal(self, scenario: Scenario, written: Any) -> None:
        people = "2026-09-20,coast,displaced,52.242,,persons,s,p,2026-09-20"
        told = refused(read_reports, written(HEAD, people, GOOD), scenario)
        assert "table.csv:2" in told and "Write 52242" in told and "52.242" in told
        told = refused(read_reports, written(HEAD, people), scenario)
        assert "could be 52.242 or 52242" in told

    def test_a_quoted_decimal_comma_is_not_deleted(self, scenario: Scenario, written: Any) -> None:
        row = '2026-09-20,coast,progress,"2,5",,%,s,p,2026-09-20'
        (report,), (warning,) = read_reports(written(HEAD, row), scenario)
        assert report.low == pytest.approx(0.025)
        assert "a comma is the decimal sign, as in line 2: 2,5" in str(warning)
        assert "0.2 in line 3" in refused(read_reports, written(HEAD, row, GOOD), scenario)

    def test_later_rows_are_not_even_looked_at(self, scenario: Scenario, written: Any) -> None:
        bad = "2026-10-20,nowhere,progress,7,,share,s,p,2026-10-20"
        day = dt.date(2026, 9, 30)
        plain, _ = read_reports(written(HEAD, GOOD), scenario, day)
        beside, _ = read_reports(written(HEAD, GOOD, bad), scenario, day)
        assert plain == beside

    @pytest.mark.parametrize(
        ("lines", "rule"),
        [
            (("date,operation", "a,b"), "lacks the columns quantity"),
            ((HEAD + ",colour", GOOD + ",red"), "no such column"),
            ((HEAD + ",date", GOOD + ",x"), "stands twice"),
            ((HEAD,), "holds no row"),
            (("",), "is empty"),
            ((HEAD, GOOD + ",more"), "10 cells where the header has 9"),
        ],
    )
    def test_a_wrong_table_is_told(
        self, scenario: Scenario, written: Any, lines: tuple[str, ...], rule: str
    ) -> None:
        assert rule in refused(read_reports, written(*lines), scenario)

    def test_mixed_encodings_are_told_with_their_line(self, scenario: Scenario, written: Any) -> None:
        path = written(HEAD, GOOD, GOOD.replace("press", "Müller"), encoding="latin-1")
        told = refused(read_reports, path, scenario)
        assert "table.csv:3" in told
        assert "UTF-8" in told

    def test_a_mark_at_the_beginning_does_no_harm(self, scenario: Scenario, written: Any) -> None:
        assert len(read_reports(written(HEAD, GOOD, encoding="utf-8-sig"), scenario)[0]) == 1

    def test_a_missing_file_is_told(self, scenario: Scenario, tmp_path: Path) -> None:
        assert "cannot be read" in refused(read_reports, tmp_path / "no.csv", scenario)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(max_size=200))
    def test_no_text_is_a_traceback(self, scenario: Scenario, tmp_path: Path, text: str) -> None:
        path = tmp_path / "any.csv"
        path.write_text(f"{HEAD}\n{text}", encoding="utf-8", errors="ignore")
        try:
            read_reports(path, scenario)
        except InputError as error:
            assert error.problems


class TestBattles:
    HEAD = "battle,start,end,days,result,known_on,class,part_of,defenders_low,defenders_high,sealed_low,sealed_high,basis"
    ROW = "A,2010-01-01,2010-01-11,10,taken,2010-01-11,city,,100,200,0.1,0.5,lookup"

    def test_ranges_are_kept(self, written: Any) -> None:
        (battle,), _ = read_battles(written(self.HEAD, self.ROW))
        assert battle.ranges == {"defenders": (100.0, 200.0), "sealed": (0.1, 0.5)}

    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            (",10,", ",,", "without a duration"),
            (",10,", ",99,", "does not fit"),
            ("taken", "won", "must be one of"),
            ("2010-01-11,10", "2009-01-11,10", "before the start"),
            ("100,200", "300,200", "above defenders_high"),
            ("0.1,0.5", "0.1,5", "share above 1"),
            ("100,200", "x,200", "cannot be read as a number"),
            ("A,", ",", "is missing"),
            (",2010-01-11,city", ",soon,city", "not a date"),
        ],
    )
    def test_a_wrong_row_is_told(self, written: Any, old: str, new: str, rule: str) -> None:
        assert rule in refused(read_battles, written(self.HEAD, self.ROW.replace(old, new, 1)))

    def test_the_row_known_last_counts(self, written: Any) -> None:
        rows = [
            self.ROW.replace("taken", "unfinished"),
            self.ROW.replace("2010-01-11,city", "2011-01-01,city"),
        ]
        path = written(self.HEAD, *rows)
        assert read_battles(path)[0][0].result == "taken"
        assert read_battles(path, dt.date(2010, 6, 1))[0][0].result == "unfinished"
        assert read_battles(path, dt.date(2009, 6, 1))[0] == ()
        assert "stands twice" in refused(read_battles, written(self.HEAD, self.ROW, self.ROW))

    def test_a_row_that_another_replaces_is_named(self, written: Any) -> None:
        later = self.ROW.replace("2010-01-01", "2009-12-31").replace("2010-01-11,city", "2011-01-01,city")
        for rows, line in (((self.ROW, later), 2), ((later, self.ROW), 3)):
            (battle,), (warning,) = read_battles(written(self.HEAD, *rows))
            assert battle.known_on == dt.date(2011, 1, 1)
            assert warning.line == line
            assert "about the same battle" in warning.rule

    def test_battles_of_one_name_at_other_times_are_battles_of_their_own(self, written: Any) -> None:
        again = self.ROW.replace("2010", "1917")
        part = again.replace("A,", "B,").replace("city,,", "city,A,")
        battles, warnings = read_battles(written(self.HEAD, self.ROW, again))
        assert [battle.line for battle in battles] == [2, 3]
        assert warnings == []
        battles, (warning,) = read_battles(written(self.HEAD, self.ROW, again, part))
        assert [battle.line for battle in battles] == [2, 4]
        assert warning.line == 3

    def test_what_became_known_later_is_named(self, written: Any) -> None:
        later = self.ROW.replace("2010", "2012")
        battles, (warning,) = read_battles(written(self.HEAD, self.ROW, later), dt.date(2011, 1, 1))
        assert [battle.line for battle in battles] == [2]
        assert str(warning).endswith("what became known after 2011-01-01 is not used: line 3.")

    def test_units_are_those_of_the_scenario(self, written: Any) -> None:
        row = (
            self.ROW.replace(",10,", ",1.5 weeks,")
            .replace("0.1,0.5", "10 %,50 %")
            .replace("100,200", "0.1 k,200 fighters")
        )
        (battle,), _ = read_battles(written(self.HEAD, row))
        assert battle.days == 10.5
        assert battle.ranges == {"defenders": (100.0, 200.0), "sealed": (0.1, 0.5)}
        told = refused(read_battles, written(self.HEAD, self.ROW.replace("100,200", "100.5,200")))
        assert "not a whole number" in told

    def test_parts_and_unchecked_rows(self, written: Any) -> None:
        rows = [
            self.ROW,
            self.ROW.replace("A,", "B,").replace("city,,", "city,A,"),
            self.ROW.replace("A,", "C,").replace("lookup", "recall"),
        ]
        battles, warnings = read_battles(written(self.HEAD, *rows))
        assert [one.name for one in battles] == ["B"]
        assert len(warnings) == 2


class TestEnsembles:
    def scenario_with(
        self, tmp_path: Path, csv: str, block: str = "post: {file: post.csv, assumed: test}"
    ) -> Path:
        path = tmp_path / "case.yaml"
        phaseline.new(path)
        path.write_text(path.read_text() + f"\nensembles:\n  {block}\n", encoding="utf-8")
        (tmp_path / "post.csv").write_text(csv, encoding="utf-8")
        return path

    def test_draws_stay_together(self, tmp_path: Path) -> None:
        rows = np.array([[12.0, 0.6], [14.0, 0.7], [16.0, 0.8]])
        csv = ensemble_text(["fleet", "ready"], ["number", "share"], rows, ["for people"])
        scenario = phaseline.load(self.scenario_with(tmp_path, csv))
        worlds = world_values(scenario, 1, 200)
        drawn = worlds.values[:, [worlds.names.index("fleet"), worlds.names.index("ready")]]
        assert {tuple(row) for row in drawn} == {tuple(row) for row in rows}
        assert phaseline.run(scenario, "together", 64, store=tmp_path / "store").replications == 64
        assert scenario.numbers["fleet"].dist.mean() == 14.0
        assert scenario.numbers["fleet"].dist.support() == (12.0, 16.0)

    def test_other_numbers_keep_their_luck(self, tmp_path: Path) -> None:
        csv = ensemble_text(["fleet"], ["number"], np.array([[12.0], [16.0]]))
        plain = world_values(phaseline.load(phaseline.new(tmp_path / "plain.yaml")), 1, 50)
        beside = world_values(phaseline.load(self.scenario_with(tmp_path, csv)), 1, 50)
        for name in set(plain.names) - {"fleet"}:
            assert (
                plain.values[:, plain.names.index(name)] == beside.values[:, beside.names.index(name)]
            ).all()

    def test_a_number_of_it_can_be_fixed(self, tmp_path: Path) -> None:
        csv = ensemble_text(["fleet", "ready"], ["number", "share"], np.array([[12.0, 0.6], [16.0, 0.8]]))
        scenario = with_numbers(phaseline.load(self.scenario_with(tmp_path, csv)), {"fleet": 15.0})
        worlds = world_values(scenario, 1, 20)
        assert "fleet" not in worlds.names
        assert set(worlds.values[:, worlds.names.index("ready")]) == {0.6, 0.8}

    def test_numbers_rest_on_what_the_ensemble_rests_on(self, tmp_path: Path) -> None:
        """Draws are in no order, and the range listed is theirs all the same."""
        csv = "contributions[1].count [count],fleet [1]\n5,13\n3,12\n4,14\n"
        path = self.scenario_with(tmp_path, csv)
        assert [str(one) for one in load_scenario(path)[1] if "without source" in str(one)] == []
        (count,) = [one for one in phaseline.numbers(path) if one["name"] == "contributions.1.count"]
        assert (count["assumed"], count["value"]) == ("test", "4 (3–5)")
        (fleet,) = [one for one in phaseline.numbers(path) if one["name"] == "fleet"]
        assert fleet["source"]["id"] == "survey"

    def test_it_is_read_as_it_was_written(self, tmp_path: Path, scenario: Scenario) -> None:
        rows = np.random.default_rng(1).random((5, 2))
        (tmp_path / "e.csv").write_text(ensemble_text(["fleet", "ready"], ["number", "share"], rows))
        found, warnings = read_ensemble(tmp_path / "e.csv", scenario)
        assert warnings == []
        assert np.stack(list(found.values()), axis=1) == pytest.approx(rows, rel=1e-8)

    @pytest.mark.parametrize(
        ("csv", "rule"),
        [
            ("fleet [1]\n1\n", "holds 1 draw,"),
            ("fleat [count]\n1\n2\n", "Did you mean 'fleet'"),
            ("zzz [count]\n1\n2\n", "check CASE --numbers"),
            ("fleet\n1\n2\n", "has no unit in brackets"),
            (
                "weather.bad_share [1]\n1\n2\n",
                "the unit '1' says that it is a plain number, and here stands a share",
            ),
            ("fleet [kg]\n1\n2\n", "the unit 'kg' does not fit: has the unknown unit"),
            ("fleet [1],fleet [1]\n1,1\n2,2\n", "stands twice"),
            ("fleet [1]\n1\nx\n", "cannot be read as a number"),
            ("fleet [1]\n1\n-2\n", "is below 0"),
            ("fleet [1]\n1\n2,3\n", "has 2 cells where the header has 1"),
            ("operations.coast.phases.supply.duration [days]\n1\n2\n", "is chance"),
        ],
    )
    def test_a_wrong_ensemble_is_told(self, tmp_path: Path, csv: str, rule: str) -> None:
        told = refused(phaseline.load, self.scenario_with(tmp_path, csv))
        assert rule.lower() in told.lower()

    @pytest.mark.parametrize(
        ("block", "rule"),
        [
            ("post: {file: ../post.csv, assumed: test}", "beside the scenario"),
            ("post: {file: no.csv, assumed: test}", "cannot be read"),
            (
                "post: {file: post.csv, assumed: a}\n  more: {file: post.csv, assumed: b}",
                "stands in two ensembles",
            ),
        ],
    )
    def test_a_wrong_file_is_told(self, tmp_path: Path, block: str, rule: str) -> None:
        path = self.scenario_with(tmp_path, "fleet [1]\n12\n16\n", block)
        assert rule in refused(phaseline.load, path)

    def test_units_are_those_of_the_scenario(self, scenario: Scenario, written: Any) -> None:
        draws, _ = read_ensemble(written("fleet [1],ready [%]", "12,60", "14,70.5"), scenario)
        assert draws["ready"] == pytest.approx([0.6, 0.705])
        told = refused(read_ensemble, written("fleet [1],ready [km]", "12,60", "14,70"), scenario)
        assert "a length, not a share" in told
        told = refused(read_ensemble, written("fleet [1],ready [share]", "12,60", "14,0.7"), scenario)
        assert "table.csv:2" in told and "a share above 1" in told

    def test_a_semicolon_file_with_decimal_commas(self, tmp_path: Path) -> None:
        path = self.scenario_with(tmp_path, "fleet [1];ready [share]\n12;0,6\n16;0,8\n")
        scenario, (warning,) = load_scenario(path)
        assert scenario.numbers["ready"].dist.mean() == pytest.approx(0.7)
        assert "semicolons" in str(warning) and "0,6" in str(warning)

    def test_draws_that_could_be_thousands_are_read_as_written(
        self, tmp_path: Path, scenario: Scenario
    ) -> None:
        (tmp_path / "e.csv").write_text(ensemble_text(["fleet"], ["number"], np.array([[1.234], [2.345]])))
        assert read_ensemble(tmp_path / "e.csv", scenario)[0]["fleet"].tolist() == [1.234, 2.345]
        told = refused(read_ensemble, self.plain(tmp_path, "fleet [1]\n1.234\n2.345\n"), scenario)
        assert "could be 1.234 or 1234" in told
        told = refused(read_ensemble, self.plain(tmp_path, "12,0.6\n16,0.8\n"), scenario)
        assert "looks like data (12, 0.6)" in told

    def plain(self, tmp_path: Path, text: str) -> Path:
        """A file with a text."""
        (tmp_path / "plain.csv").write_text(text, encoding="utf-8")
        return tmp_path / "plain.csv"

    def test_results_can_be_read_without_it(self, tmp_path: Path) -> None:
        from phaseline.outcomes.stored_scenario import from_plain, to_plain

        scenario = phaseline.load(self.scenario_with(tmp_path, "fleet [1]\n12\n16\n"))
        assert from_plain(to_plain(scenario)).numbers["fleet"].dist == scenario.numbers["fleet"].dist


class TestDays:
    def test_strengths_and_losses_complete_each_other(self, written: Any) -> None:
        rows = [
            "day,x,y_losses,y,y_arrivals",
            "1,100,5,50,0",
            "2,90,4,,10",
            "3,85,3,,0",
            "4,80,2,,0",
            "5,78,1,,0",
        ]
        days, warnings = read_days(written(*rows))
        assert warnings == []
        assert days.x_losses == pytest.approx([10, 5, 5, 2])
        assert days.y == pytest.approx([50, 55, 51, 48])
        assert len(days.day) == 4

    def test_the_dialect_is_said(self, written: Any) -> None:
        rows = [f"{k};{10 - k},5;{9 - k},25" for k in range(1, 6)]
        days, (warning,) = read_days(written("Day;X;Y", *rows))
        assert days.x.tolist() == [9.5, 8.5, 7.5, 6.5]
        assert "9,5" in str(warning)

    def test_another_table_is_told_once_with_the_right_form(self, written: Any) -> None:
        told = refused(read_days, written("year;R0;Rc;B0;Bc", "1;2;3;4;5"))
        assert told.count(" -- ") == 1
        assert "separated by semicolons (year, R0, Rc, B0, Bc) without the column day" in told
        assert "day,x,y" in told

    @pytest.mark.parametrize(
        ("rows", "rule"),
        [
            (["day,x,y", "1,9,9", "3,8,8", "4,7,7", "5,6,6", "6,5,5"], "does not follow"),
            (["day,x,y", "1,9,9", "2,8,8"], "has 1 day of losses"),
            (["day,x", "1,9", "2,8", "3,7", "4,6", "5,5"], "neither strengths nor losses of y"),
            (["day,x,y", "1,9,9", "2,10,8", "3,7,7", "4,6,6", "5,5,5"], "grows by more than arrived"),
            (["day,x,y", "1,9,nan", "2,8,8", "3,7,7", "4,6,6", "5,5,5"], "not a finite number"),
            (["day,x,y", "1,,9", "2,8,8", "3,7,7", "4,6,6", "5,5,5"], "first day needs a strength"),
            (["day,x,y", "1,9,9", "2,8,", "3,7,7", "4,6,6", "5,5,5"], "neither a strength nor losses"),
            (["day,x,y,x_losses", "1,9,9,11", "2,8,8,1", "3,7,7,1", "4,6,6,1", "5,5,5,1"], "more than the 9"),
            (
                ["day,x,y,attacker", "1,9,9,z", "2,8,8,", "3,7,7,", "4,6,6,", "5,5,5,"],
                "must be x, y or empty",
            ),
            (["day,x,y", ",9,9", "2,8,8", "3,7,7", "4,6,6", "5,5,5"], "is missing"),
        ],
    )
    def test_wrong_days_are_told(self, written: Any, rows: list[str], rule: str) -> None:
        assert rule in refused(read_days, written(*rows))


class TestFollowed:
    TRUTH = "about,quantity,date,date_high,value_low,value_high,unit,source"
    VOICE = "date,forecaster,about,quantity,date_low,date_high,statement,source"

    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ("cost,finished,2026-10-01,,,,event,s", "no such part"),
            ("coast,won,2026-10-01,,,,event,s", "is not scored"),
            ("coast,finished,2026-10-41,,,,event,s", "not a date"),
            ("coast,finished,2026-10-11,2026-10-01,,,event,s", "is before date"),
            ("coast,progress,2026-10-11,,0.6,0.5,share,s", "above value_high"),
            ("coast,displaced,2026-10-11,,x,,persons,s", "cannot be read as a number"),
        ],
    )
    def test_wrong_truth_is_told(self, scenario: Scenario, written: Any, row: str, rule: str) -> None:
        assert rule in refused(read_truth, written(self.TRUTH, row), scenario)

    @pytest.mark.parametrize("cells", ["60,70,%", "60 %,70 %,share", "0.6,0.7,share", "60,70,percent"])
    def test_the_unit_is_read(self, scenario: Scenario, written: Any, cells: str) -> None:
        ((came,), _) = read_truth(written(self.TRUTH, f"coast,progress,2026-10-11,,{cells},s"), scenario)
        assert (came.low, came.high) == pytest.approx((0.6, 0.7))

    def test_a_share_above_1_without_a_percent_sign_is_refused(
        self, scenario: Scenario, written: Any
    ) -> None:
        told = refused(read_truth, written(self.TRUTH, "coast,progress,2026-10-11,,60,70,share,s"), scenario)
        assert told.count("Give it the unit %") == 2
        told = refused(read_truth, written(self.TRUTH, "coast,progress,2026-10-11,,,,share,s"), scenario)
        assert "is missing" in told

    def test_what_came_said_twice_counts_once(self, scenario: Scenario, written: Any) -> None:
        rows = ["coast,progress,2026-10-20,,50,,%,x", "coast,progress,2026-10-20,,0.5,,share,y",
                "coast,finished,2026-10-29,,,,event,y", "coast,finished,2026-10-29,2026-10-29,,,event,z"]  # fmt: skip
        truth, told = read_truth(written(self.TRUTH, *rows), scenario)
        assert [one.key for one in truth] == ["progress.coast", "finished.coast"]
        assert [(one.line, one.rule) for one in told] == [
            (3, "says the same as line 2, and is counted once"),
            (5, "says the same as line 4, and is counted once"),
        ]

    @pytest.mark.parametrize(
        ("first", "second", "remedy"),
        [
            (
                "coast,finished,2026-10-29,,,,event,y",
                "coast,finished,2026-12-27,,,,event,y",
                "date to date_high",
            ),
            (
                "coast,finished,2026-10-29,2026-11-02,,,event,y",
                "coast,finished,2026-11-01,,,,event,y",
                "covers both",
            ),
            (
                "coast,progress,2026-10-20,,50,,%,x",
                "coast,progress,2026-10-20,,70,,%,x",
                "value_low to value_high",
            ),
        ],
    )
    def test_two_truths_are_refused_with_both_lines(
        self, scenario: Scenario, written: Any, first: str, second: str, remedy: str
    ) -> None:
        """Each would be scored, and one of them cannot have come."""
        other = "valley,finished,2026-12-27,,,,event,y"
        told = refused(read_truth, written(self.TRUTH, first, other, second), scenario)
        assert "table.csv:4" in told
        assert "than line 2, and only one can have come" in told
        assert remedy in told

    def test_figures_of_other_days_are_no_contradiction(self, scenario: Scenario, written: Any) -> None:
        rows = ["coast,progress,2026-10-20,,50,,%,x", "coast,progress,2026-10-21,,40,,%,x"]
        truth, told = read_truth(written(self.TRUTH, *rows), scenario)
        assert (len(truth), told) == (2, [])

    def test_voices_said_twice_count_once_and_contradictions_are_named(
        self, scenario: Scenario, written: Any
    ) -> None:
        row = "2026-09-05,a minister,coast,finished,2026-10-01,2026-10-11,soon,s"
        other = "2026-09-05,a minister,coast,finished,2026-11-01,2026-11-11,late,s"
        voices, told = read_voices(
            written(self.VOICE, row, row.replace("soon", "in October"), other), scenario
        )
        assert [voice.low.month for voice in voices] == [10, 11]
        assert [(one.line, one.rule) for one in told] == [
            (3, "says the same as line 2, and is counted once"),
            (4, "contradicts line 2 by the same forecaster; both are used"),
        ]
        _, told = read_voices(written(self.VOICE, row, other.replace("a minister", "an expert")), scenario)
        assert told == []

    def test_voices(self, scenario: Scenario, written: Any) -> None:
        row = "2026-09-05,a minister,coast,finished,2026-10-01,2026-10-11,soon,s"
        (voice,), _ = read_voices(written(self.VOICE, row), scenario)
        assert (voice.middle, voice.key) == (dt.date(2026, 10, 6), "finished.coast")
        assert "not a date" in refused(
            read_voices, written(self.VOICE, row.replace("2026-09-05", "x")), scenario
        )

    def test_the_bundled_files(self) -> None:
        """They parse, end where they must, and nothing of them could have set the case."""
        folder = case_path("mosul-raqqa-2016").parent
        case = phaseline.load("mosul-raqqa-2016")
        truth, said = read_truth(folder / "followed" / "truth.csv", case)
        assert said == []
        assert min(one.date for one in truth) > case.as_of
        for one in truth:
            assert one.quantity != "progress" or 0.0 <= one.low <= one.high <= 1.0
        voices, said = read_voices(folder / "followed" / "forecasts.csv", case)
        assert said == []
        assert all(voice.date >= case.as_of for voice in voices)
        reports, _ = read_reports(folder / "followed" / "reports.csv", case)
        assert len(reports) > 50
        assert all(one.published > case.as_of for one in reports)
        battles, _ = read_battles(folder / "battles.csv")
        assert all(one.known_on <= case.as_of for one in battles)
        assert load_backtest(folder / "followed" / "backtest.yaml", case).plan == "overlap"
        assert "city_tempo" in load_reference(folder / "reference.yaml", case).numbers.values()


BATTLE = "A,2010-01-01,2010-01-11,10,taken,2010-01-11,city,,100,200,0.1,{},lookup"
EVERY_FAULT: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "reports": (
        read_reports,
        [HEAD, *(f"2026-09-{20 + i},valley,displaced,{cell},,persons,made up,press,2026-09-30"
                 for i, cell in enumerate(("1.234.567", '"1,234,567"', '"1.234,5"', "many", "5,6", "x" )))],
    ),
    "truth": (
        read_truth,
        [TestFollowed.TRUTH, *(f"valley,displaced,2026-10-{20 + i},,{cell},,persons,s"
                               for i, cell in enumerate(("1.234.567", '"1,234,567"', '"1.234,5"', "many", "5,6", "x")))],
    ),
    "battles": (
        lambda path, _: read_battles(path),
        [TestBattles.HEAD, *(BATTLE.format(cell).replace("A,", f"{name},", 1)
                             for name, cell in zip("ABCDEF", ("0.5", '"0,25"', "5", "half", "0.5,6", "x"), strict=True))],
    ),
    "days": (
        lambda path, _: read_days(path),
        ["day,x,y", "1,9.5,9", '2,"8,5",9', "3,-8,9", "4,many,9", "5,7,9,9", "6,x,5"],
    ),
    "best known": (
        lambda path, _: read_best(path),
        ["file,best_known", "a,1.234.567", 'b,"1,234,567"', 'c,"1.234,5"', "d,many", "e,5,6", "f,x"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("read", "lines"), EVERY_FAULT.values(), ids=list(EVERY_FAULT))
def test_every_fault_of_a_table_is_told_at_once(
    scenario: Scenario, written: Any, read: Callable[..., Any], lines: list[str]
) -> None:
    """Of the decimal sign (line 3), of single cells (4, 5, 7), and of rows that cannot be taken apart (6); each once."""
    with pytest.raises(InputError) as caught:
        read(written(*lines), scenario)
    told = [one.line for one in caught.value.problems if one.severity == "error"]
    assert told == [3, 4, 5, 6, 7]


def test_every_fault_of_an_ensemble_is_told_at_once(scenario: Scenario, written: Any) -> None:
    path = written("fleet [1],ready [%]", "12.5,60", '"13,5",61', "many,62", "14,63,64", "15,x", "16,170")
    with pytest.raises(InputError) as caught:
        read_ensemble(path, scenario)
    assert [one.line for one in caught.value.problems] == [3, 4, 5, 6, 7]


class TestCaseFiles:
    REFERENCE = """format: phaseline-reference/1
target: {kind: a, population: [1, 2], defenders: [1, 2], attackers: [1, 2], sealed: [0, 1], days: 10}
numbers: {tempo: fleet}
"""

    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            ("fleet", "fleat", "Did you mean 'fleet'"),
            ("population: [1, 2]", "population: [3, 2]", "must be [low, high]"),
            ("sealed: [0, 1]", "sealed: [0, 2]", "must be at most 1"),
            ("sealed: [0, 1]", "sealed: [0, 50]", "write '50 %'"),
            ("days: 10", "days: 10 km", "is a length, not a duration"),
            ("tempo:", "speed:", "numbers"),
        ],
    )
    def test_a_wrong_reference_is_told(
        self, scenario: Scenario, written: Any, old: str, new: str, rule: str
    ) -> None:
        path = written(self.REFERENCE.replace(old, new), name="reference.yaml")
        assert rule in refused(load_reference, path, scenario)

    def test_a_reference_is_written_with_units(self, scenario: Scenario, written: Any) -> None:
        text = self.REFERENCE.replace("population: [1, 2]", "population: [2 thousand people, 3000]")
        text = text.replace("sealed: [0, 1]", "sealed: [10 %, 0.5]").replace("days: 10", "days: 3 weeks")
        target = load_reference(written(text, name="reference.yaml"), scenario).target
        assert (target.population, target.sealed, target.days) == ([2000.0, 3000.0], [0.1, 0.5], 21.0)

    def test_a_wrong_backtest_is_told(self, scenario: Scenario, written: Any) -> None:
        path = written("format: phaseline-backtest/1\nplan: together2\nwhy: because\n", name="backtest.yaml")
        assert "Did you mean 'together'" in refused(load_backtest, path, scenario)


@pytest.mark.parametrize(
    ("followed", "asked"),
    [
        ("", True),
        ("people: {flee: 50 %, displaced: {town: 300}}", False),
        ("people: {flee: 50 %, displaced: {port: 300}}", True),
    ],
)
def test_to_say_who_fled_before_the_start_is_asked_of_those_only_who_have_not(
    followed: str, asked: bool, tmp_path: Path
) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(f"""format: phaseline/1
title: Two tasks
as_of: 2026-01-01
horizon: 50 days
operations:
  town: {{phases: {{work: {{kind: task, duration: 5 days}}}}}}
  port: {{phases: {{work: {{kind: task, duration: 5 days}}}}}}
plans: {{go: {{title: Go}}}}
{followed}
""")
    path = tmp_path / "reports.csv"
    path.write_text(
        "date,operation,quantity,value_low,value_high,unit,source,speaker,published\n2025-12-01,town,displaced,300,,persons,s,agency,2025-12-02\n"
    )
    found, warnings = read_reports(path, load_scenario(case)[0])
    assert found == ()
    assert "is not used" in warnings[0].rule
    assert ("people: {displaced: {town: [low, high]}}" in warnings[0].remedy) == asked
