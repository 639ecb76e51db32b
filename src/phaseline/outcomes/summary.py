"""The answer in numbers, each with the interval that the simulation supports: what `summary.json` holds.

Times count from the beginning of day 0. A *moment* at time t lies on the day t; an *end* at time t means that day t - 1
was the last, so its date is one earlier.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phaseline.outcomes.calendar import round_dates
from phaseline.outcomes.documents import plain_interval as _interval
from phaseline.outcomes.known import change_in
from phaseline.outcomes.schema import summary_schema
from phaseline.outcomes.statistics import (
    LEVEL,
    Missing,
    amount_interval,
    exactly,
    mean_interval,
    probability_interval,
    quantile_intervals,
    variance_split,
)
from phaseline.scenario.calendar import horizon_days, last_date, start_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phaseline.outcomes.results import Outcomes
    from phaseline.scenario.schema import Operation, Phase, Scenario

__all__ = ["headline", "summarise", "summary_schema"]

FORMAT = "phaseline-summary/1"
TENTHS = (0.1, 0.5, 0.9)
TENTH_NAMES = ("p10", "p50", "p90")
WORTH_COMPARING = 1.0
"""Mean days overstretched, under one plan at least, from which plans are compared by them."""
_DONE, _FAILED = 1, 2
_PHASE_DONE, _PHASE_FAILED = 2, 3
_PEOPLE = {
    "displaced": "people displaced", "person_days": "their person-days",
    "person_days_held": "person-days of those not yet reached", "harm": "civilians harmed",
}  # fmt: skip


def summarise(outcomes: Outcomes) -> dict[str, Any]:
    """Everything the terminal shows, as plain data; see `summary_schema`."""
    scenario = outcomes.scenario
    dates = _chosen_dates(outcomes)
    return {
        "format": FORMAT,
        "title": scenario.title,
        "use_class": outcomes.info.get("use_class", "compare"),
        "as_of": scenario.as_of.isoformat(),
        "start": start_date(scenario).isoformat(),
        "horizon": last_date(outcomes.scenario).isoformat(),
        "scenario_fingerprint": outcomes.scenario_fingerprint,
        "seed": outcomes.seed,
        "replications": outcomes.replications,
        "per_world": outcomes.per_world,
        "worlds": outcomes.worlds,
        "level": LEVEL,
        "off": dict(scenario.off),
        "warnings": [str(warning) for warning in outcomes.info.get("warnings", [])],
        "numbers": _numbers_told(outcomes.scenario),
        "unknowns": outcomes.unknowns,
        "plans": {plan: _Reader(outcomes, plan).plan(dates) for plan in outcomes.plans},
        "differences": _differences(outcomes),
    }


def _numbers_told(scenario: Scenario) -> dict[str, int]:
    """How many numbers of the scenario rest on a source, on a reasoning, or on neither."""
    from phaseline.scenario.provenance import counts, provenance

    return counts(entry.basis for entry in provenance(scenario))


def _differences(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Each further plan less the first, history by history (common random numbers)."""
    first, *others = outcomes.plans
    readers = {plan: _Reader(outcomes, plan) for plan in outcomes.plans}
    found = []
    for plan in others:
        measures = {}
        for one in readers[plan].compared():
            mine, theirs = one.values(readers[plan]), one.values(readers[first])
            change = change_in(outcomes, one.columns, plan, first, float(mine[0]), float(theirs[0]))
            if change is None and one.key == "failed":
                fails = [readers[name].any_fails() for name in (plan, first)]
                change = None if None in fails else 100.0 * (bool(fails[0]) - bool(fails[1]))
            difference = (
                mean_interval(mine - theirs, outcomes.per_world) if change is None else exactly(change)
            )
            measures[one.key] = {
                "label": one.label,
                "unit": one.unit,
                "more": one.more,
                "less": one.less,
                "main": one.main,
                "difference": _interval(difference),
                "exact": change is not None,
            }
        found.append({"plan": plan, "against": first, "outcomes": measures})
    return found


