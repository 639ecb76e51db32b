"""A second engine, in plain Python, written from ``docs/model.md`` alone.

It shares no code with the engine and imports nothing from it: ids instead of indices, objects instead of
tables, Python's random
numbers instead of counters, a maximum flow instead of an enumeration of sets. It is slow and meant to be read beside the
model card, step by step. Agreement with the engine is exact where nothing is left to chance, else in distribution.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import deque
from typing import Any

import numpy as np

from phaseline.scenario.quantity import Quantity
from phaseline.scenario.schema import Condition, Phase, Plan, Scenario, Suspension

MISSING = math.nan
LAWS = {
    "square": (0, 1, 0, 1),
    "linear": (1, 1, 1, 1),
    "mixed": (1, 1, 0, 1),
    "ambush": (0, 1, 1, 1),
    "logarithmic": (1, 0, 1, 0),
}


def half_up(x: float) -> int:
    """Nearest whole number, halves up."""
    return math.floor(x + 0.5)


# ---------------------------------------------------------------- numbers (section 1)


GIVEN: dict[str, float] = {}
"""Scores by name that are told and not drawn, so that histories can be compared one by one."""


class Numbers:
    """Draws every uncertain number once: ignorance by world, chance by replication."""

    def __init__(self, scenario: Scenario, seed: int, replication: int, per_world: int) -> None:
        self.scenario = scenario
        self.seeds = {
            "ignorance": f"{seed}/world/{replication // per_world}",
            "chance": f"{seed}/replication/{replication}",
        }
        self.drawn: dict[str, float] = {}
        self.start = (scenario.start or scenario.as_of).toordinal()

    def uniform(self, name: str, kind: str) -> float:
        """The uniform of a number, from its name alone."""
        return min(max(random.Random(f"{self.seeds[kind]}/{name}").random(), 1e-15), 1 - 1e-15)

    def correlated(self, name: str) -> float | None:
        """The uniform of a member of a correlation group."""
        for group in self.scenario.correlations:
            if name not in group.numbers:
                continue
            n = len(group.numbers)
            rank = (
                np.full((n, n), group.rank) if isinstance(group.rank, int | float) else np.array(group.rank)
            )
            matrix = 2 * np.sin(np.pi * rank / 6)
            np.fill_diagonal(matrix, 1.0)
            row = np.linalg.cholesky(matrix)[group.numbers.index(name)]
            from statistics import NormalDist

            normal = NormalDist()
            scores = [normal.inv_cdf(self.uniform(m, self.scenario.numbers[m].kind)) for m in group.numbers]
            return normal.cdf(sum(w * z for w, z in zip(row, scores, strict=True)))
        return None

    def score(self, name: str) -> float:
        """A standard normal score of chance; `GIVEN` ones are not drawn."""
        from statistics import NormalDist

        return GIVEN[name] if name in GIVEN else NormalDist().inv_cdf(self.uniform(name, "chance"))

    def __call__(self, quantity: Quantity, path: str) -> float:
        name = quantity.ref or path
        source = self.scenario.numbers[quantity.ref] if quantity.ref else quantity
        if source.kind == "fixed":
            return float(source.dist.mean())
        if name not in self.drawn:
            u = self.correlated(name)
            if u is None:
                u = self.uniform(name, source.kind)
            self.drawn[name] = float(source.dist.quantile(np.array(u)))
        return self.drawn[name]

    def days(self, quantity: Quantity, path: str) -> int:
        """A duration in whole days."""
        return half_up(self(quantity, path))

    def date(self, quantity: Quantity, path: str) -> int:
        """A date as a day number."""
        return math.floor(self(quantity, path) - self.start)


# ---------------------------------------------------------------- chance


class Luck:
    """Textbook random variables on Python's generator."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def poisson(self, mean: float) -> int:
        """Knuth's product of uniforms, in pieces of at most 30."""
        count = 0
        while mean > 30:
            count, mean = count + self.poisson(30.0), mean - 30
        limit, product = math.exp(-mean), self.random.random()
        while product > limit:
            count += 1
            product *= self.random.random()
        return count

    def binomial(self, n: int, p: float) -> int:
        """Count of n coins."""
        return sum(self.random.random() < p for _ in range(n))

    def negative_binomial(self, mean: float, dispersion: float) -> int:
        """Poisson with a gamma mean."""
        if mean <= 0:
            return 0
        return self.poisson(self.random.gammavariate(dispersion, mean / dispersion))


# ---------------------------------------------------------------- profiles


class Profile:
    """Straight lines between points, constant outside them."""

    def __init__(self, points: list[tuple[float, float]]) -> None:
        ends = [(0.0, points[0][1]), *points, (1.0, points[-1][1])]
        self.points = [p for i, p in enumerate(ends) if i == 0 or p[0] > ends[i - 1][0]]

    def at(self, x: float) -> float:
        """Height at x."""
        for (x0, y0), (x1, y1) in zip(self.points, self.points[1:], strict=False):
            if x <= x1:
                return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return self.points[-1][1]

    def integral(self, x: float) -> float:
        """Area from 0 to x, trapezoid by trapezoid."""
        total = 0.0
        for (x0, _), (x1, _) in zip(self.points, self.points[1:], strict=False):
            if x > x0:
                end = min(x, x1)
                total += (end - x0) * (self.at(x0) + self.at(end)) / 2
        return total

    def inverse(self, area: float) -> float:
        """Where the integral reaches an area, by bisection; at most 1."""
        if area >= self.integral(1.0):
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if self.integral(middle) < area else (low, middle)
        return (low + high) / 2


# ---------------------------------------------------------------- fair shares by maximum flow


def max_flow(
    pools: list[float], wants: list[float], allowed: list[list[bool]]
) -> tuple[list[float], list[bool]]:
    """A maximum flow from pools to consumers (augmenting paths, breadth first).

    Returns what each consumer gets, and whether it could get more if it wanted more: whether pools with something left still
    reach it, over other consumers' pools too.
    """
    n, m = len(pools), len(wants)
    size = n + m + 2
    source, sink = n + m, n + m + 1
    capacity = [[0.0] * size for _ in range(size)]
    for i, supply in enumerate(pools):
        capacity[source][i] = supply
        for j in range(m):
            if allowed[j][i]:
                capacity[i][n + j] = math.inf
    for j, want in enumerate(wants):
        capacity[n + j][sink] = want
    while True:
        parent = {source: source}
        queue = deque([source])
        while queue and sink not in parent:
            here = queue.popleft()
            for there in range(size):
                if there not in parent and capacity[here][there] > 1e-12:
                    parent[there] = here
                    queue.append(there)
        if sink not in parent:
            break
        path, node = [], sink
        while node != source:
            path.append((parent[node], node))
            node = parent[node]
        push = min(capacity[a][b] for a, b in path)
        for a, b in path:
            capacity[a][b] -= push
            capacity[b][a] += push
    reached, queue = {source}, deque([source])
    while queue:
        here = queue.popleft()
        for there in range(size):
            if there not in reached and there != sink and capacity[here][there] > 1e-7:
                reached.add(there)
                queue.append(there)
    return [wants[j] - capacity[n + j][sink] for j in range(m)], [n + j in reached for j in range(m)]


