"""Bootstrap-t: what it covers, and that its draws have addresses."""

import numpy as np
import pytest

from sim.stats.bootstrap import bootstrap_t, generator
from sim.stats.means import t_interval
from sim.stats.ratios import Totals


def totals(values):
    return Totals(values, np.ones(len(values)))


def test_an_address_has_its_own_draws():
    """Same address, same draws; the parts of an address are kept apart."""
    assert generator("a", "bc").random() == generator("a", "bc").random()
    assert generator("a", "bc").random() != generator("ab", "c").random()


def test_normal_values_get_nearly_the_t_interval():
    """For n = 200 normal values both are mean ± 2 standard errors; 999 draws leave some 5 % of the width to chance."""
    values = np.random.default_rng(1).normal(10, 2, 200)
    _, low, high = t_interval(values)

    assert bootstrap_t(totals(values), generator("x")) == pytest.approx((low, high), abs=0.1 * (high - low))


@pytest.mark.parametrize("size", [60, 2000])
def test_skewed_money_is_covered(size):
    """200 samples, one in four buys for a lognormal sum (cv 1.3): 95 % ± 5 standard errors of the count; 2,000 units are thrown into buckets."""
    chance, mean = np.random.default_rng(size), 0.25 * np.exp(0.5)
    hits = 0
    for i in range(200):
        values = np.where(chance.random(size) < 0.25, chance.lognormal(0, 1, size), 0.0)
        low, high = bootstrap_t(totals(values), generator("cover", str(i)))
        hits += low <= mean <= high

    assert hits / 200 == pytest.approx(0.95, abs=5 * np.sqrt(0.95 * 0.05 / 200))


def test_ratios_are_covered():
    """Cost per conversion with one conversion in twenty; the truth is 3 / .05."""
    chance, hits = np.random.default_rng(3), 0
    for i in range(200):
        cost, won = chance.gamma(0.5, 6, 1000), (chance.random(1000) < 0.05).astype(float)
        low, high = bootstrap_t(Totals(cost, won), generator("ratio", str(i)))
        hits += low <= 60 <= high

    assert hits / 200 == pytest.approx(0.95, abs=5 * np.sqrt(0.95 * 0.05 / 200))


def test_equal_values_have_a_point_for_an_interval():
    """Nothing varies."""
    assert bootstrap_t(totals(np.full(20, 3.0)), generator("x")) == (3.0, 3.0)


def test_the_variance_of_a_share_is_the_binomial_one():
    """P (1 - p) / n, by linearisation."""
    values = np.array([1.0] * 3 + [0.0] * 7)

    assert totals(values).variance() == pytest.approx(0.3 * 0.7 / 10)
