"""The decimal sign is found once for the file, from all its numbers, or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseline.errors import InputError, Problem
from phaseline.scenario.rows import Form, Table, read_rows, refusal

FORM = Form(("when", "who", "many", "part"), numbers=("many", "part"), example="2016-11-15,me,3,0.5")
HEAD = FORM.header


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a text."""

    def write(text: str) -> Path:
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path: Path) -> list[str]:
    """Every problem with which a table is refused."""
    with pytest.raises(InputError) as error:
        if problems := read_rows(path, FORM).problems:
            raise refusal(problems)
    return [str(problem) for problem in error.value.problems]


def amounts(table: Table) -> list[tuple[float | None, float | None]]:
    problems: list[Problem] = []
    found = [
        (row.amount("many", "persons", problems), row.amount("part", "share", problems)) for row in table.rows
    ]
    assert problems == []
    return found


def test_the_whole_table_shows_the_decimal_sign(file: Any) -> None:
    table = read_rows(file("when;who;many;part\n;;52.242;2,5 %\n;;1.234.567;0\n"), FORM)
    assert amounts(table) == [(52242.0, pytest.approx(0.025)), (1234567.0, 0.0)]
    (warning,) = map(str, table.warnings)
    for part in ("semicolons", "line 2: 2,5 %", "1.234.567 is 1234567"):
        assert part in warning


def test_a_point_elsewhere_makes_a_comma_a_thousands_sign(file: Any) -> None:
    table = read_rows(file(f'{HEAD}\n,,"52,242",0.5\n'), FORM)
    assert amounts(table) == [(52242.0, 0.5)]
    assert "52,242 is 52242" in str(table.warnings[0])


def test_what_one_number_decides_for_another_is_said(file: Any) -> None:
    """The last row alone says that 24.000 is no twenty-four thousand."""
    table = read_rows(file("when;who;many;part\n;;24.000;0\n;;21.6;0\n"), FORM)
    (warning,) = map(str, table.warnings)
    assert "a point is the decimal sign, as in line 3: 21.6, so that 24.000 in line 2 is 24." in warning
    table = read_rows(file('when;who;many;part\n;;"24,000";0\n;;"21,6";0\n'), FORM)
    assert "a comma is the decimal sign, as in line 3: 21,6, so that 24,000 in line 2 is 24." in str(
        table.warnings[0]
    )
    assert read_rows(file(f"{HEAD}\n,,21.6,0\n,,24.5,0\n"), FORM).warnings == []


def test_what_nothing_shows_is_refused_with_both_readings(file: Any) -> None:
    (told,) = refused(file(f"{HEAD}\n,,52.242,\n,,7,\n"))
    for part in ("t.csv:2", "52.242", "52242", "# decimal: point", "# decimal: comma"):
        assert part in told


def test_a_table_that_does_not_agree_is_refused_where_it_does_not(file: Any) -> None:
    (told,) = refused(file(f'{HEAD}\n,,1,0.5\n,,2,0.25\n,,3,"0,75"\n'))
    for part in ("t.csv:4", "0,75", "0.5 in line 2", "Write 0.75"):
        assert part in told


def test_a_named_sign_goes_first(file: Any) -> None:
    table = read_rows(file(f"# decimal: comma\n{HEAD}\n,,52.242,1\n"), FORM)
    assert amounts(table) == [(52242.0, 1.0)]
    assert table.warnings == []
    (told,) = refused(file(f"# decimal: comma\n{HEAD}\n,,1,0.5\n"))
    assert "comma as decimal sign, which the file names" in told


def test_a_person_is_no_fraction(file: Any) -> None:
    table = read_rows(file(f"{HEAD}\n,,52.242,0.5\n,,2.5,0.5\n"), FORM)
    problems: list[Problem] = []
    assert [row.amount("many", "persons", problems) for row in table.rows] == [None, None]
    first, second = map(str, problems)
    assert "52.242" in first and "Write 52242 if that is meant" in first and "thousands sign" in first
    assert "thousands" not in second


def test_rows_that_are_not_wanted_show_it_only_where_the_wanted_do_not(file: Any) -> None:
    unclear = file(f'{HEAD}\na,,"52,242",\nb,,1,0.5\n')
    table = read_rows(unclear, FORM, lambda row: row["when"] == "a")
    assert table.rows[0].amount("many", "persons", []) == 52242.0
    table = read_rows(file(f'{HEAD}\na,,3,0.5\nb,,1,"0,5"\n'), FORM, lambda row: row["when"] == "a")
    assert table.rows[0].amount("part", "share", []) == 0.5
    assert [row["when"] for row in table.left_out] == ["b"]


def test_the_remedy_is_in_the_table_s_own_way(file: Any) -> None:
    (told,) = refused(file("when;who;many;part\n;;1;0,5\n;;2;0,25\n;;3;0.75\n"))
    assert "Write 0,75" in told and "0,5 in line 2" in told
