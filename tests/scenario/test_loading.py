"""Files are data: what is not one safe mapping is refused with its line, before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from phaseline.errors import InputError
from phaseline.scenario.loading import MOST_BYTES, read_yaml


def refusal(content: bytes | str, folder: Path) -> str:
    """The one problem of a file with this content."""
    path = folder / "file.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    (problem,) = caught.value.problems
    assert problem.remedy
    return str(problem)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "".join(" " * i + f"k{i}:\n" for i in range(80)) + " " * 80 + "x: 1\n"

REFUSED = {
    "empty": ("", "is empty"),
    "blank": ("\n  \n", "is empty"),
    "only comments": ("# nothing\n", "must be a mapping"),
    "binary": (b"\x00\x01\x02", "binary"),
    "latin-1": ("title: caf\xe9".encode("latin-1"), "not UTF-8"),
    "a list": ("- a\n- b\n", "is a list"),
    "a word": ("hello\n", "single value"),
    "two documents": ("a: 1\n---\nb: 2\n", "more than one document"),
    "alias bomb": (BOMB, "anchors (&) and aliases (*) are refused"),
    "python tag": ("a: !!python/object/apply:os.system [echo]\n", "tags (!) are refused"),
    "own tag": ("a: !secret 3\n", "tags (!) are refused"),
    "deep by indentation": (DEEP, "nested deeper than 50"),
    "deep by brackets": ("a: " + "[" * 5000 + "]" * 5000, "nested deeper than 50"),
    "same key twice": ("a: 1\nb: 2\na: 3\n", "stands twice"),
    "not a number": ("a: .nan\n", "not a finite number"),
    "infinite": ("a: -.inf\n", "not a finite number"),
    "tab": ("a:\n\tb: 1\n", "cannot be read as YAML"),
    "open quote": ('a: "b\nc: 1\n', "cannot be read as YAML"),
    "open bracket": ("a: [1, 2\n", "cannot be read as YAML"),
    "list as key": ("? [a, b]\n: 1\n", "a key must be plain text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_files_are_refused(name: str, tmp_path: Path) -> None:
    content, words = REFUSED[name]
    assert words in refusal(content, tmp_path)


def test_the_line_is_that_of_the_fault(tmp_path: Path) -> None:
    assert "file.yaml:3:" in refusal("a: 1\nb: 2\na: 3\n", tmp_path)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="larger than 10 MB"):
        read_yaml(path)


def test_missing_files_and_directories_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("a: 1")
    with pytest.raises(InputError, match=r"id you mean 'scenario.yaml'"):
        read_yaml(tmp_path / "scenaro.yaml")
    with pytest.raises(InputError, match="is a directory"):
        read_yaml(tmp_path)


def test_yaml_1_2_scalars_and_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(
        "a: no\nb: 0x10\nc: 1_000\nd:\n  - 2.5\n  - null\n  - true\ne: 2016-10-26\nf: '12'\n",
        encoding="utf-8",
    )
    data, marks = read_yaml(path)
    assert data == {"a": "no", "b": 16, "c": 1000, "d": [2.5, None, True], "e": "2016-10-26", "f": "12"}
    assert marks.line(("d", 1))[0] == 6
    assert marks.line(("d", 1, "unknown"))[0] == 6
