"""An event log as an observer has it, and the account of the rows it was made from.

What an event is in the model: a customer's first event is the arrival, in the stage that the event names; every later event is an
occasion that enters the stage it names (the same stage again: it stays). The gap between two events belongs to the stage of the
earlier one; the channel of an event is that of the occasion. The first event's channel and revenue belong to no occasion: in a world
nobody orders before arriving.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from sim.language import current
from sim.log import OCCASION, Array, Log, kind, ordered
from sim.log import engaged as engaged_with

OWN = "own"


@dataclass(frozen=True)
class Account:
    """What became of every row of a file: ``read`` = ``used`` + the sum of ``dropped`` (reason: rows)."""

    file: str
    read: int
    used: int
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def balances(self) -> bool:
        """Whether every row is used or counted under a reason."""
        return self.read == self.used + sum(self.dropped.values())

    def without(self, reasons: dict[str, int]) -> "Account":
        """Return the account after more rows went, by reason; reasons without rows are left out."""
        gone = {reason: rows for reason, rows in reasons.items() if rows}
        return replace(self, used=self.used - sum(gone.values()), dropped={**self.dropped, **gone})

    def lines(self) -> list[str]:
        """Return the account as lines to print."""
        say = current()
        counted = {say.text("from_log.used"): self.used} | {say.note(reason): rows for reason, rows in self.dropped.items()}
        reasons = [f"  {say.count(rows):>12} {reason}" for reason, rows in counted.items()]
        return [say.text("from_log.read", file=self.file, rows=say.count(self.read)), *reasons, *(f"  {note}" for note in self.notes)]


@dataclass(frozen=True)
class EventLog:
    """Events ordered by (customer, time); codes index the tuples of names, channel 0 is ``own``.

    ``persona`` and ``until`` (the day on which observation ends) have one entry a customer, the arrays after them one a row.
    Times are days from the log's day 0.
    """

    stages: tuple[str, ...]
    channels: tuple[str, ...]
    personas: tuple[str, ...]
    persona: Array
    until: Array
    customer: Array
    time: Array
    stage: Array
    channel: Array
    revenue: Array  # 0: no order
    engaged: Array
    day_zero: str = "day 0"

    @property
    def customers(self) -> int:
        """How many customers have an event."""
        return len(self.until)

    @property
    def first(self) -> Array:
        """Whether a row is its customer's first event."""
        return np.asarray(np.diff(self.customer, prepend=-1) != 0)

    @property
    def last(self) -> Array:
        """Whether a row is its customer's last event."""
        return np.asarray(np.diff(self.customer, append=-1) != 0)

    @property
    def age(self) -> Array:
        """Days since the customer's first event, per row."""
        since: Array = self.time - self.time[self.first][self.customer]
        return since

    @property
    def follow_up(self) -> Array:
        """Days from the first event to the end of observation, per customer."""
        days: Array = self.until - self.time[self.first]
        return days

    def only(self, keep: Array) -> "EventLog":
        """Return the log of the rows where ``keep`` holds; customers without a row are gone."""
        present, customer = np.unique(self.customer[keep], return_inverse=True)
        rows = {name: getattr(self, name)[keep] for name in ("time", "stage", "channel", "revenue", "engaged")}
        return replace(self, persona=self.persona[present], until=self.until[present], customer=customer, **rows)

    def within(self, days: Array) -> "EventLog":
        """Return the log cut at ``days`` after each customer's first event."""
        start = self.time[self.first]
        kept = self.only(self.age <= days[self.customer])
        return replace(kept, until=start + days)


def after_exits(log: EventLog, exits: Iterable[str]) -> Array:
    """Return whether a row comes after its customer's first event in an exit stage."""
    leaving = np.isin(log.stage, [log.stages.index(name) for name in exits])
    before: Array = np.cumsum(leaving) - leaving  # exits in earlier rows
    return np.asarray(before > before[log.first][log.customer])


def observe(log: Log, hidden: Iterable[str] = ()) -> EventLog:
    """Return a simulated log as an observer has it: arrivals are first events, rows that enter a ``hidden`` stage are not seen."""
    stages = tuple(name for name in log.terms.stages if name not in hidden)
    code = np.array([stages.index(name) if name in stages else -1 for name in log.terms.stages])
    rows = np.concatenate([block for _, _, block in log.blocks()])
    rows = rows[(kind(rows) == OCCASION) & (code[rows["stage_to"]] >= 0)]
    births, count = log.births, len(log.births)
    customer = np.concatenate([np.arange(count), rows["customer"]])
    order = np.argsort(customer, kind="stable")  # the arrival first, then the rows in their order

    def column(first: Array, later: Array) -> Array:
        return np.concatenate([first, later])[order]

    return EventLog(
        stages=stages,
        channels=log.terms.channels,
        personas=log.terms.personas,
        persona=births["persona"].astype("i4"),
        until=np.full(count, log.terms.horizon),
        customer=customer[order],
        time=column(births["arrived"], rows["time"]),
        stage=column(code[births["entry"]], code[rows["stage_to"]]),
        channel=column(np.zeros(count, "i4"), rows["channel"]).astype("i4"),
        revenue=column(np.zeros(count), np.where(ordered(rows), rows["revenue"], 0.0)),
        engaged=column(np.ones(count, bool), engaged_with(rows)),
    )
