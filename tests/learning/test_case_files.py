"""The two small files of learning as the docs show them."""

from __future__ import annotations

import re
from pathlib import Path

import phaseline
from phaseline.scenario.case_files import load_backtest, load_reference

DOCS = Path(__file__).parents[2] / "docs" / "learning.md"


def test_the_files_shown_in_the_docs_are_read(tmp_path: Path) -> None:
    scenario = phaseline.load("mosul-raqqa-2016")
    blocks = re.findall(r"```yaml\n(format: phaseline-.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    files = [tmp_path / "reference.yaml", tmp_path / "backtest.yaml"]
    for file, block in zip(files, blocks, strict=True):
        file.write_text(block, encoding="utf-8")
    asked = load_reference(files[0], scenario)
    assert asked.numbers == {"tempo": "city_tempo", "garrison_loss": "is_loss"} and set(asked.factor) == {
        "own_loss"
    }
    assert load_backtest(files[1], scenario).later_mechanisms == ("pauses", "elastic")
