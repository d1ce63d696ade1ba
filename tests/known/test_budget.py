"""V8: a budget that funds so many touches a day, against the exact expectation of a capped Poisson number."""

import numpy as np
import pytest
from scipy.stats import poisson

from sim.model.check import world
from sim.play import play
from tests.contracts.conservation import rows_of
from tests.known.distance import FAR, z, z_share

DAYS = 1500


def played(a_day, amount, cost, engage=1.0, per="day"):
    """Return the rows of customers who arrive at Poisson times, see one ad at once, and are gone."""
    stages = {"seeing": {"kind": "prospect", "entry": 1.0, "next": {"gone": 1.0}, "gap": {"mean": 0.0, "family": "fixed"}}, "gone": {"kind": "lost"}}
    ad = {"media": "paid", "share": 1.0, "engage": engage, "cost": cost, "budget": {"amount": amount, "per": per}}
    raw = {"customers": a_day * DAYS, "arrivals": {"days": float(DAYS), "shape": "poisson"}, "horizon": float(DAYS)}
    return rows_of(play(world(raw | {"stages": stages, "channels": {"ad": ad}}), clock="compiled"))


def by_period(rows, days=1.0):
    """Return the funded touches and the cents spent in each period."""
    period, count = (rows["time"] / days).astype(int), int(np.ceil(DAYS / days))
    cents = np.round(rows["cost"].astype(float) * 100).astype(int)
    return np.bincount(period[rows["channel"] == 1], minlength=count), np.bincount(period, weights=cents, minlength=count).astype(int)


@pytest.mark.parametrize(("mean", "cap"), [(60, 50), (40, 50)])
def test_a_day_funds_a_capped_poisson_number_of_touches(mean, cap):
    """E[min(X, cap)] and its variance, and P(X >= cap), summed over the Poisson distribution."""
    funded, _ = by_period(played(mean, float(cap), {"touch": 1.0}))
    n = np.arange(400)
    share, capped = poisson(mean).pmf(n), np.minimum(n, cap)
    exact = share @ capped

    assert abs(z(funded.mean(), exact, share @ capped**2 - exact**2, DAYS)) < FAR
    assert abs(z_share((funded == cap).mean(), poisson(mean).sf(cap - 1), DAYS)) < FAR


@pytest.mark.parametrize(("per", "days"), [("day", 1.0), ("week", 7.0), ("month", 365 / 12)])
def test_no_period_is_overspent_by_a_cent(per, days):
    """An ad that is shown for 2 cents and costs 80 more if engaged is asked for 82 each time: never a cent over 10."""
    amount = 10.0 * days
    _, cents = by_period(played(60, amount, {"exposure": 0.02, "touch": 0.8}, engage=0.4, per=per), days)

    assert cents.max() <= round(amount * 100)
    assert np.mean(cents[:-1] > (amount - 0.82) * 100) > 0.9  # and it is spent, where 60 a day want 20 a day


def test_a_spent_budget_leaves_plain_occasions():
    """Everybody has an occasion, funded or not; what is not funded is own, not engaged and free."""
    rows = played(60, 50.0, {"touch": 1.0})
    own = rows[rows["channel"] == 0]

    assert len(own) > 0
    assert not own["cost"].any()
    assert not (own["flags"] & 1).any()