def headline(outcomes: Outcomes, plan: str) -> str:
    """One plan's answer in one line: when all is done, how surely, and what binds first."""
    from phaseline.outcomes.wording import Words, is_certain, percent, percent_value, time_text

    reader = _Reader(outcomes, plan)
    words = Words(outcomes.scenario.vocabulary)
    end, binding = reader.column("end"), reader.of("", "first_binding")
    chance = reader.of("", "end").chance(~np.isnan(end), reader.whether("end", lambda end: end < np.inf))
    ends = reader.of("", "end").times(end, last_day=True)
    beyond = "beyond the horizon"
    p10, p50, p90 = (time_text(ends[name], beyond) for name in TENTH_NAMES)
    parts = [f"all done {p50} (10–90 %: {p10} to {p90}), by the horizon in {percent(chance)}"]
    if outcomes.knows(plan, "end"):
        parts = [f"all done {p50}"]
    elif is_certain(chance):
        parts = [f"all done {p50} (10–90 %: {p10} to {p90})"]
    assets = list(outcomes.scenario.assets)
    if assets:
        first = reader.column("first_binding")
        shares = [binding.chance(first == index) for index in range(len(assets))]
        best = max(range(len(assets)), key=lambda index: shares[index]["value"])
        if shares[best]["value"] > 0:
            label = outcomes.scenario.assets[assets[best]].label or assets[best]
            how_often = "" if is_certain(shares[best]) else f" in {percent(shares[best])}"
            parts.append(f"first to bind: {label}{how_often}")
        else:
            how_often = "" if is_certain(shares[best]) else f" ({percent_value(shares[best])})"
            parts.append(f"no {words('asset')} binds{how_often}")
    return "; ".join(parts)


@dataclass(frozen=True)
class _Compared:
    """What plans are compared by: how more and less of it are told, {} standing for the amount with its unit.

    What is not `main` is told where the last end does not tell the plans apart.
    """

    key: str
    label: str
    unit: str
    more: str
    less: str
    columns: tuple[str, ...]
    made: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    """Of the columns, shape [column, history]; by default their sum."""
    main: bool = True

    def values(self, reader: _Reader) -> NDArray[np.float64]:
        """Of each history under a plan."""
        table = np.stack([reader.named(name) for name in self.columns])
        return np.asarray(table.sum(axis=0) if self.made is None else self.made(table), dtype=np.float64)


@dataclass(frozen=True)
class _Estimates:
    """Statistics as plain data; of what is certain the first history tells all, and there is no interval."""

    start: dt.date
    per_world: int
    certain: bool
    lucky: bool
    """Whether no unknown number reaches it."""

    def chance(self, happened: NDArray[np.bool_], known: bool | None = None) -> dict[str, Any]:
        """A chance; with whether it happens where the model decides that."""
        if known is None and self.certain:
            known = bool(happened[0])
        if known is not None:
            return _interval(exactly(float(known)))
        return _interval(probability_interval(happened, self.per_world))

    def mean(self, values: NDArray[np.float64]) -> dict[str, Any]:
        return _interval(
            exactly(float(values[0])) if self.certain else amount_interval(values, self.per_world)
        )

    def ignorance(self, values: NDArray[np.float64]) -> dict[str, Any]:
        if self.lucky and not self.certain:
            return _interval(exactly(0.0))
        return _interval(variance_split(values, self.per_world))

    def tenths(self, values: NDArray[np.float64], missing: Missing = "beyond") -> dict[str, Any]:
        found = quantile_intervals(values, TENTHS, self.per_world, missing=missing)
        return dict(zip(TENTH_NAMES, map(_interval, found), strict=True))

    def fate(
        self,
        done: NDArray[np.bool_],
        failed: NDArray[np.bool_],
        known: tuple[bool | None, bool | None] = (None, None),
    ) -> dict[str, Any]:
        """Chances of the three fates; with whether it is done and failed where the model decides that."""
        either = True if True in known else None if None in known else False
        return {
            "done": self.chance(done, known[0]),
            "failed": self.chance(failed, known[1]),
            "unfinished": self.chance(~done & ~failed, None if either is None else not either),
        }

    def by(
        self, end: NDArray[np.float64], dates: list[dt.date], known: Callable[[float], bool | None]
    ) -> list[dict[str, Any]]:
        rows = []
        for date in dates:
            latest = (date - self.start).days + 1
            chance = self.chance(end <= latest, known(latest))
            rows.append({"date": date.isoformat(), "end": latest, "chance": chance})
        return rows

    def spread(self, values: NDArray[np.float64]) -> dict[str, Any]:
        return {"mean": self.mean(values), **self.tenths(values, "drop")}

    def times(
        self, values: NDArray[np.float64], *, last_day: bool = False, missing: Missing = "beyond"
    ) -> dict[str, Any]:
        """Tenths of times, with their dates."""
        tenths = self.tenths(values, missing)
        for time in tenths.values():
            for key, name in (("value", "date"), ("low", "date_low"), ("high", "date_high")):
                time[name] = (
                    None if time[key] is None else date_of(self.start, time[key], last_day).isoformat()
                )
        return tenths


