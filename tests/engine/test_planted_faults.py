"""Faults planted in the kernels, one at a time, must each be caught by the disagreement of engine and twin.

Each fault is a change of the source, run uncompiled in a process of its own against a copy of the package, on
scenarios that leave nothing to chance. The control, without a fault, must agree on all of them.
"""

# ruff: noqa: E501 -- tables read better with a row a line
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = 60

FAULTS = {
    "mission-capable share dropped": ("allocation", "able = pool.count * pool.mission_capable", "able = pool.count"),
    "caveat forgotten": ("allocation", "if (mask >> k) & 1:", "if True:"),
    "contribution arrives a day late": ("allocation", "if pool.arrives <= day < pool.departs:", "if pool.arrives < day <= pool.departs:"),
    "surge never tires": ("allocation", "max(0.0, full - state.bucket)", "max(0.0, full)"),
    "surge bucket fills with everything flown": ("theatre", "state.bucket + state.flown_today - state.capacity)", "state.bucket + state.flown_today)"),
    "weather spares the assets": ("allocation", "available *= asset.weather", "available *= 1.0"),
    "declared reserves are used": ("allocation", "max(0.0, available - state.idle)", "available"),
    "elastic effects dropped": ("allocation", "min(1.0, asset.elastic * need.raw)", "need.raw"),
    "support adds instead of multiplying": ("allocation", "support *= 1.0 - T.demand[i].weight * (1.0 - coverage)", "support -= T.demand[i].weight * (1.0 - coverage)"),
    "tiers in reverse": ("allocation", "now = min(now, class_tier[c])", "now = class_tier[c]"),
    "strain over the whole window from the start": ("theatre", "seen = min(window, state.booked)", "seen = window"),
    "strain against fair-weather capacity": ("theatre", "state.strain = mean / state.capacity_average", "state.strain = mean / state.capacity"),
    "asset binds when the spell is noticed": ("theatre", "state.binds = state.spell_since", "state.binds = day"),
    "calendars a day late": ("calendars", "T.calendar_day[calendar + day].open == 1", "T.calendar_day[calendar + max(0, day - 1)].open == 1"),
    "whole assets never rest": ("calendars", "asset.whole == 1 and not is_open(T, asset.calendar, day)", "False"),
    "tasks never rest": ("calendars", "if not is_open(T, phase.calendar, day):", "if False:"),
    "contributions work every day": ("allocation", "if not is_open(T, pool.calendar, day):", "if False:"),
    "assets supply on closed days": ("allocation", "            shut += capacity\n            capacity, peak = 0.0, 0.0\n", "            shut += 0.0\n"),
    "who rests calls for assets": ("allocation", "if asset.whole == 0 or state.holds_units == 0:", "if asset.whole == 1 and state.holds_units == 0:"),
    "who rests lets go of whole assets": ("allocation", "fits = state.rests == 0 or holding == 1", "fits = state.rests == 0"),
    "who rests takes whole assets": ("allocation", "fits = state.rests == 0 or holding == 1", "fits = True"),
    "a task starts on its day off": ("gates", "if phase.has_whole == 0 and phase.calendar < 0:", "if phase.has_whole == 0:"),
    "closed days are booked": ("theatre", "if state.closed == 1 or (", "if ("),
    "days on which all rest are booked": ("theatre", " or (state.resting == 1 and not asked):", ":"),
    "a spell begins when days are counted back": ("theatre", "state.binds = state.spell_since", "state.binds = day - lasts + 1"),
    "nobody is displaced at the start": ("day", "state.displaced, state.displaced_total = T.operation[o].displaced, T.operation[o].displaced", "state.displaced, state.displaced_total = 0.0, 0.0"),
    "those displaced at the start are not counted": ("day", "state.displaced, state.displaced_total = T.operation[o].displaced, T.operation[o].displaced", "state.displaced, state.displaced_total = T.operation[o].displaced, 0.0"),
    "reference ratio dropped": ("contest", "power(ratio / phase.reference_ratio, phase.ratio_exponent)", "power(ratio, phase.ratio_exponent)"),
    "exponents of the law swapped": ("contest", "phase.q1, phase.p1, phase.q2, phase.p2, rate_x, rate_y, world.steps,", "phase.p1, phase.q1, phase.q2, phase.p2, rate_x, rate_y, world.steps,"),
    "shortage saves own men": ("contest", "power(support, -phase.own_loss_support)", "power(support, phase.own_loss_support)"),
    "frontage ignored": ("contest", "engaged = min(phase.engaged * present / max(1, S.force[phase.own].users), phase.frontage)", "engaged = phase.engaged * present / max(1, S.force[phase.own].users)"),
    "advisers do nothing": ("contest", "raised += phase.raises * S.demand[phase.adviser_demand].coverage", "raised += 0.0"),
    "wounded return a day late": ("contest", "(day + delay) % (MOST_RETURN_DAYS + 1)", "(day + delay + 1) % (MOST_RETURN_DAYS + 1)"),
    "one attempt too many": ("contest", "state.attempts < plan.tries", "state.attempts <= plan.tries"),
    "no ground lost": ("contest", "state.ground * (1.0 - phase.ground_lost)", "state.ground * 1.0"),
    "sealing lets survivors out": ("contest", "through = phase.escape * (1.0 - seal_of(T, S, phase.adversary))", "through = phase.escape"),
    "people flee twice": ("contest", "state.furthest = state.ground\n", "pass\n"),
    "gate opens a day late": ("gates", "done.status == FINISHED and day >= done.end + node.delay", "done.status == FINISHED and day > done.end + node.delay"),
    "condition held a day too long": ("gates", "state.days >= node.lasts", "state.days > node.lasts"),
    "an operation's mood never changes": ("theatre", "world.has_momentum == 1 and day % int(world.momentum_block) == 0", "world.has_momentum == 1 and day == 0"),
    "all operations share one mood": ("theatre", "T.block[o * world.num_blocks + block].score", "T.block[block].score"),
    "moods do not persist": ("theatre", "stay = world.momentum_persistence if block > 0 else 0.0", "stay = 0.0"),
    "moods quicken on average": ("theatre", "exp(spread * state.momentum_z - 0.5 * spread * spread)", "exp(spread * state.momentum_z)"),
    "tempo has no mood": ("contest", "S.world[0].friction * S.operation[phase.operation].momentum", "S.world[0].friction"),
    "who is suspended fights on": ("gates", "S.operation[T.phase[p].operation].suspended == 1", "False"),
    "a suspension ends a day late": ("suspension", "day < state.resumes", "day <= state.resumes"),
    "nobody digs in during a suspension": ("suspension", "S.phase[p].dig = 1.0 + min(phase.dig_most - 1.0, phase.dig_rate * day)", "pass"),
    "a plan's patience has no end": ("suspension", "1 if lasts > patience else 0", "0"),
    "days of suspension are not counted": ("suspension", "state.suspended_days += state.suspended", "state.suspended_days += 0"),
    "no digging in": ("gates", "phase.dig_rate * day", "0.0 * day"),
    "relief at once": ("gates", "day >= state.since + relief.delay and", "day >= state.since and"),
    "the other front pins nobody": ("theatre", "flow *= 1.0 - move.pinned", "flow *= 1.0"),
    "sealed sites are reinforced": ("theatre", "move.rate * (1.0 - to.seal)", "move.rate"),
    "revenue buys no recruits": ("theatre", "** replacement.funded", "** 0.0"),
    "home a day late": ("theatre", "day + 1 >= state.home_day", "day >= state.home_day"),
    "men are in the fight before they have come": ("gates", "state.coming += men", "state.coming += 0.0"),
    "arrivals over days a day short": ("gates", "elif 0 <= since < arrival.over:", "elif 0 <= since < arrival.over - 1.0:"),
    "who comes today does not fight today": ("laws", "y += h * (coming_y - (ay", "y += h * (0.0 - (ay"),
    "an attempt's base stays what it was": ("contest", "(own.joined - state.attempt_gone)", "min(own.joined - state.attempt_gone, T.force[phase.own].strength)"),
    "the refilled count not": ("contest", "breaks_at * enemy.joined", "breaks_at * enemy.received"),
    "a pause's base forgets who joined": ("contest", "S.force[phase.own].joined - state.pause_gone", "S.force[phase.own].received - state.pause_gone"),
    "a lost operation has no day": ("gates", "            state.decided = day + 1\n", "            state.decided = -1\n"),
    "a lost phase is decided a day early": ("contest", "state.decided = day + 1\n        note(log, day, FAILS", "state.decided = day\n        note(log, day, FAILS"),
    "Runge-Kutta term halved": ("laws", "ax + 2.0 * bx + 2.0 * cx + dx", "ax + 2.0 * bx + cx + dx"),
    "stiffening with the wrong sign": ("profiles", "y0 * y0 + 2.0 * slope * left", "y0 * y0 - 2.0 * slope * left"),
}  # fmt: skip
"""Name: (module of the engine, what stands there, what is planted instead)."""