def fair_shares(
    pools: list[float], wants: list[float], tiers: list[int], allowed: list[list[bool]]
) -> list[float]:
    """Lexicographically max-min fair coverage, tier after tier (progressive filling)."""
    served = [0.0] * len(wants)
    fixed: set[int] = {j for j, want in enumerate(wants) if want <= 0}
    for tier in sorted(set(tiers)):
        rising = {j for j in range(len(wants)) if tiers[j] == tier and j not in fixed}
        while rising:

            def flow_at(level: float, who: set[int] = rising) -> tuple[float, list[bool]]:
                target = [level * wants[j] if j in who else served[j] for j in range(len(wants))]
                got, more = max_flow(pools, target, allowed)
                return sum(target) - sum(got), more

            low, high = 0.0, 1.0
            if flow_at(1.0)[0] < 1e-10:
                low = 1.0
            else:
                for _ in range(60):
                    middle = (low + high) / 2
                    low, high = (middle, high) if flow_at(middle)[0] < 1e-10 else (low, middle)
            more = flow_at(low)[1]
            stuck = {j for j in rising if low >= 1.0 or not more[j]}
            for j in stuck or rising:
                # a hair less than what bisection allows, so that what is settled stays feasible
                served[j] = wants[j] if low >= 1.0 else max(0.0, low * wants[j] - 2e-10)
            rising -= stuck or set(rising)
    return served


# ---------------------------------------------------------------- the state


class ForceState:
    """A force: strength, what it received, what it lost."""

    def __init__(self, strength: float) -> None:
        self.first = self.strength = self.received = self.joined = strength
        self.coming = 0.0
        self.losses = self.killed = self.captured = self.carry = 0.0
        self.broken = False
        self.returning: dict[int, float] = {}

    def join(self, men: float) -> None:
        """Men join: they count to its strength, and to what shares lost are taken of."""
        self.strength += men
        self.joined += men


class PhaseState:
    """A phase: status, ground or work, bases of losses."""

    def __init__(self) -> None:
        self.status = "waiting"
        self.half = -1
        self.opened = self.start = self.end = self.decided = self.refit_until = -1
        self.attempts = self.work = self.ground = self.furthest = self.pause_until = self.halt_until = 0
        self.attempt_base = self.attempt_losses = self.pause_base = self.pause_losses = 0.0
        self.attempt_joined = self.pause_joined = 0.0
        self.dig, self.support, self.lost_today = 1.0, 1.0, 0.0
        self.held = self.goes = self.went = self.holds_units = self.rests = False
        self.coverage: dict[str, tuple[float, float, float]] = {}
        self.progress = 0.0


class AssetState:
    """An asset: surge bucket, strain, spells."""

    def __init__(self) -> None:
        self.bucket = self.strain = self.peak = self.flown = self.unmet = self.unmet_elsewhere = 0.0
        self.essential: list[float] = []
        self.run = self.over_days = 0
        self.binds = self.spell = -1


