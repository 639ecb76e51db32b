"""Which of many operations, assets or forces a picture shows, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phaseline.outcomes.wording import Words
from phaseline.reporting import ranked
from phaseline.reporting.plots.style import title
from phaseline.scenario.calendar import horizon_days

if TYPE_CHECKING:
    from phaseline.outcomes.results import Outcomes


def shown(
    outcomes: Outcomes, kind: str, labels: Mapping[str, str], most: int | None
) -> tuple[dict[str, str], str]:
    """Those that matter most, as the terminal ranks them, and how many there are besides; empty if none.

    Parameters
    ----------
    outcomes
        Of all plans, so that every plan's picture shows the same.
    kind
        ``operation``, ``asset`` or ``force``.
    labels
        What could be shown, by id.
    most
        How many; None for all.
    """
    if most is None or len(labels) <= most:
        return dict(labels), ""
    plans = list(outcomes.summary(shared=True)["plans"].values())
    if kind == "operation":
        chosen = ranked.operations(plans, horizon_days(outcomes.scenario), most, labels)
    elif kind == "asset":
        chosen = ranked.assets(plans, labels, most)
    else:
        chosen = ranked.forces(plans, labels, most)
    rest = chosen.rest(Words(outcomes.scenario.vocabulary), kind)
    return {name: labels[name] for name in chosen.keys}, rest


def headed(text: str, below: Sequence[str], rest: str) -> dict[str, Any]:
    """Properties of a chart that says what it shows and how many it does not; the report reads the latter."""
    if not rest:
        return {"title": title(text, below)}
    return {"title": title(text, [*below, rest]), "usermeta": {"rest": rest}}
