"""A world becomes tables: every product of odds made, every share laid out as arcs, once, before the clock starts."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim import log, rng, spread
from sim.model import layout
from sim.model.layout import Array, Live, Tables
from sim.model.profiles import Profile, profiles
from sim.model.sense import desk_of, entry, shares
from sim.model.world import CUSTOMER, OWN, World, by_stage

PERIODS = {"day": 1.0, "week": 7.0, "month": 365 / 12}
ROUNDING = 1e-9  # of a budget: three times 0.1 is a little more than 0.3
_KIND = {"prospect": layout.PROSPECT, CUSTOMER: layout.CUSTOMER}


class _Builder:
    """Grows the flat arrays of one world's tables."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stage = {name: k for k, name in enumerate(world.stages)}
        self.channel = {name: k for k, name in enumerate([OWN, *world.channels])}
        self.desk = {name: k for k, name in enumerate(world.desks)}
        self.budget = {name: k for k, name in enumerate(capped(world))}
        self.profiles: list[Any] = []
        self.traits: list[Any] = []
        self.spots: list[Any] = []
        self.arcs: list[Any] = []
        self.holders: list[Any] = []
        self.moves: list[Any] = []
        self.rows: dict[Any, int] = {}
        self.slopes: dict[tuple[float, ...], int] = {(0.0,) * layout.LEVELS: 0}
        self.spreads: list[Array] = []

    def add_profile(self, profile: Profile, upto: float, arm_upto: float) -> None:
        """Append a profile with its traits, spots, holders and moves."""
        persona = profile.world.personas[profile.persona]
        bends = drivers(profile.world)
        first, level = len(self.traits), len(bends)
        for name, trait in persona.traits.items():
            acts = {"rate": layout.RATE, "spend": layout.SPEND, "odds": layout.ODDS}[trait.acts]
            size = spread.compiled(trait, 1.0, self.spreads)
            self.traits.append((size, rng.name_number(name), acts, level if acts == layout.ODDS else -1))
            if acts == layout.ODDS:
                level += 1
                bends.append({a: {b: float(x) for b, x in row.items()} for a, row in trait.of.items()})
        self.profiles.append((upto, arm_upto, first, len(self.traits) - first))
        entered = 0.0
        for stage in profile.world.stages:
            entered += entry(profile).get(stage, 0.0)
            self._add_spot(profile, stage, entered, bends)

    def desks(self) -> Array:
        """Return what rules know of the desks."""
        out = np.zeros(len(self.world.desks), layout.DESK)
        for record, desk in zip(out, self.world.desks.values(), strict=True):
            record["service"] = spread.compiled(desk.service, 1.0, self.spreads)
            record["patience"] = spread.compiled(desk.patience, 1.0, self.spreads) if desk.patience else (spread.FIXED, 0, np.inf, 0.0)
            record["giving_up"], record["gives_up_to"] = desk.giving_up, self.stage[desk.gives_up_to] if desk.gives_up_to else -1
        return out

    def _add_spot(self, profile: Profile, name: str, entered: float, bends: list[dict[str, dict[str, float]]]) -> None:
        world, stage, persona = profile.world, profile.world.stages[name], profile.world.personas[profile.persona]
        nothing = (spread.FIXED, 0, 0.0, 0.0)
        if stage.gap is None:
            self.spots.append((nothing, nothing, entered, 0.0, 0.0, 0.0, 0, 0, layout.EXIT, 0))
            return
        own = len(self.holders)
        plain = self._row(profile, name, None, bends)
        self._add_holder(profile, name, OWN, plain, plain)
        arcs = {}
        for channel in (c for c, share in shares(profile, name).items() if share > 0):
            arcs[channel] = len(self.holders)
            moved = self._row(profile, name, channel, bends) if world.channels[channel].odds.get(name) else plain
            self._add_holder(profile, name, channel, plain, moved)
        first = len(self.arcs)
        self.arcs.extend(_arcs(profile, name, arcs, own))
        gap = spread.compiled(stage.gap, by_stage(persona.pace, name, 1.0), self.spreads)
        value = spread.compiled(persona.revenue.value, 1.0, self.spreads)
        referral = self.world.referral
        refer, to = (referral.chance.get(name, 0.0), self.stage[referral.enters]) if referral else (0.0, 0)
        self.spots.append((gap, value, entered, stage.order.on_entry, stage.order.on_stay, refer, first, own, _KIND[stage.kind], to))

    def _add_holder(self, profile: Profile, stage: str, channel: str, plain: int, moved: int) -> None:
        claims = desk_of(profile.world, profile.persona, stage, channel)
        desk = self.desk[claims[0]] if claims else -1
        if channel == OWN:
            self.holders.append((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, plain, plain, 0, -1, desk, 0))
            return
        c = profile.world.channels[channel]
        cost, experience = c.cost, c.experience
        feels = int(experience.mean != 0 or experience.sd != 0)
        dearest = math.inf if c.budget is not None and c.budget.amount == 0 else cost.exposure + cost.touch + cost.order  # no budget: unavailable, free or not
        money = (cost.exposure, cost.touch, cost.order, dearest)
        row = (by_stage(c.engage, stage, 1.0), *money, experience.mean, experience.sd, 1 - c.discount, plain, moved)
        self.holders.append((*row, self.channel[channel], self.budget.get(channel, -1), desk, feels))

    def _row(self, profile: Profile, stage: str, channel: str | None, bends: list[dict[str, dict[str, float]]]) -> int:
        """Return the row of moves out of a stage, through a channel that the customer engaged with, or none."""
        persona, ways = profile.world.personas[profile.persona], profile.world.stages[stage].next
        found = []
        for to in sorted((b for b, p in ways.items() if p > 0), key=lambda b: self.stage[b]):
            odds = persona.odds.get(stage, {}).get(to, 1.0) * (profile.world.channels[channel].odds.get(stage, {}).get(to, 1.0) if channel else 1.0)
            slope = tuple(bend.get(stage, {}).get(to, 0.0) for bend in bends) + (0.0,) * (layout.LEVELS - len(bends))
            found.append((1.0 / (ways[to] * odds), self.slopes.setdefault(slope, len(self.slopes)), self.stage[to]))
        found.sort(key=lambda move: (move[1], move[0]))  # equal slopes side by side share one exponential; who mostly wins comes first
        if tuple(found) not in self.rows:
            self.rows[tuple(found)] = len(self.moves)
            self.moves.append((0.0, 0, -1, len(found)))
            self.moves.extend((*move, 0) for move in found)
        return self.rows[tuple(found)]


