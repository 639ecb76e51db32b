"""The command line: argument parsing only. Each verb calls its function in `api` and prints what comes back.

Results go to stdout, progress and logs to stderr. Exit status: 0 done, 1 our fault, 2 bad input, 3 infeasible, 130 interrupted.
Heavy libraries are imported by the verbs that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phaseline.errors import InputError, InterruptedRun, PhaselineError, Problem

if TYPE_CHECKING:
    from rich.console import Console

PATIENCE_SECONDS = 2.0
"""Work that takes longer shows that it is under way."""

STOPPED = "stopped; no result was written, and what was simulated before is kept"
"""Where a verb was stopped between its runs, or does no run."""

app = typer.Typer(
    name="phaseline",
    help="When should the second operation start, what breaks first, and how sure are we?",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CaseOrFile = Annotated[str, typer.Argument(metavar="CASE|FILE", help="A bundled case, or a scenario file.")]
PlanOption = Annotated[
    str | None,
    typer.Option("--plan", metavar="A,B,...", help="Plans by name or file. Default: all of the scenario."),
]
ReplicationsOption = Annotated[
    int | None,
    typer.Option("--replications", "-n", help="Histories per plan (default 10,000).", show_default=False),
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        "--precision", help="Go on until the 95 % half-width of the headline quantities is at most this."
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Same seed, same histories, bit for bit.")]
PerWorldOption = Annotated[
    int, typer.Option("--per-world", help="Histories per draw of what nobody knows, at least 2.")
]
ThreadsOption = Annotated[int | None, typer.Option("--threads", help="Default: all processors.")]
OnOption = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="A,B,...",
        help="Mechanisms to run with that the case switches off.",
        show_default=False,
    ),
]
OffOption = Annotated[
    str,
    typer.Option(
        "--off", metavar="A,B,...", help="Mechanisms to run without, e.g. weather.", show_default=False
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the results; an earlier result is replaced.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Tell more, and show tracebacks of our faults.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Warnings count as errors (exit status 2).")]


def _version(wanted: bool) -> None:
    if wanted:
        import phaseline

        typer.echo(f"phaseline {phaseline.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def schema(
    of: Annotated[
        str,
        typer.Option(
            "--of", metavar="NAME", help="A document, e.g. summary, compare, when; see docs/cli.md."
        ),
    ] = "scenario",
) -> None:
    """Print the JSON Schema of the scenario file, or of a document that --json prints."""
    from phaseline import api

    _print_json(api.schema(of))


@app.command()
def check(
    file: CaseOrFile,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="List every number with its source or reasoning as well.")
    ] = False,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    quiet: QuietOption = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List the mechanisms in use and switched off.")
    ] = False,
) -> None:
    """Report everything wrong or implausible in a scenario at once."""
    from phaseline import api

    _start_logging(quiet=True, verbose=False)  # what is implausible is among the problems
    with _progress(quiet, "check"):
        problems = api.check(file)
    errors = [p for p in problems if p.severity == "error"]
    listed = api.numbers(file) if numbers and not errors else []
    if as_json:
        document = {"file": file, "problems": [vars(p) for p in problems]}
        _print_json(document | ({"numbers": listed} if numbers else {}))
    else:
        if listed:
            from phaseline.reporting.listings import render_numbers

            render_numbers(listed, console=_console(stderr=False))
        _tell_problems(problems if not quiet else errors, _console(stderr=False))
        if not problems:
            typer.echo(f"{file}: no problem found")
        if verbose and not errors:
            from phaseline.reporting.listings import render_mechanisms

            render_mechanisms(api.load_with_warnings(file)[0], console=_console(stderr=False))
    if errors or (strict and problems):
        raise typer.Exit(2)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; must not exist.")],
) -> None:
    """Write a small commented scenario to start from."""
    from phaseline import api

    path = api.new(file)
    typer.echo(f"wrote {path}; next: phaseline check {path}, then phaseline run {path}")


@app.command()
def cases(as_json: JsonOption = False) -> None:
    """List the bundled cases."""
    from phaseline import api

    found = api.cases()
    if as_json:
        _print_json(found)
        return
    from phaseline.reporting.listings import render_cases

    render_cases(found, console=_console(stderr=False))


@app.command()
def run(
    case: CaseOrFile,
    plan: PlanOption = None,
    replications: ReplicationsOption = None,
    precision: PrecisionOption = None,
    seed: SeedOption = 1,
    per_world: PerWorldOption = 4,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    out: OutOption = None,
    explain: Annotated[
        int | None, typer.Option("--explain", metavar="K", help="Tell history K of the first plan instead.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    strict: StrictOption = False,
) -> None:
    """Simulate rival plans: when each operation ends, which asset binds first, and what it costs."""
    from phaseline import api

    if explain is not None:
        if out is not None:
            rule, remedy = (
                "one history is printed and not written",
                "leave out --out, or use --json and a file",
            )
            raise InputError(Problem("options", path="out", value=str(out), rule=rule, remedy=remedy))
        options = {"seed": seed, "per_world": per_world, "on": on, "off": off}
        _start_logging(quiet, verbose)
        _explain(case, plan, explain, options, every=verbose, as_json=as_json, quiet=quiet)
        return
    _start_logging(quiet, verbose)
    if strict:
        warnings = [p for p in api.check(case) if p.severity == "warning"]
        if warnings:
            raise InputError(warnings)
    with _progress(quiet) as progress:
        outcomes = api.run(
            case,
            plan,
            replications,
            precision=precision,
            seed=seed,
            per_world=per_world,
            threads=threads,
            on=on,
            off=off,
            out=out,
            progress=progress,
        )
    if as_json:
        _print_json(outcomes.summary())
    else:
        from phaseline.reporting.terminal import render

        render(outcomes, console=_console(stderr=False), detail=verbose or None, quiet=quiet)
        if out is not None:
            typer.echo(
                f"Files are in {out}: run.json, summary.json, replications.parquet, numbers.parquet, series.nc"
            )
    if strict and outcomes.info["warnings"]:
        raise typer.Exit(2)


@app.command()
def compare(
    case: CaseOrFile,
    plan: PlanOption = None,
    replications: ReplicationsOption = None,
    joint: Annotated[
        str | None,
        typer.Option(
            "--joint",
            metavar="COND,...",
            help="To hold in one and the same history, e.g. end<=2017-06-30,losses<=10000.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only what the run itself can tell: no flips, stress or traces.")
    ] = False,
    one_at_a_time: Annotated[
        bool, typer.Option("--one-at-a-time", help="Turn each assumption alone as well (minutes).")
    ] = False,
    seed: SeedOption = 1,
    per_world: PerWorldOption = 4,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    out: OutOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Compare plans pair by pair, test the claims, and find what the answer hangs on."""
    from phaseline import api

    _start_logging(quiet, verbose)
    with _progress(quiet) as progress:
        found = api.compare(
            case, plan, replications, joint=joint, quick=quick, one_at_a_time=one_at_a_time, seed=seed,
            per_world=per_world, threads=threads, on=on, off=off, out=out, progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json({name.removesuffix(".json"): document for name, document in found.documents.items()})
        return
    from phaseline.reporting.judgement import render_judgement

    titles = {name: run.title for name, run in found.outcomes.runs.items()}
    render_judgement(found.documents, titles, console=_console(stderr=False))
    if out is not None:
        typer.echo(f"Files are in {out}; next: phaseline report {out}")


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that --out has written.")],
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Write DIR/report.html from stored results alone: one page, offline, to read, print and hand on."""
    from phaseline import api

    _start_logging(quiet, verbose=False)
    with _progress(quiet, "report"):
        page = api.report(directory)
    typer.echo(str(page))
    if show:
        typer.launch(str(page))


@app.command()
def when(
    case: CaseOrFile,
    start: Annotated[
        str,
        typer.Option(
            "--start",
            metavar="A,B,...",
            help="Operation or phase, e.g. raqqa.assault; several: every combination.",
        ),
    ],
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="A.progress", help="What it waits for, e.g. mosul.progress."),
    ] = None,
    by_date: Annotated[bool, typer.Option("--by-date", help="It waits for a date.")] = False,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="A,B,...", help="Points: shares of progress, or dates. Default an even grid."
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option("--plan", help="Plan whose gate is varied. Default: the first of the scenario."),
    ] = None,
    objective: Annotated[
        str, typer.Option("--objective", help="To be small, e.g. end, end:p80, losses:cvar90.")
    ] = "end",
    limit: Annotated[
        str | None,
        typer.Option("--limit", metavar="COND,...", help="To be kept, e.g. overstretched<=10%,failed<=5%."),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option("--over", metavar="NUMBER", help="Show the curve over the range of this number."),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option("--replications", "-n", help="Histories per point (default 1,000).", show_default=False),
    ] = None,
    seed: SeedOption = 1,
    per_world: PerWorldOption = 4,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    out: OutOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """When should an operation start: the whole curve, the range to start in, and what it hangs on."""
    from phaseline import api

    if (against is None) == (not by_date):
        rule, remedy = "give --against or --by-date, one of them", "e.g. --against mosul.progress"
        raise InputError(Problem("options", path="against", rule=rule, remedy=remedy))
    _start_logging(quiet, verbose)
    with _progress(quiet) as progress:
        found = api.when(
            case, start, against=against, at=at, plan=plan, objective=objective, limit=limit, over=over,
            replications=replications, seed=seed, per_world=per_world, threads=threads, on=on, off=off, out=out,
            progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json(found.document)
        return
    from phaseline.reporting.starts import render_starts

    render_starts(found.document, _console(stderr=False))
    if out is not None:
        typer.echo(f"Files are in {out}: when.json, when.svg, and every history")


@app.command()
def optimise(
    case: CaseOrFile,
    space: Annotated[
        Path | None,
        typer.Option(
            "--space",
            metavar="FILE",
            help="What may be decided, what is to be small and kept. Left out: the base schedule of certain tasks.",
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option("--plan", help="Without --space: plan whose gates are kept. Default: the first."),
    ] = None,
    histories: Annotated[
        int | None, typer.Option("--histories", help="Budget of the search, in place of the file's.")
    ] = None,
    seed: SeedOption = 1,
    per_world: PerWorldOption = 4,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for optimise.json and best_plan.yaml.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Find the best plan of a space under limits; Ctrl-C keeps the best so far, and the same command goes on."""
    from phaseline import api

    _start_logging(quiet, verbose)
    with _progress(quiet) as progress:
        found = api.optimise(
            case, space, plan=plan, histories=histories, seed=seed, per_world=per_world, threads=threads, on=on, off=off,
            out=out, progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json(found.document)
    else:
        from phaseline.reporting.optimised import render_optimised
        from phaseline.reporting.projects import render_schedule

        (render_optimised if space is not None else render_schedule)(found.document, _console(stderr=False))
        if out is not None:
            typer.echo(f"Files are in {out}; next: phaseline run {case} --plan {out / 'best_plan.yaml'}")
    if found.interrupted:
        raise typer.Exit(InterruptedRun.exit_code)


@app.command()
def relief(
    case: CaseOrFile,
    plan: Annotated[
        str | None, typer.Option("--plan", help="Plan to be relieved. Default: the first.")
    ] = None,
    asset: Annotated[
        str | None, typer.Option("--asset", help="Default: the asset overstretched in most histories.")
    ] = None,
    share: Annotated[
        float, typer.Option("--share", help="Amount of each action, as a share of the capacity.")
    ] = 0.1,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", help="Histories per action (default 2,000).", show_default=False
        ),
    ] = None,
    seed: SeedOption = 1,
    per_world: PerWorldOption = 4,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Price relief: what lending, reserves, surge, one more nation or a lifted cap buy, and who pays."""
    from phaseline import api

    _start_logging(quiet, verbose)
    with _progress(quiet) as progress:
        found = api.relief(
            case, plan, asset=asset, share=share, replications=replications, seed=seed, per_world=per_world,
            threads=threads, on=on, off=off, progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json(found)
        return
    from phaseline.reporting.relief import render_relief

    render_relief(found, _console(stderr=False))


@app.command()
def benchmark(
    suite: Annotated[str, typer.Argument(metavar="psplib", help="Which kind of instances.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of .sm, .rcp or .rcmp files.")],
    best: Annotated[
        Path | None, typer.Option("--best", metavar="FILE", help="CSV of best known ends: file, best_known.")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="Wall-clock time for each instance.")] = 10.0,
    distribution: Annotated[
        str | None, typer.Option("--distribution", help="Durations drawn from U1, U2, Exp, B1 or B2.")
    ] = None,
    budget: Annotated[int, typer.Option("--budget", help="Schedules for each policy.")] = 5_000,
    only: Annotated[
        str | None, typer.Option("--only", metavar="PATTERN", help="Files such as 'j120*'.")
    ] = None,
    peer: Annotated[bool, typer.Option("--peer", help="Run plain CP-SAT beside.")] = False,
    repeatable: Annotated[
        bool, typer.Option("--repeatable", help="Same seed, same rows: one worker, no clock.")
    ] = False,
    seed: SeedOption = 1,
    out: Annotated[Path | None, typer.Option("--out", help="CSV file for the rows.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Schedule public benchmark instances of projects, certain or not, and compare with the best known."""
    from phaseline import api

    _start_logging(quiet, verbose)
    with _progress(quiet) as progress:
        found = api.benchmark(
            suite, directory, best=best, seconds=seconds, distribution=distribution, budget=budget, only=only, peer=peer,
            repeatable=repeatable, seed=seed, out=out, progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json(found)
        return
    from phaseline.reporting.projects import render_benchmark

    render_benchmark(found, _console(stderr=False), quiet=quiet)
    if out is not None:
        typer.echo(f"Rows are in {out}")


@app.command()
def fit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: days of one battle, or earlier battles.")
    ],
    law: Annotated[
        str | None,
        typer.Option(
            "--law", metavar="A,B,...|all", help="square, linear, mixed, logarithmic, bracken, helmbold."
        ),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            "--case", metavar="CASE|FILE", help="FILE holds earlier battles; fit this case's numbers."
        ),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference",
            metavar="FILE",
            help="With --case: what is asked. Default: reference.yaml beside the case.",
        ),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", help="origin, totals, loglinear, trajectory or bayes.")
    ] = "origin",
    errors: Annotated[
        str | None,
        typer.Option(
            "--errors", help="What errs from day to day: losses or strengths. Default: by the method."
        ),
    ] = None,
    exponents: Annotated[str, typer.Option("--exponents", help="loglinear: common or separate.")] = "common",
    tactical: Annotated[
        bool, typer.Option("--tactical", help="Fit an attacker-defender factor as well.")
    ] = False,
    known_by: Annotated[
        str | None,
        typer.Option("--known-by", metavar="DATE", help="Battles known by then. Default: the case's day."),
    ] = None,
    foretell: Annotated[
        int | None,
        typer.Option(
            "--foretell",
            metavar="N",
            help="With --case: foretell at most N battles from the others (default 40), 0 for none.",
        ),
    ] = None,
    seed: SeedOption = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the results; with --case for the posterior and the scenario with it."
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Fit laws of attrition to the days of a battle (--law), or a case's numbers to earlier battles (--case)."""
    from phaseline import api_learning

    if (law is None) == (case is None):
        rule, remedy = "give --law or --case, one of them", "e.g. --law square for the days of one battle"
        raise InputError(Problem("options", path="law", rule=rule, remedy=remedy))
    for name, value in (("reference", reference), ("known-by", known_by), ("foretell", foretell)):
        if case is None and value is not None:
            rule = "is about earlier battles, and --law fits the days of one"
            remedy = f"leave out --{name}, or give --case"
            raise InputError(Problem("options", path=name, value=str(value), rule=rule, remedy=remedy))
    _start_logging(quiet, verbose)
    with _progress(quiet, "battles" if case is not None else "laws") as progress:
        if case is not None:
            found = api_learning.reference(
                case, file, file=reference, known_by=known_by, seed=seed, out=out, progress=progress,
                foretell=api_learning.MOST_FORETOLD if foretell is None else foretell,
            )  # fmt: skip
        else:
            found = api_learning.fit(
                file, law or "", method=method, errors=errors, exponents=exponents, tactical=tactical, seed=seed, out=out,
                progress=progress,
            )  # fmt: skip
    if as_json:
        _print_json(found)
    elif case is not None:
        from phaseline.reporting.reference import render_reference

        render_reference(found, _console(stderr=False), quiet=quiet)
        if out is not None:
            _say_next(out)
    else:
        from phaseline.reporting.fits import render_fit

        render_fit(found, _console(stderr=False), quiet=quiet)
        if out is not None:
            typer.echo(f"Files are in {out}: fit.json, fitted.csv")


