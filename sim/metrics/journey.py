"""The facts that all metrics share: a log read once, folded into customers, visits, totals and flows.

    log ─ customers.fold ─> customers ─┬─ groups.partitions   who is counted with whom
        ─ fixed.fixed_costs ───────────┤
        ─ rows.blocks ─────────────────┴─ path, tally, flows   one more pass over the rows

Nothing else reads rows: a metric is arithmetic on facts.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sim.customers import fold
from sim.log import Array, Log, Terms
from sim.metrics.arrivals import PER_ARRIVAL, arrivals
from sim.metrics.fixed import FixedCosts, fixed_costs
from sim.metrics.flows import FlowCollector, Flows
from sim.metrics.groups import Grouping, Partition, families, group_windows, partitions
from sim.metrics.path import Path, PathCollector
from sim.metrics.rows import blocks, days
from sim.metrics.site import Sessions
from sim.metrics.site import sessions as on_site
from sim.metrics.table import Metric
from sim.metrics.tally import Tally, TallyCollector
from sim.stats import flows as by_age
from sim.stats import survival


@dataclass(frozen=True)
class Facts:
    """A log as metrics read it; everything per customer is in the order of the births."""

    log: Log
    customers: Array
    partitions: dict[str, Partition]
    family: Array | None  # the unit of intervals where customers refer customers
    costs: FixedCosts
    path: Path
    totals: dict[str, Array]
    tallies: dict[str, Tally]
    flows: Flows
    intervals: bool  # wanted, and the log is not coupled
    enough: int = 30  # customers of a stratum that a window must have been followed for (half of them in small strata)
    came: "Facts | None" = None  # of those who arrived, where others were there on day 0
    known: dict[str, list[Metric]] = field(default_factory=dict)  # what was measured already

    def once(self, name: str, function: "Callable[[Facts], list[Metric]]") -> list[Metric]:
        """Return a metric that others build on, measured once: of those who arrived if it is a number per arrival, else of everybody."""
        if name not in self.known:
            self.known[name] = function(self.came if self.came and name in PER_ARRIVAL else self)
        return self.known[name]

    @property
    def terms(self) -> Terms:
        """Return the terms of the log."""
        return self.log.terms

    @cached_property
    def seed(self) -> str:
        """Return a text that differs from run to run: where the addresses of bootstrap draws begin."""
        return hashlib.blake2b(np.ascontiguousarray(self.customers[:10_000]).tobytes(), digest_size=8).hexdigest()

    @cached_property
    def followed(self) -> Array:
        """Return the days from arrival to the horizon."""
        return days(self.terms.horizon, self.customers["arrived"])

    @cached_property
    def ranked(self) -> Array:
        """Return the customers by days to the horizon, shortest first."""
        return np.argsort(self.followed)

    @cached_property
    def won(self) -> Array:
        """Return who converted, as indices."""
        return np.flatnonzero(~np.isnan(self.customers["converted_at"]))

    @cached_property
    def left_after(self) -> Array:
        """Return the days from arrival to leaving, NaN for those who are still there."""
        gone = np.where(np.isnan(self.customers["churned_at"]), self.customers["lost_at"], self.customers["churned_at"])
        return days(gone, self.customers["arrived"])

    @cached_property
    def to_convert(self) -> Array:
        """Return the days from arrival to whatever ended the way to conversion: converting, leaving, or the horizon."""
        customers = self.customers
        first = np.fmin(days(customers["converted_at"], customers["arrived"]), days(customers["lost_at"], customers["arrived"]))
        return np.fmin(first, self.followed)

    @cached_property
    def followed_won(self) -> Array:
        """Return the days from conversion to the horizon, by converted customer."""
        return days(self.terms.horizon, self.customers["converted_at"][self.won])

    @cached_property
    def at_risk(self) -> tuple[Array, Array]:
        """Return when the converted began and ceased to be at risk of leaving (days of the run)."""
        won = self.customers[self.won]
        return won["converted_at"], np.where(np.isnan(won["churned_at"]), self.terms.horizon, won["churned_at"])

    @cached_property
    def leaving_days(self) -> Array:
        """Return the days from conversion to leaving or the horizon, by converted customer."""
        start, end = self.at_risk
        return days(end, start)

    @cached_property
    def conversion(self) -> dict[str, survival.Curves]:
        """Return the curves of conversion from arrival (leaving competes), by partition."""
        lost = ~np.isnan(self.customers["lost_at"])
        kind = np.where(lost, survival.OTHER, survival.STAYED)
        kind[self.won] = survival.EVENT
        ranked = np.argsort(self.to_convert)
        return {name: survival.curves(self.to_convert, kind, part.code, part.cells, ranked) for name, part in self.partitions.items()}

    @cached_property
    def leaving(self) -> dict[str, survival.Curves]:
        """Return the curves of leaving from conversion, by partition; subjects are the converted."""
        kind = np.where(np.isnan(self.customers["churned_at"][self.won]), survival.STAYED, survival.EVENT)
        return {name: survival.curves(self.leaving_days, kind, part.code[self.won], part.cells) for name, part in self.partitions.items()}

    @cached_property
    def windows(self) -> dict[str, Array]:
        """Return, by partition, the longest window that each cell was followed from arrival."""
        return {name: survival.longest_window(self.followed, part.code, part.cells, self.enough, self.ranked) for name, part in self.partitions.items()}

    @cached_property
    def windows_won(self) -> dict[str, Array]:
        """Return, by partition, the longest window that each cell's converted customers were followed from conversion."""
        return {name: survival.longest_window(self.followed_won, part.code[self.won], part.cells, self.enough) for name, part in self.partitions.items()}

    @cached_property
    def sessions(self) -> Sessions | None:
        """Return the sessions on a site, one more pass over the rows where there are any."""
        return on_site(self.log, self.path)

    def window(self, name: str, grouping: Grouping) -> Array:
        """Return, by group, the longest window from arrival."""
        return group_windows(self.windows[name], self.conversion[name].sizes, grouping)

    def window_won(self, name: str, grouping: Grouping) -> Array:
        """Return, by group, the longest window from conversion."""
        return group_windows(self.windows_won[name], self.leaving[name].sizes, grouping)

    @cached_property
    def longest(self) -> float:
        """Return the longest window that all strata were followed from arrival."""
        return float(self.window("persona", self.partitions["persona"].groupings[0])[0])

    def within(self, times: Array, kind: Array, ranked: Array | None = None) -> Array:
        """Return one value per customer whose mean is the share of events within the longest window, of customers that end at ``times`` by ``kind``."""
        part = self.partitions["persona"]
        return self.linear(survival.curves(times, kind, part.code, part.cells, ranked), times <= self.longest)

    @cached_property
    def reach(self) -> list[Array]:
        """Return, by stage, one value per customer whose mean is the share that enters it within the longest window; leaving elsewhere competes."""
        left = np.where(self.path.left_from >= 0, survival.OTHER, survival.STAYED)
        end, out = np.fmin(self.left_after, self.followed), []
        for reached in np.ascontiguousarray(self.path.reached.T):
            there = np.isfinite(reached)
            out.append(self.within(np.where(there, reached, end), np.where(there, survival.EVENT, left)))
        return out

    def paid_back(self, name: str) -> Array:
        """Return every contribution after conversion, weighted for follow-up within the cells of a partition."""
        part = self.partitions[name]
        followed = by_age.follow_up(self.followed_won, part.code[self.won], part.cells)
        return np.asarray(self.flows.contribution * followed.weight(part.code[self.flows.payer].astype(np.intp), self.flows.age))

    def linear(self, curve: survival.Curves, weight: Array) -> Array:
        """Return one value per subject whose mean is Σ weight ΔF; with the right spread where intervals are wanted."""
        return survival.pseudo(curve, weight) if self.intervals else survival.scores(curve, weight)

    def groupings(self, *partitions: str) -> list[tuple[str, Grouping, Array]]:
        """Return (partition, grouping, group of each customer) for the partitions that there are."""
        return [found for name in partitions if name in self.partitions for found in self._grouped[name]]

    @cached_property
    def _grouped(self) -> dict[str, list[tuple[str, Grouping, Array]]]:
        return {name: [(name, grouping, grouping.of_cell[part.code]) for grouping in part.groupings] for name, part in self.partitions.items()}


def facts(log: Log, *, intervals: bool, enough: int = 30) -> Facts:
    """Return the facts of a log; two passes over its rows, three where it has a ledger, twice as many where somebody was there on day 0."""
    costs, some = fixed_costs(log), arrivals(log)
    whole = _facts(log, costs, intervals=intervals, enough=enough)
    return whole if some is None else replace(whole, came=_facts(some, costs, intervals=intervals, enough=enough))


def _facts(log: Log, costs: FixedCosts, *, intervals: bool, enough: int) -> Facts:
    customers = fold(log)
    parts = partitions(log, customers)
    wanted = intervals and not log.terms.coupled
    path, flows = PathCollector(log.terms, log.births), FlowCollector(log.terms, customers, parts)
    tally = TallyCollector(log.terms, customers, costs, by_customer=wanted)
    table = log.terms.contribution()
    for rows in blocks(log):
        who = customers[rows.first : rows.last]
        contribution = rows.revenue * table[who["persona"][rows.who], np.maximum(who["arm"], 0)[rows.who], rows.channel]
        path.add(rows)
        tally.add(rows, contribution)
        flows.add(rows, contribution)
    return Facts(log, customers, parts, families(customers), costs, path.done(), *tally.done(), flows.done(), wanted, enough)
