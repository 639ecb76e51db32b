"""What learning found, in a terminal; through the command line, as people meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import phaseline
from phaseline.cli import main
from phaseline.errors import Problem
from phaseline.reporting.page import Page

REPORTS = """date,operation,quantity,value_low,value_high,unit,source,speaker,published
2026-09-20,coast,progress,0.05,0.1,share,made up,press,2026-09-20
2026-09-25,coast,progress,0.1,0.2,share,made up,press,2026-09-25
2026-09-28,valley,morale,0.1,0.2,share,made up,press,2026-09-28
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = phaseline.new(tmp_path / "case.yaml")
    (tmp_path / "reports.csv").write_text(REPORTS)
    followed = tmp_path / "followed"
    followed.mkdir()
    (followed / "reports.csv").write_text(REPORTS)
    (followed / "truth.csv").write_text(
        "about,quantity,date,date_high,value_low,value_high,unit,source\ncoast,finished,2026-11-20,,,,event,s\n"
        "coast,progress,2026-10-10,,0.3,0.5,share,s\n"
    )
    (followed / "forecasts.csv").write_text(
        "date,forecaster,about,quantity,date_low,date_high,statement,source\n"
        "2026-09-22,a minister,coast,finished,2026-10-01,2026-10-05,soon,s\n"
    )
    return path


def call(capsys: pytest.CaptureFixture[str], *arguments: str, quiet: bool = True) -> tuple[int, str]:
    with pytest.raises(SystemExit) as leave:
        main([*arguments, "--quiet"] if quiet else arguments)
    told = capsys.readouterr()
    return int(leave.value.code or 0), told.out + told.err


def test_pictures_show_what_they_are_about(case: Path) -> None:
    """Every tenth with forecasts in it has a bar; a milestone foretold once shows what came as well."""
    found = phaseline.backtest(case, particles=60)
    pits = found["variants"][0]["summary"]["pit"]
    tall = [bar for bar in _marks(phaseline.plots.calibration(found), "rect") if "v0h" not in bar]
    assert len(tall) == len({min(9, int(10 * pit)) for pit in pits}) > 0
    issued = [item for issue in found["variants"][0]["issues"] for item in issue["items"]]
    ends = [item for item in issued if item["quantity"] == "finished"]
    assert len(_marks(phaseline.plots.milestones(found), "symbol")) == len(ends) > 0
    with pytest.raises(LookupError, match="nothing to draw"):
        phaseline.plots.skill(found)
    both = phaseline.backtest(case, dates="2026-09-21,2026-09-26", particles=60)
    pairs = [row for row in both["variants"][0]["summary"]["by_horizon"] if row["best_baseline"] is not None]
    assert len(_marks(phaseline.plots.skill(both), "rect")) == 2 * len(pairs) > 0


def _marks(chart: Any, kind: str) -> list[str]:
    """Paths of the marks of a kind as they are drawn."""
    import vl_convert

    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(chart.to_dict()))
    groups = [node for node in root.iter() if f"mark-{kind} role-mark" in node.get("class", "")]
    return [path.get("d", "") for group in groups for path in group]