ParticlesOption = Annotated[int, typer.Option("--particles", help="Histories of the posterior.")]
PublishedOption = Annotated[
    str | None, typer.Option("--published-by", metavar="DATE", help="Leave out what was published later.")
]


@app.command()
def update(
    case: CaseOrFile,
    reports: Annotated[Path, typer.Option("--reports", metavar="FILE", help="CSV file of dated reports.")],
    followed: Annotated[
        str | None, typer.Option("--followed", help="Plan followed so far. Default: the first.")
    ] = None,
    plan: PlanOption = None,
    published_by: PublishedOption = None,
    particles: ParticlesOption = 1024,
    seed: SeedOption = 1,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the posterior and what it changes.")
    ] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Update a forecast with dated reports: before and after, what moved it, which plan now."""
    from phaseline import api_learning

    _start_logging(quiet, verbose)
    with _progress(quiet, "reports") as progress:
        found = api_learning.update(
            case, reports, plan=followed, plans=plan, published_by=published_by, particles=particles, seed=seed,
            threads=threads, on=on, off=off, out=out, progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json(found.document)
    else:
        from phaseline.reporting.updated import render_update

        render_update(found.document, _console(stderr=False), quiet=quiet)
        if out is not None:
            _say_next(out)
    if strict and found.document["warnings"]:
        raise typer.Exit(InputError.exit_code)


@app.command()
def backtest(
    case: CaseOrFile,
    followed: Annotated[
        Path | None,
        typer.Option("--followed", metavar="DIR", help="Folder of what followed. Default: beside the case."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            metavar="FILE",
            help="How to score. Default: backtest.yaml in that folder, if there is one.",
        ),
    ] = None,
    battles: Annotated[
        Path | None,
        typer.Option(
            "--battles", metavar="FILE", help="Earlier battles. Default: battles.csv beside the case, if any."
        ),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference",
            metavar="FILE",
            help="What they are asked. Default: reference.yaml beside the case, if any.",
        ),
    ] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="Plan taken as followed.")] = None,
    dates: Annotated[
        str | None,
        typer.Option("--dates", metavar="A,B,...", help="Days of issue, e.g. 2016-10-26,2017-03-12."),
    ] = None,
    earlier: Annotated[
        bool,
        typer.Option("--earlier/--no-earlier", help="Again with the numbers that earlier battles give."),
    ] = True,
    later: Annotated[
        bool,
        typer.Option("--later/--no-later", help="Again with the mechanisms that later events suggested."),
    ] = True,
    lodged: Annotated[
        Path | None, typer.Option("--lodged", metavar="FILE", help="Score this lodged forecast instead.")
    ] = None,
    particles: ParticlesOption = 512,
    seed: SeedOption = 1,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    out: Annotated[Path | None, typer.Option("--out", help="Folder for backtest.json and the page.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Score forecasts, each from what was published by its day, against what followed and against naive ones."""
    from phaseline import api_learning

    _start_logging(quiet, verbose)
    with _progress(quiet, "days of issue") as progress:
        found = api_learning.backtest(
            case, followed=followed, file=settings, battles=battles, reference=reference, plan=plan, dates=dates,
            earlier=earlier, later=later, lodged=lodged, particles=particles, seed=seed, threads=threads, on=on, off=off,
            out=out, progress=progress,
        )  # fmt: skip
    if as_json:
        _print_json(found)
        return
    from phaseline.reporting.backtested import render_backtest, render_lodged

    if lodged is None:
        render_backtest(found, _console(stderr=False), quiet=quiet)
    else:
        render_lodged(found, _console(stderr=False))
    if out is not None:
        typer.echo(f"Files are in {out}; open {out / 'backtest.html'}")


