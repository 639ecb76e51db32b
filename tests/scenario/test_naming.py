"""One way to call a number: what is listed can be typed back wherever a number is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import phaseline
from phaseline.errors import InputError, format_path
from phaseline.execution.worlds import with_numbers, world_values
from phaseline.scenario.case_files import load_reference
from phaseline.scenario.changes import changed
from phaseline.scenario.distributions import Fixed
from phaseline.scenario.ensembles import ensemble_text, read_ensemble, with_ensembles
from phaseline.scenario.naming import number_name, written_numbers
from phaseline.scenario.nearness import nearest_place
from phaseline.scenario.schema import Ensemble, Scenario

CASE = "mosul-raqqa-2016"


@pytest.fixture(scope="module")
def case() -> Scenario:
    return phaseline.load(CASE)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (("numbers", "fleet"), "fleet"),
        (("contributions", 1, "count"), "contributions.1.count"),
        ("contributions[1].count", "contributions.1.count"),
        ("contributions.1.count", "contributions.1.count"),
        ("numbers.fleet", "fleet"),
        ("fleet ", "fleet"),
        ("operations.a.phases.b.people[3][1]", "operations.a.phases.b.people.3.1"),
        (("plans", "go", "gates", "valley.supply", "at_least"), "plans.go.gates.valley.supply.at_least"),
        ("plans.go.gates.'valley.supply'.at_least", "plans.go.gates.valley.supply.at_least"),
    ],
)
def test_every_spelling_is_the_same_name(place: str | tuple[str | int, ...], name: str) -> None:
    assert number_name(place) == name


def test_what_is_listed_names_its_number(case: Scenario) -> None:
    """Name and path of every entry reach the number, and no other."""
    written = written_numbers(case)
    for entry in phaseline.numbers(case):
        assert written[entry["name"]].label == entry["label"]
        for spelling in (entry["name"], entry["path"]):
            one = changed(
                case, {spelling: lambda quantity: quantity.__class__(quantity.dimension, Fixed(0.125))}
            )
            turned = {
                name for name, quantity in written_numbers(one).items() if quantity.dist != written[name].dist
            }
            assert turned == {entry["name"]}, spelling


def test_every_number_that_worlds_draw_is_listed(case: Scenario) -> None:
    listed = {entry["name"] for entry in phaseline.numbers(case) if entry["kind"] == "ignorance"}
    assert set(world_values(case, 1, 2).names) <= listed


def test_a_number_may_be_called_in_both_spellings_by_fixed_values(case: Scenario) -> None:
    assert with_numbers(case, {"contributions[1].count": 7.0}) == with_numbers(
        case, {"contributions.1.count": 7.0}
    )


@pytest.mark.parametrize("name", ["contributions[1].count", "contributions.1.count"])
def test_an_ensemble_may_be_headed_by_what_is_listed(case: Scenario, tmp_path: Path, name: str) -> None:
    (tmp_path / "draws.csv").write_text(ensemble_text([name], ["count"], np.array([[6.0], [8.0]])))
    assert read_ensemble(tmp_path / "draws.csv", case)[0]["contributions.1.count"].tolist() == [6.0, 8.0]
    with_it = case.model_copy(update={"ensembles": {"draws": Ensemble(file="draws.csv", assumed="made up")}})
    assert with_ensembles(with_it, tmp_path)[0].contributions[1].count.dist.support() == (6.0, 8.0)


def test_a_reference_file_may_name_any_number(case: Scenario, tmp_path: Path) -> None:
    from phaseline.cases import case_path

    text = (case_path(CASE).parent / "reference.yaml").read_text()
    entry = next(
        e
        for e in phaseline.numbers(case)
        if not e["path"].startswith("numbers.") and e["kind"] == "ignorance"
    )
    file = tmp_path / "reference.yaml"
    file.write_text(text.replace("tempo: city_tempo", f'tempo: "{entry["path"]}"'))
    assert load_reference(file, case).numbers["tempo"] == entry["name"]
    file.write_text(text.replace("tempo: city_tempo", "tempo: nothing.of.that"))
    with pytest.raises(InputError, match="no such number"):
        load_reference(file, case)


@pytest.mark.parametrize(
    ("over", "rule"),
    [
        ("contributions[1].count", "is a single value and has no range"),
        ("nothing", "there is no such number"),
        ("halt_length", "there is no such number"),
    ],
)
def test_what_has_no_range_says_why(case: Scenario, over: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        phaseline.when(case, "raqqa.assault", against="mosul.progress", over=over)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("operations.coast.phases.supply.duration", "operations.coast.phases.supply.tempo"),
        ("operations.coast.phases.suply.tempo", "operations.coast.phases.supply.tempo"),
        ("operations.coast.depth", "operations.coast.phases.supply.tempo"),
        ("operations.valey.phases.supply.tempo", "operations.valley.phases.supply.tempo"),
        ("operations.harbour.phases.supply.duration", None),
        ("contributions.2.count", "contributions.1.count"),
        ("contributions.1.sustained", "contributions.1.count"),
        ("flet", "fleet"),
        ("zzz", None),
    ],
)
def test_the_nearest_number_is_one_of_the_same_part(name: str, meant: str | None) -> None:
    known = [
        "fleet",
        "contributions.1.count",
        *(f"operations.{o}.phases.supply.tempo" for o in ("valley", "coast")),
    ]
    assert nearest_place(name, known) == meant


def test_paths_are_written_as_problems_write_them() -> None:
    assert number_name(format_path(("contributions", 4, "count"))) == "contributions.4.count"
