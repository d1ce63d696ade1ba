"""Circles: the stages whose people pass something on. Word of mouth reaches whoever meets one of them."""

from sim import rng
from sim.jit import rule
from sim.model.layout import CIRCLES


@rule
def joins(live, circles, people):
    """Count so many people more in these circles."""
    if circles:
        for k in range(CIRCLES):
            if (circles >> k) & 1:
                live.play[0].met[k] += people


@rule
def moves_on(live, before, after):
    """Count somebody who goes from one place's circles to another's."""
    if before != after:
        joins(live, before, -1)
        joins(live, after, 1)


@rule
def meets_one(live, circles, circle, at):
    """Return whether the person met, one of all there are, belongs to the circle and is somebody else."""
    p = live.play[0]
    return rng.uniform(at, rng.MET) * p.made < p.met[circle] - ((circles >> circle) & 1)
