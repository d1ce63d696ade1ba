"""How large a test must be, and what a test of some size can see.

    shares   z test with the pooled variance under no difference and the unpooled one under the difference, two-sided
             (Fleiss, Levin and Paik 2003, formula 4.14; statsmodels `power_proportions_2indep`)
    means    z test of two means with their own variances (statsmodels `normal_power_het`)

Sizes are customers who were followed for the whole window.
"""

from collections.abc import Callable
from math import ceil, inf, isfinite, isnan, nan, sqrt
from typing import NamedTuple

import numpy as np

from sim.stats.ratios import Totals
from sim.studies.ab.question import SHARE, Outcome, Question
from sim.studies.ab.sample import Sample

SHARES = "two proportions: Fleiss, Levin and Paik 2003, 4.14"
MEANS = "two means: normal, variances of their own"
MOST = 1e12  # customers; beyond, no size is enough


class Plan(NamedTuple):
    """What a test of ``metric`` can see. ``n``: customers of control followed; ``lift``: the difference asked for, in the metric's unit.

    ``power``: the chance to find it with n; ``needed``: the n that finds it with the power asked for; ``detectable``: the
    difference that n finds with that power.
    """

    metric: str
    arm: str
    n: int
    control: float
    lift: float
    power: float
    needed: float
    detectable: float
    formula: str


def power_of_shares(control: float, treated: float, n: float, ratio: float = 1.0, alpha: float = 0.05) -> float:
    """Return the chance to reject when the shares are these, with ``n`` customers in control and ratio·n in the arm."""
    from statsmodels.stats.proportion import power_proportions_2indep

    return float(power_proportions_2indep(control - treated, treated, n, ratio=ratio, alpha=alpha, return_results=False))


def power_of_means(lift: float, deviations: tuple[float, float], n: float, ratio: float = 1.0, alpha: float = 0.05) -> float:
    """Return the chance to reject when means differ by ``lift`` and have these standard deviations, control first."""
    from statsmodels.stats.power import normal_power_het

    return float(normal_power_het(lift, n, alpha, std_null=sqrt(deviations[0] ** 2 + deviations[1] ** 2 / ratio)))


def size_for_shares(control: float, treated: float, power: float = 0.8, ratio: float = 1.0, alpha: float = 0.05) -> float:
    """Return how many customers control needs (a whole number; inf where none are enough)."""
    return _smallest(lambda n: power_of_shares(control, treated, n, ratio, alpha), power)


def size_for_means(lift: float, deviations: tuple[float, float], power: float = 0.8, ratio: float = 1.0, alpha: float = 0.05) -> float:
    """Return how many customers control needs (a whole number; inf where none are enough)."""
    return _smallest(lambda n: power_of_means(lift, deviations, n, ratio, alpha), power)


def plan(sample: Sample, question: Question, outcome: Outcome, arm: int) -> Plan:
    """Return what this test could see; the spread of both arms is taken to be control's."""
    control = _control(sample, outcome)
    n, value = len(control.above), control.ratio
    lift, chance = question.lift * abs(value), power_at(sample, question, outcome, arm)
    formula = SHARES if outcome.kind == SHARE else MEANS
    if isnan(chance(lift, n)):
        return Plan(outcome.name, sample.arms[arm], n, value, lift, nan, nan, nan, formula)
    top = (1 - value) * (1 - 1e-9) if outcome.kind == SHARE else inf
    needed = _smallest(lambda size: chance(lift, size), question.power)
    seen = _least(lambda difference: chance(difference, n), question.power, abs(lift), top)
    return Plan(outcome.name, sample.arms[arm], n, value, lift, chance(lift, n), needed, seen, formula)


def power_at(sample: Sample, question: Question, outcome: Outcome, arm: int) -> Callable[[float, float], float]:
    """Return the function (difference, customers in control) -> power of this test; NaN where it can't be known."""
    control = _control(sample, outcome)
    n, value = len(control.above), control.ratio
    ratio = np.count_nonzero(sample.arm[sample.counted(outcome)] == arm) / n if n else nan
    known = n > 1 and ratio > 0 and control.variance() > 0
    deviation = sqrt(control.variance() * n) if known else nan  # of one customer; a ratio's is that of its linearisation

    def chance(difference: float, size: float) -> float:
        if not known or (outcome.kind == SHARE and not 0 < value + difference < 1):
            return nan
        if outcome.kind == SHARE:
            return power_of_shares(value, value + difference, size, ratio, question.alpha)
        return power_of_means(difference, (deviation, deviation), size, ratio, question.alpha)

    return chance


def _control(sample: Sample, outcome: Outcome) -> Totals:
    above, below = sample.values(outcome)
    control = sample.arm[sample.counted(outcome)] == 0
    return Totals(above[control], below[control])


def _smallest(power_at: Callable[[float], float], power: float) -> float:
    """Return the smallest whole n whose power is enough."""
    from scipy.optimize import brentq

    high = 4.0
    while power_at(high) < power:
        high *= 2
        if high > MOST:
            return inf
    exact = brentq(lambda n: power_at(n) - power, 1.0, high, xtol=1e-6) if power_at(1.0) < power else 1.0
    return float(ceil(exact - 1e-6))


def _least(power_at: Callable[[float], float], power: float, first: float, top: float) -> float:
    """Return the smallest difference whose power is enough, NaN if none below ``top`` is."""
    from scipy.optimize import brentq

    high = min(first, top)
    while power_at(high) < power:
        if high >= top or not isfinite(high):
            return nan
        high = min(2 * high, top)
    return float(brentq(lambda difference: power_at(difference) - power, high * 1e-9, high))
