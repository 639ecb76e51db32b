"""What is possible but implausible: warnings, each with the published band it lies outside of.

Bands: daily losses and advance from the CDB90 land-battle database, battles of 1937-1982 (10th to 90th percentile over
durations, widened to the nearest round number) and from published advance rates; sortie rates and
mission-capable shares from the published planning figures listed in NOTICE.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from phaseline.scenario.claims import settled_claims
from phaseline.scenario.distributions import marginal
from phaseline.scenario.mechanisms import MECHANISMS
from phaseline.scenario.provenance import provenance
from phaseline.scenario.quantity import Quantity, resolve
from phaseline.scenario.references import Finding, Path, quantities
from phaseline.scenario.schema import Scenario
from phaseline.scenario.waiting import harmless_waits
from phaseline.scenario.working_days import calendars_used


@dataclass(frozen=True)
class Band:
    """Where published values lie, in base units, and who says so."""

    low: float
    high: float
    unit: str
    scale: float
    source: str


BANDS = {
    "own_loss": Band(0.0003, 0.08, "% a day", 100.0, "attackers in CDB90, 1937-1982, by duration"),
    "adversary_loss": Band(0.0003, 0.22, "% a day", 100.0, "defenders in CDB90, 1937-1982, by duration"),
    "tempo": Band(0.01, 35.0, "km a day", 1.0, "published advance rates, Chasiv Yar to Desert Storm"),
    "sustained": Band(0.2, 2.8, "a day", 1.0, "sorties per aircraft and day in campaigns since 1945"),
    "mission_capable": Band(0.45, 0.9, "", 1.0, "US fleets 2000-2024"),
    "surge_factor": Band(1.0, 2.5, "", 1.0, "published surges: 1.7 to 2.1"),
    "surge_days": Band(0.0, 10.0, "days", 1.0, "published surges last 4 to 5 days"),
}
"""By the name of the field."""

FAR_DEGREES = 5.0
"""Distance between places, some 500 km, from which a swap of coordinates is thought of."""

INVULNERABLE = ("own_loss", "adversary_loss", "breaks_at")


def plausibility(scenario: Scenario) -> Iterator[Finding]:
    """Warnings about a scenario whose references are sound."""
    yield from _outside_bands(scenario)
    yield from _zeros(scenario)
    yield from _without_source(scenario)
    yield from _unused(scenario)
    yield from _idle(scenario)
    yield from _off_in_vain(scenario)
    yield from _swapped_places(scenario)
    yield from harmless_waits(scenario)
    yield from settled_claims(scenario)


def _outside_bands(scenario: Scenario) -> Iterator[Finding]:
    for path, quantity in quantities(scenario):
        band = BANDS.get(str(path[-1]))
        if band is None or path[0] == "plans" or _is_whole(scenario, path):
            continue
        number = resolve(quantity, scenario.numbers)
        middle = float(marginal(number.dist).quantile(np.array(0.5)))
        if middle != 0.0 and not band.low <= middle <= band.high:
            yield Finding(
                path,
                f"{middle * band.scale:g} {band.unit} lies outside the published band of "
                f"{band.low * band.scale:g} to {band.high * band.scale:g} ({band.source})",
                "check the value and its unit",
                "warning",
            )


def _is_whole(scenario: Scenario, path: Path) -> bool:
    """Whether a contribution's rate is not of an aircraft-like asset: only sorties have a published band."""
    if path[0] != "contributions":
        return False
    asset = scenario.assets.get(scenario.contributions[int(path[1])].asset)
    return asset is None or asset.unit not in ("sorties", "sortie")


def _zeros(scenario: Scenario) -> Iterator[Finding]:
    for name, operation in scenario.operations.items():
        for phase_id, phase in operation.phases.items():
            if phase.kind != "contested":
                continue
            path: Path = ("operations", name, "phases", phase_id)
            for field, who in (("own_loss", "the own force"), ("adversary_loss", "the adversary")):
                if _is_zero(scenario, getattr(phase, field)):
                    yield Finding(
                        (*path, field), f"is 0: {who} cannot be hurt in this phase", "give a small share a day",
                        "warning",
                    )  # fmt: skip
    for name, force in scenario.forces.items():
        if _is_zero(scenario, force.strength) and not force.arrivals:
            yield Finding(
                ("forces", name, "strength"), "has no strength and no arrivals", "give it some", "warning"
            )
        if _is_zero(scenario, force.breaks_at):
            yield Finding(
                ("forces", name, "breaks_at"), "breaks before it has lost anything", "raise it", "warning"
            )


