"""What can be decided: how much money each channel gets and how many people each desk has, under a total.

Money moves by a factor: a channel's intensity (and its budget, where it has one) is multiplied, and its cost follows.
Whatever is asked for is made to fit instead of being refused: people to what the total pays, raises to the occasions that
exist (money in proportion to what the split was seen to cost: `sim.studies.optimise_search`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.errors import ConfigError, Problem, near
from sim.log import Array
from sim.model.world import World
from sim.studies.counterfactual import budgeted, scaled
from sim.studies.occasions import HALVINGS, Held

SLACK = 0.005  # of the total: what a split costs is a mean over replications, and is not cut for less


class Split(NamedTuple):
    """A decision: by what each channel's intensity is multiplied, and how many people each desk has, in the order of the space."""

    factors: tuple[float, ...]
    people: tuple[int, ...]


class Space(NamedTuple):
    """The decisions about a world: ``costs`` of the ``channels`` today and ``wages`` of one person at the ``desks``, a month; and the total."""

    channels: tuple[str, ...]
    costs: Array
    desks: tuple[str, ...]
    wages: Array
    people: tuple[int, ...]
    total: float
    held: Held

    @property
    def today(self) -> Split:
        """What the world does now."""
        return Split((1.0,) * len(self.channels), self.people)

    @property
    def most_people(self) -> tuple[int, ...]:
        """The most people whom the total pays at each desk, with one at every other."""
        spare = self.total - float(self.wages.sum())
        return tuple(1 + max(0, int((spare + 1e-9) // wage)) for wage in self.wages.tolist())

    def spent(self, split: Split, played: Array) -> float:
        """Return what a split costs a month, wages and money: ``played`` has the money by channel behind its first column, a row a replication."""
        return float(played[:, 1:].mean(axis=0).sum()) + self.wages_of(split.people)

    def wages_of(self, people: Sequence[int]) -> float:
        """Return the wages of people a month."""
        return float(self.wages @ np.array(people, float))

    def allows(self, spent: float) -> bool:
        """Return whether that is within the total, but for `SLACK`."""
        return spent <= self.total * (1 + SLACK)

    def hired(self, asked: Sequence[int]) -> tuple[int, ...]:
        """Return the people asked for, in listed order as far as the total pays them: one at every desk at least."""
        out, left = [], self.total - float(self.wages.sum())
        for wage, wanted in zip(self.wages.tolist(), asked, strict=True):
            more = max(0, min(wanted - 1, int((left + 1e-9) // wage)))
            out.append(1 + more)
            left -= more * wage
        return tuple(out)

    def most_factor(self, split: Split, channel: int) -> float:
        """Return by how much one channel can be multiplied at most, the others as in the split; at most for the whole total."""
        low, high = split.factors[channel], max(self.total / float(self.costs[channel]), split.factors[channel])
        if self._with(split, channel, high):
            return high
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._with(split, channel, middle) else (low, middle)
        return low

    def _with(self, split: Split, channel: int, factor: float) -> bool:
        return self.held.fits(np.array([*split.factors[:channel], factor, *split.factors[channel + 1 :]]))


def applied(world: World, space: Space, split: Split) -> World:
    """Return the world as the split wants it."""
    factors = dict(zip(space.channels, split.factors, strict=True))
    out = budgeted(scaled(world, factors), factors)
    desks = {name: out.desks[name].model_copy(update={"people": people}) for name, people in zip(space.desks, split.people, strict=True)}
    return out.model_copy(update={"desks": {**out.desks, **desks}})


def settings(world: World, space: Space, split: Split) -> dict[str, Any]:
    """Return the split as what a scenario sets, path by path."""
    made = applied(world, space, split)
    out: dict[str, Any] = {}
    for name, factor in zip(space.channels, split.factors, strict=True):
        if factor != 1:
            out[f"channels.{name}.intensity"] = made.channels[name].intensity
            budget = made.channels[name].budget
            out |= {f"channels.{name}.budget.amount": budget.amount} if budget else {}
    out |= {f"personas.{name}.set": persona.set for name, persona in made.personas.items() if persona.set != world.personas[name].set}
    return out | {f"desks.{name}.people": made.desks[name].people for name in space.desks if made.desks[name].people != world.desks[name].people}


def chosen_channels(world: World, asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the channels whose money is decided: those asked for, else the paid ones. Raise ConfigError for unknown names."""
    if asked is None:
        return tuple(name for name, channel in world.channels.items() if channel.media == "paid")
    return _known("study.channels", asked, list(world.channels))


def chosen_desks(world: World, asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the desks whose people are decided: those asked for, else all that pay wages. Raise ConfigError for unknown names, and for no wage."""
    if asked is None:
        return tuple(name for name, desk in world.desks.items() if desk.wage > 0)
    names = _known("study.desks", asked, list(world.desks))
    unpaid = [Problem(f"desks.{name}.wage", "given 0", "people who cost nothing can't be weighed: give a wage") for name in names if not world.desks[name].wage]
    if unpaid:
        raise ConfigError(unpaid)
    return names


def _known(path: str, asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    problems = [Problem(path, f"no such name {name!r}", near(name, known)) for name in asked if name not in known]
    if problems:
        raise ConfigError(problems)
    return tuple(name for name in known if name in asked)
