"""Benchmark files come back as they were written; whatever is wrong is told with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phaseline
import random_networks as made
from phaseline.errors import InputError
from phaseline.interchange.benchmarks import instances, read_best, write_rows
from phaseline.interchange.networks import read_network
from phaseline.reporting.projects import render_benchmark
from phaseline.scenario.network import Network, to_scenario

SM = made.as_sm(made.random_network(1, activities=4))
RCP = made.as_rcp(made.random_network(1, activities=4))
RCMP = made.as_rcmp(made.random_network(2, activities=3, projects=2))


def _write(folder: Path, text: str, suffix: str) -> Path:
    path = folder / f"made{suffix}"
    path.write_text(text, encoding="utf-8")
    return path


def _same(one: Network, other: Network) -> bool:
    return (
        one.successors == other.successors
        and (one.durations == other.durations).all()
        and (one.demands == other.demands).all()
        and (one.capacities == other.capacities).all()
        and (one.projects == other.projects).all()
        and (one.releases == other.releases).all()
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_is_read(tmp_path: Path, seed: int) -> None:
    single, several = made.random_network(seed), made.random_network(seed, projects=3)
    assert _same(read_network(_write(tmp_path, made.as_sm(single), ".sm")), single)
    assert _same(read_network(_write(tmp_path, made.as_rcp(single), ".rcp")), single)
    assert _same(read_network(_write(tmp_path, made.as_rcmp(several), ".rcmp")), several)


def test_a_patterson_activity_may_go_over_lines(tmp_path: Path) -> None:
    network = made.random_network(3)
    head, *rest = made.as_rcp(network).split("\n", 2)
    words = " ".join(rest[1].split()).replace(" ", "\n", 7)
    assert _same(read_network(_write(tmp_path, f"{head}\n{rest[0]}\n{words}\n", ".rcp")), network)


BAD = [
    (".sm", SM.replace("jobs (incl. supersource/sink ):  6", "jobs (incl. supersource/sink ):  six"), 6, "whole numbers"),
    (".sm", SM.replace("nonrenewable              :  0", "nonrenewable              :  1"), 11, "used up"),
    (".sm", SM.replace("\n  2  1  ", "\n  2  3  ", 1), 20, "3 modes"),
    (".sm", SM.replace("\n  3  1  ", "\n  4  1  ", 1), 21, "job 3 is expected, not 4"),
    (".sm", SM.replace("6   6\n", "6\n"), None, "2 numbers are expected"),
    (".sm", SM[: SM.index("REQUESTS")], None, "may be cut off"),
    (".rcp", RCP[:20], None, "may be cut off"),
    (".rcp", RCP + "7\n", 9, "goes on after the last"),
    (".rcp", RCP.replace("6 2", "6 x", 1), 1, "whole numbers"),
    (".rcp", "2 1\n3\n1 4 1 2\n1 1 0\n", None, "needs 4 of resource 1, of which there are 3"),
    (".rcp", "2 1\n3\n1 1 1 2\n1 1 1 1\n", None, "in a circle"),
    (".rcp", "2 1\n3\n1 1 1 7\n1 1 0\n", 3, "job 7 is no job"),
    (".rcp", "0 0\n", None, "no activity"),
    (".rcp", "-1 2\n1 1\n", 1, "not between 0"),
    (".rcmp", RCMP.replace("1:2", "9:2", 1), 6, "'9:2' is no activity"),
    (".rcmp", "\n".join(RCMP.splitlines()[:7]), None, "may be cut off"),
    (".txt", RCP, None, "suffix"),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "text", "line", "said"), BAD, ids=[f"{b[0]} {b[3]}" for b in BAD])
def test_malformed_files_are_told_with_their_lines(
    tmp_path: Path, suffix: str, text: str, line: int | None, said: str
) -> None:
    path = _write(tmp_path, text, suffix)
    with pytest.raises(InputError) as refused:
        read_network(path)
    (problem,) = refused.value.problems
    assert said in f"{problem.rule} {problem.remedy}" and problem.file == str(path)
    if line is not None:
        assert problem.line == line, problem


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    suffix, text = data.draw(st.sampled_from([(".sm", SM), (".rcp", RCP), (".rcmp", RCMP)]))
    at = data.draw(st.integers(0, len(text) - 1))
    mutated = text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 5)) :]
    path = _write(tmp_path_factory.getbasetemp(), mutated, suffix)
    try:
        network = read_network(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert len(network.order) == network.num_activities


def test_a_folder_of_instances(tmp_path: Path) -> None:
    for name, text in (("b.sm", SM), ("a.rcp", RCP), ("notes.md", "none")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    networks, left_out = instances(tmp_path)
    assert [one.name for one in networks] == ["a", "b"] and left_out == []
    assert [one.name for one in instances(tmp_path, "b*")[0]] == ["b"]
    with pytest.raises(InputError, match="holds no"):
        instances(tmp_path, "c*")
    with pytest.raises(InputError, match="is no folder"):
        instances(tmp_path / "none")
    (tmp_path / "c.rcp").write_text("3 1\nx", encoding="utf-8")
    (tmp_path / "d.rcp").write_text("3 1\n4\n1 y", encoding="utf-8")
    networks, left_out = instances(tmp_path)
    assert [one.name for one in networks] == ["a", "b"]
    assert [(Path(one.file).name, one.line, one.severity) for one in left_out] == [
        ("c.rcp", 2, "warning"),
        ("d.rcp", 3, "warning"),
    ]
    assert all(one.rule.startswith("is not read: ") for one in left_out)
    with pytest.raises(InputError) as refused:
        instances(tmp_path, "[cd]*")
    assert [(one.line, one.severity) for one in refused.value.problems] == [(2, "error"), (3, "error")]


def test_what_is_known_and_not_read_is_named_while_the_others_are_read(tmp_path: Path) -> None:
    """Multi-mode and time-lag instances, and results of a solver that carry an instance's suffix."""
    results = "Project  End  Seconds\n" + "j301_1   43   0.2\n" * 400
    for name, text in (
        ("a.rcp", RCP), ("b.SM", SM), ("multi.mm", SM), ("lags.sch", "8 4 0 0\n"), ("skills.msrcp", "* Project Module *\n"),
        ("results.sm", results), ("table.rcp", "instance,end\n"), ("note.rcmp", "see paper\n"),
    ):  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    networks, left_out = instances(tmp_path)
    assert [one.name for one in networks] == ["a", "b"]
    reasons = {Path(problem.file).name: problem.rule for problem in left_out}
    assert set(reasons) == {
        "multi.mm", "lags.sch", "skills.msrcp", "results.sm", "table.rcp", "note.rcmp",
    }  # fmt: skip
    assert "multi-skilled" in reasons["skills.msrcp"]
    assert "multi-mode" in reasons["multi.mm"] and "time lags" in reasons["lags.sch"]
    assert all("is no instance" in reasons[name] for name in ("results.sm", "table.rcp", "note.rcmp"))
    assert all(problem.severity == "warning" for problem in left_out)
    document = phaseline.benchmark("psplib", tmp_path, seconds=0.2, repeatable=True)
    assert len(document["rows"]) == 2 and len(document["warnings"]) == 6
    with pytest.raises(InputError) as refused:
        instances(tmp_path, "*.mm")
    assert "holds no" in str(refused.value) and "multi-mode" in str(refused.value)


