"""V9: customer lifetime value of 50,000 simulated customers, mean and variance, against six models of the literature."""

import numpy as np
import pytest
from scipy.special import roots_jacobi

from sim.customers import fold
from sim.metrics import measure
from sim.model import known
from sim.model.check import world
from sim.play import play
from tests.known.distance import FAR, z

N = 50_000
RATE = 0.1
FORCE = np.log1p(RATE) / 365  # e^(-FORCE days) = (1 + RATE)^(-days / 365)
PRICE, MARGIN = 50.0, 0.4
WORTH = PRICE * MARGIN
ORDER = {"revenue": {"value": {"mean": PRICE, "family": "fixed"}}}
MONEY = {"margin": MARGIN, "discount_rate": RATE}


def priced(raw, **persona):
    """Return plain data with the money of this page, everybody here on day 0."""
    return raw | {"arrivals": {"days": 0.0}, "money": MONEY, "personas": {"everyone": ORDER | persona}}


def geometric():
    """Return a yearly contract renewed with chance r: V = d (w + V') with chance r, d = 1 / (1 + RATE) (Gupta and Lehmann 2003)."""
    renew, d = 0.75, 1 / (1 + RATE)
    mean = WORTH * renew * d / (1 - renew * d)
    return priced(known.subscription(renew, PRICE, MARGIN, RATE).world), mean, renew * d**2 * (WORTH**2 + 2 * WORTH * mean) / (1 - renew * d**2)


def beta_geometric(years=12):
    """Return contracts given up with chances ~ beta: sums of d^k S(k) and, squared, of d^(j + k) S(max(j, k)) (Fader and Hardie 2007)."""
    case = known.subscribers(*known.HIGH_END, years=years)
    k = np.arange(1, years + 1)
    survival, d = np.array([case.answers[f"survival.{n}"] for n in k]), (1 + RATE) ** -k.astype(float)
    square = np.outer(d, d) * survival[np.maximum.outer(k, k) - 1]
    return priced(case.world, traits=case.world["personas"]["subscriber"]["traits"]), WORTH * d @ survival, WORTH**2 * square.sum()


def buy_till_you_die(weeks=78.0):
    """Return CDNOW's repeat buyers: orders at time t have density l e^(-l p t), pairs s < t l^2 (1 - p) e^(-l p t), mixed over l and p (Fader et al. 2005)."""
    case = known.repeat_buyers(weeks=weeks)
    r, alpha, a, b = known.CDNOW
    x, weight = roots_jacobi(60, b - 1, a - 1)
    p, weight = (x[:, None] + 1) / 2, weight[:, None] / weight.sum()
    node, step = np.polynomial.legendre.leggauss(200)
    t, step, force = (node + 1) * weeks / 2, step * weeks / 2, 7 * FORCE
    one = (weight * r * alpha**r / (alpha + p * t) ** (r + 1)).sum(0)
    two = (weight * (1 - p) * r * (r + 1) * alpha**r / (alpha + p * t) ** (r + 2)).sum(0)
    mean, square = step @ (np.exp(-force * t) * one), step @ (np.exp(-2 * force * t) * one)
    pairs = 2 * step @ (np.exp(-force * t) * (1 - np.exp(-force * t)) / force * two)
    shopper = {name: trait for name, trait in case.world["personas"]["shopper"]["traits"].items() if name != "wallet"}
    return priced(case.world, traits=shopper), WORTH * mean, WORTH**2 * (square + pairs)


def continuous(gap=20.0, leaves=0.1, orders=0.5):
    """Return Poisson orders in an exponential life: E[V] w l / (m + f), E[V^2] w^2 (l / (m + 2 f) + 2 l^2 / ((m + f) (m + 2 f))) (Campbell's theorem)."""
    client = {"kind": "customer", "entry": 1.0, "order": {"on_stay": orders}, "next": {"client": 1 - leaves, "left": leaves}, "gap": {"mean": gap}}
    rate, dies = (1 - leaves) * orders / gap, leaves / gap
    square = rate / (dies + 2 * FORCE) + 2 * rate**2 / ((dies + FORCE) * (dies + 2 * FORCE))
    return priced({"horizon": 20_000.0, "stages": {"client": client, "left": {"kind": "churned"}}}), WORTH * rate / (dies + FORCE), WORTH**2 * square


