from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr

from outcomes import made
from phaseline.errors import InputError
from phaseline.outcomes import files, tables_on_disk
from phaseline.outcomes.results import Outcomes, WorldNumbers
from phaseline.outcomes.schema import summary_schema


@pytest.fixture
def folder(tmp_path: Path, campaign: Outcomes) -> Path:
    return files.write(campaign, tmp_path / "deep" / "result")


def refused(error: pytest.ExceptionInfo[InputError]) -> str:
    (problem,) = error.value.problems
    assert problem.rule and problem.remedy
    return str(problem)


class TestContent:
    def test_four_files_and_nothing_beside(self, folder: Path) -> None:
        names = {"run.json", "summary.json", "replications.parquet", "series.nc"}
        assert {path.name for path in folder.iterdir()} == names
        assert [path.name for path in folder.parent.iterdir()] == ["result"]

    def test_run_record(self, folder: Path, campaign: Outcomes) -> None:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert record["format"] == "phaseline-run/1"
        assert (record["seed"], record["replications"], record["per_world"]) == (7, 1024, 4)
        assert record["plans"]["both"]["fingerprint"] == "hash-both"
        assert record["scenario_fingerprint"] == "hash-scenario"
        assert record["warnings"] == ["a made-up warning"]

    def test_run_info_is_added(self, tmp_path: Path, project: Outcomes) -> None:
        files.write(
            project, tmp_path / "x", {"command": "phaseline run x", "reused": np.int64(3), "format": "no"}
        )
        record = json.loads((tmp_path / "x" / "run.json").read_text(encoding="utf-8"))
        assert (record["command"], record["reused"], record["format"]) == ("phaseline run x", 3, files.FORMAT)
        assert record["versions"]["numpy"] == np.__version__

    def test_summary(self, folder: Path, campaign: Outcomes) -> None:
        import jsonschema

        stored = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        assert stored == campaign.summary()
        jsonschema.validate(stored, summary_schema())

    def test_replications(self, folder: Path, campaign: Outcomes) -> None:
        table = pq.read_table(folder / "replications.parquet")
        frame = table.to_pandas()
        assert list(frame.columns[:4]) == ["plan", "replication", "world", "start.north"]
        assert frame["plan"].tolist() == ["both"] * 1024 + ["wait"] * 1024
        assert frame["world"].tolist() == (np.arange(1024) // 4).tolist() * 2
        assert set(frame["status.south"]) == {"done", "failed", "unfinished"}
        assert set(frame["status.north.town"]) == {"done"}
        first = campaign.column("wait", "first_binding")
        expected = [("jets", "drones", None)[int(code)] for code in first]
        assert table.column("first_binding").to_pylist()[1024:] == expected
        assert frame["end.south"].isna().sum() == sum(
            np.isnan(campaign.column(p, "end.south")).sum() for p in campaign.plans
        )
        assert np.isinf(frame["peak_strain.jets"]).any()

    def test_columns_carry_unit_and_meaning(self, folder: Path) -> None:
        field = pq.read_schema(folder / "replications.parquet").field("end.north")
        assert field.metadata[b"unit"] == b"day" and b"last phase" in field.metadata[b"meaning"]

    def test_series(self, folder: Path, campaign: Outcomes) -> None:
        with xr.open_dataset(folder / "series.nc", engine="h5netcdf") as stored:
            xr.testing.assert_identical(stored.load(), campaign.series())
        with xr.open_dataset(folder / "series.nc", engine="h5netcdf", group="histories") as stored:
            assert stored["event_text"].values[1] == "jets: overstretched; strain 1.25"
            assert float(stored["series"].sel(plan="both", record="strain.jets", day=100)[0]) == 0.5


class TestSameBytes:
    def test_same_histories_same_bytes(self, tmp_path: Path, campaign: Outcomes) -> None:
        digests = set()
        for name, info in (("a", {}), ("b", {"seconds": 3.0})):
            outcomes = replace(campaign, info=info)
            folder = files.write(outcomes, tmp_path / name)
            digests.add(hashlib.sha256((folder / "replications.parquet").read_bytes()).hexdigest())
        assert len(digests) == 1

    def test_layout_of_the_array_in_memory_does_not_matter(self, tmp_path: Path, project: Outcomes) -> None:
        run = project.runs["only"]
        other = replace(project, runs={"only": replace(run, table=np.asfortranarray(run.table))})
        for name, outcomes in (("c", project), ("f", other)):
            tables_on_disk.write_replications(outcomes, tmp_path / name)
        assert (tmp_path / "c").read_bytes() == (tmp_path / "f").read_bytes()

    def test_row_groups_are_fixed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, campaign: Outcomes
    ) -> None:
        monkeypatch.setattr(tables_on_disk, "ROW_GROUP", 400)
        tables_on_disk.write_replications(campaign, tmp_path / "x")
        metadata = pq.ParquetFile(tmp_path / "x").metadata
        rows = [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)]
        assert rows == [400, 400, 224] * 2
        assert tables_on_disk.read_replications(tmp_path / "x", campaign.scenario, 1024, ["both", "wait"]).keys() == {
            "both", "wait",
        }  # fmt: skip


