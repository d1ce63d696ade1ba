"""Tests for `sim.spread`: quantiles against scipy, moments against what was asked for, monotone everywhere."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from sim import spread
from sim.model.world import Spread, Trait

U = np.concatenate([10.0 ** -np.arange(15, 1, -1), np.linspace(0.005, 0.995, 400), 1 - 10.0 ** -np.arange(2, 13)])
FAMILIES = [
    Spread(family="exponential", mean=3),
    Spread(family="fixed", mean=3),
    *(Spread(family=family, mean=3, cv=cv) for family in ("gamma", "weibull", "lognormal") for cv in (0.1, 0.5, 1.0, 2.0)),
    *(Trait(acts="odds", family="beta_prime", a=a, b=b) for a, b in [(0.7, 1.3), (2, 3), (20, 50)]),
]


@njit
def quantiles(record, tables, u):
    """Return the quantiles of one spread."""
    return np.array([spread.quantile(record[0], tables, x) for x in u])


@njit
def normals(u):
    """Return standard normal quantiles."""
    return np.array([spread.normal_quantile(x) for x in u])


def drawn(given, u=U, scale=1.0):
    """Return the quantiles of a spread as the rules draw them."""
    tables = []
    record = np.array([spread.compiled(given, scale, tables)], spread.SPREAD)
    return quantiles(record, np.array(tables) if tables else np.zeros((1, spread.NODES, 4)), u)


def theory(given):
    """Return scipy's distribution of the same mean and coefficient of variation."""
    mean, cv = given.mean, given.cv
    if given.family == "weibull":
        shape = spread.weibull_shape(cv)
        return stats.weibull_min(shape, scale=mean / stats.weibull_min(shape).mean())
    return {
        "exponential": lambda: stats.expon(scale=mean),
        "gamma": lambda: stats.gamma(1 / cv**2, scale=mean * cv**2),
        "lognormal": lambda: stats.lognorm(np.sqrt(np.log1p(cv**2)), scale=mean / np.sqrt(1 + cv**2)),
        "beta_prime": lambda: stats.betaprime(given.a, given.b),
    }[given.family]()


def name(given):
    """Return what to call a spread in a report."""
    return f"{given.family}-{given.cv if given.a is None else given.a}"


@pytest.mark.parametrize("given", [f for f in FAMILIES if f.family != "fixed"], ids=name)
def test_quantiles_are_those_of_scipy(given):
    """Within 1e-5 of scipy's ppf, relative, from 1e-15 to 1 - 1e-12."""
    np.testing.assert_allclose(drawn(given), theory(given).ppf(U), rtol=1e-5)


@pytest.mark.parametrize("given", FAMILIES, ids=name)
def test_a_higher_uniform_never_means_less(given):
    """Design 5: inverse distribution functions, monotone also across the cells' borders."""
    u = np.sort(np.concatenate([U, np.linspace(1e-9, 1 - 1e-9, 200_001)]))

    assert np.all(np.diff(drawn(given, u)) >= 0)


@pytest.mark.parametrize("given", [f for f in FAMILIES if f.a is None], ids=name)
def test_mean_and_spread_are_what_was_asked_for(given):
    """Mean and coefficient of variation by the midpoint rule on the quantiles; to 1 % (the far tail is cut)."""
    x = drawn(given, (np.arange(400_000) + 0.5) / 400_000)
    cv = 0 if given.family == "fixed" else given.cv

    assert x.mean() == pytest.approx(given.mean, rel=1e-3)
    assert x.std() / x.mean() == pytest.approx(cv, rel=0.02, abs=1e-12)


def test_the_normal_quantile_is_exact_to_a_millionth():
    """Against scipy.stats.norm.ppf, the bound that `normal_quantile` states; also at the smallest and largest uniform drawn."""
    u = np.concatenate([U, [2.0**-53, 1 - 2.0**-53], np.linspace(1 / 64 - 1e-4, 1 / 64 + 1e-4, 101), np.linspace(1e-6, 1 - 1e-6, 100_000)])

    np.testing.assert_allclose(normals(u), stats.norm.ppf(u), rtol=0, atol=1e-6)


@pytest.mark.parametrize("given", FAMILIES, ids=name)
def test_the_extreme_uniforms_give_finite_positive_numbers(given):
    """At 2^-53 and 1 - 2^-53, the ends of what can be drawn."""
    low, high = drawn(given, np.array([2.0**-53, 1 - 2.0**-53]))

    assert 0 < low <= high < np.inf


@pytest.mark.parametrize("given", FAMILIES, ids=name)
def test_a_scale_scales(given):
    """Pace multiplies gaps: every quantile, by the same factor."""
    np.testing.assert_allclose(drawn(given, scale=2.5), 2.5 * drawn(given), rtol=1e-12)


def test_no_variation_is_no_variation():
    """Cv 0 is the mean itself, in every family that has a cv; mean 0 is 0."""
    for family in ("gamma", "weibull", "lognormal"):
        assert set(drawn(Spread(family=family, mean=3, cv=0))) == {3.0}
        assert set(drawn(Spread(family=family, mean=0, cv=1))) == {0.0}


def test_equal_spreads_share_a_table():
    """Two gammas of one shape, whatever their means, need one table of cells."""
    tables = []
    spread.compiled(Spread(family="gamma", mean=3, cv=0.5), 1.0, tables)
    spread.compiled(Spread(family="gamma", mean=9, cv=0.5), 2.0, tables)
    spread.compiled(Spread(family="gamma", mean=3, cv=0.6), 1.0, tables)

    assert len(tables) == 2


@pytest.mark.parametrize("cv", [1e-6, 1e-4, 1e-2, 20.0])
def test_the_weibull_shape_is_found_for_every_spread_that_is_accepted(cv):
    """Γ(1 + 2/k) / Γ(1 + 1/k)² = 1 + cv², checked with logarithms; below 1e-5 the spread is none at all."""
    if cv < spread.NO_SPREAD:
        assert spread.compiled(Spread(family="weibull", mean=5.0, cv=cv), 1.0, [])[0] == spread.FIXED
        return
    k = spread.weibull_shape(cv)
    assert math.expm1(math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k)) == pytest.approx(cv * cv, rel=1e-3)
