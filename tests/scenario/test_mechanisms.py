"""Mechanisms switched off: each changes what it must and nothing else, and what remains is a sound scenario."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phaseline.engine import compile_plan, compile_scenario, simulate
from phaseline.errors import InputError
from phaseline.scenario.check import load_scenario
from phaseline.scenario.mechanisms import MECHANISMS, applied, in_use, without
from phaseline.scenario.records import columns
from phaseline.scenario.references import check_references
from phaseline.scenario.schema import Scenario
from phaseline.scenario.switches import BY_REQUEST, keys_of, switched

EVERY: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "every mechanism",
    "as_of": "2020-01-01",
    "horizon": "120 days",
    "numbers": {
        "garrison": {"low": 250, "high": 350, "unit": "persons", "assumed": "test"},
        "sector": {"low": 0.2, "high": 0.3, "assumed": "test"},
    },
    "correlations": [{"numbers": ["garrison", "sector"], "rank": 0.5}],
    "calendars": {"week": {"works": "mon-fri", "closed": ["2020-01-06"]}},
    "assets": {
        "jets": {
            "surge_days": "4 days", "surge_factor": 1.8, "weather": "50 %", "elastic": 1.3, "transfer": "2 days",
            "elsewhere": {"demand": "4/day", "cost": 1},
        },
        "crane": {"sharing": "whole", "units": 1},
    },
    "contributions": [
        {"nation": "A", "asset": "jets", "count": 10, "not_for": ["south"], "departs": "2020-01-25"},
        {"nation": "B", "asset": "jets", "count": 8, "arrives": "2020-01-04", "calendar": "week"},
    ],
    "forces": {
        "us": {"side": "own", "strength": 1200, "returns": "50 %", "return_after": "5 days", "replacements": "2/day",
               "breaks_at": "14 %", "arrivals": [{"on": "2020-01-06", "strength": 80}]},
        "them": {"side": "adversary", "strength": "$garrison", "returns": "20 %", "breaks_at": "25 %"},
        "others": {"side": "adversary", "strength": 200, "replacements": "1/day",
                   "arrivals": [{"on": "2020-01-03", "strength": 30}]},
    },
    "weather": {"bad_share": "30 %", "persistence": "40 %", "tempo": "60 %"},
    "friction": {"spread": 1.5, "persistence": "30 %"},
    "momentum": {"spread": 2, "persistence": "60 %", "block": "5 days"},
    "operations": {
        "build": {"phases": {
            "mark": {"kind": "task", "duration": "2 days"},
            "bridge": {"kind": "task", "duration": "8 days", "calendar": "week", "demand": {"jets": "6/day", "crane": 1},
                       "dependence": {"jets": 0.6}, "stop_hazard": "1 %/day"},
        }},
        "north": {"suspension": {"onset": "1 %/day", "lasts": "6 days"}, "phases": {"town": {
            "kind": "contested", "own": "us", "adversary": "them", "depth": "3 km", "tempo": "0.5 km/day", "frontage": 500,
            "demand": {"jets": {"base": "9/day", "per_contact": "4/day per 100 fighters"}}, "dependence": {"jets": 0.7},
            "minimum_coverage": {"jets": "30 %"}, "ratio_exponent": 0.3, "resistance": [[0, 1], [1, 2.5]],
            "commit": [[0, "$sector"], [1, 0.9]], "own_loss": "1.5 %/day", "adversary_loss": "4 %/day",
            "own_loss_support": 0.5, "adversary_loss_support": 0.3, "reference": {"own": 400, "adversary": 100},
            "advisers": {"asset": "jets", "raises": "20 %"}, "dig_in": {"rate": "1 %/day", "most": 1.3},
            "pause": {"after_losses": "4 %", "lasts": "3 days"}, "ground_lost": "20 %", "seals": "40 %",
            "ending": {"surrender": "20 %", "escape": "40 %", "to": "others"},
            "people": [[0, 0], [1, 5000]], "revenue": "USD 1 M/month",
        }}},
        "south": {"phases": {"town": {
            "kind": "contested", "own": "us", "adversary": "others", "depth": "5 km", "tempo": "0.4 km/day",
            "own_loss": "1 %/day", "adversary_loss": "2 %/day", "demand": {"jets": "5/day"}, "dependence": {"jets": 0.4},
            "revenue": "USD 1 M/month",
        }}},
    },
    "adversary": {
        "revenue": "USD 3 M/month",
        "moves": [{"from": "others", "to": "them", "rate": "6/day", "pinned": "80 %"}],
        "replacements": [{"force": "them", "rate": "4/day", "funded": 0.8}],
    },
    "shocks": {"raids": {
        "phases": ["north"], "rate": "1.5/day", "dispersion": 2, "stock": 60, "casualties": 4, "halt": "30 %",
        "interdiction": {"asset": "jets", "at_full_cover": "60 %"},
    }},
    "people": {"flee": "50 %", "home_after": "9 days", "harm": "1 %", "harm_per_unit": {"jets": 0.01}},
    "attacks_abroad": {
        "directed": {"rate": "3/month", "sanctuary": {"north": "60 %"}}, "inspired": {"rate": "4/month", "persists": "50 %"},
    },
    "plans": {"plan": {
        "gates": {"north": {"date": "2020-01-08"},
                  "south": {"any": [{"progress": "north", "at_least": 0.3}, {"strain": "jets", "below": 0.5}]}},
        "tiers": [["north"], ["south", "elsewhere"]],
        "failures": {"north": {"then": "retry", "refit": "5 days", "tries": 3}},
    }},
}  # fmt: skip
"""Small, and every mechanism does something in it."""

BARE: dict[str, Any] = {
    "format": "phaseline/1",
    "title": "nothing to switch off",
    "as_of": "2020-01-01",
    "horizon": "60 days",
    "operations": {"one": {"phases": {"task": {"kind": "task", "duration": "5 days"}}}},
    "plans": {"plan": {}},
}
REPLICATIONS = 64


def read(document: dict[str, Any], **changes: Any) -> Scenario:
    scenario = Scenario.model_validate(document | changes)
    assert not [f for f in check_references(scenario) if f.severity == "error"]
    return scenario


def histories(scenario: Scenario) -> dict[str, np.ndarray]:
    """Recorded numbers by column."""
    model = compile_scenario(scenario)
    plan = compile_plan(model, "plan", scenario.plans["plan"])
    table = simulate(model, plan, seed=1, first=0, count=REPLICATIONS, per_world=2, series=False).outcomes
    return {column.name: table[:, i] for i, column in enumerate(columns(scenario))}


@pytest.fixture(scope="module")
def every() -> Scenario:
    return read(EVERY)


@pytest.fixture(scope="module")
def as_is(every: Scenario) -> dict[str, np.ndarray]:
    return histories(every)


def test_the_scenario_of_these_tests_uses_them_all(every: Scenario) -> None:
    assert in_use(every) == tuple(MECHANISMS)


def test_keys_and_texts_are_in_order() -> None:
    for key, mechanism in MECHANISMS.items():
        assert key == mechanism.key
        assert key.replace("_", "").isalpha() and key.islower()
        assert mechanism.title
        assert mechanism.description.endswith(".")
    assert len({m.title for m in MECHANISMS.values()}) == len(MECHANISMS)


@pytest.mark.parametrize("key", MECHANISMS)
def test_off_changes_the_histories_once_and_leaves_a_sound_scenario(
    key: str, every: Scenario, as_is: dict[str, np.ndarray]
) -> None:
    off = without(every, [key])
    assert off != every
    assert not MECHANISMS[key].used(off)
    assert without(off, [key]) is off
    assert not [f for f in check_references(off) if f.severity == "error"]
    changed = histories(off)
    assert any(not np.array_equal(changed[name], as_is[name], equal_nan=True) for name in as_is)


@pytest.mark.parametrize("key", MECHANISMS)
def test_off_where_it_is_not_used_changes_nothing(key: str) -> None:
    bare = read(BARE)
    assert MECHANISMS[key].off(bare) is bare
    assert without(bare, [key]) == bare


def test_all_off_leaves_nothing_in_use_and_order_does_not_matter(every: Scenario) -> None:
    forward, backward = without(every, MECHANISMS), without(every, reversed(MECHANISMS))
    assert forward == backward
    assert in_use(forward) == ()
    assert not [f for f in check_references(forward) if f.severity == "error"]


def changed(**paths: Any) -> Scenario:
    """The scenario with some places changed; ``__`` separates the parts of a path."""
    document = copy.deepcopy(EVERY)
    for path, value in paths.items():
        here: Any = document
        *parts, last = (int(part) if part.isdigit() else part for part in path.split("__"))
        for part in parts:
            here = here[part]
        here[last] = value
    return read(document)


TOWN = "operations__north__phases__town__"
IRRELEVANT = [
    ("weather", {"weather__bad_share": "70 %", "weather__persistence": "10 %", "assets__jets__weather": "10 %"}),
    ("friction", {"friction__spread": 2.5, "friction__persistence": "90 %"}),
    ("momentum", {"momentum__spread": 2.5, "momentum__persistence": "90 %", "momentum__block": "20 days"}),
    ("correlations", {"correlations__0__rank": -0.7}),
    ("calendars", {"calendars__week": {"works": ["sun"], "open": ["2020-02-04"]}}),
    ("rotation", {"contributions__0__departs": "2020-02-20", "contributions__1__arrives": "2020-01-20"}),
    ("surge", {"assets__jets__surge_days": "9 days", "assets__jets__surge_factor": 2.5}),
    ("elastic", {"assets__jets__elastic": 2}),
    ("transfer", {"assets__jets__transfer": "9 days"}),
    ("caveats", {"contributions__0__not_for": ["north"], "contributions__1__not_for": ["build"]}),
    ("elsewhere", {"assets__jets__elsewhere": {"demand": "40/day"}}),
    ("scarcity", {"contributions__0__count": 1}),
    ("contact_demand", {f"{TOWN}demand__jets__per_contact": "90/day per 100 fighters"}),
    ("minimum_coverage", {f"{TOWN}minimum_coverage__jets": "90 %"}),
    ("tempo_support", {f"{TOWN}support_exponent": 1.5, "operations__build__phases__bridge__support_exponent": 0.3}),
    ("loss_support", {f"{TOWN}own_loss_support": 1.5, f"{TOWN}adversary_loss_support": 1.5}),
    ("force_ratio", {f"{TOWN}ratio_exponent": 0.4}),
    ("frontage", {f"{TOWN}frontage": 100}),
    ("stiffening", {f"{TOWN}resistance": [[0, 9], [0.5, 1], [1, 4]]}),
    ("depth_defence", {f"{TOWN}commit": [[0, 0.9], [1, "$sector"]]}),
    ("advisers", {f"{TOWN}advisers__raises": "90 %"}),
    ("dig_in", {f"{TOWN}dig_in__rate": "9 %/day", f"{TOWN}dig_in__most": 3}),
    ("single_losses", {"attrition": {"kind": "deterministic"}}),
    ("own_breaks", {"forces__us__breaks_at": "1 %"}),
    ("adversary_breaks", {"forces__them__breaks_at": "10 %"}),
    ("ground_lost", {f"{TOWN}ground_lost": "90 %"}),
    ("pauses", {f"{TOWN}pause": {"after_losses": "1 %", "lasts": "9 days"}}),
    ("stop_hazard", {"operations__build__phases__bridge__stop_hazard": "20 %/day"}),
    ("suspension", {"operations__north__suspension__onset": "20 %/day", "operations__north__suspension__lasts": "30 days"}),
    ("endings", {f"{TOWN}ending": {"escape": "90 %", "to": "others"}}),
    ("own_replacements", {"forces__us__replacements": "90/day", "forces__us__arrivals": []}),
    ("wounded", {"forces__us__returns": "90 %", "forces__them__returns": "90 %"}),
    ("moves", {"adversary__moves__0__rate": "90/day"}),
    ("pinning", {"adversary__moves__0__pinned": "10 %"}),
    ("sealing", {f"{TOWN}seals": "90 %"}),
    ("recruits", {"adversary__replacements__0__rate": "90/day", "forces__others__arrivals": []}),
    ("funding", {"adversary__replacements__0__funded": 0.1}),
    ("shocks", {"shocks__raids__rate": "9/day", "shocks__raids__stock": 900}),
    ("bursts", {"shocks__raids__dispersion": 0.2}),
    ("interdiction", {"shocks__raids__interdiction__at_full_cover": "90 %"}),
    ("halts", {"shocks__raids__halt": "90 %"}),
    ("harm_per_unit", {"people__harm_per_unit__jets": 9}),
    ("home_return", {"people__home_after": "60 days"}),
    ("directed_attacks", {"attacks_abroad__directed__rate": "30/month"}),
    ("inspired_attacks", {"attacks_abroad__inspired": {"rate": "30/month", "persists": "10 %"}}),
    ("sanctuary", {"attacks_abroad__directed__sanctuary": {"north": "10 %", "south": "80 %"}}),
]  # fmt: skip


def test_the_list_of_what_must_not_matter_is_complete() -> None:
    assert [key for key, _ in IRRELEVANT] == list(MECHANISMS)


@pytest.mark.parametrize(("key", "paths"), IRRELEVANT, ids=[key for key, _ in IRRELEVANT])
def test_what_a_mechanism_reads_does_not_matter_when_it_is_off(
    key: str, paths: dict[str, Any], every: Scenario
) -> None:
    """Its data could be others: with it off the histories stay the same, bit for bit; with it on they do not."""
    other = changed(**paths)
    one, two = histories(without(every, [key])), histories(without(other, [key]))
    assert all(np.array_equal(one[name], two[name], equal_nan=True) for name in one)
    if key != "single_losses":  # the other kind of losses is what switching off puts in its place
        one, two = histories(every), histories(other)
        assert any(not np.array_equal(one[name], two[name], equal_nan=True) for name in one)


def test_flat_commitment_is_the_mean_over_depth(every: Scenario) -> None:
    ((_, height),) = without(every, ["depth_defence"]).operations["north"].phases["town"].commit
    assert height.dist.mean() == pytest.approx(
        (0.25 + 0.9) / 2
    )  # a straight line from the mean of 0.2 to 0.3
    within = changed(**{f"{TOWN}commit": [[0.2, 0.1], [0.6, 0.5], [0.8, 0.9]]})
    ((_, height),) = without(within, ["depth_defence"]).operations["north"].phases["town"].commit
    assert height.dist.mean() == pytest.approx(0.2 * 0.1 + 0.4 * 0.3 + 0.2 * 0.7 + 0.2 * 0.9)


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ("weather", {"weather__bad_share": 0}),
        ("friction", {"friction__spread": 1}),
        ("momentum", {"momentum__spread": 1}),
        ("calendars", {"calendars__week": {"open": ["2020-02-04"]}}),
        ("stiffening", {f"{TOWN}resistance": [[0, 2], [1, 2]]}),
        ("depth_defence", {f"{TOWN}commit": [[0, "$sector"], [1, "$sector"]]}),
        ("dig_in", {f"{TOWN}dig_in__most": 1}),
        ("advisers", {f"{TOWN}advisers__raises": 0}),
        ("loss_support", {f"{TOWN}dependence__jets": 0}),
        ("single_losses", {"attrition": {"kind": "deterministic"}}),
        ("harm_per_unit", {"people__harm_per_unit__jets": 0}),
        ("sanctuary", {"attacks_abroad__directed__sanctuary__north": 0}),
    ],
)
def test_data_that_do_nothing_are_no_use_of_a_mechanism(key: str, paths: dict[str, Any]) -> None:
    assert not MECHANISMS[key].used(changed(**paths))


def test_a_duel_has_no_ground_for_what_governs_the_advance() -> None:
    duel, _ = load_scenario(Path(__file__).parents[2] / "examples" / "duel.yaml")
    assert in_use(duel) == ("single_losses",)


def test_applied_takes_out_what_the_file_has_off_and_nothing_more() -> None:
    scenario = read(EVERY, off={"weather": "not in this season", "halts": "hindsight"})
    effective = applied(scenario)
    assert effective.weather is None
    assert set(MECHANISMS) - set(in_use(effective)) == {"weather", "halts"}
    assert effective.off == scenario.off
    assert applied(effective) == effective
    assert applied(read(EVERY)) == read(EVERY)


def test_switches_change_what_is_off() -> None:
    scenario = read(EVERY, off={"weather": "not in this season", "halts": "hindsight"})
    turned = switched(scenario, on="halts", off=["friction", "weather", "friction"])
    assert turned.off == {"weather": "not in this season", "friction": BY_REQUEST}
    assert switched(scenario) is scenario
    assert switched(scenario, on="pauses") is scenario
    assert keys_of(" a, b ,,a") == ("a", "b")


def test_every_wrong_switch_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        switched(read(BARE), on="wether,pauses", off="halt")
    told = [str(problem) for problem in refused.value.problems]
    assert len(told) == 3
    assert "'weather'" in told[0]
    assert "'halts'" in told[1]
    assert "nothing to switch on" in told[2]
    with pytest.raises(InputError, match="on and off"):
        switched(read(EVERY), on="halts", off="halts")
    with pytest.raises(KeyError):
        without(read(EVERY), ["wether"])


def test_the_documents_list_the_mechanisms() -> None:
    text = (Path(__file__).parents[2] / "docs" / "scenario.md").read_text(encoding="utf-8")
    for key, mechanism in MECHANISMS.items():
        assert f"| `{key}` | {mechanism.description} |" in text
