"""The verbs, one function each; they only wire parts."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phaseline.errors import InputError, Problem, StoreError

if TYPE_CHECKING:
    from threading import Event

    from phaseline.execution.store import RunStore
    from phaseline.outcomes.ablation import Ablation
    from phaseline.outcomes.results import History, Outcomes
    from phaseline.scenario.quantity import Quantity
    from phaseline.scenario.schema import Plan, Scenario

PathLike = str | os.PathLike[str]
Plans = str | Sequence[str] | Mapping[str, "Plan | Mapping[str, Any]"]
Mechanisms = str | Iterable[str]

logger = logging.getLogger(__name__)

OPTIMISE_FILES = ("optimise.json", "best_plan.yaml")


def load(path_or_case: PathLike) -> Scenario:
    """Read and check a scenario, with all that its file says: what its ``off`` names is taken out when it is run.

    Parameters
    ----------
    path_or_case
        A scenario file, or the id of a bundled case.

    Raises
    ------
    InputError
        With every problem found; what is only implausible is logged as a warning.
    """
    scenario, warnings = load_with_warnings(path_or_case)
    for warning in warnings:
        logger.warning("%s", warning)
    return scenario


def load_with_warnings(path_or_case: PathLike) -> tuple[Scenario, list[Problem]]:
    """As `load`, with the warnings returned instead of logged."""
    from phaseline.scenario.check import load_scenario

    return load_scenario(_scenario_file(path_or_case))


def check(path_or_case: PathLike) -> list[Problem]:
    """Problems of a scenario file, errors and warnings; an empty list is a clean file.

    Parameters
    ----------
    path_or_case
        As in `load`.
    """
    try:
        return load_with_warnings(path_or_case)[1]
    except InputError as error:
        return list(error.problems)


def numbers(scenario: Scenario | PathLike) -> list[dict[str, Any]]:
    """Every number of a scenario, with its source or the reasoning where it is assumed.

    Parameters
    ----------
    scenario
        As in `run`.

    Returns
    -------
    list of dict
        ``name`` (as options and ensembles call it), ``path``, ``label``, ``value`` in words, ``kind``, ``source`` (id,
        title, ``known_on``, url) or None, ``assumed``, ``lean``, ``adverse``, ``note``, and ``used_in`` for a named
        number. Decisions (plans), claims and definitions (horizon, overstretch) are not listed.

    Raises
    ------
    InputError
        If the scenario is refused.
    """
    from phaseline.scenario.provenance import listing

    return listing(_scenario(scenario)[0])


def new(path: PathLike) -> Path:
    """Write a small commented scenario to begin with.

    Parameters
    ----------
    path
        A file that does not exist yet.

    Raises
    ------
    StoreError
        If it exists, or cannot be written.
    """
    from phaseline.scenario.template import new_scenario_text

    file = Path(path)
    try:
        target = file.open("x", encoding="utf-8", newline="\n")
    except FileExistsError:
        raise StoreError(f"{file} exists; choose another name, nothing was written") from None
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror or error}") from error
    try:
        with target:
            target.write(new_scenario_text())
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return file


def schema(of: str = "scenario") -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a file that people write or of a document, with the meaning of every field.

    Parameters
    ----------
    of
        A file: ``"scenario"``, ``"space.yaml"``, ``"reference.yaml"``, ``"backtest.yaml"``. Or a document: ``"summary"`` (of
        ``run``), ``"explain"``, ``"compare"`` (all that it prints) and its parts ``"comparison"``, ``"claims"``,
        ``"drivers"``, ``"ledger"``, ``"traces"``; ``"when"``, ``"optimise"``, ``"schedule"``, ``"relief"``, ``"benchmark"``,
        ``"update"``, ``"reference"``, ``"fit"``, ``"backtest"``, ``"forecast"``, ``"lodged"``, ``"cases"``, ``"check"``.

    Raises
    ------
    InputError
        If there is no such schema.
    """
    from phaseline.outcomes.published import NAMES, document_schema
    from phaseline.scenario.template import FILES, json_schema

    if of in FILES:
        return json_schema(of)
    if of not in NAMES:
        raise InputError(_unknown("schema", of, (*FILES, *NAMES), ""))
    return document_schema(of)


def cases() -> dict[str, str]:
    """Ids of the bundled cases and their titles."""
    from phaseline.cases import case_ids, case_title

    return {case_id: case_title(case_id) for case_id in case_ids()}


