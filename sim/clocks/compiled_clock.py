"""The fast clock: customer after customer where nothing is shared, one event heap otherwise.

A clock decides when, in what order and who waits; every rule is in `sim.step`. The loops stop when an array is full
and go on where they stopped: Python makes room and hands the written rows over.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

import numpy as np

from sim import step
from sim.ahead import call_for
from sim.handles import behind, handle
from sim.jit import entry, rule
from sim.lanes import four, lowest
from sim.log import ROW
from sim.model.layout import BILLING, DEADLINE, END_OF_SERVICE, OCCASION, RULE, Array, Live, Tables
from sim.model.state import live, roomier
from sim.model.tables import tables
from sim.model.world import World

CHUNK_CUSTOMERS, CHUNK_ROWS = 1 << 13, 1 << 18
ROWS_EACH = 16  # rows to begin with
MANY_ROWS = 1 << 19  # asked of the system at a time: 20 MB, which it hands over in large pages; who asks for less pays for many small ones
_WHO = (1 << 40) - 1  # a heap item is (time, kind << 40 | customer)
Made = TypeVar("Made")
DONE, ROWS_FULL, LIVES_FULL, HEAP_FULL = range(4)
tables_of, live_of = behind(Tables), behind(Live)


# ---- customers one after the other ----
def chunks(world: World, t: Tables, first: int, last: int, free: deque[Array]) -> Iterator[tuple[Array, Array]]:
    """Play founders first..last-1 and whom they refer, of a world without shared things; yield (rows, lives).

    Row and parent numbers count lives from 0 within the chunk; only the last pair has all the lives. Rows that other chunks have left are in ``free``.
    """
    room, least = (last - first) * 9 // 8 + 64 if t.world[0]["refers"] else last - first, min(CHUNK_ROWS, ROWS_EACH * (last - first) + 256)
    read_only, rows = handle(t), rows_of(free, least)
    state = live(world, t, room)._replace(rows=rows[:CHUNK_ROWS])
    settle(read_only, handle(state), first, last)
    while (full := one_after_the_other(read_only, handle(state))) != DONE:
        if full == LIVES_FULL:
            state = roomier(state)
            continue
        yield state.rows[: state.play[0]["rows"]], state.lives[: state.play[0]["made"]]
        rows = rows_of(free, least, rows[state.play[0]["rows"] :])
        state = state._replace(rows=rows[:CHUNK_ROWS])
        state.play["rows"] = 0
    free.append(rows[state.play[0]["rows"] :])
    yield state.rows[: state.play[0]["rows"]], state.lives[: state.play[0]["made"]]


def rows_of(free: deque[Array], least: int, left: Array | None = None) -> Array:
    """Return room for so many rows at least: what is left, or what is free, or new."""
    if left is None:
        try:
            left = free.pop()
        except IndexError:  # also where another thread was quicker
            left = np.empty(0, ROW)
    return left if len(left) >= least else np.empty(max(least, MANY_ROWS), ROW)


@entry
def settle(read, written, first, last):
    """Make founders first..last-1."""
    t, live = tables_of(read), live_of(written)
    for identity in range(first, last):
        step.founder(t, live, identity - first, identity)
    live.play[0].made = last - first


@entry
def one_after_the_other(read, written):
    """Live whole journeys, founders first, then whom they referred, until all are lived or an array is full."""
    t, live = tables_of(read), live_of(written)
    p, horizon = live.play[0], t.world[0].horizon
    while p.next < p.made:
        c = live.lives[p.next]
        drawn = step.luck(t, c, c.step)
        while min(c.at[OCCASION], c.at[RULE], c.at[BILLING]) < horizon:
            if p.rows + step.ROWS > len(live.rows):
                return ROWS_FULL
            if p.made == len(live.lives) and t.world[0].refers:
                return LIVES_FULL
            if c.at[BILLING] <= min(c.at[RULE], c.at[OCCASION]):
                step.bill(t, live, p.next, c.at[BILLING])
            elif c.at[RULE] <= c.at[OCCASION]:
                step.act(t, live, p.next, c.at[RULE])
            else:
                following = step.luck(t, c, c.step + 1)
                step.occasion(t, live, p.next, c.at[OCCASION], drawn)
                drawn = following
        p.next += 1
    return DONE


# ---- everybody at once ----
def together(world: World, t: Tables) -> Iterator[tuple[Array, Array]]:
    """Play a world with shared things in the order of time; yield (rows, lives), the rows as they were written."""
    founders = int(t.world[0]["founders"])
    state = live(world, t, founders * 9 // 8 + 64)._replace(rows=np.empty(CHUNK_ROWS, ROW))
    read_only = handle(t)
    settle(read_only, handle(state), 0, founders)
    due, identity = state.lives["at"][:founders, OCCASION], state.lives["identity"][:founders]
    order = np.lexsort((identity, due))
    signed = np.flatnonzero(state.lives["at"][:founders, BILLING] < world.horizon)
    room = founders // 4 + len(signed) + 1024
    times, items = np.full(room, np.inf), np.empty(room, np.int64)
    first_fees(handle(state), times, items, signed)
    while (full := in_the_order_of_time(read_only, handle(state), order, times, items)) != DONE:
        if full == HEAP_FULL:
            times, items = np.concatenate([times, np.full(len(times), np.inf)]), np.concatenate([items, items])
        elif full == LIVES_FULL:
            state = roomier(state)
        else:
            yield state.rows[: state.play[0]["rows"]], state.lives[: state.play[0]["made"]]
            state = state._replace(rows=np.empty(CHUNK_ROWS, ROW))
            state.play["rows"] = 0
    yield state.rows[: state.play[0]["rows"]], state.lives[: state.play[0]["made"]]


@rule
def earlier(lives, time, item, than, other):
    """Return whether an event comes before another: by time, then kind, then customer."""
    if time != than:
        return time < than
    kind, rival = item >> 40, other >> 40
    return kind < rival or (kind == rival and lives[item & _WHO].identity < lives[other & _WHO].identity)


@rule
def rise(lives, times, items, j, time, item):
    """Let an event rise from place ``j`` of the heap to where it belongs: four children under each parent."""
    while j > 0:
        up = (j - 1) >> 2
        if not earlier(lives, time, item, times[up], items[up]):
            break
        times[j], items[j] = times[up], items[up]
        j = up
    times[j], items[j] = time, item


@rule
def push(live, times, items, time, kind, who):
    """Put an event on the agenda and into the heap."""
    p = live.play[0]
    live.lives[who].at[kind] = time
    rise(live.lives, times, items, p.heap, time, (np.int64(kind) << 40) | who)
    p.heap += 1


@rule
def foremost(lives, times, items, first):
    """Return the place of whichever comes first of four events side by side. All are before the horizon; behind the last one, times are inf."""
    lane, alone = lowest(four(times, first))
    best = first + lane
    if not alone:
        for k in range(first, first + 4):
            if times[k] == times[best] and earlier(lives, times[k], items[k], times[best], items[best]):
                best = np.int64(k)
    return best


@rule
def pop(live, times, items):
    """Take the first event out of the heap: the hole sinks to a leaf, the last item rises from there."""
    p = live.play[0]
    p.heap -= 1
    n, j, first = p.heap, np.int64(0), np.int64(1)
    last, times[n] = times[n], np.inf
    while first < n:
        best = foremost(live.lives, times, items, first)
        times[j], items[j] = times[best], items[best]
        j, first = best, np.int64(4 * best + 1)
    rise(live.lives, times, items, j, last, items[n])


@rule
def join(live, queue, who):
    """Put a customer at the end of the queue."""
    c = live.lives[who]
    c.before, c.behind = queue.last, -1
    if queue.last >= 0:
        live.lives[queue.last].behind = who
    else:
        queue.first = who
    queue.last = who


@rule
def leave(live, queue, who):
    """Take a customer out of the queue, wherever they stand."""
    c = live.lives[who]
    if c.before >= 0:
        live.lives[c.before].behind = c.behind
    else:
        queue.first = c.behind
    if c.behind >= 0:
        live.lives[c.behind].before = c.before
    else:
        queue.last = c.before
    c.before, c.behind = -1, -1


@rule
def call(t, live, times, items, queue, who, now):
    """Let the desk serve a customer."""
    queue.free -= 1
    live.lives[who].at[DEADLINE] = np.inf
    done = now + step.begins_service(t, live, who, now)
    if done < t.world[0].horizon:
        push(live, times, items, done, END_OF_SERVICE, who)


@rule
def ask(t, live, times, items, who, now):
    """Let a customer ask a desk: served at once if somebody is free, else they queue as long as their patience."""
    queue = live.queues[live.lives[who].desk]
    if queue.free > 0:
        call(t, live, times, items, queue, who, now)
        return
    join(live, queue, who)
    deadline = now + step.patience(t, live, who)
    if deadline < t.world[0].horizon:
        push(live, times, items, deadline, DEADLINE, who)


@rule
def release(t, live, times, items, queue, now):
    """Let the desk call whoever is first in the queue."""
    queue.free += 1
    if queue.first >= 0:
        first = queue.first
        leave(live, queue, first)
        call(t, live, times, items, queue, first, now)


@rule
def expect(live, times, items, who, kind, horizon):
    """Put what a customer's agenda says of one kind of event into the heap, if it is before the horizon."""
    due = live.lives[who].at[kind]
    if due < horizon:
        push(live, times, items, due, kind, who)


