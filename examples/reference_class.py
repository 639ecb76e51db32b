"""A plain first estimate from the city battles that ended, or had begun, before 26 October 2016.

    python examples/reference_class.py

Reads the bundled ``battles.csv`` of the founding case and prints what ``scenario.yaml`` takes from it: tempo, losses, when
garrisons broke, how often attacks stopped. Each estimate is a geometric mean over battles with the spread of a *new*
battle (standard deviation between battles x sqrt(1 + 1/n), times Student's instead of the normal quantile, since n is small).
Battles of ``basis: recall`` set nothing; an unfinished one counts as "slower than so far" (a censored value).
"""

from __future__ import annotations

import math
from importlib.resources import files

import numpy as np
import pandas as pd
from scipy import stats

PEOPLE_PER_KM2 = 10_000
"""Assumed. It cancels: the case takes the depth of its cities from their population in the same way."""
ENGAGED = 0.5
"""Share of the attackers, and mean share of the garrison, taken as engaged at once; assumed, the same in the case."""
KILLED_OF_GARRISON_LOSSES = 0.7
"""Assumed: of a garrison's losses, the share killed; the rest are wounded or caught."""
LEAST_PEOPLE = 50_000
"""Smaller towns were taken in two or three days from a few hundred men; a fit with size as covariate is for later."""
MOST_LOST = 0.95
"""A garrison of which more is said to have been killed than there was counts as this share lost."""


def middle(battles: pd.DataFrame, name: str) -> pd.Series:
    """Geometric middle of a range."""
    return np.sqrt(battles[f"{name}_low"] * battles[f"{name}_high"])


def standstill() -> pd.Series:
    """Days within a battle on which it was suspended, by battle: they are told by suspensions, not by tempo."""
    stops = pd.read_csv(files("phaseline.cases").joinpath("mosul-raqqa-2016/suspensions.csv"))
    begin, end = (pd.to_datetime(stops[name], format="ISO8601") for name in ("stopped_on", "resumed_on"))
    return pd.Series((end - begin).dt.days.to_numpy(), index=stops.battle)[
        ["Tikrit (second battle)", "Sirte"]
    ]


def read() -> pd.DataFrame:
    """The battles, with the ratios that the estimates need."""
    battles = pd.read_csv(files("phaseline.cases").joinpath("mosul-raqqa-2016/battles.csv"))
    battles["days"] -= battles.battle.map(standstill()).fillna(0.0)
    battles["depth_km"] = np.sqrt(middle(battles, "population") / PEOPLE_PER_KM2)
    battles["tempo"] = battles.depth_km / battles.days
    battles["ratio"] = middle(battles, "attackers") / middle(battles, "defenders")
    killed, wounded = middle(battles, "attacker_killed"), middle(battles, "attacker_wounded")
    battles["killed_share"] = killed / (killed + wounded)
    share = battles.killed_share[battles.basis != "recall"].median()
    battles["own_lost"] = (killed + wounded).fillna(killed / share) / middle(battles, "attackers")
    battles["garrison_killed"] = middle(battles, "defender_killed") / middle(battles, "defenders")
    lost = (battles.garrison_killed / KILLED_OF_GARRISON_LOSSES).clip(upper=MOST_LOST)
    decay = -np.log1p(-lost)  # the garrison present falls as exp(-decay x share of the battle)
    battles["garrison_rate"] = decay / battles.days / ENGAGED
    present = (lost / decay).fillna(1.0)  # mean share of the garrison present
    battles["own_rate"] = battles.own_lost / battles.days / ENGAGED / present
    battles["civilian_share"] = middle(battles, "civilian_deaths") / middle(battles, "population")
    return battles


def new_battle(values: pd.Series, slower_than: pd.Series | None = None) -> tuple[float, float, int]:
    """Median and 80 % spread of a new battle's value, and the number of battles behind it."""
    logs = np.log(values.dropna().to_numpy())
    bounds = np.log(slower_than.dropna().to_numpy()) if slower_than is not None else np.empty(0)
    data = stats.CensoredData(uncensored=logs, left=bounds)
    mean, deviation = stats.norm.fit(data)  # maximum likelihood
    n = logs.size + bounds.size
    deviation *= math.sqrt(n / (n - 1)) * math.sqrt(1 + 1 / n)
    return math.exp(mean), math.exp(stats.t.ppf(0.9, n - 1) * deviation), n


