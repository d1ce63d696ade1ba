"""The plan by month: who arrives, what comes in and goes out, how busy the desks are."""

from collections.abc import Iterator, Mapping
from math import isfinite, nan
from typing import TYPE_CHECKING

from sim.language import current
from sim.metrics import Metric
from sim.metrics.rows import months
from sim.report.html.element import Element
from sim.report.html.report import Report
from sim.report.html.sections.key_figures import label
from sim.report.html.table import Row, measured, note, table
from sim.report.words import money, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = ("arrived", "leads", "revenue", "cost", "profit", "utilisation")
COLOURS = ("blue", "purple", "green", "vermilion", "green", "grey")


def section(report: Report) -> Iterator[Element]:
    """Return the figure and the months as a table; nothing for a run of less than two months."""
    planned = _planned(report)
    if planned:
        yield from planned
        return
    count = months(report.run.terms.horizon)
    lines = {name: _line(report, name, count) for name in SHOWN}
    lines = {name: line for name, line in lines.items() if any(isfinite(m.value) and m.value for m in line)}
    if count < 2 or not lines:
        return
    say = current()
    header = [say.text("monthly.month"), *map(label, lines)]
    numbers = table(say.text("report.plan.caption"), header, [Row([str(m + 1), *(measured(line[m]) for line in lines.values())]) for m in range(count)])
    yield report.drawn("plan", lambda: _figure(report, lines), _finding(report, lines), numbers)
    yield note(say.text("report.plan.note"))


def _planned(report: Report) -> list[Element]:
    """Return the plan that a what-if wrote: its last scenario, mean over replications, with intervals."""
    rows = [row for row in report.run.table("plan.csv") if row["of"] == "all"]
    if not rows:
        return []
    say, scenario = current(), rows[-1]["scenario"]
    rows = [row for row in rows if row["scenario"] == scenario]
    lines = {line: [_metric(row) for row in rows if row["line"] == line] for line in dict.fromkeys(row["line"] for row in rows)}
    title = say.text("report.plan.of", scenario=spoken(scenario))
    header = [say.text("monthly.month"), *(_named(line) for line in lines)]
    numbers = [Row([str(m + 1), *(measured(line[m]) for line in lines.values())]) for m in range(min(map(len, lines.values())))]

    def draw() -> "Figure":
        from sim.report.figures import months as figure
        from sim.report.figures import style
        from sim.report.figures.gallery import scene

        colours = (style.PURPLE, style.BLUE, style.GREEN, style.GREEN, style.BLUE)
        panels = [figure.Panel(_named(name), colour, line) for (name, line), colour in zip(lines.items(), colours, strict=False)]
        return figure.draw(title, panels, scene(report.run), say.text("report.plan.band"))

    return [report.drawn("plan", draw, title, table(title, header, numbers)), note(say.text("report.plan.note"))]


def _named(line: str) -> str:
    texts = current().texts
    key = next((key for key in (f"report.plan.{line}", f"metrics.{line}") if key in texts), "")
    return current().text(key) if key else spoken(line)


def _metric(row: Mapping[str, str]) -> Metric:
    value, low, high = (float(row[name]) if row[name] else nan for name in ("value", "low", "high"))
    return Metric(row["line"], "month", row["month"], value, low, high, row["unit"], int(row["n"]))


def _line(report: Report, name: str, count: int) -> list[Metric]:
    return [report.run.get(name, "month", str(month)) for month in range(count)]


def _figure(report: Report, lines: dict[str, list[Metric]]) -> "Figure":
    from sim.report.figures import months as figure
    from sim.report.figures import style
    from sim.report.figures.gallery import scene

    colours = dict(zip(SHOWN, COLOURS, strict=True))
    panels = [figure.Panel(label(name), getattr(style, colours[name].upper()), line) for name, line in lines.items()]
    banded = any(isfinite(m.low) for line in lines.values() for m in line)
    note_ = current().text("report.plan.band" if banded else "report.plan.no_band")
    return figure.draw(_finding(report, lines), panels, scene(report.run), note_)


def _finding(report: Report, lines: dict[str, list[Metric]]) -> str:
    """Say when a month first earns more than it costs, or what the last months earn."""
    say, profit = current(), lines.get("profit")
    if profit is None or not report.run.has_money:
        return say.text("report.plan.finding_arrivals", number=say.count(sum(m.value for m in lines[next(iter(lines))] if isfinite(m.value))))
    gains = [k for k, metric in enumerate(profit) if metric.value > 0]
    if not gains:
        return say.text("report.plan.finding_never")
    last = profit[-1] if len(profit) < 2 or isfinite(profit[-1].value) else profit[-2]
    return say.text("report.plan.finding", month=gains[0] + 1, money=money(last.value, last.unit))
