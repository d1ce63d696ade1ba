"""The rows of a log as plain columns, some thousand customers at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from sim.log import OCCASION, ROW, Array, Log, exposed

MONTH = 365.0 / 12.0
YEAR = 365.0
SLICE = 50_000  # customers read at a time: bounds the memory of a log that comes as one block


@dataclass(frozen=True)
class Rows:
    """Rows of the customers ``first`` .. ``last`` - 1, ordered by (customer, number); every column has one entry a row."""

    first: int
    last: int
    customer: Array  # index into the births
    time: Array
    channel: Array
    stage_from: Array
    stage_to: Array
    desk: Array
    engaged: Array
    order: Array
    occasion: Array  # of the customer's own clock, as opposed to one of a rule, or of somebody who gave up
    exposure: Array  # of a channel, by an occasion or by a rule
    cost: Array
    revenue: Array
    satisfaction: Array
    waited: Array
    served: Array

    @property
    def who(self) -> Array:
        """Return the customer counted from ``first``."""
        return self.customer - self.first

    @property
    def step(self) -> Array:
        """Return whether it is a step of the customer's own clock: an occasion, or giving up at a desk; not the message of a rule."""
        return self.occasion | (self.desk >= 0)

    def steps(self) -> "Rows":
        """Return the steps of the customers' own clocks alone: no messages of rules, no fees."""
        if self.step.all():
            return self
        columns = {field.name: getattr(self, field.name)[self.step] for field in fields(self) if field.name not in ("first", "last")}
        return Rows(self.first, self.last, **columns)

    @property
    def touch(self) -> Array:
        """Return whether the customer engaged with a channel, ``own`` aside."""
        return self.engaged & (self.channel > 0)


def blocks(log: Log) -> Iterator[Rows]:
    """Return the rows of a log, at most `SLICE` customers at a time; one block of nothing if nobody came."""
    if not len(log.births):
        yield columns(0, 0, np.zeros(0, ROW))
    for first, last, rows in log.blocks():
        for start in range(first, last, SLICE):
            end = min(start + SLICE, last)
            if (start, end) == (first, last):
                yield columns(start, end, rows)
            else:
                low, high = np.searchsorted(rows["customer"], [start, end])
                yield columns(start, end, rows[low:high])


def columns(first: int, last: int, rows: Array) -> Rows:
    """Return the columns of some rows."""
    flags = np.ascontiguousarray(rows["flags"])
    money = {name: rows[name].astype(np.float64) for name in ("cost", "revenue", "satisfaction", "waited", "served")}
    codes = {name: rows[name].astype(np.intp) for name in ("customer", "channel", "stage_from", "stage_to")}
    bits = {"engaged": (flags & 1).astype(bool), "order": (flags & 2).astype(bool), "occasion": (flags >> 2 & 3) == OCCASION}
    bits["exposure"] = exposed(rows)
    return Rows(first, last, time=np.ascontiguousarray(rows["time"]), desk=(flags >> 4).astype(np.intp) - 1, **money, **codes, **bits)


def days(later: Array | float, earlier: Array) -> Array:
    """Return the days between, to a billionth: a + 30 - a is 30, so that ties are ties."""
    return np.asarray(np.round(later - earlier, 9))


def month(time: Array) -> Array:
    """Return the month, from 0, in which a time lies."""
    return np.asarray(np.floor(time / MONTH).astype(np.intp))


def months(horizon: float) -> int:
    """Return how many months a run has, the last one perhaps cut."""
    return max(1, int(np.ceil(horizon / MONTH - 1e-9)))
