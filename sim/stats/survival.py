"""Kaplan-Meier and Aalen-Johansen, vectorised over cells (strata).

statsmodels has both, for one sample at a time; a run has some hundred cells, so that one sort for all of them is what makes a
measurement take milliseconds.  The tests compare with statsmodels.

Every quantity taken from a curve here is linear in it, Σ w ΔF, such as F(t) (w = 1 up to t) or a restricted mean (w = time).
So it is a mean over subjects of size × mass × w, where `mass` is what the subject's own event adds to the curve, and its
spread follows from what each subject adds to its error (`pseudo`): by cluster as easily as by subject.
"""

from typing import NamedTuple

import numpy as np

from sim.stats import Array

STAYED, EVENT, OTHER = 0, 1, 2  # censored; the event; a competing one


class Curves(NamedTuple):
    """The curves of all cells: one entry per distinct (cell, time), ordered by cell, then time; ``place`` leads from a subject to its entry."""

    cell: Array
    time: Array
    at_risk: Array
    leaving: Array  # how many leave: events and competing ones
    before: Array  # share still there just before
    sizes: Array  # subjects by cell
    place: Array  # (subjects,)
    kind: Array  # (subjects,)
    size: Array  # (subjects,) of the subject's cell
    mass: Array  # (subjects,) what the subject's own event adds to the cell's cumulative incidence


def curves(times: Array, kind: Array, cell: Array, cells: int, ranked: Array | None = None) -> Curves:
    """Return the curves of subjects that end at ``times`` by ``kind`` (`STAYED`, `EVENT`, `OTHER`); who is censored at t is at risk at t.

    ``ranked``: the subjects in the order of their times, where that is known already.
    """
    order = by_cell(np.argsort(times) if ranked is None else ranked, cell)
    when, where = times[order], cell[order]
    sizes = np.bincount(cell, minlength=cells)
    new = np.ones(len(times), bool)
    new[1:] = (when[1:] != when[:-1]) | (where[1:] != where[:-1])
    start = np.flatnonzero(new)
    entry = np.cumsum(new) - 1
    place = np.empty(len(times), np.int64)
    place[order] = entry
    cell_of = where[start]
    at_risk = np.cumsum(sizes)[cell_of] - start
    leaving = np.bincount(place[kind != STAYED], minlength=len(start))
    before = _still_there(cell_of, leaving / at_risk)
    mass = np.where(kind == EVENT, (before / at_risk)[place], 0.0)
    return Curves(cell_of, when[start], at_risk, leaving, before, sizes, place, kind, sizes[cell], mass)


def by_cell(ranked: Array, cell: Array) -> Array:
    """Return subjects that are in some order sorted by cell, the order kept within each."""
    return np.asarray(ranked[np.argsort(cell[ranked], kind="stable")])  # small integers: a radix sort


def _still_there(cell: Array, hazard: Array) -> Array:
    """Return Π (1 - hazard) over the cell's earlier entries."""
    # A hazard of 1 ends its cell (nobody is left at risk), so its logarithm is never needed.
    steps = np.log1p(-np.where(hazard < 1, hazard, 0.0))
    summed = np.concatenate([[0.0], np.cumsum(steps)])[:-1]
    first = np.searchsorted(cell, np.arange(cell[-1] + 1 if len(cell) else 0))
    return np.asarray(np.exp(summed - summed[first[cell]])) if len(cell) else np.zeros(0)


def scores(curve: Curves, weight: Array) -> Array:
    """Return one value per subject whose mean over a cell is the cell's Σ weight ΔF; for the value alone, not for its spread."""
    return np.asarray(curve.mass * weight * curve.size)


def pseudo(curve: Curves, weight: Array) -> Array:
    """Return one value per subject whose mean over a cell is Σ weight ΔF, and whose spread is that of the estimate.

    The infinitesimal jackknife of the product-limit: with A = Σ over later entries of weight ΔF, divided by (1 - hazard),
    an event adds (S₋ w - A)/Y, a competing one -A/Y, and being at risk takes off the expected part at every entry.
    The sum of squares over subjects (divided by n²) is Greenwood's variance for Kaplan-Meier and Aalen's for Aalen-Johansen
    (Aalen, Borgan and Gjessing 2008, 3.2 and 3.4); sums within clusters first make it robust.
    """
    own = curve.mass * weight
    gain = np.bincount(curve.place, weights=own, minlength=len(curve.time))
    values = np.bincount(curve.cell, weights=gain, minlength=len(curve.sizes))
    summed = np.cumsum(gain)
    first = np.searchsorted(curve.cell, np.arange(len(curve.sizes)))
    offset = np.concatenate([[0.0], summed])[first]
    later = values[curve.cell] - (summed - offset[curve.cell])
    hazard = curve.leaving / curve.at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        later = np.where(hazard < 1, later / (1 - hazard), 0.0)
    expected = np.cumsum((gain - later * hazard) / curve.at_risk)
    expected -= np.concatenate([[0.0], expected])[first][curve.cell]
    own = own - np.where(curve.kind != STAYED, (later / curve.at_risk)[curve.place], 0.0)
    return np.asarray(values[curve.cell][curve.place] + curve.size * (own - expected[curve.place]))


def restricted(times: Array, window: Array | float) -> Array:
    """Return the weight under which ``window`` + Σ weight ΔF is the mean time restricted to the window, ∫ S from 0 to it."""
    return np.asarray(-np.maximum(window - times, 0.0))


def weighted_quantile(values: Array, weights: Array, share: float) -> float:
    """Return the smallest value at which at least ``share`` of the weight is reached; the mean of two where it is met exactly."""
    positive = weights > 0
    if not positive.any():
        return float("nan")
    order = np.argsort(values[positive], kind="stable")
    ranked, summed = values[positive][order], np.cumsum(weights[positive][order])
    reached = share * summed[-1]
    at = int(np.searchsorted(summed, reached * (1 - 1e-12)))
    tie = abs(summed[at] - reached) <= 1e-9 * summed[-1] and at + 1 < len(ranked)
    return float((ranked[at] + ranked[at + 1]) / 2 if tie else ranked[at])


def longest_window(followed: Array, cell: Array, cells: int, enough: int = 30, ranked: Array | None = None) -> Array:
    """Return, by cell, the longest window that ``enough`` subjects were followed; in a cell of less than twice as many, half of it. 0 when empty."""
    order = by_cell(np.argsort(followed) if ranked is None else ranked, cell)
    sizes = np.bincount(cell, minlength=cells)
    at = np.cumsum(sizes) - np.minimum(enough, (sizes + 1) // 2)
    return np.asarray(np.where(sizes > 0, followed[order][np.minimum(at, len(order) - 1)], 0.0)) if len(order) else np.zeros(cells)
