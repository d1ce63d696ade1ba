"""Value in the first year, and nothing else: for studies that play a world some hundred times and ask each run one question."""

import numpy as np

from sim.customers import discounted
from sim.log import Array, Log
from sim.metrics.arrivals import arrivals
from sim.metrics.groups import strata
from sim.metrics.rows import YEAR, blocks, days
from sim.stats.flows import follow_up


def first_year(log: Log) -> tuple[float, Array, int]:
    """Return value_365d of all arrivals, the same number as the metric's, their engaged touches by (stage, channel), and how many they are."""
    log = arrivals(log) or log
    terms, births = log.terms, log.births
    code, cells = strata(terms, births)
    code = code.astype(np.intp)
    followed = follow_up(days(terms.horizon, births["arrived"]), code, cells)
    table, total = terms.contribution(), 0.0
    touches = np.zeros((len(terms.stages), len(terms.channels)))
    for rows in blocks(log):
        key = rows.stage_from * len(terms.channels) + rows.channel
        touches += np.bincount(key[rows.touch], minlength=touches.size).reshape(touches.shape)
        who = births[rows.customer]
        flow = rows.revenue * table[who["persona"], np.maximum(who["arm"], 0), rows.channel] - rows.cost
        age = days(rows.time, who["arrived"])
        at = np.flatnonzero((flow != 0) & (age < YEAR))
        total += float((flow[at] * discounted(terms, age[at]) * followed.weight(code[rows.customer[at]], age[at])).sum())
    return total / max(1, len(births)), touches, len(births)
