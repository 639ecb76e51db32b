"""Where every number of a scenario comes from: its own source, that of the block it stands in, or an assumption.

What a plan decides, what a claim says, and how long histories last are declared, not known; they are not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from phaseline.errors import format_path
from phaseline.scenario.distributions import Joint
from phaseline.scenario.naming import number_name
from phaseline.scenario.quantity import Quantity
from phaseline.scenario.readable import quantity_text
from phaseline.scenario.references import Path, blocks_and_quantities
from phaseline.scenario.schema import Scenario

DECLARED = frozenset({"plans", "claims", "horizon", "overstretch", "attrition", "vocabulary"})
"""Top-level keys whose numbers are decisions or definitions."""


Basis = Literal["sourced", "assumed", "neither"]
"""What a number rests on: a source (whatever is assumed beside it), a reasoning alone, or nothing that is written."""


@dataclass(frozen=True)
class Provenance:
    """A number and who says so.

    Attributes
    ----------
    path
        Where it stands in the document; a named number stands under ``numbers``.
    quantity
        As written there.
    source
        Id under ``sources``; its own, or that of the nearest block around it.
    assumed
        The reasoning, where no source is named.
    inherited
        Whether the source or the reasoning is the block's, or that of the ensemble that sets the number.
    used_in
        Where a named number is referred to.
    """

    path: Path
    quantity: Quantity
    source: str | None
    assumed: str | None
    inherited: bool
    used_in: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """How the number is called where it is asked for."""
        return number_name(self.path)

    @property
    def basis(self) -> Basis:
        """What the number rests on."""
        return basis_of(self.source, self.assumed)


def provenance(scenario: Scenario) -> list[Provenance]:
    """Every number of the scenario in the order of its file's keys, references to named numbers drawn together."""
    blocks: dict[Path, tuple[str | None, str | None]] = {}
    entries: dict[Path, Provenance] = {}
    uses: dict[str, list[Path]] = {}
    for path, item in blocks_and_quantities(scenario):
        if path and path[0] in DECLARED:
            continue
        if not isinstance(item, Quantity):
            if item.source is not None or item.assumed is not None:
                blocks[path] = item.source, item.assumed
        elif item.ref is not None:
            uses.setdefault(item.ref, []).append(path)
        elif item.source is not None or item.assumed is not None:
            entries[path] = Provenance(path, item, item.source, item.assumed, False)
        else:
            around = next((blocks[path[:n]] for n in range(len(path), 0, -1) if path[:n] in blocks), None)
            if around is None and isinstance(item.dist, Joint) and item.dist.ensemble in scenario.ensembles:
                drawn = scenario.ensembles[item.dist.ensemble]
                around = (drawn.source, drawn.assumed) if drawn.source or drawn.assumed else None
            source, assumed = around or (None, None)
            entries[path] = Provenance(path, item, source, assumed, around is not None)
    for name, places in uses.items():
        named: Path = ("numbers", name)
        if named in entries:
            entries[named] = replace(entries[named], used_in=tuple(places))
    return list(entries.values())


def basis_of(source: object, assumed: object) -> Basis:
    """What a number rests on, from who is named for it; an empty text names nobody."""
    return "sourced" if source else "assumed" if assumed else "neither"


def counts(bases: Iterable[Basis]) -> dict[str, int]:
    """How many numbers rest on each basis; the three add up to all."""
    found = Counter(bases)
    return {basis: found[basis] for basis in get_args(Basis)}


def counts_text(numbers: Sequence[Mapping[str, Any]]) -> str:
    """The three counts of what `listing` lists, in words."""
    found = counts(basis_of(number["source"], number["assumed"]) for number in numbers)
    return (
        f"{len(numbers)} number{'s' * (len(numbers) != 1)}: {found['sourced']} from sources, {found['assumed']} assumed, "
        f"{found['neither']} with neither"
    )


def listing(scenario: Scenario) -> list[dict[str, Any]]:
    """`provenance` as plain data in words; see `phaseline.numbers`."""
    return [_listed(scenario, entry) for entry in provenance(scenario)]


def _listed(scenario: Scenario, entry: Provenance) -> dict[str, Any]:
    quantity = entry.quantity
    source = scenario.sources.get(entry.source) if entry.source is not None else None
    return {
        "name": entry.name,
        "path": format_path(entry.path),
        "label": quantity.label,
        "value": quantity_text(quantity, _counted(scenario, entry.path)),
        "kind": quantity.kind,
        "source": None
        if source is None
        else {
            "id": entry.source,
            "title": source.title,
            "known_on": source.known_on.isoformat(),
            "url": source.url,
        },
        "assumed": entry.assumed,
        "lean": quantity.lean,
        "adverse": quantity.adverse,
        "note": quantity.note,
        "used_in": [format_path(place) for place in entry.used_in],
    }


def _counted(scenario: Scenario, path: Path) -> str | None:
    """What a rate or count at a place counts: the unit of the asset it belongs to."""
    asset: str | int | None = None
    if path[0] == "assets":
        asset = path[1]
    elif path[0] == "contributions":
        asset = None if path[-1] == "count" else scenario.contributions[int(path[1])].asset
    elif "demand" in path[:-1]:
        asset = path[path.index("demand") + 1]
    return scenario.assets[str(asset)].unit if asset in scenario.assets else None
