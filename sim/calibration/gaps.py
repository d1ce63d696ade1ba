"""Gap distributions by maximum likelihood: the last gap of every customer is right-censored, and some never come back.

With g and S the density and survival function of a family and c the share who left unseen, an observed gap t adds
log((1 - c) g(t)) and an open one log(c + (1 - c) S(t)): the mixture cure model (Boag 1949). The family with the smallest AIC is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.log import Array

MOST_CV, LEAST_CV = 20.0, 0.02  # what a world may hold, and where a distribution is a fixed number


@dataclass(frozen=True)
class Fit:
    """A gap distribution and the share who never come back, with standard errors; ``distance`` is Kolmogorov's to the Kaplan-Meier curve."""

    family: str
    mean: float
    cv: float
    mean_se: float
    left: float
    left_se: float
    gaps: int
    open: int
    distance: float
    aic: dict[str, float]

    @property
    def noise(self) -> float:
        """Return the Kolmogorov distance that chance alone gives: sqrt(pi / 2) log(2) / sqrt(n)."""
        return float(0.8687 / max(self.gaps + self.open, 1) ** 0.5)


@dataclass(frozen=True)
class Family:
    """A family by two parameters on the log scale: log density and log survival of (t, a, b), log mean and cv of (a, b), and the bounds of b."""

    log_density: Callable[[Array, float, float], Array]
    log_survival: Callable[[Array, float, float], Array]
    moments: Callable[[float, float], tuple[float, float]]
    bounds: tuple[float, float]
    widens: int = -1  # 1: a larger b is more spread, -1: less
    parameters: int = 2


def families() -> dict[str, Family]:
    """Return the families of a world that have a density."""
    return {"exponential": _exponential(), "gamma": _gamma(), "weibull": _weibull(), "lognormal": _lognormal()}


def _exponential() -> Family:  # a: log mean
    return Family(lambda t, a, _: -a - t * np.exp(-a), lambda t, a, _: -t * np.exp(-a), lambda a, _: (a, 1.0), (0.0, 0.0), parameters=1)


def _gamma() -> Family:  # a: log mean, b: log shape; cv^2 = 1 / shape
    from scipy.special import gammaincc, gammaln

    def density(t: Array, a: float, b: float) -> Array:
        k, scale = np.exp(b), np.exp(a - b)
        return np.asarray((k - 1) * np.log(t) - t / scale - k * (a - b) - gammaln(k))

    def survival(t: Array, a: float, b: float) -> Array:
        return np.asarray(np.log(np.maximum(gammaincc(np.exp(b), t * np.exp(b - a)), 1e-300)))

    return Family(density, survival, lambda a, b: (a, float(np.exp(-b / 2))), (-2 * np.log(MOST_CV), -2 * np.log(LEAST_CV)))


def _weibull() -> Family:  # a: log scale, b: log shape
    from scipy.special import gammaln

    from sim.spread import weibull_shape

    def survival(t: Array, a: float, b: float) -> Array:
        return np.asarray(-np.exp(np.minimum((np.log(t) - a) * np.exp(b), 700.0)))

    def density(t: Array, a: float, b: float) -> Array:
        return np.asarray(b - a + (np.exp(b) - 1) * (np.log(t) - a) + survival(t, a, b))

    def moments(a: float, b: float) -> tuple[float, float]:
        first, second = gammaln(1 + np.exp(-b)), gammaln(1 + 2 * np.exp(-b))
        return a + float(first), float(np.sqrt(np.expm1(second - 2 * first)))

    return Family(density, survival, moments, (np.log(weibull_shape(MOST_CV)), np.log(weibull_shape(LEAST_CV))))


def _lognormal() -> Family:  # a: mean of the logarithm, b: log of its standard deviation
    from scipy.special import log_ndtr

    def density(t: Array, a: float, b: float) -> Array:
        return np.asarray(-0.5 * ((np.log(t) - a) * np.exp(-b)) ** 2 - np.log(t) - b - 0.5 * np.log(2 * np.pi))

    def survival(t: Array, a: float, b: float) -> Array:
        return np.asarray(log_ndtr((a - np.log(t)) * np.exp(-b)))

    def moments(a: float, b: float) -> tuple[float, float]:
        return a + float(np.exp(2 * b)) / 2, float(np.sqrt(np.expm1(np.exp(2 * b))))

    bounds = tuple(0.5 * np.log(np.log1p(cv**2)) for cv in (LEAST_CV, MOST_CV))
    return Family(density, survival, moments, (bounds[0], bounds[1]), widens=1)


def fit(gaps: Array, still_open: Array, most_left: float) -> Fit:
    """Return the best fit to positive gaps and open (censored) ones, in days; at most ``most_left`` of the customers may have left unseen (0: none)."""
    if len(gaps) < 3 or np.std(gaps) <= LEAST_CV * np.mean(gaps):
        return _fixed(gaps, still_open, most_left)
    unit = float(np.median(gaps))
    sample = _Sample(gaps / unit, still_open / unit)
    tried = {name: _maximum(family, sample, most_left) for name, family in families().items()}
    best = min(tried, key=lambda name: tried[name].aic)
    return tried[best].fit(best, sample, unit, {name: found.aic for name, found in tried.items()})


class _Sample:
    """Gaps and open gaps with weights: many of them are gathered in cells of one percent, each at its geometric mean."""

    def __init__(self, gaps: Array, still_open: Array) -> None:
        self.gaps, self.still_open = gaps, still_open
        self.seen, self.weight = _gathered(gaps)
        self.unseen, self.unseen_weight = _gathered(still_open)


