"""A verb with ``--out`` writes there and says where, or refuses the option; no verb is left out of this test."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

import phaseline
import random_networks as made
from phaseline.cli import app, main

ROOT = Path(__file__).parents[1]
REPORTS = """date,operation,quantity,value_low,value_high,unit,source,speaker,published
2026-09-20,coast,progress,0.05,0.1,share,made up,press,2026-09-20
"""
TRUTH = """about,quantity,date,date_high,value_low,value_high,unit,source
coast,finished,2026-11-20,,,,event,s
"""

VERBS: dict[str, tuple[list[str], list[str]]] = {
    "run": (["case.yaml", "-n", "16"], ["summary.json", "replications.parquet"]),
    "compare": (["case.yaml", "-n", "16", "--quick"], ["comparison.json", "claims.json"]),
    "when": (
        ["case.yaml", "--start", "valley", "--by-date", "--at", "2026-10-01", "-n", "16"],
        ["when.json", "when.svg"],
    ),
    "optimise": ([str(ROOT / "examples" / "project.yaml")], ["optimise.json", "best_plan.yaml"]),
    "benchmark": (["psplib", "instances", "--seconds", "1", "--repeatable"], [""]),
    "fit": (["days.csv", "--law", "square"], ["fit.json"]),
    "update": (
        ["case.yaml", "--reports", "reports.csv", "--particles", "60"],
        ["update.json", "posterior.csv", "inference.nc"],
    ),
    "backtest": (["case.yaml", "--particles", "60"], ["backtest.json", "backtest.html"]),
    "lodge": (["case.yaml", "--particles", "60"], [""]),
}
"""Arguments of each verb beside ``--out``, and what must lie there; an empty name is the target itself."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path / "store"))
    phaseline.new("case.yaml")
    Path("reports.csv").write_text(REPORTS)
    Path("followed").mkdir()
    Path("followed/reports.csv").write_text(REPORTS)
    Path("followed/truth.csv").write_text(TRUTH)
    rows = "".join(f"{i},{1000 - 12 * i - i % 3},{800 - 15 * i + i % 2}\n" for i in range(12))
    Path("days.csv").write_text(f"day,x,y\n{rows}")
    Path("instances").mkdir()
    Path("instances/one.rcp").write_text(made.as_rcp(made.random_network(1, activities=4)))


def _call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leave:
        main([*arguments, "--quiet"])
    text = capsys.readouterr()
    return int(leave.value.code or 0), text.out, text.err


def test_every_verb_that_has_the_option_is_tried_here() -> None:
    command = typer.main.get_command(app)
    having = {
        name for name, verb in command.commands.items()  # type: ignore[attr-defined]
        if any("--out" in parameter.opts for parameter in verb.params)
    }  # fmt: skip
    assert having == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_it_writes_and_says_where(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, names = VERBS[verb]
    status, out, err = _call(capsys, verb, *arguments, "--out", "target")
    assert status == 0, err
    for name in names:
        assert (Path("target") / name if name else Path("target")).is_file()
    assert "target" in out.splitlines()[-1] or "target" in out.splitlines()[-2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "case.yaml", "--explain", "3", "--out", "target"],
        ["backtest", "case.yaml", "--lodged", "forecast.json", "--out", "target"],
    ],
)
def test_where_nothing_would_be_written_the_option_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if "--lodged" in arguments:
        assert _call(capsys, "lodge", "case.yaml", "--particles", "60", "--out", "forecast.json")[0] == 0
    status, _, err = _call(capsys, *arguments)
    assert status == 2 and "out: target" in err and "Leave out --out" in err
    assert not Path("target").exists()
