"""Limits of working days, against numpy's business days; people displaced at the start; horizons of ten years."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.histories import daily, document, examples, run, value
from engine.test_limits_projects import projects

FIRST = np.datetime64("2020-01-01")  # a Wednesday, day 0
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], np.busdaycalendar]:
    """A calendar as it is written, and the same as numpy knows it."""
    works = draw(st.lists(st.sampled_from(WEEK), min_size=1, unique=True))
    begins = draw(st.lists(st.integers(0, 80), max_size=4))
    periods = [(FIRST + b, FIRST + b + draw(st.integers(0, 12))) for b in begins]
    closed = [str(a) if a == b else [str(a), str(b)] for a, b in periods]
    holidays = [day for a, b in periods for day in np.arange(a, b + 1)]
    mask = "".join("1" if day in works else "0" for day in WEEK)
    return {"works": works, "closed": closed}, np.busdaycalendar(weekmask=mask, holidays=holidays)


def working(day: int, days: int, calendar: np.busdaycalendar) -> tuple[int, int]:
    """First day of work of a task of so many days that may begin on a day, and the time at which it ends."""
    begin = np.busday_offset(FIRST + day, 0, roll="forward", busdaycal=calendar)
    end = np.busday_offset(begin, days - 1, busdaycal=calendar)
    return int((begin - FIRST).astype(int)), int((end - FIRST).astype(int)) + 1


@given(calendars(), st.integers(1, 15), st.integers(0, 20))
@examples(150)
def test_a_task_ends_on_the_working_day_that_counting_gives(given_calendar, days, opens) -> None:
    written, known = given_calendar
    task = {"kind": "task", "duration": f"{days} days", "calendar": "week"}
    doc = document({"o": {"p": task}}, calendars={"week": written}, horizon="400 days")
    doc["plans"]["base"] = {"gates": {"o.p": {"date": str(FIRST + opens)}}}
    answer = run(doc)
    assert (answer["start.o.p"][0], answer["end.o.p"][0]) == working(opens, days, known)


@given(projects(), calendars())
@examples(100)
def test_without_scarcity_the_critical_path_in_working_days(instance, given_calendar) -> None:
    """Every other task keeps the calendar, the rest work every day."""
    durations, before, order, operations = instance
    written, known = given_calendar
    home = [f"o{i % operations}.t{i}" for i in range(len(durations))]
    phases: dict[str, dict[str, Any]] = {f"o{k}": {} for k in range(min(operations, len(durations)))}
    for i in order:
        operation, name = home[i].split(".")
        phases[operation][name] = {
            "kind": "task", "duration": f"{durations[i]} days", "after": [home[j] for j in before[i]],
        } | ({"calendar": "week"} if i % 2 else {})  # fmt: skip
    answer = run(document(phases, calendars={"week": written}, horizon="1200 days"))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(durations)))
    graph.add_edges_from((j, i) for i, waits in enumerate(before) for j in waits)
    starts, ends = {}, {}
    for i in nx.topological_sort(graph):
        starts[i] = max((ends[j] for j in before[i]), default=0)
        ends[i] = starts[i] + math.ceil(durations[i])
        if i % 2 and durations[i] > 0:
            starts[i], ends[i] = working(starts[i], math.ceil(durations[i]), known)
    assert {i: answer[f"start.{home[i]}"][0] for i in starts} == starts
    assert {i: answer[f"end.{home[i]}"][0] for i in ends} == ends


def test_periods_include_both_ends_and_open_days_win() -> None:
    """Five days of work from Tuesday 22 December 2026, with a shutdown, a holiday and a Saturday that is worked."""
    office = {
        "works": "mon-fri",
        "closed": ["2026-12-25", ["2026-12-28", "2027-01-02"]],
        "open": ["2026-12-26"],
    }
    task = {"kind": "task", "duration": "5 days", "calendar": "office"}
    doc = document({"o": {"p": task}}, calendars={"office": office}, as_of="2026-12-22")
    progress = daily(doc)["progress.o.p"]
    worked = [
        dt.date(2026, 12, 22) + dt.timedelta(int(d)) for d in np.flatnonzero(np.diff(progress, prepend=0))
    ]
    assert [day.isoformat() for day in worked] == [
        "2026-12-22", "2026-12-23", "2026-12-24", "2026-12-26", "2027-01-04",
    ]  # fmt: skip


def lorries(demand: str = "12/day", **asset: Any) -> dict[str, Any]:
    task = {
        "kind": "task", "duration": "30 days", "demand": {"lorries": demand}, "dependence": {"lorries": 1},
    }  # fmt: skip
    return document(
        {"o": {"p": task}}, assets={"lorries": {"capacity": "10/day"} | asset},
        calendars={"week": {"works": "mon-fri"}, "always": {}, "weekend": {"works": ["sat", "sun"]}},
    )  # fmt: skip


def test_a_calendar_that_is_always_open_changes_no_bit() -> None:
    doc = lorries(surge_days="3 days", surge_factor=1.5)
    before = run(doc)
    doc["assets"]["lorries"]["calendar"] = "always"
    doc["operations"]["o"]["phases"]["p"]["calendar"] = "always"
    after = run(doc)
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)


def test_time_off_for_all_alike_leaves_strain_and_flight_as_they_are() -> None:
    """Task and asset in the same week: the days between are as if they were not there."""
    doc = lorries(surge_days="3 days", surge_factor=1.5, calendar="week")
    doc["operations"]["o"]["phases"]["p"]["calendar"] = "week"
    plain, kept = daily(lorries(surge_days="3 days", surge_factor=1.5)), daily(doc)
    at_work = np.is_busday(FIRST + np.arange(200))
    for name in ("strain.lorries", "flown.lorries", "progress.o.p"):
        assert np.array_equal(kept[name][at_work], plain[name][: at_work.sum()])
    assert not kept["flown.lorries"][~at_work].any()
    one, other = run(lorries(surge_days="3 days", surge_factor=1.5)), run(doc)
    for name in ("peak_strain.lorries", "overstretched.lorries", "flown.lorries", "unmet.lorries"):
        assert one[name] == other[name]
    # Wednesday 1 January, overstretched for seven working days at the least, binds on the first of them
    assert other["binds.lorries"][0] == 0


def test_an_asset_closed_on_some_days_is_strained_by_its_open_days_alone() -> None:
    """The task works every day: on days off it gets nothing, and that is unmet, but no capacity is no overstretch."""
    doc = lorries("8/day", calendar="week")
    series, answer = daily(doc), run(doc)
    at_work = np.is_busday(FIRST + np.arange(200))
    ends = int(answer["end.o.p"][0])
    assert ends == int(np.flatnonzero(np.cumsum(at_work) == 30)[0]) + 1
    assert series["strain.lorries"][:ends] == pytest.approx([0.8] * ends)
    assert answer["overstretched.lorries"][0] == 0
    assert answer["unmet.lorries"][0] == pytest.approx(8 * (~at_work[:ends]).sum())
    assert (series["coverage.lorries"][:ends] == at_work[:ends]).all()


def test_a_fleet_short_from_monday_to_friday_is_overstretched_all_week() -> None:
    """A five-day task calls for 20 % too much of a fleet that flies every day; its weekends hide nothing."""
    doc = lorries("12/day")
    doc["operations"]["o"]["phases"]["p"]["calendar"] = "week"
    series, answer = daily(doc), run(doc)
    ends = int(answer["end.o.p"][0])
    assert series["strain.lorries"][:ends] == pytest.approx([1.2] * ends)
    at_work = np.is_busday(FIRST + np.arange(200))
    assert answer["overstretched.lorries"][0] >= at_work[:ends].sum()
    assert answer["unmet.lorries"][0] == pytest.approx(2 * at_work[:ends].sum())


def test_contributions_keep_their_own_days_and_lends_those_of_the_asset() -> None:
    doc = lorries("30/day")
    doc["assets"]["lorries"] = {}
    doc["contributions"] = [
        {"nation": "A", "asset": "lorries", "count": 10, "calendar": "week"},
        {"nation": "B", "asset": "lorries", "count": 4},
    ]
    doc["horizon"] = "14 days"
    at_work = np.is_busday(FIRST + np.arange(14))
    assert (daily(doc)["flown.lorries"] == np.where(at_work, 14, 4)).all()
    doc["plans"]["base"] = {"relief": [{"action": "lend", "asset": "lorries", "amount": "3/day"}]}
    assert (daily(doc)["flown.lorries"] == np.where(at_work, 17, 7)).all()
    doc["assets"]["lorries"] = {"calendar": "week"}
    assert (daily(doc)["flown.lorries"] == np.where(at_work, 17, 0)).all()
    doc["contributions"][1]["not_for"] = ["elsewhere"]  # the shares are then found with caveats
    assert (daily(doc)["flown.lorries"] == np.where(at_work, 17, 0)).all()


def test_a_task_keeps_its_crane_over_the_weekend_and_takes_none_on_it() -> None:
    task = {"kind": "task", "duration": "5 days", "demand": {"crane": 1}}
    doc = document(
        {"a": {"p": task | {"calendar": "week"}}, "b": {"p": task}},
        assets={"crane": {"sharing": "whole", "units": 1}}, calendars={"week": {"works": "mon-fri"}},
    )  # fmt: skip
    # a holds it from Wednesday 1 to Tuesday 7 January, b takes it on the 8th
    assert [value(doc, name) for name in ("end.a.p", "start.b.p", "end.b.p")] == [7, 7, 12]
    # opened on Saturday 4 January, a takes nothing until Monday; b, next in line, takes the crane at once
    doc["plans"]["base"] = {"gates": {"a.p": {"date": "2020-01-04"}, "b.p": {"date": "2020-01-04"}}}
    assert [value(doc, name) for name in ("start.b.p", "end.b.p", "start.a.p", "end.a.p")] == [3, 8, 8, 15]
    # a crane that rests: nobody works with it, and nobody takes it
    doc["assets"]["crane"]["calendar"] = "week"
    assert [value(doc, name) for name in ("start.a.p", "end.a.p", "start.b.p", "end.b.p")] == [5, 10, 12, 17]


@pytest.mark.parametrize(("first", "last"), [("2019-03-01", "2029-02-28"), ("2027-01-01", "2036-12-31")])
def test_ten_calendar_years_run_to_their_last_day(first: str, last: str) -> None:
    """A task of all working days of ten years, with whatever leap years, ends on the last of them."""
    days = int((np.datetime64(last) - np.datetime64(first)).astype(int)) + 1
    assert days == 3653
    count = int(np.busday_count(first, np.datetime64(last) + 1))
    task = {"kind": "task", "duration": f"{count} days", "calendar": "week"}
    doc = document(
        {"o": {"p": task}}, calendars={"week": {"works": "mon-fri"}}, as_of=first, horizon="10 years"
    )
    final = np.busday_offset(last, 0, roll="backward")
    assert value(doc, "end") == (final - np.datetime64(first)).astype(int) + 1


def test_the_displaced_at_the_start_are_counted_and_go_home_with_the_others() -> None:
    """A task displaces nobody: 600 people from day 0 to 4 days after its end on day 10; others never go home."""
    task = {"kind": "task", "duration": "10 days"}
    people: dict[str, Any] = {
        "flee": 0.5,
        "home_after": "4 days",
        "displaced": {"a": 600, "b": "1.5 k persons"},
    }
    doc = document(
        {"a": {"p": task}, "b": {"p": task | {"duration": "300 days"}}}, people=people, horizon="30 days"
    )
    series, answer = daily(doc), run(doc)
    assert series["displaced.a"].tolist() == [600.0] * 13 + [0.0] * 17
    assert series["displaced.b"].tolist() == [1500.0] * 30
    assert answer["displaced.a"][0] == 600
    assert answer["person_days"][0] == 13 * 600 + 30 * 1500
    del people["home_after"]
    assert run(doc)["person_days"][0] == 30 * 2100


def test_the_displaced_at_the_start_are_drawn_once_per_world() -> None:
    task = {"kind": "task", "duration": "10 days"}
    people = {"flee": 0, "displaced": {"a": {"low": 400, "high": 800}}}
    doc = document({"a": {"p": task}}, people=people, horizon="20 days")
    worlds = run(doc, count=400, per_world=2)["displaced.a"].reshape(-1, 2)
    assert (worlds[:, 0] == worlds[:, 1]).all()
    assert 400 <= worlds.min() < 420 and 780 < worlds.max() <= 800
