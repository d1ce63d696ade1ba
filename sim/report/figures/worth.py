"""What customers are worth by persona: lifetime value per converted customer, and the first year's value per arrival."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from sim.language import current
from sim.metrics import Metric
from sim.report.figures import style
from sim.report.words import inside, limits, money, rounded, times

LABEL = 1.6  # inches for the numbers beside the dots


def draw(clv: Sequence[Metric], value: Sequence[Metric], clv_days: float, scene: style.Scene) -> Figure:
    """Return the figure; both lists hold one measurement a group in the same order, all customers last."""
    say = current()
    if not any(np.isfinite(m.value) for m in (*clv, *value)):
        reason = next((m.note for m in clv if m.note), "") or "no values"
        return style.empty(say.text("figures.worth.unknown"), scene, say.note(reason))
    figure = style.canvas(_finding(clv, scene.currency), scene, say.text("figures.worth.note"), tall=style.tall_for(len(clv)))
    names = style.row_names([m.group for m in clv], 1.9, style.TALL - 2.45)
    left = style.widest(names, 12) + style.MARGIN + 0.15
    half = (style.WIDE - left - 0.1) / 2
    headings = (say.text("figures.worth.clv", days=say.number(clv_days)), say.text("figures.worth.value"))
    for k, (metrics, heading) in enumerate(zip((clv, value), headings, strict=True)):
        axes = style.panel(figure, left + k * half, left + (k + 1) * half - LABEL, top=1.5, bottom=0.95)
        _dots(axes, metrics, scene.currency)
        axes.set_title(heading, loc="left", fontsize=12, color=style.QUIET)
        axes.set_yticks(range(len(names)), names if k == 0 else [""] * len(names))
    return figure


def _dots(axes: Axes, metrics: Sequence[Metric], currency: str) -> None:
    for y, metric in enumerate(metrics):
        whole = y == len(metrics) - 1
        colour = style.INK if whole else style.persona_colour(y)
        artists: list[Artist] = []
        if np.isfinite(metric.low):
            artists += axes.plot([metric.low, metric.high], [y, y], color=colour, linewidth=2.5, solid_capstyle="butt")
        if np.isfinite(metric.value):
            artists += axes.plot([metric.value], [y], marker="o", markersize=7, color=colour, markeredgecolor="white")
        artists += _number(axes, y, metric, currency, brief=len(metrics) > 8)
        style.of_persona(-1 if whole else y, artists)
    axes.set_ylim(len(metrics) - 0.5, -0.5)
    axes.grid(axis="x")
    _scale(axes, metrics, currency)


def _number(axes: Axes, y: int, metric: Metric, currency: str, *, brief: bool) -> list[Text]:
    """Write the value beside its row, and below it the interval where there is room; return the texts."""
    known = bool(np.isfinite(metric.value))
    text, size = (money(metric.value, currency), 12) if known else (current().note(metric.note), 11)
    below = "" if brief else limits(metric)
    where: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "clip_on": False, "va": "center_baseline"}
    colour, at = style.INK if known else style.QUIET, y - (0.17 if below else 0.0)
    texts = [axes.text(1.05, at, style.fitted(text, LABEL - 0.08, size), fontsize=size, color=colour, **where)]
    if below:
        texts.append(axes.text(1.05, y + 0.23, style.fitted(below, LABEL - 0.08, 11), fontsize=11, color=style.QUIET, **where))
    return texts


def _scale(axes: Axes, metrics: Sequence[Metric], currency: str) -> None:
    numbers = np.array([number for m in metrics for number in (m.low, m.value, m.high) if np.isfinite(number)])
    if len(numbers) and numbers.min() > 0 and numbers.max() > 20 * numbers.min():
        axes.set_xscale("log")
        axes.set_xlim(numbers.min() / 1.4, numbers.max() * 1.4)
        axes.set_xlabel(current().text("figures.logarithmic", what=currency))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.tick_params(labelbottom=bool(len(numbers)))
        reach = max(0.0, numbers.max(initial=0)) - min(0.0, numbers.min(initial=0)) or 1.0
        axes.set_xlim(min(0.0, numbers.min(initial=0) - 0.05 * reach), max(0.0, numbers.max(initial=0) + 0.05 * reach))
        axes.set_xlabel(currency)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        if numbers.min(initial=0) < 0:
            axes.axvline(0, color=style.GREY, linewidth=1.2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _brief(value)))


def _brief(value: float) -> str:
    for size, mark in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return current().text(f"numbers.{mark}", number=current().signs(f"{value / size:,.3g}"))
    return current().signs(f"{value:,.3g}")


def _finding(clv: Sequence[Metric], currency: str) -> str:
    say = current()
    known = [m for m in clv[:-1] if np.isfinite(m.value)]
    if len(known) < 2:
        whole = next((m for m in (clv[-1], *known) if np.isfinite(m.value)), None)
        return say.text("figures.worth.too_short") if whole is None else say.text("figures.worth.whole", money=money(whole.value, currency))
    best, least = max(known, key=lambda m: m.value), min(known, key=lambda m: m.value)
    lead = say.text("figures.worth.best", persona=inside(best.group), money=money(rounded(best.value), currency))
    return lead + (say.text("figures.worth.least", times=times(best.value / least.value), persona=inside(least.group)) if least.value > 0 else "")
