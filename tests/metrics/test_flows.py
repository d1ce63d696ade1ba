"""Money by age: its spread, and ties that floating point would miss."""

import pytest

from sim.metrics.funnel import conversion_rate_30d
from sim.metrics.journey import facts
from sim.metrics.value import value_365d
from tests.metrics.conftest import row


def test_longer_follow_up_alone_is_no_spread(make_log):
    """Forty customers who all order at the same ages differ only in how long they are seen: the estimate is exact, 13 orders."""
    arrived = [5.0 * i for i in range(40)]
    rows = [
        row(i, day + 1 + 30 * k, "own", "awareness > retention" if k == 0 else "retention > retention", revenue=10)
        for i, day in enumerate(arrived)
        for k in range(13)
        if day + 1 + 30 * k < 480
    ]
    found = value_365d(facts(make_log(arrived, rows, horizon=480.0, discount_rate=0.0), intervals=True))[0]

    assert found.value == pytest.approx(13 * 10 / 2)
    assert found.high - found.low == pytest.approx(0, abs=1e-9)


def test_thirty_days_are_thirty_days(make_log):
    """(3.7 + 30) - 3.7 is more than 30 in floating point, and conversion on day 30 counts."""
    arrived = [8.3, 3.7, 1.1, 9.9, 16.6, 4.4]
    rows = [row(i, day + 30, "own", "awareness > retention") for i, day in enumerate(arrived)]

    assert any((day + 30) - day > 30 for day in arrived)
    assert conversion_rate_30d(facts(make_log(arrived, rows, horizon=100.0), intervals=False))[0].value == pytest.approx(1)
