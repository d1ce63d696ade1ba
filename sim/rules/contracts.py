"""Contracts: who becomes a customer signs, fees fall due by the calendar, terms renew, and leaving is notice to the end of a term."""

import numpy as np

from sim import rng, spread
from sim.jit import rule

ROUNDING = 1e-6  # days: periods and terms that end together, added up in different ways


@rule
def unsigned(a):
    """Begin without a contract."""
    a.fee, a.ends, a.until, a.due, a.times, a.bills = 0.0, 0.0, np.inf, np.inf, 1.0, 0


@rule
def signs(t, c, a, now, day):
    """Begin a customer's contract, if their profile has any, on a day (now or before): the first fee not yet due then is the next one."""
    w, p = t.world[0], t.profiles[c.profile]
    if p.term > 0.0 and a.ends == 0.0:
        at = (w.k0, w.k1, c.identity, rng.place(rng.BIRTH, 0))
        a.fee, a.signed, a.ends = spread.quantile(p.fee, t.spreads, rng.uniform(at, rng.FEE)) * c.spend * p.price, day, day + p.term
        a.bills = np.int64(np.ceil((now - day) / p.period))
        a.due = max(now, day + a.bills * p.period)


@rule
def long_signed(t, c):
    """Return the day before day 0 on which somebody signed who is under contract at the start: any day of a term, each as likely."""
    w = t.world[0]
    return -t.profiles[c.profile].term * rng.uniform((w.k0, w.k1, c.identity, rng.place(rng.BIRTH, 0)), rng.SIGNED)


@rule
def renews(t, c, a, now):
    """Begin the next term, dearer perhaps, if the last one is over when a fee falls due."""
    p = t.profiles[c.profile]
    if now >= a.ends - ROUNDING:
        a.ends += p.term
        a.fee *= 1.0 + p.rise


@rule
def billed(t, c, a):
    """Count a fee; return what it was. The next one is due if the contract goes on until then."""
    a.bills += 1
    due = a.signed + a.bills * t.profiles[c.profile].period
    a.due = due if due < a.until - ROUNDING else np.inf
    return a.fee * a.times


@rule
def gives_notice(t, c, a, now):
    """Let the contract run out: at the end of the first term that is as far away as the notice."""
    p = t.profiles[c.profile]
    if a.due < np.inf:
        a.until = a.ends
        while a.until < now + p.notice - ROUNDING:
            a.until += p.term
        if a.due >= a.until - ROUNDING:
            a.due = np.inf