@rule
def schedule(live, times, items, who, horizon):
    """Put a customer's next occasion, bill and act of a rule into the heap."""
    for kind in (OCCASION, BILLING, RULE):
        expect(live, times, items, who, kind, horizon)


@entry
def first_fees(written, times, items, signed):
    """Put the first fee of those into the heap who came under contract."""
    live = live_of(written)
    for k in range(len(signed)):
        push(live, times, items, live.lives[signed[k]].at[BILLING], BILLING, signed[k])


@entry
def in_the_order_of_time(read, written, order, times, items):  # noqa: C901, PLR0912, PLR0915 - split up, it would hide the order of events
    """Play event after event until the horizon, or until an array is full. ``order``: founders by their first occasion."""
    t, live = tables_of(read), live_of(written)
    p, lives, horizon = live.play[0], live.lives, t.world[0].horizon
    while True:
        if p.rows + step.ROWS > len(live.rows):
            return ROWS_FULL
        if p.made == len(lives) and t.world[0].refers:
            return LIVES_FULL
        if p.heap + 8 > len(times):
            return HEAP_FULL
        who, kind, now = np.int64(-1), np.int64(OCCASION), np.inf
        coming = t.hires[p.hired].time if p.hired < len(t.hires) else np.inf
        if p.next < len(order):
            who = np.int64(order[p.next])
            now = lives[who].at[OCCASION]
        if coming < horizon and coming <= (min(now, times[0]) if p.heap > 0 else now):
            p.hired += 1
            release(t, live, times, items, live.queues[t.hires[p.hired - 1].desk], coming)
            continue
        if p.heap > 0 and (who < 0 or earlier(lives, times[0], items[0], now, (kind << 40) | who)):
            now, who, kind = times[0], items[0] & _WHO, items[0] >> 40
            pop(live, times, items)
            if lives[who].at[kind] != now:
                continue  # cancelled: the agenda says otherwise
        else:
            p.next += 1
            if p.next < len(order):
                call_for(lives, order[p.next])
        if not now < horizon:
            return DONE
        if p.heap > 0:
            call_for(lives, items[0] & _WHO)  # who most likely comes next
        lives[who].at[kind] = np.inf
        if kind == END_OF_SERVICE:
            queue = live.queues[lives[who].desk]
            code = step.ends_service(t, live, who, now)
            release(t, live, times, items, queue, now)
        elif kind == DEADLINE:
            leave(live, live.queues[lives[who].desk], who)
            code = step.give_up(t, live, who, now)
        elif kind == BILLING:
            step.bill(t, live, who, now)
            expect(live, times, items, who, BILLING, horizon)
            continue
        elif kind == RULE:
            step.act(t, live, who, now)
            if lives[who].called < 0:
                expect(live, times, items, who, RULE, horizon)
                continue
            code = np.int64(step.GO)
        else:
            code = step.occasion(t, live, who, now, step.luck(t, lives[who], lives[who].step))
        if code & step.QUEUES:
            ask(t, live, times, items, who, now)
            continue
        if code & step.CHILD:
            schedule(live, times, items, p.made - 1, horizon)
        schedule(live, times, items, who, horizon)


