"""Who arrives: founders, and those whom customers bring."""

import math

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.model.layout import CUSTOMER, ODDS, RATE
from sim.model.layout import OCCASION as DUE
from sim.rules.channels import unseen
from sim.rules.circles import joins
from sim.rules.contracts import long_signed, signs, unsigned
from sim.rules.debts import next_bill, no_debts
from sim.rules.orchestration import no_plans
from sim.rules.place import address, gap, spot

TINY = 2.0**-53
SMALLEST = 1e-300  # a trait that bends odds is positive, however small its quantile


@rule
def founder(t, live, who, identity):
    """Make the founder with this identity; their first occasion is on the agenda."""
    w = t.world[0]
    if identity >= w.newcomers:
        already_here(t, live, who, identity - w.newcomers)
        return
    at = (w.k0, w.k1, np.uint64(identity), rng.place(rng.BIRTH, 0))
    arrived = identity * (w.days / w.newcomers) if w.evenly else rng.uniform(at, rng.ARRIVAL) * w.days
    if w.growth != 0.0:
        arrived = math.log1p(arrived / w.days * math.expm1(w.growth)) / w.growth * w.days
    u, persona = rng.uniform(at, rng.PERSONA), np.int64(0)
    while persona < w.personas - 1 and u >= t.profiles[persona * w.arms].upto:
        persona += 1
    profile = persona * w.arms + arm(t, persona, at[2])
    u, stage = rng.uniform(at, rng.ENTRY), np.int64(0)
    first = profile * w.stages
    while stage < w.stages - 1 and u >= t.spots[first + stage].entry_upto:
        stage += 1
    born(t, live, who, at[2], profile, stage, arrived, -1)


@rule
def already_here(t, live, who, k):
    """Make the k-th of those who are there on day 0, as if something had just happened to them; a contract is some way into its term."""
    g = np.int64(0)
    while k >= t.opening[g].upto:
        g += 1
    group = t.opening[g]
    identity = group.first + np.uint64(k - (t.opening[g - 1].upto if g else 0))
    born(t, live, who, identity, group.persona * t.world[0].arms + arm(t, group.persona, identity), group.stage, 0.0, -1)


@rule
def arm(t, persona, identity):
    """Return the arm that the hash of (seed, test name, customer) assigns."""
    w = t.world[0]
    if w.arms == 1:
        return np.int64(0)
    u, k = rng.uniform((w.arm0, w.arm1, identity, rng.place(rng.BIRTH, 0)), rng.ARM), np.int64(0)
    while k < w.arms - 1 and u >= t.profiles[persona * w.arms + k].arm_upto:
        k += 1
    return k


@rule
def standing(w, identity, trait):
    """Return the part of all customers whose trait is smaller: uniform; correlated with another trait's where they go together."""
    u = rng.uniform((w.k0, w.k1, identity, rng.place(rng.BIRTH, trait.number)), rng.TRAIT)
    if trait.rho == 0.0:
        return u
    other = rng.uniform((w.k0, w.k1, identity, rng.place(rng.BIRTH, trait.like)), rng.TRAIT)
    z = trait.rho * spread.normal_quantile(other) + math.sqrt(1.0 - trait.rho * trait.rho) * spread.normal_quantile(u)
    return min(1.0 - TINY, max(TINY, 0.5 * math.erfc(-z / math.sqrt(2.0))))


@rule
def permitted(t, identity):
    """Return the permissions that the customer has granted before they arrive."""
    w, has = t.world[0], np.uint8(0)
    if w.permissions:
        bits = rng.word((w.k0, w.k1, identity, rng.place(rng.BIRTH, 0)), rng.PERMISSION)
        for k in range(w.permissions):
            if rng.unit(rng.runner(bits, rng.STRIDES[k])) < t.permissions[k].start:
                has |= np.uint8(1 << k)
    return has


@rule
def born(t, live, who, identity, profile, stage, arrived, parent):  # noqa: PLR0913, PLR0917 - what a birth certificate says
    """Make a customer: drivers at their start, traits drawn, the first gap begun."""
    w, c, p = t.world[0], live.lives[who], t.profiles[profile]
    c.identity, c.profile, c.stage, c.entry, c.arrived, c.felt, c.parent = identity, profile, stage, stage, arrived, arrived, parent
    c.number, c.desk_visits, c.desk, c.before, c.behind, c.pace, c.spend, c.won = 0, 0, -1, -1, -1, 1.0, 1.0, 0
    for kind in range(len(c.at)):
        c.at[kind] = np.inf
    for level in range(w.levels):
        c.level[level] = w.start[level]
    s = spot(t, c)
    joins(live, s.circles, 1)
    c.step, c.urged_by, c.called = 0, -1, -1
    c.has = permitted(t, identity)
    bring_along(t, live, who)
    for k in range(p.first_trait, p.first_trait + p.traits):
        trait = t.traits[k]
        x = spread.quantile(trait.size, t.spreads, standing(w, identity, trait))
        if trait.acts == RATE:
            c.pace /= x
        elif trait.acts == ODDS:
            c.level[trait.level] = math.log(max(x, SMALLEST))
        else:
            c.spend *= x
    c.gap = gap(t, c, s, rng.uniform(address(t, c, 0), rng.GAP), arrived)
    c.at[DUE] = arrived + c.gap
    if s.kind == CUSTOMER:
        c.won = 1
        if w.contracts:
            live.agreements[who].times = s.fee
            signs(t, c, live.agreements[who], arrived, long_signed(t, c) if parent < 0 and (identity >> np.uint64(61)) else arrived)
            next_bill(t, live, who)


@rule
def bring_along(t, live, who):
    """Begin what only some worlds keep of a customer."""
    w, c = t.world[0], live.lives[who]
    if w.rules:
        no_plans(live.plans[who], c.stage, c.arrived)
    if w.contracts:
        unsigned(live.agreements[who])
    if w.caps:
        unseen(live.counts[who])
    if w.debts:
        no_debts(live.debtors[who])


@rule
def refer(t, live, who, at, stage, now):
    """Make the customer whom this one brings: same persona, an identity of their own."""
    c, p = live.lives[who], live.play[0]
    identity = rng.child_identity(at)
    persona = c.profile // t.world[0].arms
    born(t, live, p.made, identity, persona * t.world[0].arms + arm(t, persona, identity), stage, now, who)
    p.made += 1
