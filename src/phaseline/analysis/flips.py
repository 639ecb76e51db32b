"""Under which conditions a verdict flips: thresholds of single assumptions and of capacity, and a box over several.

For each claim the numbers that matter most to its event are found in the worlds of the run (`sensitivity`). Each is then
*fixed*, first at its 5 %, then at its 95 % point; if the claim's probability crosses what is claimed in between, the
crossing is bracketed on the same random numbers and confirmed by larger runs just inside and just outside. The plans are
those that were judged, with the seed and on as many threads as the run. The same is
done with the capacity of the asset the claim speaks of, from a half to twice what it is. The box is a set of ranges of
several numbers within which the verdict is the opposite one; it is found in one half of the worlds and confirmed by a
run with a seed of its own, inside and outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.analysis.discovery import discover, sentence
from phaseline.analysis.sensitivity import LEAST_WORLDS, Inputs
from phaseline.execution.executor import LocalThreads
from phaseline.execution.runner import EngineCall, stop_if
from phaseline.execution.worlds import Worlds, scalable, with_capacity, with_numbers, world_values
from phaseline.outcomes.claims import HOLDS, is_told, needed, tested, verdict
from phaseline.outcomes.documents import plain_interval, plain_number
from phaseline.outcomes.happening import happens
from phaseline.outcomes.results import Outcomes, PlanRun
from phaseline.outcomes.statistics import Interval, probability_interval
from phaseline.scenario.claimed import plans_of
from phaseline.scenario.readable import value_text

if TYPE_CHECKING:
    from threading import Event

    from numpy.typing import NDArray

    from phaseline.scenario.schema import Claim, Plan, Scenario

SEARCH, CONFIRM = 600, 1_600
"""Histories of a step of the search, and of a run that confirms."""
STEPS = 4
"""Halvings of the bracket: from nine tenths of the distribution to about a twentieth."""
WIDENING, WIDENINGS = 0.08, 3
"""Steps away from the bracket, and how many of them, until a larger run tells clearly."""
NUMBERS = 2
"""Numbers tried for each claim."""
RANGE = (0.05, 0.95)
"""Points of a number's distribution between which a threshold is looked for."""
FACTORS = (0.5, 2.0)
"""Of capacity."""
PIECE = 64
"""Histories simulated between two looks at whether the work is to stop: about a tenth of a second."""


@dataclass(frozen=True)
class Lever:
    """Something that can be set, along one axis.

    Attributes
    ----------
    name, label, base
        What it is, and where it stands, in words.
    at
        The scenario with it set at a point between 0 and 1.
    text
        The setting in words.
    """

    name: str
    label: str
    base: str
    at: Callable[[float], Scenario]
    text: Callable[[float], str]


