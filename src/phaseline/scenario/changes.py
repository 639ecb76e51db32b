"""A scenario with some of its numbers changed, addressed by name or by path.

Numbers are called as `naming` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from phaseline.errors import InputError, Problem
from phaseline.scenario.naming import number_name
from phaseline.scenario.nearness import near
from phaseline.scenario.quantity import Quantity
from phaseline.scenario.references import quantities
from phaseline.scenario.schema import Scenario

Change = Callable[[Quantity], Quantity]


def changed(scenario: Scenario, changes: Mapping[str, Change]) -> Scenario:
    """The scenario with each number put through its change; it is not changed itself.

    Raises
    ------
    InputError
        If there is no such number; all that are missing are named at once.
    """
    changes = {number_name(name): change for name, change in changes.items()}
    named = {name: change for name, change in changes.items() if name in scenario.numbers}
    updated: Any = scenario
    if named:
        numbers = {name: named[name](n) if name in named else n for name, n in scenario.numbers.items()}
        updated = scenario.model_copy(update={"numbers": numbers})
    problems = []
    for path, change in changes.items():
        if path in named:
            continue
        try:
            updated = _replaced(updated, path, change)
        except LookupError:
            known = [*scenario.numbers, *(number_name(at) for at, _ in quantities(scenario))]
            rule = "the scenario has no such number"
            problems.append(
                Problem("options", path="number", value=path, rule=rule, remedy=near(path, known))
            )
    if problems:
        raise InputError(problems)
    return updated  # type: ignore[no-any-return]


def _replaced(part: Any, path: str, change: Change) -> Any:
    """A copy of a part of the scenario with the quantity at a path changed; keys may hold dots themselves."""
    if isinstance(part, Quantity):
        if path:
            raise LookupError(path)
        return change(part)
    if isinstance(part, Mapping):
        for key, item in part.items():
            if (rest := _below(path, str(key))) is not None:
                return {**part, key: _replaced(item, rest, change)}
    elif isinstance(part, list | tuple):
        for i, item in enumerate(part):
            if (rest := _below(path, str(i))) is not None:
                copy = list(part)
                copy[i] = _replaced(item, rest, change)
                return copy if isinstance(part, list) else tuple(copy)
    elif hasattr(type(part), "model_fields"):
        for name, field in type(part).model_fields.items():
            if (rest := _below(path, field.alias or name)) is not None:
                return part.model_copy(update={name: _replaced(getattr(part, name), rest, change)})
    raise LookupError(path)


def _below(path: str, key: str) -> str | None:
    """What is left of a path below a key; None where the path does not begin with it."""
    if path == key:
        return ""
    return path[len(key) + 1 :] if path.startswith(f"{key}.") else None
