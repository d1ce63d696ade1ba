"""Kim and Nelson's selection of the best: a case by hand, and how often it is right."""

import numpy as np
import pytest

from sim.studies.selection import Selection, select, spread, variances


def test_the_constant_solves_its_equation():
    """C = 1: (1 + 2 η)^(-(n - 1)/2) / 2 = α / (k - 1), the bound under common luck (Kim and Nelson 2001, equation 4)."""
    for worlds, first in ((3, 20), (5, 10)):
        eta = spread(worlds, first) / (2 * (first - 1))
        assert 0.5 * (1 + 2 * eta) ** (-(first - 1) / 2) == pytest.approx(0.05 / (worlds - 1))


def test_variances_are_those_of_differences():
    """Luck that worlds share cancels: x and x + 1 differ by nothing that varies."""
    luck = np.array([1.0, 4.0, 2.0])

    assert variances(np.column_stack([luck, luck + 1, 0 * luck])) == pytest.approx(np.array([[0, 0, 7 / 3], [0, 0, 7 / 3], [7 / 3, 7 / 3, 0]]))


def test_a_case_by_hand():
    """K = 2, n = 3, α = .05: η = (.1^-1 - 1)/2 = 4.5, h² = 18; differences 4, 2, 6 (S² = 4), δ = 6: h²S²/δ² = 2 < 3, the best mean at once.

    δ = 4: 4.5, so up to 4 replications; at r = 3 W = 4/6 (4.5 - 3) = 1: a lead of 4 or 1.5 leaves the other out; a lead of 0.9 does not.
    """
    base = np.array([10.0, 20.0, 30.0, 40.0])
    lead = np.array([4.0, 2.0, 6.0, 4.0])

    assert select(np.column_stack([base, base + lead]), 6.0, 3) == Selection(1, 3, (0, 0))
    assert select(np.column_stack([base, base + lead]), 4.0, 3) == Selection(1, 3, (3, 0))
    assert select(np.column_stack([base, base + lead - 2.5]), 4.0, 3) == Selection(1, 3, (3, 0))
    assert select(np.column_stack([base, base + lead - 3.1])[:3], 4.0, 3) == Selection(None, 3, (0, 0))
    assert select(np.column_stack([base, base + lead - 3.1]), 4.0, 3) == Selection(1, 4, (4, 0))


def test_too_few_replications_or_nothing_that_matters_choose_nobody():
    """The first stage is not over, or no lead would be large enough."""
    assert select(np.ones((5, 3)), 1.0, 20).best is None
    assert select(np.ones((30, 3)), 0.0, 20).best is None


def correct(studies, lead, common):
    """Return how often the last of four normal worlds is chosen: it leads by ``lead``; ``common`` of the variance is shared luck."""
    right = 0
    for study in range(studies):
        draw = np.random.Generator(np.random.Philox(study)).standard_normal((1500, 5))
        values = np.sqrt(common) * draw[:, :1] + np.sqrt(1 - common) * draw[:, 1:] + np.array([0, 0, 0, lead])
        right += select(values, lead, 20).best == 3
    return right / studies


@pytest.mark.parametrize("common", [0.0, 0.8])
def test_the_best_is_chosen_as_often_as_promised(common):
    """Slippage configuration, k = 4: at least 95 % (five standard errors of 200 studies below)."""
    assert correct(200, 0.3, common) >= 0.95 - 5 * np.sqrt(0.0475 / 200)


@pytest.mark.slow
def test_the_best_is_chosen_as_often_as_promised_in_full():
    """2,000 studies: `pytest -m slow tests/studies/test_selection.py`."""
    assert correct(2000, 0.3, 0.5) >= 0.95 - 5 * np.sqrt(0.0475 / 2000)
