"""A number as people write it: every form, its limits, what is kept beside it, and what is refused where."""

from __future__ import annotations

import datetime as dt
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from phaseline.errors import RuleError
from phaseline.scenario import quantity as module
from phaseline.scenario import stated
from phaseline.scenario.distributions import (
    Distribution,
    Exponential,
    Fixed,
    LogUniform,
    MedianSpread,
    Percentiles,
    Samples,
    Triangular,
    Uniform,
)
from phaseline.scenario.fitted import Beta, Lognormal, Normal, Pair, Pert, Triplet
from phaseline.scenario.quantity import (
    Day,
    Length,
    NamedNumber,
    Number,
    Persons,
    Quantity,
    Rate,
    Share,
    SingleDuration,
    SingleShare,
    fixed,
    read_quantity,
    resolve,
)
from phaseline.scenario.schema import Phase
from phaseline.scenario.units import DIMENSIONS, Dimension

D0, D1 = (float(dt.date(2016, *md).toordinal()) for md in ((11, 15), (12, 15)))

READ: list[tuple[Any, Dimension, Distribution]] = [
    (20, "number", Fixed(20)),
    ("20/day", "rate", Fixed(20)),
    ("30 %", "share", Fixed(0.3)),
    ("2016-11-15", "date", Fixed(D0)),
    (dt.date(2016, 11, 15), "date", Fixed(D0)),
    (["1 km", "2000 m"], "length", Uniform(1, 2)),
    ([1, 2, 4], "number", Triangular(1, 2, 4)),
    (["2016-11-15", "2016-12-15"], "date", Uniform(D0, D1)),
    ({"value": 8, "unit": "km"}, "length", Fixed(8)),
    ({"value": 36, "unit": "M USD/month"}, "money_rate", Fixed(36e6 / 30.4375)),
    ({"value": 60, "unit": "%"}, "share", Fixed(0.6)),
    ({"low": 1, "high": 3, "unit": "/week"}, "rate", Uniform(1 / 7, 3 / 7)),
    ({"low": 1, "high": 100, "scale": "log"}, "number", LogUniform(1, 100)),
    ({"low": 1, "high": 100, "scale": "linear"}, "number", Uniform(1, 100)),
    ({"low": 1, "mode": 2, "high": 3}, "number", Triangular(1, 2, 3)),
    ({"p10": 1, "p50": 2, "p90": 3}, "number", Percentiles(1, 2, 3)),
    ({"p10": "1 km", "p50": "2 km", "p90": "3 km", "min": 0, "max": "9 km"}, "length", Percentiles(1, 2, 3, 0, 9)),
    ({"p10": 1, "p50": 2, "p90": 3, "min": 0.5, "unit": "weeks"}, "duration", Percentiles(7, 14, 21, 3.5)),
    ({"median": "30 days", "spread": 2}, "duration", MedianSpread(30, 2)),
    ({"samples": ["37 days", "9 weeks"]}, "duration", Samples((37, 63))),
    ({"mean": "5 days", "family": "exponential"}, "duration", Exponential(5)),
    ({"mean": "30 days", "sd": "1 week"}, "duration", Lognormal(30, 7, lower=0)),
    ({"mean": 30, "sd": 7, "unit": "days", "min": 10}, "duration", Lognormal(30, 7, lower=10)),
    ({"mean": 30, "sd": 7, "unit": "days", "max": 60}, "duration", Beta(30, 7, 0, 60)),
    ({"mean": "60 %", "sd": "10 %"}, "share", Beta(0.6, 0.1, 0, 1)),
    ({"mean": "60 %", "sd": "10 %", "min": "50 %"}, "share", Beta(0.6, 0.1, 0.5, 1)),
    ({"mean": "2016-11-15", "sd": "5 days"}, "date", Normal(D0, 5)),
    ({"mean": 5, "sd": 3, "family": "normal", "min": 0}, "number", Normal(5, 3, lower=0)),
    ({"mean": 5, "sd": 3, "family": "lognormal"}, "number", Lognormal(5, 3, lower=0)),
    ({"mean": 5, "sd": 2, "family": "beta", "max": 9}, "number", Beta(5, 2, 0, 9)),
    ({"low": 1, "mode": 2, "high": 9, "family": "pert"}, "number", Pert(1, 2, 9)),
    ({"low": "1 km", "mode": "2 km", "high": "9 km", "family": "pert", "shape": 2}, "length", Pert(1, 2, 9, 2)),
    ({"low": 1, "mode": 2, "high": 9, "family": "triangular"}, "number", Triangular(1, 2, 9)),
    ({"p5": "10 days", "p95": "6 weeks"}, "duration", Pair((0.05, 0.95), (10, 42), lower=0)),
    ({"p95": 42, "p50": 10, "unit": "days"}, "duration", Pair((0.5, 0.95), (10, 42), lower=0)),
    ({"p2.5": 2, "p97.5": 7, "max": 9}, "number", Pair((0.025, 0.975), (2, 7), 0, 9)),
    ({"p25": "20 %", "p75": "40 %"}, "share", Pair((0.25, 0.75), (0.2, 0.4), 0, 1)),
    ({"p10": "2016-11-15", "p90": "2016-12-15"}, "date", Pair((0.1, 0.9), (D0, D1))),
    ({"p25": 1, "p50": 2, "p75": 4, "min": 0}, "number", Triplet((0.25, 0.5, 0.75), (1, 2, 4), 0)),
    ({"p5": "1 km", "p50": "2 km", "p75": "3 km", "min": 0}, "length", Triplet((0.05, 0.5, 0.75), (1, 2, 3), 0)),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "dimension", "dist"), READ, ids=str)
