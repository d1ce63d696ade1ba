"""Ratios of totals over independent units (customers, or founders' families)."""

from typing import NamedTuple

import numpy as np

from sim.stats import Array


class Totals(NamedTuple):
    """Totals per unit, numerator and denominator, shape (units,) each; and ``idle``, how many further units have 0 above and 1 below."""

    above: Array
    below: Array
    idle: int = 0

    @property
    def ratio(self) -> float:
        """Return sum / sum, NaN over nothing."""
        below = self.whole
        return float(self.above.sum()) / below if below else float("nan")

    @property
    def whole(self) -> float:
        """Return what stands below the line."""
        return float(self.below.sum()) + self.idle

    def variance(self) -> float:
        """Return the variance of the ratio, Σ ((x - r y) / Σy)² (Taylor's linearisation).

        n / (n - 1) is left out, so that a plain share has p (1 - p) / n.
        """
        if not self.whole:
            return float("nan")
        ratio = self.ratio
        return float(np.square(self.above - ratio * self.below).sum() + self.idle * ratio * ratio) / self.whole**2


def per_unit(values: Array, unit: Array | None, units: int) -> Array:
    """Return totals per unit; ``unit`` None: every value is a unit."""
    return values if unit is None else np.bincount(unit, weights=values, minlength=units)
