"""How often attacks came to a stop, for how long, and how often for good, from cases known by 26 October 2016.

    python examples/suspensions.py

Reads the bundled ``suspensions.csv`` and ``battles.csv`` of the founding case and prints what ``scenario.yaml`` takes from
them: the chance a day that an operation comes to a stop, the length of suspensions, and the share that is for good. Battles
that nobody has looked up count neither as days nor as stops, unless their suspension has been looked up. What was not taken up
again by 26 October 2016 is a length of at least so many days.
"""

from __future__ import annotations

import math
from importlib.resources import files

import numpy as np
import pandas as pd
from scipy import optimize, stats

AS_OF = pd.Timestamp("2016-10-26")
QUANTILES = (0.1, 0.5, 0.9)


def read() -> tuple[pd.DataFrame, float]:
    """Suspensions with their length in days (``known`` where they ended), and the days of battle among which they came."""
    case = files("phaseline.cases").joinpath("mosul-raqqa-2016")
    battles = pd.read_csv(case.joinpath("battles.csv"))
    stops = pd.read_csv(case.joinpath("suspensions.csv"))
    begin, end = (pd.to_datetime(stops[name], format="ISO8601") for name in ("stopped_on", "resumed_on"))
    stops["known"] = end <= AS_OF
    stops["days"] = (end.where(stops["known"], AS_OF) - begin).dt.days
    looked_up = (battles.basis != "recall") | battles.battle.isin(stops.battle)
    counted = battles[looked_up & battles.part_of.isna()]
    return stops, float(counted.days.sum() - stops[stops.known & (stops.days < 60)].days.sum())


def lengths(stops: pd.DataFrame) -> tuple[float, float]:
    """Median and spread (80 %) of a lognormal, by maximum likelihood with lengths cut off."""
    log = np.log(stops.days.to_numpy(dtype=float))
    known = stops.known.to_numpy()

    def lost(at: np.ndarray) -> float:
        sd = math.exp(at[1])
        return -float(
            stats.norm.logpdf(log[known], at[0], sd).sum() + stats.norm.logsf(log[~known], at[0], sd).sum()
        )

    found = optimize.minimize(lost, [log.mean(), 0.0], method="Nelder-Mead").x
    return math.exp(found[0]), math.exp(math.exp(found[1]) * stats.norm.ppf(0.9))


def onset_of(stops: pd.DataFrame, days: float) -> list[float]:
    """Chance a day of a stop, 10, 50 and 90 %: a rate of Poisson events after Jeffreys' prior."""
    return [float(q) for q in stats.gamma.ppf(QUANTILES, len(stops) + 0.5, scale=1.0 / days)]


def main() -> None:
    """Print the table and what the case takes from it."""
    stops, days = read()
    print(stops[["battle", "stopped_on", "days", "known", "reason"]].to_string(index=False))
    onset = onset_of(stops, days)
    chances = ", ".join(f"{100 * q:.2f}" for q in onset)
    print(f"{len(stops)} stops in {days:,.0f} days of battle: {chances} % a day (10, 50, 90 %)")
    middle, spread = lengths(stops)
    print(f"length: median {middle:.0f} days, 80 % within a factor of {spread:.1f}")
    error = math.exp(math.log(spread) / stats.norm.ppf(0.9) / math.sqrt(len(stops)) * stats.norm.ppf(0.9))
    print(f"median between {middle / error:.0f} and {middle * error:.0f} days (80 %)")
    # of those that ended, none was for good; Jeffreys' prior
    final = stats.beta.ppf(QUANTILES, 0.5, 0.5 + int(stops.known.sum()))
    print(f"for good: {', '.join(f'{100 * q:.1f}' for q in final)} % (10, 50, 90 %)")


if __name__ == "__main__":
    main()
