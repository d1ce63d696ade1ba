"""Who is in which arm: a hash of (seed, replication, test name, customer), the same one that the clocks use."""

from collections.abc import Sequence

import numpy as np

from sim import rng
from sim.jit import entry
from sim.log import Array


def split(identity: Array, shares: Sequence[float], seed: int, replication: int, name: str) -> Array:
    """Return the arm's number of each customer in the test of this name."""
    uniform = np.empty(len(identity))
    _uniforms(*(np.uint64(word) for word in rng.key(seed, replication, "arm", name)), identity.astype(np.uint64), uniform)
    return np.minimum(np.searchsorted(np.cumsum(shares), uniform, side="right"), len(shares) - 1)


@entry
def _uniforms(k0: np.uint64, k1: np.uint64, identity: Array, out: Array) -> None:
    for i in range(len(identity)):
        out[i] = rng.uniform((k0, k1, identity[i], rng.place(rng.BIRTH, 0)), rng.ARM)
