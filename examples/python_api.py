"""Phaseline from Python, step by step: ``python examples/python_api.py``. Cells begin with ``# %%``."""

# %% A scenario to begin with: the one that `phaseline new` writes
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import phaseline

with TemporaryDirectory() as folder:
    file = phaseline.new(Path(folder) / "relief.yaml")
    print(f"problems in the new file: {phaseline.check(file)}")
    scenario = phaseline.load(file)

print(f"bundled cases: {phaseline.cases()}")

# %% Run all its plans on the same worlds with the same luck
outcomes = phaseline.run(scenario, replications=4000, seed=7)
print(outcomes)

# %% Columns are plain arrays, one number per history; missing (never) is NaN
for plan in outcomes.plans:
    end = outcomes.column(plan, "end")
    print(f"{plan:12} done in {np.isfinite(end).mean():.1%} of histories, median day {np.nanmedian(end):.0f}")

# %% History r of one plan and history r of another share their luck, so differences are taken pair by pair
wait = outcomes.column("in_turn", "end.valley") - outcomes.column("together", "end.valley")
gain = outcomes.column("together", "end.coast") - outcomes.column("in_turn", "end.coast")
print(f"waiting costs the valley {np.nanmean(wait):.1f} days and saves the coast {np.nanmean(gain):.1f}")

# %% Which part of the scatter nobody knows, and which is luck: histories come in worlds of `per_world`
end = outcomes.column("together", "end.coast").reshape(-1, outcomes.per_world)
end = end[np.isfinite(end).all(axis=1)]  # a share of a percent of the worlds has a history that does not end
luck = end.var(axis=1, ddof=1).mean()
ignorance = max(0.0, end.mean(axis=1).var(ddof=1) - luck / outcomes.per_world)
print(
    f"together, the coast: {ignorance / (ignorance + luck):.0%} of the variance is ignorance, the rest is chance"
)

# %% All histories as a table (pandas), and day by day as labelled arrays (xarray)
print(
    outcomes.frame()
    .groupby("plan", sort=False)[["end.coast", "end.valley", "overstretched.airlift"]]
    .median()
)
strain = outcomes.series()["asset_strain_mean"].sel(asset="airlift")
for plan in outcomes.plans:
    print(f"{plan:12} mean strain of the airlift on day 30: {float(strain.sel(plan=plan, day=30)):.2f}")

# %% One history, told
for event in phaseline.explain(scenario, "lend", 3, seed=7).events:
    print(f"day {event.day:3}  {event.text}")
