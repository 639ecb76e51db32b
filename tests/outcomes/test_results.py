from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from outcomes import made
from phaseline.outcomes.results import Outcomes


def test_sizes(campaign: Outcomes) -> None:
    assert campaign.plans == ("both", "wait")
    assert (campaign.replications, campaign.worlds) == (1024, 256)
    assert campaign.world_of[[0, 3, 4, 1023]].tolist() == [0, 0, 1, 255]


def test_frozen(campaign: Outcomes) -> None:
    with pytest.raises(FrozenInstanceError):
        campaign.seed = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        campaign.column("both", "end")[0] = 1.0


def test_a_summary_is_the_callers_own(project: Outcomes) -> None:
    project.summary()["plans"].clear()
    assert set(project.summary()["plans"]) == {"only"}


def test_column_by_name(campaign: Outcomes) -> None:
    assert (campaign.column("both", "start.south") == 30).all()
    assert np.isnan(campaign.column("both", "end.south")).any()


def test_wrong_names_are_told_with_near_ones(campaign: Outcomes) -> None:
    with pytest.raises(KeyError, match=r"no column 'end.nort'; there is .*end.north"):
        campaign.column("both", "end.nort")
    with pytest.raises(KeyError, match="no plan 'bothe'; there is both"):
        campaign.column("bothe", "end")


def test_tables(campaign: Outcomes) -> None:
    table = campaign.table("wait")
    assert list(table.columns[:3]) == ["replication", "world", "start.north"]
    assert len(table.columns) == 2 + len(campaign.columns)
    np.testing.assert_array_equal(table["end.north"], campaign.column("wait", "end.north"))
    frame = campaign.frame()
    assert len(frame) == 2048 and frame["plan"].value_counts().to_dict() == {"both": 1024, "wait": 1024}
    assert frame.groupby("plan")["world"].max().tolist() == [255, 255]


def test_repr_tells_the_answer(campaign: Outcomes) -> None:
    text = repr(campaign)
    assert "Two towns, one squadron" in text and "2 plans x 1,024 replications in 256 worlds, seed 7" in text
    assert "Both at once: all done early Jul 2020" in text
    assert "first to bind: Strike aircraft in 70 % (67–73)" in text


def test_repr_html_escapes() -> None:
    data = {**made.PROJECT, "title": "A <b>bridge</b>"}
    text = made.outcomes_of(data, {"only": {}}, 8, days=60)._repr_html_()
    assert "A &lt;b&gt;bridge&lt;/b&gt;" in text and "As drawn" in text
    assert "beyond the horizon" in text


def test_bad_tables_are_refused(project: Outcomes) -> None:
    run = project.runs["only"]
    with pytest.raises(ValueError, match="columns"):
        replace(project, runs={"only": replace(run, table=run.table[:, :-1])})
    with pytest.raises(ValueError, match="at least one plan"):
        replace(project, runs={})
    with pytest.raises(ValueError, match="per_world"):
        replace(project, per_world=0)


def test_importing_costs_nothing() -> None:
    code = "import sys, phaseline.outcomes; print([m for m in ('numpy', 'scipy', 'pandas', 'pydantic') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_lazy_names() -> None:
    import phaseline.outcomes as package

    assert all(getattr(package, name) is not None for name in package.__all__)
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="nothing"):
        _ = package.nothing
