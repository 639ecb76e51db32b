"""The engine's randomness: known answers, oracles, addressing and distributions.

Seeds are fixed, so every test is deterministic. Statistical thresholds keep the chance that any of the at most 100
statistical tests would have failed for a correct implementation below 1e-6: each must have p > 1e-8.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit
from scipy import special, stats

from phaseline.engine import streams

ALPHA = 1e-6 / 100
SEED = 0x0123_4567_89AB_CDEF
STREAMS = (
    "IGNORANCE",
    "CHANCE",
    "WEATHER",
    "FRICTION",
    "ATTRITION",
    "MEDICAL",
    "SHOCK",
    "STOP",
    "ABROAD",
    "SUSPENSION",
    "ENDING",
)


def at(seed=SEED, replication=3, stream=streams.FRICTION, entity=77, occurrence=1000):
    """A cursor at an address."""
    cursor = np.zeros(streams.CURSOR_LENGTH, dtype=np.int64)
    streams.start(cursor, streams.seed_word(seed), replication)
    streams.reset(cursor, stream, entity, occurrence)
    return cursor


def sampler(draw):
    """A compiled loop over one draw at each of many occurrences, and how many uniforms they took."""

    @njit(nogil=True)
    def loop(cursor, out, args):
        used = 0
        for i in range(out.shape[0]):
            streams.reset(cursor, 200, 5, i)
            out[i] = draw(cursor, *args)
            used += cursor[6]
        return used

    def sample(count, *args):
        out = np.empty(count)
        used = loop(at(), out, args)
        return out, used / count

    return sample


@pytest.fixture(scope="module")
def samplers():
    names = ("uniform", "normal", "exponential", "gamma", "poisson", "binomial", "negative_binomial")
    return {name: sampler(getattr(streams, name)) for name in names}


# ------------------------------------------------------------------ generator

KNOWN_ANSWERS = [  # Random123 1.x, examples/kat_vectors, "philox4x32 10": counter and key, result
    ("00000000 00000000 00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@pytest.mark.parametrize(("inputs", "expected"), KNOWN_ANSWERS)
@pytest.mark.parametrize("kind", [int, np.int64, np.uint64])
@pytest.mark.parametrize("compiled", [True, False])
def test_known_answers(inputs, expected, kind, compiled):
    function = streams.philox4x32 if compiled else streams.philox4x32.py_func
    words = function(*[kind(int(word, 16)) for word in inputs.split()])
    assert [f"{int(word):08x}" for word in words] == expected.split()


def oracle_words(counter, key, count):
    """`count` 32-bit words from `counter` (four words) on, by randomgen, which adds one before each block."""
    randomgen = pytest.importorskip("randomgen")
    number = (sum(int(word) << (32 * i) for i, word in enumerate(counter)) - 1) % 2**128
    source = randomgen.Philox(counter=number, key=int(key[0]) | int(key[1]) << 32, number=4, width=32)
    return np.random.Generator(source).integers(0, 2**32, size=count, dtype=np.uint32).tolist()


def test_philox_agrees_with_randomgen():
    rng = np.random.default_rng(1)
    for words in rng.integers(0, 2**32, size=(300, 6)).tolist():
        assert list(streams.philox4x32(*words)) == oracle_words(words[:4], words[4:], 4)


def test_counter_layout_and_uniform_bits():
    seed, replication, stream, entity, occurrence = SEED, 2**32 - 1, streams.ENDING, 0xDEADBEEF, 2**31 + 5
    cursor = at(seed, replication, stream, entity, occurrence)
    for block in range(3):
        counter = (occurrence, entity, replication, stream | block << 8)
        words = oracle_words(counter, (seed & 0xFFFFFFFF, seed >> 32), 4)
        for high, low in (words[:2], words[2:]):
            assert streams.uniform(cursor) == (((high << 32 | low) >> 12) + 0.5) / 2**52


def test_uniform_is_open_and_symmetric():
    for bits in (0, 1, 2**51 - 1, 2**51, 2**52 - 1):
        u, mirrored = streams._to_unit(bits), streams._to_unit(2**52 - 1 - bits)
        assert 0.0 < u < 1.0
        assert u + mirrored == 1.0 and 1.0 - u == mirrored


# ------------------------------------------------------------------ addresses


def test_stream_numbers_are_distinct_and_fixed():
    numbers = [getattr(streams, name) for name in STREAMS]
    assert numbers == [1, 2, 16, 17, 32, 33, 48, 49, 50, 51, 64]


def test_same_address_same_bits_other_address_other_bits():
    def draws(**address):
        cursor = at(**address)
        return tuple(streams.uniform(cursor) for _ in range(7))

    base = draws()
    assert base == draws()
    others = [
        {"seed": SEED + 1},
        {"seed": SEED ^ 1 << 63},
        {"seed": 0},
        {"seed": 2**64 - 1},
        {"replication": 4},
    ]
    others += [{"replication": 2**32 - 1}, {"stream": streams.WEATHER}, {"entity": 78}, {"entity": 2**32 - 1}]
    others += [{"occurrence": 1001}, {"occurrence": 0}]
    seen = set(base)
    for address in others:
        found = draws(**address)
        assert seen.isdisjoint(found)
        seen.update(found)
    assert len(seen) == 7 * (1 + len(others))


def test_seed_word():
    assert [streams.seed_word(seed) for seed in (0, 2**63 - 1, 2**63, 2**64 - 1)] == [
        0,
        2**63 - 1,
        -(2**63),
        -1,
    ]
    for seed in (-1, 2**64):
        with pytest.raises(ValueError, match="seed"):
            streams.seed_word(seed)


def test_reset_forgets_the_draws_made_before():
    cursor = at()
    first = streams.uniform(cursor)
    for made in range(4):
        streams.reset(cursor, streams.SHOCK, 1, 1)
        for _ in range(made):
            streams.uniform(cursor)
        streams.reset(cursor, streams.FRICTION, 77, 1000)
        assert streams.uniform(cursor) == first


def test_uniforms_equal_the_cursor_and_ignore_order_and_chunks():
    keys = streams.entity_keys(["weather", "Лиман", "attrition.rate", ""])
    whole = streams.uniforms(SEED, 10, 6, streams.CHANCE, keys)
    assert whole.shape == (6, 4)
    for i in range(6):
        for j, key in enumerate(keys):
            assert whole[i, j] == streams.uniform(at(SEED, 10 + i, streams.CHANCE, key, 0))
    order = [2, 0, 3, 1]
    assert np.array_equal(streams.uniforms(SEED, 10, 6, streams.CHANCE, keys[order]), whole[:, order])
    parts = [streams.uniforms(SEED, 10 + i, 2, streams.CHANCE, keys[1:3]) for i in (0, 2, 4)]
    assert np.array_equal(np.concatenate(parts), whole[:, 1:3])
    assert streams.uniforms(2**64 - 1, 2**32 - 1, 1, 255, keys).shape == (1, 4)
    assert streams.uniforms(0, 0, 0, 1, keys).shape == (0, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"index0": -1}, "indices"),
        ({"count": -1}, "indices"),
        ({"index0": 2**32 - 1, "count": 2}, "indices"),
        ({"stream": 256}, "stream"),
        ({"entities": [-1]}, "entities"),
        ({"entities": [2**32]}, "entities"),
        ({"entities": [[1]]}, "entities"),
    ],
)
def test_uniforms_reject_what_is_out_of_range(change, message):
    arguments = {"seed": 1, "index0": 0, "count": 1, "stream": 1, "entities": [1]} | change
    with pytest.raises(ValueError, match=message):
        streams.uniforms(**arguments)


def test_entity_keys():
    assert streams.entity_key("") == 0x25CF7112  # b2sum -l 32, bytes reversed
    keys = streams.entity_keys(["a", "b", "a"])
    assert keys.dtype == np.int64
    assert keys.tolist() == [streams.entity_key("a"), streams.entity_key("b"), streams.entity_key("a")]
    assert streams.entity_keys([]).shape == (0,)
    with pytest.raises(ValueError, match=r"'asset-63763' and 'asset-80394'"):
        streams.entity_keys(["asset-1", "asset-63763", "asset-80394"])


# ------------------------------------------------------------------ battery


@njit
def _words(counters, out):
    for i in range(len(counters)):
        c = counters[i]
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = streams.philox4x32(c[0], c[1], c[2], c[3], c[4], c[5])


@pytest.mark.parametrize(
    "axis", range(6), ids=["occurrence", "entity", "replication", "block", "seed0", "seed1"]
)
def test_neighbouring_addresses_are_unrelated(axis):
    """Each of 128 bits is fair, also in the XOR with the neighbour's; values show no serial correlation."""
    count = 40_000
    counters = np.tile(np.array([20_000, 7, 3, streams.ATTRITION, 42, 0], dtype=np.int64), (count, 1))
    counters[:, axis] += np.arange(count) * (256 if axis == 3 else 1)
    words = np.empty((count, 4), dtype=np.int64)
    _words(counters, words)
    bits = (words[:, :, None] >> np.arange(32)) & 1
    limit = stats.norm.isf(ALPHA / 6 / 128 / 2)
    for sample in (bits, bits[1:] ^ bits[:-1]):
        z = (sample.sum(axis=0) - len(sample) / 2) / math.sqrt(len(sample) / 4)
        assert np.abs(z).max() < limit
    for column in words.T:
        correlation = np.corrcoef(column[1:], column[:-1])[0, 1]
        assert abs(correlation) * math.sqrt(count) < limit


