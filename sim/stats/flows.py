"""Mean flow by age when everybody's follow-up is known: Σ over ages u of (flow at u of those with F > u) / #(F > u), within cells."""

from dataclasses import dataclass

import numpy as np

from sim.stats import Array


@dataclass(frozen=True)
class FollowUp:
    """How many subjects of a cell were followed for longer than an age; ``keys`` are (cell, F) as one sorted number."""

    keys: Array
    ends: Array
    sizes: Array
    span: float

    def longer_than(self, cell: Array, age: Array) -> Array:
        """Return #(F > age) by flow, at least 1 (a flow proves that its own subject was followed)."""
        return np.maximum(self.ends[cell] - np.searchsorted(self.keys, cell * self.span + age, side="right"), 1)

    def weight(self, cell: Array, age: Array) -> Array:
        """Return size / #(F > age): the flow of those followed stands for the whole cell."""
        return np.asarray(self.sizes[cell] / self.longer_than(cell, age))


def follow_up(followed: Array, cell: Array, cells: int) -> FollowUp:
    """Return the follow-up of subjects, ``followed`` days each."""
    span = float(np.max(followed, initial=0.0)) + 1.0
    sizes = np.bincount(cell, minlength=cells)
    return FollowUp(np.sort(cell * span + followed), np.cumsum(sizes), sizes, span)


def expected(by_day: Array, cell: Array, followed: Array) -> Array:
    """Return what each subject was expected to add for having been followed so long, given the weighted mean flow by (cell, day).

    To be taken off before a spread is computed: the estimate doesn't move when somebody with average flows is followed longer.
    """
    days = by_day.shape[1]
    summed = np.concatenate([np.zeros((len(by_day), 1)), np.cumsum(by_day, axis=1)], axis=1)
    return np.asarray(summed[cell, np.minimum(np.ceil(followed).astype(np.int64), days)])
