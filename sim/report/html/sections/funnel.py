"""The funnel with what it usually hides: who leaves from where, and who steps back."""

from collections.abc import Iterator
from math import isfinite

from sim.language import current
from sim.metrics import curves as tables
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, measured, note, table
from sim.report.words import count, percent, spoken


def section(report: Report) -> Iterator[Element]:
    """Return entered, dropped and stepped back by stage, and how long visits last."""
    run, say = report.run, current()
    if not run.found:
        return
    stages = [name for name, kind in zip(run.terms.stages, run.terms.kinds, strict=True) if kind in ("prospect", "customer")]
    names = {"reach": "stage_reach", "drop": "drop_off_rate", "back": "back_step_rate", "skip": "skip_rate", "dwell": "dwell_time"}
    if not {"lost", "churned"} & set(run.terms.kinds):  # a real log does not see who leaves
        del names["drop"]
    header = [say.text(f"report.funnel.{name}") for name in ("stage", *names)]
    rows = [Row([spoken(stage), *(measured(run.get(name, "stage", stage)) for name in names.values())]) for stage in stages]
    rates = table(say.text("report.funnel.caption"), header, rows)
    if report.came is not None:
        found = tables.funnel(report.came)
        counts = [
            Row([spoken(stage), _number(entered), _part(dropped, entered), _part(back, entered)])
            for stage, entered, dropped, back in zip(found.stages, found.entered, found.dropped, found.moved_back, strict=True)
        ]
        columns = [say.text(f"report.funnel.{name}") for name in ("stage", "entered", "dropped", "moved_back")]
        numbers = table(say.text("report.funnel.counts"), columns, counts)
        yield from filter(None, [report.figure("funnel", say.text("report.funnel.alt"), numbers)])
    yield rates
    yield note(say.text("report.funnel.note"))
    if report.log is not None:
        yield from _stays(report)


def _stays(report: Report) -> Iterator[Element]:
    say = current()
    found = tables.dwell(report.log) if report.log is not None else None
    if found is None or not found.visits.any():
        return
    rows = [
        Row([spoken(stage), _number(visits), *(Cell(say.days(float(q)), float(q) if isfinite(q) else None) for q in quartiles)])
        for stage, visits, quartiles in zip(found.stages, found.visits, found.quartiles, strict=True)
    ]
    header = [say.text(f"report.funnel.{name}") for name in ("stage", "visits", "quarter", "half", "three_quarters")]
    figure = report.figure("time_in_stage", say.text("report.funnel.dwell_alt"), table(say.text("report.funnel.dwell_caption"), header, rows))
    yield el("h3", {}, say.text("report.funnel.dwell_title"))
    yield from filter(None, [figure])


def _number(value: float) -> Cell:
    return Cell(count(float(value)), float(value))


def _part(value: float, of: float) -> Cell:
    return Cell(count(float(value)), float(value), percent(float(value / of)) if of else "")
