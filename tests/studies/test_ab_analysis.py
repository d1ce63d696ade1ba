"""The analyst's tests, S4 and S8."""

import math
from math import nan

import numpy as np
import pytest

from sim.stats.bootstrap import generator
from sim.stats.ratios import Totals
from sim.studies.ab import verdict
from sim.studies.ab.analysis import NOTHING, Estimate, Finding, Split, adjusted, delta, holm, srm, two_proportions, welch
from sim.studies.ab.lessons import aa
from sim.studies.ab.question import Question
from sim.studies.ab.truth import Truth
from tests import worlds


def test_two_proportions_are_the_textbook_test():
    """56/70 against 48/80: Newcombe (1998), table II row (a), method 10: .0524 to .3339; z by hand with the pooled share."""
    found = two_proportions((48, 56), (80, 70))
    pooled = 104 / 150
    z = (56 / 70 - 48 / 80) / math.sqrt(pooled * (1 - pooled) * (1 / 70 + 1 / 80))

    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.p == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-9)


def test_welch_has_the_degrees_of_freedom_of_unequal_variances():
    """By hand: variances 1 and 4 of 3 and 3 values, t = 3/√(5/3), ν = (5/3)² / ((1/3)²/2 + (4/3)²/2)."""
    from scipy.stats import t

    found = welch(np.array([1.0, 2, 3]), np.array([3.0, 5, 7]))
    freedom = (5 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2)

    assert found.difference == 3
    assert found.p == pytest.approx(2 * t.sf(3 / math.sqrt(5 / 3), freedom), rel=1e-9)


def test_the_delta_method_is_a_mean_where_nothing_varies_below():
    """With ones below the line the variance is that of means, n in place of n - 1."""
    a, b = np.arange(10.0), np.arange(10.0) * 2
    ones = np.ones(10)
    found = delta(Totals(a, ones), Totals(b, ones))

    assert (found.high - found.low) / 2 == pytest.approx(1.959963984540054 * math.sqrt(a.var() / 10 + b.var() / 10))


def test_the_delta_method_covers_ratios():
    """Orders per touch of equal arms, 500 tests: rejections within 5 standard errors of 5 %."""
    chance = generator("ab", "delta")

    def side():
        touches = chance.poisson(3, 300) + 1.0
        return Totals(chance.binomial(touches.astype(int), 0.2).astype(float), touches)

    assert abs(sum(delta(side(), side()).p < 0.05 for _ in range(500)) - 25) < 5 * math.sqrt(500 * 0.05 * 0.95)


def test_cuped_leaves_the_variance_that_covariates_cannot_explain():
    """Where y = x + e with Var x = Var e, half the variance goes (1 - ρ², Deng et al. 2013), the mean stays."""
    chance = generator("ab", "cuped")
    x, e = chance.normal(size=(2, 20_000))
    better = adjusted(x + e, x[:, None])

    assert better.mean() == pytest.approx((x + e).mean())
    assert better.var() / (x + e).var() == pytest.approx(0.5, abs=5 * 0.01)


def test_holm_is_the_published_procedure():
    """Holm (1979) by hand: .01 × 3, .03 × 2, .04 (not below the one before); what is not known does not count."""
    assert holm([0.04, 0.01, nan, 0.03]) == pytest.approx([0.06, 0.03, nan, 0.06], nan_ok=True)


@pytest.mark.parametrize(("counts", "alarm"), [((821_588, 815_482), True), ((50_700, 49_300), True), ((50_150, 49_850), False)])
def test_srm_is_the_exact_chi_squared(counts, alarm):
    """Two arms: p = erfc(√(χ²/2)); the first row is Kohavi, Tang and Xu (2020), chapter 3: p = 1.8e-6."""
    half = sum(counts) / 2
    found = srm("assigned", counts, (0.5, 0.5))

    assert found.p == pytest.approx(math.erfc(math.sqrt(sum((n - half) ** 2 / half for n in counts) / 2)), rel=1e-9)
    assert found.alarms == alarm


