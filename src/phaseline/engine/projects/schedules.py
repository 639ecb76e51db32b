"""Schedule generation for projects with renewable resources: serial and parallel, one at a time or over many draws.

These kernels serve the planner's search. They decide nothing about the bits of a simulated result, and so stand apart from
the files whose hash names a run (`engine.cache`); all of them stand in this one file, since Numba's cache sees no change
in another.

Sources: serial and parallel schedule generation, Kolisch (1996), Eur. J. Oper. Res. 90:320; double justification, Valls,
Ballestin and Quintanilla (2005), Eur. J. Oper. Res. 165:375; the hybrid genetic algorithm follows Valls, Ballestin and
Quintanilla (2008), Eur. J. Oper. Res. 185:495, with Hartmann's two-point crossover (1998), Nav. Res. Logist. 45:733;
regret-based biased random sampling, Drexl (1991), Manage. Sci. 37:1590; resource-based policies for stochastic durations,
Stork (2001), TU Berlin.
"""

from __future__ import annotations

import numpy as np
from numba import njit

compiled = njit(nogil=True, cache=True)

MASK = 0xFFFFFFFF
_TO_UNIT = 1.0 / 4294967296.0


def seeded(seed: int) -> np.ndarray:
    """State of `draw` for a seed: an int64 array of one number from 1 to 2**32 - 1."""
    return np.array([(int(seed) * 2654435761 + 88675123) % MASK + 1], dtype=np.int64)


@compiled
def draw(state):
    """A number in [0, 1) by xorshift (Marsaglia 2003, J. Stat. Softw. 8:14), enough to propose changes; `state` advances."""
    x = state[0]
    x ^= (x << 13) & MASK
    x ^= x >> 17
    x ^= (x << 5) & MASK
    state[0] = x
    return (x - 1) * _TO_UNIT


@compiled
def serial(order, durations, before_at, before, demands, capacities, releases, usage, starts):
    """Start each activity of a list as early as it can; returns the end of all.

    Parameters
    ----------
    order
        Activities, predecessors first, shape [activity].
    durations, releases
        Whole days, shape [activity].
    before_at, before
        Predecessors of i are before[before_at[i]:before_at[i + 1]].
    demands, capacities
        Shapes [activity, resource] and [resource].
    usage
        Work space, zeros, shape [day, resource], as long as any schedule; zeros again at the end.
    starts
        Filled, shape [activity].
    """
    end = 0
    for i in order:
        lasts = durations[i]
        t = releases[i]
        for at in range(before_at[i], before_at[i + 1]):
            j = before[at]
            t = max(t, starts[j] + durations[j])
        s = t
        while s < t + lasts:
            fits = True
            for k in range(capacities.shape[0]):
                if usage[s, k] + demands[i, k] > capacities[k]:
                    fits = False
                    break
            s += 1
            if not fits:
                t = s
        for s in range(t, t + lasts):
            for k in range(capacities.shape[0]):
                usage[s, k] += demands[i, k]
        starts[i] = t
        end = max(end, t + lasts)
    usage[:end] = 0
    return end


@compiled
def justify(
    starts, end, durations, before_at, before, after_at, after, demands, capacities, releases, usage, late
):
    """Shift all to the right, latest first, then to the left, earliest first; returns the end, no later than before.

    `starts` is rewritten, `late` is work space of its shape; the rest is as in `serial`, with successors beside.
    """
    n = starts.shape[0]
    nothing = np.zeros(n, dtype=np.int64)
    from_end = np.argsort(-(starts + durations), kind="mergesort")
    # predecessors first, seen from the end: activities of no duration may stand before their successors in this order
    from_end = _repaired(from_end, after_at, after)
    back = serial(from_end, durations, after_at, after, demands, capacities, nothing, usage, late)
    for i in range(n):
        late[i] = back - (late[i] + durations[i])
    order = _repaired(np.argsort(late, kind="mergesort"), before_at, before)
    moved = np.empty(n, dtype=np.int64)
    found = serial(order, durations, before_at, before, demands, capacities, releases, usage, moved)
    if found <= end:
        starts[:] = moved
        return found
    return end


@compiled
def _repaired(order, before_at, before):
    """The order with predecessors put first where they are not; activities that may come keep their order."""
    n = order.shape[0]
    done = np.zeros(n, dtype=np.bool_)
    found = np.empty(n, dtype=np.int64)
    stack = np.empty(n, dtype=np.int64)
    at = 0
    for i in order:
        if done[i]:
            continue
        top = 0
        stack[0] = i
        while top >= 0:
            j = stack[top]
            open_ = -1
            for b in range(before_at[j], before_at[j + 1]):
                if not done[before[b]]:
                    open_ = before[b]
                    break
            if open_ >= 0:
                top += 1
                stack[top] = open_
            else:
                done[j] = True
                found[at] = j
                at += 1
                top -= 1
    return found


