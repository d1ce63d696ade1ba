"""What makes a driver or an orchestration rule impossible."""

from collections.abc import Iterator

from sim.errors import Problem, near
from sim.model.names import unknown
from sim.model.places import living
from sim.model.world import OWN, SATISFACTION, Adds, Driver, Rule, When, World


def driver_problems(world: World, name: str, driver: Driver) -> Iterator[Problem]:
    """Yield what is wrong with a driver: its range, and what adds to it."""
    path, adds = f"drivers.{name}", driver.adds
    if name != SATISFACTION and adds == Adds():
        yield Problem(path, "nothing adds to it", f"give {path}.adds ({near(name, [SATISFACTION])})")
    low, high = driver.range or ((-1.0, 1.0) if name == SATISFACTION else (0.0, 1.0))
    if not low < high:
        yield Problem(f"{path}.range", f"given {driver.range}", "must be [low, high], the low end first")
    elif name == SATISFACTION and (low < -1 or high > 1):
        yield Problem(f"{path}.range", f"given {driver.range}", "satisfaction is within [-1, 1]")
    elif not low <= driver.start <= high:
        yield Problem(f"{path}.start", f"given {driver.start:g}", f"must be within its range, {low:g} to {high:g}")
    if driver.follows is not None:
        yield from unknown(f"{path}.follows", [driver.follows], [other for other in (SATISFACTION, *world.drivers) if other != name], "other driver")
    yield from unknown(f"{path}.engage", driver.engage, world.channels, "channel")
    yield from unknown(f"{path}.loses", driver.loses, world.permissions, "permission")
    yield from unknown(f"{path}.adds.enters", adds.enters, world.stages, "stage")
    for event in ("exposure", "touch", "order"):
        if isinstance(given := getattr(adds, event), dict):
            yield from unknown(f"{path}.adds.{event}", given, (*world.channels, *((OWN,) if event == "order" else ())), "channel")


def rule_problems(world: World, name: str, given: Rule) -> Iterator[Problem]:
    """Yield what is wrong with an orchestration rule: what it notices, for whom it acts, and through which channel."""
    path, when, only, arms = f"rules.{name}", given.when, given.only, world.ab_test.arms if world.ab_test else ()
    if when == When():
        yield Problem(f"{path}.when", "notices nothing", "give enters, stays, touches, orders, gave_up, gains, below or above")
    drivers = (SATISFACTION, *world.drivers)
    for field, names, known, what in (
        ("when.enters", when.enters, living(world), "living stage"),
        ("when.stays", when.stays, living(world), "living stage"),
        ("when.touches", when.touches, world.channels, "channel"),
        ("when.gains", when.gains, world.permissions, "permission"),
        ("when.below", when.below, drivers, "driver"),
        ("when.above", when.above, drivers, "driver"),
        ("only.stages", only.stages, living(world), "living stage"),
        ("only.personas", only.personas, world.personas, "persona"),
        ("only.arms", only.arms, arms, "arm"),
        ("only.needs", only.needs, world.permissions, "permission"),
        ("sees.told_by", given.sees.told_by, world.permissions, "permission"),
        ("do.channel", [given.do.channel], world.channels, "channel"),
    ):
        yield from unknown(f"{path}.{field}", names, known, what)
    if when.below and when.above and set(when.below) != set(when.above):
        watched = f"{', '.join(when.above)}, but below watches {', '.join(when.below)}"
        yield Problem(f"{path}.when.above", f"given {watched}", "one rule watches one driver: write two")
    if given.do.channel in world.channels and not given.do.calls and _needs_desk(world, given.do.channel):
        yield Problem(f"{path}.do.calls", f"given false, but {given.do.channel} needs a desk", "must be true: people call, they don't send messages")


def _needs_desk(world: World, channel: str) -> bool:
    return world.channels[channel].desk is not None or any(channel in desk.serves.channels for desk in world.desks.values() if desk.serves)