class History:
    """One history, day by day; each method is a step of the model card."""

    def __init__(self, scenario: Scenario, plan: Plan, seed: int, replication: int, per_world: int) -> None:
        self.s, self.plan = scenario, plan
        self.n = Numbers(scenario, seed, replication, per_world)
        self.luck = Luck(f"{seed}/luck/{replication}")
        self.chain = scenario.attrition.kind == "chain"
        self.forces = {
            k: ForceState(self.men(f.strength, f"forces.{k}.strength")) for k, f in scenario.forces.items()
        }
        self.phases = {f"{o}.{p}": PhaseState() for o, op in scenario.operations.items() for p in op.phases}
        self.assets = {k: AssetState() for k in scenario.assets}
        self.op_end: dict[str, int] = {}
        self.op_decided: dict[str, int] = {}
        self.op_status = dict.fromkeys(scenario.operations, 0)
        already = scenario.people.displaced if scenario.people is not None else {}
        self.displaced = {
            o: self.n(already[o], f"people.displaced.{o}") if o in already else 0.0
            for o in scenario.operations
        }
        self.displaced_total = dict(self.displaced)
        self.home_day: dict[str, int] = {}
        self.stocks = {k: self.n(x.stock, f"shocks.{k}.stock") for k, x in scenario.shocks.items()}
        self.carries: dict[str, float] = {}
        self.held_days: dict[int, int] = {}
        self.relief_since: dict[int, int] = {}
        self.relief_done: set[int] = set()
        self.active: set[int] = set()
        self.settled = False
        self.bad = False
        self.friction_z, self.friction = 0.0, 1.0
        self.resumes: dict[str, float] = {}
        self.abandoned: set[str] = set()
        self.stops = {o: [0, 0, 0] for o in scenario.operations}
        self.mood = dict.fromkeys(scenario.operations, 0.0)
        self.momentum = dict.fromkeys(scenario.operations, 1.0)
        self.person_days_held = 0.0
        self.person_days = self.harm = self.elsewhere_cost = self.relief_cost = 0.0
        self.through = self.directed = self.inspired = 0
        self.first_sanctuary()

    # -- helpers

    def men(self, quantity: Quantity, path: str) -> float:
        """Strength: whole in a chain."""
        value = self.n(quantity, path)
        return float(half_up(value)) if self.chain else value

    def spec(self, name: str) -> Phase:
        """The phase as written."""
        operation, phase = name.split(".")
        return self.s.operations[operation].phases[phase]

    def num(self, name: str, field: str) -> float:
        """A number of a phase."""
        operation, phase = name.split(".")
        return self.n(getattr(self.spec(name), field), f"operations.{operation}.phases.{phase}.{field}")

    def at(self, name: str) -> str:
        """Path of a phase."""
        operation, phase = name.split(".")
        return f"operations.{operation}.phases.{phase}"

    def profile(self, name: str, field: str) -> Profile:
        """A profile of a phase."""
        points = getattr(self.spec(name), field)
        return Profile([(x, self.n(y, f"{self.at(name)}.{field}.{i}.1")) for i, (x, y) in enumerate(points)])

    def whole(self, key: str, rate: float) -> float:
        """Add to a carry and take whole persons from it (all of it in a deterministic run)."""
        self.carries[key] = self.carries.get(key, 0.0) + rate
        taken = float(math.floor(self.carries[key] + 1e-9)) if self.chain else self.carries[key]
        self.carries[key] -= taken
        return taken

    def before(self, name: str) -> list[str]:
        """Phases that must be done first."""
        operation, phase = name.split(".")
        siblings = list(self.s.operations[operation].phases)
        after = self.spec(name).after
        if after is None:
            place = siblings.index(phase)
            return [f"{operation}.{siblings[place - 1]}"] if place else []
        found = []
        for ref in after:
            full = f"{operation}.{ref}" if ref in siblings else ref
            found += [p for p in self.phases if p == full or p.split(".")[0] == full]
        return found

    def meant(self, ref: str) -> list[str]:
        """Phases that a reference means."""
        return [p for p in self.phases if ref in (p, p.split(".")[0])]

    def is_open(self, calendar: str | None, t: int) -> bool:
        """Whether a calendar is open on a day; without one every day is."""
        if calendar is None:
            return True
        spec, date = self.s.calendars[calendar], dt.date.fromordinal(self.n.start + t)
        if any(first <= date <= last for first, last in spec.open):
            return True
        if any(first <= date <= last for first, last in spec.closed):
            return False
        return date.strftime("%A")[:3].lower() in spec.works

    def resting(self, name: str, t: int) -> bool:
        """Whether an open phase rests today."""
        spec = self.spec(name)
        whole = [self.s.assets[a] for a in spec.demand if self.s.assets[a].sharing == "whole"]
        return not all(self.is_open(keeper.calendar, t) for keeper in [spec, *whole])

    def seal(self, force: str) -> float:
        """Tightest seal of a force by open and done phases."""
        seals = [0.0]
        for name, state in self.phases.items():
            spec = self.spec(name)
            if (spec.seals_off or spec.adversary) == force and state.status in ("open", "done"):
                seals.append(self.num(name, "seals"))
        return max(seals)

    def attacked(self, force: str) -> bool:
        """Whether an open contested phase has the unbroken force as adversary."""
        return not self.forces[force].broken and any(
            st.status == "open" and self.spec(n).kind == "contested" and self.spec(n).adversary == force
            for n, st in self.phases.items()
        )

    def op_progress(self, operation: str) -> float:
        """Progress of an operation, weighted."""
        names = [f"{operation}.{p}" for p in self.s.operations[operation].phases]
        weight = {}
        for name in names:
            spec = self.spec(name)
            if spec.weight is not None:
                weight[name] = self.num(name, "weight")
            elif spec.kind == "contested":
                weight[name] = self.num(name, "depth") if spec.depth is not None else 1.0
        if not weight:
            weight = {name: self.num(name, "duration") for name in names}
            if sum(weight.values()) == 0:
                weight = dict.fromkeys(names, 1.0)
        return sum(w * self.phases[n].progress for n, w in weight.items()) / sum(weight.values())

    # -- step 0

    def arrivals(self, t: int) -> None:
        for key, force in self.forces.items():
            spec = self.s.forces[key]
            force.join(force.returning.pop(t, 0.0))
            force.coming = 0.0
            for i, arrival in enumerate(spec.arrivals):
                path = f"forces.{key}.arrivals.{i}"
                first, over = self.n.date(arrival.on, f"{path}.on"), self.n.days(arrival.over, f"{path}.over")
                if not first <= t < first + max(1, over):
                    continue
                men = self.men(arrival.strength, f"{path}.strength")
                if over > 0:
                    before, after = (men * k / over for k in (t - first, t - first + 1))
                    if self.chain:
                        before, after = math.floor(before + 1e-9), math.floor(after + 1e-9)
                    men = after - before
                    force.coming += men
                force.join(men)
                force.received += men
            rate = self.n(spec.replacements, f"forces.{key}.replacements")
            if rate > 0:
                coming = self.whole(f"force/{key}", rate)
                force.join(min(coming, max(0.0, force.received - force.strength)))

    # -- step 1

    def atom(self, c: Condition, path: str, t: int) -> bool:
        if c.date is not None:
            return t >= self.n.date(c.date, f"{path}.date")
        if c.after is not None:
            delay = self.n.days(c.delay, f"{path}.delay")
            if "." in c.after:
                state = self.phases[c.after]
                return state.status == "done" and t >= state.end + delay
            return c.after in self.op_end and t >= self.op_end[c.after] + delay
        if c.progress is not None:
            value = self.phases[c.progress].progress if "." in c.progress else self.op_progress(c.progress)
        elif c.suspended is not None:
            return c.suspended in self.resumes
        elif c.losses is not None:
            force = self.forces[c.losses]
            value = force.losses / max(force.joined, 1.0)
        else:
            value = self.assets[str(c.strain)].strain
        if c.at_least is not None:
            return value >= self.n(c.at_least, f"{path}.at_least")
        if c.above is not None:
            return value > self.n(c.above, f"{path}.above")
        assert c.below is not None
        return value < self.n(c.below, f"{path}.below")

    def truth(self, c: Condition, path: str, t: int) -> bool:
        """Truth of a condition today; every atom counts its days, whatever its siblings say."""
        if c.all is not None:
            return all([self.truth(part, f"{path}.{i}", t) for i, part in enumerate(c.all)])  # noqa: C419 -- all must count
        if c.any is not None:
            return any([self.truth(part, f"{path}.{i}", t) for i, part in enumerate(c.any)])  # noqa: C419 -- all must count
        self.held_days[id(c)] = self.held_days.get(id(c), 0) + 1 if self.atom(c, path, t) else 0
        return self.held_days[id(c)] >= self.n.days(c.for_, f"{path}.for")

    def begin(self, name: str) -> None:
        state, spec = self.phases[name], self.spec(name)
        state.status = "open"
        state.attempts += 1
        state.pause_until = state.halt_until = 0
        if spec.own is not None:
            own = self.forces[spec.own]
            state.attempt_base = state.pause_base = own.strength
            state.attempt_joined = state.pause_joined = own.joined
            state.attempt_losses = state.pause_losses = 0.0

    def open_contested(self, operation: str) -> list[str]:
        """Contested phases of an operation that are open."""
        return [
            name
            for name, state in self.phases.items()
            if name.split(".")[0] == operation
            and state.status == "open"
            and self.spec(name).kind == "contested"
        ]

    def dig_in(self, name: str, t: int) -> None:
        spec = self.spec(name).dig_in
        if spec is not None:
            rate = self.n(spec.rate, f"{self.at(name)}.dig_in.rate")
            most = self.n(spec.most, f"{self.at(name)}.dig_in.most")
            self.phases[name].dig = 1 + min(most - 1, rate * t)

    def gates(self, t: int) -> None:
        plan = self.plan
        gate: dict[str, bool] = {}
        hold: dict[str, bool] = {}
        stop: dict[str, bool] = {}
        for ref, c in plan.gates.items():
            gate[self.meant(ref)[0]] = self.truth(c, f"plan.gates.{ref}", t)
        for table, given, key in ((hold, plan.holds, "holds"), (stop, plan.stops, "stops")):
            for ref, c in given.items():
                holds = self.truth(c, f"plan.{key}.{ref}", t)
                for name in self.meant(ref):
                    table[name] = holds
        for o in [o for o, until in self.resumes.items() if t >= until]:
            del self.resumes[o]
            for name in self.open_contested(o):
                if o in self.abandoned:
                    self.phases[name].status, self.phases[name].decided = "failed", t
                else:
                    self.dig_in(name, t)
        again = True
        while again:
            again = False
            for name, state in self.phases.items():
                spec = self.spec(name)
                if state.status == "waiting":
                    ready = all(self.phases[b].status == "done" for b in self.before(name)) and gate.get(
                        name, True
                    )
                    if not ready:
                        continue
                    state.opened = t
                    self.dig_in(name, t)
                    self.begin(name)
                    if not self.whole_needs(name) and spec.calendar is None:
                        state.start = t
                    if spec.kind == "task" and half_up(1e6 * self.num(name, "duration")) == 0:
                        state.status, state.end, state.progress = "done", t, 1.0
                        state.decided = t
                        state.start = t if state.start < 0 else state.start
                        again = True
                        break
                elif state.status == "refitting" and t >= state.refit_until:
                    self.begin(name)
        for name, state in self.phases.items():
            state.held = False
            if state.status != "open":
                continue
            if stop.get(name, False):
                state.status, state.decided = "failed", t
                continue
            own = self.spec(name).own
            if t == state.pause_until and own is not None:
                state.pause_base, state.pause_losses = self.forces[own].strength, 0.0
                state.pause_joined = self.forces[own].joined
            state.held = t < state.pause_until or hold.get(name, False)
            state.held |= self.spec(name).kind == "contested" and name.split(".")[0] in self.resumes
            state.rests = self.resting(name, t)
            if not state.rests and not self.whole_needs(name) and state.start < 0:
                state.start = t

    def relief(self, t: int) -> None:
        self.surge_barred = {r.asset for r in self.plan.relief if r.action == "surge"}
        self.active = set()
        for i, action in enumerate(self.plan.relief):
            path = f"plan.relief.{i}"
            holds = action.when is None or self.truth(action.when, f"{path}.when", t)
            release = action.release is not None and self.truth(action.release, f"{path}.release", t)
            if action.action == "surge":
                if holds:
                    self.surge_barred.discard(action.asset)
                continue
            if holds:
                self.relief_since.setdefault(i, t)
            if i not in self.relief_since or i in self.relief_done or self.settled:
                continue
            if release:
                self.relief_done.add(i)
                continue
            begin = self.relief_since[i] + self.n.days(action.delay, f"{path}.delay")
            end = math.inf if action.lasts is None else begin + self.n.days(action.lasts, f"{path}.lasts")
            if begin <= t < end:
                self.active.add(i)
                self.relief_cost += self.n(action.cost, f"{path}.cost") * self.amount(i)

    def amount(self, i: int) -> float:
        """Amount of a relief action."""
        amount = self.plan.relief[i].amount
        return 0.0 if amount is None else self.n(amount, f"plan.relief.{i}.amount")

    # -- step 2

    def common_causes(self, t: int) -> None:
        weather, friction = self.s.weather, self.s.friction
        if weather is not None:
            b = self.n(weather.bad_share, "weather.bad_share")
            phi = self.n(weather.persistence, "weather.persistence")
            limit = b if t == 0 else b + phi * (1 - b) if self.bad else b * (1 - phi)
            self.bad = self.luck.random.random() < limit
        if friction is not None:
            s = math.log(self.n(friction.spread, "friction.spread")) / 1.2815515655446004
            phi = self.n(friction.persistence, "friction.persistence") if t > 0 else 0.0
            self.friction_z = phi * self.friction_z + math.sqrt(1 - phi * phi) * self.luck.random.gauss(0, 1)
            self.friction = math.exp(s * self.friction_z - s * s / 2)
        momentum = self.s.momentum
        if momentum is not None and t % self.n.days(momentum.block, "momentum.block") == 0:
            block = t // self.n.days(momentum.block, "momentum.block")
            s = math.log(self.n(momentum.spread, "momentum.spread")) / 1.2815515655446004
            phi = self.n(momentum.persistence, "momentum.persistence") if block > 0 else 0.0
            for o in self.s.operations:
                e = self.n.score(f"momentum/{o}/{block}")
                self.mood[o] = phi * self.mood[o] + math.sqrt(1 - phi * phi) * e
                self.momentum[o] = math.exp(s * self.mood[o] - s * s / 2)

    # -- steps 3 to 6

    def pools(
        self, asset: str, t: int, *, heed_calendars: bool = True
    ) -> list[tuple[float, float, list[str]]]:
        """Sustained and surge output of each pool present, and whom it may not serve."""
        spec = self.s.assets[asset]
        factor = (
            1.0 if spec.surge_factor is None else self.n(spec.surge_factor, f"assets.{asset}.surge_factor")
        )
        found: list[tuple[float, float, list[str]]] = []
        listed = [(i, c) for i, c in enumerate(self.s.contributions) if c.asset == asset]
        for i, c in listed:
            path = f"contributions.{i}"
            arrives = -math.inf if c.arrives is None else self.n.date(c.arrives, f"{path}.arrives")
            departs = math.inf if c.departs is None else self.n.date(c.departs, f"{path}.departs")
            if arrives <= t < departs and (self.is_open(c.calendar, t) or not heed_calendars):
                able = self.n(c.count, f"{path}.count") * self.n(c.mission_capable, f"{path}.mission_capable")
                sustained = self.n(c.sustained, f"{path}.sustained")
                surge = factor * sustained if c.surge is None else self.n(c.surge, f"{path}.surge")
                found.append((able * sustained, able * surge, c.not_for))
        if not listed:
            direct = spec.units if spec.sharing == "whole" else spec.capacity
            if direct is not None:
                k = self.n(direct, f"assets.{asset}.capacity")
                found.append((k, factor * k, []))
        return found

    def closed_by_calendar(self, asset: str, t: int, lent: float) -> bool:
        """Whether an asset is closed: it gives nothing today and would give something but for calendars."""
        spec = self.s.assets[asset]
        if spec.sharing == "whole":
            return not self.is_open(spec.calendar, t)
        there = sum(p[0] for p in self.pools(asset, t)) + lent if self.is_open(spec.calendar, t) else 0.0
        without_calendars = sum(p[0] for p in self.pools(asset, t, heed_calendars=False)) + lent
        return there <= 0 < without_calendars

    def whole_needs(self, name: str) -> dict[str, float]:
        """Units of whole assets that a phase needs."""
        found = {}
        for asset, demand in self.spec(name).demand.items():
            if self.s.assets[asset].sharing == "whole" and demand.units is not None:
                found[asset] = self.n(demand.units, f"{self.at(name)}.demand.{asset}.units")
        return found

    def enemies_met(self, name: str, users: int, at_day_end: bool = False) -> float:
        """Engaged adversary fighters, as the day begins or with all who come today."""
        force = self.forces[str(self.spec(name).adversary)]
        there = max(0.0, force.strength - (0.0 if at_day_end else force.coming))
        if force.broken or there <= 0:
            return 0.0
        y = self.profile(name, "commit").at(self.phases[name].ground / 1e9) * there / max(1, users)
        return min(float(math.ceil(y)), there) if self.chain else y

    def attackers(self, name: str, users: int, at_day_end: bool = False) -> float:
        """Engaged own fighters, as the day begins or with all who come today."""
        spec = self.spec(name)
        force = self.forces[str(spec.own)]
        there = max(0.0, force.strength - (0.0 if at_day_end else force.coming))
        frontage = math.inf if spec.frontage is None else self.num(name, "frontage")
        x = min(self.num(name, "engaged") * there / max(1, users), frontage)
        return min(float(math.ceil(x)), there) if self.chain else x

    def sharing(self, side: str, force: str, who: list[str]) -> int:
        """How many of these phases share a force."""
        return sum(getattr(self.spec(n), side) == force for n in who)

    def allocate(self, t: int) -> None:
        open_phases = [n for n, st in self.phases.items() if st.status == "open"]
        at_work = [n for n in open_phases if not self.phases[n].rests]
        fighting = [n for n in at_work if self.spec(n).kind == "contested" and not self.phases[n].held]
        contact = {
            n: self.enemies_met(n, self.sharing("adversary", str(self.spec(n).adversary), fighting))
            for n in fighting
        }
        tier = {ref: i for i, refs in enumerate(self.plan.tiers) for ref in refs}
        last = len(self.plan.tiers)
        for name in open_phases:
            self.phases[name].goes = not self.phases[name].rests
            self.phases[name].coverage = {}
        asking = [n for n in open_phases if n in at_work or self.phases[n].holds_units]  # of whole assets
        self.claim_whole(open_phases, t)
        self.essential_today = {}
        self.capacity_today = {}
        self.flown_today = {}
        self.counts_today = {}
        for asset, spec in self.s.assets.items():
            state = self.assets[asset]
            path = f"assets.{asset}"
            essential = 0.0
            idle_users = [n for n in open_phases if asset in self.spec(n).demand and self.phases[n].rests]
            called_for = False
            if spec.sharing == "whole":
                for name in asking:
                    units = self.whole_needs(name).get(asset)
                    if units is not None:
                        called_for = called_for or units > 0
                        share = self.n(
                            self.spec(name).demand[asset].essential,
                            f"{self.at(name)}.demand.{asset}.essential",
                        )
                        essential += share * units
                        got = units if self.phases[name].holds_units else 0.0
                        state.flown += got
                        state.unmet += units - got
                self.essential_today[asset] = essential
                closed = self.closed_by_calendar(asset, t, 0.0)
                self.counts_today[asset] = not closed and (called_for or not idle_users)
                k = float(math.floor(sum(p[0] for p in self.pools(asset, t)) + 1e-9))
                self.capacity_today[asset] = (k, k)
                continue
            pools = self.pools(asset, t)
            lent = sum(self.amount(i) for i in self.active if self.is_relief(i, "lend", asset))
            closed = self.closed_by_calendar(asset, t, lent)
            if not self.is_open(spec.calendar, t):
                pools, lent = [], 0.0
            k = sum(p[0] for p in pools) + lent
            peak = sum(p[1] for p in pools) + lent
            sigma = max(1.0, peak / k) if k > 0 else 1.0
            ready = k
            if asset not in self.surge_barred:
                most = self.n(spec.surge_days, f"{path}.surge_days") * (sigma - 1) * k
                ready = min(sigma * k, k + max(0.0, most - state.bucket))
            omega = self.n(spec.weather, f"{path}.weather")
            if self.bad:
                ready *= omega
            idle = (
                self.n(self.plan.reserves[asset], f"plan.reserves.{asset}")
                if asset in self.plan.reserves
                else 0.0
            )
            for i in self.active:
                if self.is_relief(i, "reserve", asset):
                    idle += self.amount(i)
                if self.is_relief(i, "pre_position", asset):
                    meant = self.meant(str(self.plan.relief[i].to))
                    if all(self.phases[n].status == "waiting" for n in meant):
                        idle += self.amount(i)
            ready = max(0.0, ready - idle)
            b = self.n(self.s.weather.bad_share, "weather.bad_share") if self.s.weather is not None else 0.0
            self.capacity_today[asset] = (k, k * (1 - b * (1 - omega)))
            # demand
            wants: dict[str, float] = {}
            usable: dict[str, float] = {}
            transfer = self.n.days(spec.transfer, f"{path}.transfer")
            for name in at_work:
                if asset not in self.spec(name).demand:
                    continue
                demand, here = self.spec(name).demand[asset], f"{self.at(name)}.demand.{asset}"
                wants[name] = self.n(demand.base, f"{here}.base")
                wants[name] += self.n(demand.per_contact, f"{here}.per_contact") * contact.get(name, 0.0)
                essential += self.n(demand.essential, f"{here}.essential") * wants[name]
                usable[name] = 0.0 if t - self.phases[name].opened < transfer else wants[name]
            early = dict.fromkeys(wants, 0.0)
            for i, action in enumerate(self.plan.relief):
                if (
                    i not in self.active
                    or action.asset != asset
                    or action.action not in ("reallocate", "pre_position")
                ):
                    continue
                left = self.amount(i)
                for name in self.meant(str(action.to)):
                    if name not in wants:
                        continue
                    table = usable if action.action == "pre_position" else early
                    take = min(left, wants[name] - table[name])
                    table[name] += take
                    left -= take
            rest = 0.0
            if spec.elsewhere is not None:
                rest = self.n(spec.elsewhere.demand, f"{path}.elsewhere.demand")
                share = self.n(spec.elsewhere.essential, f"{path}.elsewhere.essential")
                essential += share * rest
            called_for = rest > 0 or any(want > 0 for want in wants.values())
            self.counts_today[asset] = not closed and (called_for or not idle_users)
            # consumers: early part, rest of the demand, elsewhere
            who = [*wants, *wants, "elsewhere"]
            amounts = [min(early[n], usable[n]) for n in wants]
            amounts += [usable[n] - min(early[n], usable[n]) for n in wants] + [rest]
            tiers = [-1] * len(wants) + [tier.get(n, tier.get(n.split(".")[0], last)) for n in wants]
            tiers += [tier.get("elsewhere", last)]
            supplies = [p[0] for p in pools] + [lent]
            bars = [p[2] for p in pools] + [[]]
            scale = ready / k if k > 0 else 0.0
            allowed = [[n not in bar and n.split(".")[0] not in bar for bar in bars] for n in who]
            got = fair_shares([x * scale for x in supplies], amounts, tiers, allowed)
            served = {n: got[i] + got[len(wants) + i] for i, n in enumerate(wants)}
            elastic = self.n(spec.elastic, f"{path}.elastic")
            for name, want in wants.items():
                c0 = served[name] / want if want > 0 else 1.0
                c = min(1.0, elastic * c0) if want > 0 else 1.0
                self.phases[name].coverage[asset] = (served[name], c0, c)
            flown = sum(served.values()) + got[-1]
            state.flown += flown
            self.flown_today[asset] = flown
            state.unmet += max(0.0, sum(wants.values()) - sum(served.values()))
            state.unmet_elsewhere += max(0.0, rest - got[-1])
            if spec.elsewhere is not None:
                cost = self.n(spec.elsewhere.cost, f"{path}.elsewhere.cost")
                self.elsewhere_cost += cost * max(0.0, share * rest - got[-1])
            self.essential_today[asset] = essential
        for name in open_phases:
            self.support_of(name)

    def is_relief(self, i: int, action: str, asset: str) -> bool:
        """Whether relief i is such an action for the asset."""
        return self.plan.relief[i].action == action and self.plan.relief[i].asset == asset

    def claim_whole(self, open_phases: list[str], t: int) -> None:
        free = {
            a: float(math.floor(sum(p[0] for p in self.pools(a, t)) + 1e-9))
            for a, spec in self.s.assets.items()
            if spec.sharing == "whole"
        }
        order = [n for ref in self.plan.priority for n in self.meant(ref)]
        order += [n for n in self.phases if n not in order]
        wanting = [n for n in order if n in open_phases and self.whole_needs(n)]
        holding = [n for n in wanting if self.phases[n].holds_units]
        wanting = [n for n in wanting if n in holding or not self.phases[n].rests]
        for name in holding + [n for n in wanting if n not in holding]:
            state, needs = self.phases[name], self.whole_needs(name)
            fits = all(free[a] >= units for a, units in needs.items())
            state.holds_units = fits
            state.goes = fits and not state.rests
            if fits:
                for a, units in needs.items():
                    free[a] -= units
                if state.start < 0:
                    state.start = t

    def support_of(self, name: str) -> None:
        state, spec = self.phases[name], self.spec(name)
        support = 1.0
        for asset, weight in spec.dependence.items():
            _, _, c = self.coverage(name, asset)
            support *= 1 - self.n(weight, f"{self.at(name)}.dependence.{asset}") * (1 - c)
        for asset, least in spec.minimum_coverage.items():
            if self.coverage(name, asset)[2] < self.n(least, f"{self.at(name)}.minimum_coverage.{asset}"):
                state.goes = False
        if state.held:
            state.goes = False
        state.support = support

    def coverage(self, name: str, asset: str) -> tuple[float, float, float]:
        """Served, raw and effective coverage; whole assets are covered where held."""
        if self.s.assets[asset].sharing == "whole":
            held = 1.0 if self.phases[name].holds_units else 0.0
            return 0.0, held, held
        return self.phases[name].coverage.get(asset, (0.0, 1.0, 1.0))

    # -- step 7

    def lose(self, key: str, men: float, t: int) -> float:
        force, spec = self.forces[key], self.s.forces[key]
        men = min(men, force.strength)
        if men <= 0:
            return 0.0
        share = self.n(spec.killed, f"forces.{key}.killed")
        back = self.n(spec.returns, f"forces.{key}.returns")
        killed: float = self.luck.binomial(int(men), share) if self.chain else men * share
        returning: float = (
            self.luck.binomial(int(men - killed), back) if self.chain else (men - killed) * back
        )
        force.strength -= men
        force.losses += men
        force.killed += killed
        if returning > 0:
            day = t + min(max(1, self.n.days(spec.return_after, f"forces.{key}.return_after")), 200)
            force.returning[day] = force.returning.get(day, 0.0) + returning
        return men

    def contest(self, t: int) -> None:
        going = [n for n, st in self.phases.items() if st.status == "open" and st.goes]
        for name, state in self.phases.items():
            state.went = name in going
            state.lost_today = 0.0
        shares = {
            n: (
                self.sharing(
                    "own", str(self.spec(n).own), [g for g in going if self.spec(g).kind == "contested"]
                ),
                self.sharing(
                    "adversary",
                    str(self.spec(n).adversary),
                    [g for g in going if self.spec(g).kind == "contested"],
                ),
            )
            for n in going
            if self.spec(n).kind == "contested"
        }
        for name in going:
            if self.spec(name).kind == "task":
                state = self.phases[name]
                state.work += half_up(1e6 * state.support ** self.num(name, "support_exponent"))
                state.progress = min(1.0, state.work / half_up(1e6 * self.num(name, "duration")))
            else:
                self.fight(name, shares[name], t)

    def fight(self, name: str, shares: tuple[int, int], t: int) -> None:
        state, spec = self.phases[name], self.spec(name)
        own = self.forces[str(spec.own)]
        frontage = math.inf if spec.frontage is None else self.num(name, "frontage")
        x, y = self.attackers(name, shares[0]), self.enemies_met(name, shares[1])
        coming = (
            self.attackers(name, shares[0], at_day_end=True) - x,
            self.enemies_met(name, shares[1], at_day_end=True) - y,
        )
        h = 1.0
        if spec.advisers is not None:
            raises = self.n(spec.advisers.raises, f"{self.at(name)}.advisers.raises")
            h += raises * self.coverage(name, spec.advisers.asset)[2]
        support = state.support
        if spec.depth is not None and t >= state.halt_until:
            before = state.ground
            self.advance(name, h * x / max(y, 1.0), y)
            if state.half < 0 and before < 5 * 10**8 <= state.ground:
                state.half = t + 1
        self.displace(name)
        if x + coming[0] <= 0 or y + coming[1] <= 0:
            return
        if spec.reference is not None:
            xr = self.n(spec.reference.own, f"{self.at(name)}.reference.own")
            yr = self.n(spec.reference.adversary, f"{self.at(name)}.reference.adversary")
        else:
            xr = min(self.num(name, "engaged") * own.first, frontage)
            yr = self.profile(name, "commit").at(0.0) * self.forces[str(spec.adversary)].first
        if spec.law == "bracken":
            p, q = spec.law_parameters["p"], spec.law_parameters["q"]
            q1, p1, q2, p2 = q, p, q, p
        elif spec.law == "helmbold":
            w = spec.law_parameters["w"]
            q1, p1, q2, p2 = 1 - w, w, 1 - w, w
        else:
            q1, p1, q2, p2 = LAWS[spec.law]
        low = max(support, 0.01)
        a = self.num(name, "own_loss") * xr * low ** -self.num(name, "own_loss_support")
        b = h * self.num(name, "adversary_loss") * yr * low ** self.num(name, "adversary_loss_support")

        def rates(u: float, v: float) -> tuple[float, float]:
            if u < 0 or v < 0:
                return 0.0, 0.0
            return a * (u / xr) ** q1 * (v / yr) ** p1, b * (v / yr) ** q2 * (u / xr) ** p2

        fight = self.chain_fight if self.chain else self.smooth_fight
        lost = fight(x, y, coming, rates)
        state.lost_today = self.lose(str(spec.own), lost[0], t)
        self.lose(str(spec.adversary), lost[1], t)

    def advance(self, name: str, ratio: float, y: float) -> None:
        state, spec = self.phases[name], self.spec(name)
        z = state.ground / 1e9
        depth, tempo = self.num(name, "depth"), self.num(name, "tempo")
        top = 10 * tempo if spec.top_speed is None else self.num(name, "top_speed")
        if y <= 0:
            z += top / depth
        else:
            v = tempo / state.dig * state.support ** self.num(name, "support_exponent") * self.friction
            v *= self.momentum[name.split(".")[0]]
            v *= (ratio / self.num(name, "reference_ratio")) ** self.num(name, "ratio_exponent")
            if self.bad and self.s.weather is not None:
                v *= self.n(self.s.weather.tempo, "weather.tempo")
            resistance = self.profile(name, "resistance")
            mean = resistance.integral(1.0)
            v = min(v, top * resistance.at(z) / mean)
            z = resistance.inverse(resistance.integral(z) + mean * v / depth)
        state.ground = max(state.ground, min(10**9, half_up(1e9 * z)))
        state.progress = state.ground / 1e9

    def smooth_fight(
        self, x: float, y: float, coming: tuple[float, float], rates: Any
    ) -> tuple[float, float]:
        """Losses of the day by the differential equations."""
        steps = self.s.attrition.steps
        h = 1 / steps
        start = np.array([x, y])
        flow = np.array(coming)
        now = start

        def slope(z: np.ndarray) -> np.ndarray:
            return flow - np.array(rates(z[0], z[1]))

        for step in range(1, steps + 1):
            k1 = slope(now)
            k2 = slope(now + h / 2 * k1)
            k3 = slope(now + h / 2 * k2)
            k4 = slope(now + h * k3)
            now = now + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            if min(now) <= 0:
                lost = start + flow * step * h - np.maximum(now, 0.0)
                return float(lost[0]), float(lost[1])
        lost = start + flow - now
        return float(lost[0]), float(lost[1])

    def chain_fight(self, x: float, y: float, coming: tuple[float, float], rates: Any) -> tuple[float, float]:
        """Losses of the day, one by one or in leaps; all who come are known with the moments at which they do."""
        due = [deque((j - 0.5) / n for j in range(1, int(n) + 1)) for n in coming]
        sides, lost = [x, y], [0.0, 0.0]
        s = 0.0

        def rates_now() -> tuple[float, float]:
            return rates(*sides) if min(sides) > 0 else (0.0, 0.0)

        def let_in(until: float) -> None:
            for i in (0, 1):
                while due[i] and due[i][0] <= until:
                    due[i].popleft()
                    sides[i] += 1

        def leap(half: float, means: tuple[float, float], until: float) -> None:
            let_in(until)
            for i in (0, 1):
                gone = min(sides[i], self.luck.poisson(max(0.0, means[i]) * half))
                sides[i] -= gone
                lost[i] += gone

        while s < 1:
            a, b = rates_now()
            if (a + b) * (1 - s) <= self.s.attrition.exact_up_to or min(sides) <= 20:
                arrives = min([moments[0] for moments in due if moments], default=math.inf)
                falls = s + self.luck.random.expovariate(a + b) if a + b > 0 else math.inf
                s = min(arrives, falls)
                if s >= 1:
                    break
                if arrives <= falls:
                    let_in(s)
                else:
                    side = 0 if self.luck.random.random() < a / (a + b) else 1
                    sides[side] -= 1
                    lost[side] += 1
                continue
            fastest = max(a / sides[0], b / sides[1], coming[0] / sides[0], coming[1] / sides[1])
            n = max(1, math.ceil((1 - s) * fastest / 0.01))
            half = (1 - s) / n / 2
            leap(half, (a, b), s + half)
            a2, b2 = rates_now()
            s = 1.0 if n == 1 else s + 2 * half
            leap(half, (2 * a2 - a, 2 * b2 - b), s)
        return lost[0], lost[1]

    def displace(self, name: str) -> None:
        if self.s.people is None:
            return
        state, people = self.phases[name], self.profile(name, "people")
        if state.ground > state.furthest:
            passed = people.at(state.ground / 1e9) - people.at(state.furthest / 1e9)
            state.furthest = state.ground
            fled = self.n(self.s.people.flee, "people.flee") * passed
            operation = name.split(".")[0]
            self.displaced[operation] += fled
            self.displaced_total[operation] += fled
            self.harm += self.n(self.s.people.harm, "people.harm") * passed
        if people.at(1.0) > 0:
            for asset, each in self.s.people.harm_per_unit.items():
                if asset in self.spec(name).demand:
                    served, c0, c = self.coverage(name, asset)
                    if c0 > 0:
                        self.harm += self.n(each, f"people.harm_per_unit.{asset}") * served * c / c0

    # -- step 8

    def shocks(self, t: int) -> None:
        for key, shock in self.s.shocks.items():
            path = f"shocks.{key}"
            for ref in shock.phases:
                for name in self.meant(ref):
                    state, spec = self.phases[name], self.spec(name)
                    if not state.went or spec.kind != "contested":
                        continue
                    enemy = self.forces[str(spec.adversary)]
                    if enemy.broken or enemy.strength <= 0 or self.stocks[key] < 1:
                        continue
                    rate = self.n(shock.rate, f"{path}.rate")
                    if shock.dispersion is None:
                        launched = self.luck.poisson(rate)
                    else:
                        launched = self.luck.negative_binomial(
                            rate, self.n(shock.dispersion, f"{path}.dispersion")
                        )
                    launched = min(launched, math.floor(self.stocks[key]))
                    self.stocks[key] -= launched
                    stopped = 0
                    if shock.interdiction is not None and shock.interdiction.asset in spec.demand:
                        full = self.n(shock.interdiction.at_full_cover, f"{path}.interdiction.at_full_cover")
                        stopped = self.luck.binomial(
                            launched, full * self.coverage(name, shock.interdiction.asset)[2]
                        )
                    hits = launched - stopped
                    if hits == 0:
                        continue
                    self.through += hits
                    hurt = self.luck.poisson(self.n(shock.casualties, f"{path}.casualties") * hits)
                    state.lost_today += self.lose(str(spec.own), hurt, t)
                    if self.luck.random.random() < 1 - (1 - self.n(shock.halt, f"{path}.halt")) ** hits:
                        until = t + 1 + self.n.days(shock.halts_for, f"{path}.halts_for")
                        state.halt_until = max(state.halt_until, until)
            made_key = f"shock/{key}"
            self.carries[made_key] = self.carries.get(made_key, 0.0) + self.n(
                shock.produced, f"{path}.produced"
            )
            made = math.floor(self.carries[made_key] + 1e-9)
            self.carries[made_key] -= made
            self.stocks[key] += made

    # -- step 9

    def conclude(self, t: int) -> None:
        for name, state in self.phases.items():
            if not state.went:
                continue
            spec = self.spec(name)
            if spec.kind == "task":
                done = state.work >= half_up(1e6 * self.num(name, "duration"))
            else:
                state.attempt_losses += state.lost_today
                state.pause_losses += state.lost_today
                own, enemy = self.forces[str(spec.own)], self.forces[str(spec.adversary)]
                limit = self.n(
                    self.s.forces[str(spec.adversary)].breaks_at, f"forces.{spec.adversary}.breaks_at"
                )
                if enemy.strength <= 0 or enemy.losses >= limit * enemy.joined:
                    enemy.broken = True
                limit = self.n(self.s.forces[str(spec.own)].breaks_at, f"forces.{spec.own}.breaks_at")
                base = state.attempt_base + own.joined - state.attempt_joined
                if not enemy.broken and (own.strength <= 0 or state.attempt_losses >= limit * base):
                    self.fail(name, t)
                    continue
                done = state.ground >= 10**9 if spec.depth is not None else enemy.broken
            if done:
                state.status, state.end, state.progress = "done", t + 1, 1.0
                state.decided = t + 1
                if spec.ending is not None:
                    self.end_site(name)
                continue
            if spec.pause is not None:
                share = self.n(spec.pause.after_losses, f"{self.at(name)}.pause.after_losses")
                own = self.forces[str(spec.own)]
                if state.pause_losses >= share * (state.pause_base + own.joined - state.pause_joined):
                    state.pause_until = t + 1 + self.n.days(spec.pause.lasts, f"{self.at(name)}.pause.lasts")
            hazard = self.num(name, "stop_hazard")
            if hazard > 0 and self.luck.random.random() < hazard:
                state.status, state.decided = "failed", t + 1
        for o, operation in self.s.operations.items():
            self.suspend(o, operation.suspension, t)

    def suspend(self, o: str, spec: Suspension | None, t: int) -> None:
        self.stops[o][2] += o in self.resumes
        fighting = [name for name in self.open_contested(o) if self.phases[name].went]
        if spec is None or o in self.resumes or not fighting:
            return
        path = f"operations.{o}.suspension"
        short = self.n(spec.short, f"{path}.short") * (
            1 - min(self.phases[name].support for name in fighting)
        )
        u = self.luck.random.random()
        if u >= short + self.n(spec.onset, f"{path}.onset"):
            return
        self.stops[o][0] += 1
        self.stops[o][1] += u < short
        if self.luck.random.random() < self.n(spec.final, f"{path}.final"):
            for name in self.open_contested(o):
                self.phases[name].status, self.phases[name].decided = "failed", t + 1
            return
        z = self.luck.random.gauss(0, 1) / 1.2815515655446004
        lasts = half_up(self.n(spec.lasts, f"{path}.lasts") * self.n(spec.spread, f"{path}.spread") ** z)
        patience = math.inf
        if o in self.plan.patience:
            patience = self.n.days(self.plan.patience[o], f"plan.patience.{o}")
        if lasts > patience:
            self.abandoned.add(o)
        self.resumes[o] = t + 1 + max(1, min(lasts, patience))

    def fail(self, name: str, t: int) -> None:
        state = self.phases[name]
        state.ground = half_up(state.ground * (1 - self.num(name, "ground_lost")))
        state.progress = state.ground / 1e9
        failure = self.plan.failures.get(name) or self.plan.failures.get(name.split(".")[0])
        if failure is not None and failure.then == "retry" and state.attempts < failure.tries:
            state.status = "refitting"
            state.refit_until = t + 1 + self.n.days(failure.refit, f"plan.failures.{name}.refit")
        else:
            state.status, state.decided = "failed", t + 1

    def end_site(self, name: str) -> None:
        spec = self.spec(name)
        assert spec.ending is not None
        enemy = self.forces[str(spec.adversary)]
        give_up = self.n(spec.ending.surrender, f"{self.at(name)}.ending.surrender")
        out = self.n(spec.ending.escape, f"{self.at(name)}.ending.escape") * (
            1 - self.seal(str(spec.adversary))
        )
        surrendered: float = (
            self.luck.binomial(int(enemy.strength), give_up) if self.chain else enemy.strength * give_up
        )
        rest = enemy.strength - surrendered
        escaped: float = self.luck.binomial(int(rest), out) if self.chain else rest * out
        enemy.captured += enemy.strength - escaped
        enemy.strength, enemy.broken = 0.0, True
        if spec.ending.to is not None:
            self.forces[spec.ending.to].join(escaped)
            self.forces[spec.ending.to].received += escaped

    # -- steps 10 to 12

    def adversary(self) -> None:
        for i, move in enumerate(self.s.adversary.moves):
            path = f"adversary.moves.{i}"
            sender, to = self.forces[move.from_], self.forces[move.to]
            if sender.broken or not self.attacked(move.to):
                continue
            flow = self.n(move.rate, f"{path}.rate") * (1 - self.seal(move.to)) * (1 - self.seal(move.from_))
            if self.attacked(move.from_):
                flow *= 1 - self.n(move.pinned, f"{path}.pinned")
            men = self.whole(f"move/{i}", flow)
            men = min(men, max(0.0, sender.strength - self.n(move.keep, f"{path}.keep") * sender.first))
            if self.chain:
                men = float(math.floor(men))
            sender.strength -= men
            to.join(men)
            to.received += men
        for i, item in enumerate(self.s.adversary.replacements):
            path = f"adversary.replacements.{i}"
            force = self.forces[item.force]
            if force.broken:
                continue
            rate = self.n(item.rate, f"{path}.rate") * (1 - self.seal(item.force))
            first = self.n(self.s.adversary.revenue, "adversary.revenue")
            funded = self.n(item.funded, f"{path}.funded")
            if funded > 0 and first > 0:
                rate *= (self.revenue / first) ** funded
            men = self.whole(f"replacement/{i}", rate)
            force.join(men)
            force.received += men

    def people(self, t: int) -> None:
        for operation in self.displaced:
            if operation in self.home_day and t + 1 >= self.home_day[operation]:
                self.displaced[operation] = 0.0
            self.person_days += self.displaced[operation]
        if self.s.people is None:
            return
        for name, state in self.phases.items():
            if self.spec(name).kind == "contested":
                people = self.profile(name, "people")
                self.person_days_held += people.at(1.0) - people.at(state.furthest / 1e9)

    def first_sanctuary(self) -> None:
        self.revenue = self.n(self.s.adversary.revenue, "adversary.revenue")
        self.books_of_progress()

    def books_of_progress(self) -> None:
        revenue, sanctuary = self.n(self.s.adversary.revenue, "adversary.revenue"), 1.0
        for name, state in self.phases.items():
            revenue -= self.num(name, "revenue") * state.progress
        directed = self.s.attacks_abroad.directed
        if directed is not None:
            for operation, share in directed.sanctuary.items():
                path = f"attacks_abroad.directed.sanctuary.{operation}"
                sanctuary -= self.n(share, path) * self.op_progress(operation)
        self.revenue, self.sanctuary = max(0.0, revenue), max(0.0, sanctuary)

    def books(self, t: int) -> None:
        self.books_of_progress()
        directed, inspired = self.s.attacks_abroad.directed, self.s.attacks_abroad.inspired
        if directed is not None:
            self.directed += self.luck.poisson(
                self.n(directed.rate, "attacks_abroad.directed.rate") * self.sanctuary
            )
        if inspired is not None:
            stays = self.n(inspired.persists, "attacks_abroad.inspired.persists")
            rate = self.n(inspired.rate, "attacks_abroad.inspired.rate")
            self.inspired += self.luck.poisson(rate * (stays + (1 - stays) * self.sanctuary))
        stretch = self.s.overstretch
        window = self.n.days(stretch.window, "overstretch.window")
        lasts = self.n.days(stretch.lasts, "overstretch.lasts")
        for asset, state in self.assets.items():
            k, average = self.capacity_today[asset]
            if self.s.assets[asset].sharing == "divisible":
                state.bucket = max(0.0, state.bucket + self.flown_today[asset] - k)
            if not self.counts_today[asset]:
                continue
            state.essential.append(self.essential_today[asset])
            recent = state.essential[-window:]
            mean = math.fsum(recent) / len(recent)
            state.strain = 0.0 if mean <= 0 else math.inf if average <= 0 else mean / average
            state.peak = max(state.peak, state.strain)
            state.run = state.run + 1 if state.strain > self.n(stretch.above, "overstretch.above") else 0
            state.spell = t if state.run == 1 else state.spell
            if state.run == lasts:
                state.over_days += lasts
                state.binds = state.spell if state.binds < 0 else state.binds
            elif state.run > lasts:
                state.over_days += 1
        self.settle(t)

    def settle(self, t: int) -> None:
        lost: set[str] = {n for n, st in self.phases.items() if st.status == "failed"}
        blocked: set[str] = set()
        while True:
            more = {
                n
                for n, st in self.phases.items()
                if st.status == "waiting"
                and n not in blocked
                and any(b in lost | blocked for b in self.before(n))
            }
            if not more:
                break
            blocked |= more
        over = []
        for operation, spec in self.s.operations.items():
            names = [f"{operation}.{p}" for p in spec.phases]
            states = [self.phases[n].status for n in names]
            finished = all(s == "done" for s in states)
            over.append(
                finished or all(self.phases[n].status in ("done", "failed") or n in blocked for n in names)
            )
            if finished and operation not in self.op_end:
                self.op_end[operation] = max(self.phases[n].end for n in names)
                self.op_decided[operation] = self.op_end[operation]
                self.op_status[operation] = 1
                home = self.s.people.home_after if self.s.people is not None else None
                if home is not None:
                    self.home_day[operation] = self.op_end[operation] + self.n.days(home, "people.home_after")
            elif any(s == "failed" for s in states) or (over[-1] and not finished):
                self.op_status[operation] = 2
                failed = [self.phases[n].decided for n in names if n in lost]
                self.op_decided.setdefault(operation, min(failed, default=t + 1))
        self.settled = all(over)

    # -- the run

    def run(self) -> dict[str, float]:
        for t in range(self.n.days(self.s.horizon, "horizon")):
            self.arrivals(t)
            self.gates(t)
            self.relief(t)
            self.common_causes(t)
            self.allocate(t)
            self.contest(t)
            self.shocks(t)
            self.conclude(t)
            self.adversary()
            self.people(t)
            self.books(t)
        return self.outcomes()

    def outcomes(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for operation, spec in self.s.operations.items():
            states = {p: self.phases[f"{operation}.{p}"] for p in spec.phases}
            starts = [st.start for st in states.values() if st.start >= 0]
            found[f"start.{operation}"] = min(starts) if starts else MISSING
            found[f"end.{operation}"] = self.op_end.get(operation, MISSING)
            found[f"decided.{operation}"] = self.op_decided.get(operation, MISSING)
            found[f"status.{operation}"] = self.op_status[operation]
            contested = [p for p, ph in spec.phases.items() if ph.kind == "contested"]
            meant = states[spec.intended_phase or (contested or list(states))[0]]
            delay = MISSING
            if spec.intended is not None and meant.start >= 0:
                delay = meant.start - self.n.date(spec.intended, f"operations.{operation}.intended")
            found[f"delay.{operation}"] = delay
            found[f"displaced.{operation}"] = self.displaced_total[operation]
            for quantity, value in zip(
                ("suspensions", "suspensions_short", "suspended"), self.stops[operation], strict=True
            ):
                found[f"{quantity}.{operation}"] = value
        order = ("waiting", "open", "done", "failed", "refitting")
        for name, st in self.phases.items():
            found[f"start.{name}"] = st.start if st.start >= 0 else MISSING
            found[f"half.{name}"] = st.half if st.half >= 0 else MISSING
            found[f"end.{name}"] = st.end if st.end >= 0 else MISSING
            found[f"decided.{name}"] = st.decided if st.decided >= 0 else MISSING
            found[f"status.{name}"] = order.index(st.status)
            found[f"attempts.{name}"] = st.attempts
            found[f"progress.{name}"] = st.progress
        for key, force in self.forces.items():
            found[f"losses.{key}"] = force.losses
            found[f"killed.{key}"] = force.killed
            found[f"captured.{key}"] = force.captured
            found[f"strength.{key}"] = force.strength
        first, when = -1, math.inf
        for i, (key, asset) in enumerate(self.assets.items()):
            found[f"binds.{key}"] = asset.binds if asset.binds >= 0 else MISSING
            found[f"overstretched.{key}"] = asset.over_days
            found[f"peak_strain.{key}"] = asset.peak
            found[f"flown.{key}"] = asset.flown
            found[f"unmet.{key}"] = asset.unmet
            found[f"unmet_elsewhere.{key}"] = asset.unmet_elsewhere
            if 0 <= asset.binds < when:
                first, when = i, asset.binds
        done = len(self.op_end) == len(self.s.operations)
        found["end"] = max(self.op_end.values()) if done else MISSING
        found["first_binding"] = first
        found["person_days"] = self.person_days
        found["person_days_held"] = self.person_days_held
        found["harm"] = self.harm
        found["attacks_through"] = self.through
        found["attacks_directed"] = self.directed
        found["attacks_inspired"] = self.inspired
        found["elsewhere_cost"] = self.elsewhere_cost
        found["relief_cost"] = self.relief_cost
        return found


def simulate(
    scenario: Scenario, plan: Plan, seed: int, replication: int, per_world: int = 4
) -> dict[str, float]:
    """One history, by the names of `scenario.records.columns`; NaN is missing."""
    return History(scenario, plan, seed, replication, per_world).run()
