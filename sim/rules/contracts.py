"""Contracts: who becomes a customer signs, fees fall due by the calendar, terms renew, and leaving is notice to the end of a term."""

import numpy as np

from sim import rng, spread
from sim.jit import rule
from sim.model.layout import BILLING

ROUNDING = 1e-6  # days: periods and terms that end together, added up in different ways


@rule
def signs(t, c, now):
    """Begin the contract of a customer, at their first occasion as one, if their profile has any: the first fee is due now."""
    p = t.profiles[c.profile]
    w = t.world[0]
    if p.term > 0.0 and c.ends == 0.0:
        at = (w.k0, w.k1, c.identity, rng.place(rng.BIRTH, 0))
        c.fee, c.signed, c.ends = spread.quantile(p.fee, t.spreads, rng.uniform(at, rng.FEE)) * c.spend, now, now + p.term
        c.at[BILLING] = now


@rule
def renews(t, c, now):
    """Begin the next term, dearer perhaps, if the last one is over when a fee falls due."""
    p = t.profiles[c.profile]
    if now >= c.ends - ROUNDING:
        c.ends += p.term
        c.fee *= 1.0 + p.rise


@rule
def billed(t, c):
    """Put the next fee on the agenda, if the contract goes on until then."""
    c.bills += 1
    due = c.signed + c.bills * t.profiles[c.profile].period
    c.at[BILLING] = due if due < c.until - ROUNDING else np.inf


@rule
def gives_notice(t, c, now):
    """Let the contract run out: at the end of the first term that is as far away as the notice."""
    p = t.profiles[c.profile]
    if c.at[BILLING] < np.inf:
        c.until = c.ends
        while c.until < now + p.notice - ROUNDING:
            c.until += p.term
        if c.at[BILLING] >= c.until - ROUNDING:
            c.at[BILLING] = np.inf
