"""Each mechanism off in turn (and each that a case has off, on), over the same worlds with the same luck."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Literal

from phaseline.errors import InputError, Problem
from phaseline.execution.runner import Progress
from phaseline.execution.runner import run as run_plans
from phaseline.execution.settings import RunSettings
from phaseline.execution.store import RunStore
from phaseline.outcomes.ablation import Ablation, Comparison, MainOutcome, main_outcomes
from phaseline.outcomes.results import Outcomes
from phaseline.scenario.mechanisms import MECHANISMS, applied, in_use
from phaseline.scenario.nearness import near
from phaseline.scenario.schema import Plan, Scenario
from phaseline.scenario.switches import switched

DEFAULT_REPLICATIONS = 2_000
"""Histories per plan and run: paired, this shows changes of about a twentieth of an outcome's spread."""

logger = logging.getLogger(__name__)


def ablate(
    scenario: Scenario,
    plans: Mapping[str, Plan],
    settings: RunSettings,
    *,
    store: RunStore,
    outcomes: Sequence[str] | None = None,
    mechanisms: Sequence[str] | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Ablation:
    """Run a scenario as it is, and once more for each mechanism, turned.

    Parameters
    ----------
    scenario
        As written, with the data of what it switches off.
    plans
        Plans by id.
    settings
        Of each run; `precision` is not heeded, because all runs need the same number of histories.
    store
        Where finished histories are looked up and kept.
    outcomes
        Names of `main_outcomes`; default all.
    mechanisms
        Keys of `MECHANISMS`; default all that the scenario has data for.
    progress
        Told how many histories there are, over all runs, and how many there will be.
    cancel
        Stops the work when set.

    Raises
    ------
    InputError
        If an outcome or a mechanism is unknown, or one has no data in the scenario.
    InterruptedRun
        If it was stopped; complete parts are in the store.
    """
    base = applied(scenario)
    chosen = _chosen_outcomes(base, outcomes)
    keys = _chosen_mechanisms(scenario, base, mechanisms)
    settings = replace(settings, precision=None)
    settings = replace(settings, replications=settings.most)
    each = settings.most * len(plans)
    total = each * (1 + len(keys))

    def run(number: int, effective: Scenario) -> Outcomes:
        def advance(done: int, _: int) -> None:
            if progress is not None:
                progress(number * each + done, total)

        return run_plans(effective, plans, settings, store=store, progress=advance, cancel=cancel)

    comparison = Comparison(run(0, base), chosen)
    for number, (key, turned) in enumerate(keys, start=1):
        logger.info("%s %s", key, turned)
        world = switched(scenario, on=[key]) if turned == "on" else switched(scenario, off=[key])
        comparison.add(key, MECHANISMS[key].title, turned, run(number, applied(world)))
    return comparison.result()


def _chosen_outcomes(scenario: Scenario, names: Sequence[str] | None) -> list[MainOutcome]:
    known = {outcome.name: outcome for outcome in main_outcomes(scenario)}
    if names is None:
        return list(known.values())
    if unknown := [_unknown("outcomes", name, known) for name in names if name not in known]:
        raise InputError(unknown)
    return [known[name] for name in dict.fromkeys(names)]


def _chosen_mechanisms(
    scenario: Scenario, base: Scenario, keys: Sequence[str] | None
) -> list[tuple[str, Literal["on", "off"]]]:
    """Mechanisms and how each is turned, in the order of the day."""
    running = in_use(base)
    turns: dict[str, Literal["on", "off"]] = {
        key: "off" if key in running else "on"
        for key in in_use(scenario)
        if key in running or key in scenario.off
    }
    problems = [*_not_there(keys or (), turns)]
    if problems:
        raise InputError(problems)
    return [(key, turned) for key, turned in turns.items() if keys is None or key in keys]


def _not_there(keys: Sequence[str], turns: Mapping[str, str]) -> Iterator[Problem]:
    for key in keys:
        if key not in MECHANISMS:
            yield _unknown("mechanisms", key, MECHANISMS)
        elif key not in turns:
            rule = "the scenario has no data that set it going"
            yield Problem("options", path="mechanisms", value=key, rule=rule, remedy="leave it out")


def _unknown(option: str, name: str, known: Mapping[str, object]) -> Problem:
    what = option.removesuffix("s")
    return Problem(
        "options", path=option, value=name, rule=f"there is no such {what}", remedy=near(name, known)
    )
