"""Looking before the end without fooling oneself: what naive looks cost, boundaries that pay for them, and p values valid always.

    crossing       exact chance that looks at these information fractions cross a boundary when there is no difference,
                   by recursive integration (Armitage, McPherson and Rowe 1969)
    pocock         the same |z| at every look (Pocock 1977)
    obrien_fleming |z| falling with the square root of information (O'Brien and Fleming 1979)
    spent          boundaries for looks at any information, by spending alpha (Lan and DeMets 1983)
    always_valid   mixture sequential probability ratio test (Johari, Koomen, Pekelis and Walsh 2022)

Information is the number of customers whose outcome is known; a fraction of 1 is the planned end.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import e, log, sqrt

import numpy as np

from sim.log import Array

_NODES_A_STEP = 4  # quadrature nodes per standard deviation of one step: the error is below 1e-9
_FAR = 9.0  # standard deviations beyond which no walk is carried on


def crossing(boundary: Array | Sequence[float], fractions: Array | Sequence[float] | None = None) -> float:
    """Return P(some |z_k| ≥ boundary_k) when there is no difference; looks at equal steps of information unless ``fractions`` are given."""
    return float(crossings(boundary, fractions)[-1])


def crossings(boundary: Array | Sequence[float], fractions: Array | Sequence[float] | None = None) -> Array:
    """Return for each look P(a boundary was crossed at it or before) when there is no difference.

    The score S = z √t is a random walk with independent normal steps; its density among walks that have not crossed is
    carried from look to look by Gauss-Legendre quadrature.
    """
    times = np.asarray(fractions if fractions is not None else np.arange(1, len(boundary) + 1) / len(boundary))
    nodes, density, done, out = np.zeros(1), np.ones(1), 0.0, []
    for limit, time in zip(np.asarray(boundary) * np.sqrt(times), times, strict=True):
        step = sqrt(time - done)
        out.append(_beyond(nodes, density, limit, step))
        nodes, density = _carried(nodes, density, limit, step, _FAR * sqrt(time))
        done = time
    return np.cumsum(out)


def pocock(looks: int, alpha: float = 0.05) -> Array:
    """Return Pocock's constant boundary of |z| at each look."""
    return np.full(looks, _constant(lambda c: np.full(looks, c), looks, alpha))


def obrien_fleming(looks: int, alpha: float = 0.05) -> Array:
    """Return O'Brien and Fleming's boundary c √(K/k) of |z| at each look."""
    shape = np.sqrt(looks / np.arange(1, looks + 1))
    return shape * _constant(lambda c: c * shape, looks, alpha)


def naive(looks: int, alpha: float = 0.05) -> Array:
    """Return the boundary of somebody who tests at ``alpha`` at every look."""
    from scipy.special import ndtri

    return np.full(looks, float(ndtri(1 - alpha / 2)))


def spending(boundary: str, fraction: float, alpha: float = 0.05) -> float:
    """Return how much of alpha may be spent by this information fraction, in the manner of Pocock or of O'Brien and Fleming.

    α ln(1 + (e - 1) t), and 4 (1 - Φ(z(α/4) / √t)): each side spends half (Lan and DeMets 1983).
    """
    from scipy.special import ndtr, ndtri

    if boundary == "pocock":
        return alpha * log(1 + (e - 1) * fraction)
    return float(4 * ndtr(-ndtri(1 - alpha / 4) / sqrt(fraction)))


def spent(boundary: str, fractions: Array | Sequence[float], alpha: float = 0.05) -> Array:
    """Return the boundary of |z| at each look that spends alpha as planned, whatever the information at the looks was."""
    from scipy.optimize import brentq

    nodes, density, done, total, out = np.zeros(1), np.ones(1), 0.0, 0.0, []
    for time in fractions:
        step, due = sqrt(time - done), max(spending(boundary, time, alpha) - total, 0.0)
        widest = 40.0 * sqrt(time)
        missing = partial(_overspent, nodes, density, step, due)
        limit = brentq(missing, 1e-9, widest) if missing(widest) < 0 else widest
        total += _beyond(nodes, density, limit, step)
        nodes, density = _carried(nodes, density, limit, step, _FAR * sqrt(time))
        out.append(limit / sqrt(time))
        done = time
    return np.array(out)


def always_valid(difference: Array, variance: Array, scale: float) -> Array:
    """Return p values that hold at whichever look one stops: the smallest so far of 1 / Λ.

    Λ = √(V / (V + τ²)) exp(τ² δ² / (2 V (V + τ²))), with δ the difference, V its variance and τ = ``scale``, the size of
    differences one expects. Looks run along the last axis.
    """
    prior = scale * scale
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds = np.sqrt(variance / (variance + prior)) * np.exp(prior * difference**2 / (2 * variance * (variance + prior)))
        p = np.where(np.isfinite(variance) & (variance > 0), np.minimum(1.0, 1.0 / odds), 1.0)
    return np.asarray(np.minimum.accumulate(p, axis=-1))


def always_valid_half(variance: float, scale: float, alpha: float = 0.05) -> float:
    """Return the half-width of the interval that holds at all looks together: √(V (V + τ²) / τ² · (ln((V + τ²) / V) - 2 ln α))."""
    prior = scale * scale
    return sqrt(variance * (variance + prior) / prior * (log((variance + prior) / variance) - 2 * log(alpha)))


def _constant(boundary: Callable[[float], Array], looks: int, alpha: float) -> float:
    """Return the constant whose boundary is crossed with probability alpha: between that of one look and Bonferroni's."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    one, bonferroni = -ndtri(alpha / 2), -ndtri(alpha / 2 / looks)
    return float(brentq(lambda c: crossing(boundary(c)) - alpha, one - 0.01, bonferroni + 0.01, xtol=1e-10))


def _beyond(nodes: Array, density: Array, limit: float, step: float) -> float:
    """Return how much of the density walks to or past ±limit in one step."""
    from scipy.special import ndtr

    return float(density @ (ndtr((nodes - limit) / step) + ndtr((-nodes - limit) / step)))


def _overspent(nodes: Array, density: Array, step: float, due: float, limit: float) -> float:
    return _beyond(nodes, density, limit, step) - due


def _carried(nodes: Array, density: Array, limit: float, step: float, reach: float) -> tuple[Array, Array]:
    """Return the quadrature nodes inside ±limit and the weighted density there after one step."""
    limit = min(limit, reach)
    unit, weight = _legendre(32 * max(1, int(np.ceil(_NODES_A_STEP * 2 * limit / step / 32))))
    inside = unit * limit
    kernel = np.exp(-0.5 * ((inside[:, None] - nodes[None, :]) / step) ** 2) / (step * np.sqrt(2 * np.pi))
    return inside, (kernel @ density) * weight * limit


@cache
def _legendre(count: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(count)
