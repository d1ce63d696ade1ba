"""How channels share the occasions of a stage: as arcs of [0, 1)."""

from collections.abc import Iterator

import numpy as np

from sim.model.places import shares
from sim.model.profiles import Profile


def arcs(profile: Profile, stage: str, holders: dict[str, int], own: int) -> Iterator[tuple[float, int]]:
    """Yield the arcs of [0, 1): base shares from 0 up in listed order, what intensity adds from 1 down, own between.

    Below 1 intensity uses the first part of a channel's arc; so with the others at 1 or less, a changed intensity
    moves no occasion between other channels.
    """
    held, at, extra = shares(profile, stage), 0.0, []
    for name, holder in holders.items():
        intensity = profile.world.channels[name].intensity
        used = held[name] * min(1.0, intensity)
        if used > 0:
            yield at + used, holder
        at += held[name]
        if intensity < 1:
            yield at, own
        if intensity > 1:
            extra.append((held[name] * (intensity - 1), holder))
    top = 1.0 - sum(length for length, _ in extra)
    if top > at + 1e-12 or not extra:
        yield (top if extra else np.inf), own
    for k, (length, holder) in enumerate(reversed(extra)):
        top += length
        yield (np.inf if k == len(extra) - 1 else top), holder
