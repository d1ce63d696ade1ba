"""One simulated world with one seed: a clock plays the tables, its rows become a log."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim import log as schema
from sim.errors import ConfigError, Problem
from sim.model.layout import NOT_CALLED
from sim.model.numbering import already_there, founders, queues
from sim.model.places import desk_of
from sim.model.profiles import Profile, profiles
from sim.model.world import OWN, SATISFACTION, Calendar, World
from sim.rows import Rows

if TYPE_CHECKING:
    from sim.clocks.behaviour import Behaviour

MONTH = 365 / 12
SMALL = 20_000  # customers up to which `clock: auto` takes the clear clock
Progress = Callable[[float], None]  # told the share of the work that is done


def play(
    world: World,
    *,
    clock: str | None = None,
    replication: int = 0,
    behaviour: Sequence["Behaviour"] = (),
    progress: Progress | None = None,
    threads: int | None = None,
) -> schema.Log:
    """Return the log of one replication of a world, played on its clock (or on the one named), on ``threads`` (None: all processors)."""
    rows, lives = Rows(), _Lives(world, founders(world, replication))
    for first, written, lived in _clock(world, clock or world.clock, behaviour, threads)(replication, progress):
        rows.add(lives.seen(first, written, lived))
    births, index = lives.closed()
    blocks = rows.close(index, len(births), ordered=lives.in_order)
    return schema.Log(terms(world), births, blocks, tuple(ledger(world)), int(np.count_nonzero(births["parent"] < 0)), lives.queueing)


def clock_of(world: World, clock: str, behaviour: Sequence["Behaviour"] = ()) -> str:
    """Return the clock that ``auto`` means: the clear one for small runs and for behaviour in Python, else the fast one."""
    if clock == "auto":
        return "simpy" if behaviour or world.customers + already_there(world) <= SMALL else "compiled"
    if behaviour and clock != "simpy":
        raise ConfigError([Problem("clock", f"given {clock!r}", "behaviour in Python needs the simpy clock")])
    return clock


def _clock(world: World, clock: str, behaviour: Sequence["Behaviour"], threads: int | None) -> Callable[..., Iterator[tuple[int, schema.Array, schema.Array]]]:
    if clock_of(world, clock, behaviour) == "simpy":
        from sim.clocks import simpy_clock

        return lambda replication, progress: simpy_clock.run(world, replication, behaviour, progress)
    from sim.clocks import compiled_clock

    return lambda replication, progress: compiled_clock.run(world, replication, progress, threads)


class _Lives:
    """Gathers who was born while rows come in, and numbers the referred when the log is closed.

    Until then founders have their own numbers and the referred count on from there, chunk after chunk.
    """

    def __init__(self, world: World, founders: int) -> None:
        self.world, self.founders, self.arms = world, founders, len(world.ab_test.arms) if world.ab_test else 0
        self.first, self.before = 0, 0  # the chunk's first founder; children of the chunks before it
        self.births: dict[int, schema.Array] = {}  # by first founder
        self.desk = np.array([list(world.desks).index(name) for name in queues(world)], "i8")  # by queue
        self.queueing: tuple[int, ...] = (0,) * len(world.desks)  # at the horizon, by desk
        self.in_order, self.last = True, -1  # whether rows came customer after customer so far

    def seen(self, first: int, rows: schema.Array, lives: schema.Array) -> schema.Array:
        """Note who lives in this chunk; return its rows with customers numbered across chunks."""
        if first != self.first:
            self.before += int(np.count_nonzero(self.births[self.first]["parent"] >= 0))
            self.first = first
        number = self._numbers(lives)
        self.births[first] = self._births(lives, number)
        if self.queueing:  # desks couple everybody: these lives are all there are, and the last time they are seen is the horizon
            queue = self.desk[lives["desk"][(lives["desk"] >= 0) & (lives["waited"] == NOT_CALLED)]]
            self.queueing = tuple(np.bincount(queue, minlength=len(self.queueing)).tolist())
        rows["customer"] = number[rows["customer"]]
        if rows.size:
            self.in_order &= bool(rows["customer"][0] >= self.last and np.all(np.diff(rows["customer"]) >= 0))
            self.last = int(rows["customer"][-1])
        return rows

    def _numbers(self, lives: schema.Array) -> schema.Array:
        local, own = np.arange(len(lives)), int(np.count_nonzero(lives["parent"] < 0))
        return np.where(local < own, local + self.first, local - own + self.founders + self.before)

    def _births(self, lives: schema.Array, number: schema.Array) -> schema.Array:
        out = np.empty(len(lives), schema.BIRTH)
        out["customer"] = number
        for name in ("arrived", "entry", "identity"):
            out[name] = lives[name]
        out["persona"] = lives["profile"] // max(1, self.arms)
        out["arm"] = lives["profile"] % self.arms if self.arms else -1
        out["parent"] = np.where(lives["parent"] < 0, -1, number[lives["parent"]])
        return out

    def closed(self) -> tuple[schema.Array, "schema.Array | None"]:
        """Return the births, founders first, then the referred by (day, identity), and the new index of every number (None: as it is)."""
        births = np.concatenate([np.empty(0, schema.BIRTH), *(self.births[first] for first in sorted(self.births))])
        referred = births["parent"] >= 0
        born, late = births[~referred], births[referred]
        here = born["arrived"] < self.world.horizon
        if late.size == 0 and here.all():
            return born, None
        order = np.lexsort((late["identity"], late["arrived"]))
        rank = np.empty(len(late), "i8")
        rank[order] = np.arange(len(late))
        public = np.concatenate([np.arange(len(born)), rank + len(born)])
        late["parent"], late["customer"] = public[late["parent"]], public[late["customer"]]
        index = np.concatenate([np.cumsum(here) - 1, rank + np.count_nonzero(here)])
        return np.concatenate([born[here], late[order]]), index


def terms(world: World) -> schema.Terms:
    """Return what the log of this world needs besides its rows."""
    seen = profiles(world)
    arms = list(world.ab_test.arms) if world.ab_test else []
    winning = set(_serving_prospects(world))
    by_persona = [[p for p in seen if p.persona == name] for name in world.personas]
    channels = list(world.channels.values())

    def margin(profile_world: World, persona: str) -> float:
        own = profile_world.personas[persona].margin
        return profile_world.money.margin if own is None else own

    return schema.Terms(
        horizon=world.horizon,
        stages=tuple(world.stages),
        kinds=tuple(stage.kind for stage in world.stages.values()),
        channels=(OWN, *world.channels),
        media=(OWN, *(c.media for c in channels)),
        leads=(False, *(c.leads for c in channels)),
        personas=tuple(world.personas),
        markets=tuple(p.market for p in world.personas.values()),
        arms=tuple(arms),
        desks=tuple(world.desks),
        people=tuple(d.people for d in world.desks.values()),
        wages=tuple(d.wage for d in world.desks.values()),
        hired=tuple((float(d.hire.people), d.hire.from_) if d.hire else (0.0, 0.0) for d in world.desks.values()),
        open=tuple(_open(d.hours) if d.hours else 1.0 for d in world.desks.values()),
        wins=tuple(desk in winning for desk in world.desks),
        margin=tuple(tuple(margin(p.world, p.persona) for p in own) for own in by_persona),
        discount=tuple(tuple(_discounts(p) for p in own) for own in by_persona),
        currency=world.money.currency,
        discount_rate=world.money.discount_rate,
        clv_days=world.money.clv_days,
        half_life=(world.drivers[SATISFACTION].half_life or 0.0) if SATISFACTION in world.drivers else 0.0,
        ring=world.ring,
        coupled=world.couples,
        opening=already_there(world),
        reasons=tuple(stage.reason or "" for stage in world.stages.values()) if any(stage.reason for stage in world.stages.values()) else (),
    )


def _discounts(profile: Profile) -> tuple[float, ...]:
    """Return what is off the list price, own first, by channel: a price above the list is a discount below 0."""
    price = profile.world.personas[profile.persona].revenue.price
    return tuple(1 - price * (1 - discount) if price != 1 else discount for discount in (0.0, *(c.discount for c in profile.world.channels.values())))


def ledger(world: World) -> Iterator[tuple[int, str, float]]:
    """Yield fixed costs: wages of desks and monthly costs of channels, month by month, the last one in part."""
    joining = {name: (desk.wage * desk.hire.people, desk.hire.from_ / MONTH) for name, desk in world.desks.items() if desk.hire}
    fixed = {name: desk.people * desk.wage for name, desk in world.desks.items()}
    fixed |= {name: channel.cost.month for name, channel in world.channels.items()}
    for month in range(int(np.ceil(world.horizon / MONTH - 1e-9))):
        end = min(month + 1.0, world.horizon / MONTH)
        for name, cost in fixed.items():
            wage, begin = joining.get(name, (0.0, 0.0))
            if (due := cost * (end - month) + wage * max(0.0, end - max(month, begin))) > 0:
                yield month, name, due


def _serving_prospects(world: World) -> Iterator[str]:
    """Yield the desks that claim any occasion in a stage of prospects."""
    for stage in (name for name, stage in world.stages.items() if stage.kind == "prospect" and world.desks):
        for persona in world.personas:
            for channel in (OWN, *world.channels):
                yield from desk_of(world, persona, stage, channel)


def _open(hours: Calendar) -> float:
    """Return the share of the time in which a desk with these hours is open."""
    return float(np.prod([np.mean(part) for part in (hours.season, hours.weekday, hours.hours) if part is not None]))


__all__ = ["clock_of", "ledger", "play", "terms"]
