"""What README and documentation tell people to type works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from phaseline.scenario.quantity import read_quantity
from phaseline.scenario.units import parse

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WRITING = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")

EXCLUDED = ("make",)
"""Make would create the environment that runs this test, and run this test."""


def _commands() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def _shortened(command: str) -> list[str]:
    """The command with few replications: here it counts that it works, not what it finds."""
    words = shlex.split(command)
    if words[:2] == ["phaseline", "update"]:
        words += ["--particles", "60", "--threads", "1"]
    if words[:2] == ["phaseline", "optimise"]:
        words += ["--histories", "1000", "--threads", "1"]
    if words[0] == "phaseline" and words[1] in ("run", "compare", "when", "relief"):
        if "--replications" in words:
            at = words.index("--replications")
            del words[at : at + 2]
        words += ["--replications", "16", "--threads", "1"]
    return words


def test_every_command_of_the_readme_works(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(ROOT / "src" / "phaseline" / "cases", tmp_path / "src" / "phaseline" / "cases")
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")]),
        "PHASELINE_STORE": str(tmp_path / "store"),
    }
    commands = [command for command in _commands() if command.split()[0] not in EXCLUDED]
    assert len(commands) >= 5
    for command in commands:  # in order: what one writes the next reads
        done = subprocess.run(
            _shortened(command), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_every_python_block_of_the_readme_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert blocks
    environment = {**os.environ, "PHASELINE_STORE": str(tmp_path / "store"), "PHASELINE_THREADS": "1"}
    for block in blocks:
        program = f"import phaseline\nphaseline.new('relief.yaml')\n{block}"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_transcripts_are_filled() -> None:
    found = re.findall(r"<!-- transcript.*?<!-- end of transcript -->", README, re.DOTALL)
    assert found
    for block in found:
        assert len(block.splitlines()) > 6, f"run tools/transcripts.py: {block}"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_of_the_readme_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


DIMENSIONS = {
    "number, ratio": "number",
    "share a day": "share_rate",
    "money a day": "money_rate",
    "rate per person": "per_person_rate",
}


def _examples() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| ([a-z, ]+) \| (`.*?`) \| .* \|$", WRITING.split("## Ways")[0], re.MULTILINE)
    return [
        (DIMENSIONS.get(what, what), text) for what, cell in rows for text in re.findall("`([^`]+)`", cell)
    ]


@pytest.mark.parametrize(("dimension", "text"), _examples())
def test_units_of_the_documentation_are_read(dimension: str, text: str) -> None:
    assert parse(text, dimension) >= 0  # type: ignore[arg-type]


def test_numbers_of_the_documentation_are_read() -> None:
    block = re.search(r"```yaml\n(duration:.*?)```", WRITING, re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    assert len(lines) > 8
    for line in lines:
        read_quantity(YAML(typ="safe").load(line)["duration"], "duration")
