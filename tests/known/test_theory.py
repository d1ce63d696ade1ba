"""V7: the probability models of customer base analysis are worlds with traits: BG/NBD, shifted-beta-geometric, gamma-gamma."""

import numpy as np
import pytest
from scipy.stats import betaprime, chi2

from sim import log as L
from sim.customers import fold
from sim.model import known
from sim.model.check import world
from sim.play import play
from tests.contracts.conservation import rows_of
from tests.known.distance import FAR, z, z_share

N = 100_000
MOST = 2000  # orders; nobody has more


@pytest.fixture(scope="module")
def orders():
    """Play CDNOW for 78 weeks; return the rows of all orders."""
    rows = rows_of(play(world(known.repeat_buyers().world | {"customers": N}), clock="compiled"))
    return rows[L.ordered(rows)]


def counted(orders, weeks):
    """Return the number of orders of each customer in so many weeks."""
    return np.bincount(orders["customer"][orders["time"] <= 7 * weeks], minlength=N)


@pytest.mark.parametrize(("weeks", "published"), [(39, 1.197), (78, 1.861)])
def test_cdnow_orders_as_often_as_bg_nbd_says(orders, weeks, published):
    """E[X(39)] and E[X(78)] (Fader, Hardie and Lee 2005, equation 9), the variance from their equation 8."""
    exact, chances, x = known.CDNOW.orders(weeks), known.CDNOW.chances(MOST, weeks), np.arange(MOST + 1)

    assert round(exact, 3) == published
    assert abs(z(counted(orders, weeks).mean(), exact, chances @ x**2 - exact**2, N)) < FAR


@pytest.mark.parametrize("weeks", [4, 13, 39, 78])
def test_the_number_of_orders_has_the_whole_distribution_of_bg_nbd(orders, weeks):
    """P(X(t) = x), x = 0 .. 9 and 10 or more: nobody who never came back by binomial error, all of them by chi-square below its 1e-6 quantile."""
    chances = known.CDNOW.chances(9, weeks)
    expected = N * np.append(chances, 1 - chances.sum())
    found = np.bincount(np.minimum(counted(orders, weeks), 10), minlength=11)

    assert abs(z_share(found[0] / N, chances[0], N)) < FAR
    assert ((found - expected) ** 2 / expected).sum() < chi2.isf(1e-6, 10)


def test_a_buyer_who_left_was_served_first(orders):
    """The order that is followed by leaving is an order: whoever is gone has at least one (half of the weight of equation 8 rests on it)."""
    log = play(world(known.repeat_buyers().world | {"customers": 5000}), clock="compiled")
    customers = fold(log)
    gone = ~np.isnan(customers["churned_at"])

    assert gone.mean() > 0.2
    assert customers["orders"][gone].min() == 1


@pytest.mark.parametrize(("a", "b"), [known.REGULAR, known.HIGH_END], ids=["regular", "high_end"])
def test_subscribers_renew_as_shifted_beta_geometric_says(a, b):
    """S(k) = B(a, b + k) / B(a, b) after 1 to 12 renewals (Fader and Hardie 2007, equation 6)."""
    case = known.subscribers(a, b)
    left = fold(play(world(case.world | {"customers": N}), clock="compiled"))["churned_at"]

    for k in range(1, 13):
        assert abs(z_share((~(left <= 365 * k)).mean(), case.answers[f"survival.{k}"], N)) < FAR


def test_order_values_are_the_gamma_gamma_s(orders):
    """The first order is gamma x beta prime (p, q), the average of the first three (gamma / 3) x beta prime (3 p, q): DKW at 1e-6."""
    p, q, gamma = known.CDNOW_SPEND
    for count in (1, 3):
        average = first(orders, count).mean(1)
        far = np.sqrt(np.log(2 / 1e-6) / (2 * len(average)))
        exact = betaprime(p * count, q, scale=gamma / count).cdf(np.sort(average))
        assert np.abs(exact - (np.arange(len(average)) + 0.5) / len(average)).max() < far


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_next_order_is_the_average_drawn_towards_the_mean(orders, count):
    """Among fifths by their average of 1, 2, 5 orders the next one is E[M | x, average] (Fader and Hardie 2013, equation 5)."""
    values = first(orders, count + 1)
    average, following = values[:, :-1].mean(1), values[:, -1]
    expected = known.CDNOW_SPEND.expected(count, average)
    fifth = np.searchsorted(np.quantile(average, [0.2, 0.4, 0.6, 0.8]), average)

    for k in range(5):
        off = (following - expected)[fifth == k]
        assert abs(z(off.mean(), 0.0, off.var(), len(off))) < FAR


def test_who_spent_most_once_spends_less_next(orders):
    """Regression to the mean: the tenth with the largest first order comes back with a smaller one, by far more than chance."""
    values = first(orders, 2)
    most = values[:, 0] > np.quantile(values[:, 0], 0.9)
    change = values[most, 1] - values[most, 0]

    assert z(change.mean(), 0.0, change.var(), len(change)) < -2 * FAR


def first(orders, count):
    """Return the values of the first orders of those with at least so many, shape (customers, count)."""
    has = np.bincount(orders["customer"], minlength=N)
    starts = (np.cumsum(has) - has)[has >= count]
    return orders["revenue"].astype(float)[starts[:, None] + np.arange(count)]