def run(
    scenario: Scenario | PathLike,
    plan: Plans | None = None,
    replications: int | None = None,
    *,
    precision: float | None = None,
    seed: int = 1,
    per_world: int = 4,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    out: PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
    store: RunStore | PathLike | None = None,
) -> Outcomes:
    """Simulate rival plans over the same worlds with the same luck.

    The same question is answered from the run store, and a larger one is continued from there.

    Parameters
    ----------
    scenario
        A scenario, a scenario file, or the id of a bundled case.
    plan
        Which plans: ids or plan files, as a list or separated by commas, or plans by id; default all of the scenario.
    replications
        Histories per plan, 1 to 10,000,000; default 10,000. With `precision` the most; then the default is 1,000,000.
    precision
        Stop at the first 1,024 x 2^k replications at which the 95 % half-width of every headline quantity is
        at most this: a share of the mean for times, absolute for chances.
    seed
        0 to 2^63 - 1; the same seed gives the same histories, bit for bit, whatever the machine does.
    per_world
        Replications per world (draw of what nobody knows), at least 2.
    threads
        Default the environment's ``PHASELINE_THREADS``, else the processors there are.
    on, off
        Mechanisms to run with that the scenario switches off, and to run without; see ``docs/scenario.md``.
    out
        Folder for the results; an earlier result there is replaced, foreign content refused.
    progress
        Called with the number of replications that there are and that there will be.
    cancel
        Stops the run when set.
    store
        The run store or its folder; default the environment's ``PHASELINE_STORE``, else the user's data folder.

    Raises
    ------
    InputError
        If the scenario, a plan or an option is refused.
    InterruptedRun
        If stopped, by `cancel` or Ctrl-C; complete parts are kept and not simulated again.
    StoreError
        If `out` or the store cannot be used.
    """
    from phaseline.execution.runner import run as run_plans
    from phaseline.execution.settings import RunSettings

    settings = RunSettings(replications, precision, seed, per_world, threads)
    checked, warnings = _scenario(scenario, on, off)
    plans = _plans(checked, plan)
    if out is not None:
        from phaseline.outcomes.files import check_target

        check_target(out)
    outcomes = run_plans(
        checked, plans, settings, store=_store(store), progress=progress, cancel=cancel, warnings=warnings,
        series=out is not None,
    )  # fmt: skip
    if out is not None:
        from phaseline.outcomes.files import write

        write(outcomes, out)
    return outcomes


def explain(
    scenario: Scenario | PathLike,
    plan: str | None = None,
    replication: int = 0,
    *,
    seed: int = 1,
    per_world: int = 4,
    on: Mechanisms = (),
    off: Mechanisms = (),
) -> History:
    """One whole history, with its events in words.

    Parameters
    ----------
    scenario
        As in `run`.
    plan
        Id of a plan, or a plan file; default the first of the scenario.
    replication
        Which history: the same one that `run` with this seed counts under this index.
    seed, per_world, on, off
        As in `run`.

    Raises
    ------
    InputError
        If the scenario, the plan or a number is refused.
    """
    from phaseline.execution.runner import explain as explain_history
    from phaseline.execution.settings import MOST_REPLICATIONS, RunSettings, check_whole

    settings = RunSettings(seed=seed, per_world=per_world)
    if problems := list(check_whole("replication", replication, 0, MOST_REPLICATIONS - 1)):
        raise InputError(problems)
    checked, _ = _scenario(scenario, on, off)
    plan_id, chosen = _one_plan(checked, plan)
    return explain_history(checked, plan_id, chosen, settings, replication)


def ablate(
    scenario: Scenario | PathLike,
    plan: Plans | None = None,
    replications: int | None = None,
    *,
    outcomes: Sequence[str] | None = None,
    mechanisms: Mechanisms | None = None,
    seed: int = 1,
    per_world: int = 4,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
    store: RunStore | PathLike | None = None,
) -> Ablation:
    """What each mechanism contributes: every one that is on turned off, every one that is off turned on, one at a time.

    All runs share worlds and luck, so differences are taken history by history.

    Parameters
    ----------
    scenario, plan
        As in `run`.
    replications
        Histories per plan of each run, default 2,000; there is one run more than there are mechanisms.
    outcomes
        Main outcomes to compare, for example ``["end", "failed"]``; default all.
    mechanisms
        Mechanisms to turn, as a list or separated by commas; default all that the scenario has data for.
    seed, per_world, threads, progress, cancel, store
        As in `run`.

    Raises
    ------
    InputError
        If the scenario, a plan, an outcome, a mechanism or an option is refused.
    InterruptedRun
        If stopped; complete parts are kept and not simulated again.
    """
    from phaseline.analysis.ablation import DEFAULT_REPLICATIONS
    from phaseline.analysis.ablation import ablate as ablate_plans
    from phaseline.execution.settings import RunSettings
    from phaseline.scenario.switches import keys_of

    number = DEFAULT_REPLICATIONS if replications is None else replications
    settings = RunSettings(number, None, seed, per_world, threads)
    checked, _ = _as_written(scenario)
    return ablate_plans(
        checked,
        _plans(checked, plan),
        settings,
        store=_store(store),
        outcomes=outcomes,
        mechanisms=None if mechanisms is None else keys_of(mechanisms),
        progress=progress,
        cancel=cancel,
    )


