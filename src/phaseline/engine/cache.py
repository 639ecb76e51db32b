"""Where compiled kernels are kept, and what identifies the engine.

Numba's own cache does not notice a change in a callee that stands in another file, so the directory's name
holds a hash of all sources of the engine: a changed engine never meets an old cache.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path

import platformdirs

HERE = Path(__file__).parent
RESULT_SOURCES = (
    *sorted(HERE.glob("*.py")),
    HERE.parent / "scenario" / "distributions.py",
    HERE.parent / "scenario" / "fitted.py",
    HERE.parent / "scenario" / "records.py",
)
"""Files that decide about the bits of a result."""


def source_hash(files: tuple[Path, ...] = RESULT_SOURCES) -> str:
    """Hash of names and contents of source files, and of the versions of the libraries that compute."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    for library in ("numba", "numpy", "scipy"):
        found.update(f"{library}=={version(library)}".encode())
    return found.hexdigest()


ENGINE_FINGERPRINT = source_hash()
"""Identifies what the engine computes: results with another fingerprint are never reused."""


def cache_directory() -> Path:
    """Directory of the compiled kernels of exactly this engine; `PHASELINE_CACHE` sets its parent."""
    parent = os.environ.get("PHASELINE_CACHE") or platformdirs.user_cache_dir("phaseline")
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    return Path(parent) / f"kernels-{python}-{ENGINE_FINGERPRINT[:16]}"


def is_warm() -> bool:
    """Whether the kernels were compiled before (the marker is written by `warm`)."""
    return (cache_directory() / "warm").exists()


def prepare() -> None:
    """Point Numba at the directory. Must run before any kernel is defined."""
    os.environ["NUMBA_CACHE_DIR"] = str(cache_directory())
    import numba

    numba.config.CACHE_DIR = str(cache_directory())
