"""One contested phase without movement: closed forms of the laws, exact answers for the chain."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import expm_multiply
from scipy.stats import binomtest, chisquare

from engine.histories import ALPHA, DONE, FAILED, Z_ALPHA, History, daily, document, run
from phaseline.engine.laws import deterministic_day, exponents
from random_scenarios import random_scenario

LAWS: dict[str, dict[str, float]] = {
    "square": {},
    "linear": {},
    "mixed": {},
    "ambush": {},
    "logarithmic": {},
    "bracken": {"p": 0.8, "q": 0.5},
    "helmbold": {"w": 0.35},
}
REFERENCE = (500.0, 300.0)
X0, Y0 = 800.0, 520.0
OWN, ENEMY = 0.06, 0.09
"""Daily losses as shares of the reference strengths; after ten days both sides live under every law."""
DAYS = 10


def duel(law: str, x0: float, y0: float, own: float, enemy: float, **parts: Any) -> dict[str, Any]:
    """One contested phase without depth, to the end of one side."""
    phase = {
        "kind": "contested",
        "own": "x",
        "adversary": "y",
        "law": law,
        "law_parameters": LAWS[law],
        "own_loss": f"{100 * own!r} %/day",
        "adversary_loss": f"{100 * enemy!r} %/day",
        "reference": {
            "own": parts.pop("reference", REFERENCE)[0],
            "adversary": parts.pop("against", REFERENCE[1]),
        },
    }
    forces = {"x": {"side": "own", "strength": x0}, "y": {"side": "adversary", "strength": y0}}
    return document({"o": {"duel": phase}}, forces=forces, **parts)


def rates(law: str) -> tuple[float, float]:
    """The a and b of the equations in the model card, for the loss shares and references above."""
    q1, p1, q2, p2 = exponents(law, LAWS[law])
    x, y = REFERENCE
    return OWN * x ** (1 - q1) * y**-p1, ENEMY * y ** (1 - q2) * x**-p2


# --- the equations ---


def square(x: float, y: float, a: float, b: float, t: float) -> tuple[float, float]:
    w = math.sqrt(a * b)
    c, s = math.cosh(w * t), math.sinh(w * t)
    return x * c - y * math.sqrt(a / b) * s, y * c - x * math.sqrt(b / a) * s


def mixed(x: float, y: float, a: float, b: float, t: float) -> tuple[float, float]:
    # b x = C + a y^2 / 2 leaves y' = -(a / 2) (y^2 - k^2), k^2 = -2 C / a
    constant = b * x - a * y * y / 2
    k = cmath.sqrt(-2 * constant / a)
    share = (y - k) / (y + k) * cmath.exp(-a * k * t)
    then = (k * (1 + share) / (1 - share)).real
    return (constant + a * then * then / 2) / b, then


def closed_form(law: str, t: float) -> tuple[float, float]:
    """Strengths at time t."""
    a, b = rates(law)
    if law == "square":
        return square(X0, Y0, a, b, t)
    if law == "linear":
        d = b * X0 - a * Y0
        x = d * X0 * math.exp(d * t) / (b * X0 * math.exp(d * t) - a * Y0)
        return x, (b * x - d) / a
    if law == "mixed":
        return mixed(X0, Y0, a, b, t)
    if law == "ambush":
        y, x = mixed(Y0, X0, b, a, t)
        return x, y
    if law == "logarithmic":
        return X0 * math.exp(-a * t), Y0 * math.exp(-b * t)
    if law == "helmbold":  # powers of the strengths follow the square law
        w = LAWS[law]["w"]
        u, v = square(X0**w, Y0**w, a * w, b * w, t)
        return u ** (1 / w), v ** (1 / w)
    # Bracken's has none in elementary functions: an integrator of order 8, far below the errors measured here
    p, q = LAWS[law]["p"], LAWS[law]["q"]

    def slopes(_: float, s: np.ndarray) -> list[float]:
        return [-a * s[0] ** q * s[1] ** p, -b * s[1] ** q * s[0] ** p]

    found = solve_ivp(slopes, (0, t), [X0, Y0], method="DOP853", rtol=1e-13, atol=1e-10).y[:, -1]
    return float(found[0]), float(found[1])


INVARIANTS: dict[str, Callable[[float, float, float, float], tuple[float, float]]] = {
    "square": lambda x, y, a, b: (b * x**2, a * y**2),
    "linear": lambda x, y, a, b: (b * x, a * y),
    "mixed": lambda x, y, a, b: (b * x, a * y**2 / 2),
    "ambush": lambda x, y, a, b: (b * x**2 / 2, a * y),
    "logarithmic": lambda x, y, a, b: (math.log(x) / a, math.log(y) / b),
    "bracken": lambda x, y, a, b: (b * x**1.3, a * y**1.3),  # e = 1 + p - q
    "helmbold": lambda x, y, a, b: (b * x**0.7, a * y**0.7),  # 2 w
}
"""The conserved quantity is the difference of the two."""
STEPS = (1, 2, 4, 8, 16)


def after_days(law: str, steps: int) -> tuple[float, float]:
    """Strengths after ten days of a whole scenario."""
    attrition = {"kind": "deterministic", "steps": steps}
    answer = run(duel(law, X0, Y0, OWN, ENEMY, attrition=attrition, horizon=f"{DAYS} days"))
    return float(answer["strength.x"][0]), float(answer["strength.y"][0])


def after_one_day(law: str, steps: int) -> tuple[float, float]:
    """The routine alone, over one day ten times as fierce."""
    shape = exponents(law, LAWS[law])
    fierce = (DAYS * OWN * REFERENCE[0], DAYS * ENEMY * REFERENCE[1])
    return deterministic_day(X0, Y0, 0.0, 0.0, *REFERENCE, *shape, *fierce, DAYS * steps)


@pytest.mark.parametrize("through", [after_days, after_one_day])
@pytest.mark.parametrize("law", LAWS)
def test_equations_converge_to_the_closed_form_with_order_4(law, through) -> None:
    """Order is the slope of the error's logarithm over the step's, fitted to four halvings: 3.7 to 4.3."""
    exact = closed_form(law, DAYS)
    assert min(exact) > 50
    for side in (0, 1):
        errors = [abs(through(law, steps)[side] - exact[side]) for steps in STEPS]
        assert errors[-1] < 1e-6
        assert errors[-1] > 1e-11, "too near to rounding to measure an order"
        order = -np.polyfit(np.log(STEPS), np.log(errors), 1)[0]
        assert 3.7 < order < 4.3, (order, errors)


@pytest.mark.parametrize("law", LAWS)
def test_equations_conserve_their_invariant(law) -> None:
    """The drift falls at least as the fourth power of the step, down to rounding."""
    a, b = rates(law)
    drifts = []
    for steps in STEPS:
        before, after = INVARIANTS[law](X0, Y0, a, b), INVARIANTS[law](*after_days(law, steps), a, b)
        drifts.append(abs((before[0] - before[1]) - (after[0] - after[1])) / sum(map(abs, before)))
    assert drifts[-1] < 1e-9
    assert drifts[-1] <= max(drifts[0] * 16 ** (-3.7), 1e-14), drifts


def test_survivors_of_the_square_law() -> None:
    """To the end: the winner keeps sqrt(x0^2 - (a/b) y0^2), up to a step's losses."""
    a, b = rates("square")
    left = math.sqrt(X0**2 - a / b * Y0**2)
    attrition = {"kind": "deterministic", "steps": 200}
    answer = run(duel("square", X0, Y0, OWN, ENEMY, attrition=attrition))
    assert answer["status.o.duel"][0] == DONE
    assert answer["strength.y"][0] == 0
    assert answer["strength.x"][0] == pytest.approx(left, abs=0.05)


