"""Powers of e: one exponential for every machine, where each C library rounds in its own way, and no call in the loops of the rules."""

import math

import numpy as np

from sim.jit import rule

CELLS = 256
HIGHEST = 700.0  # e^700 is nearly the largest number there is

_POWERS = np.array([2.0 ** (k / CELLS) for k in range(CELLS)]).view(np.int64)
_PER = CELLS / math.log(2.0)
_COARSE = round(math.log(2.0) / CELLS * 2**35) * 2.0**-35  # few bits, so that its multiples are exact
_FINE = math.log(2.0) / CELLS - _COARSE + 2.3190468138462996e-17 / CELLS  # with the part of ln 2 that a float leaves out
_ROUND = 1.5 * 2.0**52  # added to a number it leaves the nearest integer in the lowest bits
_CELL, _EXPONENT = np.int64(CELLS - 1), np.int64(8)


@rule
def exp(x):
    """Return e^x, relative error below 1e-15; x counts as at least -700 and at most 700.

    x = (256 n + k) ln(2)/256 + r: 2^n goes to the exponent, 2^(k/256) comes from a table, e^r from Taylor (Tang 1989).
    """
    x = min(HIGHEST, max(-HIGHEST, x))
    shifted = x * _PER + _ROUND
    steps, turns = np.float64(shifted).view(np.int64), shifted - _ROUND
    r = (x - turns * _COARSE) - turns * _FINE
    power = np.int64(_POWERS[np.uint64(steps & _CELL)] + ((steps >> _EXPONENT) << 52)).view(np.float64)
    return power + power * (r + r * r * (0.5 + r * (1 / 6) + r * r * (1 / 24)))
