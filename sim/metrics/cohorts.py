"""Cohorts: of the customers who converted in one period, how many are still there some time later."""

from dataclasses import dataclass

import numpy as np

from sim.customers import fold
from sim.log import Array, Log
from sim.metrics.rows import MONTH, days
from sim.stats.proportions import wilson

PERIODS = (1, 3, 6, 12)  # months
MARKS = (1, 3, 6, 12, 18, 24, 36, 48)  # months after the conversion
LEAST, MOST = 20, 12  # customers of a cohort, cohorts


@dataclass(frozen=True)
class Cohorts:
    """Share retained by cohort and mark, NaN where not all of the cohort were followed so long; 95 % limits are Wilson's, NaN in coupled logs.

    ``period`` is the length of a cohort in months, ``sizes`` how many converted; ``share``, ``low``, ``high`` have the shape (cohorts, marks).
    """

    period: int
    sizes: Array
    marks: Array
    share: Array
    low: Array
    high: Array


def cohorts(log: Log) -> Cohorts:
    """Return the cohorts of conversion, months, quarters or years long, as the number of customers allows."""
    customers = fold(log)
    won = customers[~np.isnan(customers["converted_at"])]
    months_in = log.terms.horizon / MONTH
    period = next((p for p in PERIODS if months_in / p <= MOST and len(won) * p / months_in >= LEAST), PERIODS[-1])
    count = max(1, int(np.ceil(months_in / period - 1e-9)))
    of = np.minimum((won["converted_at"] // (period * MONTH)).astype(np.intp), count - 1)
    stayed = np.where(np.isnan(won["churned_at"]), np.inf, days(won["churned_at"], won["converted_at"]))
    marks = np.array([m for m in MARKS if m < months_in], dtype=np.intp)
    sizes = np.bincount(of, minlength=count)
    share = np.full((count, len(marks)), np.nan)
    low, high = share.copy(), share.copy()
    for k in range(count):
        followed = log.terms.horizon - min((k + 1) * period * MONTH, log.terms.horizon)
        for m, mark in enumerate(marks):
            if sizes[k] and mark * MONTH <= followed + 1e-9:
                share[k, m] = float((stayed[of == k] > mark * MONTH).mean())
                low[k, m], high[k, m] = (np.nan, np.nan) if log.terms.coupled else wilson(share[k, m], int(sizes[k]))
    return Cohorts(period, sizes, marks, share, low, high)
