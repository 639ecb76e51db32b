"""How much the tempo of an attack varies from week to week, from dated shares of towns taken before 26 October 2016.

    python examples/tempo_curves.py

Reads the bundled ``curves.csv`` and ``battles.csv`` of the founding case and prints what ``scenario.yaml`` takes from them: the
spread and persistence of ``momentum``. A battle of known length goes on by blocks of ten days, each with a tempo whose
logarithm is an autoregression; the share taken by a date is the tempo up to it over the tempo of the whole battle. The
likelihood of what was reported (error of 15 points) is averaged over such paths, on a grid. Weeks cannot differ more than whole
battles allow: the tempo of earlier city battles (``reference_class.py``) varies by what differs from battle to battle and by
the luck of its weeks, and both are fitted together, so that nothing is counted twice. Days that stood still are left out: those
are suspensions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd
import reference_class
from scipy import stats

BLOCK = 10
"""Days of a block."""
PATHS = 20_000
ERROR = 0.15
"""Standard error of a reported share (assumed): speakers differ by 30 to 50 points; rows of one day are averaged."""
SPREADS = np.geomspace(1.1, 12.0, 25)
PERSISTENCE = (0.0, 0.3, 0.5, 0.7, 0.85, 0.95)
"""Both alike beforehand: spreads on a log scale, correlations as listed."""
BETWEEN = np.linspace(0.0, 2.0, 41)
"""Standard deviations of the logarithm of tempo between battles, all alike beforehand."""
NAMES = {"Ramadi": "Ramadi (city assault only)"}
"""Battles that have another name in the table of battles."""


def observed() -> list[tuple[str, int, list[tuple[int, float]]]]:
    """Battles: name, days, and shares taken by the end of a day."""
    case = files("phaseline.cases").joinpath("mosul-raqqa-2016")
    battles = pd.read_csv(case.joinpath("battles.csv"), parse_dates=["start"]).set_index("battle")
    curves = pd.read_csv(case.joinpath("curves.csv"), parse_dates=["date"])
    curves = curves[curves.quantity == "progress"]
    found = []
    for name, rows in curves.groupby("battle"):
        battle = battles.loc[NAMES.get(str(name), str(name))]
        if battle.result != "taken":
            continue
        middle = ((rows.share_low + rows.share_high) / 2).groupby((rows.date - battle.start).dt.days).mean()
        days = int(battle.days)
        shares = [(int(day), float(share)) for day, share in middle.items() if 0 < day < days and share < 1.0]
        if shares:
            found.append((str(name), days, shares))
    return found


def paths(spread: float, persistence: float, blocks: int, rng: np.random.Generator) -> np.ndarray:
    """Tempo by block, shape (PATHS, blocks)."""
    sd = math.log(spread) / stats.norm.ppf(0.9)
    z = np.empty((PATHS, blocks))
    z[:, 0] = rng.standard_normal(PATHS)
    for k in range(1, blocks):
        z[:, k] = persistence * z[:, k - 1] + math.sqrt(1.0 - persistence**2) * rng.standard_normal(PATHS)
    return np.asarray(np.exp(sd * z))


def log_likelihood(
    spread: float, persistence: float, battles: list[tuple[str, int, list[tuple[int, float]]]]
) -> float:
    """Of all reported shares."""
    total = 0.0
    for k, (_, days, shares) in enumerate(battles):
        tempo = paths(spread, persistence, -(-days // BLOCK), np.random.default_rng(k))
        daily = np.cumsum(np.repeat(tempo, BLOCK, axis=1)[:, :days], axis=1)
        gone = daily / daily[:, -1:]
        density = np.ones(PATHS)
        for day, share in shares:
            density *= stats.norm.pdf(share, gone[:, day - 1], ERROR)
        total += math.log(max(float(density.mean()), 1e-300))
    return total


def mean_tempo(spread: float, persistence: float, days: int) -> np.ndarray:
    """Logarithm of the mean tempo of battles of so many days, momentum having mean 1, shape (PATHS,)."""
    sd = math.log(spread) / stats.norm.ppf(0.9)
    tempo = paths(spread, persistence, -(-days // BLOCK), np.random.default_rng(1)) * math.exp(-sd * sd / 2)
    return np.log(tempo.mean(axis=1))


def of_battles(spread: float, persistence: float, logs: np.ndarray, days: int) -> np.ndarray:
    """Log likelihood of the tempi of whole battles for every spread between them, the mean tempo being unknown."""
    variance = BETWEEN**2 + mean_tempo(spread, persistence, days).var() + 1e-9
    count = len(logs)
    return -0.5 * (count - 1) * np.log(variance) - 0.5 * float(((logs - logs.mean()) ** 2).sum()) / variance


@dataclass(frozen=True)
class Learned:
    """What is learned of tempo: 10, 50 and 90 % of each spread, chances of each persistence, and what the luck of weeks does.

    ``middle`` is the median and ``inside`` the spread of the mean tempo of a battle of the usual length for the luck of its
    weeks alone, at the middle of what is learned.
    """

    whole: float
    count: int
    length: int
    spread: list[float]
    persistence: list[float]
    between: list[float]
    middle: float
    inside: float


def learned() -> Learned:
    """Fit curves and whole battles together."""
    battles = observed()
    cities = reference_class.cities(reference_class.read())
    logs = np.log(cities.tempo.dropna().to_numpy())
    length = round(float(np.exp(np.log(cities.days[cities.tempo.notna()]).mean())))
    curves = np.array([[log_likelihood(s, p, battles) for p in PERSISTENCE] for s in SPREADS])
    table = curves[:, :, None] + np.array(
        [[of_battles(s, p, logs, length) for p in PERSISTENCE] for s in SPREADS]
    )
    weights = np.exp(table - table.max())
    weights /= weights.sum()
    spread = quantiles(weights.sum(axis=(1, 2)), SPREADS)
    inside = mean_tempo(spread[1], 0.5, length)
    return Learned(
        spread_of(logs.std(ddof=1)), len(logs), length, spread, list(weights.sum(axis=(0, 2))),
        [spread_of(sd) for sd in quantiles(weights.sum(axis=(0, 1)), BETWEEN)],
        math.exp(float(np.median(inside))), spread_of(float(inside.std())),
    )  # fmt: skip


def main() -> None:
    """Print what is reported, and what the case takes from it."""
    for name, days, shares in observed():
        print(f"{name}: {days} days; " + ", ".join(f"{share:.0%} by day {day}" for day, share in shares))
    found = learned()
    print(
        f"tempo of {found.count} whole battles of {found.length} days: 80 % within a factor of {found.whole:.1f}"
    )
    low, middle, high = found.spread
    print(f"spread of tempo from block to block: {low:.1f}, {middle:.1f}, {high:.1f} (10, 50, 90 %)")
    chances = zip(PERSISTENCE, found.persistence, strict=True)
    print("persistence: " + ", ".join(f"{value:g}: {chance:.0%}" for value, chance in chances))
    low, middle, high = found.between
    print(f"spread of tempo between battles: {low:.1f}, {middle:.1f}, {high:.1f} (10, 50, 90 %)")
    print(
        f"mean tempo over {found.length} days for the luck of its weeks alone: median {found.middle:.2f}, 80 % within a factor "
        f"of {found.inside:.1f}; days of such battles in one world vary by as much"
    )


def quantiles(weights: np.ndarray, values: np.ndarray) -> list[float]:
    """10, 50 and 90 % of a distribution on a grid."""
    return [float(np.interp(q, np.cumsum(weights), values)) for q in (0.1, 0.5, 0.9)]


def spread_of(sd: float) -> float:
    """Factor within which 80 % lie, from the standard deviation of the logarithm."""
    return math.exp(sd * float(stats.norm.ppf(0.9)))


if __name__ == "__main__":
    main()
