"""One function a fact: what it counts in the worlds of one replication, as (part, whole), so that replications add up.

Worlds by name: `WORLD` is the one that is asked about; `WEB` one of sessions; the others are twins of the first, with the same luck.
"""

from collections.abc import Callable, Mapping

import numpy as np

from sim import log as schema
from sim.log import Array
from sim.metrics.journey import Facts
from sim.metrics.sessions import bounce_rate, exit_rate, visitor_conversion_rate
from sim.metrics.table import Metric
from sim.studies.facts.seen import YEAR, Seen

WORLD, WEB, SOURED, CALM, SERVED, NO_MAIL = "world", "web", "soured", "calm", "served", "no_mail"
RESEARCH = ("paid_search", "organic_search", "review_site", "content", "webinar")
ON_THE_WEB = ("paid_search", "organic_search", "paid_social", "display_retargeting", "review_site", "content")
HURT = 0.25  # a touch after which satisfaction is so much lower than its twin's went wrong

Worlds = Mapping[str, Seen]
Count = tuple[float, float]


def month_or_more(worlds: Worlds) -> Count:
    """Count purchases of firms made 30 days or more after the first touch."""
    seen = worlds[WORLD]
    return _share(seen.lag >= 30, _firms(seen))


def three_touches(worlds: Worlds) -> Count:
    """Count purchases of firms after three touches or more."""
    seen = worlds[WORLD]
    return _share(seen.customers["touches_to_convert"] >= 3, _firms(seen))


def six_touches(worlds: Worlds) -> Count:
    """Count purchases of firms after six touches or more."""
    seen = worlds[WORLD]
    return _share(seen.customers["touches_to_convert"] >= 6, _firms(seen))


def researched(worlds: Worlds) -> Count:
    """Count purchases of firms that searched, read or listened before them."""
    seen = worlds[WORLD]
    asked = np.zeros(len(seen.customers), bool)
    asked[seen.rows["customer"][seen.before & seen.through(RESEARCH)]] = True
    return _share(asked, _firms(seen))


def early_traffic(worlds: Worlds) -> Count:
    """Count web touches in the last year of the run, of everybody, and those of them in the first two stages."""
    seen = worlds[WORLD]
    web = seen.touch & seen.through(ON_THE_WEB) & (seen.rows["time"] >= seen.log.terms.horizon - YEAR)
    return _share(seen.rows["stage_from"] < 2, web)


def consumers_convert(worlds: Worlds) -> Count:
    """Count consumers who convert."""
    seen = worlds[WORLD]
    return _share(seen.won, seen.market("b2c"))


def visitors_convert(worlds: Worlds) -> Count:
    """Count visitors of the site who convert in a session."""
    return _of_sessions(worlds, visitor_conversion_rate)


def leave_without_converting(worlds: Worlds) -> Count:
    """Count sessions that end without converting."""
    return _of_sessions(worlds, exit_rate)


def bounce(worlds: Worlds) -> Count:
    """Count sessions that see one page."""
    return _of_sessions(worlds, bounce_rate)


def rest_converts(worlds: Worlds) -> Count:
    """Count sessions that go beyond the first page, and those of them that convert."""
    (bounced, sessions), (left, _) = bounce(worlds), leave_without_converting(worlds)
    return sessions - left, sessions - bounced


def switch_after_a_bad_touch(worlds: Worlds) -> Count:
    """Count consumers who go back to looking around, or leave, within 90 days of their first bad touch of support, less their twins without it."""
    who, at = first_bad_touch(worlds)
    return float(_moved(worlds[SOURED], who, at).sum() - _moved(worlds[CALM], who, at).sum()), float(len(who))


def switch_at_all(worlds: Worlds) -> Count:
    """Count consumers who go back to looking around, or leave, within 90 days of their first bad touch of support."""
    who, at = first_bad_touch(worlds)
    return float(_moved(worlds[SOURED], who, at).sum()), float(len(who))


def churn_after_a_bad_touch(worlds: Worlds) -> Count:
    """Count consumers who leave within a year of their first bad touch of support, less their twins without it."""
    who, at = first_bad_touch(worlds)
    gone = [(worlds[name].customers["churned_at"][who] - at <= YEAR).sum() for name in (SOURED, CALM)]
    return float(gone[0]) - float(gone[1]), float(len(who))


def better_service_earns(worlds: Worlds) -> Count:
    """Return the revenue of consumers that better service adds, and the revenue without it."""
    more, plain = (worlds[name].customers["revenue"][worlds[name].market("b2c")].sum() for name in (SERVED, WORLD))
    return float(more - plain), float(plain)


def mail_is_last(market: str, worlds: Worlds) -> Count:
    """Return the revenue of a market's orders whose last touch was an e-mail, and the money spent on its e-mails."""
    seen = worlds[WORLD]
    credited = _last_touch(seen, "email") & seen.market(market)[seen.rows["customer"]]
    return float(seen.rows["revenue"][credited].sum()), _spent(seen, "email", market)


