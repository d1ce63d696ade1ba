"""Response curves: what each decision is worth when it alone is changed, the others as in the best split."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.report.figures import style
from sim.report.figures.tornado import called
from sim.report.words import metric, spoken
from sim.studies.optimise import DESK, Optimum, Point
from sim.studies.verdict import Verdict, money, verdict

ACROSS, GAP, LOW = 3, 0.55, 0.6  # panels in a row; inches between them, and for what stands under a row
ROW = 3.4  # inches


def save(found: Optimum, folder: Path) -> list[Path]:
    """Draw the response curves into ``folder/figures``, PNG and SVG, and return the paths; none where none were asked for."""
    if not found.curves:
        return []
    with style.sheet():
        return style.save(of(found), folder, "response")


def of(found: Optimum) -> Figure:
    """Return the figure of a study."""
    world = found.world
    scene = style.Scene(spoken(world.scenario.name), world.customers, world.horizon, world.seed, world.money.currency, found.options.fresh)
    return draw(title(found), found, scene)


def title(found: Optimum) -> str:
    """Return the finding."""
    goal, unit = called(found.options.goal), found.world.money.currency
    if found.best == found.space.today:
        return _text("today")
    if verdict(found.gain.low, found.gain.high, found.matters) is Verdict.BETTER:
        return _text("better", goal=goal, money=money(found.gain.mean, unit))
    return _text("not_worse")


def _text(key: str, **values: object) -> str:
    return current().text(f"figures.response.{key}", **values)


def draw(text: str, found: Optimum, scene: style.Scene) -> Figure:
    """Return the figure: a panel a decision, all on one scale of gain."""
    curves, names = found.curves, [row.decision for row in found.decided]
    rows, across = ceil(len(names) / ACROSS), min(ACROSS, len(names))
    figure = style.canvas(text, scene, _text("note"), tall=style.TOP + 0.85 + rows * ROW)
    low, high = min(p.low for p in curves), max(p.high for p in curves)
    wide = (style.WIDE - 1.25 - 0.25 - GAP * (across - 1)) / across
    for k, name in enumerate(names):
        left, row = 1.25 + (k % across) * (wide + GAP), k // across
        axes = style.panel(figure, left, left + wide, top=style.TOP + 0.15 + row * ROW, bottom=0.85 + LOW + (rows - 1 - row) * ROW)
        axes.axvline(found.decided[k].today, color=style.GREY, linewidth=1.4, linestyle=":", zorder=1)
        _panel(axes, [point for point in curves if point.decision == name], scene.currency)
        axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        if k % across:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel(_text("up", goal=metric(found.options.goal), currency=scene.currency))
    return figure


def _panel(axes: Axes, points: Sequence[Point], currency: str) -> None:
    axes.axhline(0, color=style.GREY, linewidth=1.2)
    axes.plot([p.at for p in points], [p.gain for p in points], color=style.BLUE, linewidth=1.5, zorder=2)
    for point in points:
        colour = style.GREEN if point.is_best else style.BLUE
        axes.plot([point.at, point.at], [point.low, point.high], color=colour, linewidth=1.8, zorder=3)
        face = colour if point.fits else "white"
        axes.plot([point.at], [point.gain], "o", markersize=9 if point.is_best else 7, color=face, markeredgecolor=colour, markeredgewidth=1.6, zorder=4)
    people = points[0].kind == DESK
    axes.set_title(spoken(points[0].decision), fontsize=12, loc="left", color=style.INK)
    axes.set_xlabel(_text("people") if people else _text("spent", currency=currency))
    axes.xaxis.set_major_locator(MaxNLocator(9 if axes.get_position().width > 0.5 else 4, integer=people))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: current().number(value)))
    axes.grid(axis="y")