def test_support_changes_the_rates() -> None:
    """Losses go with support to the powers -kappa and lambda: the linear law with rates so changed, and advisers' part of b."""
    doc = duel(
        "linear", X0, Y0, OWN, ENEMY, attrition={"kind": "deterministic", "steps": 100}, horizon="5 days"
    )
    doc["assets"] = {"aircraft": {"capacity": "6/day"}}
    doc["operations"]["o"]["phases"]["duel"] |= {
        "demand": {"aircraft": "10/day"},
        "dependence": {"aircraft": 0.5},
        "own_loss_support": 0.7,
        "adversary_loss_support": 0.4,
        "advisers": {"asset": "aircraft", "raises": 0.25},
    }
    support = 1 - 0.5 * (1 - 0.6)
    a, b = rates("linear")
    a, b = a * support**-0.7, b * support**0.4 * (1 + 0.25 * 0.6)
    d = b * X0 - a * Y0
    x = d * X0 * math.exp(d * 5) / (b * X0 * math.exp(d * 5) - a * Y0)
    answer = run(doc)
    assert answer["strength.x"][0] == pytest.approx(x, rel=1e-8)
    assert answer["strength.y"][0] == pytest.approx((b * x - d) / a, rel=1e-8)


# --- the chain of single losses ---


def chain_rates(law: str, own: float, enemy: float, reference: tuple[int, int]):
    """Rates of losing one at (x, y)."""
    q1, p1, q2, p2 = exponents(law, LAWS[law])

    def at(x: int, y: int) -> tuple[float, float]:
        u, v = x / reference[0], y / reference[1]
        return own * reference[0] * u**q1 * v**p1, enemy * reference[1] * v**q2 * u**p2

    return at


