from __future__ import annotations

import datetime as dt

import pytest

from phaseline.outcomes.calendar import round_dates
from phaseline.outcomes.summary import date_of

DAY = dt.date


@pytest.mark.parametrize(
    "low, high, expected",
    [
        (DAY(2016, 12, 5), DAY(2016, 12, 5), ["2016-12-05"]),
        (DAY(2016, 12, 1), DAY(2016, 12, 4), ["2016-12-01", "2016-12-02", "2016-12-03", "2016-12-04"]),
        (DAY(2016, 12, 1), DAY(2016, 12, 30), ["2016-12-02", "2016-12-09", "2016-12-16", "2016-12-23", "2016-12-30"]),
        (DAY(2016, 11, 20), DAY(2017, 2, 15), ["2016-11-30", "2016-12-31", "2017-01-31"]),
        (DAY(2016, 11, 20), DAY(2017, 8, 15), ["2016-12-31", "2017-02-28", "2017-04-30", "2017-06-30"]),
        (DAY(2016, 11, 20), DAY(2018, 1, 15), ["2016-12-31", "2017-03-31", "2017-06-30", "2017-09-30", "2017-12-31"]),
        (DAY(2016, 1, 1), DAY(2019, 12, 31), ["2016-12-31", "2017-12-31", "2018-12-31", "2019-12-31"]),
        (DAY(2016, 1, 2), DAY(2016, 1, 1), []),
    ],
)  # fmt: skip
def test_round_dates(low: dt.date, high: dt.date, expected: list[str]) -> None:
    assert [date.isoformat() for date in round_dates(low, high)] == expected


def test_never_too_many_and_never_none() -> None:
    for days in range(0, 3650, 7):
        high = DAY(2016, 10, 17) + dt.timedelta(days=days)
        dates = round_dates(DAY(2016, 10, 17), high)
        assert 1 <= len(dates) <= 5
        assert dates == sorted(set(dates)) and dates[0] >= DAY(2016, 10, 17) and dates[-1] <= high


def test_dates_of_times() -> None:
    start = DAY(2016, 10, 17)
    assert date_of(start, 1.0, last_day=True) == start
    assert date_of(start, 0.0, last_day=True) == start  # a milestone before the first day
    assert date_of(start, 2.5, last_day=True) == DAY(2016, 10, 19)
    assert date_of(start, 2.0, last_day=False) == DAY(2016, 10, 19)
