"""What a solved world comes to, by the exact solver and by simulation, figure by figure as it was asked."""

from collections.abc import Iterator
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np

from sim.calibration.from_funnel.complete import YEAR, Company, repeat_rate
from sim.calibration.from_funnel.contradictions import WORKING_HOURS
from sim.calibration.from_funnel.figures import FUNNEL
from sim.calibration.from_funnel.solve import CUSTOMER, LEAD, OPPORTUNITY, VISITOR, Funnel
from sim.customers import fold
from sim.log import Array, Log
from sim.metrics.rows import MONTH, Rows, blocks
from sim.model.exact import Answers, solve
from sim.model.world import OWN, World, by_stage
from sim.play import Progress, play
from sim.stats.means import ratio_pseudo_values, t_intervals
from sim.studies.replicate import over

SHARES = ("margin", "repeat_rate", "churn_yearly")
MOST = 50_000  # visitors played in a replication where customers share nothing
Sums = dict[str, tuple[float, float]]


class Row(NamedTuple):
    """One figure: asked, exact (without queues), simulated with its 95 % interval, and where the asked value comes from."""

    figure: str
    asked: float
    exact: float
    simulated: float
    low: float
    high: float
    source: str


def exact(company: Company, free: World, found: Funnel) -> dict[str, float]:
    """Return the figures of the world without desk from the exact solver: what one year's visitors ever come to, customers by rates.

    It is asked with everybody arriving on day 0, which changes neither, and is quick.
    """
    at_once = free.model_copy(update={"arrivals": free.arrivals.model_copy(update={"days": 0.0}), "horizon": 2 * YEAR})
    answers = solve(at_once)
    ever, year = answers.ever, company.funnel[0]
    seen = dict(zip(FUNNEL, (year, *(year * ever[f"stage_reach.{s}"] for s in (LEAD, OPPORTUNITY)), year * ever["conversion_rate"]), strict=True))
    out = seen | {"sales_cycle_days": cycle(answers)}
    months = ever["days." + CUSTOMER] / MONTH
    orders, churn = (ever["orders"] - ever["conversion_rate"]) / months * 12 / YEAR, ever["churn_rate_monthly"] / MONTH
    out |= {"orders_per_year": orders * YEAR, "repeat_rate": repeat_rate(orders, churn), "churn_monthly": ever["churn_rate_monthly"]}
    out |= {"churn_yearly": 1 - answers.by_horizon["retention_365d"]}
    out |= {"order_value": ever["revenue"] / ever["orders"], "margin": ever["margin"] / ever["revenue"], "discount_rate": free.money.discount_rate}
    return out | dict(_channels(free, year * ever[f"visits.{VISITOR}"])) | dict(_people(company, found, ever))


def cycle(answers: Answers) -> float:
    """Return the mean days from the first entry into lead to conversion, of those who convert.

    Conditioned on winning, a chain moves with P_ij h_j / h_i, h the chance to win (Doob's h-transform; Kemeny and Snell 1960, section 3.5).
    """
    (of,) = answers.chains.values()
    k = [of.states.index((stage, False)) for stage in (LEAD, OPPORTUNITY)]
    inside = of.next[np.ix_(k, k)]
    win = of.next[np.ix_(k, [of.states.index((CUSTOMER, True))])].sum(axis=1)
    h = np.linalg.solve(np.eye(2) - inside, win)
    days = np.array([of.gaps[i].mean for i in k])
    return float(np.linalg.solve(np.eye(2) - inside * h[None, :] / h[:, None], days)[0])


def _channels(free: World, visits: float) -> Iterator[tuple[str, float]]:
    held = 0.0
    for name, channel in free.channels.items():
        share = by_stage(channel.share, VISITOR, 0.0)
        held += share
        yield f"visits.{name}", visits * share
        yield f"spend.{name}", visits * share * channel.cost.touch + 12 * channel.cost.month
    yield f"visits.{OWN}", visits * (1 - held)


def _people(company: Company, found: Funnel, ever: Any) -> Iterator[tuple[str, float]]:
    if company.reps:
        yield "reps", float(company.reps)
        yield "wage", company.wage
        days = company.hours * YEAR / WORKING_HOURS / (found.occasions[2] * found.rounds)
        yield "hours_per_deal", ever[f"visits.{OPPORTUNITY}"] / ever[f"stage_reach.{OPPORTUNITY}"] * days * WORKING_HOURS / YEAR


