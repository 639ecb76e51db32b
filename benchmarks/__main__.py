"""``python -m benchmarks [NAME ...]``: print the table, write ``benchmarks/latest.json``; exit status 1 if a bar is missed.

``python -m benchmarks ablation [CASE] [-n N]`` prints what each mechanism of a case contributes to its answer.

Bars are ratios, and a limit on memory; seconds are goals, since they depend on the machine: a missed goal is printed as missed.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import ablation, learning, measures, planning
from benchmarks.measures import calibration
from benchmarks.rows import LATEST, Row, machine, measured, missed_bars, row, table, write

ALL = {**measures.ALL, **planning.ALL, **learning.ALL}


def main() -> int:
    """Measure, print, write."""
    if sys.argv[1:2] == ["ablation"]:
        return ablation.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(ALL)}; default all")
    names = parser.parse_args().names or list(ALL)
    if unknown := set(names) - set(ALL):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(ALL)}")

    on = machine()
    if (on["load_before"] or 0) > 0.5:
        print(
            f"the machine is busy (load {on['load_before']}): seconds and thread ratios will look worse than they are"
        )
    print("calibrating", file=sys.stderr)
    fixed = calibration()
    rows: list[Row] = [row("calibration loop", fixed, "s", "fixed work, half Python and half NumPy")]
    for name in names:
        print(f"measuring {name}", file=sys.stderr)
        bound, measure = ALL[name]
        rows += measured(name, bound, measure)
    print(table(rows))
    if len(names) == len(ALL):
        write(rows, fixed, on)
        print(f"written: {LATEST}")
    else:
        print("only a part was measured: nothing is written")
    missed = missed_bars(rows)
    if missed:
        print(f"{len(missed)} bar(s) missed: {', '.join(found.name for found in missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
