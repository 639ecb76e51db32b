"""Reading YAML 1.2 safely, with the line of everything, and telling what is wrong with it.

Files are data: nothing in them is executed, tags are refused, and so are anchors and aliases (with which a small file
can stand for a huge one). Size, encoding and depth are checked before anything is built.
"""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from phaseline.errors import InputError, Problem, format_path
from phaseline.scenario.nearness import nearest

MOST_BYTES = 10_000_000
MOST_DEPTH = 50
MOST_DIGITS = 400

# YAML 1.2 core schema (section 10.3.2), and _ between digits. An own table, because the parser's resolver changes
# with a %YAML line in the file.
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_BASED = re.compile(r"0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_WHOLE = re.compile(rf"[-+]?{_DIGITS}")
_DECIMAL = re.compile(rf"[-+]?(?:\.{_DIGITS}|{_DIGITS}(?:\.(?:{_DIGITS})?)?)(?:[eE][-+]?[0-9]+)?")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE)

M = TypeVar("M", bound=BaseModel)
DocumentPath = tuple[str | int, ...]


class Marks:
    """Where each part of a document stands in its file."""

    def __init__(self) -> None:
        self._at: dict[DocumentPath, tuple[int, int]] = {}

    def put(self, path: DocumentPath, mark: Any) -> None:
        """Remember the place of a path (marks count from 0)."""
        self._at.setdefault(path, (mark.line + 1, mark.column + 1))

    def line(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column, from 1, of a path or of the nearest part around it."""
        at = tuple(path)
        while at and at not in self._at:
            at = at[:-1]
        return self._at.get(at, (1, 1))


class _Refusal(Exception):
    """A document that breaks a rule at a mark."""

    def __init__(self, mark: Any, rule: str, remedy: str, path: DocumentPath = (), value: str = "") -> None:
        super().__init__(rule)
        self.mark, self.rule, self.remedy, self.path, self.value = mark, rule, remedy, path, value


def read_yaml(path: str | Path) -> tuple[dict[str, Any], Marks]:
    """Read one mapping from a YAML 1.2 file.

    Returns
    -------
    data, marks
        Plain dicts, lists, strings, numbers, booleans and None; and where they stand.

    Raises
    ------
    InputError
        If the file cannot be read, or is not one safe mapping.
    """
    name = str(path)
    text = _read_text(Path(path), name)
    yaml = YAML(typ="safe", pure=True)
    marks = Marks()
    try:
        events = yaml.parse(text)
        return _Builder(events, marks).document(), marks
    except _Refusal as refusal:
        mark = refusal.mark
        raise InputError(
            Problem(
                name,
                mark.line + 1,
                mark.column + 1,
                format_path(refusal.path),
                refusal.value,
                refusal.rule,
                refusal.remedy,
            )
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        rule = f"cannot be read as YAML: {error.problem or error.context}"
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
        raise InputError(
            Problem(
                name,
                line,
                column,
                "",
                "",
                rule,
                "check indentation, quotes and brackets on this line and above",
            )
        ) from None
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        rule = f"holds the control character {text[error.position]!r}"
        raise InputError(Problem(name, line, column, "", "", rule, "remove it")) from None
    except (YAMLError, YAMLStreamError, ValueError, RecursionError) as error:
        rule = f"cannot be read as YAML: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise InputError(Problem(name, None, None, "", "", rule, "save it as plain text in UTF-8")) from None


def _read_text(path: Path, name: str) -> str:
    def refuse(rule: str, remedy: str) -> InputError:
        return InputError(Problem(name, None, None, "", "", rule, remedy))

    try:
        if path.is_dir():
            raise refuse("is a directory", "name a file")
        if not path.exists():
            beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            close = nearest(path.name, beside, 0.6)
            raise refuse("there is no such file", f"did you mean '{close}'?" if close else "check the path")
        # one bounded read: a device or a pipe has no size to ask for, and a file may grow
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise refuse(
                f"is larger than {MOST_BYTES // 1_000_000} MB", "a scenario is far smaller; is this the file?"
            )
    except OSError as error:
        raise refuse(
            f"cannot be read: {error.strerror or error}", "check the path and its permissions"
        ) from None
    if not content.strip():
        raise refuse("is empty", "'phaseline new FILE' writes a small scenario to start from")
    if b"\0" in content:
        raise refuse("is binary, not text", "name a YAML file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse(f"is not UTF-8 text (line {line})", "save it as UTF-8") from None


class _Builder:
    """Builds plain data from parser events, checking as it goes."""

    def __init__(self, events: Iterator[Any], marks: Marks) -> None:
        self.events = events
        self.marks = marks

    def document(self) -> dict[str, Any]:
        """The one mapping of the stream."""
        documents = 0
        data: Any = None
        mark = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refusal(
                        event.start_mark, "holds more than one document", "remove the '---' between them"
                    )
                if event.version not in (None, (1, 2), [1, 2]):
                    raise _Refusal(event.start_mark, "is not YAML 1.2", "remove the %YAML line")
            elif isinstance(event, NodeEvent):
                mark = event.start_mark
                data = self.node(event, (), 1)
        if not isinstance(data, dict):
            shown = "nothing" if data is None else "a list" if isinstance(data, list) else "a single value"
            place = mark if mark is not None else _Start()
            raise _Refusal(
                place, f"must be a mapping of keys, but is {shown}", "start with 'format: phaseline/1'"
            )
        return data

    def node(self, event: Any, path: DocumentPath, depth: int) -> Any:
        """One value and all below it."""
        if depth > MOST_DEPTH:
            raise _Refusal(event.start_mark, f"is nested deeper than {MOST_DEPTH} levels", "flatten it")
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _Refusal(
                event.start_mark,
                "anchors (&) and aliases (*) are refused",
                "name the number under 'numbers', or repeat it",
                path,
            )  # fmt: skip
        if self._has_tag(event):
            raise _Refusal(event.start_mark, "tags (!) are refused: files are data", "remove the tag", path)
        self.marks.put(path, event.start_mark)
        if isinstance(event, ScalarEvent) and _HALF_CHARACTER.search(event.value):
            raise _Refusal(
                event.start_mark, "holds half a character (a surrogate)", "write the whole character"
            )
        if isinstance(event, ScalarEvent):
            return self.scalar(event, path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path, depth)
        return self.mapping(path, depth)

    @staticmethod
    def _has_tag(event: Any) -> bool:
        tag = getattr(event, "ctag", None)
        return tag is not None and str(tag) not in ("None", "")

    def sequence(self, path: DocumentPath, depth: int) -> list[Any]:
        """A list."""
        found: list[Any] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            found.append(self.node(event, (*path, len(found)), depth + 1))
        return found

    def mapping(self, path: DocumentPath, depth: int) -> dict[str, Any]:
        """A mapping with text keys, each once."""
        found: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if isinstance(event, AliasEvent | MappingStartEvent | SequenceStartEvent):
                raise _Refusal(event.start_mark, "a key must be plain text", "write 'name: value'", path)
            self.node(event, (*path, event.value), depth + 1)
            key = str(event.value)
            if key in found:
                raise _Refusal(
                    event.start_mark, f"the key '{key}' stands twice", "keep one of the two", (*path, key)
                )
            self.marks.put((*path, key), event.start_mark)
            found[key] = self.node(next(self.events), (*path, key), depth + 1)
        return found

    def scalar(self, event: Any, path: DocumentPath) -> Any:
        """Text, number, boolean or nothing, by the rules of YAML 1.2; dates stay text."""
        value: str = event.value
        if event.style is not None:
            return value
        if value in _WORDS:
            return _WORDS[value]
        if _NOT_FINITE.fullmatch(value):
            raise self._not_finite(event, path)
        if _BASED.fullmatch(value):
            return int(value, 0)
        if _DECIMAL.fullmatch(value):
            number = float(value)
            if not math.isfinite(number) or len(value) > MOST_DIGITS:
                raise self._not_finite(event, path)
            return int(value) if _WHOLE.fullmatch(value) else number
        return value

    @staticmethod
    def _not_finite(event: Any, path: DocumentPath) -> _Refusal:
        remedy = "write a finite number of ordinary size"
        return _Refusal(event.start_mark, "is not a finite number", remedy, path, _short(event.value))


class _Start:
    line, column = 0, 0


def validate(model: type[M], data: dict[str, Any], marks: Marks, file: str) -> M:
    """Validate data against a model; every problem, with its place, in one error.

    Raises
    ------
    InputError
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems: dict[DocumentPath, Problem] = {}
        for item in error.errors(include_url=False):
            path = _document_path(item, data)
            if path not in problems:
                problems[path] = _problem(model, item, path, data, marks, file)
        raise InputError(sorted(problems.values(), key=lambda p: (p.line or 0, p.column or 0))) from None


def _document_path(item: Any, data: Any) -> DocumentPath:
    """The part of an error's location that is in the document (unions add names of their branches)."""
    path: list[str | int] = []
    here = data
    for part in item["loc"]:
        if (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        ):
            here = here[part]
        elif item["type"] == "missing" and part == item["loc"][-1]:
            path.append(part)
            break
        else:
            continue
        path.append(part)
    for part in (item.get("ctx") or {}).get("at", []):
        path.append(part)
    return tuple(path)


def _problem(
    model: type[BaseModel], item: Any, path: DocumentPath, data: Any, marks: Marks, file: str
) -> Problem:
    line, column = marks.line(path)
    value = _short(_at(data, path))
    kind, context = item["type"], item.get("ctx") or {}
    last = str(path[-1]) if path else ""
    if kind == "quantity":
        rule, remedy = context["rule"], context["remedy"]
    elif kind == "extra_forbidden":
        rule, value = f"unknown key '{last}'", ""
        remedy = _near(last, _keys_at(model, path[:-1]))
    elif kind == "missing":
        rule, remedy, value = f"'{last}' is missing", "add it", ""
    elif kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", context.get("expected", ""))
        rule, remedy = f"must be one of {', '.join(choices)}", _near(str(_at(data, path)), choices)
    elif kind == "string_pattern_mismatch":
        rule, remedy = (
            "is not a name",
            "use small letters, digits and _, starting with a letter, as in 'east_bank'",
        )
    else:
        rule = _lower(item["msg"].removeprefix("Value error, "))
        remedy = _REMEDIES.get(kind, "see 'phaseline schema' for what may stand here")
    return Problem(file, line, column, format_path(path), value, rule, remedy)


_REMEDIES = {
    "model_type": "write a mapping of keys here",
    "dict_type": "write a mapping of keys here",
    "list_type": "write a list: [a, b]",
    "string_type": "write text, in quotes if it looks like a number",
    "date_from_datetime_parsing": "write the date as 2016-11-15",
    "date_type": "write the date as 2016-11-15",
    "bool_type": "write true or false",
    "too_short": "add at least one",
}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _at(data: Any, path: DocumentPath) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _near(name: str, known: Sequence[str]) -> str:
    close = nearest(name, known)
    if close is not None:
        return f"did you mean '{close}'?"
    return f"known here: {', '.join(known)}" if known else "leave it out"


def _keys_at(model: type[BaseModel], path: DocumentPath) -> list[str]:
    """Keys that the schema knows at a place."""
    annotation: Any = model
    for part in path:
        found = _model_in(annotation)
        if found is not None and part in _keys(found):
            annotation = _keys(found)[str(part)]
        else:
            arguments = [a for a in typing.get_args(_plain(annotation)) if a is not type(None)]
            annotation = arguments[-1] if arguments else Any
    found = _model_in(annotation)
    return list(_keys(found)) if found is not None else []


def _keys(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _plain(annotation: Any) -> Any:
    """An annotation without Annotated and without None."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            rest = [a for a in typing.get_args(annotation) if a is not type(None)]
            if len(rest) != 1:
                return annotation
            annotation = rest[0]
        else:
            return annotation


def _model_in(annotation: Any) -> type[BaseModel] | None:
    plain = _plain(annotation)
    return plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None
