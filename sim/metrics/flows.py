"""Money by age: what each customer contributes less what it costs, discounted, and weighted for follow-up."""

from dataclasses import dataclass

import numpy as np

from sim.customers import discounted
from sim.log import Array, Terms
from sim.metrics.groups import Partition
from sim.metrics.rows import YEAR, Rows, days
from sim.stats import flows as by_age

PARTITIONS = ("persona", "channel", "source")


@dataclass(frozen=True)
class Flows:
    """``score[measure][partition]`` has one value per customer whose mean over a group is the group's discounted flow in the measure's window.

    Measures: value_365d, clv, clv_365d (customers who never converted: 0, and not to be counted).
    ``payer``, ``age`` and ``contribution``: every contribution of converted customers, by age from conversion.
    """

    score: dict[str, dict[str, Array]]
    payer: Array
    age: Array
    contribution: Array


class _Origin:
    """Flows from one origin (arrival or conversion) in one partition, over one or more windows."""

    def __init__(self, partition: Partition, followed: Array, windows: dict[str, float]) -> None:
        inside = ~np.isnan(followed)
        self.partition, self.followed, self.inside, self.windows = partition, followed, inside, windows
        self.follow_up = by_age.follow_up(followed[inside], partition.code[inside], partition.cells)
        self.total = {name: np.zeros(len(followed)) for name in windows}
        self.by_day = {name: np.zeros((partition.cells, int(np.ceil(window)) + 1)) for name, window in windows.items()}

    def add(self, rows: Rows, at: Array, age: Array, flow: Array) -> None:
        """Take the flows of some rows, numbered ``at``, younger than the longest window."""
        cell = self.partition.code[rows.customer[at]].astype(np.intp)
        weight = self.follow_up.weight(cell, age)
        for name, window in self.windows.items():
            young = slice(None) if window >= max(self.windows.values()) else age < window
            self.total[name][rows.first : rows.last] += np.bincount(rows.who[at][young], weights=(flow * weight)[young], minlength=rows.last - rows.first)
            table = self.by_day[name]
            key = cell[young] * table.shape[1] + age[young].astype(np.intp)
            table += np.bincount(key, weights=(flow * weight * weight)[young], minlength=table.size).reshape(table.shape)

    def score(self, name: str) -> Array:
        """Return the weighted flows, each less what was expected for its follow-up, plus the cell's mean of that: same means, the right spread."""
        size, code, inside = self.follow_up.sizes, self.partition.code.astype(np.intp), self.inside
        out = self.total[name].copy()
        expected = by_age.expected(self.by_day[name] / np.maximum(size, 1)[:, None], code[inside], self.followed[inside])
        mean = np.bincount(code[inside], weights=expected, minlength=self.partition.cells) / np.maximum(size, 1)
        out[inside] += mean[code[inside]] - expected
        return out


class FlowCollector:
    """Collects flows block by block."""

    def __init__(self, terms: Terms, customers: Array, partitions: dict[str, Partition]) -> None:
        self.terms, self.customers = terms, customers
        used = {name: partitions[name] for name in PARTITIONS if name in partitions}
        horizon = terms.horizon
        from_arrival, from_conversion = days(horizon, customers["arrived"]), days(horizon, customers["converted_at"])
        self.from_arrival = {name: _Origin(part, from_arrival, {"value_365d": YEAR}) for name, part in used.items()}
        self.from_conversion = {name: _Origin(part, from_conversion, {"clv": terms.clv_days, "clv_365d": YEAR}) for name, part in used.items()}
        self.paid: list[tuple[Array, Array, Array]] = []

    def add(self, rows: Rows, contribution: Array) -> None:
        """Take a block, and what its rows contribute before costs."""
        who = self.customers[rows.first : rows.last]
        at = np.flatnonzero((contribution != 0) | (rows.cost != 0))
        age = days(rows.time[at], who["arrived"][rows.who[at]])
        self._add(self.from_arrival, rows, at, age, (contribution - rows.cost)[at], YEAR)
        converted = who["converted_at"][rows.who[at]]
        since = rows.time[at] >= converted
        at, converted = at[since], converted[since]
        age = days(rows.time[at], converted)
        # What was spent at the conversion itself won the customer; its order is the first of the customer's life.
        flow = contribution[at] - np.where(rows.time[at] > converted, rows.cost[at], 0.0)
        self._add(self.from_conversion, rows, at, age, flow, max(self.terms.clv_days, YEAR))
        pays = contribution[at] != 0
        self.paid.append((rows.customer[at][pays].astype(np.int32), age[pays], contribution[at][pays]))

    def _add(self, origins: dict[str, _Origin], rows: Rows, at: Array, age: Array, flow: Array, window: float) -> None:
        young = (age < window) & (flow != 0)
        at, age = at[young], age[young]
        worth = flow[young] * discounted(self.terms, age)
        for origin in origins.values():
            origin.add(rows, at, age, worth)

    def done(self) -> Flows:
        """Return the whole."""
        score = {"value_365d": {name: origin.score("value_365d") for name, origin in self.from_arrival.items()}}
        for measure in ("clv", "clv_365d"):
            score[measure] = {name: origin.score(measure) for name, origin in self.from_conversion.items()}
        payer, age, contribution = (np.concatenate(part) for part in zip(*self.paid, strict=True))
        return Flows(score, payer, age, contribution)
