"""The main outcomes of a scenario: one number a history, none missing, each with the direction that is better.

Comparison, claims, sensitivities and the report all speak of outcomes by the keys of this list.

A history that never ends counts as ending at the horizon, so that a plan which fails often does not look quick: the mean
is then the restricted mean of survival analysis (Royston and Parmar 2013, BMC Med. Res. Methodol. 13:152).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from phaseline.outcomes.known import ROUNDING, decided, known, known_change
from phaseline.outcomes.statistics import amount_interval, exactly, mean_interval, probability_interval
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.nearness import several

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.outcomes.statistics import Interval
    from phaseline.scenario.schema import Scenario

    Reader = Callable[[Outcomes, str], NDArray[np.float64]]

MOST_STRAIN = 10.0
"""Peak strain is counted up to here: where demand met no capacity at all it is infinite, and would swamp every mean."""
MOST_UNENDED = 0.1
"""Share of histories that never end up to which a difference of mean ends is told, with the caveat that never ending counts
as the horizon. Where more never end under one of the plans the difference says more of the horizon than of the plans, and the
medians or the chances of ending are told instead. Chosen: a tenth at the horizon moves no median, nor the early tenth."""
_FAILED = 2


@dataclass(frozen=True)
class Measure:
    """One main outcome.

    Attributes
    ----------
    key
        ``quantity`` or ``quantity.entity``, for example ``end.mosul``.
    label
        In words, with the entity's own label.
    unit
        In words, for example ``days`` or ``persons``; empty for a chance.
    better
        Which direction is better for our side.
    kind
        ``mean``: its mean is reported; ``chance``: 0 or 1 in each history, and its share is reported.
    signed
        Whether it may be negative.
    certain
        Whether it is the same in every history of what it is read from; see `measures_of`.
    """

    key: str
    label: str
    unit: str
    better: Literal["low", "high"]
    kind: Literal["mean", "chance"]
    read: Reader
    signed: bool = False
    certain: bool = False

    def values(self, outcomes: Outcomes, plan: str) -> NDArray[np.float64]:
        """Value in every history of a plan.

        Parameters
        ----------
        outcomes
            Results of the scenario that the measure was made for.
        plan
            Id of a plan.

        Returns
        -------
        ndarray
            Shape [replication], in index order, finite.

        Raises
        ------
        KeyError
            If there is no such plan.
        """
        return self.read(outcomes, plan)

    def estimate(self, values: NDArray[np.float64], per_world: int) -> Interval:
        """Mean of its values, or the share of histories in which it happens, with the 95 % interval.

        Parameters
        ----------
        values
            As `values` gives them.
        per_world
            Histories of one world.
        """
        if self.certain:
            return exactly(float(values[0]))
        if self.kind == "chance":
            return probability_interval(values, per_world)
        return (mean_interval if self.signed else amount_interval)(values, per_world)

    def difference(self, values: NDArray[np.float64], other: NDArray[np.float64], per_world: int) -> Interval:
        """Mean difference of two plans, history by history; both must be certain where the measure is.

        Parameters
        ----------
        values, other
            Of the plan, and of what it is compared with.
        per_world
            Histories of one world.
        """
        change = values - other
        if not self.certain:
            return mean_interval(change, per_world)
        # what sums of decimals differ by in their last digits is no difference
        return exactly(0.0 if abs(change[0]) <= ROUNDING * (1.0 + abs(other[0])) else float(change[0]))


def never_ends(outcomes: Outcomes, plan: str) -> dict[str, NDArray[np.bool_]]:
    """Histories in which each end is not reached by the horizon, by key; the outcome's values hold the horizon there."""
    return {
        one.key: np.isnan(outcomes.column(plan, one.key))
        for one in measures(outcomes.scenario)
        if one.key == "end" or one.key.startswith("end.")
    }


def unended(
    plan: Mapping[str, NDArray[np.bool_]], against: Mapping[str, NDArray[np.bool_]]
) -> dict[str, dict[str, float]]:
    """Share of histories without an end, of two plans compared: what a difference of their mean ends leaves unsaid.

    Parameters
    ----------
    plan, against
        As of `never_ends`.
    """
    return {key: {"plan": float(plan[key].mean()), "against": float(against[key].mean())} for key in plan}