def moved(
    rate: float, strength: float, ratio: float, days: float, terms: tuple[float, float, float]
) -> float:
    """A daily loss rate moved from the reference battles to another size, force ratio and length.

    ``terms`` are the exponents of the three, from the CDB90 land-battle database, battles of 1937 to 1982: ordinary least
    squares of the log of the daily loss in per cent on the logs of strength, force ratio and days.
    """
    return rate * strength ** terms[0] * ratio ** terms[1] * days ** terms[2]


ATTACKER_TERMS = (-0.158, -0.179, -0.256)
DEFENDER_TERMS = (-0.177, 0.326, -0.053)
MOSUL = {"attackers": 27_500, "defenders": 4_000, "days": 200}
"""Size of the battle that the loss rates are moved to: middle of the strengths known; days assumed, "months"."""


def cities(battles: pd.DataFrame) -> pd.DataFrame:
    """Cities held by the Islamic State of which somebody looked up the figures, each counted once."""
    known = battles[battles.basis != "recall"]
    found = known[(known["class"] == "IS-urban") & (middle(known, "population") >= LEAST_PEOPLE)]
    # the city assault of Ramadi has a row of its own
    return found[found.battle != "Ramadi (encirclement and assault)"]


def estimate(battles: pd.DataFrame) -> dict[str, tuple[float, ...]]:
    """What the case takes from the reference class."""
    known = battles[battles.basis != "recall"]
    attacked = cities(battles)
    taken, unfinished = attacked[attacked.result == "taken"], attacked[attacked.result == "unfinished"]
    both = taken.dropna(subset=["tempo", "garrison_rate"])
    whole = battles[battles.part_of.isna() & (battles.result != "unfinished")]
    stopped = int(whole.result.isin(["stopped", "partial"]).sum())
    own, garrison = new_battle(taken.own_rate), new_battle(taken.garrison_rate)
    ratio = MOSUL["attackers"] / MOSUL["defenders"] / np.exp(np.log(taken.ratio.dropna()).mean())
    days = MOSUL["days"] / np.exp(np.log(taken.days).mean())
    larger = [
        MOSUL[side] / np.exp(np.log(middle(taken, side).dropna()).mean())
        for side in ("attackers", "defenders")
    ]
    own_there = moved(own[0], larger[0], ratio, days, ATTACKER_TERMS)
    garrison_there = moved(garrison[0], larger[1], ratio, days, DEFENDER_TERMS)
    killed = known.garrison_killed[(known.result == "taken") & known.part_of.isna()].dropna()
    return {
        "city tempo, km/day: median, spread, battles": new_battle(taken.tempo, unfinished.tempo),
        "attackers to defenders: geometric mean": (float(np.exp(np.log(taken.ratio.dropna()).mean())),),
        "own losses, %/day of those engaged: median, spread, battles": scaled(own, 100),
        "the same, moved to a battle of Mosul's size and length: median": (100 * own_there,),
        "garrison's losses, %/day of those engaged: median, spread, battles": scaled(garrison, 100),
        "the garrison's, moved likewise: median": (100 * garrison_there,),
        "rank correlation of tempo with the garrison's losses": (
            float(stats.spearmanr(both.tempo, both.garrison_rate).statistic),
        ),
        "rank correlation of tempo with own losses": (
            float(stats.spearmanr(taken.tempo, taken.own_rate, nan_policy="omit").statistic),
        ),
        "own losses killed, %: lowest, median, highest": three(100 * known.killed_share.dropna()),
        "garrison killed, % of it: lowest, median, highest": three(100 * killed),
        "attacks that stopped or half succeeded: number, of, 10 and 90 % of the chance": (
            stopped,
            len(whole),
            *(100 * stats.beta.ppf([0.1, 0.9], stopped + 0.5, len(whole) - stopped + 0.5)),
        ),
        "civilians killed, % of the people before the war: lowest, median, highest": three(
            100 * known.civilian_share.dropna()
        ),
        "days: shortest, median, longest": three(
            battles.days[(battles.result == "taken") & battles.part_of.isna()]
        ),
    }


def scaled(values: tuple[float, float, int], factor: float) -> tuple[float, float, int]:
    """The median in another unit."""
    return values[0] * factor, values[1], values[2]


def three(values: pd.Series) -> tuple[float, float, float]:
    """Lowest, median, highest."""
    return float(values.min()), float(values.median()), float(values.max())


if __name__ == "__main__":
    for what, found in estimate(read()).items():
        print(f"{what}: " + ", ".join(f"{value:.3g}" for value in found))