def test_due_dates_of_several_projects(tmp_path: Path) -> None:
    """MPLIB writes 'activities release' or 'activities release due' for each project."""
    network = replace(made.random_network(2, activities=3, projects=2), due_dates=(9, None))
    text = made.as_rcmp(network)
    read = read_network(_write(tmp_path, text, ".rcmp"))
    assert _same(read, network) and read.due_dates == (9, None)
    starts = read.heads().astype(np.int64)
    ends = [int((starts + read.durations)[read.projects == project].max()) for project in range(2)]
    assert read.tardiness(starts) == (max(0, ends[0] - 9), None)
    assert replace(read, due_dates=(0, ends[1])).tardiness(starts) == (ends[0], 0)
    assert read_network(_write(tmp_path, RCMP, ".rcmp")).due_dates == ()
    rows = phaseline.benchmark("psplib", tmp_path, seconds=0.2, repeatable=True, out=tmp_path / "rows.csv")[
        "rows"
    ]
    assert rows[0]["tardiness"] is None


def test_a_due_date_is_an_intended_end_of_the_scenario(tmp_path: Path) -> None:
    """What the engine calls the delay of a project is how much later than its due date it ends."""
    network = replace(made.random_network(5, activities=4, projects=2), due_dates=(3, 60))
    outcomes = phaseline.run(to_scenario(network), replications=4, store=tmp_path)
    for project, due in enumerate(network.due_dates):
        end = outcomes.column("only", f"end.p{project}")
        assert (outcomes.column("only", f"delay.p{project}") == end - due).all()


