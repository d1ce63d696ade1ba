"""Tables behind figures: what is counted as an occasion."""

import numpy as np
import pytest

from sim.metrics import curves
from sim.play import play
from tests import worlds

FEE = {"model": "contract", "contract": {"fee": {"mean": 10, "family": "fixed"}, "period": 7.0}}
PARTS = {"instalments": {"number": 4, "every": 30.0}}
BACK = {"refund": {"chance": 1.0, "after": {"mean": 7, "family": "fixed"}}}


@pytest.mark.parametrize("terms", [FEE, PARTS, BACK])
def test_no_bill_is_an_occasion(terms):
    """Who pays what and when, and what a referral is rewarded with, changes nobody's journey here: the table stays what it is."""
    plain = worlds.referral(400)
    dear = worlds.put(plain, referral__reward=7.0, personas__calm__revenue=plain["personas"]["calm"]["revenue"] | terms)
    logs = [play(worlds.made(raw), clock="compiled", threads=1) for raw in (plain, dear)]
    free, paid = (curves.occasions(log) for log in logs)

    assert sum(len(rows) for _, _, rows in logs[1].blocks()) > sum(len(rows) for _, _, rows in logs[0].blocks()) + 100
    np.testing.assert_array_equal(paid.counts, free.counts)
    np.testing.assert_array_equal(paid.engaged, free.engaged)


def test_giving_up_and_a_rule_s_message_are_counted_where_they_come():
    """Every row that is no bill, by channel and stage."""
    log = play(worlds.made(worlds.put(worlds.ruled_desk(200), desks__sales__people=2)), clock="compiled", threads=1)
    rows = np.concatenate([rows for _, _, rows in log.blocks()])
    found = curves.occasions(log)

    assert set(np.unique(rows["flags"] >> 2 & 3)) == {0, 1, 2}
    np.testing.assert_array_equal(found.counts, [[((rows["channel"] == c) & (rows["stage_from"] == s)).sum() for s in range(6)] for c in range(4)])