def _arcs(profile: Profile, stage: str, holders: dict[str, int], own: int) -> Iterator[tuple[float, int]]:
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


def capped(world: World) -> list[str]:
    """Return the channels that have a budget."""
    return [name for name, channel in world.channels.items() if channel.budget is not None]


def drivers(world: World) -> list[dict[str, dict[str, float]]]:
    """Return log odds per unit of each driver; satisfaction is always there, and first."""
    named = {"satisfaction": world.drivers.get("satisfaction"), **world.drivers}
    return [{a: {b: math.log(x) for b, x in row.items()} for a, row in (d.odds if d else {}).items()} for d in named.values()]


def tables(world: World, replication: int = 0) -> Tables:
    """Return the tables of a world for one replication."""
    build, upto, before = _Builder(world), 0.0, None
    arm_upto = 0.0
    for profile in profiles(world):
        if profile.persona != before:
            upto, arm_upto, before = upto + world.personas[profile.persona].share, 0.0, profile.persona
        arm_upto += world.ab_test.arms[profile.arm].share if world.ab_test and profile.arm else 1.0
        build.add_profile(profile, upto, arm_upto)
    desks = build.desks()  # before the spreads are laid out: desks have some too
    return Tables(
        world=_world(world, replication),
        profiles=np.array(build.profiles, layout.PROFILE),
        traits=np.array(build.traits, layout.TRAIT),
        spots=np.array(build.spots, layout.SPOT),
        arcs=np.array(build.arcs, layout.ARC),
        holders=np.array(build.holders, layout.HOLDER),
        moves=np.array(build.moves, layout.MOVE),
        slopes=np.array(list(build.slopes), "f8"),
        desks=desks,
        spreads=np.array(build.spreads) if build.spreads else np.zeros((1, spread.NODES, 4)),
    )



def _world(world: World, replication: int) -> Array:
    out = np.zeros(1, layout.WORLD)
    w = out[0]
    w["k0"], w["k1"] = rng.key(world.seed, replication)
    w["arm0"], w["arm1"] = rng.key(world.seed, replication, "arm", world.ab_test.name) if world.ab_test else (0, 0)
    w["horizon"], w["days"], w["founders"] = world.horizon, world.arrivals.days, founders(world, replication)
    w["evenly"] = world.arrivals.shape == "even"
    w["stages"], w["personas"], w["arms"] = len(world.stages), len(world.personas), len(world.ab_test.arms) if world.ab_test else 1
    named = {"satisfaction": world.drivers.get("satisfaction"), **world.drivers}
    for k, driver in enumerate(d for d in named.values()):
        if driver is not None:
            w["start"][k], w["fade"][k] = driver.start, math.log(2) / driver.half_life if driver.half_life else 0.0
    w["drivers"] = len(named)
    w["levels"] = len(named) + max(sum(t.acts == "odds" for t in p.world.personas[p.persona].traits.values()) for p in profiles(world))
    w["fades"], w["refers"] = bool(np.any(w["fade"] > 0)), world.referral is not None and any(world.referral.chance.values())
    return out


def founders(world: World, replication: int) -> int:
    """Return how many founders arrive: ``customers``, or a Poisson number with that mean."""
    if world.arrivals.shape != "poisson":
        return world.customers
    from scipy.stats import poisson

    u = ((rng.key(world.seed, replication, "founders")[0] >> 12) + 0.5) * 2.0**-52
    return int(poisson.ppf(u, world.customers))


def live(world: World, room: int, rows: int) -> Live:
    """Return fresh state with room for so many customers and rows."""
    budgets = [(channel.budget.amount * (1 + ROUNDING), PERIODS[channel.budget.per], -1, 0.0) for channel in world.channels.values() if channel.budget]
    queues = [(desk.people, -1, -1) for desk in world.desks.values()]
    state = (np.zeros(room, layout.LIFE), np.empty(rows, log.ROW), np.array(budgets, layout.BUDGET), np.array(queues, layout.QUEUE))
    return Live(*state, np.zeros(1, layout.PLAY))
