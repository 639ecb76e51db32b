"""Every statement of the founding dispatch at work: one numbered line or two of evidence for each row of docs/dispatch.md.

    python examples/dispatch.py

Intervals are 95 % of the simulation, from paired histories (common random numbers) where plans or switches are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import numpy as np
import pandas as pd

import phaseline
from phaseline.outcomes.statistics import mean_interval, probability_interval
from phaseline.scenario.calendar import horizon_days
from phaseline.scenario.quantity import fixed, resolve

CASE = "mosul-raqqa-2016"
N = 4000
PER_WORLD = 4
scenario = phaseline.load(CASE)
horizon = horizon_days(scenario)


def chance(happened: np.ndarray) -> str:
    """A chance with its interval."""
    found = probability_interval(happened, PER_WORLD)
    return f"{100 * found.value:.0f} % ({100 * found.low:.0f}-{100 * found.high:.0f})"


def mean(values: np.ndarray, digits: int = 0) -> str:
    """A mean with its interval."""
    found = mean_interval(values, PER_WORLD)
    return f"{found.value:,.{digits}f} ± {found.half_width:,.{digits}f}"


def changed(**numbers: float) -> phaseline.Scenario:
    """The case with some named numbers fixed (base units)."""
    known = {name: fixed(value, scenario.numbers[name].dimension) for name, value in numbers.items()}
    return scenario.model_copy(update={"numbers": scenario.numbers | known})


def run(
    of: phaseline.Scenario, plans: Mapping[str, phaseline.Plan] | str | None = None
) -> phaseline.Outcomes:
    """The same worlds and the same luck each time."""
    return phaseline.run(of, plans, N, per_world=PER_WORLD)


def by_horizon(outcomes: phaseline.Outcomes, plan: str, column: str = "end") -> np.ndarray:
    """End in days; what never ends counts as the horizon."""
    return np.fmin(np.nan_to_num(outcomes.column(plan, column), nan=horizon), horizon)


def show() -> None:
    """Print the evidence, row by row."""
    base = run(scenario)
    names = {"strike": "strike aircraft", "recon": "reconnaissance", "special_forces": "special forces"}

    def column(plan: str, name: str) -> np.ndarray:
        return base.column(plan, name)

    ready, isolated = (
        column("simultaneous", "start.raqqa.assault"),
        column("simultaneous", "end.raqqa.isolate"),
    )
    waited = ready - isolated
    print(
        f" 1 groundwork: both at once, the assault waits for the holding force or permission in {chance(waited > 0)} of the"
    )
    print(f"   histories, {mean(waited[waited > 0])} days there")
    for asset, name in names.items():
        told = ", ".join(
            f"{plan} {chance(column(plan, f'overstretched.{asset}') > 0)}" for plan in base.plans
        )
        print(f" 2 strain: {name} overstretched: {told}")
    ample = phaseline.run(scenario, None, N, per_world=PER_WORLD, off=["scarcity"])
    for plan in base.plans:
        cost = by_horizon(base, plan, "end.raqqa") - by_horizon(ample, plan, "end.raqqa")
        lives = sum(column(plan, f"losses.{f}") - ample.column(plan, f"losses.{f}") for f in ("isf", "sdf"))
        print(
            f" 2 what scarcity costs, {plan}: Raqqa ends {mean(cost, 1)} days later, own losses {mean(lives)} higher"
        )
    gate = scenario.plans["overlap"].gates["raqqa.assault"]
    significant, *others = gate.all
    plans = {}
    for percent in (30, 55, 80):
        at_least = fixed(percent / 100, "number")
        chosen = gate.model_copy(
            update={"all": [significant.model_copy(update={"at_least": at_least}), *others]}
        )
        gates = scenario.plans["overlap"].gates | {"raqqa.assault": chosen}
        plans[f"{percent} %"] = scenario.plans["overlap"].model_copy(update={"gates": gates})
    across = run(scenario, plans)
    for plan in plans:
        over = chance(across.column(plan, "overstretched.strike") > 0)
        print(
            f" 3 'more significant' read as {plan}: Raqqa ends on day"
            f" {mean(by_horizon(across, plan, 'end.raqqa'))}, strike aircraft overstretched {over}"
        )
    for plan in base.plans:
        print(
            f" 4 delay from the intended start, {plan}: {mean(column(plan, 'delay.raqqa'))} days where it starts"
        )
    later = by_horizon(base, "sequential") - by_horizon(base, "simultaneous")
    print(f" 4 one after the other ends {mean(later)} days later than both at once, history by history")
    intended = resolve(scenario.operations["raqqa"].intended, scenario.numbers).dist.support()
    weeks = [(day - scenario.as_of.toordinal()) / 7 for day in intended]
    print(
        f" 5 near future: {weeks[0]:.0f} to {weeks[1]:.0f} weeks, drawn once per world; a dated claim (row 16)"
    )
    last = base.series().isel(day=-1)
    for plan in base.plans:
        left = last.sel(plan=plan)
        print(
            f" 6 after two years, {plan}: territory {float(left.territory_mean):,.0f} km2,"
            f" revenue USD {30.4375 * float(left.revenue_mean) / 1e6:.0f} M a month (explore)"
        )
    none, most = run(changed(adviser_gain=0.0)), run(changed(adviser_gain=0.3))
    gained = by_horizon(none, "simultaneous") - by_horizon(most, "simultaneous")
    print(f" 7 losses, both at once: Iraqi {mean(column('simultaneous', 'losses.isf'))},", end="")
    print(
        f" Peshmerga {mean(column('simultaneous', 'losses.peshmerga'))}, Syrian {mean(column('simultaneous', 'losses.sdf'))}"
    )
    print(f"   advisers worth 30 % instead of nothing: the end comes {mean(gained)} days earlier")
    lifted = phaseline.run(scenario, ["simultaneous", LIFTED], N, per_world=PER_WORLD)
    sooner = by_horizon(lifted, "simultaneous") - by_horizon(lifted, "lifted_cap")
    over = chance(lifted.column("lifted_cap", "overstretched.special_forces") > 0)
    print(f" 8 the cap of 300 lifted to 500: special forces overstretched in {over},")
    print(f"   the end comes {mean(sooner, 1)} days earlier")
    home = [c for c in scenario.contributions if c.nation != "France (carrier)"]
    without = run(scenario.model_copy(update={"contributions": home}), "simultaneous")
    days = "overstretched.strike"
    more = without.column("simultaneous", days) - column("simultaneous", days)
    print(f" 9 without the French carrier: strike aircraft overstretched {mean(more, 1)} days longer")
    battles = pd.read_csv(files("phaseline.cases").joinpath(f"{CASE}/battles.csv"))
    counts = ", ".join(f"{count} {result}" for result, count in battles.result.value_counts().items())
    print(
        f"10 reference class: {len(battles)} battles ({counts});"
        " examples/reference_class.py prints what is taken from them"
    )
    reports = pd.read_csv(files("phaseline.cases").joinpath(f"{CASE}/reports.csv"))
    heavy = reports[reports.quantity == "resistance"].iloc[0]
    print(
        f"11 resistance described as heavy: report of {heavy.date},"
        f" read as {heavy.value_low:g} to {heavy.value_high:g} times that of the class"
    )
    for plan in base.plans:
        took = {
            phase: column(plan, f"end.mosul.{phase}") - column(plan, f"start.mosul.{phase}")
            for phase in ("east", "west")
        }
        longer = took["west"] - took["east"]
        print(
            f"12 {plan}: east Mosul {np.nanmedian(took['east']):.0f} days in the median, west Mosul, with the centre,"
            f" {np.nanmedian(took['west']):.0f}; the west slower in {chance(longer > 0)},"
            f" faster in {chance(longer < 0)} of all histories"
        )
        for phase in ("mosul.east", "mosul.west", "raqqa.assault"):
            begin, half, end = (column(plan, f"{name}.{phase}") for name in ("start", "half", "end"))
            longer = (end - half) - (half - begin)
            print(
                f"12 {plan}: {phase}: inner half slower in {chance(longer > 0)}, faster in {chance(longer < 0)}"
            )
    for name in ("mosul", "raqqa"):
        ever = column("simultaneous", f"suspensions.{name}") > 0
        print(f"12 {name}: suspended at least once in {chance(ever)} of the histories, both at once")
    for kind in scenario.shocks:
        rest = {key: shock for key, shock in scenario.shocks.items() if key != kind}
        spared = run(scenario.model_copy(update={"shocks": rest}), "simultaneous")
        fewer = column("simultaneous", "attacks_through") - spared.column("simultaneous", "attacks_through")
        lives = sum(
            column("simultaneous", f"losses.{f}") - spared.column("simultaneous", f"losses.{f}")
            for f in ("isf", "peshmerga", "sdf")
        )
        print(
            f"13 {scenario.shocks[kind].label}: {mean(fewer)} come through, own losses {mean(lives)} higher with them"
        )
    print(f"14 reports on file, for the update: {len(reports)}, {reports.date.min()} to {reports.date.max()}")
    for plan in base.plans:
        print(
            f"15 attacks abroad in two years, {plan}: directed {mean(column(plan, 'attacks_directed'), 1)},"
            f" inspired {mean(column(plan, 'attacks_inspired'), 1)} (explore)"
        )
    for key, claim in scenario.claims.items():
        print(f"16 claim {key}: {claim.speaker}, said {claim.said}, published {claim.published}")


LIFTED = str(files("phaseline.cases").joinpath(f"{CASE}/lifted_cap.yaml"))

if __name__ == "__main__":
    show()
