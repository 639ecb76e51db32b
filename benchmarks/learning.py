"""Learning: how long an update takes, and the bars of the record: foretelling battles, and the founding case's backtest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import phaseline
from benchmarks.rows import Bound, Row, row

CASE = "mosul-raqqa-2016"
REPORTS = Path(phaseline.__file__).parent / "cases" / CASE / "followed" / "reports.csv"
UNTIL = "2017-01-18"
"""Twenty reports had been published by then."""

UPDATE = Bound("value", "<=", 10, bar=False)
COVERED = Bound("value", ">", 0.05, bar=True)
GAIN = Bound("value", ">", 0, bar=True)
SKILL = Bound("ratio", "<", 1, bar=True)


def update() -> list[Row]:
    """The founding case with the reports of three months, as `phaseline update` does it."""
    began = time.perf_counter()
    found = phaseline.update(CASE, REPORTS, plan="overlap", published_by=UNTIL)
    seconds = time.perf_counter() - began
    told = f"{len(found.document['reports'])} reports, {found.document['particles']:,} particles"
    return [row("update, founding case", seconds, "s", told, None, UPDATE)]


def record() -> list[Row]:
    """Battles foretold from each other; the backtest's mean scores against each baseline, and errors beside officials."""
    found = phaseline.reference(CASE)
    held, gain = found["coverage"], found["gain"]
    interval = f"95 % {gain['low']:.2f} to {gain['high']:.2f}, {gain['number']} battles"
    rows = [
        row(
            "left out, p of 80 % coverage",
            held["p_value"],
            "",
            f"held {held['share']:.0%} of {held['number']}",
            None,
            COVERED,
        ),
        row(
            "left out, log score gained",
            gain["value"],
            "",
            f"over the plain lognormal, {interval}",
            None,
            GAIN,
        ),
    ]
    for variant in phaseline.backtest(CASE, later=False)["variants"]:
        rows += _scores(variant["label"], variant["summary"])
    return rows


def _scores(label: str, summary: Mapping[str, Any]) -> list[Row]:
    """Of one way of forecasting: against each naive baseline, and beside officials and experts."""
    rows = []
    for name, beside in summary["against"].items():
        told = f"{name} {beside['theirs']:.2f}, {beside['number']} forecasts"
        rows.append(
            row(
                f"{label}: CRPS against {name}",
                beside["ours"],
                "",
                told,
                beside["ours"] / beside["theirs"],
                SKILL,
            )
        )
    voices = summary["voices"]
    ratio = voices["our_median_error"] / voices["their_median_error"]
    told = f"officials and experts {voices['their_median_error']:.0f} days, {voices['number']} forecasts"
    rows.append(
        row(f"{label}: median error of milestones", voices["our_median_error"], "days", told, ratio, SKILL)
    )
    return rows


ALL = {"update": (UPDATE, update), "record": (SKILL, record)}
