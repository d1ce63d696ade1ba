"""What a world's tables number: drivers, traits, queues, circles, people who join, and customers who are there from the start."""

from collections.abc import Iterable, Mapping

import numpy as np

from sim import rng
from sim.model import layout
from sim.model.layout import Array
from sim.model.profiles import Profile
from sim.model.world import BENDING, SATISFACTION, Driver, Trait, World

NEUTRAL = Driver()  # bends nothing


def named_drivers(world: World) -> dict[str, Driver]:
    """Return the drivers in the order of their levels; satisfaction is always there, and first."""
    return {SATISFACTION: world.drivers.get(SATISFACTION, NEUTRAL), **world.drivers}


def bending(profile: Profile) -> dict[str, Trait]:
    """Return the traits that act on odds, in the order of their levels; one that is a probability acts as its odds."""
    return {name: trait for name, trait in profile.world.personas[profile.persona].traits.items() if trait.acts in BENDING}


def bits(names: Iterable[str], number: Mapping[str, int]) -> int:
    """Return a set of names as the bits of their numbers."""
    return sum(1 << number[name] for name in names)


def capped(world: World) -> list[str]:
    """Return the channels that have a budget."""
    return [name for name, channel in world.channels.items() if channel.budget is not None]


def circles(world: World) -> list[tuple[str, ...]]:
    """Return the groups of stages whose people pass something on."""
    return list(dict.fromkeys(tuple(channel.meets) for channel in world.channels.values() if channel.meets))


def queues(world: World) -> list[str]:
    """Return whose queues there are: a desk has one, or one for each of its people if they own their accounts."""
    return [name for name, desk in world.desks.items() for _ in range(desk.people if desk.owned else 1)]


def hires(world: World) -> Array:
    """Return when more people take up work, in order of time."""
    joining = [(day, queues(world).index(name)) for name, desk in world.desks.items() if desk.hire for day in desk.hire.days()]
    return np.array(sorted(joining), layout.HIRE)


def opening(world: World) -> list[tuple[int, int, int, int]]:
    """Return who is there on day 0, stage after stage and persona after persona, in whatever order they are told.

    Each group's identities begin at a hash of its names, so that no other group moves them.
    """
    out, upto = [], 0
    for s, stage in enumerate(world.stages):
        for p, persona in enumerate(world.personas):
            if people := world.start.get(stage, {}).get(persona, 0):
                upto += people
                out.append((upto, p, s, 1 << 61 | (rng.name_number(f"{stage}\x1f{persona}") >> 7) << 28))
    return out


def newcomers(world: World, replication: int) -> int:
    """Return how many founders arrive: ``customers``, or a Poisson number with that mean."""
    if world.arrivals.shape != "poisson":
        return world.customers
    from scipy.stats import poisson

    u = ((rng.key(world.seed, replication, "founders")[0] >> 12) + 0.5) * 2.0**-52
    return int(poisson.ppf(u, world.customers))


def founders(world: World, replication: int) -> int:
    """Return how many customers nobody refers: those who arrive, and those who are there on day 0."""
    return newcomers(world, replication) + already_there(world)


def already_there(world: World) -> int:
    """Return how many customers are there on day 0."""
    return sum(people for groups in world.start.values() for people in groups.values())
