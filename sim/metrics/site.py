"""Sessions: what customers do on a site between coming and leaving.

A session is a customer's occasions in prospect stages with no pause above 30 minutes between them, the rule of web analytics.  It
begins at arrival, with the first occasion after a pause, or when a customer comes back from a customer stage.  It sees the page
(stage) it begins with and every page that an occasion leads to; a page seen again counts again.
"""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Log
from sim.metrics.path import Path
from sim.metrics.rows import Rows, blocks, days

PAUSE = 0.5 / 24  # days


@dataclass(frozen=True)
class Sessions:
    """One entry a session: whose it is (index), begin and end in days, pages seen, the stage it began and the one it ended with.

    ``seen`` (customers, stages): pages seen.
    """

    customer: Array
    begin: Array
    end: Array
    pages: Array
    first: Array
    last: Array
    seen: Array

    def by_customer(self, values: Array) -> Array:
        """Return the sum of some values of sessions, by customer."""
        return np.bincount(self.customer, weights=values, minlength=len(self.seen))


def sessions(log: Log, path: Path) -> Sessions | None:
    """Return the sessions of a log; None where most stays in prospect stages are longer than a pause: people don't browse there."""
    stays = path.visit_days[path.visit_ended & (np.array(log.terms.kinds) == "prospect")[path.visit_stage]]
    if 2 * np.count_nonzero(stays < PAUSE) <= len(stays):
        return None
    parts = [_of_block(log, rows) for rows in blocks(log)]
    columns = (np.concatenate([part[name] for part in parts]) for name in ("customer", "begin", "end", "pages", "first", "last", "seen"))
    return Sessions(*columns)


def _of_block(log: Log, rows: Rows) -> dict[str, Array]:
    """Return the sessions of some customers, in order, as columns; every page belongs to the last session that was opened before it."""
    site, customer = (np.array(log.terms.kinds) == kind for kind in ("prospect", "customer"))
    rows, births = rows.steps(), log.births[rows.first : rows.last]
    arrives = site[births["entry"]]
    opens, page, leaves = _what(rows, births["arrived"], site, customer)
    session = np.cumsum(arrives)[rows.who] + np.cumsum(opens) - 1
    at_arrival = np.cumsum(arrives)[arrives] - 1 + np.searchsorted(rows.who[opens], np.flatnonzero(arrives))
    count, width = int(arrives.sum() + opens.sum()), len(site)
    owner, begin, first = np.zeros(count, np.intp), np.zeros(count), np.zeros(count, np.intp)
    owner[at_arrival], begin[at_arrival], first[at_arrival] = np.flatnonzero(arrives), births["arrived"][arrives], births["entry"][arrives]
    owner[session[opens]], begin[session[opens]], first[session[opens]] = rows.who[opens], rows.time[opens], rows.stage_to[opens]
    end, last = begin.copy(), first.copy()
    active = page | leaves
    end[session[active]], last[session[page]] = rows.time[active], rows.stage_to[page]  # rows are in order: the last one stays
    pages = np.bincount(session[page], minlength=count)
    pages[at_arrival] += 1
    seen = np.bincount(rows.who[page] * width + rows.stage_to[page], minlength=len(births) * width)
    seen += np.bincount(np.flatnonzero(arrives) * width + births["entry"][arrives], minlength=len(births) * width)
    whole = {"begin": begin, "end": end, "pages": pages, "first": first, "last": last}
    return whole | {"customer": rows.first + owner, "seen": seen.reshape(len(births), width)}


def _what(rows: Rows, arrived: Array, site: Array, customer: Array) -> tuple[Array, Array, Array]:
    """Return, per row, whether it opens a session, whether it leads to a page of one, and whether it leaves the site."""
    begins = np.diff(rows.who, prepend=-1) != 0
    before = np.where(begins, arrived[rows.who], np.concatenate([[0.0], rows.time[:-1]])) if len(rows.time) else rows.time
    pause = days(rows.time, before) > PAUSE
    inside, goes_on = site[rows.stage_from], site[rows.stage_to] | customer[rows.stage_to]
    page = (inside & goes_on) | (customer[rows.stage_from] & site[rows.stage_to])
    return page & (pause | ~inside), page, inside & ~goes_on & ~pause
