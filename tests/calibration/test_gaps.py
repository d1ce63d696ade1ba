"""Gap distributions: the right parameters come back from censored samples, the wrong method is seen to fail."""

import numpy as np
import pytest

from sim.calibration import gaps
from tests.calibration.known import renewals


def sample(draw, left, watched, seed=3, size=6000):
    """Return whole and open gaps when a share has left and observation ends uniformly within ``watched`` days."""
    chance = np.random.Generator(np.random.PCG64(seed))
    time, gone, until = draw(chance, size), chance.random(size) < left, chance.uniform(0, watched, size)
    seen = (time < until) & ~gone
    return time[seen], until[~seen]


CASES = {
    "exponential": (lambda c, n: c.exponential(12, n), 12, 1.0),
    "gamma": (lambda c, n: c.gamma(4, 2.5, n), 10, 0.5),
    "weibull": (lambda c, n: 8 * c.weibull(2, n), 8 * np.sqrt(np.pi) / 2, np.sqrt(4 / np.pi - 1)),
    "lognormal": (lambda c, n: np.exp(c.normal(2, 0.8, n)), np.exp(2 + 0.32), np.sqrt(np.expm1(0.64))),
}


@pytest.mark.parametrize("family", CASES)
@pytest.mark.parametrize("left", [0.0, 0.25])
def test_a_family_comes_back_with_its_mean_and_the_share_who_left(family, left):
    """The AIC picks the true family or one that holds it; mean and share are within 5 standard errors of the closed forms."""
    draw, mean, cv = CASES[family]

    found = gaps.fit(*sample(draw, left, 120.0), 1.0)

    assert found.family in {"exponential": ("exponential", "gamma", "weibull")}.get(family, (family,))
    assert abs(found.mean - mean) <= 5 * found.mean_se
    assert abs(found.left - left) <= max(5 * found.left_se, 0.01)
    assert found.cv == pytest.approx(cv, rel=0.1)
    assert found.distance < 3 * found.noise


def test_the_open_gap_counts_and_dropping_it_is_seen_to_bias():
    """Mean 30 watched for 90 days from an event on: whole gaps alone have mean 30 - 30 (1 - e^-3) / 3 = 20.5 (renewal theory: age at 90)."""
    whole, still_open = renewals(mean=30.0, days=90.0, customers=5000, seed=1)

    found, dropped = gaps.fit(whole, still_open, 0.0), gaps.fit(whole, still_open[:0], 0.0)

    assert abs(found.mean - 30) <= 5 * found.mean_se
    assert abs(dropped.mean - 30) > 50 * dropped.mean_se
    assert whole.mean() == pytest.approx(30 - 10 * (1 - np.exp(-3)), rel=0.02)


def test_the_censored_exponential_mean_is_time_over_gaps():
    """Without leaving, the maximum is the classical one: all days watched over gaps seen whole, with standard error mean / sqrt(gaps)."""
    whole, still_open = renewals(mean=30.0, days=90.0, customers=5000, seed=1)
    mean = (whole.sum() + still_open.sum()) / len(whole)

    found = gaps.fit(whole, still_open, 0.0)

    assert found.family == "exponential"
    assert mean == pytest.approx(found.mean, rel=1e-3)
    assert mean / len(whole) ** 0.5 == pytest.approx(found.mean_se, rel=0.02)


def test_many_gaps_gathered_in_cells_fit_like_all_of_them(monkeypatch):
    """Cells of one percent move a mean by less than a hundredth of its standard error."""
    whole, still_open = sample(CASES["weibull"][0], 0.2, 120.0)
    found = gaps.fit(whole, still_open, 1.0)

    monkeypatch.setattr(gaps, "_gathered", lambda values: (values, np.ones(len(values))))
    every = gaps.fit(whole, still_open, 1.0)

    assert abs(found.mean - every.mean) < 0.05 * every.mean_se
    assert abs(found.left - every.left) < 0.05 * every.left_se


def test_equal_gaps_are_a_fixed_number():
    """A monthly renewal has no spread to estimate."""
    found = gaps.fit(np.full(50, 30.0), np.array([10.0, 40.0]), 1.0)

    assert (found.family, found.mean) == ("fixed", 30.0)
    assert found.left == pytest.approx(1 / 51)  # one of the open ones has waited for more than the gap


def test_the_distance_of_a_sample_to_its_own_distribution_is_scipys():
    """Without open gaps it is the statistic of the one-sample Kolmogorov-Smirnov test."""
    from scipy.stats import kstest

    whole = sample(CASES["gamma"][0], 0.0, 1e9, size=500)[0]

    expected = kstest(whole, "expon", args=(0, 10)).statistic

    assert expected == pytest.approx(gaps.kolmogorov(whole, whole[:0], lambda t: -np.expm1(-t / 10)))
