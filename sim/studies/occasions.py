"""Which occasions channels hold, and how far their intensities can be raised before there are no more.

What intensity adds comes from own occasions alone; what a lowered channel leaves goes to own, and to no other channel
(`sim.model.arcs`). So a channel that is given nothing makes no room for others beyond its share at intensity 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.model.places import living, shares
from sim.model.profiles import profiles
from sim.model.world import World

FULL = 1 + 1e-10  # all occasions, and what rounding adds
HALVINGS = 50  # of the way to what was asked, until a raise fits


class Held(NamedTuple):
    """Which part of all occasions a channel holds at intensity 1 and its intensity today, each shape (profiles × stages, channels)."""

    shares: Array
    intensity: Array
    at: tuple[int, ...]  # the columns of the channels that are decided

    def used(self, factors: Array) -> Array:
        """Return the part of the occasions that is taken, shape (profiles × stages,): what intensity adds comes from own, what it leaves goes to own."""
        times = np.ones(self.shares.shape[1])
        times[list(self.at)] = factors
        return np.asarray((self.shares * np.maximum(1.0, self.intensity * times)).sum(axis=1))

    def fits(self, factors: Array) -> bool:
        """Return whether the occasions exist (as in `sim.model.sense`)."""
        return bool(np.all(self.used(factors) <= FULL))

    def shrunk(self, factors: Array) -> tuple[float, ...]:
        """Return the factors with raises shrunk until their occasions exist: alike within a persona's stage, and no channel for another stage's sake."""
        part = np.ones(len(factors))
        for row in np.flatnonzero(self.used(factors) > FULL):
            low, high = 0.0, 1.0
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                low, high = (middle, high) if self.used(_raised(factors, middle))[row] <= FULL else (low, middle)
            part = np.where(self.shares[row, list(self.at)] > 0, np.minimum(part, low), part)
        return tuple(_raised(factors, part).tolist())


def occasions(world: World, channels: Sequence[str]) -> Held:
    """Return what every channel holds of the occasions of each persona in each stage."""
    rows = [(profile.world, shares(profile, stage)) for profile in profiles(world) for stage in living(profile.world)]
    part = np.array([[held[name] for name in world.channels] for _, held in rows]).reshape(len(rows), len(world.channels))
    intensity = np.array([[seen.channels[name].intensity for name in world.channels] for seen, _ in rows]).reshape(part.shape)
    return Held(part, intensity, tuple(list(world.channels).index(name) for name in channels))


def _raised(wanted: Array, part: float | Array) -> Array:
    """Return the factors with this part of every raise."""
    return np.where(wanted > 1, 1 + (wanted - 1) * part, wanted)