@dataclass(frozen=True)
class Judgement:
    """What `compare` found out.

    Attributes
    ----------
    outcomes
        The run.
    comparison, claims, drivers, ledger, traces
        Documents as they are stored beside the run; the last three are None where they were not asked for or the run is too
        small for them.
    """

    outcomes: Outcomes
    comparison: dict[str, Any]
    claims: dict[str, Any]
    drivers: dict[str, Any] | None = None
    ledger: dict[str, Any] | None = None
    traces: dict[str, Any] | None = None

    @property
    def documents(self) -> dict[str, dict[str, Any]]:
        """Those that there are, by file name."""
        names = ("comparison", "claims", "drivers", "ledger", "traces")
        return {f"{name}.json": getattr(self, name) for name in names if getattr(self, name) is not None}


def compare(
    scenario: Scenario | PathLike,
    plan: Plans | None = None,
    replications: int | None = None,
    *,
    joint: str | None = None,
    quick: bool = False,
    one_at_a_time: bool = False,
    seed: int = 1,
    per_world: int = 4,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    out: PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
    store: RunStore | PathLike | None = None,
) -> Judgement:
    """Compare rival plans pair by pair, judge the claims, and find out what the answer hangs on.

    Parameters
    ----------
    scenario, plan, replications, seed, per_world, threads, on, off, progress, cancel, store
        As in `run`.
    joint
        Limits that are to hold in one and the same history, written as `when` writes them, for example
        ``"end<=2017-06-30,losses<=10000,overstretched<=10%"``; there a limit on a chance asks that it does not happen.
    quick
        Only what the run itself can tell: comparison, verdicts, drivers. No flips, no stress, no traces.
    one_at_a_time
        Turn each assumption alone as well; takes a minute or more.
    out
        Folder for the results; an earlier result there is replaced, foreign content refused.

    Raises
    ------
    InputError
        If the scenario, a plan, a condition or an option is refused.
    InterruptedRun
        If stopped; complete parts are kept and not simulated again.
    StoreError
        If `out` or the store cannot be used.
    """
    from phaseline.analysis.judgement import judgement
    from phaseline.execution.runner import run as run_plans
    from phaseline.execution.settings import RunSettings
    from phaseline.outcomes.joint import parse_conditions

    settings = RunSettings(replications, None, seed, per_world, threads)
    checked, warnings = _scenario(scenario, on, off)
    plans = _plans(checked, plan)
    if joint is not None:
        parse_conditions(checked, joint)
    if out is not None:
        from phaseline.outcomes.files import check_target

        check_target(out)
    kept = _store(store)
    outcomes = run_plans(
        checked, plans, settings, store=kept, progress=progress, cancel=cancel, warnings=warnings,
        series=out is not None,
    )  # fmt: skip
    documents = judgement(
        outcomes,
        plans,
        settings,
        store=kept,
        joint=joint,
        quick=quick,
        one_at_a_time=one_at_a_time,
        progress=progress,
        cancel=cancel,
    )
    found = Judgement(outcomes, **documents)  # type: ignore[arg-type]  # comparison and claims are never None
    if out is not None:
        from phaseline.outcomes.files import write

        write(outcomes, out, documents=found.documents)
    return found


def report(directory: PathLike) -> Path:
    """Write the report of a stored result: ``report.html`` in its folder, one file that needs nothing else.

    Nothing is simulated. What other verbs have added to the folder (comparison, claims, drivers, ledger, traces) is shown.

    Parameters
    ----------
    directory
        What ``out`` of another verb wrote.

    Returns
    -------
    Path
        The page; an earlier one is replaced at once.

    Raises
    ------
    InputError
        If the folder is missing, foreign, cut off, changed, of another version, or holds analyses of another run.
    """
    from phaseline.reporting.report import write_report

    return write_report(directory)


