"""What the pages about the founding case say is in its file, and their commands work."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from phaseline.cases import case_path

ROOT = Path(__file__).parents[1]
CASE = "mosul-raqqa-2016"
DISPATCH = (ROOT / "docs" / "dispatch.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))


def _rows() -> list[str]:
    return re.findall(r"^\| (\d+ \| .*) \|$", DISPATCH, re.MULTILINE)


def test_every_statement_of_the_dispatch_has_a_row() -> None:
    assert [int(row.split(" |")[0]) for row in _rows()] == list(range(1, 17))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", "\n".join(_rows())))))
def test_every_path_of_the_dispatch_page_is_in_the_scenario(path: str) -> None:
    if path.endswith((".yaml", ".csv")):
        assert (case_path(CASE).parent / path).is_file()
        return
    found = YAML(typ="safe").load(case_path(CASE))
    for part in path.split("."):
        if part in ("weight", "commit", "resistance", "territory", "revenue", "cap", "intended"):
            assert found.get(part) is not None
        assert part in found, path
        found = found[part]


def test_the_evidence_of_every_row_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHASELINE_STORE", str(tmp_path))
    spec = importlib.util.spec_from_file_location("dispatch", ROOT / "examples" / "dispatch.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.N = 64
    script.show()
    lines = capsys.readouterr().out.splitlines()
    numbers = {int(line[:2]) for line in lines if line[:2].strip()}
    assert numbers == set(range(1, 17))
    assert "nan" not in " ".join(lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_transcripts_of_the_pages_are_filled(page: Path) -> None:
    for block in re.findall(
        r"<!-- transcript.*?<!-- end of transcript -->", page.read_text(encoding="utf-8"), re.DOTALL
    ):
        assert len(block.splitlines()) > 8, f"run tools/transcripts.py: {block}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_of_the_pages_lead_somewhere(page: Path) -> None:
    for target in set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))):
        assert (page.parent / target).exists(), target
