"""The rules: what happens at an occasion. Never when, never who waits, never what is kept.

``t`` are the tables (read only), ``live`` is the state (written), ``who`` the index of a customer, ``at`` the address of
the occasion (see `sim.rng`). Each rule is one small function; `occasion` and `happen` compose them in the order of the
design: gap, channel, desk, budget, engaged, pay, experience and drivers, next stage, order, referral, next gap.
"""

import numpy as np

from sim import rng
from sim.jit import rule
from sim.log import BILLING as BILLED
from sim.log import GAVE_UP
from sim.log import RULE as BY_RULE
from sim.model.layout import CUSTOMER, EXIT, NOT_CALLED, RULE, SATISFACTION
from sim.model.layout import OCCASION as DUE
from sim.rules.births import founder, refer
from sim.rules.calendar import elapse
from sim.rules.channels import affords, available, holder, keeps, meets, pays, race_of
from sim.rules.circles import moves_on
from sim.rules.contracts import billed, gives_notice, renews, signs
from sim.rules.debts import next_bill, paid_at_once, settles
from sim.rules.desks import patience, service, whose
from sim.rules.drivers import fade, feel, push, spread_word
from sim.rules.orchestration import act_address, answered, bring_forward, due_rule, next_act, no_acts, plan, sees
from sim.rules.orders import orders, value
from sim.rules.place import address, gap, life, spot
from sim.rules.race import next_stage

# What the clock must do after an occasion: any of these, added up.
GO, END, CHILD, QUEUES = 0, 1, 2, 4
ROWS = 2  # that one event writes at most: the clocks keep room for them


@rule
def write(live, c, who, now, after):
    """Write a row with everything but channel, money and flags, and count it; return it."""
    p = live.play[0]
    row = live.rows[np.uint64(p.rows)]
    row.time, row.customer, row.number, row.satisfaction = now, who, c.number, c.level[SATISFACTION]
    row.stage_from, row.stage_to, row.waited, row.served = c.stage, after, 0.0, 0.0
    p.rows += 1
    c.number += 1
    c.stage = after
    return row


@rule
def served(t, c, row):
    """Note on the row how the customer was served, if a desk did; return its flags."""
    if c.desk < 0:
        return np.int64(0)
    row.waited, row.served, flags = c.waited, c.served, (t.desks[c.desk].named + 1) << 4
    c.desk = -1
    return flags


@rule
def luck(t, c, number):
    """Return the bits drawn for one of the customer's occasions and for the gap after it."""
    return rng.of_an_occasion(address(t, c, number), address(t, c, number + 1))


@rule
def occasion(t, live, who, now, drawn):
    """Propose the occasion that is due, with the bits drawn for it; return what the clock must do."""
    c = life(live, who)
    s, at, called = spot(t, c), address(t, c, c.step), c.called >= 0
    chosen = np.uint64(c.called) if called else holder(t, s, rng.unit(drawn[0]))
    if not called and t.holders[chosen].gated and not available(t, live, who, t.holders[chosen], at, now):
        chosen = np.uint64(s.own)
    desk = t.holders[chosen].desk
    if desk >= 0:
        c.holder, c.desk, c.asked, c.waited, c.at[DUE], c.at[RULE] = chosen, whose(t, c, desk), now, NOT_CALLED, np.inf, np.inf
        return QUEUES
    return happen(t, live, who, now, chosen, drawn)


@rule
def happen(t, live, who, now, chosen, drawn):
    """Let the occasion happen through its holder (after its service, if it needs a desk), with the bits drawn for it; return what the clock must do."""
    c = life(live, who)
    at, s, k, (_, engaging, course, feeling, soon) = address(t, c, c.step), spot(t, c), t.holders[chosen], drawn
    if k.budget >= 0 and not affords(live.budgets[k.budget], k.dearest, now):
        k = t.holders[s.own]
    fade(t, live, c, now)
    engaged = meets(t, live, who, k, engaging, feeling)
    answered(c, engaged)
    before, had = np.int64(c.stage), c.has
    after = next_stage(t, c, race_of(t, k, at) if engaged else np.int64(k.plain), course, now)
    c.urged_by = -1
    n = t.spots[np.uint64(c.profile * t.world[0].stages + after)]
    sold = n.kind != EXIT and orders(n, after == before, at)
    keeps(t, c, k, n.entered if after != before else 0, at, engaged, sold)
    if t.world[0].shares:
        spread_word(t, live, c)
    moves_on(live, s.circles, n.circles)
    if n.kind == CUSTOMER and not c.won:
        wins(t, live, c, who, now)
    row = write(live, c, who, now, after)
    row.channel, row.cost = k.channel, pays(live, k, engaged, sold)
    row.revenue = sells(t, live, who, n, k, at, now) if sold else 0.0
    row.flags = served(t, c, row) | (2 if sold else 0) | (1 if engaged else 0)
    c.step += 1
    if t.world[0].rules:
        plan(t, live, who, now, before, after, engaged, k.channel, sold, False, had)
    code = GO
    if s.refer > 0.0 and rng.uniform(at, rng.REFERRAL) < s.refer:
        refer(t, live, who, at, s.refers_to, now)
        code = CHILD
    return goes_on(t, live, who, n, now, rng.unit(soon)) + code


@rule
def sells(t, live, who, n, k, at, now):
    """Return what an order brings at once."""
    c = life(live, who)
    price = value(t, c, n, at) * k.price
    return paid_at_once(t, c, live.debtors[who], price, k.channel, at, now) if t.world[0].debts else price


@rule
def wins(t, live, c, who, now):
    """Note that the customer converts; the reward for whoever referred them is a row of its own, on no channel, just before."""
    c.won = 1
    reward = t.profiles[c.profile].reward
    if reward > 0.0 and c.parent >= 0:
        row = write(live, c, who, now, np.int64(c.stage))
        row.channel, row.cost, row.revenue, row.flags = 0, reward, 0.0, BILLED << 2


