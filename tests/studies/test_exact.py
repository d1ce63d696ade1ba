"""Exact beside simulated."""

import csv

import numpy as np
import pytest

from sim import log as L
from sim.customers import fold
from sim.model import known
from sim.model.check import world
from sim.model.exact import solve
from sim.play import play
from sim.studies.exact import FAR, StageSums, compare
from tests import worlds


@pytest.fixture(scope="module")
def comparison():
    """Compare a world of two personas, three channels and four families of gaps."""
    return compare(world(worlds.plain(5000)))


def test_the_run_is_as_far_from_the_exact_answer_as_luck_allows(comparison):
    """Every simulated value is within five standard errors of the exact one."""
    assert len([row for row in comparison.rows if not np.isnan(row.z)]) > 50
    assert comparison.worst < FAR


def test_a_wrong_answer_would_be_seen():
    """The exact answers of a world whose customers engage twice as often do not fit this run."""
    raw = worlds.plain(5000)
    touches = fold(play(world(raw)))["touches"]
    raw["channels"]["ad"]["engage"] = 0.6
    exact = solve(world(raw)).by_horizon["touches"]

    assert abs(touches.mean() - exact) > FAR * touches.std() / np.sqrt(len(touches))


def test_only_values_of_the_same_kind_stand_side_by_side(comparison):
    """What has no value by the horizon has nothing simulated beside it."""
    ever_only = [row for row in comparison.rows if np.isnan(row.by_horizon)]

    assert {"stage_reach", "dwell_time", "steps_variance"} <= {row.quantity for row in ever_only}
    assert all(np.isnan(row.simulated) and np.isnan(row.z) for row in ever_only)


def test_the_comparison_is_readable_and_written(comparison, tmp_path):
    """The text has at most 100 columns; the file has a row for each quantity."""
    comparison.write(tmp_path)

    with (tmp_path / "exact.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(comparison.rows)
    assert max(map(len, comparison.text().splitlines())) <= 100


def test_stage_sums_are_counted_by_hand():
    """One customer: 2 days in a, stays, 1 day, on to b; 4 days in b until the horizon."""
    terms = L.Terms(horizon=8.0, stages=("a", "b", "out"), kinds=("prospect", "customer", "lost"))
    births, rows = np.zeros(1, L.BIRTH), np.zeros(2, L.ROW)
    births["arrived"], births["parent"] = 1.0, -1
    rows["time"], rows["number"], rows["stage_to"] = [3.0, 4.0], [0, 1], [0, 1]
    sums = StageSums(L.in_memory(terms, births, rows))

    assert (sums.visits.tolist(), sums.entries.tolist(), sums.days.tolist()) == ([[2, 0, 0]], [[1, 1, 0]], [[3, 4, 0]])


def test_founders_are_compared_where_customers_refer_others():
    """The referred are left out on both sides."""
    case = known.advocates(chance=0.1, leaves=0.25)
    found = compare(world(case.world | {"customers": 3000}))

    assert found.worst < FAR
    assert next(row for row in found.rows if row.quantity == "family").ever == pytest.approx(5 / 3)
