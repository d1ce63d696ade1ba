"""How far a simulated mean may be from the exact one: five standard errors, seeds fixed, no retries."""

import math

import numpy as np

FAR = 5.0  # two-sided tail 5.7e-7
FAR_T19 = 7.35  # the same tail of Student's t with 19 degrees of freedom


def z(mean, exact, variance, n):
    """Return the distance of a mean of n from its exact value in standard errors; 0 where both are certain and equal."""
    if variance <= 0:
        return 0.0 if abs(mean - exact) < 1e-9 else math.inf
    return (mean - exact) / math.sqrt(variance / n)


def z_share(share, exact, n):
    """Return the distance of a share of n from its exact value in binomial standard errors."""
    return z(share, exact, exact * (1 - exact), n)


def t(values, exact):
    """Return Student's t of replication means against the exact value."""
    values = np.asarray(values)
    return (values.mean() - exact) / (values.std(ddof=1) / math.sqrt(len(values)))
