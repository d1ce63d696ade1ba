"""Which stage comes next: a race of exponentials."""

import numpy as np

from sim import rng
from sim.jit import rule
from sim.lanes import WIDTH, abreast, apart
from sim.rules.drivers import bent
from sim.rules.orchestration import urge


@rule
def draw(t, p, first, count, bits):
    """Draw the runners, four at a time (the last four may be too many: the tables have room)."""
    for j in range(np.uint64(0), count, np.uint64(WIDTH)):
        a, b, c, d = j, j + np.uint64(1), j + np.uint64(2), j + np.uint64(3)
        moves = t.moves[first + a], t.moves[first + b], t.moves[first + c], t.moves[first + d]
        runners = rng.runner(bits, abreast(np.uint64(moves[0].to), np.uint64(moves[1].to), np.uint64(moves[2].to), np.uint64(moves[3].to)))
        p.runner[a], p.runner[b], p.runner[c], p.runner[d] = apart(runners)
        p.slack[a], p.slack[b], p.slack[c], p.slack[d] = apart(rng.slack(runners))


@rule
def line_up(t, p, c, first, count, now):
    """Note how long each runner takes for one unit of chance: neighbours with equal slopes share one factor."""
    slope, factor = np.int64(0), 1.0
    for j in range(np.uint64(0), count):
        move = t.moves[first + j]
        if move.slope != slope:
            slope = np.int64(move.slope)
            factor = bent(t, c, slope)
        p.wait[j] = move.wait * factor
    if c.urged_by >= 0:
        for j in range(np.uint64(0), count):
            p.wait[j] *= urge(t, c, t.moves[first + j].to, now)


@rule
def next_stage(t, live, c, row, bits, now):
    """Return who wins the race: the smallest exponential over weight, one runner a stage.

    As -log(u) > 1 - u, most losers are known without a logarithm.
    """
    p, first, count = live.play[0], np.uint64(row + 1), np.uint64(t.moves[np.uint64(row)].count)
    if count == 1:
        return np.int64(t.moves[first].to)
    draw(t, p, first, count, bits)
    line_up(t, p, c, first, count, now)
    best, winner = np.inf, np.uint64(0)
    for j in range(np.uint64(0), count):
        if (np.uint64(p.slack[j]).view(np.float64) - 1.0) * p.wait[j] < best:
            time = rng.exponential(p.runner[j]) * p.wait[j]
            if time < best:
                best, winner = time, np.uint64(j)
    return np.int64(t.moves[first + winner].to)
