"""How long customers wait for people, how many give up, and how busy the people are."""

import math
from itertools import pairwise

import numpy as np

from sim.metrics.estimate import NONE, Measure, by_normal, by_wilson, of_occasions
from sim.metrics.journey import Facts
from sim.metrics.rows import MONTH, months
from sim.metrics.table import DAYS, SHARE, Metric

NO_DESK, NOBODY = "no desk", "nobody asked"


def queue_wait(facts: Facts) -> list[Metric]:
    """Mean days in the queue of those who were served; who gave up is in gave_up_rate, who still queues at the horizon in neither: the note counts them."""
    found = _queue(facts, Measure("queue_wait", DAYS, by_normal, NOBODY), ("waited",), ("served",))
    names, still = facts.terms.desks, facts.log.queueing
    queueing = {("all", "all"): sum(still)} | {("desk", name): count for name, count in zip(names, still, strict=bool(still))}
    return [metric._replace(note=_with(metric.note, queueing.get((metric.by, metric.group), 0))) for metric in found]


def gave_up_rate(facts: Facts) -> list[Metric]:
    """Gave up / (served + gave up), of occasions that need a desk."""
    return _queue(facts, Measure("gave_up_rate", SHARE, by_wilson, NOBODY), ("gave_up",), ("asked",))


def utilisation(facts: Facts) -> list[Metric]:
    """Days of service / (people × days in which they were paid and open); by month: service that ended in it, of all desks."""
    terms = facts.terms
    if not terms.desks:
        return [Metric("utilisation", "all", "all", math.nan, *NONE, SHARE, 0, NO_DESK)]
    desks, busy = range(len(terms.desks)), facts.tallies["desk"]
    people = np.array([terms.head_days(d, 0.0, terms.horizon) for d in desks])
    by_desk = np.bincount(busy.group, weights=busy.columns["busy"], minlength=len(people))
    served = np.bincount(busy.group, weights=busy.columns["served"], minlength=len(people)).astype(int)
    rows = [("all", "all", by_desk.sum() / people.sum(), served.sum())]
    rows += [("desk", name, by_desk[d] / people[d], served[d]) for d, name in enumerate(terms.desks)]
    tally, count = facts.tallies["month"], months(terms.horizon)
    ends = np.minimum(np.arange(count + 1) * MONTH, terms.horizon)
    lengths = np.array([sum(terms.head_days(d, *span) for d in desks) for span in pairwise(ends)])
    by_month = np.bincount(tally.group, weights=tally.columns["busy"], minlength=count) / lengths
    served = np.bincount(tally.group, weights=tally.columns["served"], minlength=count).astype(int)
    rows += [("month", str(m), by_month[m], served[m]) for m in range(count)]
    return [Metric("utilisation", by, group, float(value), *NONE, SHARE, int(n)) for by, group, value, n in rows]


def _with(note: str, queueing: int) -> str:
    """Return the note with how many still queue, if anybody does."""
    return "; ".join(part for part in (note, f"{queueing} still queue at the horizon" if queueing else "") if part)


def _queue(facts: Facts, measure: Measure, above: tuple[str, ...], below: tuple[str, ...]) -> list[Metric]:
    if not facts.terms.desks:
        return [Metric(measure.name, "all", "all", math.nan, *NONE, measure.unit, 0, NO_DESK)]
    return of_occasions(facts, measure, above, below, ("desk", "channel", "stage", "month"))
