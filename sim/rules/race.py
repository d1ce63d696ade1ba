"""Which stage comes next: a race of exponentials."""

import numpy as np

from sim import rng
from sim.jit import rule
from sim.lanes import abreast, any_below, apart, four
from sim.rules.drivers import bent
from sim.rules.orchestration import urge


@rule
def urges(t, c, heat, now):
    """Return what the customer is urged to, of the four stages of a heat: a factor of each wait."""
    to = heat.to
    return abreast(urge(t, c, to[0], now), urge(t, c, to[1], now), urge(t, c, to[2], now), urge(t, c, to[3], now))


@rule
def faster(best, winner, least, bits, wait, to):
    """Return the best time so far and whose it is, after one more runner, who takes ``least`` or longer."""
    if least < best:
        time = rng.exponential(bits) * wait
        if time < best:
            return time, np.int64(to)
    return best, winner


@rule
def next_stage(t, c, race, bits, now):
    """Return who wins the race: the smallest exponential over weight, one runner a stage.

    As -log(u) > 1 - u, most losers are known without a logarithm.
    """
    heat = t.heats[np.uint64(race)]
    best, winner, slope, factor = np.inf, np.int64(heat.to[0]), np.int64(0), 1.0
    k, end = np.uint64(race), np.uint64(race + heat.heats)
    while k < end:
        heat = t.heats[k]
        if heat.slope != slope:
            slope = np.int64(heat.slope)
            factor = bent(t, c, slope)
        waits = four(heat.wait, 0) * factor
        if c.urged_by >= 0:
            waits = waits * urges(t, c, heat, now)
        runners = rng.runner(bits, four(heat.stride, 0))
        least = rng.slack(runners) * waits
        if any_below(least, best):
            (l0, l1, l2, l3), (b0, b1, b2, b3), (w0, w1, w2, w3) = apart(least), apart(runners), apart(waits)
            best, winner = faster(best, winner, l0, b0, w0, heat.to[0])
            best, winner = faster(best, winner, l1, b1, w1, heat.to[1])
            best, winner = faster(best, winner, l2, b2, w2, heat.to[2])
            best, winner = faster(best, winner, l3, b3, w3, heat.to[3])
        k += np.uint64(1)
    return winner
