"""Pictures of a result: functions of `Outcomes` that return Altair charts, for notebooks, papers and the report.

Nothing is simulated. The numbers drawn are in the chart's ``data``; `save` writes SVG or PNG without a browser.

>>> import phaseline
>>> outcomes = phaseline.run("mosul-raqqa-2016", replications=1000)  # doctest: +SKIP
>>> phaseline.plots.save(phaseline.plots.strain(outcomes), "strain.svg")  # doctest: +SKIP
"""

from __future__ import annotations

from phaseline.reporting.plots.fans import coverage, displaced, losses, progress, strain
from phaseline.reporting.plots.judgement import drivers, tornado
from phaseline.reporting.plots.learning import calibration, milestones, skill
from phaseline.reporting.plots.side_by_side import plans
from phaseline.reporting.plots.starts import starts
from phaseline.reporting.plots.style import save
from phaseline.reporting.plots.times import done_by, gantt

__all__ = [
    "calibration",
    "coverage",
    "displaced",
    "done_by",
    "drivers",
    "gantt",
    "losses",
    "milestones",
    "plans",
    "progress",
    "save",
    "skill",
    "starts",
    "strain",
    "tornado",
]
