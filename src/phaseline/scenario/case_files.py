"""Small files beside a scenario that say how learning is to use it: the reference class, and the backtest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from phaseline.errors import InputError, Problem
from phaseline.scenario.loading import read_yaml, validate
from phaseline.scenario.naming import number_name, written_numbers
from phaseline.scenario.nearness import near
from phaseline.scenario.quantity import Share, SingleDuration, SinglePersons, SingleShare
from phaseline.scenario.schema import Id, Model, Scenario

Learned = Literal["tempo", "own_loss", "garrison_loss", "breaks_at", "stopped", "pause"]
"""What a reference class can say of a battle to come."""

PersonsRange = Annotated[list[SinglePersons], Field(min_length=2, max_length=2)]
ShareRange = Annotated[list[SingleShare], Field(min_length=2, max_length=2)]


class TargetBattle(Model):
    """The battle to be foretold, by ranges of its covariates."""

    kind: str
    """Class, as in the column ``class`` of the battles."""
    population: PersonsRange
    defenders: PersonsRange
    attackers: PersonsRange
    sealed: ShareRange
    """Share of the city's ways that is closed."""
    days: Annotated[SingleDuration, Field(gt=0.0)]
    """For how many days its loss rates are wanted: they fall with the length of a battle."""


class ReferenceFile(Model):
    """``format: phaseline-reference/1``: which numbers of a scenario earlier battles set, and for what kind of battle."""

    format: Literal["phaseline-reference/1"]
    target: TargetBattle
    numbers: Annotated[
        dict[Learned, Annotated[str, AfterValidator(number_name)]],
        Field(min_length=1),
    ]
    """Name of the scenario's number for each thing learnt, as ``phaseline check --numbers`` lists it."""
    factor: Annotated[dict[Learned, Share], Field(default_factory=dict)]
    """What a rate is multiplied by because the scenario counts a part of it elsewhere."""


class BacktestFile(Model):
    """``format: phaseline-backtest/1``: how a case is scored against what followed."""

    format: Literal["phaseline-backtest/1"]
    plan: Id
    """Plan taken as followed until decisions were reported."""
    why: str
    later_mechanisms: tuple[Id, ...] = ()
    """Mechanisms that later events suggested: the backtest is run without, and then with them."""


def load_reference(path: str | Path, scenario: Scenario) -> ReferenceFile:
    """Read a reference file and check it against a scenario.

    Raises
    ------
    InputError
        With every error found.
    """
    data, marks = read_yaml(path)
    found = validate(ReferenceFile, data, marks, str(path))
    problems = []
    written = written_numbers(scenario)
    for what, name in found.numbers.items():
        if name not in written:
            line, column = marks.line(("numbers", what))
            rule, remedy = "the scenario has no such number", near(name, written)
            problems.append(Problem(str(path), line, column, f"numbers.{what}", name, rule, remedy))
    for what, factor in found.factor.items():
        if factor.ref is not None:
            line, column = marks.line(("factor", what))
            rule, remedy = "refers to a number of the scenario", "write the factor itself, or its range"
            problems.append(
                Problem(str(path), line, column, f"factor.{what}", f"${factor.ref}", rule, remedy)
            )
    for field in ("population", "defenders", "attackers", "sealed"):
        low, high = getattr(found.target, field)
        most = 1.0 if field == "sealed" else float("inf")
        if not (low > 0.0 or field == "sealed") or not 0.0 <= low <= high <= most:
            line, column = marks.line(("target", field))
            rule = "must be [low, high], above 0" if field != "sealed" else "must be [low, high] from 0 to 1"
            problems.append(
                Problem(str(path), line, column, f"target.{field}", f"{[low, high]}", rule, "correct it")
            )
    if problems:
        raise InputError(problems)
    return found


def load_backtest(path: str | Path, scenario: Scenario) -> BacktestFile:
    """Read a backtest file and check it against a scenario.

    Raises
    ------
    InputError
        With every error found.
    """
    data, marks = read_yaml(path)
    found = validate(BacktestFile, data, marks, str(path))
    if found.plan not in scenario.plans:
        line, column = marks.line(("plan",))
        rule, remedy = "the scenario has no such plan", near(found.plan, scenario.plans)
        raise InputError(Problem(str(path), line, column, "plan", found.plan, rule, remedy))
    return found
