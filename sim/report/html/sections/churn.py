"""Churn and retention: the curve, and cohorts by the time of conversion."""

from collections.abc import Iterator
from math import isfinite

import numpy as np

from sim.customers import fold
from sim.language import current
from sim.metrics import curves
from sim.metrics.cohorts import Cohorts, cohorts
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, measured, note, table
from sim.report.words import count, percent, spoken

AT = (30, 90, 180, 365, 730, 1095)


def section(report: Report) -> Iterator[Element]:
    """Return who stays, by persona and by cohort; nothing where nobody converted."""
    run, say = report.run, current()
    if not run.get("conversion_rate").value > 0:
        return
    if report.log is not None:
        yield from filter(None, [report.figure("retention", say.text("report.churn.alt"), _curve(report))])
    names = ("retention_30d", "retention_90d", "retention_365d", "churn_rate_monthly")
    groups = [(("persona", name), k) for k, name in enumerate(report.personas)]
    rows = [Row([spoken(group[1]), *(measured(run.get(name, *group)) for name in names)], k) for group, k in groups]
    rows.append(Row([say.text("report.all"), *(measured(run.get(name)) for name in names)], strong=bool(groups)))
    yield table(say.text("report.churn.caption"), [say.text("report.persona"), *(say.text(f"metrics.{name}") for name in names)], rows)
    if report.came is not None:
        found = cohorts(report.came)
        if np.isfinite(found.share).any():
            yield el("h3", {}, say.text("report.churn.cohorts"))
            yield _cohorts(found)
            yield note(say.text("report.churn.cohorts_note" if not run.terms.coupled else "report.churn.cohorts_coupled"))


def _curve(report: Report) -> Element:
    assert report.came is not None
    say, terms = current(), report.run.terms
    folded = fold(report.came)
    found = {say.text("report.all"): curves.retention_curve(report.came, None, folded)}
    found |= {spoken(name): curves.retention_curve(report.came, name, folded) for name in report.personas}
    days = [day for day in AT if day < terms.horizon]
    rows = [Row([name, *(_at(curve, day) for day in days)], k - 1 if k else None) for k, (name, curve) in enumerate(found.items())]
    return table(say.text("report.churn.curve"), [say.text("report.persona"), *map(say.days, days)], rows, sorts=False)


def _at(curve: curves.RetentionCurve, day: int) -> Cell:
    if day >= len(curve.days) or not isfinite(curve.share[day]):
        return Cell("-")
    low, high = float(curve.low[day]), float(curve.high[day])
    below = current().range(current().bare_percent(low), current().bare_percent(high)) if isfinite(low) else ""
    return Cell(percent(float(curve.share[day])), float(curve.share[day]), below)


def _cohorts(found: Cohorts) -> Element:
    say = current()
    header = [say.text("report.churn.cohort"), say.text("report.churn.size"), *(say.plural("report.churn.months", int(mark)) for mark in found.marks)]
    rows = []
    for k, size in enumerate(found.sizes):
        first, last = k * found.period + 1, (k + 1) * found.period
        name = say.text("report.churn.period", first=first, last=last) if last > first else say.text("report.churn.one_month", month=first)
        rows.append(Row([name, Cell(count(float(size)), float(size)), *(_kept(found, k, m) for m in range(len(found.marks)))]))
    return table(say.text("report.churn.cohorts_caption"), header, rows, sorts=False)


def _kept(found: Cohorts, k: int, m: int) -> Cell:
    share, low, high = (float(array[k, m]) for array in (found.share, found.low, found.high))
    if not isfinite(share):
        return Cell("")
    below = current().range(current().bare_percent(low), current().bare_percent(high)) if isfinite(low) else ""
    return Cell(percent(share), share, below, share)
