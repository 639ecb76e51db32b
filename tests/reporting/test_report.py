"""The page: everything is on it, nothing is loaded, and no string from a file does anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import phaseline
from outcomes import made
from phaseline.errors import InputError
from phaseline.outcomes.files import write
from phaseline.outcomes.results import Outcomes
from phaseline.reporting import contents, ranked
from phaseline.reporting.figures import packed
from phaseline.reporting.report import CONTENTS, write_report
from reporting import documents, placed

LIMIT = 3_000_000


class Reader(HTMLParser):
    """Elements with their attributes, texts outside scripts, and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[tuple[str | None, str]] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style") else None
        if tag == "script":
            self.scripts.append((dict(attrs).get("type"), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            kind, before = self.scripts[-1]
            self.scripts[-1] = (kind, before + data)
        elif self._inside is None:
            self.text += data


def parsed(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader


def made_page(outcomes: Outcomes, folder: Path, spoil: bool = False, bare: bool = False) -> Path:
    write(outcomes, folder)
    for name, make in documents.MAKERS.items():
        if not bare:
            document = make(outcomes)
            text = json.dumps(placed.spoil(document) if spoil else document)
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return write_report(folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_page(placed.placed(), tmp_path_factory.mktemp("report") / "out")


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_page(placed.evil(), tmp_path_factory.mktemp("evil") / "out", spoil=True)


def test_every_section_is_there_with_its_content(page: Path) -> None:
    reader = parsed(page)
    ids = {attributes.get("id") for _, attributes in reader.elements}
    assert {name for name, _ in CONTENTS} <= ids
    for wanted in (
        "Two towns, one squadron", "As of 1 Mar 2020", "use class", "What gives first: Strike aircraft",
        "Both at once against North first", "−60 (−68 to −52)", "93 % (91–95)", "3.4 times",
        "All of these together", "own losses below 10,000", "day 99", "Strain is the mean essential demand",
        "Doing both at once would stretch the coalition.", "✓ holds", "? cannot tell", "✗ fails", "confirmed by a re-run",
        "sorties per aircraft and day", "“stretch”, a fifth more or less – 1.0: 93 %", "share at which the defender breaks",
        "Knowing everything would save 9 ± 2 days", "slow advance and a stubborn defender",
        "too few strike sorties", "the assault waits for cover", "all adverse",
        "410 (402–418)", "advance a day in the city", "assumed: a guess", "Attacks abroad", "hash-scenario",
        "a made-up warning", "Natural Earth",
    ):  # fmt: skip
        assert wanted.lower() in " ".join(reader.text.split()).lower(), wanted


def test_the_page_needs_nothing_from_anywhere(page: Path) -> None:
    reader = parsed(page)
    assert page.stat().st_size < LIMIT
    loading = {"src", "srcset", "data", "poster", "background", "action", "formaction", "xlink:href", "ping"}
    for tag, attributes in reader.elements:
        assert not loading & attributes.keys(), (tag, attributes)
        if tag != "a" and attributes.get("href"):
            assert (attributes["href"] or "").startswith(("data:,", "#"))
    assert "@import" not in page.read_text()
    assert not re.search(r"url\((?!#)", re.sub(r"<script.*?</script>", "", page.read_text(), flags=re.S))
    for kind, script in reader.scripts:
        if kind == "application/json":
            assert "http" not in script


def test_only_our_scripts_may_run(page: Path) -> None:
    reader = parsed(page)
    (policy,) = (
        attributes["content"] or "" for _, attributes in reader.elements if attributes.get("http-equiv")
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    running = [script for kind, script in reader.scripts if kind is None]
    assert len(running) == 2
    for script in running:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not [name for _, attributes in reader.elements for name in attributes if name.startswith("on")]


def test_structure_is_accessible(page: Path) -> None:
    reader = parsed(page)
    tags = [tag for tag, _ in reader.elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - before <= 1 for before, later in pairwise(levels))
    charts = [a for _, a in reader.elements if "data-figure" in a]
    assert all(a.get("role") == "img" and a.get("aria-label") for a in charts)
    assert len(charts) > 15
    heads = [a for tag, a in reader.elements if tag == "th"]
    assert all(a.get("scope") in ("col", "row") for a in heads)
    ids = [a["id"] for _, a in reader.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    assert ("html", {"lang": "en"}) in reader.elements


def test_without_scripts_pictures_stand_there_whole(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    charts = re.findall(r'data-figure="([\w-]+)">(<svg.*?</svg>)', text, flags=re.S)
    assert {name.split("-")[0] for name, _ in charts} >= {
        "done",
        "plans",
        "gantt",
        "strain",
        "progress",
        "drivers",
        "tornado",
    }
    for name, svg in charts:
        used = set(re.findall(r"url\(#([\w-]+)\)", svg))
        assert used <= set(re.findall(r'id="([\w-]+)"', svg)), name
        assert all(one.startswith(f"{name}-") for one in used)
        assert "#0072B2" in svg or "#D55E00" in svg


def unpacked(data: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{} for _ in range(data["rows"])]
    for name, column in data["columns"].items():
        for k, row in enumerate(rows):
            row[name] = (
                column["all"]
                if "all" in column
                else column["of"][column["at"][k]]
                if "of" in column
                else column["each"][k]
            )
    return rows


def test_packed_rows_come_back() -> None:
    rows = [
        {"a": 1.234567, "b": "x", "c": "always", "d": None, "e": True},
        {"a": 123456.7, "b": "y", "c": "always", "d": 2.0, "e": False},
        {"a": 0.0, "b": "x", "c": "always", "d": 1e-9, "e": True},
        {"a": -0.00123456, "b": "x", "c": "always", "d": float(7), "e": True},
    ]
    back = unpacked(packed(rows))
    assert [row["a"] for row in back] == [1.235, 123500, 0.0, -0.001235]
    assert [(r["b"], r["c"], r["e"]) for r in back] == [(r["b"], r["c"], r["e"]) for r in rows]
    assert [row["d"] for row in back] == [None, 2, 1e-9, 7]
    assert packed([]) == {"rows": 0, "columns": {}}


def test_live_figures_hold_the_numbers_of_the_outcomes(page: Path) -> None:
    reader = parsed(page)
    figures, replay = (json.loads(script) for kind, script in reader.scripts if kind == "application/json")
    outcomes = phaseline.outcomes.files.read(page.parent)  # type: ignore[attr-defined]
    rows = [row for data in figures["strain-1"]["datasets"].values() for row in unpacked(data)]
    series = outcomes.series()["asset_strain_quantile"].sel(plan="wait", quantile=0.9)
    for row in rows[::25]:
        assert row["p90"] == pytest.approx(
            float(series.sel(asset=row["entity"], day=row["day"])), rel=1e-3, abs=1e-9
        )
    assert set(replay["plans"]) == {"both", "wait"}


def test_no_string_of_a_file_becomes_markup(evil: Path) -> None:
    reader = parsed(evil)
    tags = [tag for tag, _ in reader.elements]
    assert tags.count("script") == 4
    assert "img" not in tags
    assert "{{7*7}}" in reader.text
    assert "window.broken=1" in reader.text
    assert not [name for _, attributes in reader.elements for name in attributes if name.startswith("on")]
    for kind, script in reader.scripts:
        if kind == "application/json":
            assert json.loads(script)
            assert "<" not in script
        else:
            assert "window.broken" not in script


def test_a_link_must_be_of_the_web(tmp_path: Path) -> None:
    outcomes = placed.placed()
    write(outcomes, tmp_path / "out")
    document = documents.claims(outcomes)
    document["claims"][0]["source"]["url"] = "javascript:alert(1)"
    (tmp_path / "out" / "claims.json").write_text(json.dumps(document))
    reader = parsed(write_report(tmp_path / "out"))
    assert not [a for tag, a in reader.elements if tag == "a" and "javascript" in (a.get("href") or "")]


@pytest.mark.parametrize("kind", ["campaign", "project", "duel"])
def test_whatever_is_missing_is_said(kind: str, tmp_path: Path) -> None:
    outcomes = getattr(made, kind)()
    reader = parsed(made_page(outcomes, tmp_path / "out", bare=True))
    for wanted in ("Paired differences are not in this folder", "Verdicts on claims are", "Drivers are", "Causal traces are",
                   "The ledger of assumptions is", "No map: no"):  # fmt: skip
        assert wanted in reader.text
    if kind != "campaign":
        assert "Nothing of this was recorded." in reader.text or "Strain of each" in reader.text


def test_an_empty_list_of_claims_is_said(tmp_path: Path) -> None:
    outcomes = placed.placed()
    write(outcomes, tmp_path / "out")
    (tmp_path / "out" / "claims.json").write_text(json.dumps(documents.claims(outcomes) | {"claims": []}))
    assert "The case file makes no claims." in parsed(write_report(tmp_path / "out")).text


def test_a_document_that_breaks_its_promise_is_told(tmp_path: Path) -> None:
    outcomes = placed.placed()
    write(outcomes, tmp_path / "out")
    for name, broken in (
        ("claims", {"claims": [{}]}),
        ("ledger", {"numbers": 3}),
        ("drivers", {"outcomes": []}),
    ):
        document = documents.MAKERS[name](outcomes) | broken
        (tmp_path / "out" / f"{name}.json").write_text(json.dumps(document))
    with pytest.raises(InputError) as refused:
        write_report(tmp_path / "out")
    assert [Path(p.file).name for p in refused.value.problems] == ["claims.json", "ledger.json"]
    assert not (tmp_path / "out" / "report.html").exists()


def test_the_same_result_gives_the_same_page_in_place_of_the_old(page: Path) -> None:
    before = page.read_bytes()
    page.write_text("old")
    assert phaseline.report(page.parent) == page
    assert page.read_bytes() == before
    assert not list(page.parent.glob(".report*"))
    write(placed.placed(), page.parent)  # a page of ours is not foreign


def test_a_folder_that_is_no_result_is_refused(page: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(InputError, match="not a result of Phaseline"):
        write_report(tmp_path)
    write(placed.placed(), tmp_path / "cut")
    series = tmp_path / "cut" / "series.nc"
    series.write_bytes(series.read_bytes()[:500])
    with pytest.raises(InputError, match="is cut off"):
        write_report(tmp_path / "cut")
    record = json.loads((page.parent / "run.json").read_text())
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "run.json").write_text(json.dumps(record | {"format": "phaseline-run/0"}))
    with pytest.raises(InputError, match="has the format 'phaseline-run/0'"):
        write_report(tmp_path / "old")


def test_a_folder_that_cannot_be_written_is_told(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = page.read_bytes() if page.exists() else b""

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    if not (page.parent / "run.json").exists():
        made_page(placed.placed(), page.parent)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputError, match="cannot be written: Permission denied"):
        write_report(page.parent)
    assert not list(page.parent.glob(".report*"))
    if before:
        assert page.read_bytes() == before


def test_of_many_the_page_shows_those_that_matter_and_says_how_many_it_does_not(large: Outcomes) -> None:
    figures = contents.per_plan_figures(large)
    for kind, rest in (
        ("gantt", "4 more operations"),
        ("progress", "4 more operations"),
        ("strain", "2 more assets"),
    ):
        for one in figures[kind]:
            assert one.note == f"… and {rest}; their numbers are in summary.json and series.nc."
            assert "usermeta" not in one.live
    assert all(not one.note for one in figures["losses"])
    summary = large.summary()
    assert len({row["asset"] for row in contents.binding_table(large, summary)}) == ranked.MOST


def test_of_many_own_forces_the_overview_has_columns_for_a_few() -> None:
    outcomes = made.large(24)
    head = contents.overview(outcomes, outcomes.summary())["head"]
    assert len([column for column in head if column["name"].startswith("Losses, ")]) == ranked.MOST
