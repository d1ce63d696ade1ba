"""What customers meet and how it leaves them: exposures, engagement, satisfaction, referrals."""

import numpy as np

from sim.metrics.estimate import Measure, Records, by_normal, by_wilson, of_occasions, totals
from sim.metrics.journey import Facts
from sim.metrics.table import COUNT, SCORE, SHARE, Metric

EVENTS = ("channel", "stage", "month")


def exposures(facts: Facts) -> list[Metric]:
    """Count what channels delivered, at occasions and by rules; by channel, stage and month: of the occasion."""
    measure = Measure("exposures", COUNT, by_normal)
    values, out = facts.totals["exposures"], []
    for _, grouping, group in facts.groupings("persona", "source"):
        out += totals(facts, measure, grouping.by, grouping.names, Records(np.arange(len(values)), group, values, values))
    for by in EVENTS:
        tally = facts.tallies[by]
        column = tally.columns["exposures"]
        out += totals(facts, measure, by, tally.names, Records(tally.customer, tally.group, column, column))
    return out


def engagement_rate(facts: Facts) -> list[Metric]:
    """Touches (engaged exposures) / exposures; by channel, stage and month: of the occasion."""
    return of_occasions(facts, Measure("engagement_rate", SHARE, by_wilson, "no exposure"), ("touches",), ("exposures",), EVENTS)


def satisfaction(facts: Facts) -> list[Metric]:
    """Mean satisfaction after each touch, from -1 to 1; by channel, stage and month: of the touch."""
    return of_occasions(facts, Measure("satisfaction", SCORE, by_normal, "no touch"), ("satisfaction",), ("touches",), EVENTS)


def referrals(facts: Facts) -> list[Metric]:
    """Count the customers whom customers brought; by channel: their own first_channel; by month: of their arrival."""
    referred = (facts.customers["parent"] >= 0).astype(float)
    out = []
    for _, grouping, group in facts.groupings("persona", "channel", "month"):
        records = Records(np.arange(len(referred)), group, referred, referred)
        out += totals(facts, Measure("referrals", COUNT, by_normal), grouping.by, grouping.names, records)
    return out
