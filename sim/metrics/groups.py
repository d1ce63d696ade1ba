"""Who is counted with whom: groups of customers, and the strata (persona and arm) within which windowed metrics are estimated."""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Log, Terms
from sim.metrics.rows import month, months

SMALL = 0.01  # a stratum that holds no more of its group than this may be followed for too short


@dataclass(frozen=True)
class Grouping:
    """One way to group customers: names of the groups, and the group of each cell."""

    by: str
    names: tuple[str, ...]
    of_cell: Array


@dataclass(frozen=True)
class Partition:
    """Customers in cells, each within one stratum; every group of the groupings is a union of cells."""

    code: Array  # the cell of each customer
    cells: int
    groupings: tuple[Grouping, ...]


def strata(terms: Terms, customers: Array) -> tuple[Array, int]:
    """Return each customer's stratum, persona and arm as one number, and how many there are."""
    arms = max(1, len(terms.arms))
    return (customers["persona"].astype(np.int16) * arms + np.maximum(customers["arm"], 0)).astype(np.int16), len(terms.personas) * arms


def by_persona(terms: Terms, customers: Array) -> Partition:
    """Return the strata themselves: groups all, persona, market and (with a test) arm."""
    code, cells = strata(terms, customers)
    arms = max(1, len(terms.arms))
    persona, arm = np.divmod(np.arange(cells), arms)
    markets = tuple(dict.fromkeys(terms.markets))
    market = np.array([markets.index(name) for name in terms.markets])[persona]
    groupings = [
        Grouping("all", ("all",), np.zeros(cells, np.intp)),
        Grouping("persona", terms.personas, persona),
        Grouping("market", markets, market),
    ]
    if terms.arms:
        groupings.append(Grouping("arm", terms.arms, arm))
    return Partition(code, cells, tuple(groupings))


def crossed(terms: Terms, customers: Array, by: str, names: tuple[str, ...], group: Array) -> Partition:
    """Return the strata within each group of customers."""
    code, count = strata(terms, customers)
    cells = count * len(names)
    return Partition((group * count + code).astype(np.int16 if cells < 32_000 else np.int32), cells, (Grouping(by, names, np.arange(cells) // count),))


def partitions(log: Log, customers: Array) -> dict[str, Partition]:
    """Return the partitions by what they add to the strata: persona (nothing), channel, month, and source where somebody was referred."""
    terms = log.terms
    found = {
        "persona": by_persona(terms, customers),
        "channel": crossed(terms, customers, "channel", terms.channels, customers["first_channel"].astype(np.intp)),
        "month": crossed(terms, customers, "month", tuple(str(m) for m in range(months(terms.horizon))), month(customers["arrived"])),
    }
    referred = customers["parent"] >= 0
    if referred.any():
        found["source"] = crossed(terms, customers, "source", ("founder", "referred"), referred.astype(np.intp))
    return found


def families(customers: Array) -> Array | None:
    """Return the founder from whom each customer descends, as an index; None where nobody was referred."""
    parent = customers["parent"]
    if not (parent >= 0).any():
        return None
    order = np.argsort(customers["customer"], kind="stable")
    at = order[np.minimum(np.searchsorted(customers["customer"], parent, sorter=order), len(order) - 1)]
    root = np.where(parent >= 0, at, np.arange(len(parent)))
    while (root != root[root]).any():
        root = root[root]
    return np.asarray(root)


def group_windows(window: Array, sizes: Array, grouping: Grouping) -> Array:
    """Return, by group, the longest window that every stratum of more than `SMALL` of it allows; 0 for a group of nobody."""
    whole = np.bincount(grouping.of_cell, weights=sizes, minlength=len(grouping.names))
    counts = (sizes > SMALL * whole[grouping.of_cell]) & (sizes > 0)
    longest = np.full(len(grouping.names), np.inf)
    np.minimum.at(longest, grouping.of_cell[counts], window[counts])
    return np.where(np.isfinite(longest), longest, 0.0)
