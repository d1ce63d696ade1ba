"""Who comes, who becomes a lead, who converts, which stages are reached and where customers leave, step back, skip and loop."""

import math

import numpy as np

from sim.log import Array
from sim.metrics.estimate import Measure, Records, by_normal, by_nothing, by_wilson, of_customers, ratios, totals
from sim.metrics.journey import Facts
from sim.metrics.path import exits
from sim.metrics.table import COUNT, SHARE, TOO_SHORT, Metric
from sim.stats import survival

ALL = ("persona", "channel", "month", "source")


def arrived(facts: Facts) -> list[Metric]:
    """Count the customers who arrived before the horizon, founders and referred ones."""
    return _counts(facts, Measure("arrived", COUNT, by_nothing), np.ones(len(facts.customers)))


def leads(facts: Facts) -> list[Metric]:
    """Count the customers who became a lead: as a prospect, not yet converted, they engaged with a channel that captures leads."""
    return _counts(facts, Measure("leads", COUNT, by_normal), (~np.isnan(facts.customers["lead_at"])).astype(float))


def lead_rate(facts: Facts) -> list[Metric]:
    """Leads / arrived, by the horizon."""
    lead = (~np.isnan(facts.customers["lead_at"])).astype(float)
    return of_customers(facts, Measure("lead_rate", SHARE, by_wilson, note=by_day(facts)), lead, np.ones(len(lead)), ALL)


def conversion_rate(facts: Facts) -> list[Metric]:
    """Divide the converted by the arrived, at the horizon: who arrives late has little time. To convert is to enter a customer stage for the first time."""
    won = (~np.isnan(facts.customers["converted_at"])).astype(float)
    return of_customers(facts, Measure("conversion_rate", SHARE, by_wilson, note=by_day(facts)), won, np.ones(len(won)), ALL)


def conversion_rate_30d(facts: Facts) -> list[Metric]:
    """Share that converts within 30 days after arrival (day 30 counts): Aalen-Johansen within strata; leaving before competes."""
    return _converted_within(facts, 30)


def conversion_rate_90d(facts: Facts) -> list[Metric]:
    """Share that converts within 90 days after arrival, as conversion_rate_30d."""
    return _converted_within(facts, 90)


def conversion_rate_365d(facts: Facts) -> list[Metric]:
    """Share that converts within 365 days after arrival, as conversion_rate_30d."""
    return _converted_within(facts, 365)


def stage_reach(facts: Facts) -> list[Metric]:
    """Share of arrivals that enters the stage within W days, W the longest window followed: Aalen-Johansen within strata; leaving elsewhere competes."""
    window, note = _window(facts)
    ones, out = np.ones(len(facts.customers)), []
    for stage, name in enumerate(facts.terms.stages):
        measure = Measure("stage_reach", SHARE, by_wilson, note=note)
        out += ratios(facts, measure, "stage", (name,), _one_group(facts, facts.reach[stage], ones, window))
    return out


def drop_off_rate(facts: Facts) -> list[Metric]:
    """Of those who enter the stage within W days after arrival, the share that leaves the journey from it within W days: stage_reach below the line."""
    window, note = _window(facts)
    inside, out = ~exits(facts.terms), []
    times = np.fmin(facts.left_after, facts.followed)
    ranked = np.argsort(times)
    for stage in np.flatnonzero(inside):
        kind = np.where(facts.path.left_from == stage, survival.EVENT, np.where(facts.path.left_from >= 0, survival.OTHER, survival.STAYED))
        dropped = facts.within(times, kind, ranked)
        measure = Measure("drop_off_rate", SHARE, by_wilson, "nobody entered", note)
        out += ratios(facts, measure, "stage", (facts.terms.stages[stage],), _one_group(facts, dropped, facts.reach[stage], window))
    return out


def back_step_rate(facts: Facts) -> list[Metric]:
    """Share of the moves between stages (exits aside) that go to an earlier stage in listed order; by stage: of the moves out of it."""
    return _steps(facts, "back_step_rate", 1)


def skip_rate(facts: Facts) -> list[Metric]:
    """Share of the moves between stages (exits aside) that go forward past at least one stage; by stage: of the moves out of it."""
    return _steps(facts, "skip_rate", 2)


def loop_rate(facts: Facts) -> list[Metric]:
    """Share of the moves between stages (exits aside) that go into a stage the customer had left before; by stage: of the moves out of it."""
    return _steps(facts, "loop_rate", 3)


def by_day(facts: Facts) -> str:
    """Return the note that names the horizon."""
    return f"by day {facts.terms.horizon:g}"


def too_short(window: Array, days: float) -> list[str]:
    """Return, by group, the reason for having no value; a group of nobody (window 0) has its own."""
    return [TOO_SHORT if 0 < longest < days else "" for longest in window]


def _counts(facts: Facts, measure: Measure, values: Array) -> list[Metric]:
    everybody = np.arange(len(facts.customers))
    return [
        metric
        for _, grouping, group in facts.groupings(*ALL)
        for metric in totals(facts, measure, grouping.by, grouping.names, Records(everybody, group, values, values))
    ]


def _converted_within(facts: Facts, days: int) -> list[Metric]:
    out = []
    everybody, ones = np.arange(len(facts.customers)), np.ones(len(facts.customers))
    measure = Measure(f"conversion_rate_{days}d", SHARE, by_wilson)
    values = {name: facts.linear(curve, facts.to_convert <= days) for name, curve in facts.conversion.items()}
    for name, grouping, group in facts.groupings(*ALL):
        followed = np.bincount(group, weights=facts.followed >= days, minlength=len(grouping.names))
        void = too_short(facts.window(name, grouping), days)
        out += ratios(facts, measure, grouping.by, grouping.names, Records(everybody, group, values[name], ones, otherwise=followed, void=void))
    return out


def _window(facts: Facts) -> tuple[float, str]:
    """Return the longest window that all strata were followed from arrival, and its note."""
    return facts.longest, f"within {facts.longest:.0f} days"


def _one_group(facts: Facts, above: Array, below: Array, window: float) -> Records:
    size = len(facts.customers)
    count = round(float(below.sum()))
    followed = float((facts.followed >= window).mean()) * count if size else math.nan
    return Records(np.arange(size), np.zeros(size, np.intp), above, below, np.array([count]), np.array([followed]))


def _steps(facts: Facts, name: str, column: int) -> list[Metric]:
    measure = Measure(name, SHARE, by_wilson, "no moves")
    out = of_customers(facts, measure, facts.path.steps[:, column].astype(float), facts.path.steps[:, 0].astype(float))
    cells = facts.path.steps_by_stage
    stages = np.flatnonzero(~exits(facts.terms))
    rank = np.full(len(facts.terms.stages), -1)
    rank[stages] = np.arange(len(stages))
    records = Records(cells.customer, rank[cells.stage], cells.steps[:, column].astype(float), cells.steps[:, 0].astype(float))
    return out + ratios(facts, measure, "stage", tuple(facts.terms.stages[s] for s in stages), records)
