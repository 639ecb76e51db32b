"""Backtests: baselines by hand, no look ahead to the bit, scores of known forecasts, lodged forecasts."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

import phaseline
from learning.campaigns import START, report, small
from phaseline.errors import InputError
from phaseline.learning import baselines, lodging
from phaseline.learning.backtest import (
    LEAST_OUTCOMES,
    _beside,
    _scored,
    backtest,
    not_compared,
    not_scored,
    observed_of,
    summary,
)
from phaseline.learning.updating import posterior
from phaseline.reporting import backtested
from phaseline.reporting.plots import learning
from phaseline.scenario.followed import Came, Voice


def came(about: str, quantity: str, day: int, low: float = 0.0, high: float = 0.0, late: int = 0) -> Came:
    date = START + dt.timedelta(days=day)
    return Came(about, quantity, date, date + dt.timedelta(days=late), low, high)


REPORTS = [report(10, 0.2), report(20, 0.4), report(30, 0.6), report(40, 0.8)]
TRUTH = [
    came("coast", "finished", 62, late=2),
    came("coast.supply", "progress", 35, 0.6, 0.8),
    came("valley", "finished", 40),
]
DURATIONS = [10.0, 20.0, 40.0, 80.0]


def issue(
    *days: int, reports: Any = REPORTS, truth: Any = TRUTH, voices: Any = (), **more: Any
) -> list[dict[str, Any]]:
    scenario = small()
    dates = [START + dt.timedelta(days=day) for day in days]
    return backtest(
        scenario, "together", scenario.plans["together"], lambda d: [r for r in reports if r.published <= d], truth, voices,
        DURATIONS, dates, seed=1, threads=1, num_particles=200, **more,
    )  # fmt: skip


class TestBaselines:
    def made(self, target: Came, *reports: Any, day: int = 20) -> dict[str, np.ndarray]:
        return baselines.forecasts(small(), list(reports), START + dt.timedelta(days=day), DURATIONS, target)

    def test_amounts(self) -> None:
        found = self.made(came("coast.supply", "progress", 40), report(10, 0.2), report(20, 0.3))
        assert found["persistence"] == pytest.approx([0.3])
        assert found["linear"] == pytest.approx([0.6])
        found = self.made(came("coast.supply", "progress", 90), report(20, 0.5))
        assert found["linear"] == pytest.approx([1.0])
        assert self.made(came("coast.supply", "progress", 40))["persistence"] == pytest.approx([0.0])
        done = self.made(came("coast.supply", "progress", 40), report(15, 1.0, "coast.supply", "finished"))
        assert done["persistence"] == pytest.approx([1.0])

    def test_as_long_again(self) -> None:
        found = self.made(came("coast", "finished", 90))["as_long_again"]
        # after 21 days the median is 21 more
        assert np.median(found) == pytest.approx(41, abs=0.1)
        assert (found >= 20).all()

    def test_linear_end(self) -> None:
        found = self.made(
            came("coast.supply", "finished", 90),
            report(0, 1, "coast.supply", "started", line=1),
            report(20, 0.4),
        )
        assert found["linear"] == pytest.approx([50.0])

    def test_earlier_battles_are_given_what_has_passed(self) -> None:
        rest = baselines.remaining(DURATIONS, 30.0)
        assert (rest >= 0).all()
        assert np.median(rest + 30) > np.median(baselines.remaining(DURATIONS, 0.0))
        with pytest.raises(ValueError, match="at least three"):
            baselines.remaining([1.0, 2.0], 0.0)

    def test_a_start_has_only_as_long_again(self) -> None:
        assert set(self.made(came("valley.supply", "started", 90))) == {"as_long_again"}


class TestNoLookAhead:
    def test_later_data_change_no_earlier_forecast_by_a_bit(self) -> None:
        changed = [*REPORTS[:2], report(30, 0.05), report(40, 0.06, speaker="other")]
        first, second = issue(15, 25, 45), issue(15, 25, 45, reports=changed)
        assert first[:2] == second[:2]
        assert first[2] != second[2]

    def test_truth_changes_no_forecast(self) -> None:
        other = [came("coast", "finished", 100), *TRUTH[1:]]
        first, second = issue(15)[0]["items"][0], issue(15, truth=other)[0]["items"][0]
        assert first["quantiles"] == second["quantiles"]
        assert first["crps"] != second["crps"]

    def test_what_is_past_is_not_scored(self) -> None:
        assert [len(one["items"]) for one in issue(15, 38, 50, 70)] == [3, 2, 1, 0]


class TestScores:
    def test_they_are_of_the_forecast_issued(self) -> None:
        told: list[tuple[int, int]] = []
        voices = [
            Voice(START + dt.timedelta(days=25), "a minister", "coast", "finished", START, START, "now")
        ]
        issues = issue(15, 25, voices=voices, progress=lambda done, of: told.append((done, of)))
        assert told[-1] == (2, 2)
        item = issues[1]["items"][0]
        assert item["about"] == "coast"
        assert item["ahead"] == 37
        assert item["quantiles"]["p10"] <= item["quantiles"]["p50"] <= item["quantiles"]["p90"]
        assert item["observed"] == {"low": 62.0, "high": 65.0}
        assert set(item["baselines"]) == {"as_long_again", "earlier_battles", "linear"}
        (voice,) = issues[1]["voices"]
        assert voice["their_error"] == -63
        assert abs(voice["our_error"]) < 63
        found = summary(issues, 1)
        assert found["forecasts"] == 6
        assert found["voices"]["ours_nearer"] == 1
        assert {row["group"] for row in found["by_quantity"]} == {"finished", "progress"}
        assert [row["group"] for row in found["by_horizon"]] == ["1 to 30 days", "31 to 60 days"]
        for row in found["losses"]:
            assert row["theirs"] < row["ours"]

    def test_a_forecast_right_to_the_day_is_no_miss_and_leans_to_no_side(self) -> None:
        """Histories keep the midnight that begins the day of a start, and the one that ends the day of an end."""
        days = {"started": 4, "finished": 15}
        truth = [came("coast", quantity, day) for quantity, day in days.items()]
        for one, middle in zip(truth, (4.0, 16.0), strict=True):
            observed = observed_of(one, START, 120.0)
            item = _scored(one, START, np.full(9, middle), observed, 120.0, {})
            assert item["covered"] == {"50%": True, "80%": True, "95%": True}
            assert (item["bias"], item["optimism"], item["pit"]) == (0.0, 0.0, 0.5)
            voice = Voice(START, "a minister", "coast", one.quantity, one.date, one.date, "then")
            row = _beside(voice, np.full(9, middle), truth, START, 120.0)
            assert (row["ours"], row["our_error"], row["their_error"]) == (one.date.isoformat(), 0, 0)
            later = _scored(one, START, np.full(9, middle + 1.0), observed, 120.0, {})
            assert (later["covered"]["95%"], later["bias"]) == (False, -1.0)

    def test_nothing_to_score(self) -> None:
        found = summary(issue(90), 1)
        assert found["forecasts"] == 0
        assert found["crps"] is None

    def test_skill_ends_where_a_baseline_is_as_good(self) -> None:
        from phaseline.learning.backtest import _skill_ends

        def item(ahead: int, ours: float, theirs: float, about: int) -> dict[str, Any]:
            held = {"50%": True, "80%": True, "95%": True}
            return {
                "about": f"town_{about}",
                "quantity": "finished",
                "ahead": ahead,
                "crps": ours,
                "bias": 0.0,
                "covered": held,
                "baselines": {"persistence": theirs},
            }

        items = [item(days, ours, 2.0, k) for days, ours in ((10, 1.0), (40, 3.0)) for k in range(6)]
        assert _skill_ends(items) == "31 to 60 days"
        assert _skill_ends(items[:6]) is None
        assert _skill_ends(items[:11]) is None, "five outcomes at a horizon are too few for a verdict on it"
        one_curve = [item(40, 3.0, 2.0, 1) for _ in range(40)]
        assert _skill_ends(one_curve) is None, "forty figures of one curve are one outcome"


class TestWhatIsScored:
    def test_what_is_not_scored_is_named_with_the_reason(self) -> None:
        truth = [
            *TRUTH,
            came("coast", "displaced", 250, 1, 2),
            came("coast", "started", 5),
            came("valley", "finished", 250),
        ]
        rows = not_scored(truth, [START + dt.timedelta(days=20)], START, 200)
        assert [(row["about"], row["quantity"]) for row in rows] == [
            ("coast", "displaced"),
            ("coast", "started"),
        ]
        assert "beyond the horizon" in rows[0]["reason"] and "first day of issue" in rows[1]["reason"]
        scored = {
            (item["about"], item["quantity"]) for one in issue(20, truth=truth) for item in one["items"]
        }
        assert scored == {(one.about, one.quantity) for one in truth} - {
            ("coast", "displaced"),
            ("coast", "started"),
        }

    def test_figures_of_one_curve_are_one_outcome(self) -> None:
        curve = [came("coast.supply", "progress", day, 0.5, 0.7) for day in range(35, 60)]
        found = summary(issue(20, 30, truth=[*curve, came("coast", "finished", 62)]), 1)
        assert (found["forecasts"], found["outcomes"]) == (52, 2)
        assert found["against"]["persistence"]["outcomes"] == 1

    @pytest.mark.parametrize(
        ("outcomes", "gap", "said"),
        [
            (2, (-3.0, -4.0, -2.0), "No verdict against persistence (2)"),
            (5, (-3.0, -4.0, -2.0), "No verdict against persistence (5)"),
            (6, (-3.0, -4.0, -2.0), "On average it beats persistence."),
            (6, (-0.1, -1.0, 1.0), "On average it cannot be told apart from persistence."),
            (6, (2.0, 1.0, 3.0), "On average it loses to persistence."),
        ],
    )
    def test_verdicts_need_outcomes_and_intervals(
        self, outcomes: int, gap: tuple[float, float, float], said: str
    ) -> None:
        found = summary(issue(20), 1)
        difference = dict(zip(("value", "low", "high"), gap, strict=True))
        row = {"number": 40, "outcomes": outcomes, "ours": 1.0, "theirs": 2.0, "difference": difference}
        told = backtested.sentences(found | {"against": {"persistence": row}, "outcomes": outcomes})
        assert told[0].startswith(f"Forecasts scored: 3. Independent outcomes among them: {outcomes} ")
        assert said in " ".join(told)
        assert ("forecasts were too" in " ".join(told)) == (outcomes >= 6)
        assert "horizon" not in told[2], "no horizon has six outcomes, so no skill ends at one"

    def test_the_number_needed_is_the_one_that_a_sign_test_needs(self) -> None:
        assert backtested.LEAST_OUTCOMES == LEAST_OUTCOMES
        enough, fewer = (binomtest(number, number).pvalue for number in (LEAST_OUTCOMES, LEAST_OUTCOMES - 1))
        assert enough < 0.05 < fewer

    def test_skill_is_judged_at_horizons_with_enough_outcomes(self) -> None:
        found = summary(issue(20), 1) | {"skill_ends": None}
        for horizons, said in (
            (0, ""),
            (1, "At the one horizon with at least 6 independent outcomes no baseline is better on average."),
            (
                3,
                "At none of the 3 horizons with at least 6 independent outcomes is a baseline better on average.",
            ),
        ):
            told = " ".join(backtested.sentences(found | {"horizons_judged": horizons}))
            assert said in told and ("with at least" in told) == bool(horizons)
        told = " ".join(backtested.sentences(found | {"horizons_judged": 2, "skill_ends": "31 to 60 days"}))
        assert "Skill ends at a horizon of 31 to 60 days" in told

    def test_forecasts_by_others_that_are_set_beside_nothing_are_named(self) -> None:
        def voice(day: int, about: str, quantity: str = "finished") -> Voice:
            said = START + dt.timedelta(days=day)
            return Voice(said, "a minister", about, quantity, said, said, "soon")

        voices = [voice(25, "coast"), voice(5, "coast"), voice(25, "valley", "started"), voice(45, "valley")]
        rows = not_compared(voices, TRUTH, START + dt.timedelta(days=20))
        assert [(row["date"], row["about"]) for row in rows] == [
            ("2026-01-06", "coast"), ("2026-01-26", "valley"), ("2026-02-15", "valley"),
        ]  # fmt: skip
        told = backtested.not_compared(rows)
        assert [said in text for said, text in zip(
            ("before the first day of issue", "nothing says when it came", "it had come by then"), told, strict=True
        )] == [True] * 3  # fmt: skip
        assert "valley started by a minister on 2026-01-26" in told[1]

    def test_of_what_came_after_the_horizon_others_are_compared_as_far_as_it(self) -> None:
        """Histories last 200 days: whoever names a later day is right about that, and so is a history without an end."""

        def voice(day: int, to: int) -> Voice:
            said, named = (START + dt.timedelta(days=number) for number in (day, to))
            return Voice(said, "a minister", "coast", "finished", named, named, "later")

        late = came("coast", "finished", 300)
        (one,) = issue(25, truth=[late], voices=[voice(25, 250), voice(25, 150)])
        right, wrong = one["voices"]
        assert (right["their_error"], wrong["their_error"]) == (0, -50)
        assert right["our_error"] == wrong["our_error"] < 0
        never = _beside(voice(25, 150), np.full(10, np.inf), [late], START, 200.0)
        assert (never["our_error"], never["ours"], never["came"]) == (0.0, None, "2026-10-28")
        assert summary([{**one, "voices": [never]}], 1)["voices"]["ours_nearer"] == 1
        within = _beside(voice(25, 150), np.full(10, np.inf), TRUTH, START, 200.0)
        assert within["our_error"] is None

    def test_pictures_of_nothing_are_left_out(self) -> None:
        """Amounts alone have no milestones, and a single start no baseline at any horizon."""
        for truth, missing in (
            ([came("coast.supply", "progress", 35, 0.6, 0.8)], learning.milestones),
            ([came("coast", "started", 250)], learning.skill),
            ([], learning.calibration),
        ):
            issues = issue(20, truth=truth)
            document: dict[str, Any] = {
                "title": "t", "plan": "p", "why": None, "seed": 1, "scales": {}, "particles": 60, "horizon": 200,
                "start": START.isoformat(), "not_scored": [], "not_compared": [], "warnings": [],
                "variants": [{"label": "x", "issues": issues, "summary": summary(issues, 1)}],
            }  # fmt: skip
            with pytest.raises(LookupError, match="nothing to draw"):
                missing(document)
            assert "<h2>X</h2>" in backtested.page(document)

    def test_no_table_is_printed_empty(self) -> None:
        """Two outcomes without any baseline in common, and none at all."""
        document: dict[str, Any] = {
            "title": "t", "plan": "p", "why": None, "seed": 1, "scales": {}, "particles": 60,
            "not_scored": not_scored([came("coast", "displaced", 250)], [START], START, 200),
            "not_compared": [], "warnings": [],
        }  # fmt: skip
        issues = issue(20, truth=[])
        document["variants"] = [{"label": "x", "issues": issues, "summary": summary(issues, 1)}]
        text, page = backtested.render_backtest(document) or "", backtested.page(document)
        assert "nothing is scored" in text and "Not scored, because it is known for a day beyond" in text
        assert "CRPS" not in text and "by horizon" not in text
        assert "<table" not in page and "Not scored, because" in page


class TestLodged:
    def document(self) -> dict[str, Any]:
        scenario = small()
        found = posterior(
            scenario,
            "together",
            scenario.plans["together"],
            REPORTS[:2],
            seed=1,
            threads=1,
            num_particles=200,
        )
        return lodging.lodged(
            scenario,
            found,
            START + dt.timedelta(days=20),
            plan="together",
            version="0",
            told_on=dt.date(2026, 2, 1),
        )

    def test_it_can_be_scored(self) -> None:
        document = json.loads(json.dumps(self.document()))
        truth = [
            *TRUTH,
            came("coast", "displaced", 30, 0, 0),
            came("nowhere", "killed", 30, 1, 1),
            came("coast", "finished", 5),
        ]
        rows = lodging.score(lodging.checked(document, "f"), truth)
        assert [row["scored"] for row in rows] == [True, True, True, True, False, False]
        assert (
            rows[4]["reason"] == "the forecast does not speak of it"
            and "no later than the day of issue" in rows[5]["reason"]
        )
        assert rows[1]["median"] == pytest.approx(0.65, abs=0.25)
        assert rows[0]["ahead"] == 42

    def test_what_came_after_the_horizon_counts_as_that_wherever_it_is_scored(self) -> None:
        """200 days are simulated; coast ended on day 300. A backtest and a lodged forecast of the same day agree."""
        late = came("coast", "finished", 300)
        (issued,) = issue(20, truth=[late])
        (item,) = issued["items"]
        (row,) = lodging.score(json.loads(json.dumps(self.document())), [late])
        for found in (item, row):
            assert found["observed"] == {"low": None, "high": None}
            assert found["crps"] > 1.0 and found["pit"] > 0.9 and not found["covered"]["80%"]
        assert row["crps"] == pytest.approx(item["crps"], rel=0.05)

    def test_what_a_lodged_forecast_is_not_scored_on_is_named_and_not_tabulated(self) -> None:
        document = json.loads(json.dumps(self.document()))
        rows = lodging.score(document, [*TRUTH, came("nowhere", "killed", 30, 1, 1)])
        text = " ".join((backtested.render_lodged(document | {"items": rows}) or "").split())
        assert (
            "coast finished 2026-03-04" in text
            and "does not speak of it: nowhere killed (2026-01-31)" in text
        )
        assert "nowhere killed 2026" not in text
        none = backtested.render_lodged(document | {"items": rows[-1:]}) or ""
        assert "CRPS" not in none and "nowhere killed (2026-01-31)" in none

    def test_histories_that_never_end_foretell_what_comes_after_the_horizon(self) -> None:
        document = json.loads(json.dumps(self.document()))
        document["milestones"]["finished.coast"] = [100.0] * 30 + [None] * 69
        (row,) = lodging.score(document, [came("coast", "finished", 300)])
        assert row["covered"] == {"50%": True, "80%": True, "95%": True}
        assert row["pit"] == pytest.approx(30 / 99 + 0.5 * 69 / 99)
        assert row["crps"] == pytest.approx((30 / 99) ** 2 * 100 / 30)

    def test_up_to_the_last_day_of_the_horizon_and_no_further(self) -> None:
        """A backtest scores an amount on day 199 of 200 and none on day 200; so does a lodged forecast."""
        truth = [came("coast.supply", "progress", day, 0.9, 1.0) for day in (195, 199, 200)]
        document = json.loads(json.dumps(self.document()))
        rows = lodging.score(document, truth)
        assert [row["scored"] for row in rows] == [True, True, False]
        assert rows[2]["reason"] == not_scored(truth, [START], START, 200)[0]["reason"]
        assert [item["date"] for item in issue(20, truth=truth)[0]["items"]] == [
            row["date"] for row in rows[:2]
        ]
        older = {**document, "days": document["days"][:-1]}
        older["amounts"] = {name: kept[:-1] for name, kept in document["amounts"].items()}
        assert lodging.score(older, truth)[1]["reason"] == "the forecast holds no figure for that day"

    def test_a_day_between_is_interpolated(self) -> None:
        document = self.document()
        low, high = (
            lodging._sample(document, came("coast.supply", "progress", day), day)
            for day in document["days"][:2]
        )
        middle = lodging._sample(document, came("coast.supply", "progress", 26), document["days"][0] + 5)
        assert middle == pytest.approx(0.5 * (low + high))

    def test_a_changed_forecast_is_refused(self) -> None:
        document = self.document()
        document["milestones"]["finished.coast"][0] = 1.0
        with pytest.raises(InputError, match="was changed"):
            lodging.checked(document, "f")
        with pytest.raises(InputError, match="is no forecast"):
            lodging.checked([], "f")


class TestVerbs:
    """The verbs on the template and the founding case, small."""

    HEAD = "date,operation,quantity,value_low,value_high,unit,source,speaker,published\n"

    @pytest.fixture
    def case(self, tmp_path: Path) -> Path:
        path = phaseline.new(tmp_path / "case.yaml")
        followed = tmp_path / "followed"
        followed.mkdir()
        rows = [
            "2026-09-20,coast,progress,0.2,0.3,share,made up,press,2026-09-20",
            "2026-09-25,valley.supply,started,,,event,made up,press,2026-09-25",
            "2026-10-05,coast,progress,50,60,%,made up,press,2026-10-05",
            "2026-10-06,valley,progress,0.1,,share,made up,radio,2026-10-06",
        ]
        (followed / "reports.csv").write_text(self.HEAD + "\n".join(rows) + "\n")
        (followed / "truth.csv").write_text(
            "about,quantity,date,date_high,value_low,value_high,unit,source\ncoast,finished,2026-10-20,,,,event,s\n"
            "coast,progress,2026-10-10,,0.6,0.7,share,s\n"
        )
        return path

    def test_update_writes_a_scenario_that_runs(self, case: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        found = phaseline.update(case, case.parent / "followed" / "reports.csv", particles=100, out=out)
        assert sorted(path.name for path in out.iterdir()) == [
            "inference.nc",
            "posterior.csv",
            "scenario.yaml",
            "update.json",
        ]
        assert json.loads((out / "update.json").read_text())["format"] == "phaseline-update/1"
        again = phaseline.load(out / "scenario.yaml")
        direct = found.scenario.numbers["fleet"].dist
        assert again.numbers["fleet"].dist.mean() == pytest.approx(direct.mean(), rel=1e-6)
        assert phaseline.run(again, "together", 64, store=tmp_path / "s").replications == 64
        import xarray as xr

        with xr.open_datatree(out / "inference.nc", engine="h5netcdf") as tree:
            assert {"posterior", "prior", "log_likelihood", "posterior_predictive", "observed_data"} <= set(
                tree.children
            )
            assert tree["posterior"]["fleet"].dims == ("chain", "draw")
            assert tree["log_likelihood"]["report_value"].sizes["report"] == 4

    def test_update_refuses_what_is_wrong(self, case: Path) -> None:
        reports = case.parent / "followed" / "reports.csv"
        for options, rule in (
            ({"particles": 3}, "particles"),
            ({"plan": "nosuch"}, "no such plan"),
            ({"published_by": "soon"}, "not a date"),
            ({"seed": -1}, "seed"),
        ):
            with pytest.raises(InputError, match=rule):
                phaseline.update(case, reports, **options)  # type: ignore[arg-type]

    def test_update_stops_when_told(self, case: Path) -> None:
        from threading import Event

        cancel = Event()
        cancel.set()
        with pytest.raises(phaseline.InterruptedRun):
            phaseline.update(case, case.parent / "followed" / "reports.csv", particles=100, cancel=cancel)

    def test_backtest_and_its_page(self, case: Path, tmp_path: Path) -> None:
        found = phaseline.backtest(case, dates="2026-09-22,2026-10-07", particles=100, out=tmp_path / "bt")
        assert [one["issued"] for one in found["variants"][0]["issues"]] == ["2026-09-22", "2026-10-07"]
        text = (tmp_path / "bt" / "backtest.html").read_text()
        assert "Where it lost most" in text
        assert "<script" not in text
        assert text.count("<svg") == 3

    def test_backtest_refuses_what_is_wrong(self, case: Path, tmp_path: Path) -> None:
        for options, rule in (
            ({"dates": "2020-01-01"}, "begin with"),
            ({"dates": "x"}, "not a date"),
            ({"followed": tmp_path / "no"}, "no folder"),
            ({"lodged": tmp_path / "no.json"}, "cannot be read"),
        ):
            with pytest.raises(InputError, match=rule):
                phaseline.backtest(case, **options)  # type: ignore[arg-type]

    def test_lodge_and_score(self, case: Path, tmp_path: Path) -> None:
        target = tmp_path / "forecast.json"
        document = phaseline.lodge(case, target, particles=100)
        assert document["issued"] == "2026-09-01"
        with pytest.raises(InputError, match="never replaced"):
            phaseline.lodge(case, target, particles=100)
        found = phaseline.backtest(case, lodged=target)
        assert [row["scored"] for row in found["items"]] == [True, True]
        with pytest.raises(InputError, match="cannot be written"):
            phaseline.lodge(case, tmp_path / "no" / "f.json", particles=100)

    def test_the_founding_case(self, tmp_path: Path) -> None:
        """One day of issue before and one after the event; forecasts of the first hang on nothing later."""
        found = phaseline.backtest(
            "mosul-raqqa-2016", dates="2016-10-26,2016-12-01", particles=60, later=False
        )
        assert [variant["label"] for variant in found["variants"]] == [
            "as of the case's day",
            "with numbers learned from earlier battles",
        ]
        first, second = found["variants"][0]["issues"]
        learned = found["variants"][1]["issues"]
        assert learned[0]["items"][0]["quantiles"] != first["items"][0]["quantiles"]
        assert first["reports"] == 0
        assert second["reports"] >= 5
        assert len(first["items"]) > 40

    def test_battles_known_later_change_nothing(self, tmp_path: Path) -> None:
        """Neither the numbers learned nor the naive forecast by earlier battles."""
        case = tmp_path / "case"
        shutil.copytree(Path(phaseline.__file__).parent / "cases" / "mosul-raqqa-2016", case)
        options: dict[str, Any] = {"dates": "2016-10-26", "particles": 60, "later": False}
        before = phaseline.backtest(case / "scenario.yaml", **options)
        lines = (case / "battles.csv").read_text(encoding="utf-8").splitlines()
        (manbij,) = (line for line in lines if line.startswith("Manbij,"))
        for name, known_on in (("Later", "2017-03-01"), ("Known", "2016-10-01")):
            row = [name, *manbij.split(",")[1:]]
            row[6] = known_on
            text = "\n".join([*lines, ",".join(row)]) + "\n"
            (case / "battles.csv").write_text(text, encoding="utf-8")
            after = phaseline.backtest(case / "scenario.yaml", **options)
            assert (after["variants"] == before["variants"]) == (name == "Later")

    def test_without_earlier_battles(self, case: Path) -> None:
        labels = [variant["label"] for variant in phaseline.backtest(case, particles=60)["variants"]]
        assert labels == ["as of the case's day"]
        found = phaseline.backtest(
            "mosul-raqqa-2016", dates="2016-10-26", particles=60, later=False, earlier=False
        )
        assert [variant["label"] for variant in found["variants"]] == ["as of the case's day"]

    def test_reference_writes_an_ensemble_of_the_case(self, tmp_path: Path) -> None:
        found = phaseline.reference("mosul-raqqa-2016", foretell=0, out=tmp_path / "ref")
        assert {row["name"] for row in found["numbers"]} >= {"city_tempo", "is_breaks"}
        case = phaseline.load(tmp_path / "ref" / "scenario.yaml")
        assert type(case.numbers["city_tempo"].dist).__name__ == "Joint"
        with pytest.raises(InputError, match="no such file"):
            phaseline.reference(tmp_path / "ref" / "scenario.yaml")

    def test_fit_of_a_battle(self, tmp_path: Path) -> None:
        path = tmp_path / "days.csv"
        path.write_text("day,x,y\n" + "".join(f"{i},{1000 - 12 * i},{800 - 15 * i}\n" for i in range(12)))
        found = phaseline.fit(path, "all")
        assert len(found["fits"]) == len(found["compared"]) == 6
        for options, rule in (
            ({"law": "squar"}, "Write square"),
            ({"method": "magic"}, "no such method"),
            ({"exponents": "x"}, "no such exponents"),
            ({"law": ","}, "names no law"),
            ({"tactical": True}, "needs the column"),
        ):
            with pytest.raises(InputError, match=rule):
                phaseline.fit(path, **options)  # type: ignore[arg-type]
