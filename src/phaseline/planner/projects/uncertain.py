"""Projects whose durations are uncertain: the distributions of the literature, and a policy that is improved by simulation.

A policy is a priority list: whenever something ends, what may start starts in the order of the list (a resource-based
policy: Stork 2001). Distributions have the mean d of the network's durations (Fang, Kolisch, Wang and Mu 2015, Flex. Serv.
Manuf. J. 27:585; Ballestin and Leus 2009, Prod. Oper. Manag. 18:459): U1 on [d - sqrt(d), d + sqrt(d)], U2 on [0, 2 d], Exp
exponential, B1 and B2 beta on [d/2, 2 d] with variances d/3 and d^2/3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phaseline.engine.projects import schedules
from phaseline.engine.streams import entity_keys, uniforms
from phaseline.planner.projects.lists import RULES, priority_list, search
from phaseline.planner.projects.tables import Tables, tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.network import Network

DISTRIBUTIONS = ("U1", "U2", "Exp", "B1", "B2")
SEARCHING, SCORING = 0, 1
"""Streams of draws: a policy is never scored on draws that it was chosen by."""
_STREAM = 200
RULE_DRAWS = 30
"""Draws by which rules are told apart first."""
BASE_SHARE = 0.2
"""Part of the budget for a base schedule of mean durations, whose order is one more list to start from."""
FIRST_DRAWS, MOST_DRAWS = 40, 400
"""Draws of a race: as many as the budget admits sixty races of, within these."""
RACES = 60
BLOCK = 5
"""Draws between looks at a race."""
PATIENCE = 1.0
"""Standard errors by which a changed list must be ahead."""


@dataclass(frozen=True)
class Policy:
    """A priority list for dispatching, and where it comes from.

    Attributes
    ----------
    order
        Activities, most urgent first.
    rule
        Name of the rule from which the search started; ``base`` for the order of the base schedule.
    made
        Schedules that were made to find it.
    """

    order: NDArray[np.int64]
    rule: str
    made: int


def draws(
    network: Network, distribution: str, count: int, seed: int, stream: int = SCORING
) -> NDArray[np.float64]:
    """Durations drawn independently, shape [draw, activity]; draw i is the same however many are asked for.

    Parameters
    ----------
    network
        Its durations are the means.
    distribution
        Of `DISTRIBUTIONS`.
    count
        How many draws.
    seed
        Same seed, same draws.
    stream
        `SEARCHING` or `SCORING`.

    Raises
    ------
    ValueError
        If there is no such distribution.
    """
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"the distribution is one of {', '.join(DISTRIBUTIONS)}, not {distribution!r}")
    keys = entity_keys([f"{network.name}.{i}" for i in range(network.num_activities)])
    u = uniforms(seed, 0, count, _STREAM + stream, keys)
    d = network.durations.astype(float)
    drawn: NDArray[np.float64]
    if distribution in ("U1", "U2"):
        half = np.sqrt(d) if distribution == "U1" else d
        drawn = d - half + 2 * half * u
        return drawn
    if distribution == "Exp":
        drawn = -d * np.log1p(-u)
        return drawn
    from scipy.special import betaincinv

    positive = np.maximum(d, 1.0)  # what lasts no time is set to none below
    alpha, beta = (positive / 2 - 1 / 3, positive - 2 / 3) if distribution == "B1" else (1 / 6, 1 / 3)
    share = betaincinv(np.broadcast_to(alpha, u.shape), np.broadcast_to(beta, u.shape), u)
    drawn = np.where(d > 0, 0.5 * d + 1.5 * d * share, 0.0)
    return drawn


def ends(network: Network, order: NDArray[np.int64], durations: NDArray[np.float64]) -> NDArray[np.float64]:
    """End of all in each draw under a policy, shape [draw]."""
    return _ends(tables(network), order, durations)


def best_policy(network: Network, distribution: str, budget: int, seed: int = 1) -> Policy:
    """A list improved by simulation from the best of the usual rules.

    Rules, and the order of a base schedule of mean durations, are judged on common draws. The best is then changed by
    moving one activity at a time; a change is judged draw by draw against the list as it is, given up as soon as it is not
    ahead, and kept only if it is ahead over all draws by more than luck would have it.

    Parameters
    ----------
    network, distribution
        As in `draws`.
    budget
        Schedules that may be made, at least 1,000; 5,000 and 25,000 are usual.
    seed
        Of the search and its draws.

    Raises
    ------
    ValueError
        If the budget is smaller.
    """
    if budget < 1_000:
        raise ValueError(f"the budget is at least 1,000 schedules, not {budget}")
    flat = tables(network)
    base = search(network, schedules_made=int(BASE_SHARE * budget), seed=seed)
    made = base.made
    candidates = {rule: priority_list(network, rule) for rule in RULES}
    candidates["base"] = np.argsort(base.starts, kind="stable").astype(np.int64)
    count = int(min(max(0.5 * budget / RACES, FIRST_DRAWS), MOST_DRAWS))
    sample = draws(network, distribution, count, seed, SEARCHING)
    few = sample[:RULE_DRAWS]
    means = {name: _ends(flat, order, few).mean() for name, order in candidates.items()}
    made += RULE_DRAWS * len(candidates)
    finalists = sorted(means, key=lambda name: (means[name], name))[:2]
    whole = {name: _ends(flat, candidates[name], sample) for name in finalists}
    made += count * len(finalists)
    rule = min(finalists, key=lambda name: (whole[name].mean(), name))
    order = candidates[rule].copy()
    state = schedules.seeded(seed)
    made += schedules.race(
        order, whole[rule], sample, BLOCK, PATIENCE, state, budget - made, flat.before_at, flat.after_at, flat.after,
        flat.demands, flat.capacities, flat.releases,
    )  # fmt: skip
    return Policy(order, rule, int(made))


def _ends(flat: Tables, order: NDArray[np.int64], durations: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.empty(len(durations))
    schedules.dispatch_all(
        order, durations, flat.before_at, flat.after_at, flat.after, flat.demands, flat.capacities, flat.releases,
        found,
    )  # fmt: skip
    return found
