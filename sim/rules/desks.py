"""How long people serve, and how long customers queue for them."""

from sim import rng, spread
from sim.jit import rule


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
