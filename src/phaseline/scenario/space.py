"""The space file, ``format: phaseline-space/1``: what may be decided, what is to be small, what is to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from phaseline.errors import InputError, Problem
from phaseline.scenario.check import raise_errors
from phaseline.scenario.claims import single
from phaseline.scenario.loading import Marks, read_yaml, validate
from phaseline.scenario.nearness import near
from phaseline.scenario.quantity import Duration, NamedNumber, Number, Quantity, fixed
from phaseline.scenario.records import phase_ids
from phaseline.scenario.references import Finding, check_condition, check_share, check_uses
from phaseline.scenario.references import Path as DocumentPath
from phaseline.scenario.schema import ELSEWHERE, Condition, Id, Model, PhaseRef, Scenario

KINDS = ("gate", "tiers", "reserve", "lend", "pre_position", "reallocate", "surge", "cap")
_DIMENSION = {"reserve": "rate", "lend": "rate", "pre_position": "rate", "reallocate": "rate", "cap": "count"}


class Decision(Model):
    """One thing to decide: exactly one of gate, tiers, reserve, lend, pre_position, reallocate, surge, cap."""

    gate: PhaseRef | None = None
    """Operation or phase whose start is decided: the ``progress`` of another it waits for, or else the date."""
    progress: PhaseRef | None = None
    """With ``gate``: what it waits for; ``least`` and ``most`` are shares of it, 0 to 1 if left out."""
    tiers: list[list[list[PhaseRef]]] | None = None
    """Orders of service, one of which is chosen; each as under a plan's ``tiers``."""
    reserve: Id | None = None
    """Asset of which so much a day stays idle."""
    lend: Id | None = None
    """Asset of which so much a day is brought in."""
    pre_position: Id | None = None
    """Asset of which so much a day is kept ready for ``to``."""
    reallocate: Id | None = None
    """Asset of which so much a day serves ``to`` before all tiers."""
    surge: Id | None = None
    """Asset that may surge only while ``when`` holds, or never."""
    cap: Id | None = None
    """Asset whose cap is lifted to so much."""
    to: PhaseRef | None = None
    when: Condition | None = None
    delay: Duration = fixed(0.0, "duration")
    lasts: Duration | None = None
    cost: Number = fixed(0.0, "number")
    """Cost per unit and day, as under a plan's ``relief``."""
    count_per_unit: Number | None = None
    """``lend``: units brought in per unit a day, needed where the asset has a cap."""
    least: NamedNumber | None = None
    most: NamedNumber | None = None
    step: NamedNumber | None = None
    """Distance between values; left out: any number, and whole days for dates."""
    values: Annotated[list[NamedNumber], Field(min_length=1)] | None = None
    """What may be chosen, in place of ``least``, ``most`` and ``step``."""


class Space(Model):
    """What is to be decided for a scenario, and by what plans are judged."""

    format: Literal["phaseline-space/1"]
    title: str | None = None
    plan: Id | None = None
    """Plan that the decisions change; default the first."""
    decisions: dict[Id, Decision]
    minimise: Annotated[list[str], Field(min_length=1, max_length=3)]
    """What is to be small, e.g. ``end``, ``end:p80``, ``losses:cvar90``, ``end:world-p90``, ``end:regret``; of several, the
    Pareto front."""
    subject_to: tuple[str, ...] = ()
    """What is to be kept, e.g. ``overstretched<=10%``."""
    histories: Annotated[int, Field(ge=1_000, le=100_000_000)] = 100_000
    """Budget of the search."""
    first: Annotated[int, Field(ge=8, le=100_000)] = 32
    """Histories with which each plan is judged first."""
    fresh: Annotated[int, Field(ge=100, le=10_000_000)] = 4_000
    """Histories that played no part in the search, by which the best is scored again."""


def load_space(path: str | Path, scenario: Scenario) -> tuple[Space, Marks]:
    """Read a space file and check it against a scenario.

    Returns
    -------
    space, marks
        The marks tell lines, for problems that are found later.

    Raises
    ------
    InputError
        With every error found.
    """
    data, marks = read_yaml(path)
    space = validate(Space, data, marks, str(path))
    raise_errors(list(check_space(scenario, space)), data, marks, str(path))
    return space, marks


@contextmanager
def criterion_problems(file: str, marks: Marks) -> Iterator[Callable[..., list[Any]]]:
    """Reads lists of criteria of a space file; in the end all that was refused is told at once, with lines.

    Parameters
    ----------
    file
        Name of the file.
    marks
        As of `load_space`.
    """
    problems: list[Problem] = []

    def told(field: str, texts: Sequence[str], read: Callable[[str], Any]) -> list[Any]:
        found = []
        for i, text in enumerate(texts):
            try:
                found.append(read(text))
            except InputError as error:
                line, column = marks.line((field, i))
                problems.extend(
                    replace(problem, file=file, line=line, column=column, path=f"{field}[{i}]")
                    for problem in error.problems
                )
        return found

    yield told
    if problems:
        raise InputError(problems)


def kind_of(decision: Decision) -> str:
    """Which of `KINDS` it is; the decision is a checked one."""
    return next(kind for kind in KINDS if getattr(decision, kind) is not None)


