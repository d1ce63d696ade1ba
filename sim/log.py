"""What is remembered of a run: the schema of rows and customers, and the log that metrics read.

A log holds codes, not names: stages and channels are numbered in listed order (channel 0 is ``own``),
personas, arms and desks too. `Terms` has the names. Times are days from day 0, money is in the terms' currency.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Block = tuple[int, int, Array]  # rows of customers first..last-1, ordered by (customer, number)

OCCASION, GAVE_UP, RULE, BILLING = range(4)
KINDS = ("occasion", "gave_up", "rule", "billing")
OPEN, CHURNED, LEFT_QUEUE, LOST = range(4)
OUTCOMES = ("open", "churned", "gave_up", "lost")

ROW = np.dtype(
    [
        ("time", "f8"),
        ("customer", "i4"),  # index into the births
        ("number", "i4"),  # row of this customer, from 0
        ("cost", "f4"),
        ("revenue", "f4"),
        ("satisfaction", "f4"),  # after
        ("waited", "f4"),  # days in the desk's queue
        ("served", "f4"),  # days of service
        ("channel", "i1"),
        ("stage_from", "i1"),
        ("stage_to", "i1"),
        ("flags", "u1"),  # bit 0 engaged, bit 1 order, bits 2-3 kind, bits 4-7 desk + 1
    ]
)
BIRTH = np.dtype(
    [
        ("customer", "i8"),  # founders 0 .. N-1, then the referred
        ("identity", "i8"),  # the same person in every scenario
        ("arrived", "f8"),
        ("parent", "i8"),  # customer number of who referred them, -1 if nobody
        ("persona", "i2"),
        ("arm", "i2"),  # -1 without a test
        ("entry", "i1"),
    ]
)


def engaged(rows: Array) -> Array:
    """Return whether the customer engaged with the channel, per row."""
    return (rows["flags"] & 1).astype(bool)


def exposed(rows: Array) -> Array:
    """Return whether a channel reached the customer, per row: not if they gave up in its queue, nor when a bill falls due."""
    return np.asarray((rows["channel"] > 0) & ((kind(rows) == OCCASION) | (kind(rows) == RULE)))


def ordered(rows: Array) -> Array:
    """Return whether the row is an order, per row."""
    return (rows["flags"] >> 1 & 1).astype(bool)


def kind(rows: Array) -> Array:
    """Return the kind (an index into `KINDS`), per row."""
    return rows["flags"] >> 2 & 3


def desk(rows: Array) -> Array:
    """Return the desk's number, -1 where no desk took part, per row."""
    return (rows["flags"] >> 4).astype(np.int8) - 1


@dataclass(frozen=True)
class Terms:
    """What a log needs besides its rows: names in listed order, and the terms of business.

    ``margin[persona][arm]`` and ``discount[persona][arm][channel]`` hold fractions; without a test there is one arm, number 0.
    """

    horizon: float
    stages: tuple[str, ...]
    kinds: tuple[str, ...]  # prospect, customer, lost or churned, by stage
    channels: tuple[str, ...] = ("own",)
    media: tuple[str, ...] = ("own",)  # own, paid, owned or earned, by channel
    leads: tuple[bool, ...] = (False,)  # whether an engaged touch makes a lead, by channel
    personas: tuple[str, ...] = ("everyone",)
    markets: tuple[str, ...] = ("b2c",)
    arms: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    people: tuple[int, ...] = ()  # by desk
    wages: tuple[float, ...] = ()  # money a month and head, by desk
    hired: tuple[tuple[float, float], ...] = ()  # people who join and the day from which they are paid, by desk
    open: tuple[float, ...] = ()  # share of the time in which the desk is open, by desk
    wins: tuple[bool, ...] = ()  # whether the desk serves any prospect, by desk; all do where nothing is said
    margin: tuple[tuple[float, ...], ...] = ((1.0,),)
    discount: tuple[tuple[tuple[float, ...], ...], ...] = (((0.0,),),)
    currency: str = "EUR"
    discount_rate: float = 0.0  # a year
    clv_days: float = 1095.0
    half_life: float = 0.0  # days, of satisfaction; 0: it does not fade
    ring: bool = False
    coupled: bool = False  # customers share desks or budgets: one run has no interval
    opening: int = 0  # customers who were there on day 0
    reasons: tuple[str, ...] = ()  # why customers leave there, by stage; empty where none is stated

    def contribution(self) -> Array:
        """Return contribution per unit of revenue, shape (personas, arms, channels).

        Value v sold at discount d with margin m earns v (m - d) on a revenue of v (1 - d): the goods cost the same.
        """
        discount, margin = np.array(self.discount), np.array(self.margin)[:, :, None]
        return np.asarray((margin - discount) / (1.0 - discount))

    def heads(self, desk: int, start: float, end: float) -> float:
        """Return how many people of a desk are paid between two days, on average."""
        joined, day = self.hired[desk] if self.hired else (0.0, 0.0)
        return self.people[desk] + joined * max(0.0, end - max(start, day)) / (end - start)

    def head_days(self, desk: int, start: float, end: float) -> float:
        """Return the paid days of work of a desk's people between two days, closed hours left out."""
        return self.heads(desk, start, end) * (end - start) * (self.open[desk] if self.open else 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the terms as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Terms":
        """Return the terms that `to_dict` wrote, also after a trip through JSON."""
        return cls(**{name: _tuples(value) for name, value in data.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Log:
    """Everything a run leaves behind; metrics read nothing else.

    ``births``: `BIRTH` records of all who arrived before the horizon, founders first, then the referred.
    ``blocks()``: a fresh iterator over `Block`s that cover the births in order; it may be called again and again.
    ``ledger``: fixed costs (month from 0, channel or desk, money).
    ``queueing``: customers who still queued at the horizon, by desk: they have no row for it.
    """

    terms: Terms
    births: Array
    blocks: Callable[[], Iterator[Block]]
    ledger: tuple[tuple[int, str, float], ...] = ()
    founders: int = field(default=0)  # how many of the births nobody referred
    queueing: tuple[int, ...] = ()


def in_memory(terms: Terms, births: Array, rows: Array, ledger: tuple[tuple[int, str, float], ...] = (), founders: int | None = None) -> Log:
    """Return the log of rows that fit in memory, ordered by (customer, number)."""
    count = len(births)
    return Log(terms, births, lambda: iter([(0, count, rows)]), ledger, count if founders is None else founders)
