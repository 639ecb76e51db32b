"""Counter-based randomness: every draw is a pure function of its address.

The address is (seed, replication, stream, entity, occurrence, n-th draw there). Nothing is carried from one address
to the next, so rival plans share luck, one more operation disturbs no other, and chunks, threads or resumption cannot
change a bit. The generator is Philox-4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
1, 2, 3", SC 2011 (doi:10.1145/2063384.2063405); it passes BigCrush.

Counter and key, all 32-bit words:

====  ====================================================================
c0    occurrence: a day or a date ordinal
c1    entity: `entity_key` of a text id
c2    replication, or the world for parameter draws
c3    stream (low 8 bits) | block << 8; a block is 128 bits, two uniforms
key   seed: low word, high word
====  ====================================================================

Streams. Numbers are part of every published result: add new ones in the gaps, never renumber or reuse.

=========  ===  ===========================================================
IGNORANCE    1  parameters nobody knows, one value per world
CHANCE       2  parameters that vary by replication
WEATHER     16  weather and ground
FRICTION    17  delays and failures of execution
ATTRITION   32  losses in combat
MEDICAL     33  treatment, recovery and death of the wounded
SHOCK       48  sudden events
STOP        49  decisions to stop or to negotiate
SUSPENSION  51  operations that come to a stop, and for how long
ABROAD      50  acts of states outside the war
ENDING      64  which ending is reached
128..255        free for tests and extensions
=========  ===  ===========================================================

Only +, -, *, /, sqrt and integer operations reach a draw: `_log` and `_exp` are written here because the C library's
differ in the last bit between machines. With NUMBA_DISABLE_JIT=1 the same bits come out.
"""

import hashlib
import math
from collections.abc import Iterable

import numpy as np

from phaseline.engine.jit import kernel, routine

IGNORANCE = 1
CHANCE = 2
WEATHER = 16
FRICTION = 17
ATTRITION = 32
MEDICAL = 33
SHOCK = 48
STOP = 49
SUSPENSION = 51
ABROAD = 50
ENDING = 64

CURSOR_LENGTH = 8
"""Length of a cursor, an int64 array: key low, key high, replication, stream, entity, occurrence, draws made, and the
52 bits waiting for the next draw when that number is odd."""

_MASK = 0xFFFFFFFF
_LN2_HIGH = float.fromhex("0x1.62e42fefp-1")  # 32 bits, so that its product with an exponent is exact
_LN2_LOW = 7.440617110012397e-11
_HALF_LOG_2PI = 0.9189385332046728
_MAX_MEAN = 1e15  # beyond it neighbouring counts are lost among the roundings of float64


@routine
def philox4x32(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Philox-4x32-10 (Salmon et al. 2011): ten rounds on a 128-bit counter under a 64-bit key.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1
        Counter and key words; only the low 32 bits count.

    Returns
    -------
    Four words in [0, 2**32).
    """
    # Signed 64-bit words serve compiled and uncompiled alike: int() turns NumPy scalars into Python integers, which
    # cannot overflow; compiled products wrap, but the masks keep just the bits on which both readings agree.
    x0, x1, x2, x3 = int(c0) & _MASK, int(c1) & _MASK, int(c2) & _MASK, int(c3) & _MASK
    key0, key1 = int(k0) & _MASK, int(k1) & _MASK
    for _ in range(10):
        product0 = 0xD2511F53 * x0
        product1 = 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (
            ((product1 >> 32) & _MASK) ^ x1 ^ key0,
            product1 & _MASK,
            ((product0 >> 32) & _MASK) ^ x3 ^ key1,
            product0 & _MASK,
        )
        key0 = (key0 + 0x9E3779B9) & _MASK
        key1 = (key1 + 0xBB67AE85) & _MASK
    return x0, x1, x2, x3


def entity_key(text: str) -> int:
    """Stable 32-bit key of a text id: the first four bytes (little-endian) of BLAKE2b with a 4-byte digest."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")


