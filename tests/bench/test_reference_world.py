"""The worlds of the benchmark are the journey that the other programs play."""

import numpy as np
import pytest

from bench.reference import WORLDS
from sim.clocks import compiled_clock
from sim.model import check
from sim.model.tables import tables
from sim.play import play

# Means of three runs of the C program with a million customers each; only the rule of satisfaction differs.
PEER = {"J1": (0.0765, 13.40, 677.0), "J2": (0.0683, 13.44, 565.0)}


def _played(variant, customers, clock):
    log = play(check.world(WORLDS[variant](customers)), clock=clock)
    return log, np.concatenate([rows for _, _, rows in log.blocks()])


@pytest.mark.parametrize("variant", ["J1", "J2"])
def test_the_reference_worlds_are_alike_to_what_the_other_programs_play(variant):
    """Reach of retention, occasions and revenue per customer lie near the C program's: within 5 %, 2 % and 15 %, and five standard errors."""
    log, rows = _played(variant, 40_000, "compiled")
    reach, occasions, revenue = PEER[variant]
    count = len(log.births)
    per = [np.bincount(rows["customer"], weight, count) for weight in (None, rows["revenue"])]
    reached = np.bincount(rows["customer"], rows["stage_to"] == log.terms.stages.index("retention"), count) > 0

    assert reached.mean() == pytest.approx(reach, abs=0.05 * reach + 5 * reached.std() / count**0.5)
    assert per[0].mean() == pytest.approx(occasions, abs=0.02 * occasions + 5 * per[0].std() / count**0.5)
    assert per[1].mean() == pytest.approx(revenue, abs=0.15 * revenue + 5 * per[1].std() / count**0.5)


@pytest.mark.parametrize("variant", ["J1", "J2"])
def test_both_clocks_write_the_same_bytes_of_the_reference_worlds(variant):
    """The fast clock is the clear clock, whatever is shared (contract of the two clocks)."""
    (clear, clear_rows), (fast, fast_rows) = (_played(variant, 3000, clock) for clock in ("simpy", "compiled"))

    assert clear_rows.tobytes() == fast_rows.tobytes()
    assert clear.births.tobytes() == fast.births.tobytes()


def test_the_rows_do_not_depend_on_the_number_of_threads():
    """Three threads make the chunks that one makes, in the same order (chance has an address, whoever draws it)."""
    world = check.world(WORLDS["J1"](3 * compiled_clock.CHUNK_CUSTOMERS))
    t = tables(world)
    alone, together = ([(first, rows.tobytes()) for first, rows, _ in compiled_clock.played(world, t, threads=n)] for n in (1, 3))

    assert alone == together