def test_late_projects_are_told(tmp_path: Path) -> None:
    network = replace(made.random_network(2, activities=3, projects=2), due_dates=(1, 999))
    _write(tmp_path, made.as_rcmp(network), ".rcmp")
    document = phaseline.benchmark(
        "psplib", tmp_path, seconds=0.2, repeatable=True, out=tmp_path / "rows.csv"
    )
    late, punctual = document["rows"][0]["tardiness"]
    assert late > 0 and punctual == 0
    text = " ".join((render_benchmark(document) or "").split())
    assert f"1 of 2, {late}" in text and "not the least tardy" in text
    assert f",{late} 0," in (tmp_path / "rows.csv").read_text(encoding="utf-8")


def test_drawn_durations_say_that_due_dates_are_not_looked_at(tmp_path: Path) -> None:
    networks = {"dated": (1, 999), "free": ()}
    for name, due in networks.items():
        network = replace(made.random_network(2, activities=3, projects=2), due_dates=due)
        (tmp_path / f"{name}.rcmp").write_text(made.as_rcmp(network), encoding="utf-8")
    options: dict[str, Any] = {"distribution": "U1", "budget": 1000, "replications": 4}
    document = phaseline.benchmark("psplib", tmp_path, **options)
    (warning,) = document["warnings"]
    assert "has due dates (dated)" in warning
    assert "has due dates (dated)" in " ".join((render_benchmark(document) or "").split())
    assert phaseline.benchmark("psplib", tmp_path, only="free*", **options)["warnings"] == []