def _gathered(values: Array, cell: float = 0.01, enough: int = 2000) -> tuple[Array, Array]:
    if len(values) <= enough:
        return values, np.ones(len(values))
    _, where, weight = np.unique(np.floor(np.log(values) / cell), return_inverse=True, return_counts=True)
    return np.exp(np.bincount(where, np.log(values)) / weight), weight.astype("f8")


@dataclass(frozen=True)
class _Maximum:
    family: Family
    x: Array  # a, b, logit of the share who left; fixed ones at their bound
    covariance: Array
    aic: float

    def fit(self, name: str, sample: _Sample, unit: float, aic: dict[str, float]) -> Fit:
        a, b, z = self.x
        log_mean, cv = self.family.moments(a, b)
        slope = np.array([1.0, (self.family.moments(a, b + 1e-5)[0] - log_mean) / 1e-5, 0.0])
        mean, left = float(np.exp(log_mean)) * unit, _share(z)
        mean_se = mean * float(np.sqrt(max(slope @ self.covariance @ slope, 0.0)))
        left_se = left * (1 - left) * float(np.sqrt(max(self.covariance[2, 2], 0.0)))
        distance = kolmogorov(sample.gaps, sample.still_open, lambda t: (1 - left) * -np.expm1(self.family.log_survival(t, a, b)))
        return Fit(name, mean, cv, mean_se, left, left_se, len(sample.gaps), len(sample.still_open), distance, aic)


NOBODY = -16.0  # the logit below which a share counts as none


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit))) if logit > NOBODY + 1 else 0.0


def _maximum(family: Family, sample: _Sample, most_left: float) -> _Maximum:
    seen_count, open_count = len(sample.gaps), len(sample.still_open)

    def loss(x: Array) -> float:
        leaving = np.logaddexp(0.0, x[2])  # -log(1 - c); log c = z - leaving
        seen = sample.weight @ family.log_density(sample.seen, x[0], x[1]) - seen_count * leaving
        unseen = sample.unseen_weight @ np.logaddexp(x[2], family.log_survival(sample.unseen, x[0], x[1])) - open_count * leaving
        return -float(seen + unseen)

    spread = float(np.log(max(float(np.std(np.log(sample.gaps))), 0.05)))
    b = float(np.clip(spread * family.widens, family.bounds[0], family.bounds[1]))
    share = open_count / (seen_count + open_count)
    starts = [NOBODY] if most_left == 0 or not share else [float(np.log(share * f / (1 - share * f))) for f in (0.2, 0.9)]
    bounds = np.array([(-60.0, 60.0), family.bounds, (NOBODY, NOBODY if most_left == 0 else -NOBODY)])
    found = [_lowest(loss, np.array([np.log(np.mean(sample.gaps)) / 2, b, z]), bounds) for z in starts]
    x, lowest = sorted(found, key=lambda pair: pair[1])[0]
    inside = (bounds[:, 0] + 1e-6 < x) & (x < bounds[:, 1] - 1e-6)
    return _Maximum(family, x, _covariance(loss, x, inside), 2 * lowest + 2 * (family.parameters + (_share(x[2]) > 0)))


def _lowest(loss: Callable[[Array], float], start: Array, bounds: Array) -> tuple[Array, float]:
    """Return where the loss is lowest in the parameters that may move, and how low (Nelder and Mead: three parameters need no slopes)."""
    from scipy.optimize import minimize

    free = bounds[:, 0] < bounds[:, 1]

    def at(x: Array) -> Array:
        full = start.copy()
        full[free] = x
        return full

    found = minimize(lambda x: loss(at(x)), start[free], method="Nelder-Mead", bounds=bounds[free], options={"xatol": 1e-5, "fatol": 1e-7, "maxiter": 2000})
    return at(found.x), float(found.fun)


def _covariance(loss: Callable[[Array], float], x: Array, free: Array) -> Array:
    """Return the inverse of the observed information in the free parameters (central differences), 0 elsewhere."""
    at, step = np.flatnonzero(free), 1e-3
    information = np.empty((len(at), len(at)))
    for i, j in np.ndindex(information.shape):
        e, f = np.eye(len(x))[at[i]] * step, np.eye(len(x))[at[j]] * step
        information[i, j] = (loss(x + e + f) - loss(x + e - f) - loss(x - e + f) + loss(x - e - f)) / (4 * step**2)
    covariance = np.zeros((len(x), len(x)))
    covariance[np.ix_(at, at)] = np.linalg.pinv(information)
    return covariance


def _fixed(gaps: Array, still_open: Array, most_left: float) -> Fit:
    """Return the fit to gaps that don't differ: whoever is open for longer than the gap has left."""
    mean = float(np.mean(gaps))
    gone = int((still_open > mean * 1.0001).sum()) if most_left else 0
    left = gone / (len(gaps) + gone)
    left_se = (left * (1 - left) / (len(gaps) + gone)) ** 0.5
    return Fit("fixed", mean, 0.0, float(np.std(gaps)) / len(gaps) ** 0.5, left, left_se, len(gaps), len(still_open), 0.0, {})


def kolmogorov(gaps: Array, still_open: Array, distribution: Callable[[Array], Array]) -> float:
    """Return the largest distance between the Kaplan-Meier curve of the gaps and a distribution function (which may end below 1)."""
    time = np.concatenate([gaps, still_open])
    ended = np.concatenate([np.ones(len(gaps)), np.zeros(len(still_open))])
    order = np.lexsort((-ended, time))
    at_risk = np.arange(len(time), 0, -1)
    reached = 1 - np.cumprod(1 - ended[order] / at_risk)
    event = ended[order] == 1
    expected, before = distribution(time[order][event]), np.concatenate([[0.0], reached[:-1]])[event]
    return float(max(np.abs(reached[event] - expected).max(), np.abs(before - expected).max()))
