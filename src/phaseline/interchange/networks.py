"""Readers of public scheduling benchmarks: PSPLIB ``.sm``, Patterson ``.rcp``, multi-project ``.rcmp``.

Formats: Kolisch and Sprecher (1996), Eur. J. Oper. Res. 96:205 (PSPLIB); Patterson (1984), Manage. Sci. 30:854; Van Eynde
and Vanhoucke (2020), J. Sched. 23:355 (MPLIB). Files are data: everything that is wrong is told with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np

from phaseline.errors import InputError, Problem
from phaseline.scenario.network import Network
from phaseline.scenario.readable import counted

SUFFIXES = (".sm", ".rcp", ".rcmp")
NOT_READ = {
    ".mm": "it is a multi-mode project, and activities have one mode here",
    ".sch": "it is a project with minimal and maximal time lags (RCPSP/max), and lags are not read",
    ".msrcp": "it is a multi-skilled project, and resources have one skill here",
}
"""Suffixes of kinds of instance that are known and not read, with the reason."""
_BEGINS = {
    ".sm": re.compile(r"^\s*(file with basedata|jobs\s*\()", re.IGNORECASE | re.MULTILINE),
    ".rcp": re.compile(r"\A\s*\d+[ \t]+\d+[ \t]*$", re.MULTILINE),
    ".rcmp": re.compile(r"\A\s*\d+[ \t]*$", re.MULTILINE),
}
"""By what an instance of each kind is known, however faulty the rest."""
MOST_BYTES = 5_000_000
_LOOKED_AT = 4_000
_MOST = 1_000_000


def why_not_read(path: str | Path) -> str | None:
    """Why a file that looks like an instance by its name is not read as one; None where nothing speaks against it.

    Parameters
    ----------
    path
        A file; one that cannot be opened is left to `read_network`.
    """
    suffix = Path(path).suffix.lower()
    if suffix in NOT_READ:
        return NOT_READ[suffix]
    if suffix in _BEGINS:
        try:
            with Path(path).open(encoding="utf-8", errors="replace") as file:
                begin = file.read(_LOOKED_AT)
        except OSError:
            return None
        if not _BEGINS[suffix].search(begin):
            return f"it is no instance, though it is called *{suffix}"
    return None


def read_network(path: str | Path) -> Network:
    """Read an instance; the format goes by the file's suffix.

    Parameters
    ----------
    path
        File with one of `SUFFIXES`.

    Raises
    ------
    InputError
        If it cannot be read, is cut off, or contradicts itself; with the line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(Problem(str(path), rule=f"is larger than {MOST_BYTES / 1e6:g} MB"))
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(Problem(str(path), rule=f"cannot be read: {error.strerror or error}")) from error
    readers = {".sm": _read_sm, ".rcp": _read_rcp, ".rcmp": _read_rcmp}
    if path.suffix.lower() not in readers:
        rule = f"has a suffix that is not one of {', '.join(SUFFIXES)}"
        raise InputError(Problem(str(path), rule=rule))
    lines = _Lines(str(path), text)
    network = readers[path.suffix.lower()](lines, path.stem)
    _check(lines, network)
    return network


