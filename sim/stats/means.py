"""Means over replications, and the jackknife."""

import math
from collections.abc import Callable

import numpy as np

from sim.stats import Array


def student(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def t_interval(values: Array, level: float = 0.95) -> tuple[float, float, float]:
    """Return the mean of independent replications and its t interval (NaN limits for fewer than two)."""
    count = len(values)
    mean = float(np.mean(values)) if count else math.nan
    if count < 2:
        return mean, math.nan, math.nan
    half = student((1 + level) / 2, count - 1) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return mean, mean - half, mean + half


def jackknife(statistic: Callable[[Array], float], values: Array, level: float = 0.95) -> tuple[float, float, float]:
    """Return the jackknife estimate of a smooth statistic of rows (replications), and its t interval.

    From pseudo-values n θ - (n - 1) θ₋ᵢ, Tukey (1958).  For a ratio of sums, give rows of (numerator, denominator).
    """
    count = len(values)
    if count < 2:
        return statistic(values), math.nan, math.nan
    whole = statistic(values)
    without = np.array([statistic(np.delete(values, i, axis=0)) for i in range(count)])
    return t_interval(count * whole - (count - 1) * without, level)
