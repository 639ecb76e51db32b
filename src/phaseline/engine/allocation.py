"""Steps 3 to 6 of the day: capacity, demand, allocation, support."""

from math import ceil, floor

import numpy as np

from phaseline.engine.calendars import is_open
from phaseline.engine.jit import kernel
from phaseline.engine.profiles import height
from phaseline.engine.tables import (
    CONTESTED,
    LEND,
    LEND_POOL_BIT,
    OPEN,
    PRE_POSITION,
    REALLOCATE,
    RESERVE,
    WAITING,
)


@kernel
def waits_for_all(T, S, relief):
    """Whether every phase that a pre-positioning serves still waits."""
    for p in range(T.phase.size):
        serves = relief.to_phase == p or relief.to_operation == T.phase[p].operation
        if serves and S.phase[p].status != WAITING:
            return False
    return True


@kernel
def set_capacity(T, P, S, day):
    """Step 3: sustainable capacity, what can be flown today after surge, weather and declared reserves."""
    for a in range(T.asset.size):
        state = S.asset[a]
        state.lent = 0.0
        state.idle = P.asset_plan[a].reserve
    for r in range(P.relief.size):
        relief = P.relief[r]
        if relief.asset < 0 or S.relief[r].active == 0:
            continue
        state = S.asset[relief.asset]
        if relief.action == LEND:
            state.lent += relief.amount
        elif relief.action == RESERVE or (relief.action == PRE_POSITION and waits_for_all(T, S, relief)):
            state.idle += relief.amount
    world = T.world[0]
    for a in range(T.asset.size):
        asset = T.asset[a]
        state = S.asset[a]
        capacity = 0.0
        peak = 0.0
        shut = 0.0
        for n in range(asset.first_pool, asset.first_pool + asset.num_pools):
            pool = T.pool[n]
            if pool.arrives <= day < pool.departs:
                able = pool.count * pool.mission_capable
                if not is_open(T, pool.calendar, day):
                    shut += able * pool.sustained
                    continue
                capacity += able * pool.sustained
                peak += able * (asset.surge_factor * pool.sustained if np.isnan(pool.surge) else pool.surge)
        if asset.whole == 1:
            capacity = floor(capacity + 1e-9)
            state.capacity = capacity
            state.available = capacity
            state.capacity_average = capacity
            state.closed = 0 if is_open(T, asset.calendar, day) else 1
            continue
        capacity += state.lent
        peak += state.lent
        if not is_open(T, asset.calendar, day):
            shut += capacity
            capacity, peak = 0.0, 0.0
        state.closed = 1 if capacity <= 0.0 and shut > 0.0 else 0
        state.capacity = capacity
        state.capacity_average = capacity * (1.0 - world.bad_share * (1.0 - asset.weather))
        available = capacity
        if state.surge_allowed == 1 and peak > capacity:
            full = asset.surge_days * (peak - capacity)
            available = min(peak, capacity + max(0.0, full - state.bucket))
        if S.world[0].bad == 1:
            available *= asset.weather
        state.available = max(0.0, available - state.idle)


@kernel
def engaged_adversary(T, S, p, users, present):
    """Adversary fighters that phase p meets when so many of the force are there, shared by so many phases; whole in a chain."""
    phase = T.phase[p]
    force = S.force[phase.adversary]
    if force.broken == 1 or present <= 0.0:
        return 0.0
    share = height(T.point, phase.first_commit, phase.num_commit, S.phase[p].ground * 1e-9)
    engaged = share * present / max(1, users)
    if T.world[0].chain == 1:
        engaged = min(ceil(engaged), present)
    return engaged


@kernel
def count_users(T, S, only_going):
    """How many contested phases share each force: those that go, or those neither held, pausing nor resting."""
    for f in range(T.force.size):
        S.force[f].users = 0
    for p in range(T.phase.size):
        phase = T.phase[p]
        state = S.phase[p]
        if phase.kind != CONTESTED or state.status != OPEN:
            continue
        if (only_going and state.goes == 1) or (not only_going and state.held == 0 and state.rests == 0):
            S.force[phase.own].users += 1
            S.force[phase.adversary].users += 1


