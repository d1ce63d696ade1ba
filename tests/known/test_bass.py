"""V7 at its full size: word of mouth alone against Bass on a finite population, and in the limit (a smaller check is in `tests/test_step_market.py`)."""

import math

import numpy as np
import pytest

from tests import worlds
from tests.known.distance import FAR, z
from tests.test_step_market import adopters, bass, master

P, Q = 0.03, 0.4


@pytest.mark.slow
@pytest.mark.parametrize("people", [20, 100])
def test_adopters_have_the_mean_and_variance_of_the_birth_process(people):
    """Force p + q k / M (estimators 16): 20,000 runs against the master equation."""
    days, runs = 10.0, 20_000
    world = worlds.made(bass(people, P, Q, days))
    found = np.array([adopters(world, r) for r in range(runs)], float)
    mean, variance = master(people, P, Q, days)

    assert abs(z(found.mean(), mean, variance, runs)) < FAR
    squares = (found - mean) ** 2
    assert abs(z(squares.mean(), variance, squares.var(), runs)) < FAR


@pytest.mark.slow
def test_a_large_population_follows_the_curve_of_bass():
    """M = 100,000: the mean of 20 runs within 0.5 % of F(t) = (1 - e^(-(p + q) t)) / (1 + q / p e^(-(p + q) t)) (Bass 1969)."""
    for days in (5.0, 10.0):
        still = math.exp(-(P + Q) * days)
        world = worlds.made(bass(100_000, P, Q, days))
        found = np.mean([adopters(world, r) for r in range(20)]) / 100_000
        assert found == pytest.approx((1 - still) / (1 + Q / P * still), rel=0.005)
