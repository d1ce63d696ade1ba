"""From records to measurements: sums over sums by group, with the interval that fits, and the notes that go with it.

Almost every metric is a ratio Σx / Σy over the customers of a group: a mean (y = 1), a share, an average order.  Windowed
metrics are too, because their estimators give one value per customer (see `sim.stats.survival.pseudo`, `sim.metrics.flows`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.log import Array
from sim.metrics.journey import Facts
from sim.metrics.table import FEW, NO_VALUES, Metric
from sim.stats.bootstrap import bootstrap_t, generator
from sim.stats.proportions import Z95, effective_n, wilson
from sim.stats.ratios import Totals, per_unit

Interval = Callable[[Totals, int, float, tuple[str, str, str, str]], tuple[float, float]]  # (totals, n, n if nothing varies, address)

FEW_BELOW, NONE_BELOW, RARE = 30, 10, 5
NONE = (math.nan, math.nan)


@dataclass(frozen=True)
class Measure:
    """What a metric is called, its unit, the interval it gets, the note where it has no value, and the note of every value."""

    name: str
    unit: str
    interval: Interval
    empty: str = NO_VALUES
    note: str = ""


@dataclass(frozen=True)
class Records:
    """Records to be summed by group: whose they are (index), their group (-1: none), and what stands above and below the line.

    ``n`` (by group): the number of values behind the ratio, when that is not Σ below; ``otherwise`` (by group): see `effective_n`;
    ``void`` (by group): a reason why there is no value, or "".
    """

    customer: Array
    group: Array
    above: Array
    below: Array
    n: Array | None = None
    otherwise: Array | None = None
    void: Sequence[str] | None = None


def by_wilson(totals: Totals, _: int, otherwise: float, __: tuple[str, str, str, str]) -> tuple[float, float]:
    """Return Wilson's interval of a share with the effective size of the sample."""
    share = min(1.0, max(0.0, totals.ratio))
    return wilson(share, effective_n(share, totals.variance(), otherwise))


def by_bootstrap(totals: Totals, _: int, __: float, address: tuple[str, str, str, str]) -> tuple[float, float]:
    """Return the bootstrap-t interval."""
    return bootstrap_t(totals, generator(*address))


def by_nothing(_: Totals, __: int, ___: float, ____: tuple[str, str, str, str]) -> tuple[float, float]:
    """Return no interval: the number is a fact of the run, or a description without one."""
    return NONE


def by_normal(totals: Totals, _: int, __: float, ___: tuple[str, str, str, str]) -> tuple[float, float]:
    """Return ratio ± 1.96 standard errors: for means of bounded numbers."""
    half = Z95 * math.sqrt(totals.variance())
    return totals.ratio - half, totals.ratio + half


def ratios(facts: Facts, measure: Measure, by: str, names: Sequence[str], records: Records) -> list[Metric]:
    """Return Σ above / Σ below for each group."""
    width = len(names)
    inside = records.group >= 0
    group, above, below = (column if inside.all() else column[inside] for column in (records.group, records.above, records.below))
    over, under = (np.bincount(group, weights=column, minlength=width) for column in (above, below))
    n = (under.round().astype(int) if records.n is None else records.n).tolist()
    select = _selector(facts, records, inside, width)
    out = []
    for g, (name, count, parts) in enumerate(zip(names, n, zip(over.tolist(), under.tolist(), strict=True), strict=True)):
        void = records.void[g] if records.void is not None else ""
        if void or not parts[1]:
            out.append(Metric(measure.name, by, name, math.nan, *NONE, measure.unit, count, void or measure.empty, *(NONE if void else parts)))
            continue
        value = parts[0] / parts[1]
        totals = select(g) if facts.intervals and count >= NONE_BELOW and measure.interval is not by_nothing else None
        otherwise = float(records.otherwise[g]) if records.otherwise is not None else float(count)
        low, high = NONE if totals is None else _interval(facts, measure, totals, count, otherwise, by, name)
        few = count < FEW_BELOW or (measure.interval is by_wilson and count * min(value, 1 - value) < RARE)
        note = "; ".join(filter(None, (measure.note, FEW if few else "")))
        out.append(Metric(measure.name, by, name, value, low, high, measure.unit, count, note, *parts))
    return out


