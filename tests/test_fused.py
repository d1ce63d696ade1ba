"""Tests for `sim.fused`: a product and a sum with one rounding."""

from fractions import Fraction

import numpy as np
from numba import njit

from sim.fused import fused

RNG = np.random.default_rng(20261122)


@njit
def compiled(a, b, c):
    """Return a x b + c."""
    return fused(a, b, c)


def test_a_product_and_a_sum_are_rounded_once():
    """Exact fractions rounded at the end are the other implementation; where the sum nearly cancels, two roundings would show."""
    for a, b, c in RNG.normal(size=(500, 3)):
        for rest in (c, -a * b, -a * b * (1 + 2.0**-40)):
            assert compiled(a, b, rest) == float(Fraction(a) * Fraction(b) + Fraction(rest))
