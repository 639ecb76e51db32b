"""The ablation as it is read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from rich.console import Console

from outcomes import made
from phaseline.outcomes.ablation import Ablation, Comparison, main_outcomes
from phaseline.outcomes.results import Outcomes
from phaseline.reporting.ablation import render_ablation
from phaseline.reporting.page import WIDTH

COUNT = 200 * made.PER_WORLD


def run(shift: float = 0.0, **columns: Any) -> Outcomes:
    rng = np.random.default_rng(3)
    values = made.campaign_values(200) | columns
    values["end.north"] = values["end.north"] + shift + (rng.normal(0, 1, COUNT) if shift else 0)
    return made.outcomes_of(
        made.CAMPAIGN, {"both": values, "wait": values | {"overstretched.drones": 0}}, COUNT
    )


def found(*extra: str) -> Ablation:
    base = run()
    comparison = Comparison(base, main_outcomes(base.scenario))
    comparison.add("weather", "weather", "off", run(-9.0))
    comparison.add("pauses", "refit pauses", "on", run(4.0, harm=9000))
    comparison.add("friction", "friction", "off", run())
    comparison.add("halts", "halts", "off", run(attacks_through=0))
    for key in extra:
        comparison.add(key, key, "off", run(-9.0))
    return comparison.result()


def row(text: str, plan: str, label: str) -> list[str]:
    """Cells of the first row with the label in the part of a plan."""
    part = text[text.index(f"Plan: {plan}") :]
    line = next(line for line in part.splitlines() if line.startswith(label))
    return [cell.strip() for cell in line.removeprefix(label).split("  ") if cell.strip()]


def test_rows_are_mechanisms_and_columns_outcomes() -> None:
    text = render_ablation(found()) or ""
    assert text.startswith("What each mechanism contributes: Two towns, one squadron")
    assert "800 histories per plan and row in 200 worlds" in text
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert "Plan: Both at once" in text and "Plan: North first" in text
    cells = row(text, "Both at once", "− weather")
    assert cells[1] == "−8.96 ± 0.07"
    assert cells[0] == "·"
    assert row(text, "Both at once", "+ pauses")[1].startswith("+4")
    assert "friction" not in text[: text.index("Changes nothing")]


def test_outcomes_that_are_0_in_a_plan_are_left_out_there() -> None:
    text = render_ablation(found()) or ""
    both, wait = text.split("Plan: ")[1:]
    assert "Drones" in both
    assert "Drones" not in wait


def test_large_numbers_are_in_millions_and_chances_in_per_cent() -> None:
    text = render_ablation(found()) or ""
    assert "million" in text and "person-days" in text
    assert "20,000,000" not in text


def test_verdicts_are_told() -> None:
    text = " ".join((render_ablation(found()) or "").split())
    assert "as far as 800 histories can show: halts." in text
    assert "Leaves every history identical: friction." in text
    base = run()
    comparison = Comparison(base, main_outcomes(base.scenario))
    comparison.add("weather", "weather", "off", run(-9.0))
    text = " ".join((render_ablation(comparison.result()) or "").split())
    assert "can show: none." in text
    assert "identical" not in text


def test_a_console_gets_colours_and_plain_characters() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system="standard", width=200)
    assert render_ablation(found(), console) is None
    assert "\x1b[1m" in file.getvalue()
    raw = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    render_ablation(found(), Console(file=raw, width=100))
    raw.seek(0)
    assert "- weather" in raw.read()
