"""Paired differences: the same customers' luck in two worlds, replication by replication, so that what differs is the scenario's."""

from collections.abc import Sequence
from math import inf, isnan, nan
from typing import NamedTuple

import numpy as np

from sim.metrics import METRICS, Metric
from sim.metrics.journey import Facts
from sim.stats import Array
from sim.stats.means import jackknife, t_interval
from sim.stats.proportions import wilson
from sim.studies.planner import LEAST

COMPARED = ("profit", "value_365d", "conversion_rate", "churn_rate_monthly", "revenue", "cost", "clv")  # the first two decide
DOWN = ("churn_rate_monthly", "cost")  # less is better
DESCRIBES = ("clv",)  # of those who converted, who are other customers in another world
GROUPS = ("all", "persona", "month")
OTHERS = "other customers, not the same ones worth more"

Key = tuple[str, str, str]
Measured = dict[Key, Metric]


class Difference(NamedTuple):
    """One metric in a scenario less the baseline: means over ``n`` paired replications, 95 % t interval of the difference.

    ``p_better``, ``money_at_risk`` and ``flips`` (replications that point the other way, with Wilson's interval of their share)
    are NaN where they make no sense.
    """

    scenario: str
    metric: str
    by: str
    group: str
    baseline: float
    value: float
    difference: float
    low: float
    high: float
    unit: str
    n: int
    p_better: float = nan
    money_at_risk: float = nan
    flips: float = nan
    flips_low: float = nan
    flips_high: float = nan
    note: str = ""

    @property
    def half(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2


def measured(found: Facts) -> Measured:
    """Return the metrics that scenarios are compared by, for all, by persona and by month."""
    rows = (metric for name in COMPARED for metric in found.once(name, METRICS[name]))
    return {(m.metric, m.by, m.group): m for m in rows if m.by in GROUPS}


def differences(scenario: str, baseline: Sequence[Measured], other: Sequence[Measured]) -> list[Difference]:
    """Return the differences of everything measured in both worlds; the sequences hold the same replications in the same order."""
    keys = dict.fromkeys(key for run in other for key in run if any(key in one for one in baseline))
    pairs = ((key, [(one[key], two[key]) for one, two in zip(baseline, other, strict=True) if key in one and key in two]) for key in keys)
    return [_difference(scenario, key, known) for key, both in pairs if (known := [pair for pair in both if not _empty(pair)])]


def _empty(pair: tuple[Metric, Metric]) -> bool:
    return isnan(pair[0].value) or isnan(pair[1].value)


def _difference(scenario: str, key: Key, pairs: list[tuple[Metric, Metric]]) -> Difference:
    before, after = (np.array([metric.value for metric in side]) for side in zip(*pairs, strict=True))
    if isnan(pairs[0][0].above):
        first, second = float(before.mean()), float(after.mean())
        mean, low, high = t_interval(after - before)
    else:
        parts = np.array([(b.above, b.below, a.above, a.below) for b, a in pairs])
        first, second = _ratio(parts[:, :2]), _ratio(parts[:, 2:])
        mean, low, high = jackknife(lambda rows: _ratio(rows[:, 2:]) - _ratio(rows[:, :2]), parts)
    name, by, group = key
    row = Difference(scenario, name, by, group, first, second, mean, low, high, pairs[0][0].unit, len(pairs), note=OTHERS if name in DESCRIBES else "")
    return _judged(row, after - before)


def _judged(row: Difference, by_run: Array) -> Difference:
    """Add what only makes sense where one way is better: the chance to be better, money at risk, flips."""
    if row.metric in DESCRIBES or row.n < 2:
        return row
    sign = -1.0 if row.metric in DOWN else 1.0
    error = standard_error(row)
    chance = p_better(sign * row.difference, error, row.n) if row.n >= LEAST else nan
    risk = money_at_risk(row.difference, error, row.n) if row.metric == "profit" and row.n >= LEAST else nan
    against, low, high = flips(by_run, row.difference)
    return row._replace(p_better=chance, money_at_risk=risk, flips=against, flips_low=low, flips_high=high)


def standard_error(row: Difference) -> float:
    """Return the standard error behind the interval."""
    from sim.stats.means import student

    return row.half / student(0.975, row.n - 1)


def p_better(mean: float, error: float, runs: int) -> float:
    """Return P(T < mean / SE), T with ``runs`` - 1 degrees of freedom: how sure the replications are that more is there; 10 of them at least.

    The chance under a flat prior that the true difference is positive; NaN where nothing differs at all.
    """
    from scipy.special import stdtr

    if error == 0:
        return nan if mean == 0 else float(mean > 0)
    return float(stdtr(runs - 1, mean / error))


def money_at_risk(mean: float, error: float, runs: int) -> float:
    """Return the expected loss if the scenario is chosen and is worse: E[max(0, -D)] for a true difference D = mean + SE T.

    SE ((ν + q²) f(q) / (ν - 1) - q (1 - F(q))) with q = mean / SE, f and F of Student's T with ν = runs - 1 (the linear loss
    integral, Raiffa and Schlaifer 1961, 11.4).  What to know better would be worth at most.
    """
    from scipy import stats

    freedom = runs - 1
    if error == 0 or freedom < 2:
        return max(0.0, -mean) if error == 0 else inf
    q = mean / error
    return float(error * ((freedom + q * q) / (freedom - 1) * stats.t.pdf(q, freedom) - q * stats.t.sf(q, freedom)))


def flips(by_run: Array, mean: float) -> tuple[int, float, float]:
    """Return how many paired replications point the other way than the mean, and Wilson's interval of their share."""
    against = int(np.count_nonzero(by_run * mean < 0))
    return against, *wilson(against / len(by_run), len(by_run))


def _ratio(parts: Array) -> float:
    above, below = np.nansum(parts, axis=0)
    return float(above / below) if below else nan
