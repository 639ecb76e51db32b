"""The base schedule of a scenario in which nothing is uncertain: by lists and CP-SAT, checked, and as a plan with dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from phaseline.planner.projects.checker import faults
from phaseline.planner.projects.exact import plan as solve
from phaseline.scenario.calendar import start_date
from phaseline.scenario.network import from_scenario
from phaseline.scenario.schema import Condition

if TYPE_CHECKING:
    from phaseline.scenario.schema import Plan, Scenario

SECONDS = 10.0


def base_schedule(
    scenario: Scenario,
    plan_id: str,
    plan: Plan,
    *,
    seed: int,
    seconds: float = SECONDS,
    repeatable: bool = True,
) -> tuple[Plan, dict[str, Any]]:
    """The shortest schedule that can be found, as a plan whose gates are the dates of its starts.

    Parameters
    ----------
    scenario
        Tasks with fixed durations on whole assets.
    plan_id, plan
        The plan whose gates are kept as earliest starts.
    seed
        Of both searches.
    seconds, repeatable
        CP-SAT's own measure of work where the run is to repeat to the bit, else wall-clock time.

    Returns
    -------
    plan, document
        ``phaseline-schedule/1``: end, lower bound, whether it is proved, and a row for each phase.

    Raises
    ------
    InputError
        If the scenario holds what no base schedule can; every such thing is told.
    RuntimeError
        If the schedule breaks a rule: our fault.
    """
    network, phases = from_scenario(scenario, plan)
    limits: dict[str, Any] = {"deterministic": seconds} if repeatable else {"seconds": seconds}
    found = solve(network, seed=seed, **limits)
    starts = [int(day) for day in found.schedule.starts]
    if wrong := faults(network, starts):
        raise RuntimeError(f"the schedule breaks a rule: {wrong[0]}")
    first = start_date(scenario)
    rows: list[dict[str, Any]] = []
    for phase_id, start, lasts in sorted(
        zip(phases, starts, network.durations, strict=True), key=lambda row: row[1]
    ):
        operation, name = phase_id.split(".")
        end = start + int(lasts)
        rows.append(
            {
                "phase": phase_id,
                "label": scenario.operations[operation].phases[name].label or phase_id,
                "start": start,
                "end": end,
                "start_date": (first + dt.timedelta(days=start)).isoformat(),
                "end_date": (first + dt.timedelta(days=max(start, end - 1))).isoformat(),
            }
        )
    gates = {
        row["phase"]: Condition.model_validate({"date": row["start_date"]})
        for row in rows
        if int(row["start"]) > 0
    }
    scheduled = plan.model_copy(
        update={"gates": gates, "priority": [row["phase"] for row in rows], "title": "Base schedule"}
    )
    document = {
        "format": "phaseline-schedule/1",
        "title": scenario.title,
        "plan": plan_id,
        "seed": seed,
        "interrupted": False,
        "end": found.schedule.end,
        "end_date": (first + dt.timedelta(days=found.schedule.end - 1)).isoformat(),
        "bound": found.bound,
        "optimal": found.optimal,
        "critical_path": network.critical_path,
        "tasks": rows,
    }
    return scheduled, document
