"""What a channel does at an occasion: who holds it, whether it may, whether the customer engages, and what stays with them."""

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.lanes import WIDTH, count_upto, four
from sim.model.layout import COUNTERS
from sim.powers import exp
from sim.rules.circles import meets_one
from sim.rules.drivers import bent, feel, push
from sim.rules.place import life, spot


@rule
def holder(t, s, u):
    """Return who holds this occasion: the channel, or own, on whose arc the uniform falls."""
    first, k, passed = np.uint64(s.first_arc), np.uint64(0), np.uint64(0)
    while k < np.uint64(s.arcs):
        passed += count_upto(four(t.arcs[first + k].upto, 0), u)
        k += np.uint64(1)
    return np.uint64(t.arcs[first + passed // np.uint64(WIDTH)].holder[passed % np.uint64(WIDTH)])


@rule
def available(t, live, who, k, at, now):
    """Return whether the channel may reach this customer now: it runs, they permit it, have not seen it too often, and it finds them."""
    c = life(live, who)
    if k.needs & ~c.has:
        return False
    if k.circle >= 0 and not meets_one(live, spot(t, c).circles, k.circle, at):
        return False
    if k.target >= 0 and rng.uniform(at, rng.TARGET) * (1.0 + bent(t, c, k.target)) >= 1.0:
        return False
    return (k.counter < 0 or seldom(live.counts[who], k, now)) and (k.flights < 0 or flies(t, k, now))


@rule
def seldom(n, k, now):
    """Return whether the customer (whose counts these are) has seen the channel less often in this period than its cap."""
    period = np.int64(now / k.cap_days)
    if n.period[k.counter] != period:
        n.period[k.counter], n.seen[k.counter] = period, 0
    return n.seen[k.counter] < k.cap


@rule
def unseen(n):
    """Begin without any exposure counted."""
    for k in range(COUNTERS):
        n.period[k], n.seen[k] = -1, 0


@rule
def flies(t, k, now):
    """Return whether now is in one of the channel's flights."""
    flown = False
    for f in range(k.first_flight, k.first_flight + k.flights):
        flown |= t.flights[f].start <= now < t.flights[f].end
    return flown


@rule
def affords(budget, dearest, now):
    """Return whether this period's budget covers the dearest outcome of the occasion."""
    period = np.int64(now / budget.days)
    if budget.period != period:
        budget.period, budget.spent = period, 0.0
    return budget.spent + dearest <= budget.amount


@rule
def engages(t, c, k, luck):
    """Return whether the customer engages with the holder; drivers bend the odds, and saturation takes its part."""
    if k.engage <= 0.0 or (k.engage >= 1.0 and k.weary < 0):
        return k.engage > 0.0
    u = rng.unit(luck)
    if k.weary >= 0:
        u *= 1.0 + (max(0.0, c.level[k.weary]) / k.half) ** k.shape  # what is left is 1 / (1 + (x / half)^shape), Hill 1910
    if k.keen == 0:
        return u < k.engage
    return u * (k.engage + (1.0 - k.engage) * bent(t, c, k.keen)) < k.engage


@rule
def experience(k, bits, waited):
    """Return what an engaged touch adds to satisfaction; after a long wait it goes wrong more often."""
    u = rng.unit(bits)
    if k.bad > -np.inf:
        bad = 1.0 / (1.0 + exp(-k.bad - k.busy * waited))
        if u < bad:
            return k.hurt
        u = (u - bad) / (1.0 - bad)
    return k.feel + k.sd * spread.normal_quantile(u) if k.sd > 0.0 else k.feel


@rule
def race_of(t, k, at):
    """Return the race after an engaged touch: that of the content shown, if the channel has several."""
    if k.contents == 0:
        return np.int64(k.moved)
    u, n = rng.uniform(at, rng.CONTENT), np.int64(k.first_content)
    while u >= t.contents[n].upto:
        n += 1
    return np.int64(t.contents[n].moved)


@rule
def permit(t, c, k, at, engaged, ordered):
    """Let the customer grant permissions at a touch or an order, or withdraw them at an exposure."""
    gained, lost = rng.words(at, rng.GAINED)
    for p in range(t.world[0].permissions):
        x, bit = t.permissions[p], np.uint8(1 << p)
        if c.has & bit:
            chance = t.chances[k.loses, p]
            if chance > 0.0 and rng.unit(rng.runner(lost, rng.STRIDES[p])) * (chance + (1.0 - chance) * bent(t, c, x.slope)) < chance:
                c.has &= ~bit
        else:
            refuses = (1.0 - t.chances[k.gives, p] * engaged) * (1.0 - x.order * ordered)
            if rng.unit(rng.runner(gained, rng.STRIDES[p])) >= refuses:
                c.has |= bit


@rule
def meets(t, live, who, k, luck, feeling):
    """Expose the customer to the holder; return whether they engage. What they feel and remember of it is added to the drivers."""
    c = life(live, who)
    waited = c.waited if c.desk >= 0 else 0.0
    if waited > 0.0 and t.world[0].waited:
        push(t, c, t.world[0].waited, waited)
    engaged = engages(t, c, k, luck)
    if k.counter >= 0:
        live.counts[who].seen[k.counter] += 1
    if engaged and k.feels:
        feel(c, experience(k, feeling, waited))
    if k.exposed:
        push(t, c, k.exposed, 1.0)
    if engaged and k.touched:
        push(t, c, k.touched, 1.0)
    return engaged


@rule
def keeps(t, c, k, entered, at, engaged, sold):
    """Add what an order and a new stage leave in the drivers, and what the occasion does to permissions."""
    if sold and k.sold:
        push(t, c, k.sold, 1.0)
    if entered:
        push(t, c, entered, 1.0)
    if k.changes or (sold and t.world[0].permissions):
        permit(t, c, k, at, engaged, sold)


@rule
def pays(live, k, engaged, sold):
    """Return what the occasion costs, and take it from the budget."""
    cost = k.exposure
    if engaged:
        cost += k.touch
    if sold:
        cost += k.order
    if k.budget >= 0:
        live.budgets[k.budget].spent += cost
    return cost
