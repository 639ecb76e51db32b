"""The compiled form: what the kernels read and write, as flat records of 8-byte fields.

One buffer holds all tables of a scenario, another those of a plan, a third the state of one history. Because every
field has eight bytes, an uncertain number is a *slot*: an index into the buffer seen as float64, into which the draw of
each replication is written before its history runs. Units are base units (day, km, person, USD) and days count from
day 0. Integer fields are marked ``i8``; -1 means none.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping

import numpy as np

TASK, CONTESTED = 0, 1
WAITING, OPEN, DONE, FAILED, REFITTING = 0, 1, 2, 3, 4
UNFINISHED, FINISHED, LOST = 0, 1, 2
MOST_RETURN_DAYS = 200
MOST_CLASSES = 10
"""Most distinct (tier, caveat) classes of consumers of one asset; subsets of them are enumerated."""
LEND_POOL_BIT = 61
"""Bit of the pool of lends in eligibility masks; contributions of an asset use bits 0 to 60."""

(
    DATE,
    AFTER_PHASE,
    AFTER_OPERATION,
    PROGRESS_PHASE,
    PROGRESS_OPERATION,
    LOSSES,
    STRAIN,
    SUSPENDED,
    ALL,
    ANY,
) = range(10)
AT_LEAST, ABOVE, BELOW = 0, 1, 2
SHORTAGE = 1
"""Why an operation was suspended: for want of support; 0 for any other reason."""
LEND, PRE_POSITION, RESERVE, SURGE, REALLOCATE = range(5)
ACTIONS = {
    "lend": LEND,
    "pre_position": PRE_POSITION,
    "reserve": RESERVE,
    "surge": SURGE,
    "reallocate": REALLOCATE,
}


def _record(integers: str, reals: str) -> np.dtype:
    return np.dtype([(n, "i8") for n in integers.split()] + [(n, "f8") for n in reals.split()])


SCENARIO_TABLES = {
    "world": _record(
        "chain steps exact_up_to has_weather has_friction has_momentum has_people has_whole has_elsewhere has_calendar live "
        "start_ordinal num_days num_blocks weather_key friction_key directed_key inspired_key",
        "bad_share weather_persistence weather_tempo friction_spread friction_persistence momentum_spread "
        "momentum_persistence momentum_block flee harm "
        "over_above over_lasts over_window territory revenue directed_rate inspired_rate inspired_persists",
    ),
    "operation": _record(
        "key first_phase num_phases intended_phase has_intended has_home has_suspension",
        "intended sanctuary home_after displaced onset short_onset lasts lasts_spread final",
    ),
    "phase": _record(
        "key kind operation own adversary sealed ending_to adviser_demand first_demand num_demands first_after "
        "num_afters first_resistance num_resistance first_commit num_commit first_people num_people has_depth "
        "has_pause has_ending has_whole calendar",
        "duration depth tempo top_speed reference_ratio ratio_exponent support_exponent frontage engaged q1 p1 q2 p2 "
        "own_loss adversary_loss reference_own reference_adversary own_loss_support adversary_loss_support raises "
        "dig_rate dig_most pause_losses pause_lasts surrender escape ground_lost stop_hazard territory revenue seals "
        "weight",
    ),
    "after": _record("phase", ""),
    "point": _record("", "x y"),
    "demand": _record(
        "phase asset mask", "standing per_contact units essential weight minimum harm_per_unit"
    ),
    "asset": _record(
        "whole first_pool num_pools first_demand num_demands has_elsewhere elsewhere_mask caveats calendar",
        "surge_days surge_factor weather elastic transfer elsewhere_demand elsewhere_essential elsewhere_cost",
    ),
    "asset_demand": _record("demand", ""),
    "pool": _record("calendar", "count mission_capable sustained surge arrives departs"),
    "force": _record(
        "adversary first_arrival num_arrivals", "strength killed returns return_after replacements breaks_at"
    ),
    "arrival": _record("", "on over strength"),
    "shock": _record(
        "first_site num_sites", "rate dispersion stock produced at_full_cover casualties halt halts_for"
    ),
    "site": _record("phase key demand", ""),
    "move": _record("sender to", "rate keep pinned"),
    "calendar_day": _record("open", ""),
    "block": _record("", "score"),
    "replacement": _record("force", "rate funded"),
}

PLAN_TABLES = {
    "node": _record("kind ref compare parent", "value delay lasts"),
    "phase_plan": _record("gate hold stop tier order retry tries", "refit"),
    "operation_plan": _record("", "patience"),
    "asset_plan": _record("elsewhere_tier surge_controlled", "reserve"),
    "relief": _record("action asset to_operation to_phase when release has_lasts", "amount delay lasts cost"),
}

STATE_TABLES = {
    "world": _record(
        "bad settled_on attacks_through attacks_directed attacks_inspired",
        "friction_z friction person_days person_days_held harm elsewhere_cost relief_cost territory revenue sanctuary",
    ),
    "operation": _record(
        "status end decided start settled home_day suspended suspended_on resumes abandoned suspensions suspensions_short "
        "suspended_days",
        "progress displaced displaced_total momentum_z momentum",
    ),
    "phase": _record(
        "status opened start half end decided attempts refit_until ground furthest work total pause_until halt_until held goes "
        "went holds_units blocked demanding rests",
        "dig attempt_gone attempt_losses pause_gone pause_losses support progress engaged_adversary reference_own "
        "reference_adversary top_speed resistance_mean weight losses_today people",
    ),
    "demand": _record("", "wanted served raw coverage earmark usable"),
    "asset": _record(
        "run over_days binds surge_allowed closed resting booked spell_since",
        "capacity available bucket strain peak flown_today flown unmet unmet_elsewhere elsewhere_served "
        "elsewhere_wanted essential capacity_average lent idle wanted_today served_today",
    ),
    "force": _record(
        "broken users attacked",
        "strength coming received joined losses killed captured carry returned replaced left seal",
    ),
    "shock": _record("", "stock carry"),
    "move": _record("", "carry"),
    "replacement": _record("", "carry"),
    "node": _record("days truth", ""),
    "relief": _record("since active done", ""),
}

Tables = namedtuple("Tables", list(SCENARIO_TABLES))  # type: ignore[misc]
PlanTables = namedtuple("PlanTables", list(PLAN_TABLES))  # type: ignore[misc]
State = namedtuple("State", [*STATE_TABLES, "window", "returning", "scratch", "classes", "cursor"])  # type: ignore[misc]
"""The state of one history, allocated once per thread: records as above, the ring of essential demand per asset and
day, the ring of returning wounded per force and day, scratch space of the allocation, and the random cursor."""


def allocate(
    dtypes: Mapping[str, np.dtype], sizes: Mapping[str, int]
) -> tuple[np.ndarray, dict[str, np.recarray]]:
    """A zeroed float64 buffer, and one record array per table that views its part of it."""
    words = {name: dtype.itemsize // 8 for name, dtype in dtypes.items()}
    buffer = np.zeros(sum(words[name] * sizes[name] for name in dtypes), dtype=np.float64)
    return buffer, views(dtypes, sizes, buffer)


def views(
    dtypes: Mapping[str, np.dtype], sizes: Mapping[str, int], buffer: np.ndarray
) -> dict[str, np.recarray]:
    """Record arrays over an existing buffer."""
    found: dict[str, np.recarray] = {}
    at = 0
    for name, dtype in dtypes.items():
        end = at + sizes[name] * (dtype.itemsize // 8)
        found[name] = buffer[at:end].view(dtype).view(np.recarray)
        at = end
    return found


def slot(dtypes: Mapping[str, np.dtype], sizes: Mapping[str, int], table: str, row: int, field: str) -> int:
    """Index of one field in the buffer."""
    at = 0
    for name, dtype in dtypes.items():
        if name == table:
            return at + row * (dtype.itemsize // 8) + dtype.names.index(field)  # type: ignore[union-attr]
        at += sizes[name] * (dtype.itemsize // 8)
    raise KeyError(table)


def new_state(sizes: Mapping[str, int], window_days: int) -> State:
    """A state for scenarios and plans of these table sizes."""
    counts = {
        "world": 1,
        **{
            n: sizes[n]
            for n in ("operation", "phase", "demand", "asset", "force", "shock", "move", "replacement")
        },
        "node": sizes["node"],
        "relief": sizes["relief"],
    }
    _, tables = allocate(STATE_TABLES, counts)
    consumers = 2 * sizes["demand"] + 2
    return State(  # type: ignore[call-arg]
        **tables,
        window=np.zeros((sizes["asset"], max(1, window_days))),
        returning=np.zeros((sizes["force"], MOST_RETURN_DAYS + 1)),
        scratch=np.zeros((6, max(consumers, 64))),
        classes=np.zeros((4, max(consumers, 64)), dtype=np.int64),
        cursor=np.zeros(8, dtype=np.int64),
    )