# ------------------------------------------------------------------ numerics


def ulps(found, expected):
    return np.abs(np.asarray(found) - expected) / np.spacing(np.abs(expected))


def test_logarithm_and_exponential_are_within_an_ulp():
    rng = np.random.default_rng(2)
    near_one = 1.0 + rng.uniform(-0.4, 0.6, 2000)
    x = np.concatenate(
        [10.0 ** rng.uniform(-300, 300, 2000), near_one, [1.0 - 2.0**-53, 2.0**-53, 1.0 + 2.0**-52]]
    )
    assert ulps([streams._log(v) for v in x], np.log(x)).max() <= 1.0
    assert streams._log(1.0) == 0.0
    small = np.concatenate([-(10.0 ** rng.uniform(-18, -0.3, 2000)), 10.0 ** rng.uniform(-18, 0.5, 2000)])
    assert ulps([streams._log1p(v) for v in small], np.log1p(small)).max() <= 3.0
    y = -np.concatenate([10.0 ** rng.uniform(-18, 2.8, 4000), [0.0, 700.0]])
    assert ulps([streams._exp(v) for v in y], np.exp(y)).max() <= 1.0
    assert streams._exp(-745.0) == math.exp(-745.0) and streams._exp(-746.0) == 0.0 == streams._exp(-math.inf)