def test_every_form(raw: Any, dimension: Dimension, dist: Distribution) -> None:
    quantity = read_quantity(raw, dimension)
    assert quantity.dist == dist
    assert quantity.dimension == dimension
    assert quantity.kind == ("fixed" if isinstance(dist, Fixed) else "ignorance")
    assert hash(quantity) == hash(read_quantity(raw, dimension))
    free = read_quantity(raw, None)
    assert free.dist == dist
    assert free.dimension == dimension


def test_what_is_known_about_a_number_is_kept() -> None:
    raw = {
        "value": 14, "range": [7, 21], "unit": "days", "source": "ap", "speaker": "an official", "assumed": "as before",
        "lean": "high", "adverse": "low", "note": "n",
    }  # fmt: skip
    quantity = read_quantity(raw, "duration")
    assert quantity.bounds == (7, 21)
    for key in ("source", "speaker", "assumed", "lean", "adverse", "note"):
        assert getattr(quantity, key) == raw[key]
    assert read_quantity({"low": 1, "high": 2, "kind": "chance"}, "number").kind == "chance"


REFUSED: list[tuple[Any, Dimension | None, str, tuple[str | int, ...]]] = [
    (None, "number", "is empty", ()),
    (True, "number", "yes or no", ()),
    (8, "length", "has no unit", ()),
    ([1, "3 km"], "length", "has no unit", (0,)),
    ([1, "3 km"], None, "mixes units", ()),
    ([1, [2]], "number", "a list", (1,)),
    ([3, 1], "number", "low must be below high", ()),
    ([1], "number", "a list means", ()),
    ({}, "number", "no known way", ()),
    ({"low": 1}, "number", "no known way", ()),
    ({"value": 1, "low": 1, "high": 2}, "number", "no known way", ()),
    ({"low": 1, "hgih": 2}, "number", "unknown key 'hgih'", ("hgih",)),
    ({"value": "$x"}, "number", "dollar", ("value",)),
    ({"value": 1, "kind": "chance"}, "number", "neither chance nor ignorance", ("kind",)),
    ({"low": 1, "high": 2, "kind": "luck"}, "number", "must be one of", ("kind",)),
    ({"value": 1, "lean": "left"}, "number", "must be one of", ("lean",)),
    ({"value": 1, "adverse": "up"}, "number", "must be one of", ("adverse",)),
    ({"value": 1, "source": 3}, "number", "must be text", ("source",)),
    ({"value": 1, "unit": 3}, "number", "must be text", ("unit",)),
    ({"value": 1, "scale": "log"}, "number", "means nothing here", ("scale",)),
    ({"low": 1, "high": 2, "min": 0}, "number", "means nothing here", ("min",)),
    ({"median": 5, "spread": 2, "max": 6}, "number", "means nothing here", ("max",)),
    ({"low": 1, "high": 2, "family": "exponential"}, "number", "means nothing here", ("family",)),
    ({"low": 1, "high": 2, "scale": "ln"}, "number", "linear or log", ("scale",)),
    ({"mean": 1}, "number", "a mean alone", ()),
    ({"median": 1, "spread": "2"}, "number", "is a factor", ("spread",)),
    ({"median": 1, "spread": 10**400}, "number", "is a factor", ("spread",)),
    ({"p10": "1 km", "p50": "2 km", "p90": "3 km", "min": "0 days"}, "length", "is a duration", ("min",)),
    ({"p10": "1 km", "p50": "2 km", "p90": "3 km", "max": 5}, "length", "has no unit", ("max",)),
    ({"p10": "1 km", "p50": "2 km", "p90": "3 km", "min": False}, "length", "yes or no", ("min",)),
    ({"samples": 5}, "number", "must be a list", ("samples",)),
    ({"samples": []}, None, "two samples", ()),
    ({"samples": [1, "x"]}, "number", "cannot be read", ("samples", 1)),
    ({"value": 1, "range": [2, 3]}, "number", "outside its own range", ("range",)),
    ({"value": 1, "range": 3}, "number", "[low, high]", ("range",)),
    ({"value": 1, "range": [0, "x"]}, "number", "cannot be read", ("range", 1)),
    ({"low": 1, "high": 2, "range": [0, 3]}, "number", "beside a 'value'", ("range",)),
    ({"median": "2016-11-15", "spread": 2}, "date", "no ratio", ()),
    ({"low": "2016-11-15", "high": "2016-12-15", "scale": "log"}, None, "no ratio", ()),
    ({"mean": "2016-11-15", "family": "exponential"}, "date", "no ratio", ()),
    ({"mean": "2016-11-15", "sd": "5 km"}, "date", "is a length, not a duration", ("sd",)),
    ({"mean": "2016-11-15", "sd": "5 days", "family": "lognormal"}, "date", "has one limit", ()),
    ({"mean": "5 days", "sd": "3 km"}, "duration", "is a length", ("sd",)),
    ({"mean": "5 days", "sd": "3 km"}, None, "mixes units", ()),
    ({"mean": 5, "sd": 0}, "number", "standard deviation must be above 0", ()),
    ({"mean": 5, "sd": 9, "family": "normal", "min": 0}, "number", "no normal cut off", ()),
    ({"mean": -5, "sd": 1}, "number", "must be above 0", ()),
    ({"mean": 60, "sd": 10}, "share", "must lie below 100 %", ()),
    ({"mean": "60 %", "sd": "60 %"}, "share", "so large a standard deviation", ()),
    ({"mean": 5, "sd": 1, "family": "gamma"}, "number", "must be one of normal, lognormal, beta", ("family",)),
    ({"mean": 5, "sd": 1, "family": "beta"}, "number", "between two limits", ("family",)),
    ({"mean": 5, "sd": 1, "family": "lognormal", "max": 9}, "number", "has one limit", ()),
    ({"mean": 5, "family": "normal"}, "number", "must be one of exponential", ("family",)),
    ({"sd": 5}, "number", "no known way", ()),
    ({"low": 1, "mode": 2, "high": 3, "shape": 2}, "number", "means nothing here", ("shape",)),
    ({"low": 1, "high": 3, "family": "pert"}, "number", "means nothing here", ("family",)),
    ({"low": 1, "mode": 2, "high": 3, "family": "pert", "shape": 0}, "number", "shape of a PERT", ()),
    ({"low": 1, "mode": 2, "high": 3, "family": "pert", "shape": "3 km"}, "number", "is a length", ("shape",)),
    ({"p50": 1}, "number", "two or three percentiles", ()),
    ({"p5": 1, "p25": 2, "p50": 3, "p95": 4}, "number", "two or three percentiles", ()),
    ({"p5": 1, "mean": 3}, "number", "no known way", ()),
    ({"p0": 1, "p95": 3}, "number", "'p0' is an end", ("p0",)),
    ({"p5": 4, "p95": 3}, "number", "percentiles must rise", ()),
    ({"p5": 20, "p95": 80}, "share", "must lie below 100 %", ()),
    ({"p5": 1, "p50": 1.01, "p75": 9, "min": 0}, "number", "so lopsided", ()),
    (fixed(3, "length"), "rate", "is a length", ()),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "dimension", "rule", "at"), REFUSED, ids=str)
