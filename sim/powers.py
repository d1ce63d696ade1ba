"""Powers of e: one exponential for every machine, where each C library rounds in its own way, and no call in the loops of the rules."""

import math

import numpy as np

from sim.jit import rule

CELLS = 256
HIGHEST = 700.0  # e^700 is nearly the largest number there is

_POWERS = np.array([2.0 ** (k / CELLS) for k in range(CELLS)]).view(np.int64)
_STEP, _PER = math.log(2.0) / CELLS, CELLS / math.log(2.0)
_ROUND = 1.5 * 2.0**52  # added to a number it leaves the nearest integer in the lowest bits
_CELL, _EXPONENT = np.int64(CELLS - 1), np.int64(8)
_ONE, _TWO, _THREE, _FOUR = (_STEP**k / math.factorial(k) for k in range(1, 5))  # Taylor's, of e^(f STEP)
_LEAST, _MOST = math.exp(-HIGHEST), math.exp(HIGHEST)


@rule
def exp(x):
    """Return e^x, relative error below (2|x| + 3) 2^-53; x counts as at least -700 and at most 700.

    x = (256 n + k + f) ln(2)/256: 2^n goes to the exponent, 2^(k/256) comes from a table, the rest from Taylor (Tang 1989).
    """
    if not -HIGHEST < x < HIGHEST:
        return _MOST if x > 0.0 else _LEAST
    steps = x * _PER
    shifted = steps + _ROUND
    whole, f = np.float64(shifted).view(np.int64), steps - (shifted - _ROUND)
    power = np.int64(_POWERS[np.uint64(whole & _CELL)] + ((whole >> _EXPONENT) << 52)).view(np.float64)
    return power + (power * f) * ((_ONE + f * _TWO) + (f * f) * (_THREE + f * _FOUR))