@app.command()
def lodge(
    case: CaseOrFile,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File that does not exist yet.")],
    reports: Annotated[
        Path | None, typer.Option("--reports", metavar="FILE", help="CSV file of dated reports to heed.")
    ] = None,
    published_by: PublishedOption = None,
    plan: Annotated[str | None, typer.Option("--plan", help="Plan taken as followed.")] = None,
    particles: ParticlesOption = 1024,
    seed: SeedOption = 1,
    threads: ThreadsOption = None,
    on: OnOption = "",
    off: OffOption = "",
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write a forecast down, dated and hashed, to be scored by backtest --lodged when the time has come."""
    from phaseline import api_learning

    _start_logging(quiet, verbose)
    with _progress(quiet, "reports") as progress:
        found = api_learning.lodge(
            case, out, reports=reports, published_by=published_by, plan=plan, particles=particles, seed=seed,
            threads=threads, on=on, off=off, progress=progress,
        )  # fmt: skip
    typer.echo(f"{out}: forecast of {found['issued']}, lodged on {found['lodged_on']}")
    typer.echo(f"SHA-256 {found['sha256']}")


def _say_next(out: Path) -> None:
    """Where the files are, and the scenario among them: there is none where the case has ensembles already."""
    ahead = out / "scenario.yaml"
    typer.echo(f"Files are in {out}" + (f"; next: phaseline run {ahead}" if ahead.is_file() else ""))


def _explain(
    case: str,
    plan: str | None,
    replication: int,
    options: dict[str, Any],
    *,
    every: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from phaseline import api

    with _progress(quiet, "history"):
        scenario = api.load(case)
        first = plan.split(",")[0] if plan else next(iter(scenario.plans))
        history = api.explain(scenario, first, replication, **options)
    if as_json:
        events = [vars(event) for event in history.events]
        _print_json({"plan": first, "replication": replication, "events": events})
        return
    from phaseline.reporting.listings import render_history

    render_history(history, scenario, plan=first, console=_console(stderr=False), every=every)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=100)


def _print_json(document: Any) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def _start_logging(quiet: bool, verbose: bool) -> None:
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    handler = _OnceHandler(sys.stderr)
    logging.basicConfig(handlers=[handler], level=level, format="%(message)s", force=True)


class _OnceHandler(logging.StreamHandler):
    """Log on stderr; what is told there is not told again in results that go to the same terminal."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        super().emit(record)
        if sys.stdout.isatty() and sys.stderr.isatty():
            from phaseline.reporting.page import Page

            Page.told.add(record.getMessage())


def _tell_problems(problems: Sequence[Problem], console: Console) -> None:
    from phaseline.reporting.listings import render_problems

    if problems:
        render_problems(problems, console=console)


@contextmanager
def _progress(silent: bool, what: str = "histories") -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr once the work has taken two seconds, if somebody is looking."""
    if silent or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what, total=None)  # pulses until somebody says how much there is to do
    timer = threading.Timer(PATIENCE_SECONDS, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        timer.cancel()
        timer.join()  # a bar that is just being started is there to be stopped
        bar.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _dispatch(arguments)
        sys.exit(status if isinstance(status, int) else 0)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (typer.Abort, KeyboardInterrupt, InterruptedRun) as stop:
        typer.echo(str(stop) if isinstance(stop, InterruptedRun) else STOPPED, err=True)
        sys.exit(130)
    except InputError as refused:
        _tell_problems(refused.problems, _console(stderr=True))
        sys.exit(refused.exit_code)
    except PhaselineError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        if type(error).__module__.split(".")[0] in ("click", "typer"):
            _usage(error)
        if "--verbose" in arguments or "-v" in arguments:
            traceback.print_exc()
        typer.echo(f"phaseline failed, which is our fault: {type(error).__name__}: {error}", err=True)
        typer.echo(
            "Please report it with the command and the scenario; --verbose shows where it happened.", err=True
        )
        sys.exit(1)


def _dispatch(arguments: list[str]) -> Any:
    """The exit status of the verb, or what it returned.

    Raises
    ------
    KeyboardInterrupt
        If it was stopped where nobody waits for that: typer makes a status of it, of which no verb knows anything.
    """
    try:
        status = app(args=arguments, prog_name="phaseline", standalone_mode=False)
        if status == InterruptedRun.exit_code:
            raise KeyboardInterrupt
        return status
    except SystemExit as leave:
        # Rich and typer leave with 1 when whoever read our output has gone (head, less): nothing is wrong then.
        return 0 if leave.code == 1 else leave.code


def _usage(error: Any) -> None:
    """A wrong option or a missing argument: say what, exit 2."""
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message, err=True)
    else:
        typer.echo(f"phaseline: {message}", err=True)
        typer.echo("Try 'phaseline --help'.", err=True)
    sys.exit(2)
