"""The rules: what happens at an occasion. Never when, never who waits, never what is kept.

``t`` are the tables (read only), ``live`` is the state (written), ``who`` the index of a customer, ``at`` the address of
the occasion (see `sim.rng`). Each rule is one small function; `occasion` and `happen` compose them in the order of the
design: gap, channel, desk, budget, engaged, pay, experience and drivers, next stage, order, referral, next gap.
"""

import math

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.log import GAVE_UP
from sim.model.layout import CUSTOMER, EXIT, NOT_CALLED, ODDS, RATE, SATISFACTION
from sim.model.layout import OCCASION as DUE

# What the clock must do after an occasion: any of these, added up.
GO, END, CHILD, QUEUES = 0, 1, 2, 4
SMALLEST = 1e-300  # a trait that bends odds is positive, however small its quantile


# ---- who arrives ----
@rule
def founder(t, live, who, identity):
    """Make the founder with this identity; their first occasion is on the agenda."""
    w = t.world[0]
    at = (w.k0, w.k1, np.uint64(identity), rng.place(rng.BIRTH, 0))
    arrived = identity * (w.days / w.founders) if w.evenly else rng.uniform(at, rng.ARRIVAL) * w.days
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
def born(t, live, who, identity, profile, stage, arrived, parent):  # noqa: PLR0913, PLR0917 - what a birth certificate says
    """Make a customer: drivers at their start, traits drawn, the first gap begun."""
    w, c, p = t.world[0], live.lives[who], t.profiles[profile]
    c.identity, c.profile, c.stage, c.entry, c.arrived, c.felt, c.parent = identity, profile, stage, stage, arrived, arrived, parent
    c.number, c.desk_visits, c.desk, c.before, c.behind, c.rate, c.spend = 0, 0, -1, -1, -1, 1.0, 1.0
    for kind in range(len(c.at)):
        c.at[kind] = np.inf
    for level in range(w.levels):
        c.level[level] = w.start[level]
    for k in range(p.first_trait, p.first_trait + p.traits):
        trait = t.traits[k]
        x = spread.quantile(trait.size, t.spreads, rng.uniform((w.k0, w.k1, identity, rng.place(rng.BIRTH, trait.number)), rng.TRAIT))
        if trait.acts == RATE:
            c.rate *= x
        elif trait.acts == ODDS:
            c.level[trait.level] = math.log(max(x, SMALLEST))
        else:
            c.spend *= x
    c.gap = gap(t, c, rng.uniform(address(t, c, 0), rng.GAP))
    c.at[DUE] = arrived + c.gap


# ---- one rule each ----
@rule
def address(t, c, number):
    """Return the address of one of the customer's occasions."""
    w = t.world[0]
    return w.k0, w.k1, c.identity, rng.place(rng.OCCASION, number)


@rule
def spot(t, c):
    """Return the record of the customer's profile and stage."""
    return t.spots[c.profile * t.world[0].stages + c.stage]


@rule
def gap(t, c, u):
    """Return the days to the next occasion: the customer's own clock, which no channel changes."""
    return spread.quantile(spot(t, c).gap, t.spreads, u) / c.rate


@rule
def holder(t, s, at):
    """Return who holds this occasion: the channel, or own, on whose arc the uniform falls."""
    u, k = rng.uniform(at, rng.CHANNEL), np.int64(s.first_arc)
    while u >= t.arcs[k].upto:
        k += 1
    return t.arcs[k].holder


@rule
def affords(budget, dearest, now):
    """Return whether this period's budget covers the dearest outcome of the occasion."""
    period = np.int64(now / budget.days)
    if budget.period != period:
        budget.period, budget.spent = period, 0.0
    return budget.spent + dearest <= budget.amount


@rule
def engages(k, at):
    """Return whether the customer engages with the holder."""
    return k.engage > 0.0 and (k.engage >= 1.0 or rng.uniform(at, rng.ENGAGE) < k.engage)


