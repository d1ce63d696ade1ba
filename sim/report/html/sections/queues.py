"""Queues and desks: how busy, how long the wait, who gives up."""

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from sim.language import current
from sim.metrics import Metric
from sim.metrics.rows import months
from sim.report.html.element import Element
from sim.report.html.report import Report
from sim.report.html.sections.key_figures import label
from sim.report.html.table import Cell, Row, measured, note, table
from sim.report.words import money, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MONTHLY = ("queue_wait", "gave_up_rate", "utilisation")


def section(report: Report) -> Iterator[Element]:
    """Return the desks; nothing in a world without any."""
    run, say, terms = report.run, current(), report.run.terms
    if not terms.desks or not run.found:
        return
    header = [say.text(f"report.queues.{name}") for name in ("desk", "people", "wage", "busy", "wait", "gave_up")]
    rows = [
        Row([spoken(desk), Cell(str(people), people), Cell(money(wage, terms.currency), wage), *(measured(run.get(m, "desk", desk)) for m in _MEASURES)])
        for desk, people, wage in zip(terms.desks, terms.people, terms.wages, strict=True)
    ]
    yield table(say.text("report.queues.caption"), header, rows)
    count = months(terms.horizon)
    lines = {name: [run.get(name, "month", str(m)) for m in range(count)] for name in MONTHLY}
    lines = {name: line for name, line in lines.items() if any(isfinite(m.value) for m in line)}
    if count > 1 and lines:
        numbers = table(
            say.text("report.queues.months"),
            [say.text("monthly.month"), *map(label, lines)],
            [Row([str(m + 1), *(measured(line[m]) for line in lines.values())]) for m in range(count)],
        )
        yield report.drawn("queues", lambda: _figure(report, lines), say.text("report.queues.alt"), numbers)
    yield note(say.text("report.queues.note"))


_MEASURES = ("utilisation", "queue_wait", "gave_up_rate")


def _figure(report: Report, lines: dict[str, list[Metric]]) -> "Figure":
    from sim.report.figures import months as figure
    from sim.report.figures import style
    from sim.report.figures.gallery import scene

    colours = (style.VERMILION, style.PURPLE, style.BLUE)
    panels = [figure.Panel(label(name), colour, line) for (name, line), colour in zip(lines.items(), colours, strict=False)]
    return figure.draw(current().text("report.queues.title"), panels, scene(report.run), current().text("report.plan.band"))
