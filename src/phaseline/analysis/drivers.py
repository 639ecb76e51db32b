"""What drives the outcomes, and what is worth learning before deciding: the document ``drivers.json``.

It rests on the worlds of a run and simulates nothing. For each main outcome and plan: the share of the variance that is
chance, and the numbers that matter most, by Borgonovo's delta (`sensitivity`). For time, losses and displacement: what
knowing a number first would save (`information`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.analysis.information import best_now, partial_information, perfect_information
from phaseline.analysis.sensitivity import LEAST_WORLDS, Inputs, Sensitivity
from phaseline.errors import InputError, Problem
from phaseline.execution.runner import stop_if
from phaseline.execution.worlds import Worlds, world_values
from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.known import asked_by
from phaseline.outcomes.measures import Measure, measures
from phaseline.outcomes.statistics import Interval, exactly, variance_split
from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    from threading import Event

    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes

FORMAT = "phaseline-drivers/1"
MOST_NUMBERS = 12
"""Numbers told per outcome and plan; the rest matter less."""
SCREENED = 25
"""Numbers whose value of information is estimated: those that drive the difference between plans most."""
OBJECTIVES = ("end", "losses", "person_days")
"""Outcomes that a plan is chosen by, each in its own unit."""


def drivers(
    outcomes: Outcomes,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
) -> dict[str, Any]:
    """What drives each main outcome, and what is worth learning; ready for JSON.

    Parameters
    ----------
    outcomes
        A run of at least `LEAST_WORLDS` worlds.
    progress
        Told how many parts are done and how many there are.
    cancel
        Stops the work within a second when set.

    Raises
    ------
    InputError
        If there are fewer worlds, too few to tell tens of numbers apart.
    InterruptedRun
        If stopped.
    """
    if outcomes.worlds < LEAST_WORLDS:
        rule = f"{counted(outcomes.worlds, 'world')}: too few to tell what drives an outcome"
        need = LEAST_WORLDS * outcomes.per_world
        raise InputError(
            [Problem("options", path="replications", rule=rule, remedy=f"run {need:,} or more histories")]
        )
    worlds = world_values(outcomes.scenario, outcomes.seed, outcomes.worlds)
    varying = [j for j in range(len(worlds.names)) if np.ptp(worlds.values[:, j]) > 0]
    values = worlds.values[:, varying]
    names = [worlds.names[j] for j in varying]
    inputs = Inputs(values)
    varying_outcomes = [(measure, plan) for measure in _telling(outcomes) for plan in outcomes.plans]
    objectives = _objectives(outcomes)
    parts = len(varying_outcomes) + len(objectives)
    done = 0

    def step() -> None:
        nonlocal done
        stop_if(cancel)
        done += 1
        if progress is not None:
            progress(done, parts)

    rows, values_of_information = [], []
    for measure, plan in varying_outcomes:
        rows.append(_outcome(outcomes, plan, measure, names, inputs))
        step()
    for measure in objectives:
        values_of_information.append(_value(outcomes, measure, names, values, inputs))
        step()
    return head(outcomes, FORMAT) | {
        "numbers": _numbers(worlds),
        "correlated": sorted({name for group in outcomes.scenario.correlations for name in group.numbers}),
        "outcomes": rows,
        "value_of_information": values_of_information,
    }


def strongest(document: dict[str, Any]) -> dict[str, float]:
    """Largest delta of each number over all outcomes and plans of a document: its weight in the answer."""
    weights: dict[str, float] = {}
    for entry in document["outcomes"]:
        for number in entry["numbers"]:
            weights[number["number"]] = max(weights.get(number["number"], 0.0), number["delta"]["value"])
    return weights


def _numbers(worlds: Worlds) -> dict[str, Any]:
    tenths = np.quantile(worlds.values, (0.1, 0.5, 0.9), axis=0) if worlds.names else np.empty((3, 0))
    return {
        name: {
            "label": worlds.labels[j],
            "unit": worlds.units[j],
            **{key: plain_number(float(tenths[i, j])) for i, key in enumerate(("p10", "p50", "p90"))},
        }
        for j, name in enumerate(worlds.names)
    }


def _telling(outcomes: Outcomes) -> list[Measure]:
    """Main outcomes that vary between worlds under some plan."""
    found = []
    for measure in measures(outcomes.scenario):
        if any(np.ptp(_means(outcomes, plan, measure)) > 0 for plan in outcomes.plans):
            found.append(measure)
    return found


def _means(outcomes: Outcomes, plan: str, measure: Measure) -> NDArray[np.float64]:
    """Mean in each world, shape [world]."""
    means: NDArray[np.float64] = measure.values(outcomes, plan).reshape(-1, outcomes.per_world).mean(axis=1)
    return means


def _outcome(
    outcomes: Outcomes, plan: str, measure: Measure, names: list[str], inputs: Inputs
) -> dict[str, Any]:
    ignorance = _ignorance(outcomes, measure, plan)
    chance = Interval(1 - ignorance.value, 1 - ignorance.high, 1 - ignorance.low)
    found = inputs.sensitivities(_means(outcomes, plan, measure))
    order = sorted(range(len(found)), key=lambda j: (-found[j].delta.value, j))[:MOST_NUMBERS]
    return {
        "key": measure.key,
        "label": measure.label,
        "unit": measure.unit,
        "plan": plan,
        "chance_share": plain_interval(chance),
        "numbers": [_number(names[j], found[j]) for j in order if found[j].delta.value > 0],
    }


def _ignorance(outcomes: Outcomes, measure: Measure, plan: str) -> Interval:
    """Share of the variance of an outcome that is ignorance: none where no unknown number reaches it."""
    values, asked = asked_by(outcomes, lambda run: measure.values(run, plan))
    if outcomes.lucky(plan, *(name for _, name in asked)) and np.ptp(values) > 0:
        return exactly(0.0)
    return variance_split(values, outcomes.per_world)


def _number(name: str, found: Sensitivity) -> dict[str, Any]:
    return {
        "number": name,
        "delta": plain_interval(found.delta),
        "first_order": plain_interval(found.first_order),
        "at_low": plain_interval(found.at_low),
        "at_high": plain_interval(found.at_high),
    }


def _objectives(outcomes: Outcomes) -> list[Measure]:
    """Outcomes of which the value of information is estimated; none with one plan."""
    if len(outcomes.plans) < 2:
        return []
    known = {measure.key: measure for measure in measures(outcomes.scenario)}
    return [known[key] for key in OBJECTIVES if key in known]


def _value(
    outcomes: Outcomes, measure: Measure, names: list[str], values: NDArray[np.float64], inputs: Inputs
) -> dict[str, Any]:
    shape = outcomes.worlds, outcomes.per_world
    losses = np.stack([measure.values(outcomes, plan).reshape(shape) for plan in outcomes.plans])
    best, everything = best_now(losses), perfect_information(losses)
    means = losses.mean(axis=2)
    strength = np.zeros(len(names))
    for plan in range(len(outcomes.plans)):
        if plan != best:
            found = inputs.sensitivities(means[plan] - means[best])
            strength = np.maximum(strength, [one.delta.value for one in found])
    chosen = np.argsort(-strength, kind="stable")[:SCREENED]
    worth = partial_information(values[:, chosen], losses)
    order = sorted(range(len(worth)), key=lambda i: -worth[i].saving.value)[:MOST_NUMBERS]
    return {
        "key": measure.key,
        "label": measure.label,
        "unit": measure.unit,
        "best_now": outcomes.plans[best],
        "perfect": plain_interval(everything.saving),
        "perfect_changes_plan": plain_interval(everything.changes_plan),
        "numbers": [
            {
                "number": names[chosen[i]],
                "value": plain_interval(worth[i].saving),
                "changes_plan": plain_interval(worth[i].changes_plan),
            }
            for i in order
            if worth[i].saving.value > 0
        ],
    }
