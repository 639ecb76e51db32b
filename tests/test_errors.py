"""Errors say where, what, which rule and what to do, and carry the exit status of the command line."""

from __future__ import annotations

import pickle

import pytest

from phaseline.errors import (
    InfeasibleError,
    InputError,
    InterruptedRun,
    PhaselineError,
    Problem,
    RuleError,
    StoreError,
    format_path,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PhaselineError, 1),
        (InputError, 2),
        (RuleError, 2),
        (StoreError, 2),
        (InfeasibleError, 3),
        (InterruptedRun, 130),
    ],
)
def test_exit_status(error: type[PhaselineError], status: int) -> None:
    assert error.exit_code == status
    assert issubclass(error, PhaselineError)


def test_a_path_is_written_as_people_do() -> None:
    assert format_path(()) == ""
    assert format_path(("operations", "mosul", "resistance", 1, 0)) == "operations.mosul.resistance[1][0]"
    assert format_path(("a.b", "c")) == "'a.b'.c"


def test_a_problem_is_one_line_while_it_fits() -> None:
    problem = Problem(
        "s.yaml", 3, 5, "forces.x.strength", "-1", "must not be negative", "raise its lower end"
    )
    assert str(problem) == "s.yaml:3: forces.x.strength: -1 -- must not be negative. Raise its lower end."


def test_a_long_problem_puts_its_remedy_on_a_second_line() -> None:
    first, second = str(Problem("s.yaml", 3, 5, "a", "v", "r" * 80, "do this instead of that")).splitlines()
    assert first.endswith("r.")
    assert second == "    Do this instead of that."


def test_a_question_keeps_its_mark_and_a_warning_says_so() -> None:
    text = str(Problem("s.yaml", rule="odd", remedy="did you mean 'even'?", severity="warning"))
    assert text == "s.yaml: warning -- odd. Did you mean 'even'?"


def test_what_a_file_holds_cannot_command_the_terminal() -> None:
    text = str(Problem("s.yaml", 1, 1, "a", "\x1b[31m\nred\u202e", "unknown key '\x07'", "say é"))
    assert text.isprintable()
    assert r"\x1b[31m\nred\u202e" in text
    assert "Say é." in text


def test_input_errors_hold_every_problem_and_survive_pickling() -> None:
    problems = [Problem("a", 1, rule="r"), Problem("b", 2, rule="s")]
    error = pickle.loads(pickle.dumps(InputError(problems)))
    assert error.problems == tuple(problems)
    assert str(error) == "a:1 -- r.\nb:2 -- s."
    assert InputError(problems[0]).problems == (problems[0],)


def test_a_broken_rule_seen_from_above() -> None:
    error = pickle.loads(pickle.dumps(RuleError("rule", "remedy", ("low",))))
    assert (error.rule, error.remedy, error.at) == ("rule", "remedy", ("low",))
    assert error.below("depth", 1).at == ("depth", 1, "low")
    assert str(error) == "rule; remedy"
    assert str(RuleError("rule")) == "rule"
