"""The best of several worlds: Kim and Nelson's procedure, which stays valid when worlds share their luck.

S.-H. Kim and B. L. Nelson, A fully sequential procedure for indifference-zone selection in simulation, ACM TOMACS 11 (2001), 251-273:
with probability 1 - α at least the world with the highest mean is chosen, if it leads by δ or more; replications are normal.
Procedures for independent worlds (Rinott, OCBA) don't hold here.
"""

from math import floor
from typing import NamedTuple

import numpy as np

from sim.stats import Array


class Selection(NamedTuple):
    """Which world was chosen (its column; None: not decided by these replications), after how many, and when each was left out (0: never)."""

    best: int | None
    runs: int
    left_out: tuple[int, ...]


def select(values: Array, matters: float, first: int, alpha: float = 0.05) -> Selection:
    """Return what the procedure chooses from ``values`` (replications, worlds), more being better, with ``first`` replications as its first stage.

    World i stays while its mean is at least every other's less W = max(0, δ/2r (h² S²/δ² - r)), S² the first stage's variance of the
    difference; alone, or after max floor(h² S²/δ²) replications, the best mean wins.  h² = 2 η (n - 1), η from `spread`.
    """
    runs, count = values.shape
    left_out = [0] * count
    if runs < first or not matters > 0:
        return Selection(None, runs, tuple(left_out))
    reach = spread(count, first, alpha) * variances(values[:first]) / matters**2  # h² S² / δ²
    alive = np.ones(count, bool)
    for r in range(first, runs + 1):
        means = values[:r].mean(axis=0)
        if r <= max(floor(x) for x in reach[np.ix_(alive, alive)].flat):
            slack = np.maximum(0.0, matters / (2 * r) * (reach - r))
            beaten = alive & ((means[:, None] < means - slack) & alive).any(axis=1)
            left_out = [r if beaten[k] else out for k, out in enumerate(left_out)]
            alive &= ~beaten
            if alive.sum() > 1:
                continue
        return Selection(int(np.where(alive, means, -np.inf).argmax()), r, tuple(left_out))
    return Selection(None, runs, tuple(left_out))


def spread(worlds: int, first: int, alpha: float = 0.05) -> float:
    """Return h² = 2 η (n - 1), η = ((2 α / (k - 1))^(-2 / (n - 1)) - 1) / 2 (c = 1; the bound for worlds that share their luck)."""
    eta = ((2 * alpha / (worlds - 1)) ** (-2 / (first - 1)) - 1) / 2
    return float(2 * eta * (first - 1))


def variances(values: Array) -> Array:
    """Return the sample variance of every pairwise difference, shape (worlds, worlds)."""
    return np.asarray(np.var(values[:, :, None] - values[:, None, :], axis=0, ddof=1))