@rule
def fade(t, c, now):
    """Let the drivers fade to their level of now."""
    w = t.world[0]
    if w.fades:
        for d in range(w.drivers):
            if c.level[d] != 0.0 and w.fade[d] > 0.0:
                c.level[d] *= math.exp(-w.fade[d] * (now - c.felt))
        c.felt = now


@rule
def feel(c, news):
    """Add news to satisfaction, which stays within [-1, 1]."""
    c.level[SATISFACTION] = min(1.0, max(-1.0, c.level[SATISFACTION] + news))


@rule
def experience(k, bits):
    """Return what an engaged touch adds to satisfaction."""
    return k.feel + k.sd * spread.normal_quantile(rng.unit(bits)) if k.sd > 0.0 else k.feel


@rule
def bent(t, c, slope):
    """Return what drivers and traits do to a weight: the product of odds^level, inverted."""
    x = 0.0
    for level in range(t.world[0].levels):
        x += t.slopes[slope, level] * c.level[level]
    return math.exp(-x)


@rule
def next_stage(t, c, row, bits):
    """Return who wins the race: the smallest exponential over weight, one runner a stage.

    Neighbours with equal slopes share one factor. As -log(u) > 1 - u, most losers are known without a logarithm.
    """
    count = np.int64(t.moves[row].count)
    if count == 1:
        return np.int64(t.moves[row + 1].to)
    slope, factor = np.int64(0), 1.0
    best, winner = np.inf, np.int64(t.moves[row + 1].to)
    for j in range(row + 1, row + 1 + count):
        move = t.moves[j]
        if move.slope != slope:
            slope = np.int64(move.slope)
            factor = bent(t, c, slope)
        own, wait = rng.runner(bits, move.to), move.wait * factor
        if (1.0 - rng.unit(own)) * wait < best:
            time = rng.exponential(own) * wait
            if time < best:
                best, winner = time, np.int64(move.to)
    return winner


@rule
def orders(n, stayed, at):
    """Return whether the occasion that led to (or stayed in) spot ``n`` is an order."""
    chance = n.on_stay if stayed else n.on_entry
    return chance > 0.0 and (chance >= 1.0 or rng.uniform(at, rng.ORDER) < chance)


@rule
def value(t, c, n, at):
    """Return the value of an order, before any discount."""
    return spread.quantile(n.value, t.spreads, rng.uniform(at, rng.VALUE)) * c.spend


@rule
def desk_visit(t, c):
    """Return the address of the customer's current desk visit."""
    w = t.world[0]
    return w.k0, w.k1, c.identity, rng.place(rng.DESK_VISIT, c.desk_visits)


@rule
def service(t, live, who):
    """Return the days that the desk takes for this customer."""
    c = live.lives[who]
    return spread.quantile(t.desks[c.desk].service, t.spreads, rng.uniform(desk_visit(t, c), rng.SERVICE))


@rule
def patience(t, live, who):
    """Return the days that this customer queues before giving up."""
    c = live.lives[who]
    return spread.quantile(t.desks[c.desk].patience, t.spreads, rng.uniform(desk_visit(t, c), rng.PATIENCE))


@rule
def write(live, c, who, now, after):
    """Write a row with everything but channel, money and flags, and count it; return it."""
    p = live.play[0]
    row = live.rows[p.rows]
    row.time, row.customer, row.number, row.satisfaction = now, who, c.number, c.level[SATISFACTION]
    row.stage_from, row.stage_to, row.waited, row.served = c.stage, after, 0.0, 0.0
    p.rows += 1
    c.number += 1
    c.stage = after
    return row


# ---- the composed rules ----
@rule
def occasion(t, live, who, now):
    """Propose the occasion that is due; return what the clock must do."""
    c = live.lives[who]
    s = spot(t, c)
    chosen = holder(t, s, address(t, c, c.number))
    desk = t.holders[chosen].desk
    if desk >= 0:
        c.holder, c.desk, c.asked, c.waited, c.at[DUE] = chosen, desk, now, NOT_CALLED, np.inf
        return QUEUES
    return happen(t, live, who, now, chosen)