@kernel
def set_demand(T, P, S, day):
    """Step 4: what each open phase and the rest of the theatre call for."""
    count_users(T, S, False)
    for a in range(T.asset.size):
        state = S.asset[a]
        asset = T.asset[a]
        state.elsewhere_wanted = asset.elsewhere_demand if asset.has_elsewhere == 1 else 0.0
        state.elsewhere_served = 0.0
        state.essential = state.elsewhere_wanted * asset.elsewhere_essential
        state.wanted_today = 0.0
        state.resting = 0
        state.served_today = 0.0
        state.flown_today = 0.0
    for p in range(T.phase.size):
        phase = T.phase[p]
        state = S.phase[p]
        contact = 0.0
        if state.status == OPEN and phase.kind == CONTESTED and state.held == 0 and state.rests == 0:
            enemy = S.force[phase.adversary]
            contact = engaged_adversary(T, S, p, enemy.users, enemy.strength - enemy.coming)
        if state.status != OPEN and state.demanding == 0:
            continue
        # once more after it has closed, to clear what it wanted
        state.demanding = 1 if state.status == OPEN else 0
        for i in range(phase.first_demand, phase.first_demand + phase.num_demands):
            demand = T.demand[i]
            need = S.demand[i]
            need.served = 0.0
            need.raw = 1.0
            need.coverage = 1.0
            need.earmark = 0.0
            need.wanted = 0.0
            need.usable = 0.0
            if state.status != OPEN:
                continue
            asset = T.asset[demand.asset]
            if state.rests == 1:
                S.asset[demand.asset].resting = 1
                if asset.whole == 0 or state.holds_units == 0:
                    continue
            need.wanted = demand.units if asset.whole == 1 else demand.standing + demand.per_contact * contact
            in_transfer = asset.transfer > 0.0 and day - state.opened < asset.transfer
            need.usable = 0.0 if in_transfer else need.wanted
            S.asset[demand.asset].wanted_today += need.wanted
            S.asset[demand.asset].essential += need.wanted * demand.essential
    for r in range(P.relief.size):
        relief = P.relief[r]
        if relief.asset < 0 or S.relief[r].active == 0:
            continue
        if relief.action != REALLOCATE and relief.action != PRE_POSITION:
            continue
        asset = T.asset[relief.asset]
        left = relief.amount
        for k in range(asset.first_demand, asset.first_demand + asset.num_demands):
            i = T.asset_demand[k].demand
            p = T.demand[i].phase
            if relief.to_phase != p and relief.to_operation != T.phase[p].operation:
                continue
            need = S.demand[i]
            if relief.action == PRE_POSITION:
                take = min(left, need.wanted - need.usable)
                need.usable += take
            else:
                take = min(left, need.wanted - need.earmark)
                need.earmark += take
            left -= take


@kernel
def claim_whole(T, P, S):
    """Whole assets: a phase takes all the units it needs, or none; one that rests keeps those it holds, and takes none."""
    for p in range(T.phase.size):
        state = S.phase[p]
        state.goes = 1 if state.status == OPEN and T.phase[p].has_whole == 0 and state.rests == 0 else 0
    if T.world[0].has_whole == 0:
        return
    for holding in (1, 0):
        for k in range(T.phase.size):
            p = P.phase_plan[k].order
            phase = T.phase[p]
            state = S.phase[p]
            if (
                state.status != OPEN
                or phase.has_whole == 0
                or state.holds_units != holding
                or state.goes != 0
            ):
                continue
            fits = state.rests == 0 or holding == 1
            for i in range(phase.first_demand, phase.first_demand + phase.num_demands):
                asset = T.demand[i].asset
                if T.asset[asset].whole == 1 and S.demand[i].wanted > S.asset[asset].available:
                    fits = False
            for i in range(phase.first_demand, phase.first_demand + phase.num_demands):
                asset = T.demand[i].asset
                if T.asset[asset].whole == 1:
                    if fits:
                        S.asset[asset].available -= S.demand[i].wanted
                        S.demand[i].served = S.demand[i].wanted
                    else:
                        S.demand[i].raw = 0.0
                        S.demand[i].coverage = 0.0
            state.goes = 1 if fits else -1
    for p in range(T.phase.size):
        state = S.phase[p]
        if T.phase[p].has_whole == 1:
            state.holds_units = 1 if state.goes == 1 else 0
            state.goes = state.holds_units * (1 - state.rests)