class TestRead:
    @pytest.mark.parametrize("name", ["campaign", "project", "duel"])
    def test_round_trip(self, name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        outcomes: Outcomes = request.getfixturevalue(name)
        files.write(outcomes, tmp_path / "x")
        found = files.read(tmp_path / "x")
        assert found.scenario == outcomes.scenario
        assert (found.seed, found.per_world, found.plans) == (
            outcomes.seed,
            outcomes.per_world,
            outcomes.plans,
        )
        for plan, run in outcomes.runs.items():
            np.testing.assert_array_equal(found.runs[plan].table, run.table)
            assert (found.runs[plan].title, found.runs[plan].fingerprint) == (run.title, run.fingerprint)
            (sample,), (expected,) = found.runs[plan].samples, run.samples
            assert sample.events == expected.events and sample.replication == expected.replication
            np.testing.assert_array_equal(sample.series, expected.series)
            np.testing.assert_array_equal(sample.outcomes, expected.outcomes)
        xr.testing.assert_identical(found.series(), outcomes.series())
        assert found.summary() == outcomes.summary()

    def test_written_again_it_is_the_same(self, folder: Path, tmp_path: Path) -> None:
        again = files.write(files.read(folder), tmp_path / "again")
        for name in ("replications.parquet", "summary.json"):
            assert (again / name).read_bytes() == (folder / name).read_bytes()
        assert files.read(again).runs["both"].samples[0].events

    def test_without_series_and_samples(self, tmp_path: Path, project: Outcomes) -> None:
        bare = {plan: replace(run, daily=None, samples=()) for plan, run in project.runs.items()}
        files.write(replace(project, runs=bare), tmp_path / "x")
        found = files.read(tmp_path / "x")
        assert found.runs["only"].samples == ()
        with pytest.raises(LookupError):
            found.series()

    def test_history_without_events(self, tmp_path: Path, project: Outcomes) -> None:
        run = project.runs["only"]
        quiet = replace(run, samples=(replace(run.samples[0], events=()),))
        files.write(replace(project, runs={"only": quiet}), tmp_path / "x")
        assert files.read(tmp_path / "x").runs["only"].samples[0].events == ()

    def test_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as error:
            files.read(tmp_path / "nowhere")
        assert "does not exist" in refused(error)

    def test_foreign_folder(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as error:
            files.read(tmp_path)
        assert "has no run.json" in refused(error)

    @pytest.mark.parametrize(
        "text", ["{", "[]", '{"format": "phaseline-run/9"}', '{"format": "phaseline-run/1"}', ""]
    )
    def test_bad_record(self, folder: Path, text: str) -> None:
        (folder / "run.json").write_text(text)
        with pytest.raises(InputError) as error:
            files.read(folder)
        assert "run.json" in refused(error)

    @pytest.mark.parametrize("name", ["summary.json", "replications.parquet", "series.nc"])
    def test_missing_file(self, folder: Path, name: str) -> None:
        (folder / name).unlink()
        with pytest.raises(InputError) as error:
            files.read(folder)
        assert name in refused(error) and "is missing" in refused(error)

    @pytest.mark.parametrize("name", ["replications.parquet", "series.nc"])
    def test_cut_off(self, folder: Path, name: str) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(InputError) as error:
            files.read(folder)
        assert "is cut off" in refused(error)

    def test_changed(self, folder: Path) -> None:
        content = bytearray((folder / "series.nc").read_bytes())
        content[len(content) // 2] ^= 1
        (folder / "series.nc").write_bytes(bytes(content))
        with pytest.raises(InputError) as error:
            files.read(folder)
        assert "was changed" in refused(error)

    def test_files_of_another_run(self, folder: Path, tmp_path: Path, project: Outcomes) -> None:
        """Digests are made to fit, the content does not."""
        other = files.write(project, tmp_path / "other")
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        record["files"]["replications.parquet"] = files._digest(other / "replications.parquet")
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "replications.parquet").write_bytes((other / "replications.parquet").read_bytes())
        with pytest.raises(InputError) as error:
            files.read(folder)
        assert "do not fit together" in refused(error)


class TestTarget:
    def test_earlier_result_is_replaced(self, folder: Path, project: Outcomes) -> None:
        (folder / "comparison.json").write_text("{}")
        (folder / ".DS_Store").write_text("")
        files.write(project, folder)
        assert files.read(folder).plans == ("only",)
        assert not (folder / "comparison.json").exists()
        assert [path.name for path in folder.parent.iterdir()] == ["result"]

    def test_empty_folder_is_taken(self, tmp_path: Path, project: Outcomes) -> None:
        (tmp_path / "x").mkdir()
        files.write(project, tmp_path / "x")
        assert files.read(tmp_path / "x").plans == ("only",)

    @pytest.mark.parametrize("content", [{"notes.txt": "mine"}, {"run.json": "{}"}, {"run.json": "not json"}])
    def test_foreign_content_is_refused(
        self, tmp_path: Path, project: Outcomes, content: dict[str, str]
    ) -> None:
        for name, text in content.items():
            (tmp_path / name).write_text(text)
        with pytest.raises(InputError) as error:
            files.write(project, tmp_path)
        assert "is not touched" in refused(error)
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == content

    def test_notes_in_a_result_are_not_lost(self, folder: Path, project: Outcomes) -> None:
        (folder / "notes.txt").write_text("mine")
        with pytest.raises(InputError) as error:
            files.write(project, folder)
        assert "notes.txt" in refused(error)
        assert files.read(folder).plans == ("both", "wait")

    def test_file_is_refused(self, tmp_path: Path, project: Outcomes) -> None:
        (tmp_path / "x").write_text("")
        with pytest.raises(InputError, match="is a file"):
            files.write(project, tmp_path / "x")
        with pytest.raises(InputError, match="cannot be written"):
            files.write(project, tmp_path / "x" / "y")

    def test_current_folder_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "inner").mkdir()
        monkeypatch.chdir(tmp_path / "inner")
        for place in (".", "..", tmp_path):
            with pytest.raises(InputError, match="the folder you are in"):
                files.check_target(place)

    def test_link_keeps_pointing(self, folder: Path, tmp_path: Path, project: Outcomes) -> None:
        (tmp_path / "link").symlink_to(folder)
        files.write(project, tmp_path / "link")
        assert (tmp_path / "link").is_symlink() and files.read(folder).plans == ("only",)

    def test_failure_leaves_the_earlier_result(
        self, folder: Path, project: Outcomes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(tables_on_disk, "write_series", fails)
        with pytest.raises(InputError, match="No space left"):
            files.write(project, folder)
        assert files.read(folder).plans == ("both", "wait")
        assert [path.name for path in folder.parent.iterdir()] == ["result"]

    @pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt])
    def test_failure_while_changing_places(
        self, folder: Path, project: Outcomes, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
    ) -> None:
        rename = Path.rename

        def fails(self: Path, target: Path) -> Path:
            if ".new-" in self.name:
                raise kind("stopped")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fails)
        with pytest.raises((InputError, KeyboardInterrupt)):
            files.write(project, folder)
        monkeypatch.undo()
        assert files.read(folder).plans == ("both", "wait")
        assert [path.name for path in folder.parent.iterdir()] == ["result"]

    @pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
    def test_others_may_read(self, folder: Path) -> None:
        umask = os.umask(0)
        os.umask(umask)
        assert folder.stat().st_mode & 0o777 == 0o777 & ~umask


