#!/usr/bin/env python3
"""Fill the transcripts in README.md: runs each command between the markers and puts what it printed below it.

    .venv/bin/python tools/readme_transcript.py            # rewrite
    .venv/bin/python tools/readme_transcript.py --check    # exit status 1 if a transcript is not what the command prints now

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
README = ROOT / "README.md"
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


def main() -> int:
    """Rewrite, or with ``--check`` compare."""
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as store:

        def fill(found: re.Match[str]) -> str:
            print(f"$ {found['command']}", file=sys.stderr)
            lines = printed(found["command"], store).splitlines()
            most = int(found["lines"] or len(lines))
            shown = [*lines[:most], *(["..."] if len(lines) > most else [])]
            return found["head"] + "\n".join(shown) + "\n" + found["foot"]

        filled, count = BLOCK.subn(fill, text)
    if not count:
        raise SystemExit("README.md holds no transcript")
    if "--check" in sys.argv[1:]:
        sys.stdout.writelines(
            difflib.unified_diff(text.splitlines(True), filled.splitlines(True), "README.md", "now")
        )
        return int(filled != text)
    README.write_text(filled, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
