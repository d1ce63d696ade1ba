"""Who stays after conversion.  Any exit then is leaving, whichever stage it leads to; a converted customer in a prospect stage is retained and at risk."""

import math

import numpy as np

from sim.log import Array
from sim.metrics.estimate import FEW_BELOW, NONE, NONE_BELOW, Measure, Records, by_wilson, ratios
from sim.metrics.funnel import too_short
from sim.metrics.journey import Facts
from sim.metrics.rows import MONTH, month, months
from sim.metrics.table import FEW, NO_CONVERSION, PER_MONTH, SHARE, Metric
from sim.stats.proportions import garwood

GROUPS = ("persona", "channel", "source")


def churn_rate_monthly(facts: Facts) -> list[Metric]:
    """Divide the exits of converted customers by their months at risk (365/12 days each), from conversion to leaving or the horizon; Poisson interval.

    By month: exits and time at risk in that month of the run.
    """
    start, end = facts.at_risk
    left = ~np.isnan(facts.customers["churned_at"][facts.won])
    out = []
    for _, grouping, group in facts.groupings(*GROUPS):
        of, width = group[facts.won], len(grouping.names)
        exits, risk = np.bincount(of[left], minlength=width), np.bincount(of, weights=(end - start) / MONTH, minlength=width)
        out += [_rate(facts, grouping.by, name, int(exits[g]), float(risk[g])) for g, name in enumerate(grouping.names)]
    count = months(facts.terms.horizon)
    exits, risk = np.bincount(month(end[left]), minlength=count), _at_risk(start, end, count)
    return out + [_rate(facts, "month", str(m), int(exits[m]), float(risk[m])) for m in range(count)]


def retention_30d(facts: Facts) -> list[Metric]:
    """Share of converted customers that has not left 30 days after conversion: Kaplan-Meier within strata; leaving on day 30 counts."""
    return _retention(facts, 30)


def retention_90d(facts: Facts) -> list[Metric]:
    """Share of converted customers that has not left 90 days after conversion, as retention_30d."""
    return _retention(facts, 90)


def retention_365d(facts: Facts) -> list[Metric]:
    """Share of converted customers that has not left 365 days after conversion, as retention_30d."""
    return _retention(facts, 365)


def _retention(facts: Facts, days: int) -> list[Metric]:
    out = []
    ones, measure = np.ones(len(facts.won)), Measure(f"retention_{days}d", SHARE, by_wilson, NO_CONVERSION)
    values = {name: 1.0 - facts.linear(facts.leaving[name], facts.leaving_days <= days) for name in GROUPS if name in facts.partitions}
    for name, grouping, group in facts.groupings(*GROUPS):
        followed = np.bincount(group[facts.won], weights=facts.followed_won >= days, minlength=len(grouping.names))
        void = too_short(facts.window_won(name, grouping), days)
        out += ratios(facts, measure, grouping.by, grouping.names, Records(facts.won, group[facts.won], values[name], ones, otherwise=followed, void=void))
    return out


def _rate(facts: Facts, by: str, name: str, exits: int, risk: float) -> Metric:
    if not risk > 0:
        return Metric("churn_rate_monthly", by, name, math.nan, *NONE, PER_MONTH, 0, NO_CONVERSION)
    # Months at risk are the values here: without any exit there still is an upper limit.
    low, high = garwood(exits, risk) if facts.intervals and risk >= NONE_BELOW else NONE
    return Metric("churn_rate_monthly", by, name, exits / risk, low, high, PER_MONTH, exits, FEW if exits < FEW_BELOW else "", exits, risk)


def _at_risk(start: Array, end: Array, count: int) -> Array:
    """Return customer-months at risk in each month of the run."""
    borders = np.arange(count + 1) * MONTH
    lived = np.array([float((np.minimum(end, border) - np.minimum(start, border)).sum()) for border in borders])
    return np.asarray(np.diff(lived) / MONTH)
