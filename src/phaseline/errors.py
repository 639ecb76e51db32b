"""The exception tree, and how a problem of the input is told.

Every exception that Phaseline raises on purpose derives from `PhaselineError` and carries the exit status that the
command line returns for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "warning"]

_PLAIN_KEY = re.compile(r"[\w$%/ +-]+")
_LINE_WIDTH = 110


def format_path(path: Sequence[str | int]) -> str:
    """Write a document path as people do.

    Parameters
    ----------
    path
        Keys and zero-based list positions from the top of the document.

    Returns
    -------
    str
        For example ``operations.mosul.phases.east.resistance[1]``; empty for the document itself.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _PLAIN_KEY.fullmatch(part) else repr(part)
            text += f".{key}" if text else key
    return text


def _printable(text: str) -> str:
    """Escape what could break the line or command the terminal: values come from foreign files."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it is, which rule it breaks, what to write instead.

    Attributes
    ----------
    file
        Name of the file as the user gave it.
    line, column
        One-based position; None where the input has no lines.
    path
        Document path, for example ``operations.mosul.phases.east.depth``.
    value
        The offending value, shortened; empty where there is none.
    rule
        The rule that is broken, as a clause without a final stop.
    remedy
        What to do about it, as a clause without a final stop.
    severity
        ``error`` refuses the input, ``warning`` lets it pass.
    """

    file: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    value: str = ""
    rule: str = ""
    remedy: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [place]
        if self.severity == "warning":
            parts.append("warning")
        parts += [part for part in (self.path, self.value) if part]
        first = _printable(f"{': '.join(parts)} -- {self.rule}.")
        if not self.remedy:
            return first
        stop = "" if self.remedy.endswith(("?", ".")) else "."
        remedy = _printable(f"{self.remedy[0].upper()}{self.remedy[1:]}{stop}")
        gap = " " if len(first) + len(remedy) < _LINE_WIDTH else "\n    "
        return f"{first}{gap}{remedy}"


class PhaselineError(Exception):
    """Root of the tree.

    Attributes
    ----------
    exit_code
        Exit status of the command line.
    """

    exit_code: ClassVar[int] = 1


class RuleError(PhaselineError, ValueError):
    """A value breaks a rule; the place in the document is not known to the code that noticed.

    Validators raise it, loading turns it into a `Problem` that has file, line and path.

    Parameters
    ----------
    rule
        The rule that is broken.
    remedy
        What to write instead.
    at
        Where the value lies, below the part that is being validated.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, rule: str, remedy: str = "", at: Sequence[str | int] = ()) -> None:
        super().__init__(rule, remedy, tuple(at))
        self.rule = rule
        self.remedy = remedy
        self.at: tuple[str | int, ...] = tuple(at)

    def __str__(self) -> str:
        return f"{self.rule}; {self.remedy}" if self.remedy else self.rule

    def below(self, *prefix: str | int) -> RuleError:
        """Return the same error seen from further up in the document."""
        return RuleError(self.rule, self.remedy, (*prefix, *self.at))


class InputError(PhaselineError):
    """The input is refused; holds every problem found.

    Parameters
    ----------
    problems
        One or more; warnings may be among them.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InfeasibleError(PhaselineError):
    """The question has no answer: no plan satisfies the constraints that were set."""

    exit_code: ClassVar[int] = 3


class InterruptedRun(PhaselineError):
    """The run was stopped from outside; its complete parts are kept."""

    exit_code: ClassVar[int] = 130


class StoreError(PhaselineError):
    """The run store or an output folder cannot be used as asked, for example foreign content where results would go."""

    exit_code: ClassVar[int] = 2
