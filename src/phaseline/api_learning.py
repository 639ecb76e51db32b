"""The verbs that learn, one function each; they only wire parts."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.api import (
    Mechanisms,
    PathLike,
    Plans,
    _check_folder,
    _one_plan,
    _plans,
    _scenario,
    _scenario_file,
)
from phaseline.errors import InputError, Problem
from phaseline.scenario.readable import counted

if TYPE_CHECKING:
    from threading import Event

    from phaseline.learning.attrition import Fit
    from phaseline.learning.reference import ReferenceClass, Table, Target
    from phaseline.scenario.battles import Battle
    from phaseline.scenario.case_files import ReferenceFile
    from phaseline.scenario.daily import BattleDays
    from phaseline.scenario.reports import Report
    from phaseline.scenario.schema import Scenario

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
UPDATE_FILES = ("update.json", "posterior.csv", "scenario.yaml", "inference.nc")
BACKTEST_FILES = ("backtest.json", "backtest.html")
FIT_FILES = ("fit.json", "fitted.csv")
MOST_FORETOLD = 40
"""Battles foretold from all others: with hundreds, each of them takes seconds."""
REFERENCE_FILES = ("reference.json", "posterior.csv", "scenario.yaml")


@dataclass(frozen=True)
class Updated:
    """What `update` returns.

    Attributes
    ----------
    document
        Forecasts before and after, what moved them, plans, as in ``update.json``.
    scenario
        The scenario with the posterior in place of what it said of its numbers: to be run like any other. Its histories
        begin on day 0 again, with new chance.
    """

    document: Mapping[str, Any]
    scenario: Scenario


def update(
    scenario: Scenario | PathLike,
    reports: PathLike,
    *,
    plan: str | None = None,
    plans: Plans | None = None,
    published_by: dt.date | str | None = None,
    particles: int = 1024,
    seed: int = 1,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    out: PathLike | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Updated:
    """Update a forecast with dated reports: what they change, what moved it, whether another plan is better now.

    Parameters
    ----------
    scenario, seed, threads, on, off, cancel
        As in `run`.
    reports
        CSV file: ``date, operation, quantity, value_low, value_high, unit, source, speaker, published``, and perhaps ``error``
        and ``note``. See ``docs/learning.md``.
    plan
        Plan that was followed so far; the first of the scenario by default.
    plans
        Plans to be compared; all of the scenario by default.
    published_by
        Leave out what was published later.
    particles
        Histories of the posterior, 50 to 1,000,000.
    out
        Folder for ``update.json``, ``posterior.csv``, ``scenario.yaml`` and ``inference.nc`` (with ArviZ's group names).
    progress
        Told the reports taken in, and all.

    Raises
    ------
    InputError
        If the scenario, a report or an option is refused; every fault is told.
    InterruptedRun
        If stopped; nothing is written then.
    """
    from phaseline.execution.settings import RunSettings, check_whole
    from phaseline.learning import updating
    from phaseline.scenario.reports import read_reports

    settings = RunSettings(seed=seed, threads=threads)
    if problems := list(check_whole("particles", particles, 50, 1_000_000)):
        raise InputError(problems)
    checked, _ = _scenario(scenario, on, off)
    compared = _plans(checked, plans)
    followed = plan if plan is not None else next(iter(compared))
    followed, chosen = _one_plan(checked, followed)
    compared |= {followed: chosen}
    by = _day(published_by, "published_by")
    told, warnings = read_reports(reports, checked, by)
    if out is not None:
        _check_folder(out, UPDATE_FILES)
    found, document = updating.update(
        checked, compared, followed, told, seed=seed, threads=settings.num_threads, num_particles=particles,
        progress=progress, cancel=cancel,
    )  # fmt: skip
    document["warnings"] = [*_of_reports(reports, told, warnings, by), *document["warnings"]]
    posterior = _posterior_scenario(checked, found, document)
    if out is not None:
        _write_update(out, scenario, checked, found, document)
    return Updated(document, posterior)


def _of_reports(
    path: PathLike, told: Sequence[Report], warnings: Sequence[Problem], by: dt.date | None
) -> list[str]:
    """What had to be said about reports; of a file without any that can be used, the reason in any case."""
    if told or warnings:
        return [str(warning) for warning in warnings]
    return [f"{path}: " + ("holds no report" if by is None else f"holds no report published by {by}")]


def _posterior_scenario(scenario: Scenario, found: Any, document: Mapping[str, Any]) -> Scenario:
    from phaseline.scenario.distributions import Joint
    from phaseline.scenario.ensembles import with_draws

    names = _written_numbers(scenario, found.particles.numbers)
    values = found.particles.values(found.sample.state.scores, tuple(names))
    values = _ordered(values, names, document)
    return with_draws(
        scenario, {name: Joint("posterior", tuple(values[:, j].tolist())) for j, name in enumerate(names)}
    )


def _written_numbers(scenario: Scenario, names: Iterable[str]) -> list[str]:
    """Those of the numbers that the file itself writes, in its order of draws."""
    from phaseline.scenario.naming import written_numbers

    known = written_numbers(scenario)
    return [name for name in names if name in known]


def _ordered(values: Any, names: list[str], document: Mapping[str, Any]) -> Any:
    """Draws in the order of the number that moved most: neighbours in luck are then near each other."""
    import numpy as np

    lead = next((row["name"] for row in document["numbers"] if row["name"] in names), None)
    return values if lead is None else values[np.argsort(values[:, names.index(lead)], kind="stable")]


def _write_update(
    out: PathLike, source: Scenario | PathLike, scenario: Scenario, found: Any, document: Mapping[str, Any]
) -> None:
    from phaseline.outcomes.files import write_documents
    from phaseline.outcomes.inference_file import write_inference

    names = _written_numbers(scenario, found.particles.numbers)
    values = _ordered(found.particles.values(found.sample.state.scores, tuple(names)), names, document)
    told = [
        f"Posterior of '{scenario.title}' given {counted(len(document['reports']), 'report')}, seed {found.particles.seed}.",
        "Each row is one draw, as likely as any other.",
        *(
            f"{row['name']}: {row['after']['p50']:.4g} ({row['after']['p10']:.4g} to {row['after']['p90']:.4g}), before "
            f"{row['before']['p50']:.4g} ({row['before']['p10']:.4g} to {row['before']['p90']:.4g})"
            for row in document["numbers"][:12]
            if row["name"] in names
        ),
    ]
    texts, block = {}, ""
    if names:  # else there is nothing unknown, and the scenario is its own posterior
        texts["posterior.csv"] = _ensemble_csv(scenario, names, values, told)
        block = _block("posterior", f"posterior given {counted(len(document['reports']), 'report')}")
    text = _with_block(source, block)
    if text is not None:
        texts["scenario.yaml"] = text
    write_documents(out, {"update.json": document}, texts)
    groups, labels = _inference_groups(found, names)
    write_inference(
        Path(out) / "inference.nc", groups, {"title": scenario.title, "created_by": "phaseline"}, labels
    )


def _inference_groups(found: Any, names: list[str]) -> tuple[dict[str, Any], list[str]]:
    import numpy as np

    from phaseline.learning.updating import _prior

    state = found.sample.state
    prior = _prior(found, len(state.scores), found.particles.seed)
    after, before = (found.particles.values(one.scores, tuple(names)) for one in (state, prior))
    groups: dict[str, Any] = {
        "posterior": {name: after[:, j] for j, name in enumerate(names)},
        "prior": {name: before[:, j] for j, name in enumerate(names)},
    }
    stages = found.observations.stages
    if stages:
        watch = found.particles.watch(state.scores, state.luck, found.observations.days)
        groups["posterior_predictive"] = {"report_value": found.observations.expected(watch)}
        groups["log_likelihood"] = {"report_value": found.observations.log_likelihood(watch)}
        groups["observed_data"] = {"report_value": np.array([stage.report.middle for stage in stages])}
        groups["sample_stats"] = {
            "evidence": np.array([one.evidence for one in found.sample.reports]),
            "least_effective_share": np.array([one.least_ess for one in found.sample.reports]),
        }
    return groups, [str(stage.report) for stage in stages]


def _ensemble_csv(scenario: Scenario, names: list[str], values: Any, told: list[str]) -> str:
    from phaseline.scenario.ensembles import ensemble_text
    from phaseline.scenario.naming import written_numbers

    written = written_numbers(scenario)
    return ensemble_text(names, [written[name].dimension for name in names], values, told)


def _block(name: str, reason: str) -> str:
    """An ensemble of the draws in ``posterior.csv``, as a scenario file writes it."""
    return f"ensembles:\n  {name}: {{file: posterior.csv, assumed: {json.dumps(reason)}}}\n"


def _with_block(source: Scenario | PathLike, block: str) -> str | None:
    """The scenario's own text with a block added; None where there is no text, or it has ensembles already."""
    from phaseline.scenario.schema import Scenario as Model

    if isinstance(source, Model):
        return None
    text = _scenario_file(source).read_text(encoding="utf-8-sig")
    if any(line.startswith("ensembles:") for line in text.splitlines()):
        return None
    return f"{text.rstrip()}\n\n{block}".rstrip() + "\n"


@dataclass(frozen=True)
class _Learned:
    """What earlier battles say of a case: the model, what was asked of it, and draws of the case's numbers by what they are."""

    fitted: ReferenceClass
    data: Table
    asked: ReferenceFile
    target: Target
    draws: Mapping[str, Any]

    def values(self) -> Any:
        """Draws of the numbers, shape (draws, numbers), by the first number: neighbours in luck are then near each other."""
        import numpy as np

        values = np.stack([self.draws[what] for what in self.asked.numbers], axis=1)
        return values[np.argsort(values[:, 0], kind="stable")]

    def scenario(self, case: Scenario) -> Scenario:
        """The case with these numbers in place."""
        from phaseline.scenario.distributions import Joint
        from phaseline.scenario.ensembles import with_draws

        columns = zip(self.asked.numbers.values(), self.values().T, strict=True)
        return with_draws(case, {name: Joint("battles", tuple(column.tolist())) for name, column in columns})


def _when(battle: Battle) -> dict[str, str]:
    """First and last day of a battle that was read: they tell battles of one name apart."""
    return {"start": str(battle.start), "end": str(battle.end)}


def _learned(scenario: Scenario, battles: Sequence[Battle], source: Path, file: Path, seed: int) -> _Learned:
    """Fit what `file` asks for to battles read from `source`."""
    import numpy as np

    from phaseline.learning import reference as classes
    from phaseline.scenario.case_files import load_reference

    asked = load_reference(file, scenario)
    try:
        data = classes.table(battles)
    except ValueError as error:
        raise InputError(Problem(str(source), rule=str(error), remedy="add battles")) from None
    fitted = classes.ReferenceClass(data, seed=seed)
    wanted = asked.target
    population, defenders, attackers, sealed = (
        (limits[0], limits[1])
        for limits in (wanted.population, wanted.defenders, wanted.attackers, wanted.sealed)
    )
    target = classes.Target(wanted.kind, population, defenders, attackers, sealed)
    draws = fitted.numbers(target, wanted.days)
    rng = np.random.Generator(np.random.Philox([seed, 7]))
    for what, factor in asked.factor.items():
        draws[what] = draws[what] * factor.dist.quantile(rng.random(len(draws[what])))
    return _Learned(fitted, data, asked, target, draws)


def reference(
    scenario: Scenario | PathLike,
    battles: PathLike | None = None,
    *,
    file: PathLike | None = None,
    known_by: dt.date | str | None = None,
    foretell: int = MOST_FORETOLD,
    seed: int = 1,
    out: PathLike | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Fit a reference class to earlier battles, and write what it says of the case's numbers as an ensemble.

    Parameters
    ----------
    scenario
        As in `run`.
    battles
        CSV file of battles; default ``battles.csv`` beside the scenario.
    file
        ``format: phaseline-reference/1``: the battle to be foretold and the numbers to be set; default ``reference.yaml``
        beside the scenario.
    known_by
        Leave out what was known later; default the scenario's ``as_of``.
    foretell
        How many battles at most are foretold as well, each from all others: 0 for none, else at least 2. Where more were
        taken, these are chosen evenly over the table; each costs a fit of its own.
    seed
        The same seed gives the same posterior.
    out
        Folder for ``reference.json``, ``posterior.csv`` and ``scenario.yaml``.
    progress
        Told the battles left out so far, and all that will be.

    Returns
    -------
    dict
        As in ``reference.json``.

    Raises
    ------
    InputError
        If a file is refused; every fault is told.
    """
    import numpy as np

    from phaseline.execution.settings import RunSettings, check_whole
    from phaseline.learning import reference as classes
    from phaseline.learning import scores
    from phaseline.learning.updating import spread
    from phaseline.outcomes.files import write_documents
    from phaseline.scenario.battles import read_battles
    from phaseline.scenario.naming import written_numbers

    RunSettings(seed=seed)
    problems = list(check_whole("foretell", foretell, 0, 1_000_000))
    if not problems and foretell == 1:
        rule, remedy = "one battle gives no interval", "write 0 for none, or at least 2"
        problems = [Problem("options", path="foretell", value="1", rule=rule, remedy=remedy)]
    if problems:
        raise InputError(problems)
    checked, _ = _scenario(scenario)
    beside = _beside(scenario)
    day = _day(known_by, "known_by") or checked.as_of
    if out is not None:
        _check_folder(out, REFERENCE_FILES)
    file = _default(file, beside, "reference.yaml", "file")
    path = _default(battles, beside, "battles.csv", "battles")
    found, warnings = read_battles(path, day)
    learned = _learned(checked, found, path, file, seed)
    fitted, asked, written = learned.fitted, learned.asked, written_numbers(checked)
    lasting, _ = fitted.days_of(learned.target, np.random.Generator(np.random.Philox([seed, 8])))
    document: dict[str, Any] = {
        "format": "phaseline-reference-fit/1",
        "title": checked.title,
        "known_by": day.isoformat(),
        "seed": seed,
        "battles": [
            {"battle": one.name, **_when(one), "class": one.kind, "days": one.days, "result": one.result}
            for one in found
        ],
        "days": spread(lasting),
        "numbers": [
            {
                "name": name,
                "what": what,
                "label": written[name].label or name,
                "case": _percentiles(written[name].dist.quantile(np.array([0.1, 0.5, 0.9]))),
                "learned": _percentiles(np.quantile(learned.draws[what], [0.1, 0.5, 0.9])),
            }
            for what, name in asked.numbers.items()
        ],
        "parameters": fitted.identifiability(),
        "distinct": fitted.sample.distinct,
        "warnings": [str(warning) for warning in warnings],
    }
    if foretell:
        rows = classes.leave_one_out(learned.data, seed=seed, most=foretell, progress=progress)
        document["foretold"] = {"number": len(rows), "of": int(learned.data.ended.sum())}
        document["left_out"] = [
            {
                "battle": row.name, **_when(found[row.index]), "days": row.days,
                **{f"p{100 * level:.0f}": row.quantiles[level] for level in (0.1, 0.5, 0.9)},
                "pit": row.pit, "log_score": row.log_score, "plain": row.plain_log_score,
            }
            for row in rows
        ]  # fmt: skip
        held = scores.coverage([0.1 <= row.pit <= 0.9 for row in rows], 0.8)
        gain = scores.mean_difference(
            [row.log_score for row in rows], [row.plain_log_score for row in rows], seed
        )
        document["coverage"] = held._asdict()
        document["gain"] = gain._asdict()
    if out is not None:
        told = [
            f"Posterior from {counted(len(found), 'battle')} known by {day}, seed {seed}: each row is one draw, as "
            "likely as any other."
        ]
        texts = {
            "posterior.csv": _ensemble_csv(checked, list(asked.numbers.values()), learned.values(), told)
        }
        text = _with_block(scenario, _block("battles", f"reference class of {counted(len(found), 'battle')}"))
        if text is not None:
            texts["scenario.yaml"] = text
        write_documents(out, {"reference.json": document}, texts)
    return document


def fit(
    file: PathLike,
    law: str = "square",
    *,
    method: str = "origin",
    errors: str | None = None,
    exponents: str = "common",
    tactical: bool = False,
    seed: int = 1,
    out: PathLike | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Fit laws of attrition to a battle, day by day, and tell which foretells best a day that was left out.

    Parameters
    ----------
    file
        CSV: ``day``, strengths ``x`` and ``y`` or ``x_losses`` and ``y_losses``, perhaps arrivals and ``attacker``.
    law
        ``square``, ``linear``, ``mixed``, ``logarithmic``, ``bracken``, ``helmbold``, several separated by commas, or ``all``.
        Those that the method or the days do not allow are named under ``not_fitted``, as long as one is fitted.
    method
        ``origin``, ``totals``, ``loglinear``, ``trajectory`` or ``bayes``; see ``docs/learning.md``.
    errors
        What errs from day to day: ``losses`` or ``strengths``; default what the method usually takes.
    exponents
        For loglinear: ``common`` to both sides, or ``separate``.
    tactical
        Fit the attacker-defender factor d as well.
    seed
        For bayes.
    out
        Folder for ``fit.json`` and ``fitted.csv``, the losses of each day by each law.
    progress
        Told the laws done, and all.

    Raises
    ------
    InputError
        If the file or an option is refused, or no law can be fitted; every fault is told.
    """
    from phaseline.api import _unknown
    from phaseline.errors import RuleError
    from phaseline.execution.settings import RunSettings
    from phaseline.learning import attrition
    from phaseline.outcomes.files import write_documents
    from phaseline.scenario.daily import read_days

    RunSettings(seed=seed)
    laws = list(attrition.LAWS) if law == "all" else [part.strip() for part in law.split(",") if part.strip()]
    problems = [_unknown("law", name, attrition.LAWS, "") for name in laws if name not in attrition.LAWS]
    if method not in attrition.METHODS:
        problems.append(_unknown("method", method, attrition.METHODS, ""))
    if exponents not in ("common", "separate"):
        problems.append(_unknown("exponents", exponents, ("common", "separate"), ""))
    if errors is not None and errors not in attrition.ERRORS:
        problems.append(_unknown("errors", errors, attrition.ERRORS, ""))
    if not laws:
        problems.append(
            Problem("options", path="law", rule="names no law", remedy="write e.g. square, or all")
        )
    if problems:
        raise InputError(problems)
    if out is not None:
        _check_folder(out, FIT_FILES)
    days, warnings = read_days(file)
    fits: list[Fit] = []
    refused: dict[str, Problem] = {}
    for number, name in enumerate(laws):
        if progress is not None:
            progress(number, len(laws))
        try:
            fits.append(
                attrition.fit(
                    days, name, method, errors=errors, exponents=exponents, tactical=tactical, seed=seed
                )
            )
        except RuleError as error:
            refused[name] = Problem(str(file), path=name, rule=error.rule, remedy=error.remedy)
    if not fits:
        raise InputError({problem.rule: problem for problem in refused.values()}.values())
    beside = (
        [attrition.leave_one_out(days, one.law, tactical=tactical) for one in fits] if len(fits) > 1 else []
    )
    document: dict[str, Any] = {
        "format": "phaseline-fit/1",
        "file": Path(file).name,
        "method": method,
        "days": len(days.day),
        "fits": [_fitted(one) for one in fits],
        "not_fitted": [{"law": name, "reason": problem.rule} for name, problem in refused.items()],
        "compared": attrition.compared(beside) if beside else [],
        "warnings": [str(warning) for warning in warnings],
    }
    if out is not None:
        write_documents(out, {"fit.json": document}, {"fitted.csv": _fitted_days(days, fits)})
    return document


def _fitted_days(days: BattleDays, fits: Sequence[Fit]) -> str:
    """Losses of each day as they were and as each law has them, as CSV."""
    import pandas as pd

    from phaseline.learning.attrition import predicted

    table = pd.DataFrame({"day": days.day, "x_losses": days.x_losses, "y_losses": days.y_losses})
    for one in fits:
        table[f"x_losses_{one.law}"], table[f"y_losses_{one.law}"] = predicted(days, one)
    return str(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _fitted(one: Fit) -> dict[str, Any]:
    """A fit for JSON; where nothing varies no share is explained, and that share is None."""
    from dataclasses import asdict

    from phaseline.outcomes.documents import plain_number

    return asdict(one) | {"r_squared": plain_number(one.r_squared)}


def _percentiles(values: Any) -> dict[str, float]:
    return {"p10": float(values[0]), "p50": float(values[1]), "p90": float(values[2])}


def backtest(
    scenario: PathLike,
    *,
    followed: PathLike | None = None,
    plan: str | None = None,
    dates: str | Iterable[dt.date] | None = None,
    earlier: bool = True,
    later: bool = True,
    lodged: PathLike | None = None,
    file: PathLike | None = None,
    battles: PathLike | None = None,
    reference: PathLike | None = None,
    particles: int = 512,
    seed: int = 1,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    out: PathLike | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> dict[str, Any]:
    """Issue forecasts day by day from what was published by then, and score them against what followed.

    Parameters
    ----------
    scenario
        A case, or a scenario file with a folder ``followed`` beside it.
    followed
        Folder with ``reports.csv``, ``truth.csv``, and perhaps ``forecasts.csv`` (of others) and ``backtest.yaml``; default
        ``followed`` beside the scenario.
    plan
        Plan taken as followed; default the one that ``backtest.yaml`` names, else the first.
    dates
        Days of issue, as a list or separated by commas; default the scenario's ``as_of`` and every day on which somebody else
        made a forecast.
    earlier
        Run it again with the numbers that earlier battles give, where there are `battles` and `reference`. They know no more
        than the case does.
    later
        Run it again with the mechanisms that later events suggested (``backtest.yaml``).
    lodged
        Score this forecast of `lodge` instead.
    file
        ``format: phaseline-backtest/1``: how the case is scored; default ``backtest.yaml`` in that folder, if there is one.
    battles, reference
        As in `reference`, there the latter is ``file``; default ``battles.csv`` and ``reference.yaml`` beside the scenario, if
        they are there.
    particles, seed, threads, on, off, progress, cancel
        As in `update`.
    out
        Folder for ``backtest.json`` and the page ``backtest.html``.

    Raises
    ------
    InputError
        If a file or an option is refused; every fault is told.
    InterruptedRun
        If stopped; nothing is written then.
    """
    from phaseline.execution.settings import RunSettings, check_whole
    from phaseline.learning import backtest as testing
    from phaseline.scenario import followed as files
    from phaseline.scenario.battles import read_battles
    from phaseline.scenario.calendar import horizon_days, start_date
    from phaseline.scenario.case_files import load_backtest
    from phaseline.scenario.reports import read_reports

    settings = RunSettings(seed=seed, threads=threads)
    if problems := list(check_whole("particles", particles, 50, 1_000_000)):
        raise InputError(problems)
    checked, _ = _scenario(scenario, on, off)
    beside = _beside(scenario)
    folder = Path(followed) if followed is not None else beside / "followed"
    if not folder.is_dir():
        rule, remedy = "there is no folder of what followed", "name one with --followed"
        raise InputError(Problem(str(folder), rule=rule, remedy=remedy))
    truth, notes = files.read_truth(folder / "truth.csv", checked)
    if lodged is not None:
        if out is not None:
            rule, remedy = (
                "scores of a lodged forecast are not written",
                "leave out --out, or use --json and a file",
            )
            raise InputError(Problem("options", path="out", value=str(out), rule=rule, remedy=remedy))
        if file is not None:
            rule, remedy = "a lodged forecast has its settings in itself", "leave out --settings"
            raise InputError(Problem("options", path="settings", value=str(file), rule=rule, remedy=remedy))
        _say(notes)
        return _score_lodged(lodged, truth)
    question = _if_there(reference, beside, "reference.yaml", "reference")
    battles_file = _if_there(battles, beside, "battles.csv", "battles")
    if reference is not None:
        battles_file = _default(battles, beside, "battles.csv", "battles")
    scoring = _if_there(file, folder, "backtest.yaml", "settings")
    asked = load_backtest(scoring, checked) if scoring is not None else None
    voices, said = (
        files.read_voices(folder / "forecasts.csv", checked)
        if (folder / "forecasts.csv").is_file()
        else ((), [])
    )
    known, left_out = read_battles(battles_file, checked.as_of) if battles_file is not None else ((), [])
    plan_id, chosen = _one_plan(checked, plan or (asked.plan if asked else None))
    durations = [one.days for one in known if one.result == "taken"]
    issue_days = _issue_days(checked, dates, voices)
    _, warnings = read_reports(folder / "reports.csv", checked)
    if out is not None:
        _check_folder(out, BACKTEST_FILES)
    worlds = [("as of the case's day", checked)]
    if earlier and battles_file is not None and question is not None:
        learned = _learned(checked, known, battles_file, question, seed)
        worlds.append(("with numbers learned from earlier battles", learned.scenario(checked)))
    if later and asked and asked.later_mechanisms:
        switched = (*_keys(on), *asked.later_mechanisms)
        worlds.append((f"with {', '.join(asked.later_mechanisms)}", _scenario(scenario, switched, off)[0]))
    variants: list[dict[str, Any]] = []
    for k, (label, world) in enumerate(worlds):
        followed_plan = world.plans.get(plan_id, chosen)
        told = None if progress is None else partial(_part_done, progress, k, len(worlds))
        issues = testing.backtest(
            world, plan_id, followed_plan, partial(_published, folder / "reports.csv", world), truth, voices, durations,
            issue_days, seed=seed, threads=settings.num_threads, num_particles=particles, progress=told, cancel=cancel,
        )  # fmt: skip
        variants.append({"label": label, "issues": issues, "summary": testing.summary(issues, seed)})
    document: dict[str, Any] = {
        "format": "phaseline-backtest-result/1",
        "title": checked.title,
        "start": start_date(checked).isoformat(),
        "horizon": horizon_days(checked),
        "plan": plan_id,
        "why": asked.why if asked else None,
        "seed": seed,
        "particles": particles,
        "scales": dict(testing.SCALES),
        "not_scored": testing.not_scored(truth, issue_days, start_date(checked), horizon_days(checked)),
        "not_compared": testing.not_compared(voices, truth, issue_days[0]),
        "variants": variants,
        "warnings": [_from_case(warning, beside) for warning in (*warnings, *notes, *said, *left_out)],
    }
    if out is not None:
        from phaseline.outcomes.files import write_documents
        from phaseline.reporting.backtested import page

        write_documents(out, {"backtest.json": document}, {"backtest.html": page(document)})
    return document


def _from_case(warning: Problem, folder: Path) -> str:
    """A warning whose file is named from the case's folder: a result should read alike wherever the case lies."""
    path = Path(warning.file)
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else warning.file
    return str(replace(warning, file=name))


def _part_done(progress: Progress, part: int, parts: int, done: int, total: int) -> None:
    progress(part * total + done, parts * total)


def _published(path: Path, scenario: Scenario, day: dt.date) -> Any:
    from phaseline.scenario.reports import read_reports

    return read_reports(path, scenario, day)[0]


def _say(warnings: Iterable[Problem]) -> None:
    """Log what has no place in the document that is returned."""
    for warning in warnings:
        logging.getLogger("phaseline").warning(str(warning))


def _score_lodged(path: PathLike, truth: Any) -> dict[str, Any]:
    from phaseline.learning.lodging import checked, score

    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            Problem(str(path), rule=f"cannot be read: {error}", remedy="check the path")
        ) from None
    forecast = checked(content, str(path))
    rows = score(forecast, truth)
    return {
        "format": "phaseline-lodged-score/1",
        **{key: forecast[key] for key in ("title", "lodged_on", "issued", "sha256")},
        "items": rows,
    }


def lodge(
    scenario: Scenario | PathLike,
    out: PathLike,
    *,
    reports: PathLike | None = None,
    published_by: dt.date | str | None = None,
    plan: str | None = None,
    particles: int = 1024,
    seed: int = 1,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> dict[str, Any]:
    """Write a forecast down, dated and hashed, for `backtest` to score when the time has come.

    Parameters
    ----------
    scenario, reports, published_by, plan, particles, seed, threads, on, off, progress, cancel
        As in `update`; without reports it is the forecast of the scenario's ``as_of``.
    out
        File that does not exist yet: a lodged forecast is never replaced.

    Raises
    ------
    InputError
        If the scenario, a report or an option is refused, or the file exists.
    """
    from phaseline import __version__
    from phaseline.execution.settings import RunSettings, check_whole
    from phaseline.learning.lodging import lodged
    from phaseline.learning.updating import posterior
    from phaseline.scenario.reports import read_reports

    settings = RunSettings(seed=seed, threads=threads)
    if problems := list(check_whole("particles", particles, 50, 1_000_000)):
        raise InputError(problems)
    target = Path(out)
    if target.exists():
        rule = "exists, and a lodged forecast is never replaced"
        raise InputError(Problem(str(target), rule=rule, remedy="choose another name"))
    checked, _ = _scenario(scenario, on, off)
    followed, chosen = _one_plan(checked, plan)
    by = _day(published_by, "published_by")
    told: Sequence[Report] = ()
    if reports is not None:
        told, warnings = read_reports(reports, checked, by)
        for text in _of_reports(reports, told, warnings, by):
            logger.warning("%s", text)
        if not told:
            logger.warning("no report could be used, so the forecast is the one before any report")
    found = posterior(
        checked,
        followed,
        chosen,
        told,
        seed=seed,
        threads=settings.num_threads,
        num_particles=particles,
        cancel=cancel,
        told=None if progress is None else lambda stage, *_: progress(stage, len(told)),
    )
    issued = by or max((report.published for report in told), default=checked.as_of)
    document = lodged(checked, found, issued, plan=followed, version=__version__, told_on=dt.date.today())
    try:
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            json.dump(document, stream, indent=1)
            stream.write("\n")
    except OSError as error:
        rule = f"cannot be written: {error.strerror or error}"
        raise InputError(Problem(str(target), rule=rule, remedy="choose another place")) from None
    return document


def _issue_days(scenario: Scenario, dates: str | Iterable[dt.date] | None, voices: Any) -> list[dt.date]:
    if dates is None:
        return sorted({scenario.as_of, *(voice.date for voice in voices if voice.date >= scenario.as_of)})
    given = (
        [_day(part.strip(), "dates") for part in dates.split(",")] if isinstance(dates, str) else list(dates)
    )
    days = sorted({day for day in given if day is not None})
    if not days or days[0] < scenario.as_of:
        rule = f"days of issue begin with the scenario's own, {scenario.as_of}"
        raise InputError(
            Problem("options", path="dates", value=str(dates), rule=rule, remedy="name later days")
        )
    return days


def _keys(mechanisms: Mechanisms) -> tuple[str, ...]:
    from phaseline.scenario.switches import keys_of

    return keys_of(mechanisms)


def _beside(scenario: Scenario | PathLike) -> Path:
    """Folder of a scenario's file; where there is none, the working folder."""
    from phaseline.scenario.schema import Scenario as Model

    return Path.cwd() if isinstance(scenario, Model) else _scenario_file(scenario).parent


def _if_there(given: PathLike | None, folder: Path, name: str, option: str) -> Path | None:
    """The file given, which must be there; else the one of that name in a folder, if there is one."""
    return _default(given, folder, name, option) if given is not None or (folder / name).is_file() else None


def _default(given: PathLike | None, folder: Path, name: str, option: str) -> Path:
    path = Path(given) if given is not None else folder / name
    if not path.is_file():
        rule, remedy = (
            "there is no such file",
            f"name one with '{option}'" if given is None else "check the path",
        )
        raise InputError(Problem(str(path), rule=rule, remedy=remedy))
    return path


def _day(given: dt.date | str | None, option: str) -> dt.date | None:
    if given is None or isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        rule, remedy = "is not a date", "write it as 2016-11-15"
        raise InputError(Problem("options", path=option, value=given, rule=rule, remedy=remedy)) from None