def _interval(facts: Facts, measure: Measure, totals: Totals, n: int, otherwise: float, by: str, name: str) -> tuple[float, float]:
    if measure.interval is by_bootstrap and np.count_nonzero(totals.above) < NONE_BELOW:
        return NONE
    return measure.interval(totals, n, otherwise, (facts.seed, measure.name, by, name))


def _selector(facts: Facts, records: Records, inside: Array, width: int) -> Callable[[int], Totals]:
    """Return the function that gives a group's totals per unit; sorts the records by group once."""
    if not facts.intervals:
        return lambda _: Totals(np.zeros(0), np.zeros(0))
    group = records.group[inside]
    order = np.argsort(group.astype(np.int16), kind="stable")  # a radix sort
    ends = np.cumsum(np.bincount(group, minlength=width))
    unit = records.customer if facts.family is None else facts.family[records.customer]
    columns = [column if inside.all() else column[inside] for column in (unit, records.above, records.below)]

    def select(g: int) -> Totals:
        some = order[(ends[g - 1] if g else 0) : ends[g]]
        unit, above, below = (column[some] for column in columns)
        if len(unit) < 2 or bool((unit[1:] > unit[:-1]).all()):
            return Totals(above, below)
        if len(unit) * 8 < len(facts.customers):
            unit = np.unique(unit, return_inverse=True)[1]
        units = int(unit.max()) + 1
        return Totals(per_unit(above, unit, units), per_unit(below, unit, units))

    return select


def totals(facts: Facts, measure: Measure, by: str, names: Sequence[str], records: Records, plus: Array | float = 0.0) -> list[Metric]:
    """Return Σ above for each group, plus a constant; its spread is that of (number of units) × (mean per unit), all units counted."""
    width = len(names)
    inside = records.group >= 0
    sums = np.bincount(records.group[inside], weights=records.above[inside], minlength=width)
    n = np.bincount(records.group[inside], weights=records.below[inside], minlength=width).round().astype(int) if records.n is None else records.n
    plus = np.broadcast_to(plus, width)
    select = _selector(facts, records, inside, width)
    units = len(facts.customers) if facts.family is None else int(facts.log.founders)
    out = []
    for g, name in enumerate(names):
        low, high = NONE
        if facts.intervals and n[g] >= NONE_BELOW and measure.interval is not by_nothing:
            some = select(g).above
            mean = Totals(some, np.ones(len(some)), max(0, units - len(some)))
            low, high = (limit * mean.whole + plus[g] for limit in _interval(facts, measure, mean, int(n[g]), 0.0, by, name))
        note = FEW if n[g] < FEW_BELOW and measure.interval is not by_nothing else ""
        out.append(Metric(measure.name, by, name, float(sums[g] + plus[g]), float(low), float(high), measure.unit, int(n[g]), note))
    return out


def of_customers(facts: Facts, measure: Measure, above: Array, below: Array, partitions: Sequence[str] = ("persona", "channel", "source")) -> list[Metric]:
    """Return Σ above / Σ below over the customers of each group of some partitions."""
    everybody = np.arange(len(facts.customers))
    return [
        metric
        for _, grouping, group in facts.groupings(*partitions)
        for metric in ratios(facts, measure, grouping.by, grouping.names, Records(everybody, group, above, below))
    ]


def of_occasions(facts: Facts, measure: Measure, above: Sequence[str], below: Sequence[str], events: Sequence[str]) -> list[Metric]:
    """Return Σ above / Σ below (names of totals, added up) by groups of customers, and by channel, stage, month or desk of the occasion."""
    everybody = len(facts.customers)
    out = of_customers(facts, measure, added(facts.totals, above, everybody), added(facts.totals, below, everybody), ("persona", "source"))
    for by in events:
        tally = facts.tallies[by]
        size = len(tally.group)
        records = Records(tally.customer, tally.group, added(tally.columns, above, size), added(tally.columns, below, size))
        out += ratios(facts, measure, by, tally.names, records)
    return out


def added(columns: dict[str, Array], names: Sequence[str], size: int) -> Array:
    """Return the sum of some columns; one that does not exist is 0."""
    return np.asarray(sum((columns[name] for name in names if name in columns), np.zeros(size)))
