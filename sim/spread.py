"""Distributions by their quantile functions: a higher uniform always means more.

A spread is compiled into a `SPREAD` record (family and two numbers). Families without a cheap quantile (gamma,
beta prime) get a table of monotone cubic cells of log(quantile) over logit(u), made once when a world is built.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from sim.fused import cubic, fused
from sim.jit import rule
from sim.powers import exp

FIXED, EXPONENTIAL, WEIBULL, LOGNORMAL, TABLED = range(5)
SPREAD = np.dtype([("family", "i4"), ("table", "i4"), ("a", "f8"), ("b", "f8")])  # a: scale, value or log median; b: shape

NODES, REACH = 1024, 37.0  # logit(u) of every uniform that can be drawn lies within +-36.8
_STEP = 2 * REACH / NODES
NO_SPREAD = 1e-5  # a coefficient of variation that is none


@rule
def quantile(s, tables, u):
    """Return the value of spread ``s`` at the uniform ``u``."""
    if s.family == LOGNORMAL:
        return exp(fused(s.b, normal_quantile(u), s.a))
    if s.family == EXPONENTIAL:
        return -s.a * math.log1p(-u)
    if s.family == FIXED:
        return s.a
    if s.family == WEIBULL:
        return s.a * (-math.log1p(-u)) ** s.b
    return s.a * exp(_tabled(tables, s.table, u))


@rule
def _tabled(tables, table, u):
    x = (math.log(u) - math.log1p(-u) + REACH) / _STEP
    cell = min(np.int64(NODES - 1), max(np.int64(0), np.int64(x)))
    x -= cell
    return cubic(tables[table, cell], x)


def _normal_cells(cells: int = 512, low: float = 1 / 64) -> np.ndarray:
    # Cubic Hermite pieces of the normal quantile on (1/64, 63/64): value and slope exact at both ends.
    u = np.linspace(low, 1 - low, cells + 1)
    z = np.array([NormalDist().inv_cdf(p) for p in u])
    slope = np.exp(z * z / 2) * math.sqrt(2 * math.pi) * (u[1] - u[0])
    return _hermite(z, slope)


def _hermite(value: np.ndarray, slope: np.ndarray) -> np.ndarray:
    # Coefficients of the cubics through values with slopes per cell; limited so that no cell turns back (Fritsch and Carlson 1980).
    a, b = value[:-1], value[1:]
    rise = b - a
    da, db = np.minimum(slope[:-1], 3 * rise), np.minimum(slope[1:], 3 * rise)
    return np.ascontiguousarray(np.stack([a, da, 3 * rise - 2 * da - db, da + db - 2 * rise], axis=-1))


_NORMAL = _normal_cells()
_NORMAL_LOW, _NORMAL_PER = 1 / 64, 512 / (1 - 2 / 64)


@rule
def normal_quantile(u):
    """Return the standard normal quantile: cubic cells inside (1/64, 63/64), Wichura's AS 241 outside; error below 1e-6."""
    x = fused(u, _NORMAL_PER, -_NORMAL_LOW * _NORMAL_PER)
    if 0.0 <= x < 512.0:
        cell = np.uint64(np.int64(x))
        return cubic(_NORMAL[cell], x - np.float64(np.int64(cell)))
    return _normal_tail(u)


# Wichura 1988, algorithm AS 241 (PPND16), |u - 1/2| > 0.425: numerator and denominator, lowest power first.
_NEAR_TOP = (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258,
             2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4)  # fmt: skip
_NEAR_BOTTOM = (1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
                1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9)  # fmt: skip
_FAR_TOP = (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
            1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7)  # fmt: skip
_FAR_BOTTOM = (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
               1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)  # fmt: skip


@rule
def _polynomial(c, x):
    return fused(fused(fused(fused(fused(fused(fused(c[7], x, c[6]), x, c[5]), x, c[4]), x, c[3]), x, c[2]), x, c[1]), x, c[0])


