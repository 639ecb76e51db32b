"""Files are data: what is not one safe mapping is refused with its line, before anything is built."""

from __future__ import annotations

import os
import random
import threading
from importlib import resources
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from phaseline.errors import InputError, Problem
from phaseline.scenario.check import load_scenario
from phaseline.scenario.loading import MOST_BYTES, read_yaml, validate
from phaseline.scenario.quantity import Length, Number


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
    "infinite, large letters": ("a: +.INF\n", "not a finite number"),
    "overflowing": ("a: 1e400\n", "not a finite number"),
    "endless": (f"a: {'9' * 5000}\n", "not a finite number"),
    "older YAML": ("%YAML 1.1\n---\na: no\n", "is not YAML 1.2"),
    "newer YAML": ("%YAML 2.0\n---\na: no\n", "cannot be read as YAML"),
    "control character": ("a: 1\nb: \x07\n", "file.yaml:2 -- holds the control character"),
    "half a character": ('a: "\\ud800"\n', "half a character"),
    "half a character in a key": ('"\\ud800": 1\n', "half a character"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "binary"),
    "bytes beyond UTF-8": (b"a: 1\nb: \xff\n", "(line 2)"),
    "one anchor": ("a: &x 1\n", "anchors (&)"),
    "a lone alias": ("a: *x\n", "aliases (*)"),
    "tag on a key": ("!!str a: 1\n", "tags (!) are refused"),
    "mapping as key": ("{a: 1}: 2\n", "must be plain text"),
    "deep by dashes": ("- " * 5000, "nested deeper than 50"),
    "deep by question marks": ("? " * 5000, "a key must be plain text"),
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


def test_numbers_follow_yaml_1_2_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    values = {
        "~": None, "null": None, "True": True, "FALSE": False, "yes": "yes", "on": "on", "1:30": "1:30",
        "010": 10, "0o17": 15, "0xFF": 255, "+1": 1, "-.5": -0.5, ".5e3": 500.0, "1E+5": 1e5, "1_000.5": 1000.5,
        "-_": "-_", "._": "._", "0x_": "0x_", "1__0": "1__0", "=": "=", "2001-01-01 10:00:00": "2001-01-01 10:00:00",
    }  # fmt: skip
    path.write_text("".join(f"k{i}: {text}\n" for i, text in enumerate(values)), encoding="utf-8")
    data, _ = read_yaml(path)
    assert list(data.values()) == list(values.values())
    assert [type(v) for v in data.values()] == [type(v) for v in values.values()]


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb:\r\n  c: 2\r\n")
    data, marks = read_yaml(path)
    assert data == {"a": 1, "b": {"c": 2}}
    assert marks.line(("b", "c")) == (3, 3)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_an_endless_device_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 10 MB"):
        read_yaml("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("a: 1\n",))
    writer.start()
    assert read_yaml(path)[0] == {"a": 1}
    writer.join()


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    depth: Length
    law: Literal["square", "linear"] = "square"


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    inner: dict[str, Inner] = {}
    more: list[Inner] = []
    either: float | list[float] = 0.0
    number: Number | None = None


def problems(text: str, folder: Path) -> dict[str, Problem]:
    """All problems of a text, by their path."""
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    data, marks = read_yaml(path)
    with pytest.raises(InputError) as caught:
        validate(Outer, data, marks, "file.yaml")
    found = {p.path: p for p in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    assert all(p.rule and p.remedy for p in caught.value.problems)
    return found


def test_all_problems_are_told_at_once_each_at_its_line(tmp_path: Path) -> None:
    text = """\
inner:
  a:
    depht: 8 km
    law: sqare
  b: {depth: 8}
more:
- depth: [1 km, x]
- 3
either: x
number: {low: 1, hgih: 2}
"""
    found = problems(text, tmp_path)
    assert {path: p.line for path, p in found.items()} == {
        "title": 1, "inner.a.depth": 2, "inner.a.depht": 3, "inner.a.law": 4, "inner.b.depth": 5, "more[0].depth[1]": 7,
        "more[1]": 8, "either": 9, "number.hgih": 10,
    }  # fmt: skip
    assert "did you mean 'depth'" in found["inner.a.depht"].remedy
    assert "did you mean 'square'" in found["inner.a.law"].remedy
    assert "write '8 km'" in found["inner.b.depth"].remedy
    assert found["more[0].depth[1]"].value == "x"


def test_what_a_file_holds_is_printed_safely(tmp_path: Path) -> None:
    (problem,) = problems('title: a\n"\\e[31mk": 1\n', tmp_path).values()
    assert str(problem).isprintable()


FOUNDING = resources.files("phaseline.cases").joinpath("mosul-raqqa-2016", "scenario.yaml").read_bytes()
TEMPLATE = resources.files("phaseline.scenario").joinpath("template.yaml").read_bytes()
PIECES = [
    b"", b":", b"- ", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!!x ", b"\t", b"\n", b'"', b"'", b"\0", b"\xff", b"$x", b".nan",
    b"-1", b"1e999", b"null", b"#", b"|", b">", b"%", b"? ", b"---\n", b"\\ud800", b"8 km", b"2016-11-15", b"[1, 2]", b"{}",
]  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_scenario_is_loaded_or_refused_never_a_crash(data: st.DataObject, tmp_path: Path) -> None:
    content = TEMPLATE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 12))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
        content = content[:start] + piece + content[start + length :]
    path = tmp_path / "damaged.yaml"
    path.write_bytes(content)
    try:
        load_scenario(path)
    except InputError as error:
        assert error.problems
        assert all(p.rule and p.remedy and str(p).replace("\n", "").isprintable() for p in error.problems)


def test_a_damaged_founding_case_is_loaded_or_refused(tmp_path: Path) -> None:
    luck = random.Random(0)
    path = tmp_path / "damaged.yaml"
    for _ in range(40):
        start = luck.randrange(len(FOUNDING))
        path.write_bytes(FOUNDING[:start] + luck.choice(PIECES) + FOUNDING[start + luck.randrange(8) :])
        try:
            load_scenario(path)
        except InputError as error:
            assert all(p.rule and p.remedy for p in error.problems)