def entity_keys(ids: Iterable[str]) -> np.ndarray:
    """Keys of text ids, in order; an id that occurs twice gets the same key twice.

    Returns
    -------
    int64 array, shape (number of ids,), values in [0, 2**32).

    Raises
    ------
    ValueError
        If two different ids share a key (they would share their luck); the message names both.
    """
    owners: dict[int, str] = {}
    keys = []
    for text in ids:
        key = entity_key(text)
        owner = owners.setdefault(key, text)
        if owner != text:
            raise ValueError(f"ids {owner!r} and {text!r} share the random key {key}: rename one of them")
        keys.append(key)
    return np.array(keys, dtype=np.int64)


def seed_word(seed: int) -> int:
    """The signed 64-bit integer with the bits of `seed` in [0, 2**64): the form in which compiled code takes a seed.

    Raises
    ------
    ValueError
        If the seed is out of range.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed {seed} is outside [0, 2**64)")
    return int(seed) - 2**64 if seed >= 2**63 else int(seed)


@kernel
def start(cursor: np.ndarray, seed: int, replication: int) -> None:
    """Give a cursor its seed, a `seed_word`, and its replication in [0, 2**32); call `reset` before drawing."""
    cursor[:] = 0
    cursor[0] = seed & _MASK
    cursor[1] = (seed >> 32) & _MASK
    cursor[2] = replication


@kernel
def reset(cursor: np.ndarray, stream: int, entity: int, occurrence: int) -> None:
    """Point a cursor at the first draw of an address.

    Parameters
    ----------
    cursor
        int64 array of `CURSOR_LENGTH`, started.
    stream
        One of the module's stream numbers, in [0, 255].
    entity
        Entity key, in [0, 2**32).
    occurrence
        A day or a date ordinal, in [0, 2**32). One address holds 2**25 uniforms.
    """
    cursor[3] = stream
    cursor[4] = entity
    cursor[5] = occurrence
    cursor[6] = 0


@kernel
def _to_bits(high, low):
    return (high << 20) | (low >> 12)


@kernel
def _to_unit(bits):
    # 52 bits, not 53: (2**53 - 1 + 0.5) rounds up to 2**53 and would give 1. All results are odd multiples of 2**-53,
    # so the interval is open, symmetric, and 1 - u is exact.
    return (bits + 0.5) * 2.0**-52


@kernel
def uniform(cursor: np.ndarray) -> float:
    """Next uniform at the cursor's address: an odd multiple of 2**-53, so strictly within (0, 1)."""
    position = int(cursor[6])
    cursor[6] = position + 1
    if position & 1:
        return _to_unit(int(cursor[7]))
    c3 = int(cursor[3]) | ((position >> 1) << 8)
    x0, x1, x2, x3 = philox4x32(cursor[5], cursor[4], cursor[2], c3, cursor[0], cursor[1])
    cursor[7] = _to_bits(x2, x3)
    return _to_unit(_to_bits(x0, x1))


@routine
def _fill_uniforms(out, key0, key1, index0, stream, entities):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            x0, x1, _, _ = philox4x32(0, entities[j], index0 + i, stream, key0, key1)
            out[i, j] = _to_unit(_to_bits(x0, x1))


