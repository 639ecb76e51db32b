"""The measurements. Whatever is compared is timed in turns, so that a change of the machine's pace meets both."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import phaseline
from benchmarks import ablation
from benchmarks.rows import Bound, Row, row
from benchmarks.workloads import plan, scenario

ROOT = Path(__file__).parents[1]


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(
    first: Callable[[], object], second: Callable[[], object], pairs: int
) -> tuple[list[float], list[float]]:
    """Seconds of both, called alternately; which comes first alternates too."""
    a: list[float] = []
    b: list[float] = []
    for i in range(pairs):
        for work, times in ((first, a), (second, b)) if i % 2 == 0 else ((second, b), (first, a)):
            times.append(seconds(work))
    return a, b


def calibration() -> float:
    """Seconds of a fixed piece of work, half plain Python and half NumPy: the unit in which machines can be compared."""

    def work() -> None:
        total = 0
        for i in range(3_000_000):
            total = (total + i * i) % 1_000_003
        values = np.random.default_rng(1).random(1_000_000)
        for _ in range(25):
            values = np.sort(np.exp(-values))

    return median(seconds(work) for _ in range(3))


def run(which: str, replications: int, threads: int | None = None, seed: int = 1) -> float:
    """Seconds of `phaseline.run` with one plan and an empty run store."""
    with tempfile.TemporaryDirectory() as store:
        began = time.perf_counter()
        phaseline.run(scenario(which), plan(which), replications, threads=threads, seed=seed, store=store)
        return time.perf_counter() - began


def against_twin() -> list[Row]:
    """The compiled engine, one thread, against the plain-Python twin, on a small, a middle and a large scenario."""
    sys.path.insert(0, str(ROOT / "tests"))
    try:
        import twin  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    return [_against_twin(twin.simulate, which) for which in ("template", "middle", "founding")]


def _against_twin(
    by_twin: Callable[..., object], which: str, histories: int = 4, num_fast: int = 2000
) -> Row:
    from phaseline import engine

    world, chosen = scenario(which), plan(which)
    model = engine.compile_scenario(world)
    compiled = engine.compile_plan(model, chosen, world.plans[chosen])
    engine.simulate(model, compiled, seed=1, first=0, count=4, per_world=4)
    slow, fast = in_turns(
        lambda: [by_twin(world, world.plans[chosen], 1, r, 4) for r in range(histories)],
        lambda: engine.simulate(model, compiled, seed=1, first=0, count=num_fast, per_world=4, series=False),
        5,
    )
    ratio = median((s / histories) / (f / num_fast) for s, f in zip(slow, fast, strict=True))
    told = f"{1e3 * median(slow) / histories:,.0f} ms by the plain-Python twin"
    name = f"engine, one history, {which}"
    return row(name, 1e6 * median(fast) / num_fast, "us", told, ratio, TWIN if which == "middle" else None)


def framework() -> list[Row]:
    """What a history costs where nothing happens in it."""
    num = 100_000
    run("trivial", 1000, threads=1)
    value = 1e6 * median(run("trivial", num, threads=1) for _ in range(3)) / num
    told = f"{num:,} histories of one 20-day task, one thread, with store and tables"
    return [row("framework, one history", value, "us", told, None, FRAMEWORK)]


def threads() -> list[Row]:
    """Two threads against one, on a large and on a tiny run."""
    rows = []
    for name, which, num, pairs, bound in (
        ("two threads, founding case", "founding", 4096, 5, THREADS),
        ("two threads, tiny run", "founding", 16, 15, TINY),
    ):
        run(which, 16)
        one, two = in_turns(lambda: run(which, num, threads=1), lambda: run(which, num, threads=2), pairs)  # noqa: B023
        ratio = median(a / b for a, b in zip(one, two, strict=True))
        told = f"{median(one):.3g} s by one thread, {num:,} histories, median of {pairs} pairs in turns"
        rows.append(row(name, median(two), "s", told, ratio, bound))
    return rows


def founding() -> list[Row]:
    """The founding case, 10,000 histories of one plan."""
    run("founding", 16)
    value = median(run("founding", 10_000) for _ in range(3))
    return [
        row(
            "founding case, 10,000 histories",
            value,
            "s",
            "one plan, all threads, empty store",
            None,
            FOUNDING,
        )
    ]


def start() -> list[Row]:
    """How long a command takes to say something."""
    bare = [sys.executable, "-c", "pass"]
    command = [sys.executable, "-m", "phaseline"]
    helped, empty = in_turns(lambda: _call([*command, "--help"]), lambda: _call(bare), 5)
    rows = [
        row(
            "phaseline --help", median(helped), "s", f"{median(empty):.2g} s for python -c pass",
            median(a / b for a, b in zip(helped, empty, strict=True)), HELP,
        )
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as store:
        again = [sys.executable, "-m", "phaseline", "run", "examples/duel.yaml", "-n", "4", "--quiet"]
        _call(again, store)
        value = median(seconds(lambda: _call(again, store)) for _ in range(3))
    rows.append(
        row("second start", value, "s", "phaseline run with 4 duels, kernels from the cache", None, SECOND)
    )
    return rows


def judgement() -> list[Row]:
    """Comparison, claims and drivers of all plans of the founding case, and the report of what that stored."""
    run("founding", 16)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        fixed = {"store": Path(folder) / "store", "out": out, "seed": 1}
        quick = seconds(
            lambda: phaseline.compare("mosul-raqqa-2016", replications=10_000, quick=True, **fixed)
        )
        whole = seconds(lambda: phaseline.compare("mosul-raqqa-2016", replications=10_000, **fixed))
        page = median(seconds(lambda: phaseline.report(out)) for _ in range(3))
        size = (out / "report.html").stat().st_size / 2**20
    three = "three plans of 10,000 paired histories"
    return [
        row("compare --quick", quick, "s", f"{three}, claims and drivers, empty store", None, JUDGED),
        row("compare", whole, "s", f"{three}, the rest: flips, stress, traces; histories in the store"),
        row("report", page, "s", "from stored results", None, REPORT),
        row("report, size", size, "MiB", "with all documents", None, SIZE),
    ]


def memory(which: str, num: int = 1_000_000) -> list[Row]:
    """Most memory of a process that runs very many histories."""
    text = (
        "import resource; from benchmarks.measures import run; "
        f"taken = run({which!r}, {num}); print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    taken, peak = _call([sys.executable, "-c", text]).split()[-2:]
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss is in bytes there, else in KiB
    told = f"{num:,} histories in {float(taken):.0f} s, all threads"
    return [row(f"peak memory, {which}", int(peak) / unit, "GiB", told, None, MEMORY)]


def large(num: int = 2000) -> list[Row]:
    """Thirty operations of five phases over ten assets, three plans: with and without daily series."""
    rows = []
    for name, out in (("run", "None"), ("run --out", "Path(folder) / 'out'")):
        text = (
            "import resource, tempfile, time; from pathlib import Path; import phaseline; "
            "from benchmarks.workloads import scenario\n"
            "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "with tempfile.TemporaryDirectory() as folder:\n"
            " world = scenario('large'); phaseline.run(world, replications=4, store=Path(folder) / 'warm')\n"
            " before, began = peak(), time.perf_counter()\n"
            f" found = phaseline.run(world, replications={num}, store=Path(folder) / 'store', out={out})\n"
            " taken, most = time.perf_counter() - began, peak()\n"
            " counts = found.runs[found.plans[0]].daily().histogram\n"
            "print(taken, most - before, counts.nbytes)"
        )
        taken, grown, block = _call([sys.executable, "-c", text]).split()[-3:]
        unit = 1 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there, else in KiB
        ratio = int(grown) * unit / int(block)
        told = f"three plans of {num:,} histories, empty store, all threads"
        rows.append(row(f"30 operations, {name}", float(taken), "s", told))
        told = f"grown above imports; ratio to one block's daily counts, {int(block) / 2**20:.0f} MiB"
        rows.append(
            row(
                f"30 operations, {name}, memory",
                int(grown) * unit / 2**20,
                "MiB",
                told,
                ratio,
                BLOCKS if out == "None" else SERIES_MEMORY,
            )
        )
    return rows


def _call(command: list[str], store: str | None = None) -> str:
    environment = os.environ if store is None else {**os.environ, "PHASELINE_STORE": store}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command[:4])} exited with {done.returncode}: {done.stderr.strip()[-200:]}"
        )
    return done.stdout


TWIN = Bound("ratio", ">=", 1000, bar=True)
FRAMEWORK = Bound("value", "<=", 20, bar=False)
THREADS = Bound("ratio", ">=", 1.6, bar=True)
TINY = Bound("ratio", ">=", 0.9, bar=True)
"""Not slower than one thread, with a tenth for what a measurement of milliseconds scatters by."""
FOUNDING = Bound("value", "<=", 2, bar=False)
HELP = Bound("value", "<=", 0.3, bar=False)
SECOND = Bound("value", "<=", 2, bar=False)
JUDGED = Bound("value", "<=", 10, bar=False)
REPORT = Bound("value", "<=", 5, bar=False)
SIZE = Bound("value", "<=", 3e6 / 2**20, bar=True)
MEMORY = Bound("value", "<=", 2, bar=True)
BLOCKS = Bound("ratio", "<=", 2, bar=True)
"""Without daily series memory holds tables only, whose size is that of the question."""
SERIES_MEMORY = Bound("ratio", "<=", 12, bar=True)
"""With them: for each thread a working histogram of twice a block and what waits, and one block being written."""
ABLATION = Bound("value", "<=", 300, bar=False)

ALL: dict[str, tuple[Bound, Callable[[], list[Row]]]] = {
    "twin": (TWIN, against_twin),
    "framework": (FRAMEWORK, framework),
    "threads": (THREADS, threads),
    "founding": (FOUNDING, founding),
    "start": (HELP, start),
    "judgement": (JUDGED, judgement),
    "large": (SERIES_MEMORY, large),
    "ablation": (ABLATION, lambda: ablation.rows(ABLATION)),
    "memory-trivial": (MEMORY, lambda: memory("trivial")),
    "memory-duel": (MEMORY, lambda: memory("duel")),
}
"""By the name that chooses it on the command line."""
