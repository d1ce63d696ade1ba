"""Tests for `sim.clocks`: both clocks write the same bytes, whatever happens in the world."""

import pytest

from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of


@pytest.mark.parametrize("seed", [7, 8, 9])
@pytest.mark.parametrize("case", worlds.CASES)
def test_the_fast_clock_is_the_clear_clock(case, seed):
    """Both clocks write the same customers and rows, byte for byte (design 6)."""
    world = worlds.made(worlds.CASES[case](), seed=seed)
    clear, fast = play(world, clock="simpy"), play(world, clock="compiled")

    assert clear.births.tobytes() == fast.births.tobytes()
    assert rows_of(clear).tobytes() == rows_of(fast).tobytes()
