"""What a run returns: every history of every plan, labelled. Plain data that runs nothing."""

from __future__ import annotations

import copy
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from phaseline.scenario.schema import Plan, Scenario
    from phaseline.scenario.spans import Spans


@dataclass(frozen=True)
class Event:
    """Something that happened in one history.

    Attributes
    ----------
    day
        Day on which it happened; day 0 is the scenario's start.
    code
        Kind of event, for example ``opens``.
    entity
        Id of the phase, force, asset or relief action.
    value
        Its size, in a unit that depends on the kind.
    text
        The event in words, beginning with the entity's id.
    """

    day: int
    code: str
    entity: str
    value: float
    text: str


@dataclass(frozen=True, eq=False)
class History:
    """One whole history.

    Attributes
    ----------
    replication
        Its index.
    series
        Shape [day, series]: values at the end of each day, in the order of `records.series`.
    events
        In the order in which they happened.
    outcomes
        Shape [column], in the order of `records.columns`.
    """

    replication: int
    series: NDArray[np.float64]
    events: tuple[Event, ...]
    outcomes: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DailyCounts:
    """Daily series of one plan, as counts over its histories.

    Attributes
    ----------
    histogram
        Shape [day, series, bin]: number of histories in each of equal bins over the series' range, ends included
        in the outermost bins.
    sums
        Shape [day, series]: sum of the values over the histories in the histogram, in the series' unit.
    scales
        Shape [series, 2]: low and high end of the range.
    count
        Histories in the histogram.
    """

    histogram: NDArray[np.integer[Any]]
    sums: NDArray[np.float64]
    scales: NDArray[np.float64]
    count: int