def test_update(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = str(case.parent / "reports.csv")
    status, text = call(capsys, "update", str(case), "--reports", reports, "--particles", "100")
    assert status == 0
    for words in (
        "after 2 reports",
        "What moved it",
        "Whom to believe",
        "Which plan now",
        "The plan that ends first",
    ):
        assert words in text
    assert "not used" not in text
    _, text = call(capsys, "update", str(case), "--reports", reports, "--particles", "100", quiet=False)
    assert "Warning: " in text and "not used" in text
    status, text = call(
        capsys, "update", str(case), "--reports", reports, "--particles", "100", "--json", "--strict"
    )
    assert status == 2
    assert json.loads(text)["format"] == "phaseline-update/1"


UNUSABLE = REPORTS.splitlines()[0] + "\n2026-09-28,valley,morale,0.1,0.2,share,made up,press,2026-09-28\n"


def test_reports_of_which_none_can_be_used(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The forecast stands as it was, the reason is said, and nothing is called learned."""
    reports = tmp_path / "unusable.csv"
    reports.write_text(UNUSABLE)
    out = tmp_path / "out"
    arguments = ["--reports", str(reports), "--particles", "100"]
    status, text = call(capsys, "update", str(case), *arguments, "--out", str(out), quiet=False)
    assert status == 0
    assert "after no report that can be used" in text and "the forecast stands as it was" in text
    assert "unusable.csv:2" in text and "What moved it" not in text and "learned of the unknown" not in text
    document = json.loads((out / "update.json").read_text())
    assert document["reports"] == [] and all(row["before"] == row["after"] for row in document["forecasts"])
    assert all(row["before"] == row["after"] for row in document["plans"])
    assert call(capsys, "check", str(out / "scenario.yaml"))[0] == 0
    status, text = call(
        capsys, "lodge", str(case), "--out", str(tmp_path / "f.json"), *arguments, quiet=False
    )
    assert status == 0 and "no report could be used" in text and "unusable.csv:2" in text
    (case.parent / "followed" / "reports.csv").write_text(UNUSABLE)
    status, text = call(capsys, "backtest", str(case), "--particles", "100", quiet=False)
    assert status == 0 and "reports.csv:2" in text and "morale" in text


def test_reports_that_all_were_published_later(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody warns of rows that were left out as asked; but where none is left, that is the reason, and is said."""
    arguments = [
        "--reports", str(case.parent / "reports.csv"), "--particles", "60", "--published-by", "2026-09-02"
    ]  # fmt: skip
    for verb, out in (("update", []), ("lodge", ["--out", str(case.parent / "f.json")])):
        status, text = call(capsys, verb, str(case), *arguments, *out, quiet=False)
        assert status == 0
        assert "reports.csv: holds no report published by 2026-09-02" in " ".join(text.split())


def test_where_nothing_is_unknown_the_scenario_is_its_own_posterior(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing to tabulate is tabulated, and what is written can be run."""
    project = Path(__file__).parents[2] / "examples" / "project.yaml"
    row = "2026-01-05,hospital,progress,10,10,%,made up,press,2026-01-05\n"
    (tmp_path / "reports.csv").write_text(REPORTS.splitlines()[0] + "\n" + row)
    arguments = [
        "--reports",
        str(tmp_path / "reports.csv"),
        "--particles",
        "60",
        "--out",
        str(tmp_path / "u"),
    ]
    status, text = call(capsys, "update", str(project), *arguments)
    assert status == 0 and "All that is forecast is the same in every history." in text
    assert "learned of the unknown" not in text and "Forecast: median" not in text
    assert not (tmp_path / "u" / "posterior.csv").exists()
    status, text = call(capsys, "check", str(tmp_path / "u" / "scenario.yaml"))
    assert status == 0, text


def test_the_next_command_is_named_where_it_can_be_run(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The posterior of a posterior is not written as a scenario: its ensemble would stand beside the old one."""
    arguments = ["--reports", str(case.parent / "reports.csv"), "--particles", "60", "--out"]
    _, text = call(capsys, "update", str(case), *arguments, str(tmp_path / "u"))
    again = tmp_path / "u" / "scenario.yaml"
    assert f"next: phaseline run {again}" in text
    status, text = call(capsys, "update", str(again), *arguments, str(tmp_path / "v"))
    assert status == 0 and f"Files are in {tmp_path / 'v'}" in text
    assert "next:" not in text and not (tmp_path / "v" / "scenario.yaml").exists()


def test_the_founding_case_and_its_own_reports(capsys: pytest.CaptureFixture[str]) -> None:
    from phaseline.cases import case_path

    reports = case_path("mosul-raqqa-2016").parent / "reports.csv"
    status, text = call(
        capsys, "update", "mosul-raqqa-2016", "--reports", str(reports), "--particles", "60", quiet=False
    )
    assert status == 0 and "reports.csv:2" in text


def test_other_files_say_what_is_asked(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The settings of a backtest and the question to earlier battles may lie anywhere."""
    settings = tmp_path / "elsewhere.yaml"
    settings.write_text("format: phaseline-backtest/1\nplan: in_turn\nwhy: somebody said so\n")
    status, text = call(capsys, "backtest", str(case), "--particles", "60", "--settings", str(settings))
    assert status == 0 and "in_turn" in text and "somebody said so" in text
    status, text = call(capsys, "backtest", str(case), "--settings", str(tmp_path / "none.yaml"))
    assert status == 2 and "there is no such file" in text

    from phaseline.cases import case_path

    folder = case_path("mosul-raqqa-2016").parent
    asked = tmp_path / "asked.yaml"
    asked.write_text((folder / "reference.yaml").read_text().replace("days: ", "days: 2 # "))
    battles = tmp_path / "few.csv"
    rows = (folder / "battles.csv").read_text(encoding="utf-8").splitlines()
    battles.write_text("\n".join(rows[:14]) + "\n", encoding="utf-8")
    arguments = ["fit", str(battles), "--case", "mosul-raqqa-2016", "--json"]
    usual = json.loads(call(capsys, *arguments)[1])
    status, text = call(capsys, *arguments, "--reference", str(asked))
    assert status == 0 and json.loads(text)["numbers"] != usual["numbers"]

    arguments = [
        "backtest",
        "mosul-raqqa-2016",
        "--dates",
        "2016-10-26",
        "--particles",
        "60",
        "--no-later",
        "--json",
    ]
    found = [
        json.loads(call(capsys, *arguments, "--battles", str(battles), *more)[1])["variants"]
        for more in ([], ["--reference", str(asked)])
    ]
    assert found[0][0] == found[1][0] and found[0][1]["label"].startswith("with numbers learned")
    assert found[0][1]["issues"] != found[1][1]["issues"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fit", "days.csv", "--law", "square", "--reference", "asked.yaml"], "leave out --reference"),
        (["fit", "days.csv", "--law", "square", "--known-by", "2020-01-01"], "leave out --known-by"),
        (["backtest", "case.yaml", "--reference", "asked.yaml"], "there is no such file"),
        (["backtest", "case.yaml", "--battles", "none.csv"], "there is no such file"),
        (["backtest", "case.yaml", "--lodged", "f.json", "--settings", "s.yaml"], "leave out --settings"),
    ],
)
def test_a_file_that_would_be_ignored_or_is_not_there_is_refused(
    arguments: list[str], said: str, case: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(case.parent)
    status, text = call(capsys, *arguments)
    assert status == 2 and said in text.lower()


def test_update_tells_faults_with_their_lines(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = case.parent / "bad.csv"
    bad.write_text(REPORTS.replace("0.05,0.1", "5,9").replace("0.1,0.2", "nan,"))
    status, text = call(capsys, "update", str(case), "--reports", str(bad))
    assert status == 2
    assert "bad.csv:2" in text
    assert "bad.csv:3" in text
    assert "Traceback" not in text


def test_backtest(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["backtest", str(case), "--particles", "100", "--out", str(tmp_path / "bt")]
    status, text = call(capsys, *arguments, quiet=False)
    assert status == 0
    assert "morale" not in call(capsys, *arguments)[1]
    for words in (
        "As of the case's day",
        "mean CRPS against",
        "by horizon",
        "officials and experts",
        "On the first day of issue",
        "Warning: followed/reports.csv:4: quantity: morale",
    ):
        assert words in text.replace("\n", " ")


def test_lodge(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "f.json")
    reports = str(case.parent / "reports.csv")
    status, text = call(
        capsys, "lodge", str(case), "--out", target, "--particles", "100", "--reports", reports
    )
    assert status == 0
    assert "SHA-256" in text
    status, text = call(capsys, "backtest", str(case), "--lodged", target)
    assert status == 0
    assert "coast finished" in text


def test_what_is_left_out_of_a_lodged_forecast_is_said(
    case: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    phaseline.lodge(case, tmp_path / "f.json", reports=case.parent / "reports.csv", particles=60)
    assert "reports.csv:4: warning: quantity: morale" in caplog.text
    truth = case.parent / "followed" / "truth.csv"
    truth.write_text(truth.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    caplog.clear()
    phaseline.backtest(case, lodged=tmp_path / "f.json")
    assert "cells are separated by semicolons" in caplog.text


def test_how_a_table_was_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "days.csv"
    path.write_text("day;x;y\n" + "".join(f"{i};{1000 - 12 * i},5;{800 - 15 * i}\n" for i in range(12)))
    status, text = call(capsys, "fit", str(path), "--law", "square", quiet=False)
    assert status == 0
    assert "a comma is the decimal sign, as in line 2: 1000,5" in text.replace("\n", " ")


def test_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "days.csv"
    path.write_text("day,x,y\n" + "".join(f"{i},{1000 - 12 * i},{800 - 15 * i}\n" for i in range(12)))
    status, text = call(capsys, "fit", str(path), "--law", "square,linear")
    assert status == 0
    assert "square: a =" in text
    assert "Which law foretells" in text
    status, text = call(capsys, "fit", str(path), "--law", "bracken", "--method", "loglinear", "--json")
    assert json.loads(text)["fits"][0]["law"] == "bracken"
    status, text = call(capsys, "fit", str(path))
    assert status == 2
    assert "--law or --case" in text


def test_fit_writes_and_names_the_laws_that_a_method_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "days.csv", tmp_path / "out"
    rows = "".join(f"{i},{1000 - 12 * i - i % 3},{800 - 15 * i + i % 2}\n" for i in range(12))
    path.write_text("day,x,y\n" + rows)
    status, text = call(capsys, "fit", str(path), "--law", "all", "--method", "totals", "--out", str(out))
    assert status == 0
    assert "bracken: not fitted, because" in text and "square: a =" in text
    assert "by the method origin" in text and "fit.json" in text
    document = json.loads((out / "fit.json").read_text())
    assert [row["law"] for row in document["not_fitted"]] == ["bracken", "helmbold"]
    table = (out / "fitted.csv").read_text().splitlines()
    assert table[0].startswith("day,x_losses,y_losses,x_losses_square") and len(table) == 1 + document["days"]
    status, text = call(capsys, "fit", str(path), "--law", "bracken,helmbold", "--method", "totals")
    assert status == 2 and text.count("no free exponents") == 1
    status, text = call(capsys, "fit", str(path), "--law", "square", "--errors", "guesses")
    assert status == 2 and "there is no such errors" in text
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    status, _ = call(capsys, "fit", str(path), "--law", "square", "--out", str(tmp_path / "mine"))
    assert status == 2 and [one.name for one in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_fit_of_a_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from phaseline.cases import case_path

    battles = str(case_path("mosul-raqqa-2016").parent / "battles.csv")
    status, text = call(capsys, "fit", battles, "--case", "mosul-raqqa-2016", "--out", str(tmp_path / "ref"))
    assert status == 0
    for words in (
        "earlier battles say",
        "would last",
        "in the case",
        "Each battle foretold",
        "binomial test",
    ):
        assert words in text


def test_days_without_losses_are_told(tmp_path: Path) -> None:
    from phaseline.reporting.fits import render_fit

    path = tmp_path / "days.csv"
    rows = [f"{i},{1000 - 9 * i - (i % 3)},{800 - 15 * i}" for i in range(6)] + [
        "6,953,700",
        "7,953,690",
        "8,940,680",
    ]
    path.write_text("day,x,y\n" + "\n".join(rows) + "\n")
    text = render_fit(phaseline.fit(path, "bracken", method="loglinear")) or ""
    assert "left out: day 6 of x" in text


def test_what_intervals_take_for_granted_is_said_where_there_are_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "days.csv"
    rows = [
        (1000, 800, 20, 15),
        (980, 785, 0, 14),
        (980, 771, 18, 13),
        (962, 758, 17, 0),
        (945, 758, 17, 15),
        (928, 743, 16, 14),
    ]
    path.write_text(
        "day,x,y,x_losses,y_losses\n"
        + "".join(f"{i},{','.join(map(str, row))}\n" for i, row in enumerate(rows))
    )

    def told(*more: str) -> str:
        status, text = call(capsys, "fit", str(path), *more)
        assert status == 0
        return " ".join(text.split())

    assert "In brackets" not in told("--law", "square", "--method", "totals")
    for method, what in (
        ("origin", "each day's losses err."),
        ("trajectory", "the counts of strengths err."),
        ("bayes", "each day's losses err."),
    ):
        text = told("--law", "square", "--method", method)
        assert f"In brackets: 95 % intervals, if {what} Errors of neighbouring days may go together" in text
        assert "independently" not in text
    assert "if each day's losses err by a factor." in told("--law", "bracken", "--method", "loglinear")


def test_a_warning_of_a_file_is_filled_without_gaps() -> None:
    """Its remedy stands in a line of its own, set in, where problems are listed."""
    problem = Problem(
        "reports.csv",
        3,
        path="date",
        value="2024-04-01",
        rule="lies" + " before the start" * 8,
        remedy="say so",
        severity="warning",
    )
    assert "\n    Say so" in str(problem)
    page = Page(None)
    page.warnings([str(problem)])
    text = page.text() or ""
    assert "the start. Say so." in " ".join(text.split("\n"))
    assert "  " not in text.strip()
