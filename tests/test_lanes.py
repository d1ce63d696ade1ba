"""Tests for `sim.lanes`: four words are counted with as one is."""

import numpy as np
from numba import njit

from sim import rng
from sim.lanes import WIDTH, abreast, apart

RNG = np.random.default_rng(20261122)


@njit
def blocks_abreast(key, identity, counters):
    """Return the Threefry blocks of four counters, drawn side by side."""
    first, second = rng.threefry(key[0], key[1], identity, abreast(counters[0], counters[1], counters[2], counters[3]))
    return apart(first), apart(second)


@njit
def block(key, identity, counter):
    """Return one Threefry block."""
    return rng.threefry(key[0], key[1], identity, counter)


@njit
def runners_abreast(bits, stages):
    """Return the runners of four stages and what they leave to one, drawn side by side."""
    runners = rng.runner(bits, abreast(stages[0], stages[1], stages[2], stages[3]))
    return apart(runners), apart(rng.slack(runners))


@njit
def runner(bits, stage):
    """Return one runner and what it leaves to one."""
    own = rng.runner(bits, stage)
    return own, rng.slack(own)


def words(count: int) -> tuple[np.uint64, ...]:
    """Return random words."""
    return tuple(RNG.integers(0, 2**64, count, np.uint64))


def test_blocks_drawn_side_by_side_are_those_drawn_alone():
    """The scalar rule, which is held to the published answers, is the other implementation."""
    for _ in range(50):
        key, identity, counters = words(2), words(1)[0], words(WIDTH)
        alone = [block(key, identity, counter) for counter in counters]

        assert blocks_abreast(key, identity, counters) == tuple(zip(*alone, strict=True))


def test_runners_drawn_side_by_side_are_those_drawn_alone():
    """Numbers of stages are small words; multiplication and shifts act on each lane by itself."""
    for bits in words(50):
        stages = tuple(RNG.integers(0, 120, WIDTH).astype(np.uint64))
        alone = [runner(bits, stage) for stage in stages]

        assert runners_abreast(bits, stages) == tuple(zip(*alone, strict=True))


def test_what_a_runner_leaves_to_one_is_hardly_less_than_that():
    """As float64, less 1: at most 1 - unit(bits), and by no more than 2^-53; so no winner is ever taken for a loser."""
    for bits in (*words(1000), np.uint64(0), np.uint64(2**64 - 1)):
        own, left = runner(bits, np.uint64(3))
        short = (1.0 - float(rng.unit(np.uint64(own)))) - (float(np.uint64(left).view(np.float64)) - 1.0)

        assert 0.0 <= short <= 2.0**-53