def test_refused_where_and_why(
    raw: Any, dimension: Dimension | None, rule: str, at: tuple[str | int, ...]
) -> None:
    with pytest.raises(RuleError) as caught:
        read_quantity(raw, dimension)
    assert rule in caught.value.rule
    assert caught.value.at == at
    assert caught.value.remedy


def test_a_misspelt_key_is_named() -> None:
    with pytest.raises(RuleError, match="did you mean 'high'"):
        read_quantity({"low": 1, "hgih": 2}, "number")


class Model(BaseModel):
    depth: Length = fixed(8, "length")
    share: Share = fixed(0.5, "share")
    rate: Rate | None = None
    people: Persons | None = None
    day: Day | None = None
    plain: Number | None = None
    numbers: dict[str, NamedNumber] = {}


OUTSIDE = {
    "negative": ({"depth": "-1 km"}, "must not be negative", "write a number of at least 0"),
    "may be negative": ({"depth": ["-1 km", "1 km"]}, "must not be negative", "raise its lower end"),
    "tail below nothing": ({"depth": {"p10": 1, "p50": 2, "p90": 3, "unit": "km"}}, "must not be negative", "give a 'min'"),
    "per cent without its sign": ({"share": 60}, "must be at most 1", "'60 %'"),
    "share above one": ({"share": [0.5, 200]}, "must be at most 1", "from '0 %' to '100 %'"),
    "share in per cent": ({"share": [0.5, 80]}, "must be at most 1", "write '80 %'"),
    "share without end": ({"share": {"median": 0.5, "spread": 2}}, "must be at most 1", "'max: 1'"),
    "named, negative": ({"numbers": {"a": -1}}, "must not be negative", "write a number of at least 0"),
    "beyond 100 per cent": ({"share": "170 %"}, "is beyond 100 %", "a share is at most 100 %"),
    "beyond 100 per cent, by its unit": ({"share": {"value": 170, "unit": "%"}}, "is beyond 100 %", "at most 100 %"),
    "reaching beyond 100 per cent": ({"share": ["50 %", "170 %"]}, "is beyond 100 %", "a share is at most 100 %"),
    "median without its sign": ({"share": {"median": 70, "spread": 1.1}}, "must be at most 1", "write '70 %', and"),
    "median with it": ({"share": {"median": "70 %", "spread": 1.1}}, "must be at most 1", "p10, p50, p90"),
    "percentile beyond 100 per cent": ({"share": {"p5": "60 %", "p95": "170 %"}}, "is beyond 100 %", "at most 100 %"),
    "percentile at 100 per cent": ({"share": {"p5": "60 %", "p95": "100 %"}}, "must lie below 100 %", "give low and high"),
    "named, tail": ({"numbers": {"a": {"p10": 1, "p50": 2, "p90": 3}}}, "must not be negative", "'min: 0'"),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_limits_hold_for_the_whole_support(name: str) -> None:
    raw, rule, remedy = OUTSIDE[name]
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(raw)
    (item,) = caught.value.errors()
    assert item["type"] == "quantity"
    assert item["ctx"]["rule"] == rule
    assert remedy in item["ctx"]["remedy"]


def test_a_date_has_no_lower_limit_and_defaults_need_no_unit() -> None:
    model = Model.model_validate({"day": {"p10": "2016-11-01", "p50": "2016-11-10", "p90": "2016-11-20"}})
    assert model.day is not None
    assert model.depth == Quantity("length", Fixed(8.0))


def test_a_named_number_stands_where_it_is_wanted() -> None:
    model = Model.model_validate({"people": "$garrison", "numbers": {"garrison": {"low": 300, "high": 500}}})
    assert model.people is not None
    assert model.people.ref == "garrison"
    found = resolve(model.people, model.numbers)
    assert (found.dimension, found.dist, found.ref, found.kind) == (
        "persons",
        Uniform(300, 500),
        None,
        "ignorance",
    )
    assert resolve(found, {}) is found
    with pytest.raises(KeyError):
        resolve(model.people, {})


def test_the_json_schema_accepts_what_is_accepted() -> None:
    schema = Model.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema["properties"]["depth"])
    for raw, _, _ in READ:
        if not isinstance(raw, dt.date):
            validator.validate(raw)
    for wrong in (True, {"hgih": 1}, [1], [1, 2, 3, 4]):
        assert not validator.is_valid(wrong)