@dataclass(frozen=True, eq=False)
class WorldNumbers:
    """What nobody knew, as it was drawn: every such number in every world.

    Attributes
    ----------
    names
        Name of each number under ``numbers``, or its path in the file.
    labels, units
        In words, and of the values; a date is its day number, as of `datetime.date.toordinal`.
    values
        Shape [world, number], in base units.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    units: tuple[str, ...]
    values: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlanRun:
    """All histories of one plan.

    Attributes
    ----------
    plan, title
        Id of the plan and its title.
    fingerprint
        Hash of the plan's content.
    table
        Shape [replication, column], rows in index order from 0, columns as `records.columns` lists them; NaN is
        missing.
    series_count
        Histories behind the daily series.
    daily
        Gives the counts behind the daily series, by far the largest part of a run, and so held by nobody for longer than
        they are used; None if there are none.
    samples
        A few whole histories.
    certain
        Names of the columns that no draw can reach, as `scenario.certainty` finds them: the same in every history.
    """

    plan: str
    title: str
    fingerprint: str
    table: NDArray[np.float64]
    series_count: int = 0
    daily: Callable[[], DailyCounts] | None = None
    samples: tuple[History, ...] = ()
    certain: frozenset[str] = frozenset()
    content: Plan | None = None
    """The plan itself; None where it is not known, as in results of earlier versions."""


@dataclass(frozen=True, eq=False, repr=False)
class Outcomes:
    """Results of a run: rival plans over the same worlds and the same luck.

    Attributes
    ----------
    scenario
        What was run.
    scenario_fingerprint
        Hash of its content.
    seed, per_world
        Seed, and replications per world.
    runs
        One `PlanRun` per plan id, in the order asked for; all have the same number of replications.
    info
        Versions, timings, reused replications, warnings.
    """

    scenario: Scenario
    scenario_fingerprint: str
    seed: int
    per_world: int
    runs: dict[str, PlanRun]
    info: dict[str, Any] = field(default_factory=dict)
    stored_series: Any = None
    """Series as read from a file, where the histograms were not kept."""
    drawn: Callable[[], WorldNumbers] | None = None
    """Gives the numbers of the worlds; None if they are not known."""

    def __post_init__(self) -> None:
        if not self.runs:
            raise ValueError("outcomes need at least one plan")
        shapes = {run.table.shape for run in self.runs.values()}
        if len(shapes) > 1 or next(iter(shapes))[1:] != (len(self.columns),):
            raise ValueError(
                f"tables have shapes {sorted(shapes)}; each needs {len(self.columns)} columns and equal rows"
            )
        if self.per_world < 1:
            raise ValueError(f"per_world must be at least 1, not {self.per_world}")

    @cached_property
    def columns(self) -> tuple[Any, ...]:
        """Columns of each table, as `records.columns` lists them."""
        from phaseline.scenario.records import columns

        return columns(self.scenario)

    @cached_property
    def _names(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self._names)}

    @property
    def plans(self) -> tuple[str, ...]:
        """Ids of the plans, in the order asked for."""
        return tuple(self.runs)

    @property
    def replications(self) -> int:
        """Histories per plan."""
        return len(next(iter(self.runs.values())).table)

    @property
    def worlds(self) -> int:
        """Draws of what nobody knows, that is replications over replications per world."""
        return -(-self.replications // self.per_world)

    @property
    def world_of(self) -> NDArray[np.int64]:
        """World of each replication."""
        return np.arange(self.replications, dtype=np.int64) // self.per_world

    @property
    def is_certain(self) -> bool:
        """Whether nothing at all is drawn, so that one history of a plan tells everything about it."""
        return all(len(run.certain) == run.table.shape[1] for run in self.runs.values())

    def knows(self, plan: str, *names: str) -> bool:
        """Whether columns are the same in every history of a plan, whatever is drawn.

        Parameters
        ----------
        plan
            Id of a plan.
        *names
            Of columns.
        """
        left = set(names) - self.runs[plan].certain
        return all(len(set(self.bounds(plan, name) or (0.0, 1.0))) == 1 for name in left)

    def lucky(self, plan: str, *names: str) -> bool:
        """Whether no unknown number can reach columns of a plan: all that varies in them is chance.

        Parameters
        ----------
        plan, *names
            As of `knows`.
        """
        content = self.runs[plan].content
        if content is None:
            return False
        if plan not in self._lucky:
            from phaseline.scenario.certainty import lucky_columns

            self._lucky[plan] = lucky_columns(self.scenario, content)
        return self._lucky[plan].issuperset(names)

    def bounds(self, plan: str, name: str) -> tuple[float, float] | None:
        """Least and greatest value of a column in any history of a plan, as `scenario.spans` finds them.

        A missing time counts as infinite. None where nothing is known.
        """
        spans = self._spans_of(plan)
        return None if spans is None else spans.bounds(name)

    def change(self, plan: str, against: str, name: str) -> float | None:
        """Difference of a column between two plans where the model shows that it is the same in every history, else None.

        Parameters
        ----------
        plan, against
            Ids of plans.
        name
            Of a column. Where it may be missing only a difference of 0 is known.
        """
        if name in self._same(plan, against):
            return 0.0
        if self.knows(plan, name) and self.knows(against, name):
            change = float(self.column(plan, name)[0] - self.column(against, name)[0])
            return None if np.isnan(change) else change
        mine, theirs = self._spans_of(plan), self._spans_of(against)
        return None if mine is None or theirs is None else mine.shift(theirs, name)

    @cached_property
    def unknowns(self) -> int | None:
        """Numbers that nobody knows, drawn once per world; None where the plans are not known."""
        from phaseline.scenario.certainty import unknown_numbers

        contents = [run.content for run in self.runs.values() if run.content is not None]
        return unknown_numbers(self.scenario, *contents) if len(contents) == len(self.runs) else None

    @cached_property
    def _lucky(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _spans(self) -> dict[str, Spans]:
        return {}

    @cached_property
    def _alike(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    def _spans_of(self, plan: str) -> Spans | None:
        content = self.runs[plan].content
        if content is None:
            return None
        if plan not in self._spans:
            from phaseline.scenario.spans import Spans

            self._spans[plan] = Spans(self.scenario, content)
        return self._spans[plan]

    def _same(self, plan: str, against: str) -> frozenset[str]:
        """Columns that are the same under two plans in every history."""
        first, second = sorted((plan, against))
        if first == second or self.runs[first].fingerprint == self.runs[second].fingerprint:
            return frozenset(self._names)
        one, other = self.runs[first].content, self.runs[second].content
        if one is None or other is None:
            return frozenset()
        if (first, second) not in self._alike:
            from phaseline.scenario.certainty import same_columns

            self._alike[first, second] = same_columns(self.scenario, one, other)
        return self._alike[first, second]

    def column(self, plan: str, name: str) -> NDArray[np.float64]:
        """One column of one plan, in index order.

        Parameters
        ----------
        plan
            Id of the plan.
        name
            ``quantity.entity``, for example ``end.mosul``, or the quantity alone.

        Returns
        -------
        ndarray
            Shape [replication], read only.

        Raises
        ------
        KeyError
            If there is no such plan or column; the message lists near names.
        """
        position = self._positions.get(name)
        view = self._run(plan).table[
            :, _position(name, self._names, "column") if position is None else position
        ]
        view.flags.writeable = False
        return view

    def table(self, plan: str) -> pd.DataFrame:
        """Histories of one plan: replication, world, then one column per recorded number (codes stay numbers)."""
        import pandas as pd

        frame = pd.DataFrame(self._run(plan).table, columns=[column.name for column in self.columns])
        frame.insert(0, "replication", np.arange(self.replications, dtype=np.int64))
        frame.insert(1, "world", self.world_of)
        return frame

    def frame(self) -> pd.DataFrame:
        """All plans one below the other, with a leading ``plan`` column."""
        import pandas as pd

        frames = [self.table(plan) for plan in self.plans]
        frame = pd.concat(frames, ignore_index=True)
        frame.insert(0, "plan", np.repeat(self.plans, self.replications))
        return frame

    def dataset(self) -> xr.Dataset:
        """Histories as an array per quantity, for example ``operation_end`` over plan, replication, operation."""
        from phaseline.outcomes.labels import outcomes_dataset

        return outcomes_dataset(self)

    def series(self) -> xr.Dataset:
        """Daily series: mean and seven quantiles over histories, per plan and day.

        Two variables for each quantity, for example ``asset_strain_mean`` over plan, day, asset and
        ``asset_strain_quantile`` over plan, day, quantile, asset. Quantiles are interpolated within histogram bins, so
        they are good to one bin; values outside the range of a histogram count at its end.

        They are read from the run store, plan by plan. What a run without `out` has not recorded is simulated when this is
        first called, which takes longer than the run did.

        Raises
        ------
        LookupError
            If the run has no series.
        InterruptedRun
            If stopped while they are simulated.
        """
        return self._series.copy()

    @cached_property
    def _series(self) -> xr.Dataset:
        # Kept, because pictures read it several times.
        from phaseline.outcomes.labels import series_dataset

        return self.stored_series if self.stored_series is not None else series_dataset(self)

    def numbers(self) -> pd.DataFrame:
        """Worlds: one row each, with every number that nobody knew as it was drawn there.

        Columns are ``world``, then a number each, in base units, by its name or path as in the file
        (``contributions.4.count``); ``attrs`` holds their ``units`` and ``labels``. Row w belongs to the replications
        whose world is w.

        Raises
        ------
        LookupError
            If they are not known: the result was written before they were kept, or does not come from `run`.
        """
        import pandas as pd

        if self.drawn is None:
            raise LookupError("the numbers of the worlds are not in this result; run it again")
        found = self.drawn()
        frame = pd.DataFrame(found.values, columns=list(found.names))
        frame.insert(0, "world", np.arange(len(frame), dtype=np.int64))
        frame.attrs = {
            "units": dict(zip(found.names, found.units, strict=True)),
            "labels": dict(zip(found.names, found.labels, strict=True)),
        }
        return frame

    def summary(self, *, shared: bool = False) -> dict[str, Any]:
        """The answer in numbers with intervals, ready for JSON; the layout is `summary_schema`.

        With `shared`, the one that is kept, which must not be changed; otherwise a copy, which for many operations takes
        half a second.
        """
        return self._summary if shared else copy.deepcopy(self._summary)

    @cached_property
    def _summary(self) -> dict[str, Any]:
        # Kept, because a run with --out needs it twice and a million histories take seconds.
        from phaseline.outcomes.summary import summarise

        return summarise(self)

    def _run(self, plan: str) -> PlanRun:
        list(self.runs)[_position(plan, list(self.runs), "plan")]
        return self.runs[plan]

    def _headlines(self) -> list[tuple[str, str]]:
        """Plan and its answer in one line."""
        from phaseline.outcomes.summary import headline

        return [(run.title or plan, headline(self, plan)) for plan, run in self.runs.items()]

    def __repr__(self) -> str:
        lines = [f"<Outcomes: {self.scenario.title}", f"  {self._size()}"]
        lines += [f"  {title}: {line}" for title, line in self._headlines()]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'><b>{html.escape(title)}</b></td>"
            f"<td style='text-align:left'>{html.escape(line)}</td></tr>"
            for title, line in self._headlines()
        )
        return (
            f"<div><b>{html.escape(self.scenario.title)}</b><br>{html.escape(self._size())}"
            f"<table>{rows}</table></div>"
        )

    def _size(self) -> str:
        from phaseline.scenario.readable import counted

        size = f"{counted(self.replications, 'replication')} in {counted(self.worlds, 'world')}"
        return f"{counted(len(self.runs), 'plan')} x {size}, seed {self.seed}"


def _position(name: str, names: list[str], kind: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        from phaseline.scenario.nearness import several

        near = several(name, names) or names[:5]
        raise KeyError(f"no {kind} {name!r}; there is {', '.join(near)}") from None
