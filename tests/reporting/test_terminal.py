from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from outcomes import made
from phaseline.outcomes.results import Outcomes
from phaseline.reporting import ranked
from phaseline.reporting.page import Page
from phaseline.reporting.terminal import render, rounded


def flat(text: str | None) -> str:
    """The text on one line, for phrases that may be wrapped."""
    assert text is not None
    return " ".join(text.split())


def printed(outcomes: Outcomes, **options: Any) -> str:
    file = io.StringIO()
    assert render(outcomes, Console(file=file, **options)) is None
    return file.getvalue()


class TestCampaign:
    def test_header(self, campaign: Outcomes) -> None:
        lines = (render(campaign) or "").splitlines()
        assert lines[0] == "Two towns, one squadron"
        assert lines[1] == "As of 1 Mar 2020 · 1,024 histories per plan in 256 worlds · seed 7"
        assert "compare" in lines[2] and "not a forecast" in lines[2]
        assert "Warning: a made-up warning" in lines

    def test_plans_side_by_side(self, campaign: Outcomes) -> None:
        assert "Plan: " not in (render(campaign) or "")
        top = (render(campaign, detail=True) or "").split("Plan: ")[0]
        assert "Both at once" in top and "North first" in top and "70 % (67–73)" in top

    def test_operations(self, campaign: Outcomes) -> None:
        text = render(campaign, detail=True) or ""
        assert re.search(r"Northtown +1 Mar 2020 +5 May 2020 +20 May 2020 +3 Jun 2020 +100 % +0 %", text)
        assert re.search(r"day 0 +day 66 ± 2 +day 81 ± 2 +day 95 ± 2 +\(98.5–100\) +\(0–1.5\)", text)
        assert re.search(r"Southtown +31 Mar 2020 .* beyond +90 % +10 %", text)
        assert "Southtown done by: 31 May 2020 15 % · 30 Jun 2020 48 %" in text
        assert "Northtown, days from its intended date to its start: 3" in text

    def test_assets_most_often_first_on_top(self, campaign: Outcomes) -> None:
        text = flat(render(campaign, detail=True).split("Plan: ")[1])  # type: ignore[union-attr]
        assert text.index("Strike aircraft 73 %") < text.index("Drones 32 %")
        assert "18.3 ± 0.8" in text and "no capacity: 5 %" in text and re.search(r"18\d sorties", text)
        assert "strain above 1 for 7 days on end" in text

    def test_losses_people_attacks(self, campaign: Outcomes) -> None:
        text = flat(render(campaign, detail=True))
        assert "Army 4,200 1,000 15,800" in text
        assert "Displaced: 399,000 (373,000–428,000) people" in text
        assert "Attacks that come through: 40 (32–49)" in text
        assert "abroad" not in text

    def test_never_wider_than_a_hundred_columns(self, campaign: Outcomes) -> None:
        for detail in (False, True):
            assert max(map(len, (render(campaign, detail=detail) or "").splitlines())) <= 100

    def test_no_trailing_blanks(self, campaign: Outcomes) -> None:
        assert not re.search(r"[ \u00a0]$", render(campaign) or "", re.MULTILINE)


def test_project_reads_without_forces(project: Outcomes) -> None:
    text = render(project) or ""
    assert "64 runs per plan" in text and "Project" in text
    assert re.search(r"Bridge +4 Jan 2021 +25 Jan 2021 +25 Jan 2021 +25 Jan 2021 +100 %", text)
    assert "Bridge: done on 25 Jan 2021, with hardly any spread." in text
    for absent in ("Losses", "Displaced", "Failed", "Overstretched", "Attacks", "side by side"):
        assert absent not in text


def test_duel_is_won_and_lost(duel: Outcomes) -> None:
    text = render(duel) or ""
    assert re.search(r"Duel +70 % \(67–73\) +30 % \(27–33\) +0 % \(0–1.5\) +6", text)
    assert "Done by" not in text
    assert (
        "More wins for Blue than for Red: Blue in 70 % (67–73) of the histories, Red in 30 % (27–33)."
        in flat(text)
    )


def test_costs_and_attacks_abroad() -> None:
    data = {
        **made.PROJECT,
        "attacks_abroad": {"inspired": {"rate": "1/month"}},
        "vocabulary": {"relief_cost": "million dollars", "elsewhere_cost": "elsewhere_cost"},
    }
    named = {"attacks_inspired": np.arange(64) % 5, "relief_cost": 12.5, "elsewhere_cost": 3}
    text = flat(render(made.outcomes_of(data, {"only": named}, 64, days=60)))
    assert "Attacks abroad (explore-grade): inspired 2 (0–4)" in text
    assert "Relief, cost: 12.5 million dollars" in text
    assert "Uncovered demand elsewhere, cost: 3" in text


