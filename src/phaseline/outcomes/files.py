"""A result on disk: ``run.json``, ``summary.json``, ``replications.parquet``, ``numbers.parquet``, ``series.nc`` in a folder.

The folder is built beside its place and then put there at once, so that nobody ever sees half a result.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.errors import InputError, Problem

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes, PlanRun

FORMAT = "phaseline-run/1"
RUN, SUMMARY, REPLICATIONS, SERIES = "run.json", "summary.json", "replications.parquet", "series.nc"
NUMBERS = "numbers.parquet"
"""Left out where the numbers of the worlds are not known, as in results of earlier versions."""
DATA_FILES = (SUMMARY, REPLICATIONS, NUMBERS, SERIES)
ANALYSES = ("comparison.json", "claims.json", "drivers.json", "ledger.json", "traces.json", "when.json")
OWN_FILES = frozenset({RUN, *DATA_FILES, *ANALYSES, "report.html", "when.svg"})
"""What the verbs write into a result's folder; anything else in it is foreign."""
_SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_PACKAGES = ("phaseline", "numpy", "numba", "pyarrow", "xarray", "h5netcdf")
_CHUNK = 1 << 20


def check_target(directory: str | os.PathLike[str]) -> Path:
    """Refuse a place for results that holds something else, before time is spent on simulating.

    Parameters
    ----------
    directory
        Where the result is to go: nothing, an empty folder, or an earlier result.

    Returns
    -------
    Path
        The folder, with links resolved.

    Raises
    ------
    InputError
        If it is a file, the current folder, or holds foreign content.
    """
    target = Path(directory).resolve()
    remedy = "name a folder that does not exist yet"
    if target == Path.cwd() or target in Path.cwd().parents:
        raise _problem(
            directory, "is the folder you are in, which cannot be replaced", "name a folder inside it"
        )
    if not target.exists():
        return target
    if not target.is_dir():
        raise _problem(directory, "is a file, and the result is a folder", remedy)
    names = {entry.name for entry in target.iterdir()} - _SYSTEM_FILES
    if not names:
        return target
    if RUN not in names or _format_of(target / RUN) != FORMAT:
        raise _problem(
            directory, "holds something that is not a result of Phaseline, and is not touched", remedy
        )
    if foreign := sorted(names - OWN_FILES):
        rule = f"is an earlier result, but also holds {', '.join(foreign[:3])}{', ...' * (len(foreign) > 3)}"
        raise _problem(
            directory, rule, f"move {'that' if len(foreign) == 1 else 'those'} elsewhere, or {remedy}"
        )
    return target


def write(
    outcomes: Outcomes,
    directory: str | os.PathLike[str],
    run_info: Mapping[str, Any] | None = None,
    documents: Mapping[str, Mapping[str, Any]] | None = None,
) -> Path:
    """Write a result; an earlier result in the same place is replaced at once.

    Parameters
    ----------
    outcomes
        What to write.
    directory
        Its folder.
    run_info
        Further entries of ``run.json``, for example the command; they win over `Outcomes.info`.
    documents
        What other verbs found out about it, by file name, of `ANALYSES`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the place holds something else, or cannot be written.
    """
    from phaseline.outcomes.tables_on_disk import write_numbers, write_replications, write_series

    target = check_target(directory)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target, "new") as fresh:
            fresh.mkdir()
            _write_json(fresh / SUMMARY, outcomes.summary(shared=True))
            write_replications(outcomes, fresh / REPLICATIONS)
            if outcomes.drawn is not None:
                write_numbers(outcomes.drawn(), fresh / NUMBERS)
            write_series(outcomes, fresh / SERIES)
            for name, document in (documents or {}).items():
                _write_json(fresh / name, document)
            files = {name: _digest(fresh / name) for name in DATA_FILES if (fresh / name).exists()}
            _write_json(fresh / RUN, _run_record(outcomes, {**outcomes.info, **(run_info or {})}, files))
            _replace(fresh, target)
    except OSError as error:
        raise _problem(
            directory, f"cannot be written: {error.strerror or error}", "choose another folder"
        ) from error
    return target


