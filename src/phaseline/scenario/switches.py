"""Switches asked for by whoever runs a scenario: they change its ``off`` before that is applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from phaseline.errors import InputError, Problem
from phaseline.scenario.mechanisms import MECHANISMS
from phaseline.scenario.nearness import near
from phaseline.scenario.schema import Scenario

BY_REQUEST = "switched off for this run"
"""Reason of what an option switches off."""


def switched(scenario: Scenario, on: str | Iterable[str] = (), off: str | Iterable[str] = ()) -> Scenario:
    """The scenario with its ``off`` changed, not yet applied (`mechanisms.applied`).

    Parameters
    ----------
    scenario
        A checked scenario with all its data.
    on
        Mechanisms to take out of ``off``, as keys or separated by commas.
    off
        Mechanisms to put in, with the reason `BY_REQUEST`.

    Raises
    ------
    InputError
        If there is no such mechanism, one is to be both, or one is switched on of which the scenario says nothing.
    """
    turn_on, turn_off = keys_of(on), keys_of(off)
    problems = [
        *_unknown("on", turn_on), *_unknown("off", turn_off), *_contradictions(scenario, turn_on, turn_off)
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    reasons = {key: reason for key, reason in scenario.off.items() if key not in turn_on}
    reasons |= {key: BY_REQUEST for key in turn_off if key not in reasons}
    return scenario if reasons == scenario.off else scenario.model_copy(update={"off": reasons})


def keys_of(given: str | Iterable[str]) -> tuple[str, ...]:
    """Keys from a list, or from text that separates them by commas; each once."""
    names = given.split(",") if isinstance(given, str) else given
    return tuple(dict.fromkeys(filter(None, (name.strip() for name in names))))


def _unknown(option: str, keys: Iterable[str]) -> Iterator[Problem]:
    for key in keys:
        if key not in MECHANISMS:
            rule, remedy = "there is no such mechanism", near(key, MECHANISMS)
            yield Problem("options", path=option, value=key, rule=rule, remedy=remedy)


def _contradictions(scenario: Scenario, on: Iterable[str], off: Iterable[str]) -> Iterator[Problem]:
    for key in on:
        if key not in MECHANISMS:
            continue
        if key in off:
            rule, remedy = "is to be switched on and off", "name it once"
        elif not MECHANISMS[key].used(scenario):
            rule = "the scenario says nothing of it, so there is nothing to switch on"
            remedy = "leave it out, or write its data into the scenario"
        else:
            continue
        yield Problem("options", path="on", value=key, rule=rule, remedy=remedy)
