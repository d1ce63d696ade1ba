"""Tests for `sim.lanes`: four numbers are counted with as one is."""

import numpy as np
import pytest
from numba import njit

from sim import rng
from sim.lanes import WIDTH, abreast, any_below, apart, count_upto, four, lowest, total

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
def runners_abreast(bits, strides):
    """Return the runners of four strides and what they leave to one, drawn side by side."""
    runners = rng.runner(bits, four(strides, 0))
    return apart(runners), apart(rng.slack(runners))


@njit
def runner(bits, stride):
    """Return one runner and what it leaves to one."""
    own = rng.runner(bits, stride)
    return own, rng.slack(own)


@njit
def counted(a, b, k, factor):
    """Return sums, differences and products of four floats from index k on, their total, and whether any is below a number."""
    x, y = four(a, k), four(b, k)
    return apart(x + y), apart(x - y), apart(x * y), apart(x * factor), total(x), any_below(x, factor)


@njit
def ranked(floats, number):
    """Return which of four floats is the lowest, and whether it is the only one; how many are a number or below it."""
    return lowest(four(floats, 0)), count_upto(four(floats, 0), number)


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
    """Multiplication and shifts act on each lane by itself; so does what is made a float of its bits."""
    for bits in words(50):
        strides = RNG.choice(rng.STRIDES, WIDTH)
        alone = [runner(bits, stride) for stride in strides]

        assert runners_abreast(bits, strides) == tuple(zip(*alone, strict=True))


def test_floats_side_by_side_are_counted_with_as_numpy_does():
    """From any index of an array on; a total adds the first to the third and the second to the fourth."""
    a, b = RNG.normal(size=9), RNG.normal(size=9)
    for k in range(9 - WIDTH + 1):
        x, y, factor = a[k : k + WIDTH], b[k : k + WIDTH], RNG.normal()
        expected = tuple(map(tuple, (x + y, x - y, x * y, x * factor)))

        assert counted(a, b, k, factor) == (*expected, (x[0] + x[2]) + (x[1] + x[3]), bool((x < factor).any()))


def test_nothing_is_below_what_is_no_number_and_infinity_is_below_nothing():
    """Where nobody runs a race the wait is inf, or no number if nothing is left to one."""
    for x, limit, expected in (([np.nan] * 4, 1.0, False), ([np.inf] * 4, np.inf, False), ([np.inf, np.nan, 0.5, 2.0], 1.0, True)):
        assert counted(np.array(x), np.ones(4), 0, limit)[-1] == expected


def test_what_a_runner_leaves_to_one_is_hardly_less_than_that():
    """At most 1 - unit(bits), and less by no more than 2^-53; so no winner is ever taken for a loser."""
    for bits in (*words(1000), np.uint64(0), np.uint64(2**64 - 1)):
        own, left = runner(bits, rng.STRIDES[3])

        assert 0.0 <= (1.0 - float(rng.unit(np.uint64(own)))) - left <= 2.0**-53


def test_the_lowest_of_four_is_the_first_of_equal_ones_and_those_up_to_a_number_are_counted():
    """Every order of four out of three values and infinity, against NumPy."""
    for x in np.array(np.meshgrid(*[[1.0, 2.0, 3.0, np.inf]] * WIDTH)).reshape(WIDTH, -1).T.copy():
        for number in (0.5, 2.0, 2.5, 9.0):
            assert ranked(x, number) == ((int(np.argmin(x)), int((x == x.min()).sum()) == 1), int((x <= number).sum()))


@pytest.mark.parametrize("wrong", [np.zeros(8, "i2"), np.zeros(8)[::2], np.zeros((2, 4))])
def test_four_numbers_are_taken_of_one_piece_of_words_or_floats_only(wrong):
    """Anything else would be read as if it were that."""
    with pytest.raises(TypeError, match="must be of words or floats"):
        ranked(wrong, 1.0)
