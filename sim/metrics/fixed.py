"""Fixed costs, and how they fall on occasions: by served time (desks) and by exposures (channels) of the month.

The wages of a desk that served nobody in the whole run fall on the occasions in stages of prospects, if the desk serves any
prospects: it stood ready to win them.  Those of any other desk without work fall on nobody.
"""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Log, Terms
from sim.metrics.rows import Rows, blocks, month, months


@dataclass(frozen=True)
class FixedCosts:
    """Money by month: ``desks`` (desks, months), ``channels`` (channels, months); and the part of it that one served day, or one exposure, bears.

    ``per_occasion`` (stages, months): what an occasion bears of the wages of desks that served nobody.
    """

    desks: Array
    channels: Array
    per_day: Array
    per_exposure: Array
    per_occasion: Array

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return bool(self.desks.any() or self.channels.any())

    @property
    def by_month(self) -> Array:
        """Return the money by month."""
        return np.asarray(self.desks.sum(axis=0) + self.channels.sum(axis=0))


def fixed_costs(log: Log) -> FixedCosts:
    """Return the ledger by item and month with its rates; reads the rows only when there is a ledger."""
    terms = log.terms
    desks, channels = np.zeros((len(terms.desks), months(terms.horizon))), np.zeros((len(terms.channels), months(terms.horizon)))
    for when, item, money in log.ledger:
        table, names = (desks, terms.desks) if item in terms.desks else (channels, terms.channels)
        table[names.index(item), min(when, table.shape[1] - 1)] += money
    served, exposures, occasions = np.zeros(desks.shape), np.zeros(channels.shape), np.zeros((len(terms.stages), months(terms.horizon)))
    if desks.any() or channels.any():
        for rows in blocks(log):
            served += _by_item(rows.desk, rows, rows.served, desks.shape)
            exposures += _by_item(rows.channel, rows, rows.exposure.astype(float), channels.shape)
            occasions += _by_item(rows.stage_from, rows, rows.step.astype(float), occasions.shape)
    ready = _ready(terms, desks, served)
    of_prospects = occasions * (np.array(terms.kinds) == "prospect")[:, None]
    per_occasion = (of_prospects > 0) * _rates(ready, of_prospects.sum(axis=0, keepdims=True))
    return FixedCosts(desks, channels, _rates(desks, served), _rates(channels, exposures), per_occasion)


def shares(costs: FixedCosts, rows: Rows) -> tuple[Array, Array]:
    """Return the fixed cost of desks and that of channels that falls on each row."""
    when = np.minimum(month(rows.time), costs.channels.shape[1] - 1)
    of_channels = costs.per_exposure[rows.channel, when] * rows.exposure
    if not len(costs.desks):
        return np.zeros(len(when)), of_channels
    of_desks = np.where(rows.desk >= 0, costs.per_day[rows.desk, when] * rows.served, 0.0)
    return of_desks + costs.per_occasion[rows.stage_from, when] * rows.step if costs.per_occasion.any() else of_desks, of_channels


def _ready(terms: Terms, money: Array, served: Array) -> Array:
    """Return the wages by month, shape (1, months), of the desks that serve prospects and served nobody."""
    wins = np.array(terms.wins or (True,) * len(terms.desks), bool)
    return np.asarray(money[wins & (served.sum(axis=1) == 0)].sum(axis=0, keepdims=True))


def _by_item(item: Array, rows: Rows, amount: Array, shape: tuple[int, ...]) -> Array:
    some = (item >= 0) & (amount > 0)
    key = item[some] * shape[1] + np.minimum(month(rows.time[some]), shape[1] - 1)
    return np.bincount(key, weights=amount[some], minlength=shape[0] * shape[1])[: shape[0] * shape[1]].reshape(shape)


def _rates(money: Array, units: Array) -> Array:
    """Return money per unit; a month without units leaves its money to the item's other months, in proportion to their units."""
    idle = np.where(units > 0, 0.0, money).sum(axis=1, keepdims=True)
    whole = units.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(units > 0, money / units, 0.0) + np.where(whole > 0, idle / whole, 0.0)
    return np.asarray(rates)
