"""Every example of docs/tables.md is read by the reader of its section, and every column that a reader knows stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import phaseline
from phaseline.errors import Problem
from phaseline.interchange.benchmarks import BEST, read_best
from phaseline.scenario import battles, daily, followed, reports
from phaseline.scenario.ensembles import read_ensemble
from phaseline.scenario.rows import Form
from phaseline.scenario.schema import Scenario

TEXT = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
SECTIONS = {section.split("\n", 1)[0]: section for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]}
Reader = Callable[[Path, Scenario], tuple[Any, list[Problem]]]
READERS: dict[str, tuple[Reader, Form | None]] = {
    "What every table has in common": (reports.read_reports, None),
    "Reports": (reports.read_reports, reports.FORM),
    "What followed": (followed.read_truth, followed.TRUTH),
    "What others foretold": (followed.read_voices, followed.VOICES),
    "Earlier battles": (lambda path, _: battles.read_battles(path), battles.FORM),
    "Days of a battle": (lambda path, _: daily.read_days(path), daily.FORM),
    "Best known ends": (lambda path, _: read_best(path), BEST),
    "Joint draws": (read_ensemble, None),
}
FORMS = {name: (reader, form) for name, (reader, form) in READERS.items() if form is not None}
EXAMPLES = [
    pytest.param(name, text, id=f"{name} {k}")
    for name, section in SECTIONS.items()
    for k, text in enumerate(re.findall(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
]


@pytest.fixture(scope="module")
def case() -> Scenario:
    """The founding case, which the examples are about."""
    return phaseline.load("mosul-raqqa-2016")


def test_every_section_has_a_reader_and_an_example() -> None:
    assert set(SECTIONS) == set(READERS)
    assert {example.values[0] for example in EXAMPLES} == set(READERS)


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_every_example_is_read(tmp_path: Path, case: Scenario, name: str, text: str) -> None:
    path = tmp_path / "example.csv"
    path.write_text(text, encoding="utf-8")
    rows, warnings = READERS[name][0](path, case)
    found = 0
    for part in rows.values() if isinstance(rows, dict) else [rows]:
        found += len(getattr(part, "day", part))
    assert found >= 1
    said = [str(warning) for warning in warnings]
    if "2,5" in text and "# decimal" not in text:
        assert "2,5" in said[0] and "52.242 is 52242" in said[0] and len(said) == 1
    else:
        assert said == []


@pytest.mark.parametrize("name", FORMS)
def test_every_column_is_described(name: str) -> None:
    form = FORMS[name][1]
    words = set(
        re.findall(r"`([^`]+)`", re.sub(r"^```text\n.*?^```$", "", SECTIONS[name], flags=re.M | re.S))
    )
    for column in (*form.required, *form.optional):
        assert column in words or re.sub("_(low|high)$", "", column) in words, column


@pytest.mark.parametrize("name", FORMS)
def test_the_form_that_a_refusal_shows_is_right(tmp_path: Path, case: Scenario, name: str) -> None:
    reader, form = FORMS[name]
    rows = [form.example]
    if form is daily.FORM:
        rows = [form.example.replace("1,", f"{k},", 1) for k in range(1, 6)]
    path = tmp_path / "example.csv"
    path.write_text("\n".join([form.header, *rows]), encoding="utf-8")
    found, warnings = reader(path, case)
    assert found and warnings == []


@pytest.mark.parametrize("quantity", reports.QUANTITIES)
def test_every_quantity_of_a_report_is_described(quantity: str) -> None:
    assert f"`{quantity}`" in SECTIONS["Reports"]