def check_documents_target(directory: str | os.PathLike[str], own: Collection[str]) -> Path:
    """As `check_target`, for a folder of a few documents of which none is a run.

    Parameters
    ----------
    directory
        Where they are to go: nothing, an empty folder, or one that holds only such documents.
    own
        Their file names.

    Raises
    ------
    InputError
        If it is a file, or holds anything else.
    """
    target = Path(directory).resolve()
    remedy = "name a folder that does not exist yet"
    if target.exists() and not target.is_dir():
        raise _problem(directory, "is a file, and the result is a folder", remedy)
    names = {entry.name for entry in target.iterdir()} if target.exists() else set()
    if foreign := sorted(names - _SYSTEM_FILES - set(own)):
        raise _problem(directory, f"holds {', '.join(foreign[:3])}, which is not of this verb", remedy)
    return target


def write_documents(
    directory: str | os.PathLike[str], documents: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str]
) -> Path:
    """Write documents as JSON and texts as they are, each whole or not at all.

    Parameters
    ----------
    directory
        As of `check_documents_target`.
    documents, texts
        By file name.

    Raises
    ------
    InputError
        If the place holds something else, or cannot be written.
    """
    target = check_documents_target(directory, {*documents, *texts})
    try:
        target.mkdir(parents=True, exist_ok=True)
        with _beside(target, "new") as fresh:
            fresh.mkdir()
            for name, document in documents.items():
                _write_json(fresh / name, document)
            for name, text in texts.items():
                (fresh / name).write_text(text, encoding="utf-8")
            for name in (*documents, *texts):
                (fresh / name).replace(target / name)
    except OSError as error:
        raise _problem(
            directory, f"cannot be written: {error.strerror or error}", "choose another folder"
        ) from error
    return target


