"""Who arrived: everybody but those who were there on day 0, and whom they brought. Nobody knows when these came, so they count in no rate per arrival."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sim.log import Array, Block, Log

PER_ARRIVAL = frozenset(
    (
        "arrived", "leads", "lead_rate", "cpl", "conversion_rate", "conversion_rate_30d", "conversion_rate_90d", "conversion_rate_365d",
        "time_to_convert", "time_to_convert_mean", "touches_to_convert", "touches_to_convert_mean", "stage_reach", "drop_off_rate", "retention_30d",
        "retention_90d", "retention_365d", "clv", "clv_365d", "value_365d", "cac", "ltv_to_cac", "payback_days", "visitor_conversion_rate",
        "share_of_arrivals", "share_of_conversions", "conversion_index",
    )
)  # fmt: skip


def there(log: Log) -> Array:
    """Return who was there on day 0 (the last founders), or came through somebody who was, in the order of the births."""
    births, found = log.births, np.zeros(len(log.births), bool)
    if log.terms.opening:
        found[np.flatnonzero(births["parent"] < 0)[-log.terms.opening :]] = True
    parent = np.searchsorted(births["customer"], births["parent"])
    referred = np.flatnonzero(births["parent"] >= 0)
    while found.any() and (more := referred[found[parent[referred]] & ~found[referred]]).size:
        found[more] = True
    return np.asarray(found)


def arrivals(log: Log) -> Log | None:
    """Return the log of those who arrived; None if that is everybody."""
    out = there(log)
    if not out.any():
        return None
    upto = np.concatenate([[0], np.cumsum(~out)])

    def blocks() -> Iterator[Block]:
        for first, last, rows in log.blocks():
            kept = rows[~out[rows["customer"]]]
            kept["customer"] = upto[kept["customer"]]
            yield int(upto[first]), int(upto[last]), kept

    births = log.births[~out]
    return Log(replace(log.terms, opening=0), births, blocks, log.ledger, int(np.count_nonzero(births["parent"] < 0)), log.queueing)
