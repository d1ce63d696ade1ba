"""V6: families of referred customers against the Galton-Watson process."""

import numpy as np
import pytest

from sim.model import known
from sim.model.check import world
from sim.model.exact import solve
from sim.play import play
from tests.known.distance import FAR, z, z_share

FOUNDERS = 20_000
CHANCE, LEAVES = 0.1, 0.25
CASE = known.advocates(CHANCE, LEAVES)
VARIANCE = CHANCE * (1 - CHANCE) / LEAVES + CHANCE**2 * (1 - LEAVES) / LEAVES**2  # of children: binomial of a geometric number


@pytest.fixture(scope="module")
def births():
    """Play until every family has died out."""
    return play(world(CASE.world | {"customers": FOUNDERS, "arrivals": {"days": 0.0}}), clock="compiled").births


def family_sizes(births):
    """Return the size of each founder's family: everybody hands their count to their founder, parents before children."""
    root = np.arange(len(births))
    order = np.argsort(births["arrived"], kind="stable")
    for child in order[births["parent"][order] >= 0]:
        root[child] = root[births["parent"][child]]
    return np.bincount(root, minlength=len(births))[:FOUNDERS].astype(float)


def test_children_have_the_mean_and_variance_of_a_geometric_number_of_chances(births):
    """Mean c / l, variance c (1 - c) / l + c^2 (1 - l) / l^2, over founders."""
    children = np.bincount(births["parent"][births["parent"] >= 0], minlength=len(births))[:FOUNDERS].astype(float)

    assert abs(z(children.mean(), CHANCE / LEAVES, VARIANCE, FOUNDERS)) < FAR
    squares = (children - CHANCE / LEAVES) ** 2
    assert abs(z(squares.mean(), VARIANCE, squares.var(), FOUNDERS)) < FAR


def test_as_many_have_no_child_as_the_generating_function_says(births):
    """G(0) = l (1 - c) / (1 - (1 - l) (1 - c)); all customers are alike, founders and referred."""
    childless = 1 - len(np.unique(births["parent"][births["parent"] >= 0])) / len(births)

    assert abs(z_share(childless, LEAVES * (1 - CHANCE) / (1 - (1 - LEAVES) * (1 - CHANCE)), FOUNDERS)) < FAR


def test_families_have_the_mean_and_variance_of_total_progeny(births):
    """Mean 1 / (1 - m), variance s^2 / (1 - m)^3 (Harris 1963, chapter I, section 13)."""
    sizes = family_sizes(births)

    assert abs(z(sizes.mean(), CASE.answers["family"], CASE.answers["family_variance"], FOUNDERS)) < FAR
    squares = (sizes - CASE.answers["family"]) ** 2
    assert abs(z(squares.mean(), CASE.answers["family_variance"], squares.var(), FOUNDERS)) < FAR


def test_the_referred_enter_where_they_are_told(births):
    """By hand: founders m0 = 0.5 children each, the referred enter deeper and have m1 = 0.2: 1 + .5 / .8 customers in all."""
    stages = {
        "new": {"kind": "prospect", "entry": 1.0, "next": {"fan": 1.0}, "gap": {"mean": 1.0}},
        "fan": {"kind": "customer", "next": {"idle": 1.0}, "gap": {"mean": 1.0}},
        "idle": {"kind": "customer", "next": {"left": 1.0}, "gap": {"mean": 1.0}},
        "left": {"kind": "churned"},
    }
    referral = {"chance": {"new": 0.1, "fan": 0.2, "idle": 0.2}, "enters": "idle"}
    one = world({"customers": FOUNDERS, "horizon": 500.0, "arrivals": {"days": 0.0}, "stages": stages, "referral": referral})
    found = play(one, clock="compiled").births

    assert solve(one).family == pytest.approx(1 + 0.5 / 0.8, rel=1e-9)
    assert set(found["entry"][found["parent"] >= 0]) == {2}
    # var of a family: founder's children 0.1 (.9) + 2 x 0.2 (.8); each child's family has mean 1/.8 and variance .16 / .8^3
    variance = (0.09 + 0.32) / 0.8**2 + 0.5 * 0.16 / 0.8**3
    assert abs(z(len(found) / FOUNDERS, 1 + 0.5 / 0.8, variance, FOUNDERS)) < FAR
