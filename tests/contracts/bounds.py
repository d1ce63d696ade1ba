"""Play every case on both clocks with bounds checks on; run by `test_bounds` in a process of its own. Exit 0 if all logs agree, 3 if the checks are off."""

import sys

from sim.clocks.compiled_clock import settle
from sim.handles import handle
from sim.model.state import live
from sim.model.tables import tables
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of


def checks_are_on():
    """Return whether writing beyond an array raises (the array is longer than it says, so nothing is harmed if not)."""
    world = worlds.made(worlds.plain(8))
    t = tables(world)
    state = live(world, t, 64)
    short = state._replace(lives=state.lives[:4])
    try:
        settle(handle(t), handle(short), 0, 8)
    except IndexError:
        return True
    return False


def differing(customers=250):
    """Return the cases whose two logs are not the same bytes."""
    return [name for name, case in worlds.CASES.items() if not _same(worlds.made(case(customers), seed=11))]


def _same(world):
    clear, fast = play(world, clock="simpy"), play(world, clock="compiled")
    return clear.births.tobytes() == fast.births.tobytes() and rows_of(clear).tobytes() == rows_of(fast).tobytes()


if __name__ == "__main__":
    if not checks_are_on():
        sys.exit(3)
    if wrong := differing():
        sys.exit(f"the clocks differ: {', '.join(wrong)}")
