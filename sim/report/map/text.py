"""A map in the terminal: a line a stage, within 100 columns."""

import textwrap

from sim.language import current
from sim.report.columns import aligned
from sim.report.map.sheet import Change, Curve, Lane, Line, Loss, Sheet
from sim.report.words import clipped

WIDE = 100


def text(whole: Sheet) -> str:
    """Return the map as lines: the finding, its source, and of each stage who came, the first pain point and what to ask next."""
    rows = [[column.name, column.lines[0] if column.lines else "", _first(whole, place)] for place, column in enumerate(whole.columns)]
    header = [current().text("map.text.stage"), current().text("map.text.came"), current().text("map.rows.pains")]
    across = [item.text for lane in whole.lanes if isinstance(lane, Lane) for item in lane.across if isinstance(item, Line)]
    lines = [*textwrap.wrap(whole.title, WIDE), clipped(whole.source, WIDE), "", *aligned(header, rows, WIDE)]
    return "\n".join([*lines, *([""] if across else []), *(line for said in across for line in textwrap.wrap(said, WIDE))])


def _first(whole: Sheet, place: int) -> str:
    for lane in whole.lanes:
        for item in () if isinstance(lane, Curve) or lane.across else lane.cells[place]:
            if isinstance(item, Loss):
                return clipped(", ".join(filter(None, (item.text, item.money))), 60)
            if isinstance(item, Change) and lane.name == current().text("map.rows.pains"):
                return clipped(f"{item.name} {item.before} > {item.after} {item.difference}", 60)
    return ""
