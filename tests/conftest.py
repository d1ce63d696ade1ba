"""Every log that is simulated anywhere in the suite is checked for conservation (V11), whichever test asked for it."""

import functools

import sim.play
from tests.contracts.conservation import conserve

_play = sim.play.play


@functools.wraps(_play)
def _conserving(world, **options):
    log = _play(world, **options)
    conserve(world, log)
    return log


sim.play.play = _conserving  # before any module binds the name
