"""Lists in a terminal: the events of one history, the bundled cases, the problems of an input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from phaseline.outcomes.wording import Words, counted, day_month
from phaseline.reporting.page import Page
from phaseline.scenario.calendar import start_date
from phaseline.scenario.provenance import Basis, basis_of, counts_text

if TYPE_CHECKING:
    from rich.console import Console

    from phaseline.errors import Problem
    from phaseline.outcomes.results import Event, History
    from phaseline.scenario.schema import Scenario

ROUTINE = {
    "attacks": "attacks come through on {days} until {until}, {total} in all",
    "halted": "the advance is halted by attacks {times} until {until}, for {total_days} in all",
    "joined by": "joined by {total} until {until}",
    "waits for cover": "at rest on {days} until {until}, for want of cover",
}
"""Events that come nearly every day, and how a spell of them is told."""
_HEADS: Mapping[Basis, str] = {"assumed": "assumed", "neither": "without source or reasoning"}
SPELL_GAP = 7
"""Days without the event that end a spell."""


@dataclass
class _Entry:
    """A line of the log: an event, or a spell of them."""

    first: Event
    last: Event
    days: int = 1
    total: float = 0.0


def render_history(
    history: History,
    scenario: Scenario,
    *,
    plan: str | None = None,
    console: Console | None = None,
    every: bool = False,
) -> str | None:
    """Show the event log of one history.

    Parameters
    ----------
    history
        What to show.
    scenario
        For labels and dates.
    plan
        Id of the plan, for the heading.
    console
        Where to print; None to get the text, without colour.
    every
        Show every event; else spells of routine ones (`ROUTINE`) are drawn together where they begin.

    Returns
    -------
    str or None
        The text where no console was given.
    """
    page = Page(console)
    words = Words(scenario.vocabulary)
    known = scenario.plans.get(plan) if plan is not None else None
    title = (known.title if known is not None else None) or plan
    of_plan = f" of {words('plan')} {title}" if title else ""
    page.title(f"{words.capital('history')} {history.replication:,}{of_plan}")
    if not history.events:
        page.paragraph("Nothing happened.")
        return page.text()
    start = start_date(scenario)
    table = page.new_table("date", ("day",))
    table.add_column("event")
    before = None
    for day, what in event_lines(history.events, scenario, every=every):
        when = "" if day == before else day_month(start + dt.timedelta(days=day))
        number = "" if day == before else str(day)
        before = day
        page.add_row(table, when, [Text(number), Text(what)])
    page.table(table)
    return page.text()


def event_lines(events: Iterable[Event], scenario: Scenario, *, every: bool = False) -> list[tuple[int, str]]:
    """The log in words: day and what happened, with labels for ids.

    Parameters
    ----------
    events
        Of one history.
    scenario
        For labels and dates.
    every
        As in `render_history`.
    """
    start, labels = start_date(scenario), _labels(scenario)
    return [
        (entry.first.day, _labelled(_told(entry, start), entry.first.entity, labels))
        for entry in _entries(events, every)
    ]


def render_cases(
    cases: Mapping[str, str] | Iterable[Mapping[str, Any]], console: Console | None = None
) -> str | None:
    """Show the bundled cases.

    Parameters
    ----------
    cases
        Titles by id, or mappings with ``id`` and ``title`` and, where known, ``as_of`` and ``description``.
    console
        As in `render_history`.
    """
    page = Page(console)
    if isinstance(cases, Mapping):
        cases = [{"id": name, "title": title} for name, title in cases.items()]
    rows = list(cases)
    if not rows:
        page.paragraph("There are no cases.")
        return page.text()
    dated = any(case.get("as_of") for case in rows)
    table = page.new_table("case", ("as of",) if dated else ())
    table.add_column("what it is about")
    for case in rows:
        as_of, about = case.get("as_of"), case.get("description")
        if isinstance(as_of, str):
            as_of = dt.date.fromisoformat(as_of)
        text = case.get("title") or ""
        if about:
            text += f"\n{' '.join(str(about).split())}"
        cells = [Text(day_month(as_of) if as_of else "")] if dated else []
        page.add_row(table, str(case["id"]), [*cells, Text(text)])
    page.table(table)
    return page.text()


def render_numbers(numbers: Sequence[Mapping[str, Any]], console: Console | None = None) -> str | None:
    """Show every number of a scenario with who says so, grouped by source; what is assumed comes last.

    Parameters
    ----------
    numbers
        As `api.numbers` lists them.
    console
        As in `render_history`.
    """
    page = Page(console)
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for number in numbers:
        source = number["source"]
        key = (
            f"{source['title']} (known on {source['known_on']})"
            if source
            else _HEADS[basis_of(source, number["assumed"])]
        )
        groups.setdefault(key, []).append(number)
    order = sorted(
        groups, key=lambda name: list(_HEADS.values()).index(name) if name in _HEADS.values() else -1
    )
    for name in order:
        page.title(name[:1].upper() + name[1:])
        for number in groups[name]:
            what = f"{number['name']} ({number['label']})" if number["label"] else number["name"]
            ends = [f"errs {number['lean']}"] if number["lean"] in ("high", "low") else []
            ends += [f"{number['adverse']} end hurts"] if number["adverse"] else []
            more = "; ".join([*ends, *filter(None, (number["assumed"], number["note"]))])
            page.paragraph(f"{what}: {number['value']}{f' -- {more}' if more else ''}", indent="  ")
        page.line()
    page.line(counts_text(numbers))
    return page.text()


def render_problems(problems: Sequence[Problem], console: Console | None = None) -> str | None:
    """Show what is wrong with an input: errors first, then warnings, then how many there are."""
    page = Page(console)
    for severity, colour in (("error", "red"), ("warning", "yellow")):
        for problem in problems:
            if problem.severity == severity:
                page.line(str(problem), colour)
    words = Words({})
    counts = {kind: sum(problem.severity == kind for problem in problems) for kind in ("error", "warning")}
    found = [f"{count} {words(kind, count)}" for kind, count in counts.items() if count]
    page.line(", ".join(found) or "No problems.")
    return page.text()


def render_mechanisms(scenario: Scenario, console: Console | None = None) -> str | None:
    """Show which mechanisms a scenario uses, which it switches off and why, and which it does not use."""
    from phaseline.scenario.mechanisms import MECHANISMS, in_use

    page = Page(console)
    used = in_use(scenario)
    lists = {
        "In use": [key for key in used if key not in scenario.off],
        "Switched off": by_reason(scenario.off),
        "Not used": [key for key in MECHANISMS if key not in used and key not in scenario.off],
    }
    for head, entries in lists.items():
        if entries:
            page.paragraph(f"{head}: {'; '.join(entries) if head == 'Switched off' else ', '.join(entries)}.")
    return page.text()


def by_reason(off: Mapping[str, str]) -> list[str]:
    """Mechanisms switched off, those of one reason together: ``weather, friction (switched off for this run)``."""
    keys: dict[str, list[str]] = {}
    for key, reason in off.items():
        keys.setdefault(reason, []).append(key)
    return [f"{', '.join(named)} ({reason})" for reason, named in keys.items()]


def _entries(events: Iterable[Event], every: bool) -> list[_Entry]:
    """Lines of the log in the order in which they begin."""
    entries: list[_Entry] = []
    spells: dict[tuple[str, str], _Entry] = {}
    for event in events:
        key = (event.code, event.entity)
        spell = spells.get(key)
        if spell is not None and event.day - spell.last.day <= SPELL_GAP:
            spell.days += event.day != spell.last.day
            spell.last, spell.total = event, spell.total + event.value
            continue
        entry = _Entry(event, event, total=event.value)
        entries.append(entry)
        if event.code in ROUTINE and not every:
            spells[key] = entry
    return entries


def _told(entry: _Entry, start: dt.date) -> str:
    if entry.days == 1:
        return entry.first.text
    until = day_month(start + dt.timedelta(days=entry.last.day))
    total = f"{entry.total:,.0f}"
    told = ROUTINE[entry.first.code].format(
        days=counted(entry.days, "day"), times=counted(entry.days, "time"), until=until, total=total,
        total_days=counted(total, "day"),
    )  # fmt: skip
    return f"{entry.first.entity}: {told}"


def _labels(scenario: Scenario) -> dict[str, str]:
    """How each entity of the event log is called."""
    labels = {
        f"{name}.{key}": f"{operation.label or name}, {phase.label or key}"
        for name, operation in scenario.operations.items()
        for key, phase in operation.phases.items()
    }
    labels |= {name: operation.label for name, operation in scenario.operations.items() if operation.label}
    labels |= {name: force.label for name, force in scenario.forces.items() if force.label}
    return labels | {name: asset.label for name, asset in scenario.assets.items() if asset.label}


def _labelled(text: str, entity: str, labels: Mapping[str, str]) -> str:
    if entity in labels and text.startswith((f"{entity}:", f"{entity} ")):  # earlier results had no colon
        return f"{labels[entity]}: {text[len(entity) :].lstrip(': ')}"
    return text