def test_nothing_done_and_endless_strain() -> None:
    named = {"peak_strain.crane": np.inf, "binds.crane": 0, "first_binding": 0, "overstretched.crane": 60}
    text = flat(render(made.outcomes_of(made.PROJECT, {"only": named}, 64, days=60)))
    assert "beyond" in text and "∞" in text
    assert "Bridge: done by 4 Mar 2021 in only 0 % (0–22) of the runs." in text


class TestConsole:
    def test_to_a_console(self, project: Outcomes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("COLUMNS", raising=False)
        text = printed(project)
        assert "\x1b" not in text
        assert [line.rstrip() for line in text.splitlines()] == (render(project) or "").splitlines()

    def test_no_colour(self, campaign: Outcomes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_COLOR", "1")
        colours = re.compile(r"\x1b\[[0-9;]*3[0-7]")
        assert not colours.search(printed(campaign, force_terminal=True, width=100))
        monkeypatch.delenv("NO_COLOR")
        options = {"force_terminal": True, "width": 100, "color_system": "standard"}
        assert colours.search(printed(campaign, **options))

    def test_a_pipe_gets_a_hundred_columns(self, campaign: Outcomes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("COLUMNS", raising=False)
        console = Console(file=io.StringIO())
        before = console.width
        render(campaign, console)
        assert console.width == before
        assert "North first" in printed(campaign) and "…" not in printed(campaign)

    def test_labels_are_not_markup(self) -> None:
        data = {**made.PROJECT, "title": "[bold]A[/bold]"}
        data["operations"] = {"bridge": {**made.PROJECT["operations"]["bridge"], "label": "[red]Bridge"}}
        text = render(made.outcomes_of(data, {"only": {}}, 64, days=60)) or ""
        assert "[bold]A[/bold]" in text and "[red]Bridge" in text

    def test_a_console_that_knows_ascii_only(self, campaign: Outcomes) -> None:
        raw = io.BytesIO()
        file = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
        render(campaign, Console(file=file, width=100))
        file.flush()
        text = raw.getvalue().decode("ascii")
        assert "(67-73)" in text and "18.3 +/- 0.8" in text


def test_number_and_unit_stay_together() -> None:
    page = Page(None)
    page.paragraph(" ".join(["63 % on 3 Jan 2017 12 ± 3 by late Jul 2018 >99 % so mid-Mar 2016"] * 40))
    for line in (page.text() or "").splitlines():
        assert not re.match(r"[%±\d]*(%|±|Jan|Jul|20\d\d|>99)", line)
        assert not re.search(r"(±|late|Jan|Jul|mid-)$", line)


def test_rounded_is_here() -> None:
    assert rounded(1234.5, 1180, 1290) == 1230


class TestManyOperations:
    """What matters most is told, the rest is counted."""

    def test_plans_side_by_side(self, large: Outcomes) -> None:
        text = render(large) or ""
        told = re.findall(r"^  (Operation \d+): done", text, re.MULTILINE)
        assert len(told) == ranked.MOST
        assert {"Operation 3", "Operation 5", "Operation 12"} <= set(told)
        assert told == sorted(told, key=lambda name: int(name.split()[1]))
        assert len(re.findall(r"^  losses: ", text, re.MULTILINE)) == ranked.MOST
        assert len(re.findall(r"^  Pool \d+ ", text, re.MULTILINE)) == ranked.MOST
        assert " … and 4 more operations; all with --verbose, or in summary.json of --out\n" in text
        assert " … and 2 more overstretched assets; all with --verbose" in text
        assert " … and 4 more forces; all with --verbose" in text

    def test_verbose_tells_everything(self, large: Outcomes) -> None:
        text = render(large, detail=True) or ""
        assert "more operations" not in text
        side, *pages = text.split("Plan: ")
        for part in (side, *pages):
            assert {f"Operation {k}" for k in range(1, 13)} == set(re.findall(r"Operation \d+", part))
            assert {f"Pool {k}" for k in range(1, 11)} <= set(re.findall(r"Pool \d+", part))

    def test_a_single_plan(self, large: Outcomes) -> None:
        alone = replace(large, runs={"halves": large.runs["halves"]})
        text = render(alone) or ""
        table = text.split("Done by")[1].split("all operations")[0]
        assert len(re.findall(r"Operation \d+", table)) == ranked.MOST
        assert "… and 4 more operations" in text
        assert "… and 4 more forces" in text

    def test_few_are_all_told(self, campaign: Outcomes) -> None:
        assert "… and" not in (render(campaign) or "")

    def test_sentences_name_no_more_than_a_few(self) -> None:
        outcomes = made.large()
        shifted = {
            plan: replace(run, table=run.table + (np.arange(64)[:, None] % 7) * (plan == "halves"))
            for plan, run in outcomes.runs.items()
        }
        text = flat(render(replace(outcomes, runs=shifted)))
        against = text.split("Against “All at once”")[1].split("“Last first”")[0]
        assert len(re.findall(r"Pool \d+", against)) <= ranked.MOST
        assert "changes that of 2 more" in against
