"""Month by month: one panel a number, its mean as a line, its interval as a band."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.metrics import Metric
from sim.metrics.table import SHARE
from sim.report.figures import style
from sim.report.words import percent

ROW = 2.0  # inches of height of a row of panels


class Panel(NamedTuple):
    """One small figure: heading, colour, and the measurements of the months in order."""

    heading: str
    colour: str
    months: Sequence[Metric]


def draw(title: str, panels: Sequence[Panel], scene: style.Scene, note: str) -> Figure:
    """Return the figure, two panels in a row."""
    shown = [panel for panel in panels if any(np.isfinite(m.value) for m in panel.months)]
    if not shown:
        return style.empty(title, scene, current().text("monthly.none"))
    lines = (len(shown) + 1) // 2
    tall = style.TOP + style.BOTTOM - 0.1 + ROW * lines
    figure = style.canvas(title, scene, note, tall=tall)
    half = (style.WIDE - style.MARGIN) / 2
    for k, panel in enumerate(shown):
        row, column = divmod(k, 2)
        left = 0.75 + column * half
        axes = style.panel(figure, left, left + half - 0.95, top=style.TOP + 0.2 + ROW * row, bottom=tall - style.TOP - ROW * row - 1.55)
        _panel(axes, panel, last=k >= len(shown) - 2)
    return figure


def _panel(axes: Axes, panel: Panel, *, last: bool) -> None:
    x = np.arange(1, len(panel.months) + 1)
    value, low, high = (np.array([getattr(m, name) for m in panel.months], float) for name in ("value", "low", "high"))
    axes.fill_between(x, low, high, color=panel.colour, alpha=0.2, linewidth=0)
    axes.plot(x, value, color=panel.colour, linewidth=2, marker="o" if len(x) < 3 else None)
    axes.set_title(panel.heading, loc="left", fontsize=12, color=style.QUIET, pad=5)
    axes.grid(axis="y")
    known = np.concatenate([value, low, high])
    known = known[np.isfinite(known)]
    if known.min() >= 0:
        axes.set_ylim(0, max(1e-9, known.max() * 1.08))
    else:
        axes.axhline(0, color=style.GREY, linewidth=1)
    axes.set_xlim(0.5, len(x) + 0.5)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    share = panel.months[0].unit == SHARE
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: percent(number) if share else _tick(number)))
    if last:
        axes.set_xlabel(current().text("monthly.month"))


def _tick(value: float) -> str:
    """Return a number for an axis: no more decimals than it has."""
    say = current()
    for mark, size in (("M", 1e6), ("k", 1e3)):
        if abs(value) >= 10 * size or (mark == "M" and abs(value) >= size):
            return say.text(f"numbers.{mark}", number=say.number(value / size, _decimals(value / size)))
    return say.number(value, _decimals(value))


def _decimals(value: float) -> int:
    return next((digits for digits in range(3) if abs(value - round(value, digits)) < 1e-9 * max(1.0, abs(value))), 2)
