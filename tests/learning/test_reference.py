"""The reference class: known truth recovered, overlaps and censoring heeded, battles foretold from each other."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from phaseline import cli
from phaseline.cases import case_path
from phaseline.learning import reference as classes
from phaseline.learning.reference import ReferenceClass, Target, leave_one_out, table
from phaseline.scenario.battles import Battle, read_battles

BATTLES = case_path("mosul-raqqa-2016").parent / "battles.csv"
TARGET = Target("city", (100_000, 200_000), (2_000, 3_000), (10_000, 12_000), (0.4, 0.6))


def made(count: int = 40, seed: int = 1, slope: float = 0.5, **more: float) -> list[Battle]:
    """Battles whose days grow with the square root of their people, times e^(0.3 normal)."""
    rng = np.random.default_rng(seed)
    import datetime as dt

    found = []
    for i in range(count):
        people = float(np.exp(rng.uniform(math.log(2e4), math.log(1e6))))
        days = 30.0 * (people / 150_000) ** slope * float(np.exp(0.3 * rng.standard_normal()))
        result = "taken"
        if more.get("censor_at") and days > more["censor_at"]:
            days, result = more["censor_at"], "unfinished"
        dead = 2500.0 * 0.7 * (1.0 - math.exp(-0.025 * days)) * float(np.exp(0.05 * rng.standard_normal()))
        ranges = {
            "population": (people, people), "defenders": (2500.0, 2500.0), "attackers": (11000.0, 11000.0),
            "sealed": (0.5, 0.5), "defender_killed": (0.9 * dead, 1.1 * dead), "attacker_killed": (2.0 * days, 4.0 * days),
            "attacker_wounded": (6.0 * days, 12.0 * days),
        }  # fmt: skip
        found.append(Battle(i + 2, f"b{i}", "city", days, result, dt.date(2010, 1, 1), "", ranges))
    return found


def test_a_known_truth_is_recovered() -> None:
    battles = made()
    fitted = ReferenceClass(table(battles), seed=1)
    slope = fitted.parameters["days_people"]
    people, days = (
        np.log([f(one) for one in battles]) for f in (lambda o: o.ranges["population"][0], lambda o: o.days)
    )
    assert slope.mean() == pytest.approx(np.polyfit(people, days, 1)[0], abs=0.05)
    assert slope.std() < 0.1
    assert np.median(fitted.parameters["days_sd"]) == pytest.approx(0.3, abs=0.1)
    lasting, _ = fitted.days_of(TARGET, np.random.default_rng(1))
    assert np.median(lasting) == pytest.approx(30, rel=0.25)


def test_unfinished_battles_pull_upwards() -> None:
    """Censored at 40 days: taken as ends they would look short; as what they are the truth is found."""
    censored = made(60, censor_at=40.0)
    assert sum(one.result == "unfinished" for one in censored) > 10
    right = ReferenceClass(table(censored), seed=1, whole=False)
    wrong = ReferenceClass(table([replace(one, result="taken") for one in censored]), seed=1, whole=False)
    low, high = np.quantile(right.parameters["days_people"], [0.02, 0.98])
    assert low < 0.5 < high
    assert np.median(wrong.parameters["days_people"]) < 0.45


def test_stops_are_a_competing_risk() -> None:
    battles = made(30)
    stopped = [replace(one, result="stopped") if i % 5 == 0 else one for i, one in enumerate(battles)]
    rate = np.median(ReferenceClass(table(stopped), seed=1, whole=False).parameters["stop"])
    total = sum(one.days for one in stopped)
    assert rate == pytest.approx(6 / total, rel=0.5)
    assert rate > 3 * np.median(ReferenceClass(table(battles), seed=1, whole=False).parameters["stop"])


def test_ranges_stay_ranges() -> None:
    """The wider what is known of a covariate, the wider the forecast."""
    fitted = ReferenceClass(table(made()), seed=1, whole=False)
    wide = replace(TARGET, population=(20_000.0, 1_000_000.0))
    spreads = [
        float(np.log(fitted.days_of(target, np.random.default_rng(2))[0]).std()) for target in (TARGET, wide)
    ]
    assert spreads[1] > 1.3 * spreads[0]


def test_numbers_of_a_battle_to_come() -> None:
    fitted = ReferenceClass(table(made()), seed=1)
    found = fitted.numbers(TARGET, 30.0)
    assert set(found) == {"tempo", "own_loss", "garrison_loss", "breaks_at", "stopped", "pause"}
    for values in found.values():
        assert len(values) == 2000
        assert (values > 0).all()
    assert (found["breaks_at"] < 1).all()
    # a rate of 2.5 % a day over about 30 days: half lost
    assert np.median(found["breaks_at"]) == pytest.approx(0.5, abs=0.15)
    assert np.median(found["garrison_loss"]) == pytest.approx(0.05, rel=0.3)  # of those engaged, half of them
    # a class nobody has met is less certain
    strange = ReferenceClass.days_of(fitted, replace(TARGET, kind="island"), np.random.default_rng(3))[0]
    known = ReferenceClass.days_of(fitted, TARGET, np.random.default_rng(3))[0]
    assert np.log(strange).std() > np.log(known).std()


def test_fast_battles_are_bloody_for_a_day() -> None:
    """Where the same share is lost in any battle, the daily rate falls with its length, and so it does in the ensemble."""
    battles = [replace(one, ranges={**one.ranges, "defender_killed": (1000.0, 1200.0)}) for one in made(40)]
    fitted = ReferenceClass(table(battles), seed=1)
    assert np.quantile(fitted.parameters["garrison_days"], 0.95) < -0.6
    found = fitted.numbers(TARGET, 30.0)
    assert np.corrcoef(np.log(found["tempo"]), np.log(found["garrison_loss"]))[0, 1] > 0.2


def test_losses_say_nothing_of_durations() -> None:
    """The duration's equation hears of durations alone: the losses' equations stand on it, not beside it."""
    whole, alone = (ReferenceClass(table(made()), seed=1, whole=whole) for whole in (True, False))
    assert whole.parameters["days_people"].mean() == pytest.approx(
        alone.parameters["days_people"].mean(), abs=0.02
    )


def test_identifiability_is_told() -> None:
    rows = {row["parameter"]: row for row in ReferenceClass(table(made()), seed=1).identifiability()}
    assert rows["days_people"]["contraction"] > 0.8
    assert rows["halt_sd"]["contraction"] < 0.2
    assert all(row["prior"] for row in rows.values())


def test_leaving_one_out_is_calibrated_and_beats_the_plain_lognormal() -> None:
    rows = leave_one_out(table(made(25)), seed=1, num_particles=300)
    held = [0.1 <= row.pit <= 0.9 for row in rows]
    assert 0.6 <= np.mean(held) <= 0.96
    assert np.mean([row.log_score - row.plain_log_score for row in rows]) > 0.2


def test_log_densities_of_one_battle_are_those_of_the_whole() -> None:
    data = table(made(20))
    fitted = ReferenceClass(data.without(3), seed=1, whole=False)
    density = fitted.log_density(data, 3)
    assert math.isfinite(density)
    view = ReferenceClass(data, seed=1, whole=False)
    assert view.log_density(data, 3) > density - 3


def test_too_few_battles_are_refused() -> None:
    with pytest.raises(ValueError, match="at least five battles whose result is 'taken'"):
        table(made(4))


def test_the_bundled_battles() -> None:
    battles, warnings = read_battles(BATTLES)
    data = table(battles)
    assert data.names.count("Ramadi (city assault only)") == 1
    assert "Ramadi (encirclement and assault)" not in data.names
    assert any("counted once" in str(warning) for warning in warnings)
    assert (~data.ended & ~data.stopped).sum() == 1
    rows = leave_one_out(data, seed=1, num_particles=400)
    held = sum(0.1 <= row.pit <= 0.9 for row in rows)
    from scipy import stats

    assert stats.binomtest(held, len(rows), 0.8).pvalue > 0.05
    assert np.mean([row.log_score - row.plain_log_score for row in rows]) > 0


def test_nothing_known_of_a_covariate() -> None:
    values, variances = classes._filled(np.full((3, 2), np.nan), 10.0)
    assert (values == 0).all()
    assert (variances == 1).all()


def test_of_many_battles_some_are_foretold_evenly_over_the_table() -> None:
    """The same as when all are: which they are hangs on the order of the table alone."""
    data = table(made(12))
    every = leave_one_out(data, seed=1, num_particles=60)
    some = leave_one_out(data, seed=1, num_particles=60, most=4)
    assert [row.index for row in some] == [1, 4, 7, 10]
    assert some == [every[i] for i in (1, 4, 7, 10)]
    assert leave_one_out(data, seed=1, num_particles=60, most=12) == every


def test_a_battle_taken_in_costs_its_own_density_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hundreds of battles, reckoning all earlier ones anew for each would take hours."""
    data = table(made(60))
    reckoned = []
    whole = ReferenceClass._log_densities

    def counted(self: ReferenceClass, scores: np.ndarray, which: slice) -> np.ndarray:
        found = whole(self, scores, which)
        reckoned.append((which, found.shape[1]))
        return found

    monkeypatch.setattr(ReferenceClass, "_log_densities", counted)
    fitted = ReferenceClass(data, seed=1, whole=False, num_particles=60)
    assert [width for which, width in reckoned if which.start].count(1) == 59
    assert sum(width for which, width in reckoned if not which.start) < 60 * 60
    monkeypatch.undo()
    again = fitted._log_likelihood(fitted.sample.state.scores, np.zeros(0, dtype=np.int64), 60)
    assert np.array_equal(fitted.sample.state.stages, again)


def test_how_many_are_foretold_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(
        f"{name},{1900 + i}-01-01,{1900 + i}-01-{11 + i},{10 + i},taken,1950-01-01\n"
        for i, name in enumerate(["Arras", "Arras", "Ypres", "Cambrai", "Mons", "Loos"])
    )
    (tmp_path / "battles.csv").write_text("battle,start,end,days,result,known_on\n" + rows)
    fit = ["fit", str(tmp_path / "battles.csv"), "--case", "mosul-raqqa-2016"]

    def call(*more: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            cli.main([*fit, *more])
        captured = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, " ".join((captured.out + captured.err).split())

    status, text = call("--foretell", "3")
    assert status == 0
    assert "3 of 6 battles that were taken, chosen evenly over the table" in text
    assert "Arras (1901-01-01 to 1901-01-12)" in text
    status, text = call("--foretell", "0")
    assert status == 0
    assert "foretold" not in text
    status, text = call("--foretell", "1")
    assert status == 2
    assert "Write 0 for none, or at least 2" in text
