"""Teams of students: each has a seed of its own in one common world, so that truth is common and luck is not."""

from collections.abc import Mapping
from typing import Any

from sim import rng


def with_seed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a world's plain data with the seed of its team: 32 bits of a hash of (seed, team); team 0 keeps the seed.

    What is no number is left as it is: the check of the world says so.
    """
    seed, team = raw.get("seed", 1), raw.get("team", 0)
    if not (_whole(seed) and _whole(team) and team > 0):
        return dict(raw)
    return {**raw, "seed": rng.key(seed, "team", team)[0] >> 32}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