def absorbed(x0: int, y0: int, at) -> dict[tuple[int, int], float]:
    """Probabilities of the states in which the duel ends."""
    here = {(x0, y0): 1.0}
    ends: dict[tuple[int, int], float] = {}
    while here:
        following: dict[tuple[int, int], float] = {}
        for (x, y), p in here.items():
            if x == 0 or y == 0:
                ends[x, y] = ends.get((x, y), 0.0) + p
                continue
            lose_x, lose_y = at(x, y)
            for state, rate in (((x - 1, y), lose_x), ((x, y - 1), lose_y)):
                following[state] = following.get(state, 0.0) + p * rate / (lose_x + lose_y)
        here = following
    return ends


def brown(x: int, y: int, r: float, memory: dict[tuple[int, int], float]) -> float:
    """P(x wins) under the square law: Brown's recursion (1963)."""
    if y == 0:
        return 1.0
    if x == 0:
        return 0.0
    if (x, y) not in memory:
        share = r * x / (r * x + y)
        memory[x, y] = share * brown(x, y - 1, r, memory) + (1 - share) * brown(x - 1, y, r, memory)
    return memory[x, y]


HISTORIES = 20_000


def fought(
    law: str, x0: int, y0: int, own: float, enemy: float, seed: int, count: int = HISTORIES, lasting: int = 0
):
    """Histories of a duel of single losses to the end of one side, with references at the first strengths.

    At most `lasting` of them go on for more than ten years.
    """
    doc = duel(law, x0, y0, own, enemy, horizon="3650 days", reference=(x0, y0), against=y0)
    answer = run(doc, count=count, seed=seed)
    won = answer["status.o.duel"] == DONE
    decided = won | (answer["status.o.duel"] == FAILED)
    assert (~decided).sum() <= lasting
    assert (won == (answer["strength.y"] == 0)).all()
    assert (won == (answer["strength.x"] > 0))[decided].all()
    return answer, int(won.sum())


@pytest.mark.parametrize(
    ("x0", "y0", "own", "enemy", "seed"),
    [(10, 10, 0.3, 0.3, 11), (5, 8, 0.3, 0.25, 12), (12, 7, 0.2, 0.2, 13)],
)
def test_chance_to_win_by_browns_recursion(x0, y0, own, enemy, seed) -> None:
    """Exact binomial test of 20,000 histories; fails with chance `ALPHA`."""
    a, b = own * x0 / y0, enemy * y0 / x0
    chance = brown(x0, y0, b / a, {})
    assert 0.05 < chance < 0.95
    _, won = fought("square", x0, y0, own, enemy, seed)
    assert binomtest(won, HISTORIES, chance).pvalue > ALPHA
    # and the test would notice another recursion: the linear law's, at the same rates
    other = stats.nbinom.cdf(x0 - 1, y0, b / (a + b))
    assert abs(other - chance) < 0.03 or binomtest(won, HISTORIES, other).pvalue < ALPHA


def test_chance_to_win_under_the_linear_law() -> None:
    """Each loss is the enemy's with the same chance b / (a + b): a negative binomial. Exact binomial test at `ALPHA`."""
    x0, y0, own, enemy = 6, 9, 0.3, 0.4
    a, b = own / y0, enemy / x0
    _, won = fought("linear", x0, y0, own, enemy, seed=14)
    assert binomtest(won, HISTORIES, stats.nbinom.cdf(x0 - 1, y0, b / (a + b))).pvalue > ALPHA


