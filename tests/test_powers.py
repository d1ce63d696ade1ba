"""Tests for `sim.powers`: the exponential function, against an exact one."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numba import njit

from sim import powers

RNG = np.random.default_rng(20261122)


@njit
def exps(x):
    """Return e^x of numbers."""
    return np.array([powers.exp(each) for each in x])


@pytest.mark.parametrize("reach", [1e-12, 0.01, 1.0, 50.0, powers.HIGHEST])
def test_powers_of_e_are_as_exact_as_they_say(reach):
    """Relative error below (|x| + 3) 2^-53; `decimal` with 40 digits is the other implementation."""
    given = np.concatenate([RNG.uniform(-reach, reach, 2000), [0.0, reach, -reach]])
    with localcontext() as context:
        context.prec = 40
        errors = [abs(Decimal(float(found)) / Decimal(float(x)).exp() - 1) for x, found in zip(given, exps(given), strict=True)]

    assert (np.array(errors, float) < (np.abs(given) + 3) * 2.0**-53).all()


def test_powers_of_e_agree_with_the_library_of_this_machine():
    """To ten units in the last place, as far as rules mostly go; each library has its own rounding."""
    given = RNG.uniform(-8, 8, 20_000)

    assert exps(given) == pytest.approx(np.exp(given), rel=10 * 2.0**-52, abs=0)


def test_a_higher_exponent_gives_no_power_lower_by_more_than_the_last_bit():
    """Over the ends of the table's cells too, where two polynomials meet, (k + 1/2) ln(2)/2048 and its neighbours."""
    ends = np.arange(-9000, 9000) * math.log(2) / powers.CELLS + math.log(2) / powers.CELLS / 2
    given = np.sort(np.concatenate([ends, ends * (1 - 1e-14), ends * (1 + 1e-14)]))

    found = exps(given)

    assert (np.diff(found) >= -np.spacing(found[1:])).all()


def test_exponents_out_of_reach_count_as_the_farthest():
    """Nothing overflows, and no weight becomes nothing: e^700 and e^-700 stand for what lies beyond."""
    assert np.isnan(exps(np.array([np.nan]))[0])
    assert exps(np.array([1e9, np.inf, -1e9, -np.inf])) == pytest.approx([math.exp(700), math.exp(700), math.exp(-700), math.exp(-700)], rel=1e-12)
