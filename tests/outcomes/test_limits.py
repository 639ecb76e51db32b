"""Limits as people write them: one grammar for every option that takes them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import phaseline
from analysis.toys import strained
from phaseline.errors import InputError
from phaseline.outcomes.joint import parse_conditions
from phaseline.outcomes.limits import examples, read_limits
from phaseline.planner.criteria import parse_limits
from phaseline.scenario.calendar import last_date, start_date
from phaseline.scenario.quantity import fixed

SCENARIO = strained()  # day 0 is 1 January 2020, horizon 120 days

SHARED = (
    ("end<=2020-02-29", 60.0),
    ("end<=60", 60.0),
    ("end<=60 days", 60.0),
    ("end<=2 weeks", 14.0),
    ("End <= 60", 60.0),
    ("overstretched<=10%", 0.1),
    ("overstretched<=10 %", 0.1),
    ("overstretched<=0.1", 0.1),
    ("failed.move<=5%", 0.05),
    ("overstretched_days.lift<=1 week", 7.0),
    ("peak_strain.lift<=120%", 1.2),
)
"""What is written, and what it means, wherever limits are written."""


@pytest.mark.parametrize(("text", "amount"), SHARED)
def test_every_option_reads_the_same_limits(text: str, amount: float) -> None:
    (limit,) = parse_limits(SCENARIO, text)
    (condition,) = parse_conditions(SCENARIO, text)
    assert limit.at_most == pytest.approx(amount) and condition.at_most == pytest.approx(amount)
    assert limit.criterion.measure.key == condition.measure.key


def test_the_example_of_the_remedies_is_read_by_both() -> None:
    text = examples(SCENARIO).replace(" or ", ",").replace("losses<=10000", "end.road<=90")
    assert len(parse_limits(SCENARIO, text)) == len(parse_conditions(SCENARIO, text)) == 3


@pytest.mark.parametrize(
    ("text", "rule", "remedy"),
    [
        ("overstretched<=70", "a chance is at most 100 %", "write overstretched<=70%"),
        ("failed.move:p80<=70", "a chance is at most 100 %", "write failed.move<=70%"),
        ("overstretched<=170%", "is beyond 100 %", "a chance is at most 100 %"),
        ("overstretched<=170 percent", "is beyond 100 %", "a chance is at most 100 %"),
        ("end<=10%", "no share: End of all", "give a number of days"),
        ("overstretched<=2020-03-01", "a date is no limit for this outcome", "give a share such as 10%"),
        ("end<=2021-03-01", "the date lies outside the run", "choose one of 2020-01-01 to 2020-04-29"),
        ("end<=10 km", "is a length, not a duration", "write it as in '3 weeks'"),
        ("end<=121", "the limit lies beyond the horizon", "at most 120 days, or a date"),
        ("en<=5", "there is no such outcome", "did you mean 'end'?"),
        ("end:=5", "is not a limit", f"write e.g. {examples(SCENARIO)}"),
        ("end<=", "is not a limit", f"write e.g. {examples(SCENARIO)}"),
    ],
)
def test_what_is_refused_and_what_to_write(text: str, rule: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        read_limits(SCENARIO, text, "limit")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.remedy) == (rule, remedy)


@pytest.mark.parametrize("text", ["overstretched<=100%", "failed<=1", "failed<=100 %"])
def test_a_chance_that_may_be_certain_is_no_limit(text: str) -> None:
    for read in (parse_limits, parse_conditions):
        with pytest.raises(InputError, match="every plan keeps it, since a chance is at most 100 %"):
            read(SCENARIO, text)


def test_the_date_of_the_example_lies_within_the_days() -> None:
    (date,) = re.findall(r"end<=([0-9-]+)", examples(SCENARIO))
    assert start_date(SCENARIO) < dt.date.fromisoformat(date) < last_date(SCENARIO)
    for days in (1, 2, 3653):
        scenario = SCENARIO.model_copy(update={"horizon": fixed(days, "duration")})
        (date,) = re.findall(r"end<=([0-9-]+)", examples(scenario))
        assert start_date(scenario) <= dt.date.fromisoformat(date) <= last_date(scenario)


def test_a_thousands_comma_is_named() -> None:
    with pytest.raises(InputError) as caught:
        read_limits(SCENARIO, "end<=1,000", "joint")
    (problem,) = caught.value.problems
    assert problem.value == "000" and "a comma ends a limit" in problem.rule


def test_a_condition_of_single_histories_has_no_statistic() -> None:
    with pytest.raises(InputError) as caught:
        parse_conditions(SCENARIO, "end:p80<=60")
    assert "each single one" in caught.value.problems[0].rule
    (condition,) = parse_conditions(SCENARIO, "overstretched<=10%")
    assert condition.label == "no overstretch"
    (condition,) = parse_conditions(SCENARIO, "failed.move<=0")
    assert condition.label == "no failure of Move"


@given(st.integers(0, 118))
def test_a_date_is_the_end_of_its_day(days: int) -> None:
    date = dt.date(2020, 1, 1) + dt.timedelta(days=days)
    (limit,) = parse_limits(SCENARIO, f"end:p80<={date}")
    assert limit.at_most == days + 1 and limit.date == date
    assert limit.label.endswith(f"at most {days + 1} days ({date})")


@given(st.text("end<=:,0123456789-.% days_lift", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        limits = read_limits(SCENARIO, text, "limit")
    except InputError as error:
        assert all(problem.rule and problem.path == "limit" for problem in error.problems)
    else:
        assert all(limit.at_most >= 0 for limit in limits)


def test_both_verbs_take_what_the_other_shows(tmp_path: Path) -> None:
    """What the issue tried: each option was refused with the other's example as remedy."""
    judged = phaseline.compare(
        SCENARIO, replications=16, joint="overstretched<=10%,end<=2020-03-31", store=tmp_path, threads=1
    )
    labels = [condition["label"] for condition in judged.comparison["joint"]["conditions"]]
    assert labels == ["no overstretch", "all done by 2020-03-31"]
    curve = phaseline.when(
        SCENARIO,
        "move",
        against="road",
        limit="end<=2020-04-20",
        at="0,1",
        replications=16,
        store=tmp_path,
        threads=1,
    )
    assert curve.document["limits"] == [
        {"key": "end", "label": "mean of end of all at most 111 days (2020-04-20)", "at_most": 111.0}
    ]