@rule
def _normal_tail(u):
    r = math.sqrt(-math.log(u if u < 0.5 else 1.0 - u))
    z = _polynomial(_NEAR_TOP, r - 1.6) / _polynomial(_NEAR_BOTTOM, r - 1.6) if r <= 5.0 else _polynomial(_FAR_TOP, r - 5.0) / _polynomial(_FAR_BOTTOM, r - 5.0)
    return -z if u < 0.5 else z


def compiled(spread: Any, scale: float, tables: list[np.ndarray]) -> tuple[int, int, float, float]:
    """Return the `SPREAD` record of ``spread`` (family, mean, cv; a and b for beta_prime) times ``scale``; a new table is appended to ``tables``."""
    mean, cv, family = spread.mean * scale, spread.cv, spread.family
    if family == "beta_prime":
        return TABLED, _table(tables, _log_beta_prime(spread.a, spread.b)), scale, 0.0
    if mean == 0 or family == "fixed" or (cv < NO_SPREAD and family != "exponential"):
        return FIXED, 0, mean, 0.0
    if family == "exponential":
        return EXPONENTIAL, 0, mean, 0.0
    if family == "lognormal":
        variance = math.log1p(cv * cv)
        return LOGNORMAL, 0, math.log(mean) - variance / 2, math.sqrt(variance)
    if family == "weibull":
        shape = weibull_shape(cv)
        return WEIBULL, 0, mean / math.gamma(1 + 1 / shape), 1 / shape
    return TABLED, _table(tables, _log_gamma(1 / cv**2)), mean * cv**2, 0.0


@lru_cache(maxsize=64)
def weibull_shape(cv: float) -> float:
    """Return the Weibull shape k whose coefficient of variation is ``cv``: Gamma(1 + 2/k) / Gamma(1 + 1/k)^2 = 1 + cv^2."""
    from scipy.optimize import brentq

    def excess(log_k: float) -> float:
        k = math.exp(log_k)
        return math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k) - math.log1p(cv * cv)

    return math.exp(brentq(excess, math.log(0.05), math.log(1e7)))


def _table(tables: list[np.ndarray], cells: np.ndarray) -> int:
    for k, known in enumerate(tables):
        if np.array_equal(known, cells):
            return k
    tables.append(cells)
    return len(tables) - 1


def _nodes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # logit, log(u) and log(1 - u) at the nodes
    t = np.linspace(-REACH, REACH, NODES + 1)
    return t, -np.logaddexp(0, -t), -np.logaddexp(0, t)


@lru_cache(maxsize=64)  # the same for every replication
def _log_gamma(shape: float) -> np.ndarray:
    """Return the cells of log(quantile) of a gamma distribution with scale 1."""
    from scipy.special import gammainccinv, gammaincinv, gammaln

    t, below, above = _nodes()
    small = (below + gammaln(shape + 1)) / shape  # the lower tail, where P(q) = q^k / Gamma(k + 1)
    with np.errstate(divide="ignore"):
        log_q = np.log(np.where(t < 0, gammaincinv(shape, np.exp(below)), gammainccinv(shape, np.exp(above))))
    log_q = np.where(small < -600, small, np.maximum(log_q, -700))
    slope = np.exp(below + above + np.exp(log_q) + gammaln(shape) - shape * log_q)
    return _hermite(log_q, slope * _STEP)


@lru_cache(maxsize=64)  # the same for every replication
def _log_beta_prime(a: float, b: float) -> np.ndarray:
    """Return the cells of log(x / (1 - x)), x the quantile of a beta distribution."""
    from scipy.special import betaincinv, betaln

    _, below, above = _nodes()
    small_x = (below + math.log(a) + betaln(a, b)) / a
    small_y = (above + math.log(b) + betaln(a, b)) / b
    with np.errstate(divide="ignore"):
        log_x = np.where(small_x < -600, small_x, np.log(betaincinv(a, b, np.exp(below))))
        log_y = np.where(small_y < -600, small_y, np.log(betaincinv(b, a, np.exp(above))))
    slope = np.exp(below + above + betaln(a, b) - a * log_x - b * log_y)
    return _hermite(log_x - log_y, slope * _STEP)