def test_a_model_is_written_in_base_units() -> None:
    model = Model.model_validate(
        {"day": "2016-11-15", "rate": ["1/day", "7/week", "2/day"][::2], "people": "$x"}
    )
    text = model.model_dump_json(exclude_defaults=True)
    assert '"day":"2016-11-15"' in text
    assert '"people":"$x"' in text


def test_every_dimension_has_its_alias() -> None:
    measured = set()
    for alias in vars(module).values():
        for mark in getattr(alias, "__metadata__", ()):
            if isinstance(mark, module._Single):
                continue  # a bare number, in no need of a name
            measured.add(mark.dimension)
            assert isinstance(TypeAdapter(alias).validate_python("$x"), Quantity)
    assert measured == {*DIMENSIONS, None}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["8 km", "2016-11-15", "$a"])
)
KEYS = st.sampled_from(
    [*stated.SHAPE_KEYS, *stated.OTHER_KEYS, "p5", "p10", "p50", "p90", "p97.5"]
) | st.text(max_size=4)
RAW = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@given(RAW, st.sampled_from([None, *DIMENSIONS]))
def test_anything_is_read_or_refused_with_rule_and_remedy(raw: Any, dimension: Dimension | None) -> None:
    try:
        quantity = read_quantity(raw, dimension)
    except RuleError as error:
        assert error.rule
        assert error.remedy
    else:
        low, high = quantity.dist.support()
        assert low <= high


