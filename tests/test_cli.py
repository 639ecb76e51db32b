"""The command line as a user meets it: what is printed where, and the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from phaseline import api, api_learning, cli
from phaseline.cases import case_path
from phaseline.outcomes.schema import summary_schema
from phaseline.scenario.loading import read_yaml
from phaseline.scenario.template import FILES, json_schema

ROOT = Path(__file__).parents[1]
DUEL = str(ROOT / "examples" / "duel.yaml")
PROJECT = str(ROOT / "examples" / "project.yaml")


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("NO_COLOR", "1")


def phaseline(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout, stderr of one command."""
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = phaseline(capsys, "--version")
    assert status == 0
    assert out.startswith("phaseline 0.")
    status, out, _ = phaseline(capsys, "--help")
    assert status == 0
    for verb in ("schema", "check", "new", "cases", "run"):
        assert verb in out


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, phaseline.cli as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    for heavy in ("numpy", "numba", "pandas", "xarray", "scipy", "pydantic", "ruamel.yaml", "pyarrow"):
        assert heavy not in loaded


def test_schema_is_json_schema_and_accepts_the_template(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = phaseline(capsys, "schema")
    assert status == 0
    document = json.loads(out)
    assert document == json_schema()
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema.validate(
        {
            "format": "phaseline/1", "title": "t", "as_of": "2020-01-01", "horizon": "9 days", "plans": {"p": {}},
            "operations": {"o": {"phases": {"t": {"kind": "task", "duration": "3 days"}}}},
        },
        document,
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FILES if name != "scenario"])
def test_schema_of_a_small_file_accepts_what_is_bundled_and_refuses_a_wrong_key(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = phaseline(capsys, "schema", "--of", name)
    assert status == 0
    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    (file,) = case_path("mosul-raqqa-2016").parent.rglob(name)
    content = read_yaml(file)[0]
    content = json.loads(json.dumps(content, default=str))
    jsonschema.validate(content, schema)
    with pytest.raises(jsonschema.ValidationError, match="wrong"):
        jsonschema.validate({**content, "wrong": 1}, schema)


def test_schema_of_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(phaseline(capsys, "schema", "--of", "scenario")[1]) == json_schema()
    assert json.loads(phaseline(capsys, "schema", "--of", "summary")[1]) == summary_schema()
    status, out, _ = phaseline(capsys, "schema", "--of", "compare")
    assert status == 0
    document = json.loads(phaseline(capsys, "compare", PROJECT, "-n", "8", "--json", "--quiet")[1])
    jsonschema.validate(document, json.loads(out))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document["comparison"], json.loads(out))


def test_new_writes_a_scenario_that_passes_and_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    assert phaseline(capsys, "new", str(file))[0] == 0
    status, out, _ = phaseline(capsys, "check", str(file), "--strict")
    assert (status, "no problem" in out) == (0, True)
    status, out, _ = phaseline(capsys, "run", str(file), "-n", "64")
    assert status == 0
    assert "64 histories" in out
    before = file.read_text(encoding="utf-8")
    status, _, err = phaseline(capsys, "new", str(file))
    assert status != 0
    assert "exists" in err
    assert file.read_text(encoding="utf-8") == before


def test_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert "mosul-raqqa-2016" in phaseline(capsys, "cases")[1]
    assert "mosul-raqqa-2016" in json.loads(phaseline(capsys, "cases", "--json")[1])


def test_run_prints_the_answer_and_says_where_files_lie(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out_dir = tmp_path / "out"
    status, out, err = phaseline(capsys, "run", DUEL, "-n", "400", "--out", str(out_dir), "--threads", "1")
    assert status == 0
    assert err == ""
    assert str(out_dir) in out.replace("\n", "")
    assert sorted(p.name for p in out_dir.iterdir()) == [
        "numbers.parquet",
        "replications.parquet",
        "run.json",
        "series.nc",
        "summary.json",
    ]
    tables = ("replications.parquet", "numbers.parquet")
    first = [(out_dir / name).read_bytes() for name in tables]
    assert phaseline(capsys, "run", DUEL, "-n", "400", "--out", str(out_dir))[0] == 0
    assert [(out_dir / name).read_bytes() for name in tables] == first


def test_json_is_one_document_of_the_published_schema(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = phaseline(capsys, "run", PROJECT, "-n", "64", "--json")
    assert status == 0
    jsonschema.validate(json.loads(out), summary_schema())


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("verb", ["run", "compare", "when"])
def test_on_one_terminal_each_warning_is_told_once(verb: str, tmp_path: Path) -> None:
    import pty

    case = tmp_path / "case.yaml"
    case.write_text(
        "format: phaseline/1\ntitle: Spare\nas_of: 2026-09-01\nhorizon: 60 days\nnumbers: {spare: 3}\n"
        "operations: {a: {phases: {x: {kind: task, duration: 9 days}}}}\nplans: {one: {}, two: {}}\n"
    )
    more = ["--start", "a", "--by-date", "--at", "2026-09-01,2026-09-05"] if verb == "when" else []
    command = [sys.executable, "-m", "phaseline", verb, str(case), "-n", "8", *more]
    reader, terminal = pty.openpty()
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL) as running:
        os.close(terminal)
        text = b""
        while True:
            try:
                part = os.read(reader, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            text += part
        assert running.wait() == 0
    os.close(reader)
    assert text.decode().count("numbers.spare") == 1
    # whoever reads only one of the two must not miss it
    apart = subprocess.run(command, capture_output=True, text=True, check=True)
    assert apart.stderr.count("numbers.spare") == 1 and apart.stdout.count("numbers.spare") == (verb == "run")


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", DUEL, "-n", "8", "--joint", ""],
        ["when", PROJECT, "--start", "school", "--by-date", "--limit", ""],
    ],
)
def test_an_empty_limit_is_refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    status, _, err = phaseline(capsys, *arguments)
    assert status == 2 and "is not a limit" in err