@dataclass(frozen=True)
class Trials:
    """Small runs of the plans that were judged, straight from the engine: no series, no store.

    Attributes
    ----------
    outcomes
        The run that was judged; its seed and replications per world are taken.
    plans
        The plans that were judged, by id.
    cancel
        Stops a run under way when set.
    """

    outcomes: Outcomes
    plans: Mapping[str, Plan]
    cancel: Event

    def run(self, scenario: Scenario, claim: Claim, histories: int, seed: int | None = None) -> Outcomes:
        """The plans that a claim names.

        Parameters
        ----------
        scenario
            What to run.
        claim
            Names the plans.
        histories
            Rounded up to whole worlds.
        seed
            In place of that of the run judged.

        Raises
        ------
        InterruptedRun
            If `cancel` is set.
        """
        from phaseline.engine import compile_plan, compile_scenario

        per_world = self.outcomes.per_world
        used = self.outcomes.seed if seed is None else seed
        model = compile_scenario(scenario)
        count = -(-histories // per_world) * per_world
        runs = {}
        for plan_id in plans_of(scenario, claim):
            plan = self.plans[plan_id]
            table = self._table(EngineCall(model, compile_plan(model, plan_id, plan), used, per_world), count)
            runs[plan_id] = PlanRun(plan_id, plan.title or plan_id, "", table)
        return Outcomes(scenario, "", used, per_world, runs, {})

    def probability(
        self, scenario: Scenario, claim: Claim, histories: int, seed: int | None = None
    ) -> Interval:
        """What such a run finds of a claim, as `claims.Tested` says: mostly a probability; parameters as of `run`."""
        return tested(self.run(scenario, claim, histories, seed), claim).found

    def _table(self, call: EngineCall, count: int) -> NDArray[np.float64]:
        pieces = []
        for first in range(0, count, PIECE):
            stop_if(self.cancel)
            pieces.append(call(first, min(PIECE, count - first), False).outcomes)
        return np.concatenate(pieces)


def add_flips(
    document: dict[str, Any],
    outcomes: Outcomes,
    plans: Mapping[str, Plan],
    *,
    threads: int,
    cancel: Event,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """``claims.json`` with the conditions under which each verdict flips.

    Parameters
    ----------
    document
        What `claims.judge` returned.
    outcomes, plans
        The run that it judged, and the plans that were run.
    threads
        Claims worked on side by side.
    cancel
        Stops the work when set.
    progress
        Told how many claims are done and how many there are.

    Raises
    ------
    InterruptedRun
        If stopped.
    """
    if outcomes.worlds < LEAST_WORLDS:
        return document
    worlds = world_values(outcomes.scenario, outcomes.seed, outcomes.worlds)
    # what the plan settles, or where it makes no difference, no number could turn
    open_to_doubt = [
        claim for claim in document["claims"] if not claim["untested"] and is_told(claim["verdict"])
    ]
    inputs = Inputs(worlds.values)
    trials = Trials(outcomes, plans, cancel)
    flips: dict[str, dict[str, Any]] = {}
    # the engine lets go of the interpreter
    work = LocalThreads(threads).map(
        lambda claim: _flips_of(claim, trials, worlds, inputs), open_to_doubt, cancel
    )
    for number, (claim, added) in enumerate(work, 1):
        flips[claim["id"]] = added
        if progress is not None:
            progress(number, len(open_to_doubt))
    stop_if(cancel)
    claims = [claim | flips.get(claim["id"], {}) for claim in document["claims"]]
    return document | {"claims": claims}


def _flips_of(told: dict[str, Any], trials: Trials, worlds: Worlds, inputs: Inputs) -> dict[str, Any]:
    outcomes, scenario = trials.outcomes, trials.outcomes.scenario
    claim = scenario.claims[told["id"]]
    need = needed(scenario, claim)
    flips = []
    for lever in _levers(scenario, claim, worlds, inputs, tested(outcomes, claim).by_world):
        found = _threshold(lever, claim, trials, need)
        if found is not None:
            flips.append(found)
    if claim.event.increases is not None or claim.event.mostly is not None:
        return {"flips": flips, "box": None}  # no event of a single history, of which boxes could be made
    return {
        "flips": flips,
        "box": _box(claim, happens(outcomes, claim), trials, worlds, need, told["verdict"]),
    }


def _levers(
    scenario: Scenario, claim: Claim, worlds: Worlds, inputs: Inputs, by_world: NDArray[np.float64]
) -> Iterator[Lever]:
    """Capacity of the assets in the claim, then the numbers that matter most to its event."""
    event = claim.event.increases or claim.event
    named = [event.strain, *(event.strained_most or ())]
    key = event.measure or event.difference or event.mostly or ""
    named.append(key.partition(".")[2])
    for asset in dict.fromkeys(name for name in named if name in scenario.assets):
        if scalable(scenario, str(asset)):
            yield _capacity(scenario, str(asset))
    if np.ptp(by_world) == 0:
        return
    strength = [one.delta.low for one in inputs.sensitivities(by_world)]
    for j in np.argsort(-np.array(strength), kind="stable")[:NUMBERS]:
        if strength[j] > 0:
            yield _number(scenario, worlds, int(j))


def _capacity(scenario: Scenario, asset: str) -> Lever:
    low, high = (np.log(factor) for factor in FACTORS)

    def factor(point: float) -> float:
        return float(np.exp(low + point * (high - low)))

    label = f"capacity of {scenario.assets[asset].label or asset}"
    return Lever(
        f"capacity.{asset}", label, "100 %", lambda point: with_capacity(scenario, asset, factor(point)),
        lambda point: f"{100 * factor(point):.0f} %",
    )  # fmt: skip


def _number(scenario: Scenario, worlds: Worlds, j: int) -> Lever:
    values, name, dimension = np.sort(worlds.values[:, j]), worlds.names[j], worlds.dimensions[j]

    def value(point: float) -> float:
        return float(np.quantile(values, RANGE[0] + point * (RANGE[1] - RANGE[0])))

    middle = value_text(float(np.median(values)), dimension, digits=3)
    return Lever(
        name, worlds.labels[j], middle, lambda point: with_numbers(scenario, {name: value(point)}),
        lambda point: value_text(value(point), dimension, digits=3),
    )  # fmt: skip


def _threshold(lever: Lever, claim: Claim, trials: Trials, need: float) -> dict[str, Any] | None:
    """Where the probability crosses what is claimed, if it does."""

    def reaches(point: float) -> bool:
        return trials.probability(lever.at(point), claim, SEARCH).value >= need

    low, high = 0.0, 1.0
    at_low = reaches(low)
    if at_low == reaches(high):
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if reaches(middle) == at_low else (low, middle)

    def confirm(point: float, away: float, clear: Callable[[Interval], bool]) -> tuple[float, Interval]:
        """The nearest point on this side at which a larger run tells clearly, or the last one tried."""
        for _ in range(WIDENINGS):
            found = trials.probability(lever.at(point), claim, CONFIRM)
            further = min(1.0, max(0.0, point + away))
            if clear(found) or further == point:
                break
            point = further
        return point, found

    holding, other = (low, high) if at_low else (high, low)
    outwards = WIDENING if holding == high else -WIDENING
    holding, within = confirm(holding, outwards, lambda found: found.low >= need)
    other, without = confirm(other, -outwards, lambda found: found.high < need)
    if math.isnan(within.value) or math.isnan(without.value):
        return None  # under one setting the plans do not differ at all
    confirmed = within.low >= need > without.high
    return {
        "number": lever.name,
        "label": lever.label,
        "unit": "",
        "base": lever.base,
        "holds": "at most" if at_low else "at least",
        "threshold": {"low": lever.text(low), "high": lever.text(high)},
        "inside": {"at": lever.text(holding), "probability": plain_interval(within)},
        "outside": {"at": lever.text(other), "probability": plain_interval(without)},
        "confirmed": bool(confirmed),
    }


def _box(
    claim: Claim,
    happened: NDArray[np.bool_],
    trials: Trials,
    worlds: Worlds,
    need: float,
    found_verdict: str,
) -> dict[str, Any] | None:
    """Ranges of several numbers within which the verdict is the opposite one; None where there are none."""
    outcomes = trials.outcomes
    wanted = ~happened if found_verdict == HOLDS else happened
    boxes = [box for box in discover(worlds.values, wanted, outcomes.per_world) if len(box.bounds) > 1]
    for box in boxes:
        fresh = trials.run(outcomes.scenario, claim, CONFIRM, outcomes.seed + 1)
        drawn = world_values(outcomes.scenario, fresh.seed, fresh.worlds).values
        inside = np.ones(fresh.worlds, dtype=bool)
        for bound in box.bounds:
            inside &= (drawn[:, bound.number] > bound.low) & (drawn[:, bound.number] <= bound.high)
        again = happens(fresh, claim).reshape(fresh.worlds, fresh.per_world)
        if inside.sum() < 2 or inside.all():
            continue
        within, without = (
            probability_interval(again[side].ravel(), fresh.per_world) for side in (inside, ~inside)
        )
        verdicts = verdict(within, need), verdict(without, need)
        if (within.value >= need) == (found_verdict == HOLDS):
            continue
        ends = [
            (
                value_text(bound.low, worlds.dimensions[bound.number], digits=3),
                value_text(bound.high, worlds.dimensions[bound.number], digits=3),
            )
            for bound in box.bounds
        ]
        return {
            "text": sentence(box, worlds.labels, ends),
            "numbers": [worlds.names[bound.number] for bound in box.bounds],
            "worlds": plain_number(box.worlds),
            "inside": plain_interval(within),
            "outside": plain_interval(without),
            "confirmed": verdicts[0] not in (found_verdict, "cannot tell"),
        }
    return None
