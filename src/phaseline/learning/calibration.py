"""Simulation-based calibration of updating: whether its posteriors are as wide as they say.

A campaign is simulated from the prior, reports are made of it as the observation model says, and it is updated with them. If
all is right, the true value of every number ranks uniformly among draws of its posterior, over many campaigns.

Sources: S. Talts et al., "Validating Bayesian inference algorithms with simulation-based calibration", arXiv:1804.06788; M.
Modrak et al., "Simulation-based calibration checking", Bayesian Analysis (2023); T. Sailynoja, P.-C. Burkner, A. Vehtari,
"Graphical test for discrete uniformity", Stat. Comput. 32 (2022) 32 (simultaneous envelopes).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from phaseline.execution.particles import MOST_LUCK, Particles
from phaseline.learning.decisions import as_decided
from phaseline.learning.observations import Observations, error_model
from phaseline.learning.scores import uniform_envelope
from phaseline.learning.updating import posterior
from phaseline.scenario.reports import EVENTS, SHARES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.scenario.reports import Report
    from phaseline.scenario.schema import Plan, Scenario

DRAWS = 31
"""Draws of a posterior among which the truth is ranked."""


@dataclass(frozen=True)
class Calibration:
    """Ranks of the truth, and what they say.

    Attributes
    ----------
    names
        Scores (numbers on a normal scale) that were ranked.
    ranks : ndarray of int, shape (campaigns, names)
        0 to `DRAWS`.
    distances
        Largest distance of each name's rank distribution from the uniform one.
    envelope
        What all of them stay below with probability 0.95 if the machinery is right (Bonferroni over names).
    shrinkage, recovery
        For each name: mean variance of the posterior over the prior's 1, and correlation of its mean with the truth. A name
        with shrinkage near 1 is not identified by such reports.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    distances: tuple[float, ...]
    envelope: float
    shrinkage: tuple[float, ...]
    recovery: tuple[float, ...]

    @property
    def inside(self) -> bool:
        """Whether all names are within the envelope."""
        return max(self.distances) <= self.envelope


def calibrate(
    scenario: Scenario, plan_id: str, plan: Plan, shapes: Sequence[Report], campaigns: int, *, seed: int, threads: int,
    num_particles: int = 300, progress: Callable[[int, int], None] | None = None,
) -> Calibration:  # fmt: skip
    """Simulate campaigns, report them, update with the reports, and rank the truth.

    Parameters
    ----------
    scenario, plan_id, plan
        The campaign; without reports of starts, since these are decisions.
    shapes
        Reports whose days, quantities and speakers are kept and whose figures are replaced by each campaign's.
    campaigns
        How many; at least 1,000 for a verdict.
    seed, threads, num_particles
        As in `updating.posterior`.
    progress
        Told the campaigns done, and all.

    Raises
    ------
    ValueError
        If a shape is of a start, or of an event.
    """
    if any(shape.quantity in EVENTS for shape in shapes):
        raise ValueError("calibration reports figures, not events")
    particles = Particles(scenario, plan_id, as_decided(plan, shapes), seed=seed, threads=threads)
    ranks = np.empty((campaigns, len(particles.scores)), dtype=np.int64)
    means, variances = np.empty(ranks.shape), np.empty(ranks.shape)
    truths = np.empty(ranks.shape)
    for k in range(campaigns):
        rng = np.random.Generator(np.random.Philox([seed, 9, k]))
        truth, luck = rng.standard_normal((1, len(particles.scores))), rng.integers(0, MOST_LUCK, 1)
        reports = _reported(scenario, particles, truth, luck, shapes, rng)
        found = posterior(
            scenario, plan_id, plan, reports, seed=seed + 1 + k, threads=threads, num_particles=num_particles
        )
        scores = found.sample.state.scores
        picked = scores[rng.choice(len(scores), DRAWS, replace=False)]
        # ties between copies of a particle are broken by chance
        below, same = (picked < truth).sum(axis=0), (picked == truth).sum(axis=0)
        ranks[k] = below + rng.integers(0, same + 1)
        truths[k], means[k], variances[k] = truth[0], scores.mean(axis=0), scores.var(axis=0)
        if progress is not None:
            progress(k + 1, campaigns)
    distances = [_distance(ranks[:, j]) for j in range(ranks.shape[1])]
    return Calibration(
        particles.scores,
        ranks,
        tuple(distances),
        uniform_envelope(campaigns, DRAWS, tests=len(distances)),
        tuple(float(v) for v in variances.mean(axis=0)),
        tuple(float(np.corrcoef(truths[:, j], means[:, j])[0, 1]) for j in range(ranks.shape[1])),
    )


def _distance(ranks: NDArray[np.int64]) -> float:
    """Kolmogorov's distance of ranks from the uniform distribution on 0, ..., DRAWS."""
    shares = np.array([(ranks <= r).mean() for r in range(DRAWS + 1)])
    return float(np.abs(shares - np.arange(1, DRAWS + 2) / (DRAWS + 1)).max())


def _reported(
    scenario: Scenario, particles: Particles, truth: NDArray[np.float64], luck: NDArray[np.int64], shapes: Sequence[Report],
    rng: np.random.Generator,
) -> list[Report]:  # fmt: skip
    """Reports of one campaign, with errors and a bias for each speaker as the observation model has them."""
    exact = [replace(shape, low=0.5, high=0.5) for shape in shapes]
    observations = Observations(scenario, exact)
    values = observations.expected(particles.watch(truth, luck, observations.days))[0]
    biases: dict[tuple[str, str], float] = {}
    made = []
    for stage, value in zip(observations.stages, values, strict=True):
        model = error_model(stage.report.quantity)
        key = (stage.report.speaker, stage.report.quantity)
        bias = biases.setdefault(key, float(rng.normal(0.0, model.bias)))
        noise = bias + float(rng.normal(0.0, stage.error))
        if stage.report.quantity in SHARES:
            told = float(value) + noise
        else:
            told = (float(value) + (model.floor or 0.0)) * float(np.exp(noise)) - (model.floor or 0.0)
        made.append(replace(stage.report, low=told, high=told))
    return made
