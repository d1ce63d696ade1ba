"""One run each: the simulated shares of wrong verdicts against the binomial ones."""

from math import sqrt

import numpy as np
import pytest

from tests.experiments.expected import command, full, small


def test_wrong_orders_are_as_often_as_two_binomial_counts_say():
    """|z| <= 5 for each pair and size, with the exact variance of a share of 500 runs."""
    for pair in full("one_seed_lesson")["pairs"].values():
        for row in pair["by_customers"].values():
            for what in ("wrong", "tie"):
                exact = row["exact"][what]
                assert abs(row["own_seeds"][what] - exact) <= 5 * sqrt(exact * (1 - exact) / pair["runs"]) + 1e-9


def test_the_same_luck_gets_nobody_wrong():
    """No run of 500 ends in the wrong order, and the difference varies at least four times less."""
    for pair in full("one_seed_lesson")["pairs"].values():
        assert all(row["same_luck"]["wrong"] == 0 for row in pair["by_customers"].values())
        assert pair["variance_ratio"] > 4


def test_the_exact_chance_is_that_of_drawn_counts():
    """The sums over binomial counts against a million draws of NumPy, and against the normal approximation with ties halved."""
    chances = command().maker("one_seed_lesson").Chances(0.04258, 0.0505)
    draw = np.random.default_rng(7)
    less, more = draw.binomial(1000, 0.04258, 1_000_000), draw.binomial(1000, 0.0505, 1_000_000)
    found = chances.exact(1000)
    assert abs(np.mean(less > more) - found["wrong"]) < 5 * sqrt(0.19 * 0.81 / 1e6)
    assert found["wrong"] + found["tie"] / 2 == pytest.approx(chances.normal(1000), abs=0.002)
    assert chances.normal(chances.needed(0.05)) == pytest.approx(0.05)


def test_the_first_customers_of_a_run_are_the_run_of_so_many():
    """What lets one run answer for all sizes: who buys among 300 is who buys among the first 300 of 1,000."""
    maker = command().maker("one_seed_lesson")
    runs = [maker._bought("branding", (f"customers={size}", "replications=2")) for size in (300, 1000)]
    assert (runs[0] == runs[1][:, :300]).all()
    assert small("one_seed_lesson")["pairs"]["branding"]["runs"] == 20
