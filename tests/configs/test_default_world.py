"""The default world believes what its sources say: facts of docs/reference/default_world.md, in wide bands, with fixed seeds."""

from functools import cache, partial

import numpy as np
import pytest

from sim import log as L
from sim.app.library import load
from sim.metrics import measure
from sim.play import play
from sim.studies.facts import counts
from sim.studies.facts.listed import FACTS
from sim.studies.facts.seen import Seen

REPLICATIONS = 5
OURS = [fact for fact in FACTS if fact.worlds == (counts.WORLD,) and fact.least == fact.least]


@cache
def logs(scenario="baseline"):
    """Return a few replications of the default world under a scenario."""
    made = load(f"scenario={scenario}")
    return [play(made, clock="compiled", replication=number) for number in range(REPLICATIONS)]


@cache
def seen(scenario="baseline"):
    """Return those replications as facts are counted in them."""
    return [Seen(log) for log in logs(scenario)]


def share(count, scenario="baseline"):
    """Return a fact of those replications, total over total."""
    part, whole = np.sum([count({counts.WORLD: one}) for one in seen(scenario)], axis=0)
    return part / whole


def converted(market, worlds):
    """Count the customers of a market, and those who convert."""
    one = worlds[counts.WORLD]
    return (one.won & one.market(market)).sum(), one.market(market).sum()


def stayed(worlds):
    """Count consumers followed for a year after their first order, and those still there."""
    return np.sum([counts.retained(name, worlds) for name in ("new_in_town", "comparer", "replenisher")], axis=0)


def gain(scenario):
    """Return what a scenario adds to profit, replication by replication."""
    return np.array([counts.profit(other) - counts.profit(log) for log, other in zip(seen(), seen(scenario), strict=True)])


@pytest.mark.parametrize("fact", OURS, ids=lambda fact: fact.name)
def test_the_default_world_keeps_its_facts(fact):
    """Bands are the sources' ranges, or some standard errors of five replications around what they say."""
    assert fact.least <= share(fact.counted) <= fact.most


def test_the_economics_are_believable():
    """Profit is positive and below half of revenue; a customer is worth 0.5 to 15 times what winning one costs, persona by persona."""
    measured = {(m.metric, m.group): m.value for log in logs()[:2] for m in measure(log, intervals=False) if m.by in ("all", "persona")}
    ratios = [measured["ltv_to_cac", name] for name in ("new_in_town", "comparer", "replenisher", "software_team", "services_client")]
    assert 0 < measured["profit", "all"] < 0.5 * measured["revenue", "all"]
    assert all(0.4 <= ratio <= 15 for ratio in ratios if not np.isnan(ratio))


def test_no_channel_spends_more_than_its_budget():
    """Paid search has 400 EUR a month of 365/12 days."""
    log = logs()[0]
    rows = seen()[0].rows
    bought = rows[rows["channel"] == list(log.terms.channels).index("paid_search")]
    spent = np.bincount((bought["time"] // (365 / 12)).astype(int), weights=bought["cost"])
    assert spent.max() <= 400 + 1e-3


def test_more_reps_shorten_the_queue_and_cost_more_than_they_bring():
    """One more wage of 8,000 EUR a month over 48 months is 384,000 EUR; at 10,000 customers the calls saved do not pay it back."""
    gave_up = partial(counts.gave_up, "sales")
    assert share(gave_up, "more_sales_reps") < 0.6 * share(gave_up)
    assert share(partial(converted, "b2b"), "more_sales_reps") > share(partial(converted, "b2b"))
    assert -384_000 < gain("more_sales_reps").mean() < 0


def test_a_coupon_wins_buyers_and_gives_margin_away():
    """More consumers buy; a sale through a mail earns less per value: (m - 0.15) in place of m."""
    assert share(partial(converted, "b2c"), "coupon") > share(partial(converted, "b2c"))
    mail = list(logs()[0].terms.channels).index("email")
    assert all(np.all(np.array(log.terms.contribution())[:, 0, mail] < log.terms.contribution()[:, 0, 0]) for log in logs("coupon"))


def test_less_search_spends_less_and_more_mail_is_sent():
    """Intensities 0.5 and 1.33; the budget does not bind, so counts follow within sampling error."""
    counts = [sum(np.bincount(one.rows["channel"], minlength=12) for one in seen(name)) for name in ("baseline", "shift_search_to_email")]
    search, mail = (list(logs()[0].terms.channels).index(name) for name in ("paid_search", "email"))
    assert counts[1][search] / counts[0][search] == pytest.approx(0.5, abs=0.03)
    assert counts[1][mail] / counts[0][mail] == pytest.approx(1.33, abs=0.05)


def test_without_paid_social_nothing_is_spent_there_and_little_is_lost():
    """A weak channel: B2C conversion falls by less than a tenth."""
    social = list(logs()[0].terms.channels).index("paid_social")
    assert not any(np.any(one.rows["channel"] == social) for one in seen("cut_paid_social"))
    assert 0.9 < share(partial(converted, "b2c"), "cut_paid_social") / share(partial(converted, "b2c")) < 1.02


def test_better_support_pleases_customers_and_keeps_them():
    """Satisfaction after a touch of support rises, fewer give up, more consumers stay a year."""
    rows = [np.concatenate([one.rows for one in seen(name)]) for name in ("baseline", "better_support")]
    support = list(logs()[0].terms.channels).index("support")
    before, after = (float(r["satisfaction"][(r["channel"] == support) & L.engaged(r)].mean()) for r in rows)
    assert after > before + 0.05
    assert share(partial(counts.gave_up, "helpdesk"), "better_support") < 0.3 * share(partial(counts.gave_up, "helpdesk"))
    assert share(stayed, "better_support") > share(stayed) - 0.005


def test_referred_customers_come_but_do_not_explode():
    """Each customer brings far less than one other: 48 in 10,000 on average."""
    brought = [int((one.customers["parent"] >= 0).sum()) for one in seen()]
    assert 25 <= np.mean(brought) <= 80
