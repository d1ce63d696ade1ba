"""Key figures with intervals; for several runs, the difference to each."""

from collections.abc import Iterator
from math import hypot, isfinite, nan

from sim.language import current
from sim.metrics import Metric
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, interval, measured, note, table
from sim.report.words import spoken

CARDS = ("arrived", "leads", "conversion_rate", "conversion_rate_365d", "retention_365d", "value_365d", "clv", "cac", "profit")
TABLE = (
    "arrived", "leads", "lead_rate", "cpl", "conversion_rate", "conversion_rate_30d", "conversion_rate_90d", "conversion_rate_365d", "time_to_convert",
    "touches_to_convert", "retention_90d", "retention_365d", "churn_rate_monthly", "value_365d", "clv", "clv_365d", "cac", "ltv_to_cac", "payback_days",
    "revenue", "margin", "cost", "profit", "mer", "roas", "satisfaction", "referrals",
    "sessions", "bounce_rate", "exit_rate", "visitor_conversion_rate", "page_views", "time_on_site",
)  # fmt: skip
BY_PERSONA = ("arrived", "conversion_rate_365d", "churn_rate_monthly", "value_365d", "clv", "cac")
DESCRIBES = ("clv", "clv_365d", "cac", "ltv_to_cac", "payback_days")  # of those who converted: other customers in another world


def section(report: Report) -> Iterator[Element]:
    """Return the cards, the personas, and every figure beside those of the other runs."""
    say, run = current(), report.run
    cards = [metric for name in CARDS if isfinite((metric := run.get(name)).value) and _matters(report, metric)]
    cards = [metric for metric in cards if metric.value or metric.metric != "leads"]
    if "customer" not in run.terms.kinds:
        cards = [metric for metric in cards if not metric.metric.startswith("conversion_rate")]
    if any(metric.metric == "conversion_rate_365d" for metric in cards):
        cards = [metric for metric in cards if metric.metric != "conversion_rate"]
    if not cards:
        return
    yield el("ul", {"class": "cards"}, [_card(metric) for metric in cards])
    yield note(_covered(report))
    if report.personas:
        names = [name for name in BY_PERSONA if _matters(report, run.get(name)) and any(isfinite(run.get(name, "persona", p).value) for p in report.personas)]
        rows = [Row([spoken(p), *(measured(run.get(name, "persona", p)) for name in names)], k) for k, p in enumerate(report.personas)]
        rows.append(Row([say.text("report.all"), *(measured(run.get(name)) for name in names)], strong=True))
        yield el("h3", {}, say.text("report.key_figures.personas"))
        yield table(say.text("report.key_figures.personas_caption"), [say.text("report.persona"), *map(label, names)], rows)
    if len(report.runs) > 1:
        yield from _compared(report)
    every = [Row([label(name), measured(metric)]) for name in TABLE if isfinite((metric := run.get(name)).value) and _matters(report, metric)]
    header = [say.text("report.metric"), say.text("report.value_interval")]
    yield el("details", {}, el("summary", {}, say.text("report.key_figures.every")), table(say.text("report.key_figures.every"), header, every, sorts=False))


def label(name: str) -> str:
    """Return what a metric is called."""
    return current().text(f"metrics.{name}")


def difference(first: Metric, other: Metric) -> tuple[float, float, float]:
    """Return other - first with a 95 % interval from the two intervals, as if the runs were independent.

    Formula: the square-and-add limits of Newcombe (1998, Statistics in Medicine 17:873) and Zou and Donner (2008, ibid. 27:1693).
    Runs with the same luck are alike, so for them it is too wide rather than too narrow.
    """
    apart = other.value - first.value
    if not all(isfinite(x) for x in (first.low, first.high, other.low, other.high)):
        return apart, nan, nan
    low = apart - hypot(other.value - other.low, first.high - first.value)
    return apart, low, apart + hypot(other.high - other.value, first.value - first.low)


def _card(metric: Metric) -> Element:
    found = interval(metric)
    range_ = el("span", {"class": "range"}, current().text("report.interval", interval=found)) if found else None
    return el("li", {}, el("span", {"class": "label"}, label(metric.metric)), el("span", {"class": "value"}, measured(metric).text), range_)


def _matters(report: Report, metric: Metric) -> bool:
    return report.run.has_money or metric.unit != report.run.terms.currency


def _covered(report: Report) -> str:
    say, run = current(), report.run
    if run.replications:
        return say.text("report.covered.replications", number=say.count(int(run.provenance["replications"])))
    return say.text("report.covered.none" if run.terms.coupled else "report.covered.customers")


def _compared(report: Report) -> Iterator[Element]:
    say = current()
    header = [say.text("report.metric")]
    for k, run in enumerate(report.runs):
        header += [spoken(run.name)] if not k else [spoken(run.name), say.text("report.difference")]
    rows = [Row([label(name), *_beside(report, name)]) for name in TABLE if any(isfinite(run.get(name).value) for run in report.runs)]
    yield el("h3", {}, say.text("report.key_figures.compared"))
    yield table(say.text("report.key_figures.compared_caption"), header, rows, sorts=False)
    yield note(say.text("report.key_figures.other_customers"))


def _beside(report: Report, name: str) -> Iterator[Cell]:
    first = report.run.get(name)
    yield measured(first)
    for run in report.runs[1:]:
        other = run.get(name)
        yield measured(other)
        value, low, high = difference(first, other)
        apart = first._replace(value=value, low=low, high=high)
        shown = measured(apart)
        star = " *" if name in DESCRIBES else ""
        yield shown._replace(text=f"{'+' if apart.value > 0 else ''}{shown.text}{star}") if isfinite(apart.value) else shown
