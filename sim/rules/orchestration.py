"""Orchestration: what rules notice after an occasion, when they act, whom they take the customer for, and what they do.

A rule that is not a call leaves the journey's own clock alone: its message is a row, and whoever engages carries its
odds to their next occasion. A call is the customer's next occasion, brought forward to now and held by the rule's channel.
"""

import math

import numpy as np

from sim import rng
from sim.jit import rule
from sim.model.layout import OCCASION, RULE, RULES
from sim.powers import exp

SMALL = 1e-9  # days: an act at the end of a batch is not put off to the next one


@rule
def notices(x, before, after, engaged, channel, sold, gave_up, gained):  # noqa: PLR0913, PLR0917 - all that an occasion can be noticed by
    """Return whether an occasion is what a rule waits for."""
    entered = before != after and (x.enters >> after) & 1
    stayed = before == after and (x.stays >> after) & 1
    touched = engaged and (x.touches >> channel) & 1
    return entered or stayed or touched or (sold and x.orders) or (gave_up and x.gave_up) or (gained & x.gains)


@rule
def strays(c, x):
    """Return whether the driver that a rule watches has left the lines that it may keep within."""
    return x.driver >= 0 and (c.level[x.driver] < x.below or c.level[x.driver] > x.above)


@rule
def plan(t, live, who, now, before, after, engaged, channel, sold, gave_up, had):  # noqa: PLR0913, PLR0917 - as above
    """Put on the agenda what the rules will do about an occasion that has just happened."""
    c, m = live.lives[who], live.plans[who]
    for r in range(t.world[0].rules):
        x = t.rules[r]
        if m.due[r] < np.inf or m.acts[r] >= x.at_most or not (x.profiles >> c.profile) & 1:
            continue
        if notices(x, before, after, engaged, channel, sold, gave_up, c.has & ~had) or strays(c, x):
            m.noticed[r], m.due[r] = now, acts_at(x, now)
    if before != after:
        m.was, m.since = before, now
    next_act(t, c, m, now)


@rule
def acts_at(x, now):
    """Return when a rule acts on what it notices now: after its wait, at the end of the batch."""
    return now + x.wait if x.batch == 0.0 else math.ceil((now + x.wait) / x.batch - SMALL) * x.batch


@rule
def next_act(t, c, m, now):
    """Put the next act on the agenda: not before now, and not while the customer is at a desk."""
    first = np.inf
    for r in range(t.world[0].rules):
        first = min(first, m.due[r])
    c.at[RULE] = max(now, first) if c.desk < 0 else np.inf


@rule
def no_plans(m, stage, now):
    """Begin without anything noticed, in a stage that was always theirs."""
    m.was, m.since = stage, now
    for r in range(RULES):
        m.due[r], m.acts[r] = np.inf, 0


@rule
def no_acts(c, m):
    """Forget all that rules were to do: the customer has left."""
    for r in range(RULES):
        m.due[r] = np.inf
    c.at[RULE] = np.inf


@rule
def due_rule(t, m):
    """Return the rule whose act is due first."""
    first = np.int64(0)
    for r in range(1, t.world[0].rules):
        if m.due[r] < m.due[first]:
            first = np.int64(r)
    return first


@rule
def act_address(t, c, m, r):
    """Return the address of a rule's act: each rule counts for itself, by its name."""
    w = t.world[0]
    return w.k0, w.k1, c.identity, rng.place(rng.RULE, t.rules[r].number | np.int64(m.acts[r]))


@rule
def sees(t, c, m, x, at, now):
    """Return the stage that a rule takes the customer to be in: an old or a wrong one where it can't see well and they have not told."""
    stage = np.int64(c.stage)
    if x.told & c.has:
        return stage
    if x.late > 0.0 and now - x.late < m.since:
        stage = np.int64(m.was)
    if x.accuracy < 1.0:
        seen, other = rng.words(at, rng.SEEN)
        if rng.unit(seen) >= x.accuracy:
            return another(t, stage, rng.unit(other))
    return stage


@rule
def another(t, stage, u):
    """Return one of the other stages that are no exits, each as likely."""
    k, found = np.int64(u * (len(t.living) - 1)), stage
    for j in range(len(t.living)):
        if t.living[j] != stage:
            if k == 0:
                found = t.living[j]
            k -= 1
    return found


@rule
def urge(t, c, to, now):
    """Return what the message that the customer last engaged with does to the weight of a stage, inverted; it fades from what set it off."""
    x = t.rules[c.urged_by]
    power = exp(-x.fade * (now - c.urged)) if x.fade > 0.0 else 1.0
    stages = t.world[0].stages
    row = (c.urged_by * len(t.profiles) + c.profile) * stages + c.stage
    return exp(-power * t.urges[row * stages + to])


@rule
def bring_forward(c, holder, now):
    """Let the customer's next occasion be now, held by the rule's channel."""
    c.called, c.at[OCCASION] = holder, now


@rule
def answered(c, engaged):
    """Forget the call that this occasion was; who did not take it is not urged by it."""
    if c.called >= 0:
        c.called = -1
        if not engaged:
            c.urged_by = -1
