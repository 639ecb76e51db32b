"""The report: one HTML file that needs nothing else, made from a stored result alone."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from phaseline.errors import InputError, Problem
from phaseline.reporting import contents, judgements
from phaseline.reporting.answer import answer
from phaseline.reporting.documents import read_documents
from phaseline.reporting.plots.style import plan_titles
from phaseline.reporting.theatre import map_source, theatre

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes

REPORT = "report.html"
CONTENTS = (
    ("answer", "Answer"), ("plans", "Plans side by side"), ("map", "Map and replay"), ("gantt", "Starts and ends"),
    ("strain", "Strain"), ("fans", "Progress and losses"), ("claims", "Claims"), ("drivers", "Drivers"),
    ("traces", "The bad tenth"), ("ledger", "Assumptions"), ("method", "Method and limits"), ("record", "Run record"),
)  # fmt: skip


def write_report(directory: str | os.PathLike[str]) -> Path:
    """Make ``report.html`` in a result's folder; an earlier one is replaced at once.

    Parameters
    ----------
    directory
        What ``--out`` wrote, with whatever other verbs have added.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If it is no result of this version, is cut off or changed, or holds analyses of another run.
    """
    from phaseline.outcomes.files import read

    folder = Path(directory)
    with ThreadPoolExecutor(1) as beside:
        vega = beside.submit(_vega)  # takes a second, while the result is read
        outcomes = read(folder)
        text = render(outcomes, read_documents(folder, outcomes), folder, vega.result())
    target = folder / REPORT
    fresh = folder / f".{REPORT}.{uuid.uuid4().hex[:8]}"
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(target)
    except OSError as error:
        rule = f"cannot be written: {error.strerror or error}"
        raise InputError(
            Problem(str(target), rule=rule, remedy="choose a folder that can be written")
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
    return target


def render(outcomes: Outcomes, documents: Mapping[str, Any], folder: Path, vega: str) -> str:
    """The page.

    Parameters
    ----------
    outcomes
        Of the run.
    documents
        By name, as `read_documents` returns them.
    folder
        Named in problems.
    vega
        The script that draws charts.

    Raises
    ------
    InputError
        If a document does not hold what its format promises.
    """
    import phaseline

    summary = outcomes.summary(shared=True)
    titles = plan_titles(outcomes)
    head = contents.header(outcomes, summary)
    judged = _judged(documents, titles, folder)
    overall = contents.overall_figures(outcomes)
    figures = contents.per_plan_figures(outcomes)
    shown_map, replay = theatre(outcomes)
    studies = judged["drivers"]["studies"] if judged["drivers"] else []
    drawn = [*overall.values(), *(one for made in figures.values() for one in made)]
    drawn += [one for study in studies for one in study["figures"]]
    script = _part("report.js")
    page = _template().render(
        header=head,
        contents=CONTENTS,
        answer=answer(summary, outcomes.scenario),
        plans=contents.plan_cards(outcomes, summary),
        overview=contents.overview(outcomes, summary),
        overall=overall,
        figures=figures,
        map=shown_map,
        overstretch=contents.overstretch_rule(outcomes),
        binding=contents.binding_table(outcomes, summary),
        use_classes=contents.use_classes(summary, outcomes.scenario),
        record=contents.run_record(outcomes, list(documents)),
        map_source=map_source() if shown_map else "",
        style=Markup(_part("report.css")),
        vega=Markup(vega),
        script=Markup(script),
        script_hashes=f"'{_hash(vega)}' '{_hash(script)}'",
        figures_data=_json({one.name: one.live for one in drawn}),
        replay_data=_json(replay),
        version=phaseline.__version__,
        **judged,
    )
    return str(page)


def _judged(documents: Mapping[str, Any], titles: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Each document as the page shows it, None where it is missing."""
    labels = {}
    if "comparison" in documents:
        labels = {
            one.get("key", ""): one.get("label", "") for one in documents["comparison"].get("outcomes", [])
        }
    makers: dict[str, Any] = {
        "comparison": judgements.comparison,
        "claims": judgements.claims,
        "drivers": judgements.drivers,
        "ledger": lambda document, names: judgements.ledger(document, names, labels),
        "traces": judgements.traces,
    }
    found: dict[str, Any] = {}
    problems = []
    for name, make in makers.items():
        found[name] = None
        if name not in documents:
            continue
        try:
            found[name] = make(documents[name], titles)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            told = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            rule = f"does not hold what its format promises ({told})"
            problems.append(
                Problem(str(folder / f"{name}.json"), rule=rule, remedy="run 'phaseline compare' again")
            )
    if problems:
        raise InputError(problems)
    return found


def _json(data: Any) -> Markup:
    """JSON that cannot end the script element it lies in, whatever its strings hold."""
    from jinja2.utils import htmlsafe_json_dumps

    return htmlsafe_json_dumps(data, dumps=_dumps)


def _dumps(data: Any, **options: Any) -> str:
    return json.dumps(data, separators=(",", ":"), allow_nan=False, **options)


def _hash(text: str) -> str:
    """What the page's security policy calls a script by, so that no other runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _part(name: str) -> str:
    return files("phaseline.reporting").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    import vl_convert

    return str(vl_convert.javascript_bundle(None))  # type: ignore[arg-type] # its types lag


def _tied(value: Any) -> Any:
    """No line breaks between a number and its per cent sign."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return value.replace(" %", "\N{NO-BREAK SPACE}%")
    return value


def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("phaseline.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_tied,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja")