def test_scenario_without_assets(tmp_path: Path, duel: Outcomes) -> None:
    files.write(duel, tmp_path / "x")
    table = pq.read_table(tmp_path / "x" / "replications.parquet")
    assert table.column("first_binding").null_count == 1000
    assert made.DUEL["title"] == files.read(tmp_path / "x").scenario.title


class TestNumbersOfTheWorlds:
    """``numbers.parquet``."""

    @pytest.fixture
    def known(self, project: Outcomes) -> Outcomes:
        values = np.arange(2.0 * project.worlds).reshape(project.worlds, 2)
        numbers = WorldNumbers(
            ("depth", "contributions.4.count"), ("depth of town", "jets: count"), ("km", "count"), values
        )
        return replace(project, drawn=lambda: numbers)

    def test_one_row_per_world_with_units(self, known: Outcomes, tmp_path: Path) -> None:
        folder = files.write(known, tmp_path / "x")
        table = pq.read_table(folder / "numbers.parquet")
        assert table.column_names == ["world", "depth", "contributions.4.count"]
        assert table.num_rows == known.worlds
        assert table.schema.field("depth").metadata == {b"unit": b"km", b"meaning": b"depth of town"}
        pd.testing.assert_frame_equal(files.read(folder).numbers(), known.numbers())
        again = files.write(files.read(folder), tmp_path / "again")
        assert (again / "numbers.parquet").read_bytes() == (folder / "numbers.parquet").read_bytes()

    def test_a_changed_file_is_refused(self, known: Outcomes, tmp_path: Path) -> None:
        folder = files.write(known, tmp_path / "x")
        (folder / "numbers.parquet").write_bytes(b"something")
        with pytest.raises(InputError, match=r"numbers\.parquet"):
            files.read(folder)

    def test_results_without_it_are_read(self, project: Outcomes, tmp_path: Path) -> None:
        folder = files.write(project, tmp_path / "x")
        assert not (folder / "numbers.parquet").exists()
        with pytest.raises(LookupError, match="run it again"):
            files.read(folder).numbers()
