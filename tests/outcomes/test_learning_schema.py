"""What learning really writes keeps the published schemas, and they refuse what is nearly right."""

from __future__ import annotations

from pathlib import Path

import pytest

import phaseline
from outcomes.strictness import assert_ordered, assert_strict, keeps, plain

REPORTS = """date,operation,quantity,value_low,value_high,unit,source,speaker,published
2026-09-20,coast,progress,0.05,0.1,share,made up,press,2026-09-20
2026-09-25,coast,progress,0.1,0.2,share,made up,press,2026-09-25
2026-10-05,coast,progress,0.5,0.5,share,made up,spokesman,2026-10-05
"""
TRUTH = """about,quantity,date,date_high,value_low,value_high,unit,source
coast,finished,2026-11-20,,,,event,s
coast,progress,2026-10-20,,0.3,0.4,share,s
coast,progress,2026-11-01,,0.4,0.6,share,s
valley,finished,2027-02-20,,,,event,s
valley,started,2026-09-10,,,,event,s
"""
VOICES = """date,forecaster,about,quantity,date_low,date_high,statement,source
2026-09-25,an official,coast,finished,2026-12-01,2026-12-31,by the end of the year,s
2026-09-25,another,valley,finished,2026-12-01,2026-12-31,by the end of the year,s
2026-09-25,a third,valley.supply,finished,2026-12-01,2026-12-31,by the end of the year,s
"""
BACKTEST = """format: phaseline-backtest/1
plan: in_turn
why: made up
"""


SOON = """about,quantity,date,date_high,value_low,value_high,unit,source
coast,finished,2026-10-09,,,,event,s
coast,started,2026-10-08,,,,event,s
valley,finished,2026-10-09,,,,event,s
"""
HEAD = TRUTH.splitlines()[0]
LATE = f"{HEAD}\ncoast,finished,2029-01-01,,,,event,s\ncoast,progress,2029-01-02,,0.3,0.5,share,s\n"
NEVER = f"{HEAD}\ncoast,progress,2029-01-02,,0.3,0.5,share,s\n"
EARLY = "\n".join(REPORTS.splitlines()[:3]) + "\n"


def placed(folder: Path, horizon: str, truth: str, reports: str) -> Path:
    """The case of `phaseline new` with another horizon, and what followed."""
    (folder / "followed").mkdir(parents=True)
    case = phaseline.new(folder / "case.yaml")
    text = case.read_text(encoding="utf-8")
    assert "horizon: 150 days" in text
    case.write_text(text.replace("horizon: 150 days", f"horizon: {horizon}"), encoding="utf-8")
    (folder / "followed" / "reports.csv").write_text(reports, encoding="utf-8")
    (folder / "followed" / "truth.csv").write_text(truth, encoding="utf-8")
    return case


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What followed came within the horizon, and others had foretold it."""
    case = placed(tmp_path_factory.mktemp("whole") / "case", "150 days", TRUTH, REPORTS)
    (case.parent / "followed" / "forecasts.csv").write_text(VOICES, encoding="utf-8")
    (case.parent / "followed" / "backtest.yaml").write_text(BACKTEST, encoding="utf-8")
    return case


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hardly a history reaches what came."""
    case = placed(tmp_path_factory.mktemp("short") / "case", "40 days", SOON, EARLY)
    (case.parent / "followed" / "forecasts.csv").write_text(VOICES, encoding="utf-8")
    return case


def test_update(whole: Path, short: Path) -> None:
    schema = phaseline.schema("update")
    documents = [
        plain(phaseline.update(case, case.parent / "followed" / "reports.csv", particles=60).document)
        for case in (whole, short)
    ]
    assert_strict(schema, documents, seldom=frozenset({"#/properties/numbers/items/properties/narrowed"}))
    assert_ordered(documents)


def test_backtest(whole: Path, short: Path, tmp_path: Path) -> None:
    """The third scores what came after the horizon as that; the fourth has nothing to score."""
    late = placed(tmp_path / "late", "40 days", LATE, EARLY)
    never = placed(tmp_path / "never", "40 days", NEVER, EARLY)
    documents = [plain(phaseline.backtest(case, particles=60)) for case in (whole, short, late, never)]
    voices = "#/properties/variants/items/properties/summary/properties/voices"
    assert_strict(phaseline.schema("backtest"), documents, optional=frozenset({voices}))
    assert_ordered(documents)


def test_lodged(whole: Path, short: Path, tmp_path: Path) -> None:
    """A forecast over forty days does not speak of what comes later."""
    lodged = [
        plain(phaseline.lodge(case, tmp_path / f"{case.parent.parent.name}.json", particles=60))
        for case in (whole, short)
    ]
    assert_strict(phaseline.schema("forecast"), lodged)
    files = sorted(tmp_path.glob("*.json"))
    assert len(files) == 2
    assert_strict(
        phaseline.schema("lodged"), [plain(phaseline.backtest(whole, lodged=file)) for file in files]
    )


def test_fit(tmp_path: Path) -> None:
    """Losses that do not vary, by one law and by two."""
    rows = "".join(f"{i},{900 - 12 * i},{800 - 15 * i}\n" for i in range(12))
    (tmp_path / "days.csv").write_text("day,x,y\n" + rows, encoding="utf-8")
    documents = [
        plain(phaseline.fit(tmp_path / "days.csv", "square,linear")),
        plain(phaseline.fit(tmp_path / "days.csv", "square,bracken", method="totals")),
    ]
    assert_strict(phaseline.schema("fit"), documents)


def test_reference() -> None:
    found = plain(phaseline.reference("mosul-raqqa-2016"))
    left_out = ("foretold", "left_out", "coverage", "gain")
    assert_strict(
        phaseline.schema("reference"), [found], optional=frozenset(f"#/properties/{key}" for key in left_out)
    )
    lighter = {key: value for key, value in found.items() if key not in left_out}
    assert keeps(phaseline.schema("reference"), lighter)
