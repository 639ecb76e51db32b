"""What turning a mechanism changes: the paired statistics and the verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from outcomes import made
from phaseline.outcomes.ablation import Ablation, Comparison, differs, main_outcomes, main_values
from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.statistics import Interval, mean_interval

WORLDS = 50
COUNT = WORLDS * made.PER_WORLD


def run(**columns: Any) -> Outcomes:
    """Two plans of the campaign, the second twice as late; the given columns."""
    rng = np.random.default_rng(3)
    values = {"end.north": 80 + rng.integers(0, 9, COUNT), "end.south": 100, "end": 100} | columns
    late = values | {"end.north": 2 * np.asarray(values["end.north"])}
    return made.outcomes_of(made.CAMPAIGN, {"both": values, "wait": late}, COUNT)


def names(outcomes: Outcomes) -> list[str]:
    return [outcome.name for outcome in main_outcomes(outcomes.scenario)]


def ablation(base: Outcomes, *others: Outcomes) -> Ablation:
    comparison = Comparison(base, main_outcomes(base.scenario))
    for number, other in enumerate(others):
        comparison.add(f"m{number}", f"mechanism {number}", "off", other)
    return comparison.result()


def test_main_outcomes_name_every_operation_and_asset() -> None:
    assert names(run()) == [
        "end", "end.north", "end.south", "failed", "overstretched", "overstretched.jets", "overstretched.drones",
        "own_losses", "person_days", "harm", "attacks_directed", "attacks_inspired",
    ]  # fmt: skip
    assert names(made.duel()) == [
        "end", "failed", "own_losses", "person_days", "harm", "attacks_directed", "attacks_inspired"
    ]  # fmt: skip


def test_values_of_each_history() -> None:
    third = np.arange(COUNT) % 3
    outcomes = run(**{
        "end.south": np.where(third == 0, np.nan, 90), "status.north": np.where(third == 1, 2, 1),
        "status.south": np.where(third == 0, 2, 1), "overstretched.jets": np.where(third == 2, 9, 0),
        "losses.army": 100, "losses.militia": 1000, "person_days": 5 * third,
    })  # fmt: skip
    value = {name: main_values(outcomes, "both", name) for name in names(outcomes)}
    assert np.array_equal(value["end.south"], np.where(third == 0, made.DAYS, 90))
    assert np.array_equal(value["failed"], third != 2)
    assert np.array_equal(value["overstretched"], third == 2)
    own = [key for key, force in outcomes.scenario.forces.items() if force.side == "own"]
    assert value["own_losses"][0] == sum({"army": 100, "militia": 1000}[key] for key in own)
    assert np.array_equal(value["person_days"], 5 * third)


def test_differences_are_taken_history_by_history() -> None:
    base = run()
    ends = np.array(base.column("both", "end.north"))
    shift = np.repeat(np.random.default_rng(1).normal(5, 0.2, WORLDS), made.PER_WORLD)
    found = ablation(base, run(**{"end.north": ends + shift}))
    effect = found.switches[0].effects["both"]["end.north"]
    assert effect == pytest.approx(mean_interval(shift, made.PER_WORLD))
    assert effect.half_width < 0.5 * found.base["both"]["end.north"].half_width
    assert found.switches[0].effects["wait"]["end.north"].value == pytest.approx(2 * shift.mean())
    assert found.switches[0].effects["both"]["end"] == (0, 0, 0)


def test_the_joint_level_is_bonferronis() -> None:
    rng = np.random.default_rng(1)
    base = run()
    ends = np.array(base.column("both", "end.north"))
    found = ablation(base, *(run(**{"end.north": ends + rng.normal(0, 9, COUNT)}) for _ in range(3)))
    assert [outcome.name for outcome in found.outcomes] == ["end", "end.north", "end.south"]
    assert found.comparisons == 3 * 2 * 3
    effect = found.switches[0].effects["both"]["end.north"]
    t = stats.t(WORLDS - 1)
    expected = effect.half_width * t.ppf(1 - 0.025 / 18) / t.ppf(0.975)
    assert found.joint(effect).half_width == pytest.approx(expected)
    assert found.joint(effect).value == effect.value


def test_verdicts() -> None:
    base = run()
    ends = np.array(base.column("both", "end.north"))
    luck = np.random.default_rng(7).normal(0, 1, COUNT)
    weak = ends + luck - luck.mean() + 2.5 * luck.std() / np.sqrt(COUNT)
    found = ablation(
        base, run(**{"end.north": ends + 7}), run(), run(**{"end.north": weak}), run(attacks_through=3)
    )
    sure, same, unsure, hidden = found.switches
    assert (sure.identical, same.identical, unsure.identical, hidden.identical) == (False, True, False, False)
    assert found.identical == ("m1",)
    assert found.changes_nothing == ("m1", "m2", "m3")
    effect = unsure.effects["both"]["end.north"]
    assert differs(effect) and not found.sure(effect)
    assert found.sure(sure.effects["both"]["end.north"])
    assert "no sure change: m1, m2, m3" in repr(found)


def test_a_single_world_shows_nothing() -> None:
    comparison = Comparison(
        made.outcomes_of(made.CAMPAIGN, {"both": {"end": 9}}, 4), main_outcomes(run().scenario)
    )
    comparison.add("m", "m", "off", made.outcomes_of(made.CAMPAIGN, {"both": {"end": [8, 9, 9, 9]}}, 4))
    found = comparison.result()
    assert found.changes_nothing == ("m",)
    assert found.joint(Interval(1.0, 1.0, 1.0)) == (1.0, 1.0, 1.0)


def test_the_frame_has_a_row_for_every_comparison() -> None:
    base = run()
    found = ablation(base, run(**{"end.north": np.array(base.column("both", "end.north")) + 7}), run())
    frame = found.frame()
    assert len(frame) == found.comparisons
    row = frame.set_index(["mechanism", "plan", "outcome"]).loc[("m0", "wait", "end.north")]
    assert (row["difference"], row["low"], row["joint_high"]) == (14, 14, 14)
    assert row["sure"] and not row["identical"]
    assert row["as_is"] == pytest.approx(base.column("wait", "end.north").mean())
    assert frame[frame["mechanism"] == "m1"]["identical"].all()
