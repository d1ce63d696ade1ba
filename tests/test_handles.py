"""Tests for `sim.handles`: compiled code finds arrays behind a handle."""

from typing import Annotated, NamedTuple

import numpy as np
import pytest
from numba import njit

from sim.handles import Array, behind, handle

RECORD = np.dtype([("a", "i2"), ("b", "f8")])


class Shelf(NamedTuple):
    """Arrays of three kinds."""

    records: Annotated[Array, RECORD]
    rows: Annotated[Array, np.dtype(("f8", (2, 3)))]
    numbers: Annotated[Array, "i8"]


shelf = behind(Shelf)


@njit
def read(handle_, record, row, i, j):
    """Return what stands in a record and in a row, and how long everything is."""
    s = shelf(handle_)
    return s.records[record].b, s.rows[row, i, j], s.rows.shape, len(s.records), len(s.numbers)


@njit
def write(handle_, k, value):
    """Write into a record and into the numbers."""
    s = shelf(handle_)
    s.records[k].b, s.numbers[k] = value, -s.numbers[k]


def full(size: int) -> Shelf:
    """Return a shelf on which no two things are equal."""
    records = np.zeros(size, RECORD)
    records["b"] = np.arange(size) / 7
    return Shelf(records, np.arange(size * 12.0).reshape(2 * size, 2, 3), np.arange(3 * size))


def test_compiled_code_reads_what_stands_behind_a_handle():
    """NumPy indexing is the other implementation."""
    arrays = full(5)
    for record, row, i, j in ((0, 0, 0, 0), (3, 7, 1, 2), (4, 9, 0, 1)):
        assert read(handle(arrays), record, row, i, j) == (arrays.records["b"][record], arrays.rows[row, i, j], (10, 2, 3), 5, 15)


def test_what_compiled_code_writes_stands_in_the_arrays():
    """The handle is no copy."""
    arrays = full(4)
    write(handle(arrays), 2, 0.5)

    assert arrays.records["b"].tolist() == [0.0, 1 / 7, 0.5, 3 / 7]
    assert arrays.numbers[:4].tolist() == [0, 1, -2, 3]


def test_a_handle_of_other_arrays_leads_to_them():
    """Nothing of the first is remembered, whatever its length was."""
    few, many = full(2), full(200)
    assert read(handle(few), 1, 3, 1, 1)[3:] == (2, 6)
    assert read(handle(many), 150, 3, 1, 1) == (150 / 7, many.rows[3, 1, 1], (400, 2, 3), 200, 600)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("records", np.zeros(3, "f8")), ("rows", np.zeros((3, 3, 2))), ("rows", np.zeros((3, 6))), ("numbers", np.arange(8)[::2]), ("numbers", np.zeros(4, "i4"))],
)
def test_an_array_of_another_shape_gets_no_handle(name, wrong):
    """Compiled code would read something else behind it."""
    with pytest.raises(TypeError, match=f"^{name}: "):
        handle(full(2)._replace(**{name: wrong}))
