"""What rows add up to: by customer, and by channel, stage, month or desk of the occasion."""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Terms
from sim.metrics.fixed import FixedCosts, shares
from sim.metrics.rows import YEAR, Rows, days, month, months

QUEUE = ("served", "waited", "gave_up", "asked", "busy")
FOLDED = ("exposures", "touches", "revenue", "margin", "cost", "orders")  # the customer record has these totals already
MONEY = ("rows", "revenue", "margin", "cost", "orders", "paid", "paid_fixed", "channel_fixed", "desk_fixed")  # not told apart by stage

Counted = tuple[Array | slice, Array]  # some rows, and a number for each


@dataclass(frozen=True)
class Tally:
    """Totals by (customer, group) that has any row: ``customer`` and ``group`` (records,), and columns of that length.

    Without intervals there is no need to know whose they are: ``customer`` is 0.
    """

    by: str
    names: tuple[str, ...]
    customer: Array
    group: Array
    columns: dict[str, Array]


def events(terms: Terms, contribution: Array, rows: Rows, costs: FixedCosts) -> dict[str, Array]:
    """Return what each row counts for: numbers, money (contribution of its order included) and fixed costs."""
    touch = rows.touch
    found = {
        "rows": np.ones(len(touch)),
        "exposures": rows.exposure.astype(float),
        "touches": touch.astype(float),
        "satisfaction": rows.satisfaction * touch,
        "revenue": rows.revenue,
        "margin": contribution,
        "cost": rows.cost,
        "paid": rows.cost * np.array([media == "paid" for media in terms.media])[rows.channel],
        "orders": rows.order.astype(float),
    }
    if terms.desks:
        asked = rows.desk >= 0
        served = asked & rows.occasion
        found |= {"served": served.astype(float), "waited": rows.waited * served, "busy": rows.served * served}
        found |= {"gave_up": (asked & ~rows.occasion).astype(float), "asked": asked.astype(float)}
    if costs.any:
        found["desk_fixed"], found["channel_fixed"] = shares(costs, rows)
        found["paid_fixed"] = found["channel_fixed"] * np.array([media == "paid" for media in terms.media])[rows.channel]
    return found


def acquisition(found: dict[str, Array], rows: Rows, customers: Array, horizon: float) -> dict[str, Array]:
    """Return the part of the costs spent before or at conversion: over the run, and in the first year of those followed for one."""
    arrived = customers["arrived"][rows.customer]
    before = ~(rows.time > customers["converted_at"][rows.customer])
    first_year = before & (days(rows.time, arrived) <= YEAR) & (days(horizon, arrived) >= YEAR)
    return {
        f"{when}_{name}": found[name] * mask
        for when, mask in (("win", before), ("year", first_year))
        for name in ("cost", "desk_fixed", "channel_fixed")
        if name in found and (name != "cost" or when == "year")  # the run's variable cost to win is in the customer record
    }


def _counted(values: Array) -> Counted:
    """Return where there is anything to add up, and what: most numbers are 0 in most rows."""
    at = np.flatnonzero(values)
    return (slice(None), values) if 2 * len(at) > len(values) else (at, values[at])


class TallyCollector:
    """Collects totals block by block; ``by_customer`` says whether records by event keep apart whose they are."""

    def __init__(self, terms: Terms, customers: Array, costs: FixedCosts, *, by_customer: bool) -> None:
        self.terms, self.customers, self.costs, self.by_customer = terms, customers, costs, by_customer
        self.contribution = terms.contribution()
        self.totals: dict[str, Array] = {name: customers[name].astype(float) for name in FOLDED}
        self.parts: dict[str, list[tuple[Array, Array, dict[str, Array]]]] = {"channel": [], "stage": [], "month": [], "desk": []}
        names = {"channel": terms.channels, "stage": terms.stages, "month": tuple(str(m) for m in range(months(terms.horizon))), "desk": terms.desks}
        self.names: dict[str, tuple[str, ...]] = names

    def add(self, rows: Rows, contribution: Array) -> None:
        """Take a block, and what its rows contribute before costs."""
        found = events(self.terms, contribution, rows, self.costs)
        wins = acquisition(found, rows, self.customers, self.terms.horizon)
        who = rows.who
        counted = {name: _counted(values) for name, values in (found | wins).items()}
        for name, (at, values) in counted.items():
            if name not in FOLDED:
                total = self.totals.setdefault(name, np.zeros(len(self.customers)))
                total[rows.first : rows.last] = np.bincount(who[at], weights=values, minlength=rows.last - rows.first)
        when = np.minimum(month(rows.time), len(self.names["month"]) - 1)
        self._add_part("month", rows, who, when, {name: counted[name] for name in found})
        self._add_part("stage", rows, who, rows.stage_from, {name: counted[name] for name in found if name not in MONEY})
        of_channel = {name: some for name, some in counted.items() if name in found or name.endswith("channel_fixed")}
        self._add_part("channel", rows, who, rows.channel, of_channel)
        if self.terms.desks:
            some = np.flatnonzero(rows.desk >= 0)
            self._add_part("desk", rows, who[some], rows.desk[some], {name: _counted(found[name][some]) for name in QUEUE})

    def _add_part(self, by: str, rows: Rows, who: Array, key: Array, columns: dict[str, Counted]) -> None:
        width = len(self.names[by])
        code = who * width + key if self.by_customer else key
        size = (rows.last - rows.first) * width if self.by_customer else width
        some = np.flatnonzero(np.bincount(code, minlength=size))
        sums = {name: np.bincount(code[at], weights=values, minlength=size)[some] for name, (at, values) in columns.items()}
        self.parts[by].append(((rows.first + some // width).astype(np.int32), (some % width).astype(np.int16), sums))

    def done(self) -> tuple[dict[str, Array], dict[str, Tally]]:
        """Return the totals by customer, and the tallies by what they are by."""
        tallies = {}
        for by, parts in self.parts.items():
            customer, group = (np.concatenate([np.zeros(0, np.int32), *(part[i] for part in parts)]) for i in (0, 1))
            names = parts[0][2] if parts else {}
            tallies[by] = Tally(by, self.names[by], customer, group, {name: np.concatenate([part[2][name] for part in parts]) for name in names})
        return self.totals, tallies
