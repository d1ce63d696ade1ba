"""Tests for `sim.ahead`: calling for a record is a hint and nothing else."""

import numpy as np
from numba import njit

from sim.ahead import LINE, call_for

WIDE = np.dtype([("place", "i8"), ("rest", "u1", (3 * LINE,))])


@njit
def added_up(records, order):
    """Return the sum over records in an order, each called for before."""
    total = 0
    for k in range(len(order)):
        if k + 1 < len(order):
            call_for(records, order[k + 1])
        total += records[order[k]].place
    return total


def test_records_called_for_are_what_they_were():
    """All of 10,000 records of several lines, in a random order: none is changed, and the sum of 0 .. n - 1 is n (n - 1) / 2."""
    records = np.zeros(10_000, WIDE)
    records["place"] = np.arange(10_000)
    before = records.tobytes()

    assert added_up(records, np.random.default_rng(1).permutation(10_000)) == 10_000 * 9_999 // 2
    assert records.tobytes() == before
