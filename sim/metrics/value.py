"""What customers bring: value per arrival (decides), customer lifetime value (describes), revenue, contribution, profit, orders."""

import numpy as np

from sim.log import Array
from sim.metrics.estimate import Measure, Records, added, by_bootstrap, of_customers, of_occasions, ratios, totals
from sim.metrics.funnel import too_short
from sim.metrics.journey import Facts
from sim.metrics.rows import MONTH, YEAR
from sim.metrics.table import NO_CONVERSION, PER_MONTH, Metric

GROUPS = ("persona", "channel", "source")
FIXED = ("desk_fixed", "channel_fixed")


def value_365d(facts: Facts) -> list[Metric]:
    """Per arrived customer, converted or not: contribution less all variable costs in the first 365 days after arrival, discounted to arrival.

    The sum over ages of the mean flow among those followed for longer, within strata.  This and profit decide between scenarios.
    """
    measure = Measure("value_365d", facts.terms.currency, by_bootstrap)
    everybody, ones = np.arange(len(facts.customers)), np.ones(len(facts.customers))
    out = []
    for name, grouping, group in facts.groupings(*GROUPS):
        void = too_short(facts.window(name, grouping), YEAR)
        out += ratios(facts, measure, grouping.by, grouping.names, Records(everybody, group, facts.flows.score["value_365d"][name], ones, void=void))
    return out


def clv(facts: Facts) -> list[Metric]:
    """Per converted customer: contribution from the first order on, less the costs of serving, in the first `money.clv_days` days after conversion.

    Discounted by (1 + rate)^(-days / 365); what was spent before or at conversion is not taken off.  The sum over ages of the mean
    flow among those followed for longer, within strata.  It describes: between scenarios the converted are other customers.
    """
    return _clv(facts, "clv", facts.terms.clv_days)


def clv_365d(facts: Facts) -> list[Metric]:
    """As clv, in the first 365 days after conversion."""
    return _clv(facts, "clv_365d", YEAR)


def revenue(facts: Facts) -> list[Metric]:
    """Sum what customers paid in the run, discounts taken off; by channel: of the order's occasion.

    Fees (channel own), instalments and refunds count in the month in which they are paid; a refund is taken off there.
    """
    return _money(facts, "revenue", ("revenue",))


def margin(facts: Facts) -> list[Metric]:
    """Contribution of the run's orders: value × (margin - discount), the goods cost the same; by channel: of the order's occasion.

    The contribution of an order in instalments is spread over its parts; these, fees and refunds count in the month in which they are paid.
    """
    return _money(facts, "margin", ("margin",))


def cost(facts: Facts) -> list[Metric]:
    """Everything spent in the run: on exposures, touches, orders and rewards for referrals, wages and monthly costs.

    By channel: its own costs (rewards: own); by desk: its wages; by month: when spent.  By persona, market, arm and source wages and monthly
    costs are shared by served time and exposures (wages of a desk that served nobody: as in cac).
    """
    out = _money(facts, "cost", ("cost",), (1.0, FIXED))
    wages = Measure("cost", facts.terms.currency, by_bootstrap)
    return out + [
        Metric(wages.name, "desk", name, float(money), float("nan"), float("nan"), wages.unit, 1)
        for name, money in zip(facts.terms.desks, facts.costs.desks.sum(axis=1), strict=True)
    ]


def profit(facts: Facts) -> list[Metric]:
    """Sum the run's contribution less all its costs, fixed ones too, undiscounted, to the horizon; groups as in cost. This and value_365d decide."""
    return _money(facts, "profit", ("margin",), (-1.0, FIXED), ("cost",))


def order_value(facts: Facts) -> list[Metric]:
    """Revenue / orders; by channel: of the order's occasion.

    Fees, instalments and refunds count in the month in which they are paid, an order in that in which it is made.
    """
    measure = Measure("order_value", facts.terms.currency, by_bootstrap, "no order")
    return of_occasions(facts, measure, ("revenue",), ("orders",), ("channel", "month"))


def order_frequency(facts: Facts) -> list[Metric]:
    """Orders of converted customers (a fee is one) / their customer-months (365/12 days each) from conversion to leaving or the horizon."""
    start, end = facts.at_risk
    months = np.zeros(len(facts.customers))
    months[facts.won] = (end - start) / MONTH
    orders = np.where(np.isnan(facts.customers["converted_at"]), 0, facts.customers["orders"]).astype(float)
    return of_customers(facts, Measure("order_frequency", PER_MONTH, by_bootstrap, NO_CONVERSION), orders, months)


def _clv(facts: Facts, measure: str, days: float) -> list[Metric]:
    out = []
    ones = np.ones(len(facts.won))
    for name, grouping, group in facts.groupings(*GROUPS):
        void = too_short(facts.window_won(name, grouping), days)
        records = Records(facts.won, group[facts.won], facts.flows.score[measure][name][facts.won], ones, void=void)
        out += ratios(facts, Measure(measure, facts.terms.currency, by_bootstrap, NO_CONVERSION), grouping.by, grouping.names, records)
    return out


def _money(facts: Facts, name: str, plus: tuple[str, ...], fixed: tuple[float, tuple[str, ...]] = (0.0, ()), minus: tuple[str, ...] = ()) -> list[Metric]:
    """Return totals of money by groups of customers (shared fixed costs included) and by channel and month (the ledger's)."""
    sign, shares = fixed
    measure = Measure(name, facts.terms.currency, by_bootstrap)

    def amount(columns: dict[str, Array], size: int, also: tuple[str, ...] = ()) -> Array:
        return added(columns, plus, size) - added(columns, minus, size) + sign * added(columns, also, size)

    size, out = len(facts.customers), []
    money = amount(facts.totals, size, shares)
    unshared = sign * (float(facts.costs.by_month.sum()) - float(added(facts.totals, FIXED, size).sum()))
    for _, grouping, group in facts.groupings("persona", "source"):
        constant = unshared if grouping.by == "all" else 0.0
        out += totals(facts, measure, grouping.by, grouping.names, Records(np.arange(size), group, money, np.ones(size)), constant)
    for by, ledger in (("channel", facts.costs.channels.sum(axis=1)), ("month", facts.costs.by_month)):
        tally = facts.tallies[by]
        records = Records(tally.customer, tally.group, amount(tally.columns, len(tally.group)), tally.columns["rows"])
        out += totals(facts, measure, by, tally.names, records, sign * ledger)
    return out
