"""Whatever has to be warned of, ``--quiet`` leaves it out; every verb says that it is at work. No verb is left out here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer

import phaseline
import random_networks as made
from phaseline import cli
from phaseline.cases import case_path

ROOT = Path(__file__).parents[1]
REPORTS = """date,operation,quantity,value_low,value_high,unit,source,speaker,published
2026-09-20,coast,progress,0.05,0.1,share,made up,press,2026-09-20
2026-09-20,coast,morale,0.05,0.1,share,made up,press,2026-09-20
"""
TRUTH = """about,quantity,date,date_high,value_low,value_high,unit,source
coast,finished,2026-11-20,,,,event,s
"""
VERBS: dict[str, list[str]] = {
    "check": ["case.yaml", "--numbers"],
    "run": ["case.yaml", "-n", "16"],
    "compare": ["case.yaml", "-n", "16"],
    "when": ["case.yaml", "--start", "valley", "--by-date", "--at", "2026-10-01,2026-10-20", "-n", "64"],
    "optimise": ["project.yaml"],
    "relief": ["case.yaml", "-n", "16"],
    "benchmark": ["psplib", "instances", "--seconds", "0.2", "--repeatable"],
    "fit": ["battles.csv", "--case", "mosul-raqqa-2016"],
    "update": ["case.yaml", "--reports", "reports.csv", "--particles", "60"],
    "backtest": ["case.yaml", "--particles", "60"],
    "lodge": ["case.yaml", "--particles", "60", "--reports", "reports.csv", "--out", "forecast.json"],
}
"""Arguments with which each verb has something to warn of."""
AT_ONCE = {"schema", "new", "cases"}
"""Verbs that answer at once and warn of nothing."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path / "store"))
    text = phaseline.new("case.yaml").read_text(encoding="utf-8")
    Path("case.yaml").write_text(text.replace("numbers:", "numbers:\n  spare: 3", 1), encoding="utf-8")
    project = (ROOT / "examples" / "project.yaml").read_text(encoding="utf-8")
    Path("project.yaml").write_text(f"{project}\nnumbers: {{spare: 3}}\n", encoding="utf-8")
    Path("reports.csv").write_text(REPORTS)
    Path("followed").mkdir()
    Path("followed/reports.csv").write_text(REPORTS)
    Path("followed/truth.csv").write_text(TRUTH)
    battles = (case_path("mosul-raqqa-2016").parent / "battles.csv").read_text(encoding="utf-8").splitlines()
    Path("battles.csv").write_text("\n".join(battles[:8]) + "\n", encoding="utf-8")
    rows = "".join(f"{i};{1000 - 12 * i - i % 3};{800 - 15 * i + i % 2}\n" for i in range(12))
    Path("days.csv").write_text(f"day;x;y\n{rows}")
    Path("told").mkdir()
    Path("told/truth.csv").write_text(TRUTH.replace(",", ";"))
    Path("instances").mkdir()
    Path("instances/one.rcp").write_text(made.as_rcp(made.random_network(1, activities=4)))
    Path("instances/modes.mm").write_text("")


def _call(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as leave:
        cli.main(arguments)
    told = capsys.readouterr()
    assert not leave.value.code, told.err
    return f"{told.out}{told.err}"


def _warns(text: str) -> bool:
    return any(word in text for word in ("warning", "Warning", "spare", "morale"))


def test_every_verb_is_tried_here() -> None:
    command = typer.main.get_command(cli.app)
    verbs = command.commands  # type: ignore[attr-defined]
    quiet = {name for name, verb in verbs.items() if any("--quiet" in p.opts for p in verb.params)}
    assert quiet == {*VERBS, "report"} and set(verbs) == quiet | AT_ONCE


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        *VERBS.items(),
        ("fit", ["days.csv", "--law", "square"]),
        ("backtest", ["case.yaml", "--lodged", "lodged.json", "--followed", "told"]),
    ],
)
def test_quiet_leaves_out_what_is_else_warned_of(
    verb: str, arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: list[str] = []
    usual = cli._progress

    @contextmanager
    def noted(silent: bool, what: str = "histories") -> Iterator[object]:
        at_work.append(what)
        with usual(silent, what) as progress:
            yield progress

    monkeypatch.setattr(cli, "_progress", noted)
    if "lodged.json" in arguments:
        _call(capsys, "lodge", "case.yaml", "--particles", "60", "--out", "lodged.json")
    at_work.clear()
    assert _warns(_call(capsys, verb, *arguments))
    assert len(at_work) == 1
    Path("forecast.json").unlink(missing_ok=True)
    assert not _warns(_call(capsys, verb, *(word for word in arguments if word != "--numbers"), "--quiet"))


def test_quiet_keeps_numbers_and_histories_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of numbers names the spare one; nobody is warned of it. A report has nothing to warn of."""
    text = _call(capsys, "check", "case.yaml", "--numbers", "--quiet")
    assert "warning" not in text and "spare" in text
    assert not _warns(_call(capsys, "run", "case.yaml", "-n", "16", "--explain", "3", "--quiet"))
    assert _warns(_call(capsys, "run", "case.yaml", "-n", "16", "--explain", "3"))
    _call(capsys, "run", "case.yaml", "-n", "16", "--out", "target", "--quiet")
    assert not _warns(_call(capsys, "report", "target", "--quiet"))


def test_quiet_keeps_errors(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        cli.main(["run", "none.yaml", "--quiet"])
    assert leave.value.code == 2 and "none.yaml" in capsys.readouterr().err
