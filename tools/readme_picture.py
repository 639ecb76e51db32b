"""Draw the picture of the README from a stored result: ``python tools/readme_picture.py DIR [FILE.svg]``.

DIR is what ``phaseline run mosul-raqqa-2016 --out DIR`` wrote; the picture goes to ``docs/done_by.svg`` by default.
"""

from __future__ import annotations

import sys
from pathlib import Path

from phaseline.outcomes.files import read
from phaseline.reporting import plots


def main(directory: str, picture: str = "docs/done_by.svg") -> None:
    """Draw, for every plan, the chance that all operations are done by a date."""
    chart = plots.done_by(read(directory), hover=False).properties(width=640, height=280)
    print(plots.save(chart, Path(picture)))


if __name__ == "__main__":
    main(*sys.argv[1:])
