"""Of many, those that matter by one question or another, in turns; told in the order of the scenario."""

from __future__ import annotations

import pytest

from phaseline.outcomes.results import Outcomes
from phaseline.outcomes.wording import Words
from phaseline.reporting import ranked

SIZE = {name: float(k) for k, name in enumerate("abcdefghij")}


def test_few_are_all_chosen_whatever_they_score() -> None:
    found = ranked.choose("abc", lambda _: 0.0, most=3)
    assert found.keys == ("a", "b", "c")
    assert found.left == 0
    assert found.rest(Words({}), "asset") == found.note(Words({}), "asset") == ""


def test_questions_take_turns_and_the_order_stays() -> None:
    found = ranked.choose(SIZE, SIZE.__getitem__, lambda key: 9 - SIZE[key], most=4)
    assert found.keys == ("a", "b", "i", "j")
    assert found.left == 6


def test_what_scores_nothing_is_not_chosen_by_that_question() -> None:
    found = ranked.choose(SIZE, lambda key: float(key == "c"), SIZE.__getitem__, most=3)
    assert found.keys == ("c", "i", "j")


def test_places_left_go_to_the_first() -> None:
    assert ranked.choose(SIZE, lambda key: float(key == "h"), most=3).keys == ("a", "b", "h")


@pytest.mark.parametrize(("left", "told"), [(1, "… and 1 more front"), (2, "… and 2 more fronts")])
def test_the_rest_is_counted_in_the_words_of_the_case(left: int, told: str) -> None:
    found = ranked.Chosen(("a",), left)
    assert found.rest(Words({"operation": "front"}), "operation") == told


def test_operations_that_differ_end_late_or_fail_are_chosen(large: Outcomes) -> None:
    plans = list(large.summary()["plans"].values())
    found = ranked.operations(plans, 200.0, 3)
    assert found.keys == ("op03", "op05", "op12")
    alone = ranked.operations(plans[:1], 200.0, 3)
    assert alone.keys == ("op05", "op11", "op12")


def test_own_forces_come_first(large: Outcomes) -> None:
    plans = list(large.summary()["plans"].values())
    every = plans[0]["forces"]
    assert ranked.forces(plans, every, 1).keys == ("own_op11",)
    assert ranked.forces(plans, every, 2).keys == ("own_op11", "adversary_op11")
    assert ranked.assets(plans, ["asset01", "asset09"], 1).keys == ("asset01",)
