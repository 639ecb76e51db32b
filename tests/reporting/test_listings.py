from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from phaseline.engine.events import CODES, read
from phaseline.errors import Problem
from phaseline.outcomes.results import Event, Outcomes
from phaseline.reporting.listings import render_numbers
from phaseline.reporting.terminal import render_cases, render_history, render_problems


def log(outcomes: Outcomes, events: list[Event], **options: bool) -> str:
    history = replace(outcomes.runs["both"].samples[0], replication=1234, events=tuple(events))
    return render_history(history, outcomes.scenario, plan="both", **options) or ""


class TestHistory:
    def test_events_with_dates_and_labels(self, campaign: Outcomes) -> None:
        text = render_history(campaign.runs["both"].samples[0], campaign.scenario, plan="both") or ""
        assert text.startswith("History 0 of plan Both at once\n")
        assert re.search(r"1 Mar 2020 +0 +Northtown, ring: opens", text)
        assert re.search(r"5 Mar 2020 +4 +Strike aircraft: overstretched; strain 1.25", text)
        assert re.search(r"\n +Northtown, town: 2 attacks come through", text)  # the day is told once

    def test_spells_of_routine_events_are_drawn_together(self, campaign: Outcomes) -> None:
        days = [3, 4, 4, 6, 20, 21]
        events = [
            Event(day, "attacks", "north.town", 2.0, "north.town 2 attacks come through") for day in days
        ]
        text = log(campaign, events)
        assert "Northtown, town: attacks come through on 3 days until 7 Mar 2020, 8 in all" in text
        assert "Northtown, town: attacks come through on 2 days until 22 Mar 2020, 4 in all" in text
        assert log(campaign, events, every=True).count("2 attacks come through") == 6

    def test_other_events_never_are(self, campaign: Outcomes) -> None:
        events = [Event(day, "fails", "north.town", 0.0, "north.town fails") for day in (3, 4)]
        assert log(campaign, events).count("Northtown, town: fails") == 2

    def test_no_verb_agrees_with_a_label_and_a_percent_sign_stands_apart(self, campaign: Outcomes) -> None:
        log_of_all = np.array(
            [[len(CODES)] + [0] * 3, *([k, k, 0, 1.0] for k in range(len(CODES)))], dtype=np.float64
        )
        names = {kind: ["tankers"] for kind in ("operation", "phase", "force", "asset", "relief")}
        texts = [text for *_, text in read(log_of_all, names)]
        assert len(texts) == len(CODES) and all(text.startswith("tankers: ") for text in texts)
        assert not [text for text in texts if text.split()[1] in ("is", "has", "was")]
        assert sum("100 %" in text for text in texts) == 2 and not any("100%" in text for text in texts)

    def test_the_log_of_an_earlier_result_is_still_labelled(self, campaign: Outcomes) -> None:
        event = Event(4, "relieved", "jets", 0.0, "jets is no longer overstretched")
        assert "Strike aircraft: is no longer overstretched" in log(campaign, [event])

    def test_nothing_happened(self, campaign: Outcomes) -> None:
        text = log(campaign, [])
        assert "History 1,234 of plan Both at once" in text and "Nothing happened." in text

    def test_plan_of_another_file(self, campaign: Outcomes) -> None:
        history = campaign.runs["both"].samples[0]
        assert "of plan mine" in (render_history(history, campaign.scenario, plan="mine") or "")
        assert (render_history(history, campaign.scenario) or "").startswith("History 0\n")


class TestCases:
    def test_by_id(self) -> None:
        text = render_cases({"mosul-raqqa-2016": "Mosul and Raqqa", "fires": "Two fires"}) or ""
        assert re.search(r"mosul-raqqa-2016 +Mosul and Raqqa", text)
        assert "as of" not in text

    def test_with_dates(self) -> None:
        text = (
            render_cases([{"id": "a", "title": "A", "as_of": "2016-10-26", "description": "Long\n text."}])
            or ""
        )
        assert re.search(r"a +26 Oct 2016 +A\n +Long text\.", text)

    def test_none(self) -> None:
        assert render_cases([]) == "There are no cases.\n"


class TestProblems:
    def test_errors_before_warnings(self) -> None:
        problems = [
            Problem("x.yaml", 9, path="horizon", rule="is long", remedy="shorten it", severity="warning"),
            Problem("x.yaml", 3, path="assets.[jets]", value="3", rule="has no unit", remedy="write '3/day'"),
            Problem("x.yaml", 4, path="assets", rule="is empty"),
        ]
        lines = (render_problems(problems) or "").splitlines()
        assert lines[0] == "x.yaml:3: assets.[jets]: 3 -- has no unit. Write '3/day'."
        assert "warning" in lines[2] and lines[-1] == "2 errors, 1 warning"

    def test_none(self) -> None:
        assert render_problems([]) == "No problems.\n"


def test_history_of_a_run_without_series(campaign: Outcomes) -> None:
    history = replace(campaign.runs["both"].samples[0], series=np.empty((0, 0)))
    assert "opens" in (render_history(history, campaign.scenario) or "")


class TestNumbers:
    NUMBER: ClassVar[dict[str, Any]] = {
        "name": "fleet", "path": "numbers.fleet", "label": "trucks", "value": "6 (4–8)", "kind": "ignorance", "source": None,
        "assumed": None, "lean": None, "adverse": None, "note": None, "used_in": [],
    }  # fmt: skip
    SOURCE: ClassVar[dict[str, Any]] = {"id": "p", "title": "Press", "known_on": "2020-01-01", "url": None}

    def test_three_counts_that_add_up(self) -> None:
        bare = [self.NUMBER | {"name": f"n{i}", "label": None} for i in range(3)]
        numbers = [self.NUMBER | {"source": self.SOURCE}, *bare, self.NUMBER | {"assumed": "so"}]
        text = render_numbers(numbers) or ""
        assert "5 numbers: 1 from sources, 1 assumed, 3 with neither" in text
        heads = ["Press (known on 2020-01-01)", "Assumed", "Without source or reasoning"]
        assert [line for line in text.splitlines() if line in heads] == heads

    def test_a_number_is_called_as_it_can_be_typed(self) -> None:
        assert "fleet (trucks): 6 (4–8)" in (render_numbers([self.NUMBER]) or "")