@pytest.mark.parametrize("law", LAWS)
def test_survivors_of_every_law_by_the_absorbing_chain(law) -> None:
    """Chi-square over all final states, those with fewer than five expected taken together; fails with chance `ALPHA`."""
    x0, y0, own, enemy = 11, 9, 0.25, 0.3
    exact = absorbed(x0, y0, chain_rates(law, own, enemy, (x0, y0)))
    answer, _ = fought(law, x0, y0, own, enemy, seed=15)
    seen: dict[tuple[int, int], int] = {}
    for x, y in zip(answer["strength.x"], answer["strength.y"], strict=True):
        seen[int(x), int(y)] = seen.get((int(x), int(y)), 0) + 1
    assert set(seen) <= set(exact)
    kept = [state for state in exact if exact[state] * HISTORIES >= 5]
    expected = [exact[state] * HISTORIES for state in kept]
    observed = [seen.get(state, 0) for state in kept]
    rest = HISTORIES - sum(expected)
    if rest >= 5:
        expected, observed = [*expected, rest], [*observed, HISTORIES - sum(observed)]
    else:
        expected[0] += rest
        observed[0] += HISTORIES - sum(observed)
    assert len(expected) >= 8
    assert chisquare(observed, expected).pvalue > ALPHA


@pytest.mark.parametrize("law", ["square", "linear", "helmbold"])
def test_day_of_victory_by_the_matrix_exponential(law) -> None:
    """When, not only who: the day on which the duel is won, against the chain's generator. Chi-square at `ALPHA`."""
    x0, y0, own, enemy = 6, 4, 0.15, 0.25
    at = chain_rates(law, own, enemy, (x0, y0))
    states = [(x, y) for x in range(x0 + 1) for y in range(y0 + 1)]
    generator = np.zeros((len(states), len(states)))
    for i, (x, y) in enumerate(states):
        if x > 0 and y > 0:
            for state, rate in zip(((x - 1, y), (x, y - 1)), at(x, y), strict=True):
                generator[i, states.index(state)] += rate
                generator[i, i] -= rate
    won = [i for i, (_, y) in enumerate(states) if y == 0]
    by_day = [expm(generator * t)[states.index((x0, y0)), won].sum() for t in range(41)]
    answer, wins = fought(law, x0, y0, own, enemy, seed=16)
    days = answer["end.o.duel"]
    chances = [*np.diff(by_day), 1 - by_day[-1]]
    counts = [int((days == t).sum()) for t in range(1, 41)]
    expected, observed, pool = [], [], [0.0, 0]
    for chance, count in zip(chances, [*counts, HISTORIES - sum(counts)], strict=True):
        pool = [pool[0] + chance * HISTORIES, pool[1] + count]
        if pool[0] >= 10:
            expected.append(pool[0])
            observed.append(pool[1])
            pool = [0.0, 0]
    assert len(expected) > 10
    assert wins > 1000
    assert chisquare(observed, expected).pvalue > ALPHA


@pytest.mark.parametrize(
    ("x0", "y0", "own", "enemy"),
    [(10, 10, 0.3, 0.3), (5, 8, 0.3, 0.25), (40, 60, 0.3, 0.2), (12, 7, 0.2, 0.2)],
)
def test_invariant_of_the_stochastic_square_law(x0, y0, own, enemy) -> None:
    """E[r X(X+1) - Y(Y+1)] at the end is r x0(x0+1) - y0(y0+1), r = b/a; within `Z_ALPHA` standard errors."""
    r = (enemy * y0 / x0) / (own * x0 / y0)
    answer, _ = fought("square", x0, y0, own, enemy, seed=17)
    x, y = answer["strength.x"], answer["strength.y"]
    found = r * x * (x + 1) - y * (y + 1)
    error = found.std(ddof=1) / math.sqrt(HISTORIES)
    assert abs(found.mean() - (r * x0 * (x0 + 1) - y0 * (y0 + 1))) < Z_ALPHA * error


