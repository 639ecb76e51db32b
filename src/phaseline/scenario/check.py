"""From a file to a checked scenario: all problems at once, each with its line, value, rule and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from phaseline.errors import InputError, Problem, format_path
from phaseline.scenario.claims import check_claims
from phaseline.scenario.ensembles import with_ensembles
from phaseline.scenario.loading import Marks, read_yaml, validate
from phaseline.scenario.plausibility import plausibility
from phaseline.scenario.references import Finding, check_dates, check_plan, check_references, check_uses
from phaseline.scenario.schema import Plan, PlanFile, Scenario


def load_scenario(path: str | Path) -> tuple[Scenario, list[Problem]]:
    """Read and check a scenario file.

    Returns
    -------
    scenario, warnings
        Warnings are problems of severity ``warning``: implausible, but not impossible.

    Raises
    ------
    InputError
        With every error found, and the warnings after them.
    """
    data, marks = read_yaml(path)
    scenario = validate(Scenario, data, marks, str(path))
    scenario, notes = with_ensembles(
        scenario, Path(path).parent, lambda name: marks.line(("ensembles", name))[0], str(path)
    )
    findings = [*check_references(scenario), *check_claims(scenario)]
    # what is implausible is looked at only where everything refers to something
    if not any(f.severity == "error" for f in findings):
        findings += plausibility(scenario)
    return scenario, [*notes, *raise_errors(findings, data, marks, str(path))]


def load_plan(path: str | Path, scenario: Scenario) -> tuple[str, Plan]:
    """Read a plan in a file of its own and check it against a scenario; returns its name and the plan.

    Raises
    ------
    InputError
        With every error found.
    """
    data, marks = read_yaml(path)
    plan = validate(PlanFile, data, marks, str(path))
    _check(plan, scenario, data, marks, str(path))
    return plan.name, plan


def read_plan(name: str, given: object, scenario: Scenario) -> Plan:
    """A plan as it is, or read from a mapping such as stands under ``plans`` in a scenario, or in a plan file.

    Raises
    ------
    InputError
        With every error found; positions are the name and the path in the mapping.
    """
    if isinstance(given, Plan):
        return given
    file = f"plan {name}"
    if not isinstance(given, Mapping):
        rule, remedy = "is no plan", "give a plan of a scenario, or a mapping such as {'gates': {...}}"
        raise InputError(Problem(file, value=type(given).__name__, rule=rule, remedy=remedy))
    # as in a file of its own, where the name stands inside
    data = {
        "title": name,
        **{str(key): value for key, value in given.items() if key not in ("format", "name")},
    }
    problems: list[Problem] = []
    try:
        plan = validate(Plan, data, Marks(), file)
        _check(plan, scenario, data, Marks(), file)
    except InputError as error:
        problems = [replace(problem, line=None, column=None) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return plan


def _check(plan: Plan, scenario: Scenario, data: object, marks: Marks, file: str) -> None:
    findings = [*check_plan(scenario, plan, ()), *check_uses(scenario, plan), *check_dates(scenario, plan)]
    raise_errors(findings, data, marks, file)


def raise_errors(findings: list[Finding], data: object, marks: Marks, file: str) -> list[Problem]:
    """Raise if there are errors; else return the warnings."""
    problems = [_locate(finding, data, marks, file) for finding in dict.fromkeys(findings)]
    problems.sort(key=lambda p: (p.severity != "error", p.line or 0))
    if any(p.severity == "error" for p in problems):
        raise InputError(problems)
    return problems


def _locate(finding: Finding, data: object, marks: Marks, file: str) -> Problem:
    line, column = marks.line(finding.path)
    return Problem(
        file=file,
        line=line,
        column=column,
        path=format_path(finding.path),
        value=finding.value if finding.value is not None else _value_at(data, finding.path),
        rule=finding.rule,
        remedy=finding.remedy,
        severity=finding.severity,
    )


def _value_at(data: object, path: Iterable[str | int]) -> str:
    for part in path:
        try:
            data = data[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return ""
    text = str(data)
    return text if len(text) <= 60 else text[:57] + "..."
