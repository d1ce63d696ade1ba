"""Every verdict at its edges: sentences are functions of numbers."""

import numpy as np
import pytest
from scipy import stats

from sim.studies.difference import Difference, flips, money_at_risk, p_better
from sim.studies.verdict import Verdict, disagreement, headline, sentence, verdict

MATTERS = 100.0


def row(low, high, n=20, metric="profit"):
    """Return a difference with this interval."""
    return Difference("coupon", metric, "all", "all", 1000.0, 1000.0 + (low + high) / 2, (low + high) / 2, low, high, "EUR", n)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 100.01, Verdict.BETTER),
        (0.01, 100.0, Verdict.SAME),  # all of it within what matters, though not 0
        (0.0, 100.01, Verdict.UNDECIDED),  # 0 itself is possible
        (-100.0, 100.0, Verdict.SAME),
        (-100.01, 100.0, Verdict.UNDECIDED),
        (-100.01, -0.01, Verdict.WORSE),
        (-100.01, 0.0, Verdict.UNDECIDED),
        (-500.0, -300.0, Verdict.WORSE),
        (0.0, 0.0, Verdict.SAME),
    ],
)
def test_the_verdict_follows_the_interval(low, high, said):
    """Within ± what matters: the same; on one side of 0: better or worse; else undecided."""
    assert verdict(low, high, MATTERS) is said


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (150.0, 250.0, "coupon is better: profit is higher by EUR 200 (95 % interval EUR 150 to EUR 250)."),
        (-250.0, -150.0, "coupon is worse: profit is lower by EUR 200 (95 % interval EUR 150 to EUR 250)."),
        (-20.0, 60.0, "coupon makes no difference that matters: profit changes by -EUR 20.00 to EUR 60.00, less than EUR 100 either way."),
    ],
)
def test_a_sentence_says_the_numbers_of_its_verdict(low, high, words):
    """A loss is told as a positive amount by which profit is lower."""
    assert sentence(row(low, high), MATTERS, 100) == words
    assert sentence(row(low, high), MATTERS, 100, assumed=True) == f"{words[:-1]}, if these assumptions hold."


def test_who_is_undecided_says_why():
    """Too few runs at the maximum, or known as well as asked and still on both sides."""
    few, known = sentence(row(-300.0, 100.0, n=50), MATTERS, 50), sentence(row(-20.0, 180.0, n=30), MATTERS, 50)

    assert "50 replications are the maximum" in few
    assert "both 0 and more than that are possible" in known
    assert "luck and assumptions leave both possible, if these assumptions hold." in sentence(row(-20.0, 180.0), MATTERS, 50, assumed=True)
    assert headline(row(-20.0, 180.0), MATTERS) == "Coupon: undecided"


@pytest.mark.parametrize(("value", "warns"), [((-3.0, -0.1), True), ((-3.0, 0.0), False), ((0.1, 3.0), False)])
def test_numbers_that_decide_and_disagree_are_said(value, warns):
    """Profit up for sure and value_365d down for sure: only then."""
    assert bool(disagreement(row(10.0, 20.0), row(*value, metric="value_365d"))) is warns
    assert not disagreement(row(10.0, 20.0), None)


def test_the_chance_to_be_better_is_students():
    """P(T < mean / SE) with R - 1 degrees of freedom: t of 2.093 at 19 is the 97.5 % point; 0 is one half."""
    assert p_better(2.093024, 1.0, 20) == pytest.approx(0.975, abs=1e-6)
    assert p_better(0.0, 1.0, 10) == 0.5
    assert np.isnan(p_better(0.0, 0.0, 10))
    assert (p_better(1.0, 0.0, 10), p_better(-1.0, 0.0, 10)) == (1.0, 0.0)


@pytest.mark.parametrize("mean", [-3.0, 0.0, 0.7, 4.0])
def test_money_at_risk_is_the_expected_loss(mean):
    """E[max(0, -(mean + SE T))] by numerical integration."""
    expected = stats.t(9).expect(lambda t: np.maximum(0.0, -(mean + 2.0 * t)), lb=-2000, ub=-mean / 2.0)

    assert money_at_risk(mean, 2.0, 10) == pytest.approx(expected, rel=1e-5)
    assert money_at_risk(mean, 0.0, 10) == max(0.0, -mean)


def test_five_seeds_of_five_leave_much_open():
    """Wilson's interval for none of five is [0, 0.43], so that five of five is [0.57, 1] (estimators 24)."""
    assert flips(np.full(5, 2.0), 2.0) == pytest.approx((0, 0.0, 1 - 0.5655), abs=1e-4)
    assert flips(np.array([-1.0, 0.0, 3.0]), 2 / 3)[0] == 1