def test_normal_quantile_agrees_with_scipy():
    rng = np.random.default_rng(3)
    tails = 2.0 ** -rng.uniform(1, 53, 4000)
    u = np.concatenate([rng.uniform(size=4000), tails, 1.0 - tails, [2.0**-53, 0.5, 0.075, 0.925]])
    u = u[(u > 0) & (u < 1)]
    np.testing.assert_allclose(
        [streams.normal_quantile(v) for v in u], special.ndtri(u), rtol=1e-13, atol=1e-16
    )
    assert np.all(np.diff([streams.normal_quantile(v) for v in np.sort(u)]) >= 0)


def test_log_probabilities_agree_with_scipy():
    for mean in (10.0, 37.5, 1e4):
        k = np.unique(np.concatenate([np.arange(30), stats.poisson(mean).ppf(np.linspace(0.001, 0.999, 50))]))
        found = [streams._log_poisson(v, mean) for v in k]
        np.testing.assert_allclose(found, stats.poisson(mean).logpmf(k), rtol=1e-11, atol=1e-10)
    for n, p in ((25, 0.5), (40, 0.3), (10_000, 0.01)):
        k = np.unique(
            np.concatenate([np.arange(20), [n - 1, n], stats.binom(n, p).ppf(np.linspace(0.001, 0.999, 50))])
        )
        found = [streams._log_binomial(v, float(n), p) for v in k]
        np.testing.assert_allclose(found, stats.binom(n, p).logpmf(k), rtol=1e-11, atol=1e-10)
    # At a mean of 1e9 scipy's own log-gammas cancel; the local limit with its first correction is the better oracle.
    mean, x = 1e9, 2.5
    k = mean + round(x * math.sqrt(mean))
    x = (k - mean) / math.sqrt(mean)
    edgeworth = math.log1p((x**3 - 3 * x) / (6 * math.sqrt(mean)))
    expected = -x * x / 2 - math.log(2 * math.pi * mean) / 2 + edgeworth
    assert streams._log_poisson(k, mean) == pytest.approx(expected, abs=1e-8)


