"""One reader for all tables: every dialect gives the same rows, and a mutated file gives rows or a refusal, losing no row."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import phaseline
from phaseline.errors import InputError, Problem
from phaseline.interchange.benchmarks import read_best
from phaseline.scenario.battles import read_battles
from phaseline.scenario.daily import read_days
from phaseline.scenario.ensembles import read_ensemble
from phaseline.scenario.followed import read_truth, read_voices
from phaseline.scenario.reports import read_reports
from phaseline.scenario.rows import Form, lines_of, read_rows, refusal
from phaseline.scenario.schema import Scenario

FORM = Form(
    ("when", "who", "many", "part"), ("note",), numbers=("many", "part"), example="2016-11-15,me,3,0.5"
)
ONCE = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a text."""

    def write(text: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "t.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def refused(path: Path, form: Form = FORM) -> list[str]:
    """Every problem with which a table is refused."""
    with pytest.raises(InputError) as error:
        if problems := read_rows(path, form).problems:
            raise refusal(problems)
    return [str(problem) for problem in error.value.problems]


HEAD = "when,who,many,part"


class TestHeader:
    """What was seen is said, and the right form shown once."""

    def test_case_blanks_and_a_trailing_empty_column_do_no_harm(self, file: Any) -> None:
        table = read_rows(file("When, WHO ,Many,PART,,\n2016-11-15,me,3,0.5\n2016-11-16,me,3,0.5,,\n"), FORM)
        assert table.header == ("when", "who", "many", "part")
        assert [row["who"] for row in table.rows] == ["me", "me"]
        assert table.warnings == []

    def test_a_cell_below_no_name_is_refused(self, file: Any) -> None:
        (told,) = refused(file(f"{HEAD},,note\n,me,,,lost,\n"))
        assert "lost" in told and "without a name" in told

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            (
                "year;R0;Rc\n1;2;3\n",
                ("separated by semicolons (year, R0, Rc)", "without the columns when, who"),
            ),
            ("a|b\n1|2\n", ("of one column (a|b)",)),
            ("2016-11-15,me,3,0.5\n", ("looks like data (2016-11-15, me, 3, 0.5)",)),
            ("# decimal: point\n", ("holds no table",)),
        ],
    )
    def test_another_table_is_one_problem_with_the_right_form(
        self, file: Any, text: str, parts: tuple[str, ...]
    ) -> None:
        (told,) = refused(file(text))
        for part in (*parts, "has the line when,who,many,part", "2016-11-15,me,3,0.5"):
            assert part in told

    def test_a_near_name_and_a_missing_column(self, file: Any) -> None:
        told = refused(file("when,who,many,prat\n,,1,\n"))
        assert "Did you mean 'part'" in told[0]
        assert "lacks the column part" in told[1]

    @pytest.mark.parametrize(
        ("row", "remedy"),
        [("a;b;c;d", "not by semicolons"), ("a,b,c,d,e", "in quotes"), ("a,b", "every cell")],
    )
    def test_a_row_of_another_length_is_told(self, file: Any, row: str, remedy: str) -> None:
        (told,) = refused(file(f"{HEAD}\n{row}\n"))
        assert remedy in told and "t.csv:2" in told

    def test_further_columns_are_named_where_they_may_stand(self, file: Any) -> None:
        form = Form(("when",), example="x", others=True)
        assert "not read: colour" in str(read_rows(file("when,colour\na,red\n"), form).warnings[0])

    def test_lines_are_listed_as_runs(self, file: Any) -> None:
        rows = read_rows(file(f"{HEAD}\n" + ",me,1,\n" * 6), FORM).rows
        assert lines_of([rows[0], rows[1], rows[2], rows[5]]) == "lines 2 to 4, 7"
        assert lines_of([rows[5]]) == "line 7"


# What people write in cells: the signs of every dialect, quotes, comments and letters of several scripts.
_TEXT = st.text(
    st.sampled_from("abzÄß\u0416\u4e2d ,;\t#'\"|.-19%") | st.characters(blacklist_categories=("C", "Z")),
    max_size=12,
).map(str.strip)
_ROW = st.tuples(
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), _TEXT, st.integers(0, 10**8),
    st.integers(0, 1000).map(lambda k: k / 1000),
)  # fmt: skip


def _number(value: float, decimal: str, thousands: str) -> str:
    whole, _, fraction = f"{value:,}".partition(".")
    return whole.replace(",", thousands) + (decimal + fraction if fraction and fraction != "0" else "")


