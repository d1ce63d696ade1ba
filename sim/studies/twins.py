"""Twins: the same customer in two worlds.  Averages over twins are facts of the model; who is moved is a fact of one coupling.

Only where customers share nothing: with desks or budgets, whole worlds are compared and a customer's fate is also other customers'.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from sim.log import Array


class Twins(NamedTuple):
    """How many twins converted in both worlds, only with the scenario, only without it, in neither; one possible twin each."""

    both: int
    only_with: int
    only_without: int
    neither: int

    @property
    def size(self) -> int:
        """How many twins there are."""
        return sum(self)

    @property
    def shares(self) -> tuple[float, float]:
        """Conversion without and with the scenario."""
        return (self.both + self.only_without) / self.size, (self.both + self.only_with) / self.size

    @property
    def variance_ratio(self) -> float:
        """How many times the variance of the difference is smaller than between strangers: (p₀q₀ + p₁q₁) / Var(d)."""
        difference = (self.only_with - self.only_without) / self.size
        variance = (self.only_with + self.only_without) / self.size - difference**2
        return self._apart / variance if variance > 0 else inf

    @property
    def bound(self) -> float:
        """The largest ratio that any coupling can have: (p₀q₀ + p₁q₁) / (Δ(1 - Δ)), where all who are moved are moved one way."""
        moved = abs(self.shares[1] - self.shares[0])
        return self._apart / (moved * (1 - moved)) if 0 < moved < 1 else inf

    @property
    def _apart(self) -> float:
        return sum(share * (1 - share) for share in self.shares)


def twins(without: Array, with_: Array) -> Twins:
    """Return the twins of two runs from the customers who arrived (`sim.customers.CUSTOMER`), joined on identity."""
    _, before, after = np.intersect1d(without["identity"], with_["identity"], return_indices=True)
    one, two = ~np.isnan(without["converted_at"][before]), ~np.isnan(with_["converted_at"][after])
    return Twins(*(int(np.count_nonzero(mask)) for mask in (one & two, ~one & two, one & ~two, ~one & ~two)))


def added(runs: Sequence[Twins]) -> Twins:
    """Return the twins of several replications together."""
    return Twins(*(sum(part) for part in zip(*runs, strict=True)))
