"""Day 0, the horizon and the last day: of one place, whatever way the file writes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from outcomes import made
from phaseline.scenario.calendar import horizon_days, last_date, start_date
from phaseline.scenario.quantity import single_value
from phaseline.scenario.reports import read_reports
from phaseline.scenario.schema import Scenario

NAMED = {**made.PROJECT, "horizon": "$span", "numbers": {"span": "8 weeks"}}
HEAD = "date,operation,quantity,value_low,value_high,unit,source,speaker,published"


def _scenario(**parts: object) -> Scenario:
    return made.scenario_of({**made.PROJECT, **parts})


def test_day_0_is_the_start_or_else_the_day_of_the_scenario() -> None:
    assert start_date(_scenario()) == _scenario().as_of
    assert start_date(_scenario(start="2021-02-01")) == dt.date(2021, 2, 1)


def test_the_horizon_may_be_a_named_number() -> None:
    named = made.scenario_of(NAMED)
    assert horizon_days(named) == 56
    assert last_date(named) == start_date(named) + dt.timedelta(days=55)
    assert single_value(named.overstretch.lasts, named) == 7


def test_the_horizon_is_rounded_half_up_as_the_engine_does() -> None:
    assert horizon_days(_scenario(horizon="1 month")) == 30
    assert horizon_days(_scenario(horizon="10.5 days")) == 11


def test_reports_are_read_up_to_the_last_day_of_a_named_horizon(tmp_path: Path) -> None:
    scenario = made.scenario_of(NAMED)
    about = next(iter(scenario.operations))
    last = last_date(scenario)
    path = tmp_path / "reports.csv"
    path.write_text(f"{HEAD}\n{last},{about},progress,0.2,0.3,share,made up,press,{last}\n")
    reports, warnings = read_reports(path, scenario)
    assert [report.date for report in reports] == [last]
    assert warnings == []
