"""Curves against statsmodels and by hand."""

import numpy as np
import pytest

from sim.stats import survival


def sample(seed: int, size: int = 400):
    """Return times with many ties and what happened then (0 nothing, 1 the event, 2 another)."""
    chance = np.random.default_rng(seed)
    return np.round(chance.exponential(10, size)), chance.integers(0, 3, size)


def one(times, kind):
    return survival.curves(times, kind, np.zeros(len(times), np.int16), 1)


def error(values):
    """Return the standard error of a mean of pseudo-values."""
    return np.sqrt(np.square(values - values.mean()).sum()) / len(values)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("day", [0, 3, 10, 25])
def test_kaplan_meier_and_greenwood_are_those_of_statsmodels(seed, day):
    """SurvfuncRight: share and standard error, with ties."""
    from statsmodels.duration.survfunc import SurvfuncRight

    times, kind = sample(seed)
    known = SurvfuncRight(times, kind > 0)
    at = np.searchsorted(known.surv_times, day, side="right") - 1
    found = 1 - survival.pseudo(one(times, (kind > 0).astype(int)), times <= day)

    assert (found.mean(), error(found)) == pytest.approx((known.surv_prob[at], known.surv_prob_se[at]), abs=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("day", [0, 3, 10, 25])
def test_aalen_johansen_is_that_of_statsmodels(seed, day):
    """CumIncidenceRight: share and standard error, with ties."""
    from statsmodels.duration.survfunc import CumIncidenceRight

    times, kind = sample(seed)
    known = CumIncidenceRight(times, kind)
    at = np.searchsorted(known.times, day, side="right") - 1
    found = survival.pseudo(one(times, kind), times <= day)

    assert (found.mean(), error(found)) == pytest.approx((known.cinc[0][at], known.cinc_se[0][at]), abs=1e-12)


def test_aalen_johansen_by_hand():
    """1 event, 2 other, 2 censored, 3 event: 1/4, then half of what is left (3/4 · 2/3) of the one still at risk."""
    found = survival.scores(one(np.array([1.0, 2.0, 2.0, 3.0]), np.array([1, 2, 0, 1])), np.ones(4))

    assert found.mean() == pytest.approx(1 / 4 + 3 / 4 * 2 / 3)


def test_scores_and_pseudo_values_have_the_same_means():
    """Whatever the weight, cell by cell."""
    times, kind = sample(4)
    cell = (np.arange(len(times)) % 7).astype(np.int16)
    curve, weight = survival.curves(times, kind, cell, 7), np.sqrt(times + 1)

    for found in (survival.scores, survival.pseudo):
        means = np.bincount(cell, weights=found(curve, weight)) / curve.sizes
        alone = [survival.scores(one(times[cell == c], kind[cell == c]), weight[cell == c]).mean() for c in range(7)]
        assert means == pytest.approx(alone)


def test_without_censoring_the_spread_is_the_binomial_one():
    """P (1 - p) / n."""
    times, kind = sample(5)
    kind[kind == 0] = 2
    found = survival.pseudo(one(times, kind), times <= 10)
    share = np.mean((kind == 1) & (times <= 10))

    assert (found.mean(), error(found) ** 2) == pytest.approx((share, share * (1 - share) / len(times)))


def test_the_restricted_mean_is_the_area_under_the_curve():
    """∫ S from 0 to W, step by step; without censoring it is the mean of min(T, W)."""
    times, kind = sample(6)
    gone = (kind > 0).astype(int)
    curve = one(times, gone)
    grid = np.arange(20)
    area = sum(1 - survival.scores(curve, times <= day).mean() for day in grid)

    assert 20 + survival.scores(curve, survival.restricted(times, 20.0)).mean() == pytest.approx(area)


def test_the_spread_of_a_restricted_mean_is_that_of_replications():
    """1,000 samples of 100: the mean of the squared standard errors against the variance of the means."""
    chance, means, errors = np.random.default_rng(7), [], []
    for _ in range(1000):
        times, until = chance.exponential(10, 100), chance.uniform(0, 40, 100)
        seen = np.minimum(times, until)
        found = survival.pseudo(one(seen, (times <= until).astype(int)), survival.restricted(seen, 15.0))
        means.append(found.mean())
        errors.append(error(found) ** 2)

    assert np.mean(errors) == pytest.approx(np.var(means), rel=5 * np.sqrt(2 / 1000))


def test_a_median_between_two_is_their_mean():
    """Half the weight is reached exactly at 2; with a little more on 3 it is 3."""
    assert survival.weighted_quantile(np.array([3.0, 2.0, 9.0]), np.array([0.5, 1.0, 0.5]), 0.5) == 2.5
    assert survival.weighted_quantile(np.array([3.0, 2.0]), np.array([1.1, 1.0]), 0.5) == 3.0


def test_the_longest_window_keeps_thirty():
    """Of 100 followed 0 .. 99 days thirty have at least 70; of four followed 1 .. 4 days half have at least 3."""
    followed = np.concatenate([np.arange(100.0), [1, 2, 3, 4]])
    cell = np.repeat([0, 2], [100, 4]).astype(np.int16)

    assert survival.longest_window(followed, cell, 3).tolist() == [70, 0, 3]