def test_stirling_error_agrees_with_log_gamma():
    n = np.arange(1.0, 60.0)
    expected = special.gammaln(n + 1) - ((n + 0.5) * np.log(n) - n + math.log(2 * math.pi) / 2)
    np.testing.assert_allclose([streams._stirling(v) for v in n], expected, rtol=0, atol=1e-13)


# ------------------------------------------------------------------ distributions

REJECTION_MEANS = (*np.linspace(10, 40, 61), *np.geomspace(41, 1e6, 40))


@pytest.mark.parametrize("law", ["poisson", "binomial"])
def test_transformed_rejection_is_exact(law):
    """The acceptance probability is at most 1, the squeeze below it, and what the tail rule refuses has none."""
    us = np.concatenate([np.geomspace(1e-9, 0.01, 300), np.linspace(0.01, 0.5, 4000)])
    u, us = np.concatenate([us - 0.5, 0.5 - us]), np.concatenate([us, us])
    for mean in REJECTION_MEANS:
        for n in (
            [0] if law == "poisson" else [math.ceil(2 * mean), math.ceil(3.3 * mean), math.ceil(1000 * mean)]
        ):
            if law == "poisson":
                a, b, scale, v_sure = streams._ptrs(mean)
                k = np.floor((2 * a / us + b) * u + mean + 0.43)
                weight = stats.poisson(mean).pmf(k)
                assert np.all((weight * (a / us**2 + b) / scale <= us)[us < 0.013])
            else:
                p = mean / n
                a, b, scale, v_sure = streams._btrs(n, p)
                k = np.floor((2 * a / us + b) * u + n * p + 0.5)
                weight = stats.binom(n, p).pmf(k) / stats.binom(n, p).pmf(math.floor((n + 1) * p))
            accepted = weight * (a / us**2 + b) / scale
            assert accepted.max() <= 1.0
            assert np.all(accepted[us >= 0.07] >= v_sure)


@pytest.mark.parametrize(
    ("name", "args", "law"),
    [
        ("uniform", (), stats.uniform()),
        ("normal", (), stats.norm()),
        ("exponential", (), stats.expon()),
        *[
            ("gamma", (shape,), stats.gamma(shape))
            for shape in (0.05, 0.5, 0.999, 1.0, 1.001, 2.5, 60.0, 1e6)
        ],
    ],
)
def test_continuous_draws_follow_their_law(samplers, name, args, law):
    draws, _ = samplers[name](200_000, *args)
    assert stats.kstest(draws, law.cdf).pvalue > ALPHA
    z = (draws.mean() - law.mean()) / (law.std() / math.sqrt(len(draws)))
    assert abs(z) < stats.norm.isf(ALPHA / 2)


