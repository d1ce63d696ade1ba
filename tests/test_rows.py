"""Tests for `sim.rows`: rows come in as they happen and come out by customer, from memory or from a file."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import sim.rows
from sim.log import ROW
from sim.rows import Rows


def written(customers, numbers):
    """Return rows of these customers and numbers, told apart by their time."""
    rows = np.zeros(len(customers), ROW)
    rows["customer"], rows["number"], rows["time"] = customers, numbers, np.arange(len(customers))
    return rows


def closed(store, *args, **options):
    """Return all rows of a closed store, and its blocks' borders."""
    blocks = list(store.close(*args, **options)())
    return np.concatenate([rows for *_, rows in blocks]), [(first, last) for first, last, _ in blocks]


@pytest.mark.parametrize("in_memory", [0, 3, 1000])
def test_rows_come_out_by_customer_and_number(in_memory):
    """Two additions in the order of time."""
    store = Rows(in_memory)
    store.add(written([1, 0, 1], [0, 0, 1]))
    store.add(written([2, 1, 0], [0, 2, 1]))
    rows, _ = closed(store, None, 3, ordered=False)

    assert rows["customer"].tolist() == [0, 0, 1, 1, 1, 2]
    assert rows["number"].tolist() == [0, 1, 0, 1, 2, 0]


@pytest.mark.parametrize("in_memory", [0, 1000])
def test_customers_are_renumbered_when_the_log_is_closed(in_memory):
    """``index`` gives every number its place: 0 stays, 1 and 2 change places."""
    store = Rows(in_memory)
    store.add(written([0, 1, 2, 2], [0, 0, 0, 1]))
    rows, _ = closed(store, np.array([0, 2, 1]), 3, ordered=True)

    assert rows["customer"].tolist() == [0, 1, 1, 2]
    assert rows["time"].tolist() == [0, 2, 3, 1]


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("in_memory", [0, 10**6])
def test_blocks_hold_whole_customers_and_cover_all(in_memory, ordered, monkeypatch):
    """Blocks of about 5 rows: borders meet, nobody is cut, customers without rows are in some block."""
    monkeypatch.setattr(sim.rows, "BLOCK", 5)
    counts = [3, 0, 4, 9, 0, 1, 2, 0]
    who = np.repeat(np.arange(8), counts)
    store = Rows(in_memory)
    store.add(written(who, np.concatenate([np.arange(n) for n in counts])))
    rows, borders = closed(store, None, 8, ordered=ordered)

    assert rows["customer"].tolist() == who.tolist()
    assert borders[0][0] == 0
    assert borders[-1][1] == 8
    assert all(before[1] == after[0] for before, after in pairwise(borders))


def test_blocks_can_be_read_again_and_again():
    """A log's metrics are many; every call starts anew."""
    store = Rows(0)
    store.add(written([0, 1], [0, 0]))
    blocks = store.close(None, 2, ordered=True)

    assert [rows.tobytes() for *_, rows in blocks()] == [rows.tobytes() for *_, rows in blocks()]


def test_nobody_leaves_no_blocks():
    """No customers, no rows."""
    assert list(Rows().close(None, 0, ordered=True)()) == []


def test_the_file_goes_when_nobody_reads_it_any_more():
    """Rows on disk live as long as the log."""
    store = Rows(0)
    store.add(written([0], [0]))
    folder = Path(store._folder)
    blocks = store.close(None, 1, ordered=False)
    del store
    assert folder.exists()
    del blocks
    assert not folder.exists()
