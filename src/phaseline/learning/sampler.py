"""A sequential Monte Carlo sampler over standard normal scores (and the luck of a history, where there is one).

Particles start as draws from the prior. Data come in stages; each stage is let in by and by, in powers of its likelihood
chosen so that the effective sample size stays up (annealing). When weights have become too uneven, particles are resampled and
moved by Metropolis steps that leave the current target unchanged:

- a *score* step proposes from a Gaussian fitted to the particles, remembering a part of where the particle was
  (preconditioned Crank-Nicolson with adapted mean and covariance), so that scores on which the data say nothing keep
  their prior exactly, however many there are;
- a *luck* step proposes the luck of another history.

Sources: P. Del Moral, A. Doucet, A. Jasra, "Sequential Monte Carlo samplers", JRSS B 68 (2006) 411-436; A. Jasra et al.,
"Inference for Levy-driven stochastic volatility models via adaptive sequential Monte Carlo", Scand. J. Stat. 38 (2011) 1-22
(choice of powers); S. L. Cotter, G. O. Roberts, A. M. Stuart, D. White, "MCMC methods for functions", Statistical Science 28
(2013) 424-446 (the score step); C. Andrieu, G. O. Roberts, "The pseudo-marginal approach", Ann. Stat. 37 (2009) 697-725 (luck
as part of the state keeps the posterior exact). No linear algebra library decides about a bit: sums are NumPy's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_ESS = 0.5
"""Particles are resampled and moved when their effective share falls below this (assumed; the usual half)."""
MOST_STEPS = 60
"""Powers within one stage; a stage that needs more is taken in at once, and the loss of particles is reported."""
WANTED_MOVES = 2.0
"""Accepted score steps a particle, on average, after which moving ends."""
MOST_SWEEPS = 12
"""Sweeps of moves after a resampling: each may cost a simulation of all histories up to the last report."""
WANTED_ACCEPTANCE = 0.25
LEAST_VARIANCE = 1e-12
"""Of a score among the particles, so that a proposal has a shape even where all have come from one."""
MOST_LUCK = 2**32


@dataclass(frozen=True)
class State:
    """Particles.

    Attributes
    ----------
    scores : ndarray, shape (n, d)
    luck : ndarray of int64, shape (n,)
        Zeros where the likelihood does not hang on luck.
    stages : ndarray, shape (n, stages)
        Log likelihood of each stage's data given the stages before.
    """

    scores: NDArray[np.float64]
    luck: NDArray[np.int64]
    stages: NDArray[np.float64]

    def take(self, index: NDArray[np.int64]) -> State:
        """The particles at some positions."""
        return State(self.scores[index], self.luck[index], self.stages[index])


@dataclass(frozen=True)
class StageReport:
    """What happened when a stage was taken in.

    Attributes
    ----------
    evidence
        Log of the mean likelihood of the stage's data given the stages before.
    least_ess
        Smallest effective share of particles that was met.
    acceptance
        Share of score steps accepted; None where nothing had to be moved.
    powers
        In how many steps the stage was let in.
    """

    evidence: float
    least_ess: float
    acceptance: float | None
    powers: int


@dataclass(frozen=True)
class Sample:
    """Particles of equal weight from the posterior, and how it was reached.

    Attributes
    ----------
    state
        Equally weighted particles.
    reports
        One for each stage.
    distinct
        Share of particles that differ from all others.
    """

    state: State
    reports: tuple[StageReport, ...]
    distinct: float

    @property
    def evidence(self) -> float:
        """Log marginal likelihood of all data."""
        return float(sum(one.evidence for one in self.reports))


LogLikelihood = Callable[["NDArray[np.float64]", "NDArray[np.int64]", int], "NDArray[np.float64]"]
"""Scores (n, d), luck (n,) and a number of stages to the log likelihood of each of the first so many, shape (n, stages): what
comes later need not be simulated yet."""
Alone = Callable[["NDArray[np.float64]", int], "NDArray[np.float64]"]
"""Scores (n, d) and a stage to the log likelihood of that stage's data, shape (n,), where it hangs on no other stage."""
Watcher = Callable[[int, State, "NDArray[np.float64]"], None]
"""Told the stage about to be taken in, and the particles with their log weights: for predictive checks."""