def agreement(source: Path, answers: Path) -> subprocess.CompletedProcess[str]:
    """Run the comparison against the package in `source`, uncompiled."""
    environment = os.environ | {
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": str(source),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if source != ROOT / "src":
        environment.pop("COVERAGE_PROCESS_CONFIG", None)  # a planted copy is not the package
    command = [sys.executable, str(ROOT / "tests" / "agreement.py"), "0", str(SCENARIOS), str(answers)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The twin's answers, from the control run, which must agree throughout."""
    path = tmp_path_factory.mktemp("answers") / "twin.json"
    control = agreement(ROOT / "src", path)
    assert control.returncode == 0, control.stdout + control.stderr[-2000:]
    return path


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_caught(fault: str, answers: Path, tmp_path: Path) -> None:
    module, right, wrong = FAULTS[fault]
    source = tmp_path / "src"
    shutil.copytree(
        ROOT / "src" / "phaseline", source / "phaseline", ignore=shutil.ignore_patterns("__pycache__")
    )
    file = source / "phaseline" / "engine" / f"{module}.py"
    text = file.read_text(encoding="utf-8")
    assert right in text, "the fault does not fit the source any more: plant it anew"
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    found = agreement(source, answers)
    assert found.returncode == 1, f"not caught: {found.stdout}{found.stderr[-2000:]}"
    assert found.stdout.startswith("scenario"), found.stderr[-2000:]