def uniforms(seed: int, index0: int, count: int, stream: int, entities: np.ndarray) -> np.ndarray:
    """One uniform per (index, entity) at occurrence 0: the first that a cursor gives at the same address.

    Parameters
    ----------
    seed
        In [0, 2**64).
    index0, count
        Replications or worlds index0 .. index0 + count - 1, all in [0, 2**32).
    stream
        In [0, 255].
    entities
        Entity keys, each in [0, 2**32), shape (E,).

    Returns
    -------
    float64 array, shape (count, E), values in (0, 1).

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    keys = np.asarray(entities, dtype=np.int64)
    word = seed_word(seed)
    if index0 < 0 or count < 0 or index0 + count > 2**32:
        raise ValueError(f"indices {index0} .. {index0 + count - 1} are outside [0, 2**32)")
    if not 0 <= stream <= 255:
        raise ValueError(f"stream {stream} is outside [0, 255]")
    if keys.ndim != 1 or np.any((keys < 0) | (keys > _MASK)):
        raise ValueError("entities must be a one-dimensional array of keys in [0, 2**32)")
    out = np.empty((count, len(keys)))
    _fill_uniforms(out, word & _MASK, (word >> 32) & _MASK, index0, stream, keys)
    return out


@routine
def _log1p_small(f):
    # log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)]: 2 atanh(s) = f - s (f - rest), s = f / (2 + f), rest the atanh
    # series from s**2 to s**20. Writing f outside keeps the error under one unit in the last place.
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (1 / 5 + w * (1 / 9 + w * (1 / 13 + w * (1 / 17 + w * (1 / 21)))))
    odd = z * (1 / 3 + w * (1 / 7 + w * (1 / 11 + w * (1 / 15 + w * (1 / 19)))))
    return f - s * (f - 2.0 * (odd + even))


@routine
def _log(x):
    # Natural logarithm of a positive normal number.
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m, e = 2.0 * m, e - 1
    return e * _LN2_HIGH + (_log1p_small(m - 1.0) + e * _LN2_LOW)


@routine
def _log1p(x):
    # log(1 + x) for x > -1 without losing a small x.
    return _log1p_small(x) if -0.29 < x < 0.41 else _log(1.0 + x)


@routine
def _exp(x):
    # Exponential for x <= 0: reduction to |r| <= log(2) / 2, then the Taylor series cut after r**13.
    if x < -745.2:
        return 0.0
    n = float(np.floor(x * 1.4426950408889634 + 0.5))
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    z = r * r
    sinh = z * (
        1 / 6 + z * (1 / 120 + z * (1 / 5040 + z * (1 / 362880 + z * (1 / 39916800 + z / 6227020800))))
    )
    cosh = z * (0.5 + z * (1 / 24 + z * (1 / 720 + z * (1 / 40320 + z * (1 / 3628800 + z / 479001600)))))
    return math.ldexp(1.0 + (r + (r * sinh + cosh)), int(n))


@kernel
def _ratio(r, top, bottom):
    t0, t1, t2, t3, t4, t5, t6, t7 = top
    b1, b2, b3, b4, b5, b6, b7 = bottom
    over = ((((((t7 * r + t6) * r + t5) * r + t4) * r + t3) * r + t2) * r + t1) * r + t0
    return over / (((((((b7 * r + b6) * r + b5) * r + b4) * r + b3) * r + b2) * r + b1) * r + 1.0)


# Wichura's rational approximations PPND16 as printed: centre, tail, far tail.
_A = (3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
      45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)  # fmt: skip
_B = (42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
      39307.89580009271061, 28729.085735721942674, 5226.495278852854561)  # fmt: skip
_C = (1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
      1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4)  # fmt: skip
_D = (2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
      0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9)  # fmt: skip
_E = (6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
      0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.0103343992922881e-7)  # fmt: skip
_F = (0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
      1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15)  # fmt: skip


@routine
def normal_quantile(u: float) -> float:
    """Standard normal quantile of `u` in (0, 1): Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477.

    Relative error below 1e-15 for every value of `uniform`, tails included (measured 6e-16 against 60 digits).
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(0.180625 - q * q, _A, _B)
    r = math.sqrt(-_log(u if q < 0.0 else 1.0 - u))
    value = _ratio(r - 1.6, _C, _D) if r <= 5.0 else _ratio(r - 5.0, _E, _F)
    return -value if q < 0.0 else value


@routine
def normal(cursor: np.ndarray) -> float:
    """Standard normal, the `normal_quantile` of one uniform: monotone in luck, within +-8.21."""
    return normal_quantile(uniform(cursor))


@routine
def exponential(cursor: np.ndarray) -> float:
    """Exponential of mean 1, the quantile -log(1 - u) of one uniform: monotone in luck, at most 36.8."""
    return -_log(1.0 - uniform(cursor))


# log(n!) - ((n + 1/2) log(n) - n + log(2 pi) / 2) for n < 10, where the series is too short; n = 0 is not used.
_STIRLING = (0.0, 0.08106146679532726, 0.0413406959554093, 0.02767792568499834, 0.020790672103765093,
             0.016644691189821193, 0.013876128823070748, 0.01189670994589177, 0.010411265261972096,
             0.009255462182712733)  # fmt: skip


