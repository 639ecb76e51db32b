"""From one run to all documents beside it: comparison, claims with their flips, drivers, ledger with stress, traces."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from phaseline.analysis.drivers import drivers, strongest
from phaseline.analysis.flips import add_flips
from phaseline.analysis.sensitivity import LEAST_WORLDS
from phaseline.analysis.stress import ledger
from phaseline.analysis.traces import traces
from phaseline.execution.runner import stoppable
from phaseline.outcomes.claims import judge
from phaseline.outcomes.comparison import compare
from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    from threading import Event

    from phaseline.execution.settings import RunSettings
    from phaseline.execution.store import RunStore
    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Plan

logger = logging.getLogger(__name__)


def judgement(
    outcomes: Outcomes,
    plans: Mapping[str, Plan],
    settings: RunSettings,
    *,
    store: RunStore,
    joint: str | None = None,
    quick: bool = False,
    one_at_a_time: bool = False,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
) -> dict[str, dict[str, Any] | None]:
    """Every document by name; None for one not asked for, that so small a run cannot support, or that needs something drawn.

    Parameters
    ----------
    outcomes
        The run that is judged.
    plans, settings, store, progress, cancel
        As of the run, for the further runs that flips, stress and traces need.
    joint, quick, one_at_a_time
        As in `phaseline.compare`.

    Raises
    ------
    InputError
        If a condition of ``joint`` is refused.
    InterruptedRun
        If stopped.
    """
    claims = judge(outcomes, plans)
    found: dict[str, dict[str, Any] | None] = {
        "comparison": compare(outcomes, joint),
        "claims": claims,
        "drivers": None,
        "ledger": None,
        "traces": None,
    }
    if outcomes.is_certain:
        return found  # nothing is drawn, so nothing drives the answer, and no history is worse than another
    if outcomes.worlds < LEAST_WORLDS:
        logger.warning(
            "%s: too few to tell what drives the answer; run %s or more histories",
            counted(outcomes.worlds, "world"), f"{LEAST_WORLDS * outcomes.per_world:,}",
        )  # fmt: skip
        return found
    found["drivers"] = driving = drivers(outcomes, progress, cancel)
    if quick:
        return found
    with stoppable(cancel) as stop:
        found["claims"] = add_flips(
            claims, outcomes, plans, threads=settings.num_threads, cancel=stop, progress=progress
        )
    found["ledger"] = ledger(
        outcomes, plans, settings, store=store, weights=strongest(driving), one_at_a_time=one_at_a_time,
        progress=progress, cancel=cancel,
    )  # fmt: skip
    found["traces"] = traces(outcomes, plans, settings, store=store, progress=progress, cancel=cancel)
    return found
