"""Rows of the table: what was measured, against what, and whether that is good enough."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LATEST = HERE / "latest.json"


@dataclass(frozen=True)
class Bound:
    """A bar, which must be met, or a goal, which is told when missed.

    Attributes
    ----------
    of
        ``value`` or ``ratio``.
    at
        ``<=``, ``<`` or ``>=``.
    limit
        In the unit of the value; a ratio has none.
    bar
        Missing a bar fails the benchmark.
    """

    of: str
    at: str
    limit: float
    bar: bool

    def met(self, value: float, ratio: float | None) -> bool:
        """Whether value or ratio are within the bound."""
        found = value if self.of == "value" else ratio
        if found is None:
            return False
        return {"<=": found <= self.limit, "<": found < self.limit, ">=": found >= self.limit}[self.at]

    def __str__(self) -> str:
        return f"{self.of} {self.at} {self.limit:g} ({'bar' if self.bar else 'goal'})"


@dataclass(frozen=True)
class Row:
    """One measurement; `ok` is None where there is nothing to meet or nothing could be measured."""

    name: str
    value: float | None
    unit: str
    against: str = ""
    ratio: float | None = None
    bound: str = ""
    ok: bool | None = None


def row(
    name: str,
    value: float,
    unit: str,
    against: str = "",
    ratio: float | None = None,
    bound: Bound | None = None,
) -> Row:
    """A row with its verdict."""
    ok = None if bound is None else bound.met(value, ratio)
    return Row(name, value, unit, against, ratio, "" if bound is None else str(bound), ok)


def failed(name: str, error: Exception, bound: Bound) -> Row:
    """A row for a measurement that broke off."""
    reason = str(error).strip().splitlines()[-1][-90:] if str(error).strip() else type(error).__name__
    return Row(name, None, "", f"not measured: {reason}", None, str(bound), False)


def missed_bars(rows: Iterable[Row]) -> list[Row]:
    """Rows that fail the benchmark."""
    return [found for found in rows if found.ok is False and found.bound.endswith("(bar)")]


def table(rows: list[Row]) -> str:
    """The rows as aligned text."""
    heads = ("name", "value", "unit", "against", "ratio", "bound", "ok")
    verdict = {None: "", True: "yes", False: "MISSED"}
    cells = [
        (r.name, _short(r.value), r.unit, r.against, _short(r.ratio), r.bound, verdict[r.ok]) for r in rows
    ]
    widths = [max(len(line[i]) for line in [heads, *cells]) for i in range(len(heads))]
    lines = [heads, tuple("-" * width for width in widths), *cells]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def write(rows: list[Row], calibration: float, on: dict[str, Any], file: Path = LATEST) -> None:
    """Write the rows, the calibration loop and the machine as JSON."""
    content = {
        "calibration_seconds": calibration,
        "machine": on,
        "rows": [asdict(r) for r in rows],
    }
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the seconds were measured on."""
    from importlib.metadata import version

    from phaseline.execution.settings import RunSettings

    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "threads": RunSettings().num_threads,
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "versions": {name: version(name) for name in ("phaseline", "numba", "numpy")},
        "commit": _commit(),
    }


def _commit() -> str:
    try:
        command = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def measured(name: str, bound: Bound, measure: Callable[[], list[Row]]) -> list[Row]:
    """The rows of a measurement; if it breaks off, one row that says so."""
    try:
        return measure()
    except Exception as error:
        return [failed(name, error, bound)]
