"""The ledger of assumptions, and what becomes of the answer if they turn: the document ``ledger.json``.

A number that says which end hurts (``adverse``) can be put at that end. All adverse, all favourable, and one at a time
adverse, each on the same worlds with the same luck as the base run: what is not turned keeps its draws. The end is the
10 % or 90 % point of what the file says, not its limit, because all limits at once have no chance worth a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.execution.runner import run as run_plans
from phaseline.execution.worlds import with_numbers
from phaseline.outcomes.documents import head, plain_interval, plain_number
from phaseline.outcomes.measures import Measure, marked, measures
from phaseline.scenario.provenance import Provenance, listing, provenance
from phaseline.scenario.quantity import Quantity

if TYPE_CHECKING:
    from threading import Event

    from phaseline.execution.settings import RunSettings
    from phaseline.execution.store import RunStore
    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Plan

FORMAT = "phaseline-ledger/1"
HISTORIES = 500
"""Per plan and run: paired with the base run, this shows changes of a seventh of an outcome's spread."""
ADVERSE, FAVOURABLE = 0.9, 0.1
"""Points of the distribution, seen from the end that does not hurt."""
TOLD = ("end", "failed", "losses", "person_days", "overstretched")
"""Outcomes of the table."""


def ledger(
    outcomes: Outcomes,
    plans: Mapping[str, Plan],
    settings: RunSettings,
    *,
    store: RunStore,
    weights: Mapping[str, float] | None = None,
    one_at_a_time: bool = True,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
) -> dict[str, Any]:
    """Every assumption with who says so, and the answer with them turned; ready for JSON.

    Parameters
    ----------
    outcomes
        The base run, for its head; the stress runs are smaller and come with a base run of their own.
    plans, settings, store
        As of the run; `replications` is at most `HISTORIES`.
    weights
        Weight of numbers in the answer, by name or path, e.g. of `drivers.strongest`.
    one_at_a_time
        Whether each number is turned alone as well.
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
    known = [entry for entry in provenance(scenario) if entry.quantity.adverse is not None and _varies(entry)]
    cases = [
        ("base", {}),
        ("all adverse", _ends(known, ADVERSE)),
        ("all favourable", _ends(known, FAVOURABLE)),
    ]
    if one_at_a_time:
        cases += [(f"{entry.name} adverse", _ends([entry], ADVERSE)) for entry in known]
    size = min(settings.most, HISTORIES)
    small = replace(settings, replications=size, precision=None)
    each = small.most * len(plans)
    chosen = [measure for measure in measures(scenario) if measure.key in TOLD]
    rows: list[dict[str, Any]] = []
    base: Outcomes | None = None
    for number, (what, fixed) in enumerate(cases):

        def advance(done: int, _: int, before: int = number * each) -> None:
            if progress is not None:
                progress(before + done, each * len(cases))

        found = run_plans(
            with_numbers(scenario, fixed), plans, small, store=store, progress=advance, cancel=cancel,
            whole_histories=False,
        )  # fmt: skip
        base = base or found
        rows += [_row(what, list(fixed), found, base, plan, chosen) for plan in plans]
    return head(outcomes, FORMAT) | {
        "numbers": [
            _entry(entry, plain, weights)
            for entry, plain in zip(provenance(scenario), listing(scenario), strict=True)
        ],
        "stress": {
            "histories": small.most,
            "outcomes": [measure.key for measure in chosen],
            "measures": {m.key: {"label": m.label, "unit": m.unit, "kind": m.kind} for m in chosen},
            "rows": rows,
        },
    }


def _varies(entry: Provenance) -> bool:
    low, high = entry.quantity.dist.quantile(np.array([0.1, 0.9]))
    return entry.quantity.kind != "fixed" and bool(low < high)


def _ends(entries: list[Provenance], point: float) -> dict[str, float]:
    return {entry.name: _at(entry.quantity, point) for entry in entries}


def _at(quantity: Quantity, point: float) -> float:
    """Value at a point of the distribution counted towards the end that hurts."""
    share = point if quantity.adverse == "high" else 1 - point
    return float(quantity.dist.quantile(np.array(share)))


def _row(
    what: str, turned: list[str], found: Outcomes, base: Outcomes, plan: str, chosen: list[Measure]
) -> dict[str, Any]:
    values, changes = {}, {}
    for measure in chosen:
        here = measure.values(found, plan)
        known = marked(measure, found, plan)
        values[measure.key] = plain_interval(known.estimate(here, found.per_world))
        both = replace(known, certain=known.certain and marked(measure, base, plan).certain)
        changes[measure.key] = plain_interval(
            both.difference(here, measure.values(base, plan), found.per_world)
        )
    return {"what": what, "turned": turned, "plan": plan, "values": values, "changes": changes}


def _entry(entry: Provenance, plain: dict[str, Any], weights: Mapping[str, float] | None) -> dict[str, Any]:
    low, high = (float(v) for v in entry.quantity.dist.quantile(np.array([0.1, 0.9])))
    if entry.quantity.bounds is not None:
        low, high = entry.quantity.bounds
    told = {
        key: plain[key]
        for key in ("name", "path", "label", "kind", "source", "assumed", "lean", "adverse", "note")
    }
    return told | {
        "text": plain["value"],
        "low": plain_number(low),
        "high": plain_number(high),
        "unit": entry.quantity.dimension,
        "speaker": entry.quantity.speaker,
        "weight": None if weights is None else plain_number(weights.get(entry.name, 0.0)),
    }
