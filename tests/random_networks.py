"""Random projects, and their files as other tools write them."""

from __future__ import annotations

import numpy as np

from phaseline.scenario.network import Network


def random_network(seed: int, activities: int = 12, resources: int = 2, projects: int = 1) -> Network:
    """A project between a first and a last dummy of no duration; with several projects each has its own."""
    rng = np.random.default_rng(seed)
    durations: list[int] = []
    successors: list[list[int]] = []
    demands: list[list[int]] = []
    owner: list[int] = []
    for project in range(projects):
        first, last = len(durations), len(durations) + activities + 1
        for i in range(first, last + 1):
            dummy = i in (first, last)
            durations.append(0 if dummy else int(rng.integers(1, 8)))
            demands.append([0 if dummy else int(rng.integers(0, 5)) for _ in range(resources)])
            after = [j for j in range(i + 1, last) if not dummy and rng.random() < 2.0 / activities]
            successors.append(after if after or i == last else [last])
            owner.append(project)
        reached = {j for after in successors[first:last] for j in after}
        successors[first] = [j for j in range(first + 1, last) if j not in reached] or [last]
    releases = [int(rng.integers(0, 6)) if projects > 1 else 0 for _ in range(projects)]
    return Network(
        f"random{seed}",
        np.array(durations, dtype=np.int64),
        tuple(tuple(after) for after in successors),
        np.array(demands, dtype=np.int64),
        np.full(resources, 6, dtype=np.int64),
        np.array(owner, dtype=np.int64),
        np.array(releases, dtype=np.int64),
    )


def as_sm(network: Network) -> str:
    """PSPLIB's single-mode format."""
    n, k = network.num_activities, len(network.capacities)
    stars = "*" * 72
    lines = [
        stars, "file with basedata            : made.bas", "initial value random generator: 1", stars,
        "projects                      :  1",
        f"jobs (incl. supersource/sink ):  {n}", f"horizon                       :  {network.durations.sum()}", "RESOURCES",
        f"  - renewable                 :  {k}   R",
        "  - nonrenewable              :  0   N", "  - doubly constrained        :  0   D",
        stars, "PROJECT INFORMATION:", "pronr.  #jobs rel.date duedate tardcost  MPM-Time",
        f"    1     {n - 2}      {network.releases[0]}       99       0       99", stars, "PRECEDENCE RELATIONS:",
        "jobnr.    #modes  #successors   successors",
        *(f"  {i + 1}  1  {len(after)}  {' '.join(str(j + 1) for j in after)}" for i, after in enumerate(network.successors)),
        stars, "REQUESTS/DURATIONS:", "jobnr. mode duration  " + "  ".join(f"R {j + 1}" for j in range(k)), "-" * 72,
        *(
            f"  {i + 1}  1  {network.durations[i]}  {' '.join(str(units) for units in network.demands[i])}"
            for i in range(n)
        ),
        stars, "RESOURCEAVAILABILITIES:", "  ".join(f"R {j + 1}" for j in range(k)),
        "   ".join(str(units) for units in network.capacities), stars,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def as_rcp(network: Network) -> str:
    """Patterson's format."""
    lines = [
        f"{network.num_activities} {len(network.capacities)}",
        " ".join(str(units) for units in network.capacities),
    ]
    for i, after in enumerate(network.successors):
        numbers = [network.durations[i], *network.demands[i], len(after), *(j + 1 for j in after)]
        lines.append(" ".join(str(number) for number in numbers))
    return "\n".join(lines) + "\n"


def as_rcmp(network: Network) -> str:
    """MPLIB's multi-project format."""
    lines = [
        str(len(network.releases)),
        str(len(network.capacities)),
        " ".join(str(units) for units in network.capacities),
    ]
    at = {}
    for project in range(len(network.releases)):
        for number, i in enumerate(np.flatnonzero(network.projects == project), 1):
            at[int(i)] = f"{project + 1}:{number}"
    for project, release in enumerate(network.releases):
        own = np.flatnonzero(network.projects == project)
        due = network.due_dates[project] if network.due_dates else None
        lines += [
            f"{len(own)} {release}{'' if due is None else f' {due}'}",
            " ".join("1" for _ in network.capacities),
        ]
        for i in own:
            after = [at[j] for j in network.successors[i]]
            lines.append(
                " ".join(
                    str(word) for word in (network.durations[i], *network.demands[i], len(after), *after)
                )
            )
    return "\n".join(lines) + "\n"