@routine
def _stirling(n):
    # Error of Stirling's formula for log(n!), n a whole number from 1 (Abramowitz and Stegun 6.1.41).
    if n < 10.0:
        return _STIRLING[int(n)]
    z = 1.0 / (n * n)
    return (
        1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360)))))
    ) / n


@routine
def _deviance(x, mean):
    # x log(x / mean) + mean - x for x > 0 without cancellation (Loader 2000, "Fast and accurate computation of binomial
    # probabilities"): a plain difference of log-gammas would err by 1e-6 at a mean of 1e9.
    d = x - mean
    v = d / (x + mean)
    if abs(v) >= 0.1:
        return x * _log(x / mean) - d
    z, term, total, old, j = v * v, 2.0 * x * v, d * v, -1.0, 1.0
    while total != old:
        term, old, j = term * z, total, j + 2.0
        total += term / j
    return total


@routine
def _log_poisson(k, mean):
    # Log probability of k, a whole float from 0.
    if k == 0.0:
        return -mean
    return -_deviance(k, mean) - _stirling(k) - 0.5 * _log(k) - _HALF_LOG_2PI


@routine
def _log_binomial(k, n, p):
    # Log probability of k of n, whole floats with 0 <= k <= n (Loader 2000).
    if k == 0.0:
        return n * _log1p(-p)
    if k == n:
        return n * _log(p)
    rest = n - k
    shape = (
        _stirling(n) - _stirling(k) - _stirling(rest) - _deviance(k, n * p) - _deviance(rest, n * (1.0 - p))
    )
    return shape - _HALF_LOG_2PI - 0.5 * _log(k * (rest / n))


@kernel
def _ptrs(mean):
    # Hoermann's hat (a, b), inverse acceptance rate and squeeze for algorithm PTRS. His rate 1.1239 + .. and squeeze
    # 0.9277 - .. are fits that fail by up to 0.6 % at some means (14.03, 34.4); the margins here make it exact.
    b = 0.931 + 2.53 * math.sqrt(mean)
    return -0.059 + 0.02483 * b, b, 1.01 * (1.1239 + 1.1328 / (b - 3.4)), 0.91 - 3.6224 / (b - 2.0)


@routine
def poisson(cursor: np.ndarray, mean: float) -> int:
    """Poisson count.

    Below a mean of 10 by inversion of one uniform (monotone in luck and in the mean); from 10 on by algorithm PTRS of
    Hoermann, "The transformed rejection method for generating Poisson random variables", Insurance: Mathematics and
    Economics 12 (1993) 39-45, with wider margins; exact up to the rounding of float64.

    Parameters
    ----------
    mean
        In [0, 1e15]; 0 gives 0 without a draw.

    Raises
    ------
    ValueError
        If the mean is out of range or not a number.
    """
    if not 0.0 <= mean <= _MAX_MEAN:
        raise ValueError("the mean of a Poisson draw must lie in [0, 1e15]")
    if mean == 0.0:
        return 0
    if mean < 10.0:
        u, count, p = uniform(cursor), 0, _exp(-mean)
        total = p
        # The second condition ends the search where rounding holds the sum just below the largest u.
        while u > total and p > 1e-20 * total:
            count += 1
            p *= mean / count
            total += p
        return count
    a, b, scale, v_sure = _ptrs(mean)
    while True:
        u = uniform(cursor) - 0.5
        v = uniform(cursor)
        us = 0.5 - abs(u)
        k = float(np.floor((2.0 * a / us + b) * u + mean + 0.43))
        if us >= 0.07 and v <= v_sure:
            return int(k)
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        if _log(v * scale / (a / (us * us) + b)) <= _log_poisson(k, mean):
            return int(k)


@routine
def _small_binomial(u, n, p):
    # Inversion by sequential search, for n p < 10 and p <= 1/2, where the first term stays above 1e-7.
    count, term, odds = 0, _exp(n * _log1p(-p)), p / (1.0 - p)
    total = term
    while u > total and count < n and term > 1e-20 * total:
        count += 1
        term *= odds * ((n - count + 1) / count)
        total += term
    return count


@kernel
def _btrs(n, p):
    # Hoermann's hat (a, b), inverse acceptance rate (relative to the mode) and squeeze for algorithm BTRS.
    spread = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    return -0.0873 + 0.0248 * b + 0.01 * p, b, (2.83 + 5.1 / b) * spread, 0.92 - 4.2 / b


