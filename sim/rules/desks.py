"""How long people serve, and how long customers queue for them."""

import numpy as np

from sim import rng, spread
from sim.jit import rule


@rule
def whose(t, c, desk):
    """Return the queue to join: the desk's, or that of the one who owns the account where each of its people has their own."""
    owners = t.desks[desk].owners
    if owners == 0:
        return desk
    w = t.world[0]
    return desk + np.int64(rng.uniform((w.k0, w.k1, c.identity, rng.place(rng.BIRTH, t.desks[desk].number)), rng.OWNER) * owners)


@rule
def desk_visit(t, c):
    """Return the address of the customer's current desk visit."""
    w = t.world[0]
    return w.k0, w.k1, c.identity, rng.place(rng.DESK_VISIT, c.desk_visits)


@rule
def service(t, live, who):
    """Return the days that the desk takes for this customer."""
    c = live.lives[who]
    return spread.quantile(t.desks[c.desk].service, t.spreads, rng.uniform(desk_visit(t, c), rng.SERVICE))


@rule
def patience(t, live, who):
    """Return the days that this customer queues before giving up."""
    c = live.lives[who]
    return spread.quantile(t.desks[c.desk].patience, t.spreads, rng.uniform(desk_visit(t, c), rng.PATIENCE))
