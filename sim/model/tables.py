"""A world becomes tables: every product of odds made, every share laid out as arcs, once, before the clock starts."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from sim import rng, spread
from sim.lanes import WIDTH
from sim.model import arcs, layout
from sim.model.deals import priced
from sim.model.layout import Array, Tables
from sim.model.numbering import bending, bits, capped, circles, founders, hires, named_drivers, newcomers, opening, queues
from sim.model.places import desk_of, entry, shares
from sim.model.profiles import Profile, profiles
from sim.model.state import PERIODS
from sim.model.world import BENDING, CUSTOMER, OWN, SATISFACTION, Adds, Calendar, Channel, Odds, Revenue, Rule, World, by_stage

Bends = dict[str, dict[str, float]]  # by stage: log odds per unit of a level

_KIND = {"prospect": layout.PROSPECT, CUSTOMER: layout.CUSTOMER}


class _Builder:
    """Grows the flat arrays of one world's tables."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stage = {name: k for k, name in enumerate(world.stages)}
        self.channel = {name: k for k, name in enumerate([OWN, *world.channels])}
        self.desk = {name: queues(world).index(name) for name in world.desks}
        self.budget = {name: k for k, name in enumerate(capped(world))}
        self.profiles: list[Any] = []
        self.traits: list[Any] = []
        self.spots: list[Any] = []
        self.arcs: list[Any] = []
        self.holders: list[Any] = []
        self.heats: list[Any] = []
        self.races: dict[Any, int] = {}
        self.slopes: dict[tuple[float, ...], int] = {(0.0,) * layout.LEVELS: 0}
        self.pushes: dict[tuple[float, ...], int] = {(0.0,) * layout.LEVELS: 0}
        self.chances: dict[tuple[float, ...], int] = {(0.0,) * layout.PERMISSIONS: 0}
        self.permission = {name: k for k, name in enumerate(world.permissions)}
        self.counter = {name: k for k, name in enumerate(name for name, channel in world.channels.items() if channel.cap)}
        self.circle = {stages: k for k, stages in enumerate(circles(world))}
        self.calendars: list[Any] = []
        self.calendar = {market: self._calendar(given, mean_one=True) for market, given in world.calendars.items()}
        self.rules: list[Any] = []
        self.urges: list[float] = []
        self.flights: list[tuple[float, float]] = []
        self.contents: list[tuple[float, int]] = []
        self.spreads: list[Array] = []

    def add_profile(self, profile: Profile, upto: float, arm_upto: float) -> None:
        """Append a profile with its traits, spots, holders and races."""
        persona = profile.world.personas[profile.persona]
        bends, first, level = self._bends(profile), len(self.traits), len(named_drivers(profile.world))
        for name, trait in persona.traits.items():
            acts = {"rate": layout.RATE, "spend": layout.SPEND}.get(trait.acts, layout.ODDS)
            odds = trait.model_copy(update={"family": "beta_prime"}) if trait.acts == "probability" else trait  # p / (1 - p)
            size = spread.compiled(odds, 1.0, self.spreads)
            like, rho = (rng.name_number(trait.like.trait), trait.like.correlation) if trait.like else (0, 0.0)
            self.traits.append((size, rng.name_number(name), acts, level if acts == layout.ODDS else -1, like, rho))
            level += acts == layout.ODDS
        reward = by_stage(self.world.referral.reward, profile.persona, 0.0) if self.world.referral else 0.0
        known = (upto, arm_upto, first, len(self.traits) - first, persona.revenue.price, reward)
        self.profiles.append((*known, *self._contract(persona.revenue), *self._debts(persona.revenue)))
        entered = 0.0
        for stage in profile.world.stages:
            entered += entry(profile).get(stage, 0.0)
            self._add_spot(profile, stage, entered, bends)

    def _contract(self, revenue: Revenue) -> tuple[Any, ...]:
        signed = revenue.contract if revenue.model == "contract" else None
        if signed is None:
            return (spread.FIXED, 0, 0.0, 0.0), 0.0, 0.0, 0.0, 0.0
        return spread.compiled(signed.fee, 1.0, self.spreads), signed.period, signed.term, signed.notice, signed.rise

    def _debts(self, revenue: Revenue) -> tuple[Any, ...]:
        back, parts = revenue.refund, revenue.instalments
        returned = spread.compiled(back.after, 1.0, self.spreads) if back else (spread.FIXED, 0, 0.0, 0.0)
        return back.chance if back else 0.0, returned, parts.number if parts else 0, parts.every if parts else 0.0

    def _bends(self, profile: Profile) -> list[Bends]:
        """Return log odds per unit of each level: drivers, then the traits that act on odds."""
        return bent_by_drivers(profile.world) + [{a: dict(row) for a, row in trait.of.items()} for trait in bending(profile).values()]

    def desks(self) -> Array:
        """Return what rules know of the desks."""
        names = queues(self.world)
        out = np.zeros(len(names), layout.DESK)
        for record, name in zip(out, names, strict=True):
            desk = self.world.desks[name]
            record["named"], record["number"] = list(self.world.desks).index(name), rng.name_number(name)
            record["owners"] = desk.people if desk.owned else 0
            record["service"] = spread.compiled(desk.service, 1.0, self.spreads)
            record["patience"] = spread.compiled(desk.patience, 1.0, self.spreads) if desk.patience else (spread.FIXED, 0, np.inf, 0.0)
            record["calendar"] = self._calendar(desk.hours, mean_one=False) if desk.hours else -1
            record["giving_up"], record["gives_up_to"] = desk.giving_up, self.stage[desk.gives_up_to] if desk.gives_up_to else -1
        return out

    def _calendar(self, given: Calendar, *, mean_one: bool) -> int:
        """Append a calendar; return its number."""
        season, weekday, hours = (np.array(part or [1.0] * size) for part, size in ((given.season, 12), (given.weekday, 7), (given.hours, 24)))
        if mean_one:
            season, weekday, hours = season / season.mean(), weekday / weekday.mean(), hours / hours.mean()
        self.calendars.append((season, np.concatenate([[0.0], np.cumsum(np.outer(weekday, hours).ravel() / 24)])))
        return len(self.calendars) - 1

    def _add_spot(self, profile: Profile, name: str, entered: float, bends: list[Bends]) -> None:
        world, stage, persona = profile.world, profile.world.stages[name], profile.world.personas[profile.persona]
        entering = self.push(world, lambda adds: adds.enters.get(name, 0.0))
        nothing = (spread.FIXED, 0, 0.0, 0.0)
        if stage.gap is None:
            self.spots.append((nothing, nothing, entered, 0.0, 0.0, 0.0, 0, 0, 0, layout.EXIT, 0, entering, -1, 1.0, 0))
            return
        own = len(self.holders)
        plain = self._race(profile, name, (), bends)
        self._add_own(profile, name, plain)
        held = {}
        for channel in (c for c, share in shares(profile, name).items() if share > 0):
            held[channel] = len(self.holders)
            self._add_holder(profile, name, channel, plain, bends)
        first = len(self.arcs)
        self.arcs.extend(_fours(list(arcs.arcs(profile, name, held, own))))
        gap = spread.compiled(stage.gap, by_stage(persona.pace, name, 1.0), self.spreads)
        value = spread.compiled(persona.revenue.value, stage.order.worth, self.spreads)
        referral = self.world.referral
        refer, to = (referral.chance.get(name, 0.0), self.stage[referral.enters]) if referral else (0.0, 0)
        chances = (entered, stage.order.on_entry, stage.order.on_stay, refer)
        numbers = (first, len(self.arcs) - first, own, _KIND[stage.kind], to, entering, self.calendar.get(persona.market, -1))
        fee = persona.revenue.contract.by_stage.get(name, 1.0) if persona.revenue.contract else 1.0
        self.spots.append((gap, value, *chances, *numbers, fee, sum(1 << k for stages, k in self.circle.items() if name in stages)))

    def _add_own(self, profile: Profile, stage: str, plain: int) -> None:
        record = self._holder(profile, stage, OWN)
        record["price"], record["plain"], record["moved"], record["budget"] = profile.world.personas[profile.persona].revenue.price, plain, plain, -1
        record["sold"] = self.push(profile.world, lambda adds: _of_channel(adds.order, OWN))
        self.holders.append(record)

    def _add_holder(self, profile: Profile, stage: str, channel: str, plain: int, bends: list[Bends]) -> None:
        world, c = profile.world, profile.world.channels[channel]
        record = self._holder(profile, stage, channel)
        record["reach"] = min(1.0, c.intensity)
        price = world.personas[profile.persona].revenue.price * (1 - c.discount)
        record["engage"], record["price"], record["channel"] = by_stage(c.engage, stage, 1.0), price, self.channel[channel]
        record["exposure"], record["touch"], record["order"], record["budget"] = c.cost.exposure, c.cost.touch, c.cost.order, self.budget.get(channel, -1)
        saving = priced(profile, 1 - c.discount)
        free = c.budget is None or c.budget.amount > 0  # no budget: unavailable, free or not
        record["dearest"] = c.cost.exposure + c.cost.touch + c.cost.order if free else math.inf
        record["plain"], record["moved"] = plain, self._race(profile, stage, (c.odds, saving), bends) if c.odds.get(stage) or saving else plain
        self._feelings(record, c, stage)
        record["keen"] = self.slope([math.log(driver.engage.get(channel, 1.0)) for driver in named_drivers(world).values()])
        for field, event in (("exposed", "exposure"), ("touched", "touch"), ("sold", "order")):
            record[field] = self.push(world, _added_at(event, channel))
        self._gate(record, c, profile, channel)
        if c.saturation is not None:
            record["half"], record["shape"] = c.saturation.half, c.saturation.shape
        record["weary"] = list(named_drivers(world)).index(c.saturation.driver) if c.saturation else -1
        self._contents(record, profile, stage, c, bends)
        self.holders.append(record)

    def _holder(self, profile: Profile, stage: str, channel: str) -> Any:
        record, claims = np.zeros((), layout.HOLDER), desk_of(profile.world, profile.persona, stage, channel)
        record["desk"], record["counter"], record["circle"], record["target"] = self.desk[claims[0]] if claims else -1, -1, -1, -1
        record["bad"], record["weary"] = -np.inf, -1
        return record

    def _feelings(self, record: Any, channel: Channel, stage: str) -> None:
        felt, bad = channel.experience, channel.experience.bad
        record["feel"], record["sd"] = by_stage(felt.mean, stage, 0.0), felt.sd
        record["feels"] = record["feel"] != 0 or felt.sd != 0 or bad is not None
        if bad is not None:
            record["bad"], record["hurt"], record["busy"] = _log_odds(bad.chance), bad.adds, math.log(bad.odds_per_day_waited)

    def _gate(self, record: Any, channel: Channel, profile: Profile, name: str) -> None:
        """Fill what may make the channel unavailable, and what it does to permissions."""
        record["needs"] = sum(1 << self.permission[needed] for needed in channel.needs)
        record["first_flight"], record["flights"] = len(self.flights), -1 if channel.flights is None else len(channel.flights)
        self.flights.extend((flight.start, flight.end) for flight in channel.flights or ())
        if channel.cap is not None:
            record["cap"], record["cap_days"], record["counter"] = channel.cap.exposures, PERIODS[channel.cap.per], self.counter[name]
        record["circle"] = self.circle[tuple(channel.meets)] if channel.meets else -1
        if channel.targets:
            levels = {trait: len(named_drivers(profile.world)) + k for k, trait in enumerate(bending(profile))}
            powers = {levels[trait]: power for trait, power in channel.targets.items() if trait in levels}
            record["target"] = self.slope([powers.get(level, 0.0) for level in range(layout.LEVELS)])
        record["gated"] = bool(channel.needs or channel.meets or channel.targets) or channel.flights is not None or channel.cap is not None
        record["gives"], record["loses"] = (self._chances(given) for given in (channel.gives, channel.loses))
        record["changes"] = bool(channel.gives or channel.loses)

    def _contents(self, record: Any, profile: Profile, stage: str, channel: Channel, bends: list[Bends]) -> None:
        """Lay out the contents that are shown in a stage as arcs of [0, 1)."""
        shown = {name: weight for name, content in channel.contents.items() if (weight := by_stage(content.weight, stage, 0.0)) > 0}
        record["first_content"], record["contents"], upto = len(self.contents), len(shown), 0.0
        for name, weight in shown.items():
            upto += weight / math.fsum(shown.values())
            tables_ = (channel.odds, channel.contents[name].odds, priced(profile, 1 - channel.discount))
            self.contents.append((upto, self._race(profile, stage, tables_, bends)))
        if shown:
            self.contents[-1] = (np.inf, self.contents[-1][1])

    def _chances(self, given: dict[str, float]) -> int:
        row = tuple(given.get(name, 0.0) for name in self.permission) + (0.0,) * (layout.PERMISSIONS - len(self.permission))
        return self.chances.setdefault(row, len(self.chances))

    def slope(self, logs: Sequence[float]) -> int:
        """Return the row of slopes with these log odds per unit of the first levels."""
        row = tuple(x + 0.0 for x in logs) + (0.0,) * (layout.LEVELS - len(logs))
        return self.slopes.setdefault(row, len(self.slopes))

    def push(self, world: World, added: Callable[[Adds], float]) -> int:
        """Return the row of what is added to each driver."""
        row = tuple(added(driver.adds) + 0.0 for driver in named_drivers(world).values())
        row += (0.0,) * (layout.LEVELS - len(row))
        return self.pushes.setdefault(row, len(self.pushes))

    def add_rules(self) -> None:
        """Append the rules, with a holder of their channel for every profile and stage."""
        seen = profiles(self.world)
        for name, given in self.world.rules.items():
            record, first = np.zeros((), layout.ORCHESTRATION), len(self.holders)
            for profile in seen:
                bends = self._bends(profile)
                for stage in profile.world.stages:
                    if profile.world.stages[stage].is_exit:
                        self.holders.append(np.zeros((), layout.HOLDER))
                    else:
                        self._add_holder(profile, stage, given.do.channel, self._race(profile, stage, (), bends), bends)
            record["number"], record["first_holder"] = rng.name_number(name) >> 12 << 12, first
            self._notice(record, given)
            self._act(record, given, seen)
            self.rules.append(record)
            self.urges.extend(log for profile in seen for log in self._urges(profile.world, given))

    def _notice(self, record: Any, given: Rule) -> None:
        when = given.when
        record["enters"], record["stays"] = bits(when.enters, self.stage), bits(when.stays, self.stage)
        record["touches"], record["gains"] = bits(when.touches, self.channel), bits(when.gains, self.permission)
        record["orders"], record["gave_up"], record["driver"] = when.orders, when.gave_up, -1
        record["below"], record["above"] = -np.inf, np.inf
        for field, line in (("below", when.below), ("above", when.above)):
            for driver, level in line.items():
                record["driver"], record[field] = list(named_drivers(self.world)).index(driver), level

    def _act(self, record: Any, given: Rule, seen: Sequence[Profile]) -> None:
        only, sees, do = given.only, given.sees, given.do
        mine = [k for k, p in enumerate(seen) if (not only.personas or p.persona in only.personas) and (not only.arms or p.arm in only.arms)]
        record["profiles"], record["at_most"] = sum(1 << k for k in mine), given.at_most
        record["stages"], record["needs"] = bits(only.stages or self.stage, self.stage), bits(only.needs, self.permission)
        record["wait"], record["batch"], record["late"], record["accuracy"] = given.wait, given.batch, sees.late, sees.accuracy
        record["told"], record["calls"], record["fade"] = bits(sees.told_by, self.permission), do.calls, math.log(2) / do.half_life if do.half_life else 0.0

    def _urges(self, world: World, given: Rule) -> Iterator[float]:
        """Yield log odds from every stage to every stage: a call's channel has its own odds in its holder, a message brings them along."""
        tables_ = (given.do.odds,) if given.do.calls else (given.do.odds, world.channels[given.do.channel].odds)
        for stage in self.stage:
            yield from (math.fsum(math.log(table.get(stage, {}).get(to, 1.0)) for table in tables_) for to in self.stage)

    def permissions(self) -> Array:
        """Return what rules know of the permissions."""
        lost = [self.slope([math.log(driver.loses.get(name, 1.0)) for driver in named_drivers(self.world).values()]) for name in self.permission]
        kinds = self.world.permissions.values()
        return np.array([(kind.start, kind.order, slope) for kind, slope in zip(kinds, lost, strict=True)], layout.PERMISSION)

    def _race(self, profile: Profile, stage: str, odds_of: Sequence[Mapping[str, Mapping[str, float]]], bends: list[Bends]) -> int:
        """Return the race for the next stage, under the odds of the channel and content that the customer engaged with, if any."""
        persona, ways = profile.world.personas[profile.persona], profile.world.stages[stage].next
        by_slope: dict[int, list[Any]] = {}
        always = (persona.odds, priced(profile, persona.revenue.price), evened(profile))
        for to in sorted((b for b, p in ways.items() if p > 0), key=lambda b: self.stage[b]):
            odds = math.prod((table.get(stage, {}).get(to, 1.0) for table in (*always, *odds_of)), start=1.0)
            slope = self.slope([bend.get(stage, {}).get(to, 0.0) for bend in bends])
            by_slope.setdefault(slope, []).append((1.0 / (ways[to] * odds), self.stage[to]))
        heats = tuple(_heats(by_slope))
        if heats not in self.races:
            self.races[heats] = len(self.heats)
            several = len(heats) > 1 or sum(map(math.isfinite, heats[0][0])) > 1
            self.heats.extend((*heat, len(heats) if several and k == 0 else 0) for k, heat in enumerate(heats))
        return self.races[heats]


