"""A log as facts are counted in it: customers, their rows, and who belongs to whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim import log as schema
from sim.customers import fold
from sim.log import Array, Log
from sim.metrics.journey import Facts, facts

YEAR = 365.0


@dataclass(frozen=True)
class Seen:
    """A log, read once; masks have one entry a customer or one a row."""

    log: Log

    @cached_property
    def customers(self) -> Array:
        """The customers as records (`sim.customers.CUSTOMER`)."""
        return fold(self.log)

    @cached_property
    def rows(self) -> Array:
        """All rows (`sim.log.ROW`), ordered by customer and number."""
        return np.concatenate([np.zeros(0, schema.ROW), *(block[2] for block in self.log.blocks())])

    @cached_property
    def facts(self) -> Facts:
        """The log as metrics read it."""
        return facts(self.log, intervals=False)

    @cached_property
    def touch(self) -> Array:
        """Whether the row is a touch: a customer engaged with a channel."""
        return np.asarray(schema.engaged(self.rows) & (self.rows["channel"] > 0) & (schema.kind(self.rows) == schema.OCCASION))

    @cached_property
    def won(self) -> Array:
        """Whether the customer converted."""
        return np.asarray(~np.isnan(self.customers["converted_at"]))

    @cached_property
    def bought(self) -> Array:
        """Whether the customer converted and arrived a year or more before the horizon: who came later had too little time for a long way."""
        return np.asarray(self.won & (self.customers["arrived"] < self.log.terms.horizon - YEAR))

    @cached_property
    def before(self) -> Array:
        """Whether the row is a touch before or at the conversion."""
        return np.asarray(self.touch & ~(self.rows["time"] > self.customers["converted_at"][self.rows["customer"]]))

    @cached_property
    def lag(self) -> Array:
        """Days from the first touch to the conversion; 0 where there was none of either."""
        first = np.full(len(self.customers), np.inf)
        np.minimum.at(first, self.rows["customer"][self.before], self.rows["time"][self.before])
        return np.asarray(np.nan_to_num(self.customers["converted_at"] - first, nan=0.0, neginf=0.0))

    def through(self, names: Iterable[str]) -> Array:
        """Return whether the row belongs to one of these channels; a channel that the world lacks has no rows."""
        listed = list(self.log.terms.channels)
        return np.isin(self.rows["channel"], [listed.index(name) for name in names if name in listed])

    def market(self, name: str) -> Array:
        """Return whether the customer's persona is of this market."""
        return np.asarray(np.array([one == name for one in self.log.terms.markets])[self.customers["persona"]])

    def persona(self, name: str) -> Array:
        """Return whether the customer is of this persona."""
        return np.asarray(np.array([one == name for one in self.log.terms.personas])[self.customers["persona"]])

    def kind(self, stage: Array) -> Array:
        """Return the kinds of stages."""
        return np.asarray(np.array(self.log.terms.kinds)[stage])
