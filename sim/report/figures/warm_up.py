"""A warm-up: one panel a stage, who was there day by day, and the band that a warm world's line stays in."""

from math import ceil
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.report.figures import style
from sim.report.words import customers, inside, spoken
from sim.stats import Array
from sim.stats.means import t_intervals
from sim.studies.warm_up import TENTH, Standing, WarmUp, signed

ROW, MOST = 2.1, 10  # inches of height of a row of panels; panels


def save(found: WarmUp, folder: Path) -> list[Path]:
    """Draw the warm-up into ``folder/figures``, PNG and SVG, and return the paths."""
    with style.sheet():
        return style.save(of(found), folder, "warm_up")


def of(found: WarmUp) -> Figure:
    """Return the figure of a study, inside a `style.sheet`: the fullest stages, in listed order."""
    world = found.world
    scene = style.Scene(spoken(world.scenario.name), world.customers, world.horizon, world.seed, world.money.currency, found.runs)
    fullest = sorted(found.stages, key=lambda one: -one.there)[:MOST]
    shown = [one for one in found.stages if one in fullest]
    lines = ceil(len(shown) / 2)
    tall = style.TOP + style.BOTTOM - 0.1 + ROW * lines
    figure = style.canvas(title(found), scene, _note(found, len(shown)), tall=tall)
    colours = dict(zip(world.stages, style.stage_colours(tuple(stage.kind for stage in world.stages.values())), strict=True))
    across, half = min(2, len(shown)), (style.WIDE - style.MARGIN) / min(2, len(shown))
    for k, one in enumerate(shown):
        row, left = k // across, 0.75 + (k % across) * half
        axes = style.panel(figure, left, left + half - 0.95, top=style.TOP + 0.2 + ROW * row, bottom=tall - style.TOP - ROW * row - 1.6)
        _panel(axes, found.days, found.counts[:, :, found.living[one.stage]].sum(axis=2).T.astype(float), one, colours[one.stage])
        if k >= len(shown) - across:
            axes.set_xlabel(_text("day"))
    return figure


def title(found: WarmUp) -> str:
    """Return the finding."""
    days = current().plural("numbers.days", round(found.world.horizon))
    moving = sorted((one for one in found.stages if one.moves), key=lambda one: -abs(one.change))
    if moving:
        return _text("moving", days=days, stage=inside(moving[0].stage), change=signed(moving[0].change))
    return _text("warm", days=days, customers=customers(round(found.whole.there))) if found.is_warm else _text("vague", days=days)


def _panel(axes: Axes, days: Array, there: Array, one: Standing, colour: str) -> None:
    mean, low, high = t_intervals(there)
    half = len(days) // 2
    axes.fill_between(days[half:], (1 - TENTH) * one.there, (1 + TENTH) * one.there, color=style.FAINT, linewidth=0)
    axes.fill_between(days, low.clip(0), high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(days, mean, color=colour, linewidth=2)
    axes.set_title(style.fitted(spoken(one.stage), 3.8, 12), loc="left", fontsize=12, color=style.QUIET, pad=5)
    axes.grid(axis="y")
    axes.set_ylim(0, max(1.2 * one.there, 1.08 * float(mean.max())))
    axes.set_xlim(0, days[-1])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: current().number(value, 0 if value == round(value) else 1)))


def _note(found: WarmUp, shown: int) -> str:
    more = len(found.stages) - shown
    said = _text("note", runs=found.runs, limit=current().percent(TENTH))
    return said + (_text("more", number=more) if more else "")


def _text(key: str, **values: object) -> str:
    return current().text(f"figures.warm_up.{key}", **values)
