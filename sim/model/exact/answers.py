"""The exact answers of a world, beside which a simulation can be put: ever, and by the horizon with these arrivals."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.errors import UnsolvableError
from sim.model.exact.chain import Array, Chain, chain
from sim.model.exact.ever import Sums, distribution, ever, varying, visited
from sim.model.exact.horizon import by_horizon, shared_step
from sim.model.exact.spreads import is_fixed
from sim.model.places import living
from sim.model.profiles import Profile, profiles
from sim.model.world import BENDING, World

TOLERANCE, ROUNDING = 1e-6, 1e-10
LEVELS, MOST_POINTS = 6, 1 << 18
UNITS = {
    "per customer": ("visits", "entries", "steps", "orders", "exposures", "touches"),
    "days": ("days", "dwell_time"),
    "per month": ("churn_rate_monthly",),
    "money": ("revenue", "margin", "cost", "clv", "value_365d"),
}


class Row(NamedTuple):
    """One quantity: ``ever`` or ``by_horizon`` is None where it has no such value; the error bound is that of ``by_horizon``."""

    quantity: str
    by: str
    group: str
    ever: float | None
    by_horizon: float | None
    unit: str
    error_bound: float


@dataclass(frozen=True)
class Group:
    """The answers for some customers; stage values are named ``quantity.stage``."""

    ever: Mapping[str, float]
    by_horizon: Mapping[str, float]
    error_bound: Mapping[str, float]


@dataclass(frozen=True)
class Answers:
    """The answers for a world: ``groups`` by (by, name), their chains by (persona, arm); of founders where customers refer others.

    ``family`` is the expected size of a founder's family, the founder included.
    """

    world: World
    groups: Mapping[tuple[str, str], Group]
    chains: Mapping[tuple[str, str | None], Chain]
    shares: Mapping[tuple[str, str | None], float]
    family: float = 1.0

    @property
    def ever(self) -> Mapping[str, float]:
        """The ever-values of all customers."""
        return self.groups["all", "all"].ever

    @property
    def by_horizon(self) -> Mapping[str, float]:
        """The by-horizon values of all customers."""
        return self.groups["all", "all"].by_horizon

    @property
    def error_bound(self) -> Mapping[str, float]:
        """The error bounds of the by-horizon values of all customers."""
        return self.groups["all", "all"].error_bound

    def after(self, steps: int) -> dict[str, float]:
        """Return where customers are after so many occasions."""
        out: dict[str, float] = {}
        for key, of in self.chains.items():
            for stage, share in distribution(of, steps).items():
                out[stage] = out.get(stage, 0.0) + self.shares[key] * share
        return out

    def table(self) -> list[Row]:
        """Return one row per quantity and group, stages for all customers only."""
        world = self.world
        arrived = world.customers * min(1.0, world.horizon / world.arrivals.days if world.arrivals.days else 1.0)
        rows = [Row("arrived", "all", "all", float(world.customers), arrived, "customers", 0.0)]
        if world.referral is not None:
            rows.append(Row("family", "all", "all", self.family, None, "customers per founder", 0.0))
        told = {key: group for key, group in self.groups.items() if key[0] != "persona" or len(world.personas) > 1}
        return rows + [row for (by, name), group in told.items() for row in self._rows(by, name, group)]

    def _rows(self, by: str, name: str, group: Group) -> Iterator[Row]:
        for key in dict.fromkeys([*group.ever, *group.by_horizon]):
            quantity, _, stage = key.partition(".")
            if not stage or by == "all":
                where = ("stage", stage) if stage else (by, name)
                unit = unit_of(quantity, self.world.money.currency)
                yield Row(quantity, *where, group.ever.get(key), group.by_horizon.get(key), unit, group.error_bound.get(key, 0.0))


def unit_of(quantity: str, currency: str) -> str:
    """Return the unit of a quantity; what is none of the listed is a share of customers."""
    if quantity.endswith("_variance"):
        return "steps^2" if quantity.startswith("steps") else "days^2"
    unit = next((unit for unit, listed in UNITS.items() if quantity in listed), "share")
    return currency if unit == "money" else unit


def solve(world: World) -> Answers:
    """Return the exact answers of a world, by persona, arm and all together.

    Raise UnsolvableError with every reason where there are none.
    """
    kinds = profiles(world)
    if reasons := list(_reasons(world, kinds)):
        raise UnsolvableError(reasons)
    chains = [chain(profile) for profile in kinds]
    final = mixed(kinds, [ever(profile, of) for profile, of in zip(kinds, chains, strict=True)])

    found = [refined(partial(by_horizon, profile, of), _levels(world, of)) for profile, of in zip(kinds, chains, strict=True)]
    timed, before = (mixed(kinds, [pair[k] for pair in found]) for k in (0, 1))
    bounds = {group: {name: _bound(x, before[group].get(name, x)) for name, x in table.items()} for group, table in timed.items()}
    groups = {name: Group(final[name], timed[name], bounds[name]) for name in final}
    keys = [(profile.persona, profile.arm) for profile in kinds]
    shares = {key: profile.share for key, profile in zip(keys, kinds, strict=True)}
    return Answers(world, groups, dict(zip(keys, chains, strict=True)), shares, _family(world, kinds, chains))


Tables = dict[tuple[str, str], dict[str, float]]


def mixed(kinds: tuple[Profile, ...], sums: list[Sums]) -> Tables:
    """Return the values of all customers, of each persona and of each arm: sums of numerators over sums of denominators, by shares."""
    members: dict[tuple[str, str], list[int]] = {("all", "all"): list(range(len(kinds)))}
    for k, profile in enumerate(kinds):
        members.setdefault(("persona", profile.persona), []).append(k)
        if profile.arm is not None:
            members.setdefault(("arm", profile.arm), []).append(k)
    return {group: _values([(kinds[k].share, sums[k]) for k in found]) for group, found in members.items()}


def _values(parts: list[tuple[float, Sums]]) -> dict[str, float]:
    out = {}
    for name in dict.fromkeys(name for _, sums in parts for name in sums):
        top = sum(share * sums[name][0] for share, sums in parts if share > 0 and name in sums)
        bottom = sum(share * sums[name][1] for share, sums in parts if share > 0 and name in sums)
        if bottom > 0:
            out[name] = top / bottom
    for name in [name for name in out if "_squared" in name]:
        mean = name.replace("_squared", "") if name.replace("_squared", "") in out else name.replace("_squared", "_time")
        out[name.replace("_squared", "_variance")] = max(0.0, out.pop(name) - out[mean] ** 2)
    return out


def refined(solve_at: Callable[[int], Sums], levels: int) -> tuple[Sums, Sums]:
    """Return sums extrapolated to step zero, and what the level before made of them: their difference bounds the error.

    Halving a step divides an error of order h^2 by four, so (4 fine - coarse) / 3 removes it (Richardson 1911). It
    stops when no value changes by more than 1e-6 of itself any more, or when levels run out.
    """
    coarse = best = before = solve_at(0)
    for level in range(1, levels):
        fine = solve_at(level)
        before, best = best, {name: (_sharper(fine[name][0], coarse[name][0]), _sharper(fine[name][1], coarse[name][1])) for name in fine}
        coarse = fine
        if all(_bound(_ratio(best[name]), _ratio(before[name])) <= TOLERANCE * max(1.0, abs(_ratio(best[name]))) for name in best):
            break
    return best, before


def _sharper(fine: float, coarse: float) -> float:
    return (4 * fine - coarse) / 3


def _ratio(sums: tuple[float, float]) -> float:
    return sums[0] / sums[1] if sums[1] > 0 else 0.0


def _bound(value: float, before: float) -> float:
    return abs(value - before) + ROUNDING * max(1.0, abs(value))


def _levels(world: World, of: Chain) -> int:
    points = world.horizon / float(shared_step(of, world)) if any(map(is_fixed, of.gaps)) else 0.0
    return next((level for level in range(LEVELS, 2, -1) if points * 2 ** (level - 1) <= MOST_POINTS), 2)


def _family(world: World, kinds: tuple[Profile, ...], chains: list[Chain]) -> float:
    """Return 1 + m / (1 - r) averaged over founders, m children of a founder and r of a referred one (Harris 1963, chapter 1).

    Children are of their parent's persona; their arms are drawn anew.
    """
    brought = [_brings(world, of, of.entry) for of in chains]
    total = 0.0
    for k, profile in enumerate(kinds):
        r = reproduction(world, profile.persona, kinds, chains)
        total += profile.share * (1 + (brought[k] / (1 - r) if brought[k] else 0.0))
    return total


def reproduction(world: World, persona: str, kinds: tuple[Profile, ...], chains: list[Chain]) -> float:
    """Return how many customers a referred customer of this persona refers on average."""
    if world.referral is None:
        return 0.0
    own = [(p.share, of) for p, of in zip(kinds, chains, strict=True) if p.persona == persona and p.share > 0]
    found = 0.0
    for share, of in own:
        start = np.array([float(state == _entered(of, world)) for state in of.states])
        found += share * _brings(world, of, start)
    return found / sum(share for share, _ in own) if own else 0.0


def _entered(of: Chain, world: World) -> tuple[str, bool]:
    assert world.referral is not None
    stage = world.referral.enters
    return (stage, False) if (stage, False) in of.states else (stage, True)


def _brings(world: World, of: Chain, start: Array) -> float:
    if world.referral is None:
        return 0.0
    chances = [world.referral.chance.get(stage, 0.0) for stage, _ in of.states]
    return float(visited(of, start) @ chances)


def _reasons(world: World, kinds: tuple[Profile, ...]) -> Iterator[str]:
    yield from (f"desks.{name}: customers queue for it" for name in world.desks)
    yield from (f"rules.{name}: what happens depends on what happened before" for name in world.rules)
    if world.calendars:
        yield "calendars: what customers do depends on the day"
    if world.arrivals.growth:
        yield "arrivals.growth: arrivals are not spread evenly"
    if world.start:
        yield "start: those who are there on day 0 did not arrive"
    if world.referral is not None and world.referral.reward:
        yield "referral.reward: a cost of the conversion depends on who referred"
    yield from (f"drivers.{name}: customers share it" for name, driver in world.drivers.items() if driver.shared)
    yield from (f"channels.{name}.budget: customers spend from one purse" for name, channel in world.channels.items() if channel.budget is not None)
    found = list(dict.fromkeys(reason for profile in kinds for reason in _profile_reasons(profile)))
    yield from found
    if world.referral is not None and not found and not world.desks:
        chains = [chain(profile) for profile in kinds]
        for persona in world.personas:
            r = reproduction(world, persona, kinds, chains)
            if r >= 1:
                yield f"referral: a referred customer ({persona}) brings {r:.4g} more on average, so a family never ends"


_WHY = {
    "flights": "what customers are offered depends on the day",
    "cap": "exposure depends on the exposures before",
    "needs": "exposure depends on what the customer has permitted",
    "meets": "exposure depends on where the others are",
    "targets": "exposure depends on a trait",
    "contents": "a touch shows one content of several",
    "saturation": "engaging depends on what a customer has seen",
}


def _gate_reasons(world: World) -> Iterator[str]:
    for name, channel in world.channels.items():
        given = {"flights": channel.flights is not None, "cap": channel.cap is not None, "needs": bool(channel.needs), "contents": bool(channel.contents)}
        given |= {"meets": bool(channel.meets), "targets": bool(channel.targets), "saturation": channel.saturation is not None}
        yield from (f"channels.{name}.{field}: {_WHY[field]}" for field, there in given.items() if there)


def _profile_reasons(profile: Profile) -> Iterator[str]:
    world, persona = profile.world, profile.world.personas[profile.persona]
    for name, driver in world.drivers.items():
        if any(odds != 1 for row in driver.odds.values() for odds in row.values()):
            yield f"drivers.{name}.odds: the odds depend on what a customer remembers"
        if any(odds != 1 for odds in driver.engage.values()):
            yield f"drivers.{name}.engage: engaging depends on what a customer remembers"
    if persona.revenue.model == "contract":
        yield f"personas.{profile.persona}.revenue: fees fall due by the calendar"
    deals = {"refund": persona.revenue.refund, "instalments": persona.revenue.instalments}
    yield from (f"personas.{profile.persona}.revenue.{field}: money moves after the order" for field, given in deals.items() if given)
    yield from _gate_reasons(world)
    yield from (f"personas.{profile.persona}.traits.{name}: it acts on odds" for name, trait in persona.traits.items() if trait.acts in BENDING)
    yield from (f"personas.{profile.persona}.traits.{name}.like: it goes along with another trait" for name, trait in persona.traits.items() if trait.like)
    rates = varying(persona)
    if len(rates) > 1:
        yield f"personas.{profile.persona}.traits: more than one trait divides gaps"
    for stage in living(world):
        if not any(world.stages[to].is_exit for to in _onward(world, stage)):
            yield f"stages.{stage}: no exit can be reached from here, so its customers never leave"
    yield from _gap_reasons(profile)


def _gap_reasons(profile: Profile) -> Iterator[str]:
    of, persona = chain(profile), profile.persona
    if not any(map(is_fixed, of.gaps)):
        return
    if varying(profile.world.personas[persona]):
        yield f"personas.{persona}.traits: a trait divides gaps that are fixed"
    if profile.world.horizon / shared_step(of, profile.world) > MOST_POINTS / 4:
        yield f"stages.*.gap: the fixed gaps of persona {persona}, the horizon and the days of arrivals have no common step"


def _onward(world: World, stage: str) -> set[str]:
    seen, edge = {stage}, [stage]
    while edge:
        edge = [to for at in edge for to, p in world.stages[at].next.items() if p > 0 and to not in seen]
        seen |= set(edge)
    return seen