def _is_zero(scenario: Scenario, quantity: Quantity) -> bool:
    return resolve(quantity, scenario.numbers).dist.support() == (0.0, 0.0)


def _without_source(scenario: Scenario) -> Iterator[Finding]:
    for entry in provenance(scenario):
        if entry.quantity.kind != "fixed" and entry.basis == "neither":
            yield Finding(
                entry.path, "an uncertain number without source", "give a 'source', or say 'assumed' with the reasoning",
                "warning",
            )  # fmt: skip


def _unused(scenario: Scenario) -> Iterator[Finding]:
    used = {quantity.ref for _, quantity in quantities(scenario)}
    for name in scenario.numbers:
        if name not in used:
            yield Finding(("numbers", name), "is used nowhere", "use it, or remove it", "warning", name)
    kept = calendars_used(scenario)
    for name in scenario.calendars:
        if name not in kept:
            yield Finding(
                ("calendars", name), "is used nowhere", "give it to a task or an asset, or remove it", "warning", name
            )  # fmt: skip
    engaged = {
        force
        for operation in scenario.operations.values()
        for phase in operation.phases.values()
        for force in (phase.own, phase.adversary, phase.ending.to if phase.ending is not None else None)
    }
    engaged |= {move.from_ for move in scenario.adversary.moves}
    for name in scenario.forces:
        if name not in engaged:
            yield Finding(
                ("forces", name), "takes part in nothing", "use it in a phase, or remove it", "warning", name
            )


def _idle(scenario: Scenario) -> Iterator[Finding]:
    demanded = {a for o in scenario.operations.values() for p in o.phases.values() for a in p.demand}
    for name in scenario.assets:
        if name not in demanded:
            yield Finding(("assets", name), "no phase demands it", "demand it, or remove it", "warning", name)
    for operation_id, operation in scenario.operations.items():
        for phase_id, phase in operation.phases.items():
            for asset in phase.demand:
                divisible = asset in scenario.assets and scenario.assets[asset].sharing == "divisible"
                advised = phase.advisers is not None and phase.advisers.asset == asset
                counted = asset in phase.dependence or asset in phase.minimum_coverage or advised
                if divisible and not counted:
                    yield Finding(
                        ("operations", operation_id, "phases", phase_id, "demand", asset),
                        "nothing depends on this demand: being short of it costs the phase nothing",
                        f"add '{asset}' to 'dependence' or 'minimum_coverage' if it matters",
                        "warning",
                    )


def _off_in_vain(scenario: Scenario) -> Iterator[Finding]:
    for key in scenario.off:
        if not MECHANISMS[key].used(scenario):
            yield Finding(
                ("off", key),
                "is switched off, but the case makes no use of it",
                "write its data, or remove it here",
                "warning",
            )


def _swapped_places(scenario: Scenario) -> Iterator[Finding]:
    """Places far from all others which lie near them once longitude and latitude are swapped."""
    places = {name: op.place for name, op in scenario.operations.items() if op.place is not None}
    for name, (longitude, latitude) in places.items():
        others = [place for other, place in places.items() if other != name]
        if not others or abs(longitude) > 90.0:
            continue
        as_written = min(math.dist((longitude, latitude), place) for place in others)
        swapped = min(math.dist((latitude, longitude), place) for place in others)
        if as_written > FAR_DEGREES and swapped < as_written / 3.0:
            yield Finding(
                ("operations", name, "place"),
                f"lies {as_written:.0f} degrees from every other place, and {swapped:.1f} once it is swapped",
                f"longitude comes first: did you mean [{latitude:g}, {longitude:g}]?",
                "warning",
            )