@settings(max_examples=300, deadline=None, suppress_health_check=ONCE)
@given(
    rows=st.lists(_ROW, min_size=1, max_size=6),
    separator=st.sampled_from(",;\t"),
    decimal=st.sampled_from(".,"),
    grouped=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    case=st.sampled_from([str.lower, str.upper, str.title]),
    trailing=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    time=st.sampled_from(["", "T00:00:00", " 00:00"]),
    named=st.booleans(),
)
def test_every_dialect_gives_the_same_rows(
    tmp_path: Path, rows: list[tuple[dt.date, str, int, float]], separator: str, decimal: str, grouped: bool, encoding: str,
    case: Callable[[str], str], trailing: bool, quoting: int, ends: str, time: str, named: bool,
) -> None:  # fmt: skip
    other = "," if decimal == "." else "."
    # without a name, some number must show the sign: this one can be read in one way only
    rows = [*rows, (dt.date(2016, 11, 15), "last", 1, 0.5)]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=ends)  # type: ignore[arg-type]
    if named:
        stream.write(f"# decimal: {'point' if decimal == '.' else 'comma'}{ends}")
    extra = [""] if trailing else []
    writer.writerow([*map(case, ("when", "who", "many", "part")), *extra])
    for date, who, many, part in rows:
        count = _number(many, decimal, other if grouped else "")
        writer.writerow([f"{date}{time}", who, count, _number(part, decimal, ""), *extra])
    path = tmp_path / "t.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    table = read_rows(path, FORM)
    problems: list[Problem] = []
    found = [
        (row.date("when", problems), row["who"], row.amount("many", "persons", problems), row.amount("part", "share", problems))
        for row in table.rows
    ]  # fmt: skip
    assert problems == []
    assert found == [(date, who, float(many), pytest.approx(part)) for date, who, many, part in rows]