def read(directory: str | os.PathLike[str]) -> Outcomes:
    """Read a result back, with every history; daily series come as mean and quantiles, without their histograms.

    Parameters
    ----------
    directory
        Folder that `write` made.

    Raises
    ------
    InputError
        If it is no result of this version, or a file in it is missing, cut off or changed.
    """
    from phaseline.outcomes.results import Outcomes
    from phaseline.outcomes.stored_scenario import from_plain
    from phaseline.outcomes.tables_on_disk import read_numbers

    folder = Path(directory)
    record = _read_record(folder)
    try:
        known = record["files"]
        for name in DATA_FILES:
            if name in known or name != NUMBERS:
                _check_file(folder, name, known[name])
        scenario = from_plain(record["scenario"])
        runs, stored_series = _read_runs(folder, record, scenario)
        fixed = _run_record_keys()
        info = {key: value for key, value in record.items() if key not in fixed}
        return Outcomes(
            scenario,
            record["scenario_fingerprint"],
            record["seed"],
            record["per_world"],
            runs,
            info,
            stored_series,
            partial(read_numbers, folder / NUMBERS, record["worlds"]) if NUMBERS in known else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _problem(folder, f"its files do not fit together ({error})", "run it again") from error


def _read_runs(folder: Path, record: Mapping[str, Any], scenario: Any) -> tuple[dict[str, PlanRun], Any]:
    from phaseline.outcomes.results import PlanRun
    from phaseline.outcomes.stored_scenario import plan_from_plain
    from phaseline.outcomes.tables_on_disk import read_replications, read_series

    tables = read_replications(folder / REPLICATIONS, scenario, record["replications"], list(record["plans"]))
    stored_series, samples = read_series(folder / SERIES, scenario, tables)
    runs = {
        plan: PlanRun(
            plan=plan,
            title=entry["title"],
            fingerprint=entry["fingerprint"],
            table=tables[plan],
            series_count=entry["series_count"],
            samples=samples.get(plan, ()),
            certain=frozenset(entry.get("certain", ())),
            content=plan_from_plain(entry["content"]) if "content" in entry else None,
        )
        for plan, entry in record["plans"].items()
    }
    return runs, stored_series


def _run_record(outcomes: Outcomes, info: Mapping[str, Any], files: Mapping[str, Any]) -> dict[str, Any]:
    from phaseline.outcomes.stored_scenario import plan_to_plain, to_plain

    fixed = {
        "format": FORMAT,
        "title": outcomes.scenario.title,
        "scenario_fingerprint": outcomes.scenario_fingerprint,
        "plans": {
            plan: {"title": run.title, "fingerprint": run.fingerprint, "series_count": run.series_count,
                   "certain": sorted(run.certain),
                   **({} if run.content is None else {"content": plan_to_plain(run.content)})}
            for plan, run in outcomes.runs.items()
        },
        "seed": outcomes.seed,
        "replications": outcomes.replications,
        "per_world": outcomes.per_world,
        "worlds": outcomes.worlds,
    }  # fmt: skip
    rest = {
        "versions": _versions(),
        "off": dict(outcomes.scenario.off),
        **{key: value for key, value in info.items() if key not in _run_record_keys()},
    }
    return {**fixed, **rest, "files": files, "scenario": to_plain(outcomes.scenario)}


def _run_record_keys() -> frozenset[str]:
    """Entries of ``run.json`` that are not information about the run."""
    return frozenset(
        {
            "format", "title", "scenario_fingerprint", "plans", "seed", "replications", "per_world", "worlds", "files",
            "scenario",
        }
    )  # fmt: skip


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _read_record(folder: Path) -> dict[str, Any]:
    remedy = "name a folder that '--out' has written"
    if not folder.is_dir():
        raise _problem(folder, "is not a folder" if folder.exists() else "does not exist", remedy)
    if not (folder / RUN).is_file():
        raise _problem(folder, f"has no {RUN}, so it is not a result of Phaseline", remedy)
    try:
        record = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _problem(folder / RUN, f"cannot be read ({error})", "run it again") from error
    found = record.get("format") if isinstance(record, dict) else None
    if found != FORMAT:
        rule = (
            f"has the format {found!r}, and this version reads '{FORMAT}'"
            if found
            else "is not a result of Phaseline"
        )
        raise _problem(folder / RUN, rule, remedy)
    needed = _run_record_keys() - record.keys()
    if needed:
        raise _problem(folder / RUN, f"lacks {', '.join(sorted(needed))}", "run it again")
    return dict(record)


def _check_file(folder: Path, name: str, expected: Mapping[str, Any]) -> None:
    path, remedy = folder / name, "run it again, or copy the whole folder once more"
    if not path.is_file():
        raise _problem(path, "is missing from the result", remedy)
    size = path.stat().st_size
    if size < expected["bytes"]:
        raise _problem(path, f"is cut off: {size:,} of {expected['bytes']:,} bytes are there", remedy)
    if _digest(path) != expected:
        raise _problem(path, "was changed after the run", remedy)


def _format_of(path: Path) -> str | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record.get("format") if isinstance(record, dict) else None


def _digest(path: Path) -> dict[str, Any]:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": found.hexdigest()}


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def _name_beside(target: Path, what: str) -> Path:
    return target.parent / f".{target.name}.{what}-{uuid.uuid4().hex[:8]}"


@contextmanager
def _beside(target: Path, what: str) -> Iterator[Path]:
    """A path beside the target that is gone afterwards, whatever happens."""
    path = _name_beside(target, what)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _replace(fresh: Path, target: Path) -> None:
    """Put the new folder in the place of the old one."""
    if not target.exists():
        fresh.rename(target)
        return
    old = _name_beside(target, "old")
    target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        if not target.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _problem(place: str | os.PathLike[str], rule: str, remedy: str) -> InputError:
    return InputError(Problem(file=os.fspath(place), rule=rule, remedy=remedy))
