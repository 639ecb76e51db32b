"""What a run records for a scenario: the columns of one history and the daily series, in their fixed order.

The engine writes them, the outcomes label them; both read this list, so neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from phaseline.scenario.schema import Scenario

OPERATION_STATUS = ("unfinished", "done", "failed")
PHASE_STATUS = ("waiting", "open", "done", "failed", "refitting")


@dataclass(frozen=True)
class Column:
    """One number per history. Missing (it did not happen) is NaN.

    Attributes
    ----------
    quantity : str
        What is counted, e.g. ``end``; ``entity`` is the id it belongs to, empty for the whole theatre.
    unit : str
        ``day`` (time since day 0), ``code``, ``persons``, ``share``, or the unit of the asset.
    """

    quantity: str
    entity: str
    unit: str
    meaning: str

    @property
    def name(self) -> str:
        """``quantity.entity``, or the quantity alone."""
        return f"{self.quantity}.{self.entity}" if self.entity else self.quantity


@dataclass(frozen=True)
class Series:
    """One number per history and day, at the day's end."""

    quantity: str
    entity: str
    unit: str

    @property
    def name(self) -> str:
        """``quantity.entity``, or the quantity alone."""
        return f"{self.quantity}.{self.entity}" if self.entity else self.quantity


def phase_ids(scenario: Scenario) -> list[str]:
    """``operation.phase`` of every phase, in file order."""
    return [f"{o}.{p}" for o, operation in scenario.operations.items() for p in operation.phases]


def phases_meant(scenario: Scenario, ref: str, operation: str | None = None) -> list[int]:
    """Positions in `phase_ids` of what a reference means: one phase (its id alone within its operation), or all of one."""
    ids = phase_ids(scenario)
    full = f"{operation}.{ref}" if f"{operation}.{ref}" in ids else ref
    return [i for i, name in enumerate(ids) if full in (name, name.split(".")[0])]


def awaited(scenario: Scenario, operation: str, phase: str) -> list[str]:
    """References of what must be done before a phase: as written, else the phase before it in its operation."""
    phases = scenario.operations[operation].phases
    after = phases[phase].after
    siblings = list(phases)
    return siblings[: siblings.index(phase)][-1:] if after is None else after


def intended_phase(scenario: Scenario, operation: str) -> str:
    """Phase whose start is compared with the intended date: the one named, the first contested, or the first."""
    op = scenario.operations[operation]
    contested = [name for name, phase in op.phases.items() if phase.kind == "contested"]
    return op.intended_phase or (contested or list(op.phases))[0]


OPERATION_COLUMNS = (
    ("start", "day", "time its first phase started"),
    ("end", "day", "time its last phase ended; missing if failed or unfinished"),
    ("decided", "day", "time it was done or had failed for good; missing if neither"),
    ("status", "code", "0 unfinished at the horizon, 1 done, 2 failed"),
    ("delay", "days", "start of the intended phase after its intended date; missing without either"),
    ("displaced", "persons", "people displaced by the operation, those displaced at the start included"),
    ("suspensions", "count", "times it came to a stop"),
    ("suspensions_short", "count", "times it came to a stop for want of support"),
    ("suspended", "days", "days on which it was suspended"),
)
PHASE_COLUMNS = (
    ("start", "day", "time it started"),
    ("half", "day", "time half of its depth was first taken; missing if never, or without depth"),
    ("end", "day", "time it ended; missing if failed or unfinished"),
    ("decided", "day", "time it was done or failed for good; missing if neither"),
    ("status", "code", "0 waiting, 1 open, 2 done, 3 failed, 4 refitting at the horizon"),
    ("attempts", "count", "attempts begun"),
    ("progress", "share", "share of the work or depth held at the end"),
)
FORCE_COLUMNS = (
    ("losses", "persons", "killed and wounded taken out"),
    ("killed", "persons", "killed"),
    ("captured", "persons", "surrendered, or taken when the site fell"),
    ("strength", "persons", "strength at the end"),
)
ASSET_COLUMNS = (
    ("binds", "day", "first day of the first spell of overstretch; missing if never"),
    ("overstretched", "days", "days in spells of overstretch"),
    ("peak_strain", "ratio", "largest strain; infinite where demand met no capacity"),
    ("flown", "units", "units used"),
    ("unmet", "units", "demand of phases not met"),
    ("unmet_elsewhere", "units", "demand of the rest of the theatre not met"),
)
THEATRE_COLUMNS = (
    ("end", "day", "time the last operation ended, if all are done"),
    ("first_binding", "code", "index of the asset that binds first; -1 if none"),
    ("person_days", "person-days", "displaced persons summed over days"),
    ("person_days_held", "person-days", "people on ground that no operation has reached, summed over days"),
    ("harm", "persons", "civilians harmed"),
    ("attacks_through", "count", "attacks (shocks) that came through"),
    ("attacks_directed", "count", "directed attacks abroad"),
    ("attacks_inspired", "count", "inspired attacks abroad"),
    ("elsewhere_cost", "cost", "cost of uncovered demand elsewhere"),
    ("relief_cost", "cost", "cost of relief actions"),
)


def columns(scenario: Scenario) -> tuple[Column, ...]:
    """Columns of one history, in order: operations, phases, forces, assets, theatre."""
    groups = (
        (scenario.operations, OPERATION_COLUMNS),
        (phase_ids(scenario), PHASE_COLUMNS),
        (scenario.forces, FORCE_COLUMNS),
        (scenario.assets, ASSET_COLUMNS),
        ([""], THEATRE_COLUMNS),
    )
    return tuple(
        Column(quantity, entity, unit, meaning)
        for entities, quantities in groups
        for entity in entities
        for quantity, unit, meaning in quantities
    )


def series(scenario: Scenario) -> tuple[Series, ...]:
    """Daily series of one history, in order."""
    groups = (
        (scenario.operations, (("progress", "share"), ("displaced", "persons"))),
        (phase_ids(scenario), (("progress", "share"), ("support", "share"))),
        (scenario.forces, (("strength", "persons"), ("losses", "persons"))),
        (scenario.assets, (("strain", "ratio"), ("coverage", "share"), ("flown", "units"))),
        ([""], (("territory", "km2"), ("revenue", "USD/day"), ("attacks_abroad", "count"))),
    )
    return tuple(
        Series(quantity, entity, unit)
        for entities, quantities in groups
        for entity in entities
        for quantity, unit in quantities
    )