@kernel
def supply_of(T, S, asset, a, day, mask, factor):
    """What the pools of asset a that are open to any consumer in `mask` can give today."""
    total = 0.0
    for k in range(asset.num_pools):
        if (mask >> k) & 1:
            pool = T.pool[asset.first_pool + k]
            if pool.arrives <= day < pool.departs and is_open(T, pool.calendar, day):
                total += pool.count * pool.mission_capable * pool.sustained
    if (mask >> LEND_POOL_BIT) & 1:
        total += S.asset[a].lent
    return total * factor


@kernel
def share_evenly(T, P, S, a):
    """Step 5 for a divisible asset that all its consumers may draw on: in each tier all get the same coverage."""
    asset = T.asset[a]
    state = S.asset[a]
    amount, tier, consumer = S.scratch[0], S.classes[0], S.classes[1]
    entries = 0
    for k in range(asset.first_demand, asset.first_demand + asset.num_demands):
        i = T.asset_demand[k].demand
        need = S.demand[i]
        if need.usable <= 0.0:
            continue
        early = min(need.earmark, need.usable)
        if early > 0.0:
            amount[entries], tier[entries], consumer[entries] = early, -1, i
            entries += 1
        if need.usable > early:
            amount[entries], consumer[entries] = need.usable - early, i
            tier[entries] = P.phase_plan[T.demand[i].phase].tier
            entries += 1
    if state.elsewhere_wanted > 0.0:
        amount[entries], tier[entries], consumer[entries] = (
            state.elsewhere_wanted,
            P.asset_plan[a].elsewhere_tier,
            -1,
        )
        entries += 1
    left = state.available
    served_to = -2
    while True:
        now = 1 << 60
        wanted = 0.0
        for e in range(entries):
            if served_to < tier[e] <= now:
                wanted = amount[e] if tier[e] < now else wanted + amount[e]
                now = tier[e]
        if wanted <= 0.0:
            return
        level = min(1.0, left / wanted)
        for e in range(entries):
            if tier[e] == now:
                if consumer[e] < 0:
                    state.elsewhere_served = level * amount[e]
                else:
                    S.demand[consumer[e]].served += level * amount[e]
        left = max(0.0, left - level * wanted)
        served_to = now