def test_explain_tells_one_history(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = phaseline(capsys, "run", DUEL, "--explain", "3")
    assert status == 0
    assert "History 3" in out
    events = json.loads(phaseline(capsys, "run", DUEL, "--explain", "3", "--json")[1])["events"]
    assert events[0]["code"] == "opens"
    assert events == json.loads(phaseline(capsys, "run", DUEL, "--explain", "3", "--json")[1])["events"]


def test_switches_are_told_with_the_answer(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out_dir = tmp_path / "out"
    arguments = ["run", DUEL, "-n", "40", "--off", "single_losses,weather", "--out", str(out_dir)]
    status, out, _ = phaseline(capsys, *arguments)
    assert status == 0
    assert "Mechanisms switched off: single_losses, weather (switched off for this run)." in out
    for name in ("run.json", "summary.json"):
        document = json.loads((out_dir / name).read_text(encoding="utf-8"))
        assert list(document["off"]) == ["single_losses", "weather"]
    jsonschema.validate(json.loads((out_dir / "summary.json").read_text(encoding="utf-8")), summary_schema())
    assert "switched off" not in phaseline(capsys, "run", DUEL, "-n", "40")[1]
    told = phaseline(capsys, "run", DUEL, "--explain", "3", "--off", "single_losses", "--json")[1]
    assert told != phaseline(capsys, "run", DUEL, "--explain", "3", "--json")[1]


def test_check_lists_mechanisms_when_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "duel.yaml"
    file.write_text(
        Path(DUEL).read_text(encoding="utf-8") + "\noff: {single_losses: a test}\n", encoding="utf-8"
    )
    status, out, _ = phaseline(capsys, "check", str(file), "--verbose")
    assert status == 0
    assert "Switched off: single_losses (a test)." in out
    assert "In use" not in out
    assert "Not used: weather, friction," in out
    assert "In use: single_losses." in phaseline(capsys, "check", DUEL, "-v")[1]
    assert "In use" not in phaseline(capsys, "check", DUEL)[1]


BAD = {
    "unknown case": (["run", "mosul-raqa-2016"], "mosul-raqqa-2016"),
    "missing file": (["check", "nothere.yaml"], "no such file"),
    "unknown plan": (["run", PROJECT, "--plan", "nothing"], "no such plan"),
    "unknown schema": (["schema", "--of", "comparision"], "rite comparison"),
    "no replications": (["run", DUEL, "-n", "0"], "replications"),
    "too many": (["run", DUEL, "-n", "99999999"], "replications"),
    "no threads": (["run", DUEL, "--threads", "0"], "threads"),
    "negative seed": (["run", DUEL, "--seed", "-1"], "seed"),
    "one history per world": (["run", DUEL, "--per-world", "1"], "per_world"),
    "precision": (["run", DUEL, "--precision", "2"], "precision"),
    "unknown option": (["run", DUEL, "--replicatoins", "3"], "No such option"),
    "unknown verb": (["rum", DUEL], "No such command"),
    "not a number": (["run", DUEL, "-n", "many"], "valid integer"),
    "no argument": (["run"], "Missing argument"),
    "unknown mechanism": (["run", PROJECT, "--off", "wether"], "id you mean 'weather'"),
    "unknown mechanism on": (["run", PROJECT, "--on", "paused", "--explain", "1"], "id you mean 'pauses'"),
    "nothing to switch on": (["run", PROJECT, "--on", "weather"], "nothing to switch on"),
    "negative history": (["run", DUEL, "--explain", "-4"], "replication"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_exits_2_with_a_clear_word_and_no_traceback(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, words = BAD[name]
    status, out, err = phaseline(capsys, *arguments)
    assert status == 2
    assert words in err + out
    assert "Traceback" not in err


def test_a_wrong_scenario_is_refused_by_check_and_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("format: phaseline/1\ntitel: x\nas_of: 2020-01-01\n", encoding="utf-8")
    status, out, _ = phaseline(capsys, "check", str(file))
    assert status == 2
    assert "titel" in out
    assert "id you mean 'title'" in out
    found = json.loads(phaseline(capsys, "check", str(file), "--json")[1])["problems"]
    assert {p["path"] for p in found} >= {"titel", "title", "horizon", "operations", "plans"}
    status, out, err = phaseline(capsys, "run", str(file), "--out", str(tmp_path / "out"))
    assert status == 2
    assert out == ""
    assert "titel" in err
    assert not (tmp_path / "out").exists()


def test_warnings_exit_0_but_2_when_strict(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = Path(PROJECT).read_text(encoding="utf-8") + "\nnumbers: {spare: 3}\n"
    file = tmp_path / "spare.yaml"
    file.write_text(text, encoding="utf-8")
    assert phaseline(capsys, "check", str(file))[0] == 0
    assert phaseline(capsys, "check", str(file), "--strict")[0] == 2
    status, _, err = phaseline(capsys, "run", str(file), "-n", "16")
    assert (status, "spare" in err) == (0, True)
    assert phaseline(capsys, "run", str(file), "-n", "16", "--quiet")[2] == ""
    assert phaseline(capsys, "run", str(file), "-n", "16", "--strict")[0] == 2


def test_warnings_of_the_run_itself_count_when_strict(capsys: pytest.CaptureFixture[str]) -> None:
    assert phaseline(capsys, "run", PROJECT, "-n", "10")[0] == 0
    status, out, err = phaseline(capsys, "run", PROJECT, "-n", "10", "--strict", "--json")
    assert status == 2
    assert json.loads(out)["warnings"]
    assert "rounded up" in err
    assert phaseline(capsys, "run", PROJECT, "-n", "12", "--strict", "--json")[0] == 0


def test_without_a_verb_the_verbs_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = phaseline(capsys)
    assert (status, out) == (2, "")
    assert err.startswith("Usage: phaseline")
    assert "check" in err


class _Timer:
    """A timer that goes off when the test says so."""

    last: _Timer

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        assert seconds == cli.PATIENCE_SECONDS == 2.0
        self.call, self.daemon = call, False
        _Timer.last = self

    def start(self) -> None:
        """Nothing happens yet."""

    def cancel(self) -> None:
        """Nothing is under way."""

    def join(self) -> None:
        """Nothing is waited for."""


def test_a_bar_is_shown_after_two_seconds_to_whoever_looks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.threading, "Timer", _Timer)
    with cli._progress(False) as nobody_looks:
        assert nobody_looks is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with cli._progress(True) as silent:
        assert silent is None
    with cli._progress(False) as advance:
        assert advance is not None
        advance(3, 10)
        assert capsys.readouterr() == ("", "")
        _Timer.last.call()
        advance(9, 10)
    out, err = capsys.readouterr()
    assert out == ""
    assert "9/10" in err


def test_work_that_says_nothing_shows_a_bar_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a verb does, after two seconds one sees that it is at work."""
    monkeypatch.setattr(cli.threading, "Timer", _Timer)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with cli._progress(False, "report"):
        assert capsys.readouterr() == ("", "")
        _Timer.last.call()
    assert "report" in capsys.readouterr().err


def test_foreign_content_in_the_target_is_refused_before_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    status, _, err = phaseline(capsys, "run", DUEL, "-n", "16", "--out", str(tmp_path / "mine"))
    assert status == 2
    assert "letter.txt" in err or "mine" in err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_our_own_faults_exit_1_and_show_a_traceback_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("wheel came off")

    monkeypatch.setattr("phaseline.api.run", fail)
    status, _, err = phaseline(capsys, "run", DUEL)
    assert status == 1
    assert "wheel came off" in err
    assert "Traceback" not in err
    assert "Traceback" in phaseline(capsys, "run", DUEL, "--verbose")[2]


def test_a_reader_who_leaves_is_no_fault(tmp_path: Path) -> None:
    environment = os.environ | {"PHASELINE_STORE": str(tmp_path)}
    for arguments in ("schema", f"run {PROJECT} -n 16", f"run {PROJECT} --explain 1"):
        command = f"({sys.executable} -m phaseline {arguments}; echo status $? >&2) | true"
        done = subprocess.run(
            command, shell=True, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stderr.strip() == "status 0"


def test_report_prints_the_path_of_the_page_and_can_open_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from outcomes import made
    from phaseline.outcomes.files import write

    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    page = write(made.duel(), tmp_path / "out") / "report.html"
    status, out, _ = phaseline(capsys, "report", str(tmp_path / "out"))
    assert (status, out) == (0, f"{tmp_path / 'out' / 'report.html'}\n")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert opened == []
    assert phaseline(capsys, "report", str(tmp_path / "out"), "--open")[0] == 0
    assert opened == [str(tmp_path / "out" / "report.html")]


def test_report_refuses_what_is_no_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = phaseline(capsys, "report", str(tmp_path))
    assert (status, out) == (2, "")
    assert "not a result of Phaseline" in err


@pytest.mark.parametrize("verb", ["compare", "cases", "fit"])
def test_a_stop_wherever_it_comes_says_so(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between the runs of a verb nobody waits for Ctrl-C."""

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api_learning if verb == "fit" else api, verb, stopped)
    arguments = {"compare": [DUEL], "cases": [], "fit": ["days.csv", "--law", "square"]}[verb]
    with pytest.raises(SystemExit) as left:
        cli.main([verb, *arguments])
    assert left.value.code == 130
    assert capsys.readouterr().err.startswith("stopped; ")