def spread_out(
    x0: int, y0: int, at, lasts: float, coming: tuple[int, int] = (0, 0)
) -> tuple[np.ndarray, np.ndarray]:
    """Chances of all strengths (x, y), and the strengths, by the master equation; `coming` join evenly over the time.

    The generator is exponentiated between the moments at which somebody joins, the j-th of n at (j - 1/2)/n.
    """
    shape = (x0 + coming[0] + 1, y0 + coming[1] + 1)
    x, y = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    live = (x > 0) & (y > 0)
    lose_x, lose_y = at(x[live].astype(float), y[live].astype(float))
    number = np.arange(x.size).reshape(shape)
    here, fewer_x, fewer_y = number[live], number[x[live] - 1, y[live]], number[x[live], y[live] - 1]
    parts = ((fewer_x, lose_x), (fewer_y, lose_y), (here, -lose_x - lose_y))
    rows, rates = np.concatenate([row for row, _ in parts]), np.concatenate([rate for _, rate in parts])
    generator = coo_matrix((rates, (rows, np.tile(here, 3))), shape=(x.size, x.size)).tocsc()
    moments = sorted(((j - 0.5) / n, side) for side, n in enumerate(coming) for j in range(1, n + 1))
    chance = np.zeros(shape)
    chance[x0, y0] = 1.0
    time = 0.0
    for moment, side in [*moments, (1.0, None)]:
        chance = expm_multiply(generator * ((moment - time) * lasts), chance.ravel()).reshape(shape)
        time = moment
        if side is not None:
            chance = np.roll(chance, 1, axis=side)  # nobody is at the far end yet: as many can come as do
    return chance, np.stack([x, y])


def distances(chance: np.ndarray, strengths: np.ndarray, answer: dict[str, np.ndarray]) -> list[float]:
    """Of mean and standard deviation of either side from the exact ones, in standard errors."""
    found = []
    for name, strength in zip(("x", "y"), strengths, strict=True):
        seen = answer[f"strength.{name}"]
        mean = float((chance * strength).sum())
        variance, fourth = (float((chance * (strength - mean) ** k).sum()) for k in (2, 4))
        found.append((seen.mean() - mean) / math.sqrt(variance / len(seen)))
        error = math.sqrt((fourth - variance**2) / len(seen))
        found.append((((seen - mean) ** 2).mean() - variance) / error)
    return found


MANY = 200_000
"""The standard errors are smaller than those of 100,000 histories, below which the error of leaps is to lie."""


@pytest.mark.parametrize(
    ("rate", "x0", "y0", "days"), [(0.01, 400, 320, 5), (0.1, 100, 80, 2), (0.3, 100, 80, 2)]
)
@pytest.mark.parametrize("law", ["square", "linear", "mixed"])
def test_leaps_agree_with_the_master_equation(law, rate, x0, y0, days) -> None:
    """Means and variances after some days; each fails with chance `ALPHA`."""
    doc = duel(law, x0, y0, rate, rate, horizon=f"{days} days", reference=(x0, y0), against=y0)
    doc["attrition"] = {"exact_up_to": 0}  # so that all days are leaped
    exact = spread_out(x0, y0, chain_rates(law, rate, rate, (x0, y0)), days)
    assert exact[0].sum() == pytest.approx(1.0, abs=1e-9)
    found = distances(*exact, run(doc, count=MANY, seed=20))
    assert max(map(abs, found)) < Z_ALPHA, found


@pytest.mark.parametrize("rate", [0.1, 0.3])
@pytest.mark.parametrize("law", ["square", "linear", "mixed"])
def test_survivors_of_heavy_fighting_by_the_absorbing_chain(law, rate) -> None:
    """A hundred against eighty to the end: mean of the survivors of either side within `Z_ALPHA` standard errors."""
    exact = absorbed(100, 80, chain_rates(law, rate, rate, (100, 80)))
    # by the linear law one against one may outlast the horizon: too few men in too few histories to move a mean
    lasting = MANY // 1_000 if law == "linear" else 0
    answer, _ = fought(law, 100, 80, rate, rate, seed=21, count=MANY, lasting=lasting)
    for side, name in enumerate(("x", "y")):
        mean = sum(p * state[side] for state, p in exact.items())
        variance = sum(p * (state[side] - mean) ** 2 for state, p in exact.items())
        assert abs(answer[f"strength.{name}"].mean() - mean) < Z_ALPHA * math.sqrt(variance / MANY)
        undecided = (answer["status.o.duel"] != DONE) & (answer["status.o.duel"] != FAILED)
        assert (answer[f"strength.{name}"][undecided] < 10).all()


