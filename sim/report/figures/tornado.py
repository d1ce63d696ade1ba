"""The tornado: what one metric does when each input alone goes to either end of its range, the widest swing on top."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.report import words
from sim.report.figures import style

if TYPE_CHECKING:
    from sim.studies.sensitivity import End, Sensitivity
    from sim.studies.sweep import Sweep

COLOURS = {"low": style.BLUE, "high": style.VERMILION}
MOST = 15  # bars
SMALLEST = 13  # points of a headline
Bars = Sequence[tuple[str, Mapping[str, "End"]]]


def draw(bars: Bars, unit: str, scene: style.Scene) -> Figure:
    """Return the figure; ``bars`` are the paths with their ends, the widest first."""
    bars = bars[:MOST]
    moving = [ends for _, ends in bars if any(end.difference for end in ends.values())]
    if not moving:
        return style.empty(current().text("figures.tornado.none"), scene, current().text("figures.nothing.draw"))
    figure = style.canvas(_finding(bars, unit), scene, current().text("figures.tornado.note"), tall=style.tall_for(2 * len(bars)))
    names = [broken(path, 3.2, 12) for path, _ in bars]
    axes = style.panel(figure, style.widest(names, 12) + style.MARGIN + 0.2, style.WIDE - 0.5, top=1.1, bottom=1.15)
    base = next(iter(bars[0][1].values())).base
    for y, (_, ends) in enumerate(bars):
        for end in ends.values():
            _bar(axes, y, end)
    _scale(axes, bars, names, base, unit)
    return figure


def save(found: "Sensitivity", folder: Path) -> list[Path]:
    """Draw the tornado of each metric into ``folder/figures``, PNG and SVG, and return the paths."""
    with style.sheet():
        drawn = {metric: draw(found.swings(metric), found.units[metric], scene(found.played)) for metric in found.asked.metrics}
        return [path for metric, figure in drawn.items() for path in style.save(figure, folder, f"tornado_{metric}")]


def scene(found: "Sweep") -> style.Scene:
    """Return what the figures of a sweep say of its source."""
    world = found.base
    return style.Scene(words.spoken(world.scenario.name), world.customers, world.horizon, world.seed, world.money.currency, found.asked.replications)


def called(metric: str) -> str:
    """Return what a metric is called in a sentence."""
    name = words.metric(metric)
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def broken(path: str, inches: float, size: float, lines: int = 2) -> str:
    """Return a path in lines of a width in inches, broken at its dots where that will do."""
    return style.folded(path.replace(".", ". "), inches, size, lines).replace(". ", ".")


def said(value: float, unit: str) -> str:
    """Return a value of a metric with its unit, as people say it."""
    if unit == "share":
        return words.percent(value)
    if unit in ("per month", "ratio", "score", "count", ""):
        return words.significant(value, 3)
    return words.days(value) if unit == "days" else words.money(value, unit)


def _bar(axes: Axes, y: int, end: "End") -> None:
    axes.barh(y, end.difference, left=end.base, height=0.55, color=COLOURS[end.end])
    if isfinite(end.low):
        axes.plot([end.base + end.low, end.base + end.high], [y, y], color=style.INK, linewidth=1.2, solid_capstyle="butt")
    right = end.difference > 0 or (end.difference == 0 and end.end == "high")
    edge = end.base + (max(end.difference, end.high) if right else min(end.difference, end.low))
    edge = edge if isfinite(edge) else end.base + end.difference
    how: dict[str, Any] = {"ha": "left" if right else "right", "va": "center", "fontsize": 11}
    axes.annotate(current().signs(f"{end.input:.4g}"), (edge, y), (5 if right else -5, 0), textcoords="offset points", **how)


def _scale(axes: Axes, bars: Bars, names: Sequence[str], base: float, unit: str) -> None:
    values = [base, *(base + x for _, ends in bars for end in ends.values() for x in (end.difference, end.low, end.high) if isfinite(x))]
    room = 0.12 * (max(values) - min(values))
    axes.set(xlim=(min(values) - room, max(values) + room), ylim=(len(bars) - 0.4, -0.6))
    name = words.metric(next(iter(bars[0][1].values())).metric)
    axes.set_xlabel(current().text("figures.tornado.across", metric=name, base=said(base, unit)))
    axes.axvline(base, color=style.INK, linewidth=1.2)
    axes.set_yticks(range(len(bars)), names)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: said(value, unit)))


def _finding(bars: Bars, unit: str) -> str:
    """Return what the widest bar does; of a path that is too long for a headline its end, as it stands in full beside the bar."""
    path, ends = bars[0]
    values = sorted([*(end.value for end in ends.values()), next(iter(ends.values())).base])
    metric, low, high = called(next(iter(ends.values())).metric), said(values[0], unit), said(values[-1], unit)
    parts = path.split(".")
    names = (path, *("\u2026" + ".".join(parts[k:]) for k in range(1, len(parts))))
    found = [current().text("figures.tornado.finding", path=name, metric=metric, low=low, high=high) for name in names]
    return next((text for text in found if style.text_width(text, SMALLEST, bold=True) < style.WIDE - 2 * style.MARGIN), found[-1])
