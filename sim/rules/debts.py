"""Debts: orders that are paid in instalments, and money that goes back for what is returned."""

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.model.layout import BILLING, DEBTS


@rule
def no_debts(d):
    """Begin without debts on either side."""
    for k in range(DEBTS):
        d.due[k] = np.inf


@rule
def owe(d, due, amount, left, every, channel):
    """Note ``left`` payments of an amount; return whether there was room for the note."""
    for k in range(DEBTS):
        if d.due[k] == np.inf:
            d.due[k], d.amount[k], d.left[k], d.every[k], d.channel[k] = due, amount, left, every, channel
            return True
    return False


@rule
def paid_at_once(t, c, d, price, channel, at, now):
    """Return what is paid for an order at once; the rest, or what goes back, is owed. Without room for one more debt all is settled now."""
    p = t.profiles[c.profile]
    if p.refund > 0.0 and rng.uniform(at, rng.REFUND) < p.refund:
        days = spread.quantile(p.returned, t.spreads, rng.uniform(at, rng.RETURNED))
        return price if owe(d, now + days, -price, 1, 0.0, channel) else 0.0
    if p.instalments > 1:
        part = price / p.instalments
        return part if owe(d, now + p.every, part, p.instalments - 1, p.every, channel) else price
    return price


@rule
def settles(d, now):
    """Return which debt is due now, once its payment is made."""
    k = np.int64(0)
    while d.due[k] > now:
        k += 1
    d.left[k] -= 1
    d.due[k] = d.due[k] + d.every[k] if d.left[k] > 0 else np.inf
    return k


@rule
def next_bill(t, live, who):
    """Put on the agenda what falls due first: a fee, an instalment, or a refund."""
    w, due = t.world[0], np.inf
    if w.contracts:
        due = live.agreements[who].due
    if w.debts:
        for k in range(DEBTS):
            due = min(due, live.debtors[who].due[k])
    live.lives[who].at[BILLING] = due
