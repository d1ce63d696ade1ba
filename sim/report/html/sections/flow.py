"""Flow between stages, occasion by occasion, and all moves together."""

from collections.abc import Iterator

import numpy as np

from sim.language import current
from sim.metrics import curves, paths
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, table
from sim.report.words import count, percent, spoken


def section(report: Report) -> Iterator[Element]:
    """Return the alluvial and the map of moves; nothing where events were not kept."""
    if report.log is None or report.came is None or not len(report.came.births):
        return
    say, found = current(), paths.flows(report.came)
    at = found.at
    names = [*map(spoken, found.stages), say.text("alluvial.open")]
    header = [say.text("report.flow.place"), say.text("alluvial.arrival"), *map(str, range(1, len(at)))]
    rows = [Row([name, *(Cell(percent(at[k, place] / at[0].sum()), float(at[k, place])) for k in range(len(at)))]) for place, name in enumerate(names)]
    numbers = table(say.text("report.flow.caption"), header, rows, sorts=False)
    yield from filter(None, [report.figure("flow", say.text("report.flow.alt"), numbers)])
    moved = curves.transitions(report.log)
    yield el("h3", {}, say.text("report.flow.moves"))
    yield from filter(None, [report.figure("transition_map", say.text("report.flow.moves_alt"), _matrix(moved))])


def _matrix(moved: curves.Transitions) -> Element:
    say, total = current(), np.maximum(moved.counts.sum(axis=1), 1)
    header = [say.text("report.flow.from"), *map(spoken, moved.stages)]
    rows = [
        Row([spoken(stage), *(Cell(count(float(n)), float(n), percent(float(n / total[k])) if n else "") for n in moved.counts[k])])
        for k, stage in enumerate(moved.stages)
        if moved.counts[k].any()
    ]
    return table(say.text("report.flow.moves_caption"), header, rows, sorts=False)
