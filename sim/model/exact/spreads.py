"""What the exact solver asks of a distribution: its moments, its Laplace transform, its quadrature, its masses on a lattice."""

import math
from typing import Any

import numpy as np

from sim.model.world import Spread
from sim.spread import weibull_shape

Array = np.ndarray[Any, Any]


def is_fixed(spread: Spread) -> bool:
    """Return whether the spread is one number."""
    return spread.family == "fixed" or (spread.family != "beta_prime" and (spread.mean == 0 or (spread.cv == 0 and spread.family != "exponential")))


def is_exponential(spread: Spread) -> bool:
    """Return whether the spread is exponential with a positive mean."""
    return spread.family == "exponential" and spread.mean > 0


def scaled(spread: Spread, factor: float) -> Spread:
    """Return the spread of ``factor`` times the number."""
    return spread.model_copy(update={"mean": spread.mean * factor})


def moment(spread: Spread, power: float) -> float:
    """Return E[X^power], infinite where it does not exist (Johnson, Kotz and Balakrishnan 1994, chapters 14, 17, 21, 27)."""
    if spread.family == "beta_prime":
        a, b = spread.a or 1.0, spread.b or 1.0
        return math.exp(math.lgamma(a + power) - math.lgamma(a) + math.lgamma(b - power) - math.lgamma(b)) if -a < power < b else math.inf
    if is_fixed(spread):
        return float(spread.mean**power) if spread.mean > 0 or power >= 0 else math.inf
    if spread.family == "lognormal":
        return float(spread.mean**power * (1 + spread.cv**2) ** (power * (power - 1) / 2))
    if spread.family == "weibull":
        k = weibull_shape(spread.cv)
        return math.exp(power * math.log(spread.mean) - power * math.lgamma(1 + 1 / k) + math.lgamma(1 + power / k)) if power > -k else math.inf
    k = 1.0 if spread.family == "exponential" else 1 / spread.cv**2
    return math.exp(power * math.log(spread.mean / k) + math.lgamma(k + power) - math.lgamma(k)) if power > -k else math.inf


def transform(spread: Spread, rate: float) -> float:
    """Return E[exp(-rate X)]: in closed form for fixed, exponential and gamma, by quadrature otherwise."""
    if rate == 0:
        return 1.0
    if is_fixed(spread):
        return math.exp(-rate * spread.mean)
    if spread.family in ("exponential", "gamma"):
        k = 1.0 if spread.family == "exponential" else 1 / spread.cv**2
        return float((1 + rate * spread.mean / k) ** -k)
    nodes, weights = quadrature(spread, 256)
    return float(weights @ np.exp(-rate * nodes))


def quadrature(spread: Spread, panels: int) -> tuple[Array, Array]:
    """Return nodes and weights of E[g(X)]: the trapezoidal rule in the normal score z, X = quantile(Phi(z)).

    Its error falls exponentially with the number of panels for smooth g (Trefethen and Weideman 2014).
    """
    from scipy.special import ndtr

    if is_fixed(spread):
        return np.array([spread.mean]), np.ones(1)
    z = np.linspace(-8.5, 8.5, panels + 1)
    weights = np.exp(-z * z / 2)
    law = _law(spread)
    return np.where(z < 0, law.ppf(ndtr(np.minimum(z, 0))), law.isf(ndtr(-np.maximum(z, 0)))), weights / weights.sum()


def around(spread: Spread, t: Array) -> Array:
    """Return second differences of E[(t - X)^+] over ``t``, evenly spaced: each tail from its own side, so that no digits are lost.

    E[(t - X)^+] = t F(t) - m B(t) and E[(X - t)^+] = m (1 - B(t)) - t (1 - F(t)), B the length-biased law's distribution
    function, m the mean: they differ by t - m, whose second difference is nothing.
    """
    if is_fixed(spread):
        return np.asarray(np.diff(np.maximum(t - spread.mean, 0.0), 2))
    law, biased, at = _law(spread), _length_biased(spread), np.maximum(t, 0.0)
    below = np.diff(at * law.cdf(at) - spread.mean * biased.cdf(at), 2)
    above = np.diff(spread.mean * biased.sf(at) - at * law.sf(at) + np.maximum(-t, 0.0), 2)
    return np.asarray(np.where(t[1:-1] < spread.mean, below, above))


def _law(spread: Spread) -> Any:
    from scipy import stats

    if spread.family == "beta_prime":
        return stats.betaprime(spread.a, spread.b)
    if spread.family == "lognormal":
        sigma = math.sqrt(math.log1p(spread.cv**2))
        return stats.lognorm(sigma, scale=spread.mean * math.exp(-sigma * sigma / 2))
    if spread.family == "weibull":
        k = weibull_shape(spread.cv)
        return stats.weibull_min(k, scale=spread.mean / math.gamma(1 + 1 / k))
    k = 1.0 if spread.family == "exponential" else 1 / spread.cv**2
    return stats.gamma(k, scale=spread.mean / k)


def _length_biased(spread: Spread) -> Any:
    from scipy import stats

    if spread.family == "lognormal":
        variance = math.log1p(spread.cv**2)
        return stats.lognorm(math.sqrt(variance), scale=spread.mean * math.exp(variance / 2))
    if spread.family == "weibull":
        k = weibull_shape(spread.cv)
        return stats.gengamma(1 + 1 / k, k, scale=spread.mean / math.gamma(1 + 1 / k))
    k = 1.0 if spread.family == "exponential" else 1 / spread.cv**2
    return stats.gamma(k + 1, scale=spread.mean / k)