def sample(
    log_likelihood: LogLikelihood,
    num_scores: int,
    stages: int,
    *,
    particles: int,
    seed: int,
    lucky: bool = False,
    watcher: Watcher | None = None,
    begin: State | None = None,
    done: int = 0,
    moves: float = WANTED_MOVES,
    alone: Alone | None = None,
) -> Sample:
    """Draw from the posterior of scores that are standard normal before the data.

    Parameters
    ----------
    log_likelihood
        May return minus infinity; must not return NaN.
    num_scores
        Number of scores, d.
    stages
        Number of stages.
    particles
        Number of particles, at least 50.
    seed
        The same seed gives the same sample.
    lucky
        Whether the likelihood hangs on luck as well.
    watcher
        See `Watcher`.
    begin, done
        Go on from a sample of the posterior given the first `done` stages: what was drawn for them hangs on no later one. If
        the likelihood of those stages is another now, the particles are weighted for it.
    moves
        Accepted score steps a particle, on average, after which moving ends. More where data say much about few scores.
    alone
        The same log likelihood for one stage, to the bit: spares reckoning all earlier stages anew whenever one is taken in.

    Raises
    ------
    ValueError
        If there are too few particles, or no particle can explain a stage at all.
    """
    if particles < 50:
        raise ValueError(f"a sample needs at least 50 particles, not {particles}")
    rng = np.random.Generator(np.random.Philox([seed, done] if done else seed))
    if begin is None:
        scores = rng.standard_normal((particles, num_scores))
        luck = rng.integers(0, MOST_LUCK, particles) if lucky else np.zeros(particles, dtype=np.int64)
    else:
        scores, luck = begin.scores, begin.luck
    known = log_likelihood(scores, luck, done) if done else np.zeros((particles, 0))
    state = State(scores, luck, known)
    log_weights = np.zeros(particles)
    if begin is not None:
        log_weights = state.stages[:, :done].sum(axis=1) - begin.stages[:, :done].sum(axis=1)
    reports = []
    step = 0.5
    for stage in range(done, stages):
        if state.stages.shape[1] <= stage:
            if alone is None:
                stages_known = log_likelihood(state.scores, state.luck, stage + 1)
            else:
                stages_known = np.column_stack([state.stages[:, :stage], alone(state.scores, stage)])
            state = State(state.scores, state.luck, stages_known)
        if watcher is not None:
            watcher(stage, state, log_weights)
        power, evidence, least, powers = 0.0, 0.0, 1.0, 0
        tried = accepted = 0.0
        while power < 1.0:
            increment = state.stages[:, stage]
            if not np.isfinite(increment[np.isfinite(log_weights)]).any():
                raise ValueError(f"no particle can explain stage {stage} at all")
            rise = _rise(log_weights, increment, 1.0 - power) if powers < MOST_STEPS else 1.0 - power
            before = _log_mean(log_weights)
            log_weights = log_weights + _scaled(rise, increment)
            evidence += _log_mean(log_weights) - before
            power = 1.0 if rise >= 1.0 - power else power + rise
            powers += 1
            share = effective_share(log_weights)
            least = min(least, share)
            last = stage == stages - 1 and power == 1.0
            if share < LEAST_ESS or last:
                state = state.take(resampled(log_weights, rng))
                log_weights = np.zeros(particles)
                state, step, steps = _moved(state, stage, power, log_likelihood, rng, step, lucky, moves)
                tried += steps[0]
                accepted += steps[1]
        reports.append(StageReport(evidence, least, accepted / tried if tried else None, powers))
    distinct = len(np.unique(state.scores[:, 0])) / particles if num_scores else 1.0
    return Sample(state, tuple(reports), distinct)


def effective_share(log_weights: NDArray[np.float64]) -> float:
    """Kish's effective sample size, (sum w)^2 / sum w^2, over the number of particles: in (0, 1]."""
    weights = normalised(log_weights)
    return float(1.0 / (weights * weights).sum() / weights.size)


