"""Populations whose truth is known: two personas that convert, order every 30 days and leave, at different speeds."""

from typing import NamedTuple

import numpy as np

from sim.log import BIRTH, ROW, Log, Terms, in_memory


class Persona(NamedTuple):
    """Mean days to conversion, mean days from conversion to leaving, what an order is worth."""

    to_convert: float
    to_leave: float
    order: float

    def retained(self, days: float) -> float:
        """Return the share that has not left so many days after conversion."""
        return float(np.exp(-days / self.to_leave))

    def worth(self, days: float) -> float:
        """Return the expected orders in the first days after conversion, at 0, 30, 60 ..., in money."""
        return float(self.order * np.exp(-np.arange(0, days, 30) / self.to_leave).sum())


B2C, B2B = Persona(20.0, 400.0, 20.0), Persona(200.0, 1100.0, 150.0)
EVERY = 30.0
ARRIVALS = 365.0


def two_personas(seed: int, size: int, horizon: float, *, spread: float = 0.0) -> Log:
    """Return a log of customers of either persona (at random), arriving over a year; order values with a lognormal spread."""
    chance = np.random.default_rng(seed)
    births = np.zeros(size, BIRTH)
    births["customer"] = births["identity"] = np.arange(size)
    births["persona"], births["parent"], births["arm"] = chance.integers(0, 2, size), -1, -1
    births["arrived"] = chance.uniform(0, ARRIVALS, size)
    means = np.array([B2C, B2B])[births["persona"]]
    converted = births["arrived"] + means[:, 0] * chance.exponential(size=size)
    left = converted + means[:, 1] * chance.exponential(size=size)
    values = means[:, 2] * chance.lognormal(-(spread**2) / 2, spread, size)
    orders = np.maximum(0, np.ceil((np.minimum(left, horizon) - converted) / EVERY)).astype(int)
    who = np.repeat(np.arange(size), orders)
    place = np.arange(len(who)) - np.repeat(np.cumsum(orders) - orders, orders)
    rows = np.zeros(len(who), ROW)
    rows["time"], rows["customer"], rows["revenue"], rows["flags"] = converted[who] + EVERY * place, who, values[who], 2
    rows["stage_from"], rows["stage_to"] = np.where(place == 0, 0, 1), 1
    gone = np.flatnonzero(left < horizon)
    exits = np.zeros(len(gone), ROW)
    exits["time"], exits["customer"], exits["stage_from"], exits["stage_to"] = left[gone], gone, 1, 2
    rows = np.concatenate([rows, exits])
    rows = rows[np.lexsort((rows["time"], rows["customer"]))]
    terms = Terms(
        horizon, ("looking", "buying", "gone"), ("prospect", "customer", "churned"),
        personas=("b2c", "b2b"), markets=("b2c", "b2b"), margin=((1.0,), (1.0,)), discount=(((0.0,),), ((0.0,),)), clv_days=365.0,
    )  # fmt: skip
    return in_memory(terms, births, rows)


def converts_by(persona: Persona, horizon: float) -> float:
    """Return the share that converts before the horizon: 1 - m/A (exp(-(H - A)/m) - exp(-H/m)) for arrivals uniform over A days."""
    m = persona.to_convert
    return float(1 - m / ARRIVALS * (np.exp(-(horizon - ARRIVALS) / m) - np.exp(-horizon / m)))