@routine
def _large_binomial(cursor, n, p):
    # BTRS for n p >= 10 and p <= 1/2; n a whole float.
    a, b, scale, v_sure = _btrs(n, p)
    peak = _log_binomial(float(np.floor((n + 1.0) * p)), n, p)
    while True:
        u = uniform(cursor) - 0.5
        v = uniform(cursor)
        us = 0.5 - abs(u)
        k = float(np.floor((2.0 * a / us + b) * u + n * p + 0.5))
        if us >= 0.07 and v <= v_sure:
            return int(k)
        if k < 0.0 or k > n:
            continue
        if _log(v * scale / (a / (us * us) + b)) <= _log_binomial(k, n, p) - peak:
            return int(k)


@routine
def binomial(cursor: np.ndarray, n: int, p: float) -> int:
    """Binomial count of successes in `n` trials of probability `p`.

    With m = n min(p, 1 - p): below m = 10 by inversion of one uniform (monotone in luck and in p); from 10 on by
    algorithm BTRS of Hoermann, "The generation of binomial random variates", Journal of Statistical Computation and
    Simulation 46 (1993) 101-110, exact up to the rounding of float64.

    Parameters
    ----------
    n
        In [0, 10**15]; 0 gives 0 without a draw.
    p
        In [0, 1]; 0 and 1 give 0 and n without a draw.

    Raises
    ------
    ValueError
        If n or p is out of range or not a number.
    """
    if not (0 <= n <= _MAX_MEAN and 0.0 <= p <= 1.0):
        raise ValueError("a binomial draw needs n in [0, 1e15] and p in [0, 1]")
    if n == 0 or p == 0.0:
        return 0
    if p == 1.0:
        return int(n)
    mirrored = p > 0.5
    if mirrored:
        p = 1.0 - p
    if n * p < 10.0:
        u = uniform(cursor)
        # The mirrored search takes 1 - u, so that more luck still means more successes.
        count = _small_binomial(1.0 - u if mirrored else u, n, p)
    else:
        count = _large_binomial(cursor, float(n), p)
    return n - count if mirrored else count


@routine
def gamma(cursor: np.ndarray, shape: float) -> float:
    """Gamma variate of scale 1 (mean `shape`).

    Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Transactions on Mathematical Software 26
    (2000) 363-372, with their power of a uniform for shape < 1 (very small shapes may underflow to 0).

    Raises
    ------
    ValueError
        If the shape is not positive and finite.
    """
    if not 0.0 < shape < math.inf:
        raise ValueError("the shape of a gamma draw must be positive and finite")
    boost = 1.0 if shape >= 1.0 else _exp(_log(uniform(cursor)) / shape)
    d = (shape if shape >= 1.0 else shape + 1.0) - 1 / 3
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(cursor)
        t = c * x
        if t <= -1.0:
            continue
        grown = t * (3.0 + t * (3.0 + t))  # (1 + t)**3 - 1, kept apart from 1 because d may be large
        u = uniform(cursor)
        squared = x * x
        if u < 1.0 - 0.0331 * squared * squared:
            return boost * (d * (1.0 + grown))
        if _log(u) < 0.5 * squared + d * (3.0 * _log1p(t) - grown):
            return boost * (d * (1.0 + grown))


@routine
def negative_binomial(cursor: np.ndarray, mean: float, dispersion: float) -> int:
    """Negative binomial count: Poisson of a gamma-distributed mean, variance mean + mean**2 / dispersion.

    Parameters
    ----------
    mean
        In [0, 1e15]; 0 gives 0 without a draw.
    dispersion
        Positive; infinity gives the Poisson count of the same address.

    Raises
    ------
    ValueError
        If mean (or the drawn Poisson mean) or dispersion is out of range or not a number.
    """
    if not dispersion > 0.0:
        raise ValueError("the dispersion of a negative binomial draw must be positive")
    if mean == 0.0 or dispersion == math.inf:
        return poisson(cursor, mean)
    return poisson(cursor, mean * (gamma(cursor, dispersion) / dispersion))
