"""Customer lifetime value and what it is made of."""

from collections.abc import Iterator
from math import isfinite

from sim.language import current
from sim.report.html.element import Element
from sim.report.html.report import Report
from sim.report.html.sections.key_figures import label
from sim.report.html.table import Row, measured, note, table
from sim.report.words import spoken

PARTS = ("clv", "order_value", "order_frequency", "retention_365d", "churn_rate_monthly", "cac", "ltv_to_cac", "payback_days", "value_365d")


def section(report: Report) -> Iterator[Element]:
    """Return the value by persona and its components; nothing without money."""
    run, say = report.run, current()
    if not run.has_money or not any(isfinite(run.get(name).value) for name in ("clv", "value_365d", "order_value")):
        return
    names = [name for name in PARTS if isfinite(run.get(name).value)]
    rows = [Row([spoken(p), *(measured(run.get(name, "persona", p)) for name in names)], k) for k, p in enumerate(report.personas)]
    rows.append(Row([say.text("report.all"), *(measured(run.get(name)) for name in names)], strong=bool(rows)))
    numbers = table(say.text("report.clv.caption"), [say.text("report.persona"), *map(label, names)], rows)
    figure = report.figure("clv", say.text("report.clv.alt"), numbers)
    yield figure if figure is not None else numbers
    yield note(say.text("report.clv.note", days=say.number(run.terms.clv_days), rate=say.percent(run.terms.discount_rate)))
