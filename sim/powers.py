"""Powers of e, the same on every machine: each C library rounds in its own way."""

from decimal import Decimal

import numpy as np

from sim.fused import fused
from sim.jit import rule

CELLS = 2048
HIGHEST = 700.0  # e^700 is nearly the largest number there is

_POWERS = np.array([float(Decimal(2) ** (Decimal(k) / CELLS)) for k in range(CELLS)]).view(np.int64)
_STEP = float(Decimal(2).ln() / CELLS)
_PER = float(CELLS / Decimal(2).ln())
_ROUND = 1.5 * 2.0**52  # added to a number it leaves the nearest integer in the lowest bits
_CELL, _EXPONENT = np.int64(CELLS - 1), np.int64(CELLS.bit_length() - 1)
_LEAST, _MOST = float(Decimal(-HIGHEST).exp()), float(Decimal(HIGHEST).exp())


@rule
def exp(x):
    """Return e^x, relative error below (|x| + 3) 2^-53; x counts as at least -700 and at most 700.

    x = (2048 n + k) ln(2)/2048 + r: 2^n goes to the exponent, 2^(k/2048) comes from a table, e^r from Taylor (Tang 1989).
    """
    if not -HIGHEST < x < HIGHEST:
        return _MOST if x > 0.0 else _LEAST if x < 0.0 else x  # which is not a number
    shifted = fused(x, _PER, _ROUND)
    whole, r = np.float64(shifted).view(np.int64), fused(_ROUND - shifted, _STEP, x)
    power = np.int64(_POWERS[np.uint64(whole & _CELL)] + ((whole >> _EXPONENT) << 52)).view(np.float64)
    return fused(power * r, fused(r, fused(r, 1.0 / 6.0, 0.5), 1.0), power)
