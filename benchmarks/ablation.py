"""What each mechanism contributes: the whole table on its own, one row per mechanism beside the other measurements."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import phaseline
from benchmarks.rows import Bound, Row, row
from benchmarks.workloads import FOUNDING, FOUNDING_PLAN
from phaseline.outcomes.ablation import differs
from phaseline.outcomes.wording import plus_minus

ROWS_REPLICATIONS = 500


def main(arguments: Sequence[str]) -> int:
    """Print the table of a case; write it as CSV where asked to."""
    from phaseline.analysis.ablation import DEFAULT_REPLICATIONS

    parser = argparse.ArgumentParser(
        prog="python -m benchmarks ablation",
        description="Turn each mechanism off (or on, if the case has it off) and show what that changes.",
    )
    parser.add_argument("case", nargs="?", default=FOUNDING, metavar="CASE|FILE", help=f"default {FOUNDING}")
    parser.add_argument("-n", "--replications", type=int, default=DEFAULT_REPLICATIONS, metavar="N",
                        help="histories per plan and mechanism (default %(default)s)")  # fmt: skip
    parser.add_argument("--plan", metavar="A,B", help="plans; default all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every number there as well")
    options = parser.parse_args(arguments)
    try:
        found = phaseline.ablate(
            options.case, options.plan, options.replications, seed=options.seed, progress=_Progress()
        )
    except phaseline.PhaselineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    from phaseline.reporting.ablation import render_ablation

    print(render_ablation(found))
    if options.csv is not None:
        found.frame().to_csv(options.csv, index=False)
        print(f"written: {options.csv}")
    return 0


def rows(bound: Bound) -> list[Row]:
    """Seconds of the whole, and for each mechanism of the founding case the change in when all is done."""
    with tempfile.TemporaryDirectory() as store:
        began = time.perf_counter()
        found = phaseline.ablate(FOUNDING, replications=ROWS_REPLICATIONS, store=store)
        taken = time.perf_counter() - began
    told = f"{len(found.switches)} mechanisms, {len(found.plans)} plans, {ROWS_REPLICATIONS} histories each"
    measured = [row("ablation, founding case", taken, "s", told, None, bound)]
    cells = len(found.plans) * len(found.outcomes)
    for switch in found.switches:
        end = switch.effects[FOUNDING_PLAN]["end"]
        changed = sum(found.sure(e) for effects in switch.effects.values() for e in effects.values())
        told = f"{plus_minus(end._asdict())} days; {changed} of {cells} outcomes surely change"
        if switch.identical:
            told = "identical histories"
        elif not differs(end):
            told = f"within {end.half_width:.2g} days of 0; {changed} of {cells} outcomes surely change"
        measured.append(row(f"{switch.turned}: {switch.key}, all done", end.value, "days", told))
    return measured


class _Progress:
    """A line now and then on stderr."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // total
        if tenth > self._told:
            self._told = tenth
            print(f"{done:,} of {total:,} histories", file=sys.stderr)
