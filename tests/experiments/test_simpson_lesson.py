"""The pooled comparison lies, personas do not: the page's numbers against the ones by hand."""

import pytest

from tests.experiments.expected import full


def test_the_pooled_difference_has_the_wrong_sign_and_each_persona_the_right_one():
    """The intervals exclude zero on different sides, and hold the exact differences."""
    seen, exact = full("simpson_lesson")["seen"], full("simpson_lesson")["exact"]
    assert seen["pooled"]["low"] > 0
    assert all(seen[name]["high"] < 0 for name in ("newcomer", "regular", "adjusted"))
    assert all(seen[name]["low"] < exact[name]["difference"] < seen[name]["high"] for name in exact)


def test_the_numbers_by_hand_are_those_of_the_exact_solver():
    """Half -2.78 and half -8.82 points are -5.80; as met today, .2 and .8 of those: .5 (.2 x -2.78 + .8 x -8.82) = -3.81."""
    effect = full("simpson_lesson")["effect"]
    assert effect["exact"] == pytest.approx((-0.0278351 - 0.0882353) / 2, abs=1e-6)
    assert effect["today_exact"] == pytest.approx(0.5 * (0.2 * -0.0278351 + 0.8 * -0.0882353), abs=1e-6)


def test_twins_find_the_truth():
    """The interval of the same customers with and without the bot holds the exact effect."""
    effect = full("simpson_lesson")["effect"]
    assert effect["low"] < effect["exact"] < effect["high"]
    assert effect["only_with"] == 0  # a fact of this coupling: the bot speeds nobody up