# Tables of every kind, right as they stand.
REPORTS = """date,operation,quantity,value_low,value_high,unit,source,speaker,published,note
2026-09-05,coast,progress,0.1,0.2,share,daily,press,2026-09-06,
2026-09-07,coast,displaced,500,600,persons,"daily, late",agency,2026-09-08,"said ""about"" it"
2026-09-10,valley,started,,,event,daily,press,2026-09-11,
2026-09-20,coast,progress,20,30,%,daily,press,2026-09-21,
2026-09-20,coast,morale,2,3,,daily,press,2026-09-21,
2026-08-20,coast,displaced,10,20,persons,daily,agency,2026-09-21,
2026-09-20,coast,progress,20,30,%,daily,press,2026-09-21,again
"""
TRUTH = """about,quantity,date,date_high,value_low,value_high,unit,source
coast,finished,2026-10-01,2026-10-05,,,event,a
coast,progress,2026-09-20,,20,30,%,"b, c"
coast,displaced,2026-09-20,,1000,1200,persons,b
"""
VOICES = """date,forecaster,about,quantity,date_low,date_high,statement,source
2026-09-05,a minister,coast,finished,2026-10-01,2026-10-11,"soon, he said",s
2026-09-06,the press,valley,started,2026-10-01,,never,s
"""
BATTLES = """battle,start,end,days,result,known_on,class,part_of,defenders_low,defenders_high,sealed_low,sealed_high,basis
A,2010-01-01,2010-01-11,10,unfinished,2010-01-11,city,,100,200,0.1,0.5,lookup
A,2010-01-01,2010-01-21,20,taken,2010-02-01,city,,100,200,10 %,50 %,lookup
A,2012-01-01,2012-01-11,10,taken,2012-01-11,city,,100,,,,lookup
B,2012-02-01,2012-02-11,10,taken,2012-02-11,city,C,100,,,,lookup
C,2012-02-01,2012-03-11,39,taken,2012-03-11,city,,100,,,,lookup
D,2012-02-01,2012-03-11,39,taken,2012-03-11,city,,100,,,,recall
"""
DAYS = "day,x,y,x_losses,y_losses,attacker\n" + "".join(
    f"{k},{100 - k},{50 - k},1,1,x\n" for k in range(1, 8)
)
BEST = "file,best_known,comment\na.sm,105,\nb.sm,104..105,open\nb,104..105,again\n"
ENSEMBLE = "# a remark\nfleet [1],ready [%]\n12,60\n14,70.5\n16,80\n"
KINDS = {
    "reports": REPORTS, "truth": TRUTH, "voices": VOICES, "battles": BATTLES, "days": DAYS, "best": BEST, "ensemble": ENSEMBLE,
}  # fmt: skip


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The template of `phaseline new`."""
    return phaseline.load(phaseline.new(tmp_path_factory.mktemp("new") / "new.yaml"))


def used(kind: str, path: Path, scenario: Scenario) -> tuple[int | set[int], list[Problem]]:
    """Lines of the rows that a reader used, or their number where it keeps no lines; and its warnings."""
    if kind == "reports":
        reports, warnings = read_reports(path, scenario)
        return {report.line for report in reports}, warnings
    if kind == "battles":
        battles, warnings = read_battles(path)
        return {battle.line for battle in battles}, warnings
    if kind == "truth":
        came, warnings = read_truth(path, scenario)
        return len(came), warnings
    if kind == "voices":
        voices, warnings = read_voices(path, scenario)
        return len(voices), warnings
    if kind == "days":
        days, warnings = read_days(path)
        return len(days.day), warnings
    if kind == "best":
        best, warnings = read_best(path)
        return len(best), warnings
    draws, warnings = read_ensemble(path, scenario)
    return len(next(iter(draws.values()))), warnings


_MUTATION = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 10_000), st.integers(1, 255)),
    st.tuples(st.just("swap"), st.integers(0, 100), st.integers(0, 100)),
    st.tuples(st.just("cut"), st.integers(0, 10_000), st.integers(1, 40)),
    st.tuples(st.just("drop"), st.integers(0, 100), st.just(0)),
    st.tuples(st.just("quote"), st.integers(0, 300), st.integers(0, 60)),
    st.tuples(st.just("double"), st.integers(0, 100), st.integers(0, 100)),
    st.tuples(
        st.just("put"),
        st.integers(0, 10_000),
        st.sampled_from(
            [b'"', b",", b";", b"\t", b"\n", b"\r", b"#", b"\0", b".", b"%", b"1.234", b'"2,5"', b"\xff\xfe", b"\xe4"]
        ),
    ),
)  # fmt: skip


def mutated(content: bytes, mutation: tuple[str, int, Any]) -> bytes:
    """Content after one accident."""
    how, at, what = mutation
    if how in ("flip", "cut", "put"):
        at %= len(content) or 1
        if how == "flip":
            return content[:at] + bytes(byte ^ what for byte in content[at : at + 1]) + content[at + 1 :]
        return content[:at] + what + content[at:] if how == "put" else content[:at] + content[at + what :]
    if how == "quote":  # at the beginning of a cell, and at the end of another further on
        begins = [i + 1 for i, byte in enumerate(content) if byte in b",\n"] or [0]
        begin = begins[at % len(begins)]
        ends = [i for i, byte in enumerate(content) if byte in b",\n" and i >= begin] or [len(content)]
        end = ends[what % len(ends)]
        return content[:begin] + b'"' + content[begin:end] + b'"' + content[end:]
    lines = content.split(b"\n")
    at %= len(lines)
    if how == "drop":
        return b"\n".join(lines[:at] + lines[at + 1 :])
    if how == "double":
        to = what % (len(lines) + 1)
        return b"\n".join([*lines[:to], lines[at], *lines[to:]])
    cells = lines[at].split(b",")
    first, second = what % len(cells), (what + 1) % len(cells)
    cells[first], cells[second] = cells[second], cells[first]
    return b"\n".join([*lines[:at], b",".join(cells), *lines[at + 1 :]])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=200, deadline=None, suppress_health_check=ONCE)
@given(mutations=st.lists(_MUTATION, max_size=3))
@example(mutations=[("quote", 1, 2)])
def test_a_mutated_file_is_refused_or_every_row_of_it_is_used_or_named(
    tmp_path: Path, scenario: Scenario, kind: str, mutations: list[tuple[str, int, Any]]
) -> None:
    content = KINDS[kind].encode()
    for mutation in mutations:
        content = mutated(content, mutation)
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    try:
        found, warnings = used(kind, path, scenario)
    except InputError as error:
        assert error.problems
        assert all(problem.file == str(path) and problem.rule for problem in error.problems)
        assert any(problem.severity == "error" for problem in error.problems)
        return
    rows = row_lines(content)
    named = {problem.line for problem in warnings if problem.path}
    if isinstance(found, set):
        assert rows <= found | named
    elif kind == "days":
        assert len(rows) - 1 <= found <= len(rows)  # the last day may only end the one before
    else:
        assert len(rows - named) <= found


def row_lines(content: bytes) -> set[int]:
    """Lines below the header that by themselves look like a row: found here without the reader."""
    lines = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = [
        (i, line) for i, line in enumerate(lines, 1) if line.strip(',;\t "') and not line.startswith("#")
    ]
    assume(plain)
    separator = max(",;\t", key=plain[0][1].count)
    width = len(next(csv.reader([plain[0][1]], delimiter=separator)))
    return {i for i, line in plain[1:] if len(next(csv.reader([line], delimiter=separator))) >= width}


@pytest.mark.parametrize("kind", KINDS)
def test_the_unmutated_files_are_read(tmp_path: Path, scenario: Scenario, kind: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(KINDS[kind], encoding="utf-8")
    found, warnings = used(kind, path, scenario)
    expected: dict[str, int | set[int]] = {
        "reports": {2, 3, 4, 5}, "truth": 3, "voices": 2, "battles": {3, 4, 5}, "days": 7, "best": 2, "ensemble": 3,
    }  # fmt: skip
    assert found == expected[kind]
    lines = {"reports": [6, 7, 8], "battles": [2, 6, 7], "best": [1, 4]}.get(kind, [])
    assert sorted(problem.line or 0 for problem in warnings) == lines
