"""A confounded arm says nothing of its parts, a factorial design does."""

import pytest

from tests.experiments.expected import full

NAME = "too_many_changes_lesson"


def test_the_test_of_both_is_right_and_says_nothing_of_either():
    """Its intervals hold the truth, and no effect too, and the true pair of odds lies in the band."""
    both = full(NAME)["together"]["redesign"]
    odds = full(NAME)["odds_together"]
    assert both["low"] < 0 < full(NAME)["truth"]["redesign"]["exact"] < both["high"]
    assert odds["low"] < 1 * 1 < odds["high"]
    assert odds["low"] < 1.4 * 0.75 < odds["high"]


def test_four_arms_tell_the_changes_apart():
    """The intervals of both odds exclude 1 on their sides and hold the truth; nothing is left for an interaction, truly 1."""
    odds = full(NAME)["odds_apart"]
    assert 1 < odds["headline"]["low"] < 1.4 < odds["headline"]["high"]
    assert odds["form"]["low"] < 0.75 < odds["form"]["high"] < 1
    assert odds["interaction"]["low"] < 1 < odds["interaction"]["high"]


def test_twins_find_the_exact_truth_of_each_arm():
    """By hand: odds 1:4 times 1.4 is 7:20, times .75 is 3:16, times 1.05 is 21:80; |t| with 19 degrees of freedom below 7.35."""
    exact = {"headline": 7 / 27 - 0.2, "form": 3 / 19 - 0.2, "redesign": 21 / 101 - 0.2}
    for arm, value in exact.items():
        truth = full(NAME)["truth"][arm]
        assert truth["exact"] == pytest.approx(value, abs=1e-6)
        error = (truth["high"] - truth["low"]) / 2 / 2.093  # half-width of Student's 95 % interval, 19 degrees of freedom
        assert abs(truth["twins"] - value) < 7.35 * error
