"""Tests for behaviour in Python on the SimPy clock: what `docs/how-to/add_behaviour.md` shows, and its limits."""

import re
from pathlib import Path

import numpy as np
import pytest

from sim import log as L
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add_behaviour.md"


class ReminderCall:
    """Call a customer two days after they gave up in a queue, and mend a little of what the wait has spoilt."""

    def __init__(self, days=2.0):
        self.days, self.calls = days, 0

    def after(self, moment):
        """Return the days until the call, or None for everybody who did not give up."""
        if not moment.gave_up:
            return None
        self.calls += 1
        moment.satisfaction += 0.1
        return self.days


class Nothing:
    """See everything, do nothing."""

    def __init__(self):
        self.seen = []

    def after(self, moment):
        """Note the moment."""
        self.seen.append(moment)


def test_a_behaviour_that_does_nothing_changes_nothing():
    """Byte for byte, and it sees every row of customers' own clocks once, in the order of time."""
    world, watcher = worlds.made(worlds.everything(500)), Nothing()
    log = play(world, behaviour=[watcher])
    assert rows_of(log).tobytes() == rows_of(play(world, clock="compiled")).tobytes()
    rows = rows_of(log)[L.kind(rows_of(log)) <= L.GAVE_UP]
    assert sorted(m.now for m in watcher.seen) == [m.now for m in watcher.seen] == np.sort(rows["time"]).tolist()


def test_a_moment_says_what_the_row_says():
    """Every moment against its row, found by customer and time."""
    world, watcher = worlds.made(worlds.everything(300)), Nothing()
    log = play(world, behaviour=[watcher])
    rows, terms = rows_of(log)[L.kind(rows_of(log)) <= L.GAVE_UP], log.terms
    identity = log.births["identity"][rows["customer"]]
    told = {(m.customer, m.now): m for m in watcher.seen}

    for row, who in zip(rows, identity.tolist(), strict=True):
        m = told[who, float(row["time"])]
        assert (m.channel, m.stage_from, m.stage_to) == (terms.channels[row["channel"]], terms.stages[row["stage_from"]], terms.stages[row["stage_to"]])
        assert (m.engaged, m.order, m.gave_up) == (bool(row["flags"] & 1), bool(row["flags"] & 2), bool(row["flags"] >> 2 & 3))
        assert m.satisfaction == pytest.approx(float(row["satisfaction"]), abs=1e-6)
        assert (m.persona, m.arm) == (terms.personas[log.births["persona"][row["customer"]]], terms.arms[log.births["arm"][row["customer"]]])


def test_a_reminder_call_comes_two_days_after_a_give_up():
    """Whoever gave up and stayed asks the next time exactly two days later (what they wait then comes on top)."""
    call = ReminderCall()
    log = play(worlds.made(worlds.desk(500)), behaviour=[call])
    rows = rows_of(log)
    asked = rows["time"] - rows["waited"] - rows["served"]
    stayed = (L.kind(rows) == L.GAVE_UP) & np.append(np.diff(rows["customer"]) == 0, False)

    assert call.calls == np.count_nonzero(L.kind(rows) == L.GAVE_UP)
    assert stayed.sum() > 10
    np.testing.assert_allclose((np.roll(asked, -1) - rows["time"])[stayed], 2.0, atol=1e-5)


def test_satisfaction_stays_in_its_range_whatever_is_asked():
    """A behaviour that adds 5 makes people satisfied, not more."""

    class Flattery:
        def after(self, moment):
            moment.satisfaction += 5

    rows = rows_of(play(worlds.made(worlds.desk(200)), behaviour=[Flattery()]))

    assert 0.9 < rows["satisfaction"].max() <= 1.0


@pytest.mark.parametrize("days", [-1.0, float("nan")])
def test_time_does_not_go_back(days):
    """Less than no days is refused, with the name of the behaviour."""
    with pytest.raises(ValueError, match=r"ReminderCall.after: gave .* days; must be 0 or more"):
        play(worlds.made(worlds.desk(300)), behaviour=[ReminderCall(days)])


def test_the_page_runs():
    """Documentation runs: every block of Python of the page, one after the other."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec("\n".join(blocks), {"__name__": "page"})

    assert blocks