def chi_square_pvalue(draws, law):
    """Chi-square of counts in bins of about equal probability."""
    edges = np.unique(law.ppf(np.linspace(0.002, 0.998, 60)))
    probabilities = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    counts = np.bincount(np.searchsorted(edges, draws), minlength=len(probabilities)).astype(float)
    while probabilities[-1] * len(draws) < 10:
        probabilities = np.append(probabilities[:-2], probabilities[-2:].sum())
        counts = np.append(counts[:-2], counts[-2:].sum())
    assert len(counts) > 1 and (probabilities * len(draws)).min() >= 5
    return stats.chisquare(counts, probabilities * len(draws)).pvalue


POISSON_MEANS = (0.01, 0.7, 3.0, 9.999, 10.0, 10.001, 14.0, 33.3, 250.0, 1e4, 1e6, 1e9)
BINOMIALS = ((1, 0.3), (7, 0.5), (19, 0.5), (20, 0.5), (21, 0.5), (33, 0.3), (34, 0.3), (100, 0.0999), (100, 0.1),
             (100, 0.9), (60, 0.7), (12, 0.95), (1000, 0.5), (10**6, 0.37), (10**9, 3e-9), (10**12, 0.6))  # fmt: skip
NEGATIVE_BINOMIALS = ((0.5, 0.2), (4.0, 1.0), (4.0, 30.0), (40.0, 0.7), (40.0, 5.0), (5e4, 12.0))


@pytest.mark.parametrize(
    ("name", "args", "law"),
    [
        *[("poisson", (mean,), stats.poisson(mean)) for mean in POISSON_MEANS],
        *[("binomial", args, stats.binom(*args)) for args in BINOMIALS],
        *[("negative_binomial", (m, d), stats.nbinom(d, d / (d + m))) for m, d in NEGATIVE_BINOMIALS],
    ],
)
def test_counts_follow_their_law(samplers, name, args, law):
    draws, _ = samplers[name](300_000, *args)
    assert chi_square_pvalue(draws, law) > ALPHA


def test_one_uniform_serves_small_counts_and_few_serve_large_ones(samplers):
    assert samplers["poisson"](1000, 9.9)[1] == 1.0
    assert samplers["binomial"](1000, 19, 0.5)[1] == 1.0
    assert samplers["poisson"](20_000, 1e6)[1] < 2.4
    assert samplers["binomial"](20_000, 10**6, 0.5)[1] < 2.4


def test_small_counts_grow_with_their_parameter_at_the_same_luck(samplers):
    grids = {
        "poisson": [(mean,) for mean in np.linspace(0.1, 9.9, 40)],
        "binomial": [(15, p) for p in np.linspace(0.02, 0.98, 49)],
    }
    for name, grid in grids.items():
        draws = np.array([samplers[name](500, *args)[0] for args in grid])
        assert np.all(np.diff(draws, axis=0) >= 0)
    luck = samplers["uniform"](500)[0]
    for p in (0.2, 0.8):
        assert np.all(np.diff(samplers["binomial"](500, 15, p)[0][np.argsort(luck)]) >= 0)


def test_certain_counts_take_no_draw(samplers):
    for name, args, value in [
        ("poisson", (0.0,), 0),
        ("negative_binomial", (0.0, 2.0), 0),
        ("negative_binomial", (0.0, math.inf), 0),
        ("binomial", (0, 0.5), 0),
        ("binomial", (9, 0.0), 0),
        ("binomial", (9, 1.0), 9),
    ]:
        draws, used = samplers[name](10, *args)
        assert set(draws) == {value} and used == 0.0


def test_infinite_dispersion_is_poisson(samplers):
    for mean in (3.0, 300.0):
        assert np.array_equal(
            samplers["negative_binomial"](50, mean, math.inf)[0], samplers["poisson"](50, mean)[0]
        )


