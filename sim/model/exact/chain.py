"""The embedded chain of one profile: what an occasion leads to and what it brings, on average over channel and engagement.

The rows are mixed after the race: averages of odds are not odds of averages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from sim.model.deals import priced
from sim.model.exact.spreads import is_fixed, moment, scaled
from sim.model.places import entry, living, shares
from sim.model.profiles import Profile
from sim.model.world import CUSTOMER, OWN, Channel, Odds, Spread, by_stage

Array = np.ndarray[Any, Any]
NOBODY = Channel()  # what an occasion without a channel costs and does: nothing

MONEY = ("orders", "revenue", "margin", "cost", "exposures", "touches")


class Way(NamedTuple):
    """One way an occasion may go: through a channel (or own), engaged (1) or not (0); ``next`` is the race it leads to."""

    channel: str
    engaged: float
    chance: float
    next: Array


@dataclass(frozen=True)
class Chain:
    """A profile's journey in phases: S living stages before and after conversion, E exits before and after it.

    A state is a stage with a flag: has this customer converted? ``next`` is (states, states + exits) with rows that
    sum to 1, ``brings[name]`` has its shape: the expected amount of an occasion together with the move it leads to.
    """

    states: tuple[tuple[str, bool], ...]
    exits: tuple[tuple[str, bool], ...]
    entry: Array
    next: Array
    gaps: tuple[Spread, ...]
    brings: dict[str, Array]

    @property
    def won(self) -> Array:
        """Whether the customer has converted, per state."""
        return np.array([won for _, won in self.states])

    @property
    def living(self) -> Array:
        """The moves among states, (states, states)."""
        return self.next[:, : len(self.states)]

    @property
    def converting(self) -> Array:
        """The moves that convert, (states, states): from a state before conversion to one after it."""
        return self.living * (~self.won[:, None] & self.won[None, :])


def chain(profile: Profile) -> Chain:
    """Return the embedded chain of a profile, its states doubled by the flag of conversion."""
    world, stages = profile.world, living(profile.world)
    kind = {name: stage.kind for name, stage in world.stages.items()}
    states = tuple((s, False) for s in stages if kind[s] != CUSTOMER) + tuple((s, True) for s in stages)
    exits = tuple((s, won) for won in (False, True) for s in world.stages if s not in stages)
    column = {state: k for k, state in enumerate(states + exits)}
    names = list(world.stages)
    into = {state: [column[to, state[1] or kind[to] == CUSTOMER] for to in names] for state in states}
    amounts = {s: _amounts(profile, s, names) for s in stages}
    brings = {name: np.zeros((len(states), len(column))) for name in ("next", *MONEY)}
    for k, state in enumerate(states):
        for name, matrix in brings.items():
            matrix[k, into[state]] = amounts[state[0]][name]
    start = np.zeros(len(states))
    for stage, share in entry(profile).items():
        start[column[stage, kind[stage] == CUSTOMER]] += share
    gaps = tuple(_gap(profile, s) for s, _ in states)
    return Chain(states, exits, start, brings.pop("next"), gaps, brings)


def ways(profile: Profile, stage: str) -> Iterator[Way]:
    """Yield the ways an occasion in this stage may go; their chances sum to 1."""
    plain, left = _race(profile, stage), 1.0
    for name, share in shares(profile, stage).items():
        channel = profile.world.channels[name]
        share *= channel.intensity
        engage = by_stage(channel.engage, stage, 1.0)
        left -= share
        yield Way(name, 1.0, share * engage, _race(profile, stage, channel.odds, priced(profile, 1 - channel.discount)))
        yield Way(name, 0.0, share * (1 - engage), plain)
    yield Way(OWN, 0.0, max(0.0, left), plain)


def _race(profile: Profile, stage: str, *odds: Odds) -> Array:
    """Return the chances of each next stage: base times odds, normalised (multinomial logit, McFadden 1974)."""
    world, persona = profile.world, profile.world.personas[profile.persona]
    tables = (persona.odds, priced(profile, persona.revenue.price), *odds)
    weights = np.array([world.stages[stage].next.get(to, 0.0) * prod(table.get(stage, {}).get(to, 1.0) for table in tables) for to in world.stages])
    return np.asarray(weights / weights.sum())


def _amounts(profile: Profile, stage: str, names: list[str]) -> dict[str, Array]:
    """Return what an occasion in ``stage`` brings on average, with each next stage: chances, orders, money, exposures, touches."""
    world, persona = profile.world, profile.world.personas[profile.persona]
    chance = np.array([world.stages[to].order.on_stay if to == stage else world.stages[to].order.on_entry for to in names])
    value = order_value(profile) * np.array([world.stages[to].order.worth for to in names])
    margin = world.money.margin if persona.margin is None else persona.margin
    out = {name: np.zeros(len(names)) for name in ("next", *MONEY)}
    for way in ways(profile, stage):
        channel = world.channels.get(way.channel, NOBODY)
        moves = way.chance * way.next
        orders, seen = moves * chance, way.channel != OWN
        out["next"] += moves
        out["orders"] += orders
        paid = persona.revenue.price * (1 - channel.discount)
        out["revenue"] += orders * value * paid
        out["margin"] += orders * value * (paid - (1 - margin))
        out["cost"] += moves * (channel.cost.exposure + way.engaged * channel.cost.touch) + orders * channel.cost.order
        out["exposures"] += moves * seen
        out["touches"] += moves * way.engaged
    return out


def order_value(profile: Profile) -> float:
    """Return the mean value of an order at the list price: exact by linearity, since traits are independent of the journey and of each other."""
    persona = profile.world.personas[profile.persona]
    spend = [moment(trait, 1) for trait in persona.traits.values() if trait.acts == "spend"]
    return moment(persona.revenue.value, 1) * float(np.prod(spend))


def _gap(profile: Profile, stage: str) -> Spread:
    """Return the gap of a stage at this persona's pace; rate traits that do not vary are part of the pace."""
    persona, gap = profile.world.personas[profile.persona], profile.world.stages[stage].gap
    assert gap is not None, "a living stage has a gap"
    rate = [trait.mean for trait in persona.traits.values() if trait.acts == "rate" and is_fixed(trait)]
    return scaled(gap, by_stage(persona.pace, stage, 1.0) / float(np.prod(rate)))