@rule
def goes_on(t, live, who, s, now, u):
    """Put the next occasion (a gap of spot ``s``, drawn by ``u``) on the agenda, or nothing at an exit; return what the clock must do."""
    c, w = life(live, who), t.world[0]
    if w.contracts:
        stays_under_contract(t, c, live.agreements[who], s.kind, now)
    if w.contracts or w.debts:
        next_bill(t, live, who)
    if s.kind == EXIT:
        c.at[DUE] = np.inf
        if w.rules:
            no_acts(c, live.plans[who])
        return END
    c.gap = gap(t, c, s, u, now)
    c.at[DUE] = now + c.gap
    return GO


@rule
def stays_under_contract(t, c, a, kind, now):
    """Let who has become a customer sign, whoever moves pay what is due there, and who leaves give notice."""
    if kind == EXIT:
        gives_notice(t, c, a, now)
    elif kind == CUSTOMER:
        signs(t, c, a, now, now)
        a.times = spot(t, c).fee


@rule
def give_up(t, live, who, now):
    """Let a customer leave the queue: a prospect leaves for good, a customer is less satisfied; return what the clock must do."""
    c = life(live, who)
    desk, kind, before = t.desks[c.desk], spot(t, c).kind, np.int64(c.stage)
    after = before
    fade(t, live, c, now)
    if kind == CUSTOMER:
        feel(c, desk.giving_up)
    else:
        after, kind = desk.gives_up_to, EXIT
    if t.world[0].gave_up:
        push(t, c, t.world[0].gave_up, 1.0)
    if t.world[0].shares:
        spread_word(t, live, c)
    moves_on(live, spot(t, c).circles, t.spots[np.uint64(c.profile * t.world[0].stages + after)].circles)
    row = write(live, c, who, now, after)
    row.channel, row.cost, row.revenue, row.waited = t.holders[c.holder].channel, 0.0, 0.0, now - c.asked
    row.flags = (GAVE_UP << 2) | ((desk.named + 1) << 4)
    answered(c, False)
    c.desk, c.urged_by = -1, -1
    c.desk_visits += 1
    c.step += 1
    if t.world[0].rules:
        plan(t, live, who, now, before, after, False, 0, False, True, c.has)
    return goes_on(t, live, who, spot(t, c), now, rng.uniform(address(t, c, c.step), rng.GAP))


@rule
def act(t, live, who, now):
    """Let the rule act that is due: send its message, or make its call the customer's next occasion; return what the clock must do."""
    c, m = live.lives[who], live.plans[who]
    r = due_rule(t, m)
    x, at = t.rules[r], act_address(t, c, m, r)
    m.due[r] = np.inf
    m.acts[r] += 1
    chosen = x.first_holder + c.profile * t.world[0].stages + c.stage
    k = t.holders[chosen]
    meant = (x.stages >> sees(t, c, m, x, at, now)) & 1 and not x.needs & ~c.has and (k.reach >= 1.0 or rng.uniform(at, rng.REACH) < k.reach)
    if meant and (not k.gated or available(t, live, who, k, at, now)):
        if x.calls:
            bring_forward(c, chosen, now)
            c.urged_by, c.urged = r, m.noticed[r]
        elif (k.budget < 0 or affords(live.budgets[k.budget], k.dearest, now)) and message(t, live, who, k, at, now):
            c.urged_by, c.urged = r, m.noticed[r]
    next_act(t, c, m, now)
    return GO


@rule
def message(t, live, who, k, at, now):
    """Send the customer a message through a channel; return whether they engage. Their own clock goes on as it was."""
    c = life(live, who)
    fade(t, live, c, now)
    engaged = meets(t, live, who, k, rng.word(at, rng.ENGAGE), rng.word(at, rng.FEELING))
    keeps(t, c, k, 0, at, engaged, False)
    if t.world[0].shares:
        spread_word(t, live, c)
    row = write(live, c, who, now, np.int64(c.stage))
    row.channel, row.revenue, row.cost = k.channel, 0.0, pays(live, k, engaged, False)
    row.flags = (BY_RULE << 2) | (1 if engaged else 0)
    return engaged


@rule
def bill(t, live, who, now):
    """Let happen what is due by the calendar: a fee, else an instalment, or a refund (a payment below 0)."""
    c, w = life(live, who), t.world[0]
    fade(t, live, c, now)
    row = write(live, c, who, now, np.int64(c.stage))
    row.channel, row.cost, row.flags = 0, 0.0, BILLED << 2
    if w.contracts and live.agreements[who].due <= now:
        renews(t, c, live.agreements[who], now)
        row.revenue, row.flags = billed(t, c, live.agreements[who]), (BILLED << 2) | 2
    else:
        d = live.debtors[who]
        k = settles(d, now)
        row.revenue, row.channel = d.amount[k], d.channel[k]
    next_bill(t, live, who)


@rule
def begins_service(t, live, who, now):
    """Let the desk call this customer; return the days until it is done with them: service, and the hours when it is closed, which count as waiting."""
    c = life(live, who)
    c.waited, c.served = now - c.asked, service(t, live, who)
    calendar = t.desks[c.desk].calendar
    if calendar < 0:
        return c.served
    days = elapse(t.calendars[calendar], now, c.served)
    c.waited += days - c.served
    return days


@rule
def ends_service(t, live, who, now):
    """Let the occasion happen that the desk has served; return what the clock must do."""
    c = life(live, who)
    c.desk_visits += 1
    return happen(t, live, who, now, np.uint64(c.holder), luck(t, c, c.step))


__all__ = ["founder", "patience"]
