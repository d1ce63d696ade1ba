"""Rules of thumb that divide a conversion among the steps of its path.

A rule returns one weight a step; the weights of a path sum to 1 (`self_reported`: to less, for some remember nothing).
"""

import numpy as np

from sim.log import Array
from sim.metrics.attribution.paths import Paths

HALF_LIFE = 7.0  # days
ENDS, MIDDLE = 0.4, 0.2
REMEMBERS_FIRST, REMEMBERS_ANY = 0.5, 0.3


def first(paths: Paths) -> Array:
    """Give all to the first step."""
    return _at(paths, paths.start[:-1])


def last(paths: Paths) -> Array:
    """Give all to the last step."""
    return _at(paths, paths.start[1:] - 1)


def last_non_direct(paths: Paths) -> Array:
    """Give all to the last step that is not direct (``own``: the customer came by themselves); to the last one where all are."""
    where = paths.start[1:] - 1
    some = np.flatnonzero(paths.channel != paths.direct)
    where[paths.of[some]] = some  # the last assignment stays
    return _at(paths, where)


def linear(paths: Paths) -> Array:
    """Give every step the same."""
    return np.asarray(1.0 / paths.steps[paths.of])


def time_decay(paths: Paths, half_life: float = HALF_LIFE) -> Array:
    """Give in proportion to 2^(-age / half-life), age in days before the conversion; raise ValueError where ages are unknown."""
    if not paths.timed:
        raise ValueError("time decay needs the times of the steps")
    youngest = np.full(len(paths.won), np.inf)
    np.minimum.at(youngest, paths.of, paths.age)  # counted from the youngest, so that old paths do not vanish
    return _shared(paths, np.exp2(-(paths.age - youngest[paths.of]) / half_life))


def position(paths: Paths) -> Array:
    """Give 40 % to the first, 40 % to the last and 20 % to those between; a path of two is halved, a path of one keeps all."""
    count = paths.steps[paths.of]
    between = np.where(count > 2, MIDDLE / np.maximum(count - 2, 1), 0.0)
    is_end = (_at(paths, paths.start[:-1]) + _at(paths, paths.start[1:] - 1)) > 0
    return np.where(count == 1, 1.0, np.where(count == 2, 0.5, np.where(is_end, ENDS, between)))


def self_reported(paths: Paths, first_one: float = REMEMBERS_FIRST, any_one: float = REMEMBERS_ANY) -> Array:
    """Give what "how did you hear of us?" is expected to give.

    A customer names the first step with probability ``first_one``, one of all steps at random with ``any_one``, and else
    remembers none: that part stays without credit. A model, not a measurement: the probabilities are assumptions.
    """
    return np.asarray(first_one * first(paths) + any_one * linear(paths))


def _at(paths: Paths, where: Array) -> Array:
    out = np.zeros(len(paths.channel))
    out[where[paths.steps > 0]] = 1.0
    return out


def _shared(paths: Paths, weight: Array) -> Array:
    return np.asarray(weight / np.bincount(paths.of, weights=weight, minlength=len(paths.won))[paths.of])
