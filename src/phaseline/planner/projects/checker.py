"""Whether a schedule is one: looked at day by day from the network alone, without anything that made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    from phaseline.scenario.network import Network


def faults(network: Network, starts: Sequence[int]) -> list[str]:
    """Everything that is wrong with a schedule; empty if it is feasible.

    Parameters
    ----------
    network
        Of the schedule.
    starts
        Day on which each activity starts.
    """
    if len(starts) != len(network.durations):
        return [f"has {counted(len(starts), 'start')} for {counted(len(network.durations), 'activity')}"]
    found = []
    for i, start in enumerate(starts):
        if start < network.releases[network.projects[i]]:
            found.append(f"activity {i + 1} starts on day {start}, before its release")
        for j in network.successors[i]:
            if starts[j] < start + network.durations[i]:
                found.append(f"activity {j + 1} starts before activity {i + 1} has ended")
    days = sorted({int(start) for start in starts})  # demand can only rise where something starts
    for day in days:
        for k, units in enumerate(network.capacities):
            needed = sum(
                int(network.demands[i, k])
                for i, start in enumerate(starts)
                if start <= day < start + network.durations[i]
            )
            if needed > units:
                found.append(f"resource {k + 1} is asked for {needed} on day {day}, and has {units}")
    return found
