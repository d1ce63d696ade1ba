"""Tests for the event heap of `sim.clocks.compiled_clock`, against `heapq`."""

import heapq

import numpy as np
import pytest
from numba import njit

from sim.clocks.compiled_clock import live_of, pop, push
from sim.handles import handle
from sim.model.state import live
from sim.model.tables import tables
from tests import worlds

MANY = 120
END = np.int64(-1)  # takes an event out


@njit(_nrt=False, error_model="numpy")
def play(written, times, items, whos, kinds, days, out):
    """Push an event where ``whos`` names a customer and pop one where it does not; return how many came out, -1 if a time stands behind the last event."""
    state, count = live_of(written), 0
    for k in range(len(whos)):
        if whos[k] >= 0:
            push(state, times, items, days[k], kinds[k], whos[k])
        elif state.play[0].heap > 0:
            out[count] = items[0]
            count += 1
            pop(state, times, items)
        for j in range(max(1, state.play[0].heap), len(times)):
            if times[j] != np.inf:
                return -1
    return count


@pytest.mark.parametrize("days", [(1.0, 2.0, 3.0), None])
def test_events_come_out_by_time_then_kind_then_customer(days):
    """Random turns of pushing and popping, with many equal times or none; what stands behind the last event is garbage."""
    world = worlds.made(worlds.plain(8))
    rng, state = np.random.default_rng(20261122), live(world, tables(world), 64)
    for _ in range(100):
        state.lives["identity"], state.play["heap"] = rng.permutation(64), 0
        whos = np.where(rng.random(MANY) < rng.uniform(0.4, 0.8), rng.integers(0, 64, MANY), END)
        kinds, given = rng.integers(0, 6, MANY), rng.choice(days, MANY) if days else rng.random(MANY)
        times, items, out = np.full(MANY + 8, np.inf), rng.integers(-(2**62), 2**62, MANY + 8), np.zeros(MANY, np.int64)
        count = play(handle(state), times, items, whos, kinds, given, out)

        assert out[:count].tolist() == expected(whos, kinds, given, state.lives["identity"])


def expected(whos, kinds, days, identity):
    """Return the items that `heapq` gives out."""
    heap, out = [], []
    for who, kind, day in zip(whos.tolist(), kinds.tolist(), days.tolist(), strict=True):
        if who >= 0:
            heapq.heappush(heap, (day, kind, int(identity[who]), kind << 40 | who))
        elif heap:
            out.append(heapq.heappop(heap)[-1])
    return out
