"""S7: looks before the end, and the boundaries that pay for them."""

import numpy as np
import pytest

from sim.stats.bootstrap import generator
from sim.studies.ab import sequential
from sim.studies.ab.lessons import RULES, alarms, resplit
from sim.studies.ab.question import Question
from sim.studies.ab.sample import Sample
from tests import worlds


def coins(customers, splits):
    """Return the scores, by number of looks, of customers of whom 1 in 20 converts, exposed one a day, split again and again."""
    won = (generator("ab", str(customers)).random(customers) < 0.05).astype(float)
    days = np.arange(customers, dtype=float)
    empty = np.zeros((customers, 0))
    sample = Sample(("control", "arm"), np.arange(customers), np.zeros(customers, int), days, np.full(customers, 99.0), empty, {(1.0, "converted"): won})
    question = Question(metrics=("conversion_rate_1d",), splits=splits)
    return lambda looks: resplit(sample, question, question.outcomes[0], (0.5, 0.5), worlds.made(worlds.arms(10)), looks)


@pytest.mark.parametrize(("looks", "chance"), [(1, 0.05), (2, 0.0831178), (3, 0.1072564), (5, 0.1416893), (10, 0.1933566), (20, 0.2479109), (50, 0.3204500)])
def test_naive_looks_cost_what_the_integral_says(looks, chance):
    """Armitage, McPherson and Rowe (1969), table 2: .083, .107, .142, .193, .248, .320."""
    assert sequential.crossing(sequential.naive(looks)) == pytest.approx(chance, abs=1e-7)


def test_constant_boundaries_are_the_published_ones():
    """Jennison and Turnbull (2000), tables 2.1 and 2.3, five looks: Pocock 2.413, O'Brien and Fleming 2.040."""
    assert sequential.pocock(5)[0] == pytest.approx(2.413176, abs=1e-6)
    assert sequential.obrien_fleming(5)[-1] == pytest.approx(2.040073, abs=1e-6)


def test_spent_boundaries_are_the_published_ones():
    """Lan and DeMets (1983), five equal looks, two-sided .05."""
    fractions = np.arange(1, 6) / 5

    assert sequential.spent("pocock", fractions) == pytest.approx([2.438, 2.427, 2.410, 2.397, 2.386], abs=5e-4)
    assert sequential.spent("obrien_fleming", fractions) == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=5e-4)


def test_spent_boundaries_keep_alpha_at_uneven_looks():
    """Whatever the information at the looks was, the whole of alpha is spent and no more."""
    fractions = np.array([0.1, 0.15, 0.6, 1.0])

    assert sequential.crossing(sequential.spent("obrien_fleming", fractions), fractions) == pytest.approx(0.05, abs=1e-9)


def test_always_valid_p_values_follow_the_formula():
    """Λ worked out by hand for δ = 2 and V = τ = 1: √½ e; a p value never rises again."""
    p = sequential.always_valid(np.array([3.0, 0.0]), np.array([1.0, 1.0]), 1.0)

    assert sequential.always_valid(np.array([2.0]), np.array([1.0]), 1.0)[0] == pytest.approx(1 / (np.sqrt(0.5) * np.e))
    assert p[1] == p[0] < 1


def test_an_always_valid_interval_ends_where_its_test_rejects():
    """At a difference of just the half-width the p value is alpha."""
    half = sequential.always_valid_half(0.3, 0.7)

    assert sequential.always_valid(np.array([half]), np.array([0.3]), 0.7)[0] == pytest.approx(0.05)


def test_five_looks_give_the_false_alarms_they_should():
    """2,000 splits: naive within 5 standard errors of 14.17 %, every boundary below its bound."""
    scores = coins(2000, 2000)(5)

    for rule in RULES:
        last = alarms(rule, scores, 0.05, 0.02)[-1]
        if rule == "naive":
            assert abs(last.simulated - 0.1416893) < 5 * np.sqrt(0.1417 * 0.8583 / 2000)
        else:
            assert last.simulated < 0.05 + 5 * np.sqrt(0.05 * 0.95 / 2000)


@pytest.mark.slow
@pytest.mark.parametrize("looks", [5, 50, 491])
def test_sequential_looks_keep_alpha_in_full(looks):
    """S7 with 40,000 tests of 10,000 customers: pytest -m slow tests/studies/test_ab_sequential.py (about a minute each).

    The naive chance is that of normal scores: where the first look has few conversions (one of 20 customers at 491 looks), the log shows fewer alarms.
    """
    scores, fractions = coins(10_000, 40_000)(looks), np.arange(1, looks + 1) / looks
    naive, few = alarms("naive", scores, 0.05, 0.01)[-1], {5: 0.0, 50: 0.01, 491: 0.05}[looks]
    spent = [np.any(np.abs(scores.z) >= sequential.spent(name, fractions), axis=1).mean() for name in ("pocock", "obrien_fleming")]

    far = 5 * np.sqrt(naive.exact * (1 - naive.exact) / 40_000)
    assert naive.exact - few - far < naive.simulated < naive.exact + far
    assert max(*spent, alarms("always_valid", scores, 0.05, 0.01)[-1].simulated) <= 0.056