def measures_of(outcomes: Outcomes, *plans: str, further: bool = False) -> list[Measure]:
    """The main outcomes of a run, marked as certain where no draw can reach or turn them under any of some plans.

    Parameters
    ----------
    outcomes
        A run.
    *plans
        Ids of plans of the run.
    further
        Whether `further_measures` follow.
    """
    chosen = measures(outcomes.scenario) + (further_measures(outcomes.scenario) if further else [])
    return [marked(one, outcomes, *plans) for one in chosen]


def marked(one: Measure, outcomes: Outcomes, *plans: str) -> Measure:
    """A measure, certain where no draw can reach it, or turn a chance, under any of some plans of a run."""
    certain = all(_is_certain(one, outcomes, plan) for plan in plans)
    return replace(one, certain=certain)


def _is_certain(one: Measure, outcomes: Outcomes, plan: str) -> bool:
    if one.kind == "chance":
        return decided(outcomes, lambda run: one.values(run, plan) > 0.0, together=True) is not None
    return known(outcomes, lambda run: one.values(run, plan))[1]


def change_of(
    outcomes: Outcomes,
    one: Measure,
    plan: str,
    against: str,
    values: NDArray[np.float64],
    other: NDArray[np.float64],
) -> tuple[Interval, bool]:
    """Mean paired difference of two plans of a run, and whether the model shows that it is the same in every history.

    Parameters
    ----------
    outcomes
        A run.
    one
        An outcome, of `measures_of` for both plans at least.
    plan, against
        Ids of plans.
    values, other
        Of the outcome under them.
    """
    change = known_change(outcomes, one.values, plan, against)
    if change is None:
        return one.difference(values, other, outcomes.per_world), one.certain
    return exactly(change), True


def measures(scenario: Scenario) -> list[Measure]:
    """The main outcomes of a scenario, in a fixed order; those that it cannot have are left out.

    Parameters
    ----------
    scenario
        A checked scenario.
    """
    return [*_ends(scenario), *_losses(scenario), *_people(scenario), *_assets(scenario), *_costs(scenario)]


def further_measures(scenario: Scenario) -> list[Measure]:
    """What claims may speak of beside the main outcomes: each operation's own failure, and its delay in days.

    The delay is that of the start of the intended phase after its intended date; never starting counts as the horizon.
    """
    horizon = float(horizon_days(scenario))

    def failed(name: str) -> Reader:
        return lambda outcomes, plan: np.asarray(
            outcomes.column(plan, f"status.{name}") == _FAILED, dtype=np.float64
        )

    def delay(name: str) -> Reader:
        return lambda outcomes, plan: np.nan_to_num(outcomes.column(plan, f"delay.{name}"), nan=horizon)

    found = []
    for name, operation in scenario.operations.items():
        label = f"Failure of {operation.label or name}"
        found.append(Measure(f"failed.{name}", label, "", "low", "chance", failed(name)))
    for name, operation in scenario.operations.items():
        if operation.intended is not None:
            label = f"Delay of {operation.label or name}"
            found.append(Measure(f"delay.{name}", label, "days", "low", "mean", delay(name), signed=True))
    return found


def all_measures(scenario: Scenario) -> dict[str, Measure]:
    """Every outcome that claims, limits and objectives may speak of, by key."""
    return {one.key: one for one in (*measures(scenario), *further_measures(scenario))}


def measure(scenario: Scenario, key: str) -> Measure:
    """The main or further outcome of that key.

    Raises
    ------
    KeyError
        If the scenario has none of that key; the message lists near ones.
    """
    found = all_measures(scenario)
    if key in found:
        return found[key]
    raise KeyError(f"no outcome {key!r}; there is {', '.join(several(key, found) or list(found))}")