def check_space(scenario: Scenario, space: Space) -> Iterator[Finding]:
    """All errors of a space against its scenario."""
    if space.plan is not None and space.plan not in scenario.plans:
        yield Finding(
            ("plan",), f"unknown plan '{space.plan}'", near(space.plan, scenario.plans), value=space.plan
        )
    if not space.decisions:
        yield Finding(("decisions",), "is empty: there is nothing to decide", "name at least one decision")
    for name, decision in space.decisions.items():
        yield from _check_decision(scenario, decision, ("decisions", name))


def _check_decision(scenario: Scenario, decision: Decision, path: DocumentPath) -> Iterator[Finding]:
    kinds = [kind for kind in KINDS if getattr(decision, kind) is not None]
    if len(kinds) != 1:
        yield Finding(path, f"needs exactly one of {', '.join(KINDS)}", "split the decision")
        return
    kind = kinds[0]
    yield from _check_names(scenario, decision, kind, path)
    if kind in ("pre_position", "reallocate") and decision.to is None:
        yield Finding(path, f"'{kind}' needs 'to'", "name the operation or phase that is served")
    if kind == "tiers":
        if len(decision.tiers or []) < 2:
            yield Finding((*path, "tiers"), "offers no choice", "list two orders or more")
    elif kind == "surge":
        if decision.when is None:
            yield Finding(
                path, "'surge' needs 'when'", "say while what it may surge; the other choice is never"
            )
    else:
        yield from _check_range(scenario, decision, kind, path)
    if decision.when is not None:
        yield from check_condition(scenario, decision.when, (*path, "when"))
    # least, most, step and values may be no references at all, which `_check_range` says
    others = decision.model_copy(update=dict.fromkeys(("least", "most", "step", "values")))
    for finding in check_uses(scenario, others):
        yield replace(finding, path=(*path, *finding.path))


def _check_names(scenario: Scenario, decision: Decision, kind: str, path: DocumentPath) -> Iterator[Finding]:
    places = [*phase_ids(scenario), *scenario.operations]
    named: list[tuple[DocumentPath, str | None, list[str], str]] = [
        (("progress",), decision.progress, places, "operation or phase"),
        (("to",), decision.to, [*places, ELSEWHERE], "operation or phase"),
    ]
    if kind == "gate":
        named.append((("gate",), decision.gate, places, "operation or phase"))
    elif kind == "tiers":
        for i, tiers in enumerate(decision.tiers or ()):
            for j, tier in enumerate(tiers):
                named += [
                    (("tiers", i, j, k), ref, [*places, ELSEWHERE], "operation or phase")
                    for k, ref in enumerate(tier)
                ]
    else:
        named.append(((kind,), getattr(decision, kind), list(scenario.assets), "asset"))
    for at, name, known, what in named:
        if name is not None and name not in known:
            yield Finding((*path, *at), f"unknown {what} '{name}'", near(name, known), value=name)
    start, of = decision.gate, decision.progress
    if start is not None and of is not None:
        if start == of or start.startswith(f"{of}.") or of.startswith(f"{start}."):
            yield Finding(
                (*path, "progress"), f"'{start}' would wait for itself", "let it wait for another operation"
            )
    elif of is not None:
        yield Finding((*path, "progress"), "means nothing without 'gate'", "leave it out")


def _check_range(scenario: Scenario, decision: Decision, kind: str, path: DocumentPath) -> Iterator[Finding]:
    by_progress = kind == "gate" and decision.progress is not None
    wanted = {"number", "share"} if by_progress else {"date"} if kind == "gate" else {_DIMENSION[kind]}
    given = {
        name: getattr(decision, name)
        for name in ("least", "most", "step")
        if getattr(decision, name) is not None
    }
    parts: list[tuple[DocumentPath, Quantity]]
    if decision.values is not None:
        if given:
            yield Finding((*path, "values"), "stands beside a range", "give values, or least and most")
        parts = [(("values", i), value) for i, value in enumerate(decision.values)]
    else:
        parts = [((name,), value) for name, value in given.items()]
        if not by_progress and not {"least", "most"} <= set(given):
            yield Finding(path, "needs 'least' and 'most', or 'values'", "give a range")
    broken = False
    for at, value in parts:
        allowed = {"duration"} if at == ("step",) and wanted == {"date"} else wanted
        if value.ref is not None or single(scenario, value) is None:
            yield Finding((*path, *at), "must be a single value written here", "write the number itself")
            broken = True
        elif value.dimension not in allowed:
            yield Finding((*path, *at), f"is a {value.dimension}", f"give a {' or '.join(sorted(allowed))}")
            broken = True
        elif by_progress and (beyond := list(check_share(scenario, value, (*path, *at)))):
            yield from beyond
            broken = True
    if broken or decision.values is not None:
        return
    least, most, step = bounds(scenario, decision)
    if least > most:
        yield Finding((*path, "most"), "lies below 'least'", "order them")
    elif "step" in given and not 0.0 < step <= max(most - least, 1e-300):
        yield Finding(
            (*path, "step"), "is no step of the range", "make it larger than 0 and within the range"
        )


def bounds(scenario: Scenario, decision: Decision) -> tuple[float, float, float]:
    """Least, most and step in base units (dates as ordinals); step 0 is any number."""
    numbers = []
    for name, default in (("least", 0.0), ("most", 1.0), ("step", 0.0)):
        quantity = getattr(decision, name)
        found = None if quantity is None else single(scenario, quantity)
        numbers.append(default if found is None else found)
    if decision.gate is not None and decision.progress is None and decision.step is None:
        numbers[2] = 1.0
    least, most, step = numbers
    return least, most, step
