"""A console with the few shapes that terminal output uses."""

from __future__ import annotations

import io
import os
import re
import textwrap
from collections.abc import Iterable
from typing import ClassVar

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from phaseline.outcomes.wording import MONTHS

WIDTH = 100
"""Columns, unless the console has fewer."""

LABEL_WIDTH = 30
"""Least width of the labels where cells may break: they should not."""

_NO_BREAK = "\N{NO-BREAK SPACE}"
_MONTH = "|".join(MONTHS)
#: Spaces at which no line may end: before %, around ±, within a date, between a date and its chance.
_BREAK = re.compile(r"\s*\n\s*")
_GLUED = re.compile(
    rf" (?=[%±])|(?<=±) |(?<=[\dye]) (?=(?:{_MONTH})\b)|(?<={_MONTH}) (?=\d{{4}})|(?<=\d{{4}}) (?=[<>]?[\d.]+ %)"
)
_ASCII = str.maketrans({"–": "-", "−": "-", "·": "|", "±": "+/-", "∞": "inf", _NO_BREAK: " "})


class Page:
    """Where output goes: a console, or text that is handed back.

    Parameters
    ----------
    console
        None to collect the text, without colour.
    quiet
        Leave warnings out.
    """

    told: ClassVar[set[str]] = set()
    """Warnings that whoever reads the output has been told on the same terminal: the command line puts them here."""

    def __init__(self, console: Console | None, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._buffer = io.StringIO() if console is None else None
        self._console = console or Console(
            file=self._buffer, width=WIDTH, no_color=True, force_terminal=False
        )
        self._given_width = self._console.width
        if not self._console.is_terminal and "COLUMNS" not in os.environ:
            self._console.width = WIDTH  # into a file or a pipe; rich would assume 80
        self._width = min(WIDTH, self._console.width)
        encoding = "utf-8" if console is None else self._console.encoding or "ascii"
        self._encoding = None if encoding.lower().startswith("utf") else encoding

    @property
    def width(self) -> int:
        """Columns to use."""
        return self._width

    def plain(self, text: str) -> str:
        """The text in characters that the console can show."""
        if self._encoding is None:
            return text
        return text.translate(_ASCII).encode(self._encoding, "replace").decode(self._encoding)

    def line(self, text: str = "", style: str = "") -> None:
        """One line, however long."""
        self._console.print(Text(self.plain(text), style=style), soft_wrap=True)

    def title(self, text: str) -> None:
        """One line in bold."""
        self.line(text, "bold")

    def paragraph(self, text: str, style: str = "", indent: str = "") -> None:
        """Wrapped text."""
        # a problem told alone has its remedy in a line of its own, set in; here lines are filled anew
        glued = _GLUED.sub(_NO_BREAK, _BREAK.sub(" ", text))
        filled = textwrap.fill(
            glued, self._width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )
        self.line(filled.replace(_NO_BREAK, " "), style)

    def warnings(self, texts: Iterable[str]) -> None:
        """Each warning as a paragraph, unless the page is quiet or it was told before."""
        for text in () if self._quiet else texts:
            if text in self.told:
                continue
            # one from a file says itself that it is a warning, behind the place
            self.paragraph(f"Warning: {text.replace(': warning', '', 1)}", "yellow")

    def new_table(self, first: str, heads: Iterable[str], *, wrap: bool = False) -> Table:
        """A table whose first column holds labels, the others numbers; with ``wrap`` all share the width and may break."""
        heads = list(heads)
        room = max(12, (self._width - LABEL_WIDTH) // max(len(heads), 1) - 2) if wrap else None
        table = Table(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, 1),
            collapse_padding=True,
            header_style="bold",
        )
        table.add_column(Text(self.plain(first)), min_width=LABEL_WIDTH if wrap else 12, overflow="fold")
        for head in heads:
            table.add_column(Text(self.plain(head)), justify="right", no_wrap=not wrap, max_width=room)
        return table

    def add_row(self, table: Table, label: str, cells: Iterable[Text], style: str = "") -> None:
        """Add a row; all of it is text, because rich would read brackets in a string as markup."""
        row = [Text(label, style=style), *cells]
        for cell in row:
            if self._encoding is not None:
                cell.plain = self.plain(cell.plain)
        table.add_row(*row)

    def table(self, table: Table) -> None:
        """Print a table."""
        self._console.print(table, highlight=False, crop=False)

    def text(self) -> str | None:
        """What was collected; None where it was printed."""
        self._console.width = self._given_width
        if self._buffer is None:
            return None
        return "\n".join(line.rstrip() for line in self._buffer.getvalue().split("\n"))