def _ends(scenario: Scenario) -> list[Measure]:
    horizon = float(horizon_days(scenario))
    names = list(scenario.operations)

    def end(name: str) -> Reader:
        return lambda outcomes, plan: np.where(
            np.isnan(values := outcomes.column(plan, name)), horizon, np.minimum(values, horizon)
        )

    def failed(outcomes: Outcomes, plan: str) -> NDArray[np.float64]:
        status = np.stack([outcomes.column(plan, f"status.{name}") for name in names])
        return np.asarray((status == _FAILED).any(axis=0), dtype=np.float64)

    found = [Measure("end", "End of all", "days", "low", "mean", end("end"))]
    for name, operation in scenario.operations.items():
        label = f"End of {operation.label or name}"
        found.append(Measure(f"end.{name}", label, "days", "low", "mean", end(f"end.{name}")))
    return [*found, Measure("failed", "Any failure", "", "low", "chance", failed)]


def _losses(scenario: Scenario) -> list[Measure]:
    own = [name for name, force in scenario.forces.items() if force.side == "own"]
    hostile = [name for name, force in scenario.forces.items() if force.side == "adversary"]
    found = []
    if own:
        read = _sum_of(f"losses.{name}" for name in own)
        found.append(Measure("losses", "Own killed and wounded", "persons", "low", "mean", read))
    if hostile:
        read = _sum_of(f"losses.{name}" for name in hostile)
        label = "Adversary killed and wounded"
        found.append(Measure("adversary_losses", label, "persons", "high", "mean", read))
    return found


def _people(scenario: Scenario) -> list[Measure]:
    if scenario.people is None:
        return []
    displaced = _sum_of(f"displaced.{name}" for name in scenario.operations)
    return [
        Measure(
            "person_days", "Days in displacement", "person-days", "low", "mean", _sum_of(["person_days"])
        ),
        Measure(
            "person_days_held",
            "Days of those not yet reached",
            "person-days",
            "low",
            "mean",
            _sum_of(["person_days_held"]),
        ),
        Measure("displaced", "People displaced", "persons", "low", "mean", displaced),
        Measure("harm", "Civilians harmed", "persons", "low", "mean", _sum_of(["harm"])),
    ]


def _assets(scenario: Scenario) -> list[Measure]:
    if not scenario.assets:
        return []
    names = list(scenario.assets)

    def overstretched(outcomes: Outcomes, plan: str) -> NDArray[np.float64]:
        binds = np.stack([outcomes.column(plan, f"binds.{name}") for name in names])
        return np.asarray((~np.isnan(binds)).any(axis=0), dtype=np.float64)

    def peak(name: str) -> Reader:
        return lambda outcomes, plan: np.minimum(outcomes.column(plan, f"peak_strain.{name}"), MOST_STRAIN)

    found = [Measure("overstretched", "Any overstretch", "", "low", "chance", overstretched)]
    for name, asset in scenario.assets.items():
        label = asset.label or name
        days = _sum_of([f"overstretched.{name}"])
        found += [
            Measure(f"overstretched_days.{name}", f"{label}: days overstretched", "days", "low", "mean", days),
            Measure(f"peak_strain.{name}", f"{label}: peak strain", "ratio", "low", "mean", peak(name)),
            Measure(
                f"unmet.{name}", f"{label}: demand not met", asset.unit, "low", "mean", _sum_of([f"unmet.{name}"])
            ),
        ]  # fmt: skip
    return found


def _costs(scenario: Scenario) -> list[Measure]:
    abroad, words = scenario.attacks_abroad, scenario.vocabulary
    relieved = any(plan.relief for plan in scenario.plans.values())
    candidates = (
        (bool(scenario.shocks), "attacks_through", "Attacks come through", "attacks"),
        (abroad.directed is not None, "attacks_directed", "Directed attacks abroad", "attacks"),
        (abroad.inspired is not None, "attacks_inspired", "Inspired attacks abroad", "attacks"),
        (
            any(asset.elsewhere is not None for asset in scenario.assets.values()),
            "elsewhere_cost",
            "Cost elsewhere",
            words.get("elsewhere_cost", "cost"),
        ),
        (relieved, "relief_cost", "Cost of relief", words.get("relief_cost", "cost")),
    )
    return [
        Measure(key, label, unit, "low", "mean", _sum_of([key]))
        for there, key, label, unit in candidates
        if there
    ]


def _sum_of(names: Iterable[str]) -> Reader:
    wanted = tuple(names)
    return lambda outcomes, plan: np.asarray(
        np.sum([outcomes.column(plan, name) for name in wanted], axis=0), dtype=np.float64
    )