@compiled
def sample(latest, before_at, after_at, after, state, order, greed):
    """A list by biased random sampling: what must end early is likely to come early; `order` is filled.

    Parameters
    ----------
    latest
        Latest finish of each activity without resources.
    greed
        Exponent of the bias; large is the priority rule itself.
    """
    n = latest.shape[0]
    waiting = np.empty(n, dtype=np.int64)
    ready = np.empty(n, dtype=np.int64)
    num = 0
    for i in range(n):
        waiting[i] = before_at[i + 1] - before_at[i]
        if waiting[i] == 0:
            ready[num] = i
            num += 1
    for at in range(n):
        worst = latest[ready[0]]
        for r in range(1, num):
            worst = max(worst, latest[ready[r]])
        total = 0.0
        for r in range(num):
            total += (worst - latest[ready[r]] + 1.0) ** greed
        pick = draw(state) * total
        chosen = num - 1
        for r in range(num):
            pick -= (worst - latest[ready[r]] + 1.0) ** greed
            if pick < 0.0:
                chosen = r
                break
        i = ready[chosen]
        order[at] = i
        num -= 1
        ready[chosen] = ready[num]
        for b in range(after_at[i], after_at[i + 1]):
            j = after[b]
            waiting[j] -= 1
            if waiting[j] == 0:
                ready[num] = j
                num += 1


@compiled
def evolve(
    lists, ends, rounds, state, latest, durations, before_at, before, after_at, after, demands, capacities, releases, usage,
    best,
):  # fmt: skip
    """So many children of a population of lists; each is scheduled, justified, and takes the place of a worse one.

    Parameters
    ----------
    lists, ends
        Population, shapes [member, activity] and [member]; an end of 0 means that the member is yet to be made.
    rounds
        Children, at least 1.
    best
        Starts of the best schedule so far, shape [activity]; rewritten where a better one is found.

    Returns
    -------
    int
        End of the best schedule found in these rounds; `best` holds its starts if it is better than `ends` were.
    """
    size, n = lists.shape
    child = np.empty(n, dtype=np.int64)
    starts = np.empty(n, dtype=np.int64)
    late = np.empty(n, dtype=np.int64)
    taken = np.zeros(n, dtype=np.bool_)
    record = 0
    for m in range(size):
        if ends[m] > 0 and (record == 0 or ends[m] < record):
            record = ends[m]
    made = 0
    while made < rounds:
        made += 1
        empty = -1
        for m in range(size):
            if ends[m] == 0:
                empty = m
                break
        if empty >= 0:
            sample(latest, before_at, after_at, after, state, child, 1.0 + 3.0 * draw(state))
        else:
            mother = _fitter(ends, state)
            father = _fitter(ends, state)
            first = int(draw(state) * n)
            last = first + int(draw(state) * (n - first))
            taken[:] = False
            at = 0
            for p in range(first):
                child[at] = lists[mother, p]
                taken[child[at]] = True
                at += 1
            for p in range(n):
                if at > last:
                    break
                i = lists[father, p]
                if not taken[i]:
                    child[at] = i
                    taken[i] = True
                    at += 1
            for p in range(n):
                i = lists[mother, p]
                if not taken[i]:
                    child[at] = i
                    taken[i] = True
                    at += 1
            for p in range(n - 1):
                if draw(state) < 0.03:
                    i, j = child[p], child[p + 1]
                    free = True
                    for b in range(before_at[j], before_at[j + 1]):
                        if before[b] == i:
                            free = False
                            break
                    if free:
                        child[p], child[p + 1] = j, i
        end = serial(child, durations, before_at, before, demands, capacities, releases, usage, starts)
        end = justify(
            starts,
            end,
            durations,
            before_at,
            before,
            after_at,
            after,
            demands,
            capacities,
            releases,
            usage,
            late,
        )
        child[:] = _repaired(np.argsort(starts, kind="mergesort"), before_at, before)
        if record == 0 or end < record:
            record = end
            best[:] = starts
        if empty >= 0:
            lists[empty] = child
            ends[empty] = end
            continue
        worst, same = 0, False
        for m in range(size):
            if ends[m] > ends[worst]:
                worst = m
            if ends[m] == end and not same:
                same = True
                for p in range(n):
                    if lists[m, p] != child[p]:
                        same = False
                        break
        if end <= ends[worst] and not same:
            lists[worst] = child
            ends[worst] = end
        elif same and ends[worst] == record and draw(state) < 0.02:
            for m in range(size):  # all alike: keep one, make the others anew
                if m != worst:
                    ends[m] = 0
    return record


@compiled
def _fitter(ends, state):
    """The better of two members at random."""
    a = int(draw(state) * ends.shape[0])
    b = int(draw(state) * ends.shape[0])
    return a if ends[a] <= ends[b] else b