def run(world: World, replication: int, progress: Any = None, threads: int | None = None) -> Iterator[tuple[int, Array, Array]]:
    """Yield (first founder, rows, lives) until the world is played."""
    yield from played(world, tables(world, replication), progress, threads)


def played(world: World, t: Tables, progress: Any = None, threads: int | None = None) -> Iterator[tuple[int, Array, Array]]:
    """Yield what `run` yields, of a world whose tables are made; by default with as many threads as there are processors."""
    if world.couples:
        yield from _told(((0, rows, lives) for rows, lives in together(world, t)), world.horizon, progress)
        return
    founders = int(t.world[0]["founders"])
    bounds = [(first, min(first + CHUNK_CUSTOMERS, founders)) for first in range(0, founders, CHUNK_CUSTOMERS)]
    done, free = 0, deque[Array]()
    for first, rows, lives in in_turn([_chunk(world, t, *bound, free) for bound in bounds], min(threads or _processors(), len(bounds))):
        if progress is not None and first > done:
            progress((first - done) / founders)
            done = first
        yield first, rows, lives
    if progress is not None:
        progress((founders - done) / founders)


def _told(pieces: Iterator[tuple[int, Array, Array]], horizon: float, progress: Any) -> Iterator[tuple[int, Array, Array]]:
    """Pass on what was played in the order of time, telling how much of it is done."""
    done = 0.0
    for first, rows, lives in pieces:
        if progress is not None and len(rows):
            progress(float(rows["time"][-1]) / horizon - done)
            done = float(rows["time"][-1]) / horizon
        yield first, rows, lives
    if progress is not None:
        progress(1.0 - done)


def _chunk(world: World, t: Tables, first: int, last: int, free: deque[Array]) -> Iterator[tuple[int, Array, Array]]:
    yield from ((first, rows, lives) for rows, lives in chunks(world, t, first, last, free))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_turn(makers: Sequence[Iterator[Made]], threads: int) -> Iterator[Made]:
    """Yield all that the first maker makes, then the second ...; threads make the first piece of the next ones meanwhile."""
    if threads < 2:
        yield from chain.from_iterable(makers)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting, begun = iter(makers), deque[tuple[Iterator[Made], Future[Made | None]]]()
        for maker in islice(waiting, threads):
            begun.append((maker, pool.submit(next, maker, None)))
        while begun:
            maker, first = begun.popleft()
            for later in islice(waiting, 1):
                begun.append((later, pool.submit(next, later, None)))
            piece = first.result()
            while piece is not None:
                yield piece
                piece = next(maker, None)
