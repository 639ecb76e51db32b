"""Gates that no history opened: most often a slip in the plan, which a share of 0 % done would not explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phaseline.scenario.readable import condition_text
from phaseline.scenario.records import PHASE_STATUS, awaited, columns, phase_ids, phases_meant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Plan, Scenario

_WAITING, _DONE = PHASE_STATUS.index("waiting"), PHASE_STATUS.index("done")


def unopened_gates(scenario: Scenario, plan: Plan, title: str, table: NDArray[np.float64]) -> list[str]:
    """A sentence for each gate of a plan that kept its phase closed in every history.

    A phase that never came so far, because what it waits for was not done in any history, is not its gate's fault.

    Parameters
    ----------
    scenario, plan, title
        What was run, and what the plan is called.
    table
        Shape [replication, column], as `PlanRun.table`.
    """
    ids = phase_ids(scenario)
    position = {column.name: index for index, column in enumerate(columns(scenario))}
    status = {phase: table[:, position[f"status.{phase}"]] for phase in ids}
    sentences = []
    for ref, gate in plan.gates.items():
        phase = ids[phases_meant(scenario, ref)[0]]  # a gate of an operation is that of its first phase
        if not (status[phase] == _WAITING).all():
            continue
        operation, _, name = phase.partition(".")
        before = {
            ids[p]
            for after in awaited(scenario, operation, name)
            for p in phases_meant(scenario, after, operation)
        }
        ready = (
            np.all([status[earlier] == _DONE for earlier in before], axis=0) if before else np.array([True])
        )
        if not ready.any():
            continue
        though = (
            f", although what it waits for was done in {100 * ready.mean():.3g} % of them" if before else ""
        )
        sentences.append(
            f"No history opened {phase} under '{title}'{though}: its gate asks for {condition_text(gate, scenario)}."
        )
    return sentences
