"""Non-linearity: how crooked the ways are, and what a report that knows one way only would have said."""

from collections.abc import Iterator

from sim.language import current
from sim.metrics.paths import moves, straight
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, measured, note, table
from sim.report.words import count, percent, spoken

NAMES = ("onward", "skips", "back", "out")


def section(report: Report) -> Iterator[Element]:
    """Return the shares of moves and the error of a linear funnel; nothing where events were not kept, or nobody moved."""
    if report.log is None or report.way is None:
        return
    found = moves(report.way)
    if not found.total:
        return
    say, run = current(), report.run
    shares = {"back": "back_step_rate", "skips": "skip_rate"}
    parts = {name: getattr(found, name) for name in NAMES}
    rows = [
        Row([say.text(f"report.linearity.{name}"), _counted(n), Cell(percent(n / found.total), n / found.total, share=n / found.total)])
        for name, n in parts.items()
    ]
    yield el("p", {}, _sentence(report))
    header = [say.text(f"report.linearity.{name}") for name in ("move", "number", "share")]
    yield table(say.text("report.linearity.caption"), header, rows, sorts=False)
    rates = {**shares, "loops": "loop_rate"}
    listed = [Row([say.text(f"report.linearity.rate_{name}"), measured(run.get(metric))]) for name, metric in rates.items()]
    yield table(say.text("report.linearity.rates"), [say.text("report.metric"), say.text("report.value_interval")], listed, sorts=False)
    yield from _funnel(report)


def _sentence(report: Report) -> str:
    assert report.came is not None
    assert report.came_way is not None
    say, found = current(), straight(report.came, report.came_way)
    if not found.converted:
        return say.text("report.linearity.nobody")
    missed = 1 - found.straight / found.converted
    return say.text(
        "report.linearity.sentence",
        truth=percent(found.converted / found.arrived),
        linear=percent(found.straight / found.arrived),
        missed=percent(missed),
        crooked=count(found.converted - found.straight),
        converted=count(found.converted),
    )


def _funnel(report: Report) -> Iterator[Element]:
    assert report.came is not None
    assert report.came_way is not None
    say, found = current(), straight(report.came, report.came_way)
    header = [say.text(f"report.linearity.{name}") for name in ("stage", "truth", "linear", "error")]
    rows = []
    for stage, entered, counted in zip(found.stages, found.entered, found.counted, strict=True):
        error = (counted - entered) / entered if entered else 0.0
        rows.append(Row([spoken(stage), _counted(entered), _counted(counted), Cell(percent(float(error)) if entered else "-", float(error))]))
    yield el("h3", {}, say.text("report.linearity.funnel"))
    yield table(say.text("report.linearity.funnel_caption"), header, rows, sorts=False)
    yield note(say.text("report.linearity.note"))


def _counted(value: float) -> Cell:
    return Cell(count(float(value)), float(value))
