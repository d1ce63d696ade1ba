"""A point of a sweep as a world: choices among config groups first, as on the command line, then values by their paths."""

from collections.abc import Callable, Mapping
from typing import Any

from sim.errors import ConfigError, Problem
from sim.model.world import World
from sim.studies.design import world_at

CHOICES = ("journey", "personas", "channels", "rules", "scenario", "ab_test")


def at(base: World, compose: Callable[..., World], point: Mapping[str, Any]) -> World:
    """Return the base with a point's choices (``scenario: coupon``) and values; raise ConfigError as any configuration does."""
    chosen = {group: name for group, name in point.items() if group in CHOICES and isinstance(name, str)}
    world = compose(*(f"{group}={name}" for group, name in chosen.items())) if chosen else base
    values = {path: value for path, value in point.items() if path not in chosen}
    twice = [path for path in values if "scenario" in chosen and path in world.scenario.set]
    if twice:
        raise ConfigError(Problem(path, f"set by the sweep and by scenario {chosen['scenario']!r}", "set it in one of the two") for path in twice)
    return world_at(world, values)
