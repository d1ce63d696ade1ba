"""The funnel: who enters each stage, who leaves the journey from it, and how often customers step back out of it."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language import current
from sim.log import Array
from sim.metrics import Metric
from sim.metrics.curves import Funnel
from sim.report.figures import style
from sim.report.words import count, inside, limits, percent, spoken

LABEL = 1.35  # inches for the numbers beside a bar


class _Column(NamedTuple):
    """One panel: heading, values, what each is a share of colours, and the inches of its longest bar."""

    heading: str
    values: Array
    of: Array
    colours: tuple[str, ...]
    bar: float


def draw(table: Funnel, kinds: tuple[str, ...], arrived: int, conversion: Metric, scene: style.Scene) -> Figure:
    """Return the figure; ``kinds`` has the kind of each stage of the table, ``conversion`` the conversion rate."""
    say = current()
    if not arrived:
        return style.empty(say.text("alluvial.nobody"), scene, say.text("figures.no_customers"))
    note = f"{say.text('figures.funnel.note')}  {_interval(conversion, scene.replications)}"
    figure = style.canvas(_finding(table, kinds, conversion, arrived), scene, note, tall=style.tall_for(len(kinds)))
    names = style.row_names(table.stages, 1.7, style.TALL - 2.2)
    left = style.widest(names, 12) + style.MARGIN + 0.15
    bar = (style.WIDE - left - 3 * LABEL - 0.35) / 2.7
    exits = tuple(style.SHADES["churned" if kind == "customer" else "lost"][0] for kind in kinds)
    columns = (
        _Column(say.text("figures.funnel.enter"), table.entered, np.full(len(names), arrived), style.stage_colours(kinds), bar),
        _Column(say.text("figures.funnel.leave"), table.dropped, table.entered, exits, bar),  # the same scale: lengths compare
        _Column(say.text("figures.funnel.back"), table.moved_back, table.entered, (style.PURPLE,) * len(names), 0.7 * bar),
    )
    most = (table.entered.max(), table.entered.max(), table.moved_back.max(initial=0))
    for column, full in zip(columns, most, strict=True):
        axes = style.panel(figure, left, left + column.bar + LABEL, top=1.5, bottom=0.7)
        _bars(axes, column, max(1.0, float(full)))
        axes.set_yticks(range(len(names)), names if column is columns[0] else [""] * len(names))
        left += column.bar + LABEL + 0.1
    return figure


def _bars(axes: Axes, column: _Column, full: float) -> None:
    bars = axes.barh(range(len(column.values)), column.values, color=column.colours, height=0.66)
    for bar, value, of in zip(bars, column.values, column.of, strict=True):
        style.tip(bar, f"{column.heading}: {count(value)}" + (f" ({percent(value / of)})" if of else ""))
    axes.set(xlim=(0, full * (1 + LABEL / column.bar)), ylim=(len(column.values) - 0.45, -0.55), xticks=[])
    axes.set_title(column.heading, loc="left", fontsize=12, color=style.QUIET, pad=6)
    axes.spines[["bottom", "left"]].set_visible(False)
    for y, (value, of) in enumerate(zip(column.values, column.of, strict=True)):
        share = f"  {percent(value / of)}" if of and value else ""
        axes.text(value + full * 0.06 / column.bar, y, f"{count(value)}{share}", va="center_baseline", fontsize=12)


def _finding(table: Funnel, kinds: tuple[str, ...], conversion: Metric, arrived: int) -> str:
    say = current()
    if "customer" not in kinds and table.entered.any():  # a real log of which nobody has said where customers begin
        return say.text("map.reached", stage=spoken(table.stages[-1]), share=percent(table.entered[-1] / arrived))
    dropped = np.where(np.array(kinds) == "prospect", table.dropped, 0)
    first = say.text("figures.funnel.won", share=percent(conversion.value)) if conversion.value > 0 else say.text("figures.funnel.nobody")
    if not dropped.sum():
        return first + (say.text("figures.funnel.none_lost") if table.dropped.any() else "")  # a real log does not see who leaves
    worst = int(np.argmax(dropped))
    return first + say.text("figures.funnel.most" if dropped[worst] > dropped.sum() / 2 else "figures.funnel.biggest", stage=inside(table.stages[worst]))


def _interval(conversion: Metric, replications: int) -> str:
    say, found = current(), limits(conversion)
    why = say.text("figures.interval", interval=found) if found else say.text("figures.funnel.no_interval")
    whose = say.text("figures.funnel.in_runs", number=replications) if replications > 1 else say.text("figures.funnel.converted")
    return say.text("figures.funnel.found", whose=whose, share=percent(conversion.value), why=why)
