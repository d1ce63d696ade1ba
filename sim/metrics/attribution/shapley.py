"""Shapley values: what each channel adds to a coalition, averaged over all orders in which channels may join.

Shapley (1953); for paths Zhao, Mahboobi and Bagheri (2018). The game of the paths is v(S) = conversions whose channels
all lie in S, so its Shapley value is known: each path shared equally by its *distinct* channels. The tests hold the
general solver to that identity; another game is another function v.
"""

from collections.abc import Callable
from math import factorial

import numpy as np

from sim import rng
from sim.log import Array
from sim.metrics.attribution.paths import Paths

EXACT = 12  # players up to which all 2^n coalitions are looked at
SAMPLES = 1000  # orders drawn above that
Game = Callable[[int], float]  # a coalition's bits -> what it is worth


def path_sets(paths: Paths) -> Array:
    """Return the distinct channels of each path as bits, shape (paths,), objects where more than 62 channels need it."""
    kind = np.int64 if len(paths.channels) <= 62 else object
    out = np.zeros(len(paths.won), kind)
    np.bitwise_or.at(out, paths.of, np.array([1 << int(channel) for channel in paths.channel], kind))
    return out


def path_game(paths: Paths, amounts: Array) -> Game:
    """Return the game v(S) = Σ amounts (conversions, or their value) of paths that have a step and only channels of S."""
    sets, inverse = np.unique(path_sets(paths), return_inverse=True)
    totals = np.bincount(inverse, weights=amounts * (paths.steps > 0), minlength=len(sets))
    return lambda coalition: float(totals[(sets & ~coalition) == 0].sum())


def exact(game: Game, players: int) -> Array:
    """Return each player's Shapley value from all 2^n coalitions."""
    worth = np.array([game(coalition) for coalition in range(1 << players)])
    size = np.array([coalition.bit_count() for coalition in range(1 << players)])
    weight = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    out, everyone = np.zeros(players), np.arange(1 << players)
    for player in range(players):
        without = everyone[everyone >> player & 1 == 0]
        out[player] = np.sum(weight[size[without]] * (worth[without | 1 << player] - worth[without]))
    return out


def sampled(game: Game, players: int, samples: int = SAMPLES) -> Array:
    """Return the means over orders drawn at random (Castro, Gomez and Tejada 2009); each order is used forwards and backwards."""
    out = np.zeros(players)
    for sample in range(samples // 2):
        order = sorted(range(players), key=lambda player: rng.key("shapley", sample, player))
        for way in (order, order[::-1]):
            coalition, before = 0, game(0)
            for player in way:
                coalition |= 1 << player
                after = game(coalition)
                out[player] += after - before
                before = after
    return out / (2 * (samples // 2))


def shapley(paths: Paths, amounts: Array) -> Array:
    """Return the Shapley value of each channel in the game of the paths; a channel on no path has 0.

    Exact where at most `EXACT` channels are on any path, else sampled.
    """
    on = np.unique(paths.channel)
    renamed = np.searchsorted(on, paths.channel)
    few = Paths(tuple(paths.channels[k] for k in on), paths.start, renamed, paths.age, paths.won, paths.null, paths.value, -1, paths.note)
    solve = exact if len(on) <= EXACT else sampled
    out = np.zeros(len(paths.channels))
    if len(on):
        out[on] = solve(path_game(few, amounts), len(on))
    return out