class _Reader:
    """What there is to say of one plan, from its columns by name."""

    def __init__(self, outcomes: Outcomes, plan: str) -> None:
        self._outcomes = outcomes
        self._plan = plan
        self._run = outcomes.runs[plan]
        self._scenario = outcomes.scenario
        self._start = start_date(outcomes.scenario)
        self._positions = {column.name: index for index, column in enumerate(outcomes.columns)}

    def named(self, name: str) -> NDArray[np.float64]:
        """A column by its whole name."""
        return self._run.table[:, self._positions[name]]

    def column(self, quantity: str, entity: str = "") -> NDArray[np.float64]:
        return self._run.table[:, self._positions[_name(quantity, entity)]]

    def of(self, entity: str, *quantities: str) -> _Estimates:
        """Statistics of what is read from some columns of an entity."""
        return self._of(_name(quantity, entity) for quantity in quantities)

    def of_all(self, entities: Iterable[str], *quantities: str) -> _Estimates:
        """Statistics of what is read from the same columns of several entities together."""
        return self._of(_name(quantity, entity) for entity in entities for quantity in quantities)

    def _of(self, names: Iterable[str]) -> _Estimates:
        names = list(names)
        return _Estimates(
            self._start,
            self._outcomes.per_world,
            self._outcomes.knows(self._plan, *names),
            self._outcomes.lucky(self._plan, *names),
        )

    def whether(self, column: str, happens: Callable[[float], bool]) -> bool | None:
        """Whether a column is in every history, or in none, as asked, where both ends of what it may be agree.

        What is asked must not go to and fro with the column, as `known.decided` says; missing is infinite.
        """
        if self._outcomes.knows(self._plan, column):
            value = float(self.named(column)[0])
            return bool(happens(np.inf if np.isnan(value) else value))
        bounds = self._outcomes.bounds(self._plan, column)
        told = {bool(happens(end)) for end in bounds or ()}
        return told.pop() if len(told) == 1 else None

    def _is_in(self, name: str, done: int, failed: int) -> tuple[bool | None, bool | None]:
        """Whether an operation or a phase is done, and has failed, in every history or in none."""
        column = _name("status", name)
        return self.whether(column, lambda code: code == done), self.whether(
            column, lambda code: code == failed
        )

    def compared(self) -> list[_Compared]:
        """What plans are compared by; an end never reached is the horizon, a start never reached is left out."""
        scenario = self._scenario
        found = [
            _Compared(
                "end", "the last end", "day", "ends {} later", "ends {} earlier", ("end",), self._to_horizon
            )
        ]
        for name, asset in scenario.assets.items():
            if self._ever_overstretched(name):
                of = f"overstretch of {asset.label or name} by {{}}"
                key = f"overstretched.{name}"
                found.append(
                    _Compared(key, asset.label or name, "day", f"lengthens {of}", f"shortens {of}", (key,))
                )
        for key, side, label in (
            ("losses", "own", "own losses"),
            ("adversary_losses", "adversary", "losses of the adversary"),
        ):
            columns = tuple(f"losses.{name}" for name, force in scenario.forces.items() if force.side == side)
            if columns:
                found.append(_amount(key, label, columns, main=side == "own"))
        abroad = scenario.attacks_abroad
        for key, label, there in (
            ("attacks_directed", "directed attacks abroad", abroad.directed),
            ("attacks_inspired", "inspired attacks abroad", abroad.inspired),
            ("attacks_through", "attacks that come through", scenario.shocks),
        ):
            if there:
                more, less = f"brings {{}} more {label}", f"brings {{}} fewer {label}"
                found.append(_Compared(key, label, "", more, less, (key,), main=key == "attacks_directed"))
        return [*found, *self._further()]

    def _further(self) -> list[_Compared]:
        """What else the table of rival plans shows."""
        scenario, found = self._scenario, []
        for name, operation in scenario.operations.items():
            label = operation.label or name
            for verb, made in (("start", None), ("end", self._to_horizon)):
                if verb == "start" or len(scenario.operations) > 1:
                    key, told = f"{verb}.{name}", f"{verb}s {label} {{}}"
                    more, less = f"{told} later", f"{told} earlier"
                    found.append(
                        _Compared(key, f"{verb} of {label}", "day", more, less, (key,), made, main=False)
                    )
        statuses = tuple(f"status.{name}" for name in scenario.operations)
        more, less = "raises the chance of failure by {}", "lowers the chance of failure by {}"
        found.append(
            _Compared("failed", "failure", "point", more, less, statuses, _percent_failed, main=False)
        )
        labels = {
            **(_PEOPLE if scenario.people is not None else {}),
            "elsewhere_cost": "the cost elsewhere",
            "relief_cost": "the cost of relief",
        }
        for key, label in labels.items():
            columns = tuple(f"{key}.{name}" for name in scenario.operations) if key == "displaced" else (key,)
            if any(
                self._outcomes.column(plan, one).any() for plan in self._outcomes.plans for one in columns
            ):
                found.append(_amount(key, label, columns, main=False))
        return found

    def _to_horizon(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """An end, the horizon where it is never reached."""
        return np.asarray(np.nan_to_num(table[0], nan=float(horizon_days(self._scenario))), dtype=np.float64)

    def _ever_overstretched(self, asset: str) -> bool:
        """Whether under some plan it is, by a day or more on average."""
        name = f"overstretched.{asset}"
        return any(
            self._outcomes.column(plan, name).mean() >= WORTH_COMPARING for plan in self._outcomes.plans
        )

    def plan(self, dates: dict[str, list[dt.date]]) -> dict[str, Any]:
        plan = self._scenario.plans.get(self._run.plan)
        return {
            "title": self._run.title or self._run.plan,
            "means": plan.means if plan is not None else None,
            "fingerprint": self._run.fingerprint,
            "operations": {
                name: self._operation(name, operation, dates[name])
                for name, operation in self._scenario.operations.items()
            },
            "all": self._all(dates[""]),
            "binding": self._binding(),
            "forces": {name: self._force(name) for name in self._scenario.forces},
            "people": self._people(),
            "attacks": self._attacks(),
            "costs": self._costs(),
        }

    def _operation(self, name: str, operation: Operation, dates: list[dt.date]) -> dict[str, Any]:
        start, end, status = (self.column(quantity, name) for quantity in ("start", "end", "status"))
        delay = self.column("delay", name)
        phases = list(operation.phases.values())
        begins, ends = self.of(name, "start"), self.of(name, "end", "status")
        return {
            "label": operation.label or name,
            "duel": all(_is_duel(phase) for phase in phases),
            "certain": ends.certain,
            **ends.fate(status == _DONE, status == _FAILED, self._is_in(name, _DONE, _FAILED)),
            "start": begins.times(start),
            "end": ends.times(end, last_day=True),
            "end_mean": ends.mean(end),
            "decided_mean": self.of(name, "decided").mean(self.column("decided", name)),
            "duration": self.of(name, "start", "end").tenths(end - start),
            "by": ends.by(end, dates, self._by(f"end.{name}")),
            "delay": None if np.isnan(delay).all() else self.of(name, "delay").tenths(delay, "drop"),
            "ignorance": {"end": ends.ignorance(end), "done": ends.ignorance(status == _DONE)},
            "suspended": self._suspended(name) if operation.suspension is not None else None,
            "phases": {key: self._phase(f"{name}.{key}", phase) for key, phase in operation.phases.items()},
        }

    def _phase(self, name: str, phase: Phase) -> dict[str, Any]:
        start, end, status = (self.column(quantity, name) for quantity in ("start", "end", "status"))
        begins, ends = self.of(name, "start"), self.of(name, "end", "status")
        return {
            "label": phase.label or name.partition(".")[2],
            "duel": _is_duel(phase),
            **ends.fate(
                status == _PHASE_DONE, status == _PHASE_FAILED, self._is_in(name, _PHASE_DONE, _PHASE_FAILED)
            ),
            "start": begins.times(start),
            "end": ends.times(end, last_day=True),
            "pace": self._pace(name) if phase.depth is not None and len(phase.resistance) > 1 else None,
        }

    def _suspended(self, name: str) -> dict[str, Any]:
        """How often an operation comes to a stop, and for how long where it does."""
        times, short, days = (
            self.column(quantity, name) for quantity in ("suspensions", "suspensions_short", "suspended")
        )
        of = self.of(name, "suspensions", "suspensions_short", "suspended")
        return {
            "ever": of.chance(times > 0),
            "short": of.chance(short > 0),
            "days": of.tenths(np.where(days > 0, days, np.nan), "drop"),
        }

    def _pace(self, name: str) -> dict[str, Any]:
        """Days for the outer and the inner half of the depth, and how often the inner is slower; unfinished, it is so far."""
        start, half, end = (self.column(quantity, name) for quantity in ("start", "half", "end"))
        of = self.of(name, "start", "half", "end")
        outer, inner = half - start, end - half
        so_far = np.where(np.isnan(end), float(horizon_days(self._scenario)) - half, inner)
        return {
            "outer": of.tenths(outer, "drop"),
            "inner": of.tenths(inner, "drop"),
            "slower": of.chance(np.nan_to_num(so_far - outer, nan=-1.0) > 0.0),
        }

    def _all(self, dates: list[dt.date]) -> dict[str, Any]:
        end = self.column("end")
        statuses = np.stack([self.column("status", name) for name in self._scenario.operations])
        done = (statuses == _DONE).all(axis=0)
        ends = self.of_all(self._scenario.operations, "end", "status")
        each = [self._is_in(name, _DONE, _FAILED)[0] for name in self._scenario.operations]
        known = (False if False in each else None if None in each else True, self.any_fails())
        return {
            "certain": ends.certain,
            **ends.fate(done, (statuses == _FAILED).any(axis=0), known),
            "end": ends.times(end, last_day=True),
            "end_mean": ends.mean(end),
            "by": ends.by(end, dates, self._by("end")),
            "ignorance": {"end": ends.ignorance(end), "done": ends.ignorance(done)},
        }

    def any_fails(self) -> bool | None:
        """Whether an operation fails in every history, or none in any, where the model decides that."""
        each = [self._is_in(name, _DONE, _FAILED)[1] for name in self._scenario.operations]
        return True if True in each else None if None in each else False

    def _by(self, column: str) -> Callable[[float], bool | None]:
        return lambda latest: self.whether(column, lambda end: end <= latest)

    def _binding(self) -> dict[str, Any] | None:
        assets = self._scenario.assets
        if not assets:
            return None
        first = self.column("first_binding")
        return {
            "none": self.of("", "first_binding").chance(first < 0),
            "assets": {name: self._asset(name, first == index) for index, name in enumerate(assets)},
        }

    def _asset(self, name: str, first: NDArray[np.bool_]) -> dict[str, Any]:
        asset = self._scenario.assets[name]
        binds, days = self.column("binds", name), self.column("overstretched", name)
        peak = self.column("peak_strain", name)
        strain, used = self.of(name, "binds", "overstretched", "peak_strain"), self.of(name, "flown", "unmet")
        return {
            "label": asset.label or name,
            "unit": asset.unit,
            "binds": strain.chance(~np.isnan(binds)),
            "first": self.of("", "first_binding").chance(first),
            "day": strain.times(binds, missing="drop"),
            "overstretched_days": strain.mean(days),
            "peak_strain": strain.tenths(peak, "drop"),
            "no_capacity": strain.chance(np.isposinf(peak)),
            "flown": used.mean(self.column("flown", name)),
            "unmet": used.spread(self.column("unmet", name)),
            "unmet_elsewhere": self.of(name, "unmet_elsewhere").mean(self.column("unmet_elsewhere", name)),
            "ignorance": strain.ignorance(days),
        }

    def _force(self, name: str) -> dict[str, Any]:
        force = self._scenario.forces[name]
        quantities = ("losses", "killed", "captured", "strength")
        told = self.of(name, *quantities)
        return {
            "label": force.label or name,
            "side": force.side,
            **{quantity: told.spread(self.column(quantity, name)) for quantity in quantities},
            "ignorance": told.ignorance(self.column("losses", name)),
        }

    def _people(self) -> dict[str, Any] | None:
        if self._scenario.people is None:
            return None
        operations = self._scenario.operations
        displaced = np.sum([self.column("displaced", name) for name in operations], axis=0)
        everywhere = self.of_all(operations, "displaced")
        return {
            "displaced": everywhere.spread(displaced),
            "person_days": self.of("", "person_days").spread(self.column("person_days")),
            "person_days_held": self.of("", "person_days_held").spread(self.column("person_days_held")),
            "harm": self.of("", "harm").spread(self.column("harm")),
            "ignorance": everywhere.ignorance(displaced),
        }

    def _attacks(self) -> dict[str, Any] | None:
        abroad = self._scenario.attacks_abroad
        present = {
            "through": bool(self._scenario.shocks),
            "directed": abroad.directed is not None,
            "inspired": abroad.inspired is not None,
        }
        found = {
            name: self.of("", f"attacks_{name}").spread(self.column(f"attacks_{name}"))
            for name, there in present.items()
            if there
        }
        return found or None

    def _costs(self) -> dict[str, Any]:
        names = {"elsewhere": "elsewhere_cost", "relief": "relief_cost"}
        return {
            key: self.of("", name).spread(self.column(name))
            for key, name in names.items()
            if self.column(name).any()
        }


def _amount(key: str, label: str, columns: tuple[str, ...], *, main: bool) -> _Compared:
    return _Compared(key, label, "", f"raises {label} by {{}}", f"lowers {label} by {{}}", columns, main=main)


def _percent_failed(statuses: NDArray[np.float64]) -> NDArray[np.float64]:
    """100 in a history in which an operation has failed, so that the mean is in per cent."""
    return np.asarray(100.0 * (statuses == _FAILED).any(axis=0), dtype=np.float64)


def _name(quantity: str, entity: str) -> str:
    return f"{quantity}.{entity}" if entity else quantity


def date_of(start: dt.date, time: float, last_day: bool) -> dt.date:
    """Date of a time counted from the beginning of day 0: of the last day before it, or of the day it lies on."""
    day = max(math.ceil(time) - 1, 0) if last_day else math.floor(time)
    return start + dt.timedelta(days=day)


def _is_duel(phase: Phase) -> bool:
    return phase.kind == "contested" and phase.depth is None


def _chosen_dates(outcomes: Outcomes) -> dict[str, list[dt.date]]:
    """A few round dates for each operation, and for all under the empty name; the same for every plan."""
    names: Iterable[str] = ["", *outcomes.scenario.operations]
    start = start_date(outcomes.scenario)
    chosen: dict[str, list[dt.date]] = {}
    for name in names:
        column = f"end.{name}" if name else "end"
        ends = np.concatenate([outcomes.column(plan, column) for plan in outcomes.plans])
        ends = ends[~np.isnan(ends)]
        if not ends.size:
            chosen[name] = []
            continue
        low, high = np.quantile(ends, (0.05, 0.95), method="inverted_cdf")
        chosen[name] = round_dates(date_of(start, low, True), date_of(start, high, True))
    return chosen
