"""How many replications a precision takes, and stopping when it is reached."""

from math import inf

import numpy as np
import pytest
from scipy import stats

from sim.studies.planner import half_for, half_width, needed, needed_for_mean, until

WORKED = np.array([94.0] * 4 + [100.0] + [106.0] * 4)  # mean 100; deviations of 6 from it, eight of them: s = 6


@pytest.mark.parametrize(("relative", "runs"), [(0.05, 9), (0.02, 39), (0.01, 144)])
def test_the_worked_sample_needs_as_many_runs_as_the_table_says(relative, runs):
    """S14: a coefficient of variation of 0.06 takes 9, 39 and 144 replications for 5, 2 and 1 %; one less is too few (Law 2015, 9.4.1)."""
    half = relative / (1 + relative)

    assert needed_for_mean(WORKED, relative) == runs
    assert stats.t.ppf(0.975, runs - 1) * 0.06 / np.sqrt(runs) <= half < stats.t.ppf(0.975, runs - 2) * 0.06 / np.sqrt(runs - 1)


def test_a_share_of_the_truth_is_asked_of_the_smaller_mean():
    """|x - μ| <= γ |μ| follows from |x - μ| <= |x| γ / (1 + γ): at the border μ = x / (1 + γ)."""
    half = half_for(105.0, 0.05)

    assert half == pytest.approx(5.0)
    assert half / (105.0 - half) == pytest.approx(0.05)


def test_what_does_not_vary_takes_two_runs_and_a_mean_of_nothing_never_ends():
    """No spread: two runs show it.  A mean of 0 has no relative precision (that is why differences take an absolute one)."""
    assert needed_for_mean(np.full(10, 7.0), 0.01) == 2
    assert needed_for_mean(np.array([-1.0, 1.0]), 0.05) == inf
    with pytest.raises(ValueError, match="more than 0"):
        needed(1.0, 0.0)


def test_the_half_width_is_that_of_the_t_interval():
    """Against scipy's interval; one run has none."""
    low, high = stats.t.interval(0.95, 8, 100, stats.sem(WORKED))

    assert half_width(WORKED) == pytest.approx((high - low) / 2)
    assert half_width(WORKED[:1]) == inf


def test_runs_go_on_in_steps_until_there_are_enough():
    """At least 10, five more at each look, never more than the maximum."""
    play = list

    assert until(play, lambda runs: len(runs) >= 13, 10, 100) == list(range(15))
    assert until(play, lambda _: True, 10, 100) == list(range(10))
    assert until(play, lambda _: False, 10, 12) == list(range(12))
    assert until(play, lambda _: True, 10, 4) == list(range(4))


def coverage(studies, half):
    """Return how often the interval at the stop covers the true mean of 0, standard deviation 1."""
    hits = 0
    for study in range(studies):
        luck = np.random.Generator(np.random.Philox(study)).standard_normal(400)
        seen = np.array(until(lambda numbers, luck=luck: [luck[n] for n in numbers], lambda runs: half_width(np.array(runs)) <= half, 10, 400))
        hits += abs(seen.mean()) <= half_width(seen)
    return hits / studies


def test_stopping_at_a_precision_keeps_the_coverage():
    """S14 at cut size: normal replications, half-width 0.25 (about 64 runs); the band of 1,000 studies at 95 %, five standard errors, less 1 % for stopping."""
    assert 0.95 - 0.01 - 5 * np.sqrt(0.0475 / 1000) <= coverage(1000, 0.25) <= 0.95 + 5 * np.sqrt(0.0475 / 1000)


@pytest.mark.slow
def test_stopping_at_a_precision_keeps_the_coverage_in_full():
    """S14, 4,000 studies: `pytest -m slow tests/studies/test_planner.py`."""
    assert 0.932 <= coverage(4000, 0.25) <= 0.966
