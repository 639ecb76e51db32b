"""What `cases`, `check` and `run --explain` really print keeps the published schemas, and they refuse what is nearly right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import phaseline
from outcomes.strictness import assert_keeps, assert_strict, keeps
from phaseline import cli

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path / "store"))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--json"])
    return json.loads(capsys.readouterr().out)


def test_cases(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "cases")
    assert_keeps(phaseline.schema("cases"), found)
    assert not keeps(phaseline.schema("cases"), found | {"another": None})


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("format: phaseline/1\ntitel: x\n", encoding="utf-8")
    sourced = tmp_path / "sourced.yaml"
    sourced.write_text(
        (EXAMPLES / "wildfires.yaml").read_text(encoding="utf-8").replace(
            "numbers:\n",
            "sources: {log: {title: Log, known_on: 2026-06-01}, site: {title: S, known_on: 2026-06-01, url: 'https://x.test'}}\n"
            "numbers:\n"
            "  first: {label: spare, low: 1, high: 2, source: log, lean: high, note: a note}\n"
            "  second: {low: 1, high: 2, source: site}\n",
        ),
        encoding="utf-8",
    )  # fmt: skip
    documents = [
        printed(capsys, "check", str(wrong), "--numbers"),
        printed(capsys, "check", str(sourced), "--numbers"),
        printed(capsys, "check", str(tmp_path / "missing.yaml")),
    ]
    assert [len(found.get("numbers", [])) > 0 for found in documents] == [False, True, False]
    assert_strict(phaseline.schema("check"), documents, optional=frozenset({"#/properties/numbers"}))


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "run", str(EXAMPLES / "wildfires.yaml"), "--explain", "3")
    assert_strict(phaseline.schema("explain"), [found])
