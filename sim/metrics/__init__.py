"""Metrics: functions of a log.  A new one is a function of `Facts` and one line in `METRICS`; its docstring is its definition."""

from collections.abc import Callable

from sim.log import Log
from sim.metrics import cost, durations, experience, funnel, queue, retention, sessions, value
from sim.metrics.journey import Facts, facts
from sim.metrics.table import Metric, frame

__all__ = ["METRICS", "Metric", "frame", "measure"]

METRICS: dict[str, Callable[[Facts], list[Metric]]] = {
    "arrived": funnel.arrived,
    "leads": funnel.leads,
    "lead_rate": funnel.lead_rate,
    "cpl": cost.cpl,
    "conversion_rate": funnel.conversion_rate,
    "conversion_rate_30d": funnel.conversion_rate_30d,
    "conversion_rate_90d": funnel.conversion_rate_90d,
    "conversion_rate_365d": funnel.conversion_rate_365d,
    "time_to_convert": durations.time_to_convert,
    "time_to_convert_mean": durations.time_to_convert_mean,
    "touches_to_convert": durations.touches_to_convert,
    "touches_to_convert_mean": durations.touches_to_convert_mean,
    "stage_reach": funnel.stage_reach,
    "drop_off_rate": funnel.drop_off_rate,
    "dwell_time": durations.dwell_time,
    "back_step_rate": funnel.back_step_rate,
    "skip_rate": funnel.skip_rate,
    "loop_rate": funnel.loop_rate,
    "churn_rate_monthly": retention.churn_rate_monthly,
    "retention_30d": retention.retention_30d,
    "retention_90d": retention.retention_90d,
    "retention_365d": retention.retention_365d,
    "clv": value.clv,
    "clv_365d": value.clv_365d,
    "value_365d": value.value_365d,
    "profit": value.profit,
    "revenue": value.revenue,
    "margin": value.margin,
    "cost": value.cost,
    "cac": cost.cac,
    "mer": cost.mer,
    "roas": cost.roas,
    "ltv_to_cac": cost.ltv_to_cac,
    "payback_days": cost.payback_days,
    "order_value": value.order_value,
    "order_frequency": value.order_frequency,
    "exposures": experience.exposures,
    "engagement_rate": experience.engagement_rate,
    "queue_wait": queue.queue_wait,
    "gave_up_rate": queue.gave_up_rate,
    "utilisation": queue.utilisation,
    "satisfaction": experience.satisfaction,
    "referrals": experience.referrals,
    "sessions": sessions.sessions,
    "bounce_rate": sessions.bounce_rate,
    "exit_rate": sessions.exit_rate,
    "visitor_conversion_rate": sessions.visitor_conversion_rate,
    "page_views": sessions.page_views,
    "time_on_site": sessions.time_on_site,
    "share_of_arrivals": sessions.share_of_arrivals,
    "share_of_conversions": sessions.share_of_conversions,
    "conversion_index": sessions.conversion_index,
}


def measure(log: Log, *, intervals: bool = True, enough: int = 30) -> list[Metric]:
    """Return every metric of a log; a coupled log has no intervals, whatever ``intervals`` says.

    A windowed metric is empty where fewer than ``enough`` customers of a stratum (that holds over 1 % of the group), or half of
    a stratum smaller than twice that, were followed for the window.  Who adds up R replications needs only 30 / R in each.
    """
    found = facts(log, intervals=intervals, enough=enough)
    return [metric for name, function in METRICS.items() for metric in found.once(name, function)]
