"""What customers cost to win, and what is got for it.

Acquisition is everything spent before or at conversion, on those never won too: exposures, touches, orders and rewards for referrals,
and the part of wages (by served time) and of channels' monthly costs (by exposures) that falls on it in its month.  A desk that serves
prospects and served nobody stood ready to win them: its wages fall on prospects' occasions.  By channel: costs of the customers with
that first_channel (rewards for them too), but a channel's monthly cost stays with the channel.
"""

import math

import numpy as np

from sim.log import Array
from sim.metrics.estimate import NONE, NONE_BELOW, Measure, Records, added, by_bootstrap, of_occasions, ratios
from sim.metrics.journey import Facts
from sim.metrics.rows import YEAR
from sim.metrics.table import DAYS, NO_CONVERSION, RATIO, TOO_SHORT, Metric
from sim.metrics.value import clv
from sim.stats.proportions import Z95
from sim.stats.survival import longest_window

GROUPS = ("persona", "channel", "source")
PAID, NO_MEDIA = ("paid", "paid_fixed"), "no paid media"


def cpl(facts: Facts) -> list[Metric]:
    """Cost per lead: acquisition cost of the run / leads; acquisition as in cac."""
    leads = (~np.isnan(facts.customers["lead_at"])).astype(float)
    return _won_for(facts, Measure("cpl", facts.terms.currency, by_bootstrap, "no lead"), "win", facts.customers["cost_to_win"], leads)


def cac(facts: Facts) -> list[Metric]:
    """Give the customer acquisition cost: of arrivals followed for 365 days, what winning cost in their first 365 days / their conversions then.

    A sum over a sum, never a mean of ratios.  Winning bears wages by served time and monthly costs by exposures; the wages of a desk
    that served nobody in the run fall on the occasions of prospects if the desk serves any, else on nobody.
    """
    return _won_for(facts, Measure("cac", facts.terms.currency, by_bootstrap, NO_CONVERSION), "year", *_first_year(facts))


def mer(facts: Facts) -> list[Metric]:
    """Marketing efficiency ratio: revenue of the run / cost of paid media, their monthly costs included; by month: of the events."""
    return [_of_money(metric, facts) for metric in of_occasions(facts, Measure("mer", RATIO, by_bootstrap, NO_MEDIA), ("revenue",), PAID, ("month",))]


def roas(facts: Facts) -> list[Metric]:
    """Return on ad spend: all: as mer; by channel: revenue of the customers whose first_channel it is / what the paid channel cost. It is not credit."""
    out = [metric._replace(metric="roas") for metric in facts.once("mer", mer) if metric.by == "all"]
    tally = facts.tallies["channel"]
    spent = added(tally.columns, PAID, len(tally.group))
    paid = np.array([media == "paid" for media in facts.terms.media])
    group = facts.customers["first_channel"].astype(np.intp)
    none = np.zeros(len(group))
    records = Records(
        np.concatenate([np.arange(len(group)), tally.customer]),
        np.concatenate([group, tally.group]),
        np.concatenate([facts.customers["revenue"], np.zeros(len(spent))]),
        np.concatenate([none, spent]),
        np.bincount(group, minlength=len(paid)),
        void=["" if is_paid else NO_MEDIA for is_paid in paid],
    )
    return out + ratios(facts, Measure("roas", RATIO, by_bootstrap, NO_MEDIA), "channel", facts.terms.channels, records)


def ltv_to_cac(facts: Facts) -> list[Metric]:
    """Clv / cac; it describes: between scenarios the converted are other customers. Interval by the delta method on the logarithm."""
    values, costs = {(m.by, m.group): m for m in facts.once("clv", clv)}, {(m.by, m.group): m for m in facts.once("cac", cac)}
    out = []
    for name, grouping, group in facts.groupings(*GROUPS):
        for g, label in enumerate(grouping.names):
            value, price = values[grouping.by, label], costs[grouping.by, label]
            note = value.note if math.isnan(value.value) else price.note if math.isnan(price.value) or price.value > 0 else "no acquisition cost"
            ratio = value.value / price.value if price.value > 0 else math.nan
            shown = facts.intervals and ratio > 0 and min(value.n, price.n) >= NONE_BELOW
            low, high = _around(ratio, _spread(facts, name, group == g, value.value, price.value)) if shown else NONE
            out.append(Metric("ltv_to_cac", grouping.by, label, ratio, low, high, RATIO, min(value.n, price.n), note, value.value * price.below, price.above))
    return out


