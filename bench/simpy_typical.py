"""The reference journey as a good SimPy program writes it by hand: one process a customer, a NumPy generator each.

Nothing of polku is used but the parameters. What it lacks beside polku: personas, channels, drivers and costs as data.
"""

import itertools
import math
from collections.abc import Generator
from typing import Any

import numpy as np
import reference
import simpy

PERSONAS = ("b2c", "b2b")
B2C, B2B = range(2)
AWARENESS, CONSIDERATION, DECISION, RETENTION, ADVOCACY, CHURNED, LOST = range(7)

MU = np.log([reference.GAP[name] for name in PERSONAS])
SHARE = np.array([reference.SHARES[name] for name in PERSONAS])
BASE = np.log([reference.NEXT[name] for name in PERSONAS])
LIFTS = np.zeros((len(reference.CHANNELS), len(reference.LIVING), len(reference.STAGES)))
for _channel, _name in enumerate(reference.CHANNELS):
    for _stage, _living in enumerate(reference.LIVING):
        LIFTS[_channel, _stage, _stage + 1 if _stage < ADVOCACY else RETENTION] = reference.LIFT[_name].get(_living, 0.0)
BETA = np.array(
    [
        [reference.LEAVE if to >= CHURNED else reference.FORWARD if to > stage else 0.0 for to in range(len(reference.STAGES))]
        for stage in range(len(reference.LIVING))
    ]
)
VALUE = [(math.log(reference.VALUE_MEDIAN[name]), reference.VALUE_SIGMA[name]) for name in PERSONAS]


class Market:
    """What all customers share."""

    def __init__(self, env: simpy.Environment, world: dict[str, Any], seed: int) -> None:
        self.env, self.seed, self.rows, self.ids = env, seed, [], itertools.count()
        self.reps = simpy.Resource(env, world["desks"]["reps"]["people"]) if "desks" in world else None
        self.budgets = {k: channel["budget"]["amount"] for k, channel in enumerate(world["channels"].values()) if "budget" in channel}
        self.spent = np.zeros((world["horizon"], len(reference.CHANNELS)))
        self.refers = world["referral"]["chance"]["advocacy"] if "referral" in world else 0.0

    def arrivals(self, customers: int) -> Generator[Any, Any, None]:
        """Let customers arrive at uniform times of the first year."""
        rng = np.random.default_rng(self.seed)
        for time in np.sort(rng.uniform(0, 365, customers)):
            yield self.env.timeout(time - self.env.now)
            self.env.process(self.customer(int(rng.random() < 0.3)))

    def customer(self, persona: int, stage: int = AWARENESS) -> Generator[Any, Any, None]:
        """Live one journey until an exit."""
        env, identity = self.env, next(self.ids)
        rng = np.random.default_rng([self.seed, identity])
        satisfaction, felt = 0.0, env.now
        while stage < CHURNED:
            yield env.timeout(rng.lognormal(MU[persona, stage], reference.GAP_SIGMA))
            if self.reps and persona == B2B and stage == DECISION and not (yield from self.served(rng)):
                self.rows.append((identity, env.now, -1, stage, LOST, 0.0, 0.0))
                return
            channel = rng.choice(len(reference.CHANNELS), p=SHARE[persona, stage])
            logits, cost = BASE[persona, stage], 0.0
            satisfaction, felt = satisfaction * 0.5 ** ((env.now - felt) / reference.HALF_LIFE), env.now
            if self.affords(channel):
                cost = reference.COST[channel]
                self.spent[int(env.now), channel] += cost
                satisfaction = np.clip(satisfaction + reference.NEWS * rng.normal(reference.QUALITY[channel], reference.NOISE), -1, 1)
                logits = logits + LIFTS[channel, stage]
            weights = np.exp(logits + BETA[stage] * satisfaction)
            after = rng.choice(len(reference.STAGES), p=weights / weights.sum())
            revenue = rng.lognormal(*VALUE[persona]) if after == RETENTION else 0.0
            self.rows.append((identity, env.now, channel, stage, after, cost, revenue))
            if stage == ADVOCACY and rng.random() < self.refers:
                env.process(self.customer(persona, CONSIDERATION))
            stage = after

    def affords(self, channel: int) -> bool:
        """Return whether today's budget covers one more touch."""
        return channel not in self.budgets or self.spent[int(self.env.now), channel] + reference.COST[channel] <= self.budgets[channel]

    def served(self, rng: np.random.Generator) -> Generator[Any, Any, bool]:
        """Queue for a rep until served, or until patience ends; return whether served."""
        with self.reps.request() as request:
            got = yield request | self.env.timeout(rng.exponential(14))
            if request not in got:
                return False
            yield self.env.timeout(rng.exponential(0.5))
        return True


def play(world: dict[str, Any], seed: int) -> tuple[list[list[tuple[Any, ...]]], int]:
    """Return (one block of rows, customers) of a world of `reference`."""
    env = simpy.Environment()
    market = Market(env, world, seed)
    env.process(market.arrivals(world["customers"]))
    env.run(until=world["horizon"])
    return [market.rows], next(market.ids)