@dataclass(frozen=True)
class StartCurve:
    """What `when` returns.

    Attributes
    ----------
    outcomes
        Every history of every point: a plan each, by the id of the point.
    document
        The curve and what follows from it, as in ``when.json``.
    """

    outcomes: Outcomes
    document: Mapping[str, Any]

    def plot(self) -> Any:
        """An Altair chart of the curve."""
        from phaseline.reporting.plots.starts import starts

        return starts(self.document)


def when(
    scenario: Scenario | PathLike,
    start: str | Sequence[str],
    *,
    against: str | None = None,
    at: str | None = None,
    plan: str | None = None,
    objective: str = "end",
    limit: str | None = None,
    over: str | None = None,
    replications: int | None = None,
    seed: int = 1,
    per_world: int = 4,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    out: PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
    store: RunStore | PathLike | None = None,
) -> StartCurve:
    """When should an operation start: every outcome against what it waits for, on the same worlds and luck.

    Parameters
    ----------
    scenario, seed, per_world, threads, on, off, progress, cancel, store
        As in `run`.
    start
        Operation or phase, or several (separated by commas) of which every combination is tried.
    against
        Operation or phase whose progress is waited for, for example ``"mosul.progress"``; left out: dates.
    at
        Points, separated by commas: shares from 0 to 1, or dates. Default an even grid.
    plan
        The plan whose gate is varied, the first by default. What else the gate asks for is kept; a condition on the
        same thing is replaced.
    objective
        What is to be small: an outcome, for its mean, or with a statistic: ``end:p80``, ``losses:cvar90``.
    limit
        What a point must keep to be recommended, for example ``"overstretched<=10%,end:p80<=2017-06-30"``: an outcome, for
        its mean or chance, or with a statistic, and a number, a share in per cent, or for an end a date.
    over
        Number over whose range the curve is shown, as `numbers` calls it; those on which the answer hangs are found anyhow.
    replications
        Histories per point, default 1,000.
    out
        Folder for the results, ``when.json`` and ``when.svg`` among them.

    Raises
    ------
    InputError
        If the scenario or an option is refused.
    InfeasibleError
        If no point keeps the limits; says which of them fight.
    InterruptedRun
        If stopped; complete parts are kept and not simulated again.
    StoreError
        If `out` or the store cannot be used.
    """
    from phaseline.execution.runner import run as run_plans
    from phaseline.execution.settings import RunSettings
    from phaseline.execution.worlds import world_values
    from phaseline.planner import criteria, gates, starts
    from phaseline.scenario.certainty import is_certain
    from phaseline.scenario.naming import number_name, written_numbers

    settings = RunSettings(1_000 if replications is None else replications, None, seed, per_world, threads)
    checked, warnings = _scenario(scenario, on, off)
    _, base = _one_plan(checked, plan)
    names = [part.strip() for part in start.split(",")] if isinstance(start, str) else list(start)
    numbers_of_worlds = world_values(checked, seed, settings.most // per_world)
    with _together() as tried:
        axis = tried(gates.axis_of, checked, names, against)
        aim = tried(criteria.parse_criterion, checked, objective)
        if aim is not None and aim.statistic == "regret":
            rule = "the curve is measured by regret anyhow; its objective is a statistic of one point"
            remedy = "write e.g. end, or end:p80"
            tried(_refuse, Problem("options", path="objective", value=objective, rule=rule, remedy=remedy))
        if settings.most < 2 * per_world and not is_certain(checked, base):
            rule = f"the curve needs at least two worlds, {2 * per_world} histories"
            given = str(replications)
            tried(
                _refuse,
                Problem("options", path="replications", value=given, rule=rule, remedy="ask for more"),
            )
        limits = tried(criteria.parse_limits, checked, limit)
        if axis is not None:
            values = tried(gates.values_of, checked, axis, at, len(names))
        if over is not None:
            over = number_name(over)
            if over not in numbers_of_worlds.names:
                tried(_refuse, _no_range(over, written_numbers(checked), numbers_of_worlds.names))
    plans, points = gates.grid(checked, base, names, axis, values)
    if out is not None:
        from phaseline.outcomes.files import check_target

        check_target(out)
    outcomes = run_plans(
        checked, plans, settings, store=_store(store), progress=progress, cancel=cancel, warnings=warnings,
        series=out is not None,
    )  # fmt: skip
    found = StartCurve(
        outcomes, starts.curve(outcomes, names, axis, points, aim, limits, numbers_of_worlds, over)
    )
    if out is not None:
        from phaseline.outcomes.files import write
        from phaseline.reporting.plots import save

        write(outcomes, out, documents={"when.json": found.document})
        save(found.plot(), Path(out) / "when.svg")
    return found


@dataclass(frozen=True)
class BestPlan:
    """What `optimise` returns.

    Attributes
    ----------
    plan
        The best plan, to be run like any other: ``run(case, {"best": found.plan})``.
    document
        How it was found and what it is worth, as in ``optimise.json``.
    """

    plan: Plan
    document: Mapping[str, Any]

    @property
    def interrupted(self) -> bool:
        """Whether the search was stopped; the same call goes on from there."""
        return bool(self.document["interrupted"])


def optimise(
    scenario: Scenario | PathLike,
    space: PathLike | None = None,
    *,
    plan: str | None = None,
    histories: int | None = None,
    seed: int = 1,
    per_world: int = 4,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    out: PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
    store: RunStore | PathLike | None = None,
) -> BestPlan:
    """Find the best plan of a decision space under limits, say how surely, and score it again on fresh histories.

    Parameters
    ----------
    scenario, seed, per_world, threads, on, off, cancel, store
        As in `run`.
    space
        A file, ``format: phaseline-space/1``: decisions, what is to be small, what is to be kept. Left out: the base
        schedule of a scenario in which nothing is uncertain (tasks of fixed duration on whole assets).
    plan
        Without a space: the plan whose gates are kept, the first by default.
    histories
        Budget of the search, in place of the file's.
    out
        Folder for ``optimise.json`` and ``best_plan.yaml``; what an earlier search wrote there is replaced.
    progress
        Told the histories spent, and all that may be.

    Raises
    ------
    InputError
        If the scenario, the space or an option is refused.
    InfeasibleError
        If no plan keeps the limits; says which of them fight.
    InterruptedRun
        If stopped before any plan was judged. Stopped later, the best so far is returned.
    StoreError
        If the store cannot be used.
    """
    from phaseline.execution.settings import RunSettings
    from phaseline.outcomes.measures import all_measures
    from phaseline.planner import criteria
    from phaseline.planner.judging import PlanJudge
    from phaseline.planner.levers import levers
    from phaseline.planner.optimise import Budget
    from phaseline.planner.optimise import optimise as search
    from phaseline.scenario.space import criterion_problems, load_space

    settings = RunSettings(None, None, seed, per_world, threads)
    checked, _ = _scenario(scenario, on, off)
    if space is None:
        return _base_schedule(checked, plan, seed, out)
    asked, marks = load_space(Path(space), checked)
    if histories is not None:
        asked = asked.model_copy(update={"histories": _budget(histories)})
    with criterion_problems(str(space), marks) as told:
        aims = told("minimise", asked.minimise, lambda text: criteria.parse_criterion(checked, text))
        kept = told("subject_to", asked.subject_to, lambda text: criteria.parse_limits(checked, text))
    if out is not None:
        _check_folder(out, OPTIMISE_FILES)
    base_id = asked.plan or next(iter(checked.plans))
    chosen = levers(checked, asked.decisions)
    judge = PlanJudge(
        checked, checked.plans[base_id], chosen, list(all_measures(checked).values()), settings,
        _store(store), cancel,
    )  # fmt: skip
    budget = Budget(asked.histories, asked.first, asked.fresh)
    found = search(judge, base_id, aims, [limit for part in kept for limit in part], budget, progress)
    if out is not None:
        from phaseline.outcomes.files import write_documents
        from phaseline.outcomes.plan_file import plan_text

        comment = f"Found by phaseline optimise from {Path(space).name}, seed {seed}."
        text = plan_text(found.plan, "best", comment)
        write_documents(out, {"optimise.json": found.document}, {"best_plan.yaml": text})
    return BestPlan(found.plan, found.document)


def _base_schedule(scenario: Scenario, plan: str | None, seed: int, out: PathLike | None) -> BestPlan:
    from phaseline.outcomes.files import write_documents
    from phaseline.outcomes.plan_file import plan_text
    from phaseline.planner.projects.base import base_schedule

    if out is not None:
        _check_folder(out, OPTIMISE_FILES)
    plan_id, chosen = _one_plan(scenario, plan)
    scheduled, document = base_schedule(scenario, plan_id, chosen, seed=seed)
    if out is not None:
        text = plan_text(scheduled, "best", f"Base schedule found by phaseline optimise, seed {seed}.")
        write_documents(out, {"optimise.json": document}, {"best_plan.yaml": text})
    return BestPlan(scheduled, document)


def relief(
    scenario: Scenario | PathLike,
    plan: str | None = None,
    *,
    asset: str | None = None,
    share: float = 0.1,
    replications: int | None = None,
    seed: int = 1,
    per_world: int = 4,
    threads: int | None = None,
    on: Mechanisms = (),
    off: Mechanisms = (),
    progress: Callable[[int, int], None] | None = None,
    cancel: Event | None = None,
    store: RunStore | PathLike | None = None,
) -> dict[str, Any]:
    """What each relief action buys for the asset that binds, and what it costs the rest of the theatre.

    Parameters
    ----------
    scenario, seed, per_world, threads, on, off, progress, cancel, store
        As in `run`.
    plan
        The plan that is to be relieved, the first by default.
    asset
        Default the divisible asset that is overstretched in most histories.
    share
        Amount of each action, as a share of the asset's expected sustainable capacity, above 0 and at most 1.
    replications
        Histories per action, default 2,000.

    Returns
    -------
    dict
        Per action the paired change of every main outcome with its interval; refused ones with the reason.

    Raises
    ------
    InputError
        If the scenario, the plan, the asset or an option is refused.
    InterruptedRun
        If stopped; complete parts are kept and not simulated again.
    """
    from phaseline.execution.runner import run as run_plans
    from phaseline.execution.settings import RunSettings
    from phaseline.planner import relief as reliefs

    settings = RunSettings(2_000 if replications is None else replications, None, seed, per_world, threads)
    checked, _ = _scenario(scenario, on, off)
    plan_id, base = _one_plan(checked, plan)
    known = [name for name, one in checked.assets.items() if one.sharing == "divisible"]
    with _together() as tried:
        if asset is not None and asset not in known:
            tried(_refuse, _unknown("divisible asset", asset, known, ""))
        if not 0.0 < share <= 1.0:
            rule = "the share is above 0 and at most 1"
            remedy = f"for {share:g} % write {share / 100:g}" if 1.0 < share <= 100.0 else "write e.g. 0.1"
            tried(_refuse, Problem("options", path="share", value=str(share), rule=rule, remedy=remedy))
        if not known:
            rule = "relief is for divisible assets, and the scenario has none"
            tried(_refuse, Problem("options", path="asset", rule=rule))
    kept = _store(store)

    def simulate(world: Scenario, plans: Mapping[str, Plan]) -> Outcomes:
        return run_plans(
            world, plans, settings, store=kept, progress=progress, cancel=cancel, whole_histories=False
        )

    if asset is None:
        asset = reliefs.binding_asset(simulate(checked, {plan_id: base}), plan_id)
    return reliefs.price(simulate, checked, base, asset, reliefs.actions(checked, base, asset, share), share)


def benchmark(
    suite: str,
    directory: PathLike,
    *,
    best: PathLike | None = None,
    seconds: float = 10.0,
    distribution: str | None = None,
    budget: int = 5_000,
    replications: int = 1_000,
    only: str | None = None,
    peer: bool = False,
    repeatable: bool = False,
    seed: int = 1,
    out: PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Schedule public benchmark instances: projects with precedence and renewable resources, certain or not.

    Parameters
    ----------
    suite
        ``"psplib"``: PSPLIB ``.sm``, Patterson ``.rcp`` and multi-project ``.rcmp`` files.
    directory
        Folder of instances. What is known and not read (multi-mode, time lags) or no instance is named among the warnings.
    best
        CSV with the columns ``file`` and ``best_known``, see ``docs/tables.md``.
    seconds
        Wall-clock time for each instance; with `repeatable` CP-SAT's deterministic time.
    distribution
        ``U1``, ``U2``, ``Exp``, ``B1`` or ``B2``: durations are drawn from it, and a dispatch policy is sought.
    budget
        Schedules for each policy.
    replications
        Draws by which policies are scored.
    only
        Pattern of file names, for example ``"j120*"``.
    peer
        Run plain CP-SAT beside.
    repeatable
        Same seed, same rows, at the price of one worker.
    seed
        Of searches and draws.
    out
        CSV file for the rows; an earlier one of this verb is replaced.
    progress
        Told the instances done, and all.

    Raises
    ------
    InputError
        If an option is refused, the table of best ends is malformed, or no instance can be read; with the line.
    """
    from phaseline.interchange.benchmarks import (
        check_rows_target,
        instances,
        names_in,
        read_best,
        write_rows,
    )
    from phaseline.outcomes.documents import plain_interval
    from phaseline.planner.projects import benchmark as runs
    from phaseline.planner.projects.uncertain import DISTRIBUTIONS

    with _together() as tried:
        if suite != "psplib":
            tried(_refuse, _unknown("suite", suite, ["psplib"], ""))
        if distribution is not None and distribution not in DISTRIBUTIONS:
            tried(_refuse, _unknown("distribution", distribution, DISTRIBUTIONS, ""))
        for name, value, least in (
            ("seconds", seconds, 0.1),
            ("budget", budget, 1_000),
            ("replications", replications, 2),
        ):
            if not value >= least:
                rule = f"is at least {least:g}"
                tried(_refuse, Problem("options", path=name, value=str(value), rule=rule))
        networks, left_out = tried(instances, directory, only) or ((), [])
        known, warnings = ({}, [])
        if best is not None:
            known, warnings = tried(read_best, best, names_in(directory)) or ({}, [])
        if out is not None:
            tried(check_rows_target, out)
    done = 0

    def told(row: Mapping[str, Any]) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(networks))

    if distribution is not None and (dated := [network.name for network in networks if network.due_dates]):
        rule = f"has due dates ({', '.join(dated)}), which drawn durations are not set against"
        remedy = "leave the distribution out to see how late projects are"
        warnings = [*warnings, Problem(str(directory), rule=rule, remedy=remedy, severity="warning")]
    document: dict[str, Any] = {
        "format": "phaseline-benchmark/1", "suite": suite, "seed": seed, "seconds": seconds, "distribution": distribution,
        "budget": budget, "replications": replications, "repeatable": repeatable,
        "warnings": [str(warning) for warning in (*left_out, *warnings)],
    }  # fmt: skip
    if distribution is None:
        rows = runs.deterministic(
            networks, known, seconds=seconds, seed=seed, peer=peer, repeatable=repeatable, told=told
        )
        document["summary"] = {
            "gap": plain_interval(runs.mean_gap(rows)),
            "plain_gap": plain_interval(runs.mean_gap(rows, "plain_gap")),
            "optimal": sum(row["optimal"] for row in rows),
            "infeasible": sum(not row["feasible"] for row in rows),
        }
    else:
        rows = runs.stochastic(
            networks, distribution, budget=budget, seed=seed, replications=replications, told=told
        )
        rule = runs.best_rule(rows)
        document["summary"] = {
            "best_rule": rule,
            "policy": sum(row["policy"] for row in rows) / len(rows),
            "rule": sum(row[rule] for row in rows) / len(rows),
            "difference": plain_interval(runs.against_best_rule(rows)),
        }
    document["rows"] = rows
    if out is not None:
        write_rows(out, rows)
    return document


def _budget(histories: int) -> int:
    from phaseline.execution.settings import check_whole

    problems = list(check_whole("histories", histories, 1_000, 100_000_000))
    if problems:
        raise InputError(problems)
    return histories


def _check_folder(out: PathLike, own: tuple[str, ...]) -> None:
    from phaseline.outcomes.files import check_documents_target

    check_documents_target(out, own)


@contextmanager
def _together() -> Iterator[Callable[..., Any]]:
    """Calls what may refuse its input; in the end, all that was refused is told at once."""
    problems: list[Problem] = []

    def tried(call: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except InputError as error:
            problems.extend(error.problems)
            return None

    yield tried
    if problems:
        raise InputError(problems)


def _no_range(name: str, written: Mapping[str, Quantity], unknown: Iterable[str]) -> Problem:
    """Why the curve has no range of a number: there is no such number, or it is no number that nobody knows."""
    if name not in written:
        rule, known = "there is no such number", list(written)
    elif written[name].kind == "chance":
        rule, known = "is chance, drawn anew in each history: a curve over it would show luck", list(unknown)
    else:
        rule, known = "is a single value and has no range", list(unknown)
    from phaseline.scenario.nearness import nearest_place

    close = nearest_place(name, known)
    remedy = f"write {close}" if close else "`phaseline check CASE --numbers` lists all numbers"
    return Problem("options", path="over", value=name, rule=rule, remedy=remedy)


def _refuse(problem: Problem) -> None:
    raise InputError(problem)


def _store(store: RunStore | PathLike | None) -> RunStore:
    from phaseline.execution.store import RunStore

    return store if isinstance(store, RunStore) else RunStore(store)


def _scenario(
    scenario: Scenario | PathLike, on: Mechanisms = (), off: Mechanisms = ()
) -> tuple[Scenario, list[str]]:
    """The scenario as it is run, without what is switched off, and what is implausible about it.

    Nothing else takes mechanisms out, so fingerprints, stored histories and displays are of the same scenario.
    """
    from phaseline.scenario.mechanisms import applied
    from phaseline.scenario.switches import switched

    checked, warnings = _as_written(scenario)
    return applied(switched(checked, on, off)), warnings


def _as_written(scenario: Scenario | PathLike) -> tuple[Scenario, list[str]]:
    """The scenario with all its data, and what is implausible about it, told to the log as well."""
    if not isinstance(scenario, str | os.PathLike):
        return scenario, []
    checked, warnings = load_with_warnings(scenario)
    for warning in warnings:
        logger.warning("%s", warning)
    return checked, [str(warning) for warning in warnings]


def _scenario_file(path_or_case: PathLike) -> Path:
    from phaseline.cases import case_ids, case_path

    path, name = Path(path_or_case), os.fspath(path_or_case)
    known = case_ids()
    if path.is_file() or (name not in known and _looks_like_file(name)):
        return path
    if name in known:
        return case_path(name)
    raise InputError(_unknown("case", name, known, "or the path of a scenario file"))


def _one_plan(scenario: Scenario, wanted: str | None) -> tuple[str, Plan]:
    """The plan asked for with its id, the first of the scenario by default."""
    return next(iter(_plans(scenario, next(iter(scenario.plans)) if wanted is None else wanted).items()))


def _plans(scenario: Scenario, wanted: Plans | None) -> dict[str, Plan]:
    """The plans asked for, by id; every unknown one is reported."""
    if wanted is None:
        return dict(scenario.plans)
    if isinstance(wanted, Mapping):
        return _given_plans(scenario, wanted)
    names = wanted.split(",") if isinstance(wanted, str) else list(wanted)
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for name in filter(None, (name.strip() for name in names)):
        try:
            plan_id, plan = _plan(scenario, name)
        except InputError as error:
            problems += error.problems
            continue
        if plans.setdefault(plan_id, plan) is not plan:
            rule = f"two of the plans asked for are called {plan_id!r}"
            problems.append(
                Problem("options", path="plan", value=name, rule=rule, remedy="rename one of them")
            )
    if not plans and not problems:
        rule, remedy = "no plan is named", f"name one or more of {', '.join(scenario.plans)}"
        problems.append(Problem("options", path="plan", rule=rule, remedy=remedy))
    if problems:
        raise InputError(problems)
    return plans


def _given_plans(scenario: Scenario, wanted: Mapping[str, Plan | Mapping[str, Any]]) -> dict[str, Plan]:
    """Plans given by name: made ones as they are, mappings read like the content of a plan file."""
    from phaseline.scenario.check import read_plan

    with _together() as tried:
        plans = {name: tried(read_plan, name, plan, scenario) for name, plan in wanted.items()}
        if not plans:
            rule, remedy = "no plan is named", f"name one or more of {', '.join(scenario.plans)}"
            tried(_refuse, Problem("options", path="plan", rule=rule, remedy=remedy))
    return plans


def _plan(scenario: Scenario, name: str) -> tuple[str, Plan]:
    if name in scenario.plans:
        return name, scenario.plans[name]
    if _looks_like_file(name) or Path(name).is_file():
        from phaseline.scenario.check import load_plan

        return load_plan(name, scenario)
    raise InputError(_unknown("plan", name, scenario.plans, "or the path of a plan file"))


def _looks_like_file(name: str) -> bool:
    return Path(name).suffix.lower() in {".yaml", ".yml"} or "/" in name or os.sep in name


def _unknown(kind: str, name: str, known: Iterable[str], otherwise: str) -> Problem:
    names = list(known)
    from phaseline.scenario.nearness import nearest

    near = nearest(name, names, 0.6)
    remedy = f"write {near}" if near else f"write {'one of ' if len(names) > 1 else ''}{', '.join(names)}"
    if not names:
        remedy, otherwise = "write the path of a file", ""
    return Problem(
        "options",
        path=kind,
        value=name,
        rule=f"there is no such {kind}",
        remedy=f"{remedy} {otherwise}".strip(),
    )
