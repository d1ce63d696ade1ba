"""Time in stage: how long visits last, as quartiles."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from sim.language import current
from sim.metrics import Metric
from sim.metrics.curves import Dwell
from sim.report.figures import style
from sim.report.words import days, inside, spoken

TICKS = (1 / 1440, 1 / 24, 1, 7, 30, 90, 365, 1095, 3650)


def draw(table: Dwell, kinds: tuple[str, ...], means: Mapping[str, Metric], scene: style.Scene) -> Figure:
    """Return the figure; ``kinds`` has the kind of each stage of the table, ``means`` the run's metric dwell_time by stage."""
    say = current()
    if not (table.quartiles > 0).any():
        return style.empty(say.text("figures.dwell.unknown"), scene, say.text("figures.dwell.too_few" if table.visits.any() else "figures.dwell.no_visits"))
    covered = say.text("figures.dwell.note" if any(np.isfinite(m.low) for m in means.values()) else "figures.dwell.note_without")
    figure = style.canvas(_finding(table), scene, covered, tall=style.tall_for(len(kinds)))
    names = style.row_names(table.stages, 1.9, style.TALL - 2.65)
    left = style.widest(names, 12) + style.MARGIN + 0.15
    axes = style.panel(figure, left, style.WIDE - 1.65, top=1.45, bottom=1.2)
    axes.text(1.02, 1.0, say.text("figures.dwell.median"), transform=axes.transAxes, color=style.QUIET, va="bottom")
    colours = style.stage_colours(kinds)
    for y, stage in enumerate(table.stages):
        _bar(axes, y, table, colours[y])
        if stage in means:
            _mean(axes, y, means[stage])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names)
    _scale(axes, table)
    return figure


def _bar(axes: Axes, y: int, table: Dwell, colour: str) -> None:
    low, middle, high = table.quartiles[y]
    end = high if np.isfinite(high) else table.window[y]
    if not table.visits[y]:
        axes.text(0.01, y, current().text("figures.dwell.nobody"), va="center", color=style.QUIET, transform=axes.get_yaxis_transform())
        return
    if np.isfinite(low):
        axes.barh(y, end - low, left=low, height=0.5, color=colour, hatch="" if np.isfinite(high) else "//", edgecolor="white")
    if np.isfinite(middle):
        axes.plot([middle, middle], [y - 0.25, y + 0.25], color="white", linewidth=3, solid_capstyle="butt")
    axes.text(1.02, y, _middle(table, y), va="center_baseline", fontsize=12, transform=axes.get_yaxis_transform(), clip_on=False)


def _middle(table: Dwell, stage: int) -> str:
    middle = table.quartiles[stage, 1]
    return days(middle) if np.isfinite(middle) else current().text("figures.dwell.over", time=days(table.window[stage]))


def _mean(axes: Axes, y: int, metric: Metric) -> None:
    if np.isfinite(metric.value):
        axes.plot([metric.value], [y + 0.36], marker="o", markersize=6, markerfacecolor="white", markeredgecolor=style.INK, linestyle="none", zorder=4)
        if np.isfinite(metric.low):
            axes.plot([metric.low, metric.high], [y + 0.36] * 2, color=style.INK, linewidth=1.4, zorder=3)


def _scale(axes: Axes, table: Dwell) -> None:
    found = table.quartiles[np.isfinite(table.quartiles) & (table.quartiles > 0)]
    axes.grid(axis="x")
    axes.set_xlabel(current().text("figures.dwell.across"))
    if found.max() > 20 * found.min():
        axes.set_xscale("log")
        low, high = found.min() / 1.3, max(found.max(), table.window[table.visits > 0].max() * np.isnan(table.quartiles[:, 2]).any()) * 1.3
        axes.set_xlim(low, high)
        axes.set_xticks([t for t in TICKS if low <= t <= high] or [found.min(), found.max()])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel(current().text("figures.logarithmic", what=current().text("figures.dwell.across")))
    else:
        axes.set_xlim(left=0)


def _tick(value: float) -> str:
    return current().number(value) if value >= 1 else days(value)


def _finding(table: Dwell) -> str:
    entered = np.flatnonzero(table.visits)
    middle = np.where(np.isfinite(table.quartiles[:, 1]), table.quartiles[:, 1], np.inf)[entered]
    names = [table.stages[stage] for stage in entered]
    longest, shortest = int(np.argmax(middle)), int(np.argmin(middle))
    first = current().text("figures.dwell.longest", stage=spoken(names[longest]), time=_middle(table, entered[longest]))
    if longest == shortest:
        return first
    return first + current().text("figures.dwell.shortest", stage=inside(names[shortest]), time=_middle(table, entered[shortest]))