def test_files_left_out_name_others_only_where_there_are_some(tmp_path: Path) -> None:
    (tmp_path / "m1.mm").write_text("a multi-mode project", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        instances(tmp_path)
    assert [problem.remedy for problem in refused.value.problems if problem.severity == "warning"] == [""]
    _write(tmp_path, made.as_rcmp(made.random_network(2, activities=3, projects=2)), ".rcmp")
    _, (left,) = instances(tmp_path)
    assert left.remedy == "the others are"


def test_best_known_ends(tmp_path: Path) -> None:
    path = tmp_path / "best.csv"
    path.write_text("file,best_known\nb.sm,12\nc,7\nd.sm,104..105\n", encoding="utf-8")
    assert read_best(path) == ({"b": (12, 12), "c": (7, 7), "d": (104, 105)}, [])
    path.write_text("file,best_known\nb.sm,twelve\nc,-7\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_best(path)
    assert [problem.line for problem in refused.value.problems] == [2, 3]
    path.write_text("name,end\n", encoding="utf-8")
    with pytest.raises(InputError, match="without the columns file, best_known"):
        read_best(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_best(tmp_path / "none.csv")


@pytest.mark.parametrize("cell", ["104..105", "104-105", "104 to 105", "104 \u2013 105"])
def test_a_best_known_range_is_its_upper_end_with_the_lower_one_kept(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "best.csv"
    path.write_text(f"file;best_known;by\nj1.sm;{cell};a\nj1;105..105;b\n", encoding="utf-8")
    with pytest.raises(InputError, match="stands in line 2 with another end"):
        read_best(path)
    path.write_text(f"file;best_known;by\nj1.sm;{cell};a\nj1;104..105;b\n", encoding="utf-8")
    best, warnings = read_best(path)
    assert (best["j1"].bound, best["j1"].end) == (104, 105)
    assert ["not read: by" in str(warnings[0]), warnings[1].line] == [True, 3]


@pytest.mark.parametrize(
    "cell", ["0", "-7", "twelve", "12.5", "105..104", "0..3", "12.345", "", "64...66", "64....66"]
)
def test_a_best_known_end_is_a_whole_number_above_0(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "best.csv"
    path.write_text(f"file,best_known\nj1.sm,{cell}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_best(path)
    assert [problem.line for problem in refused.value.problems] == [2]
    if "..." in cell:
        assert "write e.g. 104..105" in refused.value.problems[0].remedy


def test_rows_are_written_whole(tmp_path: Path) -> None:
    row = {"instance": "a", "activities": 3, "critical_path": 4, "gap": 0.5}
    for _ in range(2):
        write_rows(tmp_path / "rows.csv", [row, row | {"instance": "b", "gap": None}])
    assert (tmp_path / "rows.csv").read_text(
        encoding="utf-8"
    ) == "instance,activities,critical_path,gap\na,3,4,0.5\nb,3,4,\n"
    with pytest.raises(InputError, match="cannot be written"):
        write_rows(tmp_path / "none" / "rows.csv", [{"a": 1}])
    assert np.array([path.name for path in tmp_path.iterdir()]).tolist() == ["rows.csv"]


def test_rows_replace_no_foreign_file(tmp_path: Path) -> None:
    (tmp_path / "a.rcp").write_text(RCP, encoding="utf-8")
    foreign = tmp_path / "thesis.txt"
    for content in ("Chapter 1\n", ""):
        foreign.write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match="holds something else"):
            phaseline.benchmark("psplib", tmp_path, seconds=0.2, repeatable=True, out=foreign)
        assert foreign.read_text(encoding="utf-8") == content
    with pytest.raises(InputError, match="is a folder"):
        phaseline.benchmark("psplib", tmp_path, seconds=0.2, repeatable=True, out=tmp_path)
    for options in ({"distribution": "U1", "budget": 1000, "replications": 10}, {}):
        phaseline.benchmark(
            "psplib", tmp_path, seconds=0.2, repeatable=True, out=tmp_path / "rows.csv", **options
        )


def test_rows_of_the_table_that_match_no_instance_are_named(tmp_path: Path) -> None:
    """Names match whatever their capitals; what stands in the folder and is not run now is no fault of the table."""
    for name in ("One.RCP", "two.v1.rcp", "cut.rcp"):
        (tmp_path / name).write_text(RCP if name != "cut.rcp" else "3 1\n4\n", encoding="utf-8")
    (tmp_path / "best.csv").write_text(
        "file,best_known\none.rcp,7\nTWO.V1,8\ncut,9\nj301_1.sm,43\nj301_2,44\n", encoding="utf-8"
    )
    found = phaseline.benchmark(
        "psplib", tmp_path, best=tmp_path / "best.csv", seconds=0.2, repeatable=True, only="*[v1e].*"
    )
    assert {row["instance"]: row["best_known"] for row in found["rows"]} == {"One": 7, "two.v1": 8}
    assert len(found["warnings"]) == 1
    assert "called j301_1.sm, j301_2, so lines 5 to 6 of the table say nothing" in found["warnings"][0]
