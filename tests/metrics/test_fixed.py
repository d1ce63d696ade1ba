"""On whom the wages of a desk fall that nobody used; the log is worked by hand."""

import pytest

from sim.metrics import measure
from tests.metrics.conftest import log_of, row


def two(**terms):
    """Return two arrivals: one converts on day 40 and stays, one has an occasion in each of two months; the desk is paid 30 and 60 a month."""
    rows = [
        row(0, 10, "search", "awareness > awareness"),
        row(0, 40, "own", "awareness > retention", revenue=100),
        row(0, 50, "own", "retention > retention"),
        row(1, 20, "own", "awareness > awareness"),
        row(1, 45, "email", "awareness > awareness"),
    ]
    return log_of([0, 0], rows, [(0, "sales", 30.0), (1, "sales", 60.0)], horizon=400.0, **terms)


def found(log, metric, by="all", group="all"):
    """Return one number of a log."""
    return next(m.value for m in measure(log) if (m.metric, m.by, m.group) == (metric, by, group))


def test_a_desk_that_stood_ready_for_prospects_is_part_of_what_winning_costs():
    """Two occasions of prospects in each month bear 15 and 30 each: 90 in all, for one lead and one conversion."""
    assert found(two(), "cac") == found(two(wins=(True,)), "cac") == pytest.approx(90)
    assert found(two(), "cpl") == pytest.approx(90)
    assert found(two(), "cost", "channel", "email") == 0
    assert found(two(), "cost") == pytest.approx(90)


def test_a_desk_for_customers_that_nobody_used_wins_nobody():
    """Its wages are a cost of the run, and of no customer."""
    idle = two(wins=(False,))

    assert found(idle, "cac") == 0
    assert found(idle, "cost") == pytest.approx(90)


def test_a_month_without_prospects_leaves_its_wages_to_the_others():
    """The wages of months 0 and 5 fall on the occasions of months 0 and 1: 80 in all."""
    rows = [row(0, 10, "search", "awareness > awareness"), row(0, 40, "own", "awareness > retention", revenue=100)]
    log = log_of([0], rows, [(0, "sales", 30.0), (5, "sales", 50.0)], horizon=400.0)

    assert found(log, "cac") == pytest.approx(80)
