"""How a file is written is found once: encoding, separator, quotes; what is no text is refused with a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from phaseline.errors import InputError
from phaseline.scenario.dialect import Dialect, read_records
from phaseline.scenario.rows import read_numbers

COLUMNS = ("day", "x", "y")


def read(path: Path) -> tuple[Dialect, list[list[str]], list[str]]:
    """Dialect, cells, and the text of each problem."""
    dialect, records, problems = read_records(path, lambda cell: cell in COLUMNS)
    return dialect, [record.cells for record in records], [str(problem) for problem in problems]


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_records(path, lambda cell: cell in COLUMNS)
    return str(error.value)


@pytest.mark.parametrize(("separator", "said"), [(",", []), (";", ["semicolons"]), ("\t", ["tabs"])])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_separator_and_encoding_are_found_and_said(
    tmp_path: Path, separator: str, said: list[str], encoding: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        separator.join(COLUMNS).encode(encoding) if not said else f"day{separator}x".encode(encoding)
    )
    dialect, cells, problems = read(path)
    assert dialect.separator == separator
    assert cells == [["day", "x", "y"] if not said else ["day", "x"]]
    assert problems == []
    expected = [*(["UTF-16"] if encoding == "utf-16" else ["UTF-32"] if encoding == "utf-32" else []), *said]
    assert len(dialect.notes) == len(expected)
    assert all(word in note for word, note in zip(expected, dialect.notes, strict=True))


def test_a_file_names_its_dialect(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    # as a spreadsheet saves it again: comment lines filled up with separators
    path.write_text(
        "# Numbers of the staff;;\n# decimal: comma;;\n# dates: Day/Month/Year;;\n#separator = semicolon\nday;x\n1;2\n"
    )
    dialect, cells, problems = read(path)
    assert (dialect.separator, dialect.decimal, dialect.dates) == (";", ",", "day/month/year")
    assert dialect.notes == []
    assert cells == [["day", "x"], ["1", "2"]]
    assert problems == []
    path.write_text("sep=;\nday;x\n")
    assert read(path)[1] == [["day", "x"]]
    path.write_text("# decimal: dot\n# dates: mixed\nday,x\n")
    _, _, problems = read(path)
    assert "point or comma" in problems[0].lower()
    assert "day/month/year" in problems[1].lower()
    assert ":2:" in problems[1]


@pytest.mark.parametrize(
    ("comment", "meant"),
    [
        ("# seperator: semicolon", "# separator: semicolon"),
        ("# separators = semicolons", "# separator: semicolon"),
        ("# decimals: coma", "# decimal: comma"),
        ("# date: day/month/year", "# dates: day/month/year"),
        ("# Dats: Month/Day/Year;;", "# dates: month/day/year"),
    ],
)
def test_a_misspelt_line_of_the_dialect_is_warned_of(tmp_path: Path, comment: str, meant: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{comment}\nday,x\n1,2\n")
    dialect, _, problems = read(path)
    assert problems == []
    (warning,) = dialect.warnings
    assert (warning.line, warning.severity, warning.remedy) == (1, "warning", f"did you mean '{meant}'?")
    (warning,) = read_numbers(_numbers(tmp_path, comment), "x").warnings
    assert warning.remedy == f"did you mean '{meant}'?"


def _numbers(folder: Path, comment: str) -> Path:
    path = folder / "n.csv"
    path.write_text(f"{comment}\nfleet [1]\n1\n2\n")
    return path


@pytest.mark.parametrize(
    "comment",
    ["# date: 2026-11-15", "# source: OCHA", "# separate: no", "# for people", "# decimal comma"],
)
def test_a_comment_for_people_is_not(tmp_path: Path, comment: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{comment}\nday,x\n1,2\n")
    assert read(path)[0].warnings == []


def test_comments_and_blank_rows_are_left_out_but_not_inside_quotes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('day,x\n# a remark, with "one quote\n\n,\n1,"two\n# lines"\n')
    _, cells, problems = read(path)
    assert cells == [["day", "x"], ["1", "two\n# lines"]]
    assert problems == []


def test_a_lost_quote_swallows_no_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('day,x\n1,"two\n2,three"\n3,"four\n4,5\n')
    _, cells, problems = read(path)
    assert cells == [["day", "x"]]
    assert "t.csv:2" in problems[0] and "rows of its own" in problems[0]
    assert "t.csv:4" in problems[1] and "never closed, up to line 5" in problems[1]
    path.write_text('day,x\n1,"two"x\n3,4\n')
    _, cells, problems = read(path)
    assert cells == [["day", "x"], ["3", "4"]]
    assert "t.csv:2" in problems[0] and "goes on after the quote" in problems[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04 and more", "save the sheet as csv"),
        (b"\xd0\xcf\x11\xe0 and more", "save the sheet as csv"),
        ("day,x\n1,2\n".encode("utf-16-le"), "utf-16 without the mark"),
        ("day,x\n1,2\n".encode("utf-16") + b"\x00", "is not utf-16 throughout"),
        ("day,x\n1,Müller\n".encode("cp1252"), "in windows-1252 it would say 'müller'"),
        (b"\n \n", "is empty"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert told in refusal(path).lower()


def test_what_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "no.csv")
    assert "cannot be read" in refusal(tmp_path)
    path = tmp_path / "t.csv"
    path.write_bytes(b"x" * 10_000_001)
    assert "larger than 10 MB" in refusal(path)