@compiled
def dispatch(order, durations, before_at, after_at, after, demands, capacities, releases, starts):
    """Whenever something ends, start what may start in the order of a list; returns the end of all.

    Parameters
    ----------
    order
        Priority list, in any order, shape [activity].
    durations
        Any numbers from 0, shape [activity].
    starts
        Filled, shape [activity].
    """
    n = order.shape[0]
    waiting = np.empty(n, dtype=np.int64)
    free = capacities.copy()
    running = np.empty(n, dtype=np.int64)
    ready = np.empty(n, dtype=np.int64)
    rank = np.empty(n, dtype=np.int64)
    for p in range(n):
        rank[order[p]] = p
        starts[p] = -1.0
    num_running, num_ready, done = 0, 0, 0
    for i in range(n):
        waiting[i] = before_at[i + 1] - before_at[i]
    for i in range(n):
        if waiting[i] == 0:
            num_ready = _insert(ready, num_ready, i, rank)
    time = 0.0
    while done < n:
        r = 0
        kept = 0
        while r < num_ready:
            i = ready[r]
            fits = releases[i] <= time
            for k in range(free.shape[0]):
                if demands[i, k] > free[k]:
                    fits = False
                    break
            if fits:
                starts[i] = time
                for k in range(free.shape[0]):
                    free[k] -= demands[i, k]
                running[num_running] = i
                num_running += 1
            else:
                ready[kept] = i
                kept += 1
            r += 1
        num_ready = kept
        soonest = np.inf
        for r in range(num_running):
            soonest = min(soonest, starts[running[r]] + durations[running[r]])
        for r in range(num_ready):
            if releases[ready[r]] > time:
                soonest = min(soonest, np.float64(releases[ready[r]]))
        time = soonest
        kept = 0
        for r in range(num_running):
            i = running[r]
            if starts[i] + durations[i] <= time:
                done += 1
                for k in range(free.shape[0]):
                    free[k] += demands[i, k]
                for b in range(after_at[i], after_at[i + 1]):
                    j = after[b]
                    waiting[j] -= 1
                    if waiting[j] == 0:
                        num_ready = _insert(ready, num_ready, j, rank)
            else:
                running[kept] = i
                kept += 1
        num_running = kept
    return time


@compiled
def _insert(ready, num, i, rank):
    """Put an activity among those that may start, in the order of the list; returns how many there are now."""
    at = num
    while at > 0 and rank[ready[at - 1]] > rank[i]:
        ready[at] = ready[at - 1]
        at -= 1
    ready[at] = i
    return num + 1


@compiled
def dispatch_all(order, durations, before_at, after_at, after, demands, capacities, releases, ends):
    """`dispatch` for each draw of the durations, shape [draw, activity]; `ends` is filled, shape [draw]."""
    starts = np.empty(order.shape[0])
    for s in range(durations.shape[0]):
        ends[s] = dispatch(
            order, durations[s], before_at, after_at, after, demands, capacities, releases, starts
        )


@compiled
def race(
    order, ends, durations, block, patience, state, tries, before_at, after_at, after, demands, capacities, releases,
):  # fmt: skip
    """Improve a priority list by moving one activity at a time, judged draw by draw against the list as it is.

    A changed list is judged over blocks of draws that it shares with the present one, and given up as soon as it is not
    ahead; it takes its place only if it is ahead over all draws by more than `patience` standard errors of the paired
    difference, so that luck alone seldom passes.

    Parameters
    ----------
    order, ends
        The list, and its end in each draw, shapes [activity] and [draw]; both rewritten.
    durations
        Shape [draw, activity].
    block
        Draws between looks.
    patience
        Standard errors.
    tries
        Schedules that may be made.

    Returns
    -------
    int
        Schedules made.
    """
    n = order.shape[0]
    draws = durations.shape[0]
    trial = np.empty(n, dtype=np.int64)
    theirs = np.empty(draws)
    starts = np.empty(n)
    made = 0
    while made + draws <= tries:
        source = int(draw(state) * n)
        reach = 1 + int(draw(state) * draw(state) * n * 0.5)
        target = source - reach if draw(state) < 0.5 else source + reach
        target = min(max(target, 0), n - 1)
        if target == source:
            continue
        at = 0
        moved = order[source]
        for p in range(n):
            if p == source:
                continue
            if at == target:
                trial[at] = moved
                at += 1
            trial[at] = order[p]
            at += 1
        if target == n - 1:
            trial[n - 1] = moved
        total, square, judged, ahead = 0.0, 0.0, 0, True
        while judged < draws and ahead:
            for s in range(judged, min(judged + block, draws)):
                theirs[s] = dispatch(
                    trial, durations[s], before_at, after_at, after, demands, capacities, releases, starts
                )
                made += 1
                less = ends[s] - theirs[s]
                total += less
                square += less * less
            judged = min(judged + block, draws)
            ahead = total > 0.0
        if ahead:
            mean = total / draws
            spread = max(square / draws - mean * mean, 0.0)
            if mean > patience * np.sqrt(spread / draws):
                order[:] = trial
                ends[:] = theirs
    return made
