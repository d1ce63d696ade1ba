"""The t interval and the jackknife against scipy and algebra."""

import math

import numpy as np
import pytest

from sim.stats.means import jackknife, ratio_pseudo_values, t_interval, t_intervals

VALUES = np.array([2.1, 3.4, 1.9, 5.6, 4.4, 2.8])


def test_the_t_interval_is_that_of_scipy():
    """scipy.stats.t.interval with R - 1 degrees of freedom."""
    from scipy import stats

    mean, low, high = t_interval(VALUES)

    assert (low, high) == pytest.approx(stats.t.interval(0.95, 5, loc=mean, scale=stats.sem(VALUES)))


def test_one_replication_has_no_interval():
    """There is a mean and no spread."""
    mean, low, high = t_interval(np.array([3.0]))

    assert mean == 3.0
    assert math.isnan(low)
    assert math.isnan(high)


def test_the_jackknife_of_a_mean_is_its_t_interval():
    """The pseudo-values of a mean are the values (Tukey 1958)."""
    assert jackknife(lambda rows: float(np.mean(rows)), VALUES) == pytest.approx(t_interval(VALUES))


def test_the_jackknife_takes_the_bias_of_a_ratio():
    """Ten conversions a replication: the mean of ratios is 1/9 too high (E[1/N] for N near 10), sum over sum is not."""
    chance = np.random.default_rng(1)
    conversions = chance.poisson(10, 4000) + 1.0
    rows = np.column_stack([np.full(4000, 1000.0), conversions])
    ratio, low, high = jackknife(lambda some: float(some[:, 0].sum() / some[:, 1].sum()), rows[:400])

    assert low < 1000 / 11 < high
    assert ratio < np.mean(rows[:, 0] / rows[:, 1]) / 1.05


def test_rows_of_replications_get_the_intervals_that_one_row_gets():
    """Row by row the same as `t_interval` and `jackknife`, with a missing value left out."""
    random = np.random.default_rng(1)
    above, below = random.random((3, 20)), 1 + random.random((3, 20))
    expected = [jackknife(lambda rows: rows[:, 0].sum() / rows[:, 1].sum(), np.column_stack(pair)) for pair in zip(above, below, strict=True)]
    assert np.transpose(t_intervals(ratio_pseudo_values(above, below))) == pytest.approx(np.array(expected), rel=1e-12)

    above[0, 3] = np.nan
    known = [np.delete(values[0], 3) for values in (above, below)]
    expected[0] = jackknife(lambda rows: rows[:, 0].sum() / rows[:, 1].sum(), np.column_stack(known))
    assert np.transpose(t_intervals(ratio_pseudo_values(above, below))) == pytest.approx(np.array(expected), rel=1e-12)
    assert [limit[0] for limit in t_intervals(above)] == pytest.approx(t_interval(np.delete(above[0], 3)))