def simulated(company: Company, world: World, replications: int, progress: Progress | None = None) -> dict[str, tuple[float, float, float]]:
    """Return each figure of one year's visitors, followed to the horizon: ratio of totals over replications with its 95 % t interval.

    Where customers share reps it is the second year, as the first one meets people who are not busy yet. Where they don't, nobody but the
    first year's visitors is played, `MOST` at most, which changes none of their journeys' laws.
    """
    sums = over(second_year, world, range(replications), progress) if world.couples else over(first_year, _sample(world), range(replications), progress)
    names = list(sums[0])
    above, below = (np.array([[run[name][side] for run in sums] for name in names], float) for side in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = above.sum(axis=1) / below.sum(axis=1)
    _, low, high = t_intervals(ratio_pseudo_values(above, below))
    out = {}
    for name, value, half in zip(names, mean.tolist(), ((high - low) / 2).tolist(), strict=True):
        scale = company.funnel[0] if name in FUNNEL or name.startswith(("visits.", "spend.")) else 1.0  # those are counted per visitor
        fixed = 12 * world.channels[name.removeprefix("spend.")].cost.month if name.startswith("spend.") else 0.0
        most = 1.0 if name in SHARES else inf
        out[name] = (value * scale + fixed, max(0.0, (value - half) * scale + fixed), min(most, (value + half) * scale + fixed))
    return out


def first_year(world: World, replication: int) -> Sums:
    """Play one replication and return (numerator, denominator) of each figure of those who came first."""
    return count(play(world, clock="compiled", replication=replication, threads=1), 0)


def second_year(world: World, replication: int) -> Sums:
    """Play one replication and return (numerator, denominator) of each figure of those who came a year later."""
    return count(play(world, clock="compiled", replication=replication, threads=1), 1)


def _sample(world: World) -> World:
    customers = round(world.customers * YEAR / world.horizon)
    return world.model_copy(update={"customers": min(MOST, max(1, customers)), "arrivals": world.arrivals.model_copy(update={"days": YEAR})})


def count(log: Log, year: int) -> Sums:
    """Return what the log shows of those who came in this year (from 0); fixed costs are no part of it."""
    customers = fold(log)
    young = (customers["arrived"] >= year * YEAR) & (customers["arrived"] < (year + 1) * YEAR)
    tally = _Tally(log, customers, young)
    for rows in blocks(log):
        tally.add(rows)
    people, won = float(young.sum()), customers[young & ~np.isnan(customers["converted_at"])]
    days = (customers["converted_at"] - tally.lead_at)[young & ~np.isnan(customers["converted_at"])]
    out = {"visitors": (people, people), "leads": (float((~np.isnan(tally.lead_at)).sum()), people), "opportunities": (tally.deals, people)}
    out |= {"wins": (float(len(won)), people), "sales_cycle_days": (float(days.sum()), float(len(days)))}
    out |= {f"visits.{name}": (float(visits), people) for name, visits in zip(log.terms.channels, tally.visits, strict=True)}
    out |= {f"spend.{name}": (float(cost), people) for name, cost in zip(log.terms.channels, tally.spent, strict=True) if name != OWN}
    out |= {"hours_per_deal": (tally.worked * WORKING_HOURS / YEAR, tally.deals)} if log.terms.desks else {}
    return out | {"repeat_rate": (tally.again, float(len(_followed(won, log.terms.horizon))))} | _worth(won, log.terms.horizon)


def _followed(won: Array, horizon: float) -> Array:
    return np.asarray(won[won["converted_at"] <= horizon - YEAR])


class _Tally:
    """What the rows of one year's visitors add up to."""

    def __init__(self, log: Log, customers: Array, young: Array) -> None:
        stages, channels = list(log.terms.stages), len(log.terms.channels)
        self.visitor, self.lead, self.deal, self.customer = (stages.index(s) for s in (VISITOR, LEAD, OPPORTUNITY, CUSTOMER))
        self.young = young
        self.until = np.where(customers["converted_at"] <= log.terms.horizon - YEAR, customers["converted_at"] + YEAR, -np.inf)
        self.lead_at = np.full(len(young), nan)
        self.visits, self.spent = np.zeros(channels), np.zeros(channels)
        self.deals = self.again = self.worked = 0.0

    def add(self, rows: Rows) -> None:
        """Add some customers' rows, all that they have."""
        mine = self.young[rows.customer]
        moved = mine & (rows.stage_from != rows.stage_to)
        came = moved & (rows.stage_to == self.lead)
        who, at = np.unique(rows.customer[came], return_index=True)
        self.lead_at[who] = rows.time[came][at]
        self.deals += np.unique(rows.customer[moved & (rows.stage_to == self.deal)]).size
        repeats = mine & rows.order & (rows.stage_from == self.customer) & (rows.time <= self.until[rows.customer])
        self.again += np.unique(rows.customer[repeats]).size
        visit = mine & (rows.stage_from == self.visitor)
        self.visits += np.bincount(rows.channel[visit], minlength=len(self.visits))
        self.spent += np.bincount(rows.channel[visit], weights=rows.cost[visit], minlength=len(self.visits))
        self.worked += float(rows.served[mine].sum())


def _worth(won: Array, horizon: float) -> Sums:
    """Return what customers order and how they leave."""
    end = np.where(np.isnan(won["churned_at"]), horizon, won["churned_at"])
    months = float((end - won["converted_at"]).sum()) / MONTH
    orders, revenue = float(won["orders"].sum()), float(won["revenue"].sum())
    followed = _followed(won, horizon)
    return {
        "order_value": (revenue, orders),
        "margin": (float(won["margin"].sum()), revenue),
        "orders_per_year": (orders - len(won), months / 12),
        "churn_monthly": (float((~np.isnan(won["churned_at"])).sum()), months),
        "churn_yearly": (float((followed["churned_at"] - followed["converted_at"] <= YEAR).sum()), float(len(followed))),
    }