class _Lines:
    """The lines of a file that hold something, with their numbers."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines = [(i, line.strip()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
        self._at = 0
        self.line: int | None = None

    def next(self, wanted: str) -> str:
        """The next line.

        Raises
        ------
        InputError
            If the file ends here.
        """
        if self._at >= len(self._lines):
            self.line = None
            self.refuse(f"ends where {wanted} is expected", "the file may be cut off")
        self.line, text = self._lines[self._at]
        self._at += 1
        return text

    def numbers(self, wanted: str, count: int | None = None) -> list[int]:
        """Whole numbers of the next line, 0 to a million; so many, or any number of them."""
        return self.whole(self.next(wanted).split(), wanted, count)

    def whole(self, words: list[str], wanted: str, count: int | None = None) -> list[int]:
        """Words as whole numbers."""
        try:
            found = [int(word) for word in words]
        except ValueError:
            self.refuse(
                f"holds something else than whole numbers where {wanted} is expected", "", " ".join(words)
            )
        if any(not 0 <= number <= _MOST for number in found):
            self.refuse(f"a number of {wanted} is not between 0 and {_MOST:,}", "", " ".join(words))
        if count is not None and len(found) != count:
            verb = "is" if count == 1 else "are"
            self.refuse(
                f"{wanted}: {counted(count, 'number')} {verb} expected, not {len(found)}", "", " ".join(words)
            )
        return found

    def skip_to(self, start: str) -> str:
        """The next line that begins so, in any case."""
        while True:
            text = self.next(f"'{start}'")
            if text.lower().startswith(start.lower()):
                return text

    def words(self) -> Iterator[str]:
        """All words that are left, with the line kept up to date."""
        while self._at < len(self._lines):
            yield from self.next("a number").split()

    def refuse(self, rule: str, remedy: str = "", value: str = "") -> NoReturn:
        """Tell what is wrong in the current line."""
        raise InputError(Problem(self.file, self.line, value=value[:60], rule=rule, remedy=remedy))


def _read_sm(lines: _Lines, name: str) -> Network:
    count = _after_colon(lines, "jobs")
    lines.skip_to("RESOURCES")
    kinds = [_resource_count(lines, kind) for kind in ("renewable", "nonrenewable", "doubly")]
    if kinds[1] or kinds[2]:
        lines.refuse(
            "has resources that are used up", "single-mode instances with renewable resources are read"
        )
    lines.skip_to("PROJECT INFORMATION")
    lines.skip_to("pronr")
    release = lines.numbers("project number, jobs, release, due date, tardiness cost, MPM time", 6)[2]
    lines.skip_to("PRECEDENCE RELATIONS")
    lines.skip_to("jobnr")
    successors: list[tuple[int, ...]] = []
    for i in range(count):
        found = lines.numbers(f"the successors of job {i + 1}")
        if len(found) < 3:
            lines.refuse(f"the successors of job {i + 1}: job, modes and their number are expected first")
        job, modes, num, *after = found
        if job != i + 1:
            lines.refuse(f"job {i + 1} is expected, not {job}")
        if modes != 1:
            lines.refuse(f"job {job} has {modes} modes", "single-mode instances are read")
        if len(after) != num:
            lines.refuse(f"job {job} announces {counted(num, 'successor')} and lists {len(after)}")
        successors.append(tuple(_position(lines, one, count) for one in after))
    lines.skip_to("REQUESTS/DURATIONS")
    lines.skip_to("jobnr")
    durations, demands = [], []
    lines.next("a line of dashes")
    for i in range(count):
        job, _, duration, *wanted = lines.numbers(f"duration and demands of job {i + 1}", 3 + kinds[0])
        if job != i + 1:
            lines.refuse(f"job {i + 1} is expected, not {job}")
        durations.append(duration)
        demands.append(wanted)
    lines.skip_to("RESOURCEAVAILABILITIES")
    lines.next("the names of the resources")
    capacities = lines.numbers("the units of the resources", kinds[0])
    return _network(name, durations, successors, demands, capacities, [0] * count, [release])


def _after_colon(lines: _Lines, start: str) -> int:
    text = lines.skip_to(start)
    (number,) = lines.whole(text.rpartition(":")[2].split()[:1], f"the number of {start}", 1)
    return number


def _resource_count(lines: _Lines, kind: str) -> int:
    text = lines.next(f"the number of {kind} resources")
    if kind not in text.lower():
        lines.refuse(f"the number of {kind} resources is expected", "", text)
    return lines.whole(text.rpartition(":")[2].split()[:1], f"the number of {kind} resources", 1)[0]


def _position(lines: _Lines, job: int, count: int) -> int:
    if not 1 <= job <= count:
        lines.refuse(f"job {job} is no job of the file, which has {count}")
    return job - 1


def _read_rcp(lines: _Lines, name: str) -> Network:
    count, num_resources = lines.numbers("the number of activities and of resources", 2)
    capacities = lines.numbers("the units of the resources", num_resources) if num_resources else []
    words = lines.words()

    def number(wanted: str) -> int:
        word = next(words, None)
        if word is None:
            lines.line = None
            lines.refuse(f"ends where {wanted} is expected", "the file may be cut off")
        return lines.whole([word], wanted)[0]

    durations, demands, successors = [], [], []
    for i in range(count):
        durations.append(number(f"the duration of activity {i + 1}"))
        demands.append([number(f"the demands of activity {i + 1}") for _ in range(num_resources)])
        num = number(f"the number of successors of activity {i + 1}")
        after = [number(f"the successors of activity {i + 1}") for _ in range(num)]
        successors.append(tuple(_position(lines, one, count) for one in after))
    if (word := next(words, None)) is not None:
        lines.refuse("goes on after the last activity", "", word)
    return _network(name, durations, successors, demands, capacities, [0] * count, [0])


def _read_rcmp(lines: _Lines, name: str) -> Network:
    (num_projects,) = lines.numbers("the number of projects", 1)
    (num_resources,) = lines.numbers("the number of resources", 1)
    capacities = lines.numbers("the units of the resources", num_resources)
    durations: list[int] = []
    demands: list[list[int]] = []
    named: list[list[str]] = []
    projects: list[int] = []
    releases: list[int] = []
    due_dates: list[int | None] = []
    position: dict[str, int] = {}
    told: list[int | None] = []
    for project in range(1, num_projects + 1):
        wanted = f"activities, release and perhaps due date of project {project}"
        head = lines.numbers(wanted)
        if len(head) not in (2, 3):
            lines.refuse(f"{wanted}: 2 or 3 numbers are expected, not {len(head)}")
        count, release = head[:2]
        lines.next(f"the resources that project {project} uses")
        releases.append(release)
        due_dates.append(head[2] if len(head) == 3 else None)
        for activity in range(1, count + 1):
            wanted = f"activity {activity} of project {project}"
            line = lines.next(wanted).split()
            duration, *demand, num = lines.whole(line[: num_resources + 2], wanted, num_resources + 2)
            after = line[num_resources + 2 :]
            if len(after) != num:
                lines.refuse(f"{wanted} announces {num} successors and lists {len(after)}")
            position[f"{project}:{activity}"] = len(durations)
            durations.append(duration)
            demands.append(demand)
            named.append(after)
            projects.append(project - 1)
            told.append(lines.line)
    successors = []
    for after, line_number in zip(named, told, strict=True):
        lines.line = line_number
        for one in after:
            if one not in position:
                lines.refuse(f"'{one}' is no activity of the file", "a successor is written project:activity")
        successors.append(tuple(position[one] for one in after))
    return _network(name, durations, successors, demands, capacities, projects, releases, due_dates)


def _network(
    name: str,
    durations: list[int],
    successors: list[tuple[int, ...]],
    demands: list[list[int]],
    capacities: list[int],
    projects: list[int],
    releases: list[int],
    due_dates: list[int | None] | None = None,
) -> Network:
    return Network(
        name,
        np.array(durations, dtype=np.int64),
        tuple(successors),
        np.array(demands, dtype=np.int64).reshape(len(durations), len(capacities)),
        np.array(capacities, dtype=np.int64),
        np.array(projects, dtype=np.int64),
        np.array(releases, dtype=np.int64),
        () if due_dates is None or not any(due is not None for due in due_dates) else tuple(due_dates),
    )


def _check(lines: _Lines, network: Network) -> None:
    """What no single line shows: circles, and demands that can never be met."""
    lines.line = None
    if not network.num_activities:
        lines.refuse("has no activity")
    over = np.argwhere(network.demands > network.capacities)
    if len(over):
        i, k = (int(part) for part in over[0])
        lines.refuse(
            f"activity {i + 1} needs {network.demands[i, k]} of resource {k + 1}, of which there are {network.capacities[k]}"
        )
    try:
        network.order  # noqa: B018 - computing it is the check
    except ValueError as error:
        lines.refuse(str(error))