def migration(mail=4.0):
    """Return customers by years since their last order, mailed every year, who are gone after three without one (Pfeifer and Carraway 2000)."""
    buys, year = (0.4, 0.3, 0.15), {"mean": 365.0, "family": "fixed"}
    names = ("this year", "last year", "before", "left")
    rows = [{"this year": p, after: 1 - p} for p, after in zip(buys, names[1:], strict=True)]
    stages = {name: {"kind": "customer", "next": row, "gap": year} for name, row in zip(names, rows, strict=False)}
    stages["this year"] |= {"entry": 1.0, "order": {"on_entry": 1.0, "on_stay": 1.0}}
    raw = {"horizon": 36_500.0, "stages": stages | {"left": {"kind": "churned"}}, "channels": {"mail": {"share": 1.0, "cost": {"exposure": mail}}}}
    ways = [[(p, WORTH - mail, 0), (1 - p, -mail, k + 1)] for k, p in enumerate(buys)]
    return priced(raw), *discounted(ways, [1 / (1 + RATE)] * 3, [(1 + RATE) ** -2] * 3)


def semi_markov():
    """Return orders and pauses after gamma gaps: E[e^(-f gap)] = (1 + f mean cv^2)^(-1 / cv^2) (Cinlar 1975, chapter 10)."""
    means, cvs = np.array([25.0, 60.0]), np.array([0.5, 1.5])
    gaps = [{"mean": float(m), "cv": float(c), "family": "gamma"} for m, c in zip(means, cvs, strict=True)]
    active = {"kind": "customer", "entry": 1.0, "next": {"active": 0.8, "dormant": 0.15, "left": 0.05}, "gap": gaps[0]}
    active["order"] = {"on_entry": 1.0, "on_stay": 0.5}
    dormant = {"kind": "customer", "next": {"active": 0.3, "dormant": 0.5, "left": 0.2}, "gap": gaps[1]}
    raw = {"horizon": 30_000.0, "stages": {"active": active, "dormant": dormant, "left": {"kind": "churned"}}}
    ways = [[(0.4, WORTH, 0), (0.4, 0, 0), (0.15, 0, 1), (0.05, 0, 2)], [(0.3, WORTH, 0), (0.5, 0, 1), (0.2, 0, 2)]]
    return priced(raw), *discounted(ways, *((1 + k * FORCE * means * cvs**2) ** (-1 / cvs**2) for k in (1, 2)))


def discounted(ways, once, twice):
    """Return E[V], E[V^2] from state 0, V = e^(-f gap) (gain + V there), ways (chance, gain, to) by state; the last ``to`` leads out."""
    count = len(ways)
    moves, gain, square, cross = np.zeros((count, count + 1)), np.zeros(count), np.zeros(count), np.zeros((count, count + 1))
    for here, row in enumerate(ways):
        for chance, brings, to in row:
            moves[here, to] += chance
            cross[here, to] += chance * brings
            gain[here] += chance * brings
            square[here] += chance * brings**2
    inside, once, twice = moves[:, :count], np.array(once)[:, None], np.array(twice)[:, None]
    mean = np.linalg.solve(np.eye(count) - once * inside, once[:, 0] * gain)
    return mean[0], np.linalg.solve(np.eye(count) - twice * inside, twice[:, 0] * (square + 2 * cross[:, :count] @ mean))[0]


MODELS = (geometric, beta_geometric, buy_till_you_die, continuous, migration, semi_markov)


def distances(model, **changes):
    """Return the standard errors between simulated and exact mean, and between the mean square around it and the exact variance."""
    raw, mean, square = model()
    customers = fold(play(world(raw | {"customers": N} | changes), clock="compiled"))
    off = customers["clv_to_date"] - mean
    return z(off.mean(), 0.0, square - mean**2, len(off)), z((off**2).mean(), square - mean**2, (off**2).var(), len(off))


@pytest.mark.parametrize("model", MODELS)
def test_customer_value_has_the_mean_and_variance_of_the_model(model):
    """The mean within five standard errors of the exact variance, the variance within five of its own."""
    assert max(map(abs, distances(model))) < FAR


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_customer_value_is_exact_in_a_larger_world(model):
    """V9 at its full size: 400,000 customers, other seeds."""
    for seed in (101, 102):
        assert max(map(abs, distances(model, customers=400_000, seed=seed))) < FAR


def test_the_metric_is_the_mean_of_what_customers_were_worth():
    """Everybody converts on day 0 and is followed through the window, so `clv` is the plain mean; values are gamma-gamma's: their mean times the orders."""
    raw, mean, _ = buy_till_you_die()
    spend = known.repeat_buyers().world["personas"]["shopper"]
    raw |= {"customers": N, "personas": {"shopper": spend}, "money": MONEY | {"clv_days": raw["horizon"]}}
    log = play(world(raw), clock="compiled")
    worth = fold(log)["clv_to_date"]
    (found,) = [m for m in measure(log, intervals=False) if (m.metric, m.by) == ("clv", "all")]

    assert found.value == pytest.approx(worth.mean(), rel=1e-9)
    assert abs(z(worth.mean(), mean / PRICE * known.CDNOW_SPEND.mean, worth.var(), N)) < FAR
