"""What customers carry: levels that fade, that events add to, and that bend odds."""

import numpy as np

from sim.jit import rule
from sim.lanes import WIDTH, four, total
from sim.model.layout import LEVELS, SATISFACTION
from sim.powers import exp


@rule
def fade(t, live, c, now):
    """Let the drivers fade to their level of now; shared ones are what all have made of them."""
    w = t.world[0]
    if w.shares:
        recall(w, live.play[0], c, now)
    if w.fades:
        for d in range(w.drivers):
            if c.level[d] != 0.0 and w.fade[d] > 0.0 and not w.shared[d]:
                c.level[d] *= exp(-w.fade[d] * (now - c.felt))
        c.felt = now


@rule
def recall(w, p, c, now):
    """Give the customer the shared drivers, faded to now."""
    for d in range(w.drivers):
        if w.shared[d]:
            p.level[d] *= exp(-w.fade[d] * (now - p.felt))
            c.level[d] = p.level[d]
    p.felt = now


@rule
def spread_word(t, live, c):
    """Leave the shared drivers as this customer has changed them."""
    w, p = t.world[0], live.play[0]
    for d in range(w.drivers):
        if w.shared[d]:
            p.level[d] = c.level[d]


@rule
def feel(c, news):
    """Add news to satisfaction, which stays within [-1, 1]."""
    c.level[SATISFACTION] = min(1.0, max(-1.0, c.level[SATISFACTION] + news))


@rule
def push(t, c, row, times):
    """Add a row of pushes to the drivers, each within its range."""
    w = t.world[0]
    for d in range(w.drivers):
        added = t.pushes[row, d]
        if added != 0.0:
            if w.follows[d] >= 0:
                added *= c.level[w.follows[d]] - c.level[d]
            c.level[d] = min(w.high[d], max(w.low[d], c.level[d] + added * times))


@rule
def bent(t, c, slope):
    """Return what drivers and traits do to a weight: the product of odds^level, inverted."""
    slopes = t.slopes[np.uint64(slope)]
    x = four(slopes, 0) * four(c.level, 0)
    for k in range(WIDTH, LEVELS, WIDTH):
        x = x + four(slopes, k) * four(c.level, k)
    return exp(-total(x))