def _fours(shared: list[tuple[float, int]]) -> Iterator[tuple[Any, ...]]:
    """Yield (ends, holders) of four arcs at a time; behind the last one there are empty ones."""
    for first in range(0, len(shared), WIDTH):
        some = shared[first : first + WIDTH]
        some += [(math.inf, some[-1][1])] * (WIDTH - len(some))
        yield tuple(upto for upto, _ in some), tuple(holder for _, holder in some)


def _heats(by_slope: dict[int, list[tuple[float, int]]]) -> Iterator[tuple[Any, ...]]:
    """Yield (waits, strides, stages, slope) of four runners at a time: equal slopes side by side share one exponential, who mostly wins comes first."""
    for slope, runners in sorted(by_slope.items(), key=lambda group: min(group[1])):
        runners.sort()
        for first in range(0, len(runners), WIDTH):
            some = runners[first : first + WIDTH]
            some += [(math.inf, some[0][1])] * (WIDTH - len(some))  # where nobody runs
            yield tuple(wait for wait, _ in some), tuple(int(rng.STRIDES[to]) for _, to in some), tuple(to for _, to in some), slope


def evened(profile: Profile) -> Odds:
    """Return the odds that make a transition as likely as all others together, where a trait is its probability."""
    out: Odds = {}
    for trait in profile.world.personas[profile.persona].traits.values():
        for stage, row in trait.of.items() if trait.acts == "probability" else ():
            ways = profile.world.stages[stage].next
            out.setdefault(stage, {}).update({to: (1 - ways[to]) / ways[to] for to in row})
    return out


