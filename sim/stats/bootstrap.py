"""Bootstrap-t: intervals for means and ratios of skewed money."""

import hashlib
import math

import numpy as np

from sim.stats import Array
from sim.stats.ratios import Totals

DRAWS = 999
BUCKETS = 200


def generator(*address: str) -> np.random.Generator:
    """Return the stream of numbers that belongs to an address such as (seed, metric, group).

    The only place where a generator is made: an interval must not change because another one was computed before it.
    """
    digest = hashlib.blake2b("\x1f".join(address).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def bootstrap_t(totals: Totals, chance: np.random.Generator, level: float = 0.95) -> tuple[float, float]:
    """Return the bootstrap-t interval of Σx / Σy over independent units.

    r - se t*(1 - α/2) .. r - se t*(α/2), Efron and Tibshirani (1993), chapter 12.5.  Many units are first thrown into `BUCKETS`
    at random: sums of b units have 1/√b of their skewness and there are 1/b as many, so the skewness of t, which is what
    bootstrap-t repairs, stays as it is.
    """
    ratio, error = totals.ratio, math.sqrt(totals.variance())
    if not error > 0:
        return (ratio, ratio) if error == 0 else (math.nan, math.nan)
    low, high = np.quantile(_studentised(_thrown(totals, chance), chance), [(1 - level) / 2, (1 + level) / 2])
    return ratio - error * float(high), ratio - error * float(low)


def _thrown(totals: Totals, chance: np.random.Generator) -> Totals:
    above, below, idle = totals
    if len(above) + idle <= 2 * BUCKETS:
        return Totals(np.concatenate([above, np.zeros(idle)]), np.concatenate([below, np.ones(idle)]))
    bucket = chance.integers(0, BUCKETS, len(above), dtype=np.int16)
    over, under = (np.bincount(bucket, weights=column, minlength=BUCKETS) for column in (above, below))
    return Totals(over, under + (chance.multinomial(idle, np.full(BUCKETS, 1 / BUCKETS)) if idle else 0))


def _studentised(totals: Totals, chance: np.random.Generator) -> Array:
    """Return (r* - r) / se* of the resamples; those with nothing below the line, or no spread, are left out."""
    count = len(totals.above)
    error, below = totals.above - totals.ratio * totals.below, totals.below
    moments = np.column_stack([error, below, error * error, error * below, below * below])
    picks = chance.integers(0, count, (DRAWS, count), dtype=np.int32) + np.arange(DRAWS, dtype=np.int32)[:, None] * np.int32(count)
    times = np.bincount(picks.ravel(), minlength=DRAWS * count).reshape(DRAWS, count).astype(float)
    e, y, ee, ey, yy = (times @ moments).T
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = e / y
        scaled = e / np.sqrt(np.maximum(ee - 2 * shift * ey + shift * shift * yy, 0.0))
    return scaled[np.isfinite(scaled)] if np.isfinite(scaled).any() else np.array([math.nan])
