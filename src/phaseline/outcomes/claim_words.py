"""A claimed event in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phaseline.outcomes.measures import measure
from phaseline.scenario.claimed import head_of, limit_of, limit_text, own_limit

if TYPE_CHECKING:
    from phaseline.scenario.schema import ClaimEvent, Scenario

_WORDS = {"before": "on or before", "after": "on or after"}


def event_text(scenario: Scenario, event: ClaimEvent) -> str:
    """The event in words."""
    kind = head_of(event)
    if kind in ("all", "any"):
        joint = " and " if kind == "all" else " or "
        text = joint.join(event_text(scenario, part) for part in (event.all or event.any or []))
    elif kind == "strain":
        text = f"{_asset(scenario, str(event.strain))} overstretched"
    elif kind == "strained_most":
        text = f"{' and '.join(_asset(scenario, name) for name in event.strained_most or ())} strained more than all others"
    elif kind == "open":
        text = f"{_place(scenario, str(event.open))} and {_place(scenario, str(event.while_))} open at once"
    elif kind == "failed":
        text = f"failure of {_place(scenario, str(event.failed))}"
    elif kind in ("finished", "start"):
        done = "done" if kind == "finished" else "begun"
        text = f"{_place(scenario, str(event.finished or event.start))} {done}"
    elif kind == "increases":
        by = "" if event.by is None else f"at least {_own_limit_text(scenario, event)} "
        inner = event_text(scenario, event.increases)  # type: ignore[arg-type]  # that is its kind
        return f"{inner}: {by}more probable under {_title(scenario, event.to)} than under {_title(scenario, event.from_)}"
    elif kind == "mostly":
        first, second = (_title(scenario, plan) for plan in event.between or ())
        return f"{measure(scenario, str(event.mostly)).label}: mostly {event.sign} under {first} than under {second}"
    elif kind == "difference":
        first, second = (_title(scenario, plan) for plan in event.between or ())
        text = f"{measure(scenario, str(event.difference)).label}, {first} less {second}"
    else:
        text = measure(scenario, str(event.measure)).label
    if limit_of(event) is not None:
        name = str(limit_of(event))
        text += f" {_WORDS.get(name, name)} {_own_limit_text(scenario, event)}"
    if kind == "difference":
        text += " in a world's mean" if event.each == "world" else " in a history"
    return f"not: {text}" if event.not_ else text


def _own_limit_text(scenario: Scenario, event: ClaimEvent) -> str:
    text = limit_text(scenario, event, own_limit(scenario, event))
    return text.replace(" to ", " and ") if limit_of(event) == "between" else text


def _title(scenario: Scenario, plan: object) -> str:
    return scenario.plans[str(plan)].title or str(plan)


def _asset(scenario: Scenario, name: str) -> str:
    return scenario.assets[name].label or name


def _place(scenario: Scenario, ref: str) -> str:
    operation, _, phase = ref.partition(".")
    found = scenario.operations[operation]
    return (found.phases[phase].label or ref) if phase else (found.label or operation)
