"""The forest plot: what each scenario changes, metric by metric, in percent of the baseline, with intervals."""

from collections.abc import Sequence
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.report.figures import style
from sim.report.words import metric, spoken
from sim.studies.difference import COMPARED, DESCRIBES, DOWN, Difference
from sim.studies.findings import number

NUMBERS = 3.3  # inches for the numbers beside the dots


def draw(title: str, rows: Sequence[Difference], scene: style.Scene) -> Figure:
    """Return the figure; ``rows`` are differences for all customers, of one or more scenarios in the order in which they are drawn."""
    known = [row for row in rows if row.baseline and isfinite(row.low) and isfinite(row.high)]
    if not known:
        return style.empty(title, scene, current().text("figures.nothing.compare"))
    lines = _lines(known)
    figure = style.canvas(title, scene, current().text("figures.forest.note"), tall=style.tall_for(int(1.35 * len(lines))))
    left = style.widest([metric(r.metric) for r in known] + [spoken(r.scenario) for r in known], 12) + style.MARGIN + 0.25
    axes = style.panel(figure, left, style.WIDE - NUMBERS)
    axes.set_yticks(range(len(lines)), [spoken(line) if isinstance(line, str) else metric(line.metric) for line in lines])
    for label, line in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_fontweight("bold" if isinstance(line, str) else "normal")
    for y, line in enumerate(lines):
        if isinstance(line, Difference):
            _line(axes, y, line)
    _scale(axes, known, len(lines))
    return figure


def _lines(rows: Sequence[Difference]) -> list["Difference | str"]:
    """Return the rows scenario by scenario, each under its name."""
    out: list[Difference | str] = []
    for name in dict.fromkeys(row.scenario for row in rows):
        own = {row.metric: row for row in rows if row.scenario == name}
        out += [name, *(own[metric] for metric in COMPARED if metric in own)]
    return out


def _line(axes: Axes, y: int, row: Difference) -> None:
    share = 100 / abs(row.baseline)
    colour = _colour(row)
    axes.plot([row.low * share, row.high * share], [y, y], color=colour, linewidth=2.5, solid_capstyle="butt")
    face = "white" if row.metric in DESCRIBES else colour
    axes.plot([row.difference * share], [y], marker="o", markersize=7, color=face, markeredgecolor=colour)
    money = f" {row.unit}" if row.unit not in ("share", "per month") else ""
    said = [current().points(x, 3) if row.unit in ("share", "per month") else number(x, row.unit) for x in (row.difference, row.low, row.high)]
    low, high = (limit.removesuffix(current().text("numbers.points", number="")) for limit in said[1:])
    text = f"{said[0]}{money}  ({current().range(low, high)})"
    axes.text(1.03, y, style.fitted(text, NUMBERS - 0.25, 11), fontsize=11, transform=axes.get_yaxis_transform(), va="center_baseline", clip_on=False)


def _colour(row: Difference) -> str:
    if row.metric in DESCRIBES or row.low <= 0 <= row.high:
        return style.GREY
    better = (row.difference > 0) != (row.metric in DOWN)
    return style.GREEN if better else style.VERMILION


def _scale(axes: Axes, rows: Sequence[Difference], count: int) -> None:
    limits = [100 * limit / abs(row.baseline) for row in rows for limit in (row.low, row.high)]
    low, high = min(0.0, *limits), max(0.0, *limits)
    room = 0.05 * (high - low) or 1.0
    axes.set(xlim=(low - room, high + room), ylim=(count - 0.5, -0.5), xlabel=current().text("figures.forest.across"))
    axes.axvline(0, color=style.INK, linewidth=1.0, zorder=0)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: current().signs(f"{value:+g}") if value else "0"))
