"""What the sources say of journeys, counted in simulated logs: every fact is a part and a whole, so that replications add up."""

from collections import Counter

import numpy as np

from sim import log as L
from sim.customers import fold

YEAR = 365.0
RESEARCH = ("paid_search", "organic_search", "review_site", "content", "webinar")
WEB = ("paid_search", "organic_search", "paid_social", "display_retargeting", "review_site", "content")


def facts(logs):
    """Return each fact of these logs as part / whole (nan where the whole is empty)."""
    part, whole = Counter(), Counter()
    for log in logs:
        for name, (some, all_) in (_customers(log) | _traffic(log) | _desks(log) | _email(log)).items():
            part[name] += some
            whole[name] += all_
    return {name: part[name] / whole[name] if whole[name] else np.nan for name in part}


def rows_of(log):
    """Return all rows of a log."""
    return np.concatenate([block[2] for block in log.blocks()])


def profit(log):
    """Return contribution less all costs of a log."""
    customers = fold(log)
    return customers["margin"].sum() - customers["cost"].sum() - sum(money for *_, money in log.ledger)


def _touches(rows):
    return L.engaged(rows) & (rows["channel"] > 0) & (L.kind(rows) == L.OCCASION)


def _through(log, rows, names):
    listed = list(log.terms.channels)
    return np.isin(rows["channel"], [listed.index(name) for name in names])


def _customers(log):
    """Count, by persona and market, conversion, retention and the way to the purchase of those followed for a year."""
    customers, rows = fold(log), rows_of(log)
    before = _touches(rows) & ~(rows["time"] > customers["converted_at"][rows["customer"]])
    first = np.full(len(customers), np.inf)
    np.minimum.at(first, rows["customer"][before], rows["time"][before])
    asked = np.zeros(len(customers), bool)
    asked[rows["customer"][before & _through(log, rows, RESEARCH)]] = True
    lag = np.nan_to_num(customers["converted_at"] - first, nan=0.0, neginf=0.0)
    out = {}
    for name, member in _groups(log, customers).items():
        won = member & ~np.isnan(customers["converted_at"])
        bought = won & (customers["arrived"] < log.terms.horizon - YEAR)
        year = won & (customers["converted_at"] < log.terms.horizon - YEAR)
        left = customers["churned_at"] - customers["converted_at"] <= YEAR
        out |= {
            f"{name}.conversion": (won.sum(), member.sum()),
            f"{name}.retained": ((year & ~left).sum(), year.sum()),
            f"{name}.month_or_more": ((bought & (lag >= 30)).sum(), bought.sum()),
            f"{name}.three_touches": ((bought & (customers["touches_to_convert"] >= 3)).sum(), bought.sum()),
            f"{name}.six_touches": ((bought & (customers["touches_to_convert"] >= 6)).sum(), bought.sum()),
            f"{name}.researched": ((bought & asked).sum(), bought.sum()),
        }
    return out


def _groups(log, customers):
    b2b = (np.array(log.terms.markets) == "b2b")[customers["persona"]]
    return {"b2c": ~b2b, "b2b": b2b} | {name: customers["persona"] == k for k, name in enumerate(log.terms.personas)}


def _traffic(log):
    """Count web touches within a year of arrival, and those of them in the first two stages."""
    rows, born = rows_of(log), log.births["arrived"]
    web = _touches(rows) & _through(log, rows, WEB) & (rows["time"] - born[rows["customer"]] < YEAR)
    return {"web_early": ((web & (rows["stage_from"] < 2)).sum(), web.sum())}


def _desks(log):
    rows, out = rows_of(log), {}
    for k, name in enumerate(log.terms.desks):
        calls = rows[L.desk(rows) == k]
        gone = L.kind(calls) == L.GAVE_UP
        out[f"{name}.busy"] = (calls["served"].sum(), log.terms.people[k] * log.terms.horizon)
        out[f"{name}.gave_up"] = (gone.sum(), len(calls))
        out[f"{name}.wait"] = (calls["waited"][~gone].sum(), (~gone).sum())
    return out


def _email(log):
    """Count the revenue of orders whose last touch was an e-mail, per money spent on e-mail."""
    rows = rows_of(log)
    mail = list(log.terms.channels).index("email")
    last, who, credited = 0, -1, 0.0
    touch, order = _touches(rows), L.ordered(rows)
    for row, touched, ordered in zip(rows[touch | order], touch[touch | order], order[touch | order], strict=True):
        last = 0 if row["customer"] != who else last
        who = row["customer"]
        last = row["channel"] if touched else last
        credited += float(row["revenue"]) if ordered and last == mail else 0.0
    spent = rows["cost"][rows["channel"] == mail].sum() + sum(money for _, item, money in log.ledger if item == "email")
    return {"email.return": (credited, spent)}
