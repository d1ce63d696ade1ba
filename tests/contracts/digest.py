"""Print a digest of what the worlds of the contract leave, for processes with other settings to compare."""

import hashlib
import sys

from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of


def digest(customers=300):
    """Return the digest of births and rows of a few worlds on both clocks."""
    seen = hashlib.sha256()
    for name in ("traits", "persona_set", "all"):
        world = worlds.made(worlds.CASES[name](customers), seed=13)
        for clock in ("simpy", "compiled"):
            log = play(world, clock=clock)
            seen.update(log.births.tobytes() + rows_of(log).tobytes())
    return seen.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(digest())
