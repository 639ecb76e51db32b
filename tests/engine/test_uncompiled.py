"""Compiled and uncompiled, the kernels give the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_compiled_and_uncompiled_agree_to_the_last_bit(tmp_path: Path) -> None:
    files = []
    for name, setting in (("compiled", "0"), ("uncompiled", "1")):
        file = tmp_path / f"{name}.json"
        environment = os.environ | {"NUMBA_DISABLE_JIT": setting, "PYTHONWARNINGS": "error"}
        command = [sys.executable, str(TESTS / "uncompiled.py"), str(file)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        files.append(file.read_text(encoding="utf-8"))
    assert files[0] == files[1]