def test_extreme_luck_ends_every_search():
    top, bottom = 1.0 - 2.0**-53, 2.0**-53
    assert 7.0 < -streams.normal_quantile(bottom) == streams.normal_quantile(top) < 8.3
    assert 15 <= streams._small_binomial(top, 19, 0.5) <= 19
    assert streams._small_binomial(bottom, 19, 0.5) == 0
    # The search in `poisson` sees its largest sum where rounding is worst: 100 draws at each mean must end.
    for mean in np.linspace(9.0, 9.9999, 20):
        cursor = at()
        assert max(streams.poisson(cursor, mean) for _ in range(100)) < 40


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("poisson", (-1.0,)),
        ("poisson", (math.nan,)),
        ("poisson", (2e15,)),
        ("binomial", (-1, 0.5)),
        ("binomial", (5, -0.1)),
        ("binomial", (5, 1.1)),
        ("binomial", (5, math.nan)),
        ("binomial", (2 * 10**15, 0.5)),
        ("gamma", (0.0,)),
        ("gamma", (math.inf,)),
        ("gamma", (math.nan,)),
        ("negative_binomial", (1.0, 0.0)),
        ("negative_binomial", (1.0, math.nan)),
        ("negative_binomial", (-1.0, math.inf)),
        ("negative_binomial", (math.nan, 2.0)),
    ],
)
@pytest.mark.parametrize("compiled", [True, False])
def test_draws_reject_what_is_out_of_range(name, args, compiled):
    function = getattr(streams, name)
    with pytest.raises(ValueError, match=r"must|needs"):
        (function if compiled else function.py_func)(at(), *args)


# ------------------------------------------------------------------ the same bits everywhere

BATCH = """
import json, warnings
import numpy as np
from phaseline.engine import streams as s
warnings.simplefilter("error")
np.seterr(all="raise")
cursor = np.zeros(s.CURSOR_LENGTH, dtype=np.int64)
found = []
for seed, rep, key, day in [(0, 0, 0, 0), (2**64 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1), (20220224, 11, 12345, 738210)]:
    s.start(cursor, s.seed_word(seed), rep)
    for draw, *args in [(s.uniform,), (s.normal,), (s.exponential,), (s.gamma, 0.3), (s.gamma, 7.5), (s.poisson, 2.5),
                        (s.poisson, 80.0), (s.poisson, 1e9), (s.binomial, 9, 0.8), (s.binomial, 400, 0.6),
                        (s.negative_binomial, 30.0, 1.5)]:
        s.reset(cursor, s.SHOCK, key, day)
        found += [float(draw(cursor, *args)).hex() for _ in range(8)]
    found += [x.hex() for x in s.uniforms(seed, rep, 1, s.CHANCE, np.array([key, 5])).ravel().tolist()]
"""


def test_uncompiled_gives_the_same_bits_without_warnings():
    compiled: dict = {}
    with np.errstate():
        exec(BATCH.replace('warnings.simplefilter("error")', ""), compiled)
    environment = os.environ | {
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": str(Path(streams.__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-c", BATCH + "print(json.dumps(found))"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == compiled["found"]


def test_draws_are_pinned():
    """A published result must be the same next year: changing these values needs a note in the changelog."""
    cursor = at(
        seed=20220224, replication=7, stream=streams.ATTRITION, entity=streams.entity_key("a"), occurrence=9
    )
    found = [streams.uniform(cursor).hex(), streams.normal(cursor).hex(), streams.exponential(cursor).hex()]
    found += [streams.gamma(cursor, 0.4).hex(), streams.poisson(cursor, 5.0), streams.poisson(cursor, 5e5)]
    found += [streams.binomial(cursor, 12, 0.7), streams.binomial(cursor, 10**6, 0.7)]
    found += [streams.negative_binomial(cursor, 1000.0, 2.0)]
    expected = [
        "0x1.39086d424c94ep-2",
        "0x1.56bcc1d17105fp-1",
        "0x1.3b3112feaf3d4p-4",
        "0x1.ddea9999ea375p-6",
    ]
    assert found == [*expected, 3, 499685, 10, 699477, 1414]
