"""What is usual: figures that nobody gave, read from the default world where nobody queues, satisfaction is even and every trait is 1."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.errors import ConfigError, Problem
from sim.model.exact.answers import mixed
from sim.model.exact.chain import Array, Chain, chain
from sim.model.exact.ever import ever, visited
from sim.model.places import shares
from sim.model.profiles import Profile, profiles
from sim.model.world import PROSPECT, Channel, Desk, Money, World, by_stage


class UsualChannel(NamedTuple):
    """A channel of the default world: its part of all visits, cost of a visit, odds of becoming a lead at a visit."""

    channel: Channel
    part: float
    cost: float
    odds: float


@dataclass(frozen=True)
class Usual:
    """What the default world says of customers of one market; the first three of its prospect stages stand for visitor, lead and opportunity."""

    market: str
    visitors: float  # a year
    reach: tuple[float, float, float, float]  # of visitor, lead, opportunity, customer, per visitor
    occasions: tuple[float, float, float]  # an entry into visitor, lead, opportunity
    gaps: tuple[float, float, float]  # days
    back: float  # share of those who leave opportunity that become leads again
    order_value: float
    order_cv: float
    margin: float
    orders_per_year: float
    churn_monthly: float
    own: float  # part of all visits that no channel brought
    channels: dict[str, UsualChannel]
    desk: Desk | None
    money: Money


def usual(world: World, market: str | None) -> Usual:
    """Return what the default world says of the customers of a market (None: of most arrivals'); raise ConfigError where it can't say it."""
    kinds = profiles(_plain(world))
    chosen = market or max(("b2c", "b2b"), key=lambda name: sum(p.share for p in kinds if _market(p) == name))
    kinds = tuple(p for p in kinds if _market(p) == chosen and p.share > 0)
    stages = [name for name, stage in world.stages.items() if stage.kind == PROSPECT]
    if not kinds or len(stages) < 3:
        given = "no personas of it" if not kinds else f"only {len(stages)} prospect stages in the world that fills what you don't know"
        raise ConfigError([Problem("market" if not kinds else "journey", given, "use the default journey and personas")])
    chains = [chain(profile) for profile in kinds]
    found = mixed(kinds, [ever(profile, of) for profile, of in zip(kinds, chains, strict=True)])["all", "all"]
    return _usual(world, chosen, kinds, chains, found, [stages[0], stages[1], stages[-1]])


def _plain(world: World) -> World:
    """Return the world without traits that bend the journey: each counts as 1."""
    plain = {name: p.model_copy(update={"traits": {t: trait for t, trait in p.traits.items() if trait.acts == "spend"}}) for name, p in world.personas.items()}
    return world.model_copy(update={"personas": plain})


def _market(profile: Profile) -> str:
    return profile.world.personas[profile.persona].market


def _usual(world: World, market: str, kinds: tuple[Profile, ...], chains: list[Chain], found: dict[str, float], stages: list[str]) -> Usual:
    won, per_entry = found["conversion_rate"], [found[f"visits.{s}"] / found[f"entries.{s}"] for s in stages]
    gaps = [found[f"dwell_time.{s}"] / n for s, n in zip(stages, per_entry, strict=True)]
    months = found["churned"] / found["churn_rate_monthly"]
    weight = np.array([p.share for p in kinds]) / sum(p.share for p in kinds)
    cvs = [p.world.personas[p.persona].revenue.value.cv for p in kinds]
    channels = _channels(world, kinds, weight, stages)
    return Usual(
        market,
        visitors=world.customers * float(sum(p.share for p in kinds)) * 365 / (world.arrivals.days or 365),
        reach=(1.0, found[f"stage_reach.{stages[1]}"], found[f"stage_reach.{stages[2]}"], won),
        occasions=(per_entry[0], per_entry[1], per_entry[2]),
        gaps=(gaps[0], gaps[1], gaps[2]),
        back=float(_back(weight, chains, stages[2], stages[1])),
        order_value=found["revenue"] / found["orders"],
        order_cv=float(weight @ cvs),
        margin=found["margin"] / found["revenue"],
        orders_per_year=(found["orders"] - won) / months * 12,
        churn_monthly=found["churn_rate_monthly"],
        own=1 - sum(usual.part for usual in channels.values()),
        channels=channels,
        desk=_desk(world),
        money=world.money,
    )


def _channels(world: World, kinds: tuple[Profile, ...], weight: Array, stages: list[str]) -> dict[str, UsualChannel]:
    """Return what channels do in the first stage: a visit is an engaged touch, or an own occasion."""
    first, second = stages[0], stages[1]
    touches: dict[str, float] = {}
    cost, odds = dict.fromkeys(world.channels, 0.0), dict.fromkeys(world.channels, 1.0)
    own = 0.0
    for w, profile in zip(weight, kinds, strict=True):
        held = shares(profile, first)
        own += float(w) * (1 - sum(held.values()))
        for name, share in held.items():
            if world.channels[name].desk is not None:
                own += float(w) * share  # people are no source of visits
                continue
            channel = profile.world.channels[name]
            engage = by_stage(channel.engage, first, 1.0)
            touches[name] = touches.get(name, 0.0) + float(w) * share * engage
            cost[name] += float(w) * (channel.cost.touch + (channel.cost.exposure / engage if engage else 0.0))
            odds[name] *= channel.odds.get(first, {}).get(second, 1.0) ** float(w)
    total = own + sum(touches.values())
    return {name: UsualChannel(world.channels[name], touches[name] / total, cost[name], odds[name]) for name in touches}


def _back(weight: Array, chains: list[Chain], stage: str, to: str) -> float:
    backs = outs = 0.0
    for w, of in zip(weight, chains, strict=True):
        k, j = of.states.index((stage, False)), of.states.index((to, False))
        here = float(w * visited(of, of.entry)[k])
        backs, outs = backs + here * of.next[k, j], outs + here * (1 - of.next[k, k])
    return backs / outs if outs else 0.0


def _desk(world: World) -> Desk | None:
    """Return the desk with the highest wages, which sells."""
    return max(world.desks.values(), key=lambda desk: desk.wage, default=None)

