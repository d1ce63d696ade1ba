"""Shares and rates with intervals that hold for small numbers."""

import math

Z95 = 1.959963984540054


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's interval for a share seen among ``n`` (not always whole: `effective_n`).

    (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n), Wilson (1927).
    """
    if not n > 0 or math.isnan(share):
        return math.nan, math.nan
    middle, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
    return (0.0 if share <= 0 else max(0.0, low)), (1.0 if share >= 1 else min(1.0, high))


def effective_n(share: float, variance: float, otherwise: float) -> float:
    """Return the size of a simple sample in which ``share`` would have this variance, p(1 - p)/Var(p); ``otherwise`` where either is 0."""
    spread = share * (1 - share)
    return spread / variance if spread > 1e-12 and variance > 0 else otherwise


def garwood(events: int, exposure: float, level: float = 0.95) -> tuple[float, float]:
    """Return the exact Poisson interval of events per unit of exposure.

    (χ²(α/2; 2k)/2, χ²(1 - α/2; 2k + 2)/2) / exposure, Garwood (1936).
    """
    from scipy.special import chdtri  # the upper quantile of χ²; scipy.stats takes half a second to import

    if not exposure > 0:
        return math.nan, math.nan
    tail = (1 - level) / 2
    low = float(chdtri(2 * events, 1 - tail)) / 2 if events else 0.0
    return low / exposure, float(chdtri(2 * events + 2, tail)) / 2 / exposure