@rule
def happen(t, live, who, now, chosen):
    """Let the occasion happen through its holder (after its service, if it needs a desk); return what the clock must do."""
    c = live.lives[who]
    at, s, k = address(t, c, c.number), spot(t, c), t.holders[chosen]
    # Drawn together and first: the processor works on both blocks at once, and while it waits for the tables.
    course, feeling = rng.words(at, rng.STAGE)
    soon = rng.uniform(address(t, c, c.number + 1), rng.GAP)
    if k.budget >= 0 and not affords(live.budgets[k.budget], k.dearest, now):
        k = t.holders[s.own]
    engaged = engages(k, at)
    fade(t, c, now)
    if engaged and k.feels:
        feel(c, experience(k, feeling))
    cost, revenue, flags, code = k.exposure, 0.0, np.int64(0), GO
    if engaged:
        cost, flags = cost + k.touch, flags | 1
    before = c.stage
    after = next_stage(t, c, k.moved if engaged else k.plain, course)
    n = t.spots[c.profile * t.world[0].stages + after]
    if n.kind != EXIT and orders(n, after == before, at):
        revenue, cost, flags = value(t, c, n, at) * k.price, cost + k.order, flags | 2
    if k.budget >= 0:
        live.budgets[k.budget].spent += cost
    row = write(live, c, who, now, after)
    row.channel, row.cost, row.revenue = k.channel, cost, revenue
    if c.desk >= 0:
        row.waited, row.served, flags = c.waited, c.served, flags | ((c.desk + 1) << 4)
        c.desk = -1
    row.flags = flags
    if s.refer > 0.0 and rng.uniform(at, rng.REFERRAL) < s.refer:
        refer(t, live, who, at, s.refers_to, now)
        code = CHILD
    return goes_on(t, c, n.kind, now, soon) + code


@rule
def refer(t, live, who, at, stage, now):
    """Make the customer whom this one brings: same persona, an identity of their own."""
    c, p = live.lives[who], live.play[0]
    identity = rng.child_identity(at)
    persona = c.profile // t.world[0].arms
    born(t, live, p.made, identity, persona * t.world[0].arms + arm(t, persona, identity), stage, now, who)
    p.made += 1


@rule
def goes_on(t, c, kind, now, u):
    """Put the next occasion (a gap drawn by ``u``) on the agenda, or nothing at an exit; return what the clock must do."""
    if kind == EXIT:
        c.at[DUE] = np.inf
        return END
    c.gap = gap(t, c, u)
    c.at[DUE] = now + c.gap
    return GO


@rule
def give_up(t, live, who, now):
    """Let a customer leave the queue: a prospect leaves for good, a customer is less satisfied; return what the clock must do."""
    c = live.lives[who]
    desk, kind, after = t.desks[c.desk], spot(t, c).kind, np.int64(c.stage)
    fade(t, c, now)
    if kind == CUSTOMER:
        feel(c, desk.giving_up)
    else:
        after, kind = desk.gives_up_to, EXIT
    row = write(live, c, who, now, after)
    row.channel, row.cost, row.revenue, row.waited = t.holders[c.holder].channel, 0.0, 0.0, now - c.asked
    row.flags = (GAVE_UP << 2) | ((c.desk + 1) << 4)
    c.desk = -1
    c.desk_visits += 1
    return goes_on(t, c, kind, now, rng.uniform(address(t, c, c.number), rng.GAP))


@rule
def begins_service(t, live, who, now):
    """Let the desk call this customer; return the days of service."""
    c = live.lives[who]
    c.waited, c.served = now - c.asked, service(t, live, who)
    return c.served


@rule
def ends_service(t, live, who, now):
    """Let the occasion happen that the desk has served; return what the clock must do."""
    c = live.lives[who]
    c.desk_visits += 1
    return happen(t, live, who, now, np.int64(c.holder))