@pytest.mark.parametrize("law", LAWS)
def test_leaps_follow_the_chain_in_distribution(law) -> None:
    """Large sides, ten days: means and standard deviations agree to `Z_ALPHA` standard errors."""
    count, results = 4000, []
    for exact_up_to, seed in ((100_000, 18), (10, 19)):
        doc = duel(law, 3000, 2000, 0.03, 0.06, horizon="10 days", reference=(3000, 2000), against=2000)
        doc["attrition"] = {"exact_up_to": exact_up_to}
        results.append(run(doc, count=count, seed=seed))
    for side in ("x", "y"):
        exact, leaped = (answer[f"losses.{side}"] for answer in results)
        assert exact.mean() > 400
        error = math.sqrt((exact.var() + leaped.var()) / count)
        assert abs(exact.mean() - leaped.mean()) < Z_ALPHA * error
        # the logarithm of a sample's standard deviation has standard error 1 / sqrt(2 n)
        assert abs(math.log(leaped.std() / exact.std())) < Z_ALPHA / math.sqrt(count)


def test_leaps_take_at_most_what_is_left() -> None:
    doc = duel("square", 400, 30, 0.01, 1.0, horizon="30 days", reference=(400, 30), against=30)
    answer = run(doc, count=500)
    assert (answer["strength.y"] == 0).all()
    assert (answer["losses.y"] == 30).all()


# --- men who come over the day ---


def reinforced(law: str, x0: int, y0: int, over: str, strength: int, **parts: Any) -> dict[str, Any]:
    """A duel whose attacker gets men from day 0 on."""
    doc = duel(law, x0, y0, OWN, ENEMY, **parts)
    doc["forces"]["x"]["arrivals"] = [{"on": "2020-01-01", "strength": strength, "over": over}]
    return doc


@pytest.mark.parametrize("law", LAWS)
def test_arrivals_over_the_day_converge_with_order_4(law) -> None:
    """Thirty men a day for ten days, against an integrator of order 8."""
    a, b = rates(law)
    q1, p1, q2, p2 = exponents(law, LAWS[law])

    def slopes(_: float, s: np.ndarray) -> list[float]:
        return [30 - a * s[0] ** q1 * s[1] ** p1, -b * s[1] ** q2 * s[0] ** p2]

    exact = solve_ivp(slopes, (0, DAYS), [X0, Y0], method="DOP853", rtol=1e-13, atol=1e-10).y[:, -1]
    assert min(exact) > 50
    errors = []
    for steps in STEPS:
        parts = {"attrition": {"kind": "deterministic", "steps": steps}, "horizon": f"{DAYS} days"}
        answer = run(reinforced(law, X0, Y0, f"{DAYS} days", 30 * DAYS, **parts))
        errors.append(max(abs(answer[f"strength.{k}"][0] - v) for k, v in zip("xy", exact, strict=True)))
    assert 1e-11 < errors[-1] < 1e-6
    order = -np.polyfit(np.log(STEPS), np.log(errors), 1)[0]
    assert 3.7 < order < 4.3, (order, errors)


@pytest.mark.parametrize(
    ("x0", "y0", "coming", "exact_up_to"),
    [(0, 6, 8, 10), (0, 40, 60, 100), (150, 120, 90, 0), (15, 90, 90, 0)],
)
@pytest.mark.parametrize("law", ["square", "mixed"])
def test_arrivals_in_a_chain_come_evenly_over_the_day(law, x0, y0, coming, exact_up_to) -> None:
    """Single losses and leaps, from nobody on: means and variances against the master equation, each at `ALPHA`."""
    doc = reinforced(law, x0, y0, "1 day", coming, horizon="1 day", reference=(80, 60), against=60)
    doc["attrition"] = {"exact_up_to": exact_up_to}
    phase = doc["operations"]["o"]["phases"]["duel"]
    phase |= {"own_loss": "20 %/day", "adversary_loss": "20 %/day"}
    exact = spread_out(x0, y0, chain_rates(law, 0.2, 0.2, (80, 60)), 1.0, (coming, 0))
    assert exact[0].sum() == pytest.approx(1.0, abs=1e-9)
    found = distances(*exact, run(doc, count=MANY, seed=22))
    assert max(map(abs, found)) < Z_ALPHA, found


