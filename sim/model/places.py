"""What a world says of its places: where customers live, start and get to, which channels reach them there, and who serves them."""

from sim.model.profiles import Profile
from sim.model.world import OWN, World, by_stage


def living(world: World) -> list[str]:
    """Return the stages that are no exits, in listed order."""
    return [name for name, stage in world.stages.items() if not stage.is_exit]


def entry(profile: Profile) -> dict[str, float]:
    """Return where this profile's customers start."""
    own = profile.world.personas[profile.persona].entry
    return dict(own) if own else {name: stage.entry for name, stage in profile.world.stages.items() if stage.entry > 0}


def shares(profile: Profile, stage: str) -> dict[str, float]:
    """Return the part of this profile's occasions in a stage that each channel holds at intensity 1: share times affinity."""
    persona = profile.world.personas[profile.persona]
    return {
        name: by_stage(channel.share, stage, 0.0) * by_stage(persona.channels.get(name, 1.0), stage, 1.0) for name, channel in profile.world.channels.items()
    }


def desk_of(world: World, persona: str, stage: str, channel: str) -> list[str]:
    """Return the desks that claim an occasion of this persona, stage and channel (``own`` for none)."""
    named = [world.channels[channel].desk] if channel != OWN and world.channels[channel].desk else []
    for name, desk in world.desks.items():
        serves = desk.serves
        if serves is not None and all(not names or x in names for x, names in ((persona, serves.personas), (stage, serves.stages), (channel, serves.channels))):
            named.append(name)
    return list(dict.fromkeys(d for d in named if d is not None))


def reached(profile: Profile) -> set[str]:
    """Return the stages that this profile's customers can get to."""
    world = profile.world
    left = {desk.gives_up_to for desk in world.desks.values() if desk.gives_up_to}
    there = [stage for stage, groups in world.start.items() if groups.get(profile.persona)]
    return reachable(world, [stage for stage, share in entry(profile).items() if share > 0] + there) | left


def reachable(world: World, start: list[str]) -> set[str]:
    """Return these stages and all that can be got to from them."""
    seen, edge = set(start), list(start)
    while edge:
        edge = [b for a in edge for b, p in world.stages[a].next.items() if p > 0 and b not in seen]
        seen |= set(edge)
    return seen