def mail_causes(market: str, worlds: Worlds) -> Count:
    """Return the revenue of a market that is missing without e-mail, and the money spent on its e-mails."""
    with_, without = (worlds[name].customers["revenue"][worlds[name].market(market)].sum() for name in (WORLD, NO_MAIL))
    return float(with_ - without), _spent(worlds[WORLD], "email", market)


def convert(persona: str, worlds: Worlds) -> Count:
    """Count the persona's customers who convert."""
    seen = worlds[WORLD]
    return _share(seen.won, seen.persona(persona))


def retained(persona: str, worlds: Worlds) -> Count:
    """Count the persona's customers who are still there a year after they converted, of those who were followed for it."""
    seen = worlds[WORLD]
    year = seen.won & seen.persona(persona) & (seen.customers["converted_at"] < seen.log.terms.horizon - YEAR)
    return _share(~(seen.customers["churned_at"] - seen.customers["converted_at"] <= YEAR), year)


def busy(desk: str, worlds: Worlds) -> Count:
    """Return the days of service of a desk, and the days of its people."""
    terms, calls, number = _calls(desk, worlds)
    return float(calls["served"].sum()), terms.head_days(number, 0.0, terms.horizon) if number >= 0 else 0.0


def gave_up(desk: str, worlds: Worlds) -> Count:
    """Count the occasions that needed a desk, and those of them whose customer gave up."""
    _, calls, _ = _calls(desk, worlds)
    return float((schema.kind(calls) == schema.GAVE_UP).sum()), float(len(calls))


def profit(seen: Seen) -> float:
    """Return contribution less all costs."""
    return float(seen.customers["margin"].sum() - seen.customers["cost"].sum() - sum(money for *_, money in seen.log.ledger))


def first_bad_touch(worlds: Worlds) -> tuple[Array, Array]:
    """Return the consumers, followed for a year, whom a touch of support disappointed as customers, and the day: their twins' satisfaction stays up there."""
    soured, calm = worlds[SOURED], worlds[CALM]
    mine, twins = (seen.rows["customer"].astype(np.int64) << 32 | seen.rows["number"] for seen in (soured, calm))
    _, here, there = np.intersect1d(mine, twins, assume_unique=True, return_indices=True)
    lower = calm.rows["satisfaction"][there] - soured.rows["satisfaction"][here] > HURT
    bad = here[lower & (soured.touch & soured.through(("support",)))[here]]
    who, first = np.unique(soured.rows["customer"][bad], return_index=True)
    row = soured.rows[bad[first]]
    same = (soured.kind(row["stage_from"]) == "customer") & (row["time"] < soured.log.terms.horizon - YEAR)
    same &= soured.market("b2c")[who] & (who < min(soured.log.founders, calm.log.founders))  # the referred differ between the worlds
    return who[same], row["time"][same]


def _moved(seen: Seen, who: Array, at: Array) -> Array:
    """Return whether each of some customers moves to a stage that is none of customers within 90 days from a day on."""
    since = np.full(len(seen.customers), np.nan)
    since[who] = at
    after = seen.rows["time"] - since[seen.rows["customer"]]
    away = (seen.kind(seen.rows["stage_from"]) == "customer") & (seen.kind(seen.rows["stage_to"]) != "customer") & (after >= -1e-6) & (after <= 90)
    return np.isin(who, seen.rows["customer"][away])


def _firms(seen: Seen) -> Array:
    return np.asarray(seen.bought & seen.market("b2b"))


def _share(part: Array, whole: Array) -> Count:
    return float((part & whole).sum()), float(whole.sum())


def _of_sessions(worlds: Worlds, metric: Callable[[Facts], list[Metric]]) -> Count:
    found = next(one for one in metric(worlds[WEB].facts) if one.by == "all")
    return found.above, found.below


def _calls(desk: str, worlds: Worlds) -> tuple[schema.Terms, Array, int]:
    seen = worlds[WORLD]
    number = seen.log.terms.desks.index(desk) if desk in seen.log.terms.desks else -2
    return seen.log.terms, seen.rows[schema.desk(seen.rows) == number], number


def _last_touch(seen: Seen, channel: str) -> Array:
    """Return whether the row is an order whose last touch, the order's own included, was one of a channel."""
    place = np.where(seen.touch, np.arange(len(seen.rows)), -1)
    last = np.maximum.accumulate(place)
    begins = np.searchsorted(seen.rows["customer"], seen.rows["customer"])
    return schema.ordered(seen.rows) & (last >= begins) & seen.through((channel,))[np.maximum(last, 0)]


def _spent(seen: Seen, channel: str, market: str) -> float:
    """Return what a channel cost in a market; its monthly costs are shared by exposures."""
    through = seen.through((channel,))
    mine = through & seen.market(market)[seen.rows["customer"]]
    monthly = sum(money for _, item, money in seen.log.ledger if item == channel)
    return float(seen.rows["cost"][mine].sum() + monthly * mine.sum() / max(1, through.sum()))
