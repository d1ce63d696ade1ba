"""Shares and rates against statsmodels, scipy and published tables."""

import math

import pytest

from sim.stats.proportions import effective_n, garwood, wilson


@pytest.mark.parametrize(("events", "n"), [(0, 10), (1, 10), (8, 35), (50, 100), (10, 10), (3, 20_000)])
def test_wilson_is_that_of_statsmodels(events, n):
    """proportion_confint(method="wilson")."""
    from statsmodels.stats.proportion import proportion_confint

    assert wilson(events / n, n) == pytest.approx(proportion_confint(events, n, method="wilson"), abs=1e-12)


def test_wilson_is_the_published_one():
    """Newcombe (1998), table I: 81 of 263 gives .2553 to .3662, 15 of 148 .0624 to .1605, 0 of 20 .0000 to .1611."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_nobody_has_no_interval():
    """No size, no share: no limits."""
    assert all(math.isnan(limit) for limit in (*wilson(0.5, 0), *wilson(math.nan, 9), *garwood(0, 0)))


@pytest.mark.parametrize(("events", "low", "high"), [(0, 0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39), (50, 37.11, 65.92)])
def test_garwood_is_the_published_one(events, low, high):
    """Exact 95 % limits of a Poisson mean, Garwood (1936), as in Pearson and Hartley's table 40."""
    assert garwood(events, 1.0) == pytest.approx((low, high), rel=1e-3, abs=1e-12)


def test_garwood_is_per_unit_of_exposure():
    """Ten events in four months are 2.5 a month, and so are the limits."""
    assert garwood(10, 4.0) == pytest.approx(tuple(limit / 4 for limit in garwood(10, 1.0)))


def test_a_plain_sample_has_its_own_size():
    """P (1 - p) / (p (1 - p) / n) = n; without any variance the size is the one given."""
    assert effective_n(0.2, 0.2 * 0.8 / 50, 7) == pytest.approx(50)
    assert effective_n(0.0, 0.0, 7) == 7
