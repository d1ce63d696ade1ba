"""Enough runs? How many replications a precision takes, and playing on until it is reached.

The number depends on how much replications vary, never on which way they point: stopping when an answer
looks decided would decide too often (a true difference of 0, looked at ten times, is "decided" in 20 % of studies).
"""

from collections.abc import Callable, Sequence
from math import ceil, inf, sqrt
from typing import TypeVar

import numpy as np

from sim.stats import Array
from sim.stats.means import student

LEAST, LEAST_OF_MANY = 10, 20  # replications before anything is decided; with more than two scenarios
STEP = 5  # replications between two looks: a number of our own, so that the machine's cores change no result
T = TypeVar("T")


def half_width(values: Array, level: float = 0.95) -> float:
    """Return half the length of the t interval of independent replications; infinite for fewer than two."""
    count = len(values)
    return student((1 + level) / 2, count - 1) * float(np.std(values, ddof=1)) / sqrt(count) if count > 1 else inf


def needed(deviation: float, half: float, level: float = 0.95) -> int:
    """Return the smallest number of replications whose t interval is at most ``half`` on either side.

    n = ceil((t s / h)²) with t at n - 1 degrees of freedom, iterated until it fits itself (Law 2015, 9.4.1).
    Raise ValueError unless ``half`` is positive.
    """
    if not half > 0:
        raise ValueError(f"half-width {half!r}; must be more than 0")
    normal = student((1 + level) / 2, 10**9)  # t is never smaller: no smaller number can do
    count = max(2, ceil((normal * deviation / half) ** 2))
    while student((1 + level) / 2, count - 1) * deviation / sqrt(count) > half * (1 + 1e-12):
        count += 1
    return count


def half_for(mean: float, relative: float) -> float:
    """Return the half-width at which the mean is within a share ``relative`` of the truth.

    |mean| γ / (1 + γ): γ of the truth, which may be smaller than the mean seen (Law 2015, 9.4.1).  For means only:
    a difference may be near 0, where no number of replications would do.
    """
    return abs(mean) * relative / (1 + relative)


def needed_for_mean(values: Array, relative: float) -> float:
    """Return how many replications put the mean within a share of the truth, judged by these; infinite for a mean of 0 that varies."""
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    if not deviation > 0:
        return 2
    return needed(deviation, half_for(mean, relative)) if mean else inf


def until(play: Callable[[Sequence[int]], list[T]], enough: Callable[[list[T]], bool], least: int, most: int) -> list[T]:
    """Return replications 0, 1, 2 ...: at least ``least``, then `STEP` more until there are ``enough``, at most ``most``."""
    runs = play(range(min(least, most)))
    while len(runs) < most and not enough(runs):
        runs += play(range(len(runs), min(len(runs) + STEP, most)))
    return runs
