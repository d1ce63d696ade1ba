"""The plan: what a world means month by month for those who must staff and pay it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.metrics.journey import Facts
from sim.metrics.rows import MONTH, blocks, month, months
from sim.metrics.table import COUNT, SHARE
from sim.stats.means import t_interval

Lines = dict[tuple[str, str], Array]  # (line, of what) -> value by month
MONEY = ("revenue", "contribution", "cost")


class PlanRow(NamedTuple):
    """One number of the plan: mean over ``n`` replications with its 95 % t interval; months count from 0, ``of`` is a channel, a desk or all."""

    scenario: str
    month: int
    line: str
    of: str
    value: float
    low: float
    high: float
    unit: str
    n: int


def month_by_month(facts: Facts) -> Lines:
    """Return leads, pipeline (prospects with a lead at the month's end), wins, money, people and how busy they are, by month.

    Leads, pipeline and wins are of those who arrived; who was there on day 0 counts in money and work.
    """
    count, customers = months(facts.terms.horizon), (facts.came or facts).customers
    ends = np.minimum(np.arange(1, count + 1) * MONTH, facts.terms.horizon)
    closed = np.fmin(customers["converted_at"], customers["lost_at"])
    lines: Lines = {("leads", "all"): _happened(customers["lead_at"], count)}
    lead, over = np.sort(_known(customers["lead_at"])), np.sort(_known(closed[~np.isnan(customers["lead_at"])]))
    lines["pipeline", "all"] = (np.searchsorted(lead, ends, "right") - np.searchsorted(over, ends, "right")).astype(float)
    lines["wins", "all"] = _happened(customers["converted_at"], count)
    tally = facts.tallies["month"]
    for line, column in (("revenue", "revenue"), ("contribution", "margin")):
        lines[line, "all"] = np.bincount(tally.group, weights=tally.columns[column], minlength=count)
    return lines | _by_item(facts, count, ends)


def plan(scenario: str, runs: Sequence[Lines], currency: str) -> list[PlanRow]:
    """Return the plan of a world from its replications."""
    units = dict.fromkeys(MONEY, currency) | {"utilisation": SHARE}
    return [
        PlanRow(scenario, m, line, of, *t_interval(np.array([run[line, of][m] for run in runs])), units.get(line, COUNT), len(runs))
        for line, of in runs[0]
        for m in range(len(runs[0][line, of]))
    ]


def _by_item(facts: Facts, count: int, ends: Array) -> Lines:
    """Return cost by channel and desk (wages), headcount and utilisation by desk (service that ended in the month)."""
    terms = facts.terms
    spent, busy = facts.costs.channels.copy(), np.zeros((len(terms.desks), count))
    for rows in blocks(facts.log):
        when = np.minimum(month(rows.time), count - 1)
        spent += np.bincount(rows.channel * count + when, weights=rows.cost, minlength=spent.size).reshape(spent.shape)
        some = rows.desk >= 0
        busy += np.bincount(rows.desk[some] * count + when[some], weights=rows.served[some], minlength=busy.size).reshape(busy.shape)
    lines: Lines = {("cost", "all"): spent.sum(axis=0) + facts.costs.desks.sum(axis=0)}
    lines |= {("cost", name): spent[k] for k, name in enumerate(terms.channels) if spent[k].any() or k > 0}
    spans = list(zip([0.0, *ends[:-1]], ends, strict=True))
    for k, name in enumerate(terms.desks):
        lines["cost", name] = lines.get(("cost", name), 0.0) + facts.costs.desks[k]
        lines["headcount", name] = np.array([terms.heads(k, *span) for span in spans])
        lines["utilisation", name] = busy[k] / np.array([terms.head_days(k, *span) for span in spans])
    return lines


def _happened(times: Array, count: int) -> Array:
    return np.bincount(np.minimum(month(_known(times)), count - 1), minlength=count).astype(float)


def _known(times: Array) -> Array:
    return np.asarray(times[~np.isnan(times)])
