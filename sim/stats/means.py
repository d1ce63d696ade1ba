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


def t_intervals(values: Array, level: float = 0.95) -> tuple[Array, Array, Array]:
    """Return mean and t interval of each row of independent replications, shape (rows, replications); NaN stands for no value and is left out."""
    from scipy.special import stdtrit

    count = np.count_nonzero(~np.isnan(values), axis=1)
    known = np.maximum(count, 1)
    mean = np.where(count > 0, np.nansum(values, axis=1) / known, np.nan)
    spread = np.nansum(np.square(values - mean[:, None]), axis=1) / np.where(count > 1, count - 1, np.nan)
    half = stdtrit(np.maximum(count - 1, 1), (1 + level) / 2) * np.sqrt(spread / known)
    return mean, mean - half, mean + half


def ratio_pseudo_values(above: Array, below: Array) -> Array:
    """Return the jackknife's pseudo-values of Σ above / Σ below, row by row, shape (rows, replications), Tukey (1958).

    A replication where either is NaN takes no part and has none.
    """
    known = ~(np.isnan(above) | np.isnan(below))
    above, below = np.where(known, above, 0.0), np.where(known, below, 0.0)
    count = np.count_nonzero(known, axis=1)[:, None]
    over, under = above.sum(axis=1, keepdims=True), below.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.where(count > 1, (over - above) / (under - below), 0.0)
        pseudo = count * over / under - (count - 1) * without
    return np.where(known & np.isfinite(pseudo), pseudo, np.nan)
