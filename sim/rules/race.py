"""Which stage comes next: a race of exponentials."""

import numpy as np

from sim import rng
from sim.jit import rule
from sim.rules.drivers import bent
from sim.rules.orchestration import urge


@rule
def next_stage(t, c, row, bits, now):
    """Return who wins the race: the smallest exponential over weight, one runner a stage.

    Neighbours with equal slopes share one factor. As -log(u) > 1 - u, most losers are known without a logarithm.
    """
    count = np.int64(t.moves[row].count)
    if count == 1:
        return np.int64(t.moves[row + 1].to)
    slope, factor = np.int64(0), 1.0
    best, winner = np.inf, np.int64(t.moves[row + 1].to)
    for j in range(row + 1, row + 1 + count):
        move = t.moves[j]
        if move.slope != slope:
            slope = np.int64(move.slope)
            factor = bent(t, c, slope)
        own, wait = rng.runner(bits, move.to), move.wait * factor
        if c.urged_by >= 0:
            wait *= urge(t, c, move.to, now)
        if (1.0 - rng.unit(own)) * wait < best:
            time = rng.exponential(own) * wait
            if time < best:
                best, winner = time, np.int64(move.to)
    return winner
