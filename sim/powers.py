"""Powers of e, the same on every machine: each C library rounds in its own way."""

from decimal import Decimal

import numpy as np

from sim.jit import rule

CELLS = 256
HIGHEST = 700.0  # e^700 is nearly the largest number there is

_POWERS = np.array([float(Decimal(2) ** (Decimal(k) / CELLS)) for k in range(CELLS)]).view(np.int64)
_LN2 = 0.6931471805599453
_STEP, _PER = _LN2 / CELLS, CELLS / _LN2
_ROUND = 1.5 * 2.0**52  # added to a number it leaves the nearest integer in the lowest bits
_CELL, _EXPONENT = np.int64(CELLS - 1), np.int64(8)
_ONE, _TWO = _STEP, _STEP * _STEP / 2  # Taylor's, of e^(f STEP)
_THREE, _FOUR = _TWO * _STEP / 3, _TWO * _STEP * _STEP / 12
_LEAST, _MOST = float(Decimal(-HIGHEST).exp()), float(Decimal(HIGHEST).exp())


@rule
def exp(x):
    """Return e^x, relative error below (2|x| + 3) 2^-53; x counts as at least -700 and at most 700.

    x = (256 n + k + f) ln(2)/256: 2^n goes to the exponent, 2^(k/256) comes from a table, the rest from Taylor (Tang 1989).
    """
    if not -HIGHEST < x < HIGHEST:
        return _MOST if x > 0.0 else _LEAST if x < 0.0 else x  # which is not a number
    steps = x * _PER
    shifted = steps + _ROUND
    whole, f = np.float64(shifted).view(np.int64), steps - (shifted - _ROUND)
    power = np.int64(_POWERS[np.uint64(whole & _CELL)] + ((whole >> _EXPONENT) << 52)).view(np.float64)
    return power + (power * f) * ((_ONE + f * _TWO) + (f * f) * (_THREE + f * _FOUR))
