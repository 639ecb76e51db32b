"""What was decided so far, as part of the plan.

When a phase starts is decided, not suffered: that an assault began on the 6th of June tells first of all that nobody ordered it
before. So reports of starts, and of what had not started, become gates of the plan followed: a phase starts no earlier than it
was reported to start, and one that had not started by a day waits for the next at least. What a history needs for it (that the
phase before is over, say) is still held against it (`observations`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phaseline.scenario.schema import Condition

if TYPE_CHECKING:
    from phaseline.scenario.reports import Report
    from phaseline.scenario.schema import Plan


def as_decided(plan: Plan, reports: Sequence[Report]) -> Plan:
    """The plan with the starts that were reported.

    Parameters
    ----------
    plan
        As it was meant.
    reports
        Only ``started`` and ``not_started`` of phases matter.
    """
    gates: dict[str, Any] = dict(plan.gates)
    started: dict[str, dt.date] = {}
    waiting: dict[str, dt.date] = {}
    for report in reports:
        if "." not in report.about:
            continue
        if report.quantity == "started":
            started[report.about] = min(report.date, started.get(report.about, report.date))
        elif report.quantity == "not_started":
            next_day = report.date + dt.timedelta(days=1)
            waiting[report.about] = max(next_day, waiting.get(report.about, next_day))
    for phase, day in waiting.items():
        if phase not in started:
            old = gates.get(phase)
            later = _from(day)
            gates[phase] = later if old is None else Condition.model_validate({"all": [old, later]})
    for phase, day in started.items():
        gates[phase] = _from(day)
    return plan.model_copy(update={"gates": gates}) if gates != plan.gates else plan


def _from(day: dt.date) -> Condition:
    return Condition.model_validate({"date": day.isoformat()})
