"""One customer's journey, day by day: whom to show, what happened, and the same customer in another world."""

from typing import NamedTuple

import numpy as np

from sim.customers import fold
from sim.errors import ConfigError, Problem
from sim.log import BILLING, GAVE_UP, KINDS, RULE, Array, Log, desk, engaged, kind, ordered

CHOICES = ("typical", "longest", "lost_last")
PAYMENTS = FEE, INSTALMENT, REFUND = ("fee", "instalment", "refund")  # what falls due by the calendar


class Step(NamedTuple):
    """One row of the log, of a kind of `sim.log.KINDS`: when, through which channel, whether the customer engaged, from where to where, what it left behind."""

    kind: str

    day: float  # of the run
    channel: str
    engaged: bool
    stage_from: str
    stage_to: str
    order: bool
    revenue: float
    satisfaction: float
    desk: str | None
    waited: float

    @property
    def gave_up(self) -> bool:
        """Whether the customer left a queue."""
        return self.kind == KINDS[GAVE_UP]

    @property
    def payment(self) -> str | None:
        """Which of `PAYMENTS` fell due, None where none did: nothing that the customer decided that day. Of these only a fee is an order."""
        if self.kind != KINDS[BILLING]:
            return None
        return FEE if self.order else REFUND if self.revenue < 0 else INSTALMENT

    @property
    def is_message(self) -> bool:
        """Whether a rule sent a message: no occasion of the customer's own clock."""
        return self.kind == KINDS[RULE]


class Life(NamedTuple):
    """A customer's whole journey; ``ended`` is the day of leaving, None for who is still there at the horizon."""

    customer: int
    identity: int
    persona: str
    arrived: float
    entry: str
    steps: tuple[Step, ...]
    converted: float | None
    ended: float | None
    horizon: float

    @property
    def until(self) -> float:
        """The last day that there is something to show: the exit, or what was paid after it; the horizon for who is still there."""
        return self.horizon if self.ended is None else max(self.ended, self.steps[-1].day)

    @property
    def revenue(self) -> float:
        """What the customer paid: orders, fees and instalments, less refunds."""
        return sum(step.revenue for step in self.steps)

    @property
    def orders(self) -> tuple[Step, ...]:
        """The orders; fees are none."""
        return tuple(step for step in self.steps if step.order and step.payment is None)

    def payments(self, which: str) -> tuple[Step, ...]:
        """Return the payments of one of `PAYMENTS`."""
        return tuple(step for step in self.steps if step.payment == which)


def choose(log: Log, which: str | int) -> tuple[int, int]:
    """Return (index of the customer to show, how many it was chosen from).

    ``typical``: of those who converted (of all, if nobody did) the one nearest to the medians of days and occasions on the way there, in ranks;
    ``longest``: the most occasions; ``lost_last``: of those lost from the last prospect stage, the one with the median number of occasions;
    a number: that customer.  Raise ConfigError where there is none such.
    """
    customers = fold(log)
    if isinstance(which, int) and not isinstance(which, bool):
        return _numbered(customers, which), len(customers)
    if which == "typical":
        return _typical(customers)
    if which == "longest":
        return int(np.argmax(customers["occasions"])), len(customers)
    if which == "lost_last":
        return _lost_last(log, customers)
    raise ConfigError([Problem("study.customer", f"given {which!r}", f"must be {', '.join(CHOICES)} or a customer's number")])


def life(log: Log, index: int) -> Life:
    """Return the journey of the customer at this place among the births."""
    birth, terms = log.births[index], log.terms
    rows = next(rows[rows["customer"] == index] for first, last, rows in log.blocks() if first <= index < last)
    rows = rows[(kind(rows) != BILLING) | (rows["cost"] == 0)]  # what their coming was rewarded with is somebody else's
    steps = [_step(log, rows[place : place + 1]) for place in range(len(rows))]
    folded = fold(Log(terms, log.births[index : index + 1], lambda: iter([(0, 1, _alone(rows))])))[0]
    left = np.fmin(folded["churned_at"], folded["lost_at"])
    who = (int(birth["customer"]), int(birth["identity"]), terms.personas[birth["persona"]], float(birth["arrived"]), terms.stages[birth["entry"]])
    return Life(*who, tuple(steps), _day(folded["converted_at"]), _day(left), terms.horizon)


def twin(log: Log, identity: int) -> Life | None:
    """Return the journey of the same customer in another world's log, None where it was never born there."""
    places = np.flatnonzero(log.births["identity"] == identity)
    return life(log, int(places[0])) if len(places) else None


def _step(log: Log, rows: Array) -> Step:
    """Return one row, given as a slice, in words."""
    terms, row, at_desk = log.terms, rows[0], int(desk(rows)[0])
    way = terms.channels[row["channel"]], bool(engaged(rows)[0]), terms.stages[row["stage_from"]], terms.stages[row["stage_to"]]
    left = bool(ordered(rows)[0]), float(row["revenue"]), float(row["satisfaction"])
    what = KINDS[int(kind(rows)[0])]
    return Step(what, float(row["time"]), *way, *left, terms.desks[at_desk] if at_desk >= 0 else None, float(row["waited"]))


def _alone(rows: Array) -> Array:
    out = rows.copy()
    out["customer"] = 0
    return out


def _day(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _numbered(customers: Array, number: int) -> int:
    found = np.flatnonzero(customers["customer"] == number)
    if not len(found):
        raise ConfigError([Problem("study.customer", f"given {number}", f"customers are numbered 0 to {len(customers) - 1}")])
    return int(found[0])


def _typical(customers: Array) -> tuple[int, int]:
    won = np.flatnonzero(~np.isnan(customers["converted_at"]) & (customers["occasions"] > 0))
    some = won if len(won) else np.arange(len(customers))
    took = customers["converted_at"][some] if len(won) else customers["occasions"][some].astype(float)
    took = took - customers["arrived"][some] if len(won) else took
    away = sum(np.abs(_ranks(values) - 0.5) for values in (took, customers["touches_to_convert"][some], customers["occasions"][some]))
    return int(some[np.argmin(away)]), len(some)


def _lost_last(log: Log, customers: Array) -> tuple[int, int]:
    last = max(place for place, kind in enumerate(log.terms.kinds) if kind == "prospect")
    gone = np.full(len(customers), -1)
    for _, _, rows in log.blocks():
        leaving = rows[np.isin(rows["stage_to"], [place for place, kind in enumerate(log.terms.kinds) if kind in ("lost", "churned")])]
        gone[leaving["customer"]] = leaving["stage_from"]
    some = np.flatnonzero((gone == last) & ~np.isnan(customers["lost_at"]))
    if not len(some):
        raise ConfigError([Problem("study.customer", "given 'lost_last'", f"nobody was lost from {log.terms.stages[last]}; choose another")])
    order = np.argsort(customers["occasions"][some], kind="stable")
    return int(some[order[len(order) // 2]]), len(some)


def _ranks(values: Array) -> Array:
    """Return each value's rank between 0 and 1, ties sharing the mean."""
    from scipy.stats import rankdata

    return np.asarray((rankdata(values) - 0.5) / len(values))
