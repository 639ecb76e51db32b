"""The run store: finished replications by the question they answer, so that nothing is simulated twice.

One folder per question, one file per block of replications. A block is written beside its final name, flushed, and
renamed, so whatever bears the name is whole; a checksum catches what happens to it later. Daily series are kept only
where they were asked for: once they are, the block is simulated again and replaced by one that has them. Processes that
share the store can at worst do and write the same twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from phaseline.errors import StoreError
from phaseline.execution.blocks import BLOCK, Block, DamagedBlockError, decode, encode

_FORMAT = 2
"""Since 2 blocks may lack daily series, which a reader of 1 would take for a run without any."""
_DESCRIPTION = "run.json"
_FILE_NAME = re.compile(r"block-(\d{6})(?:\.(\d{4}))?\.bin")
_STALE_SECONDS = 3600.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """Everything that fixes the bits of the replications of one plan, apart from their number.

    Attributes
    ----------
    engine, model, plan
        Fingerprints of the engine's sources (what is recorded included) and of the compiled forms.
    seed, per_world
        Seed, and replications per world.
    """

    engine: str
    model: str
    plan: str
    seed: int
    per_world: int

    @property
    def key(self) -> str:
        """Hash of all fields and of the format of the store."""
        text = json.dumps({"format": _FORMAT, **asdict(self)}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True)
class StoredRunInfo:
    """One line of the listing of the store.

    Attributes
    ----------
    key
        Hash of the question.
    replications
        Replications held, whole blocks and the largest part of another.
    size
        Bytes on disk.
    description
        What `RunStore.open` was told: scenario, plan, seed and the like.
    """

    key: str
    replications: int
    size: int
    description: Mapping[str, Any]


@dataclass
class StoredRun:
    """The blocks of one question.

    Attributes
    ----------
    folder
        Where they lie.
    problems
        What went wrong with the store so far, in words for the user; the run goes on without it.
    """

    key: str
    folder: Path
    description: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)
    _writable: bool = True

    def read(self, index: int, count: int, *, series: bool = False) -> Block | None:
        """The most of the first `count` replications of a block that is stored, or None.

        With `series`, daily series are read too, and blocks without them are passed over. So is a damaged file, which is
        reported.
        """
        for held in self._held(index, count, series):
            path = self._path(index, held)
            try:
                block = decode(path.read_bytes(), self.key, index, series=series)
            except FileNotFoundError:
                continue
            except (DamagedBlockError, OSError) as error:
                self._report(f"the stored block {path} cannot be used ({error}); it is simulated again")
                continue
            if series and block.histogram is None:
                continue
            return Block(block.outcomes[:count], block.histogram, block.sums)
        return None

    def write(self, index: int, block: Block) -> None:
        """Keep a block; where the store cannot be written, say so once and go on."""
        if not self._writable:
            return
        try:
            self._describe()
            _write_whole(self._path(index, block.count), encode(block, self.key, index))
        except OSError as error:
            self._writable = False
            self._report(f"results are not kept: the store cannot be written ({error})")

    def _held(self, index: int, count: int, series: bool) -> Iterator[int]:
        """Sizes under which the block may be stored, best first."""
        # Series are sums over the block, which cannot be cut; rows can.
        if count == BLOCK or not series:
            yield BLOCK
        try:
            names = [path.name for path in self.folder.glob(f"block-{index:06d}.*.bin")]
        except OSError:
            return
        parts = [int(found[2]) for name in names if (found := _FILE_NAME.fullmatch(name)) and found[2]]
        yield from sorted((size for size in parts if size <= count), reverse=True)

    def _path(self, index: int, count: int) -> Path:
        part = "" if count == BLOCK else f".{count:04d}"
        return self.folder / f"block-{index:06d}{part}.bin"

    def _describe(self) -> None:
        path = self.folder / _DESCRIPTION
        if path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        text = json.dumps({**self.description, "created": created}, indent=1, ensure_ascii=False)
        _write_whole(path, text.encode())

    def _report(self, text: str) -> None:
        logger.warning(text)
        self.problems.append(text)


class RunStore:
    """A folder of runs.

    Parameters
    ----------
    folder
        Where it lies; default the environment's ``PHASELINE_STORE``, else the user's data folder.

    Raises
    ------
    StoreError
        If the place is taken by something that is not a folder.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder) if folder is not None else _default_folder()
        if self.folder.exists() and not self.folder.is_dir():
            raise StoreError(f"the run store {self.folder} is not a folder; set PHASELINE_STORE to one")

    def open(self, question: Question, description: Mapping[str, Any]) -> StoredRun:
        """The blocks of a question, stored or to be stored.

        Parameters
        ----------
        question
            What fixes the bits.
        description
            Plain values for the listing; they do not enter the key.
        """
        run = StoredRun(question.key, self._runs_folder / question.key, description)
        _remove_stale(run.folder)
        return run

    def runs(self) -> list[StoredRunInfo]:
        """What is stored, newest first; reads names and sizes, no results."""
        if not self._runs_folder.is_dir():
            return []
        found = [_info(folder) for folder in self._runs_folder.iterdir() if (folder / _DESCRIPTION).is_file()]
        return sorted(
            found, key=lambda info: (str(info.description.get("created", "")), info.key), reverse=True
        )

    @property
    def _runs_folder(self) -> Path:
        return self.folder / "runs"


def _default_folder() -> Path:
    if named := os.environ.get("PHASELINE_STORE"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("phaseline", appauthor=False)


def _info(folder: Path) -> StoredRunInfo:
    whole, part, size = 0, 0, 0
    for found, path in _block_files(folder):
        size += path.stat().st_size
        if found[2]:
            part = max(part, int(found[2]))
        else:
            whole += 1
    try:
        description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        description = {}
    return StoredRunInfo(folder.name, whole * BLOCK + part, size, description)


def _block_files(folder: Path) -> Iterator[tuple[re.Match[str], Path]]:
    for path in folder.iterdir():
        if found := _FILE_NAME.fullmatch(path.name):
            yield found, path


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that its name never bears a part of it."""
    beside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _remove_stale(folder: Path) -> None:
    """Remove what killed processes left behind; younger files may belong to a process at work."""
    try:
        for path in folder.glob("*.tmp"):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink(missing_ok=True)
    except OSError as error:
        logger.debug("the store cannot be cleaned: %s", error)