def test_a_fair_split_hardly_ever_alarms():
    """The exact size of the alarm among 10,000 customers, every split weighted by its binomial chance: 0.05 %."""
    from scipy.stats import binom

    alarms = sum(binom.pmf(k, 10_000, 0.5) for k in range(4700, 5301) if srm("assigned", (k, 10_000 - k), (0.5, 0.5)).alarms)

    assert alarms == pytest.approx(0.0005, abs=0.00005)


@pytest.mark.slow
def test_fair_splits_alarm_as_rarely_as_they_should():
    """S8, 200,000 splits of 100,000 customers, exact binomial band at 1e-6: pytest -m slow tests/studies/test_ab_analysis.py."""
    from scipy.stats import binom

    counts = generator("ab", "srm").binomial(100_000, 0.5, 200_000)
    found = sum(srm("assigned", (int(k), 100_000 - int(k)), (0.5, 0.5)).alarms for k in counts)

    assert binom.ppf(5e-7, 200_000, 0.0005) <= found <= binom.isf(5e-7, 200_000, 0.0005)


def test_p_values_are_uniform_where_nothing_differs():
    """S4: 2,000 A/A tests, share, mean and ratio: within Massart's bound .0602, 56 to 151 rejections."""
    question = Question(metrics=("conversion_rate_60d", "value_60d", "orders_per_touch_60d"), splits=2000)

    for one in aa(worlds.made(worlds.arms(2000)), question):
        assert one.allowed == pytest.approx(0.0602259, abs=1e-7)
        assert one.distance < one.allowed
        assert one.band == (56, 151)
        assert 56 <= one.rejected <= 151


def finding(p, difference=0.1):
    """Return a finding with this corrected p value."""
    return Finding("conversion_rate_30d", "coupon", 100, 100, 0.1, 0.2, Estimate(difference, 0, 1, p), p, NOTHING, nan, "")


FAIR, BROKEN = Split("assigned", (50, 50), 1.0), Split("exposed", (50, 90), 0.000499)


@pytest.mark.parametrize(
    ("found", "split", "says"),
    [
        (finding(0.0499), FAIR, "raises"),
        (finding(0.0499, -0.1), FAIR, "lowers"),
        (finding(0.05), FAIR, "No difference found"),
        (finding(0.0001), BROKEN, "Conclude nothing"),
        (finding(0.0499), Split("exposed", (50, 90), 0.0005), "raises"),
        (finding(nan), FAIR, "Nothing to conclude"),
    ],
)
def test_the_analyst_concludes_at_the_edges(found, split, says):
    """Below alpha is a finding, at alpha is none; a split that alarms ends everything, at .0005 it does not."""
    assert says in verdict.analyst(found, (FAIR, split), 0.05)


@pytest.mark.parametrize(("low", "high", "says"), [(0.001, 0.1, "off by"), (0.0, 0.1, "No bias"), (-0.1, -0.001, "off by"), (nan, nan, "too few")])
def test_a_bias_is_one_whose_interval_leaves_zero_out(low, high, says):
    """An interval that ends at 0 is no bias seen."""
    truth = Truth("m", "coupon", 0.1, 0.02, 0.01, 0.03, 0.05, 0.03, low, high, 19, 5, 20)

    assert says in verdict.beside(truth)


@pytest.mark.parametrize(
    ("low", "high", "said"), [(-412.3, 1234.5, "-412 and +1,234"), (-9.54, 10.4, "-9.5 and +10"), (-0.00203, 0.0, "-0.002 and +0")]
)
def test_limits_of_a_bias_are_no_powers_of_ten(low, high, said):
    """Two digits that count below 10, whole numbers above."""
    assert f"between {said})" in verdict.beside(Truth("m", "coupon", 0.1, 0.02, 0.01, 0.03, 0.05, 0.03, low, high, 19, 5, 20))
