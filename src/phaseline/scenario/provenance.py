"""Where every number of a scenario comes from: its own source, that of the block it stands in, or an assumption.

What a plan decides, what a claim says, and how long histories last are declared, not known; they are not listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from phaseline.scenario.quantity import Quantity
from phaseline.scenario.references import Path, blocks_and_quantities
from phaseline.scenario.schema import Scenario

DECLARED = frozenset({"plans", "claims", "horizon", "overstretch", "attrition", "vocabulary"})
"""Top-level keys whose numbers are decisions or definitions."""


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
        Whether the source or the reasoning is the block's.
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
    def known(self) -> bool:
        """Whether the number can be followed to a source or to the word 'assumed'."""
        return self.source is not None or self.assumed is not None


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
            source, assumed = around or (None, None)
            entries[path] = Provenance(path, item, source, assumed, around is not None)
    for name, places in uses.items():
        named: Path = ("numbers", name)
        if named in entries:
            entries[named] = replace(entries[named], used_in=tuple(places))
    return list(entries.values())
