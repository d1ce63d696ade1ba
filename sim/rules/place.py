"""Where a customer stands: their address, their spot, their next gap.

Here and in other hot places an index is made unsigned: of a signed one Numba asks at every access whether it counts from the end.
"""

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.rules.calendar import elapse


@rule
def life(live, who):
    """Return the record of a customer."""
    return live.lives[np.uint64(who)]


@rule
def address(t, c, number):
    """Return the address of one of the customer's occasions."""
    w = t.world[0]
    return w.k0, w.k1, c.identity, rng.place(rng.OCCASION, number)


@rule
def spot(t, c):
    """Return the record of the customer's profile and stage."""
    return t.spots[np.uint64(c.profile * t.world[0].stages + c.stage)]


@rule
def gap(t, c, s, u, now):
    """Return the days from now to the next occasion at spot ``s``: the customer's own clock, which no channel changes, in the time of their calendar."""
    days = spread.quantile(s.gap, t.spreads, u) * c.pace
    return days if s.calendar < 0 else elapse(t.calendars[s.calendar], now, days)
