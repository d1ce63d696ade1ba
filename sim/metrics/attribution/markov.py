"""Markov removal effects: how many conversions a chain of channels loses when all ways through one of them end in nothing.

Anderl, Becker, von Wangenheim and Schumann (2016). States are the last ``order`` channels; the chance of conversion solves
a linear system: powers of the matrix would only come near it.
"""

from typing import Any, NamedTuple

import numpy as np

from sim.log import Array
from sim.metrics.attribution.paths import Paths


class Chain(NamedTuple):
    """A chain of states with their latest channel; rows of ``moves`` and ``wins`` sum to 1 with the way into nothing."""

    latest: Array  # (states,)
    begins: Array  # (states,) share of journeys that begin there
    moves: Any  # (states, states), sparse
    wins: Array  # (states,) chance that a conversion comes next


def chain(paths: Paths, order: int = 1) -> Chain:
    """Return the chain that the journeys with at least one step have taken, order 1 to 3."""
    from scipy.sparse import csr_matrix

    of, weight = paths.of, (paths.won + paths.null)
    place = np.arange(len(of)) - paths.start[:-1][of]
    code = np.zeros(len(of), np.int64)
    for lag in range(order):
        earlier = np.where(place >= lag, paths.channel[np.maximum(np.arange(len(of)) - lag, 0)] + 1, 0)
        code += earlier * (len(paths.channels) + 1) ** lag
    states, state = np.unique(code, return_inverse=True)
    size, some = len(states), paths.steps > 0
    begins = np.bincount(state[paths.start[:-1][some]], weights=weight[some], minlength=size)
    wins = np.bincount(state[paths.start[1:][some] - 1], weights=paths.won[some], minlength=size)
    inner = np.flatnonzero(of[1:] == of[:-1])
    passed = np.bincount(state, weights=weight[of], minlength=size)
    moves = csr_matrix((weight[of][inner], (state[inner], state[inner + 1])), shape=(size, size))
    latest = states % (len(paths.channels) + 1) - 1
    scale = 1.0 / np.where(passed > 0, passed, 1.0)
    return Chain(latest, begins / max(float(begins.sum()), 1.0), csr_matrix(moves.multiply(scale[:, None])), wins * scale)


def converts(found: Chain, without: int = -1) -> float:
    """Return the chance that a journey converts, with every way into channel ``without`` ending in nothing: (I - Q) x = r."""
    from scipy.sparse import identity
    from scipy.sparse.linalg import spsolve

    keep = np.flatnonzero(found.latest != without)
    if not len(keep):
        return 0.0
    moves = found.moves[keep][:, keep]
    chance = spsolve((identity(len(keep), format="csc") - moves).tocsc(), found.wins[keep])
    return float(found.begins[keep] @ np.atleast_1d(chance))


def removal_effects(paths: Paths, order: int = 1) -> Array:
    """Return, by channel, the share of conversions that goes when the channel goes; 0 for one on no path."""
    if not len(paths.channel):
        return np.zeros(len(paths.channels))
    found = chain(paths, order)
    whole, on = converts(found), np.unique(paths.channel)
    out = np.zeros(len(paths.channels))
    if whole > 0:
        out[on] = [max(0.0, 1 - converts(found, int(channel)) / whole) for channel in on]
    return out