@pytest.mark.parametrize(
    ("raw", "value"),
    [("20 %", 0.2), (0.2, 0.2), (1, 1.0), ("0.2", 0.2)],
)
def test_a_single_share_is_a_bare_number(raw: Any, value: float) -> None:
    assert TypeAdapter(SingleShare).validate_python(raw) == value


@pytest.mark.parametrize(("raw", "value"), [("3 weeks", 21.0), (21, 21.0), ("1 day", 1.0)])
def test_a_single_duration_may_be_written_in_days_without_unit(raw: Any, value: float) -> None:
    assert TypeAdapter(SingleDuration).validate_python(raw) == value


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (20, "must be at most 1"),
        (-0.1, "must not be negative"),
        (True, "is not a number"),
        (float("nan"), "is not a finite number"),
        ([0.1, 0.2], "must be a single value written here"),
        ("$share", "must be a single value written here"),
        ("3 km", "is a length, not a share"),
    ],
)
def test_what_is_no_single_share_is_refused(raw: Any, rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        TypeAdapter(SingleShare).validate_python(raw)


def test_profiles_are_written_with_units_on_both_axes() -> None:
    """At shares of the depth: relative resistance, the share of the garrison, and people living up to there."""
    phase = Phase.model_validate(
        {
            "kind": "contested",
            "resistance": [["0 %", 1], ["50 %", "200 %"]],
            "commit": [[0, "20 %"], ["100 %", ["60 %", "80 %"]]],
            "people": [[0, "0 persons"], [0.5, "200 thousand people"], ["100 %", "$people"]],
        }
    )
    assert [x for x, _ in phase.resistance] == [0.0, 0.5]
    assert [y.dist.mean() for _, y in phase.resistance] == [1.0, 2.0]
    assert [(x, y.dist.mean()) for x, y in phase.commit] == [(0.0, 0.2), (1.0, pytest.approx(0.7))]
    assert [y.dist.mean() for _, y in phase.people[:2]] == [0.0, 200_000.0]
    assert {y.dimension for _, y in phase.people} == {"persons"}


STATED = st.one_of(
    st.fixed_dictionaries(
        {"mean": st.floats(), "sd": st.floats()}, optional={"min": st.floats(), "max": st.floats()}
    ),
    st.fixed_dictionaries(
        {
            "mean": st.floats(1e-3, 1e3),
            "sd": st.floats(1e-3, 1e3),
            "family": st.sampled_from(["normal", "lognormal", "beta"]),
        },
        optional={"min": st.floats(0, 10), "max": st.floats(1, 1e4)},
    ),
    st.fixed_dictionaries(
        {"low": st.floats(), "mode": st.floats(), "high": st.floats(), "family": st.just("pert")},
        optional={"shape": st.floats()},
    ),
    st.dictionaries(
        st.sampled_from(["p5", "p10", "p50", "p75", "p95", "p99"]), st.floats(0, 1e9), min_size=2, max_size=3
    ),
)


@settings(deadline=None)
@example({"mean": 4.2e300, "sd": 1.7e306}, "number")
@given(STATED, st.sampled_from(["number", "share", "count"]))
def test_what_is_stated_is_a_number_within_its_limits_or_refused(raw: Any, dimension: Dimension) -> None:
    try:
        dist = read_quantity(raw, dimension).dist
    except RuleError as error:
        assert error.rule and error.remedy
        return
    low, high = dist.support()
    values = dist.quantile(np.array([1e-9, 0.1, 0.5, 0.9, 1 - 1e-9]))
    assert not np.isnan(values).any()
    assert low <= values[0] and values[-1] <= high
    assert (np.diff(values) >= 0).all()


def test_a_median_beside_percentiles_is_the_50th() -> None:
    for rest in (
        {"p95": "20 days"},
        {"p5": "5 days", "p95": "20 days"},
        {"p10": "5 days", "p90": "20 days", "min": 0},
    ):
        told = read_quantity({"median": "10 days", **rest}, "duration")
        assert told == read_quantity({"p50": "10 days", **rest}, "duration")
        assert told.dist.quantile(np.array(0.5)) == pytest.approx(10.0)
    assert isinstance(read_quantity({"median": "10 days", "spread": 2}, "duration").dist, MedianSpread)
    with pytest.raises(RuleError) as caught:
        read_quantity({"median": "ten", "p95": "20 days"}, "duration")
    assert caught.value.at == ("median",)
