"""S5 and S6: what a test of some size can see."""

import numpy as np
import pytest

from sim.play import play
from sim.stats.bootstrap import generator
from sim.studies.ab.analysis import analyse, two_proportions
from sim.studies.ab.power import power_of_means, power_of_shares, size_for_means, size_for_shares
from sim.studies.ab.question import Question
from sim.studies.ab.sample import observe
from tests import worlds

BEFORE, AFTER = 15 / 139, 6 / 49  # .107914 and .122449


def chain(customers):
    """Return a test in a chain that loops: conversion is p / (1 - stay), 15/139 in control and 6/49 in the arm."""
    next_of = {share: {"look": 0.305, "buy": 0.695 * share, "lost": 0.695 * (1 - share)} for share in (BEFORE, AFTER)}
    gap = {"mean": 1.0, "family": "exponential"}
    stages = {
        "look": {"kind": "prospect", "entry": 1.0, "next": next_of[BEFORE], "gap": gap},
        "buy": {"kind": "customer", "next": {"gone": 1.0}, "gap": gap},
        "lost": {"kind": "lost"},
        "gone": {"kind": "churned"},
    }
    arms = {"control": {"share": 0.5}, "better": {"share": 0.5, "set": {"stages.look.next": next_of[AFTER]}}}
    return worlds.made({"customers": customers, "arrivals": {"days": 0}, "horizon": 400.0, "stages": stages, "ab_test": {"name": "lift", "arms": arms}})


def rejections(experiments):
    """Return how many tests in the chain with 7,572 customers an arm find the lift."""
    world, question = chain(2 * 7572), Question(metrics=("conversion_rate_300d",))
    logs = (play(world, clock="compiled", replication=k) for k in range(experiments))
    return sum(analyse(observe(log, question, ("control", "better")), question.outcomes)[0].plain.p < 0.05 for log in logs)


def test_power_of_two_proportions_is_the_published_formula():
    """Fleiss, Levin and Paik (2003), 4.14, by hand: Φ((|Δ|√n - z √(2 p̄ q̄)) / √(p₁q₁ + p₂q₂)) and its other tail: .792293."""
    assert power_of_shares(0.05, 0.06, 8000) == pytest.approx(0.792293, abs=1e-6)


def test_the_size_of_the_chain_is_7572_an_arm():
    """((z √(2 p̄ q̄) + z' √(p₁q₁ + p₂q₂)) / Δ)² = 7571.08."""
    assert size_for_shares(BEFORE, AFTER) == 7572


def test_size_and_power_of_means_fit_each_other():
    """2 (1.960 + 0.842)² σ² / Δ² = 62.8 for σ = 2 and Δ = 1; a ratio of two needs three quarters."""
    assert size_for_means(1.0, (2.0, 2.0)) == 63
    assert power_of_means(1.0, (2.0, 2.0), 63) == pytest.approx(0.80, abs=0.005)
    assert size_for_means(1.0, (2.0, 2.0), ratio=2.0) == 48


@pytest.mark.parametrize(("treated", "expected"), [(0.05, 0.0482121), (0.10, 0.775643)])
def test_size_and_power_of_the_test_itself_by_enumeration(treated, expected):
    """All outcomes of 400 against 400 that happen with a chance above 1e-9, weighted by their binomial chance."""
    from scipy.stats import binom

    counts = np.arange(401)
    chances = binom.pmf(counts, 400, 0.05), binom.pmf(counts, 400, treated)
    inside = [counts[chance > 1e-9] for chance in chances]
    rejected = sum(chances[0][a] * chances[1][b] for a in inside[0] for b in inside[1] if two_proportions((a, b), (400, 400)).p < 0.05)

    assert rejected == pytest.approx(expected, abs=1e-6)


def test_simulated_tests_reject_as_often_as_power_says():
    """1,000 tests of 8,000 customers an arm, within 5 standard errors of .7923."""
    chance = generator("ab", "power")
    won = zip(chance.binomial(8000, 0.05, 1000), chance.binomial(8000, 0.06, 1000), strict=True)
    found = sum(two_proportions((int(a), int(b)), (8000, 8000)).p < 0.05 for a, b in won)

    assert abs(found - 792.3) < 5 * np.sqrt(1000 * 0.7923 * 0.2077)


def test_the_lift_of_the_chain_is_found_as_often_as_planned():
    """20 experiments at 80 % power: 7 or more, but for one case in a million (exact binomial)."""
    assert rejections(20) >= 7


@pytest.mark.slow
def test_the_lift_of_the_chain_is_found_in_full():
    """S6, 2,000 experiments: pytest -m slow tests/studies/test_ab_power.py (some minutes)."""
    assert 1510 <= rejections(2000) <= 1685
