"""Fixed costs, and how they fall on occasions: by served time (desks) and by exposures (channels) of the month."""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Log
from sim.metrics.rows import Rows, blocks, month, months


@dataclass(frozen=True)
class FixedCosts:
    """Money by month: ``desks`` (desks, months), ``channels`` (channels, months); and the part of it that one served day, or one exposure, bears."""

    desks: Array
    channels: Array
    per_day: Array
    per_exposure: Array

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
    served, exposures = np.zeros(desks.shape), np.zeros(channels.shape)
    if desks.any() or channels.any():
        for rows in blocks(log):
            served += _by_item(rows.desk, rows, rows.served, desks.shape)
            exposures += _by_item(rows.channel, rows, rows.exposure.astype(float), channels.shape)
    return FixedCosts(desks, channels, _rates(desks, served), _rates(channels, exposures))


def shares(costs: FixedCosts, rows: Rows) -> tuple[Array, Array]:
    """Return the fixed cost of desks and that of channels that falls on each row."""
    when = np.minimum(month(rows.time), costs.channels.shape[1] - 1)
    of_channels = costs.per_exposure[rows.channel, when] * rows.exposure
    if not len(costs.desks):
        return np.zeros(len(when)), of_channels
    return np.where(rows.desk >= 0, costs.per_day[rows.desk, when] * rows.served, 0.0), of_channels


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