@kernel
def share_out(T, P, S, a, day):
    """Step 5 for one divisible asset: tiers in order, within a tier lexicographically max-min fair coverage.

    Consumers of one tier and one caveat mask get the same coverage, so they are merged into classes. What a
    set of classes can
    get is bounded by the pools open to any of them (a polymatroid), so the tightest set fixes the lowest
    coverage; it is frozen there and the rest goes on. Sets are enumerated: at most 2^MOST_CLASSES.
    """
    asset = T.asset[a]
    state = S.asset[a]
    # entries: two per demand (before all tiers, in its tier) and one for the rest of the theatre
    amount, got = S.scratch[0], S.scratch[1]
    class_demand, class_served = S.scratch[2], S.scratch[3]
    tier, mask = S.classes[0], S.classes[1]
    class_tier, class_mask = S.classes[2], S.classes[3]
    entries = 0
    for k in range(asset.first_demand, asset.first_demand + asset.num_demands):
        i = T.asset_demand[k].demand
        need = S.demand[i]
        first = min(need.earmark, need.usable)
        amount[entries], tier[entries], mask[entries] = first, -1, T.demand[i].mask
        amount[entries + 1], mask[entries + 1] = need.usable - first, T.demand[i].mask
        tier[entries + 1] = P.phase_plan[T.demand[i].phase].tier
        entries += 2
    amount[entries], tier[entries] = state.elsewhere_wanted, P.asset_plan[a].elsewhere_tier
    mask[entries] = asset.elsewhere_mask
    entries += 1
    factor = state.available / state.capacity if state.capacity > 0.0 else 0.0

    # merge into classes, in the order of tiers
    classes = 0
    for e in range(entries):
        got[e] = 0.0
        if amount[e] <= 0.0:
            continue
        found = -1
        for c in range(classes):
            if class_tier[c] == tier[e] and class_mask[c] == mask[e]:
                found = c
        if found < 0:
            found = classes
            class_tier[found], class_mask[found], class_demand[found] = tier[e], mask[e], 0.0
            classes += 1
        class_demand[found] += amount[e]
    settled = 0
    for c in range(classes):
        class_served[c] = 0.0
    while settled != (1 << classes) - 1:
        now = 1 << 60
        for c in range(classes):
            if (settled >> c) & 1 == 0:
                now = min(now, class_tier[c])
        active = 0
        for c in range(classes):
            if (settled >> c) & 1 == 0 and class_tier[c] == now:
                active |= 1 << c
        candidates = active | settled
        lowest, tightest = 1.0, 0
        chosen = candidates
        while chosen > 0:
            if chosen & active:
                together, wanted, taken = 0, 0.0, 0.0
                for c in range(classes):
                    if (chosen >> c) & 1:
                        together |= class_mask[c]
                        if (active >> c) & 1:
                            wanted += class_demand[c]
                        else:
                            taken += class_served[c]
                level = max(0.0, supply_of(T, S, asset, a, day, together, factor) - taken) / wanted
                if level < lowest:
                    lowest, tightest = level, chosen & active
            # next smaller subset of the candidates
            chosen = (chosen - 1) & candidates
        if tightest == 0:
            tightest = active
        for c in range(classes):
            if (tightest >> c) & 1:
                class_served[c] = lowest * class_demand[c]
        settled |= tightest

    for e in range(entries):
        for c in range(classes):
            if amount[e] > 0.0 and class_tier[c] == tier[e] and class_mask[c] == mask[e]:
                got[e] = amount[e] * (class_served[c] / class_demand[c])
    entries = 0
    for k in range(asset.first_demand, asset.first_demand + asset.num_demands):
        S.demand[T.asset_demand[k].demand].served = got[entries] + got[entries + 1]
        entries += 2
    state.elsewhere_served = got[entries]


@kernel
def allocate_assets(T, P, S, day):
    """Step 5: whole assets, then divisible ones; coverage of each demand; which phases go."""
    claim_whole(T, P, S)
    for a in range(T.asset.size):
        asset = T.asset[a]
        state = S.asset[a]
        if asset.whole == 0:
            if asset.caveats == 1:
                share_out(T, P, S, a, day)
            elif state.wanted_today > 0.0:
                share_evenly(T, P, S, a)
            else:
                state.elsewhere_served = min(state.available, state.elsewhere_wanted)
        if state.wanted_today > 0.0:
            for k in range(asset.first_demand, asset.first_demand + asset.num_demands):
                need = S.demand[T.asset_demand[k].demand]
                if asset.whole == 0 and need.wanted > 0.0:
                    need.raw = need.served / need.wanted
                    need.coverage = min(1.0, asset.elastic * need.raw)
                state.served_today += need.served
        state.flown_today = state.served_today + state.elsewhere_served
    for p in range(T.phase.size):
        phase = T.phase[p]
        state = S.phase[p]
        if state.status != OPEN:
            continue
        support = 1.0
        for i in range(phase.first_demand, phase.first_demand + phase.num_demands):
            coverage = S.demand[i].coverage
            support *= 1.0 - T.demand[i].weight * (1.0 - coverage)
            if coverage < T.demand[i].minimum:
                state.goes = 0
        if state.held == 1:
            state.goes = 0
        state.support = support
        if state.start < 0 and state.rests == 0 and (phase.has_whole == 0 or state.holds_units == 1):
            state.start = day
