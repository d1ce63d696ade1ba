"""Who is where, day by day: customers by stage and persona."""

import numpy as np

from sim.log import GAVE_UP, Array, Log, kind


def present(log: Log, days: Array) -> Array:
    """Return how many customers are in each stage at the end of each of these days, which grow: shape (days, stages, personas).

    Who waits in a queue is where they stand; who has left is in an exit.
    """
    births, shape = log.births, (len(days), len(log.terms.stages), len(log.terms.personas))
    change = np.zeros(shape, np.int64)
    _add(change, days, births["arrived"], births["entry"], births["persona"], 1)
    for _, _, rows in log.blocks():
        moved = rows[(rows["stage_from"] != rows["stage_to"]) & (kind(rows) <= GAVE_UP)]  # what falls due after an exit moves nobody
        persona = births["persona"][moved["customer"]]
        _add(change, days, moved["time"], moved["stage_from"], persona, -1)
        _add(change, days, moved["time"], moved["stage_to"], persona, 1)
    return np.asarray(np.cumsum(change, axis=0))


def _add(change: Array, days: Array, time: Array, stage: Array, persona: Array, by: int) -> None:
    """Count somebody in or out, by the first of the days that is not before it."""
    day = np.searchsorted(days, time)
    seen = day < len(days)
    at = np.ravel_multi_index((day[seen], stage[seen], persona[seen]), change.shape)
    change += by * np.bincount(at, minlength=change.size).reshape(change.shape)
