"""What a channel is truly worth: the same customers in a world where some of its exposures are plain.

A plain exposure is an ``own`` occasion: nothing is paid and nothing is moved (the placebo law). Which ones become plain needs
no draw of its own: below 1, `intensity` keeps the first part of the channel's arc, and where on the arc an occasion lies is
the addressed uniform that chose the channel. So intensity times 0.9 makes each exposure plain with probability 0.1, whatever
else happens, and every other occasion stays as it was.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.customers import discounted, fold
from sim.errors import ConfigError, Problem
from sim.log import Array, Log
from sim.metrics.arrivals import there
from sim.metrics.rows import YEAR, blocks, days
from sim.model.profiles import profiles
from sim.model.state import PERIODS
from sim.model.world import ABTest, Arm, World
from sim.play import play

REST, HELD = "rest", "held_out"
TEST = "attribution_holdout"
BINDS = 0.1  # share of periods that end with too little left: above it the budget decides what a channel costs


class Totals(NamedTuple):
    """Sums over the customers of each arm, one row an arm, money undiscounted but for ``value`` and ``paid_365d``.

    ``value``: contribution less variable costs in the first 365 days after arrival, discounted to it, of customers followed so long;
    ``paid_365d``: what each channel cost within it; ``followed``: how many they are. By channel: ``paid``, ``exposures``.
    Who was there on day 0 counts in money and exposures of the run alone: they are neither arrived nor followed nor converted.
    """

    arrived: Array
    followed: Array
    converted: Array
    contribution: Array
    cost: Array
    value: Array
    paid: Array
    paid_365d: Array
    exposures: Array

    def all(self) -> "Totals":
        """Return the sums over all arms."""
        return Totals(*(column.sum(axis=0) for column in self))


def totals(log: Log) -> Totals:
    """Return the sums of a log by arm (one arm where there is no test)."""
    terms, customers, earns = log.terms, fold(log), log.terms.contribution()
    arms, width = max(1, len(terms.arms)), len(terms.channels)
    arm = np.maximum(customers["arm"], 0)
    came = ~there(log)
    followed = came & (days(terms.horizon, customers["arrived"]) >= YEAR)
    value, paid, year, exposures = np.zeros(arms), np.zeros((arms, width)), np.zeros((arms, width)), np.zeros((arms, width))
    for rows in blocks(log):
        who, side = rows.customer, arm[rows.customer]
        age = days(rows.time, customers["arrived"][who])
        early = np.where(followed[who] & (age < YEAR), discounted(terms, age), 0.0)
        margin = rows.revenue * earns[customers["persona"][who], side, rows.channel]
        value += np.bincount(side, (margin - rows.cost) * early, arms)
        cell = side * width + rows.channel
        for out, amounts in ((paid, rows.cost), (year, rows.cost * early), (exposures, rows.step | rows.exposure)):
            out += np.bincount(cell, amounts, arms * width).reshape(arms, width)
    won = came & ~np.isnan(customers["converted_at"])
    count = [np.bincount(arm, column, arms) for column in (came, followed, won, customers["margin"], customers["cost"])]
    return Totals(count[0], count[1], count[2], count[3], count[4], value, paid, year, exposures)


def thinned(world: World, channel: str, share: float) -> World:
    """Return the world where each exposure of the channel is plain with probability ``share``."""
    return scaled(world, {channel: 1 - share})


def scaled(world: World, factors: Mapping[str, float]) -> World:
    """Return the world with the intensities of some channels multiplied, also where a persona sets one."""
    personas = {name: p.model_copy(update={"set": _scaled_set(p.set, factors)}) for name, p in world.personas.items()}
    out = world.model_copy(update={"personas": personas})
    for name, factor in factors.items():
        out = _with_channel(out, name, intensity=world.channels[name].intensity * factor)
    return out


def budgeted(world: World, factors: Mapping[str, float]) -> World:
    """Return the world with the budgets of some channels multiplied, where they have one."""
    for name, factor in factors.items():
        budget = world.channels[name].budget
        if budget is not None:
            world = _with_channel(world, name, budget=budget.model_copy(update={"amount": budget.amount * factor}))
    return world


class Run(NamedTuple):
    """One replication: the base world by arm (which nothing tells apart), and by channel the thinned world and the one with a holdout."""

    base: Totals
    thinned: Mapping[str, Totals]
    held: Mapping[str, Totals]


class Cut(NamedTuple):
    """How much is taken: of a channel's exposures (or of its budget, if it is in ``by_budget``: where it binds), and of the customers."""

    thin: float
    holdout: float
    by_budget: Mapping[str, float] = {}  # the share of its periods in which the budget binds


def bound(world: World, log: Log) -> dict[str, float]:
    """Return the channels whose budget decides what they cost, and in which share of its periods it binds."""
    found = {name: binding(world, log, name) for name in world.channels}
    return {name: share for name, share in found.items() if share > BINDS}


def truths(world: World, log: Log, number: int, cut: Cut) -> Run:
    """Return what each channel is worth in one replication, whose ``log`` was played with `split_in_two`."""

    def played(changed: World) -> Totals:
        return totals(play(changed, clock="compiled", replication=number))

    def less(name: str) -> World:
        return budgeted(world, {name: 1 - cut.thin}) if name in cut.by_budget else thinned(world, name, cut.thin)

    held_out = {name: played(split_in_two(world, cut.holdout, name)) for name in world.channels}
    return Run(totals(log), {name: played(less(name)).all() for name in world.channels}, held_out)


def split_in_two(world: World, share: float, channel: str | None = None) -> World:
    """Return the world with a randomised holdout: for this share of customers the channel is plain; without a channel both halves are the same.

    Raise ConfigError where the world has a test of its own.
    """
    if world.ab_test is not None:
        raise ConfigError([Problem("ab_test", f"given {world.ab_test.name!r}", "attribution splits the customers itself: ab_test=none")])
    gone = {f"channels.{channel}.intensity": 0.0} if channel else {}
    test = ABTest(name=TEST, arms={REST: Arm(share=1 - share), HELD: Arm(share=share, set=gone)})
    return world.model_copy(update={"ab_test": test})


def binding(world: World, log: Log, channel: str) -> float:
    """Return the share of budget periods that ended with less left than the channel's dearest occasion; 0 without a budget."""
    budget = world.channels[channel].budget
    if budget is None:
        return 0.0
    code, length = list(world.channels).index(channel) + 1, PERIODS[budget.per]
    spent = np.zeros(int(np.ceil(world.horizon / length - 1e-9)))
    for rows in blocks(log):
        some = rows.channel == code
        spent += np.bincount(np.minimum((rows.time[some] / length).astype(int), len(spent) - 1), rows.cost[some], len(spent))
    costs = [p.world.channels[channel].cost for p in profiles(world)]
    dearest = max(cost.exposure + cost.touch + cost.order for cost in costs)
    return float(np.mean(spent + dearest > budget.amount)) if dearest > 0 else 0.0


def _with_channel(world: World, name: str, **fields: Any) -> World:
    return world.model_copy(update={"channels": {**world.channels, name: world.channels[name].model_copy(update=fields)}})


def _scaled_set(changes: dict[str, Any], factors: Mapping[str, float]) -> dict[str, Any]:
    by_path = {f"channels.{name}.intensity": factor for name, factor in factors.items()}
    return {path: value * by_path[path] if path in by_path else value for path, value in changes.items()}