@pytest.mark.parametrize("kind", ["chain", "deterministic"])
def test_what_comes_over_days_is_there_when_they_are_over(kind) -> None:
    doc = document({"o": {"t": {"kind": "task", "duration": "1 day"}}}, horizon="12 days")
    doc["forces"] = {"x": {"side": "own", "strength": 5, "arrivals": [
        {"on": "2020-01-03", "strength": 100, "over": "7 days"}, {"on": "2020-01-04", "strength": 3, "over": "1 day"},
    ]}}  # fmt: skip
    doc["attrition"] = {"kind": kind}
    strength = daily(doc)["strength.x"]
    by_hand = [5 + 100 * min(7, max(0, t - 1)) / 7 + 3 * (t > 2) for t in range(12)]
    if kind == "chain":
        by_hand = [math.floor(men + 1e-9) for men in by_hand]
    assert strength == pytest.approx(by_hand, abs=1e-9)


# --- nobody appears or vanishes ---


@pytest.mark.parametrize("kind", ["chain", "deterministic"])
def test_strengths_balance_day_by_day(kind) -> None:
    """Strength = received + replaced + returned - losses - captured - left, of every force on every day: exactly, in whole
    persons, in a chain; to 1e-9 of what was received with the equations.
    """
    flows = dict.fromkeys(("replaced", "returned", "losses", "captured", "left", "killed"), 0.0)
    for seed in range(60):
        doc = random_scenario(seed, certain=False)
        doc["attrition"] = {"kind": kind}
        history = History(doc, "plan", seed=seed, replication=seed)
        while history.today < history.days:
            history.day()
            force = history.S.force
            balance = (
                force.received + force.replaced + force.returned - force.losses - force.captured - force.left
            )
            joined = force.received + force.replaced + force.returned
            assert np.abs(force.joined - joined).max() <= 1e-9 * joined.max()
            away = history.S.returning.sum(axis=1)
            wounded = force.losses - force.killed
            if kind == "chain":
                assert (force.strength == balance).all()
                for name in ("strength", "received", *flows):
                    assert (force[name] == np.floor(force[name])).all(), name
                assert (history.S.shock.stock == np.floor(history.S.shock.stock)).all()
                assert (force.returned + away <= wounded).all()
            else:
                assert np.abs(force.strength - balance).max() <= 1e-9 * force.received.max()
                share = history.T.force.returns
                assert np.allclose(force.returned + away, share * wounded, rtol=1e-9, atol=1e-9)
            assert (force.strength >= -1e-9).all()
            assert (force.killed <= force.losses).all()
        for name in flows:
            flows[name] += float(force[name].sum())
    assert min(flows.values()) > 50, flows


def test_the_share_killed_and_the_return_of_the_wounded() -> None:
    """A quarter killed (binomial, band of `Z_ALPHA`), half of the wounded back after 10 days."""
    doc = duel("square", 1000, 500, 0.02, 0.01, horizon="60 days", reference=(1000, 500), against=500)
    doc["forces"]["x"] |= {"killed": 0.25, "returns": 0.5, "return_after": "10 days"}
    doc["plans"]["base"] = {"stops": {"o.duel": {"date": "2020-01-16"}}}
    answer = run(doc, count=2000)
    losses, killed = answer["losses.x"].sum(), answer["killed.x"].sum()
    assert abs(killed - 0.25 * losses) < Z_ALPHA * math.sqrt(0.25 * 0.75 * losses)
    back = (answer["strength.x"] - 1000 + answer["losses.x"]).sum()
    wounded = losses - killed
    assert abs(back - 0.5 * wounded) < Z_ALPHA * math.sqrt(0.25 * wounded)
    rows = daily(doc)
    missing = 1000 - rows["strength.x"] - rows["losses.x"]
    assert (missing[:10] == 0).all()  # those of day 0 are back on day 10
    assert (missing[10:] < 0).all()
    assert (np.diff(missing)[24:] == 0).all()  # the last fight was on day 14
