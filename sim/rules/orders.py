"""Whether an occasion is an order, and of what value."""

from sim import rng, spread
from sim.jit import rule


@rule
def orders(n, stayed, at):
    """Return whether the occasion that led to (or stayed in) spot ``n`` is an order."""
    chance = n.on_stay if stayed else n.on_entry
    return chance > 0.0 and (chance >= 1.0 or rng.uniform(at, rng.ORDER) < chance)


@rule
def value(t, c, n, at):
    """Return the value of an order, before any discount."""
    return spread.quantile(n.value, t.spreads, rng.uniform(at, rng.VALUE)) * c.spend
