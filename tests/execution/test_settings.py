"""Options of a run: bounds, rounding to whole worlds, fixed sizes for the precision."""

from __future__ import annotations

from typing import Any

import pytest

from phaseline import InputError
from phaseline.execution.settings import RunSettings


def test_defaults() -> None:
    settings = RunSettings()
    assert (settings.most, settings.sizes, settings.notes) == (10_000, [10_000], [])
    assert settings.num_threads >= 1
    assert RunSettings(precision=0.01).most == 1_000_000


BAD: list[dict[str, Any]] = [
    {"replications": 0},
    {"replications": 10_000_001},
    {"replications": 10.5},
    {"replications": True},
    {"replications": "many"},
    {"seed": -1},
    {"seed": 2**63},
    {"per_world": 1},
    {"threads": 0},
    {"precision": 0.0},
    {"precision": 1.0},
    {"precision": float("nan")},
    {"precision": "fine"},
]


@pytest.mark.parametrize("options", BAD, ids=str)
def test_what_is_out_of_bounds_is_refused_by_name(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(InputError) as refused:
        RunSettings(**options)
    (problem,) = refused.value.problems
    assert problem.path == name
    assert problem.rule
    assert problem.remedy


def test_all_broken_rules_are_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        RunSettings(replications=0, precision=3.0, seed=-1, per_world=0, threads=-2)
    assert {p.path for p in refused.value.problems} == {
        "replications",
        "precision",
        "seed",
        "per_world",
        "threads",
    }


def test_bounds_themselves_are_allowed() -> None:
    RunSettings(replications=1, seed=0, per_world=2, threads=1)
    RunSettings(replications=10_000_000, seed=2**63 - 1)


def test_replications_are_rounded_up_to_whole_worlds_with_a_note() -> None:
    settings = RunSettings(replications=10, per_world=4)
    assert settings.most == 12
    assert "12" in settings.notes[0]
    assert RunSettings(replications=12, per_world=4).notes == []
    assert RunSettings(per_world=3).most == 10_002
    assert RunSettings(per_world=3).notes == []


def test_the_precision_is_looked_at_at_fixed_sizes() -> None:
    assert RunSettings(precision=0.1, replications=5000).sizes == [1024, 2048, 4096, 5000]
    assert RunSettings(precision=0.1, replications=2048).sizes == [1024, 2048]
    assert RunSettings(precision=0.1, replications=600).sizes == [600]
    assert RunSettings(precision=0.1, replications=3000, per_world=3).sizes == [1026, 2049, 3000]


def test_threads_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHASELINE_THREADS", "3")
    assert RunSettings().num_threads == 3
    assert RunSettings(threads=1).num_threads == 1
    for wrong in ("0", "-1", "all", "1.5"):
        monkeypatch.setenv("PHASELINE_THREADS", wrong)
        with pytest.raises(InputError, match="PHASELINE_THREADS"):
            RunSettings()
    monkeypatch.setenv("PHASELINE_THREADS", "")
    assert RunSettings().num_threads >= 1