def normalised(log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that sum to 1."""
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def resampled(log_weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Systematic resampling: positions of as many particles, each drawn in proportion to its weight."""
    weights = normalised(log_weights)
    places = (np.arange(weights.size) + rng.random()) / weights.size
    found = np.searchsorted(np.cumsum(weights), places, side="right")
    return np.asarray(np.minimum(found, weights.size - 1), dtype=np.int64)


def _rise(log_weights: NDArray[np.float64], increment: NDArray[np.float64], most: float) -> float:
    """The largest further power that keeps the effective share at `LEAST_ESS`, by bisection."""
    if effective_share(log_weights + _scaled(most, increment)) >= LEAST_ESS:
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = 0.5 * (low + high)
        if effective_share(log_weights + _scaled(middle, increment)) >= LEAST_ESS:
            low = middle
        else:
            high = middle
    # a hair beyond the half, so that the step ends in a resampling
    return high


def _scaled(power: float, increment: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(power * increment) if power > 0.0 else np.zeros_like(increment)


def _log_mean(log_values: NDArray[np.float64]) -> float:
    top = log_values.max()
    return float(top + np.log(np.exp(log_values - top).mean()))


def _moved(
    state: State, stage: int, power: float, log_likelihood: LogLikelihood, rng: np.random.Generator, step: float,
    lucky: bool, moves: float,
) -> tuple[State, float, tuple[float, float]]:  # fmt: skip
    """Metropolis steps that leave prior x likelihood^power unchanged; also the step size found, and what was tried."""
    count = len(state.scores)
    proposal = _Proposal(state.scores)
    target = _target(state.stages, stage, power)
    tried = accepted = 0.0
    for sweep in range(math.ceil(MOST_SWEEPS * moves / WANTED_MOVES)):
        if lucky and sweep % 3 == 2:
            scores, correction = state.scores, np.zeros(count)
            luck = rng.integers(0, MOST_LUCK, count)
        else:
            scores, correction = proposal.draw(state.scores, step, rng)
            luck = state.luck
        stages = log_likelihood(scores, luck, stage + 1)
        proposed = _target(stages, stage, power)
        with np.errstate(invalid="ignore"):
            log_ratio = np.where(np.isfinite(proposed), proposed - target + correction, -np.inf)
        accept = np.log(rng.random(count)) < log_ratio
        state = State(
            np.where(accept[:, None], scores, state.scores),
            np.where(accept, luck, state.luck),
            np.where(accept[:, None], stages, state.stages[:, : stage + 1]),
        )
        target = np.where(accept, proposed, target)
        if lucky and sweep % 3 == 2:
            continue
        rate = float(accept.mean())
        tried += 1.0
        accepted += rate
        # a bolder step where most are accepted, a smaller one where few are
        step = float(np.clip(step * np.exp(rate - WANTED_ACCEPTANCE), 0.01, 1.0))
        if accepted >= moves and (not lucky or sweep >= 3):
            break
    return state, step, (tried, accepted)


def _target(stages: NDArray[np.float64], stage: int, power: float) -> NDArray[np.float64]:
    return np.asarray(stages[:, :stage].sum(axis=1) + _scaled(power, stages[:, stage]))


class _Proposal:
    """Crank-Nicolson steps about a Gaussian fitted to the particles.

    The fit is shrunk towards scores that know nothing of one another, each with the spread it has, the more the fewer particles
    there are for each score: with as many scores as particles the sample covariance would be singular.
    """

    def __init__(self, scores: NDArray[np.float64]) -> None:
        count, dim = scores.shape
        shrink = dim / (dim + count / 2.0)
        self.mean = scores.mean(axis=0)
        centred = scores - scores.mean(axis=0)
        covariance = np.einsum("ni,nj->ij", centred, centred) / max(1, count - 1)
        alone = np.maximum(np.diag(covariance), LEAST_VARIANCE)
        matrix = (1.0 - shrink) * covariance + shrink * np.diag(alone)
        self.factor = np.linalg.cholesky(matrix)
        self.inverse = np.linalg.inv(self.factor)

    def draw(
        self, scores: NDArray[np.float64], step: float, rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Proposed scores, and the log of prior over proposal, new minus old.

        With z' = m + sqrt(1 - s^2) (z - m) + s L e the proposal is reversible for N(m, L L^T).
        """
        fresh = np.einsum("nj,ij->ni", rng.standard_normal(scores.shape), self.factor)
        proposed = self.mean + np.sqrt(1.0 - step * step) * (scores - self.mean) + step * fresh
        return proposed, self._excess(proposed) - self._excess(scores)

    def _excess(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log N(z; 0, I) - log N(z; m, S), up to a constant."""
        white = np.einsum("nj,ij->ni", scores - self.mean, self.inverse)
        return np.asarray(0.5 * ((white * white).sum(axis=1) - (scores * scores).sum(axis=1)))
