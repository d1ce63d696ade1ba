"""Credit beside truth: what models of attribution give each channel and what it caused; what the exposed suggest and what is so."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.report.figures import style
from sim.report.words import inside, percent, spoken, times
from sim.studies.credit import Credited, Truth

SHOWN = {  # model: its mark, its colour
    "first": ("<", style.BLUE),
    "last": (">", style.VERMILION),
    "linear": ("s", style.PURPLE),
    "markov_1": ("D", style.GREY),
    "shapley": ("^", style.GREEN),
}

MARK = 0.55  # inches of a mark of the legend and of the room beside it


def draw(rows: Sequence[Credited], truths: Sequence[Truth], scene: style.Scene) -> Figure:
    """Return the figure of credit: channels by what they caused, percent of all conversions."""
    total = sum(row.conversions for row in rows if row.model == "last")
    caused = {row.channel: row for row in truths if row.quantity == "conversions_caused"}
    last = [row for row in rows if row.model == "last" and row.channel in caused and (row.conversions or row.bias)]
    if not last or not total:
        return style.empty(_text("nobody"), scene, _text("none"))
    last.sort(key=lambda row: row.bias - row.conversions)
    figure = style.canvas(_finding(last, total), scene, _text("note"), tall=style.tall_for(2 * len(last)))
    names = style.row_names([row.channel for row in last], 2.2, style.TALL - 2.5)
    axes = style.panel(figure, style.widest(names, 12) + style.MARGIN + 0.2, style.WIDE - 0.35, top=1.6)
    _caused(axes, [caused[row.channel] for row in last], total)
    for k, (model, (mark, colour)) in enumerate(SHOWN.items()):
        given = {row.channel: row.conversions / total for row in rows if row.model == model}
        height = np.arange(len(last)) + (k - 2) * 0.13
        how: Any = {"markersize": 7, "markeredgecolor": "white", "linestyle": "none"}
        axes.plot([given[row.channel] for row in last], height, mark, color=colour, label=current().text(f"models.{model}"), **how)
    _frame(axes, names, _text("across"))
    labels = [_text("caused"), *(current().text(f"models.{model}") for model in SHOWN)]
    wide = sum(style.text_width(label, 11) + MARK for label in labels)
    columns = len(labels) if wide < style.WIDE * axes.get_position().width else len(labels) // 2
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, frameon=False, fontsize=11, handletextpad=0.2, columnspacing=1.1, borderpad=0.1)
    return figure


def draw_lift(rows: Sequence[Truth], scene: style.Scene) -> Figure:
    """Return the figure of lifts: the exposed against the unexposed, beside the truth."""
    known = {(row.channel, row.quantity): row for row in rows}
    channels = [name for name in dict.fromkeys(row.channel for row in rows) if isfinite(known[name, "naive_lift"].value)]
    if not channels:
        return style.empty(_text("unexposed"), scene, current().text("figures.nothing.compare"))
    channels.sort(key=lambda name: -known[name, "naive_lift"].value)
    figure = style.canvas(_lift_finding(known, channels), scene, _text("lift_note"), tall=style.tall_for(2 * len(channels)))
    names = style.row_names(channels, 2.2, style.TALL - 2.5)
    axes = style.panel(figure, style.widest(names, 12) + style.MARGIN + 0.2, style.WIDE - 0.35)
    for y, name in enumerate(channels):
        naive, true = known[name, "naive_lift"], known[name, "true_lift"]
        axes.plot([true.value, naive.value], [y, y], color=style.FAINT, linewidth=5, solid_capstyle="round", zorder=1)
        axes.plot([true.low, true.high], [y, y], color=style.INK, linewidth=2, solid_capstyle="butt")
        axes.plot([true.value], [y], "o", color=style.INK, markersize=8)
        axes.plot([naive.value], [y], "o", markerfacecolor="none", markeredgecolor=style.VERMILION, markeredgewidth=2, markersize=8)
    _frame(axes, names, _text("lift"))
    return figure


def _caused(axes: Axes, rows: Sequence[Truth], total: float) -> None:
    for y, row in enumerate(rows):
        value, low, high = row.value / total, row.low / total, row.high / total
        axes.plot([value, value], [y - 0.36, y + 0.36], color=style.INK, linewidth=3.5, solid_capstyle="butt", label=_text("caused") if y == 0 else None)
        axes.plot([low, high], [y + 0.42, y + 0.42], color=style.INK, linewidth=1.2, solid_capstyle="butt")


def _frame(axes: Axes, names: Sequence[str], label: str) -> None:
    axes.axvline(0, color=style.GREY, linewidth=1.0, zorder=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names)
    axes.grid(axis="x")
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: current().text("numbers.percent", number=current().number(100 * value))))


def _finding(last: Sequence[Credited], total: float) -> str:
    most = max(last, key=lambda row: row.bias)
    caused = most.conversions - most.bias
    if not (isfinite(most.low) and most.low > 0):
        return _text("by_chance")
    name, given = spoken(most.channel), percent(most.conversions / total)
    if caused <= 0.01 * most.conversions:
        return _text("nothing", channel=name, share=given)
    return _text("times", channel=name, times=times(most.conversions / caused))


def _lift_finding(known: dict[tuple[str, str], Truth], channels: Sequence[str]) -> str:
    worst = max(channels, key=lambda name: known[name, "naive_lift"].value - known[name, "true_lift"].value)
    naive, found = known[worst, "naive_lift"].value, known[worst, "true_lift"]
    true = found.value
    if not naive > true:
        return _text("fair")
    return _text("overstates", channel=inside(worst), naive=percent(naive), true=_with_limits(found))


def _with_limits(found: Truth) -> str:
    """Return a share that is not below 0, with the interval that chance leaves it."""
    said = percent(max(found.value, 0.0))
    if not (isfinite(found.low) and found.low < found.high):
        return said
    low, high = (current().signs(f"{100 * limit:,.0f}") for limit in (found.low, found.high))
    return current().text("report.with_interval", value=said, interval=current().range(low, high))


def _text(key: str, **values: object) -> str:
    return current().text(f"figures.credit.{key}", **values)
