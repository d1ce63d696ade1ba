"""The search finds the split that the exact solver knows to be the best: what the page claims."""

import pytest

from sim.app.library import load
from tests.experiments.expected import command, full, small


@pytest.mark.parametrize("numbers", [full, small])
def test_the_search_finds_the_exact_optimum(numbers):
    """The page's tolerance: 95 % of the gain of the best split of the same cost, at most 5 % over the total; the banner gets nothing."""
    found = numbers("budget_optimum")

    assert 0.95 <= found["part"] <= 1.001
    assert found["found"]["cost"] <= 1.05 * found["exact"]["total"]
    assert found["found"]["banner"] <= 0.02


def test_no_split_of_a_grid_beats_the_exact_optimum():
    """Within today's cost, by the exact solver, money on the banner too; the known optimum is the best of the line and of this grid."""
    exact, world = command().maker("budget_optimum").exact, load("+experiment=budget_optimum")
    known = full("budget_optimum")["exact"]
    splits = [(video, search, banner) for video in (0, 0.6, 1.5) for search in (0, 2, 4.5) for banner in (0, 0.5)]
    profits = [profit for profit, cost in (exact(world, *split) for split in splits) if cost <= known["total"]]

    assert len(profits) > 5
    assert max(profits) < known["best"]
    assert exact(world, known["video"], known["search"]) == pytest.approx((known["best"], known["total"]), rel=1e-5)


def test_the_fresh_gain_holds_the_exact_one():
    """Student's interval of 20 replications widened to |t| <= 7.35, the tail of five standard errors."""
    found = full("budget_optimum")
    true, gain = found["found"]["profit"] - found["exact"]["today"], found["gain"]

    assert abs(gain["mean"] - true) <= 7.35 / 2.093 * (gain["high"] - gain["mean"])