def bent_by_drivers(world: World) -> list[Bends]:
    """Return log odds of transitions per unit of each driver."""
    return [{a: {b: math.log(x) for b, x in row.items()} for a, row in driver.odds.items()} for driver in named_drivers(world).values()]


def _added_at(event: str, channel: str) -> Callable[[Adds], float]:
    return lambda adds: _of_channel(getattr(adds, event), channel)


def _of_channel(added: float | dict[str, float], channel: str) -> float:
    return added.get(channel, 0.0) if isinstance(added, dict) else added


def _log_odds(chance: float) -> float:
    return math.log(chance) - math.log1p(-chance) if 0 < chance < 1 else math.copysign(math.inf, chance - 0.5)


def tables(world: World, replication: int = 0) -> Tables:
    """Return the tables of a world for one replication: its seed and its founders; all else is the same in every replication, and made once."""
    whole = _made(world)
    record = whole.world.copy()
    w = record[0]
    w["k0"], w["k1"] = rng.key(world.seed, replication)
    w["arm0"], w["arm1"] = rng.key(world.seed, replication, "arm", world.ab_test.name) if world.ab_test else (0, 0)
    w["newcomers"], w["founders"] = newcomers(world, replication), founders(world, replication)
    return whole._replace(world=record)


@lru_cache(maxsize=32)
def _made(world: World) -> Tables:
    build, upto, before = _Builder(world), 0.0, None
    arm_upto = 0.0
    for profile in profiles(world):
        if profile.persona != before:
            upto, arm_upto, before = upto + world.personas[profile.persona].share, 0.0, profile.persona
        arm_upto += world.ab_test.arms[profile.arm].share if world.ab_test and profile.arm else 1.0
        build.add_profile(profile, upto, arm_upto)
    build.add_rules()
    desks = build.desks()  # before the spreads are laid out: desks have some too
    permissions, shared = build.permissions(), _world(world)
    shared["waited"], shared["gave_up"] = build.push(world, lambda adds: adds.waited), build.push(world, lambda adds: adds.gave_up)
    return Tables(
        world=shared,
        profiles=np.array(build.profiles, layout.PROFILE),
        traits=np.array(build.traits, layout.TRAIT),
        spots=np.array(build.spots, layout.SPOT),
        arcs=np.array(build.arcs, layout.ARCS),
        holders=np.array(build.holders, layout.HOLDER),
        heats=np.array(build.heats, layout.HEAT),
        slopes=np.array(list(build.slopes), "f8"),
        pushes=np.array(list(build.pushes), "f8"),
        flights=np.array(build.flights, layout.FLIGHT),
        contents=np.array(build.contents, layout.CONTENT),
        chances=np.array(list(build.chances), "f8"),
        permissions=permissions,
        desks=desks,
        hires=hires(world),
        calendars=np.array(build.calendars, layout.CALENDAR),
        rules=np.array(build.rules, layout.ORCHESTRATION),
        urges=np.array(build.urges, "f8"),
        living=np.array([k for k, stage in enumerate(world.stages.values()) if not stage.is_exit], "i8"),
        opening=np.array(opening(world), layout.OPENING),
        spreads=np.array(build.spreads) if build.spreads else np.zeros((1, spread.NODES, 4)),
    )


