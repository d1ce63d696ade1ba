"""Contracts: who converts signs, fees fall due by the calendar, terms renew, and leaving is notice to the end of a term."""

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.model.layout import BILLING


@rule
def signs(t, c, now):
    """Begin the customer's contract, if their profile has any: the first fee is due now."""
    p = t.profiles[c.profile]
    w = t.world[0]
    if p.term > 0.0 and c.ends == 0.0:
        at = (w.k0, w.k1, c.identity, rng.place(rng.BIRTH, 0))
        c.fee, c.signed, c.ends = spread.quantile(p.fee, t.spreads, rng.uniform(at, rng.FEE)) * c.spend, now, now + p.term
        c.at[BILLING] = now


@rule
def gives_notice(t, c, now):
    """Let the contract run out: at the end of the first term that is as far away as the notice."""
    p = t.profiles[c.profile]
    if c.at[BILLING] < np.inf:
        c.until = c.ends
        while c.until < now + p.notice:
            c.until += p.term


@rule
def billed(t, c):
    """Put the next fee on the agenda; at the end of a term the contract renews, dearer perhaps, unless notice was given."""
    p = t.profiles[c.profile]
    c.bills += 1
    c.at[BILLING] = c.signed + c.bills * p.period
    if c.at[BILLING] >= c.ends:
        c.ends += p.term
        c.fee *= 1.0 + p.rise
    if c.at[BILLING] >= c.until:
        c.at[BILLING] = np.inf
