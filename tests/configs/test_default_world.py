"""The default world believes what its sources say: facts of docs/reference/default_world.md, in wide bands, with fixed seeds."""

from functools import cache

import numpy as np
import pytest

from sim import log as L
from sim.app.library import load
from sim.customers import fold
from sim.metrics import measure
from sim.play import play
from tests.configs.facts import facts, profit, rows_of

REPLICATIONS = 5


@cache
def logs(scenario="baseline"):
    """Return a few replications of the default world under a scenario."""
    made = load(f"scenario={scenario}")
    return [play(made, clock="compiled", replication=number) for number in range(REPLICATIONS)]


@cache
def found(scenario="baseline"):
    """Return the facts of those replications."""
    return facts(logs(scenario))


def gain(scenario):
    """Return what a scenario adds to profit, replication by replication."""
    return np.array([profit(other) - profit(log) for log, other in zip(logs(), logs(scenario), strict=True)])


@pytest.mark.parametrize(
    ("fact", "low", "high"),
    [
        ("b2c.conversion", 0.01, 0.05),  # 1 to 5 % of visitors
        ("new_in_town.conversion", 0.017, 0.030),
        ("comparer.conversion", 0.019, 0.033),
        ("replenisher.conversion", 0.028, 0.048),
        ("software_team.conversion", 0.03, 0.06),
        ("enterprise.conversion", 0.015, 0.045),
        ("services_client.conversion", 0.05, 0.10),
        ("new_in_town.retained", 0.40, 0.60),  # 0.49
        ("comparer.retained", 0.58, 0.78),  # 0.69
        ("replenisher.retained", 0.32, 0.50),  # 0.39
        ("software_team.retained", 0.77, 0.90),
        ("enterprise.retained", 0.80, 0.97),
        ("services_client.retained", 0.80, 0.93),
        ("b2b.month_or_more", 0.63, 0.79),  # 71 %
        ("b2b.three_touches", 0.54, 0.69),  # 61 %
        ("b2b.six_touches", 0.24, 0.38),  # 32 %
        ("b2b.researched", 0.68, 0.83),  # 74 %
        ("web_early", 0.50, 0.97),  # more than half
        ("sales.busy", 0.60, 0.90),
        ("sales.gave_up", 0.05, 0.22),
        ("email.return", 4.0, 44.0),  # 44 is the source's "up to"
    ],
)
def test_the_default_world_keeps_its_facts(fact, low, high):
    """Bands are a few standard errors of the replications around the target, or the source's own range."""
    assert low <= found()[fact] <= high


def test_the_economics_are_believable():
    """Profit is positive and below half of revenue; a customer is worth 0.5 to 15 times what winning one costs, persona by persona."""
    measured = {(m.metric, m.group): m.value for log in logs()[:2] for m in measure(log, intervals=False) if m.by in ("all", "persona")}
    ratios = [measured["ltv_to_cac", name] for name in ("new_in_town", "comparer", "replenisher", "software_team", "services_client")]
    assert 0 < measured["profit", "all"] < 0.5 * measured["revenue", "all"]
    assert all(0.4 <= ratio <= 15 for ratio in ratios if not np.isnan(ratio))


def test_no_channel_spends_more_than_its_budget():
    """Paid search has 400 EUR a month of 365/12 days."""
    log = logs()[0]
    rows = rows_of(log)
    bought = rows[rows["channel"] == list(log.terms.channels).index("paid_search")]
    spent = np.bincount((bought["time"] // (365 / 12)).astype(int), weights=bought["cost"])
    assert spent.max() <= 400 + 1e-3


def test_more_reps_shorten_the_queue_and_cost_more_than_they_bring():
    """One more wage of 8,000 EUR a month over 48 months is 384,000 EUR; at 10,000 customers the calls saved do not pay it back."""
    assert found("more_sales_reps")["sales.gave_up"] < 0.6 * found()["sales.gave_up"]
    assert found("more_sales_reps")["b2b.conversion"] > found()["b2b.conversion"]
    assert -384_000 < gain("more_sales_reps").mean() < 0


def test_a_coupon_wins_buyers_and_gives_margin_away():
    """More consumers buy; a sale through a mail earns less per value: (m - 0.15) in place of m."""
    assert found("coupon")["b2c.conversion"] > found()["b2c.conversion"]
    mail = list(logs()[0].terms.channels).index("email")
    assert all(np.all(np.array(log.terms.contribution())[:, 0, mail] < log.terms.contribution()[:, 0, 0]) for log in logs("coupon"))


def test_less_search_spends_less_and_more_mail_is_sent():
    """Intensities 0.5 and 1.33; the budget does not bind, so counts follow within sampling error."""
    counts = [sum(np.bincount(rows_of(log)["channel"], minlength=12) for log in logs(name)) for name in ("baseline", "shift_search_to_email")]
    search, mail = (list(logs()[0].terms.channels).index(name) for name in ("paid_search", "email"))
    assert counts[1][search] / counts[0][search] == pytest.approx(0.5, abs=0.03)
    assert counts[1][mail] / counts[0][mail] == pytest.approx(1.33, abs=0.05)


def test_without_paid_social_nothing_is_spent_there_and_little_is_lost():
    """A weak channel: B2C conversion falls by less than a tenth."""
    social = list(logs()[0].terms.channels).index("paid_social")
    assert not any(np.any(rows_of(log)["channel"] == social) for log in logs("cut_paid_social"))
    assert 0.9 < found("cut_paid_social")["b2c.conversion"] / found()["b2c.conversion"] < 1.02


def test_better_support_pleases_customers_and_keeps_them():
    """Satisfaction after a touch of support rises, fewer give up, more consumers stay a year."""
    rows = [np.concatenate([rows_of(log) for log in logs(name)]) for name in ("baseline", "better_support")]
    support = list(logs()[0].terms.channels).index("support")
    before, after = (float(r["satisfaction"][(r["channel"] == support) & L.engaged(r)].mean()) for r in rows)
    assert after > before + 0.05
    assert found("better_support")["helpdesk.gave_up"] < 0.3 * found()["helpdesk.gave_up"]
    assert found("better_support")["b2c.retained"] > found()["b2c.retained"] - 0.005


def test_referred_customers_come_but_do_not_explode():
    """Each customer brings far less than one other: 48 in 10,000 on average."""
    brought = [int((fold(log)["parent"] >= 0).sum()) for log in logs()]
    assert 25 <= np.mean(brought) <= 80