def _world(world: World) -> Array:
    out = np.zeros(1, layout.WORLD)
    w = out[0]
    w["horizon"], w["days"] = world.horizon, world.arrivals.days
    w["rules"], w["caps"] = len(world.rules), sum(channel.cap is not None for channel in world.channels.values())
    deals = [p.world.personas[p.persona].revenue for p in profiles(world)]
    w["contracts"] = any(deal.model == "contract" for deal in deals)
    w["debts"] = any(deal.refund is not None or deal.instalments is not None for deal in deals)
    w["growth"] = math.log1p(world.arrivals.growth) * world.arrivals.days / 365
    w["evenly"] = world.arrivals.shape == "even"
    w["stages"], w["personas"], w["arms"] = len(world.stages), len(world.personas), len(world.ab_test.arms) if world.ab_test else 1
    named, w["permissions"] = named_drivers(world), len(world.permissions)
    for k, (name, driver) in enumerate(named.items()):
        w["low"][k], w["high"][k] = driver.range or ((-1.0, 1.0) if name == SATISFACTION else (0.0, 1.0))
        w["shared"][k], w["follows"][k] = driver.shared, list(named).index(driver.follows) if driver.follows else -1
        w["start"][k], w["fade"][k] = driver.start, math.log(2) / driver.half_life if driver.half_life else 0.0
    w["drivers"], w["shares"] = len(named), any(driver.shared for driver in named.values())
    w["levels"] = len(named) + max(sum(t.acts in BENDING for t in p.world.personas[p.persona].traits.values()) for p in profiles(world))
    w["fades"], w["refers"] = bool(np.any(w["fade"] > 0)), world.referral is not None and any(world.referral.chance.values())
    return out
