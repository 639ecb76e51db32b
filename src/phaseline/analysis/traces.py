"""Why histories go bad: what each cause costs in days and losses, for one history and for the bad tenth.

A cause is taken away and the same histories are run again with the same luck; what they save was its price. Causes that
are taken away together save more or less than the sum of each alone, so they are taken away one after the other, in the
order of `CAUSES` and in the opposite order, and a cause's price is the mean of its two steps: the parts then add up to
the whole, history by history. (Two of the many orders that Shapley's value averages; enough to see what leads.) What is
left when all are gone is the way itself: the ground to be taken and those who hold it.

The chain of one history puts beside its events what each cause cost it. The document is ``traces.json``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.analysis.discovery import BAD, Box, bad_histories, discover, sentence
from phaseline.execution.runner import explain
from phaseline.execution.runner import run as run_plans
from phaseline.execution.worlds import Worlds, scalable, with_capacity, world_values
from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.measures import measure
from phaseline.outcomes.statistics import Interval, mean_interval
from phaseline.scenario.calendar import start_date
from phaseline.scenario.mechanisms import MECHANISMS, without
from phaseline.scenario.readable import value_text

if TYPE_CHECKING:
    import threading

    from numpy.typing import NDArray

    from phaseline.execution.settings import RunSettings
    from phaseline.execution.store import RunStore
    from phaseline.outcomes.results import Event, Outcomes
    from phaseline.scenario.schema import Plan, Scenario

FORMAT = "phaseline-traces/1"
HISTORIES = 500
"""Histories that are run again without each cause."""
AMPLE = 20.0
"""Factor on the capacity of every asset that stands for "never short"."""
TELLING = frozenset({
    "opens", "done", "half way", "overstretched", "relieved", "broken", "fails", "attempt fails", "stopped", "pauses",
})  # fmt: skip
"""Events of a chain; the daily ones are in `phaseline run --explain`."""


@dataclass(frozen=True)
class Cause:
    """Something that costs time or lives, and what takes it away."""

    key: str
    label: str
    mechanisms: tuple[str, ...] = ()
    ample: bool = False

    def gone(self, scenario: Scenario) -> Scenario:
        """The scenario without it; the same object where it plays no part."""
        kept = without(scenario, [key for key in self.mechanisms if key in MECHANISMS])
        if self.ample:
            for asset in scenario.assets:
                if scalable(kept, asset):
                    kept = with_capacity(kept, asset, AMPLE)
        return kept


CAUSES = (
    Cause("shortage", "shortage of assets", ("minimum_coverage",), ample=True),
    Cause("attacks", "attacks on the own forces", ("shocks",)),
    Cause("reinforcement", "reinforcement of the adversary", ("moves", "recruits")),
    Cause("preparation", "time given to dig in", ("dig_in",)),
    Cause("weather", "weather and friction", ("weather", "friction")),
    Cause("pauses", "pauses to refit", ("pauses",)),
    Cause("stopped", "being stopped for reasons outside the model", ("stop_hazard", "suspension")),
)
"""In the order in which they are taken away first."""


def traces(
    outcomes: Outcomes,
    plans: Mapping[str, Plan],
    settings: RunSettings,
    *,
    store: RunStore,
    histories: Mapping[str, list[int]] | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: threading.Event | None = None,
) -> dict[str, Any]:
    """What each cause costs, in aggregate and in single histories, and where bad histories gather; ready for JSON.

    Parameters
    ----------
    outcomes
        The base run; boxes of conditions are found in all its worlds.
    plans, settings, store
        As of the run; `replications` is at most `HISTORIES`.
    histories
        Histories to tell, by plan; default of each plan the middle one of the bad tenth.
    progress
        Told how many histories there are and will be.
    cancel
        Stops the run under way when set.

    Raises
    ------
    InterruptedRun
        If stopped; complete parts are in the store.
    """
    scenario = outcomes.scenario
    small = replace(settings, replications=min(settings.most, HISTORIES), precision=None)
    present = [cause for cause in CAUSES if cause.gone(scenario) is not scenario]
    prices = _prices(scenario, plans, small, store, present, progress, cancel)
    aggregate, told = [], []
    for plan_id, plan in plans.items():
        base, steps = prices[plan_id]
        bad = bad_histories(base["end"], "low")
        aggregate += [_row(plan_id, cause, steps[cause.key], bad, small.per_world) for cause in present]
        middle = int(np.flatnonzero(bad)[np.argsort(base["end"][bad], kind="stable")[int(bad.sum()) // 2]])
        for index in (histories or {}).get(plan_id, [middle]):
            costs = [(cause, steps[cause.key]) for cause in present] if index < base["end"].size else []
            told.append(_history(scenario, plan_id, plan, settings, index, costs))
    return head(outcomes, FORMAT) | {
        "bad": BAD,
        "causes": [{"key": cause.key, "label": cause.label} for cause in present],
        "histories": told,
        "aggregate": aggregate,
        "boxes": _boxes(outcomes),
    }


Prices = dict[str, "NDArray[np.float64]"]


def _prices(
    scenario: Scenario,
    plans: Mapping[str, Plan],
    settings: RunSettings,
    store: RunStore,
    causes: list[Cause],
    progress: Callable[[int, int], None] | None,
    cancel: threading.Event | None,
) -> dict[str, tuple[Prices, dict[str, Prices]]]:
    """For each plan: outcomes of the base run, and by cause what it costs each history."""
    each, runs = settings.most * len(plans), 1 + 2 * len(causes) - 1
    done = 0

    def values(changed: Scenario) -> dict[str, Prices]:
        nonlocal done
        before = done

        def advance(count: int, _: int) -> None:
            if progress is not None:
                progress(before + count, each * runs)

        found = run_plans(
            changed, plans, settings, store=store, progress=advance, cancel=cancel, whole_histories=False
        )
        done += each
        return {
            plan: {key: measure(scenario, key).values(found, plan) for key in _keys(scenario)}
            for plan in plans
        }

    base = values(scenario)
    steps: dict[str, dict[str, Prices]] = {plan: {} for plan in plans}
    bare: dict[str, Prices] | None = None
    for order in (causes, causes[::-1]):
        changed, before = scenario, base
        for number, cause in enumerate(order):
            changed = cause.gone(changed)
            last = number == len(order) - 1
            after = bare if last and bare is not None else values(changed)
            if last:
                bare = after
            for plan in plans:
                price = {key: (before[plan][key] - after[plan][key]) / 2 for key in after[plan]}
                known = steps[plan].get(cause.key)
                steps[plan][cause.key] = (
                    price if known is None else {key: known[key] + price[key] for key in price}
                )
            before = after
    return {plan: (base[plan], steps[plan]) for plan in plans}


def _keys(scenario: Scenario) -> list[str]:
    own = any(force.side == "own" for force in scenario.forces.values())
    return ["end", "losses"] if own else ["end"]


def _row(plan: str, cause: Cause, price: Prices, bad: NDArray[np.bool_], per_world: int) -> dict[str, Any]:
    """Price of a cause over all histories, in the bad ones, and its share of what makes them bad."""

    def mean(key: str, among: NDArray[np.bool_]) -> dict[str, Any] | None:
        if key not in price:
            return None
        return plain_interval(mean_interval(np.where(among, price[key], np.nan), per_world))

    everyone = np.ones_like(bad)
    costly = np.where(bad, (price["end"] >= 1).astype(float), np.nan)
    share = mean_interval(costly, per_world)
    return {
        "plan": plan,
        "cause": cause.key,
        "label": cause.label,
        "delay": mean("end", bad),
        "losses": mean("losses", bad),
        "delay_of_all": mean("end", everyone),
        "losses_of_all": mean("losses", everyone),
        "share_of_bad_tenth": plain_interval(
            Interval(share.value, max(0.0, share.low), min(1.0, share.high))
        ),
    }


def _history(
    scenario: Scenario,
    plan_id: str,
    plan: Plan,
    settings: RunSettings,
    index: int,
    costs: list[tuple[Cause, Prices]],
) -> dict[str, Any]:
    """One history: its turning points, then what each cause cost it."""
    history = explain(scenario, plan_id, plan, settings, index)
    start = start_date(scenario)
    chain = [_link(event, start) for event in history.events if event.code in TELLING]
    for cause, price in sorted(costs, key=lambda item: -float(item[1]["end"][index])):
        lost = float(price["end"][index])
        men = float(price["losses"][index]) if "losses" in price else 0.0
        if abs(lost) >= 0.5 or abs(men) >= 0.5:
            chain.append(
                {
                    "day": None,
                    "date": None,
                    "text": cause.label,
                    "days_lost": plain_number(lost),
                    "losses": plain_number(men),
                }
            )
    title = plan.title or plan_id
    return {"plan": plan_id, "replication": index, "title": f"History {index:,} of {title}", "chain": chain}


def _link(event: Event, start: dt.date) -> dict[str, Any]:
    date = (start + dt.timedelta(days=event.day)).isoformat()
    return {"day": event.day, "date": date, "text": event.text, "days_lost": None, "losses": None}


def _boxes(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Conditions in which the bad tenth of each plan's last ends gathers."""
    worlds = world_values(outcomes.scenario, outcomes.seed, outcomes.worlds)
    if not worlds.names:
        return []
    found = []
    for plan in outcomes.plans:
        bad = bad_histories(measure(outcomes.scenario, "end").values(outcomes, plan), "low")
        for box in discover(worlds.values, bad, outcomes.per_world):
            found.append(_box(plan, box, worlds, float(bad.mean())))
    return found


def _box(plan: str, box: Box, worlds: Worlds, base_rate: float) -> dict[str, Any]:
    ends = [
        tuple(value_text(end, worlds.dimensions[bound.number], digits=3) for end in (bound.low, bound.high))
        for bound in box.bounds
    ]
    return {
        "outcome": "end",
        "plan": plan,
        "text": sentence(box, worlds.labels, [(low, high) for low, high in ends]),
        "coverage": plain_interval(box.coverage),
        "density": plain_interval(box.density),
        "base_rate": plain_number(base_rate),
        "worlds": plain_number(box.worlds),
        "conditions": [
            {
                "number": worlds.names[bound.number],
                "label": worlds.labels[bound.number],
                "low": plain_number(bound.low),
                "high": plain_number(bound.high),
                "unit": worlds.units[bound.number],
            }
            for bound in box.bounds
        ],
    }