def payback_days(facts: Facts) -> list[Metric]:
    """First age, in days from conversion, at which the mean cumulated contribution per converted customer reaches cac.

    Undiscounted, serving costs not taken off; the mean among those followed for longer, within strata.
    """
    prices = {(m.by, m.group): m for m in facts.once("cac", cac)}
    out = []
    for name, grouping, group in facts.groupings(*GROUPS):
        weighted = facts.paid_back(name)
        payers, sizes = group[facts.flows.payer], np.bincount(group[facts.won], minlength=len(grouping.names))
        for g, label in enumerate(grouping.names):
            price = prices[grouping.by, label]
            value, note = math.nan, price.note
            if not math.isnan(price.value):
                some = payers == g
                value = _reached(facts.flows.age[some], weighted[some] / max(1, sizes[g]), price.value)
                note = "not reached" if math.isnan(value) else price.note
            out.append(Metric("payback_days", grouping.by, label, value, *NONE, DAYS, int(sizes[g]), note))
    return out


def _reached(age: Array, mean_flow: Array, price: float) -> float:
    if price <= 0:
        return 0.0
    order = np.argsort(age, kind="stable")
    reached = np.flatnonzero(np.cumsum(mean_flow[order]) >= price * (1 - 1e-12))
    return float(age[order][reached[0]]) if len(reached) else math.nan


def _first_year(facts: Facts) -> tuple[Array, Array]:
    """Return, by customer, the variable cost to win in the first year and whether they converted in it; 0 for those not followed for a year."""
    won = ~np.isnan(facts.customers["converted_at"])
    return facts.totals["year_cost"], (won & (facts.to_convert <= YEAR) & (facts.followed >= YEAR)).astype(float)


def _won_for(facts: Facts, measure: Measure, when: str, variable: Array, below: Array) -> list[Metric]:
    size, out = len(facts.customers), []
    shared = f"{when}_channel_fixed"
    desks, channels = added(facts.totals, (f"{when}_desk_fixed",), size), added(facts.totals, (shared,), size)
    for _, grouping, group in facts.groupings(*GROUPS):
        width = len(grouping.names)
        sizes = np.bincount(group, minlength=width)
        enough = longest_window(facts.followed, group.astype(np.int16), width, facts.enough, facts.ranked) >= YEAR
        void = None if when == "win" else ["" if enough[g] or not sizes[g] else TOO_SHORT for g in range(width)]
        records = Records(np.arange(size), group, variable + desks + channels, below, void=void)
        if grouping.by == "channel":
            tally = facts.tallies["channel"]
            monthly = added(tally.columns, (shared,), len(tally.group))
            customer, group = np.concatenate([records.customer, tally.customer]), np.concatenate([group, tally.group])
            records = Records(customer, group, np.concatenate([variable + desks, monthly]), np.concatenate([below, np.zeros(len(monthly))]), void=void)
        out += ratios(facts, measure, grouping.by, grouping.names, records)
    return out


def _of_money(metric: Metric, facts: Facts) -> Metric:
    """Count customers (what stands below the line is money)."""
    return metric._replace(n=len(facts.customers)) if metric.by == "all" else metric


def _spread(facts: Facts, name: str, inside: Array, value: float, price: float) -> float:
    """Return the standard error of log(clv / cac) in a group, from what each unit adds to either error."""
    won = facts.won[inside[facts.won]]
    error = np.zeros(len(inside))
    error[won] = (facts.flows.score["clv"][name][won] / value - 1) / max(1, len(won))
    variable, converted = _first_year(facts)
    spent = variable + added(facts.totals, ("year_desk_fixed", "year_channel_fixed"), len(inside))
    error -= np.where(inside, (spent / price - converted) / max(1.0, float(converted[inside].sum())), 0.0)
    summed = error if facts.family is None else np.bincount(facts.family, weights=error)
    return math.sqrt(float(np.square(summed).sum()))


def _around(ratio: float, error: float) -> tuple[float, float]:
    return ratio * math.exp(-Z95 * error), ratio * math.exp(Z95 * error)
