"""Symbols by the standard, compared with stored drawings of the pinned library."""

from __future__ import annotations

from pathlib import Path

import pytest

from phaseline.outcomes.results import Outcomes
from phaseline.reporting.symbols import draw, echelon, sidc_of, symbol_of

STORED = Path(__file__).parent / "symbols"


@pytest.mark.parametrize("sidc", ["10031000211211000000", "10061000181211000000", "10031000121211000000"])
def test_drawings_are_those_stored(sidc: str) -> None:
    symbol = draw(sidc)
    stored = (STORED / f"{sidc}.svg").read_text(encoding="utf-8")
    left, top, width, height = symbol.box
    assert stored == f'<svg viewBox="{left:g} {top:g} {width:g} {height:g}">{symbol.content}</svg>\n'


def test_a_code_says_side_and_size(campaign: Outcomes) -> None:
    army = symbol_of("army", campaign.scenario)
    assert army.sidc == "10031000211211000000"
    assert army.text == "Army: own, about the size of a division"
    militia = symbol_of("militia", campaign.scenario)
    assert militia.sidc == "10061000181211000000"
    assert "hostile" in militia.text
    assert sidc_of(campaign.scenario.forces["army"], 12) == "10031000131211000000"


@pytest.mark.parametrize(
    ("strength", "code"), [(60_000, "23"), (30_000, "22"), (9_000, "21"), (8_999, "18"), (0, "12")]
)
def test_size_follows_strength(strength: float, code: str) -> None:
    assert echelon(strength) == code


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no symbol"):
        draw("130310001612110000")
