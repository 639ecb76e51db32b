"""Bundled cases: each a folder named by its id, with ``scenario.yaml`` and the data it cites."""

from __future__ import annotations

import re
from pathlib import Path

_HERE = Path(__file__).parent
_FILE = "scenario.yaml"
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_HEAD_CHARACTERS = 4000


def case_ids() -> list[str]:
    """Ids of the bundled cases, in order."""
    return sorted(folder.name for folder in _HERE.iterdir() if (folder / _FILE).is_file())


def case_path(case_id: str) -> Path:
    """Scenario file of a bundled case.

    Raises
    ------
    KeyError
        If there is no such case.
    """
    if case_id not in case_ids():
        raise KeyError(case_id)
    return _HERE / case_id / _FILE


def case_title(case_id: str) -> str:
    """Title of a bundled case, read from the head of its file without checking the rest."""
    with case_path(case_id).open(encoding="utf-8") as file:
        found = _TITLE.search(file.read(_HEAD_CHARACTERS))
    return found[1].strip("\"'") if found else case_id
