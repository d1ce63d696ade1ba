"""Ratios of totals over independent units (customers, or founders' families)."""

from typing import NamedTuple

import numpy as np

from sim.stats import Array


class Totals(NamedTuple):
    """Totals per unit, numerator and denominator, shape (units,) each; units without a record count as 0 / 0."""

    above: Array
    below: Array

    @property
    def ratio(self) -> float:
        """Return sum / sum, NaN over nothing."""
        below = float(self.below.sum())
        return float(self.above.sum()) / below if below else float("nan")

    def residuals(self) -> Array:
        """Return what each unit adds to the error of the ratio: (x - r y) / Σy, the linearisation of Taylor."""
        below = float(self.below.sum())
        return np.asarray((self.above - self.ratio * self.below) / below) if below else np.full(len(self.above), np.nan)

    def variance(self) -> float:
        """Return the variance of the ratio; n / (n - 1) is left out, so that a plain share has p (1 - p) / n."""
        return float(np.square(self.residuals()).sum())


def per_unit(values: Array, unit: Array | None, units: int) -> Array:
    """Return totals per unit; ``unit`` None: every value is a unit."""
    return values if unit is None else np.bincount(unit, weights=values, minlength=units)
