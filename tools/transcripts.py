#!/usr/bin/env python3
"""Fill the transcripts in README.md and docs/: runs each command between the markers and puts what it printed below it.

    .venv/bin/python tools/transcripts.py                 # rewrite all
    .venv/bin/python tools/transcripts.py README.md       # rewrite one file
    .venv/bin/python tools/transcripts.py --check         # exit status 1 if a transcript is not what the command prints now

A transcript is a console block between ``<!-- transcript -->`` and ``<!-- end of transcript -->`` whose first line is the
command; ``<!-- transcript: 12 lines -->`` keeps the first 12 lines of the output. No number in it is typed by hand.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?P<head><!-- transcript(?:: (?P<lines>\d+) lines)? -->\n+```console\n\$ (?P<command>[^\n]+)\n)"
    r"(?P<shown>.*?)(?P<foot>```\n+<!-- end of transcript -->)",
    re.DOTALL,
)


def printed(command: str, store: str) -> str:
    """What a command prints to stdout, run at the repository's root with an empty run store."""
    words = shlex.split(command)
    programs = Path(sys.executable).parent
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "PHASELINE_STORE": store, "NO_COLOR": "1", "COLUMNS": "100"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"'{command}' exited with {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


def refill(file: Path, store: str, check: bool) -> bool:
    """Rewrite one file, or with ``check`` compare; whether it was as it should be."""
    text = file.read_text(encoding="utf-8")

    def fill(found: re.Match[str]) -> str:
        print(f"{file.name}: $ {found['command']}", file=sys.stderr)
        lines = printed(found["command"], store).splitlines()
        most = int(found["lines"] or len(lines))
        shown = [*lines[:most], *(["..."] if len(lines) > most else [])]
        return found["head"] + "\n".join(shown) + "\n" + found["foot"]

    filled = BLOCK.sub(fill, text)
    if check:
        sys.stdout.writelines(
            difflib.unified_diff(text.splitlines(True), filled.splitlines(True), file.name, "now")
        )
    elif filled != text:
        file.write_text(filled, encoding="utf-8", newline="\n")
    return filled == text


def main() -> int:
    """Rewrite, or with ``--check`` compare."""
    named = [Path(name).resolve() for name in sys.argv[1:] if not name.startswith("--")]
    check = "--check" in sys.argv[1:]
    files = named or [file for file in DOCUMENTS if BLOCK.search(file.read_text(encoding="utf-8"))]
    with tempfile.TemporaryDirectory() as store:
        same = [refill(file, store, check) for file in files]
    return int(check and not all(same))


if __name__ == "__main__":
    sys.exit(main())
