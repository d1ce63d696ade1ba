"""Visits to a site: how many leave at once, how many buy, how much they see; and which sources bring buyers.  See `sim.metrics.site` for what a session is."""

import math

import numpy as np

from sim.log import Array, Terms
from sim.metrics.estimate import NONE, Measure, Records, by_normal, by_wilson, of_customers, ratios, totals
from sim.metrics.journey import Facts
from sim.metrics.rows import days
from sim.metrics.site import Sessions
from sim.metrics.table import COUNT, DAYS, RATIO, SHARE, Metric

NO_SESSIONS = "no sessions: occasions are too far apart"
ALL = ("persona", "channel", "month", "source")


def sessions(facts: Facts) -> list[Metric]:
    """Count sessions: visits to a site, ended by a pause of 30 minutes, by leaving, or by an order's customer stage; by month: of the visitor's arrival."""
    found, measure = facts.sessions, Measure("sessions", COUNT, by_normal)
    if found is None:
        return _nothing(measure)
    counts, everybody = found.by_customer(np.ones(len(found.customer))), np.arange(len(found.seen))
    return [
        metric
        for _, grouping, group in facts.groupings(*ALL)
        for metric in totals(facts, measure, grouping.by, grouping.names, Records(everybody, group, counts, counts))
    ]


def bounce_rate(facts: Facts) -> list[Metric]:
    """Sessions that saw one page and left without converting / sessions; by stage: of those that began there."""
    found, measure = facts.sessions, Measure("bounce_rate", SHARE, by_wilson, "no session")
    if found is None:
        return _nothing(measure)
    ones, bounced = np.ones(len(found.customer)), (found.pages == 1) & ~_converted(facts.terms, found)
    by_stage = _by_stage(facts.terms, found.first)
    records = Records(found.customer, by_stage, bounced.astype(float), ones)
    return _per_session(facts, measure, bounced) + ratios(facts, measure, "stage", _site(facts.terms), records)


def exit_rate(facts: Facts) -> list[Metric]:
    """Sessions that ended without converting / sessions; by stage: of the pages seen there, the share that was such a session's last."""
    found, measure = facts.sessions, Measure("exit_rate", SHARE, by_wilson, "no session")
    if found is None:
        return _nothing(measure)
    left = ~_converted(facts.terms, found)
    customers, width = found.seen.shape
    exits = np.bincount(found.customer * width + found.last, weights=left, minlength=customers * width)
    whose, stage = np.divmod(np.arange(customers * width), width)
    records = Records(whose, _by_stage(facts.terms, stage), exits, found.seen.reshape(-1).astype(float))
    return _per_session(facts, measure, left) + ratios(facts, measure, "stage", _site(facts.terms), records)


def visitor_conversion_rate(facts: Facts) -> list[Metric]:
    """Divide the visitors who converted in a session by the visitors (customers with a session), by the horizon; by channel: their first_channel."""
    found, measure = facts.sessions, Measure("visitor_conversion_rate", SHARE, by_wilson, "no visitor", f"by day {facts.terms.horizon:g}")
    if found is None:
        return _nothing(measure)
    visitor, buyer = found.by_customer(np.ones(len(found.customer))) > 0, found.by_customer(_converted(facts.terms, found)) > 0
    return of_customers(facts, measure, buyer.astype(float), visitor.astype(float), ALL)


def page_views(facts: Facts) -> list[Metric]:
    """Mean pages seen in a session, the page after an order included; the same page again counts again."""
    found, measure = facts.sessions, Measure("page_views", RATIO, by_normal, "no session")
    return _nothing(measure) if found is None else _per_session(facts, measure, found.pages)


def time_on_site(facts: Facts) -> list[Metric]:
    """Mean length of a session, from its first page to its last occasion (leaving included)."""
    found, measure = facts.sessions, Measure("time_on_site", DAYS, by_normal, "no session")
    return _nothing(measure) if found is None else _per_session(facts, measure, days(found.end, found.begin))


def share_of_arrivals(facts: Facts) -> list[Metric]:
    """Divide the customers whose first_channel it is by all who arrived; who never engaged is own."""
    return _shares(facts, "share_of_arrivals", np.ones(len(facts.customers)))


def share_of_conversions(facts: Facts) -> list[Metric]:
    """Divide the converted customers whose first_channel it is by all who converted; of those who convert late more had an engaged touch."""
    return _shares(facts, "share_of_conversions", _won(facts))


def conversion_index(facts: Facts) -> list[Metric]:
    """Share of conversions / share of arrivals, by first_channel: above 1 a source brings more buyers than visitors. It describes; it is not credit."""
    measure, won, everybody = Measure("conversion_index", RATIO, by_normal, "nobody arrived, or no conversion"), _won(facts), np.arange(len(facts.customers))
    expected = np.full(len(won), won.mean() if len(won) else 0.0)
    out = []
    for _, grouping, group in facts.groupings("persona", "channel", "source"):
        arrived = np.bincount(group, minlength=len(grouping.names))
        out += ratios(facts, measure, grouping.by, grouping.names, Records(everybody, group, won, expected, arrived))
    return out


def _won(facts: Facts) -> Array:
    return np.asarray((~np.isnan(facts.customers["converted_at"])).astype(float))


def _shares(facts: Facts, name: str, member: Array) -> list[Metric]:
    """Return the share of the members that each channel's customers are."""
    measure, channels, everybody = Measure(name, SHARE, by_wilson, "nobody"), facts.terms.channels, np.arange(len(member))
    out = ratios(facts, measure, "all", ("all",), Records(everybody, np.zeros(len(member), np.intp), member, member))
    for code, channel in enumerate(channels):
        inside = member * (facts.customers["first_channel"] == code)
        out += ratios(facts, measure, "channel", (channel,), Records(everybody, np.zeros(len(member), np.intp), inside, member))
    return out


def _nothing(measure: Measure) -> list[Metric]:
    return [Metric(measure.name, "all", "all", math.nan, *NONE, measure.unit, 0, NO_SESSIONS)]


def _per_session(facts: Facts, measure: Measure, values: Array) -> list[Metric]:
    found = facts.sessions
    assert found is not None
    return of_customers(facts, measure, found.by_customer(values), found.by_customer(np.ones(len(values))), ALL)


def _converted(terms: Terms, found: Sessions) -> Array:
    return np.array([kind == "customer" for kind in terms.kinds])[found.last]


def _site(terms: Terms) -> tuple[str, ...]:
    return tuple(name for name, kind in zip(terms.stages, terms.kinds, strict=True) if kind == "prospect")


def _by_stage(terms: Terms, stage: Array) -> Array:
    """Return the place of each stage among those of the site, -1 elsewhere."""
    site = np.array([kind == "prospect" for kind in terms.kinds])
    return np.asarray(np.where(site, np.cumsum(site) - 1, -1)[stage])
